//! Flask applications: the modules that make them, evaluated without running them.
//!
//! What an application is configured with once its module is imported is worked out by [`crate::formats::python`]; `detect.rs`
//! finds the modules, `resolve.rs` makes the model, and `facts/` says what follows for those who visit the site.

mod deployed;
mod detect;
mod facts;
mod keys;
mod packages;
mod resolve;

pub(crate) use detect::makes;
pub(in crate::formats) use detect::renamed;
pub(in crate::formats) use facts::keys::strength;

use super::words::Words;
use super::{Format, Name};
use crate::model::Why;
use crate::schema::Type;
use crate::version::{Version, Versions};

/// Words of settings that take one of few, by the manual.
const WORDS: Words = Words {
    values: |name| match name {
        "SESSION_COOKIE_SAMESITE" => vec!["Lax", "Strict", "None"],
        "PREFERRED_URL_SCHEME" => vec!["http", "https"],
        _ => Vec::new(),
    },
    ..Words::NONE
};

/// Flask applications.
pub static FORMAT: Format = Format {
    id: "flask",
    title: "Flask applications",
    names: &[Name::Perhaps("*.py")],
    sniff: detect::is_app,
    comment: "#",
    schema: &keys::SCHEMA,
    links: detect::links,
    resolve: resolve::resolve,
    print: resolve::print,
    comments: crate::syntax::python::comments,
    words: WORDS,
    identity: super::label,
    edit: super::python::edit::application,
};

/// Whether the calls of something of a package are kept, for what follows from them.
pub(in crate::formats) fn is_followed(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "flask_cors.CORS",
        "flask_limiter.Limiter",
        "flask_seasurf.SeaSurf",
        "flask_talisman.Talisman",
        "flask_wtf.CSRFProtect",
        "flask_wtf.CsrfProtect",
        "flask_wtf.csrf.CSRFProtect",
        "flask_wtf.csrf.CsrfProtect",
        "werkzeug.contrib.fixers.ProxyFix",
        "werkzeug.debug.DebuggedApplication",
        "werkzeug.middleware.proxy_fix.ProxyFix",
        "werkzeug.run_simple",
        "werkzeug.serving.run_simple",
    ];
    NAMES.contains(&name)
}

/// What Flask itself sets, as Python writes it, or why that is not known.
pub(in crate::formats) fn defaults(versions: Versions) -> impl Iterator<Item = (&'static str, Result<String, Why>)> {
    keys::defaults().filter_map(move |(name, key)| {
        let default = key.default.over(versions)?;
        let text = default.ok_or_else(|| Why::Version(name.into()));
        let text = text.map(|text| match (key.ty, text) {
            (Type::Bool, text) => if text == "true" { "True" } else { "False" }.to_owned(),
            (Type::String, text) => super::python::text_repr(text),
            (_, text) => text.to_owned(),
        });
        Some((name, text))
    })
}

/// Whether all of the versions ask for `FLASK_ENV`, and whether none does.
pub(in crate::formats) fn reads_flask_env(versions: Versions) -> (bool, bool) {
    const GONE: Version = Version([2, 3, 0]);
    (versions.newest < GONE, versions.oldest >= GONE)
}

#[cfg(test)]
mod tests;
