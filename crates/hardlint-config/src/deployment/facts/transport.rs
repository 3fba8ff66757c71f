//! Clients that ask for TLS of a store which does not speak it.
//!
//! The images of PostgreSQL, Redis and Valkey on Docker Hub speak none before they are told to, nor does that of `MariaDB` before
//! 11.4. `MySQL` makes itself a certificate, and speaks it unless it is told not to. What a file inside may tell them is not known,
//! so that only a store is judged that has nothing but data mounted.

use super::Facts;
use crate::deployment::{Member, connections};
use crate::model::Node;
use crate::text::Loc;
use crate::urls::{self, Tls};

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
    let image = store.image.as_deref().unwrap_or_default();
    let image = image.trim_start_matches("docker.io/").trim_start_matches("library/");
    let (name, tag) = image.split_once([':', '@']).unwrap_or((image, ""));
    let of_mysql = matches!(name, "mysql" | "mariadb");
    let service = &store.service;
    let only_data = service.mounts.iter().all(|mount| {
        let target = mount.target.trim_end_matches('/');
        matches!(target, "/data" | "/var/lib/postgresql" | "/var/lib/postgresql/data" | "/var/lib/mysql")
    });
    if of_mysql {
        let refuses =
            switched_off(store).unwrap_or_else(|| name == "mariadb" && is_before(tag, (11, 4)) && !tells(store));
        return refuses && only_data && service.built.is_none() && service.open.is_none();
    }
    let official = ["postgres", "redis", "valkey"].contains(&name);
    official && only_data && !tells(store) && service.built.is_none() && service.open.is_none()
}

/// Whether what a store is started with may say something of TLS.
fn tells(store: &Member) -> bool {
    store.service.started.as_ref().is_some_and(|(script, _)| {
        let mut words = script.commands.iter().flat_map(|it| &it.words);
        words.any(|word| {
            let tells = |text: &str| {
                let words = ["ssl", "tls", "secure", ".conf", ".cnf", ".sh", "defaults-"];
                words.iter().any(|part| text.contains(part))
            };
            word.known().is_none_or(|text| tells(&text.to_ascii_lowercase()))
        })
    })
}

/// Whether `MySQL` or `MariaDB` is told to speak no TLS; nothing where it is told neither.
fn switched_off(store: &Member) -> Option<bool> {
    let (script, _) = store.service.started.as_ref()?;
    let words = script.commands.iter().flat_map(|it| &it.words).filter_map(|word| word.known());
    let mut found = None;
    for word in words {
        // The last one counts.
        let word = word.to_ascii_lowercase().replace('_', "-");
        found = match word.as_str() {
            "--skip-ssl" | "--disable-ssl" | "--ssl=0" | "--ssl=off" | "--ssl=false" | "--tls-version=" => Some(true),
            "--ssl" | "--ssl=1" | "--ssl=on" | "--ssl=true" => Some(false),
            _ => found,
        };
    }
    found
}

/// Whether a tag names a version before that one.
fn is_before(tag: &str, version: (u32, u32)) -> bool {
    let mut parts = tag.split(['.', '-']);
    let major: Option<u32> = parts.next().and_then(|part| part.parse().ok());
    let minor: Option<u32> = parts.next().and_then(|part| part.parse().ok());
    match (major, minor) {
        (Some(major), Some(minor)) => (major, minor) < version,
        // Without a minor version it is the last one.
        (Some(major), None) => major < version.0,
        _ => false,
    }
}

/// Where a client says that it speaks TLS alone to a store.
fn asks(client: &Member, store: &Member) -> Option<Loc> {
    let is_store = |host: &str| store.service.names.iter().any(|name| name.eq_ignore_ascii_case(host));
    let variables = &client.service.variables;
    let names = |(name, node): &(crate::model::Str, Node)| connections::names_host(name, &node.value, &is_store);
    if matches!(store.program, "MySQL" | "MariaDB") {
        return asks_mysql(client, &is_store);
    }
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

/// By an address, or by the options of a client that is started.
fn asks_mysql(client: &Member, is_store: &dyn Fn(&str) -> bool) -> Option<Loc> {
    let requires = |tls: Tls| matches!(tls, Tls::Unchecked | Tls::Checked);
    let by_url = client.service.variables.iter().find_map(|(name, node)| {
        let url = connections::text(node);
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme.trim_start_matches("jdbc:"));
        let known = scheme.starts_with("mysql") || scheme.starts_with("mariadb");
        let query = url.split_once('?').map_or("", |(_, query)| query);
        // Connector/J before 8.0.13.
        let java = query.split('&').any(|pair| pair == "requireSSL=true");
        let insists = known && (java || requires(urls::of_mysql(query)));
        (insists && connections::names_host(name, &node.value, is_store)).then_some(node.at)
    });
    by_url.or_else(|| {
        let (script, file) = client.service.started.as_ref()?;
        script.commands.iter().find_map(|command| {
            let words: Vec<&str> = command.words.iter().filter_map(|word| word.known()).collect();
            let after =
                |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1)).copied();
            let given = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
            let host = given("--host=").or_else(|| after("--host")).or_else(|| after("-h"))?;
            let mode = given("--ssl-mode=").or_else(|| after("--ssl-mode"))?;
            (is_store(host) && requires(urls::mysql_mode(mode))).then(|| Loc::new(*file, command.span))
        })
    })
}

fn requires(mode: &str) -> bool {
    matches!(mode, "require" | "verify-ca" | "verify-full")
}
