//! Runs every rule's examples, and checks that each part of each rule is needed by one of them.
//!
//! `HARDLINT_RULE=nginx/alias` runs only the rules whose id begins so.

use hardlint_config::formats::edit::apply;
use hardlint_config::formats::{self, Format};
use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Workspace};
use hardlint_lint::diagnostic::{Diagnostic, Report};
use hardlint_lint::example::{self, Mark, Prepared};
use hardlint_lint::fix::{difference, unexplained};
use hardlint_lint::rule::{Example, Rule, Status};
use hardlint_lint::ruleset::{Compiled, RuleSet};
use hardlint_lint::{Linter, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

/// The files of all rules: the path below `rules/`, and the text.
#[expect(clippy::disallowed_methods, reason = "the test reads rules where they are written")]
fn files() -> Vec<(String, String)> {
    let only = std::env::var("HARDLINT_RULE").unwrap_or_default();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        let format = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() || format == "src" {
            continue;
        }
        for file in std::fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
            let path = format!("{format}/{}", file.file_name().to_string_lossy());
            if file.path().extension().is_some_and(|it| it == "yaml") && path.starts_with(&only) {
                files.push((path, std::fs::read_to_string(file.path()).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Runs `check` on every rule, and tells all that is wrong at once.
fn each(check: impl Fn(&Rule, &'static Format, &str, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        match Rule::from_yaml(&path, &text) {
            Ok(rule) => match formats::named(rule.format()) {
                Some(format) => {
                    let mut found = Vec::new();
                    check(&rule, format, &text, &mut found);
                    wrong.extend(found.into_iter().map(|what| format!("{path}: {what}")));
                }
                None => wrong.push(format!("{path}: there is no format `{}`", rule.format())),
            },
            Err(error) => wrong.push(error.to_string()),
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// What the linter says of an example, or why that cannot be told.
fn report(rule: &Rule, format: &'static Format, prepared: &Prepared) -> Result<Report, String> {
    let compiled = Compiled::new(rule.clone(), format, None).map_err(|error| error.to_string())?;
    let loader = prepared.loader();
    let workspace = workspace(&loader, format, prepared);
    let mut rules = RuleSet::empty();
    rules.push(compiled);
    // Examples also show what is told to the pedantic alone, but not what nobody can know.
    let linter = Linter::with_rules(rules, Options { pedantic: true, ..Options::default() });
    let mut report = linter.check(&workspace);
    report.diagnostics.retain(|finding| !finding.message.contains(" (not certain: "));
    match report.problems.first() {
        Some(problem) => Err(format!("the example has a problem: {}", problem.message)),
        None => Ok(report),
    }
}

fn workspace<'l>(loader: &'l Memory, format: &'static Format, prepared: &Prepared) -> Workspace<'l> {
    let mut workspace = Workspace::new(loader, prepared.query());
    for path in prepared.files.keys() {
        let path: Arc<str> = path.as_str().into();
        // A snippet is of its rule's format; files are what their names say.
        let alone = prepared.files.len() == 1 && !format.names.is_empty();
        let detection = if alone { Detection::Given(format) } else { Detection::Automatic };
        let slot = workspace.look(&path, detection);
        workspace.insert(path, slot);
    }
    workspace
}

/// The places where the rule fires in an example, or why that cannot be told.
fn fires(rule: &Rule, format: &'static Format, prepared: &Prepared) -> Result<Vec<Mark>, String> {
    let report = report(rule, format, prepared)?;
    let mark = |label: &hardlint_lint::diagnostic::Label| {
        let (line, column, end) = Prepared::columns(&label.source, label.span);
        Mark { path: label.source.path.to_string(), line, column, end }
    };
    let mut marks: Vec<Mark> = report.diagnostics.iter().map(|found| mark(&found.primary)).collect();
    marks.sort();
    Ok(marks)
}

fn told(marks: &[Mark]) -> String {
    let one = |mark: &Mark| format!("{}:{}:{}-{}", mark.path, mark.line, mark.column, mark.end);
    if marks.is_empty() { "nowhere".to_owned() } else { marks.iter().map(one).collect::<Vec<_>>().join(", ") }
}

/// Which examples fail, as the rule stands.
fn failures(rule: &Rule, format: &'static Format) -> Vec<String> {
    let mut failures = Vec::new();
    let all = rule.bad.iter().map(|example| ("bad", example)).chain(rule.good.iter().map(|example| ("good", example)));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (list, example) in all {
        let number = counts.entry(list).or_default();
        *number += 1;
        let mut prepared = example::prepare(format, example);
        prepared.marks.sort();
        match fires(rule, format, &prepared) {
            Err(error) => failures.push(format!("{list} {number}: {error}")),
            Ok(marks) if marks != prepared.marks => {
                let (found, marked) = (told(&marks), told(&prepared.marks));
                failures.push(format!("{list} {number}: fires at {found}; the marks are at {marked}"));
            }
            Ok(_) => {}
        }
        if (list == "bad") == prepared.marks.is_empty() {
            failures.push(format!("{list} {number}: bad examples have marks, good ones have none"));
        }
    }
    failures
}

#[test]
fn every_rule_loads() {
    each(|rule, format, text, wrong| {
        let path = format!("{}.yaml", rule.id);
        wrong.extend(Compiled::new(rule.clone(), format, Some((&path, text))).err().map(|error| error.to_string()));
    });
}

#[test]
fn every_bad_example_fires_at_its_marks_and_every_good_one_is_silent() {
    each(|rule, format, _, wrong| wrong.extend(failures(rule, format)));
}

/// Formats whose files can be edited in every way that a fix describes.
const EDITED: &[&str] = &[
    "airflow",
    "asgi",
    "compose",
    "django",
    "dockerfile",
    "env",
    "flask",
    "nginx",
    "pg_hba",
    "postgres",
    "redis",
    "sshd",
];

#[test]
fn every_fix_with_edits_ends_its_finding_and_changes_nothing_else() {
    each(|rule, format, _, wrong| {
        let Some(form) = rule.fix.as_ref().filter(|form| form.names_edits()) else { return };
        let mut made = 0;
        for (number, example) in rule.bad.iter().enumerate() {
            match mend(rule, format, example::prepare(format, example)) {
                Ok(count) => made += count,
                Err(error) => wrong.push(format!("bad {}: {error}", number + 1)),
            }
        }
        if made == 0 && EDITED.contains(&format.id) {
            wrong.push(format!("its fix names {:?}, but makes no edit in any example", form.keys()));
        }
    });
}

/// Applies the fixes of an example one by one until there are none, and tells how many there were.
fn mend(rule: &Rule, format: &'static Format, mut prepared: Prepared) -> Result<usize, String> {
    let edits = |found: &Diagnostic| found.fix.as_ref().map(|fix| fix.edits.clone()).filter(|edits| !edits.is_empty());
    let first = report(rule, format, &prepared)?;
    let unmendable = first.diagnostics.iter().filter(|found| edits(found).is_none()).count();
    for count in 0..8 {
        let report = report(rule, format, &prepared)?;
        let Some(edits) = report.diagnostics.iter().find_map(edits) else {
            return match report.diagnostics.len() {
                left if left <= unmendable => Ok(count),
                _ => Err(format!("it still fires in {:#?}", prepared.files)),
            };
        };
        let before = prepared.clone();
        for (path, text) in &mut prepared.files {
            let here = edits.iter().filter(|edit| *edit.source.path == **path);
            *text = apply(text, here.map(|edit| (edit.span, edit.text.as_str()))).ok_or("edits overlap")?;
        }
        let form = rule.fix.as_ref().map(|form| vec![form]).unwrap_or_default();
        let changed = unexplained(&form, format, changed(format, &before, &prepared));
        if !changed.is_empty() {
            return Err(format!("the fix changes {changed:?}, too: {:#?}", prepared.files));
        }
    }
    Err(format!("fixes have no end: {:#?}", prepared.files))
}

/// The keys that differ in effect between two states of the files.
fn changed(format: &'static Format, before: &Prepared, after: &Prepared) -> BTreeSet<String> {
    let (loaders, mut found) = ((before.loader(), after.loader()), BTreeSet::new());
    let (before, after) = (workspace(&loaders.0, format, before), workspace(&loaders.1, format, after));
    for unit in before.units() {
        let format = formats::named(unit.format).unwrap();
        let old = before.resolve(&mut before.reader(), &unit.root, format);
        let new = after.resolve(&mut after.reader(), &unit.root, format);
        found.extend(difference(&old, &new));
    }
    found
}

#[test]
fn every_conjunct_is_needed_by_an_example() {
    each(|rule, format, _, wrong| {
        let Ok(compiled) = Compiled::new(rule.clone(), format, None) else { return };
        let parts: Vec<String> = compiled.conjuncts().map(|part| format!("({part})")).collect();
        for dropped in 0..parts.len() {
            let kept = parts.iter().enumerate().filter(|(at, _)| *at != dropped).map(|(_, part)| part.as_str());
            let kept: Vec<&str> = kept.collect();
            let when = if kept.is_empty() { "true".to_owned() } else { kept.join(" && ") };
            if failures(&Rule { when, ..rule.clone() }, format).is_empty() {
                wrong.push(format!("no example fails without `{}`", parts[dropped]));
            }
        }
    });
}

#[test]
fn fields_are_sane() {
    each(|rule, _, _, wrong| {
        let name = rule.id.split_once('/').map_or("", |(_, name)| name);
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        must(!name.is_empty() && name.chars().all(kebab), "the name is kebab-case");
        // The option of Docker is called `no-new-privileges`.
        let forbids = name.starts_with("no-") && !name.starts_with("no-new-privileges");
        must(!forbids && !name.starts_with("use-"), "the name says what is wrong, not what to do");
        must(rule.title.len() <= 80 && !rule.title.ends_with('.'), "the title is short and ends without a full stop");
        must(!rule.message.trim_end().ends_with('.'), "the message ends without a full stop");
        must(rule.why.trim().len() >= 80, "`why` says what goes wrong, who can do it, what they get, and what to do");
        must(!rule.bad.is_empty() && !rule.good.is_empty(), "there are bad and good examples");
        must(!rule.references.is_empty(), "there is a reference");
        must(rule.references.iter().all(|it| is_reference(it)), "references are CWE-n or https pages");
        let known = |id: &String| folder().join(format!("{id}.yaml")).is_file();
        must(rule.replaces.iter().all(known), "what it replaces are rules");
        must(rule.equivalents.iter().all(|it| it.split_once(':').is_some()), "equivalents are tool:check");
        must(rule.since.split('.').count() == 3, "`since` is a version");
        must(rule.fix.is_some(), "there is a fix, if only a manual one");
        let words = ["please", "should consider"];
        let said = rule.message.to_lowercase();
        must(!words.iter().any(|word| said.contains(word)), "messages do not plead");
        must(matches!(rule.status, Status::Preview | Status::Stable), "the status is known");
    });
}

fn is_reference(text: &str) -> bool {
    let cwe = text.strip_prefix("CWE-").is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    cwe || (text.starts_with("https://") && !text.contains(char::is_whitespace))
}

#[test]
fn one_check_of_another_tool_is_named_by_at_most_six_rules() {
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files() {
        let Ok(rule) = Rule::from_yaml(&path, &text) else { continue };
        for equivalent in &rule.equivalents {
            rules.entry(equivalent.clone()).or_default().push(rule.id.clone());
        }
    }
    let wrong: Vec<_> = rules.iter().filter(|(_, rules)| rules.len() > 6).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever writes a rule asks for its tests alone")]
fn what_is_packed_is_what_is_written() {
    if std::env::var_os("HARDLINT_RULE").is_some() {
        return;
    }
    let built_in = RuleSet::built_in();
    let packed: Vec<&str> = built_in.all().map(|rule| rule.rule.id.as_str()).collect();
    for rule in built_in.all() {
        assert_eq!(rule.check(), Ok(()));
    }
    let errors: Vec<String> = built_in.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut written: Vec<String> = files().into_iter().map(|(path, _)| path.replace(".yaml", "")).collect();
    let mut packed: Vec<String> = packed.into_iter().map(str::to_owned).collect();
    written.sort();
    packed.sort();
    assert_eq!(packed, written);
    for id in &written {
        let (path, text) = files().into_iter().find(|(path, _)| path == &format!("{id}.yaml")).unwrap();
        let read = Rule::from_yaml(&path, &text).unwrap();
        let built_in = built_in.named(id).unwrap();
        let found = &built_in.rule;
        assert_eq!((&read.when, &read.message, &read.why), (&found.when, &found.message, &found.why));
        assert_eq!(format!("{:?}", built_in.examples()), format!("{:?}", (read.bad, read.good)));
    }
}

#[test]
fn a_snippet_may_stand_alone_or_among_fields() {
    let snippet: Example = serde_json::from_str("\"a b\"").unwrap();
    assert!(matches!(snippet, Example::Snippet(_)));
    let files: Example = serde_json::from_str("{\"text\": \"a\", \"path\": \"b\"}").unwrap();
    assert!(matches!(files, Example::Files(_)));
}
