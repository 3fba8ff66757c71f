//! The verdicts of `manage.py check --deploy`: `security.W001` to `W025`, `E023` and `E024`.
//!
//! As Django 4.2 to 6.1 decide them (`django/core/checks/security/`). A check is `None` where what it asks is not known.

use super::facts::Facts;
use super::secret;
use crate::text::Loc;

/// One check: its id, whether it fails, and where what decides it stands.
pub(super) struct Verdict {
    pub(super) id: &'static str,
    pub(super) fails: Option<bool>,
    pub(super) at: Loc,
}

const REFERRER: &[&str] = &[
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];
const OPENER: &[&str] = &["same-origin", "same-origin-allow-popups", "unsafe-none"];

/// Both are true.
fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

/// All checks, in the order of their ids.
pub(super) fn verdicts(facts: &mut Facts<'_, '_, '_>) -> Vec<Verdict> {
    let security = facts.lists("MIDDLEWARE", "django.middleware.security.SecurityMiddleware");
    let frame = facts.lists("MIDDLEWARE", "django.middleware.clickjacking.XFrameOptionsMiddleware");
    let csrf = facts.lists("MIDDLEWARE", "django.middleware.csrf.CsrfViewMiddleware");
    let session = facts.lists("MIDDLEWARE", "django.contrib.sessions.middleware.SessionMiddleware");
    let app = facts.lists("INSTALLED_APPS", "django.contrib.sessions");
    let hsts = facts.truth("SECURE_HSTS_SECONDS");
    let mut list = Vec::new();
    let mut add = |facts: &mut Facts<'_, '_, '_>, id, fails, name: &str| {
        let at = facts.place(name);
        list.push(Verdict { id, fails, at });
    };
    add(facts, "security.W001", not(security), "MIDDLEWARE");
    add(facts, "security.W002", not(frame), "MIDDLEWARE");
    add(facts, "security.W003", not(csrf), "MIDDLEWARE");
    add(facts, "security.W004", and(security, not(hsts)), "SECURE_HSTS_SECONDS");
    for (id, name) in [("security.W005", "SECURE_HSTS_INCLUDE_SUBDOMAINS"), ("security.W021", "SECURE_HSTS_PRELOAD")] {
        let is_true = facts.is_true(name);
        add(facts, id, and(and(security, hsts), not(is_true)), name);
    }
    for (id, name) in [("security.W006", "SECURE_CONTENT_TYPE_NOSNIFF"), ("security.W008", "SECURE_SSL_REDIRECT")] {
        let is_true = facts.is_true(name);
        add(facts, id, and(security, not(is_true)), name);
    }
    let weak = |facts: &mut Facts<'_, '_, '_>, name: &str| {
        facts.each(name, |_, val| val.as_str().map(|key| secret::key_strength(key, secret::LEAST) != "good"))
    };
    let key = weak(facts, "SECRET_KEY");
    add(facts, "security.W009", key, "SECRET_KEY");
    for (ids, name) in [
        (["security.W010", "security.W011", "security.W012"], "SESSION_COOKIE_SECURE"),
        (["security.W013", "security.W014", "security.W015"], "SESSION_COOKIE_HTTPONLY"),
    ] {
        let off = not(facts.is_true(name));
        let [by_app, by_middleware, by_both] = ids;
        add(facts, by_app, and(off, and(app, not(session))), name);
        add(facts, by_middleware, and(off, and(session, not(app))), name);
        add(facts, by_both, and(off, and(app, session)), name);
    }
    let in_session = facts.truth("CSRF_USE_SESSIONS");
    let secure = facts.is_true("CSRF_COOKIE_SECURE");
    add(facts, "security.W016", and(csrf, and(not(in_session), not(secure))), "CSRF_COOKIE_SECURE");
    let debug = facts.truth("DEBUG");
    add(facts, "security.W018", debug, "DEBUG");
    let deny = facts.each("X_FRAME_OPTIONS", |_, val| Some(val.as_str()? == "DENY"));
    let deny = deny.or_else(|| facts.each("X_FRAME_OPTIONS", |facts, val| facts.known_other(val)).map(|_| false));
    add(facts, "security.W019", and(frame, not(deny)), "X_FRAME_OPTIONS");
    let answers = facts.truth("ALLOWED_HOSTS");
    add(facts, "security.W020", not(answers), "ALLOWED_HOSTS");
    let none = facts.each("SECURE_REFERRER_POLICY", |facts, val| facts.is_none(val));
    add(facts, "security.W022", and(security, none), "SECURE_REFERRER_POLICY");
    let bad = facts.each("SECURE_REFERRER_POLICY", |facts, val| match facts.is_none(val) {
        Some(true) => Some(false),
        _ => match val.as_str() {
            Some(text) => Some(text.split(',').any(|part| !REFERRER.contains(&part.trim()))),
            None => facts.texts(val).map(|list| list.iter().any(|part| !REFERRER.contains(&part.as_str()))),
        },
    });
    add(facts, "security.E023", and(security, bad), "SECURE_REFERRER_POLICY");
    let bad = facts.each("SECURE_CROSS_ORIGIN_OPENER_POLICY", |facts, val| match facts.is_none(val) {
        Some(true) => Some(false),
        _ => val.as_str().map(|text| !OPENER.contains(&text)),
    });
    add(facts, "security.E024", and(security, bad), "SECURE_CROSS_ORIGIN_OPENER_POLICY");
    let old = facts.weak_fallbacks();
    add(facts, "security.W025", old, "SECRET_KEY_FALLBACKS");
    list.sort_by_key(|verdict| verdict.id);
    list
}
