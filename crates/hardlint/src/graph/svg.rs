//! The graph as a picture for reviews: by project, from other machines through proxies and applications to stores.
//!
//! It needs nothing but itself: no script, no font, nothing from the network. It is light or dark as its reader's screen.
//! The same graph is the same bytes.

mod card;
mod frame;
mod layers;
mod layout;
mod measure;
mod xml;

use self::frame::{Frame, Sources};
use self::measure::Face;
use super::joins::{Ends, Joins, Kind};
use super::{Graph, counted, plural};
use hardlint_lint::diagnostic::Severity;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Around everything, and between the frames.
const MARGIN: i64 = 24;
/// The height of the title.
const HEAD: i64 = 72;
/// The height of what explains the colours.
const LEGEND: i64 = 16;
/// No picture is narrower, so that its legend fits.
const NARROWEST: i64 = 760;

pub fn of(graph: &Graph) -> String {
    let joins = Joins::new(graph);
    let ends = Ends::new(graph);
    let sources = Sources { graph, joins: &joins, ends: &ends };
    let frames: Vec<Frame> =
        graph.projects().iter().map(|(project, services)| frame::of(&sources, project, services)).collect();
    let mut body = String::new();
    let (width, bottom) = arrange(&frames, &mut body);
    let width = width.max(NARROWEST);
    let height = bottom + LEGEND + MARGIN;
    let summary = summary(graph);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"title summary\">\n<title id=\"title\">Deployment</title>\n<desc id=\"summary\">{}</desc>\n<style>\n{}</style>\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n",
        xml::text(&summary),
        include_str!("svg/style.css"),
    );
    xml::label(&mut out, "title", MARGIN, 36, "Deployment");
    xml::label(&mut out, "dim", MARGIN, 57, &summary);
    out.push('\n');
    out.push_str(&body);
    legend(&mut out, graph, &joins, bottom + MARGIN);
    out.push_str("</svg>\n");
    out
}

/// What there is, in one line.
fn summary(graph: &Graph) -> String {
    if graph.services.is_empty() {
        return "No Compose file here tells of a service.".to_owned();
    }
    let open = graph.services.iter().filter(|service| service.open).count();
    let mut found: BTreeMap<Severity, usize> = BTreeMap::new();
    for (severity, count) in graph.files.iter().flat_map(|file| &file.findings) {
        *found.entry(*severity).or_default() += count;
    }
    let mut text = format!(
        "{} in {}, {open} open to other machines",
        plural(graph.services.len(), "service"),
        plural(graph.projects().len(), "project")
    );
    let found = counted(&found);
    if !found.is_empty() {
        let _ = write!(text, "; found: {found}");
    }
    text
}

/// Puts the frames in rows, so that the whole is rather wide than high; gives the width, and where they end.
fn arrange(frames: &[Frame], out: &mut String) -> (i64, i64) {
    let area: i64 = frames.iter().map(|frame| frame.width * frame.height).sum();
    let widest = frames.iter().map(|frame| frame.width).max().unwrap_or(0);
    let wanted = widest.max((area * 3 / 2).max(0).isqrt());
    let (mut x, mut y, mut row, mut width) = (MARGIN, HEAD, 0, 0);
    for frame in frames {
        if x > MARGIN && x + frame.width > MARGIN + wanted {
            (x, y, row) = (MARGIN, y + row + MARGIN, 0);
        }
        let _ = writeln!(out, "<g transform=\"translate({x} {y})\">{}</g>", frame.drawn);
        x += frame.width + MARGIN;
        row = row.max(frame.height);
        width = width.max(x);
    }
    (width, y + row)
}

/// What the lines and colours mean, of those that are there.
fn legend(out: &mut String, graph: &Graph, joins: &Joins, y: i64) {
    let mut x = MARGIN;
    let mut lines = Vec::new();
    if graph.services.iter().any(|service| service.open) {
        lines.push((None, "open to other machines"));
    }
    for kind in [Kind::Proxy, Kind::Connects, Kind::DependsOn] {
        if joins.iter().any(|join| join.kind == kind) {
            lines.push((Some(kind), kind.meaning()));
        }
    }
    for (line, meaning) in lines {
        let class = frame::class(line);
        let _ = write!(
            out,
            "<path class=\"{class}\" d=\"M{x} {y}h24\"/><path class=\"{class} head\" d=\"M{} {y}l-10 -5v10z\"/>",
            x + 32
        );
        xml::label(out, "dim", x + 38, y + 4, meaning);
        x += 38 + measure::width(meaning, Face::Sans, 12) + 18;
    }
    let found = |severity: Severity| {
        let services = graph.services.iter().map(|service| &service.findings);
        services
            .chain(graph.files.iter().map(|file| &file.findings))
            .any(|it| it.get(&severity).is_some_and(|count| *count > 0))
    };
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info] {
        if found(severity) {
            let name = severity.name();
            let _ = write!(
                out,
                "<g class=\"pill s-{name}\"><rect x=\"{x}\" y=\"{}\" width=\"17\" height=\"14\" rx=\"7\"/></g>",
                y - 7
            );
            xml::label(out, "dim", x + 22, y + 4, name);
            x += 22 + measure::width(name, Face::Sans, 12) + 14;
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    /// The elements of well-formed XML: name, attributes, text; a panic for what is not.
    fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>)> {
        let mut open: Vec<&str> = Vec::new();
        let mut elements = Vec::new();
        let mut rest = xml;
        while let Some(start) = rest.find('<') {
            let (text, tag) = rest.split_at(start);
            assert!(!text.contains('>') || open.last() == Some(&"style"), "{text}");
            for reference in text.split('&').skip(1) {
                let name = reference.split(';').next().unwrap();
                assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "{reference}");
            }
            let end = tag.find('>').expect("a tag ends");
            let inner = &tag[1..end];
            rest = &tag[end + 1..];
            if let Some(name) = inner.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
                continue;
            }
            let (inner, empty) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
            let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
            let parts: Vec<&str> = attributes.split('"').collect();
            assert!(parts.len() % 2 == 1, "{inner}");
            let pairs =
                parts.chunks_exact(2).map(|pair| (pair[0].trim().trim_end_matches('=').to_owned(), pair[1].to_owned()));
            let attributes: BTreeMap<String, String> = pairs.collect();
            assert!(attributes.values().all(|value| !value.contains('<')), "{inner}");
            elements.push((name.to_owned(), attributes));
            if !empty {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
        elements
    }

    /// All boxes of services with their places on the whole picture.
    fn cards(xml: &str) -> Vec<[i64; 4]> {
        let mut cards = Vec::new();
        let mut frame = (0, 0);
        let mut last = (0, 0);
        for (name, attributes) in elements(xml) {
            let place = attributes
                .get("transform")
                .and_then(|it| it.strip_prefix("translate(")?.strip_suffix(')')?.split_once(' '));
            if let (true, Some((x, y))) = (name == "g", place) {
                last = (x.parse().unwrap(), y.parse().unwrap());
            }
            let number = |key: &str| attributes[key].parse::<i64>().unwrap();
            match attributes.get("class").map(String::as_str) {
                Some("frame") => frame = last,
                Some(class) if class.split(' ').next() == Some("card") => {
                    let (x, y) = (frame.0 + last.0, frame.1 + last.1);
                    cards.push([x, y, x + number("width"), y + number("height")]);
                }
                _ => {}
            }
        }
        cards
    }

    #[test]
    fn it_is_xml_and_the_same_each_time() {
        for graph in [sample::three, sample::twelve, sample::forty, sample::hostile] {
            let picture = of(&graph());
            assert!(!elements(&picture).iter().any(|(name, _)| name == "script" || name == "image" || name == "a"));
            assert_eq!(picture.matches("http").count(), 1, "the name of the language");
            assert_eq!(picture, of(&graph()));
        }
    }

    #[test]
    fn no_box_lies_on_another() {
        for graph in [sample::three(), sample::twelve(), sample::forty(), sample::hostile(), sample::huge(150)] {
            let cards = cards(&of(&graph));
            assert_eq!(cards.len(), graph.services.len());
            for (index, a) in cards.iter().enumerate() {
                for b in &cards[index + 1..] {
                    assert!(a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1], "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn it_shows_services_ports_files_and_findings() {
        let picture = of(&sample::three());
        for text in [
            "<desc id=\"summary\">3 services in 1 project, 1 open to other machines; found: 1 critical, 1 high, 1 medium, 2 low</desc>",
            "<title>web; Django, application, production; stage runtime; settings shop.settings.prod; 3 variables</title>",
            ">127.0.0.1:8080 → 80</text>",
            "<title>proxy passes requests on to web; deploy/nginx.conf:2</title>",
            "<title>other machines reach proxy by 443</title>",
            "<title>1 high</title>",
            ">override by</tspan><tspan class=\"mono dim\" dx=\"6\">deploy/compose.prod.yaml</tspan>",
            ">postgres:16-alpine</text>",
            "prefers-color-scheme:dark",
        ] {
            assert!(picture.contains(text), "{text}\nis not in\n{picture}");
        }
        assert!(!picture.contains("line after"), "what connects needs no order of starting");
        assert!(of(&sample::twelve()).contains("line after"));
    }

    #[test]
    fn what_serves_stands_before_what_is_started_after_it() {
        let picture = of(&sample::twelve());
        let left = |name: &str| {
            let before = picture.split(&format!("\"><title>{name}; ")).next().unwrap();
            before.rsplit("translate(").next().unwrap().split(' ').next().unwrap().parse::<i64>().unwrap()
        };
        assert!(left("traefik") < left("nginx") && left("nginx") < left("django"));
        assert_eq!(left("django"), left("flower"));
        assert!(left("django") < left("celeryworker") && left("celeryworker") < left("postgres"));
    }

    #[test]
    fn names_are_not_markup() {
        let picture = of(&sample::hostile());
        assert!(picture.contains("&quot;];x&lt;script&gt;"), "{picture}");
        assert!(!picture.contains("<script") && !picture.contains(['\u{1b}', '\u{202e}']));
    }

    #[test]
    fn nothing_is_a_picture_as_well() {
        let picture = of(&Graph::default());
        assert!(elements(&picture).len() > 3 && picture.contains("No Compose file here tells of a service."));
    }
}
