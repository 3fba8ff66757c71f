//! What looks like a secret, by its name and by its value. Shared by all formats; it never decides what is wrong.

mod forms;
mod inside;
mod messages;

use smallvec::SmallVec;

pub use forms::secret_in;
pub use inside::{hide, hide_as, names_secret, spans};
pub use messages::{hide_drawn, hide_words_of, is_drawn};

/// Words, or runs of words, that make a name that of a secret.
const SECRET: &[&[&str]] = &[
    &["password"],
    &["passwd"],
    &["passphrase"],
    &["pass"],
    &["pwd"],
    &["pw"],
    &["pgpassword"],
    &["pword"],
    &["secret"],
    &["secrets"],
    &["token"],
    &["apikey"],
    &["api", "key"],
    &["app", "key"],
    &["credential"],
    &["credentials"],
    &["private", "key"],
    &["privatekey"],
    &["secretkey"],
    &["signing", "key"],
    &["encryption", "key"],
    &["master", "key"],
    &["fernet"],
    &["salt"],
];

/// Words that make it the name of something about a secret, or of a switch.
const ABOUT: &[&str] = &[
    "age",
    "alg",
    "algorithm",
    "allow",
    "allowed",
    "attempts",
    "audience",
    "backend",
    "bits",
    "class",
    "count",
    "dir",
    "disable",
    "disabled",
    "duration",
    "enable",
    "enabled",
    "endpoint",
    "expiration",
    "expire",
    "expires",
    "expiry",
    "field",
    "file",
    "files",
    "format",
    "handler",
    "hasher",
    "header",
    "id",
    "ids",
    "interval",
    "issuer",
    "len",
    "length",
    "lifetime",
    "limit",
    "lookup",
    "max",
    "method",
    "min",
    "minimum",
    "mode",
    "name",
    "path",
    "pattern",
    "policy",
    "prefix",
    "prompt",
    "provider",
    "pub",
    "public",
    "random",
    "realm",
    "regex",
    "require",
    "required",
    "rotation",
    "scheme",
    "scope",
    "scopes",
    "seconds",
    "size",
    "strategy",
    "suffix",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "use",
    "validator",
    "validators",
    "var",
    "version",
];

/// Words that do so at the end of a name: `API_KEY_PORT` is a port, `EMAIL_HOST_PASSWORD` a password.
const ABOUT_LAST: &[&str] = &[
    "adapter",
    "address",
    "algorithms",
    "arn",
    "arns",
    "backends",
    "checker",
    "classes",
    "complexity",
    "domain",
    "driver",
    "drivers",
    "encoder",
    "engine",
    "engines",
    "env",
    "factory",
    "generator",
    "handlers",
    "hashers",
    "host",
    "hostname",
    "iterations",
    "location",
    "manager",
    "managers",
    "namespace",
    "plugin",
    "policies",
    "port",
    "providers",
    "ref",
    "region",
    "resolver",
    "rounds",
    "server",
    "storage",
    "store",
    "stores",
    "strength",
    "user",
    "username",
];

/// The words of a name: few have more.
type Words<'n> = SmallVec<[&'n str; 8]>;

/// Whether a variable or a key so named holds a secret: `DB_PASSWORD` does, `DB_PASSWORD_FILE` does not.
pub fn is_secret_name(name: &str) -> bool {
    // Every variable of every service is asked for, and few have as much as a part of such a word.
    if !has_stem(name.as_bytes()) {
        return false;
    }
    let mut lower = Lower::new();
    let mut words = words_of(name, &mut lower);
    // `SECRET_MANAGER_PROJECT` is about the program that keeps secrets.
    if let Some(keeper) = words.windows(2).position(|pair| matches!(pair, ["secret" | "secrets", "manager"])) {
        words.drain(keeper..keeper + 2);
    }
    let has = |run: &[&str]| words.windows(run.len()).any(|window| window == run);
    // `NEO4J_AUTH` holds a password, `AUTH_BACKEND` does not.
    let auth = words.len() > 1 && words.last().is_some_and(|word| *word == "auth");
    (auth || SECRET.iter().any(|run| has(run)))
        && words.iter().all(|word| ABOUT.binary_search(word).is_err())
        && words.last().is_none_or(|word| ABOUT_LAST.binary_search(word).is_err())
}

/// Whether a name has in it what each run of [`SECRET`] has, or `auth`.
fn has_stem(name: &[u8]) -> bool {
    name.iter().enumerate().any(|(at, byte)| {
        let stems: &[&[u8]] = match byte | 0x20 {
            b'p' => &[b"pass", b"pw"],
            b's' => &[b"secret", b"salt"],
            b't' => &[b"token"],
            b'k' => &[b"key"],
            b'c' => &[b"credential"],
            b'f' => &[b"fernet"],
            b'a' => &[b"auth"],
            _ => return false,
        };
        let rest = name.get(at..).unwrap_or_default();
        stems.iter().any(|stem| rest.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem)))
    })
}

/// Whether a name is that of a credential for somebody else's service: `OPENAI_API_KEY`, `ALIYUN_OSS_SECRET_KEY`. What
/// stands in for one opens nothing, while what stands in for a password of one's own does.
pub fn is_for_another_service(name: &str) -> bool {
    const PROVIDERS: &[&str] = &[
        "aliyun",
        "aws",
        "azure",
        "baidu",
        "cos",
        "gcp",
        "google",
        "github",
        "gitlab",
        "huawei",
        "mailgun",
        "obs",
        "oci",
        "openai",
        "oss",
        "resend",
        "s3",
        "sendgrid",
        "slack",
        "stripe",
        "supabase",
        "tencent",
        "tos",
        "twilio",
        "volcengine",
    ];
    let mut lower = Lower::new();
    let words = words_of(name, &mut lower);
    let pair = |first: &str, second: &str| words.windows(2).any(|pair| pair == [first, second]);
    pair("api", "key") || pair("access", "key") || words.iter().any(|word| PROVIDERS.contains(word))
}

/// Whether a name is that of a key with which a program itself signs, encrypts or keeps sessions: whoever has it needs
/// no other server.
pub fn is_key_name(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "aes",
        "jwt",
        "signing",
        "encryption",
        "fernet",
        "session",
        "sessions",
        "cookie",
        "cookies",
        "csrf",
        "hmac",
        "salt",
    ];
    const PAIRS: &[[&str; 2]] =
        &[["app", "key"], ["secret", "key"], ["auth", "secret"], ["nextauth", "secret"], ["master", "key"]];
    let mut lower = Lower::new();
    let words = words_of(name, &mut lower);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let pair = words.windows(2).any(|pair| PAIRS.iter().any(|known| pair == known));
    // `FEISHU_APP_SECRET` is a credential for Feishu.
    let own = matches!(words.as_slice(), ["secret" | "secretkey"] | ["app", "secret"]);
    let key = has(WORDS) || pair || own;
    key && is_secret_name(name)
        && !is_for_another_service(name)
        && !has(&["minio", "langfuse", "recaptcha", "hcaptcha", "turnstile", "paypal"])
}

/// Whether a name is that of the first administrator's password, with which a program makes the account.
pub fn is_administrators(name: &str) -> bool {
    let admin = |word: &str| matches!(word, "admin" | "superuser" | "bootstrap" | "initial");
    is_secret_name(name) && words_of(name, &mut Lower::new()).into_iter().any(admin)
}

/// A name in lower case, with its words kept apart: few are longer.
type Lower = SmallVec<[u8; 64]>;

/// The words of a name in lower case: cut at what is no letter or digit, and where a small letter meets a capital.
fn words_of<'l>(name: &str, lower: &'l mut Lower) -> Words<'l> {
    let mut small = false;
    for byte in name.bytes() {
        if !byte.is_ascii_alphanumeric() || (small && byte.is_ascii_uppercase()) {
            lower.push(b' ');
        }
        if byte.is_ascii_alphanumeric() {
            lower.push(byte.to_ascii_lowercase());
        }
        small = byte.is_ascii_lowercase();
    }
    std::str::from_utf8(lower).unwrap_or_default().split_ascii_whitespace().collect()
}

/// Whether a value only says where the secret is: a variable, a template, a path, an entry of a vault.
pub fn is_reference(value: &str) -> bool {
    const STARTS: &[&str] = &[
        "vault:",
        "aws-sm://",
        "op://",
        "ENC[",
        "!vault",
        "arn:aws:secretsmanager:",
        "arn:aws:ssm:",
        "file://",
        "env:",
        "ref+",
        "sops:",
        "gcp-sm://",
        "keyvault:",
        "akv:",
        "awssm:",
        "aws-ssm:",
        "bws:",
        "gsm:",
        "secretsmanager:",
        "sm://",
        "ssm:",
        "#{",
        "%(",
        "file:",
        "/",
        "./",
        "../",
        "~/",
        "secretref:",
    ];
    let value = value.trim();
    STARTS.iter().any(|start| value.starts_with(start))
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || is_between(value, "__")
        || is_between(value, "@")
        || (value.starts_with("projects/") && value.contains("/secrets/"))
        || is_resource_name(value)
        || is_variable(value)
}

/// `__DB_PASSWORD__`: a name between marks, which the deployment replaces.
fn is_between(value: &str, mark: &str) -> bool {
    let inner = value.strip_prefix(mark).and_then(|value| value.strip_suffix(mark));
    let named = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    inner
        .is_some_and(|inner| inner.len() > 1 && inner.bytes().all(named) && inner.contains(|c: char| c.is_alphabetic()))
}

/// `arn:partition:service:region:account:resource`, in any of the partitions of AWS.
fn is_resource_name(value: &str) -> bool {
    let mut parts = value.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition == "aws" || partition.starts_with("aws-"))
        && parts.nth(3).is_some_and(|resource| !resource.is_empty())
}

/// `$NAME`, `${NAME}` or `{{ … }}`, and nothing else. A literal that only holds a dollar is a literal.
fn is_variable(value: &str) -> bool {
    if value.starts_with("{{") && value.ends_with("}}") {
        return true;
    }
    let Some(name) = value
        .trim_start_matches('$')
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .or_else(|| value.strip_prefix('$').map(|name| name.trim_start_matches('$')))
    else {
        return false;
    };
    value.starts_with('$')
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

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
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
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

/// Whether a value is a word that everybody tries first, with or without digits behind it, or a password that a vendor's
/// pages tell everybody to set.
pub fn is_common_password(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "",
        "admin",
        "default",
        "docker!",
        "guest",
        "insecure",
        "letmein",
        "pass",
        "passw0rd",
        "password",
        "qwerty",
        "root",
        "root:docker!",
        "secret",
        "test",
        "user",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.contains(&lower.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether a value is a name for a secret, or a file's name, rather than one: `replication_pass`, `server.key`.
pub fn is_name_of_secret(value: &str) -> bool {
    let file = value.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && matches!(ending, "crt" | "json" | "key" | "p12" | "pem" | "pfx" | "txt" | "yaml" | "yml")
    });
    let last = value.rsplit('_').next().unwrap_or_default();
    let written_small = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let name = value.contains('_') && written_small && SECRET.iter().any(|run| *run == [last]);
    file || name
}

/// Whether a value says of itself that it opens nothing: `fake-key`, `unused`.
pub fn is_fake(value: &str) -> bool {
    const WORDS: &[&str] = &["fake", "dummy", "unused", "ignored", "notused"];
    let mut words = value.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|fake| fake.eq_ignore_ascii_case(word)))
}

/// Whether a value, under the name of a secret, is one that stands there in full.
pub fn is_literal(value: &str) -> bool {
    !is_switch(value) && !is_reference(value) && !is_fake(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_what_the_search_takes_them_for() {
        assert!(ABOUT.is_sorted() && ABOUT_LAST.is_sorted());
        for run in SECRET {
            assert!(has_stem(run.join("_").as_bytes()), "{run:?}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "LDAP_BIND_PW",
            "POSTGRES_PASSWORD",
            "RABBITMQ_DEFAULT_PASS",
            "AWS_SECRET_ACCESS_KEY",
            "API_TOKEN",
            "AIRFLOW__CORE__FERNET_KEY",
            "EMAIL_HOST_PASSWORD",
            "SECRET_KEY_BASE",
            "NEO4J_AUTH",
            "stripe-api-key",
            "jwtSecret",
            "DJANGO_SECRET_KEY",
            "APP_KEY",
            "DISPATCH_ENCRYPTION_KEY",
            "KEYSTORE_PASSWORD",
            "STORE_PASSWORD",
            "MANAGER_PASS",
            "ENGINE_TOKEN",
            "SECRET_MANAGER_TOKEN",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "SECRET_MANAGER_PROJECT",
            "SECRETS_MANAGER_ENABLED",
            "DB_PASSWORD_FILE",
            "POSTGRES_HOST_AUTH_METHOD",
            "API_TOKEN_TTL",
            "AWS_ACCESS_KEY_ID",
            "MAX_TOKENS",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "GF_AUTH_ANONYMOUS_ENABLED",
            "PASSAGE",
            "COMPASS_X",
            "PASSWORD_RESET_TIMEOUT",
            "AUTH_BACKEND",
            "TOKEN_URL",
            "MCP_API_KEY_SERVER_HOST",
            "PUBLIC_KEY",
            "SECRET_NAME",
            "KEY",
            "PASSWORD_HASHERS",
            "SECRET_MANAGER",
            "CLIENT_SECRET_ARN",
            "PASSWORD_STORE",
            "SECRETS_BACKEND",
            "TOKEN_PROVIDERS",
            "PASSWORD_POLICY",
            "SECRETS_DRIVER",
            "PASSWORD_ENCODER_CLASS",
            "SECRETS_ENGINE",
            "TOKEN_ALGORITHM",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_everybody_knows() {
        for (value, common, name) in [
            ("admin123", true, false),
            ("Docker!", true, false),
            ("replication_pass", false, true),
            ("server.key", false, true),
            ("db_password1", false, false),
            ("not-a-real-one", false, false),
            (".pem", false, false),
        ] {
            assert_eq!((is_common_password(value), is_name_of_secret(value)), (common, name), "{value}");
        }
    }

    #[test]
    fn values_that_are_no_secrets() {
        for value in ["/run/secrets/db", "${DB}", "$DB_PASSWORD", "{{ x }}", "<fill in>", "vault:x", "true", "", "none"]
        {
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
