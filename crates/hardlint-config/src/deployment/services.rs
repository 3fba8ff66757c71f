//! The services of a Compose project, as the formats of the programs in them ask: what environment a program runs in,
//! and which files it finds where.

use crate::formats::compose;
use crate::loader::Kind;
use crate::model::{Defaults, Model, Node, ScopeId, Text, Value, Why};
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// A service, after merging, extending and interpolation.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: Box<str>,
    /// Where the name stands.
    pub(crate) at: Loc,
    /// Its image, where that is known.
    pub(crate) image: Option<String>,
    /// Its environment: each variable once, with the place that sets it.
    pub(crate) variables: Vec<(Box<str>, Node)>,
    /// Paths below the root, and where they are mounted.
    pub(crate) mounts: Vec<(String, String)>,
    /// Why there may be more that sets it: a part of the project, or a file of variables, that is not at hand.
    pub(crate) open: Option<Why>,
}

/// The services of the project that begins with `file`.
pub(crate) fn services(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Service> {
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let defaults = Arc::new(Defaults::new(format.schema, versions));
    let model = Model::new(format, reader.source(file).path.clone(), versions, defaults);
    let model = (format.resolve)(reader, query, file, model);
    let mut services: Vec<(ScopeId, Service)> = Vec::new();
    for (index, scope) in (0_u32..).zip(&model.scopes) {
        let text = |key: &str| match model.get(ScopeId(index), key) {
            Some(Value::Text(Text::Known(text))) => Some(text.to_string()),
            _ => None,
        };
        match format.schema.kind(scope.kind).name {
            "service" => {
                let open = scope.open.clone().or_else(|| missing(reader, &model, ScopeId(index)));
                let (name, at) = (scope.label.clone(), scope.at);
                let service =
                    Service { name, at, image: text("image"), variables: Vec::new(), mounts: Vec::new(), open };
                services.push((ScopeId(index), service));
            }
            // What belongs to a service follows it.
            kind @ ("mount" | "variable") => {
                let Some((_, service)) = services.last_mut().filter(|(id, _)| Some(*id) == scope.parent) else {
                    continue;
                };
                if kind == "mount" {
                    let source = text("source").and_then(|source| source.strip_prefix("./").map(str::to_owned));
                    service.mounts.extend(source.zip(text("target")));
                } else if let Some((_, node)) = scope.own.iter().next() {
                    service.variables.push((scope.label.clone(), node.clone()));
                }
            }
            _ => {}
        }
    }
    services.into_iter().map(|(_, service)| service).collect()
}

/// The file of variables that a service has to have, and that is not at hand.
fn missing(reader: &Reader<'_>, model: &Model, id: ScopeId) -> Option<Why> {
    model.get(id, "env_file")?.as_list()?.iter().find_map(|file| {
        let path = file.value.entry("path").and_then(|node| node.value.as_str());
        let below = path.and_then(|path| path.strip_prefix("./"));
        let there = below.is_some_and(|path| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File));
        (!there).then(|| Why::File(path.unwrap_or("env_file").into()))
    })
}
