//! What makes a block the same over time. A server has no name of its own: it is the one that answers for its names, of which the
//! shortest stands for all, or else on its sockets. Names and sockets are added more often than servers are made, and those that
//! come to `example.org` are longer, as `www.example.org` is.

use crate::formats::label;
use crate::model::{Model, Node, ScopeId, Str, Value};

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
    let names = list("server_name").iter().filter_map(|node| node.value.as_str());
    let name = names.filter(|name| !matches!(*name, "" | "_")).min_by_key(|name| (name.len(), *name));
    let socket = |node: &Node| match node.value {
        Value::Scope(socket) => model.scope(socket).map(|scope| scope.label.clone()),
        _ => None,
    };
    name.map(Str::from).or_else(|| list("sockets").iter().filter_map(socket).min()).into_iter().collect()
}
