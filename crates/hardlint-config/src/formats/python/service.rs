//! The environment that Compose gives a module: that of the services which build its project and run it.
//!
//! A module is judged with what all of them agree on; where they differ in what it reads, with that of each besides. What
//! neither they nor the images that they build set may be set by the image beneath, and stays unknown.

use crate::deployment::images::{self, Part};
use crate::deployment::role::{self, Role};
use crate::deployment::services::{Project, Service};
use crate::deployment::{self, services};
use crate::formats::compose;
use crate::loader::{self, Loader};
use crate::model::{Model, Str, Text, Value, Variant};
use crate::text::Loc;
use crate::version::Targets;
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A variable that is set, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) text: Text,
    pub(crate) at: Loc,
}

/// A service that runs a module.
pub(crate) struct Run {
    /// The file that its project begins with.
    pub(crate) project: String,
    /// Its name.
    pub(crate) service: String,
    at: Loc,
    role: Role,
    /// Whether what it starts names the module: others are only built from the folder around it.
    starts: bool,
    variables: BTreeMap<String, Given>,
}

/// Whether a service runs the module: what is asked besides that it is built from a folder around it, with that folder and
/// the service's variables.
pub(crate) type Runs<'f> = dyn Fn(&dyn Loader, &str, &BTreeMap<String, Given>) -> bool + 'f;

/// Names that Compose loads by itself.
const NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// Folders above the module in which a project of Compose is looked for.
const MAX_FOLDERS: usize = 8;
/// Environments of one module that are told apart.
const MAX_VARIANTS: usize = 8;

/// The services that run the module at `path`, of the nearest projects that have some: in the folders above it, and in
/// those beside these that are kept for such files.
pub(crate) fn runs(reader: &mut Reader<'_>, query: &Query, path: &str, runs: &Runs<'_>) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut folder = loader::folder(path).to_owned();
    for _ in 0..MAX_FOLDERS {
        for file in projects(reader.loader, &folder) {
            services(reader, query, &file, path, runs, &mut found);
        }
        if found.is_empty() {
            let kept = compose::FOLDERS.iter().filter_map(|name| loader::join(&folder, name));
            for file in kept.flat_map(|folder| projects(reader.loader, &folder)).collect::<Vec<_>>() {
                services(reader, query, &file, path, runs, &mut found);
            }
        }
        if folder.is_empty() || !found.is_empty() {
            break;
        }
        folder = loader::folder(&folder).to_owned();
    }
    found
}

/// The variables that all of the services set alike that run it for users, or those of the one that is asked for.
pub(crate) fn environment(runs: &[Run], query: &Query) -> BTreeMap<String, Given> {
    if query.environment.is_some() {
        return BTreeMap::new();
    }
    if let Some((project, service)) = &query.service {
        let wanted = runs.iter().find(|run| run.project == *project && run.service == *service);
        return wanted.map(|run| run.variables.clone()).unwrap_or_default();
    }
    let mut all = runs.iter().filter(|run| !run.role.is_lesser());
    let mut agreed = all.next().map(|run| run.variables.clone()).unwrap_or_default();
    for other in all {
        agreed.retain(|name, given| other.variables.get(name).is_some_and(|there| there.text == given.text));
    }
    agreed
}

/// The environments in which variables that the module asked for are otherwise than in what all agree on.
pub(crate) fn variants(runs: &[Run], query: &Query, asked: &BTreeSet<String>) -> Vec<Variant> {
    if query.environment.is_some() || query.service.is_some() || asked.is_empty() {
        return Vec::new();
    }
    let asked = names(runs, asked);
    // Beside a project that says that it is for production, another need not be.
    let production = runs.iter().any(|run| run.role == Role::Production);
    let told = |run: &&Run| run.starts && (run.role.is_lesser() || !production || run.role == Role::Production);
    let mut groups: Vec<(Vec<Option<&Text>>, Variant)> = Vec::new();
    for run in runs.iter().filter(told) {
        let values: Vec<_> = asked.iter().map(|name| run.variables.get(*name).map(|given| &given.text)).collect();
        let same = |(known, variant): &&mut (Vec<_>, Variant)| *known == values && variant.role == run.role;
        let service = (Str::from(run.service.as_str()), run.at);
        if let Some((_, variant)) = groups.iter_mut().find(same) {
            variant.services.push(service);
        } else {
            let differs = values.iter().any(Option::is_some);
            let project = run.project.clone();
            groups.push((values, Variant { project, services: vec![service], role: run.role, differs }));
        }
    }
    if groups.iter().any(|(_, variant)| variant.differs) {
        groups.into_iter().map(|(_, variant)| variant).take(MAX_VARIANTS).collect()
    } else {
        Vec::new()
    }
}

/// The names that were asked for, with those that begin with one that ends in `*`.
fn names<'n>(runs: &'n [Run], asked: &'n BTreeSet<String>) -> BTreeSet<&'n str> {
    let (starts, plain): (Vec<&str>, Vec<&str>) =
        asked.iter().map(String::as_str).partition(|name| name.ends_with('*'));
    let begun = |name: &&str| starts.iter().any(|start| name.starts_with(start.trim_end_matches('*')));
    let set = runs.iter().flat_map(|run| run.variables.keys()).map(String::as_str).filter(begun);
    plain.into_iter().chain(set).collect()
}

/// The projects of a folder: the one that Compose loads by itself, and those for production beside it.
fn projects(loader: &dyn Loader, folder: &str) -> Vec<String> {
    let names = loader.list(folder);
    let is = |name: &String| {
        let lower = name.to_ascii_lowercase();
        let yaml = lower.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "yml" | "yaml"));
        let live = yaml && lower.contains("compose") && role::of_path(&lower) == Role::Production;
        live || NAMES.contains(&lower.as_str())
    };
    let path = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    names.into_iter().filter(is).take(4).map(path).collect()
}

fn services(reader: &mut Reader<'_>, query: &Query, file: &str, path: &str, runs: &Runs<'_>, found: &mut Vec<Run>) {
    let told = role::of_path(query.below_argument(file));
    let query = Query { environment: None, targets: Targets::default(), ..query.clone() };
    let project = Project::of(reader, &query, file, |reader| candidates(reader, &query, file, told));
    let holds = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| folder.is_empty() || rest.starts_with('/'));
    let context_of = |candidate: &Candidate| candidate.context.clone().filter(|context| holds(context));
    let may_run = |service: &Service, candidate: &Candidate| {
        context_of(candidate).is_some() || service.mounts.iter().any(|mount| holds(&mount.source))
    };
    for (service, candidate) in project.those(reader, may_run) {
        let context = context_of(candidate);
        // What the service does not set is as its image has it.
        let image = deployment::image(reader, &query, &service);
        let mut variables = BTreeMap::new();
        let of_image = image.iter().flat_map(|image| &image.variables);
        for (name, node) in service.variables.iter().chain(of_image) {
            if let Value::Text(text) = &node.value {
                variables.entry(name.to_string()).or_insert(Given { text: text.clone(), at: node.at });
            }
        }
        let starts = deployment::settings(reader.loader, &service, image.as_ref()).as_deref() == Some(path);
        // What is a proxy or a store by its image only has its files in the same folder.
        let base = image.as_ref().and_then(|image| image.image.as_deref());
        let known = images::of(service.image.as_deref(), base).map(|(_, part)| part);
        if matches!(known, Some(Part::Proxy | Part::Store)) && !starts {
            continue;
        }
        if starts || context.is_some_and(|context| runs(reader.loader, &context, &variables)) {
            let (project, at, role) = (file.to_owned(), service.at, candidate.role);
            found.push(Run { project, service: service.name.to_string(), at, role, starts, variables });
        }
    }
}

/// What is asked of a service beside what it is.
struct Candidate {
    /// The folder that it is built from.
    context: Option<String>,
    role: Role,
}

/// All services of a project.
fn candidates(reader: &mut Reader<'_>, query: &Query, file: &str, told: Role) -> Vec<(Service, Candidate)> {
    let Ok(id) = reader.open(file, None) else { return Vec::new() };
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let model = Model::new(format, file.into(), versions, Arc::default());
    let model = (format.resolve)(reader, query, id, model);
    let candidate = |service: Service| {
        let context = model.get(service.scope, "build").and_then(compose::context);
        let role = role_of(&model, &service, told);
        (service, Candidate { context, role })
    };
    services::of_model(reader, &model).into_iter().map(candidate).collect()
}

/// What a service is for: as the names of its project, of its profiles, of the stage that it is built from and its own
/// tell, or its settings.
pub(crate) fn role_of(model: &Model, service: &Service, project: Role) -> Role {
    let profiles = model.get(service.scope, "profiles").and_then(Value::as_list).unwrap_or_default();
    let stage = service.built.as_ref().and_then(|built| built.stage.as_deref());
    let names = profiles.iter().filter_map(|name| name.value.as_str()).chain([&*service.name]).chain(stage);
    let lesser = names.map(role::of_path).find(|role| role.is_lesser());
    let own = || model.role(service.scope).filter(|_| project != Role::Production);
    Some(project).filter(|role| role.is_lesser()).or(lesser).or_else(own).unwrap_or(project)
}
