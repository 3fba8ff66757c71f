//! Which modules are settings, and what they import.

use super::{deployed, eval};
use crate::formats::{EXTENDS, Link};
use crate::loader::{self, Git, Loader};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// Settings that say how a site is put together: a module that Django is started with binds one of them, or imports one
/// that does. The configuration files of applications built with Django bind only those of [`OTHERS`].
const STRUCTURE: &[&str] = &["INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "WSGI_APPLICATION"];
/// Settings that are told beside them.
const OTHERS: &[&str] = &["DATABASES", "SECRET_KEY", "ALLOWED_HOSTS", "TEMPLATES", "DEBUG"];

/// Settings of Django alone that an override for production may consist of.
const HARDENING: &[&str] = &[
    "CSRF_COOKIE_SECURE",
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "SECURE_SSL_REDIRECT",
    "SILENCED_SYSTEM_CHECKS",
    "USE_X_FORWARDED_HOST",
    "X_FRAME_OPTIONS",
];
/// Those that other frameworks have as well: they tell where what is imported is called settings.
const SHARED: &[&str] = &["SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SECURE"];

/// Whether a Python file is a settings module: by what it binds at the start of a line, or by its place among settings
/// and an import of others.
pub(super) fn is_settings(path: &str, text: &str) -> bool {
    if configures_itself(text) {
        return true;
    }
    let structure = STRUCTURE.iter().filter(|name| binds(text, name)).count();
    let bound = structure + OTHERS.iter().filter(|name| binds(text, name)).count();
    if structure >= 1 && bound >= 2 {
        return true;
    }
    let lower = path.to_ascii_lowercase();
    let named = loader::name(&lower).contains("settings") || loader::name(loader::folder(&lower)).contains("settings");
    // An override of settings that stand in another module: `from .base import *`, and at least one name of its own.
    let inherits = text.lines().any(|line| line.starts_with("from ") && line.contains(" import *"));
    let of_settings = || {
        let imports = |line: &str| line.starts_with("from ") && line.contains("settings import *");
        text.lines().any(imports) && SHARED.iter().any(|name| binds(text, name))
    };
    let override_of = || bound >= 1 || HARDENING.iter().any(|name| binds(text, name)) || of_settings();
    inherits && (named || !loader::name(&lower).starts_with("__init__") && override_of())
}

/// Whether a module tells Django its settings itself, and makes what a server runs: a site in one file. Scripts and tests
/// make none.
fn configures_itself(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("settings.configure(")
        && text.lines().any(|line| {
            let (name, value) = line.split_once('=').unwrap_or_default();
            let makes = ["get_wsgi_application()", "get_asgi_application()"].iter().any(|call| value.contains(call));
            makes && !name.starts_with([' ', '\t'])
        })
}

/// Whether a line binds the name: at its start, or in a class of `django-configurations`. What a function binds is no
/// setting.
fn binds(text: &str, name: &str) -> bool {
    let classes = memchr::memmem::find(text.as_bytes(), b"configurations").is_some();
    memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
        let before = text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = before.get(start..).unwrap_or_default();
        let indented = indent.is_empty() || classes && indent.bytes().all(|byte| byte == b' ' || byte == b'\t');
        let after = text.get(at + name.len()..).unwrap_or_default().trim_start_matches([' ', '\t']);
        indented
            && (after.starts_with('=') && !after.starts_with("==") || after.starts_with(':') || after.starts_with("+="))
    })
}

/// The other modules of the project that a module takes its settings from: those of a `from … import *`, and of
/// `include`. Found line by line: evaluating the module tells more, but this is asked for every file.
pub(super) fn links(reader: &mut Reader<'_>, _query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let deployed = deployed::modules(reader.loader, &source.path);
    let splits = memchr::memmem::find(source.text.as_bytes(), b"split_settings").is_some();
    let mut links = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        let at = Loc::new(file, Span::new(start, offset + line.trim_end().len()));
        offset += line.len();
        let line = line.trim();
        if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            let module = module.trim();
            let level = module.bytes().take_while(|byte| *byte == b'.').count();
            let module = module.get(level..).unwrap_or_default();
            let star = names.trim_start().starts_with('*');
            let candidate = |module: &str| eval::locate(reader.loader, &source.path, level, module).ok();
            // `from config.settings import base` names a module as well.
            let first = names.split([',', ' ', '(']).find(|name| !name.is_empty()).unwrap_or_default();
            let below = if module.is_empty() { first.to_owned() } else { format!("{module}.{first}") };
            let path = if star { candidate(module) } else { candidate(&below) };
            if let Some(path) = path.filter(|path| *path != *source.path) {
                let kind = if star && !deployed.contains(&path) { "include" } else { EXTENDS };
                links.push(Link { at, kind, target: module.to_owned(), paths: vec![path] });
            }
        } else if splits && (line.contains("include(") || line.starts_with('\'') || line.starts_with('"')) {
            included(reader.loader, &source, at, line, &mut links);
        }
    }
    links
}

/// Files that `include` of `split_settings` names on a line.
fn included(loader: &dyn Loader, source: &crate::text::Source, at: Loc, line: &str, links: &mut Vec<Link>) {
    for pattern in line.split(['\'', '"']).skip(1).step_by(2).filter(|text| text.strip_suffix(".py").is_some()) {
        let Some(joined) = loader::join(loader::folder(&source.path), pattern) else { continue };
        let paths: Vec<String> =
            loader::glob(loader, &joined).into_iter().filter(|path| loader.git(path) != Git::Ignored).collect();
        if !paths.is_empty() {
            links.push(Link { at, kind: "include", target: pattern.to_owned(), paths });
        }
    }
}
