//! The ways on which an nginx of the deployment passes requests on to another service.

use super::Facts;
use crate::deployment::Member;
use crate::deployment::applications;
use crate::deployment::fronts::Server;
use crate::deployment::keys::ROUTE;
use crate::formats::{compose, nginx};
use crate::loader::Loader;
use crate::model::{Model, Scope, ScopeId, Text, Value};
use crate::syntax::shell::Word;
use crate::text::Loc;

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
    /// Whether the server that it belongs to answers on a port that is published.
    pub(super) answers: bool,
    /// Whether the server keeps anything or anybody from it: it speaks TLS, turns clients away, or limits them.
    pub(super) guards: bool,
    /// Where the ports are published that the server answers on.
    pub(super) ports: Vec<Loc>,
}

/// Routes beyond which no more are judged: many proxies that share one configuration multiply them.
const MAX_ROUTES: usize = 5_000;

/// Adds the routes.
pub(super) fn fill(loader: &dyn Loader, facts: &mut Facts<'_, '_>) -> Vec<Route> {
    let mut routes = Vec::new();
    let deployment = facts.deployment;
    for (from, member) in deployment.services.iter().enumerate() {
        for model in &member.nginx {
            if routes.len() > MAX_ROUTES {
                return routes;
            }
            for lead in nginx::leads(model) {
                let Some(to) = deployment.named(from, &lead.host) else { continue };
                let label = deployment.services.get(to).map(|it| it.name.clone()).unwrap_or_default();
                let parent = facts.scopes.get(from).copied();
                let scope = facts.model.push(Scope::new(ROUTE, label.clone(), parent, lead.at));
                let server = Server::around(model, lead.scope);
                let answers = server.as_ref().is_none_or(|server| server.is_published(model, &member.service));
                let restricted = restricted(model, lead.scope);
                let tls = server.as_ref().is_some_and(|server| server.any_tls(model));
                let guards = tls || restricted || limits(model, lead.scope);
                let ports = published(server.as_ref(), model, member);
                routes.push(Route { from, to, port: lead.port, at: lead.at, scope, answers, guards, ports });
                facts.put(scope, "target", Value::text(label), vec![lead.at]);
                let encrypted = server.as_ref().is_some_and(|server| server.only_tls(model));
                facts.put(scope, "encrypted", Value::Bool(encrypted), vec![lead.at]);
                facts.put(scope, "restricted", Value::Bool(restricted), vec![lead.at]);
                let service = deployment.services.get(to);
                let (console, asks) = service.and_then(|to| console(loader, to, lead.port)).unwrap_or_default();
                facts.put(scope, "console", Value::text(console), vec![lead.at]);
                facts.put(scope, "console_asks", Value::Bool(asks), vec![lead.at]);
            }
        }
    }
    routes
}

/// Where the ports are published that the server answers on.
fn published(server: Option<&Server>, model: &Model, member: &Member) -> Vec<Loc> {
    let Some(server) = server else { return Vec::new() };
    let ports = server.ports(model);
    let all = member.service.published.iter().filter(|port| port.beyond_host && ports.contains(&port.inside));
    all.map(|port| port.at).collect()
}

/// Whether clients are kept to a number of requests or connections.
fn limits(model: &Model, proxy: ScopeId) -> bool {
    let mut around = model.ancestors(proxy).skip(1);
    around.next().is_some_and(|(near, _)| ["limit_req", "limit_conn"].iter().any(|key| model.get(near, key).is_some()))
}

/// Whether only some clients get there, as far as is known.
fn restricted(model: &Model, proxy: ScopeId) -> bool {
    let schema = model.format.schema;
    let around: Vec<ScopeId> = model.ancestors(proxy).skip(1).map(|(id, _)| id).collect();
    let Some(&near) = around.first() else { return true };
    let text = |key: &str| match model.get(near, key) {
        Some(Value::Text(Text::Known(text))) => Some(text.to_string()),
        Some(Value::List(words)) => words.first().and_then(|word| word.value.as_str()).map(str::to_owned),
        _ => None,
    };
    let asks = |key: &str| text(key).is_some_and(|value| value != "off");
    if asks("auth_basic")
        || asks("auth_request")
        || asks("auth_jwt")
        || text("ssl_verify_client").as_deref() == Some("on")
    {
        return true;
    }
    around.iter().filter_map(|id| model.scope(*id)).any(|scope| {
        let own = |name: &str| schema.key(scope.kind, name).and_then(|key| scope.own.get(key));
        let denies_all = own("deny").is_some_and(|node| match &node.value {
            Value::List(lines) => lines.iter().any(|line| line.value.as_str() == Some("all")),
            value => value.as_str() == Some("all"),
        });
        // What a file says that is not at hand may restrict as well, and so may a condition.
        let kind = schema.kind(scope.kind).name;
        denies_all || own("internal").is_some() || scope.open.is_some() || kind == "if"
    }) || around.iter().any(|id| has_refusing_if(model, *id))
}

/// Whether a block has an `if` that answers by itself.
fn has_refusing_if(model: &Model, id: ScopeId) -> bool {
    let Some(kind) = model.format.schema.kind_named("if") else { return false };
    model.scopes.iter().any(|scope| scope.kind == kind && scope.parent == Some(id))
}

/// The management interface that answers on a port of a service, and whether it was told to ask for a login.
fn console(loader: &dyn Loader, service: &Member, port: Option<u16>) -> Option<(&'static str, bool)> {
    let variables: Vec<&str> = [Some(&service.service), service.inside.as_deref()]
        .into_iter()
        .flatten()
        .flat_map(|it| &it.variables)
        .map(|(name, _)| name.as_str())
        .collect();
    let words = applications::words(loader, &service.service, service.inside.as_deref());
    // What a variable ends (`--basic_auth=$USERS`) tells by its beginning.
    let started = service.service.started.iter().flat_map(|(script, _)| &script.commands).flat_map(|it| &it.words);
    let words: Vec<&str> = words.iter().map(String::as_str).chain(started.map(Word::start)).collect();
    let image = service.image.as_deref().filter(|_| service.service.built.is_none());
    let behind = compose::Behind { name: &service.name, image, variables: &variables, words: &words };
    compose::console(&behind, i64::from(port?))
}
