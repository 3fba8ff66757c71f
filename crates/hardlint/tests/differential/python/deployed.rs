//! The services of a project that run its modules, by `hardlint graph`, in the environments that Docker Compose gives them; and
//! what `hardlint check` says of such a module where it knows of all of them.

use crate::case::text;
use crate::compose;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// What the name of a service's world begins with.
pub(super) const SERVICE: &str = "service ";

/// The services that run each module: their names and their environments.
pub(super) type Running = BTreeMap<String, Vec<(String, BTreeMap<String, String>)>>;

/// The services of a project that run modules. Without Compose there are none.
pub(super) fn services(project: &Path) -> Running {
    let compose = match compose::command() {
        Ok(compose) => compose,
        Err(why) => {
            assert!(std::env::var_os("HARDLINT_REQUIRE_ORACLES").is_none_or(|it| it != "1"), "{why}");
            return Running::new();
        }
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(["graph", "--no-findings", "--output-format", "json", "."]).current_dir(project);
    let output = command.output().unwrap();
    let why = || format!("{}: {}", project.display(), text(&output.stderr));
    let graph: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", why()));
    let mut found = Running::new();
    for service in graph["services"].as_array().unwrap_or_else(|| panic!("no services in the graph: {}", why())) {
        let (Some(settings), Some(id)) = (service["settings"].as_str(), service["id"].as_str()) else { continue };
        let Some((file, name)) =
            id.split_once('#').filter(|_| Path::new(settings).extension().is_some_and(|it| it == "py"))
        else {
            continue;
        };
        let output = Command::new(&compose)
            .args(["-f", file, "--profile", "*", "config", "--format", "json"])
            .current_dir(project)
            .output()
            .unwrap();
        // What Compose refuses runs nowhere; it says why.
        let Ok(told) = serde_json::from_slice::<Value>(&output.stdout) else {
            let said = text(&output.stderr);
            assert!(output.status.code().is_some_and(|code| code < 100) && !said.is_empty(), "{file}: Compose: {said}");
            println!("{id}: Compose refuses it: {}", said.lines().next().unwrap_or_default());
            continue;
        };
        let environment = told["services"][name]["environment"].as_object().cloned().unwrap_or_default();
        let text = |(name, value): (String, Value)| Some((name, value.as_str()?.replace("$$", "$")));
        let environment = environment.into_iter().filter_map(text).collect();
        found.entry(settings.to_owned()).or_default().push((format!("{SERVICE}{id}"), environment));
    }
    found
}

/// A rule that says what a check of Django says and that nothing else in a deployment answers; and a rule that tells of it where
/// the cause stands, if there is one. Without that the rule may ask for more than the check does.
type Rule = (&'static str, &'static str, Option<&'static str>);

const RULES: &[Rule] = &[
    ("debug-true", "W018", Some("compose/debug-env-enabled")),
    ("csrf-middleware-missing", "W003", None),
    ("security-middleware-missing", "W001", None),
    ("content-type-nosniff-off", "W006", None),
    ("xframe-middleware-missing", "W002", None),
    ("session-cookie-httponly-off", "W015", None),
];

/// What `check` says of a module in its whole project, against what Django says where each service runs it: what fails in none
/// of them is not told, and what has a cause outside the module is told of one or the other.
pub(super) fn verdicts(folder: &Path, path: &str, worlds: &[Value]) -> String {
    let mut report = String::new();
    let of_services: Vec<&Value> = worlds
        .iter()
        .filter(|world| world["name"].as_str().is_some_and(|name| name.starts_with(SERVICE)))
        .filter(|world| world["failed"].is_array() && world["undecided"].as_array().is_some_and(Vec::is_empty))
        .collect();
    if of_services.is_empty() {
        return report;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(["check", "--exit-zero", "--preview", "--role", "production", "--target"]);
    command.args(["django=5.2.19", "--output-format", "json", "."]).current_dir(folder);
    let output = command.output().unwrap();
    let told: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    let ours: BTreeSet<(&str, &str)> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| Some((finding["path"].as_str()?.trim_start_matches("./"), finding["rule"].as_str()?)))
        .collect();
    for (rule, check, cause) in RULES {
        let check = format!("security.{check}");
        let fails = |world: &&Value| world["failed"].as_array().unwrap().iter().any(|id| id.as_str() == Some(&check));
        let failing = of_services.iter().copied().filter(|world| fails(world)).count();
        let here = ours.contains(&(path, &*format!("django/{rule}")));
        let at_cause = cause.is_some_and(|cause| ours.iter().any(|(_, told)| *told == cause));
        println!(
            "{path}: {check} fails in {failing} of {} services; {rule}: {here}, at its cause: {at_cause}",
            of_services.len()
        );
        if here && failing == 0 || cause.is_some() && failing > 0 && !here && !at_cause {
            let _ = writeln!(report, "{path}: {check} fails in {failing} services, and {rule} is told: {here}");
        }
    }
    report
}
