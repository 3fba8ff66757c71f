//! Facts about `add_header`: which lines are in force where, and what is lost, sent twice, or kept from errors.

use super::answers::{self, Answer};
use super::facts::{Facts, Known};
use super::policy;
use super::site::Site;
use crate::model::{Model, Node, ScopeId, Str, Value, Why};
use crate::text::{Loc, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Headers that browsers take for a security measure. Left out are those that are obsolete (`X-XSS-Protection`,
/// `Feature-Policy`, `Expect-CT`) or only report.
const SECURITY: &[&str] = &[
    "strict-transport-security",
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
];

const HSTS: &str = "strict-transport-security";

/// A header line.
#[derive(Clone, Debug)]
struct Line {
    scope: ScopeId,
    /// In lower case; unknown if a template fills it in.
    name: Option<Str>,
    name_at: Loc,
    value: Option<Str>,
    always: bool,
    /// Whether a template decides whether it is there.
    conditional: bool,
}

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    lines_in_force(facts);
    merged(facts);
    let locations = facts.site.locations.values().flatten();
    let conditional: BTreeSet<ScopeId> = locations.filter(|it| it.conditional).map(|it| it.scope).collect();
    for scope in facts.site.headers.keys().copied().collect::<Vec<_>>() {
        set(facts, scope, &conditional);
    }
    for set in facts.site.headers.values() {
        for &header in &set.headers {
            one(facts, header);
        }
    }
    let mut owners: BTreeMap<ScopeId, Vec<ScopeId>> = BTreeMap::new();
    for &owner in facts.site.headers.keys() {
        if let Some(server) = server_of(facts, owner) {
            owners.entry(server).or_default().push(owner);
        }
    }
    for server in facts.site.servers.clone() {
        let inside = owners.remove(&server).unwrap_or_default();
        for (fact, of) in SENT {
            let known = sends(facts, server, &inside, *of);
            let known = facts.unless_open(server, known);
            let at = facts.at(server);
            facts.put_known(server, fact, known, at);
        }
    }
}

/// Whether a header line does something, by its name in lower case and its value.
type Does = fn(&str, &str) -> Known;

/// What is asked of all answers of a server: whether a line with that name, in lower case, and that value does it.
const SENT: &[(&str, Does)] = &[
    ("sends_hsts", |name, _| Known::of(name == HSTS)),
    ("sends_nosniff", |name, value| {
        Known::of(name == "x-content-type-options").and(value.contains('$') || value.eq_ignore_ascii_case("nosniff"))
    }),
    ("sends_frame_protection", |name, value| {
        let lower = value.to_ascii_lowercase();
        let sure = match name {
            // Browsers know no other values any more.
            "x-frame-options" => matches!(lower.trim(), "deny" | "sameorigin"),
            "content-security-policy" => lower.contains("frame-ancestors"),
            _ => return Known::No,
        };
        if lower.contains('$') && !sure { Known::Unknown } else { Known::of(sure) }
    }),
    ("sends_security", |name, _| Known::of(SECURITY.contains(&name))),
];

fn server_of(facts: &Facts<'_>, scope: ScopeId) -> Option<ScopeId> {
    facts.model.ancestors(scope).map(|(id, _)| id).find(|&id| facts.site.is_server(id))
}

fn line(model: &Model, scope: ScopeId) -> Option<Line> {
    let found = model.scope(scope)?;
    let get = |name: &str| model.format.schema.key(found.kind, name).and_then(|key| found.own.get(key));
    let name = get("name")?;
    Some(Line {
        scope,
        name: name.value.as_str().map(Into::into),
        name_at: name.at,
        value: get("value").and_then(|node| node.value.as_str()).map(Into::into),
        always: get("always").is_some_and(|node| node.value == Value::Bool(true)),
        conditional: found.open.is_some(),
    })
}

/// Whether a block's lines are merged with those around it. An `if` in a location cannot say so, and is told by what is
/// around it.
fn merges(model: &Model, scope: ScopeId) -> bool {
    let told = model.ancestors(scope).find_map(|(id, _)| model.get(id, "add_header_inherit").and_then(Value::as_str));
    told == Some("merge")
}

/// The lines in force in a scope: its own, else those of the nearest scope around it; both if they are merged.
pub(super) fn in_force(model: &Model, site: &Site, scope: ScopeId) -> Vec<ScopeId> {
    let mut lines = Vec::new();
    for (id, _) in model.ancestors(scope) {
        let Some(set) = site.headers.get(&id) else { continue };
        lines.extend(set.headers.iter().copied());
        if !merges(model, id) {
            break;
        }
    }
    lines
}

/// Where lines are merged, those of the levels around hold as well.
fn merged(facts: &mut Facts<'_>) {
    for &owner in facts.site.headers.keys() {
        if !merges(facts.model, owner) {
            continue;
        }
        let mut nodes = Vec::new();
        for (id, _) in facts.model.ancestors(owner) {
            let own = facts.own(id, "add_header").and_then(|node| node.value.as_list()).unwrap_or_default();
            nodes.extend(own.iter().cloned());
        }
        let at = facts.at(owner);
        let Some(scope) = facts.model.scope(owner) else { continue };
        let Some(key) = facts.model.format.schema.key(scope.kind, "add_header") else { continue };
        if let Some(scope) = facts.model.scope_mut(owner) {
            scope.effective.set(key, Node::set(Value::List(nodes), at));
        }
    }
}

/// A block without lines of its own has those of the block around it, which the key's own inheritance gives it.
fn lines_in_force(facts: &mut Facts<'_>) {
    let http = facts.model.format.schema.kind_named("http");
    let outer = facts.deciding().into_iter().filter(|&id| facts.model.scope(id).map(|scope| scope.kind) == http);
    let outer: Vec<ScopeId> = outer.collect();
    for scope in outer.into_iter().chain(facts.site.headers.keys().copied()) {
        let lines = in_force(facts.model, facts.site, scope);
        let at = facts.at(scope);
        let nodes: Vec<Node> = lines
            .into_iter()
            .map(|line| {
                let at = facts.at(line);
                Node::derived(Value::Scope(line), at, vec![at])
            })
            .collect();
        let from = nodes.iter().map(|node| node.at).collect();
        facts.put(scope, "sent_headers", Value::List(nodes), at, from);
    }
}

fn names(value: &str, at: Loc) -> Node {
    Node::derived(Value::text(value), at, vec![at])
}

/// What one block's lines lose, repeat, and keep from errors.
fn set(facts: &mut Facts<'_>, owner: ScopeId, conditional_locations: &BTreeSet<ScopeId>) {
    let Some(set) = facts.site.headers.get(&owner).cloned() else { return };
    let lines: Vec<Line> = set.headers.iter().filter_map(|&id| line(facts.model, id)).collect();
    let at = lines.first().map_or_else(|| facts.at(owner), |line| facts.at(line.scope));
    let conditional = facts.model.scope(set.scope).and_then(|scope| scope.open.clone());
    let hidden = lines.iter().any(|line| line.name.is_none());
    let why = conditional.or_else(|| hidden.then(|| Why::Template("add_header".into())));

    // What a template may leave out loses nothing for certain.
    let left_out = facts.model.ancestors(owner).any(|(id, _)| conditional_locations.contains(&id));
    let (lost, unsure) = if left_out {
        (Vec::new(), Some(Why::Template("a location".into())))
    } else {
        (lost(facts, owner, &lines), why.clone())
    };
    facts.put_list(set.scope, "lost", lost, at, unsure);

    let mut twice = Vec::new();
    let force = in_force(facts.model, facts.site, owner);
    let all: Vec<Line> = force.into_iter().filter_map(|id| line(facts.model, id)).collect();
    for (index, one) in all.iter().enumerate() {
        let Some(name) = one.name.as_deref() else { continue };
        let filled = |line: &Line| line.value.as_deref().is_some_and(|value| !value.is_empty() && !value.contains('$'));
        let before = all.get(..index).unwrap_or_default().iter();
        let repeats = before.filter(|other| other.name.as_deref() == Some(name) && filled(other)).count() > 0;
        if repeats && filled(one) && SECURITY.contains(&name) && name != "content-security-policy" {
            twice.push(names(name, facts.at(one.scope)));
        }
    }
    facts.put_list(set.scope, "duplicated", twice, at, why.clone());

    let bare = lines.iter().filter(|line| !line.always && line.value.as_deref() != Some(""));
    let bare = bare.filter(|line| line.name.as_deref().is_some_and(|name| SECURITY.contains(&name) && name != HSTS));
    let bare = bare.filter_map(|line| Some(names(line.name.as_deref()?, facts.at(line.scope)))).collect();
    facts.put_list(set.scope, "without_always", bare, at, why);
}

/// The security headers of the level above that a block's own lines drop.
fn lost(facts: &Facts<'_>, owner: ScopeId, own: &[Line]) -> Vec<Node> {
    let (model, site) = (&*facts.model, facts.site);
    let Some(found) = model.scope(owner) else { return Vec::new() };
    let Some(parent) = found.parent else { return Vec::new() };
    if merges(model, owner) {
        return Vec::new();
    }
    // What is sent with a redirect or an error, no browser shows; and a request that only asks what is allowed gets no page.
    if matches!(answers::steps(site, owner), Some(Answer::Redirect | Answer::Reject)) {
        return Vec::new();
    }
    let replaced = more_set_headers(model, owner);
    let mut lost = Vec::new();
    for outer in in_force(model, site, parent).into_iter().filter_map(|id| line(model, id)) {
        let Some(name) = outer.name.as_deref() else { continue };
        let kept = own.iter().any(|line| line.name.as_deref() == Some(name)) || replaced.contains(name);
        let sent = outer.value.as_deref() != Some("");
        let told = lost.iter().any(|node: &Node| node.value.as_str() == Some(name));
        if SECURITY.contains(&name) && sent && !outer.conditional && !kept && !told {
            lost.push(names(name, outer.name_at));
        }
    }
    lost
}

/// Lines of `more_set_headers` in one block that are looked at.
const MOST_LINES: usize = 100;

/// What `more_set_headers` sets in a scope, in lower case: its lines add up over all levels.
pub(super) fn more_set_headers(model: &Model, scope: ScopeId) -> String {
    let mut text = String::new();
    for (id, _) in model.ancestors(scope) {
        if let Some(Value::List(lines)) = model.get(id, "more_set_headers") {
            for line in lines.iter().take(MOST_LINES).filter_map(|node| node.value.as_str()) {
                text.push_str(&line.to_ascii_lowercase());
                text.push('\n');
            }
        }
    }
    text
}

fn one(facts: &mut Facts<'_>, header: ScopeId) {
    let Some(line) = line(facts.model, header) else { return };
    let name = line.name.as_deref().unwrap_or_default();
    let security = if line.name.is_some() { Known::Yes.and(SECURITY.contains(&name)) } else { Known::Unknown };
    facts.put_known(header, "security", security, line.name_at);
    policy(facts, header, &line);
    if name != HSTS {
        facts.put_known(header, "hsts_over_http", Known::No, line.name_at);
        return;
    }
    if let Some(age) = line.value.as_deref().and_then(max_age) {
        let at = facts.own(header, "value").map_or(line.name_at, |node| node.at);
        facts.put(header, "max_age", Value::Int(age), at, vec![at]);
    }
    let candidates = match server_of(facts, header) {
        Some(server) => vec![server],
        None => facts.site.servers.clone(),
    };
    let users: Vec<ScopeId> = candidates.into_iter().filter(|&server| uses(facts, server, header)).collect();
    let plain = users.iter().all(|&server| facts.bool(server, "tls") == Known::No);
    let known = !users.is_empty() && plain && !facts.site.forwarded && line.value.as_deref() != Some("");
    facts.put_known(header, "hsts_over_http", Known::Yes.and(known), facts.at(header));
}

fn uses(facts: &Facts<'_>, server: ScopeId, header: ScopeId) -> bool {
    let inside = answers::locations(facts.site, server).into_iter().map(|location| location.scope);
    std::iter::once(server).chain(inside).any(|scope| in_force(facts.model, facts.site, scope).contains(&header))
}

/// Whether any answer of a server carries a header, with the scopes in it that add headers.
fn sends(facts: &Facts<'_>, server: ScopeId, inside: &[ScopeId], of: Does) -> Known {
    let (model, site) = (&*facts.model, facts.site);
    let mut found = Known::No;
    for &scope in inside.iter().chain([&server]) {
        for (name, value) in more_set_headers(model, scope).lines().filter_map(|line| line.split_once(':')) {
            found = found.or(of(name.trim_matches(['"', '\'', ' ']), value.trim_matches(['"', '\'', ' '])));
        }
        for line in in_force(model, site, scope).into_iter().filter_map(|id| line(model, id)) {
            found = match (line.name.as_deref(), line.value.as_deref()) {
                (_, Some("")) => found,
                (Some(name), Some(value)) => found.or(of(name, value)),
                // A template fills the value in.
                (Some(name), None) => found.or(if of(name, "$") == Known::No { Known::No } else { Known::Unknown }),
                (None, _) => found.or(Known::Unknown),
            };
        }
        if found == Known::Yes {
            return found;
        }
    }
    found
}

/// The security headers that a block's own lines send, with their places.
pub(super) fn own_security(facts: &Facts<'_>, scope: ScopeId) -> Vec<(String, Loc)> {
    let own = facts.site.headers.get(&scope).map(|set| set.headers.clone()).unwrap_or_default();
    security(facts, own)
}

/// The security headers in force in a scope.
pub(super) fn security_in_force(facts: &Facts<'_>, scope: ScopeId) -> Vec<(String, Loc)> {
    security(facts, in_force(facts.model, facts.site, scope))
}

fn security(facts: &Facts<'_>, lines: Vec<ScopeId>) -> Vec<(String, Loc)> {
    let lines = lines.into_iter().filter_map(|id| line(facts.model, id));
    let sent = lines.filter(|line| line.value.as_deref() != Some("") && !line.conditional);
    let named = sent.filter_map(|line| Some((line.name?.into_string(), line.name_at)));
    named.filter(|(name, _)| SECURITY.contains(&name.as_str())).collect()
}

/// What a Content-Security-Policy allows; nothing is known of one beside others, which all have to agree.
fn policy(facts: &mut Facts<'_>, header: ScopeId, line: &Line) {
    let at = facts.own(header, "value").map_or(line.name_at, |node| node.at);
    let is_policy = |name: Option<&str>| name == Some("content-security-policy");
    let reports = line.name.as_deref() == Some("content-security-policy-report-only");
    if !is_policy(line.name.as_deref()) && !reports {
        facts.put_list(header, "csp_faults", Vec::new(), at, None);
        return;
    }
    let owner = facts.model.scope(header).and_then(|scope| scope.parent).and_then(|set| facts.model.scope(set)?.parent);
    let beside = owner.map(|owner| in_force(facts.model, facts.site, owner)).unwrap_or_default();
    let policies =
        beside.into_iter().filter_map(|id| self::line(facts.model, id)).filter(|it| is_policy(it.name.as_deref()));
    let several = !reports && policies.count() > 1;
    let found = line.value.as_deref().filter(|value| !several && !value.is_empty()).map(policy::faults);
    let why = match &found {
        Some(None) => Some(Why::Runtime("a part of the policy".into())),
        None if several => Some(Why::Runtime("what several policies allow together".into())),
        None if line.value.is_none() => Some(Why::Template("the policy".into())),
        _ => None,
    };
    let faults = found.flatten().unwrap_or_default();
    let length = line.value.as_deref().map_or(0, str::len);
    // Where nothing is escaped, a place in the value is one in the file.
    let exact = usize::try_from(at.span.end.saturating_sub(at.span.start)) == Ok(length);
    let nodes = faults.into_iter().map(|fault| {
        let start = at.span.start as usize;
        let span = if exact { Span::new(start + fault.start, start + fault.end) } else { at.span };
        let at = Loc::new(at.file, span);
        Node::derived(Value::text(fault.text), at, vec![at])
    });
    let nodes = nodes.collect();
    facts.put_list(header, "csp_faults", nodes, at, why);
}

/// The seconds of a Strict-Transport-Security value, if it is one.
fn max_age(value: &str) -> Option<i64> {
    value.split(';').find_map(|part| {
        let (name, seconds) = part.split_once('=')?;
        let seconds = seconds.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        assert_eq!(max_age("max-age=63072000; includeSubDomains"), Some(63_072_000));
        assert_eq!(max_age("includeSubDomains; Max-Age=\"0\""), Some(0));
        assert_eq!(max_age("preload"), None);
    }
}
