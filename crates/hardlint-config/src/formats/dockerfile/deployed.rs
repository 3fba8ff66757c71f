//! An image as the formats of the programs in it ask: the environment that a container starts with, and which files of
//! the build's folder lie where in it.

use super::keys::kinds;
use super::services;
use crate::deployment::services::{Mount, Service};
use crate::loader;
use crate::model::{Defaults, Model, Node, ScopeId, Text, Value};
use crate::syntax::shell::{Part, Script, Word};
use crate::text::FileId;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// The image that the Dockerfile makes, as the one service that runs it; nothing where services of a Compose project
/// build it, as those are looked at with what they set.
pub(crate) fn service(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Option<Service> {
    let path = reader.source(file).path.clone();
    if !services::of(reader, query, &path).is_empty() {
        return None;
    }
    stage(reader, query, file, None)
}

/// A stage, by its name, else what the file is judged for, as a service that runs it. `started` are its own commands.
pub(crate) fn stage(reader: &mut Reader<'_>, query: &Query, file: FileId, name: Option<&str>) -> Option<Service> {
    let path = reader.source(file).path.clone();
    let format = &super::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let defaults = Arc::new(Defaults::new(format.schema, versions));
    let model = (format.resolve)(reader, query, file, Model::new(format, path, versions, defaults));
    let is = |id: ScopeId, key: &str| matches!(model.get(id, key), Some(Value::Bool(true)));
    let text = |id: ScopeId, key: &str| model.get(id, key).and_then(Value::as_str);
    let scopes = || (0..).map(ScopeId).zip(&model.scopes);
    let wanted = |id: ScopeId, label: &str| match name {
        Some(name) => label.eq_ignore_ascii_case(name),
        None => is(id, "is_target"),
    };
    let stages = scopes().filter(|(_, scope)| scope.kind == kinds::STAGE);
    let (id, stage) = stages.filter(|(id, scope)| wanted(*id, &scope.label)).last()?;
    let words = |key: &str| model.get(id, key).and_then(Value::as_list).unwrap_or_default();
    let variables = match model.get(id, "Env") {
        Some(Value::Map(entries)) => entries.iter().map(|entry| (entry.key.clone(), entry.node.clone())).collect(),
        _ => Vec::new(),
    };
    let copied = |(id, scope): (ScopeId, &crate::model::Scope)| {
        let in_image = scope.kind == kinds::COPY && scope.parent.is_some_and(|stage| is(stage, "in_image"));
        let (folder, source) = (text(id, "context").filter(|_| in_image)?, text(id, "source")?);
        let source = loader::join(if folder == "." { "" } else { folder }, source)?;
        let target = text(id, "destination")?;
        // What is copied into a folder keeps its name there.
        let target =
            if target.ends_with('/') { format!("{target}{}", loader::name(&source)) } else { target.to_owned() };
        Some(Mount { source, target, at: scope.at })
    };
    Some(Service {
        name: stage.label.clone(),
        at: stage.at,
        image: text(id, "image").map(str::to_owned),
        variables,
        mounts: scopes().filter_map(copied).collect(),
        env_files: Vec::new(),
        depends_on: Vec::new(),
        names: Vec::new(),
        scope: id,
        published: Vec::new(),
        host_network: false,
        built: None,
        started: started(words("Entrypoint"), words("Cmd")),
        open: stage.open.clone(),
    })
}

/// The commands that an entrypoint and its arguments are, where both stand in one file.
fn started(entrypoint: &[Node], cmd: &[Node]) -> Option<(Script, FileId)> {
    let file = entrypoint.iter().chain(cmd).next()?.at.file;
    let word = |node: &Node| {
        let part = match &node.value {
            Value::Text(Text::Known(text)) => Part::Text { text: text.clone(), at: node.at.span, quoted: true },
            _ => Part::Output { at: node.at.span },
        };
        Word::new(vec![part], node.at.span)
    };
    Some((Script::run(entrypoint.iter().chain(cmd).map(word).collect()), file))
}
