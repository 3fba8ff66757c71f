//! Input that nobody means well with: a clear problem for it, and everything else still checked.

use crate::scratch::Scratch;
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Checks a folder and gives the status, the report and the time.
fn check(scratch: &Scratch, args: &[&str]) -> (i32, Value, Duration) {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "json"])
        .args(args)
        .current_dir(scratch.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {err}"));
    (output.status.code().unwrap(), report, start.elapsed())
}

fn problems(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = report["problems"].as_array().unwrap();
    list.iter().map(|problem| (text(&problem["path"]), text(&problem["message"]))).collect()
}

fn read(report: &Value) -> u64 {
    report["summary"]["files"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

#[test]
fn one_bad_file_never_stops_the_others() {
    let scratch = Scratch::new("bad-files");
    scratch.write("good/nginx.conf", "events {}\n");
    scratch.write("empty/nginx.conf", "");
    scratch.write("binary/nginx.conf", b"user \0;\n");
    scratch.write("utf16/sshd_config", b"\xff\xfeP\0o\0r\0t\0");
    scratch.pipe("fifo-nginx.conf");
    scratch.write("random/redis.conf", b"\x01\0\xff");
    scratch.write("random/other.conf", b"\x01\0\xff");
    scratch.write("random/nginx.png", b"\x89PNG\0");
    scratch.write("fifo/.keep", "");
    scratch.pipe("fifo/nginx.conf");
    scratch.link("b", "loop/sshd_config");
    scratch.link("sshd_config", "loop/b");
    scratch.link("/etc/hostname", "outside/sshd_config");
    scratch.link("..", "circle/up");
    let (status, report, _) = check(&scratch, &["."]);
    assert_eq!(status, 3, "{report:#}");
    let expected = [
        ("binary/nginx.conf", "it is not text: a NUL byte stands at offset 5"),
        ("fifo/nginx.conf", "it is a pipe, socket or device, which is not read"),
        ("loop/sshd_config", "its symbolic links lead in a circle"),
        ("outside/sshd_config", "it lies outside the root, where nothing is read"),
        ("random/redis.conf", "it is not text: a NUL byte stands at offset 1"),
        ("utf16/sshd_config", "it is UTF-16, which no program here reads; save it as UTF-8"),
    ];
    let found = problems(&report);
    let found: Vec<(&str, &str)> = found.iter().map(|(path, message)| (path.as_str(), message.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(read(&report), 2, "{report:#}");
}

#[test]
fn a_file_above_the_limit_is_a_problem_and_is_not_read() {
    let scratch = Scratch::new("huge");
    scratch.write("nginx.conf", "");
    let file = std::fs::File::create(scratch.path("sshd_config")).unwrap();
    file.set_len(65 << 20).unwrap();
    let (status, report, took) = check(&scratch, &["."]);
    assert_eq!(status, 3);
    let message = "it has 68157440 bytes; files above 64 MiB are not read";
    assert_eq!(problems(&report), [("sshd_config".to_owned(), message.to_owned())]);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_pipe_given_by_name_is_a_problem_and_does_not_hang() {
    let scratch = Scratch::new("named-pipe");
    scratch.pipe("nginx.conf");
    let (status, report, took) = check(&scratch, &["nginx.conf"]);
    assert_eq!(status, 3);
    assert_eq!(problems(&report)[0].1, "it is a pipe, socket or device, which is not read");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn names_with_escape_sequences_do_not_reach_the_terminal() {
    let scratch = Scratch::new("escape");
    scratch.write("\x1b]0;owned\x07/nginx.conf", b"\0");
    for format in ["text", "concise"] {
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["check", "--output-format", format])
            .current_dir(scratch.path(""))
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.contains("\\u{1b}]0;owned\\u{7}/nginx.conf"), "{out:?}");
        assert!(!out.contains('\x1b') && !out.contains('\x07'), "{out:?}");
    }
}

#[test]
fn a_file_may_be_nothing_to_us() {
    let scratch = Scratch::new("not-ours");
    scratch.write("README.md", "# hello\n");
    // Who names it alone wanted it checked, which it was not.
    let (status, report, _) = check(&scratch, &["README.md"]);
    assert_eq!((status, read(&report)), (3, 0), "{report:#}");
    let (status, report, _) = check(&scratch, &["."]);
    assert_eq!((status, read(&report)), (0, 0), "{report:#}");
}

/// One rule points at the whole of an entry, the other, which says less, at a part of it.
#[test]
fn what_says_all_and_more_stands_for_a_part_of_it() {
    let scratch = Scratch::new("replaced");
    let mount = "      - type: bind\n        source: /var/run/docker.sock\n        target: /var/run/docker.sock\n";
    let text = format!("services:\n  a:\n    image: x/y:1\n    ports: [\"8080:80\"]\n    volumes:\n{mount}");
    scratch.write("compose.yaml", &text);
    let (_, report, _) = check(&scratch, &["compose.yaml"]);
    let findings = report["findings"].as_array().unwrap().iter();
    let rules: Vec<_> =
        findings.filter(|it| it["severity"] == "critical").map(|it| it["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["deployment/docker-socket-reachable"]);
}
