//! The names of the files below what was asked for.
//!
//! `.gitignore` files are honoured, also where there is no repository (a checkout without its `.git` is walked as the
//! repository was); the user's own and the clone's own ignore rules are not, so that a laptop and a server agree. Hidden
//! files are walked, `.git` is not. A path that was given by name is walked even if it is ignored, and then nothing above
//! it hides what is in it. Links to folders are not followed: what they lead to is below the root and walked under its
//! own name, or it is outside and not ours to read.

use crate::root::{Argument, Root};
use hardlint_config::formats::{self, ByName};
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What was found, sorted by path.
#[derive(Debug, Default)]
pub struct Walked {
    /// Everything that is no folder.
    pub files: Vec<Found>,
    /// What could not be walked, as a path below the root that may be no exact name, and why.
    pub problems: Vec<(String, String)>,
}

/// A file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Below the root.
    pub path: Arc<str>,
    /// Whether it is a regular file, and not a link, a pipe or a device.
    pub regular: bool,
}

/// Walks the arguments of a root, or all of the root if `whole`.
pub fn walk(root: &Root, arguments: &[Argument]) -> Walked {
    let exclude = root.settings.as_ref().map(|found| found.exclude.clone());
    let found = Mutex::new(Walked::default());
    // Those that nothing above hides are walked together; the others each for itself, without what stands above them.
    let folders: Vec<&Argument> = arguments.iter().filter(|argument| argument.folder).collect();
    let (hidden, open): (Vec<_>, Vec<_>) = folders.into_iter().partition(|argument| is_ignored(root, argument));
    let place = |argument: &Argument| root.folder.join(&argument.path);
    if let Some((first, rest)) = open.split_first() {
        let mut builder = WalkBuilder::new(place(first));
        for argument in rest {
            builder.add(place(argument));
        }
        // Above the root nothing is read: only a repository's root ends the search for ignore files upwards.
        builder.parents(root.repository);
        run(&mut builder, &root.folder, exclude.as_ref(), &found);
    }
    for argument in hidden {
        run(WalkBuilder::new(place(argument)).parents(false), &root.folder, exclude.as_ref(), &found);
    }
    let mut walked = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for argument in arguments.iter().filter(|argument| !argument.folder) {
        let regular = place(argument).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        walked.files.push(Found { path: argument.path.as_str().into(), regular });
    }
    walked.files.sort_unstable();
    walked.files.dedup_by(|a, b| a.path == b.path);
    walked.problems.sort();
    walked.problems.dedup();
    walked
}

/// Whether an ignore file between the root and the argument names it.
fn is_ignored(root: &Root, argument: &Argument) -> bool {
    let place = root.folder.join(&argument.path);
    let above = place.ancestors().skip(1).take_while(|folder| folder.starts_with(&root.folder));
    for folder in above {
        let file = folder.join(".gitignore");
        if !file.is_file() {
            continue;
        }
        let (rules, _) = Gitignore::new(&file);
        let matched = rules.matched_path_or_any_parents(&place, true);
        if !matched.is_none() {
            return matched.is_ignore();
        }
    }
    false
}

fn run(builder: &mut WalkBuilder, root: &Path, exclude: Option<&Gitignore>, found: &Mutex<Walked>) {
    builder.hidden(false).ignore(false).git_global(false).git_exclude(false).require_git(false).follow_links(false);
    builder.filter_entry({
        let exclude = exclude.cloned();
        move |entry| keep(entry, exclude.as_ref())
    });
    builder.build_parallel().run(|| {
        let mut batch = Batch { found, own: Walked::default() };
        Box::new(move |entry| {
            match entry {
                Ok(entry) => batch.own.take(root, &entry),
                Err(error) => batch.own.problem(root, &error),
            }
            WalkState::Continue
        })
    });
}

fn keep(entry: &DirEntry, exclude: Option<&Gitignore>) -> bool {
    let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    if folder && entry.file_name() == ".git" {
        return false;
    }
    !exclude.is_some_and(|exclude| exclude.matched(entry.path(), folder).is_ignore())
}

/// What one thread found; handed over when it ends, so that threads need not wait for each other.
struct Batch<'f> {
    found: &'f Mutex<Walked>,
    own: Walked,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.files.append(&mut self.own.files);
        found.problems.append(&mut self.own.problems);
    }
}

impl Walked {
    fn take(&mut self, root: &Path, entry: &DirEntry) {
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else { return };
        match crate::disk::below(root, entry.path()) {
            Some(path) => self.files.push(Found { path: path.into(), regular: kind.is_file() }),
            None => self.unnamed(root, entry.path()),
        }
    }

    /// A name that is not UTF-8 cannot be told from others in a report; it matters if the file could be ours.
    fn unnamed(&mut self, root: &Path, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !matches!(formats::by_name(&name), ByName::Nothing) {
            self.problems.push((lossy(root, path), "its name is not UTF-8, so it is not read".to_owned()));
        }
    }

    fn problem(&mut self, root: &Path, error: &ignore::Error) {
        let (path, message) = parts(error);
        self.problems.push((path.map(|path| lossy(root, &path)).unwrap_or_default(), message));
    }
}

fn lossy(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// The path and the reason of a walker's error.
fn parts(error: &ignore::Error) -> (Option<PathBuf>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path.clone()), parts(err).1),
        ignore::Error::WithDepth { err, .. } => parts(err),
        ignore::Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            (None, "permission denied".to_owned())
        }
        other => (None, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::find;
    use crate::scratch::Scratch;

    fn names(scratch: &Scratch, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| scratch.path(path)).collect();
        let roots = find(&paths, false).unwrap();
        let walked = roots.iter().flat_map(|root| walk(root, &root.arguments).files);
        walked.map(|found| found.path.to_string()).collect()
    }

    #[test]
    fn ignore_files_are_honoured_with_and_without_a_repository() {
        for git in [true, false] {
            let scratch = Scratch::new(if git { "walk-git" } else { "walk-bare" });
            if git {
                scratch.write(".git/config", "");
            }
            scratch.write(".gitignore", "/build/\n*.log\n");
            scratch.write("build/nginx.conf", "");
            scratch.write("a/b.log", "");
            scratch.write("a/.env", "");
            scratch.write("a/nginx.conf", "");
            assert_eq!(names(&scratch, &[""]), [".gitignore", "a/.env", "a/nginx.conf"], "git: {git}");
        }
    }

    #[test]
    fn a_path_given_by_name_is_walked_even_if_ignored() {
        let scratch = Scratch::new("walk-named");
        scratch.write(".git/config", "");
        scratch.write(".gitignore", "build/\nbuild/**\n*.conf\n");
        scratch.write("build/deep/nginx.conf", "");
        scratch.write("build/.gitignore", "own\n");
        scratch.write("build/own", "");
        assert_eq!(names(&scratch, &["build"]), ["build/.gitignore", "build/deep/nginx.conf"]);
        assert_eq!(names(&scratch, &["build/own", "build/own"]), ["build/own"]);
    }

    #[test]
    fn settings_exclude_what_is_not_given_by_name() {
        let scratch = Scratch::new("walk-exclude");
        scratch.write("hardlint.toml", "exclude = ['vendor']\n");
        scratch.write("vendor/nginx.conf", "");
        scratch.write("a", "");
        assert_eq!(names(&scratch, &[""]), ["a", "hardlint.toml"]);
        assert_eq!(names(&scratch, &["vendor/nginx.conf"]), ["vendor/nginx.conf"]);
    }

    #[test]
    fn links_and_pipes_are_told_and_not_followed() {
        let scratch = Scratch::new("walk-links");
        scratch.write("d/a", "");
        scratch.link("../d", "d/loop");
        scratch.pipe("d/pipe");
        let root = find(&[scratch.path("d")], false).unwrap().remove(0);
        let files: Vec<_> =
            walk(&root, &root.arguments).files.iter().map(|f| (f.path.to_string(), f.regular)).collect();
        assert_eq!(files, [("a".to_owned(), true), ("loop".to_owned(), false), ("pipe".to_owned(), false)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf_8_is_a_problem_if_the_file_could_be_ours() {
        use std::os::unix::ffi::OsStrExt;
        let scratch = Scratch::new("walk-names");
        for name in [&b"\xff/sshd_config"[..], b"\xff.txt"] {
            let path = scratch.path("").join(std::ffi::OsStr::from_bytes(name));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let root = find(&[scratch.path("")], false).unwrap().remove(0);
        let walked = walk(&root, &root.arguments);
        assert!(walked.files.is_empty());
        assert_eq!(walked.problems.len(), 1, "{:?}", walked.problems);
        assert!(walked.problems[0].0.ends_with("\u{fffd}/sshd_config"), "{:?}", walked.problems);
    }
}
