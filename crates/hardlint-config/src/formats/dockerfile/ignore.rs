//! `.dockerignore`: Go's `filepath.Match` with `**`, patterns from the root of the build's folder, the last one counts.

/// The patterns of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    tokens: Vec<Token>,
    again: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `**` at the end, or before something that is no `/`.
    Any,
    /// `**/`: any number of folders, none as well.
    Folders,
    /// `[a-z]`
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Ignore {
    /// Reads the file's text.
    pub(super) fn read(text: &str) -> Self {
        let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
        Self { patterns: lines.filter(|line| !line.starts_with('#')).filter_map(pattern).collect() }
    }

    /// These, and what a copy of the folder `below` leaves out by patterns of its own.
    pub(super) fn and(&self, patterns: &[&str], below: &str) -> Self {
        let mut all = self.clone();
        for text in patterns {
            all.patterns.extend(pattern(&format!("{below}/{text}")));
        }
        all
    }

    /// Whether a path below the build's folder, or a folder that it lies in, is left out.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        let mut ignored = false;
        let mut places = Places::default();
        for pattern in &self.patterns {
            if pattern.again == ignored && pattern.matches(path, &mut places) {
                ignored = !pattern.again;
            }
        }
        ignored
    }
}

fn pattern(line: &str) -> Option<Pattern> {
    let line = line.trim();
    let (again, line) = match line.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, line),
    };
    let clean = clean(line)?;
    Some(Pattern { tokens: tokens(&clean)?, again })
}

/// The pattern without `.`, `..`, doubled slashes, and slashes at its ends; none where nothing is left.
fn clean(line: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in line.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The tokens of a pattern; none where Go refuses it.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if chars.peek() == Some(&'*') => {
                while chars.peek() == Some(&'*') {
                    chars.next();
                }
                if chars.peek() == Some(&'/') {
                    chars.next();
                    Token::Folders
                } else {
                    Token::Any
                }
            }
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => Token::Letter(chars.next()?),
            '[' => {
                let negated = chars.peek() == Some(&'^');
                if negated {
                    chars.next();
                }
                let mut ranges = Vec::new();
                loop {
                    let low = match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        '\\' => chars.next()?,
                        c => c,
                    };
                    if chars.peek() == Some(&'-') {
                        chars.next();
                        let high = match chars.next()? {
                            '\\' => chars.next()?,
                            c => c,
                        };
                        ranges.push((low, high));
                    } else {
                        ranges.push((low, low));
                    }
                }
                Token::Class { ranges, negated }
            }
            c => Token::Letter(c),
        });
    }
    Some(tokens)
}

/// The places in a pattern that the letters of a path so far lead to, in order, and those that one more leads to.
#[derive(Default)]
struct Places {
    now: Vec<usize>,
    next: Vec<usize>,
}

impl Pattern {
    /// Whether the pattern matches the path, or a folder that it lies in, in one pass over the path with a set of places in
    /// the pattern: no path takes more time than its length times the pattern's.
    fn matches(&self, path: &str, Places { now, next }: &mut Places) -> bool {
        let end = self.tokens.len();
        now.clear();
        self.enter(now, 0, true);
        for c in path.chars() {
            if c == '/' && now.last() == Some(&end) {
                return true;
            }
            next.clear();
            for &index in &*now {
                let Some(token) = self.tokens.get(index) else { continue };
                let to = match token {
                    Token::Letter(letter) if *letter == c => index + 1,
                    Token::One if c != '/' => index + 1,
                    Token::Many if c != '/' => index,
                    Token::Any | Token::Folders => index,
                    Token::Class { ranges, negated } if c != '/' => {
                        let hit = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                        if hit == *negated {
                            continue;
                        }
                        index + 1
                    }
                    _ => continue,
                };
                self.enter(next, to, c == '/');
            }
            if next.is_empty() {
                return false;
            }
            std::mem::swap(now, next);
        }
        now.last() == Some(&end)
    }

    /// Adds a place in the pattern, and those that can be reached from it without a letter. Places are entered in order, so
    /// that one at or before the last is there already, with what is reached from it.
    fn enter(&self, places: &mut Vec<usize>, index: usize, at_folder: bool) {
        for index in index.. {
            if places.last().is_some_and(|last| *last >= index) {
                return;
            }
            places.push(index);
            match self.tokens.get(index) {
                Some(Token::Many | Token::Any) => {}
                Some(Token::Folders) if at_folder => {}
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_docker_reads_them() {
        for (text, path, expected) in [
            (".env", ".env", true),
            (".env", "sub/.env", false),
            ("**/.env", "sub/.env", true),
            ("**/.env", ".env", true),
            ("/.env/", ".env", true),
            ("./a//b/../c", "a/c", true),
            ("node_modules", "node_modules/x/y", true),
            ("*.pem", "a.pem", true),
            ("*.pem", "certs/a.pem", false),
            ("*/*.pem", "certs/a.pem", true),
            ("**", "a/b/c", true),
            ("a/**", "a/b/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("*\n!a", "a", false),
            ("*\n!a", "b", true),
            ("!a\na", "a", true),
            (".env*\n!.env.example", ".env.example", false),
            (".env*\n!.env.example", ".env.local", true),
            ("# a\na", "a", true),
            (" #a", "#a", true),
            ("*\n!src", "src/.env", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("**/*.key", "deep/er/x.key", true),
            ("**.key", "deep/x.key", true),
            (".", "a", false),
            ("**/foo/**", "a/foo/b", true),
            // Several places of the pattern at once.
            ("*a*b*c", "aabxbcc", true),
            ("*a*b*c", "aab/bcc", false),
            ("**a**/**b", "xa/a/yb", true),
            ("**/**/*a*", "x/y/bab", true),
            ("*", "", true),
        ] {
            assert_eq!(Ignore::read(text).ignores(path), expected, "{text:?} {path}");
        }
    }
}
