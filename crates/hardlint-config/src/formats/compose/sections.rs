//! What Compose requires of the volumes, networks, secrets and configurations that a project declares.

use super::consistency::entries;
use super::validate::Refusal;
use crate::model::{Entry, Node, Value};

/// What is wrong with what a project declares.
pub(super) fn check(root: &Node, refusals: &mut Vec<Refusal>) {
    for section in ["volumes", "secrets", "configs"] {
        for entry in entries(root, section) {
            let external = entry.node.value.entry("external").is_some_and(|it| it.value == Value::Bool(true));
            let refusal = match section {
                "volumes" if external => foreign(entry),
                "secrets" if !external => one_of(entry, &["file", "environment"]),
                "configs" if !external => one_of(entry, &["file", "environment", "content"]),
                _ => None,
            };
            if let Some(what) = refusal {
                let at = entry.node.name_at.unwrap_or(entry.node.at);
                refusals.push(Refusal { at, message: format!("{section}.{}: {what}", entry.key) });
            }
        }
    }
}

/// What others made has nothing to set.
fn foreign(entry: &Entry) -> Option<String> {
    let Value::Map(keys) = &entry.node.value else { return None };
    let other = keys.iter().find(|it| !matches!(&*it.key, "external" | "name") && !it.key.starts_with("x-"))?;
    Some(format!("conflicting parameters \"external\" and \"{}\" specified", other.key))
}

fn one_of(entry: &Entry, keys: &[&str]) -> Option<String> {
    let given = |node: &Node| node.value != Value::Null;
    let count = keys.iter().filter(|key| entry.node.value.entry(key).is_some_and(given)).count();
    let keys = keys.join("|");
    match count {
        0 => Some(format!("one of {keys} must be set")),
        1 => None,
        _ => Some(format!("{keys} attributes are mutually exclusive")),
    }
}
