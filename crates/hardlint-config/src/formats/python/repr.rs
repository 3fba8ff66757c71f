//! Values as Python's `repr` writes them.

use super::Interp;
use super::value::{Lit, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use crate::model::{Entry, Node, Text, Value, Why};
use std::fmt::Write;

/// The longest that is written.
const MAX_REPR: usize = 256 * 1024;

/// `repr(value)`; why not, where it is not known.
pub(crate) fn repr(interp: &Interp<'_, '_>, val: &Val) -> Result<String, Why> {
    let mut out = String::new();
    write(interp, val, &[], &mut out, 0)?;
    Ok(out)
}

/// Writes a value as it is under some conditions.
fn write(interp: &Interp<'_, '_>, val: &Val, when: &[Lit], out: &mut String, depth: usize) -> Result<(), Why> {
    if depth > 40 || out.len() > MAX_REPR {
        return Err(super::SPENT);
    }
    match &val.py {
        Py::None => out.push_str("None"),
        Py::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
        Py::Int(value) => drop(write!(out, "{value}")),
        Py::Float(value) => out.push_str(&number(*value)),
        Py::Str(known) => match &**known {
            Text::Known(known) => out.push_str(&text(known)),
            Text::Pieces(_) => return Err(why_of(val)),
        },
        Py::Bytes(bytes) => {
            let printed: String = bytes.iter().map(|&byte| byte_repr(byte)).collect();
            let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
            let printed = if quote == '\'' { printed.replace('\'', "\\'") } else { printed };
            let _ = write!(out, "b{quote}{printed}{quote}");
        }
        Py::Tuple(list) => {
            sequence(interp, list, ["(", if list.len() == 1 { ",)" } else { ")" }], when, out, depth)?;
        }
        Py::Ref(id) => {
            let contents = interp.contents(*id).into_iter().filter(|(also, _)| agree(when, also));
            let written = contents.map(|(also, obj)| {
                let when: Vec<Lit> = when.iter().chain(also.iter()).copied().collect();
                let mut out = String::new();
                object(interp, &obj, &when, &mut out, depth).map(|()| out)
            });
            out.push_str(&alike(written)?);
        }
        Py::Path(path) => match &**path {
            Text::Known(known) => drop(write!(out, "PosixPath({})", text(if known.is_empty() { "." } else { known }))),
            Text::Pieces(_) => return Err(why_of(val)),
        },
        Py::Delta(micros) => out.push_str(&delta(*micros)),
        Py::Choice(alts) => {
            let alts = alts.iter().filter(|alt| interp.possible(&alt.when) && agree(when, &alt.when));
            let written = alts.map(|alt| {
                let when: Vec<Lit> = when.iter().chain(alt.when.iter()).copied().collect();
                let mut out = String::new();
                write(interp, &alt.val, &when, &mut out, depth + 1).map(|()| out)
            });
            out.push_str(&alike(written)?);
        }
        _ => return Err(why_of(val)),
    }
    Ok(())
}

fn object(interp: &Interp<'_, '_>, obj: &Obj, when: &[Lit], out: &mut String, depth: usize) -> Result<(), Why> {
    match obj {
        Obj::List(list) => sequence(interp, list, ["[", "]"], when, out, depth)?,
        Obj::Set(list) if list.is_empty() => out.push_str("set()"),
        // The order of a set is that of its hashes, which for text differ from run to run.
        Obj::Set(list) if list.len() == 1 => sequence(interp, list, ["{", "}"], when, out, depth)?,
        Obj::Set(_) => return Err(Why::Runtime("the order of a set".into())),
        Obj::Dict(dict) => {
            if let Some(why) = &dict.open {
                return Err((**why).clone());
            }
            out.push('{');
            for (index, (key, value)) in dict.entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(interp, key, when, out, depth + 1)?;
                out.push_str(": ");
                write(interp, value, when, out, depth + 1)?;
            }
            out.push('}');
        }
        Obj::Unknown(why) => return Err((**why).clone()),
        _ => return Err(NOT_FOLLOWED),
    }
    Ok(())
}

/// Whether conditions can hold together.
pub(super) fn agree(a: &[Lit], b: &[Lit]) -> bool {
    !a.iter().any(|lit| b.contains(&Lit { holds: !lit.holds, ..*lit }))
}

/// What all alternatives are written as, if that is the same.
fn alike(mut written: impl Iterator<Item = Result<String, Why>>) -> Result<String, Why> {
    let first = written.next().unwrap_or(Err(NOT_FOLLOWED));
    for other in written {
        if other.ok() != first.as_ref().ok().cloned() || first.is_err() {
            return Err(DEPENDS);
        }
    }
    first
}

const DEPENDS: Why = Why::Limit("it depends on a condition that is not known");

fn sequence(
    interp: &Interp<'_, '_>,
    list: &[Val],
    ends: [&str; 2],
    when: &[Lit],
    out: &mut String,
    depth: usize,
) -> Result<(), Why> {
    let [start, end] = ends;
    out.push_str(start);
    for (index, val) in list.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(interp, val, when, out, depth + 1)?;
    }
    out.push_str(end);
    Ok(())
}

/// A text in quotes.
pub(crate) fn text(known: &str) -> String {
    let quote = if known.contains('\'') && !known.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(known.len() + 2);
    out.push(quote);
    for c in known.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
    out
}

/// What Python prints as it is; of characters outside ASCII those that settings have.
fn printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{f0000}'..)
}

fn byte_repr(byte: u8) -> String {
    match byte {
        b'\\' => "\\\\".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        0x20..=0x7e => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    }
}

/// A float: the shortest digits that read back the same, with an exponent where Python writes one.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn delta(micros: i64) -> String {
    let days = micros.div_euclid(86_400_000_000);
    let rest = micros.rem_euclid(86_400_000_000);
    let parts = [("days", days), ("seconds", rest / 1_000_000), ("microseconds", rest % 1_000_000)];
    let parts: Vec<String> =
        parts.iter().filter(|(_, count)| *count != 0).map(|(unit, count)| format!("{unit}={count}")).collect();
    if parts.is_empty() {
        "datetime.timedelta(0)".to_owned()
    } else {
        format!("datetime.timedelta({})", parts.join(", "))
    }
}

/// A value of a default, or in a list, as `repr` writes it: its Python type is plain, or not kept.
pub(crate) fn plain(value: &Value) -> Result<String, String> {
    let all = |list: &[Node]| list.iter().map(|node| plain(&node.value)).collect::<Result<Vec<String>, String>>();
    Ok(match value {
        Value::Null => "None".to_owned(),
        Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => number(*value),
        Value::Text(Text::Known(text)) if text.starts_with("datetime.timedelta(") => text.to_string(),
        Value::Text(Text::Known(text)) => self::text(text),
        Value::Text(Text::Pieces(_)) => return Err("a part of it is not known".to_owned()),
        Value::List(list) => format!("[{}]", all(list)?.join(", ")),
        Value::Map(map) => {
            let part = |entry: &Entry| Ok(format!("{}: {}", text(&entry.key), plain(&entry.node.value)?));
            let parts: Result<Vec<String>, String> = map.iter().map(part).collect();
            format!("{{{}}}", parts?.join(", "))
        }
        Value::Unknown(why) => return Err(why.to_string()),
        Value::Choice(_) => return Err("it depends on a condition that is not known".to_owned()),
        Value::Scope(_) => String::new(),
    })
}

/// Where a value comes from, in a word.
pub(crate) fn origin_name(source: &Source) -> &'static str {
    match source {
        Source::Literal => "literal",
        Source::Computed => "computed",
        Source::Environment(_) => "environment",
        Source::EnvironmentDefault(_) => "environment-default",
        Source::Generated => "generated",
        Source::Program => "default",
    }
}
