//! The dialects that look at one line after the other: `django-environ`, `python-decouple` and `docker run --env-file`.

use super::Assignment;
use crate::model::Text;
use crate::text::{FileId, Loc, Span};

/// The lines of a text, without their ends, each with its place.
fn lines<'t>(text: &'t str, ends: &'t [char]) -> impl Iterator<Item = (usize, &'t str)> {
    let start = text.as_ptr() as usize;
    text.split(ends).map(move |line| (line.as_ptr() as usize - start, line))
}

fn set(file: FileId, name: (usize, &str), value: (usize, &str), says: String) -> Assignment {
    let at = |(start, text): (usize, &str)| Loc::new(file, Span::new(start, start + text.len()));
    Assignment { name: name.1.into(), name_at: at(name), value: Some((Text::Known(says.into()), at(value))) }
}

/// What is left inside a pair of quotes.
fn inside(text: &str, quote: char) -> Option<&str> {
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// A file as `django-environ` reads it: no comments behind a value, and no blanks around `=`.
pub(in crate::formats) fn django_environ(file: FileId, text: &str) -> Vec<Assignment> {
    // What Python's `splitlines` splits at.
    let ends: &[char] = &['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut found = Vec::new();
    for (start, line) in lines(text, ends) {
        let body = line.strip_prefix("export ").unwrap_or(line);
        let start = start + line.len() - body.len();
        let Some((name, value)) = body.split_once('=') else { continue };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let value_at = start + name.len() + 1;
        let single = inside(value, '\'');
        let kept = single.unwrap_or(value);
        let double = inside(kept, '"');
        let says = double.map_or_else(|| kept.to_owned(), unescaped);
        let inner = double.unwrap_or(kept);
        let at = value_at + (value.len() - inner.len()) / 2;
        found.push(set(file, (start, name), (at, inner), says));
    }
    found
}

/// Backslashes of a double-quoted value go, but for those of `\n`, `\r` and `\t`.
fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            Some(c @ ('n' | 'r' | 't')) => result.extend(['\\', c]),
            Some(c) => result.push(c),
            None => result.push('\\'),
        }
    }
    result
}

/// A file as `python-decouple` reads it: no comments behind a value, one pair of quotes taken off, no `export`.
pub(in crate::formats) fn decouple(file: FileId, text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    for (start, line) in lines(text, &['\n', '\r']) {
        let trimmed = line.trim_matches(python_blank);
        let Some((name, value)) = trimmed.split_once('=').filter(|_| !trimmed.starts_with('#')) else { continue };
        let indent = |text: &str| text.len() - text.trim_start_matches(python_blank).len();
        let start = start + indent(line);
        let value_at = start + name.len() + 1 + indent(value);
        let value = value.trim_matches(python_blank);
        let inner = inside(value, '\'').or_else(|| inside(value, '"')).unwrap_or(value);
        let at = value_at + (value.len() - inner.len()) / 2;
        found.push(set(file, (start, name.trim_end_matches(python_blank)), (at, inner), inner.to_owned()));
    }
    found
}

/// What is white space to Python: the separators of ASCII are as well.
pub(super) fn python_blank(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A file as `docker run --env-file` reads it: everything behind the first `=` is the value, quotes too. A name with a
/// blank in it makes the command fail.
pub(super) fn docker(file: FileId, text: &str) -> (Vec<Assignment>, Option<Span>) {
    let mut found = Vec::new();
    for (start, line) in lines(text, &['\n']) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let body = if start == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line }.trim_start();
        let start = start + line.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let (name, value) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.contains([' ', '\t']) {
            return (found, Some(Span::new(start, start + body.len())));
        }
        found.push(if let Some(value) = value {
            set(file, (start, name), (start + name.len() + 1, value), value.to_owned())
        } else {
            let name_at = Loc::new(file, Span::new(start, start + name.len()));
            Assignment { name: name.into(), name_at, value: None }
        });
    }
    (found, None)
}
