//! Values of older versions that Airflow replaces when it starts.

use super::option::{self, Ask};
use super::resolve::Got;
use crate::model::{Text, Value};
use crate::version::Version;

/// Values that Airflow replaces when it starts.
pub(super) fn upgraded(name: &str, version: Version, got: Got) -> Got {
    let Got::Set(mut node) = got else { return got };
    if let Value::Text(Text::Known(text)) = &node.value {
        let new = match name {
            "database.sql_alchemy_conn" | "core.sql_alchemy_conn" => {
                let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgres+psycopg2://"));
                rest.map(|rest| format!("postgresql://{rest}"))
            }
            "core.executor" if version >= option::v(3, 0) && text.contains("SequentialExecutor") => {
                Some(text.replace("SequentialExecutor", "LocalExecutor"))
            }
            "logging.log_filename_template" => old_log_template(text, version),
            "core.hostname_callable" if version < option::v(3, 0) => Some(text.replace(':', ".")),
            "api.auth_backends" | "api.auth_backend"
                if version < option::v(3, 0) && (text.is_empty() || &**text == "airflow.api.auth.backend.deny_all") =>
            {
                Some("airflow.api.auth.backend.session".to_owned())
            }
            _ => None,
        };
        if let Some(new) = new {
            node.value = Value::text(new);
        }
    }
    Got::Set(node)
}

/// Defaults of `log_filename_template` that Airflow replaces by the newest one.
const OLD_LOG_TEMPLATES: [&str; 2] = [
    "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log",
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/\
     {% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log",
];

fn old_log_template(text: &str, version: Version) -> Option<String> {
    let [two, three] = OLD_LOG_TEMPLATES;
    let old = if version < option::v(3, 0) { two } else { three };
    match option::named("logging.log_filename_template")?.default(version)? {
        Ask::Is(new) if text.contains(old) => Some(text.replace(old, new)),
        _ => None,
    }
}
