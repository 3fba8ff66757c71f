//! Regular expressions as far as they choose locations: whether a path matches, and what a group can hold.
//!
//! nginx uses PCRE, whose look-aheads (`/\.(?!well-known)`) decide what is served and which the linear engines do not
//! know. This one has them, keeps nothing but a yes or no, and remembers every state that it tried, so that its time is
//! at most the product of the lengths of expression and text. What it does not know (back references, look-behinds,
//! possessive quantifiers) makes an expression unknown, never wrong.

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
    pub(super) name: Option<Box<str>>,
    /// The bytes that can stand in it.
    pub(super) bytes: Set,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set([u64; 4]);

/// One step of the program; jumps are relative to their own place, so that code can be copied.
#[derive(Clone, Debug)]
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

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    any_case: bool,
    groups: Vec<Group>,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text));
        if found {
            self.at += text.len();
        }
        found
    }

    fn alternatives(&mut self) -> Option<Vec<Step>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut code = self.sequence()?;
        while self.eat(b"|") {
            let other = self.sequence()?;
            let mut both = Vec::with_capacity(code.len() + other.len() + 2);
            both.push(Step::Split(1, signed(code.len() + 2)));
            both.append(&mut code);
            both.push(Step::Jump(signed(other.len() + 1)));
            both.extend(other);
            code = both;
        }
        self.depth -= 1;
        Some(code)
    }

    fn sequence(&mut self) -> Option<Vec<Step>> {
        let mut code = Vec::new();
        while let Some(byte) = self.peek() {
            if byte == b'|' || byte == b')' {
                break;
            }
            let atom = self.atom(byte)?;
            let atom = self.quantified(atom)?;
            code.extend(atom);
            if code.len() > MOST_STEPS {
                return None;
            }
        }
        Some(code)
    }

    fn one(&self, set: Set) -> Vec<Step> {
        vec![Step::One(if self.any_case { set.any_case() } else { set })]
    }

    fn atom(&mut self, byte: u8) -> Option<Vec<Step>> {
        self.at += 1;
        match byte {
            b'^' => Some(vec![Step::Start]),
            b'$' => Some(vec![Step::End]),
            b'.' => Some(self.one(Set::of([b'\n']).not())),
            b'[' => self.brackets(),
            b'(' => self.group(),
            b'\\' => self.escape(),
            b'*' | b'+' | b'?' => None,
            byte => Some(self.one(Set::of([byte]))),
        }
    }

    fn escape(&mut self) -> Option<Vec<Step>> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'b' => Some(vec![Step::Boundary(true)]),
            b'B' => Some(vec![Step::Boundary(false)]),
            b'A' => Some(vec![Step::Start]),
            b'z' | b'Z' => Some(vec![Step::End]),
            b'n' => Some(self.one(Set::of([b'\n']))),
            b'r' => Some(self.one(Set::of([b'\r']))),
            b't' => Some(self.one(Set::of([b'\t']))),
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'h' | b'H' => Some(vec![Step::One(Set::class(byte)?)]),
            byte if byte.is_ascii_alphanumeric() => None,
            byte => Some(self.one(Set::of([byte]))),
        }
    }

    fn brackets(&mut self) -> Option<Vec<Step>> {
        let negated = self.eat(b"^");
        let mut set = Set::EMPTY;
        let mut first = true;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            if byte == b']' && !first {
                break;
            }
            first = false;
            if byte == b'[' && self.peek() == Some(b':') {
                return None;
            }
            let low = if byte == b'\\' {
                let escaped = self.peek()?;
                self.at += 1;
                if let Some(class) = Set::class(escaped) {
                    set = set.or(class);
                    continue;
                }
                match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    escaped if escaped.is_ascii_alphanumeric() => return None,
                    escaped => escaped,
                }
            } else {
                byte
            };
            let range = self.peek() == Some(b'-') && self.bytes.get(self.at + 1).is_some_and(|&byte| byte != b']');
            if range {
                self.at += 1;
                let mut high = self.peek()?;
                self.at += 1;
                if high == b'\\' {
                    high = self.peek()?;
                    self.at += 1;
                }
                if high < low {
                    return None;
                }
                set = set.or(Set::of(low..=high));
            } else {
                set.insert(low);
            }
        }
        let set = if self.any_case { set.any_case() } else { set };
        Some(vec![Step::One(if negated { set.not() } else { set })])
    }

    fn group(&mut self) -> Option<Vec<Step>> {
        let look = if self.eat(b"?=") {
            Some(true)
        } else if self.eat(b"?!") {
            Some(false)
        } else {
            None
        };
        let mut group = None;
        if look.is_none() {
            if self.eat(b"?:") {
            } else if self.eat(b"?i)") {
                self.any_case = true;
                return Some(Vec::new());
            } else if self.eat(b"?P<") || self.eat(b"?<") {
                let start = self.at;
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    self.at += 1;
                }
                let name = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
                if name.is_empty() || !self.eat(b">") {
                    return None;
                }
                group = Some(Group { name: Some(name.into()), bytes: Set::EMPTY });
            } else if self.peek() == Some(b'?') {
                return None;
            } else {
                group = Some(Group { name: None, bytes: Set::EMPTY });
            }
        }
        let place = self.groups.len();
        let captures = group.is_some();
        self.groups.extend(group);
        let mut code = self.alternatives()?;
        if !self.eat(b")") {
            return None;
        }
        if captures {
            let bytes = code.iter().fold(Set::EMPTY, |all, step| match step {
                Step::One(set) => all.or(*set),
                _ => all,
            });
            if let Some(group) = self.groups.get_mut(place) {
                group.bytes = bytes;
            }
        }
        if let Some(wanted) = look {
            code.push(Step::Match);
            code.insert(0, Step::Look(wanted, code.len()));
        }
        Some(code)
    }

    fn quantified(&mut self, atom: Vec<Step>) -> Option<Vec<Step>> {
        let length = atom.len();
        let (least, most) = match self.peek() {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            Some(b'{') => match self.counts() {
                Some(counts) => counts,
                // A brace that counts nothing stands for itself.
                None => return Some(atom),
            },
            _ => return Some(atom),
        };
        if matches!(self.peek(), Some(b'{')) {
            self.at += memchr::memchr(b'}', self.bytes.get(self.at..)?)? + 1;
        } else {
            self.at += 1;
        }
        // Lazy or greedy: the answer is the same.
        if !self.eat(b"?") && self.peek() == Some(b'+') {
            return None;
        }
        if length * (least + most.unwrap_or(least)).max(1) > MOST_STEPS {
            return None;
        }
        let mut code = Vec::new();
        for _ in 0..least {
            code.extend(atom.iter().cloned());
        }
        match most {
            None => {
                code.push(Step::Split(1, signed(length + 2)));
                code.extend(atom);
                code.push(Step::Jump(-signed(length + 1)));
            }
            Some(most) => {
                for _ in least..most {
                    code.push(Step::Split(1, signed(length + 1)));
                    code.extend(atom.iter().cloned());
                }
            }
        }
        Some(code)
    }

    /// The numbers of `{2}`, `{2,}` and `{2,5}` at this place.
    fn counts(&self) -> Option<(usize, Option<usize>)> {
        let rest = self.bytes.get(self.at + 1..)?;
        let inner = std::str::from_utf8(rest.get(..memchr::memchr(b'}', rest)?)?).ok()?;
        match inner.split_once(',') {
            None => inner.parse().ok().map(|count| (count, Some(count))),
            Some((least, "")) => least.parse().ok().map(|least| (least, None)),
            Some((least, most)) => {
                let (least, most) = (least.parse().ok()?, most.parse().ok()?);
                (least <= most).then_some((least, Some(most)))
            }
        }
    }
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
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
