//! `$NAME` and `${NAME:-default}` in values.
//!
//! A variable that nothing at hand sets and that has no default leaves a hole; where it has one, the default holds,
//! as it does when Compose runs in an empty environment.

use crate::model::{MOST_BROUGHT, Piece, Str, TOO_LONG, Text, Why};
use crate::text::Loc;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Expressions nested deeper than this are taken as they stand.
const MAX_DEPTH: usize = 32;

/// What sets variables, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    values: BTreeMap<Str, Variable>,
    /// Whether a variable that is not here is known to be unset: the caller gave the whole environment.
    pub(super) closed: bool,
}

/// A variable with a value.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// The value; it may have holes.
    pub(super) value: Text,
    /// Where it is set, if in a file.
    pub(super) at: Option<Loc>,
}

impl Environment {
    /// Sets a variable if nothing did yet.
    pub(super) fn offer(&mut self, name: &str, variable: Variable) {
        self.values.entry(name.into()).or_insert(variable);
    }

    /// Sets a variable, whatever it was.
    pub(super) fn set(&mut self, name: &str, variable: Variable) {
        self.values.insert(name.into(), variable);
    }

    /// What a variable is.
    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.values.get(name)
    }
}

/// A text after its variables were put in.
#[derive(Debug, PartialEq)]
pub(super) struct Interpolated {
    /// The text.
    pub(super) text: Text,
    /// The place that decided all of it, where that is one variable.
    pub(super) from: Option<Loc>,
    /// What Compose refuses.
    pub(super) fault: Option<String>,
}

/// An expression in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression<'t> {
    /// The variable.
    pub(super) name: &'t str,
    /// `:-`, `-`, `:?`, `?`, `:+`, `+` or nothing.
    pub(super) operator: &'t str,
    /// What follows the operator.
    pub(super) argument: &'t str,
    /// The bytes of the whole, `$` included.
    pub(super) range: std::ops::Range<usize>,
}

/// Expressions that are longer are not followed by [`leading`], so that one that is never closed costs no more than others.
const LONGEST: usize = 4096;

/// The length of the expression that a text begins with, and the default that it names.
pub(super) fn leading(text: &str) -> Option<(usize, &str)> {
    let rest = text.strip_prefix('$')?;
    let window = rest.get(..rest.floor_char_boundary(LONGEST))?;
    if !window.starts_with('{') {
        return Some((name(rest).len() + 1, "")).filter(|(length, _)| *length > 1);
    }
    let end = Braces::default().closing(window, 0)?;
    match braced(window.get(..=end)?)? {
        (_, "-" | ":-", default, length) => Some((length + 1, default)),
        (.., length) => Some((length + 1, "")),
    }
}

enum Token<'t> {
    Text(&'t str),
    Expression(Expression<'t>),
    /// `${` that begins no expression.
    Invalid,
}

/// Puts the variables of `environment` into `text`.
pub(super) fn interpolate(text: &str, environment: &Environment) -> Interpolated {
    if !text.contains('$') {
        return Interpolated { text: Text::Known(text.into()), from: None, fault: None };
    }
    let mut work = Work { environment, fault: None, brought: 0 };
    let mut pieces = Vec::new();
    let mut sources = 0_usize;
    let mut from = None;
    scan(text, |token| {
        sources += 1;
        if let Token::Expression(expression) = &token
            && let Some(variable) = environment.get(expression.name)
        {
            from = variable.at;
        }
        work.token(token, &mut pieces, 0);
    });
    let from = if sources == 1 { from } else { None };
    Interpolated { text: Text::from_pieces(pieces), from, fault: work.fault }
}

/// The expressions of a text, the outer ones only.
pub(super) fn expressions(text: &str) -> Vec<Expression<'_>> {
    let mut found = Vec::new();
    scan(text, |token| {
        if let Token::Expression(expression) = token {
            found.push(expression);
        }
    });
    found
}

struct Work<'e> {
    environment: &'e Environment,
    fault: Option<String>,
    /// What variables brought so far.
    brought: usize,
}

impl Work<'_> {
    fn token(&mut self, token: Token<'_>, pieces: &mut Vec<Piece>, depth: usize) {
        match token {
            Token::Text(text) => pieces.push(Piece::Known(text.into())),
            Token::Invalid => {
                self.fault = Some("invalid interpolation format; a literal `$` is written `$$`".to_owned());
            }
            Token::Expression(expression) => self.expression(&expression, pieces, depth),
        }
    }

    fn expression(&mut self, it: &Expression<'_>, pieces: &mut Vec<Piece>, depth: usize) {
        let set = self.environment.get(it.name);
        let empty = set.is_some_and(|variable| matches!(&variable.value, Text::Known(value) if value.is_empty()));
        let counts = set.is_some() && !(empty && it.operator.starts_with(':'));
        match (it.operator.trim_start_matches(':'), set) {
            ("" | "-" | "?", Some(variable)) if counts => self.bring(&variable.value, pieces),
            ("-", _) => self.nested(it.argument, pieces, depth),
            ("+", Some(_)) if counts => self.nested(it.argument, pieces, depth),
            ("+", None) if !self.environment.closed => pieces.push(Piece::Hole(Why::Variable(it.name.into()))),
            // Known to be empty, or known to be unset: Compose puts nothing there.
            ("+", _) | ("", Some(_)) => {}
            ("?", _) if self.environment.closed => {
                self.fault = Some(format!("required variable `{}` is missing a value", it.name));
            }
            ("", None) if self.environment.closed => {}
            _ => pieces.push(Piece::Hole(Why::Variable(it.name.into()))),
        }
    }

    /// Puts a variable's value in, unless so many were that the text has no sensible length.
    fn bring(&mut self, value: &Text, pieces: &mut Vec<Piece>) {
        self.brought += value.weight();
        match value {
            _ if self.brought > MOST_BROUGHT => {
                if !matches!(pieces.last(), Some(Piece::Hole(Why::Limit(_)))) {
                    pieces.push(Piece::Hole(TOO_LONG));
                }
            }
            Text::Known(text) => pieces.push(Piece::Known(text.clone())),
            Text::Pieces(all) => pieces.extend(all.iter().cloned()),
        }
    }

    fn nested(&mut self, text: &str, pieces: &mut Vec<Piece>, depth: usize) {
        if depth >= MAX_DEPTH {
            pieces.push(Piece::Hole(Why::Limit("variables nest too deeply")));
            return;
        }
        scan(text, |token| self.token(token, pieces, depth + 1));
    }
}

/// Which closing brace belongs to each opening one, found in one pass however many are never closed.
#[derive(Default)]
struct Braces(Option<SmallVec<[(usize, usize); 4]>>);

impl Braces {
    /// Where the brace closes that is opened at `open`.
    fn closing(&mut self, text: &str, open: usize) -> Option<usize> {
        let pairs = self.0.get_or_insert_with(|| {
            let (mut pairs, mut opened) = (SmallVec::new(), SmallVec::<[usize; 4]>::new());
            for at in memchr::memchr2_iter(b'{', b'}', text.as_bytes()) {
                if text.as_bytes().get(at) == Some(&b'{') {
                    opened.push(at);
                } else if let Some(open) = opened.pop() {
                    pairs.push((open, at));
                }
            }
            pairs.sort_unstable();
            pairs
        });
        let found = pairs.binary_search_by_key(&open, |(open, _)| *open).ok()?;
        pairs.get(found).map(|(_, close)| *close)
    }
}

/// Cuts a text into what stands between expressions and the expressions. `$$` is one `$`; a `$` before anything else
/// that begins no name stays.
fn scan<'t>(text: &'t str, mut give: impl FnMut(Token<'t>)) {
    let mut kept = 0;
    let mut at = 0;
    let mut braces = Braces::default();
    let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    while let Some(found) = memchr::memchr(b'$', text.as_bytes().get(at..).unwrap_or_default()) {
        let dollar = at + found;
        let rest = piece(dollar + 1, text.len());
        let (token, length) = match rest.bytes().next() {
            Some(b'$') => (Some(Token::Text("$")), 1),
            Some(b'{') => match braces.closing(text, dollar + 1).and_then(|end| braced(piece(dollar + 1, end + 1))) {
                Some((name, operator, argument, length)) => {
                    let range = dollar..dollar + 1 + length;
                    (Some(Token::Expression(Expression { name, operator, argument, range })), length)
                }
                None => (Some(Token::Invalid), 1),
            },
            _ => match name(rest) {
                "" => (None, 0),
                name => {
                    let range = dollar..dollar + 1 + name.len();
                    (Some(Token::Expression(Expression { name, operator: "", argument: "", range })), name.len())
                }
            },
        };
        at = dollar + 1 + length;
        if let Some(token) = token {
            if kept < dollar {
                give(Token::Text(piece(kept, dollar)));
            }
            give(token);
            kept = at;
        }
    }
    if kept < text.len() {
        give(Token::Text(piece(kept, text.len())));
    }
}

/// Reads `{NAME…}`, all of the text: name, operator, argument, and the length with both braces.
fn braced(text: &str) -> Option<(&str, &str, &str, usize)> {
    let inner = text.strip_prefix('{')?;
    let name = name(inner);
    let rest = inner.get(name.len()..)?;
    if name.is_empty() {
        return None;
    }
    if rest == "}" {
        return Some((name, "", "", text.len()));
    }
    let operator = [":-", "-", ":?", "?", ":+", "+"].into_iter().find(|operator| rest.starts_with(operator))?;
    let argument = rest.get(operator.len()..)?.strip_suffix('}')?;
    Some((name, rest.get(..operator.len())?, argument, text.len()))
}

/// The variable's name at the start of `text`; empty if there is none.
fn name(text: &str) -> &str {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if first { text.get(..length).unwrap_or_default() } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        let mut environment = Environment::default();
        for (name, value) in [("SET", "s"), ("EMPTY", "")] {
            environment.set(name, Variable { value: Text::Known(value.into()), at: None });
        }
        environment
    }

    /// Each as Docker Compose 2.40.3 prints it, `_` for what it leaves empty because the variable is not set.
    #[test]
    fn operators_are_those_of_compose() {
        for (text, expected) in [
            ("$SET", "s"),
            ("${SET}x$SET", "sxs"),
            ("${MISS:-d}", "d"),
            ("${MISS-d}", "d"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${SET:+x}", "x"),
            ("${EMPTY:+x}", ""),
            ("${EMPTY+x}", "x"),
            ("${MISS:-${SET}}y", "sy"),
            ("${MISS:-${ALSO-a}b}c", "abc"),
            ("$$SET $1 $ $", "$SET $1 $ $"),
            ("a${MISS}b", "a_b"),
            ("${MISS:?no}", "_"),
            ("${SET:?no}", "s"),
            ("${MISS:-}", ""),
            ("${MISS:-{\"a\": 1}}", "{\"a\": 1}"),
        ] {
            let made = interpolate(text, &environment());
            let plain = match made.text {
                Text::Known(text) => text.into_string(),
                Text::Pieces(pieces) => pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Known(text) => &**text,
                        Piece::Hole(_) => "_",
                    })
                    .collect(),
            };
            assert_eq!(plain, expected, "{text}");
            assert_eq!(made.fault, None);
        }
    }

    #[test]
    fn what_compose_refuses_is_a_fault() {
        for text in ["${", "${}", "${1}", "${a b}", "${MISS", "${SET!x}"] {
            assert!(interpolate(text, &environment()).fault.is_some(), "{text}");
        }
        let closed = Environment { closed: true, ..environment() };
        assert!(interpolate("${MISS:?must}", &closed).fault.is_some());
        assert_eq!(interpolate("a${MISS}b", &closed).text, Text::Known("ab".into()));
    }

    #[test]
    fn what_doubles_with_each_line_ends() {
        let mut environment = Environment::default();
        environment.set("A0", Variable { value: Text::Known("x".repeat(10).into()), at: None });
        for line in 1..40 {
            let value = interpolate(&format!("${{A{}}}", line - 1).repeat(10), &environment).text;
            environment.set(&format!("A{line}"), Variable { value, at: None });
        }
        assert!(matches!(environment.get("A3").map(|it| &it.value), Some(Text::Known(text)) if text.len() == 10_000));
        assert!(matches!(environment.get("A39").map(|it| &it.value), Some(Text::Pieces(_))));
    }

    #[test]
    fn nesting_ends() {
        let deep = format!("{}x{}", "${A:-".repeat(5000), "}".repeat(5000));
        assert!(matches!(interpolate(&deep, &environment()).text, Text::Pieces(_)));
    }
}
