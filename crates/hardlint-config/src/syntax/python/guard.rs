//! Keeps out what nests so deep that walking its tree would need a stack without end, and finds comments.
//!
//! Python itself stops at 100 levels of indentation and 200 of brackets; long chains such as `a + a + …` it compiles up
//! to its recursion limit. The limits here lie above what people write and below what a small stack bears.

use crate::text::Span;

/// Brackets inside brackets.
const MAX_BRACKETS: usize = 150;
/// Columns of indentation.
const MAX_INDENT: usize = 400;
/// Operators and names between two commas, or on one line; those around a bracket count for what is inside.
const MAX_CHAIN: u32 = 1200;

/// Where the text gets too deep.
pub(super) fn too_deep(text: &str) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut scan = Scan { bytes, at: 0 };
    // The length of the chain at each depth.
    let mut chains = vec![0_u32];
    let mut line_start = true;
    while let Some(&byte) = bytes.get(scan.at) {
        let start = scan.at;
        if line_start && chains.len() == 1 {
            line_start = false;
            let width = bytes.iter().skip(start).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if width > MAX_INDENT {
                return Some(Span::new(start, start + width));
            }
            if width > 0 {
                scan.at += width;
                continue;
            }
        }
        match byte {
            b'\n' => {
                line_start = true;
                if chains.len() == 1 {
                    chains = vec![0];
                }
                scan.at += 1;
                continue;
            }
            b'(' | b'[' | b'{' => {
                *chains.last_mut()? += 1;
                chains.push(0);
                scan.at += 1;
            }
            b')' | b']' | b'}' => {
                if chains.len() > 1 {
                    chains.pop();
                }
                scan.at += 1;
            }
            b',' | b';' => {
                *chains.last_mut()? = 0;
                scan.at += 1;
            }
            b' ' | b'\t' | b'\r' => {
                scan.at += 1;
                continue;
            }
            b'\\' => {
                // A line that goes on is one with the next.
                scan.at += if bytes.get(start + 1) == Some(&b'\n') { 2 } else { 1 };
            }
            b'#' => {
                scan.line_end();
                continue;
            }
            b'"' | b'\'' => {
                scan.string();
                continue;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                scan.word();
                *chains.last_mut()? += 1;
            }
            _ => {
                scan.at += 1;
                *chains.last_mut()? += 1;
            }
        }
        if chains.len() > MAX_BRACKETS || chains.iter().sum::<u32>() > MAX_CHAIN {
            return Some(Span::new(start, scan.at));
        }
    }
    None
}

/// Where the comments stand.
pub(super) fn comments(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut scan = Scan { bytes, at: 0 };
    let mut found = Vec::new();
    while let Some(next) = bytes.get(scan.at..).and_then(|rest| memchr::memchr3(b'#', b'"', b'\'', rest)) {
        scan.at += next;
        let start = scan.at;
        if bytes.get(start) == Some(&b'#') {
            scan.line_end();
            found.push(Span::new(start, scan.at));
        } else {
            scan.string();
        }
    }
    found
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn word(&mut self) {
        let word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80;
        self.at += self.rest().iter().take_while(word).count();
    }

    fn line_end(&mut self) {
        self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
    }

    /// Steps over a string whose quote stands here. In raw strings too a backslash keeps the quote after it from ending
    /// the string.
    fn string(&mut self) {
        let Some(&quote) = self.rest().first() else { return };
        let triple = self.rest().starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        while let Some(next) = memchr::memchr3(quote, b'\\', b'\n', self.rest()) {
            self.at += next;
            match self.rest() {
                [b'\\', ..] => self.at = self.bytes.len().min(self.at + 2),
                [b'\n', ..] if triple => self.at += 1,
                [b'\n', ..] => return,
                rest if triple && !rest.starts_with(&[quote; 3]) => self.at += 1,
                _ => {
                    self.at += if triple { 3 } else { 1 };
                    return;
                }
            }
        }
        self.at = self.bytes.len();
    }
}
