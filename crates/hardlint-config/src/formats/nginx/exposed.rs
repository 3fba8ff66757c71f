//! Facts about what strangers get to see that is not meant for them: hidden files, versions, nginx's own state.
//!
//! Whether they are let in is told elsewhere, in `answers.rs`.

use super::answers::{self, Answer};
use super::choose::{self, Answer as Chosen};
use super::facts::{Facts, Known};
use super::headers;
use super::site::{Modifier, Step};
use super::variables;
use crate::model::{Node, Origin, ScopeId, Text, Value};

/// Hidden files that would be sent if they lie below the root.
pub(super) fn dotfiles(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let mut found = Vec::new();
    let mut all_built = true;
    let mut unknown = facts.model.ancestors(server).any(|(_, scope)| scope.open.is_some());
    for path in ["/.git/config", "/.env"] {
        let (scope, exempt) = match choose::location(facts.site, server, path) {
            Chosen::Location(scope) => {
                let all = answers::locations(facts.site, server);
                (scope, all.into_iter().any(|it| it.scope == scope && answers::exempt(it)))
            }
            Chosen::Server => continue,
            Chosen::Unknown => {
                unknown = true;
                continue;
            }
        };
        // A condition that looks for the dot, or at the path, may turn the request away.
        let guarded = facts.model.ancestors(scope).any(|(id, _)| {
            facts.site.steps.get(&id).into_iter().flatten().any(|step| match step {
                Step::If(inner) => facts
                    .model
                    .scope(*inner)
                    .is_some_and(|inner| inner.label.contains("\\.") || inner.label.contains(".git")),
                Step::Rewrite { regex, .. } => variables::flat(regex).contains("\\."),
                _ => false,
            })
        });
        let rooted = facts
            .model
            .ancestors(scope)
            .any(|(id, _)| facts.own(id, "root").is_some() || facts.own(id, "alias").is_some());
        let files = facts.bool(scope, "serves_files");
        let open = facts.bool(scope, "restricted");
        // Where no file is sent, it does not matter who would get it.
        unknown |= files == Known::Unknown || files == Known::Yes && (guarded || open == Known::Unknown);
        if files == Known::Yes && open == Known::No && rooted && !exempt && answers::tries_path(facts.model, scope) {
            let root =
                facts.model.ancestors(scope).find_map(|(id, _)| facts.own(id, "root").or(facts.own(id, "alias")));
            let text = root.and_then(|node| node.value.as_str()).unwrap_or_default();
            all_built &= built(facts, server, text);
            found.push(Node::derived(Value::text(path), at, root.map(|node| vec![node.at]).unwrap_or_default()));
        }
    }
    all_built &= !found.is_empty();
    let why = unknown.then(|| facts.why(server));
    facts.put_list(server, "dotfiles", found, at, why);
    facts.put_known(server, "built_root", Known::of(all_built), at);
}

/// Whether a root is one that a build fills, and no checkout of what an application runs from.
fn built(facts: &Facts<'_>, server: ScopeId, root: &str) -> bool {
    let name = crate::loader::name(root.trim_end_matches('/'));
    if ["dist", "build", "public", "static", "out", "web"].contains(&name) {
        return true;
    }
    // Pages are copied there, but whole applications that run from PHP files are unpacked there too.
    let usual = ["html", "www"].contains(&name) || root.starts_with("/usr/share/nginx");
    usual && !answers::locations(facts.site, server).iter().any(|it| facts.own(it.scope, "fastcgi_pass").is_some())
}

/// What whoever reaches nginx's own state can do with it.
pub(super) fn state(facts: &mut Facts<'_>, location: ScopeId) {
    let has = |name: &str| facts.own(location, name).is_some();
    let words = facts.own(location, "api").and_then(|node| node.value.as_list()).unwrap_or_default();
    let access = if has("upstream_conf") || words.iter().any(|word| word.value.as_str() == Some("write=on")) {
        "change nginx's upstreams"
    } else if has("api") || has("status") || has("stub_status") {
        "read nginx's state"
    } else {
        ""
    };
    let at = facts.at(location);
    facts.put(location, "state_access", Value::text(access), at, vec![at]);
}

/// Whether a password is asked for where nothing is encrypted.
pub(super) fn password(facts: &mut Facts<'_>, location: ScopeId, server: Option<ScopeId>, answer: Answer) {
    let node = facts.model.ancestors(location).find_map(|(id, _)| facts.own(id, "auth_basic"));
    let at = node.map_or(facts.at(location), |node| node.at);
    let asked = match node.map(|node| &node.value) {
        None => Known::No,
        Some(Value::Text(Text::Known(text))) if !text.contains('$') => Known::of(&**text != "off"),
        Some(_) => Known::Unknown,
    };
    // What rewrites end comes before the question for a password.
    let asked = match answer {
        Answer::Files | Answer::Application | Answer::Status => asked,
        Answer::Unknown if asked == Known::Yes => Known::Unknown,
        _ => Known::No,
    };
    let known = match server {
        Some(server) if asked != Known::No => both(asked, readable(facts, server, location)),
        Some(_) => Known::No,
        None if asked == Known::No => Known::No,
        None => Known::Unknown,
    };
    facts.put_known(location, "plain_password", known, at);
}

/// Whether a socket of the server lets others read what is said on it.
fn readable(facts: &Facts<'_>, server: ScopeId, location: ScopeId) -> Known {
    let (model, site) = (&*facts.model, facts.site);
    if [server, location].iter().any(|&scope| answers::redirects_plain(model, site, scope))
        || !answers::reached(site, server)
    {
        return Known::No;
    }
    let listens = site.listens.get(&server).map(Vec::as_slice).unwrap_or_default();
    let lines = listens.iter().filter(|(_, listen)| !listen.proxied);
    lines.fold(Known::No, |all, (scope, _)| {
        let plain = match facts.bool(*scope, "tls") {
            Known::Yes => Known::No,
            Known::No => Known::Yes,
            Known::Unknown => Known::Unknown,
        };
        all.or(both(plain, facts.bool(*scope, "public")))
    })
}

fn both(one: Known, other: Known) -> Known {
    match (one, other) {
        (Known::No, _) | (_, Known::No) => Known::No,
        (Known::Yes, Known::Yes) => Known::Yes,
        _ => Known::Unknown,
    }
}

/// Whether all that a server answers with are files that everybody may read: nobody logs in, nothing is computed.
pub(super) fn static_only(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let scopes: Vec<ScopeId> = answers::locations(facts.site, server).iter().map(|it| it.scope).collect();
    let mut computed = Known::No;
    for scope in scopes {
        computed = computed.or(match answers::answer(facts.model, facts.site, scope) {
            Answer::Application => Known::Yes,
            Answer::Unknown => Known::Unknown,
            _ => Known::No,
        });
        computed = computed.or(facts.bool(scope, "restricted"));
    }
    let known = match facts.unless_open(server, computed) {
        Known::Yes => Known::No,
        Known::No => Known::Yes,
        Known::Unknown => Known::Unknown,
    };
    facts.put_known(server, "static_only", known, at);
}

/// Whether files that all may read are left where nothing is encrypted on purpose: requests for anything else are
/// redirected, or pages of every other site may read them.
pub(super) fn on_purpose(facts: &mut Facts<'_>, server: ScopeId) {
    let at = facts.at(server);
    let locations = answers::locations(facts.site, server);
    let redirected = locations.iter().any(|location| {
        answers::catches_all(location) && answers::answer(facts.model, facts.site, location.scope) == Answer::Redirect
    });
    let mut given = locations
        .iter()
        .map(|location| location.scope)
        .filter(|scope| answers::answer(facts.model, facts.site, *scope) == Answer::Files)
        .peekable();
    let shared = given.peek().is_some() && given.all(|scope| is_for_every_site(facts, scope));
    let known = facts.bool(server, "static_only").and(redirected || shared);
    facts.put_known(server, "plain_on_purpose", known, at);
}

/// Whether the answers of a block may be read by scripts of any site, which get no cookies.
fn is_for_every_site(facts: &Facts<'_>, scope: ScopeId) -> bool {
    headers::in_force(facts.model, facts.site, scope).into_iter().any(|line| {
        let text = |name: &str| facts.own(line, name).and_then(|node| node.value.as_str());
        text("name") == Some("access-control-allow-origin") && text("value") == Some("*")
    })
}

/// Words of a folder, a site or a file that is there to be looked through.
const FOR_LOOKING: &[&str] = &[
    "archive",
    "archives",
    "artifacts",
    "dist",
    "download",
    "downloads",
    "ftp",
    "isos",
    "mirror",
    "mirrors",
    "packages",
    "pub",
    "releases",
    "repo",
    "repos",
    "repository",
];

/// Whether a folder can be what answers: the words of `try_files` that do not end with a slash are files alone.
fn tries_folders(facts: &Facts<'_>, location: ScopeId) -> bool {
    // What stands in a server counts where no location is chosen.
    let levels = if facts.bool(location, "implied") == Known::Yes { 2 } else { 1 };
    let words = facts.model.ancestors(location).take(levels).find_map(|(id, _)| facts.own(id, "try_files"));
    let Some(words) = words.and_then(|node| node.value.as_list()) else { return true };
    let tried = words.split_last().map_or(&[][..], |(_, tried)| tried);
    tried.iter().any(|word| word.value.as_str().is_none_or(|word| word.ends_with('/')))
}

/// Whether names, or how lists are to look, show that a location's folders are meant to be listed.
pub(super) fn listing(facts: &mut Facts<'_>, location: ScopeId, server: Option<ScopeId>) {
    if facts.model.get(location, "autoindex") != Some(&Value::Bool(true)) {
        let at = facts.at(location);
        facts.put_known(location, "lists_folders", Known::No, at);
        return facts.put_known(location, "listing_meant", Known::No, at);
    }
    // At a path without a slash a folder is a redirect to the one with it.
    let exact =
        facts.site.location_of.get(&location).is_some_and(|it| {
            it.modifier == Modifier::Exact && it.uri.as_deref().is_some_and(|uri| !uri.ends_with('/'))
        });
    let lists = Known::of(!exact && tries_folders(facts, location));
    let set = facts.model.ancestors(location).find_map(|(id, _)| facts.own(id, "autoindex")).map(|node| node.at);
    facts.put_known(location, "lists_folders", lists, set.unwrap_or(facts.at(location)));
    let says = |name: &str| {
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| FOR_LOOKING.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    let mut place = None;
    let mut named = says(&facts.model.path);
    for (id, scope) in facts.model.ancestors(location) {
        let written = ["root", "alias"].iter().filter_map(|name| facts.own(id, name)?.value.as_str());
        named |= says(&scope.label) || written.into_iter().any(says);
        let styled = ["autoindex_exact_size", "autoindex_format"].iter().find_map(|name| facts.own(id, name));
        place = place.or(styled.map(|node| node.at));
    }
    let hosts = server.and_then(|server| facts.own(server, "server_name")).and_then(|node| node.value.as_list());
    named |= hosts.unwrap_or_default().iter().filter_map(|node| node.value.as_str()).any(says);
    let at = place.unwrap_or(facts.at(location));
    facts.put_known(location, "listing_meant", Known::of(named || place.is_some()), at);
}

/// Whether a server redirects all requests but those for certificates.
fn sends_on(facts: &Facts<'_>, server: ScopeId) -> bool {
    let (model, site) = (&*facts.model, facts.site);
    let redirects = |scope: ScopeId| answers::answer(model, site, scope) == Answer::Redirect;
    let locations = answers::locations(site, server);
    answers::steps(site, server) == Some(Answer::Redirect)
        || locations.iter().any(|it| answers::catches_all(it) && redirects(it.scope))
            && locations.iter().all(|it| redirects(it.scope) || answers::exempt(it))
}

/// Whether answers name nginx's version.
pub(super) fn tokens(facts: &mut Facts<'_>) {
    for scope in facts.deciding() {
        let Some(found) = facts.model.scope(scope) else { continue };
        let kind = facts.model.format.schema.kind(found.kind).name;
        if kind == "if" {
            continue;
        }
        let key = facts.model.key(found.kind, "server_tokens");
        let value = facts.model.lookup(scope, key);
        let default = value.origin == Origin::Default;
        let (at, shown) = match value.node.map(|node| &node.value) {
            Some(Value::Text(Text::Known(text))) => (value.at, Known::of(matches!(&**text, "on" | "build"))),
            Some(Value::Unknown(_) | Value::Text(_)) => (value.at, Known::Unknown),
            _ => (value.at, Known::No),
        };
        let cleared = facts.model.ancestors(scope).any(|(id, _)| {
            let lines =
                |name: &str| facts.own(id, name).and_then(|node| node.value.as_list()).unwrap_or_default().to_vec();
            let all = [lines("more_clear_headers"), lines("more_set_headers")].concat();
            all.iter().any(|node| {
                node.value
                    .as_str()
                    .is_some_and(|text| text.trim_matches(['"', '\'']).to_ascii_lowercase().starts_with("server"))
            })
        });
        // Where nobody sets it, the place to do so is the outermost one.
        let outer = facts.model.ancestors(scope).find(|(_, it)| facts.model.format.schema.kind(it.kind).name == "http");
        let at = outer.filter(|_| default).map_or(at, |(_, http)| http.at);
        // The `http` block around a fragment is where it is mostly turned off.
        let open = !facts.site.whole || facts.model.ancestors(scope).any(|(_, it)| it.open.is_some());
        let shown = if default && open { Known::Unknown } else { shown };
        // A location tells what it sets itself: the rest is the server's.
        let counts = kind != "location" || facts.own(scope, "server_tokens").is_some();
        // Who is only sent elsewhere meets the server that answers.
        let counts = counts && !(kind == "server" && sends_on(facts, scope));
        facts.put_known(scope, "tokens_shown", shown.and(!cleared && counts), at);
    }
}
