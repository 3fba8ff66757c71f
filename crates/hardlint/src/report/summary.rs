//! What a person says of a run: how much was found in what, and the worst of it first.
//!
//! It goes to standard error, beside the report, and stands at its end, where the eye is when a run is over.

use super::{Outcome, clean};
use hardlint_lint::diagnostic::Severity;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

/// With fewer findings than this, the report itself is short enough.
const MANY: usize = 4;
/// How many kinds of finding are named.
const NAMED: usize = 5;

/// The summary; `reads_on` if a report for people stands before it.
pub fn of(outcome: &Outcome, took: Duration, reads_on: bool) -> String {
    let findings = outcome.findings().count();
    let mut text = plural(findings, "finding");
    if findings > 0 {
        let by_severity = outcome.by_severity();
        let counts = by_severity.iter().rev().map(|(severity, count)| format!("{count} {}", severity.name()));
        let _ = write!(text, " ({})", counts.collect::<Vec<_>>().join(", "));
    }
    let (problems, notices) = outcome.not_understood();
    for (count, word) in [(problems, "problem"), (notices, "notice")] {
        if count > 0 {
            let _ = write!(text, ", {}", plural(count, word));
        }
    }
    let files = outcome.files();
    let _ = write!(text, " in {}", plural(files.values().sum(), "file"));
    if !files.is_empty() {
        let formats = files.iter().map(|(format, count)| format!("{count} {format}"));
        let _ = write!(text, " ({})", formats.collect::<Vec<_>>().join(", "));
    }
    let _ = writeln!(text, ", {:.2} s", took.as_secs_f64());
    for said in outcome.kept_back() {
        let _ = writeln!(text, "{said}");
    }
    if reads_on && findings >= MANY {
        worst(outcome, &mut text);
    }
    if reads_on && files.is_empty() && problems == 0 {
        text.push_str("no file here is one that hardlint reads; --show-files says what was looked at\n");
    }
    text
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// All findings of one rule that are equally bad.
#[derive(Default)]
struct Group {
    count: usize,
    files: BTreeSet<String>,
    first: String,
}

fn worst(outcome: &Outcome, text: &mut String) {
    let mut groups: BTreeMap<(Severity, &str), Group> = BTreeMap::new();
    for (part, finding) in outcome.findings() {
        let path = clean::line(&part.names.of(&finding.primary.source.path)).into_owned();
        let group = groups.entry((finding.severity, &*finding.rule)).or_default();
        if group.count == 0 {
            group.first = format!("{path}:{}", finding.primary.start().line);
        }
        group.count += 1;
        group.files.insert(path);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((severity, rule), group)| (Reverse(*severity), Reverse(group.count), *rule));
    text.push_str("worst first:\n");
    for ((severity, rule), group) in groups.iter().take(NAMED) {
        let title = outcome.rules.get(*rule).map_or(*rule, |named| named.title.as_str());
        let _ = write!(text, "  {:8}  {} [{}]: ", severity.name(), clean::line(title), clean::line(rule));
        let _ = match (group.count, group.files.len()) {
            (1, _) => writeln!(text, "{}", group.first),
            (count, 1) => writeln!(text, "{count} times, first {}", group.first),
            (count, files) => writeln!(text, "{count} times in {files} files, first {}", group.first),
        };
    }
    let rest = groups.len().saturating_sub(NAMED);
    if rest > 0 {
        let _ = writeln!(
            text,
            "  and {} more of {}",
            plural(groups.iter().skip(NAMED).map(|(_, it)| it.count).sum(), "finding"),
            plural(rest, "kind")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn one_line_says_what_was_found_in_what() {
        let text = of(&sample::outcome(), Duration::from_millis(1234), true);
        assert_eq!(text, "2 findings (1 high, 1 low), 2 problems in 2 files (2 nginx), 1.23 s\n");
    }

    #[test]
    fn of_many_findings_the_worst_come_first() {
        let mut outcome = sample::outcome();
        let parts = sample::outcome().parts.into_iter().chain(sample::outcome().parts);
        outcome.parts.extend(parts);
        let text = of(&outcome, Duration::ZERO, true);
        let expected = "\
6 findings (3 high, 3 low), 6 problems in 6 files (6 nginx), 0.00 s
worst first:
  high      location can be left through its alias [nginx/alias-traversal]: 3 times, first conf.d/site.conf:3
  low       location can be left through its alias [nginx/alias-traversal]: 3 times, first conf.d/site.conf:7
";
        assert_eq!(text, expected);
        assert_eq!(of(&outcome, Duration::ZERO, false).lines().count(), 1);
    }

    #[test]
    fn nothing_read_is_said_to_be_nothing() {
        let text = of(&Outcome::default(), Duration::ZERO, true);
        assert!(text.starts_with("0 findings in 0 files, 0.00 s\nno file here"), "{text}");
    }
}
