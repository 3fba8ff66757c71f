//! From the text of an expression to its tokens.

use super::Error;
use std::ops::Range;

/// A token, and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A name. `quoted` if it stands in backticks, where it is never a keyword.
    Name { text: String, quoted: bool },
    /// A whole number without its sign: one more than `i64` holds may stand behind a minus.
    Int(u64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A string, its escapes undone.
    Text(String),
    /// An operator or a bracket.
    Mark(&'static str),
    /// The end of the text.
    End,
}

/// The longest first, so that `<=` is not read as `<`.
const MARKS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}",
    ",", ".",
];

/// All tokens, [`TokenKind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let kind = lexer.token()?;
        let end = kind == TokenKind::End;
        found.push(Token { kind, at: start..lexer.at });
        if end {
            return Ok(found);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, test: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest().starts_with("//") {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<TokenKind, Error> {
        let Some(first) = self.peek() else { return Ok(TokenKind::End) };
        if first.is_ascii_digit() {
            return self.number();
        }
        if matches!(first, 'r' | 'R') && self.rest().chars().nth(1).is_some_and(|c| matches!(c, '"' | '\'')) {
            self.at += 1;
            return self.string(true);
        }
        if matches!(first, '"' | '\'') {
            return self.string(false);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let text = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_').to_owned();
            return Ok(TokenKind::Name { text, quoted: false });
        }
        if first == '`' {
            return self.quoted_name();
        }
        let Some(mark) = MARKS.iter().find(|mark| self.rest().starts_with(**mark)) else {
            let at = self.at..self.at + first.len_utf8();
            return Err(Error::new(at, format!("`{first}` means nothing here")));
        };
        self.at += mark.len();
        Ok(TokenKind::Mark(mark))
    }

    fn quoted_name(&mut self) -> Result<TokenKind, Error> {
        let start = self.at;
        self.at += 1;
        let text = self.take_while(|c| c != '`').to_owned();
        if self.peek().is_none() {
            return Err(Error::new(start..start + 1, "this backtick is not closed"));
        }
        self.at += 1;
        Ok(TokenKind::Name { text, quoted: true })
    }

    fn number(&mut self) -> Result<TokenKind, Error> {
        let start = self.at;
        if let Some(digits) = self.rest().strip_prefix("0x").or_else(|| self.rest().strip_prefix("0X")) {
            let digits: String = digits.chars().take_while(char::is_ascii_hexdigit).collect();
            self.at += 2 + digits.len();
            return match u64::from_str_radix(&digits, 16) {
                Ok(number) => Ok(TokenKind::Int(number)),
                Err(_) => Err(Error::new(start..self.at, "this is no number")),
            };
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut fraction = false;
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
            fraction = true;
        }
        let exponent = self.rest().strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
        if let Some(digits) = exponent.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
            self.at = self.text.len() - digits.len();
            self.take_while(|c| c.is_ascii_digit());
            fraction = true;
        }
        let at = start..self.at;
        let text = self.text.get(at.clone()).unwrap_or_default();
        if self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(Error::new(start..self.at + 1, "a number ends before a letter; there are no unsigned numbers"));
        }
        let number = if fraction {
            text.parse().ok().filter(|it: &f64| it.is_finite()).map(TokenKind::Float)
        } else {
            text.parse().ok().map(TokenKind::Int)
        };
        number.ok_or_else(|| Error::new(at, "this number is too large"))
    }

    fn string(&mut self, raw: bool) -> Result<TokenKind, Error> {
        let start = self.at;
        let quote = if self.rest().starts_with("'''") {
            "'''"
        } else if self.rest().starts_with("\"\"\"") {
            "\"\"\""
        } else if self.rest().starts_with('\'') {
            "'"
        } else {
            "\""
        };
        self.at += quote.len();
        let mut text = String::new();
        loop {
            if self.rest().starts_with(quote) {
                self.at += quote.len();
                return Ok(TokenKind::Text(text));
            }
            match self.peek() {
                None => return Err(Error::new(start..start + quote.len(), "this string is not closed")),
                Some('\n') if quote.len() == 1 => {
                    return Err(Error::new(start..self.at, "a string in single quotes ends on its line"));
                }
                Some('\\') if !raw => text.push(self.escape()?),
                Some(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += letter.map_or(0, char::len_utf8);
        let plain = match letter {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('v') => Some('\u{b}'),
            Some(c @ ('\\' | '"' | '\'' | '`' | '?')) => Some(c),
            Some('x' | 'X') => self.code(2, 16),
            Some('u') => self.code(4, 16),
            Some('U') => self.code(8, 16),
            Some('0'..='3') => {
                self.at -= 1;
                self.code(3, 8)
            }
            _ => None,
        };
        plain.ok_or_else(|| Error::new(start..self.at, "this is no escape; `r\"…\"` is a string without escapes"))
    }

    fn code(&mut self, digits: usize, radix: u32) -> Option<char> {
        let code = self.rest().get(..digits).filter(|text| text.chars().all(|c| c.is_digit(radix)))?;
        let c = u32::from_str_radix(code, radix).ok().and_then(char::from_u32)?;
        self.at += digits;
        Some(c)
    }
}
