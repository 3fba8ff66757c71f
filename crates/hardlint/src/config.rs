//! The settings file on the disk, and its patterns ready to match.

use crate::patterns::Patterns;
use anyhow::{Result, anyhow, bail};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats;
use hardlint_config::text::Source;
use hardlint_config::workspace::Detection;
use hardlint_lint::settings::{self, At, FileType, Home, Settings, SettingsError};
use std::fs;
use std::path::{Path, PathBuf};

/// A settings file.
#[derive(Debug)]
pub struct Found {
    path: PathBuf,
    text: String,
    /// What it says.
    pub settings: Settings,
    /// What `[files]` says.
    files: Meanings<FileType>,
    /// What `[roles]` says.
    roles: Meanings<Role>,
    /// What is not walked.
    pub exclude: Patterns,
}

/// Patterns as those of a `.gitignore`, of which the last that matches decides.
#[derive(Debug)]
struct Meanings<T>(Vec<(Patterns, T)>);

/// The settings of one folder: of `hardlint.toml`, else of `pyproject.toml`.
///
/// # Errors
/// Where they cannot be read or are wrong.
pub fn find(folder: &Path) -> Result<Option<Found>> {
    for (name, home) in [("hardlint.toml", Home::Own), ("pyproject.toml", Home::Pyproject)] {
        let path = folder.join(name);
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(|error| anyhow!("`{}`: {error}", crate::root::shown(&path)))?;
        // A pyproject.toml without our name in it need not even be valid.
        if home == Home::Pyproject && !bytes.windows(8).any(|window| window == b"hardlint") {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else { bail!("`{}` is not UTF-8", crate::root::shown(&path)) };
        let parsed = settings::parse(&text, home).and_then(|settings| match settings {
            Some(settings) => Found::new(&path, &text, settings).map(Some),
            None => Ok(None),
        });
        match parsed {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(error) => bail!(placed(&path, &text, &error)),
        }
    }
    Ok(None)
}

fn placed(path: &Path, text: &str, error: &SettingsError) -> String {
    let at = Source::new("", text).position(error.span.start);
    let message = crate::report::clean::line(&error.message);
    format!("{}:{}:{}: {message}", crate::root::shown(path), at.line, at.column)
}

impl Found {
    fn new(path: &Path, text: &str, settings: Settings) -> Result<Self, SettingsError> {
        let files = Meanings::new(&settings.files)?;
        let roles = Meanings::new(&settings.roles)?;
        let patterns = settings.exclude.iter().map(pattern).collect::<Result<Vec<&str>, _>>()?;
        let exclude = Patterns::parse(&patterns.join("\n"));
        Ok(Self { path: path.to_owned(), text: text.to_owned(), settings, files, roles, exclude })
    }

    /// A mistake in the settings that shows later, with its place.
    pub fn error(&self, error: &SettingsError) -> anyhow::Error {
        anyhow!(placed(&self.path, &self.text, error))
    }

    /// What the settings say that a file is.
    pub fn detection(&self, path: &str) -> Detection {
        match self.files.of(path) {
            Some(FileType::None) => Detection::Excluded,
            Some(FileType::Format(id)) => formats::named(id).map_or(Detection::Automatic, Detection::Given),
            None => Detection::Automatic,
        }
    }

    /// What the settings say that a file is for.
    pub fn role(&self, path: &str) -> Option<Role> {
        self.roles.of(path)
    }
}

impl<T: Copy> Meanings<T> {
    fn new(entries: &[(At<String>, T)]) -> Result<Self, SettingsError> {
        let one = |(text, meaning): &(At<String>, T)| Ok((Patterns::parse(pattern(text)?), *meaning));
        entries.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    fn of(&self, path: &str) -> Option<T> {
        self.0.iter().rev().find(|(patterns, _)| patterns.name(path)).map(|(_, meaning)| *meaning)
    }
}

/// The text of a pattern, if it is one.
fn pattern(text: &At<String>) -> Result<&str, SettingsError> {
    let value = text.value.as_str();
    let fault = if value.trim().is_empty() || value.contains('\n') {
        "it is empty"
    } else if value.starts_with(['!', '#']) {
        "the last pattern that matches decides, so none is taken back"
    } else if value.matches('[').count() != value.matches(']').count() {
        "its bracket is not closed"
    } else {
        return Ok(value);
    };
    Err(SettingsError { span: text.span, message: format!("`{value}` is no pattern of paths: {fault}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let scratch = Scratch::new("patterns");
        scratch.write(
            "hardlint.toml",
            "[files]\n'*.conf' = 'nginx'\n'old/' = 'none'\n'/old/keep.conf' = 'sshd'\n[roles]\n'stage/**' = 'production'\n",
        );
        let found = find(&scratch.path("")).unwrap().unwrap();
        let is = |path: &str| match found.detection(path) {
            Detection::Given(format) => format.id,
            Detection::Excluded => "none",
            Detection::Automatic => "automatic",
        };
        assert_eq!(
            [is("a/b.conf"), is("old/x.conf"), is("old/keep.conf"), is("compose.yaml")],
            ["nginx", "none", "sshd", "automatic"]
        );
        assert_eq!(found.role("stage/dev/a"), Some(Role::Production));
        assert_eq!(found.role("a"), None);
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let scratch = Scratch::new("wrong-settings");
        scratch.write("hardlint.toml", "preview = true\nslect = []\n");
        let error = find(&scratch.path("")).unwrap_err().to_string();
        assert!(error.ends_with("hardlint.toml:2:1: there is no setting `slect`, did you mean `select`?"), "{error}");
        scratch.write("hardlint.toml", "exclude = [\n  'a/[b',\n]\n");
        let error = find(&scratch.path("")).unwrap_err().to_string();
        assert!(
            error.contains("hardlint.toml:2:3: `a/[b` is no pattern of paths: its bracket is not closed"),
            "{error}"
        );
    }

    #[test]
    fn a_pyproject_that_is_not_ours_is_not_parsed() {
        let scratch = Scratch::new("pyproject");
        scratch.write("pyproject.toml", "not toml at all");
        assert!(find(&scratch.path("")).unwrap().is_none());
    }
}
