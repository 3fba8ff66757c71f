//! Versions of the programs that read the files: defaults depend on them.

use std::collections::BTreeMap;
use std::fmt;

/// A dotted version; missing parts count as zero, letters after a number are dropped (`9.2p1` is 9.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub [u16; 3]);

impl Version {
    /// Reads `1.22.1`, `9.2p1`, `15`; `None` where there is no number to begin with.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = [0; 3];
        for (index, (slot, part)) in parts.iter_mut().zip(text.trim().split('.')).enumerate() {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            match part.get(..digits).unwrap_or_default().parse() {
                Ok(number) => *slot = number,
                Err(_) if index > 0 => break,
                Err(_) => return None,
            }
            if digits < part.len() {
                break;
            }
        }
        Some(Self(parts))
    }
}

impl fmt::Display for Version {
    /// Without a last part that is zero: `1.22.1`, `9.2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            patch => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

/// The versions of one program that a judgement must hold for, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest.
    pub oldest: Version,
    /// The newest.
    pub newest: Version,
}

impl Versions {
    /// Exactly one version.
    pub fn exactly(version: Version) -> Self {
        Self { oldest: version, newest: version }
    }

    /// Whether a version is one of these. What only mends another changes no default, so that parts are compared that the
    /// ends name, and of these the first two: 18.3 is one of PostgreSQL up to 18.
    pub fn has(self, version: Version) -> bool {
        let named = |end: Version| end.0.iter().rposition(|part| *part > 0).map_or(0, |last| last + 1).min(2);
        let beside = |end: Version| version.0.iter().take(named(end)).cmp(end.0.iter().take(named(end)));
        beside(self.oldest).is_ge() && beside(self.newest).is_le()
    }
}

/// `--target`: the versions a user deploys to, by program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets(pub BTreeMap<String, Version>);

impl Targets {
    /// The versions to judge `program` for: the target's, or `supported`.
    pub fn versions(&self, program: &str, supported: Versions) -> Versions {
        self.0.get(program).map_or(supported, |&version| Versions::exactly(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_one_of_others_whatever_mends_it() {
        let versions = |oldest, newest| Versions { oldest: Version(oldest), newest: Version(newest) };
        let has = |versions: Versions, text| versions.has(Version::parse(text).unwrap());
        let nginx = versions([1, 22, 1], [1, 31, 5]);
        assert_eq!(
            ["1.22.0", "1.31.9", "1.26", "1.21", "1.32", "2", "0.1"].map(|it| has(nginx, it)),
            [true, true, true, false, false, false, false]
        );
        let postgres = versions([15, 0, 0], [18, 0, 0]);
        assert_eq!(["15", "18.3", "14.9", "19"].map(|it| has(postgres, it)), [true, true, false, false]);
        assert_eq!(
            (Version([9, 2, 0]).to_string(), Version([1, 22, 1]).to_string()),
            ("9.2".to_owned(), "1.22.1".to_owned())
        );
    }

    #[test]
    fn versions_are_read_as_packagers_write_them() {
        assert_eq!(Version::parse("1.22.1"), Some(Version([1, 22, 1])));
        assert_eq!(Version::parse("9.2p1"), Some(Version([9, 2, 0])));
        assert_eq!(Version::parse("15"), Some(Version([15, 0, 0])));
        assert_eq!(Version::parse("latest"), None);
        assert!(Version::parse("1.9") < Version::parse("1.22"));
    }
}
