//! What a store asks of those who reach it: nothing, a password that is published, or a file of its own that lets other
//! machines in.

use super::Facts;
use crate::deployment::Member;
use crate::formats::{compose, pg_hba, redis};
use crate::loader;
use crate::model::{Model, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// Fills in what lets everybody in.
pub(super) fn fill(reader: &mut Reader<'_>, query: &Query, facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, member) in deployment.services.iter().enumerate() {
        let found = passwordless(facts.project, member)
            .or_else(|| trusting(reader, query, member))
            .or_else(|| open_redis(reader, query, member))
            .or_else(|| published(member));
        let (name, from) = found.unwrap_or_default();
        facts.text(index, "login", name, from);
    }
}

/// As Compose's own facts say.
fn passwordless(project: &Model, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let scope = project.scope(member.scope())?;
    let key = project.format.schema.key(scope.kind, "passwordless")?;
    let node = scope.own.get(key)?;
    node.value.as_str().filter(|text| !text.is_empty())?;
    Some(("none", vec![node.at]))
}

/// A password that is published with the image, or is the user's name.
fn published(member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let variables = &member.service.variables;
    let value =
        |name: &str| variables.iter().find(|(known, _)| &**known == name).and_then(|(_, node)| node.value.as_str());
    variables.iter().find_map(|(name, node)| {
        let text = node.value.as_str()?;
        if compose::makes_account(name, member.image.as_deref(), &member.name) != Some(true) {
            return None;
        }
        compose::is_published(name, text, &value).then(|| ("default", vec![node.at]))
    })
}

/// A record of the server's `pg_hba.conf` that lets other machines in without a password.
fn trusting(reader: &mut Reader<'_>, query: &Query, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    if member.program != "PostgreSQL" {
        return None;
    }
    let path = member.service.mounts.iter().find(|mount| loader::name(&mount.target) == "pg_hba.conf")?.source.clone();
    let model = resolve(reader, query, &path, &pg_hba::FORMAT)?;
    let record = model.format.schema.kind_named("record")?;
    let ids = (0..).map(ScopeId).zip(&model.scopes).filter(|(_, scope)| scope.kind == record);
    let found = ids.filter(|(id, _)| {
        let is = |key: &str| model.get(*id, key) == Some(&Value::Bool(true));
        let method = model.get(*id, "auth_method").and_then(Value::as_str);
        is("remote")
            && (is("every_address") || is("public"))
            && method == Some("trust")
            && model.get(*id, "never").is_none()
    });
    let at: Vec<Loc> = found.map(|(_, scope)| scope.at).take(1).collect();
    (!at.is_empty()).then_some(("trust", at))
}

/// A `redis.conf` that lets everybody in, where the command names it.
fn open_redis(reader: &mut Reader<'_>, query: &Query, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let (script, _) = member.service.started.as_ref()?;
    let words: Vec<&str> = script.commands.iter().flat_map(|it| &it.words).filter_map(|word| word.known()).collect();
    let at = words.iter().position(|word| matches!(loader::name(word), "redis-server" | "valkey-server"))?;
    let path = member.service.mounted(words.get(at + 1).filter(|word| word.starts_with('/'))?)?;
    // What the command line says besides lies over the file.
    if words.iter().any(|word| matches!(*word, "--requirepass" | "--aclfile" | "--user")) {
        return None;
    }
    let model = resolve(reader, query, &path, &redis::FORMAT)?;
    let root = model.scopes.first()?;
    let open = model.get(ScopeId(0), "default_user_open") == Some(&Value::Bool(true)) && root.open.is_none();
    let protected = model.get(ScopeId(0), "binds_publicly") != Some(&Value::Bool(true));
    (open && !protected).then(|| ("none", vec![root.at]))
}

fn resolve(
    reader: &mut Reader<'_>,
    query: &Query,
    path: &str,
    format: &'static crate::formats::Format,
) -> Option<Model> {
    let file = reader.open(path, None).ok()?;
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let defaults = Arc::new(crate::model::Defaults::new(format.schema, versions));
    Some((format.resolve)(reader, query, file, Model::new(format, path.into(), versions, defaults)))
}
