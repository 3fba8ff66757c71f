//! The kinds and keys of `pg_hba.conf`: its fields as `pg_hba_file_rules` names them, and what follows from them.

use crate::schema::{Default, Index, Key, Kind, KindId, Schema, Type};
use crate::version::{Version, Versions};

/// The kinds, by their places in [`SCHEMA`].
pub(super) const FILE: KindId = KindId(0);
pub(super) const RECORD: KindId = KindId(1);

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "file", plural: "files", doc: "The file, with all that it includes." },
        Kind {
            name: "record",
            plural: "records",
            doc: "A record; of those that match a connection the first decides.",
        },
    ],
    keys: KEYS,
    program: "postgres",
    supported: Versions { oldest: Version([15, 0, 0]), newest: Version([18, 0, 0]) },
    index: Index::new(),
};

const URL: &str = "https://www.postgresql.org/docs/18/auth-pg-hba-conf.html";
const LDAP: &str = "https://www.postgresql.org/docs/18/auth-ldap.html";
const RADIUS: &str = "https://www.postgresql.org/docs/18/auth-radius.html";
const RECORDS: &[&str] = &["record"];
const FILES: &[&str] = &["file"];

const fn field(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key {
        name,
        ty,
        kinds: RECORDS,
        inherits: false,
        default: Default::Absent,
        fact: false,
        secret: false,
        doc,
        url: URL,
    }
}

const fn always(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { default: Default::Filled, ..field(name, ty, doc) }
}

const fn secret(name: &'static str, doc: &'static str, url: &'static str) -> Key {
    Key { secret: true, url, ..field(name, Type::String, doc) }
}

const fn fact(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { fact: true, default: Default::Filled, url: "", ..field(name, ty, doc) }
}

const fn perhaps(name: &'static str, ty: Type, kinds: &'static [&'static str], doc: &'static str) -> Key {
    Key { kinds, default: Default::Absent, ..fact(name, ty, doc) }
}

/// Sorted by name.
const KEYS: &[Key] = &[
    field("address", Type::String, "Which clients it is for."),
    always("auth_method", Type::String, "How they have to prove who they are."),
    always("database", Type::List(&Type::String), "Which databases it is for."),
    fact("every_address", Type::Bool, "Whether it is for every address, or for a good part of the public ones."),
    fact("every_user", Type::Bool, "Whether it is for every role."),
    fact("in_container", Type::Bool, "Whether it lies beside what makes an image, so that the machine is a container."),
    fact(
        "in_image",
        Type::Bool,
        "Whether what makes an image takes the file: the port that is published decides who reaches the server.",
    ),
    fact("ldap_in_clear", Type::Bool, "Whether it asks a directory without TLS."),
    secret("ldapbindpasswd", "The password that it asks the directory with.", LDAP),
    field("netmask", Type::String, "The bits of the address that count."),
    perhaps("never", Type::String, RECORDS, "Why no connection ever comes to it."),
    fact(
        "only_in_project",
        Type::Bool,
        "Whether only services of Compose projects that publish no port of theirs are seen to read the file.",
    ),
    field("options", Type::List(&Type::String), "What the method is told."),
    fact("plaintext", Type::Bool, "Whether connections without encryption come to it."),
    fact("public", Type::Bool, "Whether it is for addresses outside of private networks."),
    secret("radiussecrets", "What it shares with the RADIUS servers.", RADIUS),
    fact("remote", Type::Bool, "Whether connections from other machines come to it."),
    fact("replication", Type::Bool, "Whether it lets a whole copy be made."),
    fact("same_as_shadowing", Type::Bool, "Whether the record that it is shadowed by decides the same way."),
    perhaps("shadowed_by", Type::Scope("record"), RECORDS, "The earlier record that takes all its connections."),
    perhaps("ssl", Type::Bool, FILES, "Whether the server speaks TLS."),
    perhaps("ssl_ca_file", Type::String, FILES, "The authorities whose certificates clients may show."),
    perhaps(
        "stores_md5",
        Type::Bool,
        FILES,
        "Whether the server stores passwords as MD5, or is too old to know anything else.",
    ),
    perhaps(
        "stores_scram",
        Type::Bool,
        FILES,
        "Whether passwords are stored for SCRAM, as the server is of 14 or later and nothing says otherwise.",
    ),
    fact("superuser", Type::Bool, "Whether the role `postgres`, which may do everything, comes to it."),
    fact("superuser_named", Type::Bool, "Whether it names the role `postgres`."),
    fact("takes_password", Type::Bool, "Whether a password is what lets clients in."),
    always("type", Type::String, "The connections that it is for."),
    perhaps("unread_at", Type::String, FILES, "Where an image has the file, if the server in it reads another one."),
    always("user_name", Type::List(&Type::String), "Which roles it is for."),
    fact("verifies_client", Type::Bool, "Whether clients have to show a certificate."),
    Key {
        kinds: FILES,
        ..fact(
            "writable_files",
            Type::List(&Type::String),
            "Files of it, or their folders, that everybody with an account on the machine may write to; of a project none.",
        )
    },
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        assert_eq!(crate::schema::check(&super::SCHEMA), Ok(()));
    }
}
