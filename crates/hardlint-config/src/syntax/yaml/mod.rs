//! YAML with places: documents as trees of items that know their bytes, comments, and what is wrong.
//!
//! The tree is what the file says: aliases are references and merge keys are plain keys. [`build`] makes values of it as
//! Go's YAML library does, which is what Compose reads with. Parsing never fails: what precedes a fault is kept.

pub mod build;
pub mod scalar;
mod template;

use crate::model::Str;
use crate::text::Span;
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError};
use std::collections::BTreeMap;

pub use template::{MARK, looks_like as looks_like_template, masked, pieces};

/// Collections nested deeper than this are a fault.
pub const MAX_DEPTH: usize = 128;

/// More items than this in a file are a fault; what precedes it is kept. So no file takes memory without bound.
pub const MAX_ITEMS: usize = 500_000;

/// A YAML file.
#[derive(Debug, Default)]
pub struct Yaml {
    /// Its documents, in order.
    pub documents: Vec<Document>,
    /// Its comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What ended the parsing early, if anything did.
    pub fault: Option<Fault>,
}

/// Something that a YAML library refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub at: Span,
    /// What is wrong, in a few words.
    pub message: String,
}

/// One document: its items, the root first.
#[derive(Debug, Default)]
pub struct Document {
    items: Vec<Item>,
    /// Whether any of them has a tag.
    tagged: bool,
    /// Whether a [`MARK`] may stand in any of them.
    marked: bool,
}

/// An item's place in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemId(u32);

/// A scalar, a collection or an alias.
#[derive(Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its bytes, quotes included.
    pub span: Span,
    /// Its tag as written, such as `!reset`.
    pub tag: Option<Str>,
}

/// What an item is.
#[derive(Debug)]
pub enum Kind {
    /// Text, unescaped; plain text may still be a number.
    Scalar {
        /// The text.
        text: Str,
        /// Whether it stands without quotes and not as a block.
        plain: bool,
    },
    /// Items in order.
    Sequence(Vec<ItemId>),
    /// Keys and values in order.
    Mapping(Vec<(ItemId, ItemId)>),
    /// The item that an anchor names.
    Alias(ItemId),
    /// An alias whose anchor does not exist.
    Dangling(Str),
}

impl Document {
    /// The outermost item; nothing in an empty document.
    pub fn root(&self) -> Option<ItemId> {
        (!self.items.is_empty()).then_some(ItemId(0))
    }

    /// The item with that id.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.0 as usize)
    }

    /// The keys of all mappings, each with its value.
    pub fn entries(&self) -> impl Iterator<Item = (&Item, &Item)> {
        let mappings = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        });
        mappings.flatten().filter_map(|(key, value)| Some((self.get(*key)?, self.get(*value)?)))
    }

    /// Where the last thing in an item ends: what the parser takes for the end of a block is where the next thing begins.
    pub fn end(&self, text: &str, item: &Item) -> u32 {
        let mut item = item;
        loop {
            let flow = text.get(item.span.range()).is_some_and(|own| own.starts_with(['[', '{']));
            let last = match &item.kind {
                Kind::Sequence(items) if !flow => items.last(),
                Kind::Mapping(entries) if !flow => entries.last().map(|(_, value)| value),
                _ => None,
            };
            let Some(inner) = last.and_then(|id| self.get(*id)) else { break };
            item = inner;
        }
        // A block scalar without a line of its own has no text either, and the parser puts it where the next thing begins.
        let until = text.get(..item.span.end as usize).unwrap_or_default();
        u32::try_from(until.trim_end().len()).unwrap_or(item.span.end)
    }

    fn push(&mut self, item: Item) -> ItemId {
        let id = ItemId(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
        self.items.push(item);
        id
    }
}

/// Parses a file.
pub fn parse(text: &str) -> Yaml {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: usize::MAX,
    };
    read(text, options)
}

fn read(text: &str, options: Options) -> Yaml {
    // An escape can write any character.
    let marked = text.contains(MARK) || text.contains('\\');
    let mut reader = Reading { marked, ..Reading::default() };
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => {
                let span = bytes(text, span);
                reader.event(event, span);
                if reader.items > MAX_ITEMS {
                    let message = format!("the file has more than {MAX_ITEMS} values");
                    reader.yaml.fault = Some(Fault { at: span, message });
                    break;
                }
            }
            Err(error) => {
                reader.yaml.fault = Some(fault(text, &error));
                break;
            }
        }
    }
    reader.finish()
}

fn bytes(text: &str, span: granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or(0..0);
    // The parser counts bytes behind a byte order mark, too.
    Span::new(range.start, range.end.min(text.len()))
}

fn fault(text: &str, error: &ScanError) -> Fault {
    let mut start = error.marker().byte_offset().unwrap_or(0).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let width = text.get(start..).and_then(|rest| rest.chars().next()).filter(|c| !c.is_control());
    Fault { at: Span::new(start, start + width.map_or(0, char::len_utf8)), message: error.info() }
}

/// A collection that is being read.
struct Open {
    id: ItemId,
    key: Option<ItemId>,
}

#[derive(Default)]
struct Reading {
    yaml: Yaml,
    document: Document,
    /// Whether a [`MARK`] may stand in them.
    marked: bool,
    /// The items of all documents.
    items: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, ItemId>,
}

impl Reading {
    fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(..) => {
                self.document = Document { marked: self.marked, ..Document::default() };
                self.anchors.clear();
            }
            Event::DocumentEnd => self.yaml.documents.push(std::mem::take(&mut self.document)),
            Event::Comment(..) => self.yaml.comments.push(span),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let kind = Kind::Scalar { text: text.into(), plain };
                self.add(kind, span, tag.map(|tag| tag.original()), anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let id = self.add(Kind::Sequence(Vec::new()), span, tag.map(|tag| tag.original()), anchor);
                self.open.push(Open { id, key: None });
            }
            Event::MappingStart(_, anchor, tag) => {
                let id = self.add(Kind::Mapping(Vec::new()), span, tag.map(|tag| tag.original()), anchor);
                self.open.push(Open { id, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            Event::Alias(anchor) => {
                let kind = match self.anchors.get(&anchor) {
                    Some(&target) => Kind::Alias(target),
                    None => Kind::Dangling("".into()),
                };
                self.add(kind, span, None, 0);
            }
            Event::UnresolvedAlias(name) => {
                self.add(Kind::Dangling(name.into()), span, None, 0);
            }
            _ => {}
        }
    }

    fn add(&mut self, kind: Kind, span: Span, tag: Option<String>, anchor: usize) -> ItemId {
        self.items += 1;
        self.document.tagged |= tag.is_some();
        let id = self.document.push(Item { kind, span, tag: tag.map(Into::into) });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        let Some(open) = self.open.last_mut() else { return id };
        match self.document.items.get_mut(open.id.0 as usize).map(|item| &mut item.kind) {
            Some(Kind::Sequence(items)) => items.push(id),
            Some(Kind::Mapping(entries)) => match open.key.take() {
                Some(key) => entries.push((key, id)),
                None => open.key = Some(id),
            },
            _ => {}
        }
        id
    }

    fn close(&mut self, end: Option<Span>) {
        let Some(open) = self.open.pop() else { return };
        let last = match self.document.items.get(open.id.0 as usize).map(|item| &item.kind) {
            Some(Kind::Sequence(items)) => items.last().copied(),
            Some(Kind::Mapping(entries)) => entries.last().map(|(_, value)| *value),
            _ => None,
        };
        // A block collection ends where the parser notices it, which may be far below its last item.
        let inside = last.and_then(|last| self.document.get(last)).map(|item| item.span);
        if let Some(item) = self.document.items.get_mut(open.id.0 as usize) {
            if let Some(inside) = inside {
                item.span.end = item.span.end.max(inside.end);
            }
            if let Some(end) = end.filter(|end| end.end > end.start) {
                item.span.end = item.span.end.max(end.end);
            }
        }
    }

    fn finish(mut self) -> Yaml {
        while !self.open.is_empty() {
            self.close(None);
        }
        if !self.document.items.is_empty() {
            self.yaml.documents.push(std::mem::take(&mut self.document));
        }
        self.yaml
    }
}

#[cfg(test)]
mod tests;
