//! What an nginx of the deployment does for a module before Django answers, or after.
//!
//! Only where all requests are seen to come through it: the services that run the module publish no port, and each is
//! passed requests by an nginx of its project whose configuration is at hand. Another proxy beside it may pass on what it likes.

use crate::deployment::{proxies, services};
use crate::formats::nginx::{self, Lead};
use crate::formats::python::service::Run;
use crate::model::{Model, ScopeId, Value};
use crate::text::Loc;
use crate::version::Targets;
use crate::workspace::{Query, Reader};

/// What is done on all ways to a module, each by its fact; nothing where that is not known.
pub(super) const FACTS: [&str; 6] = [
    "proxy_checks_hosts",
    "proxy_limits_frames",
    "proxy_redirects",
    "proxy_secures_cookies",
    "proxy_sends_hsts",
    "proxy_sends_nosniff",
];

/// The facts that are true, with the places that pass requests on.
pub(super) fn facts(reader: &mut Reader<'_>, query: &Query, runs: &[Run]) -> (Vec<&'static str>, Vec<Loc>) {
    let query = Query { environment: None, targets: Targets::default(), conditions: Vec::new(), ..query.clone() };
    let mut told: Vec<&'static str> = FACTS.to_vec();
    let mut places = Vec::new();
    for run in runs {
        let Ok(file) = reader.open(&run.project, None) else { return (Vec::new(), Vec::new()) };
        let all = services::services(reader, &query, file);
        let Some(mine) = all.iter().find(|service| *service.name == *run.service) else { continue };
        if mine.host_network || mine.open.is_some() || mine.published.iter().any(|port| port.beyond_host) {
            return (Vec::new(), Vec::new());
        }
        for proxy in all.iter().filter(|it| it.name != mine.name) {
            if is_unknown_proxy(proxy.image.as_deref()) {
                return (Vec::new(), Vec::new());
            }
            let image = crate::deployment::image(reader, &query, proxy);
            for path in proxies::configurations(reader, proxy, image.as_ref()) {
                let Some(model) = proxies::resolve(reader, &query, &path, proxy, image.as_ref()) else { continue };
                for lead in nginx::leads(&model) {
                    if mine.names.iter().any(|name| name.eq_ignore_ascii_case(&lead.host)) {
                        told.retain(|fact| holds(&model, &lead, fact));
                        places.push(lead.at);
                    }
                }
            }
        }
    }
    if places.is_empty() { (Vec::new(), places) } else { (told, places) }
}

/// Proxies whose behaviour is not known here.
fn is_unknown_proxy(image: Option<&str>) -> bool {
    let name = image.map(crate::formats::compose::base_name).unwrap_or_default();
    ["traefik", "caddy", "haproxy", "envoy", "cloudflared", "nginx-proxy", "ngrok"]
        .iter()
        .any(|it| name.starts_with(it))
}

/// Whether one way does it.
fn holds(model: &Model, lead: &Lead, fact: &str) -> bool {
    let schema = model.format.schema;
    let kind = |id: ScopeId| model.scope(id).map(|scope| schema.kind(scope.kind).name);
    let around: Vec<ScopeId> = model.ancestors(lead.scope).skip(1).map(|(id, _)| id).collect();
    let Some(&near) = around.first() else { return false };
    let Some(&server) = around.iter().find(|id| kind(**id) == Some("server")) else { return false };
    let is = |key: &str, value: bool| model.get(server, key) == Some(&Value::Bool(value));
    match fact {
        "proxy_checks_hosts" => is("names_checked", true),
        "proxy_redirects" => is("plain_content", false),
        "proxy_sends_hsts" => sends(model, near, "strict-transport-security"),
        "proxy_sends_nosniff" => sends(model, near, "x-content-type-options"),
        "proxy_limits_frames" => sends(model, near, "x-frame-options"),
        _ => secures_cookies(model, near),
    }
}

/// Whether a header line is in force.
fn sends(model: &Model, scope: ScopeId, name: &str) -> bool {
    let Some(Value::List(lines)) = model.get(scope, "sent_headers") else { return false };
    lines.iter().any(|line| match line.value {
        Value::Scope(id) => model.scope(id).is_some_and(|header| header.label.eq_ignore_ascii_case(name)),
        _ => false,
    })
}

/// Whether `proxy_cookie_flags` marks every cookie `secure`.
fn secures_cookies(model: &Model, scope: ScopeId) -> bool {
    let lines = match model.get(scope, "proxy_cookie_flags") {
        Some(Value::List(lines)) => lines.as_slice(),
        _ => return false,
    };
    lines.iter().filter_map(|line| line.value.as_str()).any(|line| {
        let mut words = line.split_ascii_whitespace();
        words.next() == Some("~") && words.any(|word| word == "secure")
    })
}
