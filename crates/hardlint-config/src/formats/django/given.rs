//! What the application gives out, takes in and reads back: folders whose files everybody gets, templates, requests without a
//! limit, and what queues and caches unpickle.

use super::eval::{Py, Val, why_of};
use super::facts::Facts;
use super::hardening::elements;
use super::resolve::push;
use super::stores::{entry, text_value};
use crate::model::Value;

/// Settings that name a folder whose files are given out, or copied to where they are.
const FOLDERS: &[&str] = &["MEDIA_ROOT", "STATICFILES_DIRS", "STATIC_ROOT", "WHITENOISE_ROOT"];
/// What a request may have, without which it has any number or size.
const LIMITS: &[&str] =
    &["DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS", "DATA_UPLOAD_MAX_NUMBER_FILES"];
/// How Celery calls what Python pickles.
const PICKLES: &[&str] = &["pickle", "application/x-python-serialize"];
/// Switches of django-storages and boto3 that leave the TLS to the store out, or do not check it.
const STORE_TLS: &[&str] = &["AWS_S3_USE_SSL", "AWS_S3_VERIFY"];

/// Fills in the scopes.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let module = facts.interp.source(facts.header.file).path.clone();
    for name in FOLDERS.iter().filter(|name| facts.bound.contains_key(**name)).copied().collect::<Vec<_>>() {
        let given = match name {
            "STATICFILES_DIRS" => elements(facts, name).unwrap_or_default(),
            _ => vec![facts.effective(name)],
        };
        for val in given.iter().take(100) {
            // A pair of a prefix and a folder.
            let parts = if matches!(val.py, Py::Tuple(_)) { facts.interp.items(val) } else { Vec::new() };
            let folder = match parts.as_slice() {
                [(_, Ok(pair))] => pair.get(1).unwrap_or(val),
                _ => val,
            };
            let holds = facts.interp.holds(folder, &module) == Some(true) && is_read(facts, name);
            let values = vec![("setting", Value::text(name)), ("holds_settings", Value::Bool(holds))];
            push(facts, "public_folder", name, folder.at, values);
        }
    }
    templates(facts);
    weak(facts);
}

/// Whether anything reads the setting of a folder: the application for static files and its finders, a store on this machine.
fn is_read(facts: &mut Facts<'_, '_, '_>, name: &str) -> bool {
    let lacks = |facts: &mut Facts<'_, '_, '_>, setting: &str, wanted: &str| {
        let set = facts.bound.contains_key(setting);
        let list = elements(facts, setting).filter(|_| set);
        list.is_some_and(|list| {
            let texts: Option<Vec<&str>> = list.iter().map(Val::as_str).collect();
            texts.is_some_and(|texts| !texts.iter().any(|text| text.starts_with(wanted)))
        })
    };
    let (alias, older) = match name {
        "STATICFILES_DIRS" => {
            return !lacks(facts, "INSTALLED_APPS", "django.contrib.staticfiles")
                && !lacks(facts, "STATICFILES_FINDERS", "django.contrib.staticfiles.finders.FileSystemFinder");
        }
        "MEDIA_ROOT" => ("default", "DEFAULT_FILE_STORAGE"),
        "STATIC_ROOT" => ("staticfiles", "STATICFILES_STORAGE"),
        _ => return true,
    };
    let elsewhere = |backend: &str| backend.starts_with("storages.");
    let storages = facts.effective("STORAGES");
    let backend = match entry(facts, &storages, alias) {
        Ok(Some(storage)) => entry(facts, &storage, "BACKEND").ok().flatten(),
        _ => None,
    };
    let older = facts.effective(older);
    !backend.as_ref().and_then(Val::as_str).is_some_and(elsewhere) && !older.as_str().is_some_and(elsewhere)
}

fn templates(facts: &mut Facts<'_, '_, '_>) {
    let engines: Vec<Val> = elements(facts, "TEMPLATES").unwrap_or_default();
    for engine in engines.iter().take(100) {
        let Ok(Some(options)) = entry(facts, engine, "OPTIONS") else { continue };
        let Ok(Some(escapes)) = entry(facts, &options, "autoescape") else { continue };
        let on = facts.interp.truth_of(&escapes).map_or_else(|| Value::Unknown(why_of(&escapes)), Value::Bool);
        let values = vec![("escapes", on), ("is_alone", Value::Bool(engines.len() == 1))];
        push(facts, "template_engine", "", escapes.at, values);
    }
}

/// Settings whose values weaken the application. What only a part that is not at hand could set says nothing of this module.
fn weak(facts: &mut Facts<'_, '_, '_>) {
    let accepted = facts.each("CELERY_ACCEPT_CONTENT", |facts, val| match val.py {
        Py::Unbound => Some(false),
        _ => facts.texts(val).map(|list| list.iter().any(|text| PICKLES.contains(&text.as_str()))),
    });
    let mut found = Vec::new();
    if accepted == Some(true) {
        found.push(("CELERY_ACCEPT_CONTENT", "unpickles"));
    }
    for name in LIMITS {
        let val = facts.effective(name);
        if facts.bound.contains_key(*name) && facts.is_none(&val) == Some(true) {
            found.push((name, "unlimited"));
        }
    }
    // An address says itself how it is reached.
    let endpoint = facts.effective("AWS_S3_ENDPOINT_URL");
    let endpoint = endpoint.as_str().unwrap_or_default();
    let host = endpoint.split_once("://").map_or("", |(_, rest)| rest);
    let local = ["localhost", "127.", "[::1]"].iter().any(|start| host.starts_with(start));
    let answered = |name: &str| local || name.ends_with("_USE_SSL") && endpoint.starts_with("https:");
    for name in STORE_TLS.iter().filter(|name| !answered(name)) {
        let off = facts.each(name, |facts, val| match val.py {
            Py::None | Py::Unbound => Some(false),
            _ => facts.interp.truth_of(val).map(|on| !on),
        });
        if facts.bound.contains_key(*name) && off == Some(true) {
            found.push((name, "store-without-tls"));
        }
    }
    for (name, effect) in found {
        let at = facts.place(name);
        push(facts, "weakening", "", at, vec![("setting", Value::text(name)), ("effect", Value::text(effect))]);
    }
}

/// Whether a cache keeps what it unpickles in a folder that everybody on the machine may write to.
pub(super) fn is_shared_folder(facts: &Facts<'_, '_, '_>, cache: &Val) -> Value {
    let backend = text_value(&entry(facts, cache, "BACKEND"));
    let files = backend.as_str().is_some_and(|class| class.ends_with(".FileBasedCache"));
    let location = text_value(&entry(facts, cache, "LOCATION"));
    let shared = |text: &str| {
        ["/tmp", "/var/tmp", "/dev/shm"]
            .iter()
            .any(|top| text.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    Value::Bool(files && location.as_str().is_some_and(shared))
}
