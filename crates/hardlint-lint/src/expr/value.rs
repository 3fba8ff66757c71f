//! What expressions are worth, and the evidence for it.

use hardlint_config::model::{Entry, Node, Piece, ScopeId, Why};
use hardlint_config::schema::KeyId;
use hardlint_config::text::Loc;
use std::borrow::Cow;
use std::rc::Rc;

/// Kleene's three truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Unknown,
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}

/// A piece of evidence: a place, and what stands there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    pub(crate) kind: MarkKind,
    pub(crate) at: Loc,
    /// The key that was read, if it was one.
    pub(crate) key: Option<KeyId>,
    /// The scope that it was read of.
    pub(crate) scope: ScopeId,
    /// What was read, if it is there.
    pub(crate) node: Option<&'a Node>,
    /// Which of several it is evidence for, where any of them would do: its place in [`Ones`].
    pub(crate) one: Option<u32>,
}

/// What evidence is for, where any of several would do: elements that `exists` found, parts of an `||`. Each may be within
/// another.
#[derive(Debug, Default)]
pub(crate) struct Ones<'a>(Vec<One<'a>>);

/// One of several of which any would do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct One<'a> {
    /// Which several: where the question stands in the rule.
    pub(crate) of: usize,
    /// What it is.
    pub(crate) what: What<'a>,
    /// The one that it is within.
    within: Option<u32>,
}

/// What one of several is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    /// A part of an `||`.
    Part,
    /// An element of a list: the value, if it is one of the model.
    Element(Option<&'a Node>),
}

impl<'a> Ones<'a> {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Says that evidence is for one more.
    pub(crate) fn add(&mut self, of: usize, what: What<'a>, marks: &mut [Mark<'a>]) {
        let Ok(new) = u32::try_from(self.0.len()) else { return };
        self.0.push(One { of, what, within: None });
        for mark in marks {
            match mark.one.map(|one| self.outermost(one)) {
                None => mark.one = Some(new),
                Some(outermost) if outermost == new => {}
                Some(outermost) => {
                    if let Some(one) = self.0.get_mut(outermost as usize) {
                        one.within = Some(new);
                    }
                }
            }
        }
    }

    fn outermost(&self, mut one: u32) -> u32 {
        while let Some(outer) = self.0.get(one as usize).and_then(|one| one.within) {
            one = outer;
        }
        one
    }

    /// The ones that a piece of evidence is for, the outermost first.
    pub(crate) fn of(&self, mark: &Mark<'a>) -> Vec<(u32, One<'a>)> {
        let first = mark.one;
        let around = std::iter::successors(first, |one| self.0.get(*one as usize).and_then(|one| one.within));
        let mut path: Vec<_> = around.filter_map(|one| Some((one, *self.0.get(one as usize)?))).collect();
        path.reverse();
        path
    }
}

/// What a piece of evidence is: who decided the value, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MarkKind {
    Set,
    Inherited,
    Environment,
    Derived,
    Default,
    /// The key is absent; the place is the scope's header.
    Missing,
    /// The header of the scope whose list was asked.
    Owner,
    /// A scope that was found, at its header.
    Scope,
    /// A scope's name.
    Label,
}

impl PartialEq for Mark<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.at, self.key) == (other.kind, other.at, other.key)
    }
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum V<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// Text with holes.
    Pieces(Cow<'a, [Piece]>),
    /// A whole number that is only known to lie between these.
    Between(i64, Option<i64>, Rc<Why>),
    List(List<'a>),
    Map(Map<'a>),
    Scope(ScopeId),
    Unknown(Rc<Why>),
}

/// A list. What it is evidence for depends on what is asked of it, so that reading it alone leaves none.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    pub(crate) items: Items<'a>,
    /// The list itself, if it was read of a key.
    pub(crate) mark: Option<Mark<'a>>,
    /// The header of the scope that it belongs to.
    pub(crate) owner: Option<Mark<'a>>,
    /// Why there may be more elements than those at hand.
    pub(crate) open: Option<Rc<Why>>,
}

/// The elements of a list.
#[derive(Clone, Debug)]
pub(crate) enum Items<'a> {
    Nodes(&'a [Node]),
    Scopes(&'a [ScopeId]),
    Made(Rc<[Item<'a>]>),
}

/// An element of a list that an expression made.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) bound: Bound<'a>,
    /// Whether it surely is in the list.
    pub(crate) sure: bool,
}

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(crate) enum Bound<'a> {
    /// A value of the model: reading it is evidence.
    Node(&'a Node, Option<Mark<'a>>),
    /// A scope; the mark is its header.
    Scope(ScopeId, Mark<'a>),
    /// A value that was made, and what it was made of.
    Made(V<'a>, Option<Mark<'a>>),
}

/// A map.
#[derive(Clone, Debug)]
pub(crate) struct Map<'a> {
    pub(crate) entries: Entries<'a>,
    /// The map itself, if it was read of a key.
    pub(crate) mark: Option<Mark<'a>>,
    /// Why there may be more entries than those at hand.
    pub(crate) open: Option<Rc<Why>>,
}

/// The entries of a map.
#[derive(Clone, Debug)]
pub(crate) enum Entries<'a> {
    Nodes(&'a [Entry]),
    Made(Rc<[(V<'a>, V<'a>)]>),
}

impl<'a> List<'a> {
    pub(crate) fn made(items: Vec<Item<'a>>) -> Self {
        Self { items: Items::Made(items.into()), mark: None, owner: None, open: None }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.items {
            Items::Nodes(nodes) => nodes.len(),
            Items::Scopes(scopes) => scopes.len(),
            Items::Made(items) => items.len(),
        }
    }
}

impl<'a> Bound<'a> {
    pub(crate) fn mark(&self) -> Option<Mark<'a>> {
        match self {
            Self::Node(_, mark) | Self::Made(_, mark) => *mark,
            Self::Scope(_, mark) => Some(*mark),
        }
    }

    /// The value of the model that it is, if it is one.
    pub(crate) fn node(&self) -> Option<&'a Node> {
        match self {
            Self::Node(node, _) => Some(*node),
            Self::Made(..) | Self::Scope(..) => None,
        }
    }
}

impl V<'_> {
    pub(crate) fn unknown(what: &'static str) -> Self {
        Self::Unknown(Rc::new(Why::Limit(what)))
    }

    /// What it is called in messages.
    pub(crate) fn of_another_type() -> Self {
        Self::unknown("a value has another type than the rule expects")
    }
}
