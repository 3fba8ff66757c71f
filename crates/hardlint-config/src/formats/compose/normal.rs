//! The last touches of `docker compose config`: implicit networks, names, dependencies and defaults, and `$` doubled so
//! that the output can be read again. How each value is spelt is in [`super::held`].

use super::canonical::made;
use super::interpolate::Environment;
use super::{held, volumes};
use crate::model::{Entry, Node, Piece, Str, Text, Value, Why};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Brings a service into the form that is printed.
pub(super) fn service(service: &mut Node, environment: &Environment) {
    let at = service.at;
    dependencies(service, at);
    touch(service, &["build", "args"], |arguments| passed_on(arguments, environment));
    touch(service, &["extra_hosts"], hosts);
    if let Some(deploy) = find(service, &["deploy"]) {
        default(deploy, "placement", Value::Map(Vec::new()), at);
        default(deploy, "resources", Value::Map(Vec::new()), at);
        replicas(service);
    }
    if let Some(build) = find(service, &["build"]) {
        if !has_text(build, "dockerfile_inline") {
            default(build, "dockerfile", Value::text("Dockerfile"), at);
        }
        touch(build, &["extra_hosts"], hosts);
        touch(build, &["ssh"], agents);
    }
    touch(service, &["pull_policy"], |policy| {
        if policy.value.as_str() == Some("if_not_present") {
            policy.value = Value::text("missing");
        }
    });
    each(service, "secrets", |item| secret_target(item, at));
    each(service, "volumes", mount);
    for key in ["device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops", "weight_device"] {
        touch(service, &["blkio_config"], |limits| each(limits, key, capitals));
    }
    let no_command = || Value::Map(vec![entry("command", Value::Null, at)]);
    touch(service, &["develop"], |develop| each(develop, "watch", |watch| default(watch, "exec", no_command(), at)));
    touch(service, &["provider", "options"], options);
    touch(service, &["gpus"], |gpus| devices(gpus, at));
    touch(service, &["deploy", "resources", "reservations", "devices"], |requests| devices(requests, at));
}

/// What stands here has capitals in the output.
fn capitals(node: &mut Node) {
    if let Value::Map(entries) = &mut node.value {
        for entry in entries {
            entry.key = match &*entry.key {
                "path" => "Path".into(),
                "rate" => "Rate".into(),
                "weight" => "Weight".into(),
                _ => continue,
            };
        }
    }
}

/// The number of a service's containers, told once and meant twice.
fn replicas(service: &mut Node) {
    let Some(scale) = service.value.entry("scale").cloned() else { return };
    if let Some(deploy) = find(service, &["deploy"]) {
        default(deploy, "replicas", scale.value, scale.at);
    }
}

/// Each option of a provider may have several values.
fn options(node: &mut Node) {
    let Value::Map(entries) = &mut node.value else { return };
    for Entry { node, .. } in entries {
        let text = |node: &Node| Node { value: Value::text(super::one(&node.value)), name_at: None, ..node.clone() };
        node.value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(text).collect()),
            _ => Value::List(vec![text(node)]),
        };
    }
}

/// Requests for devices are for all of them, unless they say how many or which.
fn devices(requests: &mut Node, at: Loc) {
    if requests.value.as_str() == Some("all") {
        let all = made(Value::Map(Vec::new()), requests.at);
        requests.value = Value::List(vec![all]);
    }
    if let Value::List(items) = &mut requests.value {
        for item in items {
            if item.value.entry("device_ids").is_none() {
                default(item, "count", Value::Int(-1), at);
            }
        }
    }
}

/// Keys for a build, of which one without a path is the agent's.
fn agents(node: &mut Node) {
    let Value::Map(entries) = &node.value else { return };
    let line = |entry: &Entry| {
        let text = match entry.node.value.as_str() {
            Some(path) => format!("{}={path}", entry.key),
            None => entry.key.to_string(),
        };
        Node { value: Value::text(text), name_at: None, ..entry.node.clone() }
    };
    node.value = Value::List(entries.iter().map(line).collect());
}

fn has_text(node: &Node, key: &str) -> bool {
    node.value.entry(key).is_some_and(|node| node.value.as_str() != Some(""))
}

fn secret_target(item: &mut Node, at: Loc) {
    let source = item.value.entry("source").and_then(|node| node.value.as_str());
    if let Some(target) = source.map(|name| format!("/run/secrets/{name}")) {
        default(item, "target", Value::text(target), at);
    }
}

/// Arguments without a value have that of the variable.
fn passed_on(arguments: &mut Node, environment: &Environment) {
    let Value::Map(entries) = &mut arguments.value else { return };
    for entry in entries.iter_mut().filter(|entry| entry.node.value == Value::Null) {
        if let Some(variable) = environment.get(&entry.key) {
            entry.node.value = Value::Text(variable.value.clone());
        } else if !environment.closed {
            entry.node.value = Value::Unknown(Why::Variable(entry.key.clone()));
        }
    }
    entries.retain(|entry| entry.node.value != Value::Null);
}

fn mount(volume: &mut Node) {
    touch(volume, &["target"], |node| {
        if let Some(text) = node.value.as_str() {
            node.value = Value::text(volumes::cleaned(text));
        }
    });
}

/// Services that others need without saying so: links, shared namespaces, shared volumes.
fn dependencies(service: &mut Node, at: Loc) {
    let mut needed: Vec<(String, bool)> = Vec::new();
    let texts = |key: &str| -> Vec<String> {
        let list = service.value.entry(key).and_then(|node| node.value.as_list()).unwrap_or_default();
        list.iter().filter_map(|node| node.value.as_str().map(str::to_owned)).collect()
    };
    for link in texts("links") {
        needed.push((link.split(':').next().unwrap_or_default().to_owned(), true));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let value = service.value.entry(key).and_then(|node| node.value.as_str());
        needed.extend(value.and_then(|text| text.strip_prefix("service:")).map(|name| (name.to_owned(), true)));
    }
    for from in texts("volumes_from") {
        if !from.starts_with("container:") {
            needed.push((from.split(':').next().unwrap_or_default().to_owned(), false));
        }
    }
    if let Some(Node { value: Value::Map(all), .. }) = find(service, &["depends_on"]) {
        for entry in all {
            default(&mut entry.node, "condition", Value::text("service_started"), at);
            default(&mut entry.node, "required", Value::Bool(true), at);
        }
    }
    for (name, restart) in needed {
        default(service, "depends_on", Value::Map(Vec::new()), at);
        let Some(all) = find(service, &["depends_on"]) else { return };
        let mut entries = vec![entry("condition", Value::text("service_started"), at)];
        if restart {
            entries.push(entry("restart", Value::Bool(true), at));
        }
        entries.push(entry("required", Value::Bool(true), at));
        default(all, &name, Value::Map(entries), at);
    }
}

/// The networks or volumes that services use, each with its name.
pub(super) fn section(
    key: &str,
    declared: Option<&Node>,
    used: &BTreeSet<Str>,
    project: &str,
    at: Loc,
) -> Option<Node> {
    let nothing: &[Entry] = &[];
    let declared = match declared.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => nothing,
    };
    let declared: BTreeMap<&str, &Node> = declared.iter().map(|entry| (&*entry.key, &entry.node)).collect();
    let mut entries = Vec::new();
    for name in used {
        let found = declared.get(&**name).map(|&node| node.clone());
        if found.is_none() && !(key == "networks" && &**name == "default") {
            continue;
        }
        let mut element = found.unwrap_or_else(|| made(Value::Null, at));
        if !matches!(element.value, Value::Map(_)) {
            element.value = Value::Map(Vec::new());
        }
        let external = element.value.entry("external").is_some_and(|it| it.value != Value::Bool(false));
        let own = if external { name.to_string() } else { format!("{project}_{name}") };
        if (external || !project.is_empty()) && element.value.entry("name").is_none() {
            put(&mut element, "name", Value::text(own), at);
        }
        let held = match key {
            "networks" => {
                default(&mut element, "ipam", Value::Map(Vec::new()), at);
                &held::NETWORK
            }
            "volumes" => &held::VOLUME,
            "secrets" => &held::SECRET,
            _ => &held::CONFIG,
        };
        entries.extend(held::printed(element, held).map(|node| Entry { key: name.clone(), node }));
    }
    (!entries.is_empty()).then(|| made(Value::Map(entries), at))
}

/// Doubles each `$`, as the output is a Compose file again.
pub(super) fn escape(node: &mut Node) {
    match &mut node.value {
        Value::Text(Text::Known(text)) if text.contains('$') => *text = text.replace('$', "$$").into(),
        Value::Text(Text::Pieces(pieces)) => {
            for piece in pieces {
                if let Piece::Known(text) = piece {
                    *text = text.replace('$', "$$").into();
                }
            }
        }
        Value::List(list) => list.iter_mut().for_each(escape),
        Value::Map(entries) => {
            for entry in entries {
                if entry.key.contains('$') {
                    entry.key = entry.key.replace('$', "$$").into();
                }
                escape(&mut entry.node);
            }
        }
        _ => {}
    }
}

fn entry(key: &str, value: Value, at: Loc) -> Entry {
    Entry { key: key.into(), node: made(value, at) }
}

fn default(node: &mut Node, key: &str, value: Value, at: Loc) {
    if let Value::Map(entries) = &mut node.value
        && !entries.iter().any(|entry| &*entry.key == key)
    {
        entries.push(entry(key, value, at));
    }
}

/// Sets a key, whatever it was.
fn put(node: &mut Node, key: &str, value: Value, at: Loc) {
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|entry| &*entry.key != key);
        entries.push(entry(key, value, at));
    }
}

fn find<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Node> {
    let Some((first, rest)) = path.split_first() else { return Some(node) };
    let Value::Map(entries) = &mut node.value else { return None };
    let entry = entries.iter_mut().find(|entry| &*entry.key == *first)?;
    find(&mut entry.node, rest)
}

fn touch(node: &mut Node, path: &[&str], change: impl FnOnce(&mut Node)) {
    if let Some(node) = find(node, path) {
        change(node);
    }
}

fn each(node: &mut Node, key: &str, change: impl FnMut(&mut Node)) {
    if let Some(Node { value: Value::List(list), .. }) = find(node, &[key]) {
        list.iter_mut().for_each(change);
    }
}

/// `name:address` as `name=address`, sorted.
fn hosts(node: &mut Node) {
    let Value::List(list) = &mut node.value else { return };
    for item in list.iter_mut() {
        let Some(text) = item.value.as_str() else { continue };
        if let Some((name, address)) = text.split_once('=').or_else(|| text.split_once(':')) {
            item.value = Value::text(format!("{name}={}", address.trim_matches(['[', ']'])));
        }
    }
    list.sort_by(|a, b| a.value.as_str().cmp(&b.value.as_str()));
}
