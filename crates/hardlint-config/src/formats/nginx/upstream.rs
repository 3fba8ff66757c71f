//! Facts about whom requests are passed on to: where that server is, whether what is said to it can be read on the way,
//! and what it is told of the client.

use super::facts::{Facts, Known};
use super::listen::{self, Reach};
use super::variables::{self, Part, Tracer};
use crate::model::{Node, ScopeId, Str, Text, Value, Why};
use crate::text::Loc;
use std::collections::BTreeMap;

/// Headers that tell an application who the client is and what it asked for.
const ABOUT_CLIENT: &[&str] = &["host", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/// Headers by which a file shows that the application reads what a proxy says of the client.
const TELLING: &[&str] =
    &["forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-forwarded-scheme", "x-real-ip"];

/// Endings of names that only mean something inside.
const INSIDE: &[&str] = &[
    ".cluster.local",
    ".consul",
    ".corp",
    ".docker",
    ".home",
    ".home.arpa",
    ".intern",
    ".internal",
    ".intra",
    ".intranet",
    ".lan",
    ".local",
    ".localdomain",
    ".localhost",
    ".private",
    ".svc",
];

/// Servers of one group that are looked at.
pub(super) const MOST_SERVERS: usize = 100;

/// The `proxy_set_header` lines in force.
pub(super) struct Passed {
    /// Name in lower case, value, place.
    pub(super) lines: Vec<(String, String, Loc)>,
    /// Whether a template hides some.
    pub(super) hidden: bool,
    /// The scope that sets them.
    pub(super) holder: Option<ScopeId>,
}

/// The lines of the nearest block that has some: they replace those of the blocks around it.
pub(super) fn passed(facts: &Facts<'_>, scope: ScopeId) -> Passed {
    let mut holders = facts.model.ancestors(scope).map(|(id, _)| id);
    let holder = holders.find(|&id| facts.own(id, "proxy_set_header").is_some());
    let mut passed = Passed { lines: Vec::new(), hidden: false, holder };
    let lines = holder.and_then(|id| facts.own(id, "proxy_set_header")).map(|node| &node.value);
    match lines {
        Some(Value::List(lines)) => {
            for line in lines {
                let Value::Text(text) = &line.value else {
                    passed.hidden = true;
                    continue;
                };
                let flat = variables::flat(text);
                let (name, value) = flat.split_once(' ').unwrap_or((&flat, ""));
                passed.lines.push((name.to_ascii_lowercase(), value.trim().to_owned(), line.at));
            }
        }
        Some(_) => passed.hidden = true,
        None => {}
    }
    passed
}

impl Passed {
    /// The value of a header, and where it is set.
    pub(super) fn get(&self, name: &str) -> Option<(&str, Loc)> {
        self.lines.iter().find(|line| line.0 == name).map(|(_, value, at)| (value.as_str(), *at))
    }
}

/// What is the same for every `proxy_pass` of a file, and is looked for once: files have thousands.
pub(super) struct Site {
    /// The `upstream` blocks, by their names in lower case; the first of one name.
    pub(super) groups: BTreeMap<Str, ScopeId>,
    /// Whether a condition or a variable asks for early data.
    asks_early: bool,
}

impl Site {
    /// Looks for it.
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let kind = facts.model.format.schema.kind_named("upstream");
        let mut groups = BTreeMap::new();
        for (id, scope) in (0..).map(ScopeId).zip(&facts.model.scopes).filter(|(_, scope)| Some(scope.kind) == kind) {
            groups.entry(scope.label.to_ascii_lowercase()).or_insert(id);
        }
        Self { groups, asks_early: asks_early(facts) }
    }
}

/// Works out the facts about one `proxy_pass` or its like.
pub(super) fn fill(facts: &mut Facts<'_>, id: ScopeId, site: &Site) {
    let Some(target) = facts.own(id, "target").cloned() else { return };
    let directive = facts.own(id, "directive").and_then(|node| node.value.as_str()).unwrap_or_default().to_owned();
    let parent = facts.model.scope(id).and_then(|scope| scope.parent).unwrap_or(id);
    encryption(facts, id, parent, &directive, &target, site);
    if directive == "proxy_pass" {
        headers(facts, id, parent, site);
        return;
    }
    let at = facts.at(id);
    facts.put_list(id, "lost_headers", Vec::new(), at, None);
    facts.put(id, "client_address", Value::text(""), at, vec![at]);
}

/// Where the server is, and what TLS to it is worth.
fn encryption(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId, directive: &str, target: &Node, site: &Site) {
    let Value::Text(text) = &target.value else { return };
    let tracer = Tracer { model: facts.model, site: facts.site, scope: parent, names_checked: true };
    let flat = tracer.expand(&variables::flat(text));
    let lower = flat.to_ascii_lowercase();
    let secure = match directive {
        "proxy_pass" => Some(("https://", "proxy_ssl")),
        "grpc_pass" => Some(("grpcs://", "grpc_ssl")),
        "uwsgi_pass" => Some(("suwsgi://", "uwsgi_ssl")),
        _ => None,
    };
    let begins_open = flat.starts_with(['$', '\u{1}']);
    let tls = match secure {
        Some((scheme, _)) if lower.starts_with(scheme) => Known::Yes,
        Some(_) if begins_open => Known::Unknown,
        _ => Known::No,
    };
    let rest = flat.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.strip_prefix('[').map_or_else(|| host.split(':').next(), |inner| inner.split(']').next());
    let is_address = name.is_some_and(|name| name.parse::<std::net::IpAddr>().is_ok());
    if directive == "proxy_pass" && tls == Known::No && is_address && host_reach(host) == Some(Reach::Public) {
        facts.put(id, "clear_text_address", Value::text(host), target.at, vec![target.at]);
    }
    let reach = match reach(facts, site, &flat) {
        Some(Reach::Public) => Value::text("public"),
        Some(Reach::Private) => Value::text("private"),
        Some(Reach::Loopback) => Value::text("loopback"),
        None => Value::Unknown(Why::Runtime("where the server is".into())),
    };
    facts.put(id, "upstream_reach", reach, target.at, vec![target.at]);
    let Some((_, family)) = secure.filter(|_| tls != Known::No) else {
        for fact in ["unchecked_upstream", "upstream_legacy"] {
            facts.put_list(id, fact, Vec::new(), target.at, None);
        }
        return;
    };
    if tls == Known::Unknown {
        // Both lists stay unknown.
        return;
    }
    unchecked(facts, id, parent, family, target);
    legacy(facts, id, parent, family, target.at);
}

/// What the nearest scope that sets a directive sets.
fn nearest<'f>(facts: &'f Facts<'_>, scope: ScopeId, name: &str) -> Option<&'f Node> {
    facts.model.ancestors(scope).find_map(|(id, _)| facts.own(id, name))
}

fn unchecked(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId, family: &str, target: &Node) {
    let node = nearest(facts, parent, &format!("{family}_verify"));
    let at = node.map_or(target.at, |node| node.at);
    let checked = match node.map(|node| &node.value) {
        Some(Value::Bool(on)) => Known::of(*on),
        // A directive that the table does not list.
        Some(Value::List(lines)) => Known::of(lines.iter().any(|line| line.value.as_str() == Some("on"))),
        Some(_) => Known::Unknown,
        None => facts.unless_open(id, Known::No),
    };
    let found = Node::derived(target.value.clone(), at, vec![target.at]);
    let nodes = if checked == Known::No { vec![found] } else { Vec::new() };
    let why = (checked == Known::Unknown).then(|| facts.why(id));
    facts.put_list(id, "unchecked_upstream", nodes, at, why);
}

fn legacy(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId, family: &str, target: Loc) {
    let mut nodes = Vec::new();
    let mut why = None;
    match nearest(facts, parent, &format!("{family}_protocols")).map(|node| &node.value) {
        Some(Value::List(words)) => {
            for word in words {
                match word.value.as_str().map(str::to_ascii_lowercase).as_deref() {
                    Some("sslv2" | "sslv3" | "tlsv1" | "tlsv1.1") => {
                        nodes.push(Node::derived(word.value.clone(), word.at, vec![word.at]));
                    }
                    Some(_) => {}
                    None => why = Some(Why::Template("the protocols".into())),
                }
            }
        }
        Some(_) => why = Some(Why::Template("the protocols".into())),
        None => {}
    }
    let at = nodes.first().map_or(target, |node| node.at);
    facts.put_list(id, "upstream_legacy", nodes, at, why);
}

/// Where the server of a target is, as far as the text tells.
fn reach(facts: &Facts<'_>, site: &Site, flat: &str) -> Option<Reach> {
    let rest = flat.split_once("://").map_or(flat, |(_, rest)| rest);
    if rest.starts_with("unix:") {
        return Some(Reach::Loopback);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let parts = variables::parts(rest.get(..end).unwrap_or_default());
    let [Part::Literal(host)] = parts.as_slice() else { return None };
    let Some(&group) = site.groups.get(host.to_ascii_lowercase().as_str()) else { return host_reach(host) };
    let servers = facts.own(group, "server").and_then(|node| node.value.as_list()).unwrap_or_default();
    let mut widest = None;
    for server in servers.iter().take(MOST_SERVERS) {
        let Value::Text(Text::Known(line)) = &server.value else { return None };
        let address = line.split_ascii_whitespace().next().unwrap_or_default();
        let own = host_reach(address)?;
        widest = Some(match (widest, own) {
            (Some(Reach::Public), _) | (_, Reach::Public) => Reach::Public,
            (Some(Reach::Private), _) | (_, Reach::Private) => Reach::Private,
            _ => Reach::Loopback,
        });
    }
    widest
}

/// Where a host with its port is; a name without a dot is one that only means something inside.
pub(super) fn host_reach(host: &str) -> Option<Reach> {
    if host.is_empty() || host.contains('\u{1}') {
        return None;
    }
    if host.starts_with("unix:") {
        return Some(Reach::Loopback);
    }
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if let Some(reach) = listen::reach_of(&name) {
        return Some(reach);
    }
    Some(if means_inside(&name) { Reach::Private } else { Reach::Public })
}

/// Whether a name, in lower case, can be looked up inside only.
fn means_inside(name: &str) -> bool {
    !name.contains('.') || INSIDE.iter().any(|ending| name.ends_with(ending)) || name.contains(".svc.")
}

/// Whether all names of a server mean something inside only; one without a name is for any.
pub(super) fn internal_names(facts: &mut Facts<'_>, server: ScopeId) {
    let names: Vec<String> = super::choose::names(facts.model, server).map(str::to_ascii_lowercase).collect();
    let any = |name: &str| matches!(name, "" | "_") || name.contains(['$', '~']);
    let inside = !names.is_empty() && names.iter().all(|name| !any(name) && means_inside(name));
    let at = facts.at(server);
    facts.put_known(server, "internal_names", Known::of(inside), at);
    // A name that is filled in is that of a site.
    let local = Known::of(names.iter().any(|name| name == "localhost"));
    let local = if local == Known::Yes { local } else { facts.unless_open(server, local) };
    facts.put_known(server, "for_this_machine", local, at);
}

/// What the application is told of the client.
fn headers(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId, site: &Site) {
    let at = facts.at(id);
    let passed = passed(facts, parent);
    let template = || Why::Template("proxy_set_header".into());
    let untold = || if passed.hidden { template() } else { Why::File("the file that includes this one".into()) };
    // Where something is not at hand between here and the lines, it may set lines of its own.
    let open = |until: Option<ScopeId>| {
        let nearer = facts.model.ancestors(parent).take_while(|(scope, _)| Some(*scope) != until);
        nearer.into_iter().find_map(|(_, scope)| scope.open.clone())
    };
    let beyond = passed.holder.and_then(|holder| facts.model.scope(holder)).and_then(|scope| scope.parent);
    let outer = beyond.map(|beyond| self::passed(facts, beyond)).filter(|outer| outer.holder.is_some());
    let why = match &outer {
        Some(outer) => open(outer.holder).or_else(|| (passed.hidden || outer.hidden).then(template)),
        None => None,
    };
    let place = passed.lines.first().map_or(at, |line| line.2);
    let mut lost = Vec::new();
    for (name, value, from) in outer.iter().flat_map(|outer| &outer.lines) {
        let told = ABOUT_CLIENT.contains(&name.as_str()) && !value.is_empty();
        let kept_out = value.is_empty() || value == "\"\"";
        if (told || kept_out && names_caller(name)) && passed.get(name).is_none() {
            lost.push(Node::derived(Value::text(name.clone()), place, vec![*from]));
        }
    }
    let address = address(facts, parent, &passed, &lost);
    let unsure = open(None).is_some() || passed.hidden || !facts.site.whole && passed.holder.is_none();
    let (address, from) = match address {
        Some(("kept" | "", _)) | None if unsure => (Value::Unknown(open(None).unwrap_or_else(untold)), at),
        Some((word, from)) => (Value::text(word), from),
        None => (Value::Unknown(untold()), at),
    };
    let early = early(site, &passed);
    let early = if early == Known::No && unsure { Known::Unknown } else { early };
    facts.put_list(id, "lost_headers", lost, place, why);
    facts.put(id, "client_address", address, from, vec![from]);
    facts.put_known(id, "early_data_told", early, at);
}

/// Whether applications take the caller's identity or rights from a header of this name: one that is emptied is one that
/// clients must not send.
fn names_caller(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "account",
        "admin",
        "auth",
        "cert",
        "client",
        "dn",
        "email",
        "group",
        "groups",
        "identity",
        "internal",
        "ip",
        "login",
        "permissions",
        "principal",
        "role",
        "roles",
        "scopes",
        "subject",
        "tenant",
        "token",
        "user",
        "userid",
        "username",
        "verify",
    ];
    let words = || name.split(['-', '_']);
    let own = name.starts_with("x-") || name.starts_with("remote-") || name.starts_with("ssl-");
    own && words().skip(1).any(|word| WORDS.contains(&word))
}

/// What becomes of an X-Forwarded-For that the client wrote.
fn address(facts: &Facts<'_>, parent: ScopeId, passed: &Passed, lost: &[Node]) -> Option<(&'static str, Loc)> {
    let at = facts.at(parent);
    match nearest(facts, parent, "proxy_pass_request_headers").map(|node| &node.value) {
        Some(Value::Bool(false)) => return Some(("set", at)),
        Some(Value::Unknown(_)) => return None,
        _ => {}
    }
    if let Some((value, place)) = passed.get("x-forwarded-for") {
        let copies = value.eq_ignore_ascii_case("$http_x_forwarded_for") || value == "${http_x_forwarded_for}";
        return Some((if copies { "copied" } else { "set" }, place));
    }
    if lost.iter().any(|node| node.value.as_str() == Some("x-forwarded-for")) {
        return Some(("lost", at));
    }
    let told = passed.lines.iter().find(|line| TELLING.contains(&line.0.as_str()));
    Some(told.map_or(("", at), |line| ("kept", line.2)))
}

/// Whether the application, or a condition before it, is told of early data.
fn early(site: &Site, passed: &Passed) -> Known {
    match passed.get("early-data") {
        Some(_) => Known::Yes,
        None if site.asks_early => Known::Unknown,
        None => Known::No,
    }
}

/// Whether a condition or a variable of the file asks for early data.
fn asks_early(facts: &Facts<'_>) -> bool {
    let asks = |text: &str| text.contains("$ssl_early_data");
    let condition = facts.model.scopes.iter().any(|scope| asks(&scope.label));
    let definition = facts.site.variables.values().flatten().any(|definition| match definition {
        super::site::Definition::Map { source, .. } => asks(&variables::flat(source)),
        super::site::Definition::Set(_, value) => asks(&variables::flat(value)),
        _ => false,
    });
    condition || definition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_near_or_far() {
        for (host, expected) in [
            ("127.0.0.1:8443", Some(Reach::Loopback)),
            ("[::1]:443", Some(Reach::Loopback)),
            ("localhost", Some(Reach::Loopback)),
            ("10.1.2.3", Some(Reach::Private)),
            ("backend:8443", Some(Reach::Private)),
            ("api.shop.svc.cluster.local", Some(Reach::Private)),
            ("vault.internal:8200", Some(Reach::Private)),
            ("api.payments.example", Some(Reach::Public)),
            ("203.0.113.7:443", Some(Reach::Public)),
            ("", None),
        ] {
            assert_eq!(host_reach(host), expected, "{host}");
        }
    }
}
