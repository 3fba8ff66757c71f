//! A server for editors, its project in memory.

use hardlint_config::loader::{Loader, Memory};
use hardlint_config::workspace::{Detection, Query, Slot, Slots, Workspace};
use hardlint_lint::rule::Rule;
use hardlint_lint::{Linter, Options};
use hardlint_lsp::{Asked, Connection, Ended, Host, connect, serve};
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A project at `/srv`.
struct Project {
    saved: Memory,
    linter: Linter,
}

impl Project {
    #[expect(clippy::unnecessary_wraps, reason = "others may find none")]
    fn find(_: &Path, _: &Asked) -> Result<Box<dyn Host>, String> {
        let saved = Memory::new([
            ("nginx.conf", "events {}\nhttp {\n    include conf.d/*.conf;\n}\n"),
            ("conf.d/a.conf", "server {\n    listen 80;\n    location /a { alias /b/; }\n}\n"),
            ("compose.yaml", "services:\n  a:\n    image: postgres\n    env_file: .env\n    ports: [\"5432:5432\"]\n"),
            (".env", "POSTGRES_HOST_AUTH_METHOD=trust\n"),
        ]);
        Ok(Box::new(Self { saved, linter: Linter::new(Options { pedantic: true, ..Options::default() }) }))
    }
}

impl Host for Project {
    fn folder(&self) -> &Path {
        Path::new("/srv")
    }

    fn below(&self, path: &Path) -> Option<String> {
        Some(path.strip_prefix("/srv").ok()?.to_str()?.to_owned())
    }

    fn loader(&self) -> &dyn Loader {
        &self.saved
    }

    fn linter(&self) -> &Linter {
        &self.linter
    }

    fn query(&self) -> Query {
        Query::default()
    }

    fn files(&self) -> Arc<Slots> {
        let mut workspace = Workspace::new(&self.saved, Query::default());
        for path in self.saved.files.keys() {
            workspace.update(&path.as_str().into(), Detection::Automatic);
        }
        workspace.into_slots()
    }

    fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        workspace.look(path, Detection::Automatic)
    }

    fn walks(&self, path: &str) -> bool {
        self.saved.files.contains_key(path)
    }

    fn writes(&self, path: &str) -> bool {
        self.saved.files.contains_key(path)
    }

    fn is_settings(&self, path: &str) -> bool {
        path == "hardlint.toml"
    }

    fn url(&self, rule: &Rule) -> String {
        format!("https://example.org/{}", rule.id)
    }
}

fn request(id: i32, method: &str, params: Value) -> Message {
    Request { id: id.into(), method: method.into(), params }.into()
}

fn notification(method: &str, params: Value) -> Message {
    Notification { method: method.into(), params }.into()
}

/// What begins a talk.
fn begin() -> Value {
    json!({
        "capabilities": {"textDocument": {"publishDiagnostics": {"relatedInformation": true}}},
        "workspaceFolders": [{"uri": "file:///srv", "name": "srv"}],
        "processId": null,
        "rootUri": null,
    })
}

const LAST: i32 = i32::MAX;

/// Messages, each a line of JSON, between those that begin and end a talk: every request is answered, each once.
pub fn messages(bytes: &[u8]) {
    let (server, client) = Connection::memory();
    let mut asked = BTreeSet::from([RequestId::from(0), RequestId::from(LAST)]);
    let send = |message: Message| client.sender.send(message).expect("the server lives");
    send(request(0, "initialize", begin()));
    send(notification("initialized", json!({})));
    for line in bytes.split(|&byte| byte == b'\n').take(60) {
        let Ok(message) = serde_json::from_slice::<Message>(line) else { continue };
        match &message {
            Message::Request(it) if it.method == "shutdown" || !asked.insert(it.id.clone()) => {}
            Message::Notification(it) if it.method == "exit" => {}
            _ => send(message),
        }
    }
    send(request(LAST, "shutdown", Value::Null));
    send(notification("exit", Value::Null));
    assert_eq!(serve(&server, &Project::find, &|_| {}), Ended::Properly);
    drop(server);
    for message in &client.receiver {
        if let Message::Response(response) = message {
            let id = response.id;
            assert!(asked.remove(&id), "{id} was answered twice, or not asked");
        }
    }
    assert!(asked.is_empty(), "never answered: {asked:?}");
}

/// What is written, to be looked at.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Bytes as they come from an editor, behind what begins a talk: what is written are whole messages.
pub fn framing(bytes: &[u8]) {
    let mut input = Vec::new();
    for message in [request(0, "initialize", begin()), notification("initialized", json!({}))] {
        message.write(&mut input).expect("memory takes all");
    }
    input.extend_from_slice(bytes);
    let written = Written::default();
    let (server, threads) = connect(Cursor::new(input), written.clone());
    let _ = serve(&server, &Project::find, &|_| {});
    drop(server);
    threads.join();
    let written = written.0.lock().expect("nobody panics");
    let mut left = written.as_slice();
    while !left.is_empty() {
        let end = left.windows(4).position(|four| four == b"\r\n\r\n").expect("a header ends");
        let header = std::str::from_utf8(&left[..end]).expect("a header is text");
        let length = header.strip_prefix("Content-Length: ").expect("a header tells the length");
        let (body, rest) = left[end + 4..].split_at(length.parse().expect("a length is a number"));
        // Also an answer to what has no id, which `Message` is not.
        serde_json::from_slice::<Value>(body).expect("a message is JSON");
        left = rest;
    }
}
