//! Which files an `Include` names, where they are at hand.

use crate::loader::{self, Loader};
use crate::workspace::Query;

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
    let in_tree = || {
        let tree = tree_of(root)?;
        let below = absolute.strip_prefix("/etc/").map(|rest| format!("etc/{rest}"))?;
        loader::join(tree, &below)
    };
    let Some(pattern) = query.mapped(&absolute).or_else(in_tree) else { return Vec::new() };
    loader::glob(loader, &pattern)
}

/// Whether a file is one that another includes, by its name: `sshd_config.d/10-keys.conf`.
pub(super) fn is_fragment(path: &str) -> bool {
    let name = loader::name(path);
    let folder = loader::name(loader::folder(path));
    let in_drop_ins = folder.rsplit_once('.').is_some_and(|(_, ending)| ending == "d");
    !name.starts_with("sshd_config") && (in_drop_ins || name.starts_with(|c: char| c.is_ascii_digit()))
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
