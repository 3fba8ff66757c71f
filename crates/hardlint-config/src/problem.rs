//! What kept a file, or a part of it, from being understood.

use crate::text::Loc;
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
