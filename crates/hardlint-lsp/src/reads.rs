//! Which answers rest on a path, found by that path.

use hardlint_config::reads::{Change, Reads};
use std::collections::{BTreeMap, BTreeSet};

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
        for path in reads.read() {
            self.by_path.entry(path.into()).or_default().insert(key.clone());
        }
        self.all.insert(key, reads);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let Some(reads) = self.all.remove(key) else { return };
        for path in reads.read() {
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
            let rests = self.all.iter().filter(|(_, reads)| reads.rest_on(change));
            return rests.map(|(key, _)| key.clone()).collect();
        }
        self.by_path.get(change.path.as_str()).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardlint_config::loader::{Loader, Memory};
    use hardlint_config::reads::Noting;

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
