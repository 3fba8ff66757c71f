//! Quick fixes: what a finding's rule says is to be done, and a comment that allows it.

use crate::diagnostics;
use crate::position::Encoding;
use crate::session::Session;
use hardlint_config::text::Span;
use hardlint_lint::diagnostic::{Diagnostic, Edit, Safety};
use hardlint_lint::suppress;
use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Range, TextEdit, Uri, WorkspaceEdit};
use std::collections::HashMap;

/// What can be done about the findings in a range.
pub(crate) fn actions(
    session: &mut Session,
    path: &str,
    range: Range,
    only: Option<&[CodeActionKind]>,
    encoding: Encoding,
) -> Vec<CodeActionOrCommand> {
    let wanted = only.is_none_or(|kinds| kinds.iter().any(|kind| matches!(kind.as_str(), "" | "quickfix")));
    let findings = session.document(path).filter(|_| wanted).map(|it| it.findings.clone()).unwrap_or_default();
    let mut actions = Vec::new();
    for finding in findings {
        let at = encoding.range(&finding.primary.source, finding.primary.span);
        if at.start > range.end || range.start > at.end {
            continue;
        }
        if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
            let note = if fix.safety == Safety::Safe { "" } else { " (changes behaviour)" };
            let title = format!("hardlint: {}{note}", fix.title);
            actions.extend(action(session, &finding, title, &fix.edits, fix.safety == Safety::Safe, encoding));
        }
        if &*finding.rule != suppress::UNUSED
            && let Some(edit) = allowing(session, path, &finding)
        {
            let title = format!("hardlint: allow {} here, with a reason", finding.rule);
            actions.extend(action(session, &finding, title, &[edit], false, encoding));
        }
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

/// An action, if it helps and all files that it changes can be named.
#[expect(clippy::mutable_key_type, reason = "the protocol's crate has it so, and what a URI says never changes")]
fn action(
    session: &mut Session,
    finding: &Diagnostic,
    title: String,
    edits: &[Edit],
    preferred: bool,
    encoding: Encoding,
) -> Option<CodeAction> {
    if !session.helps(finding, edits) {
        return None;
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in edits {
        let change = TextEdit { range: encoding.range(&edit.source, edit.span), new_text: edit.text.clone() };
        changes.entry(session.uri(&edit.source.path)?).or_default().push(change);
    }
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostics::of_finding(session, finding, encoding)]),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        is_preferred: preferred.then_some(true),
        ..CodeAction::default()
    })
}

/// A comment in the line before the finding that allows it.
fn allowing(session: &mut Session, path: &str, finding: &Diagnostic) -> Option<Edit> {
    let comment = session.work(|_, workspace| Some(workspace.slot(path)?.detected?.format.comment))?;
    let source = &finding.primary.source;
    let line = finding.primary.start().line;
    let start = *source.lines().get(line.checked_sub(1)?)?;
    let text = source.line(line);
    let indent: String = text.chars().take_while(|c| c.is_whitespace()).collect();
    let newline = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    let text = format!("{indent}{comment} hardlint: allow[{}] TODO: say why{newline}", finding.rule);
    Some(Edit { source: source.clone(), span: Span { start, end: start }, text })
}
