//! Which modules make an application, or start one that another module makes, and what they take their settings from.
//!
//! Asked of every Python file, so nothing is parsed: a file that does not name Flask, or the function that makes an
//! application, is done after one search.

use crate::deployment::role::{self, Role};
use crate::formats::python::locate;
use crate::formats::{EXTENDS, Link};
use crate::loader::{self, Git, Loader};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// Functions that `flask run` calls for an application.
const MAKERS: &[&str] = &["create_app", "make_app"];
/// Other frameworks, whose applications are made and run by the same names.
const OTHERS: &[&str] = &[
    "fastapi",
    "FastAPI",
    "starlette",
    "quart",
    "Quart",
    "sanic",
    "Sanic",
    "aiohttp",
    "bottle",
    "uvicorn",
    "dash",
    "Dash",
];

fn has(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Whether a Python file makes an application of Flask, or starts one.
pub(super) fn is_app(path: &str, text: &str) -> bool {
    is_superset(path) || is_for_production(path, text) || makes(text) || starts(text)
}

/// Whether a file holds the settings of an application for production, which its module loads by a name that is made
/// where it runs: `config_prod.py` with a key in it. Django's own are no such ones.
pub(super) fn is_for_production(path: &str, text: &str) -> bool {
    const NAMES: &[&str] = &["config_prod.py", "config_production.py", "prod_config.py", "production_config.py"];
    NAMES.contains(&loader::name(path))
        && text.lines().any(|line| line.starts_with("SECRET_KEY"))
        && !["INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "from .base", "import *"]
            .iter()
            .any(|word| has(text, word))
}

/// Whether a file configures Superset, which hands all its names to the application that it makes.
pub(super) fn is_superset(path: &str) -> bool {
    let name = loader::name(path);
    name.strip_suffix(".py").is_some_and(|name| name.starts_with("superset_config"))
}

/// Whether a module imports Flask, and makes an application.
pub(crate) fn makes(text: &str) -> bool {
    let makes =
        || ["Flask(", "(Flask)", "flask.Flask)"].iter().any(|part| has(text, part)) && is_called(text, "Flask(");
    let renamed = || renamed(text, "Flask").any(|name| is_called(text, &format!("{name}(")));
    has(text, "flask") && (makes() || renamed()) && text.lines().any(imports_flask)
}

/// What a module may call a class that it imports by another name: `from flask import Flask as Web`. Texts speak so, too.
pub(in crate::formats) fn renamed<'t>(text: &'t str, class: &str) -> impl Iterator<Item = &'t str> {
    let words = format!("{class} as ");
    let places: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), words.as_bytes()).collect();
    places.into_iter().filter_map(move |at| {
        let rest = text.get(at + words.len()..)?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

fn imports_flask(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_start();
    line.starts_with("from flask import") || line.starts_with("import flask") || line.starts_with("from flask.")
}

/// Whether a line outside comments calls `Flask`, and no function whose name ends so.
fn is_called(text: &str, call: &str) -> bool {
    text.lines().any(|line| {
        let code = line.split('#').next().unwrap_or_default();
        code.contains("(Flask)")
            || code.contains("flask.Flask)")
            || code.match_indices(call).any(|(at, _)| {
                let before = code.get(..at).unwrap_or_default().chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_') && !code.trim_start().starts_with("class ")
            })
    })
}

/// Whether it calls a function that it imports for an application, or runs one that it imports.
fn starts(text: &str) -> bool {
    let maker = MAKERS.iter().find(|name| has(text, name));
    let runs = || has(text, ".run(") && (has(text, "import app") || has(text, "import application"));
    if maker.is_none() && !runs() || OTHERS.iter().any(|word| has(text, word)) {
        return false;
    }
    let main = has(text, "__main__");
    let mut imported = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let top = trimmed.len() == line.len();
        if let Some((_, names)) = trimmed.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            let names = || names.split(|c: char| !c.is_alphanumeric() && c != '_');
            imported |= top && names().any(|name| MAKERS.contains(&name) || matches!(name, "app" | "application"));
            continue;
        }
        let calls = maker.is_some_and(|name| {
            let called = trimmed.split_once(name).is_some_and(|(before, after)| {
                after.starts_with('(') && !before.ends_with("def ") && !before.contains('#')
            });
            called && (top || main)
        });
        let runs = ["app.run(", "application.run("].iter().any(|call| trimmed.starts_with(call)) && (top || main);
        if imported && (calls || runs) {
            return true;
        }
    }
    false
}

/// The other modules of the project that a module takes its application or its settings from, found line by line:
/// evaluating the module tells more, but this is asked for every file.
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let only_starts = !makes(&source.text);
    // What only tests and developers start is served by something else, which is judged by itself.
    let serves = matches!(role::of_path(query.below_argument(&source.path)), Role::Production | Role::Unknown);
    let mut links = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        let at = Loc::new(file, Span::new(start, offset + line.trim_end().len()));
        offset += line.len();
        let Some((target, path)) = named(reader.loader, &source.path, line.trim()) else { continue };
        if path == *source.path {
            continue;
        }
        let kind = if only_starts && serves && makes_at(reader.loader, &path) { "include" } else { EXTENDS };
        links.push(Link { at, kind, target, paths: vec![path] });
    }
    links
}

/// The module that a line takes an application or settings from, as it is written and by its path.
fn named(loader: &dyn Loader, from: &str, line: &str) -> Option<(String, String)> {
    if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
        let module = module.trim();
        let level = module.bytes().take_while(|byte| *byte == b'.').count();
        let module = module.get(level..).unwrap_or_default();
        let wanted = |name: &str| MAKERS.contains(&name) || matches!(name, "app" | "application");
        let settings = |name: &str| name.to_ascii_lowercase().contains("config") || name.contains("settings");
        let mut names = names.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty());
        let first = names.clone().next().unwrap_or_default();
        if !names.any(wanted) && !settings(module) && !settings(first) {
            return None;
        }
        let below = if module.is_empty() { first.to_owned() } else { format!("{module}.{first}") };
        let path = locate(loader, from, level, &below).or_else(|_| locate(loader, from, level, module)).ok()?;
        return Some((line.to_owned(), path));
    }
    let (_, rest) = ["from_object(", "from_pyfile("].iter().find_map(|call| line.split_once(call))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = rest.get(1..)?.split(quote).next()?;
    let module = text.replace(':', ".");
    let found = locate(loader, from, 0, &module).ok();
    let found = found.or_else(|| locate(loader, from, 0, module.rsplit_once('.')?.0).ok());
    let file = || {
        let path = loader::join(loader::folder(from), text)?;
        (loader.stat(&path).is_some() && loader.git(&path) != Git::Ignored).then_some(path)
    };
    Some((text.to_owned(), found.or_else(file)?))
}

fn makes_at(loader: &dyn Loader, path: &str) -> bool {
    loader.read(path).is_ok_and(|text| makes(&String::from_utf8_lossy(&text)))
}
