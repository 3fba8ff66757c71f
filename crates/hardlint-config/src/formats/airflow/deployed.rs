//! Airflow as a Compose project runs it: the variables of its services, over the `airflow.cfg` that is mounted into them;
//! and as an image has it that no project builds.
//!
//! Services that run the same configuration, as a web server and a scheduler with one anchor do, are judged once.

use super::environment::Environment;
use super::resolve::{self, Base};
use crate::deployment::services::{self, Service};
use crate::formats::{self, ByName, Within, compose, dockerfile};
use crate::loader::{self, Kind, Loader};
use crate::model::{Assumed, Model, Str, Value, Why};
use crate::text::{FileId, Loc, Source, Span};
use crate::version::{Version, Versions};
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a file is one that runs Airflow, a Compose file or a Dockerfile, rather than an `airflow.cfg`.
pub(super) fn runs_it(path: &str) -> bool {
    is_project(path) || is_image(path)
}

fn is_project(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending))
}

fn is_image(path: &str) -> bool {
    matches!(formats::by_name(path), ByName::Is(format) if format.id == dockerfile::FORMAT.id)
}

fn services(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Service> {
    if is_image(&reader.source(file).path) {
        let image = dockerfile::service(reader, query, file);
        image.map(|image| as_named(reader, query, file, image)).into_iter().collect()
    } else {
        services::services(reader, query, file)
    }
}

/// An image with the variables that services give it which run it and build nothing: they name it (`image: shop/airflow`,
/// where the Dockerfile lies in a folder `airflow`), tell an image of no registry what Airflow is to do, or mount the file
/// that it brings along. Those that all of them set alike are in force.
fn as_named(reader: &mut Reader<'_>, query: &Query, file: FileId, mut image: Service) -> Service {
    let path = reader.source(file).path.clone();
    let name = loader::name(loader::folder(&path));
    let beneath = image.image.as_deref().map(|beneath| dockerfile::image_and_tag(beneath).0.to_owned());
    let own = configuration(reader.loader, &image);
    let loader = reader.loader;
    let is_it = |service: &Service| {
        let reference = service.image.as_deref().unwrap_or_default();
        // What it is built on may have the name as well.
        let other = beneath.as_deref().is_none_or(|beneath| beneath != dockerfile::image_and_tag(reference).0);
        let named = reference.contains('/') && !name.is_empty() && compose::base_name(reference) == name;
        // Where the services of a project say what Airflow is to do, and the image is none that others publish, it is this one.
        let told = || service.variables.iter().any(|(name, _)| name.starts_with("AIRFLOW__"));
        let local = || !reference.is_empty() && !reference.contains('/') && told();
        let given = || own.is_some() && configuration(loader, service) == own;
        service.built.is_none() && (other && (named || local()) || given())
    };
    let mut running: Vec<Service> = Vec::new();
    let mut next = Some(loader::folder(&path));
    while let Some(folder) = next.filter(|_| running.is_empty()) {
        next = (!folder.is_empty()).then(|| loader::folder(folder));
        let base = compose::BASES.iter().filter_map(|base| loader::join(folder, base));
        let Some(project) = base.into_iter().find(|path| reader.loader.stat(path).is_some()) else { continue };
        let Ok(project) = reader.open(&project, None) else { continue };
        // Most projects have nothing of it, and need not be read for this.
        let text = reader.source(project).text.clone();
        let has = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
        if has("airflow.cfg") || has("AIRFLOW__") || !name.is_empty() && has(name) {
            running.extend(services::services(reader, query, project).into_iter().filter(is_it));
        }
    }
    let Some((first, others)) = running.split_first() else { return image };
    for (name, node) in &first.variables {
        let alike = |other: &Service| other.variables.iter().any(|(it, set)| it == name && set.value == node.value);
        if others.iter().all(alike) {
            image.variables.retain(|(known, _)| known != name);
            image.variables.push((name.clone(), node.clone()));
        }
    }
    image
}

/// The Airflow that a Compose file runs, if it does: the files that its services are given.
pub(crate) fn within(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Option<Within> {
    let Source { path, text, .. } = &**reader.source(file);
    if !runs_it(path) {
        return None;
    }
    // Most projects do not, and need not be read for this.
    if !["airflow", "AIRFLOW__"].iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()) {
        return None;
    }
    let services = services(reader, query, file);
    let deployed: Vec<&Service> = services.iter().filter(|service| runs(reader.loader, service)).collect();
    let parts = deployed.iter().filter_map(|service| configuration(reader.loader, service));
    (!deployed.is_empty()).then(|| Within { format: &super::FORMAT, parts: parts.collect() })
}

/// Whether a service runs Airflow with a configuration of ours to judge.
fn runs(loader: &dyn Loader, service: &Service) -> bool {
    service.variables.iter().any(|(name, _)| name.starts_with("AIRFLOW__")) || configuration(loader, service).is_some()
}

/// The `airflow.cfg` below the root that a service reads.
pub(crate) fn configuration(loader: &dyn Loader, service: &Service) -> Option<String> {
    let variable = |name: &str| {
        let (_, node) = service.variables.iter().find(|(known, _)| &**known == name)?;
        node.value.as_str().filter(|value| !value.is_empty())
    };
    let home = variable("AIRFLOW_HOME").unwrap_or("/opt/airflow").trim_end_matches('/');
    let read = variable("AIRFLOW_CONFIG").map_or_else(|| format!("{home}/airflow.cfg"), str::to_owned);
    // Images have other homes, which nothing here tells.
    let named = || service.mounts.iter().find(|mount| loader::name(&mount.target) == "airflow.cfg");
    let path = service.mounted(&read).or_else(|| named().map(|mount| mount.source.clone()))?;
    loader.stat(&path).filter(|stat| stat.kind == Kind::File).map(|_| path)
}

/// The version in the name of one of Airflow's own images.
fn version(image: &str) -> Option<Version> {
    let (name, tag) = image.rsplit_once(':')?;
    let own = ["apache/airflow", "docker.io/apache/airflow"].contains(&name);
    let version = Version::parse(tag.strip_prefix("slim-").unwrap_or(tag)).filter(|_| own && tag.contains('.'))?;
    (version >= Version([2, 0, 0])).then_some(version)
}

/// Services that run one configuration.
struct Group {
    names: Vec<Str>,
    at: Loc,
    cfg: Option<String>,
    environment: Environment,
    open: Option<Why>,
    versions: Versions,
}

/// Resolves what the services of the project at `file` run, one configuration after the other.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let told = query.targets.0.contains_key(model.format.schema.program);
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for service in services(reader, query, file) {
        if !runs(reader.loader, &service) {
            continue;
        }
        let cfg = configuration(reader.loader, &service);
        let of_image = service.image.as_deref().and_then(version).filter(|_| !told);
        let versions = of_image.map_or(model.versions, Versions::exactly);
        let ours: Vec<(&str, &Value)> = service
            .variables
            .iter()
            .filter(|(name, _)| name.starts_with("AIRFLOW_"))
            .map(|(name, node)| (&**name, &node.value))
            .collect();
        let key = format!("{:?}", (&cfg, versions, &service.open, ours));
        if let Some(group) = known.get(&key).and_then(|&at| groups.get_mut(at)) {
            group.names.push(service.name);
            continue;
        }
        known.insert(key, groups.len());
        let variables = service.variables.into_iter().map(|(name, node)| (name.into_string(), node));
        let environment = Environment::of_service(variables);
        let (names, at, open) = (Vec::from([service.name]), service.at, service.open);
        groups.push(Group { names, at, cfg, environment, open, versions });
    }
    for group in groups {
        let cfg = group.cfg.and_then(|path| reader.open(&path, None).ok());
        let at = cfg.map_or(group.at, |cfg| Loc::new(cfg, Span::default()));
        let assumed = group.open.clone().map(|what| Assumed { what, overrules: true });
        let base = Base {
            label: group.names.join(", ").into(),
            at,
            assumed,
            open: group.open,
            versions: group.versions,
            query,
        };
        resolve::configuration(reader, cfg.unwrap_or(file), cfg.is_some(), &group.environment, base, &mut model);
    }
    let mut told = std::collections::BTreeSet::new();
    model.problems.retain(|problem| told.insert((Arc::clone(&problem.path), problem.at, problem.message.clone())));
    model
}
