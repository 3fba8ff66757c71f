//! Which server and which location answer a request: the search that nginx makes, and what `show --where` asks.

use super::listen::Listen;
use super::regex::Regex;
use super::site::{Location, Modifier, Site};
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::schema::{KeyId, KindId};
use crate::workspace::Query;

/// Where a search ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// At this location.
    Location(ScopeId),
    /// At none: the server itself answers.
    Server,
    /// Not to be known: an expression or a template stands in the way.
    Unknown,
}

/// Locations inside each other that are searched.
const DEEPEST: usize = 130;

/// The location of `server` that answers `path`, which is decoded and has no arguments.
pub(super) fn location(site: &Site, server: ScopeId, path: &str) -> Answer {
    match search(site, server, path, 0, true) {
        Some(Found { scope: Some(scope), .. }) => Answer::Location(scope),
        Some(Found { scope: None, .. }) => Answer::Server,
        None => Answer::Unknown,
    }
}

struct Found {
    scope: Option<ScopeId>,
    /// Whether no expression further out may be tried any more.
    settled: bool,
}

/// nginx looks for the longest prefix, inside it for a better one, and then for the first expression of the level. Inside
/// an expression it looks for expressions alone: paths that are written there are never found.
fn search(site: &Site, holder: ScopeId, path: &str, depth: usize, paths: bool) -> Option<Found> {
    let none = Found { scope: None, settled: false };
    let Some(locations) = site.locations.get(&holder).filter(|_| depth < DEEPEST) else { return Some(none) };
    let mut best: Option<(&Location, usize)> = None;
    let mut slash: Option<&Location> = None;
    let mut redirects = false;
    for location in locations.iter().filter(|location| location.modifier != Modifier::Named) {
        if location.conditional {
            return None;
        }
        let uri = location.uri.as_deref()?;
        if uri.strip_suffix('/') == Some(path)
            && paths
            && matches!(location.modifier, Modifier::Exact | Modifier::Prefix | Modifier::Final)
        {
            slash = slash.filter(|known| known.modifier == Modifier::Exact).or(Some(location));
            redirects |= site.passes.contains_key(&location.scope);
        }
        match location.modifier {
            _ if !paths => {}
            Modifier::Exact if uri == path => return Some(Found { scope: Some(location.scope), settled: true }),
            Modifier::Prefix | Modifier::Final
                if path.starts_with(uri) && best.is_none_or(|(_, length)| uri.len() > length) =>
            {
                best = Some((location, uri.len()));
            }
            _ => {}
        }
    }
    let mut found = none;
    // A location that passes requests on and ends in `/` redirects those that lack it, as long as no other is called so.
    if let Some(location) = slash
        && redirects
        && best.is_none_or(|(_, length)| length < path.len())
    {
        return Some(Found { scope: Some(location.scope), settled: true });
    }
    if let Some((location, _)) = best {
        let inner = search(site, location.scope, path, depth + 1, paths)?;
        found = Found { scope: inner.scope.or(Some(location.scope)), settled: inner.settled };
        if found.settled || location.modifier == Modifier::Final {
            return Some(found);
        }
    }
    for location in locations {
        if matches!(location.modifier, Modifier::Regex | Modifier::RegexAnyCase) {
            let regex = Regex::new(location.uri.as_deref()?, location.modifier == Modifier::RegexAnyCase)?;
            if regex.matches(path) {
                let inner = search(site, location.scope, path, depth + 1, false)?;
                return Some(Found { scope: inner.scope.or(Some(location.scope)), settled: true });
            }
        }
    }
    Some(found)
}

/// The server that answers for `name` on `port` of `address`.
///
/// A connection to an address comes to the socket that is opened for it, else to the one for all addresses.
pub(super) fn server(
    model: &Model,
    site: &Site,
    name: Option<&str>,
    port: Option<&str>,
    address: Option<&str>,
) -> Option<ScopeId> {
    let lines = |server: &ScopeId| site.listens.get(server).map(Vec::as_slice).unwrap_or_default();
    let on_port = |listen: &Listen| port.is_none_or(|port| listen.covers(port));
    let all = || site.servers.iter().flat_map(lines).map(|(_, listen)| listen);
    let asked = address.map(|address| Listen::parse(Some(&format!("{address}:1")), &[]).address);
    let exact = asked.flatten().filter(|asked| all().any(|it| on_port(it) && it.address.as_ref() == Some(asked)));
    let wild = if address.is_some_and(|address| address.starts_with('[')) { "[::]" } else { "*" };
    let host = address.map(|_| exact.as_deref().unwrap_or(wild).to_owned());
    let wanted =
        |listen: &Listen| on_port(listen) && host.as_deref().is_none_or(|host| listen.address.as_deref() == Some(host));
    let asked = port.is_some() || address.is_some();
    let candidates: Vec<ScopeId> = site
        .servers
        .iter()
        .copied()
        .filter(|server| !asked || lines(server).iter().any(|(_, listen)| wanted(listen)))
        .collect();
    let named = name.and_then(|name| by_name(model, &candidates, &host_name(name)));
    let is_default = |server: &ScopeId| lines(server).iter().any(|(_, listen)| listen.default && wanted(listen));
    let default = || candidates.iter().copied().find(is_default);
    named.or_else(default).or_else(|| candidates.first().copied())
}

/// A name as nginx compares it: in lower case, without a port and without a dot at its end.
fn host_name(name: &str) -> String {
    let bare = if name.starts_with('[') { name } else { name.split(':').next().unwrap_or_default() };
    bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase()
}

/// An exact name, the longest `*.x`, the longest `x.*`, the first expression: in this order.
fn by_name(model: &Model, servers: &[ScopeId], name: &str) -> Option<ScopeId> {
    let mut best: Option<(u8, usize, ScopeId)> = None;
    for &server in servers {
        for pattern in names(model, server) {
            if let Some(regex) = pattern.strip_prefix('~') {
                if best.is_none() && Regex::new(regex, true).is_some_and(|regex| regex.matches(name)) {
                    best = Some((1, 0, server));
                }
                continue;
            }
            let pattern = pattern.to_ascii_lowercase();
            let rank = if pattern == name {
                (4, 0)
            } else if let Some(suffix) = pattern.strip_prefix("*.") {
                if !name.ends_with(&format!(".{suffix}")) {
                    continue;
                }
                (3, suffix.len())
            } else if let Some(suffix) = pattern.strip_prefix('.') {
                if name != suffix && !name.ends_with(&pattern) {
                    continue;
                }
                (if name == suffix { 4 } else { 3 }, suffix.len())
            } else if let Some(prefix) = pattern.strip_suffix(".*") {
                if !name.starts_with(&format!("{prefix}.")) {
                    continue;
                }
                (2, prefix.len())
            } else {
                continue;
            };
            if best.is_none_or(|(kind, length, _)| (rank.0, rank.1) > (kind, length)) {
                best = Some((rank.0, rank.1, server));
            }
        }
    }
    best.map(|(_, _, server)| server)
}

/// The names of a server that are known.
pub(super) fn names(model: &Model, server: ScopeId) -> impl Iterator<Item = &str> {
    let list = model.get(server, "server_name").and_then(|value| value.as_list()).unwrap_or_default();
    list.iter().filter_map(|node| node.value.as_str())
}

/// Puts the focus where `--where` says; without conditions, where most of what matters stands.
pub(super) fn focus(model: &mut Model, site: &Site, query: &Query) {
    let (name, port, address) = (query.condition("server"), query.condition("port"), query.condition("address"));
    let uri = query.condition("uri");
    let asked = name.is_some() || port.is_some() || address.is_some() || uri.is_some();
    let http = model.format.schema.kind_named("http");
    let outer = model.scopes.iter().position(|scope| Some(scope.kind) == http);
    let outer = outer.and_then(|at| u32::try_from(at).ok()).map_or(ScopeId(0), ScopeId);
    let found = asked.then(|| server(model, site, name, port, address)).flatten();
    model.focus = match (found, uri) {
        (Some(server), Some(uri)) => match answer(model, site, server, uri) {
            Answer::Location(location) => location,
            Answer::Server => server,
            Answer::Unknown => unknown(model, server, uri),
        },
        (Some(server), None) => server,
        (None, _) => outer,
    };
}

/// What answers in a server: a location by its name, or for a path with arguments.
fn answer(model: &Model, site: &Site, server: ScopeId, uri: &str) -> Answer {
    if uri.starts_with('@') {
        let mut locations = site.locations.get(&server).into_iter().flatten();
        let named = locations.find(|it| it.modifier == Modifier::Named && it.uri.as_deref() == Some(uri));
        return named.map_or(Answer::Server, |location| Answer::Location(location.scope));
    }
    let merges = model.get(server, "merge_slashes") != Some(&Value::Bool(false));
    location(site, server, &normal(uri.split(['?', '#']).next().unwrap_or_default(), merges))
}

/// A place for which nothing is known: an expression that is not understood decides what answers there.
fn unknown(model: &mut Model, server: ScopeId, uri: &str) -> ScopeId {
    let schema = model.format.schema;
    let Some(at) = model.scope(server).map(|scope| scope.at) else { return server };
    let mut scope = Scope::new(schema.kind_named("location").unwrap_or(KindId(0)), uri, Some(server), at);
    for (id, _) in (0..).map(KeyId).zip(schema.keys).filter(|(_, key)| key.kinds.contains(&"location")) {
        scope.effective.set(id, Node::set(Value::Unknown(Why::Runtime("which location answers".into())), at));
    }
    model.push(scope)
}

/// A path as nginx matches it: decoded, without `.`, `..` and, if they are merged, doubled slashes.
fn normal(path: &str, merges: bool) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut parts: Vec<&str> = Vec::new();
    let all: Vec<&str> = text.strip_prefix('/').unwrap_or(&text).split('/').collect();
    for (at, part) in all.iter().enumerate() {
        let last = at + 1 == all.len();
        match *part {
            "" if merges && !last => {}
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
        // A path that ends in dots names a folder.
        if last && matches!(*part, "." | "..") {
            parts.push("");
        }
    }
    format!("/{}", parts.join("/"))
}
