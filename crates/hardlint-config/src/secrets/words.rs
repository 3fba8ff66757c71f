//! Values that are put together from words: `super-secret-key-1234567890` is long, and everybody can make it up.

/// Words for a secret, of which there is one in such a value at least.
const SECRETS: &[&str] = &["key", "pass", "passphrase", "passwd", "password", "pwd", "secret", "token"];

/// Words that stand around them.
const AROUND: &[&str] = &[
    "abc",
    "access",
    "admin",
    "airflow",
    "any",
    "api",
    "app",
    "auth",
    "bar",
    "change",
    "changeme",
    "compose",
    "cookie",
    "database",
    "db",
    "default",
    "demo",
    "dev",
    "develop",
    "development",
    "django",
    "do",
    "docker",
    "encrypt",
    "encryption",
    "example",
    "fastapi",
    "flask",
    "foo",
    "for",
    "guest",
    "hash",
    "here",
    "in",
    "insecure",
    "is",
    "jwt",
    "local",
    "long",
    "master",
    "me",
    "minio",
    "my",
    "mysql",
    "not",
    "only",
    "please",
    "postgres",
    "private",
    "prod",
    "production",
    "public",
    "random",
    "really",
    "redis",
    "refresh",
    "replace",
    "root",
    "salt",
    "sample",
    "server",
    "service",
    "session",
    "share",
    "short",
    "sign",
    "signing",
    "so",
    "some",
    "string",
    "strong",
    "super",
    "test",
    "testing",
    "the",
    "this",
    "to",
    "top",
    "unsafe",
    "use",
    "user",
    "value",
    "very",
    "web",
    "your",
];

/// Longer values are not looked at.
const LONGEST: usize = 128;
/// Letters of a word that is not known, which may be the product's name.
const LONGEST_NAME: usize = 12;

/// Whether a value is nothing but words, one of them for a secret, and digits as people type them. One word may be any that
/// can be spoken, as the product's name can be, where it is the lesser part.
pub(super) fn is_of_words(value: &str) -> bool {
    // Names between such marks are filled in.
    if value.len() > LONGEST || !value.is_ascii() || value.starts_with(['{', '<', '$', '%', '[']) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let (mut known, mut unknown, mut secret) = (0, 0, false);
    let mut names = 0;
    for run in runs(&lower) {
        if run.starts_with(|c: char| c.is_ascii_digit()) {
            if !is_typed(run) {
                return false;
            }
        } else if let Some(has_secret) = spelt(run) {
            known += run.len();
            secret |= has_secret;
        } else {
            names += 1;
            unknown += run.len();
            let spoken = run.bytes().any(|byte| b"aeiouy".contains(&byte));
            if names > 1 || run.len() > LONGEST_NAME || !spoken {
                return false;
            }
        }
    }
    secret && unknown * 2 <= known
}

/// The word that a value is twice, as `admin` of `adminadmin`.
pub(super) fn doubled(value: &str) -> Option<&str> {
    let (first, second) = value.split_at_checked(value.len() / 2)?;
    (first == second && !first.is_empty()).then_some(first)
}

/// Whether a word is a run of neighbouring keys, or one key again and again: `qwe`, `asdf`, `zzz`.
pub(super) fn is_typed_along(word: &str) -> bool {
    const ROWS: [&str; 5] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedc", "qwertzuiop"];
    let mut letters = word.chars();
    let first = letters.next();
    let backwards: String = word.chars().rev().collect();
    word.len() > 2
        && (letters.all(|c| Some(c) == first) || ROWS.iter().any(|row| row.contains(word) || row.contains(&*backwards)))
}

/// Whether a value is so short that all of its length are tried in a moment. Short words mostly say something else.
pub(super) fn is_tried_out(value: &str) -> bool {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit());
    (1..=4).contains(&value.len()) && plain
}

/// The runs of letters and of digits in a text; what stands between them says nothing.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let digits = rest.chars().next()?.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (run, behind) = rest.split_at(end);
            rest = behind;
            Some(run)
        })
    })
}

/// Whether digits are a year, a count, the same again and again, or a row of the keyboard.
fn is_typed(digits: &str) -> bool {
    const ROWS: [&str; 2] = ["012345678901234567890123456789", "987654321098765432109876543210"];
    digits.len() <= 4
        || ROWS.iter().any(|row| row.contains(digits))
        || digits.bytes().all(|byte| Some(byte) == digits.bytes().next())
}

/// Whether letters are words of the lists, one after the other, and whether one of them is for a secret.
fn spelt(letters: &str) -> Option<bool> {
    // For each place that words lead to, whether one on the way was for a secret.
    let mut reached: Vec<Option<bool>> = vec![None; letters.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = Some(false);
    }
    for start in 0..letters.len() {
        let Some(Some(before)) = reached.get(start).copied() else { continue };
        let rest = letters.get(start..).unwrap_or_default();
        let words = SECRETS.iter().map(|word| (word, true)).chain(AROUND.iter().map(|word| (word, false)));
        for (word, is_secret) in words.filter(|(word, _)| rest.starts_with(**word)) {
            if let Some(place) = reached.get_mut(start + word.len()) {
                *place = Some(place.unwrap_or(false) || before || is_secret);
            }
        }
    }
    reached.last().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_what_is_drawn() {
        for value in [
            "shop-docker-supersecret-key-1234567890!@#$%^&*(-_)",
            "shop-docker-secret-jwtkey-1234567890!@#",
            "somelongpassword",
            "my-super-secret-jwt-token-2024",
            "dbpassword",
            "this-is-not-so-secret",
            "changeme-please-secret",
            "super_secret_key_do_not_share",
        ] {
            assert!(is_of_words(value), "{value}");
        }
        for value in [
            "Fake7Zk2mR9xT4vB8nL1wY6q",
            "not-a-real-one-49",
            "lantern-harbour-violet",
            "key-83720193",
            "token-xkqzvtrw",
            "lanternharbourkey",
            "admin",
            "correct horse battery staple",
            "",
        ] {
            assert!(!is_of_words(value), "{value}");
        }
        assert_eq!(doubled("adminadmin"), Some("admin"));
        assert_eq!((doubled("admin"), doubled("")), (None, None));
    }
}
