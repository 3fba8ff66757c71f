//! What notifications tell: documents that come, change and go, files that others change, folders and settings.

use super::Server;
use crate::session::Buffer;
use lsp_server::Notification;
use lsp_types::{
    CreateFilesParams, DeleteFilesParams, DidChangeConfigurationParams, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    PublishDiagnosticsParams, RenameFilesParams, Uri,
};
use std::str::FromStr;

impl Server<'_> {
    /// Takes in what a notification tells; whether it was one of interest.
    pub(super) fn noted(&mut self, notification: Notification) -> bool {
        let params = notification.params;
        match notification.method.as_str() {
            "textDocument/didOpen" => self.with(params, Self::opened),
            "textDocument/didChange" => self.with(params, Self::changed),
            "textDocument/didSave" => self.with(params, |server, params: DidSaveTextDocumentParams| {
                server.touched(&[(params.text_document.uri, false)]);
            }),
            "textDocument/didClose" => self.with(params, Self::closed),
            "workspace/didChangeWatchedFiles" => self.with(params, |server, params: DidChangeWatchedFilesParams| {
                // A change may be one of the rights, too.
                server.touched(&params.changes.into_iter().map(|it| (it.uri, true)).collect::<Vec<_>>());
            }),
            "workspace/didCreateFiles" => self.with(params, |server, params: CreateFilesParams| {
                server.moved(params.files.iter().map(|file| file.uri.as_str()));
            }),
            "workspace/didRenameFiles" => self.with(params, |server, params: RenameFilesParams| {
                server.moved(params.files.iter().flat_map(|file| [file.old_uri.as_str(), file.new_uri.as_str()]));
            }),
            "workspace/didDeleteFiles" => self.with(params, |server, params: DeleteFilesParams| {
                server.moved(params.files.iter().map(|file| file.uri.as_str()));
            }),
            "workspace/didChangeWorkspaceFolders" => {
                self.with(params, |server, params| server.folders_changed(&params));
            }
            "workspace/didChangeConfiguration" => {
                self.with(params, |server, params: DidChangeConfigurationParams| {
                    // Clients that are to be asked say nothing here.
                    if params.settings.is_null() && server.client.configuration {
                        server.ask_settings();
                    } else {
                        server.configure(&params.settings);
                    }
                });
            }
            _ => return false,
        }
        true
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        self.house(Buffer { uri: document.uri, version: document.version, text: document.text });
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let uri = &params.text_document.uri;
        let (version, encoding) = (params.text_document.version, self.client.encoding);
        if let Some(mut buffer) = self.homeless.remove(uri.as_str()) {
            buffer.change(version, params.content_changes, encoding);
            return self.house(buffer);
        }
        let Some((id, path)) = self.places.get(uri.as_str()).cloned() else { return };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.change(&path, uri, version, params.content_changes, encoding);
        }
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.homeless.remove(uri.as_str());
        let Some((id, path)) = self.places.remove(uri.as_str()) else { return };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.close(&path, &uri);
        }
        self.told.remove(uri.as_str());
        if !self.client.pulls {
            self.publish(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None });
        }
        self.drop_unused();
    }

    /// Files that came or went.
    fn moved<'u>(&mut self, uris: impl Iterator<Item = &'u str>) {
        let uris: Vec<(Uri, bool)> = uris.filter_map(|uri| Some((Uri::from_str(uri).ok()?, true))).collect();
        self.touched(&uris);
    }
}
