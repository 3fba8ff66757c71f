//! One finding on the page: what it is, the lines that decided, and the way out.

use super::{Told, anchor, inline};
use crate::report::frame::{Frames, Placed, Shown};
use crate::report::markup::text;
use crate::report::{Outcome, clean};
use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::Label;
use std::io::{self, Write};
use std::ops::Range;

/// How much of a line of code is shown; it wraps.
const CODE_WIDTH: usize = 240;

pub fn write(outcome: &Outcome, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Told { part, finding, id, services, place } = told;
    let at = part.place(&finding.primary);
    let severity = finding.severity.name();
    let indices = services.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
    let (rule, path) = (text(&finding.rule), text(&at.path));
    writeln!(
        out,
        "<article id=\"{id}\" tabindex=\"-1\" data-severity=\"{severity}\" data-rule=\"{rule}\" data-path=\"{path}\" data-line=\"{}\" \
         data-services=\"{indices}\" data-place=\"{place}\">\n<h3><span class=\"badge sev-{severity}\">{severity}</span> {}</h3>",
        at.line,
        inline(&finding.message)
    )?;
    write!(out, "<p class=\"meta\"><span class=\"path\">{path}:{}:{}</span>", at.line, at.column)?;
    let labels: Vec<String> = services.iter().map(|index| text(&outcome.picture.label(*index))).collect();
    match labels.as_slice() {
        [] => {}
        [one] => write!(out, " · service {one}")?,
        [first, second, _, _, ..] => write!(out, " · services {first}, {second} and {} more", labels.len() - 2)?,
        few => write!(out, " · services {}", few.join(", "))?,
    }
    if finding.role != Role::Unknown {
        write!(out, " · {}", finding.role.name())?;
    }
    writeln!(out, " · {} confidence · <a href=\"#{}\">why</a></p>", finding.confidence.name(), anchor(&finding.rule))?;
    frames(told, out)?;
    if finding.more_related > 0 {
        writeln!(out, "<p class=\"more\">and {} more places</p>", finding.more_related)?;
    }
    if let Some(assumed) = &finding.assumed {
        writeln!(out, "<p class=\"more\">{} confidence: {}</p>", finding.confidence.name(), inline(assumed))?;
    }
    if let Some(fix) = &finding.fix {
        writeln!(out, "<p class=\"fix\"><strong>Fix:</strong> {}</p>", inline(&fix.title))?;
    }
    writeln!(out, "</article>")
}

/// A label in a line as it is shown.
struct Mark<'a> {
    range: Range<usize>,
    primary: bool,
    said: &'a str,
}

/// The lines of all places, file by file, in the order of the labels.
fn frames(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Told { part, finding, .. } = told;
    let labels: Vec<&Label> = std::iter::once(&finding.primary).chain(&finding.related).collect();
    let mut frames = Frames::new(&part.report.masks, CODE_WIDTH);
    let placed = frames.add(&labels, |path| part.names.of(path));
    let mut files: Vec<usize> = Vec::new();
    for Placed { file, .. } in &placed {
        if !files.contains(file) {
            files.push(*file);
        }
    }
    // The place of the finding stands above already.
    let is_alone = files.len() == 1;
    for file in files {
        writeln!(out, "<div class=\"code\">")?;
        if !is_alone {
            writeln!(out, "<p class=\"where\">{}</p>", text(frames.file_name(file)))?;
        }
        let mut last = None;
        for Shown { number, range, code } in frames.shown(file) {
            if last.is_some_and(|last| last + 1 < number) {
                writeln!(out, "<div class=\"gap\">⋮</div>")?;
            }
            last = Some(number);
            let marks = placed.iter().zip(&labels).enumerate().filter(|(_, (placed, _))| {
                placed.file == file && range.start <= placed.range.start && placed.range.end <= range.end
            });
            let marks: Vec<Mark<'_>> = marks
                .map(|(index, (placed, label))| Mark {
                    range: placed.range.start - range.start..placed.range.end - range.start,
                    primary: index == 0,
                    said: &label.text,
                })
                .collect();
            let class = if marks.is_empty() { "" } else { " hit" };
            write!(
                out,
                "<div class=\"row{class}\"><span class=\"no\">{number}</span><code>{}</code>",
                marked(code, &marks)
            )?;
            for mark in marks.iter().filter(|mark| !mark.said.is_empty()) {
                write!(out, "<span class=\"said\">{}</span>", inline(&clean::line(mark.said)))?;
            }
            writeln!(out, "</div>")?;
        }
        writeln!(out, "</div>")?;
    }
    Ok(())
}

/// A line in which the marks stand out; where two overlap, the primary one.
fn marked(code: &str, marks: &[Mark<'_>]) -> String {
    let mut cuts: Vec<usize> = marks.iter().flat_map(|mark| [mark.range.start, mark.range.end]).collect();
    cuts.extend([0, code.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut out = String::with_capacity(code.len() + 32);
    for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        let inside = marks.iter().filter(|mark| mark.range.start <= *start && *end <= mark.range.end);
        let (before, after) = match inside.map(|mark| mark.primary).max() {
            Some(true) => ("<mark>", "</mark>"),
            Some(false) => ("<mark class=\"also\">", "</mark>"),
            None => ("", ""),
        };
        out.push_str(before);
        // Tabs of the code stay tabs.
        let parts: Vec<String> = code.get(*start..*end).unwrap_or_default().split('\t').map(text).collect();
        out.push_str(&parts.join("\t"));
        out.push_str(after);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_may_overlap() {
        let mark = |range, primary| Mark { range, primary, said: "" };
        let marks = [mark(2..5, true), mark(0..4, false)];
        assert_eq!(marked("a<cdef\tg", &marks), "<mark class=\"also\">a&lt;</mark><mark>cd</mark><mark>e</mark>f\tg");
        assert_eq!(marked("", &[mark(0..0, true)]), "");
    }
}
