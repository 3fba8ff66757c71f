//! What an answer rests on: which paths were asked for while it was worked out, so that it is asked again when one changes.
//!
//! What is noted is what was asked of the [`Loader`], and nothing else: no format has to tell what it looks at, and none can
//! forget to.

use hardlint_config::loader::{Git, Loader, ReadError, Stat, folder};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

/// Paths that were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    /// Those that were read.
    read: BTreeSet<Box<str>>,
    /// Those of which it was asked what they are, which writing in them does not change.
    asked: BTreeSet<Box<str>>,
    /// Folders whose names were asked for.
    listed: BTreeSet<Box<str>>,
}

/// A path at which something else stands than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    pub(crate) path: String,
    /// Whether it may have come or gone, or may have other rights, and not only another text.
    pub(crate) whole: bool,
}

impl Reads {
    /// Whether a path is one that was read, or asked about.
    pub(crate) fn asked(&self, path: &str) -> bool {
        self.read.contains(path) || self.asked.contains(path)
    }

    /// Whether a path that came or went is one of them, lies above one of them, or shows in a folder of them.
    fn rest_on(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let inside = |all: &BTreeSet<Box<str>>| {
            all.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded))
                .next()
                .is_some_and(|first| first.starts_with(&below))
        };
        let known = |path: &str| self.asked(path) || self.listed.contains(path);
        known(path) || inside(&self.read) || inside(&self.asked) || inside(&self.listed) || folders(path).any(known)
    }
}

/// The folders that a path lies in, innermost first; the last is the root.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |path| (!path.is_empty()).then(|| folder(path)))
}

/// What answers rest on, found by path.
#[derive(Debug)]
pub(crate) struct Register<K> {
    all: BTreeMap<K, Reads>,
    by_path: BTreeMap<Box<str>, BTreeSet<K>>,
}

impl<K> Default for Register<K> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), by_path: BTreeMap::new() }
    }
}

impl<K: Clone + Ord> Register<K> {
    pub(crate) fn set(&mut self, key: K, reads: Reads) {
        self.remove(&key);
        for path in &reads.read {
            self.by_path.entry(path.clone()).or_default().insert(key.clone());
        }
        self.all.insert(key, reads);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let Some(reads) = self.all.remove(key) else { return };
        for path in &reads.read {
            if let Some(keys) = self.by_path.get_mut(path) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by_path.remove(path);
                }
            }
        }
    }

    /// Whose answers rest on a path, be it only on what stands there.
    pub(crate) fn asking(&self, path: &str) -> impl Iterator<Item = &K> {
        self.all.iter().filter(move |(_, reads)| reads.asked(path)).map(|(key, _)| key)
    }

    /// Whose answers rest on a path at which something changed.
    pub(crate) fn resting_on(&self, change: &Change) -> BTreeSet<K> {
        if change.whole {
            let rests = self.all.iter().filter(|(_, reads)| reads.rest_on(&change.path));
            return rests.map(|(key, _)| key.clone()).collect();
        }
        self.by_path.get(change.path.as_str()).cloned().unwrap_or_default()
    }
}

/// A loader that notes what it is asked, and asks no further what it was told already.
pub(crate) struct Noting<'n> {
    below: &'n dyn Loader,
    reads: Mutex<Reads>,
    stats: Mutex<BTreeMap<Box<str>, Option<Stat>>>,
    lists: Mutex<BTreeMap<Box<str>, Vec<String>>>,
}

impl<'n> Noting<'n> {
    pub(crate) fn new(below: &'n dyn Loader) -> Self {
        Self { below, reads: Mutex::default(), stats: Mutex::default(), lists: Mutex::default() }
    }

    pub(crate) fn into_reads(self) -> Reads {
        self.reads.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self, path: &str) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads.asked.contains(path) {
            reads.asked.insert(path.into());
        }
    }
}

impl Loader for Noting<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).read.insert(path.into());
        self.below.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).listed.insert(folder.into());
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.entry(folder.into()).or_insert_with(|| self.below.list(folder)).clone()
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = stats.get(path) {
            return *known;
        }
        self.asked(path);
        let stat = self.below.stat(path);
        stats.insert(path.into(), stat);
        stat
    }

    fn git(&self, path: &str) -> Git {
        self.asked(path);
        // Where git keeps what it tracks; an ignore file makes a project be found anew.
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).read.insert(".git/index".into());
        self.below.git(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardlint_config::loader::Memory;

    fn resting(register: &Register<u8>, path: &str, whole: bool) -> bool {
        !register.resting_on(&Change { path: path.to_owned(), whole }).is_empty()
    }

    #[test]
    fn an_answer_rests_on_what_was_asked_also_where_nothing_stood() {
        let memory = Memory::new([("a/b.conf", "x")]);
        let noting = Noting::new(&memory);
        assert!(noting.read("a/b.conf").is_ok());
        assert!(noting.stat("c/missing/.env").is_none());
        assert_eq!(noting.list("a"), ["b.conf"]);
        let mut register = Register::default();
        register.set(1, noting.into_reads());
        for (path, content, whole) in [
            ("a/b.conf", true, true),
            // A new name in a folder that was listed, the file that was missing, and a folder on its way.
            ("a/new.conf", false, true),
            ("c/missing/.env", false, true),
            ("c", false, true),
            ("a", false, true),
            ("d/b.conf", false, false),
            ("c/other", false, false),
        ] {
            assert_eq!(resting(&register, path, false), content, "{path}");
            assert_eq!(resting(&register, path, true), whole, "{path}");
        }
        register.set(1, Reads::default());
        assert!(!resting(&register, "a/b.conf", true));
        assert!(register.by_path.is_empty());
    }
}
