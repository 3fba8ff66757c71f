//! Expressions of Python by the type that they mostly have, as settings use them.

use super::words::{
    LIST_SHAPES, LISTS, MAP_SHAPES, MAPS, NUMBER_SHAPES, NUMBERS, TEXT_SHAPES, TEXTS, TRUTH_SHAPES, TRUTHS,
};
use crate::write::{Mood, mostly};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Truth,
    Text,
    Number,
    List,
    Map,
}

/// Values that stand before the first statement, one of each kind, for all expressions to use.
pub(crate) const VARIABLES: &str = "b1 = True; s1 = 'text'; n1 = 7; l1 = ['p', 'q']; d1 = {'k': 'v', 'n': 2}\n";

/// What only the environment tells: `A` and `B` may be set, `N` is a number, `F` a flag, `L` a list.
pub(crate) const FROM_ENVIRONMENT: &[(Kind, &[&str])] = &[
    (
        Kind::Truth,
        &[
            "os.environ.get('F') == '1'",
            "os.getenv('F', 'False').lower() in ('true', '1', 'yes')",
            "'A' in os.environ",
            "os.environ.get('A')",
            "bool(os.environ.get('F'))",
            "os.getenv('F') is not None",
            "bool(int(os.environ.get('N', '0')))",
            "os.environ.get('F', '') not in ['', '0']",
            "os.environ.get('A', 'x').startswith('x')",
        ],
    ),
    (
        Kind::Text,
        &[
            "os.environ.get('A', 'd')",
            "os.getenv('B', '')",
            "os.environ.get('A') or 'e'",
            "os.environ['A']",
            "os.environ.get('NONE', s1)",
            "os.environ.setdefault('C', 'c')",
            "str(os.environ.get('A'))",
            "os.path.expandvars('$A/x')",
        ],
    ),
    (
        Kind::Number,
        &[
            "int(os.environ.get('N', '5'))",
            "int(os.getenv('N', 6))",
            "len(os.environ.get('A', ''))",
            "float(os.environ.get('N', 1))",
        ],
    ),
    (
        Kind::List,
        &[
            "os.environ.get('L', '').split(',')",
            "os.environ.get('L', 'a,b').split(',')",
            "[x.strip() for x in os.getenv('L', '').split(',') if x.strip()]",
            "os.getenv('A', '*').split()",
            "list(filter(None, os.environ.get('L', '').split(',')))",
        ],
    ),
    (Kind::Map, &["{'v': os.environ.get('A')}", "dict(a=os.getenv('N', '1'))"]),
];

/// Lines of an environment, of which some are drawn.
pub(crate) const ENVIRONMENT: &[&str] = &[
    "A=one",
    "F=1",
    "N=3",
    "L=a.example,b.example",
    "B=two words",
    "F=False",
    "A=",
    "N=",
    "L=a , b ,",
    "F=true",
    "A=x,y",
    "N=x",
    "L=*",
    "C=see",
    "F=0",
    "DATABASE_URL=postgres://u:not-real@db.example:5433/n?sslmode=verify-full",
    "DATABASE_URL=",
    "A_FILE=extra.env",
];

fn leaves(kind: Kind, mood: Mood) -> BoxedStrategy<String> {
    let words = match kind {
        Kind::Truth => TRUTHS,
        Kind::Text => TEXTS,
        Kind::Number => NUMBERS,
        Kind::List => LISTS,
        Kind::Map => MAPS,
    };
    let outside = FROM_ENVIRONMENT.iter().find(|(known, _)| *known == kind).unwrap().1;
    prop_oneof![6 => mostly(words, mood), 3 => select(words), 2 => select(outside)].prop_map(str::to_owned).boxed()
}

/// An expression, with others in it as deep as is said. What stands in braces is another expression of a kind.
pub(crate) fn expression(kind: Kind, depth: usize, mood: Mood) -> BoxedStrategy<String> {
    if depth == 0 {
        return leaves(kind, mood);
    }
    let shapes = match kind {
        Kind::Truth => TRUTH_SHAPES,
        Kind::Text => TEXT_SHAPES,
        Kind::Number => NUMBER_SHAPES,
        Kind::List => LIST_SHAPES,
        Kind::Map => MAP_SHAPES,
    };
    let shape = prop_oneof![1 => mostly(shapes, mood), 1 => select(shapes)];
    let parts = (
        vec(expression(Kind::Truth, depth - 1, mood), 3),
        vec(expression(Kind::Text, depth - 1, mood), 3),
        vec(expression(Kind::Number, depth - 1, mood), 2),
        vec(expression(Kind::List, depth - 1, mood), 2),
        vec(expression(Kind::Map, depth - 1, mood), 2),
    );
    let compound = (shape, parts).prop_map(|(shape, (truths, texts, numbers, lists, maps))| {
        let mut pools = [("T", truths), ("S", texts), ("N", numbers), ("L", lists), ("M", maps)];
        let mut out = String::new();
        let letters: Vec<char> = shape.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            let alone = |other: Option<&char>| other.is_none_or(|other| !other.is_alphanumeric() && *other != '_');
            let before = at.checked_sub(1).map(|at| &letters[at]);
            let pool = pools.iter_mut().find(|(name, _)| name.starts_with(*letter));
            match pool.filter(|_| alone(before) && alone(letters.get(at + 1))).and_then(|(_, pool)| pool.pop()) {
                Some(inner) => {
                    // What has an operator or is a number without brackets would mean something else here.
                    let plain = inner.starts_with(['\'', '[', '{', '(']) && !inner.contains(' ');
                    let bare = inner.chars().all(|c| c.is_alphabetic() || c == '_') && !inner.is_empty();
                    if plain && !inner.contains(['+', '*']) || bare {
                        out.push_str(&inner);
                    } else {
                        out.extend(["(", &inner, ")"]);
                    }
                }
                None => out.push(*letter),
            }
        }
        out
    });
    prop_oneof![3 => leaves(kind, mood), 3 => compound].boxed()
}
