//! Truth, operators, indexing, and what can be iterated.

mod comparisons;

use super::raising::Type;
use super::stmt::Truth;
use super::value::{Dict, Kind, Lits, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, MAX_SIZE, Raise, Rc};
use crate::model::{Piece, Text, Why};
use crate::syntax::python::{BinaryOp, Stmt};
use crate::text::{FileId, Loc, Span};

impl Interp<'_, '_> {
    /// Whether a simple value (no choice) is true.
    pub(super) fn truthy(&self, val: &Val) -> Option<bool> {
        Some(match &val.py {
            Py::None => false,
            Py::Bool(value) => *value,
            Py::Int(value) | Py::Delta(value) => *value != 0,
            Py::Float(value) => *value != 0.0,
            Py::Bytes(bytes) => !bytes.is_empty(),
            Py::Str(text) => match &**text {
                Text::Known(text) => !text.is_empty(),
                Text::Pieces(pieces) => {
                    if !pieces.iter().any(|piece| matches!(piece, Piece::Known(_))) {
                        return None;
                    }
                    true
                }
            },
            Py::Tuple(list) => return not_empty(list),
            Py::Ref(id) => {
                let mut truths = self.contents(*id).into_iter().map(|(_, obj)| match obj {
                    Obj::List(list) | Obj::Set(list) => not_empty(&list),
                    Obj::Dict(dict) if !dict.entries.is_empty() => Some(true),
                    Obj::Dict(dict) => (dict.open.is_none() && dict.more.is_none()).then_some(false),
                    Obj::Env(_) | Obj::Instance(..) | Obj::App(_) => Some(true),
                    Obj::OneOf(_) | Obj::Unknown(_) => None,
                });
                let first = truths.next()??;
                if !truths.all(|truth| truth == Some(first)) {
                    return None;
                }
                first
            }
            Py::Path(_) | Py::Module(_) | Py::Func(_) | Py::Class(_) | Py::Globals(_) => true,
            Py::Ext(name) => !matches!(&**name, "typing.TYPE_CHECKING"),
            // What looks like a method may be an attribute that holds anything.
            Py::Method(_)
            | Py::Slice(..)
            | Py::Outside(_)
            | Py::Splat(_)
            | Py::Unbound
            | Py::Choice(_)
            | Py::Unknown(..) => return None,
        })
    }

    pub(super) fn truth(&mut self, val: &Val) -> Truth {
        self.truth_at(val, val.at)
    }

    /// Whether a value is true; where that is not known, the conditions for each, named for the test at `at`.
    pub(super) fn truth_at(&mut self, val: &Val, at: Loc) -> Truth {
        let alts = self.alts(val);
        let truths: Vec<(Lits, Option<bool>)> = alts.into_iter().map(|(when, val)| (when, self.truthy(&val))).collect();
        let with = |wanted| truths.iter().filter(move |(_, truth)| *truth == wanted).map(|(when, _)| when.clone());
        let (yes, no): (Vec<Lits>, Vec<Lits>) = (with(Some(true)).collect(), with(Some(false)).collect());
        match (yes.as_slice(), no.as_slice()) {
            (yes, no) if yes.len() + no.len() < truths.len() => {
                // Some of it is unknown: a condition of its own. Alternatives that decide do so for theirs.
                let cond = self.cond_of(val, at);
                Truth::Split(
                    Rc::from([super::Lit { cond, holds: true }]),
                    Rc::from([super::Lit { cond, holds: false }]),
                )
            }
            ([], []) => Truth::Known(false),
            (_, []) => Truth::Known(true),
            ([], _) => Truth::Known(false),
            ([yes], [no]) => Truth::Split(yes.clone(), no.clone()),
            _ => {
                let cond = self.cond_of(val, at);
                Truth::Split(
                    Rc::from([super::Lit { cond, holds: true }]),
                    Rc::from([super::Lit { cond, holds: false }]),
                )
            }
        }
    }

    /// The condition that a value is true. A value has one, wherever it is asked for: it is known by its place. Code that
    /// runs more than once makes several values at one place, and nothing tells whether two of them are one.
    fn cond_of(&mut self, val: &Val, at: Loc) -> usize {
        let text = format!("`{}`", self.excerpt(at));
        let Loc { file, span } = val.at;
        let within = |&(of, start, end): &(FileId, u32, u32)| of == file && start <= span.start && span.start < end;
        let key = if self.repeated.iter().any(within) {
            format!("once {}", self.conds.len())
        } else {
            format!("true {} {} {}", file.0, span.start, span.end)
        };
        let cond = self.cond(key, text);
        if self.variable_of(val).is_some() {
            self.of_variables.insert(cond);
        }
        cond
    }

    /// Says that code is run more than once, or may be.
    pub(super) fn repeats(&mut self, Loc { file, span }: Loc) {
        self.repeated.insert((file, span.start, span.end));
    }

    pub(super) fn repeats_block(&mut self, file: FileId, body: &[Stmt]) {
        let span = |stmt: Option<&Stmt>| stmt.map_or(Span::default(), |stmt| stmt.span);
        self.repeats(Loc { file, span: span(body.first()).to(span(body.last())) });
    }

    pub(super) fn negated(&self, val: &Val, at: Loc) -> Val {
        match self.truthy(val) {
            Some(truth) => Val::new(Py::Bool(!truth), at),
            None => Val::unknown_as(why_of(val), Kind::Bool, at),
        }
    }

    /// Does something to each pair of alternatives.
    pub(super) fn pairs(
        &mut self,
        a: &Val,
        b: &Val,
        at: Loc,
        mut f: impl FnMut(&mut Self, &Val, &Val) -> Eval<Val>,
    ) -> Eval<Val> {
        if !matches!(a.py, Py::Choice(_)) && !matches!(b.py, Py::Choice(_)) {
            return f(self, a, b);
        }
        let mut results = Vec::new();
        for (when_a, a) in self.alts(a) {
            for (when_b, b) in self.alts(b) {
                if let Some(when) = self.both(&when_a, &when_b) {
                    let val = f(self, &a, &b)?;
                    results.push((when, val));
                }
            }
        }
        Ok(self.choice(results, at))
    }

    pub(super) fn binary(&mut self, a: &Val, op: BinaryOp, b: &Val, at: Loc) -> Eval<Val> {
        self.pairs(a, b, at, |interp, a, b| interp.binary_simple(a, op, b, at))
    }

    fn binary_simple(&mut self, a: &Val, op: BinaryOp, b: &Val, at: Loc) -> Eval<Val> {
        let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
        if divides && number(a).is_some() && number(b) == Some(0.0) {
            return self.fail("ZeroDivisionError", "a division by zero", at);
        }
        if self.refuses(a, op, b) {
            return self.fail("TypeError", "an operator between what it does not take", at);
        }
        if op == BinaryOp::Pow && number(a) == Some(0.0) && number(b).is_some_and(|by| by < 0.0) {
            return self.fail("ZeroDivisionError", "a division by zero", at);
        }
        if let (Some(x), Some(y)) = (a.as_int(), b.as_int())
            && !matches!(op, BinaryOp::Or | BinaryOp::And | BinaryOp::Other)
        {
            return Ok(integers(x, op, y, at));
        }
        Ok(match (&a.py, op, &b.py) {
            (Py::Str(x), BinaryOp::Add, Py::Str(y)) => {
                let source = if matches!(**x, Text::Known(ref text) if text.is_empty()) {
                    b.source.clone()
                } else {
                    a.source.clone()
                };
                if !self.step((x.weight() + y.weight()) >> 8) {
                    return Ok(Val::unknown(super::SPENT, at));
                }
                let text = joined(x, y);
                Self::plain_text(text, at).from(source)
            }
            (Py::Str(x), BinaryOp::Add, Py::Unknown(why, _)) => {
                let text = joined(x, &Text::Pieces(Box::new([Piece::Hole((**why).clone())])));
                Self::plain_text(text, at)
            }
            (Py::Unknown(why, Kind::Any), BinaryOp::Add, Py::Str(y)) => {
                let text = joined(&Text::Pieces(Box::new([Piece::Hole((**why).clone())])), y);
                Self::plain_text(text, at)
            }
            (Py::Str(_), BinaryOp::Mod, _) => self.percent(a, b, at)?,
            (Py::Str(_), BinaryOp::Mul, Py::Int(count)) => match (a.as_str(), usize::try_from(*count)) {
                (Some(text), Ok(count)) if text.len().saturating_mul(count) <= super::MAX_TEXT => {
                    Val::text(text.repeat(count), at)
                }
                _ => Val::unknown(NOT_FOLLOWED, at),
            },
            (Py::Tuple(x), BinaryOp::Add, Py::Tuple(y)) if x.len() + y.len() <= MAX_SIZE && self.step(x.len()) => {
                Val::new(Py::Tuple(Rc::new(x.iter().chain(y.iter()).cloned().collect())), at)
            }
            (Py::Tuple(list), BinaryOp::Mul, Py::Int(_) | Py::Bool(_)) => repeated(list, b)
                .map_or_else(|| Val::unknown(NOT_FOLLOWED, at), |list| Val::new(Py::Tuple(Rc::new(list)), at)),
            // `2 * "a"`, `2 * (a,)`, `2 * [a]`: the same the other way round.
            (Py::Int(_) | Py::Bool(_), BinaryOp::Mul, Py::Str(_) | Py::Tuple(_) | Py::Ref(_)) => {
                return self.binary(b, op, a, at);
            }
            (Py::Tuple(list), BinaryOp::Add, Py::Unknown(why, _)) => {
                let mut list = list.to_vec();
                list.push(Val::new(Py::Splat(why.clone()), b.at));
                Val::new(Py::Tuple(Rc::new(list)), at)
            }
            (Py::Path(path), BinaryOp::Div, Py::Str(_) | Py::Path(_)) => super::path::join(path, b, at),
            (Py::Delta(x), BinaryOp::Add, Py::Delta(y)) => Val::new(Py::Delta(x.saturating_add(*y)), at),
            (Py::Delta(x), BinaryOp::Mul, Py::Int(y)) | (Py::Int(y), BinaryOp::Mul, Py::Delta(x)) => {
                Val::new(Py::Delta(x.saturating_mul(*y)), at)
            }
            (Py::Ref(_), ..) | (_, _, Py::Ref(_)) => self.collections(a, op, b, at)?,
            _ => match (number(a), number(b)) {
                (Some(x), Some(y)) => floats(x, op, y, at),
                _ if a.is_unknown() => Val::unknown(why_of(a), at),
                _ => Val::unknown(why_of(b), at),
            },
        })
    }

    /// `list + list`, `dict | dict`, `set - set`, `list * n`.
    fn collections(&mut self, a: &Val, op: BinaryOp, b: &Val, at: Loc) -> Eval<Val> {
        self.read(a, at, |interp, a, obj_a| {
            let obj_a = obj_a.cloned();
            let a = a.clone();
            interp.read(b, at, |interp, b, obj_b| {
                Ok(match (&obj_a, op, obj_b) {
                    (Some(Obj::List(x)), BinaryOp::Add, Some(Obj::List(y))) => {
                        if !interp.step(x.len() + y.len()) {
                            return Ok(Val::unknown(super::SPENT, at));
                        }
                        interp.new_list(x.iter().chain(y.iter()).cloned().collect(), at)
                    }
                    (Some(Obj::List(x)), BinaryOp::Add, None) if b.is_unknown() => {
                        let mut list = x.to_vec();
                        list.push(Val::new(Py::Splat(Rc::new(why_of(b))), b.at));
                        interp.new_list(list, at)
                    }
                    (None, BinaryOp::Add, Some(Obj::List(y))) if a.is_unknown() => {
                        let mut list = vec![Val::new(Py::Splat(Rc::new(why_of(&a))), a.at)];
                        list.extend(y.iter().cloned());
                        interp.new_list(list, at)
                    }
                    (Some(Obj::List(x)), BinaryOp::Mul, None) => match repeated(x, b) {
                        Some(list) => interp.new_list(list, at),
                        None => Val::unknown(NOT_FOLLOWED, at),
                    },
                    (Some(Obj::Dict(x)), BinaryOp::Or, Some(Obj::Dict(y))) => {
                        let mut dict: Dict = (**x).clone();
                        for (key, value) in &y.entries {
                            dict.set(key.clone(), value.clone());
                        }
                        dict.open = dict.open.or_else(|| y.open.clone());
                        interp.new_obj(Obj::Dict(Rc::new(dict)), at)
                    }
                    (Some(Obj::Set(x)), BinaryOp::Or, Some(Obj::Set(y))) => {
                        let list = Self::distinct(x.iter().chain(y.iter()).cloned().collect());
                        interp.new_obj(Obj::Set(Rc::new(list)), at)
                    }
                    (Some(Obj::Set(x)), BinaryOp::Sub | BinaryOp::And, Some(Obj::Set(y))) => {
                        let keys: Option<std::collections::BTreeSet<_>> = y.iter().map(Val::key).collect();
                        match (keys, x.iter().map(Val::key).collect::<Option<Vec<_>>>()) {
                            (Some(keys), Some(_)) => {
                                let keep = |val: &&Val| {
                                    val.key().is_some_and(|key| keys.contains(&key)) == (op == BinaryOp::And)
                                };
                                let list = x.iter().filter(keep).cloned().collect();
                                interp.new_obj(Obj::Set(Rc::new(list)), at)
                            }
                            _ => Val::unknown(NOT_FOLLOWED, at),
                        }
                    }
                    _ if a.is_unknown() => Val::unknown(why_of(&a), at),
                    _ if b.is_unknown() => Val::unknown(why_of(b), at),
                    _ => Val::unknown(NOT_FOLLOWED, at),
                })
            })
        })
    }

    /// `"%s" % value`: plain `%s` and `%d` only.
    fn percent(&mut self, format: &Val, args: &Val, at: Loc) -> Eval<Val> {
        let Some(text) = format.as_str().map(str::to_owned) else { return Ok(Val::unknown(why_of(format), at)) };
        // What could be asked for a key need not be used.
        let spare = matches!(self.type_of(args), None | Some(Type::Dict | Type::List));
        let tuple = matches!(&args.py, Py::Tuple(_));
        let args: Vec<Val> = match &args.py {
            Py::Tuple(list) => list.to_vec(),
            _ => vec![args.clone()],
        };
        let splat = args.iter().any(|val| matches!(val.py, Py::Splat(_)));
        let mut args = args.into_iter();
        let mut result = Val::text("", at);
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            result = self.binary(&result, BinaryOp::Add, &Val::text(before, at), at)?;
            let kind = after.chars().next();
            let part = match kind {
                Some('%') => Val::text("%", at),
                Some(kind @ ('s' | 'd')) => match args.next() {
                    Some(arg) if kind == 's' || matches!(arg.py, Py::Int(_)) => self.text_of(&arg, at)?,
                    Some(arg) => match (&arg.py, arg.as_int()) {
                        (Py::Bool(_), Some(number)) => Val::text(number.to_string(), at),
                        (Py::Float(_) | Py::Delta(_), _) => {
                            Self::plain_text(Text::Pieces(Box::new([Piece::Hole(NOT_FOLLOWED)])), at)
                        }
                        _ if self.type_of(&arg).is_some() => {
                            return self.fail("TypeError", "a number written of what is none", at);
                        }
                        _ => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why_of(&arg))])), at),
                    },
                    None if splat => return Ok(Val::unknown(NOT_FOLLOWED, at)),
                    None => return self.fail("TypeError", "a text with more places than values", at),
                },
                Some('(') => {
                    self.doubts(at);
                    // `%(name)s` of a dict: a hole is all that is kept.
                    return Ok(Self::plain_text(Text::Pieces(Box::new([Piece::Hole(NOT_FOLLOWED)])), at));
                }
                _ => return Ok(Val::unknown(NOT_FOLLOWED, at)),
            };
            result = self.binary(&result, BinaryOp::Add, &part, at)?;
            rest = after.get(1..).unwrap_or_default();
        }
        if args.next().is_some() && !splat && (tuple || !spare) {
            return self.fail("TypeError", "a text with fewer places than values", at);
        }
        self.binary(&result, BinaryOp::Add, &Val::text(rest, at), at)
    }

    /// Something that Python would raise for.
    pub(super) fn fail(&self, kind: &str, what: &str, at: Loc) -> Eval<Val> {
        let why = Why::Runtime(what.into());
        if self.is_caught() { Err(Raise { kind: kind.into(), why }) } else { Ok(Val::unknown(why, at)) }
    }

    /// `str(value)`.
    pub(super) fn text_of(&mut self, val: &Val, at: Loc) -> Eval<Val> {
        self.map(val, at, |interp, val| {
            Ok(match &val.py {
                Py::Str(_) => val.clone().at(at),
                Py::Path(text) => Self::plain_text((**text).clone(), at),
                Py::Int(value) => Val::text(value.to_string(), at),
                Py::Bool(value) => Val::text(if *value { "True" } else { "False" }, at),
                Py::Float(value) => Val::text(super::repr::number(*value), at),
                Py::None => Val::text("None", at),
                Py::Ref(_) | Py::Tuple(_) => match super::repr(interp, val) {
                    Ok(text) => Val::text(text, at),
                    Err(why) => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at),
                },
                _ => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why_of(val))])), at),
            })
        })
    }
}

fn not_empty(list: &[Val]) -> Option<bool> {
    if list.iter().any(|val| !matches!(val.py, Py::Splat(_))) {
        return Some(true);
    }
    list.is_empty().then_some(false)
}

pub(super) fn joined(a: &Text, b: &Text) -> Text {
    let pieces = |text: &Text| match text {
        Text::Known(text) => vec![Piece::Known(text.clone())],
        Text::Pieces(pieces) => pieces.to_vec(),
    };
    let mut all = pieces(a);
    all.extend(pieces(b));
    Text::from_pieces(all)
}

fn number(val: &Val) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "as Python does when a float is in play")]
    match val.py {
        Py::Float(value) => Some(value),
        _ => val.as_int().map(|value| value as f64),
    }
}

fn integers(x: i64, op: BinaryOp, y: i64, at: Loc) -> Val {
    let result = match op {
        BinaryOp::Add => x.checked_add(y),
        BinaryOp::Sub => x.checked_sub(y),
        BinaryOp::Mul => x.checked_mul(y),
        BinaryOp::Pow => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        BinaryOp::FloorDiv if y > 0 => Some(x.div_euclid(y)),
        BinaryOp::Mod if y > 0 => Some(x.rem_euclid(y)),
        #[expect(clippy::cast_precision_loss, reason = "as Python does")]
        BinaryOp::Div if y != 0 => return Val::new(Py::Float(x as f64 / y as f64), at),
        _ => None,
    };
    result.map_or(Val::unknown(NOT_FOLLOWED, at), |value| Val::new(Py::Int(value), at))
}

fn floats(x: f64, op: BinaryOp, y: f64, at: Loc) -> Val {
    let result = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::Div if y != 0.0 => x / y,
        _ => return Val::unknown(NOT_FOLLOWED, at),
    };
    Val::new(Py::Float(result), at)
}

/// The elements again and again; a negative number gives none.
fn repeated(list: &[Val], count: &Val) -> Option<Vec<Val>> {
    let count = usize::try_from(count.as_int()?).unwrap_or(0);
    let small = list.len().saturating_mul(count) <= MAX_SIZE;
    small
        .then(|| std::iter::repeat_n(list.iter(), if list.is_empty() { 0 } else { count }).flatten().cloned().collect())
}
