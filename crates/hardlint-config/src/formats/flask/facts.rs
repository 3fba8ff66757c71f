//! What follows from the configuration of an application, and from what is done to it.

use super::keys;
use super::resolve::APP;
use crate::formats::python::{Interp, Val};
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::text::Loc;
use std::collections::BTreeMap;

/// The configuration that holds, and what can be asked of it.
pub(super) struct Facts<'i, 'r, 'l> {
    pub(super) interp: &'i mut Interp<'r, 'l>,
    /// Where a finding about something missing points.
    pub(super) header: Loc,
    pub(super) model: Model,
    /// What the application is configured with, defaults included.
    pub(super) bound: BTreeMap<String, Val>,
    /// Why there may be more.
    pub(super) open: Option<Why>,
    /// The application.
    pub(super) app: Option<usize>,
}

impl Facts<'_, '_, '_> {
    /// A scope in the application, with its facts.
    pub(super) fn push(&mut self, kind: &str, label: &str, at: Loc, values: Vec<(&str, Value)>) {
        let Some(kind) = keys::SCHEMA.kind_named(kind) else { return };
        let mut scope = Scope::new(kind, label, Some(ScopeId(0)), at);
        for (key, value) in values {
            if let Some(id) = keys::SCHEMA.key(kind, key) {
                scope.own.set(id, Node::derived(value, at, vec![at]));
            }
        }
        self.model.push(scope);
    }

    /// Sets a fact of the application.
    pub(super) fn put(&mut self, fact: &str, value: Value, at: Loc) {
        let Some(key) = keys::SCHEMA.key(APP, fact) else { return };
        if let Some(scope) = self.model.scope_mut(ScopeId(0)) {
            scope.own.set(key, Node::derived(value, at, vec![at]));
        }
    }
}

/// Fills in the facts.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let (found, header) = (facts.app.is_some(), facts.header);
    facts.put("is_app", Value::Bool(found), header);
}
