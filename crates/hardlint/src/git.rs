//! What git knows of a path: its index and its ignore files, read as they stand.
//!
//! git itself is never run: a hostile repository can tell it to start other programs (`core.fsmonitor`). Neither is a
//! library for git used, as of all that a repository holds only the names in the index are needed, and reading these is a
//! page of code. The user's own ignore file (`core.excludesFile`) is not read, so that a laptop and a server agree; the
//! clone's own (`.git/info/exclude`) is, as it is part of what is asked about.
//!
//! Nothing is read before somebody asks, and then once.

pub mod history;
mod index;

use crate::disk;
use crate::patterns::Patterns;
use hardlint_config::loader::{self, Git, MAX_FILE, folder};
use index::Index;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

/// The repositories that paths below a root are in.
#[derive(Debug, Default)]
pub struct Repositories {
    /// Folders that were asked for by name: what ignores them hides nothing of what is in them.
    asked: Vec<String>,
    /// The repository of each folder that was asked about.
    known: RwLock<HashMap<Box<str>, Option<Arc<Repository>>>>,
    texts: Cache<Patterns>,
    indexes: Cache<Index>,
    /// Whether files come and go.
    live: bool,
}

/// A repository.
#[derive(Debug)]
struct Repository {
    /// The folder that has the `.git`.
    top: PathBuf,
    /// Where its index is.
    git: PathBuf,
    /// Where what all of its work trees share is.
    common: PathBuf,
}

/// What files hold, by their paths, with what told that it is still so.
type Cache<T> = RwLock<HashMap<PathBuf, (Option<Stamp>, Arc<T>)>>;

/// A file as it was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    changed: Option<SystemTime>,
}

impl Repositories {
    /// None looked for yet; `live` where files come and go.
    pub fn new(live: bool) -> Self {
        Self { live, ..Self::default() }
    }

    /// Says which folders were asked for by name.
    pub fn ask_for(&mut self, folders: Vec<String>) {
        self.asked = folders;
    }

    /// What is known of a path below `root`.
    pub fn state(&self, root: &Path, path: &str) -> Git {
        let Some(repository) = self.repository(root, folder(path)) else { return Git::NoRepository };
        let place = root.join(path);
        let Some(inside) = disk::below(&repository.top, &place) else { return Git::Unknown };
        match self.index(&repository).has(&inside) {
            None => Git::Unknown,
            Some(true) => Git::Tracked,
            Some(false) if self.is_ignored(&repository, root, path, &inside) => Git::Ignored,
            Some(false) => Git::Untracked,
        }
    }

    /// Whether a path below `root` is in the index of its repository.
    pub fn is_tracked(&self, root: &Path, path: &str) -> bool {
        let found = self.repository(root, folder(path)).and_then(|repository| {
            let inside = disk::below(&repository.top, &root.join(path))?;
            self.index(&repository).has(&inside)
        });
        found == Some(true)
    }

    /// What is in the index of a folder and below it, as paths below `root`.
    pub fn tracked_below(&self, root: &Path, path: &str) -> Vec<String> {
        let found = self.repository(root, folder(path)).and_then(|repository| {
            let inside = disk::below(&repository.top, &root.join(path))?;
            let above = inside.len().checked_sub(path.len())?;
            let index = self.index(&repository);
            // A submodule stands in it by its own name.
            let own = index.has(&inside) == Some(true);
            let names = own.then(|| inside.clone()).into_iter().chain(index.below(&inside));
            Some(names.filter_map(|name| name.get(above..).map(str::to_owned)).collect())
        });
        found.unwrap_or_default()
    }

    /// Whether the index of the repository that a path below `root` is in is not understood.
    pub fn is_unread(&self, root: &Path, path: &str) -> bool {
        self.repository(root, folder(path)).is_some_and(|repository| self.index(&repository).is_unread())
    }

    /// Whether a path below `root` lies in another repository than the root does.
    pub fn is_elsewhere(&self, root: &Path, path: &str) -> bool {
        let top = |folder: &str| self.repository(root, folder).map(|repository| repository.top.clone());
        top(folder(path)) != top("")
    }

    /// The repository of a folder: that of the nearest `.git`, which may stand above the root.
    fn repository(&self, root: &Path, folder: &str) -> Option<Arc<Repository>> {
        let known = |folder: &str| {
            let known = self.known.read().ok().and_then(|known| known.get(folder).cloned());
            known.filter(|_| !self.live)
        };
        if let Some(found) = known(folder) {
            return found;
        }
        // Folders side by side ask for what is above them once.
        let mut above = folder;
        let found = loop {
            if let Some(found) = Repository::at(&root.join(above)) {
                break Some(Arc::new(found));
            }
            if above.is_empty() {
                break root.ancestors().skip(1).find_map(Repository::at).map(Arc::new);
            }
            above = loader::folder(above);
            if let Some(found) = known(above) {
                break found;
            }
        };
        if let Ok(mut known) = self.known.write() {
            known.insert(folder.into(), found.clone());
            // One that lies in `folder` alone says nothing of what is above it.
            if found.as_ref().is_none_or(|found| found.top != root.join(folder)) {
                known.insert(loader::folder(folder).into(), found.clone());
            }
        }
        found
    }

    fn index(&self, repository: &Repository) -> Arc<Index> {
        let wide = || repository.has_wide_names();
        let path = repository.git.join("index");
        self.cached(&self.indexes, &path, |bytes| match bytes {
            None => Index::empty(),
            Some(None) => Index::default(),
            Some(Some(bytes)) => {
                let shared = |name: &str| content(&repository.git.join(format!("sharedindex.{name}")), MAX_FILE);
                Index::read(&bytes, wide(), shared)
            }
        })
    }

    fn patterns(&self, path: &Path) -> Arc<Patterns> {
        let read = |bytes: Option<Option<Vec<u8>>>| {
            let bytes = bytes.flatten().filter(|bytes| bytes.len() as u64 <= MOST_OF_PATTERNS);
            Patterns::parse(&String::from_utf8_lossy(&bytes.unwrap_or_default()))
        };
        self.cached(&self.texts, path, read)
    }

    /// What was read of a file, read again where it may have changed. `read` is given nothing of a file that is not there,
    /// and no bytes of one that cannot be read.
    fn cached<T>(&self, cache: &Cache<T>, path: &Path, read: impl Fn(Option<Option<Vec<u8>>>) -> T) -> Arc<T> {
        let known = cache.read().ok().and_then(|cache| cache.get(path).cloned());
        let stamp = if self.live || known.is_none() { Stamp::of(path) } else { None };
        if let Some((_, kept)) = known.filter(|(before, _)| !self.live || *before == stamp) {
            return kept;
        }
        let made = Arc::new(read(stamp.map(|stamp| content(path, stamp.size))));
        if let Ok(mut cache) = cache.write() {
            cache.insert(path.to_owned(), (stamp, made.clone()));
        }
        made
    }

    /// Whether an ignore file names a path, or a folder that it lies in.
    fn is_ignored(&self, repository: &Repository, root: &Path, path: &str, inside: &str) -> bool {
        // The folder that was asked for: what stands above it and hides it does not count.
        let asked = self.asked.iter().filter(|asked| is_in(path, asked)).max_by_key(|asked| asked.len());
        let start = asked.and_then(|asked| disk::below(&repository.top, &root.join(asked)));
        let start = start.filter(|start| !start.is_empty());
        let from = start.filter(|start| self.is_named(repository, start, "", true)).unwrap_or_default();
        self.is_named(repository, inside, &from, false)
    }

    /// Whether a path, or a folder on the way to it, is named by the ignore files of the folders from `from` on.
    fn is_named(&self, repository: &Repository, path: &str, from: &str, is_folder: bool) -> bool {
        let mut rules: Vec<(usize, Arc<Patterns>)> = Vec::new();
        if from.is_empty() {
            rules.push((0, self.patterns(&repository.common.join("info/exclude"))));
        }
        let mut above = from;
        let begin = if from.is_empty() { 0 } else { from.len() + 1 };
        let rest = path.get(begin..).unwrap_or_default();
        let ends = rest.match_indices('/').map(|(at, _)| begin + at).chain([path.len()]);
        for end in ends {
            let offset = if above.is_empty() { 0 } else { above.len() + 1 };
            rules.push((offset, self.patterns(&repository.top.join(above).join(".gitignore"))));
            let Some(part) = path.get(..end) else { return false };
            let folder = is_folder || end < path.len();
            let say = |(offset, rules): &(usize, Arc<Patterns>)| rules.say(part.get(*offset..)?, folder);
            if rules.iter().rev().find_map(say) == Some(true) {
                return true;
            }
            above = part;
        }
        false
    }
}

impl Repository {
    /// The repository whose files a folder holds.
    fn at(top: &Path) -> Option<Self> {
        let place = top.join(".git");
        let kind = fs::metadata(&place).ok()?;
        let git = if kind.is_dir() {
            place
        } else if kind.is_file() {
            // A work tree, or a submodule: the file says where the rest is.
            let text = content(&place, kind.len().min(4096))?;
            let text = String::from_utf8(text).ok()?;
            top.join(text.strip_prefix("gitdir:")?.trim())
        } else {
            return None;
        };
        let is_file = |path: &Path| fs::metadata(path).is_ok_and(|it| it.is_file());
        if !is_file(&git.join("HEAD")) {
            return None;
        }
        let shared = content(&git.join("commondir"), 4096).and_then(|text| String::from_utf8(text).ok());
        let common = shared.map_or_else(|| git.clone(), |text| git.join(text.trim()));
        Some(Self { top: top.to_owned(), git, common })
    }

    /// Whether the names of its objects are those of SHA-256.
    fn has_wide_names(&self) -> bool {
        let text = content(&self.common.join("config"), 1 << 16).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
        text.lines().any(|line| {
            let (name, value) = line.split_once('=').unwrap_or_default();
            name.trim() == "objectformat" && value.trim() == "sha256"
        })
    }
}

impl Stamp {
    /// A file as it is; nothing if it is none. git follows no link to an ignore file.
    fn of(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { size: found.len(), changed: found.modified().ok() })
    }
}

/// What an ignore file may be at most: each of its patterns is asked about each path. One that is larger hides nothing.
const MOST_OF_PATTERNS: u64 = 1 << 20;

/// The text of the ignore file of a folder; nothing where there is none that git would read.
pub fn ignore_file(folder: &Path) -> Option<Vec<u8>> {
    let path = folder.join(".gitignore");
    let found = Stamp::of(&path).filter(|stamp| stamp.size <= MOST_OF_PATTERNS)?;
    content(&path, found.size)
}

/// The bytes of a file that is not too large.
fn content(path: &Path, size: u64) -> Option<Vec<u8>> {
    if size > MAX_FILE || !fs::metadata(path).is_ok_and(|it| it.is_file()) {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_FILE).then_some(bytes)
}

/// Whether a path is a folder, or lies in it.
fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folders that arguments name: those, and of a file the one that it lies in.
pub fn asked<'a>(arguments: impl Iterator<Item = (&'a str, bool)>) -> Vec<String> {
    let folder_of = |(path, is_folder): (&str, bool)| if is_folder { path } else { folder(path) }.to_owned();
    arguments.map(folder_of).collect()
}

#[cfg(test)]
mod tests;
