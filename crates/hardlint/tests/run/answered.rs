//! Alarms that one file raises and the rest of the deployment answers (`testdata/cases/answered/cases.txt`): each is shown
//! for the file by itself first, and is gone where the whole is seen.
//!
//! A case is `=== what answers it`, a line with the rule and the file, and the files.

use crate::scratch::Scratch;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether the rule fires in the file.
fn fires(folder: &Path, rule: &str, path: &str, arguments: &[&str]) -> bool {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--preview", "--exit-zero", "--output-format", "json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().any(|finding| finding["rule"] == rule && finding["path"] == path)
}

#[test]
fn what_the_deployment_answers_is_no_alarm() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/answered/cases.txt");
    let text = fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in text.split("=== ").skip(1) {
        let mut parts = case.split("--- ");
        let (name, verdict) = parts.next().unwrap().trim_end().split_once('\n').unwrap();
        let (rule, path) = verdict.split_once(' ').unwrap();
        let scratch = Scratch::new("answered");
        fs::create_dir_all(scratch.path(".git")).unwrap();
        for part in parts {
            let (path, text) = part.split_once('\n').unwrap();
            fs::write(scratch.path(path), text).unwrap();
        }
        let folder = scratch.path("");
        if !fires(&folder, rule, path, &["--isolated", path]) {
            wrong.push(format!("{name}: {rule} is silent where only {path} is seen"));
        }
        if fires(&folder, rule, path, &["."]) {
            wrong.push(format!("{name}: {rule} fires where all is seen"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(count >= 20, "there are {count} cases");
}
