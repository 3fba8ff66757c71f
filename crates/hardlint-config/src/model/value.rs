//! Values: what they are as far as that can be known, where they stand, and who decided them.

use super::ScopeId;
use crate::text::{Loc, Span};
use std::borrow::Cow;
use std::fmt;

/// A text of a configuration. Most are short, and those stand in it without memory of their own.
pub use compact_str::CompactString as Str;

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Who decided it.
    pub origin: Origin,
    /// The value's place: where a finding about it points. For a value that a variable gives: where the variable is set.
    /// For defaults, which stand nowhere, [`Model::lookup`](super::Model::lookup) gives the scope's header.
    pub at: Loc,
    /// The place of the name that it is set under (`ssl_protocols`, `privileged`), if it has one.
    pub name_at: Option<Loc>,
}

/// What a value is, as far as it can be known.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, as YAML's `null`.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text, which may have holes.
    Text(Text),
    /// Values in order.
    List(Vec<Node>),
    /// Named values in source order; a name stands once.
    Map(Vec<Entry>),
    /// A reference to another scope of the model.
    Scope(ScopeId),
    /// One of several, depending on a condition that the file cannot decide; at most [`MAX_BRANCHES`].
    Choice(Vec<Branch>),
    /// Not to be known from what is at hand.
    Unknown(Why),
}

/// Branches above this number make a [`Value::Choice`] plainly unknown.
pub const MAX_BRANCHES: usize = 8;

/// One possible value of a [`Value::Choice`].
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The condition, as its file writes it.
    pub when: Str,
    /// The value under it.
    pub node: Node,
}

/// A named value of a map; [`Node::name_at`] is the name's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: Str,
    /// The value.
    pub node: Node,
}

/// Text of which parts may be unknown: of `postgres://u:${PW}@h/db` all but one piece is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// All of it.
    Known(Str),
    /// Pieces in order, at least one of them a hole.
    Pieces(Box<[Piece]>),
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Known(Str),
    /// Something that is not at hand.
    Hole(Why),
}

/// Why a value is unknown: names what would decide it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A variable that nothing at hand sets.
    Variable(Str),
    /// A template expression, which another program fills in.
    Template(Str),
    /// A file that is not at hand.
    File(Str),
    /// The default of this key, which differs over the versions that are judged.
    Version(Str),
    /// Something decided only while the program runs, named.
    Runtime(Str),
    /// A limit of ours, named; each stands in the book.
    Limit(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the variable `{name}` is not set in any file at hand"),
            Self::Template(text) => write!(f, "the template expression `{}` is filled in elsewhere", unquoted(text)),
            Self::File(path) => write!(f, "`{path}` is not at hand"),
            Self::Version(key) => write!(f, "the default of `{key}` differs between versions; `--target` names one"),
            Self::Runtime(what) => write!(f, "{what} is decided at run time"),
            Self::Limit(what) => f.write_str(what),
        }
    }
}

/// An expression without what stands in its quotes, which may be the secret that is taken where nothing else is set.
pub(crate) fn unquoted(expression: &str) -> Cow<'_, str> {
    const SHORTEST: usize = 4;
    let (mut out, mut rest) = (String::new(), expression);
    while let Some(start) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(start);
        let quote = quoted.chars().next().unwrap_or_default();
        let inside = quoted.get(1..).unwrap_or_default();
        // One that is not closed was cut off.
        let end = inside.find(quote).unwrap_or(inside.len());
        let text = inside.get(..end).unwrap_or_default();
        out.push_str(before);
        out.push(quote);
        out.push_str(if text.chars().count() < SHORTEST { text } else { "…" });
        rest = inside.get(end..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix(quote) {
            out.push(quote);
            rest = after;
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(expression);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Who decided a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The scope itself, at [`Node::at`].
    Set,
    /// An enclosing scope, at [`Node::at`].
    Inherited,
    /// A variable; [`Node::at`] is where it is set.
    Environment,
    /// The program, as nothing sets it.
    Default,
    /// Several settings together, these.
    Derived(Box<[Loc]>),
    /// Nobody: the key is absent; the place is the header of the scope that would hold it.
    Missing,
}

/// The place of what stands nowhere; never shown, see [`Model::lookup`](super::Model::lookup).
pub(super) const NOWHERE: Loc = Loc { file: crate::text::FileId(0), span: Span { start: 0, end: 0 } };

impl Node {
    /// A value that the scope itself sets at `at`.
    pub fn set(value: Value, at: Loc) -> Self {
        Self { value, origin: Origin::Set, at, name_at: None }
    }

    /// A fact that follows from what stands at `from`; the first place is where a finding points.
    pub fn derived(value: Value, at: Loc, from: Vec<Loc>) -> Self {
        Self { value, origin: Origin::Derived(from.into()), at, name_at: None }
    }

    /// A value that the program takes when nothing sets it.
    pub fn default_value(value: Value) -> Self {
        Self { value, origin: Origin::Default, at: NOWHERE, name_at: None }
    }

    /// The same under a name that stands at `at`.
    #[must_use]
    pub fn named(self, at: Loc) -> Self {
        Self { name_at: Some(at), ..self }
    }
}

impl Node {
    /// Puts another place for each that it names, inside as well.
    pub(crate) fn move_places(&mut self, to: &mut dyn FnMut(&mut Loc)) {
        to(&mut self.at);
        self.name_at.iter_mut().for_each(&mut *to);
        if let Origin::Derived(places) = &mut self.origin {
            places.iter_mut().for_each(&mut *to);
        }
        match &mut self.value {
            Value::List(list) => list.iter_mut().for_each(|node| node.move_places(to)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| entry.node.move_places(to)),
            Value::Choice(branches) => branches.iter_mut().for_each(|branch| branch.node.move_places(to)),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Scope(_)
            | Value::Unknown(_) => {}
        }
    }
}

impl Value {
    /// Known text.
    pub fn text(text: impl Into<Str>) -> Self {
        Self::Text(Text::Known(text.into()))
    }

    /// The text, if all of it is known.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(Text::Known(text)) => Some(text),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match self {
            Self::List(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The value named `key`, if it is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        match self {
            Self::Map(entries) => entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }
}

/// How much variables may bring into one text, by [`Text::weight`]: where each line of a file brings in the one before it
/// many times, it would never end.
pub const MOST_BROUGHT: usize = 1 << 16;

/// How much they may bring into all values of a file of variables, likewise: each may bring in the one before it.
pub const MOST_BROUGHT_IN_FILE: usize = 1 << 22;

/// Why a text that more is brought into is unknown.
pub const TOO_LONG: Why = Why::Limit("more than 64 KB of variables in one text are not expanded");

impl Text {
    /// What it takes to hold it: its bytes, and its pieces.
    pub fn weight(&self) -> usize {
        match self {
            Self::Known(text) => text.len() + 1,
            Self::Pieces(pieces) => {
                pieces.iter().map(|piece| if let Piece::Known(text) = piece { text.len() + 1 } else { 1 }).sum()
            }
        }
    }

    /// Text from pieces: neighbours that are known become one, and text without a hole is known.
    pub fn from_pieces(mut pieces: Vec<Piece>) -> Self {
        if let [Piece::Known(_)] | [] = pieces.as_slice() {
            return match pieces.pop() {
                Some(Piece::Known(text)) => Self::Known(text),
                _ => Self::Known(Str::default()),
            };
        }
        let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Known(text)) if text.is_empty() => {}
                (Some(Piece::Known(before)), Piece::Known(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        match joined.as_slice() {
            [] => Self::Known("".into()),
            [Piece::Known(text)] => Self::Known(text.clone()),
            _ => Self::Pieces(joined.into()),
        }
    }
}
