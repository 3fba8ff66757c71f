//! The first and the last stage of a check, by themselves, for what measures each stage (`benches/stages/stages.rs`); those
//! between them are public in the libraries.

use crate::args::{Args, Command, Output};
use crate::report::Style;
use crate::{check, root, walk};
use anyhow::{Context, Result, bail};
use clap::Parser;
use std::path::Path;

/// Makes a function that finds the files of a folder, and gives how many there are.
///
/// # Errors
/// Where there is no such folder, or its settings are wrong.
pub fn walking(folder: &Path) -> Result<impl Fn() -> usize> {
    let roots = root::find_as(&[folder.to_owned()], root::Using::Found, false)?;
    let root = roots.into_iter().next().context("no root")?;
    Ok(move || walk::walk(&root, &root.arguments).files.len())
}

/// Checks a folder, and makes a function that writes the report of it as text, JSON and SARIF, and gives how many bytes
/// these are.
///
/// # Errors
/// As of the command.
pub fn reporting(folder: &Path) -> Result<impl Fn() -> usize> {
    let arguments = ["hardlint".as_ref(), "check".as_ref(), folder.as_os_str()];
    let Command::Check(args) = Args::try_parse_from(arguments)?.command else {
        bail!("these are no arguments of `check`")
    };
    let outcome = check::outcome(&args)?;
    let style = Style { colour: false, width: None };
    Ok(move || {
        let mut written = Vec::new();
        for form in [Output::Text, Output::Json, Output::Sarif] {
            // Nothing fails in memory.
            let _ = outcome.write(form, style, &mut written);
        }
        written.len()
    })
}
