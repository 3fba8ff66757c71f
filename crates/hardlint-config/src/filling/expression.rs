//! Expressions of Jinja over values that may be unknown. What is not understood is unknown.

use super::filters;
use super::value::Value;

/// Deeper expressions are not understood.
const MAX_DEPTH: usize = 24;

/// Where the values of names come from.
pub(super) trait Names {
    /// The value of a variable.
    fn value(&mut self, name: &str) -> Value;
    /// A part of a value, which may itself be a template.
    fn settled(&mut self, name: &str, value: Value) -> Value;
}

/// The value of an expression.
pub(super) fn evaluate(text: &str, names: &mut dyn Names) -> Value {
    let Some(tokens) = tokens(text) else { return Value::Unknown };
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, names };
    let value = parser.ternary();
    match value {
        Some(value) if parser.at == tokens.len() => value,
        _ => Value::Unknown,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'t> {
    Name(&'t str),
    Text(String),
    Int(i64),
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "//", "**", "(", ")", "[", "]", ",", ".", "|", "~", "+", "-", "<", ">", ":", "=", "*", "%",
];

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' || first == '"' {
            let (text, behind) = quoted(rest.get(1..)?, first)?;
            tokens.push(Token::Text(text));
            rest = behind;
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            tokens.push(Token::Int(rest.get(..end)?.parse().ok()?));
            rest = rest.get(end..)?;
            // A number with a point is none that is understood here.
            if rest.starts_with('.') || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                return None;
            }
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Name(rest.get(..end)?));
            rest = rest.get(end..)?;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// The text up to a quote, and what stands behind that.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Some((text, rest.get(at + 1..)?));
        }
        if letter == '\\' {
            match letters.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                escaped @ ('\\' | '\'' | '"') => text.push(escaped),
                other => {
                    text.push('\\');
                    text.push(other);
                }
            }
        } else {
            text.push(letter);
        }
    }
    None
}

struct Parser<'p, 't> {
    tokens: &'p [Token<'t>],
    at: usize,
    depth: usize,
    names: &'p mut dyn Names,
}

/// Arguments of a call, in order, those with names among them.
pub(super) struct Arguments {
    pub(super) plain: Vec<Value>,
    pub(super) named: Vec<(String, Value)>,
}

impl<'t> Parser<'_, 't> {
    fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, token: &Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        self.takes(&Token::Sign(sign))
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(&Token::Name(word))
    }

    fn ternary(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = self.either()?;
        let value = if self.word("if") {
            let condition = self.either()?;
            let other = if self.word("else") { self.ternary()? } else { Value::Undefined };
            match condition.truth() {
                Some(true) => value,
                Some(false) => other,
                None if value == other => value,
                None => Value::Unknown,
            }
        } else {
            value
        };
        self.depth -= 1;
        Some(value)
    }

    fn either(&mut self) -> Option<Value> {
        let mut value = self.both()?;
        while self.word("or") {
            let other = self.both()?;
            value = match value.truth() {
                Some(true) => value,
                Some(false) => other,
                None if other.truth() == Some(true) && matches!(other, Value::Bool(_)) => other,
                None => Value::Unknown,
            };
        }
        Some(value)
    }

    fn both(&mut self) -> Option<Value> {
        let mut value = self.negated()?;
        while self.word("and") {
            let other = self.negated()?;
            value = match (value.truth(), other.truth()) {
                (Some(true), _) => other,
                (Some(false), _) => value,
                // Nothing that is unknown makes it true.
                (None, Some(false)) => Value::Bool(false),
                (None, _) => Value::Unknown,
            };
        }
        Some(value)
    }

    fn negated(&mut self) -> Option<Value> {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let value = self.compared()?;
        if negations == 0 {
            return Some(value);
        }
        Some(value.truth().map_or(Value::Unknown, |truth| Value::Bool(truth != (negations % 2 == 1))))
    }

    fn compared(&mut self) -> Option<Value> {
        let mut value = self.joined()?;
        loop {
            let known = |holds: Option<bool>| holds.map_or(Value::Unknown, Value::Bool);
            let sign = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|sign| self.sign(sign));
            if let Some(sign) = sign {
                let other = self.joined()?;
                value = known(compare(sign, &value, &other));
            } else if self.word("is") {
                let negated = self.word("not");
                let Some(Token::Name(test)) = self.peek().cloned() else { return None };
                self.at += 1;
                let arguments = if self.sign("(") { self.arguments()?.plain } else { Vec::new() };
                let holds = filters::test(test, &value, &arguments);
                value = known(holds.map(|holds| holds != negated));
            } else if self.word("in") {
                let other = self.joined()?;
                value = known(contains(&other, &value));
            } else if self.peek() == Some(&Token::Name("not"))
                && self.tokens.get(self.at + 1) == Some(&Token::Name("in"))
            {
                self.at += 2;
                let other = self.joined()?;
                value = known(contains(&other, &value).map(|holds| !holds));
            } else {
                return Some(value);
            }
        }
    }

    fn joined(&mut self) -> Option<Value> {
        let mut value = self.picked()?;
        loop {
            if self.sign("~") {
                let other = self.picked()?;
                let both = value.printed().zip(other.printed());
                value = both.map_or(Value::Unknown, |(one, other)| Value::Text(one + &other));
            } else if self.sign("+") {
                let other = self.picked()?;
                value = match (value, other) {
                    (Value::Int(one), Value::Int(other)) => one.checked_add(other).map_or(Value::Unknown, Value::Int),
                    (Value::Text(one), Value::Text(other)) => Value::Text(one + &other),
                    (Value::List(one), Value::List(other)) => Value::List(one.into_iter().chain(other).collect()),
                    _ => Value::Unknown,
                };
            } else {
                return Some(value);
            }
        }
    }

    /// A value with the parts, filters and calls behind it.
    fn picked(&mut self) -> Option<Value> {
        let (mut value, mut name) = self.single()?;
        loop {
            if self.sign(".") {
                let part = match self.peek().cloned()? {
                    Token::Name(part) => Value::Text(part.to_owned()),
                    Token::Int(index) => Value::Int(index),
                    _ => return None,
                };
                self.at += 1;
                if self.sign("(") {
                    let arguments = self.arguments()?;
                    let Value::Text(method) = part else { return None };
                    value = filters::method(&method, &value, &arguments);
                } else {
                    value = self.part(&value, &part, &mut name);
                }
            } else if self.sign("[") {
                let part = self.ternary()?;
                if !self.sign("]") {
                    return None;
                }
                value = self.part(&value, &part, &mut name);
            } else if self.sign("|") {
                let mut filter = match self.peek()? {
                    Token::Name(filter) => *filter,
                    _ => return None,
                };
                self.at += 1;
                // `ansible.builtin.ternary` is `ternary`.
                while self.sign(".") {
                    let Token::Name(part) = self.peek()? else { return None };
                    filter = part;
                    self.at += 1;
                }
                let none = Arguments { plain: Vec::new(), named: Vec::new() };
                let arguments = if self.sign("(") { self.arguments()? } else { none };
                value = filters::filter(filter, value, &arguments);
            } else if self.sign("(") {
                self.arguments()?;
                value = Value::Unknown;
            } else {
                return Some(value);
            }
        }
    }

    fn part(&mut self, value: &Value, part: &Value, name: &mut String) -> Value {
        if let Value::Text(part) = part {
            name.push('_');
            name.push_str(part);
        }
        self.names.settled(name, value.part(part))
    }

    /// A value by itself, and the name that it has.
    fn single(&mut self) -> Option<(Value, String)> {
        let token = self.peek().cloned()?;
        self.at += 1;
        let value = match token {
            Token::Text(text) => Value::Text(text),
            Token::Int(number) => Value::Int(number),
            Token::Name("true" | "True") => Value::Bool(true),
            Token::Name("false" | "False") => Value::Bool(false),
            Token::Name("none" | "None") => Value::None,
            Token::Name(name) => {
                let value =
                    if self.peek() == Some(&Token::Sign("(")) { Value::Unknown } else { self.names.value(name) };
                return Some((value, name.to_owned()));
            }
            Token::Sign("-") => match self.peek()? {
                Token::Int(number) => {
                    let number = -number;
                    self.at += 1;
                    Value::Int(number)
                }
                _ => return None,
            },
            Token::Sign("(") => {
                let value = self.ternary()?;
                if !self.sign(")") {
                    return None;
                }
                value
            }
            Token::Sign("[") => {
                let mut items = Vec::new();
                while !self.sign("]") {
                    items.push(self.ternary()?);
                    if !self.sign(",") && self.peek() != Some(&Token::Sign("]")) {
                        return None;
                    }
                }
                Value::List(items)
            }
            Token::Sign(_) => return None,
        };
        Some((value, String::new()))
    }

    /// Arguments, behind the bracket that opens them.
    fn arguments(&mut self) -> Option<Arguments> {
        let mut arguments = Arguments { plain: Vec::new(), named: Vec::new() };
        while !self.sign(")") {
            let name = match (self.peek(), self.tokens.get(self.at + 1)) {
                (Some(Token::Name(name)), Some(Token::Sign("="))) => Some((*name).to_owned()),
                _ => None,
            };
            self.at += if name.is_some() { 2 } else { 0 };
            let value = self.ternary()?;
            match name {
                Some(name) => arguments.named.push((name, value)),
                None => arguments.plain.push(value),
            }
            if !self.sign(",") && self.peek() != Some(&Token::Sign(")")) {
                return None;
            }
        }
        Some(arguments)
    }
}

fn compare(sign: &str, one: &Value, other: &Value) -> Option<bool> {
    if !one.is_known() || !other.is_known() {
        return None;
    }
    match (sign, one, other) {
        // To Python these are numbers.
        (_, Value::Bool(_), Value::Int(_)) | (_, Value::Int(_), Value::Bool(_)) => None,
        ("==", ..) => Some(one == other),
        ("!=", ..) => Some(one != other),
        ("<", Value::Int(one), Value::Int(other)) => Some(one < other),
        (">", Value::Int(one), Value::Int(other)) => Some(one > other),
        ("<=", Value::Int(one), Value::Int(other)) => Some(one <= other),
        (">=", Value::Int(one), Value::Int(other)) => Some(one >= other),
        _ => None,
    }
}

fn contains(whole: &Value, part: &Value) -> Option<bool> {
    if !whole.is_known() || !part.is_known() {
        return None;
    }
    match (whole, part) {
        (Value::List(items), part) => Some(items.contains(part)),
        (Value::Map(entries), Value::Text(part)) => Some(entries.iter().any(|(name, _)| name == part)),
        (Value::Text(whole), Value::Text(part)) => Some(whole.contains(part.as_str())),
        _ => None,
    }
}
