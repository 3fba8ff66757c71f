//! Filters, tests and methods of Jinja and Ansible that configuration files are written with.

use super::expression::Arguments;
use super::value::Value;

/// Longer texts are not made.
const MAX_MADE: usize = 1 << 20;

/// What a filter makes of a value.
pub(super) fn filter(name: &str, value: Value, arguments: &Arguments) -> Value {
    let first = arguments.plain.first();
    let text_of = |value: &Value| value.printed();
    match name {
        "default" | "d" => return default(value, arguments),
        "ternary" => {
            let (Some(holds), Some(other)) = (first, arguments.plain.get(1)) else { return Value::Unknown };
            return match value.truth() {
                Some(true) => holds.clone(),
                Some(false) => other.clone(),
                None => Value::Unknown,
            };
        }
        _ if matches!(value, Value::Unknown | Value::Undefined) => return Value::Unknown,
        _ => {}
    }
    let text = |made: Option<String>| made.map_or(Value::Unknown, Value::Text);
    match (name, &value) {
        ("lower", _) => text(text_of(&value).map(|text| text.to_lowercase())),
        ("upper", _) => text(text_of(&value).map(|text| text.to_uppercase())),
        ("trim", _) => text(text_of(&value).map(|text| text.trim().to_owned())),
        ("string", _) => text(text_of(&value)),
        ("int", Value::Int(_)) | ("bool", Value::Bool(_)) | ("list", Value::List(_)) => value,
        ("int", Value::Text(number)) => number.trim().parse().map_or(Value::Unknown, Value::Int),
        ("bool", _) => Value::Bool(text_of(&value).is_some_and(|text| is_true(&text))),
        ("first", Value::List(items)) => items.first().cloned().unwrap_or(Value::Unknown),
        ("last", Value::List(items)) => items.last().cloned().unwrap_or(Value::Unknown),
        ("length" | "count", Value::List(items)) => i64::try_from(items.len()).map_or(Value::Unknown, Value::Int),
        ("length" | "count", Value::Text(text)) => {
            i64::try_from(text.chars().count()).map_or(Value::Unknown, Value::Int)
        }
        ("join", Value::List(items)) => {
            let between = first.map_or(Some(String::new()), text_of);
            let items: Option<Vec<String>> = items.iter().map(text_of).collect();
            let short = |(items, between): &(Vec<String>, String)| items.len() * between.len() < MAX_MADE;
            text(items.zip(between).filter(short).map(|(items, between)| items.join(&between)))
        }
        ("replace", Value::Text(whole)) => match (first, arguments.plain.get(1)) {
            (Some(Value::Text(old)), Some(Value::Text(new)))
                if !old.is_empty() && whole.len() * (new.len() + 1) < MAX_MADE =>
            {
                Value::Text(whole.replace(old, new))
            }
            _ => Value::Unknown,
        },
        ("unique", Value::List(items)) => {
            let mut kept: Vec<Value> = Vec::new();
            for item in items {
                if !kept.contains(item) {
                    kept.push(item.clone());
                }
            }
            Value::List(kept)
        }
        ("dictsort" | "items", Value::Map(entries)) => {
            let mut entries = entries.clone();
            if name == "dictsort" {
                entries.sort_by_key(|(name, _)| name.to_lowercase());
            }
            Value::List(entries.into_iter().map(|(key, value)| Value::List(vec![Value::Text(key), value])).collect())
        }
        ("dict2items", Value::Map(entries)) => {
            let item = |(key, value): &(String, Value)| {
                Value::Map(vec![("key".to_owned(), Value::Text(key.clone())), ("value".to_owned(), value.clone())])
            };
            Value::List(entries.iter().map(item).collect())
        }
        _ => Value::Unknown,
    }
}

/// What holds where nothing sets a variable. A second argument also takes what is set and empty for missing.
fn default(value: Value, arguments: &Arguments) -> Value {
    let Some(other) = arguments.plain.first().or(arguments.named.first().map(|(_, value)| value)) else {
        return Value::Unknown;
    };
    let empty = arguments.plain.get(1).or_else(|| Some(&arguments.named.iter().find(|(name, _)| name == "boolean")?.1));
    match (&value, value.truth(), empty.and_then(Value::truth)) {
        (Value::Undefined, ..) | (_, Some(false), Some(true)) => other.clone(),
        (Value::Unknown, ..) => Value::Unknown,
        _ => value,
    }
}

/// What Ansible takes for true.
fn is_true(text: &str) -> bool {
    ["yes", "on", "1", "true", "y", "t"].contains(&text.to_ascii_lowercase().as_str())
}

/// Whether a test holds. What no file at hand sets may be set all the same.
pub(super) fn test(name: &str, value: &Value, arguments: &[Value]) -> Option<bool> {
    match (name, value) {
        (_, Value::Unknown | Value::Undefined) => None,
        ("defined", _) => Some(true),
        ("undefined", _) => Some(false),
        ("none", _) => Some(*value == Value::None),
        ("string", _) => Some(matches!(value, Value::Text(_))),
        ("mapping", _) => Some(matches!(value, Value::Map(_))),
        ("number", _) => Some(matches!(value, Value::Int(_))),
        ("boolean", _) => Some(matches!(value, Value::Bool(_))),
        ("iterable" | "sequence", _) => Some(matches!(value, Value::Text(_) | Value::List(_) | Value::Map(_))),
        ("sameas" | "equalto" | "eq", _) => {
            let other = arguments.first().filter(|other| other.is_known())?;
            Some(value == other)
        }
        ("true" | "truthy", _) if name == "truthy" || matches!(value, Value::Bool(_)) => value.truth(),
        _ => None,
    }
}

/// What a method gives.
pub(super) fn method(name: &str, value: &Value, arguments: &Arguments) -> Value {
    let none = Arguments { plain: Vec::new(), named: Vec::new() };
    match (name, value, arguments.plain.first()) {
        ("items", Value::Map(_), None) => filter("items", value.clone(), &none),
        ("lower" | "upper", Value::Text(_), None) => filter(name, value.clone(), &none),
        ("strip", Value::Text(_), None) => filter("trim", value.clone(), &none),
        ("split", Value::Text(text), Some(Value::Text(between))) if !between.is_empty() => {
            Value::List(text.split(between.as_str()).map(|part| Value::Text(part.to_owned())).collect())
        }
        ("split", Value::Text(text), None) => {
            Value::List(text.split_whitespace().map(|part| Value::Text(part.to_owned())).collect())
        }
        ("get", Value::Map(entries), Some(Value::Text(key))) => {
            match (entries.iter().find(|(name, _)| name == key), arguments.plain.get(1)) {
                (Some((_, value)), _) => value.clone(),
                (None, Some(other)) => other.clone(),
                (None, None) => Value::None,
            }
        }
        _ => Value::Unknown,
    }
}
