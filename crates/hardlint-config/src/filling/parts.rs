//! What the text of a filled template is made of, and where each part of it comes from.

use crate::text::{Source, Span};
use std::sync::Arc;

/// A run of bytes of the filled text.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Where it begins in the filled text; it ends where the next one begins.
    pub(super) start: u32,
    /// Where it comes from in the template.
    pub(super) from: Span,
    /// Whether it stands there as it is.
    pub(super) verbatim: bool,
    /// What set the variables that it, or whether it is there, depends on, by their places in [`Filled::places`].
    pub(super) places: Vec<usize>,
}

/// Where a variable was set.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
    /// The variable.
    pub name: Arc<str>,
    /// Whether it is what holds where nothing else sets the variable.
    pub default: bool,
    /// Where secrets stand in that file.
    pub(super) file: usize,
}

/// A template of which something was filled in.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The template, as it is written.
    pub written: Arc<Source>,
    parts: Vec<Part>,
    places: Vec<Place>,
    secrets: Vec<Vec<Span>>,
}

impl Filled {
    pub(super) fn new(written: Source, parts: Vec<Part>, places: Vec<Place>, secrets: Vec<Vec<Span>>) -> Self {
        Self { written: Arc::new(written), parts, places, secrets }
    }

    fn index(&self, offset: u32) -> usize {
        self.parts.partition_point(|part| part.start <= offset).saturating_sub(1)
    }

    /// Where the template writes what stands at `span` of the filled text.
    pub fn written_at(&self, span: Span) -> Span {
        let start = match self.parts.get(self.index(span.start)) {
            Some(part) if part.verbatim => (part.from.start + (span.start - part.start)).min(part.from.end),
            Some(part) => part.from.start,
            None => return Span::default(),
        };
        if span.end <= span.start {
            return Span { start, end: start };
        }
        let end = match self.parts.get(self.index(span.end - 1)) {
            Some(part) if part.verbatim => (part.from.start + (span.end - part.start)).min(part.from.end),
            Some(part) => part.from.end,
            None => start,
        };
        // Of what a loop wrote, the end may come first.
        if end < start { Span { start, end: start } } else { Span { start, end } }
    }

    /// The same, where all of it stands in the template as it is, and is written once: what a loop writes for one of its items
    /// it writes for all.
    pub fn verbatim_at(&self, span: Span) -> Option<Span> {
        let last = if span.end > span.start { self.index(span.end - 1) } else { self.index(span.start) };
        let parts = self.parts.get(self.index(span.start)..=last)?;
        let often = |part: &Part| {
            let same = |other: &&Part| other.from.start < part.from.end && part.from.start < other.from.end;
            self.parts.iter().filter(same).count() > 1
        };
        if parts.iter().any(often) {
            return None;
        }
        let joined = parts.windows(2).all(|pair| matches!(pair, [one, next] if one.from.end == next.from.start));
        (joined && parts.iter().all(|part| part.verbatim)).then(|| self.written_at(span))
    }

    /// What set the variables that what stands at `span` depends on.
    pub fn places(&self, span: Span) -> Vec<&Place> {
        let last = self.index(span.end.saturating_sub(1).max(span.start));
        let parts = self.parts.get(self.index(span.start)..=last).unwrap_or_default();
        let mut found: Vec<usize> = parts.iter().flat_map(|part| part.places.iter().copied()).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|place| self.places.get(place)).collect()
    }

    /// Whether what stands at `span` is what holds where nothing sets a variable, which somebody may do elsewhere.
    pub fn is_default(&self, span: Span) -> bool {
        let last = self.index(span.end.saturating_sub(1).max(span.start));
        let parts = self.parts.get(self.index(span.start)..=last).unwrap_or_default();
        let default = |place: &usize| self.places.get(*place).is_some_and(|place| place.default);
        parts.iter().any(|part| !part.verbatim && part.places.is_empty() || part.places.iter().any(default))
    }

    /// The files that set variables of it.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.places.iter().map(|place| &place.source)
    }

    /// Where secrets stand in the files that set variables of it.
    pub fn secrets(&self) -> impl Iterator<Item = (&Arc<str>, Span)> {
        self.places.iter().flat_map(|place| {
            let spans = self.secrets.get(place.file).map(Vec::as_slice).unwrap_or_default();
            spans.iter().map(|span| (&place.source.path, *span))
        })
    }
}
