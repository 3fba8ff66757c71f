//! The files of a commit, out of the objects of a repository: what `--since` compares with.
//!
//! The objects are read by a library, as they are packed, compressed and told by their differences; the few names that a
//! commit goes by (branches, tags, `HEAD~2`) are read here. git is never run, and no settings of a repository are read.

use super::{Repository, content};
use crate::root::shown;
use anyhow::{Context, Result, anyhow, bail};
use gix_hash::{Kind as Hash, ObjectId, Prefix};
use gix_object::tree::EntryKind;
use gix_object::{FindExt, Kind, TreeRefIter};
use gix_odb::{HandleArc as Objects, Header};
use hardlint_config::loader::{self, MAX_FILE};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

/// References that lead to references, and tags of tags.
const DEEPEST: usize = 8;
/// Other places that a list of them may name, and bytes that it has at most.
const MOST_PLACES: usize = 16;
const LARGEST_LIST: u64 = 1 << 16;
/// No file with names of commits is larger.
const LARGEST: u64 = 1 << 26;

/// The files of a commit below a folder.
pub struct Snapshot {
    /// It keeps what it unpacked, so that only one thread asks it at a time.
    objects: Mutex<Objects>,
    files: BTreeMap<String, (EntryKind, ObjectId)>,
    /// The names in each folder, sorted.
    folders: BTreeMap<String, Vec<String>>,
    /// How to get what a clone was made without, if it was.
    partial: Option<String>,
    /// A file whose text was asked for and is not there.
    missing: OnceLock<String>,
}

/// What a commit has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A file; whether it can be run.
    File(bool),
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// A commit of another repository, whose files are not here.
    Submodule,
}

/// Whoever opens a pipe waits for what never comes: packs, and the lists of other places of objects, have to be files.
///
/// # Errors
/// Where one is none, or a list is longer than any.
fn only_files(objects: &Path, level: usize) -> Result<()> {
    let is_other = |path: &Path| fs::metadata(path).is_ok_and(|it| !it.is_file());
    let packs = fs::read_dir(objects.join("pack")).into_iter().flatten().flatten().map(|entry| entry.path());
    let list = objects.join("info/alternates");
    if let Some(path) = packs.chain([list.clone()]).find(|path| is_other(path)) {
        bail!("`{}` is no file, so that nothing is read of this repository", shown(&path));
    }
    if !list.exists() {
        return Ok(());
    }
    let Some(text) = content(&list, LARGEST_LIST).filter(|_| level < DEEPEST) else {
        bail!("`{}` names more places than are looked at", shown(&list));
    };
    let text = String::from_utf8_lossy(&text);
    let others = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    others.take(MOST_PLACES).try_for_each(|other| only_files(&objects.join(other), level + 1))
}

impl Snapshot {
    /// The files below `folder` as they were where the work that is checked out began to differ from `revision`: at the
    /// last commit that both have.
    ///
    /// # Errors
    /// Where the folder is in no repository, or `revision` names no commit of it.
    pub fn since(folder: &Path, revision: &str) -> Result<Self> {
        let Some(repository) = folder.ancestors().find_map(Repository::at) else {
            bail!("`{}` is in no repository of git, so that it has no `{}`", shown(folder), shown(revision.as_ref()));
        };
        if repository.has_wide_names() {
            bail!("`{}` names its objects by SHA-256, which is not read", shown(&repository.top));
        }
        let place = repository.common.join("objects");
        only_files(&place, 0)?;
        let objects = gix_odb::at(&place, Hash::Sha1).and_then(gix_odb::Handle::into_arc);
        let objects = objects.with_context(|| format!("`{}`", shown(&place)))?;
        let names = Names { repository: &repository, objects: &objects };
        let asked = names.commit(revision)?;
        let base = match reference(&repository, "HEAD", 0).and_then(|head| names.peeled(head)) {
            Some(head) => match names.last_common(asked, head)? {
                Some(base) => base,
                None if repository.common.join("shallow").exists() => bail!(
                    "this clone has too little of its history to tell where the work began to differ from `{}`: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow, gets all of it",
                    shown(revision.as_ref())
                ),
                None => asked,
            },
            None => asked,
        };
        let tree = names.tree(base)?;
        let below = folder.strip_prefix(&repository.top).unwrap_or(Path::new(""));
        let mut snapshot = Self {
            objects: Mutex::new(objects),
            files: BTreeMap::new(),
            folders: BTreeMap::new(),
            partial: is_partial(&place).then(|| without_all(revision)),
            missing: OnceLock::new(),
        };
        match (snapshot.fill(tree, below), &snapshot.partial) {
            (Err(_), Some(said)) => bail!("{said}"),
            (filled, _) => filled?,
        }
        Ok(snapshot)
    }

    /// Whether all texts that were asked for were there.
    ///
    /// # Errors
    /// Where one was not: what was found then is not known.
    pub fn had_all(&self) -> Result<()> {
        match (self.missing.get(), &self.partial) {
            (None, _) => Ok(()),
            (Some(_), Some(said)) => bail!("{said}"),
            (Some(path), None) => {
                bail!(
                    "the repository does not hold `{}` as it was: `git fsck` says what else it lacks",
                    shown(path.as_ref())
                )
            }
        }
    }

    /// Lists all that is below a folder of a tree.
    fn fill(&mut self, tree: ObjectId, below: &Path) -> Result<()> {
        let mut buffer = Vec::new();
        let objects = self.objects.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut top = tree;
        for part in below.components() {
            let name = part.as_os_str().as_encoded_bytes();
            let entries = entries(objects, top, &mut buffer)?;
            let found = entries.iter().find(|(kind, of, _)| *kind == EntryKind::Tree && of.as_slice() == name);
            // The folder is new.
            let Some((_, _, id)) = found else { return Ok(()) };
            top = *id;
        }
        let mut next = vec![(String::new(), top)];
        while let Some((folder, tree)) = next.pop() {
            let mut names = Vec::new();
            for (kind, name, id) in entries(objects, tree, &mut buffer)? {
                // As of a folder on the disk, names that are not UTF-8 are passed over; others lead nowhere.
                let Ok(name) = String::from_utf8(name) else { continue };
                if name.contains(['/', '\0']) || matches!(&*name, "" | "." | ".." | ".git") {
                    continue;
                }
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                names.push(name);
                match kind {
                    EntryKind::Tree => next.push((path, id)),
                    _ => _ = self.files.insert(path, (kind, id)),
                }
            }
            names.sort_unstable();
            self.folders.insert(folder, names);
        }
        Ok(())
    }

    /// All its files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// What it has at a path.
    pub fn kept(&self, path: &str) -> Option<Kept> {
        match self.files.get(path) {
            Some((EntryKind::Link, _)) => Some(Kept::Link),
            Some((EntryKind::Commit, _)) => Some(Kept::Submodule),
            Some((kind, _)) => Some(Kept::File(*kind == EntryKind::BlobExecutable)),
            None => self.folders.contains_key(path).then_some(Kept::Folder),
        }
    }

    /// Whether a path lies in another repository that it names.
    pub fn is_in_submodule(&self, path: &str) -> bool {
        let above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        above.into_iter().any(|folder| self.kept(folder) == Some(Kept::Submodule))
    }

    /// The names in a folder.
    pub fn names(&self, folder: &str) -> &[String] {
        self.folders.get(folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// The bytes of a file, or where a link leads.
    ///
    /// # Errors
    /// Where there is none, it is larger than what is read, or its object is broken.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, loader::ReadError> {
        let Some((_, id)) = self.files.get(path) else { return Err(loader::ReadError::NotFound) };
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let broken = || loader::ReadError::Other(format!("its object {id} cannot be read"));
        let header = objects.try_header(id).map_err(|_| broken())?;
        let header = header.ok_or_else(|| {
            self.missing.get_or_init(|| path.to_owned());
            broken()
        })?;
        if header.size() > MAX_FILE {
            return Err(loader::ReadError::TooLarge(header.size()));
        }
        let mut bytes = Vec::new();
        objects.find_blob(id, &mut bytes).map_err(|_| broken())?;
        Ok(bytes)
    }
}

/// Whether some objects were left where they were cloned from: their packs are marked.
fn is_partial(objects: &Path) -> bool {
    let packs = fs::read_dir(objects.join("pack")).into_iter().flatten().flatten();
    packs.into_iter().any(|entry| entry.path().extension().is_some_and(|it| it == "promisor"))
}

/// What is said of a clone without the texts of its history.
fn without_all(revision: &str) -> String {
    format!(
        "this clone was made without the texts of its history (`--filter`, or `filter` in GitHub Actions), so that it does not know what `{}` says: `git fetch --refetch --no-filter` gets all of it",
        shown(revision.as_ref())
    )
}

type Listed = (EntryKind, Vec<u8>, ObjectId);

fn entries(objects: &Objects, tree: ObjectId, buffer: &mut Vec<u8>) -> Result<Vec<Listed>> {
    let broken = || anyhow!("the folder {tree} of the repository cannot be read");
    let data = gix_object::Find::try_find(objects, &tree, buffer).ok().flatten().ok_or_else(broken)?;
    if data.kind != Kind::Tree {
        return Err(broken());
    }
    let entries = TreeRefIter::from_bytes(data.data, Hash::Sha1).map(|entry| {
        let entry = entry.map_err(|_| broken())?;
        Ok((entry.mode.kind(), entry.filename.to_vec(), entry.oid.to_owned()))
    });
    entries.collect()
}

/// The repository that a folder is in: the address that it was cloned from, without who fetched it, and the commit that
/// is checked out. Nothing where it is in none.
pub fn checked_out(folder: &Path) -> Option<(Option<String>, Option<String>)> {
    let repository = folder.ancestors().find_map(Repository::at)?;
    let commit = reference(&repository, "HEAD", 0).map(|id| id.to_string());
    Some((origin(&repository), commit))
}

/// The address of the remote `origin`, or of the only remote.
fn origin(repository: &Repository) -> Option<String> {
    let text = content(&repository.common.join("config"), 1 << 16)?;
    let text = String::from_utf8_lossy(&text);
    let mut section = String::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some(("url", url)) = line.split_once('=').map(|(name, url)| (name.trim(), url.trim()))
            && section.starts_with("remote ")
        {
            found.push((section.clone(), url.trim_matches('"').to_owned()));
        }
    }
    let of_origin = found.iter().find(|(section, _)| section == "remote \"origin\"");
    let only = || found.first().filter(|_| found.len() == 1);
    of_origin.or_else(only).map(|(_, url)| public(url))
}

/// An address without the user and the password that may stand before its host, and without what follows `?`.
fn public(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        // `git@host:path`: the user is the same for everybody, but nobody's business either.
        return url.rsplit_once('@').map_or(url, |(_, rest)| rest).to_owned();
    };
    let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// What a reference leads to. Each work tree has its own `HEAD`; branches and tags are shared.
fn reference(repository: &Repository, name: &str, depth: usize) -> Option<ObjectId> {
    let own = content(&repository.git.join(name), 4096);
    let text = own.or_else(|| content(&repository.common.join(name), 4096));
    if let Some(text) = text.and_then(|text| String::from_utf8(text).ok()) {
        // What was fetched is followed by where from.
        let text = if name == "FETCH_HEAD" { text.split('\t').next().unwrap_or_default() } else { text.as_str() };
        let text = text.trim();
        return match text.strip_prefix("ref:") {
            Some(to) if depth < DEEPEST && to.trim().starts_with("refs/") && !to.contains("..") => {
                reference(repository, to.trim(), depth + 1)
            }
            Some(_) => None,
            None => ObjectId::from_hex(text.as_bytes()).ok(),
        };
    }
    let packed = fs::metadata(repository.common.join("packed-refs")).ok()?.len().min(LARGEST);
    let packed = content(&repository.common.join("packed-refs"), packed)?;
    let packed = String::from_utf8_lossy(&packed);
    let found = packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' '));
    ObjectId::from_hex(found?.as_bytes()).ok()
}

/// What the commits of a repository are called.
struct Names<'r> {
    repository: &'r Repository,
    objects: &'r Objects,
}

impl Names<'_> {
    /// The commit that a revision names: a branch, a tag, a whole or short object name, and any number of `~N` and `^N`.
    fn commit(&self, revision: &str) -> Result<ObjectId> {
        // What a tag stands for is looked for in any case.
        let given = revision.strip_suffix("^{commit}").or_else(|| revision.strip_suffix("^{}")).unwrap_or(revision);
        let end = given.find(['~', '^']).unwrap_or(given.len());
        let (name, mut rest) = given.split_at(end);
        let found = self.named(name).and_then(|id| self.peeled(id));
        let mut commit = found.with_context(|| self.unknown(revision))?;
        while let Some(step) = rest.chars().next() {
            rest = rest.get(1..).unwrap_or_default();
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, after) = rest.split_at(digits);
            rest = after;
            let number: usize = match number {
                "" => 1,
                number => number.parse().map_err(|_| anyhow!(self.unknown(revision)))?,
            };
            let parent = |of: ObjectId, place: usize| -> Result<ObjectId> {
                let (parents, _) = self.parents(of).with_context(|| self.unknown(revision))?;
                parents.get(place).copied().with_context(|| self.unknown(revision))
            };
            match (step, number) {
                ('^', 0) => {}
                ('^', number) => commit = parent(commit, number - 1)?,
                ('~', number) => {
                    for _ in 0..number {
                        commit = parent(commit, 0)?;
                    }
                }
                _ => bail!(self.unknown(revision)),
            }
        }
        // A clone without all of its history names commits that it does not have.
        self.parents(commit).with_context(|| self.unknown(revision))?;
        Ok(commit)
    }

    fn unknown(&self, revision: &str) -> String {
        let mut said = format!(
            "`{}` names no commit of `{}`; give a branch, a tag or a commit, as `origin/main` or `HEAD~2`",
            shown(revision.as_ref()),
            shown(&self.repository.top)
        );
        if self.repository.common.join("reftable").is_dir() {
            said.push_str(
                "; this repository keeps its names in reftables, which are not read: give the whole name of the commit",
            );
        }
        if self.repository.common.join("shallow").is_file() {
            said.push_str(
                ", and fetch it: this clone has only a part of the history (`fetch-depth: 0` in GitHub Actions)",
            );
        }
        said
    }

    fn named(&self, name: &str) -> Option<ObjectId> {
        let name = if name == "@" { "HEAD" } else { name };
        if let Ok(id) = ObjectId::from_hex(name.as_bytes()) {
            return Some(id);
        }
        let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\0', ':', '\\']);
        if !name.split('/').all(plain) {
            return None;
        }
        let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].iter();
        let places = places.map(|folder| format!("{folder}{name}"));
        let found =
            places.chain([format!("refs/remotes/{name}/HEAD")]).find_map(|path| reference(self.repository, &path, 0));
        found.or_else(|| {
            let prefix = Prefix::from_hex(name).ok()?;
            self.objects.lookup_prefix(prefix, None).ok()??.ok()
        })
    }

    /// The commit that an object is, or that a tag stands for.
    fn peeled(&self, mut id: ObjectId) -> Option<ObjectId> {
        let mut buffer = Vec::new();
        for _ in 0..DEEPEST {
            let data = gix_object::Find::try_find(self.objects, &id, &mut buffer).ok()??;
            match data.kind {
                Kind::Commit => return Some(id),
                Kind::Tag => id = self.objects.find_tag(&id, &mut Vec::new()).ok()?.target(),
                _ => return None,
            }
        }
        None
    }

    /// The parents of a commit, and its time; nothing where the clone ends.
    fn parents(&self, id: ObjectId) -> Option<(Vec<ObjectId>, i64)> {
        let mut buffer = Vec::new();
        let commit = self.objects.find_commit(&id, &mut buffer).ok()?;
        let time = commit.time().map_or(0, |time| time.seconds);
        Some((commit.parents().collect(), time))
    }

    fn tree(&self, commit: ObjectId) -> Result<ObjectId> {
        let mut buffer = Vec::new();
        let commit = self.objects.find_commit(&commit, &mut buffer);
        Ok(commit.map_err(|error| anyhow!("{error}"))?.tree())
    }

    /// The youngest commit that both have in their histories and that no other such commit comes after. Histories are followed
    /// from the youngest commit back, so that those of two branches are not read beyond where they part. Times decide nothing:
    /// commits of one second, or of clocks that differ, come in any order.
    fn last_common(&self, a: ObjectId, b: ObjectId) -> Result<Option<ObjectId>> {
        /// Whose histories a commit is in, and whether a commit after it is in both.
        const OF_A: u8 = 1;
        const OF_B: u8 = 2;
        const BEFORE: u8 = 4;
        let mut marks: HashMap<ObjectId, u8> = HashMap::new();
        let mut next = BinaryHeap::new();
        for (id, mark) in [(a, OF_A), (b, OF_B)] {
            let (_, time) = self.parents(id).with_context(|| format!("the commit {id} cannot be read"))?;
            *marks.entry(id).or_default() |= mark;
            next.push((time, Reverse(id)));
        }
        let mut common = Vec::new();
        let is_open =
            |marks: &HashMap<ObjectId, u8>, id: &ObjectId| marks.get(id).is_some_and(|mark| mark & BEFORE == 0);
        while next.iter().any(|(_, Reverse(id))| is_open(&marks, id)) {
            let Some((_, Reverse(id))) = next.pop() else { break };
            let mut mark = marks.get(&id).copied().unwrap_or_default();
            if mark == OF_A | OF_B {
                common.push(id);
                mark |= BEFORE;
            }
            // A clone without all of its history ends somewhere.
            let Some((parents, _)) = self.parents(id) else { continue };
            for parent in parents {
                let known = marks.entry(parent).or_default();
                if *known & mark != mark
                    && let Some((_, time)) = self.parents(parent)
                {
                    *known |= mark;
                    next.push((time, Reverse(parent)));
                }
            }
        }
        Ok(common.into_iter().find(|id| is_open(&marks, id)))
    }
}

#[cfg(test)]
mod tests {
    use super::public;

    #[test]
    fn an_address_tells_nobody_who_fetched_it() {
        for (url, shown) in [
            ("https://host.example/a/b.git", "https://host.example/a/b.git"),
            ("https://u:not-a-token@host.example/a@b.git?x=not-a-token", "https://host.example/a@b.git"),
            ("https://not-a-token@host.example", "https://host.example"),
            ("git@host.example:a/b.git", "host.example:a/b.git"),
            ("ssh://git@host.example:22/a", "ssh://host.example:22/a"),
            ("/srv/git/a.git", "/srv/git/a.git"),
        ] {
            assert_eq!(public(url), shown);
        }
    }
}
