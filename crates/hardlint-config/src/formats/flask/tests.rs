//! What is read of applications, and the recorded answers of Flask.

use crate::formats::{FORMATS, Printed, named};
use crate::loader::Memory;
use crate::model::{Model, ScopeId};
use crate::version::{Targets, Version};
use crate::workspace::{Detection, Query, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

type Environment = Option<BTreeMap<String, String>>;

fn resolve_for(memory: &Memory, path: &str, environment: Environment, version: Option<[u16; 3]>) -> Model {
    let mut targets = Targets::default();
    if let Some(version) = version {
        targets.0.insert("flask".to_owned(), Version(version));
    }
    let query = Query { targets, environment, ..Query::default() };
    let mut workspace = Workspace::new(memory, query);
    for file in memory.files.keys() {
        let file: Arc<str> = file.as_str().into();
        let slot = workspace.look(&file, Detection::Automatic);
        workspace.insert(file, slot);
    }
    let mut reader = workspace.reader();
    workspace.resolve(&mut reader, &path.into(), named("flask").unwrap())
}

fn shown(model: &Model, name: &str) -> String {
    let kind = model.scopes[0].kind;
    let key = model.format.schema.key(kind, name).or_else(|| model.unlisted_key(name));
    let Some(key) = key else { return "<absent>".to_owned() };
    let Some(node) = model.lookup(ScopeId(0), key).node else { return "<absent>".to_owned() };
    match (model.format.print)(model, key, &node.value) {
        Printed::One(text) => text,
        Printed::Many(_) => "<many>".to_owned(),
        Printed::Unknown(why) => format!("<{why}>"),
    }
}

#[test]
fn the_table_is_sound() {
    crate::schema::check(&super::keys::SCHEMA).unwrap();
    assert!(FORMATS.iter().any(|format| format.id == "flask"));
}

#[expect(clippy::disallowed_methods, reason = "the recorded answers are files")]
mod oracle {
    //! The recorded answers of Flask (`testdata/oracles/flask/record`), against ours.

    use super::{BTreeMap, Environment, Memory, Model, resolve_for, shown};
    use std::path::Path;

    #[derive(Default)]
    struct Case {
        memory: Memory,
        module: String,
        environments: BTreeMap<String, BTreeMap<String, String>>,
        unknown: Vec<String>,
    }

    /// The settings that differ from the defaults, by name; `None` where Flask does not start.
    type Answer = Option<BTreeMap<String, String>>;

    fn cases(text: &str) -> BTreeMap<String, Case> {
        let mut all = BTreeMap::new();
        for part in format!("\n{text}").split("\n=== ").skip(1) {
            let (name, body) = part.split_once('\n').unwrap_or((part, ""));
            let mut case = Case { module: "app.py".to_owned(), ..Case::default() };
            case.environments.insert("empty".to_owned(), BTreeMap::new());
            let mut files: Vec<(String, String)> = Vec::new();
            for section in format!("\n{body}\n").split("\n--- ").skip(1) {
                let (head, text) = section.split_once('\n').unwrap_or((section, ""));
                if let Some(name) = head.strip_prefix("env ") {
                    let lines = text.lines().filter_map(|line| line.split_once('='));
                    let lines = lines.map(|(key, value)| (key.to_owned(), value.to_owned()));
                    case.environments.insert(name.to_owned(), lines.collect());
                } else if let Some(module) = head.strip_prefix("module ") {
                    case.module = module.to_owned();
                } else if head == "unknown" {
                    case.unknown = text.split_whitespace().map(str::to_owned).collect();
                } else {
                    files.push((head.to_owned(), format!("{text}\n")));
                }
            }
            case.memory = Memory::new(files);
            let package = format!("{}/__init__.py", case.module);
            if case.memory.files.contains_key(&package) {
                case.module = package;
            }
            all.insert(name.to_owned(), case);
        }
        all
    }

    fn answers(text: &str) -> BTreeMap<String, Answer> {
        let mut all = BTreeMap::new();
        for part in text.split("\n=== ").skip(1) {
            let mut lines = part.lines();
            let name = lines.next().unwrap_or_default().to_owned();
            let mut found = Some(BTreeMap::new());
            for line in lines {
                match (line.split_once(' '), &mut found) {
                    (Some(("!", _)), _) => found = None,
                    (Some((key, value)), Some(found)) => drop(found.insert(key.to_owned(), value.to_owned())),
                    _ => {}
                }
            }
            all.insert(name, found);
        }
        all
    }

    /// What differs between Flask's answer and ours. Where `known` is false, unknown values are let through.
    fn differences(
        case: &Case,
        model: &Model,
        answer: &BTreeMap<String, String>,
        bare: &BTreeMap<String, String>,
        known: bool,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let mut all = bare.clone();
        all.extend(answer.iter().map(|(name, value)| (name.clone(), value.clone())));
        for (name, value) in &all {
            let ours = shown(model, name);
            let open = model.scopes.first().is_some_and(|scope| scope.open.is_some());
            let unknown = ours.starts_with('<') && (ours != "<absent>" || open);
            // Where the project is deployed is not known.
            let excused = case.unknown.iter().any(|known| known == name || known == "*") || value.contains("$ROOT");
            if unknown && (!known || excused) {
                continue;
            }
            if ours != *value {
                found.push(format!("{name}: Flask {value}, ours {ours}"));
            }
        }
        let names = model.scopes.iter().filter(|scope| model.format.schema.kind(scope.kind).name == "setting");
        for name in names.map(|scope| scope.label.to_string()).filter(|name| !all.contains_key(name)) {
            let ours = shown(model, &name);
            if !ours.starts_with('<') {
                found.push(format!("{name}: absent in Flask, ours {ours}"));
            }
        }
        found
    }

    fn check(version: [u16; 3], recorded: &str, of_cases: &BTreeMap<String, Case>) -> Vec<String> {
        let answers = answers(recorded);
        let bare = answers["bare empty"].clone().unwrap();
        let mut wrong = Vec::new();
        for (name, case) in of_cases {
            let asked =
                |environment: Environment, version| resolve_for(&case.memory, &case.module, environment, version);
            let blind = asked(None, Some(version));
            let any = asked(None, None);
            for (environment, variables) in &case.environments {
                let Some(answer) = &answers[&format!("{name} {environment}")] else { continue };
                let model = asked(Some(variables.clone()), Some(version));
                let kinds = [("", &model, true), (" (blind)", &blind, false), (" (any version)", &any, false)];
                for (kind, model, known) in kinds {
                    assert_eq!(model.problems, [], "{name}");
                    let found = differences(case, model, answer, &bare, known);
                    wrong.extend(found.iter().map(|one| format!("{name} {environment}{kind}: {one}")));
                }
            }
        }
        wrong
    }

    #[test]
    fn the_recorded_cases_agree() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/oracles/flask");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let cases = cases(&read("cases.txt"));
        assert!(cases.len() >= 40, "{}", cases.len());
        let mut wrong = check([3, 1, 3], &read("answers-3.1.txt"), &cases);
        wrong.extend(check([2, 2, 2], &read("answers-2.2.txt"), &cases));
        assert!(wrong.is_empty(), "{}\n{} differences", wrong.join("\n"), wrong.len());
    }
}

fn app(text: &str) -> Model {
    resolve_for(&Memory::new([("app.py", text)]), "app.py", Some(BTreeMap::new()), Some([3, 1, 3]))
}

fn files(files: &[(&str, &str)], path: &str, environment: Environment) -> Model {
    resolve_for(&Memory::new(files.iter().copied()), path, environment, Some([3, 1, 3]))
}

#[track_caller]
fn unknown(model: &Model, name: &str) {
    let shown = shown(model, name);
    assert!(shown.starts_with('<') && shown != "<absent>", "{name}: {shown}");
}

const MAKER: &str = "from flask import Flask\nfrom config import modes\ndef create_app(mode):\n    app = Flask(__name__)\n    \
                     app.config.from_object(modes[mode])\n    return app\n";
const MODES: &str = "class A:\n    SECRET_KEY = 'not-a-real-key'\n    NAME = 'a'\nclass B(A):\n    NAME = 'b'\n\
                     modes = {'a': A, 'b': B}\n";

#[test]
fn what_makers_are_called_with_is_not_known() {
    let model = files(&[("app.py", MAKER), ("config.py", MODES)], "app.py", Some(BTreeMap::new()));
    assert_eq!(shown(&model, "SECRET_KEY"), "'not-a-real-key'");
    unknown(&model, "NAME");
    let starter = "from app import create_app\napp = create_app('b')\n";
    let all = [("app.py", MAKER), ("config.py", MODES), ("wsgi.py", starter)];
    assert_eq!(shown(&files(&all, "wsgi.py", None), "NAME"), "'b'");
}

#[test]
fn folders_are_the_hosts() {
    let text = "import os\nfrom flask import Flask\napp = Flask(__name__)\napp.config['A'] = os.path.join(app.root_path, 'a')\n\
                app.config['B'] = os.path.basename(app.instance_path)\n";
    unknown(&app(text), "A");
    assert_eq!(shown(&app(text), "B"), "'instance'");
}

#[test]
fn code_that_is_missing_may_set_anything() {
    let text = "from flask import Flask\nfrom . import settings\napp = Flask(__name__)\napp.config['A'] = 1\n\
                settings.init_app(app)\napp.config['B'] = 2\n";
    let model = files(&[("shop/__init__.py", text)], "shop/__init__.py", Some(BTreeMap::new()));
    unknown(&model, "A");
    unknown(&model, "DEBUG");
    assert_eq!(shown(&model, "B"), "2");
    assert!(model.scopes[0].open.is_some());
}

#[test]
fn extensions_set_names_of_their_own() {
    let text = "from flask import Flask\nfrom flask_session import Session\napp = Flask(__name__)\nSession(app)\n";
    assert_eq!(shown(&app(text), "SESSION_COOKIE_SECURE"), "False");
}

#[test]
fn views_are_not_looked_into() {
    let text = "from flask import Flask\nimport views\napp = Flask(__name__)\napp.config['A'] = views.NUMBER\n";
    let views = "from flask import Blueprint\nbp = Blueprint('a', __name__)\nNUMBER = 1\n";
    let model = files(&[("app.py", text), ("views.py", views)], "app.py", Some(BTreeMap::new()));
    unknown(&model, "A");
    let other = views.replace("NUMBER", "# The number of the configuration, for config.\nNUMBER");
    let model = files(&[("app.py", text), ("views.py", &other)], "app.py", Some(BTreeMap::new()));
    assert_eq!(shown(&model, "A"), "1");
}

#[test]
fn more_than_eight_values_are_unknown() {
    let modes = (0..9).fold(String::new(), |text, n| text + &format!("    {n}: 'v{n}',\n"));
    let text = |modes: &str| {
        format!(
            "import os\nfrom flask import Flask\nall = {{\n{modes}}}\napp = Flask(__name__)\napp.config['A'] = all[os.environ['X']]\n"
        )
    };
    let blind = |text: &str| files(&[("app.py", text)], "app.py", None);
    assert_eq!(shown(&blind(&text(&modes)), "A"), "<the variable `X` is not set in any file at hand>");
    let few = text(modes.split_once("    1:").unwrap().0);
    assert_eq!(shown(&blind(&few), "A"), "'v0'");
}

#[test]
fn only_json_is_read() {
    let text = "import tomllib\nfrom flask import Flask\napp = Flask(__name__)\n\
                app.config.from_file('a.toml', load=tomllib.load, text=False)\n";
    unknown(&app(text), "SECRET_KEY");
}

#[test]
fn loops_are_not_followed() {
    let start = "from flask import Flask\napp = Flask(__name__)\napp.config['A'] = 1\nn = 0\n";
    let looped = format!("{start}while n < 2:\n    n += 1\n");
    assert_eq!(shown(&app(&looped), "A"), "1");
    let sets = format!("{looped}    app.config['B'] = n\n");
    unknown(&app(&sets), "A");
    let after = format!("{looped}app.config['B'] = n\n");
    unknown(&app(&after), "B");
}

#[test]
fn files_of_variables_are_named() {
    let text = "from flask import Flask\napp = Flask(__name__)\n";
    let model = files(&[("app.py", text), (".flaskenv", "FLASK_DEBUG=1\n")], "app.py", None);
    unknown(&model, "DEBUG");
}

#[test]
fn applications_are_told_by_what_they_do() {
    for (expected, path, text) in [
        (true, "app.py", "from flask import Flask\napp = Flask(__name__)\n"),
        (true, "a/__init__.py", "import flask\ndef create_app():\n    return flask.Flask('a')\n"),
        (true, "a.py", "from flask import Flask\nclass Shop(Flask):\n    pass\n"),
        (true, "a.py", "from flask import Flask as Web\napp = Web(__name__)\n"),
        (false, "a.py", "from flask import Flask as Web\napp: Web = None\n"),
        (true, "a.py", "\"\"\"Flask as a backend.\"\"\"\nfrom flask import Flask as Web\napp = Web(__name__)\n"),
        (true, "wsgi.py", "from shop import create_app\napplication = create_app()\n"),
        (true, "run.py", "from shop import app\nif __name__ == '__main__':\n    app.run(debug=True)\n"),
        (true, "manage.py", "from shop import create_app\nif __name__ == '__main__':\n    create_app().run()\n"),
        (false, "views.py", "from flask import Blueprint\nbp = Blueprint('a', __name__)\n"),
        (false, "app.py", "# from flask import Flask\n# app = Flask(__name__)\n"),
        (false, "app.py", "from fastapi import FastAPI\napp = FastAPI()\n"),
        (false, "main.py", "import uvicorn\nfrom shop import create_app\napp = create_app()\n"),
        (false, "webserver_config.py", "from flask_appbuilder.const import AUTH_DB\nfrom flask import g\n"),
        (false, "tests/conftest.py", "from shop import create_app\ndef client():\n    app = create_app('testing')\n"),
        (false, "shop.py", "def create_app():\n    pass\n"),
    ] {
        assert_eq!(super::detect::is_app(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn what_starts_an_application_is_judged_with_it() {
    let maker = "from flask import Flask\ndef create_app(name='x'):\n    return Flask(name)\n";
    let memory = Memory::new([
        ("shop/__init__.py", maker),
        ("wsgi.py", "from shop import create_app\napp = create_app()\n"),
        ("tests/run.py", "from shop import create_app\napp = create_app()\n"),
    ]);
    let mut workspace = Workspace::new(&memory, Query::default());
    for file in memory.files.keys() {
        let file: Arc<str> = file.as_str().into();
        let slot = workspace.look(&file, Detection::Automatic);
        workspace.insert(file, slot);
    }
    let units: Vec<String> = workspace.units().into_iter().map(|unit| unit.root.to_string()).collect();
    assert_eq!(units, ["tests/run.py", "wsgi.py"]);
}

#[test]
fn compose_gives_the_variables() {
    let text = "import os\nfrom flask import Flask\napp = Flask(__name__)\napp.config['MODE'] = os.environ['MODE']\n\
                app.config.from_prefixed_env()\n";
    let compose = "services:\n  web:\n    build: ./web\n    environment:\n      MODE: live\n      FLASK_DEBUG: '1'\n      FLASK_LIMIT: 5\n";
    let model = files(&[("web/app.py", text), ("compose.yaml", compose)], "web/app.py", None);
    assert_eq!(shown(&model, "DEBUG"), "1");
    assert_eq!(shown(&model, "LIMIT"), "5");
    unknown(&model, "SECRET_KEY");
    // The image may set `FLASK_MODE`.
    unknown(&model, "MODE");
    let model = files(
        &[("web/app.py", &text.replace(".from_prefixed_env()", "")), ("compose.yaml", compose)],
        "web/app.py",
        None,
    );
    assert_eq!(shown(&model, "DEBUG"), "True");
    assert_eq!(shown(&model, "MODE"), "'live'");
}

#[expect(clippy::disallowed_methods, reason = "the time that it takes is what is tested")]
#[test]
fn hostile_modules_end_soon() {
    let start = "from flask import Flask\napp = Flask(__name__)\n";
    for more in [
        "def f(n):\n    return f(n) + f(n)\nf(1)\n".to_owned(),
        "x = app\n".to_owned() + &"x = x.y()\n".repeat(5_000),
        "app.config.from_object('app')\n".repeat(5_000),
        (0..700).fold("import os\n".to_owned(), |text, n| {
            text + &format!("if os.environ['V{n}']:\n    app.config['K{n}'] = {n}\n")
        }),
        format!("app.config.from_mapping({}{})\n", "{1:".repeat(3_000), "}".repeat(3_000)),
        "app.config.from_prefixed_env()\n".repeat(100),
    ] {
        let text = format!("{start}{more}");
        let started = std::time::Instant::now();
        drop(files(&[("app.py", &text)], "app.py", None));
        let deep = BTreeMap::from([
            ("FLASK_A".to_owned(), "[".repeat(100_000)),
            ("FLASK_B__".to_owned() + &"C__".repeat(9_000), "1".to_owned()),
        ]);
        drop(files(&[("app.py", &text)], "app.py", Some(deep)));
        assert!(started.elapsed().as_secs() < 20, "{more:.60}");
    }
}

#[test]
fn files_of_an_installation_are_not_known() {
    let text = "from flask import Flask\ndef create_app(test=None):\n    app = Flask(__name__, instance_relative_config=True)\n    \
                app.config.from_mapping(SECRET_KEY='dev')\n    app.config.from_pyfile('config.py', silent=True)\n    \
                app.config['AFTER'] = 1\n    return app\n";
    let model = files(&[("shop/__init__.py", text)], "shop/__init__.py", Some(BTreeMap::new()));
    unknown(&model, "SECRET_KEY");
    unknown(&model, "SESSION_COOKIE_SECURE");
    assert_eq!(shown(&model, "AFTER"), "1");
    // One that Flask looks for beside the module is tolerated, and taken for empty.
    let model = app(
        "from flask import Flask\napp = Flask(__name__)\napp.config['A'] = 1\napp.config.from_pyfile('local.cfg', silent=True)\n",
    );
    assert_eq!(shown(&model, "A"), "1");
}

#[test]
fn what_a_template_writes_is_not_known() {
    let model = app(
        "import flask\napp = flask.Flask(__name__)\napp.debug = {{ debug }}\napp.config['X'] = {{ x|default(1) }}\n",
    );
    assert_eq!(shown(&model, "DEBUG"), "<the template expression `debug` is filled in elsewhere>");
    unknown(&model, "X");
}

#[test]
fn applications_are_found_behind_marks_and_classes() {
    for text in [
        "\u{feff}from flask import Flask\napp = Flask(__name__)\n",
        "import flask\nclass Shop(flask.Flask):\n    pass\napp = Shop(__name__)\n",
        "from flask import Flask\nclass Shop(Flask):\n    pass\napp = Shop(__name__)\n",
    ] {
        assert!(super::detect::is_app("app.py", text), "{text}");
        assert_eq!(shown(&app(text), "DEBUG"), "False", "{text}");
    }
    assert!(!super::detect::is_app("app.py", "import flask\nclass Shop(flask.Blueprint):\n    pass\n"));
}

#[test]
fn what_is_taken_out_is_not_shown() {
    let model =
        app("import flask\napp = flask.Flask(__name__)\ndel app.config['TESTING']\nsetattr(app, 'debug', True)\n");
    unknown(&model, "TESTING");
    assert_eq!(shown(&model, "DEBUG"), "True");
}

#[test]
fn an_object_with_no_name_is_not_told() {
    let model = app(
        "import flask\napp = flask.Flask(__name__)\napp.config.from_object('https://user:not-a-real-one@host.example')\n",
    );
    let told = shown(&model, "DEBUG");
    assert!(told.starts_with('<') && !told.contains("not-a-real"), "{told}");
}
