//! What PostgreSQL knows of a parameter in each version: the shape of the generated table, and look-ups in it.

use crate::formats::words::Words;
use crate::version::{Version, Versions};

/// The oldest and the newest version in the table.
pub(super) const KNOWN: (u16, u16) = (10, 18);

/// One parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its name in lower case.
    pub(super) name: &'static str,
    /// The page of the manual that explains it.
    pub(super) page: Page,
    /// What it takes, by version; versions without a row do not know it.
    pub(super) rows: &'static [Row],
    /// What holds when nothing sets it, from each version on, in the schema's spelling; empty where the machine or the
    /// cluster decides.
    pub(super) defaults: &'static [(Version, &'static str)],
    /// What it is.
    pub(super) doc: &'static str,
}

/// What a parameter takes in the versions from the first to the second, and whether no file may set it.
#[derive(Debug)]
pub(super) struct Row(pub(super) u16, pub(super) u16, pub(super) Kind, pub(super) bool);

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// On or off.
    Bool,
    /// A whole number within bounds.
    Int(Unit, i64, i64),
    /// A number within bounds.
    Real(Unit, f64, f64),
    /// Anything.
    Text,
    /// One of these spellings, each with what PostgreSQL prints for it.
    Enum(&'static [(&'static str, &'static str)]),
}

/// The unit that a number without one is in, and that numbers are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// No unit may be written.
    None,
    /// Bytes.
    B,
    /// 1024 bytes.
    KB,
    /// 1024 kB.
    MB,
    /// 8 kB.
    Blocks,
    /// 16 MB, as version 10 counted `wal_segment_size`.
    #[expect(dead_code, reason = "the generator knows the unit, no parameter that a file may set has it")]
    Segments,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    Min,
}

/// A page of the manual, named for the last part of its address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    FileLocations,
    Connection,
    Resource,
    Wal,
    Replication,
    Query,
    Logging,
    Statistics,
    Vacuum,
    Client,
    Locks,
    Compatible,
    ErrorHandling,
    Preset,
    Developer,
}

/// The first version with that major number.
pub(super) const fn since(major: u16) -> Version {
    Version([major, 0, 0])
}

impl Page {
    /// Its address.
    pub(super) const fn url(self) -> &'static str {
        match self {
            Self::FileLocations => "https://www.postgresql.org/docs/18/runtime-config-file-locations.html",
            Self::Connection => "https://www.postgresql.org/docs/18/runtime-config-connection.html",
            Self::Resource => "https://www.postgresql.org/docs/18/runtime-config-resource.html",
            Self::Wal => "https://www.postgresql.org/docs/18/runtime-config-wal.html",
            Self::Replication => "https://www.postgresql.org/docs/18/runtime-config-replication.html",
            Self::Query => "https://www.postgresql.org/docs/18/runtime-config-query.html",
            Self::Logging => "https://www.postgresql.org/docs/18/runtime-config-logging.html",
            Self::Statistics => "https://www.postgresql.org/docs/18/runtime-config-statistics.html",
            Self::Vacuum => "https://www.postgresql.org/docs/18/runtime-config-vacuum.html",
            Self::Client => "https://www.postgresql.org/docs/18/runtime-config-client.html",
            Self::Locks => "https://www.postgresql.org/docs/18/runtime-config-locks.html",
            Self::Compatible => "https://www.postgresql.org/docs/18/runtime-config-compatible.html",
            Self::ErrorHandling => "https://www.postgresql.org/docs/18/runtime-config-error-handling.html",
            Self::Preset => "https://www.postgresql.org/docs/18/runtime-config-preset.html",
            Self::Developer => "https://www.postgresql.org/docs/18/runtime-config-developer.html",
        }
    }
}

impl Parameter {
    /// What it takes in `version`.
    pub(super) fn row(&self, version: u16) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.0 <= version && version <= row.1)
    }

    /// The last version that knows it.
    pub(super) const fn last(&self) -> u16 {
        match self.rows {
            [.., row] => row.1,
            [] => 0,
        }
    }

    /// What holds in `version` where nothing sets it; `None` where the machine or the cluster decides.
    pub(super) fn default(&self, version: u16) -> Option<&'static str> {
        self.defaults.iter().rev().find(|(from, _)| *from <= since(version)).map(|(_, value)| *value)
    }
}

/// The parameter called `name`, which is in lower case.
pub(super) fn named(name: &str) -> Option<&'static Parameter> {
    let table = super::parameters::PARAMETERS;
    table.binary_search_by(|parameter| parameter.name.cmp(name)).ok().and_then(|index| table.get(index))
}

/// What parameters take, as PostgreSQL prints it.
pub(super) const WORDS: Words = Words {
    values: |name| {
        let rows = named(&name.to_ascii_lowercase()).map(|parameter| parameter.rows).unwrap_or_default();
        let each = rows.iter().flat_map(|row| match row.2 {
            Kind::Bool => vec!["on", "off"],
            Kind::Enum(words) => words.iter().map(|(_, printed)| *printed).collect(),
            _ => Vec::new(),
        });
        each.collect()
    },
    ..Words::NONE
};

/// Names that PostgreSQL takes for others: the old one, the new one, and the version since which it does.
const ALIASES: &[(&str, &str, u16)] =
    &[("sort_mem", "work_mem", 0), ("vacuum_mem", "maintenance_work_mem", 0), ("ssl_ecdh_curve", "ssl_groups", 18)];

/// The name that `name`, in lower case, stands for in all of `versions`.
pub(super) fn renamed(name: &str, versions: Versions) -> &str {
    let alias = ALIASES.iter().find(|(old, _, since)| *old == name && *since <= major(versions).0);
    alias.map_or(name, |(_, new, _)| new)
}

/// Parameters that were gone before the oldest version in the table.
const ANCIENT: &[&str] = &[
    "add_missing_from",
    "bgwriter_all_maxpages",
    "bgwriter_all_percent",
    "bgwriter_lru_percent",
    "checkpoint_segments",
    "custom_variable_classes",
    "explain_pretty_print",
    "krb_server_hostname",
    "krb_srvname",
    "max_fsm_pages",
    "max_fsm_relations",
    "min_parallel_relation_size",
    "recovery_connections",
    "redirect_stderr",
    "regex_flavor",
    "replication_timeout",
    "silent_mode",
    "sql_inheritance",
    "standby_mode",
    "stats_block_level",
    "stats_command_string",
    "stats_row_level",
    "stats_start_collector",
    "unix_socket_directory",
    "wal_sender_delay",
];

/// Whether a version before those of the table knew `name`.
pub(super) fn ancient(name: &str) -> bool {
    ANCIENT.binary_search(&name).is_ok()
}

/// The major numbers of a range of versions, within those of the table.
pub(in crate::formats) fn major(versions: Versions) -> (u16, u16) {
    let within = |version: u16| version.clamp(KNOWN.0, KNOWN.1);
    (within(versions.oldest.0[0]), within(versions.newest.0[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(super::super::parameters::PARAMETERS.is_sorted_by(|a, b| a.name < b.name));
        assert!(ANCIENT.is_sorted());
    }
}
