//! What only the whole configuration shows: locations that are there twice, servers that cannot be told apart, TLS without a
//! certificate, and names that nothing defines.

use super::super::choose;
use super::super::listen::{self, Listen};
use super::super::resolve::Build;
use super::super::site::Modifier;
use super::addresses::{MOST_PORTS, Sockets};
use super::expression;
use super::folders::Folders;
use super::hosts::{self, Referers};
use super::logs::Written;
use super::tables::{self, Tables};
use super::together::{self, Settings};
use super::zones::Zones;
use crate::model::{ScopeId, Str, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen while the statements were walked.
#[derive(Debug, Default)]
pub(in super::super) struct Seen {
    /// Whether something that is not at hand, or not understood, may define what is missing.
    pub(in super::super) hidden: bool,
    /// The formats of logs.
    pub(super) formats: BTreeSet<String>,
    /// Variables that are read and that nginx does not have by itself.
    pub(super) used: Vec<(String, Loc)>,
    /// Variables that something gives a value.
    pub(super) made: BTreeSet<String>,
    pub(super) zones: Zones,
    pub(super) settings: Settings,
    pub(super) referers: Referers,
    /// The logs with a buffer.
    pub(super) logs: BTreeMap<String, Written>,
    /// Pools of threads.
    pub(super) pools: BTreeSet<String>,
    pub(super) pools_used: Vec<(String, Loc)>,
    /// The zones that requests or connections of a block are counted in.
    pub(super) limits: BTreeSet<(ScopeId, &'static str, String)>,
    /// The groups of servers.
    pub(super) upstreams: BTreeSet<String>,
    /// Names without a port that requests are passed to.
    pub(super) groups_used: Vec<(String, Loc)>,
    pub(super) sockets: Sockets,
    /// The last of some lines of each block that are there several times, unless one says `off`; and whether it does.
    pub(super) alone: BTreeMap<(ScopeId, &'static str), bool>,
    /// The blocks with a `proxy_pass` of their own, and whether that has variables.
    pub(super) passes: BTreeMap<ScopeId, bool>,
    pub(super) tables: Tables,
    /// How many connections a worker has, and where that is set.
    pub(super) connections: Option<(i64, Loc)>,
    /// The folders of temporary files and caches.
    pub(super) folders: Folders,
    /// The locations around others.
    pub(in super::super) locations: BTreeMap<ScopeId, (Modifier, Str)>,
}

/// Tells what keeps the whole configuration from being started.
pub(in super::super) fn finish(build: &mut Build<'_, '_>) {
    twice(build);
    if !build.whole() || build.seen.hidden {
        return;
    }
    let seen = std::mem::take(&mut build.seen);
    for (name, at) in &seen.used {
        if !seen.made.contains(name) {
            build.problem(*at, format!("nothing gives `${name}` a value; nginx refuses that"));
        }
    }
    for (name, at) in seen.zones.missing() {
        build.problem(*at, format!("no zone is called `{name}`; nginx refuses that"));
    }
    for (name, at) in &seen.pools_used {
        if !seen.pools.contains(name) {
            build.problem(*at, format!("no `thread_pool` is called `{name}`; nginx refuses that"));
        }
    }
    let mut apart = together::problems(build, &seen.settings);
    apart.extend(hosts::referers(build, seen.referers));
    apart.sort();
    apart.dedup();
    for (at, message) in apart {
        build.problem(at, message);
    }
    for (name, at) in seen.groups_used {
        if !seen.upstreams.contains(&name) && !super::placeholder(&name) {
            build.problem(at, format!("no `upstream` is called `{name}`, and it has no port; nginx refuses that"));
        }
    }
    sockets(build, &seen.tables, &seen.settings, seen.connections);
}

/// Locations of one block that match the same.
fn twice(build: &mut Build<'_, '_>) {
    let mut found = Vec::new();
    for (holder, locations) in &build.site.locations {
        // nginx builds no tree of the paths inside an expression, and so never compares them.
        let expression = |id| matches!(build.model.get(id, "modifier").and_then(Value::as_str), Some("~" | "~*"));
        if build.model.ancestors(*holder).any(|(id, _)| expression(id)) {
            continue;
        }
        let mut known: BTreeSet<(bool, &str)> = BTreeSet::new();
        for location in locations.iter().filter(|location| !location.conditional) {
            let exact = match location.modifier {
                Modifier::Exact => true,
                Modifier::Prefix | Modifier::Final => false,
                _ => continue,
            };
            let Some(uri) = location.uri.as_deref().filter(|uri| !super::placeholder(uri)) else { continue };
            if !known.insert((exact, uri)) {
                found.push(location.scope);
            }
        }
    }
    for scope in found {
        let at = build.model.scope(scope).map(|scope| (scope.label_at, scope.at));
        if let Some((label, header)) = at {
            // nginx names the line of the brace.
            let at = if label.span.start == label.span.end { header } else { label };
            build.problem(at, "a location for this path is there already; nginx refuses that".into());
        }
    }
}

/// The servers of each socket, the first one first.
fn sockets(build: &mut Build<'_, '_>, tables: &Tables, settings: &Settings, connections: Option<(i64, Loc)>) {
    let mut all: BTreeMap<(Str, Str), Vec<(ScopeId, Listen)>> = BTreeMap::new();
    // Where a server does not say, as root starts it.
    let usual = Listen::parse(Some("*:80"), &[]);
    for &server in &build.site.servers {
        let own = build.site.listens.get(&server).map(Vec::as_slice).unwrap_or_default();
        let none = own.is_empty().then_some(&usual);
        for listen in own.iter().map(|(_, listen)| listen).chain(none) {
            let Some((host, port)) = listen.socket() else { continue };
            let ports = listen::range(&port).filter(|(first, _)| *first > 0);
            let Some((first, last)) = ports else {
                all.entry((host, port)).or_default().push((server, listen.clone()));
                continue;
            };
            for port in first..=last.min(first.saturating_add(MOST_PORTS)) {
                all.entry((host.clone(), port.to_string().into())).or_default().push((server, listen.clone()));
            }
        }
    }
    let mut problems = Vec::new();
    for lines in all.values() {
        problems.extend(certificates(build, lines));
        if lines.len() > 1 {
            problems.extend(lines.iter().flat_map(|(server, _)| wildcards(build, *server)));
        }
    }
    problems.extend(keys(build));
    problems.extend(enabled(build));
    // Names are looked up where there are several servers, or where an expression may take a part of one.
    let default = |lines: &[(ScopeId, Listen)]| {
        lines.iter().find(|(_, listen)| listen.default).or(lines.first()).map(|(server, _)| *server)
    };
    let takes = |server: ScopeId| choose::names(&build.model, server).any(|name| name.starts_with('~') && groups(name));
    let looked_up = |lines: &&Vec<(ScopeId, Listen)>| lines.len() > 1 || default(lines).is_some_and(takes);
    let shared = all.values().filter(looked_up).flatten().map(|(server, _)| *server);
    problems.extend(tables::problems(build, tables, settings, &shared.collect()));
    problems.extend(connections.and_then(|connections| few(connections, &all)));
    problems.sort();
    problems.dedup();
    for (at, message) in problems {
        build.problem(at, message);
    }
}

/// A socket with TLS whose default server has no certificate.
fn certificates(build: &Build<'_, '_>, lines: &[(ScopeId, Listen)]) -> Option<(Loc, String)> {
    if !lines.iter().any(|(_, listen)| listen.tls) {
        return None;
    }
    let has = |server: ScopeId| build.model.get(server, "ssl_certificate").is_some();
    let rejects = |server: ScopeId| build.model.get(server, "ssl_reject_handshake") == Some(&Value::Bool(true));
    let default = lines.iter().find(|(_, listen)| listen.default).or(lines.first())?.0;
    let bare = if has(default) {
        None
    } else if rejects(default) {
        lines.iter().map(|(server, _)| *server).find(|&server| !has(server) && !rejects(server))
    } else {
        Some(default)
    };
    let at = build.model.scope(bare?)?.at;
    Some((at, "TLS is spoken here and no `ssl_certificate` is set; nginx refuses that".into()))
}

/// Servers that `ssl on` holds for and that have no certificate.
fn enabled(build: &Build<'_, '_>) -> Vec<(Loc, String)> {
    let on = |server: ScopeId, name: &str| build.model.get(server, name) == Some(&Value::Bool(true));
    let bare = |server: &&ScopeId| {
        on(**server, "ssl")
            && !on(**server, "ssl_reject_handshake")
            && build.model.get(**server, "ssl_certificate").is_none()
    };
    let told = build.site.servers.iter().filter(bare).filter_map(|&server| {
        let key = build.model.format.schema.key(build.model.scope(server)?.kind, "ssl")?;
        Some(build.model.lookup(server, key).at)
    });
    told.map(|at| (at, "TLS is switched on here and no `ssl_certificate` is set; nginx refuses that".into())).collect()
}

/// Whether an expression has groups that it keeps.
fn groups(regex: &str) -> bool {
    expression::captures(regex.trim_start_matches('~')).is_some_and(|count| count > 0)
}

/// Fewer connections than there are sockets, of which each takes one, and one more is the worker's. An address beside `*` on one port
/// may have a socket of its own or not.
fn few((count, at): (i64, Loc), all: &BTreeMap<(Str, Str), Vec<(ScopeId, Listen)>>) -> Option<(Loc, String)> {
    let is_any = |host: &str, port: &Str| all.contains_key(&(Str::from(host), port.clone()));
    let counted = |(host, port): &&(Str, Str)| match &**host {
        "*" | "[::]" => true,
        host if host.starts_with('[') => !is_any("[::]", port),
        _ => !is_any("*", port),
    };
    let sockets = all.keys().filter(counted).count();
    let short = i64::try_from(sockets).is_ok_and(|sockets| count <= sockets);
    short.then(|| (at, format!("`worker_connections` has to be more than the {sockets} sockets; nginx refuses that")))
}

/// Servers with more certificates than keys.
fn keys(build: &Build<'_, '_>) -> Vec<(Loc, String)> {
    let count = |server: ScopeId, name: &str| match build.model.get(server, name) {
        Some(Value::List(list)) => list.len(),
        Some(_) => 1,
        None => 0,
    };
    let servers = build.site.servers.iter();
    let short = servers.filter(|&&server| {
        count(server, "ssl_certificate") > count(server, "ssl_certificate_key")
            && build.model.get(server, "ssl_reject_handshake") != Some(&Value::Bool(true))
    });
    let told = short.filter_map(|&server| build.model.scope(server));
    told.map(|scope| (scope.at, "a certificate here has no `ssl_certificate_key`; nginx refuses that".into())).collect()
}

/// Names with a `*` where none may stand: nginx looks where several servers share a socket.
fn wildcards(build: &Build<'_, '_>, server: ScopeId) -> Vec<(Loc, String)> {
    let Some(scope) = build.model.scope(server) else { return Vec::new() };
    let wrong = |name: &&str| !name.starts_with('~') && !hosts::takes(name);
    let names = choose::names(&build.model, server).filter(wrong);
    names
        .map(|name| {
            (
                scope.at,
                format!("nginx refuses `{name}`: a `*` stands for whole labels at an end, and labels are not empty"),
            )
        })
        .collect()
}
