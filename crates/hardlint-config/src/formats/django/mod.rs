//! Django settings: Python modules, evaluated without running them.
//!
//! What the settings will be is worked out by [`crate::formats::python`]; `detect.rs` finds the modules, `resolve.rs` makes the model, and
//! `checks.rs` gives the verdicts of `manage.py check --deploy`.

mod checks;
mod deployed;
mod detect;
mod facts;
mod fronted;
mod given;
mod hardening;
mod keys;
mod languages;
mod order;
mod origins;
mod policy;
mod proxied;
mod resolve;
mod secret;
mod server;
mod started;
mod stores;

use super::words::Words;
use super::{Format, Name};
use crate::formats::python as eval;
use crate::model::Why;
use crate::version::Targets;
pub(in crate::formats) use deployed::deployers;
pub(crate) use deployed::named as settings_named;
pub(in crate::formats) use origins::{impostor, is_unanchored, lets_everybody_in, verbatim};
pub(in crate::formats) use secret::is_placeholder;
pub(crate) use started::deployed;

/// Words of settings that take one of few, by the manual's page of each.
const WORDS: Words = Words {
    values: |name| match name {
        "SESSION_COOKIE_SAMESITE" | "CSRF_COOKIE_SAMESITE" | "LANGUAGE_COOKIE_SAMESITE" => {
            vec!["Lax", "Strict", "None"]
        }
        "X_FRAME_OPTIONS" => vec!["DENY", "SAMEORIGIN"],
        "SECURE_CROSS_ORIGIN_OPENER_POLICY" => vec!["same-origin", "same-origin-allow-popups", "unsafe-none"],
        "SECURE_REFERRER_POLICY" => vec![
            "no-referrer",
            "no-referrer-when-downgrade",
            "origin",
            "origin-when-cross-origin",
            "same-origin",
            "strict-origin",
            "strict-origin-when-cross-origin",
            "unsafe-url",
        ],
        _ => Vec::new(),
    },
    ..Words::NONE
};

/// Django settings.
pub static FORMAT: Format = Format {
    id: "django",
    title: "Django settings",
    // `local_settings.j2` is written to a machine under a name that its task tells.
    names: &[Name::Perhaps("*.py"), Name::Perhaps("*settings")],
    sniff: detect::is_settings,
    comment: "#",
    schema: &keys::SCHEMA,
    links: detect::links,
    resolve: resolve::resolve,
    print: resolve::print,
    comments: crate::syntax::python::comments,
    words: WORDS,
    identity: super::label,
    edit: super::python::edit::module,
};

/// The names of the settings that Django itself sets.
pub(crate) fn global_settings() -> impl Iterator<Item = &'static str> {
    keys::defaults().map(|(name, _)| name)
}

/// What Django itself sets a name to, as Python writes it, or why that is not known.
pub(crate) fn global_setting(name: &str, targets: &Targets) -> Option<Result<String, Why>> {
    let versions = targets.versions("django", keys::SCHEMA.supported);
    let key = keys::SCHEMA.keys.iter().find(|key| key.name == name)?;
    Some(match key.default.over(versions) {
        Some(Some(text)) => Ok(resolve::python(key.ty, text)),
        Some(None) => Err(Why::Version(name.into())),
        None => Err(eval::NOT_FOLLOWED),
    })
}

#[cfg(test)]
mod tests;
