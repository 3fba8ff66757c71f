//! The services of a Compose project, as the formats of the programs in them ask: what environment a program runs in,
//! and which files it finds where.

use crate::formats::compose;
use crate::formats::dockerfile::Ignore;
use crate::loader::{self, Kind};
use crate::model::{Defaults, Model, Node, Scope, ScopeId, Str, Text, Value, Why};
use crate::syntax::shell::Script;
use crate::text::{FileId, Loc, Source, Span};
use crate::workspace::{Query, Reader};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// A service, after merging, extending and interpolation.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: Str,
    /// Where the name stands.
    pub(crate) at: Loc,
    /// Its image, where that is known.
    pub(crate) image: Option<String>,
    /// Its environment: each variable once, with the place that sets it.
    pub(crate) variables: Vec<(Str, Node)>,
    /// Paths below the root, and where they are mounted, or copied to.
    pub(crate) mounts: Vec<Mount>,
    /// Files of variables: the path below the root, where it is named, and whether it is there.
    pub(crate) env_files: Vec<(String, Loc, bool)>,
    /// Services of the project that are started before it, and where it says so.
    pub(crate) depends_on: Vec<(Str, Loc)>,
    /// Names by which others of the project reach it.
    pub(crate) names: Vec<Str>,
    /// Its scope in the model of its project, or of its Dockerfile.
    pub(crate) scope: ScopeId,
    /// The ports that it publishes.
    pub(crate) published: Vec<Published>,
    /// Whether it is in the host's network, where all that it listens on is reached.
    pub(crate) host_network: bool,
    /// The Dockerfile below the root that it is built from, and the stage that it asks for.
    pub(crate) built: Option<Built>,
    /// The commands that it starts, and the file that they stand in.
    pub(crate) started: Option<(Script, FileId)>,
    /// Those of its entrypoint alone, where it has one of its own.
    pub(crate) entry: Option<(Script, FileId)>,
    /// The networks of the project that it is on.
    pub(crate) networks: Vec<Str>,
    /// Whether labels or variables of it ask a proxy, which is not known here, to pass requests on to it.
    pub(crate) routed: bool,
    /// Whether it is on a network that others than the project's services are on as well.
    pub(crate) joins_others: bool,
    /// Why there may be more that sets it: a part of the project, or a file of variables, that is not at hand.
    pub(crate) open: Option<Why>,
}

/// A path below the root that a container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The path below the root.
    pub(crate) source: String,
    /// The path inside.
    pub(crate) target: String,
    /// Where that is said.
    pub(crate) at: Loc,
    /// What a build leaves out of its folder.
    pub(crate) without: Option<Arc<LeftOut>>,
    /// Paths below the root that a later step of the build takes out again.
    pub(crate) gone: Vec<String>,
}

/// What `.dockerignore` leaves out of a folder that is built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// The folder, below the root.
    pub(crate) context: String,
    /// The patterns.
    pub(crate) ignore: Ignore,
}

impl Mount {
    /// Whether the container sees a file below the root, of those that lie at or below the source.
    pub(crate) fn has(&self, path: &str) -> bool {
        if self.gone.iter().any(|gone| is_within(path, gone)) {
            return false;
        }
        let Some(without) = &self.without else { return true };
        let below = path.strip_prefix(without.context.as_str()).unwrap_or(path).trim_start_matches('/');
        !without.ignore.ignores(below)
    }
}

/// Whether a path is that of a folder, or lies in it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    /// The folder that is built, below the root.
    pub(crate) context: String,
    /// The stage, by its name; the last one where there is none.
    pub(crate) stage: Option<String>,
    /// Where a file says so, if one does.
    pub(crate) at: Option<Loc>,
}

impl Service {
    /// The same with other places.
    fn moved(&self, mut to: impl FnMut(&mut Loc)) -> Self {
        let mut moved = self.clone();
        to(&mut moved.at);
        moved.variables.iter_mut().for_each(|(_, node)| node.move_places(&mut to));
        moved.mounts.iter_mut().for_each(|mount| to(&mut mount.at));
        moved.env_files.iter_mut().for_each(|(_, at, _)| to(at));
        moved.depends_on.iter_mut().for_each(|(_, at)| to(at));
        moved.built.iter_mut().filter_map(|built| built.at.as_mut()).for_each(&mut to);
        moved.published.iter_mut().for_each(|port| to(&mut port.at));
        for (_, file) in moved.started.iter_mut().chain(&mut moved.entry) {
            let mut at = Loc::new(*file, Span::default());
            to(&mut at);
            *file = at.file;
        }
        moved
    }

    /// The path below the root that is mounted at a path inside; of several mounts over each other, the innermost.
    pub(crate) fn mounted(&self, inside: &str) -> Option<String> {
        let place = |mount: &Mount| {
            let rest = inside.strip_prefix(mount.target.trim_end_matches('/'))?;
            let path = match rest.strip_prefix('/') {
                Some(rest) => loader::join(&mount.source, rest)?,
                None if rest.is_empty() => mount.source.clone(),
                None => return None,
            };
            mount.has(&path).then_some((mount.target.len(), path))
        };
        self.mounts.iter().filter_map(place).max().map(|(_, path)| path)
    }
}

/// A project's services, resolved once for all that ask, with what else these ask of each.
#[derive(Debug)]
pub(crate) struct Project<T> {
    /// The services; their places are in `sources`.
    services: Vec<(Service, T)>,
    sources: Vec<Arc<Source>>,
}

impl<T: Send + Sync + 'static> Project<T> {
    /// The services of the project that begins at `path`, as `make` tells them of it to the first that asks.
    pub(crate) fn of(
        reader: &Reader<'_>,
        query: &Query,
        path: &str,
        make: impl FnOnce(&mut Reader<'_>) -> Vec<(Service, T)>,
    ) -> Arc<Self> {
        // What differs between those who ask of one workspace: whether its environment counts, and its conditions.
        let Query { environment, conditions, document, targets, isolated, .. } = query;
        let asked = [environment.is_some(), *document, targets.0.is_empty(), *isolated];
        let key = format!("{path}\0{asked:?}{conditions:?}");
        reader.memo.lately::<Self>(&key, || {
            let mut own = reader.another();
            let services = make(&mut own);
            Self { services, sources: own.sources().to_vec() }
        })
    }

    /// Those that are asked for, with their places as the reader has them. What is not is left as it is.
    pub(crate) fn those(&self, reader: &mut Reader<'_>, asked: impl Fn(&Service, &T) -> bool) -> Vec<(Service, &T)> {
        let those = self.services.iter().filter(|(service, more)| asked(service, more));
        those.map(|(service, more)| (service.moved(|at| *at = reader.adopt(&self.sources, *at)), more)).collect()
    }
}

/// The services that mount the file at `path`, or a folder with it, in the projects of its folder and those above.
pub(crate) fn mounting(reader: &mut Reader<'_>, query: &Query, path: &str) -> Vec<Service> {
    let mut found = Vec::new();
    let mut folder = loader::folder(path);
    loop {
        let there = |name: &&str| {
            let path = loader::join(folder, name)?;
            reader.loader.stat(&path).filter(|stat| stat.kind == Kind::File).map(|_| path)
        };
        if let Some(project) = compose::BASES.iter().find_map(there)
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
                found.extend(those(reader, query, file, |service| {
                    service.mounts.iter().any(|mount| holds(&mount.source))
                }));
            }
        }
        if folder.is_empty() {
            return found;
        }
        folder = loader::folder(folder);
    }
}

/// The same as facts about the file ask, whatever is asked of it; none where it is looked at alone.
pub(crate) fn mounting_anyway(reader: &mut Reader<'_>, query: &Query, path: &str) -> Vec<Service> {
    if query.isolated {
        return Vec::new();
    }
    let query = Query { environment: None, conditions: Vec::new(), document: false, ..query.clone() };
    mounting(reader, &query, path)
}

/// The first of the services that mount a file, where no other machine reaches any of them by a port: what the program
/// listens on is reached from its project then.
pub(crate) fn only_inside(mounting: &[Service]) -> Option<Loc> {
    let inside = |service: &Service| {
        service.open.is_none()
            && !service.host_network
            && !service.joins_others
            && !service.published.iter().any(|port| port.beyond_host)
    };
    mounting.iter().all(inside).then(|| mounting.first().map(|service| service.at))?
}

/// The services of the project that begins with `file`.
pub(crate) fn services(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Service> {
    those(reader, query, file, |_| true)
}

/// Some of them.
pub(crate) fn those(
    reader: &mut Reader<'_>,
    query: &Query,
    file: FileId,
    asked: impl Fn(&Service) -> bool,
) -> Vec<Service> {
    let path = reader.source(file).path.clone();
    let project = Project::of(reader, query, &path, |reader| {
        let Ok(file) = reader.open(&path, None) else { return Vec::new() };
        let format = &compose::FORMAT;
        let versions = query.targets.versions(format.schema.program, format.schema.supported);
        let defaults = Arc::new(Defaults::new(format.schema, versions));
        let model = Model::new(format, path.clone(), versions, defaults);
        let model = compose::plain(reader, query, file, model);
        of_model(reader, &model).into_iter().map(|service| (service, ())).collect()
    });
    project.those(reader, |service, ()| asked(service)).into_iter().map(|(service, ())| service).collect()
}

/// The services of a project that was resolved with this reader.
pub(crate) fn of_model(reader: &Reader<'_>, model: &Model) -> Vec<Service> {
    let schema = model.format.schema;
    let mut services: Vec<Service> = Vec::new();
    for (id, scope) in (0_u32..).map(ScopeId).zip(&model.scopes) {
        let text = |key: &str| match model.get(id, key) {
            Some(Value::Text(Text::Known(text))) => Some(text.to_string()),
            _ => None,
        };
        match schema.kind(scope.kind).name {
            "service" => services.push(service(reader, model, id, scope)),
            // What belongs to a service follows it.
            kind @ ("mount" | "port" | "variable") => {
                let Some(service) = services.last_mut().filter(|service| Some(service.scope) == scope.parent) else {
                    continue;
                };
                if kind == "mount" {
                    let source = text("source").and_then(|source| below(&source).map(str::to_owned));
                    let pair = source.zip(text("target"));
                    service.mounts.extend(pair.map(|(source, target)| Mount {
                        source,
                        target,
                        at: scope.at,
                        without: None,
                        gone: Vec::new(),
                    }));
                } else if kind == "port" {
                    if publishes(model, service.scope) {
                        service.published.extend(published(model, id, scope.at));
                    }
                } else if let Some(node) = value(model, scope) {
                    service.variables.push((scope.label.clone(), node.clone()));
                }
            }
            _ => {}
        }
    }
    // What shares another's network is reached by that one's ports.
    let shared: Vec<(usize, usize)> = (0..services.len())
        .filter_map(|index| {
            let scope = services.get(index)?.scope;
            let other = model.get(scope, "network_mode")?.as_str()?.strip_prefix("service:")?;
            Some((index, services.iter().position(|it| it.name == other)?))
        })
        .collect();
    for (index, other) in shared {
        let Some(from) = services.get(other) else { continue };
        let (published, networks, joins) = (from.published.clone(), from.networks.clone(), from.joins_others);
        let host = from.host_network;
        if let Some(service) = services.get_mut(index) {
            service.published.extend(published);
            (service.networks, service.joins_others, service.host_network) = (networks, joins, host);
        }
    }
    services
}

/// What a variable is set to; facts stand beside it.
fn value<'m>(model: &Model, variable: &'m Scope) -> Option<&'m Node> {
    let key = |name| model.format.schema.key(variable.kind, name);
    ["value", "secret_value"].into_iter().filter_map(key).find_map(|key| variable.own.get(key))
}

/// A service as its own settings say.
fn service(reader: &Reader<'_>, model: &Model, id: ScopeId, scope: &Scope) -> Service {
    let text = |key: &str| model.get(id, key).and_then(Value::as_str).map(str::to_owned);
    let words = |key| model.get(id, key).and_then(Value::as_list).unwrap_or_default();
    let env_files = env_files(reader, model, id);
    let missing = || {
        // Where a file has to be there, what it sets is not known.
        let gone = env_files.iter().find(|(_, _, there)| !there);
        gone.map(|(path, ..)| Why::File(path.as_str().into()))
    };
    let mut names = vec![scope.label.clone()];
    names.extend(["container_name", "hostname"].iter().filter_map(|key| text(key)).map(Str::from));
    let mut depends_on = Vec::new();
    if let Some(Value::Map(entries)) = model.get(id, "depends_on") {
        depends_on.extend(entries.iter().map(|it| (it.key.clone(), it.node.name_at.unwrap_or(it.node.at))));
    }
    // Compose starts first what a service takes its network, its folders or a name from.
    let first = |text: &str| Str::from(text.split(':').next().unwrap_or_default());
    for key in ["links", "volumes_from"] {
        let others = words(key).iter().filter_map(|node| Some((node.value.as_str()?, node.at)));
        let others = others.filter(|(text, _)| !text.starts_with("container:"));
        depends_on.extend(others.map(|(text, at)| (first(text), at)));
    }
    for key in ["network_mode", "pid", "ipc"] {
        if let Some(other) = model.get(id, key).and_then(Value::as_str).and_then(|text| text.strip_prefix("service:")) {
            depends_on.push((other.into(), scope.at));
        }
    }
    if let Some(Value::Map(networks)) = model.get(id, "networks") {
        let aliases = networks.iter().filter_map(|network| network.node.value.entry("aliases")?.value.as_list());
        names.extend(aliases.flatten().filter_map(|alias| alias.value.as_str()).map(Str::from));
    }
    let given = words("given").iter().filter_map(|file| {
        let part = |key: &str| file.value.entry(key).and_then(|node| node.value.as_str());
        let (source, target) = (below(part("source")?)?.to_owned(), part("target")?.to_owned());
        Some(Mount { source, target, at: file.at, without: None, gone: Vec::new() })
    });
    Service {
        open: scope.open.clone().or_else(missing),
        name: scope.label.clone(),
        at: scope.at,
        image: model.get(id, "image").and_then(compose::reference).map(Cow::into_owned),
        variables: Vec::new(),
        mounts: given.collect(),
        env_files,
        depends_on,
        names,
        scope: id,
        published: Vec::new(),
        host_network: text("network_mode").as_deref() == Some("host"),
        built: model.get(id, "build").and_then(built).map(|built| Built { at: build_at(scope, model), ..built }),
        started: compose::script(reader, words("entrypoint"), words("command")),
        entry: compose::script(reader, words("entrypoint"), &[]),
        networks: networks(model, id),
        routed: is_routed(model, id),
        joins_others: model.get(id, "joins_others") == Some(&Value::Bool(true)),
    }
}

/// Where the folder stands that a service is built from.
fn build_at(scope: &Scope, model: &Model) -> Option<Loc> {
    let build = scope.own.get(model.format.schema.key(scope.kind, "build")?)?;
    let context = build.value.entry("context").filter(|context| context.at.span.start < context.at.span.end);
    Some(context.unwrap_or(build).at)
}

/// Whether labels ask a proxy to pass requests on.
fn is_routed(model: &Model, id: ScopeId) -> bool {
    let asks = |name: &str| name.starts_with("traefik.") || name.starts_with("caddy");
    match model.get(id, "labels") {
        Some(Value::Map(labels)) => labels.iter().any(|label| asks(&label.key)),
        Some(Value::List(labels)) => labels.iter().filter_map(|label| label.value.as_str()).any(asks),
        _ => false,
    }
}

/// The networks that a service is on: the project's own where it names none.
fn networks(model: &Model, id: ScopeId) -> Vec<Str> {
    match model.get(id, "networks") {
        Some(Value::Map(all)) if !all.is_empty() => all.iter().map(|network| network.key.clone()).collect(),
        _ if model.get(id, "network_mode").is_some() => Vec::new(),
        _ => vec!["default".into()],
    }
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
pub(crate) fn built(build: &Value) -> Option<Built> {
    let dockerfile = compose::dockerfile(build)?;
    let stage = match build.entry("target") {
        Some(node) => Some(node.value.as_str()?.to_owned()),
        None => None,
    };
    Some(Built { dockerfile, context: compose::context(build)?, stage, at: None })
}

/// The files of variables that a service names. Whether each is there does not tell whether it may be missing.
fn env_files(reader: &Reader<'_>, model: &Model, id: ScopeId) -> Vec<(String, Loc, bool)> {
    let files = model.get(id, "env_file").and_then(Value::as_list).unwrap_or_default();
    let file = |file: &Node| {
        let path = file.value.entry("path").and_then(|node| node.value.as_str())?;
        let is_file = |path: &str| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
        let there = below(path).is_some_and(is_file);
        Some((below(path).unwrap_or(path).to_owned(), file.at, there))
    };
    files.iter().filter_map(file).collect()
}

/// The path below the root that Compose's stands for.
fn below(path: &str) -> Option<&str> {
    if path == "." { Some("") } else { path.strip_prefix("./") }
}
