//! Methods of text, lists, dicts, sets and paths.

use super::call::Args;
use super::value::{Dict, Kind, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, Rc, path};
use crate::model::{Text, Why};
use crate::text::Loc;

impl Interp<'_, '_> {
    pub(super) fn call_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        match &owner.py {
            // What a secret of pydantic holds.
            Py::Str(_) if name == "get_secret_value" => Ok(owner.clone()),
            Py::Str(_) => self.str_method(owner, name, args, at),
            Py::Path(text) => Ok(self.path_method(&text.clone(), name, args, at)),
            Py::Tuple(list) if name == "index" && args.pos.len() == 1 => {
                let places: Option<Vec<bool>> =
                    args.pos.first().and_then(|wanted| list.iter().map(|val| self.equal(val, wanted, 4)).collect());
                match places {
                    None => Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
                    Some(places) => match places.into_iter().position(|same| same) {
                        Some(place) => Ok(Val::new(Py::Int(i64::try_from(place).unwrap_or(0)), at)),
                        None => self.fail("ValueError", "an element that is not there", at),
                    },
                }
            }
            Py::Tuple(list) => Ok(match (name, args.pos.first()) {
                ("index" | "count", _) => Val::unknown_as(NOT_FOLLOWED, Kind::Number, at),
                _ => Val::unknown(list.first().map_or(NOT_FOLLOWED, why_of), at),
            }),
            Py::Globals(space) => Ok(self.globals_method(*space, name, args, at)),
            Py::Delta(micros) if name == "total_seconds" => {
                #[expect(clippy::cast_precision_loss, reason = "Python gives a float here")]
                let seconds = *micros as f64 / 1_000_000.0;
                Ok(Val::new(Py::Float(seconds), at))
            }
            Py::Bytes(_) if name == "decode" && (args.pos.len() > 1 || !args.named.is_empty()) => {
                Ok(Val::unknown(NOT_FOLLOWED, at))
            }
            Py::Bytes(_)
                if name == "decode" && args.text(0, "").is_some_and(|name| !matches!(&*name, "utf-8" | "utf8")) =>
            {
                Ok(Val::unknown(NOT_FOLLOWED, at))
            }
            Py::Bytes(bytes) if name == "decode" => Ok(match std::str::from_utf8(bytes) {
                Ok(text) => Val::text(text, at).from(owner.source.clone()),
                Err(_) => Val::unknown(NOT_FOLLOWED, at),
            }),
            Py::Class(class) => match self.member(*class, name, 0) {
                Some(Val { py: Py::Func(function), .. }) => self.run_function(&function, Some(owner.clone()), args, at),
                _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
            },
            Py::Outside(outside) if &*outside.name == "open" && name == "read" && args.pos.is_empty() => {
                let path = outside.args.pos.first().cloned();
                let whole = path.and_then(|path| self.whole(&path, at));
                Ok(whole.unwrap_or_else(|| Self::outside("open.read", at)))
            }
            Py::Outside(outside) => Ok(self.outside_method(&outside.clone(), name, args, at)),
            Py::Ref(_) => self.object_method(owner, name, args, at),
            _ => Ok(Val::unknown(why_of(owner), at)),
        }
    }

    fn globals_method(&mut self, space: usize, name: &str, args: &Args, at: Loc) -> Val {
        match (name, args.pos.first()) {
            ("update", Some(values)) => {
                self.update_globals(space, values);
                Val::new(Py::None, at)
            }
            ("get", Some(key)) => match key.as_str().and_then(|key| self.spaces.get(space)?.vars.get(key)) {
                Some(val) => val.clone(),
                None => args.pos.get(1).cloned().unwrap_or_else(|| Val::new(Py::None, at)),
            },
            ("setdefault", Some(key)) => {
                let key = key.as_str().unwrap_or_default().to_owned();
                let known = self.spaces.get(space).and_then(|found| found.vars.get(key.as_str())).cloned();
                let value = known.or_else(|| args.pos.get(1).cloned()).unwrap_or_else(|| Val::new(Py::None, at));
                self.set_var(space, &key, value.clone());
                value
            }
            _ => Val::unknown(NOT_FOLLOWED, at),
        }
    }

    fn object_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let Py::Ref(id) = owner.py else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        if let Some(result) = self.config_method(owner, name, args, at) {
            return result;
        }
        match self.contents(id).first() {
            Some((_, Obj::App(app))) => self.app_method(&app.clone(), owner, name, args, at),
            Some((_, Obj::List(_))) => self.list_method(owner, name, args, at),
            Some((_, Obj::Set(_))) => self.set_method(owner, name, args, at),
            Some((_, Obj::Dict(_))) => self.dict_method(owner, name, args, at),
            Some((_, Obj::Env(env))) => self.read_env(&env.clone(), name, args, at),
            Some((_, Obj::Instance(class, _))) => match self.member(*class, name, 0) {
                Some(Val { py: Py::Func(function), .. }) => self.run_function(&function, Some(owner.clone()), args, at),
                _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
            },
            Some((_, Obj::Unknown(why))) => Ok(Val::unknown((**why).clone(), at)),
            _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
        }
    }

    fn list_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let none = Val::new(Py::None, at);
        let first = args.pos.first().cloned();
        if !takes(name).contains(&args.pos.len()) || !args.named.is_empty() && name != "sort" {
            return self.fail("TypeError", "a method that is given too much or too little", at);
        }
        match (name, first) {
            ("append", Some(val)) => {
                self.step(1);
                self.change(owner, |obj| list_of(obj, |list| list.push(val.clone())));
            }
            ("extend", Some(values)) => {
                self.iterates(&values, at)?;
                self.extend(owner, &values);
            }
            ("insert", Some(place)) => {
                let Some(val) = args.pos.get(1).cloned() else { return Ok(none) };
                if place.as_int().is_none() && self.type_of(&place).is_some() {
                    return self.fail("TypeError", "a place that is no number", at);
                }
                let place = place.as_int();
                self.change(owner, |obj| match (obj, place) {
                    (Obj::List(list), Some(place)) => insert(Rc::make_mut(list), place, val.clone()),
                    (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                });
            }
            ("remove", Some(val)) => return self.remove(owner, &val, at),
            ("copy", None) => {
                return self.read(owner, at, |interp, _, obj| match obj {
                    Some(Obj::List(list)) => Ok(interp.new_list(list.to_vec(), at)),
                    _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
                });
            }
            ("clear", None) => self.change(owner, |obj| list_of(obj, Vec::clear)),
            ("reverse", None) => self.change(owner, |obj| list_of(obj, |list| list.reverse())),
            ("index", Some(val)) if args.pos.len() == 1 => {
                return self.read(owner, at, |interp, _, obj| {
                    if let Some(Obj::List(list)) = obj {
                        for (index, element) in list.iter().enumerate() {
                            match interp.equal(element, &val, 4) {
                                Some(true) => return Ok(Val::new(Py::Int(i64::try_from(index).unwrap_or(0)), at)),
                                Some(false) => {}
                                None => return Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
                            }
                        }
                        return interp.fail("ValueError", "an element that is not there", at);
                    }
                    Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at))
                });
            }
            ("pop", place) => {
                let place = place.map_or(Some(-1), |place| place.as_int());
                let index = place.map_or(Val::unknown(NOT_FOLLOWED, at), |place| Val::new(Py::Int(place), at));
                let popped = self.index(owner, &index, at)?;
                self.change(owner, |obj| match (obj, place) {
                    (Obj::List(list), Some(place)) if !list.iter().any(|val| matches!(val.py, Py::Splat(_))) => {
                        let list = Rc::make_mut(list);
                        let place =
                            if place < 0 { place.checked_add_unsigned(list.len() as u64).unwrap_or(-1) } else { place };
                        if let Some(place) = usize::try_from(place).ok().filter(|place| *place < list.len()) {
                            list.remove(place);
                        }
                    }
                    (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                });
                return Ok(popped);
            }
            // These change nothing.
            ("index" | "count", _) => return Ok(Val::unknown_as(NOT_FOLLOWED, Kind::Number, at)),
            _ => {
                self.change(owner, |obj| *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)));
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            }
        }
        Ok(none)
    }

    /// `list.remove`.
    fn remove(&mut self, owner: &Val, val: &Val, at: Loc) -> Eval<Val> {
        let Py::Ref(id) = owner.py else { return Ok(Val::new(Py::None, at)) };
        let find = |interp: &Self, obj: &Obj| match obj {
            Obj::List(list) => {
                let mut place = None;
                for (index, element) in list.iter().enumerate() {
                    match interp.equal(element, val, 4) {
                        Some(true) => {
                            place = Some(index);
                            break;
                        }
                        Some(false) => {}
                        None => return Err(()),
                    }
                }
                place.ok_or(())
            }
            _ => Err(()),
        };
        let places: Vec<Result<usize, ()>> = match self.heap.get(id) {
            Some(Obj::OneOf(list)) => list.iter().map(|(_, obj)| find(self, obj)).collect(),
            Some(obj) => vec![find(self, obj)],
            None => Vec::new(),
        };
        if let ([Err(())], Some(Obj::List(list))) = (places.as_slice(), self.heap.get(id))
            && !list.iter().any(|element| self.equal(element, val, 4).is_none())
        {
            return self.fail("ValueError", "an element that is not there", at);
        }
        let mut places = places.into_iter();
        self.change(owner, |obj| match places.next() {
            Some(Ok(place)) => list_of(obj, |list| drop(list.remove(place))),
            _ => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
        });
        if let Some(text) = val.as_str() {
            self.removed.push((id, text.into(), at));
        }
        Ok(Val::new(Py::None, at))
    }

    fn set_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let objs = if let Py::Ref(id) = owner.py { self.contents(id) } else { Vec::new() };
        let elements = match objs.as_slice() {
            [(_, Obj::Set(set))] if set.iter().all(|val| val.key().is_some()) => Some(set.clone()),
            _ => None,
        };
        match (name, args.pos.first(), elements) {
            ("pop", None, Some(set)) if set.is_empty() => {
                return self.fail("KeyError", "an element of an empty set", at);
            }
            ("remove" | "discard", Some(val), Some(set)) if val.key().is_some() => {
                let key = val.key();
                if !set.iter().any(|known| known.key() == key) {
                    if name == "discard" {
                        return Ok(Val::new(Py::None, at));
                    }
                    return self.fail("KeyError", "an element that is not there", at);
                }
                self.change(owner, |obj| {
                    if let Obj::Set(set) = obj {
                        Rc::make_mut(set).retain(|known| known.key() != key);
                    }
                });
                return Ok(Val::new(Py::None, at));
            }
            _ => {}
        }
        match (name, args.pos.first()) {
            ("add", Some(val)) => {
                self.hashes(val, at)?;
                let val = val.clone();
                self.change(owner, |obj| {
                    if let Obj::Set(set) = obj
                        && !set.iter().any(|known| known.key().is_some() && known.key() == val.key())
                    {
                        Rc::make_mut(set).push(val.clone());
                    }
                });
            }
            ("update", Some(values)) => {
                self.iterates(values, at)?;
                self.update(owner, &values.clone());
            }
            _ => {
                self.change(owner, |obj| *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)));
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            }
        }
        Ok(Val::new(Py::None, at))
    }

    fn dict_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let none = Val::new(Py::None, at);
        match name {
            "get" | "pop" | "setdefault" => {
                let Some(key) = args.pos.first().cloned() else { return Ok(none) };
                self.hashes(&key, at)?;
                let default = args.pos.get(1).cloned();
                let fallback = default.clone().unwrap_or_else(|| none.clone());
                let missing = name == "pop" && default.is_none();
                let found = self.read(owner, at, |interp, _, obj| {
                    let Some(Obj::Dict(dict)) = obj else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
                    let dict = dict.clone();
                    interp.map(&key, at, |interp, key| {
                        let Some(key) = key.key() else {
                            return Ok(interp.any_entry(&dict, key, Some(&fallback), at));
                        };
                        match (dict.get(&key), &dict.open) {
                            (_, Some(why)) => Ok(Val::unknown((**why).clone(), at)),
                            (Some(val), None) => interp.bound_or(val, Some(&fallback).filter(|_| !missing), at),
                            (None, None) if dict.more.is_some() => {
                                Ok(Val::unknown(dict.more.as_deref().cloned().unwrap_or(NOT_FOLLOWED), at))
                            }
                            (None, None) if missing => interp.fail("KeyError", "a key that is not there", at),
                            (None, None) => Ok(fallback.clone()),
                        }
                    })
                })?;
                if name == "setdefault" && self.apps.is_some() && key.key().is_some() {
                    // Where something may be set that is not known, so may what is there now.
                    self.set_index(owner, &key, &found);
                } else if name != "get" {
                    let id = key.key();
                    self.change(owner, |obj| match (obj, &id) {
                        (Obj::Dict(dict), Some(id)) if name == "pop" => drop(Rc::make_mut(dict).remove(id)),
                        (Obj::Dict(dict), Some(id)) if dict.get(id).is_none() => {
                            Rc::make_mut(dict).set(key.clone(), fallback.clone());
                        }
                        (Obj::Dict(_), Some(_)) => {}
                        (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                    });
                }
                Ok(found)
            }
            "update" => {
                for values in &args.pos {
                    self.iterates(values, at)?;
                    if self.type_of(values).is_some_and(|kind| kind != super::raising::Type::Dict) {
                        self.doubts(at);
                    }
                    self.update(owner, values);
                }
                for (name, val) in &args.named {
                    let key = Val::text(name.to_string(), at);
                    self.change(owner, |obj| {
                        if let Obj::Dict(dict) = obj {
                            Rc::make_mut(dict).set(key.clone(), val.clone());
                        }
                    });
                }
                Ok(none)
            }
            "items" | "keys" | "values" | "copy" => self.read(owner, at, |interp, _, obj| {
                let Some(Obj::Dict(dict)) = obj else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
                if name == "copy" {
                    return Ok(interp.new_obj(Obj::Dict(dict.clone()), at));
                }
                interp.step(dict.entries.len());
                if let Some((_, val)) = dict.entries.iter().find(|(_, val)| interp.may_be_unbound(val)) {
                    return Ok(Val::unknown(why_of(val), at));
                }
                let entries = dict.entries.iter().map(|(key, value)| match name {
                    "items" => Val::new(Py::Tuple(Rc::new(vec![key.clone(), value.clone()])), at),
                    "keys" => key.clone(),
                    _ => value.clone(),
                });
                let mut list: Vec<Val> = entries.collect();
                if let Some(why) = &dict.open {
                    list.push(Val::new(Py::Splat(why.clone()), at));
                }
                Ok(interp.new_list(list, at))
            }),
            "popitem" if self.is_empty_dict(owner) => self.fail("KeyError", "an entry of an empty dict", at),
            "clear" => {
                self.change(owner, |obj| *obj = Obj::Dict(Rc::new(Dict::default())));
                Ok(none)
            }
            _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
        }
    }

    fn is_empty_dict(&self, val: &Val) -> bool {
        let Py::Ref(id) = val.py else { return false };
        let empty = |dict: &Dict| dict.entries.is_empty() && dict.open.is_none() && dict.more.is_none();
        matches!(self.contents(id).as_slice(), [(_, Obj::Dict(dict))] if empty(dict))
    }

    fn path_method(&mut self, text: &Text, name: &str, args: &Args, at: Loc) -> Val {
        let path = |text: Text| Val::new(Py::Path(Rc::new(text)), at);
        match name {
            "resolve" | "absolute" => path(path::normal(text)),
            "joinpath" => args.pos.iter().fold(path(text.clone()), |so_far, next| match &so_far.py {
                Py::Path(before) => path::join(before, next, at),
                _ => so_far,
            }),
            "as_posix" | "__str__" => Self::plain_text(text.clone(), at),
            "with_name" => match args.pos.first().and_then(Val::as_str) {
                Some(name) => path(path::joined(&path::parent(text), &Text::Known(name.into()))),
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            "exists" | "is_file" | "is_dir" => self.exists(&path(text.clone()), at),
            "open" if args.pos.iter().all(|mode| mode.as_str().is_some_and(|mode| mode.starts_with('r'))) => {
                self.opened(&path(text.clone()), at)
            }
            "read_text" | "read_bytes" | "open" => {
                if name == "read_text"
                    && let Some(whole) = self.whole(&path(text.clone()), at)
                {
                    return whole;
                }
                let name = path::name(text).unwrap_or_default();
                Val::unknown(Why::File(name.into()), at)
            }
            _ => Val::unknown(NOT_FOLLOWED, at),
        }
    }

    /// Whether a path exists where the project is deployed: what stands in the project does, anything else may.
    pub(super) fn exists(&self, val: &Val, at: Loc) -> Val {
        let below = self.below_root(val);
        let there = below.as_deref().is_some_and(|path| {
            self.reader.loader.stat(path).is_some() && self.reader.loader.git(path) != crate::loader::Git::Ignored
        });
        if there {
            return Val::new(Py::Bool(true), at);
        }
        let name = below.unwrap_or_else(|| self.excerpt(val.at));
        Val::unknown_as(Why::File(name.into()), Kind::Bool, at)
    }
}

/// How many arguments a method of lists takes.
fn takes(method: &str) -> std::ops::RangeInclusive<usize> {
    match method {
        "append" | "extend" | "remove" | "count" => 1..=1,
        "insert" => 2..=2,
        "clear" | "copy" | "reverse" | "sort" => 0..=0,
        "pop" => 0..=1,
        "index" => 1..=3,
        _ => 0..=usize::MAX,
    }
}

fn list_of(obj: &mut Obj, f: impl FnOnce(&mut Vec<Val>)) {
    match obj {
        Obj::List(list) => f(Rc::make_mut(list)),
        obj => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
    }
}

/// `list.insert`. Before or after a part of unknown length only the ends are certain.
fn insert(list: &mut Vec<Val>, place: i64, val: Val) {
    let splat = list.iter().position(|val| matches!(val.py, Py::Splat(_)));
    let place = if place < 0 { place.checked_add_unsigned(list.len() as u64).unwrap_or(0).max(0) } else { place };
    let place = usize::try_from(place).unwrap_or(usize::MAX).min(list.len());
    match splat {
        Some(splat) if place > splat => list.push(Val::new(Py::Splat(Rc::new(NOT_FOLLOWED)), val.at)),
        _ => list.insert(place, val),
    }
}
