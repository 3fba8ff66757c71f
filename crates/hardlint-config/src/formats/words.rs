//! What a person who writes a file can be offered beyond the key table: the spelling of a key, and the words that it takes.

/// A format's words.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// A key as its vendor spells it, where the program does not care.
    pub key: fn(&'static str) -> &'static str,
    /// The words of which a key takes one, or several, where those are all that it takes; as the program spells them.
    pub values: fn(&str) -> Vec<&'static str>,
    /// What a line may begin with beside keys, and what it does.
    pub statements: &'static [(&'static str, &'static str)],
}

impl Words {
    /// Of a format that says no more than its key table.
    pub const NONE: Self = Self { key: |name| name, values: |_| Vec::new(), statements: &[] };
}
