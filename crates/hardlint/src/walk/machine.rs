//! The files of a machine, also of those folders that links lead to.

use super::{Below, Found, Walked, said};
use crate::disk;
use hardlint_config::deployment::role;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Files in folders that a machine's links lead to, at most: who links to a disk of data means no settings.
const MOST_LINKED: usize = 50_000;

impl Walked {
    /// Walks a folder of a machine, and then the folders that links lead to, under the names of the links: by these programs
    /// read what is in them.
    pub(super) fn machine(&mut self, below: Below<'_>, path: &str) {
        let root = below.root;
        let top = disk::within(root, Path::new(path)).unwrap_or_else(|_| root.join(path));
        let (mut folders, mut links) = (vec![path.to_owned()], BTreeSet::new());
        let (mut seen, mut left) = (BTreeSet::new(), MOST_LINKED);
        while let Some((path, linked)) =
            folders.pop().map(|path| (path, false)).or_else(|| links.pop_first().map(|(_, path)| (path, true)))
        {
            let Ok(place) = disk::within(root, Path::new(&path)) else { continue };
            // What is walked anyway is walked once; what holds the whole machine, or what its kernel makes up, is none of it.
            let whole = linked && top.starts_with(&place);
            let made_up = ["proc", "sys", "dev"].iter().any(|name| place.starts_with(root.join(name)));
            if whole || made_up || !seen.insert(place.clone()) {
                continue;
            }
            let mut entries: Vec<fs::DirEntry> = match fs::read_dir(&place) {
                Ok(entries) => entries.flatten().collect(),
                Err(error) => {
                    self.problems.push((path, said(&error)));
                    continue;
                }
            };
            // What is told may not hang on the order in which a disk lists it.
            entries.sort_unstable_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let Ok(kind) = entry.file_type() else { continue };
                let Ok(name) = entry.file_name().into_string() else {
                    self.unnamed(root, &entry.path());
                    continue;
                };
                left -= usize::from(!place.starts_with(&top));
                if left == 0 {
                    self.problems.push((path, "links lead to more files than are looked at".to_owned()));
                    return;
                }
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                if below.exclude.say(&path, kind.is_dir()) == Some(true) {
                    continue;
                }
                if kind.is_dir() {
                    folders.extend((name != ".git").then_some(path));
                } else if kind.is_symlink() && disk::within(root, Path::new(&path)).is_ok_and(|real| real.is_dir()) {
                    // Of several links to a folder the first counts: one whose name says what runs.
                    links.insert((role::of_path(&path).is_lesser(), path));
                } else {
                    self.files.push(Found { path: path.into(), regular: kind.is_file() });
                }
            }
        }
    }
}
