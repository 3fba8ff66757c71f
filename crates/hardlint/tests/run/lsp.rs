//! The language server as editors start it.

use crate::scratch::Scratch;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What the server answers to bytes: its status, standard output and standard error.
fn talk(program: &str, args: &[&str], bytes: &[u8]) -> (i32, String, String) {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (child.wait().unwrap().code().unwrap(), out, err)
}

fn message(value: &Value) -> Vec<u8> {
    let text = value.to_string();
    format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

fn greeting(folder: &str) -> Vec<u8> {
    let folder = json!([{"uri": format!("file://{folder}"), "name": "x"}]);
    let params = json!({"capabilities": {}, "workspaceFolders": folder, "processId": null, "rootUri": null});
    let mut bytes = message(&json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}));
    bytes.extend(message(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}})));
    bytes
}

#[test]
fn both_commands_are_the_same_server() {
    let scratch = Scratch::new("lsp");
    scratch.write("sshd_config", "");
    scratch.write("hardlint.toml", "preview = true\n");
    let folder = scratch.path("");
    let folder = folder.to_str().unwrap();
    let document = json!({"uri": format!("file://{folder}/sshd_config"), "languageId": "x", "version": 1,
                          "text": "PermitEmptyPasswords yes\n"});
    let mut bytes = greeting(folder);
    bytes.extend(message(
        &json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}),
    ));
    bytes.extend(message(&json!({"jsonrpc": "2.0", "id": 2, "method": "shutdown"})));
    bytes.extend(message(&json!({"jsonrpc": "2.0", "method": "exit"})));
    let own = talk(env!("CARGO_BIN_EXE_hardlint-lsp"), &[], &bytes);
    assert_eq!((own.0, own.2.as_str()), (0, ""));
    assert!(own.1.contains(r#""name":"hardlint""#), "{}", own.1);
    assert_eq!(talk(env!("CARGO_BIN_EXE_hardlint"), &["lsp", "--stdio"], &bytes), own);
}

#[test]
fn an_end_that_was_not_asked_for_has_the_status_of_the_protocol() {
    let mut bytes = greeting("/nowhere");
    bytes.extend(message(&json!({"jsonrpc": "2.0", "method": "exit"})));
    assert_eq!(talk(env!("CARGO_BIN_EXE_hardlint-lsp"), &[], &bytes).0, 1);
}

#[test]
fn garbage_ends_the_server_without_a_word() {
    let lsp = env!("CARGO_BIN_EXE_hardlint-lsp");
    let mut bytes = greeting("/nowhere");
    bytes.extend(b"Content-Length: 30\r\n\r\n{\"password\": \"not-a-real-one\"]]");
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"Content-Length: x\r\n\r\n{}", b"\xff\xfe\0", b"", &bytes] {
        let (status, _, err) = talk(lsp, &[], bytes);
        assert_eq!((status, err.as_str()), (2, ""));
        let (_, _, err) = talk(lsp, &["--log"], bytes);
        assert!(!err.contains("panicked") && !err.contains("not-a-real-one"), "{err}");
    }
}

/// After a crash no image of the memory is left, which holds what was read.
#[test]
#[cfg(target_os = "linux")]
fn no_image_of_the_memory_is_written() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    let mut child = command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Who answers has started.
    let mut input = child.stdin.take().unwrap();
    input.write_all(&greeting("/nowhere")).unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 16]).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    drop(input);
    child.kill().unwrap();
    child.wait().unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let soft = line.split_whitespace().nth(4).unwrap();
    assert!(matches!(soft, "0" | "1"), "{line}");
}

/// A client that asks for diagnostics, as editors do.
struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u32,
}

impl Editor {
    fn start(folders: &[&Path]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint-lsp"));
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(server.stdout.take().unwrap());
        let input = server.stdin.take();
        let mut editor = Self { server, input, output, asked: 0 };
        let folders: Vec<Value> = folders.iter().map(|it| json!({"uri": at(it), "name": "x"})).collect();
        let capabilities = json!({"textDocument": {"diagnostic": {}}});
        let params =
            json!({"capabilities": capabilities, "workspaceFolders": folders, "processId": null, "rootUri": null});
        editor.ask("initialize", &params);
        editor.tell("initialized", &json!({}));
        editor
    }

    fn tell(&mut self, method: &str, params: &Value) {
        let bytes = message(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
        self.input.as_mut().unwrap().write_all(&bytes).unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let bytes = message(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.input.as_mut().unwrap().write_all(&bytes).unwrap();
        loop {
            let mut length = String::new();
            self.output.read_line(&mut length).unwrap();
            let length = length.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
            self.output.read_line(&mut String::new()).unwrap();
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            if body["id"] == id {
                return body["result"].clone();
            }
        }
    }

    fn open(&mut self, path: &Path, text: &str) {
        let document = json!({"uri": at(path), "languageId": "x", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn change(&mut self, path: &Path, text: &str) {
        let document = json!({"uri": at(path), "version": 2});
        let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        self.tell("textDocument/didChange", &params);
    }

    fn changed_on_disk(&mut self, path: &Path) {
        let changes = json!([{"uri": at(path), "type": 2}]);
        self.tell("workspace/didChangeWatchedFiles", &json!({"changes": changes}));
    }

    /// The rules that are found in a document.
    fn found(&mut self, path: &Path) -> Vec<String> {
        rules(&self.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": at(path)}})))
    }

    /// The files of the workspace, and the rules that are found in each.
    fn all(&mut self) -> Vec<(String, Vec<String>)> {
        let report = self.ask("workspace/diagnostic", &json!({"previousResultIds": []}));
        let items = report["items"].as_array().unwrap();
        items.iter().map(|it| (it["uri"].as_str().unwrap().to_owned(), rules(it))).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn at(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn rules(report: &Value) -> Vec<String> {
    report["items"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

const ROOT_LOGIN: &str = "PermitRootLogin yes\n";
const FOUND: &str = "sshd/permit-root-login-yes";

#[test]
#[cfg(unix)]
fn a_folder_that_is_a_link_is_one_project_by_the_name_of_the_client() {
    let scratch = Scratch::new("lsp-link");
    scratch.write("real/.git/HEAD", "");
    scratch.write("real/sshd_config", ROOT_LOGIN);
    scratch.write("real/other/sshd_config", ROOT_LOGIN);
    std::os::unix::fs::symlink("real", scratch.path("").join("link")).unwrap();
    let folder = scratch.path("").join("link");
    let mut editor = Editor::start(&[&folder]);
    let open = folder.join("sshd_config");
    editor.open(&open, ROOT_LOGIN);
    let files = |found: Vec<(String, Vec<String>)>| found.into_iter().map(|(uri, _)| uri).collect::<Vec<_>>();
    for _ in 0..3 {
        let mut found = files(editor.all());
        found.sort();
        assert_eq!(found, [at(&folder.join("other/sshd_config")), at(&open)]);
    }
    // What is written counts, and not what was saved.
    editor.change(&open, "PermitRootLogin no\n");
    assert_eq!(files(editor.all()), [at(&folder.join("other/sshd_config"))]);
}

#[test]
fn a_file_is_told_by_the_innermost_project() {
    let scratch = Scratch::new("lsp-nested");
    scratch.write(".git/HEAD", "");
    scratch.write("sshd_config", ROOT_LOGIN);
    scratch.write("inner/sshd_config", ROOT_LOGIN);
    scratch.write("inner/hardlint.toml", "preview = false\n");
    let (outer, inner) = (scratch.path(""), scratch.path("inner"));
    for folders in [[&*outer, &*inner], [&*inner, &*outer]] {
        let mut editor = Editor::start(&folders);
        assert_eq!(editor.all().len(), 2, "each once");
        let open = inner.join("sshd_config");
        editor.open(&open, ROOT_LOGIN);
        editor.change(&open, "PermitRootLogin no\n");
        let found: Vec<String> = editor.all().into_iter().map(|(uri, _)| uri).collect();
        assert_eq!(found, [at(&outer.join("sshd_config"))]);
    }
}

#[test]
fn settings_that_others_extend_are_followed() {
    let scratch = Scratch::new("lsp-extends");
    scratch.write(".git/HEAD", "");
    scratch.write("org/base.toml", "");
    scratch.write("app/hardlint.toml", "extends = '../org/base.toml'\n");
    scratch.write("app/sshd_config", ROOT_LOGIN);
    let open = scratch.path("app/sshd_config");
    let mut editor = Editor::start(&[&scratch.path("app")]);
    editor.open(&open, ROOT_LOGIN);
    assert!(editor.found(&open).iter().any(|rule| rule == FOUND));
    scratch.write("org/base.toml", format!("ignore = ['{FOUND}']\n"));
    editor.changed_on_disk(&scratch.path("org/base.toml"));
    assert!(!editor.found(&open).iter().any(|rule| rule == FOUND));
}

#[test]
fn a_document_that_is_opened_with_broken_settings_is_judged_once_they_are_mended() {
    let scratch = Scratch::new("lsp-broken");
    scratch.write(".git/HEAD", "");
    scratch.write("hardlint.toml", "ignore = ['x'\n");
    scratch.write("sshd_config", "");
    scratch.write("a/sshd_config", "");
    let (one, other) = (scratch.path("sshd_config"), scratch.path("a/sshd_config"));
    let mut editor = Editor::start(&[&scratch.path("")]);
    editor.open(&one, "");
    editor.open(&other, ROOT_LOGIN);
    assert_eq!(editor.found(&other), Vec::<String>::new());
    scratch.write("hardlint.toml", "ignore = []\n");
    // A client that follows no files tells only what its user does.
    editor.change(&one, ROOT_LOGIN);
    assert!(editor.found(&one).iter().any(|rule| rule == FOUND));
    editor.changed_on_disk(&scratch.path("hardlint.toml"));
    assert!(editor.found(&other).iter().any(|rule| rule == FOUND));
}
