//! Pieces of files that the generators of several formats are made of. What stands first is what a case is shrunk to.

use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// A part of a file; it need not be text.
pub(crate) type Bytes = Vec<u8>;

/// How a word is quoted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quoting {
    Plain,
    Double,
    Single,
    /// From its middle on.
    Half,
    /// With a backslash before its first letter.
    Escaped,
    /// Not to its end.
    Open,
}

/// Mostly none.
pub(crate) fn quoting() -> impl Strategy<Value = Quoting> {
    use Quoting::{Double, Escaped, Half, Open, Plain, Single};
    prop_oneof![40 => Just(Plain), 4 => Just(Double), 2 => Just(Single), 1 => Just(Half), 1 => Just(Escaped), 1 => Just(Open)]
}

/// A word in quotes, as they are drawn.
pub(crate) fn quote(text: &str, quoting: Quoting) -> Bytes {
    let middle = text.char_indices().map(|(at, _)| at).nth(1).unwrap_or(0);
    match quoting {
        Quoting::Plain => text.to_owned(),
        Quoting::Double => format!("\"{text}\""),
        Quoting::Single => format!("'{text}'"),
        Quoting::Half => format!("{}\"{}\"", &text[..middle], &text[middle..]),
        Quoting::Escaped => format!("\\{text}"),
        Quoting::Open => format!("\"{text}"),
    }
    .into_bytes()
}

/// One of the first words of a table, and now and then one of the others, which are stranger.
pub(crate) fn mostly(words: &'static [&'static str]) -> BoxedStrategy<&'static str> {
    let plain = &words[..words.len().min(2).max(words.len() / 3)];
    prop_oneof![5 => select(plain), 1 => select(words)].boxed()
}

/// A word in quotes or without.
pub(crate) fn quoted(words: impl Strategy<Value = &'static str> + 'static) -> BoxedStrategy<Bytes> {
    (words, quoting()).prop_map(|(text, quoting)| quote(text, quoting)).boxed()
}

/// One after the other.
pub(crate) fn joined(parts: &[&[u8]]) -> Bytes {
    parts.concat()
}

/// Lines, with how the file ends them.
pub(crate) fn file(line: BoxedStrategy<Bytes>, count: impl Into<SizeRange>) -> BoxedStrategy<Bytes> {
    let ends = prop_oneof![16 => Just("\n"), 2 => Just("\r\n"), 1 => select(vec!["\n\n", "\r", "\n\r", "\r\r\n"])];
    let lasts = prop_oneof![12 => Just(true), 2 => Just(false)];
    (vec(line, count), ends, lasts)
        .prop_map(|(lines, end, last)| {
            let mut file = lines.join(end.as_bytes());
            if last && !file.is_empty() {
                file.extend_from_slice(end.as_bytes());
            }
            file
        })
        .boxed()
}
