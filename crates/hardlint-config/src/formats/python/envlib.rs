//! Libraries that read the environment, each with its own ways: `django-environ`, `environs`, `python-decouple`,
//! `python-dotenv`, `dj-database-url`.

use super::call::Args;
use super::environment::Variable;
use super::value::{EnvReader, Kind, Library, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, Raise, Rc, url};
use crate::model::Why;
use crate::text::Loc;
use std::collections::BTreeMap;

impl Interp<'_, '_> {
    pub(super) fn env_reader(&mut self, name: &str, args: &Args, at: Loc) -> Val {
        let library = match name {
            "environ.Env" => Library::Environ,
            "environ.FileAwareEnv" => Library::EnvironFileAware,
            _ => Library::Environs,
        };
        let scheme: BTreeMap<Rc<str>, Val> = args.named.iter().cloned().collect();
        let open = args.open.clone();
        self.new_obj(Obj::Env(Rc::new(EnvReader { scheme, open, ..EnvReader::new(library) })), at)
    }

    /// `starlette.config.Config(…)`.
    pub(super) fn starlette_config(&mut self, args: &Args, at: Loc) -> Val {
        let prefix = args.text(2, "env_prefix").unwrap_or_default();
        let file = args.get(0, "env_file").cloned().filter(|val| !matches!(val.py, Py::None));
        self.new_obj(
            Obj::Env(Rc::new(EnvReader { prefix: prefix.as_str().into(), file, ..EnvReader::new(Library::Starlette) })),
            at,
        )
    }

    /// The value that starlette finds in the file that it was given, of which each line is a name and a text.
    fn starlette_file(&mut self, env: &EnvReader, name: &str, at: Loc) -> Option<Val> {
        let path = self.file_around(env.file.as_ref()?)?;
        let id = self.reader.open(&path, Some(at)).ok()?;
        let source = self.reader.source(id).clone();
        let value = source.text.lines().rev().find_map(|line| {
            let (key, value) = line.trim().split_once('=').filter(|_| !line.trim_start().starts_with('#'))?;
            (key.trim() == name).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
        })?;
        Some(Val::text(value, at).from(Source::Environment(name.into())))
    }

    /// A call of a reader, or of one of its methods.
    pub(super) fn read_env(&mut self, env: &Rc<EnvReader>, method: &str, args: &Args, at: Loc) -> Eval<Val> {
        if method.contains("read_env") || method == "read_envfile" {
            let environs = env.library == Library::Environs;
            self.load_dotenv(if environs { "environs.Env.read_env" } else { "environ.Env.read_env" }, args, at);
            return Ok(Val::new(Py::None, at));
        }
        let decouple = env.library == Library::Decouple;
        let fallback = match method {
            "db" | "db_url" | "dj_db_url" => Some("DATABASE_URL"),
            "cache" | "cache_url" | "dj_cache_url" => Some("CACHE_URL"),
            "email" | "email_url" | "dj_email_url" => Some("EMAIL_URL"),
            _ => None,
        };
        let name = args.text(0, "var").or_else(|| args.text(0, "option")).or(fallback.map(str::to_owned));
        let Some(name) = name else {
            return Ok(args.pos.first().map_or(Val::unknown(NOT_FOLLOWED, at), |key| Val::unknown(why_of(key), at)));
        };
        // `env(name, cast, default)` of environ, `config(name, default, cast)` of decouple and the rest.
        let places = match (env.library, method) {
            (Library::Starlette, _)
            | (Library::Environ | Library::EnvironFileAware, "" | "list" | "tuple" | "dict") => (2, 1),
            _ => (1, 2),
        };
        let mut default = args.get(places.0, "default").cloned();
        let mut cast = args.get(places.1, "cast").cloned();
        if env.library == Library::Environs {
            cast = args.named("subcast").cloned();
        }
        let name = format!("{}{name}", env.prefix);
        if let Some(info) = env.scheme.get(name.as_str()) {
            let (scheme_cast, scheme_default) = Self::scheme(info);
            cast = cast.or(scheme_cast);
            default = default.or(scheme_default);
        } else if let Some(why) = &env.open
            && (default.is_none() || matches!(method, "" | "get") && cast.is_none())
        {
            return Ok(Val::unknown(why.clone(), at));
        }
        let mut default = default.map(|default| Self::as_default(&name, default));
        if env.library == Library::Starlette {
            self.keep_read(args, at);
            default = self.starlette_file(env, &name, at).or(default);
        }
        let decouple = decouple || env.library == Library::Starlette;
        let repository = env.file.clone().filter(|_| env.library == Library::Decouple);
        let cast = Cast { method: method.into(), function: cast, library: env.library, repository };
        self.env_value(&name, default, &cast, decouple, at)
    }

    /// The cast and the default of `NAME=(bool, False)` or `NAME=bool`.
    fn scheme(info: &Val) -> (Option<Val>, Option<Val>) {
        match &info.py {
            Py::Tuple(pair) => match pair.as_slice() {
                [cast, default] => (Some(cast.clone()), Some(default.clone())),
                _ => (Some(info.clone()), None),
            },
            _ => (Some(info.clone()), None),
        }
    }

    fn env_value(&mut self, name: &str, default: Option<Val>, cast: &Cast, decouple: bool, at: Loc) -> Eval<Val> {
        let found = match self.variable(name, at) {
            Variable::Unset if cast.library == Library::Decouple => match &cast.repository {
                Some(given) => self.repository_in(given, name, at),
                None => self.repository(name, at),
            },
            found => found,
        };
        // Only decouple casts the default too.
        let unset = |interp: &mut Self, default: Val| -> Eval<Val> {
            match (decouple, &*cast.method) {
                (true, _) => interp.map(&default, at, |interp, val| interp.cast(val, cast, None, at)),
                (
                    false,
                    "db" | "db_url" | "dj_db_url" | "cache" | "cache_url" | "email" | "email_url" | "path" | "json"
                    | "url",
                ) => interp.map(&default, at, |interp, val| interp.cast(val, cast, None, at)),
                _ => Ok(default),
            }
        };
        match (found, default) {
            (Variable::Set(val), default) => {
                self.map(&val, at, |interp, val| interp.cast(val, cast, default.as_ref(), at))
            }
            (Variable::Unset, Some(default)) => unset(self, default),
            (Variable::Unset, None) => {
                let why = Why::Variable(name.into());
                if self.is_caught() {
                    Err(Raise { kind: exception(cast.library).into(), why })
                } else {
                    Ok(Val::unknown(why, at))
                }
            }
            (Variable::Unknown, default) => {
                let unsure = self.unsure.len();
                let text = self.required_variable(name, exception(cast.library), at);
                let (set, not_set) = self.when_set(name);
                let Some(default) = default else {
                    let text = text?;
                    return self.cast(&text, cast, None, at);
                };
                // There is a default: nothing is raised.
                let raised = |maybe: &super::Maybe| maybe.when == not_set;
                if let Some(place) = self.maybe.iter().rposition(raised) {
                    self.maybe.remove(place);
                }
                self.unsure.truncate(unsure);
                let text = text?;
                let val = self.cast(&text, cast, Some(&default), at)?;
                let default = unset(self, default)?;
                Ok(self.choice(vec![(set, val), (not_set, default)], at))
            }
        }
    }

    /// Makes of a variable's text what the reader makes of it.
    fn cast(&mut self, val: &Val, cast: &Cast, default: Option<&Val>, at: Loc) -> Eval<Val> {
        if cast.library == Library::Starlette && matches!(val.py, Py::None) {
            return Ok(val.clone());
        }
        let environ = matches!(cast.library, Library::Environ | Library::EnvironFileAware);
        if environ && (val.as_str().is_some_and(|text| text.starts_with('$'))) {
            return Ok(Val::unknown(Why::Limit("values that name another variable with `$` are not followed"), at));
        }
        if environ && val.as_str() == Some("") && default.is_some_and(|default| matches!(default.py, Py::None)) {
            return Ok(Val::new(Py::None, at));
        }
        let kind = match (&*cast.method, &cast.function) {
            ("" | "get", Some(Val { py: Py::Ext(name), .. }))
                if super::builtin::is_builtin(name) || name.contains("Csv") || name.starts_with("starlette.") =>
            {
                name.to_string()
            }
            ("" | "get", Some(function)) if matches!(function.py, Py::Func(_)) => {
                let args = Args { pos: vec![val.clone()], ..Args::default() };
                return self.call(&function.clone(), &args, at);
            }
            ("" | "get", Some(list)) if matches!(list.py, Py::Ref(_)) => "list".to_owned(),
            ("" | "get", Some(_)) => return Ok(Val::unknown(NOT_FOLLOWED, at)),
            ("" | "get", None) if environ => match default.map(|default| &default.py) {
                Some(Py::Bool(_)) => "bool".to_owned(),
                Some(Py::Int(_)) => "int".to_owned(),
                Some(Py::Float(_)) => "float".to_owned(),
                Some(Py::Tuple(_)) => "tuple".to_owned(),
                Some(Py::Ref(id)) => match self.contents(*id).first() {
                    Some((_, Obj::List(_))) => "list".to_owned(),
                    _ => "other".to_owned(),
                },
                _ => "str".to_owned(),
            },
            ("" | "get", None) => "str".to_owned(),
            (method, _) => method.to_owned(),
        };
        if environ && default.is_some_and(|default| self.equal(default, val, 2) == Some(true)) {
            return Ok(val.clone());
        }
        self.cast_to(&kind, val, cast, at)
    }

    fn cast_to(&mut self, kind: &str, val: &Val, cast: &Cast, at: Loc) -> Eval<Val> {
        Ok(match kind {
            "str" | "starlette.datastructures.Secret" => val.clone(),
            "bool" => Self::cast_bool(val, cast.library, at),
            "int" | "float" => {
                let args = Args { pos: vec![val.clone()], ..Args::default() };
                self.call_ext(kind, &args, at)?
            }
            "list" | "tuple" => self.cast_list(kind, val, cast, at)?,
            "decouple.Csv()" | "starlette.datastructures.CommaSeparatedStrings" => self.csv(val, at),
            "db" | "db_url" => self.environ_database(val, at),
            "dj_db_url" => {
                let args = Args::default();
                self.database_url(val, &args, at)
            }
            "email" | "email_url" if matches!(cast.library, Library::Environ | Library::EnvironFileAware) => {
                self.environ_mail(val, at)
            }
            // That of django-environ is of a class of its own.
            "path" if cast.library == Library::Environs => match &val.py {
                Py::Str(text) => Val::new(Py::Path(text.clone()), at),
                _ => Val::unknown(why_of(val), at),
            },
            _ => match val.py {
                Py::Str(_) if super::value::hole_of(val) => Val::unknown(why_of(val), at),
                _ => Val::unknown(Why::Limit("this cast of a variable is not followed"), at),
            },
        })
    }

    fn cast_bool(val: &Val, library: Library, at: Loc) -> Val {
        let Some(text) = val.as_str() else {
            return match val.py {
                Py::Bool(_) => val.clone(),
                Py::Int(value) if library == Library::Decouple && (value == 0 || value == 1) => {
                    Val::new(Py::Bool(value == 1), at).from(val.source.clone())
                }
                _ => Val::unknown_as(why_of(val), Kind::Bool, at),
            };
        };
        let lower = text.to_lowercase();
        let truth = match library {
            Library::Environ | Library::EnvironFileAware => match text.trim().parse::<i64>() {
                Ok(value) => Some(value != 0),
                Err(_) => Some(matches!(lower.trim(), "true" | "on" | "ok" | "y" | "yes" | "1")),
            },
            Library::Starlette => match &*lower {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Library::Decouple if text.is_empty() => Some(false),
            Library::Decouple => match &*lower {
                "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
                "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
                _ => None,
            },
            Library::Environs => match &*lower {
                "t" | "true" | "on" | "y" | "yes" | "1" => Some(true),
                "f" | "false" | "off" | "n" | "no" | "0" => Some(false),
                _ => None,
            },
        };
        match truth {
            Some(truth) => Val::new(Py::Bool(truth), at).from(val.source.clone()),
            None => Val::unknown_as(Why::Runtime("a text that is no truth value".into()), Kind::Bool, at),
        }
    }

    fn cast_list(&mut self, kind: &str, val: &Val, cast: &Cast, at: Loc) -> Eval<Val> {
        let Some(text) = val.as_str() else {
            return Ok(match val.py {
                Py::Str(_) => self.new_list(vec![Val::new(Py::Splat(Rc::new(why_of(val))), at)], at),
                _ => Val::unknown(why_of(val), at),
            });
        };
        let text = if kind == "tuple" { text.trim_matches(['(', ')']) } else { text };
        let mut list = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty() || cast.library == Library::Environs) {
            let part = Val::text(part, at).from(val.source.clone());
            let element = match &cast.function {
                Some(Val { py: Py::Ext(name), .. }) if matches!(&**name, "str" | "list" | "tuple") => part,
                Some(function) if matches!(function.py, Py::Ext(_) | Py::Func(_)) => {
                    self.call(&function.clone(), &Args { pos: vec![part], ..Args::default() }, at)?
                }
                _ => part,
            };
            list.push(element);
        }
        if text.is_empty() {
            list.clear();
        }
        Ok(if kind == "tuple" { Val::new(Py::Tuple(Rc::new(list)), at) } else { self.new_list(list, at) })
    }

    /// decouple's `Csv()`: comma-separated, as a shell would split it.
    pub(super) fn csv(&mut self, val: &Val, at: Loc) -> Val {
        match (&val.py, val.as_str()) {
            (Py::None, _) => self.new_list(Vec::new(), at),
            (_, Some(text)) if !text.contains(['\'', '"', '\\', '#']) => {
                let parts = text.split(',').filter(|part| !part.is_empty());
                let list = parts.map(|part| Val::text(part.trim(), at).from(val.source.clone())).collect();
                self.new_list(list, at)
            }
            (Py::Str(_), None) => self.new_list(vec![Val::new(Py::Splat(Rc::new(why_of(val))), at)], at),
            _ => Val::unknown(why_of(val), at),
        }
    }

    /// `dj_database_url.config`.
    pub(super) fn database_config(&mut self, args: &Args, at: Loc) -> Val {
        let name = args.text(0, "env").unwrap_or_else(|| "DATABASE_URL".to_owned());
        let default = args.get(1, "default").cloned().unwrap_or_else(|| Val::new(Py::None, at));
        let url = self.get_variable(&name, default, at);
        let parsed = self.map(&url, at, |interp, url| {
            Ok(match interp.truthy(url) {
                Some(false) => interp.new_dict([], at),
                _ => interp.database_url(url, args, at),
            })
        });
        parsed.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }

    /// `dj_database_url.parse`.
    pub(super) fn database_url(&mut self, val: &Val, args: &Args, at: Loc) -> Val {
        let Some(text) = val.as_str() else { return Val::unknown(why_of(val), at) };
        let place = if val.at.file == at.file { val.at } else { at };
        let text_at = |value: String| Val::text(value, place).from(val.source.clone());
        if text == "sqlite://:memory:" {
            let engine = text_at("django.db.backends.sqlite3".to_owned());
            return self.new_dict(
                vec![(Val::text("ENGINE", at), engine), (Val::text("NAME", at), text_at(":memory:".to_owned()))],
                at,
            );
        }
        let Some(parts) = url::split(text) else { return Val::unknown(NOT_FOLLOWED, at) };
        let Some(engine) = url::dj_engine(&parts.scheme) else {
            return Val::unknown(Why::Limit("a database of this scheme is not followed"), at);
        };
        let mut path = parts.path.strip_prefix('/').unwrap_or(&parts.path).to_owned();
        if parts.scheme == "sqlite" && path.is_empty() {
            ":memory:".clone_into(&mut path);
        }
        let mut entries: Vec<(&str, Val)> = vec![
            (
                "ENGINE",
                args.named("engine")
                    .filter(|val| val.as_str().is_some())
                    .cloned()
                    .unwrap_or_else(|| text_at(engine.to_owned())),
            ),
            ("USER", text_at(url::unquote(&parts.user))),
            ("PASSWORD", text_at(url::unquote(&parts.password))),
            ("HOST", text_at(url::unquote(&parts.host))),
            (
                "PORT",
                match parts.port {
                    Some(port) => Val::new(Py::Int(port.into()), place),
                    None => Val::text("", place),
                },
            ),
            ("NAME", text_at(url::unquote(&path))),
        ];
        let mut options: Vec<(Val, Val)> = Vec::new();
        for (key, value) in &parts.query {
            let value = match value.as_str() {
                digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    digits.parse().map_or(Val::unknown(NOT_FOLLOWED, at), |value| Val::new(Py::Int(value), place))
                }
                word if word.eq_ignore_ascii_case("true") => Val::new(Py::Bool(true), place),
                word if word.eq_ignore_ascii_case("false") => Val::new(Py::Bool(false), place),
                other => text_at(other.to_owned()),
            };
            let (key, value) = match (key.as_str(), engine) {
                ("currentSchema", _) => {
                    ("options", text_at(format!("-c search_path={}", value.as_str().unwrap_or_default())))
                }
                ("ssl-ca", "django.db.backends.mysql") => {
                    let inner = self.new_dict(vec![(Val::text("ca", at), value)], at);
                    ("ssl", inner)
                }
                (key, _) => (key, value),
            };
            options.push((Val::text(key, place), value));
        }
        if args.named("ssl_require").is_some_and(|val| self.truthy(val) == Some(true)) {
            options.retain(|(key, _)| key.as_str() != Some("sslmode"));
            options.push((Val::text("sslmode", at), Val::text("require", at)));
        }
        if !options.is_empty() {
            let options = self.new_dict(options, place);
            entries.push(("OPTIONS", options));
        }
        for (key, name, default) in [
            ("CONN_MAX_AGE", "conn_max_age", Py::Int(0)),
            ("CONN_HEALTH_CHECKS", "conn_health_checks", Py::Bool(false)),
            ("DISABLE_SERVER_SIDE_CURSORS", "disable_server_side_cursors", Py::Bool(false)),
        ] {
            entries.push((key, args.named(name).cloned().unwrap_or_else(|| Val::new(default, at))));
        }
        if args.named("test_options").is_some() {
            return Val::unknown(NOT_FOLLOWED, at);
        }
        self.new_dict(entries.into_iter().map(|(key, val)| (Val::text(key, at), val)), at)
    }

    /// `env.db()` of django-environ.
    fn environ_database(&mut self, val: &Val, at: Loc) -> Val {
        let Some(text) = val.as_str() else { return Val::unknown(why_of(val), at) };
        let text_at = |value: &str| Val::text(value, val.at).from(val.source.clone());
        if text == "sqlite://:memory:" {
            let entries = [("ENGINE", "django.db.backends.sqlite3"), ("NAME", ":memory:")];
            return self.new_dict(entries.map(|(key, value)| (Val::text(key, at), text_at(value))), at);
        }
        let Some(parts) = url::split(text).filter(|parts| !parts.path.is_empty() || parts.scheme == "sqlite") else {
            return Val::unknown(NOT_FOLLOWED, at);
        };
        let Some(engine) = url::environ_engine(&parts.scheme) else {
            return Val::unknown(Why::Limit("a database of this scheme is not followed"), at);
        };
        let mut path = url::unquote_plus(parts.path.get(1..).unwrap_or_default());
        if parts.scheme == "sqlite" && path.is_empty() {
            ":memory:".clone_into(&mut path);
        }
        let postgres = engine.contains("postgres") || engine.contains("postgis");
        if path.contains("cloudsql")
            || parts.netloc.contains(',')
            || parts.netloc.contains('%') && parts.user.is_empty()
            || engine.contains("oracle")
        {
            return Val::unknown(Why::Limit("a database address of this form is not followed"), at);
        }
        let (host, name) = match path.rsplit_once('/') {
            Some((host, name)) if postgres && path.starts_with('/') => (host.to_owned(), name.to_owned()),
            _ => (parts.host.clone(), path.clone()),
        };
        let mut entries = vec![
            ("NAME", text_at(&name)),
            ("USER", text_at(&url::unquote(&parts.user))),
            ("PASSWORD", text_at(&url::unquote(&parts.password))),
            ("HOST", text_at(&host)),
            ("PORT", parts.port.map_or_else(|| text_at(""), |port| Val::new(Py::Int(port.into()), val.at))),
        ];
        if !parts.query.is_empty() {
            let mut options = Vec::new();
            for (key, value) in &parts.query {
                if matches!(
                    &*key.to_uppercase(),
                    "CONN_MAX_AGE"
                        | "ATOMIC_REQUESTS"
                        | "AUTOCOMMIT"
                        | "DISABLE_SERVER_SIDE_CURSORS"
                        | "CONN_HEALTH_CHECKS"
                ) {
                    return Val::unknown(Why::Limit("a database address with these options is not followed"), at);
                }
                let number = value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten();
                let value = number.map_or_else(|| text_at(value), |number| Val::new(Py::Int(number), val.at));
                options.push((Val::text(key.as_str(), at), value));
            }
            let options = self.new_dict(options, at);
            entries.push(("OPTIONS", options));
        }
        entries.push(("ENGINE", text_at(engine)));
        self.new_dict(entries.into_iter().map(|(key, val)| (Val::text(key, at), val)), at)
    }
}

/// How a variable's text is to be read.
struct Cast {
    method: Rc<str>,
    function: Option<Val>,
    library: Library,
    /// Where decouple looks beside the environment, instead of in the files around the module.
    repository: Option<Val>,
}

fn exception(library: Library) -> &'static str {
    match library {
        Library::Environ | Library::EnvironFileAware => "ImproperlyConfigured",
        Library::Environs => "EnvError",
        Library::Decouple => "UndefinedValueError",
        Library::Starlette => "KeyError",
    }
}
