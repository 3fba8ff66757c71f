//! What Compose makes of a file: loads the project and cuts it into the scopes that it decides on.

mod environment;

use super::keys::{CAPABILITY, MOUNT, PORT, PROJECT, SERVICE, VARIABLE};
use super::load::Loaded;
use super::validate::Refusal;
use super::{canonical, commands, consistency, facts, output, project};
use crate::model::{Entry, Model, Node, Scope, ScopeId, Str, Text, Value, Why};
use crate::problem::Problem;
use crate::schema::KindId;
use crate::secrets::Beside;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use environment::{environment, labels};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Resolves the project that begins with `file`.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    resolve_with(reader, query, file, model, true)
}

/// The project for those who run in it: its services with what they set, and nothing that follows from it.
pub(crate) fn plain(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    resolve_with(reader, query, file, model, false)
}

fn resolve_with(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model, facts: bool) -> Model {
    let known = project::of(reader, query, file);
    let (project, mut loaded) = (&known.project, Cow::Borrowed(&known.loaded));
    let mut problems = loaded.problems.clone();
    let fragment = is_fragment(&loaded.root);
    let profiles = output::profiles(&loaded, query);
    let is_active = |service: &Node| output::is_active(service, &profiles);
    if loaded.open.is_none() && loaded.open_services.is_empty() && project.by_name {
        // Where only faults are looked for, any profile may be asked for.
        let active: Option<&dyn Fn(&Node) -> bool> = if query.document { Some(&is_active) } else { None };
        // Version 1 declares no volumes, and Compose has refused all of it.
        let refusals = if loaded.version_1 { Vec::new() } else { consistency::check(&loaded.root, active) };
        for Refusal { at, message } in refusals {
            if !problems.iter().any(|known| known.at == Some(at) && known.message == message) {
                let path = reader.source(at.file).path.clone();
                problems.push(Problem { path, at: Some(at), message });
            }
        }
    } else if fragment && loaded.open.is_none() {
        loaded.to_mut().open = Some(Why::Runtime("the file that this one is laid over".into()));
    }
    model.problems.append(&mut problems);
    let at = Loc::new(file, Span::default());
    let mut root = Scope::new(PROJECT, "", None, at);
    root.open.clone_from(&loaded.open);
    let root = model.push(root);
    if let Some(name) = &loaded.name {
        set(&mut model, root, "name", name.clone());
    }
    let fact = Node::derived(Value::Bool(fragment), at, vec![at]);
    set(&mut model, root, "fragment", fact);
    let mut services = Vec::new();
    let all = loaded.root.value.entry("services").map(|node| &node.value);
    let internal = internal_networks(&loaded.root);
    if let Some(Value::Map(entries)) = all {
        for entry in entries {
            // Only what is started is read and refused; where only faults are looked for, a file may be made when it is deployed.
            let started = query.document && is_active(&entry.node);
            let service = service(reader, started, &mut model, root, &loaded, entry);
            let header = entry.node.name_at.unwrap_or(entry.node.at);
            let only = Value::Bool(is_only_internal(service.node, &internal));
            set(&mut model, service.id, "only_internal", Node::derived(only, header, Vec::new()));
            let joins = Value::Bool(joins_others(&loaded.root, service.node));
            set(&mut model, service.id, "joins_others", Node::derived(joins, header, Vec::new()));
            let given = Value::List(given(&loaded.root, service.node));
            set(&mut model, service.id, "given", Node::derived(given, header, Vec::new()));
            services.push(service);
        }
    }
    if facts {
        facts::fill(reader, query, &mut model, &loaded, &services);
    }
    if query.document {
        model.document = Some(output::document(&loaded, &services, query));
    }
    model.focus = root;
    model
}

/// A service with what the scopes do not keep.
pub(super) struct Service<'l> {
    /// Its scope.
    pub(super) id: ScopeId,
    /// Its settings in long form.
    pub(super) node: &'l Node,
    /// Its name.
    pub(super) name: &'l str,
    /// Its environment, files included; a value that is not known is unknown.
    pub(super) environment: Vec<Variable>,
    /// Why variables may be missing from it.
    pub(super) environment_open: Option<Why>,
    /// The labels that files set.
    pub(super) labels: Vec<Entry>,
    /// What its variables say that something is called, once that was asked.
    beside: OnceCell<Beside>,
}

impl Service<'_> {
    /// What its variables say that something is called.
    pub(super) fn beside(&self) -> &Beside {
        let known = || self.environment.iter().filter_map(|it| Some((&*it.name, it.node.value.as_str()?)));
        self.beside.get_or_init(|| known().collect())
    }
}

/// A variable of a service.
#[derive(Clone)]
pub(super) struct Variable {
    /// The name.
    pub(super) name: Str,
    /// The value.
    pub(super) node: Node,
    /// Whether an `env_file` sets it.
    pub(super) from_file: bool,
    /// Whether the name is that of a secret.
    pub(super) secret: bool,
    /// Its scope, once there is one.
    pub(super) scope: Option<ScopeId>,
}

/// Whether services lack what would make them run on their own.
fn is_fragment(root: &Node) -> bool {
    let Some(Value::Map(services)) = root.value.entry("services").map(|node| &node.value) else { return false };
    services.iter().any(|entry| consistency::is_incomplete(&entry.node))
}

pub(super) fn set(model: &mut Model, id: ScopeId, key: &str, node: Node) {
    let Some(kind) = model.scope(id).map(|scope| scope.kind) else { return };
    let key = model.key(kind, key);
    if let Some(scope) = model.scope_mut(id) {
        scope.own.set(key, node);
    }
}

fn child(model: &mut Model, parent: ScopeId, kind: KindId, label: &str, at: Loc, open: Option<&Why>) -> ScopeId {
    let mut scope = Scope::new(kind, label, Some(parent), at);
    scope.open = open.cloned();
    model.push(scope)
}

fn service<'l>(
    reader: &mut Reader<'_>,
    started: bool,
    model: &mut Model,
    root: ScopeId,
    loaded: &'l Loaded,
    entry: &'l Entry,
) -> Service<'l> {
    let header = entry.node.name_at.unwrap_or(entry.node.at);
    let open = loaded.open_services.get(&entry.key).or(loaded.open.as_ref());
    let id = child(model, root, SERVICE, &entry.key, header, open);
    if let Some(scope) = model.scope_mut(id) {
        scope.extent = header.span.to(entry.node.at.span);
        if header.file != entry.node.at.file {
            scope.extent = header.span;
        }
    }
    let Value::Map(settings) = &entry.node.value else {
        return Service {
            id,
            node: &entry.node,
            name: &entry.key,
            environment: Vec::new(),
            environment_open: None,
            labels: Vec::new(),
            beside: OnceCell::new(),
        };
    };
    for Entry { key, node } in settings {
        match &**key {
            "ports" => ports(reader, model, id, node, open),
            "volumes" => each(node, |mount| _ = record(model, id, MOUNT, mount, mount_label, open)),
            "cap_add" => {
                each(node, |item| {
                    let label = item.value.as_str().map(facts::capability_name).unwrap_or_default();
                    child(model, id, CAPABILITY, &label, item.at, open);
                });
                set(model, id, key, node.clone());
            }
            "environment" | "extends" => {}
            // Others are extensions, or were refused.
            _ if model.format.schema.key(SERVICE, key).is_none() => {}
            _ => set(model, id, key, node.clone()),
        }
    }
    if let Some(Node { value: Value::Bool(true), at, .. }) = entry.node.value.entry("use_api_socket") {
        // Compose mounts the socket by itself.
        let mount = canonical::api_socket(*at);
        record(model, id, MOUNT, &mount, mount_label, open);
    }
    commands::add(reader, model, id, &entry.node, open);
    let mut refusals = Vec::new();
    let (mut environment, environment_open) = environment(reader, &loaded.environment, &entry.node, &mut refusals);
    let labels = if started { labels(reader, &entry.node, &mut refusals) } else { Vec::new() };
    if started {
        let told = refusals.into_iter().map(|Refusal { at, message }| Problem {
            path: reader.source(at.file).path.clone(),
            at: Some(at),
            message,
        });
        model.problems.extend(told);
    }
    for variable in &mut environment {
        variable.secret = crate::secrets::is_secret_name(&variable.name);
        let at = variable.node.name_at.unwrap_or(variable.node.at);
        let scope = child(model, id, VARIABLE, &variable.name, at, open);
        let secret = match &variable.node.value {
            Value::Null => None,
            _ if variable.secret => Some("secret_value"),
            Value::Text(Text::Known(text)) if by_form(text) => Some("secret_value"),
            _ => Some("value"),
        };
        if let Some(key) = secret {
            set(model, scope, key, variable.node.clone());
        }
        variable.scope = Some(scope);
    }
    Service { id, node: &entry.node, name: &entry.key, environment, environment_open, labels, beside: OnceCell::new() }
}

/// The networks of a project that lead to none but each other.
fn internal_networks(root: &Node) -> BTreeSet<&str> {
    let Some(Value::Map(all)) = root.value.entry("networks").map(|node| &node.value) else { return BTreeSet::new() };
    let internal =
        |network: &&Entry| network.node.value.entry("internal").is_some_and(|node| node.value == Value::Bool(true));
    all.iter().filter(internal).map(|network| &*network.key).collect()
}

/// Whether a service is on a network that was made outside the project, or that is a part of the host's.
fn joins_others(root: &Node, service: &Node) -> bool {
    let Some(Value::Map(own)) = service.value.entry("networks").map(|node| &node.value) else { return false };
    own.iter().any(|network| {
        let known = || root.value.entry("networks")?.value.entry(&network.key);
        let Some(known) = known() else { return false };
        let external =
            known.value.entry("external").is_some_and(|it| !matches!(it.value, Value::Bool(false) | Value::Null));
        let driver = known.value.entry("driver").and_then(|it| it.value.as_str());
        external || matches!(driver, Some("macvlan" | "ipvlan" | "host"))
    })
}

/// Whether a service is on `internal` networks alone.
fn is_only_internal(service: &Node, internal: &BTreeSet<&str>) -> bool {
    let Some(Value::Map(own)) = service.value.entry("networks").map(|node| &node.value) else { return false };
    !own.is_empty() && own.iter().all(|network| internal.contains(&*network.key))
}

/// The files that a service is given by `configs` and `secrets`, each with its place inside.
fn given(root: &Node, service: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    for (section, folder) in [("configs", ""), ("secrets", "/run/secrets")] {
        let uses = service.value.entry(section).and_then(|node| node.value.as_list()).unwrap_or_default();
        for each in uses {
            let part = |key: &str| each.value.entry(key).and_then(|node| node.value.as_str());
            let Some(name) = part("source") else { continue };
            let file = || root.value.entry(section)?.value.entry(name)?.value.entry("file");
            let Some(file) = file() else { continue };
            let target = match part("target").unwrap_or(name) {
                absolute if absolute.starts_with('/') => absolute.to_owned(),
                name => format!("{folder}/{name}"),
            };
            let entry = |key: &str, node: Node| Entry { key: key.into(), node };
            let target = Node::set(Value::text(target), each.at);
            let pair = Value::Map(vec![entry("source", file.clone()), entry("target", target)]);
            found.push(Node::set(pair, each.at));
        }
    }
    found
}

/// Whether a value is a secret by its form.
fn by_form(text: &str) -> bool {
    crate::secrets::has_credentials(text) || crate::secrets::secret_in(text).is_some()
}

fn each(node: &Node, mut give: impl FnMut(&Node)) {
    if let Value::List(list) = &node.value {
        for item in list {
            give(item);
        }
    }
}

/// A scope for an element of a list, with its parts as keys.
fn record(
    model: &mut Model,
    parent: ScopeId,
    kind: KindId,
    node: &Node,
    label: fn(&Node) -> String,
    open: Option<&Why>,
) -> ScopeId {
    let id = child(model, parent, kind, &label(node), node.at, open);
    if let Value::Unknown(why) = &node.value
        && let Some(scope) = model.scope_mut(id)
    {
        scope.open = Some(why.clone());
    }
    if let Value::Map(parts) = &node.value {
        for part in parts {
            if model.format.schema.key(kind, &part.key).is_some() {
                set(model, id, &part.key, part.node.clone());
            }
        }
    }
    id
}

/// The ports of a service. Those of one entry, which is a range, also say what that is.
fn ports(reader: &Reader<'_>, model: &mut Model, service: ScopeId, node: &Node, open: Option<&Why>) {
    let Value::List(all) = &node.value else { return };
    for entry in all.chunk_by(|a, b| a.at == b.at) {
        // A hole is shown as it is written.
        let holes = entry.iter().any(|port| !is_known(port));
        let is_short = |text: &&str| holes && text.contains('$') && !text.starts_with('{') && !text.contains('\n');
        let written = entry.first().map(|port| reader.slice(port.at)).filter(is_short);
        let range = written.map_or_else(|| entry_text(entry), |text| text.trim_matches(['\'', '"']).to_owned());
        let size = i64::try_from(entry.len()).unwrap_or(i64::MAX);
        let whole = entry.first().filter(|_| entry.len() > MOST_APART).map(|first| whole_range(first, &range));
        for port in whole.as_ref().map_or(entry, std::slice::from_ref) {
            let id = record(model, service, PORT, port, port_label, open);
            set(model, id, "entry", Node::derived(Value::text(range.as_str()), port.at, vec![port.at]));
            set(model, id, "entry_size", Node::derived(Value::Int(size), port.at, Vec::new()));
        }
    }
}

/// Ports of one entry that are judged one by one. Nobody means a single one of more.
const MOST_APART: usize = 16;

/// A range of ports as one that has no port of its own inside.
fn whole_range(first: &Node, range: &str) -> Node {
    let Value::Map(parts) = &first.value else { return first.clone() };
    let outside = range.split(':').rev().nth(1).unwrap_or(range);
    let parts = parts.iter().filter(|part| &*part.key != "target").cloned().map(|mut part| {
        if &*part.key == "published" && part.node.value.as_str().is_some() {
            part.node.value = Value::text(outside);
        }
        part
    });
    Node { value: Value::Map(parts.collect()), ..first.clone() }
}

/// Whether all parts of a port are known.
fn is_known(port: &Node) -> bool {
    let Value::Map(parts) = &port.value else { return true };
    parts.iter().all(|part| !matches!(part.node.value, Value::Unknown(_) | Value::Text(Text::Pieces(_))))
}

/// An entry of `ports` in its short form: `9000-9002:9000-9002`.
fn entry_text(entry: &[Node]) -> String {
    // They are sorted as text.
    let inside = |port: &&Node| match port.value.entry("target").map(|node| &node.value) {
        Some(Value::Int(target)) => *target,
        _ => 0,
    };
    let (Some(first), Some(last)) = (entry.iter().min_by_key(inside), entry.iter().max_by_key(inside)) else {
        return String::new();
    };
    let (low, high) = (port_label(first), port_label(last));
    let (Some((outside, inside)), Some((last_outside, last_inside))) = (low.rsplit_once(':'), high.rsplit_once(':'))
    else {
        return if low == high { low } else { format!("{low}-{high}") };
    };
    if low == high {
        return low;
    }
    let last_outside = last_outside.rsplit(':').next().unwrap_or(last_outside);
    format!("{outside}-{last_outside}:{inside}-{last_inside}")
}

fn port_label(node: &Node) -> String {
    let part = |key: &str| match node.value.entry(key).map(|node| &node.value) {
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Text(Text::Known(text))) => text.to_string(),
        Some(_) => "?".to_owned(),
        None => String::new(),
    };
    let (address, published, target) = (part("host_ip"), part("published"), part("target"));
    let address = if address.contains(':') { format!("[{address}]") } else { address };
    let mut label = String::new();
    for outer in [address, published] {
        if !outer.is_empty() {
            label.push_str(&outer);
            label.push(':');
        }
    }
    label + &target
}

fn mount_label(node: &Node) -> String {
    node.value.entry("target").and_then(|node| node.value.as_str()).unwrap_or_default().to_owned()
}
