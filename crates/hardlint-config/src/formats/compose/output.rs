//! The project as `docker compose config --format json` prints it.

use super::load::Loaded;
use super::resolve::Service;
use super::{held, normal};
use crate::model::{Entry, Node, Str, Text, Value};
use crate::workspace::Query;
use std::collections::BTreeSet;

/// The document.
pub(super) fn document(loaded: &Loaded, services: &[Service<'_>], query: &Query) -> Node {
    let at = loaded.root.at;
    let mut entries = Vec::new();
    if let Some(name) = &loaded.name {
        entries.push(entry("name", name.clone()));
    }
    let profiles = profiles(loaded, query);
    let active: Vec<&Service<'_>> = services.iter().filter(|service| is_active(service.node, &profiles)).collect();
    let map = active.iter().map(|it| Entry { key: it.name.into(), node: service(it, loaded) });
    entries.push(entry("services", super::canonical::made(Value::Map(map.collect()), at)));
    let named = entries.first().filter(|entry| &*entry.key == "name");
    let name = named.and_then(|entry| entry.node.value.as_str()).unwrap_or_default().to_owned();
    let services = entries.last().map(|entry| entry.node.clone());
    for key in ["networks", "volumes", "secrets", "configs"] {
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
        let build = service.node.value.entry("build").and_then(|build| build.value.entry(key));
        if let Some(Value::List(list)) = build.map(|node| &node.value) {
            names.extend(list.iter().filter_map(|it| it.value.entry("source")?.value.as_str()).map(Str::from));
        }
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

/// The profiles that are asked for.
pub(super) fn profiles(loaded: &Loaded, query: &Query) -> BTreeSet<String> {
    let told = loaded.environment.get("COMPOSE_PROFILES").map(|variable| &variable.value);
    let told = told.and_then(|text| match text {
        Text::Known(text) => Some(&**text),
        Text::Pieces(_) => None,
    });
    query.condition("profile").or(told).unwrap_or_default().split(',').map(str::to_owned).collect()
}

/// Whether a service is started where these profiles are asked for.
pub(super) fn is_active(service: &Node, profiles: &BTreeSet<String>) -> bool {
    let Some(Value::List(own)) = service.value.entry("profiles").map(|node| &node.value) else { return true };
    let wanted = |name: &str| profiles.contains(name) || profiles.contains("*");
    own.is_empty() || own.iter().filter_map(|node| node.value.as_str()).any(wanted)
}

fn service(service: &Service<'_>, loaded: &Loaded) -> Node {
    let Value::Map(settings) = &service.node.value else { return service.node.clone() };
    // What files set is in force by its name alone.
    let kept = |entry: &&Entry| !matches!(&*entry.key, "env_file" | "environment" | "label_file");
    let mut entries: Vec<Entry> = settings.iter().filter(kept).cloned().collect();
    if !service.labels.is_empty() {
        let mut labels = service.labels.clone();
        if let Some(at) = entries.iter().position(|entry| &*entry.key == "labels")
            && let Value::Map(own) = entries.remove(at).node.value
        {
            labels.retain(|label| !own.iter().any(|entry| entry.key == label.key));
            labels.extend(own);
        }
        entries.push(entry("labels", super::canonical::made(Value::Map(labels), service.node.at)));
    }
    for key in ["command", "entrypoint"] {
        if !entries.iter().any(|entry| &*entry.key == key) {
            entries.push(entry(key, super::canonical::made(Value::Null, service.node.at)));
        }
    }
    let attached = |entry: &Entry| match &*entry.key {
        "networks" => !matches!(&entry.node.value, Value::Map(map) if map.is_empty()),
        "network_mode" | "provider" => true,
        _ => false,
    };
    if !entries.iter().any(attached) {
        entries.retain(|entry| &*entry.key != "networks");
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
    let empty = Node { value: Value::Map(Vec::new()), ..service.node.clone() };
    held::printed(node, &held::SERVICE).unwrap_or(empty)
}
