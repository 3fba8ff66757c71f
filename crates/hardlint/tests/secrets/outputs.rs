//! Everything that the programs say of a folder: reports, messages, and what an editor is told.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

/// What each run said, by its arguments.
pub(crate) type Said = BTreeMap<String, String>;

/// All reports, listings and drawings of a folder, and what is said of each of its files.
pub(crate) fn of(folder: &Path, files: &[&str]) -> Said {
    let mut runs: Vec<Vec<String>> = Vec::new();
    let mut add = |arguments: &[&str]| runs.push(arguments.iter().map(|it| (*it).to_owned()).collect());
    let all = ["--preview", "--pedantic", "--severity", "info", "--confidence", "low"];
    let mut check = |more: &[&str]| add(&[&["check"], &all[..], more].concat());
    for format in super::FORMATS {
        check(&["--output-format", format]);
    }
    for format in ["text", "json", "markdown"] {
        check(&["--output-format", format, "--show-files"]);
    }
    check(&["--isolated", "--file-by-file", "--timing"]);
    check(&["--role", "production", "--color", "always"]);
    check(&["--diff", "--unsafe-fixes"]);
    check(&["--write-baseline", "../base.json"]);
    for drawing in ["text", "json", "dot", "mermaid", "svg"] {
        add(&["graph", "--output-format", drawing]);
    }
    for file in files {
        add(&["show", "--output-format", "text", file]);
        add(&["show", "--output-format", "json", file]);
        // One kind of file for another.
        add(&["check", "--type", "env", "--pedantic", "--preview", file]);
    }
    for (rule, place) in places(folder, &all) {
        add(&["explain", &rule, "--at", &place]);
    }
    let said = Mutex::new(Said::new());
    let next = Mutex::new(runs.iter());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(arguments) = next.lock().unwrap().next() else { break };
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    let out = run(folder, &arguments);
                    said.lock().unwrap().insert(arguments.join(" "), out);
                }
            });
        }
    });
    let mut said = said.into_inner().unwrap();
    let base = folder.parent().unwrap().join("base.json");
    said.insert("the baseline".to_owned(), fs::read_to_string(&base).unwrap());
    said
}

/// What shows most of a folder and of each of its files.
pub(crate) fn few(folder: &Path, files: &[&str]) -> Said {
    let all = ["check", "--preview", "--pedantic", "--severity", "info", "--confidence", "low", "--output-format"];
    let mut said = Said::new();
    let mut add = |arguments: &[&str]| said.insert(arguments.join(" "), run(folder, arguments));
    for format in ["text", "json"] {
        add(&[&all[..], &[format]].concat());
    }
    add(&["graph", "--output-format", "json"]);
    for file in files {
        add(&["show", "--output-format", "json", file]);
    }
    said
}

/// What fixes say of themselves; the files are changed.
pub(crate) fn of_fixes(folder: &Path) -> String {
    run(folder, &["check", "--fix", "--unsafe-fixes", "--preview", "--pedantic", "--severity", "info"])
}

/// A place where each rule fires.
fn places(folder: &Path, all: &[&str]) -> BTreeMap<String, String> {
    let out = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args([&["check", "--output-format", "json"], all].concat())
        .current_dir(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let place = |finding: &Value| {
        let (rule, at) = (finding["rule"].as_str().unwrap(), &finding["at"]);
        (rule.to_owned(), format!("{}:{}", at["path"].as_str().unwrap(), at["line"]))
    };
    report["findings"].as_array().unwrap().iter().map(place).collect()
}

/// Both outputs of a run, after which nothing may have panicked.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint")).args(arguments).current_dir(folder).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap() + "\n" + &String::from_utf8(output.stderr).unwrap();
    // What is no configuration is not shown; nothing else is wrong usage.
    let not_ours = output.status.code() == Some(2) && out.contains("no name and no content tells what it is");
    let done = not_ours || matches!(output.status.code(), Some(0 | 1 | 3));
    assert!(done && !out.contains("panicked"), "{arguments:?}: {out}");
    out
}

/// What the language server tells an editor that has every file open and asks for all that it can at each line.
pub(crate) fn of_editor(folder: &Path, files: &[&str]) -> String {
    let uri = |path: &str| format!("file://{}/{path}", folder.display());
    let mut bytes = Vec::new();
    let mut id = 0;
    let mut ask = |bytes: &mut Vec<u8>, method: &str, params: Value| {
        id += 1;
        message(bytes, &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
    };
    let told = |bytes: &mut Vec<u8>, method: &str, params: Value| {
        message(bytes, &json!({"jsonrpc": "2.0", "method": method, "params": params}));
    };
    let folders = json!([{"uri": format!("file://{}", folder.display()), "name": "x"}]);
    let able = json!({"textDocument": {"diagnostic": {}, "hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {"relatedInformation": true},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}, "resolveSupport": {"properties": ["edit"]}}, "inlayHint": {}}});
    let settings = json!({"preview": true, "pedantic": true, "severity": "info"});
    let params = json!({"capabilities": able, "workspaceFolders": folders, "processId": null, "rootUri": null, "initializationOptions": settings});
    ask(&mut bytes, "initialize", params);
    told(&mut bytes, "initialized", json!({}));
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let document = json!({"uri": uri(file), "languageId": "x", "version": 1, "text": text});
        told(&mut bytes, "textDocument/didOpen", json!({"textDocument": document}));
        let of = json!({"uri": uri(file)});
        ask(&mut bytes, "textDocument/diagnostic", json!({"textDocument": of}));
        ask(&mut bytes, "textDocument/documentSymbol", json!({"textDocument": of}));
        ask(&mut bytes, "textDocument/documentLink", json!({"textDocument": of}));
        let whole =
            json!({"start": {"line": 0, "character": 0}, "end": {"line": text.lines().count(), "character": 0}});
        ask(&mut bytes, "textDocument/inlayHint", json!({"textDocument": of, "range": whole}));
        ask(
            &mut bytes,
            "textDocument/codeAction",
            json!({"textDocument": of, "range": whole, "context": {"diagnostics": []}}),
        );
        for (number, line) in text.lines().enumerate() {
            let begin = line.len() - line.trim_start().len() + 1;
            let last = line.encode_utf16().count().saturating_sub(3);
            for character in [begin, last] {
                let at = json!({"textDocument": of, "position": {"line": number, "character": character}});
                ask(&mut bytes, "textDocument/hover", at);
            }
            let at = json!({"textDocument": of, "position": {"line": number, "character": last}});
            ask(&mut bytes, "textDocument/completion", at);
        }
    }
    ask(&mut bytes, "workspace/symbol", json!({"query": ""}));
    ask(&mut bytes, "shutdown", Value::Null);
    told(&mut bytes, "exit", Value::Null);
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    let mut child = command
        .args(["lsp", "--log"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writes = thread::spawn(move || input.write_all(&bytes));
    let mut error = child.stderr.take().unwrap();
    let errors = thread::spawn(move || {
        let mut text = String::new();
        error.read_to_string(&mut text).map(|_| text)
    });
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    writes.join().unwrap().unwrap();
    let said = out + "\n" + &errors.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success() && !said.contains("panicked"), "{said}");
    // One message a line, so that what is found can be read.
    said.replace("Content-Length:", "\nContent-Length:")
}

fn message(bytes: &mut Vec<u8>, value: &Value) {
    let text = value.to_string();
    bytes.extend(format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes());
}
