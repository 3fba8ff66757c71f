//! What `hardlint show --output-format json` says of a case.

use crate::case::{Case, Lines, Place};
use crate::driver::Format;
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
    pub(crate) problems: Vec<(Lines, String)>,
}

/// The document that is shown for the first file of a case that lies in `folder`.
pub(crate) fn document(format: &Format, target: &str, folder: &Path, case: &Case) -> Value {
    let mut arguments: Vec<OsString> =
        ["--file-by-file", "--reveal", "--output-format", "json"].map(OsString::from).into();
    arguments.extend(["--type", format.id].map(OsString::from));
    if !target.is_empty() {
        arguments.extend(["--target", target].map(OsString::from));
    }
    // What the program is started with.
    if case.files.iter().any(|(path, _)| path == "environment") {
        arguments.extend(["--env-file".into(), folder.join("environment").into()]);
    } else {
        arguments.extend(format.arguments.iter().map(OsString::from));
    }
    if !case.conditions.is_empty() {
        let pairs: Vec<String> = case.conditions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        arguments.extend(["--where".into(), pairs.join(",").into()]);
    }
    arguments.push(folder.join(case.root()).into());
    let text = hardlint::show(arguments).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Shows the first file of a case that lies in `folder`.
pub(crate) fn show(format: &Format, target: &str, folder: &Path, case: &Case) -> Shown {
    let shown = document(format, target, folder, case);
    let values = match &shown["effective"] {
        Value::Array(rows) => {
            rows.iter().enumerate().flat_map(|(at, row)| fields(at, row, &shown["unknown"])).collect()
        }
        document if shown["origins"].is_object() => {
            let known = |(pointer, lines)| match shown["unknown"][&pointer].as_str() {
                Some(why) => (pointer, Err(why.to_owned())),
                None => (pointer, Ok(lines)),
            };
            crate::case::pointers(document).into_iter().map(known).collect()
        }
        values => values.as_object().unwrap().iter().map(|(key, entry)| (key.clone(), lines(entry))).collect(),
    };
    let problems = shown["problems"].as_array().unwrap().iter();
    Shown {
        values,
        problems: problems.map(|problem| (place(problem, folder), problem["message"].to_string())).collect(),
    }
}

/// The fields of a row, each under its number; what is null is not told.
fn fields(at: usize, row: &Value, unknown: &Value) -> Vec<(String, Result<Vec<String>, String>)> {
    let field = |(name, value): (&String, &Value)| {
        let why = |name: &str| unknown[format!("/{at}{name}")].as_str().map(str::to_owned);
        let items = 0..value.as_array().map_or(0, Vec::len);
        let unknown = why(&format!("/{name}"));
        let unknown = unknown.or_else(|| items.into_iter().find_map(|item| why(&format!("/{name}/{item}"))));
        let lines = match unknown {
            Some(why) => Err(why),
            None => Ok(crate::case::json_lines(value)?),
        };
        Some((format!("{at:04} {name}"), lines))
    };
    row.as_object().unwrap().iter().filter_map(field).collect()
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
fn place(problem: &Value, folder: &Path) -> Lines {
    let path = problem["path"].as_str().unwrap();
    let path = Path::new(path).strip_prefix(folder).map_or(path, |path| path.to_str().unwrap());
    let line = |name: &str| problem["at"][name].as_u64().map_or(0, |line| line.try_into().unwrap());
    Lines { first: Place { path: path.to_owned(), line: line("line") }, last: line("end_line").max(line("line")) }
}
