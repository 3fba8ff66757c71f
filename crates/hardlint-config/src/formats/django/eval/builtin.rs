//! Functions and constants of Python and of the libraries that settings use.

use super::call::Args;
use super::stmt::Truth;
use super::value::{EnvReader, Kind, Library, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, MAX_SIZE, Rc, path};
use crate::model::{Piece, Text, Why};
use crate::text::Loc;
use std::collections::BTreeMap;

/// Names that Python itself binds, as far as settings use them.
pub(super) fn is_builtin(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "Exception",
        "FileNotFoundError",
        "ImportError",
        "KeyError",
        "ModuleNotFoundError",
        "NameError",
        "NotImplementedError",
        "RuntimeError",
        "TypeError",
        "ValueError",
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "compile",
        "dict",
        "enumerate",
        "exec",
        "exit",
        "filter",
        "float",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "id",
        "int",
        "isinstance",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "ord",
        "print",
        "property",
        "quit",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    ];
    NAMES.binary_search(&name).is_ok()
}

/// Attributes of outside modules whose value is known.
pub(super) fn constant(module: &str, name: &str, at: Loc) -> Option<Val> {
    let level = |value| Some(Val::new(Py::Int(value), at));
    match (module, name) {
        ("os" | "os.path", "sep") => Some(Val::text("/", at)),
        ("os", "name") => Some(Val::text("posix", at)),
        ("logging", "DEBUG") => level(10),
        ("logging", "INFO") => level(20),
        ("logging", "WARNING" | "WARN") => level(30),
        ("logging", "ERROR") => level(40),
        ("logging", "CRITICAL" | "FATAL") => level(50),
        ("typing", "TYPE_CHECKING") => Some(Val::new(Py::Bool(false), at)),
        ("django.contrib.messages" | "django.contrib.messages.constants" | "messages" | "message_constants", _) => {
            match name {
                "DEBUG" => level(10),
                "INFO" => level(20),
                "SUCCESS" => level(25),
                "WARNING" => level(30),
                "ERROR" => level(40),
                _ => None,
            }
        }
        _ => None,
    }
}

impl Interp<'_, '_> {
    /// Calls something outside the project.
    pub(super) fn call_ext(&mut self, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        if let Some(why) = &args.open {
            return Ok(Val::unknown(why.clone(), at));
        }
        if let Some(result) = self.call_builtin(name, args, at) {
            return result;
        }
        if let Some(result) = self.call_path(name, args, at) {
            return Ok(result);
        }
        if let Some(result) = self.call_library(name, args, at) {
            return result;
        }
        if args.pos.iter().any(|arg| matches!(arg.py, Py::Globals(_))) {
            let module = self.module_space();
            self.open(module, Why::Runtime(format!("what `{name}` sets").into()));
        }
        Ok(Self::outside(name, at))
    }

    fn call_builtin(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let first = args.pos.first().cloned();
        Some(match (name, first) {
            ("str", None) => Ok(Val::text("", at)),
            ("str", Some(val)) => self.text_of(&val, at),
            ("bool", None) => Ok(Val::new(Py::Bool(false), at)),
            ("bool", Some(val)) => self.map(&val, at, |interp, val| {
                Ok(match interp.truthy(val) {
                    Some(truth) => Val::new(Py::Bool(truth), at).from(val.source.clone()),
                    None => Val::unknown_as(why_of(val), Kind::Bool, at),
                })
            }),
            ("int", Some(val)) => self.map(&val, at, |interp, val| interp.int_of(val, at)),
            ("float", Some(val)) => self.map(&val, at, |interp, val| interp.float_of(val, at)),
            ("list", None) => Ok(self.new_list(Vec::new(), at)),
            ("tuple", None) => Ok(Val::new(Py::Tuple(Rc::new(Vec::new())), at)),
            ("set" | "frozenset", None) => Ok(self.new_obj(Obj::Set(Rc::new(Vec::new())), at)),
            ("list" | "tuple" | "set" | "sorted" | "reversed", Some(val)) => Ok(self.gathered(name, &val, args, at)),
            ("dict", first) => Ok(self.dict_of(first.as_ref(), args, at)),
            ("len", Some(val)) => Ok(self.each_way(&val, at, |_, list| {
                let count = i64::try_from(list.len()).unwrap_or(0);
                Val::new(Py::Int(count), at)
            })),
            ("any" | "all", Some(val)) => {
                let any = name == "any";
                Ok(self.each_way(&val, at, |interp, list| {
                    let truths: Vec<Option<bool>> = list.iter().map(|val| interp.truthy(val)).collect();
                    if truths.contains(&Some(any)) {
                        Val::new(Py::Bool(any), at)
                    } else if truths.contains(&None) {
                        Val::unknown_as(NOT_FOLLOWED, Kind::Bool, at)
                    } else {
                        Val::new(Py::Bool(!any), at)
                    }
                }))
            }
            ("range", Some(_)) => Ok(self.range(args, at)),
            ("enumerate", Some(val)) => Ok(self.each_way(&val, at, |interp, list| {
                let pairs = list.into_iter().enumerate().map(|(index, val)| {
                    let index = Val::new(Py::Int(i64::try_from(index).unwrap_or(0)), at);
                    Val::new(Py::Tuple(Rc::new(vec![index, val])), at)
                });
                let pairs = pairs.collect();
                interp.new_list(pairs, at)
            })),
            ("zip", Some(a)) => Ok(self.zip(&a, args.pos.get(1), at)),
            ("map", Some(function)) => self.map_over(&function, args.pos.get(1), at),
            ("filter", Some(function)) => self.filter(&function, args.pos.get(1), at),
            ("isinstance", Some(val)) => Ok(self.is_instance(&val, args.pos.get(1), at)),
            ("getattr", Some(owner)) => match args.text(1, "") {
                Some(name) => {
                    let default = args.pos.get(2).cloned();
                    self.catching += usize::from(default.is_some());
                    let found = self.attribute(&owner, &name, at);
                    self.catching -= usize::from(default.is_some());
                    match (found, default) {
                        (Err(_), Some(default)) => Ok(default),
                        (found, _) => found,
                    }
                }
                None => Ok(Val::unknown(NOT_FOLLOWED, at)),
            },
            ("setattr", Some(owner)) => {
                if let (Py::Module(space) | Py::Class(space), Some(name), Some(val)) =
                    (&owner.py, args.text(1, ""), args.pos.get(2))
                {
                    self.set_var(*space, &name, val.clone());
                } else {
                    let module = self.module_space();
                    self.open(module, Why::Runtime("what `setattr` sets".into()));
                }
                Ok(Val::new(Py::None, at))
            }
            ("print" | "warnings.warn", _) => Ok(Val::new(Py::None, at)),
            ("exit" | "quit" | "sys.exit", _) => Err(super::Raise {
                kind: "SystemExit".into(),
                why: Why::Runtime("the module ends the program, so that what follows".into()),
            }),
            _ => return None,
        })
    }

    fn int_of(&mut self, val: &Val, at: Loc) -> Eval<Val> {
        if let Some(value) = val.as_int() {
            return Ok(Val::new(Py::Int(value), at).from(val.source.clone()));
        }
        match (&val.py, val.as_str()) {
            (_, Some(text)) => {
                let digits = text.trim().replace('_', "");
                match digits.parse::<i64>() {
                    Ok(value) => Ok(Val::new(Py::Int(value), at).from(val.source.clone())),
                    Err(_) => self.fail("ValueError", "a text that is no number", at),
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "as Python does")]
            (Py::Float(value), _) if value.abs() < 1e15 => Ok(Val::new(Py::Int(*value as i64), at)),
            (Py::None, _) => self.fail("TypeError", "`None` that is taken as a number", at),
            _ => {
                if self.catching > 0 {
                    let cond = self.cond_at(at);
                    self.maybe.push(("ValueError".into(), Rc::from([super::Lit { cond, holds: false }])));
                }
                Ok(Val::unknown_as(why_of(val), Kind::Number, at))
            }
        }
    }

    fn float_of(&mut self, val: &Val, at: Loc) -> Eval<Val> {
        #[expect(clippy::cast_precision_loss, reason = "as Python does")]
        let float = match (&val.py, val.as_int(), val.as_str()) {
            (Py::Float(value), ..) => Some(*value),
            (_, Some(value), _) => Some(value as f64),
            (.., Some(text)) => text.trim().parse().ok(),
            _ => return Ok(Val::unknown_as(why_of(val), Kind::Number, at)),
        };
        match float {
            Some(value) => Ok(Val::new(Py::Float(value), at)),
            None => self.fail("ValueError", "a text that is no number", at),
        }
    }

    /// Does something with the elements in each case, if all are known.
    fn each_way(&mut self, val: &Val, at: Loc, mut f: impl FnMut(&mut Self, Vec<Val>) -> Val) -> Val {
        let mut results = Vec::new();
        for (when, list) in self.elements(val) {
            let result = match list {
                Ok(list) => match list
                    .iter()
                    .find_map(|val| if let Py::Splat(why) = &val.py { Some(why.clone()) } else { None })
                {
                    Some(why) => Val::unknown((*why).clone(), at),
                    None => f(self, list),
                },
                Err(why) => Val::unknown(why, at),
            };
            results.push((when, result));
        }
        self.choice(results, at)
    }

    fn gathered(&mut self, name: &str, val: &Val, args: &Args, at: Loc) -> Val {
        let mut results = Vec::new();
        for (when, list) in self.elements(val) {
            let mut list = list.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), at)]);
            let result = match name {
                "list" => self.new_list(list, at),
                "tuple" => Val::new(Py::Tuple(Rc::new(list)), at),
                "set" => {
                    let list = Self::distinct(list);
                    self.new_obj(Obj::Set(Rc::new(list)), at)
                }
                "reversed" => {
                    list.reverse();
                    self.new_list(list, at)
                }
                _ => {
                    let texts: Option<Vec<String>> = list.iter().map(|val| val.as_str().map(str::to_owned)).collect();
                    match texts {
                        Some(_) if args.named.is_empty() => {
                            list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                            self.new_list(list, at)
                        }
                        _ => Val::unknown(NOT_FOLLOWED, at),
                    }
                }
            };
            results.push((when, result));
        }
        self.choice(results, at)
    }

    fn dict_of(&mut self, first: Option<&Val>, args: &Args, at: Loc) -> Val {
        let dict = self.new_dict([], at);
        if let Some(first) = first {
            let pairs = match first.py {
                Py::Ref(id) if matches!(self.contents(id).as_slice(), [(_, Obj::List(_))]) => self.pairs_of(first),
                _ => None,
            };
            match pairs {
                Some(pairs) => {
                    for (key, val) in pairs {
                        self.change(&dict, |obj| {
                            if let Obj::Dict(dict) = obj {
                                Rc::make_mut(dict).set(key.clone(), val.clone());
                            }
                        });
                    }
                }
                None => self.update(&dict, first),
            }
        }
        for (name, val) in &args.named {
            let key = Val::text(name.to_string(), at);
            self.change(&dict, |obj| {
                if let Obj::Dict(dict) = obj {
                    Rc::make_mut(dict).set(key.clone(), val.clone());
                }
            });
        }
        dict
    }

    fn pairs_of(&mut self, val: &Val) -> Option<Vec<(Val, Val)>> {
        let mut ways = self.elements(val);
        let (_, list) = ways.pop().filter(|_| ways.is_empty())?;
        list.ok()?
            .iter()
            .map(|pair| {
                let mut parts = self.elements(pair);
                let (_, parts) = parts.pop()?;
                match parts.ok()?.as_slice() {
                    [key, val] => Some((key.clone(), val.clone())),
                    _ => None,
                }
            })
            .collect()
    }

    fn range(&mut self, args: &Args, at: Loc) -> Val {
        let numbers: Option<Vec<i64>> = args.pos.iter().map(Val::as_int).collect();
        let (start, end) = match numbers.as_deref() {
            Some([end]) => (0, *end),
            Some([start, end]) => (*start, *end),
            _ => return Val::unknown(NOT_FOLLOWED, at),
        };
        if end.saturating_sub(start) > i64::try_from(MAX_SIZE).unwrap_or(i64::MAX) {
            return Val::unknown(super::SPENT, at);
        }
        self.step(usize::try_from(end.saturating_sub(start)).unwrap_or(0));
        let list = (start..end).map(|value| Val::new(Py::Int(value), at)).collect();
        self.new_list(list, at)
    }

    fn zip(&mut self, a: &Val, b: Option<&Val>, at: Loc) -> Val {
        let Some(b) = b.cloned() else { return Val::unknown(NOT_FOLLOWED, at) };
        self.each_way(a, at, |interp, a| {
            interp.each_way(&b, at, |interp, b| {
                let pairs = a.iter().zip(b).map(|(a, b)| Val::new(Py::Tuple(Rc::new(vec![a.clone(), b])), at));
                let pairs = pairs.collect();
                interp.new_list(pairs, at)
            })
        })
    }

    fn map_over(&mut self, function: &Val, values: Option<&Val>, at: Loc) -> Eval<Val> {
        let Some(values) = values else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let mut results = Vec::new();
        for (when, list) in self.elements(values) {
            let list = list.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), at)]);
            let mut mapped = Vec::with_capacity(list.len());
            for val in list {
                if matches!(val.py, Py::Splat(_)) {
                    mapped.push(val);
                } else {
                    let args = Args { pos: vec![val], ..Args::default() };
                    mapped.push(self.call(function, &args, at)?);
                }
            }
            let list = self.new_list(mapped, at);
            results.push((when, list));
        }
        Ok(self.choice(results, at))
    }

    fn filter(&mut self, function: &Val, values: Option<&Val>, at: Loc) -> Eval<Val> {
        let Some(values) = values else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let mut results = Vec::new();
        for (when, list) in self.elements(values) {
            let list = list.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), at)]);
            let mut kept = Vec::new();
            for val in list {
                let test = match &function.py {
                    Py::None => val.clone(),
                    _ => self.call(function, &Args { pos: vec![val.clone()], ..Args::default() }, at)?,
                };
                match self.truth(&test) {
                    _ if matches!(val.py, Py::Splat(_)) => kept.push(val),
                    Truth::Known(true) => kept.push(val),
                    Truth::Known(false) => {}
                    Truth::Split(..) => kept.push(Val::new(Py::Splat(Rc::new(why_of(&test))), at)),
                }
            }
            let list = self.new_list(kept, at);
            results.push((when, list));
        }
        Ok(self.choice(results, at))
    }

    fn is_instance(&mut self, val: &Val, kind: Option<&Val>, at: Loc) -> Val {
        let kinds: Vec<Val> = match kind.map(|kind| &kind.py) {
            Some(Py::Tuple(list)) => list.to_vec(),
            Some(Py::Ext(_)) => kind.cloned().into_iter().collect(),
            _ => return Val::unknown_as(NOT_FOLLOWED, Kind::Bool, at),
        };
        let result = self.read(val, at, |_, val, obj| {
            let own: &[&str] = match (&val.py, obj) {
                (Py::Str(_), _) => &["str"],
                (Py::Bool(_), _) => &["bool", "int"],
                (Py::Int(_), _) => &["int"],
                (Py::Float(_), _) => &["float"],
                (Py::None, _) => &[],
                (Py::Tuple(_), _) => &["tuple"],
                (Py::Bytes(_), _) => &["bytes"],
                (_, Some(Obj::List(_))) => &["list"],
                (_, Some(Obj::Dict(_))) => &["dict"],
                (_, Some(Obj::Set(_))) => &["set"],
                (Py::Unknown(_, Kind::Bool), _) => &["bool", "int"],
                _ => return Ok(Val::unknown_as(why_of(val), Kind::Bool, at)),
            };
            let simple = kinds.iter().all(|kind| matches!(&kind.py, Py::Ext(name) if is_builtin(name)));
            let is = kinds.iter().any(|kind| matches!(&kind.py, Py::Ext(name) if own.contains(&&**name)));
            Ok(if is || simple { Val::new(Py::Bool(is), at) } else { Val::unknown_as(NOT_FOLLOWED, Kind::Bool, at) })
        });
        result.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }

    /// Functions on paths.
    fn call_path(&mut self, name: &str, args: &Args, at: Loc) -> Option<Val> {
        let function = match name {
            "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "environ.Path" => "Path",
            "os.getcwd" | "pathlib.Path.cwd" => {
                return Some(Val::unknown(Why::Runtime("the working folder".into()), at));
            }
            name => name.strip_prefix("os.path.")?,
        };
        let first = args.pos.first()?.clone();
        let result = self.map(&first, at, |interp, first| {
            let Some(text) = Self::path_text(first) else { return Ok(Val::unknown(why_of(first), at)) };
            Ok(match function {
                "Path" => {
                    let text = match text {
                        Text::Known(text) => Text::Known(path::tidy(&text).into()),
                        text @ Text::Pieces(_) => text,
                    };
                    let start = Val::new(Py::Path(Rc::new(text)), at);
                    args.pos.iter().skip(1).fold(start, |so_far, next| match &so_far.py {
                        Py::Path(before) => path::join(before, next, at),
                        _ => so_far,
                    })
                }
                "dirname" => {
                    let parent = match &text {
                        Text::Known(known) if !known.contains('/') => Text::Known("".into()),
                        text => path::parent(text),
                    };
                    Self::plain_text(parent, at)
                }
                "abspath" | "realpath" => match &text {
                    Text::Known(known) if !known.starts_with('/') => {
                        Val::unknown(Why::Runtime("the working folder".into()), at)
                    }
                    text => Self::plain_text(path::normal(text), at),
                },
                "normpath" => Self::plain_text(path::normal(&text), at),
                "basename" => match path::name(&text) {
                    Some(name) => Val::text(name, at),
                    None => Val::unknown(why_of(first), at),
                },
                "join" => {
                    let mut joined = text;
                    for next in args.pos.iter().skip(1) {
                        joined = match &next.py {
                            Py::Str(next) | Py::Path(next) => path::joined(&joined, next),
                            _ => path::joined(&joined, &Text::Pieces(Box::new([Piece::Hole(why_of(next))]))),
                        };
                    }
                    Self::plain_text(joined, at)
                }
                "exists" | "isfile" | "isdir" | "lexists" => interp.exists(first, at),
                "expanduser" | "expandvars" if text_is_plain(&text) => Self::plain_text(text, at),
                _ => Val::unknown(NOT_FOLLOWED, at),
            })
        });
        Some(result.unwrap_or_else(|raise| Val::unknown(raise.why, at)))
    }

    fn call_library(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let first = args.pos.first().cloned();
        let none = Val::new(Py::None, at);
        Some(match name {
            "os.environ.get" | "os.getenv" | "os.environ.pop" => match args.text(0, "key") {
                Some(variable) => {
                    let default = args.get(1, "default").cloned().unwrap_or(none);
                    Ok(self.get_variable(&variable, default, at))
                }
                None => Ok(first.map_or(Val::unknown(NOT_FOLLOWED, at), |key| Val::unknown(why_of(&key), at))),
            },
            "os.environ.setdefault" => match (args.text(0, "key"), args.pos.get(1).cloned()) {
                (Some(variable), Some(value)) => Ok(self.set_default_variable(&variable, value, at)),
                _ => Ok(none),
            },
            "os.environ.update" => Ok(none),
            "datetime.timedelta" => Ok(timedelta(args, at)),
            "copy.deepcopy" | "copy.copy" => match first {
                Some(val) => Ok(self.deep_copy(&val, name == "copy.deepcopy", at, 0)),
                None => Ok(none),
            },
            "django.utils.translation.gettext_lazy"
            | "django.utils.translation.gettext_noop"
            | "django.utils.translation.gettext"
            | "django.utils.translation.ugettext_lazy"
            | "django.utils.functional.SimpleLazyObject"
            | "typing.cast" => {
                let at_place = usize::from(name == "typing.cast");
                Ok(args.pos.get(at_place).cloned().unwrap_or(none))
            }
            "distutils.util.strtobool" | "setuptools._distutils.util.strtobool" => match first {
                Some(val) => self.map(&val, at, |interp, val| {
                    let number = |truth| Val::new(Py::Int(truth), at).from(val.source.clone());
                    match val.as_str().map(str::to_ascii_lowercase).as_deref() {
                        Some("y" | "yes" | "t" | "true" | "on" | "1") => Ok(number(1)),
                        Some("n" | "no" | "f" | "false" | "off" | "0") => Ok(number(0)),
                        Some(_) => interp.fail("ValueError", "a text that is no truth value", at),
                        None => Ok(Val::unknown_as(why_of(val), Kind::Number, at)),
                    }
                }),
                None => Ok(none),
            },
            "django.core.management.utils.get_random_secret_key"
            | "secrets.token_hex"
            | "secrets.token_urlsafe"
            | "secrets.token_bytes"
            | "os.urandom"
            | "uuid.uuid4"
            | "django.utils.crypto.get_random_string" => Ok(Self::generated(name, at)),
            "split_settings.tools.optional" => match first {
                Some(val) => Ok(Val::new(Py::Method(Rc::new((val, "optional".into()))), at)),
                None => Ok(none),
            },
            "split_settings.tools.include" => {
                for arg in &args.pos {
                    if let Err(raise) = self.include_pattern(arg, at) {
                        return Some(Err(raise));
                    }
                }
                Ok(none)
            }
            "environ.Env" | "environ.FileAwareEnv" | "environs.Env" | "environs.FileAwareEnv" => {
                Ok(self.env_reader(name, args, at))
            }
            "decouple.AutoConfig" | "decouple.Config" => {
                let env = EnvReader { library: Library::Decouple, scheme: BTreeMap::new(), prefix: "".into() };
                Ok(self.new_obj(Obj::Env(Rc::new(env)), at))
            }
            "decouple.config" => {
                let env = EnvReader { library: Library::Decouple, scheme: BTreeMap::new(), prefix: "".into() };
                self.read_env(&Rc::new(env), "", args, at)
            }
            "decouple.Csv" => {
                let plain = args.pos.is_empty()
                    && args
                        .named
                        .iter()
                        .all(|(name, val)| &**name == "cast" && matches!(&val.py, Py::Ext(cast) if &**cast == "str"));
                Ok(if plain {
                    Val::new(Py::Ext("decouple.Csv()".into()), at)
                } else {
                    Self::outside("decouple.Csv", at)
                })
            }
            "decouple.Csv()" => match first {
                Some(val) => self.map(&val, at, |interp, val| Ok(interp.csv(val, at))),
                None => Ok(none),
            },
            "environ.Env.read_env" | "environ.FileAwareEnv.read_env" | "dotenv.load_dotenv" | "dotenv.read_dotenv" => {
                self.load_dotenv(name, args, at);
                Ok(none)
            }
            "dotenv.find_dotenv" => Ok(Val::text("", at)),
            "dj_database_url.config" => Ok(self.database_config(args, at)),
            "dj_database_url.parse" => match args.get(0, "url").cloned() {
                Some(url) => self.map(&url, at, |interp, url| Ok(interp.database_url(url, args, at))),
                None => Ok(none),
            },
            _ => return None,
        })
    }

    fn include_pattern(&mut self, pattern: &Val, at: Loc) -> Eval<()> {
        let (pattern, optional) = match &pattern.py {
            Py::Method(pair) if &*pair.1 == "optional" => (pair.0.clone(), true),
            _ => (pattern.clone(), false),
        };
        let module = self.module_space();
        let here = self.spaces.get(module).map_or_else(|| "".into(), |space| space.path.clone());
        let Some(text) = pattern.as_str() else {
            self.open(module, why_of(&pattern));
            return Ok(());
        };
        let folder = crate::loader::folder(&here);
        let joined = crate::loader::join(folder, text);
        let paths = joined.as_deref().map(|path| crate::loader::glob(self.reader.loader, path)).unwrap_or_default();
        let paths: Vec<String> =
            paths.into_iter().filter(|path| self.reader.loader.git(path) != crate::loader::Git::Ignored).collect();
        if paths.is_empty() {
            let path = joined.unwrap_or_else(|| text.to_owned());
            if optional || crate::loader::is_pattern(text) {
                self.assume_empty(&path);
            } else {
                self.open(module, Why::File(path.into()));
            }
        }
        for path in paths {
            self.include(&path, at)?;
        }
        Ok(())
    }

    fn deep_copy(&mut self, val: &Val, deep: bool, at: Loc, depth: usize) -> Val {
        if depth > 12 || !self.step(1) {
            return Val::unknown(super::SPENT, at);
        }
        let copied = self.read(val, at, |interp, val, obj| {
            Ok(match obj {
                Some(Obj::List(list)) => {
                    let copy =
                        |val: &Val| if deep { interp.deep_copy(val, true, val.at, depth + 1) } else { val.clone() };
                    let list = list.iter().map(copy).collect();
                    interp.new_list(list, at)
                }
                Some(Obj::Dict(dict)) => {
                    let mut dict = (**dict).clone();
                    if deep {
                        for (_, value) in &mut dict.entries {
                            *value = interp.deep_copy(value, true, value.at, depth + 1);
                        }
                    }
                    interp.new_obj(Obj::Dict(Rc::new(dict)), at)
                }
                Some(obj) => interp.new_obj(obj.clone(), at),
                None => val.clone(),
            })
        });
        copied.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }
}

fn text_is_plain(text: &Text) -> bool {
    matches!(text, Text::Known(text) if !text.contains(['~', '$']))
}

fn timedelta(args: &Args, at: Loc) -> Val {
    const UNITS: &[(&str, i64)] = &[
        ("days", 86_400_000_000),
        ("seconds", 1_000_000),
        ("microseconds", 1),
        ("milliseconds", 1_000),
        ("minutes", 60_000_000),
        ("hours", 3_600_000_000),
        ("weeks", 604_800_000_000),
    ];
    let mut total: i64 = 0;
    let places = UNITS.iter().zip(&args.pos).map(|((_, unit), val)| (*unit, val));
    let named = args
        .named
        .iter()
        .filter_map(|(name, val)| UNITS.iter().find(|(unit, _)| *unit == &**name).map(|(_, unit)| (*unit, val)));
    for (unit, val) in places.chain(named) {
        match val.as_int().and_then(|count| count.checked_mul(unit)).and_then(|more| total.checked_add(more)) {
            Some(sum) => total = sum,
            None => return Val::unknown(why_of(val), at),
        }
    }
    Val::new(Py::Delta(total), at)
}
