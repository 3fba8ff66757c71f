//! What Compose changes of a part of a file when it brings that into long form: an included project that has the same part has it in
//! that form, and the file that includes it not yet. Two such parts are never the same to it, however alike they are written.

use crate::model::{Entry, Node, Str, Value};
use std::collections::BTreeSet;

/// The parts of a file that are written otherwise than in long form, by section and name.
pub(super) fn short(root: &Node) -> BTreeSet<(Str, Str)> {
    let mut found = BTreeSet::new();
    for (section, is_short) in [
        ("services", service as fn(&Node) -> bool),
        ("volumes", volume),
        ("networks", external),
        ("secrets", file),
        ("configs", file),
    ] {
        let parts = entries(root.value.entry(section)).iter().filter(|part| is_short(&part.node));
        found.extend(parts.map(|part| (Str::from(section), part.key.clone())));
    }
    found
}

fn entries(node: Option<&Node>) -> &[Entry] {
    match node.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    node.and_then(|node| node.value.as_list()).unwrap_or_default()
}

fn service(service: &Node) -> bool {
    entries(Some(service)).iter().any(|Entry { key, node }| match &**key {
        "build" => build(node),
        "depends_on" => is_list(node) || entries(Some(node)).iter().any(|it| lacks(&it.node, &["required"])),
        "networks" | "models" => is_list(node),
        "env_file" => {
            is_scalar(node) || items(Some(node)).iter().any(|it| lacks(it, &["required"]) || path(it, "path"))
        }
        "dns" | "gpus" => is_scalar(node),
        "label_file" => is_scalar(node) || items(Some(node)).iter().any(is_path),
        "ports" => items(Some(node)).iter().any(|it| lacks(it, &["mode", "protocol"])),
        "volumes" => items(Some(node)).iter().any(|it| is_scalar(it) || says(it, "type", "bind") && path(it, "source")),
        "devices" => items(Some(node)).iter().any(is_scalar),
        "secrets" | "configs" => items(Some(node)).iter().any(|it| lacks(it, &["target"])),
        "develop" => items(node.value.entry("watch")).iter().any(|it| path(it, "path")),
        "cap_add" | "cap_drop" | "dns_opt" | "dns_search" | "expose" | "links" | "profiles" | "tmpfs" => {
            let mut seen = BTreeSet::new();
            !items(Some(node)).iter().filter_map(|it| it.value.as_str()).all(|text| seen.insert(text))
        }
        _ => false,
    })
}

fn build(build: &Node) -> bool {
    let contexts = build.value.entry("additional_contexts");
    is_scalar(build)
        || lacks(build, &["context"])
        || build.value.entry("context").is_some_and(is_context)
        || contexts.is_some_and(is_list)
        || entries(contexts).iter().any(|it| is_context(&it.node))
        || build.value.entry("ssh").is_some_and(is_list)
        || items(build.value.entry("secrets")).iter().any(|it| lacks(it, &["target"]))
        || ["provenance", "sbom"]
            .iter()
            .any(|key| build.value.entry(key).is_some_and(|it| matches!(it.value, Value::Bool(_))))
}

fn volume(volume: &Node) -> bool {
    let options = volume.value.entry("driver_opts");
    let bound = options.is_some_and(|options| says(options, "o", "bind") && path(options, "device"));
    external(volume) || says(volume, "driver", "local") && bound
}

fn file(node: &Node) -> bool {
    external(node) || path(node, "file")
}

fn external(node: &Node) -> bool {
    node.value.entry("external").is_some_and(|it| matches!(it.value, Value::Map(_)))
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, Value::List(_))
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::List(_) | Value::Map(_) | Value::Null | Value::Unknown(_))
}

/// Whether it is no map, or one without some of these.
fn lacks(node: &Node, keys: &[&str]) -> bool {
    is_scalar(node) || matches!(node.value, Value::Map(_)) && keys.iter().any(|key| node.value.entry(key).is_none())
}

fn says(node: &Node, key: &str, text: &str) -> bool {
    node.value.entry(key).and_then(|it| it.value.as_str()) == Some(text)
}

fn path(node: &Node, key: &str) -> bool {
    node.value.entry(key).is_some_and(is_path)
}

/// A path that is seen from a folder.
fn is_path(node: &Node) -> bool {
    node.value.as_str().is_some_and(|text| !text.starts_with('/'))
}

/// The same of a context, which may be an address.
fn is_context(node: &Node) -> bool {
    let far = ["://", "git@", "github.com/", "service:"];
    is_path(node) && !node.value.as_str().is_some_and(|text| far.iter().any(|part| text.contains(part)))
}
