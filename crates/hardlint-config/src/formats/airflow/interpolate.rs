//! What becomes of a value after it is read: `ConfigParser`'s interpolation, and the variables that Airflow expands.

use super::environment::{self, Environment};
use crate::model::{Piece, Text, Why};

/// How deep Python follows references.
const MAX_DEPTH: usize = 10;
/// Values longer than this are not followed further: references to references grow without bound.
const MAX_LENGTH: usize = 1 << 20;

/// Why a value cannot be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Airflow refuses it, for this reason.
    Refused(String),
    /// It is longer than is followed.
    TooLong,
}

/// `raw` with `%%` and `%(name)s` replaced; `of` gives the raw value of another option that can be named.
pub(super) fn interpolate<'t>(raw: &'t str, of: &dyn Fn(&str) -> Option<&'t str>) -> Result<String, Wrong> {
    let mut out = String::new();
    fill(raw, of, 1, &mut out)?;
    Ok(out)
}

/// Why Airflow refuses `raw` whatever a template puts behind it.
pub(super) fn refused<'t>(raw: &'t str, of: &dyn Fn(&str) -> Option<&'t str>) -> Option<String> {
    let there = |name: &str| of(name).map(|_| "");
    match interpolate(certain(raw), &there) {
        Err(Wrong::Refused(why)) => Some(why),
        _ => None,
    }
}

/// Why Airflow refuses what ends in `raw`, whatever a template puts before it: nothing of that can end in what is here.
pub(super) fn refused_behind(raw: &str) -> Option<String> {
    let own = !raw.starts_with(['%', '(']) && !raw.contains(')');
    match own.then(|| interpolate(raw, &|_| None)) {
        Some(Err(Wrong::Refused(why))) => Some(why),
        _ => None,
    }
}

/// The part of a text that is the same whatever follows it: without a reference that is begun.
fn certain(raw: &str) -> &str {
    let mut next = 0;
    while let Some(at) = raw.get(next..).and_then(|rest| rest.find('%')).map(|at| next + at) {
        let behind = raw.get(at + 1..).unwrap_or_default();
        let named = behind.strip_prefix('(').and_then(|named| named.find(')'));
        next = match named {
            Some(end) if end + 2 < behind.len() => at + end + 3,
            None if !behind.is_empty() && !behind.starts_with('(') => at + 2,
            _ => return raw.get(..at).unwrap_or_default(),
        };
    }
    raw
}

fn fill<'t>(raw: &'t str, of: &dyn Fn(&str) -> Option<&'t str>, depth: usize, out: &mut String) -> Result<(), Wrong> {
    if depth > MAX_DEPTH {
        return Err(Wrong::Refused("its references nest more than 10 deep".to_owned()));
    }
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or_default());
        if out.len() > MAX_LENGTH {
            return Err(Wrong::TooLong);
        }
        let behind = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = behind.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else if let Some(named) = behind.strip_prefix('(') {
            let end =
                named.find(')').filter(|&end| end > 0 && named.get(end + 1..).is_some_and(|s| s.starts_with('s')));
            let Some(end) = end else { return Err(Wrong::Refused("`%(` begins no `%(name)s`".to_owned())) };
            let name = named.get(..end).unwrap_or_default();
            let Some(value) = of(name) else {
                return Err(Wrong::Refused(format!("`%({name})s` names no option of its section")));
            };
            fill(value, of, depth + 1, out)?;
            rest = named.get(end + 2..).unwrap_or_default();
        } else {
            return Err(Wrong::Refused(
                "`%` is followed by neither `%` nor `(`; a percent sign is written `%%`".to_owned(),
            ));
        }
    }
    out.push_str(rest);
    Ok(())
}

/// `value` with the variables of the environment replaced.
pub(super) fn expand(value: &str, environment: &Environment) -> Text {
    let mut pieces = Vec::new();
    expand_into(value, true, environment, &mut pieces);
    Text::from_pieces(pieces)
}

/// The same for a value that may have holes.
pub(super) fn expand_pieces(value: Vec<Piece>, environment: &Environment) -> Text {
    let mut pieces = Vec::new();
    for (index, piece) in value.into_iter().enumerate() {
        match piece {
            Piece::Known(text) => expand_into(&text, index == 0, environment, &mut pieces),
            hole @ Piece::Hole(_) => pieces.push(hole),
        }
    }
    Text::from_pieces(pieces)
}

fn expand_into(value: &str, starts: bool, environment: &Environment, pieces: &mut Vec<Piece>) {
    let mut rest = value;
    if let Some(home) = rest.strip_prefix('~').filter(|rest| starts && (rest.is_empty() || rest.starts_with('/'))) {
        let mut folder = match environment.get("HOME") {
            Some(node) => environment::pieces(&node.value),
            None => Vec::from([Piece::Hole(Why::Variable("HOME".into()))]),
        };
        if let Some(Piece::Known(last)) = folder.last_mut() {
            *last = last.trim_end_matches('/').into();
        }
        pieces.append(&mut folder);
        rest = home;
    }
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        pieces.push(Piece::Known(before.into()));
        let Some((name, length)) = variable(from) else {
            pieces.push(Piece::Known("$".into()));
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        pieces.extend(environment.mention(name, from.get(..length).unwrap_or_default()));
        rest = from.get(length..).unwrap_or_default();
    }
    pieces.push(Piece::Known(rest.into()));
}

/// The name of the variable at the start of `text`, and the length of its mention.
fn variable(text: &str) -> Option<(&str, usize)> {
    let behind = text.strip_prefix('$')?;
    if let Some(braced) = behind.strip_prefix('{') {
        let end = braced.find('}')?;
        return Some((braced.get(..end)?, end + 3));
    }
    let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(behind.len());
    (end > 0).then(|| (behind.get(..end).unwrap_or_default(), end + 1))
}
