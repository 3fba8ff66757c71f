//! What an nginx of the deployment does for a module before Django answers, or after.
//!
//! Only where all requests are seen to come through it: the services that run the module publish no port, and each is
//! passed requests by an nginx of its project whose configuration is at hand. Another proxy beside it may pass on what it likes.

use crate::deployment::fronts::Server;
use crate::deployment::images::{self, Part};
use crate::deployment::services::Service;
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
        let Ok(file) = reader.open(&run.project, None) else { return NOTHING };
        let all = services::services(reader, &query, file);
        let Some(mine) = all.iter().find(|service| *service.name == *run.service) else { continue };
        let by_others =
            mine.joins_others || mine.routed || mine.variables.iter().any(|(name, _)| name == "VIRTUAL_HOST");
        if is_open(mine) || mine.open.is_some() || by_others {
            return NOTHING;
        }
        for proxy in all.iter().filter(|it| it.name != mine.name) {
            let image = crate::deployment::image(reader, &query, proxy);
            let paths = proxies::configurations(reader, proxy, image.as_ref());
            if paths.is_empty() && may_pass_on(proxy, image.as_ref()) {
                return NOTHING;
            }
            for path in paths {
                let Some(model) = proxies::resolve(reader, &query, &path, proxy, image.as_ref()) else {
                    return NOTHING;
                };
                if !nginx::leads_are_known(&model) {
                    return NOTHING;
                }
                for lead in nginx::leads(&model) {
                    if mine.names.iter().any(|name| name.eq_ignore_ascii_case(&lead.host)) {
                        told.retain(|fact| holds(&model, &lead, fact));
                        places.push(lead.at);
                    }
                }
            }
        }
    }
    if places.is_empty() { NOTHING } else { (told, places) }
}

const NOTHING: (Vec<&str>, Vec<Loc>) = (Vec::new(), Vec::new());

/// Whether other machines reach a service.
fn is_open(service: &Service) -> bool {
    service.host_network || service.published.iter().any(|port| port.beyond_host)
}

/// Whether a service without a configuration of nginx that is at hand may be a proxy: one that other machines reach, and of
/// which it is not known what it is.
fn may_pass_on(service: &Service, image: Option<&Service>) -> bool {
    let known = images::of(service.image.as_deref(), image.and_then(|image| image.image.as_deref()));
    match known {
        Some((_, part)) => part == Part::Proxy,
        // What is built here runs code of the project.
        None => is_open(service) && service.built.is_none(),
    }
}

/// Whether one way does it.
fn holds(model: &Model, lead: &Lead, fact: &str) -> bool {
    let (Some((near, _)), Some(server)) = (model.ancestors(lead.scope).nth(1), Server::around(model, lead.scope))
    else {
        return false;
    };
    match fact {
        "proxy_checks_hosts" => checks_hosts(model, lead, server.0),
        "proxy_redirects" => server.only_tls(model),
        "proxy_sends_hsts" => sends(model, near, "strict-transport-security", lasts),
        "proxy_sends_nosniff" => {
            sends(model, near, "x-content-type-options", |value| value.eq_ignore_ascii_case("nosniff"))
        }
        "proxy_limits_frames" => sends(model, near, "x-frame-options", |value| {
            ["deny", "sameorigin"].iter().any(|known| value.eq_ignore_ascii_case(known))
        }),
        _ => lead.directive == "proxy_pass" && secures_cookies(model, near),
    }
}

/// Whether only names that the file spells out get through, and go on as the Host that Django sees.
fn checks_hosts(model: &Model, lead: &Lead, server: ScopeId) -> bool {
    let names = model.get(server, "server_name").and_then(Value::as_list).unwrap_or_default();
    let spelt = |name: &str| !name.starts_with('~') && !name.contains('*') && !matches!(name, "" | "_");
    let spelt = !names.is_empty() && names.iter().all(|name| name.value.as_str().is_some_and(spelt));
    let passed = model.get(lead.scope, "passed_host").and_then(Value::as_str).unwrap_or_default();
    let passed = matches!(passed, "$host" | "$server_name" | "$host:$server_port" | "$proxy_host");
    let checked = model.get(server, "names_checked") == Some(&Value::Bool(true)) && spelt;
    passed && (checked || compares_host(model, server))
}

/// Whether a condition of the server answers all requests for another name than one: `if ($host != shop.example) { return 444; }`.
fn compares_host(model: &Model, server: ScopeId) -> bool {
    let Some(kind) = model.format.schema.kind_named("if") else { return false };
    let key = model.format.schema.key(kind, "return");
    model.scopes.iter().filter(|scope| scope.kind == kind && scope.parent == Some(server)).any(|scope| {
        let answers = key.is_some_and(|key| scope.own.get(key).is_some());
        answers && ["($host != ", "($host !~"].iter().any(|start| scope.label.starts_with(start))
    })
}

/// Whether a policy lasts as long as is asked of Django's.
fn lasts(value: &str) -> bool {
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let seconds = parts.find_map(|part| part.strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
    seconds.is_some_and(|seconds| seconds >= 15_768_000)
}

/// Whether a header line is in force whose value does what is meant.
fn sends(model: &Model, scope: ScopeId, name: &str, means: impl Fn(&str) -> bool) -> bool {
    let Some(Value::List(lines)) = model.get(scope, "sent_headers") else { return false };
    lines.iter().any(|line| match line.value {
        Value::Scope(id) => {
            let named = model.scope(id).is_some_and(|header| header.label.eq_ignore_ascii_case(name));
            named && model.get(id, "value").and_then(Value::as_str).is_some_and(|value| means(value.trim()))
        }
        _ => false,
    })
}

/// Whether `proxy_cookie_flags` marks every cookie `secure`: of several lines the first that fits decides.
fn secures_cookies(model: &Model, scope: ScopeId) -> bool {
    let first = match model.get(scope, "proxy_cookie_flags") {
        Some(Value::List(lines)) => lines.first().and_then(|line| line.value.as_str()),
        _ => None,
    };
    first.is_some_and(|line| {
        let mut words = line.split_ascii_whitespace();
        words.next() == Some("~") && words.any(|word| word == "secure")
    })
}
