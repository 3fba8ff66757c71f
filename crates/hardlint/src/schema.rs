//! `hardlint schema`: the JSON Schema of the settings, by which editors complete and check them.

use crate::CLEAN;
use crate::report::Out;
use anyhow::Result;
use hardlint_config::formats;
use hardlint_lint::settings::PRESETS;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Where nothing can be written.
pub fn run() -> Result<u8> {
    let mut out = Out::standard();
    serde_json::to_writer_pretty(&mut out, &schema()).map_err(io::Error::from)?;
    writeln!(out)?;
    out.finish()?;
    Ok(CLEAN)
}

/// What `hardlint.toml` may say, and `[tool.hardlint]` in `pyproject.toml`.
fn schema() -> Value {
    let severities = json!(["info", "low", "medium", "high", "critical"]);
    let severity = |said: &str| json!({"description": said, "enum": severities});
    let confidence =
        json!({"description": "Show findings at or above this confidence only.", "enum": ["low", "medium", "high"]});
    let texts = |said: &str| json!({"description": said, "type": "array", "items": {"type": "string"}});
    let patterns = |said: &str| {
        let pattern = json!({"type": "string", "pattern": "^[^!#\\n][^\\n]*$"});
        json!({"description": said, "type": "array", "items": pattern})
    };
    let switch = |said: &str| json!({"description": said, "type": "boolean"});
    let mut types: Vec<&str> = formats::of_files().map(|format| format.id).collect();
    types.push("none");
    let programs = hardlint_lint::settings::programs();
    let version = json!({"type": "string", "pattern": "^[0-9]"});
    let targets: serde_json::Map<String, Value> =
        programs.into_iter().map(|program| (program.to_owned(), version.clone())).collect();
    let one_override = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["paths"],
        "properties": {
            "paths": {"description": "Patterns of paths, as in a .gitignore.", "type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^[^!#\n][^\n]*$"}},
            "ignore": texts("Rules not to apply to them: ids or patterns such as nginx/*."),
            "severity": severity("Show findings in them at or above this severity only."),
            "confidence": confidence,
        },
    });
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": format!("{}/blob/main/docs/settings.schema.json", env!("CARGO_PKG_REPOSITORY")),
        "title": "Settings of hardlint",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "extends": {"description": "A settings file that these lie over, seen from this one.", "type": "string"},
            "preset": {"description": "Settings that go together, under those that are set.", "enum": PRESETS},
            "select": texts("Apply these rules only: ids or patterns such as nginx/*."),
            "ignore": texts("Do not apply these rules."),
            "severity": severity("Show findings at or above this severity only."),
            "confidence": confidence,
            "fail-on": severity("Findings at or above this severity make a run fail."),
            "preview": switch("Apply rules that were not proven yet as well."),
            "pedantic": switch("Show what may or may not be a fault as well."),
            "require-reason": switch("An allow has to say why."),
            "baseline": {"description": "The file that remembers old findings, seen from this one.", "type": "string"},
            "target": {"description": "The versions that are deployed to.", "type": "object", "additionalProperties": false, "properties": targets},
            "root-map": {"description": "Absolute folders, and the folders that stand for them, seen from this file.", "type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": {"type": "string"}},
            "files": {"description": "Patterns of paths, and what the files are; the last that matches decides.", "type": "object", "additionalProperties": {"enum": types}},
            "roles": {"description": "Patterns of paths, and what the files are for; the last that matches decides.", "type": "object", "additionalProperties": {"enum": ["production", "development", "test", "example", "unknown"]}},
            "secrets": {"description": "What is asked of secrets.", "type": "object", "additionalProperties": false, "properties": {
                "min-length": {"description": "How many characters a secret has to have that is judged by its length.", "type": "integer", "minimum": 8, "maximum": 1024},
            }},
            "exclude": patterns("Patterns of paths that are not looked at."),
            "overrides": {"description": "What holds for some files only; each adds to those before it.", "type": "array", "items": one_override},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardlint_lint::settings::{KEYS, OVERRIDE_KEYS, SECRET_KEYS};

    #[test]
    fn it_has_every_setting_and_no_other() {
        let schema = schema();
        let names = |value: &Value| {
            let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let sorted = |keys: &[&str]| {
            let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            keys.sort();
            keys
        };
        assert_eq!(names(&schema["properties"]), sorted(KEYS));
        assert_eq!(names(&schema["properties"]["secrets"]["properties"]), sorted(SECRET_KEYS));
        assert_eq!(names(&schema["properties"]["overrides"]["items"]["properties"]), sorted(OVERRIDE_KEYS));
    }
}
