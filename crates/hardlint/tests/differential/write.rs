//! Pieces of files that the generators of several formats are made of. What stands first is what a case is shrunk to.

use crate::case::Case;
use proptest::collection::{SizeRange, vec};
use proptest::option;
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
pub(crate) fn quoting(mood: Mood) -> impl Strategy<Value = Quoting> {
    use Quoting::{Double, Escaped, Half, Open, Plain, Single};
    let plain = if mood == Mood::Mild { 200 } else { 40 };
    prop_oneof![plain => Just(Plain), 4 => Just(Double), 2 => Just(Single), 1 => Just(Half), 1 => Just(Escaped), 1 => Just(Open)]
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

/// How strange a file is: one strange word makes a program refuse all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Mild,
    Wild,
}

impl Mood {
    /// How often something strange is drawn, for each time that it would be in a wild file.
    pub(crate) fn strange(self, weight: u32) -> u32 {
        if self == Self::Mild { weight.div_ceil(8) } else { weight }
    }
}

/// One of the first words of a table, and now and then one of the others, which are stranger.
pub(crate) fn mostly(words: &'static [&'static str], mood: Mood) -> BoxedStrategy<&'static str> {
    let plain = &words[..words.len().min(2).max(words.len() / 3)];
    let weight = if mood == Mood::Mild { 40 } else { 5 };
    prop_oneof![weight => select(plain), 1 => select(words)].boxed()
}

/// A word in quotes or without.
pub(crate) fn quoted(words: impl Strategy<Value = &'static str> + 'static, mood: Mood) -> BoxedStrategy<Bytes> {
    (words, quoting(mood)).prop_map(|(text, quoting)| quote(text, quoting)).boxed()
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

/// A line with what stands around its body.
pub(crate) fn line(body: BoxedStrategy<Bytes>, indents: &'static [&'static str], tails: Tails) -> BoxedStrategy<Bytes> {
    let indent = prop_oneof![12 => Just(""), 2 => select(indents)];
    let (common, rare, mood) = tails;
    let tail = prop_oneof![80 => Just(""), 8 => select(common), mood.strange(4) => select(rare)];
    (indent, body, tail).prop_map(|(indent, body, tail)| joined(&[indent.as_bytes(), &body, tail.as_bytes()])).boxed()
}

/// What may stand behind a line: what most programs pass over, and what they may not.
pub(crate) type Tails = (&'static [&'static str], &'static [&'static str], Mood);

/// A file, and now and then the first of those that it may include, with some of the others.
pub(crate) fn with_parts(
    root: &'static str,
    bytes: BoxedStrategy<Bytes>,
    share: f64,
    part: &BoxedStrategy<Bytes>,
    names: [&'static str; 4],
) -> BoxedStrategy<Case> {
    let more = || option::of(part.clone());
    let parts = option::weighted(share, (part.clone(), more(), more(), more()));
    (bytes, parts)
        .prop_map(move |(bytes, parts)| {
            let mut files = vec![(root.to_owned(), bytes)];
            if let Some((first, second, third, fourth)) = parts {
                let found = [Some(first), second, third, fourth].into_iter().zip(names);
                files.extend(found.filter_map(|(bytes, name)| Some((name.to_owned(), bytes?))));
            }
            Case { files, ..Case::default() }
        })
        .boxed()
}

/// Two cases in three are mild.
pub(crate) fn moods(cases: impl Fn(Mood) -> BoxedStrategy<Case>) -> BoxedStrategy<Case> {
    prop_oneof![2 => cases(Mood::Mild), 1 => cases(Mood::Wild)].boxed()
}
