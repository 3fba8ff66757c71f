//! What one word of an argument stands for: numbers, times, sizes, ports, addresses and service classes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A whole number from 0 to the greatest `int`.
pub(super) fn number(text: &str) -> Option<i64> {
    strtonum(text, i64::from(i32::MAX))
}

/// A whole number from 0 to `most`, as `strtonum` reads it: white space and a sign may stand before it.
pub(super) fn strtonum(text: &str, most: i64) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && (0..=most).contains(number))
}

/// A time in seconds: numbers with units, as `convtime` reads them by `strtol`, so that blanks and a sign may stand before each.
pub(super) fn time(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
        let negative = rest.starts_with('-');
        rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest.get(..digits)?.parse().ok()?;
        if negative && count != 0 {
            return None;
        }
        let unit = rest.as_bytes().get(digits);
        let seconds = match unit {
            None | Some(b's' | b'S') => 1,
            Some(b'm' | b'M') => 60,
            Some(b'h' | b'H') => 3600,
            Some(b'd' | b'D') => 86_400,
            Some(b'w' | b'W') => 604_800,
            Some(_) => return None,
        };
        total = total.checked_add(count.checked_mul(seconds)?)?;
        rest = rest.get(digits + usize::from(unit.is_some())..)?;
    }
    (total <= i64::from(i32::MAX)).then_some(total)
}

/// A number of bytes with a unit and perhaps a fraction, as `scan_scaled` reads it.
pub(super) fn scaled(text: &str) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let length = number.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = number.split_at_checked(length)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // The digits that are looked at.
    let fraction = fraction.get(..fraction.len().min(19))?;
    let read = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i64>().ok() };
    let (whole, mut part) = (read(whole)?, read(fraction)?);
    let negative = text.starts_with('-');
    let Some(letter) = unit.bytes().next() else { return Some(if negative { -whole } else { whole }) };
    let exponent =
        [b'b', b'k', b'm', b'g', b't', b'p', b'e'].iter().position(|it| *it == letter.to_ascii_lowercase())?;
    // What stands behind the unit is not looked at, unless it goes on in letters or digits.
    if unit.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let factor = 1_i64 << (10 * exponent);
    let mut digits = fraction.len();
    while part >= i64::MAX / factor {
        part /= 10;
        digits = digits.saturating_sub(1);
    }
    part *= factor;
    for _ in 0..digits {
        part /= 10;
    }
    let bytes = whole.checked_mul(factor)?.checked_add(part)?;
    Some(if negative { -bytes } else { bytes })
}

/// A mask for files: as many octal digits as there are, whatever stands behind them.
pub(super) fn mask(text: &str) -> Option<u32> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let length = digits.bytes().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let mask = u32::from_str_radix(digits.get(..length)?, 8).ok()?;
    (mask <= 0o777 && (mask == 0 || !text.starts_with('-'))).then_some(mask)
}

/// A port from 1 to 65535.
pub(super) fn port(text: &str) -> Option<i64> {
    strtonum(text, 65535).filter(|port| *port > 0)
}

/// Whether a word may name a service in the host's own list.
pub(super) fn service(text: &str) -> bool {
    const NAMES: &[&str] = &["ssh", "telnet", "smtp", "domain", "http", "https", "ftp", "ftps", "kerberos", "ldap"];
    NAMES.contains(&text)
}

/// `begin:rate:full`, as it is printed.
pub(super) fn startups(text: &str) -> Option<String> {
    let (first, rate, full) = match scanned(text).as_slice() {
        [first] => (*first, 30, *first),
        [first, rate, full] => (*first, *rate, *full),
        _ => return None,
    };
    (first > 0 && first <= full && (1..=100).contains(&rate)).then(|| format!("{first}:{rate}:{full}"))
}

/// The numbers that `scanf` finds with `%d:%d:%d`, as far as it finds any: white space and a sign may stand before each,
/// anything behind the last.
fn scanned(text: &str) -> Vec<i32> {
    let mut numbers = Vec::new();
    let mut rest = text;
    while numbers.len() < 3 {
        let digits = rest.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
        let sign = usize::from(digits.starts_with(['+', '-']));
        let length = sign + digits.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        let Some((number, after)) = digits.split_at_checked(length).filter(|_| length > sign) else { break };
        // C keeps the lower half of what is read as a `long`.
        let most = if number.starts_with('-') { i64::MIN } else { i64::MAX };
        #[expect(clippy::cast_possible_truncation, reason = "as C does it")]
        numbers.push(number.parse().unwrap_or(most) as i32);
        match after.strip_prefix(':') {
            Some(next) => rest = next,
            None => break,
        }
    }
    numbers
}

pub(super) fn net_block(text: &str) -> Option<String> {
    let (four, six) = match scanned(text).as_slice() {
        // A defect of sshd's: the second number is not set.
        [four] => (*four, 0),
        [four, six, ..] => (*four, *six),
        [] => return None,
    };
    ((0..=32).contains(&four) && (0..=128).contains(&six)).then(|| format!("{four}:{six}"))
}

/// A service class, as it is printed.
pub(super) fn ipqos(text: &str) -> Option<String> {
    const CLASSES: &[(&str, u32)] = &[
        ("af11", 0x28),
        ("af12", 0x30),
        ("af13", 0x38),
        ("af21", 0x48),
        ("af22", 0x50),
        ("af23", 0x58),
        ("af31", 0x68),
        ("af32", 0x70),
        ("af33", 0x78),
        ("af41", 0x88),
        ("af42", 0x90),
        ("af43", 0x98),
        ("cs0", 0),
        ("cs1", 0x20),
        ("cs2", 0x40),
        ("cs3", 0x60),
        ("cs4", 0x80),
        ("cs5", 0xa0),
        ("cs6", 0xc0),
        ("cs7", 0xe0),
        ("ef", 0xb8),
        ("le", 0x04),
        ("lowdelay", 0x10),
        ("throughput", 0x08),
        ("reliability", 0x04),
    ];
    if text.eq_ignore_ascii_case("none") {
        return Some("none".to_owned());
    }
    let number = match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    };
    let named = |text: &str| CLASSES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let number = match number {
        Some(number) => Some(number).filter(|number| *number <= 255),
        None => named(text),
    }?;
    // Of two names of one class the first is printed.
    let name = CLASSES.iter().find(|(_, value)| *value == number);
    Some(name.map_or(format!("0x{number:02x}"), |(name, _)| (*name).to_owned()))
}

/// A host or an address, and the port behind it; nothing where that is no address.
pub(super) fn split_address(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (address, rest) = inside.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((address, Some(port))),
            None => rest.is_empty().then_some((address, None)),
        };
    }
    let colons = text.bytes().filter(|&byte| byte == b':').count();
    if text.parse::<Ipv6Addr>().is_ok() || (colons > 1 && !text.contains('[')) {
        return Some((text, None));
    }
    Some(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))))
}

/// An address as `getaddrinfo` reads it without asking anybody: also `127.1`, `0x7f000001` and `010.0.0.1`.
pub(super) fn numeric_address(text: &str) -> Option<IpAddr> {
    if let Ok(six) = text.parse::<Ipv6Addr>() {
        return Some(six.into());
    }
    let parts: Vec<&str> = text.split('.').collect();
    let (last, before) = parts.split_last()?;
    let number = |part: &str| match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if part.starts_with(['+', '-']) => None,
        None if part.len() > 1 && part.starts_with('0') => u32::from_str_radix(part, 8).ok(),
        None => part.parse().ok(),
    };
    if before.len() > 3 {
        return None;
    }
    let mut address = 0_u32;
    for (part, shift) in before.iter().zip([24, 16, 8]) {
        address |= number(part).filter(|byte| *byte <= 255)? << shift;
    }
    let room = u32::MAX >> (8 * before.len());
    let last = number(last).filter(|rest| *rest <= room)?;
    Some(Ipv4Addr::from(address | last).into())
}

pub(super) fn forward_port(text: &str) -> bool {
    text == "*" || port(text).is_some() || service(text)
}

pub(super) fn host_and_port(text: &str) -> bool {
    // `host/port` is a spelling of long ago, and refused.
    let slash = !text.starts_with('[') && text.find('/') < text.find(':') && text.contains('/');
    !slash && matches!(split_address(text), Some((_, Some(port))) if forward_port(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_counted_as_sshd_counts_them() {
        for (text, seconds) in [
            ("90", Some(90)),
            ("1h30", Some(3630)),
            ("1w2d3h4m5s", Some(788_645)),
            ("3H", Some(10800)),
            ("+1h+2m", Some(3720)),
            (" 5", Some(5)),
            ("-0", Some(0)),
        ] {
            assert_eq!(time(text), seconds, "{text}");
        }
        for text in ["", "none", "1.5m", "-1", "+-1", "1s+", "+", "99999999999999", "h"] {
            assert_eq!(time(text), None, "{text}");
        }
        for (text, bytes) in [("1K", 1024), ("1.5G", 1_610_612_736), ("10", 10), ("4E", 4_611_686_018_427_387_904)] {
            assert_eq!(scaled(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn addresses_are_split_at_their_port() {
        for (text, split) in [
            ("10.0.0.1", Some(("10.0.0.1", None))),
            ("10.0.0.1:22", Some(("10.0.0.1", Some("22")))),
            ("[::1]:22", Some(("::1", Some("22")))),
            ("::1", Some(("::1", None))),
            ("[::1]22", None),
        ] {
            assert_eq!(split_address(text), split, "{text}");
        }
    }
}
