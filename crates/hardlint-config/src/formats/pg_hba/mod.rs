//! `pg_hba.conf`: who may connect to PostgreSQL, from where, and how they prove who they are.
//!
//! What is read and refused is what `pg_hba_file_rules` says, against which the recorded answers in
//! `testdata/oracles/pg_hba` hold it.

mod address;
mod document;
mod edit;
mod facts;
mod keys;
mod load;
mod options;
mod order;
mod record;
mod regex;
mod resolve;
mod syntax;
#[cfg(test)]
mod tests;

use super::{Format, Name, Printed};

/// `pg_hba.conf`.
pub static FORMAT: Format = Format {
    id: "pg_hba",
    title: "pg_hba.conf",
    names: &[
        Name::Is("pg_hba.conf"),
        Name::Is("pg_hba[-_.]*.conf"),
        Name::Is("pg_hba.conf[-_.]*"),
        Name::Is("*[-_.]pg_hba.conf"),
        Name::Perhaps("*hba*.conf"),
        Name::Perhaps("*.hba"),
    ],
    sniff: |path, text| sniff(path, text),
    comment: "#",
    schema: &keys::SCHEMA,
    links: load::links,
    resolve: resolve::resolve,
    print: |_, _, value| Printed::of(value, &|value| value.as_str().unwrap_or_default().to_owned()),
    comments: syntax::comments,
    edit: edit::edit,
};

/// Whether all lines begin as records do.
fn sniff(path: &str, text: &str) -> bool {
    let masked = crate::syntax::template::mask(path, text);
    let lines = syntax::parse(&masked.text, syntax::Dialect::of(u16::MAX));
    let first = |line: &syntax::Line| line.fields.first()?.first().map(|token| token.text.clone());
    let records = lines.iter().filter_map(first);
    let (known, unknown): (Vec<String>, Vec<String>) = records.partition(|word| record::ways(word).is_some());
    !known.is_empty() && unknown.iter().all(|word| word.starts_with("include") || word.contains('\u{1b}'))
}
