//! Settings and keys: what stands in the code, or stands in for a variable that is not set.

use super::middleware::unknown;
use super::resolve::{Facts, MODULE};
use crate::deployment::role::Role;
use crate::formats::flask;
use crate::formats::python::{
    self, Args, Field, Obj, Py, Pydantic, Source, Val, is_setting, literals, origin_name, source_of,
};
use crate::model::{ScopeId, Value};
use crate::secrets;
use crate::text::Loc;
use std::collections::BTreeSet;

/// Settings of a module.
const MAX: usize = 3_000;
/// Models inside each other whose fields are settings as well.
const MAX_DEPTH: usize = 4;
/// Names of settings that say where the application runs.
const ENVIRONMENTS: &[&str] =
    &["ENVIRONMENT", "ENV", "APP_ENV", "APP_ENVIRONMENT", "ENV_STATE", "FASTAPI_ENV", "STAGE", "DEPLOY_ENV"];
/// What they say of the machine of a developer.
const DEVELOPERS: &[&str] = &["local", "dev", "development", "debug"];

impl Facts<'_, '_, '_> {
    /// The fields of the classes of settings, and the names of the module that variables stand behind.
    pub(super) fn settings(&mut self) {
        let classes: Vec<usize> = (0..self.interp.spaces.len()).filter(|class| self.is_of_settings(*class)).collect();
        let mut count = 0;
        let made = classes.iter().any(|class| self.interp.constructed.contains(class));
        for class in &classes {
            let is_base = |other: &usize| {
                self.interp.spaces.get(*other).is_some_and(|space| {
                    space.bases.iter().any(|base| matches!(base.py, Py::Class(above) if above == *class))
                })
            };
            // Where the module makes its settings itself, only those classes count of which it does.
            let used = if made { self.interp.constructed.contains(class) } else { !classes.iter().any(is_base) };
            if !used {
                continue;
            }
            let name =
                self.interp.spaces.get(*class).and_then(|space| space.class.clone()).map(|class| class.name.clone());
            let at = self
                .model
                .scope(ScopeId(0))
                .map_or_else(|| Loc::new(self.file, crate::text::Span::default()), |it| it.at);
            let fields = self.interp.fields(*class, &Args::default(), at);
            self.fields(name.as_deref().unwrap_or_default(), fields, &mut count, 0);
        }
        self.names(&mut count);
        self.literals();
    }

    fn is_of_settings(&self, class: usize) -> bool {
        let ours = self.interp.spaces.get(class).is_some_and(|space| space.file == self.file && space.class.is_some());
        ours && matches!(self.interp.pydantic(class), Some(Pydantic::Settings | Pydantic::OldSettings))
    }

    fn fields(&mut self, class: &str, fields: Vec<Field>, count: &mut usize, depth: usize) {
        for field in fields {
            *count += 1;
            if *count > MAX {
                return;
            }
            let label = format!("{class}.{}", field.name);
            if let Some(inner) = self.model_of(&field.raw).filter(|_| depth < MAX_DEPTH) {
                let at = field.raw.at;
                let inside = self.interp.fields(inner, &Args::default(), at);
                self.fields(&label, inside, count, depth + 1);
            }
            self.setting(&label, &field.name, &field.val, &field.raw, depth == 0, false);
        }
    }

    /// The model whose defaults a field has.
    fn model_of(&self, val: &Val) -> Option<usize> {
        let ways = self.interp.ways(val);
        let Py::Ref(id) = ways.last()?.1.py else { return None };
        match self.interp.objects(id).as_slice() {
            [(_, Obj::Instance(class, _))] if self.interp.pydantic(*class) == Some(Pydantic::Model) => Some(*class),
            _ => None,
        }
    }

    /// The names of the module behind which a secret of another program stands in full.
    fn literals(&mut self) {
        let Some(space) = self.interp.spaces.get(self.space) else { return };
        let vars = space.vars.clone();
        for (name, val) in vars.into_iter().take(MAX) {
            let ours = val.at.file == self.file && is_setting(&name) && !matches!(val.source, Source::Environment(_));
            let literal = if ours { literals::first(self.interp, &name, &val) } else { None };
            let Some(literal) = literal.filter(|it| self.interp.is_committed(it.at)) else { continue };
            let values = vec![
                ("name", Value::text(literal.name.as_str())),
                ("opens_elsewhere", Value::Bool(literal.elsewhere)),
                ("stands_in", Value::Bool(literal.stands_in)),
                // What it is does not matter; that it stands there is not to be shown.
                ("secret_repr", Value::text("")),
            ];
            self.push("literal", &name, ScopeId(0), literal.at, values);
        }
    }

    /// The names of the module whose values come from variables, or stand in for them.
    fn names(&mut self, count: &mut usize) {
        let switches = self.switches();
        let Some(space) = self.interp.spaces.get(self.space) else { return };
        let vars = space.vars.clone();
        for (name, val) in vars {
            let of_variable = self.interp.ways(&val).into_iter().find_map(|(_, val)| match val.source {
                Source::Environment(name) | Source::EnvironmentDefault(name) => Some(name),
                _ => None,
            });
            let Some(variable) = of_variable.filter(|_| val.at.file == self.file && is_setting(&name)) else {
                continue;
            };
            *count += 1;
            if *count > MAX {
                return;
            }
            self.setting(&name, &name, &val, &val, true, switches.contains(&*variable));
        }
    }

    /// The variables that starlette reads without a cast, though they are on or off where they are not set.
    fn switches(&self) -> BTreeSet<String> {
        let reads = self.calls.iter().filter(|call| &*call.name == "starlette.config.Config()");
        reads
            .filter(|call| call.args.get(1, "cast").is_none_or(|val| matches!(val.py, Py::None)))
            .filter(|call| call.args.get(2, "default").is_some_and(|val| matches!(val.py, Py::Bool(_))))
            .filter_map(|call| call.args.get(0, "key")?.as_str().map(str::to_owned))
            .collect()
    }

    fn setting(&mut self, label: &str, name: &str, val: &Val, raw: &Val, top: bool, is_switch: bool) {
        let repr = match python::repr(self.interp, val) {
            Ok(text) => Value::text(text),
            Err(why) => Value::Unknown(why),
        };
        let (deciding, origin) = self.deciding(raw);
        let text = deciding.as_ref().and_then(text_of);
        let shown = text.as_deref().unwrap_or_default();
        let named = secrets::is_secret_name(name);
        let hidden = named || secrets::has_credentials(shown) || !secrets::spans(shown).is_empty();
        let elsewhere = literals::opens_elsewhere(name, shown);
        let address = literals::host_with_password(name, shown).is_some();
        let is_secret =
            (named || address) && text.as_deref().is_some_and(|text| secrets::is_literal(text) && text.trim() == text);
        let development = origin == "environment-default"
            && ENVIRONMENTS.contains(&name.to_uppercase().as_str())
            && DEVELOPERS.contains(&shown.to_lowercase().as_str());
        let values = vec![
            ("name", Value::text(name)),
            (if hidden { "secret_repr" } else { "repr" }, repr),
            ("origin", Value::text(origin)),
            ("is_secret", Value::Bool(is_secret)),
            ("is_key", Value::Bool(secrets::is_key_name(name) || name.to_uppercase().contains("SECRET"))),
            ("opens_elsewhere", Value::Bool(elsewhere)),
            ("is_administrators", Value::Bool(secrets::is_administrators(name))),
            ("is_committed", Value::Bool(self.interp.is_committed(raw.at))),
            ("is_empty", Value::Bool(text.is_some_and(|text| text.is_empty()))),
            ("is_switch", Value::Bool(is_switch)),
            ("is_for_developers", Value::Bool(development)),
        ];
        let scope = self.push("setting", label, ScopeId(0), raw.at, values);
        if let Some(scope) = scope.and_then(|scope| self.model.scope_mut(scope)) {
            scope.role = role_of(label);
        }
        if top {
            let node = self.node(val);
            let key = self.model.key(MODULE, name);
            if let Some(scope) = self.model.scope_mut(ScopeId(0)) {
                scope.own.set(key, node);
            }
        }
    }

    /// The value that holds where nothing but the code says otherwise, and where it comes from.
    fn deciding(&self, val: &Val) -> (Option<Val>, &'static str) {
        let stands_in = self.interp.stand_in_of(val);
        let ways = self.interp.ways(val);
        let deciding = match (&stands_in, ways.as_slice()) {
            (Some(val), _) | (None, [(_, val)]) => Some(val.clone()),
            _ => None,
        };
        let origin = match (&stands_in, &deciding) {
            (Some(_), _) => "environment-default",
            (None, Some(val)) => origin_name(&val.source),
            (None, None) => origin_name(&source_of(val)),
        };
        let known = deciding.as_ref().and_then(text_of).is_some();
        (deciding, if !known && origin == "literal" { "computed" } else { origin })
    }

    /// A key that something is signed with.
    pub(super) fn key(&mut self, what: &str, name: &str, parent: ScopeId, val: &Val) {
        if val.is_unknown() || matches!(val.py, Py::Unbound | Py::None) {
            return;
        }
        let (deciding, origin) = self.deciding(val);
        let text = deciding.as_ref().and_then(text_of);
        let worth = text
            .as_deref()
            .map_or_else(|| unknown(val), |text| Value::text(flask::strength(text, self.interp.least_secret(16))));
        let at = deciding.as_ref().map_or(val.at, |val| val.at);
        let stands =
            text.as_ref().is_some_and(|text| !text.is_empty()) && matches!(origin, "literal" | "environment-default");
        let mut values = vec![
            ("name", Value::text(name)),
            ("use", Value::text(what)),
            ("origin", Value::text(origin)),
            ("strength", worth),
            ("is_committed", Value::Bool(self.interp.is_committed(at))),
            ("is_empty", text.map_or_else(|| unknown(val), |text| Value::Bool(text.is_empty()))),
        ];
        if stands {
            values.push(("secret_repr", Value::text("")));
        }
        self.push("key", name, parent, at, values);
    }
}

/// What a class of settings is for, as its name says: `TestSettings`, `LocalConfig`.
fn role_of(label: &str) -> Option<Role> {
    let (class, _) = label.split_once('.')?;
    let starts = |word: &str| {
        let rest = class.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'))
    };
    if starts("Test") || starts("Testing") {
        Some(Role::Test)
    } else if ["Dev", "Development", "Local"].into_iter().any(starts) {
        Some(Role::Development)
    } else {
        None
    }
}

fn text_of(val: &Val) -> Option<String> {
    match &val.py {
        // What keeps it from being printed.
        Py::Outside(made) if matches!(&*made.name, "pydantic.SecretStr" | "pydantic.SecretBytes") => {
            text_of(made.args.pos.first()?)
        }
        Py::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => val.as_str().map(str::to_owned),
    }
}
