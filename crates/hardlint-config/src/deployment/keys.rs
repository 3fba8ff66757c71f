//! The kinds and keys of a deployment: nothing in it is written by anybody, all of it follows from files.

use crate::schema::{Default, Index, Key, Kind, KindId, Schema, Type};
use crate::version::{Version, Versions};

/// The kinds, by their places in [`SCHEMA`].
pub(super) const DEPLOYMENT: KindId = KindId(0);
pub(super) const SERVICE: KindId = KindId(1);
pub(super) const ROUTE: KindId = KindId(2);
pub(super) const REUSE: KindId = KindId(3);
pub(super) const EXIT: KindId = KindId(4);
pub(super) const NEED: KindId = KindId(5);

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "deployment", plural: "deployments", doc: "A Compose project with all that it is linked to." },
        Kind { name: "service", plural: "services", doc: "A service, with its image, its files and who reaches it." },
        Kind {
            name: "route",
            plural: "routes",
            doc: "Requests that an nginx of the deployment passes on to a service.",
        },
        Kind { name: "reuse", plural: "reuses", doc: "A secret that two variables hold, by the name of one." },
        Kind {
            name: "exit",
            plural: "exits",
            doc: "Requests that an nginx of the deployment passes on to a machine beyond it, by the name of that.",
        },
        Kind {
            name: "need",
            plural: "needs",
            doc: "A variable of a service that asks for something which nothing gives it, by its name.",
        },
    ],
    keys: KEYS,
    program: "deployment",
    supported: Versions { oldest: Version([1, 0, 0]), newest: Version([1, 0, 0]) },
    index: Index::new(),
};

const DEPLOYMENTS: &[&str] = &["deployment"];
const SERVICES: &[&str] = &["service"];
const REUSES: &[&str] = &["reuse"];
const ROUTES: &[&str] = &["route"];
const EXITS: &[&str] = &["exit"];
const NEEDS: &[&str] = &["need"];
const TEXTS: Type = Type::List(&Type::String);

const fn fact(kinds: &'static [&'static str], name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

/// Sorted by name.
const KEYS: &[Key] = &[
    fact(
        SERVICES,
        "believes_everybody",
        Type::String,
        "The server that believes what every client says in `X-Forwarded` headers, such as `Uvicorn`; empty for none.",
    ),
    fact(
        SERVICES,
        "bypassed_proxy",
        Type::String,
        "The proxy of the deployment that leads to the port which the service publishes as well; empty for none.",
    ),
    fact(EXITS, "clear_text", Type::Bool, "Whether what it passes on is not encrypted."),
    fact(
        ROUTES,
        "console",
        Type::String,
        "The management interface that it leads to, such as `Adminer`; empty for none.",
    ),
    fact(ROUTES, "console_asks", Type::Bool, "Whether that management interface was told to ask for a login."),
    fact(
        SERVICES,
        "control_socket",
        Type::String,
        "The engine whose control socket it holds, such as `Docker`; empty for none.",
    ),
    fact(REUSES, "differ", Type::Bool, "Whether the two are for different things, and no copies of one secret."),
    fact(EXITS, "encrypted", Type::Bool, "Whether clients reach the proxy's server over TLS."),
    fact(ROUTES, "encrypted", Type::Bool, "Whether clients reach the proxy's server over TLS alone."),
    fact(SERVICES, "for_developers", Type::Bool, "Whether its file says that it is for those who write the program."),
    fact(
        SERVICES,
        "gives_away",
        TEXTS,
        "Files of variables that the image holds: the build copies its whole folder, and its name is one that is pushed.",
    ),
    fact(
        SERVICES,
        "login",
        Type::String,
        "Why its store lets everybody in who reaches it: `none` where no password is asked for, `ignored` where only a variable is set that the image does not read, `default` where a published one is asked for, or one that everybody tries, `trust` where `pg_hba.conf` asks other machines for none; empty elsewhere.",
    ),
    fact(
        NEEDS,
        "missing_secret",
        Type::String,
        "The file of `/run/secrets` that it names and no secret or mount of the service puts there; empty for none.",
    ),
    fact(
        NEEDS,
        "missing_variable",
        Type::String,
        "The variable that it takes a secret from, where the project's `.env` does not set it and no file beside that names it; empty for none.",
    ),
    fact(SERVICES, "open", Type::Bool, "Whether other machines reach it by a port of its own."),
    fact(REUSES, "other", Type::String, "The variable that holds the same secret."),
    fact(REUSES, "other_service", Type::String, "The service that has it."),
    fact(SERVICES, "program", Type::String, "What runs in it, such as `PostgreSQL`; empty where nothing tells."),
    fact(
        SERVICES,
        "proxies",
        TEXTS,
        "Proxies of the deployment that other machines reach, and that pass requests on to it.",
    ),
    fact(
        SERVICES,
        "proxy_guards",
        Type::Bool,
        "Whether the proxy that is gone past speaks TLS, turns clients away or limits them.",
    ),
    fact(
        SERVICES,
        "queue_of",
        Type::String,
        "The service that takes its tasks from this store; empty where none says so.",
    ),
    fact(SERVICES, "random_port", Type::Bool, "Whether Docker picks the host's port of the store, anew at each start."),
    fact(SERVICES, "reached", Type::Bool, "Whether other machines reach it, by a port of its own or through a proxy."),
    fact(ROUTES, "reached", Type::Bool, "Whether other machines reach the proxy."),
    fact(EXITS, "reached", Type::Bool, "Whether other machines reach the proxy."),
    fact(
        SERVICES,
        "refused_by",
        Type::String,
        "The store that does not speak the TLS which the service asks for; empty for none.",
    ),
    fact(SERVICES, "registry", Type::Bool, "Whether the image's name is one at a registry of its own."),
    fact(ROUTES, "restricted", Type::Bool, "Whether only some clients get through."),
    fact(REUSES, "service", Type::String, "The service that has the variable."),
    fact(
        SERVICES,
        "store",
        Type::String,
        "What its open port answers as, where that is a store: `PostgreSQL`; empty elsewhere.",
    ),
    fact(ROUTES, "target", Type::String, "The service that it leads to."),
    fact(EXITS, "target", Type::String, "The machine that it leads to."),
    fact(
        DEPLOYMENTS,
        "unused_hardening",
        Type::String,
        "What a file takes from services that is made to be laid over the project, and that no command at hand lays over it: `read_only`; empty elsewhere.",
    ),
    fact(
        SERVICES,
        "unused_key",
        Type::String,
        "The private key that it is given, or the folder with certificates where the port of HTTPS is published, and the nginx in it speaks no TLS; empty for none.",
    ),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sound() {
        assert_eq!(crate::schema::check(&super::SCHEMA), Ok(()));
    }
}
