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
    fact("is_app", &["app"], Type::Bool, "Whether an application was found"),
    fact("is_secret", &["setting"], Type::Bool, "Whether the name says that the value is secret"),
    fact("name", &["setting"], Type::String, "the name of the setting"),
    fact("origin", &["setting"], Type::String, "where the value comes from"),
    Key { default: Default::Absent, ..fact("repr", &["setting"], Type::String, "the value as Python writes it") },
    Key { default: Default::Absent, ..secret_fact("secret_repr", &["setting"], Type::String, "the secret value") },
];
