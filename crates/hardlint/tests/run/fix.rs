//! `--fix` and `--diff`: what is written, what is printed, and what is left alone.

use crate::scratch::Scratch;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn check(scratch: &Scratch, args: &[&str]) -> Run {
    run(scratch, args, "")
}

fn run(scratch: &Scratch, args: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .arg("check")
        .args(args)
        .current_dir(scratch.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn read(scratch: &Scratch, path: &str) -> String {
    fs::read_to_string(scratch.path(path)).unwrap()
}

const NGINX: &str = "http {\r\n  server_tokens \"on\"; # why\r\n  server {\r\n    listen 80;\r\n    location /a/ { root /srv; autoindex on; }\r\n  }\r\n}";
const ONLY: &str = "--select=nginx/server-tokens-on,nginx/autoindex-on";

#[test]
fn safe_fixes_are_written_and_the_rest_is_reported() {
    let scratch = Scratch::new("fix-safe");
    scratch.write("nginx.conf", NGINX);
    fs::set_permissions(scratch.path("nginx.conf"), fs::Permissions::from_mode(0o640)).unwrap();
    let first = check(&scratch, &["--fix", "--preview", ONLY, "--output-format=concise", "."]);
    assert_eq!(read(&scratch, "nginx.conf"), NGINX.replace("\"on\"", "off"));
    assert_eq!(fs::metadata(scratch.path("nginx.conf")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(first.out.contains("autoindex") && !first.out.contains("server-tokens"), "{}", first.out);
    let told = "Fixed 1 finding in 1 file; 1 more can be fixed with --unsafe-fixes\n";
    assert!(first.err.starts_with(told), "{}", first.err);
    let second = check(&scratch, &["--fix", "--unsafe-fixes", "--preview", ONLY, "."]);
    assert_eq!((second.status, second.out.as_str()), (0, ""));
    let expected = NGINX.replace("\"on\"", "off").replace("autoindex on", "autoindex off");
    assert_eq!(read(&scratch, "nginx.conf"), expected);
    let third = check(&scratch, &["--fix", "--unsafe-fixes", "--preview", ONLY, "."]);
    assert!(third.err.starts_with("Fixed 0 findings in 0 files\n"), "{}", third.err);
    assert_eq!(read(&scratch, "nginx.conf"), expected);
}

#[test]
fn a_diff_changes_nothing_and_says_so_in_its_status() {
    let scratch = Scratch::new("fix-diff");
    scratch.write("nginx.conf", NGINX);
    let diff = check(&scratch, &["--diff", ONLY, "."]);
    let expected = "\
--- nginx.conf
+++ nginx.conf
@@ -1,5 +1,5 @@
 http {\r
-  server_tokens \"on\"; # why\r
+  server_tokens off; # why\r
   server {\r
     listen 80;\r
     location /a/ { root /srv; autoindex on; }\r
";
    assert_eq!((diff.status, diff.out.as_str()), (1, expected));
    assert!(diff.err.starts_with("Would fix 1 finding in 1 file"), "{}", diff.err);
    assert_eq!(read(&scratch, "nginx.conf"), NGINX);
    check(&scratch, &["--fix", ONLY, "."]);
    let clean = check(&scratch, &["--diff", ONLY, "."]);
    assert_eq!((clean.status, clean.out.as_str()), (0, ""));
}

#[test]
fn a_diff_shows_no_secret() {
    let scratch = Scratch::new("fix-secret");
    let secret = "w7Gq2Lr9Xb4Tz8";
    let text = format!(
        "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: {secret}\n    ports:\n      - 5432:5432\n    command: [\"--pass={secret}\"]\n"
    );
    scratch.write("compose.yaml", &text);
    let select = "--select=compose/db-port-published-publicly";
    let diff = check(&scratch, &["--diff", "--unsafe-fixes", "--preview", select, "."]);
    assert!(diff.out.contains("+      - \"127.0.0.1:5432:5432\"\n"), "{}{}", diff.out, diff.err);
    assert!(diff.out.contains("       POSTGRES_PASSWORD: *"), "{}", diff.out);
    assert!(!diff.out.contains(secret) && !diff.err.contains(secret), "{}", diff.out);
}

#[test]
fn standard_input_is_printed_with_its_fixes() {
    let scratch = Scratch::new("fix-input");
    scratch.write("nginx.conf", "on the disk");
    let args = ["--fix", ONLY, "--preview", "-", "--stdin-filename", "nginx.conf"];
    let fixed = run(&scratch, &args, NGINX);
    assert_eq!(fixed.out, NGINX.replace("\"on\"", "off"));
    assert!(fixed.err.contains("nginx/autoindex-on"), "{}", fixed.err);
    assert_eq!(read(&scratch, "nginx.conf"), "on the disk");
    let same = run(&scratch, &args, "events {}");
    assert_eq!((same.status, same.out.as_str()), (0, "events {}"));
}

#[test]
fn links_are_followed_below_the_root_and_not_out_of_it() {
    let scratch = Scratch::new("fix-links");
    let text = "server {\n  server_tokens on;\n}\n";
    scratch.write("outside/site.conf", text);
    scratch.write("root/nginx.conf", "http {\n  include sites-enabled/*;\n}\n");
    scratch.write("root/sites-available/shop.conf", text);
    scratch.link("../sites-available/shop.conf", "root/sites-enabled/shop.conf");
    scratch.link("../../outside/site.conf", "root/sites-enabled/site.conf");
    check(&scratch, &["--fix", ONLY, "root"]);
    assert_eq!(read(&scratch, "outside/site.conf"), text);
    assert_eq!(read(&scratch, "root/sites-available/shop.conf"), text.replace("on", "off"));
    assert!(fs::symlink_metadata(scratch.path("root/sites-enabled/shop.conf")).unwrap().is_symlink());
}

#[test]
fn only_what_was_asked_for_is_changed() {
    let scratch = Scratch::new("fix-asked");
    scratch.write(".git/HEAD", "");
    scratch.write("nginx.conf", "http {\n  server_tokens on;\n  include conf.d/*.conf;\n}\n");
    scratch.write("conf.d/a.conf", "server {\n  listen 80;\n}\n");
    check(&scratch, &["--fix", ONLY, "conf.d/a.conf"]);
    assert_eq!(read(&scratch, "nginx.conf"), "http {\n  server_tokens on;\n  include conf.d/*.conf;\n}\n");
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_its_finding_stays() {
    let scratch = Scratch::new("fix-denied");
    scratch.write("nginx.conf", NGINX);
    fs::set_permissions(scratch.path("nginx.conf"), fs::Permissions::from_mode(0o444)).unwrap();
    let run = check(&scratch, &["--fix", ONLY, "--output-format=concise", "."]);
    assert!(
        run.err.contains("Fixed 0 findings in 0 files") && run.err.contains("not written: nginx.conf: "),
        "{}",
        run.err
    );
    assert!(run.out.contains("server-tokens-on"), "{}", run.out);
}

#[test]
fn unsafe_fixes_alone_say_nothing_to_do() {
    let scratch = Scratch::new("fix-usage");
    assert_eq!(check(&scratch, &["--unsafe-fixes"]).status, 2);
    assert_eq!(check(&scratch, &["--fix", "--show-files"]).status, 2);
}

/// What is not mended is told, with why.
#[test]
fn a_file_that_is_no_utf_8_or_has_other_names_is_left_and_told_of() {
    let scratch = Scratch::new("fix-left");
    let latin: Vec<u8> = [b"# caf\xe9\n".as_slice(), NGINX.as_bytes()].concat();
    scratch.write("nginx.conf", &latin);
    let run = check(&scratch, &["--fix", ONLY, "."]);
    let said = "nginx/server-tokens-on: nothing is written to a file that is not UTF-8 throughout";
    assert!(run.err.contains("Fixed 0 findings in 0 files") && run.err.contains(said), "{}", run.err);
    assert_eq!(fs::read(scratch.path("nginx.conf")).unwrap(), latin);
    scratch.write("nginx.conf", NGINX);
    fs::hard_link(scratch.path("nginx.conf"), scratch.path("other")).unwrap();
    for what in ["--fix", "--diff"] {
        let run = check(&scratch, &[what, ONLY, "nginx.conf"]);
        let said = "`nginx.conf` has further names (hard links), under which it would stay as it is";
        assert!(run.err.contains(said), "{}", run.err);
    }
    assert_eq!(read(&scratch, "nginx.conf"), NGINX);
    fs::remove_file(scratch.path("other")).unwrap();
    check(&scratch, &["--fix", ONLY, "nginx.conf"]);
    assert_ne!(read(&scratch, "nginx.conf"), NGINX);
}
