//! Sizes and durations as Go's libraries read and print them.

/// A size in bytes: `1g`, `1.5MiB`, `512`.
///
/// # Errors
/// What Compose says.
pub(super) fn bytes(text: &str) -> Result<i64, String> {
    // The number ends with its last digit, dot or blank.
    let end = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')).map(|at| at + 1);
    let Some((amount, unit)) = end.and_then(|end| text.split_at_checked(end)) else {
        return Err(format!("invalid size: '{text}'"));
    };
    let amount = amount.strip_suffix(' ').unwrap_or(amount);
    let plain = amount.strip_prefix(['+', '-']).unwrap_or(amount);
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(format!("strconv.ParseFloat: parsing \"{amount}\": invalid syntax"));
    }
    let number: f64 =
        amount.parse().map_err(|_| format!("strconv.ParseFloat: parsing \"{amount}\": invalid syntax"))?;
    if number < 0.0 {
        return Err(format!("invalid size: '{text}'"));
    }
    let lower = unit.to_ascii_lowercase();
    let shift = match lower.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        "p" | "pb" | "pib" => 50,
        _ => return Err(format!("invalid suffix: '{unit}'")),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as Go cuts it off")]
    let whole = (number * (1_i64 << shift) as f64) as i64;
    Ok(whole)
}

/// A duration in nanoseconds: `1m30s`, `.5h`, `1w`.
///
/// # Errors
/// What Compose says.
pub(super) fn nanoseconds(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, following) = after.split_at(letters);
        if amount.bytes().filter(|byte| *byte == b'.').count() > 1 || !amount.bytes().any(|byte| byte != b'.') {
            return Err(invalid());
        }
        let scale: i64 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            _ => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
        };
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as Go cuts it off")]
        let part = (format!("0.{part}").parse::<f64>().unwrap_or_default() * scale as f64) as i64;
        let step = whole.checked_mul(scale).and_then(|step| step.checked_add(part)).ok_or_else(invalid)?;
        total = total.checked_add(step).ok_or_else(invalid)?;
        rest = following;
    }
    Ok(sign * total)
}

/// A duration as Go prints it: `1m30s`, `2m0s`, `1.5ms`.
pub(super) fn duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let decimal = |whole: u64, part: u64, width: usize| {
        let digits = format!("{part:0width$}");
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() { whole.to_string() } else { format!("{whole}.{digits}") }
    };
    let text = match total {
        0 => "0s".to_owned(),
        1..1_000 => format!("{total}ns"),
        1_000..1_000_000 => format!("{}\u{b5}s", decimal(total / 1_000, total % 1_000, 3)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(total / 1_000_000, total % 1_000_000, 6)),
        _ => {
            let (seconds, part) = (total / 1_000_000_000, total % 1_000_000_000);
            let end = decimal(seconds % 60, part, 9);
            match (seconds / 3600, seconds % 3600 / 60) {
                (0, 0) => format!("{end}s"),
                (0, minutes) => format!("{minutes}m{end}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{end}s"),
            }
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as Docker Compose 2.40.3 prints it.
    #[test]
    fn durations_and_sizes_are_spelt_as_go_does() {
        for (text, expected) in [
            ("90s", "1m30s"),
            ("2m", "2m0s"),
            ("1h", "1h0m0s"),
            ("500ms", "500ms"),
            ("1h1m1s1ms", "1h1m1.001s"),
            ("1us", "1\u{b5}s"),
            ("1500ms", "1.5s"),
            (".5m", "30s"),
            ("+3s", "3s"),
            ("1ms1us", "1.001ms"),
            ("36h", "36h0m0s"),
            ("1w", "168h0m0s"),
            ("-5s", "-5s"),
        ] {
            assert_eq!(nanoseconds(text).map(duration), Ok(expected.to_owned()), "{text}");
        }
        for text in ["10", "x", "", "1h30", " 1s", "1 s", "."] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
        for (text, expected) in [
            ("64m", 67_108_864),
            ("1.5g", 1_610_612_736),
            ("128mb", 134_217_728),
            ("2G", 2_147_483_648),
            ("512", 512),
            (".5g", 536_870_912),
            ("10MiB", 10_485_760),
            ("300 B", 300),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["m", "", "64x", "0x10", "-1", "1  gb"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
