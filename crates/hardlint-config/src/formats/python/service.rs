//! The environment that Compose gives a module: that of the services which build its project and run it.
//!
//! Only what all of them agree on is known. What neither they nor the images that they build set may be set by the image
//! beneath, and stays unknown.

use crate::deployment::role::{self, Role};
use crate::deployment::{self, services};
use crate::formats::compose;
use crate::loader::{self, Loader};
use crate::model::{Model, Scope, ScopeId, Text, Value};
use crate::text::Loc;
use crate::version::Targets;
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A variable that is set, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) text: Text,
    pub(crate) at: Loc,
}

/// A service that runs a module.
pub(crate) struct Run {
    /// The file that its project begins with.
    pub(crate) project: String,
    /// Its name.
    pub(crate) service: String,
    variables: BTreeMap<String, Given>,
}

/// Whether a service runs the module: what is asked besides that it is built from a folder around it, with that folder and
/// the service's variables.
pub(crate) type Runs<'f> = dyn Fn(&dyn Loader, &str, &BTreeMap<String, Given>) -> bool + 'f;

/// Names that Compose loads by itself.
const NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// Folders above the module in which a project of Compose is looked for.
const MAX_FOLDERS: usize = 8;

/// The services that run the module at `path`, of the nearest projects that have some.
pub(crate) fn runs(reader: &mut Reader<'_>, query: &Query, path: &str, runs: &Runs<'_>) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut folder = loader::folder(path).to_owned();
    for _ in 0..MAX_FOLDERS {
        for file in projects(reader.loader, &folder) {
            services(reader, query, &file, path, runs, &mut found);
        }
        if folder.is_empty() || !found.is_empty() {
            break;
        }
        folder = loader::folder(&folder).to_owned();
    }
    found
}

/// The variables that all of the services set alike.
pub(crate) fn environment(runs: &[Run]) -> BTreeMap<String, Given> {
    let mut all = runs.iter();
    let mut agreed = all.next().map(|run| run.variables.clone()).unwrap_or_default();
    for other in all {
        agreed.retain(|name, given| other.variables.get(name).is_some_and(|there| there.text == given.text));
    }
    agreed
}

/// The projects of a folder: the one that Compose loads by itself, and those for production beside it.
fn projects(loader: &dyn Loader, folder: &str) -> Vec<String> {
    let names = loader.list(folder);
    let is = |name: &String| {
        let lower = name.to_ascii_lowercase();
        let yaml = lower.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "yml" | "yaml"));
        let live = yaml && lower.contains("compose") && role::of_path(&lower) == Role::Production;
        live || NAMES.contains(&lower.as_str())
    };
    let path = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    names.into_iter().filter(is).take(4).map(path).collect()
}

fn services(reader: &mut Reader<'_>, query: &Query, file: &str, path: &str, runs: &Runs<'_>, found: &mut Vec<Run>) {
    let Ok(id) = reader.open(file, None) else { return };
    let query = Query { environment: None, targets: Targets::default(), ..query.clone() };
    let format = &compose::FORMAT;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let model = Model::new(format, file.into(), versions, Arc::default());
    let model = (format.resolve)(reader, &query, id, model);
    let Some(kind) = format.schema.kind_named("service") else { return };
    for (at, scope) in model.scopes.iter().enumerate().filter(|(_, scope)| scope.kind == kind) {
        let Some(context) = context(&model, scope, file) else { continue };
        if !path.starts_with(&format!("{context}/")) && !context.is_empty() {
            continue;
        }
        let Ok(id) = u32::try_from(at).map(ScopeId) else { continue };
        let mut variables = variables(&model, id);
        // What the service does not set is as its image has it.
        let build = model.get(id, "build").and_then(services::built);
        let image = build.and_then(|built| deployment::image_of(reader, &query, &built));
        for (name, node) in image.into_iter().flat_map(|image| image.variables) {
            if let Value::Text(text) = node.value {
                variables.entry(name.to_string()).or_insert(Given { text, at: node.at });
            }
        }
        if runs(reader.loader, &context, &variables) {
            found.push(Run { project: file.to_owned(), service: scope.label.to_string(), variables });
        }
    }
}

/// The folder below the root that a service is built from.
fn context(model: &Model, scope: &Scope, file: &str) -> Option<String> {
    let key = model.format.schema.key(scope.kind, "build")?;
    let context = scope.own.get(key)?.value.entry("context")?.value.as_str()?.to_owned();
    let context = context.strip_prefix("./").unwrap_or(&context);
    if context == "." { Some(loader::folder(file).to_owned()) } else { loader::join(loader::folder(file), context) }
}

fn variables(model: &Model, service: ScopeId) -> BTreeMap<String, Given> {
    let schema = model.format.schema;
    let Some(kind) = schema.kind_named("variable") else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    for scope in model.scopes.iter().filter(|scope| scope.kind == kind && scope.parent == Some(service)) {
        let mut keys = ["value", "secret_value"].into_iter().filter_map(|key| schema.key(kind, key));
        let node = keys.find_map(|key| scope.own.get(key));
        if let Some(Value::Text(text)) = node.map(|node| &node.value) {
            let at = node.map_or(scope.at, |node| node.at);
            all.insert(scope.label.to_string(), Given { text: text.clone(), at });
        }
    }
    all
}
