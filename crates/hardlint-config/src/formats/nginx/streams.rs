//! Servers of `stream` that pass on what listens without asking who connects: the port of a database, or a socket that
//! is root's.

use super::facts::Facts;
use crate::model::{Node, ScopeId, Value};
use crate::text::Loc;

/// What listens on a port as a rule, and is made for a network of its own.
const PORTS: &[(&str, &str)] = &[
    ("1433", "SQL Server"),
    ("2375", "the API of Docker"),
    ("2379", "etcd"),
    ("3306", "MySQL"),
    ("5432", "PostgreSQL"),
    ("6379", "redis"),
    ("9200", "Elasticsearch"),
    ("11211", "memcached"),
    ("27017", "MongoDB"),
];

/// Fills the fact in.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let kind = facts.model.format.schema.kind_named("stream");
    let ids = (0..facts.model.scopes.len()).filter_map(|at| u32::try_from(at).ok().map(ScopeId));
    let all: Vec<ScopeId> = ids.filter(|&id| facts.model.scope(id).map(|scope| scope.kind) == kind).collect();
    for id in all {
        let Some((what, at)) = passed_on(facts, id) else { continue };
        let Some(kind) = kind else { continue };
        let key = facts.model.key(kind, "passes_on");
        if let Some(scope) = facts.model.scope_mut(id) {
            scope.own.set(key, Node::derived(Value::text(what), at, vec![at]));
        }
    }
}

/// The lines of a directive in a block of `stream`, with their places.
fn lines<'m>(facts: &'m Facts<'_>, id: ScopeId, name: &str) -> Option<Vec<(&'m str, Loc)>> {
    let model = &*facts.model;
    let scope = model.scope(id)?;
    let key = model.format.schema.key(scope.kind, name).or_else(|| model.unlisted_key(name))?;
    let nodes = scope.own.get(key)?.value.as_list()?;
    Some(nodes.iter().filter_map(|node| Some((node.value.as_str()?, node.at))).collect())
}

/// What a server passes on to everybody, and the line that lets them come.
fn passed_on(facts: &Facts<'_>, id: ScopeId) -> Option<(&'static str, Loc)> {
    // Who may come in is asked by address, by certificate, or by the name that a client of TLS says.
    let asks = |id: ScopeId| {
        ["allow", "deny", "ssl_verify_client", "ssl_preread", "access_by_lua_file"]
            .iter()
            .any(|name| lines(facts, id, name).is_some())
    };
    if facts.model.ancestors(id).any(|(id, scope)| scope.open.is_some() || asks(id)) {
        return None;
    }
    let (target, _) = *lines(facts, id, "proxy_pass")?.first()?;
    let listens = lines(facts, id, "listen")?;
    let public = listens.iter().find(|(line, _)| !line.contains("udp") && is_public(address(line)))?;
    if target.contains("docker.sock") {
        return Some(("the socket of Docker", public.1));
    }
    let port = |text: &str| text.rsplit(':').next().unwrap_or(text).to_owned();
    let (own, behind) = (port(address(public.0)), port(target));
    // What TLS ends at may well ask for more.
    let known = |port: &str| PORTS.iter().find(|(known, _)| *known == port).map(|(_, what)| *what);
    let plain = !public.0.split(' ').any(|word| word == "ssl");
    known(&behind).or_else(|| known(&own)).filter(|_| plain).map(|what| (what, public.1))
}

/// The address of a line of `listen`.
fn address(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

/// Whether an address is reached from other machines.
fn is_public(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or("", |(host, _)| host);
    let inner = host.parse::<std::net::Ipv4Addr>().is_ok_and(|host| host.is_loopback() || host.is_private());
    !inner && host != "localhost" && host != "[::1]" && !address.starts_with("unix:") && !address.contains('$')
}
