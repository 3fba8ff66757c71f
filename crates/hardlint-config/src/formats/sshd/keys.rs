//! The kinds and keys of `sshd_config`.

use crate::schema::{Kind, Schema};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[Kind { name: "file", plural: "files", doc: "The file itself." }],
    keys: &[],
    program: "sshd",
    supported: Versions { oldest: Version([9, 2, 0]), newest: Version([10, 5, 0]) },
};
