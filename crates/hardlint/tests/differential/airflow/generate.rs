//! Writes `airflow.cfg` and the environment that Airflow runs in.

use crate::case::Case;
use crate::write::{self, Bytes, Mood, moods, mostly};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Asked in each case: what was moved or renamed, what may come from a command, and what a file seldom sets.
#[rustfmt::skip]
pub(super) const ASKED: [&str; 19] = [
    "core.executor", "core.parallelism", "core.load_examples", "core.fernet_key", "core.x_one", "core.x_two",
    "database.sql_alchemy_conn", "core.sql_alchemy_conn", "api.secret_key", "webserver.secret_key", "api.expose_config", "webserver.expose_config",
    "api.base_url", "webserver.base_url", "api.port", "webserver.web_server_port", "api.workers", "celery.broker_url", "scheduler.parsing_processes",
];

const SECTIONS: &[&str] = &[
    "[core]",
    "[api]",
    "[webserver]",
    "[database]",
    "[core]",
    "[celery]",
    "[DEFAULT]",
    "[logging]",
    "[a.b]",
    "[CORE]",
    "[ core ]",
    "[core] ",
    "[core",
    "[]",
    "[core] # c",
    "[scheduler]",
    "[dag_processor]",
    " [core]",
    "[core]]",
    "[default]",
    "[secrets]",
];
const OPTIONS: &[&str] = &[
    "executor",
    "parallelism",
    "load_examples",
    "x_one",
    "x_two",
    "secret_key",
    "expose_config",
    "base_url",
    "port",
    "web_server_port",
    "sql_alchemy_conn",
    "fernet_key",
    "workers",
    "broker_url",
    "EXECUTOR",
    "X_One",
    "parsing_processes",
    "x one",
    "x-1",
    "fernet_key_cmd",
    "executor_cmd",
    "secret_key_secret",
    "sql_alchemy_conn_cmd",
    "x.y",
    "[x",
    "#x",
    "x%y",
    "unit_test_mode",
    "backend",
    "fernet_key_secret",
];
const SEPARATORS: &[&str] = &[" = ", "=", ": ", ":", " =", "  =  ", " : ", "\t=\t", "= = ", " ", ""];
const PIECES: &[&str] = &[
    "LocalExecutor",
    "16",
    "True",
    "abc",
    "",
    "a b",
    "/srv/x",
    "postgresql://u:p@h/db",
    "0.0.0.0",
    " # c",
    " ; c",
    "%%",
    "%%d",
    "%(x_one)s",
    "%(x_two)s",
    "%(X_One)s",
    "$WHO",
    "${WHO}",
    "$NOBODY",
    "${NOBODY}",
    "~",
    "'q'",
    "\"q\"",
    "%",
    "%d",
    "%(x_missing)s",
    "%(executor)s",
    "%(parallelism)s",
    "{x}",
    "{{x}}",
    "{AIRFLOW_HOME}",
    "\\n",
    "$",
    "$$",
    "${",
    "#",
    ";",
    "=",
    "é",
    "%(x_one)",
    "%%(x_one)s",
    "${WHO}x",
    "$WHOx",
    "~/x",
    "http://h:1/%%20",
    "%(x one)s",
];
const VARIABLES: &[&str] = &[
    "AIRFLOW__CORE__EXECUTOR=CeleryExecutor",
    "AIRFLOW__CORE__X_ONE=env",
    "WHO=me",
    "AIRFLOW__WEBSERVER__SECRET_KEY=envold",
    "AIRFLOW__API__SECRET_KEY=envnew",
    "AIRFLOW__CORE__FERNET_KEY=",
    "AIRFLOW__CORE__PARALLELISM=8",
    "AIRFLOW__CORE__SQL_ALCHEMY_CONN=sqlite:////x",
    "AIRFLOW__CORE__X_TWO=100%%",
    "AIRFLOW__CORE__X_TWO=%(x_one)s",
    "AIRFLOW__core__x_one=low",
    "AIRFLOW__A_B__KEY=v",
    "AIRFLOW__CORE__LOAD_EXAMPLES=f",
    "AIRFLOW__WEBSERVER__BASE_URL=http://e",
    "AIRFLOW__API__PORT=1",
    "AIRFLOW__WEBSERVER__WEB_SERVER_PORT=2",
    "AIRFLOW__CORE__X_ONE=$WHO",
    "AIRFLOW__CORE__X_ONE=${WHO}/x",
    "AIRFLOW__CORE__X_TWO=a b # c",
    "AIRFLOW__WEBSERVER__EXPOSE_CONFIG=True",
    "AIRFLOW__CORE__X__ONE=x",
    "AIRFLOW__SCHEDULER__PARSING_PROCESSES=3",
    "AIRFLOW__CORE__FERNET_KEY_SECRET=path",
    "AIRFLOW__API__SECRET_KEY_SECRET=path",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET=path",
    "AIRFLOW__SECRETS__BACKEND=",
    "AIRFLOW__CORE__UNIT_TEST_MODE=True",
    "AIRFLOW__CORE__UNIT_TEST_MODE=f",
    "AIRFLOW__CORE__EXECUTOR_SECRET=path",
];

fn option(mood: Mood) -> BoxedStrategy<Bytes> {
    let pieces = prop_oneof![8 => vec(mostly(PIECES, mood), 1..2), 3 => vec(mostly(PIECES, mood), 0..4)];
    let more = prop_oneof![16 => Just(""), 1 => Just("\n  more"), mood.strange(2) => select(vec!["\n\tmore", "\n  # c\n  more", "\n\n  more", "\n  x = 1", "\n  [core]", "\n  %(x_one)s"])];
    (mostly(OPTIONS, mood), mostly(SEPARATORS, mood), pieces, more)
        .prop_map(|(option, separator, pieces, more)| {
            format!("{option}{separator}{}{more}", pieces.concat()).into_bytes()
        })
        .boxed()
}

fn file(mood: Mood) -> BoxedStrategy<Bytes> {
    let odd = select(vec![
        "", "# c", "; c", "  # c", "   ", "key", "= 1", "\t", "\u{feff}", "[", "]", "key:", "key=", " key = 1",
    ]);
    let line = prop_oneof![60 => option(mood), mood.strange(8) => odd.prop_map(|text| text.as_bytes().to_vec())];
    let body = write::line(line.boxed(), &["  ", "\t"], (&[" ", "\t"], &["\r", "\u{a0}", " \\"], mood));
    let section = (mostly(SECTIONS, mood), vec(body, 0..5));
    vec(section, 1..4)
        .prop_map(move |sections| {
            let mut seen = std::collections::BTreeSet::new();
            let mut text = Vec::new();
            for (header, lines) in sections {
                // What stands twice is refused.
                if mood == Mood::Mild && !seen.insert(header) {
                    continue;
                }
                text.extend(header.as_bytes());
                text.push(b'\n');
                let mut named = std::collections::BTreeSet::new();
                for line in lines {
                    let name = line.split(|byte| matches!(byte, b'=' | b':')).next().unwrap_or_default();
                    if named.insert(name.trim_ascii().to_ascii_lowercase()) || mood == Mood::Wild {
                        text.extend(&line);
                        text.push(b'\n');
                    }
                }
            }
            text
        })
        .boxed()
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    moods(|mood| {
        let variables = prop_oneof![1 => Just(Vec::new()), 1 => vec(mostly(VARIABLES, mood), 1..5)];
        (file(mood), variables)
            .prop_map(|(file, variables)| {
                let environment: String = variables.iter().flat_map(|line| [*line, "\n"]).collect();
                let files = [("airflow.cfg", file), ("environment", environment.into_bytes())];
                Case { files: files.map(|(path, bytes)| (path.to_owned(), bytes)).into(), ..Case::default() }
            })
            .boxed()
    })
}
