//! Applications and their middleware: what they are made with, and what follows for visitors.

use super::resolve::Facts;
use super::{APPLICATIONS, middleware_of};
use crate::formats::django::{impostor, lets_everybody_in, verbatim};
use crate::formats::python::{Args, Call, Outside, Py, Val, why_of};
use crate::model::{Node, ScopeId, Value, Why};
use crate::text::Loc;
use std::rc::Rc;

/// Middleware of one application that is told of.
const MAX: usize = 200;

/// A middleware as code gives it to an application.
struct Given {
    class: &'static str,
    args: Args,
    at: Loc,
    is_conditional: bool,
}

/// Fills in the applications and their middleware.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let calls = std::mem::take(&mut facts.calls);
    for call in calls.iter().filter(|call| APPLICATIONS.contains(&&*call.name)) {
        let Some(scope) = facts.application(call, &calls) else { continue };
        for given in facts.middleware(call, &calls) {
            facts.one(scope, &given);
        }
    }
    // What is wrapped around something that is no application of ours.
    for call in &calls {
        let Some(class) = middleware_of(&call.name).filter(|_| !wraps_application(call)) else { continue };
        let is_conditional = facts.is_conditional(call);
        facts.one(ScopeId(0), &Given { class, args: call.args.clone(), at: call.at, is_conditional });
    }
    facts.calls = calls;
}

/// Whether a middleware is wrapped around an application by hand.
fn wraps_application(call: &Call) -> bool {
    matches!(call.args.get(0, "app").map(|val| &val.py), Some(Py::Outside(made)) if APPLICATIONS.contains(&&*made.name))
}

fn owns(call: &Call, made: Option<&Rc<Outside>>) -> bool {
    matches!((&call.owner, made), (Some(owner), Some(made)) if Rc::ptr_eq(owner, made))
}

impl Facts<'_, '_, '_> {
    fn application(&mut self, call: &Call, calls: &[Call]) -> Option<ScopeId> {
        let fastapi = call.name.starts_with("fastapi.");
        let published = Value::Bool(self.published);
        let framework = if fastapi { "FastAPI" } else { "Starlette" };
        let values = vec![("framework", Value::text(framework)), ("is_published", published)];
        let scope = self.push("app", "", ScopeId(0), call.at, values)?;
        self.model.focus = scope;
        let args = &call.args;
        let open = args.open.clone().map(|why| Val::unknown(why, call.at));
        let place = usize::from(fastapi) * usize::MAX;
        let set = calls.iter().rev().find(|it| it.name.ends_with(".debug=") && owns(it, call.owner.as_ref()));
        let debug = set.and_then(|it| it.args.pos.first()).or_else(|| args.get(place, "debug"));
        let debug = debug.or(open.as_ref()).cloned();
        self.set(scope, "debug", debug.as_ref(), Value::Bool(false));
        let on = match self.truth(debug.as_ref(), false) {
            // Off unless something asks for it.
            Value::Bool(true) if self.is_conditional(set.unwrap_or(call)) => {
                Value::Unknown(Why::Runtime("a condition that is not known".into()))
            }
            on => on,
        };
        self.put(scope, "is_debug", on, debug.as_ref().map_or(call.at, |val| val.at));
        if !fastapi {
            self.put(scope, "has_docs", Value::Bool(false), call.at);
            return Some(scope);
        }
        let named = |name: &str| args.named(name).or(open.as_ref()).cloned();
        let mut on = Vec::new();
        for (name, default) in [("openapi_url", "/openapi.json"), ("docs_url", "/docs"), ("redoc_url", "/redoc")] {
            let val = named(name);
            self.set(scope, name, val.as_ref(), Value::text(default));
            on.push(self.truth(val.as_ref(), true));
        }
        self.set(scope, "root_path", named("root_path").as_ref(), Value::text(""));
        let has = match on.as_slice() {
            [Value::Bool(false), ..] | [_, Value::Bool(false), Value::Bool(false)] => Value::Bool(false),
            [Value::Bool(true), Value::Bool(true), _] | [Value::Bool(true), _, Value::Bool(true)] => Value::Bool(true),
            _ => on.into_iter().find(|it| matches!(it, Value::Unknown(_))).unwrap_or(Value::Bool(true)),
        };
        let pages = ["docs_url", "redoc_url", "openapi_url"].iter().filter_map(|name| args.named(name));
        let at = pages.filter(|val| val.as_str().is_some()).map(|val| val.at).next().unwrap_or(call.at);
        self.put(scope, "has_docs", has, at);
        Some(scope)
    }

    /// What an application is given, in the order of the code.
    fn middleware(&mut self, app: &Call, calls: &[Call]) -> Vec<Given> {
        let mut all = Vec::new();
        if let Some(list) = app.args.named("middleware").or_else(|| app.args.pos.get(2)).cloned() {
            let ways = self.interp.items(&list);
            let several = ways.len() > 1;
            for val in ways.into_iter().filter_map(|(_, list)| list.ok()).flatten().take(MAX) {
                let Py::Outside(made) = &val.py else { continue };
                if made.name.ends_with(".middleware.Middleware")
                    && let Some(class) = class_of(&made.args)
                {
                    all.push(Given { class, args: made.args.clone(), at: val.at, is_conditional: several });
                }
            }
        }
        for call in calls {
            let added = call.name.ends_with(".add_middleware") && owns(call, app.owner.as_ref());
            let wraps = middleware_of(&call.name).filter(|_| match call.args.get(0, "app").map(|val| &val.py) {
                Some(Py::Outside(made)) => owns(app, Some(made)),
                _ => false,
            });
            let Some(class) = wraps.or_else(|| class_of(&call.args).filter(|_| added)) else { continue };
            let is_conditional = self.is_conditional(call);
            all.push(Given { class, args: call.args.clone(), at: call.at, is_conditional });
        }
        all.truncate(MAX);
        all
    }

    fn one(&mut self, app: ScopeId, given: &Given) {
        let kind = match given.class {
            "CORSMiddleware" => "cors",
            "SessionMiddleware" => "session",
            "TrustedHostMiddleware" => "trusted_host",
            "ProxyHeadersMiddleware" => "proxy_headers",
            _ => "middleware",
        };
        let values = vec![("is_conditional", Value::Bool(given.is_conditional))];
        let Some(scope) = self.push(kind, given.class, app, given.at, values) else { return };
        match kind {
            "cors" => self.cors(scope, given),
            "session" => self.session(scope, given),
            "trusted_host" => {
                let hosts = self.argument(scope, given, 1, "allowed_hosts", Value::List(vec![star()]));
                self.argument(scope, given, 2, "www_redirect", Value::Bool(true));
                let any = match &hosts {
                    None => Value::Bool(true),
                    Some(val) if matches!(val.py, Py::None) => Value::Bool(true),
                    Some(val) => self.each(val, |facts, val| facts.contains(val, &|text| text == "*")),
                };
                self.put(scope, "any_host", any, hosts.map_or(given.at, |val| val.at));
            }
            "proxy_headers" => {
                let published = Value::Bool(self.published);
                self.put(scope, "is_published", published, given.at);
                let hosts = self.argument(scope, given, 1, "trusted_hosts", Value::text("127.0.0.1"));
                let any = hosts.as_ref().map_or(Value::Bool(false), |val| self.trusts_everybody(val));
                self.put(scope, "trusts_everybody", any, hosts.map_or(given.at, |val| val.at));
            }
            _ => {}
        }
    }

    /// Whether a list of proxies, or a text of them with commas, names everybody.
    pub(super) fn trusts_everybody(&mut self, val: &Val) -> Value {
        self.each(val, |facts, val| match (&val.py, val.as_str()) {
            (Py::None, _) => Some(false),
            (_, Some(text)) => Some(text.split(',').any(|part| is_everybody(part.trim()))),
            _ => facts.contains(val, &is_everybody),
        })
    }

    /// Sets a key of a middleware, and gives back what it is given.
    fn argument(&mut self, scope: ScopeId, given: &Given, place: usize, name: &str, default: Value) -> Option<Val> {
        let open = given.args.open.clone().map(|why| Val::unknown(why, given.at));
        let val = given.args.get(place, name).cloned().or(open);
        self.set(scope, name, val.as_ref(), default);
        val
    }

    fn cors(&mut self, scope: ScopeId, given: &Given) {
        let none = || Value::List(Vec::new());
        let origins = self.argument(scope, given, 1, "allow_origins", none());
        self.argument(scope, given, 2, "allow_methods", Value::List(vec![Node::default_value(Value::text("GET"))]));
        self.argument(scope, given, 3, "allow_headers", none());
        let credentials = self.argument(scope, given, 4, "allow_credentials", Value::Bool(false));
        let regex = self.argument(scope, given, 5, "allow_origin_regex", Value::Null);
        self.argument(scope, given, usize::MAX, "expose_headers", none());
        self.argument(scope, given, usize::MAX, "max_age", Value::Int(600));
        let any = match &origins {
            None => Value::Bool(false),
            Some(val) => self.each(val, |facts, val| match val.as_str() {
                Some(text) => Some(text.contains('*')),
                None => facts.contains(val, &|text| text == "*"),
            }),
        };
        let by_pattern = match &regex {
            None => Value::Bool(false),
            Some(val) => self.each(val, |_, val| match val.py {
                Py::None => Some(false),
                _ => val.as_str().map(lets_everybody_in),
            }),
        };
        let (any, at) = match (any, by_pattern) {
            (_, Value::Bool(true)) => (Value::Bool(true), &regex),
            (any, _) => (any, &origins),
        };
        self.put(scope, "any_origin", any, at.as_ref().map_or(given.at, |val| val.at));
        let with = self.truth(credentials.as_ref(), false);
        self.put(scope, "with_credentials", with, credentials.map_or(given.at, |val| val.at));
        let texts = origins.as_ref().map(|val| self.interp.items(val));
        let listed = match texts.as_deref() {
            Some([(_, Ok(list))]) => list.as_slice(),
            _ => &[],
        };
        let others = listed.iter().take(MAX).map(|val| (val.as_str().map_or("", impostor), val.at));
        let (other, at) = others.into_iter().find(|(who, _)| !who.is_empty()).unwrap_or(("", given.at));
        self.put(scope, "impostor", Value::text(other), at);
        let loose = match &regex {
            None => Value::Bool(false),
            Some(val) => self.each(val, |_, val| match val.py {
                Py::None => Some(false),
                _ => val.as_str().map(|text| !lets_everybody_in(text) && is_loose(text)),
            }),
        };
        self.put(scope, "is_loose", loose, regex.map_or(given.at, |val| val.at));
    }

    fn session(&mut self, scope: ScopeId, given: &Given) {
        let key = self.argument(scope, given, 1, "secret_key", Value::Null);
        self.argument(scope, given, 2, "session_cookie", Value::text("session"));
        self.argument(scope, given, 3, "max_age", Value::Int(14 * 24 * 60 * 60));
        self.argument(scope, given, 4, "path", Value::text("/"));
        let same_site = self.argument(scope, given, 5, "same_site", Value::text("lax"));
        let https = self.argument(scope, given, 6, "https_only", Value::Bool(false));
        self.argument(scope, given, 7, "domain", Value::Null);
        let only = self.truth(https.as_ref(), false);
        self.put(scope, "is_https_only", only, https.as_ref().map_or(given.at, |val| val.at));
        let crosses = match &same_site {
            None => Value::Bool(false),
            Some(val) => self.each(val, |_, val| Some(val.as_str()?.eq_ignore_ascii_case("none"))),
        };
        self.put(scope, "crosses_sites", crosses, same_site.map_or(given.at, |val| val.at));
        if let Some(key) = key {
            self.key("session", "secret_key", scope, &key);
        }
    }

    /// Whether a list has a text that is wanted; unknown where a part of it is.
    fn contains(&mut self, val: &Val, wanted: &dyn Fn(&str) -> bool) -> Option<bool> {
        let ways = self.interp.items(val);
        let [(_, Ok(list))] = ways.as_slice() else { return None };
        if list.iter().any(|val| val.as_str().is_some_and(wanted)) {
            return Some(true);
        }
        list.iter().all(|val| val.as_str().is_some()).then_some(false)
    }
}

fn class_of(args: &Args) -> Option<&'static str> {
    match &args.get(0, "middleware_class").or_else(|| args.named("cls"))?.py {
        Py::Ext(name) => middleware_of(name),
        _ => None,
    }
}

fn star() -> Node {
    Node::default_value(Value::text("*"))
}

fn is_everybody(text: &str) -> bool {
    matches!(text, "*" | "0.0.0.0/0" | "::/0")
}

/// Whether a pattern lets in names that only look like the one that it means. Starlette has it match the whole origin.
fn is_loose(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let bytes = pattern.as_bytes();
    let verbatim = verbatim(pattern);
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let mut dots = (0..bytes.len()).filter(|index| at(*index) == b'.' && verbatim.get(*index) == Some(&false));
    dots.any(|index| {
        let before = index.checked_sub(1).map_or(0, at);
        match at(index + 1) {
            // Anything right before a name, or right behind one.
            b'*' | b'+' => {
                let lazy = usize::from(at(index + 2) == b'?');
                let after = at(index + 2 + lazy);
                let starts = matches!(before, b'/' | 0) && after.is_ascii_alphanumeric();
                starts || before.is_ascii_alphabetic() && after == 0
            }
            after => before.is_ascii_alphanumeric() && after.is_ascii_alphabetic(),
        }
    })
}

/// Why what is asked for is not known.
pub(super) fn unknown(val: &Val) -> Value {
    Value::Unknown(why_of(val))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_let_in_more_than_they_mean() {
        for (pattern, everybody, loose) in [
            (".*", true, false),
            ("https?://.*", true, false),
            ("^https://.+$", true, false),
            (r"https://shop\.example", false, false),
            (r"https://.*\.shop\.example", false, false),
            (r"https://[a-z]+\.shop\.example", false, false),
            (r"http://localhost:\d+", false, false),
            (r"http://localhost(:.*)?", false, false),
            ("https://shop.example", false, true),
            (r"https://[a.b]\.example", false, false),
            (r"https://.*shop\.example", false, true),
            (r"https://shop\.example.*", false, true),
        ] {
            assert_eq!((lets_everybody_in(pattern), is_loose(pattern)), (everybody, loose), "{pattern}");
        }
    }
}
