//! Values of JSON, as Python's `json.loads` reads them.

use super::value::{NOT_FOLLOWED, Py, Source, Val};
use super::{Interp, files};
use crate::text::{FileId, Loc, Span};

/// Lists and objects inside each other that are followed.
const MAX_DEPTH: usize = 60;

/// The value that a text is; `None` for a text that is no JSON.
pub(super) fn value(interp: &mut Interp<'_, '_>, text: &str, at: Loc) -> Option<Val> {
    read(interp, text, at, None)
}

/// What a file says: texts and numbers stand there as they would in the code, each at its own place.
pub(super) fn of_file(interp: &mut Interp<'_, '_>, text: &str, file: FileId) -> Option<Val> {
    read(interp, text, Loc::new(file, Span::new(0, text.len())), Some(text.len()))
}

fn read(interp: &mut Interp<'_, '_>, text: &str, at: Loc, length: Option<usize>) -> Option<Val> {
    let mut reader = Json { rest: text.trim_start_matches(is_space), at, half: false, length };
    let val = reader.value(interp, 0)?;
    reader.space();
    let val = if reader.half { Val::unknown(NOT_FOLLOWED, at) } else { val };
    reader.rest.is_empty().then_some(val)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

struct Json<'t> {
    rest: &'t str,
    at: Loc,
    /// Whether a text has half a character in it, which Python takes.
    half: bool,
    /// The bytes of the file, where it is one.
    length: Option<usize>,
}

impl Json<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn take(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, interp: &mut Interp<'_, '_>, depth: usize) -> Option<Val> {
        let before = self.rest.len();
        let val = self.any(interp, depth)?;
        let Some(length) = self.length.filter(|_| !matches!(val.py, Py::Ref(_) | Py::Unknown(..))) else {
            return Some(val);
        };
        let span = Span::new(length.saturating_sub(before), length.saturating_sub(self.rest.len()));
        Some(Val { at: Loc::new(self.at.file, span), source: Source::Literal, ..val })
    }

    fn any(&mut self, interp: &mut Interp<'_, '_>, depth: usize) -> Option<Val> {
        let at = self.at;
        if depth > MAX_DEPTH || !interp.step(1) {
            self.rest = "";
            return Some(Val::unknown(NOT_FOLLOWED, at));
        }
        let words = [
            ("null", Py::None),
            ("true", Py::Bool(true)),
            ("false", Py::Bool(false)),
            ("NaN", Py::Float(f64::NAN)),
            ("Infinity", Py::Float(f64::INFINITY)),
            ("-Infinity", Py::Float(f64::NEG_INFINITY)),
        ];
        for (word, py) in words {
            if self.take(word) {
                return Some(Val::new(py, at));
            }
        }
        match self.rest.as_bytes().first()? {
            b'"' => self.string().map(|text| match self.length {
                Some(_) if files::is_filled_in(&text) => Val::unknown(NOT_FOLLOWED, at),
                _ => Val::text(text, at),
            }),
            b'[' => self.list(interp, depth),
            b'{' => self.object(interp, depth),
            _ => self.number(),
        }
    }

    fn list(&mut self, interp: &mut Interp<'_, '_>, depth: usize) -> Option<Val> {
        self.take("[");
        self.space();
        let mut list = Vec::new();
        if self.take("]") {
            return Some(interp.new_list(list, self.at));
        }
        loop {
            self.space();
            list.push(self.value(interp, depth + 1)?);
            self.space();
            if self.take("]") {
                return Some(interp.new_list(list, self.at));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn object(&mut self, interp: &mut Interp<'_, '_>, depth: usize) -> Option<Val> {
        self.take("{");
        self.space();
        let mut entries = Vec::new();
        if self.take("}") {
            return Some(interp.new_dict(entries, self.at));
        }
        loop {
            self.space();
            let key = self.string()?;
            let key = Val::text(key, self.at);
            self.space();
            if !self.take(":") {
                return None;
            }
            self.space();
            entries.push((key, self.value(interp, depth + 1)?));
            self.space();
            if self.take("}") {
                return Some(interp.new_dict(entries, self.at));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.take("\"") {
            return None;
        }
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            let c = chars.next()?;
            self.rest = chars.as_str();
            match c {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let mut code = self.unit()?;
                if (0xd800..0xdc00).contains(&code)
                    && let Some(low) = self.rest.strip_prefix("\\u").and_then(|rest| rest.get(..4))
                    && let Ok(low) = u32::from_str_radix(low, 16)
                    && (0xdc00..0xe000).contains(&low)
                {
                    self.rest = self.rest.get(6..)?;
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                self.half |= char::from_u32(code).is_none();
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = self.rest.get(4..)?;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Val> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let text = self.rest;
        let mut end = usize::from(text.starts_with('-'));
        let whole = digits(text.get(end..)?);
        // A zero stands alone.
        end += match text.as_bytes().get(end)? {
            b'0' => 1,
            b'1'..=b'9' => whole,
            _ => return None,
        };
        let mut float = false;
        if let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix('.'))
            && digits(rest) > 0
        {
            end += 1 + digits(rest);
            float = true;
        }
        if let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(['e', 'E'])) {
            let sign = usize::from(rest.starts_with(['+', '-']));
            let count = digits(rest.get(sign..)?);
            if count > 0 {
                end += 1 + sign + count;
                float = true;
            }
        }
        let number = text.get(..end)?;
        self.rest = text.get(end..)?;
        Some(if float {
            Val::new(Py::Float(number.parse().ok()?), self.at)
        } else {
            number.parse().map_or(Val::unknown(NOT_FOLLOWED, self.at), |number| Val::new(Py::Int(number), self.at))
        })
    }
}
