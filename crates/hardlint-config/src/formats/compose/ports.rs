//! The short form of `ports`: `[address:][published:]target[/protocol]`, with ranges.

use super::draft::Draft;
use crate::model::{Node, Value};

/// A range as wide as this in one entry, as wide as Compose allows.
const MAX_RANGE: usize = 65_536;

/// One published port.
pub(super) struct Port {
    /// The address, if one is given.
    pub(super) host_ip: Option<Value>,
    /// The port or the range on the host, if one is given.
    pub(super) published: Option<Value>,
    /// The port inside.
    pub(super) target: Value,
    /// `tcp` unless another one is given.
    pub(super) protocol: Value,
}

/// What an entry publishes.
///
/// # Errors
/// What Compose says.
pub(super) fn read(node: &Node) -> Result<Vec<Port>, String> {
    let whole = match &node.value {
        Value::Int(number) => return pair(None, None, &number.to_string(), &Value::text("tcp")),
        Value::Float(number) => return pair(None, None, &number.to_string(), &Value::text("tcp")),
        value => Draft::of(value).ok_or_else(|| "invalid port".to_owned())?,
    };
    let (address, rest) = address(&whole.text);
    let (rest, protocol) = match rest.rsplit_once('/') {
        Some((rest, "")) if !rest.ends_with(':') && !rest.is_empty() => (rest, Value::text("tcp")),
        Some((rest, protocol)) => (rest, whole.value(&protocol.to_ascii_lowercase())),
        None => (rest, Value::text("tcp")),
    };
    if protocol.as_str().is_some_and(|name| !matches!(name, "tcp" | "udp" | "sctp")) {
        return Err(format!("invalid proto: {}", protocol.as_str().unwrap_or_default()));
    }
    let (published, target) = match rest.rsplit_once(':') {
        Some((published, target)) => (Some(published), target),
        None => (None, rest),
    };
    if target.is_empty() {
        return Err(format!("no port specified: {}", whole.text));
    }
    // What stands in for a hole may hold an address, too, or several parts.
    let unknown = |part: &str| whole.why(part).cloned().map(Value::Unknown);
    let before_target = published.unwrap_or(target);
    let host_ip = match address {
        Some(address) if whole.why(address).is_some() => Some(whole.value(address)),
        Some(address) if !address.is_empty() => Some(Value::text(checked(address)?)),
        _ => unknown(before_target),
    };
    if let Some(value) = unknown(target) {
        let published = published.map(|part| whole.value(part));
        let published = published.or_else(|| unknown(target));
        return Ok(vec![Port { host_ip, published, target: value, protocol }]);
    }
    let published = published.filter(|part| !part.is_empty());
    if let Some(value) = published.and_then(unknown) {
        let (first, last) = range(target).ok_or_else(|| format!("invalid containerPort: {target}"))?;
        let ports = (first..=last).map(|port| Port {
            host_ip: host_ip.clone(),
            published: Some(value.clone()),
            target: Value::Int(i64::from(port)),
            protocol: protocol.clone(),
        });
        return Ok(ports.collect());
    }
    pair(host_ip.as_ref(), published, target, &protocol)
}

fn pair(host_ip: Option<&Value>, published: Option<&str>, target: &str, protocol: &Value) -> Result<Vec<Port>, String> {
    let (first, last) = range(target).ok_or_else(|| format!("invalid containerPort: {target}"))?;
    let outside = match published {
        Some(published) => Some(range(published).ok_or_else(|| format!("invalid hostPort: {published}"))?),
        None => None,
    };
    let wide = usize::from(last - first) + 1;
    if let Some((low, high)) = outside {
        let given = usize::from(high - low) + 1;
        // One port inside may have several to choose from outside.
        if wide != given && wide != 1 {
            return Err(format!("invalid ranges specified for container and host Ports: {target} and {low}-{high}"));
        }
    }
    if wide > MAX_RANGE {
        return Err(format!("invalid containerPort: {target}"));
    }
    let ports = (first..=last).enumerate().map(|(index, port)| Port {
        host_ip: host_ip.cloned(),
        published: outside.map(|(low, high)| match (wide, low == high) {
            (1, false) => Value::text(format!("{low}-{high}")),
            _ => Value::text((usize::from(low) + index).to_string()),
        }),
        target: Value::Int(i64::from(port)),
        protocol: protocol.clone(),
    });
    let mut ports: Vec<Port> = ports.collect();
    // They are sorted as text.
    ports.sort_by_key(|port| match port.target {
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    });
    Ok(ports)
}

/// An address, and what follows its colon: what stands before the last two parts.
fn address(text: &str) -> (Option<&str>, &str) {
    match text.rmatch_indices(':').nth(1) {
        Some((at, _)) => (text.get(..at), text.get(at + 1..).unwrap_or_default()),
        None => (None, text),
    }
}

/// An address without its brackets.
fn checked(address: &str) -> Result<&str, String> {
    let inner = address.strip_prefix('[').map_or(Some(address), |rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) if inner.parse::<std::net::IpAddr>().is_ok() => Ok(inner),
        _ => Err(format!("invalid IP address: {address}")),
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match text.split_once('-') {
        Some((low, high)) => Some((number(low)?, number(high)?)).filter(|(low, high)| low <= high),
        None => number(text).map(|port| (port, port)),
    }
}
