//! A file to ask about, with those that it includes; and what a program says.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// Stands in a file for the folder that the files of its case are in.
pub(crate) const FOLDER: &str = "@@";

/// Files, the first of which the program is started with, and what else it is told.
#[derive(Clone, Default)]
pub(crate) struct Case {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What is known of a connection (`sshd -C`), by the names of `--where`.
    pub(crate) conditions: Vec<(String, String)>,
    /// What the running program is asked.
    pub(crate) asked: Vec<Asked>,
}

/// A request to a running server.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The address and the port.
    pub(crate) socket: String,
    pub(crate) host: String,
    pub(crate) uri: String,
}

impl Case {
    /// The path of the file that the program is started with.
    pub(crate) fn root(&self) -> &str {
        self.files.first().map_or("", |(path, _)| path)
    }

    /// Writes the files below `folder`.
    pub(crate) fn write(&self, folder: &Path) {
        for (path, bytes) in &self.files {
            let place = folder.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, with_folder(bytes, folder)).unwrap();
        }
    }
}

fn with_folder(bytes: &[u8], folder: &Path) -> Vec<u8> {
    let name = folder.to_str().unwrap().as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(FOLDER.len()).position(|part| part == FOLDER.as_bytes()) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(name);
        rest = &rest[at + FOLDER.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// As it would stand in `cases.txt`, with what is not seen escaped.
impl fmt::Debug for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.conditions {
            write!(out, "{name}={value},")?;
        }
        for (path, bytes) in &self.files {
            writeln!(out, "\n--- {path}")?;
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                let (line, end) = match line.split_last() {
                    Some((b'\n', line)) => (line, ""),
                    _ => (line, "~"),
                };
                // A very long line is told by its length.
                let shown = if line.len() > 400 { &line[..80] } else { line };
                let cut = if line.len() > 400 { format!("… ({} bytes)", line.len()) } else { String::new() };
                writeln!(
                    out,
                    "  {}{cut}{end}",
                    shown.escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\"")
                )?;
            }
        }
        Ok(())
    }
}

/// A line of a file, counted from 1; 0 where no line was named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) line: usize,
}

/// A problem's place, which may reach over several lines.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(crate) first: Place,
    pub(crate) last: usize,
}

impl Lines {
    /// Whether a line belongs to it.
    pub(crate) fn has(&self, place: &Place) -> bool {
        self.first.path == place.path && (self.first.line..=self.last).contains(&place.line)
    }
}

/// What a program makes of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The values of its keys, each in lines as the program prints them.
    Accepted(BTreeMap<String, Vec<String>>),
    /// It does not start; the places that it names, in its order, and what it says.
    Refused(Vec<Place>, String),
    /// It does not start, but tells what it makes of each line.
    Partly(Vec<Place>, String, BTreeMap<String, Vec<String>>),
    /// It was asked too little to answer.
    Nothing,
}

/// Bytes that are no UTF-8 stand as ours do.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('\u{1a}', chunk.invalid().len()));
    }
    text
}

/// The lines of a field of a row; nothing for one that is null.
pub(crate) fn json_lines(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(items.iter().filter_map(json_lines).flatten().collect()),
        Value::String(text) => Some(vec![text.clone()]),
        other => Some(vec![other.to_string()]),
    }
}

/// What stands at each JSON pointer of a document: a text, a number, or an empty list or map.
pub(crate) fn pointers(document: &Value) -> BTreeMap<String, Vec<String>> {
    let (mut found, mut next) = (BTreeMap::new(), vec![(String::new(), document)]);
    while let Some((pointer, value)) = next.pop() {
        match value {
            Value::Object(entries) if !entries.is_empty() => next.extend(
                entries
                    .iter()
                    .map(|(key, value)| (format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), value)),
            ),
            Value::Array(items) if !items.is_empty() => {
                next.extend(items.iter().enumerate().map(|(at, value)| (format!("{pointer}/{at}"), value)));
            }
            leaf => {
                found.insert(pointer, vec![leaf.to_string()]);
            }
        }
    }
    found
}
