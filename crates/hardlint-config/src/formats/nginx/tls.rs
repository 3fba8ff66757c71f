//! Sockets, and what TLS is spoken on them: `ssl` on one `listen` line makes the socket speak TLS for every server there.

use super::facts::{self, Facts, Known};
use super::listen::Listen;
use super::site::Site;
use super::{answers, choose};
use crate::model::{Assumed, Node, Origin, Scope, ScopeId, Str, Text, Value, Why};
use crate::syntax::ciphers;
use crate::text::{Loc, Span};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// From here on, each server's own `ssl_protocols` hold, and not only the default server's.
const PROTOCOLS_BY_SERVER: Version = Version([1, 29, 2]);

/// A socket: the `listen` lines that open it.
struct Socket {
    scope: ScopeId,
    lines: Vec<(ScopeId, ScopeId, Listen)>,
    default: Option<ScopeId>,
    tls: Known,
}

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let mut sockets = group(facts);
    for socket in &mut sockets {
        describe(facts, socket);
    }
    let mut of: BTreeMap<ScopeId, Vec<&Socket>> = BTreeMap::new();
    for socket in &sockets {
        for line in &socket.lines {
            let own = of.entry(line.0).or_default();
            if own.last().is_none_or(|last| last.scope != socket.scope) {
                own.push(socket);
            }
        }
    }
    for server in facts.site.servers.clone() {
        let own = of.remove(&server).unwrap_or_default();
        of_server(facts, server, &own);
        protocols(facts, server, &own);
        cipher_list(facts, server);
        early_data(facts, server);
        super::upstream::internal_names(facts, server);
        // Those whose file was found in the project, and those that everybody on the machine may read.
        keys(facts, server, "ssl_session_ticket_key", "ticket_keys_in_tree", |site| &site.found_files);
        keys(facts, server, "ssl_certificate_key", "exposed_keys", |site| &site.exposed_keys);
        tracked(facts, server);
    }
    twins(facts);
    fragment(facts);
    elsewhere(facts);
}

/// What `http` sets for servers in files that are not at hand: they speak TLS, or it would not be set.
///
/// Only where no server at hand is one that the setting could be meant for. They may set it anew.
fn elsewhere(facts: &mut Facts<'_>) {
    let schema = facts.model.format.schema;
    let Some(kind) = schema.kind_named("server") else { return };
    let Some(at) = facts.model.scopes.iter().position(|scope| Some(scope.kind) == schema.kind_named("http")) else {
        return;
    };
    let Some(http) = u32::try_from(at).ok().map(ScopeId) else { return };
    let sets = |name: &str| facts.own(http, name).is_some();
    if !(sets("ssl_protocols") || sets("ssl_ciphers")) {
        return;
    }
    let Some(found) = facts.model.scope(http) else { return };
    let missing = found.assumed.as_ref().map(|assumed| assumed.what.clone()).or(found.open.clone());
    let (Some(missing), at) = (missing, found.at) else { return };
    // The server that nginx's own example has, for the machine's own name, is kept beside those that are meant.
    let is_example = |server: ScopeId| {
        let names = facts.own(server, "server_name").and_then(|node| node.value.as_list()).unwrap_or_default();
        facts.bool(server, "tls") == Known::No
            && !names.is_empty()
            && names.iter().all(|name| name.value.as_str() == Some("localhost"))
    };
    let meant = facts.site.servers.iter().any(|&server| {
        facts.bool(server, "tls") == Known::Yes || facts.bool(server, "public") != Known::No && !is_example(server)
    });
    let implied = facts.model.scopes.iter().filter(|scope| scope.kind == kind).count() > facts.site.servers.len();
    if meant || implied {
        return;
    }
    let decides = Known::of(sets("ssl_protocols"));
    let mut server = Scope::new(kind, "", Some(http), at);
    server.assumed = Some(Assumed { what: missing.clone(), overrules: true });
    server.open = Some(missing);
    let server = facts.model.push(server);
    facts.put_known(server, "tls", Known::Yes, at);
    protocols(facts, server, &[]);
    cipher_list(facts, server);
    facts.put_known(server, "decides_tls", decides, at);
}

/// A fragment that sets up TLS is included where TLS is spoken.
fn fragment(facts: &mut Facts<'_>) {
    let schema = facts.model.format.schema;
    let found = facts.model.scopes.iter().position(|scope| Some(scope.kind) == schema.kind_named("server"));
    let Some(server) = found.and_then(|at| u32::try_from(at).ok()).map(ScopeId) else { return };
    let implied = !facts.site.is_server(server);
    if implied && (facts.own(server, "ssl_protocols").is_some() || facts.own(server, "ssl_ciphers").is_some()) {
        let at = facts.at(server);
        facts.put_known(server, "tls", Known::Yes, at);
        protocols(facts, server, &[]);
        cipher_list(facts, server);
        facts.put_known(server, "decides_tls", Known::of(facts.own(server, "ssl_protocols").is_some()), at);
    }
}

/// The sockets of all servers, in the order in which nginx meets them.
fn group(facts: &mut Facts<'_>) -> Vec<Socket> {
    let mut sockets: Vec<Socket> = Vec::new();
    let mut known: BTreeMap<(Str, Str), usize> = BTreeMap::new();
    for &server in &facts.site.servers {
        for (scope, listen) in facts.site.listens.get(&server).map(Vec::as_slice).unwrap_or_default() {
            let line = (server, *scope, listen.clone());
            let place = listen.socket().and_then(|key| known.get(&key).copied());
            if let Some(socket) = place.and_then(|at| sockets.get_mut(at)) {
                socket.lines.push(line);
                continue;
            }
            if let Some(key) = listen.socket() {
                known.insert(key, sockets.len());
            }
            sockets.push(Socket { scope: ScopeId(0), lines: vec![line], default: None, tls: Known::No });
        }
    }
    let kind = facts.model.format.schema.kind_named("socket").unwrap_or(crate::schema::KindId(0));
    for socket in &mut sockets {
        let Some((server, line, listen)) = socket.lines.first() else { continue };
        let parent = facts.model.scope(*server).and_then(|scope| scope.parent);
        let label = match listen.socket() {
            Some((host, port)) if !port.is_empty() => format!("{host}:{port}"),
            Some((host, _)) => host.into_string(),
            None => String::new(),
        };
        let at = facts.at(*line);
        socket.scope = facts.model.push(Scope::new(kind, label, parent, at));
    }
    sockets
}

fn describe(facts: &mut Facts<'_>, socket: &mut Socket) {
    let own_ssl = |facts: &Facts<'_>, server| facts.model.get(server, "ssl") == Some(&Value::Bool(true));
    let first = socket.lines.iter().find(|line| line.2.default).or(socket.lines.first()).map(|line| line.0);
    let unsure = socket.lines.iter().any(|line| line.2.unsure || line.2.socket().is_none());
    socket.default = first.filter(|_| !unsure || socket.lines.len() == 1);
    let speaks = socket.lines.iter().any(|line| line.2.tls || own_ssl(facts, line.0));
    let open = socket.lines.iter().any(|line| line.2.unsure);
    socket.tls = if speaks {
        Known::Yes
    } else if open {
        Known::Unknown
    } else {
        Known::No
    };
    let at = facts.at(socket.scope);
    let tls_at = socket.lines.iter().find(|line| line.2.tls).map_or(at, |line| facts.at(line.1));
    facts.put_known(socket.scope, "tls", socket.tls, tls_at);
    if let Some(default) = socket.default {
        facts.put(socket.scope, "default_server", Value::Scope(default), at, vec![at]);
    }
    let servers = socket.lines.iter().map(|line| {
        let at = facts.at(line.1);
        Node::derived(Value::Scope(line.0), at, vec![at])
    });
    let servers = servers.collect();
    facts.put_list(socket.scope, "servers", servers, at, None);
    for (server, scope, listen) in socket.lines.clone() {
        let at = facts.at(scope);
        for id in [scope, socket.scope] {
            facts.put_known(id, "public", facts::public(&listen), at);
            let text = |part: &Option<Str>| match part {
                Some(text) => Value::text(text.clone()),
                None => Value::Unknown(Why::Template("listen".into())),
            };
            facts.put(id, "address", text(&listen.address), at, vec![at]);
            facts.put(id, "port", text(&listen.port), at, vec![at]);
        }
        facts.put_known(scope, "tls", socket.tls, tls_at_line(&listen, at, tls_at));
        let default = match socket.default {
            Some(default) => Known::of(default == server),
            None => Known::Unknown,
        };
        facts.put_known(scope, "is_default", default, at);
        if facts.own(scope, "implied").is_none() {
            facts.put_known(scope, "implied", Known::No, at);
        }
    }
}

/// A line that says `ssl` itself decides; another one has it from the line that does.
fn tls_at_line(listen: &Listen, at: Loc, tls_at: Loc) -> Loc {
    if listen.tls { at } else { tls_at }
}

fn of_server(facts: &mut Facts<'_>, server: ScopeId, sockets: &[&Socket]) {
    let at = facts.at(server);
    let tls = sockets.iter().fold(Known::No, |all, socket| all.or(socket.tls));
    let tls = facts.unless_open(server, tls);
    facts.put_known(server, "tls", tls, at);
    let default = sockets.iter().fold(Known::No, |all, socket| {
        all.or(socket.default.map_or(Known::Unknown, |default| Known::of(default == server)))
    });
    facts.put_known(server, "is_default", default, at);
    let listens = facts.site.listens.get(&server).map(Vec::as_slice).unwrap_or_default();
    let public = listens.iter().fold(Known::No, |all, (_, listen)| all.or(facts::public(listen)));
    let public = if listens.is_empty() { Known::Unknown } else { public };
    facts.put_known(server, "public", public, at);
    let nodes = sockets.iter().map(|socket| {
        let at = facts.at(socket.scope);
        Node::derived(Value::Scope(socket.scope), at, vec![at])
    });
    let nodes = nodes.collect();
    facts.put_list(server, "sockets", nodes, at, None);
    let checked = !sockets.is_empty()
        && sockets.iter().all(|socket| socket.default.is_some_and(|other| other != server && rejects(facts, other)));
    facts.put_known(server, "names_checked", Known::of(checked), at);
}

fn rejects(facts: &Facts<'_>, server: ScopeId) -> bool {
    answers::steps(facts.site, server) == Some(answers::Answer::Reject)
        || facts.model.get(server, "ssl_reject_handshake") == Some(&Value::Bool(true))
}

/// The protocols in force in a scope: in lower case, each with its place; unknown if a template or the version decides.
fn spoken(facts: &Facts<'_>, server: ScopeId) -> Result<Vec<(String, Node)>, Why> {
    let Some(kind) = facts.model.scope(server).map(|scope| scope.kind) else { return Ok(Vec::new()) };
    let Some(key) = facts.model.format.schema.key(kind, "ssl_protocols") else { return Ok(Vec::new()) };
    let found = facts.model.lookup(server, key);
    let default = found.origin == Origin::Default;
    match found.node.map(|node| &node.value) {
        Some(Value::List(words)) => words
            .iter()
            .map(|word| match &word.value {
                Value::Text(Text::Known(text)) => {
                    let at = if default { found.at } else { word.at };
                    Ok((text.to_ascii_lowercase().into(), Node::derived(Value::text(text.clone()), at, vec![at])))
                }
                Value::Text(Text::Pieces(_)) => Err(Why::Template("ssl_protocols".into())),
                _ => Err(Why::Runtime("the protocols".into())),
            })
            .collect(),
        Some(Value::Unknown(why)) => Err(why.clone()),
        _ => Ok(Vec::new()),
    }
}

fn protocols(facts: &mut Facts<'_>, server: ScopeId, sockets: &[&Socket]) {
    let at = facts.at(server);
    let tls: Vec<&&Socket> = sockets.iter().filter(|socket| socket.tls != Known::No).collect();
    let versions = facts.model.versions;
    let by_server = if versions.oldest >= PROTOCOLS_BY_SERVER {
        Known::Yes
    } else if versions.newest < PROTOCOLS_BY_SERVER {
        Known::No
    } else {
        Known::Unknown
    };
    let mut decides = Known::No;
    for socket in &tls {
        let own = socket.default.map_or(Known::Unknown, |default| Known::of(default == server)).or(by_server);
        let own = if socket.tls == Known::Unknown && own == Known::Yes { Known::Unknown } else { own };
        decides = decides.or(own);
    }
    facts.put_known(server, "decides_tls", decides, at);

    let found = spoken(facts, server);
    let (nodes, why) = match &found {
        Ok(list) => {
            let old = list.iter().filter(|(name, _)| matches!(&**name, "sslv2" | "sslv3" | "tlsv1" | "tlsv1.1"));
            (old.map(|(_, node)| node.clone()).collect(), None)
        }
        Err(why) => (Vec::new(), Some(why.clone())),
    };
    let place = nodes.first().map_or(at, |node: &Node| node.at);
    facts.put_list(server, "legacy_protocols", nodes, place, why);

    let own = facts.own(server, "ssl_protocols").map(|node| node.at);
    let mut overruled = Known::of(own.is_some() && !tls.is_empty()).and(by_server != Known::Yes);
    for socket in &tls {
        let differs = match socket.default {
            Some(default) if default == server => Known::No,
            Some(default) => match (&found, spoken(facts, default)) {
                (Ok(own), Ok(other)) => Known::of(names(own) != names(&other)),
                // A default that differs over versions: it differs from what is written in some of them.
                _ => Known::Unknown,
            },
            None => Known::Unknown,
        };
        overruled = match (overruled, differs) {
            (Known::No, _) | (_, Known::No) => Known::No,
            (Known::Unknown, _) | (_, Known::Unknown) => Known::Unknown,
            _ => Known::Yes,
        };
    }
    facts.put_known(server, "protocols_overruled", overruled, own.unwrap_or(at));
    facts.put_known(server, "overruled_always", overruled.and(by_server == Known::No), own.unwrap_or(at));
}

/// Data comes with the first message only where TLS 1.3 is spoken.
fn early_data(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let known = match (facts.model.get(server, "ssl_early_data"), facts.bool(server, "tls")) {
        (Some(Value::Bool(false)) | None, _) | (_, Known::No) => Known::No,
        (Some(Value::Bool(true)), Known::Yes) => match spoken(facts, server) {
            Ok(list) => Known::of(list.iter().any(|(name, _)| name == "tlsv1.3")),
            Err(_) => Known::Unknown,
        },
        _ => Known::Unknown,
    };
    facts.put_known(server, "early_data", known, at);
}

/// The files of keys in force about which something was found where their lines stand; keys that nothing uses say nothing.
fn keys(facts: &mut Facts<'_>, server: ScopeId, directive: &str, fact: &str, found: fn(&Site) -> &BTreeSet<Loc>) {
    let at = facts.at(server);
    let lines = facts.model.get(server, directive).and_then(Value::as_list).unwrap_or_default();
    let found = lines.iter().filter(|line| found(facts.site).contains(&line.at));
    let found: Vec<Node> = found.map(|line| Node::derived(line.value.clone(), line.at, vec![line.at])).collect();
    let found = if facts.bool(server, "tls") == Known::Yes { found } else { Vec::new() };
    facts.put_list(server, fact, found, at, None);
}

/// Whether a name is that of a developer's own machine, or of nothing.
fn is_of_developers(name: &str) -> bool {
    const ENDINGS: &[&str] = &[".example", ".invalid", ".local", ".localdomain", ".localhost", ".test"];
    let name = name.trim_start_matches("*.").to_ascii_lowercase();
    let examples = ["example.com", "example.net", "example.org"];
    name == "localhost"
        || name.starts_with("127.")
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        || examples.iter().any(|host| name == *host || name.strip_suffix(host).is_some_and(|rest| rest.ends_with('.')))
}

/// The private keys that a server uses and the repository has. Of a container, what is given to it is told at that; those of
/// a developer's own machine are nobody's secret.
fn tracked(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let named: Vec<&str> = choose::names(facts.model, server).filter(|name| !matches!(*name, "" | "_")).collect();
    let for_developers = !named.is_empty() && named.into_iter().all(is_of_developers);
    let lines = facts.model.get(server, "ssl_certificate_key").and_then(Value::as_list).unwrap_or_default();
    let asked = facts.bool(server, "tls") == Known::Yes && !facts.site.in_container && !for_developers;
    let keys = lines.iter().filter_map(|line| Some((line.at, facts.site.tracked_keys.get(&line.at)?)));
    let found =
        keys.filter(|_| asked).map(|(at, key)| Node::derived(Value::text(key.as_str()), at, vec![at])).collect();
    facts.put_list(server, "tracked_keys", found, at, None);
}

fn names(list: &[(String, Node)]) -> Vec<&str> {
    let mut names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn cipher_list(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let Some(kind) = facts.model.scope(server).map(|scope| scope.kind) else { return };
    let Some(key) = facts.model.format.schema.key(kind, "ssl_ciphers") else { return };
    let found = facts.model.lookup(server, key);
    let (verdict, place, why) = match found.node.map(|node| &node.value) {
        Some(Value::Text(Text::Known(list))) => {
            let known = facts.ciphers.entry(list.clone()).or_insert_with(|| ciphers::judge(list));
            (known.clone(), found.at, None)
        }
        Some(Value::Text(Text::Pieces(_))) => {
            (ciphers::Verdict::default(), found.at, Some(Why::Template("ssl_ciphers".into())))
        }
        Some(Value::Unknown(why)) => (ciphers::Verdict::default(), found.at, Some(why.clone())),
        _ => (ciphers::Verdict::default(), at, None),
    };
    let list = found.node.and_then(|node| node.value.as_str()).unwrap_or_default().to_owned();
    // Where nothing is escaped, the place of a word in the list is its place in the file.
    let length = usize::try_from(place.span.end.saturating_sub(place.span.start)).unwrap_or_default();
    let exact = found.origin != Origin::Default && length == list.len();
    let node = |word: &ciphers::Word| {
        let start = place.span.start as usize;
        let span = if exact { Span::new(start + word.start, start + word.end) } else { place.span };
        let at = Loc::new(place.file, span);
        Node::derived(Value::text(list.get(word.start..word.end).unwrap_or_default()), at, vec![at])
    };
    let weak: Vec<Node> = verdict.weak.iter().map(node).collect();
    let fixed: Vec<Node> = verdict.no_forward_secrecy.iter().map(node).collect();
    let first = |nodes: &[Node]| nodes.first().map_or(place, |node| node.at);
    let (weak_at, fixed_at) = (first(&weak), first(&fixed));
    facts.put_list(server, "weak_ciphers", weak, weak_at, why.clone());
    facts.put_list(server, "static_key_ciphers", fixed, fixed_at, why);
}

/// Whether a name of each server is served over TLS as well, by itself or by another one.
fn twins(facts: &mut Facts<'_>) {
    let names = |facts: &Facts<'_>, server| {
        choose::names(facts.model, server).filter(|name| *name != "_").map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let mut by_name: BTreeMap<String, Known> = BTreeMap::new();
    let mut any = Known::No;
    for &server in &facts.site.servers {
        let tls = facts.bool(server, "tls");
        any = any.or(tls);
        for name in names(facts, server) {
            let known = by_name.entry(name).or_insert(Known::No);
            *known = known.or(tls);
        }
    }
    for server in facts.site.servers.clone() {
        let own = names(facts, server).into_iter().filter_map(|name| by_name.get(&name).copied());
        let twin = own.fold(facts.bool(server, "tls"), Known::or);
        let at = facts.at(server);
        facts.put_known(server, "tls_twin", twin, at);
        facts.put_known(server, "tls_somewhere", any, at);
        facts.put_known(server, "tls_at_hand", Known::of(any == Known::Yes || twin == Known::Yes), at);
    }
}
