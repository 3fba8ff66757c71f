//! Folders whose files an application gives out as they are.

use super::resolve::Facts;
use crate::formats::python::{Py, Val};
use crate::model::{ScopeId, Value};

/// Folders of one module that are told of.
const MAX: usize = 100;

/// Fills them in.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>, module: &str) {
    let served =
        facts.calls.iter().filter(|call| call.name.ends_with(".staticfiles.StaticFiles") && call.when.is_empty());
    let folders = served.filter_map(|call| call.args.named("directory").cloned());
    let folders: Vec<Val> = folders.take(MAX).collect();
    for folder in folders {
        let whole = matches!(&folder.py, Py::Str(_) | Py::Path(_))
            && folder.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte == b'/'));
        let reach = match facts.interp.holds(&folder, module) {
            Some(true) if whole => "the whole disk",
            Some(true) => "the source of the application, and what lies beside it",
            _ => "",
        };
        facts.push("static_files", "", ScopeId(0), folder.at, vec![("reach", Value::text(reach))]);
    }
}
