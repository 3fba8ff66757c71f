//! The rules, as data: the YAML files beside this folder, packed as JSON when the crate is built.
//!
//! Nothing here knows what a rule means, and nothing of ours is imported: `hardlint-lint` reads the rules of a format
//! when it meets the first file of it.

use std::ops::Range;

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.json"));

static EXAMPLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/examples.json"));

/// Formats in byte order, and where in the blob each one's rules stand, and their examples in the other.
static TABLE: &[(&str, Range<usize>, Range<usize>)] = &include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The formats that have rules, in byte order.
pub fn formats() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(format, ..)| *format)
}

/// The rules of one format: a JSON array of objects with the fields of their files and `id`, without the examples; empty if it
/// has none.
pub fn blob(format: &str) -> &'static [u8] {
    let found = TABLE.iter().find(|(known, ..)| *known == format);
    found.and_then(|(_, at, _)| BLOB.get(at.clone())).unwrap_or(b"[]")
}

/// The examples of one format's rules: a JSON object of the rules' ids, each with an array of those in which it fires, and
/// one of those in which it is silent.
pub fn examples(format: &str) -> &'static [u8] {
    let found = TABLE.iter().find(|(known, ..)| *known == format);
    found.and_then(|(_, _, at)| EXAMPLES.get(at.clone())).unwrap_or(b"{}")
}
