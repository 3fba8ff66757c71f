//! Holds values against the shape that Compose asks for, and says what it would refuse, in its own words.

use super::merge;
use super::spec::{Object, Ty};
use crate::model::{Entry, Node, Str, Text, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Something that Compose refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Where.
    pub(super) at: Loc,
    /// What is wrong.
    pub(super) message: String,
}

/// These become maps, before what is extended is held against the schema.
const MAPS: [&str; 2] = ["networks", "depends_on"];

/// What a file is to its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The first, or one that is included.
    First,
    /// Laid over others: an empty value only leaves theirs in force.
    LaidOver,
    /// Asked for a service that another extends.
    Extended,
}

/// What is wrong with a whole file.
pub(super) fn file(node: &Node, part: Part) -> Vec<Refusal> {
    let laid_over = part != Part::First;
    let mut check = Check { path: Vec::new(), refusals: Vec::new(), laid_over, types: true, part };
    if part != Part::Extended {
        check.value(node, &Ty::Object(&super::spec::FILE));
    }
    check.refusals
}

/// Lists that become maps where they are laid over others, and may then name one thing twice: by their service and key, and
/// apart from all else that is refused.
pub(super) fn apart(refusals: Vec<Refusal>, part: Part) -> (Vec<(Str, Str, Refusal)>, Vec<Refusal>) {
    let (mut alone, mut others) = (Vec::new(), Vec::new());
    for refusal in refusals {
        let path = refusal.message.strip_suffix(" are equal").and_then(|rest| rest.split_once(" items at "));
        let place = path.and_then(|(path, _)| path.strip_prefix("services.")?.rsplit_once('.'));
        match place.filter(|(_, key)| part == Part::LaidOver && MAPS.contains(key)) {
            Some((service, key)) => alone.push((service.into(), key.into(), refusal)),
            None => others.push(refusal),
        }
    }
    (alone, others)
}

/// What is wrong with each service of a file that others are extended by: only those that are have to be right.
pub(super) fn extended(node: &Node) -> BTreeMap<Str, Vec<Refusal>> {
    let mut found = BTreeMap::new();
    let (Some(services), Some(ty)) = (node.value.entry("services"), super::spec::FILE.get("services")) else {
        return found;
    };
    let Value::Map(entries) = &services.value else { return found };
    for entry in entries {
        let one = Node { value: Value::Map(vec![entry.clone()]), ..services.clone() };
        let mut check =
            Check { path: Vec::new(), refusals: Vec::new(), laid_over: true, types: true, part: Part::Extended };
        check.inside(Step::Key("services"), &one, ty);
        if !check.refusals.is_empty() {
            found.insert(entry.key.clone(), check.refusals);
        }
    }
    found
}

/// What is wrong with what several files make together: what none of them has, and what more than one has.
pub(super) fn merged(node: &Node) -> Vec<Refusal> {
    let mut check = Check { path: Vec::new(), refusals: Vec::new(), laid_over: false, types: false, part: Part::First };
    check.value(node, &Ty::Object(&super::spec::FILE));
    check.refusals
}

/// A step of the path to a value.
#[derive(Clone, Copy)]
enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

impl std::fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// A file whose services stand at its top, as the first version of the format had them.
pub(super) fn version_1(node: &Node) -> Option<Refusal> {
    let Value::Map(entries) = &node.value else { return None };
    let known = |entry: &Entry| super::spec::FILE.get(&entry.key).is_some() || entry.key.starts_with("x-");
    let is_service = |entry: &Entry| matches!(&entry.node.value, Value::Map(keys) if keys.iter().any(|key| super::spec::SERVICE.get(&key.key).is_some()));
    let first = entries.first().filter(|_| !entries.iter().any(known) && entries.iter().any(is_service))?;
    let message = format!(
        "additional properties '{}' not allowed: services stand below `services:`, and version 1 is no longer read",
        first.key
    );
    Some(Refusal { at: first.node.name_at.unwrap_or(first.node.at), message })
}

struct Check<'n> {
    path: Vec<Step<'n>>,
    refusals: Vec<Refusal>,
    laid_over: bool,
    /// Whether the types of values are looked at, rather than what is missing.
    types: bool,
    part: Part,
}

impl<'n> Check<'n> {
    fn mistyped(&mut self, at: Loc, what: &str) {
        if self.types {
            self.refuse(at, what);
        }
    }

    fn refuse(&mut self, at: Loc, what: &str) {
        let path: Vec<String> = self.path.iter().map(Step::to_string).collect();
        let path = path.join(".");
        let message = if path.is_empty() { what.to_owned() } else { format!("{path} {what}") };
        self.refusals.push(Refusal { at, message });
    }

    fn value(&mut self, node: &'n Node, ty: &Ty) {
        if self.laid_over && node.value == Value::Null && !matches!(self.path.last(), Some(Step::Index(_))) {
            return;
        }
        // What is empty in every file leaves nothing in force.
        if !self.types && node.value == Value::Null && !fits(&Value::Null, ty) {
            return self.refuse(node.at, &format!("must be a {}", name(ty)));
        }
        let ty = match ty {
            Ty::Any(all) => {
                let Some(fitting) = all.iter().find(|ty| fits(&node.value, ty)) else {
                    // What is no build changes none that it is laid over.
                    if matches!(self.path.as_slice(), [Step::Key("services"), _, Step::Key("build")]) {
                        return;
                    }
                    let names: Vec<&str> = all.iter().map(name).collect();
                    return self.mistyped(node.at, &format!("must be a {}", names.join(" or a ")));
                };
                if matches!(fitting, Ty::Any(_)) {
                    return self.value(node, fitting);
                }
                fitting
            }
            other if fits(&node.value, other) => other,
            other => return self.mistyped(node.at, &format!("must be a {}", name(other))),
        };
        match (ty, &node.value) {
            (Ty::Object(object), Value::Map(entries)) => self.object(node, object, entries),
            (Ty::Map(inner), Value::Map(entries)) => {
                let named = entries.iter().all(|entry| self.path.len() != 1 || is_name(&entry.key));
                if !named {
                    let bad = entries.iter().find(|entry| !is_name(&entry.key));
                    let at = bad.and_then(|entry| entry.node.name_at).unwrap_or(node.at);
                    let key = bad.map_or("", |entry| &entry.key);
                    // A name that a template makes is not known.
                    if !key.contains(['{', '<']) {
                        self.mistyped(at, &format!("additional properties '{key}' not allowed"));
                    }
                }
                for entry in entries {
                    self.inside(Step::Key(&entry.key), &entry.node, inner);
                }
            }
            (Ty::List(inner, unique), Value::List(items)) => {
                let replaced = match self.path.as_slice() {
                    [Step::Key("services"), _, Step::Key(key)] => merge::replaced(key, items),
                    _ => BTreeSet::new(),
                };
                for (index, item) in items.iter().enumerate().filter(|(index, _)| !replaced.contains(index)) {
                    self.inside(Step::Index(index), item, inner);
                }
                if *unique {
                    self.distinct(items);
                }
            }
            (Ty::Pairs | Ty::Listed, Value::Map(entries)) => {
                const SCALAR: Ty = Ty::Any(&[Ty::Bool, Ty::Null, Ty::Number, Ty::Text]);
                for entry in entries {
                    self.inside(Step::Key(&entry.key), &entry.node, &SCALAR);
                }
            }
            (Ty::Pairs | Ty::Listed, Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.inside(Step::Index(index), item, &Ty::Text);
                }
                if matches!(ty, Ty::Listed) {
                    self.distinct(items);
                }
            }
            (Ty::Like(is_like, form), Value::Text(Text::Known(text))) if !is_like(text) => {
                self.mistyped(node.at, &format!("'{text}' does not match pattern '{form}'"));
            }
            (Ty::Word(words), Value::Text(Text::Known(text))) if !words.contains(&&**text) => {
                self.mistyped(node.at, &format!("must be one of {}", words.join(", ")));
            }
            _ => {}
        }
    }

    fn inside(&mut self, step: Step<'n>, node: &'n Node, ty: &Ty) {
        self.path.push(step);
        self.value(node, ty);
        self.path.pop();
    }

    fn object(&mut self, node: &'n Node, object: &'static Object, entries: &'n [Entry]) {
        let outer = self.laid_over;
        self.laid_over |= node.value.entry("extends").is_some();
        for entry in entries {
            match object.get(&entry.key) {
                Some(ty) => self.inside(Step::Key(&entry.key), &entry.node, ty),
                None if object.extensions && entry.key.starts_with("x-") => {}
                None => {
                    let at = entry.node.name_at.unwrap_or(entry.node.at);
                    self.mistyped(at, &format!("additional properties '{}' not allowed", entry.key));
                }
            }
        }
        // What is missing may stand in the file that this one is laid over.
        let required = if self.laid_over { &[] } else { object.required };
        for required in required {
            if !entries.iter().any(|entry| &*entry.key == *required) {
                self.refuse(node.at, &format!("missing property '{required}'"));
            }
        }
        self.laid_over = outer;
    }

    /// Lists of which the schema wants distinct elements, and that Compose does not thin out itself.
    fn distinct(&mut self, items: &[Node]) {
        // Of these, a later one takes the place of an earlier one.
        const THINNED: [&str; 13] = [
            "aliases",
            "cap_add",
            "cap_drop",
            "dns",
            "dns_opt",
            "dns_search",
            "expose",
            "link_local_ips",
            "links",
            "ports",
            "profiles",
            "tmpfs",
            "volumes",
        ];
        let thinned = |key: &str| THINNED.contains(&key) || self.part == Part::Extended && MAPS.contains(&key);
        if matches!(self.path.last(), Some(Step::Key(key)) if thinned(key)) {
            return;
        }
        // Of groups it was told before numbers became texts.
        if !self.types && matches!(self.path.last(), Some(Step::Key("group_add"))) {
            return;
        }
        for (first, index, at) in twins(items) {
            self.refuse(at, &format!("items at {first} and {index} are equal"));
        }
    }
}

/// Elements that Compose takes for ones that stand before them: both with their numbers, and where the later one stands. Texts
/// are equal to texts, and a number also to a text before it that says the same number; a text to no number.
pub(super) fn twins(items: &[Node]) -> Vec<(usize, usize, Loc)> {
    let (mut texts, mut numbers, mut found) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let number = number(&item.value);
        let (of_text, of_number) =
            (item.value.as_str().map(|text| texts.insert(text, index)), number.map(|it| numbers.insert(it, index)));
        // A text that says a number is equal to texts alone.
        if let Some(first) = of_text.or(of_number).flatten() {
            found.push((first, index, item.at));
        }
    }
    found
}

/// The number that an element is, or says.
fn number(value: &Value) -> Option<u64> {
    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    let number = match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        value => {
            let text = value.as_str()?;
            let based =
                |start: &str, base| text.strip_prefix(start).and_then(|digits| i64::from_str_radix(digits, base).ok());
            let based = based("0x", 16).or(based("0o", 8)).or(based("0b", 2));
            based.map_or_else(|| text.parse::<f64>(), |number| Ok(number as f64)).ok().filter(|it| it.is_finite())?
        }
    };
    // Both zeros are one.
    Some((number + 0.0).to_bits())
}

fn fits(value: &Value, ty: &Ty) -> bool {
    match (ty, value) {
        (Ty::Int, Value::Float(number)) => number.fract() == 0.0,
        (Ty::Within(least, most), Value::Int(number)) => (least..=most).contains(&number),
        #[expect(clippy::cast_precision_loss, reason = "the bounds are small")]
        (Ty::Within(least, most), Value::Float(number)) => {
            number.fract() == 0.0 && *number >= *least as f64 && *number <= *most as f64
        }
        (Ty::Any(all), value) => all.iter().any(|ty| fits(value, ty)),
        // A value with a hole may become anything that a scalar can be.
        (Ty::Bool | Ty::Int | Ty::Within(..) | Ty::Number, Value::Text(text)) => matches!(text, Text::Pieces(_)),
        (ty, value) => matches!(
            (ty, value),
            (_, Value::Unknown(_))
                | (Ty::Anything, _)
                | (Ty::Text | Ty::Word(_) | Ty::Like(..), Value::Text(_))
                | (Ty::Null, Value::Null)
                | (Ty::Bool, Value::Bool(_))
                | (Ty::Int | Ty::Number, Value::Int(_))
                | (Ty::Number, Value::Float(_))
                | (Ty::List(..) | Ty::Pairs | Ty::Listed, Value::List(_))
                | (Ty::Map(_) | Ty::Object(_) | Ty::Pairs | Ty::Listed, Value::Map(_))
        ),
    }
}

fn name(ty: &Ty) -> &'static str {
    match ty {
        Ty::Anything => "value",
        Ty::Null => "null",
        Ty::Text | Ty::Word(_) | Ty::Like(..) => "string",
        Ty::Bool => "boolean",
        Ty::Int | Ty::Within(..) => "integer",
        Ty::Number => "number",
        Ty::List(..) => "list",
        Ty::Map(_) | Ty::Object(_) | Ty::Pairs | Ty::Listed => "mapping",
        Ty::Any(all) => all.first().map_or("value", name),
    }
}

/// Names of services, networks, volumes, secrets and configs.
fn is_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
