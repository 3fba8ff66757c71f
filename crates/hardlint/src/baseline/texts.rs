//! Whether a file says mostly what another said, of which no more is kept than a few hashes of its lines.
//!
//! A line that holds a secret has no part in it, and nothing of a file of variables has, of which any line may; nor has one that
//! a finding points at: that is in both files anyway. Nor have short lines, which are in most files.

use hardlint_config::formats::{self, ByName};
use hardlint_config::secrets;
use hardlint_config::text::Source;
use hardlint_lint::diagnostic::Report;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines that are kept of a file: those whose hashes are the least, which makes them any.
const KEPT: usize = 16;
/// Characters that a line has at least.
const LEAST: usize = 8;

/// Some lines of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sample(BTreeSet<u32>);

/// All lines of files that are asked about.
#[derive(Default)]
pub(super) struct Lines(BTreeMap<Arc<str>, All>);

/// All lines of a file.
pub(super) struct All(BTreeSet<u32>);

/// Some lines of each file that something was found in.
pub(super) fn samples(report: &Report) -> BTreeMap<String, Sample> {
    let mut files: BTreeMap<&Arc<str>, (&Source, BTreeSet<usize>)> = BTreeMap::new();
    for finding in &report.diagnostics {
        let at = &finding.primary;
        let (_, lines) = files.entry(&at.source.path).or_insert_with(|| (&at.source, BTreeSet::new()));
        lines.extend(at.start().line..=at.end().line);
    }
    let sample = |(path, (source, mut without)): (&Arc<str>, (&Source, BTreeSet<usize>))| {
        for span in report.masks.get(path).into_iter().flatten() {
            without.extend(source.position(span.start).line..=source.position(span.end).line);
        }
        let is_of_variables =
            matches!(formats::by_name(path), ByName::Is(format) if format.id == formats::env::FORMAT.id);
        let all = if is_of_variables { 0 } else { source.lines().len() };
        let lines = (1..=all).filter(|line| !without.contains(line)).map(|line| source.line(line));
        let plain = lines.filter(|line| matches!(secrets::hide(line), Cow::Borrowed(_)));
        let hashes: BTreeSet<u32> = plain.filter_map(hash).collect();
        (path.to_string(), Sample(hashes.into_iter().take(KEPT).collect()))
    };
    files.into_iter().map(sample).collect()
}

impl Lines {
    pub(super) fn of(&mut self, source: &Source) -> &All {
        let all = || All((1..=source.lines().len()).filter_map(|line| hash(source.line(line))).collect());
        self.0.entry(source.path.clone()).or_insert_with(all)
    }
}

impl All {
    /// Whether at least half of some lines are among these.
    pub(super) fn say(&self, sample: &Sample) -> bool {
        2 * sample.0.intersection(&self.0).count() >= sample.0.len()
    }
}

/// A line in one number, without what is around its text.
fn hash(line: &str) -> Option<u32> {
    let line = line.trim();
    (line.chars().count() >= LEAST)
        .then(|| line.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_line_with_a_secret_or_a_finding_has_no_part_in_it() {
        let report = sample::outcome().parts.remove(0).report;
        let source = &report.diagnostics[0].primary.source;
        let kept = &samples(&report)[&*source.path].0;
        let lines: Vec<&str> =
            source.text.lines().filter(|line| hash(line).is_some_and(|it| kept.contains(&it))).collect();
        assert!(!lines.is_empty() && !lines.iter().any(|line| line.contains("hunter22")), "{lines:?}");
        let found: Vec<&str> = report.diagnostics.iter().map(|it| source.line(it.primary.start().line)).collect();
        assert!(!lines.iter().any(|line| found.contains(line)), "{lines:?}");
    }

    #[test]
    fn nothing_of_a_file_of_variables_is_kept() {
        let mut report = sample::outcome().parts.remove(0).report;
        let text = report.diagnostics[0].primary.source.text.clone();
        let source = Arc::new(Source::new("deploy/.env", text));
        report.diagnostics.iter_mut().for_each(|it| it.primary.source = source.clone());
        assert_eq!(samples(&report).into_values().collect::<Vec<_>>(), [Sample::default()]);
    }

    #[test]
    fn half_of_the_lines_make_a_text_the_same() {
        let source = |text: &str| Source::new("a", text);
        let say = |old: &str, new: &str| {
            let sample = Sample(source(old).text.lines().filter_map(hash).collect());
            Lines::default().of(&source(new)).say(&sample)
        };
        let old = "first line\nsecond line\nthird line\nfourth line\n";
        assert!(say(old, old) && say(old, "  fourth line\nnew line 1\nnew line 2\nnew line 3\n\tfirst line  "));
        assert!(!say(old, "first line\nelse line\n") && say("a\n", "b\n"));
    }
}
