//! Workflow commands, which GitHub Actions shows beside the lines that they name.
//!
//! `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`, one a finding. In what is said, `%` and the ends of
//! lines are written as percent codes; in properties, `:` and `,` are as well.

use super::{Outcome, Part, clean};
use hardlint_lint::diagnostic::{Label, Severity};
use std::io::{self, Write};

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for (part, finding) in outcome.findings() {
        let title = format!("hardlint: {} ({})", finding.rule, finding.severity.name());
        let place = Place::new(part, &finding.primary);
        let fix = finding.fix.as_ref().map(|fix| format!("\nFix: {}", clean::line(&fix.title))).unwrap_or_default();
        // A log shows nothing but the message.
        let (severity, rule) = (finding.severity.name(), &finding.rule);
        let message = format!("{}: {severity}[{rule}] {}{fix}", place.short(), clean::line(&finding.message));
        writeln!(
            out,
            "::{} {},title={}::{}",
            level(finding.severity),
            place.properties(),
            property(&title),
            data(&message)
        )?;
    }
    for (part, problem) in outcome.problems() {
        let (properties, place) = if let Some(label) = &problem.at {
            let place = Place::new(part, label);
            (place.properties(), place.short())
        } else {
            let path = clean::line(&part.names.of(&problem.path)).into_owned();
            (format!("file={}", property(&path)), path)
        };
        let (level, title) =
            if problem.notice { ("notice", "hardlint: not read") } else { ("error", "hardlint: not understood") };
        let message = format!("{place}: {}: {}", problem.word(), clean::line(&problem.message));
        writeln!(out, "::{level} {properties},title={}::{}", property(title), data(&message))?;
    }
    Ok(())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// Where an annotation stands.
struct Place {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Place {
    fn new(part: &Part, label: &Label) -> Self {
        let (start, end) = (label.start(), label.end());
        let path = clean::line(&part.names.of(&label.source.path)).into_owned();
        Self { path, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }

    fn short(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }

    fn properties(&self) -> String {
        let Self { path, line, column, end_line, end_column } = self;
        let path = property(path);
        if line == end_line {
            format!("file={path},line={line},col={column},endLine={end_line},endColumn={end_column}")
        } else {
            // Of several lines, GitHub takes no columns.
            format!("file={path},line={line},endLine={end_line}")
        }
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn findings_and_problems_are_commands() {
        let mut out = Vec::new();
        write(&sample::outcome(), &mut out).unwrap();
        let expected = "\
::error file=conf.d/site.conf,line=3,col=14,endLine=3,endColumn=20,title=hardlint%3A nginx/alias-traversal (high)::\
conf.d/site.conf:3:14: high[nginx/alias-traversal] `location /files` can be left through `alias /srv/files/`%0A\
Fix: end the location with a slash
::notice file=conf.d/site.conf,line=7,col=14,endLine=7,endColumn=16,title=hardlint%3A nginx/alias-traversal (low)::\
conf.d/site.conf:7:14: low[nginx/alias-traversal] `location /x` again
::error file=conf.d/site.conf,line=9,col=1,endLine=9,endColumn=2,title=hardlint%3A not understood::\
conf.d/site.conf:9:1: problem: unexpected end of file, expecting `}`
::error file=certs/dhparam,title=hardlint%3A not understood::\
certs/dhparam: problem: it is not text: a NUL byte stands at offset 3
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn nothing_in_a_text_ends_its_command() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
