//! Versions of the programs that read the files: defaults depend on them.

use std::collections::BTreeMap;

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
    fn versions_are_read_as_packagers_write_them() {
        assert_eq!(Version::parse("1.22.1"), Some(Version([1, 22, 1])));
        assert_eq!(Version::parse("9.2p1"), Some(Version([9, 2, 0])));
        assert_eq!(Version::parse("15"), Some(Version([15, 0, 0])));
        assert_eq!(Version::parse("latest"), None);
        assert!(Version::parse("1.9") < Version::parse("1.22"));
    }
}
