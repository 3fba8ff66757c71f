//! The long form of a file: pairs as maps, ports and volumes as records, one value as a list of one.
//!
//! Every part keeps the place of the short form that it comes from. Paths on the host become paths below the root with
//! `./` before them, or stay absolute.

mod paths;
mod records;

use super::validate::{Refusal, twins};
use super::volumes;
use crate::model::{Entry, Node, Value};
use crate::text::{FileId, Loc};
pub(super) use paths::below_root;
use paths::{as_spelt, context_path, path};
pub(super) use records::api_socket;
use records::{device, port, volume};

/// What is said of text that is no command.
pub(super) const NO_COMMAND: &str = "invalid command line string";

/// Brings a whole file into long form; relative paths are seen from `folder`.
pub(super) fn file(root: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    let Some(services) = member(root, "services") else { return };
    if let Value::Map(entries) = &mut services.value {
        for entry in entries {
            service(&mut entry.node, folder, refusals);
        }
    }
    for key in ["networks", "volumes", "secrets", "configs"] {
        if let Some(Value::Map(entries)) = member(root, key).map(|node| &mut node.value) {
            for entry in entries {
                external(&mut entry.node);
            }
        }
    }
    devices_of_volumes(root, folder, |_| true);
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

/// What is to be done once all files are laid over each other. Of volumes that two files make together the device is a path
/// as well; and of the folders beside that of a build each has to be a text by then.
pub(super) fn merged(root: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    devices_of_volumes(root, folder, |files| files.windows(2).any(|two| two.first() != two.last()));
    let Some(Value::Map(services)) = member(root, "services").map(|node| &mut node.value) else { return };
    for service in services {
        for file in member(&mut service.node, "env_file").map(list).unwrap_or_default() {
            if let Some(spelt) =
                member(file, "path").filter(|at| at.value.as_str().is_some_and(|it| it.starts_with("./")))
            {
                path(spelt, "");
            }
        }
        // A number is no port that a text says until files are laid over each other.
        for port in member(&mut service.node, "ports").map(list).unwrap_or_default() {
            if let Some(published) = member(port, "published") {
                string(published);
            }
        }
        // Nor is a number the group that a text says, unless the text stands before it.
        if let Some(groups) = member(&mut service.node, "group_add") {
            refusals.extend(twins(list(groups)).into_iter().map(|(first, index, at)| {
                let message = format!("services.{}.group_add items at {first} and {index} are equal", service.key);
                Refusal { at, message }
            }));
            numbered(groups);
        }
        if let Some(build) = member(&mut service.node, "build") {
            with_context(build, folder);
            if !matches!(build.value, Value::Map(_) | Value::Null | Value::Unknown(_)) {
                let message = format!("services.{}.build must be a string or a mapping", service.key);
                refusals.push(Refusal { at: build.at, message });
            }
        }
        let contexts = member(&mut service.node, "build").and_then(|build| member(build, "additional_contexts"));
        let Some(Value::Map(contexts)) = contexts.map(|node| &mut node.value) else { continue };
        for Entry { key, node } in contexts {
            if !matches!(node.value, Value::Text(_) | Value::Unknown(_)) {
                let message = format!("additional_contexts: invalid value {key}, expected key=value");
                refusals.push(Refusal { at: node.at, message });
            }
            // What became text when files were laid over each other is no path yet.
            let is_path = |text: &str| text.starts_with(['.', '/', '~', '\\']) || text.contains(':');
            if node.value.as_str().is_some_and(|text| !is_path(text)) {
                context_path(node, folder);
            }
        }
    }
}

/// A volume that is a folder of the host names it as its device. `wanted` is asked with the files that say so.
fn devices_of_volumes(root: &mut Node, folder: &str, wanted: impl Fn(&[FileId]) -> bool) {
    let Some(Value::Map(volumes)) = member(root, "volumes").map(|node| &mut node.value) else { return };
    for volume in volumes {
        let local = volume.node.value.entry("driver").filter(|node| node.value.as_str() == Some("local"));
        let Some(driver) = local.map(|node| node.at.file) else { continue };
        let Some(options) = member(&mut volume.node, "driver_opts") else { continue };
        let bind = options.value.entry("o").filter(|node| node.value.as_str() == Some("bind"));
        let Some(bind) = bind.map(|node| node.at.file) else { continue };
        if let Some(device) = member(options, "device")
            && wanted(&[driver, bind, device.at.file])
        {
            path(device, folder);
        }
    }
}

/// `external: {name: …}` is an older spelling.
fn external(node: &mut Node) {
    let Some(inner) = member(node, "external").filter(|inner| matches!(inner.value, Value::Map(_))) else { return };
    let name = inner.value.entry("name").cloned();
    inner.value = Value::Bool(true);
    if let (Value::Map(entries), Some(name)) = (&mut node.value, name)
        && !entries.iter().any(|entry| &*entry.key == "name")
    {
        entries.push(Entry { key: "name".into(), node: name });
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
            "volumes" => {
                // A first time before the targets are cleaned, so that of three the last may be none of them.
                if let Value::List(list) = &mut node.value {
                    super::merge::keep_last(list, volumes::target);
                }
                each(node, refusals, |node, refusals| volume(node, folder, refusals));
            }
            "devices" => {
                // Nor is one looked at that another takes the place of.
                if let Value::List(list) = &mut node.value {
                    super::merge::keep_last(list, super::merge::device);
                }
                each(node, refusals, device);
            }
            "secrets" | "configs" => each(node, refusals, |node, _| vec![wrapped(node, "source")]),
            "env_file" => {
                listed(node);
                each(node, refusals, |node, _| vec![wrapped(node, "path")]);
                for file in list(node) {
                    if let Some(at) = member(file, "path") {
                        as_spelt(at, folder);
                    }
                }
            }
            "dns" => {
                listed(node);
                each(node, refusals, |node, _| if node.value.as_str() == Some("") { Vec::new() } else { vec![node] });
            }
            "dns_search" | "tmpfs" => listed(node),
            "label_file" => {
                listed(node);
                for file in list(node) {
                    path(file, folder);
                }
            }
            "post_start" | "pre_stop" => {
                for hook in list(node) {
                    run(hook, refusals);
                }
            }
            "develop" => develop(node, folder, refusals),
            "command" | "entrypoint" => words(node, refusals),
            "depends_on" => dependencies(node),
            "models" | "networks" => mapped(node),
            "build" => build(node, folder, refusals),
            "extends" if matches!(node.value, Value::Text(_)) => *node = wrapped(node.clone(), "service"),
            "healthcheck" => health(node),
            "extra_hosts" => hosts(node),
            "expose" => numbered(node),
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

/// Whole numbers of a list as text.
fn numbered(node: &mut Node) {
    for item in list(node).iter_mut().filter(|item| matches!(item.value, Value::Int(_))) {
        string(item);
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

fn dependencies(node: &mut Node) {
    let Value::List(_) = &node.value else {
        if let Value::Map(entries) = &mut node.value {
            for entry in entries.iter_mut().filter(|entry| entry.node.value == Value::Null) {
                entry.node.value = Value::Map(Vec::new());
            }
        }
        return;
    };
    mapped(node);
    let Value::Map(entries) = &mut node.value else { return };
    for entry in entries {
        // In a list, all of it is said.
        let at = entry.node.at;
        let made = |key: &str, value| Entry { key: key.into(), node: made(value, at) };
        let options = [made("condition", Value::text("service_started")), made("required", Value::Bool(true))];
        entry.node.value = Value::Map(options.into());
    }
}

/// `name: address` as `name=address`; names that have no address stay as they are, as Compose tells them from no names.
fn hosts(node: &mut Node) {
    let Value::Map(entries) = &node.value else { return };
    let bare = |entry: &Entry| matches!(&entry.node.value, Value::List(list) if list.is_empty());
    if !entries.is_empty() && entries.iter().all(bare) {
        return;
    }
    let lines = entries.iter().flat_map(|entry| {
        let addresses = match &entry.node.value {
            Value::List(list) => list.as_slice(),
            _ => std::slice::from_ref(&entry.node),
        };
        let line = |node: &Node| {
            let value = match super::draft::Draft::of(&node.value) {
                Some(draft) => draft.value(&format!("{}={}", entry.key, draft.text)),
                None => Value::text(&*entry.key),
            };
            Node { value, name_at: None, ..node.clone() }
        };
        addresses.iter().map(line).collect::<Vec<_>>()
    });
    node.value = Value::List(lines.collect());
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

fn build(node: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    if matches!(node.value, Value::Text(_)) {
        *node = wrapped(node.clone(), "context");
    }
    if let Some(context) = member(node, "context") {
        context_path(context, folder);
    }
    for key in ["args", "labels"] {
        if let Some(pairs) = member(node, key) {
            strings(pairs);
        }
    }
    if let Some(Value::Map(entries)) = member(node, "additional_contexts").map(|node| &mut node.value) {
        for entry in entries {
            context_path(&mut entry.node, folder);
        }
    }
    for key in member(node, "ssh").map(list).unwrap_or_default() {
        if let Some(text) = key.value.as_str().filter(|text| *text != "default" && !text.contains('=')) {
            refusals.push(Refusal { at: key.at, message: format!("invalid ssh key \"{text}\"") });
        }
    }
    if let Some(names) = member(node, "extra_hosts") {
        hosts(names);
    }
    if let Some(secrets) = member(node, "secrets") {
        each(secrets, refusals, |node, _| vec![wrapped(node, "source")]);
    }
}

/// Where no file names a context, it is the project's own folder.
fn with_context(build: &mut Node, folder: &str) {
    let at = build.at;
    if let Value::Map(entries) = &mut build.value
        && !entries.iter().any(|entry| &*entry.key == "context")
    {
        let mut context = made(Value::text("."), at);
        context_path(&mut context, folder);
        entries.push(Entry { key: "context".into(), node: context });
    }
}

/// The command of a hook.
fn run(hook: &mut Node, refusals: &mut Vec<Refusal>) {
    if let Some(command) = member(hook, "command") {
        words(command, refusals);
    }
}

fn develop(node: &mut Node, folder: &str, refusals: &mut Vec<Refusal>) {
    let Some(watches) = member(node, "watch") else { return };
    for watch in list(watches) {
        if let Some(watched) = member(watch, "path") {
            path(watched, folder);
        }
        for key in ["ignore", "include"] {
            if let Some(patterns) = member(watch, key) {
                listed(patterns);
            }
        }
        if let Some(hook) = member(watch, "exec") {
            run(hook, refusals);
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
    let words = super::shell::split(&draft.text).unwrap_or_else(|words| {
        if draft.why(&draft.text).is_none() {
            refusals.push(Refusal { at, message: NO_COMMAND.to_owned() });
        }
        words
    });
    let node_of = |word: &String| Node { value: draft.value(word), origin: node.origin.clone(), at, name_at: None };
    node.value = Value::List(words.iter().map(node_of).collect());
}

/// A place with a value that nobody wrote.
pub(super) fn made(value: Value, at: Loc) -> Node {
    Node { at, ..Node::default_value(value) }
}
