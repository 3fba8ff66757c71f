//! The model of a module that makes an application: its configuration with its places, the defaults, and what follows.

use super::facts::keys::KEYS;
use super::facts::{self, Facts};
use super::packages::{self, Package};
use super::{deployed, detect, keys};
use crate::deployment::services;
use crate::formats::Printed;
use crate::formats::python::service::Run;
use crate::formats::python::{self, Apps, Interp, Py, Source, Val, literals, service, source_of};
use crate::loader::{self, Loader};
use crate::model::{Model, Node, Origin, Scope, ScopeId, Value, Why};
use crate::problem::Problem;
use crate::schema::{KeyId, KindId};
use crate::secrets;
use crate::text::{FileId, Loc, Span};
use crate::version::Targets;
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;

/// Nodes that all settings together may have.
const MAX_NODES: usize = 60_000;
/// Settings that Flask does not know itself.
const MAX_UNLISTED: usize = 3_000;

pub(super) const APP: KindId = KindId(0);

/// Resolves the module.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file).clone();
    let line = source.text.find('\n').unwrap_or(source.text.len());
    let mut header = Loc::new(file, Span::new(0, line));
    let runs = if query.isolated { Vec::new() } else { service::runs(reader, query, &source.path, &|_, _, _| true) };
    let given = service::environment(&runs, query);
    let published = published(reader, query, &runs);
    let served = deployed::served(reader.loader, &source.path);
    let loader = reader.loader;
    let mut interp = Interp::new(reader, query, given);
    interp.apps = Some(Apps::new(model.versions));
    let space = interp.run(file);
    let app = interp.best_app(space);
    interp.run_as_program(file, space);
    interp.run_starters(space);
    // What is missing is missing where the application is made.
    let made = app.and_then(|app| interp.apps.as_ref()?.made.iter().find(|(id, _)| *id == app).map(|(_, at)| *at));
    if let Some(at) = made {
        header = at;
    }
    let mut scope = Scope::new(APP, "", None, header);
    if header.file == file {
        scope.extent = Span::new(0, source.text.len());
    }
    model.push(scope);
    let (bound, open) = match app {
        Some(app) => interp.configuration(app, header),
        None if detect::is_superset(&source.path) => {
            (named(&interp, space), Some(Why::Limit("Superset sets what its configuration does not")))
        }
        None if detect::is_for_production(&source.path, &source.text) && of_flask(loader, &source.path) => {
            (named(&interp, space), Some(Why::Limit("the application sets what this file does not")))
        }
        None => (BTreeMap::new(), Some(Why::Limit("no application is found in the module"))),
    };
    let assumed = interp.assumed();
    let faults = std::mem::take(&mut interp.faults);
    let calls = interp.apps.as_mut().map(|apps| std::mem::take(&mut apps.calls)).unwrap_or_default();
    let (calls, perhaps): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| call.when.is_empty());
    let superset = detect::is_superset(&source.path);
    let matters = |package: &Package| package.settings().iter().any(|name| bound.contains_key(*name));
    let is_used =
        |package: &Package| superset || packages::are_used(loader, &source.path, &source.text, package.names());
    let packages = Package::ALL.into_iter().filter(matters).filter(is_used).collect();
    let protects_itself = source.text.contains(".protect()");
    let mut facts = Facts {
        packages,
        superset,
        protects_itself,
        interp: &mut interp,
        file,
        space,
        header,
        model,
        bound,
        open: open.clone(),
        app,
        calls,
        perhaps: perhaps.iter().map(|call| call.name.to_string()).collect(),
        published,
        served,
    };
    fill(&mut facts);
    facts::fill(&mut facts);
    let mut model = facts.model;
    python::name_variables(&mut model, &interp.reads.take());
    model.variants = service::variants(&runs, query, &interp.asked.take());
    if let Some(scope) = model.scope_mut(ScopeId(0)) {
        scope.open = open;
        scope.assumed = assumed;
    }
    for (at, message) in faults.into_iter().filter(|(at, _)| at.file == file) {
        let path = reader.source(at.file).path.clone();
        let message = format!("Python cannot read this: {message}");
        model.problems.push(Problem { path, at: Some(at), message });
    }
    model
}

/// Whether something around a module of settings is of Flask: other frameworks have such modules as well.
fn of_flask(loader: &dyn Loader, path: &str) -> bool {
    let around = loader::join(loader::folder(loader::folder(path)), loader::name(path));
    [Some(path), around.as_deref()]
        .into_iter()
        .flatten()
        .any(|path| packages::are_used(loader, path, "", packages::FLASK))
}

/// The settings that a module binds by their names, as a configuration is taken from a file.
fn named(interp: &Interp<'_, '_>, space: usize) -> BTreeMap<String, Val> {
    let Some(module) = interp.spaces.get(space) else { return BTreeMap::new() };
    let is = |name: &str, val: &Val| {
        let upper = !name.starts_with('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
        upper && !matches!(val.py, Py::Unbound | Py::Class(_) | Py::Module(_))
    };
    let settings = module.vars.iter().filter(|(name, val)| is(name, val));
    settings.map(|(name, val)| (name.to_string(), val.clone())).collect()
}

/// Where the services that run the application publish their ports to other machines.
fn published(reader: &mut Reader<'_>, query: &Query, runs: &[Run]) -> Vec<Loc> {
    let query = Query { environment: None, targets: Targets::default(), conditions: Vec::new(), ..query.clone() };
    let mut found = Vec::new();
    for run in runs {
        let Ok(file) = reader.open(&run.project, None) else { continue };
        for service in services::those(reader, &query, file, |service| *service.name == *run.service) {
            found.extend(service.published.iter().filter(|port| port.beyond_host).map(|port| port.at));
        }
    }
    found
}

/// Puts every setting into the application's scope, and those that somebody made into scopes of their own.
fn fill(facts: &mut Facts<'_, '_, '_>) {
    let mut left = MAX_NODES;
    let absent = Node::default_value(Value::Unknown(Why::Limit("it is only set under a condition")));
    let names: Vec<String> = facts.bound.keys().cloned().collect();
    let mut unlisted = 0;
    for name in &names {
        let listed = keys::SCHEMA.key(APP, name).is_some();
        unlisted += usize::from(!listed);
        if !listed && unlisted > MAX_UNLISTED {
            continue;
        }
        let Some(val) = facts.bound.get(name).cloned() else { continue };
        let node = python::node(facts.interp, &val, &absent, &mut left);
        let default = is_default(&val);
        let key = facts.model.key(APP, name);
        if let Some(scope) = facts.model.scope_mut(ScopeId(0)) {
            if default {
                scope.effective.set(key, Node::default_value(node.value));
            } else {
                scope.own.set(key, node);
            }
        }
        if !default {
            setting(facts, name, &val);
        }
    }
    let why = facts.open.clone().unwrap_or(Why::Limit("the application takes it out of its configuration"));
    let missing: Vec<&str> = match facts.open {
        Some(_) => keys::defaults().map(|(name, _)| name).collect(),
        None => super::defaults(facts.model.versions).map(|(name, _)| name).collect(),
    };
    for name in missing.into_iter().filter(|name| !facts.bound.contains_key(*name)) {
        let key = facts.model.key(APP, name);
        if let Some(scope) = facts.model.scope_mut(ScopeId(0)) {
            scope.effective.set(key, Node::default_value(Value::Unknown(why.clone())));
        }
    }
}

/// Whether nothing but Flask set a value.
pub(super) fn is_default(val: &Val) -> bool {
    match &val.py {
        Py::Choice(alts) => {
            alts.iter().any(|alt| alt.val.source == Source::Program)
                && alts.iter().all(|alt| alt.val.source == Source::Program || alt.val.is_unknown())
        }
        _ => val.source == Source::Program,
    }
}

fn setting(facts: &mut Facts<'_, '_, '_>, name: &str, val: &Val) {
    let repr = match python::repr(facts.interp, val) {
        Ok(text) => Value::text(text),
        Err(why) => Value::Unknown(why),
    };
    let text = repr.as_str().unwrap_or_default();
    let named = secrets::is_secret_name(name);
    let hidden = named || secrets::has_credentials(text) || !secrets::spans(text).is_empty();
    let values = vec![
        ("name", Value::text(name)),
        (if hidden { "secret_repr" } else { "repr" }, repr),
        ("origin", Value::text(python::origin_name(&source_of(val)))),
        ("is_secret", Value::Bool(named)),
    ];
    let mut values = values;
    // Keys that cookies and tokens are signed with have scopes of their own.
    let all = if KEYS.contains(&name) { Vec::new() } else { literals::all(facts.interp, name, val) };
    let literal = all.first().filter(|literal| facts.interp.is_committed(literal.at));
    if let Some(literal) = literal {
        let server = match name {
            "MAIL_PASSWORD" => facts.bound.get("MAIL_SERVER"),
            _ => None,
        };
        let public = server.and_then(Val::as_str).is_some_and(literals::is_public_host);
        values.push(("secret_in_code", Value::text(literal.name.as_str())));
        values.push(("secret_stands_in", Value::Bool(literal.stands_in)));
        values.push(("secret_opens_elsewhere", Value::Bool(literal.elsewhere || public && !literal.stands_in)));
        let committed = all.iter().filter(|literal| facts.interp.is_committed(literal.at));
        values.push(("secrets_in_code", literals::names(committed)));
    } else {
        values.push(("secret_in_code", Value::text("")));
    }
    facts.push("setting", name, val.at, values);
    let key = facts.model.format.schema.kind_named("setting").and_then(|kind| keys::SCHEMA.key(kind, "secret_in_code"));
    if let (Some(literal), Some(key)) = (literal, key)
        && let Some(node) = facts.model.scopes.last_mut().and_then(|scope| scope.own.get_mut(key))
    {
        node.at = literal.at;
    }
}

/// A setting as `repr` writes it.
pub(super) fn print(model: &Model, key: KeyId, value: &Value) -> Printed {
    let name = model.key_name(key);
    let found = model.lookup(ScopeId(0), key);
    let effective = found.node.is_some_and(|node| node.value == *value);
    let setting = model.format.schema.kind_named("setting");
    let scope = model.scopes.iter().find(|scope| Some(scope.kind) == setting && *scope.label == *name);
    if let Some(scope) = scope.filter(|_| effective && found.origin != Origin::Default) {
        let keys = ["repr", "secret_repr"].into_iter().filter_map(|key| model.format.schema.key(scope.kind, key));
        if let Some(repr) = keys.into_iter().find_map(|id| scope.own.get(id)) {
            return match &repr.value {
                Value::Unknown(why) => Printed::Unknown(why.to_string()),
                value => Printed::One(value.as_str().unwrap_or_default().to_owned()),
            };
        }
    }
    match python::plain_repr(value) {
        Ok(text) => Printed::One(text),
        Err(why) => Printed::Unknown(why),
    }
}
