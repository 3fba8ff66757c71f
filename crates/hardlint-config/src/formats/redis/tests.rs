//! Compares what is resolved here with what real servers answered, recorded in `testdata/oracles/redis`.

use crate::formats::Printed;
use crate::loader::Memory;
use crate::model::{Model, ScopeId, Value};
use crate::schema::KeyId;
use crate::version::{Targets, Version};
use crate::workspace::{Query, Reader, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

const CASES: &str = include_str!("../../../../../testdata/oracles/redis/cases.txt");

fn with<T>(
    files: &BTreeMap<String, String>,
    root: &str,
    target: Option<&str>,
    look: impl Fn(&Model, &Reader<'_>) -> T,
) -> T {
    let memory = Memory::new(files.clone());
    let mut query = Query::default();
    if let Some(version) = target.and_then(Version::parse) {
        query.targets = Targets([("redis".to_owned(), version)].into());
    }
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &Arc::from(root), &super::FORMAT);
    look(&model, &reader)
}

/// All that `CONFIG GET *` would tell, or the line that is refused.
fn answer(files: &BTreeMap<String, String>, target: &str) -> Result<BTreeMap<String, String>, usize> {
    with(files, "redis.conf", Some(target), |model, reader| {
        if let Some(problem) = model.problems.first() {
            let at = problem.at.unwrap();
            return Err(reader.source(at.file).position(at.span.start).line);
        }
        let keys = (0_u16..).map(KeyId).zip(model.format.schema.keys).filter(|(_, key)| !key.fact);
        let told = keys.filter_map(|(id, key)| {
            let node = model.lookup(ScopeId(0), id).node?;
            let text = match (model.format.print)(model, id, &node.value) {
                Printed::One(text) => text,
                Printed::Many(lines) => lines.join("|"),
                Printed::Unknown(why) => format!("(unknown: {why})"),
            };
            // As redis-cli quotes it.
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
            Some((key.name.to_owned(), text))
        });
        Ok(told.collect())
    })
}

fn sections(text: &str) -> Vec<(&str, &str)> {
    text.split("=== ").skip(1).map(|case| case.split_once('\n').unwrap_or((case, ""))).collect()
}

fn files(case: &str) -> BTreeMap<String, String> {
    let parts = case.split("--- ").enumerate();
    let file = |(number, part): (usize, &str)| {
        let (path, text) = if number == 0 { ("redis.conf", part) } else { part.split_once('\n').unwrap() };
        let text = text.replace("\\r", "\r").replace("\\x0c", "\u{c}").replace("\\ufeff", "\u{feff}");
        let text = text.strip_suffix("~\n").map_or(text.clone(), str::to_owned);
        (path.trim().to_owned(), text)
    };
    parts.map(file).collect()
}

/// What the question of the recorder sets itself, and what depends on where it is asked.
const ASKED: &[&str] = &["unixsocket", "daemonize", "dir"];

fn compare(cases: &str, answers: &str, target: &str) -> Vec<String> {
    let mut differences = Vec::new();
    let mut base: Option<BTreeMap<String, String>> = None;
    for ((name, case), (answered, answer_text)) in sections(cases).into_iter().zip(sections(answers)) {
        assert_eq!(name, answered, "the answers are not those of the cases: record them again");
        let ours = answer(&files(case), target);
        if let Some(refused) = answer_text.strip_prefix("refused ") {
            let line = refused.split(' ').next().unwrap_or_default();
            let same = ours.as_ref().is_err_and(|at| line == "-" || line == at.to_string());
            if !same {
                differences.push(format!("{name}: theirs refused {refused:?}, ours {:?}", ours.map(|_| ())));
            }
            continue;
        }
        let mut theirs = base.clone().unwrap_or_default();
        for line in answer_text.lines() {
            let (key, value) = line.split_once(' ').unwrap();
            match key {
                "-" => drop(theirs.remove(value)),
                key => drop(theirs.insert(key.to_owned(), value.to_owned())),
            }
        }
        base.get_or_insert_with(|| theirs.clone());
        let ours = match ours {
            Ok(ours) => ours,
            Err(line) => {
                differences.push(format!("{name}: theirs accepted, ours refused at {line}"));
                continue;
            }
        };
        let ports = case.lines().any(|line| line.trim_start().to_ascii_lowercase().starts_with("port"));
        let skipped = if ports { "bind" } else { "port" };
        let keys = ours.keys().chain(theirs.keys()).filter(|key| !ASKED.contains(&key.as_str()) && *key != skipped);
        let keys: std::collections::BTreeSet<&String> = keys.collect();
        for key in keys {
            let limit = name.contains("whole memory");
            if ours.get(key) != theirs.get(key)
                && !(limit && ours.get(key).is_some_and(|told| told.starts_with("(unknown")))
            {
                differences.push(format!("{name}: {key}: theirs {:?}, ours {:?}", theirs.get(key), ours.get(key)));
            }
        }
    }
    differences
}

fn check(answers: &str, target: &str) {
    let differences = compare(CASES, answers, target);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn hard_cases_equal_version_7_0() {
    check(include_str!("../../../../../testdata/oracles/redis/answers-7.0.txt"), "7.0.15");
}

#[test]
fn hard_cases_equal_version_8_2() {
    check(include_str!("../../../../../testdata/oracles/redis/answers-8.2.txt"), "8.2.3");
}

/// Of version 6 only the defaults are held to.
#[test]
fn defaults_equal_version_6_2() {
    let answers = include_str!("../../../../../testdata/oracles/redis/answers-6.2.txt");
    let differences = compare(CASES, answers, "6.2.14");
    // The server that was asked is built without TLS, and tells the master by the older name alone.
    let hidden =
        |line: &str| super::directives::PASSED_OVER.iter().any(|(name, ..)| line.contains(&format!(": {name}:")));
    let ours = |line: &&String| !line.contains(": tls-") && !line.contains(": replicaof:") && !hidden(line);
    let differences: Vec<&String> = differences.iter().filter(ours).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

/// Compares cases that a generator made: `HARDLINT_REDIS_CASES` and `HARDLINT_REDIS_ANSWERS` name them.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn generated_cases_equal() {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the files are")]
    let read = |name: &str| std::env::var(name).ok().map(|path| std::fs::read_to_string(path).unwrap());
    let (Some(cases), Some(answers)) = (read("HARDLINT_REDIS_CASES"), read("HARDLINT_REDIS_ANSWERS")) else {
        println!("skipped: HARDLINT_REDIS_CASES and HARDLINT_REDIS_ANSWERS are not set");
        return;
    };
    let version: String = answers.trim_start_matches("# redis ").lines().next().unwrap_or_default().to_owned();
    let differences = compare(&cases, &answers, &version);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn one(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("redis.conf".to_owned(), text.to_owned())])
}

fn told(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::List(words) => words.iter().map(|word| told(&word.value)).collect::<Vec<_>>().join(" "),
        Value::Unknown(_) => "?".to_owned(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

#[test]
fn facts_follow_from_directives() {
    for (text, fact, expected) in [
        ("", "default_user_open", "true"),
        ("requirepass fake", "default_user_open", "false"),
        ("requirepass \"\"", "default_user_open", "true"),
        ("requirepass fake\nuser default on nopass ~* +@all", "default_user_open", "true"),
        ("requirepass fake\nuser default on nopass ~* +@all", "overridden_password", "true"),
        ("user default on nopass\nrequirepass fake", "overridden_password", "true"),
        ("user default on >fake ~* +@all", "default_user_open", "false"),
        ("user default off nopass", "default_user_open", "false"),
        ("user default on", "default_user_open", "false"),
        ("user alice on nopass", "default_user_open", "true"),
        ("aclfile /etc/redis/users.acl", "default_user_open", "?"),
        ("", "binds_publicly", "true"),
        ("bind 127.0.0.1 -::1 localhost", "binds_publicly", "false"),
        ("bind 10.0.0.5", "binds_publicly", "true"),
        ("bind cache", "binds_publicly", "?"),
        ("port 0", "binds_publicly", "false"),
        ("port 0\ntls-port 6379", "binds_publicly", "true"),
        ("bind \"\"", "binds_publicly", "false"),
        ("bind 127.0.0.1 0.0.0.0 -::*", "wildcard_addresses", "0.0.0.0 -::*"),
        ("bind 10.0.0.5", "wildcard_addresses", ""),
        ("tls-protocols \"TLSv1 TLSv1.2\"", "legacy_protocols", ""),
        ("tls-port 1\ntls-protocols \"TLSv1 TLSv1.2\"", "legacy_protocols", "TLSv1"),
        ("tls-port 1\ntls-ciphers HIGH:!aNULL:RC4-SHA", "weak_ciphers", "RC4-SHA"),
        ("replicaof 10.0.0.1 6379", "master_is_remote", "true"),
        ("replicaof 127.0.0.1 6379", "master_is_remote", "false"),
        ("", "sentinel", "false"),
        ("include /etc/redis/more.conf", "default_user_open", "?"),
        ("include /etc/redis/more.conf", "binds_publicly", "?"),
    ] {
        let value = with(&one(text), "redis.conf", None, |model, _| told(model.get(ScopeId(0), fact).unwrap()));
        assert_eq!(value, expected, "{fact} of {text:?}");
    }
}

#[test]
fn a_file_of_users_decides_who_gets_in() {
    for (acl, open) in [
        ("user default on nopass ~* +@all\n", "true"),
        ("user default on >fake ~* +@all\n", "false"),
        ("user bob on nopass\n", "true"),
    ] {
        let files = [("etc/redis.conf", "requirepass fake\naclfile users.acl\n"), ("etc/users.acl", acl)];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        let value = with(&files, "etc/redis.conf", None, |model, _| {
            assert!(model.problems.is_empty());
            told(model.get(ScopeId(0), "default_user_open").unwrap())
        });
        assert_eq!(value, open, "{acl}");
    }
}

#[test]
fn sentinel_has_defaults_of_its_own() {
    let files = [("sentinel.conf".to_owned(), "sentinel monitor mymaster 127.0.0.1 6379 2\n".to_owned())].into();
    with(&files, "sentinel.conf", None, |model, _| {
        assert!(model.problems.is_empty());
        assert_eq!(model.get(ScopeId(0), "port"), Some(&Value::Int(26_379)));
        assert_eq!(model.get(ScopeId(0), "protected-mode"), Some(&Value::Bool(false)));
        assert_eq!(model.get(ScopeId(0), "sentinel"), Some(&Value::Bool(true)));
    });
}

#[test]
fn a_default_that_changed_is_unknown_without_a_target() {
    let get = |target| {
        with(&one(""), "redis.conf", target, |model, _| {
            told(model.get(ScopeId(0), "locale-collate").unwrap_or(&Value::Null))
        })
    };
    assert_eq!(get(None), "?");
    assert_eq!(get(Some("7.2")), "?");
    assert_eq!(get(Some("8.2")), "");
}

#[test]
fn templates_leave_holes_and_no_problems() {
    let text = "port {{ redis_port }}\nrequirepass {{ pw }}\n{% if tls %}\ntls-port 6380\n{% endif %}\nmaxclients 10\n\
                save {{ a }} {{ b }}\nuser x on >{{ pw }}\n";
    let files = [("redis.conf.j2".to_owned(), text.to_owned())].into();
    with(&files, "redis.conf.j2", None, |model, _| {
        assert!(model.problems.is_empty(), "{:?}", model.problems);
        for (key, expected) in [("port", "?"), ("tls-port", "?"), ("save", "?"), ("default_user_open", "?")] {
            assert_eq!(told(model.get(ScopeId(0), key).unwrap()), expected, "{key}");
        }
        assert_eq!(model.get(ScopeId(0), "maxclients"), Some(&Value::Int(10)));
    });
    // The name need not say so.
    with(
        &one("port {{ port }}\nrequirepass ${PW}\nmaxmemory @@M@@\nmaxclients 10\n"),
        "redis.conf",
        None,
        |model, _| {
            assert!(model.problems.is_empty(), "{:?}", model.problems);
            for (key, expected) in [("port", "?"), ("maxmemory", "?")] {
                assert_eq!(told(model.get(ScopeId(0), key).unwrap()), expected, "{key}");
            }
        },
    );
    let open = [("redis.conf.j2".to_owned(), "{{ everything }}\nport 1\n".to_owned())].into();
    with(&open, "redis.conf.j2", None, |model, _| assert!(model.scopes[0].open.is_some()));
}

#[test]
fn modules_bring_directives_and_commands() {
    let problems = |text| with(&one(text), "redis.conf", None, |model, _| model.problems.len());
    assert_eq!(problems("loadmodule /lib/search.so\nsearch.threads 3\nuser a on +ft.search\n"), 0);
    assert_eq!(problems("search.threads 3\n"), 1);
    assert_eq!(problems("loadmodule /lib/search.so\nmaxclients ten\n"), 1);
}

#[test]
fn a_file_is_known_by_its_name_and_content() {
    let is =
        |path: &str, text: &str| crate::formats::by_content(path, text).is_some_and(|found| found.format.id == "redis");
    assert!(is("redis.conf", ""));
    assert!(is("conf/redis-cache.conf", "port 1\n"));
    assert!(is("cache.conf", "port 1\nappendonly yes\nmaxmemory-policy allkeys-lru\n"));
    assert!(!is("cache.conf", "port 1\ntimeout 3\ndir x\n"));
    assert!(!is("supervisor/redis.conf", "[program:redis]\ncommand=redis-server\n"));
    assert!(!is("conf.d/redis.conf", "upstream redis {\n  server 127.0.0.1:6379;\n}\n"));
}

#[test]
fn hostile_files_end() {
    let back = "include redis.conf\ninclude b.conf\n".repeat(100);
    let files = [("redis.conf".to_owned(), "include b.conf\n".repeat(300)), ("b.conf".to_owned(), back)].into();
    with(&files, "redis.conf", None, |model, _| assert_eq!(model.problems.len(), 1));
    let wide =
        [("redis.conf".to_owned(), "include b.conf\n".repeat(5_000)), ("b.conf".to_owned(), "port 1\n".repeat(50))];
    with(&wide.into(), "redis.conf", None, |model, _| assert!(model.scopes[0].open.is_some()));
    for text in
        ["\"".repeat(100_001), "user a ".to_owned() + &"( ".repeat(50_000), "a ".repeat(200_000), "'\\'".repeat(90_000)]
    {
        with(&one(&text), "redis.conf", None, |model, _| assert!(model.problems.len() <= 1));
    }
}
