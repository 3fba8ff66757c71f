//! Questions to text that is known only in part: answered where the known pieces decide, whatever stands in the holes.

use hardlint_config::model::Piece;

fn known(piece: Option<&Piece>) -> &str {
    match piece {
        Some(Piece::Known(text)) => text,
        _ => "",
    }
}

/// Whether the text is exactly `other`: no if it cannot be, and never surely yes.
pub(super) fn equals(pieces: &[Piece], other: &str) -> Option<bool> {
    let (first, last) = (known(pieces.first()), known(pieces.last()));
    let Some(rest) = other.strip_prefix(first) else { return Some(false) };
    let Some(mut rest) = rest.strip_suffix(last) else { return Some(false) };
    let inner = pieces.get(1..pieces.len().saturating_sub(1)).unwrap_or_default();
    // The leftmost place of each piece leaves the most room to those that follow.
    for piece in inner {
        let Piece::Known(text) = piece else { continue };
        match rest.find(&**text) {
            Some(at) => rest = rest.get(at + text.len()..).unwrap_or_default(),
            None => return Some(false),
        }
    }
    None
}

/// Whether two texts with holes can be equal.
pub(super) fn may_equal(a: &[Piece], b: &[Piece]) -> bool {
    let (start_a, start_b) = (known(a.first()), known(b.first()));
    let (end_a, end_b) = (known(a.last()), known(b.last()));
    (start_a.starts_with(start_b) || start_b.starts_with(start_a)) && (end_a.ends_with(end_b) || end_b.ends_with(end_a))
}

/// Whether the text starts with `prefix`.
pub(super) fn starts_with(pieces: &[Piece], prefix: &str) -> Option<bool> {
    let first = known(pieces.first());
    if first.starts_with(prefix) {
        return Some(true);
    }
    (!prefix.starts_with(first)).then_some(false)
}

/// Whether the text ends with `suffix`.
pub(super) fn ends_with(pieces: &[Piece], suffix: &str) -> Option<bool> {
    let last = known(pieces.last());
    if last.ends_with(suffix) {
        return Some(true);
    }
    (!suffix.ends_with(last)).then_some(false)
}

/// Whether `part` stands in the text: yes, or not to be told.
pub(super) fn contains(pieces: &[Piece], part: &str) -> Option<bool> {
    let found = part.is_empty() || pieces.iter().any(|piece| known(Some(piece)).contains(part));
    found.then_some(true)
}

/// How many characters are known.
pub(super) fn known_size(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| known(Some(piece)).chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardlint_config::model::Why;

    fn pieces(text: &str) -> Vec<Piece> {
        let hole = || Piece::Hole(Why::Variable("X".into()));
        let mut all = Vec::new();
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                all.push(hole());
            }
            if !part.is_empty() {
                all.push(Piece::Known(part.into()));
            }
        }
        all
    }

    #[test]
    fn equality_is_denied_where_no_filling_fits() {
        for (text, other, expected) in [
            ("a*c", "abc", None),
            ("a*c", "ac", None),
            ("a*c", "ab", Some(false)),
            ("ab*bc", "abc", Some(false)),
            ("*b*", "ac", Some(false)),
            ("*b*", "abc", None),
            ("*", "", None),
        ] {
            assert_eq!(equals(&pieces(text), other), expected, "{text} == {other}");
        }
        assert!(!may_equal(&pieces("a*"), &pieces("b*")));
        assert!(may_equal(&pieces("a*"), &pieces("*b")));
    }

    #[test]
    fn ends_and_parts_decide_alone() {
        let url = pieces("http://*/x");
        assert_eq!(starts_with(&url, "http:"), Some(true));
        assert_eq!(starts_with(&url, "ftp:"), Some(false));
        assert_eq!(starts_with(&url, "http://a"), None);
        assert_eq!(ends_with(&url, "x"), Some(true));
        assert_eq!(ends_with(&url, "y"), Some(false));
        assert_eq!(ends_with(&url, "a/x"), None);
        assert_eq!(contains(&url, "//"), Some(true));
        assert_eq!(contains(&url, "@"), None);
        assert_eq!(known_size(&url), 9);
    }
}
