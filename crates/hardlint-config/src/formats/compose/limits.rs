//! What single settings of a service let happen: whether it may use all of the host's memory, what it writes into its log,
//! who leads its packets, and what variables of its environment switch.

use super::images;
use super::resolve::{Service, set};
use crate::model::{Entry, Model, Node, Text, Value};
use crate::programs::unverified_variable;

/// Variables by which frameworks answer errors with their source, or run what a browser sends.
const DEBUG: &[&str] = &["APP_DEBUG", "DEBUG", "DJANGO_DEBUG", "FLASK_DEBUG"];

/// Variables that choose between development and production.
const STAGE: &[&str] =
    &["APP_ENV", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "FLASK_ENV", "NODE_ENV", "RACK_ENV", "RAILS_ENV"];

/// Fills the facts in.
pub(super) fn fill(model: &mut Model, service: &Service<'_>) {
    memory(model, service);
    logged(model, service);
    routed_by_others(model, service);
    for variable in &service.environment {
        let (Some(scope), Value::Text(Text::Known(value))) = (variable.scope, &variable.node.value) else { continue };
        let at = variable.node.at;
        if let Some(off) = unverified_variable(&variable.name, value) {
            let node = Node::derived(Value::text(off), at, vec![at]);
            set(model, scope, "tls_unverified", Node::derived(Value::List(vec![node]), at, vec![at]));
        }
        if value.starts_with("/run/secrets/") && takes_passwords_as_text(service, &variable.name) {
            set(model, scope, "path_as_password", Node::derived(Value::text(value.as_str()), at, vec![at]));
        }
        if let Some(mode) = debug_mode(&variable.name, value) {
            set(model, scope, "debug_mode", Node::derived(Value::text(mode), at, vec![at]));
        }
    }
}

/// Whether the image of a service takes the value of a variable for a password, whatever it looks like: those that are
/// published read a file where another variable names it. An image of the project's own may read this one.
fn takes_passwords_as_text(service: &Service<'_>, name: &str) -> bool {
    let reference = service.node.value.entry("image").and_then(|node| images::reference(&node.value));
    let reference = reference.as_deref();
    let has = |key: &str| service.node.value.entry(key).is_some();
    let known =
        images::password_of(name).is_some() && images::makes_account(name, reference, service.name) == Some(true);
    known && reference.is_some() && !has("build") && !has("entrypoint")
}

/// What a variable switches on that is for developers.
pub(in crate::formats) fn debug_mode(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim().to_ascii_lowercase();
    if DEBUG.contains(&name) && matches!(&*value, "1" | "true" | "yes" | "on") {
        return Some("debugging");
    }
    // What Xdebug does is a list of modes.
    if name == "XDEBUG_MODE" && value.split(',').any(|mode| matches!(mode.trim(), "debug" | "develop")) {
        return Some("Xdebug");
    }
    (STAGE.contains(&name) && matches!(&*value, "dev" | "development")).then_some("development")
}

/// Whether a number of bytes is a limit: Docker takes none at all for 0.
fn limits(node: &Node) -> bool {
    match &node.value {
        Value::Null | Value::Int(0) => false,
        Value::Text(Text::Known(text)) => {
            let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
            digits.is_empty() || digits.bytes().any(|byte| !matches!(byte, b'0' | b'.'))
        }
        _ => true,
    }
}

/// The variables with a secret that the driver writes into each line of the log: `logging.options.env`.
fn logged(model: &mut Model, service: &Service<'_>) {
    let options = service.node.value.entry("logging").and_then(|node| node.value.entry("options"));
    let Some(node) = options.and_then(|node| node.value.entry("env")) else { return };
    let names = node.value.as_str().unwrap_or_default().split(',').map(str::trim);
    let is_secret = |name: &&str| service.environment.iter().any(|it| it.secret && *it.name == **name);
    let derived = |name: &str| Node::derived(Value::text(name), node.at, vec![node.at]);
    let found: Vec<Node> = names.filter(is_secret).map(derived).collect();
    if !found.is_empty() {
        set(model, service.id, "logged_secrets", Node::derived(Value::List(found), node.at, vec![node.at]));
    }
}

/// Kernel parameters by which whoever is on the network says which way packets of the service take.
fn routed_by_others(model: &mut Model, service: &Service<'_>) {
    let Some(Value::Map(entries)) = service.node.value.entry("sysctls").map(|node| &node.value) else { return };
    let is_on = |node: &Node| match &node.value {
        Value::Int(number) => *number != 0,
        value => value.as_str().is_some_and(|text| text.trim() != "0" && !text.trim().is_empty()),
    };
    let lets = |entry: &&Entry| {
        let mut parts = entry.key.split(['.', '/']);
        let of_network = parts.next() == Some("net") && parts.next().is_some_and(|part| part.starts_with("ipv"));
        let last = parts.next_back();
        of_network && matches!(last, Some("accept_redirects" | "accept_source_route")) && is_on(&entry.node)
    };
    let derived = |entry: &Entry| Node::derived(Value::text(&*entry.key), entry.node.at, vec![entry.node.at]);
    let found: Vec<Node> = entries.iter().filter(lets).map(derived).collect();
    if let Some(at) = found.first().map(|node| node.at) {
        set(model, service.id, "routed_by_others", Node::derived(Value::List(found), at, vec![at]));
    }
}

/// Whether nothing limits its memory; the place is the one at which a limit would be written.
fn memory(model: &mut Model, service: &Service<'_>) {
    let Some(scope) = model.scope(service.id) else { return };
    let (mut at, open) = (scope.at, scope.open.clone());
    let mut limited = service.node.value.entry("mem_limit").is_some_and(limits);
    let mut node = service.node;
    for key in ["deploy", "resources", "limits", "memory"] {
        let Value::Map(entries) = &node.value else { break };
        let Some(Entry { node: next, .. }) = entries.iter().find(|entry| &*entry.key == key) else { break };
        limited |= key == "memory" && limits(next);
        at = next.name_at.unwrap_or(next.at);
        node = next;
    }
    let unknown = open.or_else(|| match &node.value {
        Value::Unknown(why) => Some(why.clone()),
        _ => None,
    });
    let value = match unknown {
        Some(why) if !limited => Value::Unknown(why),
        _ => Value::Bool(!limited),
    };
    set(model, service.id, "memory_unlimited", Node::derived(value, at, vec![at]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_for_developers() {
        for (name, value, expected) in [
            ("FLASK_DEBUG", "1", Some("debugging")),
            ("DEBUG", "True", Some("debugging")),
            ("DEBUG", "app:*", None),
            ("DEBUG", "0", None),
            ("NODE_ENV", "development", Some("development")),
            ("NODE_ENV", "production", None),
            ("DEBUGGER", "1", None),
            ("XDEBUG_MODE", "develop,debug", Some("Xdebug")),
            ("XDEBUG_MODE", "off", None),
        ] {
            assert_eq!(debug_mode(name, value), expected, "{name}={value}");
        }
    }
}
