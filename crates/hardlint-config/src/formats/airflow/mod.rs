//! `airflow.cfg`, `webserver_config.py`, and the variables that a Compose project gives Airflow.

mod deployed;
mod edit;
mod enums;
mod environment;
mod facts;
mod interpolate;
mod keys;
mod login;
mod option;
mod options;
mod resolve;
#[cfg(test)]
mod tests;
mod upgrades;

pub(crate) use deployed::{configuration, within};

use super::{Format, Name, Printed};
use crate::model::Value;
use crate::text::Span;

/// `airflow.cfg`.
pub static FORMAT: Format = Format {
    id: "airflow",
    title: "airflow.cfg",
    names: &[
        Name::Is("airflow.cfg"),
        Name::Is("airflow.cfg[-_.]*"),
        Name::Is("airflow[-_.]*.cfg"),
        Name::Is("*[-_.]airflow.cfg"),
        Name::Is("webserver_config.py"),
    ],
    sniff: |_, _| false,
    comment: "#",
    schema: &keys::SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: resolve::resolve,
    print: |_, _, value| Printed::of(value, &printed),
    comments,
    words: super::words::Words::NONE,
    identity: super::label,
    edit: edit::edit,
};

/// A value as `conf.get` gives it to Python's `print`.
fn printed(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// The comments of a file: whole lines only.
fn comments(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            let start = at + (line.len() - line.trim_start().len());
            spans.push(Span::new(start, start + trimmed.len()));
        }
        at += line.len();
    }
    spans
}

/// Whether a variable says under which name what keeps secrets has one: `AIRFLOW__SMTP__SMTP_PASSWORD_SECRET`. Only options that
/// are secrets have such a twin; `AIRFLOW__API_AUTH__JWT_SECRET` is a secret itself.
pub(crate) fn names_where_it_is_kept(variable: &str) -> bool {
    let twin = variable.strip_prefix("AIRFLOW__").and_then(|name| name.strip_suffix("_SECRET"));
    let name = twin.and_then(|name| name.split_once("__")).map(|(section, option)| format!("{section}.{option}"));
    name.is_some_and(|name| option::named(&name.to_ascii_lowercase()).is_some_and(|option| option.sensitive))
}
