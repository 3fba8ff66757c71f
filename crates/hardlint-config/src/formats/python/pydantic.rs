//! Classes of `pydantic-settings`, and of `pydantic` beside them: what their fields are once an instance is made.
//!
//! As `BaseSettings` of pydantic-settings 2 and of pydantic 1 reads them: what the class is called with, the environment, the
//! files of variables that it names, its defaults. What a type makes of a text is known for the simple types; what a validator
//! may change is not known. A file in the folder of secrets may set anything.

mod validators;

use super::call::Args;
use super::environment::Variable;
use super::value::{Kind, Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, Lit, Lits, MAX_CALLS, Rc, json};
use crate::formats::env;
use crate::loader::{self, Git};
use crate::model::{Text, Why};
use crate::syntax::python::{ExprKind, StmtKind};
use crate::text::Loc;
use std::collections::BTreeSet;

/// Fields of a class, those that it inherits included.
const MAX_FIELDS: usize = 2_000;
/// What is said of a value whose type does something of its own with it.
const BY_TYPE: Why = Why::Limit("what its type makes of it is not followed");

/// What a class inherits from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pydantic {
    /// `BaseSettings` of pydantic-settings.
    Settings,
    /// `BaseSettings` of pydantic 1.
    OldSettings,
    /// `BaseModel`, which reads no environment.
    Model,
}

/// A field of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Rc<str>,
    /// What it is; unknown where a type or a validator makes something else of it.
    pub(crate) val: Val,
    /// What its type is given.
    pub(crate) raw: Val,
    /// Whether its type keeps its text from being printed.
    hidden: bool,
}

/// A field as its class declares it.
struct Declared {
    name: Rc<str>,
    kind: Type,
    default: Option<Val>,
}

/// How a class reads the environment.
#[derive(Default)]
struct Options {
    prefix: String,
    case_sensitive: bool,
    files: Vec<String>,
    /// Why something besides the environment may set a field.
    more: Option<Why>,
}

/// The types of which it is known what they make of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Secret,
    Bool,
    Int,
    Float,
    /// A list, a dict or a set, written as JSON.
    Json,
    Other,
}

impl Interp<'_, '_> {
    /// What a class is to pydantic, if anything.
    pub(crate) fn pydantic(&self, class: usize) -> Option<Pydantic> {
        self.pydantic_within(class, 0)
    }

    fn pydantic_within(&self, class: usize, depth: usize) -> Option<Pydantic> {
        if depth > MAX_CALLS {
            return None;
        }
        self.spaces.get(class)?.bases.iter().find_map(|base| match &base.py {
            Py::Class(above) => self.pydantic_within(*above, depth + 1),
            Py::Ext(name) => match &**name {
                "pydantic_settings.BaseSettings" | "pydantic_settings.main.BaseSettings" => Some(Pydantic::Settings),
                "pydantic.BaseSettings" | "pydantic.v1.BaseSettings" | "pydantic.env_settings.BaseSettings" => {
                    Some(Pydantic::OldSettings)
                }
                "pydantic.BaseModel" | "pydantic.main.BaseModel" | "pydantic.v1.BaseModel" => Some(Pydantic::Model),
                _ => None,
            },
            _ => None,
        })
    }

    /// An instance of a class of pydantic.
    pub(super) fn construct_pydantic(&mut self, class: usize, args: &Args, at: Loc) -> Option<Val> {
        self.pydantic(class)?;
        if let Some(why) = &args.open {
            return Some(Val::unknown(why.clone(), at));
        }
        self.constructed.insert(class);
        let fields = self.fields(class, args, at);
        // Code that asks for a secret is given its text.
        let known = |field: Field| (field.name, if field.hidden { field.raw } else { field.val });
        let fields = fields.into_iter().map(known).collect();
        Some(self.new_obj(Obj::Instance(class, Rc::new(fields)), at))
    }

    /// The fields of an instance that is made with these arguments.
    pub(crate) fn fields(&mut self, class: usize, args: &Args, at: Loc) -> Vec<Field> {
        let Some(kind) = self.pydantic(class) else { return Vec::new() };
        let mut declared = Vec::new();
        self.declared(class, kind, &mut declared, 0);
        let mut options = Options::default();
        self.options(class, &mut options, 0);
        let mut changed = BTreeSet::new();
        self.validated(class, &mut changed, 0);
        let mut fields = Vec::with_capacity(declared.len());
        for field in declared {
            let raw = self.field(&field, kind, &options, args, at);
            let touched = changed.contains("*") || changed.contains(&*field.name);
            let val = if touched {
                Val::unknown(Why::Limit("what a validator makes of it is not followed"), raw.at)
            } else {
                self.typed(&raw, field.kind)
            };
            fields.push(Field { name: field.name, val, raw, hidden: field.kind == Type::Secret });
        }
        fields
    }

    /// The fields that a class and those above it declare.
    fn declared(&mut self, class: usize, kind: Pydantic, all: &mut Vec<Declared>, depth: usize) {
        let Some(found) = self.spaces.get(class).filter(|_| depth <= MAX_CALLS) else { return };
        let (bases, ast, file) = (found.bases.clone(), found.class.clone(), found.file);
        for base in bases.iter().rev() {
            if let Py::Class(above) = base.py {
                self.declared(above, kind, all, depth + 1);
            }
        }
        let Some(ast) = ast else { return };
        for stmt in &ast.body {
            let (target, written) = match &stmt.kind {
                StmtKind::Annotated(target, annotation, _) => (target, Some(*annotation)),
                StmtKind::Assign(targets, _) => match targets.as_slice() {
                    [target] => (target, None),
                    _ => continue,
                },
                _ => continue,
            };
            let ExprKind::Name(name) = &target.kind else { continue };
            if name.starts_with('_') || &**name == "model_config" || all.len() >= MAX_FIELDS {
                continue;
            }
            let inherited = all.iter().position(|field| *field.name == **name);
            if written.is_none() && inherited.is_none() && kind == Pydantic::Settings {
                continue;
            }
            let default = self.spaces.get(class).and_then(|found| found.vars.get(&**name)).cloned();
            let default = default.filter(|val| !matches!(val.py, Py::Unbound | Py::Func(_)));
            let text = written.map(|span| self.reader.source(file).slice(span).to_owned());
            if text.as_deref().is_some_and(|text| text.contains("ClassVar")) {
                continue;
            }
            let kind = match (&text, inherited.and_then(|at| all.get(at)), &default) {
                (Some(text), ..) => Type::of(text),
                (None, Some(field), _) => field.kind,
                (None, None, Some(val)) => Type::of_value(val),
                (None, None, None) => Type::Other,
            };
            let field = Declared { name: (&**name).into(), kind, default };
            match inherited.and_then(|at| all.get_mut(at)) {
                Some(known) => *known = field,
                None => all.push(field),
            }
        }
    }

    /// The options of a class, those nearest last.
    fn options(&mut self, class: usize, options: &mut Options, depth: usize) {
        let Some(found) = self.spaces.get(class).filter(|_| depth <= MAX_CALLS) else { return };
        let bases = found.bases.clone();
        let (new, old) = (found.vars.get("model_config").cloned(), found.vars.get("Config").cloned());
        let sources = ["settings_customise_sources", "customise_sources"];
        let config_has = |interp: &Self| match old.as_ref().map(|old| &old.py) {
            Some(Py::Class(config)) => sources.iter().any(|name| interp.member(*config, name, 0).is_some()),
            _ => false,
        };
        if sources.iter().any(|name| found.vars.contains_key(*name)) || config_has(self) {
            options.more = Some(Why::Limit("sources that the class itself brings are not followed"));
        }
        for base in bases.iter().rev() {
            if let Py::Class(above) = base.py {
                self.options(above, options, depth + 1);
            }
        }
        let named: Vec<(Rc<str>, Val)> = match (&new, &old) {
            (Some(Val { py: Py::Outside(given), .. }), _) => given.args.named.clone(),
            (Some(Val { py: Py::Ref(id), .. }), _) => match self.contents(*id).as_slice() {
                [(_, Obj::Dict(dict))] => {
                    dict.entries.iter().filter_map(|(key, val)| Some((key.as_str()?.into(), val.clone()))).collect()
                }
                _ => Vec::new(),
            },
            (None, Some(Val { py: Py::Class(config), .. })) => {
                self.spaces.get(*config).map(|space| space.vars.clone().into_iter().collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        for (name, val) in named {
            match (&*name, val.as_str()) {
                ("env_prefix", Some(text)) => text.clone_into(&mut options.prefix),
                ("env_prefix", None) => options.more = Some(why_of(&val)),
                ("case_sensitive", _) => options.case_sensitive = self.truthy(&val) == Some(true),
                ("env_file", _) => options.files = self.files_of_variables(&val),
                ("secrets_dir", _) if !matches!(val.py, Py::None) => {
                    options.more = Some(Why::Runtime("what stands in the folder of secrets".into()));
                }
                _ => {}
            }
        }
    }

    /// The files of variables that a class names, as far as they are in the project, in the order in which they are read.
    fn files_of_variables(&mut self, val: &Val) -> Vec<String> {
        let list = match &val.py {
            Py::Str(_) | Py::Path(_) => vec![val.clone()],
            Py::Tuple(list) => list.to_vec(),
            Py::Ref(_) => match self.elements(val).as_slice() {
                [(_, Ok(list))] => list.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        list.iter().filter_map(|val| self.file_around(val)).collect()
    }

    /// The file that a path means: a path that is not absolute is taken from the working folder, which is the module's or one
    /// above it.
    pub(super) fn file_around(&self, val: &Val) -> Option<String> {
        let is_there = |path: &String| {
            self.reader.loader.stat(path).is_some_and(|stat| stat.kind == loader::Kind::File)
                && self.reader.loader.git(path) != Git::Ignored
        };
        let (Py::Str(text) | Py::Path(text)) = &val.py else { return None };
        let Text::Known(text) = &**text else { return self.below_root(val).filter(is_there) };
        if text.is_empty() || text.starts_with('/') {
            return None;
        }
        let here = self.spaces.get(self.module_space()).map_or_else(|| "".into(), |space| space.path.clone());
        let mut folder = loader::folder(&here);
        loop {
            if let Some(path) = loader::join(folder, text).filter(is_there) {
                return Some(path);
            }
            if folder.is_empty() {
                return None;
            }
            folder = loader::folder(folder);
        }
    }

    /// The fields that validators may change; `*` for all.
    fn validated(&self, class: usize, changed: &mut BTreeSet<String>, depth: usize) {
        let Some(found) = self.spaces.get(class).filter(|_| depth <= MAX_CALLS) else { return };
        for base in &found.bases {
            if let Py::Class(above) = base.py {
                self.validated(above, changed, depth + 1);
            }
        }
        if let Some(ast) = &found.class {
            validators::changing(ast, changed);
        }
    }

    /// What the type of a field is given.
    fn field(&mut self, field: &Declared, kind: Pydantic, options: &Options, args: &Args, at: Loc) -> Val {
        let info = match &field.default {
            Some(Val { py: Py::Outside(given), .. }) if &*given.name == "pydantic.Field" => Some(given.args.clone()),
            _ => None,
        };
        let place = field.default.as_ref().map_or(at, |val| val.at);
        let default = match &info {
            Some(info) => match (info.get(0, "default"), info.named("default_factory")) {
                (Some(val), _) => Some(val.clone()),
                (None, Some(factory)) => Some(self.made_by(factory, place)),
                (None, None) => None,
            },
            None => field.default.clone(),
        };
        let place = default.as_ref().map_or(place, |val| val.at);
        let mut names: Vec<String> = Vec::new();
        for option in ["validation_alias", "alias", "env"] {
            let Some(val) = info.as_ref().and_then(|info| info.named(option)) else { continue };
            match (&val.py, val.as_str()) {
                (_, Some(text)) => names.push(text.to_owned()),
                (Py::Outside(choices), _) => {
                    names.extend(choices.args.pos.iter().filter_map(Val::as_str).map(str::to_owned));
                }
                (Py::Ref(_), _) => {
                    if let [(_, Ok(list))] = self.elements(val).as_slice() {
                        names.extend(list.iter().filter_map(Val::as_str).map(str::to_owned));
                    }
                }
                _ => {}
            }
            break;
        }
        let given = args.named.iter().find(|(name, _)| **name == *field.name || names.iter().any(|it| **name == **it));
        if let Some((_, val)) = given {
            return val.clone();
        }
        if kind == Pydantic::Model {
            return default
                .unwrap_or_else(|| Val::unknown(Why::Runtime(format!("the field `{}`", field.name).into()), at));
        }
        if names.is_empty() {
            names.push(format!("{}{}", options.prefix, field.name));
        }
        self.variable_or_default(&names, default, field, options, place)
    }

    /// The first of the variables that is set, in the environment or in a file; else the default.
    fn variable_or_default(
        &mut self,
        names: &[String],
        default: Option<Val>,
        field: &Declared,
        options: &Options,
        at: Loc,
    ) -> Val {
        let shown = |name: &String| if options.case_sensitive { name.clone() } else { name.to_uppercase() };
        let first: Rc<str> = names.first().map_or_else(|| "".into(), |name| shown(name).as_str().into());
        let mut val = match default {
            Some(val) => Self::as_default(&first, val),
            None => Val::unknown(Why::Variable((&*first).into()), at),
        };
        if let Some(why) = &options.more {
            let cond = self.cond(format!("more {first}"), format!("another source sets `{first}`"));
            let other = Val::unknown(why.clone(), at);
            val = self.choice(vec![(one(cond, true), other), (one(cond, false), val)], at);
        }
        for name in names.iter().rev() {
            if let Some(found) = self.in_files(name, options, at) {
                val = found;
            }
        }
        for name in names.iter().rev() {
            let name = self.spelt(name, options.case_sensitive).unwrap_or_else(|| shown(name));
            val = match self.variable(&name, at) {
                Variable::Set(text) => text,
                Variable::Unset => val,
                Variable::Unknown => {
                    let (set, unset) = self.when_set(&name);
                    let text = Self::typed_unknown(&name, field.kind, at);
                    self.choice(vec![(set, text), (unset, val)], at)
                }
            };
        }
        val
    }

    /// What is known of a field that a variable sets to something unknown.
    fn typed_unknown(name: &str, kind: Type, at: Loc) -> Val {
        let why = Why::Variable(name.into());
        match kind {
            Type::Bool => Val::unknown_as(why, Kind::Bool, at),
            Type::Int | Type::Float => Val::unknown_as(why, Kind::Number, at),
            Type::Text | Type::Secret => Self::some_text(name, at),
            Type::Json | Type::Other => Val::unknown(why, at),
        }
        .from(Source::Environment(name.into()))
    }

    /// A variable as the environment spells it.
    fn spelt(&self, name: &str, case_sensitive: bool) -> Option<String> {
        if case_sensitive {
            return None;
        }
        let same = |known: &&String| known.eq_ignore_ascii_case(name);
        match &self.query.environment {
            Some(all) => all.keys().find(same).cloned(),
            None => self.given.keys().find(same).cloned(),
        }
    }

    /// The value of a variable in the last of the files that sets it.
    fn in_files(&mut self, name: &str, options: &Options, at: Loc) -> Option<Val> {
        for path in options.files.iter().rev() {
            let Ok(id) = self.reader.open(path, Some(at)) else { continue };
            let source = self.reader.source(id).clone();
            let lines = env::python_dotenv(id, &source.text, self.query.environment.as_ref());
            let same =
                |known: &str| if options.case_sensitive { known == name } else { known.eq_ignore_ascii_case(name) };
            let found = lines.into_iter().rev().find(|line| same(&line.name)).and_then(|line| line.value);
            if let Some((text, place)) = found {
                return Some(Self::plain_text(text, place).from(Source::Environment(name.into())));
            }
        }
        None
    }

    fn made_by(&mut self, factory: &Val, at: Loc) -> Val {
        let made: Eval<Val> = self.call(&factory.clone(), &Args::default(), at);
        made.unwrap_or_else(|raise| Val::unknown(raise.why, at))
    }

    /// What a type makes of what it is given.
    fn typed(&mut self, raw: &Val, kind: Type) -> Val {
        let made = self.map(raw, raw.at, |interp, val| Ok(interp.typed_simple(val, kind)));
        made.unwrap_or_else(|raise| Val::unknown(raise.why, raw.at))
    }

    fn typed_simple(&mut self, val: &Val, kind: Type) -> Val {
        let made = |py: Py| Val::new(py, val.at).from(val.source.clone());
        let refused = || Val::unknown(Why::Runtime("a value that its type refuses".into()), val.at);
        if matches!(val.py, Py::None) || val.is_unknown() {
            return val.clone();
        }
        match (kind, &val.py, val.as_str()) {
            (Type::Text, Py::Str(_), _)
            | (Type::Bool, Py::Bool(_), _)
            | (Type::Int, Py::Int(_), _)
            | (Type::Float, Py::Float(_), _)
            | (Type::Json, Py::Ref(_), _) => val.clone(),
            (Type::Bool, _, Some(text)) => match text.to_lowercase().as_str() {
                "1" | "on" | "t" | "true" | "y" | "yes" => made(Py::Bool(true)),
                "0" | "off" | "f" | "false" | "n" | "no" => made(Py::Bool(false)),
                _ => refused(),
            },
            (Type::Bool, Py::Int(value @ (0 | 1)), _) => made(Py::Bool(*value == 1)),
            (Type::Int, _, Some(text)) => match text.trim().parse() {
                Ok(value) => made(Py::Int(value)),
                Err(_) => refused(),
            },
            (Type::Float, _, Some(text)) => match text.trim().parse() {
                Ok(value) => made(Py::Float(value)),
                Err(_) => refused(),
            },
            #[expect(clippy::cast_precision_loss, reason = "as Python does")]
            (Type::Float, Py::Int(value), _) => made(Py::Float(*value as f64)),
            (Type::Json, _, Some(text)) if matches!(val.source, Source::Environment(_)) => {
                match json::value(self, text, val.at) {
                    Some(list) => list.at(val.at).from(val.source.clone()),
                    None => refused(),
                }
            }
            (Type::Secret | Type::Other | Type::Json, Py::Str(_) | Py::Ext(_) | Py::Class(_), _) => {
                Val::unknown(BY_TYPE, val.at)
            }
            (Type::Other, ..) => val.clone(),
            _ => Val::unknown(if matches!(val.py, Py::Str(_)) { why_of(val) } else { BY_TYPE }, val.at),
        }
    }
}

impl Type {
    /// The type that is written.
    fn of(text: &str) -> Self {
        let mut text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect();
        loop {
            let inner = ["Optional[", "typing.Optional[", "t.Optional["]
                .iter()
                .find_map(|start| text.strip_prefix(start)?.strip_suffix(']'))
                .or_else(|| text.strip_suffix("|None"))
                .or_else(|| text.strip_prefix("None|"))
                .map(str::to_owned);
            match inner {
                Some(inner) => text = inner,
                None => break,
            }
        }
        let head = text.split('[').next().unwrap_or_default();
        match head.rsplit('.').next().unwrap_or_default() {
            "str" => Self::Text,
            "SecretStr" => Self::Secret,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "list" | "List" | "dict" | "Dict" if !text.contains('|') && is_plain(&text) => Self::Json,
            _ => Self::Other,
        }
    }

    fn of_value(val: &Val) -> Self {
        match val.py {
            Py::Str(_) => Self::Text,
            Py::Bool(_) => Self::Bool,
            Py::Int(_) => Self::Int,
            Py::Float(_) => Self::Float,
            _ => Self::Other,
        }
    }
}

/// Whether the elements of a list are kept as they are.
fn is_plain(text: &str) -> bool {
    let inner = text.split_once('[').map_or("", |(_, inner)| inner.trim_end_matches(']'));
    inner.split(',').all(|part| matches!(part, "" | "str" | "Any" | "typing.Any"))
}

fn one(cond: usize, holds: bool) -> Lits {
    Rc::from([Lit { cond, holds }])
}
