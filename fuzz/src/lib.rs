//! What each target does with the bytes that it is given. A target fails by a panic, wherever it is caught otherwise: libFuzzer
//! ends the process at each. What else must hold is asserted here.

mod editor;

pub use editor::{framing, messages};
use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Workspace};
use hardlint_lint::diagnostic::{Report, Safety};
use hardlint_lint::mend::Mending;
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::settings::{self, Home};
use hardlint_lint::{Linter, Options};
use std::cell::OnceCell;
use std::sync::Arc;

/// What the line above each file of several begins with; its path is the rest.
pub const ABOVE: &str = "==> ";

/// All rules, told in full: compiling them takes longer than judging a file.
fn with_linter<T>(what: impl FnOnce(&Linter) -> T) -> T {
    thread_local!(static LINTER: OnceCell<Linter> = const { OnceCell::new() });
    LINTER.with(|cell| {
        what(cell.get_or_init(|| Linter::new(Options { preview: true, pedantic: true, ..Options::default() })))
    })
}

fn looked_at(memory: &Memory) -> Workspace<'_> {
    let mut workspace = Workspace::new(memory, Query { document: true, ..Query::default() });
    for path in memory.files.keys() {
        workspace.update(&path.as_str().into(), Detection::Automatic);
    }
    workspace
}

/// Every place that is told stands in the file that it names.
fn judged<'l>(memory: &'l Memory, linter: &Linter) -> (Workspace<'l>, Report) {
    let workspace = looked_at(memory);
    let report = linter.check(&workspace);
    for finding in &report.diagnostics {
        let (at, text) = (finding.primary.span, &finding.primary.source.text);
        assert!(text.get(at.start as usize..at.end as usize).is_some(), "{}: {at:?}", finding.rule);
    }
    (workspace, report)
}

/// One file, by itself.
pub fn file(path: &str, bytes: &[u8]) {
    let mut memory = Memory::new(std::iter::empty::<(&str, &str)>());
    memory.files.insert(path.to_owned(), bytes.to_vec());
    with_linter(|linter| drop(judged(&memory, linter)));
}

/// The files of a text that has a line above each. There are at most a few, as each costs what it costs whatever is in it.
fn several(bytes: &[u8]) -> Memory {
    let mut memory = Memory::new(std::iter::empty::<(&str, &str)>());
    let mut path = "compose.yaml".to_owned();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let above = std::str::from_utf8(line).ok().and_then(|line| line.trim_end().strip_prefix(ABOVE));
        match above.filter(|_| memory.files.len() < 12) {
            // As a path below the root is written, whatever stands there.
            Some(above) => {
                let parts = above.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
                path = parts.collect::<Vec<_>>().join("/");
            }
            None if path.is_empty() => {}
            None => memory.files.entry(path.clone()).or_default().extend_from_slice(line),
        }
    }
    memory
}

/// Several files.
pub fn project(bytes: &[u8]) {
    let memory = several(bytes);
    with_linter(|linter| drop(judged(&memory, linter)));
}

/// Every fix that is offered for several files, made: nothing is found that was not, and nothing is less understood.
pub fn fix(bytes: &[u8]) {
    let memory = several(bytes);
    with_linter(|linter| {
        let (workspace, report) = judged(&memory, linter);
        let slots = Arc::new(workspace.slots().map(|(path, slot)| (path.clone(), slot.clone())).collect());
        let mending = Mending {
            linter,
            loader: &memory,
            query: &workspace.query,
            slots: &slots,
            safety: Safety::Unsafe,
            meant: &|_| true,
            locked: &|_| None,
        };
        let (before, problems) = (report.diagnostics.len(), report.problems.len());
        let mended = mending.mend(report.diagnostics);
        if mended.texts.is_empty() {
            return;
        }
        let mut after = memory.clone();
        after.files.extend(mended.texts.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        let again = judged(&after, linter).1;
        assert!(again.diagnostics.len() <= before, "{before} findings, then {}", again.diagnostics.len());
        assert!(again.problems.len() <= problems, "{problems} problems, then {}", again.problems.len());
    });
}

/// A rule of a user, and what it says of files that have something for each kind of scope.
pub fn rule(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut rules = RuleSet::empty();
    rules.add("nginx/x.yaml", text);
    let linter = Linter::with_rules(rules, Options { preview: true, pedantic: true, ..Options::default() });
    let nginx = "events {}\nhttp {\n    map $a $b { default c; }\n    upstream d { server 10.0.0.1; }\n    server {\n        listen 443 ssl;\n        server_name a.example;\n        location /a { alias /b/; add_header X-A \"b c\"; }\n        location ~ \\.php$ { if ($b = c) { return 301 https://$host$uri; } proxy_pass http://d; }\n    }\n}\n";
    judged(&Memory::new([("nginx.conf", nginx)]), &linter);
}

/// A settings file, in each of its homes.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for home in [Home::Own, Home::Pyproject] {
        let _ = settings::parse(text, home);
    }
}

/// A baseline.
pub fn baseline(bytes: &[u8]) {
    let _ = hardlint::unknown_in_baseline(bytes);
}
