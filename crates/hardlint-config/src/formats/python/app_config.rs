//! The configuration of an application of Flask: a dict that reads objects, files and the environment.
//!
//! Written after `flask/config.py` of 3.1.

use super::call::Args;
use super::environment::Variable;
use super::value::{App, Dict, Lits, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, MAX_CALLS, Raise, Rc, is_setting, json};
use crate::loader::{self, Git, Kind};
use crate::model::Why;
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Names that something binds, and why there may be others, or other values.
#[derive(Default)]
struct Names {
    known: BTreeMap<String, Val>,
    more: Option<Why>,
}

impl Names {
    fn unknown(why: Why) -> Self {
        Self { known: BTreeMap::new(), more: Some(why) }
    }
}

impl Interp<'_, '_> {
    /// A method that only the configuration of an application has; `None` for those of any dict.
    pub(super) fn config_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let Py::Ref(id) = owner.py else { return None };
        let app = self.app_with_config(id)?;
        if !self.step(20) {
            return Some(Ok(Val::unknown(super::SPENT, at)));
        }
        let config = Val::new(Py::Ref(id), at);
        let done = Val::new(Py::Bool(true), at);
        if let Some(why) = &args.open {
            self.doubt(&config, why);
            return Some(Ok(done));
        }
        let result = match name {
            "from_object" => {
                let object = args.get(0, "obj").cloned();
                object.map_or(Ok(()), |object| self.take_object(&config, &object, at))
            }
            "from_mapping" | "update" => self.take_mapping(&config, args, name == "from_mapping", at),
            "from_pyfile" => self.take_file(&app, &config, args, false, at),
            "from_json" => self.take_file(&app, &config, args, true, at),
            "from_file" => {
                let json =
                    args.get(1, "load").is_some_and(|load| matches!(&load.py, Py::Ext(name) if &**name == "json.load"));
                if json {
                    self.take_file(&app, &config, args, true, at)
                } else {
                    self.doubt(&config, &Why::Limit("only JSON is read by `from_file`"));
                    Ok(())
                }
            }
            "from_envvar" => self.take_envvar(&app, &config, args, at),
            "from_prefixed_env" => {
                self.take_prefixed_env(&config, args, at);
                Ok(())
            }
            "get_namespace" => return Some(Ok(Val::unknown(NOT_FOLLOWED, at))),
            _ => return None,
        };
        Some(result.map(|()| done))
    }

    /// What is known of a name in a configuration; unbound where it is in none.
    pub(super) fn config_value(&mut self, config: usize, name: &str, at: Loc) -> Val {
        let mut ways = Vec::new();
        for (when, obj) in self.contents(config) {
            let val = match obj {
                Obj::Dict(dict) => match (dict.text(name), &dict.open) {
                    (_, Some(why)) => Val::unknown((**why).clone(), at),
                    (Some(val), None) => val.clone(),
                    (None, None) => match &dict.more {
                        Some(why) => Val::unknown((**why).clone(), at),
                        None => Val::new(Py::Unbound, at),
                    },
                },
                Obj::Unknown(why) => Val::unknown((*why).clone(), at),
                _ => Val::unknown(NOT_FOLLOWED, at),
            };
            ways.push((when, val));
        }
        let place = ways.iter().map(|(_, val)| val.at).next_back().unwrap_or(at);
        self.choice(ways, place)
    }

    /// One configuration of several: each name has the values that it has in them.
    pub(super) fn one_config(&mut self, id: usize, from: &[(Lits, Obj)]) -> Option<Obj> {
        self.app_with_config(id)?;
        let of_dict = |(when, obj): &(Lits, Obj)| match obj {
            Obj::Dict(dict) if dict.open.is_none() => Some((when.clone(), dict.clone())),
            _ => None,
        };
        let dicts: Vec<(Lits, Rc<Dict>)> = from.iter().map(of_dict).collect::<Option<_>>()?;
        let mut joined = Dict::default();
        joined.more = dicts.iter().find_map(|(_, dict)| dict.more.clone());
        let mut seen = BTreeSet::new();
        for (key, val) in dicts.iter().flat_map(|(_, dict)| &dict.entries) {
            if !self.step(dicts.len() * 3) {
                return Some(Obj::Unknown(Rc::new(super::SPENT)));
            }
            let Some(name) = key.key().filter(|name| seen.insert(name.clone())) else { continue };
            let values = dicts.iter().map(|(when, dict)| {
                let val = match (dict.get(&name), &dict.more) {
                    (Some(val), _) => val.clone(),
                    (None, Some(why)) => Val::unknown((**why).clone(), val.at),
                    (None, None) => Val::new(Py::Unbound, val.at),
                };
                (when.clone(), val)
            });
            let values: Vec<(Lits, Val)> = values.collect();
            // The branch that sets it is where it stands.
            let set = values.iter().map(|(_, val)| val).find(|val| val.source != Source::Program);
            let place = set.map_or(val.at, |val| val.at);
            joined.set(key.clone(), self.choice(values, place));
        }
        Some(Obj::Dict(Rc::new(joined)))
    }

    /// Anything may have been set in a configuration.
    pub(super) fn doubt(&mut self, config: &Val, why: &Why) {
        let why = Rc::new(why.clone());
        self.change(config, |obj| {
            if let Obj::Dict(dict) = obj {
                let dict = Rc::make_mut(dict);
                for (_, val) in &mut dict.entries {
                    *val = Val::unknown((*why).clone(), val.at);
                }
                dict.more.get_or_insert(why.clone());
            }
        });
    }

    /// Sets what was found, under the conditions that it was found under.
    fn set_each(&mut self, config: &Val, mut ways: Vec<(Lits, Names)>, at: Loc) {
        let Py::Ref(id) = config.py else { return };
        if let [(_, Names { known, more: None })] = ways.as_mut_slice() {
            for (name, val) in std::mem::take(known) {
                self.set_index(config, &Val::text(name, val.at), &val);
            }
            return;
        }
        let mut names: BTreeSet<String> = ways.iter().flat_map(|(_, names)| names.known.keys().cloned()).collect();
        let more = ways.iter().find_map(|(_, names)| names.more.clone());
        if more.is_some() {
            for (_, obj) in self.contents(id) {
                if let Obj::Dict(dict) = obj {
                    names.extend(dict.entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)));
                }
            }
        }
        self.step(names.len() * ways.len());
        for name in names {
            let old = self.config_value(id, &name, at);
            let values = ways.iter().map(|(when, names)| {
                let val = match (names.known.get(&name), &names.more) {
                    (Some(val), _) => val.clone(),
                    (None, Some(why)) => Val::unknown(why.clone(), at),
                    (None, None) => old.clone(),
                };
                (when.clone(), val)
            });
            let values: Vec<(Lits, Val)> = values.collect();
            let place = values.iter().map(|(_, val)| val.at).find(|place| *place != at).unwrap_or(at);
            let val = self.choice(values, place);
            self.set_index(config, &Val::text(name, at), &val);
        }
        if let Some(why) = more {
            let why = Rc::new(why);
            self.change(config, |obj| {
                if let Obj::Dict(dict) = obj {
                    Rc::make_mut(dict).more.get_or_insert(why.clone());
                }
            });
        }
    }

    /// Asks each alternative of a value for names, and sets what it says.
    fn set_from(
        &mut self,
        config: &Val,
        val: &Val,
        at: Loc,
        mut ask: impl FnMut(&mut Self, &Val) -> Eval<Names>,
    ) -> Eval<()> {
        let mut ways = Vec::new();
        let alts = self.alts(val);
        let alone = alts.len() == 1;
        for (when, val) in alts {
            let before = self.assume.len();
            self.assume.extend(when.iter());
            let names = ask(self, &val);
            self.assume.truncate(before);
            match names {
                Ok(names) => ways.push((when, names)),
                Err(raise) if alone => return Err(raise),
                Err(raise) => ways.push((when, Names::unknown(raise.why))),
            }
        }
        self.set_each(config, ways, at);
        Ok(())
    }

    fn take_object(&mut self, config: &Val, object: &Val, at: Loc) -> Eval<()> {
        self.set_from(config, object, at, |interp, object| interp.object_names(object, at, 0))
    }

    /// The upper-case names of an object.
    fn object_names(&mut self, object: &Val, at: Loc, depth: usize) -> Eval<Names> {
        if depth > 4 {
            return Ok(Names::unknown(NOT_FOLLOWED));
        }
        Ok(match &object.py {
            Py::Str(_) => match object.as_str().map(str::to_owned) {
                Some(name) => {
                    let found = self.import_string(&name, at)?;
                    let mut all = Names::default();
                    for (_, found) in self.alts(&found) {
                        all = self.object_names(&found, at, depth + 1)?;
                    }
                    all
                }
                None => Names::unknown(why_of(object)),
            },
            Py::Module(space) => {
                let Some(found) = self.spaces.get(*space) else { return Ok(Names::default()) };
                let bound = found.vars.iter().filter(|(name, val)| is_setting(name) && !matches!(val.py, Py::Unbound));
                Names {
                    known: bound.map(|(name, val)| (name.to_string(), val.clone())).collect(),
                    more: found.open.clone(),
                }
            }
            Py::Class(class) => self.class_names(*class),
            Py::Ref(id) => match self.contents(*id).as_slice() {
                [(_, Obj::Instance(class, fields))] => {
                    let mut names = self.class_names(*class);
                    let own = fields.iter().filter(|(name, _)| is_setting(name));
                    names.known.extend(own.map(|(name, val)| (name.to_string(), val.clone())));
                    names
                }
                [(_, Obj::Unknown(why))] => Names::unknown((**why).clone()),
                [(_, Obj::Dict(_) | Obj::List(_) | Obj::Set(_))] => Names::default(),
                _ => Names::unknown(NOT_FOLLOWED),
            },
            Py::None | Py::Bool(_) | Py::Int(_) | Py::Float(_) | Py::Bytes(_) | Py::Tuple(_) => Names::default(),
            _ => Names::unknown(why_of(object)),
        })
    }

    fn class_names(&self, class: usize) -> Names {
        let (mut names, mut next, mut seen) = (BTreeSet::new(), vec![class], 0);
        while let Some(class) = next.pop().filter(|_| seen < 200) {
            seen += 1;
            let Some(space) = self.spaces.get(class) else { continue };
            names.extend(space.vars.keys().filter(|name| is_setting(name)).map(ToString::to_string));
            next.extend(
                space.bases.iter().filter_map(|base| if let Py::Class(above) = base.py { Some(above) } else { None }),
            );
        }
        let known = names.into_iter().filter_map(|name| {
            let val = self.member(class, &name, 0)?;
            (!matches!(val.py, Py::Unbound)).then_some((name, val))
        });
        let known = known.collect();
        let more = (!self.bases_known(class, 0)).then(|| Why::Runtime("what a class outside the project binds".into()));
        Names { known, more }
    }

    /// `module`, `module.name` or `module:name`.
    pub(super) fn import_string(&mut self, name: &str, at: Loc) -> Eval<Val> {
        let name = name.replace(':', ".");
        let here = self.spaces.get(self.module_space()).map_or_else(|| "".into(), |space| space.path.clone());
        // A module may name itself.
        if self.app_module_name().as_deref() == Some(&name) {
            return Ok(Val::new(Py::Module(self.module_space()), at));
        }
        if !name.split('.').all(is_name) {
            return Ok(Val::unknown(Why::Runtime("what a text names that is no module's name".into()), at));
        }
        if let Some((module, attribute)) = name.rsplit_once('.')
            && self.app_module_name().as_deref() == Some(module)
        {
            return self.attribute(&Val::new(Py::Module(self.module_space()), at), attribute, at);
        }
        let here = here.to_string();
        if let Ok(path) = super::locate(self.reader.loader, &here, 0, &name) {
            return Ok(self.module_named(&path, at));
        }
        if let Some((module, attribute)) = name.rsplit_once('.')
            && let Ok(path) = super::locate(self.reader.loader, &here, 0, module)
        {
            let module = self.module_named(&path, at);
            self.raised.take().map_or(Ok(()), Err)?;
            // A name that the module lacks is told as a module that is missing.
            return self.attribute(&module, attribute, at).map_err(|raise| match &*raise.kind {
                "AttributeError" => Raise { kind: "ImportError".into(), ..raise },
                _ => raise,
            });
        }
        let why = Why::File(format!("{}.py", name.replace('.', "/")).into());
        if self.catching > 0 {
            self.assume_empty(&format!("{}.py", name.replace('.', "/")));
            return Err(Raise { kind: "ModuleNotFoundError".into(), why });
        }
        Ok(Val::unknown(why, at))
    }

    fn module_named(&mut self, path: &str, at: Loc) -> Val {
        match self.reader.open(path, Some(at)) {
            Ok(file) => Val::new(Py::Module(self.load(path, file)), at),
            Err(_) => Val::unknown(Why::File(path.into()), at),
        }
    }

    /// `from_mapping`, which takes upper-case names only, and `update`.
    fn take_mapping(&mut self, config: &Val, args: &Args, only_upper: bool, at: Loc) -> Eval<()> {
        let takes = |name: &str| !only_upper || is_setting(name);
        for mapping in &args.pos {
            self.set_from(config, mapping, at, |interp, mapping| {
                let Py::Ref(id) = mapping.py else {
                    let nothing = matches!(mapping.py, Py::None);
                    return Ok(if nothing { Names::default() } else { Names::unknown(why_of(mapping)) });
                };
                Ok(match interp.contents(id).as_slice() {
                    [(_, Obj::Dict(dict))] => {
                        let entries = dict.entries.iter();
                        let named = entries.filter_map(|(key, val)| Some((key.as_str()?.to_owned(), val.clone())));
                        let more = dict.open.as_deref().or(dict.more.as_deref()).cloned();
                        Names { known: named.filter(|(name, _)| takes(name)).collect(), more }
                    }
                    _ => Names::unknown(why_of(mapping)),
                })
            })?;
        }
        let named = args.named.iter().filter(|(name, _)| takes(name));
        let known = named.map(|(name, val)| (name.to_string(), val.clone())).collect();
        self.set_each(config, vec![(super::branch::always(), Names { known, more: None })], at);
        Ok(())
    }

    /// `from_pyfile`, and `from_file` of JSON.
    fn take_file(&mut self, app: &Rc<App>, config: &Val, args: &Args, json: bool, at: Loc) -> Eval<()> {
        let Some(name) = args.get(0, "filename").cloned() else { return Ok(()) };
        let silent = args.get(if json { 2 } else { 1 }, "silent").map_or(Some(false), |val| self.truthy(val));
        self.set_from(config, &name, at, |interp, name| interp.file_names(app, name, json, silent == Some(true), at))
    }

    fn file_names(&mut self, app: &Rc<App>, name: &Val, json: bool, silent: bool, at: Loc) -> Eval<Names> {
        let path = match name.as_str() {
            Some(text) if text.starts_with('/') => self.query.mapped(text),
            Some(text) => app.files.as_deref().and_then(|folder| loader::join(folder, text)),
            None => self.below_root(name),
        };
        let Some(path) = path else {
            let why = match name.as_str() {
                Some(text) => Why::File(text.into()),
                None => why_of(name),
            };
            return Ok(Names::unknown(why));
        };
        let is_file = self.reader.loader.stat(&path).is_some_and(|stat| stat.kind == Kind::File);
        let there = is_file && self.reader.loader.git(&path) != Git::Ignored;
        let file = if there { self.reader.open(&path, Some(at)).ok() } else { None };
        let Some(file) = file else {
            // The folder of an installation is no part of its repository, nor is what git ignores.
            let own = app.instance.as_deref().is_some_and(|folder| loader::folder(&path) == folder);
            if silent && !own && !is_file {
                self.assume_empty(&path);
                return Ok(Names::default());
            }
            if silent {
                return Ok(Names::unknown(Why::File((*path).into())));
            }
            if self.catching > 0 {
                return Err(Raise { kind: "FileNotFoundError".into(), why: Why::File((*path).into()) });
            }
            return Ok(Names::unknown(Why::File((*path).into())));
        };
        if json {
            let text = self.reader.source(file).text.clone();
            let Some(val) = json::of_file(self, &text, file) else { return Ok(Names::unknown(NOT_FOLLOWED)) };
            let Py::Ref(id) = val.py else { return Ok(Names::default()) };
            return Ok(match self.contents(id).as_slice() {
                [(_, Obj::Dict(dict))] => {
                    let entries = dict.entries.iter();
                    let named = entries.filter_map(|(key, val)| Some((key.as_str()?.to_owned(), val.clone())));
                    Names { known: named.filter(|(name, _)| is_setting(name)).collect(), more: None }
                }
                _ => Names::default(),
            });
        }
        if self.calls >= MAX_CALLS {
            return Ok(Names::unknown(super::SPENT));
        }
        let space = self.load_apart(&path, file);
        self.object_names(&Val::new(Py::Module(space), at), at, 0)
    }

    fn take_envvar(&mut self, app: &Rc<App>, config: &Val, args: &Args, at: Loc) -> Eval<()> {
        let Some(name) = args.text(0, "variable_name") else {
            self.doubt(config, &NOT_FOLLOWED);
            return Ok(());
        };
        let why = Why::Variable((*name).into());
        let silent = args.get(1, "silent").map_or(Some(false), |val| self.truthy(val)) == Some(true);
        let given = match self.variable(&name, at) {
            Variable::Set(val) if val.as_str() != Some("") => val,
            Variable::Set(_) | Variable::Unset if silent => return Ok(()),
            Variable::Set(_) | Variable::Unset if self.catching > 0 => {
                return Err(Raise { kind: "RuntimeError".into(), why });
            }
            Variable::Unknown if silent => {
                let (set, unset) = self.when_set(&name);
                self.set_each(config, vec![(set, Names::unknown(why)), (unset, Names::default())], at);
                return Ok(());
            }
            _ => {
                self.doubt(config, &why);
                return Ok(());
            }
        };
        self.set_from(config, &given, at, |interp, given| interp.file_names(app, given, false, silent, at))
    }

    /// `from_prefixed_env`: every variable with the prefix, as JSON if it is some, in the order of their names.
    fn take_prefixed_env(&mut self, config: &Val, args: &Args, at: Loc) {
        let prefix = match args.get(0, "prefix") {
            None => Some("FLASK".to_owned()),
            Some(val) => val.as_str().map(str::to_owned),
        };
        let plain = args.named("loads").is_none_or(|val| matches!(&val.py, Py::Ext(name) if &**name == "json.loads"));
        let (Some(prefix), true) = (prefix, plain) else { return self.doubt(config, &NOT_FOLLOWED) };
        let prefix = format!("{prefix}_");
        let set_by_code =
            self.spaces.get(self.environ).map(|space| space.vars.keys().map(ToString::to_string).collect());
        let mut names: BTreeSet<String> = set_by_code.unwrap_or_default();
        if let Some(all) = &self.query.environment {
            names.extend(all.keys().cloned());
        } else {
            names.extend(self.given.keys().cloned());
            self.asked.borrow_mut().insert(format!("{prefix}*"));
            self.may_be_given(config, &prefix, at);
        }
        for name in names {
            let Some(key) = name.strip_prefix(&prefix) else { continue };
            let Variable::Set(val) = self.variable(&name, at) else { continue };
            let val = match val.as_str().map(str::to_owned) {
                Some(text) => {
                    json::value(self, &text, at).unwrap_or(val).from(Source::Environment(name.as_str().into()))
                }
                None => Val::unknown(why_of(&val), at),
            };
            self.set_nested(config, key, &val, at);
        }
    }

    /// Variables that nothing at hand sets may set any name.
    fn may_be_given(&mut self, config: &Val, prefix: &str, at: Loc) {
        let Py::Ref(id) = config.py else { return };
        let mut keys: BTreeSet<String> = BTreeSet::new();
        for (_, obj) in self.contents(id) {
            if let Obj::Dict(dict) = obj {
                keys.extend(dict.entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)));
            }
        }
        for key in keys {
            if !self.step(10) {
                return self.doubt(config, &super::SPENT);
            }
            let variable = format!("{prefix}{key}");
            let old = self.config_value(id, &key, at);
            let (set, unset) = self.when_set(&variable);
            let given = Val::unknown(Why::Variable(variable.as_str().into()), old.at);
            let given = given.from(Source::Environment(variable.as_str().into()));
            let place = old.at;
            let val = self.choice(vec![(set, given), (unset, old)], place);
            self.set_index(config, &Val::text(key, at), &val);
        }
        let why = Rc::new(Why::Variable(format!("{prefix}…").into()));
        self.change(config, |obj| {
            if let Obj::Dict(dict) = obj {
                Rc::make_mut(dict).more.get_or_insert(why.clone());
            }
        });
    }

    /// Sets `A__B` in the dict that `A` is, which is made if it is not there.
    fn set_nested(&mut self, config: &Val, key: &str, val: &Val, at: Loc) {
        let mut parts: Vec<&str> = key.split("__").collect();
        let tail = parts.pop().unwrap_or_default();
        if parts.len() > MAX_CALLS {
            let first = parts.first().copied().unwrap_or_default();
            return self.set_index(config, &Val::text(first, at), &Val::unknown(NOT_FOLLOWED, at));
        }
        let mut current = config.clone();
        for part in parts {
            let Py::Ref(id) = current.py else { return self.doubt(config, &NOT_FOLLOWED) };
            let next = self.config_value(id, part, at);
            current = match &next.py {
                Py::Unbound => {
                    let made = self.new_dict([], at);
                    self.set_index(&current, &Val::text(part, at), &made);
                    made
                }
                Py::Ref(id) if matches!(self.contents(*id).as_slice(), [(_, Obj::Dict(_))]) => next,
                _ => {
                    self.set_index(&current, &Val::text(part, at), &Val::unknown(why_of(&next), at));
                    return;
                }
            };
        }
        self.set_index(&current, &Val::text(tail, at), val);
    }
}

/// Whether a part of a dotted name is one.
fn is_name(part: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    part.starts_with(begins) && part.chars().all(|c| begins(c) || c.is_alphanumeric())
}
