//! The long form of a file: pairs as maps, ports and volumes as records, one value as a list of one.
//!
//! Every part keeps the place of the short form that it comes from. Paths on the host become paths below the root with
//! `./` before them, or stay absolute.

use super::validate::Refusal;
use super::{ports, volumes};
use crate::loader;
use crate::model::{Entry, Node, Text, Value};
use crate::text::Loc;

/// Brings a whole file into long form; relative paths are seen from `folder`.
pub(super) fn file(root: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    let Some(services) = member(root, "services") else { return };
    if let Value::Map(entries) = &mut services.value {
        for entry in entries {
            service(&mut entry.node, folder, refusals);
        }
    }
    for key in ["secrets", "configs"] {
        if let Some(Value::Map(entries)) = member(root, key).map(|node| &mut node.value) {
            for entry in entries {
                if let Some(file) = member(&mut entry.node, "file") {
                    path(file, folder);
                }
            }
        }
    }
}

fn member<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.node),
        _ => None,
    }
}

fn service(service: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    let Value::Map(entries) = &mut service.value else { return };
    for Entry { key, node } in entries {
        match &**key {
            "environment" | "labels" | "annotations" | "sysctls" => strings(node),
            "ports" => each(node, refusals, port),
            "volumes" => each(node, refusals, |node, refusals| volume(node, folder, refusals)),
            "devices" => each(node, refusals, device),
            "secrets" | "configs" => each(node, refusals, |node, _| vec![wrapped(node, "source")]),
            "env_file" => {
                listed(node);
                each(node, refusals, |node, _| vec![wrapped(node, "path")]);
                for file in list(node) {
                    if let Some(at) = member(file, "path") {
                        path(at, folder);
                    }
                }
            }
            "dns" | "dns_search" | "tmpfs" | "label_file" => listed(node),
            "command" | "entrypoint" => words(node, refusals),
            "depends_on" => dependencies(node),
            "networks" => mapped(node),
            "build" => build(node, folder),
            "extends" if matches!(node.value, Value::Text(_)) => *node = wrapped(node.clone(), "service"),
            "healthcheck" => health(node),
            "expose" | "group_add" => {
                for item in list(node) {
                    string(item);
                }
            }
            _ => {}
        }
    }
}

fn list(node: &mut Node) -> &mut [Node] {
    match &mut node.value {
        Value::List(list) => list,
        _ => &mut [],
    }
}

/// Puts other elements in place of each.
fn each(node: &mut Node, refusals: &mut Vec<Refusal>, mut make: impl FnMut(Node, &mut Vec<Refusal>) -> Vec<Node>) {
    if let Value::List(list) = &mut node.value {
        let old = std::mem::take(list);
        list.extend(old.into_iter().flat_map(|node| make(node, refusals)));
    }
}

/// One value as a list of one.
fn listed(node: &mut Node) {
    if matches!(node.value, Value::Text(_)) {
        let one = Node { name_at: None, ..node.clone() };
        node.value = Value::List(vec![one]);
    }
}

/// A text as a map with that text under `key`.
fn wrapped(node: Node, key: &str) -> Node {
    if !matches!(node.value, Value::Text(_)) {
        return node;
    }
    let name_at = node.name_at;
    let (at, origin) = (node.at, node.origin.clone());
    let inner = Node { name_at: Some(at), ..node };
    Node { value: Value::Map(vec![Entry { key: key.into(), node: inner }]), origin, at, name_at }
}

/// Numbers and truth values as text.
fn strings(node: &mut Node) {
    if let Value::Map(entries) = &mut node.value {
        for entry in entries {
            string(&mut entry.node);
        }
    }
}

fn string(node: &mut Node) {
    let text = match &node.value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => float(*value),
        _ => return,
    };
    node.value = Value::text(text);
}

/// A number as Go's `%v` prints it.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(("+", exponent), |digits| ("-", digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    value.to_string()
}

fn port(node: Node, refusals: &mut Vec<Refusal>) -> Vec<Node> {
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
            target.value = super::draft::Draft::of(&target.value)
                .and_then(|draft| draft.why(&draft.text).cloned())
                .map_or(Value::Null, Value::Unknown);
        }
    }
    if let Some(published) = member(&mut node, "published") {
        string(published);
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

fn volume(mut node: Node, folder: &str, refusals: &mut Vec<Refusal>) -> Vec<Node> {
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
                let why = super::draft::Draft::of(&node.value).and_then(|draft| draft.why(&draft.text).cloned());
                entries = vec![("type", why.map_or(Value::Null, Value::Unknown))];
            }
            entries.extend(volume.source.map(|value| ("source", value)));
            entries.push(("target", volume.target));
            if volume.read_only {
                entries.push(("read_only", Value::Bool(true)));
            }
            let mut bind = Vec::new();
            bind.extend(volume.propagation.map(|text| ("propagation", Value::text(text))));
            bind.extend(volume.selinux.map(|text| ("selinux", Value::text(text))));
            if volume.kind == "bind" {
                bind.push(("create_host_path", Value::Bool(true)));
                entries.push(("bind", record(&node, bind).value));
            } else if volume.kind == "volume" {
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

fn device(node: Node, _refusals: &mut Vec<Refusal>) -> Vec<Node> {
    let Some(draft) = super::draft::Draft::of(&node.value) else { return vec![node] };
    let mut parts = draft.text.split(':');
    let source = parts.next().unwrap_or_default();
    let (target, permissions) = (parts.next().unwrap_or(source), parts.next().unwrap_or("rwm"));
    let entries = vec![
        ("source", draft.value(source)),
        ("target", draft.value(target)),
        ("permissions", draft.value(permissions)),
    ];
    vec![record(&node, entries)]
}

fn dependencies(node: &mut Node) {
    mapped(node);
    let Value::Map(entries) = &mut node.value else { return };
    for entry in entries {
        let at = entry.node.at;
        if entry.node.value == Value::Null {
            entry.node.value = Value::Map(Vec::new());
        }
        let Value::Map(options) = &mut entry.node.value else { continue };
        for (key, value) in [("condition", Value::text("service_started")), ("required", Value::Bool(true))] {
            if !options.iter().any(|option| &*option.key == key) {
                options.push(Entry { key: key.into(), node: Node { at, ..Node::default_value(value) } });
            }
        }
    }
}

/// A list of names as a map with nothing under them.
fn mapped(node: &mut Node) {
    let Value::List(list) = &node.value else { return };
    let entries = list.iter().filter_map(|item| {
        let key = item.value.as_str()?.into();
        Some(Entry { key, node: Node { value: Value::Null, name_at: Some(item.at), ..item.clone() } })
    });
    node.value = Value::Map(entries.collect());
}

fn build(node: &mut Node, folder: &str) {
    if matches!(node.value, Value::Text(_)) {
        *node = wrapped(node.clone(), "context");
    }
    if let Some(context) = member(node, "context") {
        // A context may be a repository's address.
        if context.value.as_str().is_some_and(|text| !text.contains("://") && !text.starts_with("git@")) {
            path(context, folder);
        }
    }
    for key in ["args", "labels", "additional_contexts"] {
        if let Some(pairs) = member(node, key) {
            strings(pairs);
        }
    }
}

fn health(node: &mut Node) {
    let Some(test) = member(node, "test") else { return };
    if matches!(test.value, Value::Text(_)) {
        let line = Node { name_at: None, ..test.clone() };
        let shell = Node { value: Value::text("CMD-SHELL"), ..line.clone() };
        test.value = Value::List(vec![shell, line]);
    }
}

/// A command line as its words, each at the place of the line.
fn words(node: &mut Node, refusals: &mut Vec<Refusal>) {
    let Some(draft) = super::draft::Draft::of(&node.value) else { return };
    let at = node.at;
    let (words, closed) = split(&draft.text);
    if !closed && draft.why(&draft.text).is_none() {
        refusals.push(Refusal { at, message: "invalid command line string: a quote is not closed".to_owned() });
    }
    let node_of = |word: &String| Node { value: draft.value(word), origin: node.origin.clone(), at, name_at: None };
    node.value = Value::List(words.iter().map(node_of).collect());
}

/// Splits a command as a shell does, without expanding anything; tells whether all quotes are closed.
fn split(text: &str) -> (Vec<String>, bool) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (words, quote.is_none())
}

/// A path on the host: seen from the root where it is relative.
fn path(node: &mut Node, folder: &str) {
    if let Some(text) = node.value.as_str() {
        node.value = Value::text(resolved(text, folder));
    }
}

/// The path seen from the root, `./` before it; absolute ones and those from home stay.
pub(super) fn resolved(text: &str, folder: &str) -> String {
    if text.starts_with(['/', '~']) || text.contains('\\') || text.get(1..2) == Some(":") {
        let kept = text.trim_end_matches('/');
        return if kept.is_empty() { "/".to_owned() } else { kept.to_owned() };
    }
    match loader::join(folder, text) {
        Some(path) => format!("./{path}"),
        // It leaves the root.
        None => text.to_owned(),
    }
}

/// The path below the root that a resolved path stands for.
pub(super) fn below_root(text: &str) -> Option<&str> {
    text.strip_prefix("./")
}

/// A place with a value that nobody wrote.
pub(super) fn made(value: Value, at: Loc) -> Node {
    Node { at, ..Node::default_value(value) }
}

/// The mount that `use_api_socket` stands for.
pub(super) fn api_socket(at: Loc) -> Node {
    let socket = || Value::text("/var/run/docker.sock");
    let node = Node::set(Value::Null, at);
    record(&node, vec![("type", Value::text("bind")), ("source", socket()), ("target", socket())])
}
