//! Writes settings modules: names that Django knows and others, bound by all that Python has for it, with modules that
//! are imported, the libraries that read the environment, and an environment that is empty, set or half set.

use crate::case::Case;
use crate::python::expressions::{ENVIRONMENT, Kind, VARIABLES};
use crate::python::statements::{Target, module};
use crate::write::{Mood, moods, mostly};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const TARGETS: &[Target] = &[
    ("DEBUG", Kind::Truth),
    ("SECURE_SSL_REDIRECT", Kind::Truth),
    ("SESSION_COOKIE_SECURE", Kind::Truth),
    ("CSRF_COOKIE_SECURE", Kind::Truth),
    ("SESSION_COOKIE_HTTPONLY", Kind::Truth),
    ("SECURE_HSTS_PRELOAD", Kind::Truth),
    ("SECURE_HSTS_INCLUDE_SUBDOMAINS", Kind::Truth),
    ("SECURE_CONTENT_TYPE_NOSNIFF", Kind::Truth),
    ("CSRF_USE_SESSIONS", Kind::Truth),
    ("X_TRUTH", Kind::Truth),
    ("SECURE_HSTS_SECONDS", Kind::Number),
    ("SESSION_COOKIE_AGE", Kind::Number),
    ("X_NUMBER", Kind::Number),
    ("SECRET_KEY", Kind::Text),
    ("X_FRAME_OPTIONS", Kind::Text),
    ("SECURE_REFERRER_POLICY", Kind::Text),
    ("X_TEXT", Kind::Text),
    ("EMAIL_HOST", Kind::Text),
    ("ALLOWED_HOSTS", Kind::List),
    ("X_LIST", Kind::List),
    ("CSRF_TRUSTED_ORIGINS", Kind::List),
    ("X_MAP", Kind::Map),
    ("X_OTHER", Kind::Map),
];

/// Names are bound before they are changed.
const BOUND: &str = "DEBUG = CSRF_USE_SESSIONS = False; X_NUMBER = SECURE_HSTS_SECONDS = 0; X_TEXT = EMAIL_HOST = 'x'; X_FRAME_OPTIONS = 'DENY'\n\
    X_TRUTH = SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = True; X_OTHER = {}\n\
    SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_CONTENT_TYPE_NOSNIFF = True; SESSION_COOKIE_AGE = 9\n\
    SECURE_REFERRER_POLICY = 'same-origin'; ALLOWED_HOSTS = ['h']; X_LIST = ['a', 'b']; CSRF_TRUSTED_ORIGINS = []; X_MAP = {'a': 1}\n\
    SECRET_KEY = 'not-a-real-key-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789'\n";

const MIDDLEWARE: &[&str] = &[
    "'django.middleware.security.SecurityMiddleware'",
    "'django.contrib.sessions.middleware.SessionMiddleware'",
    "'django.middleware.csrf.CsrfViewMiddleware'",
    "'django.middleware.clickjacking.XFrameOptionsMiddleware'",
    "'django.middleware.common.CommonMiddleware'",
];

const APPS: &[&str] = &[
    "'django.contrib.sessions'",
    "'django.contrib.contenttypes'",
    "'django.contrib.auth'",
    "'django.contrib.messages'",
];

/// Libraries that read the environment, and what else settings call.
const LIBRARIES: &[&str] = &[
    "import environ\nenv = environ.Env()\nDEBUG = env.bool('F', default=False)\nALLOWED_HOSTS = env.list('L', default=['d'])\nX_TEXT = env('A', default='d')\n",
    "from decouple import config, Csv\nDEBUG = config('F', default=False, cast=bool)\nALLOWED_HOSTS = config('L', default='d,e', cast=Csv())\nX_TEXT = config('A', default='d')\n",
    "import dj_database_url\nDATABASES = {'default': dj_database_url.config(default='postgres://u:not-real@h:5/d?sslmode=require', conn_max_age=60)}\n",
    "from datetime import timedelta\nX_TIME = timedelta(days=1, minutes=5)\n",
    "import environ\nenv = environ.Env(F=(bool, True), N=(int, 3), L=(list, []))\nX_A1 = env('F')\nX_A2 = env('N')\nX_A3 = env('L')\n",
    "import environ\nenv = environ.Env()\nX_A1 = env.str('A', default='')\nX_A2 = env.int('N', default=2)\nX_A3 = env.tuple('L', default=())\nX_A4 = env('NONE', default=None)\n",
    "from decouple import config\nX_A1 = config('N', default=1, cast=int)\nX_A2 = config('F', default='no', cast=bool)\nX_A3 = config('B', 'none')\n",
    "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ.get('A', 'db'), 'PORT': int(os.environ.get('N') or 5432)}}\n",
    "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache', 'TIMEOUT': 60 * 5}}\n",
    "import environ\nenv = environ.FileAwareEnv()\nX_A1 = env('A', default='none')\n",
    "import dj_database_url\nX_DB = dj_database_url.parse('mysql://u:p%23@h.example/n?charset=utf8', ssl_require=True)\n",
    "import environ\nenv = environ.Env()\nX_DB = env.db('NONE', default='sqlite:///x.db')\nX_CACHE = env.cache('NONE', default='redis://h:6379/1')\n",
    "from decouple import AutoConfig, Csv\nconfig = AutoConfig()\nX_A1 = config('L', default='a, b', cast=Csv(post_process=tuple))\n",
    "import environ\nenv = environ.Env()\nenviron.Env.read_env('extra.env')\nX_A1 = env('EXTRA', default='none')\nX_A2 = env('A', default='none')\n",
    "import environ\nenv = environ.Env()\nX_A1 = env.dict('NONE', default={'a': '1'})\nX_A2 = env.json('NONE', default={'b': 2})\nX_A3 = env.float('N', default=1.5)\n",
    "from urllib.parse import urlparse\nX_URL = urlparse('https://u@h.example:8/p?q').hostname\n",
    "import re\nX_RE = [re.compile(r'^a$')]\n",
    "from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent\nX_PATH = Path('a') / 'b' / 'c.d'\nX_NAME = (BASE_DIR / 'x.db').name\n",
    "from django.utils.translation import gettext_lazy as _\nLANGUAGES = [('en', 'English')]\n",
    "from collections import OrderedDict\nX_OD = OrderedDict(a=1)\n",
    "SECRET_KEY_FALLBACKS = [os.environ.get('A', 'short')]\n",
    "SILENCED_SYSTEM_CHECKS = ['security.W004', 'security.W008']\n",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY = 'unsafe-none'\nSECURE_REFERRER_POLICY = ('no-referrer', 'origin')\n",
    "from split_settings.tools import include, optional\ninclude('extra.py', optional('none.py'))\n",
    "from split_settings.tools import include, optional\ninclude(optional('none.py'), 'extra*.py')\nX_SEEN = X_EXTRA\n",
    "from environs import Env\nenv = Env()\nX_A1 = env.bool('F', False)\nX_A2 = env.list('L', ['d'])\nX_A3 = env.int('NONE', 1)\nX_A4 = env.str('A', 'd')\nX_A5 = env('B', None)\n",
    "from environs import Env\nenv = Env()\nenv.read_env('extra.env')\nX_A1 = env('EXTRA', 'none')\nX_A2 = env('A', 'none')\nX_A3 = env.list('L', [], subcast=str)\n",
    "from dotenv import load_dotenv\nload_dotenv('extra.env')\nX_A1 = os.environ.get('EXTRA')\nX_A2 = os.getenv('A', 'none')\n",
    "from dotenv import load_dotenv\nload_dotenv('extra.env', override=True)\nX_A1 = os.environ.get('EXTRA')\nX_A2 = os.getenv('A', 'none')\n",
    "from dotenv import dotenv_values\nX_A1 = dict(dotenv_values('extra.env'))\nX_A2 = {**dotenv_values('extra.env'), **{'A': 'over'}}\n",
    "from decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv('extra.env'))\nX_A1 = config('EXTRA', default='none')\nX_A2 = config('A', default='none')\n",
    "import environ\nenv = environ.Env()\nenviron.Env.read_env('extra.env', overwrite=True)\nX_A1 = env('EXTRA', default='none')\nX_A2 = env('A', default='none')\n",
    "import environ\nenv = environ.Env(F=(bool, False), L=(list, ['d']))\nX_A1 = env.bool('F')\nX_A2 = env.list('L', default=['e'])\nX_A3 = env.url('NONE', default='http://h/x').hostname\n",
    "import dj_database_url\nDATABASES = {'default': dj_database_url.config(conn_max_age=0, ssl_require=True) or {'ENGINE': 'django.db.backends.dummy'}}\n",
    "import environ\nenv = environ.Env()\nDATABASES = {'default': env.db(default='sqlite:///x.db')}\nDATABASES['default']['ATOMIC_REQUESTS'] = True\n",
    "try:\n    from local_settings import *\nexcept ImportError:\n    X_LOCAL = None\n",
    "try:\n    import nothing_of_the_kind\n    X_A1 = 1\nexcept ModuleNotFoundError:\n    X_A1 = 2\nelse:\n    X_A1 = 3\n",
    "from distutils.util import strtobool\nX_A1 = bool(strtobool(os.environ.get('NONE', 'no')))\nX_A2 = strtobool('on')\n",
    "import json\nX_A1 = json.loads(os.environ.get('NONE', '{\"a\": [1, null]}'))\n",
    "globals().update({'X_A1': 1, 'x_a2': 2})\nvars()['X_A3'] = 3\nlocals()['X_A4'] = 4\n",
    "import sys\nsetattr(sys.modules[__name__], 'X_A1', 1)\nX_TESTING = 'test' in sys.argv or 'pytest' in sys.modules\n",
    "X_A1: int = 5\nX_A2: str\n_X_A3 = 6\nX_a4 = 7\nX_A5 = X_A6 = []\nX_A5 += ['s']\ndel X_TEXT\n",
    "for name in ('A', 'N', 'NONE'):\n    globals()[f'X_{name}'] = os.environ.get(name, 'unset')\n",
    "def env(name, default=None, cast=str):\n    value = os.environ.get(name)\n    return default if value is None else cast(value)\nX_A1 = env('N', 3)\nX_A2 = env('L', ['d'], lambda text: text.split(','))\nX_A3 = env('NONE', True, bool)\n",
];

/// How another module is used.
const IMPORTS: &[&str] = &[
    "from base import *\n",
    "from base import X_TEXT, X_LIST as X_BASE\n",
    "import base\nX_BASE = base.X_TEXT\n",
    "try:\n    from base import *\nexcept ImportError:\n    pass\n",
    "from base import *\nfrom base import X_MAP as X_BASE\n",
    "import base as b\nX_BASE = getattr(b, 'X_TEXT', None)\n",
    "from base import X_MISSING\n",
    "if os.environ.get('F'):\n    from base import *\n",
    "exec(open('base.py').read())\n",
    "import importlib\nX_BASE = importlib.import_module('base').X_TEXT\n",
];

pub(super) fn cases() -> BoxedStrategy<Case> {
    moods(|mood| {
        let environment = prop_oneof![
            1 => Just(Vec::new()),
            1 => vec(mostly(ENVIRONMENT, mood), 1..4),
            1 => subsequence(ENVIRONMENT, 5..9),
        ];
        let middleware = prop_oneof![3 => Just(MIDDLEWARE.to_vec()), 1 => subsequence(MIDDLEWARE, 0..5)];
        let apps = subsequence(APPS, 0..3);
        let libraries = prop_oneof![2 => Just(""), 1 => select(LIBRARIES)];
        let import = option::weighted(0.35, (mostly(IMPORTS, mood), module(TARGETS, mood), any::<bool>()));
        (module(TARGETS, mood), import, libraries, (middleware, apps), environment, package(mood))
            .prop_map(|(body, import, libraries, (middleware, apps), environment, package)| {
                let names = if package { "from .names import *\n" } else { "from names import *\n" };
                let start = format!("import os\n{names}");
                let lists =
                    format!("MIDDLEWARE = [{}]\nINSTALLED_APPS = [{}]\n", middleware.join(", "), apps.join(", "));
                let root = if package { "shop/conf/live.py" } else { "settings.py" };
                let mut files = Vec::new();
                let imported =
                    import.as_ref().map_or(
                        String::new(),
                        |(import, _, late)| {
                            if *late { String::new() } else { (*import).to_owned() }
                        },
                    );
                let late = import
                    .as_ref()
                    .filter(|(.., late)| *late)
                    .map_or(String::new(), |(import, ..)| (*import).to_owned());
                let text = format!("{start}{lists}{imported}{libraries}{body}{late}");
                let text = if package {
                    text.replace("from base", "from .base").replace("import base", "from . import base")
                } else {
                    text
                };
                files.push((root.to_owned(), text));
                if let Some((_, base, _)) = import {
                    let folder = if package { "shop/conf/" } else { "" };
                    files.push((format!("{folder}base.py"), format!("{start}{base}")));
                }
                let folder = if package { "shop/conf/" } else { "" };
                files.push((format!("{folder}names.py"), format!("{VARIABLES}{BOUND}")));
                if package {
                    files.push(("shop/__init__.py".to_owned(), String::new()));
                    files.push(("shop/conf/__init__.py".to_owned(), String::new()));
                }
                if libraries.contains("extra.py") || libraries.contains("extra*.py") {
                    files.push((
                        format!("{folder}extra.py"),
                        "X_EXTRA = X_TEXT = 'extra'\nX_LIST = X_LIST + ['more']\n".to_owned(),
                    ));
                }
                if libraries.contains("extra.env") {
                    files.push((
                        "extra.env".to_owned(),
                        "EXTRA=from-the-file\nA=file\nL=\"p, q\"\n# F=1\nexport C='$A'\nD=${A}-x\n".to_owned(),
                    ));
                }
                files.push(("environment".to_owned(), environment.iter().flat_map(|line| [*line, "\n"]).collect()));
                let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
                Case { files, ..Case::default() }
            })
            .boxed()
    })
}

/// Whether the module stands in a package.
fn package(mood: Mood) -> BoxedStrategy<bool> {
    prop_oneof![3 => Just(false), mood.strange(4) => Just(true)].boxed()
}
