//! What `check --deploy` says of settings, against our verdicts on each of its checks, and against what the rules tell.

use super::TARGET;
use crate::case::{Case, text};
use hardlint_config::formats::named;
use hardlint_config::loader::Memory;
use hardlint_config::model::{Model, ScopeId, Value};
use hardlint_config::version::Version;
use hardlint_config::workspace::{Query, Workspace};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A rule for what Django checks: its name; the checks; what else has to hold, by the facts and how they have to be; and
/// whether it tells of more than they do.
type Rule = (&'static str, &'static [&'static str], &'static [(&'static str, bool)], bool);

const RULES: &[Rule] = &[
    ("allowed-hosts-empty", &["W020"], &[("debug_default_on", false), ("allowed_hosts_empty", true)], true),
    ("content-type-nosniff-off", &["W006"], &[], false),
    ("csrf-cookie-insecure", &["W016"], &[("serves_requests", true)], false),
    ("csrf-middleware-missing", &["W003"], &[("uses_forms_or_admin", true), ("serves_requests", true)], false),
    ("debug-true", &["W018"], &[("debug_is_string", false)], false),
    ("hsts-missing-or-short", &["W004"], &[("expects_https", true)], true),
    ("referrer-policy-unsafe", &["W022"], &[], true),
    ("secret-key-fallbacks-weak", &["W025"], &[], false),
    ("security-middleware-missing", &["W001"], &[("serves_requests", true)], false),
    ("session-cookie-httponly-off", &["W013", "W014", "W015"], &[("uses_sessions", true)], true),
    ("session-cookie-insecure", &["W010", "W011", "W012"], &[("uses_sessions", true), ("serves_requests", true)], true),
    ("ssl-redirect-off", &["W008"], &[("serves_requests", true)], false),
    ("x-frame-options-weak", &["W019"], &[("frame_options_void", true), ("csp_limits_frames", false)], false),
    ("xframe-middleware-missing", &["W002"], &[("serves_requests", true), ("csp_limits_frames", false)], false),
];

fn model<T>(files: Vec<(String, Vec<u8>)>, root: &str, case: &Case, f: impl FnOnce(&Model) -> T) -> T {
    let environment = case.files.iter().find(|(path, _)| path == "environment");
    let environment = environment.map(|(_, bytes)| text(bytes)).unwrap_or_default();
    let variables = environment.lines().filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut query = Query { environment: Some(variables), isolated: true, ..Query::default() };
    query.targets.0.insert("django".to_owned(), Version([5, 2, 19]));
    let memory = Memory::new(files);
    let workspace = Workspace::new(&memory, query);
    f(&workspace.resolve(&mut workspace.reader(), &root.into(), named("django").unwrap()))
}

fn list(model: &Model, fact: &str) -> Vec<String> {
    let Some(Value::List(nodes)) = model.get(ScopeId(0), fact) else { return Vec::new() };
    nodes.iter().filter_map(|node| node.value.as_str()).map(str::to_owned).collect()
}

/// The checks that fail, and those that are not decided.
pub(super) fn ours(files: Vec<(String, Vec<u8>)>, root: &str, case: &Case) -> (Vec<String>, Vec<String>) {
    model(files, root, case, |model| (list(model, "failed_checks"), list(model, "unknown_checks")))
}

/// What we say otherwise of the module that the case names first, in a copy of its project.
pub(super) fn differences(folder: &Path, case: &Case, world: &Json) -> String {
    let mut report = String::new();
    let name = world["name"].as_str().unwrap();
    let told = |key: &str| -> BTreeSet<String> {
        world[key].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    let theirs = told("failed");
    // A check that what is not at hand decides.
    if !told("undecided").is_empty() {
        println!("{}, {name}: not asked: {:?}", case.root(), told("undecided"));
        return report;
    }
    let mut copied = Vec::new();
    collect(folder, folder, &mut copied);
    let findings = findings(folder, case);
    model(copied, case.root(), case, |model| {
        let (failed, open) = (list(model, "failed_checks"), list(model, "unknown_checks"));
        for id in failed.iter().filter(|id| !theirs.contains(*id)) {
            let _ = writeln!(report, "{name}: {id} fails, and passes with Django");
        }
        for id in theirs.iter().filter(|id| !failed.contains(id) && !open.contains(id)) {
            let _ = writeln!(report, "{name}: {id} passes, and fails with Django");
        }
        for (rule, ids, needs, more) in RULES {
            let ids: Vec<String> = ids.iter().map(|id| format!("security.{id}")).collect();
            let fails = ids.iter().any(|id| theirs.contains(id));
            let told_by_us = findings.contains(*rule);
            let known = !ids.iter().any(|id| open.contains(id));
            let holds = |(fact, is): &(&str, bool)| model.get(ScopeId(0), fact) == Some(&Value::Bool(*is));
            // With `--pedantic`, what is not known is told as well.
            if told_by_us && !fails && !more && known {
                let _ = writeln!(report, "{name}: {rule} is told, and {ids:?} pass with Django");
            }
            // What is told at another file that is asked about by itself is none of this one's.
            if fails && !told_by_us && known && needs.iter().all(holds) && !fires(folder, case, rule) {
                let _ = writeln!(report, "{name}: {rule} is not told, and one of {ids:?} fails with Django");
            }
        }
    });
    report
}

/// Whether a rule's condition holds for the module.
fn fires(folder: &Path, case: &Case, rule: &str) -> bool {
    let place = format!("{}:1", folder.join(case.root()).display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args([
        "explain",
        &format!("django/{rule}"),
        "--at",
        &place,
        "--file-by-file",
        "--type",
        "django",
        "--target",
        TARGET,
    ]);
    let output = command.arg("--env-file").arg(folder.join("environment")).output().unwrap();
    text(&output.stdout).contains(" fires for ")
}

/// The rules that tell of the module.
fn findings(folder: &Path, case: &Case) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(["check", "--file-by-file", "--exit-zero", "--preview", "--pedantic", "--output-format", "json"]);
    command.args([
        "--role",
        "production",
        "--type",
        "django",
        "--select",
        "django/*",
        "--target",
        TARGET,
        "--env-file",
    ]);
    let output = command.arg(folder.join("environment")).arg(folder.join(case.root())).output().unwrap();
    let told: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let all = told["findings"].as_array().unwrap_or_else(|| panic!("{}", text(&output.stderr)));
    let rules = all.iter().filter_map(|finding| finding["rule"].as_str()?.strip_prefix("django/"));
    rules.map(str::to_owned).collect()
}

/// The files of the project, as far as settings may read them.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if entry.metadata().is_ok_and(|it| it.len() < 1 << 20) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read(&path).unwrap()));
        }
    }
}
