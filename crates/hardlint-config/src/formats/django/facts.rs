//! What follows from the settings: whether debugging is on, what a key is worth, which middleware is in force.

use super::eval::{Interp, Kind, Lits, Obj, Py, Source, Val, source_of, why_of};
use super::{checks, keys, secret};
use crate::model::{Branch, Model, Node, Origin, ScopeId, Value, Why};
use crate::schema::{KindId, Type};
use crate::text::Loc;
use std::collections::BTreeMap;

/// The settings that hold, defaults included, and what can be asked of them.
pub(super) struct Facts<'i, 'r, 'l> {
    pub(super) interp: &'i mut Interp<'r, 'l>,
    /// Where a finding about something missing points.
    pub(super) header: Loc,
    pub(super) model: Model,
    /// What the module binds.
    pub(super) bound: BTreeMap<String, Val>,
    /// Why there may be more.
    pub(super) open: Option<Why>,
    known: BTreeMap<String, Val>,
}

const SECURITY: &str = "django.middleware.security.SecurityMiddleware";
const CSP: &[&str] = &["django.middleware.csp.ContentSecurityPolicyMiddleware", "csp.middleware.CSPMiddleware"];
const CORS: &str = "corsheaders.middleware.CorsMiddleware";

impl<'i, 'r, 'l> Facts<'i, 'r, 'l> {
    pub(super) fn new(
        interp: &'i mut Interp<'r, 'l>,
        header: Loc,
        model: Model,
        bound: BTreeMap<String, Val>,
        open: Option<Why>,
    ) -> Self {
        Self { interp, header, model, bound, open, known: BTreeMap::new() }
    }

    /// The value that holds, its alternatives without a binding replaced by the default; `Unbound` where there is none.
    pub(super) fn effective(&mut self, name: &str) -> Val {
        if let Some(val) = self.known.get(name) {
            return val.clone();
        }
        let default = self.default(name);
        let val = match self.bound.get(name) {
            None => default,
            Some(Val { py: Py::Choice(alts), at, .. }) => {
                let alts: Vec<(Lits, Val)> = alts
                    .iter()
                    .map(|alt| {
                        let val = if matches!(alt.val.py, Py::Unbound) { default.clone() } else { alt.val.clone() };
                        (alt.when.clone(), val)
                    })
                    .collect();
                let at = *at;
                self.interp.either(alts, at)
            }
            Some(val) if matches!(val.py, Py::Unbound) => default,
            Some(val) => val.clone(),
        };
        self.known.insert(name.to_owned(), val.clone());
        val
    }

    fn default(&mut self, name: &str) -> Val {
        if let Some(why) = &self.open {
            return Val::unknown(why.clone(), self.header);
        }
        let key = keys::SCHEMA.keys.iter().find(|key| key.name == name && !key.fact);
        match key.and_then(|key| key.default.over(self.model.versions).map(|text| (key.ty, text))) {
            Some((ty, Some(text))) => {
                let text = super::resolve::python(ty, text);
                self.interp.constant(&text, self.header)
            }
            Some((_, None)) => Val::unknown(Why::Version(name.into()), self.header),
            None => Val::new(Py::Unbound, self.header),
        }
    }

    /// Where the setting's value stands; the module's start where it is not set.
    pub(super) fn place(&mut self, name: &str) -> Loc {
        self.bound.get(name).map_or(self.header, |val| val.at)
    }

    /// What a question has for an answer in every alternative; `None` where they differ or it is not known.
    pub(super) fn each(&mut self, name: &str, mut ask: impl FnMut(&mut Self, &Val) -> Option<bool>) -> Option<bool> {
        let val = self.effective(name);
        let mut answers = Vec::new();
        for (_, val) in self.interp.ways(&val) {
            answers.push(ask(self, &val));
        }
        let first = answers.first().copied().flatten()?;
        answers.iter().all(|answer| *answer == Some(first)).then_some(first)
    }

    pub(super) fn truth(&mut self, name: &str) -> Option<bool> {
        self.each(name, |facts, val| match val.py {
            Py::Unbound => Some(false),
            _ => facts.interp.truth_of(val),
        })
    }

    /// Whether it `is True`.
    pub(super) fn is_true(&mut self, name: &str) -> Option<bool> {
        self.each(name, |_, val| match val.py {
            Py::Bool(value) => Some(value),
            Py::Unknown(..) => None,
            _ => Some(false),
        })
    }

    #[expect(clippy::unused_self, reason = "asked like the others")]
    pub(super) fn is_none(&self, val: &Val) -> Option<bool> {
        match val.py {
            Py::None => Some(true),
            Py::Unknown(..) => None,
            _ => Some(false),
        }
    }

    /// Whether it is known to be something other than text.
    #[expect(clippy::unused_self, reason = "asked like the others")]
    pub(super) fn known_other(&self, val: &Val) -> Option<bool> {
        match val.py {
            Py::Unknown(..) | Py::Str(_) => None,
            _ => Some(true),
        }
    }

    /// Whether a list holds a text.
    pub(super) fn lists(&mut self, name: &str, wanted: &str) -> Option<bool> {
        // Before version 2, Django took this where there is no MIDDLEWARE; now it takes neither. What is in none, is not there.
        if name == "MIDDLEWARE" && !self.bound.contains_key(name) && self.bound.contains_key("MIDDLEWARE_CLASSES") {
            return self.lists("MIDDLEWARE_CLASSES", wanted).filter(|has| !has);
        }
        let val = self.effective(name);
        let mut answers = Vec::new();
        for (_, list) in self.interp.items(&val) {
            answers.push(match list {
                Ok(list) if list.iter().any(|val| val.as_str() == Some(wanted)) => Some(true),
                Ok(list) if list.iter().all(|val| val.as_str().is_some()) => Some(false),
                _ => None,
            });
        }
        let first = answers.first().copied().flatten()?;
        answers.iter().all(|answer| *answer == Some(first)).then_some(first)
    }

    /// The texts of a list, if all are known.
    pub(super) fn texts(&mut self, val: &Val) -> Option<Vec<String>> {
        let mut ways = self.interp.items(val);
        let (_, list) = ways.pop().filter(|_| ways.is_empty())?;
        list.ok()?.iter().map(|val| val.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn weak_fallbacks(&mut self) -> Option<bool> {
        let val = self.effective("SECRET_KEY_FALLBACKS");
        let least = self.interp.least_secret(secret::LEAST);
        let mut answers = Vec::new();
        for (_, list) in self.interp.items(&val) {
            let Ok(list) = list else { return None };
            let weak: Vec<Option<bool>> =
                list.iter().map(|val| val.as_str().map(|key| secret::key_strength(key, least) != "good")).collect();
            answers.push(if weak.contains(&Some(true)) {
                Some(true)
            } else if weak.contains(&None) {
                None
            } else {
                Some(false)
            });
        }
        let first = answers.first().copied().flatten()?;
        answers.iter().all(|answer| *answer == Some(first)).then_some(first)
    }

    /// Sets a fact of the module that follows from the setting called `from`.
    pub(super) fn put(&mut self, fact: &str, value: Value, from: &str) {
        let at = self.place(from);
        let default = !self.bound.contains_key(from);
        let origin = if default { Origin::Default } else { Origin::Derived(Box::new([at])) };
        let Some(key) = keys::SCHEMA.key(KindId(0), fact) else { return };
        let node = Node { value, origin, at, name_at: None };
        if let Some(scope) = self.model.scope_mut(ScopeId(0)) {
            scope.own.set(key, node);
        }
    }

    pub(super) fn put_truth(&mut self, fact: &str, truth: Option<bool>, from: &str) {
        let value = if let Some(truth) = truth {
            Value::Bool(truth)
        } else {
            let val = self.effective(from);
            Value::Unknown(why_of(&val))
        };
        self.put(fact, value, from);
    }

    /// Lets findings about a fact point somewhere else.
    pub(super) fn move_fact(&mut self, fact: &str, at: Loc) {
        let Some(key) = keys::SCHEMA.key(KindId(0), fact) else { return };
        if let Some(node) = self.model.scope_mut(ScopeId(0)).and_then(|scope| scope.own.get_mut(key)) {
            node.at = at;
            node.origin = Origin::Derived(Box::new([at]));
        }
    }

    /// A fact that is asked of each alternative by itself.
    pub(super) fn over(&mut self, name: &str, mut ask: impl FnMut(&mut Self, &Val) -> Option<Value>) -> Value {
        let val = self.effective(name);
        let mut branches: Vec<Branch> = Vec::new();
        for (when, val) in self.interp.ways(&val) {
            let value = ask(self, &val).unwrap_or_else(|| Value::Unknown(why_of(&val)));
            let when = self.interp.condition_text(&when);
            branches.push(Branch { when, node: Node::derived(value, val.at, vec![val.at]) });
        }
        let same = branches.windows(2).all(|pair| matches!(pair, [a, b] if a.node.value == b.node.value));
        match branches.first() {
            Some(first) if same => first.node.value.clone(),
            Some(_) => Value::Choice(branches),
            None => Value::Unknown(Why::Limit("no branch of the code gives it a value")),
        }
    }

    /// Fills in all facts of the module.
    pub(super) fn module(&mut self) {
        self.secret_key();
        self.debug();
        self.hosts();
        self.middleware();
        self.cors();
        self.proxy_and_mail();
        self.hardening();
        self.silenced();
        let verdicts = checks::verdicts(self);
        let named = |wanted: Option<bool>| {
            let list = verdicts.iter().filter(|verdict| verdict.fails == wanted);
            Value::List(
                list.map(|verdict| Node::derived(Value::text(verdict.id), verdict.at, vec![verdict.at])).collect(),
            )
        };
        let (failed, unknown) = (named(Some(true)), named(None));
        self.put("failed_checks", failed, "");
        self.put("unknown_checks", unknown, "");
    }

    fn secret_key(&mut self) {
        let val = self.effective("SECRET_KEY");
        let source = source_of(&val);
        let ways = self.interp.ways(&val);
        // The text that decides: the only one, or the one in the code that stands in for a variable.
        let from_variable = ways.iter().any(|(_, val)| matches!(val.source, Source::Environment(_)));
        let fallback = ways.iter().find(|(when, val)| match val.source {
            Source::EnvironmentDefault(_) => true,
            // `os.environ.get("KEY") or "text"`
            Source::Literal => from_variable && self.interp.is_unset(when),
            _ => false,
        });
        let deciding = match (ways.as_slice(), fallback) {
            ([(_, val)], _) | (_, Some((_, val))) => Some(val.clone()),
            _ => None,
        };
        let text = deciding.as_ref().and_then(|val| val.as_str().map(str::to_owned));
        let origin = match (&source, text.as_deref()) {
            _ if fallback.is_some() => "environment-default",
            (Source::EnvironmentDefault(_), _) => "environment-default",
            (Source::Environment(_), _) => "environment",
            (Source::Generated, _) => "generated",
            (_, Some("")) => "empty",
            (Source::Literal, Some(_)) => "literal",
            // A text under a condition, such as `if DEBUG`, is not what runs for certain.
            (Source::Literal, None) | (Source::Computed | Source::Program, _) => "computed",
        };
        self.put("secret_key_origin", Value::text(origin), "SECRET_KEY");
        let stands_in = origin == "environment-default" && text.as_deref().is_some_and(|text| !text.is_empty());
        self.put("secret_key_fallback_literal", Value::Bool(stands_in), "SECRET_KEY");
        let empty = origin == "environment-default" && text.as_deref() == Some("");
        self.put("secret_key_fallback_empty", Value::Bool(empty), "SECRET_KEY");
        let why = || Value::Unknown(why_of(&val));
        let absent = self.interp.is_left_to_environment(&val);
        let judged = |found: Option<Value>, of_none: Value| match found {
            None if absent => of_none,
            found => found.unwrap_or_else(why),
        };
        let length = text.as_ref().map(|text| i64::try_from(text.chars().count()).unwrap_or(i64::MAX));
        self.put("secret_key_length", length.map_or_else(why, Value::Int), "SECRET_KEY");
        let least = self.interp.least_secret(secret::LEAST);
        let strength = text.as_deref().map(|text| Value::text(secret::key_strength(text, least)));
        self.put("secret_key_strength", judged(strength, Value::text("unseen")), "SECRET_KEY");
        let random = text.as_deref().map(|text| Value::Bool(secret::is_random(text)));
        self.put("secret_key_is_random", random.unwrap_or_else(why), "SECRET_KEY");
        let placeholder = text.as_deref().map(|text| Value::Bool(secret::is_placeholder(text)));
        self.put("secret_key_is_placeholder", judged(placeholder, Value::Bool(false)), "SECRET_KEY");
        let weak = self.weak_fallbacks();
        self.put_truth("secret_key_fallbacks_weak", weak, "SECRET_KEY_FALLBACKS");
    }

    fn debug(&mut self) {
        let on = self.over("DEBUG", |facts, val| facts.interp.truth_of(val).map(Value::Bool));
        self.put("debug_on", on, "DEBUG");
        let text = self.over("DEBUG", |_, val| is_text(val).map(Value::Bool));
        self.put("debug_is_string", text, "DEBUG");
        let val = self.effective("DEBUG");
        let ways = self.interp.ways(&val);
        let default = ways
            .iter()
            .find(|(when, val)| matches!(val.source, Source::EnvironmentDefault(_)) || self.interp.is_unset(when));
        let on = match (default, ways.as_slice()) {
            (Some((_, val)), _) | (None, [(_, val)]) => self.interp.truth_of(val),
            _ => None,
        };
        self.put_truth("debug_default_on", on, "DEBUG");
    }

    fn hosts(&mut self) {
        let val = self.effective("ALLOWED_HOSTS");
        let ways = self.interp.items(&val);
        let answer = |list: &Result<Vec<Val>, Why>, ask: &dyn Fn(&[Val]) -> Option<bool>| {
            list.as_ref().ok().and_then(|list| ask(list))
        };
        let any = |list: &[Val]| {
            let any = list.iter().any(|val| val.as_str().is_some_and(|host| lets_all_in(host.trim())));
            if any { Some(true) } else { list.iter().all(|val| val.as_str().is_some()).then_some(false) }
        };
        let blank = |list: &[Val]| match list {
            [only] => only.as_str().map(str::is_empty),
            list => list.iter().all(|val| val.as_str().is_some()).then_some(false),
        };
        let from_default = |val: &Val| matches!(val.source, Source::EnvironmentDefault(_));
        let whole =
            self.interp.ways(&val).into_iter().find(|(when, val)| from_default(val) || self.interp.is_unset(when));
        let whole = whole.and_then(|(_, val)| self.interp.items(&val).into_iter().next()).map(|(_, list)| list);
        let decide = |ask: &dyn Fn(&[Val]) -> Option<bool>| {
            let split = ways.iter().map(|(_, list)| list);
            let split = split.into_iter().find(|list| list.as_ref().is_ok_and(|list| list.iter().any(from_default)));
            match (whole.as_ref().or(split), ways.as_slice()) {
                (Some(list), _) | (None, [(_, list)]) => answer(list, ask),
                (None, many) => {
                    let first = many.first().and_then(|(_, list)| answer(list, ask));
                    first.filter(|first| many.iter().all(|(_, list)| answer(list, ask) == Some(*first)))
                }
            }
        };
        let (any, blank) = (decide(&any), decide(&blank));
        self.put_truth("allowed_hosts_wildcard", any, "ALLOWED_HOSTS");
        self.put_truth("allowed_hosts_blank", blank, "ALLOWED_HOSTS");
    }

    fn middleware(&mut self) {
        for (fact, class) in [
            ("has_security_middleware", SECURITY),
            ("has_csrf_middleware", "django.middleware.csrf.CsrfViewMiddleware"),
            ("has_frame_middleware", "django.middleware.clickjacking.XFrameOptionsMiddleware"),
            ("has_cors_middleware", CORS),
        ] {
            let has = self.lists("MIDDLEWARE", class);
            let older = !self.bound.contains_key("MIDDLEWARE") && self.bound.contains_key("MIDDLEWARE_CLASSES");
            let name = if older { "MIDDLEWARE_CLASSES" } else { "MIDDLEWARE" };
            self.put_truth(fact, has, name);
            let list = self.effective(name);
            if let Some(at) = self.interp.removal(&list, class).filter(|_| has == Some(false)) {
                self.move_fact(fact, at);
            }
        }
        let csp = CSP.iter().map(|class| self.lists("MIDDLEWARE", class)).fold(Some(false), either);
        self.put_truth("has_csp_middleware", csp, "MIDDLEWARE");
        let session = self.lists("MIDDLEWARE", "django.contrib.sessions.middleware.SessionMiddleware");
        let app = self.lists("INSTALLED_APPS", "django.contrib.sessions");
        self.put_truth("uses_sessions", either(session, app), "INSTALLED_APPS");
        let auth = self.lists("MIDDLEWARE", "django.contrib.auth.middleware.AuthenticationMiddleware");
        let admin = self.lists("INSTALLED_APPS", "django.contrib.admin");
        self.put_truth("uses_forms_or_admin", either(either(session, app), either(auth, admin)), "INSTALLED_APPS");
    }

    fn cors(&mut self) {
        let set = self.bound.keys().any(|name| name.starts_with("CORS_"));
        let first = self.bound.keys().find(|name| name.starts_with("CORS_")).cloned().unwrap_or_default();
        self.put("has_cors_settings", Value::Bool(set), &first);
        // The older name counts only where the newer one is not defined.
        let name =
            ["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"].into_iter().find(|name| self.bound.contains_key(*name));
        let name = name.unwrap_or("CORS_ALLOW_ALL_ORIGINS");
        let all = self.truth(name);
        self.put_truth("cors_allows_all", all, name);
        let (files, name) = super::stores::uploads(self);
        self.put_truth("uploads_are_files", files, name);
        let mode = self.effective("FILE_UPLOAD_DIRECTORY_PERMISSIONS");
        let open = match mode.py {
            Py::None => Some(false),
            _ => mode.as_int().map(|mode| matches!(mode.rem_euclid(8), 2 | 3 | 6 | 7)),
        };
        // Where the folders are closed, what is open are the files.
        let decides = if open == Some(false) { "FILE_UPLOAD_PERMISSIONS" } else { "FILE_UPLOAD_DIRECTORY_PERMISSIONS" };
        self.put_truth("upload_folders_open", open, decides);
        let credentials = self.truth("CORS_ALLOW_CREDENTIALS");
        self.put_truth("cors_allows_credentials", credentials, "CORS_ALLOW_CREDENTIALS");
    }

    /// The header that tells of HTTPS, without the `HTTP_` of the server's variable; `None` where none does.
    pub(super) fn proxy_header(&mut self) -> Option<String> {
        let header = self.effective("SECURE_PROXY_SSL_HEADER");
        let name = self.texts(&header)?.into_iter().next()?;
        name.strip_prefix("HTTP_").map(str::to_owned)
    }

    fn proxy_and_mail(&mut self) {
        let header = self.effective("SECURE_PROXY_SSL_HEADER");
        let name = self.texts(&header).and_then(|parts| parts.into_iter().next());
        let known = name.as_deref().map(|name| name.starts_with("HTTP_"));
        let none = matches!(header.py, Py::None);
        self.put_truth("forwards_proxy_header", if none { Some(false) } else { known }, "SECURE_PROXY_SSL_HEADER");
        self.put_truth(
            "proxy_header_misnamed",
            if none { Some(false) } else { known.map(|known| !known) },
            "SECURE_PROXY_SSL_HEADER",
        );
        let value = self.texts(&header).and_then(|parts| parts.into_iter().nth(1));
        let plain = value.as_deref().map(|value| value.split(',').next().is_some_and(|first| first.trim() == "http"));
        self.put_truth("proxy_header_of_http", if none { Some(false) } else { plain }, "SECURE_PROXY_SSL_HEADER");
        let hsts = self.truth("SECURE_HSTS_SECONDS");
        let security = self.lists("MIDDLEWARE", SECURITY);
        let sends = match (hsts, security) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        self.put_truth("sends_hsts", sends, "SECURE_HSTS_SECONDS");
        let smtp = self.each("EMAIL_BACKEND", |_, val| val.as_str().map(|name| name.ends_with("smtp.EmailBackend")));
        let away = self.each("EMAIL_HOST", |_, val| {
            val.as_str().map(|host| !matches!(host, "" | "localhost" | "127.0.0.1" | "::1"))
        });
        let remote = match (smtp, away) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        self.put_truth("email_is_remote", remote, "EMAIL_HOST");
        let ignored = self.bound.iter().filter(|(name, _)| {
            matches!(name.strip_prefix("CSP_"), Some(rest) if rest.ends_with("_SRC") || matches!(rest, "REPORT_ONLY" | "REPORT_URI" | "INCLUDE_NONCE_IN" | "SANDBOX" | "FRAME_ANCESTORS" | "FORM_ACTION" | "BASE_URI" | "UPGRADE_INSECURE_REQUESTS"))
        });
        let ignored =
            ignored.map(|(name, val)| Node::derived(Value::text(name.as_str()), val.at, vec![val.at])).collect();
        self.put("ignored_csp_settings", Value::List(ignored), "");
    }
}

/// Either is true.
fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Whether a value is text; unknown where nothing tells.
pub(super) fn is_text(val: &Val) -> Option<bool> {
    match val.py {
        Py::Str(_) => Some(true),
        Py::Unknown(_, Kind::Any) | Py::Choice(_) => None,
        _ => Some(false),
    }
}

/// What a value is to Python.
pub(super) fn type_name(interp: &Interp<'_, '_>, val: &Val) -> &'static str {
    match &val.py {
        Py::None => "none",
        Py::Bool(_) | Py::Unknown(_, Kind::Bool) => "bool",
        Py::Int(_) => "int",
        Py::Float(_) => "float",
        Py::Str(_) => "str",
        Py::Tuple(_) => "tuple",
        Py::Path(_) => "path",
        Py::Ref(id) => match interp.heap.get(*id) {
            Some(Obj::List(_)) => "list",
            Some(Obj::Dict(_)) => "dict",
            Some(Obj::Set(_)) => "set",
            _ => "unknown",
        },
        _ => "unknown",
    }
}

/// Whether Django takes a setting as a yes or no.
pub(super) fn is_flag(name: &str) -> bool {
    let known = keys::SCHEMA.keys.iter().any(|key| key.name == name && key.ty == Type::Bool && !key.fact);
    let library = ["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_CREDENTIALS"];
    known || library.contains(&name)
}

/// Whether a pattern of `ALLOWED_HOSTS` fits names that anybody can have: all of them, or all below a suffix that is sold.
fn lets_all_in(host: &str) -> bool {
    const SOLD: &[&str] = &[
        "app", "biz", "cloud", "co", "com", "de", "dev", "eu", "fr", "in", "info", "io", "net", "nl", "org", "ru",
        "shop", "site", "uk", "xyz",
    ];
    let suffix = host.strip_prefix('.').map(str::to_ascii_lowercase);
    host == "*" || suffix.is_some_and(|suffix| SOLD.contains(&&*suffix))
}
