//! `--since`: the files as they were at a commit, over those of the disk that git knows nothing of, and what was found in
//! them then.

use crate::baseline::Baseline;
use crate::disk::{Disk, Links};
use crate::git::Repositories;
use crate::git::history::{Kept, Snapshot};
use crate::project::Looking;
use crate::walk::Found;
use anyhow::Result;
use hardlint_config::loader::{self, Git, Kind, Loader, ReadError, Stat};
use hardlint_config::workspace::Query;
use hardlint_lint::Linter;
use std::path::Path;

/// Links that lead to links.
const MOST_LINKS: usize = 8;

/// Files as they were. What an ignore file names is in no commit: it is the same before and after, and so is what lies in
/// another repository or outside of this one.
struct Before<'d> {
    snapshot: Snapshot,
    disk: &'d Disk,
    root: &'d Path,
    /// What is ignored, also where it was asked for by name.
    git: Repositories,
}

impl Before<'_> {
    /// Whether what is on the disk was there before, as far as anybody knows.
    fn is_shared(&self, path: &str) -> bool {
        // No commit holds the repository itself, which was there before.
        if path.split('/').any(|name| name == ".git") {
            return true;
        }
        let elsewhere = self.git.is_elsewhere(self.root, path);
        // What was another repository may have become a part of this one.
        if !elsewhere && self.git.state(self.root, path) == Git::Tracked {
            return false;
        }
        self.snapshot.is_in_submodule(path)
            || matches!(self.disk.git(path), Git::Ignored | Git::NoRepository)
            || self.git.state(self.root, path) == Git::Ignored
            || elsewhere
    }

    /// Where a path leads, links followed, and what is there.
    fn follow(&self, path: &str) -> Option<(String, Kept)> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            match self.snapshot.kept(&path)? {
                Kept::Link => {
                    let to = String::from_utf8(self.snapshot.bytes(&path).ok()?).ok()?;
                    path = loader::join(loader::folder(&path), &to).filter(|_| !to.starts_with('/'))?;
                }
                kept => return Some((path, kept)),
            }
        }
        None
    }
}

impl Loader for Before<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.follow(path) {
            Some((path, Kept::File(_))) => self.snapshot.bytes(&path),
            Some((_, Kept::Folder)) => Err(ReadError::Folder),
            _ if self.is_shared(path) => self.disk.read(path),
            _ => Err(ReadError::NotFound),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names = self.snapshot.names(folder).to_vec();
        let shared = |name: &String| loader::join(folder, name).is_some_and(|path| self.is_shared(&path));
        names.extend(self.disk.list(folder).into_iter().filter(shared));
        names.sort_unstable();
        names.dedup();
        names
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        if path.is_empty() {
            return self.disk.stat(path);
        }
        let link = self.snapshot.kept(path) == Some(Kept::Link);
        match self.follow(path) {
            Some((_, Kept::File(runs))) => {
                Some(Stat { kind: Kind::File, mode: if runs { 0o755 } else { 0o644 }, link })
            }
            Some((_, Kept::Folder | Kept::Submodule | Kept::Link)) => {
                Some(Stat { kind: Kind::Folder, mode: 0o755, link })
            }
            None if self.is_shared(path) => self.disk.stat(path),
            None => None,
        }
    }

    fn git(&self, path: &str) -> Git {
        if matches!(self.snapshot.kept(path), Some(Kept::File(_) | Kept::Link)) {
            return Git::Tracked;
        }
        self.disk.git(path)
    }
}

impl Links for Before<'_> {
    fn target(&self, path: &str) -> Option<String> {
        self.follow(path).map(|(path, _)| path).or_else(|| self.disk.target(path))
    }
}

/// What was found below a root where the work that is checked out began to differ from `revision`. All of the root was
/// looked at, as what a file does may be decided anywhere in it.
///
/// # Errors
/// Where the root is in no repository, `revision` names no commit of it, or a text of that is not there.
pub fn found(
    linter: &Linter,
    looking: &Looking<'_>,
    disk: &Disk,
    query: Query,
    now: &[Found],
    revision: &str,
) -> Result<Baseline> {
    let root = &looking.root.folder;
    let before = Before { snapshot: Snapshot::since(root, revision)?, disk, root, git: Repositories::new(false) };
    let snapshot = &before.snapshot;
    let kept = snapshot
        .files()
        .map(|path| Found { path: path.into(), regular: matches!(snapshot.kept(path), Some(Kept::File(_))) });
    // What was the same before is judged as it is now.
    let shared = now.iter().filter(|found| snapshot.kept(&found.path).is_none() && before.is_shared(&found.path));
    let files: Vec<Found> = kept.chain(shared.cloned()).collect();
    let project = looking.fill_with(&before, query, &files);
    let found = linter.check(&project.workspace);
    before.snapshot.had_all()?;
    Ok(Baseline::of_run(&found, files.iter().map(|found| &found.path)))
}
