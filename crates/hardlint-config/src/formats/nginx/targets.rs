//! Facts about the address that requests are passed on to: whether it can grow stale, and whether the path is the
//! client's.

use super::facts::Facts;
use super::listen::Reach;
use super::site::Modifier;
use super::upstream::{self, Site};
use super::variables::{self, Part, Tracer};
use crate::model::{Node, ScopeId, Text, Value};

/// Works out the facts about one `proxy_pass` or its like.
pub(super) fn fill(facts: &mut Facts<'_>, id: ScopeId, site: &Site) {
    let Some(target) = facts.own(id, "target").cloned() else { return };
    let Value::Text(text) = &target.value else { return };
    let parent = facts.model.scope(id).and_then(|scope| scope.parent).unwrap_or(id);
    let written = variables::flat(text);
    let directive = facts.own(id, "directive").and_then(|node| node.value.as_str());
    if directive != Some("proxy_pass") || written.contains('\u{1}') {
        if directive != Some("proxy_pass") {
            facts.put(id, "decoded_path", Value::Bool(false), target.at, vec![target.at]);
            facts.put_list(id, "stale_name", Vec::new(), target.at, None);
        }
        return;
    }
    if let Some(store) = open_store(facts, parent, &written, site) {
        facts.put(id, "open_store", Value::text(store), target.at, vec![target.at]);
    }
    let decoded = decoded(facts, parent, &written);
    facts.put(id, "decoded_path", Value::Bool(decoded), target.at, vec![target.at]);
    let stale = stale(facts, parent, &target, &written, site);
    let at = stale.first().map_or(target.at, |node| node.at);
    facts.put_list(id, "stale_name", stale, at, None);
}

/// A program that is known by its port, and asks nobody for a login unless it was told to.
struct Store {
    port: &'static str,
    title: &'static str,
    /// The paths with which all that it does is passed on; all paths where none is given.
    whole: &'static [&'static str],
}

const STORES: &[Store] = &[
    Store { port: "2375", title: "the API of Docker", whole: &["/"] },
    Store { port: "5601", title: "Kibana", whole: &[] },
    Store { port: "5984", title: "CouchDB", whole: &["/"] },
    Store { port: "7681", title: "a terminal", whole: &[] },
    Store { port: "8983", title: "Solr", whole: &["/", "/solr", "/solr/"] },
    Store { port: "9200", title: "Elasticsearch", whole: &["/"] },
    Store { port: "15672", title: "RabbitMQ's management", whole: &[] },
];

/// The store that all of is passed on to: of one whose paths are data, one path is a choice.
fn open_store(facts: &Facts<'_>, parent: ScopeId, written: &str, site: &Site) -> Option<&'static str> {
    let (_, rest) = written.split_once("://")?;
    if rest.contains('$') || rest.starts_with("unix:") {
        return None;
    }
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let group = site.groups.get(host.to_ascii_lowercase().as_str());
    let first = group.and_then(|&group| facts.own(group, "server")?.value.as_list()?.first()?.value.as_str());
    let address = first.and_then(|line| line.split_ascii_whitespace().next()).unwrap_or(host);
    let (_, port) = address.rsplit_once(':')?;
    let store = STORES.iter().find(|store| store.port == port)?;
    let location = facts.model.ancestors(parent).find_map(|(id, _)| facts.site.location_of.get(&id))?;
    if !matches!(location.modifier, Modifier::Prefix | Modifier::Final) {
        return None;
    }
    let passed = if path.is_empty() { location.uri.as_deref()? } else { path };
    (store.whole.is_empty() || store.whole.contains(&passed)).then_some(store.title)
}

/// Whether the path is put together anew from what nginx decoded.
fn decoded(facts: &Facts<'_>, parent: ScopeId, written: &str) -> bool {
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    if rest.contains('$') {
        return false;
    }
    let path = match rest.strip_prefix("unix:") {
        Some(socket) => socket.split_once(':').map(|(_, path)| path),
        None => rest.find('/').and_then(|at| rest.get(at..)),
    };
    // `rewrite ^ $request_uri` makes the encoded path the decoded one, which is then encoded once more.
    let raw = facts.model.ancestors(parent).take_while(|(id, _)| !facts.site.is_server(*id)).any(|(id, _)| {
        let lines = facts.own(id, "rewrite").and_then(|node| node.value.as_list()).unwrap_or_default();
        let mut lines = lines.iter().filter_map(|line| line.value.as_str());
        lines.any(|line| line.split_whitespace().nth(1) == Some("$request_uri"))
    });
    if raw {
        return true;
    }
    let location = facts.model.ancestors(parent).find_map(|(id, _)| facts.site.location_of.get(&id));
    let fixed = location.is_some_and(|location| location.modifier == Modifier::Exact);
    path.is_some_and(|path| !path.is_empty()) && !fixed
}

/// The public name that the target has for good, if it has one.
fn stale(facts: &Facts<'_>, parent: ScopeId, target: &Node, written: &str, site: &Site) -> Vec<Node> {
    let tracer = Tracer { model: facts.model, site: facts.site, scope: parent, names_checked: true };
    let flat = tracer.expand(written);
    let Some(parts) = variables::host(&flat) else { return Vec::new() };
    let [Part::Literal(host)] = parts.as_slice() else { return Vec::new() };
    if host.starts_with("unix:") {
        return Vec::new();
    }
    if let Some(&group) = site.groups.get(host.to_ascii_lowercase().as_str()) {
        let servers = facts.own(group, "server").and_then(|node| node.value.as_list()).unwrap_or_default();
        let stale = servers.iter().take(upstream::MOST_SERVERS).filter_map(|server| {
            let Value::Text(Text::Known(line)) = &server.value else { return None };
            let mut words = line.split_ascii_whitespace();
            let address = words.next()?;
            let asked_again = words.any(|word| word == "resolve");
            (!asked_again && public_name(address))
                .then(|| Node::derived(Value::text(address), server.at, vec![server.at]))
        });
        return stale.collect();
    }
    // With a variable in it, the name is looked up for each request, where a name server is given.
    let asked =
        written.contains('$') && facts.model.ancestors(parent).any(|(id, _)| facts.own(id, "resolver").is_some());
    if asked || !public_name(host) {
        return Vec::new();
    }
    vec![Node::derived(Value::text(host.clone()), target.at, vec![target.at])]
}

/// Whether it is a name, and no address, that everybody can look up.
fn public_name(address: &str) -> bool {
    let name = address.split(':').next().unwrap_or_default();
    let letters = name.contains(|c: char| c.is_ascii_alphabetic()) && !address.starts_with('[');
    letters && upstream::host_reach(address) == Some(Reach::Public)
}
