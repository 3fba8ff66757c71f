//! A file that is made to be laid over the project to make it harder to break into, and that no command lays over it.

use crate::deployment::chains;
use crate::deployment::keys::{DEPLOYMENT, SCHEMA};
use crate::formats::compose;
use crate::loader;
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::Reader;

/// Settings of a service that take something from it which an attacker could use.
const HARDENING: [&str; 4] = ["cap_drop", "read_only", "security_opt", "user"];

/// Settings that go with them.
const BESIDES: [&str; 11] = [
    "cpus",
    "deploy",
    "init",
    "mem_limit",
    "mem_reservation",
    "memswap_limit",
    "networks",
    "pids_limit",
    "restart",
    "tmpfs",
    "ulimits",
];

/// Fills in what such a file would take away. `project` is that file alone.
pub(in crate::deployment) fn fill(reader: &Reader<'_>, project: &Model, model: &mut Model) {
    let found = hardening(project)
        .filter(|_| has_base(reader, project) && chains::forgets(reader.loader, reader.memo, &project.path));
    let (names, from) = found.unwrap_or_default();
    let Some(key) = SCHEMA.key(DEPLOYMENT, "unused_hardening") else { return };
    if let Some(root) = model.scope_mut(ScopeId(0)) {
        let at = from.first().copied().unwrap_or(root.at);
        root.own.set(key, Node::derived(Value::text(names.join("`, `")), at, from));
    }
}

/// What a file that does nothing else takes from the services, and where.
fn hardening(project: &Model) -> Option<(Vec<&'static str>, Vec<Loc>)> {
    let schema = project.format.schema;
    let (mut names, mut from) = (Vec::new(), Vec::new());
    for scope in project.scopes.iter().skip(1) {
        if schema.kind(scope.kind).name != "service" {
            return None;
        }
        for (key, node) in scope.own.iter() {
            let key = schema.keys.get(usize::from(key.0)).filter(|key| !key.fact && !is_nothing(&node.value));
            let Some(name) = key.map(|key| key.name) else { continue };
            match HARDENING.iter().find(|known| **known == name) {
                Some(name) if hardens(name, &node.value) => {
                    from.push(node.at);
                    if !names.contains(name) {
                        names.push(*name);
                    }
                }
                None if BESIDES.contains(&name) => {}
                _ => return None,
            }
        }
    }
    from.sort_unstable_by_key(|at| at.span);
    (!names.is_empty()).then_some((names, from))
}

/// What Compose puts there where the file says nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

fn hardens(name: &str, value: &Value) -> bool {
    let words = || value.as_list().unwrap_or_default().iter().filter_map(|node| node.value.as_str());
    match name {
        "user" => {
            value.as_str().is_some_and(|user| !user.is_empty() && !matches!(user.split(':').next(), Some("0" | "root")))
        }
        "read_only" => *value == Value::Bool(true),
        "security_opt" => words().all(|word| word.starts_with("no-new-privileges") && !word.ends_with("false")),
        _ => words().next().is_some(),
    }
}

/// Whether the project that it is made for lies beside it: one with all of its services.
fn has_base(reader: &Reader<'_>, project: &Model) -> bool {
    let folder = loader::folder(&project.path);
    let base = compose::BASES.iter().find_map(|name| reader.loader.read(&loader::join(folder, name)?).ok());
    let Some(text) = base.and_then(|bytes| String::from_utf8(bytes).ok()) else { return false };
    let Some(service) = project.format.schema.kind_named("service") else { return false };
    let names = |name: &str| {
        text.lines().any(|line| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    };
    project.scopes.iter().filter(|scope| scope.kind == service).all(|scope| names(&scope.label))
}
