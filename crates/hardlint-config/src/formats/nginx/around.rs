//! What stands around what is at hand: files that the machine alone has, and the `http` block that a site will lie in.

use super::include;
use super::resolve::{Build, Frame, Place, guess};
use super::statements;
use super::syntax::Form;
use crate::loader;
use crate::model::{Node, ScopeId, Value, Why};
use crate::schema::KindId;
use crate::text::{FileId, Loc, Span};

/// A pattern that names nothing at hand, and the scope that what it names belongs to.
pub(super) struct Awaited {
    scope: ScopeId,
    place: Place,
    pattern: Box<str>,
}

/// The scope of the main context.
const FILE: ScopeId = ScopeId(0);

impl Build<'_, '_> {
    /// Notes that a pattern names nothing that is at hand.
    pub(super) fn await_files(&mut self, frame: &Frame, pattern: &str) {
        self.awaited.push(Awaited { scope: frame.scope, place: frame.place, pattern: pattern.into() });
    }

    /// Notes that a file which is not at hand belongs to a scope.
    pub(super) fn hidden_file(&mut self, frame: &Frame, path: &str) {
        if frame.place == Place::Main && frame.sure {
            self.seen.hidden = true;
            self.beside_http.get_or_insert(Why::File(path.into()));
        } else {
            self.open(frame.scope, Why::File(path.into()));
        }
    }

    /// Decides, once all is read, what may be in files that are not at hand.
    pub(super) fn settle(&mut self) {
        for Awaited { scope, place, pattern } in std::mem::take(&mut self.awaited) {
            if !self.has_fitting_neighbour(place, &pattern) {
                self.assume(scope, &pattern);
            } else if place == Place::Main && self.whole {
                self.seen.hidden = true;
                self.beside_http.get_or_insert(Why::File((&*pattern).into()));
            } else {
                self.open(scope, Why::File((&*pattern).into()));
            }
        }
        let Some(why) = self.beside_http.take() else { return };
        let http = self.model.format.schema.kind_named("http");
        if !self.model.scopes.iter().any(|scope| Some(scope.kind) == http) {
            self.open(FILE, why);
            return;
        }
        // nginx takes one `http` block, so that only what stands beside it can come from elsewhere.
        let Some(kind) = self.model.scope(FILE).map(|scope| scope.kind) else { return };
        for name in beside_http(self, kind) {
            let unknown = Node::set(Value::Unknown(why.clone()), Loc::new(FileId(0), Span::default()));
            let at = self.model.scope(FILE).map_or(unknown.at, |scope| scope.at);
            statements::fact(self, FILE, name, Node { at, ..unknown });
        }
    }

    /// Whether a file that the pattern would fit lies beside the main one, in whose folder the image puts the others:
    /// then that is probably what the pattern means. What is included by another line, what comes with nginx, and what
    /// cannot stand there is not.
    fn has_fitting_neighbour(&mut self, place: Place, pattern: &str) -> bool {
        let name = loader::name(pattern);
        let Some(beside) = loader::join(loader::folder(&self.main), name) else { return false };
        let found = loader::glob(self.reader.loader, &beside);
        let others = found.into_iter().filter(|path| **path != *self.main && !include::is_shipped(path));
        others.collect::<Vec<_>>().into_iter().any(|path| {
            let Ok(file) = self.reader.open(&path, None) else { return true };
            if self.is_read(file) {
                return false;
            }
            let source = self.reader.source(file).clone();
            let tree = super::resolve::parse(&source);
            match guess(&source.text, &tree) {
                Place::Main => tree.statements.is_empty(),
                Place::Http | Place::Server | Place::Stream => place != Place::Main,
                _ => true,
            }
        })
    }

    /// Reads what the `http` block beside a site sets, where the site lies in a folder from which that takes those that
    /// are linked elsewhere: a site that nobody linked yet will be read there.
    pub(super) fn around_site(&mut self, scope: ScopeId) {
        let Some((file, index)) = self.main_of_site() else { return };
        let source = self.reader.source(file).clone();
        let tree = self.tree(file);
        let Some(end) = tree.statements.get(index).map(|http| http.next as usize) else { return };
        self.push_settings(Frame::within(file, source, tree, index + 1, end, scope));
    }

    /// The main file above a folder of sites that are there to be linked, and its `http` block.
    fn main_of_site(&mut self) -> Option<(FileId, usize)> {
        let folder = loader::folder(&self.main);
        if loader::name(folder) != "sites-available" || self.query_isolated() {
            return None;
        }
        let above = loader::folder(folder);
        self.reader.loader.stat(&loader::join(above, "sites-enabled")?)?;
        let path = loader::join(above, "nginx.conf")?;
        self.reader.loader.stat(&path)?;
        let file = self.reader.open(&path, None).ok()?;
        let source = self.reader.source(file).clone();
        let tree = self.tree(file);
        let mut top = tree.siblings(0, tree.statements.len());
        let (index, _) = top.find(|(_, statement)| {
            let first = tree.words(statement).first();
            matches!(statement.form, Form::Block(_)) && first.is_some_and(|word| word.spelt(&source.text) == "http")
        })?;
        Some((file, index))
    }
}

/// The directives of the main context that nothing sets.
fn beside_http(build: &Build<'_, '_>, kind: KindId) -> Vec<&'static str> {
    let schema = build.model.format.schema;
    let Some(file) = build.model.scope(FILE) else { return Vec::new() };
    let keys = schema.keys.iter().filter(|key| !key.fact && key.kinds.contains(&"file"));
    keys.map(|key| key.name)
        .filter(|name| schema.key(kind, name).is_some_and(|key| file.own.get(key).is_none()))
        .collect()
}
