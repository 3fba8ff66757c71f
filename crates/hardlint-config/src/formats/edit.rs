//! Changes to files that leave everything else as it is: comments, quotes, indentation and the ends of lines.
//!
//! A format's `edit.rs` says where its program would have a value; here is what it needs to put one there. Places come from
//! the model, and only the text right around them is looked at, so that an edit costs the same in a file of any size.

use crate::model::{Model, Node, Origin, ScopeId, Value};
use crate::text::{FileId, Loc, Span};
use crate::workspace::Reader;
use std::borrow::Cow;

/// Something to bring about in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'c> {
    /// The key has this value, as its file writes it but for quotes.
    Set(&'c str, &'c str),
    /// The key is not set.
    Unset(&'c str),
    /// This is one more of what the key holds, as the file writes it.
    Add(&'c str, &'c str),
    /// The scope is not there.
    Remove,
    /// This text stands behind what is at the place.
    Behind(Loc, &'c str),
    /// This text stands instead of what is at the place.
    Instead(Loc, &'c str),
}

/// A replacement in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where text is only inserted.
    pub at: Loc,
    /// What stands there instead.
    pub text: String,
}

/// What is changed where.
pub struct Editing<'e, 'l> {
    /// The files.
    pub reader: &'e Reader<'l>,
    /// What the program makes of them.
    pub model: &'e Model,
    /// The scope that the change is about.
    pub scope: ScopeId,
    /// Where the finding points, and the scope that was read there: what is written there is changed rather than what
    /// holds in `scope`.
    pub place: Option<(ScopeId, Loc)>,
}

/// How a format is edited. Nothing is given where the change cannot be made without guessing.
pub type Editor = fn(&Editing<'_, '_>, &Change<'_>) -> Option<Vec<Edit>>;

/// How a format is edited that only lets text be put behind a place, or in its stead.
pub fn text_only(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Behind(at, text) => Some(vec![editing.file(*at)?.behind(*at, text)]),
        Change::Instead(at, text) => {
            editing.file(*at)?;
            Some(vec![Edit { at: *at, text: (*text).to_owned() }])
        }
        _ => None,
    }
}

impl<'e> Editing<'e, '_> {
    /// The written value that the change is about: the one that the finding points into, else the one that holds. It is one
    /// that a file of the configuration sets itself, so that to change it changes the configuration.
    pub(crate) fn held(&self, key: &str) -> Option<(ScopeId, &'e Node)> {
        let at_place = self.place.and_then(|(scope, place)| {
            let holds = |node: &&Node| {
                let span = node.name_at.filter(|name| name.file == place.file).map(|name| name.span.to(node.at.span));
                node.at.file == place.file && span.is_some_and(|span| span.to(place.span) == span)
            };
            let mut around = self.model.ancestors(scope).chain(self.model.ancestors(self.scope));
            let own = |(id, scope): (ScopeId, &'e crate::model::Scope)| {
                let key = self.model.format.schema.key(scope.kind, key)?;
                scope.own.get(key).filter(holds).map(|node| (id, node))
            };
            around.find_map(own)
        });
        let holding = || {
            let kind = self.model.scope(self.scope)?.kind;
            let found = self.model.lookup(self.scope, self.model.format.schema.key(kind, key)?);
            let node = found.node.filter(|_| matches!(found.origin, Origin::Set | Origin::Inherited))?;
            Some((found.scope, node))
        };
        let (scope, node) = at_place.or_else(holding)?;
        let known = !matches!(node.value, Value::Unknown(_)) && node.origin == Origin::Set;
        (known && node.name_at.is_some_and(|name| name.file == node.at.file)).then_some((scope, node))
    }

    /// Whether nothing sets the key here, so that a line that does would be the only one.
    pub(crate) fn absent(&self, key: &str) -> bool {
        let kind = self.model.scope(self.scope).map(|scope| scope.kind);
        let id = kind.and_then(|kind| self.model.format.schema.key(kind, key));
        id.is_some_and(|id| matches!(self.model.lookup(self.scope, id).origin, Origin::Default | Origin::Missing))
    }

    /// The text around a place; nothing where it must not be edited.
    pub(crate) fn file(&self, at: Loc) -> Option<Around<'e>> {
        let source = self.reader.source(at.file);
        let inside = at.span.end as usize <= source.text.len();
        (inside && !source.lossy).then_some(Around { text: &source.text })
    }
}

/// What some editors begin a file with; nothing is to stand before it.
const MARK: char = '\u{feff}';

/// How far from a place its line is looked at.
const REACH: usize = 4096;

/// The text around a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'t> {
    pub(crate) text: &'t str,
}

impl<'t> Around<'t> {
    fn before(self, at: usize) -> &'t [u8] {
        self.text.as_bytes().get(at.saturating_sub(REACH)..at).unwrap_or_default()
    }

    pub(crate) fn after(self, at: usize) -> &'t [u8] {
        let bytes = self.text.as_bytes();
        bytes.get(at..(at + REACH).min(bytes.len())).unwrap_or_default()
    }

    /// Where the line of `at` begins, if that is near.
    pub(crate) fn line_start(self, at: usize) -> Option<usize> {
        let before = self.before(at);
        let first = if self.text.starts_with(MARK) { MARK.len_utf8().min(at) } else { 0 };
        match memchr::memrchr(b'\n', before) {
            Some(newline) => Some(at - before.len() + newline + 1),
            None => (before.len() == at).then_some(first),
        }
    }

    /// Where the line of `at` ends, its end excluded, if that is near.
    pub(crate) fn line_end(self, at: usize) -> Option<usize> {
        let after = self.after(at);
        let end = match memchr::memchr(b'\n', after) {
            Some(newline) => at + newline,
            None if at + after.len() == self.text.len() => self.text.len(),
            None => return None,
        };
        let carriage = end > at && self.text.as_bytes().get(end - 1) == Some(&b'\r');
        Some(end - usize::from(carriage))
    }

    /// The white space that the line of `at` begins with.
    pub(crate) fn indent(self, at: usize) -> Option<&'t str> {
        let line = self.text.get(self.line_start(at)?..)?;
        let width = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).take(REACH).count();
        line.get(..width)
    }

    /// Whether nothing but white space stands before `at` in its line.
    pub(crate) fn begins_line(self, at: usize) -> bool {
        let start = self.line_start(at);
        start.and_then(|start| self.text.get(start..at)).is_some_and(|before| before.trim_start().is_empty())
    }

    /// What lines end with here.
    pub(crate) fn newline(self, at: usize) -> &'static str {
        let ends = |newline: usize| newline > 0 && self.text.as_bytes().get(newline - 1) == Some(&b'\r');
        let next = memchr::memchr(b'\n', self.after(at)).map(|newline| at + newline);
        let last = || self.line_start(at).and_then(|start| start.checked_sub(1));
        if next.or_else(last).is_some_and(ends) { "\r\n" } else { "\n" }
    }

    /// The whole lines of `span`, the last one's end included, if nothing else stands there but a comment behind it.
    pub(crate) fn whole_lines(self, span: Span, comment: &str) -> Option<Span> {
        let range = span.range();
        let end = self.line_end(range.end)?;
        let behind = self.text.get(range.end..end)?.trim();
        if !self.begins_line(range.start) || !(behind.is_empty() || behind.starts_with(comment)) {
            return None;
        }
        let rest = self.text.get(end..).unwrap_or_default();
        let newline = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        Some(Span::new(self.line_start(range.start)?, end + newline))
    }

    /// The span with the quotes that stand around it.
    pub(crate) fn with_quotes(self, span: Span) -> Span {
        let range = span.range();
        let quote =
            |at: Option<usize>| at.and_then(|at| self.text.as_bytes().get(at)).filter(|b| matches!(b, b'"' | b'\''));
        let start = usize::from(quote(range.start.checked_sub(1)).is_some());
        let end = usize::from(quote(Some(range.end)).is_some());
        Span::new(range.start - start, range.end + end)
    }

    /// A line at the end of the file, which may lack the end of its last one.
    pub(crate) fn at_end(self, file: FileId, line: &str) -> Edit {
        let end = self.text.len();
        let newline = self.newline(end);
        let before = if end == 0 || self.text.ends_with('\n') { "" } else { newline };
        Edit { at: Loc::new(file, Span::new(end, end)), text: format!("{before}{line}{newline}") }
    }

    /// Text behind a place. What begins with white space is a word of its own, and stands behind the quotes.
    pub(crate) fn behind(self, at: Loc, text: &str) -> Edit {
        let span = if text.starts_with(char::is_whitespace) { self.with_quotes(at.span) } else { at.span };
        Edit { at: Loc::new(at.file, Span { start: span.end, end: span.end }), text: text.to_owned() }
    }
}

/// A text with all edits made; nothing if two of them overlap or one lies outside.
pub fn apply<'a>(text: &str, edits: impl IntoIterator<Item = (Span, &'a str)>) -> Option<String> {
    let mut edits: Vec<(Span, &str)> = edits.into_iter().collect();
    edits.sort_by_key(|(span, _)| *span);
    let mut made = String::with_capacity(text.len());
    let mut done = 0;
    for (span, new) in edits {
        made.push_str(text.get(done..span.start as usize)?);
        made.push_str(new);
        text.get(span.range())?;
        done = span.end as usize;
    }
    made.push_str(text.get(done..)?);
    Some(made)
}

/// A value between the quotes that `written` has, or in double quotes if it needs some.
pub(crate) fn quoted_like<'v>(written: &str, value: &'v str, needs: bool) -> Cow<'v, str> {
    let quote = match written.chars().next() {
        Some(quote @ ('"' | '\'')) => quote,
        _ if needs => '"',
        _ => return Cow::Borrowed(value),
    };
    Cow::Owned(format!("{quote}{value}{quote}"))
}

/// What a text becomes.
#[cfg(test)]
pub(crate) mod trial {
    use super::*;
    use crate::loader::Memory;
    use crate::workspace::{Query, Workspace};

    /// The file after `change` in the first scope of a kind with that label; nothing if it cannot be made.
    pub(crate) fn edited(path: &str, text: &str, kind: &str, label: &str, change: &Change<'_>) -> Option<String> {
        let format = match crate::formats::by_name(path) {
            crate::formats::ByName::Is(format) => format,
            crate::formats::ByName::Perhaps => crate::formats::by_content(path, text).unwrap().format,
            crate::formats::ByName::Nothing => panic!("{path} is nothing"),
        };
        let memory = Memory::new([(path, text)]);
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &path.into(), format);
        let kind = format.schema.kind_named(kind);
        let is_meant = |scope: &crate::model::Scope| Some(scope.kind) == kind && &*scope.label == label;
        let scope = model.scopes.iter().position(is_meant).unwrap_or_else(|| panic!("no {kind:?} {label}"));
        let scope = ScopeId(u32::try_from(scope).unwrap());
        let editing = Editing { reader: &reader, model: &model, scope, place: None };
        let edits = (format.edit)(&editing, change)?;
        apply(text, edits.iter().map(|edit| (edit.at.span, edit.text.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_whole_where_nothing_else_stands_in_them() {
        let text = "a\r\n  b c # why\r\nd e\n";
        let around = Around { text };
        let lines = |part: &str| {
            let start = text.find(part).unwrap();
            around.whole_lines(Span::new(start, start + part.len()), "#").map(|span| &text[span.range()])
        };
        assert_eq!(lines("b c"), Some("  b c # why\r\n"));
        assert_eq!(lines("b"), None);
        assert_eq!(lines("e"), None);
        assert_eq!((around.newline(4), around.newline(17)), ("\r\n", "\n"));
        assert_eq!(around.indent(7), Some("  "));
    }

    #[test]
    fn edits_are_made_in_any_order_and_never_overlap() {
        let edits = [(Span::new(4, 5), "X"), (Span::new(0, 0), "<"), (Span::new(2, 3), "")];
        assert_eq!(apply("ab cd", edits).as_deref(), Some("<abcX"));
        assert_eq!(apply("ab", [(Span::new(0, 2), ""), (Span::new(1, 1), "x")]), None);
        assert_eq!(apply("é", [(Span::new(1, 1), "x")]), None);
    }

    #[test]
    fn words_stand_behind_the_quotes_and_letters_inside() {
        let around = Around { text: "a \"b\";" };
        let at = Loc::new(FileId(0), Span::new(3, 4));
        assert_eq!(around.behind(at, " always").at.span, Span::new(5, 5));
        assert_eq!(around.behind(at, "/").at.span, Span::new(4, 4));
    }
}
