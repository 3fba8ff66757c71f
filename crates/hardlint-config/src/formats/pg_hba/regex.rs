//! Regular expressions in `pg_hba.conf`, as far as they can be told without PostgreSQL's own engine: whether one is
//! plainly broken, and whether one that is a text with anchors matches a name.

/// What is plainly wrong with a pattern, in PostgreSQL's words.
pub(super) fn fault(pattern: &str) -> Option<&'static str> {
    // Directors choose another syntax.
    if pattern.starts_with("***") {
        return None;
    }
    let bytes = pattern.as_bytes();
    let mut open = 0_usize;
    let mut at = 0;
    let mut atom = false;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                if at >= bytes.len() {
                    return Some("invalid escape \\ sequence");
                }
                at += 1;
                atom = true;
            }
            b'[' => match bracket(bytes.get(at..).unwrap_or_default()) {
                Some(length) => {
                    at += length;
                    atom = true;
                }
                None => return Some("brackets [] not balanced"),
            },
            b'(' => {
                open += 1;
                atom = false;
                if bytes.get(at) == Some(&b'?') {
                    at += 1;
                }
            }
            b')' if open == 0 => return Some("parentheses () not balanced"),
            b')' => {
                open -= 1;
                atom = true;
            }
            b'*' | b'+' | b'?' if !atom => return Some("quantifier operand invalid"),
            b'*' | b'+' | b'?' => {
                // One that takes little.
                at += usize::from(bytes.get(at) == Some(&b'?'));
                atom = false;
            }
            b'|' | b'^' | b'$' => atom = false,
            _ => atom = true,
        }
    }
    (open > 0).then_some("parentheses () not balanced")
}

/// Whether a pattern without a plain fault is surely one: of letters, digits, anchors, groups and the plain quantifiers.
pub(super) fn is_plain(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '[' => {
                let Some((set, after)) = after.split_once(']') else { return false };
                let set = set.strip_prefix('^').unwrap_or(set);
                let ranges = ["a-z", "A-Z", "0-9"].iter().fold(set.to_owned(), |set, range| set.replace(range, "x"));
                if ranges.is_empty() || !ranges.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    return false;
                }
                after
            }
            '\\' => match after.strip_prefix(['.', '-', 'd', 'w', 's', '$']) {
                Some(after) => after,
                None => return false,
            },
            '(' if after.starts_with('?') => return false,
            '*' | '+' | '?' if after.starts_with(['*', '+', '?']) => return false,
            c if c.is_alphanumeric() || "_-.^$|()*+? @".contains(c) => after,
            _ => return false,
        };
    }
    !pattern.contains("***")
}

/// The length of a bracket expression behind its opening, if it ends.
fn bracket(rest: &[u8]) -> Option<usize> {
    let mut at = usize::from(rest.first() == Some(&b'^'));
    if rest.get(at) == Some(&b']') {
        at += 1;
    }
    loop {
        match rest.get(at)? {
            b']' => return Some(at + 1),
            b'[' => match rest.get(at + 1) {
                Some(&mark @ (b':' | b'.' | b'=')) => {
                    let inside = rest.get(at + 2..)?;
                    let end = inside.windows(2).position(|pair| pair == [mark, b']'])?;
                    at += 2 + end + 2;
                }
                _ => at += 1,
            },
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Whether a pattern matches a name, where it is no more than a text that may be anchored.
pub(super) fn matches(pattern: &str, name: &str) -> Option<bool> {
    let (rest, start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
    let (text, end) = rest.strip_suffix('$').map_or((rest, false), |text| (text, true));
    let (text, end) =
        text.strip_suffix(".*").filter(|_| !text.ends_with("\\.*")).map_or((text, end), |text| (text, false));
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    plain.then(|| match (start, end) {
        (true, true) => name == text,
        (true, false) => name.starts_with(text),
        (false, true) => name.ends_with(text),
        (false, false) => name.contains(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_patterns_are_told_as_postgresql_tells_them() {
        for (pattern, expected) in [
            ("^db", None),
            ("[", Some("brackets [] not balanced")),
            ("[]a]", None),
            ("[[:alpha:]]+", None),
            ("(a", Some("parentheses () not balanced")),
            ("a)", Some("parentheses () not balanced")),
            ("(?:a)", None),
            ("*a", Some("quantifier operand invalid")),
            ("a**", Some("quantifier operand invalid")),
            ("a*?b+", None),
            ("a||b", None),
            ("a|*", Some("quantifier operand invalid")),
            ("a\\", Some("invalid escape \\ sequence")),
        ] {
            assert_eq!(fault(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn plain_patterns_match_and_others_are_left_open() {
        for (pattern, name, expected) in [
            ("^db$", "db", Some(true)),
            ("^db", "db2", Some(true)),
            ("db", "adb2", Some(true)),
            ("^adm.*$", "admin", Some(true)),
            ("^adm.*$", "user", Some(false)),
            ("^a|b$", "b", None),
            ("a.c", "abc", None),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
