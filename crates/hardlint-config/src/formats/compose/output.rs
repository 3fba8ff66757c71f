//! The project as `docker compose config --format json` prints it.

use super::discover::Project;
use super::load::Loaded;
use super::normal;
use super::resolve::Service;
use crate::loader;
use crate::model::{Entry, Node, Str, Text, Value};
use crate::workspace::Query;
use std::collections::BTreeSet;

/// The project's name, where the file does not give one: from `COMPOSE_PROJECT_NAME`, else from the folder.
pub(super) fn project_name(loaded: &Loaded, folder: &str) -> Option<Node> {
    if let Some(variable) = loaded.environment.get("COMPOSE_PROJECT_NAME") {
        return Some(Node::set(Value::Text(variable.value.clone()), variable.at.unwrap_or(loaded.root.at)));
    }
    let name = normalized(loader::name(folder));
    // The root's own name is not ours to know.
    (!name.is_empty()).then(|| super::canonical::made(Value::text(name), loaded.root.at))
}

/// A name as Compose makes it of a folder's: small letters, digits, `-` and `_`, beginning with a letter or digit.
fn normalized(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String =
        lower.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(*c)).collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

/// The document.
pub(super) fn document(loaded: &Loaded, services: &[Service<'_>], project: &Project, query: &Query) -> Node {
    let at = loaded.root.at;
    let mut entries = Vec::new();
    let name = match loaded.root.value.entry("name") {
        Some(node) => {
            let value = node.value.as_str().map_or_else(|| node.value.clone(), |text| Value::text(normalized(text)));
            Some(Node { value, ..node.clone() })
        }
        None => project_name(loaded, &project.folder),
    };
    if let Some(name) = name {
        entries.push(entry("name", name));
    }
    let told = loaded.environment.get("COMPOSE_PROFILES").map(|variable| &variable.value);
    let told = told.and_then(|text| match text {
        Text::Known(text) => Some(&**text),
        Text::Pieces(_) => None,
    });
    let profiles =
        query.condition("profile").or(told).map(|list| list.split(',').map(str::to_owned).collect::<BTreeSet<_>>());
    let active: Vec<&Service<'_>> = services.iter().filter(|service| is_active(service, profiles.as_ref())).collect();
    let map = active.iter().map(|it| Entry { key: it.name.into(), node: service(it, loaded) });
    entries.push(entry("services", super::canonical::made(Value::Map(map.collect()), at)));
    let named = entries.first().filter(|entry| &*entry.key == "name");
    let name = named.and_then(|entry| entry.node.value.as_str()).unwrap_or_default().to_owned();
    let services = entries.last().map(|entry| entry.node.clone());
    for key in ["networks", "volumes", "secrets", "configs", "models"] {
        let used = services.as_ref().map(|services| used(services, key)).unwrap_or_default();
        let section = normal::section(key, loaded.root.value.entry(key), &used, &name, at);
        entries.extend(section.map(|section| entry(key, section)));
    }
    if let Value::Map(all) = &loaded.root.value {
        entries.extend(all.iter().filter(|entry| entry.key.starts_with("x-")).cloned());
    }
    let mut document = super::canonical::made(Value::Map(entries), at);
    normal::escape(&mut document);
    document
}

/// The names that services refer to in one of the other sections.
fn used(services: &Node, key: &str) -> BTreeSet<Str> {
    let mut names: BTreeSet<Str> = BTreeSet::new();
    let Value::Map(services) = &services.value else { return names };
    for service in services {
        match service.node.value.entry(key).map(|node| &node.value) {
            Some(Value::Map(map)) => names.extend(map.iter().map(|entry| entry.key.clone())),
            Some(Value::List(list)) => {
                for item in list {
                    let bind = item.value.entry("type").is_some_and(|node| node.value.as_str() != Some("volume"));
                    let source = item.value.entry("source").and_then(|node| node.value.as_str()).filter(|_| !bind);
                    names.extend(source.map(Str::from));
                }
            }
            _ => {}
        }
    }
    names
}

fn entry(key: &str, node: Node) -> Entry {
    Entry { key: key.into(), node }
}

/// Whether a service is started without more being said than `profiles`.
fn is_active(service: &Service<'_>, profiles: Option<&BTreeSet<String>>) -> bool {
    let Some(Value::List(own)) = service.node.value.entry("profiles").map(|node| &node.value) else { return true };
    own.is_empty()
        || profiles.is_some_and(|wanted| {
            own.iter().filter_map(|node| node.value.as_str()).any(|name| wanted.contains(name) || wanted.contains("*"))
        })
}

/// Keys that are gone once a project is loaded.
const GONE: [&str; 2] = ["env_file", "environment"];

fn service(service: &Service<'_>, loaded: &Loaded) -> Node {
    let Value::Map(settings) = &service.node.value else { return service.node.clone() };
    let kept = |entry: &&Entry| {
        !GONE.contains(&&*entry.key)
            && entry.node.value != Value::Bool(false)
            && !matches!(&entry.node.value, Value::List(list) if list.is_empty())
            && !matches!(&entry.node.value, Value::Map(map) if map.is_empty())
    };
    let mut entries: Vec<Entry> = settings.iter().filter(kept).cloned().collect();
    for key in ["command", "entrypoint"] {
        if !entries.iter().any(|entry| &*entry.key == key) {
            entries.push(entry(key, super::canonical::made(Value::Null, service.node.at)));
        }
    }
    if !entries.iter().any(|entry| matches!(&*entry.key, "networks" | "network_mode")) {
        let default = super::canonical::made(Value::Null, service.node.at);
        let networks = Value::Map(vec![entry("default", default)]);
        entries.push(entry("networks", super::canonical::made(networks, service.node.at)));
    }
    if !service.environment.is_empty() {
        let map = service
            .environment
            .iter()
            .map(|variable| Entry { key: variable.name.clone(), node: variable.node.clone() });
        let environment = Value::Map(map.collect());
        entries.push(entry("environment", super::canonical::made(environment, service.node.at)));
    }
    let mut node = Node { value: Value::Map(entries), ..service.node.clone() };
    normal::service(&mut node, &loaded.environment);
    node
}
