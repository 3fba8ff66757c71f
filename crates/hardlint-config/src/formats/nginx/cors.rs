//! Facts about answers that scripts of other sites may read.

use super::facts::{Facts, Known};
use super::headers;
use super::regex::Regex;
use super::site::Definition;
use super::variables::{self, Part};
use crate::model::{ScopeId, Text, Value};

/// An origin that no file means to let in.
const FOREIGN: &str = "https://foreign.example";

/// Variables that are followed into each other.
const DEEPEST: usize = 5;

/// Definitions of one variable, and lines of one map, that are looked at.
const MOST_LINES: usize = 1000;

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let sets: Vec<(ScopeId, Vec<ScopeId>)> =
        facts.site.headers.iter().map(|(&owner, set)| (owner, set.headers.clone())).collect();
    for (owner, lines) in sets {
        let credentials = credentials(facts, owner);
        for header in lines {
            let at = facts.at(header);
            let name = facts.own(header, "name").and_then(|node| node.value.as_str());
            let named = name == Some("access-control-allow-origin");
            let reflects = if named { reflects(facts, owner, header) } else { Known::No };
            let place = facts.own(header, "value").map_or(at, |node| node.at);
            facts.put_known(header, "reflects_origin", reflects, place);
            facts.put_known(header, "with_credentials", credentials.and(named), at);
        }
    }
}

/// Whether the answers of a block let scripts send cookies along.
fn credentials(facts: &Facts<'_>, owner: ScopeId) -> Known {
    let mut found = Known::No;
    for line in headers::in_force(facts.model, facts.site, owner) {
        let text = |name: &str| facts.own(line, name).and_then(|node| node.value.as_str());
        if text("name") == Some("access-control-allow-credentials") {
            found = found.or(match text("value") {
                Some(value) if value.contains('$') => Known::Unknown,
                Some(value) => Known::of(value.trim() == "true"),
                None => Known::Unknown,
            });
        }
    }
    found
}

/// Whether a foreign origin gets its own name back.
fn reflects(facts: &Facts<'_>, owner: ScopeId, header: ScopeId) -> Known {
    let Some(Value::Text(value)) = facts.own(header, "value").map(|node| &node.value) else { return Known::Unknown };
    let guarded = facts.model.ancestors(owner).any(|(id, scope)| {
        let steps = facts.site.steps.get(&id).map(Vec::as_slice).unwrap_or_default();
        let conditions = steps.iter().filter_map(|step| match step {
            super::site::Step::If(inner) => facts.model.scope(*inner).map(|scope| &*scope.label),
            _ => None,
        });
        asks_origin(&scope.label) || conditions.into_iter().any(asks_origin)
    });
    let found = text(facts, value, 0);
    if found == Known::Yes && guarded { Known::Unknown } else { found }
}

/// Whether a condition looks at the origin, or at the method and so at the origin in between.
fn asks_origin(label: &str) -> bool {
    label.contains("$http_origin") || label.contains("cors")
}

fn text(facts: &Facts<'_>, value: &Text, depth: usize) -> Known {
    match variables::parts(&variables::flat(value)).as_slice() {
        [Part::Variable(name)] => variable(facts, name, depth),
        _ => Known::No,
    }
}

fn variable(facts: &Facts<'_>, name: &str, depth: usize) -> Known {
    if depth > DEEPEST {
        return Known::Unknown;
    }
    let Some(definitions) = facts.site.variables.get(name) else {
        return Known::of(name == "http_origin");
    };
    // What is set in several places is chosen by something between them.
    match definitions.as_slice() {
        [Definition::Set(scope, value)] => {
            let kind = facts.model.scope(*scope).map(|scope| facts.model.format.schema.kind(scope.kind).name);
            if kind == Some("if") { Known::Unknown } else { text(facts, value, depth + 1) }
        }
        [Definition::Map { source, lines, complete }] if lines.len() <= MOST_LINES => {
            let asks = matches!(variables::parts(&variables::flat(source)).as_slice(), [Part::Variable(name)] if name == "http_origin");
            if asks && *complete { map(facts, lines, depth) } else { Known::Unknown }
        }
        _ => Known::Unknown,
    }
}

/// What a map from origins makes of a foreign one: expressions are tried in order, and the default comes last.
fn map(facts: &Facts<'_>, lines: &[(Text, Text)], depth: usize) -> Known {
    for (key, value) in lines {
        let key = variables::flat(key);
        let Some(pattern) = key.strip_prefix('~') else { continue };
        let (pattern, any_case) = pattern.strip_prefix('*').map_or((pattern, false), |rest| (rest, true));
        match Regex::new(pattern, any_case) {
            Some(regex) if regex.matches(FOREIGN) => return text(facts, value, depth + 1),
            Some(_) => {}
            None => return Known::Unknown,
        }
    }
    let default = lines.iter().find(|(key, _)| variables::flat(key) == "default");
    default.map_or(Known::No, |(_, value)| text(facts, value, depth + 1))
}
