//! Secrets of other programs, and keys of other libraries, that stand in the settings of an application in full, whatever
//! the framework.
//!
//! `SECRET_KEY` has facts of its own. What only stands in for a variable counts where it is a key that the site itself
//! signs with: a password that stands in for one of another server opens nothing unless that server has it, too.

use super::{Interp, Obj, Py, Source, Val};
use crate::deployment::role;
use crate::formats::django;
use crate::model::{Node, Value};
use crate::secrets;
use crate::text::Loc;

/// Maps inside each other that are looked into.
const DEEPEST: usize = 3;
/// Entries of a map that are.
const MOST: usize = 200;

/// Bytes that a secret has at least: `.` and `none` stand for nothing.
const SHORTEST: usize = 6;

/// A secret that stands in the code.
pub(crate) struct Literal {
    /// The name that it stands under.
    pub(crate) name: String,
    /// Whether it only stands in for a variable.
    pub(crate) stands_in: bool,
    /// Whether it is for a service of others: its form is one that only a provider makes, or it stands in the address of a
    /// machine that everybody can look up.
    pub(crate) elsewhere: bool,
    /// Where.
    pub(crate) at: Loc,
}

/// The secrets that stand in the value of a setting, whatever the conditions.
pub(crate) fn all(interp: &Interp<'_, '_>, name: &str, val: &Val) -> Vec<Literal> {
    let mut found = Vec::new();
    if !matches!(name, "SECRET_KEY" | "SECRET_KEY_FALLBACKS") {
        within(interp, name, val, DEEPEST, &mut found);
    }
    found
}

/// The names that they stand under, each where its secret stands.
pub(crate) fn names<'l>(literals: impl Iterator<Item = &'l Literal>) -> Value {
    let node = |literal: &Literal| Node::derived(Value::text(literal.name.as_str()), literal.at, vec![literal.at]);
    Value::List(literals.map(node).collect())
}

/// The first of them.
pub(crate) fn first(interp: &Interp<'_, '_>, name: &str, val: &Val) -> Option<Literal> {
    all(interp, name, val).into_iter().next()
}

/// A password of `DATABASES` that anybody guesses, as it stands there in full: the user's name, or a common word. In settings
/// that a developer may be meant with, that is how a database of their own is set up.
pub(in crate::formats) fn guessed_database(interp: &Interp<'_, '_>, databases: &Val) -> Option<Literal> {
    let alone = |val: &Val| match interp.ways(val).as_slice() {
        [(_, val)] if matches!(val.source, Source::Literal) => val.as_str().map(str::to_owned),
        _ => None,
    };
    let local =
        |host: &str| host.is_empty() || host == "localhost" || host.starts_with("127.") || host.starts_with('/');
    let mut all = entries(interp, databases).into_iter().filter(|(name, _)| !role::of_path(name).is_lesser());
    all.find_map(|(_, database)| {
        let settings = entries(interp, &database);
        let of = |name: &str| settings.iter().find(|(key, _)| key == name).map(|(_, val)| val);
        let password = of("PASSWORD")?;
        let text = alone(password).filter(|text| !text.is_empty())?;
        let known = secrets::is_guessable(&text) || of("USER").and_then(alone).is_some_and(|user| user == text);
        // Another machine asks for it.
        let elsewhere = of("HOST").and_then(alone).is_some_and(|host| !local(&host));
        let name = "PASSWORD".to_owned();
        (known && elsewhere).then_some(Literal { name, stands_in: false, elsewhere: false, at: password.at })
    })
}

fn within(interp: &Interp<'_, '_>, name: &str, val: &Val, depth: usize, found: &mut Vec<Literal>) {
    let ways = interp.ways(val);
    let from_variable = ways.iter().any(|(_, val)| matches!(val.source, Source::Environment(_)));
    let alone = ways.len() == 1;
    for (when, val) in ways {
        match &val.py {
            Py::Ref(_) | Py::Tuple(_) if depth > 0 => {
                // The name of a list says little of its elements: what they are tells, or the names inside of them.
                let tells = |found: &Literal, inner: &Val| match inner.as_str() {
                    Some(text) => found.elsewhere || host_with_password(name, text).is_some(),
                    None => true,
                };
                for inner in elements(interp, &val) {
                    let mut own = Vec::new();
                    within(interp, name, &inner, depth - 1, &mut own);
                    found.extend(own.into_iter().filter(|found| tells(found, &inner)));
                }
                // What is for tests or developers says so by the name that it stands under.
                let is_lesser =
                    |key: &str, inner: &Val| matches!(inner.py, Py::Ref(_)) && role::of_path(key).is_lesser();
                for (key, inner) in entries(interp, &val).into_iter().filter(|(key, inner)| !is_lesser(key, inner)) {
                    within(interp, &key, &inner, depth - 1, found);
                }
            }
            Py::Str(_) => {
                let stands_in = match val.source {
                    Source::EnvironmentDefault(_) => true,
                    Source::Literal if from_variable && interp.is_unset(&when) => true,
                    // A text under a condition, such as `if DEBUG`, is not what runs for certain.
                    Source::Literal if alone => false,
                    _ => continue,
                };
                let text = val.as_str().unwrap_or_default();
                let literal = |elsewhere| Literal { name: name.to_owned(), stands_in, elsewhere, at: val.at };
                // What stands in for a password of one's own opens nothing; what a service gave out opens that.
                if let Some(host) = host_with_password(name, text).filter(|host| !stands_in || is_public_host(host)) {
                    found.push(literal(is_public_host(host)));
                    continue;
                }
                let issued = is_issued(text);
                let known = if stands_in { issued || secrets::is_key_name(name) } else { opens(text) };
                // What passwords are hashed with is none.
                let hashing = name.ends_with("_HASH") || name.ends_with("_SCHEMES");
                let named = secrets::is_secret_name(name) || issued && depth < DEEPEST;
                if named && known && !hashing && is_real(name, text) {
                    found.push(literal(issued));
                }
            }
            _ => {}
        }
    }
}

/// Whether a text is for a service of others, whatever it is called: what somebody gave out, the password of an account for
/// mail, or the address of a machine that everybody can look up with a password in it.
pub(crate) fn opens_elsewhere(name: &str, text: &str) -> bool {
    is_issued(text)
        || is_app_password(text) && secrets::is_secret_name(name)
        || host_with_password(name, text).is_some_and(is_public_host)
}

/// Whether the form of a text is one that only a provider makes. Google's are mostly for browsers, and are held by what they
/// may be used from.
fn is_issued(text: &str) -> bool {
    !text.starts_with("AIza") && secrets::issued(text).is_some_and(|issued| !issued.test)
}

/// The other machine that an address names which has a password in it.
pub(crate) fn host_with_password<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let (_, rest) = text.split_once("://")?;
    let password = text.get(secrets::secret_in(text)?)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (login, host) = authority.rsplit_once('@')?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let user = login.split(':').next().unwrap_or_default();
    let local = matches!(host, "" | "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "host.docker.internal");
    (!local && login.ends_with(password) && user != password && opens(password) && is_real(name, password))
        .then_some(host)
}

/// Whether a text is a password that Google makes for programs that send mail: sixteen small letters, often in four groups.
fn is_app_password(text: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    let grouped = text.len() == 19 && text.split(' ').all(|part| part.len() == 4 && letters(part));
    // Words have few of the letters that are drawn as often as others.
    let rare = || text.bytes().filter(|byte| b"jqxz".contains(byte)).count() > 0;
    let whole = || text.len() == 16 && letters(text) && rare() && !secrets::is_guessable(text);
    grouped || whole() && secrets::is_drawn_at_random(text)
}

/// Whether a name is that of a machine which everybody can look up.
pub(crate) fn is_public_host(host: &str) -> bool {
    const INSIDE: &[&str] = &[
        "arpa",
        "cluster",
        "corp",
        "example",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "svc",
        "test",
    ];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    // These keep what developers send, and deliver nothing.
    if host.ends_with("mailtrap.io") || host.ends_with("ethereal.email") {
        return false;
    }
    let mut parts = host.rsplit('.');
    let top = parts.next().unwrap_or_default();
    let second = parts.next();
    let letters = top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_lowercase());
    letters && !INSIDE.contains(&top) && second.is_some_and(|name| !name.is_empty() && name != "example")
}

/// Whether a text may be the secret itself: none that is to be filled in, and none that only says what it is.
fn is_real(name: &str, text: &str) -> bool {
    let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let spaced = text.contains(' ') && !is_app_password(text);
    named
        && !spaced
        && text.len() >= SHORTEST
        && secrets::is_literal(text)
        && !secrets::is_template(text)
        && !django::is_placeholder(text)
        && !secrets::is_name_of_secret(text)
        && !name.eq_ignore_ascii_case(text)
        && !text.contains(['/', '<', '{'])
}

/// Whether a text looks like what somebody chose or drew to open something that is not this machine's.
fn opens(text: &str) -> bool {
    let mixed = || text.bytes().any(|byte| !byte.is_ascii_lowercase());
    text.len() >= 8 && !secrets::is_common_password(text) && (is_app_password(text) || mixed())
}

/// The elements of a list or a tuple; nothing of one that is not known.
fn elements(interp: &Interp<'_, '_>, val: &Val) -> Vec<Val> {
    match &val.py {
        Py::Tuple(items) => items.iter().take(MOST).cloned().collect(),
        Py::Ref(id) => {
            let mut found = Vec::new();
            for (_, obj) in interp.objects(*id) {
                if let Obj::List(items) = obj {
                    found.extend(items.iter().take(MOST).cloned());
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

/// What a map has under keys that are texts; nothing of one that is not known.
pub(in crate::formats) fn entries(interp: &Interp<'_, '_>, val: &Val) -> Vec<(String, Val)> {
    let Py::Ref(id) = val.py else { return Vec::new() };
    let mut found = Vec::new();
    for (_, obj) in interp.objects(id) {
        if let Obj::Dict(dict) = obj {
            let known = dict.entries.iter().take(MOST);
            found.extend(known.filter_map(|(key, val)| Some((key.as_str()?.to_owned(), val.clone()))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_drawn_for_programs() {
        for (text, expected) in [
            ("kqzmvwhtrxbsunje", true),
            ("abcd efgh ijkl mnop", true),
            ("mysecretpassword", false),
            ("averylongpassphrase", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("kqzmvwhtrxbsunjE", false),
        ] {
            assert_eq!(is_app_password(text), expected, "{text}");
        }
    }

    #[test]
    fn passwords_in_addresses_of_other_machines() {
        for (text, expected) in [
            ("mysql://app:Not-the-real-0ne@db.shop.de:3306/app", Some("db.shop.de")),
            ("redis://:Not-the-real-0ne@cache:6379/0", Some("cache")),
            ("postgres://app:Not-the-real-0ne@localhost/app", None),
            ("postgres://postgres:postgres@db.shop.de/app", None),
            ("postgres://Fake-Not-0:Fake-Not-0@db.shop.de/app", None),
            ("postgres://app:${PASSWORD}@db.shop.de/app", None),
            ("postgres://app:changeme@db.shop.de/app", None),
            ("https://db.shop.de/app", None),
        ] {
            assert_eq!(host_with_password("DATABASE_URL", text), expected, "{text}");
        }
    }
}
