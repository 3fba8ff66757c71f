//! The kinds and keys of applications: what they and their middleware are made with, and the facts.
//!
//! Defaults are those of `FastAPI` 0.165, Starlette 1.10 and uvicorn 0.54; they are the same since the oldest versions that are judged.

use crate::schema::{Default, Index, Key, Kind, Schema, Type};

const APP: &str = "https://fastapi.tiangolo.com/reference/fastapi/";
const MIDDLEWARE: &str = "https://www.starlette.io/middleware/";

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "module", plural: "modules", doc: "A module of the application." },
        Kind { name: "app", plural: "apps", doc: "An application that the module makes." },
        Kind {
            name: "cors",
            plural: "cors_policies",
            doc: "The middleware that opens an application to other origins.",
        },
        Kind { name: "session", plural: "sessions", doc: "The middleware that keeps sessions in a signed cookie." },
        Kind { name: "trusted_host", plural: "trusted_hosts", doc: "The middleware that looks at the Host header." },
        Kind {
            name: "proxy_headers",
            plural: "proxies",
            doc: "The middleware that believes proxies about where requests come from.",
        },
        Kind { name: "middleware", plural: "middlewares", doc: "Any other middleware that is known." },
        Kind {
            name: "setting",
            plural: "settings",
            doc: "A field of a class of settings, or a value that a variable stands behind.",
        },
        Kind { name: "key", plural: "signing_keys", doc: "A key that cookies or tokens are signed with." },
        Kind {
            name: "literal",
            plural: "literals",
            doc: "A name of the module behind which a secret of another program stands in full.",
        },
        Kind { name: "token", plural: "tokens", doc: "A call that signs a token, or reads one." },
        Kind { name: "server", plural: "servers", doc: "A server that is started." },
        Kind { name: "option", plural: "options", doc: "An option of a server that weakens it." },
        Kind { name: "hashing", plural: "hashings", doc: "How passwords are hashed." },
        Kind {
            name: "static_files",
            plural: "static_folders",
            doc: "A folder whose files the application gives out as they are.",
        },
    ],
    keys: KEYS,
    // The one program of these whose defaults differ between versions.
    program: "gunicorn",
    supported: super::gunicorn::SUPPORTED,
    index: Index::new(),
};

const fn of(name: &'static str, kinds: &'static [&'static str], url: &'static str, doc: &'static str) -> Key {
    Key { name, ty: Type::Any, kinds, inherits: false, default: Default::Absent, fact: false, secret: false, doc, url }
}

const fn app(name: &'static str, doc: &'static str) -> Key {
    of(name, &["app"], APP, doc)
}

const fn ware(name: &'static str, kinds: &'static [&'static str], doc: &'static str) -> Key {
    of(name, kinds, MIDDLEWARE, doc)
}

const fn fact(name: &'static str, kinds: &'static [&'static str], ty: Type, doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

const fn perhaps(key: Key) -> Key {
    Key { default: Default::Absent, ..key }
}

static KEYS: &[Key] = &[
    fact("algorithm", &["token"], Type::String, "the algorithm that it asks for, if that is known"),
    ware("allow_credentials", &["cors"], "Whether other origins may ask with the visitor's cookies."),
    ware("allow_headers", &["cors"], "The headers that other origins may send."),
    ware("allow_methods", &["cors"], "The methods that other origins may use."),
    ware("allow_origin_regex", &["cors"], "A pattern for the origins that are let in."),
    ware("allow_origins", &["cors"], "The origins that are let in."),
    ware("allowed_hosts", &["trusted_host"], "The hosts that are answered for."),
    fact("any_host", &["trusted_host"], Type::Bool, "Whether it lets every host through"),
    fact("any_origin", &["cors"], Type::Bool, "Whether any origin at all is let in"),
    fact("binds_publicly", &["server"], Type::Bool, "Whether it listens on every address"),
    fact("crosses_sites", &["session"], Type::Bool, "Whether requests that other sites bring about carry the session"),
    app("debug", "Whether tracebacks are sent to visitors."),
    app("docs_url", "The path of the page that documents the interface."),
    ware("domain", &["session"], "The domain that the cookie is for."),
    ware("expose_headers", &["cors"], "The headers that other origins may read."),
    fact("framework", &["app"], Type::String, "what it is made of"),
    fact("group", &["option"], Type::String, "what it is about"),
    fact("harm", &["option"], Type::String, "what follows"),
    fact("has_app", &["module"], Type::Bool, "Whether the module makes an application"),
    fact("has_docs", &["app"], Type::Bool, "Whether the interface is documented to everybody"),
    ware("https_only", &["session"], "Whether browsers keep the cookie to HTTPS."),
    fact("impostor", &["cors"], Type::String, "who else can have an origin that is let in, or stand in its place"),
    fact(
        "is_administrators",
        &["setting"],
        Type::Bool,
        "Whether it is the password of an account that may do everything",
    ),
    fact("is_command", &["server"], Type::Bool, "Whether a command line starts it"),
    fact("is_committed", &["key", "setting"], Type::Bool, "Whether the file is in the repository"),
    fact(
        "is_conditional",
        &["cors", "session", "trusted_host", "proxy_headers", "middleware", "server", "option"],
        Type::Bool,
        "Whether it is only there under a condition that is not known",
    ),
    fact("is_debug", &["app"], Type::Bool, "Whether tracebacks are sent to visitors"),
    fact("is_empty", &["key", "setting"], Type::Bool, "Whether there is nothing in it"),
    fact(
        "is_for_developers",
        &["setting"],
        Type::Bool,
        "Whether it says that the application runs for developers where nothing says otherwise",
    ),
    fact("is_https_only", &["session"], Type::Bool, "Whether browsers keep the cookie to HTTPS"),
    fact("is_key", &["setting"], Type::Bool, "Whether the name says that something is signed or encrypted with it"),
    fact("is_loose", &["cors"], Type::Bool, "Whether the pattern lets in more names than it means"),
    fact(
        "is_published",
        &["app", "proxy_headers", "server"],
        Type::Bool,
        "Whether other machines reach a port of a service that runs it",
    ),
    fact("is_secret", &["setting"], Type::Bool, "Whether the name says that the value is secret"),
    fact(
        "is_started",
        &["server"],
        Type::Bool,
        "Whether a service or an image starts the module as a program, or it starts whenever the module is loaded",
    ),
    fact("is_switch", &["setting"], Type::Bool, "Whether it is on or off by default, and any text turns it on"),
    fact("is_weak", &["hashing"], Type::Bool, "Whether new passwords are hashed in a way that is fast to guess"),
    fact("key_is_empty", &["token"], Type::Bool, "Whether the key is written there and has nothing in it"),
    ware("max_age", &["cors", "session"], "For how many seconds it holds."),
    fact("name", &["setting", "key", "option", "literal"], Type::String, "the name"),
    ware("openapi_url", &["app"], "The path of the description of the interface."),
    fact(
        "opens_elsewhere",
        &["setting", "literal"],
        Type::Bool,
        "Whether it is for a service of others, which takes it from whoever has it",
    ),
    fact("origin", &["setting", "key"], Type::String, "where the value comes from"),
    ware("path", &["session"], "The path that the cookie is for."),
    fact("program", &["server"], Type::String, "the server"),
    fact("reach", &["static_files"], Type::String, "what is given out that is no file for visitors"),
    ware("redoc_url", &["app"], "The path of the other page that documents the interface."),
    fact("reloads", &["server"], Type::Bool, "Whether it watches the files, and loads them anew"),
    perhaps(fact("repr", &["setting"], Type::String, "the value as Python writes it")),
    ware("root_path", &["app"], "The path that a proxy puts before those of the application."),
    fact("rounds", &["hashing"], Type::Int, "the rounds that bcrypt takes, 0 where nothing says so"),
    ware("same_site", &["session"], "Which requests of other sites carry the cookie."),
    fact("scheme", &["hashing"], Type::String, "how new passwords are hashed"),
    Key { secret: true, ..ware("secret_key", &["session"], "The key that the cookie is signed with.") },
    Key {
        secret: true,
        ..perhaps(fact("secret_repr", &["setting", "literal", "key"], Type::String, "the secret value"))
    },
    ware("session_cookie", &["session"], "The name of the cookie."),
    fact("stands_in", &["literal"], Type::Bool, "Whether it is only taken where a variable is not set"),
    fact("strength", &["key"], Type::String, "what the key is worth"),
    fact("takes_any_algorithm", &["token"], Type::Bool, "Whether tokens without a signature are taken"),
    ware("trusted_hosts", &["proxy_headers"], "The proxies that are believed."),
    fact(
        "trusts_everybody",
        &["proxy_headers", "server"],
        Type::Bool,
        "Whether everybody is believed about addresses and schemes",
    ),
    fact("under_main", &["server"], Type::Bool, "Whether it is started only where the module is started as a program"),
    fact("use", &["key"], Type::String, "what it signs"),
    fact("verifies", &["token"], Type::Bool, "Whether the signature is looked at"),
    fact("verifies_expiry", &["token"], Type::Bool, "Whether the time is looked at until which a token holds"),
    fact("with_credentials", &["cors"], Type::Bool, "Whether other origins may read with the visitor's cookies"),
    ware("www_redirect", &["trusted_host"], "Whether a host that only lacks `www.` is led there."),
];
