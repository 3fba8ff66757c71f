//! What a published port leads past: a proxy of the project, or the service that is made to be asked in its place. Where
//! there is none, the port is how people come in, and on loopback nobody would.

use super::entrances;
use super::images;
use super::keys::{MOUNT, PORT};
use super::resolve::{Service, set};
use crate::model::{Model, Node, ScopeId, Value};
use crate::schema::KindId;
use std::collections::{BTreeMap, BTreeSet};

/// Ports that no visitor is meant to meet, whatever stands before the others: logins of administrators, what programs say
/// to each other, what is for debugging.
const NOT_FOR_VISITORS: &[i64] = &[
    22, 2222, // SSH.
    8793, // Airflow's log server.
    8888, // Notebooks, which run what visitors write.
    9229, // Node's debugger.
    9898, // Pgpool's control.
    31010, 32010, // JDBC, ODBC and Flight of Dremio.
];

/// Fills in, for every port of the services, what it leads past.
pub(super) fn fill(model: &mut Model, services: &[Service<'_>]) {
    let open: Vec<&Service<'_>> = services.iter().filter(|service| publishes(model, service)).collect();
    let proxies: Vec<ScopeId> =
        open.iter().filter(|service| is_proxy(model, service)).map(|service| service.id).take(2).collect();
    let mut asked: BTreeMap<&str, Vec<ScopeId>> = BTreeMap::new();
    for service in &open {
        for name in hosts(service) {
            let by = asked.entry(name).or_default();
            if by.len() < 2 && !by.contains(&service.id) {
                by.push(service.id);
            }
        }
    }
    let mut found: Vec<(ScopeId, &str)> = Vec::new();
    for service in &open {
        let another = |by: &[ScopeId]| by.iter().any(|id| *id != service.id);
        let behind_proxy = another(&proxies);
        let asked_by_another = asked.get(service.name).is_some_and(|by| another(by));
        let owns_host = owns_host(model, service);
        let answers = answers_anybody(service) || is_object_store(service);
        for port in inside(model, service.id, PORT) {
            let target = match model.get(port, "target") {
                Some(Value::Int(target)) => *target,
                _ => 0,
            };
            let protocol = NOT_FOR_VISITORS.contains(&target) && (target != 8888 || is_notebook(service)) || answers;
            let beside = match () {
                () if protocol => "protocol",
                () if behind_proxy => "proxy",
                () if asked_by_another => "inner",
                () if owns_host => "host",
                () => "",
            };
            found.push((port, beside));
        }
    }
    for (port, beside) in found {
        if let Some(at) = model.scope(port).map(|scope| scope.at) {
            set(model, port, "beside", Node::derived(Value::text(beside), at, Vec::new()));
        }
    }
    // Ports that nobody else reaches lead past nothing.
    let reached: BTreeSet<ScopeId> = open.iter().map(|service| service.id).collect();
    for service in services.iter().filter(|service| !reached.contains(&service.id)) {
        for port in inside(model, service.id, PORT) {
            if let Some(at) = model.scope(port).map(|scope| scope.at) {
                set(model, port, "beside", Node::derived(Value::text(""), at, Vec::new()));
            }
        }
    }
}

fn inside(model: &Model, service: ScopeId, kind: KindId) -> Vec<ScopeId> {
    let behind = (0..).map(ScopeId).zip(&model.scopes).skip(service.0 as usize + 1);
    let own = behind.take_while(|(_, scope)| scope.parent == Some(service));
    own.filter(|(_, scope)| scope.kind == kind).map(|(id, _)| id).collect()
}

fn publishes(model: &Model, service: &Service<'_>) -> bool {
    inside(model, service.id, PORT).iter().any(|port| model.get(*port, "binds_publicly") == Some(&Value::Bool(true)))
}

/// Whether a service stands before others: it is called so, or answers on the ports of the web.
fn is_proxy(model: &Model, service: &Service<'_>) -> bool {
    let image = service.node.value.entry("image").and_then(|node| images::reference(&node.value));
    let of_the_web = |port: &ScopeId| {
        matches!(model.get(*port, "published").and_then(Value::as_str), Some("80" | "443"))
            && model.get(*port, "binds_publicly") == Some(&Value::Bool(true))
    };
    entrances::is_proxy(service.name, image.as_deref()) || inside(model, service.id, PORT).iter().any(of_the_web)
}

/// Where a service is told that others answer: `api` of `http://api:7133/` and `api:7133`.
fn hosts<'s>(service: &'s Service<'_>) -> Vec<&'s str> {
    let command = service.node.value.entry("command").and_then(|node| node.value.as_list()).unwrap_or_default();
    let texts = service.environment.iter().map(|variable| &variable.node).chain(command);
    texts.filter_map(|node| node.value.as_str()).flat_map(hosts_in).collect()
}

fn hosts_in(text: &str) -> Vec<&str> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(of_name)).map(|start| at + start) {
        let rest = text.get(start..).unwrap_or_default();
        let end = start + rest.find(|c: char| !of_name(c)).unwrap_or(rest.len());
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
        let begins = before.is_empty() || before.ends_with(['/', '@', ',', '=', ' ']);
        let port = after.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if begins && (port || before.ends_with("://") && (after.is_empty() || after.starts_with('/'))) {
            found.extend(text.get(start..end));
        }
        at = end;
    }
    found
}

/// Whether whoever takes the service over has the host.
fn owns_host(model: &Model, service: &Service<'_>) -> bool {
    let privileged = service.node.value.entry("privileged").is_some_and(|node| node.value == Value::Bool(true));
    let socket = |mount: &ScopeId| {
        model.get(*mount, "control_socket").and_then(Value::as_str).is_some_and(|engine| !engine.is_empty())
    };
    privileged || inside(model, service.id, MOUNT).iter().any(socket)
}

/// Whether the reference of a service's image, but for its digest, has a word.
fn image_says(service: &Service<'_>, is: impl Fn(&str) -> bool) -> bool {
    let image = service.node.value.entry("image").and_then(|node| images::reference(&node.value)).unwrap_or_default();
    image.split('@').next().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric()).any(is)
}

fn is_notebook(service: &Service<'_>) -> bool {
    let is = |word: &str| matches!(word, "notebook" | "jupyter" | "jupyterlab");
    service.name.split(|c: char| !c.is_ascii_alphanumeric()).any(is) || image_says(service, is)
}

/// Whether the image hands out what a database holds to whoever asks.
fn answers_anybody(service: &Service<'_>) -> bool {
    image_says(service, |word| word == "postgrest")
}

/// Whether it is a store of files, whose protocol and whose pages are the administrator's.
fn is_object_store(service: &Service<'_>) -> bool {
    service.environment.iter().any(|variable| &*variable.name == "MINIO_ROOT_PASSWORD")
}

#[cfg(test)]
mod tests {
    use super::hosts_in;

    #[test]
    fn addresses_name_services() {
        for (text, expected) in [
            ("http://api:7133/x", &["api"][..]),
            ("api:7133", &["api"]),
            ("postgres://u:p@db:5432/x,cache:6379", &["db", "cache"]),
            ("http://api", &["api"]),
            ("10:30", &["10"]),
            ("api is up: 7", &[]),
        ] {
            assert_eq!(hosts_in(text), expected, "{text}");
        }
    }
}
