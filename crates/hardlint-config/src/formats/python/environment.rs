//! The process environment: exactly what `--env-file` gives; else what the service sets that runs the module, and unknown
//! beyond that.

use super::value::{Py, Source, Val};
use super::{Eval, Interp, Lit, Lits, Raise, Rc};
use crate::model::{Piece, Text, Why};
use crate::text::Loc;

/// What is known of a variable.
pub(super) enum Variable {
    Set(Val),
    Unset,
    Unknown,
}

impl Interp<'_, '_> {
    pub(super) fn variable(&self, name: &str, at: Loc) -> Variable {
        if let Some(val) = self.spaces.get(self.environ).and_then(|space| space.vars.get(name)) {
            return if matches!(val.py, Py::Unbound) { Variable::Unset } else { Variable::Set(val.clone()) };
        }
        match &self.query.environment {
            None => {
                if let Some(given) = self.given.get(name) {
                    self.reads.borrow_mut().push((at, given.at));
                    let text = Self::plain_text(given.text.clone(), at);
                    return Variable::Set(text.from(Source::Environment(name.into())));
                }
                self.asked.borrow_mut().insert(name.to_owned());
                Variable::Unknown
            }
            Some(all) => match all.get(name) {
                Some(text) => Variable::Set(Val::text(text.as_str(), at).from(Source::Environment(name.into()))),
                None => Variable::Unset,
            },
        }
    }

    /// The text of a variable that is set to something unknown.
    pub(super) fn some_text(name: &str, at: Loc) -> Val {
        let text = Text::Pieces(Box::new([Piece::Hole(Why::Variable(name.into()))]));
        Self::plain_text(text, at).from(Source::Environment(name.into()))
    }

    pub(super) fn when_set(&mut self, name: &str) -> (Lits, Lits) {
        let cond = self.cond_set(name);
        (Rc::from([Lit { cond, holds: true }]), Rc::from([Lit { cond, holds: false }]))
    }

    /// `os.environ.get(name, default)`.
    pub(super) fn get_variable(&mut self, name: &str, default: Val, at: Loc) -> Val {
        match self.variable(name, at) {
            Variable::Set(val) => val,
            Variable::Unset => Self::as_default(name, default),
            Variable::Unknown => {
                let (set, unset) = self.when_set(name);
                let text = Self::some_text(name, at);
                let default = Self::as_default(name, default);
                self.choice(vec![(set, text), (unset, default)], at)
            }
        }
    }

    /// A literal that stands in for a variable.
    pub(super) fn as_default(name: &str, default: Val) -> Val {
        match default.source {
            Source::Literal => default.from(Source::EnvironmentDefault(name.into())),
            // Nothing stands in for it.
            Source::Computed if matches!(default.py, Py::None) => default.from(Source::Environment(name.into())),
            _ => default,
        }
    }

    /// The variable that a value comes from, under one condition at least.
    pub(super) fn variable_of(&self, val: &Val) -> Option<Rc<str>> {
        self.alts(val).into_iter().find_map(|(_, val)| match val.source {
            Source::Environment(name) | Source::EnvironmentDefault(name) => Some(name),
            _ => None,
        })
    }

    /// What `variable or value` gives where the variable is not set, or is empty.
    pub(super) fn stand_in(variable: Option<&str>, value: Val) -> Val {
        match variable {
            Some(name) => Self::as_default(name, value),
            None => value,
        }
    }

    /// `os.environ[name]`, which raises where the variable is not set.
    pub(super) fn required_variable(&mut self, name: &str, kind: &str, at: Loc) -> Eval<Val> {
        let why = Why::Variable(name.into());
        match self.variable(name, at) {
            Variable::Set(val) => Ok(val),
            Variable::Unset if self.is_caught() => Err(Raise { kind: kind.into(), why }),
            Variable::Unset => Ok(Val::unknown(why, at)),
            Variable::Unknown => {
                if self.is_caught() {
                    let (_, unset) = self.when_set(name);
                    if self.possible(&unset) {
                        self.perhaps_raises(&kind.into(), &why, &unset);
                    }
                }
                Ok(Self::some_text(name, at))
            }
        }
    }

    /// `name in os.environ`.
    pub(super) fn is_set(&mut self, name: &str, wanted: bool, at: Loc) -> Val {
        match self.variable(name, at) {
            Variable::Set(_) => Val::new(Py::Bool(wanted), at),
            Variable::Unset => Val::new(Py::Bool(!wanted), at),
            Variable::Unknown => {
                let (set, unset) = self.when_set(name);
                let (yes, no) = (Val::new(Py::Bool(wanted), at), Val::new(Py::Bool(!wanted), at));
                self.choice(vec![(set, yes), (unset, no)], at)
            }
        }
    }

    /// `os.environ.setdefault(name, value)`.
    pub(super) fn set_default_variable(&mut self, name: &str, value: Val, at: Loc) -> Val {
        let val = self.get_variable(name, value, at);
        self.set_var(self.environ, name, val.clone());
        val
    }
}
