//! From the arguments to roots: what is read together, and how its paths are printed.
//!
//! The root of an argument is the nearest folder, from its own upwards, that has a `.git` or a settings file; where there
//! is none, the argument itself, or of a file its folder. Nothing outside a root is read, so what a root is decides what
//! an include can reach. A settings file of a folder above the root's own is never picked up.

use crate::config::{self, Found};
use crate::unpack::{self, Unpacked};
use crate::{disk, printed};
use anyhow::{Context, Result, anyhow, bail};
use hardlint_config::formats::Format;
use hardlint_config::secrets;
use std::fs;
use std::path::{Path, PathBuf};

/// A root, and what was asked for below it.
#[derive(Debug)]
pub struct Root {
    /// The folder, without symbolic links.
    pub folder: PathBuf,
    /// What was asked for.
    pub arguments: Vec<Argument>,
    /// Its settings file.
    pub settings: Option<Found>,
    /// Whether absolute paths are meant as they are, from this folder on: it is a machine's, and no project's.
    pub absolute: bool,
    /// What was unpacked to be it; it is gone with the root.
    pub unpacked: Option<Unpacked>,
}

/// A path that was asked for.
#[derive(Clone, Debug)]
pub struct Argument {
    /// As it was given.
    pub given: PathBuf,
    /// Below the root, with `/` between its parts.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// What its content says it is, where no name does: what a program printed.
    pub printed: Option<&'static Format>,
}

/// Which settings are used.
#[derive(Clone, Copy, Debug)]
pub enum Using<'a> {
    /// Those of the project.
    Found,
    /// None.
    None,
    /// Those of this file, whatever the project has.
    Of(&'a Path),
}

impl Using<'_> {
    /// The settings of a folder that may be a root.
    fn of(self, folder: &Path) -> Result<Option<Found>> {
        match self {
            Self::Found => config::find(folder),
            Self::None | Self::Of(_) => Ok(None),
        }
    }

    /// The settings of a root, where none were found.
    fn given(self) -> Result<Option<Found>> {
        match self {
            Self::Of(path) => config::named(path).map(Some),
            Self::Found | Self::None => Ok(None),
        }
    }
}

/// The roots of the arguments, in their order; the current folder stands for none.
///
/// # Errors
/// Where an argument does not exist or has no name that is UTF-8, or a settings file is broken.
pub fn find(paths: &[PathBuf], using: Using<'_>) -> Result<Vec<Root>> {
    find_as(paths, using, true)
}

/// The same; `unpack` says whether a file that holds many is taken for what it holds. Where a file is looked at by itself,
/// or somebody said what it is, it is that one file.
///
/// # Errors
/// As [`find`].
pub fn find_as(paths: &[PathBuf], using: Using<'_>, unpack: bool) -> Result<Vec<Root>> {
    let current = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &current } else { paths };
    let mut roots: Vec<Root> = Vec::new();
    for given in paths {
        if unpack && let Some(unpacked) = unpack::unpacked(given)? {
            roots.push(of_unpacked(given, unpacked, using)?);
            continue;
        }
        let place = place(given)?;
        let (folder, settings) = of(&place, using)?;
        let Some(path) = disk::below(&folder, &place) else { bail!("`{}` is not UTF-8", shown(given)) };
        let printed = if unpack { printed::format(&place) } else { None };
        let argument = Argument { given: given.clone(), path, folder: place.is_dir(), printed };
        if let Some(root) = roots.iter_mut().find(|root| root.folder == folder) {
            root.arguments.push(argument);
        } else {
            let arguments = vec![argument];
            roots.push(Root { folder, arguments, settings, absolute: false, unpacked: None });
        }
    }
    Ok(roots)
}

/// The root that an input with many files is.
fn of_unpacked(given: &Path, unpacked: Unpacked, using: Using<'_>) -> Result<Root> {
    // What a server printed is its own, and has no settings of ours.
    let absolute = unpacked.printed.is_some();
    let found = if absolute { Ok(None) } else { using.of(&unpacked.folder) };
    let folder = unpacked.folder.to_string_lossy();
    let mut own = found.map_err(|error| anyhow!(format!("{error:#}").replace(&*folder, &shown(given))))?;
    if let Some(own) = &mut own {
        own.called(&unpacked.folder, given);
    }
    let settings = if own.is_some() { own } else { using.given()? };
    let argument = Argument { given: given.to_owned(), path: String::new(), folder: true, printed: None };
    let folder = unpacked.folder.clone();
    Ok(Root { folder, arguments: vec![argument], settings, absolute, unpacked: Some(unpacked) })
}

/// The root that a machine is: its `/etc` is looked at, and what that names.
///
/// # Errors
/// Where there is none.
pub fn of_host(given: &Path, using: Using<'_>) -> Result<Root> {
    let Ok(folder) = fs::canonicalize(given) else { bail!("--host: there is no folder `{}`", shown(given)) };
    // A link there leads to where it would on that machine.
    if !disk::within(&folder, Path::new("etc")).is_ok_and(|etc| etc.is_dir()) {
        bail!("--host names the root of a machine's files, and `{}` has no folder `etc`", shown(given));
    }
    let argument = Argument { given: given.join("etc"), path: "etc".to_owned(), folder: true, printed: None };
    Ok(Root { folder, arguments: vec![argument], settings: using.given()?, absolute: true, unpacked: None })
}

/// Where an argument is, without symbolic links but for its own, if it is a file: its name tells what it is.
fn place(given: &Path) -> Result<PathBuf> {
    let real = fs::canonicalize(given);
    if real.as_ref().is_ok_and(|real| real.is_dir()) {
        return Ok(real?);
    }
    if let Err(error) = fs::symlink_metadata(given) {
        bail!("`{}`: {}", shown(given), reason(&error));
    }
    let folder = match given.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).with_context(|| format!("`{}`", shown(given)))?;
    let name = given.file_name().with_context(|| format!("`{}` names no file", shown(given)))?;
    Ok(folder.join(name))
}

/// The root of a place, and its settings.
fn of(place: &Path, using: Using<'_>) -> Result<(PathBuf, Option<Found>)> {
    let own = if place.is_dir() { place } else { place.parent().unwrap_or(place) };
    for folder in own.ancestors() {
        let settings = using.of(folder)?;
        if settings.is_some() || folder.join(".git").exists() {
            // A settings file nearer than the repository's root makes the folder a root of its own.
            let settings = if settings.is_some() { settings } else { using.given()? };
            return Ok((folder.to_owned(), settings));
        }
    }
    Ok((own.to_owned(), using.given()?))
}

/// Where `path`, which may not exist, would be below its root: standard input under its name.
///
/// # Errors
/// Where its folder does not exist.
pub fn of_name(path: &Path, using: Using<'_>) -> Result<Root> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path.file_name().with_context(|| format!("`{}` names no file", shown(path)))?;
    let place = fs::canonicalize(folder).with_context(|| format!("`{}`", shown(path)))?.join(name);
    let (folder, settings) = of(&place, using)?;
    let Some(below) = disk::below(&folder, &place) else { bail!("`{}` is not UTF-8", shown(path)) };
    let argument = Argument { given: path.to_owned(), path: below, folder: false, printed: None };
    Ok(Root { folder, arguments: vec![argument], settings, absolute: false, unpacked: None })
}

/// How paths below a root are printed: relative to the working directory where below it, else as they were given.
#[derive(Clone, Debug, Default)]
pub struct Names {
    root: PathBuf,
    working: Option<PathBuf>,
    arguments: Vec<Argument>,
    mounts: Vec<(String, PathBuf)>,
}

impl Names {
    /// The names below `root`.
    pub fn new(root: &Root, mounts: Vec<(String, PathBuf)>) -> Self {
        let working = std::env::current_dir().and_then(fs::canonicalize).ok();
        Self { root: root.folder.clone(), working, arguments: root.arguments.clone(), mounts }
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is printed for a path below the root. What is taken for one may be an address with a password in it.
    pub fn of(&self, path: &str) -> String {
        let name = self.name(path);
        if name.contains('@') { secrets::hide(&name).into_owned() } else { name }
    }

    fn name(&self, path: &str) -> String {
        for (name, folder) in &self.mounts {
            if let Some(rest) = path.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                return text(&folder.join(rest));
            }
        }
        let place = if path.is_empty() { self.root.clone() } else { self.root.join(path) };
        if let Some(rest) = self.working.as_ref().and_then(|working| place.strip_prefix(working).ok()) {
            return if rest.as_os_str().is_empty() { ".".to_owned() } else { text(rest) };
        }
        let rest_of = |argument: &Argument| match path.strip_prefix(argument.path.as_str())? {
            "" => Some(text(&argument.given)),
            rest if argument.path.is_empty() => Some(text(&argument.given.join(rest))),
            rest => Some(text(&argument.given.join(rest.strip_prefix('/')?))),
        };
        self.arguments.iter().find_map(rest_of).unwrap_or_else(|| text(&place))
    }
}

#[cfg(not(windows))]
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(windows)]
fn text(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A path for a message.
pub fn shown(path: &Path) -> String {
    crate::report::clean::line(&path.to_string_lossy()).into_owned()
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn root_of(scratch: &Scratch, path: &str) -> (String, String) {
        let root = find(&[scratch.path(path)], Using::Found).unwrap().remove(0);
        (disk::below(&scratch.path(""), &root.folder).unwrap(), root.arguments[0].path.clone())
    }

    #[test]
    fn the_root_is_the_nearest_with_git_or_settings() {
        let scratch = Scratch::new("roots");
        scratch.write("repo/.git/HEAD", "");
        scratch.write("repo/a/b/nginx.conf", "");
        scratch.write("repo/own/hardlint.toml", "");
        scratch.write("repo/own/x/nginx.conf", "");
        scratch.write("repo/other/pyproject.toml", "[tool.ruff]\n");
        scratch.write("repo/py/pyproject.toml", "[tool.hardlint]\n");
        for (path, root, below) in [
            ("repo/a/b/nginx.conf", "repo", "a/b/nginx.conf"),
            ("repo/a", "repo", "a"),
            ("repo", "repo", ""),
            ("repo/own/x", "repo/own", "x"),
            ("repo/other", "repo", "other"),
            ("repo/py", "repo/py", ""),
        ] {
            assert_eq!(root_of(&scratch, path), (root.to_owned(), below.to_owned()), "{path}");
        }
        let isolated = find(&[scratch.path("repo/own/x")], Using::None).unwrap().remove(0);
        assert_eq!(isolated.folder, scratch.path("repo"), "a settings file makes no root when none is used");
    }

    #[test]
    fn without_either_the_argument_is_the_root() {
        let scratch = Scratch::new("bare");
        scratch.write("d/nginx.conf", "");
        assert_eq!(root_of(&scratch, "d"), ("d".to_owned(), String::new()));
        assert_eq!(root_of(&scratch, "d/nginx.conf"), ("d".to_owned(), "nginx.conf".to_owned()));
    }

    #[test]
    fn paths_are_printed_as_they_were_given_unless_below_the_working_directory() {
        let scratch = Scratch::new("names");
        scratch.write("d/e/nginx.conf", "");
        let root = find(&[scratch.path("d")], Using::Found).unwrap().remove(0);
        let mut names = Names::new(&root, vec![("\u{1}m".into(), PathBuf::from("/srv"))]);
        names.working = Some(PathBuf::from("/nowhere"));
        names.arguments[0].given = PathBuf::from("../d");
        assert_eq!(names.of("e/nginx.conf"), "../d/e/nginx.conf");
        assert_eq!(names.of("\u{1}m/x"), "/srv/x");
        assert_eq!(names.of("http:/u:hunter2@h/x"), "../d/http:/u:*****@h/x");
        names.working = Some(scratch.path("d/e"));
        assert_eq!(names.of("e/nginx.conf"), "nginx.conf");
    }
}
