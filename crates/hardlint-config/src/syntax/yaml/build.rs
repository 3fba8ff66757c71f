//! Makes values of a YAML document as Go's library does: aliases and merge keys expanded, a key at most once, and
//! Compose's tags `!reset` and `!override` taken out and remembered by their paths.
//!
//! Every value keeps the place where it is written, which for what an alias brings in is inside the anchor. Aliases may
//! expand to [`MAX_EXPANDED`] values in all: past that a document is a bomb.

use super::{Document, Fault, Item, ItemId, Kind, MARK, pieces, scalar};
use crate::model::{Entry, Node, Piece, Str, Text, Value, Why};
use crate::text::{FileId, Loc, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The number of values that all aliases of a document together may expand to.
pub const MAX_EXPANDED: usize = 300_000;

/// Collections nested deeper than this, aliases followed, are a fault.
const MAX_DEPTH: usize = 200;

/// The values of a document.
#[derive(Debug)]
pub struct Built {
    /// The whole.
    pub root: Node,
    /// The paths that carry a tag of Compose, in source order.
    pub tagged: Vec<Tagged>,
    /// What the library refuses.
    pub faults: Vec<Fault>,
    /// Where points in time stand, but for those below keys that begin with `x-`.
    pub times: Vec<Span>,
}

/// A path with `!reset` or `!override` on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// Keys from the root; places in lists are written `[0]`.
    pub path: Vec<Str>,
    /// Whether what stands there goes, rather than replaces.
    pub reset: bool,
}

/// Builds the values of a document that stands in `file` with the text `source`.
pub fn build(document: &Document, file: FileId, source: &str) -> Option<Built> {
    build_part(document, file, source, |_, _| true)
}

/// Builds only those values of a document whose keys are `wanted`; the keys of the outermost map have the depth 0.
pub fn build_part(
    document: &Document,
    file: FileId,
    source: &str,
    wanted: fn(depth: usize, key: &str) -> bool,
) -> Option<Built> {
    let root = document.root()?;
    let mut builder = Builder {
        document,
        file,
        source,
        wanted,
        at: 0,
        path: document.tagged.then(Vec::new),
        following: Vec::new(),
        expanded: 0,
        tagged: Vec::new(),
        faults: Vec::new(),
        times: Vec::new(),
        extension: false,
        told: BTreeSet::new(),
        lines: None,
    };
    let root = builder.node(root, 0)?;
    Some(Built { root, tagged: builder.tagged, faults: builder.faults, times: builder.times })
}

struct Builder<'d> {
    document: &'d Document,
    file: FileId,
    source: &'d str,
    wanted: fn(usize, &str) -> bool,
    /// How many maps and lists what is built stands in, however many aliases lead there.
    at: usize,
    /// The path to it, kept where a document has tags.
    path: Option<Vec<Str>>,
    /// The aliases that are being expanded.
    following: Vec<ItemId>,
    expanded: usize,
    tagged: Vec<Tagged>,
    faults: Vec<Fault>,
    times: Vec<Span>,
    /// Whether what is built stands below a key that begins with `x-`.
    extension: bool,
    /// Messages that are told once.
    told: BTreeSet<&'static str>,
    /// Where lines end, once that is asked for.
    lines: Option<Vec<usize>>,
}

impl<'d> Builder<'d> {
    /// The value of an item; nothing for what `!reset` takes away.
    fn node(&mut self, id: ItemId, depth: usize) -> Option<Node> {
        let item = self.document.get(id)?;
        if !self.following.is_empty() {
            self.expanded += 1;
        }
        if depth > MAX_DEPTH || self.expanded > MAX_EXPANDED {
            let what =
                if depth > MAX_DEPTH { "collections nest too deeply" } else { "aliases expand to too many values" };
            self.fault_once(item.span, what);
            return Some(self.set(Value::Unknown(Why::Limit("the document expands beyond what is read")), item.span));
        }
        match item.tag.as_deref() {
            Some("!reset") => {
                // Inside of what an alias leads to it was taken out where the anchor stands, and says nothing here.
                if self.following.last().is_none_or(|&target| target == id) {
                    self.tag(true);
                }
                return None;
            }
            Some("!override") => self.tag(false),
            _ => {}
        }
        match &item.kind {
            Kind::Scalar { text, plain } => {
                if *plain && !self.extension && item.tag.is_none() && scalar::is_time(text) {
                    self.times.push(item.span);
                }
                Some(self.set(self.scalar(item, text, *plain), item.span))
            }
            Kind::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len().min(1024));
                let flow = self.slice(item.span).starts_with('[');
                for (index, &element) in items.iter().enumerate() {
                    if flow {
                        self.in_brackets(element, false);
                    }
                    let node = self.inside(|| format!("[{index}]"), |builder| builder.node(element, depth + 1));
                    list.extend(node.map(|node| if flow { self.pair(element, node) } else { node }));
                }
                Some(self.set(Value::List(list), item.span))
            }
            Kind::Mapping(entries) => Some(self.mapping(item.span, entries, depth)),
            Kind::Alias(target) => self.alias(item.span, *target, |builder, target| builder.node(target, depth + 1)),
            Kind::Dangling(name) => {
                self.faults.push(Fault { at: item.span, message: format!("unknown anchor `{name}` referenced") });
                Some(self.set(Value::Null, item.span))
            }
        }
    }

    /// Builds something one step further in.
    fn inside<T, K: Into<Str>>(&mut self, key: impl FnOnce() -> K, then: impl FnOnce(&mut Self) -> T) -> T {
        self.at += 1;
        if let Some(path) = &mut self.path {
            path.push(key().into());
        }
        let made = then(self);
        if let Some(path) = &mut self.path {
            path.pop();
        }
        self.at -= 1;
        made
    }

    fn tag(&mut self, reset: bool) {
        let path = self.path.clone().unwrap_or_default();
        self.tagged.push(Tagged { path, reset });
    }

    fn alias<T>(&mut self, at: Span, target: ItemId, then: impl FnOnce(&mut Self, ItemId) -> Option<T>) -> Option<T> {
        if self.following.contains(&target) {
            self.fault_once(at, "an anchor's value contains itself");
            return None;
        }
        self.following.push(target);
        let made = then(self, target);
        self.following.pop();
        made
    }

    /// The line, from 1, on which a byte stands.
    fn line(&mut self, at: usize) -> usize {
        let source = self.source;
        let ends = self.lines.get_or_insert_with(|| source.match_indices('\n').map(|(end, _)| end).collect());
        ends.partition_point(|&end| end < at) + 1
    }

    /// A fault that would otherwise be told for every value that it touches.
    fn fault_once(&mut self, at: Span, message: &'static str) {
        if self.told.insert(message) {
            self.faults.push(Fault { at, message: message.to_owned() });
        }
    }

    fn mapping(&mut self, span: Span, entries: &[(ItemId, ItemId)], depth: usize) -> Node {
        let mut map: Vec<Entry> = Vec::with_capacity(entries.len().min(1024));
        let mut seen = Seen::default();
        let mut merges = Vec::new();
        let flow = self.slice(span).starts_with('{');
        for &(key, value) in entries {
            let Some((name, at)) = self.key(key, &mut merges, value) else { continue };
            if flow {
                self.in_brackets(key, false);
                self.in_brackets(value, true);
            }
            let name = name.strip_prefix('?').filter(|rest| flow && !rest.is_empty()).unwrap_or(name);
            if let Some(first) = seen.insert(name, at) {
                let line = self.line(first.start as usize);
                // The name of a repeated key is no secret; its value would be.
                self.faults.push(Fault { at, message: format!("mapping key `{name}` already defined at line {line}") });
                continue;
            }
            if !(self.wanted)(self.at, name) {
                continue;
            }
            let extension = self.extension;
            self.extension |= name.starts_with("x-");
            let node = self.inside(|| name, |builder| builder.node(value, depth + 1));
            self.extension = extension;
            if let Some(node) = node {
                map.push(Entry { key: name.into(), node: node.named(Loc::new(self.file, at)) });
            }
        }
        let mut brought: BTreeSet<Str> = BTreeSet::new();
        let several = merges.len() > 1;
        for (at, value) in merges {
            for entry in self.merged(at, value, depth) {
                if !seen.has(&entry.key) && (!several || brought.insert(entry.key.clone())) {
                    map.push(entry);
                }
            }
        }
        self.set(Value::Map(map), span)
    }

    /// In brackets a text without quotes ends at a `?`, and nothing may follow it there; a `:` at its start ends a key that
    /// is not there.
    fn in_brackets(&mut self, id: ItemId, is_value: bool) {
        let Some(item) = self.document.get(id) else { return };
        let Kind::Scalar { text, plain: true } = &item.kind else { return };
        if text.starts_with(':') {
            let message = "did not find expected node content: in brackets a `:` ends a key".to_owned();
            self.faults.push(Fault { at: item.span, message });
        }
        let at_start = text.starts_with('?');
        if text.char_indices().any(|(at, letter)| letter == '?' && at > 0) || is_value && at_start {
            let message = "did not find expected ',' or the end of the brackets before `?`".to_owned();
            self.faults.push(Fault { at: item.span, message });
        }
    }

    /// In brackets a `?` marks a key, whatever stands behind it: `[?x]` is `[{x: null}]`. A `:` ends one where a blank
    /// follows alone: `[x:]` is `["x:"]`.
    fn pair(&self, id: ItemId, node: Node) -> Node {
        if let Some(text) = self.with_its_colon(id) {
            return Node { value: Value::text(text), ..node };
        }
        let Some(Kind::Scalar { text, plain: true }) = self.document.get(id).map(|item| &item.kind) else {
            return node;
        };
        let Some(name) = text.strip_prefix('?').filter(|name| !name.is_empty()) else { return node };
        let nothing = Node { value: Value::Null, ..node.clone() };
        Node { value: Value::Map(vec![Entry { key: name.into(), node: nothing }]), ..node }
    }

    /// The text of `x:` in `[x:]`, which other readers of YAML take for the key of a pair.
    fn with_its_colon(&self, id: ItemId) -> Option<String> {
        let item = self.document.get(id)?;
        let Kind::Mapping(entries) = &item.kind else { return None };
        let [(key, _)] = entries.as_slice() else { return None };
        let key = self.document.get(*key)?;
        let Kind::Scalar { text, plain: true } = &key.kind else { return None };
        let after = self.source.get(key.span.end as usize..)?.strip_prefix(':')?;
        let written_out = self.slice(item.span).starts_with('{');
        (!written_out && !text.is_empty() && after.starts_with([',', ']'])).then(|| format!("{text}:"))
    }

    /// A key's text and place; a merge key goes into `merges` instead.
    fn key(&mut self, key: ItemId, merges: &mut Vec<(Span, ItemId)>, value: ItemId) -> Option<(&'d str, Span)> {
        let document: &'d Document = self.document;
        let item = document.get(key)?;
        let (text, plain) = match &item.kind {
            Kind::Scalar { text, plain } => (text, *plain),
            Kind::Alias(target) => match document.get(*target).map(|item| &item.kind) {
                Some(Kind::Scalar { text, plain }) => (text, *plain),
                _ => return self.bad_key(item.span),
            },
            _ => return self.bad_key(item.span),
        };
        if plain && &**text == "<<" {
            merges.push((item.span, value));
            return None;
        }
        let covered = self.document.marked && text.contains(MARK);
        if plain && !covered && !matches!(scalar::plain(text), Value::Text(_)) {
            self.faults.push(Fault { at: item.span, message: format!("the key `{text}` is not a string") });
        }
        let name = if covered { self.slice(item.span) } else { text };
        Some((name, item.span))
    }

    fn bad_key(&mut self, at: Span) -> Option<(&'d str, Span)> {
        self.fault_once(at, "a key must be a string");
        None
    }

    /// What the value of `<<` brings in; of a list, the earlier wins. A tag on it is one on what it is brought into.
    fn merged(&mut self, at: Span, value: ItemId, depth: usize) -> Vec<Entry> {
        let Some(item) = self.document.get(value) else { return Vec::new() };
        match &item.kind {
            Kind::Scalar { .. } | Kind::Sequence(_) if item.tag.as_deref() == Some("!reset") => {
                self.tag(true);
                Vec::new()
            }
            Kind::Sequence(items) => {
                if item.tag.as_deref() == Some("!override") {
                    self.tag(false);
                }
                let mut all: Vec<Entry> = Vec::new();
                let mut names: BTreeSet<Str> = BTreeSet::new();
                for (index, &element) in items.iter().enumerate() {
                    if matches!(self.document.get(element).map(|item| &item.kind), Some(Kind::Sequence(_))) {
                        self.fault_once(at, "map merge requires map or sequence of maps as the value");
                        continue;
                    }
                    // Of the elements of a list the paths have their numbers, so that no other file has anything there.
                    if let Some(path) = &mut self.path {
                        path.push(format!("[{index}]").into());
                    }
                    all.extend(self.merged(at, element, depth + 1).into_iter().filter(|e| names.insert(e.key.clone())));
                    if let Some(path) = &mut self.path {
                        path.pop();
                    }
                }
                all
            }
            Kind::Alias(target) if matches!(self.document.get(*target).map(|i| &i.kind), Some(Kind::Mapping(_))) => {
                let made = self.alias(item.span, *target, |builder, target| builder.node(target, depth + 1));
                made.map(entries_of).unwrap_or_default()
            }
            Kind::Mapping(_) => self.node(value, depth + 1).map(entries_of).unwrap_or_default(),
            _ => {
                self.fault_once(at, "map merge requires map or sequence of maps as the value");
                Vec::new()
            }
        }
    }

    fn scalar(&self, item: &Item, text: &str, plain: bool) -> Value {
        if self.document.marked && text.contains(MARK) {
            let expression: String = self.slice(item.span).chars().take(80).collect();
            let all = pieces(text).into_iter().map(|piece| match piece {
                Some(known) => Piece::Known(known.into()),
                None => Piece::Hole(Why::Template(expression.as_str().into())),
            });
            return Value::Text(Text::from_pieces(all.collect()));
        }
        match item.tag.as_deref() {
            Some("!!str") => Value::text(text),
            // Under a tag of the author's own a value is text, whatever it looks like; a lone `!` tells nothing.
            Some(tag) if tag != "!" && !tag.starts_with("!!") => Value::text(text),
            _ if plain => scalar::plain(text),
            _ => Value::text(text),
        }
    }

    fn slice(&self, span: Span) -> &'d str {
        self.source.get(span.range()).unwrap_or_default()
    }

    fn set(&self, value: Value, span: Span) -> Node {
        Node::set(value, Loc::new(self.file, span))
    }
}

/// The keys of a map that was gone through, and where each stands. Most maps are small, and those are searched from end
/// to end; the others are sorted.
#[derive(Default)]
struct Seen<'d> {
    few: Vec<(&'d str, Span)>,
    many: BTreeMap<&'d str, Span>,
}

impl<'d> Seen<'d> {
    const FEW: usize = 12;

    /// Adds a key, and tells where it last stood.
    fn insert(&mut self, key: &'d str, at: Span) -> Option<Span> {
        if self.many.is_empty() {
            if let Some((_, last)) = self.few.iter_mut().find(|(known, _)| *known == key) {
                return Some(std::mem::replace(last, at));
            }
            if self.few.len() < Self::FEW {
                self.few.push((key, at));
                return None;
            }
            self.many.extend(self.few.drain(..));
        }
        self.many.insert(key, at)
    }

    fn has(&self, key: &str) -> bool {
        self.many.contains_key(key) || self.few.iter().any(|(known, _)| *known == key)
    }
}

fn entries_of(node: Node) -> Vec<Entry> {
    match node.value {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    }
}
