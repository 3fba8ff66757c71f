//! What `--diff` prints: the lines that fixes change, in the unified format, with every secret masked.

use crate::report::frame::Frames;
use hardlint_config::loader::MAX_FILE;
use hardlint_config::text::{Source, Span};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

/// Lines shown around each change.
const CONTEXT: usize = 3;
/// How far apart two texts may be after a change until they are the same again; what is further apart is one change.
const FAR: usize = 400;

/// One side of a diff.
pub struct Side<'s> {
    /// The text.
    pub source: &'s Arc<Source>,
    /// Where secrets stand in it.
    pub masks: &'s BTreeMap<Arc<str>, Vec<Span>>,
}

/// The difference between two texts of the file `name`; nothing if there is none.
pub fn unified(name: &str, old: &Side<'_>, new: &Side<'_>) -> String {
    let (before, after) = (lines(&old.source.text), lines(&new.source.text));
    let changes = changes(&before, &after);
    let mut out = String::new();
    if changes.is_empty() {
        return out;
    }
    let _ = write!(out, "--- {name}\n+++ {name}\n");
    let mut shown = (Lines::new(old, &before), Lines::new(new, &after));
    let mut rest = changes.as_slice();
    while let Some((first, more)) = rest.split_first() {
        let mut hunk = vec![first.clone()];
        rest = more;
        while let (Some(last), Some((next, more))) = (hunk.last(), rest.split_first())
            && next.0.start <= last.0.end + 2 * CONTEXT
        {
            hunk.push(next.clone());
            rest = more;
        }
        write_hunk(&hunk, before.len(), &mut shown, &mut out);
    }
    out
}

/// Lines of the old text, and what stands in their place in the new one.
type Change = (Range<usize>, Range<usize>);

fn write_hunk(hunk: &[Change], all: usize, (old, new): &mut (Lines<'_>, Lines<'_>), out: &mut String) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let lead = first.0.start.min(CONTEXT);
    let tail = (all - last.0.end).min(CONTEXT);
    let header = |range: Range<usize>| {
        let start = if range.is_empty() { range.start } else { range.start + 1 };
        if range.len() == 1 { start.to_string() } else { format!("{start},{}", range.len()) }
    };
    let (from, to) = (first.0.start - lead..last.0.end + tail, first.1.start - lead..last.1.end + tail);
    let _ = writeln!(out, "@@ -{} +{} @@", header(from.clone()), header(to));
    let mut at = from.start;
    for (removed, added) in hunk {
        (at..removed.start).for_each(|line| old.write(' ', line, out));
        removed.clone().for_each(|line| old.write('-', line, out));
        added.clone().for_each(|line| new.write('+', line, out));
        at = removed.end;
    }
    (at..from.end).for_each(|line| old.write(' ', line, out));
}

/// The lines of one side, fit to be seen.
struct Lines<'s> {
    frames: Frames<'s>,
    source: &'s Arc<Source>,
    written: &'s [&'s str],
}

impl<'s> Lines<'s> {
    fn new(side: &Side<'s>, written: &'s [&'s str]) -> Self {
        let width = usize::try_from(MAX_FILE).unwrap_or(usize::MAX / 8);
        Self { frames: Frames::new(side.masks, width), source: side.source, written }
    }

    fn write(&mut self, sign: char, line: usize, out: &mut String) {
        let end = self.written.get(line).map_or("", |text| &text[text.trim_end_matches(['\r', '\n']).len()..]);
        out.push(sign);
        out.push_str(&self.frames.line(self.source, line));
        out.push_str(end);
        if !end.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The lines with their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut a, mut b) = (0, 0);
    loop {
        let same = old.iter().skip(a).zip(new.iter().skip(b)).take_while(|(old, new)| old == new).count();
        (a, b) = (a + same, b + same);
        if a == old.len() && b == new.len() {
            return changes;
        }
        let (skipped, put) = until_same(&old[a..], &new[b..]);
        changes.push((a..a + skipped, b..b + put));
        (a, b) = (a + skipped, b + put);
    }
}

/// How many lines of each side are passed over until both are the same.
fn until_same(old: &[&str], new: &[&str]) -> (usize, usize) {
    let same = |(a, b): &(usize, usize)| {
        let (Some([first, old @ ..]), Some([second, new @ ..])) = (old.get(*a..), new.get(*b..)) else {
            return old.len() == *a && new.len() == *b;
        };
        // A line of nothing but a brace stands everywhere.
        first == second && (first.trim().len() > 1 || old.first() == new.first())
    };
    let pairs = (1..FAR).flat_map(|far| (0..=far).map(move |a| (a, far - a)));
    pairs.into_iter().find(same).unwrap_or((old.len(), new.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        let masks = BTreeMap::new();
        let (old, new) = (Arc::new(Source::new("f", old)), Arc::new(Source::new("f", new)));
        unified("f", &Side { source: &old, masks: &masks }, &Side { source: &new, masks: &masks })
    }

    #[test]
    fn lines_are_put_in_taken_out_and_changed() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let new = "1\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\nX\n14\n15!\n16\n";
        let expected = "--- f\n+++ f\n@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -11,6 +10,7 @@\n 11\n 12\n 13\n+X\n 14\n-15\n+15!\n 16\n";
        assert_eq!(diff(old, new), expected);
        assert_eq!(diff(old, old), "");
    }

    #[test]
    fn the_ends_of_lines_are_those_of_the_file() {
        assert_eq!(
            diff("a\r\nb", "a\r\nb\r\nc"),
            "--- f\n+++ f\n@@ -1,2 +1,3 @@\n a\r\n-b\n\\ No newline at end of file\n+b\r\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("", "a\n"), "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(diff("a\n", ""), "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n");
    }

    #[test]
    fn texts_that_have_little_in_common_are_told_apart_quickly() {
        let text = |word: &str| (0..5000).fold(String::new(), |text, n| text + word + &n.to_string() + "\n");
        let found = diff(&text("a"), &text("b"));
        assert!(found.starts_with("--- f\n+++ f\n@@ -1,5000 +1,5000 @@\n-a0\n"));
    }
}
