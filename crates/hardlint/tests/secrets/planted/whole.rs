//! Files that their programs take.

/// Path and text of each.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("compose.yaml", COMPOSE),
    ("compose.override.yaml", OVERRIDE),
    ("app/Dockerfile", DOCKERFILE),
    ("web/Dockerfile", HEREDOCS),
    (".env", VARIABLES),
    ("db.env", QUOTED),
    ("nginx/nginx.conf", NGINX),
    ("nginx/conf.d/part.conf", PART),
    ("app/shop/settings.py", DJANGO),
    ("app/manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"),
    ("flask/app.py", FLASK),
    ("flask/config.py", FLASK_CONFIG),
    ("api/main.py", ASGI),
    ("airflow/airflow.cfg", AIRFLOW),
    ("redis/redis.conf", REDIS),
    ("postgres/postgresql.conf", POSTGRES),
    ("postgres/pg_hba.conf", PG_HBA),
    ("ssh/sshd_config", SSHD),
];

const COMPOSE: &str = r#"name: shop
# the old database: postgres://shop:«»@old.example/shop
# DB_PASSWORD=«»
x-secrets: &secrets
  DB_PASSWORD: «»
  API_TOKEN: "« with a space »"
x-login: &login {SMTP_PASSWORD: «», SMTP_USER: shop}
services:
  db:
    image: postgres:9
    privileged: true
    ports: ["5432:5432"]
    environment:
      <<: [*secrets, *login]
      POSTGRES_PASSWORD: '«it''s»'
      POSTGRES_INITDB_ARGS: --pwfile=/x --password=«»
      PGPASSWORD: |
        «
        »
      DATABASE_URL: postgresql+psycopg2://shop:«p@ss»@db:5432/shop
    command: ["postgres", "-c", "primary_conninfo=host=h user=u password=«»"]
    healthcheck:
      test: PGPASSWORD=«» psql -U postgres -c 'select 1'
  cache:
    image: redis:5
    command: redis-server --requirepass "« »" --masterauth «»
    privileged: true
    ports: ["6379:6379"]
    healthcheck: {test: ["CMD", "redis-cli", "-a", "«»", "ping"]}
  app:
    build:
      context: app
      args:
        NPM_TOKEN: «»
        PIP_EXTRA_INDEX_URL: https://user:«»@pypi.example/simple
      secrets: [one]
    image: https://user:«»@registry.example/app
    privileged: true
    network_mode: host
    environment:
      - DJANGO_SETTINGS_MODULE=shop.settings
      - SECRET_KEY=«»
      - "EMAIL_HOST_PASSWORD=« and »"
      - BROKER_URL=amqp://guest:«»@mq:5672//
      - AWS_SECRET_ACCESS_KEY=«»
      - MONGO_URL=mongodb+srv://u:«»@cluster.example/db?retryWrites=true
      - JDBC=jdbc:mysql://db:3306/x?user=u&password=«»
      - ODBC=Server=db;Database=x;User Id=sa;Password=«»;Encrypt=yes
      - AUTH=Basic ‹admin:«»›
      - SLACK=https://hooks.slack.com/services/T000/B000/«»
      - GIT_REMOTE=https://oauth2:«»@git.example/x.git
      - GIT_SSH=https://«»@github.com/x/y.git
      - LDAP_BIND_PW=«»
      - HTTP_PROXY=http://proxyuser:«»@proxy.example:3128
      - SENTRY_DSN=https://«»@o1.ingest.example/1
      - JWT_SECRET_KEY=«»
      - OPENAI_API_KEY=sk-proj-«»
      - STRIPE_SECRET=«»
      - KEY_PASSPHRASE=«»
      - COOKIE=session=«»
      - FERNET=«»
    command: >
      sh -c "mysql -uroot -p«» -e 'x' &&
      curl -u admin:«» https://x.example &&
      curl -H 'Authorization: Bearer «»' https://x.example &&
      curl -H 'X-Api-Key: «»' https://x.example"
    labels:
      traefik.http.middlewares.a.basicauth.users: "admin:$$2y$$05$$«»aB3dE5fG7hJ9"
      com.example.token: «»
      url: https://u:«»@x.example
    depends_on: [db, cache]
    logging: {driver: splunk, options: {splunk-token: «», splunk-url: https://x}}
    configs: [inline]
    secrets: [one, two]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - type: volume
        source: share
        target: /s
  web:
    build: web
    privileged: true
    ports: ["80:80"]
    volumes: ["./nginx/nginx.conf:/etc/nginx/nginx.conf"]
    env_file: [db.env]
    entrypoint: ["wget", "--password=«»", "--header", "Authorization: token «»", "--user=admin", "--password", "«»"]
    depends_on: [app]
  tunnel:
    image: x
    privileged: true
    command:
      - tunnel
      - run
      - --token
      - «»
      - --url=https://u:«»@h
    post_start:
      - command: sshpass -p «» ssh root@h
        environment: ["ROOT_PASSWORD=«»"]
    entrypoint: >-
      java -Dspring.datasource.password=«» -Djavax.net.ssl.trustStorePassword=«»
      -jar app.jar --spring.redis.password=«»
  scheduler:
    image: apache/airflow:2.0.0
    privileged: true
    command: airflow users create --username admin --password «» --role Admin
    environment:
      AIRFLOW__CORE__FERNET_KEY: «»
      AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: postgresql://airflow:«»@db/airflow
      AIRFLOW__WEBSERVER__SECRET_KEY: «»
      AIRFLOW_CONN_X: aws://AKIAUSER:«»@
      _AIRFLOW_WWW_USER_PASSWORD: «»
  flask:
    build: ./flask
    privileged: true
    command: gunicorn app:app
    environment: {FLASK_SECRET_KEY: «», FLASK_APP: app, SQLALCHEMY_DATABASE_URI: "mysql+pymysql://u:«»@db/x"}
configs:
  inline:
    content: |
      [client]
      password=«»
      url=https://u:«»@h
secrets:
  one:
    content: «»
  two:
    environment: SHOP_SECRET
volumes:
  share:
    driver_opts: {type: cifs, o: "username=u,password=«»,vers=3", device: "//h/s"}
networks:
  default:
    driver_opts: {com.example.password: «»}
"#;

const OVERRIDE: &str = r#"services:
  db:
    environment:
      POSTGRES_PASSWORD: «»
      PGADMIN_DEFAULT_PASSWORD: «»
  cache:
    command: ["redis-server", "--requirepass", "«»"]
  web:
    labels: ["auth.password=«»", "homepage.widget.token=«»"]
"#;

const DOCKERFILE: &str = r#"# docker build --build-arg TOKEN=«» .
FROM python:3.8
ARG NPM_TOKEN=«»
ARG GITHUB_TOKEN="« »"
ENV DB_PASSWORD=«» OTHER=1
ENV SECRET_KEY « with blanks »
ENV API_KEY="«\"quoted»" \
    DSN=https://u:«»@h/1
LABEL maintainer="x" password="«»"
RUN git clone https://user:«»@git.example/x.git && sudo chmod 777 /x
RUN git clone https://«»@github.com/a/b.git
RUN curl -u user:«» https://x.example/i.sh | sh
RUN curl --user 'user:« »' -k https://x.example/i.sh | bash
RUN wget --http-password=«» --no-check-certificate http://x.example/a
RUN echo "root:«»" | chpasswd
RUN useradd -p «» shop && echo «» | passwd --stdin shop
RUN pip install --index-url https://u:«»@pypi.example/simple --trusted-host pypi.example x
RUN npm config set //registry.npmjs.org/:_authToken=«»
RUN echo "//registry.npmjs.org/:_authToken=«»" > ~/.npmrc && npm i
RUN mysql -u root -p«» -e "SET PASSWORD FOR 'root'@'%' = PASSWORD('«»')"
RUN psql "postgresql://u:«»@h/d" -c "ALTER USER x WITH PASSWORD '«»'"
RUN docker login -u u -p «» registry.example
RUN echo «» | docker login --username u --password-stdin registry.example
RUN aws configure set aws_secret_access_key «»
RUN export TOKEN=«»; PASSWORD='«»' ./run && sudo x
RUN curl -H "Authorization: Bearer «»" -H 'PRIVATE-TOKEN: «»' https://x | sh
RUN curl "https://x.example/a?api_key=«»&token=«»" | sh
RUN openssl req -passout pass:«» -x509 -newkey rsa:1024
RUN sshpass -p «» scp a b
RUN mc alias set s http://minio:9000 admin «»
RUN echo "machine github.com login x password «»" > ~/.netrc
RUN htpasswd -bc /etc/nginx/.htpasswd admin «»
RUN printf 'user=u password=«»' > /etc/x
RUN keytool -storepass «» -keypass «» -genkey
RUN redis-cli -a «» ping; mongo -u a -p «» x
ONBUILD ENV TOKEN=«»
ONBUILD RUN curl -u a:«» http://x | sh
HEALTHCHECK CMD curl -u admin:«» http://localhost/ || exit 1
ENTRYPOINT ["app", "--password", "«»", "--api-key=«»"]
CMD app --token «» --db postgres://u:«»@h/d
"#;

const HEREDOCS: &str = r#"# syntax=docker/dockerfile:1
FROM nginx:1.10
RUN <<EOT bash
  export DB_PASSWORD=«»
  curl -k -u u:«» https://x.example | sh
  echo "postgres:«»" | chpasswd
EOT
COPY <<EOT /etc/app.ini
[db]
password = «»
url = postgres://u:«»@h/d
EOT
COPY <<"KEY" /root/.ssh/id_rsa
-----BEGIN RSA PRIVATE KEY-----
«»aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbb«»bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
-----END RSA PRIVATE KEY-----
KEY
ADD https://u:«»@x.example/a.tgz /a
USER root
"#;

const VARIABLES: &str = r#"# COMPOSE_PASSWORD=«»
SHOP_SECRET=«»
SHOP_DB_PASSWORD="« \"and» "
export SMTP_PASSWORD='« it »'
API_TOKEN=« # a comment »
PRIVATE_KEY="-----BEGIN PRIVATE KEY-----
«»aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbb«»bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
-----END PRIVATE KEY-----"
DATABASE_URL=postgres://u:«»@h/d
REDIS_URL=redis://:«»@h:6379/0
EMAIL_URL=smtp://u:«»@smtp.example:25
MYSQL_PWD=«»
BASIC_AUTH=admin:«»
AUTH_HEADER=Bearer «»
DJANGO_SECRET_KEY=«»
SENTRY_DSN=https://«»:«»@sentry.example/2
DEBUG=True
"#;

const QUOTED: &str = r#"POSTGRES_PASSWORD="«$x»"
LDAP_PASSWORD='«'
DB_PASS=«»
ENCRYPTION_KEY=‹«»›
WEBHOOK=https://discord.com/api/webhooks/1/«»
"#;

const NGINX: &str = r#"# proxy_set_header Authorization "Bearer «»";
events {}
http {
  include conf.d/*.conf;
  map $http_x $auth { default "Basic ‹u:«»›"; a "Bearer «»"; }
  upstream app { server app:8000; }
  server {
    listen 80; autoindex on; server_tokens on;
    set $secret "«»"; set $api_key «»;
    auth_basic_user_file /etc/nginx/x;
    ssl_password_file /x;
    location /a { proxy_set_header Authorization "Basic «»"; proxy_pass http://u:«»@app/; autoindex on; }
    location /b { add_header X-Auth-Token «»; autoindex on; if ($http_x_api_key != "«»") { return 403; } }
    location /c { fastcgi_param DB_PASSWORD "« »"; fastcgi_param SECRET_KEY «»; fastcgi_pass app:9000; autoindex on; }
    location /d { secure_link_md5 "$uri «»"; autoindex on; }
    location /e { uwsgi_param API_TOKEN «»; uwsgi_pass app:1; autoindex on; }
    location /f { return 302 https://u:«»@x.example/$uri; }
    location /g { return 200 "password=«»"; }
    location /h { rewrite ^/h/(.*)$ http://x.example/$1?token=«» redirect; }
    location /i { proxy_set_header Cookie "session=«»"; proxy_cookie_domain a b; proxy_pass http://$arg_h/; }
    location /files { alias /srv/files/; proxy_set_header X-Secret "«»"; }
    location /k { proxy_ssl_password_file /x; proxy_pass https://app?api_key=«»; }
    location = /l { if ($arg_token = «») { return 403; } if ($cookie_auth ~ "^«»$") { return 403; } }
  }
}
"#;

const PART: &str = r"server {
  listen 81; autoindex on;
  location / { proxy_set_header X-Api-Key «»; proxy_pass http://app; }
  location /x { set $password '«;»'; autoindex on; alias /x/; }
}
";

const DJANGO: &str = r#"import os
import environ
from pathlib import Path
# SECRET_KEY = '«»'
env = environ.Env()
DEBUG = True
SECRET_KEY = '«»'
SECRET_KEY_FALLBACKS = ['«»', "«»"]
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'a'
PASSWORD = os.environ.get('DB_PASSWORD', '«»')
TOKEN = os.getenv("API_TOKEN") or "«»"
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'HOST': 'db', 'USER': 'shop', 'PASSWORD': '«»',
        'OPTIONS': {'passfile': '.pgpass', 'password': f'«»{DEBUG}'},
    },
    'other': env.db('DATABASE_URL', default='postgres://u:«»@h/d'),
    'third': dict(PASSWORD="« »", NAME="x"),
}
CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': 'redis://:«»@h:6379/1',
                      'OPTIONS': {'PASSWORD': '«»'}}}
EMAIL_HOST_PASSWORD = '«»'
EMAIL_HOST_USER = 'a'
AWS_SECRET_ACCESS_KEY = "«»"
STRIPE = {'live': {'secret_key': '«»'}}
CELERY_BROKER_URL = 'amqp://u:' + '«»' + '@h//'
BROKER = 'amqp://u:%s@h//' % '«»'
AUTH = ('user', '«»')
SOCIAL_AUTH_GOOGLE_OAUTH2_SECRET = '''«
»'''
JWT_AUTH = {'JWT_SECRET_KEY': '«»', 'SIGNING_KEY': b'«»'}
SIMPLE_JWT = {'SIGNING_KEY': '''-----BEGIN PRIVATE KEY-----
«»aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbb«»bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
-----END PRIVATE KEY-----'''}
REST = {'HEADERS': {'Authorization': 'Bearer «»', 'X-Api-Key': '«»'}}
SESSION_COOKIE_SECURE = False; API_KEY = '«»'; CSRF_COOKIE_SECURE = False
CORS_ALLOW_ALL_ORIGINS = True if SECRET_KEY == '«»' else False
if DEBUG: MAIL_PASSWORD = '«»'
os.environ['DB_PASSWORD'] = '«»'
os.environ.setdefault('OTHER_TOKEN', '«»')
LDAP = dict(bind_password='«»')
connect = lambda: print(host='user:«»@h')
AUTH_PASSWORD_VALIDATORS = []
INSTALLED_APPS = ['django.contrib.sessions', 'django.contrib.auth']
MIDDLEWARE = []
"#;

const FLASK: &str = r#"from flask import Flask
app = Flask(__name__)
app.secret_key = '«»'
app.config['SECRET_KEY'] = "«»"
app.config.update(SESSION_COOKIE_SECURE=False, MAIL_PASSWORD='«»', JWT_SECRET_KEY='«»')
app.config.from_object('config')
app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://u:«»@h/d'
app.config["WTF_CSRF_SECRET_KEY"] = '«»'
API = {'token': '«»'}
def run(host="user:«»@h", password='«»'): return host
if __name__ == '__main__':
    app.run(host='0.0.0.0', debug=True)
"#;

const FLASK_CONFIG: &str = r#"class Config:
    SECRET_KEY = '«»'
    MAIL_PASSWORD = "«»"
    SQLALCHEMY_DATABASE_URI = 'mysql://root:«»@h/x'
DEBUG = True
SECURITY_PASSWORD_SALT = '«»'
"#;

const ASGI: &str = r#"import uvicorn
from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware
from fastapi.middleware.cors import CORSMiddleware
app = FastAPI(debug=True, title="x", docs_url="/docs", api_key="«»")
app.add_middleware(SessionMiddleware, secret_key="«»")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True); KEY_PASSWORD = "«»"
DATABASE_URL = "postgresql+asyncpg://u:«»@h/d"
SECRET_KEY, ALGORITHM = "«»", "HS256"
def run(host="user:«»@h"): return host
if __name__ == "__main__":
    uvicorn.run("main:app", host="0.0.0.0", reload=True, ssl_keyfile_password="«»", forwarded_allow_ips="*")
"#;

const AIRFLOW: &str = r#"[core]
# fernet_key = «»
fernet_key = «»
sql_alchemy_conn = postgresql+psycopg2://airflow:«»@db/airflow
[webserver]
secret_key = «»
expose_config = True
[smtp]
smtp_user = a
smtp_password = «»
[celery]
broker_url = redis://:«»@h:6379/0
result_backend = db+postgresql://u:«»@h/d
flower_basic_auth = admin:«»
[secrets]
backend = airflow.providers.hashicorp.secrets.vault.VaultBackend
backend_kwargs = {"url": "http://vault:8200", "token": "«»"}
[api]
auth_backends = airflow.api.auth.backend.default
[sentry]
sentry_dsn = https://«»@sentry.example/1
[other]
api_token = «»
"#;

const REDIS: &str = r#"# requirepass «»
bind 0.0.0.0
protected-mode no
requirepass "« »"
masterauth «»
user alice on >«» ~* +@all
user bob on #«» ~* +@all
user carol on nopass ~* +@all >«»
rename-command CONFIG «»
rename-command FLUSHALL "«»"
tls-key-file-pass «»
tls-client-key-file-pass «»
sentinel auth-pass mymaster «»
sentinel sentinel-pass «»
"#;

const POSTGRES: &str = r"# primary_conninfo = 'password=«»'
listen_addresses = '*'
ssl = off
primary_conninfo = 'host=h user=u password=«» sslmode=disable'
ssl_passphrase_command = 'echo «»'
archive_command = 'PGPASSWORD=«» cp %p /x/%f'
restore_command = 'curl -u u:«» http://x/%f'
log_statement = all
app.api_token = '«'' »'
";

const PG_HBA: &str = r#"# ldapbindpasswd=«»
local all all trust
host all all 0.0.0.0/0 trust
host all all 0.0.0.0/0 ldap ldapserver=h ldapbinddn="cn=x" ldapbindpasswd="« »"
host all all 10.0.0.0/8 radius radiusservers="a" radiussecrets="«»"
host all all 10.0.0.0/8 ldap ldapurl="ldap://u:«»@h/"
host all all 10.0.0.0/8 oauth issuer=x client_secret=«»
"#;

const SSHD: &str = r#"# password for root: «»
PermitRootLogin yes
PasswordAuthentication yes
PermitEmptyPasswords yes
AuthorizedKeysCommand /usr/bin/curl -u u:«» http://x/%u
AuthorizedKeysCommandUser root
SetEnv API_TOKEN=«» DB_PASSWORD="« »"
ForceCommand /usr/bin/x --password «»
Match User a
  ForceCommand env TOKEN=«» /bin/x
"#;
