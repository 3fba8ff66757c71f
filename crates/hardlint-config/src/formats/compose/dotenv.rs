//! `.env` and `env_file` in Compose's dialect: `export`, `=` or `:`, quotes, comments after a space, variables.

use super::interpolate::{self, Environment, Variable};
use crate::formats::env::Assignment;
use crate::model::{Str, Text};
use crate::text::{FileId, Loc, Span};

/// Reads a file. Values see `environment` first, then the lines above.
pub(super) fn read(file: FileId, text: &str, environment: &Environment) -> (Vec<Assignment>, Option<Span>) {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start };
    let mut seen = environment.clone();
    let mut found = Vec::new();
    while let Some(line) = reader.next() {
        let line = match line {
            Ok(line) => line,
            Err(at) => return (found, Some(at)),
        };
        let loc = |span| Loc::new(file, span);
        let name: Str = line.name.into();
        let mut fault = None;
        let value = line.value.map(|raw| {
            let mut put_in = |text: &str| {
                let made = interpolate::interpolate(text, &seen);
                fault = made.fault.map(|_| raw.span);
                made.text
            };
            let value = match raw.quote {
                Some('\'') => Text::Known(raw.text.replace("\\'", "'").into()),
                Some(_) => put_in(&unescape(raw.text)),
                None => put_in(raw.text),
            };
            (value, loc(raw.span))
        });
        if fault.is_some() {
            return (found, fault);
        }
        if let Some((value, at)) = &value {
            seen.offer(&name, Variable { value: value.clone(), at: Some(*at) });
        }
        found.push(Assignment { name, name_at: loc(line.name_at), value });
    }
    (found, None)
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

/// Reads a file as `format: raw`: everything behind the first `=` is the value.
pub(super) fn read_raw(file: FileId, text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let loc = |from: usize, to: usize| Loc::new(file, Span::new(start + from, start + to));
        if !content.trim_start().is_empty() && !content.trim_start().starts_with('#') {
            let (name, value) = match content.split_once('=') {
                Some((name, value)) => (name, Some((Text::Known(value.into()), loc(name.len() + 1, content.len())))),
                None => (content, None),
            };
            found.push(Assignment { name: name.into(), name_at: loc(0, name.len()), value });
        }
        start += line.len();
    }
    found
}

struct Line<'t> {
    name: &'t str,
    name_at: Span,
    value: Option<Raw<'t>>,
}

struct Raw<'t> {
    text: &'t str,
    span: Span,
    quote: Option<char>,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next line with something in it; an error is where the reader of Compose gives up.
    fn next(&mut self) -> Option<Result<Line<'t>, Span>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = rest.get(blank..).filter(|rest| !rest.is_empty())?;
            if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            return Some(self.line(rest));
        }
    }

    fn line(&mut self, rest: &'t str) -> Result<Line<'t>, Span> {
        let line_end = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..line_end).unwrap_or_default();
        let export = line.strip_prefix("export").filter(|after| after.starts_with([' ', '\t']));
        let skipped = export.map_or(0, |after| line.len() - after.trim_start().len());
        let body = line.get(skipped..).unwrap_or_default();
        let name_start = self.at + skipped;
        let separator = body.find(['=', ':']);
        let name = body.get(..separator.unwrap_or(body.len())).unwrap_or_default().trim_end();
        let name_at = Span::new(name_start, name_start + name.len());
        let odd = name.contains(|c: char| !(c.is_alphanumeric() || "_.-[]".contains(c)));
        if odd || (name.is_empty() && separator.is_none()) {
            return Err(Span::new(name_start, name_start + body.trim_end().len()));
        }
        let Some(separator) = separator else {
            self.at += line_end;
            return Ok(Line { name, name_at, value: None });
        };
        let after = self.text.get(name_start + separator + 1..).unwrap_or_default();
        let gap = after.len() - after.trim_start_matches([' ', '\t']).len();
        let start = name_start + separator + 1 + gap;
        let value = self.text.get(start..).unwrap_or_default();
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let inner = value.get(1..).unwrap_or_default();
            let Some(end) = closing(inner, quote) else {
                return Err(Span::new(start, start + 1));
            };
            let behind = inner.get(end + 1..).unwrap_or_default();
            self.at = start + end + 2 + behind.find('\n').unwrap_or(behind.len());
            let text = inner.get(..end).unwrap_or_default();
            let span = Span::new(start + 1, start + 1 + end);
            Ok(Line { name, name_at, value: Some(Raw { text, span, quote: Some(quote) }) })
        } else {
            let end = value.find('\n').unwrap_or(value.len());
            self.at = start + end;
            let text = uncommented(value.get(..end).unwrap_or_default());
            Ok(Line {
                name,
                name_at,
                value: Some(Raw { text, span: Span::new(start, start + text.len()), quote: None }),
            })
        }
    }
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

/// An unquoted value up to a `#` that follows a space, without the blanks at its end.
fn uncommented(value: &str) -> &str {
    let end = value.find(" #").unwrap_or(value.len());
    value.get(..end).unwrap_or_default().trim_end()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
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
            Some('\\') | None => out.push('\\'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    out
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
        assert_eq!(fault, Some(Span::new(6, 7)));
    }
}
