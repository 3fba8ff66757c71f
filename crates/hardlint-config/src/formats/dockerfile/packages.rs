//! Frameworks of Python that a build installs in versions which nobody mends any more: named in a command, or pinned in a
//! file of requirements out of the folder that is built.
//!
//! Only what is pinned to one version, or to the releases of one (`~=4.1.0`), is told: what else is taken decides the day
//! of the build.

use super::facts::of_kind;
use super::keys::kinds;
use super::resolve::set;
use crate::end_of_life;
use crate::loader::{self, Kind, Loader};
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::Memo;
use std::collections::BTreeSet;

/// Bytes of a file of requirements that are looked into.
const MAX_FILE: usize = 64 << 10;
/// How deep files may name each other, and how many of them are read.
const DEEPEST: usize = 3;
const MAX_FILES: usize = 16;
/// Parts of a path in the image that are looked for.
const MAX_PARTS: usize = 16;

/// Adds what the commands install.
pub(super) fn add(loader: &dyn Loader, memo: &Memo, context: Option<&str>, model: &mut Model) {
    let all = (0, model.scopes.len());
    let commands: Vec<ScopeId> = of_kind(model, all, kinds::COMMAND).map(|(id, _)| id).collect();
    for id in commands {
        let Some(words) = model.get(id, "arguments").and_then(Value::as_list) else { continue };
        let name = model.get(id, "name").and_then(Value::as_str).unwrap_or_default();
        let words: Vec<(&str, Loc)> =
            words.iter().map(|word| (word.value.as_str().unwrap_or_default(), word.at)).collect();
        let has = |text: &str| words.iter().any(|(word, _)| *word == text);
        let pip = name.starts_with("pip") || has("pip") && (name.starts_with("python") || name == "uv");
        if !pip || !has("install") {
            continue;
        }
        let mut found: Vec<(String, Loc)> = Vec::new();
        let mut named = false;
        for (word, at) in words {
            if std::mem::replace(&mut named, false) {
                found.extend(required(loader, memo, &model.path, context, word).into_iter().map(|what| (what, at)));
            } else if let Some(file) = word.strip_prefix("--requirement=").or_else(|| word.strip_prefix("-r")) {
                named = file.is_empty();
                if !named {
                    found.extend(required(loader, memo, &model.path, context, file).into_iter().map(|what| (what, at)));
                }
            } else if word == "--requirement" {
                named = true;
            } else {
                found.extend(pinned(word.trim_matches(['"', '\''])).map(|what| (what, at)));
            }
        }
        if !found.is_empty() {
            let nodes = found.into_iter().map(|(what, at)| Node::derived(Value::text(what), at, vec![at]));
            let nodes: Vec<Node> = nodes.collect();
            let from: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
            if let Some(at) = from.first().copied() {
                set(model, id, kinds::COMMAND, "retired_packages", Node::derived(Value::List(nodes), at, from));
            }
        }
    }
}

/// What a requirement pins that is out of support: `Django==4.1.4`, `django[argon2]~=4.1.0`.
fn pinned(requirement: &str) -> Option<String> {
    // For which Python or system it is installed is not asked: what holds for some of them is not told.
    let requirement = requirement.split('#').next()?.trim();
    if requirement.contains(';') {
        return None;
    }
    let at = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))?;
    let (name, rest) = requirement.split_at_checked(at)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    let (exact, version) = match rest.trim_start().strip_prefix("~=") {
        Some(version) => (false, version),
        None => (true, rest.trim_start().strip_prefix("==")?),
    };
    let version = version.trim_start_matches('=').split([',', ' ', '\\']).find(|part| !part.is_empty())?;
    // `~=4.1` takes 4.2 as well.
    let parts = version.split('.').count();
    if !exact && parts < 3 {
        return None;
    }
    end_of_life::of_package(&name.to_ascii_lowercase().replace(['_', '.'], "-"), version)
}

/// What one file of requirements says: what it pins that is out of support, and the files that it names.
struct Requirements {
    pinned: Vec<String>,
    named: Vec<String>,
}

impl Requirements {
    fn of(loader: &dyn Loader, path: &str) -> Self {
        let bytes = loader.read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes.get(..MAX_FILE).unwrap_or(&bytes)).into_owned();
        let lines = || text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        let named = lines().filter_map(|line| line.strip_prefix("-r").or_else(|| line.strip_prefix("--requirement")));
        let named = named.filter_map(|other| {
            let other = other.trim_start_matches('=').split('#').next().unwrap_or_default().trim();
            loader::join(loader::folder(path), other)
        });
        let pinned: BTreeSet<String> = lines().filter_map(pinned).collect();
        let pinned = pinned.into_iter().map(|what| format!("{what} (`{}`)", loader::name(path)));
        Self { pinned: pinned.collect(), named: named.take(MAX_FILES).collect() }
    }
}

/// What a file of requirements pins that is out of support, each with the file.
fn required(loader: &dyn Loader, memo: &Memo, dockerfile: &str, context: Option<&str>, named: &str) -> Vec<String> {
    let Some(path) = in_context(loader, dockerfile, context, named) else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    let mut read = BTreeSet::new();
    let mut next = vec![(path, 0)];
    while let Some((path, depth)) = next.pop() {
        if read.len() >= MAX_FILES {
            break;
        }
        if !read.insert(path.clone()) {
            continue;
        }
        let file = memo.of::<Requirements>(&path, || Requirements::of(loader, &path));
        found.extend(file.pinned.iter().filter(|what| !found.contains(what)).cloned().collect::<Vec<_>>());
        if depth < DEEPEST {
            next.extend(file.named.iter().map(|path| (path.clone(), depth + 1)));
        }
    }
    found
}

/// The file of the project that lies at a path in the image, as far as names tell: the longest end of the path that is
/// there, from the folder that is built.
fn in_context(loader: &dyn Loader, dockerfile: &str, context: Option<&str>, named: &str) -> Option<String> {
    let is_file = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    if named.split('/').count() > MAX_PARTS {
        return None;
    }
    let mut folder = context.unwrap_or_else(|| loader::folder(dockerfile));
    loop {
        let mut rest = named.trim_start_matches("./").trim_start_matches('/');
        while !rest.is_empty() {
            if let Some(path) = loader::join(folder, rest).filter(is_file) {
                return Some(path);
            }
            rest = rest.split_once('/').map_or("", |(_, rest)| rest);
        }
        if folder.is_empty() || context.is_some() {
            return None;
        }
        folder = loader::folder(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::pinned;

    #[test]
    fn pins_are_read() {
        for (requirement, expected) in [
            ("Django==4.1.4", Some("Django 4.1, since 2023-12-01")),
            ("django[argon2] == 3.2.25 # kept", Some("Django 3.2, since 2024-04-01")),
            ("Django==1.11.29; python_version < '3'", None),
            ("Django~=4.1.0", Some("Django 4.1, since 2023-12-01")),
            ("apache_airflow==1.10.12", Some("Airflow 1.10, since 2021-06-17")),
            ("Django~=4.1", None),
            ("Django>=4.1", None),
            ("Django==5.2.8", None),
            ("django-redis==4.1.0", None),
            ("Django", None),
            ("", None),
        ] {
            assert_eq!(pinned(requirement).as_deref(), expected, "{requirement}");
        }
    }
}
