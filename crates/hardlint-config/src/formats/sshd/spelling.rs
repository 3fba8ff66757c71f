//! Keywords as files spell them: which row an alias shares, and what a misspelt one was probably meant to be.

use super::keywords::{self, ALIASES, Arg, Keyword};

/// As much of a text as a message has room for.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// The row of a keyword or of an alias, and whether this spelling may stand in a Match block.
pub(super) fn canonical(name: &str) -> Option<(&'static Keyword, bool)> {
    match ALIASES.iter().find(|(alias, ..)| *alias == name) {
        Some((_, name, in_match)) => keywords::keyword(name).map(|row| (row, *in_match)),
        None => keywords::keyword(name).map(|row| (row, true)),
    }
}

/// The keyword that a misspelt one was probably meant to be.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    if name.len() > 40 || !name.is_ascii() {
        return None;
    }
    let rows = keywords::KEYWORDS.iter().filter(|row| row.arg != Arg::Fact);
    let others = [("include", "Include"), ("match", "Match")];
    let candidates = rows.map(|row| (row.name, row.spelling)).chain(others);
    let (distance, spelling) =
        candidates.map(|(known, spelling)| (distance(name, known), spelling)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 4).then_some(spelling)
}

/// How many letters have to be changed, added or taken away.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, left) in a.bytes().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (slot, right) in row.iter_mut().skip(1).zip(b.bytes()) {
            let best = (diagonal + usize::from(left != right)).min(*slot + 1).min(before + 1);
            diagonal = *slot;
            *slot = best;
            before = best;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keywords_are_recognised() {
        assert_eq!(nearest("permitrootlogn"), Some("PermitRootLogin"));
        assert_eq!(nearest("passwordauthentification"), Some("PasswordAuthentication"));
        assert_eq!(nearest("prot"), Some("Port"));
        assert_eq!(nearest("server_name"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
