//! Functions of Python that make numbers, and that choose among values.

use super::call::Args;
use super::raising::{self, Type};
use super::value::{Kind, NOT_FOLLOWED, Py, Val, why_of};
use super::{Eval, Interp, Rc};
use crate::model::Text;
use crate::text::Loc;

impl Interp<'_, '_> {
    /// `int(value, base)`.
    pub(super) fn int(&mut self, val: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let base = args.get(1, "base").map(|base| base.as_int().and_then(|base| u32::try_from(base).ok()));
        let base = match base {
            None => 10,
            Some(Some(base)) if (base == 0 || (2..=36).contains(&base)) && val.as_str().is_some() => base,
            Some(_) => return Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
        };
        self.map(val, at, |interp, val| interp.int_of(val, base, at))
    }

    fn int_of(&mut self, val: &Val, base: u32, at: Loc) -> Eval<Val> {
        if let Some(value) = val.as_int() {
            return Ok(Val::new(Py::Int(value), at).from(val.source.clone()));
        }
        match (&val.py, val.as_str()) {
            (_, Some(text)) => match raising::integer(text, base) {
                Some(Ok(value)) => Ok(Val::new(Py::Int(value), at).from(val.source.clone())),
                Some(Err(())) => Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
                None => self.fail("ValueError", "a text that is no number", at),
            },
            #[expect(clippy::cast_possible_truncation, reason = "as Python does")]
            (Py::Float(value), _) if value.abs() < 1e15 => Ok(Val::new(Py::Int(*value as i64), at)),
            (Py::None | Py::Tuple(_) | Py::Path(_) | Py::Delta(_), _) => {
                self.fail("TypeError", "a number made of what is none", at)
            }
            (Py::Ref(_), _) if self.type_of(val).is_some() => {
                self.fail("TypeError", "a number made of what is none", at)
            }
            _ => {
                if self.is_caught() {
                    let cond = self.cond_at(at);
                    self.perhaps_raises(
                        &"ValueError".into(),
                        &why_of(val),
                        &Rc::from([super::Lit { cond, holds: false }]),
                    );
                }
                Ok(Val::unknown_as(why_of(val), Kind::Number, at))
            }
        }
    }

    pub(super) fn float_of(&mut self, val: &Val, at: Loc) -> Eval<Val> {
        #[expect(clippy::cast_precision_loss, reason = "as Python does")]
        let float = match (&val.py, val.as_int(), val.as_str()) {
            (Py::Float(value), ..) => Some(*value),
            (_, Some(value), _) => Some(value as f64),
            (.., Some(text)) if !text.is_ascii() => return Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
            (.., Some(text)) => raising::float(text),
            _ if matches!(self.type_of(val), Some(Type::None | Type::Tuple | Type::List | Type::Dict | Type::Set)) => {
                return self.fail("TypeError", "a number made of what is none", at);
            }
            _ => {
                if self.is_caught() {
                    let cond = self.cond_at(at);
                    let when: super::Lits = Rc::from([super::Lit { cond, holds: false }]);
                    self.perhaps_raises(&"ValueError".into(), &why_of(val), &when);
                }
                return Ok(Val::unknown_as(why_of(val), Kind::Number, at));
            }
        };
        match float {
            Some(value) => Ok(Val::new(Py::Float(value), at)),
            None => self.fail("ValueError", "a text that is no number", at),
        }
    }

    /// `max`, `min`, `sum` and what makes a number or a letter of a value.
    pub(super) fn reckoned(&mut self, name: &str, val: &Val, args: &Args, at: Loc) -> Eval<Val> {
        if matches!(name, "abs" | "chr" | "ord" | "round") {
            if args.pos.len() > 1 || !args.named.is_empty() {
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            }
            return self.map(val, at, |interp, val| interp.made_of_one(name, val, at));
        }
        let lists = if args.pos.len() > 1 && name != "sum" {
            vec![(super::branch::always(), Ok(args.pos.clone()))]
        } else {
            self.iterates(val, at)?;
            self.elements(val)
        };
        let mut results = Vec::new();
        for (when, list) in lists {
            let found = match list {
                Err(why) => Val::unknown(why, at),
                Ok(list) if name == "sum" => self.summed(&list, args, at)?,
                Ok(list) => self.extreme(name, &list, args, at)?,
            };
            results.push((when, found));
        }
        Ok(self.choice(results, at))
    }

    fn made_of_one(&mut self, name: &str, val: &Val, at: Loc) -> Eval<Val> {
        let made = match (name, val.as_int(), val.as_str()) {
            ("abs", Some(value), _) => value.checked_abs().map(Py::Int),
            ("round", Some(value), _) => Some(Py::Int(value)),
            ("chr", Some(value), _) => match u32::try_from(value).ok().filter(|value| *value <= 0x0010_FFFF) {
                Some(value) => char::from_u32(value).map(|made| Py::Str(Rc::new(Text::Known(made.to_string().into())))),
                None => return self.fail("ValueError", "a letter of a number that has none", at),
            },
            ("ord", _, Some(text)) => match text.chars().collect::<Vec<_>>().as_slice() {
                [letter] => Some(Py::Int(i64::from(u32::from(*letter)))),
                _ => return self.fail("TypeError", "the number of what is not one letter", at),
            },
            _ => match (&val.py, name) {
                (Py::Float(value), "abs") => Some(Py::Float(value.abs())),
                #[expect(clippy::cast_possible_truncation, reason = "it is whole, and not large")]
                (Py::Float(value), "round") if value.abs() < 1e15 => Some(Py::Int(value.round_ties_even() as i64)),
                (Py::Float(_) | Py::Delta(_), "abs" | "round") | (Py::Bytes(_), "ord") => None,
                _ if self.type_of(val).is_some_and(|_| !super::value::hole_of(val) || name != "ord") => {
                    return self.fail("TypeError", "a number of what has none", at);
                }
                _ => None,
            },
        };
        Ok(made.map_or_else(|| Val::unknown(NOT_FOLLOWED, at), |made| Val::new(made, at)))
    }

    fn summed(&mut self, list: &[Val], args: &Args, at: Loc) -> Eval<Val> {
        let start = args.get(1, "start").cloned().unwrap_or_else(|| Val::new(Py::Int(0), at));
        if start.as_str().is_some() {
            return self.fail("TypeError", "a sum of texts", at);
        }
        let mut sum = start;
        for val in list {
            if matches!(val.py, Py::Splat(_)) || !self.step(1) {
                return Ok(Val::unknown(why_of(val), at));
            }
            sum = self.binary(&sum, crate::syntax::python::BinaryOp::Add, val, at)?;
        }
        Ok(sum)
    }

    fn extreme(&mut self, name: &str, list: &[Val], args: &Args, at: Loc) -> Eval<Val> {
        if args.named.iter().any(|(name, _)| &**name != "default")
            || list.iter().any(|val| matches!(val.py, Py::Splat(_)))
        {
            return Ok(Val::unknown(NOT_FOLLOWED, at));
        }
        let Some((first, rest)) = list.split_first() else {
            return match args.named("default") {
                Some(default) => Ok(default.clone()),
                None => self.fail("ValueError", "the greatest or least of nothing", at),
            };
        };
        let mut best = first.clone();
        for val in rest {
            if self.refuses_order(val, &best) {
                return self.fail("TypeError", "an order of what has none", at);
            }
            let order = match (val.as_str(), best.as_str(), val.as_int(), best.as_int()) {
                (Some(a), Some(b), ..) => a.cmp(b),
                (.., Some(a), Some(b)) => a.cmp(&b),
                _ => return Ok(Val::unknown(NOT_FOLLOWED, at)),
            };
            if if name == "max" { order.is_gt() } else { order.is_lt() } {
                best = val.clone();
            }
        }
        Ok(best)
    }
}
