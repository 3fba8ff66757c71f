//! An image as the formats of the programs in it ask: the environment that a container starts with, and which files of
//! the build's folder lie where in it.

use super::keys::kinds;
use super::{context, resolve, services};
use crate::deployment::services::{LeftOut, Mount, Service, is_within};
use crate::loader::{self, Kind, Loader};
use crate::model::{Defaults, Model, Node, Scope, ScopeId, Str, Text, Value};
use crate::syntax::shell::{Part, Script, Word};
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// The image that the Dockerfile makes, as the one service that runs it; nothing where services of a Compose project
/// build it, as those are looked at with what they set.
pub(crate) fn service(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Option<Service> {
    let path = reader.source(file).path.clone();
    if !services::of(reader, query, &path).is_empty() {
        return None;
    }
    stage(reader, query, file, Wanted::Judged, None)
}

/// Which stage of a Dockerfile is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'n> {
    /// That with the name; the last one where there is no name, as the builder takes it.
    Built(Option<&'n str>),
    /// What the file is judged for.
    Judged,
}

/// What a Dockerfile puts into its images out of the folder that is built. Where that folder cannot be told, as not all is
/// there, each is looked for by itself, from the Dockerfile's own folder upwards.
pub(crate) fn copied(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Mount> {
    let model = resolved(reader, query, file);
    let loader = reader.loader;
    let of = |(id, scope): (ScopeId, &Scope)| {
        if scope.kind != kinds::COPY {
            return None;
        }
        let source = || model.get(id, "source").and_then(Value::as_str);
        let known = mount(loader, &model, id, scope, None);
        known.or_else(|| mount(loader, &model, id, scope, Some(context::folder_with(loader, &model.path, source()?))))
    };
    (0..).map(ScopeId).zip(&model.scopes).filter_map(of).collect()
}

fn resolved(reader: &Reader<'_>, query: &Query, file: FileId) -> Model {
    let path = reader.source(file).path.clone();
    let format = &super::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let defaults = Arc::new(Defaults::new(format.schema, versions));
    let model = Model::new(format, path, versions, defaults);
    resolve::resolve_as(reader, query, file, model, resolve::Asked::Images)
}

/// What a `COPY` takes out of the build's folder, and where it lies in the image: as it is written, where what is beneath
/// decides.
fn mount(loader: &dyn Loader, model: &Model, id: ScopeId, scope: &Scope, context: Option<&str>) -> Option<Mount> {
    let text = |key: &str| model.get(id, key).and_then(Value::as_str);
    if model.get(id, "from").is_some() || model.get(id, "is_url") == Some(&Value::Bool(true)) {
        return None;
    }
    let folder = context.or_else(|| text("context"))?;
    let folder = if folder == "." { "" } else { folder };
    let source = loader::join(folder, text("source")?.trim_start_matches('/'))?;
    // Of what is not there it cannot be told whether it is a folder.
    loader.stat(&source)?;
    let target = lands(loader, &source, text("lands_at").or_else(|| text("destination"))?);
    let ignoring = context::dockerignore(loader, &model.path, folder);
    let without = ignoring.map(|path| {
        let ignore = context::ignore(loader, Some(&path));
        Arc::new(LeftOut { context: folder.to_owned(), ignore })
    });
    let mount = Mount { source, target, at: scope.at, without, gone: Vec::new() };
    let is_file = loader.stat(&mount.source).is_some_and(|stat| stat.kind == Kind::File);
    (!is_file || mount.has(&mount.source)).then_some(mount)
}

/// Where a copy of `source` lies: a file that is put into a folder keeps its name there, a folder gives its content.
fn lands(loader: &dyn Loader, source: &str, target: &str) -> String {
    let is_file = || loader.stat(source).is_some_and(|stat| stat.kind == Kind::File);
    match target.strip_suffix('/') {
        Some(folder) if is_file() => format!("{folder}/{}", loader::name(source)),
        Some(folder) if !folder.is_empty() => folder.to_owned(),
        _ => target.to_owned(),
    }
}

/// What a stage is given that is remembered: stages that copy from each other can multiply it.
const MAX_MOUNTS: usize = 300;

/// Paths that are taken out of one copy and remembered.
const MAX_GONE: usize = 50;

/// The stages of a file, each with what it is built on and what it is given of the folder that is built.
struct Stages<'m> {
    model: &'m Model,
    all: Vec<(ScopeId, Vec<Mount>)>,
}

impl<'m> Stages<'m> {
    fn of(loader: &dyn Loader, model: &'m Model, context: Option<&str>) -> Self {
        Self::read(loader, model, context, true)
    }

    /// With what is there at the end, or all that was there for a time.
    fn read(loader: &dyn Loader, model: &'m Model, context: Option<&str>, at_the_end: bool) -> Self {
        let mut stages = Self { model, all: Vec::new() };
        for (id, scope) in (0..).map(ScopeId).zip(&model.scopes) {
            if scope.kind == kinds::STAGE {
                let beneath = stages.beneath(id).map(|(_, mounts)| mounts.clone()).unwrap_or_default();
                stages.all.push((id, beneath));
            } else if scope.kind == kinds::COPY {
                let text = |key: &str| model.get(id, key).and_then(Value::as_str);
                let found: Vec<Mount> = match text("from").and_then(|name| stages.find(name)) {
                    Some((_, there)) => text("source")
                        .zip(text("lands_at"))
                        .map_or_else(Vec::new, |(source, target)| moved(loader, there, source, target, scope.at)),
                    None => mount(loader, model, id, scope, context).into_iter().collect(),
                };
                if let Some((_, mounts)) = stages.all.last_mut() {
                    for mount in found {
                        let same = |known: &Mount| {
                            known.source == mount.source && known.target == mount.target && known.gone == mount.gone
                        };
                        if mounts.len() < MAX_MOUNTS && !mounts.iter().any(same) {
                            mounts.push(mount);
                        }
                    }
                }
            } else if at_the_end && scope.kind == kinds::COMMAND && &*scope.label == "rm" {
                let paths = model.get(id, "arguments").and_then(Value::as_list).unwrap_or_default();
                if let Some((_, mounts)) = stages.all.last_mut() {
                    paths.iter().filter_map(|path| path.value.as_str()).for_each(|path| take_out(mounts, path));
                }
            }
        }
        stages
    }

    /// The stage with that name or number, of those before.
    fn find(&self, name: &str) -> Option<&(ScopeId, Vec<Mount>)> {
        let named = |id: ScopeId| self.model.get(id, "name").and_then(Value::as_str);
        let by_name = self.all.iter().rfind(|(id, _)| named(*id).is_some_and(|own| own.eq_ignore_ascii_case(name)));
        by_name.or_else(|| self.all.get(name.parse::<usize>().ok()?))
    }

    /// The stage that one is built on, if it is one of the file's.
    fn beneath(&self, id: ScopeId) -> Option<&(ScopeId, Vec<Mount>)> {
        self.find(self.model.get(id, "image")?.as_str()?)
    }

    /// The image from elsewhere that a stage is built on in the end.
    fn base(&self, id: ScopeId) -> Option<String> {
        let mut id = id;
        // A stage stands after what it is built on.
        for _ in 0..self.all.len() {
            let before = self.all.iter().position(|(other, _)| *other == id)?;
            let image = self.model.get(id, "image")?.as_str()?;
            let own = |(at, (other, _)): (usize, &(ScopeId, Vec<Mount>))| {
                let name = self.model.get(*other, "name").and_then(Value::as_str);
                at < before && name.is_some_and(|name| name.eq_ignore_ascii_case(image))
            };
            match self.all.iter().enumerate().rev().find(|it| own((it.0, it.1))) {
                Some((_, (beneath, _))) => id = *beneath,
                None => return Some(image.to_owned()),
            }
        }
        None
    }
}

/// All that the stages of a file are given out of the folder that is built, in the order in which they are given it.
pub(super) fn given(loader: &dyn Loader, model: &Model, context: Option<&str>) -> Vec<(ScopeId, Vec<Mount>)> {
    Stages::read(loader, model, context, false).all
}

/// Takes what lies at a path inside, or below it, out of what was put there. The last part of the path may be a pattern.
fn take_out(mounts: &mut Vec<Mount>, path: &str) {
    let path = path.trim_end_matches('/');
    let (folder, last) = path.rsplit_once('/').unwrap_or_default();
    let is_pattern = last.contains(['*', '?', '[']);
    let is_gone = |inside: &str| {
        let inside = inside.trim_end_matches('/');
        let below = || inside.strip_prefix(folder)?.strip_prefix('/')?.split('/').next();
        if is_pattern { below().is_some_and(|part| loader::matches(last, part)) } else { is_within(inside, path) }
    };
    mounts.retain(|mount| !is_gone(&mount.target));
    for mount in mounts.iter_mut().filter(|mount| !is_pattern && mount.gone.len() < MAX_GONE) {
        let below = path.strip_prefix(mount.target.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        mount.gone.extend(below.and_then(|rest| loader::join(&mount.source, rest)));
    }
}

/// What lies below `source` in another stage, at its place in this one.
fn moved(loader: &dyn Loader, there: &[Mount], source: &str, target: &str, at: Loc) -> Vec<Mount> {
    let source = format!("/{}", source.trim_matches('/'));
    let mut found = Vec::new();
    for mount in there {
        let place = mount.target.trim_end_matches('/');
        if let Some(rest) =
            place.strip_prefix(source.trim_end_matches('/')).filter(|it| it.is_empty() || it.starts_with('/'))
        {
            let target = if rest.is_empty() {
                lands(loader, &mount.source, target)
            } else {
                format!("{}{rest}", target.trim_end_matches('/'))
            };
            found.push(Mount { target, at, ..mount.clone() });
        } else if let Some(rest) = source.strip_prefix(place).and_then(|rest| rest.strip_prefix('/'))
            && let Some(source) = loader::join(&mount.source, rest)
            && loader.stat(&source).is_some()
            && mount.has(&source)
        {
            let target = lands(loader, &source, target);
            found.push(Mount { source, target, at, without: mount.without.clone(), gone: mount.gone.clone() });
        }
    }
    found
}

/// A stage as a service that runs it. `started` are its own commands; `context` is the folder that is built, where it is
/// known.
pub(crate) fn stage(
    reader: &mut Reader<'_>,
    query: &Query,
    file: FileId,
    wanted: Wanted<'_>,
    context: Option<&str>,
) -> Option<Service> {
    let conditions = match wanted {
        Wanted::Built(Some(name)) => vec![("target".to_owned(), name.to_owned())],
        _ => Vec::new(),
    };
    let model = resolved(reader, &Query { conditions, ..query.clone() }, file);
    let is = |id: ScopeId, key: &str| matches!(model.get(id, key), Some(Value::Bool(true)));
    let text = |id: ScopeId, key: &str| model.get(id, key).and_then(Value::as_str);
    let scopes = || (0..).map(ScopeId).zip(&model.scopes);
    let named = |id: ScopeId| text(id, "name");
    let is_wanted = |id: ScopeId| match wanted {
        Wanted::Built(Some(name)) => named(id).is_some_and(|own| own.eq_ignore_ascii_case(name)),
        Wanted::Built(None) => true,
        Wanted::Judged => is(id, "is_target"),
    };
    let stages = || scopes().filter(|(_, scope)| scope.kind == kinds::STAGE);
    // The builder takes a number as well.
    let by_number = |wanted: Wanted<'_>| match wanted {
        Wanted::Built(Some(name)) => stages().nth(name.parse().ok()?),
        _ => None,
    };
    let (id, stage) = stages().filter(|(id, _)| is_wanted(*id)).last().or_else(|| by_number(wanted))?;
    let number = stages().position(|(other, _)| other == id).unwrap_or_default();
    let words = |key: &str| model.get(id, key).and_then(Value::as_list).unwrap_or_default();
    let variables = match model.get(id, "Env") {
        Some(Value::Map(entries)) => entries.iter().map(|entry| (entry.key.clone(), entry.node.clone())).collect(),
        _ => Vec::new(),
    };
    let all = Stages::of(reader.loader, &model, context);
    let mounts = all.all.iter().find(|(other, _)| *other == id).map(|(_, mounts)| mounts.clone());
    Some(Service {
        name: stage.label.clone(),
        at: stage.at,
        image: all.base(id),
        variables,
        mounts: mounts.unwrap_or_default(),
        env_files: Vec::new(),
        depends_on: Vec::new(),
        // As `build.target` would call it.
        names: vec![named(id).map_or_else(|| number.to_string().into(), Str::from)],
        scope: id,
        published: Vec::new(),
        host_network: false,
        built: None,
        started: started(words("Entrypoint"), words("Cmd")),
        entry: started(words("Entrypoint"), &[]),
        networks: Vec::new(),
        routed: false,
        joins_others: false,
        open: stage.open.clone(),
    })
}

/// The commands that an entrypoint and its arguments are, where both stand in one file.
fn started(entrypoint: &[Node], cmd: &[Node]) -> Option<(Script, FileId)> {
    let file = entrypoint.iter().chain(cmd).next()?.at.file;
    let word = |node: &Node| {
        let part = match &node.value {
            Value::Text(Text::Known(text)) => Part::Text { text: text.clone(), at: node.at.span, quoted: true },
            _ => Part::Output { at: node.at.span },
        };
        Word::new(vec![part], node.at.span)
    };
    Some((Script::run(entrypoint.iter().chain(cmd).map(word).collect()), file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;
    use crate::workspace::Workspace;

    #[test]
    fn what_a_step_takes_out_again_is_not_there() {
        let steps = "COPY etc /etc/app\nCOPY a.conf b.conf /srv/\n";
        let seen = |more: &str, inside: &str| {
            let text = format!("FROM debian:13\nWORKDIR /srv\n{steps}{more}\n");
            let files =
                [("Dockerfile", text.as_str()), ("a.conf", ""), ("b.conf", ""), ("etc/c.conf", ""), ("etc/d.conf", "")];
            let memory = Memory::new(files);
            let workspace = Workspace::new(&memory, Query::default());
            let mut reader = workspace.reader();
            let file = reader.open("Dockerfile", None).unwrap();
            stage(&mut reader, &Query::default(), file, Wanted::Built(None), Some("")).unwrap().mounted(inside)
        };
        for (more, gone, left) in [
            ("RUN rm /srv/a.conf", "/srv/a.conf", "/srv/b.conf"),
            ("RUN apt-get update && rm -rf a.conf /var/lib/apt/lists/*", "/srv/a.conf", "/srv/b.conf"),
            ("RUN [\"rm\", \"-f\", \"/etc/app/c.conf\"]", "/etc/app/c.conf", "/etc/app/d.conf"),
            ("RUN rm -rf /etc/app", "/etc/app/c.conf", "/srv/a.conf"),
            ("RUN rm /srv/a.*", "/srv/a.conf", "/srv/b.conf"),
        ] {
            assert_eq!(seen(more, gone), None, "{more}");
            assert!(seen(more, left).is_some(), "{more}");
        }
        for more in ["RUN cd /tmp && rm a.conf", "RUN rm /srv/a.conf\nCOPY a.conf /srv/", "CMD rm /srv/a.conf"] {
            assert_eq!(seen(more, "/srv/a.conf").as_deref(), Some("a.conf"), "{more}");
        }
    }
}
