//! Facts of a whole configuration: whom its Match blocks are for, which algorithms on its lists are weak, and what clients
//! and users may set of the environment. What makes an algorithm or a name one of these stands in [`super::facts`].

use super::algorithms::wildcard;
use super::criteria::{self, Verdict};
use super::facts;
use super::resolve::{id, row};
use super::walk::{EVERYBODY, FILE, Walk};
use crate::model::{Model, Node, Origin, ScopeId, Value};
use crate::text::{Loc, Span};
use std::collections::BTreeMap;

/// Keys that sshd looks for where no line names any; it goes on without those that are not there (`sshd.c`, 6.5 to 10.2).
const USUAL_KEYS: [&str; 4] = [
    "/etc/ssh/ssh_host_rsa_key",
    "/etc/ssh/ssh_host_dsa_key",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ed25519_key",
];

/// The host keys that everybody on the machine may read.
pub(super) fn exposed_keys(walk: &mut Walk<'_, '_>) {
    let (Some(host_keys), Some(key)) = (id("hostkey"), id("exposed_keys")) else { return };
    let found = walk.model.lookup(FILE, host_keys);
    let usual = found.origin == Origin::Default;
    let first = walk.reader.source(found.at.file).line(1).len();
    let at = if usual { Loc::new(found.at.file, Span::new(0, first)) } else { found.at };
    let named = found.node.and_then(|node| node.value.as_list()).filter(|_| !usual).unwrap_or_default();
    let named = named.iter().filter_map(|node| Some((node.value.as_str()?, node.at)));
    let paths = named.chain(USUAL_KEYS.into_iter().filter(|_| usual).map(|path| (path, at)));
    let is_open =
        |path: &str| walk.query.mapped(path).is_some_and(|path| walk.query.is_for_everybody(walk.reader.loader, &path));
    let exposed: Vec<Node> = paths
        .filter(|(path, _)| path.rsplit('.').next() != Some("pub") && is_open(path))
        .map(|(path, at)| Node::derived(Value::text(path), at, vec![at]))
        .collect();
    let at = exposed.first().map_or(at, |node| node.at);
    let from = exposed.iter().map(|node| node.at).collect();
    if let Some(scope) = walk.model.scope_mut(FILE) {
        scope.effective.set(key, Node::derived(Value::List(exposed), at, from));
    }
}

/// Facts of each Match block.
pub(super) fn blocks(walk: &mut Walk<'_, '_>) {
    let blocks = walk.blocks.iter().map(|block| (block.scope, block.criteria.as_slice()));
    for (scope, criteria) in blocks.chain([(EVERYBODY, [].as_slice())]) {
        let root = match criteria::matches_root(criteria) {
            Verdict::Yes => Value::Bool(true),
            Verdict::No => Value::Bool(false),
            Verdict::Unknown(why) => Value::Unknown(why),
        };
        let limited = Value::Bool(criteria::limited_source(criteria));
        let Some(scope) = walk.model.scope_mut(scope) else { continue };
        let at = scope.label_at;
        for (name, value) in [("matches_root", root), ("limited_source", limited)] {
            if let Some(key) = id(name) {
                scope.effective.set(key, Node::derived(value, at, vec![at]));
            }
        }
    }
}

/// Whether root is turned away before it is asked for anything, or a block of its own says that it does not log in so.
pub(super) fn refused(walk: &mut Walk<'_, '_>) {
    let (Some(fact), Some(permit)) = (id("root_refused"), id("permitrootlogin")) else { return };
    let of_its_own = walk.blocks.iter().any(|block| {
        let own = walk.model.lookup(block.scope, permit).node.and_then(|node| node.value.as_str());
        criteria::only_root(&block.criteria) && own.is_some_and(|own| own != "yes")
    });
    let scopes: Vec<ScopeId> = walk.blocks.iter().map(|block| block.scope).chain([EVERYBODY]).collect();
    for scope in scopes {
        let list = |name: &str| {
            let found = walk.model.lookup(scope, id(name)?);
            let words = found.node?.value.as_list()?;
            words.iter().map(|word| word.value.as_str()).collect::<Option<Vec<&str>>>()
        };
        let is_root = |pattern: &&str| wildcard(pattern, "root");
        let denied =
            ["denyusers", "denygroups"].iter().any(|name| list(name).is_some_and(|all| all.iter().any(is_root)));
        let allowed = list("allowusers").is_none_or(|all| {
            all.is_empty()
                || all.iter().any(|word| word.starts_with('!') || is_root(&word.split('@').next().unwrap_or(word)))
        });
        let refused = denied || !allowed || of_its_own && scope == EVERYBODY;
        let at = walk.model.lookup(scope, permit).at;
        if let Some(scope) = walk.model.scope_mut(scope) {
            scope.effective.set(fact, Node::derived(Value::Bool(refused), at, Vec::new()));
        }
    }
}

/// Keywords that list algorithms, and the facts that name the weak ones of them.
pub(super) const WEAK: &[(&str, &str)] =
    &[("ciphers", "weak_ciphers"), ("kexalgorithms", "weak_kex"), ("macs", "weak_macs")];
/// Keywords that list signature algorithms.
const SIGNATURES: &[&str] =
    &["hostkeyalgorithms", "pubkeyacceptedalgorithms", "hostbasedacceptedalgorithms", "casignaturealgorithms"];

/// Signatures with SHA-1 that lines bring back, of each block and of everybody.
pub(super) fn signatures(walk: &mut Walk<'_, '_>) {
    let versions = walk.model.versions;
    let of = |(place, written): (&(Option<usize>, &'static str), &Node)| {
        let row = id(place.1).and_then(row).filter(|row| SIGNATURES.contains(&row.name))?;
        Some((*place, facts::old_signatures(row, written, versions)))
    };
    let lines: BTreeMap<(Option<usize>, &'static str), Vec<Node>> = walk.written.iter().filter_map(of).collect();
    // Of Match blocks the first that applies holds, and over the rest of the file.
    let for_all = |name: &'static str| {
        let alls = walk.blocks.iter().enumerate().filter(|(_, block)| block.all);
        alls.map(|(index, _)| index).find(|index| lines.contains_key(&(Some(*index), name)))
    };
    let names: Vec<(&'static str, Option<usize>)> = SIGNATURES.iter().map(|name| (*name, for_all(name))).collect();
    let in_force = |block: Option<usize>| -> Vec<Node> {
        let holder = |(name, all): &(&'static str, Option<usize>)| {
            let own = block.filter(|block| lines.contains_key(&(Some(*block), *name)));
            lines.get(&([own, *all].into_iter().flatten().min(), *name))
        };
        names.iter().filter_map(holder).flatten().cloned().collect()
    };
    let scopes = walk.blocks.iter().enumerate().map(|(index, block)| (block.scope, Some(index)));
    let found: Vec<(ScopeId, Vec<Node>)> =
        scopes.chain([(EVERYBODY, None)]).map(|(scope, block)| (scope, in_force(block))).collect();
    let of_host = lines.get(&(None, "hostkeyalgorithms")).map(Vec::as_slice).unwrap_or_default();
    let unknown = of_host.iter().find_map(|node| match &node.value {
        Value::Unknown(why) => Some(why.clone()),
        _ => None,
    });
    let dsa = of_host.iter().any(|node| node.value.as_str().is_some_and(facts::dsa));
    for (scope, elements) in found {
        put_list(&mut walk.model, scope, "sha1_signatures", elements);
    }
    if let (Some(key), Some(scope)) = (id("dsa_offered"), walk.model.scope_mut(FILE)) {
        let value = unknown.map_or(Value::Bool(dsa), Value::Unknown);
        scope.effective.set(key, Node::derived(value, scope.at, vec![scope.at]));
    }
}

/// Whether passwords are allowed because no line says anything of them.
pub(super) fn defaults(walk: &mut Walk<'_, '_>) {
    let (Some(password), Some(fact)) = (id("passwordauthentication"), id("password_by_default")) else { return };
    let scopes: Vec<ScopeId> = walk.blocks.iter().map(|block| block.scope).chain([EVERYBODY]).collect();
    for scope in scopes {
        let value = Value::Bool(walk.model.lookup(scope, password).origin == Origin::Default);
        let Some(scope) = walk.model.scope_mut(scope) else { continue };
        let at = scope.label_at;
        scope.effective.set(fact, Node::derived(value, at, vec![at]));
    }
}

/// What users and clients may set of the environment, where that has programs load or run what they like.
pub(super) fn environment(walk: &mut Walk<'_, '_>) {
    let (Some(accept), Some(permit)) = (id("acceptenv"), id("permituserenvironment")) else { return };
    let scopes: Vec<ScopeId> = walk.blocks.iter().map(|block| block.scope).chain([EVERYBODY]).collect();
    for scope in scopes {
        let elements = match walk.model.lookup(scope, accept).node {
            Some(Node { value: Value::List(patterns), .. }) => facts::unsafe_names(patterns),
            Some(node) => facts::unsafe_names(std::slice::from_ref(node)),
            None => Vec::new(),
        };
        put_list(&mut walk.model, scope, "unsafe_environment", elements);
    }
    let elements = walk.model.lookup(FILE, permit).node.map(facts::unsafe_user_names).unwrap_or_default();
    put_list(&mut walk.model, FILE, "unsafe_user_environment", elements);
}

/// Whether the file is what Azure App Service has images answer its web console with: that platform asks for these lists
/// (learn.microsoft.com, "Configure a custom container"), logs root in by a published password, and lets nobody else in.
pub(super) fn platform_console(walk: &mut Walk<'_, '_>) {
    let Some(fact) = id("platform_console") else { return };
    let text = |name: &'static str| walk.written.get(&(None, name)).and_then(|node| node.value.as_str());
    let asked = text("ciphers").is_some_and(|list| list.starts_with("aes128-cbc,3des-cbc,aes256-cbc"))
        && text("macs") == Some("hmac-sha1,hmac-sha1-96");
    let scopes: Vec<ScopeId> = walk.blocks.iter().map(|block| block.scope).chain([EVERYBODY, FILE]).collect();
    for scope in scopes {
        let Some(scope) = walk.model.scope_mut(scope) else { continue };
        let at = scope.label_at;
        scope.effective.set(fact, Node::derived(Value::Bool(asked), at, vec![at]));
    }
}

/// Whether the file is made for an image, in which root is whom all is for.
pub(super) fn in_image(walk: &mut Walk<'_, '_>, made: bool) {
    let Some(fact) = id("in_image") else { return };
    let scopes: Vec<ScopeId> = walk.blocks.iter().map(|block| block.scope).chain([EVERYBODY, FILE]).collect();
    for scope in scopes {
        let Some(scope) = walk.model.scope_mut(scope) else { continue };
        let at = scope.label_at;
        scope.effective.set(fact, Node::derived(Value::Bool(made), at, vec![at]));
    }
}

/// Fills in a fact that is a list.
fn put_list(model: &mut Model, scope: ScopeId, name: &str, elements: Vec<Node>) {
    let (Some(key), Some(scope)) = (id(name), model.scope_mut(scope)) else { return };
    scope.effective.set(key, Node::derived(Value::List(elements), scope.at, vec![scope.at]));
}

pub(super) fn weak(walk: &mut Walk<'_, '_>) {
    let versions = walk.model.versions;
    for (keyword, fact) in WEAK {
        let (Some(key), Some(fact)) = (id(keyword), id(fact)) else { continue };
        let (Some(row), Some(scope)) = (row(key), walk.model.scope_mut(FILE)) else { continue };
        let node = facts::weak(row, walk.written.get(&(None, *keyword)), scope.at, versions);
        scope.effective.set(fact, node);
    }
}
