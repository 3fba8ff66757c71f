//! What an answer rests on: which paths were asked for while it was worked out, so that it is asked again when one changes.
//!
//! What is noted is what was asked of the [`Loader`], and nothing else: no format has to tell what it looks at, and none can
//! forget to. An answer that is kept beyond that is given with what it rests on, which is noted as if it was asked again.

use crate::loader::{Git, Loader, ReadError, Stat, folder};
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

/// Paths that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Those that were read.
    read: BTreeSet<Box<str>>,
    /// Those of which it was asked what they are, which writing in them does not change.
    asked: BTreeSet<Box<str>>,
    /// Folders whose names were asked for.
    listed: BTreeSet<Box<str>>,
}

/// A path at which something else stands than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The path.
    pub path: String,
    /// Whether it may have come or gone, or may have other rights, and not only another text.
    pub whole: bool,
}

impl Reads {
    /// Those that were read.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        self.read.iter().map(|path| &**path)
    }

    /// Whether a path is one that was read, or asked about.
    pub fn asked(&self, path: &str) -> bool {
        self.read.contains(path) || self.asked.contains(path)
    }

    /// Whether they are others after a change.
    pub fn rest_on(&self, change: &Change) -> bool {
        if change.whole { self.rest_on_whole(&change.path) } else { self.read.contains(change.path.as_str()) }
    }

    /// Whether a path that came or went is one of them, lies above one of them, or shows in a folder of them.
    fn rest_on_whole(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let inside = |all: &BTreeSet<Box<str>>| {
            all.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded))
                .next()
                .is_some_and(|first| first.starts_with(&below))
        };
        let known = |path: &str| self.asked(path) || self.listed.contains(path);
        known(path) || inside(&self.read) || inside(&self.asked) || inside(&self.listed) || folders(path).any(known)
    }

    fn extend(&mut self, others: &Self) {
        self.read.extend(others.read.iter().cloned());
        self.asked.extend(others.asked.iter().cloned());
        self.listed.extend(others.listed.iter().cloned());
    }
}

/// The folders that a path lies in, innermost first; the last is the root.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |path| (!path.is_empty()).then(|| folder(path)))
}

/// What is asked, by the type of its answer, and of which file or folder.
pub(crate) type Question = (TypeId, Box<str>);

/// Answers that many units need, with what they rest on. Whoever holds it says what changed, and gives it to no files but those
/// that it was made from.
#[derive(Debug, Default)]
pub struct Kept(Mutex<HashMap<Question, Answer>>);

/// An answer, and what it rests on.
type Answer = (Arc<dyn Any + Send + Sync>, Arc<Reads>);

impl Kept {
    /// Forgets what rests on something that changed.
    pub fn changed(&self, change: &Change) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, reads)| !reads.rest_on(change));
    }

    /// What `make` made for `path` when it was first asked since that changed. It must not ask for anything that is kept.
    pub(crate) fn of<T: Send + Sync + 'static>(
        &self,
        loader: &dyn Loader,
        path: &str,
        make: impl FnOnce(&dyn Loader) -> T,
    ) -> Arc<T> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<T>(), Box::from(path));
        let known = answers.get(&key).and_then(|(known, reads)| Some((known.clone().downcast().ok()?, reads.clone())));
        if let Some((known, reads)) = known {
            drop(answers);
            loader.rested(&reads);
            return known;
        }
        let noting = Noting::new(loader);
        let fresh = Arc::new(make(&noting));
        answers.insert(key, (fresh.clone(), Arc::new(noting.into_reads())));
        fresh
    }
}

/// A loader that notes what it is asked, and asks no further what it was told already.
pub struct Noting<'n> {
    below: &'n dyn Loader,
    reads: Mutex<Reads>,
    stats: Mutex<BTreeMap<Box<str>, Option<Stat>>>,
    lists: Mutex<BTreeMap<Box<str>, Vec<String>>>,
}

impl<'n> Noting<'n> {
    /// One that asks another.
    pub fn new(below: &'n dyn Loader) -> Self {
        Self { below, reads: Mutex::default(), stats: Mutex::default(), lists: Mutex::default() }
    }

    /// What was asked.
    pub fn into_reads(self) -> Reads {
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

    fn rested(&self, reads: &Reads) {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).extend(reads);
        self.below.rested(reads);
    }

    fn git(&self, path: &str) -> Git {
        self.asked(path);
        // Where git keeps what it tracks; an ignore file makes a project be found anew.
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).read.insert(".git/index".into());
        self.below.git(path)
    }
}

impl std::fmt::Debug for Noting<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Noting").field("reads", &self.reads).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn an_answer_is_kept_until_what_it_rests_on_changes() {
        let memory = Memory::new([("vars/a.yml", "x")]);
        let kept = Kept::default();
        let ask = || {
            let noting = Noting::new(&memory);
            let mut made = false;
            kept.of::<usize>(&noting, "vars", |loader| {
                made = true;
                loader.list("vars").iter().filter_map(|name| loader.read(&format!("vars/{name}")).ok()).count()
            });
            (made, noting.into_reads())
        };
        let change = |path: &str, whole| Change { path: path.to_owned(), whole };
        assert!(ask().0);
        // Who is given it rests on the same as who made it.
        let (made, reads) = ask();
        assert!(!made && reads.rest_on(&change("vars/a.yml", false)) && reads.rest_on(&change("vars/b.yml", true)));
        for (other, again) in [
            (change("vars/b.yml", false), false),
            (change("c", true), false),
            (change("vars/a.yml", false), true),
            (change("vars/b.yml", true), true),
        ] {
            kept.changed(&other);
            assert_eq!(ask().0, again, "{other:?}");
        }
    }
}
