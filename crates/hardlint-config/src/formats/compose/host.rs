//! What opens the host to a service, or to whoever reaches it, beside mounts and capabilities: raw devices, and an engine
//! that listens without TLS.

use super::consoles::word_nodes;
use super::images::{self, base_name};
use super::resolve::Service;
use crate::model::{Node, Value};
use std::collections::BTreeSet;

/// Beginnings of the names of disks, as the kernel gives them.
const DISKS: &[&str] = &["sd", "hd", "vd", "xvd", "nvme", "mmcblk", "dm-", "md"];

/// The devices of the host that a service is given.
pub(super) fn devices<'s>(service: &'s Service<'_>) -> impl Iterator<Item = &'s str> {
    let all = service.node.value.entry("devices").and_then(|node| node.value.as_list()).unwrap_or_default();
    all.iter().filter_map(|device| device.value.entry("source").and_then(|node| node.value.as_str()))
}

/// The devices of a service through which it reads or writes the host past every permission.
pub(super) fn raw_devices(service: &Service<'_>) -> Vec<Node> {
    let mut found = Vec::new();
    let listed = |key: &str| service.node.value.entry(key).and_then(|node| node.value.as_list()).unwrap_or_default();
    for device in listed("devices") {
        let Some(source) = device.value.entry("source").and_then(|node| node.value.as_str()) else { continue };
        if raw(source) {
            found.push(Node::derived(Value::text(source), device.at, vec![device.at]));
        }
    }
    for rule in listed("device_cgroup_rules") {
        let Some(text) = rule.value.as_str() else { continue };
        let words: Vec<&str> = text.split_whitespace().collect();
        // All devices, or all disks.
        if let [kind @ ("a" | "b"), "*:*", ..] | [kind @ "a"] = words.as_slice() {
            let what = if *kind == "a" { "all devices" } else { "all disks" };
            found.push(Node::derived(Value::text(what), rule.at, vec![rule.at]));
        }
    }
    found
}

/// Whether a device is the host's memory, one of its disks, its way to virtual machines, or all of them.
fn raw(path: &str) -> bool {
    let Some(name) = path.trim_end_matches('/').strip_prefix("/dev") else { return false };
    let name = name.strip_prefix('/').unwrap_or(name);
    let disk = |start: &&str| {
        let rest = name.strip_prefix(*start);
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    matches!(name, "" | "mem" | "kmem" | "kmsg" | "port" | "kvm" | "disk" | "mapper")
        || name.starts_with("mapper/")
        || name.starts_with("disk/")
        || DISKS.iter().any(disk)
}

/// What makes Docker's API answer over TCP without TLS.
pub(super) fn docker_api(service: &Service<'_>, reference: Option<&str>, names: &BTreeSet<&str>) -> Vec<Node> {
    let mut found = listens(service);
    for variable in &service.environment {
        let Some(value) = variable.node.value.as_str() else { continue };
        let derived = |text: &str| Node::derived(Value::text(text), variable.node.at, vec![variable.node.at]);
        match &*variable.name {
            "DOCKER_TLS_CERTDIR" if value.is_empty() && starts_engine(reference) && found.is_empty() => {
                found.push(derived("the engine's port 2375"));
            }
            "DOCKER_HOST" if elsewhere(value, names) => found.push(derived(value)),
            _ => {}
        }
    }
    if found.is_empty() && !takes_tls(service) {
        found.extend(published(service, reference));
    }
    found
}

/// Whether the engine is told to speak TLS.
fn takes_tls(service: &Service<'_>) -> bool {
    word_nodes(service).filter_map(|node| node.value.as_str()).any(|word| {
        let option = word.strip_prefix("--tls");
        option.is_some_and(|rest| {
            (rest.is_empty() || rest.starts_with(['=', 'v', 'c', 'k'])) && !rest.ends_with("=false")
        })
    })
}

/// The ports that are published for other machines, and at which nothing but an engine without TLS answers.
fn published(service: &Service<'_>, reference: Option<&str>) -> Vec<Node> {
    let is_docker = reference.map(base_name).is_some_and(|name| name.contains("docker") || name.contains("dind"));
    let ports = service.node.value.entry("ports").and_then(|node| node.value.as_list()).unwrap_or_default();
    let open = |port: &&Node| {
        let entry = |key: &str| port.value.entry(key).map(|node| &node.value);
        let address = entry("host_ip").map_or(Some(""), Value::as_str);
        let published = match entry("published") {
            Some(Value::Int(2375)) => true,
            Some(value) => is_docker || value.as_str() == Some("2375"),
            None => false,
        };
        let engine = matches!(entry("target"), Some(Value::Int(2375)));
        // A range that happens to have it is no engine's.
        let chosen = || ports.iter().filter(|other| other.at == port.at).nth(images::MOST_CHOSEN).is_none();
        let is_tcp = entry("protocol").is_none_or(|value| value.as_str() == Some("tcp"));
        engine && is_tcp && published && matches!(address, Some("" | "0.0.0.0" | "::")) && chosen()
    };
    ports.iter().filter(open).map(|port| Node::derived(Value::text("port 2375"), port.at, vec![port.at])).collect()
}

/// Arguments by which an engine listens for everybody.
fn listens(service: &Service<'_>) -> Vec<Node> {
    let words: Vec<&Node> = word_nodes(service).collect();
    let text = |node: &&Node| node.value.as_str().unwrap_or_default().to_owned();
    if words.iter().any(|node| text(node).trim_start_matches('-').starts_with("tlsverify")) {
        return Vec::new();
    }
    let engine = words.iter().any(|node| text(node).contains("dockerd"))
        || words.iter().any(|node| {
            let word = text(node);
            word.starts_with("--host=") || word.starts_with("-H") || word == "--host"
        });
    let open = |node: &&&Node| {
        let word = text(node);
        let Some((_, rest)) = word.split_once("tcp://") else { return false };
        engine && !near(rest) && (rest.contains(":2375") || !rest.contains(':'))
    };
    let found = words.iter().filter(open);
    found.map(|node| Node::derived(node.value.clone(), node.at, vec![node.at])).collect()
}

/// Whether an image is one that starts an engine of its own.
fn starts_engine(reference: Option<&str>) -> bool {
    reference.is_some_and(|reference| base_name(reference) == "docker" && reference.contains("dind"))
}

/// Whether an address is an engine's that is no service of the project, asked without TLS.
fn elsewhere(value: &str, names: &BTreeSet<&str>) -> bool {
    let Some(rest) = value.strip_prefix("tcp://") else { return false };
    let Some(host) = rest.trim_end_matches('/').strip_suffix(":2375") else { return false };
    // A name without a dot is a service, of this project or of one that shares a network.
    !near(rest) && !names.contains(host) && host.contains(['.', ':'])
}

fn near(rest: &str) -> bool {
    rest.starts_with("127.") || rest.starts_with("localhost") || rest.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_reach_past_permissions() {
        for (path, expected) in [
            ("/dev/sda", true),
            ("/dev/sdb1", true),
            ("/dev/nvme0n1p1", true),
            ("/dev/mapper/vg-root", true),
            ("/dev/disk/by-id/x", true),
            ("/dev/mem", true),
            ("/dev/kvm", true),
            ("/dev/kmsg", true),
            ("/dev/md0", true),
            ("/dev/", true),
            ("/dev/ttyUSB0", false),
            ("/dev/dri", false),
            ("/dev/snd", false),
            ("/dev/net/tun", false),
            ("/dev/video0", false),
            ("/dev/fuse", false),
            ("/devices/sda", false),
            ("nvidia.com/gpu=all", false),
        ] {
            assert_eq!(raw(path), expected, "{path}");
        }
    }

    #[test]
    fn engines_that_are_asked_in_clear_text() {
        let names = ["dind", "socket.proxy"].into_iter().collect();
        for (value, expected) in [
            ("tcp://10.0.0.5:2375", true),
            ("tcp://host.docker.internal:2375/", true),
            ("tcp://dind:2375", false),
            ("tcp://proxy-of-another-project:2375", false),
            ("tcp://socket.proxy:2375", false),
            ("tcp://127.0.0.1:2375", false),
            ("tcp://10.0.0.5:2376", false),
            ("unix:///var/run/docker.sock", false),
        ] {
            assert_eq!(elsewhere(value, &names), expected, "{value}");
        }
    }
}
