//! What `hardlint show --output-format json` says of a case.

use crate::case::{Case, Place};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// What is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The lines of each key; why it is not known.
    pub(crate) values: BTreeMap<String, Result<Vec<String>, String>>,
    /// What the program would refuse, and why.
    pub(crate) problems: Vec<(Place, String)>,
}

/// Shows the first file of a case that lies in `folder`.
pub(crate) fn show(format: &str, target: &str, folder: &Path, case: &Case) -> Shown {
    let mut arguments: Vec<OsString> = ["--isolated", "--reveal", "--output-format", "json"].map(OsString::from).into();
    arguments.extend(["--type", format, "--target", target].map(OsString::from));
    if !case.conditions.is_empty() {
        let pairs: Vec<String> = case.conditions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        arguments.extend(["--where".into(), pairs.join(",").into()]);
    }
    arguments.push(folder.join(case.root()).into());
    let text = hardlint::show(arguments).unwrap();
    let shown: Value = serde_json::from_str(&text).unwrap();
    let values = shown["effective"].as_object().unwrap().iter();
    let problems = shown["problems"].as_array().unwrap().iter();
    Shown {
        values: values.map(|(key, entry)| (key.clone(), lines(entry))).collect(),
        problems: problems.map(|problem| (place(problem, folder), problem["message"].to_string())).collect(),
    }
}

fn lines(entry: &Value) -> Result<Vec<String>, String> {
    match &entry["value"] {
        Value::Array(lines) => Ok(lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect()),
        Value::String(line) => Ok(vec![line.clone()]),
        Value::Null => Err(entry["why"].as_str().unwrap_or("no reason is given").to_owned()),
        other => Ok(vec![other.to_string()]),
    }
}

/// Paths are as the case has them.
fn place(problem: &Value, folder: &Path) -> Place {
    let path = problem["path"].as_str().unwrap();
    let path = Path::new(path).strip_prefix(folder).map_or(path, |path| path.to_str().unwrap());
    Place { path: path.to_owned(), line: problem["at"]["line"].as_u64().map_or(0, |line| line.try_into().unwrap()) }
}
