//! The last touches of `docker compose config`: implicit networks, names, dependencies and defaults, durations and sizes
//! in its own spelling, and `$` doubled so that the output can be read again.

use super::canonical::{float, made};
use super::interpolate::Environment;
use crate::model::{Entry, Node, Piece, Str, Text, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Brings a service into the form that is printed.
pub(super) fn service(service: &mut Node, environment: &Environment) {
    let at = service.at;
    dependencies(service, at);
    for path in ["interval", "timeout", "start_period", "start_interval"] {
        touch(service, &["healthcheck", path], duration);
    }
    touch(service, &["healthcheck", "retries"], number);
    touch(service, &["healthcheck"], |check| {
        if let Value::Map(entries) = &mut check.value {
            entries.retain(|entry| entry.node.value != Value::Bool(false));
        }
    });
    touch(service, &["build", "args"], |arguments| passed_on(arguments, environment));
    touch(service, &["stop_grace_period"], duration);
    for path in [&["mem_limit"][..], &["memswap_limit"], &["mem_reservation"], &["shm_size"]] {
        touch(service, path, size);
    }
    for side in ["limits", "reservations"] {
        touch(service, &["deploy", "resources", side, "memory"], size);
        touch(service, &["deploy", "resources", side, "cpus"], number);
    }
    touch(service, &["cpus"], number);
    touch(service, &["extra_hosts"], hosts);
    touch(service, &["logging", "options"], texts);
    if let Some(deploy) = find(service, &["deploy"]) {
        default(deploy, "placement", Value::Map(Vec::new()), at);
    }
    if let Some(build) = find(service, &["build"])
        && build.value.entry("dockerfile").is_none()
        && build.value.entry("dockerfile_inline").is_none()
    {
        default(build, "dockerfile", Value::text("Dockerfile"), at);
    }
    each(service, "secrets", |item| {
        let source = item.value.entry("source").and_then(|node| node.value.as_str());
        if let Some(target) = source.map(|name| format!("/run/secrets/{name}")) {
            default(item, "target", Value::text(target), at);
        }
    });
    each(service, "volumes", |volume| mount(volume, at));
}

/// Arguments without a value have that of the variable.
fn passed_on(arguments: &mut Node, environment: &Environment) {
    let Value::Map(entries) = &mut arguments.value else { return };
    for entry in entries.iter_mut().filter(|entry| entry.node.value == Value::Null) {
        if let Some(variable) = environment.get(&entry.key) {
            entry.node.value = Value::Text(variable.value.clone());
        }
    }
}

fn mount(volume: &mut Node, at: Loc) {
    touch(volume, &["target"], |node| {
        if let Some(text) = node.value.as_str().filter(|text| text.len() > 1 && text.ends_with('/')) {
            node.value = Value::text(text.trim_end_matches('/'));
        }
    });
    if volume.value.entry("type").is_some_and(|node| node.value.as_str() == Some("volume")) {
        default(volume, "volume", Value::Map(Vec::new()), at);
    }
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
        if external || !project.is_empty() {
            default(&mut element, "name", Value::text(own), at);
        }
        if key == "networks" {
            default(&mut element, "ipam", Value::Map(Vec::new()), at);
        }
        entries.push(Entry { key: name.clone(), node: element });
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
        Value::Map(entries) => entries.iter_mut().for_each(|entry| escape(&mut entry.node)),
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

fn number(node: &mut Node) {
    let Some(text) = node.value.as_str() else { return };
    if let Ok(whole) = text.parse::<i64>() {
        node.value = Value::Int(whole);
    } else if let Ok(number) = text.parse::<f64>() {
        node.value = Value::Float(number);
    }
}

fn texts(node: &mut Node) {
    if let Value::Map(entries) = &mut node.value {
        for entry in entries {
            entry.node.value = match &entry.node.value {
                Value::Int(number) => Value::text(number.to_string()),
                Value::Float(number) => Value::text(float(*number)),
                value => value.clone(),
            };
        }
    }
}

/// `name: address` and `name:address` as `name=address`.
fn hosts(node: &mut Node) {
    let join = |name: &str, address: &str| Value::text(format!("{name}={}", address.trim_matches(['[', ']'])));
    match &mut node.value {
        Value::Map(entries) => {
            let lines = entries.iter().flat_map(|entry| {
                let addresses = match &entry.node.value {
                    Value::List(list) => list.as_slice(),
                    _ => std::slice::from_ref(&entry.node),
                };
                let line = |node: &Node| {
                    let value = join(&entry.key, node.value.as_str().unwrap_or_default());
                    Node { value, name_at: None, ..node.clone() }
                };
                addresses.iter().map(line).collect::<Vec<_>>()
            });
            node.value = Value::List(lines.collect());
        }
        Value::List(list) => {
            for item in list {
                let Some(text) = item.value.as_str() else { continue };
                if let Some((name, address)) = text.split_once('=').or_else(|| text.split_once(':')) {
                    item.value = join(name, address);
                }
            }
        }
        _ => {}
    }
}

/// A size in bytes: `1g`, `64mb`, `512`.
fn size(node: &mut Node) {
    if let Value::Int(number) = node.value {
        node.value = Value::text(number.to_string());
        return;
    }
    let Some(text) = node.value.as_str() else { return };
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (amount, unit) = lower.split_at(digits);
    let shift = match unit.trim().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return,
    };
    let whole = amount.parse::<u64>().ok().and_then(|amount| amount.checked_mul(1 << shift));
    if let Some(bytes) = whole {
        node.value = Value::text(bytes.to_string());
    }
}

/// A duration as Go prints it: `90s` is `1m30s`, `2m` is `2m0s`.
fn duration(node: &mut Node) {
    let Some(nanoseconds) = node.value.as_str().and_then(nanoseconds) else { return };
    let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let text = match (seconds, rest) {
        (0, 0) => "0s".to_owned(),
        (0, rest) if rest % 1_000_000 == 0 => format!("{}ms", rest / 1_000_000),
        (_, 1..) => return,
        (seconds, _) if seconds < 60 => format!("{seconds}s"),
        (seconds, _) if seconds < 3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        (seconds, _) => format!("{}h{}m{}s", seconds / 3600, seconds % 3600 / 60, seconds % 60),
    };
    node.value = Value::text(text);
}

fn nanoseconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (amount, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, following) = after.split_at(letters);
        let scale = match unit {
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            _ => return None,
        };
        total = total.checked_add(amount.parse::<u64>().ok()?.checked_mul(scale)?)?;
        rest = following;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileId, Span};

    /// Each as Docker Compose 2.40.3 prints it.
    #[test]
    fn durations_and_sizes_are_spelt_as_go_does() {
        let spelt = |change: fn(&mut Node), text: &str| {
            let mut node = Node::set(Value::text(text), Loc::new(FileId(0), Span::default()));
            change(&mut node);
            node.value.as_str().unwrap_or_default().to_owned()
        };
        for (text, expected) in
            [("90s", "1m30s"), ("2m", "2m0s"), ("1h", "1h0m0s"), ("500ms", "500ms"), ("1m30s", "1m30s"), ("10s", "10s")]
        {
            assert_eq!(spelt(duration, text), expected, "{text}");
        }
        for (text, expected) in
            [("64m", "67108864"), ("1g", "1073741824"), ("128mb", "134217728"), ("2G", "2147483648"), ("512", "512")]
        {
            assert_eq!(spelt(size, text), expected, "{text}");
        }
    }
}
