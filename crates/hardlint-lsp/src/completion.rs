//! What can be written at a place: keys of the scope that it is in, and the values of which the key table knows all.

mod compose;
mod python;

use crate::client::Client;
use crate::session::Session;
use hardlint_config::formats::compose::offered;
use hardlint_config::formats::{Format, Printed};
use hardlint_config::model::{Model, ScopeId, Value};
use hardlint_config::schema::{Default, Key, KindId, Type};
use hardlint_config::text::{FileId, Source, Span};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, Position, Range,
    TextEdit,
};
use std::collections::BTreeSet;
use std::net::IpAddr;

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
        "postgres" | "airflow" => (" = ", &['=', ' ', '\t', '\'', '"']),
        _ => return None,
    };
    Some(Form { behind, between })
}

/// A place in a document.
struct Place<'p> {
    source: &'p Source,
    /// Its bytes before it.
    offset: usize,
    client: Client,
}

impl<'p> Place<'p> {
    /// Where its line begins.
    fn start(&self) -> usize {
        self.before().rfind('\n').map_or(0, |at| at + 1)
    }

    /// What stands before it.
    fn before(&self) -> &'p str {
        self.source.text.get(..self.offset).unwrap_or_default()
    }

    /// Its line, up to it.
    fn line(&self) -> &'p str {
        self.before().get(self.start()..).unwrap_or_default()
    }

    /// What stands behind the word that it is in.
    fn behind(&self) -> &'p str {
        self.source.text.get(self.offset..).unwrap_or_default().trim_start_matches(is_part)
    }

    /// The word that it is in the middle of, which is written anew as a whole, from this byte of the line.
    fn word(&self, at: usize) -> Range {
        let end = self.source.text.len() - self.behind().len();
        self.client.encoding.range(self.source, Span::new(self.start() + at, end))
    }

    /// What is written behind a key, unless it stands there already.
    fn sign<'s>(&self, sign: &'s str) -> &'s str {
        let behind = self.behind();
        let goes_on = match sign.trim() {
            "" => behind.starts_with([' ', '\t', ';']),
            sign => behind.trim_start_matches([' ', '\t']).starts_with(sign),
        };
        if goes_on { "" } else { sign }
    }
}

/// What can be written at a place of an open document.
pub(crate) fn completion(session: &Session, path: &str, position: Position, client: Client) -> Vec<CompletionItem> {
    let items = || {
        let source = session.source(path)?;
        let place = Place { source: &source, offset: client.encoding.offset(&source, position), client };
        // Nothing is said inside of comments.
        if place.line().trim_start().starts_with('#') {
            return None;
        }
        let (_, resolved) = session
            .resolved(path)
            .into_iter()
            .find(|(name, _)| session.slot(path).and_then(hardlint_config::workspace::Slot::format) == Some(name.1))?;
        let model = &resolved.model;
        let file = || {
            let file = resolved.sources.iter().position(|source| &*source.path == path)?;
            Some(FileId(u32::try_from(file).ok()?))
        };
        match model.format.id {
            "compose" => in_yaml(model, &place),
            "django" | "flask" | "asgi" => python::items(model, &place),
            "dockerfile" | "pg_hba" => statements(model, &place),
            _ => settings(model, file()?, &place),
        }
    };
    items().unwrap_or_default()
}

/// Keys and values of a Compose file: what the key table says of them, and what else its schema has there.
fn in_yaml(model: &Model, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let (before, line) = (place.before().get(..place.start())?, place.line());
    let word = compose::word(before, line)?;
    if !line.get(word.at..)?.chars().all(is_part) {
        return None;
    }
    let range = place.word(word.at);
    let kind = |path: &[&str]| {
        let name = match path {
            [] => "project",
            ["services", _] => "service",
            _ => return None,
        };
        model.format.schema.kind_named(name)
    };
    let schema = offered(word.path.iter().copied());
    if word.is_value || word.is_element {
        let (name, around) = word.path.split_last()?;
        let mut items: Vec<_> =
            kind(around).map(|kind| values(model, &[kind], name, range, None)).into_iter().flatten().collect();
        let more = schema.words.into_iter().filter(|text| !items.iter().any(|item| item.label == *text));
        let more: Vec<_> = more.map(|text| plain(text, CompletionItemKind::VALUE, text.to_owned(), range)).collect();
        items.extend(more);
        if word.is_value {
            return Some(items);
        }
        let keys = schema.keys.into_iter().map(|(name, _)| (name, format!("{name}{}", place.sign(": "))));
        items.extend(keys.map(|(name, text)| plain(name, CompletionItemKind::PROPERTY, text, range)));
        return Some(items);
    }
    let mut items = Vec::new();
    for (name, on_its_line) in schema.keys {
        let sign = place.sign(if on_its_line { ": " } else { ":" });
        items.push(plain(name, CompletionItemKind::PROPERTY, format!("{name}{sign}"), range));
    }
    for known in kind(&word.path).map(|kind| keys(model, kind, None, place.sign(": "), range)).into_iter().flatten() {
        if let Some(item) = items.iter_mut().find(|item| item.label == known.label) {
            *item = CompletionItem { text_edit: item.text_edit.clone(), ..known };
        }
    }
    Some(items)
}

/// An item of which no more is known than its name.
fn plain(label: &str, kind: CompletionItemKind, text: String, range: Range) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text })),
        ..CompletionItem::default()
    }
}

/// What a line can begin with, in a format whose lines begin with a word of few, and what ends a record of who may connect; nothing
/// where the line goes on with the one before.
fn statements(model: &Model, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let line = place.line();
    let word = line.trim_start();
    if place.before().get(..place.start())?.trim_end_matches('\n').ends_with('\\') {
        return None;
    }
    if !word.chars().all(char::is_alphabetic) {
        return method(model, place);
    }
    let range = place.word(line.len() - word.len());
    let behind = if place.behind().starts_with([' ', '\t']) { "" } else { " " };
    let items = model.format.words.statements.iter().map(|(name, doc)| CompletionItem {
        documentation: Some(Documentation::String((*doc).to_owned())),
        ..plain(name, CompletionItemKind::KEYWORD, format!("{name}{behind}"), range)
    });
    Some(items.collect())
}

/// The ways in which clients prove who they are, behind the addresses of a record.
fn method(model: &Model, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let line = place.line();
    let at = line.rfind([' ', '\t'])? + 1;
    let words: Vec<&str> = line.get(..at)?.split_whitespace().collect();
    let is_next = match words.as_slice() {
        ["local", _, _] => true,
        ["local", ..] => false,
        // An address without a mask is followed by one.
        [_, _, _, address] => address.contains('/') || address.parse::<IpAddr>().is_err(),
        [_, _, _, address, mask] => !address.contains('/') && mask.parse::<IpAddr>().is_ok(),
        _ => false,
    };
    let kind = is_next.then(|| model.format.schema.kind_named("record")).flatten()?;
    Some(values(model, &[kind], "auth_method", place.word(at), None))
}

/// Settings that stand on lines of their own.
fn settings(model: &Model, file: FileId, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let form = form(model.format)?;
    let kinds = around(model, file, place.offset);
    let line = place.line();
    // The statement that is begun: behind the last one on the line.
    let begun = line.rfind(['{', ';', '}']).filter(|_| model.format.id == "nginx").map_or(0, |at| at + 1);
    let statement = line.get(begun..)?;
    let word = statement.trim_start();
    let at = |rest: &str| line.len() - rest.len();
    let section = (model.format.id == "airflow").then(|| section(place.before())).flatten();
    if word.chars().all(is_part) {
        return Some(keys(model, *kinds.first()?, section, place.sign(form.behind), place.word(at(word))));
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
    let name = section.map_or_else(|| name.to_owned(), |section| format!("{section}.{name}"));
    Some(values(model, &kinds, &name, place.word(at(value)), None))
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
fn keys(model: &Model, kind: KindId, section: Option<&str>, behind: &str, range: Range) -> Vec<CompletionItem> {
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
fn values(model: &Model, kinds: &[KindId], name: &str, range: Range, quote: Option<&str>) -> Vec<CompletionItem> {
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
    // What is a switch by its default takes the other way as well.
    let switch = ["True", "False"];
    if switch.iter().any(|word| found.contains(*word)) {
        found.extend(switch.map(str::to_owned));
    }
    let item = |text: String| {
        let quote = quote.filter(|_| words.contains(&text.as_str())).unwrap_or_default();
        CompletionItem {
            documentation: Some(documentation(model, key)),
            ..plain(&text, CompletionItemKind::VALUE, format!("{quote}{text}{quote}"), range)
        }
    };
    found.into_iter().map(item).collect()
}
