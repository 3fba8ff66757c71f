//! The model of a settings module: its settings with their places, the defaults, and what Django decides on one by one.

use super::eval::{self, Interp, Py, Source, Val, source_of, why_of};
use super::facts::{self, Facts};
use super::{deployed, fronted, keys, origins, proxied, secret};
use crate::deployment::role::{self, Role};
use crate::formats::Printed;
use crate::formats::python::literals;
use crate::formats::python::{self, service};
use crate::model::{Assumed, Model, Node, Origin, Scope, ScopeId, Value, Why};
use crate::problem::Problem;
use crate::schema::{Default, KeyId, KindId, Type};
use crate::secrets;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that all settings of a module together may have.
const MAX_NODES: usize = 60_000;
/// Settings that Django does not know itself.
const MAX_UNLISTED: usize = 3_000;

const MODULE: KindId = KindId(0);

/// Resolves the module.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file).clone();
    let line = source.text.find('\n').unwrap_or(source.text.len());
    let header = Loc::new(file, Span::new(0, line));
    let mut scope = Scope::new(MODULE, "", None, header);
    scope.extent = Span::new(0, source.text.len());
    model.push(scope);
    let runs = if query.isolated {
        Vec::new()
    } else {
        service::runs(reader, query, &source.path, &|loader, context, variables| {
            deployed::runs(loader, context, variables, &source.path)
        })
    };
    let given = service::environment(&runs, query);
    let mut interp = Interp::new(reader, query, given);
    let space = interp.run(file);
    let found = settings(&interp, space, query);
    let faults = std::mem::take(&mut interp.faults);
    let mut facts = Facts::new(&mut interp, header, model, found.bound, found.open.clone());
    fill(&mut facts);
    facts.module();
    scopes(&mut facts);
    let trusted = facts.proxy_header();
    let mut model = facts.model;
    python::name_variables(&mut model, &interp.reads.take());
    model.variants = service::variants(&runs, query, &interp.asked.take());
    where_nothing_is_set(reader, query, file, &runs, &mut model);
    let ways = trusted.map(|header| proxied::ways(reader, query, &runs, &header)).unwrap_or_default();
    clients_way(&mut model, &ways);
    let (done, places) = fronted::facts(reader, query, &runs);
    by_proxy(&mut model, &done, &places);
    if let Some(scope) = model.scope_mut(ScopeId(0)) {
        scope.open = found.open;
        scope.assumed = found.assumed;
    }
    for (at, message) in faults {
        let path = reader.source(at.file).path.clone();
        let message = format!("Python cannot read this: {message}");
        model.problems.push(Problem { path, at: Some(at), message });
    }
    model
}

/// Asks which key is taken where no variable is set that nobody sets, if the site debugs there: under a condition that
/// both depend on, `if DEBUG: SECRET_KEY = "…"`, neither alone tells.
fn where_nothing_is_set(
    reader: &mut Reader<'_>,
    query: &Query,
    file: FileId,
    runs: &[service::Run],
    model: &mut Model,
) {
    let is = |name: &str, wanted: &Value| model.get(ScopeId(0), name) == Some(wanted);
    let doubtful = is("debug_default_on", &Value::Bool(true)) && is("secret_key_origin", &Value::text("computed"));
    if !doubtful || query.environment.is_some() || !service::environment(runs, query).is_empty() {
        return;
    }
    let bare = Query { environment: Some(BTreeMap::new()), ..query.clone() };
    let mut interp = Interp::new(reader, &bare, BTreeMap::new());
    let space = interp.run(file);
    let found = settings(&interp, space, &bare);
    let debugs = found.bound.get("DEBUG").and_then(|val| interp.truth_of(val)) == Some(true);
    let key = found.bound.get("SECRET_KEY").filter(|key| debugs && key.as_str().is_some_and(|text| !text.is_empty()));
    let Some(key) = key.filter(|key| key.source == Source::Literal) else { return };
    let (at, values) = (
        key.at,
        [("secret_key_fallback_literal", Value::Bool(true)), ("secret_key_origin", Value::text("environment-default"))],
    );
    let Some(scope) = model.scope_mut(ScopeId(0)) else { return };
    for (name, value) in values {
        if let Some(fact) = keys::SCHEMA.key(MODULE, name) {
            scope.own.set(fact, Node::derived(value, at, vec![at]));
        }
    }
}

/// Says how a client can write the header that tells of HTTPS.
fn clients_way(model: &mut Model, ways: &[proxied::Way]) {
    let (Some(setting), Some(fact)) =
        (keys::SCHEMA.key(MODULE, "SECURE_PROXY_SSL_HEADER"), keys::SCHEMA.key(MODULE, "proxy_header_from_client"))
    else {
        return;
    };
    let Some(scope) = model.scope_mut(ScopeId(0)) else { return };
    let at = scope.own.get(setting).map_or(scope.at, |node| node.at);
    let from = std::iter::once(at).chain(ways.iter().map(|way| way.at)).collect();
    let text = ways.first().map_or("", |way| &way.text);
    scope.own.set(fact, Node::derived(Value::text(text), at, from));
}

/// Says what the proxies in front do.
fn by_proxy(model: &mut Model, done: &[&str], places: &[Loc]) {
    let Some(scope) = model.scope_mut(ScopeId(0)) else { return };
    for name in fronted::FACTS {
        let Some(key) = keys::SCHEMA.key(MODULE, name) else { continue };
        let (at, from) = (scope.at, if done.contains(&name) { places.to_vec() } else { Vec::new() });
        scope.own.set(key, Node::derived(Value::Bool(done.contains(&name)), at, from));
    }
}

struct Found {
    bound: BTreeMap<String, Val>,
    open: Option<Why>,
    assumed: Option<Assumed>,
}

/// The settings that a module binds: its upper-case names, or those of the class that `django-configurations` is to take.
fn settings(interp: &Interp<'_, '_>, space: usize, query: &Query) -> Found {
    let Some(module) = interp.spaces.get(space) else {
        return Found { bound: BTreeMap::new(), open: None, assumed: None };
    };
    let mut bound = BTreeMap::new();
    let mut open = module.open.clone();
    for (name, val) in &module.vars {
        if eval::is_setting(name) && !name.starts_with('_') && !matches!(val.py, Py::Unbound) {
            bound.insert(name.to_string(), val.clone());
        }
    }
    let configurations: Vec<usize> = module
        .vars
        .values()
        .filter_map(|val| if let Py::Class(class) = val.py { Some(class) } else { None })
        .filter(|class| is_configuration(interp, *class, 0))
        .collect();
    if !configurations.is_empty() {
        let wanted = query.environment.as_ref().and_then(|all| all.get("DJANGO_CONFIGURATION"));
        let class = wanted.and_then(|name| module.vars.get(name.as_str()));
        match class.map(|val| &val.py) {
            Some(Py::Class(class)) => {
                let mut names = BTreeSet::new();
                class_names(interp, *class, &mut names, 0);
                for name in names {
                    if let Some(val) = interp.member_of(*class, &name) {
                        bound.insert(name, val);
                    }
                }
            }
            _ => open = open.or(Some(Why::Variable("DJANGO_CONFIGURATION".into()))),
        }
    }
    Found { bound, open, assumed: module.assumed.clone() }
}

fn is_configuration(interp: &Interp<'_, '_>, class: usize, depth: usize) -> bool {
    let Some(space) = interp.spaces.get(class).filter(|_| depth < 20) else { return false };
    space.bases.iter().any(|base| match &base.py {
        Py::Ext(name) => name.starts_with("configurations."),
        Py::Class(above) => is_configuration(interp, *above, depth + 1),
        _ => false,
    })
}

fn class_names(interp: &Interp<'_, '_>, class: usize, names: &mut BTreeSet<String>, depth: usize) {
    let Some(space) = interp.spaces.get(class).filter(|_| depth < 20) else { return };
    names.extend(space.vars.keys().filter(|name| eval::is_setting(name)).map(ToString::to_string));
    for base in &space.bases {
        if let Py::Class(above) = base.py {
            class_names(interp, above, names, depth + 1);
        }
    }
}

/// Puts every setting into the module's scope: what the module binds, and the defaults that the key table cannot write.
fn fill(facts: &mut Facts<'_, '_, '_>) {
    let mut left = MAX_NODES;
    let names: Vec<String> = facts.bound.keys().cloned().collect();
    let mut unlisted = 0;
    for name in &names {
        let listed = keys::SCHEMA.key(MODULE, name).is_some();
        unlisted += usize::from(!listed);
        if !listed && unlisted > MAX_UNLISTED {
            continue;
        }
        let Some(val) = facts.bound.get(name).cloned() else { continue };
        let default = default_node(facts, name);
        let node = eval::node(facts.interp, &val, &default, &mut left);
        let key = facts.model.key(MODULE, name);
        if let Some(scope) = facts.model.scope_mut(ScopeId(0)) {
            scope.own.set(key, node);
        }
    }
    for (name, key) in keys::defaults() {
        let bound = facts.bound.contains_key(name);
        let Some(id) = keys::SCHEMA.key(MODULE, name).filter(|_| !bound) else { continue };
        if facts.open.is_none() && key.ty != Type::Any {
            continue;
        }
        let node = match &facts.open {
            Some(why) => Node::default_value(Value::Unknown(why.clone())),
            None if key.default.over(facts.model.versions).is_none() => continue,
            None => default_node(facts, name),
        };
        if let Some(scope) = facts.model.scope_mut(ScopeId(0)) {
            scope.effective.set(id, node);
        }
    }
}

/// The default as a node.
fn default_node(facts: &mut Facts<'_, '_, '_>, name: &str) -> Node {
    let Some(key) = keys::SCHEMA.keys.iter().find(|key| key.name == name && !key.fact) else {
        return Node::default_value(Value::Unknown(Why::Limit("it is only bound under a condition")));
    };
    let value = match key.default.over(facts.model.versions) {
        // Long tables of formats and languages, which nothing judges: as text.
        Some(Some(text)) if text.len() > 400 => Value::text(text),
        Some(Some(text)) => {
            let text = python(key.ty, text);
            let val = facts.interp.constant(&text, facts.header);
            let none = Node::default_value(Value::Null);
            return as_default(eval::node(facts.interp, &val, &none, &mut 1_000));
        }
        Some(None) => Value::Unknown(Why::Version(name.into())),
        None => Value::Null,
    };
    Node::default_value(value)
}

fn as_default(node: Node) -> Node {
    let value = match node.value {
        Value::List(list) => Value::List(list.into_iter().map(as_default).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter().map(|entry| crate::model::Entry { key: entry.key, node: as_default(entry.node) }).collect(),
        ),
        value => value,
    };
    Node::default_value(value)
}

/// A default of the key table as Python writes it.
pub(super) fn python(ty: Type, text: &str) -> String {
    match ty {
        Type::Bool => if text == "true" { "True" } else { "False" }.to_owned(),
        Type::String => eval::text_repr(text),
        Type::List(_) => {
            let words: Vec<String> = text.split_whitespace().map(eval::text_repr).collect();
            format!("[{}]", words.join(", "))
        }
        _ => text.to_owned(),
    }
}

/// Makes the scopes of what Django decides on one by one.
fn scopes(facts: &mut Facts<'_, '_, '_>) {
    let names: Vec<String> = facts.bound.keys().take(MAX_UNLISTED).cloned().collect();
    for name in names {
        setting(facts, &name);
    }
    apps(facts);
    middleware(facts);
    super::policy::fill(facts);
    super::stores::databases(facts);
    super::stores::caches(facts);
    super::given::fill(facts);
    for name in ["CSRF_TRUSTED_ORIGINS", "CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"] {
        origins_of(facts, name, false);
    }
    for name in ["CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"] {
        origins_of(facts, name, true);
    }
}

/// Texts that say no, and count as yes.
const FALSE: &[&str] = &["false", "no", "off", "0", "f", "n"];

/// A scope in the module, with its facts.
pub(super) fn push(facts: &mut Facts<'_, '_, '_>, kind: &str, label: &str, at: Loc, values: Vec<(&str, Value)>) {
    let Some(kind) = keys::SCHEMA.kind_named(kind) else { return };
    let mut scope = Scope::new(kind, label, Some(ScopeId(0)), at);
    for (key, value) in values {
        if let Some(id) = keys::SCHEMA.key(kind, key) {
            scope.own.set(id, Node::derived(value, at, vec![at]));
        }
    }
    facts.model.push(scope);
}

fn setting(facts: &mut Facts<'_, '_, '_>, name: &str) {
    let Some(val) = facts.bound.get(name).cloned() else { return };
    let repr = match eval::repr(facts.interp, &val) {
        Ok(text) => Value::text(text),
        Err(why) => Value::Unknown(why),
    };
    // Of a map that has a password, all is hidden.
    let text = repr.as_str().unwrap_or_default();
    let hidden = secret::is_secret_name(name) || secrets::has_credentials(text) || !secrets::spans(text).is_empty();
    let ways = facts.interp.ways(&val);
    let mut types: Vec<&str> = ways.iter().map(|(_, val)| facts::type_name(facts.interp, val)).collect();
    types.dedup();
    let kind = if let [only] = types.as_slice() { *only } else { "unknown" };
    let flag = facts::is_flag(name);
    // What a variable gives is text unless the code casts it, whatever stands in for it.
    let given = |val: &Val| matches!(val.source, Source::Environment(_) | Source::EnvironmentDefault(_));
    // `"True"` in the code is at least taken as what it says; it debugs all the same.
    let misread = |val: &Val| {
        matches!(val.py, Py::Str(_))
            && (given(val)
                || name == "DEBUG"
                || val.as_str().is_none_or(|text| FALSE.contains(&text.to_ascii_lowercase().as_str())))
    };
    let texts: Vec<&Val> = ways.iter().map(|(_, val)| val).filter(|val| misread(val)).collect();
    let text_flag = flag && !texts.is_empty() && (texts.len() == ways.len() || texts.iter().any(|val| given(val)));
    let text_on = ways.iter().any(|(_, val)| val.as_str().is_some_and(|text| !text.is_empty()));
    let samesite = matches!(name, "SESSION_COOKIE_SAMESITE" | "CSRF_COOKIE_SAMESITE");
    let crosses = |val: &Val| match &val.py {
        Py::None | Py::Bool(false) => Some(true),
        Py::Str(_) => Some(val.as_str()?.eq_ignore_ascii_case("none")),
        _ => None,
    };
    let crosses = if samesite { facts.each(name, |_, val| crosses(val)) } else { Some(false) };
    let values = vec![
        ("name", Value::text(name)),
        (if hidden { "secret_repr" } else { "repr" }, repr),
        ("type", Value::text(kind)),
        ("origin", Value::text(eval::origin_name(&source_of(&val)))),
        ("is_flag", Value::Bool(flag)),
        ("is_text_flag", Value::Bool(text_flag)),
        ("is_text_that_counts", Value::Bool(text_flag && text_on)),
        ("lets_cookie_cross", crosses.map_or_else(|| Value::Unknown(why_of(&val)), Value::Bool)),
        ("is_secret", Value::Bool(secret::is_secret_name(name))),
    ];
    let mut values = values;
    let of_production = || role::of_path(&facts.model.path) == Role::Production;
    let guessed = || literals::guessed_database(facts.interp, &val).filter(|_| name == "DATABASES" && of_production());
    let mut all = literals::all(facts.interp, name, &val);
    all.extend(if all.is_empty() { guessed() } else { None });
    let literal = all.first();
    if let Some(literal) = literal.filter(|literal| facts.interp.is_committed(literal.at)) {
        values.push(("secret_in_code", Value::text(literal.name.as_str())));
        values.push(("secret_stands_in", Value::Bool(literal.stands_in)));
        let host = if name == "EMAIL_HOST_PASSWORD" { facts.bound.get("EMAIL_HOST") } else { None };
        let public = host.and_then(|host| host.as_str()).is_some_and(literals::is_public_host);
        let elsewhere = literal.elsewhere || public && !literal.stands_in;
        values.push(("secret_opens_elsewhere", Value::Bool(elsewhere)));
        let committed = all.iter().filter(|literal| facts.interp.is_committed(literal.at));
        values.push(("secrets_in_code", literals::names(committed)));
    } else {
        values.push(("secret_in_code", Value::text("")));
    }
    push(facts, "setting", name, val.at, values);
    let key = facts.model.format.schema.kind_named("setting").and_then(|kind| keys::SCHEMA.key(kind, "secret_in_code"));
    if let (Some(literal), Some(key)) = (literal, key)
        && let Some(node) = facts.model.scopes.last_mut().and_then(|scope| scope.own.get_mut(key))
    {
        node.at = literal.at;
    }
}

/// The elements of a list that are known whatever the conditions, in the first alternative.
fn elements(facts: &mut Facts<'_, '_, '_>, name: &str) -> Vec<Val> {
    if !facts.bound.contains_key(name) {
        return Vec::new();
    }
    let val = facts.effective(name);
    let mut ways = facts.interp.items(&val);
    let Some((_, Ok(list))) = ways.pop() else { return Vec::new() };
    let in_all = |wanted: &Val| {
        ways.iter().all(|(_, list)| {
            list.as_ref()
                .is_ok_and(|list| list.iter().any(|val| val.as_str().is_some() && val.as_str() == wanted.as_str()))
        })
    };
    list.iter().filter(|val| val.as_str().is_some() && in_all(val)).take(2_000).cloned().collect()
}

fn middleware(facts: &mut Facts<'_, '_, '_>) {
    let list = elements(facts, "MIDDLEWARE");
    let (mut before, mut names): (Vec<Node>, Vec<String>) = (Vec::new(), Vec::new());
    for (position, val) in list.iter().enumerate().take(200) {
        let class = val.as_str().unwrap_or_default().to_owned();
        let early = super::order::too_early(&class, &names).into_iter();
        let early = early.map(|name| Node::derived(Value::text(name), val.at, vec![val.at])).collect();
        let values = vec![
            ("name", Value::text(class.as_str())),
            ("too_early", Value::List(early)),
            ("position", Value::Int(i64::try_from(position).unwrap_or(i64::MAX))),
            ("before", Value::List(before.clone())),
        ];
        push(facts, "middleware", &class, val.at, values);
        before.push(Node::derived(Value::text(class.as_str()), val.at, vec![val.at]));
        names.push(class);
    }
}

fn apps(facts: &mut Facts<'_, '_, '_>) {
    for val in elements(facts, "INSTALLED_APPS").iter().take(500) {
        let name = val.as_str().unwrap_or_default();
        let tool = super::hardening::is_debug_tool(name);
        push(facts, "app", name, val.at, vec![("name", Value::text(name)), ("is_debug_tool", Value::Bool(tool))]);
    }
}

fn origins_of(facts: &mut Facts<'_, '_, '_>, name: &str, pattern: bool) {
    for val in elements(facts, name) {
        let text = val.as_str().unwrap_or_default().to_owned();
        let origin = origins::parse(&text);
        let impostor = if pattern { "" } else { origins::impostor(&text) };
        let values = vec![
            ("name", Value::text(text.as_str())),
            ("setting", Value::text(name)),
            ("scheme", Value::text(if pattern { "" } else { origin.scheme.as_str() })),
            ("host", Value::text(if pattern { "" } else { origin.host.as_str() })),
            ("impostor", Value::text(impostor)),
            ("is_any", Value::Bool(!pattern && origin.is_any)),
            ("is_shared_suffix", Value::Bool(!pattern && origin.is_shared_suffix)),
            (
                "is_local",
                Value::Bool(origin.is_local || pattern && (text.contains("localhost") || text.contains("127"))),
            ),
            ("is_pattern", Value::Bool(pattern)),
            ("is_everything", Value::Bool(pattern && origins::lets_everybody_in(&text))),
            (
                "is_unanchored",
                Value::Bool(pattern && !origins::lets_everybody_in(&text) && origins::is_unanchored(&text)),
            ),
        ];
        push(facts, "origin", &text, val.at, values);
    }
}

/// A setting as `diffsettings` prints it: its `repr`.
pub(super) fn print(model: &Model, key: KeyId, value: &Value) -> Printed {
    let name = model.key_name(key);
    let found = model.lookup(ScopeId(0), key);
    let effective = found.node.is_some_and(|node| node.value == *value);
    if effective && found.origin == Origin::Default {
        let listed = model.format.schema.get(key).filter(|key| !matches!(key.default, Default::Absent));
        if let Some((key, Some(Some(text)))) = listed.map(|key| (key, key.default.over(model.versions)))
            && !matches!(value, Value::Unknown(_))
        {
            return Printed::One(python(key.ty, text));
        }
    }
    let setting = model.format.schema.kind_named("setting");
    let scope = model.scopes.iter().find(|scope| Some(scope.kind) == setting && *scope.label == *name);
    if let Some(repr) = scope.filter(|_| effective).and_then(|scope| {
        let keys = ["repr", "secret_repr"].into_iter().filter_map(|key| model.format.schema.key(scope.kind, key));
        keys.into_iter().find_map(|id| scope.own.get(id))
    }) {
        return match &repr.value {
            Value::Unknown(why) => Printed::Unknown(why.to_string()),
            value => Printed::One(value.as_str().unwrap_or_default().to_owned()),
        };
    }
    match eval::plain_repr(value) {
        Ok(text) => Printed::One(text),
        Err(why) => Printed::Unknown(why),
    }
}
