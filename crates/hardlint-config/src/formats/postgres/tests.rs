//! Compares what is resolved here with what real servers answered, recorded in `testdata/oracles/postgres`.

use crate::formats::Printed;
use crate::loader::Memory;
use crate::model::{Model, ScopeId};
use crate::version::{Targets, Version};
use crate::workspace::{Query, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

const CASES: &str = include_str!("../../../../../testdata/oracles/postgres/cases.txt");

/// Where the files of a case are, for includes by absolute paths.
const FOLDER: &str = "/case";

/// The model, and its problems as the recorder tells them: `PATH:LINE`, or what the line sets where PostgreSQL tells none.
fn resolve(files: &BTreeMap<String, String>, target: Option<&str>) -> (Model, Vec<String>) {
    let memory = Memory::new(files.clone());
    let mut query = Query { root_map: vec![(FOLDER.to_owned(), String::new())], ..Query::default() };
    if let Some(version) = target.and_then(Version::parse) {
        query.targets = Targets([("postgres".to_owned(), version)].into());
    }
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    let path: Arc<str> = files.keys().find(|path| path.contains("postgresql.conf")).map_or("", |path| path).into();
    let model = workspace.resolve(&mut reader, &path, &super::FORMAT);
    let place = |problem: &crate::problem::Problem| {
        let Some(at) = problem.at else { return problem.path.to_string() };
        let source = reader.source(at.file);
        let line = source.position(at.span.start).line;
        if problem.message.starts_with("syntax error") || problem.message.contains("is no parameter") {
            return format!("{}:{line}", problem.path);
        }
        let word = source.line(line).trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next();
        let word = word.unwrap_or_default().to_ascii_lowercase();
        if word.starts_with("include") { "include".to_owned() } else { word }
    };
    let mut places: Vec<String> = model.problems.iter().map(place).collect();
    places.sort();
    places.dedup();
    (model, places)
}

fn print(model: &Model, name: &str) -> String {
    let schema = model.format.schema;
    let kind = schema.kind_named("server").unwrap();
    let key = schema.key(kind, name).or_else(|| {
        let place = model.unlisted.iter().position(|known| &**known == name)?;
        Some(crate::schema::KeyId(u16::try_from(schema.keys.len() + place).unwrap()))
    });
    let Some(node) = key.and_then(|key| model.lookup(ScopeId(0), key).node) else { return "(absent)".to_owned() };
    match (model.format.print)(model, key.unwrap(), &node.value) {
        Printed::One(text) => text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"),
        Printed::Many(lines) => lines.join("|"),
        Printed::Unknown(why) => format!("(unknown: {why})"),
    }
}

fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n=== ").skip(1).map(|case| case.split_once('\n').unwrap_or((case, "")))
}

fn files(case: &str) -> BTreeMap<String, String> {
    let case = format!("\n{case}");
    let parts = case.split("\n--- ").skip(1).map(str::to_owned).collect::<Vec<_>>();
    let last = parts.len().saturating_sub(1);
    let file = |(index, part): (usize, &String)| {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        // The newline before the next mark is the file's own.
        let end = if index == last && text.ends_with('\n') { "" } else { "\n" };
        let text = text.replace('␍', "\r").replace("␀BOM", "\u{feff}").replace("@@", FOLDER);
        (path.trim().to_owned(), format!("{text}{end}"))
    };
    parts.iter().enumerate().map(file).collect()
}

fn compare(cases: &str, answers: &str, target: &str) -> Vec<String> {
    let cases = format!("\n{cases}");
    let answers = format!("\n{answers}");
    let mut differences = Vec::new();
    for ((name, case), (answered, answer)) in sections(&cases).zip(sections(&answers)) {
        assert_eq!(name.trim(), answered.trim(), "the answers are not those of the cases: record them again");
        let files = files(case);
        let (model, problems) = resolve(&files, Some(target));
        let mut refused: Vec<&str> = Vec::new();
        for line in answer.lines() {
            if let Some(place) = line.strip_prefix("! ") {
                refused.push(place);
            } else if let Some((key, value)) = line.strip_prefix("= ").and_then(|line| line.split_once(' ')) {
                let ours = print(&model, key);
                if ours != value {
                    differences.push(format!("{name}: {key}: theirs {value:?}, ours {ours:?}"));
                }
            }
        }
        refused.sort_unstable();
        if problems != refused {
            let messages: Vec<&str> = model.problems.iter().map(|problem| problem.message.as_str()).collect();
            differences.push(format!("{name}: theirs {refused:?}, ours {problems:?} {messages:?}"));
        }
    }
    differences
}

fn check(answers: &str, target: &str) {
    let differences = compare(CASES, answers, target);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn hard_cases_equal_version_13() {
    check(include_str!("../../../../../testdata/oracles/postgres/answers-13.txt"), "13");
}

#[test]
fn hard_cases_equal_version_15() {
    check(include_str!("../../../../../testdata/oracles/postgres/answers-15.txt"), "15");
}

#[test]
fn hard_cases_equal_version_18() {
    check(include_str!("../../../../../testdata/oracles/postgres/answers-18.txt"), "18");
}

/// Compares files that a generator made: `HARDLINT_POSTGRES_CASES` and `HARDLINT_POSTGRES_ANSWERS` name them.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn generated_cases_equal() {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the files are")]
    let read = |name: &str| std::env::var(name).ok().map(|path| std::fs::read_to_string(path).unwrap());
    let (Some(cases), Some(answers)) = (read("HARDLINT_POSTGRES_CASES"), read("HARDLINT_POSTGRES_ANSWERS")) else {
        println!("skipped: HARDLINT_POSTGRES_CASES and HARDLINT_POSTGRES_ANSWERS are not set");
        return;
    };
    let version: String =
        answers.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let differences = compare(&cases, &answers, &version);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn one(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("postgresql.conf".to_owned(), text.to_owned())])
}

#[test]
fn facts_follow_from_settings() {
    for (text, fact, expected) in [
        ("", "listens_publicly", "off"),
        ("listen_addresses = 'localhost, 10.0.0.1'", "listens_publicly", "on"),
        ("listen_addresses = '127.0.0.1,::1'", "listens_publicly", "off"),
        ("listen_addresses = ''", "listens_publicly", "off"),
        ("listen_addresses = 'localhost, *'", "wildcard_addresses", "*"),
        ("listen_addresses = '10.0.0.1'", "wildcard_addresses", ""),
        ("", "legacy_protocols", ""),
        ("ssl_min_protocol_version = 'TLSv1'", "legacy_protocols", "TLSv1 TLSv1.1"),
        ("ssl_min_protocol_version = 'tlsv1.1'", "legacy_protocols", "TLSv1.1"),
        ("ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1'", "legacy_protocols", "TLSv1"),
        ("", "weak_ciphers", ""),
        ("ssl_ciphers = 'HIGH:MEDIUM:+3DES:!aNULL'", "weak_ciphers", ""),
        ("ssl_ciphers = 'HIGH:RC4-SHA:!aNULL'", "weak_ciphers", "RC4-SHA"),
        ("", "logs_connections", "off"),
        ("log_connections = yes", "logs_connections", "on"),
        ("log_connections = 'receipt'", "logs_connections", "on"),
        ("log_file_mode = 0640", "log_file_open", "off"),
        ("log_file_mode = 0644", "log_file_open", "on"),
        ("restore_command = 'PGPASSWORD=hunter2 cp a b'", "inline_secrets", "restore_command"),
        ("restore_command = 'PGPASSWORD=$PW cp a b'", "inline_secrets", ""),
        ("primary_conninfo = 'host=db user=r password=hunter2'", "inline_secrets", "primary_conninfo"),
        ("primary_conninfo = 'host=db user=r passfile=/x'", "inline_secrets", ""),
        ("archive_command = 'curl -u wal:hunter2 -T %p https://wal.example/%f'", "inline_secrets", "archive_command"),
        ("archive_command = 'curl -u wal:$WAL -T %p https://wal.example/%f'", "inline_secrets", ""),
        ("ssl_passphrase_command = 'echo hunter2'", "inline_secrets", "ssl_passphrase_command"),
        ("ssl_passphrase_command = '/usr/local/bin/ask %p'", "inline_secrets", ""),
        ("primary_conninfo = 'host=db.example user=r'", "replication_plaintext", "on"),
        ("primary_conninfo = 'host=db.example sslmode=verify-full'", "replication_plaintext", "off"),
        ("primary_conninfo = 'host=/run/postgresql'", "replication_plaintext", "off"),
        ("primary_conninfo = 'postgresql://r@db.example/?sslmode=require'", "replication_plaintext", "off"),
        ("shared_preload_libraries = 'pg_stat_statements, /tmp/x'", "untrusted_libraries", "/tmp/x"),
        ("dynamic_library_path = '$libdir:/tmpfiles'", "untrusted_libraries", ""),
    ] {
        let (model, _) = resolve(&one(&format!("{text}\n")), None);
        let value = model.get(ScopeId(0), fact).unwrap();
        let printed = match value.as_list() {
            Some(list) => list.iter().map(|node| super::printed(&node.value)).collect::<Vec<_>>().join(" "),
            None => super::printed(value),
        };
        assert_eq!(printed, expected, "{text}: {fact}");
    }
}

#[test]
fn local_users_that_are_trusted_are_told_of() {
    const HBA: &str = "local all postgres peer\nlocal  shop shop trust # the shop\nhost all all 0.0.0.0/0 trust\n# local all all trust\n";
    for (conf, hba, expected) in [
        ("", "pg_hba.conf", Some("local shop shop trust")),
        ("hba_file = '/etc/postgresql/pg_hba.conf'", "pg_hba.conf", Some("local shop shop trust")),
        ("hba_file = '/etc/postgresql/access.conf'", "access.conf", Some("local shop shop trust")),
        ("hba_file = '/etc/postgresql/access.conf'", "pg_hba.conf", None),
        // A relative one is looked for where the server is started.
        ("hba_file = 'access.conf'", "access.conf", None),
        ("", "other.conf", None),
    ] {
        let files = [("postgresql.conf", format!("{conf}\n")), (hba, HBA.to_owned())];
        let (model, _) = resolve(&files.map(|(path, text)| (path.to_owned(), text)).into(), None);
        let fact = model.get(ScopeId(0), "trusting_records").unwrap();
        let told = fact.as_list().map(|list| list.iter().filter_map(|node| node.value.as_str()).collect::<Vec<_>>());
        assert_eq!(told.map(|told| told.join("|")).as_deref(), expected, "{conf} {hba}");
    }
}

#[test]
fn an_overruled_line_is_a_scope() {
    let files = BTreeMap::from([
        ("postgresql.conf".to_owned(), "ssl = on\nport = 1\nport = 1\n".to_owned()),
        ("postgresql.auto.conf".to_owned(), "ssl = 'off'\n".to_owned()),
    ]);
    let (model, problems) = resolve(&files, None);
    assert_eq!(problems, Vec::<String>::new());
    let ignored: Vec<_> = (1..model.scopes.len()).map(|at| ScopeId(u32::try_from(at).unwrap())).collect();
    let told = |id: &ScopeId| {
        let get = |name: &str| model.get(*id, name).map(super::printed).unwrap_or_default();
        format!("{} auto={} differs={} winner={}", get("parameter"), get("by_auto_conf"), get("differs"), get("winner"))
    };
    let told: Vec<String> = ignored.iter().map(told).collect();
    assert_eq!(told, ["port auto=off differs=off winner=1", "ssl auto=on differs=on winner=off"]);
}

#[test]
fn without_a_target_any_known_version_may_take_a_line() {
    for (text, problems) in [
        ("wal_keep_segments = 5\n", 0),
        ("checkpoint_segments = 5\n", 0),
        ("password_encryption = on\n", 0),
        ("nonsense = 5\n", 1),
        ("password_encryption = rot13\n", 1),
    ] {
        assert_eq!(resolve(&one(text), None).1.len(), problems, "{text}");
    }
    let (model, _) = resolve(&one("log_connections = true\n"), None);
    assert!(print(&model, "log_connections").starts_with("(unknown"), "18 prints it as it is written");
    assert_eq!(print(&model, "log_checkpoints"), "on");
    assert!(print(&model, "effective_io_concurrency").starts_with("(unknown"), "18 has another default");
    assert_eq!(print(&resolve(&one(""), Some("16")).0, "effective_io_concurrency"), "1");
    assert_eq!(print(&resolve(&one(""), Some("13")).0, "operator_precedence_warning"), "off");
    assert_eq!(print(&resolve(&one(""), Some("15")).0, "operator_precedence_warning"), "(absent)");
    assert_eq!(print(&resolve(&one(""), Some("15")).0, "scram_iterations"), "(absent)");
}

/// PostgreSQL 15, of `port = 1` and such a line without its end: "syntax error in file …, line 1, near end of line".
#[test]
fn a_last_line_without_its_end_is_told_where_postgresql_tells_it() {
    for (text, line) in
        [("port = 1\nwork_mem", 1), ("port = 1\n\ninclude", 2), ("port =", 1), ("port = 1\nwork_mem\n", 2)]
    {
        assert_eq!(resolve(&one(text), Some("15")).1, [format!("postgresql.conf:{line}")], "{text:?}");
    }
}

#[test]
fn templates_are_no_problems_and_never_guessed() {
    let text = "listen_addresses = '{{ pg.listen | join(', ') }}'\nport = {{ port }}\nlog_directory = 'a/{{ x }}'\n\
                {% if ssl %}\nssl = on\n{% endif %}\nwork_mem = {{ mem }}MB # c\nfsync = off\n";
    let files = BTreeMap::from([("postgresql.conf.j2".to_owned(), text.to_owned())]);
    let (model, problems) = resolve(&files, None);
    assert_eq!(problems, Vec::<String>::new());
    for name in ["listen_addresses", "port", "log_directory", "ssl", "work_mem", "listens_publicly"] {
        assert!(print(&model, name).starts_with("(unknown"), "{name}: {}", print(&model, name));
    }
    assert_eq!(print(&model, "fsync"), "off");
    assert!(model.scopes[0].open.is_none());
    // The name need not say so; what a shell reads in a command is no template's.
    let text = "port = {{ port }}\nssl = ${SSL}\nlisten_addresses = <%= x %>\nwork_mem = @@W@@\n\
                archive_command = 'cp %p ${D}/x'\nlog_directory = '${LOGS}'\n";
    let (model, problems) = resolve(&one(text), None);
    assert_eq!(problems, Vec::<String>::new());
    for name in ["port", "ssl", "listen_addresses", "work_mem", "log_directory"] {
        assert!(print(&model, name).starts_with("(unknown"), "{name}: {}", print(&model, name));
    }
    assert_eq!(print(&model, "archive_command"), "cp %p ${D}/x");
    let open = BTreeMap::from([("postgresql.conf.j2".to_owned(), "{{ everything }}\nfsync = off\n".to_owned())]);
    assert!(resolve(&open, None).0.scopes[0].open.is_some());
}

#[test]
fn an_absolute_include_is_found_in_the_tree_of_the_file() {
    let files = BTreeMap::from([
        ("rootfs/etc/postgresql/postgresql.conf".to_owned(), "include '/etc/pg-extra/a.conf'\n".to_owned()),
        ("rootfs/etc/pg-extra/a.conf".to_owned(), "port = 7\n".to_owned()),
    ]);
    let (model, problems) = resolve(&files, None);
    assert_eq!((print(&model, "port").as_str(), problems.len()), ("7", 0));
    let (model, problems) = resolve(&one("include '/etc/elsewhere.conf'\n"), None);
    assert!(problems.is_empty() && model.scopes[0].open.is_some());
}

#[test]
fn hostile_files_end() {
    let many = |count: usize| "include 'b.conf'\n".repeat(count);
    let back = "include 'postgresql.conf'\n".repeat(200);
    let files = BTreeMap::from([("postgresql.conf".to_owned(), many(200)), ("b.conf".to_owned(), back)]);
    assert!(!resolve(&files, None).1.is_empty());
    for text in ["'\\".repeat(200_000), "'".repeat(300_001), "a ".repeat(100_000), "1e".repeat(100_000)] {
        assert!(!resolve(&one(&text), None).1.is_empty());
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
            let ours = matches!(crate::formats::by_name(&below), crate::formats::ByName::Is(format) if format.id == "postgres");
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
