//! The ignore files that hold in a folder.

use crate::git;
use crate::patterns::Patterns;
use std::path::Path;

/// The ignore files of the folders that a path lies in, the outermost first.
#[derive(Clone, Default)]
pub(super) struct Rules(Vec<(usize, Patterns)>);

impl Rules {
    /// Those of the folders above a path; nothing if they ignore it.
    pub(super) fn above(root: &Path, path: &str) -> Option<Self> {
        let mut rules = Self::default();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).filter(|&end| end > 0);
        let mut above = 0;
        for end in ends {
            rules.enter(&root.join(path.get(..above)?), if above == 0 { 0 } else { above + 1 });
            if rules.ignore(path.get(..end)?, true) {
                return None;
            }
            above = end;
        }
        Some(rules)
    }

    /// Adds those of a folder below which paths begin at `offset`.
    pub(super) fn enter(&mut self, folder: &Path, offset: usize) {
        if let Some(bytes) = git::ignore_file(folder) {
            self.0.push((offset, Patterns::parse(&String::from_utf8_lossy(&bytes))));
        }
    }

    /// Takes out those of folders that a path with this many bytes before its name does not lie in.
    pub(super) fn leave(&mut self, offset: usize) {
        self.0.retain(|(own, _)| *own <= offset);
    }

    /// Whether a path is ignored: the innermost that says anything decides.
    pub(super) fn ignore(&self, path: &str, folder: bool) -> bool {
        let say = |(offset, patterns): &(usize, Patterns)| patterns.say(path.get(*offset..)?, folder);
        self.0.iter().rev().find_map(say) == Some(true)
    }
}
