//! Which files make a project, and what a file refers to.

use super::interpolate::Environment;
use super::load;
use crate::deployment::chains;
use crate::formats::{EXTENDS, LAID_OVER, Link};
use crate::loader::{self, Kind};
use crate::model::{Node, Text, Value};
use crate::syntax::yaml;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// The names that Compose looks for, in this order.
pub(crate) const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names that it reads besides, the first of them that is there.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Folders of a project in which its Compose files are kept, when they are not beside what they build.
pub(crate) const FOLDERS: [&str; 7] =
    ["docker", "deploy", "deployment", "compose", "docker-compose", "infra", ".docker"];

/// The files of a project.
pub(super) struct Project {
    /// In the order in which Compose reads them.
    pub(super) files: Vec<FileId>,
    /// The folder that relative paths are seen from.
    pub(super) folder: String,
    /// Whether Compose finds it by its name, without being told.
    pub(super) by_name: bool,
}

/// The project that `file` is judged in: the one that begins with it, or the one in which commands lay it over others.
/// What a file is by itself is asked of it where it is shown.
pub(super) fn project(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Project {
    if !query.isolated
        && !query.document
        && let Some((files, folder)) = chain(reader, file)
    {
        return Project { files, folder, by_name: false };
    }
    alone(reader, query, file)
}

/// The files of the chain that a file is laid over others in, and the folder of the first.
fn chain(reader: &mut Reader<'_>, file: FileId) -> Option<(Vec<FileId>, String)> {
    let path = reader.source(file).path.clone();
    let found = laid_over(reader, &path)?;
    let files = found.files.iter().map(|path| reader.open(path, None).ok()).collect::<Option<Vec<_>>>()?;
    Some((files, loader::folder(found.files.first()?).to_owned()))
}

/// The chain in which commands lay a file over others, if it is used in no other way.
pub(crate) fn laid_over(reader: &Reader<'_>, path: &str) -> Option<chains::Chain> {
    if BASES.contains(&loader::name(path)) || OVERRIDES.contains(&loader::name(path)) {
        return None;
    }
    chains::laid_over(reader.loader, reader.memo, path)
}

/// The files of variables that commands at hand name for the project which begins with the file at `path`. Of a file that
/// is asked for by itself, and where the environment is given, Compose is not told of any.
pub(super) fn env_files(reader: &Reader<'_>, query: &Query, path: &str) -> Vec<String> {
    if query.isolated || query.document || query.environment.is_some() {
        return Vec::new();
    }
    chains::env_files(reader.loader, reader.memo, path, BASES.contains(&loader::name(path)))
}

/// The project that begins with `file`.
fn alone(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Project {
    let path = reader.source(file).path.clone();
    let folder = loader::folder(&path).to_owned();
    let by_name = BASES.contains(&loader::name(&path));
    let mut files = vec![file];
    if by_name {
        match told(reader, query, &folder, &path) {
            Some(more) => files.extend(more),
            None => files.extend(over(reader, &folder)),
        }
    }
    Project { files, folder, by_name }
}

/// The override that is read without being named.
fn over(reader: &mut Reader<'_>, folder: &str) -> Option<FileId> {
    let path = override_of(reader, folder)?;
    reader.open(&path, None).ok()
}

fn override_of(reader: &Reader<'_>, folder: &str) -> Option<String> {
    let there = |name: &&str| {
        let path = join(folder, name)?;
        reader.loader.stat(&path).filter(|stat| stat.kind == Kind::File).map(|_| path)
    };
    OVERRIDES.iter().find_map(there)
}

fn join(folder: &str, path: &str) -> Option<String> {
    loader::join(folder, path)
}

/// The first file that `COMPOSE_FILE` of `.env` names and that is not there.
pub(super) fn missing(reader: &mut Reader<'_>, query: &Query, folder: &str, path: &str) -> Option<String> {
    let mut paths = named(reader, query, folder, path)?.into_iter();
    paths.find_map(|path| path.filter(|path| reader.open(path, None).is_err()))
}

/// The files behind the first that `COMPOSE_FILE` of `.env` names, if it names this one first.
fn told(reader: &mut Reader<'_>, query: &Query, folder: &str, path: &str) -> Option<Vec<FileId>> {
    let paths = named(reader, query, folder, path)?;
    paths.into_iter().map(|path| reader.open(&path?, None).ok()).collect()
}

fn named(reader: &mut Reader<'_>, query: &Query, folder: &str, path: &str) -> Option<Vec<Option<String>>> {
    let environment = load::environment(reader, query, folder, path);
    let known = |name: &str| match environment.get(name).map(|variable| &variable.value) {
        Some(Text::Known(text)) => Some(text.to_string()),
        _ => None,
    };
    let list = known("COMPOSE_FILE")?;
    let separator = known("COMPOSE_PATH_SEPARATOR").filter(|it| !it.is_empty()).unwrap_or_else(|| ":".to_owned());
    let mut paths = list.split(separator.as_str()).map(|name| join(folder, name));
    if paths.next()?.as_deref() != Some(path) {
        return None;
    }
    Some(paths.collect())
}

/// What a file refers to.
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let path = reader.source(file).path.clone();
    let folder = loader::folder(&path).to_owned();
    let start = Loc::new(file, Span::default());
    let mut links = Links { found: Vec::new() };
    if !query.isolated
        && let Some(chain) = laid_over(reader, &path)
    {
        let paths = chain.files.into_iter().filter(|other| *other != *path).collect();
        links.found.push(Link { at: start, kind: LAID_OVER, target: chain.source, paths });
    }
    let project = alone(reader, query, file);
    for &other in project.files.iter().skip(1) {
        let path = reader.source(other).path.to_string();
        links.found.push(Link {
            at: start,
            kind: "override",
            target: loader::name(&path).to_owned(),
            paths: vec![path],
        });
    }
    let named = env_files(reader, query, &path);
    if named.is_empty() {
        links.add(reader, start, ".env", &folder, ".env");
    }
    for file in named {
        links.found.push(Link { at: start, kind: ".env", target: file.clone(), paths: vec![file] });
    }
    let source = reader.source(file).clone();
    if may_refer(&source.text) {
        let environment = load::environment(reader, query, &folder, &path);
        for document in &reader.memo.yaml(&source).documents {
            if let Some(built) = yaml::build::build_part(document, file, &source.text, refers) {
                links.document(reader, &environment, &built.root, &folder);
            }
        }
    }
    links.found
}

/// The keys under which other files are named: of the file, and of a service.
const REFERRING: [&str; 3] = ["include", "env_file", "extends"];

/// Whether a text can name other files. A key stands in the text as it is, unless it is escaped.
fn may_refer(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    REFERRING.iter().any(|key| has(key)) || has("\\")
}

/// Whether a key is on the way to where [`Links::document`] looks.
fn refers(depth: usize, key: &str) -> bool {
    match depth {
        0 => matches!(key, "include" | "services"),
        2 => matches!(key, "env_file" | "extends" | "path"),
        _ => true,
    }
}

struct Links {
    found: Vec<Link>,
}

impl Links {
    fn add(&mut self, reader: &Reader<'_>, at: Loc, kind: &'static str, folder: &str, target: &str) {
        let paths: Vec<String> = join(folder, target)
            .filter(|path| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File))
            .into_iter()
            .collect();
        // A file that is not there is worth telling only where the file itself names it.
        if !paths.is_empty() || kind != ".env" {
            self.found.push(Link { at, kind, target: target.to_owned(), paths });
        }
    }

    fn texts(&mut self, reader: &Reader<'_>, environment: &Environment, node: &Node, kind: &'static str, folder: &str) {
        match &node.value {
            Value::Text(Text::Known(text)) => {
                if let Text::Known(text) = super::interpolate::interpolate(text, environment).text {
                    self.add(reader, node.at, kind, folder, &text);
                }
            }
            Value::List(list) => list.iter().for_each(|node| self.texts(reader, environment, node, kind, folder)),
            Value::Map(_) => {
                if let Some(path) = node.value.entry("path") {
                    self.texts(reader, environment, path, kind, folder);
                }
            }
            _ => {}
        }
    }

    fn document(&mut self, reader: &Reader<'_>, environment: &Environment, root: &Node, folder: &str) {
        if let Some(include) = root.value.entry("include") {
            self.texts(reader, environment, include, "include", folder);
        }
        let Some(Value::Map(services)) = root.value.entry("services").map(|node| &node.value) else { return };
        for entry in services {
            if let Some(files) = entry.node.value.entry("env_file") {
                self.texts(reader, environment, files, "env_file", folder);
            }
            if let Some(file) = entry.node.value.entry("extends").and_then(|node| node.value.entry("file")) {
                self.texts(reader, environment, file, EXTENDS, folder);
            }
        }
    }
}

/// Keys that a service of Compose has, and that a service of nothing else has.
const TELLING: [&str; 10] = [
    "image",
    "build",
    "container_name",
    "depends_on",
    "env_file",
    "network_mode",
    "restart",
    "extends",
    "healthcheck",
    "command",
];

/// Whether a YAML file with any name is a Compose file: it has services that look like Compose's, and nothing at its top
/// that Compose would not know.
pub(super) fn sniff(_path: &str, text: &str) -> bool {
    let starts = |line: &str| line.starts_with("services:");
    if !text.trim_start_matches('\u{feff}').lines().any(starts) {
        return false;
    }
    let parsed = yaml::parse(text);
    let Some(document) = parsed.documents.first() else { return false };
    let Some(built) = yaml::build::build(document, FileId(0), text) else { return false };
    let Value::Map(top) = &built.root.value else { return false };
    let known_top = |key: &str| key.starts_with("x-") || super::spec::FILE.get(key).is_some();
    if !top.iter().all(|entry| known_top(&entry.key)) {
        return false;
    }
    let Some(Value::Map(services)) = built.root.value.entry("services").map(|node| &node.value) else { return false };
    let fits = |node: &Node| match &node.value {
        Value::Map(entries) => {
            let known = |key: &str| key.starts_with("x-") || super::spec::SERVICE.get(key).is_some();
            !entries.is_empty() && entries.iter().all(|entry| known(&entry.key))
        }
        _ => false,
    };
    let tells = |node: &Node| TELLING.iter().any(|key| node.value.entry(key).is_some());
    !services.is_empty()
        && services.iter().all(|entry| fits(&entry.node))
        && services.iter().any(|entry| tells(&entry.node))
}
