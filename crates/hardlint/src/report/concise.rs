//! One line a finding: `path:line:column: severity[rule] message`.

use super::{Outcome, clean};
use std::io::{self, Write};

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for (part, finding) in outcome.findings() {
        let at = finding.primary.start();
        let path = part.names.of(&finding.primary.source.path);
        let (path, message) = (clean::line(&path), clean::line(&finding.message));
        let (severity, rule) = (finding.severity.name(), clean::line(&finding.rule));
        writeln!(out, "{path}:{}:{}: {severity}[{rule}] {message}", at.line, at.column)?;
    }
    write_problems(outcome, out)
}

pub fn write_problems(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for (part, problem) in outcome.problems() {
        let (word, message) = (problem.word(), clean::line(&problem.message));
        match &problem.at {
            Some(label) => {
                let at = label.start();
                let path = part.names.of(&label.source.path);
                writeln!(out, "{}:{}:{}: {word}: {message}", clean::line(&path), at.line, at.column)?;
            }
            None => writeln!(out, "{}: {word}: {message}", clean::line(&part.names.of(&problem.path)))?,
        }
    }
    Ok(())
}
