//! What a plain scalar means to Go's YAML library: YAML 1.2, with the octal and binary numbers of 1.1.

use crate::model::Value;

/// The value of a plain scalar. `yes` and `on` are text, `012` is ten, `1_000` a thousand.
pub fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !numeric {
        return Value::text(text);
    }
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    if let Some(number) = integer(&digits) {
        return Value::Int(number);
    }
    if is_float(&digits)
        && let Ok(number) = digits.parse()
    {
        return Value::Float(number);
    }
    Value::text(text)
}

/// Whether the library takes a plain scalar for a point in time: a day, or a day with a time of it.
pub fn is_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(4).and_then(|(year, rest)| Some((year, rest.strip_prefix('-')?)))
    else {
        return false;
    };
    let number = |text: &str, most: u32| {
        let plain = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &u32| plain && *number <= most)
    };
    let Some(year) = date.parse::<u32>().ok().filter(|_| date.bytes().all(|byte| byte.is_ascii_digit())) else {
        return false;
    };
    let (day, time) = match rest.find(['T', 't', ' ']) {
        Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at..)),
        None => (rest, None),
    };
    let Some((month, day)) = day.split_once('-') else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match number(month, 12) {
        None | Some(0) => return false,
        Some(2) => 28 + u32::from(leap),
        Some(4 | 6 | 9 | 11) => 30,
        Some(_) => 31,
    };
    if number(day, days).is_none_or(|day| day == 0) {
        return false;
    }
    let Some(time) = time else { return true };
    let (mark, clock) = time.split_at_checked(1).unwrap_or_default();
    // Behind a space no zone is read, behind a `T` there has to be one.
    let clock = match (mark, clock.strip_suffix('Z')) {
        (" ", _) => clock,
        (_, Some(clock)) => clock,
        _ => {
            let Some((clock, zone)) = clock.rfind(['+', '-']).and_then(|at| clock.split_at_checked(at)) else {
                return false;
            };
            let zone = zone.get(1..).and_then(|zone| zone.split_once(':'));
            let two = |(hours, minutes): (&str, &str)| hours.len() == 2 && minutes.len() == 2;
            if !zone.is_some_and(|zone| two(zone) && number(zone.0, 24).is_some() && number(zone.1, 60).is_some()) {
                return false;
            }
            clock
        }
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    number(hours, 23).is_some() && number(minutes, 59).is_some() && number(seconds, 59).is_some() && digits
}

fn integer(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -number } else { number }).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as Docker Compose 2.40.3 prints it in `environment`.
    #[test]
    fn plain_scalars_are_what_go_makes_of_them() {
        for (text, value) in [
            ("012", Value::Int(10)),
            ("0o12", Value::Int(10)),
            ("0o17", Value::Int(15)),
            ("0x1F", Value::Int(31)),
            ("0b101", Value::Int(5)),
            ("-0x10", Value::Int(-16)),
            ("1_000", Value::Int(1000)),
            ("+5", Value::Int(5)),
            ("08", Value::Float(8.0)),
            ("1.5", Value::Float(1.5)),
            (".5", Value::Float(0.5)),
            ("1e3", Value::Float(1000.0)),
            ("22:22", Value::text("22:22")),
            ("yes", Value::text("yes")),
            ("on", Value::text("on")),
            ("1.2.3", Value::text("1.2.3")),
            ("-", Value::text("-")),
            (".", Value::text(".")),
            ("True", Value::Bool(true)),
            ("~", Value::Null),
            ("", Value::Null),
            ("0x", Value::text("0x")),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }
}
