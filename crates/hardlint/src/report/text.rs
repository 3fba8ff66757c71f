//! The report for people: each finding with the lines that decided, why it matters, and the way out.

use super::clean::{self, wrap};
use super::frame::Frames;
use super::{Outcome, Part, Style};
use anstyle::{AnsiColor, Style as Colour};
use codespan_reporting::diagnostic::{Diagnostic as Frame, Label as FrameLabel, LabelStyle, Severity as FrameSeverity};
use codespan_reporting::term::{self, Config, WriteStyle};
use hardlint_config::text::Span;
use hardlint_lint::diagnostic::{Diagnostic, Label, Severity, Trouble};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

/// How wide text is where there is no terminal.
const WIDTH: usize = 100;
/// How much of a line of code is shown where there is no terminal.
const CODE_WIDTH: usize = 160;
/// Narrower than this, nothing can be laid out.
const NARROWEST: usize = 24;

pub fn write(outcome: &Outcome, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut explained = BTreeSet::new();
    for (part, finding) in outcome.findings() {
        // What a rule is about is said once; the second time it is noise.
        let explain = explained.insert(finding.rule.clone());
        Block::of_finding(part, finding, explain).write(part, style, out)?;
    }
    for (part, problem) in outcome.problems() {
        Block::of_problem(part, problem).write(part, style, out)?;
    }
    Ok(())
}

/// One finding or problem, as it is laid out.
struct Block<'a> {
    /// `high[nginx/alias-traversal]`.
    tag: String,
    colour: Colour,
    severity: FrameSeverity,
    message: &'a str,
    labels: Vec<&'a Label>,
    notes: Vec<String>,
    masks: &'a BTreeMap<Arc<str>, Vec<Span>>,
    /// What stands for the frame where there is none.
    path: Option<String>,
}

impl<'a> Block<'a> {
    fn of_finding(part: &'a Part, finding: &'a Diagnostic, explain: bool) -> Self {
        let mut notes = Vec::new();
        if finding.more_related > 0 {
            notes.push(format!("and {} more places", finding.more_related));
        }
        if let Some(assumed) = &finding.assumed {
            notes.push(format!("{} confidence: {assumed}", finding.confidence.name()));
        }
        if explain && !finding.why.trim().is_empty() {
            notes.push(format!("why: {}", finding.why));
        }
        if let Some(fix) = &finding.fix {
            notes.push(format!("fix: {}", fix.title));
        }
        let mut labels = vec![&finding.primary];
        labels.extend(&finding.related);
        Self {
            tag: format!("{}[{}]", finding.severity.name(), clean::line(&finding.rule)),
            colour: severity_colour(finding.severity),
            severity: frame_severity(finding.severity),
            message: &finding.message,
            labels,
            notes,
            masks: &part.report.masks,
            path: None,
        }
    }

    fn of_problem(part: &'a Part, problem: &'a Trouble) -> Self {
        let (colour, severity) = if problem.notice {
            (AnsiColor::Green.on_default().bold(), FrameSeverity::Note)
        } else {
            (AnsiColor::Magenta.on_default().bold(), FrameSeverity::Bug)
        };
        Self {
            tag: problem.word().to_owned(),
            colour,
            severity,
            message: &problem.message,
            labels: problem.at.iter().collect(),
            notes: Vec::new(),
            masks: &part.report.masks,
            path: problem.at.is_none().then(|| part.names.of(&problem.path)),
        }
    }

    fn write(&self, part: &Part, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let width = style.width.map(|width| width.max(NARROWEST));
        let mut painter = Painter { out: Vec::new(), colour: style.colour };
        self.header(width, &mut painter)?;
        let gutter = self.labels.iter().map(|label| label.end().line.to_string().len()).max().unwrap_or(1) + 3;
        let code = width.map_or(CODE_WIDTH, |width| width - gutter.min(width / 2) - 2);
        let mut frames = Frames::new(self.masks, code);
        let placed = frames.add(&self.labels, |path| part.names.of(path));
        let text = |label: &Label| clean::line(&label.text).into_owned();
        let labels = placed.iter().zip(&self.labels).enumerate().map(|(index, (placed, label))| {
            let style = if index == 0 { LabelStyle::Primary } else { LabelStyle::Secondary };
            FrameLabel::new(style, placed.file, placed.range.clone()).with_message(text(label))
        });
        let room = width.unwrap_or(WIDTH).saturating_sub(gutter).max(NARROWEST - 4);
        let notes = self.notes.iter().map(|note| wrap(&clean::line(&spaced(note)), room).join("\n"));
        let frame = Frame::new(self.severity).with_labels(labels.collect()).with_notes(notes.collect());
        let mut body = Painter { out: Vec::new(), colour: style.colour };
        term::emit_to_write_style(&mut body, &Config::default(), &frames, &frame).map_err(io::Error::other)?;
        // The first line is a header of its own making, for which ours stands.
        let body = body.out.splitn(2, |&byte| byte == b'\n').nth(1).unwrap_or_default();
        painter.out.extend_from_slice(body.trim_ascii_end());
        painter.out.extend_from_slice(if self.labels.is_empty() { b"\n" } else { b"\n\n" });
        out.write_all(&painter.out)
    }

    fn header(&self, width: Option<usize>, painter: &mut Painter) -> io::Result<()> {
        let place = self.path.as_ref().map(|path| format!("{}: ", clean::line(path))).unwrap_or_default();
        let message = format!("{place}{}", clean::line(self.message));
        painter.paint(self.colour, &self.tag)?;
        // Where nobody looks at it, a message is one line, so that it can be searched for.
        let lines = match width {
            // The tag stands before the first line, so a word as long as it takes its place while wrapping.
            Some(width) => wrap(&format!("{} {message}", "x".repeat(self.tag.chars().count() + 1)), width),
            None => vec![format!("x {message}")],
        };
        let bold = Colour::new().bold();
        for (index, line) in lines.iter().enumerate() {
            match (index, line.split_once(' ')) {
                (0, Some((_, rest))) => painter.paint(bold, &format!(": {rest}"))?,
                (0, None) => painter.paint(bold, ":")?,
                _ => painter.paint(bold, line)?,
            }
            painter.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// A text whose line breaks mean nothing but spaces.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn severity_colour(severity: Severity) -> Colour {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default().bold(),
        Severity::Info => AnsiColor::Green.on_default().bold(),
    }
}

fn frame_severity(severity: Severity) -> FrameSeverity {
    match severity {
        Severity::Critical | Severity::High => FrameSeverity::Error,
        Severity::Medium => FrameSeverity::Warning,
        Severity::Low => FrameSeverity::Help,
        Severity::Info => FrameSeverity::Note,
    }
}

/// Writes text in colour, or without.
struct Painter {
    out: Vec<u8>,
    colour: bool,
}

impl Painter {
    fn paint(&mut self, colour: Colour, text: &str) -> io::Result<()> {
        if self.colour { write!(self.out, "{colour}{text}{colour:#}") } else { self.out.write_all(text.as_bytes()) }
    }

    fn switch(&mut self, colour: Colour) -> io::Result<()> {
        if self.colour { write!(self.out, "{}", colour.render()) } else { Ok(()) }
    }
}

impl Write for Painter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Painter {
    fn set_header(&mut self, _severity: FrameSeverity) -> io::Result<()> {
        Ok(())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.switch(AnsiColor::Blue.on_default())
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.switch(AnsiColor::Blue.on_default())
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.switch(AnsiColor::Blue.on_default())
    }

    fn set_label(&mut self, severity: FrameSeverity, style: LabelStyle) -> io::Result<()> {
        let colour = match (style, severity) {
            (LabelStyle::Secondary, _) => AnsiColor::Blue,
            (_, FrameSeverity::Error) => AnsiColor::Red,
            (_, FrameSeverity::Warning) => AnsiColor::Yellow,
            (_, FrameSeverity::Help) => AnsiColor::Cyan,
            (_, FrameSeverity::Note) => AnsiColor::Green,
            (_, FrameSeverity::Bug) => AnsiColor::Magenta,
        };
        self.switch(colour.on_default())
    }

    fn reset(&mut self) -> io::Result<()> {
        if self.colour { write!(self.out, "{}", anstyle::Reset.render()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn rendered(style: Style) -> String {
        let mut out = Vec::new();
        write(&sample::outcome(), style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_has_its_frame_its_reason_and_its_way_out() {
        let expected = "\
high[nginx/alias-traversal]: `location /files` can be left through `alias /srv/files/`
  ┌─ conf.d/site.conf:3:14
  │
3 │     location /files {
  │              ^^^^^^ the slash is missing here
4 │         alias /srv/files/;
  │               ----------- `alias` is set here
  │
  ┌─ nginx.conf:1:1
  │
1 │ include conf.d/*.conf;
  │ -------
  │
  = and 2 more places
  = medium confidence: `snippets/tls.conf` is not at hand
  = why: A request for `/files../secret` leaves the folder, so anybody reads the files beside it.
    End the location with a slash.
  = fix: end the location with a slash

low[nginx/alias-traversal]: `location /x` again
  ┌─ conf.d/site.conf:7:14
  │
7 │     location /x { # password \"*********
  │              ^^

problem: unexpected end of file, expecting `}`
  ┌─ conf.d/site.conf:9:1
  │
9 │ }
  │ ^

problem: certs/dhparam: it is not text: a NUL byte stands at offset 3

";
        assert_eq!(rendered(Style { colour: false, width: None }), expected);
    }

    #[test]
    fn forty_columns_are_enough() {
        let text = rendered(Style { colour: false, width: Some(40) });
        let wide: Vec<&str> =
            text.lines().filter(|line| line.chars().count() > 40 && !line.contains(['^', '-'])).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        assert!(text.starts_with("high[nginx/alias-traversal]: `location\n/files` can"), "{text}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let plain = rendered(Style { colour: false, width: Some(80) });
        let coloured = rendered(Style { colour: true, width: Some(80) });
        assert!(coloured.starts_with("\u{1b}[1m\u{1b}[31mhigh[nginx/alias-traversal]\u{1b}[0m"), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}
