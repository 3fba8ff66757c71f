//! The kinds and keys of `airflow.cfg`: Airflow's own options, and what follows from them.

use super::option::{Ask, Opt};
use super::options::OPTIONS;
use crate::schema::{self, Default, Index, Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind {
            name: "config",
            plural: "configs",
            doc: "The configuration as a whole: options are named `section.option`.",
        },
        Kind { name: "section", plural: "sections", doc: "A section as it is written." },
        Kind {
            name: "login",
            plural: "logins",
            doc: "How people log in: `webserver_config.py`, or the section `fab` of `airflow.cfg`.",
        },
    ],
    keys: &KEYS,
    program: "airflow",
    supported: Versions { oldest: Version([2, 10, 0]), newest: Version([3, 3, 0]) },
    index: Index::new(),
};

const CONFIG: &[&str] = &["config"];
const LOGIN: &[&str] = &["login"];

const fn fact(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { fact: true, ..key(name, ty, Default::Filled, doc, "") }
}

/// A setting of `webserver_config.py`.
const fn of_login(name: &'static str, ty: Type, doc: &'static str) -> Key {
    let url = "https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/webserver-authentication.html";
    Key { kinds: LOGIN, ..key(name, ty, Default::Absent, doc, url) }
}

const fn login_fact(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { kinds: LOGIN, ..fact(name, ty, doc) }
}

const fn key(name: &'static str, ty: Type, default: Default, doc: &'static str, url: &'static str) -> Key {
    Key { name, ty, kinds: CONFIG, inherits: false, default, fact: false, secret: false, doc, url }
}

/// Derived keys, sorted by name. A secret's *state* is one of `unset`, `empty`, `placeholder`, `weak`, `invalid` and
/// `literal`, or `given` where a variable gives it; it is unknown where a command or a backend does.
const FACTS: [Key; 32] = [
    of_login("AUTH_ROLE_PUBLIC", Type::String, "The role of visitors that have not logged in."),
    of_login("AUTH_TYPE", Type::String, "How users prove who they are."),
    of_login("AUTH_USER_REGISTRATION", Type::Bool, "Whether users make their accounts themselves."),
    of_login("AUTH_USER_REGISTRATION_ROLE", Type::String, "The role of users that made their account themselves."),
    of_login("WTF_CSRF_ENABLED", Type::Bool, "Whether forms are protected against requests of other sites."),
    fact("all_admins", Type::Bool, "Whether everybody is an administrator without logging in (3.x)."),
    fact("api_allows_all", Type::Bool, "Whether a backend of the API lets everybody in."),
    fact(
        "connection_password_state",
        Type::String,
        "The state of the password that stands in the address of a store: `weak`, `literal`, or empty.",
    ),
    fact("connections_tested", Type::Bool, "Whether users may have Airflow connect to any address."),
    fact(
        "cookie_over_http",
        Type::Bool,
        "Whether the session's cookie of 2.x goes over plain HTTP though the site has HTTPS.",
    ),
    fact("cookie_samesite_off", Type::Bool, "Whether the session's cookie is sent with requests from other sites."),
    fact(
        "deserializes_anything",
        Type::Bool,
        "Whether values that tasks hand on are read back as objects of any class.",
    ),
    fact("examples_loaded", Type::Bool, "Whether the examples that come with Airflow are set to be loaded."),
    fact("exposes_config", Type::Bool, "Whether the configuration is shown, secrets and all."),
    fact("exposes_public_config", Type::Bool, "Whether the configuration is shown without its secrets."),
    fact("fernet_key_state", Type::String, "The state of the key that encrypts connections."),
    login_fact("forms_unprotected", Type::Bool, "Whether other sites may send its forms."),
    fact("frames_allowed", Type::Bool, "Whether 2.x lets other sites show it in a frame."),
    login_fact("from_directory", Type::Bool, "Whether only users of a directory or of the proxy before it come in."),
    fact("jwt_secret_shared", Type::Bool, "Whether the secret of tokens is also another secret."),
    fact("jwt_secret_state", Type::String, "The state of the secret that signs tokens (3.x)."),
    fact("login_disabled", Type::Bool, "Whether `authenticate` of 1.10 lets everybody in without logging in."),
    fact("mail_in_clear_text", Type::Bool, "Whether mail leaves for another machine without TLS."),
    fact("metadata_in_sqlite", Type::Bool, "Whether the metadata is in SQLite."),
    fact("password_over_http", Type::Bool, "Whether the API takes passwords at an address that is not HTTPS."),
    login_fact("public_role", Type::String, "The role that visitors have without logging in; empty for none."),
    login_fact(
        "registration_role",
        Type::String,
        "The role that people get who make an account for themselves; empty where nobody can, or for none.",
    ),
    fact("secret_key_state", Type::String, "The state of the secret that signs sessions."),
    fact("secrets_shown", Type::Bool, "Whether secrets of variables and connections are shown as they are."),
    fact(
        "simple_auth_manager",
        Type::Bool,
        "Whether users are told by the simple manager, with generated passwords (3.x).",
    ),
    fact("stacktraces_shown", Type::Bool, "Whether errors are answered with the stack of the program."),
    fact(
        "written_secrets",
        Type::List(&Type::String),
        "Options that hold a password or a token as it stands, beside the addresses and keys that have facts of their own.",
    ),
];

/// Both tables in one.
static KEYS: [Key; OPTIONS.len() + FACTS.len()] = schema::merged(&of_options(), &FACTS);

#[expect(clippy::indexing_slicing, clippy::large_stack_arrays, reason = "it runs in the compiler alone")]
const fn of_options() -> [Key; OPTIONS.len()] {
    let mut keys = [schema::NO_KEY; OPTIONS.len()];
    let mut at = 0;
    while at < OPTIONS.len() {
        keys[at] = of_option(&OPTIONS[at]);
        at += 1;
    }
    keys
}

const fn of_option(option: &'static Opt) -> Key {
    // A default that is the same in all versions stands here; the others are filled in while resolving.
    let default = match option.defaults {
        [(Version([2, 8, _]), None, Ask::Is(text))] => Default::Always(text),
        _ => Default::Absent,
    };
    let url = "https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html";
    Key { secret: option.sensitive, ..key(option.name, Type::Any, default, option.doc, url) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        assert_eq!(crate::schema::check(&super::SCHEMA), Ok(()));
    }
}
