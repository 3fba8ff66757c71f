//! Facts about what is passed on and where clients are sent: whether the request itself can choose the host.

use super::facts::{Facts, Known};
use super::variables::{self, Part, Source, Tracer};
use super::{served, targets, upstream};
use crate::model::{Node, ScopeId, Value, Why};
use crate::text::Loc;

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let kinds = ["proxy", "redirect"].map(|kind| facts.model.format.schema.kind_named(kind));
    let ids: Vec<(ScopeId, bool)> = (0..facts.model.scopes.len())
        .filter_map(|at| u32::try_from(at).ok().map(ScopeId))
        .filter_map(|id| {
            let kind = Some(facts.model.scope(id)?.kind);
            kinds.contains(&kind).then(|| (id, kind == kinds[0]))
        })
        .collect();
    let site = upstream::Site::of(facts);
    for (id, is_proxy) in ids {
        if is_proxy {
            proxy(facts, id);
            upstream::fill(facts, id, &site);
            targets::fill(facts, id, &site);
            served::left(facts, id);
        } else {
            redirect(facts, id);
        }
    }
}

fn server_of(facts: &Facts<'_>, scope: ScopeId) -> Option<ScopeId> {
    facts.model.ancestors(scope).map(|(id, _)| id).find(|id| facts.site.is_server(*id))
}

/// The target of a `proxy_pass`, and the Host that goes with it.
fn proxy(facts: &mut Facts<'_>, id: ScopeId) {
    let Some(target) = facts.own(id, "target").cloned() else { return };
    let parent = facts.model.scope(id).and_then(|scope| scope.parent).unwrap_or(id);
    host_header(facts, id, parent);
    user_header(facts, id, parent);
    let Value::Text(text) = &target.value else { return };
    let open = Why::Runtime("the target of the request".into());
    let checked = server_of(facts, id).is_some_and(|server| exact_names(facts, server));
    let tracer = Tracer { model: facts.model, site: facts.site, scope: parent, names_checked: checked };
    let written = variables::flat(text);
    let flat = tracer.expand(&written);
    // Without a scheme all of it is the host (`fastcgi_pass`), or a variable that holds a whole URL.
    let mut parts = variables::host(&flat).unwrap_or_else(|| match flat.split_once('/') {
        Some((host, _)) if !flat.starts_with("unix:") => variables::parts(host),
        _ => variables::parts(&flat),
    });
    parts.extend(variables::scheme(&flat));
    let mut unknown = false;
    let mut controlled = Vec::new();
    for part in &parts {
        let Part::Variable(name) = part else { continue };
        match tracer.variable(name) {
            Source::Client => {
                controlled.push(Node::derived(Value::text(format!("${name}")), target.at, vec![target.at]));
            }
            Source::Unknown => unknown = true,
            Source::File => {}
        }
    }
    let why = (unknown && controlled.is_empty()).then_some(open);
    facts.put_list(id, "controlled_by", controlled, target.at, why);
}

/// Whether `$host` can only be one of the server's names: another server answers for the others, and none is a pattern.
fn exact_names(facts: &Facts<'_>, server: ScopeId) -> bool {
    let mut any = false;
    for name in super::choose::names(facts.model, server) {
        any = true;
        if name.starts_with(['~', '*', '.']) || name.ends_with('*') || name == "_" {
            return false;
        }
    }
    any && facts.bool(server, "is_default") == Known::No
}

/// The Host that is passed on: of the nearest block with `proxy_set_header` lines.
fn host_header(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId) {
    if facts.own(id, "directive").and_then(|node| node.value.as_str()) != Some("proxy_pass") {
        let at = facts.at(id);
        facts.put_known(id, "host_from_client", Known::No, at);
        return;
    }
    let passed = upstream::passed(facts, parent);
    let at = facts.at(id);
    let (value, place) = match passed.get("host") {
        Some((value, place)) => (Value::text(value), place),
        None if passed.hidden => (Value::Unknown(Why::Template("proxy_set_header".into())), at),
        None => (Value::text("$proxy_host"), at),
    };
    // A file that is not at hand may hold lines of its own, which would replace these or add to them.
    let open = facts.model.ancestors(parent).find_map(|(_, scope)| scope.open.clone());
    let value = match open {
        Some(why) if value.as_str() == Some("$proxy_host") => Value::Unknown(why),
        _ => value,
    };
    let chosen = match &value {
        Value::Text(crate::model::Text::Known(text)) => {
            let tracer = Tracer { model: facts.model, site: facts.site, scope: parent, names_checked: true };
            let sources = variables::parts(text).into_iter().map(|part| match part {
                Part::Literal(_) => Source::File,
                Part::Variable(name) => tracer.variable(&name),
            });
            match sources.max() {
                Some(Source::Client) => Known::Yes,
                Some(Source::Unknown) => Known::Unknown,
                _ => Known::No,
            }
        }
        _ => Known::Unknown,
    };
    facts.put(id, "passed_host", value, place, vec![place]);
    facts.put_known(id, "host_from_client", chosen, place);
}

/// Headers in which a proxy tells an application who is signed in.
const USERS: &[&str] = &[
    "remote-user",
    "x-authenticated-user",
    "x-auth-request-email",
    "x-auth-request-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-user",
    "x-remote-group",
    "x-remote-user",
    "x-webauth-user",
];

/// The header by which the client itself says who is signed in: a line hands on what it wrote.
fn user_header(facts: &mut Facts<'_>, id: ScopeId, parent: ScopeId) {
    let passed = upstream::passed(facts, parent);
    let of_client = |name: &str, value: &str| {
        let variable = format!("$http_{}", name.replace('-', "_"));
        value.trim_matches('"') == variable
    };
    let found = passed.lines.iter().find(|(name, value, _)| USERS.contains(&name.as_str()) && of_client(name, value));
    let at = facts.at(id);
    let (name, place) = found.map_or(("", at), |(name, _, place)| (name.as_str(), *place));
    let scheme =
        passed.get("x-forwarded-proto").filter(|(value, _)| value.trim_matches('"').eq_ignore_ascii_case("https"));
    facts.put_known(id, "called_https", Known::of(scheme.is_some()), scheme.map_or(at, |(_, place)| place));
    facts.put(id, "user_from_client", Value::text(name), place, vec![place]);
}

/// Where the host of a redirect comes from.
fn redirect(facts: &mut Facts<'_>, id: ScopeId) {
    let Some(target) = facts.own(id, "target").cloned() else { return };
    let Value::Text(text) = &target.value else { return };
    let flat = variables::flat(text);
    let server = server_of(facts, id);
    let source = match variables::host(&flat) {
        None if flat.starts_with('$') => None,
        None => Some("literal"),
        Some(parts) => {
            let parent = facts.model.scope(id).and_then(|scope| scope.parent).unwrap_or(id);
            let tracer = Tracer { model: facts.model, site: facts.site, scope: parent, names_checked: false };
            host_source(&tracer, &parts)
        }
    };
    let value = match source {
        Some(source) => Value::text(source),
        None => Value::Unknown(Why::Runtime("the host of the redirect".into())),
    };
    put(facts, id, value, target.at);
    let harmless = reads_nobody(&flat) || server.is_some_and(|server| came_in_clear(facts, id, server));
    facts.put_known(id, "nothing_lost", Known::of(harmless), target.at);
    if let Some(server) = server {
        let known = facts.bool(server, "is_default");
        facts.put_known(id, "from_default", known, target.at);
        // Who writes a server for all names means all of them.
        let any_name = super::choose::names(facts.model, server).all(|name| matches!(name, "_" | ""));
        let nothing_else = match facts.bool(server, "serves_content") {
            Known::Yes => Known::No,
            Known::No => Known::Yes,
            Known::Unknown => Known::Unknown,
        };
        facts.put_known(id, "from_catch_all", nothing_else.and(any_name), target.at);
    }
}

/// Whether nobody on the way reads what is sent to a target: it is the visitor's own machine, or Tor encrypts.
fn reads_nobody(target: &str) -> bool {
    let rest = target.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.get(..rest.find(['/', '?', '#', '$']).unwrap_or(rest.len())).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    super::listen::reach_of(&name) == Some(super::listen::Reach::Loopback)
        || name.rsplit('.').next() == Some("onion")
        || name.ends_with(".localhost")
}

/// Whether a redirect stands in a condition that holds for those alone who came without TLS.
fn came_in_clear(facts: &Facts<'_>, id: ScopeId, server: ScopeId) -> bool {
    let listens = facts.site.listens.get(&server).map(Vec::as_slice).unwrap_or_default();
    let parent = facts.model.scope(id).and_then(|scope| scope.parent).and_then(|parent| facts.model.scope(parent));
    let kind = facts.model.format.schema.kind_named("if");
    let Some(parent) = parent.filter(|parent| Some(parent.kind) == kind) else { return false };
    let label = parent.label.replace(['(', ')', '"', '\''], " ");
    let words: Vec<&str> = label.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["$scheme", "=", "http"]
        | ["$scheme", "!=", "https"]
        | ["$scheme", "~" | "~*", "^http$" | "http$"]
        | ["$https" | "$ssl_protocol", "="]
        | ["$https", "!=", "on"]
        | ["$https", "!~" | "!~*", "on" | "^on$"] => true,
        // That port is none that speaks TLS.
        ["$server_port", "=", port] => {
            let mut lines = listens.iter().filter(|(_, listen)| listen.covers(port)).peekable();
            lines.peek().is_some() && lines.all(|(_, listen)| !listen.tls && !listen.unsure)
        }
        _ => false,
    }
}

fn host_source(tracer: &Tracer<'_>, parts: &[Part]) -> Option<&'static str> {
    let mut source = Some("literal");
    for part in parts {
        let Part::Variable(name) = part else { continue };
        match name.as_str() {
            "http_host" => return Some("http_host"),
            "host" => source = Some("host"),
            "server_name" | "hostname" => source = source.map(|now| if now == "literal" { "server_name" } else { now }),
            name => match tracer.variable(name) {
                Source::Client => return Some("request"),
                Source::Unknown => source = None,
                Source::File => {}
            },
        }
    }
    source
}

fn put(facts: &mut Facts<'_>, id: ScopeId, value: Value, at: Loc) {
    facts.put(id, "host_source", value, at, vec![at]);
}
