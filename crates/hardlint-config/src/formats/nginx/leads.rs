//! The servers that requests are passed on to, by name and port, as who joins files into a deployment asks.
//!
//! Only what the file says is told: a target with a variable that is not one text throughout, or a template, is left out.

use super::listen::Reach;
use super::upstream::host_reach;
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use std::collections::BTreeMap;

/// A server that requests are passed on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    /// Its name or address, in small letters.
    pub(crate) host: String,
    /// The port, where one is named or the protocol has one.
    pub(crate) port: Option<u16>,
    /// What passes requests on: `proxy_pass`, `fastcgi_pass` and so on.
    pub(crate) directive: String,
    /// Whether what is passed on is encrypted.
    pub(crate) encrypted: bool,
    /// Whether it is passed on in clear text, by a protocol that has a form with TLS or carries requests.
    pub(crate) clear: bool,
    /// Whether the server is one that everybody can look up or reach: none of a private network.
    pub(crate) public: bool,
    /// Where it is passed on.
    pub(crate) at: Loc,
    /// The scope of that.
    pub(crate) scope: ScopeId,
}

/// All servers that requests are passed on to. A group is meant where one is named: requests go to each of its servers.
pub(crate) fn of(model: &Model) -> Vec<Lead> {
    let schema = model.format.schema;
    let (Some(proxy), Some(group)) = (schema.kind_named("proxy"), schema.kind_named("upstream")) else {
        return Vec::new();
    };
    let scopes = || (0..).map(ScopeId).zip(&model.scopes);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, scope) in scopes().filter(|(_, scope)| scope.kind == group) {
        let lines = model.get(id, "server").and_then(Value::as_list).unwrap_or_default();
        let first = |line: &Node| Some(line.value.as_str()?.split_ascii_whitespace().next()?.to_owned());
        groups.entry(scope.label.to_ascii_lowercase().into()).or_default().extend(lines.iter().filter_map(first));
    }
    let variables = set_once(model);
    let mut found = Vec::new();
    for (id, scope) in scopes().filter(|(_, scope)| scope.kind == proxy) {
        let text = |key: &str| model.get(id, key).and_then(Value::as_str);
        let (Some(directive), Some(target)) = (text("directive"), text("target")) else { continue };
        let Some(target) = expanded(target, &variables) else { continue };
        let (protocol, rest) = target.split_once("://").unwrap_or(("", &target));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let server = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
        let encrypted = matches!(protocol, "https" | "grpcs" | "suwsgi");
        // What goes through a `stream` may well be encrypted by those who speak.
        let clear = matches!(protocol, "http" | "grpc" | "uwsgi" | "fastcgi" | "scgi")
            || matches!(directive, "fastcgi_pass" | "scgi_pass" | "uwsgi_pass") && protocol.is_empty();
        let mut add = |server: &str, default: Option<u16>| {
            // A socket of the file system is in the same container.
            if server.starts_with("unix:") || server.is_empty() || server.contains('$') {
                return;
            }
            let (host, port) = split(server);
            let (host, port) = (host.to_owned(), port.or(default));
            let public = host_reach(&host) == Some(Reach::Public);
            let directive = directive.to_owned();
            found.push(Lead { host, port, directive, encrypted, clear, public, at: scope.at, scope: id });
        };
        if let Some(servers) = groups.get(&server) {
            for server in servers {
                add(&server.to_ascii_lowercase(), Some(80));
            }
        } else {
            let default = match protocol {
                "http" | "grpc" => Some(80),
                "https" | "grpcs" => Some(443),
                _ => None,
            };
            add(&server, default);
        }
    }
    found
}

/// Whether all that is passed on leads to servers that the file names.
pub(crate) fn are_known(model: &Model) -> bool {
    let Some(proxy) = model.format.schema.kind_named("proxy") else { return false };
    let variables = set_once(model);
    let scopes = (0..).map(ScopeId).zip(&model.scopes).filter(|(_, scope)| scope.kind == proxy);
    let mut targets = scopes.map(|(id, _)| model.get(id, "target").and_then(Value::as_str));
    targets.all(|target| target.and_then(|target| expanded(target, &variables)).is_some())
}

/// A host and its port.
fn split(server: &str) -> (&str, Option<u16>) {
    match server.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        _ => (server, None),
    }
}

/// The variables that one `set` of the file gives a text without variables.
fn set_once(model: &Model) -> BTreeMap<&str, Option<&str>> {
    let mut found: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for scope in &model.scopes {
        let Some(key) = model.format.schema.key(scope.kind, "set") else { continue };
        let lines = scope.own.get(key).and_then(|node| node.value.as_list()).unwrap_or_default();
        for (name, value) in lines.iter().filter_map(|line| line.value.as_str()?.split_once(' ')) {
            let value = Some(value.trim()).filter(|value| !value.contains('$'));
            found.entry(name).and_modify(|known| *known = known.filter(|known| Some(*known) == value)).or_insert(value);
        }
    }
    found
}

/// A target with its variables put in; nothing where one is not known.
fn expanded(target: &str, variables: &BTreeMap<&str, Option<&str>>) -> Option<String> {
    let (mut out, mut rest) = (String::new(), target);
    while let Some((before, behind)) = rest.split_once('$') {
        let bare = behind.strip_prefix('{').unwrap_or(behind);
        let length = bare.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(bare.len());
        let (name, after) = bare.split_at_checked(length)?;
        out.push_str(before);
        // Behind the host, a variable says nothing of where it is.
        match variables.get(format!("${name}").as_str()).copied().flatten() {
            Some(value) => out.push_str(value),
            None if out.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?'])) => break,
            None => return None,
        }
        rest = if bare.len() < behind.len() { after.strip_prefix('}').unwrap_or(after) } else { after };
    }
    out.push_str(rest);
    Some(out)
}
