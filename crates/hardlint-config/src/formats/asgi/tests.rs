//! What is read of modules, and the recorded answers of the programs.

use super::keys::SCHEMA;
use crate::formats::{FORMATS, Printed, named};
use crate::loader::Memory;
use crate::model::{Model, ScopeId, Value};
use crate::version::{Targets, Version};
use crate::workspace::{Detection, Query, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

type Environment = Option<BTreeMap<String, String>>;

fn resolve(memory: &Memory, path: &str, environment: Environment) -> Model {
    let mut targets = Targets::default();
    targets.0.insert("gunicorn".to_owned(), Version([27, 0, 1]));
    let query = Query { targets, environment, ..Query::default() };
    let mut workspace = Workspace::new(memory, query);
    for file in memory.files.keys() {
        let file: Arc<str> = file.as_str().into();
        let slot = workspace.look(&file, Detection::Automatic);
        workspace.insert(file, slot);
    }
    let mut reader = workspace.reader();
    workspace.resolve(&mut reader, &path.into(), named("asgi").unwrap())
}

fn of(text: &str) -> Model {
    resolve(&Memory::new([("main.py", text)]), "main.py", Some(BTreeMap::new()))
}

/// A key as it is printed, in the first scope of a kind and a label.
fn shown(model: &Model, kind: &str, label: &str, name: &str) -> String {
    let kind = SCHEMA.kind_named(kind).unwrap();
    let scope =
        (0_u32..).map(ScopeId).zip(&model.scopes).find(|(_, it)| it.kind == kind && it.label.starts_with(label));
    let Some((scope, _)) = scope else { return "<no scope>".to_owned() };
    let key = model.format.schema.key(kind, name).or_else(|| model.unlisted_key(name));
    let Some(key) = key else { return "<absent>".to_owned() };
    let Some(node) = model.lookup(scope, key).node else { return "<absent>".to_owned() };
    match (model.format.print)(model, key, &node.value) {
        Printed::One(text) => text,
        Printed::Many(_) => "<many>".to_owned(),
        Printed::Unknown(why) => format!("<{why}>"),
    }
}

fn fact(model: &Model, kind: &str, name: &str) -> Value {
    let kind = SCHEMA.kind_named(kind).unwrap();
    let scope = model.scopes.iter().find(|scope| scope.kind == kind).unwrap();
    scope.own.get(SCHEMA.key(kind, name).unwrap()).unwrap().value.clone()
}

#[test]
fn the_table_is_sound() {
    crate::schema::check(&SCHEMA).unwrap();
    assert!(FORMATS.iter().any(|format| format.id == "asgi"));
}

#[test]
fn modules_are_known_by_what_they_do() {
    for (path, text, expected) in [
        ("a.py", "from fastapi import FastAPI\napp = FastAPI()\n", true),
        ("a.py", "import fastapi\napp = fastapi.FastAPI()\n", true),
        ("a.py", "from starlette.applications import Starlette\napp = Starlette()\n", true),
        ("a.py", "from fastapi import APIRouter\nrouter = APIRouter()\n", false),
        ("a.py", "from fastapi import FastAPI\n\ndef add(app: FastAPI):\n    pass\n", false),
        ("a.py", "from fastapi import FastAPI\n# app = FastAPI()\n", false),
        ("a.py", "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    a: str\n", true),
        ("a.py", "from pydantic import BaseModel\nclass S(BaseModel):\n    a: str\n", false),
        ("a.py", "from starlette.config import Config\nc = Config('.env')\n", true),
        ("a.py", "from jose import jwt\ndef f(t, k):\n    return jwt.decode(t, k)\n", true),
        ("a.py", "from jwt import decode\ndef f(t, k):\n    return decode(t, k)\n", true),
        ("a.py", "import jwt as j\ndef f(t, k):\n    return j.decode(t, k)\n", true),
        ("a.py", "from fastapi import FastAPI as Web\napp = Web()\n", true),
        ("a.py", "from fastapi import FastAPI as Web\napp: Web\n", false),
        ("a.py", "import uvicorn\nuvicorn.run('a:b')\n", true),
        ("gunicorn.conf.py", "bind = 'x'\n", true),
        ("conf/gunicorn_config.py", "workers = 4\n", true),
        ("conf/gunicorn_hooks.py", "def post_fork(server, worker):\n    pass\n", false),
    ] {
        let memory = Memory::new([(path, text)]);
        let slot = Workspace::new(&memory, Query::default()).look(&path.into(), Detection::Automatic);
        assert_eq!(slot.format() == Some("asgi"), expected, "{path}: {text}");
    }
}

#[test]
fn types_of_their_own_are_unknown() {
    let model = of(
        "from pydantic import AnyUrl\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    a: AnyUrl = 'https://a'\n    b: str = 'b'\n",
    );
    assert!(shown(&model, "module", "", "a").starts_with('<'));
    assert_eq!(shown(&model, "module", "", "b"), "'b'");
}

#[test]
fn what_validators_change_is_unknown() {
    let model = of(
        "from pydantic import field_validator, model_validator\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    a: str = 'a'\n    b: str = 'b'\n    c: str = 'c'\n    @field_validator('a')\n    def f(cls, value):\n        return value.upper()\n    @model_validator(mode='after')\n    def g(self):\n        self.c = self.a\n        return self\n",
    );
    assert!(shown(&model, "module", "", "a").starts_with('<'));
    assert_eq!(shown(&model, "module", "", "b"), "'b'");
    assert!(shown(&model, "module", "", "c").starts_with('<'));
}

#[test]
fn other_sources_may_set_anything() {
    for more in [
        "    model_config = SettingsConfigDict(secrets_dir='/run/secrets')\n",
        "    @classmethod\n    def settings_customise_sources(cls, *more):\n        return more\n",
    ] {
        let model = of(&format!(
            "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n{more}    a: str = 'a'\n"
        ));
        assert!(shown(&model, "module", "", "a").starts_with('<'), "{more}");
    }
}

#[test]
fn what_functions_bind_is_unknown() {
    let model = of("import jwt\nKEY = 'a'\ndef f(data):\n    KEY = find()\n    return jwt.encode(data, KEY)\n");
    assert_eq!(shown(&model, "token", "encode", "algorithm"), "''");
    assert_eq!(shown(&model, "key", "", "strength"), "<no scope>");
}

#[test]
fn conditions_keep_rules_silent() {
    let module = |test: &str| {
        format!(
            "import os\nfrom fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\norigins = os.environ.get('ORIGINS')\napp = FastAPI()\nif {test}:\n    app.add_middleware(CORSMiddleware, allow_origins=['*'])\n"
        )
    };
    for (test, expected) in [("os.environ.get('X')", true), ("origins", false), ("not origins", true), ("1", false)] {
        let model = resolve(&Memory::new([("main.py", &*module(test))]), "main.py", None);
        assert_eq!(fact(&model, "cors", "is_conditional"), Value::Bool(expected), "{test}");
    }
}

#[test]
fn commands_and_variables_tell_servers() {
    for (service, expected) in [
        ("    command: uvicorn a:b --forwarded-allow-ips '*'\n", true),
        ("    command: uvicorn a:b --forwarded-allow-ips=10.0.0.1\n", false),
        ("    command: uvicorn a:b --forwarded-allow-ips '*' --no-proxy-headers\n", false),
        ("    command: python -m gunicorn -w4 --forwarded-allow-ips=* a:b\n", true),
        ("    command: uvicorn a:b\n    environment: { FORWARDED_ALLOW_IPS: '*' }\n", true),
        (
            "    command: uvicorn a:b --forwarded-allow-ips 10.0.0.1\n    environment: { FORWARDED_ALLOW_IPS: '*' }\n",
            false,
        ),
        ("    command: uvicorn a:b\n    environment: { UVICORN_FORWARDED_ALLOW_IPS: '*' }\n", true),
        (
            "    command: gunicorn a:b\n    environment: { GUNICORN_CMD_ARGS: '--reload --forwarded-allow-ips=*' }\n",
            true,
        ),
    ] {
        let text = format!("services:\n  web:\n    image: shop\n{service}");
        let model = resolve(&Memory::new([("compose.yaml", &*text)]), "compose.yaml", None);
        assert_eq!(fact(&model, "server", "trusts_everybody"), Value::Bool(expected), "{service}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the recorded answers are files")]
mod oracle {
    //! The recorded answers (`testdata/oracles/asgi/record`), against ours.

    use super::{BTreeMap, Memory, resolve, shown};
    use std::path::Path;

    #[derive(Default)]
    struct Case {
        memory: Memory,
        environments: BTreeMap<String, BTreeMap<String, String>>,
    }

    fn sections(text: &str, mark: &str) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            match line.strip_prefix(mark) {
                Some(head) => found.push((head.trim().to_owned(), String::new())),
                None => {
                    if let Some((_, body)) = found.last_mut() {
                        body.push_str(line);
                    }
                }
            }
        }
        found
    }

    fn case(body: &str) -> Case {
        let mut case = Case::default();
        case.environments.insert("empty".to_owned(), BTreeMap::new());
        for (head, part) in sections(body, "--- ") {
            match head.strip_prefix("env ") {
                Some(name) => {
                    let lines = part.lines().filter_map(|line| line.split_once('='));
                    let pairs = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    case.environments.insert(name.to_owned(), pairs.collect());
                }
                None => drop(case.memory.files.insert(head, part.into_bytes())),
            }
        }
        case
    }

    #[test]
    fn the_programs_say_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/oracles/asgi");
        let cases = std::fs::read_to_string(folder.join("cases.txt")).unwrap();
        let cases: BTreeMap<String, Case> =
            sections(&cases, "=== ").into_iter().map(|(name, body)| (name, case(&body))).collect();
        let answers = std::fs::read_to_string(folder.join("answers.txt")).unwrap();
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (head, body) in sections(&answers, "=== ") {
            let (name, environment) = head.split_once(' ').unwrap();
            let case = &cases[name];
            let path = if case.memory.files.contains_key("gunicorn.conf.py") { "gunicorn.conf.py" } else { "main.py" };
            let model = resolve(&case.memory, path, Some(case.environments[environment].clone()));
            // What a module runs into is not asked.
            for line in body.lines().filter(|line| !line.starts_with('!')) {
                let (place, expected) = line.split_once(' ').unwrap_or((line, ""));
                let (what, key) = place.split_once('.').unwrap();
                let ours = match what {
                    "app" => shown(&model, "app", "", key),
                    "setting" => shown(&model, "module", "", key),
                    "server" => shown(&model, "server", "uvicorn", key),
                    "gunicorn" => shown(&model, "server", "gunicorn", key),
                    "CORSMiddleware" => shown(&model, "cors", what, key),
                    "SessionMiddleware" => shown(&model, "session", what, key),
                    _ => shown(&model, "trusted_host", what, key),
                };
                count += 1;
                if ours != expected {
                    wrong.push(format!("{head}: {place}: {expected} is {ours}"));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
        assert!(count > 300, "{count}");
    }
}
