//! Facts about services, ports, mounts and capabilities: what follows from their settings for anybody who knows Docker
//! and the images. It says what is, never what is wrong.

use super::entrances;
use super::images::{self, Class, Target};
use super::keys::{CAPABILITY, MOUNT, PORT};
use super::load::Loaded;
use super::resolve::{Service, set};
use super::secrets;
use super::{ages, beside, builds, consoles, development, headings, host, limits, passwords};
use crate::deployment::role::{self, Role};
use crate::loader;
use crate::model::{Model, Node, ScopeId, Str, Text, Value, Why};
use crate::private_keys;
use crate::schema::KindId;
use crate::text::Loc;
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};

/// Fills in the facts of all scopes.
pub(super) fn fill(reader: &Reader<'_>, query: &Query, model: &mut Model, loaded: &Loaded, services: &[Service<'_>]) {
    let awaited = awaited(services);
    let mut exposed = BTreeMap::new();
    let names: BTreeSet<&str> = services.iter().map(|service| service.name).collect();
    let devices = devices(loaded);
    let mut keys = BTreeSet::new();
    for service in services {
        let alone = services.len() == 1;
        exposed.insert(service.id, self::service(reader, model, service, &awaited, alone));
        for id in children(model, service.id, MOUNT) {
            device(model, id, &devices);
        }
        opened(reader, model, service, &names);
        tracked_keys(reader, query, model, service, &mut keys);
        root_by(reader, query, model, service);
        activated(model, service, loaded);
        limits::fill(model, service);
    }
    beside::fill(model, services);
    if !query.isolated {
        development::fill(reader, model, ScopeId(0), services);
        headings::fill(reader, model, services);
    }
    secrets::fill(reader, model, loaded, services, &exposed);
    ages::fill(model, services);
}

/// The canonical name of a capability: upper case, without `CAP_`.
pub(super) fn capability_name(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").map_or_else(|| upper.clone(), str::to_owned)
}

/// Services that others wait for to end.
fn awaited<'l>(services: &[Service<'l>]) -> BTreeSet<&'l str> {
    let mut found = BTreeSet::new();
    for service in services {
        let Some(Value::Map(entries)) = service.node.value.entry("depends_on").map(|node| &node.value) else {
            continue;
        };
        for entry in entries {
            let condition = entry.node.value.entry("condition").and_then(|node| node.value.as_str());
            if condition == Some("service_completed_successfully") {
                found.insert(&*entry.key);
            }
        }
    }
    found
}

/// What a service holds of one kind. The scopes of a service follow it without a gap, so that the search ends with them
/// and does not see all others of the file.
fn children(model: &Model, service: ScopeId, kind: KindId) -> Vec<ScopeId> {
    let behind = model.scopes.iter().enumerate().skip(service.0 as usize + 1);
    behind
        .take_while(|(_, scope)| scope.parent == Some(service))
        .filter(|(_, scope)| scope.kind == kind)
        .filter_map(|(at, _)| u32::try_from(at).ok().map(ScopeId))
        .collect()
}

/// Fills in one service and what it holds; tells whether it can be reached from outside.
fn service(
    reader: &Reader<'_>,
    model: &mut Model,
    service: &Service<'_>,
    awaited: &BTreeSet<&str>,
    alone: bool,
) -> bool {
    let header = model.scope(service.id).map_or_else(|| service.node.at, |scope| scope.at);
    let image = service.node.value.entry("image");
    let reference = image.and_then(|node| images::reference(&node.value));
    let reference = reference.as_deref();
    let class = reference.and_then(images::class);
    let class_name = match class {
        Some(Class::Store) => "store",
        Some(Class::Monitor) => "monitor",
        Some(Class::Network) => "network",
        Some(Class::SocketProxy) => "socket-proxy",
        None => "",
    };
    let from = image.map_or(header, |node| node.at);
    let named = Node::derived(Value::text(class_name), from, Vec::new());
    set(model, service.id, "image_class", named.clone());
    let inside = |kind| children(model, service.id, kind);
    let (ports, mounts, capabilities) = (inside(PORT), inside(MOUNT), inside(CAPABILITY));
    let base = if reference.is_none() && !ports.is_empty() { builds::base(reader, service.node) } else { None };
    let host = service.node.value.entry("network_mode").is_some_and(|node| node.value.as_str() == Some("host"));
    let mut public = false;
    for &port in &ports {
        set(model, port, "service_image", named.clone());
        public |= self::port(reader, model, port, reference.or(base.as_deref()), host);
    }
    overridden(model, &ports);
    for mount in mounts {
        self::mount(model, mount);
    }
    for capability in capabilities {
        let scope = model.scope(capability);
        let (label, at) = scope.map_or((Str::default(), header), |scope| (scope.label.clone(), scope.at));
        // Who opens tunnels sets up networks, whatever the image is called.
        let tunnels = || host::devices(service).any(|device| device == "/dev/net/tun");
        let tunnel = class.is_none() && label.as_str() == "NET_ADMIN" && tunnels();
        let named = if tunnel { Node::derived(Value::text("network"), from, Vec::new()) } else { named.clone() };
        set(model, capability, "service_image", named);
        set(model, capability, "danger", Node::derived(Value::text(danger(&label)), at, vec![at]));
    }
    let exposed = public || host;
    set(model, service.id, "exposed", Node::derived(Value::Bool(exposed), header, Vec::new()));
    let one_shot = awaited.contains(service.name) || sounds_one_shot(service);
    set(model, service.id, "one_shot", Node::derived(Value::Bool(one_shot), header, Vec::new()));
    let open = model.scope(service.id).is_some_and(|scope| scope.open.is_some());
    let written = |at: Loc| !reader.slice(at).contains('$');
    let (passwordless, at) = match passwords::asked(service, reference, header, open, &written) {
        // Nobody reaches it: neither another service nor who is outside.
        (why, at) if why != "switch" && alone && !exposed && service.node.value.entry("networks").is_none() => ("", at),
        found => found,
    };
    set(model, service.id, "passwordless", Node::derived(Value::text(passwordless), at, vec![at]));
    exposed
}

/// What opens the host or the deployment to whoever reaches the service.
fn opened(reader: &Reader<'_>, model: &mut Model, service: &Service<'_>, names: &BTreeSet<&str>) {
    let header = model.scope(service.id).map_or_else(|| service.node.at, |scope| scope.at);
    let reference = service.node.value.entry("image").and_then(|node| images::reference(&node.value));
    let reference = reference.as_deref();
    let list = |nodes: Vec<Node>| {
        let from: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
        Node::derived(Value::List(nodes), from.first().copied().unwrap_or(header), from)
    };
    set(model, service.id, "raw_devices", list(host::raw_devices(service)));
    set(model, service.id, "docker_api", list(host::docker_api(service, reference, names)));
    let shares_host = part(model, service.id, "network_mode").is_some_and(|node| node.value.as_str() == Some("host"));
    let mut insecure = consoles::traefik(service);
    let mut reached = shares_host;
    let base = if reference.is_none() { builds::base(reader, service.node) } else { None };
    for port in children(model, service.id, PORT) {
        let Some(at) = model.scope(port).map(|scope| scope.at) else { continue };
        let target = match part(model, port, "target").map(|node| &node.value) {
            Some(Value::Int(target)) => Some(*target),
            _ => None,
        };
        let public = part(model, port, "binds_publicly").is_some_and(|node| node.value == Value::Bool(true));
        reached |= public && insecure.as_ref().is_some_and(|(_, inside)| target == Some(*inside));
        let on = |target| {
            let of_base = || consoles::on_base(base.as_deref()?, target);
            consoles::on(service, reference, target).or_else(of_base)
        };
        let (title, reach) = match target.map(on) {
            Some(Some((title, reach))) => (Value::text(title), Value::text(reach.name())),
            Some(None) => (Value::text(""), Value::text("")),
            None if entry_size(model, port) > 1 => (Value::text(""), Value::text("")),
            None => {
                let unknown = Value::Unknown(Why::Runtime("the port".into()));
                (unknown.clone(), unknown)
            }
        };
        let entrance = target.is_some_and(|target| entrances::is_entrance(service.name, reference, target));
        set(model, port, "entrance", Node::derived(Value::Bool(entrance), at, Vec::new()));
        let asks = images::asks_by_itself(service, reference);
        set(model, port, "store_asks", Node::derived(Value::Bool(asks), at, Vec::new()));
        set(model, port, "console", Node::derived(title, at, vec![at]));
        set(model, port, "console_reach", Node::derived(reach, at, vec![at]));
    }
    let flags = insecure.take().filter(|_| reached).map(|(flags, _)| flags).unwrap_or_default();
    set(model, service.id, "insecure_api", list(flags));
}

/// Words in the paths of folders that certificates and keys are mounted in.
const OF_KEYS: &[&str] = &[
    "cert",
    "certificates",
    "certs",
    "key",
    "keys",
    "letsencrypt",
    "nginx",
    "pki",
    "private",
    "secrets",
    "ssl",
    "tls",
];

/// The private keys that a service is given out of the repository. Each is told once, of the first service.
fn tracked_keys(
    reader: &Reader<'_>,
    query: &Query,
    model: &mut Model,
    service: &Service<'_>,
    known: &mut BTreeSet<String>,
) {
    let header = model.scope(service.id).map_or_else(|| service.node.at, |scope| scope.at);
    let mounts = service.node.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
    let given = part(model, service.id, "given").and_then(|node| node.value.as_list()).unwrap_or_default();
    let says = |path: &str| {
        path.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| OF_KEYS.contains(&word))
    };
    let found = mounts.iter().chain(given).filter_map(|mount| {
        let text = |key: &str| mount.value.entry(key).and_then(|node| node.value.as_str());
        let source = text("source")?;
        let path = super::canonical::below_root(source).filter(|_| says(source) || text("target").is_some_and(says))?;
        let key = private_keys::below(reader.loader, query, path)?;
        Some((key, mount.at))
    });
    let asked = !query.isolated && !development::is_asked_for_by_developers(service);
    let found: Vec<(String, Loc)> = found.filter(|_| asked).collect();
    let new = found.into_iter().filter(|(key, _)| known.insert(key.clone()));
    let nodes: Vec<Node> = new.map(|(key, at)| Node::derived(Value::text(key), at, vec![at])).collect();
    let from: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
    let at = from.first().copied().unwrap_or(header);
    set(model, service.id, "tracked_keys", Node::derived(Value::List(nodes), at, from));
}

/// Names of services that prepare something and end.
fn sounds_one_shot(service: &Service<'_>) -> bool {
    const WORDS: &[&str] =
        &["init", "migrate", "migration", "migrations", "setup", "bootstrap", "permissions", "chown", "fix", "resetdb"];
    let ends = service.node.value.entry("restart").is_none_or(|node| node.value.as_str() == Some("no"));
    let says = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    // A command of one word that says what is done once.
    let command = service.node.value.entry("command").and_then(|node| match node.value.as_list() {
        Some([word]) => word.value.as_str(),
        _ => node.value.as_str(),
    });
    ends && (says(service.name) || command.is_some_and(|command| !command.contains(' ') && says(command)))
}

/// Fills in whether a service starts by itself.
fn activated(model: &mut Model, service: &Service<'_>, loaded: &Loaded) {
    let profiles = service.node.value.entry("profiles");
    let (at, from) = profiles.map_or_else(|| (service.node.at, Vec::new()), |node| (node.at, vec![node.at]));
    let wanted = loaded.environment.get("COMPOSE_PROFILES").map(|variable| &variable.value);
    let unknown = || Value::Unknown(Why::Runtime("the profiles that are asked for".into()));
    let value = match (profiles.map(|node| &node.value), wanted) {
        (None | Some(Value::Null), _) => Value::Bool(true),
        (Some(Value::List(list)), _) if list.is_empty() => Value::Bool(true),
        (Some(_), None) => Value::Bool(false),
        (Some(Value::List(list)), Some(Text::Known(wanted))) => {
            let mut names = wanted.split(',').map(str::trim);
            Value::Bool(names.any(|name| name == "*" || list.iter().any(|own| own.value.as_str() == Some(name))))
        }
        _ => unknown(),
    };
    set(model, service.id, "activated", Node::derived(value, at, from));
}

/// What makes a service root's: its `user`, or the stage that it builds.
fn root_by(reader: &Reader<'_>, query: &Query, model: &mut Model, service: &Service<'_>) {
    let header = model.scope(service.id).map_or_else(|| service.node.at, |scope| scope.at);
    let node = match service.node.value.entry("user") {
        Some(user) => {
            let value = match &user.value {
                Value::Text(Text::Known(text)) => {
                    let name = text.split(':').next().unwrap_or_default();
                    let zero = !name.is_empty() && name.bytes().all(|byte| byte == b'0');
                    Value::text(if name == "root" || zero { "user" } else { "" })
                }
                _ => Value::Unknown(Why::Runtime("the user".into())),
            };
            Node::derived(value, user.at, vec![user.at])
        }
        None => match builds::as_root(reader, query, &model.path, service.node) {
            Some(at) => Node::derived(Value::text("build"), at, vec![at]),
            None => Node::derived(Value::text(""), header, Vec::new()),
        },
    };
    set(model, service.id, "root_by", node);
}

/// What an address on the host reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Everybody,
    Loopback,
    Some,
    Unknown,
}

fn reach(host_ip: Option<&Node>) -> Reach {
    match host_ip.map(|node| &node.value) {
        None => Reach::Everybody,
        Some(Value::Text(Text::Known(address))) => match &**address {
            "" | "0.0.0.0" | "::" | "*" => Reach::Everybody,
            "localhost" | "::1" => Reach::Loopback,
            address if address.starts_with("127.") => Reach::Loopback,
            _ => Reach::Some,
        },
        Some(Value::Unknown(Why::Variable(name))) if is_called_port(name) => Reach::Everybody,
        Some(_) => Reach::Unknown,
    }
}

/// Whether a variable so called holds a port, and no address before it: who binds `${PGPORT}:5432` to one writes it there.
fn is_called_port(name: &str) -> bool {
    const ADDRESS: &[&str] = &["ADDR", "ADDRESS", "BIND", "HOST_IP", "INTERFACE", "IP", "LISTEN"];
    let name = name.to_ascii_uppercase();
    name.ends_with("PORT") && !name.split('_').any(|word| ADDRESS.contains(&word))
}

fn part<'m>(model: &'m Model, id: ScopeId, key: &str) -> Option<&'m Node> {
    let scope = model.scope(id)?;
    let key = model.format.schema.key(scope.kind, key)?;
    scope.own.get(key)
}

/// Whether a variable so called holds the port of something beside a store: its pages, or what is measured of it.
fn is_beside_store(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "ADMIN",
        "BROWSER",
        "CONSOLE",
        "DASHBOARD",
        "EXPORTER",
        "GUI",
        "HTTP",
        "HTTPS",
        "INSIGHT",
        "METRICS",
        "UI",
        "WEB",
    ];
    name.to_ascii_uppercase().split('_').any(|word| OTHERS.contains(&word))
}

/// Files that show how variables are set, and how a project is started; longer ones are not looked into.
const LONGEST_SHOWN: usize = 64 << 10;

/// Whether a file beside the project shows an address in a variable that is called a port: `PGPORT=127.0.0.1:5432`.
fn shows_address(reader: &Reader<'_>, path: &str, name: &str) -> bool {
    let folder = loader::folder(path);
    let shows = |file: &String| {
        let lower = file.to_ascii_lowercase();
        let of_variables = lower.contains("env") && role::of_path(&lower) == Role::Example;
        of_variables || ["makefile", "justfile", "readme.md"].contains(&lower.as_str())
    };
    let set = format!("{name}=");
    let address = |text: &str| {
        text.match_indices(&set).any(|(at, _)| {
            let value = text.get(at + set.len()..).unwrap_or_default().trim_start_matches(['"', '\'']);
            let value = value.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or_default();
            value.split_once(':').is_some_and(|(host, _)| !host.is_empty())
        })
    };
    reader.loader.list(folder).iter().filter(|file| shows(file)).any(|file| {
        let bytes = loader::join(folder, file).and_then(|path| reader.loader.read(&path).ok());
        let text = bytes.filter(|bytes| bytes.len() <= LONGEST_SHOWN).and_then(|bytes| String::from_utf8(bytes).ok());
        text.is_some_and(|text| address(&text))
    })
}

/// How many ports the entry of a port publishes.
fn entry_size(model: &Model, id: ScopeId) -> usize {
    match part(model, id, "entry_size").map(|node| &node.value) {
        Some(Value::Int(size)) => usize::try_from(*size).unwrap_or(usize::MAX),
        _ => 1,
    }
}

/// Tells whether the port is open to everybody; on the host's own network none is published.
fn port(reader: &Reader<'_>, model: &mut Model, id: ScopeId, image: Option<&str>, host: bool) -> bool {
    let Some(at) = model.scope(id).map(|scope| scope.at) else { return false };
    let unknown = model.scope(id).and_then(|scope| scope.open.clone());
    let address = part(model, id, "host_ip");
    let place = address.map_or(at, |node| node.at);
    let reach = if unknown.is_some() && address.is_none() && part(model, id, "target").is_none() {
        Reach::Unknown
    } else {
        match (reach(address), address.map(|node| &node.value)) {
            (Reach::Everybody, Some(Value::Unknown(Why::Variable(name))))
                if shows_address(reader, &model.path, name) =>
            {
                Reach::Unknown
            }
            (reach, _) => reach,
        }
    };
    let reach = if host { Reach::Some } else { reach };
    let public = match reach {
        Reach::Everybody => Value::Bool(true),
        Reach::Unknown => Value::Unknown(Why::Runtime("the address".into())),
        Reach::Loopback | Reach::Some => Value::Bool(false),
    };
    let store = match part(model, id, "target").map(|node| &node.value) {
        Some(Value::Int(port)) => {
            let protocol = part(model, id, "protocol").and_then(|node| node.value.as_str()).unwrap_or("tcp");
            let target = Target { port: *port, protocol, beside: entry_size(model, id) };
            Value::text(images::store_on(target, image).unwrap_or_default())
        }
        None if entry_size(model, id) > 1 => {
            let store = crate::deployment::image_part(image).filter(|(_, store)| *store);
            Value::text(store.map_or("", |(title, _)| title))
        }
        // Which port of a store is published does not matter, as it has few others.
        Some(Value::Unknown(Why::Variable(name))) if is_called_port(name) && !is_beside_store(name) => {
            match crate::deployment::image_part(image) {
                Some((title, true)) => Value::text(title),
                _ => Value::Unknown(Why::Variable(name.clone())),
            }
        }
        _ => Value::Unknown(Why::Runtime("the port".into())),
    };
    set(model, id, "binds_publicly", Node::derived(public, place, vec![place]));
    set(model, id, "store", Node::derived(store, at, vec![at]));
    set(model, id, "added_by_override", Node::derived(Value::Bool(false), at, vec![at]));
    reach == Reach::Everybody
}

/// Finds ports that a later file meant to narrow, but that stay open because both are published.
fn overridden(model: &mut Model, ports: &[ScopeId]) {
    let facts: Vec<_> = ports
        .iter()
        .filter_map(|&id| {
            let scope = model.scope(id)?;
            let text = |key: &str| part(model, id, key).and_then(|node| node.value.as_str()).map(str::to_owned);
            let target = part(model, id, "target").map(|node| node.value.clone())?;
            let same = (text("published"), format!("{target:?}"), text("protocol"));
            Some((id, scope.at, reach(part(model, id, "host_ip")), same))
        })
        .collect();
    // For each port that is open to everybody: where first, and where first in another file than that.
    let mut wide: BTreeMap<_, (Loc, Option<Loc>)> = BTreeMap::new();
    for (id, at, reach, same) in facts {
        match reach {
            Reach::Everybody => {
                let (first, second) = wide.entry(same).or_insert((at, None));
                if first.file != at.file {
                    second.get_or_insert(at);
                }
            }
            Reach::Loopback | Reach::Some => {
                let wider = wide.get(&same).and_then(
                    |(first, second)| {
                        if first.file == at.file { *second } else { Some(*first) }
                    },
                );
                if let Some(other) = wider {
                    set(model, id, "added_by_override", Node::derived(Value::Bool(true), at, vec![at, other]));
                }
            }
            Reach::Unknown => {}
        }
    }
}

fn mount(model: &mut Model, id: ScopeId) {
    let Some(at) = model.scope(id).map(|scope| scope.at) else { return };
    let bind = part(model, id, "type").is_some_and(|node| node.value.as_str() == Some("bind"));
    let known_type = part(model, id, "type").is_some_and(|node| node.value.as_str().is_some());
    let source = part(model, id, "source");
    let target = part(model, id, "target").and_then(|node| node.value.as_str());
    let place = source.map_or(at, |node| node.at);
    let read_only = part(model, id, "read_only").map(|node| node.value.clone());
    let (socket, path) = match source.map(|node| &node.value) {
        Some(Value::Text(Text::Known(text))) if bind => {
            let path = clean(text);
            (Value::text(control_socket(&path)), Value::text(host_path(&path)))
        }
        Some(Value::Text(Text::Pieces(_)) | Value::Unknown(_)) if bind || !known_type => {
            let unknown = Value::Unknown(Why::Runtime("the mounted path".into()));
            // Whatever it is, the program in the container takes it for its file.
            let socket = if target.is_some_and(|it| !holds_sockets(it)) { Value::text("") } else { unknown.clone() };
            let path = if target.is_some_and(is_plain_file) { Value::text("") } else { unknown };
            (socket, path)
        }
        _ => (Value::text(""), Value::text("")),
    };
    let writable = match read_only {
        Some(Value::Bool(read_only)) => Value::Bool(!read_only),
        None => Value::Bool(true),
        Some(_) => Value::Unknown(Why::Runtime("whether it is read-only".into())),
    };
    set(model, id, "control_socket", Node::derived(socket, place, vec![place]));
    set(model, id, "host_path", Node::derived(path, place, vec![place]));
    set(model, id, "writable", Node::derived(writable, at, Vec::new()));
}

/// A volume that is a folder of the host: its path, where that stands, and whether it is mounted `ro`.
type Device = (String, Loc, bool);

/// The volumes of a project that are folders of the host: `driver_opts: { type: none, o: bind, device: /etc }`.
fn devices(loaded: &Loaded) -> BTreeMap<&str, Device> {
    let mut found = BTreeMap::new();
    let Some(Value::Map(volumes)) = loaded.root.value.entry("volumes").map(|node| &node.value) else { return found };
    for volume in volumes {
        let driver = volume.node.value.entry("driver").and_then(|node| node.value.as_str());
        let Some(options) = volume.node.value.entry("driver_opts") else { continue };
        let text = |key: &str| options.value.entry(key).and_then(|node| node.value.as_str()).unwrap_or_default();
        let flags: Vec<&str> = text("o").split(',').map(str::trim).collect();
        let bind = flags.iter().any(|flag| matches!(*flag, "bind" | "rbind"));
        let Some(device) = options.value.entry("device").filter(|_| bind && driver.is_none_or(|it| it == "local"))
        else {
            continue;
        };
        if let Some(path) = device.value.as_str().filter(|path| path.starts_with('/')) {
            found.insert(&*volume.key, (clean(path), device.at, flags.contains(&"ro")));
        }
    }
    found
}

/// What a mounted volume is, where it is a folder of the host.
fn device(model: &mut Model, id: ScopeId, devices: &BTreeMap<&str, Device>) {
    let text = |key: &str| part(model, id, key).and_then(|node| node.value.as_str());
    let named = text("source").filter(|_| text("type") == Some("volume"));
    let Some((path, at, read_only)) = named.and_then(|name| devices.get(name)) else { return };
    let (socket, host) = (control_socket(path), host_path(path));
    let mounted = part(model, id, "source").map_or(*at, |node| node.at);
    let fact = |value: &str| Node::derived(Value::text(value), mounted, vec![mounted, *at]);
    set(model, id, "control_socket", fact(socket));
    set(model, id, "host_path", fact(host));
    if *read_only {
        set(model, id, "writable", Node::derived(Value::Bool(false), mounted, Vec::new()));
    }
}

/// An absolute path without `.`, `..` and repeated slashes; others as they are.
pub(super) fn clean(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    loader::absolute(path)
}

/// Whether a path in a container ends in the name of a file that is neither a socket nor a folder: `config.yml`.
fn is_plain_file(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "cfg",
        "cnf",
        "conf",
        "crt",
        "csv",
        "env",
        "htpasswd",
        "ini",
        "js",
        "json",
        "key",
        "log",
        "pem",
        "php",
        "properties",
        "py",
        "sh",
        "sql",
        "toml",
        "txt",
        "xml",
        "yaml",
        "yml",
    ];
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending))
}

/// Whether a path in a container is where programs look for an engine's socket: nobody gives them one elsewhere.
fn holds_sockets(path: &str) -> bool {
    let path = clean(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    name.contains("sock")
        || matches!(&*path, "/" | "/host" | "/rootfs" | "/var")
        || path.split('/').any(|part| part == "run")
}

/// The engine whose control socket a path is, or that stands in it.
pub(super) fn control_socket(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match (path, name) {
        (_, "docker.sock" | "docker.sock.raw") | ("/run" | "/var/run", _) => "Docker",
        (_, "podman.sock") | ("/run/podman" | "/var/run/podman", _) => "Podman",
        (_, "containerd.sock") | ("/run/containerd" | "/var/run/containerd", _) => "containerd",
        (_, "crio.sock") | ("/run/crio" | "/var/run/crio", _) => "CRI-O",
        _ => "",
    }
}

/// What a path of the host holds, where that is sensitive.
fn host_path(path: &str) -> &'static str {
    const EXACT: &[(&str, &str)] = &[
        ("/", "the whole host"),
        ("/boot", "the kernel and its boot loader"),
        ("/dev", "every device"),
        ("/etc", "the host's configuration"),
        ("/home", "all home directories"),
        ("/lib", "system libraries"),
        ("/lib/systemd/system", "the host's services"),
        ("/usr/lib", "system libraries"),
        ("/usr/lib/systemd", "the host's services"),
        ("/usr/lib/systemd/system", "the host's services"),
        ("/var", "the host's data"),
        ("/var/lib", "the data of the host's programs"),
        ("/var/spool/cron", "scheduled commands"),
        ("/var/spool/cron/crontabs", "scheduled commands"),
        ("/proc", "the host's processes"),
        ("/root", "root's home directory"),
        ("/sbin", "system programs"),
        ("/sys", "the kernel's settings"),
        ("/usr", "system programs"),
        ("/usr/bin", "system programs"),
        ("/usr/sbin", "system programs"),
        ("/bin", "system programs"),
        ("/usr/local/bin", "programs"),
        ("/var/lib/docker", "Docker's own data"),
        ("/var/lib/containerd", "containerd's own data"),
        ("/var/lib/kubelet", "the kubelet's own data"),
        ("/etc/passwd", "the host's accounts"),
        ("/etc/shadow", "the host's password hashes"),
        ("/etc/sudoers", "the rules of sudo"),
        ("/etc/sudoers.d", "the rules of sudo"),
        ("/etc/ssh", "the host's SSH keys"),
        ("/etc/ssl", "the host's certificates, with their private keys"),
        ("/etc/ssl/private", "the host's private keys"),
        ("/etc/pki", "the host's certificates, with their private keys"),
        ("/etc/pki/tls", "the host's certificates, with their private keys"),
        ("/etc/pki/tls/private", "the host's private keys"),
        ("/etc/kubernetes", "the cluster's credentials"),
        ("/etc/cron.d", "scheduled commands"),
        ("/etc/systemd", "the host's services"),
        ("/etc/systemd/system", "the host's services"),
        ("/etc/docker", "Docker's configuration"),
        ("~", "a home directory"),
    ];
    const LAST: &[(&str, &str)] = &[
        (".ssh", "SSH keys"),
        (".aws", "credentials for AWS"),
        (".kube", "credentials for Kubernetes"),
        (".docker", "credentials for registries"),
        (".gnupg", "private keys"),
        (".azure", "credentials for Azure"),
    ];
    const CONFIG: &[(&str, &str)] = &[
        ("", "the settings of a person's programs, with their credentials"),
        ("/gcloud", "credentials for Google Cloud"),
        ("/gh", "credentials for GitHub"),
        ("/doctl", "credentials for DigitalOcean"),
    ];
    let of_config = || {
        let (_, below) = path.split_once("/.config").filter(|_| path.starts_with(['~', '/']))?;
        let holds = |part: &str| below == part || !part.is_empty() && below.starts_with(&format!("{part}/"));
        CONFIG.iter().find(|(part, _)| holds(part)).map(|(_, what)| *what)
    };
    let exact = EXACT.iter().find(|(known, _)| *known == path).map(|(_, what)| *what);
    let home = path.starts_with('~') || path.starts_with("/home/") || path.starts_with("/root/");
    let private = || {
        let inside = path.split('/').find_map(|part| LAST.iter().find(|(known, _)| *known == part));
        inside.filter(|_| home).map(|(_, what)| *what)
    };
    exact.or_else(private).or_else(|| of_config().filter(|_| home)).unwrap_or_default()
}

/// What a capability is good for.
fn danger(name: &str) -> &'static str {
    match name {
        "ALL" | "SYS_ADMIN" | "SYS_MODULE" | "SYS_RAWIO" | "DAC_READ_SEARCH" | "BPF" | "SYS_BOOT" => "host",
        "SYS_PTRACE" | "NET_ADMIN" | "PERFMON" | "SYSLOG" | "MAC_ADMIN" | "MAC_OVERRIDE" | "LINUX_IMMUTABLE"
        | "SYS_TIME" | "AUDIT_CONTROL" | "CHECKPOINT_RESTORE" => "limited",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_host() {
        for (path, expected) in [
            ("/", "the whole host"),
            ("/etc/../etc/", "the host's configuration"),
            ("/etc/localtime", ""),
            ("/etc/letsencrypt", ""),
            ("/home/app/data", ""),
            ("/home/app/.ssh", "SSH keys"),
            ("~/.config", "the settings of a person's programs, with their credentials"),
            ("~/.config/gcloud/application_default_credentials.json", "credentials for Google Cloud"),
            ("/home/app/.config/htop", ""),
            ("/srv/.config", ""),
            ("~/.aws/credentials", "credentials for AWS"),
            ("./etc", ""),
            ("/srv/.docker", ""),
        ] {
            assert_eq!(host_path(&clean(path)), expected, "{path}");
        }
        for (path, expected) in [
            ("/var/run/docker.sock", "Docker"),
            ("/run/user/1000/docker.sock", "Docker"),
            ("/var/run", "Docker"),
            ("/run/containerd/containerd.sock", "containerd"),
            ("/var/run/postgresql", ""),
        ] {
            assert_eq!(control_socket(&clean(path)), expected, "{path}");
        }
    }

    #[test]
    fn capabilities_are_spelt_in_several_ways() {
        assert_eq!(capability_name("cap_sys_admin"), "SYS_ADMIN");
        assert_eq!(danger(&capability_name("all")), "host");
        assert_eq!(danger("CHOWN"), "");
    }
}
