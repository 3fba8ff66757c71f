//! Folders of temporary files and of caches: one folder has one use, and one way to be divided.

use super::super::resolve::Build;
use super::values::number;
use super::zones::unsure;
use super::{Fault, Line};
use std::collections::BTreeMap;

/// What is looked at of it in one configuration.
const MOST: usize = 10_000;

/// The folders that lines named, as nginx keeps them while it reads.
#[derive(Debug, Default)]
pub(in super::super) struct Folders(BTreeMap<String, Use>);

#[derive(Debug, PartialEq, Eq)]
enum Use {
    Cache,
    /// Temporary files, with the lengths of the names of the folders inside.
    Temporary([i64; 3]),
}

/// A folder for temporary files.
pub(super) fn temporary(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    if (1..line.words.len()).any(|index| line.known(index).is_none()) {
        return Ok(());
    }
    let level = |index: usize| line.known(index).and_then(|text| number(&text)).unwrap_or_default();
    used(build, line, Use::Temporary([level(2), level(3), level(4)]))
}

/// The folder of a cache.
pub(super) fn cache(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    used(build, line, Use::Cache)
}

fn used(build: &mut Build<'_, '_>, line: &Line<'_>, what: Use) -> Result<(), Fault> {
    let Some(folder) = line.known(1).filter(|_| !unsure(line)) else { return Ok(()) };
    // To nginx an absolute one with a `/` at the end is another one.
    let folder = if folder.starts_with('/') { &*folder } else { folder.strip_suffix('/').unwrap_or(&folder) };
    let Folders(known) = &mut build.seen.folders;
    match known.get(folder) {
        None => {
            if known.len() < MOST {
                known.insert(folder.to_owned(), what);
            }
            Ok(())
        }
        Some(Use::Cache) => Fault::new(1, "another cache has this folder already; nginx refuses that"),
        Some(Use::Temporary(_)) if what == Use::Cache => {
            Fault::new(1, "temporary files are kept in this folder already; nginx refuses that")
        }
        Some(before) if *before != what => {
            Fault::new(1, "this folder is divided in another way by a line before; nginx refuses that")
        }
        Some(_) => Ok(()),
    }
}
