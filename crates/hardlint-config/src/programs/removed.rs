//! What a script takes away again: files that it removes, empties, or moves to where they are removed.

use super::{is, values};
use crate::syntax::shell::{Command, Script, Word};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// How often a file that is moved is followed.
const MOST_MOVES: usize = 8;

/// A name with a `*` in it, cut there.
type Pattern = (String, String);

/// What the commands of a script take away, read once for all that is asked of it.
#[derive(Default)]
pub(super) struct Removals {
    /// What the script sets variables to first; nothing where that is not known.
    set: BTreeMap<String, Option<String>>,
    /// The names of what is removed, wherever it lies.
    names: BTreeSet<String>,
    /// How the paths begin of what is removed.
    starts: BTreeSet<String>,
    /// Patterns of what is removed, by the folder that they are looked for in.
    patterns: BTreeMap<String, Vec<Pattern>>,
    /// Folders that files of a name are looked for in and removed, with the name.
    searched: Vec<(Vec<String>, String)>,
    /// Files that are left empty, and the last command that does so.
    emptied: BTreeMap<String, usize>,
    /// Names of files that are moved elsewhere, and where they go.
    moved: BTreeMap<String, String>,
}

impl Removals {
    /// Reads the commands.
    pub(super) fn of(script: &Script) -> Self {
        let mut all = Self::default();
        for assignment in script.commands.iter().flat_map(|command| &command.assignments) {
            let value = || assignment.value.known().map(str::to_owned);
            all.set.entry(assignment.name.to_string()).or_insert_with(value);
        }
        for (index, command) in script.commands.iter().enumerate() {
            all.add(index, command);
        }
        all
    }

    fn add(&mut self, index: usize, command: &Command) {
        let arguments = command.arguments();
        let paths = |all: &Self| -> Vec<String> {
            let words = arguments.iter().map(|word| all.written(&word.shown()));
            words.filter(|word| !word.starts_with('-')).collect()
        };
        match command.program() {
            Some("rm" | "shred" | "unlink") => {
                for word in paths(self) {
                    self.names.insert(name(word.trim_end_matches('/')).to_owned());
                    self.begins(&word);
                    if let (folder, Some((start, end))) = (folder(&word), name(&word).split_once('*')) {
                        let pattern = (start.to_owned(), end.to_owned());
                        self.patterns.entry(folder.to_owned()).or_default().push(pattern);
                    }
                }
            }
            Some("find") if arguments.iter().any(|word| is(word, "-delete")) => {
                let folders = arguments.iter().map(|word| self.written(&word.shown()));
                let folders: Vec<String> = folders.take_while(|word| !word.starts_with('-')).collect();
                match values(command, &["-name"]).into_iter().next() {
                    Some((pattern, _)) => self.searched.push((folders, pattern.to_owned())),
                    None => folders.iter().for_each(|folder| self.begins(folder)),
                }
            }
            Some("mv") => {
                if let [from, to] = paths(self).as_slice() {
                    let lands = if is_folder(to) { inside(to, name(from)) } else { to.clone() };
                    self.moved.insert(name(from).to_owned(), lands);
                }
            }
            Some("truncate") if values(command, &["-s", "--size"]).iter().any(|(size, _)| *size == "0") => {
                let empties = paths(self).into_iter().map(|path| (path, index));
                self.emptied.extend(empties);
            }
            // `> file`, `: > file`.
            None | Some(":" | "true") => {
                let written = command.redirects.iter().filter(|it| matches!(it.mark, ">" | ">|"));
                let empties: Vec<String> = written.map(|it| self.written(&it.target.shown())).collect();
                self.emptied.extend(empties.into_iter().map(|path| (path, index)));
            }
            Some("cp" | "cat") if arguments.first().is_some_and(|word| is(word, "/dev/null")) => {
                let written = command.redirects.iter().filter(|it| it.mark == ">").map(|it| &it.target);
                let copied = arguments.get(1).filter(|_| command.program() == Some("cp"));
                let empties: Vec<String> = written.chain(copied).map(Word::shown).collect();
                self.emptied.extend(empties.into_iter().map(|path| (path, index)));
            }
            _ => {}
        }
    }

    fn begins(&mut self, word: &str) {
        let start = word.trim_end_matches(['*', '/']);
        if start.len() > 1 {
            self.starts.insert(start.to_owned());
        }
    }

    /// A path with the variable that it begins with replaced, where the script says what that is, else without its braces.
    pub(super) fn written(&self, path: &str) -> String {
        let Some(rest) = path.strip_prefix('$') else { return path.to_owned() };
        let bare = rest.strip_prefix('{');
        let rest = bare.unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let tail = match bare {
            Some(_) => tail.strip_prefix('}').unwrap_or(tail),
            None => tail,
        };
        match self.set.get(name) {
            Some(Some(value)) => format!("{value}{tail}"),
            _ => format!("${name}{tail}"),
        }
    }

    /// Whether the file at a path is removed, there or where it is moved to.
    pub(super) fn takes(&self, path: &str) -> bool {
        self.paths_of(path).iter().any(|path| self.removes(path))
    }

    /// Whether the file at a path is emptied behind a command.
    pub(super) fn empties(&self, path: &str, by: usize) -> bool {
        let path = self.written(path);
        self.emptied.get(&path).is_some_and(|last| *last > by)
    }

    /// The paths that a file lies at, one after the other.
    pub(super) fn paths_of(&self, path: &str) -> Vec<String> {
        let mut all = vec![self.written(path)];
        while let Some(next) = all.last().and_then(|path| self.moved.get(name(path))).filter(|_| all.len() < MOST_MOVES)
        {
            all.push(next.clone());
        }
        all
    }

    fn removes(&self, path: &str) -> bool {
        let (folder, name) = (folder(path), name(path));
        let fits = |(start, end): &Pattern| name.starts_with(start.as_str()) && name.ends_with(end.as_str());
        self.names.contains(name)
            || self.patterns.get(folder).is_some_and(|patterns| patterns.iter().any(fits))
            || self.begins_removed(path)
            || self.searched.iter().any(|(folders, pattern)| {
                let is_it = pattern == name
                    || pattern.split_once('*').is_some_and(|(start, end)| fits(&(start.to_owned(), end.to_owned())));
                let inside = |folder: &String| {
                    let start = folder.trim_end_matches(['*', '/']);
                    start.len() > 1 && path.starts_with(start)
                };
                is_it && folders.iter().any(inside)
            })
    }

    /// Whether a path begins as what is removed: the greatest text that is not greater is looked at, and where the path does not
    /// begin so, what both begin with.
    fn begins_removed(&self, path: &str) -> bool {
        let mut path = path;
        while let Some(known) = self.starts.range::<str, _>((Bound::Unbounded, Bound::Included(path))).next_back() {
            if path.starts_with(known.as_str()) {
                return true;
            }
            let same = path.char_indices().zip(known.chars()).find(|((_, a), b)| a != b);
            let Some(shorter) = same.and_then(|((at, _), _)| path.get(..at)).filter(|it| !it.is_empty()) else {
                return false;
            };
            path = shorter;
        }
        false
    }
}

/// Whether a path is written as that of a folder.
pub(super) fn is_folder(path: &str) -> bool {
    path.ends_with('/') || matches!(path, "." | ".." | "~") || path.ends_with("/.") || path.ends_with("/..")
}

/// The path of a file in a folder.
pub(super) fn inside(folder: &str, name: &str) -> String {
    match folder.trim_end_matches("/.").trim_end_matches('/') {
        "." => name.to_owned(),
        "" => format!("/{name}"),
        folder => format!("{folder}/{name}"),
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
