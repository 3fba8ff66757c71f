//! Words of a script as they are read: quotes, escapes, variables, substitutions.

use super::DEPTH;
use super::How;
use super::parse::Parser;
use super::word::{Part, Parts, Word};
use crate::text::Span;

impl Parser<'_> {
    /// Reads one word; an empty one where none begins here.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut parts = Parts::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'(' | b')' => break,
                b'<' | b'>' => {
                    if self.at > start || self.ahead(1) != Some(b'(') {
                        break;
                    }
                    let how = if byte == b'<' { How::ReadFrom } else { How::WriteTo };
                    parts.push(self.commands(2, how));
                }
                b'\'' => parts.push(self.single()),
                b'"' => {
                    self.at += 1;
                    let before = self.at;
                    let inside = self.quoted(Some(b'"'));
                    if inside.is_empty() {
                        parts.push(Part::Text { text: "".into(), at: Span::new(before, before), quoted: true });
                    }
                    parts.extend(inside);
                }
                b'\\' => {
                    if let Some(part) = self.escaped() {
                        parts.push(part);
                    }
                }
                b'$' => parts.push(self.dollar(false)),
                b'`' => parts.push(self.backquotes()),
                _ => parts.push(self.plain()),
            }
        }
        Word::new(parts, Span::new(start, self.at))
    }

    fn text_part(&self, start: usize, end: usize, quoted: bool) -> Part {
        Part::Text { text: self.slice(start, end).into(), at: Span::new(start, end.min(self.end)), quoted }
    }

    /// Text without anything special.
    fn plain(&mut self) -> Part {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if matches!(
                byte,
                b' ' | b'\t'
                    | b'\r'
                    | b'\n'
                    | b';'
                    | b'|'
                    | b'&'
                    | b'('
                    | b')'
                    | b'<'
                    | b'>'
                    | b'\''
                    | b'"'
                    | b'\\'
                    | b'$'
                    | b'`'
            ) {
                break;
            }
            self.at += 1;
        }
        self.text_part(start, self.at, false)
    }

    fn single(&mut self) -> Part {
        let start = self.at + 1;
        let rest = self.text.as_bytes().get(start..self.end).unwrap_or_default();
        let end = start + memchr::memchr(b'\'', rest).unwrap_or(rest.len());
        self.at = (end + 1).min(self.end);
        self.text_part(start, end, true)
    }

    /// A backslash and what it escapes; an escaped line end is nothing.
    fn escaped(&mut self) -> Option<Part> {
        let start = self.at;
        self.at += 1;
        let next = self.text.get(self.at..self.end).and_then(|rest| rest.chars().next());
        let Some(c) = next else { return Some(self.text_part(start, self.at, true)) };
        self.at += c.len_utf8();
        if c == '\n' {
            return None;
        }
        Some(Part::Text { text: (&*c.encode_utf8(&mut [0; 4])).into(), at: Span::new(start, self.at), quoted: true })
    }

    /// What stands in double quotes, or in a heredoc, up to `close` or the end.
    pub(super) fn quoted(&mut self, close: Option<u8>) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut plain = self.at;
        while let Some(byte) = self.peek() {
            let special = byte == b'$' || byte == b'`' || byte == b'\\' || close == Some(byte);
            if !special {
                self.at += 1;
                continue;
            }
            if byte == b'\\' && !matches!(self.ahead(1), Some(b'$' | b'`' | b'"' | b'\\' | b'\n')) {
                self.at += 2;
                continue;
            }
            if self.at > plain {
                parts.push(self.text_part(plain, self.at, true));
            }
            match byte {
                b'$' => parts.push(self.dollar(true)),
                b'`' => parts.push(self.backquotes()),
                b'\\' => parts.extend(self.escaped()),
                _ => {
                    self.at += 1;
                    return parts;
                }
            }
            plain = self.at;
        }
        self.at = self.at.min(self.end);
        if self.at > plain {
            parts.push(self.text_part(plain, self.at, true));
        }
        parts
    }

    /// `$name`, `${…}`, `$(…)`, `$((…))`, `$'…'`.
    fn dollar(&mut self, quoted: bool) -> Part {
        let start = self.at;
        match self.ahead(1) {
            Some(b'(') if self.ahead(2) == Some(b'(') => {
                self.at += 1;
                self.arithmetic();
                Part::Output { at: Span::new(start, self.at) }
            }
            Some(b'(') => self.commands(2, How::Substitution),
            Some(b'{') => {
                self.at += 2;
                let name_start = self.at + usize::from(matches!(self.peek(), Some(b'!' | b'#')));
                let mut name_end = name_start;
                while self.text.as_bytes().get(name_end).is_some_and(|b| *b == b'_' || b.is_ascii_alphanumeric()) {
                    name_end += 1;
                }
                self.braces();
                self.variable(start, name_start, name_end)
            }
            Some(b'\'') if !quoted => {
                self.at += 1;
                self.ansi()
            }
            Some(b'"') if !quoted => {
                self.at += 1;
                self.text_part(self.at, self.at, true)
            }
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => {
                self.at += 1;
                let name = self.name_length();
                self.at += name;
                self.variable(start, start + 1, start + 1 + name)
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9') => {
                self.at += 2;
                self.variable(start, start + 1, start + 2)
            }
            _ => {
                self.at += 1;
                self.text_part(start, self.at, quoted)
            }
        }
    }

    fn variable(&self, start: usize, name_start: usize, name_end: usize) -> Part {
        Part::Variable {
            name: self.slice(name_start, name_end).into(),
            text: self.slice(start, self.at).into(),
            at: Span::new(start, self.at),
        }
    }

    /// Skips to the `}` that closes a variable; commands inside are read.
    fn braces(&mut self) {
        if self.depth >= DEPTH {
            self.script.truncated = true;
            self.at = self.end;
            return;
        }
        self.depth += 1;
        let mut open = 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 2,
                b'\'' => drop(self.single()),
                b'"' => {
                    self.at += 1;
                    drop(self.quoted(Some(b'"')));
                }
                b'`' => drop(self.backquotes()),
                b'$' if self.ahead(1) == Some(b'(') && self.ahead(2) != Some(b'(') => {
                    drop(self.commands(2, How::Substitution));
                }
                b'{' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' => {
                    open -= 1;
                    self.at += 1;
                    if open == 0 {
                        break;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.depth -= 1;
        self.at = self.at.min(self.end);
    }

    /// `$'…'`, with the escapes that matter.
    fn ansi(&mut self) -> Part {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut plain = self.at;
        while let Some(byte) = self.peek() {
            if byte == b'\'' {
                break;
            }
            if byte == b'\\' {
                text.push_str(self.slice(plain, self.at));
                self.at += 1;
                let Some(escape) = self.peek() else { break };
                match escape {
                    b'n' => text.push('\n'),
                    b't' => text.push('\t'),
                    b'\\' | b'\'' | b'"' => text.push(char::from(escape)),
                    _ => text.push('\\'),
                }
                plain = if matches!(escape, b'n' | b't' | b'\\' | b'\'' | b'"') { self.at + 1 } else { self.at };
                self.at = plain.max(self.at);
                continue;
            }
            self.at += 1;
        }
        text.push_str(self.slice(plain, self.at));
        self.at = (self.at + 1).min(self.end);
        Part::Text { text: text.into(), at: Span::new(start, self.at), quoted: true }
    }

    /// Reads the commands of `$(`, `<(` or `>(`, `mark` bytes long.
    fn commands(&mut self, mark: usize, how: How) -> Part {
        let start = self.at;
        self.at += mark;
        let from = self.script.commands.len();
        self.list(Some(b')'));
        self.inner.push((from, self.script.commands.len(), how));
        Part::Output { at: Span::new(start, self.at) }
    }

    /// Reads the commands between backquotes.
    fn backquotes(&mut self) -> Part {
        let start = self.at;
        self.at += 1;
        let mut close = self.at;
        while close < self.end {
            match self.text.as_bytes().get(close) {
                Some(b'`') => break,
                Some(b'\\') => close += 2,
                _ => close += 1,
            }
        }
        let close = close.min(self.end);
        let from = self.script.commands.len();
        if self.depth < DEPTH {
            let end = std::mem::replace(&mut self.end, close);
            self.list(None);
            self.end = end;
        } else {
            self.script.truncated = true;
        }
        self.inner.push((from, self.script.commands.len(), How::Substitution));
        self.at = (close + 1).min(self.end);
        Part::Output { at: Span::new(start, self.at) }
    }
}
