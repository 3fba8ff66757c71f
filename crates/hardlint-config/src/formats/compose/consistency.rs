//! What Compose refuses of a project as a whole: names that nothing declares, services without an image, settings that
//! exclude each other, values that it cannot hold. Only a file that Compose finds by its name is held to this: others may
//! be laid over one.

use super::validate::{self, Refusal};
use super::{held, requirements, sections, volumes};
use crate::model::{Entry, Node, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a project of which all files are at hand. `active` tells which services are asked for; where that is
/// not known, those that are may need the others.
pub(super) fn check(root: &Node, active: Option<&dyn Fn(&Node) -> bool>) -> Vec<Refusal> {
    let declared = |section: &str| entries(root, section).iter().map(|entry| &*entry.key).collect();
    let is_active = |entry: &&Entry| active.is_none_or(|active| active(&entry.node));
    let mut check = Check {
        services: declared("services"),
        active: entries(root, "services").iter().filter(is_active).map(|entry| &*entry.key).collect(),
        networks: declared("networks"),
        volumes: declared("volumes"),
        secrets: declared("secrets"),
        configs: declared("configs"),
        models: declared("models"),
        default_network: entries(root, "services").iter().filter(is_active).any(|entry| joins(&entry.node)),
        built: entries(root, "services")
            .iter()
            .filter(|entry| entry.node.value.entry("build").is_some())
            .map(|entry| &*entry.key)
            .collect(),
        refusals: Vec::new(),
    };
    check.refusals.extend(validate::merged(root));
    sections::check(root, &mut check.refusals);
    let mut needs = BTreeMap::new();
    let mut called: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries(root, "services") {
        requirements::check(entry, &mut check.refusals);
        held::check(&entry.node, &held::SERVICE, &mut check.refusals);
        if check.active.contains(&*entry.key) {
            check.service(entry);
            needs.insert(&*entry.key, check.needs(entry));
            if let Some(node) = entry.node.value.entry("container_name")
                && let Some(name) = node.value.as_str().filter(|name| !name.is_empty())
                && let Some(first) = called.insert(name, &entry.key)
            {
                let message = format!("services.{}: container name `{name}` is already in use by `{first}`", entry.key);
                check.refuse(node.at, message);
            }
        }
    }
    check.cycle(&needs);
    check.refusals
}

/// Whether a service is in the network that all are in who say nothing.
fn joins(service: &Node) -> bool {
    let networks = entries(service, "networks");
    let told = |key: &str| service.value.entry(key).is_some();
    let implied = networks.is_empty() && !told("network_mode");
    !told("provider") && (implied || networks.iter().any(|entry| &*entry.key == "default"))
}

/// Whether a service lacks what would make it run.
pub(super) fn is_incomplete(service: &Node) -> bool {
    let has = |key: &str| service.value.entry(key).is_some_and(|node| node.value.as_str() != Some(""));
    !has("image") && !["build", "provider"].iter().any(|key| service.value.entry(key).is_some())
}

struct Check<'n> {
    services: BTreeSet<&'n str>,
    active: BTreeSet<&'n str>,
    networks: BTreeSet<&'n str>,
    volumes: BTreeSet<&'n str>,
    secrets: BTreeSet<&'n str>,
    configs: BTreeSet<&'n str>,
    models: BTreeSet<&'n str>,
    built: BTreeSet<&'n str>,
    /// Whether there is a network without being declared.
    default_network: bool,
    refusals: Vec<Refusal>,
}

pub(super) fn entries<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    match node.value.entry(key).map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

pub(super) fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.value.entry(key).and_then(|node| node.value.as_list()).unwrap_or_default()
}

impl<'n> Check<'n> {
    fn refuse(&mut self, at: Loc, message: String) {
        self.refusals.push(Refusal { at, message });
    }

    fn service(&mut self, entry: &Entry) {
        let (service, name) = (&entry.node, &entry.key);
        let header = service.name_at.unwrap_or(service.at);
        if is_incomplete(service) {
            self.refuse(header, format!("service `{name}` has neither an image nor a build context specified"));
        }
        if let (Some(mode), Some(networks)) = (service.value.entry("network_mode"), service.value.entry("networks"))
            && mode.value.as_str() != Some("")
            && !matches!(&networks.value, Value::Map(map) if map.is_empty())
        {
            let at = mode.name_at.unwrap_or(mode.at);
            self.refuse(at, format!("service `{name}` declares mutually exclusive `network_mode` and `networks`"));
        }
        for (key, what) in [("networks", "network"), ("models", "model")] {
            for used in entries(service, key) {
                let known = if key == "networks" { &self.networks } else { &self.models };
                let implied = &*used.key == "default" && key == "networks" && self.default_network;
                if !implied && !known.contains(&*used.key) {
                    let at = used.node.name_at.unwrap_or(used.node.at);
                    self.refuse(at, format!("service `{name}` refers to undefined {what} `{}`", used.key));
                }
            }
        }
        for volume in items(service, "volumes") {
            let named = volume.value.entry("type").is_some_and(|node| node.value.as_str() == Some("volume"));
            let Some(source) = volume.value.entry("source").filter(|_| named) else { continue };
            if let Some(text) = source.value.as_str().filter(|text| !text.is_empty() && !self.volumes.contains(text)) {
                self.refuse(source.at, format!("service `{name}` refers to undefined volume `{text}`"));
            }
        }
        self.mounts(entry);
        let build = service.value.entry("build");
        for context in build.map(|build| entries(build, "additional_contexts")).unwrap_or_default() {
            let other = context.node.value.as_str().and_then(|text| text.strip_prefix("service:"));
            if let Some(other) = other.filter(|other| !self.built.contains(other)) {
                let what = format!("declares non-buildable service `{other}` as additional contexts {}", context.key);
                self.refuse(context.node.at, format!("service `{name}` {what}"));
            }
        }
        let lists = [
            (Some(service), "secrets", "secret"),
            (Some(service), "configs", "config"),
            (build, "secrets", "build secret"),
        ];
        for (holder, key, what) in lists {
            for item in holder.map(|holder| items(holder, key)).unwrap_or_default() {
                let known = if key == "secrets" { &self.secrets } else { &self.configs };
                let source = item.value.entry("source");
                let text = source.map_or(Some(""), |source| source.value.as_str());
                if let Some(text) = text.filter(|text| !known.contains(text)) {
                    let at = source.map_or(item.at, |source| source.at);
                    self.refuse(at, format!("service `{name}` refers to undefined {what} `{text}`"));
                }
            }
        }
    }

    /// Nothing is mounted where something else already is.
    fn mounts(&mut self, entry: &Entry) {
        let mut seen = BTreeSet::new();
        let tmpfs = items(&entry.node, "tmpfs").iter().map(|item| {
            let target = item.value.as_str().and_then(|text| text.split(':').next());
            (item.at, "tmpfs", target.map(str::to_owned))
        });
        let volumes = items(&entry.node, "volumes").iter().map(|item| {
            let target = item.value.entry("target").and_then(|node| node.value.as_str());
            (item.at, "volumes", target.map(volumes::cleaned))
        });
        for (at, key, target) in tmpfs.chain(volumes) {
            let Some(target) = target else { continue };
            if seen.contains(&target) {
                self.refuse(at, format!("services.{}.{key}: target {target} already mounted", entry.key));
            }
            seen.insert(target);
        }
    }

    /// The services that one cannot do without; one that there is not is refused.
    fn needs(&mut self, entry: &'n Entry) -> Vec<(&'n str, Loc)> {
        let (service, mut needs) = (&entry.node, Vec::new());
        for dependency in entries(service, "depends_on") {
            let required = dependency.node.value.entry("required").is_none_or(|node| node.value != Value::Bool(false));
            let at = dependency.node.name_at.unwrap_or(dependency.node.at);
            if required || !self.services.contains(&*dependency.key) {
                needs.push((&*dependency.key, at));
            }
        }
        for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
            let Some(node) = service.value.entry(key) else { continue };
            needs
                .extend(node.value.as_str().and_then(|text| text.strip_prefix("service:")).map(|name| (name, node.at)));
        }
        for key in ["links", "volumes_from"] {
            for item in items(service, key) {
                let text = item.value.as_str().filter(|text| key == "links" || !text.starts_with("container:"));
                needs.extend(text.and_then(|text| text.split(':').next()).map(|name| (name, item.at)));
            }
        }
        for &(name, at) in needs.iter().filter(|(name, _)| !self.active.contains(name)).collect::<Vec<_>>() {
            self.refuse(at, format!("service `{}` depends on undefined service `{name}`", entry.key));
        }
        // Nobody has to be there for these, but those who are may not wait for each other.
        for dependency in entries(service, "depends_on") {
            let at = dependency.node.name_at.unwrap_or(dependency.node.at);
            if self.active.contains(&*dependency.key) {
                needs.push((&*dependency.key, at));
            }
        }
        needs
    }

    /// Services that wait for each other.
    fn cycle(&mut self, needs: &BTreeMap<&str, Vec<(&str, Loc)>>) {
        // Those that wait for nothing that is left are taken away until there are none.
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, needed) in needs {
            let distinct: BTreeSet<&str> =
                needed.iter().map(|(name, _)| *name).filter(|it| needs.contains_key(it)).collect();
            left.insert(name, distinct.len());
            for other in distinct {
                waiting.entry(other).or_default().push(name);
            }
        }
        let mut ready: Vec<&str> = left.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        while let Some(name) = ready.pop() {
            left.remove(name);
            for other in waiting.remove(name).unwrap_or_default() {
                if let Some(count) = left.get_mut(other) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(other);
                    }
                }
            }
        }
        let found = left.keys().find_map(|name| {
            let needed = needs.get(name)?;
            needed.iter().find(|(other, _)| left.contains_key(other)).map(|(other, at)| (*name, *other, *at))
        });
        if let Some((name, other, at)) = found {
            self.refuse(at, format!("dependency cycle detected: {name} -> {other}"));
        }
    }
}
