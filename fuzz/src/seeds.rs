//! Writes what the targets begin with below the folder that it is given: `corpus/TARGET/`, of the examples of the rules, of what
//! the real programs were asked about, and of the demonstration deployment; and `TARGET.dict`, the words of its key table.

use hardlint_config::formats::{self, Format};
use hardlint_fuzz::ABOVE;
use hardlint_lint::example;
use hardlint_lint::ruleset::RuleSet;
// Counts what is reached, as all crates are built to ask of it.
use libfuzzer_sys as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What has a meaning in many of the formats.
const WORDS: &[&str] = &[
    "{{ ",
    " }}",
    "{% if ",
    "{% endif %}",
    "${",
    ":-",
    ":?",
    "$(",
    "%(",
    ")s",
    "\\\n",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "<<EOT\n",
    "\nEOT\n",
    "<<: *",
    "&a ",
    "!reset ",
    "!override ",
    "!!binary ",
    ">-\n",
    "|\n",
    "---\n",
    "0x",
    "1e99",
    "-1",
    "99999999999999999999",
    "[::]:",
    "0.0.0.0/0",
    "::/0",
    "/../",
    "**/",
    "\u{e9}",
    "\u{202e}",
];

/// What a line of an editor's talk has.
const TALK: &[&str] = &[
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/codeAction",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentLink",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/diagnostic",
    "workspace/diagnostic",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWorkspaceFolders",
    "workspace/executeCommand",
    "$/cancelRequest",
    "\"position\":{\"line\":",
    "\"character\":",
    "\"range\":{\"start\":",
    "file:///srv/nginx.conf",
    "file:///srv/.env",
    "file:///srv/compose.yaml",
    "file:///srv/conf.d/a.conf",
    "Content-Length: ",
];

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).expect("the folder to write to"));
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seeds: BTreeMap<&str, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let rules = RuleSet::built_in();
    for rule in rules.all() {
        let format = formats::named(rule.rule.format()).expect("a rule has a format");
        let (bad, good) = rule.examples();
        for example in bad.iter().chain(&good) {
            let prepared = example::prepare(format, example);
            if prepared.files.len() == 1 && !format.names.is_empty() {
                seeds
                    .entry(format.id)
                    .or_default()
                    .extend(prepared.files.values().map(|text| text.clone().into_bytes()));
            }
            let together = together(prepared.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
            for target in ["project", "fix"] {
                seeds.entry(target).or_default().insert(together.clone());
            }
        }
    }
    for path in below(&project.join("rules"))?.iter().filter(|it| it.extension().is_some_and(|it| it == "yaml")) {
        let text = fs::read_to_string(path)?;
        // Its own examples are not what it is read for.
        let end = text.find("\nbad:").map_or(text.len(), |at| at + 1);
        let text = format!("{}bad:\n  - 'server {{}}'\n", &text[..end]);
        seeds.entry("rule").or_default().insert(text.into_bytes());
    }
    // Cases that the programs were asked about, each behind a line with its name.
    for format in formats::of_files() {
        let Ok(cases) = fs::read_to_string(project.join("testdata/oracles").join(format.id).join("cases.txt")) else {
            continue;
        };
        let cases = cases.split("\n=== ").filter_map(|case| Some(case.split_once('\n')?.1.as_bytes().to_vec()));
        seeds.entry(format.id).or_default().extend(cases);
    }
    let shop = project.join("testdata/shop");
    for path in below(&shop)? {
        let name = path.strip_prefix(&shop).expect("it is below").to_string_lossy().into_owned();
        let text = fs::read(&path)?;
        let format = formats::of_files().find(|format| formats::may_be(&name, format.id));
        if let Some(format) = format.filter(|_| text.len() < 16_000) {
            seeds.entry(format.id).or_default().insert(text);
        }
    }
    for path in below(&project.join("docs"))?.iter().filter(|it| it.extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(path)?;
        let blocks = text.split("```toml\n").skip(1).filter_map(|it| it.split("```").next());
        seeds.entry("settings").or_default().extend(blocks.map(|it| it.as_bytes().to_vec()));
    }
    seeds.entry("baseline").or_default().insert(
        br#"{"version": 1, "findings": [{"path": "a", "rule": "nginx/alias-traversal", "scopes": ["b"], "key": "c", "ordinal": 0}]}"#.to_vec(),
    );
    let talk = talk();
    seeds.entry("framing").or_default().extend(talk.iter().map(|lines| {
        lines.iter().flat_map(|line| format!("Content-Length: {}\r\n\r\n{line}", line.len()).into_bytes()).collect()
    }));
    seeds.entry("messages").or_default().extend(talk.iter().map(|lines| lines.join("\n").into_bytes()));

    for (target, texts) in &seeds {
        let corpus = folder.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        for (number, text) in texts.iter().enumerate() {
            fs::write(corpus.join(format!("seed-{number:04}")), text)?;
        }
        let mut words: BTreeSet<&str> = match *target {
            "messages" | "framing" => TALK.iter().copied().collect(),
            _ => WORDS.iter().copied().collect(),
        };
        let own = |format: &Format| target == &format.id || matches!(*target, "project" | "fix");
        for format in formats::FORMATS.iter().filter(|format| own(format)) {
            words.extend(of(format));
        }
        if *target == "rule" {
            words.extend(formats::named("nginx").into_iter().flat_map(|it| it.schema.keys).map(|key| key.name));
            words.extend([
                ".exists(",
                ".all(",
                ".filter(",
                ".map(",
                "has(",
                " in ",
                " ? ",
                ".matches(",
                ".startsWith(",
                "size(",
            ]);
        }
        fs::write(folder.join(format!("{target}.dict")), dictionary(&words))?;
    }
    Ok(())
}

/// What the keys of a format are called, and the words that they take.
fn of(format: &'static Format) -> impl Iterator<Item = &'static str> {
    let keys = format.schema.keys.iter().filter(|key| !key.fact);
    let words = keys.flat_map(|key| (format.words.values)(key.name).into_iter().chain([(format.words.key)(key.name)]));
    words.chain(format.words.statements.iter().map(|(word, _)| *word))
}

/// As libFuzzer reads it.
fn dictionary(words: &BTreeSet<&str>) -> String {
    let mut text = String::new();
    for word in words.iter().filter(|word| (1..64).contains(&word.len())) {
        text.push('"');
        for byte in word.bytes() {
            match byte {
                b' '..=b'~' if !matches!(byte, b'"' | b'\\') => text.push(char::from(byte)),
                _ => drop(write!(text, "\\x{byte:02X}")),
            }
        }
        text.push_str("\"\n");
    }
    text
}

fn together<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
    let mut text = Vec::new();
    for (path, file) in files {
        text.extend_from_slice(format!("{ABOVE}{path}\n").as_bytes());
        text.extend_from_slice(file);
    }
    text
}

/// All files below a folder.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Talks of an editor, a message a line.
fn talk() -> Vec<Vec<String>> {
    let at = |method: &str, id: usize| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{"textDocument":{{"uri":"file:///srv/conf.d/a.conf"}},"position":{{"line":2,"character":20}},"range":{{"start":{{"line":0,"character":0}},"end":{{"line":9,"character":0}}}},"context":{{"diagnostics":[],"includeDeclaration":true}}}}}}"#
        )
    };
    let asked: Vec<String> = TALK
        .iter()
        .filter(|it| it.starts_with("textDocument/") && !it.contains("/did"))
        .enumerate()
        .map(|(id, it)| at(it, id + 1))
        .collect();
    let open = r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///srv/conf.d/a.conf","languageId":"nginx","version":1,"text":"server {\n    listen 443 ssl;\n    location /a { alias /b/; }\n    ssl_protocols TLSv1;\n}\n"}}}"#;
    let change = r#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///srv/conf.d/a.conf","version":2},"contentChanges":[{"range":{"start":{"line":1,"character":4},"end":{"line":2,"character":7}},"text":"é\n"},{"text":"server { listen 80; }\n"}]}}"#;
    let variables = r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///srv/.env","languageId":"env","version":1,"text":"POSTGRES_PASSWORD=postgres\n"}}}"#;
    let saved = r#"{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"file:///srv/compose.yaml","type":2},{"uri":"file:///srv/b","type":3}]}}"#;
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}"#;
    let of =
        |first: &[&str], asked: &[String]| first.iter().map(ToString::to_string).chain(asked.iter().cloned()).collect();
    vec![
        of(&[open], &asked),
        of(&[open, change, variables, saved, cancel], &asked),
        of(&[variables, change], &asked[..3]),
    ]
}
