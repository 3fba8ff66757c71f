//! Findings as tests that failed, for whatever shows the results of tests: a suite a file, a case a finding.
//!
//! What shows them tells an old failure from a new one by the names of suite and case, so that no name holds a line. A
//! report without any test would be taken for one that is broken: where nothing is found, a case says so.

use super::markup::{lines, text};
use super::{Entry, Outcome};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let failures = outcome.findings().count();
    let (errors, skipped) = outcome.not_understood();
    let nothing = failures + errors + skipped == 0;
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"hardlint\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        (failures + errors + skipped).max(1)
    )?;
    if nothing {
        writeln!(
            out,
            "  <testsuite name=\"hardlint\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">"
        )?;
        writeln!(out, "    <testcase name=\"nothing was found\" classname=\"hardlint\" time=\"0\"/>\n  </testsuite>")?;
    }
    for (path, entries) in outcome.by_file() {
        let failures = entries.iter().filter(|entry| matches!(entry, Entry::Finding(..))).count();
        let notice = |entry: &&Entry<'_>| matches!(entry, Entry::Problem(_, problem) if problem.notice);
        let skipped = entries.iter().filter(notice).count();
        let errors = entries.len() - failures - skipped;
        let path = text(&path);
        writeln!(
            out,
            "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\">",
            entries.len()
        )?;
        let mut names = BTreeMap::new();
        for entry in entries {
            case(&path, entry, &mut names, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(path: &str, entry: Entry<'_>, names: &mut BTreeMap<String, usize>, out: &mut dyn Write) -> io::Result<()> {
    let place = match entry {
        Entry::Finding(part, finding) => Some(part.place(&finding.primary)),
        Entry::Problem(part, problem) => part.place_of(problem).1,
    };
    let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
    let mut name = text(&format!("{}: {}", entry.rule(), entry.message()));
    let count = names.entry(name.clone()).or_default();
    *count += 1;
    if *count > 1 {
        let _ = write!(name, " ({count})");
    }
    writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\" time=\"0\">")?;
    let message = text(entry.message());
    match entry {
        Entry::Finding(_, finding) => {
            let severity = finding.severity.name();
            let (why, rule) = (lines(finding.why.trim()), text(&finding.rule));
            write!(out, "      <failure type=\"{severity}\" message=\"{message}\">")?;
            write!(out, "{path}:{line}:{column}: {severity}[{rule}] {message}")?;
            if !why.is_empty() {
                write!(out, "\n\n{why}")?;
            }
            if let Some(fix) = &finding.fix {
                write!(out, "\n\nFix: {}", text(&fix.title))?;
            }
            writeln!(out, "</failure>")?;
        }
        Entry::Problem(_, problem) if problem.notice => writeln!(out, "      <skipped message=\"{message}\"/>")?,
        Entry::Problem(..) => {
            write!(out, "      <error type=\"problem\" message=\"{message}\">")?;
            writeln!(out, "{path}:{line}:{column}: problem: {message}</error>")?;
        }
    }
    writeln!(out, "    </testcase>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Outcome, sample};

    fn rendered(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        write(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_is_a_failure_and_a_problem_an_error() {
        let text = rendered(&sample::outcome());
        for part in [
            "<testsuites name=\"hardlint\" tests=\"4\" failures=\"2\" errors=\"2\">",
            "<testsuite name=\"conf.d/site.conf\" tests=\"3\" failures=\"2\" errors=\"1\" skipped=\"0\" time=\"0\">",
            "<testcase name=\"nginx/alias-traversal: `location /x` again\" classname=\"conf.d/site.conf\" \
             file=\"conf.d/site.conf\" line=\"7\" time=\"0\">\n      <failure type=\"low\" message=\"`location /x` again\">",
            "\n\nFix: end the location with a slash</failure>",
            "<error type=\"problem\" message=\"it is not text: a NUL byte stands at offset 3\">certs/dhparam:1:1: problem",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn names_are_not_given_twice_and_nothing_is_a_test_that_passed() {
        let mut twice = sample::outcome();
        twice.parts.extend(sample::outcome().parts);
        let text = rendered(&twice);
        assert!(text.contains("again (2)\" classname"), "{text}");
        let nothing = rendered(&Outcome::default());
        assert!(nothing.contains("tests=\"1\" failures=\"0\" errors=\"0\"") && nothing.contains("nothing was found"));
    }
}
