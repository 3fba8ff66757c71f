//! What variables of services ask for, and nothing gives them: a secret that Compose does not mount, and a variable that is
//! defined nowhere.
//!
//! A shell may set any variable, and an image may hold any file. So a variable counts only where the project keeps its
//! variables in a `.env` and no file beside that so much as names it, and a file only below `/run/secrets`, which is
//! mounted when a container starts.

use super::Facts;
use crate::deployment::Member;
use crate::deployment::keys::NEED;
use crate::loader::{self, Git, Kind};
use crate::model::{Node, Piece, Scope, ScopeId, Str, Text, Value, Why};
use crate::secrets;
use crate::workspace::Reader;

/// Where Compose mounts secrets.
const SECRETS: &str = "/run/secrets/";
/// Files beside a project that are looked through, and the bytes of one.
const MAX_FILES: usize = 200;
const MAX_FILE: usize = 256 << 10;
/// Folders below a project's own in which variables are set.
const BELOW: [&str; 4] = [".github/workflows", "bin", "scripts", "deploy"];

/// Adds what is asked for.
pub(super) fn fill(reader: &Reader<'_>, facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    let mut beside: Option<Vec<String>> = None;
    for (index, member) in deployment.services.iter().enumerate() {
        for (name, node) in &member.service.variables {
            let secret = node.value.as_str().and_then(|path| missing_secret(facts, member, path)).unwrap_or_default();
            let variable = plain_variable(reader, name, node).filter(|wanted| {
                let texts = beside.get_or_insert_with(|| texts_beside(reader, &facts.project.path));
                !texts.is_empty() && !texts.iter().any(|text| names(text, wanted))
            });
            let variable = variable.unwrap_or_default();
            if secret.is_empty() && variable.is_empty() {
                continue;
            }
            let parent = facts.scopes.get(index).copied();
            let scope = facts.model.push(Scope::new(NEED, name.clone(), parent, node.at));
            facts.put(scope, "missing_secret", Value::text(secret), vec![node.at]);
            facts.put(scope, "missing_variable", Value::text(variable), vec![node.at]);
        }
    }
}

/// The path, if it is one of a secret that the service is not given.
fn missing_secret(facts: &Facts<'_, '_>, member: &Member, path: &str) -> Option<String> {
    let name = path.strip_prefix(SECRETS).filter(|name| !name.is_empty() && !name.contains('/'))?;
    let service = &member.service;
    let is_open = service.open.is_some() || service.mounted(path).is_some();
    // A volume or a folder of the host, which may hold anything.
    let covered = |target: &str| path.starts_with(&format!("{}/", target.trim_end_matches('/'))) || path == target;
    let text = |node: &'_ Node, key: &str| node.value.entry(key).and_then(|it| it.value.as_str()).map(str::to_owned);
    let project = facts.project;
    let target = |id: ScopeId| project.get(id, "target").and_then(Value::as_str);
    let mut mounts = facts.mounts.get(&member.scope()).into_iter().flatten();
    let mounted = mounts.any(|&id| target(id).is_none_or(covered));
    let tmpfs = project.get(member.scope(), "tmpfs").is_some();
    let given = ["secrets", "configs"].iter().any(|key| match project.get(member.scope(), key) {
        Some(Value::List(all)) => all.iter().any(|secret| {
            let target = text(secret, "target").or_else(|| text(secret, "source"));
            let whole = secret.value.as_str().map(str::to_owned);
            // One that cannot be told may be it.
            target.or(whole).is_none_or(|target| target == name || covered(&target))
        }),
        Some(_) => true,
        None => false,
    });
    (!is_open && !mounted && !tmpfs && !given).then(|| path.to_owned())
}

/// The variable that a secret is taken from as it is: with nothing to stand in for it, and not asked for.
fn plain_variable(reader: &Reader<'_>, name: &Str, node: &Node) -> Option<String> {
    let Value::Text(Text::Pieces(pieces)) = &node.value else { return None };
    let [Piece::Hole(Why::Variable(wanted))] = &**pieces else { return None };
    if !secrets::is_secret_name(name) && !secrets::is_secret_name(wanted) {
        return None;
    }
    let written = reader.slice(node.at);
    let plain = written.contains(&format!("${{{wanted}}}"))
        || written.trim_end_matches(['"', '\'']).ends_with(&format!("${wanted}"));
    plain.then(|| wanted.to_string())
}

/// The texts of the files beside a project that may set its variables; none where it has no `.env` of its own, or where
/// that is kept out of the repository.
fn texts_beside(reader: &Reader<'_>, project: &str) -> Vec<String> {
    let folder = loader::folder(project);
    let is_file = |path: &String| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    let own = loader::join(folder, ".env").filter(is_file).filter(|path| reader.loader.git(path) != Git::Ignored);
    if own.is_none() {
        return Vec::new();
    }
    let folders = std::iter::once(folder.to_owned()).chain(BELOW.iter().filter_map(|name| loader::join(folder, name)));
    let paths = folders.flat_map(|folder| {
        let names = reader.loader.list(&folder).into_iter().take(MAX_FILES);
        names.filter_map(|name| loader::join(&folder, &name)).collect::<Vec<_>>()
    });
    let is_project = |path: &String| {
        let name = loader::name(path).to_ascii_lowercase();
        name.contains("compose") && matches!(name.rsplit('.').next(), Some("yml" | "yaml"))
    };
    let texts = paths.filter(|path| is_file(path) && !is_project(path)).filter_map(|path| {
        let text = reader.loader.read(&path).ok().filter(|text| text.len() <= MAX_FILE)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    });
    texts.collect()
}

/// Whether a text has the name as a word.
fn names(text: &str, wanted: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(wanted).any(|(at, _)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + wanted.len()..).unwrap_or_default());
        !part(before.chars().next_back()) && !part(behind.chars().next())
    })
}
