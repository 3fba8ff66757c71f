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
mod unused_key;

use super::keys::SCHEMA;
use super::{Deployment, connections};
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::{Query, Reader};
use std::collections::{BTreeSet, HashMap};

/// What facts are worked out from, and where they are put.
struct Facts<'a, 'm> {
    project: &'a Model,
    deployment: &'a Deployment,
    /// The scopes of the services, in their order.
    scopes: &'a [ScopeId],
    /// The services that each one's variables name.
    named: Vec<BTreeSet<usize>>,
    /// The ports and mounts of the services, by their scopes in the project.
    ports: HashMap<ScopeId, Vec<ScopeId>>,
    mounts: HashMap<ScopeId, Vec<ScopeId>>,
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
    let named = connections::named(&deployment.services, &deployment.names);
    let (ports, mounts) = (children(project, "port"), children(project, "mount"));
    let mut facts = Facts { project, deployment, scopes, named, ports, mounts, model };
    facts.put(ScopeId(0), "unused_hardening", Value::text(""), Vec::new());
    let routes = routes::fill(reader.loader, &mut facts);
    let reached = reach::fill(&mut facts, &routes);
    exits::fill(&mut facts, &reached);
    login::fill(reader, query, &mut facts);
    forwarded::fill(&mut facts);
    queues::fill(&mut facts);
    transport::fill(&mut facts);
    unused_key::fill(&mut facts);
    reuse::fill(&mut facts);
    published::fill(reader, &mut facts);
    needs::fill(reader, &mut facts);
}

/// The scopes of a kind, by the one that they lie in.
fn children(project: &Model, kind: &str) -> HashMap<ScopeId, Vec<ScopeId>> {
    let mut children: HashMap<ScopeId, Vec<ScopeId>> = HashMap::new();
    let kind = project.format.schema.kind_named(kind);
    for (id, scope) in (0..).map(ScopeId).zip(&project.scopes).filter(|(_, scope)| Some(scope.kind) == kind) {
        children.entry(scope.parent.unwrap_or(ScopeId(0))).or_default().push(id);
    }
    children
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
