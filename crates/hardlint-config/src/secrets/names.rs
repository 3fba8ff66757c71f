//! What the name of a variable or a key says of its value: that it is a secret, and what the secret is for.
//!
//! Names are cut into words, and only whole words count. It never looks at a value.

use smallvec::SmallVec;

/// Words, or runs of words, that make a name that of a secret.
pub(super) const SECRET: &[&[&str]] = &[
    &["password"],
    &["passwd"],
    &["passphrase"],
    &["pass"],
    &["pwd"],
    &["pw"],
    &["pgpassword"],
    &["pword"],
    &["passcode"],
    &["passwrd"],
    &["rootpw"],
    &["psk"],
    &["mnemonic"],
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
    &["cryptography", "key"],
    &["aes", "key"],
    &["authkey"],
    &["master", "key"],
    &["key", "encryption"],
    &["fernet"],
    &["salt"],
    &["pepper"],
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
    "charset",
    "class",
    "count",
    "days",
    "dir",
    "disable",
    "disabled",
    "duration",
    "enable",
    "enabled",
    "endpoint",
    "exp",
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
    "hours",
    "id",
    "ids",
    "interval",
    "issuer",
    "len",
    "length",
    "life",
    "lifetime",
    "limit",
    "lookup",
    "max",
    "method",
    "min",
    "minimum",
    "minutes",
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
    "symbol",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "use",
    "validator",
    "validators",
    "validity",
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
    "cmd",
    "command",
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
    "maps",
    "model",
    "namespace",
    "plugin",
    "policies",
    "port",
    "providers",
    "ref",
    "region",
    "resolver",
    "role",
    "rounds",
    "server",
    "storage",
    "store",
    "stores",
    "strength",
    "user",
    "username",
    "users",
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
    // `FIELD_ENCRYPTION_KEY` is what fields are encrypted with.
    if let Some(field) = words.windows(3).position(|run| matches!(run, ["field" | "fields", "encryption", "key"])) {
        words.remove(field);
    }
    let has = |run: &[&str]| words.windows(run.len()).any(|window| window == run);
    // `NEO4J_AUTH` holds a password, `AUTH_BACKEND` does not.
    let auth = words.len() > 1 && words.last().is_some_and(|word| *word == "auth");
    let glued = || words.iter().any(|word| word.ends_with("apikey") || word.ends_with("password") || is_glued(word));
    (auth || SECRET.iter().any(|run| has(run)) || glued())
        && words.iter().all(|word| ABOUT.binary_search(word).is_err())
        && words.last().is_none_or(|word| ABOUT_LAST.binary_search(word).is_err())
}

/// Whether a word is one for a password that is written together with whose it is: `dbpasswd`, `mysqlpass`. `bypass` and
/// `compass` end so as well.
fn is_glued(word: &str) -> bool {
    const WHOSE: &[&str] = &[
        "admin", "database", "db", "ftp", "ldap", "mail", "mongo", "mysql", "pg", "postgres", "redis", "root", "smtp",
        "sql", "ssh", "user",
    ];
    let whose = ["passwd", "pass", "pwd"].iter().find_map(|end| word.strip_suffix(end));
    whose.is_some_and(|whose| WHOSE.contains(&whose))
}

/// Whether a name has in it what each run of [`SECRET`] has, or `auth`.
fn has_stem(name: &[u8]) -> bool {
    name.windows(2).enumerate().any(|(at, pair)| {
        let stem: &[u8] = match pair {
            [b'p' | b'P', b'a' | b'A'] => b"pass",
            [b'p' | b'P', b'w' | b'W'] => b"pw",
            [b'p' | b'P', b'e' | b'E'] => b"pepper",
            [b'p' | b'P', b's' | b'S'] => b"psk",
            [b'm' | b'M', b'n' | b'N'] => b"mnemonic",
            [b's' | b'S', b'e' | b'E'] => b"secret",
            [b's' | b'S', b'a' | b'A'] => b"salt",
            [b't' | b'T', b'o' | b'O'] => b"token",
            [b'k' | b'K', b'e' | b'E'] => b"key",
            [b'c' | b'C', b'r' | b'R'] => b"credential",
            [b'f' | b'F', b'e' | b'E'] => b"fernet",
            [b'a' | b'A', b'u' | b'U'] => b"auth",
            _ => return false,
        };
        name.get(at..at + stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
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
    const PAIRS: &[[&str; 2]] = &[
        ["app", "key"],
        ["secret", "key"],
        ["auth", "secret"],
        ["nextauth", "secret"],
        ["master", "key"],
        ["rpc", "secret"],
        ["shared", "secret"],
    ];
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

/// Whether a variable holds what something is called: an account, a database, a host.
pub fn is_for_a_name(variable: &str) -> bool {
    const LAST: &[&str] = &[
        "account", "bucket", "database", "db", "dbname", "domain", "email", "host", "id", "login", "mail", "name",
        "org", "owner", "project", "realm", "role", "user", "username",
    ];
    let last = unnumbered(variable.rsplit(['_', '-', '.']).next().unwrap_or_default());
    LAST.iter().any(|word| last.eq_ignore_ascii_case(word))
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
    std::str::from_utf8(lower).unwrap_or_default().split_ascii_whitespace().map(unnumbered).collect()
}

/// A word without the number at its end, as of the second of a kind: `password2`. What is left of `s3` is no word.
pub(super) fn unnumbered(word: &str) -> &str {
    let left = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if left.len() > 1 { left } else { word }
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
            "MYAPIKEY",
            "DBPASSWORD",
            "dbpasswd",
            "WIFI_PSK",
            "DOOR_PASSCODE",
            "ROOTPW",
            "WALLET_MNEMONIC",
            "MYSQLPASS",
            "FIELD_ENCRYPTION_KEY",
            "CRYPTOGRAPHY_KEY",
            "TS_AUTHKEY",
            "DB_PASSWORD1",
            "dbPassword2",
            "API_KEY2",
            "API2_KEY",
            "TOKEN2",
            "SECRET01",
            "MYSQLPASS3",
            "S3_SECRET_KEY",
            "DB_PASSWORD_2",
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
            "COMPASS",
            "BYPASS",
            "FIELD_KEY_NAME",
            "CART_SESSION_KEY",
            "SSH_KEY",
            "SSH_PUBLIC_KEY",
            "SESSION_KEY_PREFIX",
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
            "TOKEN_ID2",
            "API_KEY_PORT1",
            "MAX1_TOKEN",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(is_for_another_service("S3_SECRET") && is_for_a_name("DB_USER1") && is_key_name("SECRET_KEY2"));
    }
}
