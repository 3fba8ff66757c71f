//! Which files an `Include` names, where they are at hand, and reading on in them.

use super::syntax::{Statement, Word};
use super::walk::{FILE, Place, Walk};
use crate::loader::{self, Loader, ReadError};
use crate::model::{Assumed, Why};
use crate::text::Loc;
use crate::workspace::Query;

/// How deep sshd follows includes.
const MAX_DEPTH: usize = 16;
/// How many files are read for one configuration, each inclusion counted.
const MAX_INCLUDES: usize = 2_000;
/// The longest path that systems open.
const LONGEST: usize = 4096;
/// The folder that relative patterns start from.
const SSH: &str = "/etc/ssh/";

/// The tree that stands for the host's own in which a file lies: of `roles/ssh/files/etc/ssh/sshd_config`, `roles/ssh/files`.
pub(super) fn tree_of(path: &str) -> Option<&str> {
    if path.starts_with("etc/ssh/") {
        return Some("");
    }
    path.rfind("/etc/ssh/").and_then(|at| path.get(..at))
}

/// The files that a pattern names, in the order in which sshd reads them; nothing where their folder is not at hand.
pub(super) fn files(loader: &dyn Loader, query: &Query, root: &str, pattern: &str) -> Vec<String> {
    let absolute = match pattern.as_bytes().first() {
        Some(b'/') => pattern.to_owned(),
        Some(b'~') | None => return Vec::new(),
        Some(_) => format!("{SSH}{pattern}"),
    };
    let in_tree = |path: &str| {
        let tree = tree_of(root)?;
        let below = path.strip_prefix("/etc/").map(|rest| format!("etc/{rest}"))?;
        loader::join(tree, &below)
    };
    let place = |path: &str| query.mapped(path).or_else(|| in_tree(path));
    // A folder that is left by `..` has to be there, or the system finds nothing.
    let left = absolute.match_indices("/..").filter_map(|(at, _)| absolute.get(..at));
    let is_there = |folder: &str| {
        loader::is_pattern(folder)
            || place(folder).is_none_or(|path| {
                path.is_empty() || loader.stat(&path).is_some_and(|stat| stat.kind == loader::Kind::Folder)
            })
    };
    if absolute.len() > LONGEST || !left.into_iter().all(is_there) {
        return Vec::new();
    }
    place(&absolute).map(|pattern| loader::glob(loader, &pattern)).unwrap_or_default()
}

/// Whether a file is one that another includes, by its name: `sshd_config.d/10-keys.conf`.
pub(super) fn is_fragment(path: &str) -> bool {
    let name = loader::name(path);
    let folder = loader::name(loader::folder(path));
    let in_drop_ins = folder.rsplit_once('.').is_some_and(|(_, ending)| ending == "d");
    !name.starts_with("sshd_config") && (in_drop_ins || name.starts_with(|c: char| c.is_ascii_digit()))
}

impl Walk<'_, '_> {
    pub(super) fn include(&mut self, statement: &Statement, place: &Place) {
        let branch = self.branch.clone();
        if let Some(condition) = &statement.condition {
            self.branch.get_or_insert_with(|| condition.clone());
        }
        if statement.words.is_empty() {
            let at = Loc::new(place.file, statement.keyword_at);
            self.problem(at, "`Include` names no file: sshd does not start");
        }
        for word in &statement.words {
            self.include_word(word, place);
            if self.stopped {
                break;
            }
        }
        self.branch = branch;
    }

    fn include_word(&mut self, word: &Word, place: &Place) {
        let at = Loc::new(place.file, word.at);
        let Some(pattern) = word.known() else {
            let why = word.hole().cloned().unwrap_or(Why::Limit("an Include could not be read"));
            return self.anything(word.at, &why, None, place);
        };
        if pattern.is_empty() {
            return self.problem(at, "`Include` has an empty argument: sshd does not start");
        }
        let root = self.model.path.clone();
        let paths = files(self.reader.loader, self.query, &root, pattern);
        if paths.is_empty() {
            let absolute = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/ssh/{pattern}") };
            let missing = Assumed { what: Why::File(absolute.into()), overrules: true };
            if let Some(scope) = self.model.scope_mut(FILE) {
                scope.assumed.get_or_insert(missing);
            }
        }
        for path in paths {
            if self.stopped {
                return;
            }
            self.included(&path, at, place);
        }
    }

    fn included(&mut self, path: &str, at: Loc, place: &Place) {
        self.includes += 1;
        if place.depth >= MAX_DEPTH || self.includes > MAX_INCLUDES {
            self.stopped = true;
            let message = if place.depth >= MAX_DEPTH {
                format!("files include each other more than {MAX_DEPTH} deep: sshd does not start")
            } else {
                format!("more than {MAX_INCLUDES} files are included; the rest is not read")
            };
            return self.cut(at, message, &Why::Limit("too many files are included"));
        }
        match self.reader.open(path, Some(at)) {
            Ok(file) => self.file(file, place.block, place.depth + 1),
            // To sshd a folder is a file without lines.
            Err(ReadError::Folder) => {}
            Err(error) => {
                self.problem(at, format!("`{}` cannot be included: {error}", loader::name(path)));
                self.open(None, &Why::File(path.into()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn names_tell_the_parts_of_a_file() {
        for (path, part) in [
            ("etc/ssh/sshd_config.d/hardening.conf", true),
            ("ssh/10-hardening.conf", true),
            ("etc/ssh/sshd_config", false),
            ("init.d/sshd_config", false),
            ("opensshd.conf.j2", false),
        ] {
            assert_eq!(is_fragment(path), part, "{path}");
        }
    }

    #[test]
    fn absolute_patterns_stay_in_the_tree_of_their_file() {
        let memory = Memory::new([("a/etc/ssh/sshd_config.d/2.conf", ""), ("a/etc/ssh/sshd_config.d/10.conf", "")]);
        let query = Query::default();
        let at = |root, pattern| files(&memory, &query, root, pattern);
        let both = ["a/etc/ssh/sshd_config.d/10.conf", "a/etc/ssh/sshd_config.d/2.conf"];
        assert_eq!(at("a/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf"), both);
        assert_eq!(at("a/etc/ssh/sshd_config", "sshd_config.d/*.conf"), both);
        assert!(at("b/sshd_config", "/etc/ssh/sshd_config.d/*.conf").is_empty());
        assert!(at("a/etc/ssh/sshd_config", "/usr/share/ssh/*.conf").is_empty());
        let mapped = Query { root_map: vec![("/etc/ssh".into(), "a/etc/ssh".into())], ..Query::default() };
        assert_eq!(files(&memory, &mapped, "b/sshd_config", "/etc/ssh/sshd_config.d/*.conf"), both);
    }
}
