//! Secrets that stand in a project's files: one scope for each value or default, however many places hold it, because
//! one change mends them all.

use super::images;
use super::interpolate::{self, Environment};
use super::keys::SECRET;
use super::load::Loaded;
use super::resolve::{Service, Variable, set};
use crate::model::{Model, Node, Origin, Scope, ScopeId, Text, Value};
use crate::secrets;
use crate::text::{Loc, Span};
use crate::workspace::Reader;
use std::collections::BTreeMap;

/// Defaults nested deeper than this are not looked into.
const MAX_DEPTH: usize = 4;

/// A secret, and the places that hold it.
#[derive(Default)]
struct Secret {
    name: Box<str>,
    name_at: Option<Loc>,
    places: Vec<Node>,
    known_default: bool,
    /// Whether a service that holds it can be reached.
    exposed: bool,
    /// Whether a server whose published password it is can be reached.
    server_exposed: bool,
}

/// How a secret is written, what it is, and for defaults the variable: what is one cause.
type Cause = (&'static str, Box<str>, Box<str>);

/// Adds the secrets of all services to the model.
pub(super) fn fill(
    reader: &Reader<'_>,
    model: &mut Model,
    loaded: &Loaded,
    services: &[Service],
    exposed: &BTreeMap<ScopeId, bool>,
) {
    let mut found = Found { secrets: BTreeMap::new(), order: Vec::new() };
    for service in services {
        let exposed = exposed.get(&service.id).copied().unwrap_or(false);
        for variable in &service.environment {
            found.variable(reader, service, variable, exposed, &loaded.environment);
        }
        found.defaults(reader, &service.node, exposed, &loaded.environment);
    }
    for cause in &found.order {
        if let Some(secret) = found.secrets.get(cause) {
            add(model, cause, secret);
        }
    }
}

fn add(model: &mut Model, cause: &Cause, secret: &Secret) {
    let Some(first) = secret.places.first() else { return };
    let mut scope = Scope::new(SECRET, secret.name.clone(), Some(model.focus), first.at);
    scope.label_at = secret.name_at.unwrap_or(first.at);
    let id = model.push(scope);
    let from: Vec<Loc> = secret.places.iter().map(|place| place.at).collect();
    let fact = |value: Value| Node::derived(value, first.at, from.clone());
    set(model, id, "written", fact(Value::text(cause.0)));
    set(model, id, "known_default", fact(Value::Bool(secret.known_default)));
    let exposed = if secret.known_default { secret.server_exposed } else { secret.exposed };
    set(model, id, "exposed", Node::derived(Value::Bool(exposed), first.at, Vec::new()));
    set(model, id, "secret_values", fact(Value::List(secret.places.clone())));
}

struct Found {
    secrets: BTreeMap<Cause, Secret>,
    order: Vec<Cause>,
}

impl Found {
    fn put(&mut self, cause: Cause, name: &str, place: Node, known_default: bool, exposed: bool) {
        if !self.secrets.contains_key(&cause) {
            self.order.push(cause.clone());
        }
        let secret = self.secrets.entry(cause).or_default();
        // The place where the value counts as published is the one to mend first.
        let leads = known_default && !secret.known_default;
        if secret.places.is_empty() || leads {
            secret.name = name.into();
            secret.name_at = place.name_at;
        }
        secret.known_default |= known_default;
        secret.exposed |= exposed;
        secret.server_exposed |= exposed && known_default;
        if secret.places.iter().any(|known| known.at == place.at) {
            return;
        }
        if leads {
            secret.places.insert(0, place);
        } else {
            secret.places.push(place);
        }
    }

    fn variable(
        &mut self,
        reader: &Reader<'_>,
        service: &Service,
        it: &Variable,
        exposed: bool,
        project: &Environment,
    ) {
        let Some(value) = it.node.value.as_str() else { return };
        let known_default = is_known_default(service, it, value);
        let secret = known_default || is_secret(&it.name, value);
        if !secret || value.is_empty() {
            return;
        }
        let written = if it.from_file || it.node.origin == Origin::Environment {
            "file"
        } else if interpolate::expressions(reader.slice(it.node.at)).is_empty() {
            "literal"
        } else {
            // A default in use is told where defaults are looked for.
            if let Some((name, span)) = whole_default(reader, &it.node, project) {
                let at = Loc::new(it.node.at.file, span);
                let place = Node { at, ..it.node.clone() };
                self.put(("default", value.into(), name.as_str().into()), &name, place, known_default, exposed);
            }
            return;
        };
        self.put((written, value.into(), "".into()), &it.name, it.node.clone(), known_default, exposed);
    }

    /// The defaults of variables with a secret's name, wherever the service uses them.
    fn defaults(&mut self, reader: &Reader<'_>, node: &Node, exposed: bool, environment: &Environment) {
        match &node.value {
            Value::List(list) => {
                for node in list {
                    self.defaults(reader, node, exposed, environment);
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    self.defaults(reader, &entry.node, exposed, environment);
                }
            }
            Value::Text(_) if node.origin == Origin::Set => {
                let raw = reader.slice(node.at);
                if raw.contains("${") {
                    self.text(raw, node.at, exposed, environment, 0);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, raw: &str, at: Loc, exposed: bool, environment: &Environment, depth: usize) {
        for expression in interpolate::expressions(raw) {
            let operator = expression.operator;
            if !matches!(operator, "-" | ":-") || is_set(environment, expression.name, operator) {
                continue;
            }
            let end = expression.range.end - 1;
            let start = end.saturating_sub(expression.argument.len());
            let base = at.span.start as usize;
            let place = Loc::new(at.file, Span::new(base + start, base + end));
            if expression.argument.contains("${") {
                if depth < MAX_DEPTH {
                    self.text(expression.argument, place, exposed, environment, depth + 1);
                }
            } else if is_secret(expression.name, expression.argument) {
                let known = images::password_of(expression.name)
                    .is_some_and(|password| password.defaults.contains(&expression.argument));
                let cause = ("default", expression.argument.into(), expression.name.into());
                let value = Value::text(expression.argument);
                let place = Node { value, origin: Origin::Set, at: place, name_at: None };
                self.put(cause, expression.name, place, known, exposed);
            }
        }
    }
}

/// Whether a value under a name is a secret, and not the example of one that is only had from somebody else.
fn is_secret(name: &str, value: &str) -> bool {
    let example = secrets::is_placeholder(value) && secrets::is_for_another_service(name);
    secrets::is_secret_name(name) && secrets::is_literal(value) && !example
}

/// Whether a variable has a value, so that its default is not used.
fn is_set(environment: &Environment, name: &str, operator: &str) -> bool {
    environment.get(name).is_some_and(|variable| match &variable.value {
        Text::Known(value) => !value.is_empty() || operator == "-",
        Text::Pieces(_) => true,
    })
}

/// The variable and the default's place, where a value is all one default that is in use.
fn whole_default(reader: &Reader<'_>, node: &Node, environment: &Environment) -> Option<(String, Span)> {
    let raw = reader.slice(node.at);
    let expressions = interpolate::expressions(raw);
    let [expression] = expressions.as_slice() else { return None };
    let quoted = raw.trim_matches(['"', '\'']);
    let whole = expression.range.len() == quoted.len();
    let default = matches!(expression.operator, "-" | ":-") && !expression.argument.contains("${");
    if !whole || !default || is_set(environment, expression.name, expression.operator) {
        return None;
    }
    let end = node.at.span.start as usize + expression.range.end - 1;
    Some((expression.name.to_owned(), Span::new(end - expression.argument.len(), end)))
}

/// Whether a variable gives a server a password that everybody knows.
fn is_known_default(service: &Service, variable: &Variable, value: &str) -> bool {
    let Some(password) = images::password_of(&variable.name) else { return false };
    let user = password.user.and_then(|user| service.environment.iter().find(|it| &*it.name == user));
    password.defaults.contains(&value)
        || user.and_then(|user| user.node.value.as_str()).is_some_and(|user| user == value && !value.is_empty())
}
