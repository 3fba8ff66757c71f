//! The loop: one message after the other, and what follows from each.
//!
//! Changes are judged when no message waits any more, so that fast typing is not judged letter by letter. Whatever goes wrong
//! with one message, the next is handled.

use crate::client::{Asked, Client, SECTION};
use crate::session::{Buffer, Session, Which};
use crate::{Find, Log, capabilities, diagnostics};
use folders::Folder;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{InitializeParams, PublishDiagnosticsParams, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

mod documents;
mod folders;
mod requests;

/// How the server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client said so, as the protocol asks.
    Properly,
    /// The client said so, but had not asked for it before.
    Unasked,
    /// The client was gone, or broke the protocol.
    Otherwise,
}

/// Talks with a client until it has enough.
pub fn serve(connection: &Connection, find: Find<'_>, log: Log<'_>) -> Ended {
    let Ok((id, params)) = connection.initialize_start() else { return Ended::Otherwise };
    let abilities = params.get("capabilities").cloned().unwrap_or_default();
    let Ok(params) = serde_json::from_value::<InitializeParams>(params) else {
        let message = "these are no parameters of `initialize`".to_owned();
        let _ = connection.sender.send(Response::new_err(id, ErrorCode::InvalidParams as i32, message).into());
        return Ended::Otherwise;
    };
    let client = Client::new(&params.capabilities, &abilities);
    let Ok(result) = serde_json::to_value(capabilities::of_server(client)) else { return Ended::Otherwise };
    if connection.initialize_finish(id, result).is_err() {
        return Ended::Otherwise;
    }
    let options = params.initialization_options.as_ref().unwrap_or(&Value::Null);
    let asked = Asked::read(options, &Asked::default(), &mut |complaint| log(&complaint));
    let mut server = Server {
        connection,
        find,
        log,
        client,
        first: asked.clone(),
        asked,
        folders: folders::of_client(&params),
        sessions: BTreeMap::new(),
        places: BTreeMap::new(),
        homeless: BTreeMap::new(),
        complaint: String::new(),
        told: BTreeMap::new(),
        hinted: BTreeMap::new(),
        queue: VecDeque::new(),
        waiting: BTreeMap::new(),
        requests: 0,
        reading: None,
        down: false,
    };
    server.begin();
    server.run()
}

/// What a request of ours is to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The user's settings.
    Settings,
    /// Nothing that is of interest.
    Nothing,
}

pub(crate) struct Server<'s> {
    connection: &'s Connection,
    find: Find<'s>,
    log: Log<'s>,
    client: Client,
    /// What was asked for at the start, which holds where later settings name nothing.
    first: Asked,
    asked: Asked,
    folders: Vec<Folder>,
    sessions: BTreeMap<usize, Session>,
    /// Where an open document is: its session, and its path there.
    places: BTreeMap<String, (usize, String)>,
    /// Open documents of which no project is found, while its settings are broken.
    homeless: BTreeMap<String, Buffer>,
    /// What was last complained of; once is enough.
    complaint: String,
    /// What the client was last told of a document, and of which version.
    told: BTreeMap<String, (i32, Vec<lsp_types::Diagnostic>)>,
    /// The hints that the client was last given of a document: of which version, for which part, and what tells them from others.
    hinted: BTreeMap<String, (i32, lsp_types::Range, String)>,
    /// Messages that have come and wait.
    queue: VecDeque<Message>,
    /// Requests of ours that were not answered yet.
    waiting: BTreeMap<String, Purpose>,
    requests: usize,
    /// The token of the progress that is shown.
    reading: Option<String>,
    down: bool,
}

impl Server<'_> {
    /// Asks the client for what it does only when asked.
    fn begin(&mut self) {
        let mut wanted = Vec::new();
        if self.client.watches {
            let options = json!({ "watchers": [{ "globPattern": "**/*" }] });
            let method = "workspace/didChangeWatchedFiles";
            wanted.push(json!({ "id": "hardlint-files", "method": method, "registerOptions": options }));
        }
        if self.client.registers_configuration {
            let options = json!({ "section": SECTION });
            let method = "workspace/didChangeConfiguration";
            wanted.push(json!({ "id": "hardlint-settings", "method": method, "registerOptions": options }));
        }
        if !wanted.is_empty() {
            self.ask("client/registerCapability", json!({ "registrations": wanted }), Purpose::Nothing);
        }
        self.ask_settings();
    }

    fn ask_settings(&mut self) {
        if self.client.configuration {
            let items = json!({ "items": [{ "section": SECTION }] });
            self.ask("workspace/configuration", items, Purpose::Settings);
        }
    }

    fn run(&mut self) -> Ended {
        loop {
            self.drain();
            self.idle();
            let message = match self.queue.pop_front() {
                Some(message) => message,
                None => match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Ended::Otherwise,
                },
            };
            match message {
                Message::Request(request) if request.method == "shutdown" => {
                    self.down = true;
                    self.send(Response::new_ok(request.id, Value::Null));
                }
                Message::Request(request) => self.request(request),
                Message::Notification(notification) if notification.method == "exit" => {
                    return if self.down { Ended::Properly } else { Ended::Unasked };
                }
                Message::Notification(notification) => self.notification(notification),
                Message::Response(response) => self.response(response),
            }
        }
    }

    /// Takes in what has come, so that it shows what was taken back.
    fn drain(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            self.queue.push_back(message);
        }
    }

    /// Judges while nobody waits: what is open first.
    fn idle(&mut self) {
        for which in [Which::Open, Which::Joining] {
            if !self.queue.is_empty() {
                return;
            }
            self.safely("judging", |server| server.judge(which));
            self.end_progress();
            self.drain();
        }
    }

    /// Does something; whatever panics in it ends it, and nothing else.
    fn safely<T>(&mut self, what: &str, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| act(self)));
        if done.is_err() {
            (self.log)(&format!("{what} failed: this is a fault of hardlint"));
        }
        done.ok()
    }

    fn send(&self, message: impl Into<Message>) {
        let _ = self.connection.sender.send(message.into());
    }

    fn tell(&self, method: &str, params: impl Serialize) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn ask(&mut self, method: &str, params: Value, purpose: Purpose) {
        self.requests += 1;
        let id = format!("hardlint-{}", self.requests);
        self.waiting.insert(id.clone(), purpose);
        self.send(Request { id: id.into(), method: method.to_owned(), params });
    }

    fn response(&mut self, response: Response) {
        let purpose = serde_json::to_value(&response.id).ok();
        let purpose = purpose.and_then(|id| self.waiting.remove(id.as_str()?));
        if purpose == Some(Purpose::Settings)
            && let Ok(Value::Array(settings)) = response.response_result
            && let Some(settings) = settings.first()
        {
            self.configure(settings);
        }
    }

    fn request(&mut self, request: Request) {
        let start = Instant::now();
        let (id, method) = (request.id.clone(), request.method.clone());
        let response = if self.down {
            Response::new_err(id, ErrorCode::InvalidRequest as i32, "the server was shut down".to_owned())
        } else if self.is_cancelled(&id) {
            Response::new_err(id, ErrorCode::RequestCanceled as i32, "taken back".to_owned())
        } else {
            self.safely(&method, |server| server.answered(request)).unwrap_or_else(|| {
                let message = format!("`{method}` failed: this is a fault of hardlint");
                Response::new_err(id, ErrorCode::InternalError as i32, message)
            })
        };
        self.send(response);
        (self.log)(&format!("{method} took {} µs", start.elapsed().as_micros()));
    }

    /// Whether the client took a request back while it waited.
    fn is_cancelled(&mut self, id: &RequestId) -> bool {
        self.drain();
        self.queue.iter().any(|message| match message {
            Message::Notification(told) if told.method == "$/cancelRequest" => {
                told.params.get("id").cloned().and_then(|id| serde_json::from_value::<RequestId>(id).ok()).as_ref()
                    == Some(id)
            }
            _ => false,
        })
    }

    fn answer<P: DeserializeOwned, T: Serialize>(
        &mut self,
        request: Request,
        answer: impl FnOnce(&mut Self, &P) -> T,
    ) -> Response {
        let id: RequestId = request.id;
        if let Ok(params) = serde_json::from_value(request.params) {
            return Response::new_ok(id, answer(self, &params));
        }
        let message = format!("these are no parameters of `{}`", request.method);
        Response::new_err(id, ErrorCode::InvalidParams as i32, message)
    }

    fn document(&mut self, uri: &Uri) -> Option<(&mut Session, String)> {
        let (session, path) = self.places.get(uri.as_str())?.clone();
        Some((self.sessions.get_mut(&session)?, path))
    }

    fn notification(&mut self, notification: Notification) {
        let start = Instant::now();
        let method = notification.method.clone();
        if self.safely(&method, |server| server.noted(notification)) == Some(true) {
            (self.log)(&format!("{method} took {} µs", start.elapsed().as_micros()));
        }
    }

    /// Does what a notification asks for; one that makes no sense asks for nothing.
    fn with<P: DeserializeOwned>(&mut self, params: Value, what: impl FnOnce(&mut Self, P)) {
        match serde_json::from_value(params) {
            Ok(params) => what(self, params),
            Err(_) => (self.log)("a notification makes no sense"),
        }
    }

    /// Tells the user's log of what is wrong with settings.
    fn complain(&mut self, text: &str) {
        if self.complaint == text {
            return;
        }
        text.clone_into(&mut self.complaint);
        (self.log)(text);
        self.tell("window/logMessage", json!({ "type": 2, "message": format!("hardlint: {text}") }));
    }

    fn begin_progress(&mut self) {
        if !self.client.progress || self.reading.is_some() {
            return;
        }
        self.requests += 1;
        let token = format!("hardlint-reading-{}", self.requests);
        self.ask("window/workDoneProgress/create", json!({ "token": token }), Purpose::Nothing);
        let value = json!({ "kind": "begin", "title": "hardlint", "message": "reading the project" });
        self.tell("$/progress", json!({ "token": token, "value": value }));
        self.reading = Some(token);
    }

    fn end_progress(&mut self) {
        if let Some(token) = self.reading.take() {
            self.tell("$/progress", json!({ "token": token, "value": { "kind": "end" } }));
        }
    }

    /// Judges what changed, and tells it.
    fn judge(&mut self, which: Which) {
        let start = Instant::now();
        let mut judged = false;
        let mut others = false;
        for session in self.sessions.values_mut() {
            judged |= session.is_due(which);
            session.judge(which);
            for path in session.settle() {
                let Some(document) = session.document(&path) else { continue };
                let told = diagnostics::of_file(session, &document.findings, &document.problems, self.client);
                for (uri, version) in document.names() {
                    let told = diagnostics::by_name(&told, &document.uri, uri);
                    let before = self.told.get(uri.as_str());
                    let same = before.is_some_and(|before| before.0 == version);
                    if same && before.is_some_and(|before| before.1 == told) {
                        continue;
                    }
                    if self.client.pulls {
                        // Who asks anyway has to be told where something else brought it about.
                        others |= same;
                        continue;
                    }
                    self.told.insert(uri.as_str().to_owned(), (version, told.clone()));
                    let (uri, diagnostics) = (uri.clone(), told);
                    let params = PublishDiagnosticsParams { uri, diagnostics, version: Some(version) };
                    let told = Notification::new("textDocument/publishDiagnostics".to_owned(), params);
                    let _ = self.connection.sender.send(told.into());
                }
            }
        }
        if others && self.client.pulls_again {
            // Once is enough until the client asks.
            self.told.clear();
            self.ask("workspace/diagnostic/refresh", Value::Null, Purpose::Nothing);
        }
        if judged && self.client.hints_again && self.hints_changed() {
            self.hinted.clear();
            self.ask("workspace/inlayHint/refresh", Value::Null, Purpose::Nothing);
        }
        if judged {
            (self.log)(&format!("judging took {} µs", start.elapsed().as_micros()));
        }
    }

    fn publish(&self, params: PublishDiagnosticsParams) {
        self.tell("textDocument/publishDiagnostics", params);
    }

    /// Takes in the user's settings.
    fn configure(&mut self, settings: &Value) {
        let mut complaints = Vec::new();
        if !Asked::names_any(settings) {
            return;
        }
        let asked = Asked::read(settings, &self.first, &mut |complaint| complaints.push(complaint));
        for complaint in complaints {
            self.complain(&complaint);
        }
        if asked == self.asked {
            return;
        }
        self.asked = asked;
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.again(id);
        }
        for (wanted, method) in [
            (self.client.hints_again, "workspace/inlayHint/refresh"),
            (self.client.lenses_again, "workspace/codeLens/refresh"),
        ] {
            if wanted {
                self.ask(method, Value::Null, Purpose::Nothing);
            }
        }
    }
}
