//! The language server as editors start it.

use crate::scratch::Scratch;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

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
