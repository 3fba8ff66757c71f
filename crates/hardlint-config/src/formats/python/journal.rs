//! The journal of what code writes under conditions that are not known: a frame is opened for each way, undone after it, and
//! what the ways wrote is merged at the end.

use super::value::{Lits, Obj, Py, Val};
use super::{Interp, Rc};
use crate::text::Loc;
use std::collections::BTreeMap;

/// What was overwritten since the frame was opened. What was made since then needs no entry: nobody else knows it.
#[derive(Default)]
pub(super) struct Frame {
    vars: BTreeMap<(usize, Rc<str>), Val>,
    objs: BTreeMap<usize, Obj>,
    first_space: usize,
    first_obj: usize,
}

/// What one way wrote.
#[derive(Default)]
pub(super) struct Writes {
    vars: BTreeMap<(usize, Rc<str>), Val>,
    objs: BTreeMap<usize, Obj>,
}

impl Writes {
    pub(super) fn is_empty(&self) -> bool {
        self.vars.is_empty() && self.objs.is_empty()
    }
}

impl Interp<'_, '_> {
    pub(super) fn save_obj(&mut self, id: usize) {
        if let Some(frame) = self.frames.last_mut()
            && id < frame.first_obj
            && let Some(obj) = self.heap.get(id)
        {
            frame.objs.entry(id).or_insert_with(|| obj.clone());
        }
    }

    /// Binds a name.
    pub(super) fn set_var(&mut self, space: usize, name: &str, val: Val) {
        let Some(found) = self.spaces.get_mut(space) else { return };
        let name: Rc<str> = name.into();
        let old = found.vars.insert(name.clone(), val);
        if let Some(frame) = self.frames.last_mut()
            && space < frame.first_space
        {
            let at = Loc { file: found.file, span: crate::text::Span::default() };
            frame.vars.entry((space, name)).or_insert_with(|| old.unwrap_or_else(|| Val::new(Py::Unbound, at)));
        }
    }

    /// Begins a way.
    pub(super) fn open_frame(&mut self) {
        let (first_space, first_obj) = (self.spaces.len(), self.heap.len());
        self.frames.push(Frame { first_space, first_obj, ..Frame::default() });
    }

    /// Whether nothing was written since the innermost `try` began.
    pub(super) fn is_clean(&self) -> bool {
        self.frames.iter().skip(self.trying).all(|frame| frame.vars.is_empty() && frame.objs.is_empty())
    }

    /// Ends a way: everything is as before, and what it wrote is given back.
    pub(super) fn undo(&mut self) -> Writes {
        let Some(frame) = self.frames.pop() else { return Writes::default() };
        let mut writes = Writes::default();
        for ((space, name), old) in frame.vars {
            let Some(found) = self.spaces.get_mut(space) else { continue };
            let new = if matches!(old.py, Py::Unbound) {
                found.vars.remove(&name)
            } else {
                found.vars.insert(name.clone(), old.clone())
            };
            let gone = Val::new(Py::Unbound, old.at);
            writes.vars.insert((space, name), new.unwrap_or(gone));
        }
        for (id, old) in frame.objs {
            if let Some(slot) = self.heap.get_mut(id) {
                writes.objs.insert(id, std::mem::replace(slot, old));
            }
        }
        writes
    }

    /// Makes what a way wrote hold.
    pub(super) fn apply(&mut self, writes: Writes) {
        for ((space, name), val) in writes.vars {
            self.set_var(space, &name, val);
        }
        for (id, obj) in writes.objs {
            self.save_obj(id);
            if let Some(slot) = self.heap.get_mut(id) {
                *slot = obj;
            }
        }
    }

    /// Makes what each way wrote hold under its conditions.
    pub(super) fn merge(&mut self, mut ways: Vec<(Lits, Writes)>) {
        if ways.len() == 1 {
            if let Some((_, writes)) = ways.pop() {
                self.apply(writes);
            }
            return;
        }
        let names: Vec<(usize, Rc<str>)> = ways.iter().flat_map(|(_, writes)| writes.vars.keys().cloned()).collect();
        let mut names = names;
        names.sort_unstable();
        names.dedup();
        if !self.step(names.len()) {
            return;
        }
        for (space, name) in names {
            let old = self.spaces.get(space).and_then(|found| found.vars.get(&name)).cloned();
            let key = (space, name);
            let mut at = None;
            let mut values = Vec::new();
            for (when, writes) in &ways {
                let val = writes.vars.get(&key).cloned();
                at = at.or_else(|| val.as_ref().map(|val| val.at));
                let gone = || Val::new(Py::Unbound, Loc { file: self.file(), span: crate::text::Span::default() });
                values.push((when.clone(), val.or_else(|| old.clone()).unwrap_or_else(gone)));
            }
            let Some(at) = at else { continue };
            let val = self.choice(values, at);
            self.set_var(space, &key.1, val);
        }
        let mut ids: Vec<usize> = ways.iter().flat_map(|(_, writes)| writes.objs.keys().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let Some(old) = self.heap.get(id).cloned() else { continue };
            let objs = ways.iter().map(|(when, writes)| {
                let obj = writes.objs.get(&id).unwrap_or(&old);
                (when.clone(), obj.clone())
            });
            let objs: Vec<(Lits, Obj)> = objs.collect();
            let merged = match self.one_config(id, &objs) {
                Some(config) => config,
                None => self.one_of(objs),
            };
            self.save_obj(id);
            if let Some(slot) = self.heap.get_mut(id) {
                *slot = merged;
            }
        }
    }
}
