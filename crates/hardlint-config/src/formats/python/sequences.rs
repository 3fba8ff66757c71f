//! Collections: indexing, iterating, and what changes them in place.

use super::branch::always;
use super::value::{Lits, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, MAX_SIZE, Rc};
use crate::model::Why;
use crate::text::Loc;

impl Interp<'_, '_> {
    /// `value[index]`.
    pub(super) fn index(&mut self, value: &Val, index: &Val, at: Loc) -> Eval<Val> {
        let index = index.clone();
        self.read(value, at, |interp, value, obj| {
            let obj = obj.cloned();
            let value = value.clone();
            interp.map(&index, at, |interp, index| interp.index_simple(&value, obj.as_ref(), index, at))
        })
    }

    pub(super) fn index_simple(&mut self, value: &Val, obj: Option<&Obj>, index: &Val, at: Loc) -> Eval<Val> {
        match (obj, &value.py) {
            (Some(Obj::Dict(dict)), _) => {
                self.hashes(index, at)?;
                let Some(key) = index.key() else {
                    let dict = dict.clone();
                    self.perhaps_missing_key(at);
                    return Ok(self.any_entry(&dict, index, None, at));
                };
                if dict.open.is_some() || dict.more.is_some() && dict.get(&key).is_none() {
                    self.perhaps_missing_key(at);
                }
                match (dict.get(&key), &dict.open) {
                    (Some(val), None) => self.bound_or(val, None, at),
                    (_, Some(why)) => Ok(Val::unknown((**why).clone(), at)),
                    (None, None) => match &dict.more {
                        Some(why) => Ok(Val::unknown((**why).clone(), at)),
                        None => self.fail("KeyError", "a key that is not there", at),
                    },
                }
            }
            (Some(Obj::List(list)), _) => {
                let list = list.clone();
                self.element(&list, index, false, at)
            }
            (None, Py::Tuple(list)) => {
                let list = list.clone();
                self.element(&list, index, true, at)
            }
            (None, Py::Str(_)) => {
                let length = value.as_str().map(|text| text.chars().count() as u64);
                if let (Some(length), Py::Int(place)) = (length, &index.py)
                    && if *place < 0 { place.unsigned_abs() > length } else { place.unsigned_abs() >= length }
                {
                    return self.fail("IndexError", "a letter that is not there", at);
                }
                if !matches!(index.py, Py::Int(_) | Py::Bool(_) | Py::Slice(..)) && self.type_of(index).is_some() {
                    return self.fail("TypeError", "a letter by what is no number", at);
                }
                Ok(substring(value, index, at))
            }
            (None, Py::None | Py::Bool(_) | Py::Int(_) | Py::Float(_) | Py::Func(_) | Py::Delta(_))
            | (Some(Obj::Set(_)), _) => self.fail("TypeError", "an element of what has none", at),
            (None, Py::Ext(name)) if &**name == "os.environ" => match index.as_str().map(str::to_owned) {
                Some(name) => self.required_variable(&name, "KeyError", at),
                None => Ok(Val::unknown(why_of(index), at)),
            },
            (None, Py::Ext(name)) if &**name == "sys.version_info" => {
                Ok(Val::unknown(Why::Runtime("the Python version".into()), at))
            }
            (None, Py::Ext(name)) => Ok(Val::unknown(Why::Runtime(name.to_string().into()), at)),
            (None, Py::Globals(space)) => match index.as_str() {
                Some(name) => match self.spaces.get(*space).and_then(|space| space.vars.get(name)) {
                    Some(val) if !matches!(val.py, Py::Unbound) => Ok(val.clone()),
                    _ if name.starts_with("__") => Ok(Val::unknown(NOT_FOLLOWED, at)),
                    _ => self.fail("KeyError", "a name that is not bound", at),
                },
                None => Ok(Val::unknown(why_of(index), at)),
            },
            (Some(Obj::Unknown(why)), _) => Ok(Val::unknown((**why).clone(), at)),
            _ => Ok(Val::unknown(why_of(value), at)),
        }
    }

    pub(super) fn element(&mut self, list: &[Val], index: &Val, tuple: bool, at: Loc) -> Eval<Val> {
        if let Some(Py::Splat(why)) = list.iter().map(|val| &val.py).find(|py| matches!(py, Py::Splat(_))) {
            if self.is_caught() && !matches!(index.py, Py::Slice(..)) {
                let cond = self.cond_at(at);
                self.perhaps_raises(&"IndexError".into(), why, &Rc::from([super::Lit { cond, holds: false }]));
            }
            return Ok(Val::unknown((**why).clone(), at));
        }
        if let Py::Slice(lower, upper, step) = index.py {
            if step.is_some_and(|step| step != 1) {
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            }
            let range = slice_range(list.len(), lower, upper);
            let part = list.get(range).unwrap_or_default().to_vec();
            return Ok(if tuple { Val::new(Py::Tuple(Rc::new(part)), at) } else { self.new_list(part, at) });
        }
        let Some(place) = index.as_int() else {
            let wrong = matches!(index.py, Py::None | Py::Float(_) | Py::Tuple(_)) || index.as_str().is_some();
            return if wrong {
                self.fail("TypeError", "an element by what is no number", at)
            } else {
                Ok(Val::unknown(why_of(index), at))
            };
        };
        let place = if place < 0 { place.checked_add_unsigned(list.len() as u64).unwrap_or(-1) } else { place };
        match usize::try_from(place).ok().and_then(|place| list.get(place)) {
            Some(val) => Ok(val.clone()),
            None => self.fail("IndexError", "an element that is not there", at),
        }
    }

    /// A key of a dict that may have others.
    fn perhaps_missing_key(&mut self, at: Loc) {
        if self.is_caught() {
            let cond = self.cond_at(at);
            self.perhaps_raises(&"KeyError".into(), &NOT_FOLLOWED, &Rc::from([super::Lit { cond, holds: false }]));
        }
    }

    /// What iterating gives, in each case.
    pub(super) fn elements(&mut self, val: &Val) -> Vec<(Lits, Result<Vec<Val>, Why>)> {
        let mut ways = Vec::new();
        for (when, val) in self.alts(val) {
            match &val.py {
                Py::Tuple(list) => ways.push((when, Ok(list.to_vec()))),
                Py::Str(_) => ways.push((
                    when,
                    match val.as_str() {
                        Some(text) if text.len() <= MAX_SIZE => {
                            Ok(text.chars().map(|c| Val::text(c.to_string(), val.at)).collect())
                        }
                        _ => Err(why_of(&val)),
                    },
                )),
                Py::Ref(id) => {
                    for (inner, obj) in self.contents(*id) {
                        let Some(when) = self.both(&when, &inner) else { continue };
                        ways.push((
                            when,
                            match obj {
                                Obj::List(list) | Obj::Set(list) => Ok(list.to_vec()),
                                Obj::Dict(dict) => match &dict.open {
                                    None if dict.entries.iter().any(|(_, val)| self.may_be_unbound(val)) => {
                                        Err(NOT_FOLLOWED)
                                    }
                                    None => Ok(dict.entries.iter().map(|(key, _)| key.clone()).collect()),
                                    Some(why) => Err((**why).clone()),
                                },
                                Obj::Unknown(why) => Err((*why).clone()),
                                _ => Err(NOT_FOLLOWED),
                            },
                        ));
                    }
                }
                _ => ways.push((when, Err(why_of(&val)))),
            }
        }
        let size: usize = ways.iter().map(|(_, list)| list.as_ref().map_or(0, Vec::len)).sum();
        self.step(size / 4);
        if ways.is_empty() { vec![(always(), Err(why_of(val)))] } else { ways }
    }

    /// `list += values`, `list.extend(values)`.
    pub(super) fn extend(&mut self, list: &Val, values: &Val) {
        let mut ways = self.elements(values);
        if ways.len() == 1 {
            let Some((_, more)) = ways.pop() else { return };
            let more = more.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), values.at)]);
            self.step(more.len());
            self.change(list, |obj| {
                if let Obj::List(list) = obj {
                    Rc::make_mut(list).extend(more.iter().cloned());
                    if list.len() > MAX_SIZE {
                        *obj = Obj::Unknown(Rc::new(super::SPENT));
                    }
                }
            });
            return;
        }
        // As a branch on the conditions of the values would do it.
        let mut merged = Vec::new();
        for (when, more) in ways {
            self.open_frame();
            let before = self.assume.len();
            self.assume.extend(when.iter());
            let more = more.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), values.at)]);
            self.change(list, |obj| {
                if let Obj::List(list) = obj {
                    Rc::make_mut(list).extend(more.iter().cloned());
                }
            });
            self.assume.truncate(before);
            let writes = self.undo();
            merged.push((when, writes));
        }
        self.merge(merged);
    }

    /// `dict.update(values)`, `dict |= values`, `set.update(values)`.
    pub(super) fn update(&mut self, target: &Val, values: &Val) {
        let mut merged = Vec::new();
        for (when, values) in self.alts(values) {
            let contents = match values.py {
                Py::Ref(id) => self.contents(id),
                _ => vec![(always(), Obj::Unknown(Rc::new(why_of(&values))))],
            };
            for (inner, more) in contents {
                let Some(when) = self.both(&when, &inner) else { continue };
                let brought = match &more {
                    Obj::Dict(dict) => dict.entries.len(),
                    Obj::Set(list) | Obj::List(list) => list.len(),
                    _ => 0,
                };
                // A chain of dicts of which each takes up the one before it would fill the memory.
                let fits = self.step(brought);
                self.open_frame();
                self.change(target, |obj| match (obj, &more) {
                    (obj, _) if !fits => *obj = Obj::Unknown(Rc::new(super::SPENT)),
                    (Obj::Dict(dict), Obj::Dict(more)) => {
                        let dict = Rc::make_mut(dict);
                        for (key, value) in &more.entries {
                            dict.set(key.clone(), value.clone());
                        }
                        dict.open = dict.open.take().or_else(|| more.open.clone());
                    }
                    (Obj::Dict(dict), Obj::Unknown(why)) => Rc::make_mut(dict).open = Some(why.clone()),
                    (Obj::Set(set), Obj::Set(more) | Obj::List(more)) => {
                        let set = Rc::make_mut(set);
                        set.extend(more.iter().cloned());
                        let mut keys = std::collections::BTreeSet::new();
                        set.retain(|val| val.key().is_none_or(|key| keys.insert(key)));
                    }
                    (obj, _) => *obj = Obj::Unknown(Rc::new(NOT_FOLLOWED)),
                });
                let writes = self.undo();
                merged.push((when, writes));
            }
        }
        self.merge(merged);
    }
}

pub(super) fn slice_range(length: usize, lower: Option<i64>, upper: Option<i64>) -> std::ops::Range<usize> {
    let place = |end: i64| {
        let end = if end < 0 { end.checked_add_unsigned(length as u64).unwrap_or(0).max(0) } else { end };
        usize::try_from(end).map_or(length, |end| end.min(length))
    };
    let (start, end) = (lower.map_or(0, place), upper.map_or(length, place));
    start..end.max(start)
}

pub(super) fn substring(value: &Val, index: &Val, at: Loc) -> Val {
    let Some(text) = value.as_str() else { return Val::unknown(why_of(value), at) };
    let chars: Vec<char> = text.chars().collect();
    let range = match index.py {
        Py::Slice(lower, upper, None | Some(1)) => Some(slice_range(chars.len(), lower, upper)),
        Py::Int(place) => {
            Some(slice_range(chars.len(), Some(place), if place == -1 { None } else { place.checked_add(1) }))
        }
        _ => None,
    };
    match range.and_then(|range| chars.get(range)) {
        Some(part) => Val::text(part.iter().collect::<String>(), at),
        None => Val::unknown(why_of(index), at),
    }
}
