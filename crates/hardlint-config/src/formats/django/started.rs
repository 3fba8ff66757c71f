//! Settings modules that are started where people are served, whatever they are called.
//!
//! `settings/dev.py` is for developers by its name, and that is what it is taken for until something deployed names it: a
//! service of a Compose file for production, or an image that starts a server for the public with it. The name of the module
//! is enough: images often come from a registry, and nothing at hand tells what was copied into them.

use crate::deployment::role::{self, Role};
use crate::deployment::{self, services};
use crate::formats::python::service::role_of;
use crate::formats::{compose, dockerfile};
use crate::loader::{self, Kind, Loader};
use crate::model::{Model, Str, Text, Value};
use crate::programs;
use crate::text::{Loc, Span};
use crate::version::Targets;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
/// Folders above the module in which what deploys it is looked for.
const MAX_FOLDERS: usize = 8;
/// Files of one folder that are looked into.
const MAX_FILES: usize = 8;
/// Servers that are started for the public.
const SERVERS: &[&str] = &["daphne", "granian", "gunicorn", "hypercorn", "uvicorn", "uwsgi", "waitress-serve"];

/// The place that starts the module at `path` where people are served; none where nothing does.
pub(crate) fn deployed(reader: &Reader<'_>, query: &Query, path: &str) -> Option<(Arc<str>, Span)> {
    let mut reader = reader.another();
    let query = Query { environment: None, targets: Targets::default(), ..query.clone() };
    let mut folder = loader::folder(path);
    for _ in 0..MAX_FOLDERS {
        let kept = compose::FOLDERS.iter().filter_map(|name| loader::join(folder, name));
        for place in std::iter::once(folder.to_owned()).chain(kept) {
            for file in files(reader.loader, &query, &place) {
                let at = match file {
                    File::Compose(file) => by_service(&mut reader, &query, &file, path, folder),
                    File::Dockerfile(file) => by_image(&mut reader, &query, &file, path, folder),
                };
                if let Some(at) = at {
                    return Some((reader.source(at.file).path.clone(), at.span));
                }
            }
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    None
}

/// A file that deploys something.
enum File {
    Compose(String),
    Dockerfile(String),
}

/// The Compose files of a folder that are for production, and the Dockerfiles that are not for anything less.
fn files(loader: &dyn Loader, query: &Query, folder: &str) -> Vec<File> {
    let is = |name: String| {
        let lower = name.to_ascii_lowercase();
        let path = loader::join(folder, &name)?;
        let role = role::of_path(query.below_argument(&path));
        let yaml = lower.strip_suffix(".yaml").or_else(|| lower.strip_suffix(".yml"));
        let project = |stem: &str| stem.contains("compose") || matches!(stem, "production" | "prod");
        let file = if lower.contains("dockerfile") && yaml.is_none() && !role.is_lesser() {
            File::Dockerfile(path)
        } else if role == Role::Production && yaml.is_some_and(project) {
            File::Compose(path)
        } else {
            return None;
        };
        let (File::Compose(path) | File::Dockerfile(path)) = &file;
        loader.stat(path).is_some_and(|stat| stat.kind == Kind::File).then_some(file)
    };
    loader.list(folder).into_iter().filter_map(is).take(MAX_FILES).collect()
}

/// The place in a Compose file where a service for people names the module.
fn by_service(reader: &mut Reader<'_>, query: &Query, file: &str, path: &str, folder: &str) -> Option<Loc> {
    let id = reader.open(file, None).ok()?;
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let model = Model::new(format, file.into(), versions, Arc::default());
    let model = (format.resolve)(reader, query, id, model);
    for service in services::of_model(reader, &model) {
        // Told by the file's own name; a service in it may be called otherwise.
        if role_of(&model, &service, Role::Production).is_lesser() {
            continue;
        }
        if let Some((_, node)) = service.variables.iter().find(|(name, _)| &**name == VARIABLE) {
            let elsewhere = service.built.as_ref().is_some_and(|built| !is_in(path, &built.context));
            if !elsewhere && names(&node.value, path, folder) {
                return Some(node.at);
            }
            continue;
        }
        let image = deployment::image(reader, query, &service);
        let node = image.iter().flat_map(|image| &image.variables).find(|(name, _)| &**name == VARIABLE);
        let built = service.built.as_ref().is_some_and(|built| is_in(path, &built.context));
        if let Some((_, node)) = node.filter(|(_, node)| built && names(&node.value, path, folder)) {
            return Some(node.at);
        }
    }
    None
}

/// The place in a Dockerfile where its image, which starts a server for the public, names the module.
fn by_image(reader: &mut Reader<'_>, query: &Query, file: &str, path: &str, folder: &str) -> Option<Loc> {
    let id = reader.open(file, None).ok()?;
    // Most Dockerfiles name no module.
    memchr::memmem::find(reader.source(id).text.as_bytes(), VARIABLE.as_bytes())?;
    // Services say for themselves what they run the image for.
    if role::of_path(query.below_argument(file)) != Role::Production && dockerfile::is_built(reader, query, file) {
        return None;
    }
    let image = dockerfile::stage(reader, query, id, dockerfile::Wanted::Judged, None)?;
    let (_, node) = image.variables.iter().find(|(name, _)| &**name == VARIABLE)?;
    (names(&node.value, path, folder) && serves(&image)).then_some(node.at)
}

/// Whether an image starts a server that is made for the public, and not as developers do.
fn serves(image: &services::Service) -> bool {
    let Some((script, _)) = &image.started else { return false };
    script.commands.iter().any(|command| {
        let words: Vec<&str> = command.words.iter().filter_map(|word| word.known()).collect();
        words.iter().any(|word| SERVERS.contains(&loader::name(word))) && !programs::is_for_developers(&words)
    })
}

fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a dotted name is that of the module at `path`, seen from a folder that lies at or below `folder`.
fn names(value: &Value, path: &str, folder: &str) -> bool {
    let Value::Text(Text::Known(module)) = value else { return false };
    is_module(module, path, folder)
}

fn is_module(module: &Str, path: &str, folder: &str) -> bool {
    let below = module.replace('.', "/");
    let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"));
    let root = stem.and_then(|stem| stem.strip_suffix(below.as_str()));
    // A name without a folder before it says too little.
    module.contains('.') && root.is_some_and(|root| root.is_empty() || root.ends_with('/') && root.len() > folder.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;
    use crate::workspace::Workspace;

    const DEV: &str = "shop/settings/dev.py";

    /// Where the module is started, as `file: text of the place`.
    fn started(files: &[(&str, &str)]) -> String {
        let memory = Memory::new(files.iter().copied().chain([(DEV, "DEBUG = True\n")]));
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let found = deployed(&reader, &workspace.query, DEV);
        let text = |(path, span): (Arc<str>, Span)| {
            let file = reader.open(&path, None).unwrap();
            format!("{path}: {}", reader.source(file).slice(span))
        };
        found.map(text).unwrap_or_default()
    }

    #[test]
    fn services_of_production_name_what_they_run() {
        let of = |file: &str, service: &str| started(&[(file, &format!("services:\n  {service}\n"))]);
        let names = "image: shop, environment: { DJANGO_SETTINGS_MODULE: shop.settings.dev }";
        let at = |file: &str| format!("{file}: shop.settings.dev");
        let web = format!("web: {{ {names} }}");
        assert_eq!(of("compose.prod.yml", &web), at("compose.prod.yml"));
        assert_eq!(of("docker/docker-compose-production.yml", &web), at("docker/docker-compose-production.yml"));
        assert_eq!(of("production.yml", &web), at("production.yml"));
        // Nothing says that this is production, or it is not.
        for file in ["compose.yml", "compose.dev.yml", "compose.staging.yml", "other/compose.prod.yml"] {
            assert_eq!(of(file, &web), "", "{file}");
        }
        for service in [
            format!("test: {{ {names} }}"),
            format!("web: {{ profiles: [dev], {names} }}"),
            "web: { image: shop, environment: { DJANGO_SETTINGS_MODULE: shop.settings.prod } }".to_owned(),
            "web: { image: shop, environment: { DJANGO_SETTINGS_MODULE: \"${MODULE}\" } }".to_owned(),
            "web: { image: shop, environment: { DJANGO_SETTINGS_MODULE: op.settings.dev } }".to_owned(),
            "web: { build: ./other, environment: { DJANGO_SETTINGS_MODULE: shop.settings.dev } }".to_owned(),
        ] {
            assert_eq!(of("compose.prod.yml", &service), "", "{service}");
        }
    }

    #[test]
    fn images_that_serve_people_name_what_they_run() {
        let image =
            |server: &str| format!("FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings.dev\nCMD {server}\n");
        let gunicorn = image("[\"gunicorn\", \"shop.wsgi\"]");
        assert_eq!(started(&[("Dockerfile", &gunicorn)]), "Dockerfile: shop.settings.dev");
        assert_eq!(started(&[("Dockerfile", &image("[\"./manage.py\", \"runserver\"]"))]), "");
        assert_eq!(started(&[("Dockerfile", &image("[\"gunicorn\", \"--reload\", \"shop.wsgi\"]"))]), "");
        assert_eq!(started(&[("Dockerfile.dev", &gunicorn)]), "");
        let compose = ("compose.yaml", "services: { web: { build: . } }\n");
        assert_eq!(started(&[("Dockerfile", &gunicorn), compose]), "");
    }
}
