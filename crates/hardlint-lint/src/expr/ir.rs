//! Expressions as they are evaluated: names are numbers, types are settled, patterns are compiled.

use super::functions::Function;
use super::parse::Binary;
use super::pattern::Pattern;
use hardlint_config::schema::{KeyId, KindId};

/// An expression.
#[derive(Debug)]
pub(crate) enum Ir {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    List(Box<[Self]>),
    Map(Box<[(Self, Self)]>),
    /// The variable in this slot: an element, inside `exists`, `all`, `filter` and `map`.
    Var(usize),
    /// A setting of a scope.
    Key(Key),
    /// A scope's name.
    Label(Where),
    /// A scope itself.
    Scope(Where),
    /// The scopes of one kind inside a scope.
    Inside(Where, KindId),
    /// The elements that the parent holds of a list which the scope sets anew.
    Lost(Key),
    /// The value with that name in a map.
    Member(Box<Self>, Box<str>),
    Index(Box<(Self, Self)>),
    /// Whether a [`Ir::Key`], [`Ir::Member`] or [`Ir::Scope`] is there.
    Has(Box<Self>),
    /// The first if it is there, else the second.
    OrValue(Box<(Self, Self)>),
    Not(Box<Self>),
    And(Box<[Self]>),
    Or(Box<[Self]>),
    If(Box<(Self, Self, Self)>),
    Minus(Box<Self>),
    /// All but `in`.
    Binary(Binary, Box<(Self, Self)>),
    /// The first among the elements of the second, a list, or the names of the second, a map.
    In(Box<(Self, Self)>),
    StartsWith(Box<(Self, Self)>),
    EndsWith(Box<(Self, Self)>),
    Contains(Box<(Self, Self)>),
    Matches(Box<Self>, Pattern),
    Size(Box<Self>),
    /// A list, the slot of its element, and what is asked of each.
    Walk(Walk, Box<Self>, usize, Box<Self>),
    Call(&'static Function, Box<[Self]>),
}

impl Ir {
    /// Whether one of several settings is enough for it.
    pub(crate) fn has_choice(&self) -> bool {
        match self {
            Self::Or(_) => true,
            Self::And(parts) => parts.iter().any(Self::has_choice),
            _ => false,
        }
    }
}

/// How the elements of a list are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
}

/// A setting.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) of: Where,
    pub(crate) name: KeyName,
    /// Whether only what the scope itself sets is meant.
    pub(crate) own: bool,
}

/// Which key is meant.
#[derive(Debug)]
pub(crate) enum KeyName {
    /// This one.
    Known(KeyId),
    /// That of the kind which the scope turns out to be of, by the kind's number.
    ByKind(Box<[Option<KeyId>]>),
}

/// Which scope is meant.
#[derive(Debug)]
pub(crate) enum Where {
    /// The selected one.
    This,
    /// The one around it.
    Parent(Box<Self>),
    /// The nearest one of that kind around it.
    Around(Box<Self>, KindId),
    /// The one that a value refers to.
    Of(Box<Ir>),
}

impl KeyName {
    /// The key in a scope of `kind`.
    pub(crate) fn in_kind(&self, kind: KindId) -> Option<KeyId> {
        match self {
            Self::Known(id) => Some(*id),
            Self::ByKind(ids) => ids.get(usize::from(kind.0)).copied().flatten(),
        }
    }
}
