//! Compares what is read here with what real servers answered, recorded in `testdata/oracles/pg_hba`.

use crate::loader::Memory;
use crate::model::{Entry, Model, ScopeId, Text, Value};
use crate::version::{Targets, Version};
use crate::workspace::{Query, Workspace};
use std::collections::BTreeMap;
use std::fmt::Write;

const CASES: &str = include_str!("../../../../../testdata/oracles/pg_hba/cases.txt");

/// Resolves `pg_hba.conf`, and tells the lines of its problems as `PATH:LINE`.
fn resolve(
    files: &BTreeMap<String, String>,
    target: Option<&str>,
    conditions: &[(&str, &str)],
) -> (Model, Vec<String>) {
    let memory = Memory::new(files.clone());
    let mut query = Query { document: true, ..Query::default() };
    query.conditions = conditions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    if let Some(version) = target.and_then(Version::parse) {
        query.targets = Targets([("postgres".to_owned(), version)].into());
    }
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &"pg_hba.conf".into(), &super::FORMAT);
    let place = |problem: &crate::problem::Problem| match problem.at {
        Some(at) => format!("{}:{}", problem.path, reader.source(at.file).position(at.span.start).line),
        None => problem.path.to_string(),
    };
    let problems = model.problems.iter().map(place).collect();
    (model, problems)
}

fn sections(text: &str) -> BTreeMap<&str, &str> {
    text.split("\n=== ").skip(1).map(|case| case.split_once('\n').unwrap_or((case, ""))).collect()
}

fn files(case: &str) -> BTreeMap<String, String> {
    let case = format!("\n{case}");
    let mut parts = case.split("\n--- ");
    let first = parts.next().unwrap_or_default().trim_start_matches('\n').to_owned();
    let mut files = BTreeMap::from([("postgresql.conf".to_owned(), "ssl = off\n".to_owned())]);
    files.insert("pg_hba.conf".to_owned(), first);
    files.extend(parts.filter_map(|part| part.split_once('\n')).map(|(path, text)| (path.to_owned(), text.to_owned())));
    let text =
        |text: String| format!("{}\n", text.trim_end_matches('\n')).replace("\\r", "\r").replace("\\ufeff", "\u{feff}");
    files.into_iter().map(|(path, content)| (path, text(content))).collect()
}

/// A value as Python writes JSON; nothing for what is null, or not known where that is expected.
fn json(value: &Value, unknown: bool) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(number.to_string()),
        Value::Text(Text::Known(text)) => {
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' | '\\' => write!(out, "\\{c}").unwrap(),
                    c if c.is_ascii() => out.push(c),
                    c => write!(out, "\\u{:04x}", u32::from(c)).unwrap(),
                }
            }
            Some(out + "\"")
        }
        Value::List(nodes) => {
            let items: Vec<String> = nodes.iter().filter_map(|node| json(&node.value, unknown)).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        Value::Map(entries) => {
            let entry = |Entry { key, node }: &Entry| Some(format!("\"{key}\": {}", json(&node.value, unknown)?));
            let entries: Vec<String> = entries.iter().filter_map(entry).collect();
            Some(format!("{{{}}}", entries.join(", ")))
        }
        Value::Unknown(_) if unknown => None,
        other => panic!("{other:?}"),
    }
}

fn rows(model: &Model, unknown: bool) -> Vec<String> {
    let document = model.document.as_ref().unwrap();
    document.value.as_list().unwrap_or_default().iter().filter_map(|row| json(&row.value, unknown)).collect()
}

/// The recorded servers of versions 13 and 18 were built without some methods that the packages of distributions have.
fn not_built(row: &str) -> bool {
    let there = ["\\\"gss\\\"", "\\\"ldap\\\"", "\\\"pam\\\"", "because GSSAPI"];
    row.contains("not supported by this build") && there.iter().any(|name| row.contains(name))
}

fn unnumbered(row: &str) -> String {
    let (start, rest) = row.split_at(1);
    let rest =
        rest.strip_prefix("\"rule_number\": ").and_then(|rest| rest.split_once(", ")).map_or(rest, |(_, rest)| rest);
    format!("{start}{rest}")
}

fn compare(answers: &str, target: &str) -> Vec<String> {
    let (cases, answers) = (format!("\n{CASES}"), format!("\n{answers}"));
    let (cases, answers) = (sections(&cases), sections(&answers));
    assert!(answers.len() >= 60, "{} cases", answers.len());
    let mut differences = Vec::new();
    for (name, answer) in answers {
        let (model, problems) = resolve(&files(cases[name]), Some(target), &[]);
        // Whether a RADIUS server's name has an address is the network's to tell.
        let ours = rows(&model, name == "radius");
        let theirs: Vec<&str> = answer.lines().filter(|line| line.starts_with('{')).collect();
        let without = theirs.iter().any(|row| not_built(row));
        let plain = |row: &str| if without { unnumbered(row) } else { row.to_owned() };
        if ours.len() != theirs.len() {
            differences.push(format!("{target} {name}: {} rows for {}", ours.len(), theirs.len()));
        }
        for (ours, theirs) in ours.iter().zip(&theirs) {
            if !not_built(theirs) && plain(ours) != plain(theirs) {
                differences.push(format!("{target} {name}:\n  ours   {ours}\n  theirs {theirs}"));
            }
        }
        // What the view calls an error keeps the server from starting, but for records that merely never match.
        let line = |row: &str| row.split("\"line_number\": ").nth(1)?.split([',', '}']).next().map(str::to_owned);
        let lines = |refused: &dyn Fn(&str) -> bool| -> Vec<String> {
            theirs.iter().filter(|row| refused(row)).filter_map(|row| line(row)).collect()
        };
        let refused = lines(&|row| row.contains("\"error\"") && !not_built(row) && !row.contains("\"auth_method\""));
        let passed_over = lines(&not_built);
        let found = problems.iter().filter_map(|place| place.split_once(':').map(|(_, line)| line.to_owned()));
        let found: Vec<String> = found.filter(|line| !passed_over.contains(line)).collect();
        if refused != found {
            differences.push(format!("{target} {name}: problems at {found:?}, refused {refused:?}"));
        }
    }
    differences
}

#[test]
fn every_recorded_answer_is_ours() {
    let mut differences = Vec::new();
    for (answers, target) in [
        (include_str!("../../../../../testdata/oracles/pg_hba/answers-13.txt"), "13"),
        (include_str!("../../../../../testdata/oracles/pg_hba/answers-15.txt"), "15"),
        (include_str!("../../../../../testdata/oracles/pg_hba/answers-18.txt"), "18"),
    ] {
        differences.extend(compare(answers, target));
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

fn one(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("pg_hba.conf".to_owned(), text.to_owned())])
}

/// However long a file is, what shadows a record is found by what it names, and so are those that are for everything.
#[test]
fn long_files_are_compared_as_well() {
    let of = |index: usize| format!("host d{index} u{index} 10.{}.{}.0/24 md5\n", index / 250, index % 250);
    let long: String = (0..4_000).map(of).collect();
    for (last, by) in [
        // Record 3,001, whose scope's number is one more than its place.
        ("host d3000 u3000 10.12.0.7/32 scram-sha-256\n", Some(3_001)),
        ("host d3000 u3000 10.13.0.7/32 scram-sha-256\n", None),
        ("host d3000 u3001 10.12.0.7/32 scram-sha-256\n", None),
        ("host d3000,d3001 u3000 10.12.0.7/32 scram-sha-256\n", None),
    ] {
        let found = shadows(&format!("{long}{last}"));
        assert_eq!((found.len(), *found.last().unwrap()), (4_001, by), "{last}");
    }
    let found = shadows(&format!("host all all 10.0.0.0/8 md5\n{long}"));
    assert!(found.iter().skip(1).all(|by| *by == Some(1)), "the first record takes all");
    // Lists of many names are for more than one of them.
    let names = |letter: char| (0..20).map(|index| format!("{letter}{index}")).collect::<Vec<_>>().join(",");
    let found = shadows(&format!("host {} {} all md5\nhost d7 u9 10.0.0.1/32 md5\n", names('d'), names('u')));
    assert_eq!(found, [None, Some(1)]);
}

/// For each record, what shadows it.
fn shadows(text: &str) -> Vec<Option<u32>> {
    let (model, _) = resolve(&one(text), None, &[]);
    let ids = (1_u32..).take(model.scopes.len() - 1);
    let by = |id| match model.get(ScopeId(id), "shadowed_by") {
        Some(Value::Scope(ScopeId(by))) => Some(*by),
        _ => None,
    };
    ids.map(by).collect()
}

#[test]
fn a_record_is_shadowed_by_earlier_ones_that_take_all_of_it() {
    for (text, expected) in [
        ("host all all 10.0.0.0/8 reject\nhost db u 10.1.0.0/16 md5\n", vec![None, Some(1)]),
        ("host db u 10.1.0.0/16 md5\nhost all all 10.0.0.0/8 reject\n", vec![None, None]),
        ("host all all all md5\nhost replication all all md5\n", vec![None, None]),
        ("host all all all md5\nhost \"replication\" all all md5\n", vec![None, Some(1)]),
        ("host \"all\" all all md5\nhost db all all md5\n", vec![None, None]),
        ("hostssl all all all md5\nhost all all all reject\n", vec![None, None]),
        ("hostssl all all all md5\nhostnossl all all all reject\nhost all a all md5\n", vec![None, None, Some(2)]),
        ("host all all 0.0.0.0/0 md5\nhost all all ::1/128 md5\nhost all all samenet md5\n", vec![None, None, None]),
        ("host all all all md5\nhost all all samenet md5\nhost all all a.example md5\n", vec![None, Some(1), Some(1)]),
        ("host all all .example.com md5\nhost all all a.EXAMPLE.com md5\n", vec![None, Some(1)]),
        ("local all +staff md5\nlocal all staff md5\nlocal all anna md5\n", vec![None, Some(1), None]),
        ("local all /^a md5\nlocal all anna md5\nlocal all /^a peer\n", vec![None, None, Some(1)]),
        ("local a,b all md5\nlocal b u peer\nlocal b,c u peer\n", vec![None, Some(1), None]),
    ] {
        assert_eq!(shadows(text), expected, "{text}");
    }
}

#[test]
fn where_names_the_record_that_decides() {
    let text = "local all postgres peer\nhostssl all all 10.0.0.0/8 scram-sha-256\nhost all all 10.0.0.0/8 reject\n\
                host app +staff all md5\nhost sameuser all all ident\nhost replication all 192.0.2.1/32 md5\n";
    for (conditions, expected) in [
        (&[("type", "local"), ("user", "postgres"), ("db", "app")][..], Some(Some("1"))),
        (&[("type", "local"), ("user", "anna"), ("db", "app")], Some(None)),
        (&[("type", "hostssl"), ("addr", "10.2.3.4"), ("user", "a"), ("db", "b")], Some(Some("2"))),
        (&[("type", "hostnossl"), ("addr", "10.2.3.4"), ("user", "a"), ("db", "b")], Some(Some("3"))),
        (&[("addr", "10.2.3.4"), ("user", "a"), ("db", "b")], None),
        (&[("addr", "192.0.2.9"), ("user", "staff"), ("db", "app")], Some(Some("4"))),
        (&[("addr", "192.0.2.9"), ("user", "anna"), ("db", "app")], None),
        (&[("addr", "192.0.2.9"), ("user", "anna"), ("db", "anna")], Some(Some("5"))),
        (&[("addr", "192.0.2.1"), ("user", "anna"), ("db", "replication")], Some(Some("6"))),
        (&[("addr", "192.0.2.9"), ("user", "anna"), ("db", "other")], Some(None)),
    ] {
        let (model, _) = resolve(&one(text), Some("18"), conditions);
        let found = match &model.document.as_ref().unwrap().value {
            Value::List(rows) => {
                Some(rows.first().map(|row| json(&row.value.entry("line_number").unwrap().value, false).unwrap()))
            }
            Value::Unknown(_) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(found.as_ref().map(Option::as_deref), expected, "{conditions:?}");
    }
}

#[test]
fn what_a_template_fills_in_is_not_known_and_no_problem() {
    let text = "{{ first }}\n{% if x %}\nhost all all all trust\n{% endif %}\nhost all all {{ net }} md5\n\
                host all {{ who }} 10.0.0.0/8 {{ how }}\nhost all all {{ ip }} 255.0.0.0 trust\n\
                host all all {{ net|default('0.0.0.0/0') }} md5\n{% for host in hosts %}\nhost all all 10.0.0.0/8 trust\n{% endfor %}\n";
    let files =
        BTreeMap::from([("pg_hba.conf".to_owned(), String::new()), ("pg_hba.conf.tmpl".to_owned(), text.to_owned())]);
    let memory = Memory::new(files);
    let workspace = Workspace::new(&memory, Query::default());
    let model = workspace.resolve(&mut workspace.reader(), &"pg_hba.conf.tmpl".into(), &super::FORMAT);
    assert_eq!(model.problems, Vec::new());
    let known = |id: u32, key: &str| model.get(ScopeId(id), key).and_then(Value::as_str).map(str::to_owned);
    assert_eq!(known(1, "auth_method").as_deref(), Some("trust"), "that is what it says where it is there");
    let assumed = |id: u32| model.scope(ScopeId(id)).is_some_and(|scope| scope.assumed.is_some());
    assert!(assumed(1) && !assumed(2));
    let superuser = |id: u32| model.get(ScopeId(id), "superuser").cloned();
    assert_eq!(superuser(2), Some(Value::Bool(true)), "what may not be there takes nothing from others");
    assert_eq!(known(2, "auth_method").as_deref(), Some("md5"));
    assert_eq!(known(2, "address"), None);
    assert_eq!(known(3, "auth_method"), None);
    assert_eq!(known(4, "auth_method").as_deref(), Some("trust"));
    assert_eq!(known(5, "address").as_deref(), Some("0.0.0.0"));
    assert!(assumed(5), "something else may be filled in");
    assert_eq!(known(6, "auth_method"), None, "there may be no host to write it for");
}

#[test]
fn a_line_that_an_older_version_takes_is_no_problem_without_a_target() {
    let text = "hostssl all all all cert clientcert=1\nhostssl all all all md5 clientcert=1\n";
    assert_eq!(resolve(&one(text), None, &[]).1, Vec::<String>::new());
    assert_eq!(resolve(&one(text), Some("15"), &[]).1, ["pg_hba.conf:1", "pg_hba.conf:2"]);
    assert_eq!(resolve(&one("# nothing\n"), None, &[]).1, ["pg_hba.conf"]);
    assert_eq!(resolve(&one("local @/etc/names all peer\n"), None, &[]).1, Vec::<String>::new());
}

#[test]
fn what_includes_itself_ends() {
    for text in ["include pg_hba.conf\nlocal all all peer\n", "local @pg_hba.conf @pg_hba.conf peer\n"] {
        let (_, problems) = resolve(&one(text), Some("18"), &[]);
        assert!(!problems.is_empty(), "{text}");
    }
}
