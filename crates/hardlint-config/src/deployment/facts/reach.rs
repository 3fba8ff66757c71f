//! Who reaches a service from outside: by ports of its own, and through proxies that are reached.

use super::Facts;
use super::routes::Route;
use crate::deployment::Part;
use crate::deployment::services::Published;
use crate::model::{Node, Value};
use crate::text::Loc;
use std::collections::BTreeSet;

/// Fills in who reaches each service, and gives those that are reached.
pub(super) fn fill(facts: &mut Facts<'_, '_>, routes: &[Route]) -> BTreeSet<usize> {
    let deployment = facts.deployment;
    let mut reached: BTreeSet<usize> =
        deployment.services.iter().enumerate().filter(|(_, it)| it.open).map(|(index, _)| index).collect();
    // Proxies may stand behind proxies.
    loop {
        let more: Vec<usize> =
            routes.iter().filter(|it| reached.contains(&it.from) && it.answers).map(|it| it.to).collect();
        let before = reached.len();
        reached.extend(more);
        if reached.len() == before {
            break;
        }
    }
    for route in routes {
        let from = std::iter::once(route.at).chain(route.ports.iter().copied()).collect();
        facts.put(route.scope, "reached", Value::Bool(reached.contains(&route.from) && route.answers), from);
    }
    for (index, member) in deployment.services.iter().enumerate() {
        let ports: Vec<Loc> =
            member.service.published.iter().filter(|port| port.beyond_host).map(|port| port.at).collect();
        let ways: Vec<&Route> =
            routes.iter().filter(|it| it.to == index && it.answers && reached.contains(&it.from)).collect();
        let from: Vec<Loc> = ports.iter().copied().chain(ways.iter().map(|route| route.at)).collect();
        facts.text(index, "program", member.program, vec![member.at]);
        facts.of_service(index, "open", Value::Bool(member.open), if member.open { ports } else { Vec::new() });
        facts.of_service(index, "reached", Value::Bool(reached.contains(&index)), from);
        let mut seen = BTreeSet::new();
        let proxies: Vec<Node> = ways
            .iter()
            .filter(|route| seen.insert(route.from))
            .filter_map(|route| Some((deployment.services.get(route.from)?, route.at)))
            .map(|(proxy, at)| Node::derived(Value::text(proxy.name.clone()), at, vec![at]))
            .collect();
        let from = proxies.iter().map(|proxy| proxy.at).collect();
        facts.of_service(index, "proxies", Value::List(proxies), from);
        bypassed(facts, index, &ways);
        store(facts, index);
        socket(facts, index);
    }
    reached
}

/// The proxy whose port of the service is published as well.
fn bypassed(facts: &mut Facts<'_, '_>, index: usize, ways: &[&Route]) {
    let deployment = facts.deployment;
    let Some(member) = deployment.services.get(index) else { return };
    let same = |port: &&Published| {
        port.beyond_host && ways.iter().any(|way| way.port.is_some_and(|number| i64::from(number) == port.inside))
    };
    let found = member.service.published.iter().find(same).and_then(|port| {
        let way = ways.iter().find(|way| way.port.is_some_and(|number| i64::from(number) == port.inside))?;
        Some((deployment.services.get(way.from)?.name.clone(), vec![port.at, way.at], way.guards))
    });
    let (name, from, guards) = found.unwrap_or_default();
    facts.text(index, "bypassed_proxy", &name, from.clone());
    facts.of_service(index, "proxy_guards", Value::Bool(guards), from);
}

/// What answers on the open ports, where that is a store: as Compose's own facts say.
fn store(facts: &mut Facts<'_, '_>, index: usize) {
    let Some(member) = facts.deployment.services.get(index) else { return };
    let project = facts.project;
    let found = facts.ports.get(&member.scope()).into_iter().flatten().find_map(|&port| {
        let udp = project.get(port, "protocol").and_then(Value::as_str) == Some("udp");
        let public = project.get(port, "binds_publicly") == Some(&Value::Bool(true)) && !udp;
        let store = project.get(port, "store").and_then(Value::as_str).filter(|store| public && !store.is_empty())?;
        let random = project.get(port, "published").is_none();
        Some((store.to_owned(), vec![project.scope(port)?.at], random))
    });
    // In the host's network it answers on the host's own ports.
    let network = || {
        let scope = project.scope(member.scope())?;
        Some(scope.own.get(project.format.schema.key(scope.kind, "network_mode")?)?.at)
    };
    let on_host = || {
        (member.part == Part::Store && member.service.host_network)
            .then(|| (member.program.to_owned(), vec![network().unwrap_or(member.at)], false))
    };
    let found = found.or_else(on_host);
    // Nothing is published of a service that waits for its profile.
    let (name, from, random) = found.filter(|_| member.open).unwrap_or_default();
    facts.text(index, "store", &name, from);
    facts.of_service(index, "random_port", Value::Bool(random), Vec::new());
}

/// The control socket of an engine that is mounted.
fn socket(facts: &mut Facts<'_, '_>, index: usize) {
    let Some(member) = facts.deployment.services.get(index) else { return };
    let project = facts.project;
    let found = facts.mounts.get(&member.scope()).into_iter().flatten().find_map(|&mount| {
        let engine = project.get(mount, "control_socket").and_then(Value::as_str).filter(|text| !text.is_empty())?;
        Some((engine.to_owned(), vec![project.scope(mount)?.at]))
    });
    let (name, from) = found.unwrap_or_default();
    facts.text(index, "control_socket", &name, from);
}
