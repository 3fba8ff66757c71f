//! Lines, keywords and words of `sshd_config`, byte for byte as sshd splits them.
//!
//! sshd takes the keyword off a line with one function (which knows `"` and one `=`) and splits the rest with another
//! (which knows both quotes, four escapes, and a comment at the start of a word). Neither knows any continuation of lines.

use super::template::{self, Kind, Tag, Tags};
use crate::model::{Piece, Text, Why};
use crate::syntax::template::is_template;
use crate::text::Span;

/// A file, line by line.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) lines: Vec<Line>,
    /// Comments, their mark included.
    pub(super) comments: Vec<Span>,
    /// Where reading stopped, in a file with more than [`MAX_LINES`] lines or [`MAX_WORDS`] words.
    pub(super) cut: Option<Span>,
}

/// How many lines with keywords are read of one file.
pub(super) const MAX_LINES: usize = 100_000;
/// How many words are read of one file.
pub(super) const MAX_WORDS: usize = 200_000;
/// How long a line may be, in bytes, to be read at all.
pub(super) const MAX_LINE: usize = 128 * 1024;

/// A line that is neither empty nor a comment.
#[derive(Debug)]
pub(super) enum Line {
    Statement(Statement),
    /// A template's expression that may become any line, or one with this keyword.
    Anything {
        at: Span,
        why: Why,
        keyword: Option<String>,
    },
    /// A line of more than [`MAX_LINE`] bytes, by its beginning.
    TooLong(Span),
}

/// A keyword and its arguments.
#[derive(Debug)]
pub(super) struct Statement {
    /// As it is written, without quotes.
    pub(super) keyword: String,
    pub(super) keyword_at: Span,
    pub(super) words: Vec<Word>,
    /// All behind the keyword, as it is written.
    pub(super) rest: Word,
    /// What is wrong with the quotes.
    pub(super) unbalanced: bool,
    /// Bytes of white space before the keyword; a tab counts as eight.
    pub(super) indent: usize,
    /// The branch of a template that it stands in.
    pub(super) condition: Option<Why>,
}

/// A word of a line, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: Text,
    pub(super) at: Span,
}

impl Word {
    /// The text, if it has no hole.
    pub(super) fn known(&self) -> Option<&str> {
        match &self.text {
            Text::Known(text) => Some(text),
            Text::Pieces(_) => None,
        }
    }

    /// Why it has a hole.
    pub(super) fn hole(&self) -> Option<&Why> {
        let Text::Pieces(pieces) = &self.text else { return None };
        pieces.iter().find_map(|piece| match piece {
            Piece::Hole(why) => Some(why),
            Piece::Known(_) => None,
        })
    }
}

impl Statement {
    /// The keyword and its arguments, without what stands behind them.
    pub(super) fn at(&self) -> Span {
        self.words.last().map_or(self.keyword_at, |last| self.keyword_at.to(last.at))
    }

    /// The arguments, without quotes and comment.
    pub(super) fn arguments_at(&self) -> Span {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => first.at.to(last.at),
            _ => self.rest.at,
        }
    }

    /// Why one of the arguments has a hole.
    pub(super) fn hole(&self) -> Option<&Why> {
        self.words.iter().find_map(Word::hole)
    }
}

/// Keywords whose arguments a shell reads: its variables are no template's.
const COMMANDS: &[&str] = &["forcecommand", "subsystem", "authorizedkeyscommand", "authorizedprincipalscommand"];

/// Splits the text of the file at a path.
pub(super) fn parse(path: &str, text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        tags: Tags::new(text),
        plain_comments: !is_template(path),
        parsed: Parsed::default(),
        branches: Vec::new(),
        words: 0,
        newline: 0,
    };
    let mut at = 0;
    while at < text.len() {
        if parser.parsed.lines.len() >= MAX_LINES || parser.words >= MAX_WORDS {
            parser.parsed.cut = Some(Span::new(at, at));
            break;
        }
        at = parser.line(at);
    }
    parser.parsed
}

struct Parser<'t> {
    text: &'t str,
    tags: Tags<'t>,
    /// Whether comments are sshd's, and end with their line: what looks like a tag in one would hide the rest of the file.
    plain_comments: bool,
    parsed: Parsed,
    /// The branches of a template that are open, innermost last.
    branches: Vec<Why>,
    /// How many words there were.
    words: usize,
    /// Where the next line of the text begins, tags or not.
    newline: usize,
}

impl<'t> Parser<'t> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Reads one line, or the part of one up to a template's tag; gives back where the next begins.
    fn line(&mut self, from: usize) -> usize {
        let mut at = from;
        let mut opened = false;
        if from >= self.newline {
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            self.newline = from + memchr::memchr(b'\n', rest).unwrap_or(rest.len()) + 1;
            if self.newline - from > MAX_LINE {
                self.parsed.lines.push(Line::TooLong(Span::new(from, from)));
                return self.newline;
            }
        }
        loop {
            at += self.text.as_bytes().get(at..).unwrap_or_default().iter().take_while(|&&byte| blank(byte)).count();
            match self.tags.at(at, true) {
                Some(Tag { kind: Kind::Expression(_), .. }) | None => break,
                Some(tag) => {
                    opened |= matches!(tag.kind, Kind::Opens(_) | Kind::Turns(_));
                    self.branch(tag.kind);
                    at = tag.end;
                }
            }
        }
        let end = self.end_of_line(at, opened);
        let next = if self.byte(end) == Some(b'\n') { end + 1 } else { end };
        let line = self.slice(at, end).trim_end_matches([' ', '\t', '\r', '\n', '\x0c']);
        // White space is taken off the end of a line, but for the first byte behind its indent.
        let first = usize::from(line.is_empty() && self.byte(at) == Some(b'\x0c'));
        self.content(from, at, at + line.len().max(first));
        // The parser goes on at least one byte, or the file has ended.
        next.max(from + 1)
    }

    /// Where the line ends; a tag may reach over several lines. Inside of a branch that the same line opened, it ends at the
    /// next one: `{% if a %}Port 1{% else %}Port 2{% endif %}`.
    fn end_of_line(&self, start: usize, opened: bool) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        if self.plain_comments && self.byte(start) == Some(b'#') {
            let rest = bytes.get(start..).unwrap_or_default();
            return start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        }
        while let Some(found) = memchr::memchr3(b'\n', b'{', b'<', bytes.get(at..).unwrap_or_default()) {
            at += found;
            if self.byte(at) == Some(b'\n') {
                return at;
            }
            match self.tags.at(at, false) {
                Some(tag) if opened && !matches!(tag.kind, Kind::Expression(_)) && at > start => return at,
                // Tags that reach over one line after the other end at some point, too.
                Some(tag) if tag.end - start > MAX_LINE => return tag.end,
                Some(tag) => at = tag.end,
                None => at += 1,
            }
        }
        bytes.len()
    }

    fn branch(&mut self, kind: Kind<'_>) {
        match kind {
            Kind::Opens(inside) => self.branches.push(template::why(inside)),
            Kind::Turns(inside) => {
                if let Some(last) = self.branches.last_mut() {
                    *last = template::why(inside);
                }
            }
            Kind::Closes => drop(self.branches.pop()),
            Kind::Expression(_) | Kind::Nothing => {}
        }
    }

    /// The tags of a part of the text that open and close branches.
    fn branches_in(&mut self, start: usize, end: usize) {
        let mut at = start;
        while let Some(found) = memchr::memchr2(b'{', b'<', self.text.as_bytes().get(at..end).unwrap_or_default()) {
            at += found;
            match self.tags.at(at, false) {
                Some(tag) => {
                    self.branch(tag.kind);
                    at = tag.end;
                }
                None => at += 1,
            }
        }
    }

    fn content(&mut self, line_start: usize, start: usize, end: usize) {
        match self.byte(start) {
            _ if start >= end => return,
            Some(b'#') => {
                self.parsed.comments.push(Span::new(start, end));
                if !self.plain_comments {
                    self.branches_in(start, end);
                }
                return;
            }
            _ => {}
        }
        if let Some(Tag { end: tag_end, kind: Kind::Expression(inside) }) = self.tags.at(start, true) {
            if !template::makes_a_comment(inside) {
                let why = template::why(inside);
                let keyword = template::quoted_word(inside).map(str::to_ascii_lowercase);
                self.parsed.lines.push(Line::Anything { at: Span::new(start, tag_end.min(end)), why, keyword });
            }
            return;
        }
        let condition = self.branches.last().cloned();
        if let Some(mut statement) = self.statement(start, end) {
            let before = self.slice(line_start, start);
            statement.indent = before.bytes().map(|byte| if byte == b'\t' { 8 } else { 1 }).sum();
            statement.condition = condition;
            self.parsed.lines.push(Line::Statement(statement));
        }
        self.branches_in(start, end);
    }

    /// A keyword with its arguments; nothing where sshd takes the line for empty.
    fn statement(&mut self, start: usize, end: usize) -> Option<Statement> {
        let (mut keyword, mut keyword_at, mut at) = self.keyword(start, end)?;
        if keyword.is_empty() {
            (keyword, keyword_at, at) = self.keyword(at, end)?;
        }
        if keyword.is_empty() || keyword.starts_with('#') {
            return None;
        }
        let dollar = !COMMANDS.iter().any(|command| keyword.eq_ignore_ascii_case(command));
        let mut words = Vec::new();
        let mut unbalanced = false;
        let mut next = at;
        while next < end {
            match self.byte(next) {
                Some(b' ' | b'\t') => next += 1,
                Some(b'#') => {
                    self.parsed.comments.push(Span::new(next, end));
                    break;
                }
                _ => {
                    let (word, after, closed) = self.word(next, end, dollar);
                    unbalanced |= !closed;
                    self.words += 1;
                    words.push(word);
                    next = after;
                }
            }
        }
        let skipped = self.slice(at, end).bytes().take_while(|&byte| blank(byte)).count();
        let rest = Word { text: self.pieces(at + skipped, end, dollar), at: Span::new(at + skipped, end) };
        Some(Statement { keyword, keyword_at, words, rest, unbalanced, indent: 0, condition: None })
    }

    /// The keyword at `start`, its place, and where its arguments begin; nothing where a quote is not closed.
    fn keyword(&self, start: usize, end: usize) -> Option<(String, Span, usize)> {
        let line = self.slice(start, end);
        let stop = line.find([' ', '\t', '\r', '"', '=']).unwrap_or(line.len());
        let first = line.get(..stop)?;
        let spaces = |from: usize| from + self.slice(from, end).bytes().take_while(|&byte| blank(byte)).count();
        if let Some(tag) = first.find(['{', '<']).filter(|at| self.tags.at(start + at, false).is_some()) {
            let at = start + tag;
            return Some((first.get(..tag)?.to_owned(), Span::new(start, at), at));
        }
        match line.as_bytes().get(stop) {
            None => Some((first.to_owned(), Span::new(start, end), end)),
            Some(b'"') => {
                let quoted = line.get(stop + 1..)?;
                let length = quoted.find('"')?;
                let after = start + stop + length + 2;
                Some((format!("{first}{}", quoted.get(..length)?), Span::new(start, after), spaces(after)))
            }
            Some(separator) => {
                let mut after = spaces(start + stop + 1);
                if *separator != b'=' && after < end && self.byte(after) == Some(b'=') {
                    after = spaces(after + 1);
                }
                Some((first.to_owned(), Span::new(start, start + stop), after))
            }
        }
    }

    /// The word at `start`, where it ends, and whether its quotes are closed.
    fn word(&self, start: usize, end: usize, dollar: bool) -> (Word, usize, bool) {
        let mut pieces = Vec::new();
        let mut known = String::new();
        let mut quote = None;
        let mut at = start;
        while at < end {
            let Some(byte) = self.byte(at) else { break };
            if let Some(tag) = self.tags.at(at, dollar) {
                if let Kind::Expression(inside) | Kind::Opens(inside) | Kind::Turns(inside) = tag.kind {
                    pieces.push(Piece::Known(std::mem::take(&mut known).into()));
                    pieces.push(Piece::Hole(template::why(inside)));
                }
                at = tag.end;
                continue;
            }
            match (byte, quote) {
                (b'\\', _) => {
                    let escaped = match self.byte(at + 1).filter(|_| at + 1 < end) {
                        Some(next @ (b'\'' | b'"' | b'\\')) => Some(next),
                        Some(b' ') if quote.is_none() => Some(b' '),
                        _ => None,
                    };
                    known.push(char::from(escaped.unwrap_or(b'\\')));
                    at += 1 + usize::from(escaped.is_some());
                    continue;
                }
                (b' ' | b'\t', None) => break,
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                _ => {
                    let length = self.slice(at, end).chars().next().map_or(1, char::len_utf8);
                    known.push_str(self.slice(at, at + length));
                    at += length;
                    continue;
                }
            }
            at += 1;
        }
        pieces.push(Piece::Known(known.into()));
        let at = at.min(end);
        (Word { text: Text::from_pieces(pieces), at: Span::new(start, at) }, at, quote.is_none())
    }

    /// Text as it stands, but for holes.
    fn pieces(&self, start: usize, end: usize, dollar: bool) -> Text {
        let mut pieces = Vec::new();
        let mut from = start;
        let mut at = start;
        while at < end {
            match self.tags.at(at, dollar) {
                Some(Tag { end: tag_end, kind: Kind::Expression(inside) }) => {
                    pieces.push(Piece::Known(self.slice(from, at).into()));
                    pieces.push(Piece::Hole(template::why(inside)));
                    at = tag_end;
                    from = at;
                }
                _ => at += 1,
            }
        }
        pieces.push(Piece::Known(self.slice(from, end).into()));
        Text::from_pieces(pieces)
    }
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
