//! The kinds of a file of variables. Its keys are the variables' own names, which no table lists.

use crate::schema::{Index, Kind, KindId, Schema};
use crate::version::{Version, Versions};

/// The file.
pub(super) const FILE: KindId = KindId(0);

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[Kind { name: "file", plural: "files", doc: "The file, and the variables that it sets." }],
    keys: &[],
    program: "env",
    supported: Versions { oldest: Version([0, 0, 0]), newest: Version([0, 0, 0]) },
    index: Index::new(),
};
