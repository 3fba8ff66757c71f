//! On what is known, the language is CEL: random expressions give what the crate `cel` gives.

use super::check::Checker;
use super::eval::Evaluator;
use super::index::Index;
use super::parse::parse;
use super::sample;
use super::value::Truth;
use cel::{Context, Program};
use hardlint_config::model::{Node, ScopeId, Value};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Decisions, read off a string of bytes; the first choice of each when they run out, so that less is simpler.
struct Choices<'b> {
    bytes: &'b [u8],
    /// Variables of walks that surround the place: names and types.
    variables: Vec<(String, Ty)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Ty {
    Bool,
    Int,
    Float,
    Text,
    Ints,
    Texts,
}

const TEXTS: &[&str] = &["", "a", "/srv", "AES", "é\u{1F600}", "line\nfeed", "q'\"\\`", "USER", "aaab", "7"];

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count
    }

    fn expr(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.bytes.is_empty() {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        match self.below(6) {
            0 => return self.leaf(ty),
            1 => {
                let (c, a, b) = (self.expr(Ty::Bool, depth), self.expr(ty, depth), self.expr(ty, depth));
                return format!("({c} ? {a} : {b})");
            }
            _ => {}
        }
        match ty {
            Ty::Bool => self.bool(depth),
            Ty::Int => self.int(depth),
            Ty::Float => {
                let operator = ["+", "-", "*", "/"][self.below(4)];
                format!("({} {operator} {})", self.expr(Ty::Float, depth), self.expr(Ty::Float, depth))
            }
            Ty::Text => format!("({} + {})", self.expr(Ty::Text, depth), self.expr(Ty::Text, depth)),
            Ty::Ints | Ty::Texts => self.list(ty, depth),
        }
    }

    fn leaf(&mut self, ty: Ty) -> String {
        let local = self.variables.iter().rev().find(|(_, its)| *its == ty).map(|(name, _)| name.clone());
        if let Some(name) = local.filter(|_| self.below(2) == 0) {
            return name;
        }
        match ty {
            Ty::Bool => {
                ["true", "false", "browse", "has(env.USER)", "has(env.NONE)", "('USER' in env)"][self.below(6)].into()
            }
            Ty::Int => match self.below(5) {
                0 => "0".into(),
                1 => "level".into(),
                2 => "(-9223372036854775808)".into(),
                3 => "9223372036854775807".into(),
                _ => format!("({})", self.below(9).cast_signed() - 4),
            },
            Ty::Float => ["0.0", "1.5", "(-2.25)", "1e300", "0.5"][self.below(5)].into(),
            Ty::Text => match self.below(4) {
                0 => "root".into(),
                1 => "label".into(),
                2 => "(has(env.MODE) ? env.MODE : 'none')".into(),
                _ => quoted(TEXTS[self.below(TEXTS.len())]),
            },
            Ty::Ints => ["[]", "[1, 2, 3]", "[level, 0]"][self.below(3)].into(),
            Ty::Texts => ["cipher", "header", "[root, 'x']", "['a', \"b\"]"][self.below(4)].into(),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        match self.below(9) {
            0 => format!("!{}", self.expr(Ty::Bool, depth)),
            1 => format!("({} && {})", self.expr(Ty::Bool, depth), self.expr(Ty::Bool, depth)),
            2 => format!("({} || {})", self.expr(Ty::Bool, depth), self.expr(Ty::Bool, depth)),
            3 => {
                let ty = [Ty::Int, Ty::Text, Ty::Float][self.below(3)];
                let operator = ["==", "!=", "<", "<=", ">", ">="][self.below(6)];
                format!("({} {operator} {})", self.expr(ty, depth), self.expr(ty, depth))
            }
            4 => {
                let ty = [Ty::Bool, Ty::Ints, Ty::Texts][self.below(3)];
                let operator = ["==", "!="][self.below(2)];
                format!("({} {operator} {})", self.expr(ty, depth), self.expr(ty, depth))
            }
            5 => {
                let method = ["startsWith", "endsWith", "contains"][self.below(3)];
                format!("{}.{method}({})", self.expr(Ty::Text, depth), self.expr(Ty::Text, depth))
            }
            6 => {
                let pattern = ["^a", "a+b", "[0-9]", r"\\.c$", "(?i)aes", "^$"][self.below(6)];
                format!("{}.matches('{pattern}')", self.expr(Ty::Text, depth))
            }
            7 => {
                let (one, many) = [(Ty::Int, Ty::Ints), (Ty::Text, Ty::Texts)][self.below(2)];
                format!("({} in {})", self.expr(one, depth), self.expr(many, depth))
            }
            _ => {
                let walk = ["exists", "all", "exists_one"][self.below(3)];
                self.walk(walk, Ty::Bool, depth)
            }
        }
    }

    fn int(&mut self, depth: usize) -> String {
        match self.below(4) {
            0 => {
                let operator = ["+", "-", "*", "/", "%"][self.below(5)];
                format!("({} {operator} {})", self.expr(Ty::Int, depth), self.expr(Ty::Int, depth))
            }
            1 => format!("-({})", self.expr(Ty::Int, depth)),
            2 => {
                let ty = [Ty::Text, Ty::Ints, Ty::Texts][self.below(3)];
                let value = self.expr(ty, depth);
                if self.below(2) == 0 { format!("size({value})") } else { format!("{value}.size()") }
            }
            _ => format!("{}[{}]", self.expr(Ty::Ints, depth), self.expr(Ty::Int, depth)),
        }
    }

    fn list(&mut self, ty: Ty, depth: usize) -> String {
        let element = if ty == Ty::Ints { Ty::Int } else { Ty::Text };
        match self.below(4) {
            0 => {
                let elements: Vec<String> = (0..self.below(4)).map(|_| self.expr(element, depth)).collect();
                format!("[{}]", elements.join(", "))
            }
            1 => format!("({} + {})", self.expr(ty, depth), self.expr(ty, depth)),
            2 => self.walk_of("filter", ty, element, Ty::Bool, depth),
            _ => self.walk("map", element, depth),
        }
    }

    fn walk(&mut self, walk: &str, inner: Ty, depth: usize) -> String {
        let (list, element) = [(Ty::Ints, Ty::Int), (Ty::Texts, Ty::Text)][self.below(2)];
        self.walk_of(walk, list, element, inner, depth)
    }

    fn walk_of(&mut self, walk: &str, list: Ty, element: Ty, inner: Ty, depth: usize) -> String {
        let list = self.expr(list, depth);
        let name = format!("v{}", self.variables.len());
        self.variables.push((name.clone(), element));
        let inner = self.expr(inner, depth);
        self.variables.pop();
        format!("{list}.{walk}({name}, {inner})")
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                let _ = write!(quoted, "\\{c}");
            }
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

/// What the rules of a program know.
#[derive(Clone, Debug)]
struct Known {
    browse: bool,
    level: i64,
    root: &'static str,
    cipher: Vec<&'static str>,
}

/// Our verdict; nothing if it is unknown.
fn ours(text: &str, known: &Known) -> Option<bool> {
    let mut model = sample::model();
    let id = sample::scope(&model, "one");
    let place = sample::at("server one {");
    let list = known.cipher.iter().map(|text| Node::set(Value::text(*text), place)).collect();
    for (key, value) in [
        ("browse", Value::Bool(known.browse)),
        ("level", Value::Int(known.level)),
        ("root", Value::text(known.root)),
        ("cipher", Value::List(list)),
    ] {
        let kind = model.scope(id).unwrap().kind;
        let key = model.key(kind, key);
        model.scope_mut(id).unwrap().own.set(key, Node::set(value, place));
    }
    judge(&model, id, text)
}

fn judge(model: &hardlint_config::model::Model, id: ScopeId, text: &str) -> Option<bool> {
    let all_there = "has(level) && has(root) && has(header) && has(env)";
    let text = format!("{all_there} && ({text})");
    let kind = model.scope(id).unwrap().kind;
    let parsed = parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let checked = Checker::new(model.format.schema, kind).condition(&parsed);
    let ir = checked.unwrap_or_else(|error| panic!("{text}: {error:?}")).ir;
    let index = Index::new(model);
    match Evaluator::new(model, &index).judge(id, &ir) {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}

/// The verdict of `cel`; nothing if it is an error.
fn theirs(text: &str, known: &Known) -> Option<bool> {
    let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut context = Context::default();
    context.add_variable_from_value("browse", known.browse);
    context.add_variable_from_value("level", known.level);
    context.add_variable_from_value("root", known.root);
    context.add_variable_from_value("label", "one");
    context.add_variable_from_value("cipher", known.cipher.clone());
    context.add_variable_from_value("header", vec!["H3"]);
    let env: std::collections::HashMap<String, String> =
        [("USER", "root"), ("MODE", "dev")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    context.add_variable_from_value("env", env);
    match program.execute(&context) {
        Ok(cel::Value::Bool(verdict)) => Some(verdict),
        Ok(other) => panic!("{text}: {other:?}"),
        Err(_) => None,
    }
}

fn known() -> impl Strategy<Value = Known> {
    let text = prop::sample::select(TEXTS);
    let level = prop_oneof![Just(7_i64), -3..3_i64, Just(i64::MAX)];
    (any::<bool>(), level, text.clone(), prop::collection::vec(text, 0..4))
        .prop_map(|(browse, level, root, cipher)| Known { browse, level, root, cipher })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_is_as_cel_has_it(bytes in prop::collection::vec(any::<u8>(), 0..200), known in known()) {
        let text = Choices { bytes: &bytes, variables: Vec::new() }.expr(Ty::Bool, 5);
        // Where CEL has an error, ours is unknown, or known if nothing depends on the error.
        if let Some(expected) = theirs(&text, &known) {
            prop_assert_eq!(ours(&text, &known), Some(expected), "{} with {:?}", text, known);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-c0-9.()\\[\\]{}!&|?:<>=+*/%,'\"` \\\\in-]{0,60}") {
        let _ = parse(&text);
    }
}

/// Random expressions are rarely errors in CEL: the property says something.
#[test]
fn most_random_expressions_have_a_value() {
    let known = Known { browse: true, level: 7, root: "/srv", cipher: vec!["AES"] };
    let mut seed = 1_u32;
    let mut valued = 0;
    for _ in 0..200 {
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        })
        .take(80)
        .collect();
        let text = Choices { bytes: &bytes, variables: Vec::new() }.expr(Ty::Bool, 5);
        valued += usize::from(theirs(&text, &known).is_some());
    }
    assert!(valued > 120, "{valued}");
}
