//! What becomes of a value after it is read: `ConfigParser`'s interpolation, and the variables that Airflow expands.

use crate::model::{Piece, Text, Why};
use std::collections::BTreeMap;

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

/// `value` with variables of the environment replaced, which is unknown where it is `None`.
pub(super) fn expand(value: &str, environment: Option<&BTreeMap<String, String>>) -> Text {
    let mut pieces = Vec::new();
    let mut rest = value;
    if let Some(home) = rest.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        pieces.push(match environment.and_then(|environment| environment.get("HOME")) {
            Some(home) => Piece::Known(home.trim_end_matches('/').into()),
            None => Piece::Hole(Why::Variable("HOME".into())),
        });
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
        let written = from.get(..length).unwrap_or_default();
        pieces.push(match environment.map(|environment| environment.get(name)) {
            None => Piece::Hole(Why::Variable(name.into())),
            Some(Some(value)) => Piece::Known(value.as_str().into()),
            // What is not set stays as it is written.
            Some(None) => Piece::Known(written.into()),
        });
        rest = from.get(length..).unwrap_or_default();
    }
    pieces.push(Piece::Known(rest.into()));
    Text::from_pieces(pieces)
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
