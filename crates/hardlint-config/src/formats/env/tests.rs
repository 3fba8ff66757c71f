//! Compares what is read here with what the programs that load such files gave, recorded in `testdata/oracles/env`.

use crate::loader::Memory;
use crate::model::{Model, ScopeId, Text, Value};
use crate::workspace::{Query, Workspace};
use std::collections::BTreeMap;
use std::fmt::Write;

const CASES: &str = include_str!("../../../../../testdata/oracles/env/cases.txt");
const ANSWERS: [(&str, &str); 4] = [
    ("compose", include_str!("../../../../../testdata/oracles/env/answers-compose.txt")),
    ("decouple", include_str!("../../../../../testdata/oracles/env/answers-decouple.txt")),
    ("django-environ", include_str!("../../../../../testdata/oracles/env/answers-django-environ.txt")),
    ("python-dotenv", include_str!("../../../../../testdata/oracles/env/answers-python-dotenv.txt")),
];

fn resolve(files: &[(&str, &str)], path: &str, dialect: Option<&str>) -> Model {
    let memory = Memory::new(files.iter().copied());
    let environment = dialect.map(|_| BTreeMap::new());
    let mut query = Query { environment, document: true, ..Query::default() };
    query.conditions = dialect.map(|dialect| ("dialect".to_owned(), dialect.to_owned())).into_iter().collect();
    let workspace = Workspace::new(&memory, query);
    workspace.resolve(&mut workspace.reader(), &path.into(), &super::FORMAT)
}

fn sections(text: &str) -> BTreeMap<&str, &str> {
    text.split("=== ").skip(1).map(|case| case.split_once('\n').unwrap_or((case, ""))).collect()
}

fn case(text: &str) -> String {
    let text = format!("{}\n", text.trim_end_matches('\n'));
    let text = text.strip_suffix("\\c\n").unwrap_or(&text);
    let escapes = [
        ("\\r", "\r"),
        ("\\ufeff", "\u{feff}"),
        ("\\xa0", "\u{a0}"),
        ("\\x1c", "\u{1c}"),
        ("\\x0b", "\u{b}"),
        ("\\x85", "\u{85}"),
        ("\\u2028", "\u{2028}"),
    ];
    escapes.into_iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

/// A text as Python writes it in JSON.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}").unwrap(),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => write!(out, "\\u{:04x}", u32::from(c)).unwrap(),
        }
    }
    out + "\""
}

fn variables(model: &Model) -> BTreeMap<String, String> {
    let known = |value: &Value| match value {
        Value::Text(Text::Known(text)) => json(text),
        _ => "?".to_owned(),
    };
    let file = model.scope(ScopeId(0)).unwrap();
    file.own.iter().map(|(key, node)| (model.key_name(key).to_owned(), known(&node.value))).collect()
}

#[test]
fn every_recorded_answer_is_ours() {
    let cases = sections(CASES);
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut differences = Vec::new();
    for (dialect, answers) in ANSWERS {
        let answers = sections(answers);
        assert_eq!(answers.len(), cases.len(), "{dialect}");
        for (name, text) in &cases {
            let model = resolve(&[("x.env", &case(text))], "x.env", Some(dialect));
            let refused = !model.problems.is_empty();
            let ours: Vec<String> = if refused {
                vec!["! refused".to_owned()]
            } else {
                variables(&model).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
            };
            let theirs: Vec<&str> = answers[name].lines().collect();
            if ours != theirs {
                differences.push(format!("{dialect} {name}:\n  ours   {ours:?}\n  theirs {theirs:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

fn read(dialect: &str, text: &str) -> Vec<String> {
    let model = resolve(&[("x.env", text)], "x.env", Some(dialect));
    let mut lines: Vec<String> = variables(&model).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.extend(model.problems.iter().map(|_| "! refused".to_owned()));
    lines
}

#[test]
fn what_grows_with_each_line_ends() {
    let line = |at: usize| format!("A{at}={}\n", format!("${{A{}}}", at - 1).repeat(10));
    let text: String = std::iter::once("A0=xxxxxxxxxx\n".to_owned()).chain((1..40).map(line)).collect();
    for dialect in ["compose", "python-dotenv"] {
        let read = read(dialect, &text);
        assert_eq!(read.len(), 40, "{dialect}");
        let of = |name: &str| read.iter().find(|line| line.starts_with(name)).map_or("", String::as_str);
        assert!(of("A3=").len() > 10_000 && of("A39=") == "A39=?", "{dialect}: {}", of("A39="));
    }
}

/// <https://docs.docker.com/reference/cli/docker/container/run/#env>, and what the command's own reader does.
#[test]
fn docker_takes_everything_behind_the_equals_sign() {
    for (text, expected) in [
        ("A=abc # c\n", &["A=\"abc # c\""][..]),
        ("A=\"b\"\n", &["A=\"\\\"b\\\"\""]),
        ("  A= b \r\n", &["A=\" b \""]),
        ("# A=1\nB=$A\n", &["B=\"$A\""]),
        ("\u{feff}A=1\nA=2\n", &["A=\"2\""]),
        ("A\nB=1\n", &["B=\"1\""]),
        ("A = 1\n", &["! refused"]),
        ("B=1\nexport A=1\n", &["B=\"1\"", "! refused"]),
        ("=1\n", &["! refused"]),
    ] {
        assert_eq!(read("docker", text), expected, "{text}");
    }
}

/// <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=>.
#[test]
fn systemd_reads_as_its_manual_says() {
    for (text, expected) in [
        ("A=abc # c\n", &["A=\"abc # c\""][..]),
        ("; A=1\n# B=1\nC=1\n", &["C=\"1\""]),
        ("A=  b c  \n", &["A=\"b c\""]),
        ("A=\"  b  \"\n", &["A=\"  b  \""]),
        ("A='$B' \n", &["A=\"$B\""]),
        ("A=one\\\ntwo\n", &["A=\"onetwo\""]),
        ("A=\"one\ntwo\"\nB=1", &["A=\"one\\ntwo\"", "B=\"1\""]),
        ("A=\"a\\\"b\\nc\"\n", &["A=\"a\\\"b\\\\nc\""]),
        ("A=a\\nb\n", &["A=\"anb\""]),
        ("export A=1\nB=1\n", &["B=\"1\""]),
        ("A\nB=\n", &["B=\"\""]),
        ("A = 1\n", &["A=\"1\""]),
    ] {
        assert_eq!(read("systemd", text), expected, "{text}");
    }
}

#[test]
fn who_loads_a_file_says_what_it_means() {
    const TEXT: &str = "A=1\nB=\"x\"\nC=a#b\nD=a # b\nF\n";
    let compose = ("compose.yaml", "services:\n  app:\n    image: app\n    env_file: env/app.env\n");
    let known = |files: &[(&str, &str)], path: &str| variables(&resolve(files, path, None));
    let value = |all: &BTreeMap<String, String>, name: &str| all.get(name).cloned().unwrap_or_default();
    let alone = known(&[(".env", TEXT)], ".env");
    assert_eq!(["A", "B", "C", "D", "F"].map(|name| value(&alone, name)), ["\"1\"", "?", "\"a#b\"", "?", "?"]);
    // Docker refuses the file, so that it is none for Docker.
    let exported = known(&[(".env", "B=\"x\"\nexport E=1\n")], ".env");
    assert_eq!(["B", "E"].map(|name| value(&exported, name)), ["\"x\"", "?"]);
    assert!(!exported.contains_key("export E"));
    for (files, path, b, d) in [
        (&[(".env", TEXT), compose][..], ".env", "\"x\"", "\"a\""),
        (&[("env/app.env", TEXT), compose], "env/app.env", "\"x\"", "\"a\""),
        (&[("env/other.env", TEXT), compose], "env/other.env", "?", "?"),
        (&[(".env", TEXT), ("app/settings.py", "from decouple import config\n")], ".env", "\"x\"", "\"a # b\""),
        (
            &[(".env", TEXT), ("app/settings.py", "import environ\nenviron.Env.read_env()\n")],
            ".env",
            "\"x\"",
            "\"a # b\"",
        ),
        (&[(".env", TEXT), ("main.py", "from dotenv import load_dotenv\n")], ".env", "\"x\"", "\"a\""),
        (&[(".env", TEXT), ("main.py", "from decouple import config\n"), compose], ".env", "\"x\"", "?"),
    ] {
        let all = known(files, path);
        assert_eq!((value(&all, "B").as_str(), value(&all, "D").as_str()), (b, d), "{files:?}");
    }
}

#[test]
fn what_a_template_fills_in_is_not_known() {
    let text = "A={{ a }}\n{% if b %}\nB=1\n{% endif %}\n{{ name }}=1\nC=1\n";
    let all = variables(&resolve(&[("app.env.j2", text)], "app.env.j2", None));
    let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(all, [("A", "?"), ("B", "?"), ("C", "\"1\"")]);
}

#[test]
fn a_comment_may_stand_behind_a_value() {
    let text = "# a\nA=b # c\nB=\"d # e\" # f\nC=g#h\nD='i\" # j' #k\n";
    let found: Vec<&str> = (super::FORMAT.comments)(text).into_iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, ["# a", "# c", "# f", "#k"]);
    // Within quotes there is none, be they escaped or of several lines; one that is never closed is a letter.
    let text = "A=\"a\\\" # b\"\nB=\"c\n# d\ne # f\" # g\nC= 'h\n#i\n'\nD=it's # j\n# k\nE=\"l # m\n# n\n";
    let found: Vec<&str> = (super::FORMAT.comments)(text).into_iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, ["# g", "# k", "# n"]);
}
