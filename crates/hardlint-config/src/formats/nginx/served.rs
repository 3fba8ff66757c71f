//! Facts about what a location leads to beside what its author means: folders of the system, the folder above the one
//! that is passed on, and answers that are given before anybody is asked who they are.
//!
//! Paths are put together as nginx does it: `alias` takes the place of the prefix, `root` stands before the whole path.

use super::answers::{self, Answer};
use super::choose;
use super::facts::{Facts, Known};
use super::listen::{self, Reach};
use super::site::{Flag, Location, Modifier, Step};
use super::variables;
use crate::loader;
use crate::model::{Node, ScopeId, Text, Value, Why};
use crate::text::Loc;

/// Folders that hold the machine's own files, its secrets among them, and no pages.
const SYSTEM: &[&str] = &[
    "/",
    "/boot",
    "/dev",
    "/etc",
    "/etc/letsencrypt",
    "/etc/letsencrypt/archive",
    "/etc/letsencrypt/live",
    "/etc/nginx",
    "/etc/nginx/conf.d",
    "/etc/nginx/sites-available",
    "/etc/nginx/sites-enabled",
    "/etc/pki",
    "/etc/ssl",
    "/etc/ssl/private",
    "/home",
    "/proc",
    "/root",
    "/run",
    "/run/secrets",
    "/sys",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/run/secrets",
];

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let locations: Vec<Location> = facts.site.locations.values().flatten().cloned().collect();
    for location in &locations {
        folder(facts, location);
        early(facts, location);
        above(facts, location);
    }
}

/// The path that leads to the folder above an alias, where the location takes it and answers it with files.
fn above(facts: &mut Facts<'_>, location: &Location) {
    let at = facts.own(location.scope, "alias").map_or(facts.at(location.scope), |alias| alias.at);
    let left = above_alias(facts, location).unwrap_or_default();
    facts.put(location.scope, "alias_left_by", Value::text(left), at, vec![at]);
}

fn above_alias(facts: &Facts<'_>, location: &Location) -> Option<String> {
    let scope = location.scope;
    let alias = facts.own(scope, "alias")?;
    let prefix = matches!(location.modifier, Modifier::Prefix | Modifier::Final);
    let uri = location.uri.as_deref().filter(|uri| prefix && !uri.ends_with('/'))?;
    // Above the root of the disk lies nothing.
    let folder = match &alias.value {
        Value::Text(text) => variables::flat(text),
        _ => return None,
    };
    if !folder.ends_with('/') || folder.bytes().all(|byte| byte == b'/') {
        return None;
    }
    // What rewrites end, what is passed on and what only nginx itself asks for is no file for clients.
    if facts.own(scope, "internal").is_some() || answers::admits_nobody(facts.model, facts.site, scope) {
        return None;
    }
    if !matches!(answers::answer(facts.model, facts.site, scope), Answer::Files | Answer::Unknown) {
        return None;
    }
    let shown = format!("{uri}../");
    let server = facts.model.ancestors(scope).map(|(id, _)| id).find(|id| facts.site.is_server(*id));
    // An expression may take such paths: `location ~ \.\. { return 403; }`.
    let elsewhere = server.is_some_and(|server| match choose::location(facts.site, server, &format!("{shown}x")) {
        choose::Answer::Location(other) => other != scope,
        choose::Answer::Server | choose::Answer::Unknown => false,
    });
    (!elsewhere && !refuses_dots(facts, scope)).then_some(shown)
}

/// The folder of the system that a location serves.
fn folder(facts: &mut Facts<'_>, location: &Location) {
    let at = facts.at(location.scope);
    let found = system_folder(facts, location);
    let (value, place) = match found {
        Some((_, at)) if location.conditional => (Value::Unknown(Why::Template("the location".into())), at),
        Some((path, at)) => (Value::text(path), at),
        None => (Value::text(""), at),
    };
    facts.put(location.scope, "system_folder", value, place, vec![place]);
}

fn system_folder(facts: &Facts<'_>, location: &Location) -> Option<(String, Loc)> {
    // A file that is not at hand may set another folder; what is set here holds all the same.
    let alias = facts.own(location.scope, "alias");
    let inherited = || facts.model.ancestors(location.scope).find_map(|(id, _)| facts.own(id, "root"));
    let node = alias.or_else(inherited)?;
    let (text, at, alias) = (text_of(&node.value)?, node.at, alias.is_some());
    let uri = location.uri.as_deref()?;
    let (base, behind) = match location.modifier {
        Modifier::Prefix | Modifier::Final if alias => (text, ""),
        Modifier::Prefix | Modifier::Final => (text, uri),
        // `alias /$1`, where the group takes whatever follows.
        Modifier::Regex | Modifier::RegexAnyCase if alias => {
            let (before, rest) = text.split_once('$')?;
            let all = rest == "1" && (uri.contains("(.*)") || uri.contains("(.+)")) && uri.matches('(').count() == 1;
            if !all || !before.ends_with('/') {
                return None;
            }
            (before.to_owned(), "")
        }
        Modifier::Regex | Modifier::RegexAnyCase if answers::catches_all(location) => (text, ""),
        _ => return None,
    };
    // What is relative lies in a folder that was chosen when nginx was built.
    if !base.starts_with('/') || stays_here(facts, location.scope) {
        return None;
    }
    // Words of `try_files` are put behind the folder, and the path of the client stands in them.
    let folders = tried(facts, location.scope, &base).into_iter().map(|before| format!("{base}/{before}/{behind}"));
    let mut served = folders.filter(|path| !path.contains(['$', '\u{1}'])).map(|path| loader::absolute(&path));
    let path = served.find(|path| SYSTEM.contains(&path.as_str()))?;
    Some((path, at))
}

/// What `try_files` puts between the folder and the path that was asked for, for each of its words that has that path.
fn tried(facts: &Facts<'_>, scope: ScopeId, base: &str) -> Vec<String> {
    let words = facts.model.ancestors(scope).take(2).find_map(|(id, _)| facts.own(id, "try_files"));
    let Some(words) = words else { return vec![String::new()] };
    let words = words.value.as_list().unwrap_or_default();
    let mut found = Vec::new();
    for word in words.iter().rev().skip(1) {
        let Value::Text(text) = &word.value else { continue };
        let text = variables::flat(text);
        for name in ["$uri", "$document_uri", "$request_filename"] {
            let Some((before, rest)) = text.split_once(name) else { continue };
            if !rest.is_empty() {
                continue;
            }
            let folder = if name == "$request_filename" { base } else { "" };
            found.push(format!("{before}{folder}"));
        }
    }
    found
}

/// Whether nobody but the machine itself reaches the server of a scope.
fn stays_here(facts: &Facts<'_>, scope: ScopeId) -> bool {
    let server = facts.model.ancestors(scope).map(|(id, _)| id).find(|id| facts.site.is_server(*id));
    let listens = server.and_then(|server| facts.site.listens.get(&server));
    listens.is_some_and(|all| !all.is_empty() && all.iter().all(|(_, listen)| listen.reach() == Some(Reach::Loopback)))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(Text::Known(text)) => Some(text.to_string()),
        _ => None,
    }
}

/// What answers before access is asked about: the steps of the rewrite module come first.
fn early(facts: &mut Facts<'_>, location: &Location) {
    let at = facts.at(location.scope);
    let found = (!location.conditional).then(|| early_answer(facts, location)).flatten();
    let (value, place) = match found {
        Some((node, true)) => (node.value, node.at),
        Some((node, false)) => (Value::Unknown(Why::Runtime("who is let in".into())), node.at),
        None => (Value::text(""), at),
    };
    facts.put(location.scope, "before_access", value, place, vec![place]);
}

/// The answer, and whether it is known that access was to be asked about.
fn early_answer(facts: &Facts<'_>, location: &Location) -> Option<(Node, bool)> {
    let scope = location.scope;
    let server = facts.model.ancestors(scope).map(|(id, _)| id).find(|id| facts.site.is_server(*id));
    // Nobody asks for these: nginx leads there itself, and mostly once access was granted. Where nothing else of the server
    // asks, what a named location asks was all that there is.
    let named = location.modifier == Modifier::Named;
    if facts.own(scope, "internal").is_some()
        || named && server.is_none_or(|server| is_asked_elsewhere(facts, server, scope))
    {
        return None;
    }
    if server.is_some_and(|server| facts.bool(server, "public") == Known::No) {
        return None;
    }
    let redirects = |step: &Step| matches!(step, Step::Rewrite { flag: Flag::Redirect, conditional: false, .. });
    let rewrites = facts.site.steps.get(&scope)?.iter().any(redirects);
    let (name, of_its_own) = match answers::steps(facts.site, scope) {
        Some(Answer::Text) => ("return", false),
        // A redirect of a whole site is meant for everybody; one beside access rules of its own is not.
        Some(Answer::Redirect) | None if rewrites => ("rewrite", true),
        Some(Answer::Redirect) => ("return", true),
        _ => return None,
    };
    let flat = |node: &Node| match &node.value {
        Value::Text(text) => variables::flat(text),
        _ => String::new(),
    };
    let sends = |line: &&Node| {
        let text = flat(line);
        let mut words = text.split(' ').skip(1);
        name == "return"
            || words.next().is_some_and(|target| target.contains("://"))
            || matches!(words.last(), Some("redirect" | "permanent"))
    };
    let line = facts.own(scope, name)?.value.as_list()?.iter().find(sends)?;
    let flat = flat(line);
    // Who is sent to https is asked there.
    if of_its_own && flat.to_ascii_lowercase().contains("https://") {
        return None;
    }
    let node = Node::derived(Value::text(format!("{name} {flat}")), line.at, vec![line.at]);
    let by_password = ["auth_basic", "auth_jwt", "auth_request"].iter().any(|name| {
        let set = if of_its_own {
            facts.own(scope, name)
        } else {
            facts.model.ancestors(scope).find_map(|(id, _)| facts.own(id, name))
        };
        set.is_some_and(|node| match &node.value {
            Value::Text(Text::Known(text)) => &**text != "off",
            Value::List(words) => words.first().is_some_and(|word| word.value.as_str().is_some_and(|it| it != "off")),
            _ => false,
        })
    });
    if by_password {
        return Some((node, true));
    }
    if of_its_own && !facts.site.access.contains_key(&scope) {
        return None;
    }
    match answers::access(facts.model, facts.site, scope) {
        answers::Access::Closed => Some((node, true)),
        answers::Access::Unknown => Some((node, false)),
        answers::Access::Open => None,
    }
}

/// Whether anything of a server but one location asks who a client is, or what is around the server does.
fn is_asked_elsewhere(facts: &Facts<'_>, server: ScopeId, location: ScopeId) -> bool {
    const ASKS: &[&str] = &["auth_basic", "auth_jwt", "auth_request", "ssl_verify_client"];
    // What is not at hand may ask, and so may a condition.
    let asks = |id: ScopeId| {
        facts.model.scope(id).is_some_and(|scope| scope.open.is_some())
            || facts.site.access.contains_key(&id)
            || facts.site.guards.get(&id).is_some_and(|guard| guard.own || guard.inner)
            || ["access_by_lua", "access_by_lua_block", "access_by_lua_file"]
                .iter()
                .any(|name| facts.own(id, name).is_some())
            || ASKS.iter().any(|name| facts.own(id, name).is_some())
    };
    let mut around = facts.model.ancestors(server).map(|(id, _)| id);
    let inside = |id: &ScopeId| facts.model.ancestors(*id).any(|(outer, _)| outer == server);
    let mut others = facts.site.location_of.keys().copied().filter(|id| *id != location).filter(inside);
    around.any(asks) || others.any(asks)
}

/// The folder above the one that a `proxy_pass` names, where a path of the client's leads there: `/image../x` in
/// `location /image { proxy_pass http://app/pictures/; }` goes on as `/pictures/../x`.
pub(super) fn left(facts: &mut Facts<'_>, id: ScopeId) {
    let at = facts.at(id);
    let found = (|| {
        let target = facts.own(id, "target")?;
        let parent = facts.model.scope(id)?.parent?;
        if facts.own(id, "directive")?.value.as_str() != Some("proxy_pass") {
            return None;
        }
        let location = facts.site.location_of.get(&parent)?;
        let prefix = matches!(location.modifier, Modifier::Prefix | Modifier::Final);
        let uri = location.uri.as_deref().filter(|uri| prefix && !uri.is_empty() && !uri.ends_with('/'))?;
        let text = target.value.as_str()?;
        let (scheme, rest) = text.split_once("://")?;
        if text.contains('$') || rest.starts_with("unix:") || location.conditional {
            return None;
        }
        let (host, path) = rest.split_at(rest.find('/')?);
        if path == "/" || !path.ends_with('/') || path.contains(['?', '#']) {
            return None;
        }
        // What a `rewrite` makes of the path is passed on instead.
        let rewrites = |step: &Step| matches!(step, Step::Rewrite { .. });
        if facts.site.steps.get(&parent).is_some_and(|steps| steps.iter().any(rewrites)) {
            return None;
        }
        if stores_objects(host) || stays_here(facts, parent) || refuses_dots(facts, parent) {
            return None;
        }
        if !matches!(answers::answer(facts.model, facts.site, parent), Answer::Application | Answer::Unknown) {
            return None;
        }
        let server = facts.model.ancestors(parent).map(|(id, _)| id).find(|id| facts.site.is_server(*id));
        let shown = format!("{uri}../");
        // An expression may take such paths: `location ~ \.\. { return 403; }`.
        if let Some(server) = server
            && choose::location(facts.site, server, &format!("{shown}x")) != choose::Answer::Location(parent)
        {
            return None;
        }
        // Where the same server is passed everything anyway, nothing is won.
        let all = server.is_some_and(|server| passes_all(facts, server, scheme, host));
        (!all).then(|| Node::derived(Value::text(shown), target.at, vec![target.at]))
    })();
    let (value, place) = found.map_or((Value::text(""), at), |node| (node.value, node.at));
    facts.put(id, "left_by", value, place, vec![place]);
}

/// Whether the answer to `/` is that of a server, be it by the location that `try_files` leads to.
fn passes_all(facts: &Facts<'_>, server: ScopeId, scheme: &str, host: &str) -> bool {
    let all = answers::locations(facts.site, server);
    let passes = |scope: ScopeId| {
        let passed = facts.own(scope, "proxy_pass").and_then(|node| node.value.as_str());
        let Some((own, rest)) = passed.and_then(|passed| passed.split_once("://")) else { return false };
        own == scheme && same_server(rest.strip_suffix('/').unwrap_or(rest), host)
    };
    all.iter().filter(|location| answers::catches_all(location)).any(|location| {
        let words = facts.model.ancestors(location.scope).take(2).find_map(|(id, _)| facts.own(id, "try_files"));
        let last = words.and_then(|words| words.value.as_list()?.last()?.value.as_str());
        let named = |other: &&&Location| {
            other.modifier == Modifier::Named
                && last.is_some_and(|last| other.uri.as_deref().is_some_and(|uri| same_name(uri, last)))
        };
        passes(location.scope) || all.iter().find(named).is_some_and(|other| passes(other.scope))
    })
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim_start_matches('@') == other.trim_start_matches('@') && other.starts_with('@')
}

/// Whether two hosts with their ports are one: a name without a port may be that of a group.
fn same_server(one: &str, other: &str) -> bool {
    let (name, port) = one.split_once(':').unwrap_or((one, ""));
    let (other_name, other_port) = other.split_once(':').unwrap_or((other, ""));
    let group = port.is_empty() || other_port.is_empty();
    one == other || name == other_name && group && listen::reach_of(name).is_none()
}

/// Whether a host stores objects by their names, in which dots lead nowhere.
fn stores_objects(host: &str) -> bool {
    const STORES: &[&str] =
        &[".blob.core.windows.net", ".digitaloceanspaces.com", ".r2.cloudflarestorage.com", ".storage.googleapis.com"];
    let name = format!(".{}", host.split(':').next().unwrap_or_default().to_ascii_lowercase());
    let s3 = name.ends_with(".amazonaws.com") && (name.contains(".s3.") || name.contains(".s3-"));
    s3 || STORES.iter().any(|store| name.ends_with(store))
}

/// Whether a condition around a location turns away paths with two dots.
fn refuses_dots(facts: &Facts<'_>, scope: ScopeId) -> bool {
    let refuses = |step: &Step| match step {
        Step::If(inner) => {
            let label = facts.model.scope(*inner).map(|scope| &*scope.label).unwrap_or_default();
            ["\\.\\.", "\\.{2", "[.][.]"].iter().any(|dots| label.contains(dots))
                && matches!(answers::steps(facts.site, *inner), Some(Answer::Reject | Answer::Redirect))
        }
        _ => false,
    };
    facts.model.ancestors(scope).any(|(id, _)| facts.site.steps.get(&id).into_iter().flatten().any(refuses))
}

/// Whether a password or the like is asked for where a list of addresses stands.
pub(super) fn asks(facts: &Facts<'_>, owner: ScopeId) -> Known {
    let mut known = Known::No;
    for name in ["auth_basic", "auth_jwt", "auth_request"] {
        let node = facts.model.ancestors(owner).find_map(|(id, _)| facts.own(id, name));
        known = known.or(match node.map(|node| &node.value) {
            None => Known::No,
            Some(Value::Text(Text::Known(text))) => Known::of(&**text != "off"),
            Some(Value::List(words)) => Known::of(words.first().is_some_and(|word| word.value.as_str() != Some("off"))),
            Some(_) => Known::Unknown,
        });
    }
    // Modules that are not listed ask as well.
    let modules = facts.model.ancestors(owner).any(|(_, scope)| {
        let unlisted = scope.own.iter().filter(|(key, _)| facts.model.format.schema.get(*key).is_none());
        unlisted
            .map(|(key, _)| facts.model.key_name(key))
            .any(|name| ["access_by_", "auth_", "rewrite_by_", "oidc"].iter().any(|start| name.starts_with(start)))
    });
    let known = if modules && known == Known::No { Known::Unknown } else { known };
    facts.unless_open(owner, known)
}

/// Whether the server of a scope answers on no address of IPv6, and believes nobody about addresses.
pub(super) fn only_ipv4(facts: &Facts<'_>, owner: ScopeId) -> bool {
    let told = facts.model.ancestors(owner).any(|(id, _)| facts.own(id, "set_real_ip_from").is_some());
    let server = facts.model.ancestors(owner).map(|(id, _)| id).find(|id| facts.site.is_server(*id));
    let Some(listens) = server.and_then(|server| facts.site.listens.get(&server)) else { return false };
    let open = facts.model.ancestors(owner).any(|(_, scope)| scope.open.is_some());
    let ipv4 = |address: &str| address == "*" || address.parse::<std::net::Ipv4Addr>().is_ok();
    let all = listens.iter().all(|(_, listen)| !listen.proxied && listen.address.as_deref().is_some_and(ipv4));
    all && !told && !open && !listens.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_short() {
        for (path, expected) in
            [("/", "/"), ("/.", "/"), ("/usr/..", "/"), ("//etc/./nginx/", "/etc/nginx"), ("/../etc", "/etc")]
        {
            assert_eq!(loader::absolute(path), expected, "{path}");
        }
    }
}
