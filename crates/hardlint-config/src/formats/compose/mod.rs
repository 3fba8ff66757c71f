//! Compose projects: `compose.yaml`, its override, and the files that they include, extend and take variables from.

mod ages;
mod beside;
mod builds;
mod canonical;
mod collection;
mod commands;
mod consistency;
mod consoles;
mod development;
mod discover;
mod dotenv;
mod draft;
mod edit;
mod entrances;
mod extending;
mod facts;
mod headings;
mod held;
mod host;
mod images;
mod interpolate;
mod keys;
mod limits;
mod load;
mod measure;
mod merge;
mod naming;
mod normal;
mod offered;
mod output;
mod passwords;
mod ports;
mod project;
mod reached;
mod requirements;
mod resolve;
mod runners;
mod secrets;
mod sections;
mod shell;
mod spec;
mod substitute;
mod validate;
mod volumes;
mod workbenches;

#[cfg(test)]
mod tests;

pub(super) use builds::{Build, of as builds};
pub(crate) use builds::{context, dockerfile};
pub(crate) use collection::is_example;
pub(crate) use commands::script;
pub(crate) use consoles::{Behind, behind as console};
pub(crate) use discover::{BASES, FOLDERS, laid_over};
pub(super) use dotenv::variables;
pub(crate) use images::{base_name, is_published, makes_account, reference};
pub use offered::{ELEMENT, Offered, offered};
pub(crate) use reached::by_people;
pub(crate) use resolve::plain;

pub(in crate::formats) use limits::debug_mode;

use super::{Format, Name, Printed};
use crate::model::{Model, Piece, Text, Value};
use crate::schema::KeyId;
use crate::syntax::yaml;
use crate::text::Span;

/// Compose projects.
pub static FORMAT: Format = Format {
    id: "compose",
    title: "Compose project",
    names: &[
        Name::Is("compose.yaml"),
        Name::Is("compose.yml"),
        Name::Is("compose.*.yaml"),
        Name::Is("compose.*.yml"),
        Name::Is("docker-compose.yaml"),
        Name::Is("docker-compose.yml"),
        Name::Is("docker-compose[-._]*.yaml"),
        Name::Is("docker-compose[-._]*.yml"),
        Name::Perhaps("*.yaml"),
        Name::Perhaps("*.yml"),
    ],
    sniff: discover::sniff,
    comment: "#",
    schema: &keys::SCHEMA,
    links: discover::links,
    resolve: resolve::resolve,
    print,
    comments,
    words: keys::WORDS,
    identity: secrets::identity,
    edit: edit::edit,
};

/// Keys with values that may stand on several lines. What is a mapping is a block of its own.
pub(super) fn statements(text: &str) -> Vec<Span> {
    let yaml = yaml::parse(text);
    let entries = yaml.documents.iter().flat_map(|document| document.entries().map(move |entry| (document, entry)));
    let values = entries.filter(|(_, (_, value))| !matches!(value.kind, yaml::Kind::Mapping(_)));
    let span = |(document, (key, value)): (&yaml::Document, (&yaml::Item, &yaml::Item))| Span {
        start: key.span.start,
        end: document.end(text, value).max(key.span.end),
    };
    values.map(span).collect()
}

fn comments(text: &str) -> Vec<Span> {
    yaml::parse(text).comments
}

fn print(_model: &Model, _key: KeyId, value: &Value) -> Printed {
    match value {
        Value::List(list) => Printed::Many(list.iter().map(|node| one(&node.value)).collect()),
        Value::Unknown(why) => Printed::Unknown(why.to_string()),
        Value::Text(Text::Pieces(pieces)) => {
            let why = pieces.iter().find_map(|piece| match piece {
                Piece::Hole(why) => Some(why.to_string()),
                Piece::Known(_) => None,
            });
            Printed::Unknown(why.unwrap_or_default())
        }
        value => Printed::One(one(value)),
    }
}

/// A value in one line, as JSON has it where it is no text.
fn one(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => canonical::float(*value),
        Value::Text(Text::Known(text)) => text.to_string(),
        Value::List(list) => format!("[{}]", list.iter().map(|node| one(&node.value)).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let all: Vec<String> =
                entries.iter().map(|entry| format!("{}: {}", entry.key, one(&entry.node.value))).collect();
            format!("{{{}}}", all.join(", "))
        }
        _ => "?".to_owned(),
    }
}
