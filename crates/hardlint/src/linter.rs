//! The linter that the arguments and the settings ask for.

use crate::args::Judging;
use crate::config::Found;
use crate::root::shown;
use crate::utf8;
use anyhow::{Context, Result, anyhow, bail};
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::settings;
use hardlint_lint::{Linter, Options, suppress};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use walkdir::WalkDir;

/// A linter for a root.
///
/// # Errors
/// Where a rule is wrong, or one that is named does not exist.
pub fn new(judging: &Judging, settings: Option<&Found>) -> Result<Linter> {
    let rules = rules(&judging.rules)?;
    let mut options = Options {
        select: Vec::new(),
        ignore: Vec::new(),
        severity: judging.severity,
        confidence: judging.confidence,
        pedantic: judging.pedantic,
        preview: judging.preview,
        role: judging.role,
        today: today(),
        ..Options::default()
    };
    for name in &judging.select {
        options.select.push(named(&rules, name).map_err(|message| anyhow!("--select: {message}"))?);
    }
    for name in &judging.ignore {
        options.ignore.push(named(&rules, name).map_err(|message| anyhow!("--ignore: {message}"))?);
    }
    if let Some(found) = settings {
        let set = &found.settings;
        let place = |names: &[settings::At<String>], into: &mut Vec<String>| -> Result<()> {
            for name in names {
                into.push(named(&rules, &name.value).map_err(|message| found.error(name, &message))?);
            }
            Ok(())
        };
        if options.select.is_empty() {
            place(set.select.as_deref().unwrap_or_default(), &mut options.select)?;
        }
        place(&set.ignore, &mut options.ignore)?;
        options.severity = options.severity.or(set.severity);
        options.confidence = options.confidence.or(set.confidence);
        options.pedantic |= set.pedantic.unwrap_or_default();
        options.preview |= set.preview.unwrap_or_default();
        options.require_reason = set.require_reason.unwrap_or_default();
        options.hidden =
            found.hidden(|name| named(&rules, &name.value).map_err(|message| found.error(name, &message)))?;
    }
    Ok(Linter::with_rules(rules, options))
}

/// The day, counted from the first of 1970, as comments may be good until one.
fn today() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs() / (24 * 60 * 60)).ok()
}

/// The rules that hardlint comes with, and those in `folders`.
///
/// # Errors
/// Where a rule is wrong.
pub fn rules(folders: &[PathBuf]) -> Result<RuleSet> {
    let mut rules = RuleSet::built_in();
    for folder in folders {
        add(&mut rules, folder)?;
    }
    let wrong: Vec<String> = rules.errors().map(ToString::to_string).collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(rules)
}

fn add(rules: &mut RuleSet, folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        bail!("--rules: there is no folder `{}`; rules stand in FOLDER/<format>/<what-is-wrong>.yaml", shown(folder));
    }
    let mut found = false;
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("--rules {}", shown(folder)))?;
        let path = entry.path();
        let is_rule = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if entry.file_type().is_file() && is_rule {
            found = true;
            let bytes = fs::read(path).with_context(|| format!("`{}`", shown(path)))?;
            let text = utf8::text(path, bytes)?;
            rules.add(&path.to_string_lossy(), &text);
        }
    }
    if !found {
        bail!("--rules: there is no rule in `{}`; rules stand in FOLDER/<format>/<what-is-wrong>.yaml", shown(folder));
    }
    Ok(())
}

/// The pattern for a name that may be one a rule had before; a name that no rule has is an error.
fn named(rules: &RuleSet, name: &str) -> Result<String, String> {
    if [suppress::UNUSED, suppress::UNREASONED].contains(&name) {
        return Ok(name.to_owned());
    }
    if name.is_empty() {
        return Err("an empty text names no rule: write one, as `nginx/alias-traversal` or `nginx/*`".to_owned());
    }
    if name.contains('*') {
        let own = suppress::ABOUT.iter().any(|about| suppress::matches(name, about.rule));
        if own || rules.all().any(|rule| suppress::matches(name, &rule.rule.id)) {
            return Ok(name.to_owned());
        }
        let formats: BTreeSet<String> = rules.all().map(|rule| format!("{}/*", rule.rule.format())).collect();
        let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
        return Err(format!("no rule is called as `{name}` says{}", settings::meant(name, &formats)));
    }
    match rules.named(name) {
        Some(rule) => Ok(rule.rule.id.clone()),
        None => Err(unknown(rules, name)),
    }
}

/// That there is no such rule, and which was meant.
pub fn unknown(rules: &RuleSet, name: &str) -> String {
    let known: Vec<&str> = rules.all().map(|rule| rule.rule.id.as_str()).collect();
    let listed = "`hardlint rules` lists all";
    let Some((format, _)) = name.split_once('/') else {
        let all: BTreeSet<&str> = rules.all().map(|rule| rule.rule.format()).collect();
        if all.contains(name) {
            return format!("`{name}` is a format, and no rule: {listed}, as `{name}/…`");
        }
        return format!("there is no rule `{name}`{}", without_format(name, &known).unwrap_or(format!(": {listed}")));
    };
    if let Some(near) = settings::nearest(name, &known) {
        return format!("there is no rule `{name}`, did you mean `{near}`?");
    }
    if rules.all().any(|rule| rule.rule.format() == format) {
        return format!("there is no rule `{name}`: {listed}");
    }
    format!("there is no rule `{name}`, as there is no format `{format}`: {listed}")
}

/// The rules whose name that is, or nearly, where it lacks the format.
fn without_format(name: &str, known: &[&str]) -> Option<String> {
    let bare = |id: &&str| id.split_once('/').map_or("", |(_, name)| name).to_owned();
    let names: Vec<String> = known.iter().map(bare).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = settings::nearest(name, &names)?;
    let of_name = known.iter().zip(&names).filter(|(_, name)| **name == near);
    let all: Vec<String> = of_name.map(|(id, _)| format!("`{id}`")).collect();
    Some(format!(", did you mean {}?", all.join(" or ")))
}
