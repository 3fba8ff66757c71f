//! One project, with the documents of it that are open.

use crate::Host;
use crate::position::Encoding;
use hardlint_config::loader::Overlay;
use hardlint_config::text::Source;
use hardlint_config::workspace::{Slot, Unit, Workspace};
use hardlint_lint::diagnostic::{Diagnostic, Edit, Report, Trouble};
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A project.
pub(crate) struct Session {
    pub(crate) host: Box<dyn Host>,
    /// What is known of its files; those that are open as they are written, the others as they were saved.
    slots: BTreeMap<Arc<str>, Slot>,
    /// The texts of open documents, by path.
    texts: BTreeMap<String, String>,
    open: BTreeMap<String, Document>,
}

/// A document that an editor has open.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    /// What was last told of it.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) problems: Vec<Trouble>,
}

impl Session {
    pub(crate) fn new(host: Box<dyn Host>) -> Self {
        let slots = host.files();
        Self { host, slots, texts: BTreeMap::new(), open: BTreeMap::new() }
    }

    pub(crate) fn document(&self, path: &str) -> Option<&Document> {
        self.open.get(path)
    }

    /// The text of an open document, to count places in.
    pub(crate) fn source(&self, path: &str) -> Option<Source> {
        self.texts.get(path).map(|text| Source::new(path, text.as_str()))
    }

    /// How the client calls a file.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        match self.open.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => crate::position::uri(&self.host.folder().join(path)),
        }
    }

    /// Takes a document in; gives the paths of all open documents of which something else may hold now.
    pub(crate) fn open(&mut self, path: &str, uri: Uri, version: i32, text: String) -> BTreeSet<String> {
        self.texts.insert(path.to_owned(), text);
        let document = Document { uri, version, findings: Vec::new(), problems: Vec::new() };
        self.open.insert(path.to_owned(), document);
        self.update(path)
    }

    /// Makes changes one after the other, as the protocol says.
    pub(crate) fn change(
        &mut self,
        path: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> BTreeSet<String> {
        let (Some(document), Some(text)) = (self.open.get_mut(path), self.texts.get_mut(path)) else {
            return BTreeSet::new();
        };
        document.version = version;
        for change in changes {
            let Some(range) = change.range else {
                *text = change.text;
                continue;
            };
            let source = Source::new(path, std::mem::take(text));
            let (start, end) = (encoding.offset(&source, range.start), encoding.offset(&source, range.end));
            *text = source.text;
            text.replace_range(start.min(end)..start.max(end), &change.text);
        }
        self.update(path)
    }

    /// Lets a document go: what was saved holds again.
    pub(crate) fn close(&mut self, path: &str) -> BTreeSet<String> {
        self.texts.remove(path);
        self.open.remove(path);
        self.update(path)
    }

    /// Looks at a file again.
    pub(crate) fn update(&mut self, path: &str) -> BTreeSet<String> {
        let open: BTreeSet<String> = self.open.keys().cloned().collect();
        let several = open.len() > 1 || !open.contains(path);
        let path: Arc<str> = path.into();
        self.work(|host, workspace| {
            let beside = |workspace: &Workspace<'_>| {
                let units = workspace.units().into_iter().filter(|unit| unit.files.contains(&path));
                units.flat_map(|unit| unit.files).filter(|path| open.contains(&**path)).collect::<Vec<_>>()
            };
            let mut affected = if several { beside(workspace) } else { Vec::new() };
            match workspace.loader.stat(&path) {
                Some(_) => {
                    let slot = host.look(workspace, &path);
                    workspace.insert(path.clone(), slot);
                }
                None => workspace.remove(&path),
            }
            if several {
                affected.extend(beside(workspace));
            }
            affected.extend(open.contains(&*path).then(|| path.clone()));
            affected.iter().map(ToString::to_string).collect()
        })
    }

    /// Judges what open documents belong to, and remembers what it says of each.
    pub(crate) fn judge(&mut self, documents: &BTreeSet<String>) {
        let report = self.work(|host, workspace| {
            let units = units_of(workspace, documents);
            host.linter().check_units(workspace, &units)
        });
        let Report { diagnostics, problems, .. } = report;
        for path in documents {
            let Some(document) = self.open.get_mut(path) else { continue };
            document.findings = diagnostics.iter().filter(|it| *it.primary.source.path == **path).cloned().collect();
            let here = |it: &&Trouble| it.at.as_ref().map_or(&*it.path, |at| &*at.source.path) == path.as_str();
            document.problems = problems.iter().filter(here).cloned().collect();
        }
    }

    /// Whether the edits end the finding and bring no problem and no other finding about: what an editor offers is sure to help.
    pub(crate) fn helps(&mut self, finding: &Diagnostic, edits: &[Edit]) -> bool {
        let mut texts = self.texts.clone();
        let mut paths = BTreeSet::from([finding.primary.source.path.to_string()]);
        for source in edits.iter().map(|edit| &edit.source) {
            let here = edits.iter().filter(|edit| edit.source.path == source.path);
            let here = here.map(|edit| (edit.span, edit.text.as_str()));
            let Some(text) = hardlint_config::formats::edit::apply(&source.text, here) else { return false };
            texts.insert(source.path.to_string(), text);
            paths.insert(source.path.to_string());
        }
        let before = std::mem::replace(&mut self.texts, texts);
        let slots = self.slots.clone();
        let report = self.work(|host, workspace| {
            for path in &paths {
                let path: Arc<str> = path.as_str().into();
                let slot = host.look(workspace, &path);
                workspace.insert(path, slot);
            }
            host.linter().check_units(workspace, &units_of(workspace, &paths))
        });
        (self.texts, self.slots) = (before, slots);
        let count = |findings: &[Diagnostic]| {
            findings.iter().filter(|it| it.rule == finding.rule && paths.contains(&*it.primary.source.path)).count()
        };
        let known = paths.iter().filter_map(|path| self.open.get(path));
        let (mut findings, mut problems) = (0, 0);
        for document in known {
            findings += count(&document.findings);
            problems += document.problems.len();
        }
        let same = |it: &Diagnostic| it.fingerprint == finding.fingerprint && it.primary.span == finding.primary.span;
        let gone = !report.diagnostics.iter().any(same) && count(&report.diagnostics) <= findings;
        gone && report.problems.iter().filter(|it| paths.contains(&*it.path)).count() <= problems
    }

    /// Works with all files, the texts of open documents laid over those that were saved.
    pub(crate) fn work<T>(&mut self, work: impl FnOnce(&dyn Host, &mut Workspace<'_>) -> T) -> T {
        let overlay = Overlay { below: self.host.loader(), texts: &self.texts };
        let slots = std::mem::take(&mut self.slots);
        let mut workspace = Workspace::with_slots(&overlay, self.host.query(), slots);
        let done = work(&*self.host, &mut workspace);
        self.slots = workspace.into_slots();
        done
    }

    /// The documents that are open, to be taken into another session of the same project.
    pub(crate) fn into_documents(self) -> Vec<(Document, String)> {
        let Self { open, mut texts, .. } = self;
        open.into_iter().filter_map(|(path, document)| Some((document, texts.remove(&path)?))).collect()
    }
}

/// The units that any of the files belongs to.
pub(crate) fn units_of(workspace: &Workspace<'_>, paths: &BTreeSet<String>) -> Vec<Unit> {
    let has = |unit: &Unit| unit.files.iter().any(|file| paths.contains(&**file));
    workspace.units().into_iter().filter(has).collect()
}
