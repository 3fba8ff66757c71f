//! Patterns of paths as `.gitignore` files have them.
//!
//! Nothing is compiled: a file of patterns meets a handful of names, and a repository has hundreds of such files, so
//! that building an automaton for each took longer than reading everything else (0.5 s of 0.7 s over a tree with 2,412
//! of them). What git makes of a pattern is told by a test that asks git.

use hardlint_config::loader::wildcard;

/// The patterns of one file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<Pattern>);

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// Between the slashes; one part that is no `**` where the pattern is about a name anywhere.
    parts: Vec<Box<str>>,
    /// Whether it is about the whole path, and not only about a name anywhere.
    anchored: bool,
    /// Whether only folders match.
    folders: bool,
    /// Whether what matches is not ignored after all.
    negated: bool,
    /// How the name is compared, where the pattern is about a name.
    name: Name,
}

/// Most patterns about names need no search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// `node_modules`.
    Equal,
    /// `*.pyc`.
    Ending,
    /// Anything else.
    Wildcard,
}

impl Patterns {
    /// Reads a file of patterns.
    pub fn parse(text: &str) -> Self {
        Self(text.trim_start_matches('\u{feff}').split('\n').filter_map(Pattern::parse).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the patterns say of a path below their folder: `Some(true)` if it is ignored, `Some(false)` if it is not
    /// after all, nothing if none matches.
    pub fn say(&self, path: &str, folder: bool) -> Option<bool> {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let matches = |pattern: &&Pattern| (folder || !pattern.folders) && pattern.matches(path, name);
        self.0.iter().rev().find(matches).map(|pattern| !pattern.negated)
    }

    /// Whether the patterns name a file, or a folder that it lies in.
    pub fn name(&self, path: &str) -> bool {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        !self.is_empty()
            && (self.say(path, false) == Some(true) || folders.into_iter().any(|it| self.say(it, true) == Some(true)))
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = trim(line.strip_suffix('\r').unwrap_or(line));
        if line.starts_with('#') {
            return None;
        }
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let anchored = line.contains('/');
        let line = line.strip_prefix('/').unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
        let name = match line.strip_prefix('*') {
            _ if plain(line) => Name::Equal,
            Some(rest) if plain(rest) => Name::Ending,
            _ => Name::Wildcard,
        };
        let parts = if anchored { line.split('/').map(Box::from).collect() } else { vec![line.into()] };
        Some(Self { parts, anchored, folders, negated, name })
    }

    fn matches(&self, path: &str, name: &str) -> bool {
        if self.anchored {
            return parts_match(&self.parts, path);
        }
        let Some(part) = self.parts.first() else { return false };
        match self.name {
            Name::Equal => **part == *name,
            Name::Ending => name.ends_with(part.trim_start_matches('*')),
            Name::Wildcard => wildcard(part.as_bytes(), name.as_bytes()),
        }
    }
}

/// Without the blanks at the end, unless a backslash keeps one.
fn trim(line: &str) -> &str {
    let trimmed = line.trim_end_matches(' ');
    let kept = trimmed.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2;
    line.get(..(trimmed.len() + kept).min(line.len())).unwrap_or(trimmed)
}

/// Matches part by part; `**` stands for any number of them, at the end for at least one. On a mismatch it goes back to
/// the last `**` only, which is enough as with `*`.
fn parts_match(pattern: &[Box<str>], path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p).map(|part| &**part), path.get(n)) {
            (None, None) => return true,
            (Some("**"), _) if p + 1 == pattern.len() => return n < path.len(),
            (Some("**"), _) => {
                back = Some((p, n));
                p += 1;
            }
            (Some(part), Some(name)) if wildcard(part.as_bytes(), name.as_bytes()) => {
                p += 1;
                n += 1;
            }
            _ => match back {
                Some((back_p, back_n)) if back_n < path.len() => {
                    back = Some((back_p, back_n + 1));
                    p = back_p + 1;
                    n = back_n + 1;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::io::Write;
    use std::process::{Command, Stdio};

    const PATTERNS: &[&str] = &[
        "a", "/a", "a/", "*.log", "a/b", "/a/*", "a/**", "**/b", "a/**/b", "**/b/c", "b*", "*", "/*", "?", "[ab]",
        "[!a]", "a\\*", "\\#x", "\\!x", "x ", "x\\ ", "#x", "a b", ".*", "*.l?g", "a/*.log", "**/*.log", "a**b",
        "/**/b", "**", "b/", "/b/c/", "a/b/", "*/c", "**/", "a//b", "[z-a]", "[", "a[", "x\r",
    ];
    const PATHS: &[&str] = &[
        "a",
        "b",
        "a/b",
        "a/b/c",
        "b/c",
        "a/x/b",
        "a/x/y/b",
        "x.log",
        "a/x.log",
        "a/b/x.log",
        "#x",
        "!x",
        "x",
        "x ",
        "a b",
        ".h",
        "a*",
        "axb",
        "a/.h",
        "b/b/c",
        "c",
        "a/c",
        "[",
        "a[",
    ];

    /// Asks git which of the paths a file with one pattern ignores by a match of their own.
    fn git(scratch: &Scratch, pattern: &str) -> Option<Vec<String>> {
        scratch.write(".gitignore", format!("{pattern}\n"));
        let mut child = Command::new("git")
            .args(["-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin", "-z"])
            .current_dir(scratch.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(PATHS.join("\0").as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    #[test]
    fn a_pattern_matches_what_it_matches_for_git() {
        let scratch = Scratch::new("gitignore");
        if !Command::new("git").args(["init", "-q"]).arg(scratch.path("")).status().is_ok_and(|done| done.success()) {
            // Where there is no git, there is nobody to ask.
            return;
        }
        let mut wrong = Vec::new();
        for pattern in PATTERNS {
            let theirs = git(&scratch, pattern).unwrap();
            let patterns = Patterns::parse(&format!("{pattern}\n"));
            let ours: Vec<&str> = PATHS.iter().copied().filter(|path| patterns.name(path)).collect();
            if ours != theirs {
                wrong.push(format!("{pattern:?}: git {theirs:?}, we {ours:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_last_that_matches_decides() {
        let patterns = Patterns::parse("# all\n*.conf\n!keep.conf\nkeep.conf/\n");
        assert_eq!(patterns.say("a/x.conf", false), Some(true));
        assert_eq!(patterns.say("a/keep.conf", false), Some(false));
        assert_eq!(patterns.say("keep.conf", true), Some(true));
        assert_eq!(patterns.say("other", false), None);
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        let pattern = "**/a/".repeat(500);
        let path = "a/".repeat(1000);
        assert!(!Patterns::parse(&format!("{pattern}b")).name(&format!("{path}c")));
    }
}
