//! How people log in: `webserver_config.py`, which is Python and is read without running it, and `[fab]` of `airflow.cfg`.
//!
//! Only what stands at the top of the module as a plain value is known; what a condition, a call or another module
//! decides is unknown.

use super::resolve::LOGIN;
use crate::model::{Model, Node, Scope, ScopeId, Str, Value, Why};
use crate::problem::Problem;
use crate::syntax::python::{Expr, ExprKind, Module, StmtKind};
use crate::syntax::{python, template};
use crate::text::{FileId, Loc, Span};
use crate::workspace::Reader;
use std::collections::BTreeMap;

/// Whether a file is the Python module rather than an `airflow.cfg`.
pub(super) fn is_module(path: &str) -> bool {
    path.contains("webserver_config.py")
}

/// Resolves `webserver_config.py`.
pub(super) fn resolve(reader: &Reader<'_>, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file);
    let module = python::parse(&source.text);
    let mut login = Scope::new(LOGIN, "", None, Loc::new(file, Span::default()));
    login.extent = Span::new(0, source.text.len());
    let mut settings = Settings { file, known: BTreeMap::new(), open: None };
    if template::is_template(&source.path) || source.text.contains("{{") {
        settings.open = Some(Why::Template("webserver_config.py".into()));
    } else {
        for fault in &module.faults {
            let at = Some(Loc::new(file, fault.at));
            let message = format!("{}: Airflow does not start with it", fault.message);
            model.problems.push(Problem { path: source.path.clone(), at, message });
        }
        settings.read(&module);
    }
    login.open.clone_from(&settings.open);
    let id = model.push(login);
    for (name, node) in &settings.known {
        if let Some(key) = model.format.schema.key(LOGIN, name)
            && let Some(login) = model.scope_mut(id)
        {
            login.own.set(key, node.clone());
        }
    }
    facts(&mut model, id, &settings);
    model
}

/// Adds the scope for the logins of an `airflow.cfg`, of which only the role of visitors can be set there.
pub(super) fn of_configuration(model: &mut Model, config: ScopeId, public_role: Node) {
    let Some(at) = model.scope(config).map(|scope| scope.at) else { return };
    let id = model.push(Scope::new(LOGIN, "", Some(config), at));
    let none = |value: Value| Node::derived(value, at, Vec::new());
    put(model, id, "public_role", public_role);
    put(model, id, "registration_role", none(Value::text("")));
    put(model, id, "from_directory", none(Value::Bool(false)));
    put(model, id, "forms_unprotected", none(Value::Bool(false)));
}

fn put(model: &mut Model, id: ScopeId, fact: &str, node: Node) {
    let key = model.key(LOGIN, fact);
    if let Some(scope) = model.scope_mut(id) {
        scope.effective.set(key, node);
    }
}

struct Settings {
    file: FileId,
    known: BTreeMap<Str, Node>,
    open: Option<Why>,
}

impl Settings {
    fn read(&mut self, module: &Module) {
        for stmt in &module.body {
            match &stmt.kind {
                StmtKind::Assign(targets, value) => {
                    for target in targets {
                        self.assign(target, value);
                    }
                }
                StmtKind::Annotated(target, _, Some(value)) => self.assign(target, value),
                StmtKind::ImportFrom(_, module, names) if names.iter().any(|(name, _)| &**name == "*") => {
                    let why = Why::File(module.clone());
                    let hidden = |node: &mut Node| node.value = Value::Unknown(why.clone());
                    self.known.values_mut().for_each(hidden);
                    self.open = Some(why);
                }
                _ => {
                    for name in python::bound_names(std::slice::from_ref(stmt)) {
                        let why = Why::Runtime(format!("`{name}`").into());
                        let node = Node::set(Value::Unknown(why), Loc::new(self.file, stmt.span));
                        self.known.insert(name, node);
                    }
                }
            }
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr) {
        if let ExprKind::Name(name) = &target.kind {
            let node = Node::set(self.value(value), Loc::new(self.file, value.span));
            self.known.insert(name.clone(), node.named(Loc::new(self.file, target.span)));
        }
    }

    fn value(&self, value: &Expr) -> Value {
        match &value.kind {
            ExprKind::None => Value::Null,
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Int(value) => Value::Bool(*value != 0),
            ExprKind::Str(text) => Value::text(text.clone()),
            ExprKind::Name(name) => match self.known.get(name) {
                Some(node) if !matches!(node.value, Value::Unknown(_)) => node.value.clone(),
                // `AUTH_DB` and its like are told apart by their names.
                _ if name.starts_with("AUTH_") => Value::text(name.clone()),
                _ => Value::Unknown(Why::Runtime(format!("`{name}`").into())),
            },
            _ => Value::Unknown(Why::Runtime("an expression of Python".into())),
        }
    }

    /// A fact that follows from a setting; `absent` where none is.
    fn follows(&self, name: &str, absent: &Value, of: impl FnOnce(&Value) -> Value) -> Node {
        match self.known.get(name) {
            Some(Node { value: Value::Unknown(why), at, .. }) => {
                Node::derived(Value::Unknown(why.clone()), *at, vec![*at])
            }
            Some(node) => Node::derived(of(&node.value), node.at, vec![node.at]),
            None => {
                let value = self.open.clone().map_or_else(|| absent.clone(), Value::Unknown);
                Node::derived(value, Loc::new(self.file, Span::default()), Vec::new())
            }
        }
    }
}

/// Flask-AppBuilder's own name for the role without any right.
const NO_ROLE: &str = "Public";

/// A role as a fact: empty for the one that may do nothing.
pub(super) fn role(text: &str) -> Value {
    Value::text(if text.trim().eq_ignore_ascii_case(NO_ROLE) { "" } else { text.trim() })
}

fn facts(model: &mut Model, id: ScopeId, settings: &Settings) {
    let nothing = Value::text("");
    let named = |value: &Value| value.as_str().map_or(Value::text(""), role);
    put(model, id, "public_role", settings.follows("AUTH_ROLE_PUBLIC", &nothing, named));
    let open = settings.follows("AUTH_USER_REGISTRATION", &Value::Bool(false), |value| {
        Value::Bool(matches!(value, Value::Bool(true)))
    });
    let registration = match open.value {
        Value::Bool(true) => settings.follows("AUTH_USER_REGISTRATION_ROLE", &nothing, named),
        Value::Bool(false) => Node { value: nothing, ..open },
        _ => open,
    };
    put(model, id, "registration_role", registration);
    let directory = settings.follows("AUTH_TYPE", &Value::Bool(false), |value| {
        Value::Bool(value.as_str().is_some_and(|name| ["AUTH_LDAP", "AUTH_REMOTE_USER"].contains(&name)))
    });
    put(model, id, "from_directory", directory);
    let unprotected = settings.follows("WTF_CSRF_ENABLED", &Value::Bool(false), |value| {
        Value::Bool(matches!(value, Value::Bool(false) | Value::Null))
    });
    put(model, id, "forms_unprotected", unprotected);
}
