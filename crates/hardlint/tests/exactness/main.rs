//! How exact each format is: `docs/exactness.md` has what was recorded from the programs, and what is known to be out of
//! reach, with a test for each such limit.
//!
//! `UPDATE=1 cargo test -p hardlint --test exactness` writes the page anew. Limits stand in
//! `testdata/oracles/FORMAT/limits.txt`: `# PROGRAM`, then `SENTENCE | TEST` a line, ten at most.

mod limits;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const MOST: usize = 10;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_page_on_exactness_is_what_was_recorded() {
    let place = root().join("docs/exactness.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&place, &page).unwrap();
    }
    let written = fs::read_to_string(&place).unwrap_or_default();
    assert_eq!(written, page, "`UPDATE=1 cargo test -p hardlint --test exactness` writes docs/exactness.md anew");
}

/// Between these, the page of each format has what `docs/exactness.md` has of it.
const BEGIN: &str = "<!-- Written by UPDATE=1 cargo test -p hardlint --test exactness. -->\n";
const END: &str = "<!-- The end of it. -->\n";

#[test]
fn the_page_of_each_format_says_what_is_proven_and_limited() {
    let page = page();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("docs/formats")).unwrap().flatten() {
        let format = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap_or_else(|| panic!("{format}: no place for it"));
        let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{format}: no end of it"));
        let expected = format!("{before}{BEGIN}{}{END}{after}", of_format(&page, &format));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(entry.path(), &expected).unwrap();
        } else if text != expected {
            wrong.push(format);
        }
    }
    assert!(wrong.is_empty(), "`UPDATE=1 cargo test -p hardlint --test exactness` writes anew: {wrong:?}");
}

/// What the page on exactness has of one format: its rows of the table, and its limits.
fn of_format(page: &str, format: &str) -> String {
    let cells = |line: &str| line.split(" | ").skip(1).map(str::to_owned).collect::<Vec<_>>();
    let rows = page.lines().filter(|line| line.starts_with(&format!("| {format} | "))).map(cells);
    let mut text = "| asked | cases | keys proven |\n|---|---|---|\n".to_owned();
    for row in rows {
        let _ = writeln!(text, "| {} |", row[..3].join(" | "));
    }
    let limits = page.split_once(&format!("\n## {format}\n")).unwrap().1;
    let limits = limits.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("- "));
    text.push_str("\nKnown limits, each with a test ([exactness](../exactness.md#");
    let _ = writeln!(text, "{format}) names it):\n");
    for limit in limits {
        let _ = writeln!(text, "{}", limit.split(" Test: `").next().unwrap());
    }
    text
}

fn page() -> String {
    let mut page = String::from(
        "# How exact each format is\n\n\
         Generated from `testdata/oracles` by `UPDATE=1 cargo test -p hardlint --test exactness`. Each answer there was recorded from the\n\
         program itself; `.ci/run` asks the installed ones again, and asks them about generated files as well.\n\n\
         | format | program | cases | keys proven | known limits |\n|---|---|---|---|---|\n",
    );
    let mut limits = String::new();
    for folder in folders() {
        let format = folder.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(folder.join("limits.txt")) else { continue };
        let (program, known) = text.split_once('\n').unwrap();
        let program = program.trim_start_matches("# ");
        let known: Vec<(&str, &str)> = known.lines().map(|line| line.rsplit_once(" | ").unwrap()).collect();
        assert!(known.len() <= MOST, "{format}: more than {MOST} limits are too many");
        for recorded in answers(&folder) {
            let text = fs::read_to_string(&recorded).unwrap();
            let version = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or(program);
            let projects =
                serde_json::from_str::<Value>(&text).ok().and_then(|told| told.as_object().map(serde_json::Map::len));
            let cases = projects.unwrap_or_else(|| text.lines().filter(|line| line.starts_with("=== ")).count());
            // Where keys are the file's own, or the answers are those of a running server, a number would say nothing.
            let proven = match format.as_str() {
                "env" => "all names".to_owned(),
                "nginx" => "headers, TLS and access".to_owned(),
                "compose" => "whole projects".to_owned(),
                "dockerfile" => "instructions".to_owned(),
                _ => keys(&text).len().to_string(),
            };
            let _ = writeln!(page, "| {format} | {version} | {cases} | {proven} | {} |", known.len());
        }
        // Where each case has a file of its own.
        let own = fs::read_dir(folder.join("cases")).into_iter().flatten().flatten();
        let own = own.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json")).count();
        if own > 0 {
            let _ = writeln!(page, "| {format} | {program} | {own} | all settings | {} |", known.len());
        }
        let _ = writeln!(limits, "\n## {format}\n\nAsked: {program}.\n");
        for (limit, test) in &known {
            assert!(is_test(test), "{format}: there is no test `{test}` for: {limit}");
            let _ = writeln!(limits, "- {limit}. Test: `{test}`.");
        }
    }
    page + "\nA file that a version refuses is a problem at the same line. Where a limit is met the value is shown as unknown, with the reason.\n"
        + &limits
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("testdata/oracles")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn answers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("answers") || name.starts_with("recorded")
    });
    // By version, not by letter.
    files.sort_by_key(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        name.rsplit('-').next().unwrap().split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>()
    });
    files
}

/// The keys that answers tell values of.
fn keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with(['#', '!', ' ']) && !line.starts_with("===")) {
        if let Ok(Value::Object(record)) = serde_json::from_str(line) {
            keys.extend(record.keys().cloned());
            continue;
        }
        // `NAME=JSON`, where it is any name.
        if line.contains("=\"") {
            continue;
        }
        let mut words = line.split(' ');
        let key = match words.next() {
            Some("=" | "-") => words.next(),
            Some("refused") => None,
            first => first,
        };
        keys.extend(key.filter(|key| !key.is_empty()).map(str::to_owned));
    }
    keys
}

/// Whether a test has that name.
fn is_test(name: &str) -> bool {
    let mut next = vec![root().join("crates")];
    while let Some(folder) = next.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                next.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && fs::read_to_string(&path).unwrap().contains(&format!("fn {name}()"))
            {
                return true;
            }
        }
    }
    false
}
