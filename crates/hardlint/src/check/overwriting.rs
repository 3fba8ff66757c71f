//! What a run reads is not what it writes: a report or a baseline takes the place of no file that had a part in it.

use crate::args::Check;
use crate::bounded;
use crate::project::Project;
use crate::root::{self, Root};
use anyhow::{Result, bail};
use hardlint_config::formats::{self, ByName};
use hardlint_config::loader::{self, MAX_FILE};
use std::fs;
use std::path::{Path, PathBuf};

/// What is written, as options name it: files that are there, as others are not lost.
fn written(args: &Check) -> impl Iterator<Item = (&'static str, &PathBuf)> {
    let all = [("--output", &args.output), ("--write-baseline", &args.known.write_baseline)];
    all.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?))).filter(|(_, path)| path.is_file())
}

fn lost<T>(option: &str, path: &Path) -> Result<T> {
    bail!("{option} `{}`: that is a file which hardlint reads, and would be lost: name another one", root::shown(path))
}

/// Whether both are one file.
fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// What says by itself that it is read, and what arguments and settings name.
///
/// # Errors
/// Where it would be written over.
pub(super) fn inputs(args: &Check, roots: &[(Root, Option<Vec<u8>>)]) -> Result<()> {
    for (option, path) in written(args) {
        let known =
            args.known.baseline.as_ref().filter(|_| option == "--output" || args.known.write_baseline.is_none());
        let written = args.known.write_baseline.as_ref().filter(|_| option == "--output");
        let named = [known, written, args.reading.env_file.as_ref()];
        let mut settings = roots.iter().filter_map(|(root, _)| Some((root.settings.as_ref()?, &root.folder)));
        let is_settings = settings.any(|(found, folder)| found.reads(path, folder, option == "--output"));
        if is_read(path) || is_settings || named.into_iter().flatten().any(|other| same(path, other)) {
            return lost(option, path);
        }
    }
    Ok(())
}

/// What is judged, and what it brings in.
///
/// # Errors
/// Where it would be written over.
pub(super) fn files(args: &Check, root: &Root, project: &Project<'_>) -> Result<()> {
    for (option, path) in written(args) {
        let (Ok(real), Ok(folder)) = (fs::canonicalize(path), fs::canonicalize(&root.folder)) else { continue };
        let Ok(own) = real.strip_prefix(&folder) else { continue };
        let own = own.to_string_lossy().replace('\\', "/");
        let is_part = |slot: &hardlint_config::workspace::Slot| slot.parts.iter().any(|part| **part == *own);
        let judged = project.workspace.slot(&own).is_some_and(|slot| slot.format().is_some());
        if judged || project.workspace.slots().any(|(_, slot)| is_part(slot)) {
            return lost(option, path);
        }
    }
    Ok(())
}

/// Whether the name of a file, or what it says, make it one that is read. A pipe or a device is none.
fn is_read(path: &Path) -> bool {
    let name = path.to_string_lossy().replace('\\', "/");
    let last = loader::name(&name);
    let about_files = last.ends_with(".gitignore") || last.ends_with(".dockerignore");
    let packages = last.starts_with("requirements") && path.extension().is_some_and(|ending| ending == "txt");
    match formats::by_name(&name) {
        _ if about_files || packages => true,
        ByName::Is(_) => true,
        ByName::Perhaps => bounded::read(path, MAX_FILE)
            .is_ok_and(|text| formats::by_content(&name, &String::from_utf8_lossy(&text)).is_some()),
        ByName::Nothing => false,
    }
}
