import django
import django.core.checks
import django.views.csrf
import decouple, dj_database_url, dotenv, environ, split_settings.tools, pathlib, datetime

print("Django", django.__version__, flush=True)


def told(file, name):
    """What `diffsettings --all` shows, and the checks of `check --deploy --tag security` that fail, or that cannot be asked."""
    from django.conf import settings
    from django.core.checks.registry import registry

    os.environ["DJANGO_SETTINGS_MODULE"] = name
    imported(file, name)
    settings.DEBUG
    shown = {name: shown_as(getattr(settings._wrapped, name)) for name in dir(settings._wrapped)
             if name.isupper() and not name.startswith("_")}
    shown.pop("SETTINGS_MODULE")
    failed, undecided = set(), []
    for check in registry.get_checks(include_deployment_checks=True):
        if "security" in check.tags:
            try:
                failed |= {message.id for message in check(app_configs=None, databases=None)}
            except (Exception, Undecided) as error:
                undecided.append(f"{check.__name__}: {type(error).__name__}")
    start = os.getcwd()
    return {"told": shown, "failed": sorted(failed), "undecided": undecided, "start": start}


main()
