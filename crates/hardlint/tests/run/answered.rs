//! Alarms that one file raises and the rest of the deployment answers (`testdata/cases/answered/cases.txt`): each is shown
//! for the file by itself first, and is gone where the whole is seen.
//!
//! A case is `=== what answers it`, a line with the rule and the file, and the files.

use crate::scratch::Scratch;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether the rule fires in the file, or at its line where the path names one.
fn fires(folder: &Path, rule: &str, path: &str, arguments: &[&str]) -> bool {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--preview", "--exit-zero", "--output-format", "json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let (path, line) = path.split_once(':').map_or((path, None), |(path, line)| (path, line.parse::<u64>().ok()));
    let at = |finding: &Value| line.is_none_or(|line| finding["at"]["line"] == line);
    findings.iter().any(|finding| finding["rule"] == rule && finding["path"] == path && at(finding))
}

/// A case: what answers it, the rule and the file, and a folder with its files.
struct Case {
    name: String,
    rule: String,
    path: String,
    files: Scratch,
}

fn cases(folder: &str) -> Vec<Case> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../testdata/cases/{folder}/cases.txt"));
    let text = fs::read_to_string(file).unwrap();
    let case = |(number, case): (usize, &str)| {
        let mut parts = case.split("--- ");
        let (name, verdict) = parts.next().unwrap().trim_end().split_once('\n').unwrap();
        let (rule, path) = verdict.split_once(' ').unwrap();
        let files = Scratch::new(&format!("{folder}-{number}"));
        fs::create_dir_all(files.path(".git")).unwrap();
        for part in parts {
            let (path, text) = part.split_once('\n').unwrap();
            let path = files.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Case { name: name.to_owned(), rule: rule.to_owned(), path: path.to_owned(), files }
    };
    text.split("=== ").skip(1).enumerate().map(case).collect()
}

#[test]
fn what_the_deployment_answers_is_no_alarm() {
    let mut wrong = Vec::new();
    let all = cases("answered");
    for Case { name, rule, path, files } in &all {
        let folder = files.path("");
        if !fires(&folder, rule, path, &["--file-by-file", path]) {
            wrong.push(format!("{name}: {rule} is silent where only {path} is seen"));
        }
        if fires(&folder, rule, path, &["."]) {
            wrong.push(format!("{name}: {rule} fires where all is seen"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(all.len() >= 20, "there are {} cases", all.len());
}

/// What looks like an answer and is none (`testdata/cases/unanswered/cases.txt`).
#[test]
fn what_the_deployment_does_not_answer_is_told() {
    let all = cases("unanswered");
    let silent = all.iter().filter(|it| !fires(&it.files.path(""), &it.rule, &it.path, &["."]));
    let silent: Vec<&str> = silent.map(|it| it.name.as_str()).collect();
    assert!(silent.is_empty(), "silent: {silent:?}");
    assert!(all.len() > 10, "there are {} cases", all.len());
}

/// What is true and seldom worth a busy reader's time (`testdata/cases/pedantic/cases.txt`). A line may stand behind the
/// file's name.
#[test]
fn what_is_seldom_worth_telling_is_left_to_the_pedantic() {
    let all = cases("pedantic");
    let mut wrong = Vec::new();
    for Case { name, rule, path, files } in &all {
        let folder = files.path("");
        if fires(&folder, rule, path, &["."]) {
            wrong.push(format!("{name}: {rule} is told to everybody"));
        }
        if !fires(&folder, rule, path, &["--pedantic", "."]) {
            wrong.push(format!("{name}: {rule} is not told to the pedantic"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(all.len() > 10, "there are {} cases", all.len());
}
