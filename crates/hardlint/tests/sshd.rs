//! Asks the real sshd about real files, and holds `hardlint show` against its answers.
//!
//! Needs `HARDLINT_CORPUS`, a folder of configurations, and an sshd of version 9.2; without them it says so and passes. The
//! recorded answers that need neither are in `testdata/oracles/sshd`.

#![expect(clippy::print_stdout, reason = "a test that is skipped, or that compares nothing, says so")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SSHD: &str = "/usr/sbin/sshd";

#[test]
fn real_files_have_the_values_that_sshd_tells() {
    let (Some(corpus), Some(key)) = (std::env::var_os("HARDLINT_CORPUS"), host_key()) else {
        println!("skipped: it needs HARDLINT_CORPUS, and sshd 9.2 at {SSHD}");
        return;
    };
    let mut files = Vec::new();
    collect(Path::new(&corpus), &mut files);
    let mut wrong = Vec::new();
    let mut accepted = 0;
    for file in &files {
        let Some(real) = ask(file, &key) else { continue };
        accepted += 1;
        let shown = show(file);
        if shown["problems"] != Value::Array(Vec::new()) {
            wrong.push(format!("{}: {}", file.display(), shown["problems"]));
        }
        let ours = values(&shown);
        // The key that the program is asked with hides its default.
        for keyword in real.keys().chain(ours.keys()).filter(|&name| name != "hostkey" || real.contains_key(name)) {
            let sorted = |lines: Option<&Vec<String>>| {
                let mut lines = lines.cloned().unwrap_or_default();
                lines.sort();
                lines
            };
            let same = match keyword.as_str() {
                "listenaddress" => sorted(ours.get(keyword)) == sorted(real.get(keyword)),
                _ => ours.get(keyword) == real.get(keyword),
            };
            if !same {
                let pair = (ours.get(keyword), real.get(keyword));
                wrong.push(format!("{}: {keyword}: {pair:?}", file.display()));
            }
        }
    }
    wrong.dedup();
    println!("sshd accepts {accepted} of {} files", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted > 0 || files.is_empty(), "no file was compared");
}

/// A key to ask sshd with; nothing where there is no sshd of the version that the defaults are compared with.
fn host_key() -> Option<PathBuf> {
    let version = Command::new(SSHD).arg("-V").output().ok()?;
    if !String::from_utf8_lossy(&version.stderr).starts_with("OpenSSH_9.2") {
        return None;
    }
    // Where sshd separates privileges; only root can make it, and only root needs it.
    let _ = fs::create_dir_all("/run/sshd");
    let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ssh-host-key");
    let _ = fs::remove_file(&key);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().ok()?;
    made.success().then_some(key)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        if kind.is_dir() {
            collect(&entry.path(), files);
        } else if kind.is_file() && name.contains("sshd") && name.contains("conf") {
            files.push(entry.path());
        }
    }
    files.sort();
}

/// What sshd makes of a file, if it accepts it.
fn ask(file: &Path, key: &Path) -> Option<BTreeMap<String, Vec<String>>> {
    let told = Command::new(SSHD).arg("-T").arg("-f").arg(file).arg("-h").arg(key).output().unwrap();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&told.stdout).lines() {
        let (keyword, value) = line.split_once(' ')?;
        if keyword != "hostkey" || Path::new(value) != key {
            values.entry(keyword.to_owned()).or_default().push(value.to_owned());
        }
    }
    told.status.success().then_some(values)
}

fn show(file: &Path) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(["show", "--isolated", "--type", "sshd", "--target", "sshd=9.2", "--output-format", "json"]);
    let shown = command.arg(file).output().unwrap();
    let what = || format!("{}: {}", file.display(), String::from_utf8_lossy(&shown.stderr));
    serde_json::from_slice(&shown.stdout).unwrap_or_else(|error| panic!("{error}: {}", what()))
}

fn values(shown: &Value) -> BTreeMap<String, Vec<String>> {
    let lines = |value: &Value| match value {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
        Value::String(line) => vec![line.clone()],
        other => vec![other.to_string()],
    };
    let effective = shown["effective"].as_object().unwrap();
    effective.iter().map(|(keyword, entry)| (keyword.clone(), lines(&entry["value"]))).collect()
}
