//! Expressions.

use super::stmt::Truth;
use super::value::{Kind, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, MAX_DEPTH, MAX_SIZE, Raise, Rc, SPENT};
use crate::model::{Piece, Text, Why};
use crate::syntax::python::{Clause, CompareOp, ComprehensionKind, Expr, ExprKind, FormatPart};
use crate::text::Loc;

impl Interp<'_, '_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Eval<Val> {
        let at = self.loc(expr.span);
        if !self.step(1) || self.depth >= MAX_DEPTH {
            return Ok(Val::unknown(SPENT, at));
        }
        self.depth += 1;
        let val = self.kind(expr, at);
        self.depth -= 1;
        self.watched(expr, &val);
        val
    }

    fn kind(&mut self, expr: &Expr, at: Loc) -> Eval<Val> {
        Ok(match &expr.kind {
            ExprKind::None => Val::literal(Py::None, at),
            ExprKind::Bool(value) => Val::literal(Py::Bool(*value), at),
            ExprKind::Int(value) => Val::literal(Py::Int(*value), at),
            ExprKind::Float(value) => Val::literal(Py::Float(*value), at),
            ExprKind::Str(text) => self.string(text, at),
            ExprKind::Bytes(bytes) => Val::literal(Py::Bytes((**bytes).into()), at),
            ExprKind::Format(parts) => self.format(parts, at)?,
            ExprKind::Name(name) => self.name(name, at)?,
            ExprKind::Attribute(owner, name) => {
                let owner = self.expr(owner)?;
                self.attribute(&owner, name, at)?
            }
            ExprKind::Index(owner, index) => {
                let owner = self.expr(owner)?;
                let index = self.expr(index)?;
                self.index(&owner, &index, at)?
            }
            ExprKind::Slice(lower, upper, step) => {
                self.slice(lower.as_deref(), upper.as_deref(), step.as_deref(), at)?
            }
            ExprKind::Call(function, arguments) => self.call_kept(function, arguments, at)?,
            ExprKind::List(list) => {
                let list = self.sequence(list)?;
                self.new_list(list, at)
            }
            ExprKind::Tuple(list) => Val::literal(Py::Tuple(Rc::new(self.sequence(list)?)), at),
            // A set has no place in a set: a template writes something else there.
            ExprKind::Set(list) if matches!(list.as_slice(), [Expr { kind: ExprKind::Set(_), .. }]) => {
                let inner = self.excerpt(at);
                let inner = inner.trim_matches(|c: char| matches!(c, '{' | '}') || c.is_whitespace()).to_owned();
                Val::unknown(Why::Template(inner.as_str().into()), at)
            }
            ExprKind::Set(list) => {
                let list = self.sequence(list)?;
                for val in &list {
                    self.hashes(val, at)?;
                }
                let list = Self::distinct(list);
                self.new_obj(Obj::Set(Rc::new(list)), at)
            }
            ExprKind::Dict(entries) => self.dict(entries, at)?,
            ExprKind::Starred(inner) => {
                let inner = self.expr(inner)?;
                Val::unknown(why_of(&inner), at)
            }
            ExprKind::Comprehension(kind, element, value, clauses) if *kind != ComprehensionKind::Generator => {
                self.comprehension(*kind, element, value.as_deref(), clauses, at)?
            }
            ExprKind::And(list) => self.logic(list, true, at)?,
            ExprKind::Or(list) => self.logic(list, false, at)?,
            ExprKind::Not(inner) => {
                let inner = self.expr(inner)?;
                self.map(&inner, at, |interp, val| Ok(interp.negated(val, at)))?
            }
            ExprKind::Negative(inner) => {
                let inner = self.expr(inner)?;
                self.map(&inner, at, |interp, val| {
                    use super::raising::Type::{Delta, Float, Number};
                    if interp.type_of(val).is_some_and(|kind| !matches!(kind, Number | Float | Delta)) {
                        return interp.fail("TypeError", "the negative of what has none", at);
                    }
                    Ok(match val.py {
                        Py::Int(value) => value
                            .checked_neg()
                            .map_or(Val::unknown(NOT_FOLLOWED, at), |value| Val::literal(Py::Int(value), at)),
                        Py::Bool(value) => Val::new(Py::Int(-i64::from(value)), at),
                        Py::Float(value) => Val::literal(Py::Float(-value), at),
                        _ => Val::unknown(why_of(val), at),
                    })
                })?
            }
            ExprKind::Binary(left, op, right) => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                self.binary(&left, *op, &right, at)?
            }
            ExprKind::Compare(left, tests) => self.comparison(left, tests, at)?,
            ExprKind::Conditional(test, body, other) => self.conditional(test, body, other, at)?,
            ExprKind::Lambda(function) => self.closure(function, at)?,
            ExprKind::Named(name, value) => {
                let value = self.expr(value)?;
                self.bind(name, value.clone());
                value
            }
            // The elements of a generator are gone once they are taken.
            ExprKind::Comprehension(..) | ExprKind::Other => Val::unknown(NOT_FOLLOWED, at),
        })
    }

    /// Text of the code. In a template, what another program fills in is a hole.
    fn string(&self, text: &str, at: Loc) -> Val {
        let template =
            self.reader.source(at.file).path.contains("{{") || super::is_template(&self.reader.source(at.file).path);
        if !template || !text.contains("{{") {
            return Val::text(text, at).from(Source::Literal);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after.split_once("}}").unwrap_or((after, ""));
            pieces.push(Piece::Known(before.into()));
            pieces.push(Piece::Hole(Why::Template(inside.trim().into())));
            rest = after;
        }
        pieces.push(Piece::Known(rest.into()));
        Self::plain_text(Text::from_pieces(pieces), at)
    }

    fn format(&mut self, parts: &[FormatPart], at: Loc) -> Eval<Val> {
        let mut result = Val::text("", at);
        for part in parts {
            let next = match part {
                FormatPart::Text(text) => Val::text(text.clone(), at),
                FormatPart::Value(expr, plain) => {
                    let value = self.expr(expr)?;
                    if *plain {
                        self.text_of(&value, at)?
                    } else {
                        self.doubts(at);
                        let why = why_of(&value);
                        Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at)
                    }
                }
            };
            result = self.binary(&result, crate::syntax::python::BinaryOp::Add, &next, at)?;
        }
        Ok(result)
    }

    /// The value of a name.
    pub(super) fn name(&mut self, name: &str, at: Loc) -> Eval<Val> {
        let mut space = Some(self.space);
        while let Some(id) = space {
            let Some(found) = self.spaces.get(id) else { break };
            // What stands in a class does not see the names of the class around it.
            if found.class.is_some() && id != self.space {
                space = found.outer;
                continue;
            }
            if let Some(val) = found.vars.get(name) {
                let val = val.clone();
                if !matches!(val.py, Py::Unbound) {
                    return Ok(val);
                }
            } else if let Some(why) = &found.open {
                // What was imported under an unknown name may be anything.
                if !super::builtin::is_builtin(name) {
                    return Ok(Val::unknown(why.clone(), at));
                }
            }
            space = found.outer;
        }
        if name == "__file__" {
            return Ok(self.module_file(at));
        }
        if name == "__name__" {
            return Ok(self.module_name(at));
        }
        if super::builtin::is_builtin(name) {
            return Ok(Val::new(Py::Ext(name.into()), at));
        }
        // A module has some by itself.
        if self.is_caught() && !name.starts_with("__") {
            return Err(Raise { kind: "NameError".into(), why: Why::Runtime(format!("`{name}`").into()) });
        }
        Ok(Val::unknown(Why::Runtime(format!("the name `{name}`").into()), at))
    }

    fn slice(&mut self, lower: Option<&Expr>, upper: Option<&Expr>, step: Option<&Expr>, at: Loc) -> Eval<Val> {
        let mut ends = [None, None, None];
        for (slot, end) in ends.iter_mut().zip([lower, upper, step]) {
            let Some(end) = end else { continue };
            let end = self.expr(end)?;
            match (end.as_int(), &end.py) {
                (Some(value), _) => *slot = Some(value),
                (None, Py::None) => {}
                _ if self.type_of(&end).is_some() => {
                    return self.fail("TypeError", "a part that begins or ends at what is no number", at);
                }
                _ => return Ok(Val::unknown(why_of(&end), at)),
            }
        }
        let [lower, upper, step] = ends;
        if step == Some(0) {
            return self.fail("ValueError", "a part in steps of nothing", at);
        }
        Ok(Val::new(Py::Slice(lower, upper, step), at))
    }

    /// The elements of a display, `*` resolved.
    fn sequence(&mut self, list: &[Expr]) -> Eval<Vec<Val>> {
        let mut values = Vec::with_capacity(list.len().min(MAX_SIZE));
        for expr in list {
            if let ExprKind::Starred(inner) = &expr.kind {
                let inner = self.taken_once(inner)?;
                self.iterates(&inner, inner.at)?;
                match self.elements(&inner).as_mut_slice() {
                    [(_, Ok(more))] => values.append(more),
                    _ => values.push(Val::new(Py::Splat(Rc::new(why_of(&inner))), inner.at)),
                }
            } else {
                values.push(self.expr(expr)?);
            }
        }
        Ok(values)
    }

    pub(super) fn distinct(list: Vec<Val>) -> Vec<Val> {
        let mut keys = std::collections::BTreeSet::new();
        list.into_iter().filter(|val| val.key().is_none_or(|key| keys.insert(key))).collect()
    }

    fn dict(&mut self, entries: &[(Option<Expr>, Expr)], at: Loc) -> Eval<Val> {
        let dict = self.new_dict([], at);
        for (key, value) in entries {
            if let Some(key) = key {
                let key = self.expr(key)?;
                self.hashes(&key, at)?;
                let value = self.expr(value)?;
                self.change(&dict, |obj| {
                    if let Obj::Dict(dict) = obj {
                        Rc::make_mut(dict).set(key.clone(), value.clone());
                    }
                });
            } else {
                let more = self.expr(value)?;
                if self.type_of(&more).is_some_and(|kind| kind != super::raising::Type::Dict) {
                    let why = self.fail("TypeError", "the entries of what is no dict", at)?;
                    return Ok(why);
                }
                self.update(&dict, &more);
            }
        }
        Ok(dict)
    }

    /// `and` and `or`, whose value is that of one of their parts.
    fn logic(&mut self, list: &[Expr], and: bool, at: Loc) -> Eval<Val> {
        let Some((first, rest)) = list.split_first() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let value = self.expr(first)?;
        if rest.is_empty() {
            return Ok(value);
        }
        let mut results = Vec::new();
        let variable = if and { None } else { self.variable_of(&value) };
        for (when, val) in self.alts(&value) {
            let before = self.assume.len();
            self.assume.extend(when.iter());
            let place = self.loc(first.span);
            let result = match self.truth_at(&val, place) {
                Truth::Known(truth) if truth == and => {
                    self.logic(rest, and, at).map(|other| Self::stand_in(variable.as_deref(), other))
                }
                Truth::Known(_) => Ok(val),
                Truth::Split(yes, no) => {
                    let (short, on) = if and { (no, yes) } else { (yes, no) };
                    let inner = self.assume.len();
                    self.assume.extend(on.iter());
                    let other = self.logic(rest, and, at);
                    self.assume.truncate(inner);
                    // Of an unknown that is known to be true or false only that remains.
                    let val = match (&val.py, and) {
                        (Py::Str(_), true) => Val::text("", at),
                        (Py::Unknown(_, Kind::Bool), and) => Val::new(Py::Bool(!and), at),
                        _ => val,
                    };
                    let other = other.map(|other| Self::stand_in(variable.as_deref(), other));
                    other.map(|other| self.choice(vec![(short, val), (on, other)], at))
                }
            };
            self.assume.truncate(before);
            results.push((when, result?));
        }
        Ok(self.choice(results, at))
    }

    fn comparison(&mut self, left: &Expr, tests: &[(CompareOp, Expr)], at: Loc) -> Eval<Val> {
        let mut left = self.expr(left)?;
        let mut all = Val::new(Py::Bool(true), at);
        for (op, right) in tests {
            // What follows is not looked at.
            if matches!(all.py, Py::Bool(false)) {
                break;
            }
            // What is asked for an element is not taken apart.
            let right = if matches!(op, CompareOp::In | CompareOp::NotIn) {
                self.taken_once(right)?
            } else {
                self.expr(right)?
            };
            let next = self.compare(&left, *op, &right, at)?;
            if let ([_], Py::Bool(true)) = (tests, &all.py) {
                return Ok(next);
            }
            all = match (&all.py, &next.py) {
                (Py::Bool(false), _) | (_, Py::Bool(false)) => Val::new(Py::Bool(false), at),
                (Py::Bool(true), Py::Bool(true)) => all,
                _ => Val::unknown_as(why_of(&next), Kind::Bool, at),
            };
            left = right;
        }
        Ok(all)
    }

    /// Whether a test holds; of `not X` and `X`, one holds where the other does not.
    pub(super) fn test(&mut self, test: &Expr) -> Eval<Truth> {
        let (mut test, mut not) = (test, false);
        while let ExprKind::Not(inner) = &test.kind {
            (test, not) = (inner, !not);
        }
        let value = self.expr(test)?;
        let place = self.loc(test.span);
        Ok(match self.truth_at(&value, place) {
            Truth::Known(truth) => Truth::Known(truth != not),
            Truth::Split(yes, no) if not => Truth::Split(no, yes),
            split @ Truth::Split(..) => split,
        })
    }

    fn conditional(&mut self, test: &Expr, body: &Expr, other: &Expr, at: Loc) -> Eval<Val> {
        match self.test(test)? {
            Truth::Known(true) => self.expr(body),
            Truth::Known(false) => self.expr(other),
            Truth::Split(yes, no) => {
                let mut results = Vec::new();
                for (when, expr) in [(yes, body), (no, other)] {
                    let before = self.assume.len();
                    self.assume.extend(when.iter());
                    let result = self.expr(expr);
                    self.assume.truncate(before);
                    match result {
                        Ok(val) => results.push((when, val)),
                        Err(raise) if self.catching > 0 => self.may_raise(raise.kind, when),
                        Err(raise) => {
                            self.perhaps_raises(&raise.kind, &raise.why, &when);
                            results.push((when, Val::unknown(raise.why, at)));
                        }
                    }
                }
                Ok(self.choice(results, at))
            }
        }
    }

    /// An expression whose elements are taken once, there where it stands.
    pub(super) fn taken_once(&mut self, expr: &Expr) -> Eval<Val> {
        let at = self.loc(expr.span);
        if !self.step(1) || self.depth >= MAX_DEPTH {
            return Ok(Val::unknown(SPENT, at));
        }
        self.depth += 1;
        let val = match &expr.kind {
            ExprKind::Comprehension(kind @ ComprehensionKind::Generator, element, value, clauses) => {
                self.comprehension(*kind, element, value.as_deref(), clauses, at)
            }
            ExprKind::Call(function, arguments) => self.call_expr(function, arguments, at),
            _ => self.kind(expr, at),
        };
        self.depth -= 1;
        self.watched(expr, &val);
        val
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: &Expr,
        value: Option<&Expr>,
        clauses: &[Clause],
        at: Loc,
    ) -> Eval<Val> {
        let Some((first, _)) = clauses.split_first() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let iterable = self.taken_once(&first.iter)?;
        self.iterates(&iterable, at)?;
        self.repeats(at);
        let mut results = Vec::new();
        for (when, list) in self.elements(&iterable) {
            let before = self.assume.len();
            self.assume.extend(when.iter());
            let file = self.file();
            let path = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
            let space = self.new_space(file, &path, Some(self.space));
            let outer = std::mem::replace(&mut self.space, space);
            let mut made = Vec::new();
            let result = match list {
                Ok(list) => self.clauses(element, value, clauses, Some(list), &mut made),
                Err(why) => Ok(Some(why)),
            };
            self.space = outer;
            self.assume.truncate(before);
            let val = self.comprehended(kind, made, result?, at);
            results.push((when, val));
        }
        Ok(self.choice(results, at))
    }

    fn comprehended(
        &mut self,
        kind: ComprehensionKind,
        made: Vec<(Val, Option<Val>)>,
        why: Option<Why>,
        at: Loc,
    ) -> Val {
        let listed = matches!(kind, ComprehensionKind::List | ComprehensionKind::Generator);
        if let Some(why) = why {
            let splat = Val::new(Py::Splat(Rc::new(why.clone())), at);
            return if listed { self.new_list(vec![splat], at) } else { Val::unknown(why, at) };
        }
        if kind == ComprehensionKind::Dict {
            let none = Val::new(Py::None, at);
            return self
                .new_dict(made.into_iter().map(|(key, value)| (key, value.unwrap_or_else(|| none.clone()))), at);
        }
        let list: Vec<Val> = made.into_iter().map(|(element, _)| element).collect();
        if listed {
            return self.new_list(list, at);
        }
        let list = Self::distinct(list);
        self.new_obj(Obj::Set(Rc::new(list)), at)
    }

    /// Runs the clauses from the first on; gives back why their result cannot be known.
    fn clauses(
        &mut self,
        element: &Expr,
        value: Option<&Expr>,
        clauses: &[Clause],
        given: Option<Vec<Val>>,
        made: &mut Vec<(Val, Option<Val>)>,
    ) -> Eval<Option<Why>> {
        let Some((clause, rest)) = clauses.split_first() else {
            let element = self.expr(element)?;
            let value = match value {
                Some(value) => Some(self.expr(value)?),
                None => None,
            };
            made.push((element, value));
            return Ok(None);
        };
        let list = if let Some(list) = given {
            list
        } else {
            let iterable = self.taken_once(&clause.iter)?;
            self.iterates(&iterable, iterable.at)?;
            let mut ways = self.elements(&iterable);
            match (ways.pop(), ways.is_empty()) {
                (Some((_, Ok(list))), true) => list,
                _ => return Ok(Some(why_of(&iterable))),
            }
        };
        'elements: for item in list {
            if !self.step(1) || made.len() > MAX_SIZE {
                return Ok(Some(SPENT));
            }
            if let Py::Splat(why) = &item.py {
                return Ok(Some((**why).clone()));
            }
            self.assign(&clause.target, item)?;
            for test in &clause.ifs {
                let truth = self.expr(test)?;
                match self.truth(&truth) {
                    Truth::Known(true) => {}
                    Truth::Known(false) => continue 'elements,
                    Truth::Split(..) => return Ok(Some(why_of(&truth))),
                }
            }
            if let Some(why) = self.clauses(element, value, rest, None, made)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }
}
