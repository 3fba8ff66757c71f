//! Findings and problems as editors show them.

use crate::client::Client;
use crate::session::Session;
use hardlint_config::secrets;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Diagnostic, Label, Severity, Trouble};
use hardlint_lint::suppress;
use lsp_types::{
    CodeDescription, Diagnostic as Told, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Range, Uri,
};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

/// All that is to be told of a file.
pub(crate) fn of_file(session: &Session, findings: &[Diagnostic], problems: &[Trouble], client: Client) -> Vec<Told> {
    let findings = findings.iter().map(|finding| of_finding(session, finding, client));
    findings.chain(problems.iter().map(|problem| of_problem(problem, client))).collect()
}

/// The same by another name of the file, which leads from one place of it to another, too.
pub(crate) fn by_name(told: &[Told], uri: &Uri, name: &Uri) -> Vec<Told> {
    let mut told = told.to_vec();
    let related = told.iter_mut().filter_map(|it| it.related_information.as_mut()).flatten();
    related.filter(|it| it.location.uri == *uri).for_each(|it| it.location.uri = name.clone());
    told
}

/// What tells two answers apart; the same answer has the same.
pub(crate) fn id(told: &[Told]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(told).unwrap_or_default().hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

pub(crate) fn of_finding(session: &Session, finding: &Diagnostic, client: Client) -> Told {
    let rule = session.host.linter().rules.named(&finding.rule);
    let href = rule.and_then(|rule| Uri::from_str(&session.host.url(&rule.rule)).ok());
    let related: Vec<_> = finding.related.iter().filter_map(|label| related(session, label, client)).collect();
    let unused = &*finding.rule == suppress::UNUSED;
    Told {
        range: shown(&finding.primary.source, finding.primary.span, client),
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some("hardlint".to_owned()),
        message: secrets::hide(&finding.message).into_owned(),
        related_information: (client.related && !related.is_empty()).then_some(related),
        tags: (client.unnecessary && unused).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

fn related(session: &Session, label: &Label, client: Client) -> Option<DiagnosticRelatedInformation> {
    let range = shown(&label.source, label.span, client);
    let message = if label.text.is_empty() { "has a part in it".into() } else { secrets::hide(&label.text) };
    let uri = session.uri(&label.source.path)?;
    Some(DiagnosticRelatedInformation { location: Location { uri, range }, message: message.into_owned() })
}

fn of_problem(problem: &Trouble, client: Client) -> Told {
    let range = problem.at.as_ref().map_or_else(Range::default, |at| shown(&at.source, at.span, client));
    Told {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("hardlint".to_owned()),
        message: secrets::hide(&problem.message).into_owned(),
        ..Told::default()
    }
}

fn shown(source: &Source, span: Span, client: Client) -> Range {
    client.encoding.range(source, span)
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Critical | Severity::High => DiagnosticSeverity::ERROR,
        Severity::Medium => DiagnosticSeverity::WARNING,
        // Hints are in no list of problems, and what is worth knowing is one.
        Severity::Low | Severity::Info => DiagnosticSeverity::INFORMATION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_knowing_is_in_lists_of_problems() {
        assert_eq!(severity(Severity::Info), DiagnosticSeverity::INFORMATION);
    }
}
