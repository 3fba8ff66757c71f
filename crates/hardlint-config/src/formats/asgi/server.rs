//! Servers: those that code starts (`uvicorn.run(…)`), the file of settings that gunicorn reads, and the command lines of
//! services and images. Whatever a server is told in, its options are judged alike.

use super::gunicorn::{SETTINGS, Takes};
use super::keys::SCHEMA;
use super::resolve::{Facts, MODULE};
use crate::formats::python::{Call, Py};
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::syntax::ciphers;
use crate::text::{Loc, Span};
use std::collections::BTreeMap;

/// A server and what it is told.
pub(super) struct Server {
    /// `uvicorn`, `gunicorn` and so on.
    pub(super) program: &'static str,
    /// Where it is started.
    pub(super) at: Loc,
    /// Its options by name, as Python spells them.
    pub(super) options: BTreeMap<String, Node>,
    /// The facts that are true of how it is started: `is_published`, `is_started`, `is_command`, `under_main`, `is_conditional`.
    pub(super) is: Vec<&'static str>,
    /// Why there may be more options.
    pub(super) open: Option<Why>,
}

/// Switches that let requests through which others read differently: the option, and what follows.
const PARSING: &[(&str, &str)] = &[
    ("casefold_http_method", "methods count as the same in any case, which other programs tell apart"),
    ("permit_obsolete_folding", "a header may go on in the next line, where other programs see a new one"),
    ("permit_unconventional_http_method", "methods may be anything"),
    ("permit_unconventional_http_version", "versions may be anything"),
    (
        "strip_header_spaces",
        "a space before the colon of a header is taken, which other programs read as part of its name",
    ),
    ("tolerate_dangerous_framing", "requests are taken whose length is told in two ways"),
];
/// Limits that `0` takes away.
const LIMITS: &[(&str, &str)] = &[
    ("limit_request_field_size", "headers may be of any size"),
    ("limit_request_line", "the first line of a request may be of any length"),
];

/// Fills in the servers that the module starts.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let calls = std::mem::take(&mut facts.calls);
    for call in
        calls.iter().filter(|call| matches!(&*call.name, "uvicorn.run" | "uvicorn.Config" | "uvicorn.config.Config"))
    {
        facts.uvicorn(call);
    }
    facts.calls = calls;
}

impl Facts<'_, '_, '_> {
    fn uvicorn(&mut self, call: &Call) {
        let mut options = BTreeMap::new();
        for (name, val) in &call.args.named {
            options.insert(name.to_string(), self.node(val));
        }
        let all = [
            ("is_published", self.published),
            ("is_started", !call.under_main || self.started),
            ("under_main", call.under_main),
            ("is_conditional", self.is_conditional(call)),
        ];
        let is = all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
        let server = Server { program: "uvicorn", at: call.at, options, is, open: call.args.open.clone() };
        push(&mut self.model, &server);
    }

    /// The settings of a file that gunicorn reads: the names that it binds.
    pub(super) fn gunicorn(&mut self) {
        let Some(header) = self.model.scope(ScopeId(0)).map(|module| module.at) else { return };
        let Some(space) = self.interp.spaces.get(self.space) else { return };
        let (vars, open) = (space.vars.clone(), space.open.clone());
        let mut options = BTreeMap::new();
        for setting in SETTINGS {
            let Some(val) = vars.get(setting.name).filter(|val| !matches!(val.py, Py::Unbound)) else { continue };
            let node = self.node(val);
            options
                .insert(setting.name.to_owned(), Node { value: validated(setting.takes, node.value.clone()), ..node });
        }
        let is = if self.published { vec!["is_started", "is_published"] } else { vec!["is_started"] };
        let server = Server { program: "gunicorn", at: header, options, is, open };
        let versions = self.model.versions;
        let Some(scope) = push(&mut self.model, &server) else { return };
        self.model.focus = scope;
        let kind = self.model.scope(scope).map_or(MODULE, |scope| scope.kind);
        for setting in SETTINGS.iter().filter(|setting| !server.options.contains_key(setting.name)) {
            let value = match (&server.open, setting.default.over(versions)) {
                (_, None) => continue,
                (Some(why), _) => Value::Unknown(why.clone()),
                (None, Some(Some(text))) => Value::text(text),
                (None, Some(None)) => Value::Unknown(Why::Version(setting.name.into())),
            };
            let key = self.model.key(kind, setting.name);
            if let Some(scope) = self.model.scope_mut(scope) {
                scope.effective.set(key, Node::default_value(value));
            }
        }
    }
}

/// What gunicorn makes of what a setting is given.
fn validated(takes: Takes, value: Value) -> Value {
    let words = |text: &str| {
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| Node::default_value(Value::text(word)))
            .collect()
    };
    match (takes, value.as_str()) {
        (Takes::Int, Some(text)) => {
            text.trim().parse().map_or(Value::Unknown(Why::Runtime("a text that is no number".into())), Value::Int)
        }
        (Takes::Bool, Some(text)) => match text.trim().to_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Unknown(Why::Runtime("a text that is no truth value".into())),
        },
        (Takes::Text, Some(text)) => Value::text(text.trim()),
        (Takes::List, Some(text)) => Value::List(vec![Node::default_value(Value::text(text.trim()))]),
        (Takes::Addresses, Some(text)) => Value::List(words(text)),
        _ => value,
    }
}

/// Puts a server into the model, with what follows from its options.
pub(super) fn push(model: &mut Model, server: &Server) -> Option<ScopeId> {
    let kind = SCHEMA.kind_named("server")?;
    let mut scope = Scope::new(kind, server.program, Some(ScopeId(0)), server.at);
    // A file of settings is all of one server, and the module stands where it stands.
    if let Some(module) = model.scope(ScopeId(0)).filter(|module| module.at == server.at) {
        scope.extent = module.extent;
    }
    let id = model.push(scope);
    for (name, node) in &server.options {
        let key = model.key(kind, name);
        let scope = model.scope_mut(id)?;
        scope.own.set(key, node.clone());
    }
    put(model, id, "program", Value::text(server.program), server.at);
    for fact in ["is_published", "is_started", "is_command", "under_main", "is_conditional"] {
        put(model, id, fact, Value::Bool(server.is.contains(&fact)), server.at);
    }
    for (fact, (value, at)) in [
        ("reloads", server.reloads()),
        ("trusts_everybody", server.trusts_everybody()),
        ("binds_publicly", server.binds()),
    ] {
        put(model, id, fact, value, at);
    }
    for (name, group, harm, at) in server.weakened() {
        let kind = SCHEMA.kind_named("option")?;
        let mut scope = Scope::new(kind, name, Some(id), at);
        scope.extent = at.span;
        let option = model.push(scope);
        for (fact, text) in [("name", name), ("group", group), ("harm", harm)] {
            put(model, option, fact, Value::text(text), at);
        }
        put(model, option, "is_conditional", Value::Bool(server.is.contains(&"is_conditional")), at);
    }
    Some(id)
}

fn put(model: &mut Model, id: ScopeId, fact: &str, value: Value, at: Loc) {
    let Some(scope) = model.scope_mut(id) else { return };
    if let Some(key) = SCHEMA.key(scope.kind, fact) {
        scope.own.set(key, Node::derived(value, at, vec![at]));
    }
}

impl Server {
    /// An option; unknown where there may be more than what is known.
    fn option(&self, name: &str) -> Option<Node> {
        let unknown = || self.open.clone().map(|why| Node::derived(Value::Unknown(why), self.at, vec![self.at]));
        self.options.get(name).cloned().or_else(unknown)
    }

    fn reloads(&self) -> (Value, Loc) {
        let Some(node) = self.option("reload") else { return (Value::Bool(false), self.at) };
        (truth(&node.value), node.at)
    }

    fn binds(&self) -> (Value, Loc) {
        let Some(node) = self.option("host").or_else(|| self.option("bind")) else {
            return (Value::Bool(false), self.at);
        };
        let public = |text: &str| {
            let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
            matches!(text, "0.0.0.0" | "::" | "") || matches!(host, "0.0.0.0" | "[::]" | "")
        };
        (each_text(&node.value, &|text| text.split(',').any(|part| public(part.trim()))), node.at)
    }

    fn trusts_everybody(&self) -> (Value, Loc) {
        let Some(node) = self.option("forwarded_allow_ips") else { return (Value::Bool(false), self.at) };
        let listens = self.option("proxy_headers").is_none_or(|node| truth(&node.value) != Value::Bool(false));
        if !listens {
            return (Value::Bool(false), node.at);
        }
        let everybody = |text: &str| text.split(',').any(|part| matches!(part.trim(), "*" | "0.0.0.0/0" | "::/0"));
        (each_text(&node.value, &everybody), node.at)
    }

    /// The options that weaken the server: the name, what they are about, what follows, and where.
    fn weakened(&self) -> Vec<(&'static str, &'static str, &'static str, Loc)> {
        let mut found = Vec::new();
        let is = |name: &str, wanted: &dyn Fn(&Value) -> bool| {
            self.options.get(name).filter(|node| wanted(&node.value)).map(|node| node.at)
        };
        if self.program == "gunicorn" {
            for (name, harm) in PARSING {
                found.extend(
                    is(name, &|value| truth(value) == Value::Bool(true)).map(|at| (*name, "parsing", *harm, at)),
                );
            }
            for (name, harm) in LIMITS {
                found.extend(is(name, &|value| number(value) == Some(0)).map(|at| (*name, "parsing", *harm, at)));
            }
            let dangerous =
                is("header_map", &|value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("dangerous")));
            let harm = "a header with an underscore stands in for the one with a hyphen, which proxies look at";
            found.extend(dangerous.map(|at| ("header_map", "parsing", harm, at)));
        }
        let (list, authorities, requires) = if self.program == "uvicorn" || self.program == "fastapi" {
            ("ssl_ciphers", "ssl_ca_certs", "ssl_cert_reqs")
        } else {
            ("ciphers", "ca_certs", "cert_reqs")
        };
        let weak = |text: &str| !ciphers::judge(text).weak.is_empty();
        let at = is(list, &|value| value.as_str().is_some_and(|text| text != "TLSv1" && weak(text)));
        found.extend(at.map(|at| (list, "tls", "ciphers are offered that can be broken", at)));
        if self.options.get(authorities).is_some_and(|node| node.value != Value::Null) {
            let none = is(requires, &|value| number(value) == Some(0));
            let harm = "the certificate of a visitor is not asked for, though those who sign them are named";
            found.extend(none.map(|at| (requires, "tls", harm, at)));
        }
        // gunicorn takes no notice of its own since 21.
        if self.program == "uvicorn" {
            let old = is("ssl_version", &|value| matches!(number(value), Some(3 | 4)));
            found.extend(old.map(|at| ("ssl_version", "tls", "only TLS 1.0 or 1.1 is spoken", at)));
        }
        found
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        value => value.as_str()?.trim().parse().ok(),
    }
}

fn truth(value: &Value) -> Value {
    match value {
        Value::Bool(_) => value.clone(),
        Value::Null => Value::Bool(false),
        Value::Int(number) => Value::Bool(*number != 0),
        Value::Unknown(why) => Value::Unknown(why.clone()),
        Value::Choice(branches) => {
            let mut all = branches.iter().map(|branch| truth(&branch.node.value));
            match all.next() {
                Some(first) if all.all(|other| other == first) => first,
                _ => Value::Unknown(Why::Limit("it depends on a condition that is not known")),
            }
        }
        value => Value::Bool(value.as_str().is_none_or(|text| !text.is_empty())),
    }
}

/// Whether one of the texts is one that is looked for.
fn each_text(value: &Value, wanted: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::List(nodes) => {
            let all: Vec<Value> = nodes.iter().map(|node| each_text(&node.value, wanted)).collect();
            if all.contains(&Value::Bool(true)) {
                return Value::Bool(true);
            }
            all.into_iter().find(|it| matches!(it, Value::Unknown(_))).unwrap_or(Value::Bool(false))
        }
        Value::Null | Value::Int(_) | Value::Bool(_) => Value::Bool(false),
        value => match value.as_str() {
            Some(text) => Value::Bool(wanted(text)),
            None => Value::Unknown(Why::Limit("it depends on something that is not known")),
        },
    }
}

/// The place of the first line.
pub(super) fn first_line(file: crate::text::FileId, text: &str) -> Loc {
    Loc::new(file, Span::new(0, text.find('\n').unwrap_or(text.len())))
}
