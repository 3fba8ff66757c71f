//! What the files of a project are: which of them come, go, or are brought in by others when something changes.

use super::{FEW, Session};
use hardlint_config::formats;
use hardlint_config::loader::{Kind, Loader, name};
use hardlint_config::reads::{Change, Noting, Reads};
use hardlint_config::workspace::Slot;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How deep files bring in others that only this tells what they are.
const DEEPEST: usize = 32;
/// Folders that are looked into when one comes with all that is in it.
const MOST_COMING: usize = 10_000;

impl Session {
    /// The files in a folder that came, if it is one.
    pub(super) fn inside(&self, path: &str) -> Vec<Arc<str>> {
        let loader = self.host.loader();
        let mut files = Vec::new();
        let mut next = vec![path.to_owned()];
        let mut left = MOST_COMING;
        while let Some(path) = next.pop() {
            match loader.stat(&path).map(|stat| stat.kind) {
                Some(Kind::Folder) if name(&path) != ".git" && left > 0 => {
                    left -= 1;
                    next.extend(loader.list(&path).into_iter().map(|name| format!("{path}/{name}")));
                }
                Some(Kind::File) => files.push(path.into()),
                _ => {}
            }
        }
        files
    }

    /// Looks at files again, and at those that are brought in by others now, or no longer.
    pub(super) fn look_again(&mut self, mut again: BTreeSet<Arc<str>>) {
        let mut divided = true;
        for _ in 0..DEEPEST {
            let paths: Vec<Arc<str>> = again.into_iter().collect();
            again = BTreeSet::new();
            for (path, slot, reads) in self.look(&paths) {
                let before = self.slots.get(&path);
                let slot = slot.filter(|slot| slot.walked || self.is_wanted(&path));
                if same(before, slot.as_ref()) {
                    if slot.is_some() {
                        self.looks.set(path, reads);
                    }
                    continue;
                }
                divided = false;
                let parts = |slot: Option<&Slot>| slot.map(|slot| slot.parts.clone()).unwrap_or_default();
                let unnamed = |part: &Arc<str>| matches!(formats::by_name(part), formats::ByName::Nothing);
                again.extend(parts(before).into_iter().chain(parts(slot.as_ref())).filter(unnamed));
                // What a file is and is for counts wherever it is read.
                let change = Change { path: path.to_string(), whole: false };
                self.stale.extend(self.judgings.resting_on(&change));
                if let Some(slot) = slot {
                    self.looks.set(path.clone(), reads);
                    Arc::make_mut(&mut self.slots).insert(path, slot);
                } else {
                    self.looks.remove(&path);
                    Arc::make_mut(&mut self.slots).remove(&path);
                }
            }
            if again.is_empty() {
                break;
            }
        }
        if !divided {
            self.divide();
        }
    }

    /// Whether a file is of interest that a walk does not come by.
    fn is_wanted(&self, path: &Arc<str>) -> bool {
        self.open.contains_key(&**path) || self.slots.values().any(|slot| slot.parts.contains(path))
    }

    /// What files are; nothing of those that are not there.
    pub(super) fn look(&self, paths: &[Arc<str>]) -> Vec<(Arc<str>, Option<Slot>, Reads)> {
        let overlay = self.overlay();
        let workspace = self.over(&overlay);
        let one = |path: &Arc<str>| {
            let noting = Noting::new(&overlay);
            let through = workspace.through(&noting);
            let before = self.slots.get(path);
            let there = noting.stat(path).is_some_and(|stat| stat.kind == Kind::File || before.is_some());
            // A file that makes a look fail is none that can be judged.
            let looked = || catch_unwind(AssertUnwindSafe(|| self.host.look(&through, path))).ok();
            let slot = if there { looked() } else { None };
            let slot = slot.map(|mut slot| {
                slot.walked = before.map_or_else(|| self.host.walks(path), |before| before.walked);
                slot
            });
            (path.clone(), slot, noting.into_reads())
        };
        if paths.len() < FEW { paths.iter().map(one).collect() } else { paths.par_iter().map(one).collect() }
    }
}

/// Whether a look gave the same as the one before, as far as units and findings depend on it.
fn same(before: Option<&Slot>, after: Option<&Slot>) -> bool {
    let within = |slot: &Slot| slot.within.as_ref().map(|it| (it.format.id, it.parts.clone()));
    match (before, after) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            (a.format(), &a.links, &a.parts, a.role, &a.unread) == (b.format(), &b.links, &b.parts, b.role, &b.unread)
                && within(a) == within(b)
        }
        _ => false,
    }
}
