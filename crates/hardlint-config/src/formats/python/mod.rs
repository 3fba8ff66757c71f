//! Works out what a module of Python binds, without running anything: of settings, and of what makes an application.
//!
//! An abstract interpreter over the small tree of [`crate::syntax::python`]: it follows assignments, imports within the
//! project, branches, simple functions and the common readers of the environment, and makes everything else
//! [`Py::Unknown`], naming why. A branch on something unknown is run both ways, and what the ways bind differently becomes
//! a choice. Nothing is executed, nothing outside the root is read, and steps, depth and sizes are bounded, so that the
//! time is linear in the text up to a fixed budget.

mod app_config;
mod apps;
mod assign;
mod branch;
mod builtin;
mod call;
mod convert;
mod dotenv;
mod doubt;
pub(crate) mod edit;
mod environment;
mod envlib;
mod expr;
mod files;
mod import;
mod into_globals;
mod journal;
mod json;
mod library;
pub(crate) mod literals;
mod methods;
mod numbers;
mod operators;
mod path;
mod pydantic;
mod raising;
mod repr;
mod sequences;
pub(crate) mod service;
mod stmt;
mod text;
mod url;
mod value;

use crate::loader::Git;
use crate::model::{Model, Origin, Str, Text, Why};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
pub(crate) use apps::{Apps, Call};
pub(crate) use call::Args;
pub(crate) use convert::{node, source_of};
pub(crate) use import::locate;
use journal::Frame;
pub(crate) use path::has_module;
pub(crate) use pydantic::{Field, Pydantic};
pub(crate) use repr::{origin_name, plain as plain_repr, repr, text as text_repr};
use service::Given;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
pub(crate) use value::{Dict, Kind, Lit, Lits, NOT_FOLLOWED, Obj, Outside, Py, Source, Space, Val, why_of};

/// Steps after which a module is given up: some hundred times what the largest known settings take.
const MAX_STEPS: u64 = 400_000;
/// Calls and imports inside each other.
const MAX_CALLS: usize = 24;
/// Expressions and blocks inside each other, calls included: what a small stack bears.
const MAX_DEPTH: usize = 140;
/// Elements of a list, and bytes of a text, that are still followed.
const MAX_SIZE: usize = 20_000;
const MAX_TEXT: usize = 1 << 20;
/// What is said when the budget is spent.
const SPENT: Why = Why::Limit("the module takes more steps than are followed");

/// An exception that is raised for certain.
#[derive(Clone, Debug)]
pub(crate) struct Raise {
    kind: Rc<str>,
    why: Why,
}

type Eval<T> = Result<T, Raise>;

/// An exception that may be raised.
#[derive(Clone, Debug)]
struct Maybe {
    kind: Rc<str>,
    when: Lits,
    /// Whether nothing was written before since the `try` began.
    clean: bool,
}

/// The state of an evaluation.
pub(crate) struct Interp<'r, 'l> {
    reader: &'r mut Reader<'l>,
    query: &'r Query,
    /// Variables that what runs the module sets.
    given: BTreeMap<String, Given>,
    pub(crate) heap: Vec<Obj>,
    pub(crate) spaces: Vec<Space>,
    frames: Vec<Frame>,
    /// The conditions that values depend on, as the code writes them.
    pub(crate) conds: Vec<Str>,
    cond_ids: BTreeMap<String, usize>,
    /// Those of them that ask whether a variable is set to anything.
    of_variables: BTreeSet<usize>,
    /// Code that is run more than once, or may be.
    repeated: BTreeSet<(FileId, u32, u32)>,
    /// What holds in the branch that is being run.
    assume: Vec<Lit>,
    /// The conditions of the alternative of a value that something is done to.
    picked: Vec<Lit>,
    modules: BTreeMap<String, usize>,
    steps: u64,
    calls: usize,
    depth: usize,
    /// How many `try` statements around would catch an exception.
    catching: usize,
    /// Whether an import that led here stands in such a `try`.
    caught_outside: bool,
    /// What modules that were imported may have raised, under conditions, and their namespaces.
    unsure: Vec<(Raise, usize)>,
    /// What a module raised that was just imported.
    raised: Option<Raise>,
    /// Exceptions that may be raised.
    maybe: Vec<Maybe>,
    /// The frame of the innermost `try`: what is written since it was opened may be written when an exception is raised.
    trying: usize,
    /// Whether a way that raised had written something, which is lost.
    forgot: bool,
    /// The condition that the statement of a `try` raises nothing of which it is not known whether it does.
    doubted: Option<usize>,
    /// Returns that happen under some condition, of each running function.
    returns: Vec<Vec<(Lits, Val)>>,
    /// The namespace that is being filled.
    space: usize,
    /// Variables that the code itself sets, by name.
    environ: usize,
    /// The conditions of the branches around what is being run.
    forks: Vec<Lit>,
    /// The applications that are made, where a program makes some.
    pub(crate) apps: Option<Apps>,
    /// Classes of pydantic of which instances are made.
    pub(crate) constructed: BTreeSet<usize>,
    /// Texts that were taken out of lists, by the list, and where.
    removed: Vec<(usize, Str, Loc)>,
    /// Faults of the files that were read, with their paths.
    pub(crate) faults: Vec<(Loc, String)>,
    /// Where variables were read, and where what was read is set.
    pub(crate) reads: RefCell<Vec<(Loc, Loc)>>,
    /// Variables that were read, and of which nothing is known; with a `*` at the end, all that begin so.
    pub(crate) asked: RefCell<BTreeSet<String>>,
}

/// Adds to facts that follow from variables where those are set, in whatever file: `reads` is [`Interp::reads`].
pub(crate) fn name_variables(model: &mut Model, reads: &[(Loc, Loc)]) {
    if reads.is_empty() {
        return;
    }
    for scope in &mut model.scopes {
        for node in scope.own.iter_mut() {
            let Origin::Derived(from) = &mut node.origin else { continue };
            let inside = |at: Loc| {
                let at = (at.file, at.span);
                from.iter().any(|it| it.file == at.0 && it.span.start <= at.1.start && at.1.end <= it.span.end)
            };
            let mut more: Vec<Loc> = reads.iter().filter(|(read, _)| inside(*read)).map(|(_, set)| *set).collect();
            more.retain(|at| !from.contains(at));
            more.dedup();
            if !more.is_empty() {
                *from = from.iter().copied().chain(more).collect();
            }
        }
    }
}

impl<'r, 'l> Interp<'r, 'l> {
    /// How many characters a secret has to have, for which `usual` is asked elsewhere.
    pub(crate) fn least_secret(&self, usual: usize) -> usize {
        self.query.least_secret(usual)
    }

    pub(crate) fn new(reader: &'r mut Reader<'l>, query: &'r Query, given: BTreeMap<String, Given>) -> Self {
        let mut interp = Self {
            reader,
            query,
            given,
            heap: Vec::new(),
            spaces: Vec::new(),
            frames: Vec::new(),
            conds: Vec::new(),
            cond_ids: BTreeMap::new(),
            of_variables: BTreeSet::new(),
            repeated: BTreeSet::new(),
            assume: Vec::new(),
            picked: Vec::new(),
            modules: BTreeMap::new(),
            steps: 0,
            calls: 0,
            depth: 0,
            catching: 0,
            caught_outside: false,
            unsure: Vec::new(),
            raised: None,
            maybe: Vec::new(),
            trying: 0,
            forgot: false,
            doubted: None,
            returns: Vec::new(),
            space: 0,
            environ: 0,
            forks: Vec::new(),
            apps: None,
            constructed: BTreeSet::new(),
            removed: Vec::new(),
            faults: Vec::new(),
            reads: RefCell::default(),
            asked: RefCell::default(),
        };
        interp.environ = interp.new_space(FileId(0), "", None);
        interp
    }

    /// Evaluates the module in `file`, and gives its namespace.
    pub(crate) fn run(&mut self, file: FileId) -> usize {
        let path = self.reader.source(file).path.clone();
        let space = self.load(&path, file);
        if self.steps > MAX_STEPS {
            self.open(space, SPENT);
        }
        space
    }

    fn new_space(&mut self, file: FileId, path: &str, outer: Option<usize>) -> usize {
        self.spaces.push(Space {
            vars: BTreeMap::new(),
            outer,
            file,
            path: path.into(),
            globals: Vec::new(),
            nonlocals: Vec::new(),
            open: None,
            assumed: None,
            bases: Vec::new(),
            class: None,
        });
        self.spaces.len() - 1
    }

    fn new_obj(&mut self, obj: Obj, at: Loc) -> Val {
        self.heap.push(obj);
        Val::literal(Py::Ref(self.heap.len() - 1), at)
    }

    fn new_list(&mut self, list: Vec<Val>, at: Loc) -> Val {
        if list.len() > MAX_SIZE {
            return Val::unknown(SPENT, at);
        }
        self.new_obj(Obj::List(Rc::new(list)), at)
    }

    fn new_dict(&mut self, entries: impl IntoIterator<Item = (Val, Val)>, at: Loc) -> Val {
        let mut dict = Dict::default();
        for (key, value) in entries {
            dict.set(key, value);
        }
        self.new_obj(Obj::Dict(Rc::new(dict)), at)
    }

    /// Counts work; `false` when the budget is spent.
    fn step(&mut self, cost: usize) -> bool {
        self.steps += cost as u64;
        self.steps <= MAX_STEPS
    }

    fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file(), span)
    }

    fn file(&self) -> FileId {
        self.spaces.get(self.space).map_or(FileId(0), |space| space.file)
    }

    /// The text of a place, on one line, for the name of a condition.
    fn excerpt(&self, at: Loc) -> String {
        let words: Vec<&str> = self.reader.slice(at).split_whitespace().take(40).collect();
        let mut text = words.join(" ");
        if let Some((cut, _)) = text.char_indices().nth(80) {
            text.truncate(cut);
            text.push('…');
        }
        text
    }

    /// The module around the namespace that is being filled.
    fn module_space(&self) -> usize {
        let mut at = self.space;
        while let Some(outer) = self.spaces.get(at).and_then(|space| space.outer) {
            at = outer;
        }
        at
    }

    /// Names may be bound in `space` that are not known, and what was bound may be otherwise.
    fn open(&mut self, space: usize, why: Why) {
        let names: Vec<Rc<str>> = match self.spaces.get(space) {
            Some(found) => found.vars.keys().filter(|name| is_setting(name)).cloned().collect(),
            None => return,
        };
        for name in names {
            if let Some(at) = self.spaces.get(space).and_then(|found| found.vars.get(&name)).map(|val| val.at) {
                self.set_var(space, &name, Val::unknown(why.clone(), at));
            }
        }
        if let Some(found) = self.spaces.get_mut(space) {
            found.open.get_or_insert(why);
        }
    }

    /// The text, if it is not too long to be followed.
    fn plain_text(text: Text, at: Loc) -> Val {
        let size = match &text {
            Text::Known(text) => text.len(),
            Text::Pieces(pieces) => pieces.len() * 64,
        };
        if size > MAX_TEXT { Val::unknown(SPENT, at) } else { Val::new(Py::Str(Rc::new(text)), at) }
    }
}

/// Whether a file is filled in by another program before Python reads it.
fn is_template(path: &str) -> bool {
    path.contains("{{")
        || [".j2", ".jinja2", ".jinja", ".tmpl", ".template", ".tpl", "-tpl"]
            .iter()
            .any(|ending| path.ends_with(ending))
}

/// Whether Django and Flask take a name as a setting: `str.isupper`.
pub(crate) fn is_setting(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

/// What the facts ask of an evaluation.
impl Interp<'_, '_> {
    /// The value, as far as each condition decides it: simple values, with their conditions.
    pub(crate) fn ways(&self, val: &Val) -> Vec<(Lits, Val)> {
        self.alts(val)
    }

    /// Whether the environment has to give a value, and nothing stands in for it: there is nothing here to judge.
    pub(crate) fn is_left_to_environment(&self, val: &Val) -> bool {
        let given = |val: &Val| matches!(val.source, Source::Environment(_)) && val.as_str().is_none();
        let ways = self.alts(val);
        ways.iter().any(|(_, val)| given(val)) && ways.iter().all(|(_, val)| given(val) || matches!(val.py, Py::None))
    }

    /// What iterating gives under each condition.
    pub(crate) fn items(&mut self, val: &Val) -> Vec<(Lits, Result<Vec<Val>, Why>)> {
        self.elements(val)
    }

    /// One of several values.
    pub(crate) fn either(&mut self, from: Vec<(Lits, Val)>, at: Loc) -> Val {
        self.choice(from, at)
    }

    pub(crate) fn truth_of(&self, val: &Val) -> Option<bool> {
        self.truthy(val)
    }

    /// The value of a literal.
    pub(crate) fn constant(&mut self, text: &str, at: Loc) -> Val {
        let steps = std::mem::take(&mut self.steps);
        let val = self.literal(text, at);
        self.steps = steps;
        val
    }

    pub(crate) fn condition_text(&self, when: &Lits) -> Str {
        convert::condition(self, when)
    }

    /// Where a text was taken out of a list.
    pub(crate) fn removal(&self, list: &Val, text: &str) -> Option<Loc> {
        let Py::Ref(id) = list.py else { return None };
        self.removed.iter().rev().find(|(from, what, _)| *from == id && **what == *text).map(|(.., at)| *at)
    }

    /// Whether a place is in a file that git tracks, or will with the next commit: one that it is not told to ignore.
    pub(crate) fn is_committed(&self, at: Loc) -> bool {
        self.reader.loader.git(&self.reader.source(at.file).path) != Git::Ignored
    }

    /// Whether this is what happens where no variable is set that is asked for.
    pub(crate) fn is_unset(&self, when: &Lits) -> bool {
        let unset = |lit: &Lit| {
            let named = || self.conds.get(lit.cond).is_some_and(|text| text.ends_with("` is set"));
            !lit.holds && (self.of_variables.contains(&lit.cond) || named())
        };
        !when.is_empty() && when.iter().all(unset)
    }

    /// The way that a value takes where no variable is set that it may come from.
    pub(crate) fn stand_in_of(&self, val: &Val) -> Option<Val> {
        let ways = self.alts(val);
        let given = ways.iter().any(|(_, val)| matches!(val.source, Source::Environment(_)));
        let found = ways.into_iter().find(|(when, val)| match val.source {
            Source::EnvironmentDefault(_) => true,
            Source::Literal => given && self.is_unset(when),
            _ => false,
        });
        found.map(|(_, val)| val)
    }

    /// A file that was read.
    pub(crate) fn source(&self, file: FileId) -> std::sync::Arc<crate::text::Source> {
        self.reader.source(file).clone()
    }

    /// A name of a class, or of what it inherits from.
    pub(crate) fn member_of(&self, class: usize, name: &str) -> Option<Val> {
        self.member(class, name, 0)
    }
}

impl Interp<'_, '_> {
    /// The objects that a reference may stand for.
    pub(crate) fn objects(&self, id: usize) -> Vec<(Lits, Obj)> {
        self.contents(id)
    }
}
