//! Private keys that an nginx is given, and that it does not use: it was meant to speak TLS, and speaks none.
//!
//! Only where all that it reads is at hand, and only for a file that is mounted by itself: a folder may be there for what
//! obtains certificates later on. Where the port of HTTPS is published as well, nobody answers on it until the
//! configuration is another one.

use super::Facts;
use crate::deployment::Member;
use crate::loader;
use crate::model::{Model, Value};
use crate::text::Loc;

/// Says of each service which key it is given for nothing.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, member) in deployment.services.iter().enumerate() {
        let speaks_none = !member.nginx.is_empty() && member.nginx.iter().all(|model| speaks_no_tls(model));
        let key = member.service.mounts.iter().find(|mount| is_key(&mount.target));
        let found = key.map(|mount| (mount.target.clone(), mount.at));
        let found = found.or_else(|| certificates(facts, member));
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
            matches!(target, "/etc/nginx" | "/etc/nginx/conf.d" | "/etc/nginx/sites-enabled" | "/etc/nginx/templates")
                || target.starts_with("/etc/nginx/")
                    && target.rsplit_once('.').is_some_and(|(_, ending)| ending == "conf");
        read && !text("source").is_some_and(|source| source == "." || source.starts_with("./"))
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
        (folder && (says(target) || says(source))).then(|| Some((target.to_owned(), project.scope(mount)?.at)))?
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
    model.scopes.iter().any(|scope| Some(scope.kind) == socket)
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
