//! What nginx demands of each of its own directives: where it may stand, with how many words, and of what kind they are.
//!
//! A directive that is not listed may be of any module, or of another version.

mod table;

use super::resolve::Place;
use crate::formats::words::Words;
use table::TABLE;

/// A directive, in the places where it is read in one way.
#[derive(Debug)]
pub(super) struct Row {
    name: &'static str,
    places: u16,
    /// Words behind the name at least.
    pub(super) least: u8,
    /// Words behind the name at most.
    pub(super) most: u8,
    /// Whether a block belongs to it.
    pub(super) block: bool,
    pub(super) takes: Takes,
}

/// What the words of a directive are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// `on` or `off`.
    Flag,
    /// One text.
    Text,
    /// A text a line.
    Texts,
    /// Two texts a line.
    Pairs,
    /// Digits.
    Number,
    /// Digits with `k` or `m`.
    Size,
    /// Digits with `k`, `m` or `g`.
    Offset,
    /// A time that may be less than a second.
    Milliseconds,
    /// A time in seconds, days or years.
    Seconds,
    /// A number and a size.
    Buffers,
    /// One of these.
    One(&'static [&'static str]),
    /// Any of these, on any number of lines.
    Some(&'static [&'static str]),
    /// A size, or something with a variable.
    SizeOrVariable,
    /// A text with variables.
    Variable,
    /// What only the directive itself knows.
    Other,
}

const M: u16 = 1;
const E: u16 = 2;
const H: u16 = 4;
const S: u16 = 8;
const L: u16 = 16;
const U: u16 = 32;
/// In an `if` of a server.
const SI: u16 = 64;
/// In an `if` of a location.
const LI: u16 = 128;
/// In `limit_except`.
const X: u16 = 256;
const ANYWHERE: u16 = u16::MAX;
const MANY: u8 = u8::MAX;

const fn row(name: &'static str, places: u16, least: u8, most: u8, block: bool, takes: Takes) -> Row {
    Row { name, places, least, most, block, takes }
}

/// Directives that nginx refuses a second time in one block, though what they take does not tell.
const ONCE: [&str; 29] = [
    "fastcgi_bind",
    "fastcgi_cache_key",
    "fastcgi_store",
    "fastcgi_store_access",
    "fastcgi_temp_path",
    "grpc_bind",
    "grpc_ssl_certificate",
    "grpc_ssl_certificate_key",
    "memcached_bind",
    "open_log_file_cache",
    "proxy_store_access",
    "scgi_bind",
    "scgi_cache",
    "scgi_cache_key",
    "scgi_store",
    "scgi_store_access",
    "scgi_temp_path",
    "source_charset",
    "ssl_ocsp_cache",
    "userid_expires",
    "userid_mark",
    "uwsgi_bind",
    "uwsgi_cache",
    "uwsgi_cache_key",
    "uwsgi_ssl_certificate",
    "uwsgi_ssl_certificate_key",
    "uwsgi_store",
    "uwsgi_store_access",
    "uwsgi_temp_path",
];

/// Whether nginx refuses a directive a second time in one block.
pub(super) fn once(name: &str) -> bool {
    ONCE.binary_search(&name).is_ok()
}

/// What can be offered behind a directive.
pub(super) const WORDS: Words = Words {
    values: |name| {
        let each = rows(name).iter().flat_map(|row| match row.takes {
            Takes::One(words) | Takes::Some(words) => words,
            Takes::Flag => &["on", "off"],
            _ => &[],
        });
        each.copied().collect()
    },
    ..Words::NONE
};

/// The rows of a directive: most have one, some are read differently inside an `upstream`.
pub(super) fn rows(name: &str) -> &'static [Row] {
    let first = TABLE.partition_point(|row| row.name < name);
    let rest = TABLE.get(first..).unwrap_or_default();
    rest.get(..rest.partition_point(|row| row.name == name)).unwrap_or_default()
}

impl Row {
    /// Whether the directive may stand there.
    pub(super) fn fits(&self, place: Place) -> bool {
        let bit = match place {
            Place::Main => M,
            Place::Events => E,
            Place::Http => H,
            Place::Server => S,
            Place::Location => L,
            Place::ServerIf => SI,
            Place::LocationIf => LI,
            Place::LimitExcept => X,
            Place::Upstream => U,
            Place::Stream => ANYWHERE,
        };
        self.places & bit != 0
    }
}

impl Takes {
    /// Whether nginx refuses the directive a second time in one block.
    pub(super) fn once(self) -> bool {
        !matches!(self, Self::Texts | Self::Pairs | Self::Some(_) | Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by(|a, b| a.name <= b.name));
        assert!(ONCE.is_sorted() && ONCE.iter().all(|name| !rows(name).is_empty()));
        assert!(rows("server").len() == 2 && rows("root").len() == 1 && rows("nosuch").is_empty());
    }
}
