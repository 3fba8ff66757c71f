//! Compares what is resolved here with what a real Airflow answered, recorded in `testdata/oracles/airflow`.

use crate::deployment::role::Role;
use crate::formats::Printed;
use crate::loader::Memory;
use crate::model::{Model, ScopeId};
use crate::schema::KeyId;
use crate::version::{Targets, Version};
use crate::workspace::{Query, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

const CASES: &str = include_str!("../../../../../testdata/oracles/airflow/cases.txt");
const ANSWERS: &str = include_str!("../../../../../testdata/oracles/airflow/answers-3.3.txt");
const OLDER: &str = include_str!("../../../../../testdata/oracles/airflow/answers-2.11.txt");

fn resolve(text: &str, environment: BTreeMap<String, String>, target: &str) -> Model {
    let memory = Memory::new([("airflow.cfg", text)]);
    let targets = Targets([("airflow".to_owned(), Version::parse(target).unwrap())].into());
    let query = Query { environment: Some(environment), targets, ..Query::default() };
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    workspace.resolve(&mut reader, &Arc::from("airflow.cfg"), &super::FORMAT)
}

fn print(model: &Model, name: &str) -> Option<String> {
    let schema = model.format.schema;
    let kind = schema.kind_named("config").unwrap();
    let key = schema.key(kind, name).or_else(|| {
        let place = model.unlisted.iter().position(|known| &**known == name)?;
        Some(KeyId(u16::try_from(schema.keys.len() + place).unwrap()))
    })?;
    let node = model.lookup(ScopeId(0), key).node?;
    Some(match (model.format.print)(model, key, &node.value) {
        Printed::One(text) => text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"),
        Printed::Many(lines) => lines.join("|"),
        Printed::Unknown(why) => format!("(unknown: {why})"),
    })
}

fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n=== ").skip(1).map(|case| case.split_once('\n').unwrap_or((case, "")))
}

#[test]
fn a_file_of_somebodys_own_machine_says_so() {
    let text = |folder: &str| format!("[core]\ndags_folder = {folder}/airflow/dags\n");
    let role = |folder: &str| resolve(&text(folder), BTreeMap::new(), "3.0").role(ScopeId(0));
    assert_eq!((role("/Users/ann"), role("/opt")), (Some(Role::Development), None));
}

#[test]
fn hard_cases_equal_airflow() {
    compare(CASES, ANSWERS, "3.3");
}

#[test]
fn hard_cases_equal_airflow_2() {
    compare(CASES, OLDER, "2.11");
}

/// Compares files of elsewhere: `HARDLINT_AIRFLOW_CASES` and `HARDLINT_AIRFLOW_ANSWERS` name them.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn given_cases_equal() {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the files are")]
    let read = |name: &str| std::env::var(name).ok().map(|path| std::fs::read_to_string(path).unwrap());
    match (read("HARDLINT_AIRFLOW_CASES"), read("HARDLINT_AIRFLOW_ANSWERS")) {
        (Some(cases), Some(answers)) => compare(&cases, &answers, "3.3"),
        _ => println!("skipped: HARDLINT_AIRFLOW_CASES and HARDLINT_AIRFLOW_ANSWERS are not set"),
    }
}

fn compare(cases: &str, answers: &str, target: &str) {
    let (cases, answers) = (format!("\n{cases}"), format!("\n{answers}"));
    let mut differences = Vec::new();
    for ((name, case), (answered, answer)) in sections(&cases).zip(sections(&answers)) {
        assert_eq!(name, answered, "the answers are not those of the cases: record them again");
        let (head, text) =
            case.split_once("--- airflow.cfg\n").unwrap_or_else(|| case.split_once("--- airflow.cfg").unwrap());
        let text = format!("{}\n", text.replace('␍', "\r").replace("␀BOM", "\u{feff}").trim_end_matches('\n'));
        let variables = head.lines().filter_map(|line| line.strip_prefix("$ ")?.split_once('='));
        let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let model = resolve(&text, environment, target);
        let refused = answer.lines().any(|line| line.starts_with("! "));
        if refused == model.problems.is_empty() {
            differences.push(format!("{name}: theirs {answer:?}, ours {:?}", model.problems));
        }
        for line in answer.lines() {
            let (key, value) = match (line.strip_prefix("= "), line.strip_prefix("- ")) {
                (Some(line), _) => line.split_once(' ').map(|(key, value)| (key, Some(value))).unwrap(),
                (_, Some(key)) => (key, None),
                _ => continue,
            };
            // A name with a blank in it.
            let (key, value) = match value.and_then(|value| value.strip_prefix("one ")) {
                Some(value) if key == "core.x" => ("core.x one", Some(value)),
                _ => (key, value),
            };
            let ours = print(&model, key);
            // No command is run.
            if ours.as_deref().is_some_and(|ours| ours.starts_with("(unknown: what `") && ours.contains("_cmd` gives"))
            {
                continue;
            }
            if ours.as_deref() != value {
                differences.push(format!("{name}: {key}: theirs {value:?}, ours {ours:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn facts_follow_from_options() {
    let none = BTreeMap::new;
    for (text, target, fact, expected) in [
        ("[core]\n", "3.3", "fernet_key_state", "unset"),
        ("[core]\nfernet_key =\n", "3.3", "fernet_key_state", "empty"),
        ("[core]\nfernet_key = abc\n", "3.3", "fernet_key_state", "invalid"),
        ("[core]\nfernet_key = {FERNET_KEY}\n", "3.3", "fernet_key_state", "(unknown)"),
        ("[core]\nfernet_key = $FERNET_KEY\n", "3.3", "fernet_key_state", "invalid"),
        ("[core]\nfernet_key_cmd = cat /run/secrets/f\n", "3.3", "fernet_key_state", "(unknown)"),
        ("[core]\nfernet_key = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "2.10", "fernet_key_state", "literal"),
        ("[webserver]\nsecret_key = temporary_key\n", "2.10", "secret_key_state", "placeholder"),
        ("[webserver]\nsecret_key = short\n", "3.3", "secret_key_state", "weak"),
        ("[api]\nsecret_key = 0123456789abcdef0123\n", "3.3", "secret_key_state", "literal"),
        ("[api_auth]\njwt_secret = 0123456789abcdef\n", "3.3", "jwt_secret_state", "weak"),
        ("[api_auth]\njwt_secret = aaaabbbb\n[api]\nsecret_key = aaaabbbb\n", "3.3", "jwt_secret_shared", "true"),
        ("[core]\nsimple_auth_manager_all_admins = True # dev\n", "3.3", "all_admins", "true"),
        ("[core]\nsimple_auth_manager_all_admins = no\n", "3.3", "all_admins", "false"),
        ("[webserver]\nexpose_config = True\n", "2.10", "exposes_config", "true"),
        ("[webserver]\nexpose_config = True\n", "3.3", "exposes_config", "true"),
        ("[api]\nexpose_config = non-sensitive-only\n", "3.3", "exposes_config", "false"),
        ("[api]\nexpose_config = non-sensitive-only\n", "3.3", "exposes_public_config", "true"),
        ("[core]\n", "3.3", "simple_auth_manager", "true"),
        ("[core]\n", "2.10", "simple_auth_manager", "false"),
        (
            "[core]\nauth_manager = airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager\n",
            "3.3",
            "simple_auth_manager",
            "false",
        ),
        (
            "[api]\nauth_backends = airflow.api.auth.backend.session, airflow.api.auth.backend.default\n",
            "2.10",
            "api_allows_all",
            "true",
        ),
        ("[api]\nauth_backends = airflow.api.auth.backend.deny_all\n", "2.10", "api_allows_all", "false"),
        ("[webserver]\nbase_url = https://a.example\n", "2.10", "cookie_over_http", "true"),
        ("[webserver]\nbase_url = http://a.example\ncookie_secure = False\n", "2.10", "cookie_over_http", "false"),
        ("[webserver]\nbase_url = https://a.example\ncookie_secure = True\n", "2.10", "cookie_over_http", "false"),
        ("[webserver]\ncookie_samesite = None\n", "2.10", "cookie_samesite_off", "true"),
        // Since 2.0.1 (apache/airflow pull request 14183).
        ("[webserver]\ncookie_samesite =\n", "2.10", "cookie_samesite_off", "false"),
        ("[webserver]\nauthenticate = False\n", "2.10", "login_disabled", "true"),
        ("[webserver]\nauthenticate = False\nrbac = False\n", "2.10", "login_disabled", "true"),
        ("[webserver]\nauthenticate = False\nrbac = True\n", "2.10", "login_disabled", "false"),
        ("[webserver]\nauthenticate = True\n", "2.10", "login_disabled", "false"),
        ("[webserver]\nauthenticate = False\n[logging]\nlogging_level = INFO\n", "2.10", "login_disabled", "false"),
        ("[webserver]\nauthenticate = False\n[database]\npool = 5\n", "2.10", "login_disabled", "false"),
        ("[core]\n", "2.10", "login_disabled", "false"),
        ("[webserver]\ncookie_samesite = Lax\n", "2.10", "cookie_samesite_off", "false"),
        ("[webserver]\nx_frame_enabled = False\n", "2.10", "frames_allowed", "false"),
        ("[core]\n", "2.10", "frames_allowed", "true"),
        ("[smtp]\nsmtp_host = mail.example\nsmtp_starttls = False\n", "2.10", "mail_in_clear_text", "true"),
        ("[smtp]\nsmtp_host = mail.example\n", "2.10", "mail_in_clear_text", "false"),
        ("[smtp]\nsmtp_host = localhost\nsmtp_starttls = False\n", "2.10", "mail_in_clear_text", "false"),
        (
            "[smtp]\nsmtp_host = mail.example\nsmtp_starttls = False\nsmtp_ssl = True\n",
            "2.10",
            "mail_in_clear_text",
            "false",
        ),
        (
            "[api]\nauth_backends = airflow.api.auth.backend.basic_auth\n[webserver]\nbase_url = http://a.example:8080\n",
            "2.10",
            "password_over_http",
            "true",
        ),
        (
            "[api]\nauth_backends = airflow.api.auth.backend.basic_auth\n[webserver]\nbase_url = http://localhost:8080\n",
            "2.10",
            "password_over_http",
            "false",
        ),
        ("[core]\nsql_alchemy_conn = postgresql://a:a@h/d\n", "2.10", "connection_password_state", "weak"),
        ("[core]\nsql_alchemy_conn = postgresql://a:password1@h/d\n", "2.10", "connection_password_state", "weak"),
        ("[core]\nsql_alchemy_conn = postgresql://a:{PASSWORD}@h/d\n", "2.10", "connection_password_state", ""),
        (
            "[database]\nsql_alchemy_conn = mysql://a:fake-7Kq2vX@h/d\n[core]\nexecutor = CeleryExecutor\n[celery]\nresult_backend = db+mysql://a:a@h/d\n",
            "2.10",
            "connection_password_state",
            "weak",
        ),
        (
            "[core]\nexecutor = CeleryExecutor\n[celery]\nbroker_url = amqp://a:Zk2mR9xT4v@h/\n",
            "2.10",
            "connection_password_state",
            "literal",
        ),
        ("[celery]\nbroker_url = amqp://a:Zk2mR9xT4v@h/\n", "2.10", "connection_password_state", ""),
        ("[celery]\nbroker_url = redis://h/0\n", "2.10", "connection_password_state", ""),
        ("[core]\n", "2.10", "metadata_in_sqlite", "true"),
        ("[core]\nsql_alchemy_conn = postgresql://h/d\n", "2.10", "metadata_in_sqlite", "false"),
    ] {
        let model = resolve(text, none(), target);
        let value = match model.get(ScopeId(0), fact).unwrap() {
            crate::model::Value::Bool(value) => value.to_string(),
            crate::model::Value::Unknown(_) => "(unknown)".to_owned(),
            value => value.as_str().unwrap().to_owned(),
        };
        assert_eq!(value, expected, "{target}: {text}: {fact}");
    }
}

#[test]
fn what_airflow_fills_in_itself_is_no_template() {
    let text = "[core]\nfernet_key = {{ key }}\n[logging]\nlog_filename_template = {{ ti.dag_id }}/x\n\
                base_log_folder = ${HOME}/logs\n";
    let model = resolve(text, BTreeMap::from([("HOME".to_owned(), "/h".to_owned())]), "2.9.0");
    assert_eq!(model.problems, []);
    assert!(print(&model, "core.fernet_key").unwrap().starts_with("(unknown"));
    assert_eq!(print(&model, "logging.log_filename_template").as_deref(), Some("{{ ti.dag_id }}/x"));
    assert_eq!(print(&model, "logging.base_log_folder").as_deref(), Some("/h/logs"));
}

#[test]
fn what_a_template_fills_in_elsewhere_is_not_known() {
    let text = "[core]\nplain = x\nfilled = {{ key }}\nsecret_key = a%(filled)s\nparallelism = %(plain)s\n";
    let model = resolve(text, BTreeMap::new(), "3.3.2");
    assert!(print(&model, "core.secret_key").unwrap().starts_with("(unknown"));
    assert_eq!(print(&model, "core.parallelism").as_deref(), Some("x"));
}

#[test]
fn what_stands_behind_a_template_is_refused_whatever_that_writes() {
    let problems = |text: &str| resolve(text, BTreeMap::new(), "3.3.2").problems.len();
    assert_eq!(problems("[core]\nexecutor = {{ x }}\n  a = %\n"), 1);
    // A `%` or a reference that the template begins may end there.
    for fine in ["{{ x }}%", "{{ x }}(name)s", "{{ x }}a)s%%", "{{ x }} a %%", "{{ x }}\n{% if y %}\n  %\n{% endif %}"]
    {
        assert_eq!(problems(&format!("[core]\nexecutor = {fine}\n")), 0, "{fine}");
    }
}

/// Real files, templates among them, are understood without a problem; `HARDLINT_CORPUS` names the folder.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the files are")]
fn real_files_have_no_problem() {
    let Ok(root) = std::env::var("HARDLINT_CORPUS") else {
        println!("skipped: HARDLINT_CORPUS is not set");
        return;
    };
    let mut folders = vec![std::path::PathBuf::from(&root)];
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let below = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let ours =
                matches!(crate::formats::by_name(&below), crate::formats::ByName::Is(format) if format.id == "airflow");
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if ours {
                files.insert(below, std::fs::read(path).unwrap());
            }
        }
    }
    assert!(!files.is_empty());
    let memory = Memory::new(files.clone());
    let workspace = Workspace::new(&memory, Query::default());
    let mut problems = Vec::new();
    for path in files.keys() {
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &Arc::from(path.as_str()), &super::FORMAT);
        let line = |at: crate::text::Loc| reader.source(at.file).position(at.span.start).line;
        problems.extend(model.problems.iter().map(|p| format!("{}:{:?} {}", p.path, p.at.map(line), p.message)));
    }
    assert!(problems.is_empty(), "{} files, problems:\n{}", files.len(), problems.join("\n"));
}

/// Units of Airflow in a project: root, and for each configuration its label and what is asked of it.
fn deployed(files: &[(&str, &str)], asked: &str) -> Vec<String> {
    let memory = Memory::new(files.iter().copied());
    let mut workspace = Workspace::new(&memory, Query::default());
    for (path, _) in files {
        let path = Arc::from(*path);
        let slot = workspace.look(&path, crate::workspace::Detection::Automatic);
        workspace.insert(path, slot);
    }
    let mut told = Vec::new();
    for unit in workspace.units().into_iter().filter(|unit| unit.format == "airflow") {
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &unit.root, &super::FORMAT);
        for (index, scope) in (0_u32..).zip(&model.scopes).filter(|(_, scope)| scope.parent.is_none()) {
            let key = model.format.schema.key(scope.kind, asked).unwrap();
            let found = model.lookup(ScopeId(index), key);
            let value = found.node.map(|node| match &node.value {
                crate::model::Value::Unknown(_) => "?".to_owned(),
                crate::model::Value::Bool(value) => value.to_string(),
                value => value.as_str().unwrap_or("?").to_owned(),
            });
            let source = reader.source(found.at.file);
            let line = source.position(found.at.span.start).line;
            told.push(format!("{} [{}] {} {}:{line}", unit.root, scope.label, value.unwrap_or_default(), source.path));
        }
    }
    told
}

const PROJECT: &str = "\
x-env: &env
  AIRFLOW__CORE__EXECUTOR: LocalExecutor
  AIRFLOW__WEBSERVER__SECRET_KEY: temporary_key
services:
  web:
    image: apache/airflow:2.10.2
    environment: *env
    volumes: [./airflow.cfg:/opt/airflow/airflow.cfg]
  scheduler:
    image: apache/airflow:2.10.2
    environment: *env
    volumes: [./airflow.cfg:/opt/airflow/airflow.cfg]
  db:
    image: postgres
";

#[test]
fn services_give_the_environment_and_the_file() {
    let cfg = "[core]\nfernet_key =\n[webserver]\nsecret_key = 0123456789abcdef0123\n";
    let files = [("compose.yaml", PROJECT), ("airflow.cfg", cfg)];
    // The variable wins over the file, and points at the anchor.
    assert_eq!(deployed(&files, "secret_key_state"), ["compose.yaml [web, scheduler] placeholder compose.yaml:3"]);
    assert_eq!(deployed(&files, "fernet_key_state"), ["compose.yaml [web, scheduler] empty airflow.cfg:2"]);
    // The image tells the version.
    assert_eq!(deployed(&files, "frames_allowed"), ["compose.yaml [web, scheduler] true airflow.cfg:1"]);
}

#[test]
fn an_image_gives_its_variables_and_the_file_that_is_copied_into_it() {
    let dockerfile = "\
FROM python:3.12 AS wheels
ENV AIRFLOW__CORE__FERNET_KEY=unused
FROM apache/airflow:2.10.2
ENV AIRFLOW__WEBSERVER__SECRET_KEY=temporary_key
COPY conf/airflow.cfg ${AIRFLOW_HOME}/
COPY conf/airflow.cfg /opt/airflow/
";
    let cfg = "[core]\nfernet_key =\n[webserver]\nsecret_key = 0123456789abcdef0123\n";
    let files = [("Dockerfile", dockerfile), ("conf/airflow.cfg", cfg)];
    let image = "Dockerfile [apache/airflow:2.10.2]";
    assert_eq!(deployed(&files, "secret_key_state"), [format!("{image} placeholder Dockerfile:4")]);
    assert_eq!(deployed(&files, "fernet_key_state"), [format!("{image} empty conf/airflow.cfg:2")]);
    // What builds it is looked at instead, with what it sets.
    let compose = "services:\n  web:\n    build: .\n    environment: {AIRFLOW__WEBSERVER__SECRET_KEY: airflow}\n";
    let built = [files[0], files[1], ("compose.yaml", compose)];
    assert_eq!(
        deployed(&built, "secret_key_state"),
        ["compose.yaml [web] weak compose.yaml:4", "conf/airflow.cfg [] literal conf/airflow.cfg:4"]
    );
    // An image of something else runs no Airflow, whatever it is copied from.
    assert_eq!(deployed(&[("Dockerfile", "FROM nginx\nCOPY airflow/ /srv/\n")], "secret_key_state"), [""; 0]);
}

#[test]
fn without_services_that_run_it_a_file_stands_for_itself() {
    let files = [("compose.yaml", "services: {db: {image: postgres}}\n"), ("airflow.cfg", "[core]\nfernet_key =\n")];
    assert_eq!(deployed(&files, "fernet_key_state"), ["airflow.cfg [] empty airflow.cfg:2"]);
}

#[test]
fn variables_come_from_files_and_may_be_unknown() {
    let project = |service: &str| format!("services:\n  web:\n    image: apache/airflow:3.0.2\n{service}");
    let from_file = project("    env_file: [air.env]\n");
    let env = "AIRFLOW__CORE__FERNET_KEY=\n";
    assert_eq!(
        deployed(&[("compose.yaml", &from_file), ("air.env", env)], "fernet_key_state"),
        ["compose.yaml [web] empty air.env:1"]
    );
    // What a file that is not at hand says, nobody knows.
    let missing = project("    env_file: [air.env]\n    environment: {AIRFLOW__CORE__EXECUTOR: LocalExecutor}\n");
    assert_eq!(deployed(&[("compose.yaml", &missing)], "fernet_key_state"), ["compose.yaml [web] ? compose.yaml:2"]);
    let variable = project("    environment:\n      - AIRFLOW__CORE__FERNET_KEY=${FERNET_KEY}\n");
    assert_eq!(deployed(&[("compose.yaml", &variable)], "fernet_key_state"), ["compose.yaml [web] ? compose.yaml:5"]);
    let folder = project("    environment: {AIRFLOW_CONFIG: /conf/a.cfg}\n    volumes: [./conf:/conf:ro]\n");
    assert_eq!(
        deployed(&[("compose.yaml", &folder), ("conf/a.cfg", "[core]\nfernet_key = x\n")], "fernet_key_state"),
        ["compose.yaml [web] invalid conf/a.cfg:2"]
    );
}

#[test]
fn logins_follow_from_the_module_and_the_section() {
    for (path, text, fact, expected) in [
        ("airflow.cfg", "[fab]\nauth_role_public = Admin\n", "public_role", "Admin"),
        ("airflow.cfg", "[fab]\nauth_role_public = Public\n", "public_role", ""),
        ("airflow.cfg", "[core]\n", "public_role", ""),
        ("webserver_config.py", "# AUTH_ROLE_PUBLIC = 'Admin'\n", "public_role", ""),
        ("webserver_config.py", "AUTH_ROLE_PUBLIC = 'Admin'\nAUTH_ROLE_PUBLIC = 'Viewer'\n", "public_role", "Viewer"),
        ("webserver_config.py", "ROLE = 'Op'\nAUTH_ROLE_PUBLIC = ROLE\n", "public_role", "Op"),
        ("webserver_config.py", "import os\nAUTH_ROLE_PUBLIC = os.environ['R']\n", "public_role", "?"),
        ("webserver_config.py", "if x:\n    AUTH_ROLE_PUBLIC = 'Op'\n", "public_role", "?"),
        ("webserver_config.py", "from base import *\n", "public_role", "?"),
        ("webserver_config.py", "from base import *\nAUTH_ROLE_PUBLIC = None\n", "public_role", ""),
        ("webserver_config.py", "AUTH_USER_REGISTRATION_ROLE = 'Op'\n", "registration_role", ""),
        (
            "webserver_config.py",
            "AUTH_USER_REGISTRATION = True\nAUTH_USER_REGISTRATION_ROLE = 'Op'\n",
            "registration_role",
            "Op",
        ),
        ("webserver_config.py", "AUTH_USER_REGISTRATION = True\n", "registration_role", ""),
        ("webserver_config.py", "WTF_CSRF_ENABLED = False\n", "forms_unprotected", "true"),
        ("webserver_config.py", "WTF_CSRF_ENABLED: bool = True\n", "forms_unprotected", "false"),
        (
            "webserver_config.py",
            "from flask_appbuilder.security.manager import AUTH_LDAP\nAUTH_TYPE = AUTH_LDAP\n",
            "from_directory",
            "true",
        ),
        ("webserver_config.py", "AUTH_TYPE = AUTH_DB\n", "from_directory", "false"),
    ] {
        let memory = Memory::new([(path, text)]);
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &Arc::from(path), &super::FORMAT);
        let kind = model.format.schema.kind_named("login").unwrap();
        let login = model.scopes.iter().position(|scope| scope.kind == kind).unwrap();
        let value = match model.get(ScopeId(u32::try_from(login).unwrap()), fact).unwrap() {
            crate::model::Value::Bool(value) => value.to_string(),
            crate::model::Value::Unknown(_) => "?".to_owned(),
            value => value.as_str().unwrap().to_owned(),
        };
        assert_eq!(value, expected, "{text}: {fact}");
    }
}

#[test]
fn of_many_options_for_all_sections_those_that_airflow_knows_are_listed() {
    let (many, sections): (String, String) =
        (0..300).map(|index| (format!("k{index} = v\n"), format!("[s{index}]\na = b\n"))).unzip();
    let text = format!("[DEFAULT]\nfernet_key = not-a-real-key\n{many}[core]\nparallelism = 7\n{sections}");
    let model = resolve(&text, BTreeMap::new(), "2.10.2");
    assert_eq!(print(&model, "core.fernet_key").as_deref(), Some("not-a-real-key"));
    assert_eq!(print(&model, "core.parallelism").as_deref(), Some("7"));
    assert_eq!(print(&model, "s7.a").as_deref(), Some("b"));
    assert_eq!(print(&model, "s7.k7"), None);
}

#[test]
fn what_was_renamed_has_a_default_by_its_old_name() {
    let bare = resolve("[core]\n", BTreeMap::new(), "3.3.0");
    assert!(print(&bare, "core.sql_alchemy_conn").unwrap().starts_with("(unknown"));
    assert_eq!(print(&bare, "webserver.web_server_port").as_deref(), Some("8080"));
    assert_eq!(print(&bare, "webserver.expose_config").as_deref(), Some("False"));
}
