//! All formats tell the same findings, and a file's name is never markup.

use crate::scratch::Scratch;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Path, line and rule of a finding.
type Found = (String, u64, String);

fn check(folder: &Path, format: &str) -> String {
    check_named(folder, format, &[])
}

fn check_named(folder: &Path, format: &str, named: &[&str]) -> String {
    let arguments = ["check", "--preview", "--pedantic", "--severity", "info", "--output-format", format];
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(arguments)
        .args(named)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Between two marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(inside, _)| inside)
}

/// What a reader of the format sees.
fn found(format: &str, report: &str) -> Vec<Found> {
    let json = || serde_json::from_str::<Value>(report).unwrap();
    let of_json =
        |finding: &Value| (text(&finding["path"]), finding["at"]["line"].as_u64().unwrap(), text(&finding["rule"]));
    let mut found: Vec<Found> = match format {
        "json" => json()["findings"].as_array().unwrap().iter().map(of_json).collect(),
        "jsonl" => {
            let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.filter(|line| line["kind"] == "finding").map(|line| of_json(&line)).collect()
        }
        "sarif" => json()["runs"][0]["results"].as_array().unwrap().iter().map(of_sarif).collect(),
        "gitlab" => json().as_array().unwrap().iter().map(of_gitlab).collect(),
        "concise" => report.lines().filter_map(|line| placed(line.split_once(": ")?.0, line)).collect(),
        "github" => report.lines().filter_map(of_github).collect(),
        "text" => of_text(report),
        "checkstyle" => of_checkstyle(report),
        "junit" => report.split("<testcase ").filter_map(of_junit).collect(),
        "markdown" => report.lines().filter_map(of_markdown).collect(),
        "html" => report.split("<article ").skip(1).filter_map(of_html).collect(),
        _ => panic!("{format}"),
    };
    found.retain(|(.., rule)| rule != "hardlint/problem");
    found.sort();
    found
}

/// `path:line:column` and `severity[rule]` somewhere behind.
fn placed(place: &str, rest: &str) -> Option<Found> {
    let mut parts = place.rsplitn(3, ':');
    let (_, line, path) = (parts.next()?, parts.next()?, parts.next()?);
    Some((path.to_owned(), line.parse().ok()?, between(rest, "[", "]")?.to_owned()))
}

fn of_sarif(result: &Value) -> Found {
    let place = &result["locations"][0]["physicalLocation"];
    let path = text(&place["artifactLocation"]["uri"]);
    (path, place["region"]["startLine"].as_u64().unwrap(), text(&result["ruleId"]))
}

fn of_gitlab(issue: &Value) -> Found {
    let line = issue["location"]["lines"]["begin"].as_u64().unwrap();
    (text(&issue["location"]["path"]), line, text(&issue["check_name"]))
}

fn of_github(line: &str) -> Option<Found> {
    let (_, message) = line.strip_prefix("::")?.split_once("::")?;
    placed(message.split_once(": ")?.0, message)
}

fn of_text(report: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rule = None;
    for line in report.lines() {
        let is_header = ["info[", "low[", "medium[", "high[", "critical["].iter().any(|start| line.starts_with(start));
        if is_header {
            rule = between(line, "[", "]");
        }
        if let (Some(id), Some((_, place))) = (rule, line.split_once("┌─ ")) {
            found.extend(placed(place, &format!("[{id}]")));
            rule = None;
        }
    }
    found
}

fn of_checkstyle(report: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for file in report.split("<file ").skip(1) {
        let path = between(file, "name=\"", "\"").unwrap();
        for error in file.split("<error ").skip(1) {
            let line = between(error, "line=\"", "\"").unwrap().parse().unwrap();
            found.push((path.to_owned(), line, between(error, "source=\"", "\"").unwrap().to_owned()));
        }
    }
    found
}

fn of_junit(case: &str) -> Option<Found> {
    let line = between(case, " line=\"", "\"")?.parse().ok()?;
    let rule = between(case, "name=\"", ": ")?.to_owned();
    Some((between(case, " file=\"", "\"")?.to_owned(), line, rule))
}

fn of_markdown(line: &str) -> Option<Found> {
    let (_, row) = line.strip_prefix("| ")?.split_once(" | `")?;
    let (path, line) = row.split_once('`')?.0.rsplit_once(':')?;
    let rule = between(row.rsplit_once("<br>[")?.1, "`", "`").or_else(|| between(row, "<br>[`", "`"));
    let rule = between(row, "<br>[`", "`").or(rule)?;
    Some((path.to_owned(), line.parse().ok()?, rule.to_owned()))
}

fn of_html(article: &str) -> Option<Found> {
    let of = |name: &str| between(article, &format!(" data-{name}=\""), "\"");
    Some((of("path")?.to_owned(), of("line")?.parse().ok()?, of("rule")?.to_owned()))
}

#[test]
fn all_formats_tell_the_same_findings() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/shop");
    let expected = found("json", &check(&shop, "json"));
    assert!(expected.len() > 50, "{}", expected.len());
    for format in ["text", "concise", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "html"] {
        let report = check(&shop, format);
        assert_eq!(found(format, &report), expected, "{format}: {report}");
    }
}

#[test]
fn a_problem_is_in_every_format() {
    let scratch = Scratch::new("problem-formats");
    scratch.write("nginx.conf", b"\0");
    let formats =
        ["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "html"];
    for format in formats {
        let report = check(&scratch.path(""), format);
        assert!(
            report.contains("nginx.conf") && report.contains("a NUL byte stands at offset 0"),
            "{format}: {report}"
        );
    }
    // One that is only worth knowing is as well, and makes no run fail.
    scratch.write("nginx.conf", "events {}\n");
    scratch.write("notes.txt", "text\n");
    for format in formats {
        let report = check_named(&scratch.path(""), format, &["nginx.conf", "notes.txt"]);
        assert!(
            report.contains("notes.txt") && report.contains("neither by name nor by content"),
            "{format}: {report}"
        );
        let failed =
            ["executionSuccessful\": false", "<error type", "::error", "\"critical\"", "problem:", "id=\"problems"];
        assert!(!failed.iter().any(|word| report.contains(word)), "{format}: {report}");
    }
    scratch.write("nginx.conf", b"\0");
    std::fs::remove_file(scratch.path("notes.txt")).unwrap();
    // Lines of many runs can be put together: each says what it is, and where from.
    let line: Value = serde_json::from_str(&check(&scratch.path(""), "jsonl")).unwrap();
    let of = ["kind", "path", "at", "message", "repository", "commit", "version"].map(|key| line[key].clone());
    let said = "it is not text: a NUL byte stands at offset 0";
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(Value::from(of.to_vec()), serde_json::json!(["problem", "nginx.conf", null, said, null, null, version]));
}

#[test]
fn the_name_of_a_file_is_no_markup() {
    let scratch = Scratch::new("markup-names");
    let name = "<script>alert(1)<%2fscript>\"'&|`]]>\u{1b}.d";
    scratch.write(&format!("{name}/sshd_config"), "PermitEmptyPasswords yes\n");
    scratch.write(&format!("{name}/nginx.conf"), b"\0");
    for format in ["junit", "checkstyle", "markdown", "html"] {
        let report = check(&scratch.path(""), format);
        assert!(report.contains("sshd/permit-empty-passwords"), "{format}: {report}");
        assert!(!report.contains('\u{1b}'), "{format}: {report}");
        // In Markdown, it stands in code, of which nothing is markup, or escaped.
        assert!(!report.contains("<script>alert"), "{format}: {report}");
    }
}
