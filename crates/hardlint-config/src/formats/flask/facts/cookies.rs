//! The session cookie, and other settings that decide what visitors risk.

use super::{Facts, Package};
use crate::formats::python::{Kind, Py, Val, why_of};
use crate::model::Value;

impl Facts<'_, '_, '_> {
    pub(super) fn cookies(&mut self) {
        let secure = self.cookie_is_secure();
        self.put("session_cookie_is_secure", secure, "SESSION_COOKIE_SECURE");
        let same = self.value("SESSION_COOKIE_SAMESITE");
        let crosses = self.each(&same, |_, val| match &val.py {
            Py::None | Py::Unbound => Some(true),
            Py::Str(_) => Some(val.as_str()?.eq_ignore_ascii_case("none")),
            _ => None,
        });
        self.put("session_cookie_crosses_sites", crosses, "SESSION_COOKIE_SAMESITE");
        let domain = self.value("SESSION_COOKIE_DOMAIN");
        let text = match (&domain.py, domain.as_str()) {
            (_, Some(text)) if is_shared(text) => Value::text(text),
            (Py::Str(_), None) | (Py::Unknown(..) | Py::Choice(_), _) => Value::Unknown(why_of(&domain)),
            _ => Value::text(""),
        };
        self.put("session_cookie_domain", text, "SESSION_COOKIE_DOMAIN");
        let propagates = self.value("PROPAGATE_EXCEPTIONS");
        let propagates = self.truth(&propagates);
        self.put("propagates_exceptions", propagates, "PROPAGATE_EXCEPTIONS");
        for (fact, name) in [("csrf_is_off", "WTF_CSRF_ENABLED"), ("csrf_is_asked_for", "WTF_CSRF_CHECK_DEFAULT")] {
            let val = self.value(name);
            let off = self.each(&val, |facts, val| match val.py {
                Py::Unbound => Some(false),
                _ => facts.interp.truth_of(val).map(|on| !on),
            });
            let (off, name) = match (fact, self.methods_are_empty()) {
                ("csrf_is_asked_for", true) => (Value::Bool(true), "WTF_CSRF_METHODS"),
                _ => (off, name),
            };
            // Nothing reads the one; with the other, the application looks at requests itself.
            let settled = match fact {
                "csrf_is_off" => !self.packages.contains(&Package::Forms),
                _ => self.protects_itself,
            };
            self.put(fact, if settled { Value::Bool(false) } else { off }, name);
        }
    }

    /// Whether the protection of all views is told of no method at all.
    fn methods_are_empty(&mut self) -> bool {
        let methods = self.value("WTF_CSRF_METHODS");
        let known = !matches!(methods.py, Py::Unbound | Py::None | Py::Unknown(..));
        known && matches!(self.interp.items(&methods).as_slice(), [(_, Ok(list))] if list.is_empty())
    }

    /// Whether browsers keep the cookie to HTTPS: the setting says so, or Flask-Talisman sets it with the first request.
    fn cookie_is_secure(&mut self) -> Value {
        let setting = self.value("SESSION_COOKIE_SECURE");
        let set = self.truth(&setting);
        if set == Value::Bool(true) {
            return set;
        }
        let perhaps = self.perhaps.iter().any(|name| name.starts_with("flask_talisman."));
        if perhaps {
            return Value::Unknown(crate::model::Why::Limit("it depends on a condition that is not known"));
        }
        let Some(kept) = self.talisman_option("session_cookie_secure") else { return set };
        let debug = self.value("DEBUG");
        let debug = self.each(&debug, |facts, val| match val.py {
            Py::Unknown(_, Kind::Bool) => None,
            _ => facts.interp.truth_of(val),
        });
        match (self.truth(&kept), debug) {
            (Value::Bool(false), _) | (_, Value::Bool(true)) => set,
            (Value::Bool(true), Value::Bool(false)) => Value::Bool(true),
            // Developers have no HTTPS, and where they are not meant the cookie is kept to it.
            (Value::Bool(true), _) => Value::Unknown(why_of(&setting)),
            (other, _) => other,
        }
    }

    /// An option of Flask-Talisman, where it is used: what it is given, or what it does by itself.
    pub(super) fn talisman_option(&self, name: &str) -> Option<Val> {
        let call = self.calls.iter().rev().find(|call| is_talisman(&call.name))?;
        let given = call.args.named(name).cloned();
        let made = || call.owner.as_ref().and_then(|owner| owner.args.named(name)).cloned();
        let unknown = || call.args.open.clone().map(|why| Val::unknown(why, call.at));
        Some(given.or_else(made).or_else(unknown).unwrap_or_else(|| Val::new(Py::Bool(true), call.at)))
    }
}

pub(super) fn is_talisman(name: &str) -> bool {
    matches!(name, "flask_talisman.Talisman" | "flask_talisman.Talisman.init_app")
}

/// Whether a domain is one that has names below it.
fn is_shared(domain: &str) -> bool {
    let name = domain.trim_start_matches('.').split(':').next().unwrap_or_default();
    name.contains('.')
        && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !name.ends_with(".localhost")
}
