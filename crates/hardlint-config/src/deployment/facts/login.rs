//! What a store asks of those who reach it: nothing, a password that is published, or a file of its own that lets other
//! machines in.

use super::Facts;
use crate::deployment::Member;
use crate::deployment::role::{self, Role};
use crate::formats::{compose, pg_hba, redis};
use crate::loader;
use crate::model::{Model, ScopeId, Value};
use crate::secrets;
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
            .or_else(|| published(member))
            .or_else(|| tried_redis(reader, query, member));
        let (name, from) = found.filter(|_| !moved(member)).unwrap_or_default();
        facts.text(index, "login", name, from);
        let of_file = role::of_path(&facts.project.path);
        let told = facts.project.role(member.scope());
        let develops = of_file == Role::Development || of_file == Role::Unknown && told == Some(Role::Development);
        facts.of_service(index, "for_developers", Value::Bool(develops), Vec::new());
    }
}

/// As Compose's own facts say.
fn passwordless(project: &Model, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let scope = project.scope(member.scope())?;
    let key = project.format.schema.key(scope.kind, "passwordless")?;
    let node = scope.own.get(key)?;
    let login = match node.value.as_str()? {
        "" => return None,
        "ignored" => "ignored",
        "unexpanded" => "default",
        _ => "none",
    };
    Some((login, vec![node.at]))
}

/// A password that is published with the image, is the user's name, or is one that everybody tries.
fn published(member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let variables = &member.service.variables;
    let value =
        |name: &str| variables.iter().find(|(known, _)| &**known == name).and_then(|(_, node)| node.value.as_str());
    variables.iter().find_map(|(name, node)| {
        let text = node.value.as_str()?;
        if compose::makes_account(name, member.image.as_deref(), &member.name) != Some(true) {
            return None;
        }
        // A path where the password itself belongs is one that the next reader of the image's page tries.
        let path = text.starts_with("/run/secrets/") && secrets::is_secret_name(name) && member.service.built.is_none();
        let tried = path
            || compose::is_published(name, text, &value)
            || secrets::is_secret_name(name) && secrets::is_common_password(text);
        tried.then(|| ("default", vec![node.at]))
    })
}

/// The words that a service is started with.
fn words(member: &Member) -> Vec<&str> {
    let words = member.service.started.iter().flat_map(|(script, _)| &script.commands).flat_map(|it| &it.words);
    words.filter_map(|word| word.known()).collect()
}

/// Whether the command line moves the server to an address or a port of its own, so that what is published is another's.
fn moved(member: &Member) -> bool {
    let moves = |word: &&str| {
        matches!(*word, "-p" | "-h" | "--port" | "--bind" | "--bind-address")
            || ["listen_addresses=", "--listen_addresses=", "--listen-addresses=", "port=", "--port=", "--bind="]
                .iter()
                .any(|option| word.starts_with(option))
    };
    words(member).iter().any(moves)
}

/// A record of the server's `pg_hba.conf` that lets other machines in without a password.
fn trusting(reader: &mut Reader<'_>, query: &Query, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    if member.program != "PostgreSQL" {
        return None;
    }
    let path = hba_places(member).iter().find_map(|inside| member.service.mounted(inside))?;
    let model = resolve(reader, query, &path, &pg_hba::FORMAT)?;
    let record = model.format.schema.kind_named("record")?;
    let ids = (0..).map(ScopeId).zip(&model.scopes).filter(|(_, scope)| scope.kind == record);
    let found = ids.filter(|(id, _)| {
        let is = |key: &str| model.get(*id, key) == Some(&Value::Bool(true));
        let text = |key: &str| model.get(*id, key).and_then(Value::as_str);
        let decides = model.get(*id, "never").is_none() && model.get(*id, "shadowed_by").is_none();
        // Records for TLS match nothing while the server speaks none, which a file elsewhere decides.
        let in_clear = matches!(text("type"), Some("host" | "hostnossl"));
        is("remote")
            && (is("every_address") || is("public"))
            && text("auth_method") == Some("trust")
            && decides
            && in_clear
    });
    let at: Vec<Loc> = found.map(|(_, scope)| scope.at).take(1).collect();
    (!at.is_empty()).then_some(("trust", at))
}

/// Where the server looks for its `pg_hba.conf`.
fn hba_places(member: &Member) -> Vec<String> {
    let named = words(member).into_iter().rev().find_map(|word| {
        word.trim_start_matches('-').strip_prefix("hba_file=").map(|path| path.trim_matches(['\'', '"']).to_owned())
    });
    let in_data = |data: &str| format!("{}/pg_hba.conf", data.trim_end_matches('/'));
    match (named, member.variable("PGDATA").and_then(|node| node.value.as_str())) {
        (Some(path), _) => vec![path],
        (None, Some(data)) => vec![in_data(data)],
        (None, None) => ["/var/lib/postgresql/data", "/var/lib/postgresql/18/docker"].map(in_data).to_vec(),
    }
}

/// A `redis.conf` that lets everybody in, where the command names it.
fn open_redis(reader: &mut Reader<'_>, query: &Query, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    let words = words(member);
    let path = redis_file(member, &words)?;
    // What the command line says besides lies over the file.
    if words.iter().any(|word| matches!(*word, "--requirepass" | "--aclfile" | "--user" | "--protected-mode")) {
        return None;
    }
    let model = resolve(reader, query, &path, &redis::FORMAT)?;
    let root = model.scopes.first()?;
    let open = model.get(ScopeId(0), "default_user_open") == Some(&Value::Bool(true)) && root.open.is_none();
    let public = model.get(ScopeId(0), "binds_publicly") == Some(&Value::Bool(true));
    (open && public).then(|| ("none", vec![root.at]))
}

/// The `redis.conf` that a service's command names.
fn redis_file(member: &Member, words: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| matches!(loader::name(word), "redis-server" | "valkey-server"))?;
    member.service.mounted(words.get(at + 1).filter(|word| word.starts_with('/'))?)
}

/// A password of redis that everybody tries, on the command line or in the file that it names.
fn tried_redis(reader: &mut Reader<'_>, query: &Query, member: &Member) -> Option<(&'static str, Vec<Loc>)> {
    if let Some((script, file)) = &member.service.started {
        for command in &script.commands {
            let given = command.words.iter().skip_while(|word| word.known() != Some("--requirepass")).nth(1);
            if let Some(word) = given {
                let tried = word.known().is_some_and(secrets::is_common_password);
                return tried.then(|| ("default", vec![Loc::new(*file, word.span)]));
            }
        }
    }
    let words = words(member);
    if words.iter().any(|word| matches!(*word, "--aclfile" | "--user")) {
        return None;
    }
    let path = redis_file(member, &words)?;
    let model = resolve(reader, query, &path, &redis::FORMAT)?;
    let kind = model.format.schema.kind_named("password")?;
    let ids = (0..).map(ScopeId).zip(&model.scopes).filter(|(_, scope)| scope.kind == kind && scope.open.is_none());
    let mut own = ids.filter(|(_, scope)| scope.label == "requirepass");
    let (id, scope) = own.next()?;
    (model.get(id, "guessable") == Some(&Value::Bool(true))).then(|| ("default", vec![scope.at]))
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
