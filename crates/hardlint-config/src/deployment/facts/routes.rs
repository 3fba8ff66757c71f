//! The ways on which an nginx of the deployment passes requests on to another service.

use super::Facts;
use crate::deployment::keys::ROUTE;
use crate::deployment::{Member, proxies};
use crate::formats::compose;
use crate::formats::nginx;
use crate::model::{Model, Scope, ScopeId, Value};
use crate::text::Loc;
use crate::workspace::{Query, Reader};

/// A way from one service to another.
pub(super) struct Route {
    /// The service that passes requests on.
    pub(super) from: usize,
    /// The service that gets them.
    pub(super) to: usize,
    /// Its port.
    pub(super) port: Option<u16>,
    /// Where it says so.
    pub(super) at: Loc,
    /// Its scope.
    pub(super) scope: ScopeId,
}

/// Adds the routes.
pub(super) fn fill(reader: &mut Reader<'_>, query: &Query, facts: &mut Facts<'_, '_>) -> Vec<Route> {
    let mut routes = Vec::new();
    let deployment = facts.deployment;
    for (from, member) in deployment.services.iter().enumerate() {
        for path in proxies::configurations(reader, &member.service, member.inside.as_deref()) {
            let Some(model) = proxies::resolve(reader, query, &path, &member.service, member.inside.as_deref()) else {
                continue;
            };
            for lead in nginx::leads(&model) {
                let Some(to) = deployment.named(&lead.host).filter(|to| *to != from) else { continue };
                let label = deployment.services.get(to).map(|it| it.name.clone()).unwrap_or_default();
                let parent = facts.scopes.get(from).copied();
                let scope = facts.model.push(Scope::new(ROUTE, label.clone(), parent, lead.at));
                routes.push(Route { from, to, port: lead.port, at: lead.at, scope });
                facts.put(scope, "target", Value::text(label), vec![lead.at]);
                let (encrypted, restricted) = guarded(&model, lead.scope);
                facts.put(scope, "encrypted", Value::Bool(encrypted), vec![lead.at]);
                facts.put(scope, "restricted", Value::Bool(restricted), vec![lead.at]);
                let console = deployment.services.get(to).and_then(|to| console(to, lead.port)).unwrap_or_default();
                facts.put(scope, "console", Value::text(console), vec![lead.at]);
            }
        }
    }
    routes
}

/// Whether clients get there over TLS alone, and whether only some do.
fn guarded(model: &Model, proxy: ScopeId) -> (bool, bool) {
    let schema = model.format.schema;
    let (mut encrypted, mut restricted) = (false, false);
    for (id, scope) in model.ancestors(proxy).skip(1) {
        let is = |key: &str| model.get(id, key) == Some(&Value::Bool(true));
        match schema.kind(scope.kind).name {
            "location" => restricted |= is("restricted"),
            "server" => encrypted |= model.get(id, "plain_content") == Some(&Value::Bool(false)),
            _ => {}
        }
        let own = |name: &str| schema.key(scope.kind, name).is_some_and(|key| scope.own.get(key).is_some());
        restricted |= ["auth_basic", "auth_request", "deny", "internal", "ssl_verify_client", "auth_jwt"]
            .iter()
            .any(|name| own(name));
        // What a file says that is not at hand may restrict as well.
        restricted |= scope.open.is_some();
    }
    (encrypted, restricted)
}

/// The management interface that answers on a port of a service.
fn console(service: &Member, port: Option<u16>) -> Option<&'static str> {
    compose::console(service.image.as_deref()?, i64::from(port?))
}
