//! The commands that a service starts: `entrypoint` and `command` put together as Docker does, and the text of shells
//! among them, as scopes of the service.
//!
//! Words have their places even where YAML folds lines or Compose doubles a `$`; a word that a variable writes stands
//! where the variable does.

use super::interpolate;
use super::keys::COMMAND;
use super::resolve::set;
use crate::model::{Model, Node, Piece, Scope, ScopeId, Text, Value, Why};
use crate::programs;
use crate::syntax::shell::{Part, Script, Word};
use crate::text::{FileId, Loc, Source, Span};
use crate::workspace::Reader;

/// Adds the commands of a service to its scope.
pub(super) fn add(reader: &Reader<'_>, model: &mut Model, id: ScopeId, service: &Node, open: Option<&Why>) {
    let words = |part: &str| service.value.entry(part).and_then(|node| node.value.as_list()).unwrap_or_default();
    let Some((script, file)) = script(reader, words("entrypoint"), words("command")) else { return };
    let loc = |span: Span| Loc::new(file, span);
    for (command, settings) in programs::commands(&script, model.format.schema, COMMAND, loc) {
        let label = command.program().unwrap_or_default();
        let mut scope = Scope::new(COMMAND, label, Some(id), loc(command.span));
        scope.open = open.cloned();
        if script.truncated {
            scope.open = Some(Why::Limit("commands are nested too deeply to be followed"));
        }
        let id = model.push(scope);
        for (name, node) in settings {
            let secret = matches!(name, "secret_options" | "secret_values");
            if let Some(node) = if secret { literal(reader, node) } else { Some(node) } {
                set(model, id, name, node);
            }
        }
    }
}

/// The commands that the words of an entrypoint and a command are, and the file that they stand in.
pub(crate) fn script(reader: &Reader<'_>, entrypoint: &[Node], command: &[Node]) -> Option<(Script, FileId)> {
    let mut files = entrypoint.iter().chain(command).map(|node| node.at.file);
    let file = files.next()?;
    // A span tells no file: of two, as an override may give, neither could be told.
    if files.any(|other| other != file) {
        return None;
    }
    let words = read(reader, entrypoint).into_iter().chain(read(reader, command)).collect();
    Some((Script::run(words), file))
}

/// The elements of a list that stand in the file, and are not written by a variable.
fn literal(reader: &Reader<'_>, node: Node) -> Option<Node> {
    let Value::List(mut elements) = node.value else { return None };
    elements.retain(|element| interpolate::expressions(reader.slice(element.at)).is_empty());
    let places: Vec<Loc> = elements.iter().map(|element| element.at).collect();
    let at = *places.first()?;
    Some(Node::derived(Value::List(elements), at, places))
}

/// The words of one part, with the places of their parts.
fn read(reader: &Reader<'_>, nodes: &[Node]) -> Vec<Word> {
    let word = |node: &Node| match &node.value {
        Value::Text(text) => {
            let (parts, span) = Cursor::new(reader.slice(node.at), node.at).word(text);
            Word::new(parts, span)
        }
        _ => Word::new(vec![Part::Output { at: node.at.span }], node.at.span),
    };
    nodes.iter().map(word).collect()
}

/// Gives each word of a command that is one text its own place in it.
pub(super) fn place(source: &Source, root: &mut Node) {
    let Some(Node { value: Value::Map(services), .. }) = entry(root, "services") else { return };
    for service in services {
        for part in ["command", "entrypoint"] {
            let Some(Node { value: Value::List(words), .. }) = entry(&mut service.node, part) else { continue };
            if words.len() < 2 {
                continue;
            }
            let Some(at) = words.first().map(|word| word.at).filter(|at| words.iter().all(|word| word.at == *at))
            else {
                continue;
            };
            let mut cursor = Cursor::new(source.slice(at.span), at);
            for word in words {
                if let Value::Text(text) = &word.value {
                    let (_, span) = cursor.word(text);
                    word.at.span = span;
                }
            }
        }
    }
}

fn entry<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.node)
}

/// Goes along the text of a file beside what was read from it.
struct Cursor<'r> {
    at: Loc,
    /// The text as it is written.
    raw: &'r str,
    /// How far it was read.
    next: usize,
}

impl<'r> Cursor<'r> {
    fn new(raw: &'r str, at: Loc) -> Self {
        // The header of a block is none of its text.
        let header = if raw.starts_with(['|', '>']) { raw.find('\n').map_or(0, |end| end + 1) } else { 0 };
        Self { at, raw, next: header }
    }

    /// The parts of the next word, and where it stands.
    fn word(&mut self, text: &Text) -> (Vec<Part>, Span) {
        self.skip(|c| c.is_whitespace() || matches!(c, '"' | '\''));
        let start = self.next;
        let mut parts = Vec::new();
        match text {
            Text::Known(text) => self.known(text, &mut parts),
            Text::Pieces(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Known(text) => self.known(text, &mut parts),
                        Piece::Hole(why) => {
                            let at = self.expression();
                            let name = if let Why::Variable(name) = why { name.clone() } else { "VALUE".into() };
                            parts.push(Part::Variable { text: format!("${{{name}}}").into(), name, at });
                        }
                    }
                }
            }
        }
        if parts.is_empty() {
            parts.push(Part::Text { text: "".into(), at: self.span(start, self.next), quoted: true });
        }
        (parts, self.span(start, self.next))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let base = self.at.span.start as usize;
        Span::new(base + start, base + end.max(start))
    }

    fn rest(&self) -> &'r str {
        self.raw.get(self.next..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over what stands in the file and not in the text.
    fn skip(&mut self, passed: impl Fn(char) -> bool) {
        while let Some(c) = self.peek().filter(|c| passed(*c)) {
            self.next += c.len_utf8();
        }
    }

    /// Where the next character of the text stands; `None` where the file has something else.
    fn character(&mut self, c: char) -> Option<Span> {
        let before = self.next;
        if c.is_whitespace() {
            // A folded line is one space, wherever it goes on.
            self.next += self.peek().filter(|raw| raw.is_whitespace()).map_or(0, char::len_utf8);
            let end = self.next;
            self.skip(char::is_whitespace);
            return Some(self.span(before, end));
        }
        self.skip(|raw| raw != c && (raw.is_whitespace() || matches!(raw, '"' | '\'' | '\\')));
        if self.peek() != Some(c) {
            self.next = before;
            return None;
        }
        let start = self.next;
        self.next += if c == '$' && self.rest().starts_with("$$") { 2 } else { c.len_utf8() };
        Some(self.span(start, self.next))
    }

    /// Takes text that is known, in the runs in which it stands in the file.
    fn known(&mut self, text: &str, parts: &mut Vec<Part>) {
        let mut run: Option<(usize, Span)> = None;
        let mut push = |text: &str, at: Span| {
            parts.push(Part::Text { text: text.into(), at, quoted: true });
        };
        let mut passed = 0;
        for (offset, c) in text.char_indices() {
            if offset < passed {
                continue;
            }
            let Some(at) = self.character(c) else {
                if let Some((from, at)) = run.take() {
                    push(text.get(from..offset).unwrap_or_default(), at);
                }
                // A variable or an escape wrote what follows: all of the rest, if it is no default.
                let rest = text.get(offset..).unwrap_or_default();
                let default = interpolate::leading(self.rest()).map_or("", |(_, default)| default);
                let (written, at) = (if rest.starts_with(default) { default } else { "" }, self.expression());
                let written = if written.is_empty() { rest } else { written };
                push(written, at);
                passed = offset + written.len();
                continue;
            };
            run = match run {
                Some((from, before)) if before.end == at.start && at.range().len() == c.len_utf8() => {
                    Some((from, before.to(at)))
                }
                before => {
                    if let Some((from, at)) = before {
                        push(text.get(from..offset).unwrap_or_default(), at);
                    }
                    if at.range().len() == c.len_utf8() {
                        Some((offset, at))
                    } else {
                        push(text.get(offset..offset + c.len_utf8()).unwrap_or_default(), at);
                        None
                    }
                }
            };
        }
        if let Some((from, at)) = run {
            push(text.get(from..).unwrap_or_default(), at);
        }
    }

    /// Passes over what a variable wrote, or what else the text does not have as the file does.
    fn expression(&mut self) -> Span {
        let start = self.next;
        let rest = self.rest();
        let other = || rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(rest.len());
        self.next += interpolate::leading(rest).map_or_else(other, |(length, _)| length);
        self.span(start, self.next)
    }
}
