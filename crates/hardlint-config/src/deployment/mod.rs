//! The deployment that the files make together: which services run, from which images, with which settings, and who
//! reaches whom.
//!
//! [`Deployment::of`] joins one Compose project with all that it names. A link needs a path, a name or a value that says
//! so: what a script does at run time, or a variable that nothing sets, links nothing.

mod applications;
pub(crate) mod chains;
mod connections;
mod facts;
pub mod following;
mod format;
pub(crate) mod fronts;
pub(crate) mod images;
mod keys;
pub(crate) mod proxies;
pub mod role;
pub(crate) mod services;

use crate::formats::dockerfile::{self, Wanted};
use crate::formats::{ByName, Format, LAID_OVER, by_name, compose};
use crate::loader::{self, Kind, Loader};
use crate::model::{Model, Node, ScopeId, Str};
use crate::text::Loc;
use crate::version::Targets;
use crate::workspace::{Query, Reader};
pub use format::{FORMAT, of_project};
pub use images::Part;
use services::{Built, Project, Service};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Files of a copied folder that are looked at.
const MAX_FILES: usize = 40;

/// A Compose project, and what it is made of.
#[derive(Debug)]
pub struct Deployment {
    /// Its services, in the order of the files.
    pub services: Vec<Member>,
    /// Who refers to what.
    pub links: Vec<Link>,
    names: Names,
}

/// The services of a project by the names that others reach them by.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, Vec<usize>>);

impl Names {
    fn of(services: &[Member]) -> Self {
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, member) in services.iter().enumerate() {
            for name in &member.service.names {
                let found = names.entry(name.to_ascii_lowercase().into()).or_default();
                if found.last() != Some(&index) {
                    found.push(index);
                }
            }
        }
        Self(names)
    }

    /// The services of a name.
    fn of_host(&self, host: &str) -> &[usize] {
        self.0.get(&host.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The service that another one reaches by a name: they are on one network, as far as that is known.
    pub(crate) fn reached(&self, services: &[Member], from: usize, host: &str) -> Option<usize> {
        let own = &services.get(from)?.service;
        let shares = |to: &&usize| {
            let Some(other) = services.get(**to).map(|to| &to.service) else { return false };
            own.host_network
                || other.host_network
                || own.networks.iter().any(|network| other.networks.contains(network))
        };
        let all = self.0.get(&host.to_ascii_lowercase())?;
        all.iter().find(|to| **to != from && shares(to)).copied()
    }
}

/// A service of the deployment.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: Str,
    /// Where the name stands.
    pub at: Loc,
    /// Its image, where Compose is told one.
    pub image: Option<String>,
    /// The stage that it is built from: its name, or its number where it has none.
    pub stage: Option<String>,
    /// The variables that Compose gives it, each with who sets it.
    pub variables: Vec<(Str, Node)>,
    /// What runs in it, in words; empty where nothing tells.
    pub program: &'static str,
    /// What it is for the others.
    pub part: Part,
    /// Whether other machines reach it by a port of its own, or as it shares the host's network.
    pub open: bool,
    /// The file with the settings of the application that it runs.
    pub settings: Option<String>,
    pub(crate) service: Service,
    pub(crate) inside: Option<Arc<Service>>,
    /// What nginx in it is configured by, as it reads it.
    pub(crate) nginx: Vec<Arc<Model>>,
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A service, by its place in [`Deployment::services`].
    Service(usize),
    /// A file or folder below the root.
    File(Arc<str>),
}

/// Something that refers to something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who refers.
    pub from: End,
    /// To what.
    pub to: End,
    /// How: `build`, `env_file`, `mount`, `settings`, `copy`, `include`, `extends`, `override`, `interpolates`; between
    /// services `proxy`, `connects`, `depends_on`.
    pub kind: &'static str,
    /// What more there is to say: the path inside, the port.
    pub note: String,
    /// Where it is said.
    pub at: Loc,
}

impl Member {
    /// Its scope in the model of its project.
    pub fn scope(&self) -> ScopeId {
        self.service.scope
    }

    /// What a variable is where it runs: as Compose sets it, else as its image does.
    pub(crate) fn variable(&self, name: &str) -> Option<&Node> {
        let of = |variables: &'_ [(Str, Node)]| variables.iter().position(|(known, _)| &**known == name);
        if let Some(at) = of(&self.variables) {
            return self.variables.get(at).map(|(_, node)| node);
        }
        let inside = &self.inside.as_deref()?.variables;
        inside.get(of(inside)?).map(|(_, node)| node)
    }

    /// Whether what it starts names one of these programs.
    pub(crate) fn runs_any(&self, programs: &[&str]) -> bool {
        let started = [Some(&self.service), self.inside.as_deref()].into_iter().flatten();
        let words = started.filter_map(|it| it.started.as_ref()).flat_map(|it| &it.0.commands).flat_map(|it| &it.words);
        words.filter_map(|word| word.known()).any(|word| programs.contains(&loader::name(word)))
    }
}

impl Deployment {
    /// The service that another one reaches by a name.
    pub(crate) fn named(&self, from: usize, host: &str) -> Option<usize> {
        self.names.reached(&self.services, from, host)
    }

    /// Whether a name is that of any service, on whatever network.
    pub(crate) fn names_any(&self, host: &str) -> bool {
        self.names.0.contains_key(&host.to_ascii_lowercase())
    }

    /// The deployment of a Compose project that was resolved with this reader.
    pub fn of(reader: &mut Reader<'_>, query: &Query, model: &Model) -> Self {
        let query = Query {
            environment: None,
            targets: Targets::default(),
            conditions: Vec::new(),
            document: false,
            ..query.clone()
        };
        let all = services::of_model(reader, model);
        let mut images: BTreeMap<(String, String, Option<String>), Option<Arc<Service>>> = BTreeMap::new();
        let mut resolved = proxies::Resolved::default();
        let mut services = Vec::new();
        for service in all {
            let inside = service.built.as_ref().and_then(|built| {
                let key = (built.dockerfile.clone(), built.context.clone(), built.stage.clone());
                images.entry(key).or_insert_with(|| image(reader, &query, &service).map(Arc::new)).clone()
            });
            let nginx = resolved.of(reader, &query, &service, inside.as_deref());
            services.push(Member { nginx, ..member(reader, service, inside) });
        }
        let names = Names::of(&services);
        let mut links = Vec::new();
        for (index, member) in services.iter().enumerate() {
            own(reader, member, index, &mut links);
            proxies::links(&services, &names, index, &mut links);
            connections::links(&services, &names, index, &mut links);
        }
        files(reader, &query, model, &services, &mut links);
        links.sort_by(|a, b| (&a.from, a.kind, &a.to, &a.note).cmp(&(&b.from, b.kind, &b.to, &b.note)));
        links.dedup_by(|a, b| (&a.from, a.kind, &a.to, &a.note) == (&b.from, b.kind, &b.to, &b.note));
        Self { services, links, names }
    }
}

/// Whether a Compose file is judged together with others that it is laid over.
pub fn is_laid_over(reader: &Reader<'_>, query: &Query, path: &str) -> bool {
    !query.isolated && !query.document && compose::laid_over(reader, path).is_some()
}

/// What runs in an image, and whether that is a store.
pub(crate) fn image_part(image: Option<&str>) -> Option<(&'static str, bool)> {
    images::of(image, None).map(|(title, part)| (title, part == Part::Store))
}

/// The file with the settings of the application that a service starts, where that is known.
pub(crate) fn settings(loader: &dyn Loader, service: &Service, image: Option<&Service>) -> Option<String> {
    applications::of(loader, service, image).map(|application| application.settings)
}

/// The image that a service is built from, as a service that runs it.
pub(crate) fn image(reader: &mut Reader<'_>, query: &Query, service: &Service) -> Option<Service> {
    image_of(reader, query, service.built.as_ref()?)
}

/// The same of what a `build` says.
pub(crate) fn image_of(reader: &mut Reader<'_>, query: &Query, built: &Built) -> Option<Service> {
    let Built { dockerfile, context, stage, .. } = built;
    // Many services, and all that ask which of them run a file, ask for the same stage.
    let key =
        format!("{dockerfile}\0{context}\0{}\0", stage.as_deref().map_or_else(String::new, |name| format!("={name}")));
    let known = Project::of(reader, query, &key, |reader| {
        let file = reader.open(dockerfile, None).ok();
        let wanted = Wanted::Built(stage.as_deref());
        let found = file.and_then(|file| dockerfile::stage(reader, query, file, wanted, Some(context)));
        found.map(|service| (service, ())).into_iter().collect()
    });
    known.those(reader, |_, ()| true).pop().map(|(service, ())| service)
}

fn member(reader: &Reader<'_>, service: Service, inside: Option<Arc<Service>>) -> Member {
    let application = applications::of(reader.loader, &service, inside.as_deref());
    let known = images::of(service.image.as_deref(), inside.as_ref().and_then(|image| image.image.as_deref()));
    let (program, part) = match &application {
        Some(application) => (application.program, Part::Application),
        None => known.unwrap_or_else(|| {
            let own_code = service.built.is_some() || !service.mounts.is_empty() && service.image.is_none();
            ("", if own_code { Part::Application } else { Part::Other })
        }),
    };
    Member {
        name: service.name.clone(),
        at: service.at,
        image: service.image.clone(),
        stage: inside.as_ref().and_then(|image| image.names.first()).map(ToString::to_string),
        variables: service.variables.clone(),
        program,
        part,
        open: service.host_network || service.published.iter().any(|port| port.beyond_host),
        settings: application.map(|application| application.settings),
        service,
        inside,
        nginx: Vec::new(),
    }
}

/// What a service itself names.
fn own(reader: &Reader<'_>, member: &Member, index: usize, links: &mut Vec<Link>) {
    let service = &member.service;
    let from = || End::Service(index);
    let file = |path: &str| End::File(path.into());
    let mut add = |to: End, kind: &'static str, note: String, at: Loc| {
        links.push(Link { from: from(), to, kind, note, at });
    };
    if let Some(built) = &service.built
        && member.inside.is_some()
    {
        add(file(&built.dockerfile), "build", member.stage.clone().unwrap_or_default(), built.at.unwrap_or(service.at));
    }
    for (path, at, there) in &service.env_files {
        let note = if *there { String::new() } else { "missing".to_owned() };
        add(file(path), "env_file", note, *at);
    }
    for mount in &service.mounts {
        if reader.loader.stat(&mount.source).is_some() {
            add(file(&mount.source), "mount", mount.target.clone(), mount.at);
        }
    }
    if let Some(settings) = &member.settings {
        add(file(settings), "settings", String::new(), service.at);
    }
    for (path, at) in applications::named(reader.loader, service, member.inside.as_deref()) {
        add(file(&path), "settings", String::new(), at);
    }
}

/// What files name, that belong to the project: other Compose files, variables, what images are given.
fn files(reader: &mut Reader<'_>, query: &Query, model: &Model, services: &[Member], links: &mut Vec<Link>) {
    let places: HashMap<&str, usize> =
        services.iter().enumerate().map(|(index, it)| (it.name.as_str(), index)).collect();
    for (index, member) in services.iter().enumerate() {
        for (name, at) in &member.service.depends_on {
            if let Some(&to) = places.get(name.as_str()) {
                let (from, to) = (End::Service(index), End::Service(to));
                links.push(Link { from, to, kind: "depends_on", note: String::new(), at: *at });
            }
        }
    }
    overlays(reader, model, links);
    let mut next = vec![model.path.clone()];
    let mut seen = next.clone();
    while let Some(path) = next.pop() {
        let found = references(reader, query, &path, &compose::FORMAT);
        for link in found.into_iter().filter(|link| link.kind != "env_file") {
            if let End::File(to) = &link.to
                && link.kind != "interpolates"
                && !seen.contains(to)
            {
                seen.push(to.clone());
                next.push(to.clone());
            }
            links.push(link);
        }
    }
}

/// The files that commands lay over each other, where one of them is the project's.
fn overlays(reader: &Reader<'_>, model: &Model, links: &mut Vec<Link>) {
    let Some(at) = model.scopes.first().map(|root| root.at) else { return };
    for chain in chains::naming(reader.loader, reader.memo, &model.path) {
        let Some((first, over)) = chain.files.split_first() else { continue };
        for to in over.iter().filter(|to| *to != first) {
            let (from, to) = (End::File(first.as_str().into()), End::File(to.as_str().into()));
            links.push(Link { from, to, kind: "override", note: chain.source.clone(), at });
        }
    }
}

/// The files that a Dockerfile puts into its images one by one, and that programs known here are configured by.
pub fn copies(reader: &mut Reader<'_>, query: &Query, path: &Arc<str>) -> Vec<Link> {
    let Ok(file) = reader.open(path, None) else { return Vec::new() };
    let mut links = Vec::new();
    for copied in dockerfile::copied(reader, query, file) {
        let stat = reader.loader.stat(&copied.source).map(|stat| stat.kind);
        let link = |source: String, note: String| Link {
            from: End::File(path.clone()),
            to: End::File(source.as_str().into()),
            kind: "copy",
            note,
            at: copied.at,
        };
        if stat == Some(Kind::File) && is_configuration(&copied.source, &copied.target) {
            links.push(link(copied.source.clone(), copied.target.clone()));
        } else if stat == Some(Kind::Folder) && is_configuration("", &format!("{}/x.conf", copied.target)) {
            for name in reader.loader.list(&copied.source).into_iter().take(MAX_FILES) {
                let Some(source) = loader::join(&copied.source, &name) else { continue };
                if reader.loader.stat(&source).is_some_and(|stat| stat.kind == Kind::File) {
                    links.push(link(source, format!("{}/{name}", copied.target.trim_end_matches('/'))));
                }
            }
        }
    }
    links
}

/// What a file of ours refers to.
pub fn references(reader: &mut Reader<'_>, query: &Query, path: &Arc<str>, format: &Format) -> Vec<Link> {
    let Ok(file) = reader.open(path, None) else { return Vec::new() };
    let found = (format.links)(reader, query, file);
    let mut links = Vec::new();
    // What a file is laid over is told by the command that does it.
    for link in found.into_iter().filter(|link| link.kind != LAID_OVER) {
        let kind = if link.kind == ".env" { "interpolates" } else { link.kind };
        for to in link.paths.iter().filter(|to| ***to != **path) {
            let (from, to) = (End::File(path.clone()), End::File(to.as_str().into()));
            links.push(Link { from, to, kind, note: String::new(), at: link.at });
        }
    }
    links
}

/// Whether a file that an image is given configures a program: by its own name, or by the place that it is put to.
fn is_configuration(source: &str, target: &str) -> bool {
    let settings = |name: &str| {
        let name = name.strip_suffix(".py").unwrap_or_default();
        ["config", "settings"].iter().any(|word| name.contains(word))
    };
    matches!(by_name(source), ByName::Is(format) if format.id != compose::FORMAT.id && format.id != dockerfile::FORMAT.id)
        || settings(loader::name(source))
        || target.starts_with("/etc/nginx/")
        || matches!(loader::name(target), "airflow.cfg" | "redis.conf" | "sshd_config")
}
