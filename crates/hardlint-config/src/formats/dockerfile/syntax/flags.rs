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
pub(super) fn flags(line: &Joined, start: usize, end: usize) -> (Vec<Flag>, (usize, usize)) {
    let mut flags = Vec::new();
    let mut at = start;
    loop {
        let rest = line.slice(at, end);
        at += rest.len() - rest.trim_start_matches(super::is_space).len();
        if !line.slice(at, end).starts_with("--") {
            return (flags, (at, end));
        }
        let (word, next) = word(line, at, end);
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
///
/// `BuildKit` takes flags apart byte by byte: each byte becomes a character, so that `é` is two of them there. And what
/// escapes here is `\`, whatever the file's directive says.
fn word(line: &Joined, start: usize, end: usize) -> (Joined, usize) {
    let mut word = Joined::default();
    let mut quote = None;
    let mut chars = line.slice(start, end).char_indices();
    while let Some((index, c)) = chars.next() {
        let at = start + index;
        match quote {
            None if super::is_space(c) => return (word, at),
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(mark) if c == mark => quote = None,
            _ if c == '\\' => {
                if let Some((index, c)) = chars.next() {
                    push(&mut word, line, start + index, c);
                }
            }
            _ => push(&mut word, line, at, c),
        }
    }
    (word, end)
}

fn push(word: &mut Joined, line: &Joined, at: usize, c: char) {
    let end = at + c.len_utf8();
    if c.is_ascii() {
        return word.push_from(line, at, end);
    }
    let bytes: String = line.slice(at, end).bytes().map(char::from).collect();
    word.push_as(&bytes, line.span(at, end));
}
