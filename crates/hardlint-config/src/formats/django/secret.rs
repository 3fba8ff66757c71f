//! What texts that are to be secret are worth.

/// How many characters Django's own test (`security.W009`) asks for.
pub(super) const LEAST: usize = 50;

/// What Django's own test finds wrong with a key, where it asks for `least` characters.
pub(super) fn key_strength(key: &str, least: usize) -> &'static str {
    let unique: std::collections::BTreeSet<char> = key.chars().collect();
    if key.is_empty() {
        "empty"
    } else if key.starts_with("django-insecure-") {
        "insecure-prefix"
    } else if key.chars().count() < least {
        "short"
    } else if unique.len() < 5 {
        "few-characters"
    } else {
        "good"
    }
}

/// Whether a text looks drawn at random with at least 128 bits: enough characters, spread over enough kinds.
pub(super) fn is_random(text: &str) -> bool {
    let length = text.chars().count();
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        // A word that people write has vowels between its consonants, and one case.
        let lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
        let vowels = word.bytes().filter(|byte| b"aeiou".contains(byte)).count();
        lower && word.len() >= 5 && vowels * 4 >= word.len()
    });
    let unique: std::collections::BTreeSet<char> = text.chars().collect();
    length >= 32 && digits && letters && unique.len() >= 12 && !words && !is_placeholder(text)
}

/// Whether a text is there to be replaced.
pub(in crate::formats) fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().trim_matches(['"', '\'']).to_lowercase();
    let lower = lower.strip_prefix("django-insecure-").unwrap_or(&lower);
    let words = [
        "changeme",
        "change-me",
        "change_me",
        "change me",
        "change-this",
        "changethis",
        "change_this",
        "replace-me",
        "replace_me",
        "replaceme",
        "replace-this",
        "replace_this",
        "replace-with",
        "replace_with",
        "your-",
        "your_",
        "yoursecret",
        "insert-",
        "insert_",
        "placeholder",
        "not-a-real",
        "not_a_real",
        "example",
        "todo",
        "fixme",
        "dummy",
        "set-me",
        "set_me",
        "enter-",
        "not-set",
        "not_set",
    ];
    let first = lower.chars().next();
    words.iter().any(|word| lower.starts_with(word))
        || (lower.starts_with('<') && lower.ends_with('>'))
        || lower.is_empty()
        || (lower.chars().count() > 2 && lower.chars().all(|c| Some(c) == first))
}

/// Whether a name says that its value is to be kept secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let has = |word: &str| words.contains(&word);
    let secret = has("SECRET")
        || has("PASSWORD")
        || has("PASSWD")
        || has("TOKEN")
        || has("CREDENTIALS")
        || name.ends_with("_KEY")
        || name.ends_with("APIKEY");
    let harmless = [
        "PUBLIC",
        "HASHERS",
        "VALIDATORS",
        "RESET",
        "TIMEOUT",
        "URL",
        "FILE",
        "PATH",
        "NAME",
        "HEADER",
        "AGE",
        "LIFETIME",
        "ID",
        "EXPIRE",
        "EXPIRY",
        "CLASS",
        "PREFIX",
        "FALLBACKS",
        "VERSION",
        "ALIAS",
        "MODEL",
        "BACKEND",
        "FIELD",
        "SITE",
    ];
    secret && !words.iter().any(|word| harmless.contains(word)) && !name.ends_with("PUBLISHABLE_KEY")
}
