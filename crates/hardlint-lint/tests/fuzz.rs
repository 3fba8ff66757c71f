//! Mutated files of all formats: none makes hardlint fail, each is judged the same when it is judged again, and what a fix that
//! was tried leaves is understood as well as before. So are mutated rules, settings and archives of none.
//!
//! Seeds are the files of the demonstration deployment, a few more, and the examples of the rules. `HARDLINT_FUZZ` says how many
//! mutations are tried of each file, and of six examples together; `HARDLINT_SEED` which.

use hardlint_config::formats;
use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Workspace};
use hardlint_lint::diagnostic::{Report, Safety};
use hardlint_lint::example;
use hardlint_lint::mend::Mending;
use hardlint_lint::rule::Rule;
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::settings::{self, Home};
use hardlint_lint::{FAILED, Linter, Options};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What stands where in many formats: what a mutation puts in.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "$",
    "${",
    "${A:-",
    "$(",
    "%(",
    "{{",
    "}}",
    "\\",
    "\\\n",
    "\r\n",
    "\n\n",
    "\t",
    "\0",
    "#",
    "//",
    "<<",
    "<<EOT\n",
    "&a ",
    "*a",
    "!!",
    "? ",
    ": ",
    "- ",
    "|\n",
    ">-\n",
    "---\n",
    "@",
    "=",
    ",",
    ";",
    "0",
    "-1",
    "99999999999999999999",
    "1e999",
    "é",
    "\u{202e}",
    "\u{feff}",
    "\u{1b}[",
    "*",
    "**/",
    "..",
    "/",
    "include ",
    "Match ",
    "if ",
    "FROM ",
    "RUN ",
    "ONBUILD ",
    "<<: ",
    "extends: ",
    "lambda: ",
    "for a in b: ",
    "[core]\n",
    "postgres://u:not-a-real-one@h/d",
];

/// Numbers that look drawn at random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }
}

/// A text with a few changes; any bytes may come of it.
fn mutated(text: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + 1 + numbers.below(24)).min(bytes.len());
        match numbers.below(8) {
            0 => drop(bytes.drain(at.min(end)..end)),
            1 => bytes.truncate(at),
            2 => {
                let again = bytes[at.min(end)..end].to_vec();
                let times = 1 + numbers.below(40);
                bytes.splice(at..at, again.repeat(times));
            }
            3 => {
                let from = numbers.below(other.len() + 1);
                let to = (from + numbers.below(60)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            4 => bytes.splice(at..at, [u8::try_from(numbers.below(256)).unwrap_or_default()]).for_each(drop),
            5 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            _ => {
                let word = WORDS[numbers.below(WORDS.len())];
                let times = if numbers.below(12) == 0 { 300 } else { 1 };
                bytes.splice(at..at, word.repeat(times).into_bytes());
            }
        }
    }
    bytes
}

#[expect(clippy::disallowed_methods, reason = "the seeds are files of the project")]
fn files(folder: &Path, below: &str, found: &mut Vec<(String, Vec<u8>)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &path, found);
        } else {
            found.push((path, std::fs::read(entry.path()).unwrap()));
        }
    }
}

/// A small file of each format, for what the deployment has none of.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/shop"), "", &mut all);
    all.retain(|(path, text)| text.len() < 20_000 && !matches!(path.as_str(), "README.md" | "expected.json"));
    let more = [
        ("redis.conf", "bind 0.0.0.0\nrequirepass \"a b\"\nuser a on >b ~* +@all\nsave 900 1\nrename-command A \"\"\n"),
        (
            "x/pg_hba.conf",
            "local all all trust\nhost \"a\",b all 10.0.0.0/8 ldap ldapserver=h ldapbinddn=\"c\"\n@more all all md5\n",
        ),
        ("x/.env", "A=b\nexport B=\"$A ${C:-d} \\n\"\nC='e\nf'\nD: g # h\n"),
        ("x/airflow.cfg", "[core]\nfernet_key = %(a)s\na = b\n  c\n[webserver]\nexpose_config: True\n"),
        (
            "f/app.py",
            "from flask import Flask\napp = Flask(__name__)\nif a:\n    app.config['DEBUG'] = True\nfor k in ['A']:\n    app.config[k] = f'{k}b'\napp.run(debug=True)\n",
        ),
        (
            "g/main.py",
            "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI(debug=True)\napp.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
        ),
        (
            "h/Dockerfile",
            "# escape=\\\nARG A=1\nFROM debian:${A} AS b\nRUN <<EOT bash\nset -e; curl http://x | sh\nEOT\nENV B=$A C=\"d e\"\nHEALTHCHECK --interval=5s CMD [\"a\"]\nUSER root\n",
        ),
        (
            "h/nginx.conf",
            "events {}\nhttp { map $a $b { ~x y; default z; } server { listen 80 ssl; location ~ ^/(a|b)$ { if ($c = \"d\") { return 301 https://$host$uri; } alias /e/; autoindex on; } } }\n",
        ),
        (
            "h/sshd_config",
            "Port 22\nPermitRootLogin yes\nMatch User a,!b Address 10.0.0.0/8\n  ForceCommand \"c d\"\nInclude e/*.conf\n",
        ),
    ];
    all.extend(more.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
    all
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the test says how long")]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn judged<'l>(memory: &'l Memory, linter: &Linter) -> (Workspace<'l>, Report) {
    let mut workspace = Workspace::new(memory, Query { document: true, ..Query::default() });
    for path in memory.files.keys() {
        workspace.update(&path.as_str().into(), Detection::Automatic);
    }
    let report = linter.check(&workspace);
    (workspace, report)
}

fn told(report: &Report) -> Vec<String> {
    let found =
        report.diagnostics.iter().map(|it| format!("{}:{:?} {}", it.primary.source.path, it.primary.span, it.rule));
    found.chain(report.problems.iter().map(|it| format!("{} {}", it.path, it.message))).collect()
}

#[test]
#[ignore = "it takes long, and `.ci/full` asks for it"]
fn mutated_files_are_judged() {
    let (count, seed) = (setting("HARDLINT_FUZZ", 6), setting("HARDLINT_SEED", 1));
    let linter = Linter::new(Options { preview: true, pedantic: true, ..Options::default() });
    let seeds = seeds();
    for (index, (path, text)) in seeds.iter().enumerate() {
        for number in 0..count {
            let mut numbers = Numbers(seed ^ ((index as u64) << 32) ^ number);
            let other = &seeds[numbers.below(seeds.len())].1;
            let bytes = mutated(text, other, &mut numbers);
            let shown = || format!("{path}, seed {seed}, number {number}: {:?}", String::from_utf8_lossy(&bytes));
            // Alone, and every other time with all that it belongs to.
            let mut memory = Memory::new(std::iter::empty::<(&str, &str)>());
            if number % 2 == 1 && number < 40 {
                memory.files.extend(seeds.iter().cloned());
            }
            memory.files.insert(path.clone(), bytes.clone());
            let (workspace, report) = judged(&memory, &linter);
            assert!(report.problems.iter().all(|it| it.message != FAILED), "{}", shown());
            if number % 4 != 0 {
                continue;
            }
            assert_eq!(told(&report), told(&judged(&memory, &linter).1), "{}", shown());
            let slots = Arc::new(workspace.slots().map(|(path, slot)| (path.clone(), slot.clone())).collect());
            let mending = Mending {
                linter: &linter,
                loader: &memory,
                query: &workspace.query,
                slots: &slots,
                safety: Safety::Unsafe,
                meant: &|_| true,
                locked: &|_| None,
            };
            let (before, problems) = (report.diagnostics.len(), report.problems.len());
            let mended = mending.mend(report.diagnostics);
            let mut after = memory.clone();
            after.files.extend(mended.texts.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
            let again = judged(&after, &linter).1;
            assert!(again.diagnostics.len() <= before && again.problems.len() <= problems, "{}", shown());
        }
    }
}

/// Each example with one of its files changed, by what stands in another.
#[test]
#[ignore = "it takes long, and `.ci/full` asks for it"]
fn mutated_examples_are_judged() {
    let (count, seed) = (setting("HARDLINT_FUZZ", 6).div_ceil(6), setting("HARDLINT_SEED", 1));
    let linter = Linter::new(Options { preview: true, pedantic: true, ..Options::default() });
    let mut rules = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), "", &mut rules);
    let mut seeds: Vec<BTreeMap<String, String>> = Vec::new();
    for (path, text) in rules.iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|it| it == "yaml")) {
        let Ok(rule) = Rule::from_yaml(path, &String::from_utf8_lossy(text)) else { continue };
        let Some(format) = formats::named(rule.format()) else { continue };
        let examples = rule.bad.iter().chain(&rule.good);
        seeds.extend(examples.map(|example| example::prepare(format, example).files));
    }
    assert!(seeds.len() > 500, "{} examples", seeds.len());
    for (index, files) in seeds.iter().enumerate() {
        for number in 0..count {
            let mut numbers = Numbers(seed ^ ((index as u64) << 32) ^ number);
            let other = seeds[numbers.below(seeds.len())].values().next().map_or("", String::as_str);
            let Some((path, text)) = files.iter().nth(numbers.below(files.len())) else { continue };
            let bytes = mutated(text.as_bytes(), other.as_bytes(), &mut numbers);
            let shown = || format!("{path}, seed {seed}, number {number}: {:?}", String::from_utf8_lossy(&bytes));
            let mut memory = Memory::new(files.iter().map(|(path, text)| (&**path, &**text)));
            memory.files.insert(path.clone(), bytes.clone());
            let (_, report) = judged(&memory, &linter);
            assert!(report.problems.iter().all(|it| it.message != FAILED), "{}", shown());
            assert_eq!(told(&report), told(&judged(&memory, &linter).1), "{}", shown());
        }
    }
}

const RULE: &str = "title: t\nseverity: high\nconfidence: high\nselect: location\nwhen: has(alias) && alias.endsWith('/') && !(label in ['a', \"b\"]) || server.locations.exists(x, has(x.alias) ? x.alias.size() > 1 : false)\nmessage: '`{label}` is {alias}'\nwhy: w\nsince: 0.1.0\nbad:\n  - 'location / { alias /a/; }'\n";
const SETTINGS: &str = "extends = 'a'\nselect = ['nginx/*']\nseverity = 'low'\nexclude = ['a/']\n[target]\nsshd = '9.2'\n[root-map]\n'/etc' = 'b'\n[files]\n'*.conf' = 'nginx'\n[[overrides]]\npaths = ['c']\nignore = ['d/e']\n";

#[test]
#[ignore = "it takes long, and `.ci/full` asks for it"]
fn mutated_rules_and_settings_are_refused_or_taken() {
    let (count, seed) = (setting("HARDLINT_FUZZ", 6) * 20, setting("HARDLINT_SEED", 1));
    for number in 0..count {
        let mut numbers = Numbers(seed ^ (number << 20));
        let text = String::from_utf8_lossy(&mutated(RULE.as_bytes(), SETTINGS.as_bytes(), &mut numbers)).into_owned();
        let mut rules = RuleSet::empty();
        rules.add("nginx/x.yaml", &text);
        let linter = Linter::with_rules(rules, Options::default());
        let memory = Memory::new([("nginx.conf", "events {}\nhttp { server { location /a { alias /b/; } } }\n")]);
        let report = judged(&memory, &linter).1;
        assert!(report.problems.iter().all(|it| it.message != FAILED), "{text:?}");
        let text = String::from_utf8_lossy(&mutated(SETTINGS.as_bytes(), RULE.as_bytes(), &mut numbers)).into_owned();
        for home in [Home::Own, Home::Pyproject] {
            let _ = settings::parse(&text, home);
        }
    }
}
