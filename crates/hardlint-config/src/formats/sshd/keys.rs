//! The kinds and keys of `sshd_config`, as rules and `show` see them; the rows stand in [`super::keywords`].

use super::keywords::KEYWORDS;
use crate::schema::{Index, Key, Kind, Schema};
use crate::version::{Version, Versions};

/// The kinds, by their places in [`SCHEMA`].
pub(super) mod kind {
    use crate::schema::KindId;
    pub(crate) const FILE: KindId = KindId(0);
    pub(crate) const MATCH: KindId = KindId(1);
    pub(crate) const IGNORED: KindId = KindId(2);
    pub(crate) const SWALLOWED: KindId = KindId(3);
    pub(crate) const RETIRED: KindId = KindId(4);
}

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it: a wrong index would not build")]
static KEYS: [Key; KEYWORDS.len()] = {
    let mut keys = [const { KEYWORDS[0].schema() }; KEYWORDS.len()];
    let mut at = 0;
    while at < KEYWORDS.len() {
        keys[at] = KEYWORDS[at].schema();
        at += 1;
    }
    keys
};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "file", plural: "files", doc: "The whole file, with all that it includes." },
        Kind {
            name: "match",
            plural: "matches",
            doc: "Connections that the same values hold for: those of a Match block, which overrides the rest of the \
                  file, and first, with the label `all`, all others.",
        },
        Kind {
            name: "ignored",
            plural: "ignored_lines",
            doc: "A line without effect, as an earlier one with the same keyword holds.",
        },
        Kind {
            name: "swallowed",
            plural: "swallowed_blocks",
            doc: "Lines that stand in a Match block, but are written as if they were meant for everybody.",
        },
        Kind {
            name: "retired",
            plural: "retired_lines",
            doc: "A line whose keyword meant something to older versions, and that sshd now passes over.",
        },
    ],
    keys: &KEYS,
    program: "sshd",
    supported: Versions { oldest: Version([9, 2, 0]), newest: Version([10, 5, 0]) },
    index: Index::new(),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        crate::schema::check(&SCHEMA).unwrap();
    }
}
