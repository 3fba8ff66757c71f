//! Reads an expression as PCRE does, and makes the steps that match it.

use super::{DEEPEST, Group, MOST_STEPS, Set, Step};

/// Reads an expression and makes its program.
pub(super) struct Parser<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) any_case: bool,
    pub(super) groups: Vec<Group>,
    pub(super) depth: usize,
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

    pub(super) fn alternatives(&mut self) -> Option<Vec<Step>> {
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
            if code.len() > MOST_STEPS {
                return None;
            }
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
