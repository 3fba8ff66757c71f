//! The report that GitLab shows in merge requests as code quality: a list of findings, each with a fingerprint of its own.
//!
//! GitLab keeps one finding of each fingerprint, and takes a path as it stands, so that none begins with `./`.

use super::{Outcome, Place, fingerprint};
use hardlint_lint::diagnostic::Severity;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = BTreeMap::new();
    let findings = outcome.findings().map(|(part, finding)| Issue {
        description: &finding.message,
        check_name: &finding.rule,
        fingerprint: fingerprint(&finding.fingerprint),
        severity: severity(finding.severity),
        location: location(&part.place(&finding.primary)),
    });
    let problems = outcome.problems().map(|(part, problem)| {
        let (path, place) = part.place_of(problem);
        let location = match place {
            Some(place) => location(&place),
            None => Location { path: relative(&path), lines: Lines { begin: 1, end: 1 } },
        };
        let (description, check_name) = (problem.message.as_str(), super::name(problem));
        let fingerprint = super::hash(&[check_name, &problem.path, &problem.message]);
        // What was not understood may hide anything.
        let severity = if problem.notice { "info" } else { "critical" };
        Issue { description, check_name, fingerprint, severity, location }
    });
    let mut issues: Vec<Issue<'_>> = findings.chain(problems).collect();
    for issue in &mut issues {
        // Two roots may have a file of the same name each.
        let count: &mut usize = seen.entry(issue.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            issue.fingerprint = format!("{}-{count}", issue.fingerprint);
        }
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn location(place: &Place) -> Location {
    Location { path: relative(&place.path), lines: Lines { begin: place.line, end: place.end_line } }
}

fn relative(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use serde_json::{Value, json};

    #[test]
    fn findings_and_problems_are_issues_with_fingerprints_of_their_own() {
        let mut outcome = sample::outcome();
        outcome.parts.extend(sample::outcome().parts);
        let mut out = Vec::new();
        write(&outcome, &mut out).unwrap();
        let issues: Value = serde_json::from_slice(&out).unwrap();
        let issues = issues.as_array().unwrap();
        assert_eq!(
            issues[0]["location"],
            json!({"path": "conf.d/site.conf", "lines": {"begin": 3, "end": 3}}),
            "{issues:?}"
        );
        assert_eq!(
            (&issues[0]["severity"], &issues[0]["check_name"]),
            (&json!("critical"), &json!("nginx/alias-traversal"))
        );
        assert_eq!(issues[5]["location"]["path"], "certs/dhparam");
        let mut fingerprints: Vec<&str> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), 8);
    }
}
