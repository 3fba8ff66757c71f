//! A service as a box: its name and findings, what runs in it, its ports and its files.

use super::layout::whole;
use super::measure::{self, Face};
use super::xml;
use crate::graph::joins::Attached;
use crate::graph::{Part, Service, counted, plural, worst};
use crate::report::clean;
use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::Severity;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How wide a box is.
pub const WIDTH: i64 = 240;
/// Between its edge and its text.
const INSET: i64 = 12;
/// How far apart lines are.
const LINE: i64 = 16;
/// How many ports and files are named.
const PORTS: usize = 4;
const FILES: usize = 5;

/// A box, drawn with its upper left corner at the origin.
pub struct Card {
    pub height: i64,
    pub drawn: String,
}

/// Draws a service; `elsewhere` is what it is joined with in other projects.
pub fn of(service: &Service, files: &[Attached<'_>], elsewhere: &[String]) -> Card {
    let mut rows = Rows { out: String::new(), y: 24 };
    rows.name(service);
    let (ports, more) = service.ports.split_at(service.ports.len().min(PORTS));
    for port in ports {
        let class = if port.open { "open" } else { "shut" };
        let _ =
            write!(rows.out, "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"3.5\"/>", INSET + 4, rows.y + LINE - 4);
        rows.text(if port.open { "mono" } else { "mono dim" }, 14, &clean::line(&port.text), Face::Mono);
    }
    rows.more(more.len(), "port");
    for other in elsewhere {
        rows.text("mono dim", 0, other, Face::Mono);
    }
    if !files.is_empty() {
        let y = rows.y + 9;
        let _ = write!(rows.out, "<path class=\"rule\" d=\"M{INSET} {y}H{}\"/>", WIDTH - INSET);
        rows.y += 10;
    }
    let (shown, more) = files.split_at(files.len().min(FILES));
    for file in shown {
        rows.file(file);
    }
    rows.more(more.len(), "file");
    let height = rows.y + INSET;
    let frame = match worst(&service.findings) {
        Some(severity) if severity >= Severity::Medium => format!("card {}", class(severity)),
        _ => "card".to_owned(),
    };
    let mut drawn = format!("<title>{}</title>", xml::text(&told(service)));
    let _ = write!(drawn, "<rect class=\"{frame}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>{}", rows.out);
    Card { height, drawn }
}

/// The class of what is drawn in the colour of a severity.
fn class(severity: Severity) -> String {
    format!("s-{}", severity.name())
}

/// What a screen reader says of a service, or a pointer over it.
fn told(service: &Service) -> String {
    let mut parts = vec![service.name.clone(), service.what(", ")];
    parts.extend(service.image.as_ref().map(|image| format!("image {image}")));
    parts.extend(service.stage().map(|stage| format!("stage {stage}")));
    parts.extend(service.settings.as_ref().map(|settings| format!("settings {settings}")));
    parts.extend((!service.environment.is_empty()).then(|| plural(service.environment.len(), "variable")));
    parts.extend(service.open.then(|| "open to other machines".to_owned()));
    let found = counted(&service.findings);
    parts.extend((!found.is_empty()).then(|| format!("found: {found}")));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// What is drawn so far, and how far down that reaches.
struct Rows {
    out: String,
    y: i64,
}

impl Rows {
    fn name(&mut self, service: &Service) {
        let _ =
            write!(self.out, "<path class=\"icon\" transform=\"translate({INSET} 11)\" d=\"{}\"/>", icon(service.part));
        let right = pills(&mut self.out, &service.findings, WIDTH - INSET, 12);
        let start = INSET + 24;
        let name = measure::beginning(&clean::line(&service.name), Face::Bold, 14, right - 6 - start);
        xml::label(&mut self.out, "name", start, self.y, &name);
        // Of what is deployed, most is for production.
        let role = if matches!(service.role, Role::Unknown | Role::Production) { "" } else { service.role.name() };
        let stage = service.stage().map(|stage| format!("stage {}", clean::line(stage)));
        let words = [&clean::line(&service.program), role, stage.as_deref().unwrap_or_default()];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            self.y += 2;
            self.text("", 0, &words.join(" · "), Face::Sans);
        }
        for image in service.image.iter().chain(&service.settings) {
            self.text("mono dim", 0, &clean::line(image), Face::Mono);
        }
    }

    /// A line; of what is spelt exactly the end is what matters.
    fn text(&mut self, class: &str, indent: i64, text: &str, face: Face) {
        self.y += LINE;
        let room = WIDTH - 2 * INSET - indent;
        let text = match face {
            Face::Mono => measure::end(text, face, 11, room),
            Face::Sans | Face::Bold => measure::beginning(text, face, 12, room),
        };
        xml::label(&mut self.out, class, INSET + indent, self.y, &text);
    }

    fn more(&mut self, count: usize, word: &str) {
        if count > 0 {
            self.text("dim", 0, &format!("and {} more {word}{}", count, if count == 1 { "" } else { "s" }), Face::Sans);
        }
    }

    fn file(&mut self, file: &Attached<'_>) {
        self.y += LINE;
        let mut right = WIDTH - INSET;
        if let Some(known) = file.file
            && let Some(severity) = worst(&known.findings)
        {
            right = pill(&mut self.out, severity, known.findings.values().sum(), right, self.y - 11);
        }
        let kind = measure::width(file.kind, Face::Sans, 11);
        let start = if kind > 0 { INSET + kind + 6 } else { INSET };
        let path = measure::end(&clean::line(file.path), Face::Mono, 11, right - 6 - start);
        if kind > 0 {
            xml::pair(&mut self.out, (INSET, self.y), ("kind", file.kind), 6, ("mono dim", &path));
        } else {
            xml::label(&mut self.out, "mono dim", INSET, self.y, &path);
        }
    }
}

/// Draws findings leftwards of `right`, the worst first to read; gives where they begin.
pub fn pills(out: &mut String, findings: &BTreeMap<Severity, usize>, mut right: i64, top: i64) -> i64 {
    // From the right, the least comes first.
    for (severity, count) in findings.iter().filter(|(_, count)| **count > 0) {
        right = pill(out, *severity, *count, right, top) - 3;
    }
    right
}

fn pill(out: &mut String, severity: Severity, count: usize, right: i64, top: i64) -> i64 {
    let text = count.to_string();
    let width = 10 + 7 * whole(text.len());
    let left = right - width;
    let _ = write!(
        out,
        "<g class=\"pill {}\"><title>{count} {}</title><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"14\" rx=\"7\"/>\
         <text x=\"{}\" y=\"{}\">{text}</text></g>",
        class(severity),
        severity.name(),
        left + width / 2,
        top + 11,
    );
    left
}

/// Pictures of 16 by 16.
fn icon(part: Part) -> &'static str {
    match part {
        Part::Proxy => "M1 5H14M11 2l3 3-3 3M15 11H2M5 8l-3 3 3 3",
        Part::Application => "M5 4 1 8l4 4M11 4l4 4-4 4M9.5 2l-3 12",
        Part::Store => "M2 3.5C2 2 4.7 1 8 1s6 1 6 2.5v9C14 14 11.3 15 8 15s-6-1-6-2.5zM2 3.5C2 5 4.7 6 8 6s6-1 6-2.5",
        Part::Other => "M8 1l6 3.5v7L8 15l-6-3.5v-7zM8 8l6-3.5M8 8 2 4.5M8 8v7",
    }
}
