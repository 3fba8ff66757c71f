//! Where services stand and lines run: a drawing in layers, after Sugiyama, Tagawa and Toda.
//!
//! A line that passes a column takes a place of its own there, between the services, so it never runs over one. All
//! lines of a kind to the same service share that place. In each column the order is the one with few crossings; then
//! everything is moved as near to what it is joined with as the order allows.

use crate::graph::joins::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Between two services, a service and a line, two lines.
const GAPS: [i64; 3] = [24, 16, 12];
/// Above and below the outermost lines.
const AROUND: i64 = 14;
/// How often columns are put in order, and moved.
const ROUNDS: usize = 12;
/// Between two lines that end at the same side of a service.
const TRACK: i64 = 15;

/// Above everything.
const FAR: i64 = -1_000_000;

/// What a line stands for. They come from outside where it is nothing.
pub type Line = Option<Kind>;

/// A line that is wanted, between services by their index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Nothing is outside.
    pub from: Option<usize>,
    pub to: usize,
    pub line: Line,
}

/// A piece of a line: what it begins and ends at, from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Nothing is outside.
    pub left: Option<usize>,
    pub right: usize,
    pub line: Line,
    /// Whether it is to be read from right to left.
    pub back: bool,
    /// The service that it leads to.
    pub to: usize,
}

impl Piece {
    /// Whether it is the last of its line.
    pub fn arrives(&self) -> bool {
        if self.back { self.left == Some(self.to) } else { self.right == self.to }
    }
}

/// A place in a column: of a service, or of a line that passes.
struct Node {
    column: usize,
    height: i64,
    /// Of its middle.
    y: i64,
    passes: bool,
}

/// What was laid out. Services have the numbers that they were given, passing lines those after them.
pub struct Layout {
    nodes: Vec<Node>,
    /// The nodes of each column, from the top.
    columns: Vec<Vec<usize>>,
    pub pieces: Vec<Piece>,
    /// Where lines end at services, below their middle.
    tracks: BTreeMap<Track, i64>,
    pub height: i64,
}

/// The end of a line at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Track {
    node: usize,
    /// Whether at its left side.
    left: bool,
    line: Line,
    /// Whether the line leads there.
    to: bool,
}

impl Layout {
    pub fn new(columns: &[usize], heights: &[i64], edges: &[Edge]) -> Self {
        let service = |(column, height): (&usize, &i64)| Node { column: *column, height: *height, y: 0, passes: false };
        let mut nodes: Vec<Node> = columns.iter().zip(heights).map(service).collect();
        let pieces = pieces(&mut nodes, edges);
        let count = nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
        let mut columns = vec![Vec::new(); count];
        for (index, node) in nodes.iter().enumerate() {
            columns[node.column].push(index);
        }
        let mut layout = Self { nodes, columns, pieces, tracks: BTreeMap::new(), height: 0 };
        layout.order();
        layout.place();
        layout.track();
        layout
    }

    /// The column of a node.
    pub fn column(&self, node: usize) -> usize {
        self.nodes[node].column
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The upper edge of a service.
    pub fn top(&self, service: usize) -> i64 {
        self.nodes[service].y - self.nodes[service].height / 2
    }

    /// The lines that pass columns: column, height, what they stand for.
    pub fn passing(&self) -> impl Iterator<Item = (usize, i64, &Piece)> {
        let drawn = self.pieces.iter().filter(|piece| self.nodes[piece.right].passes);
        let once: BTreeMap<usize, &Piece> = drawn.map(|piece| (piece.right, piece)).collect();
        once.into_iter().map(|(node, piece)| (self.nodes[node].column, self.nodes[node].y, piece))
    }

    /// The heights at which a piece begins and ends.
    pub fn ends(&self, piece: &Piece) -> (i64, i64) {
        let same = piece.left.is_some_and(|left| self.column(left) == self.column(piece.right));
        let right = self.end(piece.right, !same, piece.line, !piece.back);
        let left = piece.left.map_or(right, |left| self.end(left, false, piece.line, piece.back));
        (left, right)
    }

    fn end(&self, node: usize, left: bool, line: Line, to: bool) -> i64 {
        self.nodes[node].y + self.tracks.get(&Track { node, left, line, to }).copied().unwrap_or_default()
    }

    /// Puts the columns in an order with few crossings.
    fn order(&mut self) {
        let (lefts, rights) = self.neighbours();
        let mut best = (self.crossings(), self.columns.clone());
        let mut place = self.places();
        for round in 0..ROUNDS {
            let count = self.columns.len();
            for step in 0..count {
                let (column, neighbours) = if round % 2 == 0 { (step, &lefts) } else { (count - 1 - step, &rights) };
                let mut keyed: Vec<(i64, usize, usize)> = Vec::with_capacity(self.columns[column].len());
                for (index, node) in self.columns[column].iter().enumerate() {
                    let around = &neighbours[*node];
                    let sum: usize = around.iter().map(|other| place[*other]).sum();
                    let mean =
                        if around.is_empty() { whole(index) * 1000 } else { whole(sum * 1000) / whole(around.len()) };
                    keyed.push((mean, index, *node));
                }
                keyed.sort_unstable();
                for (index, (.., node)) in keyed.iter().enumerate() {
                    place[*node] = index;
                }
                self.columns[column] = keyed.into_iter().map(|(.., node)| node).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// The nodes left and right of each that pieces join it with.
    fn neighbours(&self) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let mut lefts = vec![Vec::new(); self.nodes.len()];
        let mut rights = lefts.clone();
        for piece in &self.pieces {
            if let Some(left) = piece.left.filter(|left| self.column(*left) != self.column(piece.right)) {
                lefts[piece.right].push(left);
                rights[left].push(piece.right);
            }
        }
        (lefts, rights)
    }

    /// The place of each node in its column.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.nodes.len()];
        for column in &self.columns {
            for (place, node) in column.iter().enumerate() {
                places[*node] = place;
            }
        }
        places
    }

    /// How many pairs of pieces cross.
    fn crossings(&self) -> usize {
        let places = self.places();
        let mut gaps: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for piece in &self.pieces {
            if let Some(left) = piece.left.filter(|left| self.column(*left) != self.column(piece.right)) {
                gaps.entry(self.column(left)).or_default().push((places[left], places[piece.right]));
            }
        }
        gaps.into_values().map(inversions).sum()
    }

    /// Gives every node its height: as near as can be to the mean of what it is joined with.
    fn place(&mut self) {
        for column in &self.columns {
            let mut y = 0;
            for (index, node) in column.iter().enumerate() {
                y += index.checked_sub(1).map_or(0, |before| self.apart(column[before], *node));
                self.nodes[*node].y = y;
            }
        }
        let (lefts, rights) = self.neighbours();
        for round in 0..ROUNDS * 2 {
            let count = self.columns.len();
            for step in 0..count {
                let column = if round % 2 == 0 { step } else { count - 1 - step };
                self.settle(column, round, &lefts, &rights);
            }
        }
        let half = |node: &Node| if node.passes { AROUND } else { node.height / 2 };
        let top = self.nodes.iter().map(|node| node.y - half(node)).min().unwrap_or(0);
        self.nodes.iter_mut().for_each(|node| node.y -= top);
        self.height = self.nodes.iter().map(|node| node.y + half(node)).max().unwrap_or(0);
    }

    /// How far apart the middles of two neighbours in a column are at least.
    fn apart(&self, above: usize, below: usize) -> i64 {
        let (above, below) = (&self.nodes[above], &self.nodes[below]);
        let gap = GAPS[usize::from(above.passes) + usize::from(below.passes)];
        above.height - above.height / 2 + gap + below.height / 2
    }

    fn settle(&mut self, column: usize, round: usize, lefts: &[Vec<usize>], rights: &[Vec<usize>]) {
        let nodes = &self.columns[column];
        let mut wished = Vec::with_capacity(nodes.len());
        let mut offset = 0;
        let mut offsets = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            offset += index.checked_sub(1).map_or(0, |before| self.apart(nodes[before], *node));
            offsets.push(offset);
            let around: Vec<usize> = match round % 4 {
                0 => lefts[*node].clone(),
                1 => rights[*node].clone(),
                _ => lefts[*node].iter().chain(&rights[*node]).copied().collect(),
            };
            let sum: i64 = around.iter().map(|other| self.nodes[*other].y).sum();
            let mean = if around.is_empty() { self.nodes[*node].y } else { sum / whole(around.len()) };
            // A line that passes is to be straight.
            let weight = if self.nodes[*node].passes { 3 } else { 1 + whole(around.len()).min(2) };
            wished.push((mean - offset, weight));
        }
        for ((node, y), offset) in nodes.iter().zip(rising(&wished)).zip(offsets) {
            self.nodes[*node].y = y + offset;
        }
    }

    /// Spreads the ends of the lines over the sides of the services.
    fn track(&mut self) {
        let mut others: BTreeMap<(usize, bool), BTreeMap<Track, Vec<i64>>> = BTreeMap::new();
        for piece in &self.pieces {
            let same = piece.left.is_some_and(|left| self.column(left) == self.column(piece.right));
            let right = Track { node: piece.right, left: !same, line: piece.line, to: !piece.back };
            let left = piece.left.map(|node| Track { node, left: false, line: piece.line, to: piece.back });
            for (track, other) in [(Some(right), piece.left), (left, Some(piece.right))] {
                if let Some(track) = track.filter(|track| !self.nodes[track.node].passes) {
                    let y = other.map_or(FAR, |other| self.nodes[other].y);
                    others.entry((track.node, track.left)).or_default().entry(track).or_default().push(y);
                }
            }
        }
        for ((node, _), tracks) in others {
            let mut order: Vec<(i64, Track)> =
                tracks.into_iter().map(|(track, ys)| (ys.iter().sum::<i64>() / whole(ys.len()), track)).collect();
            order.sort_unstable();
            let count = whole(order.len());
            let apart = TRACK.min((self.nodes[node].height - 16) / count.max(1));
            for (index, (_, track)) in order.into_iter().enumerate() {
                self.tracks.insert(track, (2 * whole(index) - count + 1) * apart / 2);
            }
        }
    }
}

/// The pieces of all lines, and a place for each column that one passes.
fn pieces(nodes: &mut Vec<Node>, edges: &[Edge]) -> Vec<Piece> {
    let mut passing: BTreeMap<(usize, usize, Line, bool), usize> = BTreeMap::new();
    let mut pieces = BTreeSet::new();
    for edge in edges {
        let to = edge.to;
        let from = edge.from.map(|from| nodes[from].column);
        let back = from.is_some_and(|from| from > nodes[to].column);
        let (mut left, right) = if back { (Some(to), edge.from.unwrap_or(to)) } else { (edge.from, to) };
        let first = left.map_or(0, |left| nodes[left].column + 1);
        for column in first..nodes[right].column {
            let node = *passing.entry((column, to, edge.line, back)).or_insert_with(|| {
                nodes.push(Node { column, height: 0, y: 0, passes: true });
                nodes.len() - 1
            });
            pieces.insert(Piece { left, right: node, line: edge.line, back, to });
            left = Some(node);
        }
        pieces.insert(Piece { left, right, line: edge.line, back, to });
    }
    pieces.into_iter().collect()
}

/// How many pairs of edges between two columns cross.
fn inversions(mut edges: Vec<(usize, usize)>) -> usize {
    edges.sort_unstable();
    let size = edges.iter().map(|(_, right)| right + 1).max().unwrap_or(0);
    // A Fenwick tree over the right ends so far.
    let mut tree = vec![0_usize; size + 1];
    let mut crossings = 0;
    for (before, (_, right)) in edges.iter().enumerate() {
        let (mut at, mut below) = (right + 1, 0);
        while at > 0 {
            below += tree[at];
            at &= at - 1;
        }
        crossings += before - below;
        at = right + 1;
        while at <= size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    crossings
}

/// The values nearest to the wished ones that nowhere fall: neighbours that would are pooled at their mean.
fn rising(wished: &[(i64, i64)]) -> Vec<i64> {
    let mut pools: Vec<(i64, i64, usize)> = Vec::with_capacity(wished.len());
    for &(value, weight) in wished {
        pools.push((value * weight, weight, 1));
        while let [.., above, below] = pools.as_slice()
            && above.0 * below.1 > below.0 * above.1
        {
            let pooled = (above.0 + below.0, above.1 + below.1, above.2 + below.2);
            pools.truncate(pools.len() - 2);
            pools.push(pooled);
        }
    }
    let mean = |(sum, weight, count): (i64, i64, usize)| std::iter::repeat_n(sum.div_euclid(weight), count);
    pools.into_iter().flat_map(mean).collect()
}

/// A count among coordinates.
pub fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: usize, to: usize) -> Edge {
        Edge { from: Some(from), to, line: Some(Kind::Connects) }
    }

    #[test]
    fn values_rise_and_stay_near() {
        assert_eq!(rising(&[(1, 1), (5, 1), (3, 1), (9, 1)]), [1, 4, 4, 9]);
        assert_eq!(rising(&[(9, 3), (1, 1)]), [7, 7]);
        assert_eq!(rising(&[]), Vec::<i64>::new());
    }

    #[test]
    fn crossings_are_counted() {
        assert_eq!(inversions(vec![(0, 1), (1, 0)]), 1);
        assert_eq!(inversions(vec![(0, 2), (1, 1), (2, 0), (2, 2)]), 3);
        assert_eq!(inversions(vec![(0, 0), (0, 1), (1, 1)]), 0);
    }

    #[test]
    fn lines_do_not_cross_where_they_need_not() {
        let layout = Layout::new(&[0, 0, 1, 1], &[50; 4], &[edge(0, 3), edge(1, 2)]);
        assert_eq!(layout.crossings(), 0);
    }

    #[test]
    fn services_stay_apart_and_a_line_passes_between_them() {
        let edges = [edge(0, 4), edge(0, 1), edge(0, 2), edge(0, 3), edge(1, 4)];
        let layout = Layout::new(&[0, 1, 1, 1, 2], &[80, 60, 60, 60, 90], &edges);
        let mut boxes: Vec<i64> = (1..4).map(|service| layout.top(service)).collect();
        boxes.sort_unstable();
        assert!(boxes.windows(2).all(|pair| pair[0] + 60 + 24 <= pair[1]), "{boxes:?}");
        let passing: Vec<_> = layout.passing().map(|(column, y, _)| (column, y)).collect();
        assert_eq!(passing.len(), 1);
        let (column, y) = passing[0];
        assert_eq!(column, 1);
        assert!(boxes.iter().all(|top| y <= top - 16 || y >= top + 60 + 16), "{y} {boxes:?}");
        assert!((0..5).all(|service| layout.top(service) >= 0) && layout.height >= 3 * 60 + 48);
    }

    #[test]
    fn lines_end_at_different_heights_of_a_side() {
        let proxy = Edge { from: Some(0), to: 1, line: Some(Kind::Proxy) };
        let outside = Edge { from: None, to: 1, line: None };
        let layout = Layout::new(&[0, 1], &[80, 80], &[proxy, outside]);
        let ends: BTreeSet<i64> = layout.pieces.iter().filter(|it| it.right == 1).map(|it| layout.ends(it).1).collect();
        assert_eq!(ends.len(), 2);
    }
}
