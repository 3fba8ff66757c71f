//! Patterns of `matches`, and what they say of a text that is known only in part.

use hardlint_config::model::Piece;
use regex_lite::{Regex, RegexBuilder};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, Look, LookSet};

/// A pattern. `\d`, `\w` and `\b` know ASCII alone, as in RE2, whose patterns CEL's are.
#[derive(Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        parse(text)?;
        RegexBuilder::new(text).size_limit(1 << 20).build().map(Self).map_err(|error| error.to_string())
    }

    /// Whether any part of `text` matches.
    pub(crate) fn known(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where it matches: the part that its last group took, or the whole match if none took part.
    pub(crate) fn places(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let group = |found: regex_lite::Captures<'_>| {
            let groups = found.iter().flatten();
            groups.last().map(|part| part.range())
        };
        self.0.captures_iter(text).filter_map(group).collect()
    }

    /// Whether any part of a text with holes matches, whatever stands in the holes; nothing if that depends on them.
    pub(crate) fn pieces(&self, pieces: &[Piece]) -> Option<bool> {
        let hir = parse(self.0.as_str()).ok()?;
        let looks = hir.properties().look_set();
        let only = |look: Look| looks == LookSet::singleton(look);
        let known = |piece: Option<&Piece>| match piece {
            Some(Piece::Known(text)) => self.known(text),
            _ => false,
        };
        // What matches inside a piece matches in the whole, unless the pattern looks at what stands around it.
        let found = if looks.is_empty() {
            pieces.iter().any(|piece| known(Some(piece)))
        } else if only(Look::Start) {
            known(pieces.first())
        } else if only(Look::End) {
            known(pieces.last())
        } else {
            false
        };
        if found {
            return Some(true);
        }
        let Some(Piece::Known(first)) = pieces.first() else { return None };
        begins_otherwise(&hir, first).then_some(false)
    }
}

/// Whether all that an anchored pattern can begin with differs from `text`.
fn begins_otherwise(hir: &Hir, text: &str) -> bool {
    if !hir.properties().look_set_prefix().contains(Look::Start) {
        return false;
    }
    let prefixes = Extractor::new().extract(hir);
    prefixes.literals().is_some_and(|literals| {
        literals.iter().all(|literal| literal.as_bytes().iter().zip(text.as_bytes()).any(|(a, b)| a != b))
    })
}

fn parse(text: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(50).build().parse(text).map_err(|error| {
        match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => "this is no regular expression".to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardlint_config::model::Why;

    #[test]
    fn known_pieces_decide_where_they_can() {
        let hole = || Piece::Hole(Why::Variable("X".into()));
        let known = |text: &str| Piece::Known(text.into());
        let host = [known("http://"), hole(), known(".example.org")];
        for (pattern, pieces, expected) in [
            ("example", &host, Some(true)),
            ("^http://", &host, Some(true)),
            ("^https://", &host, Some(false)),
            ("^ftp://", &host, Some(false)),
            ("^(ftp|ssh)://", &host, Some(false)),
            ("org$", &host, Some(true)),
            ("com$", &host, None),
            ("ftp", &host, None),
            (r"\bexample\b", &host, None),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().pieces(pieces), expected, "{pattern}");
        }
        assert_eq!(Pattern::new("^https").unwrap().pieces(&[known("http"), hole()]), None);
        assert_eq!(Pattern::new("^a").unwrap().pieces(&[hole(), known("a")]), None);
    }

    #[test]
    fn a_wrong_pattern_says_what_is_wrong() {
        assert_eq!(Pattern::new("(a").unwrap_err(), "unclosed group");
    }
}
