//! Compose project.

mod keys;
mod resolve;

use super::{Format, Name};

/// Compose project.
pub static FORMAT: Format = Format {
    id: "compose",
    title: "Compose project",
    names: &[Name::Is("compose.yaml")],
    sniff: |_, _| false,
    comment: "#",
    schema: &keys::SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: resolve::resolve,
    print: |_, _, value| super::Printed::One(value.as_str().unwrap_or_default().to_owned()),
    comments: |_| Vec::new(),
};
