//! Which modules make an application, hold its settings, or sign tokens.
//!
//! Asked of every Python file, so nothing is parsed: a file without one of a few words is done after as many searches.

use crate::formats::flask::renamed;
use crate::formats::python::locate;
use crate::formats::{EXTENDS, Link};
use crate::loader;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

fn has(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Whether a line imports a name from a package.
fn imports(text: &str, packages: &[&str], name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches('\u{feff}').trim_start();
        packages.iter().any(|package| {
            let of = |rest: &str| rest.starts_with([' ', '.', ',']) || rest.is_empty();
            let from = line.strip_prefix("from ").and_then(|rest| rest.strip_prefix(package)).filter(|rest| of(rest));
            let whole = line.strip_prefix("import ").and_then(|rest| rest.strip_prefix(package));
            from.is_some_and(|rest| name.is_empty() || has(rest, name) || rest.trim_end().ends_with('('))
                || whole.is_some_and(of)
        })
    })
}

/// Whether a line outside comments calls what is so named, and no class or function whose name ends so.
fn calls(text: &str, call: &str) -> bool {
    text.lines().any(|line| {
        let code = line.split('#').next().unwrap_or_default();
        !code.trim_start().starts_with("class ")
            && code.match_indices(call).any(|(at, _)| {
                let before = code.get(..at).unwrap_or_default().chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
            })
    })
}

/// Whether a Python file is one of ours.
pub(super) fn is_ours(path: &str, text: &str) -> bool {
    is_of_gunicorn(path, text) || makes(text) || settings(text) || tokens(text)
}

/// Whether a file holds settings of gunicorn: by the name that it looks for itself, or by its name and what it binds.
pub(super) fn is_of_gunicorn(path: &str, text: &str) -> bool {
    const NAMES: &[&str] = &["bind", "workers", "worker_class", "forwarded_allow_ips", "timeout", "certfile"];
    let name = loader::name(path);
    let binds = |line: &str| line.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name.trim_end()));
    name == "gunicorn.conf.py" || name.contains("gunicorn") && text.lines().any(binds)
}

/// Whether a module makes an application, or starts one.
pub(super) fn makes(text: &str) -> bool {
    let app = |call: &str, packages: &[&str]| has(text, call) && imports(text, packages, "") && calls(text, call);
    let renamed = |class: &str, packages: &[&str]| renamed(text, class).any(|name| app(&format!("{name}("), packages));
    app("FastAPI(", &["fastapi"])
        || app("Starlette(", &["starlette"])
        || app("uvicorn.run(", &["uvicorn"])
        || renamed("FastAPI", &["fastapi"])
        || renamed("Starlette", &["starlette"])
}

/// Whether a module has a class of settings, or reads them with starlette.
fn settings(text: &str) -> bool {
    has(text, "BaseSettings)") && imports(text, &["pydantic_settings", "pydantic"], "BaseSettings")
        || has(text, "starlette.config") && calls(text, "Config(")
}

/// Whether a module signs tokens, or looks at their signatures.
fn tokens(text: &str) -> bool {
    has(text, "jwt") && (has(text, "encode(") || has(text, "decode(")) && imports(text, &["jwt", "jose"], "")
}

/// The other modules of the project that settings are taken from.
pub(super) fn links(reader: &mut Reader<'_>, _: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let mut links = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        let at = Loc::new(file, Span::new(start, offset + line.trim_end().len()));
        offset += line.len();
        let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) else {
            continue;
        };
        let (module, names) = (module.trim(), names.trim());
        let level = module.bytes().take_while(|byte| *byte == b'.').count();
        let module = module.get(level..).unwrap_or_default();
        let first =
            names.split(|c: char| !c.is_alphanumeric() && c != '_').find(|name| !name.is_empty()).unwrap_or_default();
        let settings = |name: &str| name.to_ascii_lowercase().contains("config") || name.contains("settings");
        if !settings(module) && !settings(first) {
            continue;
        }
        let below = if module.is_empty() { first.to_owned() } else { format!("{module}.{first}") };
        let found = locate(reader.loader, &source.path, level, &below);
        let Ok(path) = found.or_else(|_| locate(reader.loader, &source.path, level, module)) else { continue };
        if path != *source.path {
            links.push(Link { at, kind: EXTENDS, target: line.trim().to_owned(), paths: vec![path] });
        }
    }
    links
}
