//! What `hardlint show` prints.

use crate::command::run;
use crate::scratch::Scratch;

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
