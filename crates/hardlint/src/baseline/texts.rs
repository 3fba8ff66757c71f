//! Which file is the one that is gone under another name, told by what both say.
//!
//! A fault that is taken for an old one is never seen, and one that is told again is seen once too often: only a file that says
//! nearly all of what the one that is gone said stands for it. How much more it says does not matter, as who gives a file another
//! name may add to it. Of a file of few lines that proves nothing: such lines are in many files, so that both say the same then.
//!
//! A baseline keeps no text, so that it has hashes of some lines, and none of those that hold a secret, nor any of a file of
//! variables, of which any line may. What `--since` found has all lines, as the texts are at hand.

use hardlint_config::formats::{self, ByName};
use hardlint_config::secrets;
use hardlint_config::text::Source;
use hardlint_lint::diagnostic::{Label, Report};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Lines that are kept of a file: those whose hashes are the least, which makes them any.
const KEPT: usize = 32;
/// Lines of which nearly all are enough. A file with fewer is known by all of them.
const ENOUGH: usize = 8;

/// Lines of a file, each in one number; none where they tell nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Lines(BTreeSet<u32>);

/// Which lines of the files that something was found in may be remembered: none that holds a secret, nor any of a file of
/// variables.
pub(super) struct Plain<'r> {
    report: &'r Report,
    files: BTreeMap<&'r Arc<str>, &'r Arc<Source>>,
    /// The lines with secrets of each file; nothing for a file of variables.
    secret: BTreeMap<&'r Arc<str>, Option<BTreeSet<usize>>>,
}

impl<'r> Plain<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let mut found: BTreeMap<&Arc<str>, Vec<(usize, usize)>> = BTreeMap::new();
        let files = files(report);
        for label in labels(report) {
            found.entry(&label.source.path).or_default().push((label.start().line, label.end().line));
        }
        let secret = files.iter().map(|(path, source)| {
            let found = found.get(*path).map(Vec::as_slice).unwrap_or_default();
            let is_of_variables =
                matches!(formats::by_name(path), ByName::Is(format) if format.id == formats::env::FORMAT.id);
            (*path, (!is_of_variables).then(|| secret_lines(source, report, found)))
        });
        Self { report, secret: secret.collect(), files }
    }

    /// Whether none of some lines of a file is a secret's.
    pub(super) fn is(&self, source: &Source, lines: RangeInclusive<usize>) -> bool {
        let secret = self.secret.get(&source.path).and_then(Option::as_ref);
        secret.is_some_and(|secret| secret.range(lines).next().is_none())
    }

    /// Whether a secret stands at a place.
    pub(super) fn is_secret(&self, label: &Label) -> bool {
        let masks = self.report.masks.get(&label.source.path);
        masks.into_iter().flatten().any(|mask| mask.start < label.span.end && label.span.start < mask.end)
    }

    /// Some lines of each file.
    pub(super) fn samples(&self) -> BTreeMap<String, Lines> {
        let sample = |(path, source): (&&Arc<str>, &&Arc<Source>)| {
            let Some(Some(secret)) = self.secret.get(*path) else { return (path.to_string(), Lines::default()) };
            let plain = (1..=source.lines().len()).filter(|line| !secret.contains(line));
            let mut lines: BTreeSet<u32> = plain.filter_map(|line| hash(source.line(line))).collect();
            // What is left of a few lines would be in any file that has the same variables.
            if lines.len() < ENOUGH && !secret.is_empty() {
                lines.clear();
            }
            (path.to_string(), Lines(lines.into_iter().take(KEPT).collect()))
        };
        self.files.iter().map(sample).collect()
    }
}

fn secret_lines(source: &Source, report: &Report, found: &[(usize, usize)]) -> BTreeSet<usize> {
    let mut secret: BTreeSet<usize> = BTreeSet::new();
    for span in report.masks.get(&source.path).into_iter().flatten() {
        secret.extend(source.position(span.start).line..=source.position(span.end).line);
    }
    let open = |line: &usize| matches!(secrets::hide(source.line(*line)), Cow::Owned(_));
    secret.extend((1..=source.lines().len()).filter(open));
    // A value that goes on over several lines is secret on all of them. Others that are long are blocks.
    for &(first, last) in found.iter().filter(|(first, last)| last - first < ENOUGH) {
        if secret.range(first..=last).next().is_some() {
            secret.extend(first..=last);
        }
    }
    secret
}

/// All places of findings.
fn labels(report: &Report) -> impl Iterator<Item = &Label> {
    report.diagnostics.iter().chain(&report.replaced).flat_map(|it| &it.places).map(|place| &place.label)
}

/// The files that they are in.
fn files(report: &Report) -> BTreeMap<&Arc<str>, &Arc<Source>> {
    labels(report).map(|label| (&label.source.path, &label.source)).collect()
}

/// All lines of each file that something was found in.
pub(super) fn all(report: &Report) -> BTreeMap<String, Lines> {
    files(report).into_iter().map(|(path, source)| (path.to_string(), Lines::of(source))).collect()
}

impl Lines {
    /// All of a file.
    pub(super) fn of(source: &Source) -> Self {
        Self((1..=source.lines().len()).filter_map(|line| hash(source.line(line))).collect())
    }

    /// Whether a line is one of them.
    pub(super) fn has(&self, line: u32) -> bool {
        self.0.contains(&line)
    }

    /// How many lines a file has beside these.
    pub(super) fn more_in(&self, file: &Self) -> usize {
        file.0.difference(&self.0).count()
    }

    /// How many hundredths of these a file says, if that is enough to be the one that they are of.
    pub(super) fn said_by(&self, file: &Self) -> Option<usize> {
        let (all, said) = (self.0.len(), self.0.intersection(&file.0).count());
        let same = match all {
            0 => false,
            1..ENOUGH => self == file,
            _ => 10 * said >= 9 * all,
        };
        same.then(|| 100 * said / all)
    }
}

/// A line in one number, without what is around its text; nothing for one without a word.
pub(super) fn hash(line: &str) -> Option<u32> {
    let line = line.trim();
    // Another beginning than FNV's own: what was kept by another rule is met by none.
    line.chars()
        .any(char::is_alphanumeric)
        .then(|| line.bytes().fold(0x68f2_1d35, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_line_with_a_secret_has_no_part_in_it() {
        let report = sample::outcome().parts.remove(0).report;
        let source = &report.diagnostics[0].primary.source;
        assert!(source.text.contains("hunter22"));
        let secret: BTreeSet<u32> =
            source.text.lines().filter(|line| line.contains("hunter22")).filter_map(hash).collect();
        let kept = &Plain::of(&report).samples()[&*source.path].0;
        assert!(kept.is_disjoint(&secret));
        // Of so few lines, what is left proves nothing.
        assert!(kept.is_empty(), "{kept:?}");
        assert!(!all(&report)[&*source.path].0.is_disjoint(&secret));
    }

    #[test]
    fn nothing_of_a_file_of_variables_is_kept() {
        let mut report = sample::outcome().parts.remove(0).report;
        report.masks.clear();
        let text = "A=1\n".repeat(3) + &('a'..='z').map(|name| format!("{name}=1\n")).collect::<Vec<_>>().concat();
        for (path, kept) in [("deploy/.env", 0), ("deploy/x.conf", 27)] {
            let source = Arc::new(Source::new(path, text.clone()));
            report.diagnostics.iter_mut().for_each(|it| it.places[0].label.source = source.clone());
            let lines: Vec<usize> = Plain::of(&report).samples().values().map(|it| it.0.len()).collect();
            assert_eq!(lines, [kept], "{path}");
        }
    }

    #[test]
    fn nearly_all_of_many_lines_make_a_file_the_same_and_all_of_a_few() {
        let lines = |text: &str| Lines::of(&Source::new("a", text));
        let said = |old: &str, new: &str| lines(old).said_by(&lines(new));
        let numbered =
            |range: std::ops::Range<usize>| range.map(|at| format!("line {at}\n")).collect::<Vec<_>>().concat();
        let old = numbered(0..20);
        assert_eq!(said(&old, &format!("\n  new\n{}", numbered(0..500))), Some(100));
        assert_eq!((said(&old, &numbered(2..90)), said(&old, &numbered(3..90))), (Some(90), None));
        let few = numbered(0..7);
        assert_eq!((said(&few, &format!("{{\n{few}}}\n")), said(&few, &numbered(0..8))), (Some(100), None));
        assert_eq!((said("", ""), said("{\n", "{\n")), (None, None));
    }
}
