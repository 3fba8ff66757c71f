//! The documents that an editor has open: each file once, by however many names.

use super::Session;
use crate::position::Encoding;
use hardlint_config::reads::Change;
use hardlint_config::text::Source;
use hardlint_lint::diagnostic::{Diagnostic, Trouble};
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use std::mem::replace;

/// What an editor has open by one name.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: String,
}

impl Buffer {
    /// Makes changes one after the other, as the protocol says.
    pub(crate) fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        self.version = version;
        apply(&mut self.text, changes, encoding);
    }
}

/// A document that an editor has open.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The name by which it was last opened, written in, or asked about.
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    /// What it is open as besides: a folder that is a link gives its files a second name, and the editor a second text.
    others: Vec<Buffer>,
    /// What was last found in it.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) problems: Vec<Trouble>,
}

impl Document {
    /// All names that it is open by, with the versions.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&Uri, i32)> {
        let others = self.others.iter().map(|it| (&it.uri, it.version));
        std::iter::once((&self.uri, self.version)).chain(others)
    }
}

impl Session {
    /// Takes a document in.
    pub(crate) fn open(&mut self, path: &str, buffer: Buffer) {
        let whole = self.host.loader().stat(path).is_none();
        let Buffer { uri, version, text } = buffer;
        let text = self.texts.insert(path.to_owned(), text);
        if let (Some(document), Some(text)) = (self.open.get_mut(path), text) {
            document.others.retain(|it| it.uri != uri);
            let (uri, version) = (replace(&mut document.uri, uri), replace(&mut document.version, version));
            if uri != document.uri {
                document.others.push(Buffer { uri, version, text });
            }
        } else {
            let document = Document { uri, version, others: Vec::new(), findings: Vec::new(), problems: Vec::new() };
            self.open.insert(path.to_owned(), document);
        }
        self.changed(&[Change { path: path.to_owned(), whole }]);
    }

    /// Takes a document as it is by one of its names: that of the text that is in front of its user.
    pub(crate) fn turn(&mut self, path: &str, uri: &Uri) {
        let (Some(document), Some(text)) = (self.open.get_mut(path), self.texts.get_mut(path)) else { return };
        let Some(index) = document.others.iter().position(|it| it.uri == *uri) else { return };
        let other = document.others.swap_remove(index);
        let differs = *text != other.text;
        let before = Buffer {
            uri: replace(&mut document.uri, other.uri),
            version: replace(&mut document.version, other.version),
            text: replace(text, other.text),
        };
        document.others.push(before);
        if differs {
            self.changed(&[Change { path: path.to_owned(), whole: false }]);
        }
    }

    /// Makes changes to a document.
    pub(crate) fn change(
        &mut self,
        path: &str,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        self.turn(path, uri);
        let (Some(document), Some(text)) = (self.open.get_mut(path), self.texts.get_mut(path)) else { return };
        document.version = version;
        apply(text, changes, encoding);
        self.changed(&[Change { path: path.to_owned(), whole: false }]);
    }

    /// Lets a document go by one of its names: with the last, what was saved holds again.
    pub(crate) fn close(&mut self, path: &str, uri: &Uri) {
        let Some(document) = self.open.get_mut(path) else { return };
        if document.uri != *uri {
            document.others.retain(|it| it.uri != *uri);
            return;
        }
        let whole = if let Some(Buffer { uri, version, text }) = document.others.pop() {
            (document.uri, document.version) = (uri, version);
            self.texts.insert(path.to_owned(), text);
            false
        } else {
            self.texts.remove(path);
            self.open.remove(path);
            self.host.loader().stat(path).is_none()
        };
        self.changed(&[Change { path: path.to_owned(), whole }]);
    }

    /// What is open, to be taken into another session of the same project.
    pub(crate) fn into_buffers(self) -> Vec<Buffer> {
        let Self { open, mut texts, .. } = self;
        let buffers = open.into_iter().flat_map(|(path, document)| {
            let Document { uri, version, mut others, .. } = document;
            // The one in front comes last, as it was.
            others.extend(texts.remove(&path).map(|text| Buffer { uri, version, text }));
            others
        });
        buffers.collect()
    }
}

fn apply(text: &mut String, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
    for change in changes {
        let Some(range) = change.range else {
            *text = change.text;
            continue;
        };
        let source = Source::new("", std::mem::take(text));
        let (start, end) = (encoding.offset(&source, range.start), encoding.offset(&source, range.end));
        *text = source.text;
        text.replace_range(start.min(end)..start.max(end), &change.text);
    }
}
