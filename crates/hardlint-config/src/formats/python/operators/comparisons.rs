//! Comparisons: what is equal, what comes first, and what is in what.

use super::number;
use crate::formats::python::value::{Kind, Obj, Py, Val, why_of};
use crate::formats::python::{Eval, Interp};
use crate::formats::python::{raising, value};
use crate::model::{Piece, Text};
use crate::syntax::python::CompareOp;
use crate::text::Loc;

impl Interp<'_, '_> {
    pub(in super::super) fn compare(&mut self, a: &Val, op: CompareOp, b: &Val, at: Loc) -> Eval<Val> {
        match op {
            CompareOp::In | CompareOp::NotIn => self.contains(b, a, op == CompareOp::In, at),
            _ => self.pairs(a, b, at, |interp, a, b| {
                let orders = matches!(op, CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE);
                if orders && interp.refuses_order(a, b) {
                    return interp.fail("TypeError", "an order of what has none", at);
                }
                let result = match op {
                    CompareOp::Eq => interp.equal(a, b, 6),
                    CompareOp::NotEq => interp.equal(a, b, 6).map(|equal| !equal),
                    CompareOp::Is => interp.identical(a, b),
                    CompareOp::IsNot => interp.identical(a, b).map(|same| !same),
                    _ => ordered(a, b).map(|order| match op {
                        CompareOp::Lt => order.is_lt(),
                        CompareOp::LtE => order.is_le(),
                        CompareOp::Gt => order.is_gt(),
                        _ => order.is_ge(),
                    }),
                };
                Ok(match result {
                    Some(truth) => Val::new(Py::Bool(truth), at),
                    None if a.is_unknown() || value::hole_of(a) => Val::unknown_as(why_of(a), Kind::Bool, at),
                    None => Val::unknown_as(why_of(b), Kind::Bool, at),
                })
            }),
        }
    }

    fn identical(&self, a: &Val, b: &Val) -> Option<bool> {
        let single = |val: &Val| matches!(val.py, Py::None | Py::Bool(_));
        match (&a.py, &b.py) {
            (Py::Ref(a), Py::Ref(b)) => Some(a == b),
            (Py::Ext(a), Py::Ext(b)) => (a == b).then_some(true),
            (Py::Unknown(..) | Py::Ext(_) | Py::Outside(_) | Py::Method(_), _)
            | (_, Py::Unknown(..) | Py::Ext(_) | Py::Outside(_) | Py::Method(_)) => None,
            _ if single(a) || single(b) => Some(match (&a.py, &b.py) {
                (Py::None, Py::None) => true,
                (Py::Bool(a), Py::Bool(b)) => a == b,
                _ => false,
            }),
            _ => self.equal(a, b, 1).filter(|equal| !equal),
        }
    }

    pub(in super::super) fn equal(&self, a: &Val, b: &Val, depth: usize) -> Option<bool> {
        if depth == 0 {
            return None;
        }
        let lists = |a: &[Val], b: &[Val]| -> Option<bool> {
            if a.iter().chain(b).any(|val| matches!(val.py, Py::Splat(_))) {
                return None;
            }
            if a.len() != b.len() {
                return Some(false);
            }
            let mut all = Some(true);
            for (a, b) in a.iter().zip(b) {
                match self.equal(a, b, depth - 1) {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => all = None,
                }
            }
            all
        };
        match (&a.py, &b.py) {
            (Py::Str(x), Py::Str(y)) | (Py::Path(x), Py::Path(y)) => texts(x, y),
            (Py::Bytes(x), Py::Bytes(y)) => Some(x == y),
            (Py::Delta(x), Py::Delta(y)) => Some(x == y),
            (Py::Tuple(x), Py::Tuple(y)) => lists(x, y),
            (Py::Ext(x), Py::Ext(y)) => (x == y).then_some(true),
            (a, b) if !is_comparable(a) || !is_comparable(b) => None,
            (Py::Ref(x), Py::Ref(y)) => match (self.heap.get(*x), self.heap.get(*y)) {
                _ if x == y => Some(true),
                (Some(Obj::List(x)), Some(Obj::List(y))) => lists(x, y),
                _ => None,
            },
            (Py::None, Py::None) => Some(true),
            _ => match (number(a), number(b)) {
                (Some(x), Some(y)) => Some(
                    (x - y).abs() < f64::EPSILON
                        && (a.as_int().is_none() || a.as_int() == b.as_int() || b.as_int().is_none()),
                ),
                _ => Some(false),
            },
        }
    }

    /// `item in container`.
    fn contains(&mut self, container: &Val, item: &Val, wanted: bool, at: Loc) -> Eval<Val> {
        let item = item.clone();
        self.read(container, at, |interp, container, obj| {
            let item = item.clone();
            let obj = obj.cloned();
            let container = container.clone();
            interp.map(&item, at, |interp, item| {
                use raising::Type::{Delta, Float, Function, None as Nothing, Number, Str};
                let kind = interp.type_of(&container);
                if matches!(kind, Some(Nothing | Number | Float | Delta | Function))
                    || kind == Some(Str) && interp.type_of(item).is_some_and(|kind| kind != Str)
                {
                    return interp.fail("TypeError", "what cannot be in it", at);
                }
                if matches!(obj, Some(Obj::Dict(_) | Obj::Set(_))) {
                    interp.hashes(item, at)?;
                }
                let found = match (&obj, &container.py) {
                    (Some(Obj::List(list) | Obj::Set(list)), _) | (None, Py::Tuple(list)) => interp.among(list, item),
                    (Some(Obj::Dict(dict)), _) => match item.key() {
                        Some(key) if dict.get(&key).is_some_and(|val| interp.may_be_unbound(val)) => None,
                        Some(key) if dict.get(&key).is_some() => Some(true),
                        Some(_) if dict.open.is_none() && dict.more.is_none() => Some(false),
                        _ => None,
                    },
                    (None, Py::Str(_)) => match (container.as_str(), item.as_str()) {
                        (Some(text), Some(part)) => Some(text.contains(part)),
                        _ => None,
                    },
                    (None, Py::Globals(space)) => item.as_str().and_then(|name| {
                        let space = interp.spaces.get(*space)?;
                        match space.vars.get(name) {
                            Some(val) if !matches!(val.py, Py::Choice(_) | Py::Unbound) => Some(true),
                            Some(_) => None,
                            None => space.open.is_none().then_some(false),
                        }
                    }),
                    (None, Py::Ext(name)) if &**name == "os.environ" => {
                        let Some(name) = item.as_str().map(str::to_owned) else {
                            return Ok(Val::unknown_as(why_of(item), Kind::Bool, at));
                        };
                        return Ok(interp.is_set(&name, wanted, at));
                    }
                    (Some(Obj::Env(env)), _) => {
                        let Some(name) = item.as_str().map(|name| format!("{}{name}", env.prefix)) else {
                            return Ok(Val::unknown_as(why_of(item), Kind::Bool, at));
                        };
                        return Ok(interp.is_set(&name, wanted, at));
                    }
                    _ => None,
                };
                if let Some(found) = found {
                    return Ok(Val::new(Py::Bool(found == wanted), at));
                }
                let why = if obj.is_none() && container.is_unknown() { why_of(&container) } else { why_of(item) };
                Ok(Val::unknown_as(why, Kind::Bool, at))
            })
        })
    }

    fn among(&self, list: &[Val], item: &Val) -> Option<bool> {
        let mut known = true;
        for element in list {
            if matches!(element.py, Py::Splat(_)) {
                known = false;
                continue;
            }
            match self.equal(element, item, 4) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = false,
            }
        }
        known.then_some(false)
    }
}

/// Whether two texts are equal: known ends that differ decide even where there are holes.
fn texts(a: &Text, b: &Text) -> Option<bool> {
    if let (Text::Known(a), Text::Known(b)) = (a, b) {
        return Some(a == b);
    }
    let ends = |text: &Text| match text {
        Text::Known(text) => (text.to_string(), text.to_string()),
        Text::Pieces(pieces) => {
            let known = |piece: Option<&Piece>| match piece {
                Some(Piece::Known(text)) => text.to_string(),
                _ => String::new(),
            };
            (known(pieces.first()), known(pieces.last()))
        }
    };
    let ((a_start, a_end), (b_start, b_end)) = (ends(a), ends(b));
    let starts = a_start.starts_with(&b_start) || b_start.starts_with(&a_start);
    let end = a_end.ends_with(&b_end) || b_end.ends_with(&a_end);
    if starts && end { None } else { Some(false) }
}

/// Whether what is equal to a value can be told from the value.
fn is_comparable(py: &Py) -> bool {
    let opaque = matches!(
        py,
        Py::Ext(_) | Py::Outside(_) | Py::Method(_) | Py::Unknown(..) | Py::Choice(_) | Py::Splat(_) | Py::Unbound
    );
    !opaque
}

fn ordered(a: &Val, b: &Val) -> Option<std::cmp::Ordering> {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => Some(a.cmp(b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}
