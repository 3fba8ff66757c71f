//! Django settings: Python modules, evaluated without running them.
//!
//! What the settings will be is worked out by `eval/`; `detect.rs` finds the modules, `resolve.rs` makes the model, and
//! `checks.rs` gives the verdicts of `manage.py check --deploy`.

mod checks;
mod deployed;
mod detect;
mod eval;
mod facts;
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
mod service;
mod stores;

use super::{Format, Name};

/// Django settings.
pub static FORMAT: Format = Format {
    id: "django",
    title: "Django settings",
    names: &[Name::Perhaps("*.py")],
    sniff: detect::is_settings,
    comment: "#",
    schema: &keys::SCHEMA,
    links: detect::links,
    resolve: resolve::resolve,
    print: resolve::print,
    comments: crate::syntax::python::comments,
    edit: super::edit::text_only,
};

/// Whether a file is filled in by another program before Python reads it.
fn is_template(path: &str) -> bool {
    path.contains("{{")
        || [".j2", ".jinja2", ".jinja", ".tmpl", ".template", ".tpl", "-tpl"]
            .iter()
            .any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests;
