//! `sshd_config`.

mod keys;
mod resolve;

use super::{Format, Name};

/// `sshd_config`.
pub static FORMAT: Format = Format {
    id: "sshd",
    title: "sshd_config",
    names: &[Name::Is("sshd_config")],
    sniff: |_, _| false,
    comment: "#",
    schema: &keys::SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: resolve::resolve,
    print: |_, _, value| super::Printed::One(value.as_str().unwrap_or_default().to_owned()),
    comments: |_| Vec::new(),
};
