//! What is asked of a configuration beyond its files.

use crate::loader::{self, Loader};
use crate::version::Targets;
use std::collections::BTreeMap;

/// What is asked of a configuration beyond its files.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// `--where`: which connection, request or service is meant; keys are the format's own (`user`, `addr`, `uri`).
    pub conditions: Vec<(String, String)>,
    /// `--target`: the versions that are deployed to.
    pub targets: Targets,
    /// `--env-file`: exactly the environment of the process; unknown where it is `None`.
    pub environment: Option<BTreeMap<String, String>>,
    /// The service, by the first file of its project and its name, whose environment a module has; nothing for what all
    /// that run it agree on.
    pub service: Option<(String, String)>,
    /// `--file-by-file`: what runs a file says nothing about it.
    pub isolated: bool,
    /// How many characters a secret has to have, where the project has a rule of its own for that.
    pub secret_length: Option<usize>,
    /// The paths that were asked for, below the root: only names below them tell a file's role.
    pub arguments: Vec<String>,
    /// `--root-map`: absolute folders, and the folders below the root that stand for them.
    pub root_map: Vec<(String, String)>,
    /// Whether the model also has the whole as one document ([`Model::document`](crate::model::Model::document)), which is
    /// printed and never judged.
    pub document: bool,
}

impl Query {
    /// The value of a condition.
    pub fn condition(&self, key: &str) -> Option<&str> {
        self.conditions.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether the files are those of a machine, from its root on, and no project's.
    pub fn on_machine(&self) -> bool {
        self.root_map.iter().any(|(from, to)| from == "/" && to.is_empty())
    }

    /// Whether everybody who has an account on the machine may read a file; of a project, permissions are those of whoever
    /// checks it out.
    pub fn is_for_everybody(&self, loader: &dyn Loader, path: &str) -> bool {
        let stat = self.on_machine().then(|| loader.stat(path)).flatten();
        // Whoever may not enter a folder reads nothing in it.
        let enters = |folder: &str| folder.is_empty() || loader.stat(folder).is_none_or(|stat| stat.mode & 0o001 != 0);
        let mut folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        stat.is_some_and(|stat| stat.kind == loader::Kind::File && stat.mode & 0o004 != 0) && folders.all(enters)
    }

    /// How many characters a secret has to have that is judged by its length, and for which `usual` is asked elsewhere.
    pub fn least_secret(&self, usual: usize) -> usize {
        self.secret_length.unwrap_or(usual)
    }

    /// What stands of `path` below the argument that it was found by, the deepest if there are several.
    pub fn below_argument<'p>(&self, path: &'p str) -> &'p str {
        let below = |argument: &String| match path.strip_prefix(argument.as_str())? {
            rest if argument.is_empty() || rest.is_empty() => Some(rest),
            rest => rest.strip_prefix('/'),
        };
        self.arguments.iter().filter_map(below).min_by_key(|rest| rest.len()).unwrap_or(path)
    }

    /// The path below the root that `--root-map` gives to an absolute path.
    pub fn mapped(&self, absolute: &str) -> Option<String> {
        self.root_map.iter().find_map(|(from, to)| {
            let rest = absolute.strip_prefix(from.trim_end_matches('/'))?.strip_prefix('/')?;
            loader::join(to, rest.trim_start_matches('/'))
        })
    }

    /// Where `target`, written in the file at `path`, lies below the root: a relative one from the file's own folder, an
    /// absolute one by `--root-map` or in the tree that the file's own path ends with.
    pub fn locate(&self, loader: &dyn Loader, path: &str, target: &str) -> Option<String> {
        let folder = loader::folder(path);
        if !target.starts_with('/') {
            return loader::join(folder, target).filter(|_| loader::is_passable(loader, folder, target));
        }
        if let Some(mapped) = self.mapped(target) {
            return Some(mapped);
        }
        let absolute = target.trim_start_matches('/');
        let top = absolute.split('/').next()?;
        let parts: Vec<&str> = folder.split('/').collect();
        let tops = parts.iter().enumerate().rev().filter(|(_, part)| **part == top).map(|(index, _)| index);
        let places = tops.filter_map(|index| loader::join(&parts.get(..index)?.join("/"), absolute));
        places.into_iter().find(|place| loader.stat(place).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_itself_tells_no_role() {
        let query = Query { arguments: vec!["testdata/shop".into(), "dev/nginx.conf".into()], ..Query::default() };
        for (path, below) in [
            ("testdata/shop/test/compose.yaml", "test/compose.yaml"),
            ("dev/nginx.conf", ""),
            ("dev/other.conf", "dev/other.conf"),
            ("testdata/shopping/a", "testdata/shopping/a"),
        ] {
            assert_eq!(query.below_argument(path), below, "{path}");
        }
        let whole = Query { arguments: vec![String::new()], ..Query::default() };
        assert_eq!(whole.below_argument("dev/a"), "dev/a");
    }
}
