//! What stands behind `Match`: which connections a block is for, and what sshd refuses there.

use super::algorithms::in_pattern_list;
use super::spelling::short;
use super::syntax::{Statement, Word};
use super::units::{numeric_address, service, strtonum};
use super::values::Fault;
use crate::model::{Text, Why};
use crate::text::Span;
use crate::version::{Version, Versions};
use crate::workspace::Query;
use std::net::IpAddr;

/// One criterion of a Match line; all of a line must hold.
#[derive(Clone, Debug)]
pub(super) enum Criterion {
    /// `all`.
    All,
    /// `invalid-user`.
    InvalidUser,
    /// A property of the connection, and patterns for it.
    Property { name: &'static str, patterns: Result<String, Why> },
}

/// Whether a block applies to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Unknown(Why),
}

/// The properties: as the file names them, as `-C` does, and the version that brought each.
const PROPERTIES: &[(&str, &str, Version)] = &[
    ("user", "user", Version([0, 0, 0])),
    ("group", "group", Version([0, 0, 0])),
    ("host", "host", Version([0, 0, 0])),
    ("address", "addr", Version([0, 0, 0])),
    ("localaddress", "laddr", Version([0, 0, 0])),
    ("localport", "lport", Version([0, 0, 0])),
    ("rdomain", "rdomain", Version([0, 0, 0])),
    ("version", "version", Version([10, 0, 0])),
];

/// Reads a Match line.
pub(super) fn read(statement: &Statement, versions: Versions) -> Result<Vec<Criterion>, Fault> {
    // Until 9.8 the line is split like a keyword is taken off, whatever the version asked for beyond that.
    let old = (versions.newest < Version([9, 9, 0])).then(|| delimited(&statement.rest)).flatten();
    let all = old.as_deref().unwrap_or(&statement.words);
    let mut words = all.iter().peekable();
    let mut criteria = Vec::new();
    let whole = statement.at();
    while let Some(word) = words.next() {
        let Some(text) = word.known() else {
            let why = word.hole().cloned().unwrap_or(Why::Limit("a criterion could not be read"));
            criteria.push(Criterion::Property { name: "", patterns: Err(why) });
            return Ok(criteria);
        };
        if text.eq_ignore_ascii_case("all") {
            if all.len() > 1 {
                return Err(fault(word.at, "`all` stands alone behind `Match`, else sshd refuses the line"));
            }
            return Ok(vec![Criterion::All]);
        }
        if text.eq_ignore_ascii_case("invalid-user") && versions.newest >= Version([9, 9, 0]) {
            criteria.push(Criterion::InvalidUser);
            continue;
        }
        criteria.push(property(word, text, &mut words, versions)?);
    }
    if criteria.is_empty() {
        return Err(fault(whole, "`Match` wants at least one criterion"));
    }
    Ok(criteria)
}

/// The words of a line as `strdelim` splits it, up to an empty one or a comment: it knows no single quotes and no
/// escapes, and takes one `=` for a blank. Nothing where the line has a hole.
fn delimited(line: &Word) -> Option<Vec<Word>> {
    const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
    let text = line.known()?;
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        let start = line.at.start as usize + (text.len() - rest.len());
        let stop = rest.find([' ', '\t', '\r', '\n', '"', '=']);
        let (before, at) = rest.split_at(stop.unwrap_or(rest.len()));
        let (word, mut next) = match at.strip_prefix('"') {
            Some(quoted) => {
                let Some((inside, next)) = quoted.split_once('"') else { return Some(words) };
                (format!("{before}{inside}"), next.trim_start_matches(BLANKS))
            }
            None => (before.to_owned(), at.get(1..).unwrap_or_default().trim_start_matches(BLANKS)),
        };
        if !at.starts_with(['"', '=']) {
            next = next.strip_prefix('=').map_or(next, |next| next.trim_start_matches(BLANKS));
        }
        // What stands behind an empty word is left over, and refused.
        if word.is_empty() && !next.is_empty() {
            words.push(Word { text: Text::Known("".into()), at: Span::new(start, start + rest.len()) });
        }
        if word.is_empty() || word.starts_with('#') {
            return Some(words);
        }
        let length = rest.len() - next.len();
        let shown = rest.get(..length).unwrap_or_default().trim_end_matches(BLANKS).trim_end_matches('=');
        let end = start + shown.trim_end_matches(BLANKS).len();
        words.push(Word { text: Text::Known(word.into()), at: Span::new(start, end) });
        rest = next;
    }
}

fn property<'w>(
    word: &Word,
    text: &str,
    words: &mut impl Iterator<Item = &'w Word>,
    versions: Versions,
) -> Result<Criterion, Fault> {
    let joins = versions.newest >= Version([9, 9, 0]);
    let split = text.split_once('=').filter(|_| joins);
    let (name, joined) = split.map_or((text, None), |(name, patterns)| (name, Some(patterns)));
    let known = PROPERTIES.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known));
    let Some((name, _, _)) = known.filter(|(.., since)| *since <= versions.newest) else {
        return Err(fault(
            word.at,
            format!(
                "`Match` has no criterion `{}`: sshd knows User, Group, Host, Address, LocalAddress, LocalPort, RDomain and all",
                short(name)
            ),
        ));
    };
    let missing = || fault(word.at, format!("the criterion `{}` has no value", short(text)));
    let (patterns, at) = if let Some(patterns) = joined {
        (Ok(patterns.to_owned()), word.at)
    } else {
        let value = words.next().ok_or_else(missing)?;
        let why = || value.hole().cloned().unwrap_or(Why::Limit("a criterion could not be read"));
        (value.known().map(str::to_owned).ok_or_else(why), value.at)
    };
    if let Ok(patterns) = &patterns {
        match *name {
            _ if patterns.is_empty() => return Err(missing()),
            "address" | "localaddress" if bad_list(patterns) => {
                return Err(fault(at, "a range is empty, or has bits behind its mask: sshd refuses it"));
            }
            // A name may be a service of the host's list.
            "localport" if strtonum(patterns, 65535).is_none() && !service(patterns) => {
                return Err(fault(at, "`LocalPort` wants one port"));
            }
            _ => {}
        }
    }
    Ok(Criterion::Property { name, patterns })
}

fn fault(at: Span, message: impl Into<String>) -> Fault {
    Fault { at, message: message.into() }
}

/// Whether a block with these criteria applies, as `sshd -T` and `-C` decide it: without a property that a criterion
/// asks for, it does not.
pub(super) fn verdict(criteria: &[Criterion], query: &Query) -> Verdict {
    let mut unknown = None;
    for criterion in criteria {
        match one(criterion, query) {
            Verdict::Yes => {}
            Verdict::No => return Verdict::No,
            Verdict::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Verdict::Yes, Verdict::Unknown)
}

fn one(criterion: &Criterion, query: &Query) -> Verdict {
    let (name, patterns) = match criterion {
        Criterion::All => return Verdict::Yes,
        Criterion::InvalidUser => {
            let named = query.conditions.iter().any(|(name, _)| name == "invalid-user");
            return if named { Verdict::Yes } else { Verdict::No };
        }
        Criterion::Property { name, patterns, .. } => (*name, patterns),
    };
    let patterns = match patterns {
        Ok(patterns) => patterns,
        Err(why) => return Verdict::Unknown(why.clone()),
    };
    if name == "version" {
        return Verdict::Unknown(Why::Version("Match Version".into()));
    }
    if name == "group" {
        return group(patterns, query);
    }
    let asked = PROPERTIES.iter().find(|(known, ..)| *known == name).map_or("", |(_, asked, _)| asked);
    let Some(value) = query.condition(asked) else {
        // Of a connection whose port it is not told `sshd -T` says nothing at all, where it passes over blocks with any
        // other property that it is not told.
        let open = name == "localport" && !query.conditions.is_empty();
        return if open { Verdict::Unknown(Why::Runtime("which port is connected to".into())) } else { Verdict::No };
    };
    let hit = match name {
        "address" | "localaddress" => in_range_list(patterns, value),
        "localport" => match (strtonum(patterns, 65535), strtonum(value, 65535)) {
            (Some(port), Some(asked)) => port == asked,
            (None, _) => {
                return Verdict::Unknown(Why::Runtime(format!("the port of the service `{patterns}`").into()));
            }
            (Some(_), None) => false,
        },
        "host" => in_pattern_list(&patterns.to_ascii_lowercase(), &value.to_ascii_lowercase()),
        _ => in_pattern_list(patterns, value),
    };
    if hit { Verdict::Yes } else { Verdict::No }
}

/// Groups are the host's to tell, unless they are given.
fn group(patterns: &str, query: &Query) -> Verdict {
    let given: Vec<&str> =
        query.conditions.iter().filter(|(name, _)| name == "group").map(|(_, value)| value.as_str()).collect();
    if given.is_empty() {
        return match query.condition("user") {
            Some(user) => Verdict::Unknown(Why::Runtime(format!("which groups `{user}` is in").into())),
            None => Verdict::No,
        };
    }
    let negated = |group: &&str| {
        patterns.split(',').any(|pattern| pattern.strip_prefix('!').is_some_and(|rest| in_pattern_list(rest, group)))
    };
    let hit = !given.iter().any(negated) && given.iter().any(|group| in_pattern_list(patterns, group));
    if hit { Verdict::Yes } else { Verdict::No }
}

/// Whether an address lies in one of the ranges, and in none of those with `!` before them.
fn in_range_list(ranges: &str, value: &str) -> bool {
    let address: Option<IpAddr> = value.parse().ok();
    let mut hit = false;
    for range in ranges.split(',') {
        let (negated, range) = range.strip_prefix('!').map_or((false, range), |rest| (true, rest));
        let inside = match (address, network(range)) {
            (Some(address), Some((network, length))) => within(address, network, length),
            _ => in_pattern_list(range, value),
        };
        match (inside, negated) {
            (true, true) => return false,
            (true, false) => hit = true,
            (false, _) => {}
        }
    }
    hit
}

/// An address with the length of its prefix; a lone address is a range of one.
fn network(range: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = range.split_once('/').map_or((range, None), |(address, length)| (address, Some(length)));
    let address = numeric_address(address)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(most), |length| strtonum(length, 128).and_then(|length| length.try_into().ok()))?;
    Some((address, length))
}

fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)), 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    }
}

fn within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let ((a, width), (b, other)) = (bits(address), bits(network));
    width == other && host_bits(a ^ b, width, length).is_some_and(|rest| rest == a ^ b)
}

/// The bits of `value` behind a prefix; nothing where the prefix is too long.
fn host_bits(value: u128, width: u32, length: u8) -> Option<u128> {
    let behind = width.checked_sub(u32::from(length))?;
    Some(if behind == 128 { value } else { value & ((1_u128 << behind) - 1) })
}

/// Whether a block with these criteria can apply to root.
pub(super) fn matches_root(criteria: &[Criterion]) -> Verdict {
    let mut verdict = Verdict::Yes;
    for criterion in criteria {
        let Criterion::Property { name: name @ ("user" | "group" | ""), patterns, .. } = criterion else { continue };
        match (name, patterns) {
            (_, Err(why)) => verdict = Verdict::Unknown(why.clone()),
            (_, Ok(patterns)) if in_pattern_list(patterns, "root") => {}
            (&"group", Ok(_)) => verdict = Verdict::Unknown(Why::Runtime("which groups root is in".into())),
            (_, Ok(_)) => return Verdict::No,
        }
    }
    verdict
}

/// Whether a block is for root alone, however root comes.
pub(super) fn only_root(criteria: &[Criterion]) -> bool {
    matches!(criteria, [Criterion::Property { name: "user", patterns: Ok(patterns) }] if patterns == "root")
}

/// Whether a block is only for private addresses or for a small range of others.
pub(super) fn limited_source(criteria: &[Criterion]) -> bool {
    criteria.iter().any(|criterion| match criterion {
        Criterion::Property { name: "address", patterns: Ok(patterns), .. } => {
            let mut ranges = patterns.split(',').filter(|range| !range.starts_with('!')).peekable();
            ranges.peek().is_some()
                && ranges.all(|range| network(range).is_some_and(|(address, length)| small(address, length)))
        }
        _ => false,
    })
}

/// Whether a range is private, or at most a site's: 256 addresses of IPv4, or a /48 of IPv6.
fn small(address: IpAddr, length: u8) -> bool {
    match address {
        IpAddr::V4(four) => {
            let private = [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([127, 0, 0, 0], 8)];
            length >= 24
                || private.iter().any(|(start, prefix)| {
                    length >= *prefix && within(address, IpAddr::V4((*start).into()), *prefix) && !four.is_unspecified()
                })
        }
        IpAddr::V6(six) => {
            length >= 48 || (length >= 7 && six.segments().first().is_some_and(|first| first & 0xfe00 == 0xfc00))
        }
    }
}

/// Whether sshd refuses a range: its prefix is too long, or bits behind it are set.
fn bad_range(range: &str) -> bool {
    let Some((address, length)) = network(range) else { return false };
    let (value, width) = bits(address);
    host_bits(value, width, length) != Some(0)
}

/// Whether sshd refuses one of the ranges of a list.
pub(super) fn bad_list(ranges: &str) -> bool {
    let mut ranges = ranges.split(',').map(|range| range.strip_prefix('!').unwrap_or(range));
    ranges.any(|range| range.is_empty() || bad_range(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_matched_by_their_bits() {
        for (ranges, address, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8,!10.1.0.0/16", "10.1.2.3", false),
            ("10.0.*", "10.0.9.1", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("10.0.0.0/8", "::1", false),
            ("10.8.0.5", "10.8.0.5", true),
        ] {
            assert_eq!(in_range_list(ranges, address), inside, "{ranges} {address}");
        }
    }

    #[test]
    fn private_and_narrow_ranges_are_limited() {
        for (ranges, limited) in [
            ("10.8.0.5", true),
            ("10.0.0.0/8,192.168.0.0/16", true),
            ("203.0.113.0/24", true),
            ("203.0.0.0/16", false),
            ("0.0.0.0/0", false),
            ("*,!10.0.0.1", false),
            ("!10.0.0.1", false),
            ("fd00::/8", true),
            ("::/0", false),
        ] {
            let patterns = Ok(ranges.to_owned());
            let criteria = [Criterion::Property { name: "address", patterns }];
            assert_eq!(limited_source(&criteria), limited, "{ranges}");
        }
    }

    #[test]
    fn bits_behind_the_mask_are_refused() {
        for (range, bad) in [("10.0.0.5/8", true), ("10.0.0.0/8", false), ("10.0.0.0/33", true), ("office", false)] {
            assert_eq!(bad_range(range), bad, "{range}");
        }
    }
}
