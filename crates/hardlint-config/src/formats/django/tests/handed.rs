//! Namespaces and readers that are handed to others, middleware of Django 1, and secrets that stand in settings.

use super::{fact, model, resolve, shown};
use crate::loader::Memory;
use crate::model::Model;
use std::collections::BTreeMap;

fn with(text: &str, variables: &[(&str, &str)]) -> Model {
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    resolve(&Memory::new([("settings.py", text)]), "settings.py", Some(environment))
}

#[test]
fn what_a_package_is_known_to_set_leaves_the_rest_as_it_was() {
    let text = "import django_heroku\nDEBUG = False\nSECRET_KEY = 'not-a-real-key-1'\nALLOWED_HOSTS = ['a']\n\
        MIDDLEWARE = ['a.B']\nX_FRAME_OPTIONS = 'SAMEORIGIN'\ndjango_heroku.settings(locals())\n";
    let model = with(text, &[("SECRET_KEY", "not-a-real-key-2")]);
    for (name, expected) in [
        ("DEBUG", "False"),
        ("ALLOWED_HOSTS", "['*']"),
        ("MIDDLEWARE", "('whitenoise.middleware.WhiteNoiseMiddleware', 'a.B')"),
        ("SECRET_KEY", "'not-a-real-key-2'"),
        ("X_FRAME_OPTIONS", "'SAMEORIGIN'"),
        ("USE_TZ", "True"),
        ("DATABASES", "<what `django_heroku.settings` sets is decided at run time>"),
    ] {
        assert_eq!(shown(&model, name), expected, "{name}");
    }
    assert_eq!(shown(&with(text, &[]), "SECRET_KEY"), "'not-a-real-key-1'");
    let without = with(&text.replace("locals()", "locals(), allowed_hosts=False, staticfiles=False"), &[]);
    assert_eq!((shown(&without, "ALLOWED_HOSTS"), shown(&without, "MIDDLEWARE")), ("['a']".into(), "['a.B']".into()));
    // What nobody knows may set anything.
    let other = with(&text.replace("django_heroku", "other"), &[]);
    assert!(shown(&other, "DEBUG").starts_with('<') && shown(&other, "USE_TZ").starts_with('<'));
}

#[test]
fn an_address_of_mail_sets_what_belongs_to_mail_and_nothing_else() {
    let text = "import environ\nenv = environ.Env()\nDEBUG = False\nEMAIL_TIMEOUT = 3\n\
        MAIL = env.email_url('MAIL', default='smtp://me:@mail.example:25')\nvars().update(MAIL)\n";
    let unset = with(text, &[]);
    for (name, expected) in [
        ("DEBUG", "False"),
        ("EMAIL_HOST", "'mail.example'"),
        ("EMAIL_HOST_USER", "'me'"),
        ("EMAIL_HOST_PASSWORD", "''"),
        ("EMAIL_PORT", "25"),
        ("EMAIL_BACKEND", "'django.core.mail.backends.smtp.EmailBackend'"),
        ("EMAIL_USE_TLS", "False"),
        ("EMAIL_TIMEOUT", "3"),
        ("USE_TZ", "True"),
    ] {
        assert_eq!(shown(&unset, name), expected, "{name}");
    }
    let set = with(text, &[("MAIL", "smtp+tls://mail.example")]);
    assert_eq!((shown(&set, "EMAIL_USE_TLS"), shown(&set, "EMAIL_PORT")), ("True".into(), "None".into()));
    assert_eq!(shown(&set, "EMAIL_HOST_USER"), "None");
    // Of an address that is not known, only what belongs to mail is not known.
    let unknown = model(text);
    assert_eq!((shown(&unknown, "DEBUG"), shown(&unknown, "EMAIL_TIMEOUT")), ("False".into(), "3".into()));
    assert!(shown(&unknown, "EMAIL_HOST").starts_with('<') && shown(&unknown, "EMAIL_USE_TLS").starts_with('<'));
}

#[test]
fn a_reader_whose_defaults_are_not_all_known_gives_those_that_are() {
    let text = "import environ\nfrom gone import MORE, fill\n\
        env = environ.Env(FLAG=(bool, True), **MORE)\nfill(env, 1)\n\
        A = env('FLAG')\nB = env('OTHER')\nC = env.bool('THIRD', default=False)\nD = env.bool('FOURTH')\n";
    let model = with(text, &[]);
    assert_eq!((shown(&model, "A"), shown(&model, "C")), ("True".into(), "False".into()));
    assert!(shown(&model, "B").starts_with('<') && shown(&model, "D").starts_with('<'));
}

#[test]
fn middleware_of_django_1_is_missing_where_both_versions_miss_it() {
    let text = "ROOT_URLCONF = 'a'\nMIDDLEWARE_CLASSES = ['django.middleware.csrf.CsrfViewMiddleware']\n";
    let model = model(text);
    assert_eq!(fact(&model, "has_csrf_middleware"), "unknown");
    assert_eq!(fact(&model, "has_security_middleware"), "false");
    let both = super::model(&format!("{text}MIDDLEWARE = []\n"));
    assert_eq!(fact(&both, "has_csrf_middleware"), "false");
}

#[test]
fn a_key_under_the_condition_that_debugging_is_under_is_the_one_that_runs_where_nothing_is_set() {
    let text = |debug: &str| {
        format!(
            "import os\nDEBUG = {debug}\nif DEBUG:\n    SECRET_KEY = 'not-a-real-key-1'\nelse:\n    SECRET_KEY = os.environ['K']\n"
        )
    };
    let told = |debug: &str| fact(&model(&text(debug)), "secret_key_fallback_literal");
    assert_eq!(told("os.environ.get('D') != 'FALSE'"), "true");
    assert_eq!(told("os.environ.get('D', 'True') == 'True'"), "true");
    assert_eq!(told("os.environ.get('D') == '1'"), "false");
    assert_eq!(
        fact(
            &with(&text("os.environ.get('D') != 'FALSE'"), &[("D", "FALSE"), ("K", "k")]),
            "secret_key_fallback_literal"
        ),
        "false"
    );
}

#[test]
fn secrets_in_settings_are_told_from_what_only_looks_like_one() {
    let found = |text: &str| -> Vec<String> {
        let model = model(text);
        let setting = model.format.schema.kind_named("setting").unwrap();
        let key = |name: &str| model.format.schema.key(setting, name).unwrap();
        let scopes = model.scopes.iter().filter(|scope| scope.kind == setting);
        let named = scopes.filter_map(|scope| {
            let name = scope.own.get(key("secret_in_code"))?.value.as_str()?.to_owned();
            let stands_in = scope.own.get(key("secret_stands_in"))?.value == crate::model::Value::Bool(true);
            Some(if stands_in { format!("{name} stands in") } else { name })
        });
        named.collect()
    };
    for (text, expected) in [
        ("A_TOKEN = 'not-the-real-0ne'", "A_TOKEN"),
        ("JWT_AUTH = {'JWT_SECRET_KEY': 'not-the-real-0ne'}", "JWT_SECRET_KEY"),
        ("DATABASES = {'default': {'PASSWORD': 'not-the-real-0ne'}}", "PASSWORD"),
        ("import os\nJWT_SECRET = os.environ.get('X', 'not-the-real-0ne')", "JWT_SECRET stands in"),
        ("import os\nJWT_SECRET = os.environ.get('X') or 'not-the-real-0ne'", "JWT_SECRET stands in"),
        (
            "import environ\nenv = environ.Env(X=(str, 'not-the-real-0ne'))\nSESSION_SECRET = env('X')",
            "SESSION_SECRET stands in",
        ),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
    for text in [
        "SECRET_KEY = 'not-the-real-0ne'",
        "A_TOKEN = 'change-me-0'",
        "A_TOKEN = 'none'",
        "A_PASSWORD = 'password'",
        "A_PASSWORD = 'postgres'",
        "A_PASSWORD = '/run/secrets/a0'",
        "A_TOKEN_URL = 'not-the-real-0ne'",
        "A_TOKEN = 'A_TOKEN'",
        "REPORTS = {'Secret Detection Report': 'not_the_real_0ne'}",
        "import os\nDB_PASSWORD = os.environ.get('X', 'not-the-real-0ne')",
        "import os\nJWT_SECRET = os.environ.get('X', '.')",
        "import os\nJWT_SECRET = os.environ['X']",
        "import os\nif os.environ.get('DEV') == '1':\n    A_TOKEN = 'not-the-real-0ne'\nelse:\n    A_TOKEN = os.environ['T']",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}
