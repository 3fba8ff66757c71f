//! Users of redis' access control: what the rules of a `user` line, or of a line in `aclfile`, amount to.
//!
//! Which commands and keys a user has is followed as far as "all of them"; the rest is only checked for being valid.

use super::commands;
use crate::version::Version;

/// What a user may do, and what a password is.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are redis' own flags of a user, each set by a rule of its own")]
pub(super) struct User {
    pub(super) enabled: bool,
    /// Whether it gets in with any password, or with none.
    pub(super) nopass: bool,
    pub(super) all_commands: bool,
    pub(super) all_keys: bool,
    all_channels: bool,
    /// Passwords and hashes that get in, each with the place of its rule in the line.
    pub(super) passwords: Vec<(Password, usize)>,
}

/// What gets a user in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Password {
    Plain(String),
    Hash(String),
}

/// Why redis does not take a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// At once, with the line.
    Line(String),
    /// When all is read: a command may be one that a module brings.
    Unknown(String),
}

impl User {
    /// Applies the rules of a line in their order; selectors may stand in several words.
    pub(super) fn apply(&mut self, rules: &[&str], version: Version) -> Result<(), Refused> {
        let mut unknown = Ok(());
        let mut at = 0;
        while let Some(rule) = rules.get(at) {
            let first = at;
            at += 1;
            let applied = match rule.strip_prefix('(') {
                Some(inside) => {
                    let mut selector = inside.to_owned();
                    while !selector.ends_with(')') {
                        let more = rules.get(at).ok_or_else(|| line("a selector is not closed"))?;
                        selector.push(' ');
                        selector.push_str(more);
                        at += 1;
                    }
                    selector.pop();
                    let mut alone = Self::default();
                    let mut words = selector.split(' ').filter(|word| !word.is_empty());
                    words.try_for_each(|word| alone.grant(word, version))
                }
                None => self.rule(rule, first, version),
            };
            match applied {
                Err(Refused::Unknown(why)) => unknown = Err(Refused::Unknown(why)),
                other => other?,
            }
        }
        unknown
    }

    fn rule(&mut self, rule: &str, at: usize, version: Version) -> Result<(), Refused> {
        match rule.to_ascii_lowercase().as_str() {
            "on" => self.enabled = true,
            "off" => self.enabled = false,
            "nopass" => {
                self.nopass = true;
                self.passwords.clear();
            }
            "resetpass" => {
                self.nopass = false;
                self.passwords.clear();
            }
            "reset" => *self = Self::default(),
            // An empty one asks for nothing.
            "" | "sanitize-payload" | "skip-sanitize-payload" | "clearselectors" => {}
            _ => return self.password(rule, at, version),
        }
        Ok(())
    }

    fn password(&mut self, rule: &str, at: usize, version: Version) -> Result<(), Refused> {
        let mut add = |password: Password| {
            self.nopass = false;
            if !self.passwords.iter().any(|(known, _)| *known == password) {
                self.passwords.push((password, at));
            }
        };
        if let Some(password) = rule.strip_prefix('>') {
            add(Password::Plain(password.to_owned()));
        } else if let Some(hash) = rule.strip_prefix('#') {
            add(Password::Hash(checked_hash(hash)?));
        } else if let Some(password) = rule.strip_prefix('<') {
            self.remove(&Password::Plain(password.to_owned()))?;
        } else if let Some(hash) = rule.strip_prefix('!') {
            let hash = Password::Hash(checked_hash(hash)?);
            self.remove(&hash)?;
        } else {
            return self.grant(rule, version);
        }
        Ok(())
    }

    fn remove(&mut self, password: &Password) -> Result<(), Refused> {
        let before = self.passwords.len();
        self.passwords.retain(|(known, _)| known != password);
        if self.passwords.len() == before {
            return Err(line("it takes away a password that the user does not have"));
        }
        Ok(())
    }

    /// A rule about commands, keys or channels.
    fn grant(&mut self, rule: &str, version: Version) -> Result<(), Refused> {
        match rule.to_ascii_lowercase().as_str() {
            "allkeys" | "~*" => self.all_keys = true,
            "resetkeys" => self.all_keys = false,
            "allchannels" | "&*" => self.all_channels = true,
            "resetchannels" => self.all_channels = false,
            "allcommands" | "+@all" => self.all_commands = true,
            "nocommands" | "-@all" => self.all_commands = false,
            _ => return self.pattern(rule, version),
        }
        Ok(())
    }

    fn pattern(&mut self, rule: &str, version: Version) -> Result<(), Refused> {
        let blank = |pattern: &str| pattern.contains(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
        let mut chars = rule.chars();
        let first = chars.next();
        let rest = chars.as_str();
        match first {
            Some('~' | '%') if self.all_keys => Err(line("a pattern behind one for all keys has no effect")),
            Some('%') => {
                let (permissions, pattern) = rest.split_once('~').ok_or_else(|| line("there is no `~`"))?;
                let known = matches!(permissions.to_ascii_uppercase().as_str(), "" | "R" | "W" | "RW" | "WR");
                // A share of the permissions that gives all of every key is all keys.
                self.all_keys |= permissions.len() == 2 && pattern == "*";
                if known && !blank(pattern) { Ok(()) } else { Err(line("permissions of keys are R and W")) }
            }
            Some('&') if self.all_channels => Err(line("a pattern behind one for all channels has no effect")),
            Some('~' | '&') if blank(rest) => Err(line("there is a blank in a pattern")),
            Some('~' | '&') => Ok(()),
            Some(sign @ ('+' | '-')) => {
                self.all_commands &= sign == '+';
                command(rest, sign == '+', version)
            }
            _ => Err(line("there is no such rule")),
        }
    }
}

fn line(why: &str) -> Refused {
    Refused::Line(why.to_owned())
}

fn checked_hash(hash: &str) -> Result<String, Refused> {
    let valid = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if valid { Ok(hash.to_owned()) } else { Err(line("a hash has 64 digits and small letters up to f")) }
}

/// A command, a subcommand (`config|get`), or a category (`@write`).
fn command(name: &str, added: bool, version: Version) -> Result<(), Refused> {
    let lower = name.to_ascii_lowercase();
    let unknown = |what: &str| Err(Refused::Unknown(what.to_owned()));
    if let Some(category) = lower.strip_prefix('@') {
        return if commands::category(category) { Ok(()) } else { unknown("there is no such category of commands") };
    }
    let Some((command, part)) = lower.split_once('|') else {
        return if commands::known(&lower, version) { Ok(()) } else { unknown("there is no such command") };
    };
    match commands::subcommand(command, part) {
        _ if !commands::known(command, version) => unknown("there is no such command"),
        Some(true) => Ok(()),
        Some(false) => unknown("the command has no such part"),
        // A first argument can be allowed, not forbidden.
        None if added && !part.is_empty() && !part.contains('|') => Ok(()),
        None => Err(line("the command has no parts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::redis::directives::V70;

    fn apply(rules: &str) -> Result<User, Refused> {
        let mut user = User::default();
        user.apply(&rules.split(' ').collect::<Vec<_>>(), V70).map(|()| user)
    }

    #[test]
    fn rules_apply_in_their_order() {
        for (rules, enabled, nopass, commands, keys, passwords) in [
            ("on", true, false, false, false, 0),
            ("on >a nopass", true, true, false, false, 0),
            ("on nopass >a", true, false, false, false, 1),
            ("on >a >a >b <a", true, false, false, false, 1),
            ("on nopass resetpass", true, false, false, false, 0),
            ("+@all ~* -flushall", false, false, false, true, 0),
            ("-flushall +@all allkeys", false, false, true, true, 0),
            ("on nopass ~* +@all reset", false, false, false, false, 0),
        ] {
            let user = apply(rules).unwrap();
            let told = (user.enabled, user.nopass, user.all_commands, user.all_keys, user.passwords.len());
            assert_eq!(told, (enabled, nopass, commands, keys, passwords), "{rules}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_once_or_at_the_end() {
        assert!(matches!(apply("nopasswd"), Err(Refused::Line(_))));
        assert!(matches!(apply("<a"), Err(Refused::Line(_))));
        assert!(matches!(apply("+nothing on"), Err(Refused::Unknown(_))));
        assert!(matches!(apply("+nothing nopasswd"), Err(Refused::Line(_))));
        assert!(apply("+select|0").is_ok());
        assert!(matches!(apply("-select|0"), Err(Refused::Line(_))));
    }
}
