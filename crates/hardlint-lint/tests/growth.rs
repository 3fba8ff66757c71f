//! Files that are eight times as long take about eight times as long, whatever they are made of.
//!
//! What is quadratic takes 64 times as long; the line is drawn in between, and where a busy machine crosses it, it is
//! measured again: what is quadratic crosses it each time.

use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Workspace};
use hardlint_lint::{Linter, Options};
use std::time::{Duration, Instant};

fn each(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

/// How long a file of this text is looked at and judged; the shortest of two times.
#[expect(clippy::disallowed_methods, reason = "what is measured is time; no result depends on it")]
fn takes(path: &str, text: &str) -> Duration {
    let once = || {
        let memory = Memory::new([(path, text)]);
        let linter = Linter::new(Options { preview: true, ..Options::default() });
        let start = Instant::now();
        let mut workspace = Workspace::new(&memory, Query { document: true, ..Query::default() });
        workspace.update(&path.into(), Detection::Automatic);
        drop(linter.check(&workspace));
        start.elapsed()
    };
    once().min(once())
}

fn grows(path: &str, count: usize, text: impl Fn(usize) -> String) {
    let mut measured = Vec::new();
    for _ in 0..5 {
        // What a run costs in any case does not count.
        let nothing = takes(path, &text(1));
        let few = takes(path, &text(count)).saturating_sub(nothing).max(Duration::from_millis(5));
        let many = takes(path, &text(count * 8)).saturating_sub(nothing);
        if many < few * 28 {
            return;
        }
        measured.push((few, many));
    }
    panic!("{path}: {count} and {} take {measured:?}", count * 8);
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
