//! The kinds and keys of Flask applications: what `app.config` has, and the facts.
//!
//! Defaults are those of Flask 2.2 to 3.1, as Python writes them. Sources: `flask/app.py` of each version, and the page that each
//! key names.

use crate::schema::{Default, GONE, Index, Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

const V2_2: Version = Version([2, 2, 0]);
const V2_3: Version = Version([2, 3, 0]);
const V3_1: Version = Version([3, 1, 0]);

const PAGE: &str = "https://flask.palletsprojects.com/en/stable/config/";
const OLD: &str = "https://flask.palletsprojects.com/en/2.2.x/config/";
const NONE: Default = Default::Always("None");

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "app", plural: "apps", doc: "The application that the module makes." },
        Kind { name: "setting", plural: "settings", doc: "A setting that the code or the environment makes." },
        Kind { name: "key", plural: "signing_keys", doc: "A key that cookies or tokens are signed with." },
        Kind { name: "debug", plural: "debugs", doc: "A place that turns debugging on." },
        Kind { name: "run", plural: "runs", doc: "A call that starts the server for developers." },
        Kind { name: "cors", plural: "cors_resources", doc: "A resource that Flask-Cors opens to other origins." },
        Kind { name: "origin", plural: "origins", doc: "An origin that Flask-Cors lets in." },
        Kind { name: "protection", plural: "protections", doc: "A protection of Flask-Talisman that is turned off." },
        Kind {
            name: "csp_directive",
            plural: "csp_directives",
            doc: "A directive of the Content-Security-Policy that Flask-Talisman sends.",
        },
        Kind { name: "proxy_fix", plural: "proxy_fixes", doc: "What believes proxies about where requests come from." },
        Kind { name: "limiter", plural: "limiters", doc: "What limits how often somebody may ask." },
        Kind {
            name: "weakening",
            plural: "weakenings",
            doc: "A setting that weakens the application: its logins, its templates, or what its workers take.",
        },
        Kind {
            name: "static_files",
            plural: "static_folders",
            doc: "A folder whose files the application gives out as they are.",
        },
    ],
    keys: KEYS,
    program: "flask",
    supported: Versions { oldest: V2_2, newest: Version([3, 1, 3]) },
    index: Index::new(),
};

/// The settings that Flask itself has, which all have a default in some version.
pub(super) fn defaults() -> impl Iterator<Item = (&'static str, &'static Key)> {
    KEYS.iter().filter(|key| !key.fact && !matches!(key.default, Default::Absent)).map(|key| (key.name, key))
}

const fn setting(name: &'static str, ty: Type, default: Default, doc: &'static str) -> Key {
    Key { name, ty, kinds: &["app"], inherits: false, default, fact: false, secret: false, doc, url: PAGE }
}

const fn secret(name: &'static str, ty: Type, default: Default, doc: &'static str) -> Key {
    Key { secret: true, ..setting(name, ty, default, doc) }
}

const fn since_3_1(
    name: &'static str,
    ty: Type,
    default: &'static [(Version, &'static str)],
    doc: &'static str,
) -> Key {
    setting(name, ty, Default::Since(default), doc)
}

const fn until_2_3(
    name: &'static str,
    ty: Type,
    default: &'static [(Version, &'static str)],
    doc: &'static str,
) -> Key {
    Key { url: OLD, ..setting(name, ty, Default::Since(default), doc) }
}

const fn library(name: &'static str, ty: Type, doc: &'static str, url: &'static str) -> Key {
    Key { url, ..setting(name, ty, Default::Absent, doc) }
}

const fn fact(name: &'static str, kinds: &'static [&'static str], ty: Type, doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

const fn secret_fact(name: &'static str, kinds: &'static [&'static str], ty: Type, doc: &'static str) -> Key {
    Key { secret: true, ..fact(name, kinds, ty, doc) }
}

static KEYS: &[Key] = &[
    setting("APPLICATION_ROOT", Type::String, Default::Always("/"), "The path that the application is served below."),
    setting("DEBUG", Type::Bool, Default::Always("false"), "Whether debug mode is on."),
    until_2_3(
        "ENV",
        Type::Any,
        &[(V2_2, "'production'"), (V2_3, GONE)],
        "The environment that the application runs in.",
    ),
    setting(
        "EXPLAIN_TEMPLATE_LOADING",
        Type::Bool,
        Default::Always("false"),
        "Whether it is logged how templates are found.",
    ),
    until_2_3("JSONIFY_MIMETYPE", Type::Any, &[(V2_2, "None"), (V2_3, GONE)], "The media type of JSON responses."),
    until_2_3(
        "JSONIFY_PRETTYPRINT_REGULAR",
        Type::Any,
        &[(V2_2, "None"), (V2_3, GONE)],
        "Whether JSON responses are laid out for people.",
    ),
    until_2_3("JSON_AS_ASCII", Type::Any, &[(V2_2, "None"), (V2_3, GONE)], "Whether JSON is written as ASCII."),
    until_2_3("JSON_SORT_KEYS", Type::Any, &[(V2_2, "None"), (V2_3, GONE)], "Whether the keys of JSON are sorted."),
    secret("JWT_SECRET_KEY", Type::Any, Default::Absent, "The key that Flask-JWT-Extended signs tokens with."),
    secret("MAIL_PASSWORD", Type::Any, Default::Absent, "The password that Flask-Mail sends mail with."),
    setting("MAX_CONTENT_LENGTH", Type::Any, NONE, "The most bytes that a request's body may have."),
    setting("MAX_COOKIE_SIZE", Type::Int, Default::Always("4093"), "The size above which a cookie is warned about."),
    since_3_1(
        "MAX_FORM_MEMORY_SIZE",
        Type::Any,
        &[(V3_1, "500000")],
        "The most bytes that a field of a form may have which is no file.",
    ),
    since_3_1("MAX_FORM_PARTS", Type::Any, &[(V3_1, "1000")], "The most fields that a form may have."),
    setting(
        "PERMANENT_SESSION_LIFETIME",
        Type::Any,
        Default::Always("datetime.timedelta(days=31)"),
        "How long a session lasts that outlives the browser.",
    ),
    setting("PREFERRED_URL_SCHEME", Type::String, Default::Always("http"), "The scheme of URLs made outside requests."),
    setting("PROPAGATE_EXCEPTIONS", Type::Any, NONE, "Whether exceptions are passed on to the server."),
    since_3_1(
        "PROVIDE_AUTOMATIC_OPTIONS",
        Type::Bool,
        &[(V3_1, "true")],
        "Whether routes answer OPTIONS by themselves.",
    ),
    library(
        "RATELIMIT_STORAGE_URI",
        Type::Any,
        "Where Flask-Limiter counts requests.",
        "https://flask-limiter.readthedocs.io/en/stable/configuration.html",
    ),
    secret("SECRET_KEY", Type::Any, NONE, "The key that sessions and other cookies are signed with."),
    Key {
        secret: true,
        ..since_3_1(
            "SECRET_KEY_FALLBACKS",
            Type::Any,
            &[(V3_1, "None")],
            "Keys that sessions may still be signed with.",
        )
    },
    secret("SECURITY_PASSWORD_SALT", Type::Any, Default::Absent, "What Flask-Security mixes into passwords."),
    setting("SEND_FILE_MAX_AGE_DEFAULT", Type::Any, NONE, "How long browsers may keep files."),
    setting("SERVER_NAME", Type::Any, NONE, "The host that the application answers for."),
    setting("SESSION_COOKIE_DOMAIN", Type::Any, NONE, "The domain that browsers send the session cookie to."),
    setting(
        "SESSION_COOKIE_HTTPONLY",
        Type::Bool,
        Default::Always("true"),
        "Whether scripts are kept from the session cookie.",
    ),
    setting("SESSION_COOKIE_NAME", Type::String, Default::Always("session"), "The name of the session cookie."),
    since_3_1(
        "SESSION_COOKIE_PARTITIONED",
        Type::Bool,
        &[(V3_1, "false")],
        "Whether the session cookie is kept apart for each site that embeds this one.",
    ),
    setting("SESSION_COOKIE_PATH", Type::Any, NONE, "The path that browsers send the session cookie to."),
    setting(
        "SESSION_COOKIE_SAMESITE",
        Type::Any,
        NONE,
        "With which requests from other sites browsers send the session cookie.",
    ),
    setting(
        "SESSION_COOKIE_SECURE",
        Type::Bool,
        Default::Always("false"),
        "Whether browsers send the session cookie over HTTPS only.",
    ),
    setting(
        "SESSION_REFRESH_EACH_REQUEST",
        Type::Bool,
        Default::Always("true"),
        "Whether the session cookie is sent anew with every response.",
    ),
    secret("SQLALCHEMY_DATABASE_URI", Type::Any, Default::Absent, "The database that Flask-SQLAlchemy connects to."),
    setting("TEMPLATES_AUTO_RELOAD", Type::Any, NONE, "Whether templates are read again when they change."),
    setting("TESTING", Type::Bool, Default::Always("false"), "Whether exceptions reach the tests."),
    setting("TRAP_BAD_REQUEST_ERRORS", Type::Any, NONE, "Whether a key that a request lacks is an error of the code."),
    setting("TRAP_HTTP_EXCEPTIONS", Type::Bool, Default::Always("false"), "Whether HTTP errors reach no handler."),
    since_3_1("TRUSTED_HOSTS", Type::Any, &[(V3_1, "None")], "The hosts that the application answers for."),
    setting("USE_X_SENDFILE", Type::Bool, Default::Always("false"), "Whether the web server sends files."),
    library(
        "WTF_CSRF_CHECK_DEFAULT",
        Type::Any,
        "Whether Flask-WTF's protection looks at every view.",
        "https://flask-wtf.readthedocs.io/en/stable/config/",
    ),
    library(
        "WTF_CSRF_ENABLED",
        Type::Any,
        "Whether Flask-WTF protects forms.",
        "https://flask-wtf.readthedocs.io/en/stable/config/",
    ),
    fact("any_origin", &["cors"], Type::Bool, "whether any origin at all is let in"),
    fact("binds_publicly", &["run"], Type::Bool, "Whether every machine that reaches the host reaches it"),
    fact("counts_in_memory", &["limiter"], Type::Bool, "Whether each process counts for itself"),
    fact(
        "csrf_is_asked_for",
        &["app"],
        Type::Bool,
        "Whether only views that ask for it are protected from forged requests",
    ),
    fact("csrf_is_off", &["app"], Type::Bool, "Whether forms are not protected from forged requests"),
    fact("effect", &["weakening"], Type::String, "What it does"),
    fact("harm", &["protection", "weakening"], Type::String, "what follows from turning it off"),
    fact("has_sessions", &["app"], Type::Bool, "Whether there is a key to sign sessions with"),
    fact("host", &["run"], Type::String, "the address that it listens on"),
    fact(
        "impostor",
        &["origin"],
        Type::String,
        "who else can have it, or stand in its place, where visitors' cookies go along",
    ),
    fact("is_app", &["app"], Type::Bool, "Whether an application was found"),
    fact("is_committed", &["key"], Type::Bool, "Whether the file is in the repository"),
    fact("is_empty", &["key"], Type::Bool, "Whether there is nothing in it"),
    fact("is_local", &["debug"], Type::Bool, "Whether only the machine itself reaches it"),
    fact("is_off", &["limiter", "protection"], Type::Bool, "Whether it is turned off"),
    fact("is_on", &["debug"], Type::Bool, "Whether debugging is on"),
    fact("is_pattern", &["origin"], Type::Bool, "Whether it is a regular expression"),
    fact("is_published", &["proxy_fix"], Type::Bool, "Whether other machines reach a port of its service"),
    fact("is_secret", &["setting"], Type::Bool, "Whether the name says that the value is secret"),
    fact("is_unanchored", &["origin"], Type::Bool, "Whether it matches more than it means"),
    fact("name", &["setting", "key", "origin", "protection", "csp_directive", "weakening"], Type::String, "the name"),
    fact("names_origins", &["cors"], Type::Bool, "Whether origins are named at all"),
    fact("origin", &["setting", "key"], Type::String, "where the value comes from"),
    fact("path", &["cors"], Type::String, "the addresses that it is about"),
    fact("propagates_exceptions", &["app"], Type::Bool, "Whether exceptions reach the server"),
    fact("reach", &["static_files"], Type::String, "what is given out that is no file for visitors"),
    Key { default: Default::Absent, ..fact("repr", &["setting"], Type::String, "the value as Python writes it") },
    fact(
        "secret_in_code",
        &["setting"],
        Type::String,
        "The name under which a secret stands in the code that git does not ignore; what cookies and tokens are signed with has scopes of its own",
    ),
    Key {
        default: Default::Absent,
        ..fact(
            "secret_opens_elsewhere",
            &["setting"],
            Type::Bool,
            "Whether that secret is for a service of others, which takes it from whoever has it",
        )
    },
    Key { default: Default::Absent, ..secret_fact("secret_repr", &["setting"], Type::String, "the secret value") },
    Key {
        default: Default::Absent,
        ..fact(
            "secret_stands_in",
            &["setting"],
            Type::Bool,
            "Whether that secret is only taken where a variable is not set",
        )
    },
    Key {
        default: Default::Absent,
        ..fact(
            "secrets_in_code",
            &["setting"],
            Type::List(&Type::String),
            "The name of each secret that stands in the code",
        )
    },
    fact("served_by", &["app"], Type::String, "what serves the application"),
    fact(
        "session_cookie_crosses_sites",
        &["app"],
        Type::Bool,
        "Whether requests that other sites bring about carry the session",
    ),
    fact("session_cookie_domain", &["app"], Type::String, "the domain whose names all get the session cookie"),
    fact("session_cookie_is_secure", &["app"], Type::Bool, "Whether browsers keep the session cookie to HTTPS"),
    fact("starts_debugger", &["debug"], Type::Bool, "Whether the debugger itself is served"),
    fact("strength", &["key"], Type::String, "what the key is worth"),
    fact(
        "under_main",
        &["debug", "run"],
        Type::Bool,
        "Whether it happens only where the module is started as a program",
    ),
    fact(
        "unsafe_sources",
        &["csp_directive"],
        Type::List(&Type::String),
        "sources that let in scripts which the site did not write",
    ),
    fact("way", &["debug"], Type::String, "how debugging is turned on"),
    fact("what", &["debug"], Type::String, "what turns debugging on"),
    fact("with_credentials", &["cors"], Type::Bool, "Whether other origins may read with the visitor's cookies"),
    fact("workers", &["app"], Type::Int, "the number of processes that serve it"),
    fact("x_for", &["proxy_fix"], Type::Int, "the number of proxies that are believed about addresses"),
    fact("x_host", &["proxy_fix"], Type::Int, "the number of proxies that are believed about host names"),
];
