//! Zones of shared memory: each has one size and one use, whichever lines name it; and the caches whose keys are in them.

use super::super::resolve::Build;
use super::values::{number, size, time};
use super::{Fault, Line, folders};
use crate::text::Loc;
use std::collections::BTreeMap;

/// The zones that lines named, as nginx keeps them while it reads.
#[derive(Debug, Default)]
pub(in super::super) struct Zones {
    known: BTreeMap<String, Zone>,
    /// Those that something has to define, before or behind.
    used: Vec<(String, Loc)>,
}

#[derive(Debug)]
struct Zone {
    of: Use,
    /// Nothing as long as it is only used.
    size: i64,
    /// Whether a template decides on it.
    unsure: bool,
    defined: bool,
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Requests,
    Connections,
    Sessions,
    Certificates,
    Group,
    /// The keys of a cache, of `proxy` or another.
    Cache(&'static str),
}

/// Eight pages, which is what most zones need.
pub(super) const LEAST: i64 = 32_768;
/// What is looked at of it in one configuration.
const MOST: usize = 10_000;

impl Use {
    /// Whether a second line may not define it again.
    fn once(self) -> bool {
        matches!(self, Self::Requests | Self::Connections | Self::Cache(_))
    }
}

impl Zones {
    /// Notes a zone and its size; none if it is only used. What does not go with the lines before is a fault.
    fn name(&mut self, name: &str, of: Use, bytes: i64, unsure: bool) -> Result<(), String> {
        if self.known.len() >= MOST {
            return Ok(());
        }
        let known = self.known.entry(name.to_owned());
        let fresh = matches!(known, std::collections::btree_map::Entry::Vacant(_));
        let zone = known.or_insert(Zone { of, size: 0, unsure, defined: false });
        zone.unsure |= unsure;
        if zone.unsure {
            zone.size = zone.size.max(bytes);
            return Ok(());
        }
        if !fresh && zone.of != of {
            return Err(format!("the zone `{name}` is for another use already; nginx refuses that"));
        }
        if zone.size == 0 {
            zone.size = bytes;
        } else if bytes > 0 && bytes != zone.size {
            return Err(format!("the zone `{name}` has another size already; nginx refuses that"));
        }
        if bytes > 0 && of.once() && std::mem::replace(&mut zone.defined, true) {
            return Err(format!("there is a zone called `{name}` already; nginx refuses that"));
        }
        Ok(())
    }

    /// What is used and nothing defines.
    pub(super) fn missing(&self) -> impl Iterator<Item = &(String, Loc)> {
        self.used.iter().filter(|(name, _)| self.known.get(name).is_none_or(|zone| zone.size == 0 && !zone.unsure))
    }
}

/// Whether a template decides whether the line is there.
pub(super) fn unsure(line: &Line<'_>) -> bool {
    line.statement.condition.is_some() || line.frame.conditional || !line.frame.sure
}

/// A line that defines a zone.
pub(super) fn defines(
    build: &mut Build<'_, '_>,
    line: &Line<'_>,
    index: usize,
    name: &str,
    of: Use,
    bytes: i64,
) -> Result<(), Fault> {
    build.seen.zones.name(name, of, bytes, unsure(line)).or_else(|message| Fault::new(index, message))
}

/// A line that uses a zone, which something has to define, before or behind.
pub(super) fn uses(build: &mut Build<'_, '_>, line: &Line<'_>, index: usize, name: &str, of: Use) -> Result<(), Fault> {
    let Some(word) = line.words.get(index) else { return Ok(()) };
    let zones = &mut build.seen.zones;
    if zones.used.len() < MOST {
        zones.used.push((name.to_owned(), Loc::new(line.frame.file, word.place())));
    }
    zones.name(name, of, 0, unsure(line)).or_else(|message| Fault::new(index, message))
}

/// Zones that a line defines in words which a template fills in.
fn filled_in(build: &mut Build<'_, '_>, line: &Line<'_>, key: &str, of: Use) {
    for index in (1..line.words.len()).filter(|&index| line.known(index).is_none()) {
        if let Some(zone) = line.spelt(index).strip_prefix(key) {
            let _ = build.seen.zones.name(zone.split(':').next().unwrap_or_default(), of, 0, true);
        }
    }
}

fn all_known(line: &Line<'_>) -> bool {
    (1..line.words.len()).all(|index| line.known(index).is_some())
}

/// `zone=NAME:SIZE`, and what else the directive takes.
pub(super) fn zone(build: &mut Build<'_, '_>, line: &Line<'_>, of: Use) -> Result<(), Fault> {
    filled_in(build, line, "zone=", of);
    let mut named = false;
    for (index, text) in line.arguments().skip(1) {
        let fits = if let Some(zone) = text.strip_prefix("zone=") {
            named = true;
            let (name, bytes) = zone.split_once(':').unwrap_or((zone, ""));
            match size(bytes, false).filter(|&bytes| !name.is_empty() && bytes >= LEAST) {
                Some(bytes) => {
                    defines(build, line, index, name, of, bytes)?;
                    true
                }
                None => false,
            }
        } else if let Some(rate) = text.strip_prefix("rate=") {
            of == Use::Requests && rate_fits(rate)
        } else {
            text == "sync"
        };
        if !fits {
            return Fault::new(index, format!("nginx refuses this word for `{}`", line.name));
        }
    }
    if all_known(line) && !named { Fault::new(0, format!("`{}` has to say `zone=`", line.name)) } else { Ok(()) }
}

fn rate_fits(rate: &str) -> bool {
    let count = rate.strip_suffix("r/s").or(rate.strip_suffix("r/m")).unwrap_or(rate);
    number(count).is_some_and(|count| count > 0)
}

/// `zone NAME [SIZE]` of a group; without a size another group has to tell it.
pub(super) fn of_group(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(name) = line.known(1) else { return Ok(()) };
    if name.is_empty() {
        return Fault::new(1, "nginx refuses a zone without a name");
    }
    if line.words.len() == 2 {
        return uses(build, line, 1, &name, Use::Group);
    }
    let Some(bytes) = line.known(2) else {
        let _ = build.seen.zones.name(&name, Use::Group, 0, true);
        return Ok(());
    };
    match size(&bytes, false).filter(|&bytes| bytes >= LEAST) {
        Some(bytes) => defines(build, line, 1, &name, Use::Group, bytes),
        None => Fault::new(2, "a zone has to have 32 KB at least; nginx refuses another size"),
    }
}

/// The folder of a cache, and the zone that its keys are in: `keys_zone=NAME:SIZE`.
pub(super) fn cache_path(build: &mut Build<'_, '_>, line: &Line<'_>, of: Use) -> Result<(), Fault> {
    /// Two pages.
    const LEAST: i64 = 8192;
    filled_in(build, line, "keys_zone=", of);
    let mut zone = None;
    for (index, text) in line.arguments().skip(1) {
        let milliseconds = |text: &str| time(text, false).is_some();
        let fits = match text.split_once('=') {
            Some(("keys_zone", text)) => {
                let (name, bytes) = text.split_once(':').unwrap_or((text, ""));
                let Some(bytes) = size(bytes, false).filter(|&bytes| bytes >= LEAST) else {
                    return Fault::new(
                        index,
                        "`keys_zone` has to be a name and a size of 8 KB at least; nginx refuses another",
                    );
                };
                zone = Some((index, name.to_owned(), bytes)).filter(|_| !name.is_empty());
                true
            }
            Some(("levels", levels)) => levels.is_empty() || levels_fit(levels),
            Some(("use_temp_path" | "purger", text)) => matches!(text, "on" | "off"),
            Some(("inactive", text)) => time(text, true).is_some(),
            Some(("max_size" | "min_free", text)) => size(text, true).is_some(),
            Some(("loader_files" | "manager_files" | "purger_files", text)) => number(text).is_some(),
            Some(("loader_sleep" | "loader_threshold" | "manager_sleep" | "manager_threshold", text)) => {
                milliseconds(text)
            }
            Some(("purger_sleep" | "purger_threshold", text)) => milliseconds(text),
            _ => false,
        };
        if !fits {
            return Fault::new(index, format!("nginx refuses this word for `{}`", line.name));
        }
    }
    let Some((index, name, bytes)) = zone else {
        return if all_known(line) {
            Fault::new(0, format!("`{}` has to say `keys_zone=`", line.name))
        } else {
            Ok(())
        };
    };
    defines(build, line, index, &name, of, bytes)?;
    folders::cache(build, line)
}

/// Up to three levels of folders, with names of one or two characters.
fn levels_fit(levels: &str) -> bool {
    levels.split(':').count() <= 3 && levels.split(':').all(|level| matches!(level, "1" | "2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_use_and_one_size() {
        let mut zones = Zones::default();
        assert!(zones.name("a", Use::Sessions, 65_536, false).is_ok());
        assert!(zones.name("a", Use::Sessions, 65_536, false).is_ok());
        assert!(zones.name("a", Use::Sessions, 32_768, false).is_err());
        assert!(zones.name("a", Use::Requests, 0, false).is_err());
        // What a template may leave out says nothing.
        assert!(zones.name("b", Use::Requests, 65_536, true).is_ok());
        assert!(zones.name("b", Use::Connections, 32_768, false).is_ok());
        assert!(zones.name("c", Use::Requests, 65_536, false).is_ok());
        assert!(zones.name("c", Use::Requests, 65_536, false).is_err());
        assert!([levels_fit("1:2:2"), levels_fit("2")].iter().all(|fits| *fits));
        assert!(!["", "3", "1:", "12", "1:1:1:1"].iter().any(|levels| levels_fit(levels)));
    }
}
