//! The kinds and keys of nginx configuration.

use crate::schema::{Kind, Schema};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[Kind { name: "file", plural: "files", doc: "The file itself." }],
    keys: &[],
    program: "nginx",
    supported: Versions { oldest: Version([1, 22, 1]), newest: Version([1, 31, 5]) },
};
