//! What nginx would refuse to start with, beyond what is no statement at all: a directive in the wrong place, with the wrong
//! number of words, or with words that it does not take.
//!
//! Judged is what the file says. What the machine decides (certificates, names of hosts, modules, accounts, folders) is no
//! problem, and neither is what a template fills in.

mod addresses;
mod charsets;
mod entries;
mod expression;
mod folders;
mod geo;
mod groups;
mod hosts;
mod logs;
mod proxies;
mod rare;
mod site;
mod tables;
mod together;
mod values;
mod variables;
mod words;
mod zones;

use super::directives;
use super::grammar::{self, Row};
use super::resolve::{Build, Frame, Place};
use super::syntax::{Form, Statement, Word};
use crate::model::Text;
use crate::text::{Loc, Span};
use std::borrow::Cow;

pub(super) use entries::entries;
pub(super) use site::{Seen, finish};

/// Whether a word is one of these, if it is there.
fn only(line: &Line<'_>, index: usize, list: &[&str]) -> Result<(), Fault> {
    match line.known(index) {
        Some(text) if !list.contains(&&*text) => {
            Fault::new(index, format!("nginx refuses this word for `{}`", line.name))
        }
        _ => Ok(()),
    }
}

/// What is wrong, and with which word; the first one is the directive's name.
struct Fault {
    word: usize,
    message: String,
}

impl Fault {
    fn new<T>(word: usize, message: impl Into<String>) -> Result<T, Self> {
        Err(Self { word, message: message.into() })
    }
}

/// A statement that is looked at.
struct Line<'f> {
    frame: &'f Frame,
    statement: &'f Statement,
    name: &'f str,
    words: &'f [Word],
}

impl Line<'_> {
    /// What a word says; nothing if a template fills it in, or may do so.
    fn known(&self, index: usize) -> Option<Cow<'_, str>> {
        let word = *self.words.get(index)?;
        let text = &self.frame.source.text;
        if !word.plain && matches!(word.text(text, self.frame.tree.template), Text::Pieces(_)) {
            return None;
        }
        let spelt = word.spelt(text);
        (!placeholder(&spelt)).then_some(spelt)
    }

    /// What a word says, with what a template may fill in as it stands.
    fn spelt(&self, index: usize) -> Cow<'_, str> {
        self.words.get(index).map(|word| word.spelt(&self.frame.source.text)).unwrap_or_default()
    }

    /// The words behind the name that are known, with their numbers.
    fn arguments(&self) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
        (1..self.words.len()).filter_map(|index| Some((index, self.known(index)?)))
    }
}

/// Whether some other program than those that are known as templates may replace a part of a word: `%PORT%`, `__PORT__`,
/// `@PORT@`, `<PORT>`, `[[port]]`, `$PORT`.
fn placeholder(text: &str) -> bool {
    // Most words have nothing of it.
    if !text.bytes().any(|byte| matches!(byte, b'_' | b'{' | b'[' | b'<' | b'@' | b'%' | b'$')) {
        return false;
    }
    let capital = |at: usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_uppercase);
    text.contains("__")
        || text.contains("{{")
        || text.contains("[[") && !text.contains("[[:")
        || marked(text, b'<', b'>')
        || marked(text, b'@', b'@')
        || marked(text, b'%', b'%')
        || memchr::memchr_iter(b'$', text.as_bytes()).any(capital)
}

/// Whether a name stands between two marks, and is not that of a group in an expression.
fn marked(text: &str, open: u8, close: u8) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(open, bytes).any(|at| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(byte)).count();
        let group = bytes.get(..at).is_some_and(|before| before.ends_with(b"?") || before.ends_with(b"?P"));
        // Doubled marks stand in no text of another kind, however short the name between them is.
        let doubled = length > 0 && at > 0 && bytes.get(at - 1) == Some(&open) && rest.get(length + 1) == Some(&close);
        (length > 2 || doubled) && rest.get(length) == Some(&close) && !group
    })
}

/// Whether nginx takes a statement; what it does not take is a problem.
pub(super) fn statement(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) -> bool {
    if frame.place == Place::Stream || statement.form == Form::Foreign {
        return true;
    }
    let line = Line { frame, statement, name, words: frame.tree.words(statement) };
    match check(build, &line) {
        Ok(()) => true,
        Err(Fault { word, message }) => {
            refuse(build, frame, statement, word, message);
            false
        }
    }
}

/// Tells what is wrong with a word of a statement. nginx names the line on which the statement ends: where that is a later
/// one, the place reaches up to it.
pub(super) fn refuse(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, word: usize, message: String) {
    let words = frame.tree.words(statement);
    let span = words.get(word).or(words.first()).map_or(statement.span, |word| word.place());
    build.problem(Loc::new(frame.file, to_end(frame, statement, span)), message);
}

fn to_end(frame: &Frame, statement: &Statement, span: Span) -> Span {
    let end = match statement.form {
        Form::Block(brace) => brace.saturating_add(1),
        _ => statement.span.end,
    };
    let rest = frame.source.text.as_bytes().get(span.start as usize..end as usize).unwrap_or_default();
    if memchr::memchr(b'\n', rest).is_some() { Span { start: span.start, end } } else { span }
}

fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let rows = grammar::rows(line.name);
    let Some(first) = rows.first() else {
        if directives::find(line.name).is_none() {
            build.seen.hidden = true;
            unknown(line)?;
        } else {
            // Of a later version, or of a module.
            build.seen.hidden |= !matches!(line.name, "http2" | "http3" | "add_header_inherit");
            placed_by_key(build, line)?;
            counted(line, None)?;
        }
        return Ok(());
    };
    let place = line.frame.place;
    let row = rows.iter().find(|row| row.fits(place));
    if row.is_none() && line.frame.sure {
        placed_by_key(build, line)?;
        // A place that a later version allows.
        return Ok(());
    }
    let row = row.unwrap_or(first);
    formed(line, row)?;
    counted(line, Some(row))?;
    values::check(line, row.takes)?;
    words::check(build, line)
}

/// Names that no module can have; others that are not listed may be a module's.
fn unknown(line: &Line<'_>) -> Result<(), Fault> {
    let name = line.name;
    let lower = name.to_ascii_lowercase();
    let other_case = lower != name && (!grammar::rows(&lower).is_empty() || directives::find(&lower).is_some());
    let odd = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_';
    let filled_in = placeholder(name) || name.contains(['{', '%', '<', '@', '#', '[']) || !name.is_ascii();
    // A brace that nothing opened is a rest of something else.
    let filled_in = filled_in && (name.contains('{') || !name.contains('}'));
    if name.contains('\u{feff}') {
        return Fault::new(0, "a byte order mark: nginx takes it for a part of the directive's name");
    }
    if other_case {
        return Fault::new(0, format!("nginx knows no directive `{name}`: names are told apart by case"));
    }
    if !filled_in && (name.bytes().any(odd) || name.starts_with(|first: char| first.is_ascii_digit())) {
        return Fault::new(0, "nginx knows no such directive");
    }
    Ok(())
}

/// Where the key table knows a directive that nginx 1.22 does not have, or not there.
fn placed_by_key(build: &Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    if !line.frame.sure {
        return Ok(());
    }
    let kind = match line.frame.place {
        Place::Main => "file",
        Place::Events => "events",
        Place::Http => "http",
        Place::Server => "server",
        Place::Location => "location",
        // `if` in a server takes only what rewrites, which the grammar knows.
        Place::ServerIf => "",
        Place::LocationIf => "if",
        Place::LimitExcept => "limit_except",
        Place::Upstream => "upstream",
        Place::Stream => "stream",
    };
    let keys = build.model.format.schema.keys;
    let first = keys.partition_point(|key| key.name < line.name);
    let mut listed = keys.iter().skip(first).take_while(|key| key.name == line.name && !key.fact);
    if listed.any(|key| key.kinds.contains(&kind)) {
        return Ok(());
    }
    Fault::new(0, format!("nginx does not allow `{}` here", line.name))
}

/// Whether a block follows where one has to, and none where not.
fn formed(line: &Line<'_>, row: &Row) -> Result<(), Fault> {
    let last = line.words.len().saturating_sub(1);
    match (row.block, line.statement.form) {
        (true, Form::Simple) => Fault::new(last, format!("`{}` has to have a block", line.name)),
        (false, Form::Block(_)) => Fault::new(last, format!("`{}` has no block: a `;` is missing here", line.name)),
        _ => Ok(()),
    }
}

/// Whether the number of words is one that nginx takes, or a later version.
fn counted(line: &Line<'_>, row: Option<&Row>) -> Result<(), Fault> {
    let count = line.words.len().saturating_sub(1);
    let listed = directives::find(line.name).map(|known| (known.least, known.most));
    // A server of an upstream has words, one of HTTP none.
    let listed = listed.filter(|_| row.is_none_or(|row| !row.block));
    let ranges = [row.map(|row| (row.least, row.most)), listed];
    let fits = |(least, most): (u8, u8)| count >= usize::from(least) && (count <= usize::from(most) || most == u8::MAX);
    if ranges.into_iter().flatten().any(fits) {
        return Ok(());
    }
    let holes = (1..line.words.len()).any(|index| line.known(index).is_none());
    if holes && line.frame.tree.template {
        return Ok(());
    }
    // The words of the next line are a sign that this one lacks its end.
    let text = line.frame.source.text.as_bytes();
    let (first, last) = (line.words.first().map(|word| word.span), line.words.last().map(|word| word.span));
    let between = first.zip(last).and_then(|(first, last)| text.get(first.end as usize..last.start as usize));
    let hint = if between.is_some_and(|between| memchr::memchr(b'\n', between).is_some()) {
        "; is a `;` missing?"
    } else {
        ""
    };
    Fault::new(0, format!("`{}` has {count} arguments, which nginx refuses{hint}", line.name))
}
