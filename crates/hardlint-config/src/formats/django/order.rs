//! The order of MIDDLEWARE, where it decides what is sent and to whom.
//!
//! A request passes the classes from the first to the last, its response back from the one that answered. What stands behind
//! a class that answers is not asked.

const SECURITY: &str = "django.middleware.security.SecurityMiddleware";
const COMMON: &str = "django.middleware.common.CommonMiddleware";
const SESSION: &str = "django.contrib.sessions.middleware.SessionMiddleware";
const CSRF: &str = "django.middleware.csrf.CsrfViewMiddleware";
const LOCALE: &str = "django.middleware.locale.LocaleMiddleware";
const GZIP: &str = "django.middleware.gzip.GZipMiddleware";
const UPDATE: &str = "django.middleware.cache.UpdateCacheMiddleware";
const FETCH: &str = "django.middleware.cache.FetchFromCacheMiddleware";
const FILES: &str = "whitenoise.middleware.WhiteNoiseMiddleware";

/// Classes, and those that have to stand behind them.
const BEHIND: &[(&str, &[&str])] = &[
    // The others answer by themselves: redirects, files, cached pages. Those then go out without its headers.
    (SECURITY, &[COMMON, FILES, FETCH]),
    ("corsheaders.middleware.CorsMiddleware", &[COMMON, FILES]),
    // The others need the session.
    (
        SESSION,
        &[
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
    ),
    // The others add `Vary`. Behind them it stores a page before that, and gives it to everybody.
    (UPDATE, &[SESSION, CSRF, LOCALE, GZIP, FETCH]),
];

/// The classes among those before `class` that have to stand behind it.
pub(super) fn too_early<'b>(class: &str, before: &'b [String]) -> Vec<&'b str> {
    let behind = BEHIND.iter().find(|(name, _)| *name == class).map(|(_, list)| *list).unwrap_or_default();
    before.iter().map(String::as_str).filter(|name| behind.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_by_itself_stands_behind_what_adds_headers() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(too_early(SECURITY, &list(&[FILES, SESSION])), [FILES]);
        assert_eq!(too_early(FILES, &list(&[SECURITY])), Vec::<&str>::new());
        assert_eq!(too_early(UPDATE, &list(&[SECURITY, SESSION])), [SESSION]);
    }
}
