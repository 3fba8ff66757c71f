//! Facts about who is let in: lines that never count, passwords that nobody is asked for, and files that anybody writes.

use super::facts::{Facts, Known};
use super::site::Entry;
use super::{answers, served};
use crate::model::{Node, ScopeId, Text, Value, Why};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    for list in facts.site.access.values() {
        let Some(owner) = facts.model.scope(list.scope).and_then(|scope| scope.parent) else { continue };
        let at = facts.at(list.scope);
        let conditional = list.entries.iter().any(|entry| entry.conditional);
        let why = conditional.then(|| Why::Template("allow and deny".into()));

        let everyone = list.entries.iter().position(|entry| entry.allow && address(entry) == Some("all"));
        let behind = list.entries.iter().skip(everyone.map_or(list.entries.len(), |index| index + 1));
        let behind: Vec<Node> = behind.filter(|entry| !entry.allow).map(node).collect();
        let first = behind.first().map_or(at, |node| node.at);
        facts.put_list(list.scope, "unreachable_denies", behind, first, why.clone());

        let wide = if asks_itself(facts, owner) && satisfied_by_any(facts, owner) {
            let ipv4 = served::only_ipv4(facts, owner);
            let allows = list.entries.iter().take_while(|entry| entry.allow);
            allows.filter(|entry| wide(entry) && !(ipv4 && is_ipv6(entry))).map(node).collect()
        } else {
            Vec::new()
        };
        let first = wide.first().map_or(at, |node: &Node| node.at);
        facts.put_list(list.scope, "bypasses", wide, first, why);
    }
    let locations: Vec<ScopeId> = facts.site.locations.values().flatten().map(|location| location.scope).collect();
    let kind = facts.model.format.schema.kind_named("limit_except");
    let mut limits: BTreeMap<ScopeId, Vec<ScopeId>> = BTreeMap::new();
    for (id, scope) in (0..).map(ScopeId).zip(&facts.model.scopes).filter(|(_, scope)| Some(scope.kind) == kind) {
        if let Some(parent) = scope.parent {
            limits.entry(parent).or_default().push(id);
        }
    }
    for location in locations {
        dav(facts, location, limits.get(&location).map(Vec::as_slice).unwrap_or_default());
    }
}

fn node(entry: &Entry) -> Node {
    Node::derived(Value::Text(entry.address.clone()), entry.at, vec![entry.at])
}

fn address(entry: &Entry) -> Option<&str> {
    match &entry.address {
        Text::Known(text) => Some(text),
        Text::Pieces(_) => None,
    }
}

/// Whether an entry names a large part of the internet.
fn wide(entry: &Entry) -> bool {
    let Some(text) = address(entry) else { return false };
    let Some((network, bits)) = text.split_once('/') else { return text == "all" };
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u8>()) else { return false };
    match network {
        IpAddr::V4(ip) => bits <= 8 && (bits == 0 || !(ip.is_private() || ip.is_loopback())),
        IpAddr::V6(ip) => bits <= 16 && !ip.is_unique_local() && !ip.is_unicast_link_local(),
    }
}

/// Whether an entry names addresses of IPv6, which nobody comes from where nothing listens to them.
fn is_ipv6(entry: &Entry) -> bool {
    address(entry).is_some_and(|text| text.contains(':') && !text.starts_with("unix"))
}

/// Whether the block itself, and not one around it, asks for a password: an exception made on purpose stands inside.
fn asks_itself(facts: &Facts<'_>, owner: ScopeId) -> bool {
    ["auth_basic", "auth_jwt", "auth_request"].iter().any(|name| {
        facts.own(owner, name).is_some_and(|node| match &node.value {
            Value::Text(Text::Known(text)) => &**text != "off",
            Value::List(words) => words.first().is_some_and(|word| word.value.as_str().is_some_and(|it| it != "off")),
            _ => false,
        })
    })
}

fn satisfied_by_any(facts: &Facts<'_>, owner: ScopeId) -> bool {
    facts.model.get(owner, "satisfy").and_then(Value::as_str) == Some("any")
}

/// The `dav_methods` by which whoever reaches a location changes its files.
fn dav(facts: &mut Facts<'_>, location: ScopeId, limits: &[ScopeId]) {
    let at = facts.at(location);
    let methods = facts.model.ancestors(location).find_map(|(id, _)| facts.own(id, "dav_methods"));
    let Some(methods) = methods.cloned() else {
        let known = facts.unless_open(location, Known::No);
        let why = (known == Known::Unknown).then(|| facts.why(location));
        facts.put_list(location, "dav_open", Vec::new(), at, why);
        return;
    };
    let words = methods.value.as_list().unwrap_or_default();
    let mut open: Vec<Node> = words.iter().filter(|word| word.value.as_str() != Some("off")).cloned().collect();
    let files = facts.bool(location, "serves_files");
    let restricted = answers::restricted(facts.model, facts.site, location);
    if files == Known::No || restricted == Some(true) {
        open.clear();
    }
    if let Some(allowed) = left_open(facts, limits) {
        open.retain(|word| {
            word.value.as_str().is_some_and(|method| allowed.iter().any(|it| it.eq_ignore_ascii_case(method)))
        });
    }
    let unsure = !open.is_empty() && (files == Known::Unknown || restricted.is_none());
    let why = unsure.then(|| facts.why(location));
    let place = open.first().map_or(at, |node| node.at);
    facts.put_list(location, "dav_open", open, place, why);
}

/// The methods that a `limit_except` of the location leaves to everybody, if one locks the others.
fn left_open(facts: &Facts<'_>, limits: &[ScopeId]) -> Option<Vec<String>> {
    let mut locked = limits.iter().filter(|&&id| answers::restricted(facts.model, facts.site, id) == Some(true));
    let limit = facts.model.scope(*locked.next()?)?;
    Some(limit.label.split_whitespace().map(str::to_owned).collect())
}
