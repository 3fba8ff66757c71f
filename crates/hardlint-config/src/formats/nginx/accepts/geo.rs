//! Blocks of `geo`: networks, or ranges of addresses that do not cross each other.

use super::addresses::{ipv4, network};
use super::{Fault, Line};
use std::collections::BTreeMap;

/// Pieces of ranges that are compared in one block.
const MOST: usize = 20_000;

/// The ranges of a block as nginx keeps them: cut at every 65,536th address, by their first one.
#[derive(Debug, Default)]
pub(super) struct Geo {
    pieces: BTreeMap<u32, u32>,
    /// Whether the lines are ranges.
    ranges: bool,
    /// Whether a line was a network.
    networks: bool,
    /// Whether some ranges are not known.
    unsure: bool,
}

impl Geo {
    /// A line with one word or two.
    pub(super) fn entry(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        match (line.words.len(), &*line.spelt(0)) {
            (1, "proxy_recursive") => return Ok(()),
            (1, "ranges") if self.networks => {
                return Fault::new(0, "nginx refuses `ranges` behind the first network");
            }
            (1, "ranges") => {
                self.ranges = true;
                return Ok(());
            }
            (2, "include") => {
                self.unsure = true;
                return Ok(());
            }
            (2, _) => {}
            (count, _) => {
                return Fault::new(0, format!("nginx takes two words in a line of `geo`, here are {count}"));
            }
        }
        let refused = |index: usize| Fault::new(index, "nginx refuses this as a network");
        let Some(key) = line.known(0) else {
            self.unsure = true;
            return Ok(());
        };
        if key == "proxy" {
            return if line.known(1).is_none_or(|value| network(&value)) { Ok(()) } else { refused(1) };
        }
        self.networks |= !self.ranges;
        let (index, deleted) = if key == "delete" { (1, true) } else { (0, false) };
        let Some(text) = line.known(index).filter(|_| key != "default") else { return Ok(()) };
        if !self.ranges {
            return if network(&text) || text == "255.255.255.255" { Ok(()) } else { refused(index) };
        }
        let ends = text.split_once('-').and_then(|(first, last)| Some((ipv4(first)?, ipv4(last)?)));
        let Some((first, last)) = ends.filter(|(first, last)| first <= last) else {
            return Fault::new(index, "nginx refuses this as a range of addresses");
        };
        self.range(first, last, deleted)
            .or_else(|()| Fault::new(index, "this range crosses another; nginx refuses that"))
    }

    fn range(&mut self, first: u32, last: u32, deleted: bool) -> Result<(), ()> {
        self.unsure |= self.pieces.len() > MOST || (last - first) >> 16 > 4096;
        let mut from = first;
        while !self.unsure {
            let to = last.min(from | 0xffff);
            if !deleted {
                self.piece(from, to)?;
            } else if self.pieces.get(&from) == Some(&to) {
                self.pieces.remove(&from);
            }
            if to == last {
                break;
            }
            from = to.saturating_add(1);
        }
        Ok(())
    }

    /// One that lies in another takes its place there; one that crosses it, or holds it, is refused.
    fn piece(&mut self, from: u32, to: u32) -> Result<(), ()> {
        let around =
            self.pieces.range(..=to).next_back().map(|(from, to)| (*from, *to)).filter(|(_, end)| *end >= from);
        if let Some((start, end)) = around {
            if from < start || to > end {
                return Err(());
            }
            self.pieces.remove(&start);
            if start < from {
                self.pieces.insert(start, from - 1);
            }
            if to < end {
                self.pieces.insert(to + 1, end);
            }
        }
        self.pieces.insert(from, to);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_cross_are_told_from_those_inside_each_other() {
        let crosses = |ranges: &[(&str, &str)]| {
            let mut geo = Geo::default();
            ranges.iter().any(|(first, last)| geo.range(ipv4(first).unwrap(), ipv4(last).unwrap(), false).is_err())
        };
        assert!(crosses(&[("10.0.0.1", "10.0.0.5"), ("10.0.0.3", "10.0.0.8")]));
        assert!(crosses(&[("10.0.0.3", "10.0.0.8"), ("10.0.0.1", "10.0.0.9")]));
        assert!(crosses(&[("10.0.0.0", "10.0.0.9"), ("10.0.0.2", "10.0.0.4"), ("10.0.0.3", "10.0.0.5")]));
        assert!(crosses(&[("10.0.5.0", "10.2.0.0"), ("10.0.0.0", "10.1.255.255")]));
        assert!(!crosses(&[("10.0.0.1", "10.0.0.1"), ("10.0.0.1", "10.0.0.1")]));
        assert!(!crosses(&[("10.0.0.0", "10.1.255.255"), ("10.0.5.0", "10.2.0.0")]));
        assert_eq!([ipv4("255.255.255.255"), ipv4("10.1"), ipv4("10..0.1")], [None, None, Some(0x0a00_0001)]);
    }
}
