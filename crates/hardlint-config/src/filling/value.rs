//! Values that templates are filled with, as YAML writes them and as Jinja prints and tests them.

use crate::syntax::yaml::{Document, ItemId, Kind};

/// Deeper and longer values are not looked into.
const MAX_DEPTH: usize = 16;
const MAX_ITEMS: usize = 1_000;

/// A value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Decided where nothing at hand says, or by what is not understood.
    Unknown,
    /// No file at hand names it.
    Undefined,
    None,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Value {
    /// What stands in the file in the place of the expression; nothing for what is not known, and for lists, which nobody means
    /// to write as Python does.
    pub(super) fn printed(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(number) => Some(number.to_string()),
            Self::Bool(true) => Some("True".to_owned()),
            Self::Bool(false) => Some("False".to_owned()),
            _ => None,
        }
    }

    /// Whether a condition takes it as true.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Unknown | Self::Undefined => return None,
            Self::None => false,
            Self::Bool(holds) => *holds,
            Self::Int(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
        })
    }

    /// Whether it, and all in it, is known.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Unknown | Self::Undefined => false,
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(entries) => entries.iter().all(|(_, value)| value.is_known()),
            _ => true,
        }
    }

    /// How much work it is to copy it, roughly.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => 1 + text.len() / 64,
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Map(entries) => {
                1 + entries.iter().map(|(name, value)| 1 + name.len() / 64 + value.size()).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// What a name or an index picks of it.
    pub(super) fn part(&self, key: &Self) -> Self {
        match (self, key) {
            (Self::Map(entries), Self::Text(key)) => {
                let found = entries.iter().rev().find(|(name, _)| name == key);
                found.map_or(Self::Unknown, |(_, value)| value.clone())
            }
            (Self::List(items), Self::Int(index)) => {
                let index = usize::try_from(*index).ok();
                index.and_then(|index| items.get(index)).cloned().unwrap_or(Self::Unknown)
            }
            (Self::Undefined, _) => Self::Undefined,
            _ => Self::Unknown,
        }
    }
}

/// The value that an item of YAML is to Ansible, which reads YAML 1.1.
pub(super) fn of_yaml(document: &Document, id: ItemId, depth: usize) -> Value {
    let Some(item) = document.get(id).filter(|_| depth < MAX_DEPTH) else { return Value::Unknown };
    if item.tag.as_ref().is_some_and(|tag| &**tag != "!unsafe") {
        // `!vault`, above all.
        return Value::Unknown;
    }
    match &item.kind {
        Kind::Scalar { text, plain: true } => of_plain(text),
        Kind::Scalar { text, plain: false } => Value::Text(text.to_string()),
        Kind::Sequence(items) if items.len() > MAX_ITEMS => Value::Unknown,
        Kind::Mapping(entries) if entries.len() > MAX_ITEMS => Value::Unknown,
        Kind::Sequence(items) => Value::List(items.iter().map(|item| of_yaml(document, *item, depth + 1)).collect()),
        Kind::Mapping(entries) => {
            let entry = |(key, value): &(ItemId, ItemId)| {
                let name = key_of(document, *key).filter(|name| *name != "<<")?;
                Some((name.to_owned(), of_yaml(document, *value, depth + 1)))
            };
            // What a merge brings in is not followed, so that nothing is known of a mapping that has one.
            let all: Option<Vec<_>> = entries.iter().map(entry).collect();
            all.map_or(Value::Unknown, Value::Map)
        }
        Kind::Alias(target) => of_yaml(document, *target, depth + 1),
        Kind::Dangling(_) => Value::Unknown,
    }
}

/// The text of a key.
pub(super) fn key_of(document: &Document, id: ItemId) -> Option<&str> {
    match &document.get(id)?.kind {
        Kind::Scalar { text, .. } => Some(text),
        _ => None,
    }
}

fn of_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::None,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // With a zero before them they are octal.
        let octal = digits.len() > 1 && digits.starts_with('0');
        return text.parse().ok().filter(|_| !octal).map_or(Value::Unknown, Value::Int);
    }
    let like_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | ':' | '-' | '+' | 'e' | 'E' | 'x' | 'o');
    let address = text.bytes().filter(|byte| *byte == b'.').count() == 3 || text.contains("::");
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+'))
        && text.chars().all(like_number)
        && !address
    {
        // Numbers are printed in another way than they are written, and `22:30` is one as well.
        return decimal(text).map_or(Value::Unknown, |text| Value::Text(text.to_owned()));
    }
    Value::Text(text.to_owned())
}

/// A number with a point that Python prints as it is written.
fn decimal(text: &str) -> Option<&str> {
    let (whole, part) = text.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.len() < 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = whole == "0" || !whole.starts_with('0');
    (digits(whole) && digits(part) && plain && (part == "0" || !part.ends_with('0'))).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_those_of_yaml_1_1() {
        for (text, expected) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("~", Value::None),
            ("22", Value::Int(22)),
            ("-1", Value::Int(-1)),
            ("0644", Value::Unknown),
            ("22:30", Value::Unknown),
            ("1.2", Value::Text("1.2".to_owned())),
            ("1.20", Value::Unknown),
            ("1_000", Value::Unknown),
            ("0.0.0.0", Value::Text("0.0.0.0".to_owned())),
            ("::", Value::Text("::".to_owned())),
            ("0.0.0.0/0", Value::Text("0.0.0.0/0".to_owned())),
            ("prohibit-password", Value::Text("prohibit-password".to_owned())),
        ] {
            assert_eq!(of_plain(text), expected, "{text}");
        }
    }
}
