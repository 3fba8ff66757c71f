//! What makes a block the same over time. A server has no name of its own: it is the one that answers for its first
//! name, which is what `$server_name` holds, on its ports.

use crate::formats::label;
use crate::model::{Model, Node, ScopeId, Str, Value};
use std::collections::BTreeSet;

/// The words for a scope.
pub(super) fn of(model: &Model, id: ScopeId) -> Vec<Str> {
    let server = model.format.schema.kind_named("server");
    if model.scope(id).is_none_or(|scope| Some(scope.kind) != server) {
        return label(model, id);
    }
    let list = |key: &str| match model.get(id, key) {
        Some(Value::List(nodes)) => nodes.as_slice(),
        _ => &[],
    };
    let first = list("server_name").first().and_then(|node| node.value.as_str()).unwrap_or_default();
    // Addresses come and go, as where IPv6 is added; what a port is for does not.
    let port = |node: &Node| match node.value {
        Value::Scope(socket) => model.get(socket, "port").and_then(Value::as_str),
        _ => None,
    };
    let ports: BTreeSet<&str> = list("sockets").iter().filter_map(port).collect();
    let ports: Vec<&str> = ports.into_iter().collect();
    vec![first.into(), ports.join(" ").into()]
}
