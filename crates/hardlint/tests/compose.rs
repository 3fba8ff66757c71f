//! Holds `show` against what Docker Compose 2.40.3 printed for the same projects (`testdata/oracles/compose`).

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn cases() -> Vec<(String, Vec<(String, String)>)> {
    let text = fs::read_to_string(folder().join("cases.txt")).unwrap();
    let mut cases: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push((name.trim().to_owned(), vec![("compose.yaml".to_owned(), String::new())]));
        } else if let Some(path) = line.strip_prefix("--- ") {
            cases.last_mut().unwrap().1.push((path.trim().to_owned(), String::new()));
        } else {
            cases.last_mut().unwrap().1.last_mut().unwrap().1.push_str(line);
        }
    }
    cases
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/oracles/compose")
}

#[test]
fn show_gives_the_document_of_docker_compose_config() {
    let recorded: Value = serde_json::from_str(&fs::read_to_string(folder().join("recorded.json")).unwrap()).unwrap();
    let mut wrong = String::new();
    for (name, files) in cases() {
        let scratch = std::env::temp_dir().join(format!("hardlint-compose-{}-{name}", std::process::id()));
        fs::create_dir_all(scratch.join(".git")).unwrap();
        for (path, text) in files {
            let path = scratch.join("project").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["show", "--output-format", "json", "--reveal", "--env-file", "/dev/null", "project/compose.yaml"])
            .current_dir(&scratch)
            .output()
            .unwrap();
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"));
        let problems = shown["problems"].as_array().unwrap_or_else(|| panic!("{name}: no problems are told of"));
        match &recorded[&name] {
            Value::String(_) if !problems.is_empty() => {}
            real if real.is_string() => tell(&name, Some(real), None, &mut wrong),
            _ if !problems.is_empty() => tell(&name, None, Some(&shown["problems"]), &mut wrong),
            real => differences(&name, real, &shown["effective"], &mut wrong),
        }
        fs::remove_dir_all(&scratch).unwrap();
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn differences(path: &str, real: &Value, ours: &Value, wrong: &mut String) {
    match (real, ours) {
        (Value::Object(real), Value::Object(ours)) => {
            let mut keys: Vec<&String> = real.keys().chain(ours.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let path = format!("{path}/{key}");
                match (real.get(key), ours.get(key)) {
                    (Some(real), Some(ours)) => differences(&path, real, ours, wrong),
                    (real, ours) => tell(&path, real, ours, wrong),
                }
            }
        }
        (Value::Array(real), Value::Array(ours)) if real.len() == ours.len() => {
            for (index, (real, ours)) in real.iter().zip(ours).enumerate() {
                differences(&format!("{path}/{index}"), real, ours, wrong);
            }
        }
        (real, ours) if real == ours || (real.is_number() && real.as_f64() == ours.as_f64()) => {}
        (real, ours) => tell(path, Some(real), Some(ours), wrong),
    }
}

fn tell(path: &str, real: Option<&Value>, ours: Option<&Value>, wrong: &mut String) {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    wrong.push_str(path);
    wrong.push_str(": Compose has ");
    wrong.push_str(&text(real));
    wrong.push_str(", hardlint ");
    wrong.push_str(&text(ours));
    wrong.push('\n');
}
