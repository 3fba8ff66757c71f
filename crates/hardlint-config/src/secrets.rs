//! What looks like a secret, by its name and by its value. Shared by all formats; it never decides what is wrong.

mod forms;
mod inside;
mod issuers;
mod made;
mod messages;
mod names;
mod references;
mod tokens;
mod words;

pub use forms::{is_drawn as is_drawn_at_random, secret_in};
pub use inside::{hide, hide_as, names_secret, spans, spans_unquoted, without};
pub use issuers::{Issued, PrivateKey, issued, private_key};
pub use made::Beside;
pub use messages::{hide_drawn, hide_words_of, is_drawn, why_unknown};
pub use names::{is_administrators, is_for_a_name, is_for_another_service, is_key_name, is_secret_name};
pub use references::is_reference;

use crate::urls::split_scheme;
use names::SECRET;

/// Whether a value is a switch or nothing at all, rather than a secret.
pub fn is_switch(value: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "0",
        "1",
        "none",
        "null",
        "nil",
        "undefined",
        "enabled",
        "disabled",
        "n/a",
        "not-needed",
        "not-required",
        "not_needed",
        "not_required",
        "notneeded",
        "notrequired",
        "unspecified",
        "auto",
        "basic",
        "bearer",
        "md5",
        "scram-sha-256",
        "trust",
        "plain",
    ];
    SWITCHES.contains(&value.trim().to_ascii_lowercase().as_str())
}

/// Whether a value is an address with a password in it: `scheme://user:password@host`.
pub fn has_credentials(value: &str) -> bool {
    let Some((_, rest)) = split_scheme(value) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

/// Whether a value is the name that AWS gives a key, of a user or of a session, and not the key itself.
pub fn is_key_id(value: &str) -> bool {
    let rest = value.strip_prefix("AKIA").or_else(|| value.strip_prefix("ASIA"));
    rest.is_some_and(|rest| {
        rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

/// Whether a value stands for one that is to be filled in.
pub fn is_placeholder(value: &str) -> bool {
    const WHOLE: &[&str] = &[
        "todo",
        "fixme",
        "tbd",
        "sample",
        "dummy",
        "fake",
        "placeholder",
        "none",
        "null",
        "undefined",
        "notset",
        "not_set",
        "not-set",
        "sk-xxx",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ];
    const STARTS: &[&str] = &[
        "changeme",
        "change-me",
        "change_me",
        "change me",
        "changepass",
        "change-pass",
        "change_pass",
        "changethis",
        "change-this",
        "change_this",
        "replaceme",
        "replace-",
        "replace_",
        "replace ",
        "your-",
        "your_",
        "your ",
        "my-secret",
        "mysecret",
        "my_secret",
        "mypassword",
        "my-password",
        "my_password",
        "insert-",
        "insert_",
        "put-",
        "put_",
        "enter-",
        "enter_",
        "example",
        "django-insecure-",
    ];
    let trimmed = value.trim().trim_matches(['"', '\'']);
    let lower = trimmed.to_ascii_lowercase();
    let first = lower.chars().next();
    lower.is_empty()
        || WHOLE.iter().any(|word| word.eq_ignore_ascii_case(trimmed))
        || STARTS.iter().any(|start| lower.starts_with(start))
        || (lower.starts_with('<') && lower.ends_with('>'))
        || first.is_some_and(|first| lower.len() > 2 && lower.chars().all(|c| c == first))
}

/// Whether a value is a word that everybody tries first, with or without digits behind it or once more, or a password that a
/// vendor's pages tell everybody to set.
pub fn is_common_password(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "",
        "admin",
        "admin@",
        "changeit",
        "default",
        "demo",
        "docker!",
        "dragon",
        "football",
        "guest",
        "iloveyou",
        "insecure",
        "letmein",
        "monkey",
        "mypassword",
        "p@ssw0rd",
        "p@ssword",
        "pass",
        "passw0rd",
        "password",
        "princess",
        "qwerty",
        "root",
        "root:docker!",
        "secret",
        "sunshine",
        "supersecret",
        "test",
        "toor",
        "topsecret",
        "trustno",
        "user",
        "welcome",
    ];
    /// What is typed with digits among the letters.
    const WHOLE: &[&str] =
        &["123abc", "123qwe", "1q2w3e", "1q2w3e4r", "1qaz2wsx", "a1b2c3", "a1b2c3d4", "abc123", "q1w2e3r4"];
    let lower = value.to_ascii_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS.contains(&words::doubled(word).unwrap_or(word))
        || WHOLE.contains(&&*lower)
        || words::is_typed_along(word)
        || words::is_tried_out(&lower)
}

/// Whether a value can be guessed: a common password, or nothing but words for secrets.
pub fn is_guessable(value: &str) -> bool {
    is_common_password(value) || words::is_of_words(value) && !is_name_of_secret(value)
}

/// Whether a value is a name for a secret, or a file's name, rather than one: `lantern_pass`, `server.key`.
pub fn is_name_of_secret(value: &str) -> bool {
    let file = value.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && matches!(ending, "crt" | "json" | "key" | "p12" | "pem" | "pfx" | "txt" | "yaml" | "yml")
    });
    let last = value.rsplit('_').next().unwrap_or_default();
    let written_small = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let name =
        value.contains('_') && written_small && !says_what_to_do(value) && SECRET.iter().any(|run| *run == [last]);
    file || name
}

/// Whether words are a sentence to whoever copies them, `please_change_this_secret`, and no name.
fn says_what_to_do(value: &str) -> bool {
    value.split('_').any(|word| matches!(word, "change" | "please" | "replace" | "this" | "your"))
}

/// Whether a value is the example of a key that a provider's own pages show: it has the form of one that opens something.
pub fn is_published_example(value: &str) -> bool {
    value == "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}

/// Whether what programs in a browser are built with has a secret in it by its name: build tools write the values of
/// variables with these beginnings into what every visitor is sent. Keys and tokens are often meant to be public.
pub fn is_given_to_browsers(name: &str) -> bool {
    const ENDS: &[&str] = &["PASSWORD", "PASSWD", "PASS", "PWD", "SECRET", "SECRET_KEY", "PRIVATE_KEY"];
    let rest = FOR_BROWSERS.iter().find_map(|start| names::unnumbered(name).strip_prefix(start));
    rest.is_some_and(|rest| ENDS.iter().any(|end| rest == *end || rest.ends_with(&format!("_{end}"))))
}

/// What the names of variables begin with whose values stand in what browsers are sent.
const FOR_BROWSERS: &[&str] =
    &["REACT_APP_", "VITE_", "NEXT_PUBLIC_", "NUXT_PUBLIC_", "VUE_APP_", "GATSBY_", "EXPO_PUBLIC_", "NG_APP_"];

/// Whether what programs in a browser are built with has the variable's value in it.
pub fn is_built_into_pages(name: &str) -> bool {
    FOR_BROWSERS.iter().any(|start| name.starts_with(start))
}

/// Whether a value, or what the example of it was copied with, is one to be filled in.
pub fn is_template(value: &str) -> bool {
    const WORDS: &[&str] = &["changeme", "change_me", "change-me", "xxx"];
    let lower = value.to_ascii_lowercase();
    is_placeholder(value) || WORDS.iter().any(|word| lower.contains(word)) || is_request(&lower)
}

/// Whether words with marks between them ask for a value: `get-your-key-from-shop`.
fn is_request(lower: &str) -> bool {
    const ASK: &[&str] = &[
        "add", "change", "copy", "create", "enter", "fill", "get", "here", "insert", "paste", "put", "replace", "your",
    ];
    const FOR: &[&str] = &["key", "keys", "password", "secret", "token", "value"];
    let words: Vec<&str> = lower.split(['-', '_', ' ']).collect();
    let plain = |word: &&str| (1..=14).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.len() > 2
        && words.iter().all(plain)
        && words.iter().any(|word| ASK.contains(word))
        && words.iter().any(|word| FOR.contains(word))
}

/// Whether a value says of itself that it opens nothing: `fake-key`, `unused`.
pub fn is_fake(value: &str) -> bool {
    const WORDS: &[&str] = &["fake", "dummy", "unused", "ignored", "notused"];
    let mut words = value.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|fake| fake.eq_ignore_ascii_case(word)))
}

/// Whether a value, under the name of a secret, is one that stands there in full.
pub fn is_literal(value: &str) -> bool {
    !is_switch(value) && !is_reference(value) && !is_fake(value) && !is_way_to_log_in(value)
}

/// Whether a value is what a way to log in is called: `GITEA_AUTH=ldap`.
fn is_way_to_log_in(value: &str) -> bool {
    const WAYS: &[&str] = &[
        "cram-md5",
        "htpasswd",
        "kerberos",
        "login",
        "ntlm",
        "oauth2",
        "oidc",
        "plain",
        "saml",
        "scram-sha-256",
        "xoauth2",
    ];
    WAYS.contains(&value)
}

/// Whether a value under the name of a secret says something else all the same: which of several a token is (`PAD_TOKEN=pad`),
/// what a browser does with credentials (`CREDENTIALS=same-origin`), how often a hash is salted (`BCRYPT_SALT=10`).
pub fn is_choice(name: &str, value: &str) -> bool {
    const LONGEST_TOKEN: usize = 4;
    let lower = name.to_ascii_lowercase();
    let has = |wanted: &[&str]| lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| wanted.contains(&word));
    let letters = value.bytes().all(|byte| byte.is_ascii_alphabetic());
    let opens = has(&["password", "pass", "passwd", "pwd", "secret", "key", "apikey"]);
    let known = is_common_password(value) || is_placeholder(value);
    has(&["token"]) && !opens && value.len() <= LONGEST_TOKEN && letters && !known
        || has(&["credentials"]) && ["omit", "same-origin", "include"].contains(&value)
        || has(&["salt"]) && !opens && value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_say_which_of_several_something_is() {
        for (name, value, choice) in [
            ("PAD_TOKEN", "pad", true),
            ("JWT_TOKEN", "jwt", true),
            ("TOKEN", "eth", true),
            ("CORS_CREDENTIALS", "same-origin", true),
            ("BCRYPT_SALT", "10", true),
            ("AUTH_TOKEN", "test", false),
            ("AUTH_TOKEN", "qwe", false),
            ("AUTH_TOKEN", "hunter", false),
            ("TOKEN_SECRET", "abc", false),
            ("DB_PASSWORD", "abc", false),
            ("CREDENTIALS", "hunter2", false),
            ("SALT", "pepper", false),
        ] {
            assert_eq!(is_choice(name, value), choice, "{name} {value}");
        }
    }

    #[test]
    fn values_that_everybody_knows() {
        for (value, common, name) in [
            ("admin123", true, false),
            ("Docker!", true, false),
            ("tomtom", false, false),
            ("qwe", true, false),
            ("asd123", true, false),
            ("zxbf", false, false),
            ("mmmmmm", true, false),
            ("none", false, false),
            ("p4Zb", false, false),
            ("hedge", false, false),
            ("lantern_pass", false, true),
            ("server.key", false, true),
            ("db_password1", false, false),
            ("adminadmin", true, false),
            ("P@ssw0rd", true, false),
            ("Admin@123", true, false),
            ("iloveyou", true, false),
            ("abc123", true, false),
            ("abc", false, false),
            ("trustno1", true, false),
            ("sunshines", false, false),
            ("please_change_this_secret", false, false),
            ("key.pem", false, true),
            ("not-a-real-one", false, false),
            (".pem", false, false),
        ] {
            assert_eq!((is_common_password(value), is_name_of_secret(value)), (common, name), "{value}");
        }
    }

    #[test]
    fn ways_to_log_in_are_no_secrets() {
        for (name, value, expected) in [
            ("REGISTRY_AUTH", "htpasswd", false),
            ("SMTP_AUTH", "login", false),
            ("GITEA_AUTH", "oauth2", false),
            ("REGISTRY_AUTH", "c2hvcDpub3QtcmVhbA", true),
            ("MP_SMTP_AUTH", "shop:not-a-real-one", true),
            ("NEO4J_AUTH", "neo4j/not-a-real-one", true),
            ("LDAP_PASSWORD", "ldaps", true),
        ] {
            assert_eq!(is_secret_name(name) && is_literal(value), expected, "{name}={value}");
        }
    }

    #[test]
    fn words_that_ask_for_a_value() {
        for (value, expected) in [
            ("get-your-key-from-shop", true),
            ("create_key_at_the_console", true),
            ("not-a-real-one", false),
            ("correct-horse-battery-staple", false),
            ("get-key", false),
            ("please_change_this_secret", true),
            ("your-k3y-x9-value", true),
        ] {
            assert_eq!(is_template(value), expected, "{value}");
        }
    }

    #[test]
    fn what_browsers_are_sent() {
        for (name, expected) in [
            ("REACT_APP_PASSWORD", true),
            ("VITE_ADMIN_SECRET", true),
            ("VITE_ADMIN_SECRET2", true),
            ("NEXT_PUBLIC_MAPS_API_KEY", false),
            ("VITE_PUBLIC_TOKEN", false),
            ("APP_PASSWORD", false),
            ("VITE_SHOW_BYPASS", false),
        ] {
            assert_eq!(is_given_to_browsers(name), expected, "{name}");
        }
    }

    #[test]
    fn values_that_are_no_secrets() {
        for value in [
            "/run/secrets/db",
            "${DB}",
            "$DB_PASSWORD",
            "{{ x }}",
            "<fill in>",
            "vault:x",
            "true",
            "",
            "none",
            "unspecified",
            "n/a",
        ] {
            assert!(!is_literal(value), "{value}");
        }
        for arn in ["arn:aws:kms:eu-west-1:123456789012:key/a", "arn:aws-cn:iam::123456789012:role/a"] {
            assert!(!is_literal(arn), "{arn}");
        }
        for value in ["arn:", "arn:aws:x", "arn:other:kms:a:b:c"] {
            assert!(is_literal(value), "{value}");
        }
        for value in ["postgres", "pa$$word", "$ecret", "12345678", "changeme"] {
            assert!(is_literal(value), "{value}");
        }
        for value in ["changeme", "CHANGE_ME_NOW", "xxxxxxxx", "<password>", "your-secret-here", "django-insecure-abc"]
        {
            assert!(is_placeholder(value), "{value}");
        }
        assert!(!is_placeholder("correct horse"));
        assert!(is_for_another_service("OPENAI_API_KEY") && is_for_another_service("ALIYUN_OSS_SECRET_KEY"));
        assert!(!is_for_another_service("DJANGO_SECRET_KEY") && !is_for_another_service("DB_PASSWORD"));
        assert!(is_key_name("DJANGO_SECRET_KEY") && is_key_name("JWT_SECRET") && is_key_name("SECRET_KEY_BASE"));
        assert!(is_key_name("APP_SECRET") && !is_key_name("FEISHU_APP_SECRET"));
        for name in ["DB_PASSWORD", "MINIO_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "JWT_LIFETIME", "OAUTH_CLIENT_SECRET"]
        {
            assert!(!is_key_name(name), "{name}");
        }
        assert!(is_administrators("SHOP_ADMIN_PASSWORD") && !is_administrators("ADMIN_EMAIL"));
        assert!(has_credentials("postgres://u:p@h/db") && has_credentials("redis://:p@h"));
        assert!(!has_credentials("http://u@h:80/a:b@c") && !has_credentials("http://h/x"));
    }
}
