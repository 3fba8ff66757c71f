//! `.env` and `env_file` in Compose's dialect: `export`, `=` or `:`, quotes, comments after a space, variables.

use super::interpolate::{self, Environment, Variable};
use crate::formats::env::Assignment;
use crate::model::{MOST_BROUGHT_IN_FILE, Piece, Str, TOO_LONG, Text};
use crate::text::{FileId, Loc, Span};
use std::borrow::Cow;

/// Reads a file. Values see `environment` first, then the lines above.
pub(super) fn read(file: FileId, text: &str, environment: &Environment) -> (Vec<Assignment>, Option<Span>) {
    read_after(file, text, environment, &mut environment.clone())
}

/// Reads a file after others: `seen` is `environment` with what their lines set, and has those of this one afterwards.
pub(super) fn read_after(
    file: FileId,
    text: &str,
    environment: &Environment,
    seen: &mut Environment,
) -> (Vec<Assignment>, Option<Span>) {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, line: 1 };
    let mut found = Vec::new();
    let mut brought = 0;
    while let Some(line) = reader.next() {
        let Ok(line) = line else { return (found, Some(line_at(text, reader.line))) };
        let loc = |span| Loc::new(file, span);
        let name: Str = line.name.into();
        let mut fault = None;
        let value = line.value.map(|raw| {
            let mut put_in = |text: &str| {
                if brought > MOST_BROUGHT_IN_FILE && text.contains('$') {
                    return Text::from_pieces(vec![Piece::Hole(TOO_LONG)]);
                }
                let made = interpolate::interpolate(text, seen);
                fault = made.fault.map(|_| raw.span);
                brought += made.text.weight().saturating_sub(text.len());
                made.text
            };
            let value = match raw.quote {
                Some('\'') => Text::Known(raw.text.into_owned().into()),
                Some(_) => put_in(&unescape(&raw.text)),
                None => put_in(&raw.text),
            };
            (value, loc(raw.span))
        });
        if fault.is_some() {
            return (found, fault);
        }
        let line = Assignment { name, name_at: loc(line.name_at), value };
        see(&line, environment, seen);
        found.push(line);
    }
    (found, None)
}

/// Lets later lines see one, unless the environment decides.
fn see(line: &Assignment, environment: &Environment, seen: &mut Environment) {
    if let Some((value, at)) = line.value.as_ref().filter(|_| environment.get(&line.name).is_none()) {
        seen.set(&line.name, Variable { value: value.clone(), at: Some(*at) });
    }
}

/// A line by its number, without the blanks around it.
fn line_at(text: &str, number: usize) -> Span {
    let mut lines = text.split_inclusive('\n').scan(0, |next, line| {
        *next += line.len();
        Some((*next - line.len(), line))
    });
    let (start, line) = lines.nth(number - 1).unwrap_or((text.len(), ""));
    let inner = line.trim();
    let start = start + line.find(inner).unwrap_or_default();
    Span::new(start, start + inner.len())
}

/// Reads a file by itself, in an environment that may be known.
pub(in crate::formats) fn variables(
    file: FileId,
    text: &str,
    given: crate::formats::env::Environment<'_>,
) -> (Vec<Assignment>, Option<Span>) {
    let mut environment = Environment::default();
    environment.closed = given.is_some();
    for (name, value) in given.into_iter().flatten() {
        environment.set(name, Variable { value: Text::Known(value.as_str().into()), at: None });
    }
    read(file, text, &environment)
}

/// Reads a file as `format: raw`: everything behind the first `=` is the value. Later files see it as they see others.
pub(super) fn read_raw(
    file: FileId,
    text: &str,
    environment: &Environment,
    seen: &mut Environment,
) -> (Vec<Assignment>, Option<Span>) {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let body = content.trim_start();
        let lead = content.len() - body.len();
        let span = |from: usize, to: usize| Span::new(start + lead + from, start + lead + to);
        if !body.is_empty() && !body.starts_with('#') {
            let (name, value) = match body.split_once('=') {
                Some((name, value)) => {
                    (name, Some((Text::Known(value.into()), Loc::new(file, span(name.len() + 1, body.len())))))
                }
                None => (body, None),
            };
            let name_at = span(0, name.len());
            if name.is_empty() || name.contains(char::is_whitespace) {
                return (found, Some(name_at));
            }
            let line = Assignment { name: name.into(), name_at: Loc::new(file, name_at), value };
            see(&line, environment, seen);
            found.push(line);
        }
        start += line.len();
    }
    (found, None)
}

struct Line<'t> {
    name: &'t str,
    name_at: Span,
    value: Option<Raw<'t>>,
}

struct Raw<'t> {
    /// What stands in the quotes, those in it without the backslashes before them.
    text: Cow<'t, str>,
    span: Span,
    quote: Option<char>,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// The number of the line, as Compose counts: it tells this one when it gives up.
    line: usize,
}

/// Compose gives up.
struct Refused;

impl<'t> Reader<'t> {
    /// The next line with something in it.
    fn next(&mut self) -> Option<Result<Line<'t>, Refused>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let body = rest.trim_start();
            self.skip(rest.len() - body.len());
            if body.is_empty() {
                return None;
            }
            if !body.starts_with('#') {
                return Some(self.statement(body));
            }
            self.at += body.find('\n').unwrap_or(body.len());
        }
    }

    /// Goes on, and counts the lines.
    fn skip(&mut self, length: usize) {
        let passed = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed.as_bytes()).count();
        self.at += length;
    }

    fn statement(&mut self, rest: &'t str) -> Result<Line<'t>, Refused> {
        let exported =
            rest.strip_prefix("export").filter(|behind| behind.starts_with(['\t', '\n', '\u{c}', '\r', ' ']));
        let body = exported.map_or(rest, |behind| behind.trim_start_matches(blank));
        self.at += rest.len() - body.len();
        let start = self.at;
        let named = |c: char| blank(c) || c.is_alphanumeric() || "_.-[]".contains(c);
        let end = body.find(|c| !named(c)).unwrap_or(body.len());
        let before = body.get(..end).unwrap_or_default();
        let name = before.trim_end();
        let name_at = Span::new(start, start + name.len());
        match body.get(end..).and_then(|behind| behind.chars().next()) {
            Some('=' | ':') => {
                self.at += end + 1;
                if name.contains(' ') {
                    return Err(Refused);
                }
                Ok(Line { name, name_at, value: Some(self.value()?) })
            }
            Some('\n') => {
                self.at += end + 1;
                // Compose does not count these.
                self.line += usize::from(!before.contains(' '));
                if name.contains(' ') { Err(Refused) } else { Ok(Line { name, name_at, value: None }) }
            }
            // A name that the file ends with is the value of no name.
            None if !body.is_empty() => Ok(Line { name: "", name_at, value: Some(self.value()?) }),
            _ => Err(Refused),
        }
    }

    fn value(&mut self) -> Result<Raw<'t>, Refused> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let value = rest.trim_start_matches(blank);
        let start = self.at + (rest.len() - value.len());
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let line = value.get(..value.find('\n').unwrap_or(value.len())).unwrap_or_default();
            self.at = (start + line.len() + 1).min(self.text.len());
            self.line += 1;
            let text = uncommented(line);
            return Ok(Raw { text: text.into(), span: Span::new(start, start + text.len()), quote: None });
        };
        let inner = value.get(1..).unwrap_or_default();
        let end = closing(inner, quote);
        self.at = start + 1;
        self.skip(end.unwrap_or(inner.len()));
        let text = inner.get(..end.ok_or(Refused)?).unwrap_or_default();
        let span = Span::new(start + 1, self.at);
        self.at += 1;
        Ok(Raw { text: unquoted(text, quote), span, quote: Some(quote) })
    }
}

/// Blanks that end no line.
fn blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Where the quote closes that was opened before `text`.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// A text without the backslashes before quotes of the kind that it stands in.
fn unquoted(text: &str, quote: char) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match if c == '\\' { chars.next() } else { None } {
            None => out.push(c),
            Some(next) if next == quote => out.push(next),
            Some(next) => out.extend([c, next]),
        }
    }
    out.into()
}

/// An unquoted value up to a `#` that follows a space, without the blanks at its end.
fn uncommented(value: &str) -> &str {
    let end = value.find(" #").unwrap_or(value.len());
    value.get(..end).unwrap_or_default().trim_end()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let behind = rest.get(at + 1..).unwrap_or_default();
        let mut length = 1;
        match behind.chars().next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('"') => out.push('"'),
            // Keeps the dollar from being a variable.
            Some('$') => out.push_str("$$"),
            Some('\\') => out.push('\\'),
            // An octal number has three digits behind its zero; with fewer the zero goes.
            Some('0') => {
                let digits = behind.bytes().skip(1).take(3).take_while(u8::is_ascii_digit).count();
                let digits = behind.get(1..=digits).unwrap_or_default();
                match u8::from_str_radix(digits, 8).ok().filter(|_| digits.len() == 3) {
                    Some(byte) => out.push(char::from(byte)),
                    None => out.extend(["\\", digits]),
                }
                length += digits.len();
            }
            _ => {
                out.push('\\');
                length = 0;
            }
        }
        rest = behind.get(length..).unwrap_or_default();
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, environment: &Environment) -> Vec<(String, Option<String>)> {
        let (found, fault) = read(FileId(0), text, environment);
        assert_eq!(fault, None, "{text}");
        let known = |text: Text| match text {
            Text::Known(text) => text.into_string(),
            Text::Pieces(_) => "?".to_owned(),
        };
        found.into_iter().map(|line| (line.name.into_string(), line.value.map(|(value, _)| known(value)))).collect()
    }

    /// Each line as Docker Compose 2.40.3 reads it.
    #[test]
    fn the_dialect_is_that_of_compose() {
        let mut closed = Environment::default();
        closed.closed = true;
        closed.set("Q", Variable { value: Text::Known("abc".into()), at: None });
        for (text, name, value) in [
            ("A=abc#def", "A", "abc#def"),
            ("B=abc # comment", "B", "abc"),
            ("C=\"abc#def\" # c", "C", "abc#def"),
            ("D='a b' # c", "D", "a b"),
            ("E=$Q-${Q}", "E", "abc-abc"),
            ("export H=x", "H", "x"),
            ("I = x", "I", "x"),
            ("L: yaml", "L", "yaml"),
            ("S=pa$$word", "S", "pa$word"),
            ("P=\"x$UNSET-y\"", "P", "x-y"),
            ("M=False # off", "M", "False"),
            ("N=\"a\\nb\"", "N", "a\nb"),
            ("O='$Q'", "O", "$Q"),
            ("R=\"one\ntwo\"", "R", "one\ntwo"),
            ("\u{feff}T=1", "T", "1"),
            ("U=x\r", "U", "x"),
            ("V=", "V", ""),
            ("X=\"a\\$b\"", "X", "a$b"),
            ("Y=\"a\\qb\"", "Y", "a\\qb"),
            ("Z=#x", "Z", "#x"),
            ("AA=a\\nb", "AA", "a\\nb"),
            ("AB=a\t# b", "AB", "a\t# b"),
            ("AC=\"\\a\\v\"", "AC", "\u{7}\u{b}"),
            ("Ä=x", "Ä", "x"),
            ("=x", "", "x"),
        ] {
            assert_eq!(values(text, &closed), [(name.to_owned(), Some(value.to_owned()))], "{text}");
        }
        assert_eq!(values("G\n#x\n\nZ=1", &closed), [("G".to_owned(), None), ("Z".to_owned(), Some("1".to_owned()))]);
        // The project's environment decides before the line above does.
        assert_eq!(values("Q=mine\nW=${Q}", &closed)[1].1.as_deref(), Some("abc"));
    }

    #[test]
    fn places_are_those_of_the_values() {
        let text = "A = \"b c\" # d\nexport E=f\n";
        let (found, _) = read(FileId(0), text, &Environment::default());
        let slices: Vec<_> = found
            .iter()
            .map(|line| (&text[line.name_at.span.range()], &text[line.value.as_ref().unwrap().1.span.range()]))
            .collect();
        assert_eq!(slices, [("A", "b c"), ("E", "f")]);
    }

    #[test]
    fn an_open_quote_ends_the_file() {
        let (found, fault) = read(FileId(0), "A=1\nB=\"x\nC=2\n", &Environment::default());
        assert_eq!(found.len(), 1);
        // Compose counts on to the end of the file.
        assert_eq!(fault, Some(Span::new(13, 13)));
        assert_eq!(read(FileId(0), "A=\"\"B C\n", &Environment::default()).1, Some(Span::new(0, 7)));
    }
}
