//! Findings that were there before a project came to hardlint: `--write-baseline` remembers them, `--baseline` leaves
//! them out.
//!
//! What is remembered is what makes two findings the same: rule, path, the labels of the scopes around it and the key;
//! never a line or a text, so that it survives what is written around it. What has become worse is new.
//!
//! A file that is gone may have another name now: what was remembered of it stands for the same in one file that was not there
//! then and says nearly all that it said (`texts.rs`). What is gone of a file that is still there may have been moved into one
//! that it brings in, and that was not there then either, or to where it leads, if it has become a link.

mod entry;
mod scopes;
mod texts;

use crate::bounded;
use crate::linter;
use crate::report::{Out, clean};
use crate::root::shown;
use anyhow::{Context, Result, anyhow, bail};
use entry::{Entry, Kind};
use hardlint_config::loader;
use hardlint_config::text::Source;
use hardlint_lint::diagnostic::{Diagnostic, Place, Report};
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::suppress;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use texts::{Lines, Plain};

/// What was found before.
#[derive(Debug, Default)]
pub struct Baseline {
    /// An entry for each place of each finding.
    entries: Vec<Entry>,
    /// Whether it knows nothing of places but the first of each finding.
    first_alone: bool,
    /// Whether it knows nothing of those that have what stands at a place.
    by_place: bool,
    /// The root that it is about, as seen from the folder that it lies in; nothing where that was not written down yet, or
    /// where the root is gone after the run.
    root: Option<String>,
    /// The files that were looked at; nothing where that was not written down yet.
    files: Option<BTreeSet<String>>,
    /// Lines of each file that something was found in.
    texts: Option<BTreeMap<String, Lines>>,
    /// The file that it was read from, and its text.
    from: Option<(PathBuf, String)>,
}

/// What came of leaving it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many findings were left out.
    pub out: usize,
    /// How many that are remembered are there no more.
    pub gone: usize,
}

/// What is there now.
pub struct Now<'a> {
    /// Whether a file of the root, or a link, is still there.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// Where a link leads.
    pub target: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a file is read where another is, as a part of it.
    pub brings_in: &'a dyn Fn(&str, &str) -> bool,
    /// All files that are judged.
    pub files: &'a dyn Fn() -> Vec<Arc<str>>,
    /// The text of one.
    pub read: &'a dyn Fn(&str) -> Option<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `version` and `findings`")]
struct File {
    #[serde(deserialize_with = "known")]
    version: u64,
    #[serde(default)]
    root: Option<String>,
    #[serde(default)]
    files: Option<BTreeSet<String>>,
    #[serde(default)]
    texts: Option<BTreeMap<String, Lines>>,
    findings: Vec<Entry>,
}

/// The version of the file that is written, and read.
const VERSION: u64 = 3;
/// The first one, which is read as well: it has the first place of each finding alone.
const FIRST_ALONE: u64 = 1;
/// The last one that has an entry for what stands at a place, and not for each that has it, nor what another rule said all of.
const BY_PLACE: u64 = 2;

/// What is read of one, in bytes: some hundred bytes a finding.
const MOST: u64 = 1 << 28;

fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        known @ FIRST_ALONE..=VERSION => Ok(known),
        other => Err(D::Error::custom(format!("version {other} is not known, only {FIRST_ALONE} to {VERSION}"))),
    }
}

impl Baseline {
    /// All findings of a report, and the files that were looked at for it.
    pub fn of(report: &Report, files: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let plain = Plain::of(report);
        let kept = |entry: Entry, place: &Place| entry.kept_of(place, &plain);
        Self { texts: Some(plain.samples()), ..Self::with(report, files, kept) }
    }

    /// The same, for this run alone: it has all lines of the files.
    pub fn of_run(report: &Report, files: impl IntoIterator<Item: AsRef<str>>) -> Self {
        Self { texts: Some(texts::all(report)), ..Self::with(report, files, |entry, _| entry) }
    }

    fn with(
        report: &Report,
        files: impl IntoIterator<Item: AsRef<str>>,
        kept: impl Fn(Entry, &Place) -> Entry,
    ) -> Self {
        let all = report.diagnostics.iter().chain(&report.replaced);
        let places = all.flat_map(|it| it.places.iter().map(move |place| (it, place)));
        let mut entries: Vec<Entry> = places
            .flat_map(|(it, place)| Entry::each_of(it, place, report).into_iter().map(move |entry| (entry, place)))
            .map(|(entry, place)| kept(entry, place))
            .collect();
        entry::number(&mut entries);
        entries.sort();
        let files = files.into_iter().map(|path| path.as_ref().to_owned()).collect();
        Self { entries, files: Some(files), ..Self::default() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match bounded::read(path, MOST) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("--baseline: there is no baseline `{0}`: `--write-baseline {0}` writes it", shown(path))
            }
            Err(error) if error.kind() == ErrorKind::IsADirectory => {
                bail!("--baseline: `{}` is a folder: name the file that `--write-baseline` wrote", shown(path))
            }
            text => text.with_context(|| format!("--baseline `{}`", shown(path)))?,
        };
        Self::parse(path, &text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self> {
        // Editors on Windows put a byte order mark first.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        let file: File = serde_json::from_slice(text).map_err(|error| {
            let said = error.to_string();
            // It ends with the place, which stands first here.
            let said = clean::line(said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said)).into_owned();
            let place = format!("{}:{}:{}", shown(path), error.line().max(1), error.column().max(1));
            anyhow!("{place}: {said}; this is no baseline that `--write-baseline {}` writes", shown(path))
        })?;
        let text = String::from_utf8_lossy(text).into_owned();
        let from = Some((path.to_owned(), text));
        let mut entries = file.findings;
        // Whoever merges two of them may keep what stands in both.
        entries.sort();
        entries.dedup_by(|later, first| Entry { severity: first.severity, ..later.clone() } == *first);
        let (first_alone, by_place) = (file.version == FIRST_ALONE, file.version <= BY_PLACE);
        Ok(Self { entries, first_alone, by_place, root: file.root, files: file.files, texts: file.texts, from })
    }

    /// What is wrong where it is asked about a root that it is not about: its paths would name other files.
    pub fn is_of_another(&self, root: &Path) -> Option<String> {
        let (path, own) = self.from.as_ref().map(|(path, _)| path).zip(self.root.as_ref())?;
        let here = seen_from(path, root)?;
        (*own != here).then(|| {
            let (path, root) = (shown(path), shown(root));
            format!(
                "the baseline `{path}` is about another root, `{own}` as seen from it, and says nothing of `{root}`: \
                 give that one of its own"
            )
        })
    }

    /// What is to be said of one that was written before all of this was remembered.
    pub fn outdated(&self) -> Option<String> {
        let (path, _) = self.from.as_ref()?;
        let whole = !self.by_place
            && self.files.is_some()
            && self.texts.is_some()
            && self.entries.iter().all(|it| it.severity.is_some());
        let said = "an earlier hardlint wrote it, so that what has become worse or more may be left out, and files that got other names may be new";
        (!whole).then(|| format!("{0}: {said}: `--write-baseline {0}` writes it anew", shown(path)))
    }

    /// What is to be said of rules in it that there are not: one that is gone is forgotten, one that is misspelt remembers nothing.
    pub fn unknown(&self, rules: &RuleSet) -> Vec<String> {
        let Some((path, text)) = &self.from else { return Vec::new() };
        let own = |rule: &str| suppress::ABOUT.iter().any(|about| about.rule == rule);
        let names: BTreeSet<&str> = self.entries.iter().map(|entry| entry.rule.as_str()).collect();
        let unknown = names.into_iter().filter(|name| !own(name) && rules.named(name).is_none());
        unknown
            .map(|name| {
                let written = serde_json::to_string(name).unwrap_or_default();
                let at = Source::new("", text.as_str())
                    .position(text.find(&written).unwrap_or_default().try_into().unwrap_or_default());
                let (path, said) = (shown(path), linter::unknown(rules, name));
                let said = clean::line(&said).into_owned();
                format!("{path}:{}:{}: {said}; `--write-baseline {path}` forgets it", at.line, at.column)
            })
            .collect()
    }

    /// Writes it, a finding a line, so that changes of it can be read.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, path: &Path, root: Option<&Path>) -> Result<()> {
        let is_none = |text: Vec<u8>| !text.trim_ascii().is_empty() && Self::parse(path, &text).is_err();
        if path.is_file() && bounded::read(path, MOST).map_or(true, is_none) {
            bail!("--write-baseline `{}`: the file is there and is no baseline: name another one", shown(path));
        }
        let mut out = Out::file(path).with_context(|| format!("--write-baseline `{}`", shown(path)))?;
        write!(out, "{{\n  \"version\": {VERSION},\n")?;
        if let Some(root) = root.and_then(|root| seen_from(path, root)) {
            writeln!(out, "  \"root\": {},", serde_json::to_string(&root)?)?;
        }
        write!(out, "  \"files\": [")?;
        list(&mut out, self.files.iter().flatten())?;
        write!(out, "],\n  \"texts\": {{")?;
        let separator = |first: bool| if first { "\n" } else { ",\n" };
        let texts = self.texts.iter().flatten();
        for (index, (path, sample)) in texts.clone().enumerate() {
            write!(out, "{}    ", separator(index == 0))?;
            serde_json::to_writer(clean::Json(&mut out), path)?;
            write!(out, ": ")?;
            serde_json::to_writer(&mut out, sample)?;
        }
        if texts.count() > 0 {
            write!(out, "\n  ")?;
        }
        write!(out, "}},\n  \"findings\": [")?;
        list(&mut out, &self.entries)?;
        writeln!(out, "]\n}}")?;
        out.finish().with_context(|| format!("--write-baseline `{}`", shown(path)))
    }

    /// Takes what is remembered out of a report. What another finding says all of is asked about as well: when that one is mended
    /// it is told, and not new.
    pub fn leave_out(&self, report: &mut Report, rules: &RuleSet, now: &Now<'_>) -> Left {
        let mut known: BTreeMap<(&str, Kind), Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            known.entry((&entry.path, entry.kind(rules))).or_default().push(entry);
        }
        let before = report.diagnostics.len();
        report.diagnostics.append(&mut report.replaced);
        let places = self.places(report);
        let kinds: Vec<Kind> = places.iter().map(|(_, it)| it.kind(rules)).collect();
        let mut groups: BTreeMap<(&str, &Kind), Vec<(usize, &Entry)>> = BTreeMap::new();
        for (at, ((_, place), kind)) in places.iter().zip(&kinds).enumerate() {
            groups.entry((&place.path, kind)).or_default().push((at, place));
        }
        let mut old = vec![false; places.len()];
        for ((path, kind), group) in groups {
            let Some(left) = known.get_mut(&(path, kind.clone())) else { continue };
            for at in pair(left, group, self.first_alone) {
                old[at] = true;
            }
        }
        let unpaired = places.iter().zip(&mut old).filter(|(_, old)| !**old).map(|((_, place), old)| (place, old));
        scopes::renamed(&mut known, unpaired, rules, now);
        let mut moved: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
        let mut there: BTreeMap<&str, bool> = BTreeMap::new();
        for ((path, (rule, _, key)), left) in known {
            if !left.is_empty() {
                there.entry(path).or_insert_with(|| (now.exists)(path));
            }
            moved.entry((rule, key)).or_default().extend(left);
        }
        let is_new = |path: &String| self.files.as_ref().is_none_or(|files| !files.contains(path));
        let gone = there.iter().filter(|(_, there)| !**there).map(|(path, _)| *path);
        let renamed = self.renamed(gone.collect(), now);
        let targets: BTreeMap<&str, String> =
            there.iter().filter_map(|(path, there)| Some((*path, there.then(|| (now.target)(path))??))).collect();
        for same in SAME {
            for (at, (_, place)) in places.iter().enumerate() {
                if old[at] || !is_new(&place.path) {
                    continue;
                }
                let (rule, scopes, key) = &kinds[at];
                let path = place.path.as_str();
                let may_be = |entry: &Entry| {
                    let (from, same_scopes) = (entry.path.as_str(), entry.scopes == *scopes);
                    if targets.get(from).is_some_and(|target| target == path) {
                        return same_scopes;
                    }
                    let same_line = entry.line.is_none() || entry.has_line_of(place);
                    if there.get(from).is_some_and(|there| *there) {
                        // A baseline does not know whether a secret is the one that it was.
                        let known = entry.secrets.is_some() || place.secrets.as_ref().is_none_or(Vec::is_empty);
                        return same_line && known && entry.is_brought_to(place) && (now.brings_in)(from, path);
                    }
                    same_scopes && same_line && renamed.get(from).is_some_and(|to| **to == *path)
                };
                let left = moved.get_mut(&(rule.clone(), key.clone()));
                let fits = |entry: &Entry| same(entry, place) && entry.may_be(place) && may_be(entry);
                old[at] = left.is_some_and(|left| take(left, fits));
            }
        }
        // What is told is told at the first place that is new, of the first that has it newly.
        let mut new: Vec<Vec<Vec<bool>>> =
            report.diagnostics.iter().map(|it| vec![Vec::new(); it.places.len()]).collect();
        for (((finding, place), _), old) in places.iter().zip(&old) {
            if let Some(bearers) = new.get_mut(*finding).and_then(|places| places.get_mut(*place)) {
                bearers.push(!old);
            }
        }
        let mut new = new.into_iter();
        let mut is_left = |finding: &mut Diagnostic| {
            let new = new.next().unwrap_or_default();
            if self.first_alone {
                return new.iter().flatten().any(|new| *new);
            }
            let mut told = new.iter().map(|bearers| bearers.contains(&true));
            let left = finding.keep_places(|_| told.next().unwrap_or(true));
            let mut told = new.iter().find(|bearers| bearers.contains(&true)).into_iter().flatten();
            finding.tell_of(|_| told.next().is_some_and(|new| *new));
            left
        };
        let mut replaced = report.diagnostics.split_off(before);
        report.diagnostics.retain_mut(&mut is_left);
        replaced.retain_mut(is_left);
        report.replaced = replaced;
        report.sort();
        Left { out: before - report.diagnostics.len(), gone: moved.values().map(Vec::len).sum() }
    }

    /// The places of a report as they would be remembered, each with the index of its finding and its own among the places of that.
    fn places(&self, report: &Report) -> Vec<((usize, usize), Entry)> {
        let mut places = Vec::new();
        for (finding, it) in report.diagnostics.iter().enumerate() {
            if self.first_alone {
                places.extend(Entry::of_finding(it, report).map(|entry| ((finding, 0), entry)));
                continue;
            }
            for (index, place) in it.places.iter().enumerate() {
                let entries = if self.by_place {
                    vec![Entry::of_place(it, place, report)]
                } else {
                    Entry::each_of(it, place, report)
                };
                places.extend(entries.into_iter().map(|entry| ((finding, index), entry)));
            }
        }
        places
    }
}

impl Baseline {
    /// Which file that came each file that is gone is called now, if any: the one that says most of it, and each for one alone.
    /// Also those in which nothing is found come into question: who mends a file while it gets another name has no other.
    fn renamed<'p>(&self, gone: Vec<&'p str>, now: &Now<'_>) -> BTreeMap<&'p str, Arc<str>> {
        let gone: Vec<(&str, &Lines)> =
            gone.into_iter().filter_map(|path| Some((path, self.texts.as_ref()?.get(path)?))).collect();
        if gone.is_empty() {
            return BTreeMap::new();
        }
        let files = (now.files)().into_iter();
        let came = files.filter(|path| self.files.as_ref().is_none_or(|files| !files.contains(&**path)));
        let came: Vec<(Arc<str>, Lines)> =
            came.filter_map(|path| (now.read)(&path).map(|source| (path, Lines::of(&source)))).collect();
        let mut pairs = Vec::new();
        for (from, lines) in gone {
            let said = came.iter().filter_map(|(to, now)| Some((lines.said_by(now)?, lines.more_in(now), to)));
            pairs.extend(
                said.map(|(said, more, to)| (Reverse(said), loader::name(from) != loader::name(to), more, from, to)),
            );
        }
        pairs.sort_unstable();
        let (mut renamed, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for (_, _, _, from, to) in pairs {
            if !renamed.contains_key(from) && taken.insert(to) {
                renamed.insert(from, to.clone());
            }
        }
        renamed
    }
}

/// Where a root lies, as seen from the folder of a file: what stays the same wherever both are copied to.
fn seen_from(file: &Path, root: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (folder, root) = (fs::canonicalize(folder).ok()?, fs::canonicalize(root).ok()?);
    let common = folder.components().zip(root.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = root.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// Whether a place is the one that is remembered, from what says so most surely to what is no worse than it was.
const SAME: [fn(&Entry, &Entry) -> bool; 3] = [
    |was, now| was.severity == now.severity && was.has_line_of(now),
    |was, now| was.severity == now.severity,
    |was, now| was.severity.is_none_or(|severity| now.severity.is_none_or(|now| severity >= now)),
];

/// Takes out of what is left of some that are the same what places stand for, and gives these. Where there are more of them than
/// are left, and nothing says which is new, all are told: one that is taken for an old one is seen by nobody.
fn pair(left: &mut Vec<&Entry>, mut places: Vec<(usize, &Entry)>, in_order: bool) -> Vec<usize> {
    let mut old = Vec::new();
    for (rank, same) in SAME.into_iter().enumerate() {
        let fits = |was: &Entry, now: &Entry| same(was, now) && was.may_be(now);
        let candidates = places.iter().filter(|(_, now)| left.iter().any(|was| fits(was, now))).count();
        let choice = left.iter().filter(|was| places.iter().any(|(_, now)| fits(was, now))).count();
        if rank > 0 && !in_order && candidates > choice {
            continue;
        }
        places.retain(|(at, now)| {
            let taken = take(left, |was| fits(was, now));
            old.extend(taken.then_some(*at));
            !taken
        });
    }
    old
}

/// Takes one that fits, if there is one left: of several the least that does.
fn take(left: &mut Vec<&Entry>, mut fits: impl FnMut(&Entry) -> bool) -> bool {
    let fitting = left.iter().enumerate().filter(|(_, entry)| fits(entry));
    let least = fitting.min_by_key(|(_, entry)| entry.severity).map(|(at, _)| at);
    least.map(|at| left.remove(at)).is_some()
}

/// Writes values one a line, so that changes of them can be read.
fn list<T: Serialize>(out: &mut impl Write, values: impl IntoIterator<Item = T>) -> Result<()> {
    let mut any = false;
    for value in values {
        write!(out, "{}\n    {}", if any { "," } else { "" }, serde_json::to_string(&value)?)?;
        any = true;
    }
    if any {
        write!(out, "\n  ")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::scratch::Scratch;

    const HERE: Now<'_> = Now {
        exists: &|_| true,
        target: &|_| None,
        brings_in: &|_, _| false,
        files: &|| vec!["conf.d/site.conf".into()],
        read: &|path| sources().find(|source| *source.path == *path),
    };
    const GONE: Now<'_> = Now { exists: &|_| false, ..HERE };

    fn sources() -> impl Iterator<Item = Source> {
        report().diagnostics.into_iter().map(|it| Source::clone(&it.primary.source))
    }

    fn report() -> Report {
        sample::outcome().parts.remove(0).report
    }

    #[test]
    fn what_is_remembered_is_left_out_once() {
        let rules = RuleSet::built_in();
        let mut baseline = Baseline::of_run(&report(), ["a.conf"]);
        let mut now = report();
        assert_eq!(baseline.leave_out(&mut now, &rules, &HERE), Left { out: 2, gone: 0 });
        // One more of the same kind is new.
        now = report();
        now.diagnostics.extend(report().diagnostics.pop());
        assert_eq!(baseline.leave_out(&mut now, &rules, &HERE), Left { out: 2, gone: 0 });
        assert_eq!(now.diagnostics.len(), 1);
        // A file that is gone may have another name now; one that is there has not moved.
        for entry in &mut baseline.entries {
            entry.path = "old.conf".to_owned();
        }
        baseline.files = Some(BTreeSet::from(["old.conf".to_owned()]));
        let mut texts = baseline.texts.take().unwrap();
        let (_, text) = texts.pop_first().unwrap();
        baseline.texts = Some(BTreeMap::from([("old.conf".to_owned(), text)]));
        assert_eq!(baseline.leave_out(&mut report(), &rules, &HERE), Left { out: 0, gone: 2 });
        now.diagnostics.extend(report().diagnostics);
        assert_eq!(baseline.leave_out(&mut now, &rules, &GONE), Left { out: 2, gone: 0 });
        assert_eq!(now.diagnostics.len(), 1);
    }

    #[test]
    fn a_baseline_is_read_as_it_was_written_and_holds_no_secret() {
        let scratch = Scratch::new("baseline");
        let mut found = report();
        found.diagnostics[0].places[0].scopes = vec!["https://user:hunter22@a.example/".into()];
        let path = scratch.path("base.json");
        let baseline = Baseline::of(&found, ["a.conf"]);
        baseline.write(&path, None).unwrap();
        assert_eq!(Baseline::read(&path).unwrap().entries, baseline.entries);
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("hunter22") && text.lines().count() == 13, "{text}");
        assert_eq!(Baseline::read(&path).unwrap().texts, baseline.texts);
        assert_eq!(Baseline::read(&path).unwrap().outdated(), None);

        assert_eq!(baseline.leave_out(&mut found, &RuleSet::built_in(), &HERE), Left { out: 2, gone: 0 });
        Baseline::default().write(&path, None).unwrap();
        assert!(Baseline::read(&path).unwrap().entries.is_empty());
    }

    #[test]
    fn what_is_no_baseline_is_told_at_its_place() {
        let scratch = Scratch::new("no-baseline");
        for (text, said) in [
            ("{\n  \"version\": 4, \"findings\": []}", "b:2:14: version 4 is not known, only 1 to 3"),
            ("{\"version\": 1}", "b:1:14: missing field `findings`"),
            (
                "{\"version\": 1, \"findings\": [\n{\"rule\": 3}]}",
                "b:2:10: invalid type: integer `3`, expected a string",
            ),
            (
                "{\"version\": 1, \"finding\": []}",
                "b:1:24: unknown field `finding`, expected one of `version`, `root`, `files`, `texts`, `findings`",
            ),
            ("", "b:1:1: EOF while parsing a value"),
        ] {
            scratch.write("b", text);
            let error = Baseline::read(&scratch.path("b")).unwrap_err().to_string();
            assert!(error.contains(said) && error.contains("; this is no baseline that"), "{said}\n{error}");
        }
    }
}
