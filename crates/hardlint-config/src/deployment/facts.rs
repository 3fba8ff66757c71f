//! What follows from a deployment: who reaches a service, on which way, and what lets them in. It says what is, never what
//! is wrong.

mod exits;
mod forwarded;
mod login;
mod needs;
mod overlay;
mod published;
mod queues;
mod reach;
mod reuse;
mod routes;
mod transport;

use super::Deployment;
use super::keys::SCHEMA;
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::{Query, Reader};

/// What facts are worked out from, and where they are put.
struct Facts<'a, 'm> {
    project: &'a Model,
    deployment: &'a Deployment,
    /// The scopes of the services, in their order.
    scopes: &'a [ScopeId],
    model: &'m mut Model,
}

/// Fills in all facts.
pub(super) fn fill(
    reader: &mut Reader<'_>,
    query: &Query,
    project: &Model,
    deployment: &Deployment,
    scopes: &[ScopeId],
    model: &mut Model,
) {
    let mut facts = Facts { project, deployment, scopes, model };
    facts.put(ScopeId(0), "unused_hardening", Value::text(""), Vec::new());
    let routes = routes::fill(&mut facts);
    let reached = reach::fill(&mut facts, &routes);
    exits::fill(&mut facts, &reached);
    login::fill(reader, query, &mut facts);
    forwarded::fill(&mut facts);
    queues::fill(&mut facts);
    transport::fill(&mut facts);
    reuse::fill(&mut facts);
    published::fill(reader, &mut facts);
    needs::fill(reader, &mut facts);
}

/// Fills in the facts of a file that is no project by itself.
pub(super) fn of_fragment(reader: &Reader<'_>, fragment: &Model, model: &mut Model) {
    overlay::fill(reader, fragment, model);
}

impl Facts<'_, '_> {
    /// Sets a fact, with the places that it follows from; a finding points at the first.
    fn put(&mut self, id: ScopeId, key: &str, value: Value, from: Vec<Loc>) {
        let Some(scope) = self.model.scope(id) else { return };
        let Some(key) = SCHEMA.key(scope.kind, key) else { return };
        let at = from.first().copied().unwrap_or(scope.at);
        if let Some(scope) = self.model.scope_mut(id) {
            scope.own.set(key, Node::derived(value, at, from));
        }
    }

    /// Sets a fact of the service at `index`.
    fn of_service(&mut self, index: usize, key: &str, value: Value, from: Vec<Loc>) {
        if let Some(&id) = self.scopes.get(index) {
            self.put(id, key, value, from);
        }
    }

    fn text(&mut self, index: usize, key: &str, text: &str, from: Vec<Loc>) {
        self.of_service(index, key, Value::text(text), from);
    }
}
