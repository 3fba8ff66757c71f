//! `--show-files`: what is read as what, and what is not and why.

use crate::args::Output;
use crate::project::Project;
use crate::report::{Outcome, clean};
use crate::root::Names;
use hardlint_config::formats::{self, By, ByName};
use serde::Serialize;
use std::io::{self, Write};

/// A file that was asked for, or that belongs to one.
#[derive(Debug, Serialize)]
pub struct Listed {
    path: String,
    /// What it is read as.
    format: Option<&'static str>,
    /// What told so.
    by: Option<&'static str>,
    role: &'static str,
    /// The files that bring it in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    included_by: Vec<String>,
    /// Why it is not read, or what else is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Whether it was asked for.
    asked: bool,
}

/// The files of a project.
pub fn list(project: &Project<'_>, names: &Names) -> Vec<Listed> {
    let mut included_by: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
    for (path, slot) in project.workspace.slots() {
        for link in &slot.links {
            included_by.entry(link).or_default().push(names.of(path));
        }
    }
    let listed = project.workspace.slots().map(|(path, slot)| {
        let included_by = included_by.remove(&**path).unwrap_or_default();
        let by = slot.detected.map(|detected| match detected.by {
            By::Name => "name",
            By::Content => "content",
            By::Told if included_by.is_empty() => "command or settings",
            By::Told => "include",
        });
        let note = match (&slot.unread, slot.detected, formats::by_name(path)) {
            (Some(error), ..) => Some(error.to_string()),
            (None, None, ByName::Perhaps) => Some("its content is no format that is read".to_owned()),
            (None, None, ByName::Is(_)) => Some("the settings say that it is none".to_owned()),
            (None, None, ByName::Nothing) => Some("its name is no format's that is read".to_owned()),
            (None, Some(_), _) => None,
        };
        Listed {
            path: names.of(path),
            format: slot.format(),
            by,
            role: slot.role.name(),
            included_by,
            note,
            asked: project.asked.contains(path),
        }
    });
    listed.collect()
}

/// Prints the files, then how many of each format there are.
pub fn write(outcome: &Outcome, listing: &[Listed], format: Output, out: &mut dyn Write) -> io::Result<()> {
    if !matches!(format, Output::Text | Output::Concise) {
        #[derive(Serialize)]
        struct Document<'a> {
            version: u32,
            files: &'a [Listed],
        }
        serde_json::to_writer_pretty(clean::Json(&mut *out), &Document { version: 1, files: listing })?;
        return writeln!(out);
    }
    let width = listing.iter().filter_map(|file| file.format).map(str::len).max().unwrap_or(0).max(1);
    for file in listing {
        let format = file.format.unwrap_or("-");
        write!(out, "{format:width$}  {}", clean::line(&file.path))?;
        let mut remarks = Vec::new();
        remarks.extend(file.by.map(|by| format!("by {by}")));
        remarks.extend((file.format.is_some() && file.role != "unknown").then(|| file.role.to_owned()));
        if let Some(by) = file.included_by.first() {
            let more = file.included_by.len() - 1;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            remarks.push(format!("brought in by {}{more}", clean::line(by)));
        }
        remarks.extend((!file.asked).then(|| "not asked for".to_owned()));
        remarks.extend(file.note.as_deref().map(|note| clean::line(note).into_owned()));
        writeln!(out, "  ({})", remarks.join("; "))?;
    }
    writeln!(out)?;
    for (format, count) in outcome.files() {
        writeln!(out, "{format}: {count}")?;
    }
    let unread = listing.iter().filter(|file| file.format.is_none()).count();
    writeln!(out, "not read: {unread}")?;
    let problems: Vec<_> = outcome.problems().collect();
    writeln!(out, "problems: {}", outcome.not_understood().0)?;
    for (part, problem) in problems {
        let line = problem.at.as_ref().map(|at| format!(":{}", at.start().line)).unwrap_or_default();
        let said = if problem.notice { "notice: " } else { "" };
        let message = clean::line(&problem.message);
        writeln!(out, "  {}{line}: {said}{message}", clean::line(&part.names.of(&problem.path)))?;
    }
    Ok(())
}
