//! A project as a frame: its services in columns, what joins them, and below what nothing joins.

use super::card::{self, Card};
use super::layers::{self, Joined};
use super::layout::{Edge, Layout, Line, Piece, whole};
use super::measure::{self, Face};
use super::xml;
use crate::graph::joins::{Ends, Join, Joins, Kind};
use crate::graph::{Graph, Port, Service};
use crate::report::clean;
use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Between two columns.
const GAP: i64 = 104;
/// Between the frame and what is in it.
const INSET: i64 = 20;
/// The height of the project's name.
const HEAD: i64 = 44;
/// How wide that is which stands for other machines, with the lines that leave it.
const OUTSIDE: i64 = 36;
const ENTRY: i64 = 104;
/// How many files that belong to the project itself are named.
const RELATED: usize = 4;
/// How many services and places a line names to who asks.
const NAMED: usize = 8;

/// A frame, drawn with its upper left corner at the origin.
pub struct Frame {
    pub width: i64,
    pub height: i64,
    pub drawn: String,
}

/// What all frames are drawn from.
pub struct Sources<'a> {
    pub graph: &'a Graph,
    pub joins: &'a Joins,
    pub ends: &'a Ends<'a>,
}

/// Draws a project.
pub fn of(sources: &Sources<'_>, project: &str, services: &[usize]) -> Frame {
    let edges = edges(sources, services);
    let joined: BTreeSet<usize> = edges.iter().flat_map(|edge| edge.from.into_iter().chain([edge.to])).collect();
    let (inside, alone): (Vec<usize>, Vec<usize>) = services.iter().partition(|index| joined.contains(index));
    let open = edges.iter().any(|edge| edge.from.is_none());
    let left = INSET + if open { OUTSIDE + ENTRY } else { 0 };
    let mut head = String::new();
    let (top, head_width) = heading(sources, project, &mut head);
    let drawing = Drawing::new(sources, &inside, &edges, (left, top));
    let mut body = String::new();
    if open {
        outside(&mut body, top, drawing.layout.height);
    }
    drawing.draw(&mut body);
    let columns = drawing.layout.width();
    let mut width = left + whole(columns) * (card::WIDTH + GAP) - GAP * i64::from(columns > 0) + INSET;
    let mut bottom = top + drawing.layout.height;
    if !alone.is_empty() {
        let below = if inside.is_empty() { top } else { bottom + 28 };
        let (right, lowest) = grid(sources, &alone, (left.min(INSET), below), width, &mut body);
        (width, bottom) = (width.max(right + INSET), lowest);
    }
    width = width.max(head_width);
    let height = bottom + INSET;
    let mut drawn = format!("<title>{}</title>", xml::text(project));
    let _ = write!(drawn, "<rect class=\"frame\" width=\"{width}\" height=\"{height}\" rx=\"12\"/>{head}{body}");
    Frame { width, height, drawn }
}

/// What is drawn as a line within a project.
fn edges(sources: &Sources<'_>, services: &[usize]) -> Vec<Edge> {
    let inside: BTreeSet<usize> = services.iter().copied().collect();
    let mut edges: Vec<Edge> = Vec::new();
    for index in services {
        if sources.graph.services.get(*index).is_some_and(|service| service.open) {
            edges.push(Edge { from: None, to: *index, line: None });
        }
        let joins = sources.joins.from(*index).iter().filter(|join| inside.contains(&join.to));
        edges.extend(joins.map(|join| Edge { from: Some(join.from), to: join.to, line: Some(join.kind) }));
    }
    edges
}

/// The name of a project, its findings, and the files that belong to it as a whole; gives where services begin, and how
/// wide it is.
fn heading(sources: &Sources<'_>, project: &str, out: &mut String) -> (i64, i64) {
    let name = measure::end(&clean::line(project), Face::Bold, 14, 2 * card::WIDTH);
    let mut right = INSET + measure::width(&name, Face::Bold, 14);
    let file = sources.graph.file(project);
    if let Some(role) = file.map(|file| file.role).filter(|role| *role != Role::Unknown) {
        xml::pair(out, (INSET, 29), ("name", &name), 10, ("dim", role.name()));
        right += 10 + measure::width(role.name(), Face::Sans, 12);
    } else {
        xml::label(out, "name", INSET, 29, &name);
    }
    if let Some(file) = file {
        right += badge(out, &file.findings, right, 17);
    }
    let from = sources.ends.from(project).iter().map(|link| (link.kind.to_owned(), link.to.as_str()));
    let graph = sources.graph;
    let to = sources.ends.to(project).iter().filter(|link| graph.file(&link.from).is_some());
    let related: BTreeSet<(String, &str)> =
        from.chain(to.map(|link| (format!("{} by", link.kind), link.from.as_str()))).collect();
    let mut y = 29;
    for (kind, path) in related.iter().take(RELATED) {
        y += 17;
        let start = INSET + measure::width(kind, Face::Sans, 11) + 6;
        let path_shown = measure::end(&clean::line(path), Face::Mono, 11, 2 * card::WIDTH);
        xml::pair(out, (INSET, y), ("kind", kind), 6, ("mono dim", &path_shown));
        let mut end = start + measure::width(&path_shown, Face::Mono, 11);
        if let Some(file) = graph.file(path) {
            end += badge(out, &file.findings, end, y - 11);
        }
        right = right.max(end);
    }
    if related.len() > RELATED {
        y += 17;
        xml::label(out, "dim", INSET, y, &format!("and {} more files", related.len() - RELATED));
    }
    (y + HEAD - 29 + 4, right + INSET)
}

/// Findings behind a text that ends there; gives how wide they are.
fn badge(out: &mut String, findings: &BTreeMap<Severity, usize>, left: i64, top: i64) -> i64 {
    let width = -card::pills(&mut String::new(), findings, 0, 0);
    if width > 0 {
        card::pills(out, findings, left + 8 + width, top);
    }
    8 + width
}

/// What stands for other machines.
fn outside(out: &mut String, top: i64, height: i64) {
    let (x, middle) = (INSET + OUTSIDE / 2, top + height / 2 + 10);
    let _ = write!(
        out,
        "<g><title>other machines: the network, and the Internet where nothing else is before it</title>\
         <rect class=\"outside\" x=\"{INSET}\" y=\"{top}\" width=\"{OUTSIDE}\" height=\"{height}\" rx=\"8\"/>\
         <path class=\"icon\" transform=\"translate({} {})\" d=\"M1 8a7 7 0 1 0 14 0a7 7 0 1 0-14 0h14M8 1c2 2 3 4.3 3 7s-1 5-3 7c-2-2-3-4.3-3-7s1-5 3-7\"/>\
         <text class=\"outside-name\" transform=\"translate({} {middle}) rotate(-90)\">{}</text></g>",
        x - 8,
        top + 10,
        x + 4,
        if height < 150 { "outside" } else { "other machines" },
    );
}

/// Draws services without lines in rows; gives how far they reach.
fn grid(
    sources: &Sources<'_>,
    services: &[usize],
    (left, top): (i64, i64),
    width: i64,
    out: &mut String,
) -> (i64, i64) {
    let step = card::WIDTH + 20;
    let fit = (width - left - INSET + 20) / step;
    let square = (services.len() * 2).isqrt();
    let row = usize::try_from(fit).unwrap_or(1).max(square.min(4)).max(1);
    let (mut y, mut right) = (top, left);
    for cards in services.chunks(row) {
        let cards: Vec<Card> = cards.iter().filter_map(|index| drawn_card(sources, *index)).collect();
        for (place, card) in cards.iter().enumerate() {
            let x = left + whole(place) * step;
            put(out, card, x, y);
            right = right.max(x + card::WIDTH);
        }
        y += cards.iter().map(|card| card.height).max().unwrap_or(0) + 20;
    }
    (right, y - 20)
}

fn put(out: &mut String, card: &Card, x: i64, y: i64) {
    let _ = write!(out, "<g transform=\"translate({x} {y})\">{}</g>", card.drawn);
}

fn drawn_card(sources: &Sources<'_>, index: usize) -> Option<Card> {
    let service = sources.graph.services.get(index)?;
    let files = sources.ends.attached(sources.graph, service);
    let mut elsewhere = Vec::new();
    for join in sources.joins.from(index) {
        let other = sources.graph.services.get(join.to).filter(|other| other.project != service.project);
        elsewhere
            .extend(other.map(|other| format!("→ {} of {}", clean::line(&other.name), clean::line(&other.project))));
    }
    Some(card::of(service, &files, &elsewhere))
}

/// The services of a project that are joined, laid out.
struct Drawing<'a> {
    sources: &'a Sources<'a>,
    /// By their number in the layout.
    services: &'a [usize],
    cards: Vec<Card>,
    layout: Layout,
    /// Where the first column begins.
    origin: (i64, i64),
}

impl<'a> Drawing<'a> {
    fn new(sources: &'a Sources<'a>, services: &'a [usize], edges: &[Edge], origin: (i64, i64)) -> Self {
        let number: BTreeMap<usize, usize> =
            services.iter().enumerate().map(|(number, index)| (*index, number)).collect();
        let local = |edge: &Edge| {
            let from = edge.from.and_then(|from| number.get(&from).copied());
            number.get(&edge.to).map(|to| Edge { from, to: *to, line: edge.line })
        };
        let edges: Vec<Edge> = edges.iter().filter_map(local).collect();
        let entries = edges.iter().filter(|edge| matches!(edge.line, None | Some(Kind::Proxy)));
        let entered: BTreeSet<usize> = entries.map(|edge| edge.to).collect();
        let joined = services.iter().enumerate().map(|(number, index)| Joined {
            part: sources.graph.services.get(*index).map(|service| service.part).unwrap_or_default(),
            entered: entered.contains(&number),
        });
        // A worker that is started after what serves requests stands behind it, not before.
        let turned = |edge: &Edge, from| {
            edge.line == Some(Kind::DependsOn) && entered.contains(&edge.to) && !entered.contains(&from)
        };
        let pairs = edges.iter().filter_map(|edge| {
            let from = edge.from?;
            Some(if turned(edge, from) { (edge.to, from) } else { (from, edge.to) })
        });
        let columns = layers::columns(&joined.collect::<Vec<_>>(), &pairs.collect::<Vec<_>>());
        let cards: Vec<Card> = services.iter().filter_map(|index| drawn_card(sources, *index)).collect();
        let heights: Vec<i64> = cards.iter().map(|card| card.height).collect();
        Self { sources, services, cards, layout: Layout::new(&columns, &heights, &edges), origin }
    }

    fn draw(&self, out: &mut String) {
        // What matters most is drawn last, above the rest.
        for line in [Some(Kind::DependsOn), Some(Kind::Connects), Some(Kind::Proxy), None] {
            for (column, y, piece) in self.layout.passing().filter(|(.., piece)| piece.line == line) {
                let (x, y) = (self.left(column), y + self.origin.1);
                let _ = write!(out, "<path class=\"{}\" d=\"M{x} {y}H{}\"/>", class(piece.line), x + card::WIDTH);
            }
            self.layout.pieces.iter().filter(|piece| piece.line == line).for_each(|piece| self.piece(piece, out));
        }
        for (number, card) in self.cards.iter().enumerate() {
            put(out, card, self.left(self.layout.column(number)), self.layout.top(number) + self.origin.1);
        }
        let mut labelled = BTreeSet::new();
        for piece in self.layout.pieces.iter().filter(|piece| piece.arrives()) {
            if labelled.insert((piece.to, piece.line)) {
                self.label(piece, out);
            }
        }
    }

    fn left(&self, column: usize) -> i64 {
        self.origin.0 + whole(column) * (card::WIDTH + GAP)
    }

    fn piece(&self, piece: &Piece, out: &mut String) {
        let (left, right) = self.layout.ends(piece);
        let (y1, y2) = (left + self.origin.1, right + self.origin.1);
        let same = piece.left.is_some_and(|left| self.layout.column(left) == self.layout.column(piece.right));
        let x1 = match piece.left {
            Some(left) => self.left(self.layout.column(left)) + card::WIDTH,
            None => INSET + OUTSIDE,
        };
        let x2 = if same { x1 } else { self.left(self.layout.column(piece.right)) };
        let leads = piece.arrives();
        // An arrow's head has a place of its own at the end of the line.
        let head = if leads { 8 } else { 0 };
        let (start, end) = if piece.back { (x1 + head, x2) } else { (x1, if same { x2 + head } else { x2 - head }) };
        let path = if same {
            format!("M{start} {y1}C{0} {y1} {0} {y2} {end} {y2}", x1 + 56)
        } else {
            // A label needs a straight line below it.
            let straight = if leads && matches!(piece.line, None | Some(Kind::Proxy)) { 36 } else { 0 };
            let (bend, turn) = if piece.back { (x1 + straight, x2) } else { (x1, x2 - straight) };
            let middle = i64::midpoint(bend, turn);
            format!("M{start} {y1}H{bend}C{middle} {y1} {middle} {y2} {turn} {y2}H{end}")
        };
        let _ = write!(
            out,
            "<g><title>{}</title><path class=\"{}\" d=\"{path}\"/>",
            xml::text(&self.told(piece)),
            class(piece.line)
        );
        if leads {
            let (x, y, towards) = if piece.back { (x1, y1, 1) } else { (x2, y2, if same { 1 } else { -1 }) };
            let wide = if matches!(piece.line, None | Some(Kind::Proxy)) { 6 } else { 4 };
            let _ = write!(
                out,
                "<path class=\"{} head\" d=\"M{x} {y}l{} -{wide}v{}z\"/>",
                class(piece.line),
                towards * 10,
                wide * 2
            );
        }
        out.push_str("</g>");
    }

    /// The joins that run through a piece.
    fn joins(&self, piece: &Piece) -> impl Iterator<Item = &Join> {
        let number = piece.left.filter(|left| *left < self.services.len() && !piece.back);
        let number = number.or(Some(piece.right).filter(|right| *right < self.services.len() && piece.back));
        let from = number.and_then(|number| self.services.get(number)).copied();
        let line = piece.line;
        let joins = self.leading(piece.to).filter(move |join| Some(join.kind) == line);
        joins.filter(move |join| from.is_none_or(|from| from == join.from))
    }

    /// The joins that lead to a service, of this project or another.
    fn leading(&self, number: usize) -> impl Iterator<Item = &Join> {
        self.services.get(number).into_iter().flat_map(|index| self.sources.joins.to(*index))
    }

    fn service(&self, number: usize) -> Option<&Service> {
        self.sources.graph.services.get(*self.services.get(number)?)
    }

    /// What a line says to who asks.
    fn told(&self, piece: &Piece) -> String {
        let to = self.service(piece.to).map(|service| service.name.as_str()).unwrap_or_default();
        let Some(kind) = piece.line else { return format!("other machines reach {to} by {}", self.entries(piece.to)) };
        let name = |index: usize| self.sources.graph.services.get(index).map(|service| service.name.as_str());
        let froms: BTreeSet<&str> = self.joins(piece).filter_map(|join| name(join.from)).collect();
        let at: BTreeSet<&str> = self.joins(piece).flat_map(|join| &join.at).map(String::as_str).collect();
        let verb = match kind {
            Kind::Proxy => "passes requests on to",
            Kind::Connects => "connects to",
            Kind::DependsOn => "starts after",
        };
        format!("{} {verb} {to}; {}", named(&froms), named(&at))
    }

    /// The numbers of the open ports of a service.
    fn entries(&self, number: usize) -> String {
        let ports = self.service(number).map(|service| service.ports.as_slice()).unwrap_or_default();
        let open: BTreeSet<(usize, String)> =
            ports.iter().filter(|port| port.open).map(Port::number).map(|number| (number.len(), number)).collect();
        open.into_iter().map(|(_, number)| number).collect::<Vec<_>>().join(", ")
    }

    /// What stands at the end of a line: the ports.
    fn label(&self, piece: &Piece, out: &mut String) {
        let text = match piece.line {
            None => clean::line(&self.entries(piece.to)).into_owned(),
            Some(Kind::Proxy) => {
                let joins = self.leading(piece.to).filter(|join| join.kind == Kind::Proxy);
                let labels: BTreeSet<&str> =
                    joins.map(|join| join.label.as_str()).filter(|label| !label.is_empty()).collect();
                labels.into_iter().collect::<Vec<_>>().join(", ")
            }
            Some(_) => return,
        };
        let text = measure::beginning(&text, Face::Sans, 11, GAP - 20);
        let (left, right) = self.layout.ends(piece);
        let (x, y, class) = if piece.back {
            (self.left(self.layout.column(piece.to)) + card::WIDTH + 13, left, "line-label")
        } else {
            (self.left(self.layout.column(piece.right)) - 13, right, "line-label end")
        };
        xml::label(out, class, x, y + self.origin.1 - 5, &text);
    }
}

/// Words in one line, not more than can be read.
fn named(words: &BTreeSet<&str>) -> String {
    let mut shown: Vec<String> = words.iter().take(NAMED).map(|word| (*word).to_owned()).collect();
    if words.len() > NAMED {
        shown.push(format!("and {} more", words.len() - NAMED));
    }
    shown.join(", ")
}

/// The class of a line.
pub fn class(line: Line) -> &'static str {
    match line {
        None => "line entry",
        Some(Kind::Proxy) => "line proxy",
        Some(Kind::Connects) => "line connects",
        Some(Kind::DependsOn) => "line after",
    }
}
