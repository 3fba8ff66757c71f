//! The flags of an instruction: `--mount=type=secret,id=x`, `--from=build`.

use crate::syntax::joined::Joined;
use crate::text::Span;

/// A flag as it is written; whether its instruction has such a flag is asked elsewhere.
#[derive(Debug)]
pub(in crate::formats::dockerfile) struct Flag {
    /// The name, without its dashes.
    pub(in crate::formats::dockerfile) name: String,
    /// The value, without its quotes; `None` where there is no `=`.
    pub(in crate::formats::dockerfile) value: Option<Joined>,
    /// Where it stands.
    pub(in crate::formats::dockerfile) at: Span,
}

impl Flag {
    /// The value as text; empty where there is none.
    pub(in crate::formats::dockerfile) fn text(&self) -> &str {
        self.value.as_ref().map_or("", Joined::text)
    }

    /// Where the value stands; the whole flag where it has none.
    pub(in crate::formats::dockerfile) fn value_at(&self) -> Span {
        match &self.value {
            Some(value) if !value.text().is_empty() => value.span(0, value.text().len()),
            _ => self.at,
        }
    }
}

/// The flags at the start of an instruction's arguments, and where the arguments proper begin and end.
pub(super) fn flags(line: &Joined, start: usize, end: usize, escape: char) -> (Vec<Flag>, (usize, usize)) {
    let mut flags = Vec::new();
    let mut at = start;
    loop {
        let rest = line.slice(at, end);
        at += rest.len() - rest.trim_start_matches(super::is_space).len();
        if !line.slice(at, end).starts_with("--") {
            return (flags, (at, end));
        }
        let (word, next) = word(line, at, end, escape);
        if word.text() == "--" {
            let rest = line.slice(next, end);
            return (flags, (next + rest.len() - rest.trim_start_matches(super::is_space).len(), end));
        }
        flags.push(flag(&word, line.span(at, next)));
        at = next;
    }
}

fn flag(word: &Joined, at: Span) -> Flag {
    let text = word.text();
    let body = text.strip_prefix("--").map_or(0, |_| 2);
    let (name, value) = match text.get(body..).and_then(|rest| rest.split_once('=')) {
        Some((name, _)) => {
            let mut value = Joined::default();
            value.push_from(word, body + name.len() + 1, text.len());
            (name, Some(value))
        }
        None => (text.get(body..).unwrap_or_default(), None),
    };
    Flag { name: name.to_owned(), value, at }
}

/// One word without its quotes and escapes, and where it ends.
fn word(line: &Joined, start: usize, end: usize, escape: char) -> (Joined, usize) {
    let mut word = Joined::default();
    let mut quote = None;
    let mut chars = line.slice(start, end).char_indices();
    while let Some((index, c)) = chars.next() {
        let at = start + index;
        match quote {
            None if super::is_space(c) => return (word, at),
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(mark) if c == mark => quote = None,
            _ if c == escape => {
                if let Some((index, c)) = chars.next() {
                    word.push_from(line, start + index, start + index + c.len_utf8());
                }
            }
            _ => word.push_from(line, at, at + c.len_utf8()),
        }
    }
    (word, end)
}
