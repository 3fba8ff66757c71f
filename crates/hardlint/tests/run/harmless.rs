//! Fixes that could do harm are asked for, refused, or made in another way.

use crate::scratch::Scratch;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells the folders of tests apart that run at once.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// What becomes of the first file.
fn fixed(files: &[(&str, &str)], args: &[&str]) -> String {
    let scratch = Scratch::new(&format!("harmless-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    for (path, text) in files {
        scratch.write(path, text);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    let output = command.args(["check", "--fix"]).args(args).arg(".").current_dir(scratch.path("")).output();
    assert!(matches!(output.unwrap().status.code(), Some(0 | 1)));
    fs::read_to_string(scratch.path(files[0].0)).unwrap()
}

const UNSAFE: &str = "--unsafe-fixes";
const PREVIEW: &str = "--preview";

#[test]
fn what_clients_and_images_may_need_is_no_safe_fix() {
    let server = "events {}\nhttp {\n  server {\n    listen 443 ssl; ssl_certificate a; ssl_certificate_key b;\n    root /srv;\n    server_tokens off;\n    add_header X-Frame-Options DENY always;\n  }\n}\n";
    for (path, text, rule, change) in [
        // Without the name of an archive it may be one.
        ("Dockerfile", "FROM scratch\nADD rootfs /\nUSER 1000\n", "dockerfile/add-instead-of-copy", "COPY rootfs"),
        (
            "postgresql.conf",
            "ssl = on\nssl_min_protocol_version = 'TLSv1'\n",
            "postgres/ssl-min-protocol-weak",
            "'TLSv1.2'",
        ),
        (
            "postgresql.conf",
            "logging_collector = on\nlog_file_mode = 0644\n",
            "postgres/log-file-mode-permissive",
            "0600",
        ),
        // Scripts without a type are refused with it.
        ("nginx.conf", server, "nginx/missing-x-content-type-options", "nosniff"),
    ] {
        let select = format!("--select={rule}");
        assert_eq!(fixed(&[(path, text)], &[&select, PREVIEW]), text, "{rule}");
        assert!(fixed(&[(path, text)], &[&select, PREVIEW, UNSAFE]).contains(change), "{rule}");
    }
}

#[test]
fn workers_get_the_account_that_nginx_was_built_with() {
    let text = "user root;\nevents {}\nhttp { server { listen 8099; return 204; } }\n";
    let select = "--select=nginx/worker-runs-as-root";
    assert_eq!(fixed(&[("nginx.conf", text)], &[select, PREVIEW, UNSAFE]), text.replace("user root;\n", ""));
}

#[test]
fn a_fix_brings_no_finding_in_a_file_beside() {
    let compose = "services:\n  scanner:\n    build: ./scanner\n    privileged: true\n    cap_drop: [ALL]\n    security_opt: [no-new-privileges]\n";
    let dockerfile = "FROM debian:13\nCOPY scan /usr/bin/scan\nHEALTHCHECK CMD true\nCMD [\"scan\"]\n";
    let files = [("compose.yaml", compose), ("scanner/Dockerfile", dockerfile)];
    assert_eq!(fixed(&files, &[UNSAFE, PREVIEW, "--select=compose/privileged-container"]), compose);
    let files = [files[0], ("scanner/Dockerfile", &dockerfile.replace("HEALTH", "USER app\nHEALTH"))];
    assert!(!fixed(&files, &[UNSAFE, PREVIEW]).contains("privileged"));
}

#[test]
fn what_may_be_no_fault_stands_in_no_fix_s_way() {
    let compose = "services:\n  web:\n    image: x:1\n    privileged: true\n    security_opt: [no-new-privileges]\n";
    assert!(!fixed(&[("compose.yaml", compose)], &[UNSAFE, "--pedantic"]).contains("privileged"));
    let hba = "local all all peer\nhost all all 10.0.0.0/8 trust\n";
    assert!(!fixed(&[("pg_hba.conf", hba)], &[UNSAFE, "--pedantic"]).contains("trust"));
}

#[test]
fn patterns_of_origins_are_ended_in_each_alternative() {
    let settings = |pattern: &str| {
        format!(
            "INSTALLED_APPS = ['corsheaders']\nROOT_URLCONF = 's.urls'\nMIDDLEWARE = ['corsheaders.middleware.CorsMiddleware']\nCORS_ALLOWED_ORIGIN_REGEXES = [{pattern}]\n"
        )
    };
    let fixed = |pattern: &str| {
        let text = settings(pattern);
        fixed(&[("settings.py", &text)], &["--select=django/cors-regex-unanchored", PREVIEW, UNSAFE])
    };
    assert_eq!(fixed(r"r'^https://a\.example'"), settings(r"r'^https://a\.example$'"));
    let several = r"r'^https://a\.example|^https://b\.example'";
    assert_eq!(fixed(several), settings(several));
}

#[test]
fn a_path_that_is_rewritten_is_not_the_one_that_was_asked_for() {
    let site = |rewrite: &str| {
        format!(
            "events {{}}\nhttp {{ server {{ listen 80;\n location /a/ {{ {rewrite}proxy_pass http://127.0.0.1$uri; }}\n }} }}\n"
        )
    };
    let fixed = |text: &str| fixed(&[("nginx.conf", text)], &["--select=nginx/http-splitting", PREVIEW, UNSAFE]);
    assert_eq!(fixed(&site("")), site("").replace("$uri", "$request_uri"));
    let text = site("rewrite ^/a(/.*) $1 break; ");
    assert_eq!(fixed(&text), text);
}

#[test]
fn a_variable_of_a_compose_project_is_quoted() {
    let files = [
        (".env", "SECRET_KEY=ab$cdefghijklmnop123\n"),
        (".gitignore", ".env\n"),
        ("compose.yaml", "services:\n  web:\n    image: x:1\n    env_file: .env\n"),
    ];
    let made = fixed(&files, &[UNSAFE, "--pedantic", "--select=env/interpolation-in-secret"]);
    assert_eq!(made, "SECRET_KEY='ab$cdefghijklmnop123'\n");
}
