//! The rules, as data: the YAML files beside this folder, packed as JSON when the crate is built.
//!
//! Nothing here knows what a rule means, and nothing of ours is imported: `hardlint-lint` reads the rules of a format
//! when it meets the first file of it.

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.json"));

/// Formats in byte order, and where in the blob each one's rules begin and end.
static TABLE: &[(&str, usize, usize)] = &include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The formats that have rules, in byte order.
pub fn formats() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(format, ..)| *format)
}

/// The rules of one format: a JSON array of objects with the fields of their files and `id`; empty if it has none.
pub fn blob(format: &str) -> &'static [u8] {
    let found = TABLE.iter().find(|(known, ..)| *known == format);
    found.and_then(|&(_, start, end)| BLOB.get(start..end)).unwrap_or(b"[]")
}
