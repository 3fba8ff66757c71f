//! Values that are secrets whatever their name is: addresses with a password in them, addresses that let whoever has them
//! post, and keys in the form that their provider gives them.
//!
//! This decides what is told to people, so it is strict: the forms are those that providers document, at their full
//! length; what is there to be replaced or is drawn from few characters is none. What only is to be hidden is found by
//! [`super::spans`].

use super::{is_literal, is_placeholder};
use std::ops::Range;

/// Where in a value the secret stands that its form tells.
pub fn secret_in(value: &str) -> Option<Range<usize>> {
    password_in(value).or_else(|| webhook_in(value)).or_else(|| provider_key(value))
}

/// The password in `scheme://user:password@host`, where the host is another than the one that the address is used on.
fn password_in(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + 3;
    let rest = value.get(start..)?;
    let authority = rest.get(..rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len()))?;
    let (user, host) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let begin = start + name.len() + 1;
    let local = host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
    // `{password}`, `<password>`, `%s`, `****`: something fills it in.
    let filled_in = password.contains(['{', '}', '<', '>', '$', '*']) || password.starts_with('%');
    let written = !password.is_empty() && is_literal(password) && !filled_in;
    (written && !local && !host.is_empty()).then(|| begin..begin + password.len())
}

/// What of a webhook's address lets whoever has it post.
fn webhook_in(value: &str) -> Option<Range<usize>> {
    const HOOKS: &[(&str, usize)] = &[
        ("hooks.slack.com/services/", 40),
        ("hooks.slack.com/workflows/", 40),
        ("hooks.slack.com/triggers/", 40),
        ("discord.com/api/webhooks/", 60),
        ("discordapp.com/api/webhooks/", 60),
    ];
    let (hook, least) = HOOKS.iter().find(|(hook, _)| value.contains(hook))?;
    let start = value.find(hook)? + hook.len();
    let rest = value.get(start..)?;
    let coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
    let path = rest.get(..rest.find(|c| !coded(c)).unwrap_or(rest.len()))?;
    (path.len() >= *least && is_drawn(path)).then(|| start..start + path.len())
}

/// A key of a provider, as its prefix, the characters behind it, and how many there are at least.
struct Form {
    prefix: &'static str,
    letters: Letters,
    least: usize,
}

enum Letters {
    /// Letters and digits.
    Plain,
    /// Those, `_`, `-` and `.`.
    Wide,
    /// Capitals and digits.
    Capital,
    /// Hexadecimal digits.
    Hex,
}

const fn form(prefix: &'static str, letters: Letters, least: usize) -> Form {
    Form { prefix, letters, least }
}

const FORMS: &[Form] = &[
    form("AKIA", Letters::Capital, 16),
    form("ASIA", Letters::Capital, 16),
    form("AIza", Letters::Wide, 35),
    form("SG.", Letters::Wide, 60),
    form("dop_v1_", Letters::Hex, 64),
    form("gho_", Letters::Plain, 36),
    form("ghp_", Letters::Plain, 36),
    form("ghr_", Letters::Plain, 36),
    form("ghs_", Letters::Plain, 36),
    form("ghu_", Letters::Plain, 36),
    form("github_pat_", Letters::Wide, 82),
    form("glpat-", Letters::Wide, 20),
    form("hf_", Letters::Plain, 34),
    form("hvs.", Letters::Wide, 90),
    form("npm_", Letters::Plain, 36),
    form("pypi-", Letters::Wide, 60),
    form("rk_live_", Letters::Plain, 20),
    form("shpat_", Letters::Hex, 32),
    form("sk_live_", Letters::Plain, 20),
    form("sk-ant-", Letters::Wide, 80),
    form("sk-proj-", Letters::Wide, 40),
    form("xoxb-", Letters::Wide, 40),
    form("xoxp-", Letters::Wide, 40),
];

/// A value that is all one key in the form of a provider.
fn provider_key(value: &str) -> Option<Range<usize>> {
    let key = value.trim();
    let form = FORMS.iter().find(|form| key.starts_with(form.prefix))?;
    let rest = key.get(form.prefix.len()..)?;
    let letter = |byte: u8| match form.letters {
        Letters::Plain => byte.is_ascii_alphanumeric(),
        Letters::Wide => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
        Letters::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Letters::Hex => byte.is_ascii_hexdigit(),
    };
    // The forms of one length are not longer either, so that no word of another kind is taken for one.
    let exact = matches!(form.letters, Letters::Capital | Letters::Hex);
    let length = if exact { rest.len() == form.least } else { rest.len() >= form.least };
    let start = value.len() - value.trim_start().len();
    (length && rest.bytes().all(letter) && is_drawn(rest)).then(|| start..start + key.len())
}

/// Whether a text looks drawn at random, rather than written to show where one goes: many characters, none of them for
/// most of it, and no word that says so.
fn is_drawn(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let shown = ["EXAMPLE", "XXXX", "YOUR", "CHANGE", "REPLACE", "PLACEHOLDER", "1234567890", "ABCDEFG", "0000000"];
    let mut counts = [0_usize; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let different = counts.iter().filter(|count| **count > 0).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    different >= 8 && most * 3 <= text.len() && !shown.iter().any(|word| upper.contains(word)) && !is_placeholder(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text as a provider would draw one, made here, so that none stands in this file.
    fn drawn(prefix: &str, length: usize) -> String {
        let letters = b"q7Zk2mR9xT4vB8nL1wY6";
        let body: String = (0..length).map(|at| char::from(letters[(at * 7 + at / 20) % letters.len()])).collect();
        format!("{prefix}{body}")
    }

    #[test]
    fn forms_tell_secrets_whatever_their_name() {
        let (github, hook) = (drawn("ghp_", 36), drawn("https://hooks.slack.com/services/T0/B0/", 40));
        for (value, expected) in [
            ("postgres://app:hunter2@db/app", Some("hunter2")),
            ("postgres://postgres:postgres@db:5432/app", Some("postgres")),
            ("redis://:hunter2@cache:6379/0", Some("hunter2")),
            ("jdbc:postgresql://app:hunter2@db/app", Some("hunter2")),
            (&github, Some(&*github)),
            (&hook, hook.get(33..)),
        ] {
            assert_eq!(secret_in(value).and_then(|at| value.get(at)), expected, "{value}");
        }
        for value in [
            "postgres://app@db/app",
            "postgres://app:@db/app",
            "http://h/a:b@c",
            "postgres://app:hunter2@localhost/app",
            "redis://:hunter2@127.0.0.1:6379",
            "postgres://app:${PW}@db/app",
            "postgres://app:$PW@db/app",
            "postgres://{user}:{password}@db/app",
            "postgres://user:<password>@db/app",
            "postgres://app:%s@db/app",
            "postgres://app:****@db/app",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "https://hooks.slack.com/services/x",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_short",
            "AKIAIOSFODNN7EXAMPLE",
            "sk-service-frontend",
            "npm_config_registry",
            "glpat-your-token-goes-here-please",
        ] {
            assert_eq!(secret_in(value), None, "{value}");
        }
        assert_eq!(secret_in(&drawn("sk_test_", 30)), None);
    }
}
