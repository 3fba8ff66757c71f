//! What settings call of the standard library and of packages, as far as it is known.

use super::call::Args;
use super::raising::Type;
use super::value::{EnvReader, Kind, Library, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, Rc, path};
use crate::model::{Piece, Text, Why};
use crate::text::Loc;

impl Interp<'_, '_> {
    /// Functions on paths.
    pub(super) fn call_path(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let function = match name {
            "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" => "Path",
            "os.getcwd" | "pathlib.Path.cwd" => {
                return Some(Ok(Val::unknown(Why::Runtime("the working folder".into()), at)));
            }
            name => name.strip_prefix("os.path.")?,
        };
        let first = args.pos.first()?.clone();
        let of_no_path = |interp: &Self, val: &Val| {
            use Type::{Dict, Float, List, None, Number, Set, Tuple};
            let kind = interp.type_of(val);
            matches!(kind, Some(None | Number | Float | Tuple | List | Dict | Set))
        };
        let wrong = args.pos.iter().skip(1).any(|next| of_no_path(self, next)) && matches!(function, "Path" | "join");
        let result = self.map(&first, at, |interp, first| {
            // A number may be that of an open file.
            let number = matches!(interp.type_of(first), Some(Type::Number)) && function.starts_with(['e', 'i'])
                || function.starts_with("common");
            if wrong || of_no_path(interp, first) && !number {
                return interp.fail("TypeError", "a path made of what is none", at);
            }
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
                "normpath" if matches!(&text, Text::Known(known) if known.is_empty()) => Val::text(".", at),
                "normpath" if matches!(&text, Text::Known(known) if known.starts_with("//")) => {
                    Val::unknown(NOT_FOLLOWED, at)
                }
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
                "expanduser" | "expandvars" if super::builtin::text_is_plain(&text) => Self::plain_text(text, at),
                _ => Val::unknown(NOT_FOLLOWED, at),
            })
        });
        Some(result)
    }

    pub(super) fn call_library(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let first = args.pos.first().cloned();
        let none = Val::new(Py::None, at);
        Some(match name {
            "os.environ.get" | "os.getenv" | "os.environ.pop" => self.asked_for(name, args, at),
            "os.environ.setdefault" => match (args.text(0, "key"), args.pos.get(1).cloned()) {
                (Some(variable), Some(value)) => Ok(self.set_default_variable(&variable, value, at)),
                _ => Ok(none),
            },
            "os.environ.update" => Ok(none),
            "datetime.timedelta" => Ok(timedelta(args, at)),
            "copy.deepcopy" | "copy.copy" => {
                Ok(first.map_or(none, |val| self.deep_copy(&val, name == "copy.deepcopy", at, 0)))
            }
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
            "starlette.config.Config" => Ok(self.starlette_config(args, at)),
            "decouple.RepositoryEnv" => Ok(first.unwrap_or(none)),
            "decouple.AutoConfig" | "decouple.Config" => {
                let file = args.get(0, "repository").cloned().filter(|_| name == "decouple.Config");
                let env = EnvReader { file, ..EnvReader::new(Library::Decouple) };
                Ok(self.new_obj(Obj::Env(Rc::new(env)), at))
            }
            "decouple.config" => {
                let env = EnvReader::new(Library::Decouple);
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

    /// `os.environ.get(name, default)` and its kin.
    fn asked_for(&mut self, function: &str, args: &Args, at: Loc) -> Eval<Val> {
        let default = args.get(1, "default").cloned();
        match (args.text(0, "key"), default) {
            (Some(name), None) if function == "os.environ.pop" => self.required_variable(&name, "KeyError", at),
            (Some(name), default) => {
                let default = default.unwrap_or_else(|| Val::new(Py::None, at));
                Ok(self.get_variable(&name, default, at))
            }
            (None, _) => Ok(Val::unknown(args.pos.first().map_or(NOT_FOLLOWED, why_of), at)),
        }
    }

    pub(super) fn include_pattern(&mut self, pattern: &Val, at: Loc) -> Eval<()> {
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

    pub(super) fn deep_copy(&mut self, val: &Val, deep: bool, at: Loc, depth: usize) -> Val {
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

pub(super) fn timedelta(args: &Args, at: Loc) -> Val {
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
