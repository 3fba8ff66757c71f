//! The exec form: a JSON array of strings, as Go's `encoding/json` reads it.
//!
//! Anything that is not JSON is silently the shell form; JSON with anything but strings in it is refused.

use crate::syntax::joined::Joined;

/// How deep Go's decoder goes.
const DEPTH: usize = 10_000;

/// Why something is not the exec form.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::formats::dockerfile) enum NotStrings {
    /// It is no JSON array: the shell form.
    NotJson,
    /// It is one of something else than strings: refused.
    Other,
}

/// Reads a range of a line as an array of strings.
pub(in crate::formats::dockerfile) fn read(line: &Joined, range: (usize, usize)) -> Result<Vec<Joined>, NotStrings> {
    let mut reader = Reader { line, at: range.0, end: range.1 };
    reader.blanks();
    if reader.peek() != Some(b'[') {
        return Err(NotStrings::NotJson);
    }
    reader.array().unwrap_or(Err(NotStrings::NotJson))
}

struct Reader<'l> {
    line: &'l Joined,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.text().as_bytes().get(self.at).copied().filter(|_| self.at < self.end)
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The whole array; `None` where it is not JSON.
    fn array(&mut self) -> Option<Result<Vec<Joined>, NotStrings>> {
        self.next();
        let mut strings = Ok(Vec::new());
        self.blanks();
        if self.peek() == Some(b']') {
            self.next();
        } else {
            loop {
                self.blanks();
                if self.peek() == Some(b'"') {
                    let string = self.string()?;
                    if let Ok(strings) = &mut strings {
                        strings.push(string);
                    }
                } else {
                    self.value()?;
                    strings = Err(NotStrings::Other);
                }
                self.blanks();
                match self.next()? {
                    b',' => {}
                    b']' => break,
                    _ => return None,
                }
            }
        }
        self.blanks();
        (self.at >= self.end).then_some(strings)
    }

    /// Skips any value that is no string at the top; `None` where it is not JSON.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                mark @ (b'[' | b'{') => {
                    self.next();
                    if open.len() >= DEPTH {
                        return None;
                    }
                    self.blanks();
                    let close = if mark == b'[' { b']' } else { b'}' };
                    if self.peek() == Some(close) {
                        self.next();
                    } else {
                        open.push(close);
                        self.name(close)?;
                        continue;
                    }
                }
                b'"' => drop(self.string()?),
                _ => self.scalar()?,
            }
            loop {
                let Some(&close) = open.last() else { return Some(()) };
                self.blanks();
                match self.next()? {
                    b',' => {
                        self.name(close)?;
                        break;
                    }
                    mark if mark == close => drop(open.pop()),
                    _ => return None,
                }
            }
        }
    }

    /// In an object, the name before a value.
    fn name(&mut self, close: u8) -> Option<()> {
        if close == b'}' {
            self.blanks();
            self.string()?;
            self.blanks();
            return (self.next()? == b':').then_some(());
        }
        Some(())
    }

    /// A number, `true`, `false` or `null`.
    fn scalar(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
            self.at += 1;
        }
        let text = self.line.slice(start, self.at);
        (matches!(text, "true" | "false" | "null") || is_number(text)).then_some(())
    }

    fn string(&mut self) -> Option<Joined> {
        if self.next()? != b'"' {
            return None;
        }
        let mut value = Joined::default();
        let mut plain = self.at;
        loop {
            let at = self.at;
            match self.next()? {
                b'"' => {
                    value.push_from(self.line, plain, at);
                    return Some(value);
                }
                b'\\' => {
                    value.push_from(self.line, plain, at);
                    let c = self.escape()?;
                    value.push_as(c.encode_utf8(&mut [0; 4]), self.line.span(at, self.at));
                    plain = self.at;
                }
                byte if byte < 0x20 => return None,
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            mark @ (b'"' | b'\\' | b'/') => char::from(mark),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                if !(0xD800..0xE000).contains(&high) {
                    return Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let before = self.at;
                if high < 0xDC00 && self.next() == Some(b'\\') && self.next() == Some(b'u') {
                    let low = self.hex()?;
                    if (0xDC00..0xE000).contains(&low) {
                        return char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                    }
                }
                self.at = before;
                char::REPLACEMENT_CHARACTER
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.line.text().get(self.at..self.at + 4).filter(|_| self.at + 4 <= self.end)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.at += 4;
        all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    }
}

/// Whether text is a number as JSON writes them.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
