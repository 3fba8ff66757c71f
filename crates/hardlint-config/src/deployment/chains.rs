//! Which Compose files are laid over each other: the `-f` lists of the commands that a project writes down, and its
//! `COMPOSE_FILE`.
//!
//! Commands stand in Makefiles, scripts, pipelines, manuals and the comments of Compose files. They are read as text, and
//! nothing is run: a list with a variable in it is no chain, nor is one that names a file which is not there.

mod commands;

use super::role::{self, Role};
use crate::loader::{self, Kind, Loader};
use crate::workspace::{Memo, Query};
use commands::Written;
use std::sync::Arc;

/// Files of one folder that are read.
const MAX_FILES: usize = 60;
/// Bytes of a file that are read.
const MAX_FILE: usize = 256 << 10;
/// Folders below a project's own in which scripts and pipelines stand.
const BELOW: [&str; 5] = [".github/workflows", "bin", "deploy", "script", "scripts"];

/// Files that a command lays over each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// Below the root, the first one first.
    pub(crate) files: Vec<String>,
    /// Where that is written: `Makefile:12`.
    pub(crate) source: String,
}

/// A command that starts a project, and the files of variables that it names.
#[derive(Debug)]
struct Start {
    /// The file that the project begins with; nothing where Compose looks for it.
    first: Option<String>,
    /// The folders in which the command may be given.
    folders: Vec<String>,
    /// As they are written; nothing where that is not known.
    env_files: Option<Vec<String>>,
}

/// What the files of one folder write down.
#[derive(Debug, Default)]
struct Folder {
    chains: Vec<Chain>,
    started: Vec<Start>,
    /// Whether any command starts Compose.
    starts: bool,
    /// Whether all lists were understood.
    complete: bool,
}

/// The chains that name a file, those of the nearest folder first.
pub(crate) fn naming(loader: &dyn Loader, memo: &Memo, path: &str) -> Vec<Chain> {
    let mut found: Vec<Chain> = Vec::new();
    for folder in around(loader, memo, path) {
        for chain in folder.chains.iter().filter(|chain| chain.files.iter().any(|file| file == path)) {
            if !found.iter().any(|known| known.files == chain.files) {
                found.push(chain.clone());
            }
        }
    }
    found
}

/// The chain that a file is only used in, laid over others: that in which it is the last, if there is one. A file that any
/// command begins with stands for itself.
pub(crate) fn laid_over(loader: &dyn Loader, memo: &Memo, path: &str) -> Option<Chain> {
    let mut chains = naming(loader, memo, path);
    if chains.iter().any(|chain| chain.files.first().is_some_and(|first| first == path)) {
        return None;
    }
    let at = chains.iter().position(|chain| chain.files.last().is_some_and(|last| last == path)).unwrap_or(0);
    (at < chains.len()).then(|| chains.swap_remove(at))
}

impl Chain {
    /// What its files are for together: what a file for developers or tests is laid over is not production.
    pub(crate) fn role(&self, query: &Query) -> Role {
        let roles = || self.files.iter().map(|path| role::of_path(query.below_argument(path)));
        let lesser = roles().find(|role| role.is_lesser());
        lesser.or_else(|| roles().find(|role| *role == Role::Production)).unwrap_or(Role::Unknown)
    }
}

/// Whether commands at hand start Compose, all of them are understood, and none of their files has the name of this one.
pub(crate) fn forgets(loader: &dyn Loader, memo: &Memo, path: &str) -> bool {
    let all = around(loader, memo, path);
    let name = loader::name(path);
    let named = |folder: &str| {
        let mut texts = sources(loader, folder).into_iter().filter(|source| source != path);
        texts.any(|source| read(loader, &source).is_some_and(|text| text.contains(name)))
    };
    all.iter().any(|it| it.starts) && all.iter().all(|it| it.complete) && !folders(path).into_iter().any(named)
}

/// A file's folder and those above it.
fn folders(path: &str) -> Vec<&str> {
    let mut folder = loader::folder(path);
    let mut found = vec![folder];
    while !folder.is_empty() {
        folder = loader::folder(folder);
        found.push(folder);
    }
    found
}

fn around(loader: &dyn Loader, memo: &Memo, path: &str) -> Vec<Arc<Folder>> {
    folders(path).into_iter().map(|folder| memo.of(folder, || Folder::of(loader, folder))).collect()
}

impl Folder {
    fn of(loader: &dyn Loader, folder: &str) -> Self {
        let mut made = Self { complete: true, ..Self::default() };
        for source in sources(loader, folder) {
            let Some(text) = read(loader, &source) else { continue };
            for Written { files, env_files, inside, at, starts } in commands::of(&text) {
                made.starts |= starts;
                if starts {
                    made.started.extend(start(loader, &source, inside.as_deref(), files.as_deref(), env_files));
                }
                let Some(files) = files else {
                    made.complete = false;
                    continue;
                };
                let line = 1 + text.get(..at).unwrap_or_default().matches('\n').count();
                match place(loader, &source, inside.as_deref(), &files) {
                    Some(files) => made.chains.push(Chain { files, source: format!("{source}:{line}") }),
                    None => made.complete &= files.is_empty(),
                }
            }
        }
        made
    }
}

/// A command that starts what its list begins with, or what Compose finds; nothing where the list is not known.
fn start(
    loader: &dyn Loader,
    source: &str,
    inside: Option<&str>,
    files: Option<&[String]>,
    env_files: Option<Vec<String>>,
) -> Option<Start> {
    let files = files?;
    let mut around: Vec<String> = Vec::new();
    for folder in folders(source) {
        around.extend(inside.and_then(|inside| loader::join(folder, inside)));
        around.push(folder.to_owned());
    }
    let first = match files {
        [] => None,
        files => Some(place(loader, source, inside, files)?.into_iter().next()?),
    };
    Some(Start { first, folders: around, env_files })
}

/// The files of variables that a project is started with in the place of its `.env`, where all commands at hand that start
/// it name the same. `by_name` tells that Compose finds it without being told.
pub(crate) fn env_files(loader: &dyn Loader, memo: &Memo, path: &str, by_name: bool) -> Vec<String> {
    let own = loader::folder(path);
    let mut found: Option<Vec<String>> = None;
    for folder in around(loader, memo, path) {
        let mine = folder.started.iter().filter(|start| match &start.first {
            Some(first) => first == path,
            None => by_name && start.folders.iter().any(|folder| folder == own),
        });
        for start in mine {
            let Some(named) = start.env_files.as_deref().filter(|named| !named.is_empty()) else { return Vec::new() };
            let is_file = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
            let all = |folder: &String| -> Option<Vec<String>> {
                named.iter().map(|file| loader::join(folder, file).filter(is_file)).collect()
            };
            let Some(files) = start.folders.iter().find_map(all) else { return Vec::new() };
            if found.as_ref().is_some_and(|known| *known != files) {
                return Vec::new();
            }
            found = Some(files);
        }
    }
    found.unwrap_or_default()
}

/// Where the files of a list lie: seen from the folder that the command goes to, from that of the file which holds it, or
/// from one above; the first that has them all.
fn place(loader: &dyn Loader, source: &str, inside: Option<&str>, files: &[String]) -> Option<Vec<String>> {
    if files.is_empty() {
        return None;
    }
    let is_file = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    let all = |folder: &str| -> Option<Vec<String>> {
        files.iter().map(|file| loader::join(folder, file).filter(is_file)).collect()
    };
    let gone = |folder: &&str| inside.and_then(|inside| loader::join(folder, inside)).and_then(|folder| all(&folder));
    folders(source).iter().find_map(|folder| gone(folder).or_else(|| all(folder)))
}

/// The files of a folder in which commands are written down.
fn sources(loader: &dyn Loader, folder: &str) -> Vec<String> {
    let below = BELOW.iter().filter_map(|name| loader::join(folder, name));
    let names = std::iter::once(folder.to_owned()).chain(below).flat_map(|folder| {
        let names = loader.list(&folder).into_iter().filter(|name| holds_commands(name)).take(MAX_FILES);
        names.filter_map(|name| loader::join(&folder, &name)).collect::<Vec<_>>()
    });
    names.collect()
}

fn read(loader: &dyn Loader, path: &str) -> Option<String> {
    if loader.stat(path)?.kind != Kind::File {
        return None;
    }
    let bytes = loader.read(path).ok().filter(|bytes| bytes.len() <= MAX_FILE)?;
    let text = String::from_utf8(bytes).ok()?;
    let speaks = memchr::memmem::find(text.as_bytes(), b"ompose").is_some() || text.contains("COMPOSE_FILE");
    speaks.then_some(text)
}

fn holds_commands(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(
        lower.as_str(),
        ".env" | "makefile" | "gnumakefile" | "justfile" | ".justfile" | "procfile" | "package.json" | "dockerfile"
    ) || matches!(ending, "sh" | "bash" | "mk" | "md" | "rst" | "service" | "yml" | "yaml")
        || lower.starts_with("readme")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn commands_name_files_of_variables_in_the_place_of_the_usual_one() {
        let of = |script: &str, other: &str| {
            let files = [
                ("deploy/compose.yaml", ""),
                ("deploy/a.env", ""),
                ("b.env", ""),
                ("run.sh", script),
                ("Makefile", other),
            ];
            env_files(&Memory::new(files), &Memo::default(), "deploy/compose.yaml", true).join(" ")
        };
        for (script, other, expected) in [
            ("docker compose -f deploy/compose.yaml --env-file b.env up", "", "b.env"),
            ("cd deploy && docker compose --env-file a.env --env-file ../b.env up", "", "deploy/a.env b.env"),
            ("docker compose -f deploy/compose.yaml --env-file b.env ps", "", ""),
            ("docker compose -f deploy/compose.yaml --env-file gone.env up", "", ""),
            ("docker compose -f deploy/compose.yaml --env-file $FILE up", "", ""),
            // Another command starts it otherwise.
            ("docker compose -f deploy/compose.yaml --env-file b.env up", "cd deploy && docker compose up", ""),
            ("docker compose -f deploy/compose.yaml --env-file b.env up", "docker compose -f other.yaml up", "b.env"),
        ] {
            assert_eq!(of(script, other), expected, "{script} / {other}");
        }
    }

    fn of(files: &[(&str, &str)], path: &str) -> Option<String> {
        let memory = Memory::new(files.iter().copied());
        let chain = laid_over(&memory, &Memo::default(), path)?;
        Some(format!("{} ({})", chain.files.join(" < "), chain.source))
    }

    #[test]
    fn commands_lay_files_over_each_other() {
        let base = [("p/a.yml", ""), ("p/b.yml", ""), ("p/c.yml", "")];
        let with = |name: &'static str, text: &'static str| {
            let mut files = base.to_vec();
            files.push((name, text));
            of(&files, "p/b.yml")
        };
        let found = |source: &str| Some(format!("p/a.yml < p/b.yml ({source})"));
        let make = "up:\n\tdocker compose -f a.yml \\\n\t  -f b.yml up -d\n";
        assert_eq!(with("p/Makefile", make), found("p/Makefile:2"));
        assert_eq!(with("p/scripts/up.sh", "docker-compose -f a.yml -f b.yml up\n"), found("p/scripts/up.sh:1"));
        let pipeline = "run: cd p && docker compose --file=a.yml --file b.yml up\n";
        assert_eq!(with(".github/workflows/x.yml", pipeline), found(".github/workflows/x.yml:1"));
        assert_eq!(with("p/.env", "COMPOSE_FILE=a.yml:b.yml\n"), found("p/.env:1"));
        assert_eq!(with("p/Makefile", "up:\n\tdocker compose -f a.yml -f $(X) up\n"), None, "a variable");
        assert_eq!(with("p/Makefile", "up:\n\tdocker compose -f a.yml -f d.yml -f b.yml up\n"), None, "no such file");
        let alone = "up:\n\tdocker compose -f a.yml -f b.yml up\n\tdocker compose -f b.yml up\n";
        assert_eq!(with("p/Makefile", alone), None, "it is used by itself as well");
        let longer = "docker compose -f a.yml -f b.yml -f c.yml up\ndocker compose -f a.yml -f b.yml up\n";
        assert_eq!(with("p/README.md", longer), found("p/README.md:2"));
    }

    #[test]
    fn what_files_are_for_together_the_least_of_them_tells() {
        let role = |files: &[&str]| {
            let files = files.iter().map(|file| (*file).to_owned()).collect();
            Chain { files, source: String::new() }.role(&Query::default())
        };
        assert_eq!(role(&["compose.yaml", "compose.dev.yaml", "mail.yaml"]), Role::Development);
        assert_eq!(role(&["compose.yaml", "compose.prod.yaml", "mail.yaml"]), Role::Production);
        assert_eq!(role(&["compose.yaml", "mail.yaml"]), Role::Unknown);
    }

    #[test]
    fn a_file_that_no_command_names_is_forgotten_where_all_commands_are_known() {
        let forgotten = |text: &str| {
            let memory = Memory::new([("a.yml", ""), ("b.yml", ""), ("Makefile", text)]);
            forgets(&memory, &Memo::default(), "b.yml")
        };
        assert!(forgotten("up:\n\tdocker compose -f a.yml up\n"));
        assert!(!forgotten("up:\n\tdocker compose -f a.yml -f b.yml up\n"));
        assert!(!forgotten("up:\n\tdocker compose -f a.yml $(MORE) up\n"));
        assert!(!forgotten("FILES = b.yml\nup:\n\tdocker compose up\n"), "it is named");
        assert!(!forgotten("up:\n\ttrue\n"), "nothing is started");
    }
}
