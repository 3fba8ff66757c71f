//! What an index says of the one that most of it stands in (`core.splitIndex`).

use std::collections::BTreeSet;

/// What is deleted of another index that this one stands on.
#[derive(Debug)]
pub(super) struct Link {
    /// The name of the other one, if there is one.
    pub(super) base: Option<String>,
    /// The places of its entries that are there no more.
    pub(super) deleted: BTreeSet<usize>,
}

/// No index has more entries.
const MOST: u64 = 1 << 24;

impl Link {
    /// Reads the extension, in which a name has `width` bytes.
    pub(super) fn read(bytes: &[u8], width: usize) -> Option<Self> {
        let (name, rest) = bytes.split_at_checked(width)?;
        let base = name.iter().any(|&byte| byte != 0);
        let digits = name.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let base = base.then(|| digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect());
        // Where nothing changed, no places follow.
        let deleted = if rest.is_empty() { BTreeSet::new() } else { set(rest)? };
        Some(Self { base, deleted })
    }
}

/// The places that are set in a compressed list of bits (EWAH): words that say how many words of equal bits follow, and how
/// many that are as they stand.
fn set(bytes: &[u8]) -> Option<BTreeSet<usize>> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (bits, count) = (u64::from(number(0)?), number(4)? as usize);
    let words = bytes.get(8..8_usize.checked_add(count.checked_mul(8)?)?)?;
    let mut words = words.as_chunks::<8>().0.iter().map(|word| u64::from_be_bytes(*word));
    let mut places = BTreeSet::new();
    let mut at = 0;
    if bits > MOST {
        return None;
    }
    while let Some(head) = words.next() {
        let (equal, running, literal) = (head & 1 == 1, (head >> 1) & 0xffff_ffff, head >> 33);
        let end = running.checked_mul(64)?.checked_add(at)?;
        if equal {
            places.extend((at..end.min(bits)).filter_map(|place| usize::try_from(place).ok()));
        }
        at = end;
        for _ in 0..literal {
            let word = words.next()?;
            let own = (0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at + bit);
            places.extend(own.filter_map(|place| usize::try_from(place).ok()));
            at = at.checked_add(64)?;
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_as_git_writes_them() {
        let list = |bits: u32, words: &[u64]| {
            let mut bytes = bits.to_be_bytes().to_vec();
            bytes.extend(u32::try_from(words.len()).unwrap().to_be_bytes());
            bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
            set(&bytes).map(Vec::from_iter)
        };
        let head = |equal: u64, running: u64, literal: u64| equal | running << 1 | literal << 33;
        assert_eq!(list(70, &[head(0, 0, 2), 0b101, 0b10]), Some(vec![0, 2, 65]));
        assert_eq!(list(66, &[head(0, 1, 1), 0b11]), Some(vec![64, 65]));
        assert_eq!(list(3, &[head(1, 1, 0)]), Some(vec![0, 1, 2]));
        // What lies costs nothing, and is not taken for anything.
        assert_eq!(list(3, &[head(0, 0, 5), 1]), None);
        assert_eq!(list(u32::MAX, &[head(1, 0xffff_ffff, 0)]), None);
        assert_eq!((set(&[0; 7]), set(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff])), (None, None));
    }
}
