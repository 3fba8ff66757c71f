//! A baseline survives what does not change the findings, and hides nothing that is new.

mod bearers;
mod moved;
mod names;

use crate::scratch::Scratch;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

fn run(scratch: &Scratch, more: &[&str]) -> (i32, String, String) {
    let arguments = ["check", "--preview", "--pedantic", "--severity", "info", "--output-format", "concise"];
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(arguments)
        .args(more)
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn copy(from: &Path, scratch: &Scratch, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = format!("{to}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), scratch, &to);
        } else {
            scratch.write(to.trim_start_matches('/'), fs::read(entry.path()).unwrap());
        }
    }
}

/// The shop with a baseline of all that is found in it.
fn shop(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write(".git/HEAD", "");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/shop"), &scratch, "");
    let (status, out, err) = run(&scratch, &["--write-baseline", "base.json"]);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    scratch
}

/// What is new since.
fn new(scratch: &Scratch) -> String {
    run(scratch, &["--baseline", "base.json"]).1
}

fn edit(scratch: &Scratch, path: &str, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(scratch.path(path)).unwrap();
    scratch.write(path, change(text));
}

#[test]
fn a_hundred_lines_bring_nothing_back() {
    let scratch = shop("baseline-lines");
    assert_eq!(new(&scratch), "");
    let found = fs::read_to_string(scratch.path("base.json")).unwrap();
    let mut files: Vec<&str> =
        found.lines().filter_map(|line| line.split("\"path\":\"").nth(1)?.split('"').next()).collect();
    files.dedup();
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        // A parser directive is the first line of a Dockerfile, and a comment of 100 lines above a script is nothing to Python.
        edit(&scratch, file, |text| {
            let (first, rest) =
                if text.starts_with("# syntax") { text.split_once('\n').unwrap() } else { ("#", text.as_str()) };
            format!("{first}\n{}{rest}", "# a comment\n".repeat(100))
        });
    }
    assert_eq!(new(&scratch), "");
}

#[test]
fn reordered_services_bring_nothing_back() {
    let scratch = shop("baseline-order");
    edit(&scratch, "compose.yaml", |text| {
        let (before, services) = text.split_once("\nservices:\n").unwrap();
        // A service begins where a line has an indent of two; what stands above it as a comment goes with the one before.
        let mut blocks: Vec<String> = vec![String::new()];
        let mut after = String::new();
        for line in services.split_inclusive('\n') {
            let begins = line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with('#');
            if !after.is_empty() || (!line.starts_with([' ', '#', '\n'])) {
                after.push_str(line);
            } else if begins {
                blocks.push(line.to_owned());
            } else {
                blocks.last_mut().unwrap().push_str(line);
            }
        }
        let head = blocks.remove(0);
        assert!(blocks.len() > 10);
        blocks.reverse();
        format!("{before}\nservices:\n{head}{}{after}", blocks.concat())
    });
    assert_eq!(new(&scratch), "");
}

#[test]
fn what_is_new_is_seen_and_what_is_gone_is_told() {
    let scratch = shop("baseline-new");
    edit(&scratch, "compose.yaml", |text| {
        text.replace("\nservices:\n", "\nservices:\n  fresh:\n    image: x:1\n    privileged: true\n")
    });
    let (status, out, err) = run(&scratch, &["--baseline", "base.json"]);
    assert_eq!(status, 1);
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("privileged-container")).collect();
    assert!(lines.len() == 1 && lines[0].contains("`fresh`"), "{out}");
    assert!(out.lines().all(|line| line.starts_with("compose.yaml:")), "{out}");
    assert!(err.contains(" more are in the baseline\n"), "{err}");
    fs::remove_file(scratch.path("web/Dockerfile")).unwrap();
    let (_, _, err) = run(&scratch, &["--baseline", "base.json"]);
    assert!(err.contains(" in it are gone, --write-baseline forgets them"), "{err}");
}

/// A project with a baseline, and what is new after its files were changed.
fn told(files: &[(&str, &str)], change: impl FnOnce(&Scratch)) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let scratch = Scratch::new(&format!("baseline-told-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    scratch.write(".git/HEAD", "");
    for (path, text) in files {
        scratch.write(path, text);
    }
    let (status, out, err) = run(&scratch, &["--write-baseline", "base.json"]);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert!(fs::read_to_string(scratch.path("base.json")).unwrap().contains("\"rule\""), "nothing was found");
    change(&scratch);
    new(&scratch)
}

#[test]
fn what_became_worse_is_new_and_what_became_better_is_not() {
    let compose = |mount: &str| format!("services:\n  web:\n    image: a/b:1\n    volumes: [\"{mount}\"]\n");
    let (slight, grave) = (compose("/etc:/host:ro"), compose("/:/host"));
    let worse = told(&[("compose.yaml", &slight)], |scratch| scratch.write("compose.yaml", &grave));
    let lines: Vec<&str> = worse.lines().filter(|line| line.contains("sensitive-host-mount")).collect();
    assert!(lines.len() == 1 && lines[0].contains(" critical["), "{worse}");
    let better = told(&[("compose.yaml", &grave)], |scratch| scratch.write("compose.yaml", &slight));
    assert!(!better.contains("sensitive-host-mount"), "{better}");
    // Of two the worse one is the new one, wherever it stands.
    let image = |steps: &str| format!("FROM debian:13\n{steps}USER 1\nCMD [\"a\"]\n");
    let old = "RUN curl -sSL https://install.python-poetry.org | python3 -\n";
    let both = image(&format!("RUN curl http://files.example/x.sh | bash\n{old}"));
    let twin = told(&[("Dockerfile", &image(old))], |scratch| scratch.write("Dockerfile", &both));
    let lines: Vec<&str> = twin.lines().filter(|line| line.contains("curl-pipe-shell")).collect();
    assert!(lines.len() == 1 && lines[0].starts_with("Dockerfile:2:") && lines[0].contains(" critical["), "{twin}");
    // A baseline of before severities were written down stands for any, and says so.
    let older = told(&[("compose.yaml", &slight)], |scratch| {
        edit(scratch, "base.json", |text| text.replace(",\"severity\":\"medium\"", ""));
        let (_, _, err) = run(scratch, &["--baseline", "base.json"]);
        assert!(err.contains("base.json: an earlier hardlint wrote it"), "{err}");
        scratch.write("compose.yaml", &grave);
    });
    assert!(!older.contains("sensitive-host-mount"), "{older}");
}

/// What is written of a part knows what else was there.
#[test]
fn a_baseline_of_a_part_vouches_for_no_other_part() {
    let scratch = Scratch::new("baseline-part");
    scratch.write(".git/HEAD", "");
    let open = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    scratch.write("batch/compose.yaml", open);
    scratch.write("shop/compose.yaml", "services:\n  web:\n    image: shop/web:1\n");
    assert_eq!(run(&scratch, &["--write-baseline", "base.json", "batch"]).0, 0);
    fs::remove_dir_all(scratch.path("batch")).unwrap();
    scratch.write("shop/compose.yaml", open);
    assert!(new(&scratch).contains("shop/compose.yaml:4:17: critical[compose/privileged-container]"));
}

#[test]
fn a_file_of_variables_and_one_of_gunicorn_may_change_around_what_was_found() {
    let variables = "SECRET_KEY=changeme\nLOG=1\n";
    let file = [("app.env", variables)];
    assert_eq!(told(&file, |scratch| edit(scratch, "app.env", |text| format!("LOG_LEVEL=info\n\n{text}"))), "");
    let another = told(&file, |scratch| edit(scratch, "app.env", |text| format!("DB_PASSWORD=postgres\n{text}")));
    assert!(another.contains("app.env:1:") && !another.contains("app.env:2:"), "{another}");
    // No baseline knows whether the values are the same.
    let renamed = told(&file, |scratch| {
        fs::rename(scratch.path("app.env"), scratch.path("prod.env")).unwrap();
    });
    assert!(renamed.contains("prod.env:1:"), "{renamed}");
    let server = [("gunicorn.conf.py", "header_map = \"dangerous\"\n")];
    assert_eq!(told(&server, |scratch| edit(scratch, "gunicorn.conf.py", |text| format!("# settings\n{text}"))), "");
}

#[test]
fn what_was_not_asked_for_is_not_said_to_be_gone() {
    let scratch = shop("baseline-part");
    for part in [&["web"][..], &["--select", "nginx/*"], &["--ignore", "nginx/*"], &["--confidence", "high"]] {
        let (_, _, err) = run(&scratch, &[&["--baseline", "base.json"], part].concat());
        assert!(err.contains(" in the baseline") && !err.contains("gone"), "{part:?}: {err}");
    }
}

/// Of two that are alike, the one that is told is the one that is new, wherever it stands.
#[test]
fn a_new_twin_is_the_one_that_is_told() {
    let server = |name: &str, port: u16, listing: &str| {
        format!(
            "  server {{\n    listen {port};\n    server_name {name};\n    location /files {{ root /srv; autoindex {listing}; }}\n  }}\n"
        )
    };
    let nginx = |servers: String| format!("events {{}}\nhttp {{\n{servers}}}\n");
    let service = |name: &str, password: &str| {
        format!("  {name}:\n    image: postgres:16.4\n    environment:\n      POSTGRES_PASSWORD: {password}\n")
    };
    let compose = |services: String| format!("services:\n{services}");
    let step = |tool: &str| format!("RUN curl -o /{tool} https://files.example/{tool}-1.2.3.tgz && tar xf /{tool}\n");
    let image = |tag: &str, tools: &[&str]| {
        let tools: String = tools.iter().map(|tool| step(tool)).collect();
        format!("FROM debian:{tag}\n{tools}USER app\nCMD [\"app\"]\n")
    };
    // The file, what it was, what it is, and what the line holds that is new.
    let cases = [
        (
            "nginx.conf",
            nginx(server("a.example", 80, "off") + &server("b.example", 80, "on")),
            nginx(server("a.example", 80, "on") + &server("b.example", 80, "on")),
            Some(("autoindex on", 6)),
        ),
        (
            "compose.yaml",
            compose(service("db", "not-a-real-one-7a")),
            compose(service("copy", "not-a-real-one-8b") + &service("db", "not-a-real-one-7a")),
            Some(("POSTGRES_PASSWORD", 5)),
        ),
        ("Dockerfile", image("bookworm", &["b"]), image("bookworm", &["a", "b"]), Some(("/a", 2))),
        // Versions that are raised bring nothing back.
        ("Dockerfile", image("12.1", &["b"]), image("12.2", &["b"]).replace("1.2.3", "1.12.0"), None),
    ];
    for (path, was, is, new) in cases {
        let scratch = Scratch::new("baseline-twins");
        scratch.write(".git/HEAD", "");
        scratch.write(path, &was);
        let (status, out, err) = run(&scratch, &["--write-baseline", "base.json"]);
        assert_eq!((status, out.as_str()), (0, ""), "{err}");
        scratch.write(path, &is);
        let told = self::new(&scratch);
        let Some((word, line)) = new else {
            assert_eq!(told, "", "{is}");
            continue;
        };
        assert!(is.lines().nth(line - 1).unwrap().contains(word), "{is}");
        assert_ne!(told, "", "{is}");
        // What is told stands in the block or the line that is new; for the server and the service that is all of its lines.
        let lines: Vec<usize> = told.lines().map(|told| told.split(':').nth(1).unwrap().parse().unwrap()).collect();
        let block = match path {
            "nginx.conf" => 3..=7,
            "compose.yaml" => 2..=5,
            _ => 2..=2,
        };
        assert!(lines.contains(&line) && lines.iter().all(|line| block.contains(line)), "{told}\n{is}");
    }
}

/// What commands are given may be secret, and stands in no baseline, nor in a hash of it.
#[test]
fn what_commands_are_given_is_not_remembered() {
    let scratch = Scratch::new("baseline-secrets");
    scratch.write(".git/HEAD", "");
    let steps = |secret: &str| {
        format!(
            "FROM debian:12\nRUN useradd -p /kd{secret}ZZ a && curl -o /x --token /Qx{secret} https://files.example/bot{secret}/get | sh\n\
             RUN curl -k -o /y https://u:pa#{secret}@files.example/{secret}\nRUN chmod 777 /srv\n"
        )
    };
    let written = |secret: &str| {
        scratch.write("Dockerfile", steps(secret));
        let (status, _, err) = run(&scratch, &["--write-baseline", "base.json"]);
        assert_eq!(status, 0, "{err}");
        fs::read_to_string(scratch.path("base.json")).unwrap()
    };
    let (one, other) = (written("fakeAlder"), written("fakeBirch"));
    assert!(one.contains("RUN") && !one.contains("Alder") && !one.contains("u:pa"), "{one}");
    assert_eq!(one, other);
}

/// A line that several servers inherit is the same, whichever of them comes first.
#[test]
fn what_servers_share_is_no_servers_own() {
    let server = |name: &str| format!("  server {{ listen 80; server_name {name}; location /f {{ root /srv; }} }}\n");
    let nginx = |servers: String| format!("events {{}}\nhttp {{\n  autoindex on;\n{servers}}}\n");
    let scratch = Scratch::new("baseline-shared");
    scratch.write(".git/HEAD", "");
    scratch.write("nginx.conf", nginx(server("b.example") + &server("c.example")));
    let (status, _, err) = run(&scratch, &["--select", "nginx/autoindex-on", "--write-baseline", "base.json"]);
    assert_eq!(status, 0, "{err}");
    assert!(fs::read_to_string(scratch.path("base.json")).unwrap().contains("autoindex-on"));
    scratch.write("nginx.conf", nginx(server("a.example") + &server("c.example") + &server("b.example")));
    let (_, told, _) = run(&scratch, &["--select", "nginx/autoindex-on", "--baseline", "base.json"]);
    assert_eq!(told, "");
}

/// What a rule says of several at once is new where one more of them comes, and is told there.
#[test]
fn one_more_of_what_is_told_once_is_new() {
    let compose = |options: &[&str], devices: &[&str]| {
        let list = |name: &str, items: &[&str]| format!("    {name}:\n      - {}\n", items.join("\n      - "));
        format!("services:\n  a:\n    image: a/b:1\n{}{}", list("security_opt", options), list("devices", devices))
    };
    let nginx = |locations: &str| {
        format!("events {{}}\nhttp {{ server {{ listen 80; server_name a.example;\n{locations}}} }}\n")
    };
    let (one, two) =
        ("location /a { proxy_pass https://api.one.example; }\n", "location /b { proxy_pass https://two.example; }\n");
    let variables = "SECRET_KEY=x8fq2mZr7Lw0pTb5Ny3Kd9Vc1Hs6Ju4A\n";
    let more = "DB_PASSWORD=Wq3vX9bTn5Rk1Lz7Hy2Ms8Cd4Gf6Pj0E\n";
    let both = ["apparmor:unconfined", "seccomp:unconfined"];
    let settings = |more: &str| {
        format!(
            "INSTALLED_APPS = ['a']\nROOT_URLCONF = 'a.urls'\nDATABASES = {{\n    'default': {{\n        'PASSWORD': 'not-the-real-0ne',\n    }},\n{more}}}\n"
        )
    };
    let other = "    'other': {\n        'PASSWORD': 'not-the-real-0ther',\n    },\n";
    for (path, before, after, expected) in [
        // Nobody knows which of them is new.
        ("settings.py", settings(""), settings(other), Some(5)),
        ("settings.py", settings(other), settings(""), None),
        ("compose.yaml", compose(&both[..1], &["/dev/kmem"]), compose(&both, &["/dev/kmem"]), Some(6)),
        ("compose.yaml", compose(&both[1..], &["/dev/kmem"]), compose(&both, &["/dev/kmem"]), Some(5)),
        // Another in its place is another; fewer, or in another order, are none.
        ("compose.yaml", compose(&both[..1], &["/dev/kmem"]), compose(&both[1..], &["/dev/kmem"]), Some(5)),
        ("compose.yaml", compose(&both, &["/dev/kmem"]), compose(&both[1..], &["/dev/kmem"]), None),
        (
            "compose.yaml",
            compose(&both, &["/dev/a1"]),
            compose(&["seccomp:unconfined", "apparmor:unconfined"], &["/dev/a1"]),
            None,
        ),
        ("compose.yaml", compose(&both[..1], &["/dev/kmem"]), compose(&both[..1], &["/dev/sda", "/dev/kmem"]), Some(7)),
        ("nginx.conf", nginx(one), nginx(&[one, two].concat()), Some(4)),
        ("nginx.conf", nginx(one), nginx(&[two, one].concat()), Some(3)),
        ("nginx.conf", nginx(&[one, two].concat()), nginx(&[two, one].concat()), None),
        ("nginx.conf", nginx(&[one, two].concat()), nginx(two), None),
        (".env", variables.to_owned(), [variables, more].concat(), Some(2)),
        (".env", variables.to_owned(), [more, variables].concat(), Some(1)),
        (".env", [more, variables].concat(), [variables, more].concat(), None),
    ] {
        let told = told(&[(path, &before)], |scratch| scratch.write(path, &after));
        let rules = [
            "unconfined]",
            "devices-mapped]",
            "proxy-ssl-verify-off]",
            "env/env-file-not-gitignored]",
            "django/secret-in-settings]",
        ];
        let lines = told.lines().filter(|line| rules.iter().any(|rule| line.contains(rule)));
        let lines: Vec<usize> = lines.map(|line| line.split(':').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(lines, expected.into_iter().collect::<Vec<usize>>(), "{before}\n{after}\n{told}");
    }
}

/// Any of several settings, or of what a message lists, is a fault of its own: one more of them is new, on its own line or not.
#[test]
fn one_more_that_would_do_is_new() {
    let service = "services:\n  a:\n    image: a/b:1\n";
    let redis = "requirepass fake-0123456789-0123456789\nbind 127.0.0.1\n";
    let tls = |list: &str| {
        format!(
            "events {{}}\nhttp {{ server {{ listen 443 ssl; server_name a.example; ssl_certificate a.pem; ssl_certificate_key a.key;\n{list}\n}} }}\n"
        )
    };
    let copy = "FROM debian:13\nCOPY . /app\nUSER 1\nCMD [\"a\"]\n";
    for (rule, path, before, after, expected) in [
        (
            "pid-ipc-uts",
            "compose.yaml",
            format!("{service}    pid: host\n"),
            format!("{service}    pid: host\n    ipc: host\n"),
            &[5][..],
        ),
        (
            "pid-ipc-uts",
            "compose.yaml",
            format!("{service}    ipc: host\n"),
            format!("{service}    pid: host\n    ipc: host\n"),
            &[4],
        ),
        (
            "dangerous-commands",
            "redis.conf",
            format!("{redis}enable-debug-command yes\n"),
            format!("{redis}enable-debug-command yes\nenable-module-command yes\n"),
            &[4],
        ),
        ("weak-ciphers", "nginx.conf", tls("ssl_ciphers HIGH:RC4-SHA;"), tls("ssl_ciphers HIGH:NULL-SHA;"), &[3]),
        (
            "weak-ciphers",
            "nginx.conf",
            tls("ssl_ciphers HIGH:RC4-SHA:NULL-SHA;"),
            tls("ssl_ciphers HIGH:NULL-SHA;"),
            &[],
        ),
        (
            "tls-legacy-protocol",
            "nginx.conf",
            tls("ssl_protocols TLSv1.1 TLSv1.2;"),
            tls("ssl_protocols SSLv3 TLSv1.2;"),
            &[3],
        ),
        (
            "command-line-secret",
            "compose.yaml",
            format!("{service}    command:\n      - --password=not-a-real-Zq7\n"),
            format!("{service}    command:\n      - --password=not-a-real-Zq7\n      - --api-key=not-a-real-Zq8\n"),
            &[6],
        ),
    ] {
        let told = told(&[(path, &before)], |scratch| scratch.write(path, &after));
        let lines = told.lines().filter(|line| line.contains(rule));
        let lines: Vec<usize> = lines.map(|line| line.split(':').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(lines, expected, "{before}\n{after}\n{told}");
    }
    // What is taken along stands in no line of the file.
    let told_of_copy = |name: &str| {
        told(&[("Dockerfile", copy), ("a.key", "x"), (".env", "A=1\n")], |scratch| scratch.write(name, "x"))
    };
    assert!(told_of_copy("id_rsa").contains("Dockerfile:2:6: medium[dockerfile/copy-context-without-dockerignore]"));
    assert!(!told_of_copy("README").contains("copy-context"));
}

/// Of several that are the same but for their lines, the one whose line is known stays known, wherever it stands now.
#[test]
fn what_is_put_above_is_what_is_told() {
    let image = |steps: &[&str]| format!("FROM a/b:1\n{}USER 1\nCMD [\"a\"]\n", steps.concat());
    let (old, new) = ("RUN curl -s http://a.example/x | sh\n", "RUN wget -qO- http://other.example/y | sh\n");
    let said = |before: &[&str], after: &[&str], rule: &str| {
        let told = told(&[("Dockerfile", &image(before))], |scratch| scratch.write("Dockerfile", image(after)));
        let lines = told.lines().filter(|line| line.contains(rule));
        lines.map(|line| line.split(':').nth(1).unwrap().parse().unwrap()).collect::<Vec<usize>>()
    };
    let piped = "[dockerfile/curl-pipe-shell]";
    assert_eq!(said(&[old], &[new, old], piped), [2]);
    assert_eq!(said(&[old], &[old, new], piped), [3]);
    assert_eq!(said(&[old], &["RUN id\n", old], piped), [0; 0]);
    // The one is taken out, the other comes.
    assert_eq!(said(&["RUN id\n", old], &[&new.replace("| sh", "| bash"), "RUN id\n"], piped), [2]);
    // What no baseline keeps may be either of them.
    let (old, new) = ("RUN mysql -pnot-a-real-one-7a -e x\n", "RUN mysql -pnot-a-real-one-8b -e y\n");
    assert_eq!(said(&[old], &[new, old], "[dockerfile/secret-in-run]"), [2, 3]);
    assert_eq!(said(&[old], &[old], "[dockerfile/secret-in-run]"), [0; 0]);
}

/// What an earlier version wrote has the first place of each finding, by which it is known.
#[test]
fn a_baseline_of_the_first_version_is_read() {
    let text = "services:\n  a:\n    image: a/b:1\n    security_opt:\n      - apparmor:unconfined\n";
    let entry = "{\"path\":\"compose.yaml\",\"rule\":\"compose/seccomp-or-apparmor-unconfined\",\"scopes\":[\"a\"],\"key\":\"security_opt\",\"ordinal\":0,\"severity\":\"high\"}";
    let scratch = Scratch::new("baseline-first");
    scratch.write(".git/HEAD", "");
    scratch.write(
        "base.json",
        format!("{{\"version\": 1, \"files\": [\"compose.yaml\"], \"texts\": {{}}, \"findings\": [{entry}]}}\n"),
    );
    let all = [text, "      - seccomp:unconfined\n"].concat();
    scratch.write("compose.yaml", &all);
    let asked = ["--baseline", "base.json", "--select", "compose/seccomp-or-apparmor-unconfined"];
    let (status, out, err) = run(&scratch, &asked);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert!(
        err.contains("base.json: an earlier hardlint wrote it, so that what has become worse or more may be left out"),
        "{err}"
    );
}

#[test]
fn wrong_baselines_are_wrong_usage() {
    let scratch = Scratch::new("baseline-wrong");
    scratch.write("a/.git/HEAD", "");
    scratch.write("b/.git/HEAD", "");
    scratch.write("base.json", "{\n  \"version\": 7, \"findings\": []\n}\n");
    scratch.write("all.toml", "baseline = 'base.json'\n");
    for (arguments, message) in [
        (
            &["--baseline", "base.json"][..],
            "base.json:2:14: version 7 is not known, only 1 to 3; this is no baseline that",
        ),
        (
            &["--baseline", "none.json"],
            "--baseline: there is no baseline `none.json`: `--write-baseline none.json` writes it",
        ),
        (&["--baseline", "a"], "--baseline: `a` is a folder: name the file that `--write-baseline` wrote"),
        (&["--write-baseline", "no/where"], "--write-baseline `no/where`: there is no folder `no`: make it first"),
        (&["a", "b", "--baseline", "base.json"], "a baseline is about one root"),
        (&["a", "b", "--config", "all.toml"], "all.toml:1:12: a baseline is about one root, and `"),
    ] {
        let (status, out, err) = run(&scratch, arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(message), "{err}");
    }
    // A byte order mark is no part of it.
    scratch.write("base.json", "\u{feff}{\"version\": 1, \"findings\": []}\n");
    let (status, _, err) = run(&scratch, &["--baseline", "base.json"]);
    assert_eq!(status, 0, "{err}");
}

#[test]
fn a_baseline_says_nothing_of_another_root() {
    let scratch = Scratch::new("baseline-root");
    let open = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    for path in ["p/compose.yaml", "q/compose.yaml", "p/sub/compose.yaml"] {
        scratch.write(path, open);
    }
    for path in ["p/.git/HEAD", "q/.git/HEAD", "p/sub/hardlint.toml"] {
        scratch.write(path, "");
    }
    scratch.write("conf/all.toml", "baseline = 'b.json'\n");
    assert_eq!(run(&scratch, &["p", "--write-baseline", "conf/b.json"]).0, 0);
    for own in [&["p", "--baseline", "conf/b.json"][..], &["p", "--config", "conf/all.toml"]] {
        assert_eq!(run(&scratch, own).0, 0);
    }
    for (other, said) in [
        (
            &["q", "--baseline", "conf/b.json"][..],
            "--baseline: the baseline `conf/b.json` is about another root, `../p` as seen",
        ),
        (&["p/sub", "--baseline", "conf/b.json"], "and says nothing of"),
        (&["q", "--config", "conf/all.toml"], "conf/all.toml:1:12: the baseline"),
    ] {
        let (status, out, err) = run(&scratch, other);
        assert!((status, out.as_str()) == (2, "") && err.contains(said), "{other:?} {status} {out} {err}");
    }
    // Wherever both are moved to, the one is about the other.
    fs::create_dir(scratch.path("moved")).unwrap();
    for name in ["p", "conf"] {
        fs::rename(scratch.path(name), scratch.path(&format!("moved/{name}"))).unwrap();
    }
    assert_eq!(run(&scratch, &["moved/p", "--baseline", "moved/conf/b.json"]).0, 0);
}

#[test]
fn nothing_that_is_read_or_is_no_baseline_is_written_over() {
    let scratch = Scratch::new("baseline-over");
    scratch.write(".git/HEAD", "");
    let text = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    for (option, path) in [
        ("--write-baseline", "compose.yaml"),
        ("--write-baseline", "stack.yml"),
        ("--write-baseline", "notes.txt"),
        ("--output", "compose.yaml"),
        ("--output", "stack.yml"),
    ] {
        scratch.write(path, text);
        let (status, _, err) = run(&scratch, &[option, path]);
        assert!(status == 2 && err.contains("name another one"), "{option} {path}: {status} {err}");
        assert_eq!(fs::read_to_string(scratch.path(path)).unwrap(), text);
    }
    // A baseline, an empty file and a report are.
    scratch.write("b.json", "");
    for arguments in [["--write-baseline", "b.json"], ["--write-baseline", "b.json"], ["--output", "notes.txt"]] {
        assert_ne!(run(&scratch, &arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn what_stands_twice_in_a_merged_baseline_is_remembered_once() {
    let file = |count: usize| format!("FROM debian:13\n{}", "RUN curl -s https://a.example/x | sh\n".repeat(count));
    let told = told(&[("Dockerfile", &file(1))], |scratch| {
        scratch.write("Dockerfile", file(2));
        let base = fs::read_to_string(scratch.path("base.json")).unwrap();
        let line = base
            .lines()
            .find(|line| line.contains("\"rule\":\"dockerfile/unchecked-download\""))
            .unwrap_or_else(|| base.lines().find(|line| line.contains("\"rule\"")).unwrap());
        let line = line.trim_end_matches(',');
        scratch.write("base.json", base.replace(line, &format!("{line},\n{line}")));
    });
    assert!(told.contains("Dockerfile:3:"), "{told}");
}
