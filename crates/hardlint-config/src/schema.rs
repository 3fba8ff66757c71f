//! What a format's configuration is made of: kinds of scope, and keys with their types and defaults.
//!
//! One table a format (`formats/<format>/keys.rs`) types the rules when they are loaded, tells `show` what to print, and
//! feeds completion and hover. It is data: how a value comes about is code, in the format's `resolve.rs`.

use crate::model::Value;
use crate::version::{Version, Versions};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// A key's place in its format's table; places past the table's end name keys that the table does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u16);

/// A kind's place in its format's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u8);

/// The kinds and keys of one format.
#[derive(Debug)]
pub struct Schema {
    /// Kinds of scope; the first is the file itself.
    pub kinds: &'static [Kind],
    /// Keys, sorted by name. A name may stand twice if no kind has both.
    pub keys: &'static [Key],
    /// The program, as `--target` names it, and the versions that are judged when no target is given: from the oldest
    /// supported Debian's to the newest release.
    pub program: &'static str,
    /// Those versions.
    pub supported: Versions,
    /// Where each key stands: nearly every setting of every file is asked for by its name.
    pub index: Index,
}

/// The keys of a table by kind and name, filled when one is first asked for.
#[derive(Debug)]
pub struct Index(OnceLock<FxHashMap<(KindId, &'static str), KeyId>>);

impl Index {
    /// An index that is not filled yet.
    #[expect(
        clippy::new_without_default,
        reason = "a default cannot be made in a constant, where every one of them is"
    )]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

/// A kind of scope: something that the program decides on.
#[derive(Debug)]
pub struct Kind {
    /// The name that rules select, such as `location`.
    pub name: &'static str,
    /// The name of the list of all such scopes inside another, in source order, such as `locations`.
    pub plural: &'static str,
    /// What it is, in one sentence.
    pub doc: &'static str,
}

/// A setting, or a fact that is derived from settings.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As the program spells it (in lower case where it does not care); facts in `snake_case`.
    pub name: &'static str,
    /// What its values are.
    pub ty: Type,
    /// The kinds of scope that have it, by name.
    pub kinds: &'static [&'static str],
    /// Whether a scope that does not set it has its parent's value.
    pub inherits: bool,
    /// What holds where nothing sets it.
    pub default: Default,
    /// Whether it is derived rather than written; `show` leaves facts out.
    pub fact: bool,
    /// Whether its value is a secret, never to be printed.
    pub secret: bool,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// The vendor's page about it; empty for facts.
    pub url: &'static str,
}

/// The type of a value, as rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number; the doc names the unit.
    Int,
    /// A number with a fraction.
    Float,
    /// Text.
    String,
    /// A list of such values.
    List(&'static Self),
    /// A map from text to such values.
    Map(&'static Self),
    /// A reference to a scope of the kind so named.
    Scope(&'static str),
    /// Anything: its type shows when it is read.
    Any,
}

/// What holds where nothing sets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Nothing: the key is absent, and rules have to ask whether it is there.
    Absent,
    /// The resolver fills it in, in every scope of its kinds: a fact that is always there, which rules read unasked.
    Filled,
    /// This, in every supported version. Lists are written with spaces between their elements.
    Always(&'static str),
    /// From each version on, this; the oldest first.
    Since(&'static [(Version, &'static str)]),
}

/// In [`Default::Since`]: from this version on the program has no such key.
pub const GONE: &str = "\0";

impl Default {
    /// The value in all of `versions`: `None` where there is no default, `Some(None)` where the versions differ.
    pub fn over(self, versions: Versions) -> Option<Option<&'static str>> {
        match self {
            Self::Absent | Self::Filled => None,
            Self::Always(text) => Some(Some(text)),
            Self::Since(steps) => {
                let at = |version| {
                    let step = steps.iter().rev().find(|(from, _)| *from <= version);
                    step.map(|(_, text)| *text).filter(|text| *text != GONE)
                };
                let (old, new) = (at(versions.oldest), at(versions.newest));
                let changes = steps.iter().any(|(from, _)| versions.oldest < *from && *from <= versions.newest);
                match (old, new) {
                    (Some(old), Some(new)) if old == new && !changes => Some(Some(old)),
                    (None, None) => None,
                    _ => Some(None),
                }
            }
        }
    }
}

/// What a table is filled with before its keys are put in.
pub(crate) const NO_KEY: Key = Key {
    name: "",
    ty: Type::Any,
    kinds: &[],
    inherits: false,
    default: Default::Absent,
    fact: false,
    secret: false,
    doc: "",
    url: "",
};

/// One table of two that are sorted by name, made when it is compiled.
#[expect(clippy::indexing_slicing, reason = "it runs in the compiler alone, and a wrong length does not compile")]
pub(crate) const fn merged<const N: usize>(a: &[Key], b: &[Key]) -> [Key; N] {
    let mut keys = [NO_KEY; N];
    let (mut rest_a, mut rest_b, mut at) = (a, b, 0);
    while at < N {
        keys[at] = match (rest_a, rest_b) {
            ([first, after @ ..], []) => {
                rest_a = after;
                *first
            }
            ([first, after @ ..], [other, ..]) if before(first.name, other.name) => {
                rest_a = after;
                *first
            }
            (_, [first, after @ ..]) => {
                rest_b = after;
                *first
            }
            ([], []) => NO_KEY,
        };
        at += 1;
    }
    keys
}

/// Whether `a` stands before `b`, as far as it can be asked while compiling.
pub(crate) const fn before(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([first, rest_a @ ..], [other, rest_b @ ..]) = (a, b) {
        if *first != *other {
            return *first < *other;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.len() < b.len()
}

impl Schema {
    /// The key `name` as scopes of `kind` have it.
    pub fn key(&self, kind: KindId, name: &str) -> Option<KeyId> {
        self.index.0.get_or_init(|| self.indexed()).get(&(kind, name)).copied()
    }

    fn indexed(&self) -> FxHashMap<(KindId, &'static str), KeyId> {
        let of_key = |(at, key): (u16, &'static Key)| {
            key.kinds.iter().filter_map(|kind| self.kind_named(kind)).map(move |kind| ((kind, key.name), KeyId(at)))
        };
        (0..).zip(self.keys).flat_map(of_key).collect()
    }

    /// The kind called `name`.
    pub fn kind_named(&self, name: &str) -> Option<KindId> {
        self.kinds.iter().position(|kind| kind.name == name).and_then(|index| u8::try_from(index).ok()).map(KindId)
    }

    /// The kind with that number.
    pub fn kind(&self, id: KindId) -> &'static Kind {
        static NONE: Kind = Kind { name: "", plural: "", doc: "" };
        self.kinds.get(usize::from(id.0)).unwrap_or(&NONE)
    }

    /// What the table says of a key; nothing for keys that it does not list.
    pub fn get(&self, id: KeyId) -> Option<&'static Key> {
        self.keys.get(usize::from(id.0))
    }
}

impl Type {
    /// Reads a default's text, which is canonical: `true`, `10`, `a b c`.
    pub fn value(self, text: &str) -> Value {
        match self {
            Self::Bool => Value::Bool(text == "true"),
            Self::Int => text.parse().map_or(Value::Null, Value::Int),
            Self::Float => text.parse().map_or(Value::Null, Value::Float),
            Self::List(element) => Value::List(
                text.split_whitespace().map(|word| crate::model::Node::default_value(element.value(word))).collect(),
            ),
            Self::Map(_) | Self::Scope(_) => Value::Null,
            Self::String | Self::Any => Value::text(text),
        }
    }
}

/// What any schema must be for look-ups to work; each format's tests call it.
///
/// # Errors
/// The first fault found.
pub fn check(schema: &Schema) -> Result<(), String> {
    for pair in schema.keys.windows(2) {
        let [a, b] = pair else { continue };
        if a.name > b.name {
            return Err(format!("`{}` stands before `{}`: the table is sorted by name", a.name, b.name));
        }
        if a.name == b.name && a.kinds.iter().any(|kind| b.kinds.contains(kind)) {
            return Err(format!("`{}` stands twice for one kind", a.name));
        }
    }
    for key in schema.keys {
        if let Some(kind) = key.kinds.iter().find(|kind| schema.kind_named(kind).is_none()) {
            return Err(format!("`{}` belongs to the unknown kind `{kind}`", key.name));
        }
        if key.doc.is_empty() || (!key.fact && key.url.is_empty()) {
            return Err(format!("`{}` lacks its doc or its source", key.name));
        }
        let named = |ty: Type| match ty {
            Type::Scope(kind) | Type::List(&Type::Scope(kind)) => Some(kind),
            _ => None,
        };
        if named(key.ty).is_some_and(|kind| schema.kind_named(kind).is_none()) {
            return Err(format!("`{}` refers to an unknown kind", key.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Default = Default::Since(&[(Version([1, 0, 0]), "a"), (Version([1, 27, 3]), "b")]);

    fn versions(oldest: [u16; 3], newest: [u16; 3]) -> Versions {
        Versions { oldest: Version(oldest), newest: Version(newest) }
    }

    #[test]
    fn a_default_is_known_when_all_versions_agree() {
        assert_eq!(STEPS.over(versions([1, 22, 1], [1, 27, 2])), Some(Some("a")));
        assert_eq!(STEPS.over(versions([1, 27, 3], [1, 31, 0])), Some(Some("b")));
        assert_eq!(STEPS.over(versions([1, 22, 1], [1, 31, 0])), Some(None));
        assert_eq!(Default::Absent.over(versions([1, 0, 0], [2, 0, 0])), None);
        let removed = Default::Since(&[(Version([4, 2, 0]), "a"), (Version([5, 0, 0]), GONE)]);
        assert_eq!(removed.over(versions([4, 2, 0], [4, 2, 9])), Some(Some("a")));
        assert_eq!(removed.over(versions([5, 0, 0], [6, 0, 0])), None);
        assert_eq!(removed.over(versions([4, 2, 0], [5, 0, 0])), Some(None));
    }
}
