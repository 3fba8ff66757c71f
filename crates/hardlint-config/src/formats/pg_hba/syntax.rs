//! The text of `pg_hba.conf`: lines of fields, each a list of tokens, as PostgreSQL's own tokenizer cuts them.
//!
//! Never looks at what a token means, and opens no file: `load` follows `@file` and the includes.

use crate::text::{Span, replace_invalid};

/// A line that has something to say.
#[derive(Debug)]
pub(super) struct Line {
    /// Its fields in order.
    pub(super) fields: Vec<Vec<Token>>,
    /// Where it starts: with a line that goes on, PostgreSQL tells the first one's number.
    pub(super) start: usize,
    /// From its first token to its last.
    pub(super) at: Span,
    /// Why PostgreSQL reads no further in it.
    pub(super) error: Option<String>,
}

/// One name or word.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// What it says, without quotes.
    pub(super) text: String,
    /// Whether it begins with a quote, so that it is no keyword.
    pub(super) quoted: bool,
    /// Where it stands, quotes included.
    pub(super) at: Span,
}

/// What the versions of PostgreSQL do differently.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// Whether a backslash at the end of a line joins the next one to it.
    pub(super) continues: bool,
    /// Tokens of this many bytes are refused, and shorter ones by one where a comma or a quote ends them.
    pub(super) too_long: usize,
}

impl Dialect {
    /// That of a version.
    pub(super) fn of(major: u16) -> Self {
        // Minor versions of 2023 raised the limit from 256; from 16 on there is none.
        let too_long = if major >= 16 { usize::MAX } else { 10_240 };
        Self { continues: major >= 14, too_long }
    }
}

/// Reads a whole file.
pub(super) fn parse(text: &str, dialect: Dialect) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut joined = Joined::default();
    let mut at = 0;
    for physical in text.split_inclusive('\n') {
        let kept = physical.trim_end_matches(['\r', '\n']);
        let before = joined.text.len();
        if joined.pieces.is_empty() {
            joined.start = at;
        }
        joined.pieces.push((before, at));
        joined.text.push_str(kept);
        at += physical.len();
        // A backslash that stood before this line was reached does not count again.
        if dialect.continues && !kept.is_empty() && kept.ends_with('\\') {
            joined.text.pop();
            continue;
        }
        lines.extend(joined.line(dialect));
        joined = Joined::default();
    }
    lines.extend(joined.line(dialect));
    lines
}

/// Lines that backslashes make one.
#[derive(Default)]
struct Joined {
    text: String,
    /// Where in the file what stands from a place in the text on comes from.
    pieces: Vec<(usize, usize)>,
    start: usize,
}

impl Joined {
    fn line(&self, dialect: Dialect) -> Option<Line> {
        let mut line = Line { fields: Vec::new(), start: self.start, at: Span::default(), error: None };
        let mut lexer = Lexer { bytes: self.text.as_bytes(), at: 0 };
        while lexer.at < lexer.bytes.len() && line.error.is_none() {
            let field = self.field(&mut lexer, dialect, &mut line.error);
            if !field.is_empty() {
                line.fields.push(field);
            }
        }
        let tokens = || line.fields.iter().flatten();
        line.at = match (tokens().next(), tokens().next_back()) {
            // The line that PostgreSQL tells, also where nothing but a backslash stands on it.
            (Some(first), Some(last)) if self.pieces.get(1).is_none_or(|(_, next)| first.at.range().start < *next) => {
                first.at.to(last.at)
            }
            (Some(_), Some(last)) => Span::new(self.start, self.start).to(last.at),
            _ => Span::new(self.start, self.start),
        };
        (!line.fields.is_empty() || line.error.is_some()).then_some(line)
    }

    fn field(&self, lexer: &mut Lexer<'_>, dialect: Dialect, error: &mut Option<String>) -> Vec<Token> {
        let mut tokens = Vec::new();
        while let Some(token) = lexer.token(dialect) {
            if token.too_long {
                lexer.at = lexer.bytes.len();
                *error = Some("authentication file token too long".to_owned());
                break;
            }
            let at = Span::new(self.source(token.start), self.source(token.end.saturating_sub(1)) + 1);
            let text = replace_invalid(&token.text);
            tokens.push(Token { text, quoted: token.quoted, at });
            if !token.comma {
                break;
            }
        }
        tokens
    }

    /// Where in the file a place of the text comes from.
    fn source(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(start, _)| *start <= at);
        let (start, source) =
            piece.checked_sub(1).and_then(|piece| self.pieces.get(piece)).copied().unwrap_or_default();
        source + (at - start)
    }
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
}

struct Raw {
    text: Vec<u8>,
    quoted: bool,
    /// Whether a comma follows at once, so that the field goes on.
    comma: bool,
    too_long: bool,
    start: usize,
    end: usize,
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

impl Lexer<'_> {
    /// The next token of the line, if there is one.
    fn token(&mut self, dialect: Dialect) -> Option<Raw> {
        while self.bytes.get(self.at).is_some_and(|&byte| blank(byte) || byte == b',') {
            self.at += 1;
        }
        let mut raw =
            Raw { text: Vec::new(), quoted: false, comma: false, too_long: false, start: self.at, end: self.at };
        // A quote right behind a closing one stands for itself.
        let (mut inside, mut closed, mut seen) = (false, false, false);
        while let Some(&byte) = self.bytes.get(self.at) {
            if !inside && (blank(byte) || byte == b'#') {
                break;
            }
            // Whether there is room is looked at before what the byte is.
            raw.too_long = raw.text.len().saturating_add(1) >= dialect.too_long;
            if raw.too_long || !inside && byte == b',' {
                break;
            }
            if byte != b'"' || closed {
                raw.text.push(byte);
            }
            closed = inside && byte == b'"' && !closed;
            if byte == b'"' {
                inside = !inside;
                seen = true;
                raw.quoted |= raw.text.is_empty();
            }
            self.at += 1;
        }
        raw.end = self.at;
        match self.bytes.get(self.at) {
            Some(b',') => {
                raw.comma = true;
                self.at += 1;
            }
            Some(b'#') => self.at = self.bytes.len(),
            _ => {}
        }
        (seen || !raw.text.is_empty()).then_some(raw)
    }
}

/// The comments of a file, each with its mark.
pub(super) fn comments(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let kept = line.trim_end_matches(['\r', '\n']);
        let start = kept.bytes().position(|byte| {
            inside ^= byte == b'"';
            byte == b'#' && !inside
        });
        if let Some(start) = start {
            spans.push(Span::new(at + start, at + kept.len()));
        }
        // Quotes end with their line, unless that goes on.
        inside &= kept.ends_with('\\');
        at += line.len();
    }
    spans
}
