//! Regular expressions that PCRE refuses: what is open, unmatched or has nothing to repeat.
//!
//! Only what is certainly wrong is told of; verbs, back references and recursion are left to PCRE.

use super::super::regex;
use super::Fault;

/// Whether PCRE would take an expression, as far as that can be told.
pub(super) fn check(index: usize, text: &str) -> Result<(), Fault> {
    match fault(text) {
        Some(message) => Fault::new(index, format!("this expression {message}: nginx refuses it")),
        None => Ok(()),
    }
}

/// What is wrong with an expression.
pub(in super::super) fn fault(text: &str) -> Option<&'static str> {
    // What can be compiled is right, and most expressions can.
    if regex::Regex::new(text, false).is_some() && !text.contains("(?") && !text.contains(['+', '*', '{']) {
        return None;
    }
    Reader::new(text).read()
}

/// How many groups of an expression capture what they match; nothing where that is left to PCRE.
pub(super) fn captures(text: &str) -> Option<usize> {
    let mut reader = Reader::new(text);
    (reader.read().is_none() && reader.whole).then_some(reader.captures)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    captures: usize,
    /// Whether all of it was read, and nothing left to PCRE.
    whole: bool,
}

/// What stands before a quantifier.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Nothing that could be repeated.
    Nothing,
    /// Something that can.
    Item,
    /// A quantifier, behind which `?` and `+` say how it counts.
    Quantifier,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, captures: 0, whole: false }
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn read(&mut self) -> Option<&'static str> {
        let (mut depth, mut before) = (0_usize, Before::Nothing);
        let mut names: Vec<&[u8]> = Vec::new();
        let bytes = self.bytes;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'\\' => before = self.escape()?,
                b'[' => {
                    if let Some(fault) = self.class() {
                        return Some(fault);
                    }
                    before = Before::Item;
                }
                b'(' => {
                    depth += 1;
                    before = Before::Nothing;
                    let start = self.at;
                    match self.group()? {
                        Group::Wrong => return Some("has an unknown kind of group"),
                        Group::Comment => depth -= 1,
                        Group::Flags => {
                            depth -= 1;
                        }
                        Group::Named => {
                            let name = bytes.get(start..self.at).unwrap_or_default();
                            let name = name.get(name.iter().position(|byte| matches!(byte, b'<' | b'\''))?..)?;
                            if names.contains(&name) {
                                return Some("gives two groups one name");
                            }
                            names.push(name);
                            self.captures += 1;
                        }
                        Group::Plain => self.captures += usize::from(self.at == start),
                    }
                }
                b')' => {
                    depth = match depth.checked_sub(1) {
                        Some(depth) => depth,
                        None => return Some("closes a group that is not open"),
                    };
                    before = Before::Item;
                }
                b'|' | b'^' | b'$' => before = Before::Nothing,
                b'*' | b'+' | b'?' => {
                    before = match (before, byte) {
                        (Before::Item, _) => Before::Quantifier,
                        (Before::Quantifier, b'?' | b'+') => Before::Nothing,
                        _ => return Some("repeats what is nothing"),
                    };
                }
                b'{' => match (self.count(), before) {
                    (None, _) => before = Before::Item,
                    (Some(false), _) => return Some("counts down"),
                    (Some(true), Before::Item) => before = Before::Quantifier,
                    (Some(true), _) => return Some("repeats what is nothing"),
                },
                _ => before = Before::Item,
            }
        }
        self.whole = true;
        (depth > 0).then_some("does not close a group")
    }

    /// Behind a backslash; nothing where the rest is left to PCRE.
    fn escape(&mut self) -> Option<Before> {
        let byte = self.byte();
        self.at += 1;
        match byte {
            // References, quotes, code points and what depends on them; a backslash at the end.
            None | Some(b'0'..=b'9' | b'g' | b'k' | b'Q' | b'E' | b'x' | b'o' | b'p' | b'P' | b'N' | b'c' | b'u') => {
                None
            }
            Some(b'b' | b'B' | b'A' | b'z' | b'Z' | b'G' | b'K') => Some(Before::Nothing),
            Some(_) => Some(Before::Item),
        }
    }

    fn class(&mut self) -> Option<&'static str> {
        const OPEN: Option<&str> = Some("does not close a class");
        if self.byte() == Some(b'^') {
            self.at += 1;
        }
        let first = self.at;
        let mut last: Option<u8> = None;
        loop {
            let Some(byte) = self.byte() else { return OPEN };
            self.at += 1;
            match byte {
                b']' if self.at - 1 > first => return None,
                b'\\' => {
                    self.at += 1;
                    last = None;
                }
                b'[' if matches!(self.byte(), Some(b':' | b'.' | b'=')) => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    if let Some(end) = memchr::memmem::find(rest, b":]") {
                        self.at += end + 2;
                    }
                    last = None;
                }
                b'-' => {
                    let next = self.byte();
                    if let (Some(from), Some(to)) = (last, next)
                        && !matches!(to, b']' | b'\\' | b'[')
                    {
                        if from > to {
                            return Some("has a range that counts down");
                        }
                        self.at += 1;
                        last = None;
                    } else {
                        last = Some(byte);
                    }
                }
                byte => last = Some(byte),
            }
        }
    }

    /// What follows an opening parenthesis; nothing where the rest is left to PCRE.
    fn group(&mut self) -> Option<Group> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let skip = |reader: &mut Self, count: usize, group: Group| {
            reader.at += count;
            Some(group)
        };
        match rest {
            [b'*', ..] => None,
            [b'?', b':' | b'=' | b'!' | b'>' | b'|', ..] => skip(self, 2, Group::Plain),
            [b'?', b'<', b'=' | b'!', ..] => skip(self, 3, Group::Plain),
            [b'?', b'#', ..] => {
                let end = memchr::memchr(b')', rest)?;
                skip(self, end + 1, Group::Comment)
            }
            [b'?', b'<' | b'\'', ..] | [b'?', b'P', b'<', ..] => {
                let start = if rest.get(1) == Some(&b'P') { 3 } else { 2 };
                let name = rest.get(start..)?;
                let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                let closed = matches!(name.get(length), Some(b'>' | b'\''));
                let begins = name.first().is_some_and(|first| !first.is_ascii_digit());
                if length == 0 || !closed || !begins {
                    return Some(Group::Wrong);
                }
                skip(self, start + length + 1, Group::Named)
            }
            [b'?', ..] => {
                let flags = rest.get(1..)?;
                let length = flags.iter().take_while(|byte| b"imsxnJU-^".contains(byte)).count();
                match flags.get(length) {
                    Some(b')') => skip(self, length + 2, Group::Flags),
                    Some(b':') => skip(self, length + 2, Group::Plain),
                    // Recursion, conditions and calls.
                    None | Some(b'(' | b'0'..=b'9' | b'R' | b'&' | b'P' | b'C' | b'+') => None,
                    Some(_) => Some(Group::Wrong),
                }
            }
            _ => Some(Group::Plain),
        }
    }

    /// `{2}`, `{2,}`, `{2,3}`: whether it does not count down; nothing where the brace is a brace.
    fn count(&mut self) -> Option<bool> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = memchr::memchr(b'}', rest.get(..12).unwrap_or(rest))?;
        let text = std::str::from_utf8(rest.get(..end)?).ok()?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (first, last) = text.split_once(',').unwrap_or((text, text));
        if !digits(first) || !(last.is_empty() || digits(last)) {
            return None;
        }
        self.at += end + 1;
        Some(last.is_empty() || first.parse::<u64>().ok()? <= last.parse::<u64>().ok()?)
    }
}

enum Group {
    Plain,
    Named,
    Flags,
    Comment,
    Wrong,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `nginx -t` of 1.22.1 with PCRE2.
    #[test]
    fn what_pcre_refuses_is_told() {
        for text in [
            "^/(a$",
            "*.php$",
            "[a-z",
            "^*a",
            "a$*",
            "\\b*a",
            "a**",
            "a{2}{3}",
            "a)b",
            "[z-a]",
            "a|*b",
            "(?<a>x)(?<a>y)",
            "x{3,1}",
            "{1}",
            "(?z)a",
            "[]",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
        for text in [
            "",
            "()",
            "a{2}?",
            "a+?",
            "a++",
            "(?i)a",
            "[[:alpha:]]",
            "[]a]",
            "[^]]",
            "\\.(?!well-known)",
            "a{,2}",
            "{a}",
            "^/a/(?<rest>.*)$",
            "\\[",
            "a\\",
            "(a|b)+",
            "[a\\]b]",
            "[-a]",
            "[a-]",
            "(?:a)*",
            "[\\w-.]",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn groups_that_capture_are_counted() {
        for (text, count) in [
            ("", Some(0)),
            ("^(.+\\.php)(/.+)$", Some(2)),
            ("(?:a)(?<b>c)(?i)[(](d)\\(", Some(2)),
            ("((a)b)", Some(2)),
            ("(a)\\1", None),
            ("(a", None),
        ] {
            assert_eq!(captures(text), count, "{text}");
        }
    }
}
