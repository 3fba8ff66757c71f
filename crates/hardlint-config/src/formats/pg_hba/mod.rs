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
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};

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
    words: record::WORDS,
    identity: super::label,
    edit: edit::edit,
};

/// The records of a file that let users of the machine in without a password, each with its place: as users who are no
/// superusers, for of those the file is told of where they stand.
pub(super) fn local_trust(reader: &mut Reader<'_>, query: &Query, file: FileId, major: u16) -> Vec<(String, Loc)> {
    let loaded = load::load(reader, query, file, major);
    let sure = loaded.lines.iter().filter(|line| line.conditional.is_none());
    let records = sure.filter_map(|line| match record::parse(line, major) {
        record::Parsed::Record(record) => Some((record, line.at)),
        record::Parsed::Refused(_) | record::Parsed::Unknown(_) => None,
    });
    let records: Vec<(Box<record::Record>, Loc)> = records.collect();
    let all: Vec<&record::Record> = records.iter().map(|(record, _)| &**record).collect();
    let (left, superusers) = (order::left(&all, |_| true), facts::superusers(&all, |_| true));
    let trusting = records.iter().zip(left).zip(superusers).filter(|(((record, _), left), superuser)| {
        let local = left.ways & record::LOCAL != 0 && !superuser;
        local
            && !record.databases.iter().any(|name| name.is == record::Is::Replication)
            && record.method.0.as_ref().is_ok_and(|method| *method == "trust")
    });
    trusting.map(|(((record, at), _), _)| (record.label(), *at)).collect()
}

/// Whether all lines begin as records do.
fn sniff(path: &str, text: &str) -> bool {
    let masked = crate::syntax::template::mask(path, text);
    let lines = syntax::parse(&masked.text, syntax::Dialect::of(u16::MAX));
    let first = |line: &syntax::Line| line.fields.first()?.first().map(|token| token.text.clone());
    let records = lines.iter().filter_map(first);
    let (known, unknown): (Vec<String>, Vec<String>) = records.partition(|word| record::ways(word).is_some());
    !known.is_empty() && unknown.iter().all(|word| word.starts_with("include") || word.contains('\u{1b}'))
}
