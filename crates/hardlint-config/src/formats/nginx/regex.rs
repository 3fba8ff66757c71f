//! Regular expressions as far as they choose locations: whether a path matches, and what a group can hold.
//!
//! nginx uses PCRE, whose look-aheads (`/\.(?!well-known)`) decide what is served and which the linear engines do not
//! know. This one has them, keeps nothing but a yes or no, and remembers every state that it tried, so that its time is
//! at most the product of the lengths of expression and text. What it does not know (back references, look-behinds,
//! possessive quantifiers) makes an expression unknown, never wrong.

mod parse;
mod sample;

use crate::model::Str;
use parse::Parser;
pub(super) use sample::Sample;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Regex {
    code: Vec<Step>,
    groups: Vec<Group>,
}

/// A group that captures.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its name, if it has one.
    pub(super) name: Option<Str>,
    /// The bytes that can stand in it.
    pub(super) bytes: Set,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set([u64; 4]);

/// One step of the program; jumps are relative to their own place, so that code can be copied.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    One(Set),
    Start,
    End,
    /// Where words begin or end; or where they do not.
    Boundary(bool),
    Split(isize, isize),
    Jump(isize),
    /// Whether the code that follows, of this length, matches here; or does not.
    Look(bool, usize),
    Match,
}

/// The longest program.
const MOST_STEPS: usize = 4000;
/// Groups inside each other.
const DEEPEST: usize = 40;

impl Set {
    const EMPTY: Self = Self([0; 4]);

    fn insert(&mut self, byte: u8) {
        if let Some(part) = self.0.get_mut(usize::from(byte >> 6)) {
            *part |= 1 << (byte & 63);
        }
    }

    fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::EMPTY;
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }

    /// Whether the byte is in it.
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|part| part & (1 << (byte & 63)) != 0)
    }

    fn not(self) -> Self {
        Self(self.0.map(|part| !part))
    }

    fn or(self, other: Self) -> Self {
        let mut parts = self.0;
        parts.iter_mut().zip(other.0).for_each(|(part, more)| *part |= more);
        Self(parts)
    }

    fn any_case(self) -> Self {
        let letters = (0..=255).filter(|&byte: &u8| self.has(byte));
        Self::of(letters.flat_map(|byte| [byte, byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]))
    }

    fn class(letter: u8) -> Option<Self> {
        let set = match letter.to_ascii_lowercase() {
            b'd' => Self::of(b'0'..=b'9'),
            b'w' => Self::of((0..=255).filter(|byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_')),
            b's' => Self::of([b' ', b'\t', b'\n', b'\r', 0x0b, 0x0c]),
            b'h' => Self::of([b' ', b'\t']),
            _ => return None,
        };
        Some(if letter.is_ascii_uppercase() { set.not() } else { set })
    }
}

impl Regex {
    /// Reads an expression; nothing if it has something unknown.
    pub(super) fn new(text: &str, any_case: bool) -> Option<Self> {
        let mut parser = Parser { bytes: text.as_bytes(), at: 0, any_case, groups: Vec::new(), depth: 0 };
        let mut code = parser.alternatives()?;
        if parser.at < parser.bytes.len() {
            return None;
        }
        code.push(Step::Match);
        Some(Self { code, groups: parser.groups })
    }

    /// The groups that capture, the first one first.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group with a number or a name.
    pub(super) fn group(&self, name: &str) -> Option<&Group> {
        match name.parse::<usize>() {
            Ok(number) => self.groups.get(number.checked_sub(1)?),
            Err(_) => self.groups.iter().find(|group| group.name.as_deref() == Some(name)),
        }
    }

    /// Whether no text with a line break inside matches.
    pub(super) fn keeps_to_one_line(&self) -> bool {
        let Some((Step::Match, code)) = self.code.split_last() else { return false };
        let bound = matches!(code, [Step::Start, .., Step::End]);
        bound && !code.iter().any(|step| matches!(step, Step::One(set) if set.has(b'\n')))
    }

    /// The length of its program: what a match costs, times the length of the text.
    pub(super) fn length(&self) -> usize {
        self.code.len()
    }

    /// Whether what it matches is told by its characters alone, without looking at what is around them.
    pub(super) fn looks_nowhere(&self) -> bool {
        !self.code.iter().any(|step| matches!(step, Step::Look(..) | Step::Boundary(_)))
    }

    /// Whether only what begins as it says matches.
    pub(super) fn begins_at_start(&self) -> bool {
        matches!(self.code.first(), Some(Step::Start))
    }

    /// Whether it matches anywhere in `text`.
    pub(super) fn matches(&self, text: &str) -> bool {
        run(&self.code, text.as_bytes(), None, 0)
    }

    /// Whether it matches every path.
    pub(super) fn matches_all(text: &str) -> bool {
        let bare = text.trim_start_matches('^').trim_end_matches('$');
        matches!(bare, "" | "/" | ".*" | "(.*)" | "/.*" | "/(.*)" | "/?(.*)" | "(/.*)" | ".+" | "(.+)" | ".")
            && (text.starts_with('^') || !text.ends_with('$') || bare != "/")
            && !(text == "^/$" || text == "^$" || text == "/$")
    }
}

fn run(code: &[Step], text: &[u8], from: Option<usize>, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let width = text.len() + 1;
    let mut seen = vec![false; code.len() * width];
    let (first, last) = from.map_or((0, text.len()), |at| (at, at));
    let mut stack = Vec::new();
    for start in first..=last {
        stack.push((0_usize, start));
        while let Some((pc, at)) = stack.pop() {
            match seen.get_mut(pc * width + at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let word = |at: Option<usize>| {
                at.and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            };
            let follows = match code.get(pc) {
                Some(Step::Match) => return true,
                Some(Step::One(set)) => {
                    if text.get(at).is_some_and(|&byte| set.has(byte)) {
                        stack.push((pc + 1, at + 1));
                    }
                    false
                }
                Some(Step::Start) => at == 0,
                Some(Step::End) => at == text.len() || (at + 1 == text.len() && text.get(at) == Some(&b'\n')),
                Some(Step::Boundary(wanted)) => (word(at.checked_sub(1)) != word(Some(at))) == *wanted,
                Some(Step::Split(a, b)) => {
                    stack.extend([*b, *a].into_iter().filter_map(|jump| Some((pc.checked_add_signed(jump)?, at))));
                    false
                }
                Some(Step::Jump(jump)) => {
                    stack.extend(pc.checked_add_signed(*jump).map(|pc| (pc, at)));
                    false
                }
                Some(Step::Look(wanted, length)) => {
                    let inner = code.get(pc + 1..pc + 1 + length).unwrap_or_default();
                    if run(inner, text, Some(at), depth + 1) == *wanted {
                        stack.push((pc + 1 + length, at));
                    }
                    false
                }
                None => false,
            };
            if follows {
                stack.push((pc + 1, at));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, text: &str, expected: bool) {
        let compiled = Regex::new(regex, false).unwrap_or_else(|| panic!("{regex} is unknown"));
        assert_eq!(compiled.matches(text), expected, "{regex} {text}");
    }

    #[test]
    fn expressions_of_real_locations_match() {
        for (regex, text, expected) in [
            (r"/\.", "/.git/config", true),
            (r"/\.", "/a.b", false),
            (r"/\.(?!well-known)", "/.well-known/x", false),
            (r"/\.(?!well-known)", "/.env", true),
            (r"/\.(?!well-known).*", "/x/.git/HEAD", true),
            (r"^/\.ht", "/.git", false),
            (r"\.php$", "/index.php", true),
            (r"\.php$", "/index.php5", false),
            (r"\.(env|git|svn)", "/.git/config", true),
            (r"^/(api|openapi.json)(/.*)?$", "/api/v1", true),
            (r"^/(api|openapi.json)(/.*)?$", "/apix", false),
            (r"[^/]\.php(/|$)", "/a.php/x", true),
            (r"^/layer/(\d+)/(\d+)\.(jpg|png)$", "/layer/1/22.png", true),
            (r"a{2,3}b", "aab", true),
            (r"^a{2}$", "aaa", false),
            (r"^(?<name>[a-z]+)$", "abc", true),
            (r"(?i)ABC", "abc", false),
            (r"\bgit\b", "/.git/", true),
            (r"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
            (r"~$", "/x~", true),
            (r"[.]git", "/.git", true),
            (r"[a\]b]c", "]c", true),
            (r"(^|/)\.", "/.x", true),
        ] {
            if regex.starts_with("(?i)") {
                assert!(Regex::new(regex, false).is_some_and(|it| it.matches(text)));
            } else {
                check(regex, text, expected);
            }
        }
        assert!(Regex::new(r"\.GIT", true).is_some_and(|it| it.matches("/.git")));
    }

    #[test]
    fn what_is_not_known_is_unknown() {
        for regex in [r"(a)\1", "(?<=a)b", "a++", "(?>a)", "[[:alpha:]]", "(", ")", "*a", "a{1,2000}{1,2000}"] {
            assert!(Regex::new(regex, false).is_none(), "{regex}");
        }
        assert!(Regex::new(&"(".repeat(100_000), false).is_none());
    }

    #[test]
    fn groups_tell_what_they_can_hold() {
        let regex = Regex::new(r"^/(?<site>[a-z0-9-]+)/(.*)$", false).unwrap();
        let [site, rest] = regex.groups() else { panic!("two groups") };
        assert_eq!(site.name.as_deref(), Some("site"));
        assert!(site.bytes.has(b'a') && !site.bytes.has(b'/') && !site.bytes.has(b'.'));
        assert!(rest.bytes.has(b'/'));
    }

    #[test]
    fn expressions_that_match_every_path_are_known() {
        for (regex, expected) in [
            ("^", true),
            ("^(.*)$", true),
            (".*", true),
            ("^/(.*)$", true),
            ("^/$", false),
            ("^/old", false),
            ("/", true),
        ] {
            assert_eq!(Regex::matches_all(regex), expected, "{regex}");
        }
    }
}
