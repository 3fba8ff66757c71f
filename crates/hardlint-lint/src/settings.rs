//! The settings file: `hardlint.toml`, or `[tool.hardlint]` in `pyproject.toml`.
//!
//! Text in, settings out: finding the file and matching its patterns is up to who calls. A settings file is written by
//! the user for us, so unlike the files that are judged it has errors, each with its place and, for a slip of the pen,
//! the word that was meant.

mod near;
mod values;

use self::values::{as_table, boolean, count, error, in_order, key, one_of, severity, string, strings};
use crate::diagnostic::{Confidence, Severity};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats;
use hardlint_config::text::Span;
use hardlint_config::version::{Targets, Version};
pub use near::{meant, meant_or_all, nearest};
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
    /// How many characters a secret has to have.
    pub secret_length: Option<usize>,
    /// Patterns of paths that are not walked.
    pub exclude: Vec<At<String>>,
    /// A settings file that these lie over, seen from this one.
    pub extends: Option<At<String>>,
    /// Settings that go together, under those that are set.
    pub preset: Option<Preset>,
    /// Whether an allow has to say why.
    pub require_reason: Option<bool>,
    /// The file that remembers old findings, seen from the settings file.
    pub baseline: Option<At<String>>,
    /// What holds for some files only; each adds to those before it.
    pub overrides: Vec<Override>,
}

/// A value, and where the settings file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
    /// Which of the files that were put together has it: 0 is the project's own.
    pub file: usize,
}

/// Settings that go together, under those that are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// What does harm as it stands, for certain.
    Minimal,
    /// What is told without settings.
    Default,
    /// Everything that is known, nothing without a reason.
    Strict,
}

/// What holds for some files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Override {
    /// Patterns of their paths.
    pub paths: Vec<At<String>>,
    /// Rules not to apply to them, as ids or patterns.
    pub ignore: Vec<At<String>>,
    /// Findings in them below this are not shown.
    pub severity: Option<Severity>,
    /// Findings in them below this are not shown.
    pub confidence: Option<Confidence>,
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
pub const KEYS: &[&str] = &[
    "extends",
    "preset",
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
    "secrets",
    "exclude",
    "require-reason",
    "baseline",
    "overrides",
];

/// The names of the settings of an override.
pub const OVERRIDE_KEYS: &[&str] = &["paths", "ignore", "severity", "confidence"];

/// The names of what `[secrets]` says.
pub const SECRET_KEYS: &[&str] = &["min-length"];

/// The names of the presets.
pub const PRESETS: &[&str] = &["minimal", "default", "strict"];

/// Reads settings; `None` where a `pyproject.toml` has none.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(text: &str, home: Home) -> Result<Option<Settings>, SettingsError> {
    let document = DeTable::parse(text).map_err(|error| no_toml(text, &error))?;
    let table = match home {
        Home::Own => Some(document.get_ref()),
        Home::Pyproject => match document.get_ref().get("tool").and_then(|tool| tool.get_ref().get("hardlint")) {
            Some(own) => Some(as_table("tool.hardlint", own)?),
            None => match document.get_ref().get_key_value("hardlint") {
                Some((name, own)) if matches!(own.get_ref(), DeValue::Table(_)) => {
                    let message = "settings stand in `[tool.hardlint]` here: write that".to_owned();
                    return Err(error(name.span(), message));
                }
                _ => None,
            },
        },
    };
    table.map(settings).transpose()
}

/// Why a text is no TOML. Of a key that stands twice it is told which one: both may be right, and only one can be meant.
fn no_toml(text: &str, error: &toml::de::Error) -> SettingsError {
    let span = error.span().map_or_else(Span::default, |range| Span::new(range.start, range.end));
    let said = error.message();
    let message = if said == "duplicate key" {
        let name = text.get(span.range()).unwrap_or_default().trim_matches(['"', '\'']);
        format!("`{name}` is set above already: leave one of the two")
    } else {
        format!("this is no TOML: {said}")
    };
    SettingsError { span, message }
}

fn settings(table: &DeTable<'_>) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    for (name, value) in in_order(table) {
        match name.get_ref().as_ref() {
            "select" => settings.select = Some(strings("select", value)?),
            "ignore" => settings.ignore = strings("ignore", value)?,
            "severity" => settings.severity = Some(severity("severity", value)?),
            "fail-on" => settings.fail_on = Some(severity("fail-on", value)?),
            "confidence" => settings.confidence = Some(confidence(value)?),
            "preview" => settings.preview = Some(boolean("preview", value)?),
            "pedantic" => settings.pedantic = Some(boolean("pedantic", value)?),
            "target" => settings.targets = targets(value)?,
            "root-map" => settings.root_map = root_map(value)?,
            "files" => {
                for (pattern, format) in in_order(as_table("files", value)?) {
                    settings.files.push((key(pattern), file_type(format)?));
                }
            }
            "roles" => settings.roles = roles(value)?,
            "secrets" => settings.secret_length = secrets(value)?,
            "exclude" => settings.exclude = strings("exclude", value)?,
            "extends" => settings.extends = Some(string("extends", value)?),
            "preset" => settings.preset = Some(one_of("preset", value, Preset::parse, PRESETS)?),
            "require-reason" => settings.require_reason = Some(boolean("require-reason", value)?),
            "baseline" => settings.baseline = Some(string("baseline", value)?),
            "overrides" => settings.overrides = overrides(value)?,
            "tool" => {
                let message =
                    "here settings stand at the top: leave `[tool.hardlint]` out, which is for `pyproject.toml`";
                return Err(error(name.span(), message.to_owned()));
            }
            unknown => {
                let message = format!("there is no setting `{unknown}`{}", meant_or_all(unknown, KEYS));
                return Err(error(name.span(), message));
            }
        }
    }
    Ok(settings)
}

fn confidence(value: &Spanned<DeValue<'_>>) -> Result<Confidence, SettingsError> {
    one_of("confidence", value, Confidence::parse, &["low", "medium", "high"])
}

fn root_map(value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, At<String>)>, SettingsError> {
    let one = |(from, to): (&Spanned<toml::de::DeString<'_>>, _)| {
        if !from.get_ref().starts_with('/') {
            let from = from.get_ref();
            return Err(format!("`{from}` is not an absolute folder: write it as `/{from}`"));
        }
        Ok((from.get_ref().to_string(), to))
    };
    let mut all = Vec::new();
    for entry in in_order(as_table("root-map", value)?) {
        let (from, to) = one(entry).map_err(|message| error(entry.0.span(), message))?;
        all.push((from, string("root-map", to)?));
    }
    Ok(all)
}

fn roles(value: &Spanned<DeValue<'_>>) -> Result<Vec<(At<String>, Role)>, SettingsError> {
    let names = ["production", "development", "test", "example", "unknown"];
    let entries = in_order(as_table("roles", value)?).into_iter();
    entries.map(|(pattern, role)| Ok((key(pattern), one_of("roles", role, Role::parse, &names)?))).collect()
}

/// What `[secrets]` says.
fn secrets(value: &Spanned<DeValue<'_>>) -> Result<Option<usize>, SettingsError> {
    let mut length = None;
    for (name, value) in in_order(as_table("secrets", value)?) {
        if name.get_ref() != "min-length" {
            let name_text = name.get_ref();
            let message = format!("`secrets` has no setting `{name_text}`{}", meant_or_all(name_text, SECRET_KEYS));
            return Err(error(name.span(), message));
        }
        length = Some(count("min-length", value, 8..=1024)?);
    }
    Ok(length)
}

fn overrides(value: &Spanned<DeValue<'_>>) -> Result<Vec<Override>, SettingsError> {
    let DeValue::Array(elements) = value.get_ref() else {
        let message = "`overrides` is a list of tables: write `[[overrides]]`".to_owned();
        return Err(error(value.span(), message));
    };
    elements.iter().map(one_override).collect()
}

fn one_override(value: &Spanned<DeValue<'_>>) -> Result<Override, SettingsError> {
    let mut own = Override::default();
    for (name, value) in in_order(as_table("overrides", value)?) {
        match name.get_ref().as_ref() {
            "paths" => own.paths = strings("paths", value)?,
            "ignore" => own.ignore = strings("ignore", value)?,
            "severity" => own.severity = Some(severity("severity", value)?),
            "confidence" => own.confidence = Some(confidence(value)?),
            unknown => {
                let known = match meant(unknown, OVERRIDE_KEYS) {
                    near if near.is_empty() => format!(": it has `{}`", OVERRIDE_KEYS.join("`, `")),
                    near => near,
                };
                let message = format!("an override has no setting `{unknown}`{known}");
                return Err(error(name.span(), message));
            }
        }
    }
    if own.paths.is_empty() {
        let message = "an override names the files that it is for: write `paths = [\"deploy/**\"]`".to_owned();
        return Err(error(value.span(), message));
    }
    Ok(own)
}

impl Preset {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "minimal" => Some(Self::Minimal),
            "default" => Some(Self::Default),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }
}

impl Settings {
    /// These settings over others: what they say counts, lists go on where the others end.
    #[must_use]
    pub fn over(mut self, base: Self) -> Self {
        let then = |mut base: Vec<_>, own| {
            base.extend(own);
            base
        };
        let mut targets = base.targets;
        targets.0.extend(self.targets.0);
        // The first that fits counts, so that the own ones stand first.
        self.root_map.extend(base.root_map);
        Self {
            select: self.select.or(base.select),
            ignore: then(base.ignore, self.ignore),
            severity: self.severity.or(base.severity),
            confidence: self.confidence.or(base.confidence),
            fail_on: self.fail_on.or(base.fail_on),
            preview: self.preview.or(base.preview),
            pedantic: self.pedantic.or(base.pedantic),
            targets,
            root_map: self.root_map,
            files: base.files.into_iter().chain(self.files).collect(),
            secret_length: self.secret_length.or(base.secret_length),
            roles: base.roles.into_iter().chain(self.roles).collect(),
            exclude: then(base.exclude, self.exclude),
            extends: self.extends,
            preset: self.preset.or(base.preset),
            require_reason: self.require_reason.or(base.require_reason),
            baseline: self.baseline.or(base.baseline),
            overrides: base.overrides.into_iter().chain(self.overrides).collect(),
        }
    }

    /// What the preset says, where nothing else is said.
    #[must_use]
    pub fn with_preset(mut self) -> Self {
        match self.preset {
            None | Some(Preset::Default) => {}
            Some(Preset::Minimal) => {
                self.severity = self.severity.or(Some(Severity::High));
                self.confidence = self.confidence.or(Some(Confidence::High));
            }
            Some(Preset::Strict) => {
                self.fail_on = self.fail_on.or(Some(Severity::Low));
                self.preview = self.preview.or(Some(true));
                self.require_reason = self.require_reason.or(Some(true));
            }
        }
        self
    }

    /// Says of every place which file it is in.
    pub fn are_of(&mut self, file: usize) {
        let lists = [&mut self.ignore, &mut self.exclude].into_iter().chain(self.select.as_mut());
        let overrides = self.overrides.iter_mut().flat_map(|own| [&mut own.paths, &mut own.ignore]);
        let all = lists.chain(overrides).flatten();
        let all = all.chain(self.extends.as_mut()).chain(self.baseline.as_mut());
        let all = all.chain(self.root_map.iter_mut().map(|(_, to)| to));
        let all = all.chain(self.files.iter_mut().map(|(at, _)| at)).chain(self.roles.iter_mut().map(|(at, _)| at));
        all.for_each(|at| at.file = file);
    }
}

/// The versions that `[target]` names.
fn targets(value: &Spanned<DeValue<'_>>) -> Result<Targets, SettingsError> {
    let mut targets = Targets::default();
    for (program, version) in in_order(as_table("target", value)?) {
        let programs = programs();
        if !programs.contains(&program.get_ref().as_ref()) {
            return Err(error(program.span(), no_program(program.get_ref())));
        }
        let text = match version.get_ref() {
            // The text `1.10` is another version than the number.
            DeValue::Integer(_) | DeValue::Float(_) => {
                return Err(error(version.span(), "a version is text: write it in quotes, as `\"1.26\"`".to_owned()));
            }
            _ => string("target", version)?,
        };
        let parsed = version_of(program.get_ref(), &text.value);
        let parsed = parsed.map_err(|message| SettingsError { span: text.span, message })?;
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
    for part in text.split(',').map(str::trim) {
        let Some((program, version)) = part.split_once('=') else {
            return Err(format!("`{part}` lacks a version: write PROGRAM=VERSION, as `nginx=1.26`"));
        };
        if !programs().contains(&program) {
            return Err(no_program(program));
        }
        if targets.0.insert(program.to_owned(), version_of(program, version)?).is_some() {
            return Err(format!("`{program}` is named twice: leave one of the two"));
        }
    }
    Ok(targets)
}

/// A version of a program, if it is one that is known: what another one does with a file would be a guess.
fn version_of(program: &str, text: &str) -> Result<Version, String> {
    // Of an image's name less is asked: `16-alpine`.
    let numbers = text.trim().split('.').all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let Some(version) = Version::parse(text).filter(|_| numbers) else { return Err(no_version(text)) };
    let known = formats::of_files().find(|format| format.schema.program == program);
    match known.map(|format| format.schema.supported).filter(|known| !known.has(version)) {
        Some(known) => Err(format!(
            "{program} {version} is none of the versions that hardlint knows, {} to {}: write one of these, or none, which judges for all of them",
            known.oldest, known.newest
        )),
        None => Ok(version),
    }
}

fn no_program(name: &str) -> String {
    format!("there is no program `{name}`{}", meant_or_all(name, &programs()))
}

fn no_version(text: &str) -> String {
    format!("`{text}` is not a version: write it in numbers, as `1.26`")
}

/// The programs that have versions.
pub fn programs() -> Vec<&'static str> {
    let of = |format: &'static formats::Format| {
        (format.schema.supported.newest > Version::default()).then_some(format.schema.program)
    };
    let mut all: Vec<&str> = formats::of_files().filter_map(of).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn file_type(value: &Spanned<DeValue<'_>>) -> Result<FileType, SettingsError> {
    let text = string("files", value)?;
    if text.value == "none" {
        return Ok(FileType::None);
    }
    let ids: Vec<&str> = formats::of_files().map(|format| format.id).chain(["none"]).collect();
    let Some(format) = formats::of_files().find(|format| format.id == text.value) else {
        let message = format!("there is no format `{}`{}", text.value, meant_or_all(&text.value, &ids));
        return Err(SettingsError { span: text.span, message });
    };
    Ok(FileType::Format(format.id))
}

#[cfg(test)]
mod tests;
