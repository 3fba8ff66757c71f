//! Holds `hardlint graph` against links that were drawn by hand from the files of real projects (`testdata/links`), and the
//! environments in it against Docker Compose.
//!
//! The projects are looked for below `HARDLINT_CORPUS`, Compose under `HARDLINT_COMPOSE`; without them nothing is compared.

#![expect(clippy::print_stderr, reason = "a test that compares nothing says so")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Row = (String, String, String);

struct Drawn {
    project: PathBuf,
    /// The first files of the Compose projects that are drawn.
    covers: BTreeSet<String>,
    rows: BTreeSet<Row>,
}

/// What was drawn, of the projects that are at hand.
fn drawn() -> Vec<Drawn> {
    let Some(corpus) = std::env::var_os("HARDLINT_CORPUS") else {
        eprintln!("HARDLINT_CORPUS is not set: no links are compared");
        return Vec::new();
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/links");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut drawn = Drawn {
            project: Path::new(&corpus).join(name.trim_end_matches(".tsv")),
            covers: BTreeSet::new(),
            rows: BTreeSet::new(),
        };
        let text = fs::read_to_string(entry.path()).unwrap();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            match cells.as_slice() {
                ["covers", path] => _ = drawn.covers.insert((*path).to_owned()),
                [from, kind, to] => _ = drawn.rows.insert(((*from).into(), (*kind).into(), (*to).into())),
                _ => panic!("{name}: a row has two or three cells: {line}"),
            }
        }
        all.push(drawn);
    }
    assert!(all.len() >= 15, "fifteen projects are drawn");
    all
}

fn graph(project: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["graph", "--no-findings", "--output-format", "json", "."])
        .current_dir(project)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What the graph has of the kinds that are drawn.
fn rows(graph: &Value, drawn: &Drawn) -> BTreeSet<Row> {
    let mut rows = BTreeSet::new();
    let mut services = BTreeSet::new();
    for service in graph["services"].as_array().unwrap() {
        let id = text(&service["id"]);
        if !drawn.covers.contains(&text(&service["project"])) {
            continue;
        }
        for kind in ["image", "stage"] {
            if let Value::String(name) = &service[kind] {
                rows.insert((id.clone(), kind.to_owned(), name.clone()));
            }
        }
        for port in service["ports"].as_array().unwrap() {
            let [address, published, target, protocol] =
                ["host_ip", "published", "target", "protocol"].map(|key| text(&port[key]));
            rows.insert((id.clone(), "publishes".to_owned(), format!("{address}:{published}->{target}/{protocol}")));
        }
        services.insert(id);
    }
    let name = |id: &str| id.split('#').next_back().unwrap_or_default().to_owned();
    for link in graph["links"].as_array().unwrap() {
        let [from, to, kind, note] = ["from", "to", "kind", "note"].map(|key| text(&link[key]));
        // Of projects that are not drawn nothing is compared, nor what only files of one format say of each other.
        let compared = if from.contains('#') {
            services.contains(&from)
        } else {
            kind == "copy" || drawn.rows.iter().any(|(file, known, _)| *file == from && *known == kind)
        };
        if !compared || kind == "dockerignore" {
            continue;
        }
        let to = match kind.as_str() {
            "mount" => format!("{to} {note}"),
            "proxy" => format!("{}:{note}", name(&to)),
            "env_file" if note == "missing" => format!("{to} (missing)"),
            "depends_on" | "connects" => name(&to),
            _ => to,
        };
        rows.insert((from, kind, to));
    }
    rows
}

#[test]
fn links_are_those_that_were_drawn_by_hand() {
    let mut wrong = String::new();
    for drawn in drawn() {
        let found = rows(&graph(&drawn.project), &drawn);
        let project = drawn.project.file_name().unwrap().to_string_lossy();
        for (word, rows) in [("missing", &drawn.rows - &found), ("not drawn", &found - &drawn.rows)] {
            for (from, kind, to) in rows {
                let _ = writeln!(wrong, "{project}: {word}: {from} {kind} {to}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn environments_are_those_of_docker_compose() {
    let Some(compose) = std::env::var_os("HARDLINT_COMPOSE") else {
        eprintln!("HARDLINT_COMPOSE is not set: no environments are compared");
        return;
    };
    let (mut wrong, mut compared) = (String::new(), 0);
    for drawn in drawn() {
        let graph = graph(&drawn.project);
        for file in &drawn.covers {
            let output = Command::new(&compose)
                .args(["-f", file, "--profile", "*", "config", "--format", "json"])
                .current_dir(&drawn.project)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", "/nonexistent")
                .output()
                .unwrap();
            // What Compose refuses, it prints nothing of, and says why.
            let Ok(real) = serde_json::from_slice::<Value>(&output.stdout) else {
                assert!(!output.stderr.is_empty(), "{file}: Compose says nothing");
                continue;
            };
            for service in graph["services"].as_array().unwrap().iter().filter(|it| text(&it["project"]) == **file) {
                let theirs = &real["services"][text(&service["name"])]["environment"];
                for (name, ours) in service["environment"].as_object().unwrap() {
                    let Value::String(ours) = ours else { continue };
                    compared += 1;
                    let theirs = text(&theirs[name]);
                    // Of a secret, only how long it is.
                    let masked = ours.ends_with(&format!("({} characters)", theirs.chars().count()));
                    if *ours != theirs && !masked {
                        let _ = writeln!(wrong, "{file} {} {name}", text(&service["name"]));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these variables differ:\n{wrong}");
    if std::env::var_os("HARDLINT_CORPUS").is_some() {
        assert!(compared > 500, "only {compared} variables were compared");
    }
}
