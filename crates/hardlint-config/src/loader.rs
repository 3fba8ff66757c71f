//! The only way to files: a [`Loader`], and one that holds them in memory.
//!
//! Paths are relative to the root, with `/` between their parts and without `.` or `..`; [`join`] makes them so. A path
//! that would leave the root does not exist here.

use crate::reads::Reads;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Access to files below a root. Nothing else in the libraries does input or output.
pub trait Loader: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// The names in a folder, sorted by their bytes as `glob(3)` gives them in the C locale; empty for what is no folder.
    fn list(&self, folder: &str) -> Vec<String>;

    /// What a path is, links followed; nothing if it does not exist below the root.
    fn stat(&self, path: &str) -> Option<Stat>;

    /// What git knows of a path.
    fn git(&self, path: &str) -> Git;

    /// An answer was given that rests on these; who notes what is asked takes them for asked.
    fn rested(&self, _reads: &Reads) {}
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, `0o644`; zero where the system has none.
    pub mode: u32,
    /// Whether the path itself is a symbolic link.
    pub link: bool,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A pipe, socket or device: never read.
    Other,
}

/// What git knows of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Git {
    /// It is in the index.
    Tracked,
    /// An ignore rule names it, and it is not in the index.
    Ignored,
    /// Neither.
    Untracked,
    /// There is no repository.
    NoRepository,
    /// There is one, of which this cannot be told.
    Unknown,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Nothing is there.
    NotFound,
    /// It lies outside the root, or a link leads there.
    Outside,
    /// It is a folder.
    Folder,
    /// It is a pipe, a socket or a device.
    NotAFile,
    /// It has this many bytes, more than [`MAX_FILE`].
    TooLarge(u64),
    /// Permission denied.
    Denied,
    /// UTF-16, by its byte order mark.
    Utf16,
    /// Binary: a NUL byte stands at this offset.
    Binary(usize),
    /// What the system said.
    Other(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file"),
            Self::Outside => f.write_str("it lies outside the root, where nothing is read"),
            Self::Folder => f.write_str("it is a folder, not a file"),
            Self::NotAFile => f.write_str("it is a pipe, socket or device, which is not read"),
            Self::TooLarge(size) => write!(f, "it has {size} bytes; files above {} MiB are not read", MAX_FILE >> 20),
            Self::Denied => f.write_str("permission denied"),
            Self::Utf16 => f.write_str("it is UTF-16, which no program here reads; save it as UTF-8"),
            Self::Binary(at) => write!(f, "it is not text: a NUL byte stands at offset {at}"),
            Self::Other(message) => f.write_str(message),
        }
    }
}

/// Texts laid over the files of another loader: the open documents of an editor.
pub struct Overlay<'o> {
    /// The files as they were saved.
    pub below: &'o dyn Loader,
    /// The texts, by path.
    pub texts: &'o BTreeMap<String, String>,
}

impl Loader for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.get(path) {
            Some(text) if text.len() as u64 > MAX_FILE => Err(ReadError::TooLarge(text.len() as u64)),
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.below.read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names = self.below.list(folder);
        let here = self.texts.keys().filter(|path| self::folder(path) == folder).map(|path| name(path).to_owned());
        names.extend(here);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let written = || self.texts.contains_key(path).then_some(Stat { kind: Kind::File, mode: 0o644, link: false });
        self.below.stat(path).or_else(written)
    }

    fn git(&self, path: &str) -> Git {
        self.below.git(path)
    }
}

/// Files held in memory: for tests, and for standard input.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What git is to know of them; the others are in no repository.
    pub git: BTreeMap<String, Git>,
    /// Permission bits; the others have `0o644`.
    pub modes: BTreeMap<String, u32>,
}

impl Memory {
    /// Holds `files`.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
        Self { files, ..Self::default() }
    }
}

impl Loader for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path) {
            Some(bytes) if bytes.len() as u64 > MAX_FILE => Err(ReadError::TooLarge(bytes.len() as u64)),
            Some(bytes) => Ok(bytes.clone()),
            None if self.stat(path).is_some() => Err(ReadError::Folder),
            None => Err(ReadError::NotFound),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .filter_map(|rest| rest.split('/').next().map(str::to_owned))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        if self.files.contains_key(path) {
            let mode = self.modes.get(path).copied().unwrap_or(0o644);
            return Some(Stat { kind: Kind::File, mode, link: false });
        }
        let folder = path.is_empty() || !self.list(path).is_empty();
        folder.then_some(Stat { kind: Kind::Folder, mode: 0o755, link: false })
    }

    fn git(&self, path: &str) -> Git {
        self.git.get(path).copied().unwrap_or(Git::NoRepository)
    }
}

/// An absolute path without `.`, `..` and repeated slashes.
pub(crate) fn absolute(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The folder that a path lies in; the root is the empty path.
pub fn folder(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).and_then(|slash| path.get(..slash)).unwrap_or_default()
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).and_then(|slash| path.get(slash + 1..)).unwrap_or(path)
}

/// Whether the folders that a path leaves by `..` are there, without which systems find nothing.
pub fn is_passable(loader: &dyn Loader, folder: &str, path: &str) -> bool {
    // No system opens longer ones.
    if path.len() > 4096 {
        return false;
    }
    let up = path.match_indices("..").map(|(at, _)| path.get(..at).unwrap_or_default());
    let mut left = up.filter(|before| before.ends_with('/') && before.bytes().any(|byte| byte != b'/' && byte != b'.'));
    left.all(|before| {
        let place = join(folder, before.trim_start_matches('/'));
        place.is_some_and(|place| place.is_empty() || loader.stat(&place).is_some_and(|stat| stat.kind == Kind::Folder))
    })
}

/// `path` seen from `folder`, without `.` and `..`; `None` where it leaves the root or is absolute.
pub fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    // Most paths are as plain as they come out.
    let hidden = |path: &str| path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let plain = |path: &str| {
        let mut before = b'/';
        for &byte in path.as_bytes() {
            if before == b'/' && matches!(byte, b'/' | b'.') {
                return hidden(path);
            }
            before = byte;
        }
        before != b'/'
    };
    if plain(path) && (folder.is_empty() || plain(folder)) {
        let mut whole = String::with_capacity(folder.len() + 1 + path.len());
        if !folder.is_empty() {
            whole.push_str(folder);
            whole.push('/');
        }
        whole.push_str(path);
        return Some(whole);
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a path has a character that `glob(3)` expands.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The existing paths that match a pattern, as `glob(3)` with no flags gives them in the C locale: in byte order, `*`
/// and `?` stop at `/`, names that begin with a dot match only a pattern that does.
pub fn glob(loader: &dyn Loader, pattern: &str) -> Vec<String> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    // Whether the folders before the first pattern are there shows when something is asked for in them.
    let plain = parts.iter().take_while(|part| !is_pattern(part)).count().min(parts.len().saturating_sub(1));
    let (folders, rest) = parts.split_at_checked(plain).unwrap_or_default();
    let folders: Vec<_> = folders.iter().map(|part| literal(part)).collect();
    let mut found = vec![folders.join("/")];
    for part in rest {
        found = glob_in(loader, &found, part);
    }
    found.retain(|path| !path.is_empty());
    found
}

/// The existing paths in some folders whose names match a pattern, as [`glob`] gives them.
pub fn glob_in(loader: &dyn Loader, folders: &[String], part: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if is_pattern(part) {
            found.extend(loader.list(folder).iter().filter(|name| matches(part, name)).map(|name| path(name)));
        } else {
            found.extend(Some(path(&literal(part))).filter(|path| loader.stat(path).is_some()));
        }
    }
    found.sort_unstable();
    found
}

/// A name for which a pattern without wildcards stands: `\` is before a literal.
fn literal(part: &str) -> Cow<'_, str> {
    if !part.contains('\\') {
        return part.into();
    }
    let mut escaped = false;
    let name = part.chars().filter(|&c| {
        escaped = c == '\\' && !escaped;
        !escaped
    });
    name.collect::<String>().into()
}

/// Whether a file name matches a pattern of `fnmatch(3)`: `*`, `?`, `[a-z]`, `[!a]`, and `\` before a literal.
pub fn matches(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    wildcard(pattern.as_bytes(), name.as_bytes())
}

/// Whether a name matches a pattern of `*`, `?`, `[a-z]` and `\\`, a dot at its beginning like any other character.
///
/// Works without recursion: on a mismatch it goes back to the last `*` only, so the time is at most the product of
/// the lengths.
pub fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    // Most names differ from a pattern in their first or last byte already.
    let differs = |want: Option<&u8>, byte: Option<&u8>, special: &[u8]| {
        want.is_some_and(|want| !special.contains(want)) && want != byte
    };
    if differs(pattern.last(), name.last(), b"*?]") || differs(pattern.first(), name.first(), b"*?[\\") {
        return false;
    }
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match (pattern.get(p), name.get(n)) {
            (Some(b'*'), _) => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            (Some(b'['), Some(&byte)) => bracket(pattern.get(p..).unwrap_or_default(), byte),
            (Some(b'?'), Some(_)) => Some(1),
            (Some(b'\\'), Some(byte)) if pattern.get(p + 1) == Some(byte) => Some(2),
            (Some(want), Some(byte)) if want == byte => Some(1),
            _ => None,
        };
        match (step, star) {
            (Some(length), _) => {
                p += length;
                n += 1;
            }
            (None, Some((star_p, star_n))) => {
                p = star_p + 1;
                n = star_n + 1;
                star = Some((star_p, n));
            }
            (None, None) => return false,
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

/// The length of the bracket expression at the start of `pattern` if `byte` matches it.
fn bracket(pattern: &[u8], byte: u8) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let first = if negated { 2 } else { 1 };
    let mut at = first;
    let mut hit = false;
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && at > first {
            return (hit != negated).then_some(at + 1);
        }
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|&high| high != b']') {
            hit |= (low..=*pattern.get(at + 2)?).contains(&byte);
            at += 3;
        } else {
            hit |= low == byte;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        for (pattern, name, expected) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".hidden.conf", false),
            (".*", ".env", true),
            ("*.conf", "a.conf.bak", false),
            ("[0-9]*-x?", "10-xy", true),
            ("[!0-9]*", "10", false),
            ("a[]]b", "a]b", true),
            ("**a*b", "xxaxxb", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        assert!(!matches(&format!("{}b", "a*".repeat(2000)), &"a".repeat(4000)));
    }

    #[test]
    fn glob_sorts_by_bytes_and_stops_at_folders() {
        let memory = Memory::new([("d/9.conf", ""), ("d/10.conf", ""), ("d/e/x.conf", ""), ("d/.h.conf", "")]);
        assert_eq!(glob(&memory, "d/*.conf"), ["d/10.conf", "d/9.conf"]);
        assert_eq!(glob(&memory, "*/*/*.conf"), ["d/e/x.conf"]);
        assert_eq!(glob(&memory, "d/9.conf"), ["d/9.conf"]);
        assert!(glob(&memory, "nowhere/*").is_empty());
    }

    #[test]
    fn joined_paths_stay_below_the_root() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("a", "../../etc/passwd"), None);
        assert_eq!(join("a", "/etc/passwd"), None);
    }
}
