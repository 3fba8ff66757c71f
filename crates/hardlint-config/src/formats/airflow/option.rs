//! What Airflow knows of an option in each version: the shape of the generated table, and look-ups in it.

use crate::version::Version;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// One option.
#[derive(Debug)]
pub(super) struct Opt {
    /// `section.option`, in lower case.
    pub(super) name: &'static str,
    /// What holds where nothing sets it: from a version on, up to another.
    pub(super) defaults: &'static [(Version, Option<Version>, Ask)],
    /// The names that are read as well, in which versions.
    pub(super) old: &'static [(Version, Option<Version>, &'static str)],
    /// Whether it holds a secret, so that `_cmd` and `_secret` are read too.
    pub(super) sensitive: bool,
    /// What it is.
    pub(super) doc: &'static str,
}

/// What `conf.get` gives where nothing sets an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nothing: it finds none.
    Nothing,
    /// What the machine decides, or chance.
    Machine,
    /// This.
    Is(&'static str),
}

/// The versions of the table.
pub(super) const VERSIONS: &[Version] = &[v(2, 8), v(2, 9), v(2, 10), v(2, 11), v(3, 0), v(3, 1), v(3, 2), v(3, 3)];

/// The version with these numbers.
pub(super) const fn v(major: u16, minor: u16) -> Version {
    Version([major, minor, 0])
}

fn within(version: Version, since: Version, until: Option<Version>) -> bool {
    since <= version && until.is_none_or(|until| version < until)
}

impl Opt {
    /// What holds in `version` where nothing sets it; `None` if that version does not know it.
    pub(super) fn default(&self, version: Version) -> Option<Ask> {
        self.defaults.iter().find(|(since, until, _)| within(version, *since, *until)).map(|(_, _, ask)| *ask)
    }

    /// The name that is read as well in `version`.
    pub(super) fn old(&self, version: Version) -> Option<&'static str> {
        self.old.iter().find(|(since, until, _)| within(version, *since, *until)).map(|(_, _, name)| *name)
    }
}

/// The option called `name`.
pub(super) fn named(name: &str) -> Option<&'static Opt> {
    let table = super::options::OPTIONS;
    table.binary_search_by(|option| option.name.cmp(name)).ok().and_then(|index| table.get(index))
}

/// The options of a section: their names in it, in order, and their whole names.
pub(super) fn of_section(section: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = super::options::OPTIONS;
    let prefix = format!("{section}.");
    let start = table.partition_point(|option| option.name < prefix.as_str());
    let own = table.iter().skip(start).map_while(move |option| Some((option.name.strip_prefix(&prefix)?, option.name)));
    own.filter(|(option, _)| !option.contains('.'))
}

/// The option that `name` is the old name of in `version`.
pub(super) fn renamed(name: &str, version: Version) -> Option<&'static Opt> {
    static BY_OLD_NAME: LazyLock<FxHashMap<&str, Vec<&Opt>>> = LazyLock::new(|| {
        let mut by_old_name: FxHashMap<&str, Vec<&Opt>> = FxHashMap::default();
        for option in super::options::OPTIONS {
            for (_, _, old) in option.old {
                by_old_name.entry(old).or_default().push(option);
            }
        }
        by_old_name
    });
    BY_OLD_NAME.get(name)?.iter().find(|option| option.old(version) == Some(name)).copied()
}

/// The options whose variable is `AIRFLOW__` and `variable`.
pub(super) fn of_variable(variable: &str) -> &'static [&'static Opt] {
    static BY_VARIABLE: LazyLock<FxHashMap<String, Vec<&Opt>>> = LazyLock::new(|| {
        let mut by_variable: FxHashMap<String, Vec<&Opt>> = FxHashMap::default();
        for option in super::options::OPTIONS {
            by_variable.entry(variable_name(option.name)).or_default().push(option);
        }
        by_variable
    });
    BY_VARIABLE.get(variable).map(Vec::as_slice).unwrap_or_default()
}

/// The part of the name of an option's variable that stands behind `AIRFLOW__`.
pub(super) fn variable_name(name: &str) -> String {
    let (section, option) = name.rsplit_once('.').unwrap_or(("", name));
    format!("{}__{}", section.replace('.', "_").to_uppercase(), option.to_uppercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::super::options::OPTIONS.is_sorted_by(|a, b| a.name < b.name));
    }
}
