//! The syntax of nginx files: statements, their words, and the blocks they open.
//!
//! Tokens are cut exactly where `ngx_conf_read_token` cuts them. Parsing never fails: what nginx would refuse becomes a
//! [`Fault`], and reading goes on behind it. The tree is flat, so that neither reading nor dropping it recurses, however
//! deep the blocks are nested.

mod parse;

use super::template;
use crate::model::Text;
use crate::text::Span;
use std::borrow::Cow;

use parse::Parser;

/// A file's statements.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Statements in source order: each is followed by those in its block.
    pub(super) statements: Vec<Statement>,
    /// Their words.
    pub(super) words: Vec<Word>,
    /// The comments, mark included.
    pub(super) comments: Vec<Span>,
    /// What nginx would refuse.
    pub(super) faults: Vec<Fault>,
    /// Whether template constructs were looked for.
    pub(super) template: bool,
    /// Whether template tags and blocks do not nest, so that the blocks may be other than they look.
    pub(super) crossed: bool,
    /// Where reading stopped for want of room.
    pub(super) cut: Option<Span>,
}

/// A directive, or something that stands for directives.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// All of it, the `;` or the closing brace included.
    pub(super) span: Span,
    /// Its first word.
    pub(super) first: u32,
    /// One past its last word.
    pub(super) last: u32,
    /// The statement behind it and all in its block.
    pub(super) next: u32,
    /// How it goes on after its words.
    pub(super) form: Form,
    /// The template tag that decides whether it is there, if one does.
    pub(super) condition: Option<Span>,
}

/// How a statement goes on after its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It ends.
    Simple,
    /// A block of statements; the place of its brace.
    Block(u32),
    /// A block in another language, Lua.
    Foreign,
    /// It is a template construct that puts unknown statements here.
    Inserted,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text, without the quotes.
    pub(super) span: Span,
    /// Whether quotes stand around it.
    pub(super) quoted: bool,
    /// Whether it has neither escapes nor holes.
    pub(super) plain: bool,
}

/// What nginx would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub(super) span: Span,
    /// What, and what nginx says.
    pub(super) message: String,
}

/// Statements of one file that are kept; behind them the file is cut.
const MOST_STATEMENTS: usize = 1_000_000;
/// Words of one file that are kept.
const MOST_WORDS: usize = 4_000_000;
/// How far a line is looked at for what stands behind a template construct.
const LONGEST_LINE: usize = 1000;
/// Faults of one file that are told.
const MOST_FAULTS: usize = 20;

impl Tree {
    /// Reads `text`. A file is taken for a template if its name says so, or if it makes sense only as one.
    pub(super) fn parse(text: &str, named_template: bool) -> Self {
        let looks = template::may_be_template(text);
        if named_template {
            return Parser::run(text, looks);
        }
        let plain = Parser::run(text, false);
        if !looks || plain.faults.is_empty() {
            return plain;
        }
        let filled = Parser::run(text, true);
        if filled.faults.len() < plain.faults.len() { filled } else { plain }
    }

    /// The words of a statement.
    pub(super) fn words(&self, statement: &Statement) -> &[Word] {
        self.words.get(statement.first as usize..statement.last as usize).unwrap_or_default()
    }

    /// The statements of one block, or of the file: those from `from` up to `to`, without what is inside them.
    pub(super) fn siblings(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, &Statement)> {
        let mut at = from;
        std::iter::from_fn(move || {
            let statement = self.statements.get(at).filter(|_| at < to)?;
            let index = at;
            at = (statement.next as usize).max(at + 1);
            Some((index, statement))
        })
    }

    /// The statements in the block of the one at `index`.
    pub(super) fn children(&self, index: usize) -> impl Iterator<Item = (usize, &Statement)> {
        let to = self.statements.get(index).map_or(0, |statement| statement.next as usize);
        self.siblings(index + 1, to)
    }
}

impl Word {
    /// What nginx takes the token for.
    pub(super) fn text(self, source: &str, template: bool) -> Text {
        let raw = source.get(self.span.range()).unwrap_or_default();
        if self.plain { Text::Known(raw.into()) } else { Text::from_pieces(template::pieces(raw, template)) }
    }

    /// The token with escapes undone; holes stand as they are written.
    pub(super) fn spelt(self, source: &str) -> Cow<'_, str> {
        let raw = source.get(self.span.range()).unwrap_or_default();
        if self.plain { Cow::Borrowed(raw) } else { unescape(raw) }
    }

    /// The token with its quotes; what an empty one needs to have a place.
    pub(super) fn whole(self) -> Span {
        if self.quoted {
            Span { start: self.span.start.saturating_sub(1), end: self.span.end.saturating_add(1) }
        } else {
            self.span
        }
    }

    /// Where a finding about it points.
    pub(super) fn place(self) -> Span {
        if self.span.start == self.span.end { self.whole() } else { self.span }
    }
}

/// Undoes the escapes that nginx undoes: a backslash before a quote or a backslash goes, `\t`, `\r` and `\n` are what
/// they are in C, any other backslash stays.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.clone().next() {
            Some(next @ ('"' | '\'' | '\\')) => text.push(next),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('n') => text.push('\n'),
            _ => {
                text.push('\\');
                continue;
            }
        }
        chars.next();
    }
    Cow::Owned(text)
}

#[cfg(test)]
#[path = "syntax_tests.rs"]
mod tests;
