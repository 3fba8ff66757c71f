//! The addresses of databases, stores and queues on other machines.

use super::{Variable, push, set};
use crate::formats::env::keys::URL;
use crate::model::{Model, Node, ScopeId, Value};
use crate::urls;

/// Adds the addresses to the model.
pub(super) fn fill(model: &mut Model, variables: &[Variable]) {
    for variable in variables.iter().filter(|variable| variable.value.contains("://")) {
        let Some(address) = urls::remote(&variable.value) else { continue };
        let id = push(model, URL, variable, ScopeId(0));
        let fact = |value: Value| Node::derived(value, variable.at, vec![variable.at]);
        for (key, value) in [
            ("host", Value::text(address.host)),
            ("scheme", Value::text(address.service)),
            ("tls", Value::text(address.tls.name())),
            ("with_password", Value::Bool(address.with_password)),
        ] {
            set(model, id, key, fact(value));
        }
    }
}
