//! Flask-Talisman, Flask-Limiter, and who is believed about where a request comes from.

use super::Facts;
use super::cookies::is_talisman;
use crate::formats::python::{Obj, Py, Val};
use crate::model::{Node, Scope, ScopeId, Value};
use crate::text::Loc;

/// What Flask-Talisman does by itself, by the argument that turns it off.
const PROTECTIONS: &[(&str, &str)] = &[
    ("content_security_policy", "no Content-Security-Policy is sent"),
    ("force_https", "plain HTTP is answered"),
    ("frame_options", "every site may frame the pages"),
    ("session_cookie_http_only", "scripts may read the session cookie"),
    ("session_cookie_secure", "the session cookie travels over plain HTTP"),
    ("strict_transport_security", "browsers are not told to stay with HTTPS"),
    ("x_content_type_options", "browsers guess types"),
];

impl Facts<'_, '_, '_> {
    pub(super) fn extensions(&mut self) {
        self.talisman();
        self.proxies();
        self.limiter();
    }

    fn talisman(&mut self) {
        let Some(call) = self.calls.iter().rev().find(|call| is_talisman(&call.name)) else { return };
        let mut args = call.owner.as_ref().map(|owner| owner.args.named.clone()).unwrap_or_default();
        args.extend(call.args.named.iter().cloned());
        for (name, harm) in PROTECTIONS {
            let Some((_, val)) = args.iter().rev().find(|(known, _)| &**known == *name) else { continue };
            let off = self.each(val, |facts, val| facts.interp.truth_of(val).map(|on| !on));
            let values = vec![("name", Value::text(*name)), ("harm", Value::text(*harm)), ("is_off", off)];
            self.push("protection", name, val.at, values);
        }
        let policy =
            args.iter().rev().find(|(known, _)| &**known == "content_security_policy").map(|(_, val)| val.clone());
        let nonces = args.iter().rev().find(|(known, _)| &**known == "content_security_policy_nonce_in");
        let nonces = nonces.map(|(_, val)| self.texts(&val.clone())).unwrap_or_default();
        if let Some(policy) = policy {
            self.policy(&policy, &nonces);
        }
    }

    /// The texts of a list, or the words of a text; with a hole, something that is not known.
    fn texts(&mut self, val: &Val) -> Vec<(Option<String>, Loc)> {
        if let Some(text) = val.as_str() {
            return text.split_whitespace().map(|word| (Some(word.to_owned()), val.at)).collect();
        }
        match self.interp.items(val).as_slice() {
            [(_, Ok(list))] => list.iter().take(500).map(|val| (val.as_str().map(str::to_owned), val.at)).collect(),
            _ => vec![(None, val.at)],
        }
    }

    fn policy(&mut self, val: &Val, nonces: &[(Option<String>, Loc)]) {
        let directives: Vec<(String, Val)> = match (&val.py, val.as_str()) {
            (_, Some(text)) => text
                .split(';')
                .filter_map(|part| part.trim().split_once(' '))
                .map(|(name, sources)| (name.to_owned(), Val::text(sources, val.at)))
                .collect(),
            (Py::Ref(id), None) => match self.interp.objects(*id).as_slice() {
                [(_, Obj::Dict(dict))] if dict.open.is_none() => {
                    dict.entries.iter().filter_map(|(key, val)| Some((key.as_str()?.to_owned(), val.clone()))).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let scripts = directives.iter().any(|(name, _)| name == "script-src");
        for (name, val) in directives.iter().take(100) {
            let sources = self.texts(val);
            let decides = name.starts_with("script-src") || name == "default-src" && !scripts;
            let has = |wanted: &str| {
                sources.iter().any(|(source, _)| source.as_deref().is_none_or(|text| text.starts_with(wanted)))
            };
            let nonce = nonces.iter().any(|(known, _)| known.as_deref().is_none_or(|known| known == name));
            let signed = nonce || has("'nonce") || has("'sha") || has("'strict-dynamic'");
            let is_unsafe = |text: &str| match text {
                "'unsafe-inline'" => !signed,
                "'unsafe-eval'" => true,
                "*" | "data:" | "http:" | "https:" => !has("'strict-dynamic'"),
                _ => false,
            };
            let found = sources.iter().filter_map(|(source, at)| Some((source.as_deref()?, *at)));
            let found = found.filter(|(text, _)| decides && is_unsafe(text));
            let found: Vec<Node> = found.map(|(text, at)| Node::derived(Value::text(text), at, vec![at])).collect();
            self.directive(name, val.at, found);
        }
    }

    fn directive(&mut self, name: &str, at: Loc, found: Vec<Node>) {
        let schema = self.model.format.schema;
        let Some(kind) = schema.kind_named("csp_directive") else { return };
        let place = found.first().map_or(at, |node| node.at);
        let mut scope = Scope::new(kind, name, Some(ScopeId(0)), at);
        for (key, value) in [("name", Value::text(name)), ("unsafe_sources", Value::List(found))] {
            if let Some(id) = schema.key(kind, key) {
                scope.own.set(id, Node::derived(value, place, vec![place]));
            }
        }
        self.model.push(scope);
    }

    /// How many proxies are believed, where the application itself can be reached.
    fn proxies(&mut self) {
        let calls = self.calls.iter().filter(|call| call.name.ends_with(".ProxyFix"));
        let calls: Vec<(Loc, Option<Val>, Option<Val>)> = calls
            .filter(|call| call.args.open.is_none())
            .map(|call| (call.at, call.args.get(1, "x_for").cloned(), call.args.get(3, "x_host").cloned()))
            .collect();
        let published = self.published.first().copied();
        for (at, hops, host) in calls {
            let number = |val: &Option<Val>, default: i64| match val {
                None => Value::Int(default),
                Some(val) => val.as_int().map_or_else(|| Self::unknown(val), Value::Int),
            };
            let values = vec![
                ("x_for", number(&hops, 1)),
                ("x_host", number(&host, 0)),
                ("is_published", Value::Bool(published.is_some())),
            ];
            self.push("proxy_fix", "", at, values);
        }
    }

    fn limiter(&mut self) {
        let wanted = |name: &str| matches!(name, "flask_limiter.Limiter" | "flask_limiter.Limiter.init_app");
        let Some(call) = self.calls.iter().find(|call| wanted(&call.name)) else { return };
        let (at, open) = (call.at, call.args.open.clone());
        let made = call.owner.as_ref().and_then(|owner| owner.args.named("storage_uri"));
        let given = call.args.named("storage_uri").or(made).cloned();
        let setting = ["RATELIMIT_STORAGE_URI", "RATELIMIT_STORAGE_URL"].iter().map(|name| self.value(name));
        let setting = setting.into_iter().find(|val| !matches!(val.py, Py::Unbound | Py::None));
        let memory = match (given.or(setting), open) {
            (_, Some(why)) => Value::Unknown(why),
            (None, None) => Value::Bool(true),
            (Some(val), None) => self.each(&val, |_, val| val.as_str().map(|uri| uri.starts_with("memory:"))),
        };
        let enabled = self.value("RATELIMIT_ENABLED");
        let off = self.each(&enabled, |facts, val| match val.py {
            Py::Unbound => Some(false),
            _ => facts.interp.truth_of(val).map(|on| !on),
        });
        let at = if off == Value::Bool(true) { enabled.at } else { at };
        self.push("limiter", "", at, vec![("counts_in_memory", memory), ("is_off", off)]);
    }
}
