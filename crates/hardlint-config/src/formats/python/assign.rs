//! Binding: names, attributes, items, and taking them away.

use super::value::{NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, Rc};
use crate::syntax::python::{BinaryOp, Expr, ExprKind};

impl Interp<'_, '_> {
    pub(super) fn bind(&mut self, name: &str, val: Val) {
        let global =
            self.spaces.get(self.space).is_some_and(|space| space.globals.iter().any(|known| &**known == name));
        let space = if global { self.module_space() } else { self.outer_of(name).unwrap_or(self.space) };
        self.set_var(space, name, val);
    }

    /// The function around this one whose name it is, if it is declared so.
    fn outer_of(&self, name: &str) -> Option<usize> {
        let here = self.spaces.get(self.space)?;
        if !here.nonlocals.iter().any(|known| &**known == name) {
            return None;
        }
        let mut next = here.outer;
        while let Some(space) = next {
            let found = self.spaces.get(space)?;
            if found.class.is_none() && found.vars.contains_key(name) {
                return Some(space);
            }
            next = found.outer;
        }
        None
    }

    pub(super) fn assign(&mut self, target: &Expr, value: Val) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name, value),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.unpack(targets, &value)?,
            ExprKind::Starred(inner) => {
                let at = self.loc(target.span);
                self.assign(inner, Val::unknown(NOT_FOLLOWED, at))?;
            }
            ExprKind::Attribute(owner, name) => {
                let owner = self.expr(owner)?;
                self.set_attribute(&owner, name, value);
            }
            ExprKind::Index(owner, index) => {
                let owner = self.expr(owner)?;
                let index = self.expr(index)?;
                self.set_index(&owner, &index, &value);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn unpack(&mut self, targets: &[Expr], value: &Val) -> Eval<()> {
        self.iterates(value, value.at)?;
        let mut ways = self.elements(value);
        if let [(_, Ok(list))] = ways.as_slice()
            && list.len() != targets.len()
            && !list.iter().any(|val| matches!(val.py, Py::Splat(_)))
        {
            let starred = targets.iter().any(|target| matches!(target.kind, ExprKind::Starred(_)));
            if !starred || list.len() + 1 < targets.len() {
                self.fail("ValueError", "more or fewer values than names", value.at)?;
            }
        } else if !matches!(ways.as_slice(), [(_, Ok(list))] if list.len() == targets.len()) {
            self.doubts(value.at);
        }
        let known = match ways.pop() {
            Some((_, Ok(list)))
                if ways.is_empty()
                    && list.len() == targets.len()
                    && !list.iter().any(|val| matches!(val.py, Py::Splat(_))) =>
            {
                Some(list)
            }
            _ => None,
        };
        for (index, target) in targets.iter().enumerate() {
            let part = known.as_ref().and_then(|list| list.get(index)).cloned();
            let part = part.unwrap_or_else(|| Val::unknown(why_of(value), value.at));
            self.assign(target, part)?;
        }
        Ok(())
    }

    pub(super) fn set_attribute(&mut self, owner: &Val, name: &str, value: Val) {
        if let Some(app) = self.app_of(owner) {
            return self.set_app_attribute(&app, name, &value);
        }
        if let Py::Outside(outside) = &owner.py {
            return self.keep_assigned(outside, name, value);
        }
        if let Py::Method(pair) = &owner.py {
            return self.keep_of_templates(&pair.0, &pair.1, name, value);
        }
        match owner.py {
            Py::Module(space) | Py::Class(space) => self.set_var(space, name, value),
            Py::Ref(_) => self.change(owner, |obj| {
                if let Obj::Instance(_, fields) = obj {
                    Rc::make_mut(fields).insert(name.into(), value.clone());
                }
            }),
            _ => {}
        }
    }

    pub(super) fn set_index(&mut self, owner: &Val, index: &Val, value: &Val) {
        for (_, owner) in self.alts(owner) {
            match &owner.py {
                Py::Globals(space) => match index.as_str() {
                    Some(name) => self.set_var(*space, name, value.clone()),
                    None => self.open(*space, why_of(index)),
                },
                Py::Ext(name) if &**name == "os.environ" => {
                    if let Some(name) = index.as_str() {
                        self.set_var(self.environ, name, value.clone());
                    }
                }
                _ => self.change(&owner, |obj| match obj {
                    Obj::Dict(dict) => Rc::make_mut(dict).set(index.clone(), value.clone()),
                    Obj::List(list) => {
                        let list = Rc::make_mut(list);
                        let splat = list.iter().any(|val| matches!(val.py, Py::Splat(_)));
                        let at = index.as_int().filter(|_| !splat);
                        let at = at
                            .and_then(|at| if at < 0 { at.checked_add_unsigned(list.len() as u64) } else { Some(at) });
                        match at.and_then(|at| usize::try_from(at).ok()).and_then(|at| list.get_mut(at)) {
                            Some(slot) => *slot = value.clone(),
                            None => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                        }
                    }
                    _ => {}
                }),
            }
        }
    }

    pub(super) fn augment(&mut self, target: &Expr, op: BinaryOp, value: &Expr) -> Eval<()> {
        let at = self.loc(value.span);
        let value = self.expr(value)?;
        let old = self.expr(target)?;
        // A name that may stand for several values changes those that are changed where they are.
        let new = self.map(&old, at, |interp, old| {
            let in_place = |interp: &Self, wanted: fn(&Obj) -> bool| matches!(old.py, Py::Ref(id) if interp.contents(id).iter().all(|(_, obj)| wanted(obj)));
            if op == BinaryOp::Add && in_place(interp, |obj| matches!(obj, Obj::List(_) | Obj::Unknown(_))) {
                interp.extend(old, &value);
                return Ok(old.clone());
            }
            if op == BinaryOp::Or && in_place(interp, |obj| matches!(obj, Obj::Dict(_) | Obj::Set(_))) {
                interp.update(old, &value);
                return Ok(old.clone());
            }
            let new = interp.binary(old, op, &value, at)?;
            if in_place(interp, |obj| !matches!(obj, Obj::Instance(..) | Obj::App(_) | Obj::Env(_))) {
                // It is changed where it is, for all that refer to it.
                let made = match new.py {
                    Py::Ref(id) => interp.heap.get(id).cloned(),
                    _ => None,
                };
                let made = made.unwrap_or_else(|| Obj::Unknown(Rc::new(why_of(&new))));
                interp.change(old, |obj| *obj = made.clone());
                return Ok(old.clone());
            }
            Ok(new)
        })?;
        // The name is bound anew, be it to what it was.
        self.assign(target, new)
    }

    pub(super) fn delete(&mut self, target: &Expr) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let at = self.loc(target.span);
                self.bind(name, Val::new(Py::Unbound, at));
            }
            ExprKind::Index(owner, index) => {
                let (owner, index) = (self.expr(owner)?, self.expr(index)?);
                let key = index.key();
                if let (Py::Ref(id), Some(key)) = (&owner.py, &key)
                    && let [(_, Obj::Dict(dict))] = self.contents(*id).as_slice()
                    && dict.open.is_none()
                    && dict.more.is_none()
                    && dict.get(key).is_none()
                {
                    let at = self.loc(target.span);
                    self.fail("KeyError", "a key that is not there", at)?;
                }
                self.change(&owner, |obj| match (obj, &key) {
                    (Obj::Dict(dict), Some(key)) => {
                        Rc::make_mut(dict).remove(key);
                    }
                    (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                });
            }
            _ => {}
        }
        Ok(())
    }
}
