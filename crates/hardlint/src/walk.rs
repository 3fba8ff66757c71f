//! The names of the files below what was asked for.
//!
//! `.gitignore` files are honoured, also where there is no repository (a checkout without its `.git` is walked as the
//! repository was); the user's own and the clone's own ignore rules are not, so that a laptop and a server agree. Hidden
//! files are walked, `.git` is not. A path that was given by name is walked even if it is ignored, and then nothing above
//! it hides what is in it. A file of variables that git tracks although an ignore file names it is walked as well: whoever
//! clones the repository has it. Links to folders are not followed: what they lead to is below the root and walked under its
//! own name, or it is outside and not ours to read.

use crate::git::{self, Repositories};
use crate::patterns::Patterns;
use crate::root::{Argument, Root};
use hardlint_config::formats::{self, ByName};
use hardlint_config::loader::{self, Git};
use hardlint_lint::diagnostic::Trouble;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::{DirEntry, WalkDir};

/// What was found, sorted by path.
#[derive(Debug, Default)]
pub struct Walked {
    /// Everything that is no folder.
    pub files: Vec<Found>,
    /// What could not be walked, as a path below the root that may be no exact name, and why.
    pub problems: Vec<(String, String)>,
}

impl Walked {
    /// What could not be walked, as it is told.
    pub fn troubles(&self) -> impl Iterator<Item = Trouble> {
        let told = |(path, message): &(String, String)| Trouble {
            path: path.as_str().into(),
            at: None,
            message: message.clone(),
        };
        self.problems.iter().map(told)
    }
}

/// A file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Below the root.
    pub path: Arc<str>,
    /// Whether it is a regular file, and not a link, a pipe or a device.
    pub regular: bool,
}

/// Walks the arguments of a root.
pub fn walk(root: &Root, arguments: &[Argument]) -> Walked {
    let nothing = Patterns::default();
    let exclude = root.settings.as_ref().map_or(&nothing, |found| &found.exclude);
    let below = Below { root: &root.folder, exclude, git: &Repositories::new(false) };
    let mut walked = Walked::default();
    for argument in arguments {
        let place = root.folder.join(&argument.path);
        if argument.folder {
            // What was asked for by name is not hidden by what stands above it.
            let rules = Rules::above(&root.folder, &argument.path).unwrap_or_default();
            walked.folder(below, &place, rules);
        } else {
            let regular = place.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
            walked.files.push(Found { path: argument.path.as_str().into(), regular });
        }
    }
    walked.files.sort_unstable();
    walked.files.dedup_by(|a, b| a.path == b.path);
    walked.problems.sort();
    walked.problems.dedup();
    walked
}

/// Whether a walk of the whole root comes by a file, if it is there.
pub fn comes_by(root: &Root, path: &str) -> bool {
    let folder = loader::folder(path);
    let Some(mut rules) = Rules::above(&root.folder, folder) else { return false };
    rules.enter(&root.folder.join(folder), if folder.is_empty() { 0 } else { folder.len() + 1 });
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let excluded = |end: usize| {
        let part = path.get(..end).unwrap_or_default();
        let exclude = root.settings.as_ref().map(|found| &found.exclude);
        loader::name(part) == ".git" || exclude.is_some_and(|it| it.say(part, end < path.len()) == Some(true))
    };
    let regular = || root.folder.join(path).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    let nothing = Patterns::default();
    let below = Below { root: &root.folder, exclude: &nothing, git: &Repositories::new(false) };
    let hidden = || rules.ignore(path, false) && !below.is_tracked(path);
    !ends.into_iter().any(excluded) && regular() && !hidden()
}

/// The ignore files of the folders that a path lies in, the outermost first.
#[derive(Clone, Default)]
struct Rules(Vec<(usize, Patterns)>);

impl Rules {
    /// Those of the folders above a path; nothing if they ignore it.
    fn above(root: &Path, path: &str) -> Option<Self> {
        let mut rules = Self::default();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).filter(|&end| end > 0);
        let mut above = 0;
        for end in ends {
            rules.enter(&root.join(path.get(..above)?), if above == 0 { 0 } else { above + 1 });
            if rules.ignore(path.get(..end)?, true) {
                return None;
            }
            above = end;
        }
        Some(rules)
    }

    /// Adds those of a folder below which paths begin at `offset`.
    fn enter(&mut self, folder: &Path, offset: usize) {
        if let Some(bytes) = git::ignore_file(folder) {
            self.0.push((offset, Patterns::parse(&String::from_utf8_lossy(&bytes))));
        }
    }

    /// Takes out those of folders that a path with this many bytes before its name does not lie in.
    fn leave(&mut self, offset: usize) {
        self.0.retain(|(own, _)| *own <= offset);
    }

    /// Whether a path is ignored: the innermost that says anything decides.
    fn ignore(&self, path: &str, folder: bool) -> bool {
        let say = |(offset, patterns): &(usize, Patterns)| patterns.say(path.get(*offset..)?, folder);
        self.0.iter().rev().find_map(say) == Some(true)
    }
}

impl Walked {
    /// Walks a folder: what lies in it first, then the folders in it, side by side where there are many.
    fn folder(&mut self, below: Below<'_>, place: &Path, rules: Rules) {
        let inner = self.entries(below, place, rules, true);
        let walk = |(place, rules): (PathBuf, Rules)| {
            let mut walked = Self::default();
            walked.entries(below, &place, rules, false);
            walked
        };
        // Few folders are walked before the threads that would share them have started.
        let all: Vec<Self> = if inner.len() < 6 {
            inner.into_iter().map(walk).collect()
        } else {
            inner.into_par_iter().map(walk).collect()
        };
        for walked in all {
            self.files.extend(walked.files);
            self.problems.extend(walked.problems);
        }
    }

    /// Adds what lies in a folder. A `shallow` walk gives the folders in it, and the rules that hold there, instead of
    /// entering them.
    fn entries(&mut self, below: Below<'_>, place: &Path, mut rules: Rules, shallow: bool) -> Vec<(PathBuf, Rules)> {
        let root = below.root;
        let mut inner = Vec::new();
        let depth = if shallow { 1 } else { usize::MAX };
        let mut entries = WalkDir::new(place).max_depth(depth).follow_links(false).into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.problem(root, &error);
                    continue;
                }
            };
            let folder = entry.file_type().is_dir();
            let path = crate::disk::below(root, entry.path());
            if entry.depth() > 0 && !below.keep(&entry, path.as_deref(), &mut rules) {
                if folder {
                    entries.skip_current_dir();
                }
            } else if folder && shallow && entry.depth() == 1 {
                inner.push((entry.into_path(), rules.clone()));
            } else if folder {
                let path = path.as_deref().unwrap_or_default();
                rules.enter(entry.path(), if path.is_empty() { 0 } else { path.len() + 1 });
            } else {
                match path {
                    Some(path) => self.files.push(Found { path: path.into(), regular: entry.file_type().is_file() }),
                    None => self.unnamed(root, entry.path()),
                }
            }
        }
        inner
    }

    /// A name that is not UTF-8 cannot be told from others in a report; it matters if the file could be ours.
    fn unnamed(&mut self, root: &Path, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !matches!(formats::by_name(&name), ByName::Nothing) {
            self.problems.push((lossy(root, path), "its name is not UTF-8, so it is not read".to_owned()));
        }
    }

    fn problem(&mut self, root: &Path, error: &walkdir::Error) {
        let path = error.path().map(|path| lossy(root, path)).unwrap_or_default();
        let message = match error.io_error() {
            Some(error) if error.kind() == std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            Some(error) => error.to_string(),
            None => error.to_string(),
        };
        self.problems.push((path, message));
    }
}

/// What a walk is told.
#[derive(Clone, Copy)]
struct Below<'w> {
    root: &'w Path,
    /// What the settings leave out.
    exclude: &'w Patterns,
    git: &'w Repositories,
}

impl Below<'_> {
    /// Whether an entry is walked. The paths of a folder that is not UTF-8 meet no pattern.
    fn keep(self, entry: &DirEntry, path: Option<&str>, rules: &mut Rules) -> bool {
        let folder = entry.file_type().is_dir();
        if folder && entry.file_name() == ".git" {
            return false;
        }
        let Some(path) = path else { return true };
        rules.leave(path.rfind('/').map_or(0, |at| at + 1));
        let hidden = || rules.ignore(path, folder) && (folder || !self.is_tracked(path));
        self.exclude.say(path, folder) != Some(true) && !hidden()
    }

    /// Whether it is a file of variables that git tracks.
    fn is_tracked(self, path: &str) -> bool {
        git::is_told(path) && self.git.state(self.root, path) == Git::Tracked
    }
}

fn lossy(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::find;
    use crate::scratch::Scratch;
    use std::fs;
    use std::path::PathBuf;

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
            scratch.write("a/.gitignore", "own\n!kept.log\n");
            scratch.write("a/kept.log", "");
            scratch.write("a/own", "");
            scratch.write("b/own", "");
            let expected = [".gitignore", "a/.env", "a/.gitignore", "a/kept.log", "a/nginx.conf", "b/own"];
            assert_eq!(names(&scratch, &[""]), expected, "git: {git}");
        }
    }

    #[test]
    fn a_file_that_comes_later_is_taken_as_a_walk_would() {
        let scratch = Scratch::new("walk-later");
        scratch.write("hardlint.toml", "exclude = ['vendor']\n");
        scratch.write(".gitignore", "/build/\n*.log\n");
        for path in
            ["build/nginx.conf", "a/b.log", "a/nginx.conf", "a/kept.log", "vendor/b/c", ".git/x", "d/own", "top"]
        {
            scratch.write(path, "");
        }
        scratch.write("a/.gitignore", "!kept.log\n");
        let root = find(&[scratch.path("")], false).unwrap().remove(0);
        let walked = names(&scratch, &[""]);
        for path in
            ["build/nginx.conf", "a/b.log", "a/nginx.conf", "a/kept.log", "vendor/b/c", ".git/x", "d/own", "top", "no"]
        {
            assert_eq!(comes_by(&root, path), walked.iter().any(|it| it == path), "{path}");
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
    #[expect(clippy::print_stderr, reason = "says why a test compares nothing")]
    fn a_file_of_variables_that_git_tracks_is_walked_whatever_ignores_it() {
        let scratch = Scratch::new("walk-tracked");
        let git = |args: &[&str]| {
            std::process::Command::new("git").args(args).current_dir(scratch.path("")).status().map(|it| it.success())
        };
        if git(&["init", "-q"]).is_err() {
            eprintln!("skipped: git is not at hand");
            return;
        }
        scratch.write(".gitignore", ".env\n*.conf\n");
        for path in ["a/.env", "b/.env", "nginx.conf"] {
            scratch.write(path, "");
        }
        assert!(git(&["add", "-f", "a/.env", "nginx.conf"]).unwrap());
        assert_eq!(names(&scratch, &[""]), [".gitignore", "a/.env"]);
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
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let root = find(&[scratch.path("")], false).unwrap().remove(0);
        let walked = walk(&root, &root.arguments);
        assert!(walked.files.is_empty());
        assert_eq!(walked.problems.len(), 1, "{:?}", walked.problems);
        assert!(walked.problems[0].0.ends_with("\u{fffd}/sshd_config"), "{:?}", walked.problems);
    }
}
