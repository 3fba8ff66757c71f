//! The kinds of values that many directives share: switches, numbers, sizes, times, and words of a list.

use super::super::grammar::Takes;
use super::{Fault, Line};

/// Buffers for answers, of which one is read into while another is sent.
const OF_UPSTREAMS: &[&str] = &["fastcgi_buffers", "proxy_buffers", "scgi_buffers", "uwsgi_buffers"];

/// Whether the words are of the kind that the directive takes.
pub(super) fn check(line: &Line<'_>, takes: Takes) -> Result<(), Fault> {
    let name = line.name;
    let refused = |index: usize| Fault::new(index, format!("nginx refuses this word for `{name}`"));
    for (index, text) in line.arguments() {
        let text = &*text;
        let fits = match takes {
            Takes::Flag if is_switch(text) => true,
            Takes::Flag => {
                return Fault::new(index, format!("`{name}` has to be `on` or `off`; nginx refuses another word"));
            }
            Takes::Number => number(text).is_some(),
            Takes::Size => size(text, false).is_some(),
            Takes::Offset => size(text, true).is_some(),
            Takes::Milliseconds => time(text, false).is_some(),
            Takes::Seconds => time(text, true).is_some(),
            Takes::Buffers if index == 1 && OF_UPSTREAMS.contains(&name) => {
                if number(text).is_none_or(|number| number < 2) {
                    return Fault::new(index, format!("`{name}` has to be two buffers at least; nginx refuses fewer"));
                }
                true
            }
            Takes::Buffers if index == 1 => number(text).is_some_and(|number| number > 0),
            Takes::Buffers => size(text, false).is_some_and(|size| size > 0),
            Takes::SizeOrVariable => text.contains('$') || size(text, false).is_some(),
            // NGINX Plus takes any text.
            Takes::One(_) if name == "server_tokens" => true,
            // `2` is for 1.29.4 and later.
            Takes::One(_) if name == "proxy_http_version" && text == "2" => true,
            Takes::One(list) | Takes::Some(list) => list.iter().any(|it| it.eq_ignore_ascii_case(text)),
            Takes::Text | Takes::Texts | Takes::Pairs | Takes::Variable | Takes::Other => true,
        };
        if !fits {
            return refused(index);
        }
    }
    if let Some(bytes) = line.known(1).and_then(|text| size(&text, false))
        && let Some(message) = size_refused(name, bytes)
    {
        return Fault::new(1, message);
    }
    let bounds = match name {
        "gzip_comp_level" => Some((1, 9)),
        "limit_conn_status" | "limit_req_status" => Some((400, 599)),
        _ => None,
    };
    match (bounds, line.known(1).and_then(|text| number(&text))) {
        (Some((least, most)), Some(value)) if value < least || value > most => {
            Fault::new(1, format!("`{name}` has to be between {least} and {most}"))
        }
        _ => Ok(()),
    }
}

/// Why nginx refuses a size, which it can read.
fn size_refused(name: &str, bytes: i64) -> Option<&'static str> {
    /// What a pool needs for itself where addresses have 64 bits.
    const LEAST: i64 = 112;
    const LONGEST: i64 = i32::MAX as i64;
    let power = |least: i64, most: i64| bytes >= least && bytes <= most && bytes.count_ones() == 1;
    match name {
        "connection_pool_size" | "request_pool_size" | "http2_pool_size" if bytes < LEAST => {
            Some("nginx refuses a pool of less than 112 bytes")
        }
        "connection_pool_size" | "request_pool_size" | "http2_pool_size" if bytes % 16 != 0 => {
            Some("nginx refuses a pool of a size that is no multiple of 16")
        }
        "gzip_window" if !power(512, 32 << 10) => {
            Some("it has to be 512, 1k and so on up to 32k; nginx refuses another")
        }
        "gzip_hash" if !power(512, 128 << 10) => {
            Some("it has to be 512, 1k and so on up to 128k; nginx refuses another")
        }
        "http2_recv_buffer_size" if bytes < 32 => Some("nginx refuses a buffer that small"),
        "http2_streams_index_size" if bytes.count_ones() != 1 => {
            Some("it has to be a power of two; nginx refuses another")
        }
        "http2_body_preread_size" if bytes > LONGEST => Some("nginx refuses a buffer of more than 2147483647 bytes"),
        "http2_chunk_size" if bytes == 0 => Some("nginx refuses chunks of nothing"),
        _ => None,
    }
}

fn is_switch(text: &str) -> bool {
    text.eq_ignore_ascii_case("on") || text.eq_ignore_ascii_case("off")
}

/// A number as `ngx_atoi` reads it: digits alone.
pub(super) fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A size in bytes.
pub(super) fn size(text: &str, giga: bool) -> Option<i64> {
    let (digits, scale) = match text.bytes().last()? {
        b'k' | b'K' => (text.get(..text.len() - 1)?, 1 << 10),
        b'm' | b'M' => (text.get(..text.len() - 1)?, 1 << 20),
        b'g' | b'G' if giga => (text.get(..text.len() - 1)?, 1 << 30),
        _ => (text, 1),
    };
    number(digits)?.checked_mul(scale)
}

/// A time, in seconds or in their thousandths: units from the longest to the shortest, each once.
pub(super) fn time(text: &str, seconds: bool) -> Option<i64> {
    const UNITS: &[(&str, i64)] =
        &[("y", 31_536_000), ("M", 2_592_000), ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
    let mut left = text;
    // Thousandths have neither years nor months.
    let mut next = if seconds { 0 } else { 2 };
    let (mut total, mut any) = (0_i64, false);
    let scale = if seconds { 1 } else { 1000 };
    while !left.is_empty() {
        let length = left.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = left.split_at_checked(length)?;
        let value = if digits.is_empty() { 0 } else { number(digits)? };
        any |= !digits.is_empty();
        if rest.is_empty() {
            total = total.checked_add(value.checked_mul(scale)?)?;
            break;
        }
        let (factor, rest) = if let Some(rest) = rest.strip_prefix("ms") {
            if seconds || next > UNITS.len() {
                return None;
            }
            next = UNITS.len() + 1;
            (1, rest)
        } else if let Some(rest) = rest.strip_prefix(' ') {
            if next >= UNITS.len() {
                return None;
            }
            next = UNITS.len() + 2;
            (scale, rest)
        } else {
            let at = UNITS.iter().position(|(unit, _)| rest.starts_with(unit))?;
            if at < next {
                return None;
            }
            next = at + 1;
            (UNITS.get(at)?.1.checked_mul(scale)?, rest.get(1..)?)
        };
        total = total.checked_add(value.checked_mul(factor)?)?;
        left = rest.trim_start_matches(' ');
    }
    any.then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_times_are_read_as_nginx_reads_them() {
        assert_eq!([number("12"), number(""), number("-1"), number("1k")], [Some(12), None, None, None]);
        assert_eq!([size("1k", false), size("1g", false), size("1G", true)], [Some(1024), None, Some(1 << 30)]);
        assert_eq!([size("k", true), size("1kk", true), size("", true)], [None, None, None]);
        for (text, expected) in [
            ("90", Some(90_000)),
            ("1h30m", Some(5_400_000)),
            ("500ms", Some(500)),
            ("1s500ms", Some(1500)),
            ("1d 30s", Some(86_430_000)),
            ("30s1h", None),
            ("1y", None),
            ("1x", None),
            ("", None),
            ("s", None),
        ] {
            assert_eq!(time(text, false), expected, "{text}");
        }
        assert_eq!([time("1y1M", true), time("1ms", true)], [Some(34_128_000), None]);
    }
}
