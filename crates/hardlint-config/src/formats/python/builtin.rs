//! Functions and constants of Python and of the libraries that settings use.

use super::call::Args;
use super::raising::Type;
use super::stmt::Truth;
use super::value::{Kind, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, MAX_SIZE, Rc, is_setting};
use crate::model::{Text, Why};
use crate::text::Loc;

/// Names that Python itself binds, as far as settings use them.
pub(super) fn is_builtin(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup", "BlockingIOError", "BrokenPipeError",
        "BufferError", "BytesWarning", "ChildProcessError", "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError",
        "ConnectionResetError", "DeprecationWarning", "EOFError", "Ellipsis", "EncodingWarning", "EnvironmentError", "Exception", "ExceptionGroup",
        "FileExistsError", "FileNotFoundError", "FloatingPointError", "FutureWarning", "GeneratorExit", "IOError", "ImportError", "ImportWarning",
        "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError", "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError",
        "ModuleNotFoundError", "NameError", "NotADirectoryError", "NotImplemented", "NotImplementedError", "OSError", "OverflowError",
        "PendingDeprecationWarning", "PermissionError", "ProcessLookupError", "RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError",
        "RuntimeWarning", "StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError", "SystemExit", "TabError",
        "TimeoutError", "TypeError", "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError",
        "UnicodeWarning", "UserWarning", "ValueError", "Warning", "ZeroDivisionError", "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool",
        "breakpoint", "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "complex", "delattr", "dict", "dir", "divmod", "enumerate",
        "eval", "exec", "exit", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input",
        "int", "isinstance", "issubclass", "iter", "len", "list", "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord",
        "pow", "print", "property", "quit", "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum",
        "super", "tuple", "type", "vars", "zip",
    ];
    NAMES.binary_search(&name).is_ok()
}

impl Interp<'_, '_> {
    /// Calls something outside the project.
    pub(super) fn call_ext(&mut self, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        if args.open.is_none()
            && let Some(result) = self.call_on_file(name, args, at)
        {
            return result;
        }
        if let Some(result) = self.call_flask(name, args, at) {
            return result;
        }
        if let Some(why) = &args.open {
            // A name that is given twice is an error: those that are known are what they are.
            if matches!(name, "environ.Env" | "environ.FileAwareEnv") {
                return Ok(self.env_reader(name, args, at));
            }
            return Ok(Val::unknown(why.clone(), at));
        }
        if let Some(result) = self.call_builtin(name, args, at) {
            return result;
        }
        if let Some(result) = self.call_path(name, args, at) {
            return result;
        }
        if name == "django.conf.settings.configure" {
            let module = self.module_space();
            for (name, val) in args.named.iter().filter(|(name, _)| is_setting(name)) {
                self.set_var(module, name, val.clone());
            }
            return Ok(Val::new(Py::None, at));
        }
        if name == "django_heroku.settings"
            && let Some(result) = self.heroku_settings(args, at)
        {
            return result;
        }
        if let Some(result) = self.call_library(name, args, at) {
            return result;
        }
        if args.pos.iter().any(|arg| matches!(arg.py, Py::Globals(_))) {
            let module = self.module_space();
            self.open(module, Why::Runtime(format!("what `{name}` sets").into()));
        }
        Ok(self.made_outside(name, args, at))
    }

    fn call_builtin(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let first = args.pos.first().cloned();
        Some(match (name, first) {
            ("str", None) => Ok(Val::text("", at)),
            ("str", Some(val)) if args.pos.len() == 1 && args.named.is_empty() => self.text_of(&val, at),
            ("str", Some(_)) => Ok(Val::unknown(NOT_FOLLOWED, at)),
            ("bool", None) => Ok(Val::new(Py::Bool(false), at)),
            ("bool", Some(val)) => self.map(&val, at, |interp, val| {
                Ok(match interp.truthy(val) {
                    Some(truth) => Val::new(Py::Bool(truth), at).from(val.source.clone()),
                    None => Val::unknown_as(why_of(val), Kind::Bool, at),
                })
            }),
            ("int", Some(val)) => self.int(&val, args, at),
            ("float", Some(val)) => self.map(&val, at, |interp, val| interp.float_of(val, at)),
            ("list", None) => Ok(self.new_list(Vec::new(), at)),
            ("tuple", None) => Ok(Val::new(Py::Tuple(Rc::new(Vec::new())), at)),
            ("set" | "frozenset", None) => Ok(self.new_obj(Obj::Set(Rc::new(Vec::new())), at)),
            ("list" | "tuple" | "set" | "sorted" | "reversed", Some(val)) => self.gathered(name, &val, args, at),
            ("iter", Some(val)) if args.pos.len() == 1 => self.gathered("list", &val, args, at),
            ("dict", first) => self.dict_of(first.as_ref(), args, at),
            ("abs" | "chr" | "max" | "min" | "ord" | "round" | "sum", Some(val)) => self.reckoned(name, &val, args, at),
            ("len", Some(val)) => self.iterates(&val, at).map(|()| {
                self.each_way(&val, at, |_, list| {
                    let count = i64::try_from(list.len()).unwrap_or(0);
                    Val::new(Py::Int(count), at)
                })
            }),
            ("any" | "all", Some(val)) => {
                let any = name == "any";
                self.iterates(&val, at).map(|()| {
                    self.each_way(&val, at, |interp, list| {
                        let truths: Vec<Option<bool>> = list.iter().map(|val| interp.truthy(val)).collect();
                        if truths.contains(&Some(any)) {
                            Val::new(Py::Bool(any), at)
                        } else if truths.contains(&None) {
                            Val::unknown_as(NOT_FOLLOWED, Kind::Bool, at)
                        } else {
                            Val::new(Py::Bool(!any), at)
                        }
                    })
                })
            }
            ("range", Some(_)) => Ok(self.range(args, at)),
            ("enumerate", Some(val)) => self.enumerated(&val, args, at),
            ("zip", Some(_)) if args.pos.len() != 2 || !args.named.is_empty() => Ok(Val::unknown(NOT_FOLLOWED, at)),
            ("zip", Some(a)) => self.zip(&a, args.pos.get(1), at),
            ("map", Some(_)) if args.pos.len() > 2 => Ok(Val::unknown(NOT_FOLLOWED, at)),
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
                let known = matches!(owner.py, Py::Module(_) | Py::Class(_) | Py::Ref(_));
                match (args.text(1, ""), args.pos.get(2), self.app_of(&owner)) {
                    (Some(name), Some(val), _) if known => self.set_attribute(&owner, &name, val.clone()),
                    (_, _, Some(app)) => {
                        let config = Val::new(Py::Ref(app.config), at);
                        self.doubt(&config, &Why::Runtime("what `setattr` sets".into()));
                    }
                    _ => {
                        let module = self.module_space();
                        self.open(module, Why::Runtime("what `setattr` sets".into()));
                    }
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

    fn gathered(&mut self, name: &str, val: &Val, args: &Args, at: Loc) -> Eval<Val> {
        self.iterates(val, at)?;
        let mut results = Vec::new();
        for (when, list) in self.elements(val) {
            let mut list = list.unwrap_or_else(|why| vec![Val::new(Py::Splat(Rc::new(why)), at)]);
            let result = match name {
                "list" => self.new_list(list, at),
                "tuple" => Val::new(Py::Tuple(Rc::new(list)), at),
                "set" => {
                    for val in &list {
                        self.hashes(val, at)?;
                    }
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
                        None if args.named.is_empty() && list.iter().all(|val| matches!(val.py, Py::Int(_))) => {
                            list.sort_by_key(Val::as_int);
                            self.new_list(list, at)
                        }
                        // Where there are two, the first two are compared first.
                        _ => match list.as_slice() {
                            [a, b, ..] if args.named("key").is_none() && self.refuses_order(b, a) => {
                                self.fail("TypeError", "an order of what has none", at)?
                            }
                            _ => Val::unknown(NOT_FOLLOWED, at),
                        },
                    }
                }
            };
            results.push((when, result));
        }
        Ok(self.choice(results, at))
    }

    fn dict_of(&mut self, first: Option<&Val>, args: &Args, at: Loc) -> Eval<Val> {
        let dict = self.new_dict([], at);
        if let Some(first) = first {
            self.iterates(first, at)?;
            let pairs = match first.py {
                Py::Ref(id) if matches!(self.contents(id).as_slice(), [(_, Obj::List(_))]) => self.pairs_of(first),
                _ => None,
            };
            if let Some(pairs) = pairs {
                for (key, val) in pairs {
                    self.change(&dict, |obj| {
                        if let Obj::Dict(dict) = obj {
                            Rc::make_mut(dict).set(key.clone(), val.clone());
                        }
                    });
                }
            } else {
                if self.type_of(first).is_some_and(|kind| kind != Type::Dict) {
                    self.doubts(at);
                }
                self.update(&dict, first);
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
        Ok(dict)
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

    fn enumerated(&mut self, val: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let Some(start) = args.get(1, "start").map_or(Some(0), Val::as_int) else {
            return Ok(Val::unknown(NOT_FOLLOWED, at));
        };
        self.iterates(val, at)?;
        Ok(self.each_way(val, at, |interp, list| {
            let pairs = list.into_iter().enumerate().map(|(index, val)| {
                let index = start.saturating_add(i64::try_from(index).unwrap_or(0));
                Val::new(Py::Tuple(Rc::new(vec![Val::new(Py::Int(index), at), val])), at)
            });
            let pairs = pairs.collect();
            interp.new_list(pairs, at)
        }))
    }

    fn zip(&mut self, a: &Val, b: Option<&Val>, at: Loc) -> Eval<Val> {
        let Some(b) = b.cloned() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        self.iterates(a, at)?;
        self.iterates(&b, at)?;
        Ok(self.each_way(a, at, |interp, a| {
            interp.each_way(&b, at, |interp, b| {
                let pairs = a.iter().zip(b).map(|(a, b)| Val::new(Py::Tuple(Rc::new(vec![a.clone(), b])), at));
                let pairs = pairs.collect();
                interp.new_list(pairs, at)
            })
        }))
    }

    fn map_over(&mut self, function: &Val, values: Option<&Val>, at: Loc) -> Eval<Val> {
        let Some(values) = values else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        self.iterates(values, at)?;
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
        self.iterates(values, at)?;
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
            let is = kinds
                .iter()
                .any(|kind| matches!(&kind.py, Py::Ext(name) if own.contains(&&**name) || &**name == "object"));
            Ok(if is || simple { Val::new(Py::Bool(is), at) } else { Val::unknown_as(NOT_FOLLOWED, Kind::Bool, at) })
        });
        result.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }
}

pub(super) fn text_is_plain(text: &Text) -> bool {
    matches!(text, Text::Known(text) if !text.contains(['~', '$']))
}
