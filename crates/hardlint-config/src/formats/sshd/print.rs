//! Values as `sshd -T` prints them.

use super::keywords::{Again, Arg, KEYWORDS, Keyword};
use crate::formats::Printed;
use crate::model::{Model, Node, Piece, Text, Value, Why};
use crate::schema::KeyId;

/// A value of `key`: several lines for keywords that add up, one for all others.
pub(super) fn print(_: &Model, key: KeyId, value: &Value) -> Printed {
    let Some(row) = KEYWORDS.get(usize::from(key.0)) else {
        return Printed::Unknown("there is no such keyword".to_owned());
    };
    let printed = printed(row, value);
    match (row.name, &printed) {
        // Of two names of one level sshd prints the first of its table.
        ("loglevel", Printed::One(level)) if level == "QUIET" => Printed::One("SILENT".to_owned()),
        // It forgets the path, and prints what `printf` makes of none.
        ("hostkey" | "hostcertificate", Printed::One(path)) if path == "none" => Printed::One(NO_PATH.to_owned()),
        ("hostkey" | "hostcertificate", Printed::Many(paths)) if paths.iter().any(|path| path == "none") => {
            let shown = |path: &String| if path == "none" { NO_PATH.to_owned() } else { path.clone() };
            Printed::Many(paths.iter().map(shown).collect())
        }
        // An empty list has no line.
        ("channeltimeout", Printed::One(text)) if text.is_empty() => Printed::Many(Vec::new()),
        _ => printed,
    }
}

/// How a path that there is not is printed.
const NO_PATH: &str = "(null)";

fn printed(row: &Keyword, value: &Value) -> Printed {
    let Value::List(elements) = value else {
        return match scalar(value) {
            // The time is none if no line sets it.
            Ok(text) if row.arg == Arg::RekeyLimit && !text.contains(' ') => Printed::One(format!("{text} 0")),
            Ok(text) => Printed::One(text),
            Err(why) => Printed::Unknown(why.to_string()),
        };
    };
    let texts: Result<Vec<String>, Why> = elements.iter().map(|Node { value, .. }| scalar(value)).collect();
    let mut texts = match texts {
        Ok(texts) => texts,
        Err(why) => return Printed::Unknown(why.to_string()),
    };
    let lines = matches!(row.again, Again::Adds | Again::AddsName) || row.name == "setenv";
    match (lines, texts.len()) {
        (true, 1) => Printed::One(texts.pop().unwrap_or_default()),
        (true, _) => Printed::Many(texts),
        (false, _) => {
            let comma = matches!(row.arg, Arg::Algorithms(_)) || row.name == "gssapikexalgorithms";
            Printed::One(texts.join(if comma { "," } else { " " }))
        }
    }
}

fn scalar(value: &Value) -> Result<String, Why> {
    match value {
        Value::Bool(true) => Ok("yes".to_owned()),
        Value::Bool(false) => Ok("no".to_owned()),
        Value::Int(number) => Ok(number.to_string()),
        Value::Text(Text::Known(text)) => Ok(text.to_string()),
        Value::Text(Text::Pieces(pieces)) => {
            let hole = pieces.iter().find_map(|piece| match piece {
                Piece::Hole(why) => Some(why.clone()),
                Piece::Known(_) => None,
            });
            Err(hole.unwrap_or(Why::Limit("the value has a hole")))
        }
        Value::Unknown(why) => Err(why.clone()),
        _ => Err(Why::Limit("the value has no printed form")),
    }
}

/// A value as text on one line.
pub(super) fn shown(row: &Keyword, value: &Value) -> Value {
    match printed(row, value) {
        Printed::One(text) => Value::text(text),
        Printed::Many(lines) => Value::text(lines.join(" ")),
        Printed::Unknown(why) => Value::Unknown(Why::Runtime(why.into())),
    }
}

/// Whether two values are the same to sshd; nothing where one of them is unknown.
pub(super) fn same(row: &Keyword, a: &Value, b: &Value) -> Option<bool> {
    match (printed(row, a), printed(row, b)) {
        (Printed::Unknown(_), _) | (_, Printed::Unknown(_)) => None,
        (a, b) => Some(a == b),
    }
}
