//! What Python raises where it is given what it does not take. Only values whose kind is known raise; where nobody can tell,
//! something may be raised, and what follows in a `try` is run or not.

use super::value::{NOT_FOLLOWED, Obj, Py, Source, Val};
use super::{Eval, Interp, Lit, Rc};
use crate::model::Why;
use crate::syntax::python::{BinaryOp, ComprehensionKind, Expr, ExprKind};
use crate::text::Loc;

/// The kind of an exception of which only that is known that no import raises it.
pub(super) const ANY: &str = "*";

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    None,
    Number,
    Float,
    Str,
    Bytes,
    Tuple,
    /// Or what is gone through like one: `range`, a view of a dict, an iterator.
    List,
    Dict,
    Set,
    Path,
    Delta,
    Function,
}

/// Functions whose result is gone once its elements are taken.
pub(super) const ITERATORS: [&str; 6] = ["enumerate", "filter", "iter", "map", "reversed", "zip"];

impl Interp<'_, '_> {
    /// The type of a simple value, if it is known.
    pub(super) fn type_of(&self, val: &Val) -> Option<Type> {
        Some(match &val.py {
            Py::None => Type::None,
            Py::Bool(_) | Py::Int(_) => Type::Number,
            Py::Float(_) => Type::Float,
            // What is drawn may be of a type of its own.
            Py::Str(_) if val.source == Source::Generated => return None,
            Py::Str(_) => Type::Str,
            Py::Bytes(_) => Type::Bytes,
            Py::Tuple(_) => Type::Tuple,
            Py::Path(_) => Type::Path,
            Py::Delta(_) => Type::Delta,
            Py::Func(_) => Type::Function,
            Py::Ref(id) => {
                let mut types = self.contents(*id).into_iter().map(|(_, obj)| match obj {
                    Obj::List(_) => Some(Type::List),
                    Obj::Dict(_) => Some(Type::Dict),
                    Obj::Set(_) => Some(Type::Set),
                    _ => None,
                });
                let first = types.next()??;
                return types.all(|other| other == Some(first)).then_some(first);
            }
            _ => return None,
        })
    }

    /// Raises a `TypeError` for what has no elements.
    pub(super) fn iterates(&mut self, val: &Val, at: Loc) -> Eval<()> {
        let none = Val::new(Py::None, at);
        self.map(val, at, |interp, val| match interp.type_of(val) {
            Some(Type::None | Type::Number | Type::Float | Type::Delta | Type::Function) => {
                interp.fail("TypeError", "the elements of what has none", at)
            }
            _ => Ok(none.clone()),
        })
        .map(drop)
    }

    /// Raises a `TypeError` for what cannot be a key.
    pub(super) fn hashes(&mut self, val: &Val, at: Loc) -> Eval<()> {
        let none = Val::new(Py::None, at);
        self.map(val, at, |interp, val| {
            if interp.is_unhashable(val) {
                return interp.fail("TypeError", "a key that can be changed", at);
            }
            Ok(none.clone())
        })
        .map(drop)
    }

    fn is_unhashable(&self, val: &Val) -> bool {
        match &val.py {
            Py::Tuple(list) => list.iter().any(|val| self.is_unhashable(val)),
            Py::Ref(_) => matches!(self.type_of(val), Some(Type::List | Type::Dict | Type::Set)),
            _ => false,
        }
    }

    /// Whether Python refuses an operator between two values.
    pub(super) fn refuses(&self, a: &Val, op: BinaryOp, b: &Val) -> bool {
        use Type::{Bytes, Delta, Dict, Float, List, Number, Path, Set, Str, Tuple};
        let (Some(a), Some(b)) = (self.type_of(a), self.type_of(b)) else { return false };
        let numbers = matches!(a, Number | Float) && matches!(b, Number | Float);
        let takes = match op {
            BinaryOp::Add => a == b && matches!(a, Str | Bytes | Tuple | List | Delta),
            BinaryOp::Sub => (a == Delta && b == Delta) || a == Set || a == List,
            BinaryOp::Mul => {
                let repeats = |one, other| matches!(one, Str | Bytes | Tuple | List) && other == Number;
                let scales = |one, other| one == Delta && matches!(other, Number | Float);
                repeats(a, b) || repeats(b, a) || scales(a, b) || scales(b, a)
            }
            BinaryOp::Div => (a == Path || b == Path) && matches!((a, b), (Path | Str, Path | Str)) || a == Delta,
            BinaryOp::FloorDiv => a == Delta,
            BinaryOp::Mod => matches!(a, Str | Bytes | Delta),
            BinaryOp::Pow => false,
            // A view of a dict is gone through like a list, and takes these as a set does.
            BinaryOp::Or => a == b && matches!(a, Number | Dict | Set) || a == List,
            BinaryOp::And => a == b && matches!(a, Number | Set) || a == List,
            BinaryOp::Other => return false,
        };
        !takes && (!numbers || matches!(op, BinaryOp::Or | BinaryOp::And))
    }

    /// Whether Python refuses to say which of two values is less.
    pub(super) fn refuses_order(&self, a: &Val, b: &Val) -> bool {
        use Type::{Dict, Float, None, Number};
        let (Some(a), Some(b)) = (self.type_of(a), self.type_of(b)) else { return false };
        let numbers = matches!(a, Number | Float) && matches!(b, Number | Float);
        !numbers && (a != b || matches!(a, None | Dict | Type::Function))
    }

    /// The attributes of a value of Python's own that settings may ask for; whether this is none.
    pub(super) fn lacks(&self, val: &Val, name: &str) -> bool {
        if name.starts_with("__") {
            return false;
        }
        let Some(kind) = self.type_of(val) else { return false };
        let has: &[&str] = match kind {
            Type::Str => STR,
            Type::List => LIST,
            Type::Dict => DICT,
            Type::Set => SET,
            Type::Tuple => &["count", "index"],
            Type::Number => &[
                "as_integer_ratio",
                "bit_count",
                "bit_length",
                "conjugate",
                "denominator",
                "from_bytes",
                "imag",
                "is_integer",
                "numerator",
                "real",
                "to_bytes",
            ],
            Type::Float => &["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"],
            Type::None => &[],
            Type::Bytes | Type::Path | Type::Delta | Type::Function => return false,
        };
        !has.contains(&name)
    }

    /// Notes that something may be raised here that is not told apart; once for each statement of a `try`.
    pub(super) fn doubts(&mut self, at: Loc) {
        if !self.is_caught() {
            return;
        }
        let cond = match self.doubted {
            Some(cond) => cond,
            None => self.cond_at(at),
        };
        self.doubted = Some(cond);
        self.perhaps_raises(&ANY.into(), &NOT_FOLLOWED, &Rc::from([Lit { cond, holds: false }]));
    }

    /// Notes it for an expression whose value is not known.
    pub(super) fn watched(&mut self, expr: &Expr, val: &Eval<Val>) {
        let Ok(val) = val else { return };
        if !self.is_caught() {
            return;
        }
        let may_raise = match &expr.kind {
            ExprKind::Call(function, _) => {
                let kept = matches!(&function.kind, ExprKind::Name(name) if ITERATORS.contains(&&**name));
                !kept && is_lost(val, true) && !(is_path(function) && self.harmless(function))
            }
            ExprKind::Comprehension(kind, ..) => *kind != ComprehensionKind::Generator && is_lost(val, false),
            ExprKind::Binary(..)
            | ExprKind::Compare(..)
            | ExprKind::Index(..)
            | ExprKind::Attribute(..)
            | ExprKind::Negative(_)
            | ExprKind::Slice(..)
            | ExprKind::Other => is_lost(val, false),
            _ => false,
        };
        if may_raise {
            let at = self.loc(expr.span);
            self.doubts(at);
        }
    }
}

/// Whether nothing happens where an expression is asked for its value.
fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute(owner, _) => is_path(owner),
        _ => false,
    }
}

/// Whether a value is one of which it is not known how it is made, or, where something was called, by what.
fn is_lost(val: &Val, called: bool) -> bool {
    match &val.py {
        Py::Unknown(why, _) => **why == NOT_FOLLOWED || called && matches!(**why, Why::Runtime(_)),
        Py::Outside(_) => called,
        Py::Choice(alts) => alts.iter().any(|alt| is_lost(&alt.val, called)),
        _ => false,
    }
}

/// `int(text, base)`: nothing where it is no number; an error where it is one that is not followed.
pub(super) fn integer(text: &str, base: u32) -> Option<Result<i64, ()>> {
    if !text.is_ascii() {
        return Some(Err(()));
    }
    let text = text.trim_matches(super::text::white).to_ascii_lowercase();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let marks = [("0x", 16), ("0o", 8), ("0b", 2)];
    let marked = marks.into_iter().find(|(mark, of)| digits.starts_with(mark) && (base == *of || base == 0));
    let (base, digits) = match marked {
        Some((mark, of)) => (of, digits.strip_prefix(mark).map_or("", |rest| rest.strip_prefix('_').unwrap_or(rest))),
        None if base == 0 && digits.len() > 1 && digits.starts_with('0') => {
            return digits.bytes().all(|byte| matches!(byte, b'0' | b'_')).then_some(Err(()));
        }
        None => (if base == 0 { 10 } else { base }, digits),
    };
    let parted = digits.split('_').all(|part| !part.is_empty() && part.chars().all(|letter| letter.is_digit(base)));
    if !parted {
        return None;
    }
    let plain = digits.replace('_', "");
    let plain = if negative { format!("-{plain}") } else { plain };
    Some(i64::from_str_radix(&plain, base).map_err(drop))
}

/// `float(text)`.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::text::white);
    let parted = |text: &str| {
        let bytes = text.as_bytes();
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || digit(at.checked_sub(1)) && digit(Some(at + 1)))
    };
    if !text.is_ascii() || !parted(text) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

#[rustfmt::skip]
const STR: &[&str] = &[
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format", "format_map", "get_secret_value", "index",
    "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
    "join", "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
];
/// With what views of dicts and `range` have.
#[rustfmt::skip]
const LIST: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "isdisjoint", "mapping", "pop", "remove", "reverse", "sort", "start", "step", "stop",
];
#[rustfmt::skip]
const DICT: &[&str] = &["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];
#[rustfmt::skip]
const SET: &[&str] = &[
    "add", "clear", "copy", "difference", "difference_update", "discard", "intersection", "intersection_update", "isdisjoint", "issubset", "issuperset",
    "pop", "remove", "symmetric_difference", "symmetric_difference_update", "union", "update",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_numbers_as_python_makes_them() {
        for (text, base, made) in [
            ("12", 10, Some(Ok(12))),
            (" -1_0\n", 10, Some(Ok(-10))),
            ("+5", 10, Some(Ok(5))),
            ("1__0", 10, None),
            ("_1", 10, None),
            ("", 10, None),
            ("- 5", 10, None),
            ("0x10", 10, None),
            ("0x10", 16, Some(Ok(16))),
            ("0x_10", 0, Some(Ok(16))),
            ("zz", 36, Some(Ok(1295))),
            ("012", 0, None),
            ("99999999999999999999", 10, Some(Err(()))),
            ("\u{661}", 10, Some(Err(()))),
        ] {
            assert_eq!(integer(text, base), made, "{text} {base}");
        }
        assert_eq!([float("1_0.5"), float("_1"), float("1_.5"), float("")], [Some(10.5), None, None, None]);
    }
}
