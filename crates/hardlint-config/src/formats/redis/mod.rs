//! `redis.conf`, and `sentinel.conf` as far as it is the same.
//!
//! Values, defaults and refusals are those of `CONFIG GET *`, against which the recorded answers in
//! `testdata/oracles/redis` hold them.

mod acl;
mod commands;
mod directives;
mod edit;
mod facts;
mod filled;
mod include;
mod keys;
mod resolve;
mod started;
mod syntax;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use super::{Format, Name, Printed};
use crate::model::{Model, Value};
use crate::schema::KeyId;
use crate::text::Span;

/// `redis.conf`.
pub static FORMAT: Format = Format {
    id: "redis",
    title: "redis.conf",
    // Other programs have files about redis under such names, so that the content is asked as well.
    names: &[
        Name::Perhaps("redis*.conf"),
        Name::Perhaps("redis.conf*"),
        Name::Perhaps("*redis.conf"),
        Name::Perhaps("*sentinel*.conf"),
        Name::Perhaps("*.conf"),
    ],
    sniff,
    comment: "#",
    schema: &keys::SCHEMA,
    links: include::links,
    resolve: resolve::resolve,
    print,
    words: directives::WORDS,
    identity: super::label,
    edit: edit::edit,
    comments: |text| syntax::comments(text).into_iter().map(|span| Span::new(span.start, span.end)).collect(),
};

/// Directives that a file of another name must have to be taken for one of redis'.
const ENOUGH: usize = 3;

/// Whether a file is for redis: all that it says is directives, and its name says so or several of them are redis' own.
fn sniff(path: &str, text: &str) -> bool {
    let name = crate::loader::name(path).to_ascii_lowercase();
    let named = name.starts_with("redis") || name.contains("sentinel") || name.contains("redis.conf");
    let masked = crate::syntax::template::mask(path, text);
    let (mut known, mut telling, mut unknown) = (0_usize, 0_usize, 0_usize);
    for (_, line) in masked.text.lines().filter_map(syntax::content) {
        if line.starts_with(['[', '<', '{', ';', '}']) || line.ends_with(['{', ';']) {
            return false;
        }
        let word = line.split([' ', '\t']).next().unwrap_or_default().to_ascii_lowercase();
        if word.contains(crate::syntax::template::HOLE) {
            continue;
        }
        let own = ["include", "user", "loadmodule", "rename-command", "sentinel"];
        let passed = directives::PASSED_OVER.iter().any(|(known, ..)| *known == word);
        if directives::named(&word).is_some() || own.contains(&word.as_str()) || passed {
            known += 1;
            telling += usize::from(word.contains('-') || matches!(word.as_str(), "appendonly" | "requirepass"));
        } else {
            unknown += 1;
        }
    }
    if named { known >= unknown } else { unknown == 0 && known >= ENOUGH && telling * 3 >= known }
}

/// A value as `CONFIG GET` tells it.
fn print(model: &Model, key: KeyId, value: &Value) -> Printed {
    let octal = model.key_name(key) == "unixsocketperm";
    let known = |value: &Value| match value {
        Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
        Value::Int(number) if octal => format!("{number:o}"),
        Value::Int(number) => number.to_string(),
        value => value.as_str().unwrap_or_default().to_owned(),
    };
    match Printed::of(value, &known) {
        // The words of a list stand in one line.
        Printed::Many(words) => Printed::One(words.join(" ")),
        printed => printed,
    }
}
