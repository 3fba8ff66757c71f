//! Names and contents that a terminal would act on, or that read as what they are not.

use crate::scratch::Scratch;
use crate::{ends, refused};
use std::os::unix::ffi::OsStrExt;

/// What a terminal acts on, and what hides or turns text around.
const ACTING: &[char] = &[
    '\u{1b}', '\u{7}', '\u{8}', '\u{7f}', '\u{9b}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200f}',
    '\u{feff}', '\r',
];

#[test]
fn nothing_that_a_terminal_acts_on_is_printed() {
    let scratch = Scratch::new("hostile-terminal");
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    let evil: String = ACTING.iter().filter(|c| **c != '\r').collect();
    let folder = format!("a\n::error::x\r{evil}\u{1b}[2J`|<b>");
    let strange = format!("{evil}\u{1b}]0;x\u{7}");
    for (name, text) in [
        (
            "nginx.conf",
            format!(
                "events {{}}\nhttp {{ server {{ listen 80; server_name \"{strange}\"; autoindex on; location /{strange} {{ alias /srv/; }} }} }}\n"
            ),
        ),
        ("broken/nginx.conf", format!("http {{ {strange} on; include {strange}; }}\n")),
        (
            "compose.yaml",
            format!(
                "services:\n  \"{}\":\n    image: \"x{}\"\n    privileged: true\n    ports: ['80:80']\n    environment: {{\"{}\": a}}\n",
                "\\e[2J\\u202e\\r", "\\e[2J", "\\e[1m\\u2066"
            ),
        ),
        ("Dockerfile", format!("FROM x{strange}\nRUN curl http://x{strange} | sh\nENV {strange}=a\nUSER root\n")),
        ("sshd_config", format!("PermitRootLogin yes\nBanner {strange}\n{strange} x\n")),
        ("redis.conf", format!("bind 0.0.0.0\n{strange} x\n")),
        (".env", format!("DB_PASSWORD=changeme{strange}\n{strange}\n")),
        (
            "settings.py",
            format!(
                "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nDEBUG = True\nALLOWED_HOSTS = ['*', '{strange}']\nfrom {strange} import *\n"
            ),
        ),
        ("postgresql.conf", format!("listen_addresses = '*'\n{strange} = 1\ninclude '{strange}'\n")),
        ("pg_hba.conf", format!("host all all 0.0.0.0/0 trust {strange}\n")),
        ("airflow.cfg", format!("[core{strange}]\n{strange}\nx = %({strange})s\n")),
    ] {
        scratch.write(&format!("{folder}/{name}"), text);
    }
    // A name that is no UTF-8 at all.
    let name = std::ffi::OsStr::from_bytes(b"\xff\x1b[31m.nginx.conf");
    std::fs::write(scratch.path(&folder).join(name), "events {}\n").unwrap();
    let formats =
        ["text", "concise", "github", "markdown", "html", "junit", "checkstyle", "json", "jsonl", "sarif", "gitlab"];
    for format in formats {
        let run =
            ends(&scratch, &["check", "--preview", "--pedantic", "--severity", "info", "--output-format", format]);
        assert!(run.text().contains("PermitRootLogin"), "{format}: {}", run.text());
        quiet(format, &run.text());
        quiet(format, &run.err);
        if format == "github" {
            let lines: Vec<String> = run.text().lines().map(str::to_owned).collect();
            assert!(lines.iter().all(|line| !line.starts_with("::error::x")), "{lines:?}");
        }
    }
    for arguments in [
        &["check", "--show-files"][..],
        &["check", "--diff", "--unsafe-fixes"],
        &["graph"],
        &["graph", "--output-format", "dot"],
        &["graph", "--output-format", "mermaid"],
        &["graph", "--output-format", "svg"],
    ] {
        let run = ends(&scratch, arguments);
        quiet(&arguments.join(" "), &(run.text() + &run.err));
    }
    let nowhere = ["check", "--color", "never", "no\u{1b}[2Jwhere"];
    let run = refused(&scratch, &nowhere);
    quiet("check of nothing", &(run.text() + &run.err));
    for name in [
        "nginx.conf",
        "compose.yaml",
        "Dockerfile",
        "sshd_config",
        ".env",
        "settings.py",
        "airflow.cfg",
        "broken/nginx.conf",
    ] {
        let path = format!("{folder}/{name}");
        let run = ends(&scratch, &["show", &path]);
        quiet(&format!("show {name}"), &(run.text() + &run.err));
        let run = ends(&scratch, &["explain", "sshd/permit-root-login-yes", "--at", &format!("{path}:1")]);
        quiet(&format!("explain {name}"), &(run.text() + &run.err));
    }
}

/// JSON may hold such characters as escapes; as themselves they stand nowhere.
fn quiet(what: &str, text: &str) {
    let acting = text.char_indices().find(|(_, c)| ACTING.contains(c));
    let Some((at, c)) = acting else { return };
    // JSON has its own escapes for control characters, and is read by programs: the others may stand in it as they are.
    let machine = ["json", "jsonl", "sarif", "gitlab", "junit", "checkstyle", "html"].contains(&what);
    if machine && !c.is_control() {
        return;
    }
    let around: String = text.chars().skip(text[..at].chars().count().saturating_sub(60)).take(120).collect();
    panic!("{what} prints {c:?}: {around:?}");
}
