//! What follows from settings: the algorithms that a list amounts to, which of them are weak, and which of two values
//! lets in less.

use super::algorithms::{self, Entry};
use super::defaults::UNSURE;
use super::keywords::{Algorithms, Arg, Keyword};
use crate::model::{Node, Origin, Value, Why};
use crate::schema::Default;
use crate::text::{Loc, Span};
use crate::version::{Version, Versions};
use std::collections::BTreeMap;

/// Whether the default of `name` is not known for all versions of the range.
pub(super) fn unsure(name: &str, versions: Versions) -> bool {
    let version = |[major, minor]: [u16; 2]| Version([major, minor, 0]);
    UNSURE.iter().any(|(known, from, until)| {
        *known == name && version(*from) <= versions.newest && versions.oldest < version(*until)
    })
}

/// The default at one version.
fn default_at(default: Default, at: Version) -> &'static str {
    match default {
        Default::Absent | Default::Filled => "",
        Default::Always(text) => text,
        Default::Since(steps) => steps.iter().rev().find(|(from, _)| *from <= at).map_or("", |(_, text)| text),
    }
}

/// The lists that an argument amounts to, over the versions of the range.
fn lists(row: &Keyword, kind: Algorithms, argument: &str, versions: Versions) -> Vec<Vec<Entry>> {
    let mut epochs = algorithms::epochs(kind, versions);
    if let Default::Since(steps) = row.default {
        epochs.extend(steps.iter().map(|(at, _)| *at).filter(|at| versions.oldest < *at && *at <= versions.newest));
    }
    epochs.sort_unstable();
    epochs.dedup();
    epochs.iter().map(|at| algorithms::assemble(kind, argument, default_at(row.default, *at), *at)).collect()
}

/// The place of an algorithm in the argument that names it; the argument where it has escapes.
fn place(at: Loc, argument: &str, range: Option<(usize, usize)>) -> Loc {
    match range {
        Some((start, end)) if at.span.range().len() == argument.len() => {
            let from = at.span.start as usize;
            Loc::new(at.file, Span::new(from + start, from + end))
        }
        _ => at,
    }
}

/// Whether a list of algorithms has a name with `!` before it, which only a list of those to be left out may have.
pub(super) fn shuts_out(row: &Keyword, node: &Node) -> bool {
    let argument = node.value.as_str().filter(|text| matches!(row.arg, Arg::Algorithms(_)) && !text.starts_with('-'));
    argument.is_some_and(|text| text.trim_start_matches(['+', '^']).split(',').any(|name| name.starts_with('!')))
}

/// A list of algorithms as it holds, of the argument that was read; other values as they are.
pub(super) fn listed(row: &Keyword, node: Node, versions: Versions) -> Node {
    let (Arg::Algorithms(kind), Some(argument)) = (row.arg, node.value.as_str()) else { return node };
    let relative = argument.starts_with(['+', '-', '^']);
    let unknown = || Value::Unknown(Why::Version(row.name.into()));
    let lists = lists(row, kind, argument, versions);
    let names = |list: &[Entry]| list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let agree = lists.windows(2).all(|pair| matches!(pair, [a, b] if names(a) == names(b)));
    let value = match lists.first() {
        Some(list) if agree && !(relative && unsure(row.name, versions)) => Value::List(
            list.iter()
                .map(|(name, range)| {
                    let element = Node::set(Value::text(name.as_str()), place(node.at, argument, *range));
                    if range.is_some() { element } else { Node { origin: Origin::Default, ..element } }
                })
                .collect(),
        ),
        _ => unknown(),
    };
    Node { value, ..node }
}

/// Whether a signature rests on SHA-1, or on a DSA key of 1024 bits.
fn old_signature(name: &str) -> bool {
    ["ssh-rsa", "ssh-rsa-cert-v01@openssh.com"].contains(&name) || dsa(name)
}

/// Whether a signature is one of a DSA key.
pub(super) fn dsa(name: &str) -> bool {
    ["ssh-dss", "ssh-dss-cert-v01@openssh.com"].contains(&name)
}

/// The old signature algorithms that an argument names, of a keyword whose defaults have had none since 8.8.
///
/// That a version of the range no longer knows one is no reason to pass over it: those that do, run with it.
pub(super) fn old_signatures(row: &Keyword, written: &Node, versions: Versions) -> Vec<Node> {
    let Arg::Algorithms(kind) = row.arg else { return Vec::new() };
    if let Value::Unknown(why) = &written.value {
        return vec![Node::derived(Value::Unknown(why.clone()), written.at, vec![written.at])];
    }
    let argument = written.value.as_str().unwrap_or_default();
    let named = lists(row, kind, argument, versions).into_iter().flatten();
    let mut found: BTreeMap<String, Node> = BTreeMap::new();
    for (name, range) in named.filter(|(name, range)| range.is_some() && old_signature(name)) {
        let at = place(written.at, argument, range);
        found.entry(name).or_insert_with_key(|name| Node::derived(Value::text(name.as_str()), at, vec![at]));
    }
    found.into_values().collect()
}

/// Variables that choose what programs load or run before the command that a session is for.
const LOADERS: &[&str] = &[
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "BASH_ENV",
    "ENV",
    "SHELLOPTS",
    "PERL5LIB",
    "PERL5OPT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "NODE_OPTIONS",
];

/// Those of the patterns of `AcceptEnv` that take in such a variable. `PATH` is none: sshd sets it again.
pub(super) fn unsafe_names(patterns: &[Node]) -> Vec<Node> {
    let harmful = |node: &&Node| match node.value.as_str() {
        Some(pattern) => LOADERS.iter().any(|name| algorithms::wildcard(pattern, name)),
        None => matches!(node.value, Value::Unknown(_)),
    };
    let derived = |node: &Node| Node::derived(node.value.clone(), node.at, vec![node.at]);
    patterns.iter().filter(harmful).map(derived).collect()
}

/// What `PermitUserEnvironment` says, if it takes in such a variable. There `PATH` is one: users' files are read last.
pub(super) fn unsafe_user_names(node: &Node) -> Vec<Node> {
    let harmful = match node.value.as_str() {
        Some("yes") => true,
        Some("no") => false,
        Some(patterns) => LOADERS.iter().chain(&["PATH"]).any(|name| algorithms::in_pattern_list(patterns, name)),
        None => matches!(node.value, Value::Unknown(_)),
    };
    let derived = Node::derived(node.value.clone(), node.at, vec![node.at]);
    if harmful { vec![derived] } else { Vec::new() }
}

/// The weak ones of the algorithms that hold; `written` is the argument as it was read, if a line sets it.
pub(super) fn weak(row: &Keyword, written: Option<&Node>, header: Loc, versions: Versions) -> Node {
    let Arg::Algorithms(kind) = row.arg else { return Node::derived(Value::Null, header, Vec::new()) };
    let at = written.map_or(header, |node| node.at);
    let derived = |value| Node::derived(value, at, vec![at]);
    let argument = match written.map(|node| &node.value) {
        None => "+",
        Some(Value::Unknown(why)) => return derived(Value::Unknown(why.clone())),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let is_weak = match kind {
        Algorithms::Kex => algorithms::weak_kex,
        Algorithms::Mac => algorithms::weak_mac,
        _ => algorithms::weak_cipher,
    };
    // What the range of versions no longer knows is refused, and named as well: older ones run with it.
    let names = |list: Vec<Entry>| list.into_iter().filter(|(name, _)| is_weak(name)).collect::<Vec<Entry>>();
    let mut lists = lists(row, kind, argument, versions).into_iter().map(names);
    let Some(first) = lists.next() else { return derived(Value::List(Vec::new())) };
    if lists.any(|list| list != first) {
        return derived(Value::Unknown(Why::Version(row.name.into())));
    }
    let element = |(name, range): Entry| {
        let at = place(at, argument, range);
        Node::derived(Value::text(name), at, vec![at])
    };
    derived(Value::List(first.into_iter().map(element).collect()))
}

/// Words of a keyword's values, the strictest first.
const RANKS: &[(&str, &[&str])] = &[
    ("allowstreamlocalforwarding", &["no", "local", "remote", "yes"]),
    ("allowtcpforwarding", &["no", "local", "remote", "yes"]),
    ("gatewayports", &["no", "clientspecified", "yes"]),
    ("ignorerhosts", &["yes", "shosts-only", "no"]),
    ("loglevel", &["VERBOSE", "INFO", "ERROR", "FATAL", "QUIET"]),
    ("permitrootlogin", &["no", "forced-commands-only", "without-password", "yes"]),
    ("permittunnel", &["no", "point-to-point", "ethernet", "yes"]),
];
/// Flags, and the value that lets in less.
const FLAGS: &[(&str, bool)] = &[
    ("allowagentforwarding", false),
    ("disableforwarding", true),
    ("gssapiauthentication", false),
    ("hostbasedauthentication", false),
    ("ignoreuserknownhosts", true),
    ("kbdinteractiveauthentication", false),
    ("kerberosauthentication", false),
    ("passwordauthentication", false),
    ("permitemptypasswords", false),
    ("permittty", false),
    ("permituserrc", false),
    ("refuseconnection", true),
    ("strictmodes", true),
    ("x11forwarding", false),
    ("x11uselocalhost", true),
];
/// Numbers of which less is stricter.
const LESS: &[&str] = &["logingracetime", "maxauthtries", "maxsessions"];
/// Keywords that restrict by being there at all.
const SET: &[&str] = &["authenticationmethods", "chrootdirectory", "forcecommand", "permitlisten", "permitopen"];

/// Whether `lost` lets in less than `winner`; nothing where one of them is unknown.
pub(super) fn stricter(name: &str, lost: &Value, winner: &Value) -> Option<bool> {
    if matches!(lost, Value::Unknown(_)) || matches!(winner, Value::Unknown(_)) {
        return None;
    }
    if let Some((_, ranks)) = RANKS.iter().find(|(known, _)| *known == name) {
        let rank = |value: &Value| ranks.iter().position(|word| value.as_str() == Some(word));
        return Some(matches!((rank(lost), rank(winner)), (Some(lost), Some(winner)) if lost < winner));
    }
    if let Some((_, strict)) = FLAGS.iter().find(|(known, _)| *known == name) {
        return Some(*lost == Value::Bool(*strict) && *winner == Value::Bool(!*strict));
    }
    if LESS.contains(&name) {
        // No limit at all is the greatest.
        let number = |value: &Value| match value {
            Value::Int(0) if name == "logingracetime" => Some(i64::MAX),
            Value::Int(number) => Some(*number),
            _ => None,
        };
        return Some(matches!((number(lost), number(winner)), (Some(lost), Some(winner)) if lost < winner));
    }
    if name == "requiredrsasize" {
        return Some(matches!((lost, winner), (Value::Int(lost), Value::Int(winner)) if lost > winner));
    }
    let words = |value: &Value| -> Vec<String> {
        let elements = value.as_list().unwrap_or_default();
        elements.iter().filter_map(|node| node.value.as_str().map(str::to_owned)).collect()
    };
    if SET.contains(&name) {
        let free = |value: &Value| {
            value.as_str() == Some("none") || matches!(words(value).as_slice(), [word] if word == "any")
        };
        return Some(free(winner) && !free(lost));
    }
    let (lost, winner) = (words(lost), words(winner));
    let lists = ["ciphers", "kexalgorithms", "macs", "hostkeyalgorithms", "pubkeyacceptedalgorithms"];
    Some(lists.contains(&name) && winner.len() > lost.len() && lost.iter().all(|name| winner.contains(name)))
}
