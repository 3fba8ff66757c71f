//! The model of a module: the applications that it makes with their middleware, the settings that it holds, and the keys and
//! servers that it names.

use super::{APPLICATIONS, commands, detect, files, keys, middleware, server, tokens};
use crate::deployment::services;
use crate::formats::python::service::Run;
use crate::formats::python::{self, Apps, Call, Interp, Kind, Py, Val, service, why_of};
use crate::formats::{Printed, flask};
use crate::loader::{self, Loader};
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::problem::Problem;
use crate::schema::{KeyId, KindId};
use crate::text::{FileId, Loc, Span};
use crate::version::Targets;
use crate::workspace::{Query, Reader};

pub(super) const MODULE: KindId = KindId(0);
/// Nodes that all values together may have.
const MAX_NODES: usize = 60_000;
/// Folders above the module in which what starts it is looked for.
const MAX_FOLDERS: usize = 5;

/// What is known of a module, and what is made of it.
pub(super) struct Facts<'i, 'r, 'l> {
    pub(super) interp: &'i mut Interp<'r, 'l>,
    pub(super) model: Model,
    pub(super) file: FileId,
    /// The namespace of the module.
    pub(super) space: usize,
    /// What is called, in the order of the calls.
    pub(super) calls: Vec<Call>,
    /// Whether other machines reach a port of a service that runs it.
    pub(super) published: bool,
    /// Whether a service or an image starts the module as a program.
    pub(super) started: bool,
    pub(super) left: usize,
}

/// Resolves the module.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file).clone();
    if commands::starts(&source.path) {
        return commands::resolve(reader, query, file, model);
    }
    let header = server::first_line(file, &source.text);
    let runs = if query.isolated { Vec::new() } else { service::runs(reader, query, &source.path, &|_, _, _| true) };
    let given = service::environment(&runs, query);
    let published = is_published(reader, query, &runs);
    let started = !query.isolated && is_started(reader.loader, &source.path);
    let mut interp = Interp::new(reader, query, given);
    let versions = query.targets.versions("flask", flask::FORMAT.schema.supported);
    interp.apps = Some(Apps::new(versions));
    let space = interp.run(file);
    let makes = |apps: &Apps| apps.calls.iter().any(|call| APPLICATIONS.contains(&&*call.name));
    if !interp.apps.as_ref().is_some_and(makes) {
        interp.call_makers(space, &["FastAPI(", "Starlette("]);
    }
    interp.run_as_program(file, space);
    let mut scope = Scope::new(MODULE, "", None, header);
    scope.extent = Span::new(0, source.text.len());
    model.push(scope);
    let faults = std::mem::take(&mut interp.faults);
    let calls = interp.apps.as_mut().map(|apps| std::mem::take(&mut apps.calls)).unwrap_or_default();
    let mut facts = Facts { interp: &mut interp, model, file, space, calls, published, started, left: MAX_NODES };
    if detect::is_of_gunicorn(&source.path, &source.text) {
        facts.gunicorn();
    } else {
        middleware::fill(&mut facts);
        files::fill(&mut facts, &source.path);
        facts.settings();
        tokens::fill(&mut facts);
        server::fill(&mut facts);
    }
    let has_app = facts.model.scopes.iter().any(|scope| keys::SCHEMA.kind(scope.kind).name == "app");
    if let (Some(key), Some(scope)) = (keys::SCHEMA.key(MODULE, "has_app"), facts.model.scope_mut(ScopeId(0))) {
        scope.own.set(key, Node::derived(Value::Bool(has_app), header, vec![header]));
    }
    let mut model = facts.model;
    python::name_variables(&mut model, &interp.reads.take());
    model.variants = service::variants(&runs, query, &interp.asked.take());
    for (at, message) in faults.into_iter().filter(|(at, _)| at.file == file) {
        let path = reader.source(at.file).path.clone();
        let message = format!("Python cannot read this: {message}");
        model.problems.push(Problem { path, at: Some(at), message });
    }
    model
}

/// Whether a service that runs the module publishes a port to other machines.
fn is_published(reader: &mut Reader<'_>, query: &Query, runs: &[Run]) -> bool {
    let query = Query { environment: None, targets: Targets::default(), conditions: Vec::new(), ..query.clone() };
    runs.iter().any(|run| {
        let Ok(file) = reader.open(&run.project, None) else { return false };
        let services = services::those(reader, &query, file, |it| *it.name == *run.service);
        services.iter().any(|it| it.published.iter().any(|port| port.beyond_host))
    })
}

/// Whether a text around the module starts it as a program: `python app/main.py`, `python -m app.main`.
fn is_started(loader: &dyn Loader, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..MAX_FOLDERS {
        for file in crate::formats::django::deployers(loader, folder) {
            let is_file = loader.stat(&file).is_some_and(|stat| stat.kind == loader::Kind::File);
            let Some(text) = loader.read(&file).ok().filter(|_| is_file) else { continue };
            if String::from_utf8_lossy(&text).lines().any(|line| starts(line, path)) {
                return true;
            }
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    false
}

fn starts(line: &str, path: &str) -> bool {
    let line = line.trim();
    if line.starts_with('#') || !line.contains("python") {
        return false;
    }
    let words = line.split(|c: char| c.is_whitespace() || "[],\"'".contains(c)).filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| !loader::name(word).starts_with("python"));
    words.next();
    let mut module = false;
    for word in words {
        if word == "-m" {
            module = true;
        } else if !word.starts_with('-') {
            let named = if module {
                format!("{}.py", word.replace('.', "/"))
            } else {
                word.trim_start_matches("./").to_owned()
            };
            return ends_with(path, &named) || named.starts_with('/') && loader::name(&named) == loader::name(path);
        }
    }
    false
}

/// Whether a path ends with the parts of another.
fn ends_with(path: &str, tail: &str) -> bool {
    path.strip_suffix(tail).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

impl Facts<'_, '_, '_> {
    /// A scope with its facts.
    pub(super) fn push(
        &mut self,
        kind: &str,
        label: &str,
        parent: ScopeId,
        at: Loc,
        values: Vec<(&str, Value)>,
    ) -> Option<ScopeId> {
        let kind = keys::SCHEMA.kind_named(kind)?;
        let mut scope = Scope::new(kind, label, Some(parent), at);
        if at.file == self.file {
            scope.extent = at.span;
        }
        for (key, value) in values {
            if let Some(id) = keys::SCHEMA.key(kind, key) {
                scope.own.set(id, Node::derived(value, at, vec![at]));
            }
        }
        Some(self.model.push(scope))
    }

    /// Sets a fact that follows from what stands at a place.
    pub(super) fn put(&mut self, scope: ScopeId, fact: &str, value: Value, at: Loc) {
        let Some(found) = self.model.scope_mut(scope) else { return };
        if let Some(key) = keys::SCHEMA.key(found.kind, fact) {
            found.own.set(key, Node::derived(value, at, vec![at]));
        }
    }

    /// A value as the model has it.
    pub(super) fn node(&mut self, val: &Val) -> Node {
        let absent = Node::default_value(Value::Unknown(Why::Limit("it is only set under a condition")));
        python::node(self.interp, val, &absent, &mut self.left)
    }

    /// Sets a key to what it is given, or to what holds where it is given nothing.
    pub(super) fn set(&mut self, scope: ScopeId, name: &str, given: Option<&Val>, default: Value) {
        let node = given.map(|val| self.node(val));
        let Some(kind) = self.model.scope(scope).map(|found| found.kind) else { return };
        let key = self.model.key(kind, name);
        let Some(found) = self.model.scope_mut(scope) else { return };
        match node {
            Some(node) => drop(found.own.set(key, node)),
            None => drop(found.effective.set(key, Node::default_value(default))),
        }
    }

    /// What all alternatives of a value answer; unknown where they differ.
    pub(super) fn each(&mut self, val: &Val, mut ask: impl FnMut(&mut Self, &Val) -> Option<bool>) -> Value {
        let mut answers = Vec::new();
        for (_, val) in self.interp.ways(val) {
            answers.push(ask(self, &val));
        }
        match answers.first().copied().flatten() {
            Some(first) if answers.iter().all(|answer| *answer == Some(first)) => Value::Bool(first),
            _ => Value::Unknown(why_of(val)),
        }
    }

    /// Whether an argument is true; what is not given is `default`.
    pub(super) fn truth(&mut self, given: Option<&Val>, default: bool) -> Value {
        let Some(val) = given else { return Value::Bool(default) };
        self.each(val, |facts, val| match val.py {
            Py::Unbound => Some(default),
            Py::Unknown(_, Kind::Bool) => None,
            _ => facts.interp.truth_of(val),
        })
    }

    /// Whether a call is only made under a condition that is not known, but for one that asks whether there is what it is given.
    pub(super) fn is_conditional(&self, call: &Call) -> bool {
        call.when.iter().any(|lit| {
            let text =
                self.interp.conds.get(lit.cond).map_or_else(Default::default, crate::model::Str::to_ascii_lowercase);
            !lit.holds || !["origin", "cors"].iter().any(|word| text.contains(word)) || text.contains("==")
        })
    }
}

/// A value as `repr` writes it.
pub(super) fn print(model: &Model, key: KeyId, value: &Value) -> Printed {
    let name = model.key_name(key);
    let setting = keys::SCHEMA.kind_named("setting");
    let own = model.scope(ScopeId(0)).and_then(|module| module.own.get(key)).is_some_and(|node| node.value == *value);
    let labelled = |scope: &&Scope| {
        let field = scope.label.rsplit('.').next().unwrap_or_default();
        Some(scope.kind) == setting && field == &*name
    };
    if let Some(scope) = model.scopes.iter().find(labelled).filter(|_| own) {
        let keys = ["repr", "secret_repr"].into_iter().filter_map(|key| model.format.schema.key(scope.kind, key));
        if let Some(repr) = keys.into_iter().find_map(|id| scope.own.get(id)) {
            return match &repr.value {
                Value::Unknown(why) => Printed::Unknown(why.to_string()),
                value => Printed::One(value.as_str().unwrap_or_default().to_owned()),
            };
        }
    }
    let gunicorn = model.scope(model.focus).is_some_and(|scope| &*scope.label == "gunicorn");
    if let Some(text) = value.as_str().filter(|_| gunicorn) {
        return Printed::One(text.to_owned());
    }
    match python::plain_repr(value) {
        Ok(text) => Printed::One(text),
        Err(why) => Printed::Unknown(why),
    }
}
