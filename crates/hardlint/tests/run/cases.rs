//! Runs every folder of `testdata/cases`: `cmd` holds commands, `tree` what they are run in, `expected.txt` the
//! transcript. `UPDATE=1 cargo test -p hardlint cases` writes the transcripts anew; read the difference.

use crate::scratch::Scratch;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn every_case_gives_its_transcript() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases");
    let mut folders: Vec<_> = fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Others hold what is compared in another way.
    folders.retain(|folder| folder.join("cmd").is_file());
    folders.sort();
    assert!(!folders.is_empty());
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for folder in folders {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let transcript = run(&folder, &name);
        let file = folder.join("expected.txt");
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if update {
            fs::write(&file, transcript).unwrap();
        } else if transcript != expected {
            let _ = writeln!(wrong, "== {name}: expected\n{expected}== but got\n{transcript}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn run(folder: &Path, name: &str) -> String {
    // A copy outside the repository, so that its own `.git` is not the root.
    let scratch = Scratch::new(&format!("case-{name}"));
    copy(&folder.join("tree"), &scratch.path(""));
    let mut transcript = String::new();
    for line in fs::read_to_string(folder.join("cmd")).unwrap().lines().filter(|line| !line.trim().is_empty()) {
        let (command, input) = line.split_once(" < ").map_or((line, None), |(command, input)| (command, Some(input)));
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("hardlint"), "{name}");
        let input = input.map_or_else(Stdio::null, |path| File::open(scratch.path(path.trim())).unwrap().into());
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(words)
            .current_dir(scratch.path(""))
            .env_remove("CLICOLOR_FORCE")
            .stdin(input)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let _ = writeln!(transcript, "$ {line}\n{}", out.trim_end_matches('\n'));
        for line in err.lines() {
            let _ = writeln!(transcript, "! {}", timeless(line));
        }
        let _ = writeln!(transcript, "exit {}\n", output.status.code().unwrap());
    }
    transcript
}

/// The time that a summary ends with is not the same twice.
fn timeless(line: &str) -> &str {
    match line.strip_suffix(" s").and_then(|rest| rest.rsplit_once(", ")) {
        Some((rest, time)) if time.parse::<f64>().is_ok() => rest,
        _ => line,
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &to);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
