//! Values as messages print them: as the source spells them, short, and never a secret.

use crate::expr::ir::Ir;
use crate::expr::value::{Bound, Entries, Items, List, Mark, MarkKind, V};
use hardlint_config::model::{Model, Node, Piece, Str, Text, Value};
use hardlint_config::secrets;
use hardlint_config::workspace::Reader;

/// How many characters of a value are printed.
const MAX_LENGTH: usize = 80;

/// The value that `ir` has, which was read with this evidence.
pub(crate) fn value(model: &Model, reader: &Reader<'_>, ir: &Ir, value: &V<'_>, marks: &[Mark<'_>]) -> String {
    let read = match (value, ir) {
        // A list is no evidence as such; its own mark says where it was read.
        (V::List(list), _) => list.mark.or(list.owner),
        (V::Map(map), _) => map.mark,
        (_, Ir::Label(_)) => None,
        _ => marks.last().copied(),
    };
    if let Some(mark) = read.filter(|mark| is_secret(model, mark)) {
        return secret(model, reader, &mark, value);
    }
    let text = match (value, read) {
        (V::List(list), _) => self::list(reader, list),
        (_, Some(mark)) => spelt(reader, &mark).unwrap_or_else(|| plain(value)),
        _ => plain(value),
    };
    cut(&text)
}

/// A node's value, for the trace of `explain`.
pub(crate) fn node(model: &Model, reader: &Reader<'_>, mark: &Mark<'_>) -> String {
    let Some(node) = mark.node else { return String::new() };
    if is_secret(model, mark) {
        return secret(model, reader, mark, &V::Text(text_of(&node.value).into()));
    }
    let text = match &node.value {
        Value::List(nodes) => {
            let all: Vec<String> =
                nodes.iter().map(|node| source(reader, node).unwrap_or_else(|| text_of(&node.value))).collect();
            all.join(", ")
        }
        Value::Text(Text::Known(text)) if text.is_empty() => "\"\"".to_owned(),
        // What was made of the source, as the modifier of `location /x`, is not what stands there.
        Value::Text(Text::Known(text)) => spelt(reader, mark)
            .filter(|source| source.contains(&**text) || source.eq_ignore_ascii_case(text))
            .unwrap_or_else(|| text.to_string()),
        _ => spelt(reader, mark).unwrap_or_else(|| text_of(&node.value)),
    };
    cut(&text)
}

fn is_secret(model: &Model, mark: &Mark<'_>) -> bool {
    mark.key.and_then(|key| model.format.schema.get(key)).is_some_and(|key| key.secret)
}

fn secret(model: &Model, reader: &Reader<'_>, mark: &Mark<'_>, value: &V<'_>) -> String {
    let named = mark.node.and_then(|node| node.name_at).map(|at| reader.slice(at)).filter(|name| !name.is_empty());
    let name = named.or_else(|| mark.key.map(|key| model.key_name(key))).unwrap_or_default();
    match value {
        V::Text(text) => format!("{name} ({} characters)", text.chars().count()),
        _ => name.to_owned(),
    }
}

/// What the elements of a list say, if it is one and none is a secret.
pub(crate) fn elements(model: &Model, value: &V<'_>) -> Vec<Str> {
    let V::List(list) = value else { return Vec::new() };
    if list.mark.or(list.owner).is_some_and(|mark| is_secret(model, &mark)) {
        return Vec::new();
    }
    match &list.items {
        Items::Nodes(nodes) => nodes.iter().map(|node| text_of(&node.value).into()).collect(),
        Items::Made(items) => {
            let texts = items.iter().filter_map(|item| match &item.bound {
                Bound::Node(node, _) => Some(text_of(&node.value).into()),
                Bound::Made(value, _) => Some(plain(value).into()),
                Bound::Scope(..) => None,
            });
            texts.collect()
        }
        Items::Scopes(_) => Vec::new(),
    }
}

fn list(reader: &Reader<'_>, list: &List<'_>) -> String {
    let all: Vec<String> = match &list.items {
        Items::Nodes(nodes) => {
            nodes.iter().map(|node| source(reader, node).unwrap_or_else(|| text_of(&node.value))).collect()
        }
        Items::Scopes(scopes) => vec![format!("{} scopes", scopes.len())],
        Items::Made(items) => {
            let printed = items.iter().map(|item| match &item.bound {
                Bound::Node(node, _) => source(reader, node).unwrap_or_else(|| text_of(&node.value)),
                Bound::Made(value, _) => plain(value),
                Bound::Scope(..) => String::new(),
            });
            printed.collect()
        }
    };
    all.join(", ")
}

/// What stands at the place of a value that is written there; nothing for what stands elsewhere or on several lines.
fn spelt(reader: &Reader<'_>, mark: &Mark<'_>) -> Option<String> {
    let node = mark.node.filter(|_| matches!(mark.kind, MarkKind::Set | MarkKind::Inherited))?;
    source(reader, node)
}

fn source(reader: &Reader<'_>, node: &Node) -> Option<String> {
    let written = node.origin == hardlint_config::model::Origin::Set;
    let text = if written { reader.slice(node.at) } else { "" };
    (!text.is_empty() && !text.contains('\n')).then(|| text.to_owned())
}

fn plain(value: &V<'_>) -> String {
    match value {
        V::Null => "null".to_owned(),
        V::Bool(known) => known.to_string(),
        V::Int(number) => number.to_string(),
        V::Float(number) => number.to_string(),
        V::Text(text) => text.to_string(),
        V::Pieces(pieces) => pieces_text(pieces),
        V::Map(map) => match &map.entries {
            Entries::Nodes(entries) => entries.iter().map(|entry| &*entry.key).collect::<Vec<_>>().join(", "),
            Entries::Made(_) => String::new(),
        },
        V::Between(..) | V::List(_) | V::Scope(_) | V::Unknown(_) => "?".to_owned(),
    }
}

pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(known) => known.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(Text::Known(text)) => text.to_string(),
        Value::Text(Text::Pieces(pieces)) => pieces_text(pieces),
        Value::List(nodes) => {
            nodes.iter().take(MAX_LENGTH).map(|node| scalar(&node.value)).collect::<Vec<_>>().join(", ")
        }
        Value::Map(entries) => entries.iter().map(|entry| &*entry.key).collect::<Vec<_>>().join(", "),
        Value::Scope(_) | Value::Choice(_) | Value::Unknown(_) => "?".to_owned(),
    }
}

/// As [`text_of`], without going deeper: what nests in a list is told by its size alone.
fn scalar(value: &Value) -> String {
    match value {
        Value::List(nodes) => format!("[{}]", nodes.len()),
        other => text_of(other),
    }
}

fn pieces_text(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Known(text) => text.to_string(),
        Piece::Hole(_) => "…".to_owned(),
    };
    pieces.iter().map(text).collect()
}

/// At most [`MAX_LENGTH`] characters, on one line.
fn cut(text: &str) -> String {
    // Before it is cut: half an address does not show that it has a password.
    let text = &*secrets::hide(text);
    let mut line: String = text.chars().take(MAX_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_LENGTH).is_some() {
        line.pop();
        line.push('…');
    }
    line
}
