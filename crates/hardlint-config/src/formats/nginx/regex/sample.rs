//! Texts that an expression matches, made from the expression: what stands for a dot, and what may be put in.
//!
//! They are guesses that the caller checks against the expression: look-aheads and boundaries are not obeyed here.

use super::{Regex, Set, Step};

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Sample {
    /// The text, in which a lone "any character" stands as a dot.
    pub(in super::super) text: String,
    /// The places of such dots in it.
    pub(in super::super) loose: Vec<usize>,
}

/// Texts of one expression that are made.
const MOST: usize = 100;

/// Steps that are taken for them.
const MOST_STEPS: usize = 5000;

/// The longest text.
const LONGEST: usize = 300;

/// Sets with this many bytes or more take in whole words.
const WIDE: u32 = 10;

/// A way through the program.
#[derive(Clone)]
struct Way {
    at: usize,
    sample: Sample,
    /// Whether the filler was put in.
    filled: bool,
}

impl Regex {
    /// Texts that it matches, with `filler` in the first place where any text may stand. The second value tells whether
    /// all ways through it were gone, each repetition at most once.
    pub(in super::super) fn samples(&self, filler: &str) -> (Vec<Sample>, bool) {
        let repeated = self.repeated();
        let mut found = Vec::new();
        let mut ways = vec![Way { at: 0, sample: Sample::default(), filled: false }];
        let mut steps = 0;
        while let Some(mut way) = ways.pop() {
            steps += 1;
            if steps > MOST_STEPS || found.len() >= MOST || way.sample.text.len() > LONGEST {
                return (found, false);
            }
            let mut jump = |way: &Way, by: isize| {
                if let Some(at) = way.at.checked_add_signed(by).filter(|_| by > 0) {
                    ways.push(Way { at, ..way.clone() });
                }
            };
            match self.code.get(way.at) {
                Some(Step::Match) => found.push(way.sample),
                Some(Step::One(set)) => {
                    let repeats = repeated.get(way.at).copied().unwrap_or_default();
                    put(&mut way, *set, repeats, filler);
                    way.at += 1;
                    ways.push(way);
                }
                Some(Step::Split(one, other)) => {
                    jump(&way, *other);
                    jump(&way, *one);
                }
                // Backwards, a repetition begins again: it is gone through once.
                Some(Step::Jump(by)) if *by < 0 => {
                    way.at += 1;
                    ways.push(way);
                }
                Some(Step::Jump(by)) => jump(&way, *by),
                Some(Step::Look(_, length)) => {
                    way.at += 1 + length;
                    ways.push(way);
                }
                Some(Step::Start | Step::End | Step::Boundary(_)) => {
                    way.at += 1;
                    ways.push(way);
                }
                None => {}
            }
        }
        (found, true)
    }

    /// Which steps stand in a repetition without an end.
    fn repeated(&self) -> Vec<bool> {
        let mut repeated = vec![false; self.code.len()];
        for (at, step) in self.code.iter().enumerate() {
            let Step::Jump(by) = step else { continue };
            let Some(from) = at.checked_add_signed(*by).filter(|_| *by < 0) else { continue };
            let mut first = from;
            // What has to be there once stands before the part that may come again.
            let body = self.code.get(from + 1..at).unwrap_or_default();
            while let Some(before) = first.checked_sub(body.len()).filter(|_| !body.is_empty()) {
                if self.code.get(before..first) != Some(body) {
                    break;
                }
                first = before;
            }
            repeated.get_mut(first..at).into_iter().flatten().for_each(|it| *it = true);
        }
        repeated
    }
}

/// Puts a byte of the set into the text, or the filler.
fn put(way: &mut Way, set: Set, repeated: bool, filler: &str) {
    let count: u32 = set.0.iter().map(|part| part.count_ones()).sum();
    let any = count >= 200;
    if any && !repeated {
        way.sample.loose.push(way.sample.text.len());
        way.sample.text.push('.');
    } else if repeated && count >= WIDE {
        if !way.filled && filler.bytes().all(|byte| set.has(byte)) {
            way.sample.text.push_str(filler);
            way.filled = true;
        } else {
            way.sample.text.push(usual(set));
        }
    } else {
        way.sample.text.push(usual(set));
    }
}

/// The byte of a set that a host name would most likely have.
fn usual(set: Set) -> char {
    let letters = (b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-./:_").chain(b'A'..=b'Z');
    let found = letters.chain(b' '..=b'~').find(|byte| set.has(*byte));
    found.map_or('\u{1}', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(regex: &str, filler: &str) -> Vec<String> {
        let compiled = Regex::new(regex, false).unwrap_or_else(|| panic!("{regex} is unknown"));
        let (samples, whole) = compiled.samples(filler);
        assert!(whole, "{regex}");
        samples.into_iter().map(|sample| sample.text).collect()
    }

    #[test]
    fn texts_that_match_are_made() {
        for (regex, filler, expected) in [
            ("^https?://a\\.b$", "x", &["https://a.b", "http://a.b"][..]),
            ("a.b", "x", &["a.b"]),
            ("^([^/]+\\.)?a$", "evil", &["evila.a", "evil.a", "a"]),
            ("^(a|b)c", "x", &["ac", "bc"]),
            (".*c$", "x/", &["x/c", "c"]),
            ("[0-9]{2}", "x", &["00"]),
            ("^[^/]*b", "x", &["xb", "b"]),
        ] {
            assert_eq!(texts(regex, filler), expected, "{regex}");
        }
        let regex = Regex::new("^a.b\\.c$", false).unwrap();
        assert_eq!(regex.samples("x").0, [Sample { text: "a.b.c".into(), loose: vec![1] }]);
    }

    #[test]
    fn making_texts_comes_to_an_end() {
        let regex = Regex::new(&"(a|b)".repeat(60), false).unwrap();
        assert!(!regex.samples("x").1);
    }
}
