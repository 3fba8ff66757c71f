//! The kinds of a file of variables, and the facts of them. Its keys are the variables' own names, which no table lists.

use crate::schema::{Default, Index, Key, Kind, KindId, Schema, Type};
use crate::version::{Version, Versions};

/// The file.
pub(super) const FILE: KindId = KindId(0);
/// Where it lies.
pub(super) const PLACE: KindId = KindId(1);
/// A secret in it.
pub(super) const SECRET: KindId = KindId(2);
/// A variable that is set again.
pub(super) const REPEAT: KindId = KindId(3);
/// A variable that switches something.
pub(super) const SWITCH: KindId = KindId(4);
/// An address.
pub(super) const URL: KindId = KindId(5);
/// A mail server.
pub(super) const MAIL: KindId = KindId(6);

const TEXTS: Type = Type::List(&Type::String);

const fn kind(name: &'static str, plural: &'static str, doc: &'static str) -> Kind {
    Kind { name, plural, doc }
}

/// A fact that is always there.
const fn fact(kinds: &'static [&'static str], name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        kind("file", "files", "The file, and the variables that it sets."),
        kind("place", "places", "A file that has secrets in it, and where it lies."),
        kind("secret", "secrets", "A secret that stands in the file in full."),
        kind("repeat", "repeats", "A variable that is set more than once, to different values."),
        kind("switch", "switches", "A variable that switches debugging on, or the checks of certificates off."),
        kind("url", "urls", "The address of a database, a store or a queue on another machine."),
        kind("mail", "mails", "A mail server on another machine, by the variables of one prefix."),
    ],
    keys: KEYS,
    program: "env",
    supported: Versions { oldest: Version([0, 0, 0]), newest: Version([0, 0, 0]) },
    index: Index::new(),
};

const KEYS: &[Key] = &[
    fact(&["place"], "copy", Type::Bool, "Whether its name is that of a copy that somebody or an editor put aside."),
    fact(&["repeat"], "differ", Type::Bool, "The value that counts, where an earlier line has another."),
    fact(&["secret"], "encrypted", Type::Bool, "Whether it is a private key that takes a passphrase to be used."),
    fact(
        &["place"],
        "exposed",
        Type::Bool,
        "Whether everybody who has an account on the machine may read the file; of a project nobody knows.",
    ),
    fact(
        &["secret"],
        "fits_form",
        Type::Bool,
        "Whether a key for Fernet has the form without which it is refused; true of all other secrets.",
    ),
    fact(
        &["secret"],
        "form",
        Type::String,
        "What its value is by its form: `provider`, `test` for a provider's test key, `private-key`; else empty.",
    ),
    fact(
        &["place"],
        "git",
        Type::String,
        "What git does with the file: `tracked`, `ignored`, `untracked`; empty where there is no repository, or that is not known.",
    ),
    fact(
        &["secret"],
        "given_to_browsers",
        Type::Bool,
        "Whether the variable's name has build tools write the value into what every visitor is sent, and says that it is a secret.",
    ),
    fact(&["mail", "url"], "host", Type::String, "The other machine."),
    fact(&["secret"], "in_pages", Type::Bool, "Whether build tools write the value into what every visitor is sent."),
    fact(&["repeat"], "is_secret", Type::Bool, "Whether its name is that of a secret."),
    Key {
        secret: true,
        ..fact(&["place"], "kept", TEXTS, "A secret that nobody could guess, as it stands in the file.")
    },
    fact(&["secret"], "length", Type::Int, "How many bytes it has."),
    fact(&["place"], "mode", Type::Int, "The permissions of the file: 420 is `0644`; zero where the system has none."),
    fact(&["mail"], "port", Type::Int, "The port; zero where none is set."),
    fact(&["secret"], "provider", Type::String, "Who gave the key out; empty where its form does not tell."),
    fact(
        &["secret"],
        "purpose",
        Type::String,
        "What it is for by its name: `key` signs or encrypts, `password`, or `account` with somebody else's service.",
    ),
    fact(
        &["secret"],
        "read_differently",
        TEXTS,
        "The programs that are known to read the file and differ in what the value is.",
    ),
    fact(&["url"], "scheme", Type::String, "What answers there: `postgres`, `redis`, `amqp`, `mongodb` or `mysql`."),
    Key { secret: true, ..fact(&["secret"], "secret_value", Type::String, "The value.") },
    fact(
        &["mail"],
        "server_checked",
        Type::Bool,
        "Whether the certificate of the server is checked, as far as variables say.",
    ),
    fact(
        &["secret"],
        "short",
        Type::Bool,
        "Whether it is a key of less than 16 bytes, or has less than the settings ask of all secrets.",
    ),
    fact(
        &["mail"],
        "starttls",
        Type::String,
        "Whether STARTTLS is asked for: `on`, `off`, or empty where nothing says.",
    ),
    fact(
        &["secret"],
        "strength",
        Type::String,
        "`template` where the value is one to be filled in, `guessable` for a common word or a name that stands beside it, `drawn` where it looks drawn at random, else `fixed`.",
    ),
    fact(
        &["secret"],
        "swallowed",
        Type::Bool,
        "Whether Compose takes a part of the value for a variable that nothing sets.",
    ),
    fact(
        &["url"],
        "tls",
        Type::String,
        "How TLS is asked for: `none`, `unchecked` where no certificate is checked, `optional` where the client goes on without it, `unset` where nothing says, `checked`, or empty where that is not known.",
    ),
    fact(
        &["mail"],
        "tls",
        Type::String,
        "Whether TLS from the first byte is asked for: `on`, `off`, or empty where nothing says.",
    ),
    fact(&["switch"], "turns", Type::String, "What it does: `debug`, or `tls` where certificates are not checked."),
    fact(
        &["secret"],
        "weakness",
        Type::String,
        "What makes it easy to guess: `user` for the name of the user in the same address, `name` for one that stands beside it, `word`; empty for nothing.",
    ),
    fact(&["switch"], "what", Type::String, "What it switches, in words."),
    fact(&["mail", "url"], "with_password", Type::Bool, "Whether a password is sent there."),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        crate::schema::check(&super::SCHEMA).unwrap();
    }
}
