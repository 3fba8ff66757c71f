//! From reports to text that people and programs read.
//!
//! A report never re-derives meaning: what it prints was decided by the linter. The paths that it prints come from
//! [`Names`]; all text that goes to people goes through [`clean`].

pub mod clean;
mod concise;
pub mod frame;
mod github;
mod json;
mod sarif;
pub mod summary;
mod text;

use crate::args::Output;
use crate::root::Names;
use hardlint_config::secrets;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Diagnostic, Fingerprint, Label, Report, Severity, Trouble};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
pub use text::severity_colour;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was found below each root.
    pub parts: Vec<Part>,
    /// What the rules that fired are called, and where they can be read.
    pub rules: BTreeMap<Arc<str>, Named>,
}

/// A rule as a report names it.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// What is wrong, in a few words.
    pub title: String,
    /// Where the rule can be read.
    pub url: String,
}

/// What was found below one root.
#[derive(Debug, Default)]
pub struct Part {
    /// Findings and problems.
    pub report: Report,
    /// How its paths are printed.
    pub names: Names,
    /// How many files of each format were read.
    pub files: BTreeMap<&'static str, usize>,
}

/// Where a report goes: many small pieces are written as few large ones.
pub struct Out(Box<dyn Write>);

impl Out {
    /// Standard output.
    pub fn standard() -> Self {
        Self(Box::new(BufWriter::with_capacity(1 << 16, io::stdout().lock())))
    }

    /// A file.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn file(path: &Path) -> io::Result<Self> {
        Ok(Self(Box::new(BufWriter::new(File::create(path)?))))
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// How text for people is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether there is colour.
    pub colour: bool,
    /// How wide the terminal is, if it is one.
    pub width: Option<usize>,
}

impl Outcome {
    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = (&Part, &Diagnostic)> {
        self.parts.iter().flat_map(|part| part.report.diagnostics.iter().map(move |finding| (part, finding)))
    }

    /// All problems.
    pub fn problems(&self) -> impl Iterator<Item = (&Part, &Trouble)> {
        self.parts.iter().flat_map(|part| part.report.problems.iter().map(move |problem| (part, problem)))
    }

    /// How many files of each format were read.
    pub fn files(&self) -> BTreeMap<&'static str, usize> {
        let mut files = BTreeMap::new();
        for (format, count) in self.parts.iter().flat_map(|part| &part.files) {
            *files.entry(*format).or_default() += count;
        }
        files
    }

    /// How many findings there are of each severity.
    pub fn by_severity(&self) -> BTreeMap<Severity, usize> {
        severities(self.findings().map(|(_, finding)| finding))
    }

    /// Writes what could not be understood, and nothing else.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_problems(&self, out: &mut dyn Write) -> io::Result<()> {
        concise::write_problems(self, out)
    }

    /// Writes the report.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, format: Output, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Output::Text => text::write(self, style, out),
            Output::Concise => concise::write(self, out),
            Output::Json => json::write(self, out),
            Output::Jsonl => json::write_lines(self, out),
            Output::Sarif => sarif::write(self, out),
            Output::Github => github::write(self, out),
        }
    }
}

/// A place as reports have it: from 1, columns in characters, the end one past the last.
#[derive(Debug, Serialize)]
pub struct Place {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Place {
    /// The place of `span` in a text.
    pub fn new(names: &Names, source: &Source, span: Span) -> Self {
        let (start, end) = (source.position(span.start), source.position(span.end));
        Self {
            path: names.of(&source.path),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// For people: `compose.yaml:12`.
    pub fn short(&self) -> String {
        format!("{}:{}", clean::line(&self.path), self.line)
    }
}

impl Part {
    /// A part whose texts show no secret: a message quotes what a file says, and a file may say a password.
    pub fn new(mut report: Report, names: Names, files: BTreeMap<&'static str, usize>) -> Self {
        let hide = |text: &mut String| {
            if let Cow::Owned(hidden) = secrets::hide(text) {
                *text = hidden;
            }
        };
        for finding in &mut report.diagnostics {
            hide(&mut finding.message);
            hide(&mut finding.primary.text);
            finding.related.iter_mut().for_each(|label| hide(&mut label.text));
            if let Some(fix) = &mut finding.fix {
                hide(&mut fix.title);
                // An edit that copies a secret is made by hardlint itself, and told to nobody.
                if fix.edits.iter().any(|edit| matches!(secrets::hide(&edit.text), Cow::Owned(_))) {
                    fix.edits.clear();
                }
            }
            finding.assumed.iter_mut().for_each(hide);
        }
        for problem in &mut report.problems {
            hide(&mut problem.message);
            problem.at.iter_mut().for_each(|label| hide(&mut label.text));
        }
        Self { report, names, files }
    }

    fn place(&self, label: &Label) -> Place {
        Place::new(&self.names, &label.source, label.span)
    }
}

/// How many findings there are of each severity.
pub fn severities<'d>(findings: impl Iterator<Item = &'d Diagnostic>) -> BTreeMap<Severity, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    counts
}

/// A fingerprint in one word: FNV-1a over its parts, which is the same everywhere and forever.
fn fingerprint(parts: &Fingerprint) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |text: &str| {
        // A part's end counts as well, so that "ab", "c" is not "a", "bc".
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(&parts.rule);
    add(&parts.path);
    for scope in &parts.scopes {
        add(scope);
    }
    add("");
    add(&parts.key);
    add(&parts.ordinal.to_string());
    format!("{hash:016x}")
}

#[cfg(test)]
pub mod sample;
