//! Text and places in it.
//!
//! A place is a half-open range of bytes; lines and columns exist only where people read them. Offsets are `u32`:
//! files above [`crate::loader::MAX_FILE`] are not read, which leaves room to spare.

use crate::filling::Filled;
use std::sync::{Arc, OnceLock};

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The range as `usize`s, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `offset` lies inside.
    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Names a [`Source`] within one [`crate::workspace::Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place: a file and a span in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loc {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

impl Loc {
    /// The place `span` in `file`.
    pub fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// A place as people count it: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The text of one file, and where its lines begin.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path below the root, with `/` between its parts.
    pub path: Arc<str>,
    /// The text. Bytes that are not UTF-8 stand as [`INVALID`], one for each, so that offsets are the file's own.
    pub text: String,
    /// Whether any byte was replaced; such a file is never edited.
    pub lossy: bool,
    /// The statement that brought the file in, the first one met.
    pub included_from: Option<Loc>,
    /// Where the text comes from, where it is a template that was filled in.
    pub filled: Option<Box<Filled>>,
    lines: OnceLock<Vec<u32>>,
    /// How many characters begin up to the end of each [`STEP`].
    characters: OnceLock<Vec<u32>>,
}

/// How many bytes lie between two counts of characters.
const STEP: usize = 4096;

/// How many characters begin in these bytes: all but continuation bytes begin one.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// Bytes as text, with a mark for what is none. Most are text as they are.
pub(crate) fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Stands in [`Source::text`] for a byte that is not UTF-8: one byte long, and in no file that people write.
pub const INVALID: char = '\u{1a}';

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    /// The file begins with a UTF-16 byte order mark.
    Utf16,
    /// A NUL byte stands at this offset.
    Binary(usize),
}

impl Source {
    /// Reads bytes as text.
    ///
    /// # Errors
    /// [`NotText`] for UTF-16 and for anything with a NUL byte: no program here reads such files.
    pub fn decode(path: Arc<str>, bytes: Vec<u8>) -> Result<Self, NotText> {
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(NotText::Utf16);
        }
        if let Some(at) = memchr::memchr(0, &bytes) {
            return Err(NotText::Binary(at));
        }
        let (text, lossy) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (replace_invalid(error.as_bytes()), true),
        };
        Ok(Self { lossy, ..Self::new(path, text) })
    }

    /// A source whose text is known to be text.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            lossy: false,
            included_from: None,
            filled: None,
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// The text at `span`, or nothing where it does not lie in this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Where `offset` is, as people count: in the file as it is written.
    pub fn position(&self, offset: u32) -> Position {
        if let Some(filled) = &self.filled {
            return filled.written.position(filled.written_at(Span { start: offset, end: offset }).start);
        }
        let lines = self.lines();
        let offset = offset.min(clamp(self.text.len()));
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let offset = offset as usize;
        let column = if offset - start <= STEP {
            characters(self.text.as_bytes().get(start..offset).unwrap_or_default())
        } else {
            self.characters_before(offset) - self.characters_before(start)
        };
        Position { line, column: column + 1 }
    }

    /// How many characters begin before `offset`. A file may be one line of 50 MB with a finding in every other word, so
    /// they are counted once.
    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let counts = self.characters.get_or_init(|| {
            let mut total = 0;
            let mut add = |step: &[u8]| {
                total += characters(step);
                clamp(total)
            };
            bytes.chunks(STEP).map(&mut add).collect()
        });
        let step = offset / STEP;
        let whole = step.checked_sub(1).and_then(|last| counts.get(last)).copied().unwrap_or_default() as usize;
        whole + characters(bytes.get(step * STEP..offset).unwrap_or_default())
    }

    /// The line of the file as it is written, from 1, without its end; nothing past the last one.
    pub fn line(&self, line: usize) -> &str {
        if let Some(filled) = &self.filled {
            return filled.written.line(line);
        }
        let lines = self.lines();
        let Some(&start) = line.checked_sub(1).and_then(|index| lines.get(index)) else { return "" };
        let end = lines.get(line).map_or(self.text.len(), |&next| next as usize);
        self.text.get(start as usize..end).unwrap_or_default().trim_end_matches(['\r', '\n'])
    }

    /// Offsets at which lines of the text begin.
    pub fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| clamp(at + 1)));
            starts
        })
    }
}

/// Bytes as text, with [`INVALID`] for each that is not UTF-8.
pub(crate) fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(INVALID, chunk.invalid().len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_know_both_line_ends() {
        let source = Source::new("a", "é x\r\nsecond\n");
        assert_eq!(source.position(3), Position { line: 1, column: 3 });
        assert_eq!(source.position(6), Position { line: 2, column: 1 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
        assert_eq!(source.line(1), "é x");
        assert_eq!(source.line(2), "second");
        assert_eq!(source.line(9), "");
    }

    #[test]
    fn columns_of_a_long_line_count_characters() {
        let text = format!("first\n{}", "aé".repeat(5000));
        let source = Source::new("a", text.as_str());
        for (offset, character) in text.char_indices().filter(|(offset, _)| offset % 997 < 3) {
            let line_start = if offset < 6 { 0 } else { 6 };
            let column = text[line_start..offset].chars().count() + 1;
            let found = source.position(u32::try_from(offset).unwrap());
            assert_eq!(found.column, column, "{offset} {character}");
        }
    }

    #[test]
    fn a_latin_1_byte_keeps_its_offset() {
        let source = Source::decode("a".into(), b"caf\xe9 x".to_vec()).unwrap();
        assert!(source.lossy);
        assert_eq!(source.text.find('x'), Some(5));
    }

    #[test]
    fn binary_and_utf16_are_not_text() {
        assert_eq!(Source::decode("a".into(), b"ab\0c".to_vec()).unwrap_err(), NotText::Binary(2));
        assert_eq!(Source::decode("a".into(), vec![0xFF, 0xFE, b'a', 0]).unwrap_err(), NotText::Utf16);
    }
}
