//! Addresses of `pg_hba.conf`: numbers as `getaddrinfo` reads them without asking anybody, masks, and names of hosts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which clients a record is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// `all`.
    All,
    /// `samehost`: the server's own addresses.
    SameHost,
    /// `samenet`: the networks that the server is in.
    SameNet,
    /// A number and a mask.
    Range(Range),
    /// A name, or the end of names, which begins with a dot.
    Host(String),
}

/// An address and the bits of it that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Range {
    pub(super) ip: IpAddr,
    pub(super) mask: IpAddr,
}

/// The address that `text` writes in numbers.
pub(super) fn numeric(text: &str) -> Option<IpAddr> {
    if let Some(ip) = inet_aton(text) {
        return Some(IpAddr::V4(ip));
    }
    let (ip, scope) = text.split_once('%').map_or((text, None), |(ip, scope)| (ip, Some(scope)));
    let ip = ip.parse::<Ipv6Addr>().ok()?;
    // An interface may be numbered, and for addresses of a single link named; which one it is does not tell who is meant.
    let first = ip.segments()[0];
    let of_link = first & 0xffc0 == 0xfe80 || first & 0xff0f == 0xff02;
    let takes = |scope: &str| !scope.is_empty() && (of_link || scope.bytes().all(|byte| byte.is_ascii_digit()));
    scope.is_none_or(takes).then_some(IpAddr::V6(ip))
}

/// An address of version 4 as C reads it: one to four numbers, each decimal, octal or hexadecimal; the last one fills
/// what the others leave.
fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, before) = parts.split_last()?;
    if before.len() > 3 || before.iter().any(|part| *part > 0xff) {
        return None;
    }
    let left = 32 - 8 * u32::try_from(before.len()).ok()?;
    if left < 32 && last >> left != 0 {
        return None;
    }
    let high = before.iter().enumerate().fold(0, |sum, (index, part)| sum | (part << (24 - 8 * index)));
    Some(Ipv4Addr::from_bits(high | last))
}

fn number(text: &str) -> Option<u32> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match hex {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

/// The mask that the number behind a slash means for such an address.
pub(super) fn mask(bits: &str, ip: IpAddr) -> Option<IpAddr> {
    let trimmed = bits.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bits: u32 = digits.parse().ok().filter(|bits| *bits == 0 || !trimmed.starts_with('-'))?;
    match ip {
        IpAddr::V4(_) if bits <= 32 => {
            Some(IpAddr::V4(Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - bits).unwrap_or(0))))
        }
        IpAddr::V6(_) if bits <= 128 => {
            Some(IpAddr::V6(Ipv6Addr::from_bits(u128::MAX.checked_shl(128 - bits).unwrap_or(0))))
        }
        _ => None,
    }
}

/// An address as PostgreSQL prints it.
pub(super) struct Printed(pub(super) IpAddr);

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // The C library writes the last two groups as version 4 has them where all others are empty.
            IpAddr::V6(ip) if ip.to_bits() >> 32 == 0 && ip.to_bits() >> 16 != 0 => {
                let low = u32::try_from(ip.to_bits()).unwrap_or_default();
                write!(f, "::{}", Ipv4Addr::from_bits(low))
            }
            ip => write!(f, "{ip}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::SameHost => f.write_str("samehost"),
            Self::SameNet => f.write_str("samenet"),
            Self::Host(name) => f.write_str(name),
            Self::Range(range) => {
                let (mask, width) = bits(range.mask);
                let length = mask.count_ones();
                let whole = mask.trailing_zeros().min(width) + length == width;
                write!(f, "{}", Printed(range.ip))?;
                if whole { write!(f, "/{length}") } else { write!(f, " {}", Printed(range.mask)) }
            }
        }
    }
}

/// The bits of an address, and how many there are.
fn bits(ip: IpAddr) -> (u128, u32) {
    match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    }
}

impl Range {
    /// Whether it is for `ip`.
    pub(super) fn has(self, ip: IpAddr) -> bool {
        let ((ip, width), (own, own_width), (mask, _)) = (bits(ip), bits(self.ip), bits(self.mask));
        width == own_width && (ip ^ own) & mask == 0
    }

    /// The range with the bits that do not count cleared, so that ranges of the same addresses are equal.
    pub(super) fn network(self) -> Self {
        let ip = match (self.ip, self.mask) {
            (IpAddr::V4(ip), IpAddr::V4(mask)) => IpAddr::V4(ip & mask),
            (IpAddr::V6(ip), IpAddr::V6(mask)) => IpAddr::V6(ip & mask),
            (ip, _) => ip,
        };
        Self { ip, ..self }
    }

    fn covers(self, other: Self) -> bool {
        let ((mask, _), (other_mask, _)) = (bits(self.mask), bits(other.mask));
        self.has(other.ip) && mask & other_mask == mask
    }

    /// Whether it is for the machine itself alone.
    fn is_loopback(self) -> bool {
        let v4 = Self { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), mask: IpAddr::V4(Ipv4Addr::new(255, 0, 0, 0)) };
        let v6 = Self { ip: IpAddr::V6(Ipv6Addr::LOCALHOST), mask: IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)) };
        v4.covers(self) || v6.covers(self)
    }

    /// How many bits of the mask are set.
    fn length(self) -> u32 {
        bits(self.mask).0.count_ones()
    }

    /// Whether it is within the networks that are not routed in public.
    fn is_private(self) -> bool {
        let private = [("10.0.0.0", "8"), ("172.16.0.0", "12"), ("192.168.0.0", "16"), ("100.64.0.0", "10")];
        let private = private.into_iter().chain([("169.254.0.0", "16"), ("fc00::", "7"), ("fe80::", "10")]);
        self.is_loopback() || private.filter_map(|(ip, length)| network(ip, length)).any(|private| private.covers(self))
    }
}

fn network(ip: &str, length: &str) -> Option<Range> {
    let ip = numeric(ip)?;
    Some(Range { ip, mask: mask(length, ip)? })
}

impl Address {
    /// Whether it is for every client that `other` is for.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (Self::SameHost, Self::SameHost) | (Self::SameNet, Self::SameNet | Self::SameHost) => true,
            (Self::Range(range), Self::Range(other)) => range.covers(*other),
            (Self::Host(name), Self::Host(other)) => {
                let (name, other) = (name.to_ascii_lowercase(), other.to_ascii_lowercase());
                name == other || (name.starts_with('.') && other.ends_with(&name))
            }
            _ => false,
        }
    }

    /// Whether clients on other machines are meant.
    pub(super) fn is_remote(&self) -> bool {
        match self {
            Self::All | Self::SameNet => true,
            Self::SameHost => false,
            Self::Range(range) => !range.is_loopback(),
            Self::Host(name) => {
                let name = name.to_ascii_lowercase();
                !["localhost", "localhost.localdomain", "ip6-localhost"].contains(&&*name)
                    && !name.ends_with(".localhost")
            }
        }
    }

    /// Whether addresses that are routed in public are meant.
    pub(super) fn is_public(&self) -> bool {
        match self {
            Self::All => true,
            Self::Range(range) => !range.is_private(),
            // What a name or the server's own networks are is not told here.
            Self::SameHost | Self::SameNet | Self::Host(_) => false,
        }
    }

    /// Whether the whole network, or a good part of the public one, is meant.
    pub(super) fn is_everywhere(&self) -> bool {
        match self {
            Self::All => true,
            // Sixteen bits of version 6 are what eight are of version 4: more than anybody has.
            Self::Range(range) => {
                let many = if range.ip.is_ipv4() { 8 } else { 16 };
                range.length() <= many && !range.is_private()
            }
            Self::SameHost | Self::SameNet | Self::Host(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, printed) in [
            ("10.0.0.1", Some("10.0.0.1")),
            ("10.1", Some("10.0.0.1")),
            ("0", Some("0.0.0.0")),
            ("0x7f.1", Some("127.0.0.1")),
            ("010.0.0.1", Some("8.0.0.1")),
            ("08.0.0.1", None),
            ("1.2.3.4.5", None),
            ("256.0.0.1", None),
            ("1.2.3.", None),
            ("::1", Some("::1")),
            ("2001:DB8::1", Some("2001:db8::1")),
            ("::1.2.3.4", Some("::1.2.3.4")),
            ("::ffff:1.2.3.4", Some("::ffff:1.2.3.4")),
            ("fe80::1%1", Some("fe80::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("2001:db8::1%eth0", None),
            ("db.example", None),
            ("", None),
        ] {
            let found = numeric(text).map(|ip| Printed(ip).to_string());
            assert_eq!(found.as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn a_range_covers_what_all_its_bits_allow() {
        let range = |ip: &str, length: &str| network(ip, length).unwrap();
        assert!(range("10.0.0.0", "8").covers(range("10.1.0.0", "16")));
        assert!(!range("10.1.0.0", "16").covers(range("10.0.0.0", "8")));
        assert!(range("10.9.9.9", "8").covers(range("10.1.2.3", "32")), "bits behind the mask do not count");
        assert!(!range("0.0.0.0", "0").covers(range("::", "0")));
        assert!(range("127.0.0.0", "8").is_loopback() && !range("127.0.0.0", "7").is_loopback());
    }

    #[test]
    fn wide_and_public_is_everywhere() {
        let everywhere = |ip: &str, length: &str| Address::Range(network(ip, length).unwrap()).is_everywhere();
        assert!(everywhere("0.0.0.0", "0") && everywhere("::", "0") && everywhere("8.0.0.0", "8"));
        assert!(!everywhere("10.0.0.0", "8") && !everywhere("203.0.113.0", "24") && !everywhere("fd00::", "8"));
    }
}
