//! What the client writes into groups and variables that nginx puts into headers, URLs and paths as it is.
//!
//! nginx decodes `%0d%0a` in a path before anything else, and encodes it again only where `rewrite` puts `$1` into a
//! redirect: what was seen with nginx 1.22.1. A line break in a header begins another one.

use super::facts::{Facts, Known};
use super::regex::Regex;
use super::site::{Composed, Definition, Modifier};
use super::variables::{self, Part};
use crate::model::{Node, Scope, ScopeId, Text, Value};
use std::collections::BTreeSet;

/// Definitions that are followed from one variable to the next.
const DEEPEST: usize = 6;

/// Definitions of one variable, and lines of one map, that are looked at.
const MOST_LINES: usize = 200;

/// Steps of following in one configuration.
const MOST_STEPS: usize = 2_000_000;

/// Variables that hold the path as nginx decoded it.
const PATH: &[&str] = &["uri", "document_uri", "fastcgi_script_name", "request_filename"];

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let kind = facts.model.format.schema.kind_named("composed").unwrap_or(crate::schema::KindId(0));
    let mut steps = MOST_STEPS;
    let rewriting = rewriting(facts);
    for composed in &facts.site.composed {
        let (mut found, mut all) = (Vec::new(), Known::No);
        let mut from_path = false;
        // Expressions around it are read for each variable.
        let around: usize = facts
            .model
            .ancestors(composed.scope)
            .map(|(id, scope)| {
                let rewrites = facts.own(id, "rewrite").and_then(|node| node.value.as_list()).map_or(0, <[Node]>::len);
                scope.label.len() / 8 + rewrites.min(MOST_LINES) * 4
            })
            .sum();
        for part in variables::parts(&variables::flat(&composed.text)) {
            let Part::Variable(name) = part else { continue };
            from_path |= PATH.contains(&name.as_str()) || name.parse::<usize>().is_ok();
            steps = steps.saturating_sub(around);
            let known = Trace { facts, composed, steps: &mut steps }.variable(&name, 0);
            all = all.or(known);
            if known == Known::Yes {
                found.push(Node::derived(Value::text(format!("${name}")), composed.at, vec![composed.at]));
            }
        }
        if all == Known::No && !from_path {
            continue;
        }
        let scope = facts.model.push(Scope::new(kind, "", Some(composed.scope), composed.at));
        let why = (all == Known::Unknown).then(|| facts.why(composed.scope));
        facts.put_list(scope, "line_breaks", found, composed.at, why);
        facts.put(scope, "directive", Value::text(composed.directive), composed.at, vec![composed.at]);
        // `$request_uri` brings the query along, and nothing may stand behind that.
        let flat = variables::flat(&composed.text);
        let last = composed.directive != "rewrite" && flat.ends_with("$uri") && flat.matches("$uri").count() == 1;
        // It is the path as the client sent it, and no rewrite changes it.
        let last = last && !facts.model.ancestors(composed.scope).any(|(id, _)| rewriting.contains(&id));
        facts.put_known(scope, "ends_with_path", Known::of(last), composed.at);
    }
    let locations: Vec<ScopeId> = facts.site.location_of.keys().copied().collect();
    for location in locations {
        escaping(facts, location);
    }
}

/// Follows the variables of one header or URL.
struct Trace<'f, 'm> {
    facts: &'f Facts<'m>,
    composed: &'f Composed,
    steps: &'f mut usize,
}

impl Trace<'_, '_> {
    /// Whether a variable can hold a line break.
    fn variable(&mut self, name: &str, depth: usize) -> Known {
        let Some(left) = self.steps.checked_sub(1).filter(|_| depth <= DEEPEST) else { return Known::Unknown };
        *self.steps = left;
        let facts = self.facts;
        if let Some(definitions) = facts.site.variables.get(name) {
            if definitions.len() > MOST_LINES {
                return Known::Unknown;
            }
            let known = definitions.iter().map(|definition| self.definition(definition, depth));
            return known.reduce(Known::or).unwrap_or(Known::Unknown);
        }
        if let Some(known) = self.group(name) {
            return known;
        }
        match name {
            name if PATH.contains(&name) => self.path(),
            _ => Known::No,
        }
    }

    fn text(&mut self, text: &Text, depth: usize) -> Known {
        let known = variables::parts(&variables::flat(text)).into_iter().map(|part| match part {
            Part::Literal(_) => Known::No,
            Part::Variable(name) => self.variable(&name, depth + 1),
        });
        known.reduce(Known::or).unwrap_or(Known::No)
    }

    fn definition(&mut self, definition: &Definition, depth: usize) -> Known {
        match definition {
            Definition::Set(scope, value) => {
                let around = |id: ScopeId| {
                    let parent = self.facts.model.scope(id).and_then(|scope| scope.parent);
                    self.facts.model.ancestors(self.composed.scope).any(|(it, _)| it == id || Some(it) == parent)
                };
                if around(*scope) { self.text(value, depth) } else { Known::No }
            }
            Definition::Map { lines, .. } if lines.len() > MOST_LINES => Known::Unknown,
            Definition::Map { source, lines, .. } => {
                let known = lines.iter().map(|(key, value)| self.line(source, key, value, depth));
                known.reduce(Known::or).unwrap_or(Known::No)
            }
            Definition::Listed => Known::No,
            Definition::Other => Known::Unknown,
        }
    }

    /// What a line of a map gives: its groups are cut out of what is looked up.
    fn line(&mut self, source: &Text, key: &Text, value: &Text, depth: usize) -> Known {
        let key = variables::flat(key);
        let regex = key.strip_prefix('~').and_then(|rest| match rest.strip_prefix('*') {
            Some(rest) => Regex::new(rest, true),
            None => Regex::new(rest, false),
        });
        let known = variables::parts(&variables::flat(value)).into_iter().map(|part| {
            let Part::Variable(name) = part else { return Known::No };
            match regex.as_ref().and_then(|regex| regex.group(&name)) {
                Some(group) if group.bytes.has(b'\n') => self.text(source, depth + 1),
                Some(_) => Known::No,
                None if name.parse::<usize>().is_ok() => Known::Unknown,
                None => self.variable(&name, depth + 1),
            }
        });
        known.reduce(Known::or).unwrap_or(Known::No)
    }

    /// Whether the path that was asked for can hold one here.
    fn path(&self) -> Known {
        let facts = self.facts;
        for (id, scope) in facts.model.ancestors(self.composed.scope) {
            if rewrites_all(facts, id) {
                return Known::Unknown;
            }
            if scope.label.starts_with('(') && scope.label.contains("uri") {
                return Known::Unknown;
            }
            let Some(location) = facts.site.location_of.get(&id) else { continue };
            match location.modifier {
                Modifier::Exact => return Known::No,
                Modifier::Regex | Modifier::RegexAnyCase => {
                    let any_case = location.modifier == Modifier::RegexAnyCase;
                    match location.uri.as_deref().and_then(|uri| Regex::new(uri, any_case)) {
                        Some(regex) if regex.keeps_to_one_line() => return Known::No,
                        Some(_) => {}
                        None => return Known::Unknown,
                    }
                }
                Modifier::Prefix | Modifier::Final | Modifier::Named => {}
            }
        }
        Known::Yes
    }

    /// Whether a group of the expression by which the place was chosen can hold one.
    fn group(&self, name: &str) -> Option<Known> {
        let facts = self.facts;
        let numbered = name.parse::<usize>().is_ok();
        if self.composed.directive == "rewrite" && numbered {
            // Encoded again, or of an expression before it that this one replaced.
            return Some(Known::No);
        }
        for (id, scope) in facts.model.ancestors(self.composed.scope) {
            let rewrites = facts.own(id, "rewrite").and_then(|node| node.value.as_list()).unwrap_or_default();
            for line in rewrites.iter().rev().take(MOST_LINES) {
                let Value::Text(line) = &line.value else { return numbered.then_some(Known::Unknown) };
                let line = variables::flat(line);
                let regex = line.split_whitespace().next().and_then(|regex| Regex::new(regex, false));
                match regex.as_ref().map(|regex| regex.group(name)) {
                    Some(Some(group)) if !numbered => return Some(Known::of(group.bytes.has(b'\n'))),
                    Some(Some(_)) | None if numbered => return Some(Known::Unknown),
                    _ => {}
                }
            }
            if scope.label.starts_with('(') && scope.label.contains('~') {
                let found = condition(&scope.label).and_then(|(subject, regex)| {
                    let group = regex.group(name)?;
                    let path = matches!(subject.as_str(), "$uri" | "$document_uri" | "$request_filename");
                    Some(Known::of(path && group.bytes.has(b'\n')))
                });
                if found.is_some() || numbered {
                    return Some(found.unwrap_or(Known::Unknown));
                }
            }
            let Some(location) = facts.site.location_of.get(&id) else { continue };
            if !matches!(location.modifier, Modifier::Regex | Modifier::RegexAnyCase) {
                continue;
            }
            let any_case = location.modifier == Modifier::RegexAnyCase;
            let Some(regex) = location.uri.as_deref().and_then(|uri| Regex::new(uri, any_case)) else {
                return Some(Known::Unknown);
            };
            if let Some(group) = regex.group(name) {
                return Some(Known::of(group.bytes.has(b'\n')));
            }
        }
        numbered.then_some(Known::Unknown)
    }
}

/// The servers in which some `rewrite` changes the path before it goes on, and all other scopes with one; a scope with none
/// around it stands for the file.
fn rewriting(facts: &Facts<'_>) -> BTreeSet<ScopeId> {
    let redirects = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let target = words.get(1).copied().unwrap_or_default();
        target.starts_with("http://")
            || target.starts_with("https://")
            || target.starts_with("$scheme")
            || matches!(words.last().copied(), Some("permanent" | "redirect"))
    };
    let changes = |id: ScopeId| {
        let lines = facts.own(id, "rewrite").and_then(|node| node.value.as_list()).unwrap_or_default();
        lines.iter().any(|line| line.value.as_str().is_none_or(|line| !redirects(line)))
    };
    let mut found = BTreeSet::new();
    for id in (0_u32..).zip(&facts.model.scopes).map(|(id, _)| ScopeId(id)).filter(|id| changes(*id)) {
        for (id, scope) in facts.model.ancestors(id) {
            let kind = facts.model.format.schema.kind(scope.kind).name;
            if !matches!(kind, "server" | "location" | "if" | "limit_except") {
                break;
            }
            found.insert(id);
        }
    }
    found
}

/// Whether a `rewrite` of the scope makes another path of every one.
fn rewrites_all(facts: &Facts<'_>, id: ScopeId) -> bool {
    let lines = facts.own(id, "rewrite").and_then(|node| node.value.as_list()).unwrap_or_default();
    lines.iter().filter_map(|line| line.value.as_str()).any(|line| {
        let mut words = line.split_whitespace();
        let (regex, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Regex::matches_all(regex) && !target.contains("://")
    })
}

/// What a condition compares, and with which expression.
fn condition(label: &str) -> Option<(String, Regex)> {
    let inner = label.strip_prefix('(')?.strip_suffix(')')?;
    let mut words = inner.split_whitespace();
    let (subject, operator, pattern) = (words.next()?, words.next()?, words.next()?);
    let any_case = match operator {
        "~" => false,
        "~*" => true,
        _ => return None,
    };
    Some((subject.to_owned(), Regex::new(pattern, any_case)?))
}

/// Groups that begin in the middle of a name, so that `..` can stand there, and go on from a folder of the alias.
fn escaping(facts: &mut Facts<'_>, location: ScopeId) {
    let at = facts.at(location);
    let mut found = Vec::new();
    let Some(place) = facts.site.location_of.get(&location) else { return };
    let alias = facts.own(location, "alias").cloned();
    let any_case = place.modifier == Modifier::RegexAnyCase;
    if let (Some(alias), Some(uri), true) = (alias, &place.uri, any_case || place.modifier == Modifier::Regex)
        && let Value::Text(text) = &alias.value
    {
        let flat = variables::flat(text);
        let parts = variables::parts(&flat);
        for pair in parts.windows(2) {
            let [Part::Literal(before), Part::Variable(name)] = pair else { continue };
            if before.ends_with('/') && leaves(uri, any_case, name) {
                found.push(Node::derived(Value::text(format!("${name}")), alias.at, vec![alias.at]));
            }
        }
    }
    let at = found.first().map_or(at, |node| node.at);
    facts.put_list(location, "escaping_captures", found, at, None);
}

/// Whether a path matches in which the first group of the expression begins with `../`, behind a name that goes on.
fn leaves(regex: &str, any_case: bool, name: &str) -> bool {
    let Some(start) = regex.find('(') else { return false };
    let Some(head) = regex.get(..start) else { return false };
    let head = head.strip_prefix('^').unwrap_or(head).replace('\\', "");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_');
    if !head.chars().all(plain) || !head.ends_with(|c: char| c != '/') {
        return false;
    }
    let Some(compiled) = Regex::new(regex, any_case) else { return false };
    let first = compiled.groups().first();
    let named = first.is_some_and(|group| name == "1" || group.name.as_deref() == Some(name));
    let holds = first.is_some_and(|group| group.bytes.has(b'.') && group.bytes.has(b'/'));
    let path = format!("/{}../x/y", head.trim_start_matches('/'));
    named && holds && compiled.matches(&path)
}
