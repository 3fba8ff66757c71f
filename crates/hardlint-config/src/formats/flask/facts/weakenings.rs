//! Settings beside those of the session that weaken an application: logins of Flask-Login and Flask-JWT-Extended, how long
//! they last, templates that write what visitors wrote as it is, and what workers of Celery unpickle.
//!
//! Only what the code sets is looked at: most applications have no such extension, so that what a part which is not at hand may
//! set says nothing of them.

use super::{Facts, Package};
use crate::formats::python::{Call, Py, Val, literals};
use crate::model::Value;
use crate::text::Loc;

/// Settings that give a cookie away where they are off, and what follows.
const COOKIES: &[(&str, &str)] = &[
    ("REMEMBER_COOKIE_HTTPONLY", "scripts of the page can read the cookie that logs a visitor in again"),
    ("REMEMBER_COOKIE_SECURE", "browsers send the cookie that logs a visitor in again with plain HTTP too"),
];
/// Days after which nobody expects to be logged in any more.
const MAX_DAYS: i64 = 400;

impl Facts<'_, '_, '_> {
    pub(super) fn weakenings(&mut self) {
        self.templates();
        self.queues();
        self.headers();
        if self.packages.contains(&Package::Logins) {
            self.logins();
        }
        if self.packages.contains(&Package::Tokens) {
            self.tokens();
        }
        let lifetime = self.written("PERMANENT_SESSION_LIFETIME");
        let days = match &lifetime.py {
            Py::Delta(micros) => Some(*micros / 86_400_000_000),
            _ => lifetime.as_int().map(|seconds| seconds / 86_400),
        };
        if days.is_some_and(|days| days > MAX_DAYS) {
            self.weak("PERMANENT_SESSION_LIFETIME", "lasts-years", "who has a session of somebody has it for years");
        }
    }

    /// What Flask-Login is told.
    fn logins(&mut self) {
        if self.is_set("LOGIN_DISABLED", true) {
            self.weak("LOGIN_DISABLED", "everybody-in", "`@login_required` lets everybody in");
        }
        for (name, harm) in COOKIES {
            if self.is_set(name, false) {
                self.weak(name, "exposed", harm);
            }
        }
    }

    /// What Flask-JWT-Extended is told.
    fn tokens(&mut self) {
        let locations = self.written("JWT_TOKEN_LOCATION");
        let cookies = self.holds(&locations, "cookies");
        if self.holds(&locations, "query_string") {
            self.weak("JWT_TOKEN_LOCATION", "lasts", "tokens are taken from addresses, which logs and other sites see");
        }
        let same_site = self.written("JWT_COOKIE_SAMESITE");
        let kept = !matches!(same_site.py, Py::Unbound | Py::None)
            && same_site.as_str().is_none_or(|text| !text.eq_ignore_ascii_case("none"));
        let protected = self.calls.iter().any(|call| call.name.contains("CSRFProtect"));
        if cookies && !kept && !protected && self.is_set("JWT_COOKIE_CSRF_PROTECT", false) {
            let harm = "other sites can send requests in the name of who is signed in";
            self.weak("JWT_COOKIE_CSRF_PROTECT", "forgeable", harm);
        }
        if cookies && self.is_set("JWT_COOKIE_SECURE", false) {
            let harm = "browsers send the cookie with the token over plain HTTP too";
            self.weak("JWT_COOKIE_SECURE", "exposed", harm);
        }
        if matches!(self.written("JWT_ACCESS_TOKEN_EXPIRES").py, Py::Bool(false)) {
            self.weak("JWT_ACCESS_TOKEN_EXPIRES", "lasts", "a token that is stolen is valid for ever");
        }
    }

    /// Whether Superset sends no Content-Security-Policy; `OVERRIDE_HTTP_HEADERS` may bring one of its own.
    fn headers(&mut self) {
        let entry = |facts: &mut Self, setting: &str, wanted: &str| {
            let entries = literals::entries(facts.interp, &facts.written(setting));
            entries.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, val)| val)
        };
        if !self.superset || entry(self, "OVERRIDE_HTTP_HEADERS", "Content-Security-Policy").is_some() {
            return;
        }
        let harm = "it takes the Content-Security-Policy out of Superset's pages";
        if self.is_set("TALISMAN_ENABLED", false) {
            self.weak("TALISMAN_ENABLED", "no-headers", harm);
        } else if entry(self, "TALISMAN_CONFIG", "content_security_policy")
            .is_some_and(|val| matches!(val.py, Py::None | Py::Bool(false)))
        {
            self.weak("TALISMAN_CONFIG", "no-headers", harm);
        }
    }

    /// Whether templates escape nothing; the last line counts.
    fn templates(&mut self) {
        let set = |call: &&Call| &*call.name == "jinja_env.autoescape=" && call.app == self.app;
        let val = self.calls.iter().rev().find(set).and_then(|call| call.args.pos.first()).cloned();
        if let Some(val) = val.filter(|val| self.interp.truth_of(val) == Some(false)) {
            let harm = "what visitors write becomes part of pages as it is";
            self.weak_at("jinja_env.autoescape", "unescaped", harm, val.at);
        }
    }

    /// What a queue holds that is unpickled.
    fn queues(&mut self) {
        let pickles = |facts: &mut Self, val: &Val| {
            facts.holds(val, "pickle") || facts.holds(val, "application/x-python-serialize")
        };
        let listed = self.written("CELERY_ACCEPT_CONTENT");
        let settings = literals::entries(self.interp, &self.written("CELERY"));
        let inner = settings.into_iter().find(|(name, _)| name == "accept_content").map(|(_, val)| val);
        for val in [Some(listed), inner].into_iter().flatten() {
            if pickles(self, &val) {
                let harm = "whoever can write to the queue runs code in the workers";
                self.weak_at("accept_content", "unpickles", harm, val.at);
            }
        }
    }

    /// A scope of a setting that weakens the application.
    fn weak(&mut self, name: &str, effect: &str, harm: &str) {
        self.weak_at(name, effect, harm, self.written(name).at);
    }

    fn weak_at(&mut self, name: &str, effect: &str, harm: &str, at: Loc) {
        let values = vec![("name", Value::text(name)), ("effect", Value::text(effect)), ("harm", Value::text(harm))];
        self.push("weakening", "", at, values);
    }

    /// A setting as the code makes it.
    fn written(&self, name: &str) -> Val {
        self.bound.get(name).cloned().unwrap_or_else(|| Val::new(Py::Unbound, self.header))
    }

    /// Whether a setting is known to be what is asked for.
    fn is_set(&mut self, name: &str, wanted: bool) -> bool {
        let val = self.written(name);
        let is = self.each(&val, |facts, val| match val.py {
            Py::Unbound => Some(false),
            _ => facts.interp.truth_of(val).map(|on| on == wanted),
        });
        is == Value::Bool(true)
    }

    /// Whether a text, or a list of them, is known to have one in it.
    fn holds(&mut self, val: &Val, wanted: &str) -> bool {
        if val.as_str() == Some(wanted) {
            return true;
        }
        let ways = self.interp.items(val);
        matches!(ways.as_slice(), [(_, Ok(list))] if list.iter().any(|val| val.as_str() == Some(wanted)))
    }
}
