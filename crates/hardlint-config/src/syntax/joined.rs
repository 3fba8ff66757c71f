//! Text that a program puts together from several places of a file, and the way back to them.
//!
//! A continued line, a heredoc's body, a string with escapes: what the program reads does not stand in the file as it
//! is. Lexers work on the joined text; findings point at the file.

use crate::model::Str;
use crate::text::Span;
use smallvec::SmallVec;

/// Text from several places of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    text: Str,
    /// Most texts stand in one piece.
    parts: SmallVec<[Part; 1]>,
}

/// A run of the text that stands in the file in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    /// Where it begins in the text.
    at: usize,
    /// Where it stands in the file. Shorter or longer than the run where the program changes it, as an escape does.
    from: Span,
}

impl Joined {
    /// The text at `span` of a file, as it stands there.
    pub fn of(source: &str, span: Span) -> Self {
        let mut joined = Self::default();
        joined.push(source, span);
        joined
    }

    /// Adds the text at `span` of the file.
    pub fn push(&mut self, source: &str, span: Span) {
        self.push_as(source.get(span.range()).unwrap_or_default(), span);
    }

    /// Adds text that stands for what the file has at `from`.
    pub fn push_as(&mut self, text: &str, from: Span) {
        if text.is_empty() {
            return;
        }
        self.parts.push(Part { at: self.text.len(), from });
        self.text.push_str(text);
    }

    /// Adds a part of another joined text. Nothing stands where the part would begin.
    pub fn push_from(&mut self, other: &Self, start: usize, end: usize) {
        if start >= end && self.parts.is_empty() {
            self.parts.push(Part { at: 0, from: other.span(start, start) });
        }
        let mut at = start;
        while at < end {
            let next = other.parts.get(other.part_at(at) + 1).map_or(end, |part| part.at.min(end));
            if next <= at {
                return;
            }
            self.push_as(other.text.get(at..next).unwrap_or_default(), other.span(at, next));
            at = next;
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text from `start` to `end`.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Where the text from `start` to `end` stands in the file: from its first byte to its last.
    pub fn span(&self, start: usize, end: usize) -> Span {
        // Most texts stand in one piece, as they are.
        if let [part] = self.parts.as_slice()
            && self.text.len() == (part.from.end - part.from.start) as usize
            && let (Ok(first), Ok(last)) = (u32::try_from(start), u32::try_from(end.max(start)))
        {
            let place = |offset: u32| part.from.start.saturating_add(offset).min(part.from.end);
            return Span { start: place(first), end: place(last) };
        }
        let first = self.place(start).start;
        let last = if end > start { self.place(end - 1).end } else { first };
        Span { start: first, end: last.max(first) }
    }

    /// Where a [`Span`] of the text stands in the file.
    pub fn map(&self, span: Span) -> Span {
        self.span(span.start as usize, span.end as usize)
    }

    /// The index of the part that holds `offset`.
    fn part_at(&self, offset: usize) -> usize {
        self.parts.partition_point(|part| part.at <= offset).saturating_sub(1)
    }

    /// Where the byte at `offset` stands; the text's end stands after its last byte.
    fn place(&self, offset: usize) -> Span {
        let index = self.part_at(offset);
        let Some(part) = self.parts.get(index) else { return Span::default() };
        let end = self.parts.get(index + 1).map_or(self.text.len(), |next| next.at);
        let from = part.from;
        // A run that the program changed stands as a whole where it came from.
        if end - part.at != (from.end - from.start) as usize {
            return if offset >= end { Span { start: from.end, end: from.end } } else { from };
        }
        let into = u32::try_from(offset - part.at).unwrap_or(0);
        let start = (from.start + into).min(from.end);
        Span { start, end: (start + 1).min(from.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_finds_its_way_back() {
        let source = "ab \\\n  cd";
        let mut joined = Joined::of(source, Span::new(0, 3));
        joined.push(source, Span::new(5, 9));
        assert_eq!(joined.text(), "ab   cd");
        assert_eq!(joined.span(0, 2), Span::new(0, 2));
        assert_eq!(joined.span(5, 7), Span::new(7, 9));
        // A word that a continuation breaks stands from its first byte to its last.
        assert_eq!(joined.span(1, 6), Span::new(1, 8));
        assert_eq!(joined.span(7, 7), Span::new(9, 9));
    }

    #[test]
    fn an_escape_stands_as_a_whole() {
        let source = r#"["a\nb"]"#;
        let mut joined = Joined::of(source, Span::new(2, 3));
        joined.push_as("\n", Span::new(3, 5));
        joined.push(source, Span::new(5, 6));
        assert_eq!(joined.text(), "a\nb");
        assert_eq!(joined.span(1, 2), Span::new(3, 5));
        assert_eq!(joined.span(2, 3), Span::new(5, 6));
        let mut part = Joined::default();
        part.push_from(&joined, 1, 3);
        assert_eq!(part.text(), "\nb");
        assert_eq!(part.span(0, 1), Span::new(3, 5));
        assert_eq!(part.span(1, 2), Span::new(5, 6));
    }

    #[test]
    fn an_empty_part_stands_where_it_would_begin() {
        let line = Joined::of("A= B", Span::new(0, 4));
        let mut value = Joined::default();
        value.push_from(&line, 2, 2);
        assert_eq!((value.text(), value.span(0, 0)), ("", Span::new(2, 2)));
        let mut last = Joined::default();
        last.push_from(&line, 4, 4);
        assert_eq!(last.span(0, 0), Span::new(4, 4));
        value.push_from(&line, 3, 4);
        assert_eq!(value.span(0, 1), Span::new(3, 4));
    }

    #[test]
    fn nothing_stands_nowhere() {
        let joined = Joined::default();
        assert_eq!(joined.span(0, 0), Span::default());
        assert_eq!(joined.span(3, 9), Span::default());
        let mut other = Joined::default();
        other.push_from(&joined, 2, 9);
        assert_eq!(other.text(), "");
    }
}
