//! Holds what is resolved against what the real nginx said (`testdata/oracles/nginx`).

use super::FORMAT;
use crate::loader::Memory;
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use crate::version::{Targets, Version};
use crate::workspace::{Detection, Query, Reader, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

const CASES: &str = include_str!("../../../../../testdata/oracles/nginx/cases.txt");
const RECORDED: &str = include_str!("../../../../../testdata/oracles/nginx/recorded.txt");

/// The files of each case, by its name.
fn cases() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut cases: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (mut name, mut path) = (String::new(), String::new());
    for line in CASES.split_inclusive('\n') {
        if let Some(header) = line.strip_prefix("=== ") {
            name = header.trim().to_owned();
            path = "nginx.conf".to_owned();
            assert!(cases.insert(name.clone(), BTreeMap::new()).is_none(), "two cases are called {name}");
        } else if let Some(file) = line.strip_prefix("--- ") {
            path = file.trim().to_owned();
        }
        let text = cases.get_mut(&name).unwrap().entry(path.clone()).or_default();
        if !["=== ", "--- ", "? "].iter().any(|start| line.starts_with(start)) {
            text.push_str(&line.replace("\\x0d", "\r").replace("\\ufeff", "\u{feff}").replace("\\x00", "\0"));
        }
    }
    for text in cases.values_mut().flat_map(BTreeMap::values_mut) {
        if let Some(bare) = text.strip_suffix("~\n") {
            *text = bare.to_owned();
        }
    }
    cases
}

/// A question that was asked the running server, and the lines of its answer.
struct Asked {
    words: Vec<String>,
    /// Where the answer comes from, if it is not simply the URI.
    from: Option<String>,
    answer: Vec<(String, String)>,
}

/// What nginx said to a case: the refusal with its place, or its answers.
type Answer = Result<Vec<Asked>, (Option<(String, usize)>, String)>;

fn answers() -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for block in RECORDED.split("=== ").skip(1) {
        let mut lines = block.lines();
        let name = lines.next().unwrap().trim().to_owned();
        let first = lines.next().unwrap();
        if let Some(refusal) = first.strip_prefix("refused ") {
            let (place, message) = refusal.split_once(' ').unwrap();
            let place = place.rsplit_once(':').map(|(path, line)| (path.to_owned(), line.parse().unwrap()));
            answers.push((name, Err((place, message.to_owned()))));
            continue;
        }
        let mut asked: Vec<Asked> = Vec::new();
        for line in lines {
            if let Some(question) = line.strip_prefix("  ? ") {
                let (words, from) = question.split_once(" -> ").unwrap_or((question, ""));
                let words = words.split(' ').map(str::to_owned).collect();
                asked.push(Asked { words, from: (!from.is_empty()).then(|| from.to_owned()), answer: Vec::new() });
            } else if let Some((key, value)) = line.trim().split_once(' ') {
                asked.last_mut().unwrap().answer.push((key.to_owned(), value.to_owned()));
            }
        }
        answers.push((name, Ok(asked)));
    }
    answers
}

/// What is resolved of a case, and its files.
fn resolved<T>(
    files: &BTreeMap<String, String>,
    conditions: &[(&str, &str)],
    then: impl Fn(&Model, &Reader<'_>) -> T,
) -> T {
    let memory = Memory::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let conditions = conditions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let targets = Targets([("nginx".to_owned(), Version([1, 22, 1]))].into());
    let workspace = Workspace::new(&memory, Query { conditions, targets, ..Query::default() });
    let path: Arc<str> = "nginx.conf".into();
    workspace.look(&path, Detection::Given(&FORMAT));
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &path, &FORMAT);
    then(&model, &reader)
}

/// The lines on which problems stand, the first and the last.
fn problems(model: &Model, reader: &Reader<'_>) -> Vec<(String, usize, usize, String)> {
    let told = model.problems.iter().map(|problem| {
        let lines = problem.at.map_or((0, 0), |at| {
            let source = reader.source(at.file);
            (source.position(at.span.start).line, source.position(at.span.end).line)
        });
        (problem.path.to_string(), lines.0, lines.1, problem.message.clone())
    });
    told.collect()
}

/// Files that are taken though nginx refuses them: see `limits.txt`.
const LIMITS: &[&str] = &["no events", "an unknown directive", "an unknown block", "a text for server_tokens"];

#[test]
fn what_nginx_refuses_is_a_problem_on_its_line_and_nothing_else_is() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (name, answer) in answers() {
        let found = resolved(&cases[&name], &[], problems);
        match answer {
            Ok(_) if found.is_empty() => {}
            Ok(_) => wrong.push(format!("{name}: accepted, but {found:?}")),
            Err(_) if LIMITS.contains(&name.as_str()) => assert!(found.is_empty(), "{name} is no limit: {found:?}"),
            Err((None, _)) if !found.is_empty() => {}
            Err((Some((path, line)), message)) => {
                let told = found.iter().any(|it| it.0 == path && it.1 <= line && line <= it.2);
                if !told {
                    wrong.push(format!("{name}: {path}:{line} {message}, but {found:?}"));
                }
            }
            Err((None, message)) => wrong.push(format!("{name}: {message}, but no problem")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The texts of a list in force in a scope, each with its place.
fn lines(model: &Model, scope: ScopeId, key: &str) -> Vec<(String, Loc)> {
    let nodes = model.get(scope, key).and_then(Value::as_list).unwrap_or_default();
    nodes.iter().map(|node: &Node| (super::word(&node.value).unwrap(), node.at)).collect()
}

/// The headers that an answer with a status has: `NAME VALUE`.
fn headers(model: &Model, scope: ScopeId, status: u16) -> Vec<String> {
    let sent = model.get(scope, "sent_headers").and_then(Value::as_list).unwrap_or_default();
    let text = |header: ScopeId, key: &str| model.get(header, key).and_then(Value::as_str).map(str::to_owned);
    let mut found = Vec::new();
    for header in sent {
        let Value::Scope(header) = header.value else { panic!("no header") };
        let always = model.get(header, "always") == Some(&Value::Bool(true));
        let carries = matches!(status, 200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308);
        let value = text(header, "value").unwrap();
        if (always || carries) && !value.is_empty() {
            found.push(format!("{} {}", text(header, "name").unwrap(), value));
        }
    }
    found.sort();
    found
}

/// Whether a line of a scope sends what can hold line breaks.
fn breaks(model: &Model, scope: ScopeId) -> bool {
    let ids = (0..).map(ScopeId).zip(&model.scopes);
    let mut inside = ids.filter(|(_, found)| found.parent == Some(scope)).map(|(id, _)| id);
    inside.any(|id| model.get(id, "line_breaks").and_then(Value::as_list).is_some_and(|list| !list.is_empty()))
}

/// Whether the access list in force turns an address of the machine itself away.
fn turned_away(model: &Model, scope: ScopeId) -> bool {
    let entries =
        |key: &'static str| lines(model, scope, key).into_iter().map(move |(text, at)| (at, key == "deny", text));
    let deny = if model.get(scope, "deny").is_some() { entries("deny").collect() } else { Vec::new() };
    let mut list: Vec<_> = if model.get(scope, "allow").is_some() { entries("allow").collect() } else { Vec::new() };
    list.extend(deny);
    list.sort();
    let here = |text: &str| {
        let bits = text.split_once('/').map_or(32, |(_, bits)| bits.parse().unwrap());
        matches!(text, "all" | "127.0.0.1") || bits == 0 || (text.starts_with("127.") && bits == 8)
    };
    list.iter().find(|(_, _, text)| here(text)).is_some_and(|(_, deny, _)| *deny)
}

/// The scope that the answer comes from.
fn answering(model: &Model, files: &BTreeMap<String, String>, asked: &Asked) -> ScopeId {
    let server = || model.ancestors(model.focus).map(|(id, _)| id).find(|&id| kind(model, id) == "server").unwrap();
    match asked.from.as_deref() {
        Some("server") => server(),
        Some(from) if from.starts_with("if ") => {
            let ids = (0..).map(ScopeId).zip(&model.scopes);
            let mut inside = ids.filter(|(id, scope)| {
                kind(model, *id) == "if" && scope.parent == Some(model.focus) && *scope.label == from[3..]
            });
            inside.next().unwrap_or_else(|| panic!("no {from} in {files:?}")).0
        }
        _ => model.focus,
    }
}

fn kind(model: &Model, scope: ScopeId) -> &'static str {
    model.format.schema.kind(model.scope(scope).unwrap().kind).name
}

fn compare(files: &BTreeMap<String, String>, asked: &Asked, wrong: &mut Vec<String>) {
    let tls = asked.words[0] == "tls";
    let words = if tls { &asked.words[1..] } else { &asked.words[..] };
    let (address, port) = words[0].rsplit_once(':').unwrap();
    let address = if address.is_empty() { "127.0.0.1" } else { address };
    let mut conditions = vec![("address", address), ("port", port), ("server", words[1].as_str())];
    match asked.from.as_deref() {
        Some(from) if from.starts_with(['/', '@']) => conditions.push(("uri", from)),
        _ => conditions.extend(words.get(2).map(|uri| ("uri", uri.as_str()))),
    }
    let told =
        |key: &'static str| asked.answer.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str());
    let (expected, found) = if tls {
        let found = resolved(files, &conditions, |model, _| protocols(model).unwrap_or_default());
        (told("ssl_protocols").collect::<Vec<_>>().join(" "), found)
    } else {
        let status = told("status").next().unwrap().parse().unwrap();
        let mut expected: Vec<String> = told("add_header")
            .map(|line| {
                let (name, value) = line.split_once(' ').unwrap();
                format!("{} {value}", name.to_ascii_lowercase())
            })
            .filter(|line| !line.starts_with("cache-control "))
            .collect();
        expected.sort();
        let tokens = told("server_tokens").next().unwrap();
        let found = resolved(files, &conditions, |model, _| {
            let scope = answering(model, files, asked);
            let tokens = model.get(scope, "server_tokens").map_or("on".into(), |value| super::word(value).unwrap());
            let passes = kind(model, scope) == "location" && model.get(scope, "return").is_none();
            // A return comes before who is asked.
            let denied = if passes { turned_away(model, scope) } else { status == 403 };
            let mut headers = headers(model, scope, status);
            // What a path with line breaks in it begins.
            if asked.words.get(2).is_some_and(|uri| uri.contains("%0d%0a")) && breaks(model, scope) {
                headers.push("x-inj 1".to_owned());
            }
            format!("{headers:?} {tokens} denied={denied}")
        });
        (format!("{expected:?} {tokens} denied={}", status == 403), found)
    };
    if expected != found {
        wrong.push(format!("{:?}\n  nginx: {expected}\n  found: {found}", asked.words));
    }
}

/// The versions of TLS that the server in focus speaks: those of the default server of its socket, if that speaks TLS.
fn protocols(model: &Model) -> Option<String> {
    let server = model.focus;
    if model.get(server, "tls") != Some(&Value::Bool(true)) {
        return None;
    }
    let Some(Value::List(sockets)) = model.get(server, "sockets") else { return None };
    let Value::Scope(socket) = sockets.first()?.value else { return None };
    let Some(Value::Scope(default)) = model.get(socket, "default_server") else { return None };
    let list = lines(model, *default, "ssl_protocols");
    let mut list: Vec<String> = list.into_iter().map(|(text, _)| text).collect();
    list.sort();
    Some(list.join(" "))
}

#[test]
fn the_running_server_answers_what_is_resolved() {
    let cases = cases();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, answer) in answers() {
        for asked in answer.into_iter().flatten() {
            let mut here = Vec::new();
            compare(&cases[&name], &asked, &mut here);
            wrong.extend(here.into_iter().map(|text| format!("{name}: {text}")));
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 150, "only {count} questions");
}
