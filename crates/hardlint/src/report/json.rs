//! The report as JSON: a contract that scripts rely on, so a field is added but never changed.

use super::{Outcome, Part, Place, fingerprint};
use crate::git::history;
use hardlint_lint::diagnostic::{self, Diagnostic, Label, Trouble};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    problems: Vec<Problem<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    confidence: &'static str,
    message: &'a str,
    path: String,
    at: Place,
    related: Vec<Related<'a>>,
    fix: Option<Fix<'a>>,
    fingerprint: String,
    role: &'static str,
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    at: Place,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<Edit<'a>>,
}

/// What stands at a place is to be this instead.
#[derive(Serialize)]
struct Edit<'a> {
    at: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct Problem<'a> {
    path: String,
    at: Option<Place>,
    message: &'a str,
    /// Whether it is only worth knowing, and no reason for the exit status.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    notice: bool,
}

#[derive(Serialize)]
struct Summary<'a> {
    files: BTreeMap<&'static str, usize>,
    findings: BTreeMap<&'static str, usize>,
    problems: usize,
    /// Settings files that keep something from being told, each with the settings that do.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    narrowed: BTreeMap<&'a str, &'a [&'static str]>,
    /// Files that hold findings which are not told, as the files are for development, tests or examples.
    held: usize,
}

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let by_severity = outcome.by_severity();
    let document = Document {
        version: 1,
        findings: outcome.findings().map(|(part, finding)| found(part, finding)).collect(),
        problems: outcome.problems().map(|(part, problem)| not_understood(part, problem)).collect(),
        summary: Summary {
            files: outcome.files(),
            findings: by_severity.into_iter().map(|(severity, count)| (severity.name(), count)).collect(),
            problems: outcome.not_understood().0,
            narrowed: outcome.narrowed().collect(),
            held: outcome.held(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A finding or a problem with where it was found, so that lines of many runs can be put together.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    told: Told<'a>,
    repository: Option<&'a str>,
    commit: Option<&'a str>,
    /// Of the rules, which come with hardlint.
    version: &'static str,
}

/// What a line tells; `kind` says which.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Told<'a> {
    Finding(Finding<'a>),
    Problem(Problem<'a>),
}

/// One finding a line, and behind them what could not be understood.
pub fn write_lines(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for part in &outcome.parts {
        let report = &part.report;
        if report.diagnostics.is_empty() && report.problems.is_empty() {
            continue;
        }
        let (repository, commit) = history::checked_out(part.names.root()).unwrap_or_default();
        let findings = report.diagnostics.iter().map(|finding| Told::Finding(found(part, finding)));
        let problems = report.problems.iter().map(|problem| Told::Problem(not_understood(part, problem)));
        for told in findings.chain(problems) {
            let (repository, commit) = (repository.as_deref(), commit.as_deref());
            let line = Line { told, repository, commit, version: env!("CARGO_PKG_VERSION") };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn found<'a>(part: &Part, finding: &'a Diagnostic) -> Finding<'a> {
    let related = |label: &'a Label| Related { at: part.place(label), message: &label.text };
    Finding {
        rule: &finding.rule,
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        message: &finding.message,
        path: part.names.of(&finding.primary.source.path),
        at: part.place(&finding.primary),
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().map(|fix| fixed(part, fix)),
        fingerprint: fingerprint(&finding.fingerprint),
        role: finding.role.name(),
        why: &finding.why,
        assumed: finding.assumed.as_deref(),
    }
}

fn fixed<'a>(part: &Part, fix: &'a diagnostic::Fix) -> Fix<'a> {
    let edit =
        |edit: &'a diagnostic::Edit| Edit { at: Place::new(&part.names, &edit.source, edit.span), text: &edit.text };
    Fix { title: &fix.title, safety: fix.safety.name(), edits: fix.edits.iter().map(edit).collect() }
}

fn not_understood<'a>(part: &Part, problem: &'a Trouble) -> Problem<'a> {
    Problem {
        path: part.names.of(&problem.path),
        at: problem.at.as_ref().map(|label| part.place(label)),
        message: &problem.message,
        notice: problem.notice,
    }
}
