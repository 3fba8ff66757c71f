//! nginx configuration.

mod accepts;
mod access;
mod answers;
mod around;
mod blocks;
mod captures;
mod choose;
mod clients;
mod conditions;
mod contained;
mod cors;
mod detect;
mod directives;
mod edit;
mod exposed;
mod facts;
mod forwarded;
mod grammar;
mod headers;
mod identity;
mod include;
mod keys;
mod leads;
mod listen;
mod lua;
mod managed;
mod origins;
mod pages;
mod passes;
mod policy;
mod regex;
mod resolve;
mod secrets;
mod served;
mod site;
mod statements;
mod streams;
mod syntax;
mod targets;
mod template;
mod tls;
mod upstream;
mod variables;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use super::{Format, Link, Name, Printed};

use crate::model::{Model, Piece, Text, Value};
use crate::schema::KeyId;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// nginx configuration.
pub static FORMAT: Format = Format {
    id: "nginx",
    title: "nginx configuration",
    names: &[
        Name::Is("nginx.conf"),
        Name::Is("*.nginx"),
        Name::Perhaps("*nginx*"),
        Name::Perhaps("*.conf"),
        Name::Perhaps("*.conf.*"),
        Name::Perhaps("*.config"),
        Name::Perhaps("*.vhost"),
        // A site's file is called after its host.
        Name::Perhaps("*.com"),
        Name::Perhaps("*.de"),
        Name::Perhaps("*.eu"),
        Name::Perhaps("*.fr"),
        Name::Perhaps("*.info"),
        Name::Perhaps("*.io"),
        Name::Perhaps("*.net"),
        Name::Perhaps("*.nl"),
        Name::Perhaps("*.org"),
        Name::Perhaps("*.uk"),
        Name::Perhaps("proxy_params"),
        Name::Perhaps("default"),
        Name::PerhapsIn("sites-enabled", "*"),
        Name::PerhapsIn("sites-available", "*"),
        Name::PerhapsIn("snippets", "*"),
    ],
    sniff: detect::sniff,
    comment: "#",
    schema: &keys::SCHEMA,
    links,
    resolve: resolve::resolve,
    print,
    comments: |text| syntax::Tree::parse(text, false).comments,
    words: grammar::WORDS,
    identity: identity::of,
    edit: edit::edit,
};

pub(crate) use forwarded::{Sent, to as forwarded};
pub(crate) use leads::{Lead, are_known as leads_are_known, of as leads};

/// The files that a file includes.
fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let tree = resolve::parse(&source);
    let whole = resolve::guess(&source.text, &tree) == resolve::Place::Main;
    let mut links = Vec::new();
    for statement in &tree.statements {
        let [name, target] = tree.words(statement) else { continue };
        if name.spelt(&source.text) != "include" || statement.form != syntax::Form::Simple {
            continue;
        }
        let Text::Known(pattern) = target.text(&source.text, tree.template) else { continue };
        let paths = match include::find(reader.loader, query, &source.path, whole, &pattern) {
            include::Found::Files { paths, .. } => paths,
            _ => Vec::new(),
        };
        links.push(Link { at: Loc::new(file, target.place()), kind: "include", target: pattern.into(), paths });
    }
    links
}

/// A value as nginx's files spell it.
fn print(model: &Model, key: KeyId, value: &Value) -> Printed {
    match value {
        Value::List(nodes) => {
            let lines: Result<Vec<String>, String> = nodes.iter().map(|node| word(&node.value)).collect();
            let several = directives::find(model.key_name(key)).is_none_or(|it| it.shape == directives::Shape::Lines);
            match lines {
                Ok(lines) if several => Printed::Many(lines),
                Ok(words) => Printed::One(words.join(" ")),
                Err(why) => Printed::Unknown(why),
            }
        }
        value => word(value).map_or_else(Printed::Unknown, Printed::One),
    }
}

fn word(value: &Value) -> Result<String, String> {
    match value {
        Value::Bool(true) => Ok("on".into()),
        Value::Bool(false) => Ok("off".into()),
        Value::Int(number) => Ok(number.to_string()),
        Value::Text(Text::Known(text)) => Ok(text.to_string()),
        Value::Text(Text::Pieces(pieces)) => {
            let hole = pieces.iter().find_map(|piece| match piece {
                Piece::Hole(why) => Some(why.to_string()),
                Piece::Known(_) => None,
            });
            Err(hole.unwrap_or_default())
        }
        Value::Unknown(why) => Err(why.to_string()),
        _ => Ok(String::new()),
    }
}

/// Directives, and of blocks what stands before their brace.
pub(super) fn statements(text: &str) -> Vec<Span> {
    let tree = syntax::Tree::parse(text, false);
    let span = |statement: &syntax::Statement| match statement.form {
        syntax::Form::Block(brace) => Span { end: brace, ..statement.span },
        _ => statement.span,
    };
    tree.statements.iter().map(span).collect()
}
