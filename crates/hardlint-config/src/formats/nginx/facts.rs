//! Facts: what follows from several settings together, and needs knowledge that no rule should have to spell out.
//!
//! Each fact points at what decided it. Where something that could change it is not at hand, it is unknown.

use super::answers::{self, Answer};
use super::listen::{Listen, Reach};
use super::site::Site;
use super::{
    captures, choose, clients, conditions, contained, cors, exposed, headers, managed, origins, passes, served, tls,
};
use crate::deployment::role::{self, Role};
use crate::model::{Model, Node, Scope, ScopeId, Str, Value, Why};
use crate::schema::KeyId;
use crate::syntax::ciphers::Verdict;
use crate::text::Loc;
use std::collections::BTreeMap;

/// An answer that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
    Unknown,
}

impl Known {
    /// This, if the condition holds; else no.
    pub(super) fn and(self, condition: bool) -> Self {
        if condition { self } else { Self::No }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unknown,
        }
    }

    pub(super) fn of(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// A model whose facts are being filled in.
pub(super) struct Facts<'m> {
    pub(super) model: &'m mut Model,
    pub(super) site: &'m Site,
    /// What is bad about lists of ciphers: most servers have the same.
    pub(super) ciphers: BTreeMap<Str, Verdict>,
    owners: Owners,
}

/// Fills in all facts.
pub(super) fn fill(model: &mut Model, site: &mut Site) {
    implied(model, site);
    fragment(model);
    one_list(model, site);
    answers::prepare(model, site);
    let owners = owners(model, site);
    let mut facts = Facts { model, site, ciphers: BTreeMap::new(), owners };
    tls::fill(&mut facts);
    locations(&mut facts);
    for server in facts.site.servers.clone() {
        content(&mut facts, server);
    }
    access(&mut facts);
    super::access::fill(&mut facts);
    headers::fill(&mut facts);
    cors::fill(&mut facts);
    captures::fill(&mut facts);
    origins::fill(&mut facts);
    clients::fill(&mut facts);
    conditions::fill(&mut facts);
    passes::fill(&mut facts);
    served::fill(&mut facts);
    exposed::tokens(&mut facts);
    super::streams::fill(&mut facts);
    personal(&mut facts);
    unknown(&mut facts);
}

/// A configuration that serves what lies in somebody's own folder runs on that person's machine.
fn personal(facts: &mut Facts<'_>) {
    let root =
        |id: &ScopeId| facts.own(*id, "root").and_then(|node| node.value.as_str()).is_some_and(role::is_personal);
    if facts.site.servers.iter().any(root)
        && let Some(main) = facts.model.scope_mut(ScopeId(0))
    {
        main.role = Some(Role::Development);
    }
}

/// What is still not told of a fragment's scopes depends on the file that includes it.
fn unknown(facts: &mut Facts<'_>) {
    let schema = facts.model.format.schema;
    let of_kind = schema.kinds.iter().map(|kind| {
        let filled = (0..).map(KeyId).zip(schema.keys);
        let filled = filled.filter(|(_, key)| key.default == crate::schema::Default::Filled && !key.inherits);
        filled.filter(|(_, key)| key.kinds.contains(&kind.name)).map(|(id, _)| id).collect::<Vec<_>>()
    });
    let of_kind: Vec<Vec<KeyId>> = of_kind.collect();
    for id in (0..facts.model.scopes.len()).filter_map(|at| u32::try_from(at).ok().map(ScopeId)) {
        let Some(scope) = facts.model.scope(id) else { continue };
        let (at, keys) = (scope.at, of_kind.get(usize::from(scope.kind.0)));
        let untold: Vec<KeyId> =
            keys.into_iter().flatten().copied().filter(|key| scope.own.get(*key).is_none()).collect();
        for key in untold {
            let node = Node::derived(Value::Unknown(facts.why(id)), at, vec![at]);
            if let Some(scope) = facts.model.scope_mut(id) {
                scope.own.set(key, node);
            }
        }
    }
}

/// `allow` and `deny` are one list: a block with lines of one kind inherits none of the other.
fn one_list(model: &mut Model, site: &Site) {
    for &owner in site.access.keys() {
        let Some(scope) = model.scope(owner) else { continue };
        let (kind, at) = (scope.kind, scope.at);
        for name in ["allow", "deny"] {
            let Some(key) = model.format.schema.key(kind, name) else { continue };
            let Some(scope) = model.scope_mut(owner) else { continue };
            if scope.own.get(key).is_none() {
                scope.effective.set(key, Node::derived(Value::List(Vec::new()), at, Vec::new()));
            }
        }
    }
}

/// What nginx adds: a socket to a server without one, and a location for the paths that none matches.
fn implied(model: &mut Model, site: &mut Site) {
    let schema = model.format.schema;
    for server in site.servers.clone() {
        let Some(scope) = model.scope(server) else { continue };
        let (at, open) = (scope.at, scope.open.clone());
        let status = schema.key(scope.kind, "stub_status").and_then(|key| scope.own.get(key)).cloned();
        if !site.listens.contains_key(&server) && open.is_none() {
            let kind = schema.kind_named("listen").unwrap_or(crate::schema::KindId(0));
            let id = model.push(Scope::new(kind, "80", Some(server), at));
            put(model, id, "implied", Value::Bool(true), at, vec![at]);
            site.listens.insert(server, vec![(id, Listen::implied())]);
        }
        let caught = site.locations.get(&server).is_some_and(|list| list.iter().any(answers::catches_all));
        let root = model
            .ancestors(server)
            .any(|(_, scope)| schema.key(scope.kind, "root").is_some_and(|key| scope.own.get(key).is_some()));
        if !caught && (root || status.is_some()) {
            let kind = schema.kind_named("location").unwrap_or(crate::schema::KindId(0));
            let id = model.push(Scope::new(kind, "/", Some(server), at));
            put(model, id, "implied", Value::Bool(true), at, vec![at]);
            put(model, id, "modifier", Value::text(""), at, vec![at]);
            if let Some(made) = model.scope_mut(id) {
                made.open = open;
                // What the server answers with itself, where no location matches.
                if let (Some(node), Some(key)) = (status, schema.key(kind, "stub_status")) {
                    made.own.set(key, node);
                }
            }
            let location = super::site::Location {
                scope: id,
                modifier: super::site::Modifier::Prefix,
                uri: Some("/".into()),
                conditional: false,
            };
            site.locations.entry(server).or_default().push(location);
        }
    }
}

/// A fragment of `proxy_set_header` lines stands beside a `proxy_pass` wherever it is included.
fn fragment(model: &mut Model) {
    let schema = model.format.schema;
    let (Some(kind), Some(location)) = (schema.kind_named("proxy"), schema.kind_named("location")) else { return };
    let found =
        model.scopes.iter().position(|scope| scope.kind == location && scope.label.is_empty() && scope.open.is_some());
    let Some(id) = found.and_then(|at| u32::try_from(at).ok()).map(ScopeId) else { return };
    let has = |name: &str| {
        let key = schema.key(location, name);
        key.zip(model.scope(id)).is_some_and(|(key, scope)| scope.own.get(key).is_some())
    };
    if has("proxy_pass") || !has("proxy_set_header") {
        return;
    }
    let Some(at) = model.scope(id).map(|scope| scope.at) else { return };
    let proxy = model.push(Scope::new(kind, "", Some(id), at));
    put(model, proxy, "directive", Value::text("proxy_pass"), at, vec![at]);
    put(model, proxy, "target", Value::Unknown(Why::File("the file that includes this one".into())), at, vec![at]);
}

fn put(model: &mut Model, scope: ScopeId, name: &str, value: Value, at: Loc, from: Vec<Loc>) {
    let Some(kind) = model.scope(scope).map(|scope| scope.kind) else { return };
    let key = model.key(kind, name);
    if let Some(scope) = model.scope_mut(scope) {
        scope.own.set(key, Node::derived(value, at, from));
    }
}

impl Facts<'_> {
    /// The place of a scope's header.
    pub(super) fn at(&self, scope: ScopeId) -> Loc {
        let first = self.model.scopes.first().map(|scope| scope.at);
        self.model
            .scope(scope)
            .map(|scope| scope.at)
            .or(first)
            .unwrap_or(Loc { file: crate::text::FileId(0), span: crate::text::Span::default() })
    }

    /// Sets a fact.
    pub(super) fn put(&mut self, scope: ScopeId, name: &str, value: Value, at: Loc, from: Vec<Loc>) {
        put(self.model, scope, name, value, at, from);
    }

    /// Sets a fact that is true, false or unknown.
    pub(super) fn put_known(&mut self, scope: ScopeId, name: &str, known: Known, at: Loc) {
        let value = match known {
            Known::Yes => Value::Bool(true),
            Known::No => Value::Bool(false),
            Known::Unknown => Value::Unknown(self.why(scope)),
        };
        self.put(scope, name, value, at, vec![at]);
    }

    /// Sets a fact that is a list; unknown if there is a reason.
    pub(super) fn put_list(&mut self, scope: ScopeId, name: &str, nodes: Vec<Node>, at: Loc, why: Option<Why>) {
        let from = nodes.iter().map(|node| node.at).collect();
        let value = why.map_or(Value::List(nodes), Value::Unknown);
        self.put(scope, name, value, at, from);
    }

    /// Why something about a scope is not known.
    pub(super) fn why(&self, scope: ScopeId) -> Why {
        let open = self.model.ancestors(scope).find_map(|(_, scope)| scope.open.clone());
        open.unwrap_or(Why::Runtime("a value that nginx computes for each request".into()))
    }

    /// What a scope sets itself.
    pub(super) fn own(&self, scope: ScopeId, name: &str) -> Option<&Node> {
        let found = self.model.scope(scope)?;
        found.own.get(self.model.format.schema.key(found.kind, name)?)
    }

    /// A fact that was set before.
    pub(super) fn bool(&self, scope: ScopeId, name: &str) -> Known {
        match self.own(scope, name).map(|node| &node.value) {
            Some(Value::Bool(true)) => Known::Yes,
            Some(Value::Bool(false)) => Known::No,
            _ => Known::Unknown,
        }
    }

    /// Turns no into unknown where something is not at hand that could make it yes.
    pub(super) fn unless_open(&self, scope: ScopeId, known: Known) -> Known {
        let open = self.model.ancestors(scope).any(|(_, scope)| scope.open.is_some());
        if open && known == Known::No { Known::Unknown } else { known }
    }

    /// The scopes that can answer requests.
    pub(super) fn deciding(&self) -> Vec<ScopeId> {
        let kinds = ["http", "server", "location", "if"].map(|kind| self.model.format.schema.kind_named(kind));
        let ids = (0..self.model.scopes.len()).filter_map(|at| u32::try_from(at).ok().map(ScopeId));
        ids.filter(|&id| self.model.scope(id).is_some_and(|scope| kinds.contains(&Some(scope.kind)))).collect()
    }
}

/// Facts about each location.
fn locations(facts: &mut Facts<'_>) {
    for location in facts.site.locations.values().flatten() {
        let mut around = facts.model.ancestors(location.scope).map(|(id, _)| id);
        let server = around.find(|id| facts.site.is_server(*id));
        drop(around);
        let reached = server.is_none_or(|server| answers::reached(facts.site, server));
        let scope = location.scope;
        let at = facts.at(scope);
        let answer = answers::answer(facts.model, facts.site, scope);
        let is = |wanted: &[Answer]| {
            if answer == Answer::Unknown { Known::Unknown } else { Known::of(wanted.contains(&answer)) }.and(reached)
        };
        let exempt = answers::exempt(location);
        facts.put_known(scope, "exempt", Known::of(exempt), at);
        facts.put_known(scope, "serves_files", is(&[Answer::Files]), at);
        facts.put_known(scope, "serves_content", is(&[Answer::Files, Answer::Application]).and(!exempt), at);
        let restricted = match answers::restricted(facts.model, facts.site, scope) {
            Some(restricted) => Known::of(restricted),
            None => Known::Unknown,
        };
        facts.put_known(scope, "restricted", restricted, at);
        if facts.own(scope, "implied").is_none() {
            facts.put_known(scope, "implied", Known::No, at);
        }
        exposed::state(facts, scope);
        managed::fill(facts, location, server);
        exposed::listing(facts, scope, server);
        exposed::password(facts, scope, server, answer);
    }
}

/// Facts about what a server answers with.
fn content(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let mut content = Known::No;
    let mut files = Known::No;
    for location in answers::locations(facts.site, server) {
        content = content.or(facts.bool(location.scope, "serves_content"));
        files = files.or(facts.bool(location.scope, "serves_files").and(!answers::exempt(location)));
    }
    if answers::reached(facts.site, server) {
        content = facts.unless_open(server, content);
        files = facts.unless_open(server, files);
    }
    if facts.model.get(server, "ssl_reject_handshake") == Some(&Value::Bool(true)) {
        (content, files) = (Known::No, Known::No);
    }
    facts.put_known(server, "serves_content", content, at);
    facts.put_known(server, "serves_files", files, at);
    application(facts, server);
    exposed::static_only(facts, server);
    exposed::on_purpose(facts, server);
    plain(facts, server, content);
    exposed::dotfiles(facts, server);
}

/// Whether what answers `/` is an application.
fn application(facts: &mut Facts<'_>, server: ScopeId) {
    use super::choose::Answer as Chosen;
    let at = facts.at(server);
    let known = match choose::location(facts.site, server, "/") {
        Chosen::Location(scope) => {
            let tries = facts.own(scope, "try_files").and_then(|node| node.value.as_list());
            let falls_back = tries.and_then(|words| words.last()).and_then(|word| word.value.as_str());
            let named = falls_back.is_some_and(|last| last.starts_with('@') || last.contains(".php"));
            match answers::answer(facts.model, facts.site, scope) {
                Answer::Unknown => Known::Unknown,
                answer => Known::of(answer == Answer::Application || named),
            }
        }
        Chosen::Server => Known::No,
        Chosen::Unknown => Known::Unknown,
    };
    let php = answers::locations(facts.site, server)
        .iter()
        .any(|location| facts.own(location.scope, "fastcgi_pass").is_some());
    facts.put_known(server, "application", known.or(Known::of(php)), at);
}

/// Whether content is served where nothing is encrypted, and on which sockets.
fn plain(facts: &mut Facts<'_>, server: ScopeId, content: Known) {
    let listens: Vec<(ScopeId, Listen)> = facts.site.listens.get(&server).cloned().unwrap_or_default();
    let redirects = answers::redirects_plain(facts.model, facts.site, server);
    let root = answers::locations(facts.site, server).into_iter().filter(|location| answers::catches_all(location));
    let redirects = redirects || root.into_iter().any(|it| answers::redirects_plain(facts.model, facts.site, it.scope));
    let mut any = Known::No;
    for (scope, listen) in listens {
        let at = facts.at(scope);
        let tls = facts.bool(scope, "tls");
        let public = facts.bool(scope, "public");
        // Where TLS ends before nginx, the port is not the one that browsers ask.
        let usual = listen.port.as_deref() == Some("80") && !listen.proxied;
        let open = match (tls, public) {
            (Known::No, Known::Yes) => content,
            (Known::Yes, _) | (_, Known::No) => Known::No,
            _ => Known::Unknown,
        };
        let open = open.and(usual && !redirects && !is_eclipsed(facts, server, &listen));
        facts.put_known(scope, "plain_content", open, at);
        any = any.or(open);
    }
    let at = facts.at(server);
    facts.put_known(server, "plain_content", any, at);
    facts.put_known(server, "behind_proxy", Known::of(facts.site.forwarded), at);
    let unpublished = facts.site.unpublished || contained::serves_a_platforms_folder(facts.model, server);
    facts.put_known(server, "unpublished", Known::of(unpublished), at);
    facts.put_known(server, "in_container", Known::of(facts.site.in_container), at);
    let closed = answers::access(facts.model, facts.site, server) == answers::Access::Closed;
    facts.put_known(server, "for_named_clients", Known::of(closed), at);
}

/// Whether no request comes to a server by a socket: servers before it have all of its names there, of which nginx ignores the
/// second, and it is not the one that answers for other names.
fn is_eclipsed(facts: &Facts<'_>, server: ScopeId, listen: &Listen) -> bool {
    let Some(socket) = listen.socket() else { return false };
    let list = facts.model.get(server, "server_name").and_then(|value| value.as_list()).unwrap_or_default();
    let open = facts.model.scope(server).is_none_or(|scope| scope.open.is_some());
    if list.is_empty() || listen.default || open || list.iter().any(|node| node.value.as_str().is_none()) {
        return false;
    }
    let Some(owners) = facts.owners.get(&socket) else { return false };
    let taken = |name: &str| owners.get(&name.to_ascii_lowercase()).is_some_and(|first| *first != server);
    choose::names(facts.model, server).all(taken)
}

/// By socket and name, the first server that has it.
type Owners = BTreeMap<(Str, Str), BTreeMap<String, ScopeId>>;

fn owners(model: &Model, site: &Site) -> Owners {
    let mut owners = Owners::new();
    for server in site.servers.iter().filter(|server| model.scope(**server).is_some_and(|scope| scope.open.is_none())) {
        let listens = site.listens.get(server).map(Vec::as_slice).unwrap_or_default();
        for socket in listens.iter().filter_map(|(_, listen)| listen.socket()) {
            let names = owners.entry(socket).or_default();
            for name in choose::names(model, *server) {
                names.entry(name.to_ascii_lowercase()).or_insert(*server);
            }
        }
    }
    owners
}

/// Facts about the `allow` and `deny` lines of each block.
fn access(facts: &mut Facts<'_>) {
    for list in facts.site.access.values() {
        let Some(owner) = facts.model.scope(list.scope).and_then(|scope| scope.parent) else { continue };
        let at = facts.at(list.scope);
        let conditional = list.entries.iter().any(|entry| entry.conditional);
        // A condition beside the list may turn away whom the list does not name.
        let guarded = facts.model.ancestors(owner).any(|(id, _)| {
            let guard = facts.site.guards.get(&id).copied().unwrap_or_default();
            guard.inner || (guard.own && id == owner)
        });
        let why = conditional.then(|| Why::Template("allow and deny".into()));
        let node =
            |entry: &super::site::Entry| Node::derived(Value::Text(entry.address.clone()), entry.at, vec![entry.at]);
        for (name, allow) in [("allows", true), ("denies", false)] {
            let nodes = list.entries.iter().filter(|entry| entry.allow == allow).map(node).collect();
            facts.put_list(list.scope, name, nodes, at, why.clone());
        }
        let end = answers::access(facts.model, facts.site, owner);
        let known =
            if end == answers::Access::Unknown { Known::Unknown } else { Known::of(end == answers::Access::Open) };
        facts.put_known(list.scope, "open_end", known, at);
        // Behind the last `deny`, whoever is not named gets through as well as whoever is.
        let behind = list.entries.iter().rev().take_while(|entry| entry.allow).filter(|entry| {
            !matches!(&entry.address, crate::model::Text::Known(text) if matches!(&**text, "all" | "0.0.0.0/0" | "::/0"))
        });
        let everyone = list
            .entries
            .iter()
            .any(|entry| entry.allow && matches!(&entry.address, crate::model::Text::Known(text) if &**text == "all"));
        let behind: Vec<Node> = if everyone { Vec::new() } else { behind.map(node).collect() };
        let any = match facts.model.get(owner, "satisfy") {
            Some(Value::Text(crate::model::Text::Known(text))) => Known::of(&**text == "any"),
            None => Known::No,
            Some(_) => Known::Unknown,
        };
        facts.put_known(list.scope, "satisfy_any", any, at);
        let asks = served::asks(facts, owner);
        facts.put_known(list.scope, "asks_otherwise", asks, at);
        let last = behind.first().map_or(at, |node| node.at);
        let open = facts.model.scope(owner).and_then(|scope| scope.open.clone());
        let guard = guarded.then(|| Why::Runtime("a condition beside the list".into()));
        facts.put_list(list.scope, "useless_allows", behind, last, why.or(open).or(guard));
    }
}

/// Who can reach a socket.
pub(super) fn public(listen: &Listen) -> Known {
    match listen.reach() {
        Some(Reach::Public) => Known::Yes,
        Some(Reach::Loopback | Reach::Private) => Known::No,
        None => Known::Unknown,
    }
}
