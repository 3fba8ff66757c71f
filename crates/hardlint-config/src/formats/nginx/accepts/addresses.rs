//! Addresses: of clients in access lists, and of sockets in `listen`.

use super::super::listen::{self, Listen};
use super::super::resolve::Build;
use super::values::{number, size, time};
use super::{Fault, Line};
use crate::model::{ScopeId, Str};
use std::collections::BTreeMap;
use std::net::Ipv6Addr;

/// The sockets that `listen` lines opened, as nginx keeps them while it reads.
#[derive(Debug, Default)]
pub(in super::super) struct Sockets(BTreeMap<(Str, Str), Opened>);

#[derive(Debug)]
struct Opened {
    last: ScopeId,
    default: bool,
    options: bool,
}

/// Ports of one range that are compared with others.
pub(super) const MOST_PORTS: u16 = 64;

/// An address, or a network, as `ngx_ptocidr` takes it.
pub(super) fn access(line: &Line<'_>) -> Result<(), Fault> {
    match line.known(1) {
        Some(text) if text != "all" && text != "unix:" && !network(&text) => {
            Fault::new(1, "nginx takes only addresses, networks, `all` and `unix:` here")
        }
        _ => Ok(()),
    }
}

/// Four numbers up to 255, of which some may be left out; nginx takes the last of all addresses for none.
pub(super) fn ipv4(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(|part| match part.trim_start_matches('0') {
        "" if part.bytes().all(|byte| byte == b'0') => Some(0),
        rest => rest.bytes().all(|byte| byte.is_ascii_digit()).then(|| rest.parse::<u8>().ok()).flatten(),
    });
    let mut next = || parts.next().flatten();
    let all = u32::from_be_bytes([next()?, next()?, next()?, next()?]);
    (parts.next().is_none() && all != u32::MAX).then_some(all)
}

/// `10.0.0.0/8`, `::1`, `2001:db8::/32`; no mask of four numbers.
pub(super) fn network(text: &str) -> bool {
    let (address, mask) = text.split_once('/').map_or((text, None), |(address, mask)| (address, Some(mask)));
    let bits = |most: i64| mask.is_none_or(|mask| number(mask).is_some_and(|bits| bits <= most));
    if ipv4(address).is_some() {
        return bits(32);
    }
    address.parse::<Ipv6Addr>().is_ok() && bits(128)
}

/// An address of this machine, with or without a port; one of IPv6 in brackets has one.
pub(super) fn local(text: &str) -> bool {
    let port = |text: &str| number(text).is_some_and(|port| (1..=65_535).contains(&port));
    if let Some(rest) = text.strip_prefix('[') {
        let parts = rest.split_once("]:");
        return parts.is_some_and(|(host, after)| host.parse::<Ipv6Addr>().is_ok() && port(after));
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    let (host, after) = text.split_once(':').map_or((text, None), |(host, after)| (host, Some(after)));
    ipv4(host).is_some() && after.is_none_or(port)
}

/// Whether the port behind a host is one, where there is one.
pub(super) fn wanted_port(host: &str) -> bool {
    if host.starts_with("unix:") || host.starts_with('[') {
        return true;
    }
    host.split_once(':').is_none_or(|(_, port)| number(port).is_some_and(|port| (1..=65_535).contains(&port)))
}

/// A server that is passed to: a host with a port or without, or a socket of the machine.
pub(super) fn server(text: &str) -> bool {
    if let Some(path) = text.strip_prefix("unix:") {
        return !path.is_empty() && !path.starts_with(':');
    }
    if let Some(rest) = text.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else { return false };
        let port = after.strip_prefix(':');
        let fits = port.is_some_and(|port| number(port).is_some_and(|port| (1..=65_535).contains(&port)));
        return host.parse::<Ipv6Addr>().is_ok() && (after.is_empty() || fits);
    }
    !text.is_empty() && !text.starts_with(':') && !text.contains(['/', '?']) && wanted_port(text)
}

/// The address and the parameters of a `listen` line, and what it says about a socket that is there already.
pub(super) fn listen(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(address) = line.known(1) else { return Ok(()) };
    socket_address(&address)?;
    let mut options = false;
    for (index, text) in line.arguments().skip(1) {
        options |= parameter(index, &text)?;
    }
    if line.statement.condition.is_some() || line.frame.conditional || !line.frame.sure {
        return Ok(());
    }
    let parameters: Vec<_> = line.arguments().skip(1).map(|(_, text)| Some(text.into_owned())).collect();
    let listen = Listen::parse(Some(&address), &parameters);
    let Some((mut host, port)) = listen.socket() else { return Ok(()) };
    if parameters.iter().flatten().any(|text| matches!(text.as_str(), "quic" | "http3")) {
        // Another socket, of UDP.
        host = format!("udp {host}").into();
    }
    let (first, last) = listen::range(&port).unwrap_or((0, 0));
    if first == 0 {
        return opened(build, line, &listen, options, (host, port));
    }
    for port in first..=last.min(first.saturating_add(MOST_PORTS)) {
        opened(build, line, &listen, options, (host.clone(), port.to_string().into()))?;
    }
    Ok(())
}

fn opened(
    build: &mut Build<'_, '_>,
    line: &Line<'_>,
    listen: &Listen,
    options: bool,
    key: (Str, Str),
) -> Result<(), Fault> {
    let server = line.frame.scope;
    // As people write it.
    let host = key.0.trim_start_matches("udp ");
    let name = if key.1.is_empty() { host.to_owned() } else { format!("{host}:{}", key.1) };
    match build.seen.sockets.0.get_mut(&key) {
        None => {
            let opened = Opened { last: server, default: listen.default, options };
            build.seen.sockets.0.insert(key, opened);
        }
        Some(known) if known.last == server => {
            return Fault::new(1, format!("this server listens on `{name}` already; nginx refuses that"));
        }
        Some(known) if known.options && options => {
            return Fault::new(1, format!("the options of `{name}` are set already; nginx refuses that"));
        }
        Some(known) if known.default && listen.default => {
            return Fault::new(1, format!("`{name}` has a default server already; nginx refuses a second one"));
        }
        Some(known) => {
            *known = Opened { last: server, default: known.default | listen.default, options: known.options | options };
        }
    }
    Ok(())
}

/// Whether it is an address; hosts that have to be looked up are the machine's to know.
fn socket_address(text: &str) -> Result<(), Fault> {
    let refused = || Fault::new(1, "nginx refuses this as an address to listen on");
    if let Some(path) = text.strip_prefix("unix:") {
        return if path.is_empty() || path.len() > 107 { refused() } else { Ok(()) };
    }
    if let Some(rest) = text.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else { return refused() };
        let port = after.strip_prefix(':');
        let fits = host.parse::<Ipv6Addr>().is_ok() && (after.is_empty() || port.is_some_and(ports));
        return if fits { Ok(()) } else { refused() };
    }
    if text.contains(['/', '?']) {
        return refused();
    }
    let fits = match text.split_once(':') {
        Some((host, port)) => !host.is_empty() && ports(port),
        // A number is a port, anything else a host.
        None => text.starts_with(|first: char| !first.is_ascii_digit()) || text.contains('.') || ports(text),
    };
    if fits { Ok(()) } else { refused() }
}

/// A port, or the first and the last of several.
fn ports(text: &str) -> bool {
    let port = |text: &str| number(text).is_some_and(|port| (1..=65_535).contains(&port));
    match text.split_once('-') {
        Some((first, last)) => port(first) && port(last) && number(first) <= number(last),
        None => port(text),
    }
}

/// Whether a word behind an address sets an option of the socket.
fn parameter(index: usize, text: &str) -> Result<bool, Fault> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let fits = match (name, value) {
        ("default_server" | "default" | "ssl" | "http2" | "http3" | "quic" | "proxy_protocol", None) => {
            return Ok(false);
        }
        // The last two are for BSD.
        ("bind" | "deferred" | "reuseport" | "multipath", None) | ("setfib" | "accept_filter", Some(_)) => true,
        ("backlog", Some(value)) => number(value).is_some_and(|count| count > 0),
        ("fastopen", Some(value)) => number(value).is_some(),
        ("rcvbuf" | "sndbuf", Some(value)) => size(value, false).is_some(),
        ("ipv6only", Some(value)) => matches!(value, "on" | "off"),
        ("so_keepalive", Some(value)) => matches!(value, "on" | "off") || kept_alive(value),
        _ => false,
    };
    if fits { Ok(true) } else { Fault::new(index, "nginx refuses this word for `listen`") }
}

/// `IDLE:INTERVAL:COUNT`, of which one at least is set.
fn kept_alive(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let mut read = |read: &dyn Fn(&str) -> Option<i64>| match parts.next().unwrap_or_default() {
        "" => Some(0),
        part => read(part),
    };
    let seconds = |part: &str| time(part, true);
    match (read(&seconds), read(&seconds), read(&number)) {
        (Some(idle), Some(interval), Some(count)) => idle != 0 || interval != 0 || count != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_sockets_are_told_from_what_is_none() {
        for (text, expected) in [
            ("10.0.0.1", true),
            ("10.0.0.0/8", true),
            ("10.0.0.0/255.0.0.0", false),
            ("010.0.0.1", true),
            ("10..0.1", true),
            ("255.255.255.255", false),
            ("::1", true),
            ("2001:db8::/32", true),
            ("10.0.0.0/33", false),
            ("1.2.3", false),
            ("localhost", false),
            ("::1/129", false),
        ] {
            assert_eq!(network(text), expected, "{text}");
        }
        for (text, expected) in [
            ("80", true),
            ("127.0.0.1", true),
            ("*:80-90", true),
            ("example.com:80", true),
            ("[::1]:80", true),
            ("unix:/x", true),
            ("0", false),
            ("99999", false),
            ("127.0.0.1:a", false),
            (":80", false),
            ("::1", false),
            ("[::1", false),
            ("90-80", false),
            ("unix:", false),
        ] {
            assert_eq!(socket_address(text).is_ok(), expected, "{text}");
        }
    }
}
