//! The settings file: `hardlint.toml`, or `[tool.hardlint]` in `pyproject.toml`.
//!
//! Text in, settings out: finding the file and matching its patterns is up to who calls. A settings file is written by
//! the user for us, so unlike the files that are judged it has errors, each with its place and, for a slip of the pen,
//! the word that was meant.

use crate::diagnostic::{Confidence, Severity};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats;
use hardlint_config::text::Span;
use hardlint_config::version::{Targets, Version};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a settings file says; what it does not say is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Rules to apply, as ids or patterns; all where it is `None`.
    pub select: Option<Vec<At<String>>>,
    /// Rules not to apply, as ids or patterns.
    pub ignore: Vec<At<String>>,
    /// Findings below this are not shown.
    pub severity: Option<Severity>,
    /// Findings below this are not shown.
    pub confidence: Option<Confidence>,
    /// Findings at or above this make the run fail.
    pub fail_on: Option<Severity>,
    /// Whether rules that were not proven yet are applied.
    pub preview: Option<bool>,
    /// Whether what may or may not be a fault is shown.
    pub pedantic: Option<bool>,
    /// Versions of the programs that are deployed to.
    pub targets: Targets,
    /// Absolute folders, and the folders that stand for them, seen from the settings file.
    pub root_map: Vec<(String, At<String>)>,
    /// Patterns of paths, and what the files are; the last that matches decides.
    pub files: Vec<(At<String>, FileType)>,
    /// Patterns of paths, and what the files are for; the last that matches decides.
    pub roles: Vec<(At<String>, Role)>,
    /// Patterns of paths that are not walked.
    pub exclude: Vec<At<String>>,
}

/// A value, and where the settings file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// What a pattern of `[files]` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// The format of that id.
    Format(&'static str),
    /// None of ours.
    None,
}

/// What is wrong with a settings file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingsError {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
}

/// Where the settings stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// At its top: `hardlint.toml`.
    Own,
    /// Under `[tool.hardlint]`: `pyproject.toml`.
    Pyproject,
}

/// The names of the settings.
const KEYS: &[&str] = &[
    "select",
    "ignore",
    "severity",
    "confidence",
    "fail-on",
    "preview",
    "pedantic",
    "target",
    "root-map",
    "files",
    "roles",
    "exclude",
];

/// Reads settings; `None` where a `pyproject.toml` has none.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(text: &str, home: Home) -> Result<Option<Settings>, SettingsError> {
    let document = DeTable::parse(text).map_err(|error| SettingsError {
        span: error.span().map_or_else(Span::default, |range| Span::new(range.start, range.end)),
        message: error.message().to_owned(),
    })?;
    let table = match home {
        Home::Own => Some(document.get_ref()),
        Home::Pyproject => match document.get_ref().get("tool").and_then(|tool| tool.get_ref().get("hardlint")) {
            Some(own) => Some(as_table("tool.hardlint", own)?),
            None => None,
        },
    };
    table.map(settings).transpose()
}

fn settings(table: &DeTable<'_>) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    for (name, value) in in_order(table) {
        match name.get_ref().as_ref() {
            "select" => settings.select = Some(strings("select", value)?),
            "ignore" => settings.ignore = strings("ignore", value)?,
            "severity" => settings.severity = Some(severity("severity", value)?),
            "fail-on" => settings.fail_on = Some(severity("fail-on", value)?),
            "confidence" => {
                settings.confidence = Some(one_of("confidence", value, Confidence::parse, &["low", "medium", "high"])?);
            }
            "preview" => settings.preview = Some(boolean("preview", value)?),
            "pedantic" => settings.pedantic = Some(boolean("pedantic", value)?),
            "target" => settings.targets = targets(value)?,
            "root-map" => {
                for (from, to) in in_order(as_table("root-map", value)?) {
                    if !from.get_ref().starts_with('/') {
                        return Err(error(from.span(), format!("`{}` is not an absolute folder", from.get_ref())));
                    }
                    settings.root_map.push((from.get_ref().to_string(), string("root-map", to)?));
                }
            }
            "files" => {
                for (pattern, format) in in_order(as_table("files", value)?) {
                    settings.files.push((key(pattern), file_type(format)?));
                }
            }
            "roles" => {
                for (pattern, role) in in_order(as_table("roles", value)?) {
                    let roles = ["production", "development", "test", "example", "unknown"];
                    settings.roles.push((key(pattern), one_of("roles", role, Role::parse, &roles)?));
                }
            }
            "exclude" => settings.exclude = strings("exclude", value)?,
            unknown => {
                let message = format!("there is no setting `{unknown}`{}", meant(unknown, KEYS));
                return Err(error(name.span(), message));
            }
        }
    }
    Ok(settings)
}

/// The entries of a table as they stand in the file: for patterns, the last that matches decides.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn targets(value: &Spanned<DeValue<'_>>) -> Result<Targets, SettingsError> {
    let mut targets = Targets::default();
    for (program, version) in in_order(as_table("target", value)?) {
        let programs = programs();
        if !programs.contains(&program.get_ref().as_ref()) {
            let message = format!("there is no program `{}`{}", program.get_ref(), meant(program.get_ref(), &programs));
            return Err(error(program.span(), message));
        }
        let text = string("target", version)?;
        let Some(parsed) = Version::parse(&text.value) else {
            return Err(SettingsError { span: text.span, message: format!("`{}` is not a version", text.value) });
        };
        targets.0.insert(program.get_ref().to_string(), parsed);
    }
    Ok(targets)
}

/// Reads `sshd=9.2,nginx=1.22.1`, as `--target` has it.
///
/// # Errors
/// What is wrong, for people.
pub fn parse_targets(text: &str) -> Result<Targets, String> {
    let mut targets = Targets::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((program, version)) = part.split_once('=') else {
            return Err(format!("`{part}` lacks a version: write PROGRAM=VERSION"));
        };
        if !programs().contains(&program) {
            return Err(format!("there is no program `{program}`{}", meant(program, &programs())));
        }
        let Some(version) = Version::parse(version) else { return Err(format!("`{version}` is not a version")) };
        targets.0.insert(program.to_owned(), version);
    }
    Ok(targets)
}

fn programs() -> Vec<&'static str> {
    formats::of_files().map(|format| format.schema.program).collect()
}

fn file_type(value: &Spanned<DeValue<'_>>) -> Result<FileType, SettingsError> {
    let text = string("files", value)?;
    if text.value == "none" {
        return Ok(FileType::None);
    }
    let ids: Vec<&str> = formats::of_files().map(|format| format.id).chain(["none"]).collect();
    let Some(format) = formats::of_files().find(|format| format.id == text.value) else {
        let message = format!("there is no format `{}`{}", text.value, meant(&text.value, &ids));
        return Err(SettingsError { span: text.span, message });
    };
    Ok(FileType::Format(format.id))
}

fn severity(name: &str, value: &Spanned<DeValue<'_>>) -> Result<Severity, SettingsError> {
    one_of(name, value, Severity::parse, &["info", "low", "medium", "high", "critical"])
}

fn one_of<T>(
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

fn string(name: &str, value: &Spanned<DeValue<'_>>) -> Result<At<String>, SettingsError> {
    match value.get_ref() {
        DeValue::String(text) => Ok(At { value: text.to_string(), span: span(value.span()) }),
        other => Err(error(value.span(), format!("`{name}` takes text, not {}", kind(other)))),
    }
}

fn strings(name: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<At<String>>, SettingsError> {
    match value.get_ref() {
        DeValue::Array(elements) => elements.iter().map(|element| string(name, element)).collect(),
        other => Err(error(value.span(), format!("`{name}` takes a list of texts, not {}", kind(other)))),
    }
}

fn boolean(name: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, SettingsError> {
    match value.get_ref() {
        DeValue::Boolean(yes) => Ok(*yes),
        other => Err(error(value.span(), format!("`{name}` takes true or false, not {}", kind(other)))),
    }
}

fn as_table<'t, 'i>(name: &str, value: &'t Spanned<DeValue<'i>>) -> Result<&'t DeTable<'i>, SettingsError> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        other => Err(error(value.span(), format!("`{name}` is a table, not {}", kind(other)))),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn key(name: &Spanned<toml::de::DeString<'_>>) -> At<String> {
    At { value: name.get_ref().to_string(), span: span(name.span()) }
}

fn error(range: std::ops::Range<usize>, message: String) -> SettingsError {
    SettingsError { span: span(range), message }
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// `, did you mean …?`, where one of `known` is near enough to be what was meant.
pub fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(nearest) => format!(", did you mean `{nearest}`?"),
        None => String::new(),
    }
}

/// The nearest of `known`, at most a third of the word away.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // A long word is no slip of the pen, and would only cost time.
    let word: Vec<char> = word.chars().take(100).collect();
    let distances = known.iter().map(|known| (distance(&word, known), *known));
    let allowed = (word.len() / 3).max(1);
    distances.filter(|(distance, _)| *distance <= allowed).min().map(|(_, known)| known)
}

/// How many characters have to be put in, taken out, changed or swapped with the next.
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = at(&above, column) + usize::from(a != b);
            best = best.min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let swapped = row > 0 && column > 0 && from.get(row - 1) == Some(b) && to.get(column - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> (String, String) {
        let error = parse(text, Home::Own).unwrap_err();
        (text.get(error.span.range()).unwrap().to_owned(), error.message)
    }

    #[test]
    fn every_setting_is_read() {
        let text = r#"
            select = ["nginx/*"]
            ignore = ["nginx/server-tokens-on"]
            severity = "low"
            confidence = "medium"
            fail-on = "high"
            preview = true
            pedantic = false
            exclude = ["vendor/**"]
            [target]
            sshd = "9.2p1"
            [root-map]
            "/etc/nginx" = "deploy/nginx"
            [files]
            "*.conf" = "nginx"
            "old.conf" = "none"
            [roles]
            "stage/**" = "production"
        "#;
        let settings = parse(text, Home::Own).unwrap().unwrap();
        let values = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
        assert_eq!(values(settings.select.as_deref().unwrap()), ["nginx/*"]);
        assert_eq!(values(&settings.ignore), ["nginx/server-tokens-on"]);
        assert_eq!(settings.severity, Some(Severity::Low));
        assert_eq!(settings.confidence, Some(Confidence::Medium));
        assert_eq!(settings.fail_on, Some(Severity::High));
        assert_eq!((settings.preview, settings.pedantic), (Some(true), Some(false)));
        assert_eq!(settings.targets.0.get("sshd"), Some(&Version([9, 2, 0])));
        assert_eq!(settings.root_map[0].0, "/etc/nginx");
        let files: Vec<_> = settings.files.iter().map(|(at, is)| (at.value.as_str(), *is)).collect();
        assert_eq!(files, [("*.conf", FileType::Format("nginx")), ("old.conf", FileType::None)]);
        assert_eq!(settings.roles[0].1, Role::Production);
        assert_eq!(values(&settings.exclude), ["vendor/**"]);
    }

    #[test]
    fn a_pyproject_has_settings_only_in_its_own_table() {
        assert_eq!(parse("[tool.ruff]\nselect = 3\n", Home::Pyproject), Ok(None));
        let settings = parse("[tool.hardlint]\nfail-on = \"low\"\n", Home::Pyproject).unwrap().unwrap();
        assert_eq!(settings.fail_on, Some(Severity::Low));
    }

    #[test]
    fn an_error_stands_at_its_place_and_names_what_was_meant() {
        for (text, at, expected) in [
            ("slect = []", "slect", "there is no setting `slect`, did you mean `select`?"),
            ("zzz = []", "zzz", "there is no setting `zzz`"),
            (
                "severity = \"hihg\"",
                "\"hihg\"",
                "`hihg` is none of info, low, medium, high, critical, did you mean `high`?",
            ),
            ("preview = 1", "1", "`preview` takes true or false, not a number"),
            ("ignore = \"a\"", "\"a\"", "`ignore` takes a list of texts, not text"),
            ("ignore = [\"a\", 3]", "3", "`ignore` takes text, not a number"),
            ("[files]\n\"a\" = \"ngin\"", "\"ngin\"", "there is no format `ngin`, did you mean `nginx`?"),
            ("[target]\nssh = \"9\"", "ssh", "there is no program `ssh`, did you mean `sshd`?"),
            ("[target]\nsshd = \"new\"", "\"new\"", "`new` is not a version"),
            ("[root-map]\n\"etc\" = \"a\"", "\"etc\"", "`etc` is not an absolute folder"),
        ] {
            assert_eq!(message(text), (at.to_owned(), expected.to_owned()), "{text}");
        }
        assert_eq!(parse("a = ", Home::Own).unwrap_err().span.start, 4);
    }

    #[test]
    fn targets_are_read_as_the_option_has_them() {
        let targets = parse_targets("sshd=9.2,nginx=1.22.1").unwrap();
        assert_eq!(targets.0.get("nginx"), Some(&Version([1, 22, 1])));
        assert_eq!(parse_targets("ngnix=1").unwrap_err(), "there is no program `ngnix`, did you mean `nginx`?");
        assert_eq!(parse_targets("sshd").unwrap_err(), "`sshd` lacks a version: write PROGRAM=VERSION");
    }

    #[test]
    fn nearest_allows_a_third() {
        assert_eq!(nearest("pedantik", KEYS), Some("pedantic"));
        assert_eq!(nearest("x", KEYS), None);
    }
}
