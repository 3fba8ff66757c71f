//! Making unknown what code may have done of which nobody can tell whether it ran.

use super::value::{Closure, Obj, Py, Val};
use super::{Interp, Rc};
use crate::model::Why;
use crate::syntax::python::{Effects, Stmt, effects};
use crate::text::{Loc, Span};

/// Functions that call each other, and objects inside each other, are followed as far as this.
pub(super) const DEEPEST: usize = 6;

impl Interp<'_, '_> {
    /// What statements may bind, and what objects that they may change hold, is not known.
    pub(super) fn taint(&mut self, body: &[Stmt], why: &Why) {
        let at = self.loc(body.first().map_or(Span::default(), |stmt| stmt.span));
        let found = effects(body);
        self.step(found.bound.len() + found.changed.len());
        self.spoil_names(&found, why, at, DEEPEST);
        for name in found.bound {
            if &*name == "*" {
                let space = self.module_space();
                self.open(space, why.clone());
            } else if self.apps.is_none() || !self.tainted_app(&name, why, at) {
                self.bind(&name, Val::unknown(why.clone(), at));
            }
        }
    }

    /// What the names of changed objects stand for, and what called functions may do.
    fn spoil_names(&mut self, found: &Effects, why: &Why, at: Loc, depth: usize) {
        for name in &found.changed {
            if let Ok(val) = self.name(name, at) {
                self.spoil(&val, why, DEEPEST);
            }
        }
        for name in &found.called {
            let Ok(val) = self.name(name, at) else { continue };
            for (_, val) in self.alts(&val) {
                if let Py::Func(closure) = &val.py {
                    self.spoil_call(closure, why, at, depth);
                }
            }
        }
    }

    /// What a function may do when it is called.
    fn spoil_call(&mut self, closure: &Rc<Closure>, why: &Why, at: Loc, depth: usize) {
        let outer = std::mem::replace(&mut self.space, closure.space);
        let module = self.module_space();
        let Effects { bound, mut changed, called, globals } = effects(&closure.function.body);
        if depth == 0 || !self.step(1 + bound.len()) || bound.iter().any(|name| &**name == "*") {
            self.open(module, why.clone());
        } else {
            for name in &globals {
                self.set_var(module, name, Val::unknown(why.clone(), at));
            }
            // A name that the function binds may still be the module's: `names.append(x)` counts as binding it.
            for parameter in &closure.function.parameters {
                changed.remove(&parameter.name);
            }
            let found = Effects { bound: Vec::new(), changed, called, globals: Vec::new() };
            self.spoil_names(&found, why, at, depth - 1);
        }
        self.space = outer;
    }

    /// What a value refers to may be changed, and what that refers to.
    pub(super) fn spoil(&mut self, val: &Val, why: &Why, depth: usize) {
        if !self.step(1) {
            return;
        }
        for (_, val) in self.alts(val) {
            match &val.py {
                Py::Tuple(list) if depth > 0 => list.iter().for_each(|inner| self.spoil(inner, why, depth - 1)),
                Py::Module(space) | Py::Class(space) => self.open(*space, why.clone()),
                Py::Ref(id) => self.spoil_object(*id, why, depth),
                _ => {}
            }
        }
    }

    fn spoil_object(&mut self, id: usize, why: &Why, depth: usize) {
        for (_, obj) in self.contents(id) {
            match obj {
                Obj::List(list) | Obj::Set(list) if depth > 0 => {
                    list.iter().for_each(|inner| self.spoil(inner, why, depth - 1));
                }
                Obj::Dict(dict) if depth > 0 => {
                    dict.entries.iter().for_each(|(_, inner)| self.spoil(inner, why, depth - 1));
                }
                Obj::Instance(_, fields) if depth > 0 => {
                    fields.values().for_each(|inner| self.spoil(inner, why, depth - 1));
                }
                // What these refer to is doubted where they are named.
                Obj::App(_) | Obj::Env(_) | Obj::Unknown(_) => return,
                _ => {}
            }
        }
        // An application's settings have doubts of their own.
        let whole = Val::new(Py::Ref(id), Loc::new(self.file(), Span::default()));
        if self.apps.is_some() && self.app_with_config(id).is_some() {
            self.doubt(&whole, why);
        } else {
            self.change(&whole, |obj| *obj = Obj::Unknown(Rc::new(why.clone())));
        }
    }
}
