//! The values that the evaluator works with, and the objects that they may refer to.

use super::call::Args;
use crate::model::{Assumed, Str, Text, Why};
use crate::syntax::python::{Class, Function};
use crate::text::{FileId, Loc};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value, where it stands, and what it came from.
#[derive(Clone, Debug)]
pub(crate) struct Val {
    pub(crate) py: Py,
    pub(crate) at: Loc,
    pub(crate) source: Source,
}

/// What a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum Source {
    /// Something computed.
    #[default]
    Computed,
    /// Text or a number that stands in the code.
    Literal,
    /// This variable.
    Environment(Rc<str>),
    /// What the code takes when this variable is not set.
    EnvironmentDefault(Rc<str>),
    /// Drawn anew at each start.
    Generated,
    /// The program itself, where nothing sets it.
    Program,
}

/// A Python value.
#[derive(Clone, Debug)]
pub(crate) enum Py {
    /// No value: the name is not bound.
    Unbound,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<Text>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<Vec<Val>>),
    /// A mutable object.
    Ref(usize),
    /// A `pathlib.Path`, by its text.
    Path(Rc<Text>),
    /// A `timedelta`, in microseconds.
    Delta(i64),
    /// Something of a module that is not the project's, by its dotted name.
    Ext(Rc<str>),
    /// What such a thing gave when it was called.
    Outside(Rc<Outside>),
    /// A module of the project, by its namespace.
    Module(usize),
    /// A function of the project.
    Func(Rc<Closure>),
    /// A class of the project, by its namespace.
    Class(usize),
    /// An attribute of a value that is called: a method.
    Method(Rc<(Val, Rc<str>)>),
    /// `globals()` of a namespace.
    Globals(usize),
    /// `slice(a, b)` of known ends.
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// In a list: any number of elements that are not known.
    Splat(Rc<Why>),
    /// One of several.
    Choice(Rc<Vec<Alt>>),
    /// Not to be known.
    Unknown(Rc<Why>, Kind),
}

/// What is known of an unknown value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Bool,
    Number,
}

/// One alternative of a choice.
#[derive(Clone, Debug)]
pub(crate) struct Alt {
    pub(crate) when: Lits,
    pub(crate) val: Val,
}

/// Conditions that hold together.
pub(crate) type Lits = Rc<[Lit]>;

/// A condition, or its opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lit {
    pub(crate) cond: usize,
    pub(crate) holds: bool,
}

/// A function and where it looks names up.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) function: Rc<Function>,
    pub(crate) defaults: Vec<Option<Val>>,
    pub(crate) space: usize,
    pub(crate) file: FileId,
}

/// What something outside the project made.
#[derive(Debug)]
pub(crate) struct Outside {
    /// The dotted name of what was called.
    pub(crate) name: Rc<str>,
    pub(crate) args: Args,
}

/// An application of Flask.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// Its configuration, a dict.
    pub(crate) config: usize,
    /// Attributes that the code gives it, a dict.
    pub(crate) fields: usize,
    /// The folder that it is in.
    pub(crate) folder: Option<Rc<str>>,
    /// The folder that its configuration files are looked for in.
    pub(crate) files: Option<Rc<str>>,
    /// The folder of this installation's own files.
    pub(crate) instance: Option<Rc<str>>,
    /// The class of the project that it is of.
    pub(crate) class: Option<usize>,
}

/// A mutable object.
#[derive(Clone, Debug)]
pub(crate) enum Obj {
    List(Rc<Vec<Val>>),
    Set(Rc<Vec<Val>>),
    Dict(Rc<Dict>),
    /// An `environ.Env`, a `decouple.Config` or the like.
    Env(Rc<EnvReader>),
    /// An instance of a class of the project; its attributes.
    Instance(usize, Rc<BTreeMap<Rc<str>, Val>>),
    /// An application of Flask; it never changes itself, what it refers to does.
    App(Rc<App>),
    /// One of several, depending on conditions.
    OneOf(Rc<Vec<(Lits, Self)>>),
    /// Changed in a way that cannot be followed.
    Unknown(Rc<Why>),
}

/// A dict, in the order of insertion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dict {
    pub(crate) entries: Vec<(Val, Val)>,
    index: BTreeMap<DictKey, usize>,
    /// Why there may be more, or other values under known keys.
    pub(crate) open: Option<Rc<Why>>,
    /// Why there may be more, while what is known holds.
    pub(crate) more: Option<Rc<Why>>,
}

/// What tells keys apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DictKey {
    None,
    Int(i64),
    Str(Rc<str>),
    Tuple(Vec<Self>),
    Name(Rc<str>),
}

/// A reader of the environment with its own ways.
#[derive(Clone, Debug)]
pub(crate) struct EnvReader {
    pub(crate) library: Library,
    /// Casts and defaults by name, of `environ.Env(DEBUG=(bool, False))`.
    pub(crate) scheme: BTreeMap<Rc<str>, Val>,
    /// Why there may be others.
    pub(crate) open: Option<Why>,
    pub(crate) prefix: Rc<str>,
    /// The file of variables that it is given.
    pub(crate) file: Option<Val>,
}

impl EnvReader {
    pub(crate) fn new(library: Library) -> Self {
        Self { library, scheme: BTreeMap::new(), open: None, prefix: "".into(), file: None }
    }
}

/// The libraries that read the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Environ,
    EnvironFileAware,
    /// `environs`, which refuses what it cannot cast.
    Environs,
    Decouple,
    /// `starlette.config`.
    Starlette,
}

/// A namespace: of a module, of a running function, or of a class.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) vars: BTreeMap<Rc<str>, Val>,
    /// Where names are looked up that are not here.
    pub(crate) outer: Option<usize>,
    /// The module's file.
    pub(crate) file: FileId,
    /// The module's path below the root.
    pub(crate) path: Rc<str>,
    /// Names that a function writes to its module.
    pub(crate) globals: Vec<Str>,
    /// Names that it writes to a function around it.
    pub(crate) nonlocals: Vec<Str>,
    /// Why names may be bound here that are not known.
    pub(crate) open: Option<Why>,
    /// What was taken as empty.
    pub(crate) assumed: Option<Assumed>,
    /// Of a class: its bases.
    pub(crate) bases: Vec<Val>,
    pub(crate) class: Option<Rc<Class>>,
}

impl Val {
    pub(crate) fn new(py: Py, at: Loc) -> Self {
        Self { py, at, source: Source::Computed }
    }

    pub(crate) fn literal(py: Py, at: Loc) -> Self {
        Self { py, at, source: Source::Literal }
    }

    pub(crate) fn text(text: impl Into<Str>, at: Loc) -> Self {
        Self::new(Py::Str(Rc::new(Text::Known(text.into()))), at)
    }

    pub(crate) fn unknown(why: Why, at: Loc) -> Self {
        Self::new(Py::Unknown(Rc::new(why), Kind::Any), at)
    }

    pub(crate) fn unknown_as(why: Why, kind: Kind, at: Loc) -> Self {
        Self::new(Py::Unknown(Rc::new(why), kind), at)
    }

    /// The text, if all of it is known.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.py {
            Py::Str(text) => match &**text {
                Text::Known(text) => Some(text),
                Text::Pieces(_) => None,
            },
            _ => None,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i64> {
        match self.py {
            Py::Int(value) => Some(value),
            Py::Bool(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.py, Py::Unknown(..))
    }

    #[must_use]
    pub(crate) fn from(self, source: Source) -> Self {
        Self { source, ..self }
    }

    #[must_use]
    pub(crate) fn at(self, at: Loc) -> Self {
        Self { at, ..self }
    }

    /// What tells this value apart as a key; `None` for what is not known or cannot be one.
    pub(crate) fn key(&self) -> Option<DictKey> {
        Some(match &self.py {
            Py::None => DictKey::None,
            Py::Bool(value) => DictKey::Int(i64::from(*value)),
            Py::Int(value) => DictKey::Int(*value),
            Py::Str(_) => DictKey::Str(self.as_str()?.into()),
            Py::Ext(name) => DictKey::Name(name.clone()),
            Py::Tuple(list) if list.len() <= 16 => {
                DictKey::Tuple(list.iter().map(Self::key).collect::<Option<Vec<_>>>()?)
            }
            _ => return None,
        })
    }
}

impl Dict {
    pub(crate) fn get(&self, key: &DictKey) -> Option<&Val> {
        self.index.get(key).and_then(|&at| self.entries.get(at)).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&Val> {
        self.get(&DictKey::Str(key.into()))
    }

    /// Sets a key; one that is not known leaves every value doubtful.
    pub(crate) fn set(&mut self, key: Val, value: Val) {
        let Some(id) = key.key() else {
            self.open = Some(Rc::new(why_of(&key)));
            return;
        };
        if let Some(slot) = self.index.get(&id).and_then(|&at| self.entries.get_mut(at)) {
            slot.1 = value;
        } else {
            self.index.insert(id, self.entries.len());
            self.entries.push((key, value));
        }
    }

    pub(crate) fn remove(&mut self, key: &DictKey) -> Option<Val> {
        let at = self.index.remove(key)?;
        let (_, value) = self.entries.remove(at);
        for place in self.index.values_mut().filter(|place| **place > at) {
            *place -= 1;
        }
        Some(value)
    }
}

/// Why a value is not known in full.
pub(crate) fn why_of(val: &Val) -> Why {
    match &val.py {
        Py::Unknown(why, _) | Py::Splat(why) => (**why).clone(),
        Py::Outside(outside) => Why::Runtime(format!("what `{}` gives", outside.name).into()),
        Py::Str(text) | Py::Path(text) => hole(text).unwrap_or(NOT_FOLLOWED),
        Py::Choice(alts) => alts
            .iter()
            .find_map(|alt| match &alt.val.py {
                Py::Unknown(why, _) => Some((**why).clone()),
                Py::Str(text) => hole(text),
                _ => None,
            })
            .unwrap_or(Why::Limit("it depends on a condition that is not known")),
        _ => NOT_FOLLOWED,
    }
}

/// What is said of an operation that the evaluator does not know.
pub(crate) const NOT_FOLLOWED: Why = Why::Limit("this Python expression is not followed");

/// The first hole of a text.
pub(crate) fn hole(text: &Text) -> Option<Why> {
    match text {
        Text::Known(_) => None,
        Text::Pieces(pieces) => pieces.iter().find_map(|piece| match piece {
            crate::model::Piece::Hole(why) => Some(why.clone()),
            crate::model::Piece::Known(_) => None,
        }),
    }
}

/// Whether a text has a hole.
pub(crate) fn hole_of(val: &Val) -> bool {
    matches!(&val.py, Py::Str(text) | Py::Path(text) if hole(text).is_some())
}
