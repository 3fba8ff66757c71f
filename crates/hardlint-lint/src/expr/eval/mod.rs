//! Evaluates expressions over a model: to a value or a truth, with the evidence for it.
//!
//! Evidence is kept on one stack: whoever asks a part remembers how high it was before, and takes off what turned out
//! not to matter. The same holds for the reasons of what is unknown. A truth that is known leaves no reasons.

mod compare;
mod lists;
mod settings;

use self::settings::{Found, NoScope};
use super::index::Index;
use super::ir::{Ir, Where};
use super::parse::Binary;
use super::value::{Bound, Entries, Item, Items, List, Map, Mark, MarkKind, Ones, Truth, V, What};
use hardlint_config::model::{Model, Node, Origin, ScopeId, Text, Value, Why};
use hardlint_config::schema::{KeyId, KindId};
use std::borrow::Cow;
use std::rc::Rc;

/// How many elements the lists of one evaluation may have together, walks within walks multiplied.
const MAX_STEPS: u32 = 100_000;
/// How many elements may be walked for one rule in one model.
const MAX_STEPS_A_MODEL: u32 = 2_000_000;
/// How many combinations of the branches of choices are tried.
const MAX_COMBINATIONS: u32 = 64;

const BUDGET: &str = "the lists that the rule walks through are too long together";

/// Evaluates over one model.
pub(crate) struct Evaluator<'a> {
    pub(crate) model: &'a Model,
    index: &'a Index,
    this: ScopeId,
    /// The evidence for what was evaluated last.
    pub(crate) marks: Vec<Mark<'a>>,
    /// Which of several that evidence is for.
    pub(crate) ones: Ones<'a>,
    /// Whether all parts of an `||` are asked, and not only those up to the first that holds.
    all_parts: bool,
    /// Why what was evaluated last is unknown.
    pub(crate) whys: Vec<Why>,
    vars: Vec<Option<Bound<'a>>>,
    steps: u32,
    steps_of_all: u32,
    /// Choices whose branch is taken as given, by address.
    fixed: Vec<(usize, usize)>,
    /// The first choice that was met and is not fixed.
    met: Option<&'a Node>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(model: &'a Model, index: &'a Index) -> Self {
        Self {
            model,
            index,
            this: ScopeId(0),
            marks: Vec::new(),
            ones: Ones::default(),
            all_parts: false,
            whys: Vec::new(),
            vars: Vec::new(),
            steps: 0,
            steps_of_all: 0,
            fixed: Vec::new(),
            met: None,
        }
    }

    /// Begins the budget of another rule.
    pub(crate) fn next_rule(&mut self) {
        self.steps_of_all = 0;
    }

    /// The truth of `ir` for a scope; [`Self::marks`] and [`Self::whys`] are its evidence and reasons.
    pub(crate) fn judge(&mut self, this: ScopeId, ir: &'a Ir) -> Truth {
        let mut left = MAX_COMBINATIONS;
        self.this = this;
        self.ones.clear();
        self.decide(ir, &mut left)
    }

    /// The same with the evidence of all parts of an `||` that hold.
    pub(crate) fn judge_all(&mut self, this: ScopeId, ir: &'a Ir) -> Truth {
        self.all_parts = true;
        let truth = self.judge(this, ir);
        self.all_parts = false;
        truth
    }

    /// The value of `ir` for a scope, as messages print it.
    pub(crate) fn evaluate(&mut self, this: ScopeId, ir: &'a Ir) -> V<'a> {
        self.begin();
        self.this = this;
        self.value(ir)
    }

    fn begin(&mut self) {
        self.marks.clear();
        self.whys.clear();
        self.steps = 0;
        self.met = None;
    }

    /// Tries the branches of the first choice that kept the truth unknown: what all of them say, holds.
    fn decide(&mut self, ir: &'a Ir, left: &mut u32) -> Truth {
        self.begin();
        let truth = self.truth(ir);
        let Some(node) = self.met.filter(|_| truth == Truth::Unknown) else { return truth };
        let Value::Choice(branches) = &node.value else { return truth };
        let (marks, whys) = (std::mem::take(&mut self.marks), std::mem::take(&mut self.whys));
        let mut common: Option<Truth> = None;
        let mut evidence: Vec<Mark<'a>> = Vec::new();
        for branch in 0..branches.len() {
            *left = left.saturating_sub(1);
            self.fixed.push((address(node), branch));
            let verdict = if *left == 0 { Truth::Unknown } else { self.decide(ir, left) };
            self.fixed.pop();
            evidence.append(&mut self.marks);
            if verdict == Truth::Unknown || common.is_some_and(|common| common != verdict) {
                (self.marks, self.whys) = (marks, whys);
                return Truth::Unknown;
            }
            common = Some(verdict);
        }
        self.marks = evidence;
        self.whys.clear();
        common.unwrap_or(Truth::Unknown)
    }

    /// The truth of an expression.
    fn truth(&mut self, ir: &'a Ir) -> Truth {
        match ir {
            Ir::Bool(known) => Truth::from(*known),
            Ir::Not(inner) => !self.truth(inner),
            Ir::And(parts) => self.joined(parts, Truth::No),
            Ir::Or(parts) => self.joined(parts, Truth::Yes),
            Ir::If(parts) => self.truth_if(parts),
            Ir::Has(inner) => self.has(inner),
            Ir::Binary(operator, sides)
                if !matches!(
                    operator,
                    Binary::Plus | Binary::Minus | Binary::Times | Binary::Over | Binary::Modulo
                ) =>
            {
                self.compare(*operator, sides)
            }
            Ir::In(sides) => self.is_in(sides),
            Ir::StartsWith(sides) => self.text_truth(sides, compare::TextQuestion::StartsWith),
            Ir::EndsWith(sides) => self.text_truth(sides, compare::TextQuestion::EndsWith),
            Ir::Contains(sides) => self.text_truth(sides, compare::TextQuestion::Contains),
            Ir::Matches(text, pattern) => self.matches(text, pattern),
            Ir::Walk(walk, list, slot, inner) if lists::is_question(*walk) => self.walk(*walk, list, *slot, inner),
            other => match self.value(other) {
                V::Bool(known) => Truth::from(known),
                V::Unknown(why) => self.unknown(&why),
                _ => self.unknown(&Why::Limit("a value has another type than the rule expects")),
            },
        }
    }

    fn unknown(&mut self, why: &Why) -> Truth {
        self.whys.push(why.clone());
        Truth::Unknown
    }

    /// The truth of an expression, as a value.
    fn truth_value(&mut self, ir: &'a Ir) -> V<'a> {
        let before = self.whys.len();
        match self.truth(ir) {
            Truth::Yes => V::Bool(true),
            Truth::No => V::Bool(false),
            Truth::Unknown => {
                let first = self.whys.drain(before..).next();
                V::Unknown(Rc::new(first.unwrap_or(Why::Limit(BUDGET))))
            }
        }
    }

    /// `&&`, where a no is decisive, and `||`, where a yes is.
    fn joined(&mut self, parts: &'a [Ir], decisive: Truth) -> Truth {
        let (marks, whys) = (self.marks.len(), self.whys.len());
        if self.all_parts && decisive == Truth::Yes {
            return self.any(parts);
        }
        let mut unknown = false;
        for part in parts {
            let before = self.marks.len();
            let truth = self.truth(part);
            if truth == decisive {
                self.marks.drain(marks..before);
                self.whys.truncate(whys);
                return decisive;
            }
            unknown |= truth == Truth::Unknown;
        }
        if unknown { Truth::Unknown } else { !decisive }
    }

    /// `||`, with the evidence of each part that holds.
    fn any(&mut self, parts: &'a [Ir]) -> Truth {
        let (marks, whys) = (self.marks.len(), self.whys.len());
        let (mut truth, mut held) = (Truth::No, Vec::new());
        for part in parts {
            let before = self.marks.len();
            match self.truth(part) {
                Truth::Yes => {
                    let mut found = self.marks.split_off(before);
                    self.ones.add(parts.as_ptr().addr(), What::Part, &mut found);
                    held.append(&mut found);
                    truth = Truth::Yes;
                }
                Truth::Unknown if truth == Truth::No => truth = Truth::Unknown,
                _ => {}
            }
        }
        if truth == Truth::Yes {
            self.marks.truncate(marks);
            self.whys.truncate(whys);
            self.marks.append(&mut held);
        }
        truth
    }

    fn truth_if(&mut self, parts: &'a (Ir, Ir, Ir)) -> Truth {
        let (marks, whys) = (self.marks.len(), self.whys.len());
        match self.truth(&parts.0) {
            Truth::Yes => self.truth(&parts.1),
            Truth::No => self.truth(&parts.2),
            Truth::Unknown => {
                let before = self.marks.len();
                let (yes, no) = (self.truth(&parts.1), self.truth(&parts.2));
                if yes == no && yes != Truth::Unknown {
                    self.marks.drain(marks..before);
                    self.whys.truncate(whys);
                    return yes;
                }
                Truth::Unknown
            }
        }
    }

    fn value_if(&mut self, parts: &'a (Ir, Ir, Ir)) -> V<'a> {
        let (marks, whys) = (self.marks.len(), self.whys.len());
        match self.truth(&parts.0) {
            Truth::Yes => self.value(&parts.1),
            Truth::No => self.value(&parts.2),
            Truth::Unknown => {
                let why = self.whys.drain(whys..).next();
                let before = self.marks.len();
                let (yes, no) = (self.value(&parts.1), self.value(&parts.2));
                let equal = self.equal(&yes, &no, 0);
                self.whys.truncate(whys);
                if equal == Truth::Yes {
                    self.marks.drain(marks..before);
                    return yes;
                }
                V::Unknown(Rc::new(why.unwrap_or(Why::Limit(BUDGET))))
            }
        }
    }

    /// Whether something is there; it, or its absence, is the evidence.
    fn has(&mut self, ir: &'a Ir) -> Truth {
        match ir {
            Ir::Key(key) => match self.find(key) {
                Ok(Found::There(_, mark, _)) => {
                    self.marks.push(mark);
                    Truth::Yes
                }
                Ok(Found::Absent(mark)) => {
                    self.marks.push(mark);
                    Truth::No
                }
                Ok(Found::Unknown(why, mark)) => {
                    self.marks.push(mark);
                    self.unknown(why)
                }
                Err(NoScope::Absent) => Truth::No,
                Err(NoScope::Unknown(why)) => self.unknown(&why),
            },
            Ir::Scope(place) => match self.locate(place) {
                Ok(_) => Truth::Yes,
                Err(NoScope::Absent) => Truth::No,
                Err(NoScope::Unknown(why)) => self.unknown(&why),
            },
            Ir::Member(object, name) => match self.value(object) {
                V::Map(map) => self.has_member(&map, name),
                V::Unknown(why) => self.unknown(&why),
                _ => Truth::No,
            },
            _ => Truth::Yes,
        }
    }

    fn has_member(&mut self, map: &Map<'a>, name: &str) -> Truth {
        match &map.entries {
            Entries::Nodes(entries) => {
                if let Some(entry) = entries.iter().find(|entry| &*entry.key == name) {
                    self.marks.extend(map.mark.map(|mark| element_mark(mark, &entry.node)));
                    return Truth::Yes;
                }
            }
            Entries::Made(entries) => {
                if entries.iter().any(|(key, _)| matches!(key, V::Text(text) if text == name)) {
                    return Truth::Yes;
                }
            }
        }
        self.marks.extend(map.mark.map(|mark| Mark { kind: MarkKind::Missing, node: None, ..mark }));
        match &map.open {
            Some(why) => self.unknown(why),
            None => Truth::No,
        }
    }

    /// The value of an expression.
    fn value(&mut self, ir: &'a Ir) -> V<'a> {
        match ir {
            Ir::Null => V::Null,
            Ir::Int(number) => V::Int(*number),
            Ir::Float(number) => V::Float(*number),
            Ir::Text(text) => V::Text(Cow::Borrowed(text)),
            Ir::List(elements) => self.list(elements),
            Ir::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| (self.value(key), self.value(value))).collect();
                V::Map(Map { entries: Entries::Made(entries.into()), mark: None, open: None })
            }
            Ir::Var(slot) => match self.vars.get(*slot).cloned().flatten() {
                Some(Bound::Node(node, mark)) => self.node(node, mark, None),
                Some(Bound::Scope(id, _)) => V::Scope(id),
                Some(Bound::Made(value, mark)) => {
                    if !matches!(value, V::List(_) | V::Map(_)) {
                        self.marks.extend(mark);
                    }
                    value
                }
                None => V::of_another_type(),
            },
            Ir::Key(key) => match self.find(key) {
                Ok(found) => self.read(found),
                Err(missing) => no_scope(missing),
            },
            Ir::Label(place) => self.label(place),
            Ir::Scope(place) => match self.locate(place) {
                Ok(id) => V::Scope(id),
                Err(missing) => no_scope(missing),
            },
            Ir::Inside(place, kind) => match self.locate(place) {
                Ok(id) => self.inside(id, *kind),
                Err(missing) => no_scope(missing),
            },
            Ir::Lost(key) => self.lost(key),
            Ir::Member(object, name) => self.member(object, name),
            Ir::Index(parts) => self.index(parts),
            Ir::OrValue(parts) => self.or_value(parts),
            Ir::If(parts) => self.value_if(parts),
            Ir::Minus(inner) => self.minus(inner),
            Ir::Binary(
                operator @ (Binary::Plus | Binary::Minus | Binary::Times | Binary::Over | Binary::Modulo),
                sides,
            ) => {
                let (a, b) = (self.value(&sides.0), self.value(&sides.1));
                match (&a, &b) {
                    (V::List(a), V::List(b)) => self.both(a, b),
                    _ => compare::arithmetic(*operator, a, b),
                }
            }
            Ir::Size(inner) => self.size(inner),
            Ir::Walk(walk, list, slot, inner) if !lists::is_question(*walk) => self.walked(*walk, list, *slot, inner),
            Ir::Call(function, arguments) => {
                let arguments: Vec<V<'a>> = arguments.iter().map(|argument| self.value(argument)).collect();
                match arguments.iter().find(|argument| matches!(argument, V::Unknown(_))) {
                    Some(unknown) => unknown.clone(),
                    None => (function.call)(&arguments),
                }
            }
            _ => self.truth_value(ir),
        }
    }

    fn list(&mut self, elements: &'a [Ir]) -> V<'a> {
        let items = elements.iter().map(|element| {
            let before = self.marks.len();
            let value = self.value(element);
            // The elements' evidence counts when they are asked, not when the list is written.
            let mark = self.marks.drain(before..).next();
            Item { bound: Bound::Made(value, mark), sure: true }
        });
        V::List(List::made(items.collect()))
    }

    fn label(&mut self, place: &'a Where) -> V<'a> {
        let model = self.model;
        match self.locate(place) {
            Ok(id) => match model.scope(id) {
                Some(scope) => {
                    let mark =
                        Mark { kind: MarkKind::Label, at: scope.label_at, key: None, scope: id, node: None, one: None };
                    self.marks.push(mark);
                    V::Text(Cow::Borrowed(&scope.label))
                }
                None => V::of_another_type(),
            },
            Err(missing) => no_scope(missing),
        }
    }

    fn inside(&mut self, id: ScopeId, kind: KindId) -> V<'a> {
        V::List(List {
            items: Items::Scopes(self.index.inside(id, kind)),
            mark: None,
            owner: self.owner(id, None),
            open: self.index.open(self.model, id).map(|why| Rc::new(why.clone())),
        })
    }

    fn owner(&self, id: ScopeId, key: Option<KeyId>) -> Option<Mark<'a>> {
        let scope = self.model.scope(id)?;
        Some(Mark { kind: MarkKind::Owner, at: scope.at, key, scope: id, node: None, one: None })
    }

    fn member(&mut self, object: &'a Ir, name: &str) -> V<'a> {
        match self.value(object) {
            V::Map(map) => self.entry(&map, name),
            V::Unknown(why) => V::Unknown(why),
            _ => V::of_another_type(),
        }
    }

    fn entry(&mut self, map: &Map<'a>, name: &str) -> V<'a> {
        let found = match &map.entries {
            Entries::Nodes(entries) => {
                let entry = entries.iter().find(|entry| &*entry.key == name);
                entry.map(|entry| self.node(&entry.node, map.mark.map(|mark| element_mark(mark, &entry.node)), None))
            }
            Entries::Made(entries) => {
                let entry = entries.iter().find(|(key, _)| matches!(key, V::Text(text) if text == name));
                entry.map(|(_, value)| value.clone())
            }
        };
        found.unwrap_or_else(|| match &map.open {
            Some(why) => V::Unknown(why.clone()),
            None => V::unknown("a map has no such name"),
        })
    }

    fn or_value(&mut self, parts: &'a (Ir, Ir)) -> V<'a> {
        let before = self.marks.len();
        let whys = self.whys.len();
        match self.has(&parts.0) {
            Truth::Yes => {
                self.marks.truncate(before);
                self.value(&parts.0)
            }
            // The evidence is that nothing is there.
            Truth::No => self.value(&parts.1),
            Truth::Unknown => {
                let why = self.whys.drain(whys..).next();
                V::Unknown(Rc::new(why.unwrap_or(Why::Limit(BUDGET))))
            }
        }
    }

    /// What a node of the model is worth. Its mark becomes evidence, except for lists, maps and references: there,
    /// what is asked of them decides.
    fn node(&mut self, mut node: &'a Node, mut mark: Option<Mark<'a>>, open: Option<&'a Why>) -> V<'a> {
        while let Value::Choice(branches) = &node.value {
            let fixed = self.fixed.iter().find(|(at, _)| *at == address(node)).map(|(_, branch)| *branch);
            let Some(branch) = fixed.and_then(|branch| branches.get(branch)) else {
                self.met = self.met.or(Some(node));
                self.marks.extend(mark);
                let conditions: Vec<&str> = branches.iter().map(|branch| &*branch.when).collect();
                return V::Unknown(Rc::new(Why::Runtime(format!("`{}`", conditions.join("`, `")).into())));
            };
            node = &branch.node;
            mark = mark.map(|mark| element_mark(mark, node));
        }
        let open = || open.map(|why| Rc::new(why.clone()));
        match &node.value {
            Value::List(nodes) => {
                let owner = mark.and_then(|mark| self.owner(mark.scope, mark.key));
                return V::List(List { items: Items::Nodes(nodes), mark, owner, open: open() });
            }
            Value::Map(entries) => return V::Map(Map { entries: Entries::Nodes(entries), mark, open: open() }),
            Value::Scope(id) => return V::Scope(*id),
            _ => {}
        }
        self.marks.extend(mark);
        match &node.value {
            Value::Bool(known) => V::Bool(*known),
            Value::Int(number) => V::Int(*number),
            Value::Float(number) => V::Float(*number),
            Value::Text(Text::Known(text)) => V::Text(Cow::Borrowed(text)),
            Value::Text(Text::Pieces(pieces)) => V::Pieces(Cow::Borrowed(pieces)),
            Value::Unknown(why) => V::Unknown(Rc::new(why.clone())),
            _ => V::Null,
        }
    }
}

fn no_scope<'a>(missing: NoScope) -> V<'a> {
    match missing {
        NoScope::Unknown(why) => V::Unknown(why),
        NoScope::Absent => V::unknown("the scope that the rule names is not there"),
    }
}

/// The mark of an element of what `of` marks.
fn element_mark<'a>(of: Mark<'a>, node: &'a Node) -> Mark<'a> {
    let mark = Mark { node: Some(node), ..of };
    match &node.origin {
        Origin::Set if of.kind == MarkKind::Inherited => Mark { at: node.at, ..mark },
        // A default stands nowhere; what holds it does.
        Origin::Default => mark,
        other => Mark { kind: kind_of(other), at: node.at, ..mark },
    }
}

fn kind_of(origin: &Origin) -> MarkKind {
    match origin {
        Origin::Set => MarkKind::Set,
        Origin::Inherited => MarkKind::Inherited,
        Origin::Environment => MarkKind::Environment,
        Origin::Default => MarkKind::Default,
        Origin::Derived(_) => MarkKind::Derived,
        Origin::Missing => MarkKind::Missing,
    }
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}
