//! nginx configuration.

mod keys;
mod resolve;

use super::{Format, Name};

/// nginx configuration.
pub static FORMAT: Format = Format {
    id: "nginx",
    title: "nginx configuration",
    names: &[Name::Is("nginx.conf")],
    sniff: |_, _| false,
    comment: "#",
    schema: &keys::SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: resolve::resolve,
    print: |_, _, value| super::Printed::One(value.as_str().unwrap_or_default().to_owned()),
    comments: |_| Vec::new(),
};
