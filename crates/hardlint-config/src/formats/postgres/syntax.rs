//! The text of `postgresql.conf`: lines of a name, perhaps `=`, and a value.
//!
//! The tokens are those of PostgreSQL's own lexer (longest match, the first kind wins a tie), so that what it calls a
//! syntax error is one here, at the same line. Never looks at what names and values mean.

use crate::syntax::template::HOLE;
use crate::text::{INVALID, Span, replace_invalid};

/// A file: its settings, and the lines that PostgreSQL cannot read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Settings in source order.
    pub(super) settings: Vec<Setting>,
    /// Lines that are none.
    pub(super) errors: Vec<Fault>,
}

/// One setting as it is written.
#[derive(Debug)]
pub(super) struct Setting {
    /// The name.
    pub(super) name: Span,
    /// The value, without quotes.
    pub(super) at: Span,
    /// What the value says.
    pub(super) value: String,
}

/// A syntax error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where it is.
    pub(super) at: Span,
    /// What PostgreSQL says of it.
    pub(super) message: String,
}

/// Syntax errors after which PostgreSQL gives a file up.
const GIVE_UP: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Id,
    Qualified,
    Unquoted,
    Text,
    Integer,
    Real,
    Equals,
    EndOfLine,
    Error,
    EndOfFile,
}

/// Reads a whole file.
pub(super) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0 };
    loop {
        let (first, name) = lexer.next();
        match first {
            Kind::EndOfFile => return parsed,
            Kind::EndOfLine => continue,
            _ => {}
        }
        let end = match lexer.setting(first, name) {
            Ok((value, end)) => {
                let quoted = text.as_bytes().get(value.start as usize) == Some(&b'\'');
                let raw = text.get(value.range()).unwrap_or_default();
                let inner = Span::new(value.start as usize + 1, (value.end as usize).saturating_sub(1));
                let at = if quoted && raw.len() > 2 { inner } else { value };
                parsed.settings.push(Setting { name, at, value: if quoted { unescape(raw) } else { raw.to_owned() } });
                end
            }
            Err((kind, at)) => {
                parsed.errors.push(fault(text, kind, at));
                if parsed.errors.len() >= GIVE_UP {
                    return parsed;
                }
                lexer.rest_of_line(kind)
            }
        };
        if end == Kind::EndOfFile {
            return parsed;
        }
    }
}

/// What PostgreSQL says of the token at which it stopped.
fn fault(text: &str, kind: Kind, at: Span) -> Fault {
    match kind {
        // The error is told at the line that ends, not at the next one.
        Kind::EndOfFile => {
            // PostgreSQL counts a last line only if it ends, and names the one before.
            let before = text.get(..at.start as usize).and_then(|before| before.rfind('\n')).unwrap_or(0);
            let message = "syntax error near end of line: the last line says nothing whole and does not end".to_owned();
            Fault { at: Span::new(before, before), message }
        }
        Kind::EndOfLine => {
            let start =
                text.get(..at.start as usize).map_or(0, |before| before.trim_end_matches([' ', '\t', '\r']).len());
            let at = Span::new(start.saturating_sub(1), start);
            Fault { at, message: "syntax error near end of line".to_owned() }
        }
        _ => {
            let token = text.get(at.range()).unwrap_or_default();
            Fault { at, message: format!("syntax error near token `{token}`") }
        }
    }
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Lexer<'_> {
    /// What follows the first token of a setting: its value, and what ends the line; else the token that does not fit.
    fn setting(&mut self, first: Kind, name: Span) -> Result<(Span, Kind), (Kind, Span)> {
        if !matches!(first, Kind::Id | Kind::Qualified) {
            return Err((first, name));
        }
        let (mut kind, mut value) = self.next();
        if kind == Kind::Equals {
            (kind, value) = self.next();
        }
        if !matches!(kind, Kind::Id | Kind::Text | Kind::Integer | Kind::Real | Kind::Unquoted) {
            return Err((kind, value));
        }
        match self.next() {
            (end @ (Kind::EndOfLine | Kind::EndOfFile), _) => Ok((value, end)),
            other => Err(other),
        }
    }

    /// Skips to the end of the line, which no token crosses.
    fn rest_of_line(&mut self, last: Kind) -> Kind {
        if last == Kind::EndOfLine || last == Kind::EndOfFile {
            return last;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(end) => {
                self.at += end + 1;
                Kind::EndOfLine
            }
            None => Kind::EndOfFile,
        }
    }

    fn next(&mut self) -> (Kind, Span) {
        self.skip_blanks();
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let (kind, length) = token(rest);
        self.at = start + length;
        (kind, Span::new(start, self.at))
    }

    fn skip_blanks(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += run(rest, |byte| matches!(byte, b' ' | b'\t' | b'\r'));
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.first() == Some(&b'#') {
            self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        }
    }
}

/// How many bytes at the start satisfy `accept`.
fn run(bytes: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !accept(byte)).unwrap_or(bytes.len())
}

fn letter(byte: u8) -> bool {
    // Bytes above ASCII are letters; so is what stands for those that are no UTF-8, and for what a template fills in.
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 || byte == INVALID as u8 || byte == HOLE as u8
}

fn letter_or_digit(byte: u8) -> bool {
    letter(byte) || byte.is_ascii_digit()
}

/// The kind and the length of the token at the start of `rest`.
fn token(rest: &[u8]) -> (Kind, usize) {
    match rest.first() {
        None => (Kind::EndOfFile, 0),
        Some(b'\n') => (Kind::EndOfLine, 1),
        Some(b'=') => (Kind::Equals, 1),
        Some(b'\'') => quoted(rest).map_or((Kind::Error, 1), |length| (Kind::Text, length)),
        Some(&byte) if letter(byte) => word(rest),
        Some(_) => number(rest),
    }
}

fn word(rest: &[u8]) -> (Kind, usize) {
    let longest = run(rest, |byte| letter_or_digit(byte) || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/'));
    let id = run(rest, letter_or_digit);
    if id == longest {
        return (Kind::Id, id);
    }
    let after = rest.get(id + 1..).unwrap_or_default();
    if rest.get(id) == Some(&b'.') && after.first().is_some_and(|&byte| letter(byte)) {
        let qualified = id + 1 + run(after, letter_or_digit);
        if qualified == longest {
            return (Kind::Qualified, qualified);
        }
    }
    (Kind::Unquoted, longest)
}

/// The length of the longest quoted text at the start of `rest`, if one ends on this line.
fn quoted(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    let mut accepted = None;
    loop {
        let Some(byte) = rest.get(at) else { return accepted };
        match (byte, rest.get(at + 1)) {
            (b'\'', Some(b'\'')) => {
                // It may end here, or go on with a quote in it.
                accepted = Some(at + 1);
                at += 2;
            }
            (b'\'', _) => return Some(at + 1),
            (b'\n', _) | (b'\\', None | Some(b'\n')) => return accepted,
            (b'\\', _) => at += 2,
            _ => at += 1,
        }
    }
}

fn number(rest: &[u8]) -> (Kind, usize) {
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    let body = rest.get(sign..).unwrap_or_default();
    let digits = run(body, |byte| byte.is_ascii_digit());
    let units = |from: usize| run(body.get(from..).unwrap_or_default(), |byte| byte.is_ascii_alphabetic());
    let mut integer = if digits > 0 { digits + units(digits) } else { 0 };
    if let [b'0', b'x', hex @ ..] = body {
        let hex = run(hex, |byte| byte.is_ascii_hexdigit());
        if hex > 0 {
            integer = integer.max(2 + hex + units(2 + hex));
        }
    }
    let mut real = 0;
    if body.get(digits) == Some(&b'.') {
        real = digits + 1 + run(body.get(digits + 1..).unwrap_or_default(), |byte| byte.is_ascii_digit());
        real += exponent(body.get(real..).unwrap_or_default());
    }
    match (integer, real) {
        (0, 0) => (Kind::Error, 1),
        _ if real > integer => (Kind::Real, sign + real),
        _ => (Kind::Integer, sign + integer),
    }
}

fn exponent(rest: &[u8]) -> usize {
    let [b'e' | b'E', after @ ..] = rest else { return 0 };
    let sign = usize::from(matches!(after.first(), Some(b'+' | b'-')));
    let digits = run(after.get(sign..).unwrap_or_default(), |byte| byte.is_ascii_digit());
    if digits > 0 { 1 + sign + digits } else { 0 }
}

/// What a quoted text says: `''` is a quote, a backslash begins C's escapes.
pub(super) fn unescape(raw: &str) -> String {
    let inner = raw.strip_prefix('\'').and_then(|raw| raw.strip_suffix('\'')).unwrap_or(raw).as_bytes();
    let mut out = Vec::with_capacity(inner.len());
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        at += 1;
        match (byte, inner.get(at)) {
            (b'\\', Some(&escaped)) => {
                at += 1;
                out.push(match escaped {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0'..=b'7' => {
                        let more = inner.get(at..).unwrap_or_default().iter().take(2);
                        let more: Vec<u8> = more.copied().take_while(|byte| matches!(byte, b'0'..=b'7')).collect();
                        at += more.len();
                        more.iter().fold(escaped - b'0', |sum, digit| sum.wrapping_mul(8).wrapping_add(digit - b'0'))
                    }
                    other => other,
                });
            }
            (b'\'', Some(b'\'')) => {
                at += 1;
                out.push(b'\'');
            }
            _ => out.push(byte),
        }
    }
    // A NUL ends a text in C.
    out.truncate(memchr::memchr(0, &out).unwrap_or(out.len()));
    replace_invalid(&out)
}
