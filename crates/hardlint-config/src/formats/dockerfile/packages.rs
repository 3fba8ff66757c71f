//! Frameworks of Python that a build installs in versions which nobody mends any more: named in a command, or pinned in a
//! file of requirements out of the folder that is built.
//!
//! Only what is pinned to one version, or to the releases of one (`~=4.1.0`), is told: what else is taken decides the day
//! of the build.

use super::facts::of_kind;
use super::keys::kinds;
use super::resolve::set;
use crate::deployment::services::Mount;
use crate::end_of_life;
use crate::loader::{self, Kind, Loader};
use crate::model::{Model, Node, Scope, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::Memo;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a file of requirements that are looked into.
const MAX_FILE: usize = 64 << 10;
/// How deep files may name each other, and how many of them are read.
const DEEPEST: usize = 3;
const MAX_FILES: usize = 16;
/// The longest path of a folder that is followed.
const LONGEST: usize = 4 << 10;

/// What a command installs.
struct Installed {
    by: ScopeId,
    stage: Option<ScopeId>,
    /// Packages in versions that are out of support, what they are, and where that is said.
    retired: Vec<(String, String, Loc)>,
    /// Packages of which it asks for a version.
    asked: BTreeSet<String>,
}

/// Adds what the commands install, but for what a later one installs in another version.
pub(super) fn add(loader: &dyn Loader, memo: &Memo, context: Option<&str>, model: &mut Model) {
    let mut all = installed(loader, memo, context, model);
    let mut later: BTreeSet<(Option<ScopeId>, String)> = BTreeSet::new();
    for one in all.iter_mut().rev() {
        one.retired.retain(|(package, ..)| !later.contains(&(one.stage, package.clone())));
        later.extend(std::mem::take(&mut one.asked).into_iter().map(|package| (one.stage, package)));
    }
    for Installed { by, retired, .. } in all {
        let nodes = retired.into_iter().map(|(_, what, at)| Node::derived(Value::text(what), at, vec![at]));
        let nodes: Vec<Node> = nodes.collect();
        let from: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
        if let Some(at) = from.first().copied() {
            set(model, by, kinds::COMMAND, "retired_packages", Node::derived(Value::List(nodes), at, from));
        }
    }
}

fn installed(loader: &dyn Loader, memo: &Memo, context: Option<&str>, model: &Model) -> Vec<Installed> {
    let all = (0, model.scopes.len());
    let files = Files { loader, model, context, given: OnceCell::new() };
    let mut found = Vec::new();
    let mut folder: (Option<ScopeId>, Option<String>) = (None, None);
    for (id, at) in of_kind(model, all, kinds::COMMAND) {
        let run = model.scope(id).and_then(|scope| scope.parent);
        if folder.0 != run {
            let workdir = run.and_then(|run| model.get(run, "workdir")).and_then(Value::as_str);
            folder = (run, workdir.map(str::to_owned));
        }
        let Some(words) = model.get(id, "arguments").and_then(Value::as_list) else { continue };
        let name = model.get(id, "name").and_then(Value::as_str).unwrap_or_default();
        let words: Vec<(&str, Loc)> =
            words.iter().map(|word| (word.value.as_str().unwrap_or_default(), word.at)).collect();
        if name == "cd" {
            let to = words.first().map_or("", |(word, _)| *word);
            folder.1 = Some(joined(folder.1.as_deref(), to)).filter(|path| path.len() <= LONGEST);
        }
        let has = |text: &str| words.iter().any(|(word, _)| *word == text);
        let pip = name.starts_with("pip") || has("pip") && (name.starts_with("python") || name == "uv");
        // What is only tried, or put where this Python does not look, says nothing.
        let aside = ["--dry-run", "--target", "-t"];
        let elsewhere = words.iter().any(|(word, _)| aside.iter().any(|option| word.split('=').next() == Some(option)));
        if !pip || !has("install") || elsewhere {
            continue;
        }
        let stage = run.and_then(|run| model.scope(run)).and_then(|scope| scope.parent);
        let mut one = Installed { by: id, stage, retired: Vec::new(), asked: BTreeSet::new() };
        let mut named = false;
        for (word, place) in words {
            let attached = word.strip_prefix("--requirement=").or_else(|| word.strip_prefix("-r"));
            let file = if std::mem::replace(&mut named, false) { Some(word) } else { attached };
            if word == "--requirement" || file == Some("") {
                named = true;
            } else if let Some(file) = file {
                let path = stage.and_then(|stage| files.find(stage, run, at, &joined(folder.1.as_deref(), file)));
                let (retired, asked) = path.map(|path| required(loader, memo, path)).unwrap_or_default();
                one.retired.extend(retired.into_iter().map(|(package, what)| (package, what, place)));
                one.asked.extend(asked);
            } else {
                let word = word.trim_matches(['"', '\'']);
                one.asked.extend(asked(word));
                one.retired.extend(asked(word).zip(pinned(word)).map(|(package, what)| (package, what, place)));
            }
        }
        found.push(one);
    }
    found
}

/// A path from a folder, without what changes nothing; one whose folder is not known stays relative.
fn joined(folder: Option<&str>, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", folder.unwrap_or_default()) };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let absolute = path.starts_with('/') || folder.is_some_and(|folder| folder.starts_with('/'));
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

/// What the steps of a file see of the folder that is built.
struct Files<'f> {
    loader: &'f dyn Loader,
    model: &'f Model,
    context: Option<&'f str>,
    given: OnceCell<Vec<(ScopeId, Vec<Mount>)>>,
}

impl Files<'_> {
    /// The file of the project that a step sees at a path: it was copied there before, or is mounted. What is made in the
    /// image is not known.
    fn find(&self, stage: ScopeId, run: Option<ScopeId>, before: Loc, path: &str) -> Option<String> {
        let given = self.given.get_or_init(|| super::deployed::given(self.loader, self.model, self.context));
        let is_file = |path: &String| self.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
        let mounts = given.iter().find(|(id, _)| *id == stage).map(|(_, mounts)| mounts.as_slice()).unwrap_or_default();
        let copied = mounts.iter().rev().filter(|mount| mount.at.span.start < before.span.start).find_map(|mount| {
            let target = joined(None, &mount.target);
            let source = self.below(&mount.source, &target, path).filter(is_file)?;
            let left_out = mount.without.as_ref().is_some_and(|without| {
                let below = source.strip_prefix(without.context.as_str()).unwrap_or(&source);
                without.ignore.ignores(below.trim_start_matches('/'))
            });
            (!left_out).then_some(source)
        });
        copied.or_else(|| self.bound(run?, path).filter(is_file))
    }

    /// The file at a path where something of the project lies at `target`.
    fn below(&self, source: &str, target: &str, path: &str) -> Option<String> {
        if path == target {
            return Some(source.to_owned());
        }
        let rest = match target {
            "" => path,
            "/" => path.strip_prefix('/')?,
            target => path.strip_prefix(target)?.strip_prefix('/')?,
        };
        let is_folder = self.loader.stat(source).is_some_and(|stat| stat.kind == Kind::Folder);
        // A file that is put into a folder keeps its name.
        if is_folder { loader::join(source, rest) } else { (loader::name(source) == rest).then(|| source.to_owned()) }
    }

    /// The file that is mounted for the step alone.
    fn bound(&self, run: ScopeId, path: &str) -> Option<String> {
        let is_own = |scope: &&Scope| scope.kind == kinds::MOUNT && scope.parent == Some(run);
        let mut own = (run.0 + 1..).map(ScopeId).map_while(|id| self.model.scope(id).filter(is_own).map(|_| id));
        let folder = self.context.unwrap_or_else(|| loader::folder(&self.model.path));
        let workdir = self.model.get(run, "workdir").and_then(Value::as_str);
        own.find_map(|id| {
            let text = |key: &str| self.model.get(id, key).and_then(Value::as_str);
            let bind = text("type").is_none_or(|kind| kind == "bind") && text("from").is_none();
            let source = loader::join(folder, text("source").unwrap_or("."))?;
            bind.then(|| self.below(&source, &joined(workdir, text("target")?), path)).flatten()
        })
    }
}

/// The package that a requirement asks for in a version, as packages are compared.
fn asked(requirement: &str) -> Option<String> {
    let at = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))?;
    let (name, rest) = requirement.split_at_checked(at)?;
    let asks = rest.contains(['=', '<', '>', '@']) && !name.is_empty() && !name.starts_with('-');
    asks.then(|| name.to_ascii_lowercase().replace(['_', '.'], "-"))
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

/// What one file of requirements says: the packages that it asks for in a version, what of them is out of support, and the
/// files that it names.
struct Requirements {
    retired: BTreeMap<String, String>,
    asked: BTreeSet<String>,
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
        let what = |line: &str| Some((asked(line)?, format!("{} (`{}`)", pinned(line)?, loader::name(path))));
        let retired = lines().filter_map(what).collect();
        let known = lines().filter_map(asked).filter(|package| end_of_life::is_package(package));
        Self { retired, asked: known.collect(), named: named.take(MAX_FILES).collect() }
    }
}

/// What a file of requirements, and those that it names, pin that is out of support, by package, and the packages that they ask
/// for in a version.
fn required(loader: &dyn Loader, memo: &Memo, path: String) -> (Vec<(String, String)>, BTreeSet<String>) {
    let mut retired: Vec<(String, String)> = Vec::new();
    let mut asked = BTreeSet::new();
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
        retired.extend(file.retired.iter().map(|(package, what)| (package.clone(), what.clone())));
        asked.extend(file.asked.iter().cloned());
        if depth < DEEPEST {
            next.extend(file.named.iter().map(|path| (path.clone(), depth + 1)));
        }
    }
    (retired, asked)
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
