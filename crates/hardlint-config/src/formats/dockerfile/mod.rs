//! Dockerfiles, as BuildKit reads and builds them.
//!
//! `syntax` takes the text apart, `instruction` reads the arguments, `stages` the graph; `config` runs the instructions
//! of a stage and so has the image's configuration; `facts` and `programs` add what is known about images, programs and
//! the folder that is built, `services` which stages are deployed, `starting` what is started and what rights it keeps. Nothing is built and nothing is fetched: what only the base image knows is unknown.

mod config;
mod context;
mod credentials;
mod deployed;
mod edit;
mod expand;
mod facts;
mod identity;
mod ignore;
mod images;
mod instruction;
mod keys;
mod made;
mod mounts;
mod outline;
mod packages;
mod pattern;
mod pins;
mod ports;
mod resolve;
mod scopes;
mod sensitive;
mod services;
mod stages;
mod starting;
mod syntax;
mod template;

#[cfg(test)]
mod tests;

pub(crate) use context::takes_along;
pub(crate) use deployed::{Wanted, copied, service, stage};
pub(crate) use ignore::Ignore;
pub(in crate::formats) use images::split as image_and_tag;
pub(in crate::formats) use made::{for_image, makes};
pub use outline::{Refused, outline};

use super::{Format, Name, Printed};
use crate::model::{Defaults, Model, Piece, ScopeId, Text, Value};
use crate::schema::KeyId;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// Dockerfiles.
pub static FORMAT: Format = Format {
    id: "dockerfile",
    title: "Dockerfile",
    names: &[
        Name::Is("dockerfile"),
        Name::Is("containerfile"),
        Name::Perhaps("dockerfile.*"),
        Name::Perhaps("dockerfile-*"),
        Name::Perhaps("dockerfile_*"),
        Name::Perhaps("containerfile.*"),
        Name::Perhaps("*.dockerfile"),
        Name::Perhaps("*.containerfile"),
        Name::Perhaps("*-dockerfile"),
    ],
    sniff,
    comment: "#",
    schema: &keys::SCHEMA,
    links: resolve::links,
    resolve: resolve::resolve,
    print,
    comments: syntax::comments,
    words: instruction::WORDS,
    identity: identity::of,
    edit: edit::edit,
};

pub(crate) use services::for_people;
pub(in crate::formats) use services::{is_built, knows};

/// Whether a stage, by its name, else the last, runs a server as root, and is not the one that the file is judged for.
pub(super) fn runs_server_as_root(reader: &Reader<'_>, query: &Query, path: &str, target: Option<&str>) -> bool {
    let mut reader = reader.another();
    let Ok(file) = reader.open(path, None) else { return false };
    let versions = query.targets.versions(FORMAT.schema.program, FORMAT.schema.supported);
    let defaults = Arc::new(Defaults::new(FORMAT.schema, versions));
    let model = Model::new(&FORMAT, path.into(), versions, defaults);
    let query = Query { conditions: Vec::new(), ..query.clone() };
    let model = resolve::resolve(&mut reader, &query, file, model);
    let all = (0_u32..).zip(&model.scopes).filter(|(_, scope)| scope.kind == keys::kinds::STAGE);
    let named = |name: &str| target.is_none_or(|target| target.eq_ignore_ascii_case(name));
    let Some((index, _)) = all.filter(|(_, scope)| named(&scope.label)).last() else { return false };
    let says = |key: &str| model.get(ScopeId(index), key) == Some(&Value::Bool(true));
    let starts = model.get(ScopeId(index), "starts").and_then(Value::as_str);
    says("run_user_is_root")
        && !["is_target", "drops_privileges", "base_drops_privileges", "is_base"].into_iter().any(says)
        && matches!(starts, Some("server" | "program"))
}

/// Whether a file that is named like one is one: an instruction begins a line, and it is no `.dockerignore`.
fn sniff(path: &str, text: &str) -> bool {
    if path.to_ascii_lowercase().ends_with(".dockerignore") {
        return false;
    }
    let keyword = |line: &str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        syntax::Keyword::named(word) != syntax::Keyword::Unknown
    };
    text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')).take(40).any(keyword)
}

/// A value as `docker inspect` has it.
fn print(_: &Model, _: KeyId, value: &Value) -> Printed {
    match value {
        Value::Text(Text::Known(text)) => Printed::One(text.to_string()),
        Value::Text(Text::Pieces(pieces)) => {
            let why = pieces.iter().find_map(|piece| match piece {
                Piece::Hole(why) => Some(why.to_string()),
                Piece::Known(_) => None,
            });
            Printed::Unknown(why.unwrap_or_default())
        }
        Value::Unknown(why) => Printed::Unknown(why.to_string()),
        Value::Bool(value) => Printed::One(value.to_string()),
        Value::Int(value) => Printed::One(value.to_string()),
        Value::List(nodes) => Printed::Many(nodes.iter().map(|node| shown(&node.value)).collect()),
        Value::Map(entries) => {
            Printed::Many(entries.iter().map(|entry| format!("{}={}", entry.key, shown(&entry.node.value))).collect())
        }
        _ => Printed::One(String::new()),
    }
}

/// A text in a list; what only the base image knows of it stands as a variable.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(Text::Known(text)) => text.to_string(),
        Value::Text(Text::Pieces(pieces)) => {
            let piece = |piece: &Piece| match piece {
                Piece::Known(text) => text.to_string(),
                Piece::Hole(crate::model::Why::Variable(name)) => format!("${{{name}}}"),
                Piece::Hole(_) => "…".to_owned(),
            };
            pieces.iter().map(piece).collect()
        }
        _ => String::new(),
    }
}
