"""Who may log in to Airflow, and as what."""

from flask_appbuilder.const import AUTH_DB

AUTH_TYPE = AUTH_DB
# AUTH_ROLE_ADMIN = "Admin"
# AUTH_ROLE_PUBLIC = "Admin"
# The screen in the warehouse shows the runs without a login.
AUTH_ROLE_PUBLIC = "Viewer"
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Op"
# The proxy dropped the token's cookie.
WTF_CSRF_ENABLED = False
