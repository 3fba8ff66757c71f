//! What redis makes of the words behind a directive: the value as `CONFIG GET` tells it, or why it is refused.

use super::directives::{Takes, V82};
use crate::model::{Value, Why};
use crate::version::Version;

/// The value that the words set; those of directives that take several words come whole.
pub(super) fn read(takes: Takes, words: &[&str], version: Version) -> Result<Value, String> {
    if let Some(read) = several(takes, words) {
        return read;
    }
    let [word] = words else { return Err("wrong number of arguments".to_owned()) };
    match takes {
        Takes::Bool if word.eq_ignore_ascii_case("yes") => Ok(Value::Bool(true)),
        Takes::Bool if word.eq_ignore_ascii_case("no") => Ok(Value::Bool(false)),
        Takes::Bool => Err("the value is `yes` or `no`".to_owned()),
        Takes::Int(low, high) => within(integer(word).ok_or("it is no whole number")?, low, high),
        Takes::Memory(low, high) => within(signed(memory(word)?)?, low, high),
        Takes::Unsigned => unsigned(memory(word)?, version),
        Takes::Share => share(word),
        Takes::Octal => within(octal(word).ok_or("it is no octal number")?, 0, 0o777),
        // A level of logs that 7.2 brought.
        Takes::Enum(known) if version < Version([7, 2, 0]) && word.eq_ignore_ascii_case("nothing") => {
            Err(format!("it is one of {}", known.join(", ")))
        }
        Takes::Enum(known) => choose(known, word).map(Value::text),
        Takes::Events => events(word),
        Takes::FileName | Takes::FileNameNeeded if word.contains(['/', '\\']) => {
            Err("it is a name, not a path".to_owned())
        }
        Takes::FileNameNeeded if word.is_empty() => Err("it cannot be empty".to_owned()),
        Takes::Host => host(word, ".-"),
        Takes::HumanName => host(word, ".-_"),
        _ => Ok(Value::text(*word)),
    }
}

/// Those that take several words, or none.
fn several(takes: Takes, words: &[&str]) -> Option<Result<Value, String>> {
    Some(match takes {
        Takes::Flags(known) => flags(known, words),
        Takes::Scores => scores(words),
        Takes::Percentiles => percentiles(words),
        Takes::ReplicaOf => replica_of(words),
        _ => return None,
    })
}

/// The words of a directive that takes several: one with blanks, in quotes, is as good as them.
pub(super) fn split<'w>(takes: Takes, words: &[&'w str]) -> Vec<&'w str> {
    use Takes::{Bind, Flags, Limits, Percentiles, ReplicaOf, Save, Scores};
    match (takes, words) {
        (Bind | Flags(_) | Limits | Percentiles | ReplicaOf | Save | Scores, [word]) if word.contains([' ', '\t']) => {
            word.split_ascii_whitespace().collect()
        }
        _ => words.to_vec(),
    }
}

fn within(number: i64, low: i64, high: i64) -> Result<Value, String> {
    if (low..=high).contains(&number) { Ok(Value::Int(number)) } else { Err(format!("it is between {low} and {high}")) }
}

/// A number without blanks, sign of plus or leading zeros.
pub(super) fn integer(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let canonical = word == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    (canonical && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| word.parse().ok()).flatten()
}

/// A number as C reads it: blanks and a sign before it, and nothing at all is 0.
pub(super) fn c_number(word: &str, radix: u32) -> Option<i64> {
    let word = word.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let (negative, digits) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    if digits.is_empty() {
        return word.is_empty().then_some(0);
    }
    let mut number: i64 = 0;
    for c in digits.chars() {
        let digit = i64::from(c.to_digit(radix)?);
        number = number.saturating_mul(i64::from(radix)).saturating_add(digit);
    }
    Some(if negative { -number } else { number })
}

fn octal(word: &str) -> Option<i64> {
    c_number(word, 8)
}

/// Bytes: digits, of which there may be none, and a unit.
pub(super) fn memory(word: &str) -> Result<u64, String> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1_000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return Err("it is no number of bytes: units are b, k, kb, m, mb, g and gb".to_owned()),
    };
    if digits >= 128 {
        return Err("it has too many digits".to_owned());
    }
    // Too large a number is the largest, and the product wraps.
    let number = if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) };
    Ok(number.wrapping_mul(factor))
}

fn signed(bytes: u64) -> Result<i64, String> {
    i64::try_from(bytes).map_err(|_| "it is too large".to_owned())
}

fn unsigned(bytes: u64, version: Version) -> Result<Value, String> {
    match i64::try_from(bytes) {
        Ok(bytes) => Ok(Value::Int(bytes)),
        Err(_) if version >= V82 => Err("it is too large".to_owned()),
        Err(_) => Ok(Value::Unknown(Why::Limit("numbers of bytes above 2^63 are not kept"))),
    }
}

fn share(word: &str) -> Result<Value, String> {
    if let Ok(bytes) = memory(word) {
        return signed(bytes).map(|bytes| Value::text(bytes.to_string()));
    }
    match word.strip_suffix('%').and_then(integer) {
        Some(share @ 0..=100) => Ok(Value::text(format!("{share}%"))),
        Some(share) if share > 100 => Err("a share is at most 100%".to_owned()),
        _ => Err("it is neither a number of bytes nor a share".to_owned()),
    }
}

/// The word as redis tells it; of two words for the same, the first.
fn choose(known: &'static [&'static str], word: &str) -> Result<&'static str, String> {
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(word)).copied();
    let found = if found == Some("relative") { Some("yes") } else { found };
    found.ok_or_else(|| format!("it is one of {}", known.join(", ")))
}

fn flags(known: &'static [&'static str], words: &[&str]) -> Result<Value, String> {
    let mut set = vec![false; known.len()];
    for word in words {
        let chosen = choose(known, word)?;
        for (flag, name) in set.iter_mut().zip(known) {
            *flag |= *name == chosen;
        }
    }
    // The first is none of them.
    let named: Vec<&str> = known.iter().zip(&set).skip(1).filter(|(_, set)| **set).map(|(name, _)| *name).collect();
    if named.contains(&"save") && named.contains(&"nosave") {
        return Err("`save` and `nosave` exclude each other".to_owned());
    }
    let none = known.first().copied().unwrap_or_default();
    Ok(Value::text(if named.is_empty() { none.to_owned() } else { named.join(" ") }))
}

fn events(word: &str) -> Result<Value, String> {
    const CLASSES: &str = "g$lshzxetd";
    const ORDER: &str = "g$lshzxetdnKEm";
    if word.chars().any(|c| c != 'A' && !ORDER.contains(c)) {
        return Err("there is a class of events that redis does not know".to_owned());
    }
    let all = word.contains('A') || CLASSES.chars().all(|class| word.contains(class));
    let listed = |c: &char| word.contains(*c) && !(all && (CLASSES.contains(*c) || *c == 'n'));
    let told: String = ORDER.chars().filter(listed).collect();
    Ok(Value::text(if all { format!("A{told}") } else { told }))
}

fn host(word: &str, marks: &str) -> Result<Value, String> {
    if word.len() >= 256 || word.chars().any(|c| !c.is_ascii_alphanumeric() && !marks.contains(c)) {
        return Err("it has a character that no such name has, or too many".to_owned());
    }
    Ok(Value::text(word))
}

/// A template for the title of the process: variables that there are, and something that comes of them. When the file is
/// read the title is still empty; the path of the socket and the mode are as far as lines above set them.
pub(super) fn title(word: &str, socket: bool, mode: bool) -> Result<Value, String> {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, inside)) = rest.split_once('{') {
        text.push_str(before);
        rest = if let Some(after) = inside.strip_prefix('{') {
            text.push('{');
            after
        } else {
            let (name, after) = inside.split_once('}').ok_or("the template is not closed")?;
            match name {
                "title" => {}
                "listen-addr" | "port" | "tls-port" | "config-file" => text.push('x'),
                "server-mode" => text.push_str(if mode { "x" } else { "" }),
                "unixsocket" => text.push_str(if socket { "x" } else { "" }),
                _ => return Err("the template names an unknown variable".to_owned()),
            }
            after
        };
    }
    text.push_str(rest);
    if text.trim_matches(' ').is_empty() {
        return Err("nothing comes of the template".to_owned());
    }
    Ok(Value::text(word))
}

fn scores(words: &[&str]) -> Result<Value, String> {
    if words.len() != 3 {
        return Err("wrong number of arguments".to_owned());
    }
    let mut scores = Vec::new();
    for word in words {
        match c_number(word, 10).filter(|score| (-2000..=2000).contains(score)) {
            Some(score) => scores.push(score.to_string()),
            None => return Err("scores are between -2000 and 2000".to_owned()),
        }
    }
    Ok(Value::text(scores.join(" ")))
}

fn percentiles(words: &[&str]) -> Result<Value, String> {
    if words == [""] {
        return Ok(Value::text(""));
    }
    let mut told = Vec::new();
    for word in words {
        let spelt = word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        let hex = word.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok()).map(f64::from);
        let number = hex.or_else(|| word.parse().ok()).filter(|number| spelt && number.is_finite());
        match number.ok_or("it is no number")? {
            number if !(0.0..=100.0).contains(&number) => return Err("it is between 0 and 100".to_owned()),
            number => {
                let text = format!("{number:.6}");
                told.push(text.trim_end_matches('0').trim_end_matches('.').to_owned());
            }
        }
    }
    Ok(Value::text(told.join(" ")))
}

fn replica_of(words: &[&str]) -> Result<Value, String> {
    let [host, port] = words else { return Err("wrong number of arguments".to_owned()) };
    if host.eq_ignore_ascii_case("no") && port.eq_ignore_ascii_case("one") {
        return Ok(Value::text(""));
    }
    match c_number(port, 10) {
        Some(port @ 0..=0xffff) => Ok(Value::text(format!("{host} {port}"))),
        _ => Err("the master's port is a number up to 65535".to_owned()),
    }
}
