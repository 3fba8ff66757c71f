//! Deployments with a secret at every place that one can stand at.
//!
//! The texts hold none: `«` begins a value and stands for `FAKE` and its number, `»` for `TAIL` and the same number, so that
//! a value of which only a part is hidden is seen as well. `‹…›` stands for what it holds, in base64.
//!
//! They are filled once more with what references begin with before each value.

use std::fmt::Write;

pub(crate) mod broken;
pub(crate) mod whole;

/// A file's text with its values in place, each behind `first`, and the texts in base64 that are values as well.
pub(crate) fn filled(text: &str, first: &str, count: &mut usize, coded: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut within = None;
    for c in text.chars() {
        match c {
            '«' => {
                *count += 1;
                // Where an address has its user, and in a hash, it would make something else of it.
                let first = if out.ends_with("//") || out.ends_with('$') { "" } else { first };
                let _ = write!(out, "{first}FAKE{count:03}x");
            }
            '»' => {
                let _ = write!(out, "yTAIL{count:03}");
            }
            '‹' => within = Some(out.len()),
            '›' => {
                let text = out.split_off(within.take().expect("`‹` comes first"));
                let code = base64(text.as_bytes());
                out.push_str(&code);
                coded.push(code);
            }
            c => out.push(c),
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32, at: usize| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
    let three = |chunk: &[u8]| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        (0..4).map(move |at| if at <= chunk.len() { letter(bits, at) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(three).collect()
}
