//! What can be written at a place: keys of the scope that it is in, and the values of which the key table knows all.

use crate::client::Client;
use crate::session::Session;
use hardlint_config::formats::{Format, Printed};
use hardlint_config::model::{Model, ScopeId, Value};
use hardlint_config::schema::{Default, Key, KindId, Type};
use hardlint_config::text::{FileId, Span};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, Position,
    TextEdit,
};
use std::collections::BTreeSet;

/// What stands between a key and its value, and what lines look like.
struct Form {
    /// What is written behind a key.
    behind: &'static str,
    /// What may stand between a key and its value.
    between: &'static [char],
}

/// How a format writes a setting on a line; nothing where lines hold none.
fn form(format: &Format) -> Option<Form> {
    let (behind, between): (_, &[char]) = match format.id {
        "nginx" | "redis" => (" ", &[' ', '\t']),
        "sshd" => (" ", &[' ', '\t', '=']),
        "postgres" | "airflow" | "django" | "flask" | "asgi" => (" = ", &['=', ' ', '\t', '\'', '"']),
        "compose" => (": ", &[':', ' ', '\'', '"']),
        _ => return None,
    };
    Some(Form { behind, between })
}

/// What can be written at a place of an open document.
pub(crate) fn completion(session: &Session, path: &str, position: Position, client: Client) -> Vec<CompletionItem> {
    let items = || {
        let source = session.source(path)?;
        let offset = client.encoding.offset(&source, position);
        let before = source.text.get(..offset)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.get(start..)?;
        // Nothing is said inside of comments.
        if line.trim_start().starts_with('#') {
            return None;
        }
        let (_, resolved) = session
            .resolved(path)
            .into_iter()
            .find(|(name, _)| session.slot(path).and_then(hardlint_config::workspace::Slot::format) == Some(name.1))?;
        let model = &resolved.model;
        let at_line = Line { start: before.get(..start)?, line };
        if let Some(found) = statements(model.format, &at_line) {
            let after = source.text.get(offset..)?;
            let end = offset + after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
            let range = client.encoding.range(&source, Span::new(offset - line.trim_start().len(), end));
            let behind = if source.text.get(end..)?.starts_with([' ', '\t']) { "" } else { " " };
            return Some(found.iter().map(|(name, doc)| statement(name, doc, behind, range)).collect());
        }
        let form = form(model.format)?;
        let file = resolved.sources.iter().position(|source| &*source.path == path)?;
        let file = FileId(u32::try_from(file).ok()?);
        let kinds = match model.format.id {
            "compose" => vec![of_lines(model, source.text.get(..start)?, line)?],
            _ => around(model, file, offset),
        };
        // The statement that is begun: behind the last one on the line.
        let begun = line.rfind(['{', ';', '}']).filter(|_| model.format.id == "nginx").map_or(0, |at| at + 1);
        let statement = line.get(begun..)?;
        let indent = statement.len() - statement.trim_start().len();
        let word = statement.trim_start();
        // A word that the place is in the middle of is written anew as a whole.
        let after = source.text.get(offset..)?;
        let end = offset + after.find(|c| !is_part(c)).unwrap_or(after.len());
        let written = |at: usize| Span::new(start + begun + at, end);
        if word.chars().all(is_part) {
            let range = client.encoding.range(&source, written(indent));
            let section = (model.format.id == "airflow").then(|| section(at_line.start)).flatten();
            // What stands behind the name already is not written again.
            let behind = source.text.get(end..)?.trim_start_matches([' ', '\t']);
            let sign = form.behind.trim();
            let goes_on = match sign {
                "" => source.text.get(end..)?.starts_with([' ', '\t', ';']),
                sign => behind.starts_with(sign),
            };
            return Some(keys(model, *kinds.first()?, section, if goes_on { "" } else { form.behind }, range));
        }
        let (name, rest) = word.split_at(word.find(|c| !is_part(c))?);
        let mut value = rest.trim_start_matches(form.between);
        if model.format.id == "nginx" {
            // One word behind the other.
            value = rest.rsplit([' ', '\t']).next().unwrap_or(value);
        }
        if !value.chars().all(is_part) || rest.len() == value.len() {
            return None;
        }
        let range = client.encoding.range(&source, written(statement.len() - value.len()));
        Some(values(model, &kinds, name, range))
    };
    items().unwrap_or_default()
}

/// A line up to the place, and what stands before it.
struct Line<'t> {
    start: &'t str,
    line: &'t str,
}

/// What a line can begin with, in a format whose lines begin with a word of few; nothing behind that word, nor where the line
/// goes on with the one before.
fn statements(format: &Format, at: &Line<'_>) -> Option<&'static [(&'static str, &'static str)]> {
    let begins = at.line.trim_start().chars().all(char::is_alphabetic);
    let goes_on = at.start.trim_end_matches('\n').ends_with('\\');
    (begins && !goes_on && !format.words.statements.is_empty()).then_some(format.words.statements)
}

fn statement(name: &str, doc: &str, behind: &str, range: lsp_types::Range) -> CompletionItem {
    CompletionItem {
        label: name.to_owned(),
        kind: Some(CompletionItemKind::KEYWORD),
        documentation: Some(Documentation::String(doc.to_owned())),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: format!("{name}{behind}") })),
        ..CompletionItem::default()
    }
}

/// The section of an `airflow.cfg` that a place is in, by the lines before it.
fn section(before: &str) -> Option<&str> {
    before.lines().rev().find_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'))
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The kinds of the scopes that a place lies in, innermost first; the file's own last.
fn around(model: &Model, file: FileId, offset: usize) -> Vec<KindId> {
    let mut found = ScopeId(0);
    let mut least = u32::MAX;
    for (id, scope) in (0..).map(ScopeId).zip(&model.scopes) {
        let span = scope.extent;
        let inside = scope.at.file == file && span.start as usize <= offset && offset <= span.end as usize;
        // A scope of one line is a statement, and not what lines are written in.
        let is_block = inside && span.end - span.start < least && has_keys(model, scope.kind);
        if is_block {
            (found, least) = (id, span.end - span.start);
        }
    }
    model.ancestors(found).map(|(_, scope)| scope.kind).chain([KindId(0)]).collect()
}

/// The kind of what a line of a Compose file is in, by how far it and those before it are indented: while a line is half there, the
/// file is none that could be read.
fn of_lines(model: &Model, before: &str, line: &str) -> Option<KindId> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut least = indent(line);
    let mut above: Vec<&str> = Vec::new();
    for line in before.lines().rev().filter(|line| !matches!(line.trim_start().chars().next(), None | Some('#'))) {
        if least == 0 {
            break;
        }
        if indent(line) < least {
            least = indent(line);
            above.push(line.trim());
        }
    }
    let kind = match above.as_slice() {
        [] => "project",
        [_, "services:"] => "service",
        _ => return None,
    };
    model.format.schema.kind_named(kind)
}

fn has_keys(model: &Model, kind: KindId) -> bool {
    let name = model.format.schema.kind(kind).name;
    // What a single statement makes has no lines of its own.
    let is_statement = matches!(
        name,
        "listen"
            | "socket"
            | "header"
            | "redirect"
            | "proxy"
            | "composed"
            | "origin_check"
            | "real_ip_source"
            | "lookup"
            | "port"
            | "mount"
            | "variable"
            | "capability"
            | "secret"
            | "command"
            | "url"
            | "mail"
    );
    !is_statement && model.format.schema.keys.iter().any(|key| !key.fact && key.kinds.contains(&name))
}

/// The keys of a scope, each with what it does.
fn keys(
    model: &Model,
    kind: KindId,
    section: Option<&str>,
    behind: &str,
    range: lsp_types::Range,
) -> Vec<CompletionItem> {
    let kind = model.format.schema.kind(kind).name;
    let of_section =
        |key: &Key| section.is_none_or(|section| key.name.rsplit_once('.').is_some_and(|(of, _)| of == section));
    let all = model.format.schema.keys.iter().filter(|key| !key.fact && key.kinds.contains(&kind) && of_section(key));
    let item = |key: &'static Key| {
        let label = (model.format.words.key)(key.name).to_owned();
        // In a section, an option goes by the last part of its name.
        let text = if model.format.id == "airflow" {
            key.name.rsplit('.').next().unwrap_or(key.name)
        } else {
            (model.format.words.key)(key.name)
        };
        let edit = TextEdit { range, new_text: format!("{text}{behind}") };
        CompletionItem {
            filter_text: Some(text.to_owned()),
            label,
            kind: Some(CompletionItemKind::PROPERTY),
            detail: default(key).map(|default| format!("default: {default}")),
            documentation: Some(documentation(model, key)),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        }
    };
    all.map(item).collect()
}

fn default(key: &Key) -> Option<&'static str> {
    match key.default {
        Default::Always(text) if !key.secret => Some(text),
        _ => None,
    }
}

fn documentation(model: &Model, key: &Key) -> Documentation {
    let link = if key.url.is_empty() { String::new() } else { format!("\n\n[{}]({})", model.format.title, key.url) };
    let value = format!("{}{link}", key.doc);
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

/// The values that a key can have, as its program spells them, where those are few and known; and its default.
fn values(model: &Model, kinds: &[KindId], name: &str, range: lsp_types::Range) -> Vec<CompletionItem> {
    let lower = name.to_ascii_lowercase();
    let schema = model.format.schema;
    let find = |kind: KindId| schema.key(kind, name).or_else(|| schema.key(kind, &lower));
    let Some((id, key)) = kinds.iter().copied().filter_map(find).find_map(|id| Some((id, schema.get(id)?))) else {
        return Vec::new();
    };
    let mut found: BTreeSet<String> = BTreeSet::new();
    let add = |found: &mut BTreeSet<String>, value: &Value| {
        if let Printed::One(text) = (model.format.print)(model, id, value)
            && !text.is_empty()
            && text.chars().all(is_part)
        {
            found.insert(text);
        }
    };
    let words = (model.format.words.values)(key.name);
    found.extend(words.iter().filter(|word| word.chars().all(is_part)).map(|word| (*word).to_owned()));
    if key.ty == Type::Bool && words.is_empty() {
        add(&mut found, &Value::Bool(true));
        add(&mut found, &Value::Bool(false));
    }
    if let Some(default) = model.defaults.get(id).filter(|_| !key.secret) {
        add(&mut found, &default.value);
    }
    let item = |text: String| CompletionItem {
        label: text.clone(),
        kind: Some(CompletionItemKind::VALUE),
        documentation: Some(documentation(model, key)),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text })),
        ..CompletionItem::default()
    };
    found.into_iter().map(item).collect()
}
