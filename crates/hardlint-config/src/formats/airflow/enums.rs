//! Options of which Airflow takes only certain words.

use super::option::{self, Opt};
use super::resolve::CONFIG;
use crate::model::{Model, ScopeId};
use crate::problem::Problem;
use crate::version::Version;
use crate::workspace::Reader;

const LEVELS: &[&str] = &["CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG"];

/// Options that Airflow checks when it starts, from a version on; an empty value passes.
const ENUMS: &[(&str, Version, &[&str])] = &[
    ("api.grid_view_sorting_order", option::v(3, 3), &["topological", "hierarchical_alphabetical"]),
    ("core.dag_ignore_file_syntax", option::v(2, 8), &["regexp", "glob"]),
    ("core.default_task_weight_rule", option::v(2, 8), &["absolute", "downstream", "upstream"]),
    (
        "dag_processor.file_parsing_sort_mode",
        option::v(2, 8),
        &["modified_time", "random_seeded_by_host", "alphabetical"],
    ),
    ("logging.celery_logging_level", option::v(2, 8), LEVELS),
    ("logging.dag_processor_log_target", option::v(3, 3), &["file", "stdout"]),
    ("logging.fab_logging_level", option::v(2, 8), LEVELS),
    ("logging.gunicorn_logging_level", option::v(3, 3), LEVELS),
    ("logging.logging_level", option::v(2, 8), LEVELS),
    ("logging.uvicorn_logging_level", option::v(3, 3), LEVELS),
];

/// Tells of those that have another one.
pub(super) fn check(model: &mut Model, id: ScopeId, reader: &Reader<'_>, versions: &[Version]) {
    for (name, since, words) in ENUMS {
        let holds =
            |option: &Opt| versions.iter().all(|&version| version >= *since && option.default(version).is_some());
        let known = option::named(name).is_some_and(holds);
        let Some(key) = model.format.schema.key(CONFIG, name).filter(|_| known) else { continue };
        let Some(node) = model.scope(id).and_then(|config| config.own.get(key)) else { continue };
        let Some(value) = node.value.as_str().filter(|value| !value.is_empty() && !words.contains(value)) else {
            continue;
        };
        let message = format!("`{name}` is `{value}`, not one of {}: Airflow does not start with it", words.join(", "));
        let path = reader.source(node.at.file).path.clone();
        model.problems.push(Problem { path, at: Some(node.at), message });
    }
}
