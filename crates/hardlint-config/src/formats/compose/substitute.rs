//! Puts variables into the values of one file, and reads `yes` as a truth value where Compose wants one.

use super::interpolate::{self, Environment};
use super::spec::{FILE, Ty};
use super::validate::Refusal;
use crate::model::{Entry, Node, Origin, Piece, Str, Text, Value};
use crate::text::{Loc, Span};

static WHOLE: Ty = Ty::Object(&FILE);

/// Goes over a whole file.
pub(super) fn file(root: &mut Node, environment: &Environment, source: &dyn Fn(Loc) -> String) -> Vec<Refusal> {
    let mut work = Work { environment, source, last: false, refusals: Vec::new() };
    work.value(root, Some(&WHOLE), "");
    work.refusals.into_iter().filter(|refusal| !refusal.is_late()).map(Pending::told).collect()
}

/// What is no truth value in a whole project, of those that are read only there: what no service of it is made of, or
/// something else was laid over, says nothing.
pub(super) fn project(root: &mut Node) -> Vec<Refusal> {
    let mut work =
        Work { environment: &Environment::default(), source: &|_| String::new(), last: true, refusals: Vec::new() };
    work.value(root, Some(&WHOLE), "");
    work.refusals.into_iter().filter(Pending::is_late).map(Pending::told).collect()
}

/// Something refused, before all of its path is known.
struct Pending {
    at: Loc,
    what: String,
    /// Whether it would have to be a truth value.
    switch: bool,
    /// The keys that lead to it, the innermost first.
    path: Vec<Str>,
}

impl Pending {
    fn told(self) -> Refusal {
        let path: Vec<&str> = self.path.iter().rev().map(|key| &**key).collect();
        Refusal { at: self.at, message: format!("{}: {}", path.join("."), self.what) }
    }

    /// Whether it is a truth value that Compose reads only once a project is whole.
    fn is_late(&self) -> bool {
        let mut keys = self.path.iter().map(|key| &**key);
        let (Some(key), above) = (keys.next().filter(|_| self.switch), keys.next()) else { return false };
        match key {
            "attach" | "create_host_path" | "initial_sync" | "no_cache" | "pull" | "required" | "restart"
            | "use_api_socket" => true,
            // Of a service it is read with its file; of a build and of what is run beside it, late.
            "privileged" => self.path.len() != 3 || above.is_none(),
            _ => false,
        }
    }
}

struct Work<'e> {
    environment: &'e Environment,
    source: &'e dyn Fn(Loc) -> String,
    /// Whether variables were put in before.
    last: bool,
    refusals: Vec<Pending>,
}

impl Work<'_> {
    /// Goes over a value that stands under `key`.
    fn value(&mut self, node: &mut Node, ty: Option<&'static Ty>, key: &str) {
        match &mut node.value {
            Value::Text(_) => self.scalar(node, ty, key),
            Value::List(_) if ty.is_some_and(|ty| has(ty, &|ty| matches!(ty, Ty::Pairs))) && self.last => {}
            Value::List(_) if ty.is_some_and(|ty| has(ty, &|ty| matches!(ty, Ty::Pairs))) => self.pairs(node),
            Value::List(items) => {
                let inner = ty.and_then(element);
                for (index, item) in items.iter_mut().enumerate() {
                    let before = self.refusals.len();
                    self.value(item, inner, "");
                    self.lead(before, || index.to_string());
                }
            }
            Value::Map(entries) => {
                for Entry { key, node } in entries {
                    let before = self.refusals.len();
                    self.value(node, ty.and_then(|ty| member(ty, key)), key);
                    self.lead(before, || key.clone());
                }
            }
            _ => {}
        }
    }

    /// Puts a key before the paths of what was refused since there were `before` of them.
    fn lead<K: Into<Str>>(&mut self, before: usize, key: impl Fn() -> K) {
        for refusal in self.refusals.iter_mut().skip(before) {
            refusal.path.push(key().into());
        }
    }

    fn scalar(&mut self, node: &mut Node, ty: Option<&'static Ty>, key: &str) {
        let Value::Text(Text::Known(text)) = &node.value else { return };
        if text.contains('$') && !self.last {
            let made = interpolate::interpolate(text, self.environment);
            if let Some(fault) = made.fault {
                self.refuse(node.at, &fault);
            }
            if let Some(at) = made.from {
                node.at = at;
                node.origin = Origin::Environment;
            }
            node.value = Value::Text(made.text);
        }
        let (Some(ty), Some(text)) = (ty, node.value.as_str()) else { return };
        if is_switch(ty) {
            match truth(text) {
                Some(value) => node.value = Value::Bool(value),
                None if matches!(key, "provenance" | "sbom" | "external") => {}
                None => {
                    let what = format!("failed to cast to expected type: invalid boolean: {text}");
                    self.refusals.push(Pending { at: node.at, what, switch: true, path: Vec::new() });
                }
            }
        } else if !self.last
            && has(ty, &|ty| matches!(ty, Ty::Int | Ty::Number | Ty::Within(..)))
            && (NUMBERS.contains(&key) || is_limit(ty))
        {
            if let Some(value) = number(text, key) {
                node.value = value;
            } else {
                let message = format!("failed to cast to expected type: invalid number: {text}");
                self.refuse(node.at, &message);
            }
        }
    }

    /// A list of `key=value` becomes a map: so each value has its own place, and only values take variables.
    fn pairs(&mut self, node: &mut Node) {
        let Value::List(items) = &mut node.value else { return };
        if !items.iter().all(|item| matches!(item.value, Value::Text(_))) {
            return;
        }
        let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
        let mut places: std::collections::BTreeMap<Str, usize> = std::collections::BTreeMap::new();
        for mut item in std::mem::take(items) {
            let key_is_plain = item.value.as_str().is_none_or(|text| !before_equals(text).contains('$'));
            if !key_is_plain {
                self.scalar(&mut item, None, "");
            }
            let Some(mut entry) = self.pair(item) else { continue };
            if key_is_plain {
                let before = self.refusals.len();
                self.scalar(&mut entry.node, None, &entry.key);
                self.lead(before, || entry.key.clone());
            }
            if let Some(before) = places.get(&entry.key).and_then(|&at| entries.get_mut(at)) {
                *before = entry;
            } else {
                places.insert(entry.key.clone(), entries.len());
                entries.push(entry);
            }
        }
        node.value = Value::Map(entries);
    }

    fn pair(&self, item: Node) -> Option<Entry> {
        let (key, value) = key_and_value(&item.value)?;
        let (name_at, at) = self.split(item.at);
        let at = if value == Value::Null { name_at } else { at };
        Some(Entry { key, node: Node { value, origin: item.origin, at, name_at: Some(name_at) } })
    }

    /// The places of key and value in `key=value`; where quotes or escapes are in the way, both are the whole.
    fn split(&self, at: Loc) -> (Loc, Loc) {
        let raw = (self.source)(at);
        let quote = usize::from(raw.starts_with(['"', '\'']));
        let Some(equals) = raw.find('=').filter(|_| !raw.contains(['\\', '\n'])) else { return (at, at) };
        let start = at.span.start as usize;
        let place = |from: usize, to: usize| Loc::new(at.file, Span::new(start + from, start + to));
        (place(quote, equals), place(equals + 1, raw.len().saturating_sub(quote)))
    }

    fn refuse(&mut self, at: Loc, what: &str) {
        self.refusals.push(Pending { at, what: what.to_owned(), switch: false, path: Vec::new() });
    }
}

/// `key=value` in two; a key alone has no value.
pub(super) fn key_and_value(value: &Value) -> Option<(Str, Value)> {
    Some(match value {
        Value::Text(Text::Known(text)) => match text.split_once('=') {
            Some((key, value)) => (Str::from(key), Value::text(value)),
            None => (text.clone(), Value::Null),
        },
        Value::Text(Text::Pieces(pieces)) => {
            let Some(Piece::Known(first)) = pieces.first() else { return None };
            let (key, rest) = first.split_once('=')?;
            let rest = std::iter::once(Piece::Known(rest.into())).chain(pieces.iter().skip(1).cloned());
            (Str::from(key), Value::Text(Text::from_pieces(rest.collect())))
        }
        _ => return None,
    })
}

fn before_equals(text: &str) -> &str {
    text.split_once('=').map_or(text, |(key, _)| key)
}

/// Whether a value is one of `ulimits`, which have names of the user's choosing.
fn is_limit(ty: &Ty) -> bool {
    matches!(ty, Ty::Any([Ty::Any([Ty::Int, Ty::Text]), Ty::Object(_)]))
}

/// The keys of numbers that may be written as text.
const NUMBERS: [&str; 20] = [
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "hard",
    "max_attempts",
    "max_failure_ratio",
    "max_replicas_per_node",
    "oom_score_adj",
    "parallelism",
    "pids_limit",
    "replicas",
    "retries",
    "scale",
    "soft",
    "target",
];

/// As Compose reads numbers out of text.
fn number(text: &str, key: &str) -> Option<Value> {
    if matches!(key, "cpu_percent" | "cpus" | "max_failure_ratio") {
        let number: f64 = text.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and not large")]
        return Some(if number.fract() == 0.0 && number.abs() < 1e15 {
            Value::Int(number as i64)
        } else {
            Value::Float(number)
        });
    }
    text.parse().ok().map(Value::Int)
}

/// As Compose reads truth values out of text.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "on" => Some(true),
        "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// Whether a value is a truth value that may also be written as text.
fn is_switch(ty: &Ty) -> bool {
    let Ty::Any(all) = ty else { return false };
    let has = |wanted: fn(&Ty) -> bool| all.iter().any(wanted);
    has(|ty| matches!(ty, Ty::Bool)) && has(|ty| matches!(ty, Ty::Text)) && !has(|ty| matches!(ty, Ty::Number))
}

fn has(ty: &Ty, wanted: &dyn Fn(&Ty) -> bool) -> bool {
    match ty {
        Ty::Any(all) => all.iter().any(|ty| has(ty, wanted)),
        other => wanted(other),
    }
}

/// The type of a list's elements.
fn element(ty: &'static Ty) -> Option<&'static Ty> {
    match ty {
        Ty::List(inner, _) => Some(inner),
        Ty::Any(all) => all.iter().find_map(element),
        _ => None,
    }
}

/// The type of a map's value.
fn member(ty: &'static Ty, key: &str) -> Option<&'static Ty> {
    match ty {
        Ty::Map(inner) => Some(inner),
        Ty::Object(object) => object.get(key),
        Ty::Any(all) => all.iter().find_map(|ty| member(ty, key)),
        _ => None,
    }
}
