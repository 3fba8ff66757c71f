//! The names in an index of git, in its versions 2 to 4
//! (<https://git-scm.com/docs/index-format>).
//!
//! The times, sizes and checksums in it are passed over. One that is split says what is gone of another that most of it stands
//! in, and what came. What does not add up is not guessed at: nothing is known then.

mod split;

use split::Link;
use std::collections::BTreeSet;

/// The names in an index, in its order.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// All names, one behind the other; nothing where the index cannot be read.
    names: Option<Vec<u8>>,
    /// Where each ends.
    ends: Vec<u32>,
    /// Whether folders stand for all that is in them (a sparse index).
    sparse: bool,
}

/// The longest name that is taken for one: systems open no longer ones.
const LONGEST: usize = 4096;
/// What all names may take together.
const MOST: usize = 64 << 20;
/// What stands before the name of an object in an entry: times, device, mode, owner, size.
const BEFORE: usize = 40;

impl Index {
    /// An index that tracks nothing: a repository has none before the first file is added.
    pub(super) fn empty() -> Self {
        Self { names: Some(Vec::new()), ..Self::default() }
    }

    /// Reads an index, in which the names of objects have 32 bytes if they are `wide`, else 20. `shared` gives the bytes of
    /// the one that most of it stands in, if it is split.
    pub(super) fn read(bytes: &[u8], wide: bool, shared: impl Fn(&str) -> Option<Vec<u8>>) -> Self {
        let read = |bytes: &[u8]| Reading { bytes, at: 0, wide, link: None }.index();
        let whole = read(bytes).and_then(|(own, link)| match link {
            None => own.is_named().then_some(own),
            Some(link) => match link.base {
                None => own.is_named().then_some(own),
                // What is split is split once.
                Some(base) => match read(&shared(&base)?)? {
                    (base, None) if base.is_named() => own.over(&base, &link.deleted),
                    _ => None,
                },
            },
        });
        whole.unwrap_or_default()
    }

    /// Whether nothing is known of it.
    pub(super) fn is_unread(&self) -> bool {
        self.names.is_none()
    }

    /// Whether all that is in it has a name.
    fn is_named(&self) -> bool {
        self.ends.first() != Some(&0)
    }

    /// What an index of many parts has: what is in `base`, without what is deleted, and what it has itself. Entries without a
    /// name stand for some of `base` that have changed, whose names stay.
    fn over(&self, base: &Self, deleted: &BTreeSet<usize>) -> Option<Self> {
        let kept = (0..base.ends.len()).filter(|at| !deleted.contains(at)).filter_map(|at| base.name(at));
        let own = (0..self.ends.len()).filter_map(|at| self.name(at)).filter(|name| !name.is_empty());
        let all: BTreeSet<&[u8]> = kept.chain(own).collect();
        let mut whole = Self { sparse: self.sparse || base.sparse, ..Self::empty() };
        let names = whole.names.get_or_insert_default();
        for name in all {
            names.extend_from_slice(name);
            whole.ends.push(u32::try_from(names.len()).ok()?);
        }
        Some(whole)
    }

    /// The paths of what is tracked below a folder, which are UTF-8.
    pub(super) fn below(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{folder}/");
        let start = self.first_from(prefix.as_bytes());
        let names = (start..self.ends.len()).map_while(|at| self.name(at));
        let within = names.take_while(|name| name.starts_with(prefix.as_bytes()));
        within.filter_map(|name| str::from_utf8(name).ok()).map(str::to_owned).collect()
    }

    /// The place of the first name that does not stand before `text`.
    fn first_from(&self, text: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.name(middle).is_some_and(|name| name < text) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn name(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).and_then(|at| self.ends.get(at)).map_or(0, |&end| end as usize);
        self.names.as_ref()?.get(start..end)
    }

    /// Whether a path is tracked; nothing where that is not known.
    pub(super) fn has(&self, path: &str) -> Option<bool> {
        self.names.as_ref()?;
        if self.name(self.first_from(path.as_bytes())) == Some(path.as_bytes()) {
            return Some(true);
        }
        (!self.sparse).then_some(false)
    }
}

struct Reading<'b> {
    bytes: &'b [u8],
    at: usize,
    wide: bool,
    link: Option<Link>,
}

impl Reading<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn index(mut self) -> Option<(Index, Option<Link>)> {
        let signature = self.take(4)? == b"DIRC";
        let version = self.number().filter(|version| signature && matches!(version, 2..=4))?;
        let count = self.number()? as usize;
        // Lies about the count cost nothing: room is made for what is there.
        let shortest = BEFORE + if self.wide { 32 } else { 20 } + 2 + 1;
        if count > self.bytes.len() / shortest {
            return None;
        }
        let (mut names, mut ends) = (Vec::new(), Vec::with_capacity(count));
        let (mut last, mut name) = (Vec::new(), Vec::new());
        let mut sparse = false;
        for _ in 0..count {
            sparse |= self.entry(version, &mut name)?;
            // In one that is split, what only changed comes first and has no name.
            if name.len() > LONGEST || name < last || names.len() + name.len() > MOST {
                return None;
            }
            names.extend_from_slice(&name);
            ends.push(u32::try_from(names.len()).ok()?);
            last.clone_from(&name);
        }
        self.extensions()?;
        Some((Index { names: Some(names), ends, sparse }, self.link))
    }

    /// Puts the next name into `name`, which holds the one before, and gives whether it is a folder's.
    fn entry(&mut self, version: u32, name: &mut Vec<u8>) -> Option<bool> {
        const FOLDER: u32 = 0o040_000;
        const EXTENDED: u8 = 0x40;
        let start = self.at;
        self.take(24)?;
        let mode = self.number()?;
        self.take(BEFORE - 28 + if self.wide { 32 } else { 20 })?;
        let flags = *self.take(2)?.first()?;
        if flags & EXTENDED != 0 {
            self.take(if version > 2 { 2 } else { return None })?;
        }
        if version == 4 {
            let dropped = self.varint()?;
            name.truncate(name.len().checked_sub(dropped)?);
        } else {
            name.clear();
        }
        let rest = self.bytes.get(self.at..)?;
        let length = memchr(rest)?;
        name.extend_from_slice(rest.get(..length)?);
        self.take(length + 1)?;
        if version < 4 {
            // Entries are filled up to eight bytes with at least one zero.
            let over = (self.at - start) % 8;
            self.take(if over == 0 { 0 } else { 8 - over })?;
        }
        Some(mode == FOLDER)
    }

    /// A number of git's, seven bits a byte.
    fn varint(&mut self) -> Option<usize> {
        let mut value: usize = 0;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?.checked_mul(128).filter(|value| *value < MOST)?;
        }
    }

    /// Passes over what follows the entries. What is written in small letters changes what the entries mean.
    fn extensions(&mut self) -> Option<()> {
        let checksum = if self.wide { 32 } else { 20 };
        loop {
            let left = self.bytes.len().checked_sub(self.at)?;
            if left == checksum {
                return Some(());
            }
            let optional = self.take(4)?;
            let link = optional == b"link";
            let known = optional.first().is_some_and(u8::is_ascii_uppercase) || optional == b"sdir" || link;
            let size = self.number()? as usize;
            let said = self.take(if known { size } else { return None })?;
            if link {
                self.link = Some(Link::read(said, checksum)?);
            }
        }
    }
}

/// Where the name ends that `rest` begins with.
fn memchr(rest: &[u8]) -> Option<usize> {
    rest.iter().take(LONGEST + 1).position(|&byte| byte == 0)
}
