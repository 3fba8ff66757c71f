//! What requests ask for.

use super::{Purpose, Server};
use crate::actions::{self, Wanted};
use crate::session::Which;
use crate::{completion, diagnostics, follow, hints, hover};
use lsp_server::{ErrorCode, Request, Response};
use lsp_types::{
    CodeActionOrCommand, CodeActionParams, CodeLens, CodeLensParams, CompletionItem, CompletionParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentLink, DocumentLinkParams, ExecuteCommandParams,
    FullDocumentDiagnosticReport, GotoDefinitionParams, Hover, HoverParams, InlayHint, InlayHintParams, Location,
    ReferenceParams, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Server<'_> {
    /// The answer to a request.
    pub(super) fn answered(&mut self, request: Request) -> Response {
        let method = request.method.clone();
        if method.starts_with("textDocument/") {
            self.turn(&request.params);
            self.judge(Which::Open);
        }
        match method.as_str() {
            "textDocument/hover" => self.answer(request, Self::hover),
            "textDocument/codeAction" => self.answer(request, Self::code_action),
            "textDocument/diagnostic" => self.answer(request, Self::diagnostic),
            "workspace/diagnostic" => self.answer(request, Self::workspace_diagnostic),
            "textDocument/documentLink" => self.answer(request, Self::links),
            "textDocument/definition" => self.answer(request, Self::definition),
            "textDocument/references" => self.answer(request, Self::references),
            "textDocument/inlayHint" => self.answer(request, Self::hints),
            "textDocument/codeLens" => self.answer(request, Self::lenses),
            "textDocument/completion" => self.answer(request, Self::completion),
            "workspace/executeCommand" => self.answer(request, Self::execute),
            _ => {
                let message = format!("hardlint does not know `{method}`");
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        }
    }

    /// Takes a document that is open by several names as it is by the one that is asked about.
    fn turn(&mut self, params: &Value) {
        let uri = params.pointer("/textDocument/uri").and_then(Value::as_str).and_then(|uri| uri.parse::<Uri>().ok());
        if let Some(uri) = uri
            && let Some((session, path)) = self.document(&uri)
        {
            session.turn(&path, &uri);
        }
    }

    fn hover(&mut self, params: &HoverParams) -> Option<Hover> {
        let at = &params.text_document_position_params;
        let client = self.client;
        let (session, path) = self.document(&at.text_document.uri)?;
        hover::hover(session, &path, at.position, client)
    }

    fn links(&mut self, params: &DocumentLinkParams) -> Vec<DocumentLink> {
        self.judge(Which::Joining);
        let client = self.client;
        let found = self.document(&params.text_document.uri);
        found.map(|(session, path)| follow::links(session, &path, client)).unwrap_or_default()
    }

    fn definition(&mut self, params: &GotoDefinitionParams) -> Vec<Location> {
        self.judge(Which::Joining);
        let at = &params.text_document_position_params;
        let client = self.client;
        let found = self.document(&at.text_document.uri);
        found.map(|(session, path)| follow::definition(session, &path, at.position, client)).unwrap_or_default()
    }

    fn references(&mut self, params: &ReferenceParams) -> Vec<Location> {
        self.judge(Which::Joining);
        let at = &params.text_document_position;
        let (client, whole) = (self.client, params.context.include_declaration);
        let found = self.document(&at.text_document.uri);
        found.map(|(session, path)| follow::references(session, &path, at.position, whole, client)).unwrap_or_default()
    }

    fn hints(&mut self, params: &InlayHintParams) -> Vec<InlayHint> {
        if !self.asked.hints {
            return Vec::new();
        }
        let (uri, client) = (&params.text_document.uri, self.client);
        let Some((session, path)) = self.document(uri) else { return Vec::new() };
        let hints = hints::hints(session, &path, params.range, client);
        if let Some(version) = session.document(&path).map(|it| it.version) {
            self.hinted.insert(uri.as_str().to_owned(), (version, params.range, hints::id(&hints)));
        }
        hints
    }

    /// Whether the client would be given other hints of a document, in which it changed nothing that would make it ask.
    pub(super) fn hints_changed(&self) -> bool {
        self.hinted.iter().any(|(uri, (version, range, id))| {
            let Some((session, path)) =
                self.places.get(uri).and_then(|(id, path)| Some((self.sessions.get(id)?, path)))
            else {
                return false;
            };
            let same = session.document(path).is_some_and(|it| it.version == *version && it.uri.as_str() == uri);
            same && hints::id(&hints::hints(session, path, *range, self.client)) != *id
        })
    }

    fn lenses(&mut self, params: &CodeLensParams) -> Vec<CodeLens> {
        if !self.asked.lenses {
            return Vec::new();
        }
        self.judge(Which::Joining);
        let found = self.document(&params.text_document.uri);
        found.map(|(session, path)| hints::lenses(session, &path)).unwrap_or_default()
    }

    fn completion(&mut self, params: &CompletionParams) -> Vec<CompletionItem> {
        let at = &params.text_document_position;
        let client = self.client;
        let found = self.document(&at.text_document.uri);
        found.map(|(session, path)| completion::completion(session, &path, at.position, client)).unwrap_or_default()
    }

    fn code_action(&mut self, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        let client = self.client;
        let Some((session, path)) = self.document(&params.text_document.uri) else { return Vec::new() };
        let wanted = Wanted { path: &path, range: params.range, context: &params.context };
        actions::actions(session, &wanted, client)
    }

    /// What is found in one document, also by units that only join it to others.
    fn diagnostic(&mut self, params: &DocumentDiagnosticParams) -> DocumentDiagnosticReport {
        self.judge(Which::Joining);
        let client = self.client;
        let uri = &params.text_document.uri;
        let found = self.document(uri).and_then(|(session, path)| {
            let document = session.document(&path)?;
            let told = diagnostics::of_file(session, &document.findings, &document.problems, client);
            Some((document.version, told))
        });
        let (version, items) = found.unwrap_or_default();
        let id = diagnostics::id(&items);
        self.told.insert(uri.as_str().to_owned(), (version, items.clone()));
        if params.previous_result_id.as_ref() == Some(&id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id: id };
            let related_documents = None;
            return RelatedUnchangedDocumentDiagnosticReport {
                related_documents,
                unchanged_document_diagnostic_report,
            }
            .into();
        }
        let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(id), items };
        RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }.into()
    }

    /// What is found in all files of all folders.
    fn workspace_diagnostic(&mut self, params: &WorkspaceDiagnosticParams) -> WorkspaceDiagnosticReport {
        self.find_all();
        self.judge(Which::All);
        let before: BTreeMap<&str, &str> =
            params.previous_result_ids.iter().map(|it| (it.uri.as_str(), it.value.as_str())).collect();
        let mut items = Vec::new();
        let mut told = BTreeSet::new();
        for (session, inner) in self.apart() {
            let report = session.all();
            let of_finding = report.diagnostics.iter().map(|it| it.primary.source.path.clone());
            let of_problem =
                report.problems.iter().map(|it| it.at.as_ref().map_or(&it.path, |at| &at.source.path).clone());
            let paths: BTreeSet<_> = of_finding.chain(of_problem).collect();
            let mut found: BTreeMap<_, (Vec<_>, Vec<_>)> =
                paths.into_iter().map(|path| (path, Default::default())).collect();
            for finding in report.diagnostics {
                if let Some((findings, _)) = found.get_mut(&finding.primary.source.path) {
                    findings.push(finding);
                }
            }
            for problem in report.problems {
                let path = problem.at.as_ref().map_or(&problem.path, |at| &at.source.path).clone();
                if let Some((_, problems)) = found.get_mut(&path) {
                    problems.push(problem);
                }
            }
            for (path, (findings, problems)) in found {
                let place = session.host.folder().join(&*path);
                if inner.iter().any(|root| place.starts_with(root)) {
                    continue;
                }
                let Some(uri) = session.uri(&path) else { continue };
                let all = diagnostics::of_file(session, &findings, &problems, self.client);
                let version = session.document(&path).map(|it| i64::from(it.version));
                told.insert(uri.as_str().to_owned());
                items.push(report_of(uri, version, all, &before));
            }
        }
        for uri in before.keys().filter(|uri| !told.contains(**uri)) {
            if let Ok(uri) = uri.parse::<Uri>() {
                items.push(report_of(uri, None, Vec::new(), &before));
            }
        }
        WorkspaceDiagnosticReport { items }
    }

    fn execute(&mut self, params: &ExecuteCommandParams) -> Value {
        if params.command != actions::EXPLAIN {
            return Value::Null;
        }
        let id = params.arguments.first().and_then(Value::as_str).unwrap_or_default();
        let rule = self.sessions.values().find_map(|session| {
            let rule = &session.host.linter().rules.named(id)?.rule;
            Some((session.host.url(rule), format!("{}: {}\n\n{}", rule.id, rule.title, rule.why.trim())))
        });
        let Some((url, why)) = rule else { return Value::Null };
        if self.client.opens {
            self.ask("window/showDocument", json!({ "uri": url, "external": true }), Purpose::Nothing);
        } else {
            self.tell("window/showMessage", json!({ "type": 3, "message": why }));
        }
        json!(url)
    }
}

fn report_of(
    uri: Uri,
    version: Option<i64>,
    items: Vec<lsp_types::Diagnostic>,
    before: &BTreeMap<&str, &str>,
) -> WorkspaceDocumentDiagnosticReport {
    let id = diagnostics::id(&items);
    if before.get(uri.as_str()) == Some(&id.as_str()) {
        let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id: id };
        return WorkspaceUnchangedDocumentDiagnosticReport { uri, version, unchanged_document_diagnostic_report }
            .into();
    }
    let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(id), items };
    WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report }.into()
}
