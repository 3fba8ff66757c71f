//! Facts about comparisons of the origin or the page that a request comes from: whom they let in.
//!
//! Texts that the expression matches are made from it, changed as somebody would who wants to get in, and tried.

use super::answers::{self, Answer};
use super::facts::Facts;
use super::regex::{Regex, Sample};
use super::resolve::{Build, Frame};
use super::site::Origin;
use super::syntax::{Statement, Word};
use crate::model::{Node, Scope, ScopeId, Text, Value, Why};
use crate::text::{Loc, Span};
use std::collections::BTreeSet;

/// Comparisons of one configuration that are looked at.
const MOST: usize = 200;

/// Texts that are tried on all expressions of one configuration, by the length of both.
const MOST_TRIED: usize = 100_000_000;

/// Foreign origins of one expression that are told.
const MOST_TOLD: usize = 3;

/// What is put where any text may stand.
const FILLERS: &[&str] = &["a", "evil", "evil.example/", "evil.example:80/"];

/// The header that a variable holds, if it tells where a request comes from.
fn header_of(variable: &str) -> Option<&'static str> {
    match variable.trim_matches(['"', '\'', '{', '}']) {
        "$http_origin" => Some("origin"),
        "$http_referer" => Some("referer"),
        // The header is spelt with one `r`.
        "$http_referrer" => Some("referrer"),
        _ => None,
    }
}

/// Notes what an `if` compares.
pub(super) fn condition(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, scope: ScopeId) {
    let words = frame.tree.words(statement);
    let text = &frame.source.text;
    let rest = match words.get(1).map(|word| word.spelt(text)) {
        Some(first) if first == "(" => words.get(2..),
        _ => words.get(1..),
    };
    let Some([subject, operator, pattern, after @ ..]) = rest else { return };
    let Some(header) = header_of(subject.spelt(text).trim_start_matches('(')) else { return };
    let (negated, any_case) = match &*operator.spelt(text) {
        "~" => (false, false),
        "~*" => (false, true),
        "!~" => (true, false),
        "!~*" => (true, true),
        _ => return,
    };
    let mut at = Loc::new(frame.file, pattern.place());
    let mut found = pattern.text(text, frame.tree.template);
    if after.is_empty() && !pattern.quoted {
        found = match found {
            Text::Known(text) => Text::Known(text.strip_suffix(')').unwrap_or(&text).into()),
            pieces @ Text::Pieces(_) => pieces,
        };
        at.span = Span { start: at.span.start, end: at.span.end.saturating_sub(1) };
    }
    note(build, Origin { scope, header, pattern: found, any_case, negated, mapped: false, at });
}

/// Notes what the lines of a `map` compare.
pub(super) fn map(build: &mut Build<'_, '_>, frame: &Frame, source: Option<&Word>) {
    let text = &frame.source.text;
    // A map of Referers mostly lists those that are turned away.
    let header = source.and_then(|word| header_of(&word.spelt(text))).filter(|header| *header == "origin");
    let Some(header) = header else { return };
    let mut found = Vec::new();
    for (_, entry) in frame.tree.children(frame.index()) {
        let [key, value] = frame.tree.words(entry) else { continue };
        let nothing = matches!(&*value.spelt(text), "" | "0" | "off" | "false" | "no" | "deny" | "null");
        let Text::Known(pattern) = key.text(text, frame.tree.template) else { continue };
        let Some(pattern) = pattern.strip_prefix('~').filter(|_| !nothing && entry.condition.is_none()) else {
            continue;
        };
        let (pattern, any_case) = pattern.strip_prefix('*').map_or((pattern, false), |rest| (rest, true));
        let at = Loc::new(frame.file, key.place());
        let pattern = Text::Known(pattern.into());
        found.push(Origin { scope: frame.scope, header, pattern, any_case, negated: false, mapped: true, at });
    }
    for origin in found {
        note(build, origin);
    }
}

fn note(build: &mut Build<'_, '_>, origin: Origin) {
    if build.site.origins.len() < MOST {
        build.site.origins.push(origin);
    }
}

/// A `valid_referers` line.
pub(super) fn referers(build: &mut Build<'_, '_>, frame: &Frame, words: &[(Text, Loc)], at: Loc) {
    let none = words.iter().find(|(word, _)| matches!(word, Text::Known(word) if &**word == "none"));
    let scope = build.scope("origin_check", "", Some(frame.scope), at);
    let place = none.map_or(at, |(_, at)| *at);
    let set = |name: &str, value: Value, at: Loc, build: &mut Build<'_, '_>| {
        super::statements::fact(build, scope, name, Node::set(value, at));
    };
    set("header", Value::text("referer"), at, build);
    set("missing_passes", Value::Bool(none.is_some()), place, build);
    set("never_matches", Value::Bool(false), at, build);
    for name in ["lets_in", "loose"] {
        set(name, Value::List(Vec::new()), at, build);
    }
}

/// Works the facts out.
pub(super) fn fill(facts: &mut Facts<'_>) {
    let mut left = MOST_TRIED;
    for origin in facts.site.origins.clone() {
        let kind = facts.model.format.schema.kind_named("origin_check").unwrap_or(crate::schema::KindId(0));
        let id = facts.model.push(Scope::new(kind, "", Some(origin.scope), origin.at));
        facts.put(id, "header", Value::text(origin.header), origin.at, vec![origin.at]);
        facts.put(id, "missing_passes", Value::Bool(false), origin.at, vec![origin.at]);
        let judged = judge(facts, &origin, &mut left);
        let (strong, loose, never, why) = match judged {
            Some(judged) => (judged.lets_in, judged.loose, Some(judged.never), None),
            None => (Vec::new(), Vec::new(), None, Some(Why::Runtime("what the expression matches".into()))),
        };
        let nodes = |texts: Vec<String>| {
            texts.into_iter().map(|text| Node::derived(Value::text(text), origin.at, vec![origin.at])).collect()
        };
        facts.put_list(id, "lets_in", nodes(strong), origin.at, why.clone());
        facts.put_list(id, "loose", nodes(loose), origin.at, why.clone());
        let never =
            never.map_or_else(|| Value::Unknown(why.unwrap_or(Why::Template("an expression".into()))), Value::Bool);
        facts.put(id, "never_matches", never, origin.at, vec![origin.at]);
    }
}

/// What is known of an expression.
#[derive(Default)]
struct Judged {
    /// Foreign origins that match.
    lets_in: Vec<String>,
    /// What takes in more than it shows, though nobody can make use of it from a browser.
    loose: Vec<String>,
    /// Whether no browser sends what would match.
    never: bool,
}

fn judge(facts: &Facts<'_>, origin: &Origin, left: &mut usize) -> Option<Judged> {
    let mut judged = Judged::default();
    // What turns the matching ones away lists those that are not wanted.
    let refused = matches!(answers::steps(facts.site, origin.scope), Some(Answer::Reject | Answer::Redirect));
    let welcome = origin.mapped || origin.negated || (origin.header == "origin" && !refused);
    if origin.header == "referrer" {
        judged.never = true;
        return Some(judged);
    }
    if !welcome {
        return Some(judged);
    }
    let Text::Known(pattern) = &origin.pattern else { return None };
    let regex = Regex::new(pattern, origin.any_case)?;
    let (samples, whole) = regex.samples("a");
    judged.never = whole && regex.looks_nowhere() && !samples.iter().any(|sample| regex.matches(&sample.text));
    let plain: Vec<&Sample> = samples.iter().filter(|sample| host(&sample.text).is_some()).collect();
    let meant: BTreeSet<String> = plain.iter().filter_map(|sample| Some(owner(&host(&sample.text)?))).collect();
    if plain.is_empty() || !meant.iter().any(|owner| owner.contains('.')) {
        return Some(judged);
    }
    let mut foreign = |text: &str| {
        let sent = origin.header == "referer" || is_origin(text);
        let full = text.starts_with("http://") || text.starts_with("https://");
        let host = host(text).filter(|_| sent && full)?;
        *left = left.saturating_sub(regex.length() * text.len());
        let tried = *left > 0 && !meant.contains(&owner(&host)) && host.contains('.');
        (tried && regex.matches(text)).then(|| text.to_owned())
    };
    let fillers = FILLERS.iter().flat_map(|filler| regex.samples(filler).0);
    for sample in fillers {
        judged.lets_in.extend(changed(&sample).iter().filter_map(|text| foreign(text)));
    }
    if *left == 0 {
        return None;
    }
    judged.lets_in.sort_by_key(|text| (text.len(), text.clone()));
    judged.lets_in.dedup();
    judged.lets_in.truncate(MOST_TOLD);
    if !regex.begins_at_start() {
        judged.loose.push("no `^` at its beginning".into());
    }
    if plain.iter().any(|sample| loose_dot(sample)) {
        judged.loose.push("a `.` that stands for any character".into());
    }
    if pattern.starts_with("^([^") || pattern.starts_with("^.*") {
        judged.loose.push("any text before the scheme".into());
    }
    let sent = |text: &str| origin.header == "referer" && !text.contains('#') || is_origin(text);
    judged.never |= whole && regex.begins_at_start() && !samples.iter().any(|sample| sent(&sample.text));
    Some(judged)
}

/// Whether one of the lone dots stands in the host.
fn loose_dot(sample: &Sample) -> bool {
    let start = sample.text.find("://").map_or(0, |at| at + 3);
    let end = sample.text.get(start..).and_then(|rest| rest.find('/')).map_or(sample.text.len(), |at| start + at);
    let Some(host) = host(&sample.text) else { return false };
    sample.loose.iter().any(|at| {
        let mut other = sample.text.clone();
        let within = (start..end).contains(at);
        if within {
            other.replace_range(*at..=*at, "x");
        }
        within && self::host(&other).is_some_and(|other| owner(&other) != owner(&host))
    })
}

/// What somebody would send who is not meant.
fn changed(sample: &Sample) -> Vec<String> {
    let text = &sample.text;
    let mut found = vec![text.clone(), format!("{text}.evil.example"), format!("{text}evil.example")];
    for scheme in ["https://", "http://"] {
        found.push(format!("{scheme}evil{text}"));
        found.push(format!("{scheme}evil.example/?{text}"));
        found.push(format!("{scheme}evil.example/{text}"));
        if let Some(rest) = text.strip_prefix(scheme) {
            found.push(format!("{scheme}evil{rest}"));
        }
    }
    for &at in &sample.loose {
        let mut other = text.clone();
        other.replace_range(at..=at, "x");
        found.push(other);
    }
    found
}

/// The host of a URL, or of the text of one without a scheme.
fn host(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let labels = name.split('.').all(|label| !label.is_empty());
    let sound = labels && name.chars().all(letters) && port.chars().all(|c| c.is_ascii_digit());
    sound.then(|| name.to_ascii_lowercase())
}

/// Whether a text is an origin as browsers write it: without a path.
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let schemes = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    schemes && !rest.contains(['/', '?', '#', '@']) && host(text).is_some()
}

/// The part of a host name that somebody has to register.
fn owner(host: &str) -> String {
    const SECOND: &[&str] = &["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"];
    let labels: Vec<&str> = host.split('.').collect();
    let country = labels.last().is_some_and(|last| last.len() == 2);
    let under = labels.len() > 2 && country && labels.iter().rev().nth(1).is_some_and(|label| SECOND.contains(label));
    let keep = if under { 3 } else { 2 };
    labels.get(labels.len().saturating_sub(keep)..).unwrap_or_default().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_browsers_do() {
        for (text, expected) in [
            ("https://a.example/x", Some("a.example")),
            ("https://a.example:80?x", Some("a.example")),
            ("https://u@a.example", Some("a.example")),
            ("a.example", Some("a.example")),
            ("https://a..example", None),
            ("https://a:b", None),
            ("https://", None),
        ] {
            assert_eq!(host(text).as_deref(), expected, "{text}");
        }
        assert_eq!(owner("a.b.example"), "b.example");
        assert_eq!(owner("a.b.co.uk"), "b.co.uk");
        assert!(is_origin("https://a.example:8080") && !is_origin("https://a.example/") && !is_origin("a.example"));
    }
}
