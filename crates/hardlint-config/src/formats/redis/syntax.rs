//! Lines and words of `redis.conf`, byte for byte as redis splits them.
//!
//! A line is trimmed, is a comment if it begins with `#` then, and is split into words by `sdssplitargs`: quotes may begin
//! inside a word but must end it. A `#` behind a directive is a word like any other.

use crate::text::replace_invalid;
use std::ops::Range;

/// A word, unquoted, and where it stands in its line.
pub(super) type Word = (String, Range<usize>);

/// What redis trims off both ends of a line.
const TRIMMED: [char; 4] = [' ', '\t', '\r', '\n'];

/// The line without its blanks, and where it then begins; nothing for empty lines and comments.
pub(super) fn content(line: &str) -> Option<(usize, &str)> {
    let start = line.len() - line.trim_start_matches(TRIMMED).len();
    let text = line.trim_matches(TRIMMED);
    (!text.is_empty() && !text.starts_with('#')).then_some((start, text))
}

/// The words of a line; nothing where a quote is not closed, or something other than a blank follows one that is.
pub(super) fn words(line: &str) -> Option<Vec<Word>> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        // Between words every blank of C counts, at the end of one only some do.
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0x0b) {
            at += 1;
        }
        if at >= bytes.len() {
            return Some(words);
        }
        let (word, end) = word(bytes, at)?;
        words.push((String::from_utf8(word).unwrap_or_else(|error| replace_invalid(error.as_bytes())), at..end));
        at = end;
    }
}

/// The word at `at`, and where it ends.
fn word(bytes: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let mut word = Vec::new();
    loop {
        match bytes.get(at) {
            None | Some(b' ' | b'\n' | b'\r' | b'\t') => return Some((word, at)),
            Some(b'"') => {
                at = double_quoted(bytes, at + 1, &mut word)?;
                return blank(bytes, at).then_some((word, at));
            }
            Some(b'\'') => {
                at = single_quoted(bytes, at + 1, &mut word)?;
                return blank(bytes, at).then_some((word, at));
            }
            Some(byte) => word.push(*byte),
        }
        at += 1;
    }
}

/// Whether a word may end here.
fn blank(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == 0x0b)
}

fn double_quoted(bytes: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {
                let hex = |place: usize| bytes.get(place).and_then(|byte| char::from(*byte).to_digit(16));
                if let (Some(b'x'), Some(high), Some(low)) = (bytes.get(at + 1), hex(at + 2), hex(at + 3)) {
                    word.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    at += 4;
                    continue;
                }
                let escaped = *bytes.get(at + 1)?;
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => other,
                });
                at += 2;
            }
            byte => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

fn single_quoted(bytes: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'\'' => return Some(at + 1),
            b'\\' if bytes.get(at + 1) == Some(&b'\'') => {
                word.push(b'\'');
                at += 2;
            }
            byte => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

/// The comment of each line that is one.
pub(super) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start_matches(TRIMMED).len();
        let end = line.trim_end_matches(TRIMMED).len();
        if line.get(start..).is_some_and(|rest| rest.starts_with('#')) {
            found.push(at + start..at + end);
        }
        at += line.len();
    }
    found
}
