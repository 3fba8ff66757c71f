//! Which server and which location answer a request: the search that nginx makes, and what `show --where` asks.

use super::regex::Regex;
use super::site::{Location, Modifier, Site};
use crate::model::{Model, ScopeId};
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
    match search(site, server, path, 0) {
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

/// nginx looks for the longest prefix, inside it for a better one, and then for the first expression of the level.
fn search(site: &Site, holder: ScopeId, path: &str, depth: usize) -> Option<Found> {
    let none = Found { scope: None, settled: false };
    let Some(locations) = site.locations.get(&holder).filter(|_| depth < DEEPEST) else { return Some(none) };
    let mut best: Option<(&Location, usize)> = None;
    for location in locations.iter().filter(|location| location.modifier != Modifier::Named) {
        if location.conditional {
            return None;
        }
        let uri = location.uri.as_deref()?;
        match location.modifier {
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
    if let Some((location, _)) = best {
        let inner = search(site, location.scope, path, depth + 1)?;
        found = Found { scope: inner.scope.or(Some(location.scope)), settled: inner.settled };
        if found.settled || location.modifier == Modifier::Final {
            return Some(found);
        }
    }
    for location in locations {
        if matches!(location.modifier, Modifier::Regex | Modifier::RegexAnyCase) {
            let regex = Regex::new(location.uri.as_deref()?, location.modifier == Modifier::RegexAnyCase)?;
            if regex.matches(path) {
                let inner = search(site, location.scope, path, depth + 1)?;
                return Some(Found { scope: inner.scope.or(Some(location.scope)), settled: true });
            }
        }
    }
    Some(found)
}

/// The server that answers for `name` on `port`.
pub(super) fn server(model: &Model, site: &Site, name: Option<&str>, port: Option<&str>) -> Option<ScopeId> {
    let listens = |server: &ScopeId| {
        let lines = site.listens.get(server).map(Vec::as_slice).unwrap_or_default();
        let wanted = |listen: &super::listen::Listen| port.is_none() || listen.port.as_deref() == port;
        lines.iter().filter(|(_, listen)| wanted(listen)).map(|(_, listen)| listen).collect::<Vec<_>>()
    };
    let candidates: Vec<ScopeId> =
        site.servers.iter().copied().filter(|server| port.is_none() || !listens(server).is_empty()).collect();
    let named = name.and_then(|name| by_name(model, &candidates, &name.to_ascii_lowercase()));
    let default = || candidates.iter().copied().find(|server| listens(server).iter().any(|listen| listen.default));
    named.or_else(default).or_else(|| candidates.first().copied())
}

/// An exact name, the longest `*.x`, the longest `x.*`, the first expression: in this order.
fn by_name(model: &Model, servers: &[ScopeId], name: &str) -> Option<ScopeId> {
    let mut best: Option<(u8, usize, ScopeId)> = None;
    for &server in servers {
        for pattern in names(model, server) {
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
            } else if let Some(regex) = pattern.strip_prefix('~') {
                if !Regex::new(regex, true).is_some_and(|regex| regex.matches(name)) {
                    continue;
                }
                (1, 0)
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
    let (name, port) = (query.condition("server"), query.condition("port"));
    let uri = query.condition("uri");
    let asked = name.is_some() || port.is_some() || uri.is_some();
    let http = model.format.schema.kind_named("http");
    let outer = model.scopes.iter().position(|scope| Some(scope.kind) == http);
    let outer = outer.and_then(|at| u32::try_from(at).ok()).map_or(ScopeId(0), ScopeId);
    model.focus = match asked.then(|| server(model, site, name, port)).flatten() {
        Some(server) => {
            let path = uri.map(|uri| normal(uri.split(['?', '#']).next().unwrap_or_default()));
            match path.map(|path| location(site, server, &path)) {
                Some(Answer::Location(location)) => location,
                _ => server,
            }
        }
        None => outer,
    };
}

/// A path as nginx matches it: decoded, without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
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
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if text.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}", parts.join("/"))
}
