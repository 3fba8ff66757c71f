//! Which column a service stands in: proxies, then applications, then stores; in each, what leads to others before these.

use crate::graph::Part;
use std::collections::BTreeMap;

/// Longer chains within one group share the last column.
const DEEPEST: usize = 5;
/// A column that is higher than this is split, however many services there are.
const LOWEST: usize = 7;

/// A service that is joined with something.
pub struct Joined {
    pub part: Part,
    /// Whether something leads to it from the left: a proxy, or other machines.
    pub entered: bool,
}

/// The column of each, from 0, without a gap.
pub fn columns(services: &[Joined], edges: &[(usize, usize)]) -> Vec<usize> {
    let group: Vec<usize> = services.iter().map(|service| group(service.part)).collect();
    let within: Vec<(usize, usize)> =
        edges.iter().copied().filter(|(from, to)| group.get(*from) == group.get(*to)).collect();
    let depths = depths(services.len(), &within);
    let mut cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (index, (group, depth)) in group.iter().zip(&depths).enumerate() {
        cells.entry((*group, (*depth).min(DEEPEST))).or_default().push(index);
    }
    let highest = (services.len() * 3).isqrt().max(LOWEST);
    let mut columns = vec![0; services.len()];
    let mut column = 0;
    for mut cell in cells.into_values() {
        // What is entered from the left stands there.
        cell.sort_by_key(|index| services.get(*index).is_none_or(|service| !service.entered));
        let parts = cell.len().div_ceil(highest);
        for part in cell.chunks(cell.len().div_ceil(parts)) {
            for index in part {
                if let Some(of) = columns.get_mut(*index) {
                    *of = column;
                }
            }
            column += 1;
        }
    }
    columns
}

fn group(part: Part) -> usize {
    match part {
        Part::Proxy => 0,
        Part::Application | Part::Other => 1,
        Part::Store => 2,
    }
}

/// The length of the longest way to each. Where the edges run in a circle, it is entered at its first member.
fn depths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut before = vec![0_usize; count];
    for &(from, to) in edges {
        after[from].push(to);
        before[to] += 1;
    }
    let mut depths = vec![0; count];
    let mut done = vec![false; count];
    let mut ready: Vec<usize> = (0..count).rev().filter(|index| before[*index] == 0).collect();
    let mut next = 0;
    loop {
        let Some(index) = ready.pop().or_else(|| {
            next = (next..count).find(|index| !done[*index])?;
            Some(next)
        }) else {
            return depths;
        };
        if std::mem::replace(&mut done[index], true) {
            continue;
        }
        for &to in &after[index] {
            if !done[to] {
                depths[to] = depths[to].max(depths[index] + 1);
                before[to] -= 1;
                if before[to] == 0 {
                    ready.push(to);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[Part], edges: &[(usize, usize)]) -> Vec<usize> {
        let services: Vec<Joined> = parts.iter().map(|part| Joined { part: *part, entered: false }).collect();
        columns(&services, edges)
    }

    #[test]
    fn proxies_stand_left_and_stores_right() {
        use Part::{Application as App, Other, Proxy, Store};
        assert_eq!(of(&[Store, App, Proxy], &[(2, 1), (1, 0)]), [2, 1, 0]);
        assert_eq!(of(&[Proxy, Proxy, App, Other, Store], &[(0, 1), (1, 2), (2, 3), (3, 4)]), [0, 1, 2, 3, 4]);
        assert_eq!(of(&[App, App], &[(0, 1), (1, 0)]), [0, 1], "a circle");
        assert_eq!(of(&[], &[]), Vec::<usize>::new());
    }

    #[test]
    fn a_high_column_is_split_and_a_long_chain_is_not_endless() {
        let columns = of(&[Part::Application; 30], &[]);
        let count = |column| columns.iter().filter(|it| **it == column).count();
        assert!((0..=*columns.iter().max().unwrap()).all(|column| (6..=9).contains(&count(column))), "{columns:?}");
        let chain: Vec<(usize, usize)> = (0..49).map(|index| (index, index + 1)).collect();
        assert!(of(&[Part::Application; 50], &chain).iter().max() < Some(&16));
    }
}
