//! How a check ends: what is written of its outcome, what people are told beside it, and the exit status.

use crate::args::{Check, Output};
use crate::baseline::Left;
use crate::fix::Fixed;
use crate::report::{Out, Outcome, Style, summary};
use crate::{CLEAN, FINDINGS, PROBLEMS, opened};
use anyhow::Result;
use std::io::{self, Write};
use std::time::Duration;

pub(super) fn write(args: &Check, outcome: &Outcome, listing: &[crate::files::Listed]) -> Result<()> {
    let render = |style, out: &mut dyn Write| {
        if args.show_files {
            crate::files::write(outcome, listing, args.output_format, out)
        } else {
            outcome.write(args.output_format, style, out)
        }
    };
    let (mut out, style) = opened(args.output.as_deref())?;
    render(style, &mut out)?;
    out.finish()?;
    Ok(())
}

/// What would change; what could not be understood is told beside it.
pub(super) fn write_diff(args: &Check, outcome: &Outcome, fixed: &Fixed) -> Result<()> {
    let (mut out, _) = opened(args.output.as_deref())?;
    out.write_all(fixed.diff.as_bytes())?;
    out.finish()?;
    outcome.write_problems(&mut io::stderr())?;
    Ok(())
}

/// The text of standard input with its fixes made. The report of the rest goes where it does not mix with it.
pub(super) fn write_input(args: &Check, outcome: &Outcome, fixed: &Fixed, bytes: &[u8]) -> Result<()> {
    let mut out = Out::standard();
    out.write_all(fixed.input.as_ref().map_or(bytes, |text| text.as_bytes()))?;
    out.finish()?;
    match &args.output {
        Some(path) => {
            let (mut out, style) = opened(Some(path))?;
            outcome.write(args.output_format, style, &mut out)?;
            out.finish()?;
        }
        None => outcome.write(args.output_format, Style { colour: false, width: None }, &mut io::stderr())?,
    }
    Ok(())
}

/// What people are told beside the report.
pub(super) fn summarize(args: &Check, outcome: &Outcome, left: Option<Left>, took: Duration) {
    if !args.show_files {
        if let Some(Left { out, gone }) = left {
            let gone = if gone == 0 {
                String::new()
            } else {
                let is = if gone == 1 { "is" } else { "are" };
                format!("; {gone} in it {is} gone, --write-baseline forgets {}", if gone == 1 { "it" } else { "them" })
            };
            let _ = writeln!(io::stderr(), "{out} more {} in the baseline{gone}", if out == 1 { "is" } else { "are" });
        }
        let reads_on = args.output_format == Output::Text && args.output.is_none();
        let _ = io::stderr().write_all(summary::of(outcome, took, reads_on).as_bytes());
    }
}

/// Whether anything would change.
pub(super) fn status_of_diff(args: &Check, outcome: &Outcome, fixed: &Fixed) -> u8 {
    match (fixed.diff.is_empty(), outcome.not_understood().0 > 0) {
        (false, _) if !args.failing.exit_zero => FINDINGS,
        (_, true) => PROBLEMS,
        _ => CLEAN,
    }
}

/// The status of a run of which some findings are bad enough, or none.
pub(super) fn status(args: &Check, outcome: &Outcome, fails: bool) -> u8 {
    // Who asks for the list of files sees no findings.
    let fails = fails && !args.failing.exit_zero && !args.show_files;
    match (fails, outcome.not_understood().0 > 0) {
        (true, _) => FINDINGS,
        (false, true) => PROBLEMS,
        (false, false) => CLEAN,
    }
}
