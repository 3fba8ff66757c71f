//! Lays one file over another as Compose does: maps deeply, lists by appending, some keys by rules of their own.
//!
//! Both sides are in the long form that [`super::canonical`] makes, so that a list of pairs and a map of pairs are the
//! same thing here.

use super::validate::Refusal;
use super::volumes;
use crate::model::{Entry, Node, Str, Value};
use crate::syntax::yaml::build::Tagged;
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Lays `over` over `base`. What cannot be laid over each other is refused and stays as it was.
pub(super) fn merge(base: &mut Node, over: Node, refusals: &mut Vec<Refusal>) {
    let mut path = Vec::new();
    Merging { refusals }.value(base, over, &mut path);
}

/// Lays one service over another, as `extends` does.
pub(super) fn service(base: &mut Node, over: Node, refusals: &mut Vec<Refusal>) {
    let mut path = vec!["services".into(), "*".into()];
    Merging { refusals }.value(base, over, &mut path);
}

struct Merging<'r> {
    refusals: &'r mut Vec<Refusal>,
}

impl Merging<'_> {
    fn value(&mut self, base: &mut Node, over: Node, path: &mut Vec<Str>) {
        // An empty value clears nothing.
        if over.value == Value::Null && !matches!(base.value, Value::Null) && !replaces(path) {
            return;
        }
        if replaces(path) || base.value == Value::Null {
            *base = over;
            return;
        }
        // What is no build at all changes none.
        if is(path, &["services", "*", "build"])
            && matches!(base.value, Value::Map(_))
            && !matches!(over.value, Value::Map(_) | Value::Unknown(_))
        {
            return;
        }
        if is(path, &["services", "*", "logging"]) && drivers_differ(base, &over) {
            *base = over;
            return;
        }
        let mut over = over;
        if is(path, &["volumes", "*", "labels"]) {
            // Of maps as well the pairs are put behind each other.
            as_list(base);
            as_list(&mut over);
        }
        if is(path, &["services", "*", "build", "additional_contexts"]) {
            // Both become lists of pairs, in which everything is text.
            texts(base);
            texts(&mut over);
        }
        if is(path, &["services", "*", "extra_hosts"]) || is(path, &["services", "*", "build", "extra_hosts"]) {
            return hosts(base, over);
        }
        if is(path, &["networks", "*", "ipam", "config"])
            && let (Value::List(kept), Value::List(more)) = (&mut base.value, &mut over.value)
        {
            *kept = self.subnets(kept, more, path);
            return;
        }
        if is(path, &["services", "*", "build", "ssh"]) && !as_keys(base, &over) {
            return self.refuse(over.at, path);
        }
        if matches!((&base.value, &over.value), (Value::Map(_), Value::Map(_))) {
            if let Value::Map(entries) = over.value {
                self.map(base, entries, path);
            }
            return;
        }
        match (&mut base.value, over) {
            (Value::List(list), Node { value: Value::List(more), .. }) => list.extend(more),
            (Value::Map(_) | Value::List(_), over) if !matches!(over.value, Value::Unknown(_)) => {
                self.refuse(over.at, path);
            }
            (_, over) => *base = over,
        }
    }

    /// Networks of addresses: those of the later file, each laid over the one of the same subnet; of the earlier ones those stay
    /// that Compose comes by while it looks for them.
    fn subnets(&mut self, earlier: &[Node], later: &[Node], path: &mut Vec<Str>) -> Vec<Node> {
        let subnet =
            |node: Option<&Node>| node.and_then(|node| node.value.entry("subnet")).map(|node| node.value.clone());
        // What one is laid over is changed where it stands, also where it was taken for made already.
        let mut earlier = earlier.to_vec();
        let mut made: Vec<Made> = Vec::new();
        let find = |earlier: &[Node], made: &[Made], wanted: Option<Value>| {
            made.iter().position(|known| subnet(known.of(earlier, later)) == wanted)
        };
        for at in 0..earlier.len() {
            for (number, left) in later.iter().enumerate() {
                let wanted = subnet(Some(left));
                if wanted != subnet(earlier.get(at)) && find(&earlier, &made, wanted).is_none() {
                    made.push(Made::Later(number));
                    continue;
                }
                let Some(right) = earlier.get_mut(at) else { continue };
                self.value(right, left.clone(), path);
                let both = subnet(Some(right));
                match find(&earlier, &made, both).and_then(|known| made.get_mut(known)) {
                    Some(known) => *known = Made::Earlier(at),
                    None => made.push(Made::Earlier(at)),
                }
            }
        }
        made.iter().filter_map(|known| known.of(&earlier, later).cloned()).collect()
    }

    fn refuse(&mut self, at: Loc, path: &[Str]) {
        self.refusals.push(Refusal { at, message: format!("cannot override {}", path.join(".")) });
    }

    fn map(&mut self, base: &mut Node, over: Vec<Entry>, path: &mut Vec<Str>) {
        let Value::Map(entries) = &mut base.value else { return };
        let mut places: BTreeMap<Str, usize> =
            entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        for Entry { key, node } in over {
            if let Some(slot) = places.get(&key).and_then(|&at| entries.get_mut(at)) {
                path.push(key);
                self.value(&mut slot.node, node, path);
                path.pop();
            } else {
                places.insert(key.clone(), entries.len());
                entries.push(Entry { key, node });
            }
        }
    }
}

/// A network of addresses that two files make together: one of either, as it is in the end.
enum Made {
    Earlier(usize),
    Later(usize),
}

impl Made {
    fn of<'n>(&self, earlier: &'n [Node], later: &'n [Node]) -> Option<&'n Node> {
        match self {
            Self::Earlier(at) => earlier.get(*at),
            Self::Later(at) => later.get(*at),
        }
    }
}

fn is(path: &[Str], pattern: &[&str]) -> bool {
    path.len() == pattern.len() && path.iter().zip(pattern).all(|(part, want)| *want == "*" || **part == **want)
}

/// Whether the later value stands in place of the earlier one.
fn replaces(path: &[Str]) -> bool {
    is(path, &["services", "*", "command"])
        || is(path, &["services", "*", "entrypoint"])
        || is(path, &["services", "*", "healthcheck", "test"])
        || is(path, &["services", "*", "ulimits", "*"])
        || is_pair(path)
}

/// Whether it is the value of a pair: where a later file names it and gives it none, it has none.
fn is_pair(path: &[Str]) -> bool {
    const OF_SERVICES: &[&str] = &["annotations", "environment", "labels", "sysctls"];
    const OF_BUILDS: &[&str] = &["additional_contexts", "args", "labels"];
    match path {
        [top, _, key, _] if **top == *"services" => OF_SERVICES.contains(&&**key),
        [top, _, build, key, _] if **top == *"services" && **build == *"build" => OF_BUILDS.contains(&&**key),
        [top, _, deploy, key, _] => **top == *"services" && **deploy == *"deploy" && **key == *"labels",
        [top, _, key, _] => **top == *"networks" && **key == *"labels",
        _ => false,
    }
}

/// Pairs as a list of `key=value`.
fn as_list(node: &mut Node) {
    let Value::Map(entries) = &node.value else { return };
    let line = |entry: &Entry| {
        let value = match &entry.node.value {
            Value::Null => Value::text(&*entry.key),
            value => Value::text(format!("{}={}", entry.key, super::one(value))),
        };
        Node { value, name_at: None, ..entry.node.clone() }
    };
    node.value = Value::List(entries.iter().map(line).collect());
}

/// Numbers and switches as texts.
fn texts(node: &mut Node) {
    let Value::Map(entries) = &mut node.value else { return };
    for entry in entries {
        if matches!(entry.node.value, Value::Int(_) | Value::Float(_) | Value::Bool(_)) {
            entry.node.value = Value::text(super::one(&entry.node.value));
        }
    }
}

/// Lines for the hosts file: those that are new.
fn hosts(base: &mut Node, over: Node) {
    let lines = |node: &mut Node| match std::mem::replace(&mut node.value, Value::Null) {
        Value::List(lines) => lines,
        // Names without an address.
        _ => Vec::new(),
    };
    let (mut kept, mut over) = (lines(base), over);
    for line in lines(&mut over) {
        if !kept.iter().any(|known| known.value == line.value) {
            kept.push(line);
        }
    }
    base.value = Value::List(kept);
}

/// Makes a map of a list of keys for a build, as Compose does of the earlier ones alone; whether others can be laid over it.
fn as_keys(base: &mut Node, over: &Node) -> bool {
    if let Value::List(items) = &base.value {
        base.value = Value::Map(super::held::listed(items));
    }
    matches!(over.value, Value::Map(_) | Value::Unknown(_))
}

fn drivers_differ(base: &Node, over: &Node) -> bool {
    match (base.value.entry("driver"), over.value.entry("driver")) {
        (Some(base), Some(over)) => base.value != over.value,
        _ => false,
    }
}

/// Thins out the lists of all services in which a later element takes the place of an earlier one.
pub(super) fn unify(root: &mut Node) {
    let Value::Map(top) = &mut root.value else { return };
    let Some(services) = top.iter_mut().find(|entry| &*entry.key == "services") else { return };
    let Value::Map(services) = &mut services.node.value else { return };
    for entry in services {
        unify_service(&mut entry.node);
    }
}

/// The same for one service.
pub(super) fn unify_service(service: &mut Node) {
    let Value::Map(keys) = &mut service.value else { return };
    for Entry { key, node } in keys {
        let index = index(key);
        if let (Some(index), Value::List(list)) = (index, &mut node.value) {
            keep_last(list, index);
        }
        match (&**key, &mut node.value) {
            ("networks", Value::Map(networks)) => {
                for network in networks {
                    unify_texts(&mut network.node, &["aliases", "link_local_ips"]);
                }
            }
            ("build", _) => unify_texts(node, &["tags"]),
            _ => {}
        }
    }
}

/// What elements of a service's list are told apart by: of those with the same, the last stays.
fn index(key: &str) -> Option<fn(&Node) -> Option<String>> {
    match key {
        "volumes" | "devices" => Some(|node| text(node, "target")),
        "ports" => Some(port),
        "secrets" => Some(|node| mount(node, "/run/secrets/")),
        "configs" => Some(|node| mount(node, "/")),
        "env_file" => Some(|node| text(node, "path")),
        "expose" => Some(|node| node.value.as_str().map(str::to_owned)),
        "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "tmpfs" | "profiles" | "links" => {
            Some(before_equals)
        }
        _ => None,
    }
}

/// Which elements of a service's list, as they are written, later ones take the place of: Compose holds only the others against
/// its schema.
pub(super) fn replaced(key: &str, items: &[Node]) -> BTreeSet<usize> {
    let short = |node: &Node| {
        let text = node.value.as_str()?;
        match key {
            "volumes" => {
                let volume = volumes::read(&node.value).ok()??;
                volume.target.as_str().map(volumes::cleaned)
            }
            "devices" => device(node),
            "secrets" => Some(format!("/run/secrets/{text}")),
            "configs" => Some(format!("/{text}")),
            "env_file" => Some(text.to_owned()),
            _ => None,
        }
    };
    let Some(index) = index(key).filter(|_| items.iter().any(|item| matches!(item.value, Value::Map(_)))) else {
        return BTreeSet::new();
    };
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let named = items.iter().enumerate().filter_map(|(at, item)| {
        let long = matches!(item.value, Value::Map(_));
        Some((at, if long { index(item) } else { short(item) }?))
    });
    named.filter_map(|(at, name)| last.insert(name, at)).collect()
}

/// What a device is told apart by while it may still be a text: its place in the container.
pub(super) fn device(node: &Node) -> Option<String> {
    let Some(written) = node.value.as_str() else { return text(node, "target") };
    let mut parts = written.split(':');
    let source = parts.next()?;
    Some(parts.next().unwrap_or(source).to_owned())
}

fn unify_texts(holder: &mut Node, wanted: &[&str]) {
    let Value::Map(keys) = &mut holder.value else { return };
    for entry in keys.iter_mut().filter(|entry| wanted.contains(&&*entry.key)) {
        if let Value::List(list) = &mut entry.node.value {
            keep_last(list, before_equals);
        }
    }
}

/// Texts are taken for pairs, of which the name counts.
fn before_equals(node: &Node) -> Option<String> {
    let text = node.value.as_str()?;
    Some(text.split_once('=').map_or(text, |(name, _)| name).to_owned())
}

/// Keeps one element for each index: the last one, at the place of the first.
pub(super) fn keep_last(list: &mut Vec<Node>, index: fn(&Node) -> Option<String>) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(list.len());
    for node in std::mem::take(list) {
        let Some(name) = index(&node) else {
            kept.push(node);
            continue;
        };
        if let Some(slot) = places.get(&name).and_then(|&at| kept.get_mut(at)) {
            *slot = node;
        } else {
            places.insert(name, kept.len());
            kept.push(node);
        }
    }
    *list = kept;
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.value.entry(key).and_then(|node| node.value.as_str()).map(str::to_owned)
}

fn mount(node: &Node, folder: &str) -> Option<String> {
    let target = text(node, "target").or_else(|| text(node, "source"))?;
    Some(if target.starts_with('/') { target } else { format!("{folder}{target}") })
}

/// Address, both ports and protocol; a port without an address counts as one on `0.0.0.0`.
fn port(node: &Node) -> Option<String> {
    let Some(Value::Int(target)) = node.value.entry("target").map(|node| &node.value) else { return None };
    let known = |key: &str, default: &str| match node.value.entry(key) {
        // A number is not the port that the same text is.
        Some(Node { value: Value::Int(number), .. }) => Some(format!("number {number}")),
        Some(node) => node.value.as_str().map(str::to_owned),
        None => Some(default.to_owned()),
    };
    Some(format!("{}:{}:{target}/{}", known("host_ip", "0.0.0.0")?, known("published", "")?, known("protocol", "tcp")?))
}

/// Takes away from `root` what a later file resets or replaces.
pub(super) fn reset(root: &mut Node, tagged: &[Tagged]) {
    for tag in tagged {
        remove(root, &tag.path);
    }
}

fn remove(node: &mut Node, path: &[Str]) {
    let Some((first, rest)) = path.split_first() else { return };
    match &mut node.value {
        Value::Map(entries) => {
            let Some(at) = entries.iter().position(|entry| entry.key == *first) else { return };
            if rest.is_empty() {
                entries.remove(at);
            } else if let Some(entry) = entries.get_mut(at) {
                remove(&mut entry.node, rest);
            }
        }
        Value::List(list) => {
            let index =
                first.strip_prefix('[').and_then(|text| text.strip_suffix(']')).and_then(|text| text.parse().ok());
            let Some(index) = index.filter(|&index: &usize| index < list.len()) else { return };
            if rest.is_empty() {
                list.remove(index);
            } else if let Some(node) = list.get_mut(index) {
                remove(node, rest);
            }
        }
        _ => {}
    }
}
