//! What a run opens and starts, as the system sees it: nothing outside of the root and of hardlint's own, no socket, no program.

use crate::scratch::Scratch;
use std::process::Command;

/// What else is opened: what starting a program takes, the processors, and git's own files of the repository.
const OWN: &[&str] =
    &["/proc/self/", "/proc/stat", "/sys/", "/lib", "/usr/lib", "/etc/ld.so", "/dev/null", "/proc/cpuinfo"];

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
        ("settings.py", "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nimport os, sys\nos.system('id > /tmp/x')\nsys.path.insert(0, '../outside')\nfrom link import *\nexec(open('/etc/passwd').read())\n".to_owned()),
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
    let traced = Command::new("strace").arg("-V").output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: strace is not installed");
        return;
    }
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
        command.args(["-f", "-qq", "-s", "4096", "-e", "trace=file,network,process,io_uring_setup", "-o"]).arg(&log);
        command.arg(env!("CARGO_BIN_EXE_hardlint")).args(arguments).current_dir(scratch.path("root"));
        command.env_remove("LD_LIBRARY_PATH");
        let output = command.output().unwrap();
        if String::from_utf8_lossy(&output.stderr).contains("PTRACE") {
            eprintln!("skipped: nothing may be traced here");
            return;
        }
        assert!(matches!(output.status.code(), Some(0..=3)), "{output:?}");
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains(arguments.last().filter(|last| last.contains('.')).unwrap_or(&"sshd_config")), "{log}");
        let wrong: Vec<&str> =
            log.lines().filter(|line| !is_fine(line, scratch.path("root").to_str().unwrap())).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}");
    }
    assert!(!std::path::Path::new("/tmp/x").exists());
}

/// Whether a call stays below the root.
fn is_fine(line: &str, root: &str) -> bool {
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let name = call.split('(').next().unwrap_or_default();
    let first = call.starts_with("execve(") && call.contains(env!("CARGO_BIN_EXE_hardlint"));
    match name {
        "execve" => return first,
        "execveat" | "fork" | "vfork" | "socket" | "connect" | "bind" | "sendto" | "socketpair" | "io_uring_setup" => {
            return false;
        }
        "openat" | "open" | "openat2" => {}
        // Looking whether something is there reads nothing of it.
        _ => return true,
    }
    let Some(path) = call.split('"').nth(1) else { return true };
    // A name that does not exist was not read, wherever it is.
    let missing = call.contains("ENOENT");
    let above = std::path::Path::new(root).ancestors().any(|above| path == above.join(".git/config").to_str().unwrap());
    let inside = path.starts_with(root) || !path.starts_with('/') && !path.contains("..");
    missing || inside || above || OWN.iter().any(|own| path.starts_with(own))
}
