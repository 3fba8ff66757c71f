//! Ports, mounts and devices as records, from the one text that each of them may be.

use super::super::draft::Draft;
use super::super::validate::Refusal;
use super::super::{ports, volumes};
use super::member;
use super::paths::path;
use crate::model::{Entry, Node, Text, Value};
use crate::text::Loc;

pub(super) fn port(node: Node, refusals: &mut Vec<Refusal>) -> Vec<Node> {
    if let Value::Map(_) = node.value {
        return vec![long_port(node)];
    }
    if matches!(node.value, Value::Unknown(_)) {
        return vec![node];
    }
    match ports::read(&node) {
        Ok(ports) => ports
            .into_iter()
            .map(|port| {
                let mut entries = vec![("mode", Value::text("ingress"))];
                entries.extend(port.host_ip.map(|value| ("host_ip", value)));
                entries.push(("target", port.target));
                entries.extend(port.published.map(|value| ("published", value)));
                entries.push(("protocol", port.protocol));
                record(&node, entries)
            })
            .collect(),
        Err(message) => {
            refusals.push(Refusal { at: node.at, message });
            Vec::new()
        }
    }
}

fn long_port(mut node: Node) -> Node {
    let at = node.at;
    if let Some(target) = member(&mut node, "target") {
        if let Some(number) = target.value.as_str().and_then(|text| text.parse().ok()) {
            target.value = Value::Int(number);
        } else if let Value::Text(Text::Pieces(_)) = &target.value {
            target.value = Draft::of(&target.value)
                .and_then(|draft| draft.why(&draft.text).cloned())
                .map_or(Value::Null, Value::Unknown);
        }
    }
    if let Value::Map(entries) = &mut node.value {
        for (key, value) in [("mode", "ingress"), ("protocol", "tcp")] {
            if !entries.iter().any(|entry| &*entry.key == key) {
                entries.push(Entry { key: key.into(), node: Node { at, ..Node::default_value(Value::text(value)) } });
            }
        }
    }
    node
}

fn record(from: &Node, entries: Vec<(&str, Value)>) -> Node {
    let entries = entries.into_iter().map(|(key, value)| Entry {
        key: key.into(),
        node: Node { value, origin: from.origin.clone(), at: from.at, name_at: Some(from.at) },
    });
    Node { value: Value::Map(entries.collect()), ..from.clone() }
}

pub(super) fn volume(mut node: Node, folder: &str, refusals: &mut Vec<Refusal>) -> Vec<Node> {
    if let Value::Map(_) = node.value {
        let bind = node.value.entry("type").is_some_and(|node| node.value.as_str() == Some("bind"));
        if let Some(source) = member(&mut node, "source").filter(|_| bind) {
            path(source, folder);
        }
        return vec![node];
    }
    match volumes::read(&node.value) {
        Ok(Some(volume)) => {
            let mut entries = vec![("type", Value::text(volume.kind))];
            if volume.kind.is_empty() {
                let why = Draft::of(&node.value).and_then(|draft| draft.why(&draft.text).cloned());
                entries = vec![("type", why.map_or(Value::Null, Value::Unknown))];
            }
            entries.extend(volume.source.map(|value| ("source", value)));
            entries.push((
                "target",
                volume.target.as_str().map(|text| Value::text(volumes::cleaned(text))).unwrap_or(volume.target),
            ));
            if volume.read_only {
                entries.push(("read_only", Value::Bool(true)));
            }
            let mut bind = Vec::new();
            bind.extend(volume.propagation.map(|text| ("propagation", Value::text(text))));
            bind.extend(volume.selinux.map(|text| ("selinux", Value::text(text))));
            if volume.kind == "bind" {
                bind.push(("create_host_path", Value::Bool(true)));
                entries.push(("bind", record(&node, bind).value));
            } else if volume.kind == "volume" && !volume.short {
                let options = if volume.nocopy { vec![("nocopy", Value::Bool(true))] } else { Vec::new() };
                entries.push(("volume", record(&node, options).value));
            }
            let mut made = record(&node, entries);
            if let Some(source) = member(&mut made, "source").filter(|_| volume.kind == "bind") {
                path(source, folder);
            }
            vec![made]
        }
        Ok(None) => vec![node],
        Err(message) => {
            refusals.push(Refusal { at: node.at, message });
            Vec::new()
        }
    }
}

pub(super) fn device(node: Node, refusals: &mut Vec<Refusal>) -> Vec<Node> {
    let Some(draft) = Draft::of(&node.value) else { return vec![node] };
    let mut parts = draft.text.split(':');
    let source = parts.next().unwrap_or_default();
    let target = parts.next().filter(|target| !target.is_empty()).unwrap_or(source);
    let permissions = parts.next().unwrap_or("rwm");
    if parts.next().is_some() {
        let message = format!("confusing device mapping, please use long syntax: {}", draft.text);
        refusals.push(Refusal { at: node.at, message });
        return Vec::new();
    }
    let entries = vec![
        ("source", draft.value(source)),
        ("target", draft.value(target)),
        ("permissions", draft.value(permissions)),
    ];
    vec![record(&node, entries)]
}

/// The mount that `use_api_socket` stands for.
pub(in crate::formats::compose) fn api_socket(at: Loc) -> Node {
    let socket = || Value::text("/var/run/docker.sock");
    let node = Node::set(Value::Null, at);
    record(&node, vec![("type", Value::text("bind")), ("source", socket()), ("target", socket())])
}
