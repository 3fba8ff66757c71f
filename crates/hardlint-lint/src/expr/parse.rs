//! From tokens to a tree, by precedence.
//!
//! The tree is as deep as [`MAX_DEPTH`] at most, so that whoever walks it may recurse.

use super::Error;
use super::lexer::{Token, TokenKind, tokens};
use std::ops::Range;

/// How deep an expression may nest. No rule comes near; it keeps hostile ones off the stack.
const MAX_DEPTH: usize = 64;

/// How many bytes an expression may have.
const MAX_LENGTH: usize = 16 << 10;

/// An expression, and where it stands in its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) at: Range<usize>,
    depth: usize,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Name(String),
    /// The object, the name, and where the name stands.
    Member(Box<Expr>, String, Range<usize>),
    Index(Box<Expr>, Box<Expr>),
    /// A function of no object.
    Call(String, Vec<Expr>),
    /// The object, the method, its arguments, and where the method's name stands.
    Method(Box<Expr>, String, Vec<Expr>, Range<usize>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    /// Two or more, in order.
    And(Vec<Expr>),
    /// Two or more, in order.
    Or(Vec<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

/// Words that are no names in CEL.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads the whole text as one expression.
pub(crate) fn parse(text: &str) -> Result<Expr, Error> {
    if text.len() > MAX_LENGTH {
        return Err(Error::new(0..0, format!("an expression has at most {MAX_LENGTH} bytes")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, next: 0, nested: 0 };
    let expr = parser.expression()?;
    match parser.peek() {
        TokenKind::End => Ok(expr),
        other => Err(Error::new(parser.at(), format!("the expression is over before {}", describe(other)))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Calls of [`Parser::expression`] and [`Parser::unary`] that are under way.
    nested: usize,
}

impl Parser {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.next).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn at(&self) -> Range<usize> {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0..0, |token| token.at.clone())
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), TokenKind::Mark(found) if *found == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.is(mark);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<usize, Error> {
        let at = self.at();
        if self.take(mark) {
            return Ok(at.end);
        }
        Err(Error::new(at, format!("`{mark}` is missing before {}", describe(self.peek()))))
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.nested >= MAX_DEPTH {
            return Err(Error::new(self.at(), format!("expressions nest at most {MAX_DEPTH} deep")));
        }
        self.nested += 1;
        let result = inner(self);
        self.nested -= 1;
        result
    }

    fn expression(&mut self) -> Result<Expr, Error> {
        self.deeper(|parser| {
            let condition = parser.any()?;
            if !parser.take("?") {
                return Ok(condition);
            }
            let yes = parser.any()?;
            parser.expect(":")?;
            let no = parser.expression()?;
            let at = condition.at.start..no.at.end;
            let parts = [condition.depth, yes.depth, no.depth];
            make(ExprKind::If(condition.into(), yes.into(), no.into()), at, parts)
        })
    }

    fn any(&mut self) -> Result<Expr, Error> {
        self.joined("||", Self::every, ExprKind::Or)
    }

    fn every(&mut self) -> Result<Expr, Error> {
        self.joined("&&", |parser| parser.binary(0), ExprKind::And)
    }

    /// One or more of `part` with `mark` between them. What stands in brackets stays a part of its own.
    fn joined(
        &mut self,
        mark: &str,
        part: impl Fn(&mut Self) -> Result<Expr, Error>,
        join: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr, Error> {
        let first = part(self)?;
        if !self.is(mark) {
            return Ok(first);
        }
        let start = first.at.start;
        let mut parts = vec![first];
        while self.take(mark) {
            parts.push(part(self)?);
        }
        let end = parts.last().map_or(start, |last| last.at.end);
        let depths: Vec<usize> = parts.iter().map(|part| part.depth).collect();
        make(join(parts), start..end, depths)
    }

    fn operator(&self) -> Option<(u8, Binary)> {
        Some(match self.peek() {
            TokenKind::Mark("==") => (1, Binary::Equal),
            TokenKind::Mark("!=") => (1, Binary::NotEqual),
            TokenKind::Mark("<") => (1, Binary::Less),
            TokenKind::Mark("<=") => (1, Binary::AtMost),
            TokenKind::Mark(">") => (1, Binary::Greater),
            TokenKind::Mark(">=") => (1, Binary::AtLeast),
            TokenKind::Name { text, quoted: false } if text == "in" => (1, Binary::In),
            TokenKind::Mark("+") => (2, Binary::Plus),
            TokenKind::Mark("-") => (2, Binary::Minus),
            TokenKind::Mark("*") => (3, Binary::Times),
            TokenKind::Mark("/") => (3, Binary::Over),
            TokenKind::Mark("%") => (3, Binary::Modulo),
            _ => return None,
        })
    }

    /// Operators that bind tighter than `floor`, those of one strength from the left.
    fn binary(&mut self, floor: u8) -> Result<Expr, Error> {
        let mut left = self.unary()?;
        while let Some((strength, operator)) = self.operator().filter(|(strength, _)| *strength > floor) {
            self.next += 1;
            // The strengths end at three, so that this nests no deeper than that.
            let right = self.binary(strength)?;
            let at = left.at.start..right.at.end;
            let parts = [left.depth, right.depth];
            left = make(ExprKind::Binary(operator, left.into(), right.into()), at, parts)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        if self.take("!") {
            let inner = self.deeper(Self::unary)?;
            let (end, depth) = (inner.at.end, inner.depth);
            return make(ExprKind::Not(inner.into()), at.start..end, [depth]);
        }
        if self.take("-") {
            if let TokenKind::Int(number) = *self.peek() {
                let end = self.at().end;
                self.next += 1;
                let number = 0_i64.checked_sub_unsigned(number);
                let number = number.ok_or_else(|| Error::new(at.start..end, "this number is too large"))?;
                let literal = make(ExprKind::Int(number), at.start..end, [])?;
                return self.members(literal);
            }
            let inner = self.deeper(Self::unary)?;
            let (end, depth) = (inner.at.end, inner.depth);
            return make(ExprKind::Minus(inner.into()), at.start..end, [depth]);
        }
        let primary = self.primary()?;
        self.members(primary)
    }

    fn members(&mut self, mut object: Expr) -> Result<Expr, Error> {
        loop {
            let start = object.at.start;
            let depth = object.depth;
            if self.take(".") {
                let (name, name_at) = self.name()?;
                if self.take("(") {
                    let (arguments, end) = self.list(")")?;
                    let depths: Vec<usize> = arguments.iter().map(|it| it.depth).chain([depth]).collect();
                    let kind = ExprKind::Method(object.into(), name, arguments, name_at);
                    object = make(kind, start..end, depths)?;
                } else {
                    let end = name_at.end;
                    object = make(ExprKind::Member(object.into(), name, name_at), start..end, [depth])?;
                }
            } else if self.take("[") {
                let index = self.expression()?;
                let end = self.expect("]")?;
                let parts = [depth, index.depth];
                object = make(ExprKind::Index(object.into(), index.into()), start..end, parts)?;
            } else {
                return Ok(object);
            }
        }
    }

    fn name(&mut self) -> Result<(String, Range<usize>), Error> {
        let at = self.at();
        match self.peek() {
            TokenKind::Name { text, quoted } if *quoted || (text != "in" && !RESERVED.contains(&text.as_str())) => {
                let text = text.clone();
                self.next += 1;
                Ok((text, at))
            }
            other => Err(Error::new(at, format!("a name is missing before {}", describe(other)))),
        }
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        let kind = match self.peek().clone() {
            TokenKind::Mark("(") => {
                self.next += 1;
                let inner = self.expression()?;
                let end = self.expect(")")?;
                return Ok(Expr { at: at.start..end, ..inner });
            }
            TokenKind::Mark("[") => {
                self.next += 1;
                let (elements, end) = self.list("]")?;
                let depths: Vec<usize> = elements.iter().map(|it| it.depth).collect();
                return make(ExprKind::List(elements), at.start..end, depths);
            }
            TokenKind::Mark("{") => return self.map(),
            TokenKind::Int(number) => match i64::try_from(number) {
                Ok(number) => ExprKind::Int(number),
                Err(_) => return Err(Error::new(at, "this number is too large")),
            },
            TokenKind::Float(number) => ExprKind::Float(number),
            TokenKind::Text(text) => ExprKind::Text(text),
            TokenKind::Name { text, quoted: false } if text == "true" || text == "false" => {
                ExprKind::Bool(text == "true")
            }
            TokenKind::Name { text, quoted: false } if text == "null" => ExprKind::Null,
            TokenKind::Name { .. } => {
                let (name, name_at) = self.name()?;
                if !self.take("(") {
                    return make(ExprKind::Name(name), name_at, []);
                }
                let (arguments, end) = self.list(")")?;
                let depths: Vec<usize> = arguments.iter().map(|it| it.depth).collect();
                return make(ExprKind::Call(name, arguments), at.start..end, depths);
            }
            other => return Err(Error::new(at, format!("a value is missing before {}", describe(&other)))),
        };
        self.next += 1;
        make(kind, at, [])
    }

    /// Expressions up to `close`, with commas between them; a comma may stand last.
    fn list(&mut self, close: &str) -> Result<(Vec<Expr>, usize), Error> {
        let mut elements = Vec::new();
        while !self.is(close) {
            elements.push(self.expression()?);
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect(close)?;
        Ok((elements, end))
    }

    fn map(&mut self) -> Result<Expr, Error> {
        let start = self.at().start;
        self.expect("{")?;
        let mut entries = Vec::new();
        while !self.is("}") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("}")?;
        let depths: Vec<usize> = entries.iter().flat_map(|(key, value)| [key.depth, value.depth]).collect();
        make(ExprKind::Map(entries), start..end, depths)
    }
}

/// An expression around parts of these depths.
fn make(kind: ExprKind, at: Range<usize>, parts: impl IntoIterator<Item = usize>) -> Result<Expr, Error> {
    let depth = parts.into_iter().max().map_or(0, |deepest| deepest + 1);
    // Chains such as `a + b + …` grow the tree without nesting in the text.
    if depth > 2 * MAX_DEPTH {
        return Err(Error::new(at, format!("operators chain at most {} long", 2 * MAX_DEPTH)));
    }
    Ok(Expr { kind, at, depth })
}

fn describe(token: &TokenKind) -> String {
    match token {
        TokenKind::Name { text, .. } => format!("`{text}`"),
        TokenKind::Int(number) => format!("`{number}`"),
        TokenKind::Float(number) => format!("`{number}`"),
        TokenKind::Text(_) => "the string".to_owned(),
        TokenKind::Mark(mark) => format!("`{mark}`"),
        TokenKind::End => "the end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, at, message) in [
            ("a &&", 4..4, "a value is missing before the end"),
            ("a b", 2..3, "the expression is over before `b`"),
            ("a.exists(x, x", 13..13, "`)` is missing before the end"),
            ("'abc", 0..1, "this string is not closed"),
            ("a = b", 2..3, "`=` means nothing here"),
            ("1u", 0..2, "a number ends before a letter; there are no unsigned numbers"),
            (r"'\q'", 1..3, "this is no escape; `r\"…\"` is a string without escapes"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        }
    }

    #[test]
    fn operators_bind_as_in_cel() {
        for (text, same) in [
            ("a || b && c", "a || (b && c)"),
            ("!a && b", "(!a) && b"),
            ("a + b * c - d", "(a + (b * c)) - d"),
            ("a < b == c", "(a < b) == c"),
            ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
            ("-a.b", "-(a.b)"),
        ] {
            assert_eq!(shape(&parse(text).unwrap()), shape(&parse(same).unwrap()), "{text}");
        }
    }

    fn shape(expr: &Expr) -> String {
        let all = |parts: &[Expr]| parts.iter().map(shape).collect::<Vec<_>>().join(" ");
        match &expr.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::And(parts) => format!("(and {})", all(parts)),
            ExprKind::Or(parts) => format!("(or {})", all(parts)),
            ExprKind::Not(inner) => format!("(not {})", shape(inner)),
            ExprKind::Minus(inner) => format!("(minus {})", shape(inner)),
            ExprKind::Member(object, name, _) => format!("({}.{name})", shape(object)),
            ExprKind::Binary(operator, a, b) => format!("({operator:?} {} {})", shape(a), shape(b)),
            ExprKind::If(a, b, c) => format!("(if {} {} {})", shape(a), shape(b), shape(c)),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn hostile_depth_is_an_error() {
        let over = |part: &str| part.repeat(8000 / part.len()) + "a";
        for text in
            [over("("), over("!"), over("-"), over("a+"), over("a."), over("a?"), over("["), over("{a:"), over("a<")]
        {
            assert!(parse(&text).is_err());
        }
        assert!(parse(&("a && ".repeat(1000) + "a")).is_ok());
        assert!(parse(&" ".repeat(20_000)).is_err());
    }
}
