//! The Compose services that build a Dockerfile: which of its stages they ask for, and which user they set.
//!
//! Without them the last stage is what `docker build` makes, but for stages that are named as those of developers and
//! tests, which are not what is deployed.

use super::facts::is_root;
use super::stages::Stages;
use crate::deployment::role::{self, Role};
use crate::formats::compose::{self, Build};
use crate::loader::{self, Kind};
use crate::model::Text;
use crate::text::Span;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// The names that Compose looks for.
const PROJECTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The projects of a folder: the one that begins in it, and those in folders of it that are kept for such files.
struct Projects(Vec<String>);

/// Whether a Dockerfile is judged for the services of the project that begins with the file at `project`.
pub(in crate::formats) fn knows(project: &str, dockerfile: &str) -> bool {
    let own = loader::folder(project);
    let folder = if compose::FOLDERS.contains(&loader::name(own)) { loader::folder(own) } else { own };
    let below = folder.is_empty() || dockerfile.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    below && PROJECTS.contains(&loader::name(project))
}

/// Whether services of a project at hand build the Dockerfile at `path`.
pub(in crate::formats) fn is_built(reader: &Reader<'_>, query: &Query, path: &str) -> bool {
    !of(reader, query, path).is_empty()
}

/// The services that build the Dockerfile at `path`, of the nearest project that has any.
pub(super) fn of(reader: &Reader<'_>, query: &Query, path: &str) -> Vec<Build> {
    if query.isolated {
        return Vec::new();
    }
    let mut folder = loader::folder(path);
    loop {
        let projects = reader.memo.of::<Projects>(folder, || Projects(projects(reader, folder)));
        let mut all = projects.0.iter().map(|project| compose::builds(reader, query, project, path));
        if let Some(builds) = all.find(|builds| !builds.is_empty()) {
            return builds;
        }
        if folder.is_empty() {
            return Vec::new();
        }
        folder = loader::folder(folder);
    }
}

/// Compose files of one folder that are looked into for services that build a Dockerfile whose name says who it is for.
const MAX_FILES: usize = 20;

/// The service that builds the Dockerfile at `path` for people, in a Compose file that is called after production: what
/// the Dockerfile itself is called says nothing then.
pub(crate) fn for_people(reader: &Reader<'_>, query: &Query, path: &str) -> Option<(Arc<str>, Span)> {
    let is_for_people = |build: &Build| {
        let target = match &build.target {
            Some(Text::Known(name)) => role::of_path(name),
            Some(Text::Pieces(_)) | None => Role::Unknown,
        };
        !build.for_developers && !target.is_lesser()
    };
    let mut folder = loader::folder(path);
    loop {
        let kept = compose::FOLDERS.iter().filter_map(|name| loader::join(folder, name));
        for place in std::iter::once(folder.to_owned()).chain(kept) {
            let files = reader.loader.list(&place).into_iter().filter_map(|name| {
                let (stem, ending) = name.rsplit_once('.')?;
                let is_compose = matches!(ending, "yaml" | "yml") && stem.contains("compose");
                loader::join(&place, &name).filter(|_| is_compose)
            });
            let live = files.filter(|file| role::of_path(query.below_argument(file)) == Role::Production);
            for file in live.take(MAX_FILES) {
                let builds = compose::builds(reader, query, &file, path);
                if let Some(build) = builds.iter().find(|build| is_for_people(build)) {
                    return Some((file.into(), build.at));
                }
            }
        }
        if folder.is_empty() {
            return None;
        }
        folder = loader::folder(folder);
    }
}

fn projects(reader: &Reader<'_>, folder: &str) -> Vec<String> {
    let begins = |folder: &str| {
        let there = |name: &&str| {
            let path = loader::join(folder, name)?;
            reader.loader.stat(&path).filter(|stat| stat.kind == Kind::File).map(|_| path)
        };
        PROJECTS.iter().find_map(there)
    };
    let kept = compose::FOLDERS.iter().filter_map(|name| loader::join(folder, name));
    let kept = kept.filter(|folder| reader.loader.stat(folder).is_some()).filter_map(|folder| begins(&folder));
    let mut found: Vec<String> = begins(folder).into_iter().chain(kept).collect();
    found.extend(called_otherwise(reader, folder));
    found
}

/// The Compose files of a folder that have to be named to be used, and are not for developers or tests: those for
/// production first.
fn called_otherwise(reader: &Reader<'_>, folder: &str) -> Vec<String> {
    let is_one = |name: &String| {
        let Some((stem, ending)) = name.rsplit_once('.') else { return false };
        let stem = stem.to_ascii_lowercase();
        let known =
            || matches!(stem.as_str(), "deploy" | "live" | "prod" | "production" | "stack" | "staging" | "swarm");
        matches!(ending, "yaml" | "yml")
            && !PROJECTS.contains(&name.as_str())
            && (known() || stem.contains("compose") && !stem.ends_with("override"))
    };
    let files = reader.loader.list(folder).into_iter().filter(is_one).filter_map(|name| loader::join(folder, &name));
    let mut files: Vec<(Role, String)> = files.map(|path| (role::of_path(loader::name(&path)), path)).collect();
    files.retain(|(role, _)| !role.is_lesser());
    files.sort_by_key(|(role, _)| *role != Role::Production);
    files.truncate(MAX_FILES);
    files.into_iter().map(|(_, path)| path).collect()
}

/// The folder that all services build, if they build one.
pub(super) fn context(builds: &[Build]) -> Option<&str> {
    let first = builds.first()?.context.as_deref()?;
    builds.iter().all(|build| build.context.as_deref() == Some(first)).then_some(first)
}

/// The files of variables that services of the project are started with.
pub(super) fn env_files(builds: &[Build]) -> &[String] {
    builds.first().map(|build| &*build.env_files).unwrap_or_default()
}

/// The stage that a service builds.
fn stage(build: &Build, stages: &Stages) -> Option<usize> {
    match &build.target {
        Some(Text::Known(name)) => stages.find(name),
        Some(Text::Pieces(_)) | None => stages.all.len().checked_sub(1),
    }
}

/// The stages that become images: those that services build, else the last.
pub(super) fn targets(builds: &[Build], stages: &Stages) -> Vec<usize> {
    let for_users = |index: &usize| {
        let name = stages.all.get(*index).and_then(|stage| stage.name.as_deref()).unwrap_or_default();
        !matches!(role::of_path(name), Role::Development | Role::Test)
    };
    let mut found: Vec<usize> =
        builds.iter().filter_map(|build| stage(build, stages)).filter(|index| for_users(index)).collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        // A last stage for tests is no image that is deployed.
        let mut all = (0..stages.all.len()).rev();
        let last = all.clone().find(for_users).or_else(|| all.next());
        found.extend(last.map(|last| stages.instead_of(last)).unwrap_or_default().into_iter().filter(for_users));
        found.extend(last);
    }
    found
}

/// The services that build a stage.
pub(super) fn of_stage<'b>(
    builds: &'b [Build],
    stages: &Stages,
    index: usize,
) -> impl Iterator<Item = &'b Build> + Clone {
    builds.iter().filter(move |build| stage(build, stages) == Some(index))
}

/// Whether all services that build a stage are for those who write the program.
pub(super) fn for_developers(builds: &[Build], stages: &Stages, index: usize) -> bool {
    let mut mine = of_stage(builds, stages, index).peekable();
    mine.peek().is_some() && mine.all(|build| build.for_developers)
}

/// Whether all services that build a stage have all rights of the host, whoever they run as.
pub(super) fn own_host(builds: &[Build], stages: &Stages, index: usize) -> bool {
    let mut mine = of_stage(builds, stages, index).peekable();
    mine.peek().is_some() && mine.all(|build| build.owns_host)
}

/// Whether all services that build a stage run it as a user of their own choice, which is not root.
pub(super) fn set_user(builds: &[Build], stages: &Stages, index: usize) -> bool {
    let other = |build: &Build| match &build.user {
        Some(Text::Known(user)) => {
            let user = user.split(':').next().unwrap_or_default().trim();
            !user.is_empty() && !is_root(user)
        }
        _ => false,
    };
    let mut mine = of_stage(builds, stages, index).peekable();
    mine.peek().is_some() && mine.all(other)
}
