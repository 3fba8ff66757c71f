//! What a published port leads past: a proxy of the project, or the service that is made to be asked in its place. Where
//! there is none, the port is how people come in, and on loopback nobody would.

use super::entrances;
use super::keys::{MOUNT, PORT};
use super::resolve::{Service, set};
use crate::model::{Model, Node, ScopeId, Text, Value};
use crate::schema::KindId;

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
    let open: Vec<bool> = services.iter().map(|service| publishes(model, service)).collect();
    for (index, service) in services.iter().enumerate() {
        let others = || services.iter().zip(&open).enumerate().filter(|(other, _)| *other != index);
        let behind_proxy = others().any(|(_, (other, open))| *open && is_proxy(model, other));
        let asked_by_another = others().any(|(_, (other, open))| *open && asks(other, service.name));
        let owns_host = owns_host(model, service);
        for port in inside(model, service.id, PORT) {
            let Some(at) = model.scope(port).map(|scope| scope.at) else { continue };
            let target = match model.get(port, "target") {
                Some(Value::Int(target)) => *target,
                _ => 0,
            };
            let protocol = NOT_FOR_VISITORS.contains(&target) && (target != 8888 || is_notebook(service))
                || answers_anybody(service)
                || is_object_store(service);
            let beside = match () {
                () if protocol => "protocol",
                () if behind_proxy => "proxy",
                () if asked_by_another => "inner",
                () if owns_host => "host",
                () => "",
            };
            set(model, port, "beside", Node::derived(Value::text(beside), at, Vec::new()));
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
    let image = service.node.value.entry("image").and_then(|node| node.value.as_str());
    let of_the_web = |port: &ScopeId| {
        matches!(model.get(*port, "published").and_then(Value::as_str), Some("80" | "443"))
            && model.get(*port, "binds_publicly") == Some(&Value::Bool(true))
    };
    entrances::is_proxy(service.name, image) || inside(model, service.id, PORT).iter().any(of_the_web)
}

/// Whether a service is told where another one answers: `http://api:7133`, `api:7133`.
fn asks(service: &Service<'_>, name: &str) -> bool {
    let names = |text: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let after = text.get(at + name.len()..).unwrap_or_default();
            let begins = before.is_empty() || before.ends_with(['/', '@', ',', '=', ' ']);
            let port = after.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            begins && (port || before.ends_with("://") && (after.is_empty() || after.starts_with('/')))
        })
    };
    let text = |node: &Node| matches!(&node.value, Value::Text(Text::Known(text)) if names(text));
    let command = service.node.value.entry("command").and_then(|node| node.value.as_list()).unwrap_or_default();
    service.environment.iter().any(|variable| text(&variable.node)) || command.iter().any(text)
}

/// Whether whoever takes the service over has the host.
fn owns_host(model: &Model, service: &Service<'_>) -> bool {
    let privileged = service.node.value.entry("privileged").is_some_and(|node| node.value == Value::Bool(true));
    let socket = |mount: &ScopeId| {
        model.get(*mount, "control_socket").and_then(Value::as_str).is_some_and(|engine| !engine.is_empty())
    };
    privileged || inside(model, service.id, MOUNT).iter().any(socket)
}

fn image_words<'s>(service: &'s Service<'_>) -> impl Iterator<Item = &'s str> {
    let image = service.node.value.entry("image").and_then(|node| node.value.as_str()).unwrap_or_default();
    image.split('@').next().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric())
}

fn is_notebook(service: &Service<'_>) -> bool {
    let names = service.name.split(|c: char| !c.is_ascii_alphanumeric()).chain(image_words(service));
    names.into_iter().any(|word| matches!(word, "notebook" | "jupyter" | "jupyterlab"))
}

/// Whether the image hands out what a database holds to whoever asks.
fn answers_anybody(service: &Service<'_>) -> bool {
    image_words(service).any(|word| word == "postgrest")
}

/// Whether it is a store of files, whose protocol and whose pages are the administrator's.
fn is_object_store(service: &Service<'_>) -> bool {
    service.environment.iter().any(|variable| &*variable.name == "MINIO_ROOT_PASSWORD")
}
