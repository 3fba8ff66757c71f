//! Lines of a `charset_map`: a character of one charset, and the one of another that it is.

use super::{Fault, Line};

/// Whether nginx takes a line; `utf8` says whether the other charset is that, where it is known.
pub(super) fn entry(line: &Line<'_>, utf8: Option<bool>) -> Result<(), Fault> {
    if line.words.len() != 2 {
        return Fault::new(
            0,
            format!("nginx takes two words in a line of `charset_map`, here are {}", line.words.len()),
        );
    }
    let fits = |index: usize, fits: fn(&str) -> bool| line.known(index).is_none_or(|text| fits(&text));
    if !fits(0, byte) {
        return Fault::new(0, "nginx refuses this as a character: it takes two digits of base 16");
    }
    match utf8 {
        Some(true) if !fits(1, character) => Fault::new(1, "nginx refuses this as the bytes of a character in UTF-8"),
        Some(false) if !fits(1, byte) => {
            Fault::new(1, "nginx refuses this as a character: it takes two digits of base 16")
        }
        _ => Ok(()),
    }
}

/// A number up to 255 in base 16.
fn byte(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bare = text.trim_start_matches('0');
    digits && bare.len() <= 2
}

/// The bytes of a character of two or three, as nginx decodes it: what stands behind it is not looked at.
fn character(text: &str) -> bool {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return false;
    }
    let mut bytes = (0..text.len() / 2).map_while(|at| u32::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok());
    let (first, least, more) = match bytes.next() {
        Some(first @ 0xc2..=0xdf) => (first & 0x1f, 0x80, 1),
        Some(first @ 0xe0..=0xef) => (first & 0x0f, 0x800, 2),
        _ => return false,
    };
    let mut value = first;
    for _ in 0..more {
        match bytes.next() {
            Some(byte) if byte >= 0x80 => value = value << 6 | byte & 0x3f,
            _ => return false,
        }
    }
    value >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_that_nginx_decodes() {
        assert!(["80", "8", "008", "fF"].iter().all(|text| byte(text)));
        assert!(!["", "808", "x", "-1"].iter().any(|text| byte(text)));
        assert!(["E28280", "E2828081", "c280", "E282808182", "eda080"].iter().all(|text| character(text)));
        assert!(
            !["", "41", "E282", "E28", "E08080", "c2", "c241", "F0908080", "E2828", "zz"]
                .iter()
                .any(|text| character(text))
        );
    }
}
