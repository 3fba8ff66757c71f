//! What follows from the configuration of an application, and from what is done to it.

mod cookies;
mod cors;
mod debug;
mod extensions;
mod files;
pub(super) mod keys;
mod weakenings;

use super::keys::SCHEMA;
use super::packages::Package;
use super::resolve::{APP, is_default};
use crate::formats::python::{Call, Interp, Py, Val, why_of};
use crate::model::{Model, Node, Origin, Scope, ScopeId, Value, Why};
use crate::text::{FileId, Loc};
use std::collections::BTreeMap;

/// The configuration that holds, and what can be asked of it.
pub(super) struct Facts<'i, 'r, 'l> {
    pub(super) interp: &'i mut Interp<'r, 'l>,
    pub(super) file: FileId,
    /// The names of the module.
    pub(super) space: usize,
    /// Where a finding about something missing points.
    pub(super) header: Loc,
    pub(super) model: Model,
    /// What the application is configured with, defaults included.
    pub(super) bound: BTreeMap<String, Val>,
    /// Why there may be more.
    pub(super) open: Option<Why>,
    /// The application.
    pub(super) app: Option<usize>,
    /// What is called with it, without a condition.
    pub(super) calls: Vec<Call>,
    /// Names of what is called under a condition.
    pub(super) perhaps: Vec<String>,
    /// Ports of a service that runs it, which other machines reach.
    pub(super) published: Vec<Loc>,
    pub(super) served: super::deployed::Served,
    /// The packages that it uses of those whose settings it makes.
    pub(super) packages: Vec<Package>,
    /// Whether the module configures Superset.
    pub(super) superset: bool,
    /// Whether the module calls Flask-WTF's protection itself.
    pub(super) protects_itself: bool,
}

impl Facts<'_, '_, '_> {
    /// A scope in the application, with its facts.
    pub(super) fn push(&mut self, kind: &str, label: &str, at: Loc, values: Vec<(&str, Value)>) {
        let Some(kind) = SCHEMA.kind_named(kind) else { return };
        let mut scope = Scope::new(kind, label, Some(ScopeId(0)), at);
        for (key, value) in values {
            if let Some(id) = SCHEMA.key(kind, key) {
                scope.own.set(id, Node::derived(value, at, vec![at]));
            }
        }
        self.model.push(scope);
    }

    /// Sets a fact of the application that follows from the setting called `from`.
    fn put(&mut self, fact: &str, value: Value, from: &str) {
        let set = self.bound.get(from).filter(|val| !is_default(val)).map(|val| val.at);
        let at = set.unwrap_or(self.header);
        let origin = if set.is_some() { Origin::Derived(Box::new([at])) } else { Origin::Default };
        let Some(key) = SCHEMA.key(APP, fact) else { return };
        if let Some(scope) = self.model.scope_mut(ScopeId(0)) {
            scope.own.set(key, Node { value, origin, at, name_at: None });
        }
    }

    /// The value of a setting; unbound where there is none.
    fn value(&self, name: &str) -> Val {
        let none = || match &self.open {
            Some(why) => Val::unknown(why.clone(), self.header),
            None => Val::new(Py::Unbound, self.header),
        };
        self.bound.get(name).cloned().unwrap_or_else(none)
    }

    /// What all alternatives of a value answer; unknown where they differ.
    fn each(&mut self, val: &Val, mut ask: impl FnMut(&mut Self, &Val) -> Option<bool>) -> Value {
        let mut answers = Vec::new();
        for (_, val) in self.interp.ways(val) {
            answers.push(ask(self, &val));
        }
        match answers.first().copied().flatten() {
            Some(first) if answers.iter().all(|answer| *answer == Some(first)) => Value::Bool(first),
            _ => Value::Unknown(why_of(val)),
        }
    }

    fn truth(&mut self, val: &Val) -> Value {
        self.each(val, |facts, val| match val.py {
            Py::Unbound => Some(false),
            _ => facts.interp.truth_of(val),
        })
    }
}

/// Fills in the facts.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let found = facts.app.is_some();
    facts.put("is_app", Value::Bool(found), "");
    let served = facts.served.by;
    facts.put("served_by", Value::text(served), "");
    let workers = facts.served.workers;
    facts.put("workers", Value::Int(workers), "");
    facts.keys();
    facts.cookies();
    facts.debug();
    facts.cors();
    facts.cors_of_views();
    facts.extensions();
    facts.weakenings();
    facts.static_files();
}
