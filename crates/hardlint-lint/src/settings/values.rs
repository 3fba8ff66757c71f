//! Values of a settings file, each with an error that says what stands there and what should.

use super::{At, SettingsError, meant};
use crate::diagnostic::Severity;
use hardlint_config::text::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The entries of a table as they stand in the file: for patterns, the last that matches decides.
pub(super) fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

pub(super) fn severity(name: &str, value: &Spanned<DeValue<'_>>) -> Result<Severity, SettingsError> {
    one_of(name, value, Severity::parse, &["info", "low", "medium", "high", "critical"])
}

pub(super) fn one_of<T>(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    parse: fn(&str) -> Option<T>,
    words: &[&str],
) -> Result<T, SettingsError> {
    let text = string(name, value)?;
    parse(&text.value).ok_or_else(|| {
        let message = format!("`{}` is none of {}{}", text.value, words.join(", "), meant(&text.value, words));
        SettingsError { span: text.span, message }
    })
}

pub(super) fn string(name: &str, value: &Spanned<DeValue<'_>>) -> Result<At<String>, SettingsError> {
    match value.get_ref() {
        DeValue::String(text) => Ok(At { value: text.to_string(), span: span(value.span()), file: 0 }),
        other => Err(error(value.span(), format!("`{name}` takes text, not {}", kind(other)))),
    }
}

pub(super) fn strings(name: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<At<String>>, SettingsError> {
    match value.get_ref() {
        DeValue::Array(elements) => elements.iter().map(|element| string(name, element)).collect(),
        other => Err(error(value.span(), format!("`{name}` takes a list of texts, not {}", kind(other)))),
    }
}

pub(super) fn boolean(name: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, SettingsError> {
    match value.get_ref() {
        DeValue::Boolean(yes) => Ok(*yes),
        other => Err(error(value.span(), format!("`{name}` takes true or false, not {}", kind(other)))),
    }
}

pub(super) fn count(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, SettingsError> {
    let (low, high) = (range.start(), range.end());
    match value.get_ref() {
        DeValue::Integer(number) => {
            let read = usize::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok();
            read.filter(|number| range.contains(number))
                .ok_or_else(|| error(value.span(), format!("`{name}` is a number from {low} to {high}")))
        }
        other => Err(error(value.span(), format!("`{name}` takes a number from {low} to {high}, not {}", kind(other)))),
    }
}

pub(super) fn as_table<'t, 'i>(name: &str, value: &'t Spanned<DeValue<'i>>) -> Result<&'t DeTable<'i>, SettingsError> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        other => Err(error(value.span(), format!("`{name}` is a table, not {}", kind(other)))),
    }
}

pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn key(name: &Spanned<toml::de::DeString<'_>>) -> At<String> {
    At { value: name.get_ref().to_string(), span: span(name.span()), file: 0 }
}

pub(super) fn error(range: std::ops::Range<usize>, message: String) -> SettingsError {
    SettingsError { span: span(range), message }
}

pub(super) fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}
