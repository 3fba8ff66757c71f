//! From reports to text that people and programs read.
//!
//! A report never re-derives meaning: what it prints was decided by the linter. The paths that it prints come from
//! [`Names`]; all text that goes to people goes through [`clean`].

mod checkstyle;
pub mod clean;
mod concise;
pub mod frame;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
pub mod markup;
mod out;
mod sarif;
pub mod summary;
mod text;

use crate::args::Output;
use crate::root::Names;
use hardlint_config::secrets;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Diagnostic, Fingerprint, Label, Report, Severity, Trouble};
pub use html::{Picture, Service};
pub use out::Out;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
pub use text::severity_colour;

/// What stands where others name a rule, for what could not be understood.
const PROBLEM: &str = "hardlint/problem";

/// What stands where others name a rule, for a file that was named and is none that is read.
const NOTICE: &str = "hardlint/notice";

/// What stands where others name a rule.
fn name(problem: &Trouble) -> &'static str {
    if problem.notice { NOTICE } else { PROBLEM }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was found below each root.
    pub parts: Vec<Part>,
    /// What the rules that fired are called, and where they can be read.
    pub rules: BTreeMap<Arc<str>, Named>,
    /// What is deployed, for reports that show it.
    pub picture: Picture,
}

/// A rule as a report names it.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// What is wrong, in a few words.
    pub title: String,
    /// Where the rule can be read.
    pub url: String,
    /// What others say of it: `CWE-22`, or a page.
    pub references: Vec<String>,
}

/// Something that is told of a file.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Finding(&'a Part, &'a Diagnostic),
    Problem(&'a Part, &'a Trouble),
}

impl<'a> Entry<'a> {
    fn message(self) -> &'a str {
        match self {
            Self::Finding(_, finding) => &finding.message,
            Self::Problem(_, problem) => &problem.message,
        }
    }

    fn rule(self) -> &'a str {
        match self {
            Self::Finding(_, finding) => &finding.rule,
            Self::Problem(_, problem) => name(problem),
        }
    }
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
    /// The settings file that keeps something from being told, and by which settings.
    pub narrowed: Option<(String, Vec<&'static str>)>,
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

    /// How much was not understood, and how much else is only worth knowing.
    pub fn not_understood(&self) -> (usize, usize) {
        let notices = self.problems().filter(|(_, problem)| problem.notice).count();
        (self.problems().count() - notices, notices)
    }

    /// Tells as a problem what is only worth knowing where something else was read.
    pub fn raise_notices(&mut self) {
        let problems = self.parts.iter_mut().flat_map(|part| &mut part.report.problems);
        problems.for_each(|problem| problem.notice = false);
    }

    /// Everything that is told, by the printed path of its file.
    fn by_file(&self) -> BTreeMap<String, Vec<Entry<'_>>> {
        let mut files: BTreeMap<String, Vec<Entry<'_>>> = BTreeMap::new();
        for (part, finding) in self.findings() {
            let path = part.names.of(&finding.primary.source.path);
            files.entry(path).or_default().push(Entry::Finding(part, finding));
        }
        for (part, problem) in self.problems() {
            files.entry(part.place_of(problem).0).or_default().push(Entry::Problem(part, problem));
        }
        files
    }

    /// The settings files that keep something from being told, with the settings that do.
    pub fn narrowed(&self) -> impl Iterator<Item = (&str, &[&'static str])> {
        self.parts.iter().filter_map(|part| part.narrowed.as_ref()).map(|(path, keys)| (path.as_str(), keys.as_slice()))
    }

    /// What is not told, and who decides that: a report that is handed on would look clean without.
    pub fn kept_back(&self) -> Vec<String> {
        let settings =
            self.narrowed().map(|(path, keys)| format!("{path} keeps something from being told: {}", keys.join(", ")));
        let held = self.held();
        let files = match held {
            0 => None,
            1 => Some("1 file holds more and is".to_owned()),
            _ => Some(format!("{held} files hold more and are")),
        };
        let files =
            files.map(|files| format!("{files} for development, tests or examples: `--role production` tells it"));
        settings.chain(files).collect()
    }

    /// How many files hold findings that are not told for what the files are for.
    pub fn held(&self) -> usize {
        self.parts.iter().map(|part| part.report.held.len()).sum()
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
            Output::Json => json::write(self, &mut clean::Json(out)),
            Output::Jsonl => json::write_lines(self, &mut clean::Json(out)),
            Output::Sarif => sarif::write(self, &mut clean::Json(out)),
            Output::Github => github::write(self, out),
            Output::Gitlab => gitlab::write(self, &mut clean::Json(out)),
            Output::Junit => junit::write(self, out),
            Output::Checkstyle => checkstyle::write(self, out),
            Output::Markdown => markdown::write(self, out),
            Output::Html => html::write(self, out),
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
            // A fingerprint is printed as a hash, and even that is not to be one of a secret.
            for scope in &mut finding.fingerprint.scopes {
                if let Cow::Owned(hidden) = secrets::hide(scope) {
                    *scope = hidden.into();
                }
            }
        }
        for problem in &mut report.problems {
            hide(&mut problem.message);
            problem.at.iter_mut().for_each(|label| hide(&mut label.text));
        }
        Self { report, names, files, narrowed: None }
    }

    fn place(&self, label: &Label) -> Place {
        Place::new(&self.names, &label.source, label.span)
    }

    /// The file of a problem, and where in it, if it could be read.
    fn place_of(&self, problem: &Trouble) -> (String, Option<Place>) {
        match &problem.at {
            Some(label) => (self.names.of(&label.source.path), Some(self.place(label))),
            None => (self.names.of(&problem.path), None),
        }
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

/// A fingerprint in one word.
fn fingerprint(parts: &Fingerprint) -> String {
    let mut words: Vec<&str> = vec![&parts.rule, &parts.path];
    words.extend(parts.scopes.iter().map(|scope| &**scope));
    let ordinal = parts.ordinal.to_string();
    words.extend(["", &parts.key, &ordinal]);
    hash(&words)
}

/// Texts in one word: FNV-1a, which is the same everywhere and forever.
fn hash(texts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for text in texts {
        // A text's end counts as well, so that "ab", "c" is not "a", "bc".
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
pub mod sample;
