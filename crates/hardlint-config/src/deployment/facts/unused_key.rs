//! Private keys that an nginx is given, and that it does not use: it was meant to speak TLS, and speaks none.
//!
//! Only where all that it reads is at hand, and only for a file that is mounted by itself: a folder may be there for what
//! obtains certificates later on. Where the port of HTTPS is published as well, nobody answers on it until the
//! configuration is another one.

use super::Facts;
use crate::deployment::Member;
use crate::loader;
use crate::model::{Model, ScopeId, Value};
use crate::text::Loc;

/// Says of each service which key it is given for nothing.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, member) in deployment.services.iter().enumerate() {
        let speaks_none = !member.nginx.is_empty()
            && member.nginx.iter().all(|model| speaks_no_tls(model))
            && member.nginx.iter().any(|model| answers(model))
            && starts_nginx_alone(member);
        let is_unused = |target: &str| !member.nginx.iter().any(|model| names_path(model, target));
        let key = member.service.mounts.iter().find(|mount| is_key(&mount.target) && is_unused(&mount.target));
        let found = key.map(|mount| (mount.target.clone(), mount.at));
        let found = found.or_else(|| certificates(facts, member).filter(|(target, _)| is_unused(target)));
        match found.filter(|_| speaks_none && member.open && !reads_more(facts, member)) {
            Some((path, at)) => facts.text(index, "unused_key", &path, vec![at]),
            None => facts.text(index, "unused_key", "", Vec::new()),
        }
    }
}

/// Whether nginx is given files of the host or of a volume where it looks for its configuration.
fn reads_more(facts: &Facts<'_, '_>, member: &Member) -> bool {
    let project = facts.project;
    facts.mounts.get(&member.scope()).into_iter().flatten().any(|&mount| {
        let text = |key: &str| project.get(mount, key).and_then(Value::as_str);
        let target = text("target").unwrap_or_default().trim_end_matches('/');
        let read =
            // Scripts that the image runs before nginx may write whatever they like.
            target.starts_with("/docker-entrypoint.d")
                || matches!(target, "/etc/nginx" | "/etc/nginx/conf.d" | "/etc/nginx/sites-enabled" | "/etc/nginx/templates")
                || target.starts_with("/etc/nginx/")
                    && target.rsplit_once('.').is_some_and(|(_, ending)| ending == "conf");
        let here = text("source").is_some_and(|source| source == "." || source.starts_with("./"));
        read && (!here || target.starts_with("/docker-entrypoint.d"))
    })
}

/// A folder with certificates that a service is given, where other machines reach its port of HTTPS.
fn certificates(facts: &Facts<'_, '_>, member: &Member) -> Option<(String, Loc)> {
    if !member.service.published.iter().any(|port| port.beyond_host && port.inside == 443) {
        return None;
    }
    let project = facts.project;
    facts.mounts.get(&member.scope()).into_iter().flatten().find_map(|&mount| {
        let target = project.get(mount, "target")?.as_str()?;
        let source = project.get(mount, "source").and_then(Value::as_str).unwrap_or_default();
        let is = |word: &str| matches!(word, "cert" | "certs" | "certificates" | "letsencrypt" | "ssl" | "tls");
        let says = |path: &str| path.split(|c: char| !c.is_ascii_alphanumeric()).any(is);
        // What certificates are asked for with says nothing of them.
        let folder = !loader::name(target).contains('.');
        // Whom a machine trusts says nothing of itself.
        let trusted = [target, source].iter().any(|path| {
            let path = path.trim_end_matches('/');
            path == "/etc/ssl/certs" || path.starts_with("/etc/pki/ca-trust") || path.contains("/ca-certificates")
        });
        (folder && !trusted && (says(target) || says(source)))
            .then(|| Some((target.to_owned(), project.scope(mount)?.at)))?
    })
}

/// Whether a path is that of a private key, by its name.
fn is_key(path: &str) -> bool {
    let name = loader::name(path).to_ascii_lowercase();
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    match ending {
        "key" => !stem.contains("pub"),
        "pem" => stem == "key" || stem == "privkey" || ["-key", "_key", ".key"].iter().any(|end| stem.ends_with(end)),
        _ => false,
    }
}

/// Whether what a container starts is nginx and nothing that could write its configuration before.
fn starts_nginx_alone(member: &Member) -> bool {
    const OWN: &[&str] = &["nginx", "nginx-debug", "docker-entrypoint.sh"];
    let own = |command: &crate::syntax::shell::Command| command.program().is_some_and(|program| OWN.contains(&program));
    let scripts = [&member.service.started, &member.service.entry];
    scripts.into_iter().flatten().all(|(script, _)| script.commands.iter().all(own))
}

/// Whether a configuration has pages for people, which are neither redirects nor what proves that a name is ours.
fn answers(model: &Model) -> bool {
    let location = model.format.schema.kind_named("location");
    (0..).map(ScopeId).zip(&model.scopes).any(|(id, scope)| {
        Some(scope.kind) == location
            && !scope.label.contains("/.well-known/")
            && model.get(id, "serves_content") != Some(&Value::Bool(false))
    })
}

/// Whether a directive names what is mounted at a path, or what lies below it.
fn names_path(model: &Model, target: &str) -> bool {
    fn names(value: &Value, target: &str) -> bool {
        match value {
            Value::List(list) => list.iter().any(|node| names(&node.value, target)),
            other => other.as_str().is_some_and(|text| {
                text.split_whitespace().any(|word| {
                    let rest = word.strip_prefix(target);
                    rest.is_some_and(|rest| rest.is_empty() || target.ends_with('/') || rest.starts_with('/'))
                })
            }),
        }
    }
    model.scopes.iter().any(|scope| scope.own.iter().any(|(_, node)| names(&node.value, target)))
}

/// Whether no server of a configuration names a certificate, and nothing is read that is not at hand.
fn speaks_no_tls(model: &Model) -> bool {
    const NAMES: &[&str] = &["ssl_certificate", "ssl_certificate_key", "ssl_certificate_by_lua_block"];
    let names = |scope: &crate::model::Scope| {
        NAMES
            .iter()
            .any(|name| model.format.schema.key(scope.kind, name).is_some_and(|key| scope.own.get(key).is_some()))
    };
    let socket = model.format.schema.kind_named("socket");
    let is_clear = |scope: &crate::model::Scope| {
        Some(scope.kind) != socket
            || model.format.schema.key(scope.kind, "tls").and_then(|key| scope.own.get(key)).map(|node| &node.value)
                == Some(&Value::Bool(false))
    };
    let stream = model.format.schema.kind_named("stream");
    model.scopes.iter().any(|scope| Some(scope.kind) == socket)
        // What is passed on as it comes may be TLS.
        && !model.scopes.iter().any(|scope| Some(scope.kind) == stream)
        && model.scopes.iter().all(|scope| scope.open.is_none() && !names(scope) && is_clear(scope))
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn keys_are_known_by_their_names() {
        for (path, expected) in [
            ("/etc/nginx/key.pem", true),
            ("/etc/nginx/ssl/shop.key", true),
            ("/certs/server-key.pem", true),
            ("/etc/letsencrypt/live/a/privkey.pem", true),
            ("/etc/nginx/cert.pem", false),
            ("/etc/nginx/pub.key", false),
            ("/etc/nginx/certs", false),
        ] {
            assert_eq!(is_key(path), expected, "{path}");
        }
    }
}
