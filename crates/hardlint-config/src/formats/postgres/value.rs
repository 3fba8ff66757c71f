//! What PostgreSQL makes of the text of a value: its types, units and spellings.
//!
//! Follows `guc.c`: numbers are read as C reads them, units are case-sensitive, and a fraction is rounded to the next
//! smaller unit. Never looks at more than one parameter.

use super::parameter::{Kind, Unit};
use crate::model::Value;

/// The value that `text` means, or why PostgreSQL refuses it.
pub(super) fn read(kind: Kind, version: u16, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Bool => boolean(text).map(Value::Bool).ok_or_else(|| "it takes a Boolean value".to_owned()),
        Kind::Int(unit, low, high) => {
            let value = number(text, unit, version, true).ok_or_else(|| wants(unit))?;
            let value = value.round_ties_even();
            if value > f64::from(i32::MAX) || value < f64::from(i32::MIN) {
                return Err("it exceeds the range of integers".to_owned());
            }
            #[expect(clippy::cast_possible_truncation, reason = "the bounds were checked just above")]
            let value = value as i64;
            if value < low || high < value {
                return Err(format!("it is outside the valid range ({low} .. {high})"));
            }
            Ok(Value::Int(value))
        }
        Kind::Real(unit, low, high) => {
            let value = number(text, unit, version, false).ok_or_else(|| wants(unit))?;
            if value < low || high < value {
                return Err(format!("it is outside the valid range ({low} .. {high})"));
            }
            Ok(Value::Float(value))
        }
        Kind::Text => Ok(Value::text(text)),
        Kind::Enum(spellings) => spellings
            .iter()
            .find(|(spelling, _)| spelling.eq_ignore_ascii_case(text))
            .map(|(_, printed)| Value::text(*printed))
            .ok_or_else(|| {
                let mut known: Vec<&str> = spellings.iter().map(|(_, printed)| *printed).collect();
                known.sort_unstable();
                known.dedup();
                format!("it takes one of {}", known.join(", "))
            }),
    }
}

fn wants(unit: Unit) -> String {
    match unit {
        Unit::None => "it takes a number without a unit".to_owned(),
        Unit::Ms | Unit::S | Unit::Min => {
            "it takes a number, in the units us, ms, s, min, h and d, which are case-sensitive".to_owned()
        }
        _ => "it takes a number, in the units B, kB, MB, GB and TB, which are case-sensitive".to_owned(),
    }
}

/// Any unambiguous beginning of `true`, `false`, `yes`, `no`, `on` and `off`, or `1` and `0`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least && word.get(..text.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(text))
    };
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if begins("true", 1) || begins("yes", 1) || begins("on", 2) => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) => Some(false),
        _ => None,
    }
}

/// A number in the parameter's own unit, not rounded.
fn number(text: &str, unit: Unit, version: u16, whole: bool) -> Option<f64> {
    let bytes = text.as_bytes();
    let (value, end) = if whole { whole_number(bytes, version)? } else { fraction(bytes)? };
    if value.is_nan() {
        return None;
    }
    let rest = trim_blanks(bytes.get(end..)?);
    if rest.is_empty() {
        return Some(value);
    }
    let length = rest.iter().position(|&byte| blank(byte)).unwrap_or(rest.len());
    if length > 3 || !trim_blanks(rest.get(length..)?).is_empty() {
        return None;
    }
    let written = std::str::from_utf8(rest.get(..length)?).ok()?;
    convert(value, written, unit, version)
}

/// C's `isspace`.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

fn trim_blanks(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&byte| !blank(byte)).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

/// A whole number as `strtol` reads it: decimal, `0x` or octal by its leading `0`; with a fraction, as `strtod` does.
fn whole_number(bytes: &[u8], version: u16) -> Option<(f64, usize)> {
    let Some((value, end)) = strtol(bytes) else {
        // `.5`: nothing whole, but a fraction.
        return if version >= 12 && bytes.first() == Some(&b'.') { fraction(bytes) } else { None };
    };
    // Before version 12, whole numbers had no fractions.
    let fraction_follows = matches!(bytes.get(end), Some(b'.' | b'e' | b'E')) && version >= 12;
    match value {
        #[expect(clippy::cast_precision_loss, reason = "PostgreSQL itself goes on with a double")]
        Some(value) if !fraction_follows => Some((value as f64, end)),
        None if version < 12 => None,
        _ => fraction(bytes),
    }
}

/// The number that `strtol` finds in base 0, `None` for one that overflows, and where it ends.
fn strtol(bytes: &[u8]) -> Option<(Option<i64>, usize)> {
    let mut at = bytes.len() - trim_blanks(bytes).len();
    let negative = bytes.get(at) == Some(&b'-');
    at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let rest = bytes.get(at..)?;
    let hex = matches!(rest, [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit());
    let (base, skip) = if hex { (16, 2) } else { (if rest.first() == Some(&b'0') { 8 } else { 10 }, 0) };
    let digits = rest.get(skip..)?;
    let count = digits.iter().take_while(|byte| char::from(**byte).is_digit(base)).count();
    let digits = digits.get(..count)?;
    if digits.is_empty() {
        return None;
    }
    let mut value = Some(0_i64);
    for byte in digits {
        let digit = char::from(*byte).to_digit(base).map(i64::from);
        value = value.zip(digit).and_then(|(value, digit)| value.checked_mul(i64::from(base))?.checked_add(digit));
    }
    Some((value.map(|value| if negative { -value } else { value }), at + skip + count))
}

/// A number as `strtod` reads it; hexadecimal fractions and infinities too.
fn fraction(bytes: &[u8]) -> Option<(f64, usize)> {
    let start = bytes.len() - trim_blanks(bytes).len();
    let sign = usize::from(matches!(bytes.get(start), Some(b'+' | b'-')));
    let negative = bytes.get(start) == Some(&b'-');
    let body = bytes.get(start + sign..)?;
    let (value, length) = if let Some(hex) = hexadecimal(body) {
        hex
    } else if body.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"inf")) {
        let long = body.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"infinity"));
        (f64::INFINITY, if long { 8 } else { 3 })
    } else {
        let length = decimal_length(body)?;
        let text = std::str::from_utf8(body.get(..length)?).ok()?;
        let value: f64 = text.parse().ok()?;
        let zero = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).all(|byte| matches!(byte, b'0' | b'.'));
        if value.is_infinite() || (value == 0.0 && !zero) {
            // C tells of both that the number cannot be represented.
            return None;
        }
        (value, length)
    };
    Some((if negative { -value } else { value }, start + sign + length))
}

fn decimal_length(body: &[u8]) -> Option<usize> {
    let digits = |from: usize| body.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    let before = digits(0);
    let mut length = before;
    let mut any = before > 0;
    if body.get(before) == Some(&b'.') {
        let after = digits(before + 1);
        any |= after > 0;
        length += 1 + after;
    }
    if !any {
        return None;
    }
    if matches!(body.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(body.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    Some(length)
}

/// `0x1.8p3`.
fn hexadecimal(body: &[u8]) -> Option<(f64, usize)> {
    let [b'0', b'x' | b'X', digits @ ..] = body else { return None };
    let (mut value, mut scale, mut at, mut any, mut point) = (0.0_f64, 0_i32, 0, false, false);
    loop {
        match digits.get(at) {
            Some(b'.') if !point => point = true,
            Some(&byte) if byte.is_ascii_hexdigit() => {
                any = true;
                value = value * 16.0 + f64::from(char::from(byte).to_digit(16)?);
                scale -= if point { 4 } else { 0 };
            }
            _ => break,
        }
        at += 1;
    }
    if !any {
        return None;
    }
    if matches!(digits.get(at), Some(b'p' | b'P')) {
        let sign = usize::from(matches!(digits.get(at + 1), Some(b'+' | b'-')));
        let text = std::str::from_utf8(digits.get(at + 1..)?).ok()?;
        let end = text.get(sign..)?.find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| end + sign);
        if let Ok(exponent) = text.get(..end)?.trim_start_matches('+').parse::<i32>() {
            scale = scale.saturating_add(exponent);
            at += 1 + end;
        }
    }
    Some((value * f64::from(scale).exp2(), 2 + at))
}

/// Units, largest first, in the smallest unit of their kind.
const MEMORY: &[(&str, f64)] =
    &[("TB", 1_099_511_627_776.0), ("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1024.0), ("B", 1.0)];
const TIME: &[(&str, f64)] = &[
    ("d", 86_400_000_000.0),
    ("h", 3_600_000_000.0),
    ("min", 60_000_000.0),
    ("s", 1_000_000.0),
    ("ms", 1000.0),
    ("us", 1.0),
];

/// `value` of the unit that is written, in the parameter's own, rounded to the next smaller one.
fn convert(value: f64, written: &str, unit: Unit, version: u16) -> Option<f64> {
    let (table, base) = match unit {
        Unit::None => return None,
        Unit::B => (MEMORY, 1.0),
        Unit::KB => (MEMORY, 1024.0),
        Unit::MB => (MEMORY, 1_048_576.0),
        Unit::Blocks => (MEMORY, 8192.0),
        Unit::Segments => (MEMORY, 16_777_216.0),
        Unit::Ms => (TIME, 1000.0),
        Unit::S => (TIME, 1_000_000.0),
        Unit::Min => (TIME, 60_000_000.0),
    };
    if (written == "us" && version < 12) || (written == "B" && version < 11) {
        return None;
    }
    let index = table.iter().position(|(name, _)| *name == written)?;
    let factor = |index: usize| table.get(index).map(|(_, size)| size / base);
    let converted = value * factor(index)?;
    Some(match factor(index + 1) {
        Some(smaller) => (converted / smaller).round_ties_even() * smaller,
        None => converted,
    })
}

/// A number as C's `%g` prints it.
pub(super) fn print_real(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        // `-0` keeps its sign.
        return format!("{value}");
    }
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return trim(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_print_as_c_does() {
        for (value, printed) in [
            (0.9, "0.9"),
            (100_000.0, "100000"),
            (1e6, "1e+06"),
            (0.0025, "0.0025"),
            (0.000_01, "1e-05"),
            (0.123_456_789, "0.123457"),
            (1.0, "1"),
            (-0.0, "-0"),
            (500_000.0, "500000"),
        ] {
            assert_eq!(print_real(value), printed);
        }
    }
}
