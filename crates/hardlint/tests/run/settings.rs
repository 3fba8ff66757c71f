//! What a settings file says is done, and what is wrong with it is told at its place.

use crate::scratch::Scratch;
use std::process::Command;

fn run(scratch: &Scratch, args: &[&str]) -> (i32, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_hardlint")).args(args).current_dir(scratch.path("")).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn found(scratch: &Scratch) -> (i32, String) {
    let (status, out, err) = run(scratch, &["check", "--output-format", "concise"]);
    assert!(status != 2, "{err}");
    (status, out)
}

const SSHD: &str = "PermitRootLogin yes\nPermitEmptyPasswords yes\nPasswordAuthentication yes\n";

#[test]
fn an_override_is_for_its_files() {
    let scratch = Scratch::new("overrides");
    scratch.write("old/sshd_config", SSHD);
    scratch.write("new/sshd_config", SSHD);
    let rule = "sshd/permit-empty-passwords";
    let of = |out: &str, folder: &str| out.lines().filter(|line| line.starts_with(folder)).count();
    let (_, all) = found(&scratch);
    assert!(all.matches(rule).count() == 2 && of(&all, "old") == of(&all, "new"), "{all}");
    scratch.write("hardlint.toml", format!("[[overrides]]\npaths = ['old/']\nignore = ['{rule}']\n"));
    let (_, out) = found(&scratch);
    assert_eq!(
        (out.matches(rule).count(), of(&out, "old") + 1, of(&out, "new")),
        (1, of(&all, "old"), of(&all, "new"))
    );
    scratch.write("hardlint.toml", "[[overrides]]\npaths = ['/old/**']\nseverity = 'critical'\n");
    let (_, out) = found(&scratch);
    assert!(of(&out, "old") < of(&out, "new"), "{out}");
    assert!(out.lines().filter(|line| line.starts_with("old")).all(|line| line.contains(" critical[")), "{out}");
    scratch
        .write("hardlint.toml", "[[overrides]]\npaths = ['old/**']\nignore = [\n  'sshd/permit-empty-pasword',\n]\n");
    let (status, _, err) = run(&scratch, &["check"]);
    assert_eq!(status, 2);
    assert!(err.contains("hardlint.toml:4:3: there is no rule `sshd/permit-empty-pasword`, did you mean"), "{err}");
}

/// A file that is named takes the place of the project's own; what it names lies beside it.
#[test]
fn settings_may_be_named() {
    let scratch = Scratch::new("settings-named");
    scratch.write("repo/.git/HEAD", "");
    scratch.write("repo/hardlint.toml", "ignore = ['sshd/*']\n");
    scratch.write("repo/a/sshd_config", SSHD);
    scratch.write("repo/b/sshd_config", SSHD);
    scratch.write("org/rules.toml", "exclude = ['b/']\nbaseline = 'known.json'\n");
    let check = |more: &[&str]| run(&scratch, &[&["check", "--output-format", "concise"], more].concat());
    assert_eq!(check(&["repo"]).1, "");
    let (status, _, err) = check(&["--config", "org/rules.toml", "repo"]);
    assert!(status == 2 && err.contains("org/rules.toml:2:12: there is no baseline"), "{err}");
    assert_eq!(check(&["--isolated", "--write-baseline", "org/known.json", "repo"]).0, 0);
    let (status, out, err) = check(&["--config", "org/rules.toml", "repo"]);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("org/rules.toml keeps something from being told: exclude, baseline"), "{err}");
    scratch.write("org/rules.toml", "exclude = ['b/']\n");
    let (_, out, _) = check(&["--config", "org/rules.toml", "repo"]);
    assert!(out.contains("repo/a/sshd_config:1") && !out.contains("repo/b"), "{out}");
    scratch.write("org/pyproject.toml", "[tool.other]\n");
    for (path, said) in [
        ("org/none.toml", "--config: there is no settings file `org/none.toml`"),
        ("org/pyproject.toml", "--config: `org/pyproject.toml` has no table `[tool.hardlint]`"),
    ] {
        let (status, _, err) = check(&["--config", path, "repo"]);
        assert!(status == 2 && err.contains(said), "{err}");
    }
    scratch.write("org/rules.toml", "slect = []\n");
    let (status, _, err) = check(&["--config", "org/rules.toml", "repo"]);
    assert!(status == 2 && err.contains("org/rules.toml:1:1: there is no setting `slect`"), "{err}");
}

#[test]
fn a_preset_lies_under_what_is_set() {
    let scratch = Scratch::new("preset");
    scratch.write("sshd_config", SSHD);
    let with = |text: &str| {
        scratch.write("hardlint.toml", text);
        found(&scratch).1
    };
    let (default, minimal, strict) =
        (with("preset = 'default'"), with("preset = 'minimal'"), with("preset = 'strict'"));
    assert_eq!(default, with(""));
    assert!(minimal.lines().count() < default.lines().count(), "{minimal}");
    assert!(minimal.lines().all(|line| line.contains(" critical[") || line.contains(" high[")), "{minimal}");
    assert!(strict.lines().count() >= default.lines().count());
    assert!(
        with("preset = 'minimal'\nseverity = 'info'\nconfidence = 'low'").lines().count() > minimal.lines().count()
    );
    scratch.write("sshd_config", "MaxAuthTries 20\nPermitRootLogin no\nPasswordAuthentication no\n");
    scratch.write("hardlint.toml", "preset = 'default'");
    assert_eq!(found(&scratch).0, 0);
    scratch.write("hardlint.toml", "preset = 'strict'");
    assert_eq!(found(&scratch).0, 1, "{}", found(&scratch).1);
}

#[test]
fn an_allow_needs_a_reason_where_the_settings_say_so() {
    let scratch = Scratch::new("reasons");
    scratch.write("sshd_config", "# hardlint: allow[sshd/permit-empty-passwords]\nPermitEmptyPasswords yes\n");
    let told = || found(&scratch).1.contains("hardlint/allow-without-reason");
    assert!(!told());
    scratch.write("hardlint.toml", "require-reason = true");
    assert!(told());
    scratch.write(
        "sshd_config",
        "# hardlint: allow[sshd/permit-empty-passwords] a machine for trials\nPermitEmptyPasswords yes\n",
    );
    assert!(!told());
}

#[test]
fn a_baseline_may_stand_in_the_settings() {
    let scratch = Scratch::new("settings-baseline");
    scratch.write("sshd_config", SSHD);
    scratch.write("hardlint.toml", "baseline = 'old.json'\n");
    let (status, _, err) = run(&scratch, &["check"]);
    assert!(status == 2 && err.contains("hardlint.toml:1:12: there is no baseline"), "{err}");
    assert_eq!(run(&scratch, &["check", "--write-baseline", "old.json"]).0, 0);
    assert_eq!(found(&scratch), (0, String::new()));
}

#[test]
fn init_writes_settings_that_fit_and_writes_over_nothing() {
    let scratch = Scratch::new("init");
    scratch.write(".git/HEAD", "");
    scratch.write("sshd_config", SSHD);
    scratch.write("vendor/nginx.conf", "events {}\n");
    let compose =
        "services:\n  a: {image: 'nginx:1.26.2-alpine'}\n  b: {image: 'postgres:16'}\n  c: {image: 'postgres:15'}\n";
    scratch.write("compose.yaml", compose);
    for preset in ["minimal", "strict", "default"] {
        let (status, out, err) = run(&scratch, &["init", "--preset", preset]);
        assert_eq!((status, out.as_str()), (0, ""), "{err}");
        let text = std::fs::read_to_string(scratch.path("hardlint.toml")).unwrap();
        for part in [
            "1 compose",
            "1 sshd",
            "exclude = [\"/vendor/\"]",
            "\nnginx = \"1.26.2\"",
            "\n# sshd = ",
            &format!("\npreset = \"{preset}\""),
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("\npostgres = "), "{text}");
        let (status, out, err) = run(&scratch, &["check", "--output-format", "concise"]);
        assert!(status == 1 && out.contains("sshd/permit-empty-passwords"), "{out}{err}");
        let (status, _, err) = run(&scratch, &["init"]);
        assert!(status == 2 && err.contains("`./hardlint.toml` is there already"), "{err}");
        std::fs::remove_file(scratch.path("hardlint.toml")).unwrap();
    }
    scratch.write("pyproject.toml", "[tool.hardlint]\n");
    let (status, _, err) = run(&scratch, &["init"]);
    assert!(status == 2 && err.contains("pyproject.toml` has settings in `[tool.hardlint]` already"), "{err}");
    let (status, _, err) = run(&scratch, &["init", "nowhere"]);
    assert!(status == 2 && err.contains("`nowhere` is no folder"), "{err}");
}

#[test]
fn what_is_wrong_is_told_at_its_place_with_what_to_write() {
    let scratch = Scratch::new("settings-wrong");
    scratch.write("sshd_config", SSHD);
    let said = |name: &str, text: &[u8]| {
        scratch.write(name, text);
        let (status, _, err) = run(&scratch, &["check"]);
        std::fs::remove_file(scratch.path(name)).unwrap();
        assert_eq!(status, 2, "{err}");
        err.split_once(&format!("{name}:")).map_or(err.clone(), |(_, said)| said.trim_end().to_owned())
    };
    for (text, expected) in [
        ("ignore = [\n\"a\"\n", "2:4: this is no TOML: unclosed array, expected `]`"),
        ("preview = true\n\"preview\" = false\n", "2:1: `preview` is set above already: leave one of the two"),
        ("[root-map]\n'/etc/nginx' = 'nowhere'\n", "2:16: there is no folder `nowhere`: name one, seen from the file"),
        (
            "[root-map]\n'/etc/nginx' = 'sshd_config'\n",
            "2:16: there is no folder `sshd_config`: name one, seen from the file",
        ),
        (
            "[target]\nnginx = '99'\n",
            "2:9: nginx 99.0 is none of the versions that hardlint knows, 1.22.1 to 1.31.5: write one of these, or none, which judges for all of them",
        ),
        (
            "[target]\nredis = '6.2'\n",
            "2:9: redis 6.2 is none of the versions that hardlint knows, 7.0 to 8.2: write one of these, or none, which judges for all of them",
        ),
        (
            "[target]\napache = '2'\n",
            "2:1: there is no program `apache`: it is one of airflow, buildkit, compose, django, flask, gunicorn, nginx, postgres, redis, sshd",
        ),
        (
            "[tool.hardlint]\n",
            "1:2: here settings stand at the top: leave `[tool.hardlint]` out, which is for `pyproject.toml`",
        ),
        ("[secrets]\nmin-lenght = 20\n", "2:1: `secrets` has no setting `min-lenght`, did you mean `min-length`?"),
        ("[secrets]\nmin-length = 2\n", "2:14: `min-length` is a number from 8 to 1024"),
        ("[secrets]\nmin-length = 'long'\n", "2:14: `min-length` takes a number from 8 to 1024, not text"),
        (
            "ignore = ['alias-traversal']\n",
            "1:11: there is no rule `alias-traversal`, did you mean `nginx/alias-traversal`?",
        ),
        ("baseline = ''\n", "1:12: `` names no file: write one, as `hardlint-baseline.json`"),
        ("baseline = '.'\n", "1:12: `.` names no file: write one, as `hardlint-baseline.json`"),
        (
            "baseline = '../no.json'\n",
            "1:12: `../no.json`: it lies outside the repository that the settings come with; an option may name it",
        ),
        ("ignore = ['nothing']\n", "1:11: there is no rule `nothing`: `hardlint rules` lists all"),
    ] {
        assert_eq!(said("hardlint.toml", text.as_bytes()), expected, "{text}");
    }
    let no_utf8 = "2:7: the byte 0xff is no UTF-8 here: save the file as UTF-8";
    assert_eq!(said("hardlint.toml", b"preview = true\n# \xc3\xa9 \"\xff\"\n"), no_utf8.replace(":7", ":6"));
    assert_eq!(said("pyproject.toml", b"[tool.hardlint]\nx = \"a\xff\"\n"), no_utf8);
    assert_eq!(said("pyproject.toml", b"[tool.hardlint\n"), "1:15: this is no TOML: unclosed table, expected `]`");
}

/// An archive is gone after the run, and its settings are called as they are in it; what is to be written to is no folder.
#[test]
fn what_is_wrong_is_told_by_the_name_that_is_known() {
    let scratch = Scratch::new("settings-names");
    scratch.write("p/sshd_config", SSHD);
    for (text, said) in [
        ("slect = 1\n", "a.tar/p/hardlint.toml:1:1: there is no setting `slect`"),
        ("ignore = ['nothing']\n", "a.tar/p/hardlint.toml:1:11: there is no rule `nothing`"),
        ("ignore = ['hardlint/*', 'sshd/*']\n", "a.tar/p/hardlint.toml keeps something from being told: ignore"),
    ] {
        scratch.write("p/hardlint.toml", text);
        let tar = Command::new("tar").args(["cf", "../a.tar", "."]).current_dir(scratch.path("p")).status().unwrap();
        assert!(tar.success());
        let (_, _, err) = run(&scratch, &["check", "a.tar"]);
        assert!(err.contains(&said.replace("/p/", "/")) && !err.contains("unpacked"), "{err}");
    }
    for option in ["--output", "--write-baseline"] {
        let (status, _, err) = run(&scratch, &["check", option, "p"]);
        assert!(status == 2 && err.contains("`p`: it is a folder: name a file in it"), "{err}");
    }
}

#[test]
fn a_project_may_ask_for_longer_secrets() {
    let scratch = Scratch::new("secret-length");
    scratch.write("redis.conf", "requirepass fake-0123456789-0123456789-0123456789\n");
    scratch.write(".env", "JWT_SECRET=not-a-real-one-49\nDB_PASSWORD=lantern-and-loom-7\n");
    scratch.write("airflow.cfg", "[webserver]\nsecret_key = 3f0c1b5d9e7a4826b1c8d4e2f6a7039c\n");
    let with = |text: &str| {
        scratch.write("hardlint.toml", text);
        let (_, out, _) = run(&scratch, &["check", "--pedantic", "--output-format", "concise"]);
        let short = |line: &&str| {
            ["redis/weak-password", "secret-too-short", "webserver-secret-key-weak"]
                .iter()
                .any(|rule| line.contains(rule))
        };
        let place = |line: &str| line.split_once(' ').map_or(line, |(place, _)| place).to_owned();
        out.lines().filter(short).map(place).collect::<Vec<_>>()
    };
    assert_eq!(with(""), ["airflow.cfg:2:14:"]);
    assert_eq!(
        with("[secrets]\nmin-length = 64\n"),
        [".env:1:12:", ".env:2:13:", "airflow.cfg:2:14:", "redis.conf:1:13:"]
    );
    scratch.write("redis.conf", "requirepass fake-0123456789-0123456789\n");
    assert_eq!(with("[secrets]\nmin-length = 16\n"), ["airflow.cfg:2:14:"]);
}

#[test]
fn shells_complete_and_editors_know_the_settings() {
    let scratch = Scratch::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, out, err) = run(&scratch, &["completions", shell]);
        assert!(status == 0 && out.contains("write-baseline"), "{shell}: {err}");
    }
    let (status, out, _) = run(&scratch, &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(status == 0 && schema["properties"]["fail-on"].is_object());
    let published = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&published, &out).unwrap();
    }
    let text = std::fs::read_to_string(published).unwrap();
    assert!(text == out, "`hardlint schema` prints another one; UPDATE=1 writes it");
}
