//! Applications of `FastAPI` and Starlette, the settings beside them, and the servers that run them.
//!
//! What code makes is worked out by [`crate::formats::python`], without running it; `detect.rs` finds the modules, `resolve.rs`
//! makes the model, and the other files say what follows. The middleware of Starlette is what `FastAPI` gives under its own names.

mod commands;
mod detect;
mod files;
mod gunicorn;
mod keys;
mod middleware;
mod resolve;
mod secret;
mod server;
mod tokens;

pub(crate) use commands::within;

use super::{Format, Name};

/// Applications for asynchronous servers.
pub static FORMAT: Format = Format {
    id: "asgi",
    title: "FastAPI and Starlette applications",
    names: &[Name::Is("gunicorn.conf.py"), Name::Perhaps("*.py")],
    sniff: detect::is_ours,
    comment: "#",
    schema: &keys::SCHEMA,
    links: detect::links,
    resolve: resolve::resolve,
    print: resolve::print,
    comments: crate::syntax::python::comments,
    words: super::words::Words::NONE,
    identity: super::label,
    edit: super::python::edit::middleware,
};

/// What makes an application.
const APPLICATIONS: &[&str] = &["fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"];

/// The middleware that something is, by the name of its class.
fn middleware_of(name: &str) -> Option<&'static str> {
    let (package, class) = name.rsplit_once('.')?;
    let known =
        ["fastapi.middleware", "starlette.middleware", "uvicorn.middleware"].iter().any(|it| package.starts_with(it));
    MIDDLEWARE.iter().find(|it| known && **it == class).copied()
}

const MIDDLEWARE: &[&str] = &[
    "CORSMiddleware",
    "GZipMiddleware",
    "HTTPSRedirectMiddleware",
    "ProxyHeadersMiddleware",
    "SessionMiddleware",
    "TrustedHostMiddleware",
];

/// Whether the calls of something of a package are kept, for what follows from them.
pub(in crate::formats) fn is_followed(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "fastapi.middleware.Middleware",
        "fastapi.staticfiles.StaticFiles",
        "passlib.context.CryptContext",
        "starlette.middleware.Middleware",
        "starlette.staticfiles.StaticFiles",
        "uvicorn.Config",
        "uvicorn.config.Config",
        "uvicorn.run",
    ];
    NAMES.contains(&name) || APPLICATIONS.contains(&name) || middleware_of(name).is_some()
}

#[cfg(test)]
mod tests;
