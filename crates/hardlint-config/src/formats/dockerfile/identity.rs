//! What makes a stage and a command the same over time: neither the version of the image beneath nor that of a download,
//! which are what changes in a Dockerfile most.

use super::images;
use super::keys::kinds;
use crate::formats::label;
use crate::model::{Model, Node, Piece, ScopeId, Str, Text, Value};

/// The words for a scope.
pub(super) fn of(model: &Model, id: ScopeId) -> Vec<Str> {
    let mut words = label(model, id);
    match model.scope(id).map(|scope| scope.kind) {
        // A stage without a name is called by its image.
        Some(kinds::STAGE) if model.get(id, "name").is_none() => {
            for word in &mut words {
                *word = images::split(word).0.into();
            }
        }
        Some(kinds::COMMAND) => words.extend(subject(model, id)),
        _ => {}
    }
    words
}

/// What a command is about, without anything that may be secret: of the first address among its arguments the host and the
/// name of an archive or a script, of rights the file that they are of.
fn subject(model: &Model, id: ScopeId) -> Option<Str> {
    const FILES: &[&str] = &["asc", "deb", "gpg", "gz", "jar", "key", "rpm", "sh", "tar", "tgz", "whl", "xz", "zip"];
    const RIGHTS: &[&str] = &["chgrp", "chmod", "chown"];
    let Some(Value::List(arguments)) = model.get(id, "arguments") else { return None };
    let texts: Vec<String> = arguments.iter().map(written).collect();
    let address = texts.iter().find_map(|text| text.split_once("://").map(|(_, rest)| rest));
    let about = match address {
        Some(rest) if rest.contains('@') => return None,
        Some(rest) => {
            let rest = rest.split(['?', '#']).next().unwrap_or(rest);
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let name =
                path.rsplit('/').next().filter(|name| FILES.iter().any(|end| name.rsplit('.').next() == Some(end)));
            format!("{host}/{}", name.unwrap_or_default())
        }
        None if RIGHTS.contains(&&*model.scope(id)?.label) => texts.into_iter().find(|text| text.starts_with('/'))?,
        None => return None,
    };
    let mut versionless = String::with_capacity(about.len());
    for letter in about.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }) {
        if letter != '#' || !versionless.ends_with('#') {
            versionless.push(letter);
        }
    }
    Some(versionless.into())
}

/// An argument, with `*` for each hole in it.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Text(Text::Known(text)) => text.to_string(),
        Value::Text(Text::Pieces(pieces)) => {
            let text = |piece: &Piece| match piece {
                Piece::Known(text) => text.to_string(),
                Piece::Hole(_) => "*".to_owned(),
            };
            pieces.iter().map(text).collect()
        }
        _ => String::new(),
    }
}
