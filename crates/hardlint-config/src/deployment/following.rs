//! Where places in files lead, for people who follow them: to a file that is included, built or mounted, to a stage, to the
//! service that a name reaches. Nothing is judged by it.

use super::{Deployment, End};
use crate::formats::{Format, LAID_OVER, django, dockerfile, python};
use crate::loader::{Kind, Loader};
use crate::model::{Model, Node};
use crate::text::{FileId, Loc, Source, Span};
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// A place that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Led {
    /// Where it stands in its file.
    pub at: Span,
    /// The file that it leads to.
    pub path: Arc<str>,
    /// Where in it; nothing for all of it.
    pub to: Option<Span>,
}

/// What a file names by itself: what it includes, and the stages of a Dockerfile. `model` is what it was resolved to with this
/// reader.
pub fn of_file(reader: &mut Reader<'_>, query: &Query, path: &str, format: &Format, model: &Model) -> Vec<Led> {
    let Ok(file) = reader.open(path, None) else { return Vec::new() };
    let mut led = Vec::new();
    for link in (format.links)(reader, query, file) {
        let named = link.at.file == file && link.at.span.start < link.at.span.end;
        if !named || matches!(link.kind, LAID_OVER | "service") {
            continue;
        }
        let at = reader.written(link.at).1;
        let to = link.paths.iter().map(|path| Led { at, path: path.as_str().into(), to: None });
        led.extend(to);
    }
    if format.id == dockerfile::FORMAT.id {
        led.extend(stages(reader, model, file));
    }
    let source = reader.source(file).clone();
    led.extend(modules(reader.loader, &source, PYTHON.contains(&format.id)));
    sorted(led)
}

/// The formats that are Python.
const PYTHON: [&str; 3] = ["django", "flask", "asgi"];

/// Where a file names a module that is at hand: in what it imports, if it is one itself, and in the variable that names Django's
/// settings.
fn modules(loader: &dyn Loader, source: &Source, imports: bool) -> Vec<Led> {
    let text = &source.text;
    let led = |at: usize, name: &str, path: String| Led {
        at: Span::new(at, at + name.len()),
        path: path.as_str().into(),
        to: None,
    };
    let settings = django::settings_named(text).into_iter().filter_map(|name| {
        // A name is a part of the text that it was found in.
        let at = (name.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        Some(led(at, name, python::locate(loader, &source.path, 0, name).ok()?))
    });
    let lines = text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line))
    });
    let imported = lines.filter(|_| imports).filter_map(|(start, line)| {
        let rest = line.trim_start().strip_prefix("from ")?;
        let name = rest.split_once(" import ")?.0.trim();
        let module = name.trim_start_matches('.');
        let path = python::locate(loader, &source.path, name.len() - module.len(), module).ok()?;
        (*path != *source.path).then(|| led(start + line.find(name).unwrap_or_default(), name, path))
    });
    settings.chain(imported).collect()
}

/// What a place in the file at `path` means in a project: files that its services are given, and services by their names.
pub fn of_project(reader: &Reader<'_>, deployment: &Deployment, path: &str) -> Vec<Led> {
    let place = |at: Loc| reader.source(at.file).path.clone();
    let led = |link: &super::Link| {
        let here = link.at.span.start < link.at.span.end && *place(link.at) == *path;
        let (path, to) = match &link.to {
            _ if !here => return None,
            End::Service(index) => {
                let at = deployment.services.get(*index)?.at;
                (place(at), Some(reader.written(at).1))
            }
            End::File(path) => (path.clone(), None),
        };
        let is_file = to.is_some() || reader.loader.stat(&path).is_some_and(|stat| stat.kind == Kind::File);
        is_file.then_some(Led { at: reader.written(link.at).1, path, to })
    };
    sorted(deployment.links.iter().filter_map(led).collect())
}

/// The services of a project that use a file: they are built from it, are given it, or read it.
pub fn using(reader: &Reader<'_>, deployment: &Deployment, path: &str) -> Vec<usize> {
    let uses = |link: &&super::Link| match &link.to {
        End::File(to) => path.strip_prefix(&**to).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        // What a proxy passes on stands in its own files.
        End::Service(_) => link.kind == "proxy" && *reader.source(link.at.file).path == *path,
    };
    let service = |link: &super::Link| match link.from {
        End::Service(index) => Some(index),
        End::File(_) => None,
    };
    let mut found: Vec<usize> = deployment.links.iter().filter(uses).filter_map(service).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Where a Dockerfile names one of its stages.
fn stages(reader: &Reader<'_>, model: &Model, file: FileId) -> Vec<Led> {
    let schema = model.format.schema;
    let stage = schema.kind_named("stage");
    let all: Vec<_> = model.scopes.iter().filter(|scope| Some(scope.kind) == stage).collect();
    let mut led = Vec::new();
    for scope in &model.scopes {
        let named = ["image", "from"].iter().filter_map(|key| scope.own.get(schema.key(scope.kind, key)?));
        for Node { value, at, .. } in named {
            let Some(name) = value.as_str().filter(|_| at.file == file && at.span.start < at.span.end) else {
                continue;
            };
            let mut before = all.iter().enumerate().filter(|(_, stage)| stage.at.span.start < at.span.start);
            let called = |(index, stage): &(usize, &&crate::model::Scope)| {
                stage.label.eq_ignore_ascii_case(name) || name.parse() == Ok(*index)
            };
            if let Some((_, stage)) = before.rfind(called) {
                let path = reader.source(file).path.clone();
                led.push(Led { at: reader.written(*at).1, path, to: Some(reader.written(stage.label_at).1) });
            }
        }
    }
    led
}

fn sorted(mut led: Vec<Led>) -> Vec<Led> {
    led.sort();
    led.dedup();
    led
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{self, compose};
    use crate::loader::Memory;
    use crate::workspace::Workspace;

    fn shown(memory: &Memory, path: &str, format: &'static Format) -> Vec<(String, String)> {
        let workspace = Workspace::new(memory, Query::default());
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &path.into(), format);
        let mut led = of_file(&mut reader, &workspace.query, path, format, &model);
        if format.id == compose::FORMAT.id {
            let deployment = Deployment::of(&mut reader, &workspace.query, &model);
            led.extend(of_project(&reader, &deployment, path));
        }
        let text = |path: &str| String::from_utf8(memory.files[path].clone()).unwrap();
        let at = |led: &Led| text(path)[led.at.range()].to_owned();
        let to = |led: &Led| match led.to {
            Some(span) => text(&led.path)[span.range()].to_owned(),
            None => led.path.to_string(),
        };
        led.iter().map(|led| (at(led), to(led))).collect()
    }

    #[test]
    fn stages_are_found_by_name_and_by_number() {
        let text = "FROM debian:12 AS base\nFROM base AS last\nCOPY --from=0 /a /a\nCOPY --from=base /b /b\nCOPY --from=other:1 /c /c\n";
        let memory = Memory::new([("Dockerfile", text)]);
        let found = shown(&memory, "Dockerfile", &dockerfile::FORMAT);
        let expected: Vec<_> = ["base", "0", "base"].map(|from| (from.to_owned(), "base".to_owned())).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn modules_are_found_by_what_imports_or_names_them() {
        let settings = "from .base import *\nfrom shop.base import DEBUG\nfrom . import base\nfrom os import environ\nROOT_URLCONF = 'a'\n";
        let image = "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings\n";
        let text = "services:\n  web:\n    build: ./web\n  job:\n    build:\n      context: web\n";
        let memory = Memory::new([
            ("web/shop/settings.py", settings),
            ("web/shop/base.py", "DEBUG = False\n"),
            ("web/shop/__init__.py", ""),
            ("web/Dockerfile", image),
            ("compose.yaml", text),
        ]);
        let named = |at: &str, to: &str| (at.to_owned(), to.to_owned());
        let found = shown(&memory, "web/shop/settings.py", &django::FORMAT);
        for at in [".base", "shop.base"] {
            assert!(found.contains(&named(at, "web/shop/base.py")), "{at}: {found:?}");
        }
        assert!(!found.iter().any(|(at, _)| at == "os"), "{found:?}");
        let found = shown(&memory, "web/Dockerfile", &dockerfile::FORMAT);
        assert!(found.contains(&named("shop.settings", "web/shop/settings.py")), "{found:?}");
        let found = shown(&memory, "compose.yaml", &compose::FORMAT);
        for at in ["./web", "web"] {
            assert!(found.contains(&named(at, "web/Dockerfile")), "{at}: {found:?}");
        }
    }

    #[test]
    fn a_project_leads_to_its_files_and_services() {
        let text = "services:\n  web:\n    image: nginx\n    env_file: [a.env]\n    depends_on: [db]\n    volumes: ['./n.conf:/etc/nginx/nginx.conf']\n  db:\n    image: postgres\n";
        let nginx = "events {}\nhttp { include m.types; }\n";
        let memory = Memory::new([("compose.yaml", text), ("a.env", ""), ("n.conf", nginx), ("m.types", "")]);
        let found = shown(&memory, "compose.yaml", &compose::FORMAT);
        for (at, to) in [("a.env", "a.env"), ("db", "db"), ("'./n.conf:/etc/nginx/nginx.conf'", "n.conf")] {
            assert!(found.contains(&(at.to_owned(), to.to_owned())), "{at}: {found:?}");
        }
        let found = shown(&memory, "n.conf", &formats::nginx::FORMAT);
        assert_eq!(found, [("m.types".to_owned(), "m.types".to_owned())]);
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &"compose.yaml".into(), &compose::FORMAT);
        let deployment = Deployment::of(&mut reader, &workspace.query, &model);
        assert_eq!(using(&reader, &deployment, "n.conf"), [0]);
        assert_eq!(using(&reader, &deployment, "a.env"), [0]);
        assert!(using(&reader, &deployment, "m.types").is_empty());
    }
}
