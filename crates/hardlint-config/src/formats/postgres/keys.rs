//! The kinds and keys of `postgresql.conf`: PostgreSQL's own parameters, and what follows from them.

use super::parameter::{Kind as Takes, Parameter, Row};
use super::parameters::PARAMETERS;
use crate::schema::{self, Default, Index, Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "server", plural: "servers", doc: "The server that the file starts." },
        Kind {
            name: "ignored",
            plural: "ignored_lines",
            doc: "A setting that a later one of the same name overrules.",
        },
    ],
    keys: &KEYS,
    program: "postgres",
    supported: Versions { oldest: Version([15, 0, 0]), newest: Version([18, 0, 0]) },
    index: Index::new(),
};

const SERVER: &[&str] = &["server"];
const IGNORED: &[&str] = &["ignored"];

/// Connection parameters with a password, and a command that may print one.
const SECRETS: [&str; 2] = ["primary_conninfo", "ssl_passphrase_command"];

const fn fact(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { fact: true, ..key(name, ty, SERVER, Default::Filled, doc, "") }
}

const fn of_line(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { fact: true, ..key(name, ty, IGNORED, Default::Filled, doc, "") }
}

const fn key(
    name: &'static str,
    ty: Type,
    kinds: &'static [&'static str],
    default: Default,
    doc: &'static str,
    url: &'static str,
) -> Key {
    Key { name, ty, kinds, inherits: false, default, fact: false, secret: false, doc, url }
}

/// Derived keys, sorted by name.
const FACTS: [Key; 19] = [
    of_line("by_auto_conf", Type::Bool, "Whether `postgresql.auto.conf` has the line that wins."),
    of_line("differs", Type::Bool, "Whether the line that wins says something else."),
    fact(
        "end_of_life",
        Type::String,
        "The version that the paths of a distribution name, where nobody mends it any more, and since when; empty elsewhere.",
    ),
    fact(
        "inline_secrets",
        Type::List(&Type::String),
        "Parameters whose value has a password, a token or a passphrase in it.",
    ),
    fact("key_exposed", Type::Bool, "Whether others than the owner and the group may read the private key."),
    fact("legacy_protocols", Type::List(&Type::String), "Versions of TLS before 1.2 that clients may use."),
    fact("listens_publicly", Type::Bool, "Whether it listens on an address that is not of the machine alone."),
    fact("log_file_open", Type::Bool, "Whether `log_file_mode` lets others than the owner and the group's readers in."),
    fact("logs_connections", Type::Bool, "Whether attempts to connect are logged."),
    fact(
        "only_in_project",
        Type::Bool,
        "Whether only services of Compose projects that publish no port of theirs are seen to read the file.",
    ),
    of_line("parameter", Type::String, "What the line sets."),
    fact(
        "public_addresses",
        Type::List(&Type::String),
        "Those of `listen_addresses` that are not of the machine alone.",
    ),
    fact(
        "replication_plaintext",
        Type::Bool,
        "Whether `primary_conninfo` names another machine and does not ask for TLS.",
    ),
    fact(
        "trusting_records",
        Type::List(&Type::String),
        "Records of `pg_hba.conf` that let local users in without a password, as users who are no superusers.",
    ),
    fact(
        "untrusted_libraries",
        Type::List(&Type::String),
        "Libraries that are loaded from a folder that others write to.",
    ),
    fact("weak_ciphers", Type::List(&Type::String), "Ciphers that clients may use and that are broken or weak."),
    fact("wildcard_addresses", Type::List(&Type::String), "Those of `listen_addresses` that mean every interface."),
    of_line("winner", Type::String, "The value that wins."),
    fact(
        "writable_files",
        Type::List(&Type::String),
        "Files of it, or their folders, that everybody with an account on the machine may write to; of a project none.",
    ),
];

/// Both tables in one.
static KEYS: [Key; PARAMETERS.len() + FACTS.len()] = schema::merged(&of_parameters(), &FACTS);

#[expect(clippy::indexing_slicing, clippy::large_stack_arrays, reason = "it runs in the compiler alone")]
const fn of_parameters() -> [Key; PARAMETERS.len()] {
    let mut keys = [schema::NO_KEY; PARAMETERS.len()];
    let mut at = 0;
    while at < PARAMETERS.len() {
        keys[at] = of_parameter(&PARAMETERS[at]);
        at += 1;
    }
    keys
}

const fn is(name: &str, other: &str) -> bool {
    !schema::before(name, other) && !schema::before(other, name)
}

const fn of_parameter(parameter: &'static Parameter) -> Key {
    // What is gone from the newest version, or is decided by the machine, is filled in while resolving.
    let gone = parameter.last() < super::parameter::KNOWN.1;
    let default = if gone || parameter.defaults.is_empty() { Default::Absent } else { defaults(parameter) };
    let made = key(parameter.name, parameter_type(parameter), SERVER, default, parameter.doc, parameter.page.url());
    let secret = is(SECRETS[0], parameter.name) || is(SECRETS[1], parameter.name);
    Key { secret, ..made }
}

const fn defaults(parameter: &'static Parameter) -> Default {
    Default::Since(parameter.defaults)
}

/// The type of its values over all versions: where these differ, text.
const fn parameter_type(parameter: &Parameter) -> Type {
    let (mut bools, mut ints, mut reals, mut rest) = (0, 0, 0, parameter.rows);
    while let [Row(_, _, takes, ..), after @ ..] = rest {
        match takes {
            Takes::Bool => bools += 1,
            Takes::Int(..) => ints += 1,
            Takes::Real(..) => reals += 1,
            Takes::Text | Takes::Enum(_) => {}
        }
        rest = after;
    }
    let at = parameter.rows.len();
    if bools == at {
        Type::Bool
    } else if ints == at {
        Type::Int
    } else if ints + reals == at {
        Type::Float
    } else {
        Type::String
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        assert_eq!(crate::schema::check(&super::SCHEMA), Ok(()));
    }
}
