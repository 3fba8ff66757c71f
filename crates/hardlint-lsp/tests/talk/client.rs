//! A client, and a project in memory for it.

use hardlint_config::loader::{Git, Loader, Memory, ReadError, Stat};
use hardlint_config::workspace::{Detection, Query, Slot, Slots, Workspace};
use hardlint_lint::rule::Rule;
use hardlint_lint::{Linter, Options};
use hardlint_lsp::{Asked, Connection, Ended, Host, serve};
use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The files as they are saved, which tests change.
pub(crate) type Saved = Arc<RwLock<Memory>>;

/// How often each file was read.
pub(crate) type Counts = Arc<Mutex<BTreeMap<String, usize>>>;

/// A project in memory, at `/srv`.
struct Files {
    saved: Saved,
    counts: Counts,
    linter: Linter,
}

impl Loader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        *self.counts.lock().unwrap().entry(path.to_owned()).or_default() += 1;
        self.saved.read().unwrap().read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.saved.read().unwrap().list(folder)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        self.saved.read().unwrap().stat(path)
    }

    fn git(&self, path: &str) -> Git {
        self.saved.read().unwrap().git(path)
    }
}

impl Host for Files {
    fn folder(&self) -> &Path {
        Path::new("/srv")
    }

    fn below(&self, path: &Path) -> Option<String> {
        // As on a disk, `.` leads nowhere.
        let parts: Option<Vec<&str>> = path.strip_prefix("/srv").ok()?.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    fn loader(&self) -> &dyn Loader {
        self
    }

    fn linter(&self) -> &Linter {
        &self.linter
    }

    fn query(&self) -> Query {
        Query::default()
    }

    fn files(&self) -> Arc<Slots> {
        let mut workspace = Workspace::new(self, Query::default());
        let paths: Vec<String> = self.saved.read().unwrap().files.keys().cloned().collect();
        for path in paths {
            workspace.update(&path.as_str().into(), Detection::Automatic);
        }
        workspace.into_slots()
    }

    fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        assert!(!path.contains("panic"), "what nobody thought of");
        workspace.look(path, Detection::Automatic)
    }

    fn walks(&self, path: &str) -> bool {
        self.saved.read().unwrap().files.contains_key(path)
    }

    fn writes(&self, path: &str) -> bool {
        self.saved.read().unwrap().files.contains_key(path)
    }

    fn is_settings(&self, place: &Path) -> bool {
        place == Path::new("/srv/hardlint.toml")
    }

    fn url(&self, rule: &Rule) -> String {
        format!("https://example.org/{}", rule.id)
    }
}

/// A client.
pub(crate) struct Client {
    connection: Connection,
    server: JoinHandle<Ended>,
    asked: i32,
    pub(crate) saved: Saved,
    pub(crate) counts: Counts,
    /// What came beside answers and diagnostics.
    pub(crate) others: Vec<Message>,
    /// Diagnostics that came before an answer.
    waiting: VecDeque<Notification>,
}

impl Client {
    pub(crate) fn start(files: &[(&str, &str)], capabilities: &Value) -> (Self, Value) {
        Self::start_with(files, capabilities, &Value::Null)
    }

    pub(crate) fn start_with(files: &[(&str, &str)], capabilities: &Value, options: &Value) -> (Self, Value) {
        let (server, connection) = Connection::memory();
        let saved: Saved = Arc::new(RwLock::new(Memory::new(files.iter().copied())));
        let on_disk = saved.clone();
        let counts = Counts::default();
        let counted = counts.clone();
        let server = thread::spawn(move || {
            let find = |_: &Path, asked: &Asked| {
                let options = Options {
                    pedantic: asked.pedantic,
                    preview: asked.preview,
                    severity: asked.severity,
                    ignore: asked.ignore.clone(),
                    ..Options::default()
                };
                Ok(Box::new(Files { saved: on_disk.clone(), counts: counted.clone(), linter: Linter::new(options) })
                    as Box<dyn Host>)
            };
            serve(&server, &find, &|_| {})
        });
        let (others, waiting) = (Vec::new(), VecDeque::new());
        let mut client = Self { connection, server, asked: 0, saved, counts, others, waiting };
        let folder = json!([{"uri": "file:///srv", "name": "srv"}]);
        let params = json!({
            "capabilities": capabilities,
            "initializationOptions": options,
            "workspaceFolders": folder,
            "processId": null,
            "rootUri": null,
        });
        let result = client.ask("initialize", params).unwrap();
        client.tell("initialized", json!({}));
        (client, result)
    }

    pub(crate) fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification { method: method.into(), params }.into()).unwrap();
    }

    fn next(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// Sends a request, and gives its id.
    pub(crate) fn send(&mut self, method: &str, params: Value) -> i32 {
        self.asked += 1;
        let id = self.asked.into();
        self.connection.sender.send(Request { id, method: method.into(), params }.into()).unwrap();
        self.asked
    }

    pub(crate) fn answer(&mut self, id: i32) -> Result<Value, i32> {
        loop {
            match self.next() {
                Message::Response(response) => {
                    assert_eq!(response.id, id.into());
                    return response.response_result.map_err(|error| error.code);
                }
                Message::Notification(told) if told.method == PUBLISH => self.waiting.push_back(told),
                other => self.others.push(other),
            }
        }
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// Answers a request of the server.
    pub(crate) fn respond(&self, request: &Request, result: Value) {
        self.connection.sender.send(Response::new_ok(request.id.clone(), result).into()).unwrap();
    }

    /// What is told next, of whatever document.
    pub(crate) fn told(&mut self) -> (String, Vec<Value>) {
        loop {
            let message = self.waiting.pop_front().map_or_else(|| self.next(), Message::Notification);
            match message {
                Message::Notification(told) if told.method == PUBLISH => {
                    let findings = told.params["diagnostics"].as_array().unwrap().clone();
                    return (told.params["uri"].as_str().unwrap().to_owned(), findings);
                }
                other => self.others.push(other),
            }
        }
    }

    /// The requests of the server that came, once it is known that no more are on their way.
    pub(crate) fn requests(&mut self) -> Vec<Request> {
        let _ = self.ask("hardlint/nothing", Value::Null);
        let request = |it: &Message| match it {
            Message::Request(it) => Some(it.clone()),
            _ => None,
        };
        self.others.iter().filter_map(request).collect()
    }

    pub(crate) fn open(&self, path: &str, text: &str) {
        let document = json!({"uri": uri(path), "languageId": "x", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub(crate) fn change(&self, path: &str, changes: &Value) {
        let document = json!({"uri": uri(path), "version": 2});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// Changes what is saved, and tells the server so.
    pub(crate) fn save(&self, path: &str, text: Option<&str>) {
        let before = match text {
            Some(text) => self.saved.write().unwrap().files.insert(path.to_owned(), text.into()),
            None => self.saved.write().unwrap().files.remove(path),
        };
        let kind = match (before, text) {
            (None, _) => 1,
            (_, Some(_)) => 2,
            (_, None) => 3,
        };
        self.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri(path), "type": kind}]}));
    }

    pub(crate) fn hover(&mut self, path: &str, line: u32, character: u32) -> String {
        let hover = self.at("textDocument/hover", path, line, character);
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Asks about a place.
    pub(crate) fn at(&mut self, method: &str, path: &str, line: u32, character: u32) -> Value {
        let at = json!({"textDocument": {"uri": uri(path)}, "position": {"line": line, "character": character}});
        self.ask(method, at).unwrap()
    }

    pub(crate) fn actions(&mut self, path: &str, line: u32, context: &Value) -> Vec<Value> {
        let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}});
        let params = json!({"textDocument": {"uri": uri(path)}, "range": range, "context": context});
        self.ask("textDocument/codeAction", params).unwrap().as_array().cloned().unwrap_or_default()
    }

    pub(crate) fn stop(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        assert_eq!(self.server.join().unwrap(), Ended::Properly);
    }
}

pub(crate) const PUBLISH: &str = "textDocument/publishDiagnostics";

pub(crate) fn uri(path: &str) -> String {
    format!("file:///srv/{path}")
}

pub(crate) fn rules(findings: &[Value]) -> Vec<&str> {
    findings.iter().filter_map(|finding| finding["code"].as_str()).collect()
}

pub(crate) fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().filter_map(|it| it["title"].as_str()).collect()
}

/// A document after the edits of an action.
pub(crate) fn edited(text: &str, edits: &Value) -> String {
    let place = |at: &Value| {
        let (line, character) = (at["line"].as_u64().unwrap(), at["character"].as_u64().unwrap());
        let start: usize = text.split_inclusive('\n').take(usize::try_from(line).unwrap()).map(str::len).sum();
        let mut left = usize::try_from(character).unwrap();
        let ahead = text[start..].chars().take_while(|c| {
            let takes = left > 0;
            left = left.saturating_sub(c.len_utf16());
            takes
        });
        start + ahead.map(char::len_utf8).sum::<usize>()
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (place(&it["range"]["start"]), place(&it["range"]["end"]), it["newText"].as_str().unwrap()))
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}
