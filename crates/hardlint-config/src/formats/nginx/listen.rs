//! `listen` lines: the address, the port and what is asked of the socket.

use crate::model::{Piece, Str, Why};
use std::net::{IpAddr, Ipv6Addr};

/// What a `listen` line says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent parameters of one directive")]
pub(super) struct Listen {
    /// The address, `*` for every one of IPv4; unknown if a template fills it in.
    pub(super) address: Option<Str>,
    /// The port, as it is written without leading zeros; empty for a path; unknown if a template fills it in.
    pub(super) port: Option<Str>,
    /// `ssl` or `quic`.
    pub(super) tls: bool,
    /// `default_server`, or `default` as it was once called.
    pub(super) default: bool,
    /// `proxy_protocol`: something before nginx took the connection.
    pub(super) proxied: bool,
    /// Whether a parameter is filled in by a template, and could be any of these.
    pub(super) unsure: bool,
}

/// Who can reach an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The machine itself.
    Loopback,
    /// A private network.
    Private,
    /// Everybody.
    Public,
}

impl Listen {
    /// What nginx adds to a server without a `listen` line; it takes port 8000 where it does not run as root.
    pub(super) fn implied() -> Self {
        Self::parse(Some("80"), &[])
    }

    /// Reads the words behind `listen`; those with holes are `None`.
    pub(super) fn parse(address: Option<&str>, parameters: &[Option<String>]) -> Self {
        let has = |wanted: &str| parameters.iter().flatten().any(|word| word == wanted);
        let (host, port) = match address {
            Some(text) => split(text),
            None => (None, None),
        };
        Self {
            address: host,
            port,
            tls: has("ssl") || has("quic"),
            default: has("default_server") || has("default"),
            proxied: has("proxy_protocol"),
            unsure: parameters.iter().any(Option::is_none),
        }
    }

    /// The socket that it opens, if it is known: lines that say the same in other words share one.
    pub(super) fn socket(&self) -> Option<(Str, Str)> {
        Some((self.address.clone()?, self.port.clone()?))
    }

    /// Whether connections to a port come here.
    pub(super) fn covers(&self, wanted: &str) -> bool {
        let Some(port) = self.port.as_deref() else { return false };
        let within = || Some((range(port)?, wanted.parse::<u16>().ok()?));
        port == wanted || within().is_some_and(|((first, last), wanted)| (first..=last).contains(&wanted))
    }

    /// Who can reach it, if the address is known.
    pub(super) fn reach(&self) -> Option<Reach> {
        let address = self.address.as_deref()?;
        if address == "*" {
            return Some(Reach::Public);
        }
        if address.starts_with("unix:") {
            return Some(Reach::Loopback);
        }
        reach_of(address.trim_start_matches('[').trim_end_matches(']'))
    }
}

/// Who can reach an address, if it is no name.
pub(super) fn reach_of(address: &str) -> Option<Reach> {
    if address.eq_ignore_ascii_case("localhost") {
        return Some(Reach::Loopback);
    }
    Some(match address.parse::<IpAddr>().ok()? {
        ip if ip.is_loopback() => Reach::Loopback,
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => Reach::Private,
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => Reach::Private,
        _ => Reach::Public,
    })
}

/// The address and the port of `8080`, `1.2.3.4`, `*:80`, `[::]:443`, `unix:/path`.
fn split(text: &str) -> (Option<Str>, Option<Str>) {
    if text.starts_with("unix:") {
        return (Some(text.into()), Some("".into()));
    }
    if text.contains(['$', '{', '%', '<']) || text.contains("__") {
        // A placeholder that something else replaces.
        return placeholder(text);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else { return (None, None) };
        let host = host.parse::<Ipv6Addr>().map_or_else(|_| host.to_owned(), |ip| ip.to_string());
        return (Some(format!("[{host}]").into()), port(after.strip_prefix(':').unwrap_or("80")));
    }
    // A port alone, or the first and the last of several.
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if number(text) || text.split_once('-').is_some_and(|(first, last)| number(first) && number(last)) {
        return (Some("*".into()), port(text));
    }
    let (host, after) = text.rsplit_once(':').unwrap_or((text, "80"));
    let host = if host == "0.0.0.0" { "*" } else { host };
    (Some(host.to_ascii_lowercase().into()), port(after))
}

/// What a placeholder, or one behind an address, leaves to know: it is a port if it is called one.
fn placeholder(text: &str) -> (Option<Str>, Option<Str>) {
    let first = text.find(['$', '{', '%', '<']).or(text.find("__")).unwrap_or_default();
    let Some((before, hole)) = text.split_at_checked(first) else { return (None, None) };
    if let Some(host) = before.strip_suffix(':').filter(|host| !host.is_empty()) {
        return (split_known(host), None);
    }
    let lower = hole.to_ascii_lowercase();
    let address =
        ["addr", "host", "ip_", "_ip", "bind", "}:", ">:", "%:", "_:"].iter().any(|word| lower.contains(word));
    let port = before.is_empty() && lower.contains("port") && !address;
    (port.then(|| "*".into()), None)
}

/// An address without placeholders.
fn split_known(host: &str) -> Option<Str> {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']')?;
        return Some(format!("[{}]", inner.parse::<Ipv6Addr>().ok()?).into());
    }
    Some(if host == "0.0.0.0" { "*".into() } else { host.to_ascii_lowercase().into() })
}

/// A text with its holes as they are written.
pub(super) fn spelt(pieces: &[Piece]) -> String {
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Known(text) => text.to_string(),
        Piece::Hole(Why::Template(text) | Why::Variable(text)) => format!("${{{text}}}"),
        Piece::Hole(_) => "${}".to_owned(),
    });
    pieces.collect()
}

/// The first and the last of some ports.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn port(text: &str) -> Option<Str> {
    // A range, `8000-8010`, is several sockets: it stays as it is written.
    let known = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    known.then(|| match text.parse::<u16>() {
        Ok(number) => number.to_string().into(),
        Err(_) => text.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, socket: &str, reach: Option<Reach>) {
        let mut words = text.split_whitespace();
        let address = words.next();
        let parameters: Vec<_> = words.map(|word| Some(word.to_owned())).collect();
        let listen = Listen::parse(address, &parameters);
        let found = listen.socket().map_or("unknown".to_owned(), |(host, port)| format!("{host} {port}"));
        assert_eq!((found.as_str(), listen.reach()), (socket, reach), "{text}");
    }

    #[test]
    fn lines_that_say_the_same_share_a_socket() {
        check("80", "* 80", Some(Reach::Public));
        check("*:80", "* 80", Some(Reach::Public));
        check("0.0.0.0:080", "* 80", Some(Reach::Public));
        check("127.0.0.1", "127.0.0.1 80", Some(Reach::Loopback));
        check("localhost:8080", "localhost 8080", Some(Reach::Loopback));
        check("[::]:443 ssl", "[::] 443", Some(Reach::Public));
        check("[0:0:0:0:0:0:0:0]:443", "[::] 443", Some(Reach::Public));
        check("[::1]", "[::1] 80", Some(Reach::Loopback));
        check("10.1.2.3:80", "10.1.2.3 80", Some(Reach::Private));
        check("unix:/run/n.sock", "unix:/run/n.sock ", Some(Reach::Loopback));
        check("example.com:80", "example.com 80", None);
    }

    #[test]
    fn a_placeholder_called_a_port_has_no_address() {
        check("%%port%%", "unknown", Some(Reach::Public));
        check("${NGINX_PORT}", "unknown", Some(Reach::Public));
        check("{{nginx_port}}", "unknown", Some(Reach::Public));
        check("127.0.0.1:${PORT}", "unknown", Some(Reach::Loopback));
        check("[::]:${PORT}", "unknown", Some(Reach::Public));
        check("[::1]:{{port}}", "unknown", Some(Reach::Loopback));
        check("${LISTEN}", "unknown", None);
        check("${ADDR}:80", "unknown", None);
        check("${BIND_PORT}", "unknown", None);
        check("${ADDR}:${PORT}", "unknown", None);
        check("{{host_and_port}}", "unknown", None);
    }
}
