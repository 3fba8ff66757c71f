//! The kinds and keys of `redis.conf`: redis' own directives, and what follows from them.

use super::directives::{DIRECTIVES, Directive, Takes};
use crate::schema::{self, Default, Index, Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

/// The kinds, by their places in [`SCHEMA`].
pub(super) mod kind {
    use crate::schema::KindId;
    pub(crate) const SERVER: KindId = KindId(0);
    pub(crate) const USER: KindId = KindId(1);
    pub(crate) const PASSWORD: KindId = KindId(2);
    pub(crate) const RENAMED: KindId = KindId(3);
    pub(crate) const COMMENT: KindId = KindId(4);
}

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "server", plural: "servers", doc: "The server that the file starts." },
        Kind { name: "user", plural: "users", doc: "A user of access control that a `user` line or `aclfile` names." },
        Kind { name: "password", plural: "passwords", doc: "A password that stands in the file and opens the server." },
        Kind {
            name: "renamed",
            plural: "renamed_commands",
            doc: "A command that `rename-command` renames or takes away.",
        },
        Kind {
            name: "trailing_comment",
            plural: "trailing_comments",
            doc: "Words behind a directive that are meant as a comment, and are read as its arguments.",
        },
    ],
    keys: &KEYS,
    program: "redis",
    supported: Versions { oldest: Version([7, 0, 0]), newest: Version([8, 2, 0]) },
    index: Index::new(),
};

const SERVER: &[&str] = &["server"];
const USER: &[&str] = &["user"];
const PASSWORD: &[&str] = &["password"];
const RENAMED: &[&str] = &["renamed"];
const COMMENT: &[&str] = &["trailing_comment"];

const URL: &str = "https://redis.io/docs/latest/operate/oss_and_stack/management/config/";

const fn fact(name: &'static str, ty: Type, kinds: &'static [&'static str], doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

/// Derived keys, sorted by name.
const FACTS: [Key; 26] = [
    fact("all_commands", Type::Bool, USER, "Whether the user may use every command."),
    fact("all_keys", Type::Bool, USER, "Whether the user may use every key."),
    fact("binds_publicly", Type::Bool, SERVER, "Whether it listens on an address that is not of the machine alone."),
    fact("characters", Type::Int, PASSWORD, "How many characters the password has."),
    fact("default_user_open", Type::Bool, SERVER, "Whether everybody who connects is let in as the default user."),
    fact("enabled", Type::Bool, USER, "Whether the user can log in."),
    fact("exposed", Type::Bool, PASSWORD, "Whether everybody on the machine may read the file that it stands in."),
    fact("guessable", Type::Bool, PASSWORD, "Whether the password is a well-known or a placeholder's."),
    fact("in_image", Type::Bool, SERVER, "Whether a Dockerfile at hand copies the file into an image."),
    fact("is_default", Type::Bool, USER, "Whether it is the user that connections begin as."),
    fact("legacy_protocols", Type::List(&Type::String), SERVER, "Versions of TLS before 1.2 that clients may use."),
    fact("master_is_remote", Type::Bool, SERVER, "Whether it copies its data from another machine."),
    fact("nopass", Type::Bool, USER, "Whether any password gets in."),
    fact(
        "only_in_project",
        Type::Bool,
        SERVER,
        "Whether only services of Compose projects that publish no port of theirs are seen to read the file.",
    ),
    fact(
        "overridden_password",
        Type::Bool,
        SERVER,
        "Whether `requirepass` is set, and a user line or `aclfile` lets everybody in all the same.",
    ),
    fact("plaintext_port", Type::Bool, SERVER, "Whether it speaks without TLS on a TCP port."),
    fact("present", Type::Bool, COMMENT, "Whether the line is there; a template may leave it out."),
    fact(
        "public_addresses",
        Type::List(&Type::String),
        SERVER,
        "Those of its addresses that are not of the machine alone.",
    ),
    fact("removed", Type::Bool, RENAMED, "Whether the command is taken away altogether."),
    fact("sentinel", Type::Bool, SERVER, "Whether the file is for Sentinel, which watches servers."),
    fact("short", Type::Bool, PASSWORD, "Whether it has less than 32 characters, or than the settings ask for."),
    fact("tcp", Type::Bool, SERVER, "Whether it listens on a TCP port at all."),
    // Whoever knows the name can use the command.
    Key { secret: true, ..fact("to", Type::String, RENAMED, "The command's new name.") },
    fact(
        "weak_ciphers",
        Type::List(&Type::String),
        SERVER,
        "Ciphers that clients may use and that are broken or weak.",
    ),
    fact("wildcard_addresses", Type::List(&Type::String), SERVER, "Those of its addresses that mean every interface."),
    fact(
        "writable_files",
        Type::List(&Type::String),
        SERVER,
        "Files of it, or their folders, that everybody with an account on the machine may write to; of a project none.",
    ),
];

/// Both tables in one.
static KEYS: [Key; DIRECTIVES.len() + FACTS.len()] = schema::merged(&of_directives(), &FACTS);

#[expect(clippy::indexing_slicing, clippy::large_stack_arrays, reason = "it runs in the compiler alone")]
const fn of_directives() -> [Key; DIRECTIVES.len()] {
    let mut keys = [schema::NO_KEY; DIRECTIVES.len()];
    let mut at = 0;
    while at < DIRECTIVES.len() {
        keys[at] = of_directive(&DIRECTIVES[at]);
        at += 1;
    }
    keys
}

const fn of_directive(row: &'static Directive) -> Key {
    let ty = match row.takes {
        Takes::Bool => Type::Bool,
        Takes::Int(..) | Takes::Memory(..) | Takes::Unsigned | Takes::Octal => Type::Int,
        Takes::Bind => Type::List(&Type::String),
        _ => Type::String,
    };
    Key {
        name: row.name,
        ty,
        kinds: SERVER,
        inherits: false,
        default: row.default,
        fact: false,
        secret: row.secret,
        doc: row.doc,
        url: URL,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        assert_eq!(crate::schema::check(&super::SCHEMA), Ok(()));
    }
}
