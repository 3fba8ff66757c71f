//! `RUN --mount=type=…,…`: fields as a line of CSV.

use super::syntax::{Instruction, Keyword};
use crate::syntax::joined::Joined;
use crate::text::Span;

/// One `--mount`.
#[derive(Debug)]
pub(super) struct Mount {
    /// Fields with their values; a field without `=` has none.
    pub(super) fields: Vec<(String, Joined)>,
    /// All of it.
    pub(super) at: Span,
}

impl Mount {
    /// The value of a field; the last one counts.
    pub(super) fn field(&self, name: &str) -> Option<&Joined> {
        self.fields.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`.
    pub(super) fn kind(&self) -> &str {
        self.field("type").map_or("bind", Joined::text)
    }
}

/// The mounts of a `RUN`.
pub(super) fn read(instruction: &Instruction) -> Vec<Mount> {
    let flags = instruction.flags.iter().filter(|flag| flag.name == "mount" && instruction.keyword == Keyword::Run);
    flags
        .map(|flag| {
            let mut mount = Mount { fields: Vec::new(), at: flag.at };
            let Some(value) = &flag.value else { return mount };
            let text = value.text();
            let mut start = 0;
            let mut quoted = false;
            let ends = text.char_indices().filter_map(|(at, c)| {
                quoted ^= c == '"';
                (c == ',' && !quoted).then_some(at)
            });
            for end in ends.chain([text.len()]).collect::<Vec<_>>() {
                mount.fields.push(field(value, start, end));
                start = end + 1;
            }
            mount
        })
        .collect()
}

fn field(value: &Joined, start: usize, end: usize) -> (String, Joined) {
    let text = value.slice(start, end);
    let (start, end) = match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(_) => (start + 1, end - 1),
        None => (start, end),
    };
    let text = value.slice(start, end);
    let mut part = Joined::default();
    let name = match text.find('=') {
        Some(equals) => {
            part.push_from(value, start + equals + 1, end);
            text.get(..equals).unwrap_or_default()
        }
        None => text,
    };
    let name = name.trim().to_ascii_lowercase();
    let name = match name.as_str() {
        "src" => "source".to_owned(),
        "dst" | "destination" => "target".to_owned(),
        _ => name,
    };
    (name, part)
}
