//! The folder that an image is built from, and what `COPY` takes out of it.
//!
//! No Dockerfile says what folder that is. Services that build it do; else it is taken to be the nearest one, from the
//! Dockerfile's own upwards, in which what the file copies by name is there. Where none fits, nothing is said about the folder.

use super::ignore::Ignore;
use super::sensitive::{ENVIRONMENT, KEY, has_secrets, names_secrets, sensitive};
use crate::loader::{self, Kind, Loader};

/// How many folders are looked into for files with secrets.
const MOST_FOLDERS: usize = 64;
/// How deep they may lie.
const DEEPEST: usize = 3;
/// How many findings of one copy are named.
const MOST_FOUND: usize = 8;

/// The folder that is built, below the root.
pub(super) fn folder(loader: &dyn Loader, dockerfile: &str, sources: &[&str]) -> Option<String> {
    let own = loader::folder(dockerfile);
    let named: Vec<&str> = sources.iter().map(|source| source.trim_start_matches("./").trim_matches('/')).collect();
    let named: Vec<&str> = named
        .into_iter()
        // Files with secrets are often in no repository, and so tell nothing by not being there.
        .filter(|source| sensitive(source).is_none())
        .filter(|source| {
            !source.is_empty() && *source != "." && !loader::is_pattern(source) && !source.starts_with("..")
        })
        .collect();
    let fits = |folder: &str| {
        named.iter().all(|source| loader::join(folder, source).is_some_and(|path| loader.stat(&path).is_some()))
    };
    if named.is_empty() || fits(own) {
        return Some(own.to_owned());
    }
    let mut folder = own;
    while !folder.is_empty() {
        folder = loader::folder(folder);
        if fits(folder) {
            return Some(folder.to_owned());
        }
    }
    // Some of what is copied is made before the build: where most of it is there, that is the folder.
    let there =
        named.iter().filter(|source| loader::join(own, source).is_some_and(|path| loader.stat(&path).is_some()));
    let most = there.count() * 2 >= named.len();
    // What says what a build leaves out stands in the folder that is built.
    let ignores = || loader::join(own, ".dockerignore").is_some_and(|path| loader.stat(&path).is_some());
    (most || ignores()).then(|| own.to_owned())
}

/// The path of the file that says what is left out: the one named after the Dockerfile, else the folder's.
pub(super) fn dockerignore(loader: &dyn Loader, dockerfile: &str, folder: &str) -> Option<String> {
    let own = format!("{dockerfile}.dockerignore");
    let common = loader::join(folder, ".dockerignore")?;
    [own, common].into_iter().find(|path| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File))
}

/// The patterns of that file.
pub(super) fn ignore(loader: &dyn Loader, path: Option<&str>) -> Ignore {
    let bytes = path.and_then(|path| loader.read(path).ok());
    bytes.map_or_else(Ignore::default, |bytes| Ignore::read(&String::from_utf8_lossy(&bytes)))
}

/// The nearest folder above a Dockerfile that has a file at the path; the root where none has.
pub(super) fn folder_with<'d>(loader: &dyn Loader, dockerfile: &'d str, path: &str) -> &'d str {
    let mut folder = loader::folder(dockerfile);
    while !folder.is_empty() && loader::join(folder, path).is_none_or(|path| loader.stat(&path).is_none()) {
        folder = loader::folder(folder);
    }
    folder
}

/// What a source of a copy takes along that holds secrets. Of a pattern, that is the first file at hand that fits; if
/// none does, the build needs one that is not in the repository.
/// Where the folder cannot be told, each file is looked for by itself, from the Dockerfile's own folder upwards.
pub(super) fn taken(
    loader: &dyn Loader,
    dockerfile: &str,
    folder: Option<&str>,
    source: &str,
    ignore: &Ignore,
) -> Option<&'static str> {
    let holds = |path: &str| has_secrets(loader, folder.unwrap_or_else(|| folder_with(loader, dockerfile, path)), path);
    // What ends so may be a certificate alone.
    let is_key_at_hand = |path: &str| {
        let folder = folder.unwrap_or_else(|| folder_with(loader, dockerfile, path));
        let there = || loader::join(folder, path).and_then(|path| loader.read(&path).ok());
        path.strip_suffix(".pem").is_some()
            && there().is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains("PRIVATE KEY-----"))
    };
    let pattern = folder.filter(|_| loader::is_pattern(source)).and_then(|folder| loader::join(folder, source));
    let found = pattern.map(|pattern| loader::glob(loader, &pattern)).unwrap_or_default();
    if found.is_empty() {
        return sensitive(source).filter(|_| holds(source)).or_else(|| is_key_at_hand(source).then_some(KEY));
    }
    let below =
        |path: &String| path.get(folder.filter(|it| !it.is_empty()).map_or(0, |it| it.len() + 1)..).map(str::to_owned);
    found
        .iter()
        .filter_map(below)
        .filter(|path| !ignore.ignores(path))
        .find_map(|path| sensitive(&path).filter(|_| holds(&path)))
}

/// Whether a copy of the whole folder takes the file at `path` below it, there or not, and it would hold secrets.
pub(crate) fn takes_along(loader: &dyn Loader, dockerfile: &str, folder: &str, path: &str) -> bool {
    let ignore = ignore(loader, dockerignore(loader, dockerfile, folder).as_deref());
    sensitive(path).is_some() && !ignore.ignores(path) && has_secrets(loader, folder, path)
}

/// What a copy of a folder takes along beside what it is made for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Along {
    /// Files with secrets, as paths below the folder that is built.
    pub(super) unignored: Vec<String>,
    /// Files of variables that are not at hand, of which an example says that they are to be made and hold secrets.
    pub(super) announced: Vec<String>,
}

/// What a copy of `source` takes along out of the folder that is built.
pub(super) fn along(loader: &dyn Loader, folder: &str, source: &str, ignore: &Ignore) -> Along {
    let start = source.trim_start_matches("./").trim_matches('/');
    let start = start.trim_end_matches("/.");
    let start = if start == "." { "" } else { start };
    let mut found = Along::default();
    let mut next = vec![(start.to_owned(), 0)];
    let mut folders = 0;
    while let Some((below, depth)) = next.pop() {
        folders += 1;
        if folders > MOST_FOLDERS || found.unignored.len() >= MOST_FOUND {
            break;
        }
        let Some(here) = loader::join(folder, &below) else { continue };
        for name in loader.list(&here) {
            let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            if let Some(made) = made_of(&path)
                && !ignore.ignores(made)
                && loader::join(folder, made).is_some_and(|made| loader.stat(&made).is_none())
                && names_secrets(loader, folder, &path)
            {
                found.announced.push(made.to_owned());
            }
            if ignore.ignores(&path) {
                continue;
            }
            let found_there = loader::join(folder, &path).and_then(|path| loader.stat(&path));
            let Some(there) = found_there else { continue };
            match there.kind {
                Kind::Folder if name == ".git" && below.is_empty() => found.unignored.push(path),
                Kind::Folder if depth < DEEPEST && name != "node_modules" && name != ".git" => {
                    next.push((path, depth + 1));
                }
                Kind::File if sensitive(&path).is_some() && has_secrets(loader, folder, &path) => {
                    found.unignored.push(path);
                }
                _ => {}
            }
        }
    }
    for list in [&mut found.unignored, &mut found.announced] {
        list.sort_unstable();
        list.dedup();
        list.truncate(MOST_FOUND);
    }
    found
}

/// Files of variables that services are started with, that are not at hand, and that a copy of `start` takes along.
pub(super) fn awaited(
    loader: &dyn Loader,
    folder: &str,
    start: &str,
    ignore: &Ignore,
    env_files: &[String],
) -> Vec<String> {
    let inside = |path: &str, folder: &str| {
        let rest = if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') };
        rest.map(str::to_owned)
    };
    let taken = |path: &String| {
        let below = inside(path, folder)?;
        inside(&below, start.trim_end_matches("/."))?;
        let absent = loader.stat(path).is_none();
        let secret = sensitive(&below) == Some(ENVIRONMENT);
        (absent && secret && !ignore.ignores(&below)).then_some(below)
    };
    env_files.iter().filter_map(taken).collect()
}

/// The file of variables that is made of an example: `.env` of `.env.example`.
fn made_of(path: &str) -> Option<&str> {
    let (made, ending) = path.rsplit_once('.')?;
    let is_example = matches!(ending, "dist" | "example" | "sample" | "template");
    (is_example && loader::name(made).starts_with(".env")).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn the_folder_is_the_nearest_that_has_what_is_copied() {
        let memory =
            Memory::new([("docker/app/Dockerfile", ""), ("docker/app/run.sh", ""), ("src/main.py", ""), ("x", "")]);
        let folder = |sources: &[&str]| folder(&memory, "docker/app/Dockerfile", sources);
        assert_eq!(folder(&["run.sh"]).as_deref(), Some("docker/app"));
        assert_eq!(folder(&["src/main.py", "."]).as_deref(), Some(""));
        assert_eq!(folder(&["."]).as_deref(), Some("docker/app"));
        assert_eq!(folder(&["missing", "gone"]), None);
        assert_eq!(folder(&["run.sh", "made-by-make"]).as_deref(), Some("docker/app"));
        let memory = Memory::new([("app/Dockerfile", ""), ("app/.dockerignore", "")]);
        let of = |sources: &[&str]| super::folder(&memory, "app/Dockerfile", sources);
        assert_eq!(of(&["requirements.lock", "."]).as_deref(), Some("app"));
    }

    #[test]
    fn files_that_services_are_started_with_are_taken_along() {
        let memory = Memory::new([("app/.env.local", "")]);
        let files = ["app/site/.env", "other/.env", "app/.env.local", "app/.env.example"].map(str::to_owned);
        let found = |start: &str, ignored: &str| awaited(&memory, "app", start, &Ignore::read(ignored), &files);
        assert_eq!(found("", ""), ["site/.env"]);
        assert_eq!(found("site", ""), ["site/.env"]);
        assert!(found("pages", "").is_empty() && found("", "**/.env").is_empty());
    }

    #[test]
    fn what_is_not_left_out_is_found() {
        let memory = Memory::new([
            (".env", "DB_PASSWORD=not-a-real-one"),
            ("sub/.env", "DB_PASSWORD=not-a-real-one"),
            ("other/.env", "PORT=80\nDB_PASSWORD=changeme"),
            (".git/HEAD", ""),
            ("pub.key", "-----BEGIN PUBLIC KEY-----"),
            ("tls.key", "-----BEGIN PRIVATE KEY-----"),
            ("server.key", "-----BEGIN CERTIFICATE-----"),
        ]);
        let found = |ignored: &str, source: &str| along(&memory, "", source, &Ignore::read(ignored)).unignored;
        assert_eq!(found("", "."), [".env", ".git", "sub/.env", "tls.key"]);
        assert_eq!(found(".env\n.git\n*.key", "."), ["sub/.env"]);
        assert_eq!(found("", "sub/"), ["sub/.env"]);
        assert!(found("**/.env\n.git\n**/*.key", "./").is_empty());
    }
}
