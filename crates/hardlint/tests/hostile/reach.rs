//! What a run opens and starts, as the system sees it: nothing outside of the root and of hardlint's own, no socket, no program.

use crate::scratch::Scratch;
use std::path::Path;
use std::process::Command;

/// What else is opened: what starting a program takes, and the processors.
const OWN: &[&str] =
    &["/proc/", "/sys/", "/lib/", "/lib64/", "/usr/lib/", "/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/null"];

/// Calls that look at a name, or at nothing of a file at all.
const LOOKS: &[&str] = &[
    "access",
    "faccessat",
    "faccessat2",
    "getcwd",
    "lstat",
    "newfstatat",
    "readlink",
    "readlinkat",
    "stat",
    "statfs",
    "statx",
    "exit",
    "exit_group",
    "wait4",
    "clone",
    "clone3",
    "arch_prctl",
    "chdir",
    "+++",
    "---",
    "<...",
];

#[test]
fn nothing_is_opened_outside_the_root_and_nothing_is_started() {
    let scratch = Scratch::new("hostile-reach");
    scratch.write("outside/secret.conf", "server { listen 81; }\n");
    scratch.write("outside/secret.env", "A=b\n");
    scratch.write("outside/.gitignore", "x\n");
    scratch.write("root/.git/HEAD", "ref: refs/heads/main\n");
    scratch.write("root/.git/index", "DIRC\0\0\0\u{2}\u{7f}\u{7f}\u{7f}\u{7f}");
    scratch.write("root/.gitignore", "/../outside\n");
    let outside = scratch.path("outside");
    let outside = outside.to_str().unwrap();
    for (path, text) in [
        ("nginx.conf", format!("events {{}}\nhttp {{ include ../outside/*.conf; include {outside}/secret.conf; include /etc/passwd; include link/*; include file; }}\n")),
        ("compose.yaml", format!("include: [../outside/compose.yaml]\nservices:\n  a: {{image: x, env_file: [../outside/secret.env, {outside}/secret.env, /etc/passwd, link/secret.env], extends: {{file: ../outside/compose.yaml, service: b}}}}\n  b: {{build: ../outside, volumes: ['/etc:/etc', '../outside:/o']}}\nconfigs: {{c: {{file: /etc/passwd}}}}\n")),
        ("Dockerfile", "FROM x\nCOPY ../outside /x\nCOPY link /y\n".to_owned()),
        ("sshd_config", "Include /etc/ssh/*\nInclude ../outside/*\nInclude ~/.ssh/config\n".to_owned()),
        ("redis.conf", "include ../outside/secret.conf\ninclude /etc/passwd\n".to_owned()),
        ("postgresql.conf", "include '../outside/secret.conf'\ninclude_dir '/etc'\n".to_owned()),
        ("pg_hba.conf", "include ../outside/secret.conf\n@/etc/passwd all all trust\n".to_owned()),
        ("app.py", "from flask import Flask\napp = Flask(__name__)\napp.config.from_pyfile('/etc/passwd')\napp.config.from_pyfile('../outside/x')\n".to_owned()),
        ("airflow.cfg", "[core]\nfernet_key_cmd = id\nsql_alchemy_conn_cmd = cat /etc/passwd\n".to_owned()),
        ("deploy.sh", "docker compose -f ../outside/compose.yaml -f compose.yaml up\n".to_owned()),
    ] {
        scratch.write(&format!("root/{path}"), text);
    }
    scratch.link("../outside", "root/link");
    scratch.link("../outside/secret.conf", "root/file");
    scratch.link("/etc/passwd", "root/.env");
    scratch.link("../outside/.gitignore", "root/.dockerignore");
    let mark = scratch.path("started");
    let program = format!(
        "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nimport os, sys\nos.system('id > {}')\nsys.path.insert(0, '../outside')\nfrom link import *\nexec(open('/etc/passwd').read())\n",
        mark.display()
    );
    scratch.write("root/settings.py", program);
    let required = std::env::var_os("HARDLINT_REQUIRE_ORACLES").is_some();
    let traced = Command::new("strace").arg("-V").output();
    if !traced.is_ok_and(|output| output.status.success()) {
        assert!(!required, "strace is not installed");
        eprintln!("skipped: strace is not installed");
        return;
    }
    let root = std::fs::canonicalize(scratch.path("root")).unwrap();
    for (number, arguments) in [
        &["check", "--preview", "--pedantic"][..],
        &["check", "--fix", "--unsafe-fixes"],
        &["show", "nginx.conf"],
        &["show", "compose.yaml"],
        &["show", "settings.py"],
        &["graph"],
        &["check", "--output-format", "html"],
    ]
    .into_iter()
    .enumerate()
    {
        let log = scratch.path(&format!("log{number}"));
        let mut command = Command::new("strace");
        command
            .args(["-ff", "-y", "-qq", "-s", "4096", "-e", "trace=file,network,process,io_uring_setup", "-o"])
            .arg(&log);
        command.arg(env!("CARGO_BIN_EXE_hardlint")).args(arguments).current_dir(scratch.path("root"));
        command.env_remove("LD_LIBRARY_PATH");
        let output = command.output().unwrap();
        if String::from_utf8_lossy(&output.stderr).contains("PTRACE") {
            assert!(!required, "nothing may be traced here");
            eprintln!("skipped: nothing may be traced here");
            return;
        }
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{output:?}");
        // A file for each thread, so that no call is cut in two by another's.
        let logs = std::fs::read_dir(scratch.path("")).unwrap().map(|entry| entry.unwrap().path());
        let own = format!("log{number}.");
        let logs = logs.filter(|path| path.file_name().unwrap().to_str().is_some_and(|name| name.starts_with(&own)));
        let log: String = logs.map(|path| std::fs::read_to_string(path).unwrap()).collect();
        assert!(log.contains(arguments.last().filter(|last| last.contains('.')).unwrap_or(&"sshd_config")), "{log}");
        let wrong: Vec<&str> = log.lines().filter(|line| !is_fine(line, root.to_str().unwrap())).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}");
    }
    assert!(!mark.exists());
}

/// Whether a call stays below the root: what is opened by where it was found, what is changed by its names.
fn is_fine(line: &str, root: &str) -> bool {
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let name = call.split(['(', ' ']).next().unwrap_or_default();
    let inside = |path: &str| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    // What strace says of a thread that ends while it is looked at.
    if LOOKS.contains(&name) || call == "???( <detached ...>" {
        return true;
    }
    if name == "execve" {
        return call.contains(env!("CARGO_BIN_EXE_hardlint"));
    }
    if matches!(name, "openat" | "open" | "openat2") {
        // A name that does not exist was not read, wherever it is.
        let missing = [" = -1 ENOENT", " = -1 ENOTDIR", " = -1 ELOOP"].iter().any(|error| call.contains(error));
        let found = call.rsplit_once(" = ").and_then(|(_, got)| got.split_once('<')?.1.rsplit_once('>')).map(|it| it.0);
        let above = |path: &str| Path::new(root).ancestors().any(|above| Path::new(path) == above.join(".git/config"));
        return missing
            || found.is_some_and(|path| inside(path) || above(path) || OWN.iter().any(|own| path.starts_with(own)));
    }
    // What makes, moves and removes names: each of them, seen from the root, and nothing that climbs out of it.
    let changes = [
        "unlink",
        "rename",
        "mkdir",
        "chmod",
        "fchmodat",
        "link",
        "symlink",
        "utimensat",
        "chown",
        "fchownat",
        "truncate",
        "creat",
    ];
    let names: Vec<&str> = call.split('"').skip(1).step_by(2).collect();
    let within = |path: &&str| (inside(path) || !path.starts_with('/')) && !path.split('/').any(|part| part == "..");
    changes.iter().any(|change| name.starts_with(change)) && !names.is_empty() && names.iter().all(within)
}

#[test]
fn what_leaves_the_root_is_seen() {
    for (line, fine) in [
        ("12 openat(AT_FDCWD</r/root>, \"a\", O_RDONLY|O_CLOEXEC) = 3</r/root/a>", true),
        ("openat(AT_FDCWD</r/root>, \"link/a\", O_RDONLY) = 3</r/outside/a>", false),
        ("openat(AT_FDCWD</r/root>, \"/r/root/../outside/a\", O_RDONLY) = 3</r/outside/a>", false),
        ("openat(AT_FDCWD</r/root>, \"/r/outside\", O_RDONLY) = -1 ENOENT (No such file or directory)", true),
        ("openat(AT_FDCWD</r/root>, \"x\", O_RDONLY) = 3</r/root-other/x>", false),
        ("openat(AT_FDCWD</r/root>, \"/etc/passwd\", O_RDONLY) = 3</etc/passwd>", false),
        ("unlink(\"/r/outside/a\") = 0", false),
        ("rename(\"/r/root/.a.tmp\", \"/r/root/a\") = 0", true),
        ("rename(\"/r/root/a\", \"/r/root/../a\") = 0", false),
        ("newfstatat(AT_FDCWD</r/root>, \"/r/outside\", {}, 0) = 0", true),
        ("socket(AF_INET, SOCK_STREAM, 0) = 3", false),
        ("execve(\"/bin/sh\", [\"sh\"], 0x7ff) = 0", false),
        ("something_new(\"/x\") = 0", false),
    ] {
        assert_eq!(is_fine(line, "/r/root"), fine, "{line}");
    }
}
