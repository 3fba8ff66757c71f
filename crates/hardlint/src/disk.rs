//! The disk as a [`Loader`], jailed to a root.
//!
//! What lies below the root by its name but is led out of it by a symbolic link does not exist here; neither is a pipe or
//! a device ever opened, as opening one may wait forever. Folders mapped by `--root-map` that lie elsewhere are reached
//! under names that no file can have.

mod folders;

use crate::git::Repositories;
use folders::{Folder, Inside};
use hardlint_config::loader::{Git, Kind, Loader, MAX_FILE, ReadError, Stat, folder, name};
use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::RwLock;

/// Files, of which some are symbolic links.
pub trait Links: Loader {
    /// The path below the root of what a symbolic link leads to, if it is below the root.
    fn target(&self, path: &str) -> Option<String>;
}

/// Files below a root.
#[derive(Debug)]
pub struct Disk {
    /// The root, without symbolic links.
    root: PathBuf,
    /// Folders elsewhere, and the names that they go by.
    mounts: Vec<(String, PathBuf)>,
    /// What stands for a file: standard input under its name.
    overlay: Option<(String, Vec<u8>)>,
    /// Whether a folder is itself below the root; asked once a folder, as that takes many calls of the system.
    inside: RwLock<HashMap<Box<str>, Inside>>,
    /// What is in the folders that were asked about.
    folders: RwLock<HashMap<Box<str>, Folder>>,
    /// What git knows of them.
    git: Repositories,
    /// Whether files come and go, so that nothing of this is to be kept.
    live: bool,
    /// Whether the root is a machine's, so that absolute links begin there.
    machine: bool,
    /// Whether all files are those of a commit.
    tracked: bool,
}

impl Disk {
    /// The files below `root`, which has no symbolic links in it, for one run: what is not there at first is not looked
    /// for again.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            mounts: Vec::new(),
            overlay: None,
            inside: RwLock::default(),
            folders: RwLock::default(),
            git: Repositories::new(false),
            live: false,
            machine: false,
            tracked: false,
        }
    }

    /// Says that all files are those of a commit, though there is no repository.
    pub fn is_of_commit(&mut self) {
        self.tracked = true;
    }

    /// The same, of a machine: where its absolute links lead is below its own root, wherever that is mounted here.
    pub fn of_machine(root: PathBuf) -> Self {
        Self { machine: root != Path::new("/"), ..Self::new(root) }
    }

    /// The same, as they are whenever they are asked for.
    pub fn live(root: PathBuf) -> Self {
        Self { live: true, git: Repositories::new(true), ..Self::new(root) }
    }

    /// Says which folders were asked for by name: what ignores them hides nothing of what is in them.
    pub fn ask_for(&mut self, folders: Vec<String>) {
        self.git.ask_for(folders);
    }

    /// Makes a folder elsewhere readable, and gives the path by which it is.
    pub fn mount(&mut self, folder: PathBuf) -> String {
        let name = format!("{MOUNT}{}", self.mounts.len());
        self.mounts.push((name.clone(), folder));
        name
    }

    /// Reads `bytes` instead of what stands at `path`.
    pub fn lay_over(&mut self, path: String, bytes: Vec<u8>) {
        self.overlay = Some((path, bytes));
    }

    /// Where a path is on the disk.
    pub fn place(&self, path: &str) -> PathBuf {
        let (base, rest) = self.base(path);
        if rest.is_empty() { base.to_owned() } else { base.join(rest) }
    }

    /// Where on the disk a file may be written: below the root, links followed, and nothing but a file.
    pub fn writable(&self, path: &str) -> Option<PathBuf> {
        let over = self.overlay.as_ref().is_some_and(|(name, _)| name == path);
        if over || path.starts_with(MOUNT) {
            return None;
        }
        let real = self.real(&self.place(path)).ok()?;
        (real.starts_with(&self.root) && fs::metadata(&real).is_ok_and(|it| it.is_file())).then_some(real)
    }

    /// Where a path is on the disk, links followed but for its own.
    fn found(&self, path: &str) -> PathBuf {
        let place = self.place(path);
        if !self.machine {
            return place;
        }
        let folder = place.parent().and_then(|folder| self.real(folder).ok());
        folder.zip(place.file_name()).map_or_else(|| place.clone(), |(folder, name)| folder.join(name))
    }

    /// The same with its own link followed, as the system would; on a machine's files as that machine would.
    fn real(&self, place: &Path) -> io::Result<PathBuf> {
        match place.strip_prefix(&self.root) {
            Ok(rest) if self.machine => within(&self.root, rest),
            _ => fs::canonicalize(place).or_else(|error| self.in_tree(place).ok_or(error)),
        }
    }

    /// Where a link leads that names a place of the machine which the tree is copied to, and nothing on this one: the file of
    /// the tree whose path ends like that, `sites-available/shop.org` for `/etc/nginx/sites-available/shop.org`.
    fn in_tree(&self, link: &Path) -> Option<PathBuf> {
        let target = fs::read_link(link).ok().filter(|target| target.is_absolute())?;
        let parts: Vec<Component<'_>> = target.components().skip(1).collect();
        if !parts.iter().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        // The name alone would be anybody's.
        let tails =
            (0..parts.len().saturating_sub(1)).filter_map(|at| Some(parts.get(at..)?.iter().collect::<PathBuf>()));
        let bases: Vec<&Path> = link.ancestors().skip(1).take_while(|base| base.starts_with(&self.root)).collect();
        let mut places = tails.flat_map(|tail| bases.iter().map(move |base| base.join(&tail)).collect::<Vec<_>>());
        let found = places.find(|place| fs::symlink_metadata(place).is_ok_and(|found| found.is_file()))?;
        fs::canonicalize(found).ok().filter(|real| real.starts_with(&self.root))
    }

    fn base<'p>(&self, path: &'p str) -> (&Path, &'p str) {
        for (name, folder) in &self.mounts {
            match path.strip_prefix(name.as_str()) {
                Some("") => return (folder, ""),
                Some(rest) if rest.starts_with('/') => return (folder, rest.trim_start_matches('/')),
                _ => {}
            }
        }
        (&self.root, path)
    }

    /// What stands at a path, links followed, and whether it is itself a link.
    fn look(&self, path: &str) -> Result<(Metadata, bool), ReadError> {
        if !self.is_inside(folder(path)) {
            // Either a folder on the way is a link that leads out, or it is not there at all.
            let exists = fs::symlink_metadata(self.place(path)).is_ok();
            return Err(if exists { ReadError::Outside } else { ReadError::NotFound });
        }
        self.look_inside(path)
    }

    /// The same of a path whose folder is inside.
    fn look_inside(&self, path: &str) -> Result<(Metadata, bool), ReadError> {
        if !path.is_empty() && self.is_missing(folder(path), name(path)) {
            return Err(ReadError::NotFound);
        }
        let place = self.found(path);
        let own = fs::symlink_metadata(&place).map_err(|error| why(&error))?;
        if !own.is_symlink() {
            return Ok((own, false));
        }
        let real = self.real(&place).map_err(|error| why(&error))?;
        if !real.starts_with(self.base(path).0) {
            return Err(ReadError::Outside);
        }
        fs::metadata(&real).map(|metadata| (metadata, true)).map_err(|error| why(&error))
    }
}

/// Links on the way of a path, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Follows a path's links, with `root` for the root of all files.
pub fn within(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let parts = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).rev().collect::<Vec<_>>();
    let mut left = parts(path);
    let (mut real, mut links) = (root.to_owned(), 0);
    while let Some(part) = left.pop() {
        match Path::new(&part).components().next() {
            Some(Component::Normal(name)) => {
                let next = real.join(name);
                if !fs::symlink_metadata(&next)?.is_symlink() {
                    real = next;
                    continue;
                }
                links += 1;
                if links > MOST_LINKS {
                    return Err(io::Error::other("too many levels of symbolic links"));
                }
                left.extend(parts(&fs::read_link(&next)?));
            }
            Some(Component::ParentDir) if real != root => _ = real.pop(),
            Some(Component::RootDir) => root.clone_into(&mut real),
            _ => {}
        }
    }
    Ok(real)
}

/// What the names of mounted folders begin with. A file name can hold these bytes, but nobody's does.
const MOUNT: &str = "\u{1}mapped-";

impl Links for Disk {
    fn target(&self, path: &str) -> Option<String> {
        let real = self.real(&self.place(path)).ok()?;
        below(&self.root, &real)
    }
}

impl Loader for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if let Some((_, bytes)) = self.overlay.as_ref().filter(|(name, _)| name == path) {
            return if bytes.len() as u64 > MAX_FILE {
                Err(ReadError::TooLarge(bytes.len() as u64))
            } else {
                Ok(bytes.clone())
            };
        }
        let (metadata, linked) = self.look(path)?;
        if metadata.is_dir() {
            return Err(ReadError::Folder);
        }
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        let size = metadata.len();
        if size > MAX_FILE {
            return Err(ReadError::TooLarge(size));
        }
        let place = self.place(path);
        let place = if self.machine || linked { self.real(&place).map_err(|error| why(&error))? } else { place };
        let file = File::open(place).map_err(|error| why(&error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        // A file may grow while it is read, and those of /proc tell no size.
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| why(&error))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(ReadError::TooLarge(bytes.len() as u64));
        }
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let is_folder = || self.stat(folder).is_some_and(|stat| stat.kind == Kind::Folder);
        let inside = folder.is_empty() || is_folder();
        inside.then(|| self.names(folder)).flatten().map(|names| names.to_vec()).unwrap_or_default()
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        if self.overlay.as_ref().is_some_and(|(name, _)| name == path) {
            return Some(Stat { kind: Kind::File, mode: 0o644, link: false });
        }
        // Includes name many paths that are only on the host: a folder that is not there is asked for once.
        let within = folder(path);
        let there = path.is_empty() || (self.is_inside(within) && self.may_have(within, name(path)));
        let (metadata, link) = there.then(|| self.look_inside(path).ok()).flatten()?;
        let kind = match metadata.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            _ => Kind::Other,
        };
        Some(Stat { kind, mode: mode(&metadata), link })
    }

    fn git(&self, path: &str) -> Git {
        match path {
            _ if path.starts_with(MOUNT) => Git::NoRepository,
            _ if self.tracked => Git::Tracked,
            _ => self.git.state(&self.root, path),
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> u32 {
    0
}

fn why(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
        io::ErrorKind::PermissionDenied => ReadError::Denied,
        io::ErrorKind::IsADirectory => ReadError::Folder,
        // `FilesystemLoop` has no stable name yet.
        _ if error.to_string().contains("symbolic links") => {
            ReadError::Other("its symbolic links lead in a circle".to_owned())
        }
        _ => ReadError::Other(error.to_string()),
    }
}

/// `path` seen from `root`, with `/` between its parts; `None` where it is not below, or not UTF-8.
pub fn below(root: &Path, path: &Path) -> Option<String> {
    let rest = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = rest.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn nothing_is_read_outside_the_root() {
        let scratch = Scratch::new("jail");
        scratch.write("outside/secret", "s");
        scratch.write("root/a", "a");
        scratch.link("../outside/secret", "root/link");
        scratch.link("../outside", "root/folder");
        scratch.link("a", "root/fine");
        let disk = Disk::new(scratch.path("root"));
        assert_eq!(disk.read("a").unwrap(), b"a");
        assert_eq!(disk.read("fine").unwrap(), b"a");
        assert!(disk.stat("fine").unwrap().link);
        assert_eq!(disk.target("fine").as_deref(), Some("a"));
        for path in ["link", "folder/secret"] {
            assert_eq!(disk.read(path), Err(ReadError::Outside), "{path}");
            assert_eq!(disk.stat(path), None, "{path}");
        }
        assert!(disk.list("folder").is_empty());
        assert_eq!(disk.list(""), ["a", "fine", "folder", "link"]);
        assert_eq!(disk.stat("").map(|stat| stat.kind), Some(Kind::Folder), "the root is there too");
        assert_eq!(disk.read("nowhere/b"), Err(ReadError::NotFound));
        assert_eq!(disk.writable("fine"), Some(scratch.path("root/a")));
        for path in ["link", "folder/secret", "", "nowhere"] {
            assert_eq!(disk.writable(path), None, "{path}");
        }
    }

    #[test]
    fn what_comes_later_is_seen_by_a_live_disk() {
        let scratch = Scratch::new("live");
        scratch.write("a/b", "");
        let disk = Disk::live(scratch.path(""));
        let once = Disk::new(scratch.path(""));
        for disk in [&disk, &once] {
            assert!((0..5).all(|_| disk.stat("a/c").is_none() && disk.stat("d/c").is_none()));
            assert_eq!(disk.list("a"), ["b"]);
        }
        scratch.write("a/c", "");
        scratch.write("d/c", "");
        assert!(disk.stat("a/c").is_some() && disk.stat("d/c").is_some());
        assert_eq!(disk.list("a"), ["b", "c"]);
        assert!(once.stat("a/b").is_some() && once.stat("a/c").is_none());
    }

    #[test]
    fn a_pipe_is_told_and_never_opened() {
        let scratch = Scratch::new("pipe");
        scratch.pipe("p");
        let disk = Disk::new(scratch.path(""));
        assert_eq!(disk.read("p"), Err(ReadError::NotAFile));
        assert_eq!(disk.stat("p").unwrap().kind, Kind::Other);
    }

    #[test]
    fn a_link_to_the_machine_that_the_tree_is_copied_to_stays_in_the_tree() {
        let scratch = Scratch::new("tail");
        scratch.write("root/nginx/sites-available/shop.org", "x");
        scratch.write("root/shop.org", "y");
        scratch.link("/nowhere/at/all/sites-available/shop.org", "root/nginx/sites-enabled/shop.org");
        scratch.link("/nowhere/at/all/shop.org", "root/nginx/sites-enabled/name");
        scratch.link("/nowhere/sites-available/../shop.org", "root/nginx/sites-enabled/up");
        let disk = Disk::new(scratch.path("root"));
        assert_eq!(disk.read("nginx/sites-enabled/shop.org").unwrap(), b"x");
        assert!(disk.stat("nginx/sites-enabled/name").is_none());
        assert!(disk.stat("nginx/sites-enabled/up").is_none());
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let scratch = Scratch::new("circle");
        scratch.link("b", "a");
        scratch.link("a", "b");
        let disk = Disk::new(scratch.path(""));
        assert!(matches!(disk.read("a"), Err(ReadError::Other(_))), "{:?}", disk.read("a"));
    }

    #[test]
    fn a_mounted_folder_is_readable_and_a_jail_of_its_own() {
        let scratch = Scratch::new("mount");
        scratch.write("etc/nginx/mime.types", "types");
        scratch.write("etc/passwd", "root");
        scratch.link("../passwd", "etc/nginx/out");
        scratch.write("root/a", "");
        let mut disk = Disk::new(scratch.path("root"));
        let name = disk.mount(scratch.path("etc/nginx"));
        assert_eq!(disk.read(&format!("{name}/mime.types")).unwrap(), b"types");
        assert_eq!(disk.read(&format!("{name}/out")), Err(ReadError::Outside));
        assert_eq!(disk.list(&name), ["mime.types", "out"]);
    }
}
