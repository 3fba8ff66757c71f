//! Secrets that are used for two things, so that whoever learns one has the other. Values are compared, and never told.

use super::Facts;
use crate::deployment::Member;
use crate::deployment::keys::REUSE;
use crate::formats::compose;
use crate::model::{Scope, Value};
use crate::secrets;
use crate::text::Loc;
use std::collections::BTreeMap;

/// Shorter texts say nothing by being equal.
const LEAST: usize = 8;

/// What a secret is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    /// Signing or encrypting what the application itself gives out.
    Signing,
    /// An account that a service makes.
    Account(usize),
    /// Logging in somewhere.
    Login,
}

/// A place that holds a secret.
struct Use<'a> {
    purpose: For,
    name: &'a str,
    service: usize,
    at: Loc,
}

/// Adds a scope for each secret that two variables hold.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    let mut uses: BTreeMap<&str, Vec<Use<'_>>> = BTreeMap::new();
    for (service, member) in deployment.services.iter().enumerate() {
        for (name, node) in &member.service.variables {
            let Some(text) = node.value.as_str().filter(|text| text.len() >= LEAST && !secrets::is_placeholder(text))
            else {
                continue;
            };
            if let Some(purpose) = purpose(member, service, name) {
                uses.entry(text).or_default().push(Use { purpose, name, service, at: node.at });
            }
        }
    }
    let Some(&root) = facts.scopes.first() else { return };
    let parent = facts.model.scope(root).and_then(|scope| scope.parent);
    for (one, other, differ) in uses.values().filter_map(|uses| pair(uses)) {
        let owner = |index: usize| deployment.services.get(index).map(|it| it.name.clone()).unwrap_or_default();
        let scope = facts.model.push(Scope::new(REUSE, one.name, parent, one.at));
        facts.put(scope, "differ", Value::Bool(differ), vec![one.at, other.at]);
        for (key, text, at) in [
            ("service", owner(one.service).to_string(), one.at),
            ("other", other.name.to_owned(), other.at),
            ("other_service", owner(other.service).to_string(), other.at),
        ] {
            facts.put(scope, key, Value::text(text), vec![at]);
        }
    }
}

fn purpose(member: &Member, service: usize, name: &str) -> Option<For> {
    if !secrets::is_secret_name(name) || secrets::is_for_another_service(name) {
        return None;
    }
    if secrets::is_key_name(name) {
        return Some(For::Signing);
    }
    let is_password = ["PASS", "PWD"].iter().any(|word| name.to_ascii_uppercase().contains(word));
    match compose::makes_account(name, member.image.as_deref(), &member.name) {
        Some(true) if is_password => Some(For::Account(service)),
        _ => is_password.then_some(For::Login),
    }
}

/// Two uses, and whether they are different things: a key and a password, or accounts of two services. Else they are
/// copies of one secret.
fn pair<'u, 'a>(uses: &'u [Use<'a>]) -> Option<(&'u Use<'a>, &'u Use<'a>, bool)> {
    let first = |fits: &dyn Fn(&Use<'a>) -> bool| uses.iter().find(|it| fits(it));
    if let Some(key) = first(&|it| it.purpose == For::Signing)
        && let Some(password) = first(&|it| it.purpose != For::Signing && it.at != key.at)
    {
        return Some((key, password, true));
    }
    if let Some(account) = first(&|it| matches!(it.purpose, For::Account(_))) {
        let another = |it: &Use<'a>| matches!(it.purpose, For::Account(_)) && it.purpose != account.purpose;
        // Under the same name they may be two copies of one database.
        if let Some(other) = first(&|it| another(it) && it.at != account.at && it.name != account.name) {
            return Some((account, other, true));
        }
    }
    let (one, rest) = uses.split_first()?;
    Some((one, rest.first()?, false))
}
