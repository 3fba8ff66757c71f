//! What the documents say is true: paths exist, dependencies have their row.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let clients = std::fs::read_dir(root().join("editors")).expect("the folder is part of the project").flatten();
    let clients =
        clients.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut folders: Vec<String> = clients.map(|name| format!("editors/{name}")).collect();
    folders.extend(["", "docs", "docs/formats", "editors", "packaging", "testdata/shop"].map(str::to_owned));
    for folder in folders {
        for entry in std::fs::read_dir(root().join(&folder)).expect("the folder is part of the project").flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let text = std::fs::read_to_string(&path).expect("documents are text");
                found.push((format!("{folder}/{}", entry.file_name().to_string_lossy()), text));
            }
        }
    }
    assert!(found.len() > 30, "the documents were not found");
    found
}

/// Code in backticks that looks like a path of this project: it begins with one of our folders.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    const OURS: &[&str] = &[
        "crates/",
        "rules/",
        "testdata/",
        "docs/",
        "benches/",
        "editors/",
        "fuzz/",
        "packaging/",
        "src/",
        ".ci/",
        ".github/",
    ];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|code| {
        let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        plain && OURS.iter().any(|folder| code.starts_with(folder))
    })
}

#[test]
fn every_path_in_a_document_exists() {
    let mut missing = Vec::new();
    for (name, text) in documents() {
        // ARCHITECTURE.md names modules from the `src` of the crate whose heading they stand under.
        for part in text.split("\n### ") {
            let heading = part.lines().next().unwrap_or_default().trim_start_matches("### `crates/");
            let own = heading.trim_start_matches("`crates/").split('`').next().unwrap_or_default();
            for path in paths(part) {
                let place = if path.starts_with("src/") { format!("crates/{own}/{path}") } else { path.to_owned() };
                if !root().join(place).exists() {
                    missing.push(format!("{name}: {path}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "these paths do not exist:\n{}", missing.join("\n"));
}

/// Who looks for where a thing lives finds each module of a crate in the code map.
#[test]
fn every_module_is_in_the_code_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut missing = Vec::new();
    let mut count = 0;
    for folder in [
        "hardlint-config/src",
        "hardlint-config/src/deployment",
        "hardlint-lint/src",
        "hardlint-lsp/src",
        "hardlint/src",
    ] {
        for entry in std::fs::read_dir(root().join("crates").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // What tests share is theirs.
            if path.extension().is_some_and(|it| it == "rs") && name != "scratch.rs" && name != "tests.rs" {
                count += 1;
                if !map.contains(&name) {
                    missing.push(format!("{folder}/{name}"));
                }
            }
        }
    }
    assert!(count > 60, "{count} modules");
    assert!(missing.is_empty(), "ARCHITECTURE.md does not say what these are:\n{}", missing.join("\n"));
}

#[test]
fn every_dependency_has_a_row_and_a_reason() {
    let table = std::fs::read_to_string(root().join("docs/dependencies.md")).expect("docs/dependencies.md is there");
    let rows: BTreeSet<&str> = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut faults = Vec::new();
    for manifest in
        ["crates/hardlint-config", "crates/hardlint-lint", "crates/hardlint-lsp", "crates/hardlint", "rules", "benches"]
    {
        let text =
            std::fs::read_to_string(root().join(manifest).join("Cargo.toml")).expect("each crate has a manifest");
        let mut inside = false;
        let mut reasoned = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && !line.trim().is_empty() && !line.starts_with('#') && line.contains('=') {
                let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
                if !name.starts_with("hardlint") {
                    if !rows.contains(name) {
                        faults.push(format!("{manifest}: `{name}` has no row in docs/dependencies.md"));
                    }
                    // One reason may stand above several that belong together.
                    if !reasoned && !line.contains(" #") {
                        faults.push(format!("{manifest}: `{name}` has no reason beside it"));
                    }
                }
            }
            reasoned = line.starts_with('#') || (reasoned && !line.trim().is_empty());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_image_passes_our_own_rules() {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--isolated", "--output-format", "concise", "Dockerfile"])
        .current_dir(root())
        .output()
        .expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&run.stdout), "");
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
}

/// Who changes something finds the check that is about it, and need not run them all.
#[test]
fn every_longer_check_is_listed_with_its_command() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("the file is part of the project");
    let (full, listed) = (read(".ci/full"), read("CONTRIBUTING.md"));
    let steps: Vec<&str> = full.lines().filter_map(|line| line.strip_prefix("step ")?.split(' ').next()).collect();
    assert!(steps.len() > 10, "the steps were not found");
    for step in steps {
        assert!(listed.contains(&format!("| `{step}` | ")), "CONTRIBUTING.md does not list the step `{step}`");
    }
}

/// The action takes paths and options on one line or several.
#[test]
fn the_action_reads_all_lines() {
    let action = std::fs::read_to_string(root().join("action.yml")).expect("the action is part of the project");
    let reads: Vec<&str> = action.lines().map(str::trim).filter(|line| line.starts_with("read ")).collect();
    let script = format!("set -e\n{}\nprintf '%s|' \"${{arguments[@]}}\" -- \"${{paths[@]}}\"", reads.join("\n"));
    for (paths, arguments, expected) in
        [("a b", "", "--|a|b|"), ("a\nb c\n", "--severity high\n--pedantic\n", "--severity|high|--pedantic|--|a|b|c|")]
    {
        let mut bash = std::process::Command::new("bash");
        let Ok(output) = bash.args(["-c", &script]).env("PATHS", paths).env("ARGS", arguments).output() else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
    }
}
