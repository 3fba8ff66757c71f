//! What the keys are worth that cookies and tokens are signed with.

use super::Facts;
use crate::formats::flask::resolve::is_default;
use crate::formats::python::origin_name;
use crate::formats::python::{Py, Val, source_of, why_of};
use crate::model::Value;
use crate::text::Loc;

/// Settings that hold a key which something is signed with.
pub(in crate::formats::flask) const KEYS: &[&str] = &["JWT_SECRET_KEY", "SECRET_KEY"];
/// Keys that people write while they try things, whatever their length.
const COMMON: &[&str] = &["dev", "secret", "password", "key", "test", "you-will-never-guess", "hard to guess string"];

impl Facts<'_, '_, '_> {
    pub(super) fn keys(&mut self) {
        let secret = self.value("SECRET_KEY");
        let set = !is_default(&secret) && !matches!(secret.py, Py::None | Py::Unbound);
        let has = if secret.is_unknown() && self.open.is_some() { Self::unknown(&secret) } else { Value::Bool(set) };
        self.put("has_sessions", has, "SECRET_KEY");
        for name in KEYS {
            let val = self.value(name);
            if !is_default(&val) && !val.is_unknown() && !matches!(val.py, Py::Unbound | Py::None) {
                self.key(name, &val);
            }
        }
        self.fallbacks();
    }

    /// The keys that sessions are still taken with.
    fn fallbacks(&mut self) {
        let val = self.value("SECRET_KEY_FALLBACKS");
        if is_default(&val) || matches!(val.py, Py::Unbound | Py::None) {
            return;
        }
        if let [(_, Ok(list))] = self.interp.items(&val).as_slice() {
            for val in list.iter().take(20).filter(|val| !val.is_unknown()) {
                self.key("SECRET_KEY_FALLBACKS", val);
            }
        }
    }

    fn key(&mut self, name: &str, val: &Val) {
        let stands_in = self.interp.stand_in_of(val);
        let ways = self.interp.ways(val);
        let deciding = match (&stands_in, ways.as_slice()) {
            (Some(val), _) | (None, [(_, val)]) => Some(val.clone()),
            _ => None,
        };
        let text = deciding.as_ref().and_then(text_of);
        let origin = match (&stands_in, &deciding) {
            (Some(_), _) => "environment-default",
            (None, Some(val)) => origin_name(&val.source),
            (None, None) => origin_name(&source_of(val)),
        };
        let origin = if text.is_none() && origin == "literal" { "computed" } else { origin };
        let worth = text.as_deref().map_or_else(
            || {
                if self.interp.is_left_to_environment(val) {
                    Value::text("unseen")
                } else {
                    Value::Unknown(why_of(val))
                }
            },
            |text| Value::text(strength(text, self.interp.least_secret(16))),
        );
        let committed = self.interp.is_committed(val.at);
        // What is chosen between may have been made somewhere else, by what could have changed it.
        let beside =
            |at: &Loc| at.file != val.at.file || at.span.end <= val.at.span.start || val.at.span.end <= at.span.start;
        let at = deciding.as_ref().map(|it| it.at).filter(beside).unwrap_or(val.at);
        let values = vec![
            ("name", Value::text(name)),
            ("origin", Value::text(origin)),
            ("strength", worth),
            ("is_committed", Value::Bool(committed)),
            ("is_empty", text.map_or_else(|| Value::Unknown(why_of(val)), |text| Value::Bool(text.is_empty()))),
        ];
        self.push("key", name, at, values);
    }
}

fn text_of(val: &Val) -> Option<String> {
    match &val.py {
        Py::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Py::None => Some(String::new()),
        _ => val.as_str().map(str::to_owned),
    }
}

/// What a key is worth, in a word; one of less than `least` characters is short.
pub(in crate::formats) fn strength(key: &str, least: usize) -> &'static str {
    let unique: std::collections::BTreeSet<char> = key.chars().collect();
    if key.is_empty() {
        "empty"
    } else if COMMON.contains(&key.to_lowercase().as_str()) || crate::formats::django::is_placeholder(key) {
        "guessable"
    } else if key.chars().count() < least {
        "short"
    } else if unique.len() < 5 {
        "few-characters"
    } else {
        "good"
    }
}
