//! Files that are eight times as long take about eight times as long, whatever they are made of.
//!
//! What is quadratic takes 64 times as long; the line is drawn in between, and where a busy machine crosses it, it is
//! measured again: what is quadratic crosses it each time.

use hardlint_config::formats::FORMATS;
use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Slot, Workspace};
use hardlint_lint::{Linter, Options};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn each(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

/// How long a file of this text is looked at and judged, beside others; the shortest of two times.
fn takes(path: &str, text: &str, beside: &[(&str, &str)]) -> Duration {
    all_take(&Memory::new([(path, text)].into_iter().chain(beside.iter().copied())))
}

/// The same of all files of a project.
#[expect(clippy::disallowed_methods, reason = "what is measured is time; no result depends on it")]
fn all_take(memory: &Memory) -> Duration {
    let once = || {
        let linter = Linter::new(Options { preview: true, ..Options::default() });
        let start = Instant::now();
        let mut workspace = Workspace::new(memory, Query { document: true, ..Query::default() });
        let paths = memory.files.keys().map(|path| Arc::from(path.as_str()));
        let looked: Vec<(Arc<str>, Slot)> =
            paths.map(|path: Arc<str>| (path.clone(), workspace.look(&path, Detection::Automatic))).collect();
        for (path, slot) in looked {
            workspace.insert(path, slot);
        }
        drop(linter.check(&workspace));
        start.elapsed()
    };
    once().min(once())
}

/// What format a file of this text is taken for: one that is none is fast.
fn format_of(path: &str, text: &str) -> &'static str {
    let memory = Memory::new([(path, text)]);
    let mut workspace = Workspace::new(&memory, Query::default());
    workspace.update(&path.into(), Detection::Automatic);
    let slot = workspace.slot(path);
    slot.and_then(Slot::format).unwrap_or_default()
}

fn grows(path: &str, count: usize, text: impl Fn(usize) -> String) {
    grows_beside(&[], path, count, text);
}

fn grows_beside(beside: &[(&str, &str)], path: &str, count: usize, text: impl Fn(usize) -> String) {
    assert_ne!(format_of(path, &text(count)), "", "{path}");
    in_proportion(path, count, |count| takes(path, &text(count), beside));
}

fn in_proportion(what: &str, count: usize, takes: impl Fn(usize) -> Duration) {
    const LEAST: Duration = Duration::from_millis(5);
    const MOST: usize = 1 << 14;
    // What a run costs in any case does not count.
    let nothing = takes(1);
    let time = |count: usize| takes(count).saturating_sub(nothing);
    // What is quadratic shows where its time is more than the machine's own noise.
    let mut count = count;
    let mut few = time(count);
    while few < LEAST && count < MOST {
        count *= 2;
        few = time(count);
    }
    let mut measured = Vec::new();
    for _ in 0..5 {
        let (few, many) = (time(count).max(LEAST), time(count * 8));
        if many < few * 28 {
            return;
        }
        measured.push((few, many));
    }
    panic!("{what}: {count} and {} take {measured:?}", count * 8);
}

/// Lines of each format, a comment among them that allows what another tool finds.
#[test]
fn lines_and_comments_of_every_format() {
    const FILES: &[(&str, &str, &str, &str, &str)] = &[
        ("nginx", "nginx.conf", "events {}\nhttp {\n", "  proxy_set_header X-# a;\n", "}\n"),
        ("compose", "compose.yaml", "services:\n  a:\n    image: b\n    labels:\n", "      a#: b\n", ""),
        ("sshd", "sshd_config", "Port 22\n", "AcceptEnv A#\n", ""),
        ("postgres", "postgresql.conf", "port = 5432\n", "a.b# = c\n", ""),
        ("pg_hba", "pg_hba.conf", "local all all peer\n", "host a# all 10.0.0.0/8 md5\n", ""),
        ("airflow", "airflow.cfg", "[core]\n", "a# = b\n", ""),
        ("django", "a/settings.py", "INSTALLED_APPS = []\nROOT_URLCONF = 'a'\nDEBUG = True\n", "A# = 'b'\n", ""),
        ("flask", "app.py", "from flask import Flask\napp = Flask(__name__)\n", "app.config['A#'] = 'b'\n", ""),
        ("asgi", "main.py", "from fastapi import FastAPI\napp = FastAPI()\n", "a# = 'b'\n", ""),
        ("dockerfile", "Dockerfile", "FROM a\n", "ENV A#=b\n", ""),
        ("redis", "redis.conf", "port 6379\n", "rename-command A# b\n", ""),
        ("env", ".env", "A=b\n", "A#_PASSWORD=Zq7xHb4x#a\n", ""),
    ];
    let known: BTreeSet<&str> = FORMATS.iter().filter(|it| !it.names.is_empty()).map(|it| it.id).collect();
    assert_eq!(FILES.iter().map(|file| file.0).collect::<BTreeSet<_>>(), known);
    for (format, path, head, line, foot) in FILES {
        assert_eq!(format_of(path, &[*head, *line, *foot].concat()), *format, "{path}");
        let lines = |count: usize| each(count, |index| line.replace('#', &index.to_string()));
        grows(path, 200, |count| format!("{head}{}{foot}", lines(count)));
        let comments = |count: usize| "# noqa\n# hadolint ignore=DL3000\n".repeat(count);
        grows(path, 200, |count| format!("{}{head}{}{foot}", comments(count), lines(1)));
        let allows = |count: usize| each(count, |index| format!("# hardlint: allow[{format}/not-{index}] a\n"));
        grows(path, 20, |count| format!("{}{head}{}{foot}", allows(count), lines(1)));
    }
}

#[test]
fn an_allow_of_any_length() {
    grows("sshd_config", 1_000, |count| format!("# hardlint: allow[sshd/{}] a\nPort 22\n", "a".repeat(count)));
}

#[test]
fn blocks_of_sshd() {
    let block = |index: usize| format!("Match User a{index}\n  ForceCommand b\n  X11Forwarding yes\n");
    grows("sshd_config", 50, |count| format!("Port 22\n{}", each(count, block)));
}

#[test]
fn secrets_of_variables() {
    // Who reads the file, and reads it differently.
    let beside = [
        ("compose.yaml", "services: {a: {image: b, env_file: .env}}\n"),
        ("a.py", "from dotenv import load_dotenv\nload_dotenv()\n"),
    ];
    let secret = |index: usize| format!("A{index}_PASSWORD='Zq7xHb4x{index}' # b$c\nA{index}_USER=shop{index}\n");
    grows(".env", 100, |count| each(count, secret));
    grows_beside(&beside, ".env", 50, |count| each(count, secret));
    let service = |inner: String| format!("services:\n  a:\n    image: b\n    environment:\n{inner}");
    let variable =
        |index: usize| format!("      A{index}_PASSWORD: Zq7xHb4x{index}\n      A{index}_USER: shop{index}\n");
    grows("compose.yaml", 100, |count| service(each(count, variable)));
}

#[test]
fn addresses_of_postgresql() {
    grows("postgresql.conf", 1_000, |count| format!("listen_addresses = '{}'\n", "a,".repeat(count)));
}

#[test]
fn lines_of_postgresql() {
    grows("postgresql.conf", 1_000, |count| "work_mem = 4MB\n".repeat(count));
    grows("postgresql.conf", 1_000, |count| each(count, |index| format!("a.b{index} = 4\n")));
}

#[test]
fn options_of_airflow() {
    grows("airflow.cfg", 500, |count| {
        let options: String = each(count, |index| format!("k{index} = v\n"));
        format!("[core]\n{options}")
    });
    grows("airflow.cfg", 500, |count| each(count, |index| format!("[s{index}]\nk = v\n")));
    grows("airflow.cfg", 200, |count| {
        let options = each(count, |index| format!("k{} = %(k{index})s\n", index + 1));
        format!("[core]\nk0 = v\n{options}")
    });
    grows("airflow.cfg", 500, |count| {
        let (options, sections) =
            (each(count, |index| format!("k{index} = v\n")), each(count, |index| format!("[s{index}]\na = b\n")));
        format!("[DEFAULT]\n{options}{sections}")
    });
}

#[test]
fn variables_of_compose() {
    let image = |text: &str| format!("services: {{a: {{image: \"{text}\"}}}}\n");
    grows("compose.yaml", 1_000, |count| image(&format!("{}x{}", "${A:-".repeat(count), "}".repeat(count))));
    grows("compose.yaml", 1_000, |count| image(&"${A:-x ".repeat(count)));
    grows("compose.yaml", 1_000, |count| image(&"${A:-x} ".repeat(count)));
}

#[test]
fn words_of_a_command() {
    grows("compose.yaml", 500, |count| format!("services: {{a: {{command: \"{}\"}}}}\n", "a b; ".repeat(count)));
    let script = |count: usize| "a b; ".repeat(count);
    grows("compose.yaml", 500, |count| format!("services: {{a: {{command: [sh, -c, \"{}\"]}}}}\n", script(count)));
}

#[test]
fn commands_of_a_build() {
    grows("Dockerfile", 2_000, |count| format!("FROM debian\nRUN {}\n", "a;".repeat(count)));
    grows("Dockerfile", 500, |count| format!("FROM debian\nRUN {}a\n", "curl http://x | sh && ".repeat(count)));
}

/// A step that is lent a secret, and commands that do something with it.
#[test]
fn commands_with_a_secret() {
    for command in [
        "cat /run/secrets/t > /f#",
        "echo a$(cat /run/secrets/t) > /f#",
        "cat /run/secrets/t > /f# && rm /f#",
        "cp /run/secrets/t /f# && mv /f# /g#",
    ] {
        let commands = |count: usize| each(count, |index| format!(" && {}", command.replace('#', &index.to_string())));
        let run = |count: usize| format!("FROM debian\nRUN --mount=type=secret,id=t true{}\n", commands(count));
        grows("Dockerfile", 200, run);
    }
}

/// Steps that install what the same files name are told what these say, and do not read them anew.
#[test]
fn files_of_requirements() {
    let lines = "Django==4.1.4\n-r b.txt\n".repeat(1_000);
    let beside = [("a.txt", lines.as_str()), ("b.txt", lines.as_str())];
    let run = |count: usize| format!("FROM python\nCOPY . .\n{}", "RUN pip install -r a.txt\n".repeat(count));
    let (few, many) = (takes("Dockerfile", &run(1), &beside), takes("Dockerfile", &run(40), &beside));
    assert!(many < few * 12, "{few:?}, {many:?}");
}

#[test]
fn servers_of_nginx() {
    grows("nginx.conf", 150, |count| {
        let server = |index: usize| {
            format!("server {{ listen 80; server_name s{index}.example; location / {{ proxy_pass http://a; }} }}\n")
        };
        format!("events {{}}\nhttp {{\n{}}}\n", each(count, server))
    });
}

#[test]
fn locations_of_nginx() {
    let site = |inner: String| format!("events {{}}\nhttp {{ server {{ listen 80; {inner} }} }}\n");
    let location = |index: usize| {
        format!(
            "location /a{index} {{ if ($arg_x = y) {{ proxy_pass http://b; }} add_header X-Frame-Options DENY; \
             proxy_pass http://a; }}\n"
        )
    };
    grows("nginx.conf", 150, |count| site(each(count, location)));
}

#[test]
fn lines_of_redis() {
    grows("redis.conf", 500, |count| "save 900 1\n".repeat(count));
    grows("redis.conf", 500, |count| each(count, |index| format!("rename-command GET \"\"\n# {index}\n")));
    grows("redis.conf", 200, |count| each(count, |index| format!("user u{index} on >x ~* +@all\n")));
}

/// Each takes up the one before it, and one more.
#[test]
fn chains_of_values() {
    let settings = |chain: String| format!("INSTALLED_APPS = ['a']\nROOT_URLCONF = 'a.urls'\n{chain}");
    grows("settings.py", 200, |count| {
        let link = |index: usize| format!("A{} = {{**A{index}, 'k{index}': 1}}\n", index + 1);
        settings(format!("A0 = {{}}\n{}", each(count, link)))
    });
    grows("settings.py", 200, |count| {
        let link = |index: usize| format!("A{} = A{index} + ['x']\n", index + 1);
        settings(format!("A0 = []\n{}", each(count, link)))
    });
    let link = |index: usize| format!("A{}=${{A{index}}}x\n", index + 1);
    grows(".env", 200, |count| format!("A0=x\n{}", each(count, link)));
    let beside = [("compose.yaml", "services: {a: {image: b, env_file: .env}}\n")];
    grows_beside(&beside, ".env", 200, |count| format!("A0=x\n{}", each(count, link)));
}

#[test]
fn alternatives_of_an_expression() {
    grows("nginx.conf", 200, |count| {
        let all = each(count, |index| format!("|a{index}"));
        format!("events {{}}\nhttp {{ server {{ listen 80; location ~ ^/(x{all})$ {{ autoindex on; }} }} }}\n")
    });
}

#[test]
fn names_and_patterns_of_pg_hba() {
    grows("pg_hba.conf", 100, |count| {
        let names = each(count, |index| format!("host all all h{index}.example trust\n"));
        names + &each(count, |index| format!("host db{index} /^r{index}.*$ all trust\n"))
    });
}

/// What each file asks of the project that runs it is asked of the project once.
#[test]
fn files_that_services_of_one_project_read() {
    let project = |count: usize, service: &dyn Fn(usize) -> String, path: &dyn Fn(usize) -> String, text: &str| {
        let compose = format!("services:\n{}", each(count, service));
        let files = (0..count).map(|index| (path(index), text.to_owned()));
        all_take(&Memory::new(files.chain([("compose.yaml".to_owned(), compose)])))
    };
    in_proportion("mounted", 10, |count| {
        let service = |index: usize| {
            let from = format!("./conf/p{index}/postgresql.conf");
            format!("  db{index}:\n    image: postgres:16\n    volumes: ['{from}:/etc/postgresql/postgresql.conf']\n")
        };
        project(count, &service, &|index| format!("conf/p{index}/postgresql.conf"), "listen_addresses = '*'\n")
    });
    in_proportion("built", 10, |count| {
        let service = |index: usize| format!("  s{index}: {{build: ./a{index}, command: uvicorn app.main:app}}\n");
        let text = "from fastapi import FastAPI\napp = FastAPI(debug=True)\n";
        project(count, &service, &|index| format!("a{index}/main.py"), text)
    });
}
