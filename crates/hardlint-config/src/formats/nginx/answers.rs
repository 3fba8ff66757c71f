//! How servers and locations answer: with files, by passing the request on, with a redirect, or not at all.

use super::regex::Regex;
use super::site::{Entry, Flag, Guard, Location, Modifier, Site, Step};
use super::variables;
use crate::model::{Model, ScopeId, Text, Value};
use std::collections::BTreeMap;

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// With a redirect.
    Redirect,
    /// With an error, or by closing the connection.
    Reject,
    /// With a text that the file holds.
    Text,
    /// With what an application says.
    Application,
    /// With a file.
    Files,
    /// With nginx's own state.
    Status,
    /// Only when nginx itself asks.
    Internal,
    /// Not to be known.
    Unknown,
}

/// What an access list does with an address that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It is turned away.
    Closed,
    /// It gets through.
    Open,
    /// Not to be known.
    Unknown,
}

/// Conditions that hold for every request without TLS, without quotes and blanks.
const PLAIN: &[&str] = &[
    "($scheme=http)",
    "($scheme!=https)",
    "($https=)",
    "($https!=on)",
    "($server_port=80)",
    "($ssl_protocol=)",
    "($scheme~http$)",
    "($scheme~^http$)",
];

/// Works out once what every scope inside asks for again.
pub(super) fn prepare(model: &Model, site: &mut Site) {
    let ends = site.steps.iter().map(|(&scope, steps)| (scope, ending(steps))).collect();
    site.ends = ends;
    for list in site.access.values_mut() {
        list.end = end_of(&list.entries);
        list.nobody = list.entries.iter().all(|entry| !entry.allow);
    }
    let mut guards = BTreeMap::new();
    for (&scope, all) in &site.steps {
        let guard: &mut Guard = guards.entry(scope).or_default();
        for step in all {
            let Step::If(inner) = step else { continue };
            if !matches!(steps(site, *inner), Some(Answer::Reject | Answer::Unknown)) {
                continue;
            }
            let label = model.scope(*inner).map(|scope| &*scope.label).unwrap_or_default();
            guard.own = true;
            guard.inner |= WHO.iter().any(|word| label.contains(word));
        }
    }
    site.guards = guards;
    site.location_of = site.locations.values().flatten().map(|location| (location.scope, location.clone())).collect();
}

/// Words of conditions that ask who the client is.
const WHO: &[&str] = &["$remote_addr", "$geo", "allow", "auth", "token", "secret"];

/// How the steps of the rewrite module end, if they end every request; they run before anything else answers.
pub(super) fn steps(site: &Site, scope: ScopeId) -> Option<Answer> {
    site.ends.get(&scope).copied().flatten()
}

fn ending(steps: &[Step]) -> Option<Answer> {
    for step in steps {
        match step {
            Step::Return { conditional: true, .. } | Step::Rewrite { conditional: true, .. } => {
                return Some(Answer::Unknown);
            }
            Step::Return { code, target, .. } => return Some(returned(*code, target.is_some())),
            Step::Rewrite { regex: Text::Known(regex), flag: Flag::Redirect, .. } if Regex::matches_all(regex) => {
                return Some(Answer::Redirect);
            }
            Step::Break => return None,
            Step::Rewrite { flag: Flag::Break | Flag::Last, .. } | Step::Rewrite { .. } | Step::If(_) => {}
        }
    }
    None
}

fn returned(code: Option<u16>, text: bool) -> Answer {
    match code {
        Some(301..=303 | 307 | 308) => Answer::Redirect,
        Some(204 | 400..) => Answer::Reject,
        Some(_) if text => Answer::Text,
        Some(_) => Answer::Reject,
        None => Answer::Unknown,
    }
}

/// Whether the scope sends every request without TLS elsewhere: `if ($scheme = http) { return 301 …; }`.
pub(super) fn redirects_plain(model: &Model, site: &Site, scope: ScopeId) -> bool {
    site.steps.get(&scope).into_iter().flatten().any(|step| match step {
        Step::If(inner) => {
            let condition = model.scope(*inner).map(|scope| &*scope.label).unwrap_or_default();
            let bare: String = condition.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect();
            let asks = PLAIN.contains(&bare.as_str()) || super::statements::forwarded(condition);
            asks && matches!(steps(site, *inner), Some(Answer::Redirect | Answer::Reject))
        }
        _ => false,
    })
}

/// How a location, or the server itself, answers.
pub(super) fn answer(model: &Model, site: &Site, scope: ScopeId) -> Answer {
    if let Some(answer) = steps(site, scope) {
        return answer;
    }
    let Some(found) = model.scope(scope) else { return Answer::Unknown };
    let own = |name: &str| {
        let key = model.format.schema.key(found.kind, name);
        key.is_some_and(|key| found.own.get(key).is_some())
    };
    if access(model, site, scope) == Access::Closed && admits_nobody(model, site, scope) {
        return Answer::Reject;
    }
    if own("internal") {
        return Answer::Internal;
    }
    if site.passes.contains_key(&scope) || own("js_content") {
        return Answer::Application;
    }
    if own("stub_status") || own("api") || own("status") || own("upstream_conf") {
        return Answer::Status;
    }
    if own("empty_gif") {
        return Answer::Text;
    }
    // Handlers of modules that the table does not list.
    for (key, node) in found.own.iter() {
        let name = model.key_name(key);
        let listed = model.format.schema.get(key).is_some();
        let handler = name.ends_with("_pass") || name.starts_with("content_by_") || name.starts_with("echo");
        if !listed && (handler || matches!(node.value, Value::Unknown(_)) && name.starts_with("content")) {
            return Answer::Application;
        }
    }
    if found.open.is_some() { Answer::Unknown } else { Answer::Files }
}

/// Whether the steps of `outer`, a server or a location around, leave the answer to what is inside.
pub(super) fn reached(site: &Site, server: ScopeId) -> bool {
    steps(site, server).is_none()
}

/// The access list in force: that of the nearest scope that has one.
pub(super) fn access(model: &Model, site: &Site, scope: ScopeId) -> Access {
    let list = model.ancestors(scope).find_map(|(id, _)| site.access.get(&id));
    list.map_or(Access::Open, |list| list.end)
}

fn end_of(entries: &[Entry]) -> Access {
    for entry in entries {
        let everyone = match &entry.address {
            Text::Known(address) => matches!(&**address, "all" | "0.0.0.0/0"),
            // Who fills in whom to let in means somebody.
            Text::Pieces(_) if entry.allow => false,
            Text::Pieces(_) => return Access::Unknown,
        };
        if entry.conditional {
            return Access::Unknown;
        }
        if everyone {
            return if entry.allow { Access::Open } else { Access::Closed };
        }
    }
    Access::Open
}

/// Whether the list in force lets no address in at all, and no password helps.
pub(super) fn admits_nobody(model: &Model, site: &Site, scope: ScopeId) -> bool {
    let list = model.ancestors(scope).find_map(|(id, _)| site.access.get(&id));
    list.is_some_and(|list| list.nobody) && model.get(scope, "satisfy").and_then(Value::as_str) != Some("any")
}

/// Whether only some clients get in: by address, by password, by certificate. Nothing if it cannot be known.
pub(super) fn restricted(model: &Model, site: &Site, scope: ScopeId) -> Option<bool> {
    let mut unknown = false;
    match access(model, site, scope) {
        Access::Closed => return Some(true),
        Access::Unknown => unknown = true,
        Access::Open => {}
    }
    match by_certificate(model, site, scope) {
        Some(true) => return Some(true),
        Some(false) => {}
        None => unknown = true,
    }
    for name in ["auth_basic", "auth_request", "auth_jwt"] {
        match model.get(scope, name) {
            Some(Value::Text(Text::Known(text))) if &**text != "off" => return Some(true),
            Some(Value::Text(Text::Known(_))) => {}
            Some(Value::List(words)) if words.first().is_some_and(|word| word.value.as_str() != Some("off")) => {
                return Some(true);
            }
            Some(Value::Unknown(_) | Value::Text(_)) => unknown = true,
            _ => {}
        }
    }
    for (id, found) in model.ancestors(scope) {
        unknown |= found.open.is_some();
        let unlisted = found.own.iter().filter(|(key, _)| model.format.schema.get(*key).is_none());
        unknown |= unlisted.map(|(key, _)| model.key_name(key)).any(|name| {
            ["access_by_", "auth_", "rewrite_by_", "modsecurity", "oidc", "naxsi", "SecRules"]
                .iter()
                .any(|start| name.starts_with(start))
        });
        // A condition may turn clients away.
        let guard = site.guards.get(&id).copied().unwrap_or_default();
        unknown |= guard.inner || (guard.own && id == scope);
    }
    if unknown { None } else { Some(false) }
}

/// Whether the server of a scope speaks with nobody but those who show a certificate; without TLS, none is asked for.
fn by_certificate(model: &Model, site: &Site, scope: ScopeId) -> Option<bool> {
    let Some(server) = model.ancestors(scope).map(|(id, _)| id).find(|id| site.is_server(*id)) else {
        return Some(false);
    };
    match model.get(server, "ssl_verify_client") {
        Some(Value::Text(Text::Known(text))) => {
            let listens = site.listens.get(&server).map(Vec::as_slice).unwrap_or_default();
            Some(&**text == "on" && !listens.is_empty() && listens.iter().all(|(_, listen)| listen.tls))
        }
        Some(Value::Text(_) | Value::Unknown(_)) => None,
        _ => Some(false),
    }
}

/// Whether a location is there for certificates or for probes, which carry nothing worth hiding.
pub(super) fn exempt(location: &Location) -> bool {
    const WORDS: &[&str] =
        &["well-known", "acme", "health", "/ping", "/status", "/robots.txt", "/favicon", "/alive", "/ready"];
    location.uri.as_deref().is_some_and(|uri| {
        let lower = uri.to_ascii_lowercase();
        // An expression that leaves them out names them too.
        !lower.contains("(?!") && WORDS.iter().any(|word| lower.contains(word))
    })
}

/// All locations in a server, inner ones included.
pub(super) fn locations<'s>(site: &'s Site, server: ScopeId) -> Vec<&'s Location> {
    let mut found = Vec::new();
    let mut holders = vec![server];
    while let Some(holder) = holders.pop() {
        let inside: &'s [Location] = site.locations.get(&holder).map(Vec::as_slice).unwrap_or_default();
        found.extend(inside);
        holders.extend(inside.iter().map(|location| location.scope));
    }
    found.sort_by_key(|location| location.scope);
    found
}

/// Whether a location answers `/` whatever else there is.
pub(super) fn catches_all(location: &Location) -> bool {
    !location.conditional
        && match location.modifier {
            // An empty prefix begins every path as well.
            Modifier::Prefix | Modifier::Final => matches!(location.uri.as_deref(), Some("" | "/")),
            Modifier::Regex | Modifier::RegexAnyCase => {
                location.uri.as_deref().is_some_and(|uri| uri != "/" && Regex::matches_all(uri))
            }
            Modifier::Exact | Modifier::Named => false,
        }
}

/// Whether a location that answers with files tries the path that was asked for.
pub(super) fn tries_path(model: &Model, scope: ScopeId) -> bool {
    let Some(words) = model.ancestors(scope).take(2).find_map(|(id, _)| own_list(model, id, "try_files")) else {
        return true;
    };
    words.iter().rev().skip(1).any(|node| match &node.value {
        Value::Text(text) => {
            let text = variables::flat(text);
            let whole = |name: &str| text.match_indices(name).any(|(at, _)| is_whole(text.get(at + name.len()..)));
            whole("$uri") || whole("$request_filename") || whole("$document_uri") || text.contains('\u{1}')
        }
        _ => true,
    })
}

/// Whether what stands behind the path leaves it as it is: `$uri.html` and `$uri/` are other files.
fn is_whole(rest: Option<&str>) -> bool {
    rest.is_none_or(|rest| !rest.starts_with(['.', '/', '-', '_']))
}

fn own_list<'m>(model: &'m Model, scope: ScopeId, name: &str) -> Option<&'m [crate::model::Node]> {
    let found = model.scope(scope)?;
    let key = model.format.schema.key(found.kind, name)?;
    found.own.get(key)?.value.as_list()
}
