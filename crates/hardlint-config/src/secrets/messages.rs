//! Messages about lines that could not be read: which of their words may be a secret.
//!
//! A reader that stumbled cannot tell what a word is for, so that this hides what could be one. It never touches what was
//! understood.

use super::{is_secret_name, names_secret, spans};
use std::borrow::Cow;

/// A message about a line, without the words of the line that may be a secret: where any word of it names one, a reader
/// that stumbled cannot tell which of the others is its value.
pub fn hide_words_of<'m>(line: &str, message: &'m str) -> Cow<'m, str> {
    const STEMS: &[&str] = &["passw", "passphrase", "secret", "token", "apikey", "fernet", "credential", "requirepass"];
    /// What is shorter stands in any sentence.
    const SHORT: usize = 4;
    let is_name = |word: &str| {
        let lower = word.to_ascii_lowercase();
        STEMS.iter().any(|stem| lower.contains(stem)) || is_secret_name(word) || names_secret(word)
    };
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | ',' | ';' | '*' | '(' | ')' | '[' | ']');
    let words = || line.split(ends).filter(|word| !word.is_empty());
    let mut hidden = Cow::Borrowed(message);
    let mut hide = |word: &str| {
        if word.len() >= SHORT && hidden.contains(word) {
            hidden = Cow::Owned(hidden.replace(word, "*****"));
        }
    };
    // A message may cut what tells a secret in the line: half an address does not show that it has a password.
    spans(line).into_iter().filter_map(|span| line.get(span)).for_each(&mut hide);
    words_drawn(line).for_each(&mut hide);
    if words().any(|word| is_name(word.trim_end_matches(':'))) {
        // The first word is the keyword or the key.
        words().skip(1).filter(|word| !is_name(word.trim_end_matches(':'))).for_each(&mut hide);
    }
    hidden
}

/// Why a secret is not known, unless that tells a part of it: what is taken for a variable in a password mostly is one, and
/// names of variables that are meant are written in capitals.
pub fn why_unknown(why: &str) -> &str {
    let small = |name: &str| name.bytes().any(|byte| byte.is_ascii_lowercase());
    if why.split('`').skip(1).step_by(2).any(small) { "a variable in it is not set in any file at hand" } else { why }
}

/// A text without the words in it that look drawn at random.
pub fn hide_drawn(text: &str) -> Cow<'_, str> {
    words_drawn(text).fold(Cow::Borrowed(text), |hidden, word| Cow::Owned(hidden.replace(word, "*****")))
}

fn words_drawn(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-'));
    text.split(ends).filter(|word| is_drawn(word))
}

/// Whether a word looks drawn at random, as nobody writes one: long, with letters of both kinds and digits that change often, or
/// of nothing but hexadecimal digits.
pub fn is_drawn(word: &str) -> bool {
    const LEAST: usize = 20;
    const LEAST_HEX: usize = 32;
    const LEAST_PART: usize = 12;
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    let digits = has(u8::is_ascii_digit);
    let coded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-');
    let changes = word.as_bytes().windows(2).filter(|pair| match pair {
        [a, b] => a.is_ascii_digit() != b.is_ascii_digit(),
        _ => false,
    });
    let mixed = word.len() >= LEAST && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    // `ecdsa-sha2-nistp256` is put together from words.
    let one = word.split(['-', '_']).any(|part| part.len() >= LEAST_PART);
    let hex = word.len() >= LEAST_HEX && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits && (hex && has(u8::is_ascii_alphabetic) || mixed && one && word.bytes().all(coded) && changes.count() >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_secret_is_not_known_tells_no_part_of_it() {
        let why = |name: &str| why_unknown(&format!("the variable `{name}` is not set")).to_owned();
        assert_eq!(why("DB_PASSWORD"), "the variable `DB_PASSWORD` is not set");
        assert_eq!(why("hunter2"), "a variable in it is not set in any file at hand");
    }

    #[test]
    fn words_of_a_line_that_names_a_secret_are_hidden_in_messages_about_it() {
        for (line, message, expected) in [
            ("ENV DB_PASSWORD= Zq7xyz", "`Zq7xyz` has no `=`", "`*****` has no `=`"),
            ("  DB_PASSWORD: *Zq7xyz", "unknown anchor `Zq7xyz` referenced", "unknown anchor `*****` referenced"),
            ("fernet_key = %(Zq7xyz)s", "there is no `Zq7xyz`", "there is no `*****`"),
            ("host all all radiussecrets=Zq7x Hb4x", "not name=value: Hb4x", "not name=value: *****"),
            ("work_mem 12 Zq7xyz", "near token `Zq7xyz`", "near token `Zq7xyz`"),
            ("a postgres://u:Zq7xyz@h/d", "near token `postgres://u:Zq7xyz`", "near token `postgres://u:*****`"),
            ("work_mem Zq7xYz12aB3dE4fG5hJ6k", "`Zq7xYz12aB3dE4fG5hJ6k` is no size", "`*****` is no size"),
            ("a Argon2PasswordHasherForAll", "`Argon2PasswordHasherForAll`", "`Argon2PasswordHasherForAll`"),
            ("HostKeyAlgorithms ecdsa-sha2-nistp256X", "no ecdsa-sha2-nistp256X", "no ecdsa-sha2-nistp256X"),
            ("DB_PASSWORD", "`DB_PASSWORD` is not taken", "`DB_PASSWORD` is not taken"),
        ] {
            assert_eq!(hide_words_of(line, message), expected, "{line}");
        }
    }
}
