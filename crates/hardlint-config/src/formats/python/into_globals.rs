//! What writes names into a namespace that it is given: `vars().update(…)`, and packages that are handed `locals()`.
//!
//! Names that are not known leave everything in doubt; those that a package is known to set leave the rest as it was.

use super::call::Args;
use super::value::{Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, Lits, Rc, url};
use crate::model::Why;
use crate::text::Loc;
use std::collections::BTreeMap;

/// What `email_url` of django-environ gives whatever the address is, and what it may give besides.
const MAIL: &[&str] = &[
    "EMAIL_FILE_PATH",
    "EMAIL_HOST_USER",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "EMAIL_BACKEND",
    "EMAIL_USE_TLS",
    "EMAIL_USE_SSL",
    "OPTIONS",
];

impl Interp<'_, '_> {
    /// `globals().update(values)`: what each alternative of the values sets, with what stays where it does not.
    pub(super) fn update_globals(&mut self, space: usize, values: &Val) {
        let mut ways: Vec<(Lits, Vec<(Val, Val)>)> = Vec::new();
        for (when, val) in self.alts(values) {
            let Py::Ref(id) = val.py else { return self.open(space, why_of(&val)) };
            for (inside, obj) in self.contents(id) {
                let Some(when) = self.both(&when, &inside) else { continue };
                match obj {
                    Obj::Dict(dict) if dict.open.is_none() && dict.more.is_none() => {
                        ways.push((when, dict.entries.clone()));
                    }
                    Obj::Dict(dict) => {
                        let why = dict.open.as_ref().or(dict.more.as_ref());
                        let why = why.map_or_else(|| why_of(&val), |why| (**why).clone());
                        return self.open(space, why);
                    }
                    _ => return self.open(space, why_of(&val)),
                }
            }
        }
        let mut names: BTreeMap<String, Vec<(Lits, Val)>> = BTreeMap::new();
        for (_, entries) in &ways {
            for (key, _) in entries {
                match key.as_str() {
                    Some(name) => drop(names.entry(name.to_owned()).or_default()),
                    None => return self.open(space, why_of(key)),
                }
            }
        }
        for (name, mut alts) in names {
            let old = self.spaces.get(space).and_then(|found| found.vars.get(name.as_str())).cloned();
            let old = old.unwrap_or_else(|| Val::new(Py::Unbound, values.at));
            for (when, entries) in &ways {
                let new = entries.iter().rev().find(|(key, _)| key.as_str() == Some(&*name));
                alts.push((when.clone(), new.map_or_else(|| old.clone(), |(_, val)| val.clone())));
            }
            let val = self.choice(alts, values.at);
            self.set_var(space, &name, val);
        }
    }

    /// `env.email_url()` of django-environ.
    pub(super) fn environ_mail(&mut self, val: &Val, at: Loc) -> Val {
        let doubtful = |interp: &mut Self, why: &Why| {
            let entries: Vec<(Val, Val)> =
                MAIL.iter().map(|name| (Val::text(*name, at), Val::unknown(why.clone(), val.at))).collect();
            interp.new_dict(entries, at)
        };
        let Some(text) = val.as_str() else { return doubtful(self, &why_of(val)) };
        let backend = |parts: &url::Parts| match &*parts.scheme {
            "smtp" | "smtps" | "smtp+tls" | "smtp+ssl" => Some("smtp"),
            "consolemail" => Some("console"),
            "filemail" => Some("filebased"),
            "memorymail" => Some("locmem"),
            "dummymail" => Some("dummy"),
            _ => None,
        };
        let parts = url::split(text).filter(|parts| parts.query.is_empty() && !parts.host.is_empty());
        let Some((parts, backend)) = parts.and_then(|parts| backend(&parts).map(|backend| (parts, backend))) else {
            return doubtful(self, &Why::Limit("an address of mail of this form is not followed"));
        };
        let text_at = |value: String| Val::text(value, val.at).from(val.source.clone());
        // A login without a colon has no password, which is `None` and not an empty text.
        let login = parts.netloc.rsplit_once('@').map(|(login, _)| login);
        let none = || Val::new(Py::None, val.at).from(val.source.clone());
        let user = login.map_or_else(none, |_| text_at(url::unquote(&parts.user)));
        let password =
            login.filter(|login| login.contains(':')).map_or_else(none, |_| text_at(url::unquote(&parts.password)));
        let truth = || Val::new(Py::Bool(true), val.at).from(val.source.clone());
        let mut entries = vec![
            ("EMAIL_FILE_PATH", text_at(url::unquote_plus(parts.path.get(1..).unwrap_or_default()))),
            ("EMAIL_HOST_USER", user),
            ("EMAIL_HOST_PASSWORD", password),
            ("EMAIL_HOST", text_at(parts.host.clone())),
            ("EMAIL_PORT", parts.port.map_or_else(none, |port| Val::new(Py::Int(port.into()), val.at))),
            ("EMAIL_BACKEND", text_at(format!("django.core.mail.backends.{backend}.EmailBackend"))),
        ];
        match &*parts.scheme {
            "smtps" | "smtp+tls" => entries.push(("EMAIL_USE_TLS", truth())),
            "smtp+ssl" => entries.push(("EMAIL_USE_SSL", truth())),
            _ => {}
        }
        self.new_dict(entries.into_iter().map(|(key, val)| (Val::text(key, at), val)), at)
    }

    /// `django_heroku.settings(locals())`, as version 0.3.1 has it; `None` where it is given something else.
    pub(super) fn heroku_settings(&mut self, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let Py::Globals(space) = args.get(0, "config")?.py else { return None };
        let why = Why::Runtime("what `django_heroku.settings` sets".into());
        let wanted = |name: &str| match args.named(name).map(|val| &val.py) {
            None | Some(Py::Bool(true)) => Some(true),
            Some(Py::Bool(false) | Py::None) => Some(false),
            Some(_) => None,
        };
        let parts = ["databases", "test_runner", "staticfiles", "allowed_hosts", "logging", "secret_key"];
        if args.pos.len() > 1 || parts.iter().any(|name| wanted(name).is_none()) {
            return None;
        }
        let sets = |name: &str| wanted(name) == Some(true);
        let bound = |interp: &Self, name: &str| interp.spaces.get(space).and_then(|it| it.vars.get(name)).cloned();
        let known = |val: &Option<Val>| val.as_ref().is_some_and(|val| !matches!(val.py, Py::Unbound));
        if sets("databases") {
            self.set_var(space, "DATABASES", Val::unknown(why.clone(), at));
        }
        if sets("test_runner") {
            self.set_var(space, "TEST_RUNNER", Val::unknown(why.clone(), at));
        }
        if sets("staticfiles") {
            self.set_var(space, "STATIC_ROOT", Val::unknown(why.clone(), at));
            self.set_var(space, "STATIC_URL", Val::text("/static/", at));
            let storage = "whitenoise.storage.CompressedManifestStaticFilesStorage";
            self.set_var(space, "STATICFILES_STORAGE", Val::text(storage, at));
            let older = bound(self, "MIDDLEWARE_CLASSES");
            let name = if known(&older) { "MIDDLEWARE_CLASSES" } else { "MIDDLEWARE" };
            let classes = bound(self, name).unwrap_or_else(|| Val::unknown(why.clone(), at));
            let first = Val::text("whitenoise.middleware.WhiteNoiseMiddleware", at);
            let mut ways = Vec::new();
            for (when, list) in self.elements(&classes) {
                let list = match list {
                    Ok(list) => Val::new(Py::Tuple(Rc::new(std::iter::once(first.clone()).chain(list).collect())), at),
                    Err(why) => Val::unknown(why, at),
                };
                ways.push((when, list));
            }
            let val = self.choice(ways, at);
            self.set_var(space, name, val);
        }
        if sets("allowed_hosts") {
            let any = self.new_list(vec![Val::text("*", at)], at);
            self.set_var(space, "ALLOWED_HOSTS", any);
        }
        if sets("logging") {
            self.set_var(space, "LOGGING", Val::unknown(why, at));
        }
        if sets("secret_key") {
            // What stood there before stands in where the variable is not set.
            let old = bound(self, "SECRET_KEY").unwrap_or_else(|| Val::new(Py::Unbound, at));
            let old = if old.source == Source::Literal { Self::as_default("SECRET_KEY", old) } else { old };
            let key = self.get_variable("SECRET_KEY", old, at);
            self.set_var(space, "SECRET_KEY", key);
        }
        Some(Ok(Val::new(Py::None, at)))
    }
}
