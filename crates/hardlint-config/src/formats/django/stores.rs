//! Databases and caches: what each entry of DATABASES and CACHES connects to.

use super::eval::{self, Py, Source, Val, origin_name, source_of, why_of};
use super::facts::Facts;
use super::resolve::push;
use super::{keys, secret};
use crate::model::{Node, Value, Why};

/// The entries of a dict of dicts that is known.
pub(super) fn entries(facts: &mut Facts<'_, '_, '_>, name: &str) -> Vec<(String, Val)> {
    let val = facts.effective(name);
    let Py::Ref(id) = val.py else { return Vec::new() };
    match facts.interp.objects(id).as_slice() {
        [(_, eval::Obj::Dict(dict))] => dict
            .entries
            .iter()
            .filter_map(|(key, val)| Some((key.as_str()?.to_owned(), val.clone())))
            .take(200)
            .collect(),
        _ => Vec::new(),
    }
}

/// A value of a dict, and `None` where it is known that there is none; else why it is not known.
pub(super) fn entry(facts: &Facts<'_, '_, '_>, dict: &Val, key: &str) -> Result<Option<Val>, Why> {
    let Py::Ref(id) = dict.py else { return Err(why_of(dict)) };
    match facts.interp.objects(id).as_slice() {
        [(_, eval::Obj::Dict(dict))] => match (dict.text(key), &dict.open) {
            (Some(val), None) => Ok(Some(val.clone())),
            (None, None) => Ok(None),
            (_, Some(why)) => Err((**why).clone()),
        },
        _ => Err(why_of(dict)),
    }
}

pub(super) fn text_value(found: &Result<Option<Val>, Why>) -> Value {
    match found {
        Ok(None) => Value::text(""),
        Ok(Some(val)) => match (&val.py, val.as_str()) {
            (_, Some(text)) => Value::text(text),
            (Py::None, _) => Value::text(""),
            (Py::Str(text), None) => Value::Text((**text).clone()),
            _ => Value::Unknown(why_of(val)),
        },
        Err(why) => Value::Unknown(why.clone()),
    }
}

pub(super) fn databases(facts: &mut Facts<'_, '_, '_>) {
    for (alias, dict) in entries(facts, "DATABASES") {
        // Of a choice, the part that stands in for a variable is what the code itself decides.
        let ways = facts.interp.ways(&dict);
        let known = ways.iter().rev().find(|(_, val)| matches!(val.py, Py::Ref(_)));
        let dict = known.map_or(dict, |(_, val)| val.clone());
        let (engine, host) = (entry(facts, &dict, "ENGINE"), entry(facts, &dict, "HOST"));
        let (user, password) = (entry(facts, &dict, "USER"), entry(facts, &dict, "PASSWORD"));
        let sslmode = match entry(facts, &dict, "OPTIONS") {
            Ok(Some(options)) => match (entry(facts, &options, "sslmode"), entry(facts, &options, "ssl")) {
                (Ok(None), Ok(Some(_))) => Value::text("on"),
                (mode, _) => text_value(&mode),
            },
            other => text_value(&other),
        };
        let remote = match text_value(&host).as_str() {
            Some(host) => Value::Bool(is_remote(host)),
            None => Value::Unknown(host.as_ref().map_or_else(Clone::clone, |val| val.as_ref().map_or(UNSET, why_of))),
        };
        let password_text = text_value(&password);
        let placeholder = match password_text.as_str() {
            Some(text) => Value::Bool(!text.is_empty() && secret::is_placeholder(text)),
            None => Value::Bool(false),
        };
        let password_origin = match (&password, password_text.as_str()) {
            (Ok(Some(val)), _) if matches!(source_of(val), Source::EnvironmentDefault(_)) => {
                Value::text("environment-default")
            }
            (_, Some("")) => Value::text("empty"),
            (Ok(Some(val)), _) => Value::text(origin_name(&source_of(val))),
            _ => Value::text("computed"),
        };
        let at = match &password {
            Ok(Some(val)) => val.at,
            _ => dict.at,
        };
        let values = vec![
            ("name", Value::text(alias.as_str())),
            ("engine", text_value(&engine)),
            ("host_name", text_value(&host)),
            ("user", text_value(&user)),
            ("password_origin", password_origin),
            ("password_is_placeholder", placeholder),
            ("sslmode", sslmode),
            ("is_remote", remote),
        ];
        push(facts, "database", &alias, dict.at, values);
        let last = facts.model.scopes.len().saturating_sub(1);
        if let (Some(scope), Some(kind)) = (facts.model.scopes.get_mut(last), keys::SCHEMA.kind_named("database"))
            && let Some(id) = keys::SCHEMA.key(kind, "password")
        {
            scope.own.set(id, Node::derived(password_text, at, vec![at]));
        }
    }
}

/// Whether uploads are kept as files of the machine, and the setting that says so: elsewhere files have no modes.
pub(super) fn uploads(facts: &mut Facts<'_, '_, '_>) -> (Option<bool>, &'static str) {
    let is_files = |backend: &Value| backend.as_str().map(|class| class.ends_with("FileSystemStorage"));
    if facts.bound.contains_key("STORAGES") {
        let default = entries(facts, "STORAGES").into_iter().find(|(alias, _)| alias == "default");
        let backend = default.map(|(_, dict)| text_value(&entry(facts, &dict, "BACKEND")));
        return (backend.as_ref().and_then(is_files), "STORAGES");
    }
    if facts.bound.contains_key("DEFAULT_FILE_STORAGE") {
        let class = facts.effective("DEFAULT_FILE_STORAGE");
        return (class.as_str().map(|class| class.ends_with("FileSystemStorage")), "DEFAULT_FILE_STORAGE");
    }
    (facts.open.is_none().then_some(true), "STORAGES")
}

pub(super) const UNSET: Why = Why::Limit("it is not set");

/// Whether a host is another machine: a name with a dot, or an address that is not this machine's. A bare name is that of
/// a service beside it.
pub(super) fn is_remote(host: &str) -> bool {
    let local = host.is_empty() || host.starts_with('/') || host == "localhost" || host.starts_with("127.");
    let last = host.rsplit_once('.').map(|(_, last)| last);
    !local && last.is_some_and(|last| !matches!(last, "local" | "internal"))
}

pub(super) fn caches(facts: &mut Facts<'_, '_, '_>) {
    if !facts.bound.contains_key("CACHES") {
        return;
    }
    for (alias, dict) in entries(facts, "CACHES") {
        let backend = text_value(&entry(facts, &dict, "BACKEND"));
        let shared = super::given::is_shared_folder(facts, &dict);
        let at = match entry(facts, &dict, "LOCATION") {
            Ok(Some(location)) if shared == Value::Bool(true) => location.at,
            _ => dict.at,
        };
        let values = vec![("name", Value::text(alias.as_str())), ("backend", backend), ("is_shared_folder", shared)];
        push(facts, "cache", &alias, at, values);
    }
}
