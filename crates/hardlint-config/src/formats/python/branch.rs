//! Values and objects under conditions that are not known: what each of them may be, what is done to each, and how those of
//! several ways become one.

use super::value::{Alt, Lit, Lits, Obj, Py, Val, why_of};
use super::{Eval, Interp, Rc};
use crate::model::{MAX_BRANCHES, Why};
use crate::text::Loc;

/// Conditions that one alternative of a value may depend on: more are in no settings that anybody reads.
const MOST_CONDITIONS: usize = 64;

/// Conditions that always hold.
pub(super) fn always() -> Lits {
    Rc::from([])
}

impl Interp<'_, '_> {
    /// The condition with that text; the same text and key mean the same condition.
    pub(super) fn cond(&mut self, key: String, text: String) -> usize {
        if let Some(&id) = self.cond_ids.get(&key) {
            return id;
        }
        self.conds.push(text.into());
        self.cond_ids.insert(key, self.conds.len() - 1);
        self.conds.len() - 1
    }

    /// The condition that a variable is set.
    pub(super) fn cond_set(&mut self, variable: &str) -> usize {
        self.cond(format!("set {variable}"), format!("`{variable}` is set"))
    }

    /// The condition that the expression at a place holds.
    pub(super) fn cond_at(&mut self, at: Loc) -> usize {
        let text = format!("`{}`", self.excerpt(at));
        let id = self.conds.len();
        self.cond(format!("at {} {} {} {id}", at.file.0, at.span.start, at.span.end), text)
    }

    /// Whether the conditions can hold together with what is assumed.
    pub(super) fn possible(&self, when: &[Lit]) -> bool {
        !when.iter().any(|lit| self.assume.contains(&Lit { holds: !lit.holds, ..*lit }))
    }

    /// Both, unless they contradict each other.
    pub(super) fn both(&self, a: &Lits, b: &Lits) -> Option<Lits> {
        if a.iter().any(|lit| b.contains(&Lit { holds: !lit.holds, ..*lit })) {
            return None;
        }
        let mut all: Vec<Lit> = a.iter().chain(b.iter()).copied().filter(|lit| !self.assume.contains(lit)).collect();
        all.sort_unstable();
        all.dedup();
        Some(all.into())
    }

    /// The alternatives of a value that are possible here, none of them a choice.
    pub(super) fn alts(&self, val: &Val) -> Vec<(Lits, Val)> {
        match &val.py {
            Py::Choice(alts) => {
                let possible = alts.iter().filter(|alt| self.possible(&alt.when));
                possible.map(|alt| (alt.when.clone(), alt.val.clone())).collect()
            }
            _ => vec![(always(), val.clone())],
        }
    }

    /// One of several values. Choices inside are made flat, equal values become one. What can be changed stays apart where no
    /// one condition says exactly when it is the value: a change has to know when it does not reach it.
    pub(super) fn choice(&mut self, from: Vec<(Lits, Val)>, at: Loc) -> Val {
        let mut flat: Vec<(Lits, Val)> = Vec::new();
        for (when, val) in from {
            for (inner, val) in self.alts(&val) {
                let Some(when) = self.both(&when, &inner).filter(|when| self.possible(when)) else { continue };
                if when.len() > MOST_CONDITIONS {
                    return Val::unknown(Why::Limit("it depends on too many conditions"), at);
                }
                if matches!(val.py, Py::Ref(_)) {
                    join(&mut flat, when, val, same);
                } else if let Some((known, _)) = flat.iter_mut().find(|(_, known)| same(known, &val)) {
                    *known = known.iter().copied().filter(|lit| when.contains(lit)).collect();
                } else {
                    flat.push((when, val));
                }
            }
        }
        if let Some(((_, first), rest)) = flat.split_first()
            && rest.iter().all(|(_, val)| same(val, first))
        {
            flat.truncate(1);
        }
        if flat.len() > MAX_BRANCHES {
            return Val::unknown(Why::Limit("it has more than eight possible values"), at);
        }
        match flat.len() {
            0 => Val::unknown(Why::Limit("no branch of the code gives it a value"), at),
            1 => flat.remove(0).1,
            _ => {
                let alts = flat.into_iter().map(|(when, val)| Alt { when, val }).collect();
                Val::new(Py::Choice(Rc::new(alts)), at)
            }
        }
    }

    /// Does something to each alternative of a value.
    pub(super) fn map(&mut self, val: &Val, at: Loc, mut f: impl FnMut(&mut Self, &Val) -> Eval<Val>) -> Eval<Val> {
        if !matches!(val.py, Py::Choice(_)) {
            return f(self, val);
        }
        let mut results = Vec::new();
        for (when, val) in self.alts(val) {
            let (before, picked) = (self.assume.len(), self.picked.len());
            self.assume.extend(when.iter());
            self.picked.extend(when.iter());
            let result = f(self, &val);
            self.assume.truncate(before);
            self.picked.truncate(picked);
            match result {
                Ok(result) => results.push((when, result)),
                // The way that raises gives no value; the code around goes on only with the others.
                Err(raise) if self.catching == 0 => {
                    self.perhaps_raises(&raise.kind, &raise.why, &when);
                    results.push((when, Val::unknown(raise.why, at)));
                }
                Err(raise) => self.may_raise(raise.kind, when),
            }
        }
        Ok(self.choice(results, at))
    }

    /// The objects that a reference may stand for.
    pub(super) fn contents(&self, id: usize) -> Vec<(Lits, Obj)> {
        match self.heap.get(id) {
            Some(Obj::OneOf(list)) => list.iter().filter(|(when, _)| self.possible(when)).cloned().collect(),
            Some(obj) => vec![(always(), obj.clone())],
            None => Vec::new(),
        }
    }

    /// Does something to each alternative of a value, with its object if it is a reference.
    pub(super) fn read(
        &mut self,
        val: &Val,
        at: Loc,
        mut f: impl FnMut(&mut Self, &Val, Option<&Obj>) -> Eval<Val>,
    ) -> Eval<Val> {
        self.map(val, at, |interp, val| {
            let Py::Ref(id) = val.py else { return f(interp, val, None) };
            let mut contents = interp.contents(id);
            match contents.as_slice() {
                [] => Ok(Val::unknown(why_of(val), at)),
                [(_, _)] => {
                    let (_, obj) = contents.remove(0);
                    f(interp, val, Some(&obj))
                }
                _ => {
                    let mut results = Vec::new();
                    for (when, obj) in contents {
                        results.push((when, f(interp, val, Some(&obj))?));
                    }
                    Ok(interp.choice(results, at))
                }
            }
        })
    }

    /// Changes each object that a value may refer to. Where only a condition picks the object, and something else refers
    /// to it as well, what it was holds without the condition. An object that several conditions pick is changed once.
    pub(super) fn change(&mut self, val: &Val, mut f: impl FnMut(&mut Obj)) {
        let alts = self.alts(val);
        let mut changed: Vec<usize> = Vec::new();
        for (_, alt) in &alts {
            let Py::Ref(id) = alt.py else { continue };
            if changed.contains(&id) {
                continue;
            }
            changed.push(id);
            self.save_obj(id);
            let is_it = |alt: &Val| matches!(alt.py, Py::Ref(other) if other == id);
            let picked = |when: &[Lit]| {
                let mut picked: Vec<Lit> = self.picked.iter().chain(when).copied().collect();
                picked.sort_unstable();
                picked.dedup();
                picked
            };
            let all: Vec<(Vec<Lit>, bool)> = alts.iter().map(|(when, alt)| (picked(when), is_it(alt))).collect();
            let outer = picked(&[]);
            let mut before = None;
            for (picked, _) in all.iter().filter(|(picked, it)| *it && (all.len() > 1 || !picked.is_empty())) {
                if before.is_none() && self.is_shared(id, picked) {
                    before = self.heap.get(id).cloned();
                }
            }
            match self.heap.get_mut(id) {
                Some(Obj::OneOf(list)) => Rc::make_mut(list).iter_mut().for_each(|(_, obj)| f(obj)),
                Some(obj) => f(obj),
                None => {}
            }
            let (Some(before), Some(after)) = (before, self.heap.get(id).cloned()) else { continue };
            let mut ways;
            if let [(picked, _)] = all.as_slice() {
                ways = without(picked, &before);
                ways.push((picked.as_slice().into(), after));
            } else {
                // Without one of these conditions another value is picked.
                ways = without(&outer, &before);
                let way = |(picked, it): &(Vec<Lit>, bool)| {
                    (picked.as_slice().into(), if *it { after.clone() } else { before.clone() })
                };
                ways.extend(all.iter().map(way));
            }
            // The object keeps what it is without what is assumed just here.
            let assumed = std::mem::take(&mut self.assume);
            let merged = self.one_of(ways);
            self.assume = assumed;
            if let Some(slot) = self.heap.get_mut(id) {
                *slot = merged;
            }
        }
    }

    /// Whether something refers to an object without these conditions.
    fn is_shared(&mut self, id: usize, picked: &[Lit]) -> bool {
        let plain = |val: &Val| refers(val, id, picked, 4);
        let (mut steps, mut shared) = (0, false);
        for space in &self.spaces {
            steps += space.vars.len();
            shared |= space.vars.values().any(plain);
        }
        for obj in &self.heap {
            let mut next = vec![obj];
            while let Some(obj) = next.pop() {
                match obj {
                    Obj::List(list) | Obj::Set(list) => {
                        steps += list.len();
                        shared |= list.iter().any(plain);
                    }
                    Obj::Dict(dict) => {
                        steps += dict.entries.len();
                        shared |= dict.entries.iter().any(|(_, val)| plain(val));
                    }
                    Obj::Instance(_, fields) => shared |= fields.values().any(plain),
                    Obj::OneOf(list) => next.extend(list.iter().map(|(_, obj)| obj)),
                    _ => {}
                }
            }
        }
        // Where there is no time to look, it may be.
        !self.step(steps / 8) || shared
    }

    /// Notes that an exception may be raised.
    pub(super) fn may_raise(&mut self, kind: Rc<str>, when: Lits) {
        let clean = self.is_clean();
        self.maybe.push(super::Maybe { kind, when, clean });
    }

    /// Notes that an exception may be raised here, or through the module that is being imported.
    pub(super) fn perhaps_raises(&mut self, kind: &Rc<str>, why: &Why, when: &Lits) {
        if self.catching > 0 {
            self.may_raise(kind.clone(), when.clone());
        } else if self.caught_outside {
            let space = self.module_space();
            self.unsure.push((super::Raise { kind: kind.clone(), why: why.clone() }, space));
        }
    }

    /// One of several objects.
    pub(super) fn one_of(&self, from: Vec<(Lits, Obj)>) -> Obj {
        let mut flat: Vec<(Lits, Obj)> = Vec::new();
        for (when, obj) in from {
            let inner = match obj {
                Obj::OneOf(list) => list.to_vec(),
                obj => vec![(always(), obj)],
            };
            for (also, obj) in inner {
                let Some(when) = self.both(&when, &also) else { continue };
                if when.len() > MOST_CONDITIONS {
                    return Obj::Unknown(Rc::new(Why::Limit("it depends on too many conditions")));
                }
                join(&mut flat, when, obj, same_obj);
                if flat.len() > 4 * MAX_BRANCHES {
                    flat = distinct(flat);
                }
            }
        }
        // Equal ones are apart as long as there is room for it: then a condition that picks one rules the others out.
        let is_one =
            flat.split_first().is_some_and(|((_, first), rest)| rest.iter().all(|(_, obj)| same_obj(obj, first)));
        if is_one || flat.len() > MAX_BRANCHES {
            flat = distinct(flat);
        }
        match flat.len() {
            1 => flat.remove(0).1,
            0 => Obj::Unknown(Rc::new(Why::Limit("no branch of the code gives it a value"))),
            _ if flat.len() <= MAX_BRANCHES => Obj::OneOf(Rc::new(flat)),
            _ => self.common_ends(&flat),
        }
    }

    /// What lists that differ in the middle have in common, with something unknown between.
    fn common_ends(&self, flat: &[(Lits, Obj)]) -> Obj {
        let why = Rc::new(Why::Limit("it has more than eight possible values"));
        let lists: Option<Vec<&Vec<Val>>> = flat
            .iter()
            .map(|(_, obj)| match obj {
                Obj::List(list) => Some(&**list),
                _ => None,
            })
            .collect();
        let Some((first, rest)) = lists.as_deref().and_then(|lists| lists.split_first()) else {
            return Obj::Unknown(why);
        };
        let shortest = rest.iter().map(|list| list.len()).min().unwrap_or(0).min(first.len());
        let same_at = |list: &[Val], at: usize, of: &[Val], to: usize| match (list.get(at), of.get(to)) {
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        };
        let head = (0..shortest).take_while(|&at| rest.iter().all(|list| same_at(list, at, first, at))).count();
        let tail = (0..shortest - head)
            .take_while(|&at| rest.iter().all(|list| same_at(list, list.len() - 1 - at, first, first.len() - 1 - at)))
            .count();
        let mut joined: Vec<Val> = first.iter().take(head).cloned().collect();
        let at = first.first().map_or(Loc { file: self.file(), span: crate::text::Span::default() }, |val| val.at);
        joined.push(Val::new(Py::Splat(why), at));
        joined.extend(first.iter().skip(first.len() - tail).cloned());
        Obj::List(Rc::new(joined))
    }
}

/// Whether a value is, or holds, a reference to an object that can be followed without these conditions.
fn refers(val: &Val, id: usize, picked: &[Lit], depth: usize) -> bool {
    match &val.py {
        Py::Ref(known) => *known == id,
        Py::Tuple(list) if depth > 0 => list.iter().any(|val| refers(val, id, picked, depth - 1)),
        Py::Choice(alts) if depth > 0 => {
            let free = |when: &Lits| !picked.iter().all(|lit| when.contains(lit));
            alts.iter().any(|alt| free(&alt.when) && refers(&alt.val, id, picked, depth - 1))
        }
        Py::Tuple(_) | Py::Choice(_) => true,
        _ => false,
    }
}

/// Whether two values are the same, as far as a look at them tells. Equal objects are not: what changes the one leaves
/// the other.
fn same(a: &Val, b: &Val) -> bool {
    same_within(a, b, 4)
}

fn same_within(a: &Val, b: &Val, depth: usize) -> bool {
    let all = |a: &[Val], b: &[Val]| {
        depth > 0 && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_within(a, b, depth - 1))
    };
    match (&a.py, &b.py) {
        (Py::Unbound, Py::Unbound) | (Py::None, Py::None) => true,
        (Py::Bool(a), Py::Bool(b)) => a == b,
        (Py::Int(a), Py::Int(b)) | (Py::Delta(a), Py::Delta(b)) => a == b,
        (Py::Float(a), Py::Float(b)) => a.to_bits() == b.to_bits(),
        (Py::Str(a), Py::Str(b)) | (Py::Path(a), Py::Path(b)) => a == b,
        (Py::Bytes(a), Py::Bytes(b)) => a == b,
        (Py::Ext(a), Py::Ext(b)) => a == b,
        (Py::Module(a), Py::Module(b)) | (Py::Class(a), Py::Class(b)) | (Py::Ref(a), Py::Ref(b)) => a == b,
        (Py::Func(a), Py::Func(b)) => Rc::ptr_eq(a, b),
        (Py::Unknown(a, kind), Py::Unknown(b, other)) => a == b && kind == other,
        (Py::Outside(a), Py::Outside(b)) => Rc::ptr_eq(a, b),
        (Py::Splat(a), Py::Splat(b)) => a == b,
        (Py::Tuple(a), Py::Tuple(b)) => all(a, b),
        _ => false,
    }
}

fn same_obj(a: &Obj, b: &Obj) -> bool {
    let all = |a: &[Val], b: &[Val]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a, b) {
        (Obj::List(a), Obj::List(b)) | (Obj::Set(a), Obj::Set(b)) => Rc::ptr_eq(a, b) || all(a, b),
        (Obj::Dict(a), Obj::Dict(b)) => {
            Rc::ptr_eq(a, b)
                || (a.open.is_none()
                    && b.open.is_none()
                    && a.more == b.more
                    && a.entries.len() == b.entries.len()
                    && a.entries.iter().zip(&b.entries).all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1)))
        }
        (Obj::Unknown(a), Obj::Unknown(b)) => a == b,
        _ => false,
    }
}

/// Adds what holds under conditions, as one with those of the same as far as that says just the same.
fn join<T>(flat: &mut Vec<(Lits, T)>, mut when: Lits, new: T, same: fn(&T, &T) -> bool) {
    while let Some((at, both)) = flat
        .iter()
        .enumerate()
        .filter(|(_, (_, known))| same(known, &new))
        .find_map(|(at, (known, _))| Some((at, either(known, &when)?)))
    {
        flat.remove(at);
        when = both;
    }
    flat.push((when, new));
}

/// The conditions under which one list of them or the other holds, if a list says that.
fn either(a: &[Lit], b: &[Lit]) -> Option<Lits> {
    let only = |a: &[Lit], b: &[Lit]| -> Vec<Lit> { a.iter().filter(|lit| !b.contains(lit)).copied().collect() };
    match (only(a, b).as_slice(), only(b, a).as_slice()) {
        ([], _) => Some(a.into()),
        (_, []) => Some(b.into()),
        ([x], [y]) if *x == (Lit { holds: !y.holds, ..*y }) => {
            Some(a.iter().filter(|lit| *lit != x).copied().collect())
        }
        _ => None,
    }
}

/// An object under each way in which one of the conditions does not hold.
fn without(picked: &[Lit], before: &Obj) -> Vec<(Lits, Obj)> {
    let way = |(at, lit): (usize, &Lit)| {
        let held = picked.iter().take(at).copied();
        (held.chain([Lit { holds: !lit.holds, ..*lit }]).collect(), before.clone())
    };
    picked.iter().enumerate().map(way).collect()
}

/// Each object once, with the conditions that all of the same have in common.
fn distinct(flat: Vec<(Lits, Obj)>) -> Vec<(Lits, Obj)> {
    let mut distinct: Vec<(Lits, Obj)> = Vec::new();
    for (when, obj) in flat {
        match distinct.iter_mut().find(|(_, known)| same_obj(known, &obj)) {
            Some((known, _)) => *known = known.iter().copied().filter(|lit| when.contains(lit)).collect(),
            None => distinct.push((when, obj)),
        }
    }
    distinct
}
