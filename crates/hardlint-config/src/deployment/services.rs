//! The services of a Compose project, as the formats of the programs in them ask: what environment a program runs in,
//! and which files it finds where.

use crate::formats::compose;
use crate::loader::{self, Kind};
use crate::model::{Defaults, Model, Node, ScopeId, Str, Text, Value, Why};
use crate::syntax::shell::Script;
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};
use std::net::IpAddr;
use std::sync::Arc;

/// A service, after merging, extending and interpolation.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: Str,
    /// Where the name stands.
    pub(crate) at: Loc,
    /// Its image, where that is known.
    pub(crate) image: Option<String>,
    /// Its environment: each variable once, with the place that sets it.
    pub(crate) variables: Vec<(Str, Node)>,
    /// Paths below the root, and where they are mounted.
    pub(crate) mounts: Vec<(String, String)>,
    /// The ports that it publishes.
    pub(crate) published: Vec<Published>,
    /// Whether it is in the host's network, where all that it listens on is reached.
    pub(crate) host_network: bool,
    /// The Dockerfile below the root that it is built from, and the stage that it asks for.
    pub(crate) built: Option<Built>,
    /// The commands that it starts, and the file that they stand in.
    pub(crate) started: Option<(Script, FileId)>,
    /// Why there may be more that sets it: a part of the project, or a file of variables, that is not at hand.
    pub(crate) open: Option<Why>,
}

/// A published port.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// Where it is published.
    pub(crate) at: Loc,
    /// The port inside.
    pub(crate) inside: i64,
    /// Whether machines other than the host reach it.
    pub(crate) beyond_host: bool,
}

/// What a service is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Built {
    /// The Dockerfile, below the root.
    pub(crate) dockerfile: String,
    /// The stage, by its name; the last one where there is none.
    pub(crate) stage: Option<String>,
}

impl Service {
    /// The path below the root that is mounted at a path inside; of several mounts over each other, the innermost.
    pub(crate) fn mounted(&self, inside: &str) -> Option<String> {
        let place = |(source, target): &(String, String)| {
            let rest = inside.strip_prefix(target.trim_end_matches('/'))?;
            let path = match rest.strip_prefix('/') {
                Some(rest) => loader::join(source, rest)?,
                None if rest.is_empty() => source.clone(),
                None => return None,
            };
            Some((target.len(), path))
        };
        self.mounts.iter().filter_map(place).max().map(|(_, path)| path)
    }
}

/// The names that Compose looks for.
const PROJECTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The services that mount the file at `path`, or a folder with it, in the projects of its folder and those above.
pub(crate) fn mounting(reader: &mut Reader<'_>, query: &Query, path: &str) -> Vec<Service> {
    let mut found = Vec::new();
    let mut folder = loader::folder(path);
    loop {
        let there = |name: &&str| {
            let path = loader::join(folder, name)?;
            reader.loader.stat(&path).filter(|stat| stat.kind == Kind::File).map(|_| path)
        };
        if let Some(project) = PROJECTS.iter().find_map(there)
            && let Ok(file) = reader.open(&project, None)
        {
            // What is mounted is named, by itself or by a folder that holds it; most projects need not be read for this.
            let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
            let text = reader.source(file).text.clone();
            let names = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
            if below.split('/').any(names) {
                let holds = |source: &str| {
                    path.strip_prefix(source).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let all = services(reader, query, file).into_iter();
                found.extend(all.filter(|service| service.mounts.iter().any(|(source, _)| holds(source))));
            }
        }
        if folder.is_empty() {
            return found;
        }
        folder = loader::folder(folder);
    }
}

/// The services of the project that begins with `file`.
pub(crate) fn services(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Service> {
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let defaults = Arc::new(Defaults::new(format.schema, versions));
    let model = Model::new(format, reader.source(file).path.clone(), versions, defaults);
    let model = compose::plain(reader, query, file, model);
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
                let words = |key| model.get(ScopeId(index), key).and_then(Value::as_list).unwrap_or_default();
                let started = compose::script(reader, words("entrypoint"), words("command"));
                let service = Service {
                    name,
                    at,
                    image: text("image"),
                    variables: Vec::new(),
                    mounts: Vec::new(),
                    published: Vec::new(),
                    host_network: text("network_mode").as_deref() == Some("host"),
                    built: model.get(ScopeId(index), "build").and_then(built),
                    started,
                    open,
                };
                services.push((ScopeId(index), service));
            }
            // What belongs to a service follows it.
            kind @ ("mount" | "port" | "variable") => {
                let Some((_, service)) = services.last_mut().filter(|(id, _)| Some(*id) == scope.parent) else {
                    continue;
                };
                if kind == "mount" {
                    let source = text("source").and_then(|source| below(&source).map(str::to_owned));
                    service.mounts.extend(source.zip(text("target")));
                } else if kind == "port" {
                    if scope.parent.is_some_and(|service| publishes(&model, service)) {
                        service.published.extend(published(&model, ScopeId(index), scope.at));
                    }
                } else if let Some((_, node)) = scope.own.iter().next() {
                    service.variables.push((scope.label.clone(), node.clone()));
                }
            }
            _ => {}
        }
    }
    services.into_iter().map(|(_, service)| service).collect()
}

/// Whether the ports of a service are published where the project is started as it is: what stands behind a profile is
/// started when somebody asks for it, and Docker publishes nothing of what is only on networks that lead nowhere.
fn publishes(model: &Model, service: ScopeId) -> bool {
    let asked_for = model.get(service, "profiles").and_then(Value::as_list).is_some_and(|names| !names.is_empty());
    !asked_for && model.get(service, "only_internal") != Some(&Value::Bool(true))
}

/// A published port, if it is known which one it is and whom it is published to.
fn published(model: &Model, port: ScopeId, at: Loc) -> Option<Published> {
    let Some(Value::Int(inside)) = model.get(port, "target") else { return None };
    let beyond_host = match model.get(port, "host_ip") {
        None => true,
        Some(address) => {
            let address = address.as_str()?;
            address.parse::<IpAddr>().map_or(address.is_empty(), |address| !address.is_loopback())
        }
    };
    Some(Published { at, inside: *inside, beyond_host })
}

/// What a service is built from, where that is known.
fn built(build: &Value) -> Option<Built> {
    let dockerfile = compose::dockerfile(build)?;
    let stage = match build.entry("target") {
        Some(node) => Some(node.value.as_str()?.to_owned()),
        None => None,
    };
    Some(Built { dockerfile, stage })
}

/// The file of variables that a service has to have, and that is not at hand.
fn missing(reader: &Reader<'_>, model: &Model, id: ScopeId) -> Option<Why> {
    model.get(id, "env_file")?.as_list()?.iter().find_map(|file| {
        let path = file.value.entry("path").and_then(|node| node.value.as_str());
        let below = path.and_then(below);
        let there = below.is_some_and(|path| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File));
        (!there).then(|| Why::File(path.unwrap_or("env_file").into()))
    })
}

/// The path below the root that Compose's stands for.
fn below(path: &str) -> Option<&str> {
    if path == "." { Some("") } else { path.strip_prefix("./") }
}
