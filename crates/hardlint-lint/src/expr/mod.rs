//! The language of rules: a subset of CEL, checked against a format's table when a rule is loaded, and evaluated over
//! models with three truth values and evidence.
//!
//! `lexer` and `parse` read the text, `check` gives it types and turns it into the form of `ir`, and `eval` runs that.
//! Nothing here runs without a bound: the text nests to a limit, lists are walked on a budget, patterns match in linear
//! time. What the language is, `docs/writing-rules.md` tells its users.

pub(crate) mod check;
#[cfg(test)]
mod conformance;
pub(crate) mod eval;
pub(crate) mod functions;
pub(crate) mod index;
pub(crate) mod ir;
mod lexer;
pub(crate) mod parse;
pub(crate) mod pattern;
#[cfg(test)]
pub(crate) mod sample;
mod text;
#[cfg(test)]
mod truth_table;
pub(crate) mod value;

use std::ops::Range;

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The bytes of the expression that it is about.
    pub at: Range<usize>,
    /// What is wrong, and, where it can be told, what was meant.
    pub message: String,
}

impl Error {
    pub(crate) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// The known name that is closest to `name`, if one is close enough to have been meant.
pub(crate) fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Nothing that is known has a name as long.
    const LONGEST: usize = 200;
    let length = name.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        return None;
    }
    let most = (length / 3).max(1);
    // As many as one is longer have to be put in.
    let near = known.into_iter().filter(|known| known.chars().count().abs_diff(length) <= most);
    let near = near.map(|known| (distance(name, known), known));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// How many characters have to be put in, left out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, x) in a.chars().enumerate() {
        let mut next = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (at(&last, column) + usize::from(x != *y)).min(at(&last, column + 1) + 1);
            cost = cost.min(at(&next, column) + 1);
            let swapped = column.checked_sub(1).filter(|&left| previous == Some(*y) && b.get(left) == Some(&x));
            if let Some(left) = swapped {
                cost = cost.min(at(&before, left) + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut last, next);
        previous = Some(x);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_close() {
        assert_eq!(closest("privilegd", ["privileged", "ports"]), Some("privileged"));
        assert_eq!(closest("prots", ["privileged", "ports"]), Some("ports"));
        assert_eq!(closest("xyz", ["privileged", "ports"]), None);
        assert_eq!(closest("port", ["privileged", "ports"]), Some("ports"));
        let long = "a".repeat(201);
        assert_eq!((closest(&long, [&*long]), closest(&long[1..], [&long[1..]])), (None, Some(&long[1..])));
    }
}
