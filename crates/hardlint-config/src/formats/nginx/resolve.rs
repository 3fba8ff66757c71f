//! What nginx makes of a file: the scopes that it decides on, and what each of them sets.
//!
//! The statements are walked in the order in which nginx reads them, included files in their place, with a stack of our
//! own rather than by recursion. What rules ask beyond single directives is worked out afterwards, in `facts.rs`.

use super::accepts;
use super::around::Awaited;
use super::directives;
use super::include::{self, Found};
use super::site::Site;
use super::syntax::{Form, Statement, Tree};
use super::template;
use super::{blocks, choose, contained, facts, statements};
use crate::model::{Assumed, Model, Node, Scope, ScopeId, Str, Text, Value, Why};
use crate::private_keys;
use crate::problem::Problem;
use crate::text::{FileId, Loc, Source, Span};
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Statements of one configuration that are read, those of files that are included twice counted twice.
const MOST_STATEMENTS: usize = 300_000;
/// Blocks inside each other; nginx has no limit, people do.
const DEEPEST: usize = 128;
/// Files that are included, those that are included twice counted twice: so many, and so many more for each `include` that is
/// written. Each of ten files may include the next one three times.
const MOST_FILES: usize = 5_000;
const MOST_FILES_AN_INCLUDE: usize = 16;
/// Includes inside each other.
const MOST_INCLUDES: usize = 64;
/// Problems that are told of one configuration.
const MOST_PROBLEMS: usize = 50;

/// Where in a configuration a statement stands, as far as nginx tells places apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Main,
    Events,
    Http,
    Server,
    Location,
    ServerIf,
    LocationIf,
    LimitExcept,
    Upstream,
    /// `stream`, `mail` and all blocks in them.
    Stream,
}

/// How much of a run of statements is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    /// What it sets, and neither the blocks in it nor the sites that it includes.
    Settings,
}

/// A run of statements that is being read: a file, or a block in one.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) file: FileId,
    pub(super) source: Arc<Source>,
    pub(super) tree: Arc<Tree>,
    at: usize,
    end: usize,
    pub(super) scope: ScopeId,
    pub(super) place: Place,
    /// Whether the place is known, and not only guessed from what stands in a fragment.
    pub(super) sure: bool,
    /// How much of it is read.
    part: Part,
    /// Whether the frame is a whole file.
    file_begins: bool,
    /// Whether a template decides whether the frame is there at all.
    pub(super) conditional: bool,
}

/// The configuration that is being built.
pub(super) struct Build<'r, 'l> {
    pub(super) reader: &'r mut Reader<'l>,
    query: &'r Query,
    pub(super) model: Model,
    pub(super) site: Site,
    trees: BTreeMap<FileId, Arc<Tree>>,
    frames: Vec<Frame>,
    pub(super) main: Arc<str>,
    /// Whether the file is a main file, and not a fragment of one.
    pub(super) whole: bool,
    visited: usize,
    included: usize,
    /// Where an `include` is written that was met.
    includes: BTreeSet<Loc>,
    /// Patterns that name nothing at hand, until all is read.
    pub(super) awaited: Vec<Awaited>,
    /// Why the main context may hold more than is at hand.
    pub(super) beside_http: Option<Why>,
    /// What tells, in the end, whether nginx would start.
    pub(super) seen: accepts::Seen,
}

/// Resolves the file.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    let main = reader.source(file).path.clone();
    let mut build = Build {
        reader,
        query,
        model,
        site: Site::default(),
        trees: BTreeMap::new(),
        frames: Vec::new(),
        main,
        whole: false,
        visited: 0,
        included: 0,
        includes: BTreeSet::new(),
        awaited: Vec::new(),
        beside_http: None,
        seen: accepts::Seen::default(),
    };
    build.run(file);
    let Build { mut model, mut site, main, reader, .. } = build;
    // Where TLS is spoken, plain HTTP beside it is nobody's platform.
    let tls = site.listens.values().flatten().any(|(_, listen)| listen.tls);
    site.in_container = !query.isolated && contained::contained(reader, &main);
    site.unpublished = !query.isolated && !tls && contained::unpublished(reader, &main);
    facts::fill(&mut model, &mut site);
    choose::focus(&mut model, &site, query);
    model
}

/// The tree of a file.
pub(super) fn parse(source: &Source) -> Tree {
    Tree::parse(&source.text, template::is_template(&source.path))
}

impl Build<'_, '_> {
    fn run(&mut self, file: FileId) {
        let source = self.reader.source(file).clone();
        let tree = self.tree(file);
        let place = guess(&source.text, &tree);
        self.whole = place == Place::Main;
        let header = tree.statements.first().map_or(Span::default(), |first| header(&tree, first));
        let top = self.scope("file", "", None, Loc::new(file, Span::default()));
        let scope = self.implied(top, place, Loc::new(file, header));
        let end = tree.statements.len();
        self.site.whole = self.whole;
        self.frames.push(Frame {
            file,
            source,
            tree,
            at: 0,
            end,
            scope,
            place,
            sure: self.whole,
            part: Part::All,
            file_begins: true,
            conditional: false,
        });
        if place == Place::Http {
            self.around_site(scope);
        }
        self.walk();
        self.settle();
        accepts::finish(self);
    }

    /// The scopes around a fragment, which other files hold.
    fn implied(&mut self, top: ScopeId, place: Place, at: Loc) -> ScopeId {
        let missing = Assumed { what: Why::File("the file that includes this one".into()), overrules: false };
        let kinds: &[&str] = match place {
            Place::Main => &[],
            Place::Http => &["http"],
            Place::Server => &["http", "server"],
            Place::Stream => &["stream"],
            _ => &["http", "server", "location"],
        };
        let mut scope = top;
        for kind in kinds {
            scope = self.scope(kind, "", Some(scope), at);
            if let Some(made) = self.model.scope_mut(scope) {
                made.assumed = Some(missing.clone());
                if *kind != "http" && *kind != "stream" {
                    made.open = Some(missing.what.clone());
                }
            }
        }
        scope
    }

    pub(super) fn scope(&mut self, kind: &str, label: &str, parent: Option<ScopeId>, at: Loc) -> ScopeId {
        let kind = self.model.format.schema.kind_named(kind).unwrap_or(crate::schema::KindId(0));
        self.model.push(Scope::new(kind, label, parent, at))
    }

    pub(super) fn tree(&mut self, file: FileId) -> Arc<Tree> {
        if let Some(tree) = self.trees.get(&file) {
            return tree.clone();
        }
        let source = self.reader.source(file).clone();
        let tree = Arc::new(parse(&source));
        for fault in &tree.faults {
            self.problem(Loc::new(file, fault.span), fault.message.clone());
        }
        if let Some(cut) = tree.cut {
            self.problem(
                Loc::new(file, cut),
                "the file has more statements than are read; the rest was left out".into(),
            );
        }
        self.site.reads_client_certificate |= super::clients::reads_certificate(&source.text, &tree);
        self.trees.insert(file, tree.clone());
        tree
    }

    pub(super) fn problem(&mut self, at: Loc, message: String) {
        if self.model.problems.len() < MOST_PROBLEMS {
            let path = self.reader.source(at.file).path.clone();
            self.model.problems.push(Problem { path, at: Some(at), message });
        }
    }

    /// Marks a scope as one to which more may belong.
    pub(super) fn open(&mut self, scope: ScopeId, why: Why) {
        self.seen.hidden = true;
        if let Some(scope) = self.model.scope_mut(scope) {
            scope.open.get_or_insert(why);
        }
    }

    /// Notes that a file which is not at hand sets these directives, in a way that is not known.
    fn hide(&mut self, scope: ScopeId, names: &[&str], at: Loc, path: &Str) {
        for name in names {
            let unknown = Node::set(Value::Unknown(Why::File(path.clone())), at);
            statements::fact(self, scope, name, unknown);
        }
    }

    fn walk(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            let index = frame.at;
            let statement = frame.tree.statements.get(index).filter(|_| index < frame.end).cloned();
            let Some(statement) = statement else {
                self.frames.pop();
                continue;
            };
            frame.at = (statement.next as usize).max(index + 1);
            let frame = Frame { at: index, ..frame.clone() };
            self.visited += 1;
            if self.visited > MOST_STATEMENTS
                || self.included > MOST_FILES + MOST_FILES_AN_INCLUDE * self.includes.len()
            {
                let message = "the configuration has more statements or includes than are read; the rest was left out";
                self.problem(Loc::new(frame.file, statement.span), message.into());
                self.open(ScopeId(0), Why::Limit("the configuration is too large to be read in full"));
                self.open(frame.scope, Why::Limit("the configuration is too large to be read in full"));
                self.frames.clear();
                return;
            }
            if frame.tree.crossed || frame.tree.cut.is_some() {
                self.open(frame.scope, Why::Template("tags that cross blocks".into()));
            }
            self.statement(&frame, &statement);
        }
    }

    fn statement(&mut self, frame: &Frame, statement: &Statement) {
        let text = &frame.source.text;
        let words = frame.tree.words(statement);
        let Some(first) = words.first() else {
            let raw = text.get(statement.span.range()).unwrap_or_default();
            self.open(frame.scope, Why::Template(template::shorten(raw)));
            return;
        };
        let Text::Known(name) = first.text(text, frame.tree.template) else {
            let raw = text.get(first.span.range()).unwrap_or_default();
            self.open(frame.scope, Why::Template(template::shorten(raw)));
            return;
        };
        super::secrets::look(self, frame, statement, &name);
        match statement.form {
            Form::Simple if &*name == "include" => self.include(frame, statement),
            Form::Simple => {
                if accepts::statement(self, frame, statement, &name) {
                    statements::simple(self, frame, statement, &name);
                }
            }
            Form::Block(_) if frame.part == Part::Settings && !matches!(&*name, "map" | "geo" | "upstream") => {}
            Form::Block(brace) => {
                // What nginx refuses in its head does not hide what is in the block.
                accepts::statement(self, frame, statement, &name);
                accepts::entries(self, frame, statement, &name);
                let header = Span::new(statement.span.start as usize, brace as usize + 1);
                blocks::block(self, frame, statement, &name, header);
            }
            Form::Foreign => blocks::foreign(self, frame, statement, &name),
            Form::Inserted => {}
        }
    }

    /// Goes on with the statements of the block at `frame.at`.
    pub(super) fn enter(&mut self, frame: &Frame, statement: &Statement, scope: ScopeId, place: Place) {
        if self.frames.iter().filter(|frame| !frame.file_begins).count() >= DEEPEST {
            let header = header(&frame.tree, statement);
            self.problem(
                Loc::new(frame.file, header),
                format!("blocks stand more than {DEEPEST} deep; this one is not read"),
            );
            self.open(frame.scope, Why::Limit("blocks that stand too deep are not read"));
            return;
        }
        self.frames.push(Frame {
            at: frame.at + 1,
            end: statement.next as usize,
            scope,
            place,
            sure: true,
            file_begins: false,
            conditional: statement.condition.is_some(),
            ..frame.clone()
        });
    }

    fn include(&mut self, frame: &Frame, statement: &Statement) {
        let words = frame.tree.words(statement);
        let Some(target) = words.get(1) else {
            accepts::refuse(self, frame, statement, 0, "`include` takes one path".into());
            return;
        };
        let at = Loc::new(frame.file, target.place());
        if words.len() > 2 {
            let message = "`include` takes one path: a `;` is missing before this word".into();
            accepts::refuse(self, frame, statement, 2, message);
            return;
        }
        let Text::Known(pattern) = target.text(&frame.source.text, frame.tree.template) else {
            let raw = frame.source.text.get(target.span.range()).unwrap_or_default();
            self.open(frame.scope, Why::Template(template::shorten(raw)));
            return;
        };
        if statement.condition.is_some() {
            self.open(frame.scope, Why::Template(format!("include {pattern}").into()));
        }
        if frame.part == Part::Settings && crate::loader::folder(&pattern).ends_with("sites-enabled") {
            return;
        }
        match include::find(self.reader.loader, self.query, &self.main, self.whole, &pattern) {
            Found::Files { paths, dangling, guessed } => {
                if guessed {
                    self.assume(frame.scope, &pattern);
                }
                for path in dangling {
                    // The target may well be on the machine that the files are copied to, or were copied from.
                    self.hidden_file(frame, &path);
                }
                // The last one pushed is read first.
                for path in paths.iter().rev() {
                    self.include_file(frame, path, at, statement.condition.is_some());
                }
            }
            Found::Nothing => self.assume(frame.scope, &pattern),
            Found::Shipped => {}
            Found::Elsewhere if crate::loader::is_pattern(&pattern) => self.await_files(frame, &pattern),
            Found::Elsewhere => match include::sets(&pattern) {
                Some(names) => self.hide(frame.scope, names, at, &pattern),
                None => self.hidden_file(frame, &pattern),
            },
            Found::Missing => {
                self.problem(at, format!("`{pattern}` does not exist: nginx does not start without it"));
                match include::sets(&pattern) {
                    Some(names) => self.hide(frame.scope, names, at, &pattern),
                    None => self.hidden_file(frame, &pattern),
                }
            }
        }
    }

    /// Whether a file was read as a part of the configuration.
    pub(super) fn is_read(&self, file: FileId) -> bool {
        self.trees.contains_key(&file)
    }

    /// Whether the file is looked at by itself.
    pub(super) fn query_isolated(&self) -> bool {
        self.query.isolated
    }

    /// Statements that are read before the others.
    pub(super) fn push_settings(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    /// Whether it starts with a main file, and not a fragment.
    pub(super) fn whole(&self) -> bool {
        self.whole
    }

    /// Whether a file that a directive names lies below the root.
    pub(super) fn lies_in_tree(&self, path: &str) -> bool {
        let found = || include::find(self.reader.loader, self.query, &self.main, self.whole, path);
        // A machine is where keys belong.
        !self.query.on_machine() && !crate::loader::is_pattern(path) && matches!(found(), Found::Files { .. })
    }

    /// The file of the repository that is the private key which a directive names.
    pub(super) fn tracked_key(&self, path: &str) -> Option<String> {
        let asked = !self.query.on_machine() && !self.query.isolated && !crate::loader::is_pattern(path);
        let found = || private_keys::named(self.reader.loader, self.reader.memo, self.query, &self.main, path);
        asked.then(found).flatten()
    }

    /// Whether a file that a directive names may be read by everybody on the machine.
    pub(super) fn is_for_everybody(&self, path: &str) -> bool {
        if crate::loader::is_pattern(path) {
            return false;
        }
        match include::find(self.reader.loader, self.query, &self.main, self.whole, path) {
            Found::Files { paths, .. } => {
                paths.iter().any(|path| self.query.is_for_everybody(self.reader.loader, path))
            }
            _ => false,
        }
    }

    pub(super) fn assume(&mut self, scope: ScopeId, pattern: &str) {
        self.seen.hidden = true;
        if let Some(scope) = self.model.scope_mut(scope) {
            scope.assumed.get_or_insert(Assumed { what: Why::File(pattern.into()), overrules: false });
        }
    }

    fn include_file(&mut self, frame: &Frame, path: &str, at: Loc, conditional: bool) {
        let file = match self.reader.open(path, Some(at)) {
            Ok(file) => file,
            Err(error) => {
                self.problem(at, format!("`{path}` cannot be read: {error}"));
                self.open(frame.scope, Why::File(path.into()));
                return;
            }
        };
        // Files that a pattern names and that are not begun yet wait on the stack as well.
        let mut within = self.frames.iter().filter(|frame| frame.file_begins && frame.at > 0);
        if within.clone().any(|frame| frame.file == file) {
            self.problem(at, format!("`{path}` includes itself: nginx would never come to an end"));
            return;
        }
        if within.nth(MOST_INCLUDES).is_some() {
            self.problem(at, format!("includes stand more than {MOST_INCLUDES} deep; this one is not read"));
            self.open(frame.scope, Why::File(path.into()));
            return;
        }
        self.included += 1;
        self.includes.insert(at);
        let tree = self.tree(file);
        let end = tree.statements.len();
        self.frames.push(Frame {
            file,
            source: self.reader.source(file).clone(),
            tree,
            at: 0,
            end,
            scope: frame.scope,
            place: frame.place,
            sure: frame.sure,
            part: frame.part,
            file_begins: true,
            conditional: frame.conditional || conditional,
        });
    }
}

impl Frame {
    /// The statements of a block of `http`, of which only what it sets is read.
    pub(super) fn within(
        file: FileId,
        source: Arc<Source>,
        tree: Arc<Tree>,
        at: usize,
        end: usize,
        scope: ScopeId,
    ) -> Self {
        let place = Place::Http;
        Self {
            file,
            source,
            tree,
            at,
            end,
            scope,
            place,
            sure: true,
            part: Part::Settings,
            file_begins: true,
            conditional: false,
        }
    }

    /// The statement that is being read.
    pub(super) fn index(&self) -> usize {
        self.at
    }
}

impl Build<'_, '_> {
    /// What a word says, as a value.
    pub(super) fn value(frame: &Frame, word: super::syntax::Word) -> Value {
        Value::Text(word.text(&frame.source.text, frame.tree.template))
    }
}

/// The words of a statement.
pub(super) fn header(tree: &Tree, statement: &Statement) -> Span {
    match (tree.words(statement).first(), tree.words(statement).last()) {
        (Some(first), Some(last)) => first.whole().to(last.whole()),
        _ => statement.span,
    }
}

/// Where a file's own statements would stand: what they are tells.
pub(super) fn guess(text: &str, tree: &Tree) -> Place {
    let mut place = Place::Location;
    let mut any = false;
    for (index, statement) in tree.siblings(0, tree.statements.len()) {
        let Some(first) = tree.words(statement).first() else { continue };
        any = true;
        let name = first.spelt(text);
        let block = matches!(statement.form, Form::Block(_));
        match &*name {
            "http" | "events" | "stream" | "mail" if block => return Place::Main,
            "worker_processes" | "daemon" | "pid" | "user" | "load_module" | "master_process" | "pcre_jit" => {
                return Place::Main;
            }
            "server" if block && streams(text, tree, index) => return Place::Stream,
            "server" | "upstream" | "map" | "geo" | "split_clients" | "types" if block => place = Place::Http,
            "location" | "if" if block && place != Place::Http => place = Place::Server,
            name if !block && place == Place::Location => {
                let kinds = |wanted: &str| listed(name).is_some_and(|key| key.kinds.contains(&wanted));
                if listed(name).is_some() && !kinds("location") {
                    place = if kinds("server") { Place::Server } else { Place::Http };
                }
            }
            name if !block && place == Place::Server => {
                let only_http = listed(name).is_some_and(|key| key.kinds == ["http"]);
                place = if only_http { Place::Http } else { place };
            }
            _ => {}
        }
    }
    if any { place } else { Place::Main }
}

fn listed(name: &str) -> Option<&'static crate::schema::Key> {
    let keys = super::keys::SCHEMA.keys;
    let first = keys.partition_point(|key| key.name < name);
    keys.get(first).filter(|key| key.name == name && !key.fact && directives::find(name).is_some())
}

/// Whether a `server` block is one of `stream`: those pass connections on themselves.
fn streams(text: &str, tree: &Tree, index: usize) -> bool {
    let mut passes = false;
    for (_, statement) in tree.children(index) {
        let words = tree.words(statement);
        let name = words.first().map(|word| word.spelt(text)).unwrap_or_default();
        match &*name {
            "location" | "server_name" | "root" | "if" | "return" => return false,
            "proxy_pass" => passes = true,
            _ => {}
        }
    }
    passes
}
