//! Values that are made of what stands beside them: a database's name, and a word for a secret.

use super::is_for_a_name;
use std::collections::BTreeSet;

/// What the variables beside a secret say that something is called.
#[derive(Clone, Debug, Default)]
pub struct Beside(BTreeSet<String>);

impl<'v> FromIterator<(&'v str, &'v str)> for Beside {
    /// Of variables and their values, those that hold a name.
    fn from_iter<I: IntoIterator<Item = (&'v str, &'v str)>>(variables: I) -> Self {
        let names = variables.into_iter().filter(|(variable, _)| is_for_a_name(variable));
        Self(names.map(|(_, value)| value.to_ascii_lowercase()).collect())
    }
}

impl Beside {
    /// Whether a value is one of the names, or one and a word for a secret, as `shop_password` and `password-shop` for `shop`.
    pub fn make(&self, value: &str) -> bool {
        /// How much longer than a name a value is that is made of it: a word, and a few digits.
        const MORE: usize = 64;
        const SHORTEST: usize = 2;
        if self.0.is_empty() {
            return false;
        }
        let value = value.to_ascii_lowercase();
        let has = |name: Option<&str>, rest: Option<&str>| {
            name.is_some_and(|name| name.len() >= SHORTEST && self.0.contains(name)) && rest.is_some_and(is_word)
        };
        let begins = |end: usize| has(value.get(..end), value.get(end..));
        let ends = |start: usize| has(value.get(start..), value.get(..start));
        self.0.contains(&value)
            || (value.len().saturating_sub(MORE)..=value.len()).any(begins)
            || (0..=value.len().min(MORE)).any(ends)
    }
}

/// Whether what is left of a value beside a name is nothing, or a word for a secret with what joins it to the name.
fn is_word(rest: &str) -> bool {
    const WITH: &[&str] = &["", "pass", "passwd", "password", "pw", "pwd", "secret"];
    const SEPARATORS: &[char] = &['_', '-', '.', '@', '!'];
    WITH.contains(&rest.trim_matches(SEPARATORS).trim_end_matches(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_a_name() {
        for (value, word, expected) in [
            ("mmuser_password", "mmuser", true),
            ("password-server", "server", true),
            ("Shop123", "shop", true),
            ("shop", "shop", true),
            ("a", "a", true),
            ("b", "", false),
            ("shopping-list", "shop", false),
            ("a1", "a", false),
            ("not-a-real-one", "not", false),
            ("é_pass", "é", true),
        ] {
            let beside: Beside = [("X_USER", word), ("X_PORT", "other")].into_iter().collect();
            assert_eq!(beside.make(value), expected, "{value} of {word}");
            assert!(!beside.make("other_password"));
        }
    }
}
