//! The settings file on the disk, and its patterns ready to match.

use anyhow::{Result, anyhow, bail};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats;
use hardlint_config::text::{Source, Span};
use hardlint_config::workspace::Detection;
use hardlint_lint::settings::{self, At, FileType, Home, Settings, SettingsError};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::fs;
use std::path::Path;

/// A settings file.
#[derive(Debug)]
pub struct Found {
    /// What it says.
    pub settings: Settings,
    /// What `[files]` says.
    files: Patterns<FileType>,
    /// What `[roles]` says.
    roles: Patterns<Role>,
    /// What is not walked.
    pub exclude: Gitignore,
}

/// Patterns as those of a `.gitignore`, of which the last that matches decides.
#[derive(Debug)]
struct Patterns<T>(Vec<(Gitignore, T)>);

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
            Some(settings) => Found::new(folder, settings).map(Some),
            None => Ok(None),
        });
        match parsed {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(error) => bail!("{}", placed(&path, text, &error)),
        }
    }
    Ok(None)
}

fn placed(path: &Path, text: String, error: &SettingsError) -> String {
    let at = Source::new("", text).position(error.span.start);
    let message = crate::report::clean::line(&error.message);
    format!("{}:{}:{}: {message}", crate::root::shown(path), at.line, at.column)
}

impl Found {
    fn new(folder: &Path, settings: Settings) -> Result<Self, SettingsError> {
        let files = Patterns::new(folder, &settings.files)?;
        let roles = Patterns::new(folder, &settings.roles)?;
        let mut exclude = GitignoreBuilder::new(folder);
        for pattern in &settings.exclude {
            add(&mut exclude, pattern)?;
        }
        let exclude = build(&exclude)?;
        Ok(Self { settings, files, roles, exclude })
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

impl<T: Copy> Patterns<T> {
    fn new(folder: &Path, entries: &[(At<String>, T)]) -> Result<Self, SettingsError> {
        let one = |(pattern, meaning): &(At<String>, T)| {
            let mut builder = GitignoreBuilder::new(folder);
            add(&mut builder, pattern)?;
            Ok((build(&builder)?, *meaning))
        };
        entries.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    fn of(&self, path: &str) -> Option<T> {
        let matches = |patterns: &Gitignore| patterns.matched_path_or_any_parents(path, false).is_ignore();
        self.0.iter().rev().find(|(patterns, _)| matches(patterns)).map(|(_, meaning)| *meaning)
    }
}

fn add(builder: &mut GitignoreBuilder, pattern: &At<String>) -> Result<(), SettingsError> {
    let wrong = |message: String| SettingsError { span: pattern.span, message };
    if pattern.value.trim().is_empty() || pattern.value.starts_with(['!', '#']) {
        return Err(wrong(format!("`{}` is no pattern of paths", pattern.value)));
    }
    match builder.add_line(None, &pattern.value) {
        Ok(_) => Ok(()),
        Err(error) => Err(wrong(format!("`{}` is no pattern of paths: {error}", pattern.value))),
    }
}

fn build(builder: &GitignoreBuilder) -> Result<Gitignore, SettingsError> {
    builder.build().map_err(|error| SettingsError { span: Span::default(), message: error.to_string() })
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
        scratch.write("hardlint.toml", "exclude = [\n  'a/[z-a]',\n]\n");
        let error = find(&scratch.path("")).unwrap_err().to_string();
        assert!(error.contains("hardlint.toml:2:3: `a/[z-a]` is no pattern of paths"), "{error}");
    }

    #[test]
    fn a_pyproject_that_is_not_ours_is_not_parsed() {
        let scratch = Scratch::new("pyproject");
        scratch.write("pyproject.toml", "not toml at all");
        assert!(find(&scratch.path("")).unwrap().is_none());
    }
}
