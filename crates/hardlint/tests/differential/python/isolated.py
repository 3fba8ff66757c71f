"""Imports a module of a project by itself, in worlds that differ in their environment, and tells what `told` finds there.

Reads lines of JSON, `{"folder": …, "path": …, "services": [[name, environment], …]}`: a copy of a project, the module in it,
and the services that run it. Answers each with a line: the
worlds that were tried, each with its name, its environment and what `told` gave, or the error that the module ends with.

Each import is a copy of the process with a limit of time and memory and without a network, which writes to nothing outside
the folder and starts nothing. What the project lacks here is made up: a module that is not at hand gives values that no
decision can be made on (see `Outside`), a missing file is a short text. The environment is empty; or set, which is every
variable that the module asks for; or half of that, with other values; or that of a service, as it is.
"""

import ctypes
import importlib.machinery
import importlib.util
import json
import logging
import os
import re
import resource
import signal
import socket
import sys
import time
import types
import warnings

MARK = "<outside "
TRIES = 80
# Seconds for one module.
LONGEST = 150


class Undecided(BaseException):
    """What is not at hand would decide how the module goes on."""


def refuse(*_):
    raise Undecided("what is not at hand decides")


class Outside:
    """A value of a module that is not at hand: it may be called, looked into and put into texts, all of which are marked."""

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __repr__(self):
        return f"{MARK}{self._name}>"

    __str__ = __repr__

    def __format__(self, _):
        return repr(self)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Outside(f"{self._name}.{name}")

    def __setattr__(self, *_):
        pass

    def __call__(self, *_, **__):
        return Outside(f"{self._name}()")

    def __getitem__(self, _):
        return Outside(f"{self._name}[]")

    def __setitem__(self, *_):
        pass

    def __iter__(self):
        yield Outside(f"{self._name}[]")

    def keys(self):
        return []

    def __mro_entries__(self, _):
        return ()

    def __enter__(self):
        return Outside(f"{self._name}()")

    def __exit__(self, *_):
        return False

    def _made(self, *_):
        return Outside(f"{self._name}+")

    __hash__ = object.__hash__
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = __or__ = __ror__ = __truediv__ = __rtruediv__ = _made
    __bool__ = __len__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = refuse
    __int__ = __float__ = __index__ = __fspath__ = refuse


class Module(types.ModuleType):
    """A module that is not at hand."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Outside(f"{self.__name__}.{name}")


class Missing:
    """Finds the modules that were missing before."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if any(name == known or name.startswith(known + ".") for known in self.names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return Module(spec.name)

    def exec_module(self, module):
        # All of it is nothing.
        module.__all__ = []


def confine(folder):
    """From here on nothing outside of the folder changes, and nothing goes over a network."""
    for limit, most in [
        (resource.RLIMIT_CPU, 20),
        (resource.RLIMIT_AS, 2 << 30),
        (resource.RLIMIT_FSIZE, 16 << 20),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(limit, (most, most))
    signal.alarm(30)
    # A network of its own, with nothing in it, where the system lets us; the hook refuses all the same.
    new_user, new_network = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None)
    if libc.unshare(new_network) != 0:
        libc.unshare(new_user | new_network)

    def inside(path):
        if isinstance(path, int):
            return True
        path = os.path.realpath(os.fsdecode(path))
        return path == os.devnull or path.startswith(folder + "/")

    changes = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
               "os.utime", "shutil.rmtree", "shutil.copyfile", "shutil.move", "tempfile.mkdtemp", "tempfile.mkstemp"}
    starts = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn", "os.startfile")

    def hook(event, arguments):
        if event == "open":
            path, _, flags = arguments
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND) and not inside(path):
                raise PermissionError(13, "Permission denied", path)
        elif event in changes:
            if not all(inside(path) for path in arguments[:2] if isinstance(path, (str, bytes))):
                raise PermissionError(13, "Permission denied", arguments[0])
        elif event in starts:
            raise FileNotFoundError(2, "No such file or directory", str(arguments[0]))
        elif event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
            raise OSError(101, "Network is unreachable")
        elif event in ("os.kill", "os.killpg", "os.putenv_outside"):
            raise PermissionError(1, "Operation not permitted")

    sys.addaudithook(hook)


def place(folder, path):
    """Where imports start from, as the module's own imports and names tell, and what it is called there."""
    *folders, name = path.split("/")
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        text = file.read()
    used = set(re.findall(r"^\s*(?:from|import)\s+(\w+)", text, re.M))
    used |= set(re.findall(r"['\"](\w+)(?:\.\w+)*\.(?:urls|wsgi|asgi|settings|middleware|apps|config)\b", text))
    start = next((at for at, part in enumerate(folders) if part in used), None)
    if start is None:
        levels = (at for at in range(len(folders), -1, -1) if os.path.exists(os.path.join(folder, *folders[:at], "manage.py")))
        start = next(levels, None)
    if start is None:
        start = len(folders)
        while start and os.path.exists(os.path.join(folder, *folders[:start], "__init__.py")):
            start -= 1
        levels = max((len(dots) for dots in re.findall(r"^\s*from (\.+)", text, re.M)), default=0)
        start = max(0, min(start, len(folders) - levels))
    parts = folders[start:]
    if name != "__init__.py":
        parts = [*parts, name.removesuffix(".py").replace(".", "_")]
    return os.path.join(folder, *folders[:start]), ".".join(parts)


def imported(file, name):
    """The module in a file, whatever the file is called."""
    package, _, _ = name.rpartition(".")
    if package:
        importlib.import_module(package)
    below = [os.path.dirname(file)] if file.endswith("/__init__.py") else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=below)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown_as(value):
    """How Python writes a value; what cannot be written is as what is not at hand."""
    try:
        return repr(value)
    except Exception:
        return MARK


def line(error, folder):
    """The last line of the project that an error came through."""
    found, at = None, error.__traceback__
    while at:
        if at.tb_frame.f_code.co_filename.startswith(folder + "/"):
            found = f"{at.tb_frame.f_code.co_filename[len(folder) + 1 :]}:{at.tb_lineno}"
        at = at.tb_next
    return found


def attempt(folder, path, environment, missing):
    """One import, with what it asked the environment for."""
    start, name = place(folder, path)
    asked = []
    real = os._Environ.__getitem__

    def getitem(self, key):
        # What the project asks for, and not what Python does on its own.
        frame = sys._getframe(1)
        while frame and not frame.f_code.co_filename.startswith(folder + "/"):
            frame = frame.f_back
        if frame and key not in asked:
            asked.append(key)
        return real(self, key)

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(start)
    sys.path.insert(0, start)
    sys.dont_write_bytecode = True
    sys.meta_path.append(Missing(missing))
    confine(folder)
    os._Environ.__getitem__ = getitem
    socket.gethostbyname = lambda _: "192.0.2.7"
    answer = {}
    try:
        answer = told(os.path.join(folder, path), name)
    except (Exception, SystemExit, Undecided) as error:
        answer = {"error": f"{type(error).__name__}: {error}", "line": line(error, folder)}
        lacks = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
        if isinstance(error, ModuleNotFoundError) and error.name:
            answer["module"] = error.name
        elif isinstance(error, ImportError) and lacks:
            answer["module"] = f"{lacks[2]}.{lacks[1]}"
        elif isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
            file = os.path.realpath(error.filename)
            answer["file"] = file if file.startswith(folder + "/") else None
    os._Environ.__getitem__ = real
    return {**answer, "asked": asked}


def apart(*arguments):
    """What an attempt gives in a process of its own, which has the libraries imported already."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            answer = json.dumps(attempt(*arguments)).encode()
            while answer:
                answer = answer[os.write(writer, answer) :]
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read()
    os.wait()
    try:
        return json.loads(text)
    except ValueError:
        return {"error": "it ended", "asked": []}


# What we set ourselves, or the system does.
OURS = ("PATH", "HOME", "DJANGO_SETTINGS_MODULE")

LONG = "not-a-real-value-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF"
GUESSES = [
    (r"(DATABASE|POSTGRES|DB|SQL\w*)_?(URL|URI|DSN)", ["postgres://user:not-real@db.example:5432/name", "sqlite:///name.db"]),
    (r"(REDIS|CELERY|BROKER|CACHE|RESULT)\w*(URL|URI)|BROKER", ["redis://redis.example:6379/1", "redis://other.example/2"]),
    (r"URL|URI|DSN|ENDPOINT", ["https://site.example/path", "http://localhost:8000"]),
    (r"PORT", ["8025", "25"]),
    (r"HOSTS|ORIGINS|DOMAINS|LIST|ADMINS|IPS|WHITELIST", ["a.example,b.example", "a.example, b.example,"]),
    (r"HOST|DOMAIN|SERVER", ["host.example", "localhost"]),
    (r"_(PATH|DIR|FILE|ROOT|FOLDER)$", ["/srv/data", "data"]),
    (r"CONFIG|MODE|STAGE|_ENV$|ENVIRONMENT", ["production", "development"]),
    (r"ZONE|^TZ$", ["Europe/Paris", "UTC"]),
    (r"SECONDS|TTL|LEEWAY|INTERVAL|PERIOD|TIMEOUT|SIZE|AGE|LIMIT|COUNT|MAX|MIN|EXPIR|DAYS|HOURS|RATE|NUM|DEPTH|INDEX|_ID$", ["60", "0"]),
    (r"EMAIL\w*(FROM|TO)?$|ADDRESS|MAIL$", ["name@mail.example", "other@mail.example"]),
    (r"DEBUG|ENABLE|DISABLE|USE|IS_|SSL|TLS|SECURE|ALLOW|REQUIRE|SHOULD|HAS_|DEV|TEST|FLAG", ["True", "false"]),
    (r"SECRET|KEY|PASS|TOKEN|SALT", [LONG, "short"]),
]
OTHERS = ["1", "True", "value", "a.example", "{}", "[]", "60", "postgres://user:not-real@db.example/name", "name@mail.example", ""]


def guesses(name, at):
    found = next((values for pattern, values in GUESSES if re.search(pattern, name)), ["value", "other"])
    found = found[at:] + found[:at]
    return found + [other for other in OTHERS if other not in found]


def culprit(folder, path, missing, environment, answer):
    """The variable whose value the module cannot bear."""
    names = [name for name in answer["asked"] if name in environment]
    quoted = [name for name in names if name in answer["error"] or len(environment[name]) > 1 and environment[name] in answer["error"]]
    if len(quoted) == 1:
        return quoted[0]
    low, high = 0, len(names)
    while low < high:
        middle = (low + high) // 2
        some = {name: environment[name] for name in names[:middle]}
        if apart(folder, path, some, missing).get("error") == answer["error"]:
            high = middle
        else:
            low = middle + 1
    return names[low - 1] if low else None


def world(folder, path, missing, environment, at, until):
    """An environment that the module can be imported in, from the one that is given, and what it was told there, or why not.

    `at` says which values variables get: none, the first or the second that come to mind."""
    turns, answer = {}, {}
    for _ in range(TRIES):
        answer = apart(folder, path, environment, missing)
        if time.monotonic() > until:
            break
        if "error" not in answer:
            more = [name for name in answer["asked"] if name not in environment and name not in turns and name not in OURS]
            if at != 0 or not more:
                break
            environment = {**environment, **{name: guesses(name, at)[0] for name in more}}
            turns.update(dict.fromkeys(more, 1))
        elif answer.get("module") and answer["module"] not in missing:
            missing.append(answer["module"])
        elif answer.get("file") and not os.path.exists(answer["file"]):
            os.makedirs(os.path.dirname(answer["file"]), exist_ok=True)
            with open(answer["file"], "w", encoding="utf-8") as file:
                file.write("1\n")
        elif at is not None and answer["asked"] and "NoAppException" not in answer["error"]:
            # What it asked for last is mostly what it lacks; else one that is set has no value that will do.
            named = [name for name in answer["asked"] if name in answer["error"] and name not in environment]
            name = (named or answer["asked"])[-1]
            if name in environment:
                name = culprit(folder, path, missing, environment, answer)
            if name is None or name in OURS:
                break
            turn = turns[name] = turns.get(name, 0) + 1
            values = guesses(name, at)
            environment = {known: value for known, value in environment.items() if known != name}
            if turn <= len(values):
                environment[name] = values[turn - 1]
            elif turn > len(values) + 1:
                break
        else:
            break
    return environment, answer


def placed(folder, value):
    """A path of the image as the file of the project that is copied there, which its end names."""
    parts = value.strip("/").split("/")
    ends = ("/".join(parts[at:]) for at in range(len(parts) - 1)) if value.startswith("/") else ()
    return next((os.path.join(folder, end) for end in ends if os.path.isfile(os.path.join(folder, end))), value)


def worlds(folder, path, services):
    missing, found, until = [], [], time.monotonic() + LONGEST
    # As each service runs it: nothing is made up of what it is told.
    for name, environment in services:
        environment = {variable: placed(folder, value) for variable, value in environment.items()}
        environment, answer = world(folder, path, missing, environment, None, until)
        found.append({"name": name, "environment": environment, **answer})
    environment, answer = world(folder, path, missing, {}, None, until)
    found.append({"name": "empty", "environment": environment, **answer})
    environment, answer = world(folder, path, missing, {}, 0, until)
    if answer["asked"]:
        found.append({"name": "set", "environment": environment, **answer})
        half = {name: guesses(name, 1)[0] for name in sorted(environment)[::2]}
        environment, answer = world(folder, path, missing, half, 1, until)
        found.append({"name": "half set", "environment": environment, **answer})
    for one in found:
        one["missing"] = missing
    return found


def main():
    warnings.simplefilter("ignore")
    logging.disable()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(worlds(asked["folder"], asked["path"], asked["services"])), flush=True)
