//! All fixes on a copy of real projects (`HARDLINT_CORPUS`): nothing is broken, what is fixed stays fixed, and real programs go on
//! taking what they took.

#![expect(clippy::print_stderr, reason = "a test that compares nothing says so")]

use crate::scratch::Scratch;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Findings or problems, and how many there are.
type Counts = BTreeMap<(String, String), u64>;

fn hardlint(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--preview", "--isolated", "--file-by-file"])
        .args(args)
        .arg(".")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn counts(report: &Value, list: &str, name: &str) -> Counts {
    let mut counts = Counts::new();
    for one in report[list].as_array().unwrap() {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        *counts.entry((text("path"), text(name))).or_default() += 1;
    }
    counts
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&from, &to);
        } else if kind.is_file() {
            // Not as `fs::copy` does, which makes the copy of what is read-only read-only.
            fs::write(to, fs::read(from).unwrap()).unwrap();
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
        }
    }
}

/// The regular files below a folder that `fits`.
fn files(folder: &Path, fits: &impl Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), fits, found);
        } else if kind.is_file() && fits(&entry.path()) {
            found.push(entry.path());
        }
    }
}

#[test]
fn every_fix_of_real_projects_breaks_nothing() {
    let Some(corpus) = std::env::var_os("HARDLINT_CORPUS") else {
        eprintln!("skipped: HARDLINT_CORPUS names no folder with real projects");
        return;
    };
    let corpus = fs::canonicalize(corpus).unwrap();
    let scratch = Scratch::new("mended");
    copy(&corpus, &scratch.path(""));
    let report = |args: &[&str]| -> Value {
        let (_, out) = hardlint(&scratch.path(""), &[args, &["--output-format=json", "--exit-zero"]].concat());
        serde_json::from_str(&out).unwrap()
    };
    let before = report(&[]);
    let after = report(&["--fix", "--unsafe-fixes"]);
    let (had, has) = (counts(&before, "findings", "rule"), counts(&after, "findings", "rule"));
    let new: Vec<_> = has.iter().filter(|(key, count)| had.get(*key).is_none_or(|it| it < *count)).collect();
    assert!(new.is_empty(), "findings that were not there: {new:#?}");
    let (had, has) = (counts(&before, "problems", "message"), counts(&after, "problems", "message"));
    let new: Vec<_> = has.keys().filter(|key| !had.contains_key(*key)).collect();
    assert!(new.is_empty(), "problems that were not there: {new:#?}");
    let number = |report: &Value| report["findings"].as_array().unwrap().len();
    assert!(number(&after) < number(&before), "nothing was fixed");
    let again = hardlint(&scratch.path(""), &["--diff", "--unsafe-fixes"]);
    assert_eq!(again.1, "", "a second run changes something");
    sshd_takes_what_it_took(&corpus, &scratch);
    nginx_takes_what_it_took(&corpus, &scratch);
}

/// Files that nginx takes by themselves, or inside of `http` where they are parts of a configuration.
fn nginx_takes_what_it_took(corpus: &Path, scratch: &Scratch) {
    let Some(nginx) = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).is_file()) else {
        eprintln!("skipped: nginx is not at hand");
        return;
    };
    let around = scratch.path("around.conf");
    let globals = format!("pid {0}/pid; error_log {0}/log;", scratch.path("").display());
    let test = |file: &Path| {
        let mut nginx = Command::new(nginx);
        nginx.args(["-t", "-q", "-g", &globals, "-e"]).arg(scratch.path("log"));
        nginx.arg("-p").arg(scratch.path("")).arg("-c").arg(file).output().unwrap().status.success()
    };
    let takes = |file: &Path| {
        fs::write(&around, format!("events {{}}\nhttp {{ include \"{}\"; }}\n", file.display())).unwrap();
        test(file) || test(&around)
    };
    let mut found = Vec::new();
    let is_nginx = |path: &Path| {
        let named = path.extension().is_some_and(|ending| ending == "conf" || ending == "config");
        named && fs::read_to_string(path).is_ok_and(|text| text.contains("server") || text.contains("location"))
    };
    files(corpus, &is_nginx, &mut found);
    let mended = |file: &PathBuf| scratch.path("").join(file.strip_prefix(corpus).unwrap());
    // What no fix has touched is taken as it was.
    found.retain(|file| fs::read(file).ok() != fs::read(mended(file)).ok());
    found.retain(|file| takes(file));
    assert!(!found.is_empty(), "nginx takes none of the files that were fixed");
    for file in &found {
        assert!(takes(&mended(file)), "nginx does not take {} any more", mended(file).display());
    }
    eprintln!("nginx takes {} files that were fixed as before", found.len());
}

fn sshd_takes_what_it_took(corpus: &Path, scratch: &Scratch) {
    let key = scratch.path("host-key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    if !made.is_ok_and(|status| status.success()) || !Path::new("/usr/sbin/sshd").is_file() {
        eprintln!("skipped: sshd is not at hand");
        return;
    }
    let takes = |file: &Path| {
        let sshd = Command::new("/usr/sbin/sshd").arg("-t").arg("-f").arg(file).arg("-h").arg(&key).output();
        sshd.unwrap().status.success()
    };
    // Without its folder, sshd takes no file at all.
    let plain = scratch.path("plain_sshd_config");
    fs::write(&plain, "Port 22\n").unwrap();
    if !takes(&plain) {
        eprintln!("skipped: sshd does not run here");
        return;
    }
    let mut found = Vec::new();
    let is_sshd = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sshd_config"));
    files(corpus, &is_sshd, &mut found);
    found.retain(|file| takes(file));
    assert!(!found.is_empty(), "sshd takes none of the files at hand");
    for file in found {
        let mended = scratch.path("").join(file.strip_prefix(corpus).unwrap());
        assert!(takes(&mended), "sshd does not take {} any more", mended.display());
    }
}
