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
            let text = inner.replace("\\\\", "\u{1}").replace("\\\"", "\"").replace("\\n", "\n").replace("\\t", "\t");
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
