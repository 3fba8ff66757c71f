//! Facts about cookies, headers, hosts, sessions and passwords: each setting as Django takes it, whatever its type.

use super::eval::{Py, Source, Val, why_of};
use super::facts::Facts;
use crate::formats::python::literals;
use crate::model::{Node, Value};
use crate::text::Loc;

/// Settings of which Django only asks whether they are true, and the facts that tell.
const TRUTHS: &[(&str, &str)] = &[
    ("content_type_nosniff", "SECURE_CONTENT_TYPE_NOSNIFF"),
    ("csrf_cookie_secure", "CSRF_COOKIE_SECURE"),
    ("csrf_in_session", "CSRF_USE_SESSIONS"),
    ("email_uses_ssl", "EMAIL_USE_SSL"),
    ("email_uses_tls", "EMAIL_USE_TLS"),
    ("session_cookie_httponly", "SESSION_COOKIE_HTTPONLY"),
    ("session_cookie_secure", "SESSION_COOKIE_SECURE"),
    ("ssl_redirect", "SECURE_SSL_REDIRECT"),
    ("trusts_forwarded_host", "USE_X_FORWARDED_HOST"),
];

/// Policies that send the path of a page to other sites, or even over plain HTTP.
const LEAKING: &[&str] = &["unsafe-url", "no-referrer-when-downgrade"];

/// Hashers that are fast, or have no salt.
const WEAK_HASHERS: &[&str] = &[
    "CryptPasswordHasher",
    "MD5PasswordHasher",
    "SHA1PasswordHasher",
    "UnsaltedMD5PasswordHasher",
    "UnsaltedSHA1PasswordHasher",
];

/// Applications that show settings, queries and requests to whoever finds them.
const DEBUG_TOOLS: &[&str] = &["debug_toolbar", "silk"];

impl Facts<'_, '_, '_> {
    /// Fills in all of them.
    pub(super) fn hardening(&mut self) {
        for (fact, name) in TRUTHS {
            let truth = self.truth(name);
            self.put_truth(fact, truth, name);
        }
        self.transport();
        self.sessions();
        self.passwords();
        self.rest_framework();
        self.origins_of_values();
        let bound = self.bound.contains_key("ROOT_URLCONF");
        let serves = if bound { Some(true) } else { self.open.is_none().then_some(false) };
        self.put_truth("serves_requests", serves, "ROOT_URLCONF");
        let empty = self.truth("ALLOWED_HOSTS").map(|truth| !truth);
        self.put_truth("allowed_hosts_empty", empty, "ALLOWED_HOSTS");
    }

    fn transport(&mut self) {
        let seconds = self.over("SECURE_HSTS_SECONDS", |_, val| seconds(val).map(Value::Int));
        self.put("hsts_seconds", seconds, "SECURE_HSTS_SECONDS");
        let evidence = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"];
        let secure = evidence.iter().any(|name| self.truth(name) == Some(true));
        let header = self.effective("SECURE_PROXY_SSL_HEADER");
        let forwarded = matches!(header.py, Py::Tuple(_) | Py::Ref(_));
        self.put("expects_https", Value::Bool(secure || forwarded), "");
        let leaks = self.each("SECURE_REFERRER_POLICY", |facts, val| match val.py {
            Py::None => Some(true),
            Py::Str(_) => Some(leaks(val.as_str()?.split(','))),
            _ => facts.texts(val).map(|list| leaks(list.iter().map(String::as_str))),
        });
        self.put_truth("referrer_leaks", leaks, "SECURE_REFERRER_POLICY");
        let off = self.each("SECURE_CROSS_ORIGIN_OPENER_POLICY", |_, val| match val.py {
            Py::None => Some(true),
            _ => Some(val.as_str()? == "unsafe-none"),
        });
        self.put_truth("opener_policy_off", off, "SECURE_CROSS_ORIGIN_OPENER_POLICY");
        // The middleware writes the value in capitals, whatever it is.
        let framed = self.each("X_FRAME_OPTIONS", |_, val| {
            val.as_str().map(|text| !["DENY", "SAMEORIGIN"].contains(&text.to_ascii_uppercase().as_str()))
        });
        self.put_truth("frame_options_void", framed, "X_FRAME_OPTIONS");
    }

    fn sessions(&mut self) {
        let engine = self.each("SESSION_ENGINE", |_, val| val.as_str().map(|name| name.ends_with(".signed_cookies")));
        self.put_truth("sessions_in_cookies", engine, "SESSION_ENGINE");
        let pickle =
            self.each("SESSION_SERIALIZER", |_, val| val.as_str().map(|name| name.ends_with("PickleSerializer")));
        self.put_truth("sessions_are_pickled", pickle, "SESSION_SERIALIZER");
    }

    /// Whether views of Django REST framework let everybody in that say nothing themselves, as they do where nothing is set.
    fn rest_framework(&mut self) {
        let installed = self.lists("INSTALLED_APPS", "rest_framework");
        let lets_in = |facts: &mut Self, settings: &Val| {
            let Py::Ref(_) = settings.py else { return None };
            let known = literals::entries(facts.interp, settings);
            let Some((_, classes)) = known.into_iter().find(|(name, _)| name == "DEFAULT_PERMISSION_CLASSES") else {
                return Some(Value::Bool(true));
            };
            let mut ways = facts.interp.items(&classes);
            let (_, list) = ways.pop().filter(|_| ways.is_empty())?;
            let names: Option<Vec<String>> = list.ok()?.iter().map(|val| val.as_str().map(str::to_owned)).collect();
            Some(Value::Bool(names?.iter().all(|name| name.rsplit('.').next() == Some("AllowAny"))))
        };
        let open = if self.bound.contains_key("REST_FRAMEWORK") {
            self.over("REST_FRAMEWORK", lets_in)
        } else if let Some(why) = self.open.clone() {
            Value::Unknown(why)
        } else {
            Value::Bool(true)
        };
        let value = match installed {
            Some(true) => open,
            Some(false) => Value::Bool(false),
            None => Value::Unknown(why_of(&self.effective("INSTALLED_APPS"))),
        };
        let from = if self.bound.contains_key("REST_FRAMEWORK") { "REST_FRAMEWORK" } else { "INSTALLED_APPS" };
        self.put("rest_open", value, from);
    }

    fn passwords(&mut self) {
        let auth = self.lists("INSTALLED_APPS", "django.contrib.auth");
        self.put_truth("uses_auth", auth, "INSTALLED_APPS");
        let checked = self.truth("AUTH_PASSWORD_VALIDATORS");
        self.put_truth("checks_passwords", checked, "AUTH_PASSWORD_VALIDATORS");
        // Of modules that import one another, the one that has accounts and leaves the setting out is told of, once.
        if !self.bound.contains_key("AUTH_PASSWORD_VALIDATORS")
            && let Some(at) = self.bound.get("INSTALLED_APPS").map(|val| val.at)
        {
            self.move_fact("checks_passwords", at);
        }
        let first = elements(self, "PASSWORD_HASHERS").and_then(|list| list.into_iter().next());
        let name = first.as_ref().and_then(|val| val.as_str()).map(str::to_owned);
        let weak = name.as_deref().map(|name| {
            let class = name.rsplit('.').next().unwrap_or_default();
            WEAK_HASHERS.contains(&class)
        });
        self.put_truth("password_hasher_weak", weak, "PASSWORD_HASHERS");
        let known = name.map_or(Value::text(""), Value::text);
        let at = first.filter(|_| self.bound.contains_key("PASSWORD_HASHERS")).map(|val| val.at);
        self.put_at("password_hasher", known, "PASSWORD_HASHERS", at);
    }

    /// Where the values come from that a variable may give.
    fn origins_of_values(&mut self) {
        for (fact, name) in [("debug_origin", "DEBUG"), ("allowed_hosts_origin", "ALLOWED_HOSTS")] {
            let val = self.effective(name);
            let mut origin = super::eval::origin_name(&super::eval::source_of(&val));
            // The names of a list that was split out of a variable, or of the text that stands in for it.
            let lists = self.interp.items(&val);
            let mut elements = lists.iter().filter_map(|(_, list)| list.as_ref().ok()).flatten();
            if elements.any(|val| matches!(val.source, Source::EnvironmentDefault(_))) {
                origin = "environment-default";
            }
            let stands_in = |(when, val): &(_, Val)| {
                matches!(val.source, Source::EnvironmentDefault(_)) || self.interp.is_unset(when)
            };
            if self.interp.ways(&val).iter().any(stands_in) {
                origin = "environment-default";
            }
            self.put(fact, Value::text(origin), name);
        }
        let committed = {
            let at = self.place("SECRET_KEY");
            self.interp.is_committed(at)
        };
        self.put("secret_key_committed", Value::Bool(committed), "SECRET_KEY");
    }

    /// Settings that silence what Django's own checks of security would report.
    pub(super) fn silenced(&mut self) {
        let list = elements(self, "SILENCED_SYSTEM_CHECKS").unwrap_or_default();
        let list = list.iter().filter(|val| val.as_str().is_some_and(|id| id.starts_with("security.")));
        let nodes: Vec<Node> = list
            .map(|val| Node::derived(Value::text(val.as_str().unwrap_or_default()), val.at, vec![val.at]))
            .collect();
        let at = nodes.first().map(|node| node.at);
        self.put_at("silenced_security_checks", Value::List(nodes), "SILENCED_SYSTEM_CHECKS", at);
    }

    /// Sets a fact at a place of its own.
    fn put_at(&mut self, fact: &str, value: Value, from: &str, at: Option<Loc>) {
        self.put(fact, value, from);
        if let Some(at) = at {
            self.move_fact(fact, at);
        }
    }
}

/// The elements of a list whose every way is the same list.
pub(super) fn elements(facts: &mut Facts<'_, '_, '_>, name: &str) -> Option<Vec<Val>> {
    let val = facts.effective(name);
    let mut ways = facts.interp.items(&val);
    let (_, list) = ways.pop().filter(|_| ways.is_empty())?;
    list.ok()
}

/// The number of seconds that the header would name.
fn seconds(val: &Val) -> Option<i64> {
    match &val.py {
        Py::None | Py::Unbound => Some(0),
        Py::Bool(_) | Py::Int(_) => val.as_int(),
        Py::Str(_) => val.as_str()?.trim().parse().ok(),
        _ => None,
    }
}

/// Whether the last policy that browsers know of a list, which is the one that holds, leaks.
fn leaks<'t>(parts: impl Iterator<Item = &'t str>) -> bool {
    parts.last().is_some_and(|last| LEAKING.contains(&last.trim()))
}

/// Whether an application is there for people who debug.
pub(super) fn is_debug_tool(app: &str) -> bool {
    DEBUG_TOOLS.contains(&app.split('.').next().unwrap_or_default())
}
