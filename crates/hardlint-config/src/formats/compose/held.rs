//! How Compose holds the values of a loaded project: what is a size, a duration or a number to it, what it leaves out when
//! it prints, and which values it cannot hold.
//!
//! A table of facts from the types that Docker Compose 2.40.3 loads a project into
//! (<https://github.com/compose-spec/compose-go/blob/v2.9.1/types/types.go>).

use super::canonical::float;
use super::measure;
use super::validate::Refusal;
use crate::model::{Entry, Node, Str, Text, Value};
use std::collections::BTreeMap;

mod fields;

pub(super) use fields::{CONFIG, NETWORK, SECRET, SERVICE, VOLUME};

/// What a value is held as.
#[derive(Debug)]
pub(super) enum Held {
    /// A text; an empty one is left out.
    Text,
    /// Lines for the hosts file; a map in which no name has an address is an empty list.
    Hosts,
    /// A truth value; `false` is left out.
    Bool,
    /// A truth value that is printed wherever it is set.
    Switch,
    /// A whole number; 0 is left out.
    Whole,
    /// A whole number that is printed wherever it is set.
    Count,
    /// A whole number that is not negative, printed wherever it is set.
    Natural,
    /// A share of the time that a disk has, of 16 bits and never a text; 0 is left out.
    Weight,
    /// The same, printed wherever it is set.
    OwnWeight,
    /// A number; 0 is left out.
    Number,
    /// A number of few digits; 0 is left out.
    Short,
    /// A size, printed in bytes; 0 is left out.
    Bytes,
    /// The same, printed wherever it is set.
    Rate,
    /// A duration; 0 is left out.
    Time,
    /// A duration that is printed wherever it is set.
    Moment,
    /// The permissions of a file.
    Mode,
    /// How many devices; all of them unless told.
    Devices,
    /// Pairs of texts; one without a value is empty.
    Labels,
    /// Pairs, of which one without a value has none.
    Variables,
    /// Words, which may be none.
    Words,
    /// A list; an empty one is left out.
    List(&'static Self),
    /// A map of the user's keys; an empty one is left out.
    Map(&'static Self),
    /// Fields; left out where nothing is set.
    Fields(&'static [(&'static str, Self)]),
    /// Fields, printed even where nothing is set.
    Always(&'static [(&'static str, Self)]),
    /// A limit for both, or one for each.
    Limit,
    /// Whatever there is.
    Anything,
}

/// What Compose cannot hold of a value.
pub(super) fn check(node: &Node, held: &Held, refusals: &mut Vec<Refusal>) {
    match (held, &node.value) {
        (Held::Fields(fields) | Held::Always(fields), Value::Map(entries)) => {
            for entry in entries {
                if let Some(held) = field(fields, &entry.key) {
                    check(&entry.node, held, refusals);
                }
            }
        }
        (Held::List(inner), Value::List(items)) => {
            for item in items {
                check(item, inner, refusals);
            }
        }
        (Held::Map(inner), Value::Map(entries)) => {
            for entry in entries {
                check(&entry.node, inner, refusals);
            }
        }
        (_, Value::List(_) | Value::Map(_) | Value::Null) => {}
        _ => {
            if let Err(message) = scalar(&node.value, held) {
                refusals.push(Refusal { at: node.at, message });
            }
        }
    }
}

fn field(fields: &'static [(&'static str, Held)], key: &str) -> Option<&'static Held> {
    fields.binary_search_by_key(&key, |(name, _)| name).ok().and_then(|at| fields.get(at)).map(|(_, held)| held)
}

/// What is printed of a value; nothing where it is left out.
pub(super) fn printed(node: Node, held: &Held) -> Option<Node> {
    let Node { value, origin, at, name_at } = node;
    let value = match (held, value) {
        (Held::Anything | Held::Words, value) => value,
        (Held::Fields(fields) | Held::Always(fields), Value::Map(entries)) => Value::Map(fields_of(entries, fields)),
        (Held::List(inner), Value::List(items)) => {
            let items: Vec<Node> = items.into_iter().filter_map(|item| element(item, inner)).collect();
            if items.is_empty() {
                return None;
            }
            Value::List(items)
        }
        (Held::Map(inner), Value::Map(entries)) => {
            let entries: Vec<Entry> = entries.into_iter().filter_map(|entry| kept(entry, inner)).collect();
            if entries.is_empty() {
                return None;
            }
            Value::Map(entries)
        }
        (Held::Labels | Held::Variables, Value::Map(entries)) => {
            if entries.is_empty() {
                return None;
            }
            Value::Map(entries.into_iter().map(|entry| pair(entry, held)).collect())
        }
        (Held::Labels | Held::Variables, Value::List(items)) => {
            if items.is_empty() {
                return None;
            }
            Value::Map(listed(&items).into_iter().map(|entry| pair(entry, held)).collect())
        }
        (Held::Hosts, Value::Map(_)) => Value::List(Vec::new()),
        (Held::Hosts, Value::List(items)) if items.is_empty() => return None,
        (Held::Limit, Value::Map(entries)) => Value::Map(fields_of(entries, fields::ULIMIT)),
        (_, Value::Null) => return None,
        (_, value @ (Value::List(_) | Value::Map(_) | Value::Unknown(_) | Value::Choice(_))) => value,
        (_, value) => scalar(&value, held).ok()??,
    };
    Some(Node { value, origin, at, name_at })
}

fn fields_of(entries: Vec<Entry>, fields: &'static [(&'static str, Held)]) -> Vec<Entry> {
    let shown = |Entry { key, node }: Entry| {
        let node = printed(node, field(fields, &key)?)?;
        Some(Entry { key, node })
    };
    entries.into_iter().filter_map(shown).collect()
}

/// An element of a list, which has its place even where it is empty.
fn element(item: Node, held: &Held) -> Option<Node> {
    match (held, &item.value) {
        (Held::Text, Value::Text(_)) => Some(item),
        (Held::Text, _) => printed(item, held),
        _ => {
            let empty = Node { value: Value::Map(Vec::new()), ..item.clone() };
            Some(printed(item, held).unwrap_or(empty))
        }
    }
}

/// A value under a key of the user's choosing.
fn kept(entry: Entry, held: &Held) -> Option<Entry> {
    if entry.node.value == Value::Null {
        return matches!(held, Held::Fields(_)).then_some(entry);
    }
    let Entry { key, node } = entry;
    let empty = Node { value: Value::Map(Vec::new()), ..node.clone() };
    Some(Entry { key, node: printed(node, held).unwrap_or(empty) })
}

/// The pairs of a list of `key=value`, of which a later one takes the place of an earlier one.
pub(super) fn listed(items: &[Node]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    let mut places: BTreeMap<Str, usize> = BTreeMap::new();
    for item in items {
        let Some((key, value)) = super::substitute::key_and_value(&item.value) else { continue };
        let node = Node { value, ..item.clone() };
        if let Some(slot) = places.get(&key).and_then(|&at| entries.get_mut(at)) {
            slot.node = node;
        } else {
            places.insert(key.clone(), entries.len());
            entries.push(Entry { key, node });
        }
    }
    entries
}

fn pair(mut entry: Entry, held: &Held) -> Entry {
    if let Some(text) = text(&entry.node.value) {
        entry.node.value = Value::text(text);
    } else if entry.node.value == Value::Null && matches!(held, Held::Labels) {
        entry.node.value = Value::text("");
    }
    entry
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(float(*value)),
        _ => None,
    }
}

/// What is printed of a scalar; nothing where it is left out.
///
/// # Errors
/// Why it cannot be held.
fn scalar(value: &Value, held: &Held) -> Result<Option<Value>, String> {
    // A hole may become anything.
    if matches!(value, Value::Text(Text::Pieces(_))) {
        return Ok(Some(value.clone()));
    }
    let whole = |value: &Value| match value {
        // What no 64 bits hold becomes the least number, as Go does it on the processors of servers.
        Value::Float(number) if number.abs() >= 9_223_372_036_854_775_808.0 => i64::MIN,
        #[expect(clippy::cast_possible_truncation, reason = "Compose cuts numbers off in the same way")]
        Value::Float(number) => number.trunc() as i64,
        Value::Int(number) => *number,
        _ => 0,
    };
    Ok(match held {
        Held::Text | Held::Labels | Held::Variables => {
            let value = text(value).map_or_else(|| value.clone(), Value::text);
            Some(value).filter(|value| value.as_str() != Some(""))
        }
        Held::Bool => Some(value.clone()).filter(|value| *value != Value::Bool(false)),
        Held::Whole | Held::Limit if value.as_str().is_none() => Some(Value::Int(whole(value))).filter(not_zero),
        Held::Count if value.as_str().is_none() => Some(Value::Int(whole(value))),
        Held::Whole | Held::Limit | Held::Count => match value.as_str().map(str::parse::<i64>) {
            Some(Ok(number)) => Some(Value::Int(number)).filter(|value| matches!(held, Held::Count) || not_zero(value)),
            _ => return Err(format!("invalid number: {}", value.as_str().unwrap_or_default())),
        },
        Held::Natural => match whole(value) {
            _ if value.as_str().is_some() => Some(value.clone()),
            number if number < 0 => return Err(format!("cannot parse value as 'uint64': {number} overflows uint")),
            number => Some(Value::Int(number)),
        },
        Held::Weight | Held::OwnWeight => match whole(value) {
            _ if value.as_str().is_some() => {
                return Err("expected type 'uint16', got unconvertible type 'string'".to_owned());
            }
            number if number < 0 => return Err(format!("cannot parse value as 'uint16': {number} overflows uint")),
            // What 16 bits do not hold is cut off.
            number => Some(Value::Int(number & 0xffff)).filter(|it| matches!(held, Held::OwnWeight) || not_zero(it)),
        },
        Held::Number | Held::Short => number(value, matches!(held, Held::Short))?,
        Held::Bytes | Held::Rate => match value {
            Value::Int(number) => Some(Value::text(number.to_string())),
            Value::Float(_) => None,
            value => Some(Value::text(measure::bytes(value.as_str().unwrap_or_default())?.to_string())),
        }
        .filter(|value| matches!(held, Held::Rate) || value.as_str() != Some("0")),
        Held::Time | Held::Moment => {
            let nanoseconds = measure::nanoseconds(value.as_str().unwrap_or_default())?;
            let always = matches!(held, Held::Moment);
            Some(Value::text(measure::duration(nanoseconds))).filter(|_| always || nanoseconds != 0)
        }
        Held::Mode => Some(match value {
            Value::Int(mode) => Value::text(format!("0{mode:o}")),
            value => value.clone(),
        }),
        Held::Devices => match value.as_str() {
            Some("all") => Some(Value::Int(-1)),
            Some(text) => match text.parse::<i64>() {
                Ok(number) => Some(Value::Int(number)).filter(not_zero),
                Err(_) => return Err(format!("invalid value \"{text}\", the only value allowed is 'all' or a number")),
            },
            None => Some(Value::Int(whole(value))).filter(not_zero),
        },
        _ => Some(value.clone()),
    })
}

fn not_zero(value: &Value) -> bool {
    *value != Value::Int(0)
}

/// A number, with the digits that are kept of it.
fn number(value: &Value, short: bool) -> Result<Option<Value>, String> {
    let number = match value {
        #[expect(clippy::cast_precision_loss, reason = "Compose keeps no more digits")]
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        value => {
            let text = value.as_str().unwrap_or_default();
            text.parse().map_err(|_| format!("strconv.ParseFloat: parsing \"{text}\": invalid syntax"))?
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "Compose keeps no more digits")]
    let number = if short { (number as f32).to_string().parse().unwrap_or(number) } else { number };
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and not large")]
    let value = if whole { Value::Int(number as i64) } else { Value::Float(number) };
    Ok(Some(value).filter(not_zero))
}
