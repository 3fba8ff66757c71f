//! Blocks marked `sh` hold commands without what they print. The calls of hardlint in them are run, one after the other, in a
//! copy of the demonstration project that has the files which documents speak of: each has to end as a run does that was
//! understood. What stands around them (other programs, redirections) is not run.

use super::console::{split_commands, words};
use super::{blocks, documents, root};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is only parsed: it reads this machine, a history that a copy does not have, a place of the reader's, or a build.
const NOT_RUN: &[&str] = &["--host", "--since", "lsp"];

/// Files that documents speak of, beside those of the demonstration.
const FILES: &[(&str, &str)] = &[
    (".env", "AIRFLOW__CORE__EXECUTOR=LocalExecutor\nDEBUG=off\n"),
    ("Dockerfile", "FROM debian:13.1 AS build\nFROM build AS app\nUSER 1000\n"),
    ("airflow.cfg", "[core]\nexecutor = LocalExecutor\n"),
    ("app.py", "from flask import Flask\n\napp = Flask(__name__)\n"),
    (
        "nginx.conf",
        "events {}\nhttp {\n  server { listen 443; server_name shop.example; location /static/ { root /srv; } }\n}\n",
    ),
    ("path/to/project/sshd_config", "PermitRootLogin no\n"),
    ("path/to/one/copy/sshd_config", "PermitRootLogin no\n"),
    ("path/to/tree/sshd_config", "PermitRootLogin no\n"),
    ("PROJECT/sshd_config", "PermitRootLogin no\n"),
    ("deploy/sshd_config", "PermitRootLogin no\n"),
    ("project.txt", "name: shop\nservices:\n  web:\n    image: shop:1\n    user: \"1000\"\n"),
    ("server.txt", "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp {}\n"),
    ("settings.py", "DEBUG = False\nINSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\n"),
    ("sshd_config", "PermitRootLogin no\nPasswordAuthentication no\n"),
];

struct Stage(PathBuf);

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Stage {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("hardlint-sh-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        copy(&root().join("testdata/shop"), &folder.join("testdata/shop"));
        for (path, text) in FILES {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder can be made");
            fs::write(path, text).expect("the file can be written");
        }
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_path_with_name(folder.join("sshd_config"), "project/sshd_config").expect("a file is added");
        fs::write(folder.join("project.tar.gz"), archive.into_inner().expect("it is whole"))
            .expect("it can be written");
        Self(folder)
    }

    /// What is wrong with a run.
    fn run(&self, arguments: &[String]) -> Option<String> {
        let arguments =
            arguments.iter().map(|word| word.strip_prefix("/path/").map_or(word.clone(), |it| format!("path/{it}")));
        let run = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let understood = matches!(run.status.code(), Some(0 | 1));
        (!understood).then(|| format!("{}: {}", run.status, String::from_utf8_lossy(&run.stderr)))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder is there").flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).expect("the file can be copied");
        }
    }
}

#[test]
fn commands_that_are_only_named_run() {
    let (mut faults, mut ran, mut parsed) = (String::new(), 0, 0);
    for (number, (path, text)) in documents().into_iter().enumerate() {
        let mut stage = None;
        for block in blocks(&text).iter().filter(|block| block.info == "sh" || block.info == "bash") {
            for (at, line) in block.lines.iter().enumerate() {
                for arguments in commands(line) {
                    let fault = if arguments.iter().any(|word| NOT_RUN.contains(&word.as_str())) {
                        parsed += 1;
                        let all = ["hardlint".to_owned()].into_iter().chain(arguments);
                        let tried = hardlint::command().try_get_matches_from(all);
                        tried.err().filter(clap_says_wrong).map(|error| error.to_string())
                    } else {
                        ran += 1;
                        stage.get_or_insert_with(|| Stage::new(&number.to_string())).run(&arguments)
                    };
                    if let Some(fault) = fault {
                        let _ = writeln!(faults, "{path}:{}: {line}\n{fault}", block.line + at + 1);
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(ran > 40 && parsed < 10, "{ran} commands were run, {parsed} only parsed");
}

fn clap_says_wrong(error: &clap::Error) -> bool {
    error.use_stderr()
}

/// The arguments of the calls of hardlint in a line of a shell, by itself or through a program that starts it.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for part in split_commands(line) {
        let words = words(&part);
        let called = |word: &String| word == "hardlint" || word.ends_with("/bin/hardlint");
        let at = match words.first().map(String::as_str) {
            Some("cargo") => words.iter().position(|word| word == "--").filter(|_| {
                words.iter().any(|word| word == "run") && words.windows(2).any(|two| two == ["-p", "hardlint"])
            }),
            Some("perf" | "valgrind" | "time") => words.iter().position(called),
            Some(first) if first.contains('=') => words.iter().position(called),
            Some(_) => words.first().filter(|word| called(word)).map(|_| 0),
            None => None,
        };
        found.extend(at.and_then(|at| words.get(at + 1..)).map(<[String]>::to_vec));
    }
    found
}

#[test]
fn a_line_of_a_shell_is_taken_apart() {
    assert_eq!(commands("nginx -T > a.txt; hardlint check a.txt | head # all"), [["check", "a.txt"]]);
    assert_eq!(commands("hardlint check --select 'nginx/*' 'a b'"), [["check", "--select", "nginx/*", "a b"]]);
    assert_eq!(commands("perf stat -r 60 hardlint check Dockerfile > /dev/null"), [["check", "Dockerfile"]]);
    assert_eq!(commands("cargo run --release -p hardlint -- check a"), [["check", "a"]]);
    assert_eq!(commands("venv/bin/hardlint check"), [["check"]]);
    assert!(commands("cargo test -p hardlint --test hostile -- x").is_empty());
    assert!(commands("cargo build --release -p hardlint").is_empty());
}
