//! The ways on which an nginx of the deployment passes requests on to machines beyond it.
//!
//! Only to those that everybody can look up or reach: whoever owns the network between is not known then. A name that
//! Compose or the hosts file of the container gives to something is none of them.

use super::Facts;
use crate::deployment::fronts::Server;
use crate::deployment::keys::EXIT;
use crate::formats::nginx;
use crate::model::{Scope, ScopeId, Value};
use std::collections::BTreeSet;

/// Ways beyond which no more are judged.
const MAX_EXITS: usize = 5_000;
/// Names of places that serve files to everybody, over HTTP alone.
const HTTP_ONLY: &str = ".s3-website";

/// Adds the ways. `reached` are the services that other machines reach.
pub(super) fn fill(facts: &mut Facts<'_, '_>, reached: &BTreeSet<usize>) {
    let deployment = facts.deployment;
    let mut left = MAX_EXITS;
    for (from, member) in deployment.services.iter().enumerate() {
        for model in &member.nginx {
            for lead in nginx::leads(model) {
                let Some(server) = Server::around(model, lead.scope).filter(|_| left > 0) else { continue };
                let known = deployment.names_any(&lead.host) || is_in_hosts(facts, member.scope(), &lead.host);
                if known || !lead.public || lead.host.contains(HTTP_ONLY) {
                    continue;
                }
                left -= 1;
                let parent = facts.scopes.get(from).copied();
                let scope = facts.model.push(Scope::new(EXIT, lead.host.as_str(), parent, lead.at));
                let answers = reached.contains(&from) && server.is_published(model, &member.service);
                facts.put(scope, "target", Value::text(lead.host.as_str()), vec![lead.at]);
                facts.put(scope, "clear_text", Value::Bool(lead.clear), vec![lead.at]);
                facts.put(scope, "encrypted", Value::Bool(server.any_tls(model)), vec![lead.at]);
                facts.put(scope, "reached", Value::Bool(answers), vec![lead.at]);
            }
        }
    }
}

/// Whether Compose writes a name into the container's hosts file.
fn is_in_hosts(facts: &Facts<'_, '_>, service: ScopeId, host: &str) -> bool {
    match facts.project.get(service, "extra_hosts") {
        Some(Value::List(lines)) => lines.iter().any(|line| {
            let name = line.value.as_str().and_then(|line| line.split(['=', ':']).next());
            name.is_none_or(|name| name.eq_ignore_ascii_case(host))
        }),
        // A map is of names without an address.
        Some(Value::Map(_)) | None => false,
        Some(_) => true,
    }
}
