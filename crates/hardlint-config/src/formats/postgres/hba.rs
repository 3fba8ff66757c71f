//! The one thing of `pg_hba.conf` that this format asks about: records that let local users in without a password.
//!
//! Which file the server reads is told here, and what stands in it by that file's own format.

use super::load;
use super::parameter::major;
use crate::formats::pg_hba;
use crate::loader;
use crate::model::Why;
use crate::text::Loc;
use crate::version::Versions;
use crate::workspace::{Query, Reader};

/// Reads the `pg_hba.conf` that the server with the configuration at `conf` uses, `named` by its `hba_file` if that is set.
/// Gives the `local` records with the method `trust`, but for those of superusers.
pub(super) fn trusting(
    reader: &mut Reader<'_>,
    query: &Query,
    conf: &str,
    named: Option<&str>,
    versions: Versions,
) -> Result<Vec<(String, Loc)>, Why> {
    let target = named.unwrap_or("pg_hba.conf");
    let beside = || loader::join(loader::folder(conf), loader::name(target));
    let places = [load::locate(reader.loader, query, conf, target), beside()];
    let file = places.into_iter().flatten().find_map(|place| reader.open(&place, None).ok());
    let file = file.ok_or_else(|| Why::File(target.into()))?;
    Ok(pg_hba::local_trust(reader, query, file, major(versions).1))
}
