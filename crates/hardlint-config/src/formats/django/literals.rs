//! Secrets of other programs, and keys of other libraries, that stand in the settings in full.
//!
//! `SECRET_KEY` has facts of its own. What only stands in for a variable counts where it is a key that the site itself
//! signs with: a password that stands in for one of another server opens nothing unless that server has it, too.

use super::eval::{Interp, Obj, Py, Source, Val};
use super::secret;
use crate::secrets;
use crate::text::Loc;

/// Maps inside each other that are looked into.
const DEEPEST: usize = 3;
/// Entries of a map that are.
const MOST: usize = 200;

/// Bytes that a secret has at least: `.` and `none` stand for nothing.
const SHORTEST: usize = 6;

/// A secret that stands in the code.
pub(super) struct Literal {
    /// The name that it stands under.
    pub(super) name: String,
    /// Whether it only stands in for a variable.
    pub(super) stands_in: bool,
    /// Whether its form is one that only a provider makes.
    pub(super) issued: bool,
    /// Where.
    pub(super) at: Loc,
}

/// The first secret that stands in the value of a setting, whatever the conditions.
pub(super) fn first(interp: &Interp<'_, '_>, name: &str, val: &Val) -> Option<Literal> {
    if matches!(name, "SECRET_KEY" | "SECRET_KEY_FALLBACKS") {
        return None;
    }
    within(interp, name, val, DEEPEST)
}

fn within(interp: &Interp<'_, '_>, name: &str, val: &Val, depth: usize) -> Option<Literal> {
    let ways = interp.ways(val);
    let from_variable = ways.iter().any(|(_, val)| matches!(val.source, Source::Environment(_)));
    let alone = ways.len() == 1;
    for (when, val) in ways {
        match &val.py {
            Py::Ref(_) if depth > 0 => {
                for (key, inner) in entries(interp, &val) {
                    if let Some(found) = within(interp, &key, &inner, depth - 1) {
                        return Some(found);
                    }
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
                let known = if stands_in { secrets::is_key_name(name) } else { opens(text) };
                if secrets::is_secret_name(name) && known && is_real(name, text) {
                    // Google's are mostly for browsers, and are held by what they may be used from.
                    let issued = !text.starts_with("AIza") && secrets::issued(text).is_some_and(|issued| !issued.test);
                    return Some(Literal { name: name.to_owned(), stands_in, issued, at: val.at });
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a name is that of a machine which everybody can look up.
pub(super) fn is_public_host(host: &str) -> bool {
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
    named
        && text.len() >= SHORTEST
        && secrets::is_literal(text)
        && !secrets::is_template(text)
        && !secret::is_placeholder(text)
        && !secrets::is_name_of_secret(text)
        && !name.eq_ignore_ascii_case(text)
        && !text.contains(['/', ' ', '<', '{'])
}

/// Whether a text looks like what somebody chose or drew to open something that is not this machine's.
fn opens(text: &str) -> bool {
    text.len() >= 8 && !secrets::is_common_password(text) && text.bytes().any(|byte| !byte.is_ascii_lowercase())
}

/// What a map has under keys that are texts; nothing of one that is not known.
fn entries(interp: &Interp<'_, '_>, val: &Val) -> Vec<(String, Val)> {
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
