//! Flask-Cors: which origins may read what, and whether with the visitor's cookies.
//!
//! An option of a resource wins over one of the call, that over one of the constructor, that over `CORS_…` in the
//! configuration (`flask_cors/core.py` of 6.0).

use super::Facts;
use crate::formats::django::{impostor, is_unanchored, lets_everybody_in};
use crate::formats::python::{Args, Obj, Py, Val, why_of};
use crate::model::Value;
use crate::syntax::python::{ArgumentName, ExprKind, StmtKind, parse};
use crate::text::Loc;

/// Resources of a call, and origins of a resource, that are told of.
const MAX: usize = 200;

struct Resource {
    path: String,
    at: Loc,
    /// The options of its own; unknown ones hide all.
    options: Option<Val>,
    known: bool,
}

impl Facts<'_, '_, '_> {
    pub(super) fn cors(&mut self) {
        let wanted = |name: &str| matches!(name, "flask_cors.CORS" | "flask_cors.CORS.init_app");
        let calls: Vec<(Loc, Args, Args)> = self
            .calls
            .iter()
            .filter(|call| {
                wanted(&call.name) && !call.args.pos.is_empty()
                    || call.args.named("app").is_some() && wanted(&call.name)
            })
            .filter(|call| call.app.is_none() || call.app == self.app)
            .map(|call| {
                let made = call.owner.as_ref().map(|owner| owner.args.clone()).unwrap_or_default();
                (call.at, call.args.clone(), made)
            })
            .collect();
        for (at, args, made) in calls {
            if args.open.is_some() || made.open.is_some() {
                continue;
            }
            let resources = self.option("resources", &args, &made);
            for resource in self.resources(resources.as_ref(), at) {
                self.resource(&resource, &args, &made, at);
            }
        }
    }

    /// `@cross_origin(…)` on views, where it lets cookies through: without them, one view that is open to all is meant.
    pub(super) fn cors_of_views(&mut self) {
        let source = self.interp.source(self.file);
        if memchr::memmem::find(source.text.as_bytes(), b"cross_origin(").is_none() {
            return;
        }
        let module = parse(&source.text);
        let mut found = Vec::new();
        let mut blocks = vec![module.body.as_slice()];
        while let Some(block) = blocks.pop() {
            for stmt in block {
                match &stmt.kind {
                    StmtKind::Def(function) => {
                        found.extend(function.decorator_calls.iter().map(|call| (call, function.name.clone())));
                        blocks.push(&function.body);
                    }
                    StmtKind::Class(class) => blocks.push(&class.body),
                    StmtKind::If(tests) => blocks.extend(tests.iter().map(|(_, body)| body.as_slice())),
                    StmtKind::Try(body, _, _, _) | StmtKind::With(_, body) => blocks.push(body),
                    _ => {}
                }
            }
        }
        for (call, view) in found.into_iter().take(MAX) {
            let ExprKind::Call(function, arguments) = &call.kind else { continue };
            let named = self.interp.evaluate(self.space, function);
            if !matches!(&named.py, Py::Ext(name) if matches!(&**name, "flask_cors.cross_origin" | "flask_cors.decorator.cross_origin"))
            {
                continue;
            }
            let mut args = Args::default();
            for argument in arguments {
                let val = self.interp.evaluate(self.space, &argument.value);
                match &argument.name {
                    ArgumentName::Place => args.pos.push(val),
                    ArgumentName::Named(name) => args.named.push((name.to_string().into(), val)),
                    ArgumentName::Rest | ArgumentName::RestByName => args.open = Some(why_of(&val)),
                }
            }
            let credentials = self.option("supports_credentials", &args, &Args::default());
            let with = credentials.is_some_and(|val| self.truth(&val) == Value::Bool(true));
            if with && args.open.is_none() {
                let at = Loc::new(self.file, call.span);
                let resource = Resource { path: format!("{view}()"), at, options: None, known: true };
                self.resource(&resource, &args, &Args::default(), at);
            }
        }
    }

    /// An option of a call; `None` where Flask-Cors takes its own.
    fn option(&self, name: &str, args: &Args, made: &Args) -> Option<Val> {
        let setting = || {
            let val = self.value(&format!("CORS_{}", name.to_uppercase()));
            (!matches!(val.py, Py::Unbound | Py::None)).then_some(val)
        };
        args.named(name).or_else(|| made.named(name)).cloned().or_else(setting)
    }

    fn resources(&mut self, val: Option<&Val>, at: Loc) -> Vec<Resource> {
        let one = |path: &str, at: Loc| Resource { path: path.to_owned(), at, options: None, known: true };
        let Some(val) = val else { return vec![one("/*", at)] };
        if let Some(text) = val.as_str() {
            return vec![one(text, at)];
        }
        let Py::Ref(id) = val.py else { return Vec::new() };
        match self.interp.objects(id).as_slice() {
            [(_, Obj::Dict(dict))] if dict.open.is_none() => dict
                .entries
                .iter()
                .take(MAX)
                .map(|(key, options)| Resource {
                    path: key.as_str().unwrap_or_default().to_owned(),
                    at: key.at,
                    options: Some(options.clone()),
                    known: matches!(options.py, Py::Ref(_)),
                })
                .collect(),
            [(_, Obj::List(list))] => {
                list.iter().take(MAX).filter_map(|val| Some(one(val.as_str()?, val.at))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn resource(&mut self, resource: &Resource, args: &Args, made: &Args, at: Loc) {
        let own = |name: &str| {
            let Some(Val { py: Py::Ref(id), .. }) = &resource.options else { return None };
            match self.interp.objects(*id).as_slice() {
                [(_, Obj::Dict(dict))] => dict.text(name).cloned(),
                _ => None,
            }
        };
        if !resource.known {
            return;
        }
        let (origins, credentials) = (own("origins"), own("supports_credentials"));
        let origins = origins.or_else(|| self.option("origins", args, made));
        let credentials = credentials.or_else(|| self.option("supports_credentials", args, made));
        let place = origins.as_ref().map_or(if resource.options.is_some() { resource.at } else { at }, |val| val.at);
        let any = match &origins {
            None => Value::Bool(true),
            Some(val) => self.each(val, Self::any_origin),
        };
        let with = match &credentials {
            None => Value::Bool(false),
            Some(val) => self.truth(val),
        };
        let cookies = with == Value::Bool(true);
        let values = vec![
            ("path", Value::text(resource.path.as_str())),
            ("any_origin", any),
            ("with_credentials", with),
            ("names_origins", Value::Bool(origins.is_some())),
        ];
        self.push("cors", &resource.path, place, values);
        if let Some(origins) = &origins {
            self.origins(origins, cookies);
        }
    }

    /// Whether any origin at all is let in.
    fn any_origin(&mut self, val: &Val) -> Option<bool> {
        let is_any = |text: &str| text == "*" || lets_everybody_in(text);
        if let Some(text) = val.as_str() {
            return Some(is_any(text));
        }
        let ways = self.interp.items(val);
        let [(_, Ok(list))] = ways.as_slice() else { return None };
        if list.iter().any(|val| val.as_str().is_some_and(is_any)) {
            return Some(true);
        }
        list.iter().all(|val| val.as_str().is_some()).then_some(false)
    }

    /// The origins, each in a scope of its own.
    fn origins(&mut self, val: &Val, cookies: bool) {
        let list = match val.as_str() {
            Some(_) => vec![val.clone()],
            None => match self.interp.items(val).as_slice() {
                [(_, Ok(list))] => list.clone(),
                _ => return,
            },
        };
        for val in list.iter().take(MAX) {
            let Some(text) = val.as_str() else { continue };
            let pattern = text.contains(['*', '\\', ']', '?', '$', '^', '[', '(', ')']);
            let any = text == "*" || lets_everybody_in(text);
            let values = vec![
                ("name", Value::text(text)),
                ("impostor", Value::text(if cookies && !pattern { impostor(text) } else { "" })),
                ("is_pattern", Value::Bool(pattern && !any)),
                ("is_unanchored", Value::Bool(pattern && !any && is_unanchored(text))),
            ];
            self.push("origin", text, val.at, values);
        }
    }

    /// Why a value is not known.
    pub(super) fn unknown(val: &Val) -> Value {
        Value::Unknown(why_of(val))
    }
}
