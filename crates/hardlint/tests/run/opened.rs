//! Holes that open only between files (`testdata/cases/opened/cases.txt`): each file by itself is silent about them, and
//! the whole is not.
//!
//! A case is `=== what opens it`, a line with the rule and the place, with `<` and a further place that the finding names
//! where one is meant, and the files.

use crate::scratch::Scratch;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The places at which a rule fires.
fn places(folder: &Path, rule: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--preview", "--exit-zero", "--output-format", "json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    let place = |at: &Value| format!("{}:{}", at["path"].as_str().unwrap(), at["line"]);
    let told = |finding: &Value| {
        let related = finding["related"].as_array().unwrap().iter().map(|label| place(&label["at"]));
        std::iter::once(place(&finding["at"])).chain(related).collect::<Vec<_>>().join(" < ")
    };
    found.map(told).collect()
}

/// Programs open a file by the name of a link, so that this says what it is and what it is for.
#[test]
fn a_link_says_what_a_file_is_and_what_it_is_for() {
    let scratch = Scratch::new("opened-links");
    let open = "services:\n  web:\n    image: a/b:1\n    privileged: true\n";
    let found = |files: &[(&str, &str)], links: &[(&str, &str)]| {
        let _ = fs::remove_dir_all(scratch.path("p"));
        for (path, text) in files {
            scratch.write(&format!("p/{path}"), text);
        }
        for (to, path) in links {
            scratch.link(to, &format!("p/{path}"));
        }
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["check", "--output-format", "concise", "p"])
            .current_dir(scratch.path(""))
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        out.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let yes = ["p/compose.yaml:4:17:"];
    assert_eq!(found(&[("compose.dev.yaml", open)], &[("compose.dev.yaml", "compose.yaml")]), yes);
    assert_eq!(
        found(&[("tests/fixtures/compose.yaml", open)], &[("tests/fixtures/compose.yaml", "compose.yaml")]),
        yes
    );
    assert_eq!(found(&[("x/base.txt", open)], &[("x/base.txt", "compose.yaml")]), yes);
    let image = "FROM debian:13\nRUN curl http://files.example/x.sh | sh\nUSER 1\nCMD [\"a\"]\n";
    assert_eq!(found(&[("conf/build.docker", image)], &[("conf/build.docker", "Dockerfile")]), ["p/Dockerfile:2:5:"]);
    // One that says no more is the same once more, also where both are named.
    assert_eq!(found(&[("compose.yaml", open)], &[("compose.yaml", "docker-compose.yml")]), yes);
    assert_eq!(found(&[("compose.yaml", open)], &[("compose.yaml", "compose.dev.yaml")]), yes);
    // A file of variables that services name by a link is one file.
    let key = ["STRIPE_KEY=sk_live_", "4eC39HqLyjWDarjtT1zdp7dc\n"].concat();
    let service = "services:\n  web:\n    image: a/b:1\n    env_file: .env\n";
    let found_key = found(&[(".env", &key), ("deploy/compose.yaml", service)], &[("../.env", "deploy/.env")]);
    assert_eq!(found_key, ["p/.env:1:12:"]);
    let both = [("compose.dev.yaml", "compose.yaml"), ("../compose.dev.yaml", "main/compose.yaml")];
    assert_eq!(found(&[("compose.dev.yaml", open)], &both), yes);
    let env = "API_TOKEN=changeme\n";
    assert_eq!(found(&[(".env.example", env)], &[(".env.example", ".env")]), [""; 0]);
}

#[test]
fn what_opens_between_files_is_found() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/opened/cases.txt");
    let text = fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in text.split("=== ").skip(1) {
        let mut parts = case.split("--- ");
        let (name, verdict) = parts.next().unwrap().trim_end().split_once('\n').unwrap();
        let (rule, place) = verdict.split_once(' ').unwrap();
        let scratch = Scratch::new("opened");
        fs::create_dir_all(scratch.path(".git")).unwrap();
        let mut paths = Vec::new();
        for part in parts {
            let (path, text) = part.split_once('\n').unwrap();
            fs::write(scratch.path(path), text).unwrap();
            paths.push(path);
        }
        let folder = scratch.path("");
        for path in paths {
            let alone = places(&folder, rule, &["--file-by-file", path]);
            if !alone.is_empty() {
                wrong.push(format!("{name}: {rule} fires at {alone:?} where only {path} is seen"));
            }
        }
        let whole = places(&folder, rule, &["."]);
        let (at, named) = place.split_once(" < ").unwrap_or((place, ""));
        let is = |told: &String| {
            let mut places = told.split(" < ");
            places.next() == Some(at) && (named.is_empty() || places.any(|place| place == named))
        };
        if whole.len() != 1 || !whole.iter().all(is) {
            wrong.push(format!("{name}: {rule} fires at {whole:?}, and not at {place}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(count >= 20, "there are {count} cases");
}
