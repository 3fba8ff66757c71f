//! Text from files made safe to print.
//!
//! Names and contents of files are not ours: an escape sequence in one could rewrite the terminal, and a bidirectional
//! override could show one thing where another stands. Every such character is shown as its code instead.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;

/// The text in one line: what a terminal would act on stands as an escape.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// JSON with what a terminal would act on as escapes, which mean the same. Such characters stand only in its texts.
pub fn json(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains('\u{7f}') || !text.contains(|c| c != '\n' && acts(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c != '\n' && acts(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Writes what is JSON as [`json`] has it; each piece that it is given is a text of its own.
pub struct Json<'w>(pub &'w mut dyn io::Write);

impl io::Write for Json<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes).map(json) {
            Ok(Cow::Owned(text)) => self.0.write_all(text.as_bytes()).map(|()| bytes.len()),
            _ => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The character to show in a line of code: one column wide wherever the true one has none or acts.
pub fn character(c: char) -> char {
    match c {
        '\t' => c,
        '\u{7f}' => '\u{2421}',
        // Every control character has a picture of itself, in the same order.
        c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        c if acts(c) => '\u{fffd}',
        c => c,
    }
}

/// Whether a terminal does anything but show it.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Words broken into lines of at most `width` characters; a longer word has a line of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if let Some(last) = lines.last_mut().filter(|_| used + 1 + length <= width) {
            last.push(' ');
            last.push_str(word);
            used += 1 + length;
        } else {
            lines.push(word.to_owned());
            used = length;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        assert_eq!(line("plain é"), "plain é");
        assert_eq!(line("a\x1b[31mb\n\u{202e}c\u{9b}"), "a\\u{1b}[31mb\\n\\u{202e}c\\u{9b}");
        let shown: String = "\x1b[0m\u{85}\u{2066}\x7f\t".chars().map(character).collect();
        assert_eq!(shown, "␛[0m\u{fffd}\u{fffd}␡\t");
    }

    #[test]
    fn json_means_the_same_without_what_a_terminal_acts_on() {
        let text = "a\u{7f}\u{9b}31m\u{202e}\u{feff}é";
        let mut out = Vec::new();
        serde_json::to_writer_pretty(Json(&mut out), &[text]).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out, "[\n  \"a\\u007f\\u009b31m\\u202e\\ufeffé\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&out).unwrap(), [text]);
    }

    #[test]
    fn words_wrap() {
        assert_eq!(wrap("one two  three\nfour", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("incomprehensible a", 5), ["incomprehensible", "a"]);
        assert!(wrap(" ", 5).is_empty());
    }
}
