//! `.env` and its kin: files of variables, which each program that reads them reads in its own dialect.
//!
//! Who loads a file says what it means. Where that is not known, or where several do, a value is known only if all
//! dialects that come into question give the same.

mod dialect;
mod edit;
mod facts;
mod keys;
mod lines;
mod loaders;
mod python_dotenv;
mod resolve;
mod systemd;
#[cfg(test)]
mod tests;

pub use dialect::dialects;
pub(super) use lines::{decouple, django_environ};
pub(super) use python_dotenv::read as python_dotenv;

use super::{Format, Name, Printed};
use crate::model::{Model, ScopeId, Str, Text};
use crate::text::{Loc, Span};
use std::collections::BTreeMap;

/// `.env`.
pub static FORMAT: Format = Format {
    id: "env",
    title: ".env",
    names: &[
        Name::Is(".env"),
        Name::Is(".env.*"),
        Name::Is("*.env"),
        Name::Is("env.dist"),
        Name::Is("env.example"),
        Name::Is("env.sample"),
        Name::Is("env.template"),
        Name::Is("env.dev"),
        Name::Is("env.development"),
        Name::Is("env.local"),
        Name::Is("env.prod"),
        Name::Is("env.production"),
        Name::Is("env.staging"),
    ],
    sniff: |_, _| false,
    comment: "#",
    schema: &keys::SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: resolve::resolve,
    print: |_, _, value| Printed::of(value, &|value| value.as_str().unwrap_or_default().to_owned()),
    comments,
    words: super::words::Words::NONE,
    identity,
    edit: edit::edit,
};

/// What a line comes to, if it begins in a value within the quote that is `open`.
struct Line {
    /// Where a comment begins, as most readers of such files have it: behind a blank, and outside of quotes.
    comment: Option<usize>,
    /// The quote that is open at its end, and whether the value began with it, so that it may go on over lines.
    open: Option<(char, bool)>,
}

fn read_line(line: &str, open: Option<char>) -> Line {
    let (mut quote, mut before) = (open.map(|open| (open, true)), if open.is_some() { 'x' } else { ' ' });
    let (mut escaped, mut begins) = (false, false);
    for (at, letter) in line.char_indices() {
        match quote {
            // What it escapes is a quote in the value.
            Some(('"', _)) if escaped || letter == '\\' => escaped = !escaped,
            Some((open, _)) => quote = quote.filter(|_| letter != open),
            None if letter == '#' && before.is_whitespace() => return Line { comment: Some(at), open: None },
            None if matches!(letter, '"' | '\'') => quote = Some((letter, begins)),
            None => {}
        }
        begins = letter == '=' || begins && letter.is_whitespace();
        before = letter;
    }
    Line { comment: None, open: quote }
}

/// The place of a file is its path, which every finding has.
fn identity(model: &Model, id: ScopeId) -> Vec<Str> {
    let place = model.scope(id).is_some_and(|scope| scope.kind == keys::PLACE);
    if place { Vec::new() } else { super::label(model, id) }
}

/// Endings of copies that somebody or an editor put aside; what is in one is as secret as what it is a copy of.
pub(super) const COPIES: &[&str] = &[".bak", ".old", ".orig", ".save", ".backup", ".copy", " (copy)", " copy", "~"];

/// A line that sets, or passes on, a variable.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    /// The name.
    pub(super) name: Str,
    /// Where the name stands.
    pub(super) name_at: Loc,
    /// The value and its place; nothing in a line without `=`, which takes the variable from the environment.
    pub(super) value: Option<(Text, Loc)>,
}

/// The environment that a file is read in, if that is known.
pub(super) type Environment<'e> = Option<&'e BTreeMap<String, String>>;

/// Lines that begin with a `#`, and what stands behind a value and a blank; nothing in quotes, where a value goes on over
/// several lines. What else is a comment is not the same in all dialects.
fn comments(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let read = read_line(trimmed, open);
        if let Some(start) = read.comment {
            let begin = at + (line.len() - line.trim_start().len());
            spans.push(Span::new(begin + start, begin + trimmed.len()));
        }
        at += line.len();
        // One that is never closed is a letter of its line.
        let closed = |quote: char| open == Some(quote) || text.get(at..).is_some_and(|rest| rest.contains(quote));
        open = read.open.filter(|(quote, first)| *first && closed(*quote)).map(|(quote, _)| quote);
    }
    spans
}
