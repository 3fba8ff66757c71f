//! What Compose refuses of a project as a whole: names that nothing declares, services without an image, settings that
//! exclude each other. Only a file that Compose finds by its name is held to this: others may be laid over one.

use super::validate::Refusal;
use crate::model::{Entry, Node, Value};
use std::collections::BTreeSet;

/// What is wrong with a project of which all files are at hand.
pub(super) fn check(root: &Node) -> Vec<Refusal> {
    let declared = |section: &str| entries(root, section).iter().map(|entry| &*entry.key).collect();
    let mut check = Check {
        services: declared("services"),
        networks: declared("networks"),
        volumes: declared("volumes"),
        secrets: declared("secrets"),
        configs: declared("configs"),
        refusals: Vec::new(),
    };
    for entry in entries(root, "services") {
        check.service(entry);
    }
    check.refusals
}

/// Whether a service lacks what would make it run.
pub(super) fn is_incomplete(service: &Node) -> bool {
    !["image", "build", "provider"].iter().any(|key| service.value.entry(key).is_some())
}

struct Check<'n> {
    services: BTreeSet<&'n str>,
    networks: BTreeSet<&'n str>,
    volumes: BTreeSet<&'n str>,
    secrets: BTreeSet<&'n str>,
    configs: BTreeSet<&'n str>,
    refusals: Vec<Refusal>,
}

fn entries<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    match node.value.entry(key).map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.value.entry(key).and_then(|node| node.value.as_list()).unwrap_or_default()
}

impl Check<'_> {
    fn service(&mut self, entry: &Entry) {
        let (service, name) = (&entry.node, &entry.key);
        let header = service.name_at.unwrap_or(service.at);
        let mut refuse = |at, message: String| self.refusals.push(Refusal { at, message });
        if is_incomplete(service) {
            refuse(header, format!("service `{name}` has neither an image nor a build context specified"));
        }
        if let (Some(mode), Some(networks)) = (service.value.entry("network_mode"), service.value.entry("networks"))
            && mode.value.as_str() != Some("")
            && !matches!(&networks.value, Value::Map(map) if map.is_empty())
        {
            let at = mode.name_at.unwrap_or(mode.at);
            refuse(at, format!("service `{name}` declares mutually exclusive `network_mode` and `networks`"));
        }
        for network in entries(service, "networks") {
            if &*network.key != "default" && !self.networks.contains(&*network.key) {
                let at = network.node.name_at.unwrap_or(network.node.at);
                refuse(at, format!("service `{name}` refers to undefined network `{}`", network.key));
            }
        }
        for volume in items(service, "volumes") {
            let named = volume.value.entry("type").is_some_and(|node| node.value.as_str() == Some("volume"));
            let Some(source) = volume.value.entry("source").filter(|_| named) else { continue };
            if let Some(text) = source.value.as_str().filter(|text| !text.is_empty() && !self.volumes.contains(text)) {
                refuse(source.at, format!("service `{name}` refers to undefined volume `{text}`"));
            }
        }
        for (key, what, known) in [("secrets", "secret", &self.secrets), ("configs", "config", &self.configs)] {
            for item in items(service, key) {
                let Some(source) = item.value.entry("source") else { continue };
                if let Some(text) = source.value.as_str().filter(|text| !known.contains(text)) {
                    refuse(source.at, format!("service `{name}` refers to undefined {what} `{text}`"));
                }
            }
        }
        for dependency in entries(service, "depends_on") {
            let required = dependency.node.value.entry("required").is_none_or(|node| node.value != Value::Bool(false));
            if required && !self.services.contains(&*dependency.key) {
                let at = dependency.node.name_at.unwrap_or(dependency.node.at);
                refuse(at, format!("service `{name}` depends on undefined service `{}`", dependency.key));
            }
        }
    }
}
