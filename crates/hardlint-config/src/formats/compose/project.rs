//! A project as it is loaded, once for all that ask for it one after the other: its own unit, and the files that it builds,
//! mounts and runs.

use super::discover::{self, Project};
use super::load::{self, Loaded};
use crate::text::{FileId, Source};
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// A project that was loaded, which places in it are those of its reader.
pub(super) struct Known {
    pub(super) project: Project,
    pub(super) loaded: Loaded,
    /// The files of that reader, in the order of their ids.
    sources: Vec<Arc<Source>>,
}

/// The project that begins with `file`, or that it is laid over others in.
pub(super) fn of(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Arc<Known> {
    // Whoever has opened more has other places.
    if !reader.begins_with(file) {
        return Arc::new(load(reader, query, file));
    }
    let Query { environment, conditions, document, targets, isolated, .. } = query;
    let asked = [environment.is_some(), *document, targets.0.is_empty(), *isolated];
    let key = format!("{}\0{asked:?}{conditions:?}", reader.source(file).path);
    let known = reader.memo.just_now::<Known>(&key, || {
        let mut own = reader.another();
        own.go_on_as(reader.sources());
        let known = load(&mut own, query, file);
        Known { sources: own.sources().to_vec(), ..known }
    });
    reader.go_on_as(&known.sources);
    known
}

fn load(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Known {
    let project = discover::project(reader, query, file);
    let loaded = load::project(reader, query, &project.files, &project.folder);
    Known { project, loaded, sources: Vec::new() }
}
