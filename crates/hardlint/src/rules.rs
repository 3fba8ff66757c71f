//! `hardlint rules`.

use crate::CLEAN;
use crate::args::{Rules, TextOrJson};
use crate::report::Out;
use anyhow::{Result, bail};
use hardlint_lint::diagnostic::Safety;
use hardlint_lint::rule::Rule;
use serde::Serialize;
use std::io::{self, Write};

/// A rule as scripts read it: a contract, so a field is added but never changed.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    confidence: &'static str,
    status: &'static str,
    formats: [&'a str; 1],
    /// Whether a tool may apply its fix.
    fixable: bool,
    equivalents: &'a [String],
    references: &'a [String],
    since: &'a str,
    url: String,
}

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Where a rule is wrong.
pub fn run(args: &Rules) -> Result<u8> {
    let rules = crate::linter::rules(&args.rules)?;
    let listed: Vec<Listed<'_>> = rules.all().map(|rule| listed(&rule.rule)).collect();
    let wrong: Vec<String> = rules.errors().map(ToString::to_string).collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    let mut out = Out::standard();
    match args.output_format {
        TextOrJson::Json => {
            serde_json::to_writer_pretty(&mut out, &listed).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            let width = listed.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
            for rule in &listed {
                let note = if rule.status == "preview" { " (preview)" } else { "" };
                writeln!(out, "{:width$}  {:8}  {}{note}", rule.id, rule.severity, rule.title)?;
            }
        }
    }
    out.finish()?;
    Ok(CLEAN)
}

fn listed(rule: &Rule) -> Listed<'_> {
    Listed {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity.name(),
        confidence: rule.confidence.name(),
        status: rule.status.name(),
        formats: [rule.format()],
        fixable: rule.fix.as_ref().is_some_and(|fix| fix.safety != Safety::Manual),
        equivalents: &rule.equivalents,
        references: &rule.references,
        since: &rule.since,
        url: url(rule),
    }
}

/// Where a rule can be read.
pub fn url(rule: &Rule) -> String {
    format!("{}/blob/main/rules/{}.yaml", env!("CARGO_PKG_REPOSITORY"), rule.id)
}
