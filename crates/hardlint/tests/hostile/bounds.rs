//! Inputs that cost more than they should: in time, in memory, in depth.

use crate::scratch::Scratch;
use crate::{ends, refused};
use std::fs::{self, File};

/// A repository with nothing in it.
fn repository(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch
}

fn sparse(scratch: &Scratch, path: &str, gigabytes: u64) {
    File::create(scratch.path(path)).unwrap().set_len(gigabytes << 30).unwrap();
}

#[test]
fn pipes_devices_and_sockets_are_never_opened() {
    let scratch = repository("hostile-pipes");
    for name in [".gitignore", ".dockerignore", "hardlint.toml", "pyproject.toml", "nginx.conf", ".env", "Makefile"] {
        scratch.pipe(name);
    }
    fs::create_dir(scratch.path("sub")).unwrap();
    scratch.pipe("sub/.gitignore");
    scratch.link("/dev/zero", "compose.yaml");
    scratch.link("/dev/tty", "sub/redis.conf");
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path("sub/sshd_config")).unwrap();
    scratch.write("sub/nginx.conf", "events {}\nhttp { include ../nginx.conf; include ../.env; }\n");
    scratch.write("sub/Dockerfile", "FROM debian:12\nCOPY . /\nENV A=b\n");
    let run = ends(&scratch, &["check", "--preview"]);
    for name in ["nginx.conf", ".env", "compose.yaml", "sub/sshd_config"] {
        assert!(run.text().contains(name), "nothing is said of {name}: {}", run.text());
    }
    for file in ["nginx.conf", "compose.yaml", "sub/nginx.conf"] {
        ends(&scratch, &["show", file]);
    }
    ends(&scratch, &["graph"]);
}

#[test]
fn files_without_end_are_told_and_not_read() {
    let scratch = repository("hostile-sparse");
    for name in ["nginx.conf", "compose.yaml", "Dockerfile", ".env", "settings.py", "x.conf", ".gitignore", "Makefile"]
    {
        sparse(&scratch, name, 10);
    }
    let run = ends(&scratch, &["check"]);
    assert_eq!(run.status, Some(3), "{}", run.err);
    for name in ["nginx.conf", "compose.yaml", "Dockerfile", ".env"] {
        assert!(run.text().contains(&format!("{name}: it has 10737418240 bytes")), "{}", run.text());
    }
    sparse(&scratch, "hardlint.toml", 10);
    let run = refused(&scratch, &["check"]);
    assert!(run.err.contains("larger than 1 MiB"), "{}", run.err);
}

#[test]
fn folders_without_end_are_walked() {
    let scratch = repository("hostile-deep");
    // A path of all of them is longer than the system takes in one call, so that they are made from the inside.
    let some = vec!["dddddddd"; 400].join("/");
    scratch.write(&format!("part0/{some}/nginx.conf"), "events {}\n");
    for part in 1..5 {
        fs::create_dir_all(scratch.path(&format!("part{part}/{some}"))).unwrap();
        let inner = scratch.path(&format!("part{}", part - 1));
        fs::rename(inner, scratch.path(&format!("part{part}/{some}/dddddddd"))).unwrap();
    }
    scratch.write("sshd_config", "PermitRootLogin yes\n");
    scratch.link("..", "part4/up");
    scratch.link("a", "b");
    scratch.link("b", "a");
    scratch.link("self", "self");
    let run = ends(&scratch, &["check", "--output-format", "concise"]);
    assert!(run.text().contains("sshd_config"), "{}", run.text());
    // What cannot be reached is not passed over in silence.
    assert_eq!(run.text().matches("problem:").count(), 1, "{}", run.text());
}

#[test]
fn aliases_in_aliases_come_to_an_end() {
    let scratch = repository("hostile-aliases");
    let each = |of: &dyn Fn(usize) -> String| (1..12).map(of).collect::<String>();
    let lists = each(&|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(",")));
    let maps = each(&|i| {
        let fields: Vec<String> = (0..10).map(|field| format!("k{field}: *a{}", i - 1)).collect();
        format!("a{i}: &a{i} {{{}}}\n", fields.join(","))
    });
    for (path, text) in [
        ("a/compose.yaml", format!("a0: &a0 [x]\n{lists}services: {{a: {{image: x, command: *a11}}}}\n")),
        ("b/compose.yaml", format!("a0: &a0 {{k: x}}\n{maps}services: {{a: {{<<: *a11, image: x, labels: *a11}}}}\n")),
        ("c/compose.yaml", "services: &a\n  a: {image: x, extends: a, <<: *a}\n  b: *a\n".to_owned()),
    ] {
        scratch.write(path, text);
        ends(&scratch, &["show", path]);
    }
    ends(&scratch, &["check"]);
    ends(&scratch, &["graph"]);
}

#[test]
fn variables_that_double_come_to_an_end() {
    let scratch = repository("hostile-doubling");
    let each = |of: &dyn Fn(usize) -> String| (1..60).map(of).collect::<String>();
    scratch.write(".env", format!("A0=x\n{}", each(&|i| format!("A{i}=${{A{0}}}${{A{0}}}\n", i - 1))));
    scratch.write("compose.yaml", "services: {a: {image: \"x:${A59}\", env_file: .env}}\n");
    scratch.write("airflow.cfg", format!("[core]\na0 = x\n{}", each(&|i| format!("a{i} = %(a{0})s%(a{0})s\n", i - 1))));
    scratch.write("Dockerfile", format!("FROM x\nENV A0=x\n{}", each(&|i| format!("ENV A{i}=$A{0}$A{0}\n", i - 1))));
    let python = "A = 'x'\nB = [1]\nC = {}\n".to_owned() + &"A = A + A\nB = [B, B]\nC = {'a': C, 'b': C}\n".repeat(60);
    let more = "D = 9 ** 9 ** 9\nE = 'x' * 10 ** 12\nF = [0] * 10 ** 12\nG = 1 << 10 ** 12\nH = '%9999999999d' % 1\n\
        I = list(range(10 ** 12))\nwhile True:\n    pass\n";
    let django = "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\n";
    scratch.write("settings.py", format!("{django}{python}{more}"));
    ends(&scratch, &["check"]);
    for file in [".env", "compose.yaml", "airflow.cfg", "Dockerfile", "settings.py"] {
        ends(&scratch, &["show", file]);
    }
}

#[test]
fn nesting_without_end_comes_to_an_end() {
    let scratch = repository("hostile-nesting");
    let many = |text: &str| text.repeat(20_000);
    let cases = [
        ("compose.yaml", format!("services: {}", many("["))),
        ("compose.yaml", format!("services: {}", many("{a: "))),
        ("compose.yaml", many("- ")),
        ("compose.yaml", format!("services: {{a: {{image: '{}'}}}}", many("${A:-"))),
        ("nginx.conf", format!("http {{ {}", many("location / { "))),
        ("nginx.conf", many("{")),
        ("nginx.conf", format!("http {{ server {{ location ~ {} {{}} }} }}", many("("))),
        ("Dockerfile", format!("FROM x\nRUN {}", many("$("))),
        ("Dockerfile", format!("FROM x\nRUN {}", many("(( "))),
        ("Dockerfile", format!("FROM x\nRUN {}", many("if "))),
        ("Dockerfile", format!("FROM x\nENV A={}", many("${A:-"))),
        ("Dockerfile", many("ONBUILD ")),
        ("settings.py", format!("A = {}", many("("))),
        ("settings.py", format!("A = {}1", many("-"))),
        ("settings.py", format!("A = {}1", many("not "))),
        ("settings.py", format!("A = {}a", many("a."))),
        ("settings.py", format!("A = {}1", many("lambda: "))),
        (".env", format!("A={}", many("${A:-"))),
        ("redis.conf", format!("user {}", many("("))),
        ("sshd_config", format!("Match {}", many("User a "))),
        ("airflow.cfg", format!("[core]\nfernet_key = {}", many("%("))),
        ("postgresql.conf", "include 'postgresql.conf'\n".repeat(200)),
        ("pg_hba.conf", "@pg_hba.conf ".repeat(200)),
        ("hardlint.toml", format!("a = {}", many("["))),
        ("hardlint.toml", format!("exclude = ['{}b']", "**/".repeat(200) + &"*a".repeat(200))),
        (".gitignore", format!("{}{}b\n", "**/".repeat(200), "*a".repeat(200))),
    ];
    scratch.write(&format!("{0}/{0}/{0}/sshd_config", "a".repeat(200)), "PermitRootLogin yes\n");
    for (path, text) in cases {
        let django = "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\n";
        scratch.write(path, if path == "settings.py" { format!("{django}{text}") } else { text });
        let check = ["check", "--pedantic", "--preview"];
        let wrong = path == "hardlint.toml" && !fs::read_to_string(scratch.path(path)).unwrap().starts_with("exclude");
        if wrong {
            refused(&scratch, &check)
        } else {
            ends(&scratch, &check)
        };
        if !path.starts_with("hardlint") && path != ".gitignore" {
            ends(&scratch, &["show", path]);
        }
        fs::remove_file(scratch.path(path)).unwrap();
    }
}

#[test]
fn a_repository_cannot_hide_that_it_switches_things_off() {
    let scratch = repository("hostile-settings");
    scratch.write("sshd_config", "PermitRootLogin yes\nPermitEmptyPasswords yes\n");
    scratch.write("hardlint.toml", "exclude = ['**']\nignore = ['*']\nfail-on = 'critical'\n[files]\n'*' = 'none'\n");
    let run = ends(&scratch, &["check", "--output-format", "json"]);
    let told = "hardlint.toml keeps something from being told: ignore, fail-on, exclude, files\n";
    assert!(run.err.contains(told), "{}", run.err);
    let report: serde_json::Value = serde_json::from_slice(&run.out).unwrap();
    let narrowed = report["summary"]["narrowed"].as_object().unwrap();
    assert!(narrowed.keys().all(|path| path.ends_with("hardlint.toml")) && narrowed.len() == 1, "{report}");
    // So does what makes a file another format's.
    for (format, told) in [("env", true), ("sshd", false)] {
        scratch.write("hardlint.toml", format!("[files]\n'sshd_config' = '{format}'\n"));
        let run = ends(&scratch, &["check"]);
        assert_eq!(run.err.contains("hardlint.toml keeps something from being told: files\n"), told, "{}", run.err);
    }
    // Rules that come with it are nobody's.
    scratch.write("hardlint.toml", "rules = ['.hardlint/rules']\n");
    scratch.write(".hardlint/rules/sshd/x.yaml", "title: x\n");
    let run = refused(&scratch, &["check"]);
    assert!(run.err.contains("there is no setting `rules`"), "{}", run.err);
    fs::remove_file(scratch.path("hardlint.toml")).unwrap();
    let run = ends(&scratch, &["check", "--output-format", "concise"]);
    assert!(run.status == Some(1) && run.text().contains("sshd/permit-empty-passwords"), "{}", run.text());
}

#[test]
fn lists_of_many_names_are_shown() {
    let scratch = repository("hostile-names");
    let mut lines = String::new();
    for index in 0..40_000 {
        // A longer line is refused.
        let start = if index % 5_000 == 0 { "\nAcceptEnv" } else { "" };
        lines = lines + start + " A" + &index.to_string();
    }
    scratch.write("sshd_config", lines + "\n");
    let shown = ends(&scratch, &["show", "sshd_config"]).text();
    assert!(shown.contains("A39999"), "{shown:.300}");
}
