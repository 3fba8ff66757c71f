//! `python-dotenv`: `export`, quotes over several lines, comments behind a blank, `${NAME}` and `${NAME:-default}`.

use super::lines::python_blank;
use super::{Assignment, Environment};
use crate::model::{MOST_BROUGHT, MOST_BROUGHT_IN_FILE, Piece, Str, TOO_LONG, Text, Why};
use crate::text::{FileId, Loc, Span};
use std::collections::BTreeMap;

/// Reads a file. A line that cannot be read is passed over.
pub(in crate::formats) fn read(file: FileId, text: &str, environment: Environment<'_>) -> Vec<Assignment> {
    let mut reader = Reader { text, at: 0 };
    let mut seen: BTreeMap<Str, Option<Text>> = BTreeMap::new();
    let mut found = Vec::new();
    let mut brought = 0;
    while reader.at < text.len() {
        let Ok(binding) = reader.binding() else {
            let rest = reader.rest();
            reader.at += rest.find(['\n', '\r']).map_or(rest.len(), |end| end + 1);
            continue;
        };
        let Some((name, name_at, value)) = binding else { continue };
        let value = value.map(|(value, at)| {
            let text = if brought > MOST_BROUGHT_IN_FILE && value.contains("${") {
                Text::from_pieces(vec![Piece::Hole(TOO_LONG)])
            } else {
                substituted(&value, &seen, environment)
            };
            brought += text.weight().saturating_sub(value.len());
            (text, Loc::new(file, at))
        });
        seen.insert(name.into(), value.as_ref().map(|(value, _)| value.clone()));
        found.push(Assignment { name: name.into(), name_at: Loc::new(file, name_at), value });
    }
    found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// What does not fit.
struct Unreadable;

/// A name with its place, and what stands behind its `=`.
type Binding<'t> = Option<(&'t str, Span, Option<(String, Span)>)>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes what satisfies `accept`.
    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(|c| !accept(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn binding(&mut self) -> Result<Binding<'t>, Unreadable> {
        self.take(python_blank);
        if self.rest().is_empty() {
            return Ok(None);
        }
        if let Some(behind) = self.rest().strip_prefix("export").filter(|behind| behind.starts_with(blank)) {
            self.at = self.text.len() - behind.len();
            self.take(blank);
        }
        let start = self.at;
        let name = match self.rest().chars().next() {
            Some('#') => None,
            Some('\'') => {
                let inside = self.rest().get(1..).unwrap_or_default();
                let end = inside.find('\'').filter(|&end| end > 0).ok_or(Unreadable)?;
                self.at += end + 2;
                inside.get(..end).map(|name| (name, Span::new(start + 1, start + 1 + end)))
            }
            _ => {
                let name = self.take(|c| c != '=' && c != '#' && !python_blank(c));
                Some((name, Span::new(start, self.at)))
                    .filter(|(name, _)| !name.is_empty())
                    .ok_or(Unreadable)
                    .map(Some)?
            }
        };
        self.take(blank);
        let mut value = None;
        if self.rest().starts_with('=') {
            self.at += 1;
            self.take(blank);
            value = Some(self.value()?);
        }
        let before = self.at;
        self.take(blank);
        if self.rest().starts_with('#') {
            self.take(|c| c != '\n' && c != '\r');
        } else {
            self.at = before;
        }
        self.take(blank);
        if !self.rest().is_empty() && !self.rest().starts_with(['\n', '\r']) {
            return Err(Unreadable);
        }
        self.at += self.rest().len().min(1);
        Ok(name.map(|(name, at)| (name, at, value)))
    }

    fn value(&mut self) -> Result<(String, Span), Unreadable> {
        let start = self.at;
        let quote = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else {
            let line = self.take(|c| c != '\n' && c != '\r');
            let text = uncommented(line).trim_end_matches(python_blank);
            return Ok((text.to_owned(), Span::new(start, start + text.len())));
        };
        let inside = self.rest().get(1..).unwrap_or_default();
        let end = closing(inside, quote).ok_or(Unreadable)?;
        self.at += end + 2;
        // Python reads every end of a line as one newline.
        let text = inside.get(..end).unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
        Ok((unescaped(&text, quote), Span::new(start + 1, start + 1 + end)))
    }
}

fn blank(c: char) -> bool {
    python_blank(c) && c != '\n' && c != '\r'
}

/// Where a quote closes: at the first one without a backslash before it, else at the last one with one.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut last = None;
    for (at, _) in text.match_indices(quote) {
        if !text.get(..at).unwrap_or_default().ends_with('\\') {
            return Some(at);
        }
        last = Some(at);
    }
    last
}

/// A value up to a `#` that blanks stand before.
fn uncommented(line: &str) -> &str {
    let found = line.match_indices('#').find_map(|(at, _)| {
        let before = line.get(..at)?;
        let trimmed = before.trim_end_matches(python_blank);
        (trimmed.len() < before.len()).then_some(trimmed)
    });
    found.unwrap_or(line)
}

fn unescaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.peek().copied().filter(|_| c == '\\').and_then(|next| match (next, quote) {
            ('\\' | '\'', _) | ('"', '"') => Some(next),
            ('a', '"') => Some('\u{7}'),
            ('b', '"') => Some('\u{8}'),
            ('f', '"') => Some('\u{c}'),
            ('n', '"') => Some('\n'),
            ('r', '"') => Some('\r'),
            ('t', '"') => Some('\t'),
            ('v', '"') => Some('\u{b}'),
            _ => None,
        });
        match escaped {
            Some(escaped) => {
                chars.next();
                out.push(escaped);
            }
            None => out.push(c),
        }
    }
    out
}

/// A value with its variables put in: those above in the file, then those of the environment.
fn substituted(value: &str, seen: &BTreeMap<Str, Option<Text>>, environment: Environment<'_>) -> Text {
    let mut pieces = Vec::new();
    let mut brought = 0;
    let mut rest = value;
    let last = value.rfind('}').unwrap_or_default();
    while let Some(start) = rest.find("${") {
        let inside = rest.get(start + 2..).unwrap_or_default();
        // Nothing is closed behind the last brace, which is not looked for again from each of many.
        if value.len() - inside.len() > last {
            break;
        }
        // A name ends at `}` or at `:-`; what else has a colon is no variable.
        let end = inside.find(['}', ':']);
        let name = end.and_then(|end| inside.get(..end));
        let behind = end.and_then(|end| inside.get(end..)).unwrap_or_default();
        let (default, after) = match (behind.strip_prefix('}'), behind.strip_prefix(":-")) {
            (Some(after), _) => (None, Some(after)),
            (_, Some(text)) => match text.split_once('}') {
                Some((default, after)) => (Some(default), Some(after)),
                None => (None, None),
            },
            _ => (None, None),
        };
        let (Some(name), Some(after)) = (name, after) else {
            pieces.push(Piece::Known(rest.get(..start + 2).unwrap_or_default().into()));
            rest = inside;
            continue;
        };
        pieces.push(Piece::Known(rest.get(..start).unwrap_or_default().into()));
        let unset = || Piece::Known(default.unwrap_or_default().into());
        let known = seen.get(name);
        brought += known.and_then(Option::as_ref).map_or(1, Text::weight);
        match (known, environment) {
            _ if brought > MOST_BROUGHT => {
                pieces.push(Piece::Hole(TOO_LONG));
                return Text::from_pieces(pieces);
            }
            (Some(Some(Text::Known(text))), _) => pieces.push(Piece::Known(text.clone())),
            (Some(Some(Text::Pieces(inner))), _) => pieces.extend(inner.iter().cloned()),
            (Some(None), _) => {}
            (None, Some(environment)) => {
                pieces.push(environment.get(name).map_or_else(unset, |text| Piece::Known(text.as_str().into())));
            }
            (None, None) => pieces.push(Piece::Hole(Why::Variable(name.into()))),
        }
        rest = after;
    }
    pieces.push(Piece::Known(rest.into()));
    Text::from_pieces(pieces)
}
