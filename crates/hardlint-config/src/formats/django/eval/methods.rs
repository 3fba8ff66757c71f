//! Methods of text, lists, dicts, sets and paths.

use super::call::Args;
use super::value::{Dict, Kind, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, Rc, path};
use crate::model::{Piece, Text, Why};
use crate::syntax::python::BinaryOp;
use crate::text::Loc;

impl Interp<'_, '_> {
    pub(super) fn call_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        match &owner.py {
            Py::Str(_) => self.str_method(owner, name, args, at),
            Py::Path(text) => Ok(self.path_method(&text.clone(), name, args, at)),
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
            Py::Bytes(bytes) if name == "decode" => Ok(match std::str::from_utf8(bytes) {
                Ok(text) => Val::text(text, at).from(owner.source.clone()),
                Err(_) => Val::unknown(NOT_FOLLOWED, at),
            }),
            Py::Ref(_) => self.object_method(owner, name, args, at),
            _ => Ok(Val::unknown(why_of(owner), at)),
        }
    }

    fn globals_method(&mut self, space: usize, name: &str, args: &Args, at: Loc) -> Val {
        match (name, args.pos.first()) {
            ("update", Some(values)) => {
                let entries = match values.py {
                    Py::Ref(id) => match self.contents(id).as_slice() {
                        [(_, Obj::Dict(dict))] if dict.open.is_none() => Some(dict.entries.clone()),
                        _ => None,
                    },
                    _ => None,
                };
                match entries {
                    Some(entries) => {
                        for (key, val) in entries {
                            if let Some(name) = key.as_str() {
                                self.set_var(space, name, val);
                            }
                        }
                    }
                    None => self.open(space, why_of(values)),
                }
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
        match self.contents(id).first() {
            Some((_, Obj::List(_))) => self.list_method(owner, name, args, at),
            Some((_, Obj::Set(_))) => Ok(self.set_method(owner, name, args, at)),
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
        match (name, first) {
            ("append", Some(val)) => {
                self.step(1);
                self.change(owner, |obj| list_of(obj, |list| list.push(val.clone())));
            }
            ("extend", Some(values)) => self.extend(owner, &values),
            ("insert", Some(place)) => {
                let Some(val) = args.pos.get(1).cloned() else { return Ok(none) };
                let place = place.as_int();
                self.change(owner, |obj| match (obj, place) {
                    (Obj::List(list), Some(place)) => insert(Rc::make_mut(list), place, val.clone()),
                    (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                });
            }
            ("remove", Some(val)) => {
                let Py::Ref(id) = owner.py else { return Ok(none) };
                let find = |interp: &Self, obj: &Obj| match obj {
                    Obj::List(list) => {
                        let mut place = None;
                        for (index, element) in list.iter().enumerate() {
                            match interp.equal(element, &val, 4) {
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
                    && !list.iter().any(|element| self.equal(element, &val, 4).is_none())
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
            }
            ("copy", None) => {
                return self.read(owner, at, |interp, _, obj| match obj {
                    Some(Obj::List(list)) => Ok(interp.new_list(list.to_vec(), at)),
                    _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
                });
            }
            ("clear", None) => self.change(owner, |obj| list_of(obj, Vec::clear)),
            ("reverse", None) => self.change(owner, |obj| list_of(obj, |list| list.reverse())),
            ("index", Some(val)) => {
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
            _ => {
                self.change(owner, |obj| *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)));
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            }
        }
        Ok(none)
    }

    fn set_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Val {
        match (name, args.pos.first()) {
            ("add", Some(val)) => {
                let val = val.clone();
                self.change(owner, |obj| {
                    if let Obj::Set(set) = obj
                        && !set.iter().any(|known| known.key().is_some() && known.key() == val.key())
                    {
                        Rc::make_mut(set).push(val.clone());
                    }
                });
            }
            ("update", Some(values)) => self.update(owner, &values.clone()),
            _ => {
                self.change(owner, |obj| *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)));
                return Val::unknown(NOT_FOLLOWED, at);
            }
        }
        Val::new(Py::None, at)
    }

    fn dict_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let none = Val::new(Py::None, at);
        match name {
            "get" | "pop" | "setdefault" => {
                let Some(key) = args.pos.first().cloned() else { return Ok(none) };
                let default = args.pos.get(1).cloned();
                let fallback = default.clone().unwrap_or_else(|| none.clone());
                let missing = name == "pop" && default.is_none();
                let found = self.read(owner, at, |interp, _, obj| {
                    let Some(Obj::Dict(dict)) = obj else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
                    let dict = dict.clone();
                    interp.map(&key, at, |interp, key| {
                        let Some(key) = key.key() else { return Ok(Val::unknown(why_of(key), at)) };
                        match (dict.get(&key), &dict.open) {
                            (_, Some(why)) => Ok(Val::unknown((**why).clone(), at)),
                            (Some(val), None) => Ok(val.clone()),
                            (None, None) if missing => interp.fail("KeyError", "a key that is not there", at),
                            (None, None) => Ok(fallback.clone()),
                        }
                    })
                })?;
                if name != "get" {
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
            "clear" => {
                self.change(owner, |obj| *obj = Obj::Dict(Rc::new(Dict::default())));
                Ok(none)
            }
            _ => Ok(Val::unknown(NOT_FOLLOWED, at)),
        }
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
            "read_text" | "read_bytes" | "open" => {
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

    fn str_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        if name == "join" {
            return self.str_join(owner, args, at);
        }
        if name == "format" {
            return self.str_format(owner, args, at);
        }
        let Some(text) = owner.as_str().map(str::to_owned) else {
            let why = why_of(owner);
            return Ok(match name {
                // Still text.
                "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "title" | "replace" | "removeprefix"
                | "removesuffix" | "capitalize" => {
                    Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at).from(owner.source.clone())
                }
                "split" | "splitlines" | "rsplit" => self.new_list(vec![Val::new(Py::Splat(Rc::new(why)), at)], at),
                "startswith" | "endswith" | "isdigit" | "isnumeric" => Self::hole_test(owner, name, args, at),
                _ => Val::unknown(why, at),
            });
        };
        let given: Option<Vec<String>> = args.pos.iter().map(|arg| arg.as_str().map(str::to_owned)).collect();
        let arg = |place: usize| given.as_ref().and_then(|given| given.get(place)).map(String::as_str);
        let bare = args.pos.is_empty() && args.named.is_empty();
        let one = |found: String| Val::text(found, at).from(owner.source.clone());
        Ok(match (name, arg(0)) {
            ("strip", None) if bare => one(text.trim_matches(white).to_owned()),
            ("lstrip", None) if bare => one(text.trim_start_matches(white).to_owned()),
            ("rstrip", None) if bare => one(text.trim_end_matches(white).to_owned()),
            ("strip", Some(chars)) => one(text.trim_matches(|c| chars.contains(c)).to_owned()),
            ("lstrip", Some(chars)) => one(text.trim_start_matches(|c| chars.contains(c)).to_owned()),
            ("rstrip", Some(chars)) => one(text.trim_end_matches(|c| chars.contains(c)).to_owned()),
            ("lower" | "casefold", None) if bare => one(text.to_lowercase()),
            ("upper", None) if bare => one(text.to_uppercase()),
            ("capitalize", None) if bare => one(capitalized(&text)),
            ("title", None) if bare && text.is_ascii() => one(titled(&text)),
            ("replace", Some(from)) if args.pos.len() == 2 => match arg(1) {
                Some(to) => one(text.replace(from, to)),
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            ("removeprefix", Some(part)) => one(text.strip_prefix(part).unwrap_or(&text).to_owned()),
            ("removesuffix", Some(part)) => one(text.strip_suffix(part).unwrap_or(&text).to_owned()),
            ("startswith", Some(part)) => Val::new(Py::Bool(text.starts_with(part)), at),
            ("endswith", Some(part)) => Val::new(Py::Bool(text.ends_with(part)), at),
            ("isdigit" | "isnumeric" | "isdecimal", None) if text.is_ascii() => {
                Val::new(Py::Bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())), at)
            }
            ("encode", _) => Val::new(Py::Bytes(text.as_bytes().into()), at),
            ("count", Some(part)) if !part.is_empty() => {
                Val::new(Py::Int(i64::try_from(text.matches(part).count()).unwrap_or(0)), at)
            }
            ("split" | "rsplit" | "splitlines" | "partition" | "rpartition", _) => {
                self.str_split(owner, &text, name, args, at)
            }
            _ => Val::unknown(NOT_FOLLOWED, at),
        })
    }

    /// What the known ends of a text tell.
    fn hole_test(owner: &Val, name: &str, args: &Args, at: Loc) -> Val {
        let why = why_of(owner);
        let known = || -> Option<bool> {
            let Py::Str(text) = &owner.py else { return None };
            let Text::Pieces(pieces) = &**text else { return None };
            let part = args.pos.first()?.as_str()?;
            let end = if name == "startswith" { pieces.first()? } else { pieces.last()? };
            let Piece::Known(end) = end else { return None };
            match name {
                "startswith" if end.len() >= part.len() => Some(end.starts_with(part)),
                "endswith" if end.len() >= part.len() => Some(end.ends_with(part)),
                _ => None,
            }
        };
        match known() {
            Some(truth) => Val::new(Py::Bool(truth), at),
            None => Val::unknown_as(why, Kind::Bool, at),
        }
    }

    fn str_split(&mut self, owner: &Val, text: &str, name: &str, args: &Args, at: Loc) -> Val {
        let sep = args.get(0, "sep").filter(|sep| !matches!(sep.py, Py::None));
        let max = args.get(1, "maxsplit").map(Val::as_int);
        let part = |part: &str| Val::text(part, at).from(owner.source.clone());
        let parts: Vec<Val> = match (name, sep.map(Val::as_str), max) {
            ("splitlines", None, None) => text.lines().map(part).collect(),
            ("split" | "rsplit", None, None) => text.split(white).filter(|found| !found.is_empty()).map(part).collect(),
            ("split" | "rsplit", Some(Some(sep)), None) if !sep.is_empty() => text.split(sep).map(part).collect(),
            ("split", Some(Some(sep)), Some(Some(max))) if !sep.is_empty() && max >= 0 => {
                text.splitn(usize::try_from(max).unwrap_or(0) + 1, sep).map(part).collect()
            }
            ("rsplit", Some(Some(sep)), Some(Some(max))) if !sep.is_empty() && max >= 0 => {
                let mut parts: Vec<Val> = text.rsplitn(usize::try_from(max).unwrap_or(0) + 1, sep).map(part).collect();
                parts.reverse();
                parts
            }
            ("partition", Some(Some(sep)), None) if !sep.is_empty() => {
                let (a, b, c) = text.split_once(sep).map_or((text, "", ""), |(a, c)| (a, sep, c));
                return Val::new(Py::Tuple(Rc::new(vec![part(a), part(b), part(c)])), at);
            }
            ("rpartition", Some(Some(sep)), None) if !sep.is_empty() => {
                let (a, b, c) = text.rsplit_once(sep).map_or(("", "", text), |(a, c)| (a, sep, c));
                return Val::new(Py::Tuple(Rc::new(vec![part(a), part(b), part(c)])), at);
            }
            _ => return Val::unknown(NOT_FOLLOWED, at),
        };
        self.step(parts.len());
        self.new_list(parts, at)
    }

    fn str_join(&mut self, owner: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let Some(values) = args.pos.first() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let mut results = Vec::new();
        for (when, list) in self.elements(values) {
            let val = match list {
                Err(why) => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at),
                Ok(list) => {
                    let mut result = Val::text("", at);
                    for (index, element) in list.iter().enumerate() {
                        if index > 0 {
                            result = self.binary(&result, BinaryOp::Add, owner, at)?;
                        }
                        let element = match &element.py {
                            Py::Splat(why) => {
                                Self::plain_text(Text::Pieces(Box::new([Piece::Hole((**why).clone())])), at)
                            }
                            _ => element.clone(),
                        };
                        result = self.binary(&result, BinaryOp::Add, &element, at)?;
                        if result.is_unknown() || !self.step(1) {
                            break;
                        }
                    }
                    result
                }
            };
            results.push((when, val));
        }
        Ok(self.choice(results, at))
    }

    /// `"{} {name}".format(…)`: plain fields only.
    fn str_format(&mut self, owner: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let Some(text) = owner.as_str().map(str::to_owned) else {
            return Ok(Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why_of(owner))])), at));
        };
        let mut result = Val::text("", at);
        let mut rest = text.as_str();
        let mut count = 0;
        while let Some(place) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(place);
            result = self.binary(&result, BinaryOp::Add, &Val::text(before, at), at)?;
            if let Some(doubled) = ["{{", "}}"].iter().find(|doubled| after.starts_with(**doubled)) {
                let brace = doubled.get(..1).unwrap_or_default();
                result = self.binary(&result, BinaryOp::Add, &Val::text(brace, at), at)?;
                rest = after.get(2..).unwrap_or_default();
                continue;
            }
            let Some((field, after)) = after.get(1..).and_then(|after| after.split_once('}')) else {
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            };
            let given = if field.is_empty() {
                count += 1;
                args.pos.get(count - 1)
            } else if let Ok(place) = field.parse::<usize>() {
                args.pos.get(place)
            } else {
                args.named(field)
            };
            let part = match given.cloned() {
                Some(given) => self.text_of(&given, at)?,
                None => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(NOT_FOLLOWED)])), at),
            };
            result = self.binary(&result, BinaryOp::Add, &part, at)?;
            rest = after;
        }
        self.binary(&result, BinaryOp::Add, &Val::text(rest, at), at)
    }
}

/// What Python strips and splits at.
fn white(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

fn titled(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let c = if inside { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
            inside = c.is_ascii_alphabetic();
            c
        })
        .collect()
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
