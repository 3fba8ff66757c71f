//! The one thing of `pg_hba.conf` that this format asks about: records that let local users in without a password.
//!
//! It reads no includes and judges no record that others could shadow; that is for the format of that file.

use super::load;
use crate::loader;
use crate::model::Why;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// Reads the `pg_hba.conf` that the server with the configuration at `conf` uses, `named` by its `hba_file` if that is set.
/// Gives the `local` records with the method `trust`.
pub(super) fn trusting(
    reader: &mut Reader<'_>,
    query: &Query,
    conf: &str,
    named: Option<&str>,
) -> Result<Vec<(String, Loc)>, Why> {
    let target = named.unwrap_or("pg_hba.conf");
    let beside = || loader::join(loader::folder(conf), loader::name(target));
    let places = [load::locate(reader.loader, query, conf, target), beside()];
    let file = places.into_iter().flatten().find_map(|place| reader.open(&place, None).ok());
    let file = file.ok_or_else(|| Why::File(target.into()))?;
    Ok(records(file, &reader.source(file).text.clone()))
}

fn records(file: FileId, text: &str) -> Vec<(String, Loc)> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.split('#').next().unwrap_or_default().trim();
        let mut words = content.split_whitespace();
        // The method is the last word or is followed by options, `name=value`.
        let method = words.clone().rev().find(|word| !word.contains('='));
        if words.next() == Some("local") && method == Some("trust") && content.split_whitespace().count() >= 4 {
            let from = start + (line.len() - line.trim_start().len());
            let label = content.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push((label, Loc::new(file, Span::new(from, from + content.len()))));
        }
        start += line.len();
    }
    found
}
