//! What Compose requires of a service's settings beyond their types.

use super::consistency::items;
use super::validate::Refusal;
use crate::model::{Entry, Node, Value};
use crate::text::Loc;
use std::net::IpAddr;

/// What is wrong with a service.
pub(super) fn check(entry: &Entry, refusals: &mut Vec<Refusal>) {
    let mut check = Check { name: &entry.key, service: &entry.node, refusals };
    check.mounts();
    check.health();
    check.numbers();
    check.build();
    check.hosts();
    if let Some(gpus) = check.service.value.entry("gpus") {
        check.requests(gpus);
    }
    if let Some(devices) = at(check.service, &["deploy", "resources", "reservations", "devices"]) {
        check.requests(devices);
    }
}

struct Check<'n, 'r> {
    name: &'n str,
    service: &'n Node,
    refusals: &'r mut Vec<Refusal>,
}

/// The value at a path.
fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.value.entry(key))
}

fn number(node: &Node) -> Option<i64> {
    match node.value {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

impl Check<'_, '_> {
    fn refuse(&mut self, at: Loc, message: String) {
        self.refusals.push(Refusal { at, message });
    }

    fn mounts(&mut self) {
        for port in items(self.service, "ports").iter().filter(|port| matches!(port.value, Value::Map(_))) {
            if port.value.entry("target").is_none() {
                self.refuse(port.at, format!("a port of service `{}` is missing a target port", self.name));
            }
            let address = port.value.entry("host_ip").and_then(|node| node.value.as_str());
            if let Some(address) = address.filter(|text| !text.is_empty() && text.parse::<IpAddr>().is_err()) {
                self.refuse(port.at, format!("invalid IP address: {address}"));
            }
        }
        for (key, what) in [("volumes", "a volume"), ("devices", "a device")] {
            for mount in items(self.service, key).iter().filter(|mount| matches!(mount.value, Value::Map(_))) {
                if mount.value.entry("target").is_none() {
                    self.refuse(mount.at, format!("{what} of service `{}` is missing a mount target", self.name));
                }
                let bind = mount.value.entry("type").is_some_and(|kind| kind.value.as_str() == Some("bind"));
                if bind && mount.value.entry("source").is_none() {
                    let message = "invalid mount config for type \"bind\": field Source must not be empty";
                    self.refuse(mount.at, message.to_owned());
                }
            }
        }
    }

    fn health(&mut self) {
        let Some(test) = at(self.service, &["healthcheck", "test"]) else { return };
        let first = test.value.as_list().and_then(|list| list.first()).and_then(|node| node.value.as_str());
        if first.is_some_and(|word| !matches!(word, "NONE" | "CMD" | "CMD-SHELL")) {
            let message = "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"";
            self.refuse(test.at, message.to_owned());
        }
    }

    /// Numbers that stand in two places must be the same, and a name is for one container.
    fn numbers(&mut self) {
        let (scale, replicas) = (at(self.service, &["scale"]), at(self.service, &["deploy", "replicas"]));
        for (key, node) in [("scale", scale), ("deploy.replicas", replicas)] {
            let Some((node, count)) = node.and_then(|node| Some((node, number(node)?))) else { continue };
            if count < 0 {
                self.refuse(node.at, format!("services.{}.{key}: must be greater than or equal to 0", self.name));
            }
            if count > 1 && self.service.value.entry("container_name").is_some_and(|it| it.value.as_str() != Some("")) {
                let message = format!("services.{}: {key} with a container_name, which must be unique", self.name);
                self.refuse(node.at, message);
            }
        }
        if let (Some(first), Some(second)) = (scale, replicas)
            && let (Some(one), Some(other)) = (number(first), number(second))
            && one != other
        {
            self.distinct(first.at, "scale", "replicas");
        }
        for (key, side, long) in [
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ] {
            let Some(short) = self.service.value.entry(key) else { continue };
            let Some(limits) = at(self.service, &["deploy", "resources", side]) else { continue };
            if !matches!(limits.value, Value::Map(_)) {
                continue;
            }
            // What is not told there is 0.
            let told = limits.value.entry(long).map_or(Some(0.0), |node| measured(node, key));
            let (Some(first), Some(second)) = (measured(short, key), told) else { continue };
            #[expect(clippy::float_cmp, reason = "both were read in the same way")]
            if first != second && first != 0.0 {
                self.distinct(short.at, key, &format!("resources.{side}.{long}"));
            }
        }
    }

    fn distinct(&mut self, at: Loc, key: &str, path: &str) {
        let message = format!("services.{}: can't set distinct values on '{key}' and 'deploy.{path}'", self.name);
        self.refuse(at, message);
    }

    fn build(&mut self) {
        let has = |key: &str| at(self.service, &["build", key]).filter(|node| node.value.as_str() != Some(""));
        if let (Some(file), Some(_)) = (has("dockerfile"), has("dockerfile_inline")) {
            let message =
                format!("service `{}` declares mutually exclusive dockerfile and dockerfile_inline", self.name);
            self.refuse(file.at, message);
        }
    }

    fn hosts(&mut self) {
        let holders = [Some(self.service), self.service.value.entry("build")];
        for host in holders.into_iter().flatten().flat_map(|holder| items(holder, "extra_hosts")) {
            let Some(text) = host.value.as_str() else { continue };
            match text.split_once('=').or_else(|| text.split_once(':')) {
                Some(("", _)) => self.refuse(host.at, "bad host name ''".to_owned()),
                Some(_) => {}
                None => self.refuse(host.at, format!("invalid additional host, missing IP: {text}")),
            }
        }
        for key in ["expose", "group_add"] {
            for item in items(self.service, key).iter().filter(|item| matches!(item.value, Value::Float(_))) {
                self.refuse(item.at, format!("unsupported {key} value"));
            }
        }
    }

    fn requests(&mut self, requests: &Node) {
        for request in requests.value.as_list().unwrap_or_default() {
            if let (Some(count), Some(_)) = (request.value.entry("count"), request.value.entry("device_ids")) {
                self.refuse(count.at, "\"count\" and \"device_ids\" attributes are exclusive".to_owned());
            }
        }
    }
}

/// A number, or a size in bytes.
fn measured(node: &Node, key: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    match &node.value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        value if key.starts_with("mem") => Some(super::measure::bytes(value.as_str()?).ok()? as f64),
        value => value.as_str()?.parse().ok(),
    }
}
