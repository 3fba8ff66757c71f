//! Reads a file and all that it includes in the order in which sshd does, and puts each line where it belongs: into the
//! whole file, into a Match block, or among what has no effect.

use super::criteria::{self, Criterion};
use super::keys::kind;
use super::keywords::{Keyword, OF_PATCHES, WITHOUT_EFFECT};
use super::spelling::{canonical, nearest, short};
use super::syntax::{self, Line, Parsed, Statement, Word};
use super::values::{Arguments, Fault};
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::problem::Problem;
use crate::schema::KeyId;
use crate::text::{FileId, Loc, Span};
use crate::version::Version;
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many Match blocks are kept.
const MAX_BLOCKS: usize = 5_000;
/// How many lines without effect are told of, and how many problems.
pub(super) const MAX_TOLD: usize = 500;

/// A Match block.
pub(super) struct Block {
    pub(super) scope: ScopeId,
    /// Its own criteria, and those of the blocks that include its file.
    pub(super) criteria: Vec<Criterion>,
    /// Whether it is for everybody.
    pub(super) all: bool,
}

/// A value that another one keeps from having an effect.
pub(super) struct Lost {
    /// The block that it stands in.
    pub(super) block: Option<usize>,
    pub(super) key: KeyId,
    pub(super) node: Node,
}

/// A line that stands in a Match block, but less deep than the block's other lines.
pub(super) struct Suspect {
    pub(super) block: usize,
    pub(super) row: &'static Keyword,
    pub(super) node: Node,
    pub(super) at: Loc,
}

/// The reading of one configuration.
pub(super) struct Walk<'a, 'l> {
    pub(super) reader: &'a mut Reader<'l>,
    pub(super) query: &'a Query,
    pub(super) model: Model,
    pub(super) blocks: Vec<Block>,
    pub(super) lost: Vec<Lost>,
    pub(super) suspects: Vec<Suspect>,
    /// The arguments of lists of algorithms, by block, as they were read.
    pub(super) written: BTreeMap<(Option<usize>, &'static str), Node>,
    parsed: BTreeMap<FileId, Arc<Parsed>>,
    told: BTreeSet<Loc>,
    /// Why a line may stand before those that follow, which would then have no effect.
    wild: Option<Why>,
    /// The branch of a template that an Include stands in.
    pub(super) branch: Option<Why>,
    pub(super) includes: usize,
    pub(super) ignored: usize,
    retired: usize,
    pub(super) stopped: bool,
}

/// Where in a file the reading stands.
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) depth: usize,
    /// The block that the file's own includer is in.
    outer: Option<usize>,
    /// The block that lines stand in.
    pub(super) block: Option<usize>,
    /// The indentation of its Match line, and whether a line after it was deeper.
    indent: usize,
    deeper: bool,
}

/// The file scope, which every model begins with.
pub(super) const FILE: ScopeId = ScopeId(0);
/// The scope of everybody, which stands nowhere and sets nothing.
pub(super) const EVERYBODY: ScopeId = ScopeId(1);

impl<'a, 'l> Walk<'a, 'l> {
    /// Reads the configuration that starts with `file`.
    pub(super) fn run(reader: &'a mut Reader<'l>, query: &'a Query, file: FileId, mut model: Model) -> Self {
        let length = reader.source(file).text.len();
        let mut scope = Scope::new(kind::FILE, "", None, Loc::new(file, Span::default()));
        scope.extent = Span::new(0, length);
        model.push(scope);
        // The rest of the connections: what holds for everybody is judged as what a block sets is.
        let mut rest = Scope::new(kind::MATCH, "all", Some(FILE), Loc::new(file, Span::default()));
        rest.extent = Span::default();
        model.push(rest);
        let mut walk = Self {
            reader,
            query,
            model,
            blocks: Vec::new(),
            lost: Vec::new(),
            suspects: Vec::new(),
            written: BTreeMap::new(),
            parsed: BTreeMap::new(),
            told: BTreeSet::new(),
            wild: None,
            branch: None,
            includes: 0,
            ignored: 0,
            retired: 0,
            stopped: false,
        };
        walk.file(file, None, 0);
        walk
    }

    pub(super) fn file(&mut self, file: FileId, outer: Option<usize>, depth: usize) {
        let parsed = if let Some(parsed) = self.parsed.get(&file) {
            parsed.clone()
        } else {
            let parsed = Arc::new({
                let source = self.reader.source(file);
                syntax::parse(&source.path, &source.text)
            });
            self.parsed.insert(file, parsed.clone());
            parsed
        };
        let mut place = Place { file, depth, outer, block: outer, indent: 0, deeper: false };
        for line in &parsed.lines {
            if self.stopped {
                return;
            }
            match line {
                Line::Statement(statement) => self.statement(statement, &mut place),
                Line::TooLong(at) => {
                    let message = format!("the line has more than {} bytes, and is not read", syntax::MAX_LINE);
                    self.problem(Loc::new(file, *at), message);
                    self.open(None, &Why::Limit("a line is too long"));
                }
                Line::Anything { at, why, keyword } => self.anything(*at, why, keyword.as_deref(), &place),
            }
        }
        if let Some(at) = parsed.cut {
            let message = format!(
                "the file has more than {} lines or {} words; the rest is not read",
                syntax::MAX_LINES,
                syntax::MAX_WORDS
            );
            self.cut(Loc::new(file, at), message, &Why::Limit("a file has too many lines"));
        }
    }

    /// A line that a template writes.
    pub(super) fn anything(&mut self, at: Span, why: &Why, keyword: Option<&str>, place: &Place) {
        if let Some((row, _)) = keyword.and_then(canonical) {
            let at = Loc::new(place.file, at);
            self.set(place.block, row, Node::set(Value::Unknown(why.clone()), at));
        } else {
            self.wild = self.wild.take().or(Some(why.clone()));
            self.open(place.block, why);
        }
    }

    pub(super) fn open(&mut self, block: Option<usize>, why: &Why) {
        let scope = self.scope_of(block);
        for id in [FILE, scope] {
            if let Some(scope) = self.model.scope_mut(id) {
                scope.open.get_or_insert_with(|| why.clone());
            }
        }
    }

    pub(super) fn scope_of(&self, block: Option<usize>) -> ScopeId {
        block.and_then(|block| self.blocks.get(block)).map_or(FILE, |block| block.scope)
    }

    /// Tells a problem, once a place.
    pub(super) fn problem(&mut self, at: Loc, message: impl Into<String>) {
        if self.told.len() > MAX_TOLD || !self.told.insert(at) {
            return;
        }
        if self.told.len() > MAX_TOLD {
            return self.tell(at, format!("there are more than {MAX_TOLD} problems; the rest is not told"));
        }
        self.tell(at, message.into());
    }

    pub(super) fn tell(&mut self, at: Loc, message: String) {
        let path = self.reader.source(at.file).path.clone();
        self.model.problems.push(Problem { path, at: Some(at), message });
    }

    /// Tells that something is not read, however many problems were told before: the rest must not look clean.
    pub(super) fn cut(&mut self, at: Loc, message: String, why: &Why) {
        self.tell(at, message);
        self.open(None, why);
    }

    fn statement(&mut self, statement: &Statement, place: &mut Place) {
        let keyword_at = Loc::new(place.file, statement.keyword_at);
        let name = statement.keyword.to_ascii_lowercase();
        if statement.rest.at.range().is_empty() {
            self.problem(keyword_at, format!("`{}` has no argument: sshd does not start", short(&statement.keyword)));
            return;
        }
        if statement.unbalanced {
            let at = Loc::new(place.file, statement.rest.at);
            self.problem(at, "a quote is not closed: sshd does not start");
            return;
        }
        match name.as_str() {
            "match" => return self.block(statement, place),
            "include" => return self.include(statement, place),
            _ => {}
        }
        let Some((row, in_match)) = canonical(&name) else { return self.without_row(statement, &name, place) };
        if row.since > self.model.versions.newest {
            let Version([major, minor, _]) = row.since;
            let known =
                format!("`{}` came with OpenSSH {major}.{minor}: the sshd that is judged refuses it", row.spelling);
            self.problem(keyword_at, known);
            return;
        }
        if !self.allowed(row, in_match, statement, place) {
            return;
        }
        let in_match = place.block.is_some();
        let arguments = Arguments { row, statement, file: place.file, in_match, versions: self.model.versions };
        if arguments.is_empty() {
            return;
        }
        let node = match arguments.read() {
            Ok(node) => node,
            Err(Fault { at, message }) => {
                self.problem(Loc::new(place.file, at), message);
                let at = Loc::new(place.file, statement.arguments_at());
                Node::set(Value::Unknown(Why::Limit("sshd refuses the value")), at).named(keyword_at)
            }
        };
        let global = row.in_match.is_none();
        let block = if global { None } else { place.block };
        let node = self.branched(node, statement.condition.as_ref());
        if let Some(block) = block {
            place.deeper |= statement.indent > place.indent;
            if place.deeper && statement.indent <= place.indent && place.block != place.outer {
                let at = Loc::new(place.file, statement.at());
                self.suspects.push(Suspect { block, row, node: node.clone(), at });
            }
            self.extend(block, place.file, statement.at());
        }
        self.set(block, row, node);
    }

    /// Whether the keyword may stand where it does. `Match all` is active from the start, so that anything may.
    fn allowed(&mut self, row: &Keyword, in_match: bool, statement: &Statement, place: &Place) -> bool {
        let Some(block) = place.block.and_then(|block| self.blocks.get(block)) else { return true };
        let newest = self.model.versions.newest;
        if block.all || (in_match && row.in_match.is_some_and(|since| since <= newest)) {
            return true;
        }
        let label = self.model.scope(block.scope).map(|scope| short(&scope.label)).unwrap_or_default();
        let at = Loc::new(place.file, statement.keyword_at);
        let message = format!(
            "`{}` is not allowed in a Match block, here `Match {label}`: sshd does not start",
            statement.keyword
        );
        self.problem(at, message);
        false
    }

    /// Keywords that set nothing: those without effect, those of patched builds, and those that there are not.
    fn without_row(&mut self, statement: &Statement, name: &str, place: &Place) {
        let at = Loc::new(place.file, statement.keyword_at);
        if let Some((_, in_match)) = WITHOUT_EFFECT.iter().find(|(known, _)| *known == name) {
            let all = place.block.and_then(|block| self.blocks.get(block)).is_none_or(|block| block.all);
            if !in_match && !all {
                let message = format!("`{}` is not allowed in a Match block: sshd does not start", statement.keyword);
                self.problem(at, message);
            } else {
                self.retire(statement, place);
            }
            return;
        }
        if OF_PATCHES.contains(&name) {
            let inside = place.block.and_then(|block| self.blocks.get(block)).is_some_and(|block| !block.all);
            if name == "debianbanner" && inside {
                self.problem(at, "`DebianBanner` is not allowed in a Match block: sshd does not start");
                return;
            }
            let flag = |word: &Word| {
                word.known().is_none_or(|text| text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("no"))
            };
            if name == "debianbanner" && (statement.words.len() != 1 || !statement.words.iter().all(flag)) {
                self.problem(at, "`DebianBanner` takes `yes` or `no`: sshd does not start");
            }
            return;
        }
        if self.told.len() > MAX_TOLD {
            return;
        }
        let hint = nearest(name).map(|spelling| format!("; is it `{spelling}`?")).unwrap_or_default();
        let shown = short(&statement.keyword);
        self.problem(at, format!("sshd has no keyword `{shown}`, and does not start{hint}"));
    }

    /// Remembers a line that sshd passes over.
    fn retire(&mut self, statement: &Statement, place: &Place) {
        // A branch of a template may be there for versions that know it.
        if statement.condition.is_some() || self.branch.is_some() {
            return;
        }
        self.retired += 1;
        if self.retired > MAX_TOLD {
            return;
        }
        let at = |span| Loc::new(place.file, span);
        let keyword_at = at(statement.keyword_at);
        let parent = self.scope_of(place.block);
        let mut scope = Scope::new(kind::RETIRED, short(&statement.keyword), Some(parent), at(statement.at()));
        scope.label_at = keyword_at;
        let schema = self.model.format.schema;
        let words: Option<Vec<&str>> = statement.words.iter().map(Word::known).collect();
        let value =
            words.map_or_else(|| Value::Text(statement.rest.text.clone()), |words| Value::text(words.join(" ")));
        let value = Node::set(value, at(statement.arguments_at())).named(keyword_at);
        let keyword = Node::derived(Value::text(short(&statement.keyword)), keyword_at, vec![keyword_at]);
        for (name, node) in [("keyword", keyword), ("value", value)] {
            if let Some(key) = schema.key(kind::RETIRED, name) {
                scope.effective.set(key, node);
            }
        }
        self.model.push(scope);
    }

    /// The value as a branch of a template, or a line that a template may write before it, makes it.
    fn branched(&self, node: Node, condition: Option<&Why>) -> Node {
        match condition.or(self.branch.as_ref()).or(self.wild.as_ref()) {
            Some(why) => Node { value: Value::Unknown(why.clone()), ..node },
            None => node,
        }
    }

    /// The block reaches to the end of this line.
    fn extend(&mut self, block: usize, file: FileId, at: Span) {
        let scope = self.scope_of(Some(block));
        if let Some(scope) = self.model.scope_mut(scope)
            && scope.at.file == file
        {
            scope.extent = scope.extent.to(at);
        }
    }

    fn block(&mut self, statement: &Statement, place: &mut Place) {
        if self.blocks.len() >= MAX_BLOCKS {
            self.stopped = true;
            let at = Loc::new(place.file, statement.at());
            let message = format!("there are more than {MAX_BLOCKS} Match blocks; the rest is not read");
            return self.cut(at, message, &Why::Limit("there are too many Match blocks"));
        }
        let mut criteria = match criteria::read(statement, self.model.versions) {
            Ok(criteria) => criteria,
            Err(Fault { at, message }) => {
                self.problem(Loc::new(place.file, at), message);
                let why = Err(Why::Limit("sshd refuses the criterion"));
                vec![Criterion::Property { name: "", patterns: why }]
            }
        };
        if let Some(why) = statement.condition.as_ref().or(self.branch.as_ref()) {
            let patterns = Err(why.clone());
            criteria.push(Criterion::Property { name: "", patterns });
        }
        let own = self.reader.source(place.file).slice(statement.arguments_at()).to_owned();
        let mut label = own;
        if let Some(outer) = place.outer.and_then(|outer| self.blocks.get(outer)) {
            criteria.extend(outer.criteria.iter().cloned());
            let outer = self.model.scope(outer.scope).map(|scope| scope.label.to_string()).unwrap_or_default();
            label = format!("{outer} {label}");
        }
        let all = criteria.iter().all(|criterion| matches!(criterion, Criterion::All));
        let mut scope = Scope::new(kind::MATCH, label, Some(FILE), Loc::new(place.file, statement.at()));
        scope.label_at = Loc::new(place.file, statement.arguments_at());
        scope.open.clone_from(&self.wild);
        let scope = self.model.push(scope);
        place.block = Some(self.blocks.len());
        place.indent = statement.indent;
        place.deeper = false;
        self.blocks.push(Block { scope, criteria, all });
    }
}
