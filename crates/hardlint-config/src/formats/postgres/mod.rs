//! `postgresql.conf`.

mod check;
mod edit;
mod facts;
mod hba;
pub(crate) mod image;
mod keys;
mod load;
mod parameter;
mod parameters;
mod resolve;
mod started;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub(super) use load::configurations;
pub(super) use parameter::major;

use super::{Format, Name, Printed};
use crate::model::{Defaults, Model, Value};
use crate::text::Span;
use crate::version::Versions;
use crate::workspace::{Query, Reader};
pub(super) use load::locate;
use std::sync::Arc;

/// `postgresql.conf`.
pub static FORMAT: Format = Format {
    id: "postgres",
    title: "postgresql.conf",
    names: &[
        Name::Is("postgresql.conf"),
        Name::Is("postgresql.auto.conf"),
        Name::Is("postgresql[-_.]*.conf"),
        Name::Is("postgresql.conf[-_.]*"),
        Name::Is("*[-_.]postgresql.conf"),
        Name::Is("postgres.conf"),
        Name::Perhaps("*.conf"),
    ],
    sniff: |_, text| sniff(text),
    comment: "#",
    schema: &keys::SCHEMA,
    links: load::links,
    resolve: resolve::resolve,
    print: |_, _, value| Printed::of(value, &printed),
    comments,
    words: parameter::WORDS,
    identity: super::label,
    edit: edit::edit,
};

/// What the server whose configuration is at `path` makes of it; nothing if it cannot be read.
pub(super) fn settings(reader: &mut Reader<'_>, query: &Query, path: &str, versions: Versions) -> Option<Model> {
    let file = reader.open(path, None).ok()?;
    let defaults = Arc::new(Defaults::new(FORMAT.schema, versions));
    Some(resolve::resolve(reader, query, file, Model::new(&FORMAT, path.into(), versions, defaults)))
}

/// Whether a file may set a parameter: the server tells of more, what it was built with among it.
pub fn is_settable(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // What an extension brings has a dot in its name.
    name.contains('.') || parameter::named(&lower).is_some_and(|parameter| parameter.rows.iter().any(|row| !row.3))
}

/// A value as `postgres -C` prints it.
fn printed(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => value::print_real(*number),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// Settings that a file must have to be taken for one of PostgreSQL's by its content alone.
const ENOUGH: usize = 3;

/// Whether nearly all lines set parameters that PostgreSQL knows.
fn sniff(text: &str) -> bool {
    let parsed = syntax::parse(text);
    let name = |setting: &syntax::Setting| text.get(setting.name.range()).unwrap_or_default().to_ascii_lowercase();
    let known = parsed.settings.iter().filter(|setting| parameter::named(&name(setting)).is_some()).count();
    // A name of several words is PostgreSQL's own; `port` and `ssl` stand in many files.
    let telling =
        |setting: &&syntax::Setting| name(setting).contains('_') && parameter::named(&name(setting)).is_some();
    let telling = parsed.settings.iter().filter(telling).count();
    parsed.errors.is_empty() && known >= ENOUGH && telling * 2 > known && known * 10 >= parsed.settings.len() * 9
}

/// The comments of a file.
fn comments(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(start) = comment_start(line) {
            spans.push(Span::new(at + start, at + line.trim_end_matches(['\r', '\n']).len()));
        }
        at += line.len();
    }
    spans
}

/// Where the comment of a line begins: at the first `#` outside quotes.
fn comment_start(line: &str) -> Option<usize> {
    let mut quoted = false;
    let mut bytes = line.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\'' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            b'#' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}
