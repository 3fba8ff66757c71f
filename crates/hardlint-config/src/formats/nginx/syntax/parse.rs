//! Reads a file's bytes into statements, with a stack of our own for the blocks that are open.

use super::super::lua;
use super::super::template::{self, Constructs, Role};
use super::{Fault, Form, LONGEST_LINE, MOST_FAULTS, MOST_STATEMENTS, MOST_WORDS, Statement, Tree, Word};
use crate::text::Span;

/// A block that is not closed yet.
struct Open {
    statement: usize,
    /// Template tags that were open when it began.
    tags: usize,
}

/// Reads a file from its first byte to its last.
pub(super) struct Parser<'t> {
    text: &'t str,
    constructs: Constructs<'t>,
    bytes: &'t [u8],
    at: usize,
    tree: Tree,
    open: Vec<Open>,
    /// Template tags that are open: those that decide whether what follows is there.
    tags: Vec<Span>,
    /// The first word of the statement that is being read.
    first: usize,
}

/// Bytes at which an unquoted token ends or needs a closer look.
const fn stops(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b'\\' | b'$' | b'<')
}

impl<'t> Parser<'t> {
    pub(super) fn run(text: &'t str, template: bool) -> Tree {
        let tree = Tree { template, ..Tree::default() };
        let (constructs, bytes) = (Constructs::new(text), text.as_bytes());
        let mut parser = Self { text, constructs, bytes, at: 0, tree, open: Vec::new(), tags: Vec::new(), first: 0 };
        if text.starts_with('\u{feff}') {
            parser.fault(0, 3, "a byte order mark: nginx takes it for a part of the first directive's name".into());
            parser.at = 3;
        }
        parser.statements();
        parser.finish();
        parser.tree
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn fault(&mut self, start: usize, end: usize, message: String) {
        if self.tree.faults.len() < MOST_FAULTS {
            self.tree.faults.push(Fault { span: Span::new(start, end), message });
        }
    }

    /// nginx sees what is missing where the file ends.
    fn at_end(&mut self, message: String) {
        self.fault(self.bytes.len(), self.bytes.len(), message);
    }

    fn line(&self, at: usize) -> usize {
        memchr::memchr_iter(b'\n', self.bytes.get(..at).unwrap_or_default()).count() + 1
    }

    /// Whether words of an unfinished statement have been read.
    fn begun(&self) -> bool {
        self.tree.words.len() > self.first
    }

    fn statements(&mut self) {
        while let Some(byte) = self.byte(self.at) {
            if self.tree.statements.len() >= MOST_STATEMENTS || self.tree.words.len() >= MOST_WORDS {
                self.tree.cut = Some(Span::new(self.at, self.at + 1));
                return;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.comment(),
                b'{' | b'<' if self.tree.template && self.construct() => {}
                b';' | b'{' if !self.begun() => self.unexpected(byte),
                b';' => self.end_simple(self.at + 1),
                b'{' => self.begin_block(),
                b'}' => self.end_block(),
                b'$' if !self.begun() && self.inserted_variable() => {}
                b'"' | b'\'' => self.quoted(byte),
                _ => self.unquoted(),
            }
        }
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |length| self.at + length);
        let next = end;
        if end > self.at && self.byte(end - 1) == Some(b'\r') {
            end -= 1;
        }
        if self.tree.comments.len() < MOST_STATEMENTS {
            self.tree.comments.push(Span::new(self.at, end));
        }
        self.at = next;
    }

    fn unexpected(&mut self, byte: u8) {
        // A `;` behind a block is a habit from other languages; nginx stops there.
        self.fault(self.at, self.at + 1, format!("unexpected `{}`: no directive stands before it", char::from(byte)));
        self.at += 1;
    }

    /// A template construct between tokens. One that stands for text begins or is a token when a statement was begun or
    /// the line goes on behind it; alone on its line it stands for statements.
    fn construct(&mut self) -> bool {
        let Some(found) = self.constructs.at(self.at) else { return false };
        if self.begun() || (found.role == Role::Expression && !self.ends_line(found.end)) {
            if found.role == Role::Nothing {
                self.at = found.end;
            } else {
                self.unquoted();
            }
            return true;
        }
        let span = Span::new(self.at, found.end);
        self.at = found.end;
        match found.role {
            Role::Open => self.tags.push(span),
            Role::Close => {
                if self.open.last().is_some_and(|open| self.tags.len() <= open.tags) {
                    self.tree.crossed = true;
                }
                self.tags.pop();
            }
            Role::Middle => {
                if let Some(tag) = self.tags.last_mut() {
                    *tag = span;
                }
            }
            Role::Insert | Role::Expression => self.push(span, Form::Inserted),
            Role::Nothing => {}
        }
        true
    }

    /// A `${NAME}` alone on its line, which `envsubst` replaces by statements.
    fn inserted_variable(&mut self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(length) = template::environment(rest) else { return false };
        if !self.ends_line(self.at + length) {
            return false;
        }
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        self.push(span, Form::Inserted);
        true
    }

    /// Whether nothing but blanks, comments and template constructs stands between `at` and the end of its line.
    fn ends_line(&self, mut at: usize) -> bool {
        let longest = at + LONGEST_LINE;
        while let Some(byte) = self.byte(at).filter(|_| at < longest) {
            match byte {
                b'\n' | b'#' => return true,
                b' ' | b'\t' | b'\r' => at += 1,
                _ => match self.constructs.at(at) {
                    Some(found) => at = found.end,
                    None => return false,
                },
            }
        }
        true
    }

    fn push(&mut self, span: Span, form: Form) {
        let base = self.open.last().map_or(0, |open| open.tags);
        let condition = if self.tags.len() > base { self.tags.last().copied() } else { None };
        let next = index(self.tree.statements.len() + 1);
        let (first, last) = (index(self.first), index(self.tree.words.len()));
        self.tree.statements.push(Statement { span, first, last, next, form, condition });
        self.first = self.tree.words.len();
    }

    fn start(&self) -> usize {
        self.tree.words.get(self.first).map_or(self.at, |word| word.whole().start as usize)
    }

    fn end_simple(&mut self, end: usize) {
        self.push(Span::new(self.start(), end), Form::Simple);
        self.at = self.at.max(end);
    }

    fn begin_block(&mut self) {
        let lua = self.tree.words.get(self.first).is_some_and(|word| {
            !word.quoted && self.text.get(word.span.range()).is_some_and(|name| name.ends_with("_by_lua_block"))
        });
        let start = self.start();
        if lua {
            let end = lua::end(self.bytes, self.at + 1);
            if end.is_none() {
                self.fault(self.at, self.at + 1, "this Lua block is not closed".into());
            }
            let end = end.unwrap_or(self.bytes.len());
            self.push(Span::new(start, end), Form::Foreign);
            self.at = end;
            return;
        }
        let statement = self.tree.statements.len();
        self.push(Span::new(start, self.at + 1), Form::Block(index(self.at)));
        self.open.push(Open { statement, tags: self.tags.len() });
        self.at += 1;
    }

    fn end_block(&mut self) {
        if self.begun() {
            let last = self.tree.words.last().map_or(Span::default(), |word| word.whole());
            if !self.tree.template {
                let message = "`;` is missing here: nginx refuses the `}` that follows".to_owned();
                // nginx names the line of the brace.
                let between = self.bytes.get(last.end as usize..self.at).unwrap_or_default();
                let apart = memchr::memchr(b'\n', between).is_some();
                let end = if apart { self.at + 1 } else { last.end as usize };
                self.fault(last.start as usize, end, message);
            }
            self.end_simple(last.end as usize);
        }
        self.at += 1;
        match self.open.pop() {
            Some(open) => {
                if self.tags.len() > open.tags {
                    self.tree.crossed = true;
                    self.tags.truncate(open.tags);
                }
                self.close(&open, self.at);
            }
            None if self.tree.template && !self.tags.is_empty() => self.tree.crossed = true,
            None => self.fault(self.at - 1, self.at, "unexpected `}`: no block is open".into()),
        }
    }

    fn close(&mut self, open: &Open, end: usize) {
        let next = index(self.tree.statements.len());
        if let Some(statement) = self.tree.statements.get_mut(open.statement) {
            statement.span.end = index(end);
            statement.next = next;
        }
    }

    fn quoted(&mut self, quote: u8) {
        let start = self.at + 1;
        let mut at = start;
        let mut plain = true;
        let end = loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let found = rest
                .iter()
                .position(|&byte| byte == quote || byte == b'\\' || byte == b'$' || byte == b'{' || byte == b'<');
            let Some(found) = found else { break None };
            at += found;
            match self.byte(at) {
                Some(b'\\') => {
                    plain = false;
                    at += 2;
                }
                Some(byte) if byte == quote => break Some(at),
                Some(b'$') => {
                    plain &= self.byte(at + 1) != Some(b'{');
                    at += 1;
                }
                _ => match self.tree.template.then(|| self.constructs.at(at)).flatten() {
                    Some(found) => {
                        plain = false;
                        at = found.end;
                    }
                    None => at += 1,
                },
            }
        };
        let Some(end) = end else {
            self.unclosed(start);
            return;
        };
        self.tree.words.push(Word { span: Span::new(start, end), quoted: true, plain });
        self.at = end + 1;
        let follows = self.byte(self.at);
        let allowed = matches!(follows, None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')'));
        let construct = self.tree.template && self.constructs.at(self.at).is_some();
        if !allowed && !construct {
            let next = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
            let message = format!("unexpected `{next}`: a space or `;` has to follow a closing quote");
            self.fault(self.at, self.at + next.len_utf8(), message);
        }
    }

    /// A quote that nothing closes: it is taken to end with its line, so that the rest can still be read.
    fn unclosed(&mut self, start: usize) {
        if self.tree.faults.len() < MOST_FAULTS {
            let line = self.line(start);
            self.at_end(format!("the quote on line {line} is not closed: nginx reads to the end of the file"));
        }
        let rest = self.bytes.get(start..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |length| start + length);
        let end = (start..line)
            .rev()
            .find(|&at| !matches!(self.byte(at), Some(b'\r' | b' ' | b';')))
            .map_or(start, |at| at + 1);
        self.tree.words.push(Word { span: Span::new(start, end), quoted: false, plain: false });
        self.at = line;
        if self.byte(end) == Some(b';') {
            self.end_simple(line);
        }
    }

    fn unquoted(&mut self) {
        let start = self.at;
        let mut at = start;
        let mut plain = true;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|&byte| stops(byte)) else {
                at = self.bytes.len();
                break;
            };
            at += found;
            match self.byte(at) {
                Some(b'\\') => {
                    plain = false;
                    at = (at + 2).min(self.bytes.len());
                }
                // `{` directly behind `$` opens no block.
                Some(b'$') if self.byte(at + 1) == Some(b'{') => {
                    plain = false;
                    at += 2;
                }
                Some(b'{' | b'<') if self.tree.template && self.constructs.at(at).is_some() => {
                    plain = false;
                    at = self.constructs.at(at).map_or(at + 1, |found| found.end);
                }
                Some(b'$' | b'<') => at += 1,
                _ => break,
            }
        }
        // An escape may end inside a character.
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        self.tree.words.push(Word { span: Span::new(start, at), quoted: false, plain });
        self.at = at;
    }

    fn finish(&mut self) {
        if self.tree.cut.is_none() {
            if self.begun() {
                let start = self.start();
                let end = self.tree.words.last().map_or(start, |word| word.whole().end as usize);
                if !self.tree.template || !self.ends_in_hole() {
                    let line = self.line(start);
                    self.at_end(format!("`;` is missing behind line {line}: nginx reads to the end of the file"));
                }
                self.end_simple(end);
            }
            if self.tree.template && (!self.tags.is_empty() || self.tree.crossed) {
                self.tree.crossed |= !self.open.is_empty();
            } else if let Some((start, brace)) = self.innermost() {
                let head = self.text.get(start..brace).unwrap_or_default();
                let head = template::shorten(head);
                let line = self.line(start);
                self.at_end(format!("the block of `{head}` on line {line} is not closed"));
            }
        }
        while let Some(open) = self.open.pop() {
            self.close(&open, self.bytes.len());
        }
    }

    fn ends_in_hole(&self) -> bool {
        self.tree.words.last().is_some_and(|word| !word.plain)
    }

    fn innermost(&self) -> Option<(usize, usize)> {
        let statement = self.tree.statements.get(self.open.last()?.statement)?;
        match statement.form {
            Form::Block(brace) => Some((statement.span.start as usize, brace as usize)),
            _ => None,
        }
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
