//! Credentials that get into the image though no file of the repository has them: keys in heredocs, and files that only
//! whoever builds has.

use super::facts::{fact, of_kind};
use super::ignore::Ignore;
use super::keys::kinds;
use super::resolve::{Built, set};
use super::syntax::File;
use crate::loader::{self, Kind, Loader};
use crate::model::{Model, ScopeId, Value};
use crate::secrets;
use crate::text::Loc;
use crate::workspace::Reader;

/// Private keys that a heredoc writes into the image.
pub(super) fn written_keys(reader: &Reader<'_>, parsed: &File, model: &mut Model) {
    let all: Vec<(ScopeId, Loc)> = of_kind(model, (0, model.scopes.len()), kinds::COPY).collect();
    for instruction in parsed.instructions.iter().filter(|it| !it.heredocs.is_empty()) {
        for (id, at) in &all {
            let source = reader.source(at.file);
            let mut keys =
                instruction.heredocs.iter().filter(|it| secrets::private_key(source.slice(it.body)).is_some());
            let inside = instruction.extent.start <= at.span.start && at.span.end <= instruction.extent.end;
            if inside && keys.next().is_some() {
                set(model, *id, kinds::COPY, "sensitive", fact(Value::text("a private key"), *at));
            }
        }
    }
}

/// Files of credentials that a variable names below a folder that is copied.
pub(super) fn named(loader: &dyn Loader, built: &[Built], context: Option<&str>, ignore: &Ignore, model: &mut Model) {
    let mut found: Vec<(ScopeId, Loc, String)> = Vec::new();
    for stage in built {
        let start = model.get(stage.scope, "WorkingDir").and_then(Value::as_str).unwrap_or("/").to_owned();
        for (env, at) in of_kind(model, stage.scopes, kinds::ENV) {
            let named = model.scope(env).is_some_and(|scope| &*scope.label == "GOOGLE_APPLICATION_CREDENTIALS");
            let Some(file) = model
                .get(env, "value")
                .and_then(Value::as_str)
                .filter(|file| named && file.to_ascii_lowercase().ends_with(".json"))
            else {
                continue;
            };
            let whole = if file.starts_with('/') { file.to_owned() } else { format!("{start}/{file}") };
            let Some(path) = loader::join("", whole.trim_start_matches('/')) else { continue };
            let brought = of_kind(model, stage.scopes, kinds::COPY).any(|(copy, _)| {
                let text = |key: &str| model.get(copy, key).and_then(Value::as_str).unwrap_or_default();
                if model.get(copy, "from_context") != Some(&Value::Bool(true)) || !text("lands_at").starts_with('/') {
                    return false;
                }
                let folder = text("lands_at").trim_matches('/');
                let rest = match path.strip_prefix(folder) {
                    Some(rest) if folder.is_empty() => Some(rest),
                    Some(rest) => rest.strip_prefix('/'),
                    None => None,
                };
                let source = text("source").trim_start_matches("./").trim_matches('/');
                let source = if matches!(source, "." | "*") { "" } else { source };
                // A tree of files that is laid over the whole image has those of the system.
                if folder.is_empty() && !source.is_empty() {
                    return false;
                }
                // What has an ending is a file, which nothing lies in.
                let is_folder = !loader::name(source).contains('.');
                rest.filter(|_| is_folder).is_some_and(|rest| {
                    let below = if source.is_empty() { rest.to_owned() } else { format!("{source}/{rest}") };
                    // Below a folder that is not there, nobody has a file.
                    let inside = loader::folder(&below);
                    let there = |context: &str| {
                        let path = loader::join(context, inside);
                        path.and_then(|path| loader.stat(&path)).is_some_and(|stat| stat.kind == Kind::Folder)
                    };
                    let nested = rest.contains('/');
                    !ignore.ignores(&below) && (!nested || context.is_some_and(there))
                })
            });
            if brought {
                found.push((env, at, file.to_owned()));
            }
        }
    }
    for (id, at, file) in found {
        set(model, id, kinds::ENV, "copied_credentials", fact(Value::text(file), at));
    }
}
