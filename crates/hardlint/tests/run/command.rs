//! The command line as scripts use it: exit status, streams, arguments.

use crate::scratch::Scratch;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn hardlint(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    command.args(args).current_dir(scratch.path("")).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command
}

fn run(scratch: &Scratch, args: &[&str]) -> (i32, String, String) {
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
    let (_, _, err) = told(&child.wait_with_output().unwrap());
    assert!(!err.contains("panicked") && !err.contains("pipe"), "{err}");
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
            "a.yaml:9:8: roles: there is no role `prod`: it is one of production, development, test, example, unknown",
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
fn what_is_told_beside_rules_is_explained() {
    let scratch = Scratch::new("explain-allow");
    scratch.write("Dockerfile", "FROM scratch\n# hardlint: alow[dockerfile/x] why\nUSER 1000\n");
    let (_, out, _) = run(&scratch, &["check", "--output-format", "concise"]);
    assert!(
        out.contains("Dockerfile:2:13: low[hardlint/unused-allow] `alow` allows nothing: write `allow[rule]`"),
        "{out}"
    );
    for id in ["hardlint/unused-allow", "hardlint/allow-without-reason"] {
        let (status, out, _) = run(&scratch, &["explain", id]);
        assert!(status == 0 && out.contains(&format!("[{id}]: an allow ")), "{out}");
    }
}

#[test]
fn what_is_deployed_is_explained_at_every_file_that_took_part() {
    let scratch = Scratch::new("explain-deployment");
    let compose = concat!(
        "services:\n  proxy:\n    image: nginx:1.28\n    ports: ['443:443', '80:80']\n",
        "    volumes: ['./site.conf:/etc/nginx/conf.d/site.conf']\n  app:\n    image: shop:1\n    ports:\n      - 8000:8000\n"
    );
    scratch.write("compose.yaml", compose);
    let site = "server {\n  listen 443 ssl;\n  location / { proxy_pass http://app:8000; }\n  location /more/ {\n    proxy_pass http://app.shop.example:8000;\n  }\n}\n";
    scratch.write("site.conf", site);
    let at = |rule: &str, place: &str| run(&scratch, &["explain", &format!("deployment/{rule}"), "--at", place]);
    for (rule, place, said) in [
        ("application-port-beside-proxy", "compose.yaml:9", "fires for service `app` at compose.yaml:6:3"),
        ("clear-text-to-remote-upstream", "site.conf:5", "fires for exit"),
        ("clear-text-to-remote-upstream", "site.conf:1", "No `exit` of what is deployed rests on line 1 of site.conf"),
        ("clear-text-to-remote-upstream", "compose.yaml:3", "No `exit` of what is deployed rests on line 3 of"),
    ] {
        let (status, out, err) = at(rule, place);
        assert!(status == 0 && out.contains(said), "{rule} {place}: {out}{err}");
    }
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
fn show_gives_the_service_that_is_asked_for() {
    let scratch = Scratch::new("show-service");
    scratch.write(
        "compose.yaml",
        "services:\n  a: {image: 'x:1'}\n  b: {image: 'y:1'}\n  c: {image: 'z:1', profiles: [more]}\n",
    );
    let shown = |condition: &str| run(&scratch, &["show", "compose.yaml", "--where", condition]);
    let (_, out, _) = shown("service=b");
    assert!(out.contains("y:1") && !out.contains("x:1"), "{out}");
    assert!(shown("service=c,profile=more").1.contains("z:1"));
    let (status, _, err) = shown("service=d");
    assert!(status == 2 && err.contains("--where: no service `d` is started, did you mean `a`?"), "{err}");
    let (status, _, err) = shown("service=worker");
    assert!(
        status == 2 && err.contains("no service `worker` is started: it is one of a, b; `--where profile="),
        "{err}"
    );
}

#[test]
fn show_says_that_the_environment_sets_a_value() {
    let scratch = Scratch::new("show-environment");
    scratch.write("airflow.cfg", "[webserver]\nexpose_config = False\n");
    scratch.write("all.env", "AIRFLOW__WEBSERVER__EXPOSE_CONFIG=True\n");
    let (_, out, _) =
        run(&scratch, &["show", "airflow.cfg", "--env-file", "all.env", "--why", "webserver.expose_config"]);
    assert_eq!(out, "webserver.expose_config  True  # environment\n");
}

#[test]
fn show_prints_what_the_program_would_see() {
    let scratch = Scratch::new("show");
    scratch.write("sshd_config", "Port 2222\nMatch User alice\n  PermitRootLogin no\n");
    for path in ["README.md", ".env", "pg_hba.conf"] {
        scratch.write(path, "");
    }
    let (status, out, err) = run(&scratch, &["show", "sshd_config", "--output-format", "json"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(shown["file"], "sshd_config");
    assert_eq!(shown["effective"]["port"]["value"], "2222");
    let (_, out, _) = run(&scratch, &["show", "sshd_config", "--why", "permitrootlogin", "--where", "user=alice"]);
    assert!(out.contains("sshd_config:3"), "{out}");
    for (args, message) in [
        (&["show", "README.md"][..], "no name and no content tells what it is; --type does"),
        (&["show", "."], "`.` is a folder"),
        (&["show", "sshd_config", "--where", "uri=/"], "sshd has no condition `uri`"),
        (&["show", "sshd_config", "--where", "usr=a"], "did you mean `user`?"),
        (&["show", "sshd_config", "--where", "lport=ssh"], "--where: lport=`ssh`: a port is a number up to 65535"),
        (
            &["show", ".env", "--where", "dialect=dotenv"],
            "--where: dialect=`dotenv`: it is none of compose, python-dotenv",
        ),
        (&["show", "pg_hba.conf", "--where", "type=hostsl"], "did you mean `hostssl`?"),
        (&["show", "sshd_config", "--why", "nothing"], "`sshd_config` has no key `nothing`"),
        (
            &["show", "sshd_config", "--why", "PermitRotLogin"],
            "no key `PermitRotLogin`, did you mean `permitrootlogin`?",
        ),
    ] {
        let (status, _, err) = run(&scratch, args);
        assert!(status == 2 && err.contains(message), "{args:?}: {status} {err}");
    }
    scratch.write("nginx.conf", b"\0");
    assert_eq!(run(&scratch, &["show", "nginx.conf"]).0, 3);
}

#[test]
fn show_tells_bytes_that_are_no_text_from_the_character_that_stands_for_them() {
    let scratch = Scratch::new("show-bytes");
    let dialect = ["show", "app.env", "--output-format", "json", "--where", "dialect=python-dotenv"];
    let shown = |bytes: &[u8]| {
        scratch.write("app.env", bytes);
        let (_, out, err) = run(&scratch, &dialect);
        serde_json::from_str::<serde_json::Value>(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    };
    assert_eq!(shown(b"A=\x1a\n")["effective"]["A"]["value"], "\u{1a}");
    assert_eq!(shown(b"A=\xff\n")["effective"]["A"]["value"], serde_json::Value::Null);
}

#[test]
fn show_hides_the_secrets_of_settings_and_nothing_else() {
    let scratch = Scratch::new("show-settings");
    let text = concat!(
        "INSTALLED_APPS = [\"shop\"]\nDEBUG = False\nROOT_URLCONF = \"shop.urls\"\n",
        "SECRET_KEY = \"not-a-real-key-1\"\n",
        "DATABASES = {\"default\": {\"ENGINE\": \"django.db.backends.sqlite3\", \"PASSWORD\": \"not-a-real-one-2\"}}\n",
    );
    scratch.write("settings.py", text);
    let (_, shown, told) = run(&scratch, &["show", "settings.py"]);
    for plain in ["['shop']", "False", "'shop.urls'"] {
        assert!(shown.contains(plain), "{plain}: {shown}{told}");
    }
    assert!(!shown.contains("not-a-real"), "{shown}");
    let (_, revealed, _) = run(&scratch, &["show", "--reveal", "settings.py"]);
    assert!(revealed.contains("not-a-real-key-1") && revealed.contains("not-a-real-one-2"), "{revealed}");

    scratch.write("postgresql.conf", "ssl_passphrase_command = 'echo not-a-real-one'\nport = 5433\n");
    let (_, shown, _) = run(&scratch, &["show", "postgresql.conf"]);
    assert!(shown.contains("5433") && !shown.contains("not-a-real"), "{shown}");
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
fn why_check_is_silent_is_explained_at_a_line() {
    let scratch = Scratch::new("explain-silence");
    scratch.write("app/Dockerfile", "FROM debian:12\nRUN chmod -R 777 /srv/data\nCMD [\"sleep\", \"9\"]\n");
    scratch.write("dev/Dockerfile", "FROM debian:12\nRUN echo 'app ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers\n");
    // Lines are broken where the width ends.
    let explain = |place: &str| {
        let (status, told, err) = run(&scratch, &["explain", place]);
        assert_eq!(status, 0, "{err}");
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = explain("app/Dockerfile:2");
    assert!(told.contains("dockerfile/world-writable fires"), "{told}");
    assert!(told.contains("`check` does not tell of it by default"), "{told}");
    assert!(told.contains("leaves it to --pedantic where `!has(world_writable_code)`"), "{told}");
    let told = explain("dev/Dockerfile:2");
    assert!(told.contains("This is for development"), "{told}");
    assert!(told.contains("`check --role production`"), "{told}");
    let told = explain("dev/Dockerfile:1");
    assert!(!told.contains("sudo-in-image"), "{told}");
    scratch.write("notes.conf", "nothing\n");
    let told = explain("notes.conf:1");
    assert!(told.contains("No rule speaks at notes.conf:1"), "{told}");
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
fn a_graph_is_drawn_in_each_form_and_may_be_written_to_a_file() {
    let scratch = Scratch::new("graph");
    scratch.write("README.md", "");
    let nothing = "no Compose file here tells of a service";
    let empty = serde_json::json!({"version": 1, "services": [], "files": [], "links": []});
    for (form, beginning) in [
        ("text", ""),
        ("json", "{\n  \"version\": 1,"),
        ("dot", "digraph deployment {"),
        ("mermaid", "flowchart LR"),
        ("svg", "<svg "),
    ] {
        let (status, out, err) = run(&scratch, &["graph", "--output-format", form, "."]);
        assert_eq!(status, 0, "{err}");
        assert!(out.starts_with(beginning) && err.contains(nothing), "{form}: {out}{err}");
        let (status, out, _) = run(&scratch, &["graph", "--no-findings", "--output-format", form, "--output", "drawn"]);
        assert_eq!((status, out.as_str()), (0, ""));
        let drawn = std::fs::read_to_string(scratch.path("drawn")).unwrap();
        assert!(drawn.starts_with(beginning), "{form}: {drawn}");
        if form == "json" {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&drawn).unwrap(), empty);
        }
    }
}

#[test]
fn wrong_arguments_of_graph_are_status_2() {
    let scratch = Scratch::new("graph-usage");
    scratch.write("d/compose.yaml", "services: {}\n");
    for (args, message) in [
        (&["graph", "nowhere"][..], "`nowhere`: there is no such file or folder"),
        (&["graph", "--output-format", "smv"], "[possible values: text, json, dot, mermaid, svg]"),
        (&["graph", "--output", "no/where"], "--output `no/where`: there is no folder `no`: make it first"),
        (&["graph", "--fail-on", "high"], "unexpected argument '--fail-on'"),
    ] {
        let (status, out, err) = run(&scratch, args);
        assert_eq!((status, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains(message), "{args:?}: {err}");
    }
}

#[test]
fn a_graph_of_what_cannot_be_read_says_so_as_check_does() {
    let utf16: Vec<u8> = b"\xff\xfe".iter().copied().chain("services: {}".bytes().flat_map(|byte| [byte, 0])).collect();
    for (name, text, place) in [
        ("utf16", &utf16[..], "compose.yaml: problem: "),
        ("broken", b"services:\n  web: {image: x\n  b: ]\n", "compose.yaml:"),
    ] {
        let scratch = Scratch::new(&format!("graph-{name}"));
        scratch.write("compose.yaml", text);
        let (_, told, _) = run(&scratch, &["check", "--output-format", "concise"]);
        let told = told.lines().find(|line| line.starts_with(place)).unwrap_or_else(|| panic!("{name}: {told}"));
        for more in [&[][..], &["--no-findings"]] {
            let (status, _, err) = run(&scratch, &[&["graph"], more].concat());
            assert_eq!(status, 3, "{name}: {err}");
            assert_eq!(err.lines().filter(|line| *line == told).count(), 1, "{name}: {err}");
        }
    }
}

#[test]
fn no_file_of_a_graph_has_the_id_of_a_service() {
    let scratch = Scratch::new("graph-ids");
    scratch.write(
        "compose.yaml",
        "services: {web: {image: x, volumes: ['./compose.yaml#web/conf:/etc/x', './compose.yaml#web:/y']}}\n",
    );
    scratch.write("compose.yaml#web/conf", "");
    let (_, out, err) = run(&scratch, &["graph", "--output-format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    assert_eq!(graph["services"][0]["id"], "compose.yaml#web");
    let ends: Vec<&str> = graph["links"].as_array().unwrap().iter().map(|link| link["to"].as_str().unwrap()).collect();
    assert_eq!(ends, ["./compose.yaml#web", "compose.yaml#web/conf"]);
    assert!(graph["files"].as_array().unwrap().iter().any(|file| file["path"] == "./compose.yaml#web"));
}

#[test]
fn what_lies_over_others_is_explained_with_them() {
    let scratch = Scratch::new("explain-over");
    scratch.write("compose.yaml", "services:\n  web: {image: 'shop/web:1'}\n");
    scratch.write("compose.prod.yaml", "services:\n  web:\n    restart: always\n");
    scratch.write("up.sh", "docker compose -f compose.yaml -f compose.prod.yaml up -d\n");
    let rule = "compose/image-latest-or-untagged";
    let (_, told, err) = run(&scratch, &["explain", rule, "--at", "compose.prod.yaml:3"]);
    assert!(!told.contains("cannot tell"), "{told}{err}");
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
    for rest in [&["live"][..], &["--severity", "critical", "."], &["--output-format", "json", "."]] {
        let (_, _, said) = run(&scratch, &[&only[..], rest].concat());
        assert!(!said.contains("hold more"), "{said}");
    }
}
