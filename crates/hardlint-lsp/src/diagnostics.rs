//! Findings and problems as editors show them.

use crate::position::Encoding;
use crate::session::{Document, Session};
use hardlint_config::secrets;
use hardlint_lint::diagnostic::{Diagnostic, Label, Severity, Trouble};
use hardlint_lint::suppress;
use lsp_types::{
    CodeDescription, Diagnostic as Told, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Range, Uri,
};
use std::str::FromStr;

/// All that is to be told of a document.
pub(crate) fn of_document(session: &Session, document: &Document, encoding: Encoding) -> Vec<Told> {
    let findings = document.findings.iter().map(|finding| of_finding(session, finding, encoding));
    findings.chain(document.problems.iter().map(|problem| of_problem(problem, encoding))).collect()
}

pub(crate) fn of_finding(session: &Session, finding: &Diagnostic, encoding: Encoding) -> Told {
    let rule = session.host.linter().rules.named(&finding.rule);
    let href = rule.and_then(|rule| Uri::from_str(&session.host.url(&rule.rule)).ok());
    let related: Vec<_> = finding.related.iter().filter_map(|label| related(session, label, encoding)).collect();
    let unused = &*finding.rule == suppress::UNUSED;
    Told {
        range: encoding.range(&finding.primary.source, finding.primary.span),
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some("hardlint".to_owned()),
        message: secrets::hide(&finding.message).into_owned(),
        related_information: (!related.is_empty()).then_some(related),
        tags: unused.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

fn related(session: &Session, label: &Label, encoding: Encoding) -> Option<DiagnosticRelatedInformation> {
    let range = encoding.range(&label.source, label.span);
    let message = if label.text.is_empty() { "has a part in it".into() } else { secrets::hide(&label.text) };
    let uri = session.uri(&label.source.path)?;
    Some(DiagnosticRelatedInformation { location: Location { uri, range }, message: message.into_owned() })
}

fn of_problem(problem: &Trouble, encoding: Encoding) -> Told {
    let range = problem.at.as_ref().map_or_else(Range::default, |at| encoding.range(&at.source, at.span));
    Told {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("hardlint".to_owned()),
        message: secrets::hide(&problem.message).into_owned(),
        ..Told::default()
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Critical | Severity::High => DiagnosticSeverity::ERROR,
        Severity::Medium => DiagnosticSeverity::WARNING,
        Severity::Low => DiagnosticSeverity::INFORMATION,
        Severity::Info => DiagnosticSeverity::HINT,
    }
}
