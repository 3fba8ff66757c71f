//! What requests lose that an `if` in a location catches: nginx answers them with the configuration of that block alone.
//!
//! Access lists and most settings are inherited by it. `try_files` is not, and of several blocks whose conditions hold,
//! the last one's headers count.

use super::answers;
use super::facts::Facts;
use super::headers;
use super::site::{Flag, Step};
use crate::model::{Node, ScopeId, Value};
use crate::text::Loc;
use std::collections::BTreeSet;

/// Conditions in one location that are compared with each other.
const MOST_CONDITIONS: usize = 50;

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let kind = facts.model.format.schema.kind_named("if");
    let ids = (0..facts.model.scopes.len()).filter_map(|at| u32::try_from(at).ok().map(ScopeId));
    let all: Vec<ScopeId> = ids.filter(|&id| facts.model.scope(id).map(|scope| scope.kind) == kind).collect();
    for id in all {
        let at = facts.at(id);
        let location = facts.model.scope(id).and_then(|scope| scope.parent);
        let location = location.filter(|location| facts.site.location_of.contains_key(location));
        let mut dropped = Vec::new();
        if let Some(location) = location.filter(|_| answers_by_itself(facts, id)) {
            dropped.extend(guard(facts, location, id));
            dropped.extend(earlier(facts, location, id));
            dropped.extend(around(facts, id));
        }
        let (bypass, place) = bypass(facts, id).unwrap_or(("", at));
        facts.put(id, "passed_by", Value::text(bypass), place, vec![place]);
        let open = facts.model.ancestors(id).take(2).find_map(|(_, scope)| scope.open.clone());
        facts.put_list(id, "drops", dropped, at, open.filter(|_| location.is_some()));
    }
}

/// Whether requests stay with the block: it neither ends them nor sends them to another location.
fn answers_by_itself(facts: &Facts<'_>, id: ScopeId) -> bool {
    let steps = facts.site.steps.get(&id).map(Vec::as_slice).unwrap_or_default();
    let leaves = steps.iter().any(|step| matches!(step, Step::Rewrite { flag: Flag::Last | Flag::Redirect, .. }));
    answers::steps(facts.site, id).is_none() && !leaves
}

/// A `try_files` that only lets existing files through to an application.
fn guard(facts: &Facts<'_>, location: ScopeId, id: ScopeId) -> Option<Node> {
    let node = facts.own(location, "try_files")?;
    let last = node.value.as_list()?.last()?.value.as_str()?;
    let passes = facts.site.passes.contains_key(&location) && !facts.site.passes.contains_key(&id);
    let at = facts.at(id);
    (passes && last.starts_with('=')).then(|| Node::derived(Value::text("`try_files`"), at, vec![node.at]))
}

/// Security headers of the location, or of what is around it, that the block's own lines drop.
fn around(facts: &Facts<'_>, id: ScopeId) -> Vec<Node> {
    let set = facts.site.headers.get(&id).and_then(|set| facts.own(set.scope, "lost"));
    let lost = set.and_then(|node| node.value.as_list()).unwrap_or_default();
    let at = facts.at(id);
    lost.iter().map(|node| Node::derived(node.value.clone(), at, vec![node.at])).collect()
}

/// Security headers of blocks before this one, whose conditions may hold as well.
fn earlier(facts: &Facts<'_>, location: ScopeId, id: ScopeId) -> Vec<Node> {
    let at = facts.at(id);
    let mut kept: BTreeSet<String> = headers::security_in_force(facts, id).into_iter().map(|(name, _)| name).collect();
    let steps = facts.site.steps.get(&location).map(Vec::as_slice).unwrap_or_default();
    let conditions = steps.iter().filter_map(|step| match step {
        Step::If(other) => Some(*other),
        _ => None,
    });
    let mut found = Vec::new();
    for other in conditions.take_while(|&other| other != id).take(MOST_CONDITIONS) {
        if excludes(facts, other, id) || !answers_by_itself(facts, other) {
            continue;
        }
        for (name, from) in headers::own_security(facts, other) {
            if kept.insert(name.clone()) {
                found.push(Node::derived(Value::text(name), at, vec![from]));
            }
        }
    }
    found
}

/// Whether two conditions ask the same variable for different values.
fn excludes(facts: &Facts<'_>, one: ScopeId, other: ScopeId) -> bool {
    let words = |id: ScopeId| {
        let label = facts.model.scope(id).map(|scope| scope.label.trim_matches(['(', ')']).to_owned());
        label.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (words(one), words(other));
    let asks = |words: &[String]| words.first().cloned();
    let how = (one.get(1).map(String::as_str), other.get(1).map(String::as_str));
    let differs = matches!(
        how,
        (Some("=" | "~" | "~*"), Some("=" | "~" | "~*")) | (Some("="), Some("!=")) | (Some("!="), Some("="))
    );
    differs && asks(&one) == asks(&other)
}

/// Headers in which a client says who it is, and nobody looks.
const TOLD: &[&str] = &[
    "$http_cf_connecting_ip",
    "$http_client_ip",
    "$http_true_client_ip",
    "$http_x_client_ip",
    "$http_x_forwarded_for",
    "$http_x_real_ip",
];

/// How a client gets past a block that turns requests away: what it asks is as the client writes it.
fn bypass(facts: &Facts<'_>, id: ScopeId) -> Option<(&'static str, Loc)> {
    let steps = facts.site.steps.get(&id)?;
    let code = steps.iter().find_map(|step| match step {
        Step::Return { code: Some(code @ (401 | 403 | 404 | 444)), .. } => Some(*code),
        _ => None,
    })?;
    let scope = facts.model.scope(id)?;
    let condition = scope.label.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let mut words = condition.split_whitespace();
    let (asked, how, wanted) = (words.next()?, words.next()?, words.next()?.trim_matches(['"', '\'']));
    // Who is not on a list is turned away, and says that it is.
    if TOLD.contains(&asked) && matches!(how, "!=" | "!~" | "!~*") && !wanted.is_empty() {
        return Some(("any client can write the header that it asks for", scope.at));
    }
    // The path as it was sent: `/%61dmin` and `//admin` are the same to what answers.
    let path = wanted.trim_start_matches('^').strip_prefix('/').unwrap_or_default();
    let named = path.starts_with(|c: char| c.is_ascii_alphabetic());
    // What is gone is no door.
    (asked == "$request_uri" && code != 404 && matches!(how, "=" | "~" | "~*") && named)
        .then_some(("`$request_uri` is the path as the client wrote it: `//` and `%61` for a letter pass", scope.at))
}
