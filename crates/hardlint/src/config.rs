//! The settings file on the disk, and its patterns ready to match.

use crate::patterns::Patterns;
use crate::utf8;
use anyhow::{Result, anyhow, bail};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::{self, ByName};
use hardlint_config::text::{Source, Span};
use hardlint_config::workspace::Detection;
use hardlint_lint::diagnostic::{Confidence, Severity};
use hardlint_lint::settings::{self, At, FileType, Home, Settings, SettingsError};
use hardlint_lint::{Hidden, suppress};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A settings file, with those that it extends.
#[derive(Debug)]
pub struct Found {
    /// The files and their texts; the first is the project's own.
    texts: Vec<(PathBuf, String)>,
    /// What they say.
    pub settings: Settings,
    /// What `[files]` says.
    files: Meanings<FileType>,
    /// What `[roles]` says.
    roles: Meanings<Role>,
    /// What is not walked.
    pub exclude: Patterns,
    /// The folder that they may name files in.
    within: PathBuf,
    /// Whether `[files]` has made another format of a file whose name says what it is.
    renames: AtomicBool,
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
            // Whoever made a link or a folder of that name meant to have settings.
            let link = || path.is_symlink() && !path.exists();
            if matches!(home, Home::Own) && (path.is_dir() || link()) {
                let why = if path.is_dir() { "it is a folder" } else { "it leads to no file" };
                bail!("{}: no settings can be read from it, as {why}", crate::root::shown(&path));
            }
            continue;
        }
        let mut texts = Vec::new();
        let within = repository(folder);
        if let Some(settings) = load(&path, home, &within, &mut texts)? {
            return Found::new(texts, settings.with_preset(), within).map(Some);
        }
    }
    Ok(None)
}

/// The settings of a file that was named on the command line: whoever does so may name any place in it.
///
/// # Errors
/// Where they cannot be read or are wrong.
pub fn named(path: &Path) -> Result<Found> {
    if !path.is_file() {
        bail!("--config: there is no settings file `{}`", crate::root::shown(path));
    }
    let home = if path.ends_with("pyproject.toml") { Home::Pyproject } else { Home::Own };
    let (mut texts, everywhere) = (Vec::new(), PathBuf::new());
    let Some(mut settings) = load(path, home, &everywhere, &mut texts)? else {
        bail!("--config: `{}` has no table `[tool.hardlint]`", crate::root::shown(path));
    };
    // Its paths are seen from where it is, and not from what is checked.
    let real = fs::canonicalize(path)?;
    let from = real.parent().unwrap_or(&real);
    let paths = settings.root_map.iter_mut().map(|(_, to)| to).chain(settings.baseline.as_mut());
    paths.for_each(|at| at.value = from.join(&at.value).to_string_lossy().into_owned());
    Found::new(texts, settings.with_preset(), everywhere)
}

/// The folder that settings in another one may name files in: settings come with a repository, whoever wrote it, and are
/// not to make anybody read what lies beside it.
fn repository(folder: &Path) -> PathBuf {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let top = folder.ancestors().find(|above| above.join(".git").exists());
    top.unwrap_or(&folder).to_owned()
}

/// What is wrong with a place that settings name.
const OUTSIDE: &str = "it lies outside the repository that the settings come with";

/// What a settings file may be at most.
const MOST: u64 = 1 << 20;

/// The bytes of a settings file.
fn bytes(path: &Path, within: &Path) -> Result<Vec<u8>> {
    let fail = |message: &str| anyhow!("`{}`: {message}", crate::root::shown(path));
    let real = fs::canonicalize(path).map_err(|error| fail(&error.to_string()))?;
    if !real.starts_with(within) {
        return Err(fail(OUTSIDE));
    }
    let mut bytes = Vec::new();
    let done = File::open(&real).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    done.map_err(|error| fail(&error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(fail("it is larger than 1 MiB, which no settings are"));
    }
    Ok(bytes)
}

/// How many files may extend each other in a row.
const DEEPEST: usize = 8;

/// The settings in a file, over those that it extends; nothing where it has none.
fn load(path: &Path, home: Home, within: &Path, texts: &mut Vec<(PathBuf, String)>) -> Result<Option<Settings>> {
    let bytes = match bytes(path, within) {
        // Other programs' settings are theirs to judge.
        Err(_) if home == Home::Pyproject && texts.is_empty() => return Ok(None),
        bytes => bytes?,
    };
    // A pyproject.toml without our name in it need not even be valid.
    if home == Home::Pyproject && !bytes.windows(8).any(|window| window == b"hardlint") {
        return Ok(None);
    }
    let text = utf8::text(path, bytes)?;
    let file = texts.len();
    let fail = |span: Span, message: &str| anyhow!(placed(path, &text, span, message));
    let parsed = settings::parse(&text, home).and_then(|settings| settings.map(checked).transpose());
    let Some(mut own) = parsed.map_err(|error| fail(error.span, &error.message))? else { return Ok(None) };
    own.are_of(file);
    texts.push((path.to_owned(), text.clone()));
    let Some(extends) = own.extends.clone() else { return Ok(Some(own)) };
    if texts.len() >= DEEPEST {
        return Err(fail(extends.span, "more than 8 settings files extend each other; does one extend itself?"));
    }
    let below = path.parent().unwrap_or(path).join(&extends.value);
    let home = if below.ends_with("pyproject.toml") { Home::Pyproject } else { Home::Own };
    if !below.is_file() {
        let message = format!("there is no settings file `{}`: name one, seen from here", extends.value);
        return Err(fail(extends.span, &message));
    }
    if !fs::canonicalize(&below).is_ok_and(|real| real.starts_with(within)) {
        return Err(fail(extends.span, &format!("`{}` is no settings file for this: {OUTSIDE}", extends.value)));
    }
    let Some(mut base) = load(&below, home, within, texts)? else {
        return Err(fail(extends.span, &format!("`{}` has no table `[tool.hardlint]`", extends.value)));
    };
    // Its paths are seen from where it is.
    let from = below.parent().unwrap_or(&below);
    let paths = base.root_map.iter_mut().map(|(_, to)| to).chain(base.baseline.as_mut());
    paths.for_each(|at| at.value = from.join(&at.value).to_string_lossy().into_owned());
    Ok(Some(own.over(base)))
}

/// Settings all of whose patterns can be read.
fn checked(settings: Settings) -> Result<Settings, SettingsError> {
    let overrides = settings.overrides.iter().flat_map(|own| &own.paths);
    settings.exclude.iter().chain(overrides).try_for_each(|text| pattern(text).map(drop))?;
    Meanings::new(&settings.files)?;
    Meanings::new(&settings.roles)?;
    Ok(settings)
}

fn placed(path: &Path, text: &str, span: Span, message: &str) -> String {
    let at = Source::new("", text).position(span.start);
    let message = crate::report::clean::line(message);
    format!("{}:{}:{}: {message}", crate::root::shown(path), at.line, at.column)
}

impl Found {
    fn new(texts: Vec<(PathBuf, String)>, settings: Settings, within: PathBuf) -> Result<Self> {
        let files = Meanings::new(&settings.files)?;
        let roles = Meanings::new(&settings.roles)?;
        let exclude = patterns(&settings.exclude)?;
        Ok(Self { texts, settings, files, roles, exclude, within, renames: AtomicBool::new(false) })
    }

    /// The files that they were read from.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.texts.iter().map(|(path, _)| path.as_path())
    }

    /// A place that a setting names, as it is on the disk.
    ///
    /// # Errors
    /// Where it lies outside the repository: only the command line may name such.
    pub fn place(&self, root: &Path, named: &At<String>) -> Result<PathBuf> {
        let place = root.join(&named.value);
        // A file that is not there yet would lie in its folder.
        let real = fs::canonicalize(&place).or_else(|error| place.parent().map_or(Err(error), fs::canonicalize));
        match real {
            Ok(real) if !real.starts_with(&self.within) => {
                Err(self.error(named, &format!("`{}`: {OUTSIDE}; an option may name it", named.value)))
            }
            _ => Ok(place),
        }
    }

    /// Whether a file is one of those that the settings are made of, or the baseline that they name, unless that is to be
    /// written anew.
    pub fn reads(&self, path: &Path, root: &Path, baseline: bool) -> bool {
        let named = self.settings.baseline.as_ref().filter(|_| baseline);
        let named = named.and_then(|named| self.place(root, named).ok());
        let own = self.texts.iter().map(|(path, _)| path.clone());
        let real = fs::canonicalize(path);
        own.chain(named).any(|other| matches!((&real, fs::canonicalize(other)), (Ok(one), Ok(other)) if *one == other))
    }

    /// The file, and which of its settings keep something from being told or looked at, as far as files were looked at: a clean
    /// report may be theirs.
    pub fn narrowing(&self) -> Option<(&Path, Vec<&'static str>)> {
        let set = &self.settings;
        let none = |(_, kind): &(At<String>, FileType)| matches!(kind, FileType::None);
        let all = [
            ("select", set.select.as_ref().is_some_and(|select| !select.is_empty())),
            ("ignore", !set.ignore.is_empty()),
            ("severity", set.severity.is_some_and(|least| least > Severity::Info)),
            ("confidence", set.confidence.is_some_and(|least| least > Confidence::Low)),
            ("fail-on", set.fail_on.is_some_and(|least| least > Severity::Medium)),
            ("exclude", !set.exclude.is_empty()),
            ("files", set.files.iter().any(none) || self.renames.load(Ordering::Relaxed)),
            ("roles", !set.roles.is_empty()),
            ("overrides", !set.overrides.is_empty()),
            ("baseline", set.baseline.is_some()),
        ];
        let narrowing: Vec<_> = all.into_iter().filter(|(_, narrows)| *narrows).map(|(name, _)| name).collect();
        let (path, _) = self.texts.first().filter(|_| !narrowing.is_empty())?;
        Some((path, narrowing))
    }

    /// What is wrong with a value, which shows only now, at its place.
    pub fn error<T>(&self, at: &At<T>, message: &str) -> anyhow::Error {
        match self.texts.get(at.file) {
            Some((path, text)) => anyhow!(placed(path, text, at.span, message)),
            None => anyhow!("{message}"),
        }
    }

    /// Calls its files as they are called where they come from, which is gone after the run.
    pub fn called(&mut self, folder: &Path, name: &Path) {
        for (path, _) in &mut self.texts {
            if let Ok(rest) = path.strip_prefix(folder) {
                *path = name.join(rest);
            }
        }
    }

    /// What is not shown of some files, if anything is; `named` gives the pattern of a rule that is named.
    ///
    /// # Errors
    /// Where there is no such rule.
    pub fn hidden(&self, named: impl Fn(&At<String>) -> Result<String>) -> Result<Hidden> {
        let mut all = Vec::new();
        for own in &self.settings.overrides {
            let ignore = own.ignore.iter().map(&named).collect::<Result<Vec<String>>>()?;
            all.push((patterns(&own.paths)?, ignore, own.severity, own.confidence));
        }
        if all.is_empty() {
            return Ok(Hidden(None));
        }
        Ok(Hidden(Some(Arc::new(move |path, rule, severity, confidence| {
            all.iter().filter(|(paths, ..)| paths.name(path)).any(|(_, ignore, least, surest)| {
                ignore.iter().any(|pattern| suppress::matches(pattern, rule))
                    || least.is_some_and(|least| severity < least)
                    || surest.is_some_and(|least| confidence < least)
            })
        }))))
    }

    /// What the settings say that a file is.
    pub fn detection(&self, path: &str) -> Detection {
        match self.files.of(path) {
            Some(FileType::None) => Detection::Excluded,
            Some(FileType::Format(id)) => {
                if matches!(formats::by_name(path), ByName::Is(format) if format.id != id) {
                    self.renames.store(true, Ordering::Relaxed);
                }
                formats::named(id).map_or(Detection::Automatic, Detection::Given)
            }
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

fn patterns(all: &[At<String>]) -> Result<Patterns, SettingsError> {
    let texts = all.iter().map(pattern).collect::<Result<Vec<&str>, _>>()?;
    Ok(Patterns::parse(&texts.join("\n")))
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
    fn settings_extend_others_whose_mistakes_have_their_own_place() {
        let scratch = Scratch::new("extends");
        scratch.write("org/base.toml", "fail-on = 'high'\nbaseline = 'old.json'\nignore = ['a/b']\n");
        scratch.write("hardlint.toml", "extends = 'org/base.toml'\nignore = ['c/d']\n");
        let found = find(&scratch.path("")).unwrap().unwrap();
        assert_eq!(found.settings.fail_on, Some(Severity::High));
        assert!(found.settings.baseline.as_ref().unwrap().value.ends_with("org/old.json"));
        let [first, second] = found.settings.ignore.as_slice() else { panic!() };
        assert!(found.error(first, "x").to_string().ends_with("base.toml:3:11: x"), "{}", found.error(first, "x"));
        assert!(found.error(second, "x").to_string().ends_with("hardlint.toml:2:11: x"));
        let fails = |text: &str| {
            scratch.write("hardlint.toml", text);
            find(&scratch.path("")).unwrap_err().to_string()
        };
        scratch.write("org/base.toml", "fail-on = 'hgh'\n");
        assert!(fails("extends = 'org/base.toml'\n").contains("org/base.toml:1:11: `hgh` is none of"));
        assert!(fails("extends = 'hardlint.toml'\n").contains("hardlint.toml:1:11: more than 8 settings files"));
        assert!(
            fails("\nextends = 'none.toml'\n").contains("hardlint.toml:2:11: there is no settings file `none.toml`")
        );
    }

    #[test]
    fn settings_name_nothing_outside_their_repository() {
        let scratch = Scratch::new("settings-outside");
        scratch.write("beside.toml", "preview = true\n");
        scratch.write("repo/.git/HEAD", "");
        scratch.write("repo/base.toml", "preview = true\n");
        scratch.write("repo/app/hardlint.toml", "extends = '../base.toml'\n");
        assert_eq!(find(&scratch.path("repo/app")).unwrap().unwrap().settings.preview, Some(true));
        scratch.write("repo/app/hardlint.toml", "extends = '../../beside.toml'\n");
        let error = find(&scratch.path("repo/app")).unwrap_err().to_string();
        assert!(error.contains("hardlint.toml:1:11: ") && error.ends_with(OUTSIDE), "{error}");
        scratch.link("../beside.toml", "repo/hardlint.toml");
        assert!(find(&scratch.path("repo")).unwrap_err().to_string().ends_with(OUTSIDE));
        scratch.write("repo/other/hardlint.toml", "baseline = '../../beside.toml'\n");
        let found = find(&scratch.path("repo/other")).unwrap().unwrap();
        let named = found.settings.baseline.as_ref().unwrap();
        let error = found.place(&scratch.path("repo/other"), named).unwrap_err().to_string();
        assert!(error.contains("hardlint.toml:1:12: ") && error.contains(OUTSIDE), "{error}");
        scratch.write("repo/large/hardlint.toml", "#".repeat(2 << 20));
        assert!(find(&scratch.path("repo/large")).unwrap_err().to_string().contains("larger than 1 MiB"));
    }

    #[test]
    fn settings_that_cannot_be_read_are_not_passed_over() {
        let scratch = Scratch::new("settings-unread");
        scratch.link("nowhere.toml", "link/hardlint.toml");
        scratch.write("folder/hardlint.toml/x", "");
        for (folder, why) in [("link", "as it leads to no file"), ("folder", "as it is a folder")] {
            let error = find(&scratch.path(folder)).unwrap_err().to_string();
            assert!(error.contains("hardlint.toml: no settings") && error.ends_with(why), "{error}");
        }
        assert!(find(&scratch.path("folder/hardlint.toml")).unwrap().is_none());
    }

    #[test]
    fn settings_that_keep_something_back_are_named() {
        let scratch = Scratch::new("settings-narrow");
        scratch.write("hardlint.toml", "preview = true\nexclude = ['a']\n[overrides]\n");
        assert!(find(&scratch.path("")).is_err());
        scratch.write("hardlint.toml", "preview = true\n");
        assert!(find(&scratch.path("")).unwrap().unwrap().narrowing().is_none());
        scratch.write("hardlint.toml", "exclude = ['a']\nseverity = 'high'\n[files]\n'b' = 'none'\n");
        let found = find(&scratch.path("")).unwrap().unwrap();
        assert_eq!(found.narrowing().unwrap().1, ["severity", "exclude", "files"]);
    }

    #[test]
    fn a_pyproject_that_is_not_ours_is_not_parsed() {
        let scratch = Scratch::new("pyproject");
        scratch.write("pyproject.toml", "not toml at all");
        assert!(find(&scratch.path("")).unwrap().is_none());
    }
}
