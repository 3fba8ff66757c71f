#!/usr/bin/env python3
"""Records what Django makes of the cases here: `ORACLE_DIR=DIR ./record.py [CASE...]`.

DIR/django is a virtual environment with Django, django-environ, python-decouple, dj-database-url. Each case is a tree of
files in one text: `=== PATH` begins a file, `=== env NAME` an environment (lines of KEY=VALUE; `empty` always exists),
`=== module NAME` names the settings module (default `settings`), `=== unknown` lists settings that cannot be known without
running the module. The answers go to NAME.json beside the case: for each environment the settings that differ from
Django's defaults, as `diffsettings` prints them, and the ids that `check --deploy` reports.
"""
import json, os, pathlib, re, subprocess, sys, tempfile

here = pathlib.Path(__file__).resolve().parent
python = pathlib.Path(os.environ["ORACLE_DIR"]) / "django" / "bin" / "python"


def sections(text):
    parts = re.split(r"^=== (.*)\n", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def run(folder, module, env, *args):
    env = {**env, "PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": module, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [python, "-W", "ignore", *args], cwd=folder, env=env, capture_output=True, text=True, timeout=60
    )


SHOW = """
from django.conf import settings
settings.DEBUG
from django.core.management.commands.diffsettings import module_to_dict
from django.conf import global_settings
default = module_to_dict(global_settings)
for name, value in sorted(module_to_dict(settings._wrapped).items()):
    if default.get(name) != value and name != "SETTINGS_MODULE":
        print(name + " = " + value)
"""


def answer(folder, module, env):
    # As `diffsettings`, before the applications are loaded: those fill in DATABASES.
    shown = run(folder, module, env, "-c", SHOW)
    if shown.returncode:
        return {"error": shown.stderr.strip().splitlines()[-1].split(":")[0]}
    settings = {}
    for line in shown.stdout.splitlines():
        name, value = line.split(" = ", 1)
        settings[name] = value.replace(str(folder), "$ROOT")
    checked = run(folder, module, env, "-m", "django", "check", "--deploy")
    loaded = "System check identified" in checked.stdout + checked.stderr
    checks = sorted(set(re.findall(r"\((security\.[WE]\d+)\)", checked.stdout + checked.stderr))) if loaded else None
    return {"settings": settings, "checks": checks}


def record(case):
    files, envs, module = {}, {"empty": {}}, "settings"
    for name, text in sections(case.read_text()):
        if name.startswith("env "):
            envs[name[4:]] = dict(line.split("=", 1) for line in text.splitlines() if line.strip())
        elif name.startswith("module "):
            module = name[7:]
        elif name != "unknown":
            files[name] = text
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        answers = {name: answer(folder, module, env) for name, env in sorted(envs.items())}
    case.with_suffix(".json").write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n")


for case in sorted((here / "cases").glob("*.txt")):
    if len(sys.argv) == 1 or case.stem in sys.argv[1:]:
        record(case)
