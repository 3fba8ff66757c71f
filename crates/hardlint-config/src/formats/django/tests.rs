//! Settings modules, and what Django makes of them.

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the corpus is a tree of files; what was read is told"
)]
mod corpus;
mod handed;
#[expect(clippy::disallowed_methods, reason = "the recorded answers are files")]
mod oracle;
mod ways;

use crate::formats::Printed;
use crate::loader::Memory;
use crate::model::{Model, ScopeId, Value};
use crate::schema;
use crate::workspace::{Query, Workspace};
use std::collections::BTreeMap;

pub(super) fn resolve(memory: &Memory, path: &str, environment: Option<BTreeMap<String, String>>) -> Model {
    let mut query = Query { environment, ..Query::default() };
    query.targets.0.insert("django".to_owned(), crate::version::Version([5, 2, 19]));
    let workspace = Workspace::new(memory, query);
    let mut reader = workspace.reader();
    workspace.resolve(&mut reader, &path.into(), &super::FORMAT)
}

fn model(text: &str) -> Model {
    resolve(&Memory::new([("settings.py", text)]), "settings.py", None)
}

/// A setting as `show` prints it; what is unknown in `<…>`.
pub(super) fn shown(model: &Model, name: &str) -> String {
    let kind = schema::KindId(0);
    let listed = model.format.schema.keys.len();
    let place = || {
        model
            .unlisted
            .iter()
            .position(|known| &**known == name)
            .map(|at| schema::KeyId(u16::try_from(listed + at).unwrap()))
    };
    let Some(key) = model.format.schema.key(kind, name).or_else(place) else { return "<absent>".to_owned() };
    match model.lookup(ScopeId(0), key).node {
        None => "<absent>".to_owned(),
        Some(node) => match (model.format.print)(model, key, &node.value) {
            Printed::One(text) => text,
            Printed::Many(list) => list.join("\n"),
            Printed::Unknown(why) => format!("<{why}>"),
        },
    }
}

fn fact(model: &Model, name: &str) -> String {
    match model.get(ScopeId(0), name) {
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Int(value)) => value.to_string(),
        Some(Value::List(list)) => {
            list.iter().map(|node| node.value.as_str().unwrap_or("?")).collect::<Vec<_>>().join(" ")
        }
        Some(Value::Unknown(_)) => "unknown".to_owned(),
        Some(Value::Choice(_)) => "choice".to_owned(),
        Some(value) => value.as_str().unwrap_or("?").to_owned(),
        None => "absent".to_owned(),
    }
}

#[test]
fn the_table_is_a_table() {
    assert_eq!(schema::check(&super::keys::SCHEMA), Ok(()));
}

#[test]
fn plain_bindings_and_defaults() {
    let model = model("DEBUG = True\nALLOWED_HOSTS = ['a', 'b']\nlower = 1\nX: int = 3\nT = (1,)\n");
    assert_eq!(shown(&model, "DEBUG"), "True");
    assert_eq!(shown(&model, "ALLOWED_HOSTS"), "['a', 'b']");
    assert_eq!(shown(&model, "lower"), "<absent>");
    assert_eq!(shown(&model, "X"), "3");
    assert_eq!(shown(&model, "T"), "(1,)");
    assert_eq!(shown(&model, "X_FRAME_OPTIONS"), "'DENY'");
    assert_eq!(shown(&model, "SECURE_HSTS_SECONDS"), "0");
    assert_eq!(shown(&model, "USE_TZ"), "True");
    assert_eq!(shown(&model, "USE_L10N"), "<absent>");
    assert_eq!(fact(&model, "debug_on"), "true");
}

#[test]
fn a_template_is_read_as_far_as_it_goes() {
    let memory =
        Memory::new([("settings.py.j2", "DEBUG = {{ debug }}\nSECRET_KEY = '{{ key }}'\nALLOWED_HOSTS = ['a']\n")]);
    let model = resolve(&memory, "settings.py.j2", None);
    assert!(model.problems.is_empty());
    assert_eq!(shown(&model, "SECRET_KEY"), "<the template expression `key` is filled in elsewhere>");
}

#[test]
fn a_syntax_error_is_a_problem_and_hides_nothing_as_absent() {
    let model = model("DEBUG = True\nX = = 1\n");
    assert_eq!(model.problems.len(), 1);
    assert!(shown(&model, "ALLOWED_HOSTS").starts_with('<'));
}

#[test]
fn what_stands_in_for_a_variable_is_told() {
    let model = model(
        "import os\nSECRET_KEY = os.environ.get('K', 'django-insecure-not-a-real-key')\nDEBUG = os.environ.get('D', 'False')\n\
         ALLOWED_HOSTS = os.environ.get('H', '*').split(',')\n",
    );
    assert_eq!(fact(&model, "secret_key_origin"), "environment-default");
    assert_eq!(fact(&model, "secret_key_fallback_literal"), "true");
    assert_eq!(fact(&model, "secret_key_strength"), "insecure-prefix");
    assert_eq!(fact(&model, "debug_is_string"), "true");
    assert_eq!(fact(&model, "debug_default_on"), "true");
    assert_eq!(fact(&model, "allowed_hosts_wildcard"), "true");
    assert_eq!(shown(&model, "DEBUG"), "<it depends on a condition that is not known>");
}

#[test]
fn what_stands_in_is_told_however_it_does() {
    let with = |text: &str, environment: Option<BTreeMap<String, String>>| {
        let text = format!("import os\nimport environ\nenv = environ.Env()\n{text}\n");
        resolve(&Memory::new([("settings.py", text.as_str())]), "settings.py", environment)
    };
    let set = |value: &str| Some(BTreeMap::from([("K".to_owned(), value.to_owned())]));
    for text in [
        "SECRET_KEY = os.environ.get('K') or 'text'",
        "SECRET_KEY = os.getenv('K', '') or 'text'",
        "SECRET_KEY = os.environ.get('K') or os.environ.get('L') or 'text'",
        "SECRET_KEY = env('K', default=None) or 'text'",
        "SECRET_KEY = os.environ.get('K') if os.environ.get('K') else 'text'",
        "SECRET_KEY = os.environ.get('K')\nif not SECRET_KEY:\n    SECRET_KEY = 'text'",
    ] {
        assert_eq!(fact(&with(text, None), "secret_key_fallback_literal"), "true", "{text}");
        assert_eq!(fact(&with(text, set("drawn-elsewhere")), "secret_key_fallback_literal"), "false", "{text}");
    }
    let or = "SECRET_KEY = os.environ.get('K') or 'text'";
    for environment in [set(""), Some(BTreeMap::new())] {
        assert_eq!(fact(&with(or, environment), "secret_key_fallback_literal"), "true");
    }
    let developers = "SECRET_KEY = os.environ.get('K') or ('text' if DEBUG else None)";
    let developers = format!("DEBUG = os.environ.get('DEBUG') == '1'\n{developers}");
    assert_eq!(fact(&with(&developers, None), "secret_key_fallback_literal"), "false");
    for (text, expected) in [
        ("env.list('K', default=['*'])", "true"),
        ("env.list('K', default=[]) or ['*']", "true"),
        ("(os.environ.get('K') or '*').split(',')", "true"),
        ("os.environ['K'].split(',') if 'K' in os.environ else ['*']", "true"),
        ("env.list('K', default=['shop.example'])", "false"),
        ("env.list('K')", "unknown"),
    ] {
        let text = format!("ALLOWED_HOSTS = {text}");
        assert_eq!(fact(&with(&text, None), "allowed_hosts_wildcard"), expected, "{text}");
        assert_eq!(fact(&with(&text, set("a.example")), "allowed_hosts_wildcard"), "false", "{text}");
    }
    let by_default = with("ALLOWED_HOSTS = env.list('K', default=['*'])", None);
    assert_eq!(fact(&by_default, "allowed_hosts_origin"), "environment-default");
}

#[test]
fn the_services_that_run_the_module_give_its_environment() {
    let debug = |compose: &str| {
        let memory = Memory::new([
            ("compose.yaml", compose),
            ("web/manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"),
            ("web/shop/__init__.py", ""),
            ("web/shop/settings.py", "import os\nDEBUG = os.environ['DEBUG'] == '1'\n"),
        ]);
        shown(&resolve(&memory, "web/shop/settings.py", None), "DEBUG")
    };
    let service = |name: &str, rest: &str| format!("  {name}:\n    build: ./web\n    environment: {{{rest}}}\n");
    let two = |a: &str, b: &str| debug(&format!("services:\n{}{}", service("a", a), service("b", b)));
    assert_eq!(two("DEBUG: '1'", "DEBUG: '1'"), "True");
    assert!(two("DEBUG: '1'", "DEBUG: '0'").starts_with('<'), "they disagree");
    assert!(two("DEBUG: '1'", "X: '0'").starts_with('<'), "the image may set it");
    assert_eq!(two("DEBUG: '0'", "DEBUG: '1', DJANGO_SETTINGS_MODULE: other"), "False");
    assert!(debug("services:\n  a:\n    build: ./api\n    environment: {DEBUG: '1'}\n").starts_with('<'));
    assert!(debug("services:\n  a:\n    build: ./web\n    environment: {DEBUG: \"${D}\"}\n").starts_with('<'));
}

#[test]
fn settings_modules_are_known_by_what_they_bind() {
    for (path, text, is) in [
        ("a/settings.py", "INSTALLED_APPS = []\nMIDDLEWARE = []\n", true),
        ("a/conf/base.py", "INSTALLED_APPS: list = []\nROOT_URLCONF = 'x'\n", true),
        ("a/settings/prod.py", "from .base import *\nX = 1\n", true),
        ("a/models.py", "from django.db import models\nprint(settings.SECRET_KEY, settings.DATABASES)\n", false),
        ("a/prod.py", "from .base import *\n", false),
        ("a/prod.py", "from .base import *\nSECURE_SSL_REDIRECT = True\n", true),
        ("a/prod.py", "from .settings import *\nSESSION_COOKIE_SECURE = True\n", true),
        ("a/prod.py", "from .config import *\nSESSION_COOKIE_SECURE = True\n", false),
        ("a/prod.py", "SECURE_SSL_REDIRECT = True\n", false),
        ("a/settings/toolbar.py", "def setup(MIDDLEWARE):\n    INSTALLED_APPS = []\n    MIDDLEWARE = []\n", false),
        ("netbox/configuration.py", "ALLOWED_HOSTS = []\nSECRET_KEY = ''\nDATABASES = {}\n", false),
        ("a/settings.py", "class Prod(configurations.Configuration):\n    MIDDLEWARE = []\n    DEBUG = False\n", true),
        ("a/config.py", "SECRET_KEY = 'x'\nSQLALCHEMY_DATABASE_URI = ''\n", false),
        ("a/app.py", "settings.configure(DEBUG=True)\napplication = get_wsgi_application()\n", true),
        ("a/runtests.py", "settings.configure(DEBUG=True)\ndjango.setup()\n", false),
    ] {
        assert_eq!(super::detect::is_settings(path, text), is, "{path}");
    }
}

#[test]
fn files_at_hand_are_read_as_the_code_reads_them() {
    let files = |settings: &str| {
        Memory::new([
            ("manage.py", String::new()),
            ("a.yaml", "flag: on\nquoted: 'yes'\nname: shop\nlist: [1, ~]\n".to_owned()),
            ("a.json", "{\"name\": \"shop\"}".to_owned()),
            ("name.txt", "shop".to_owned()),
            ("b.json", "{\"a\": [\"${KEY}\", \"ENC[AES256_GCM,data:x]\", \"op://a/b\", \"plain\"]}".to_owned()),
            ("settings.py", format!("import io, json, yaml\nfrom pathlib import Path\n{settings}\n")),
        ])
    };
    for (text, value) in [
        (
            "X = yaml.load(open('a.yaml'), Loader=yaml.SafeLoader)",
            "{'flag': True, 'quoted': 'yes', 'name': 'shop', 'list': [1, None]}",
        ),
        ("X = json.load(Path('a.json').open())", "{'name': 'shop'}"),
        ("X = json.loads(open('a.json').read())", "{'name': 'shop'}"),
        ("X = json.loads(Path('a.json').read_text())['name']", "'shop'"),
        ("X = open('name.txt').read().strip()", "'shop'"),
        // What fills a file in, decrypts it or looks a value up gives another one.
        ("X = json.load(open('b.json'))['a'][0]", "<this Python expression is not followed>"),
        ("X = json.load(open('b.json'))['a'][1]", "<this Python expression is not followed>"),
        ("X = yaml.safe_load(open('b.json'))['a'][2]", "<this Python expression is not followed>"),
        ("X = yaml.safe_load(open('b.json'))['a'][3]", "'plain'"),
        ("X = open('name.txt', 'w').read()", "<what `open` gives is decided at run time>"),
        ("X = json.load(open('gone.json'))", "<what `json.load` gives is decided at run time>"),
    ] {
        assert_eq!(shown(&resolve(&files(text), "settings.py", None), "X"), value, "{text}");
    }
    // A file that is not at hand may not be there.
    let tried = |path: &str| format!("X = 1\ntry:\n    open('{path}')\nexcept OSError:\n    X = 2");
    let value = |path: &str| shown(&resolve(&files(&tried(path)), "settings.py", None), "X");
    assert_ne!(value("gone.txt"), "1");
}

#[test]
fn what_the_environment_has_to_give_is_not_judged() {
    let strength = |text: &str| fact(&model(&format!("import os\n{text}\n")), "secret_key_strength");
    assert_eq!(strength("SECRET_KEY = os.environ['KEY']"), "unseen");
    assert_eq!(strength("SECRET_KEY = os.getenv('KEY')"), "unseen");
    assert_ne!(strength("SECRET_KEY = os.getenv('KEY', make())"), "unseen");
}

#[test]
fn a_base_that_nobody_starts_is_a_part_of_what_imports_it() {
    let files = |named: &str| {
        Memory::new([
            ("manage.py", format!("os.environ.setdefault('DJANGO_SETTINGS_MODULE', '{named}')\n")),
            ("p/__init__.py", String::new()),
            ("p/settings/__init__.py", String::new()),
            ("p/settings/base.py", "INSTALLED_APPS = []\nMIDDLEWARE = []\n".to_owned()),
            ("p/settings/prod.py", "from .base import *\nDEBUG = False\n".to_owned()),
        ])
    };
    for (named, kind) in [("p.settings.prod", "include"), ("p.settings.base", crate::formats::EXTENDS)] {
        let memory = files(named);
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let file = reader.open("p/settings/prod.py", None).unwrap();
        let links = super::detect::links(&mut reader, &Query::default(), file);
        let found: Vec<(&str, &str)> = links.iter().map(|link| (link.kind, link.paths[0].as_str())).collect();
        assert_eq!(found, [(kind, "p/settings/base.py")]);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn hostile_modules_end_soon() {
    let cases = [
        "X = [1]\n".to_owned() + &"X = X + X\n".repeat(2_000),
        "X = 'a'\n".to_owned() + &"X += X\n".repeat(200),
        "def f(n):\n    return f(n) + f(n)\nX = f(1)\n".to_owned(),
        "import os\n".to_owned()
            + &(0..3_000)
                .fold(String::new(), |text, n| text + &format!("if os.environ.get('A{n}'):\n    B{n} = X{n} = 1\n")),
        // Each leaves the other value under one condition more; each `elif` lies in the one before it.
        "import os\n".to_owned()
            + &(0..10_000).fold("DEBUG = False\n".to_owned(), |text, n| {
                text + &format!("if os.environ.get('A{n}'):\n    DEBUG = True\n")
            }),
        "import os\nif X:\n    pass\n".to_owned()
            + &(0..2_000)
                .fold(String::new(), |text, n| text + &format!("elif os.environ.get('A{n}'):\n    B{n} = {n}\n")),
        "X = []\n".to_owned() + &"X.append(X)\n".repeat(100),
        (0..20_000).fold(String::new(), |text, n| text + &format!("N{n} = {n}\n")),
        "from .settings import *\nimport settings\nX = settings.X\n".to_owned(),
        "class A(A):\n    X = 1\nclass B(A, A):\n    pass\nY = B.Z\n".to_owned(),
        "X = [a for a in range(9999) for b in range(9999) for c in range(9999)]\n".to_owned(),
        "a = [1]\n".to_owned() + &"a = [a, a, a]\n".repeat(40) + "X = a\nY = str(a)\n",
    ];
    for text in cases {
        let started = std::time::Instant::now();
        drop(model(&text));
        assert!(started.elapsed().as_secs() < 20, "{text:.60}");
    }
}

#[test]
fn cases_are_tests_and_tuples_repeat() {
    for (text, name, expected) in [
        ("match 'live':\n    case 'dev':\n        X = 1\n    case 'live' | 'prod':\n        X = 2\n", "X", "2"),
        ("match 'x':\n    case 'dev':\n        X = 1\n    case _:\n        X = 3\n", "X", "3"),
        ("match None:\n    case False:\n        X = 1\n    case None:\n        X = 2\n", "X", "2"),
        ("match 'x':\n    case mode:\n        X = mode\n", "X", "'x'"),
        ("match 3:\n    case 3 if False:\n        X = 1\n    case 3:\n        X = 2\n", "X", "2"),
        ("X = 0\nmatch 'x':\n    case 'a':\n        X = 1\n", "X", "0"),
        ("match [1]:\n    case [a]:\n        X = 1\n", "X", "<this Python expression is not followed>"),
        ("X = ('*',) * 2\n", "X", "('*', '*')"),
        ("X = 2 * ('a', 'b')\n", "X", "('a', 'b', 'a', 'b')"),
        ("X = ('a',) * -1\n", "X", "()"),
        ("X = 2 * ['a']\n", "X", "['a', 'a']"),
        ("X = 2 * 'ab'\n", "X", "'abab'"),
    ] {
        assert_eq!(shown(&model(text), name), expected, "{text}");
    }
    let text = "import os\nmatch os.environ.get('MODE'):\n    case 'dev':\n        DEBUG = True\n    case _:\n        DEBUG = False\n";
    let with = |mode: &str| {
        let environment = BTreeMap::from([("MODE".to_owned(), mode.to_owned())]);
        shown(&resolve(&Memory::new([("settings.py", text)]), "settings.py", Some(environment)), "DEBUG")
    };
    assert_eq!((with("dev"), with("live")), ("True".to_owned(), "False".to_owned()));
    assert_eq!(shown(&model(text), "DEBUG"), "<it depends on a condition that is not known>");
    // Which case holds is not known, but all of them say the same.
    let text = text.replace("False", "True");
    assert_eq!(shown(&model(&text), "DEBUG"), "True");
}
