//! Clients that ask for TLS of a store which does not speak it.
//!
//! The images of PostgreSQL, Redis and Valkey on Docker Hub speak none before they are told to. What a file inside may tell
//! them is not known, so that only a store is judged that has nothing but data mounted.

use super::Facts;
use crate::deployment::{Member, connections};
use crate::model::Node;
use crate::text::Loc;

/// Fills in which store refuses what a service asks for.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, client) in deployment.services.iter().enumerate() {
        let stores = facts.named.get(index).into_iter().flatten().filter_map(|store| deployment.services.get(*store));
        let found = stores.filter(|store| is_plain(store)).find_map(|store| {
            let at = asks(client, store)?;
            Some((store.name.clone(), vec![at, store.at]))
        });
        let (name, from) = found.unwrap_or_default();
        facts.text(index, "refused_by", &name, from);
    }
}

/// Whether a store is known to speak no TLS.
fn is_plain(store: &Member) -> bool {
    let official = store.image.as_deref().is_some_and(|image| {
        let name = image.trim_start_matches("docker.io/").trim_start_matches("library/");
        !name.contains('/') && ["postgres", "redis", "valkey"].contains(&name.split([':', '@']).next().unwrap_or(name))
    });
    let service = &store.service;
    let only_data = service.mounts.iter().all(|mount| {
        let target = mount.target.trim_end_matches('/');
        matches!(target, "/data" | "/var/lib/postgresql" | "/var/lib/postgresql/data")
    });
    let told = service.started.as_ref().is_some_and(|(script, _)| {
        let mut words = script.commands.iter().flat_map(|it| &it.words);
        words.any(|word| {
            let tells = |text: &str| {
                text.contains("ssl") || text.contains("tls") || text.contains(".conf") || text.contains(".sh")
            };
            word.known().is_none_or(|text| tells(&text.to_ascii_lowercase()))
        })
    });
    official && only_data && !told && service.built.is_none() && service.open.is_none()
}

/// Where a client says that it speaks TLS alone to a store.
fn asks(client: &Member, store: &Member) -> Option<Loc> {
    let is_store = |host: &str| store.service.names.iter().any(|name| name.eq_ignore_ascii_case(host));
    let variables = &client.service.variables;
    let names = |(name, node): &(crate::model::Str, Node)| connections::names_host(name, &node.value, &is_store);
    if store.program != "PostgreSQL" {
        let mut secure = variables.iter().filter(|variable| names(variable)).map(|(_, node)| node);
        return secure.find(|node| connections::text(node).starts_with("rediss://")).map(|node| node.at);
    }
    let by_url = variables.iter().filter(|variable| names(variable)).find_map(|(_, node)| {
        let url = connections::text(node);
        let mode = url.starts_with("postgres").then(|| url.split_once("sslmode="))??.1.split('&').next()?;
        requires(mode).then_some(node.at)
    });
    by_url.or_else(|| {
        let value = |name: &str| variables.iter().find(|(known, _)| &**known == name).map(|(_, node)| node);
        let mode = value("PGSSLMODE").filter(|node| requires(&connections::text(node)))?;
        value("PGHOST").filter(|node| is_store(&connections::text(node))).map(|_| mode.at)
    })
}

fn requires(mode: &str) -> bool {
    matches!(mode, "require" | "verify-ca" | "verify-full")
}
