//! What can be done about findings: fixes, comments that allow them, and reading about their rule.
//!
//! An edit is only offered after it was made in memory as `check --fix` makes it, by [`hardlint_lint::mend`], and did what it
//! says and nothing else.

use crate::client::Client;
use crate::diagnostics;
use crate::session::Session;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Diagnostic, Edit, Fix, Safety};
use hardlint_lint::mend::Mended;
use hardlint_lint::suppress;
use lsp_types::{
    CodeAction, CodeActionContext, CodeActionKind, CodeActionOrCommand, CodeActionTriggerKind, Command,
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, Uri,
    WorkspaceEdit,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Opens the page of a rule.
pub(crate) const EXPLAIN: &str = "hardlint.explain";

/// The kind of what makes all safe fixes of a file, under which editors run it when they save.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.hardlint");

/// Findings of one request for which fixes are tried.
const MOST: usize = 20;

/// What is asked for.
pub(crate) struct Wanted<'w> {
    pub(crate) path: &'w str,
    pub(crate) range: Range,
    pub(crate) context: &'w CodeActionContext,
}

impl Wanted<'_> {
    /// Whether actions of a kind are asked for.
    fn wants(&self, kind: &CodeActionKind) -> bool {
        let above = |only: &CodeActionKind| {
            let (only, kind) = (only.as_str(), kind.as_str());
            only.is_empty() || kind == only || kind.strip_prefix(only).is_some_and(|rest| rest.starts_with('.'))
        };
        match &self.context.only {
            Some(only) => only.iter().any(above),
            // What concerns the whole file is worked out for who asks for it, and not wherever the cursor goes.
            None => {
                *kind == CodeActionKind::QUICKFIX || self.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC)
            }
        }
    }
}

/// What can be done about the findings in a range, and about all of the file.
pub(crate) fn actions(session: &mut Session, wanted: &Wanted<'_>, client: Client) -> Vec<CodeActionOrCommand> {
    let all = session.document(wanted.path).map(|it| it.findings.clone()).unwrap_or_default();
    let mut actions = Vec::new();
    if wanted.wants(&CodeActionKind::QUICKFIX) {
        let mut told = BTreeSet::new();
        let touched = |finding: &&Diagnostic| {
            let at = client.encoding.range(&finding.primary.source, finding.primary.span);
            at.start <= wanted.range.end && wanted.range.start <= at.end
        };
        for finding in all.iter().filter(touched).take(MOST) {
            let first = told.insert(finding.rule.clone());
            of_finding(session, wanted.path, finding, if first { &all } else { &[] }, client, &mut actions);
        }
    }
    if wanted.wants(&FIX_ALL) {
        let here = |found: &Diagnostic| *found.primary.source.path == *wanted.path;
        if let Some(mended) = session.mend(format!("all {}", wanted.path), all, Safety::Safe, &here) {
            let title = "hardlint: make all safe fixes of this file".to_owned();
            let edit = workspace_edit(session, &mended, client);
            actions.extend(edit.map(|edit| CodeAction {
                title,
                kind: Some(FIX_ALL),
                edit: Some(edit),
                ..CodeAction::default()
            }));
        }
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

fn of_finding(
    session: &mut Session,
    path: &str,
    finding: &Diagnostic,
    all: &[Diagnostic],
    client: Client,
    actions: &mut Vec<CodeAction>,
) {
    let told = diagnostics::of_finding(session, finding, client);
    let action = |title: String, preferred: bool, edit: Option<WorkspaceEdit>| CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![told.clone()]),
        edit,
        is_preferred: preferred.then_some(true),
        ..CodeAction::default()
    };
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        let note = |safety: Safety| if safety == Safety::Safe { "" } else { " (changes behaviour)" };
        if let Some(mended) = alone(session, "fix", finding, None) {
            // What may be missing could hold the very line.
            let safety = if finding.assumed.is_some() { Safety::Unsafe } else { fix.safety };
            let title = format!("hardlint: {}{}", fix.title, note(safety));
            let edit = workspace_edit(session, &mended, client);
            actions.extend(edit.map(|edit| action(title, safety == Safety::Safe, Some(edit))));
        }
        let same = |it: &Diagnostic| it.rule == finding.rule && *it.primary.source.path == *path;
        if all.iter().filter(|it| same(it)).nth(1).is_some() {
            let mended = session.mend(format!("rule {} {path}", finding.rule), all.to_vec(), Safety::Unsafe, &same);
            // The least safe of them says what all together are.
            let fixes = all.iter().filter(|it| same(it) && it.assumed.is_none());
            let least = fixes.filter_map(|it| it.fix.as_ref()).filter(|fix| !fix.edits.is_empty());
            let least = least.map(|fix| fix.safety).max();
            let assumed = all.iter().any(|it| same(it) && it.assumed.is_some());
            let safety = if assumed { Safety::Unsafe } else { least.unwrap_or(fix.safety) };
            let title = format!("hardlint: fix all of {} in this file{}", finding.rule, note(safety));
            let edit = mended.and_then(|mended| workspace_edit(session, &mended, client));
            actions.extend(edit.map(|edit| action(title, false, Some(edit))));
        }
    }
    if &*finding.rule == suppress::UNUSED {
        return;
    }
    if let Some(mended) = allowing(session, finding) {
        let title = format!("hardlint: allow {} here, with a reason", finding.rule);
        let edit = workspace_edit(session, &mended, client);
        actions.extend(edit.map(|edit| action(title, false, Some(edit))));
    }
    let title = format!("hardlint: explain {}", finding.rule);
    let command =
        Command { title: title.clone(), command: EXPLAIN.to_owned(), arguments: Some(vec![json!(&*finding.rule)]) };
    actions.push(CodeAction { command: Some(command), ..action(title, false, None) });
}

/// Tries one finding's fix, or other edits in its place.
fn alone(session: &mut Session, what: &str, finding: &Diagnostic, instead: Option<Edit>) -> Option<Arc<Mended>> {
    let mut tried = finding.clone();
    if let Some(edit) = instead {
        let title = String::new();
        tried.fix = Some(Fix { title, safety: Safety::Safe, edits: vec![edit] });
        // What may be missing makes an allow no less harmless.
        tried.assumed = None;
    }
    let (key, span) = (finding.fingerprint.clone(), finding.primary.span);
    let meant = |it: &Diagnostic| it.fingerprint == key && it.primary.span == span;
    session.mend(format!("{what} {key:?} {span:?}"), vec![tried], Safety::Unsafe, &meant)
}

/// A comment that allows a finding, in the first place of those where it does: the line before it, its own, the first of the
/// file.
fn allowing(session: &mut Session, finding: &Diagnostic) -> Option<Arc<Mended>> {
    let source = &finding.primary.source;
    let comment = session.slot(&source.path)?.detected?.format.comment;
    let line = finding.primary.start().line;
    let text = source.line(line);
    let starts = source.lines();
    let start = *starts.get(line.checked_sub(1)?)?;
    let newline = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent: String = text.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let allow = |form: &str| format!("{comment} hardlint: {form}[{}] TODO: say why", finding.rule);
    let end = start + u32::try_from(text.trim_end_matches(['\r', '\n']).len()).ok()?;
    // What a program is told in the first line, by whatever it is run by, stays there.
    let first = if source.text.starts_with("#!") || source.text.starts_with("# syntax") {
        starts.get(1).copied()
    } else {
        None
    };
    let places = [
        (start, format!("{indent}{}{newline}", allow("allow"))),
        (end, format!(" {}", allow("allow"))),
        (first.unwrap_or_default(), format!("{}{newline}", allow("allow-file"))),
    ];
    places.into_iter().enumerate().find_map(|(index, (at, text))| {
        let edit = Edit { source: source.clone(), span: Span { start: at, end: at }, text };
        alone(session, &format!("allow {index}"), finding, Some(edit))
    })
}

/// What was made, as the client takes it; nothing if a file cannot be named.
#[expect(clippy::mutable_key_type, reason = "the protocol's crate has it so, and what a URI says never changes")]
fn workspace_edit(session: &Session, mended: &Mended, client: Client) -> Option<WorkspaceEdit> {
    let mut files: Vec<(Uri, Option<i32>, Vec<TextEdit>)> = Vec::new();
    let mut made: BTreeMap<&str, Vec<TextEdit>> = BTreeMap::new();
    for (path, text) in &mended.texts {
        let source = mended.before.get(path)?;
        let edits = match mended.edits.get(path).filter(|edits| !edits.is_empty()) {
            Some(edits) => edits.iter().map(|(span, text)| (*span, text.as_str())).collect(),
            None => vec![difference(source, text)],
        };
        let edit = |(span, text): (Span, &str)| TextEdit {
            range: client.encoding.range(source, span),
            new_text: text.to_owned(),
        };
        made.insert(path, edits.into_iter().map(edit).collect());
    }
    for (path, edits) in made {
        files.push((session.uri(path)?, session.document(path).map(|it| it.version), edits));
    }
    if !client.versions {
        let changes: HashMap<Uri, Vec<TextEdit>> = files.into_iter().map(|(uri, _, edits)| (uri, edits)).collect();
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let of_file = |(uri, version, edits): (Uri, Option<i32>, Vec<TextEdit>)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    };
    let changes = DocumentChanges::Edits(files.into_iter().map(of_file).collect());
    Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
}

/// The one edit that makes a text another: all from the first byte that differs to the last.
fn difference<'t>(before: &Source, after: &'t str) -> (Span, &'t str) {
    let old = before.text.as_str();
    let common = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| -> usize {
        a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let mut start = common(&mut old.chars(), &mut after.chars());
    // No editor counts a place inside of a line's end.
    start -= usize::from(old.get(..start).is_some_and(|before| before.ends_with('\r')));
    let (rest, new) = (old.get(start..).unwrap_or_default(), after.get(start..).unwrap_or_default());
    let mut end = common(&mut rest.chars().rev(), &mut new.chars().rev());
    let inside = rest.get(rest.len() - end..).is_some_and(|behind| behind.starts_with('\n'));
    end -= usize::from(inside && end > 0);
    (Span::new(start, old.len() - end), new.get(..new.len() - end).unwrap_or_default())
}
