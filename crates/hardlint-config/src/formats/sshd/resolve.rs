//! What sshd makes of a file: the values that hold for every connection, and for those that a Match block applies to.
//!
//! sshd reads its file twice: once when it starts, and once for each connection. In the first pass all global lines hold,
//! the first of a kind before later ones; in the second only lines of Match blocks that apply, again the first of a kind,
//! and each of these overrides what the first pass found. `Match all` applies always, so that its lines hold for
//! everybody, whatever the global ones say.

use super::criteria::{self, Verdict};
use super::derive;
use super::facts;
use super::include;
use super::keys::kind;
use super::keywords::{Again, Arg, KEYWORDS, Keyword};
use super::print;
use super::units::{numeric_address, split_address};
use super::values::with_interval;
use super::walk::{FILE, Suspect, Walk};
use crate::formats::dockerfile;
use crate::model::{Assumed, Model, Node, Origin, Scope, ScopeId, Settings, Value, Why};
use crate::schema::KeyId;
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Resolves the configuration that starts with `file`.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    let made = !query.isolated && dockerfile::for_image(reader.loader, &model.path);
    let mut walk = Walk::run(reader, query, file, model);
    derive::blocks(&mut walk);
    derive::weak(&mut walk);
    derive::platform_console(&mut walk);
    derive::in_image(&mut walk, made);
    derive::signatures(&mut walk);
    listen(&mut walk.model);
    let everybody = Overlay::of(&walk, &Query { conditions: Vec::new(), ..query.clone() }, None);
    if let Some(scope) = walk.model.scope_mut(FILE) {
        everybody.apply(&mut scope.effective);
    }
    override_blocks(&mut walk);
    fill_unknown(&mut walk.model);
    derive::environment(&mut walk);
    derive::refused(&mut walk);
    derive::defaults(&mut walk);
    derive::exposed_keys(&mut walk);
    swallowed(&mut walk);
    refusals(&mut walk);
    let focus = if query.conditions.is_empty() { everybody } else { connection(&mut walk) };
    let before = walk.lost.iter().filter(|lost| lost.block.is_none()).map(|lost| (lost.key, lost.node.clone()));
    let mut shadowed: Vec<(KeyId, Node)> = before.chain(focus.lost).collect();
    shadowed.reverse();
    walk.model.shadowed = shadowed;
    walk.model
}

pub(super) fn row(key: KeyId) -> Option<&'static Keyword> {
    KEYWORDS.get(usize::from(key.0))
}

pub(super) fn id(name: &str) -> Option<KeyId> {
    KEYWORDS.iter().position(|row| row.name == name).and_then(|at| u16::try_from(at).ok()).map(KeyId)
}

/// What the Match blocks that apply set, over what holds without them.
#[derive(Default)]
struct Overlay {
    values: BTreeMap<KeyId, Node>,
    /// What it overrides, in the order in which it stands.
    lost: Vec<(KeyId, Node)>,
}

impl Overlay {
    /// The overlay for a connection; `block` is taken to apply, and of the others only those for everybody.
    fn of(walk: &Walk<'_, '_>, query: &Query, block: Option<usize>) -> Self {
        let mut overlay = Self::default();
        for (index, known) in walk.blocks.iter().enumerate() {
            let verdict = match block {
                Some(block) if block == index || known.all => Verdict::Yes,
                Some(_) => Verdict::No,
                None => criteria::verdict(&known.criteria, query),
            };
            let Some(scope) = walk.model.scope(known.scope) else { continue };
            match verdict {
                Verdict::No => {}
                Verdict::Yes => {
                    let keys = id("authorizedkeyscommand").is_some_and(|key| overlay.values.contains_key(&key));
                    let principals = id("authorizedprincipalscommand").filter(|_| keys);
                    for (key, node) in scope.own.iter().filter(|(key, _)| Some(*key) != principals) {
                        overlay.put(walk, key, node.clone());
                    }
                    let lost = walk.lost.iter().filter(|lost| lost.block == Some(index));
                    overlay.lost.extend(lost.map(|lost| (lost.key, lost.node.clone())));
                }
                Verdict::Unknown(why) => {
                    for (key, node) in scope.own.iter() {
                        let value = Value::Unknown(why.clone());
                        overlay.complete(key, &value);
                        overlay.values.entry(key).or_insert_with(|| Node { value, ..node.clone() });
                    }
                }
            }
        }
        for (key, node) in walk.model.scope(FILE).iter().flat_map(|scope| scope.own.iter()) {
            overlay.complete(key, &node.value);
        }
        overlay
    }

    /// Adds what a later value sets beside the one that holds.
    fn complete(&mut self, key: KeyId, later: &Value) -> bool {
        let (Some(row), Some(held)) = (row(key), self.values.get_mut(&key)) else { return false };
        let whole = with_interval(row, &held.value, later);
        whole.map(|value| held.value = value).is_some()
    }

    fn put(&mut self, walk: &Walk<'_, '_>, key: KeyId, node: Node) {
        let Some(row) = row(key) else { return };
        let own = || walk.model.scope(FILE).and_then(|scope| scope.own.get(key)).cloned();
        if self.complete(key, &node.value) {
            return;
        }
        let Some(held) = self.values.get_mut(&key) else {
            let node = match (row.again, own()) {
                (Again::AddsName, Some(global)) => merged(global, node),
                (_, global) => {
                    self.lost.extend(global.map(|node| (key, node)));
                    node
                }
            };
            self.values.insert(key, node);
            return;
        };
        match row.again {
            Again::Nothing => self.lost.push((key, node)),
            Again::Replaces => self.lost.push((key, std::mem::replace(held, node))),
            Again::AddsName => *held = merged(held.clone(), node),
            Again::Adds => match (&mut held.value, node.value) {
                (Value::List(list), Value::List(more)) => list.extend(more),
                (held @ Value::List(_), value) => *held = value,
                _ => {}
            },
        }
    }

    fn apply(&self, effective: &mut Settings) {
        for (key, node) in &self.values {
            effective.set(*key, node.clone());
        }
    }
}

/// Subsystems of a block over those of the file: of one name the block's holds.
fn merged(mut below: Node, over: Node) -> Node {
    let name = |node: &Node| node.value.as_str().and_then(|text| text.split(' ').next()).map(str::to_owned);
    let (Value::List(list), Value::List(more)) = (&mut below.value, &over.value) else { return over };
    for element in more {
        match list.iter_mut().find(|known| name(known) == name(element)) {
            Some(slot) => *slot = element.clone(),
            None => list.push(element.clone()),
        }
    }
    below
}

/// The sockets: each address with its port, or with each of `Port`.
fn listen(model: &mut Model) {
    let (Some(listen), Some(port), Some(family)) = (id("listenaddress"), id("port"), id("addressfamily")) else {
        return;
    };
    let ports = model.lookup(FILE, port);
    let ports_at = ports.at;
    let ports: Option<Vec<i64>> = ports.node.and_then(|node| node.value.as_list()).and_then(|list| {
        let number = |node: &Node| if let Value::Int(port) = node.value { Some(port) } else { None };
        list.iter().map(number).collect()
    });
    let family = model.lookup(FILE, family).node.and_then(|node| node.value.as_str()).map(str::to_owned);
    let unknown = || Node::derived(Value::Unknown(Why::Runtime("the addresses".into())), ports_at, vec![ports_at]);
    let addresses = model.scope(FILE).and_then(|scope| scope.own.get(listen)).cloned();
    let node = match (addresses, ports, family.as_deref()) {
        (_, None, _) | (None, _, None) => unknown(),
        (None, Some(ports), Some(family)) => {
            let any = |port: &i64| {
                let six = (family != "inet").then(|| format!("[::]:{port}"));
                let four = (family != "inet6").then(|| format!("0.0.0.0:{port}"));
                [six, four]
            };
            let texts = ports.iter().flat_map(any).flatten();
            let elements = texts.map(|text| Node::derived(Value::text(text), ports_at, vec![ports_at]));
            let node = Node::derived(Value::List(elements.collect()), ports_at, vec![ports_at]);
            let set = model.scope(FILE).is_some_and(|scope| scope.own.get(port).is_some());
            if set { node } else { Node { origin: Origin::Default, ..node } }
        }
        (Some(node), Some(ports), _) => {
            let elements = node.value.as_list().unwrap_or_default();
            let sockets = elements.iter().flat_map(|element| sockets(element, &ports)).collect();
            Node { value: Value::List(sockets), ..node }
        }
    };
    if let Some(scope) = model.scope_mut(FILE) {
        scope.effective.set(listen, node);
    }
}

/// The sockets of one `ListenAddress`.
fn sockets(element: &Node, ports: &[i64]) -> Vec<Node> {
    let Some((host, port)) = element.value.as_str().and_then(split_address) else { return vec![element.clone()] };
    let ports: Vec<String> = match port {
        Some(port) => vec![port.to_owned()],
        None => ports.iter().map(i64::to_string).collect(),
    };
    let text = |port: &String| match (numeric_address(host), super::units::port(port)) {
        (Some(IpAddr::V6(six)), Some(port)) => Value::text(format!("[{six}]:{port}")),
        (Some(four), Some(port)) => Value::text(format!("{four}:{port}")),
        _ => Value::Unknown(Why::Runtime("a host's address".into())),
    };
    ports.iter().map(|port| Node { value: text(port), ..element.clone() }).collect()
}

/// In each block: what holds for everybody beside a value of the block's own.
fn complete_blocks(walk: &mut Walk<'_, '_>) {
    let keys = KEYWORDS.iter().filter(|row| row.arg == Arg::RekeyLimit);
    for (row, key) in keys.filter_map(|row| id(row.name).map(|key| (row, key))) {
        let Some(everybodys) = walk.model.lookup(FILE, key).node.map(|node| node.value.clone()) else { continue };
        for block in walk.blocks.iter().filter(|block| !block.all) {
            let Some(scope) = walk.model.scope_mut(block.scope) else { continue };
            let Some(node) = scope.own.get(key) else { continue };
            if let Some(value) = with_interval(row, &node.value, &everybodys) {
                let whole = Node { value, ..node.clone() };
                scope.effective.set(key, whole);
            }
        }
    }
}

/// In each block: what an earlier `Match all` keeps it from setting.
fn override_blocks(walk: &mut Walk<'_, '_>) {
    complete_blocks(walk);
    if !walk.blocks.iter().any(|block| block.all) {
        return;
    }
    let query = walk.query;
    for index in 0..walk.blocks.len() {
        let Some(block) = walk.blocks.get(index).filter(|block| !block.all) else { continue };
        let id = block.scope;
        let overlay = Overlay::of(walk, query, Some(index));
        let Some(scope) = walk.model.scope(id) else { continue };
        let own: Vec<(KeyId, Node)> = scope.own.iter().map(|(key, node)| (key, node.clone())).collect();
        for (key, node) in own {
            let Some(held) = overlay.values.get(&key).filter(|held| **held != node) else { continue };
            if let Some(scope) = walk.model.scope_mut(id) {
                scope.effective.set(key, held.clone());
            }
            // Of a value in two parts, one may hold although the other does not.
            let kept = |row: &Keyword| row.arg == Arg::RekeyLimit && held.at == node.at;
            if let Some(row) = row(key).filter(|row| row.again == Again::Nothing && !kept(row)) {
                walk.ignore(Some(index), row, key, node, held);
            }
        }
    }
}

/// Makes unknown what is not set: defaults that are not known, and everything where something that could set it is not at hand.
fn fill_unknown(model: &mut Model) {
    let versions = model.versions;
    let fragment = include::is_fragment(&model.path);
    let Some(scope) = model.scope_mut(FILE) else { return };
    if fragment {
        let what = Why::File("/etc/ssh/sshd_config".into());
        scope.open.get_or_insert_with(|| what.clone());
        scope.assumed.get_or_insert(Assumed { what, overrules: true });
    }
    let open = scope.open.clone();
    for (index, row) in KEYWORDS.iter().enumerate() {
        let Ok(key) = u16::try_from(index).map(KeyId) else { continue };
        // What algorithms are weak follows from a keyword; all others of its kind are not the file's.
        let listen = row.name == "listenaddress" && scope.own.get(key).is_none();
        let set = scope.own.get(key).is_some() || (scope.effective.get(key).is_some() && !listen);
        let weak = derive::WEAK
            .iter()
            .find(|(_, fact)| *fact == row.name)
            .is_some_and(|(keyword, _)| open.is_some() && scope.own.get(id(keyword).unwrap_or(key)).is_none());
        if weak || (!set && row.arg != Arg::Fact) {
            let unsure = facts::unsure(row.name, versions) && row.since <= versions.newest;
            let limit = Why::Limit("the default of this version is not in the table");
            let Some(why) = open.clone().or(unsure.then_some(limit)) else { continue };
            scope.effective.set(key, Node::default_value(Value::Unknown(why)));
        }
    }
}

/// Lines of a Match block that look as if they were meant for everybody, and that would change something for them.
fn swallowed(walk: &mut Walk<'_, '_>) {
    let mut blocks: BTreeMap<usize, Vec<Suspect>> = BTreeMap::new();
    for suspect in std::mem::take(&mut walk.suspects) {
        let all = walk.blocks.get(suspect.block).is_none_or(|block| block.all);
        let Some(key) = id(suspect.row.name).filter(|_| !all) else { continue };
        let found = walk.model.lookup(FILE, key);
        let value = found.node.map(|node| &node.value);
        let differs = match value {
            Some(value) => print::same(suspect.row, value, &suspect.node.value) == Some(false),
            None => true,
        };
        if differs {
            blocks.entry(suspect.block).or_default().push(suspect);
        }
    }
    for (block, suspects) in blocks {
        let (Some(block), Some(first)) = (walk.blocks.get(block), suspects.first()) else { continue };
        let mut scope = Scope::new(kind::SWALLOWED, first.row.spelling, Some(block.scope), first.at);
        let name = |suspect: &Suspect| {
            let at = suspect.node.name_at.unwrap_or(suspect.at);
            Node::derived(Value::text(suspect.row.spelling), at, vec![at])
        };
        let keywords = Node::derived(Value::List(suspects.iter().map(name).collect()), first.at, vec![first.at]);
        for (key, node) in [("keyword", name(first)), ("keywords", keywords)] {
            if let Some(key) = id(key) {
                scope.effective.set(key, node);
            }
        }
        walk.model.push(scope);
    }
}

/// What sshd refuses only after it has read everything.
fn refusals(walk: &mut Walk<'_, '_>) {
    for (command, user) in [
        ("authorizedkeyscommand", "authorizedkeyscommanduser"),
        ("authorizedprincipalscommand", "authorizedprincipalscommanduser"),
    ] {
        let (Some(command), Some(user)) = (id(command), id(user)) else { continue };
        let own = |key| first_pass(walk, key);
        let set = |node: &Node| !node.value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("none"));
        if let Some(at) = own(command).filter(|node| set(node)).map(|node| node.at)
            && own(user).is_none()
            && walk.model.scope(FILE).is_some_and(|scope| scope.open.is_none() && scope.assumed.is_none())
        {
            let (command, user) =
                (row(command).map_or("", |row| row.spelling), row(user).map_or("", |row| row.spelling));
            walk.problem(at, format!("`{command}` is set without `{user}`: sshd does not start"));
        }
    }
    for (at, message) in of_another_family(&walk.model) {
        walk.problem(at, message);
    }
    if let Some(at) = unsatisfied(walk) {
        walk.problem(
            at,
            "none of the lists of `AuthenticationMethods` can be passed, as methods are off: sshd does not start",
        );
    }
}

/// What holds of a key after the first pass, in which lines for everybody count as well.
fn first_pass<'w>(walk: &'w Walk<'_, '_>, key: KeyId) -> Option<&'w Node> {
    let everybody = walk.blocks.iter().filter(|block| block.all).map(|block| block.scope);
    [FILE].into_iter().chain(everybody).find_map(|scope| walk.model.scope(scope)?.own.get(key))
}

/// Addresses to listen on that `AddressFamily` excludes.
fn of_another_family(model: &Model) -> Vec<(Loc, String)> {
    let own = |name: &str| {
        let scope = model.scope(FILE).filter(|scope| scope.open.is_none() && scope.assumed.is_none())?;
        id(name).and_then(|key| scope.own.get(key))
    };
    let family = own("addressfamily").and_then(|node| node.value.as_str()).unwrap_or("any");
    let addresses = own("listenaddress").and_then(|node| node.value.as_list()).unwrap_or_default();
    let excluded = |host: &str| match numeric_address(host) {
        Some(IpAddr::V4(_)) => family == "inet6",
        // The host's resolver turns one that stands for an IPv4 address into that.
        Some(IpAddr::V6(six)) => family == "inet" && six.to_ipv4_mapped().is_none(),
        None => false,
    };
    let host = |node: &Node| node.value.as_str().and_then(split_address).map(|(host, _)| host.to_owned());
    let found = addresses.iter().filter_map(|node| Some((node.at, host(node).filter(|host| excluded(host))?)));
    found
        .map(|(at, host)| (at, format!("`AddressFamily {family}` excludes the address `{host}`: sshd does not start")))
        .collect()
}

/// The place of `AuthenticationMethods` if no list of it has all its methods on.
fn unsatisfied(walk: &Walk<'_, '_>) -> Option<Loc> {
    let node = first_pass(walk, id("authenticationmethods")?)?;
    let on = |method: &str| -> Option<bool> {
        let keyword = match method.split(':').next().unwrap_or_default() {
            "publickey" => "pubkeyauthentication",
            "password" => "passwordauthentication",
            "keyboard-interactive" => "kbdinteractiveauthentication",
            "hostbased" => "hostbasedauthentication",
            "gssapi-with-mic" => "gssapiauthentication",
            _ => return Some(true),
        };
        let own = first_pass(walk, id(keyword)?);
        match own.map(|node| &node.value) {
            Some(Value::Bool(on)) => Some(*on),
            Some(_) => None,
            None => match walk.model.defaults.get(id(keyword)?)?.value {
                Value::Bool(on) => Some(on),
                _ => None,
            },
        }
    };
    let lists = node.value.as_list()?;
    let passable = |list: &Node| -> Option<bool> {
        let methods: Option<Vec<bool>> = list.value.as_str()?.split(',').map(on).collect();
        Some(methods?.iter().all(|on| *on))
    };
    let lists: Option<Vec<bool>> = lists.iter().map(passable).collect();
    lists.is_some_and(|lists| !lists.contains(&true)).then_some(node.at)
}

/// The scope of the connection that is asked for, which becomes the focus.
fn connection(walk: &mut Walk<'_, '_>) -> Overlay {
    let overlay = Overlay::of(walk, walk.query, None);
    let at = walk.model.scope(FILE).map_or(Loc::new(FileId(0), crate::text::Span::default()), |scope| scope.at);
    let asked = walk.query.conditions.iter().map(|(name, value)| format!("{name}={value}"));
    let label = asked.collect::<Vec<_>>().join(",");
    let mut scope = Scope::new(kind::MATCH, label, Some(FILE), at);
    overlay.apply(&mut scope.effective);
    for fact in [
        "matches_root",
        "limited_source",
        "root_refused",
        "password_by_default",
        "platform_console",
        "in_image",
        "sha1_signatures",
        "unsafe_environment",
    ] {
        if let Some(key) = id(fact) {
            let value = Value::Unknown(Why::Limit("it stands for a connection, not for a Match line"));
            scope.effective.set(key, Node::derived(value, at, Vec::new()));
        }
    }
    let id: ScopeId = walk.model.push(scope);
    walk.model.focus = id;
    overlay
}
