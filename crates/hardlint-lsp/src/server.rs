//! The loop: one message after the other, and what follows from each.
//!
//! Changes are judged when no message waits any more, so that fast typing is not judged letter by letter.

use crate::position::{self, Encoding};
use crate::session::Session;
use crate::{Find, Log, actions, diagnostics, hover};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    HoverParams, HoverProviderCapability, InitializeParams, InitializeResult, PublishDiagnosticsParams,
    ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How the server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client said so, as the protocol asks.
    Properly,
    /// The client was gone, or broke the protocol.
    Otherwise,
}

/// Talks with a client until it has enough.
pub fn serve(connection: &Connection, find: Find<'_>, log: Log<'_>) -> Ended {
    let Ok((id, params)) = connection.initialize_start() else { return Ended::Otherwise };
    let Ok(params) = serde_json::from_value::<InitializeParams>(params) else {
        let message = "these are no parameters of `initialize`".to_owned();
        let _ = connection.sender.send(Response::new_err(id, ErrorCode::InvalidParams as i32, message).into());
        return Ended::Otherwise;
    };
    let known = params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
    let encoding = Encoding::agreed(known);
    let result = InitializeResult { capabilities: capabilities(encoding), server_info: Some(info()) };
    let Ok(result) = serde_json::to_value(result) else { return Ended::Otherwise };
    if connection.initialize_finish(id, result).is_err() {
        return Ended::Otherwise;
    }
    let folders = folders(&params);
    let mut server = Server {
        connection,
        find,
        log,
        encoding,
        folders,
        sessions: Vec::new(),
        places: BTreeMap::new(),
        dirty: BTreeSet::new(),
    };
    server.run()
}

fn info() -> ServerInfo {
    ServerInfo { name: "hardlint".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    let actions =
        CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]), ..CodeActionOptions::default() };
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        ..ServerCapabilities::default()
    }
}

/// The folders that the client has open.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let all = params.workspace_folders.iter().flatten().filter_map(|folder| position::path(&folder.uri));
    let mut all: Vec<PathBuf> = all.collect();
    if all.is_empty() {
        #[expect(deprecated, reason = "older clients name one folder, so")]
        all.extend(params.root_uri.as_ref().and_then(position::path));
    }
    all
}

struct Server<'s> {
    connection: &'s Connection,
    find: Find<'s>,
    log: Log<'s>,
    encoding: Encoding,
    folders: Vec<PathBuf>,
    sessions: Vec<Session>,
    /// Where an open document is: the place of its session, and its path there.
    places: BTreeMap<String, (usize, String)>,
    /// Documents that are to be judged again.
    dirty: BTreeSet<(usize, String)>,
}

impl Server<'_> {
    fn run(&mut self) -> Ended {
        loop {
            if self.connection.receiver.is_empty() {
                self.judge();
            }
            let Ok(message) = self.connection.receiver.recv() else { return Ended::Otherwise };
            match message {
                Message::Request(request) => match self.connection.handle_shutdown(&request) {
                    Ok(true) => return Ended::Properly,
                    Ok(false) => self.request(request),
                    Err(_) => return Ended::Otherwise,
                },
                Message::Notification(notification) if notification.method == "exit" => return Ended::Otherwise,
                Message::Notification(notification) => self.notification(notification),
                Message::Response(_) => {}
            }
        }
    }

    fn request(&mut self, request: Request) {
        let start = Instant::now();
        let method = request.method.clone();
        self.judge();
        let response = match method.as_str() {
            "textDocument/hover" => self.answer(request, Self::hover),
            "textDocument/codeAction" => self.answer(request, Self::code_action),
            _ => {
                let message = format!("hardlint does not know `{method}`");
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        };
        let _ = self.connection.sender.send(response.into());
        (self.log)(&format!("{method} took {} µs", start.elapsed().as_micros()));
    }

    fn answer<P: DeserializeOwned>(&mut self, request: Request, answer: fn(&mut Self, &P) -> Value) -> Response {
        let id: RequestId = request.id;
        if let Ok(params) = serde_json::from_value(request.params) {
            return Response::new_ok(id, answer(self, &params));
        }
        let message = format!("these are no parameters of `{}`", request.method);
        Response::new_err(id, ErrorCode::InvalidParams as i32, message)
    }

    fn hover(&mut self, params: &HoverParams) -> Value {
        let at = &params.text_document_position_params;
        let encoding = self.encoding;
        let Some((session, path)) = self.document(&at.text_document.uri) else { return Value::Null };
        let hover = hover::hover(session, &path, at.position, encoding);
        serde_json::to_value(hover).unwrap_or_default()
    }

    fn code_action(&mut self, params: &CodeActionParams) -> Value {
        let encoding = self.encoding;
        let Some((session, path)) = self.document(&params.text_document.uri) else { return Value::Null };
        let only = params.context.only.as_deref();
        let found = actions::actions(session, &path, params.range, only, encoding);
        serde_json::to_value(found).unwrap_or_default()
    }

    fn document(&mut self, uri: &Uri) -> Option<(&mut Session, String)> {
        let (session, path) = self.places.get(uri.as_str())?.clone();
        Some((self.sessions.get_mut(session)?, path))
    }

    fn notification(&mut self, notification: Notification) {
        let start = Instant::now();
        let params = notification.params;
        match notification.method.as_str() {
            "textDocument/didOpen" => self.with(params, Self::opened),
            "textDocument/didChange" => self.with(params, Self::changed),
            "textDocument/didSave" => self.with(params, |server, params: DidSaveTextDocumentParams| {
                server.touched(&params.text_document.uri);
            }),
            "textDocument/didClose" => self.with(params, Self::closed),
            "workspace/didChangeWatchedFiles" => self.with(params, |server, params: DidChangeWatchedFilesParams| {
                for change in &params.changes {
                    server.touched(&change.uri);
                }
            }),
            _ => return,
        }
        (self.log)(&format!("{} took {} µs", notification.method, start.elapsed().as_micros()));
    }

    /// Does what a notification asks for; one that makes no sense asks for nothing.
    fn with<P: DeserializeOwned>(&mut self, params: Value, what: impl FnOnce(&mut Self, P)) {
        match serde_json::from_value(params) {
            Ok(params) => what(self, params),
            Err(_) => (self.log)("a notification makes no sense"),
        }
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = position::path(&document.uri) else { return };
        let Some((index, below)) = self.session(&path) else { return };
        self.places.insert(document.uri.as_str().to_owned(), (index, below.clone()));
        if let Some(session) = self.sessions.get_mut(index) {
            let affected = session.open(&below, document.uri, document.version, document.text);
            self.mark(index, affected);
        }
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let Some((index, path)) = self.places.get(params.text_document.uri.as_str()).cloned() else { return };
        let (version, encoding) = (params.text_document.version, self.encoding);
        if let Some(session) = self.sessions.get_mut(index) {
            let affected = session.change(&path, version, params.content_changes, encoding);
            self.mark(index, affected);
        }
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        let Some((index, path)) = self.places.remove(uri.as_str()) else { return };
        if let Some(session) = self.sessions.get_mut(index) {
            let affected = session.close(&path);
            self.mark(index, affected);
        }
        self.dirty.remove(&(index, path));
        self.publish(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None });
    }

    /// A file was saved, or changed by somebody else.
    fn touched(&mut self, uri: &Uri) {
        let Some(path) = position::path(uri) else { return };
        for index in 0..self.sessions.len() {
            let Some(session) = self.sessions.get_mut(index) else { continue };
            let Some(below) = session.host.below(&path) else { continue };
            let affected = if session.host.is_settings(&below) { self.again(index) } else { session.update(&below) };
            self.mark(index, affected);
        }
    }

    /// Finds a project anew, and takes its documents along.
    fn again(&mut self, index: usize) -> BTreeSet<String> {
        let Some(session) = self.sessions.get_mut(index) else { return BTreeSet::new() };
        let host = match (self.find)(session.host.folder()) {
            Ok(host) => host,
            // Half-written settings leave what was.
            Err(error) => {
                (self.log)(&error);
                return BTreeSet::new();
            }
        };
        let before = std::mem::replace(session, Session::new(host));
        let mut affected = BTreeSet::new();
        for (document, text) in before.into_documents() {
            let path = position::path(&document.uri).and_then(|path| session.host.below(&path));
            if let Some(path) = path {
                affected.extend(session.open(&path, document.uri, document.version, text));
            }
        }
        affected
    }

    /// The session for a file, found or made, and the file's path there.
    fn session(&mut self, path: &Path) -> Option<(usize, String)> {
        let known = self.sessions.iter().enumerate();
        let known = known.filter_map(|(index, session)| Some((index, session.host.below(path)?)));
        // Of roots inside each other the inner one is meant.
        if let Some(found) = known.min_by_key(|(_, below)| below.len()) {
            return Some(found);
        }
        let around =
            self.folders.iter().filter(|folder| path.starts_with(folder)).max_by_key(|it| it.as_os_str().len());
        let folder = around.map(PathBuf::as_path).or_else(|| path.parent())?;
        let start = Instant::now();
        match (self.find)(folder) {
            Ok(host) => {
                let below = host.below(path)?;
                self.sessions.push(Session::new(host));
                (self.log)(&format!("finding a project took {} µs", start.elapsed().as_micros()));
                Some((self.sessions.len() - 1, below))
            }
            Err(error) => {
                (self.log)(&error);
                None
            }
        }
    }

    fn mark(&mut self, index: usize, paths: BTreeSet<String>) {
        self.dirty.extend(paths.into_iter().map(|path| (index, path)));
    }

    /// Judges what changed, and tells it.
    fn judge(&mut self) {
        if self.dirty.is_empty() {
            return;
        }
        let start = Instant::now();
        let mut by_session: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (index, path) in std::mem::take(&mut self.dirty) {
            by_session.entry(index).or_default().insert(path);
        }
        for (index, paths) in by_session {
            let Some(session) = self.sessions.get_mut(index) else { continue };
            session.judge(&paths);
            let Some(session) = self.sessions.get(index) else { continue };
            for document in paths.iter().filter_map(|path| session.document(path)) {
                let diagnostics = diagnostics::of_document(session, document, self.encoding);
                let (uri, version) = (document.uri.clone(), Some(document.version));
                self.publish(PublishDiagnosticsParams { uri, diagnostics, version });
            }
        }
        (self.log)(&format!("judging took {} µs", start.elapsed().as_micros()));
    }

    fn publish(&self, params: PublishDiagnosticsParams) {
        let told = Notification::new("textDocument/publishDiagnostics".to_owned(), params);
        let _ = self.connection.sender.send(told.into());
    }
}
