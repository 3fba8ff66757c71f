//! The kinds and keys of Compose project.

use crate::schema::{Kind, Schema};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[Kind { name: "file", plural: "files", doc: "The file itself." }],
    keys: &[],
    program: "compose",
    supported: Versions { oldest: Version([2, 24, 4]), newest: Version([2, 40, 3]) },
};
