//! Settings modules, and what Django makes of them.

mod handed;

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

#[expect(clippy::disallowed_methods, reason = "the recorded answers are files")]
mod oracle {
    //! The recorded answers of Django (`testdata/oracles/django/record`), against ours.

    use super::{resolve, shown};
    use crate::loader::Memory;
    use crate::model::{Model, ScopeId, Value};
    use std::collections::BTreeMap;
    use std::path::Path;

    struct Case {
        name: String,
        memory: Memory,
        module: String,
        environments: BTreeMap<String, BTreeMap<String, String>>,
        unknown: Vec<String>,
        answers: BTreeMap<String, Answer>,
    }

    #[derive(Default)]
    struct Answer {
        settings: BTreeMap<String, String>,
        checks: Option<Vec<String>>,
        error: bool,
    }

    /// Reads the recorded JSON: as `json.dumps(…, indent=1)` writes it, one entry a line.
    fn answers(text: &str) -> BTreeMap<String, Answer> {
        let mut all: BTreeMap<String, Answer> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            let depth = line.len() - line.trim_start().len();
            let line = line.trim().trim_end_matches(',');
            let unquote = |text: &str| {
                let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
                let text =
                    inner.replace("\\\\", "\u{1}").replace("\\\"", "\"").replace("\\n", "\n").replace("\\t", "\t");
                let text = text.replace("\\u2603", "☃").replace("\\u00e9", "é").replace("\\u00c9", "É");
                text.replace('\u{1}', "\\")
            };
            match (depth, line.split_once(": ")) {
                (1, Some((name, _))) => {
                    current = unquote(name);
                    all.entry(current.clone()).or_default();
                }
                (2, Some(("\"error\"", _))) => all.entry(current.clone()).or_default().error = true,
                (2, Some(("\"checks\"", list))) if list.starts_with('[') => {
                    all.entry(current.clone()).or_default().checks = Some(Vec::new());
                }
                (3, Some((name, value))) if name.starts_with('"') => {
                    all.entry(current.clone()).or_default().settings.insert(unquote(name), unquote(value));
                }
                (3, None) => {
                    if let Some(checks) = &mut all.entry(current.clone()).or_default().checks {
                        checks.push(unquote(line));
                    }
                }
                _ => {}
            }
        }
        all
    }

    fn case(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let mut files: Vec<(String, String)> = Vec::new();
        let mut environments = BTreeMap::from([("empty".to_owned(), BTreeMap::new())]);
        let (mut module, mut unknown) = ("settings".to_owned(), Vec::new());
        for section in text.split("=== ").skip(1) {
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            if let Some(name) = head.strip_prefix("env ") {
                let lines = body.lines().filter_map(|line| line.split_once('='));
                environments.insert(name.to_owned(), lines.map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
            } else if let Some(name) = head.strip_prefix("module ") {
                module = name.to_owned();
            } else if head == "unknown" {
                unknown = body.split_whitespace().map(str::to_owned).collect();
            } else {
                files.push((head.to_owned(), body.to_owned()));
            }
        }
        let base = module.replace('.', "/");
        let memory = Memory::new(files);
        let package = format!("{base}/__init__.py");
        let module = if memory.files.contains_key(&package) { package } else { format!("{base}.py") };
        let answers = answers(&std::fs::read_to_string(path.with_extension("json")).unwrap());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Case { name, memory, module, environments, unknown, answers }
    }

    fn checks(model: &Model, fact: &str) -> Vec<String> {
        match model.get(ScopeId(0), fact) {
            Some(Value::List(list)) => list.iter().filter_map(|node| node.value.as_str()).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// What differs between Django's answer and ours. Where `known` is false, unknown values are let through.
    fn differences(case: &Case, model: &Model, answer: &Answer, known: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (name, value) in &answer.settings {
            let ours = shown(model, name);
            let open = model.scopes.first().is_some_and(|scope| scope.open.is_some());
            let unknown = ours.starts_with('<') && (ours != "<absent>" || open);
            let expected_unknown = case.unknown.contains(name);
            if unknown && (!known || expected_unknown) {
                continue;
            }
            if ours != *value {
                found.push(format!("{name}: Django {value}, ours {ours}"));
            }
        }
        let names = model.scopes.iter().filter(|scope| model.format.schema.kind(scope.kind).name == "setting");
        for name in names.map(|scope| scope.label.to_string()) {
            let ours = shown(model, &name);
            let schema = model.format.schema;
            let listed = schema.keys.iter().any(|key| key.name == name);
            if !answer.settings.contains_key(&name) && !listed && !ours.starts_with('<') {
                found.push(format!("{name}: absent in Django, ours {ours}"));
            }
        }
        if let Some(theirs) = &answer.checks {
            let (failed, open) = (checks(model, "failed_checks"), checks(model, "unknown_checks"));
            if known && !open.is_empty() && case.unknown.is_empty() {
                found.push(format!("checks not decided: {open:?}"));
            }
            for id in theirs.iter().filter(|id| !failed.contains(id) && !open.contains(id)) {
                found.push(format!("{id}: fails in Django, not here"));
            }
            for id in failed.iter().filter(|id| !theirs.contains(id)) {
                found.push(format!("{id}: fails here, not in Django"));
            }
        }
        found
    }

    #[test]
    fn the_recorded_cases_agree() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/oracles/django/cases");
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
        paths.sort();
        assert!(paths.len() >= 50, "{}", paths.len());
        let (mut wrong, mut judged) = (Vec::new(), 0);
        for path in paths {
            let case = case(&path);
            let blind = resolve(&case.memory, &case.module, None);
            for (name, environment) in &case.environments {
                let answer = &case.answers[name];
                if answer.error {
                    continue;
                }
                judged += usize::from(answer.checks.is_some());
                let model = resolve(&case.memory, &case.module, Some(environment.clone()));
                for (kind, model, known) in [("", &model, true), (" (environment unknown)", &blind, false)] {
                    assert_eq!(model.problems, [], "{}", case.name);
                    let found = differences(&case, model, answer, known);
                    wrong.extend(found.iter().map(|difference| format!("{} {name}{kind}: {difference}", case.name)));
                }
            }
        }
        assert!(wrong.is_empty(), "{}\n{} differences", wrong.join("\n"), wrong.len());
        assert!(judged >= 40, "{judged} environments with verdicts");
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the corpus is a tree of files; what was read is told"
)]
mod corpus {
    //! Real projects, where they are at hand: `HARDLINT_CORPUS` names their folder.

    use super::resolve;
    use crate::loader::Memory;
    use std::path::{Path, PathBuf};

    fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            if kind.is_dir() {
                python_files(&path, found);
            } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "py") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_settings_module_is_understood() {
        let Ok(corpus) = std::env::var("HARDLINT_CORPUS") else {
            println!("skipped: HARDLINT_CORPUS is not set");
            return;
        };
        let mut projects: Vec<PathBuf> =
            std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
        projects.sort();
        let mut modules = 0;
        for project in projects.iter().filter(|path| path.is_dir()) {
            let mut files = Vec::new();
            python_files(project, &mut files);
            let read = |path: &PathBuf| {
                Some((path.strip_prefix(project).ok()?.to_str()?.to_owned(), std::fs::read(path).ok()?))
            };
            let memory = Memory::new(files.iter().filter_map(read));
            for (path, text) in &memory.files {
                let Ok(text) = std::str::from_utf8(text) else { continue };
                if !super::super::detect::is_settings(path, text) {
                    continue;
                }
                let model = resolve(&memory, path, None);
                modules += 1;
                let checks = |fact| super::fact(&model, fact).split_whitespace().count();
                println!(
                    "{}/{path}: {} settings, open {:?}, {} checks fail, {} unknown",
                    project.file_name().unwrap_or_default().to_string_lossy(),
                    model.scopes.iter().filter(|scope| model.format.schema.kind(scope.kind).name == "setting").count(),
                    model.scopes.first().and_then(|scope| scope.open.as_ref().map(ToString::to_string)),
                    checks("failed_checks"),
                    checks("unknown_checks"),
                );
                assert_eq!(model.problems, [], "{path}");
            }
        }
        assert!(modules >= 15, "{modules} settings modules");
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

/// What only a condition picks is changed under that condition only, also where something else refers to it.
#[test]
fn a_list_that_two_names_may_share_changes_under_the_condition() {
    let module = "import os\nfrom names import shared\nif os.environ.get('F'):\n    X_PICKED = shared\nelse:\n    X_PICKED = ['a']\n\
                  X_PICKED.append('z')\nX_SHARED = shared\nX_OWN = ['q'] if os.environ.get('F') else ['q']\nX_LAST = X_OWN\n";
    for (names, set, unset) in [
        ("shared = ['a']\n", ["['a', 'z']", "['a', 'z']"], ["['a', 'z']", "['a']"]),
        ("shared = ['b']\n", ["['b', 'z']", "['b', 'z']"], ["['a', 'z']", "['b']"]),
    ] {
        let memory = Memory::new([("settings.py", module), ("names.py", names)]);
        let at = |variables: &[(&str, &str)]| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let model = resolve(&memory, "settings.py", Some(variables.collect()));
            ["X_PICKED", "X_SHARED"].map(|name| shown(&model, name))
        };
        assert_eq!(at(&[("F", "1")]), set);
        assert_eq!(at(&[]), unset);
        let model = resolve(&memory, "settings.py", None);
        assert!(shown(&model, "X_SHARED").starts_with('<'), "{}", shown(&model, "X_SHARED"));
        assert_eq!(shown(&model, "X_LAST"), "['q']");
    }
}

/// A list that several branches take is left as it was by what is done after a branch that takes another.
#[test]
fn a_list_that_two_branches_share_stays_where_a_third_is_taken() {
    let of = |change: &str| {
        format!(
            "import os\nshared = ['a']\nif os.environ.get('F'):\n    X_PICKED = shared\nelif os.environ.get('G'):\n    \
             X_PICKED = shared\nelse:\n    X_PICKED = ['c']\n{change}\nX_SHARED = shared\n"
        )
    };
    for change in ["X_PICKED.append('z')", "X_PICKED.extend(['z'])", "X_PICKED += ['z']", "X_PICKED[1:] = ['z']"] {
        let text = of(change);
        let at = |variables: &[(&str, &str)]| {
            let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let model = resolve(&Memory::new([("settings.py", &*text)]), "settings.py", Some(environment));
            ["X_PICKED", "X_SHARED"].map(|name| shown(&model, name))
        };
        if !change.contains("[1:]") {
            assert_eq!(at(&[("F", "1")]), ["['a', 'z']", "['a', 'z']"], "{change}");
            assert_eq!(at(&[]), ["['c', 'z']", "['a']"], "{change}");
        }
        let model = model(&text);
        for name in ["X_PICKED", "X_SHARED"] {
            assert!(shown(&model, name).starts_with('<'), "{change}: {}", shown(&model, name));
        }
    }
    // All that may be picked end up the same, and what the shared list was without the change is picked by none.
    let same = of("X_PICKED.append('z')\nX_INSIDE = {'A': (X_PICKED, 1)}").replace("['c']", "['a']");
    assert_eq!(shown(&model(&same), "X_PICKED"), "['a', 'z']");
    assert_eq!(shown(&model(&same), "X_INSIDE"), "{'A': (['a', 'z'], 1)}");
    // Nor do rules see it.
    let picked = model(&of("X_PICKED.append('z')").replace("X_PICKED", "ALLOWED_HOSTS"));
    let Some(Value::Choice(branches)) = picked.get(ScopeId(0), "ALLOWED_HOSTS") else { panic!("no choice") };
    let lists = branches.iter().filter(|branch| matches!(branch.node.value, Value::List(_)));
    assert_eq!(lists.count(), branches.len(), "{branches:?}");
    // What is certain of the list that is picked stays so.
    let text = of("X_PICKED.append('*')").replace("X_PICKED", "ALLOWED_HOSTS");
    assert_eq!(fact(&model(&text), "allowed_hosts_wildcard"), "true");
}

/// What adds to a name that may be something else as well adds to the list that it may be, for all who have it.
#[test]
fn a_list_that_may_be_bound_anew_is_added_to_for_all_who_have_it() {
    let base = "from names import *\ntry:\n    from nowhere import *\nexcept ImportError:\n    pass\nALLOWED_HOSTS += ['b']\nX_TABLE |= {'b': 2}\n";
    let memory = Memory::new([
        ("names.py", "ALLOWED_HOSTS = ['a']\nX_TABLE = {'a': 1}\n"),
        ("base.py", base),
        ("settings.py", "from names import *\nimport base\n"),
    ]);
    let model = resolve(&memory, "settings.py", None);
    for (name, wrong) in [("ALLOWED_HOSTS", "['a']"), ("X_TABLE", "{'a': 1}")] {
        assert_ne!(shown(&model, name), wrong, "{name}");
    }
    let memory = Memory::new([
        ("names.py", "A = ['a']\n"),
        ("base.py", "from names import A\nA += ['b']\n"),
        ("settings.py", "from names import *\nimport base\n"),
    ]);
    assert_eq!(shown(&resolve(&memory, "settings.py", None), "A"), "['a', 'b']");
}

/// What an imported module raises by itself ends it, and is caught where it is imported.
#[test]
fn what_an_imported_module_raises_is_caught_outside() {
    for (raises, handler) in [
        ("L[3]", "IndexError"),
        ("D['x']", "KeyError"),
        ("D['x']", "LookupError"),
        ("int('x')", "ValueError"),
        ("os.environ['NOPE']", "KeyError"),
        ("nowhere", "NameError"),
        ("1 / 0", "Exception"),
        ("'ab'[2]", "IndexError"),
        ("'ab'[-3]", "IndexError"),
        ("L['a']", "TypeError"),
        ("D['a']['b']", "TypeError"),
        ("None.x", "AttributeError"),
        ("1\ndel D['x']", "KeyError"),
    ] {
        let base = format!("import os\nL = ['a']\nD = {{'a': 1}}\nA = 'a'\nB = {raises}\nZ = 'z'\n");
        let text = format!("A = 'own'\ntry:\n    from base import *\nexcept {handler}:\n    CAUGHT = True\nEND = 1\n");
        let at = |text: &str, base: &str| {
            let memory = Memory::new([("settings.py", text), ("base.py", base)]);
            let model = resolve(&memory, "settings.py", Some(BTreeMap::new()));
            ["A", "CAUGHT", "Z", "END"].map(|name| shown(&model, name))
        };
        assert_eq!(at(&text, &base), ["'own'", "True", "<absent>", "1"], "{raises}");
        if raises.contains('\n') {
            continue;
        }
        // Where it may be raised only, nothing of it is known.
        let perhaps = base.replace("B = ", "B = 'b' if open('/x').read() else ");
        let told = at(&text, &perhaps);
        assert!(told[0].starts_with('<') && told[1] != "True", "{raises}: {told:?}");
    }
}

/// What code that runs twice finds out is two conditions, and not one.
#[test]
fn two_runs_of_one_line_ask_two_questions() {
    let text = "import os\ndef on(name):\n    return os.environ.get(name) == '1'\n\
        def first(a):\n    for x in ['1', a]:\n        if x == a:\n            return x\n\
        DEBUG = False\nif on('A'):\n    if not on('B'):\n        DEBUG = True\n\
        X = first('text'.__class__.__name__)\nY = first(os.environ.get('A', 'x'))\n";
    let with = |variables: &[(&str, &str)]| {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        resolve(&Memory::new([("settings.py", text)]), "settings.py", Some(environment))
    };
    assert_eq!(shown(&with(&[("A", "1")]), "DEBUG"), "True");
    assert_eq!(shown(&with(&[("A", "1"), ("B", "1")]), "DEBUG"), "False");
    assert_eq!(shown(&with(&[("A", "1")]), "Y"), "'1'");
    assert_eq!(shown(&with(&[]), "Y"), "'x'");
    for name in ["DEBUG", "X", "Y"] {
        assert!(shown(&model(text), name).starts_with('<'), "{name}: {}", shown(&model(text), name));
    }
}

/// The elements of an iterator are gone once they were taken, and nobody counts how often that is.
#[test]
fn an_iterator_is_followed_only_where_it_is_taken_once() {
    for (text, expected) in [
        ("X = list(map(lambda a: a.strip(), ['a ', 'b']))\n", "['a', 'b']"),
        ("X = [a for a in reversed(['a', 'b'])]\n", "['b', 'a']"),
        ("X = [a + b for a in ['x'] for b in map(lambda a: a.strip(), [' y'])]\n", "['xy']"),
        ("A, X = map(lambda a: a.strip(), ['a', ' b'])\n", "'b'"),
        ("X = 'n'\nfor at, name in enumerate(['a', 'b']):\n    X = name\n", "'b'"),
        ("def zip(a):\n    return [a]\nX = zip('a')\n", "['a']"),
    ] {
        assert_eq!(shown(&model(text), "X"), expected, "{text}");
    }
    for text in [
        "a = map(lambda a: a.strip(), ['a'])\nlist(a)\nX = list(a)\n",
        "X = zip(['a'], ['b'])\n",
        "a = reversed(['a'])\nX = [1 for _ in a]\n",
        "a = filter(None, ['a'])\nX = 'none'\nfor name in a:\n    pass\nfor name in a:\n    X = name\n",
    ] {
        assert!(shown(&model(text), "X").starts_with('<'), "{text}: {}", shown(&model(text), "X"));
    }
}

#[test]
fn what_is_called_where_nobody_knows_whether_it_runs_may_change_the_modules_lists() {
    for test in ["while unknown():\n    add()\n", "match unknown():\n    case [a]:\n        add()\n"] {
        let text =
            format!("X = ['a']\nY = ['b']\ndef add():\n    X.append('c')\nfrom somewhere import unknown\n{test}");
        let model = model(&text);
        assert!(shown(&model, "X").starts_with('<'), "{text}: {}", shown(&model, "X"));
        assert_eq!(shown(&model, "Y"), "['b']", "{text}");
    }
}
