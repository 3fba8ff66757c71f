//! The deployment as a model, so that rules judge what no single file shows.
//!
//! It has no files of its own: it is made of a Compose project that was resolved, with the reader that has its files open.

use super::Deployment;
use super::facts;
use super::keys::{DEPLOYMENT, SCHEMA, SERVICE};
use crate::formats::words::Words;
use crate::formats::{Format, Printed, compose, edit};
use crate::model::{Model, Scope, ScopeId, Value};
use crate::schema::KeyId;
use crate::text::FileId;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// Deployments.
pub static FORMAT: Format = Format {
    id: "deployment",
    title: "deployment",
    names: &[],
    sniff: |_, _| false,
    comment: "#",
    schema: &SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve,
    print,
    comments: compose::FORMAT.comments,
    words: Words::NONE,
    identity: crate::formats::label,
    edit: edit::text_only,
};

fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let project = Model::new(format, reader.source(file).path.clone(), versions, Arc::default());
    let project = (format.resolve)(reader, query, file, project);
    let mut model = fill(reader, query, &project, model);
    model.problems = project.problems;
    model
}

/// The deployment that a project, resolved with this reader, makes; of a file that is made to be laid over
/// another, what tells so.
pub fn of_project(reader: &mut Reader<'_>, query: &Query, project: &Model) -> Model {
    let versions = SCHEMA.supported;
    fill(reader, query, project, Model::new(&FORMAT, project.path.clone(), versions, Arc::default()))
}

fn fill(reader: &mut Reader<'_>, query: &Query, project: &Model, mut model: Model) -> Model {
    let Some(root) = project.scopes.first() else { return model };
    let mut whole = Scope::new(DEPLOYMENT, "", None, root.at);
    (whole.extent, whole.role) = (root.extent, root.role);
    if project.get(ScopeId(0), "fragment") == Some(&Value::Bool(true)) {
        model.push(whole);
        facts::of_fragment(reader, project, &mut model);
        return model;
    }
    let deployment = Deployment::of(reader, query, project);
    whole.open.clone_from(&root.open);
    let whole = model.push(whole);
    let mut scopes = Vec::new();
    for member in &deployment.services {
        let mut scope = Scope::new(SERVICE, member.name.clone(), Some(whole), member.at);
        if let Some(own) = project.scope(member.scope()) {
            (scope.extent, scope.open, scope.role) = (own.extent, own.open.clone(), own.role);
        }
        scopes.push(model.push(scope));
    }
    facts::fill(reader, query, project, &deployment, &scopes, &mut model);
    model
}

fn print(_model: &Model, _key: KeyId, value: &Value) -> Printed {
    Printed::of(value, &|value| match value {
        Value::Bool(known) => known.to_string(),
        value => value.as_str().unwrap_or_default().to_owned(),
    })
}
