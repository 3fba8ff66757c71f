//! The command line as scripts use it: exit status, streams, arguments.

use crate::scratch::Scratch;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn hardlint(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(args).current_dir(scratch.path("")).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command
}

pub fn run(scratch: &Scratch, args: &[&str]) -> (i32, String, String) {
    told(&hardlint(scratch, args).stdin(Stdio::null()).output().unwrap())
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn wrong_usage_is_status_2_and_says_what_is_wrong() {
    let scratch = Scratch::new("usage");
    scratch.write("d/nginx.conf", "");
    for (args, message) in [
        (&["check", "--mend"][..], "unexpected argument '--mend'"),
        (&["check", "--unsafe-fixes"], "--unsafe-fixes says what --fix and --diff do"),
        (&["check", "nowhere"], "hardlint: `nowhere`: there is no such file or folder"),
        (&["check", "--severity", "hihg"], "did you mean `high`?"),
        (&["check", "--type", "ngnix", "d/nginx.conf"], "did you mean `nginx`?"),
        (&["check", "--type", "nginx", "d"], "`d` is a folder"),
        (&["check", "--target", "ssh=9"], "did you mean `sshd`?"),
        (&["check", "--target", "nginx=99"], "none of the versions that hardlint knows, 1.22.1 to 1.31.5: write one"),
        (&["check", "--target", "nginx=1.26,nginx=1.27"], "`nginx` is named twice: leave one of the two"),
        (&["check", "--target", ","], "`` lacks a version: write PROGRAM=VERSION, as `nginx=1.26`"),
        (&["explain", "nothing"], "there is no rule `nothing`: `hardlint rules` lists all"),
        (&["explain", "nginx"], "`nginx` is a format, and no rule: `hardlint rules` lists all, as `nginx/…`"),
        (
            &["explain", "web/alias"],
            "there is no rule `web/alias`, as there is no format `web`: `hardlint rules` lists",
        ),
        (&["explain", "tls-legacy-protocl"], "did you mean `nginx/tls-legacy-protocol`?"),
        (&["check", "--root-map", "etc=d"], "write an absolute folder"),
        (&["check", "--root-map", "/etc=nowhere"], "--root-map: there is no folder `nowhere`"),
        (&["check", "--host", "nowhere"], "--host: there is no folder `nowhere`"),
        (&["check", "--rules", "d"], "--rules: there is no rule in `d`; rules stand in FOLDER/<format>/"),
        (&["check", "--rules", "nowhere"], "--rules: there is no folder `nowhere`; rules stand in FOLDER/<format>/"),
        (&["check", "--ignore", "ngnx/*"], "--ignore: no rule is called as `ngnx/*` says, did you mean `nginx/*`?"),
        (&["check", "--select", ""], "--select: an empty text names no rule: write one"),
        (&["check", "--target", "nginx=one"], "`one` is not a version: write it in numbers, as `1.26`"),
        (&["check", "--env-file", "nowhere"], "--env-file `nowhere`: No such file"),
        (&["check", "-"], "`-` needs --stdin-filename or --type"),
        (&["check", "-", "d"], "`-` is checked alone"),
        (&["check", "--stdin-filename", "x"], "--stdin-filename names standard input"),
        (&[], "Usage: hardlint"),
    ] {
        let (status, out, err) = run(&scratch, args);
        assert_eq!((status, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains(message), "{args:?}: {err}");
    }
}

#[test]
fn wrong_settings_are_status_2_unless_isolated() {
    let scratch = Scratch::new("settings");
    scratch.write("hardlint.toml", "fail-on = 'medum'\n");
    let (status, _, err) = run(&scratch, &["check"]);
    assert_eq!(status, 2);
    assert!(err.contains("hardlint.toml:1:11: `medum` is none of"), "{err}");
    assert!(err.contains("did you mean `medium`?"), "{err}");
    assert_eq!(run(&scratch, &["check", "--isolated"]).0, 0);
}

#[test]
fn what_cannot_be_read_is_status_3_and_told_on_standard_output() {
    let scratch = Scratch::new("problem");
    scratch.write("nginx.conf", b"\xff\xfee\x00");
    let (status, out, err) = run(&scratch, &["check", "--output-format", "concise"]);
    assert_eq!(status, 3);
    assert_eq!(out, "nginx.conf: problem: it is UTF-16, which no program here reads; save it as UTF-8\n");
    assert!(err.starts_with("0 findings, 1 problem in 0 files"), "{err}");
    assert_eq!(run(&scratch, &["check", "--exit-zero"]).0, 3, "--exit-zero is about findings");
}

#[test]
fn standard_input_is_read_under_its_name() {
    let scratch = Scratch::new("stdin");
    scratch.write("sub/.keep", "");
    let mut child =
        hardlint(&scratch, &["check", "-", "--stdin-filename", "sub/sshd_config", "--output-format", "json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    child.stdin.take().unwrap().write_all(b"a\0b").unwrap();
    let (status, out, _) = told(&child.wait_with_output().unwrap());
    assert_eq!(status, 3);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["problems"][0]["path"], "sub/sshd_config");
    assert_eq!(report["problems"][0]["message"], "it is not text: a NUL byte stands at offset 1");
}

#[test]
fn a_report_can_be_written_to_a_file() {
    let scratch = Scratch::new("output");
    scratch.write("nginx.conf", b"\0");
    let (status, out, _) = run(&scratch, &["check", "--output-format", "sarif", "--output", "report.sarif"]);
    assert_eq!((status, out.as_str()), (3, ""));
    let log: serde_json::Value = serde_json::from_slice(&std::fs::read(scratch.path("report.sarif")).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn colour_comes_when_asked_for_and_no_color_is_heard() {
    let scratch = Scratch::new("colour");
    scratch.write("nginx.conf", b"\0");
    let out = |args: &[&str], set: &[(&str, &str)]| {
        let output = hardlint(&scratch, args).envs(set.iter().copied()).output().unwrap();
        told(&output).1.contains('\x1b')
    };
    assert!(!out(&["check"], &[]), "no terminal, no colour");
    assert!(out(&["check", "--color", "always"], &[]));
    assert!(out(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!out(&["check"], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")]));
    assert!(!out(&["check", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let scratch = Scratch::new("pipe-end");
    for number in 0..400 {
        scratch.write(&format!("a{number}/nginx.conf"), b"\0");
    }
    let mut child = hardlint(&scratch, &["check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (status, _, err) = told(&child.wait_with_output().unwrap());
    assert!(!err.contains("panicked") && !err.contains("pipe"), "{err}");
    // What was not understood was not, whoever read of it.
    assert_eq!(status, 3, "{err}");
}

/// A report goes to a pipe as to a file, and what is there is not read first.
#[cfg(unix)]
#[test]
fn a_report_can_be_written_to_a_pipe() {
    let scratch = Scratch::new("pipe-out");
    scratch.write("sshd_config", "PermitEmptyPasswords yes\n");
    scratch.pipe("out");
    let reader = scratch.path("out");
    let read = std::thread::spawn(move || std::fs::read_to_string(reader).unwrap());
    let (status, _, err) = told(&hardlint(&scratch, &["check", "--output", "out"]).output().unwrap());
    assert_eq!(status, 1, "{err}");
    assert!(read.join().unwrap().contains("empty-password"));
}

/// What one root lets pass is nothing to another.
#[test]
fn each_root_fails_by_its_own_settings() {
    let scratch = Scratch::new("fail-on");
    for root in ["a", "b"] {
        scratch.write(&format!("{root}/.git/HEAD"), "");
        scratch.write(&format!("{root}/Dockerfile"), "FROM node:12\nUSER 1\nCMD [\"a\"]\n");
    }
    scratch.write("b/hardlint.toml", "fail-on = 'critical'\n");
    for (paths, expected) in [(&["a"][..], 1), (&["b"], 0), (&["a", "b"], 1), (&["b", "a"], 1)] {
        let output = hardlint(&scratch, &[&["check"], paths].concat()).output().unwrap();
        assert_eq!(told(&output).0, expected, "{paths:?}");
    }
}

/// Nothing that has a part in a run is lost to its report.
#[test]
fn a_report_takes_the_place_of_nothing_that_is_read() {
    let scratch = Scratch::new("overwriting");
    scratch.write(".git/HEAD", "");
    let kept = [
        ("compose.yaml", "services:\n  web:\n    image: a/b:1\n    env_file: web.vars\n"),
        ("web.vars", "DB_PASSWORD=not-a-real-one\n"),
        ("hardlint.toml", "baseline = 'known.json'\n[files]\n'site.tmpl' = 'nginx'\n"),
        ("site.tmpl", "server { listen 80; server_name a.example; root /srv/a; include loc.inc; }\n"),
        ("loc.inc", "location /x { alias /srv/x; }\n"),
        ("known.json", "{\"version\": 2, \"findings\": []}\n"),
        ("run.vars", "A=1\n"),
        (".gitignore", "*.log\n"),
    ];
    for (path, text) in kept {
        scratch.write(path, text);
    }
    for (path, text) in kept {
        let output = hardlint(&scratch, &["check", "--env-file", "run.vars", "--output", path]).output().unwrap();
        let (status, _, err) = told(&output);
        assert!(status == 2 && err.contains("that is a file which hardlint reads"), "{path}: {status} {err}");
        assert_eq!(std::fs::read_to_string(scratch.path(path)).unwrap(), text);
    }
    for _ in 0..2 {
        let output = hardlint(&scratch, &["check", "--exit-zero", "--output", "report.txt"]).output().unwrap();
        assert_eq!(told(&output).0, 0);
        let output = hardlint(&scratch, &["check", "--write-baseline", "known.json"]).output().unwrap();
        assert_eq!(told(&output).0, 0);
    }
}

#[test]
fn paths_are_relative_to_the_working_directory_where_below_it() {
    let scratch = Scratch::new("paths");
    scratch.write("work/a/nginx.conf", b"\0");
    scratch.write("other/nginx.conf", b"\0");
    let other = scratch.path("other");
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "concise", "a", "../other", other.to_str().unwrap()])
        .current_dir(scratch.path("work"))
        .output()
        .unwrap();
    let (_, out, _) = told(&output);
    let paths: Vec<&str> = out.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(paths, ["a/nginx.conf", "../other/nginx.conf"]);
}

#[test]
fn a_mapped_folder_may_lie_outside_the_root() {
    let scratch = Scratch::new("mapped");
    scratch.write("repo/nginx.conf", "");
    scratch.write("elsewhere/mime.types", "");
    let (status, _, err) = run(&scratch, &["check", "repo", "--root-map", "/etc/nginx=elsewhere"]);
    assert_eq!(status, 0, "{err}");
}

#[test]
fn a_rule_that_does_not_exist_is_wrong_usage() {
    let scratch = Scratch::new("no-rule");
    scratch.write("hardlint.toml", "preview = true\nignore = [\n  \"nowhere/nothing\",\n]\n");
    for (args, message) in [
        (&["check", "--isolated", "--select", "nowhere/nothing"][..], "--select: there is no rule `nowhere/nothing`"),
        (&["check"], "hardlint.toml:3:3: there is no rule `nowhere/nothing`"),
        (&["explain", "nowhere/nothing"], "there is no rule `nowhere/nothing`"),
        (&["explain", "a/b", "--at", "x"], "write a file, `:`, and a line"),
    ] {
        let (status, _, err) = run(&scratch, args);
        assert!(status == 2 && err.contains(message), "{args:?}: {status} {err}");
    }
    assert_eq!(run(&scratch, &["check", "--isolated", "--select", "nginx/*,sshd/*"]).0, 0);
}

#[test]
fn a_rule_of_ones_own_judges_and_a_wrong_one_is_told_at_its_place() {
    let scratch = Scratch::new("own-rule");
    scratch.write("rules/sshd/broken.yaml", "title: x\nseverty: high\n");
    let (status, _, err) = run(&scratch, &["check", "--rules", "rules"]);
    assert!(
        status == 2 && err.contains("broken.yaml:2:1") && err.contains("did you mean `severity`?"),
        "{status} {err}"
    );
}

#[test]
fn a_rule_of_ones_own_takes_the_place_of_none() {
    let scratch = Scratch::new("own-rule-twice");
    let rule = "title: t\nseverity: high\nconfidence: high\nselect: file\nwhen: permitrootlogin == 'yes'\nmessage: m\nwhy: w\nsince: 0.1.0\nstatus: stable\n";
    scratch.write("sshd_config", "PermitRootLogin yes\n");
    let said = |args: &[&str]| {
        let (status, out, err) = run(&scratch, &[&["check", "--output-format", "concise"], args].concat());
        (status, out + &err)
    };
    scratch.write("a/sshd/permit-empty-passwords.yaml", rule);
    let (status, told) = said(&["--rules", "a"]);
    let expected =
        "a/sshd/permit-empty-passwords.yaml:1:1: `sshd/permit-empty-passwords` is a rule that hardlint comes with";
    assert!(
        status == 2 && told.contains(expected) && told.contains("`--ignore sshd/permit-empty-passwords`"),
        "{told}"
    );
    scratch.write("b/sshd/own.yaml", rule);
    let (status, told) = said(&["--rules", "b", "--rules", "b"]);
    assert!(status == 1 && told.matches("sshd/own").count() == 1, "{told}");
    scratch.write("c/sshd/own.yaml", rule);
    let (status, told) = said(&["--rules", "b", "--rules", "c"]);
    let expected = "c/sshd/own.yaml:1:1: `sshd/own` is the rule in `b/sshd/own.yaml` already: give this one a name";
    assert!(status == 2 && told.contains(expected), "{told}");
}

#[test]
fn what_is_wrong_with_a_rule_of_ones_own_is_told_once_with_what_to_write() {
    let scratch = Scratch::new("own-rule-wrong");
    for (path, text, expected) in [
        ("sshd/a.yaml", "title: t\n  bad: x\n", "a.yaml:2:6: mapping values are not allowed in this context"),
        ("sshd/a.yaml", "title: t\nseverity: [\n", "a.yaml:2:11: here belongs one word, as `severity: high` has it"),
        ("sshd/a.yaml", "title: t\ntitle: u\n", "a.yaml:2:1: the field `title` is there twice: leave one of the two"),
        (
            "sshd/a.yaml",
            "",
            "a.yaml:1:1: a rule is written in fields, as `title: what is wrong`, and there are none here",
        ),
        (
            "sshd/a.yaml",
            "title: t\nseverity: hihg\n",
            "a.yaml:2:11: `hihg` is none of info, low, medium, high, critical; did you mean `high`?",
        ),
        (
            "none/a.yaml",
            "title: t\nseverity: high\nconfidence: high\nselect: file\nwhen: 'true'\nmessage: m\nwhy: w\nsince: 0.1.0\n",
            "none/a.yaml:1:1: there is no format `none`: a rule stands in FOLDER/<format>/<what-is-wrong>.yaml, with one of",
        ),
        (
            "sshd/a.yaml",
            "title: t\nseverity: high\nconfidence: high\nselect: file\nwhen: 'true'\nmessage: m\nwhy: w\nsince: 0.1.0\nroles: [prod]\n",
            "a.yaml:9:8: roles: there is no role `prod`, did you mean `production`?",
        ),
        (
            "sshd/a.yaml",
            "title: t\nseverity: high\nconfidence: high\nselect: file\nwhen: 'true'\nmessage: m\nwhy: w\nsince: 0.1.0\nroles: [live]\n",
            "a.yaml:9:8: roles: there is no role `live`: it is one of production, development, test, example, unknown",
        ),
    ] {
        scratch.write(&format!("rules/{path}"), text);
        let (status, _, err) = run(&scratch, &["check", "--rules", "rules"]);
        assert!(status == 2 && err.contains(expected), "{text}: {err}");
        assert!(!err.contains(" at line "), "{err}");
        std::fs::remove_file(scratch.path(&format!("rules/{path}"))).unwrap();
    }
    scratch.write("rules/sshd/a.yaml", b"title: \xff\n");
    let (status, _, err) = run(&scratch, &["rules", "--rules", "rules"]);
    assert!(status == 2 && err.contains("rules/sshd/a.yaml:1:8: the byte 0xff is no UTF-8 here"), "{err}");
}

#[test]
fn a_baseline_says_which_of_its_rules_there_are_not() {
    let scratch = Scratch::new("baseline-unknown");
    scratch.write("sshd_config", "PermitEmptyPasswords yes\n");
    assert_eq!(run(&scratch, &["check", "--write-baseline", "b.json"]).0, 0);
    let text = std::fs::read_to_string(scratch.path("b.json")).unwrap();
    let (_, _, err) = run(&scratch, &["check", "--baseline", "b.json"]);
    assert!(!err.contains("there is no rule"), "{err}");
    scratch.write("b.json", text.replace("permit-empty-passwords", "permit-empty-pasword"));
    let (status, _, err) = run(&scratch, &["check", "--baseline", "b.json"]);
    let expected = "hardlint: b.json:11:34: there is no rule `sshd/permit-empty-pasword`, did you mean `sshd/permit-empty-passwords`?; `--write-baseline b.json` forgets it";
    assert!(status == 1 && err.contains(expected), "{err}");
}

#[test]
fn services_for_developers_are_not_judged_as_deployed() {
    let scratch = Scratch::new("developers");
    let service = "  web:\n    build: .\n    ports: ['8000:8000']\n    privileged: true\n    volumes: ['.:/app']\n";
    let rule = "compose/port-published-on-all-interfaces";
    for (command, findings) in [("python manage.py runserver", 0), ("gunicorn shop.wsgi", 1)] {
        scratch.write("compose.yaml", format!("services:\n{service}    command: {command}\n"));
        let found = |more: &[&str]| {
            let (_, out, _) =
                run(&scratch, &[&["check", "--select", rule, "--output-format", "concise"], more].concat());
            out.lines().filter(|line| line.contains(rule)).count()
        };
        assert_eq!(found(&[]), findings, "{command}");
        assert_eq!(found(&["--file-by-file"]), 1, "{command}");
        assert_eq!(found(&["--role", "unknown"]), 1, "{command}");
        let (_, shown, _) = run(&scratch, &["show", "--output-format", "json", "compose.yaml"]);
        assert_eq!(shown.contains("\"role\": \"development\""), findings == 0, "{shown}");
    }
    scratch.write("compose.yaml", format!("services:\n{service}    command: flask run --debug\n"));
    let (_, told, _) = run(&scratch, &["explain", rule, "--at", "compose.yaml:4"]);
    assert!(told.contains("This is for development"), "{told}");
}

#[test]
fn settings_that_are_copied_as_they_stand_are_no_example() {
    let scratch = Scratch::new("settings-dist");
    let settings = "DEBUG = True\nINSTALLED_APPS = []\nROOT_URLCONF = 'a'\nALLOWED_HOSTS = ['a.example']\n";
    scratch.write("site/settings.dist.py", settings);
    let debug = |scratch: &Scratch| {
        let (_, out, _) = run(scratch, &["check", "--select", "django/debug-true", "--output-format", "concise"]);
        out.lines().filter(|line| line.contains("settings.dist.py")).count()
    };
    assert_eq!(debug(&scratch), 1);
    scratch.write("site/settings.py", settings.replace("True", "False"));
    assert_eq!(debug(&scratch), 0);
}

#[test]
fn what_is_held_back_for_what_a_file_is_for_is_not_silent() {
    let scratch = Scratch::new("held");
    let site = "server { listen 80; location /a { alias /srv/a/; } }\n";
    scratch.write("examples/nginx.conf", site);
    scratch.write("dev/nginx.conf", site);
    scratch.write("live/nginx.conf", "server { listen 80; return 444; }\n");
    let line = "2 files hold more and are for development, tests or examples: `--role production` tells it";
    let only = ["check", "--select", "nginx/alias-traversal"];
    let (_, _, said) = run(&scratch, &[&only[..], &["."]].concat());
    assert!(said.contains(line), "{said}");
    let (_, _, said) = run(&scratch, &[&only[..], &["--role", "production", "."]].concat());
    assert!(said.starts_with("2 findings") && !said.contains("hold more"), "{said}");
    for format in ["concise", "github", "gitlab", "sarif", "json", "junit"] {
        let (_, _, said) = run(&scratch, &[&only[..], &["--output-format", format]].concat());
        assert!(said.contains(line), "{format}: {said}");
    }
    for rest in [&["live"][..], &["--severity", "critical", "."]] {
        let (_, _, said) = run(&scratch, &[&only[..], rest].concat());
        assert!(!said.contains("hold more"), "{said}");
    }
}
