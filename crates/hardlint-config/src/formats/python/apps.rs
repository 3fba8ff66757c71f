//! Applications of Flask, `FastAPI` and Starlette, as code makes them: what they are made with, what is done to them, and which
//! one is served.
//!
//! Only where [`Interp::apps`] is set. What an extension does to an application is not followed: extensions keep to names of their
//! own in its configuration. Code of the project that is not at hand may do anything to it.

use super::call::{Args, method};
use super::stmt::Flow;
use super::value::{App, Closure, Dict, Kind, Lits, NOT_FOLLOWED, Obj, Outside, Py, Source, Val, why_of};
use super::{Eval, Interp, Lit, MAX_CALLS, Rc};
use crate::deployment::role;
use crate::formats::{asgi, flask};
use crate::loader;
use crate::model::Why;
use crate::syntax::python::{CompareOp, ExprKind, ParameterKind, Stmt, StmtKind, parse};
use crate::text::{FileId, Loc};
use crate::version::Versions;
use std::collections::BTreeMap;

/// Calls that are kept.
const MAX_KEPT: usize = 2_000;
/// Entries of a dict of which one is taken by a key that is not known.
const MAX_ENTRIES: usize = 8;
/// Why what stands in views is not known.
pub(super) const VIEWS: Why = Why::Limit("views are not looked into for settings");

/// What is known of applications, while code runs.
#[derive(Debug)]
pub(crate) struct Apps {
    /// Calls of packages whose names [`flask::is_followed`] knows, and of `run`.
    pub(crate) calls: Vec<Call>,
    /// The objects of the applications, in the order in which they were made, each with its place.
    pub(crate) made: Vec<(usize, Loc)>,
    versions: Versions,
    /// Whether what runs only does so if the module is started as a program.
    under_main: bool,
}

/// A call that is kept.
#[derive(Debug)]
pub(crate) struct Call {
    /// What is called, by its dotted name; `run` for that of an application.
    pub(crate) name: Rc<str>,
    /// What it was made with, of a method.
    pub(crate) owner: Option<Rc<Outside>>,
    pub(crate) args: Args,
    pub(crate) at: Loc,
    /// The conditions of the branches around it.
    pub(crate) when: Lits,
    pub(crate) under_main: bool,
    /// The application that it is given, or is a method of.
    pub(crate) app: Option<usize>,
}

impl Apps {
    pub(crate) fn new(versions: Versions) -> Self {
        Self { calls: Vec::new(), made: Vec::new(), versions, under_main: false }
    }
}

impl Interp<'_, '_> {
    /// Calls of Flask itself, of what is kept, and imports by a text; `None` for what goes on as everywhere.
    pub(super) fn call_flask(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        if matches!(name, "werkzeug.utils.import_string" | "importlib.import_module") {
            let name = args.text(0, "name").or_else(|| args.text(0, "import_name"))?;
            return Some(self.import_string(&name, at));
        }
        self.apps.as_ref()?;
        if matches!(name, "flask.Flask" | "flask.app.Flask") {
            return Some(Ok(self.new_app(None, args, at)));
        }
        if asgi::is_followed(name) {
            // What is made is told apart by being the same object.
            let made = Rc::new(Outside { name: name.into(), args: args.clone() });
            self.keep(name, Some(made.clone()), args, at);
            return Some(Ok(Val::new(Py::Outside(made), at)));
        }
        if flask::is_followed(name) {
            self.keep(name, None, args, at);
            self.effects(name, args, at);
            return Some(Ok(self.made_outside(name, args, at)));
        }
        if name == "json.loads"
            && let Some(text) = args.text(0, "s")
        {
            let read = super::json::value(self, &text, at);
            return Some(read.map_or_else(|| self.fail("ValueError", "a text that is no JSON", at), Ok));
        }
        None
    }

    /// What a call outside the project gives.
    pub(super) fn made_outside(&self, name: &str, args: &Args, at: Loc) -> Val {
        if self.apps.is_none() {
            return Self::outside(name, at);
        }
        Val::new(Py::Outside(Rc::new(Outside { name: name.into(), args: args.clone() })), at)
    }

    /// A method of what something outside the project made.
    pub(super) fn outside_method(&mut self, outside: &Rc<Outside>, name: &str, args: &Args, at: Loc) -> Val {
        let full = format!("{}.{name}", outside.name);
        if &*outside.name == "super" && name != "__init__" {
            // What the class above does may be the project's.
            self.touched(&Self::outside(&full, at), args);
        }
        if is_followed(&outside.name) {
            self.keep(&full, Some(outside.clone()), args, at);
            if name == "init_app" {
                let mut all = outside.args.clone();
                all.named.extend(args.named.iter().cloned());
                all.pos.clone_from(&args.pos);
                self.effects(&outside.name, &all, at);
            }
        }
        // A chain of calls would make a name of any length.
        if full.len() > 200 { Self::outside(&outside.name, at) } else { self.made_outside(&full, args, at) }
    }

    /// Whether the methods of a value leave what they are given as it is.
    pub(super) fn keeps_arguments(owner: &Val) -> bool {
        matches!(&owner.py, Py::Outside(outside) if asgi::is_followed(&outside.name))
    }

    /// Keeps what an attribute of an application is set to.
    pub(super) fn keep_assigned(&mut self, outside: &Rc<Outside>, name: &str, value: Val) {
        if asgi::is_followed(&outside.name) {
            let (at, args) = (value.at, Args { pos: vec![value], ..Args::default() });
            self.keep_for(&format!("{}.{name}=", outside.name), Some(outside.clone()), &args, at, None);
        }
    }

    /// Keeps whether the templates of an application escape what they show: `app.jinja_env.autoescape = …`.
    pub(super) fn keep_of_templates(&mut self, owner: &Val, part: &str, name: &str, value: Val) {
        let app = self.app_id(owner);
        if app.is_some() && part == "jinja_env" && name == "autoescape" {
            let (at, args) = (value.at, Args { pos: vec![value], ..Args::default() });
            self.keep_for("jinja_env.autoescape=", None, &args, at, app);
        }
    }

    /// Keeps a call that reads a variable with starlette.
    pub(super) fn keep_read(&mut self, args: &Args, at: Loc) {
        self.keep_for("starlette.config.Config()", None, args, at, None);
    }

    fn keep(&mut self, name: &str, owner: Option<Rc<Outside>>, args: &Args, at: Loc) {
        let app = args.pos.iter().chain(args.named.iter().map(|(_, val)| val)).find_map(|val| self.app_id(val));
        self.keep_for(name, owner, args, at, app);
    }

    fn keep_for(&mut self, name: &str, owner: Option<Rc<Outside>>, args: &Args, at: Loc, app: Option<usize>) {
        let when: Lits = self.forks.as_slice().into();
        let Some(apps) = self.apps.as_mut().filter(|apps| apps.calls.len() < MAX_KEPT) else { return };
        let under_main = apps.under_main;
        apps.calls.push(Call { name: name.into(), owner, args: args.clone(), at, when, under_main, app });
    }

    /// What an extension sets in the configuration of the application that it is given.
    fn effects(&mut self, name: &str, args: &Args, at: Loc) {
        if name != "flask_talisman.Talisman" {
            return;
        }
        let Some(app) = args.get(0, "app").and_then(|val| self.app_of(val)) else { return };
        let config = Val::new(Py::Ref(app.config), at);
        let samesite = args.named("session_cookie_samesite").cloned();
        let samesite = samesite.unwrap_or_else(|| Val::text("Lax", at));
        self.set_index(&config, &Val::text("SESSION_COOKIE_SAMESITE", at), &samesite);
        let on = args.named("session_cookie_http_only").is_none_or(|val| self.truthy(val) == Some(true));
        if on {
            self.set_index(&config, &Val::text("SESSION_COOKIE_HTTPONLY", at), &Val::new(Py::Bool(true), at));
        }
    }

    /// An instance of a class of the project that is an application.
    pub(super) fn construct_app(&mut self, class: usize, args: &Args, at: Loc) -> Option<Eval<Val>> {
        self.apps.as_ref()?;
        if !self.is_app_class(class, 0) {
            return None;
        }
        let app = self.new_app(Some(class), args, at);
        if let Some(Val { py: Py::Func(init), .. }) = self.member(class, "__init__", 0)
            && let Err(raise) = self.run_function(&init, Some(app.clone()), args, at)
        {
            return Some(Err(raise));
        }
        Some(Ok(app))
    }

    fn is_app_class(&self, class: usize, depth: usize) -> bool {
        depth < MAX_CALLS
            && self.spaces.get(class).is_some_and(|found| {
                found.bases.iter().any(|base| match &base.py {
                    Py::Class(above) => self.is_app_class(*above, depth + 1),
                    Py::Ext(name) => matches!(&**name, "flask.Flask" | "flask.app.Flask"),
                    _ => false,
                })
            })
    }

    fn new_app(&mut self, class: Option<usize>, args: &Args, at: Loc) -> Val {
        let defaults = self.defaults(at);
        let config = self.new_dict(defaults, at);
        let named = args.get(0, "import_name").cloned().unwrap_or_else(|| Val::unknown(NOT_FOLLOWED, at));
        let named = ["import_name", "name"].map(|name| (Val::text(name, at), named.clone()));
        let fields = self.new_dict(named, at);
        let (Py::Ref(config), Py::Ref(fields)) = (config.py, fields.py) else { return Val::unknown(NOT_FOLLOWED, at) };
        let (folder, top) = self.folders(args.get(0, "import_name"));
        let folder = match args.get(9, "root_path").filter(|val| !matches!(val.py, Py::None)) {
            Some(given) => self.below_root(given),
            None => folder,
        };
        let instance = match args.get(7, "instance_path").filter(|val| !matches!(val.py, Py::None)) {
            Some(given) => self.below_root(given),
            None => top.and_then(|top| loader::join(&top, "instance")),
        };
        let files = match args.get(8, "instance_relative_config").map(|val| self.truthy(val)) {
            None | Some(Some(false)) => folder.clone(),
            Some(Some(true)) => instance.clone(),
            Some(None) => None,
        };
        let shared = |path: Option<String>| path.map(Rc::from);
        let app =
            App { config, fields, folder: shared(folder), files: shared(files), instance: shared(instance), class };
        let app = self.new_obj(Obj::App(Rc::new(app)), at);
        if let (Py::Ref(id), Some(apps)) = (&app.py, &mut self.apps) {
            apps.made.push((*id, at));
        }
        let id = self.app_id(&app);
        self.keep_for("flask.Flask", None, args, at, id);
        // A class may bring other defaults along.
        let other = ["config_class", "default_config", "make_config"];
        if class.is_some_and(|class| other.iter().any(|name| self.member(class, name, 0).is_some())) {
            let config = Val::new(Py::Ref(config), at);
            self.doubt(&config, &Why::Runtime("what the class of the application sets".into()));
        }
        app
    }

    /// What Flask itself sets.
    fn defaults(&mut self, at: Loc) -> Vec<(Val, Val)> {
        let Some(versions) = self.apps.as_ref().map(|apps| apps.versions) else { return Vec::new() };
        let mut entries = Vec::new();
        for (name, default) in flask::defaults(versions) {
            let val = match (name, default) {
                ("DEBUG", _) => self.debug_flag(versions, at),
                ("ENV", Ok(_)) => {
                    let none = Val::new(Py::None, at);
                    let given = self.get_variable("FLASK_ENV", none, at);
                    let usual = Val::text("production", at).from(Source::Program);
                    let taken = self.map(&given, at, |_, given| {
                        let nothing = matches!(given.py, Py::None) || given.as_str() == Some("");
                        Ok(if nothing { usual.clone() } else { given.clone() })
                    });
                    taken.unwrap_or_else(|raise| Val::unknown(raise.why, at))
                }
                (_, Ok(text)) if text == "datetime.timedelta(days=31)" => Val::new(Py::Delta(31 * 86_400_000_000), at),
                (_, Ok(text)) => self.literal(&text, at),
                (_, Err(why)) => Val::unknown(why, at),
            };
            let computed = matches!(val.py, Py::Choice(_)) || matches!(val.source, Source::Environment(_));
            let val = if computed { val } else { val.from(Source::Program) };
            entries.push((Val::text(name, at), val));
        }
        entries
    }

    /// What `FLASK_DEBUG` says, and before Flask 2.3 `FLASK_ENV`.
    fn debug_flag(&mut self, versions: Versions, at: Loc) -> Val {
        let none = Val::new(Py::None, at);
        let old = self.get_variable("FLASK_ENV", none.clone(), at);
        let flag = self.get_variable("FLASK_DEBUG", none, at);
        let (reads_old, never) = flask::reads_flask_env(versions);
        let place = self.given.get("FLASK_DEBUG").map_or(at, |given| given.at);
        let decided = self.map(&flag, at, |interp, flag| {
            let source = Source::Environment("FLASK_DEBUG".into());
            match flag.as_str() {
                Some("") => {}
                Some(text) => {
                    let on = !matches!(text.to_lowercase().as_str(), "0" | "false" | "no");
                    return Ok(Val::new(Py::Bool(on), place).from(source));
                }
                None if matches!(flag.py, Py::None) => {}
                None => return Ok(Val::unknown_as(why_of(flag), Kind::Bool, at)),
            }
            let off = Val::new(Py::Bool(false), at).from(Source::Program);
            interp.map(&old, at, |_, old| {
                Ok(match old.as_str() {
                    _ if never => off.clone(),
                    Some("development") if reads_old => Val::new(Py::Bool(true), at),
                    Some("development") => Val::unknown_as(Why::Version("DEBUG".into()), Kind::Bool, at),
                    Some(_) => off.clone(),
                    None if matches!(old.py, Py::None) => off.clone(),
                    None => Val::unknown_as(why_of(old), Kind::Bool, at),
                })
            })
        });
        decided.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }

    /// The folder of the module with that name, and the one that its outermost package stands in.
    fn folders(&self, name: Option<&Val>) -> (Option<String>, Option<String>) {
        let here = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
        let top = self.import_root(&here);
        let Some(name) = name.and_then(Val::as_str) else { return (None, None) };
        if Some(name) == self.app_module_name().as_deref() {
            return (Some(loader::folder(&here).to_owned()), Some(top));
        }
        match super::locate(self.reader.loader, &here, 0, name) {
            Ok(path) => {
                let root = self.import_root(&path);
                (Some(loader::folder(&path).to_owned()), Some(root))
            }
            Err(_) => (None, None),
        }
    }

    /// The folder that the outermost package of a module stands in.
    fn import_root(&self, path: &str) -> String {
        let roots = super::import::import_roots(self.reader.loader, path);
        roots.into_iter().next().unwrap_or_default()
    }

    /// `__name__` of the module that is being run.
    pub(super) fn app_module_name(&self) -> Option<String> {
        let apps = self.apps.as_ref()?;
        if apps.under_main {
            return Some("__main__".to_owned());
        }
        let path = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
        let root = self.import_root(&path);
        let below = path.strip_prefix(root.as_str()).unwrap_or(&path).trim_start_matches('/');
        let module = below.strip_suffix(".py").unwrap_or(below);
        let module = module.strip_suffix("/__init__").unwrap_or(module);
        Some(module.replace('/', "."))
    }

    fn app_id(&self, val: &Val) -> Option<usize> {
        self.apps.as_ref()?;
        self.alts(val).into_iter().find_map(|(_, val)| match val.py {
            Py::Ref(id) => matches!(self.heap.get(id), Some(Obj::App(_))).then_some(id),
            _ => None,
        })
    }

    /// The application that a value is.
    pub(super) fn app_of(&self, val: &Val) -> Option<Rc<App>> {
        match self.heap.get(self.app_id(val)?) {
            Some(Obj::App(app)) => Some(app.clone()),
            _ => None,
        }
    }

    /// The application whose configuration an object is.
    pub(super) fn app_with_config(&self, id: usize) -> Option<Rc<App>> {
        let apps = self.apps.as_ref()?;
        apps.made.iter().find_map(|(app, _)| match self.heap.get(*app) {
            Some(Obj::App(app)) if app.config == id => Some(app.clone()),
            _ => None,
        })
    }

    /// Code that is not at hand was given these: of an application among them, nothing is known any more.
    pub(super) fn touched(&mut self, called: &Val, args: &Args) {
        let why = why_of(called);
        if self.apps.is_none() || why == VIEWS {
            return;
        }
        let owner = match &called.py {
            Py::Method(pair) => Some(pair.0.clone()),
            _ => None,
        };
        let given: Vec<Val> =
            args.pos.iter().chain(args.named.iter().map(|(_, val)| val)).chain(&owner).cloned().collect();
        for val in given {
            let config = match (self.app_of(&val), &val.py) {
                (Some(app), _) => Some(app.config),
                (None, Py::Ref(id)) => self.app_with_config(*id).map(|app| app.config),
                _ => None,
            };
            if let Some(config) = config {
                self.doubt(&Val::new(Py::Ref(config), val.at), &why);
            }
        }
    }

    /// Code that was not run to its end may have set anything.
    pub(super) fn cut_short(&mut self, why: &Why) {
        let made: Vec<usize> = self.apps.iter().flat_map(|apps| apps.made.iter().map(|(id, _)| *id)).collect();
        for id in made {
            if let Some(Obj::App(app)) = self.heap.get(id) {
                let config = Val::new(Py::Ref(app.config), Loc::new(self.file(), crate::text::Span::default()));
                self.doubt(&config, why);
            }
        }
    }

    /// Whether a name is an application, which code that is not followed may have changed: it stays what it is, of which
    /// nothing is known.
    pub(super) fn tainted_app(&mut self, name: &str, why: &Why, at: Loc) -> bool {
        let Some(app) = self.name(name, at).ok().and_then(|val| self.app_of(&val)) else { return false };
        self.doubt(&Val::new(Py::Ref(app.config), at), why);
        true
    }

    pub(super) fn app_attribute(&mut self, app: &Rc<App>, owner: &Val, name: &str, at: Loc) -> Eval<Val> {
        if name == "config" {
            return Ok(Val::new(Py::Ref(app.config), at));
        }
        if let Some(key) = setting_of(name) {
            let config = Val::new(Py::Ref(app.config), at);
            let val = self.index(&config, &Val::text(key, at), at)?;
            return match (name, val.as_int()) {
                ("permanent_session_lifetime", Some(seconds)) => Ok(seconds
                    .checked_mul(1_000_000)
                    .map_or(Val::unknown(NOT_FOLLOWED, at), |micros| Val::new(Py::Delta(micros), at))),
                _ => Ok(val),
            };
        }
        let folder = match name {
            "root_path" => Some(&app.folder),
            "instance_path" => Some(&app.instance),
            _ => None,
        };
        if let Some(folder) = folder {
            let why = Why::Runtime("the folder of the application".into());
            return Ok(folder.as_deref().map_or(Val::unknown(why, at), |folder| {
                Val::new(Py::Str(Rc::new(super::path::under_root(folder))), at)
            }));
        }
        let fields = Val::new(Py::Ref(app.fields), at);
        let found = self.read(&fields, at, |_, _, obj| {
            let found = match obj {
                Some(Obj::Dict(dict)) => dict.text(name).cloned(),
                _ => None,
            };
            Ok(found.unwrap_or_else(|| Val::new(Py::Unbound, at)))
        })?;
        if !matches!(found.py, Py::Unbound) {
            return Ok(found);
        }
        Ok(match app.class.and_then(|class| self.member(class, name, 0)) {
            Some(val) if !matches!(val.py, Py::Func(_)) => val,
            _ => method(owner, name, at),
        })
    }

    pub(super) fn set_app_attribute(&mut self, app: &Rc<App>, name: &str, value: &Val) {
        let (of, name) = match setting_of(name) {
            Some(key) => (app.config, key),
            // `app.config |= …` binds it to itself.
            None if name == "config" && matches!(value.py, Py::Ref(id) if id == app.config) => return,
            None if name == "config" => {
                let config = Val::new(Py::Ref(app.config), value.at);
                return self.doubt(&config, &why_of(value));
            }
            None => (app.fields, name),
        };
        self.set_index(&Val::new(Py::Ref(of), value.at), &Val::text(name, value.at), value);
    }

    pub(super) fn app_method(&mut self, app: &Rc<App>, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        let own = app.class.and_then(|class| self.member(class, name, 0));
        if let Some(Val { py: Py::Func(function), .. }) = own {
            return self.run_function(&function, Some(owner.clone()), args, at);
        }
        if name == "run" {
            let id = self.app_id(owner);
            self.keep_for("run", None, args, at, id);
        }
        Ok(self.made_outside(&format!("flask.Flask.{name}"), args, at))
    }

    /// Whether a value is none under some condition.
    pub(super) fn may_be_unbound(&self, val: &Val) -> bool {
        matches!(val.py, Py::Unbound | Py::Choice(_))
            && self.alts(val).iter().any(|(_, val)| matches!(val.py, Py::Unbound))
    }

    /// A value of a dict, with another where there is none.
    pub(super) fn bound_or(&mut self, val: &Val, other: Option<&Val>, at: Loc) -> Eval<Val> {
        if !self.may_be_unbound(val) {
            return Ok(val.clone());
        }
        self.map(val, at, |interp, val| match (&val.py, other) {
            (Py::Unbound, Some(other)) => Ok(other.clone()),
            (Py::Unbound, None) => interp.fail("KeyError", "a key that is not there", at),
            _ => Ok(val.clone()),
        })
    }

    /// One entry of a dict, by a key that is not known. Such a look-up mostly picks a configuration by its name.
    pub(super) fn any_entry(&mut self, dict: &Dict, key: &Val, default: Option<&Val>, at: Loc) -> Val {
        let known = dict.open.is_none() && dict.more.is_none();
        let few = !dict.entries.is_empty() && dict.entries.len() + usize::from(default.is_some()) <= MAX_ENTRIES;
        if self.apps.is_none() || !known || !few {
            return Val::unknown(why_of(key), at);
        }
        let place = dict.entries.first().map_or(at, |(name, _)| name.at);
        let wanted = self.excerpt(key.at);
        let mut others: Vec<Lit> = Vec::new();
        let mut ways: Vec<(Lits, Val)> = Vec::new();
        let last = dict.entries.len() - usize::from(default.is_none());
        for (index, (name, val)) in dict.entries.iter().enumerate() {
            let mut when = others.clone();
            if index < last {
                let name = super::repr(self, name).unwrap_or_default();
                let id = format!("entry {} {} {wanted} {name}", place.file.0, place.span.start);
                let cond = self.cond(id, format!("`{wanted}` is {name}"));
                when.push(Lit { cond, holds: true });
                others.push(Lit { cond, holds: false });
            }
            ways.push((when.into(), val.clone()));
        }
        if let Some(default) = default {
            ways.push((others.into(), default.clone()));
        }
        self.choice(ways, at)
    }

    /// Whether a file only has views and models in it, which set nothing.
    pub(super) fn is_view(&self, file: FileId) -> bool {
        if self.apps.is_none() || self.modules.len() < 2 {
            return false;
        }
        let text = self.reader.source(file).text.as_bytes();
        let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
        VIEW_WORDS.iter().any(has) && !SETTING_WORDS.iter().any(has)
    }

    /// The application that is served when the module is, as `flask run` finds it, and the function that makes it.
    pub(crate) fn best_app(&mut self, space: usize) -> Option<usize> {
        let vars = self.spaces.get(space)?.vars.clone();
        let named = ["app", "application"].iter().find_map(|name| self.app_id(vars.get(*name)?));
        if named.is_some() {
            return named;
        }
        let mut apps: Vec<usize> = vars.values().filter_map(|val| self.app_id(val)).collect();
        apps.sort_unstable();
        // One that is wrapped is no value any more: `app = ProxyFix(app)`.
        let wrapped = self.apps.as_ref().and_then(|apps| match apps.made.as_slice() {
            [(only, _)] => Some(*only),
            _ => None,
        });
        if let Some(first) = apps.first().copied().or(wrapped) {
            return Some(first);
        }
        let ours: Vec<(Rc<str>, Rc<Closure>)> = vars
            .iter()
            .filter_map(|(name, val)| match &val.py {
                Py::Func(closure) => Some((name.clone(), closure.clone())),
                _ => None,
            })
            .collect();
        let makers = |wanted: &str| ours.iter().find(|(name, _)| **name == *wanted);
        let usual = ["create_app", "make_app"].iter().find_map(|name| makers(name));
        let file = self.spaces.get(space)?.file;
        let other = || {
            ours.iter().find(|(_, closure)| {
                closure.file == file
                    && closure
                        .function
                        .body
                        .iter()
                        .any(|stmt| self.reader.source(file).slice(stmt.span).contains("Flask("))
            })
        };
        let (name, maker) = usual.or_else(other)?;
        let (name, maker) = (name.clone(), maker.clone());
        self.call_maker(space, &name, &maker)
    }

    /// Calls the functions of a module whose text has one of these words, until one of them makes something that is kept.
    pub(crate) fn call_makers(&mut self, space: usize, words: &[&str]) {
        let Some(found) = self.spaces.get(space) else { return };
        let file = found.file;
        let ours = found.vars.iter().filter_map(|(name, val)| match &val.py {
            Py::Func(closure) if closure.file == file => Some((name.clone(), closure.clone())),
            _ => None,
        });
        // What starts something for developers or tests says so by its name.
        let starts = self.apps.as_ref().is_some_and(|apps| apps.under_main);
        let ours = ours.filter(|(name, _)| !starts || !role::of_path(name).is_lesser());
        let ours: Vec<(Rc<str>, Rc<Closure>)> = ours.collect();
        let source = self.reader.source(file).clone();
        for (name, closure) in ours {
            let makes = |stmt: &Stmt| words.iter().any(|word| source.slice(stmt.span).contains(word));
            if !closure.function.body.iter().any(makes) {
                continue;
            }
            let before = self.apps.as_ref().map_or(0, |apps| apps.calls.len());
            self.call_maker(space, &name, &closure);
            if self.apps.as_ref().is_some_and(|apps| apps.calls.len() > before) {
                return;
            }
        }
    }

    /// Evaluates an expression of a module as if it stood at the module's end.
    pub(crate) fn evaluate(&mut self, space: usize, expr: &crate::syntax::python::Expr) -> Val {
        let outer = std::mem::replace(&mut self.space, space);
        let at = self.loc(expr.span);
        let val = self.expr(expr).unwrap_or_else(|raise| Val::unknown(raise.why, at));
        self.space = outer;
        val
    }

    /// Calls a function that makes an application with nothing, or something unknown where it needs something.
    fn call_maker(&mut self, space: usize, name: &str, maker: &Rc<Closure>) -> Option<usize> {
        let at = Loc::new(maker.file, maker.function.body.first()?.span);
        let mut args = Args::default();
        for (parameter, default) in maker.function.parameters.iter().zip(&maker.defaults) {
            if default.is_none() && matches!(parameter.kind, ParameterKind::Plain | ParameterKind::Keyword) {
                let why = Why::Runtime(format!("what `{name}` is called with").into());
                args.named.push(((*parameter.name).into(), Val::unknown(why, at)));
            }
        }
        let before = self.apps.as_ref()?.made.len();
        let outer = std::mem::replace(&mut self.space, space);
        let result = self.run_function(maker, None, &args, at);
        self.space = outer;
        if let Err(raise) = &result {
            self.cut_short(&raise.why);
        }
        let given = result.ok().and_then(|val| self.app_id(&val));
        given.or_else(|| self.apps.as_ref()?.made.get(before).map(|(id, _)| *id))
    }

    /// Runs what a module does when it is started as a program. Nothing that this sets holds.
    pub(crate) fn run_as_program(&mut self, file: FileId, space: usize) {
        let source = self.reader.source(file).clone();
        if memchr::memmem::find(source.text.as_bytes(), b"__main__").is_none() {
            return;
        }
        let module = parse(&source.text);
        let outer = std::mem::replace(&mut self.space, space);
        self.open_frame();
        self.catching += 1;
        for stmt in &module.body {
            let StmtKind::If(tests) = &stmt.kind else { continue };
            let Some((Some(test), body)) = tests.first() else { continue };
            if !is_main(test) {
                continue;
            }
            if let Some(apps) = &mut self.apps {
                apps.under_main = true;
            }
            self.program(body);
        }
        self.catching -= 1;
        drop(self.undo());
        if let Some(apps) = &mut self.apps {
            apps.under_main = false;
        }
        self.space = outer;
    }

    /// Runs the functions of a module that start an application, where nothing else does: what calls them stands elsewhere, as
    /// the entry point of a package. Nothing that they set holds.
    pub(crate) fn run_starters(&mut self, space: usize) {
        let runs = |apps: &Apps| apps.calls.iter().any(|call| &*call.name == "run");
        if self.apps.as_ref().is_none_or(runs) {
            return;
        }
        self.open_frame();
        self.catching += 1;
        if let Some(apps) = &mut self.apps {
            apps.under_main = true;
        }
        self.call_makers(space, &[".run("]);
        if let Some(apps) = &mut self.apps {
            apps.under_main = false;
        }
        self.catching -= 1;
        drop(self.undo());
    }

    fn program(&mut self, body: &[Stmt]) {
        for stmt in body {
            match self.block(std::slice::from_ref(stmt)) {
                Ok(Flow::Next) | Err(_) => {}
                Ok(_) => return,
            }
        }
    }

    /// What an application is configured with, each name with its value, why there may be more, and the defaults.
    pub(crate) fn configuration(&mut self, app: usize, at: Loc) -> (BTreeMap<String, Val>, Option<Why>) {
        let Some(Obj::App(app)) = self.heap.get(app).cloned() else { return (BTreeMap::new(), Some(NOT_FOLLOWED)) };
        let contents = self.contents(app.config);
        let (mut names, mut open) = (Vec::new(), None);
        for (_, obj) in &contents {
            match obj {
                Obj::Dict(dict) => {
                    names.extend(dict.entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)));
                    open = open.or_else(|| dict.open.as_deref().or(dict.more.as_deref()).cloned());
                }
                Obj::Unknown(why) => open = Some((**why).clone()),
                _ => open = Some(NOT_FOLLOWED),
            }
        }
        names.sort_unstable();
        names.dedup();
        let mut all = BTreeMap::new();
        for name in names {
            let val = self.config_value(app.config, &name, at);
            all.insert(name, val);
        }
        (all, open)
    }

    /// Something that a module took as empty.
    pub(crate) fn assumed(&self) -> Option<crate::model::Assumed> {
        self.spaces.iter().find_map(|space| space.assumed.clone())
    }
}

/// Whether the calls of something are kept.
fn is_followed(name: &str) -> bool {
    flask::is_followed(name) || asgi::is_followed(name)
}

/// Words that modules of views and of models have.
const VIEW_WORDS: &[&str] = &["APIRouter(", "Blueprint(", ".route(", "db.Model", "FlaskForm", "MethodView"];
/// Words that code has which sets something, or makes what others set.
const SETTING_WORDS: &[&str] = &[
    "config",
    "environ",
    "getenv",
    "secret_key",
    "init_app",
    "Flask(",
    "create_app",
    "CORS(",
    "Talisman(",
    "Limiter(",
    "CSRFProtect(",
    "FastAPI(",
    "Middleware(",
    "ProxyFix(",
    "Settings(",
    "Starlette(",
    "wsgi_app",
];

/// The setting that an attribute of an application stands for.
fn setting_of(attribute: &str) -> Option<&'static str> {
    Some(match attribute {
        "secret_key" => "SECRET_KEY",
        "testing" => "TESTING",
        "debug" => "DEBUG",
        "permanent_session_lifetime" => "PERMANENT_SESSION_LIFETIME",
        _ => return None,
    })
}

/// `__name__ == "__main__"`.
fn is_main(condition: &crate::syntax::python::Expr) -> bool {
    let ExprKind::Compare(left, tests) = &condition.kind else { return false };
    let [(CompareOp::Eq, right)] = tests.as_slice() else { return false };
    let name = |kind: &ExprKind| matches!(kind, ExprKind::Name(name) if &**name == "__name__");
    let main = |kind: &ExprKind| matches!(kind, ExprKind::Str(text) if &**text == "__main__");
    name(&left.kind) && main(&right.kind) || main(&left.kind) && name(&right.kind)
}
