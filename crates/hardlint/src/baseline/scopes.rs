//! Which findings are those of scopes that got other names: `FROM image AS name`, another first name of a server, another name of
//! a service. What stands there and around it is what it was.

use super::entry::{Entry, Kind};
use super::texts::Lines;
use super::{Now, take};
use hardlint_lint::ruleset::RuleSet;
use std::collections::BTreeMap;

/// Of findings with the same line in one file, so many are compared with each: a file with more of them says one thing over
/// and over.
const MOST: usize = 100;

/// Takes out of what is remembered what findings under another name stand for, and says so of each of these.
pub(super) fn renamed<'k, 'e>(
    known: &mut BTreeMap<(&'k str, Kind), Vec<&'k Entry>>,
    new: impl Iterator<Item = (&'e Entry, &'e mut bool)>,
    rules: &RuleSet,
    now: &Now<'_>,
) {
    type Alike = (String, String, String, u32);
    let alike = |entry: &Entry| -> Option<Alike> {
        let (rule, _, key) = entry.kind(rules);
        Some((entry.path.clone(), rule, key, entry.line?))
    };
    let mut left: BTreeMap<Alike, Vec<&'k Entry>> = BTreeMap::new();
    for entry in known.values().flatten().copied() {
        if let Some(alike) = alike(entry) {
            left.entry(alike).or_default().push(entry);
        }
    }
    let mut texts: BTreeMap<&str, Lines> = BTreeMap::new();
    let mut found: Vec<&'k Entry> = Vec::new();
    for (place, old) in new {
        let Some(left) = alike(place).and_then(|alike| left.get_mut(&alike)) else { continue };
        let lines = texts
            .entry(&place.path)
            .or_insert_with(|| (now.read)(&place.path).map(|source| Lines::of(&source)).unwrap_or_default());
        let at = left.iter().take(MOST).position(|was| was.got_other_names(place, lines));
        if let Some(at) = at {
            found.push(left.remove(at));
            *old = true;
        }
    }
    for entry in found {
        if let Some(known) = known.get_mut(&(&entry.path, entry.kind(rules))) {
            take(known, |was| std::ptr::eq(was, entry));
        }
    }
}
