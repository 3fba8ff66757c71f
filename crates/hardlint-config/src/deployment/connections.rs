//! Which services a service connects to, by the hosts that its variables name.

use super::{End, Link, Member, Names};
use crate::model::{Node, Piece, Text, Value};
use crate::urls::split_scheme;
use std::collections::BTreeSet;

/// What stands for a part of a text that is not known.
const HOLE: char = '\u{1}';

/// Words in the names of variables whose values are hosts.
const HOSTS: &[&str] = &[
    "ADDR",
    "ADDRESS",
    "BOOTSTRAP",
    "BROKER",
    "BROKERS",
    "CLUSTER",
    "ENDPOINT",
    "HOST",
    "HOSTNAME",
    "HOSTS",
    "NODES",
    "SERVER",
    "SERVERS",
    "URI",
    "URL",
];

/// Adds the services that the variables of one name.
pub(super) fn links(services: &[Member], names: &Names, index: usize, links: &mut Vec<Link>) {
    let Some(member) = services.get(index) else { return };
    for (name, node) in &member.service.variables {
        let Value::Text(text) = &node.value else { continue };
        let text = flat(text);
        for host in hosts(name, &text) {
            let Some(to) = names.reached(services, index, host) else { continue };
            let (from, to) = (End::Service(index), End::Service(to));
            links.push(Link { from, to, kind: "connects", note: String::new(), at: node.at });
        }
    }
}

/// The services that the variables of each name, whatever network they are on, so that what is asked of two services is
/// asked of those that know of each other alone.
pub(super) fn named(services: &[Member], names: &Names) -> Vec<BTreeSet<usize>> {
    let of = |member: &Member| {
        let mut found = BTreeSet::new();
        for (name, node) in &member.service.variables {
            let text = text(node);
            let whole = (&**name == "PGHOST").then_some(text.as_str());
            for host in hosts(name, &text).into_iter().chain(whole) {
                found.extend(names.of_host(host));
            }
        }
        found
    };
    services.iter().map(of).collect()
}

/// Whether a variable names a host that is meant.
pub(super) fn names_host(name: &str, value: &Value, meant: &dyn Fn(&str) -> bool) -> bool {
    let Value::Text(text) = value else { return false };
    hosts(name, &flat(text)).into_iter().any(meant)
}

/// The text of a variable, with a mark where it is not known; empty of what is no text.
pub(super) fn text(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => flat(text),
        _ => String::new(),
    }
}

fn flat(text: &Text) -> String {
    match text {
        Text::Known(text) => text.to_string(),
        Text::Pieces(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Known(text) => text.to_string(),
                Piece::Hole(_) => HOLE.to_string(),
            };
            pieces.iter().map(piece).collect()
        }
    }
}

/// The hosts that a variable names: those of URLs, of `host=` in a DSN, and the whole value where the name says that it is
/// a host.
fn hosts<'t>(name: &str, text: &'t str) -> BTreeSet<&'t str> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((_, behind)) = split_scheme(rest) {
        let end = behind.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(behind.len());
        let authority = behind.get(..end).unwrap_or_default();
        let servers = authority.rsplit('@').next().unwrap_or_default();
        found.extend(servers.split(',').map(host));
        rest = behind.get(end..).unwrap_or_default();
    }
    if text.contains('=')
        && let Some((_, behind)) = text.split_once("host=")
    {
        found.extend(behind.split([' ', ';', '&']).next());
    }
    let is_host_word = |word: &str| {
        // What most words begin with, none of these does.
        let initial = word.bytes().next().map(|byte| byte.to_ascii_uppercase());
        matches!(initial, Some(b'A' | b'B' | b'C' | b'E' | b'H' | b'N' | b'S' | b'U'))
            && HOSTS.iter().any(|host| word.eq_ignore_ascii_case(host))
    };
    if split_scheme(text).is_none() && name.split(['_', '.', '-']).any(is_host_word) {
        found.extend(text.split([',', ' ', ';']).map(host));
    }
    found.remove("");
    found
}

/// A host without its port.
fn host(server: &str) -> &str {
    let server = server.trim();
    server.split(':').next().unwrap_or(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_hosts_is_known() {
        for word in HOSTS {
            assert_eq!(hosts(&word.to_lowercase(), "db").into_iter().collect::<Vec<_>>(), ["db"], "{word}");
        }
    }

    #[test]
    fn variables_name_hosts() {
        for (name, text, expected) in [
            ("DATABASE_URL", "postgres://app:pass@db:5432/shop", vec!["db"]),
            ("DATABASE_URL", "postgres://app:\u{1}@db/shop", vec!["db"]),
            ("CACHE", "redis://cache:6379/0", vec!["cache"]),
            ("REDIS_HOST", "cache", vec!["cache"]),
            ("KAFKA_BOOTSTRAP_SERVERS", "k1:9092,k2:9092", vec!["k1", "k2"]),
            ("DSN", "host=db port=5432", vec!["db"]),
            ("MODE", "db", vec![]),
            ("ALLOWED_HOSTS", "", vec![]),
            ("SEEDS", "http://a:1/x,http://b:2", vec!["a", "b"]),
        ] {
            assert_eq!(hosts(name, text).into_iter().collect::<Vec<_>>(), expected, "{name}={text}");
        }
    }
}
