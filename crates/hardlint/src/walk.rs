//! The names of the files below what was asked for.
//!
//! `.gitignore` files are honoured, also where there is no repository (a checkout without its `.git` is walked as the
//! repository was); the user's own and the clone's own ignore rules are not, so that a laptop and a server agree. Hidden
//! files are walked, `.git` is not. A path that was given by name is walked even if it is ignored, and then nothing above
//! it hides what is in it. What git tracks although an ignore file names it is walked as well: git ignores what such a file
//! says of it, and whoever clones the repository has it. Links to folders are not followed: what they lead to is below the root
//! and walked under its own name, or it is outside and not ours to read. A machine's are, as its programs follow them, and
//! no ignore file hides what a machine runs with, nor what somebody put into an archive: `git archive` writes what is tracked.

mod machine;
mod rules;

use crate::disk;
use crate::git::Repositories;
use crate::patterns::Patterns;
use crate::root::{Argument, Root};
use hardlint_config::formats::{self, ByName};
use hardlint_config::loader;
use hardlint_lint::diagnostic::Trouble;
use rayon::prelude::*;
use rules::Rules;
use std::fs;
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
        let told = |(path, message): &(String, String)| Trouble::of_file(path.as_str().into(), message.clone());
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
    let below = Below { root: &root.folder, exclude, git: &Repositories::new(false), all: root.unpacked.is_some() };
    let mut walked = Walked::default();
    for argument in arguments {
        let place = root.folder.join(&argument.path);
        if argument.folder && root.absolute {
            walked.machine(below, &argument.path);
        } else if argument.folder {
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

/// Walks all of a root, and what was asked for by name.
pub fn whole(root: &Root) -> Walked {
    let all = Argument { given: root.folder.clone(), path: String::new(), folder: true, printed: None };
    let arguments = [root.arguments.as_slice(), &[all]].concat();
    walk(root, &arguments)
}

/// Whether a walk of the whole root comes by a file, if it is there.
pub fn comes_by(root: &Root, path: &str) -> bool {
    let folder = loader::folder(path);
    let rules = Rules::above(&root.folder, folder).map(|mut rules| {
        rules.enter(&root.folder.join(folder), if folder.is_empty() { 0 } else { folder.len() + 1 });
        rules
    });
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let excluded = |end: usize| {
        let part = path.get(..end).unwrap_or_default();
        let exclude = root.settings.as_ref().map(|found| &found.exclude);
        loader::name(part) == ".git" || exclude.is_some_and(|it| it.say(part, end < path.len()) == Some(true))
    };
    let regular = || root.folder.join(path).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    let nothing = Patterns::default();
    let below = Below { root: &root.folder, exclude: &nothing, git: &Repositories::new(false), all: false };
    let hidden = || rules.is_none_or(|rules| rules.ignore(path, false)) && !below.is_tracked(path);
    !ends.into_iter().any(excluded) && regular() && !hidden()
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
            let path = disk::below(root, entry.path());
            let keep = if entry.depth() > 0 { below.keep(&entry, path.as_deref(), &mut rules) } else { Keep::Whole };
            if keep != Keep::Whole {
                if folder {
                    entries.skip_current_dir();
                }
                let path = path.as_deref().unwrap_or_default();
                match keep {
                    Keep::Tracked => self.tracked(below, path),
                    Keep::Unknown => self.problems.push((".git/index".to_owned(), UNREAD.to_owned())),
                    Keep::Whole | Keep::Nothing => {}
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

    /// Adds what git tracks in a folder that an ignore file names. What an index says is whoever's made the repository: no
    /// link is followed to what it names.
    fn tracked(&mut self, below: Below<'_>, folder: &str) {
        let mut plain: Option<(String, bool)> = None;
        for path in below.git.tracked_below(below.root, folder) {
            let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".." | ".git"));
            if !inside || below.excludes(&path, folder.len()) {
                continue;
            }
            let within = loader::folder(&path);
            if plain.as_ref().is_none_or(|(known, _)| known != within) {
                let place = below.root.join(within);
                plain = Some((within.to_owned(), fs::canonicalize(&place).is_ok_and(|real| real == place)));
            }
            let place = below.root.join(&path);
            match place.symlink_metadata() {
                Ok(found) if plain.as_ref().is_some_and(|(_, plain)| *plain) && found.is_dir() => {
                    // A submodule, with ignore files of its own.
                    self.entries(below, &place, Rules::default(), false);
                }
                Ok(found) if plain.as_ref().is_some_and(|(_, plain)| *plain) => {
                    self.files.push(Found { path: path.into(), regular: found.is_file() });
                }
                _ => {}
            }
        }
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
        let message = error.io_error().map_or_else(|| error.to_string(), said);
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
    /// Whether no ignore file counts.
    all: bool,
}

impl Below<'_> {
    /// How much of an entry is walked. The paths of a folder that is not UTF-8 meet no pattern.
    fn keep(self, entry: &DirEntry, path: Option<&str>, rules: &mut Rules) -> Keep {
        let folder = entry.file_type().is_dir();
        if folder && entry.file_name() == ".git" {
            return Keep::Nothing;
        }
        let Some(path) = path else { return Keep::Whole };
        rules.leave(path.rfind('/').map_or(0, |at| at + 1));
        if self.exclude.say(path, folder) == Some(true) {
            Keep::Nothing
        } else if self.all || !rules.ignore(path, folder) {
            Keep::Whole
        } else if self.git.is_unread(self.root, path) {
            Keep::Unknown
        } else if folder {
            Keep::Tracked
        } else if self.is_tracked(path) {
            Keep::Whole
        } else {
            Keep::Nothing
        }
    }

    /// Whether the settings leave a path out, or a folder that it lies in, below the one that ends at `from`.
    fn excludes(self, path: &str, from: usize) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).filter(|&end| end > from);
        ends.into_iter()
            .any(|end| path.get(..end).is_some_and(|part| self.exclude.say(part, end < path.len()) == Some(true)))
    }

    /// Whether git tracks a file, so that no ignore file hides it.
    fn is_tracked(self, path: &str) -> bool {
        self.git.is_tracked(self.root, path)
    }
}

/// How much of an entry is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Whole,
    /// What git tracks in it, as an ignore file names it.
    Tracked,
    /// An ignore file names it, and nobody knows what git tracks of it.
    Unknown,
    Nothing,
}

/// What is said of an index that is not understood, where that matters.
const UNREAD: &str =
    "it cannot be read, so that what git tracks is not known, and nothing was looked at of what an ignore file names";

fn said(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn lossy(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::{Using, find};
    use crate::scratch::Scratch;
    use std::fs;
    use std::path::PathBuf;

    fn names(scratch: &Scratch, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| scratch.path(path)).collect();
        let roots = find(&paths, Using::Found).unwrap();
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
        let root = find(&[scratch.path("")], Using::Found).unwrap().remove(0);
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
    fn what_git_tracks_is_walked_whatever_ignores_it() {
        let scratch = Scratch::new("walk-tracked");
        let git = |args: &[&str]| {
            let mut git = std::process::Command::new("git");
            git.args(args).current_dir(scratch.path("")).output().map(|it| it.status.success())
        };
        if git(&["init", "-q"]).is_err() {
            eprintln!("skipped: git is not at hand");
            return;
        }
        scratch.write(".gitignore", ".env\n*.conf\nd/\n");
        let ignored = ["a/.env", "b/.env", "nginx.conf", "x.conf", "d/e/compose.yaml", "d/e/own", "d/out/y", "d-b/z"];
        for path in ignored {
            scratch.write(path, "");
        }
        let tracked = ["a/.env", "nginx.conf", "d/e/compose.yaml", "d/out/y", "d/gone"];
        scratch.write("d/gone", "");
        assert!(git(&[["add", "-f"].as_slice(), &tracked].concat()).unwrap());
        let expected = [".gitignore", "a/.env", "d-b/z", "d/e/compose.yaml", "d/out/y", "nginx.conf"];
        fs::remove_file(scratch.path("d/gone")).unwrap();
        assert_eq!(names(&scratch, &[""]), expected);
        let root = find(&[scratch.path("")], Using::Found).unwrap().remove(0);
        for path in ignored {
            assert_eq!(comes_by(&root, path), expected.contains(&path), "{path}");
        }
        // A submodule, whose own folder is ignored, is what stands in the index; a clone that is none is not walked.
        for inner in ["m", "n"] {
            scratch.write(&format!("{inner}/compose.yaml"), "");
            assert!(git(&["init", "-q", inner]).unwrap());
        }
        let in_m = ["-C", "m", "-c", "user.name=a", "-c", "user.email=a@shop.example"];
        assert!(git(&[&in_m[..], &["commit", "-q", "--allow-empty", "-m", "a"]].concat()).unwrap());
        scratch.write(".gitignore", ".env\n*.conf\nd/\nm/\nn/\n");
        assert!(git(&["-c", "advice.addEmbeddedRepo=false", "add", "-f", "m"]).unwrap());
        assert_eq!(names(&scratch, &[""])[4..6], ["d/out/y", "m/compose.yaml"]);
        fs::remove_dir_all(scratch.path("m")).unwrap();
        // A folder that became a link leads nowhere else.
        scratch.write("elsewhere/y", "");
        fs::remove_dir_all(scratch.path("d/out")).unwrap();
        scratch.link("../elsewhere", "d/out");
        scratch.write("hardlint.toml", "exclude = ['d/e']\n");
        let expected = [".gitignore", "a/.env", "d-b/z", "elsewhere/y", "hardlint.toml", "nginx.conf"];
        assert_eq!(names(&scratch, &[""]), expected);
        // What cannot be known is told, where something is ignored.
        fs::write(scratch.path(".git/index"), "DIRC").unwrap();
        let problems = || {
            let root = find(&[scratch.path("")], Using::Found).unwrap().remove(0);
            walk(&root, &root.arguments).problems
        };
        assert_eq!(problems(), [(".git/index".to_owned(), UNREAD.to_owned())]);
        scratch.write(".gitignore", "");
        assert_eq!(problems(), []);
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
        let root = find(&[scratch.path("d")], Using::Found).unwrap().remove(0);
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
        let root = find(&[scratch.path("")], Using::Found).unwrap().remove(0);
        let walked = walk(&root, &root.arguments);
        assert!(walked.files.is_empty());
        assert_eq!(walked.problems.len(), 1, "{:?}", walked.problems);
        assert!(walked.problems[0].0.ends_with("\u{fffd}/sshd_config"), "{:?}", walked.problems);
    }
}
