//! What kept a file, or a part of it, from being understood.

use crate::secrets;
use crate::text::Loc;
use crate::workspace::Reader;
use std::sync::Arc;

/// A file that cannot be read or parsed, or that its program would refuse for its own text.
///
/// Never used for values that depend on what is not at hand: those are [`crate::model::Value::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as a path below the root.
    pub path: Arc<str>,
    /// Where in it, if the file could be read at all.
    pub at: Option<Loc>,
    /// One line for people: what is wrong, and what the program does with it.
    pub message: String,
}

/// How much of a line is looked at for what its words may hide.
const LONG: usize = 4096;

impl Problem {
    /// The message without the words of its line that may be a secret.
    pub fn hidden(&self, reader: &Reader<'_>) -> String {
        let Some(at) = self.at else { return self.message.clone() };
        let source = reader.source(at.file);
        let line = source.line(source.position(at.span.start).line);
        let mut end = line.len().min(LONG);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        secrets::hide_words_of(line.get(..end).unwrap_or_default(), &self.message).into_owned()
    }
}
