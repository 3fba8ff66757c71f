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
    // Most values are short, and no secret can be told by its form of one that has none of these.
    let has = |byte: u8| memchr::memchr(byte, value.as_bytes()).is_some();
    let long = value.len() >= SHORTEST;
    let colon = has(b':');
    let password = || if colon { password_in(value) } else { None };
    let webhook = || if long && has(b'/') { webhook_in(value) } else { None };
    let bot = || if long && colon { bot_token(value) } else { None };
    let connection = || if long && has(b'=') { connection_key(value) } else { None };
    if !long {
        return password();
    }
    password()
        .or_else(webhook)
        .or_else(|| provider_key(value))
        .or_else(|| marked_key(value))
        .or_else(bot)
        .or_else(connection)
        .or_else(|| web_token(value))
}

/// The length of the shortest key that is told by its form alone.
pub(super) const SHORTEST: usize = 20;

/// The password in `scheme://user:password@host`, where the host is another than the one that the address is used on.
fn password_in(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + 3;
    let rest = value.get(start..)?;
    let authority = rest.get(..rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len()))?;
    let (user, host) = authority.rsplit_once('@')?;
    let Some((name, password)) = user.split_once(':') else {
        // `https://TOKEN@github.com/…`.
        return super::issuers::is_given_out(user).then(|| start..start + user.len());
    };
    let begin = start + name.len() + 1;
    let local = host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
    // `{password}`, `<password>`, `%s`, `****`: something fills it in.
    let filled_in = password.contains(['{', '}', '<', '>', '$', '*']) || password.starts_with('%');
    let written = !password.is_empty() && is_literal(password) && !filled_in;
    (written && !local && !host.is_empty()).then(|| begin..begin + password.len())
}

/// What of a webhook's address lets whoever has it post.
pub(super) fn webhook_in(value: &str) -> Option<Range<usize>> {
    const HOOKS: &[(&str, usize)] = &[
        ("hooks.slack.com/services/", 40),
        ("hooks.slack.com/workflows/", 40),
        ("hooks.slack.com/triggers/", 40),
        ("discord.com/api/webhooks/", 60),
        ("discordapp.com/api/webhooks/", 60),
        (".webhook.office.com/webhookb2/", 100),
    ];
    let (hook, least) = HOOKS.iter().find(|(hook, _)| value.contains(hook))?;
    let start = value.find(hook)? + hook.len();
    let rest = value.get(start..)?;
    let coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '@');
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

/// As the rules of gitleaks and the detectors of `TruffleHog` have them, where providers do not document theirs.
const FORMS: &[Form] = &[
    form("AGE-SECRET-KEY-1", Letters::Capital, 58),
    form("AIza", Letters::Wide, 35),
    form("AKCp", Letters::Plain, 69),
    form("AKIA", Letters::Capital, 16),
    form("ASIA", Letters::Capital, 16),
    form("ATATT3", Letters::Wide, 180),
    form("CFPAT-", Letters::Wide, 43),
    form("GOCSPX-", Letters::Wide, 28),
    form("HRKU-AA", Letters::Wide, 58),
    form("NRAK-", Letters::Capital, 27),
    form("PMAK-", Letters::Wide, 59),
    form("SG.", Letters::Wide, 60),
    form("dapi", Letters::Hex, 32),
    form("dckr_pat_", Letters::Wide, 27),
    form("doo_v1_", Letters::Hex, 64),
    form("dop_v1_", Letters::Hex, 64),
    form("dor_v1_", Letters::Hex, 64),
    form("dp.pt.", Letters::Plain, 40),
    form("figd_", Letters::Wide, 40),
    form("gho_", Letters::Plain, 36),
    form("ghp_", Letters::Plain, 36),
    form("ghr_", Letters::Plain, 36),
    form("ghs_", Letters::Plain, 36),
    form("ghu_", Letters::Plain, 36),
    form("github_pat_", Letters::Wide, 82),
    form("gldt-", Letters::Wide, 20),
    form("glpat-", Letters::Wide, 20),
    form("glrt-", Letters::Wide, 20),
    form("glsa_", Letters::Wide, 41),
    form("gsk_", Letters::Plain, 52),
    form("hf_", Letters::Plain, 34),
    form("hvs.", Letters::Wide, 90),
    form("lin_api_", Letters::Plain, 40),
    form("lsv2_pt_", Letters::Wide, 43),
    form("lsv2_sk_", Letters::Wide, 43),
    form("npm_", Letters::Plain, 36),
    form("ntn_", Letters::Plain, 46),
    form("pplx-", Letters::Plain, 48),
    form("pscale_pw_", Letters::Wide, 43),
    form("pscale_tkn_", Letters::Wide, 43),
    form("pul-", Letters::Hex, 40),
    form("pypi-", Letters::Wide, 60),
    form("r8_", Letters::Wide, 37),
    form("rk_live_", Letters::Plain, 20),
    form("rubygems_", Letters::Hex, 48),
    form("sbp_", Letters::Hex, 40),
    form("shpat_", Letters::Hex, 32),
    form("shpca_", Letters::Hex, 32),
    form("shppa_", Letters::Hex, 32),
    form("shpss_", Letters::Hex, 32),
    form("sk-ant-", Letters::Wide, 80),
    form("sk-or-v1-", Letters::Hex, 64),
    form("sk-proj-", Letters::Wide, 40),
    form("sk-svcacct-", Letters::Wide, 40),
    form("sk_live_", Letters::Plain, 20),
    form("sntrys_", Letters::Wide, 80),
    form("sntryu_", Letters::Hex, 64),
    form("sq0atp-", Letters::Wide, 22),
    form("sq0csp-", Letters::Wide, 43),
    form("sqa_", Letters::Hex, 40),
    form("sqp_", Letters::Hex, 40),
    form("squ_", Letters::Hex, 40),
    form("tfp_", Letters::Wide, 59),
    form("tskey-auth-", Letters::Wide, 28),
    form("whsec_", Letters::Plain, 32),
    form("xai-", Letters::Wide, 80),
    form("xapp-1-", Letters::Wide, 60),
    form("xkeysib-", Letters::Wide, 81),
    form("xoxb-", Letters::Wide, 40),
    form("xoxp-", Letters::Wide, 40),
];

/// A value that is all one key in the form of a provider.
pub(super) fn provider_key(value: &str) -> Option<Range<usize>> {
    let key = value.trim();
    let first = key.as_bytes().first()?;
    let form =
        FORMS.iter().find(|form| form.prefix.as_bytes().first() == Some(first) && key.starts_with(form.prefix))?;
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

/// A key that has its mark inside, at one place: `sk-…T3BlbkFJ…` of `OpenAI`, `pat….…` of Airtable, `….atlasv1.…` of
/// Terraform Cloud, `…-us12` of Mailchimp, `v1.0-…-…` of Cloudflare's origin authority.
pub(super) fn marked_key(value: &str) -> Option<Range<usize>> {
    let key = value.trim();
    let plain = |text: &str, length: usize| text.len() == length && text.bytes().all(|it| it.is_ascii_alphanumeric());
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|it| it.is_ascii_hexdigit());
    let openai = || {
        let (before, behind) = key.strip_prefix("sk-")?.split_once("T3BlbkFJ")?;
        (plain(before, 20) && plain(behind, 20)).then_some(())
    };
    let airtable = || {
        let (name, drawn) = key.strip_prefix("pat")?.split_once('.')?;
        (plain(name, 14) && hex(drawn, 64)).then_some(())
    };
    let terraform = || {
        if !(83..=93).contains(&key.len()) {
            return None;
        }
        let (name, drawn) = key.split_once(".atlasv1.")?;
        let coded = drawn.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'='));
        (plain(name, 14) && (60..=70).contains(&drawn.len()) && coded).then_some(())
    };
    let mailchimp = || {
        if !matches!(key.len(), 36 | 37) {
            return None;
        }
        let (drawn, place) = key.split_once("-us")?;
        (hex(drawn, 32) && matches!(place.len(), 1 | 2) && place.bytes().all(|it| it.is_ascii_digit())).then_some(())
    };
    let origin = || {
        let (name, drawn) = key.strip_prefix("v1.0-")?.split_once('-')?;
        (hex(name, 24) && hex(drawn, 146)).then_some(())
    };
    let launch_darkly = || {
        let drawn = key.strip_prefix("sdk-")?;
        let runs: Vec<&str> = drawn.split('-').collect();
        let lengths = [8, 4, 4, 4, 12];
        let fits = runs.len() == lengths.len() && runs.iter().zip(lengths).all(|(run, length)| hex(run, length));
        fits.then_some(())
    };
    let marked =
        launch_darkly().or_else(openai).or_else(airtable).or_else(terraform).or_else(mailchimp).or_else(origin);
    let start = value.len() - value.trim_start().len();
    marked.filter(|()| is_drawn(key)).map(|()| start..start + key.len())
}

/// A key of Stripe that opens only what was made for trying things out.
pub(super) fn test_key(value: &str) -> Option<Range<usize>> {
    let key = value.trim();
    let rest = key.strip_prefix("sk_test_").or_else(|| key.strip_prefix("rk_test_"))?;
    let start = value.len() - value.trim_start().len();
    let whole = rest.len() >= 20 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (whole && is_drawn(rest)).then(|| start..start + key.len())
}

/// The token of a bot in Telegram: its number, and what is drawn for it.
pub(super) fn bot_token(value: &str) -> Option<Range<usize>> {
    let start = value.find("/bot").map_or(0, |at| at + "/bot".len());
    let (number, rest) = value.get(start..)?.split_once(':')?;
    let coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let length = rest.find(|c| !coded(c)).unwrap_or(rest.len());
    let drawn = rest.get(..length).filter(|drawn| drawn.len() == 35)?;
    let begin = start + number.len() + 1;
    let numbered = matches!(number.len(), 8..=10) && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && is_drawn(drawn)).then(|| begin..begin + length)
}

/// The key in a connection to Azure (`AccountKey=…`), and the signature in an address that Azure lets in by it (`sig=…`).
pub(super) fn connection_key(value: &str) -> Option<Range<usize>> {
    // The key's name, what stands before it in such a text, and how many characters it has at least.
    const KEYS: &[(&str, &str, usize)] =
        &[("AccountKey=", "AccountName=", 80), ("SharedAccessKey=", "Endpoint=", 40), ("sig=", "sv=", 40)];
    KEYS.iter().find_map(|(name, beside, least)| {
        let begin = value.find(name)? + name.len();
        let rest = value.get(begin..)?;
        let coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '-' | '_');
        let key = rest.get(..rest.find(|c| !coded(c)).unwrap_or(rest.len()))?;
        let told = value.contains(beside) && key.len() >= *least && is_drawn(key);
        told.then(|| begin..begin + key.len())
    })
}

/// A signed token of the web: a header and claims in base64, and the signature.
fn web_token(value: &str) -> Option<Range<usize>> {
    let token = value.trim();
    if !token.starts_with("eyJ") {
        return None;
    }
    let mut parts = token.split('.');
    let (head, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let coded = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let json = |part: &str| part.starts_with("eyJ") && part.len() >= 12 && coded(part);
    let whole = parts.next().is_none() && json(head) && json(claims) && signature.len() >= 40 && coded(signature);
    let start = value.len() - value.trim_start().len();
    (whole && is_drawn(signature) && !is_public(claims)).then(|| start..start + token.len())
}

/// Whether the claims of a token say that it is for everybody, as those that Supabase gives to browsers.
fn is_public(claims: &str) -> bool {
    /// `"anon"` in base64, as it comes out at each of the three places that it can begin at, without what is shared with
    /// its neighbours.
    const ANON: [&str; 3] = ["ImFub24i", "Jhbm9uI", "iYW5vbi"];
    ANON.iter().any(|coded| claims.contains(coded))
}

/// Whether a text looks drawn at random, rather than written to show where one goes: many characters, none of them for
/// most of it, and no word that says so.
pub fn is_drawn(text: &str) -> bool {
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
            (&format!("https://{github}@github.com/x"), None),
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

    /// As [`drawn`], of hexadecimal digits.
    fn hex(prefix: &str, length: usize) -> String {
        let digits = b"3f9c1e07b5a8d264";
        let body = (0..length).map(|at| char::from(digits[(at * 7 + at / 16) % digits.len()]));
        prefix.chars().chain(body).collect()
    }

    #[test]
    fn keys_of_providers_are_told_by_their_prefix_and_length() {
        for (prefix, length) in [
            ("dckr_pat_", 27),
            ("whsec_", 32),
            ("GOCSPX-", 28),
            ("glsa_", 41),
            ("tskey-auth-", 28),
            ("gsk_", 52),
            ("r8_", 37),
            ("AKCp", 69),
        ] {
            let key = drawn(prefix, length);
            assert_eq!(secret_in(&key), Some(0..key.len()), "{prefix}");
            assert_eq!(secret_in(&drawn(prefix, length - 1)), None, "{prefix}");
        }
        for (before, mark, behind) in [("sk-", "T3BlbkFJ", 20), ("pat", "", 14)] {
            let key = drawn(before, behind)
                + mark
                + &if mark.is_empty() { format!(".{}", hex("", 64)) } else { drawn("", 20) };
            assert_eq!(secret_in(&key), Some(0..key.len()), "{before}");
            assert_eq!(secret_in(&format!("{key}q")), None, "{before}");
        }
        for key in [format!("{}-us12", hex("", 32)), drawn("", 14) + ".atlasv1." + &drawn("", 67)] {
            assert_eq!(secret_in(&key), Some(0..key.len()), "{}", key.len());
        }
        assert_eq!(secret_in(&format!("{}-useast", hex("", 32))), None);
        for (prefix, length) in [("shpss_", 32), ("squ_", 40), ("doo_v1_", 64), ("dapi", 32)] {
            let key = hex(prefix, length);
            assert_eq!(secret_in(&key), Some(0..key.len()), "{prefix}");
            assert_eq!(secret_in(&hex(prefix, length + 1)), None, "{prefix}");
        }
    }

    #[test]
    fn keys_in_addresses_and_connections_are_told_by_what_stands_beside_them() {
        let part = |value: &str| secret_in(value).map(|at| value[at].to_owned());
        let bot = drawn("", 35);
        assert_eq!(part(&format!("123456789:{bot}")), Some(bot.clone()));
        assert_eq!(part(&format!("https://api.telegram.org/bot123456789:{bot}/x")), Some(bot.clone()));
        assert_eq!(part(&format!("123456789:{}", drawn("", 34))), None);
        assert_eq!(part(&format!("sha256:{bot}")), None);
        let key = drawn("", 86) + "==";
        let account =
            |key: &str| format!("DefaultEndpointsProtocol=https;AccountName=a;AccountKey={key};EndpointSuffix=x");
        assert_eq!(part(&account(&key)), Some(key.clone()));
        assert_eq!(part(&account("fill-this-in")), None);
        let signature = drawn("", 43) + "%3D";
        assert_eq!(
            part(&format!("https://a.blob.core.windows.net/c?sv=2022-11-02&sig={signature}&se=x")),
            Some(signature)
        );
        let hook = format!("{}@{}/IncomingWebhook/{}/x", hex("", 36), hex("", 36), hex("", 32));
        assert_eq!(part(&format!("https://a.webhook.office.com/webhookb2/{hook}")), Some(hook));
        let token = |claims: &str| format!("{}9.{claims}.{}", drawn("eyJhbGciOiJIUzI1Ni", 0), drawn("", 43));
        let own = token("eyJzdWIiOiIxMjM0NTY3ODkwIn0");
        assert_eq!(part(&own), Some(own.clone()));
        // `{"role":"anon"}`: whoever opens the page has it.
        assert_eq!(part(&token("eyJyb2xlIjoiYW5vbiJ9")), None);
        assert_eq!(part("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.short"), None);
    }

    #[test]
    fn what_is_put_in_later_is_no_password() {
        for value in [
            "postgres://app:__DB_PASSWORD__@db/app",
            "postgres://app:#{DB_PASSWORD}#@db/app",
            "postgres://app:@DB_PASSWORD@@db/app",
        ] {
            assert_eq!(secret_in(value), None, "{value}");
        }
        assert!(secret_in("postgres://app:__hunter2@db/app").is_some());
    }
}
