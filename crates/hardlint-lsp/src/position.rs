//! Places as editors count them, and paths as they write them.
//!
//! Lines and characters are counted from 0; what a character is was agreed on when the server was started: a byte, or
//! what UTF-16 needs, which is all that older clients know.

use hardlint_config::text::{Source, Span};
use lsp_types::{Position, PositionEncodingKind, Range, Uri};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// The one that suits best of those that the client knows; without a word it knows UTF-16.
    pub(crate) fn agreed(known: Option<&[PositionEncodingKind]>) -> Self {
        if known.is_some_and(|known| known.contains(&PositionEncodingKind::UTF8)) { Self::Utf8 } else { Self::Utf16 }
    }

    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }

    fn position(self, source: &Source, offset: u32) -> Position {
        let lines = source.lines();
        let line = lines.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = lines.get(line).copied().unwrap_or_default() as usize;
        let mut end = (offset as usize).min(source.text.len());
        while !source.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = source.text.get(start..end).unwrap_or_default();
        let character = match self {
            Self::Utf8 => before.len(),
            Self::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position { line: number(line), character: number(character) }
    }

    pub(crate) fn range(self, source: &Source, span: Span) -> Range {
        Range { start: self.position(source, span.start), end: self.position(source, span.end) }
    }

    /// The byte at a position; past the end of its line or of the text, that end.
    pub(crate) fn offset(self, source: &Source, position: Position) -> usize {
        let Some(&start) = source.lines().get(position.line as usize) else { return source.text.len() };
        let start = start as usize;
        let line = source.text.get(start..).unwrap_or_default().split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut left = position.character as usize;
        let mut at = start;
        for c in line.chars() {
            match left.checked_sub(self.width(c)) {
                Some(rest) if left > 0 => left = rest,
                _ => break,
            }
            at += c.len_utf8();
        }
        at
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The path that a URI names, if it is that of a file.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next()?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut chars = path.bytes();
    while let Some(byte) = chars.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit(chars.next())?, digit(chars.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    let path = String::from_utf8(bytes).ok()?;
    // `file:///c:/x` is `c:/x`.
    let drive = path.as_bytes().get(2) == Some(&b':') && cfg!(windows);
    Some(PathBuf::from(if drive { path.get(1..)? } else { &path }))
}

/// The URI of a file.
pub(crate) fn uri(path: &Path) -> Option<Uri> {
    let mut text = String::from("file://");
    let path = path.to_str()?;
    if !path.starts_with('/') {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            b'\\' if cfg!(windows) => text.push('/'),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    Uri::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_was_agreed() {
        let source = Source::new("a", "x\r\né🦀 y\r\n");
        let y = u32::try_from(source.text.find('y').unwrap()).unwrap();
        assert_eq!(Encoding::Utf16.position(&source, y), Position::new(1, 4));
        assert_eq!(Encoding::Utf8.position(&source, y), Position::new(1, 7));
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (offset, _) in source.text.char_indices().filter(|(_, c)| !c.is_control()) {
                let position = encoding.position(&source, u32::try_from(offset).unwrap());
                assert_eq!(encoding.offset(&source, position), offset, "{position:?}");
            }
        }
        assert_eq!(Encoding::Utf16.offset(&source, Position::new(0, 99)), 1);
        assert_eq!(Encoding::Utf16.offset(&source, Position::new(99, 0)), source.text.len());
        // Inside of a character: before it.
        assert_eq!(Encoding::Utf16.offset(&source, Position::new(1, 2)), 5);
    }

    #[test]
    fn older_clients_know_utf_16_only() {
        assert_eq!(Encoding::agreed(None), Encoding::Utf16);
        assert_eq!(Encoding::agreed(Some(&[PositionEncodingKind::UTF16])), Encoding::Utf16);
        let both = [PositionEncodingKind::UTF16, PositionEncodingKind::UTF8];
        assert_eq!(Encoding::agreed(Some(&both)), Encoding::Utf8);
    }

    #[test]
    fn paths_are_written_and_read() {
        let odd = Path::new("/srv/a b/ü#?%.conf");
        let written = uri(odd).unwrap();
        assert_eq!(written.as_str(), "file:///srv/a%20b/%C3%BC%23%3F%25.conf");
        assert_eq!(path(&written).as_deref(), Some(odd));
        assert_eq!(path(&Uri::from_str("untitled:Untitled-1").unwrap()), None);
        assert_eq!(path(&Uri::from_str("file:///a%zz").unwrap_or(written)), Some(odd.to_owned()));
    }
}
