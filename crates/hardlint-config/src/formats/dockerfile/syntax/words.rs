//! Words of an instruction: by blanks alone (`FROM`, `COPY`, `EXPOSE`), or with quotes and escapes (`ENV`, `ARG`, `LABEL`).
//!
//! Quotes and escapes stay: they are taken away when variables are expanded.

use crate::syntax::joined::Joined;

/// A range of a line.
pub(in crate::formats::dockerfile) type Range = (usize, usize);

/// Words between blanks.
pub(in crate::formats::dockerfile) fn blank_separated(line: &Joined, range: Range) -> Vec<Range> {
    let mut words = Vec::new();
    let mut start = None;
    for (index, c) in line.slice(range.0, range.1).char_indices() {
        let at = range.0 + index;
        match (start, super::is_blank(c)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| (from, range.1)));
    words
}

/// Words in which quotes and escapes hide blanks.
pub(in crate::formats::dockerfile) fn quoted(line: &Joined, range: Range, escape: char) -> Vec<Range> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = line.slice(range.0, range.1).char_indices();
    while let Some((index, c)) = chars.next() {
        let at = range.0 + index;
        if quote.is_none() && super::is_space(c) {
            words.extend(start.take().map(|from| (from, at)));
            continue;
        }
        start.get_or_insert(at);
        if c == escape && quote != Some('\'') {
            // An escape at the very end is no part of the word.
            if chars.next().is_none() {
                words.extend(start.take().filter(|from| *from < at).map(|from| (from, at)));
            }
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && (c == '\'' || c == '"') {
            quote = Some(c);
        }
    }
    words.extend(start.map(|from| (from, range.1)));
    words
}

/// A name and its value in `ENV` and `LABEL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats::dockerfile) struct Pair {
    /// The name.
    pub(in crate::formats::dockerfile) name: Range,
    /// The value.
    pub(in crate::formats::dockerfile) value: Range,
}

/// Names and values: `a=b c="d e"`, or the old `a the rest`.
pub(in crate::formats::dockerfile) fn pairs(
    line: &Joined,
    range: Range,
    escape: char,
    instruction: &str,
) -> Result<Vec<Pair>, (Range, String)> {
    let words = quoted(line, range, escape);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let equals = |word: Range| line.slice(word.0, word.1).find('=').map(|at| word.0 + at);
    if equals(*first).is_none() {
        let text = line.slice(range.0, range.1);
        let name = text.find(super::is_blank).unwrap_or(text.len());
        let rest = text.get(name..).unwrap_or_default();
        let value = range.0 + name + (rest.len() - rest.trim_start_matches(super::is_blank).len());
        if rest.is_empty() {
            return Err((range, format!("{instruction} must have two arguments")));
        }
        return Ok(vec![Pair { name: (range.0, range.0 + name), value: (value, range.1) }]);
    }
    words
        .into_iter()
        .map(|word| {
            let pair = equals(word).map(|at| Pair { name: (word.0, at), value: (at + 1, word.1) });
            let text = line.slice(word.0, word.1);
            pair.ok_or_else(|| (word, format!("`{text}` has no `=`: {instruction} takes name=value")))
        })
        .collect()
}
