//! What a server behind nginx is told by one header, as the formats of the programs behind it ask.
//!
//! Only what the file says is told: a target with a variable, a template or a file that is not at hand are left out.

use crate::model::{Model, ScopeId, Str, Text, Value};
use crate::text::Loc;
use std::collections::BTreeMap;

/// A `proxy_pass` to a server.
pub(crate) struct Forwarded {
    /// Where it stands.
    pub(crate) at: Loc,
    /// What becomes of the header.
    pub(crate) sent: Sent,
}

/// What becomes of a header that the client may have sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It goes on as the client wrote it, since nothing sets it.
    Untouched,
    /// It is set, to this.
    Set(String, Loc),
    /// Some of what decides is not at hand.
    Unknown,
}

/// What is passed on to the server called `host`, of the header called `header` as Django names it: `X_FORWARDED_PROTO`.
pub(crate) fn to(model: &Model, host: &str, header: &str) -> Vec<Forwarded> {
    let schema = model.format.schema;
    let (Some(proxy), Some(group)) = (schema.kind_named("proxy"), schema.kind_named("upstream")) else {
        return Vec::new();
    };
    let scopes = || (0..).map(ScopeId).zip(&model.scopes);
    let leads_to = |server: &str| name(server).eq_ignore_ascii_case(host);
    // A group is meant where one of its servers is: requests go to each of them.
    let mut groups: Vec<Str> = Vec::new();
    for (id, scope) in scopes().filter(|(_, scope)| scope.kind == group) {
        let servers = model.get(id, "server").and_then(Value::as_list).unwrap_or_default();
        let lines = servers.iter().filter_map(|line| line.value.as_str());
        if lines.filter_map(|line| line.split_ascii_whitespace().next()).any(leads_to) {
            groups.push(scope.label.to_ascii_lowercase());
        }
    }
    let variables = set_once(model);
    let mut found = Vec::new();
    for (id, scope) in scopes().filter(|(_, scope)| scope.kind == proxy) {
        let text = |key: &str| model.get(id, key).and_then(Value::as_str);
        let (Some("proxy_pass"), Some(target)) = (text("directive"), text("target")) else { continue };
        let Some(target) = expanded(target, &variables) else { continue };
        let Some((_, rest)) = target.split_once("://") else { continue };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let server = rest.get(..end).unwrap_or_default();
        let by_group = groups.iter().any(|group| group.eq_ignore_ascii_case(server));
        if let Some(parent) = scope.parent.filter(|parent| (by_group || leads_to(server)) && is_reached(model, *parent))
        {
            found.push(Forwarded { at: scope.at, sent: sent(model, parent, header) });
        }
    }
    found
}

/// The variables that one `set` of the file gives a text without variables.
fn set_once(model: &Model) -> BTreeMap<&str, Option<&str>> {
    let mut found: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for scope in &model.scopes {
        let Some(key) = model.format.schema.key(scope.kind, "set") else { continue };
        let lines = scope.own.get(key).and_then(|node| node.value.as_list()).unwrap_or_default();
        for (name, value) in lines.iter().filter_map(|line| line.value.as_str()?.split_once(' ')) {
            let value = Some(value.trim()).filter(|value| !value.contains('$'));
            found.entry(name).and_modify(|known| *known = known.filter(|known| Some(*known) == value)).or_insert(value);
        }
    }
    found
}

/// A target with its variables put in; nothing where one is not known.
fn expanded(target: &str, variables: &BTreeMap<&str, Option<&str>>) -> Option<String> {
    let (mut out, mut rest) = (String::new(), target);
    while let Some((before, behind)) = rest.split_once('$') {
        let bare = behind.strip_prefix('{').unwrap_or(behind);
        let length = bare.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(bare.len());
        let (name, after) = bare.split_at_checked(length)?;
        out.push_str(before);
        // Behind the host, a variable says nothing of where it is.
        match variables.get(format!("${name}").as_str()).copied().flatten() {
            Some(value) => out.push_str(value),
            None if out.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?'])) => break,
            None => return None,
        }
        rest = if bare.len() < behind.len() { after.strip_prefix('}').unwrap_or(after) } else { after };
    }
    out.push_str(rest);
    Some(out)
}

/// Whether anybody's requests in clear text get there: the server answers those with more than redirects, as far as is
/// known, and no block on the way keeps addresses out.
fn is_reached(model: &Model, scope: ScopeId) -> bool {
    let server = model.format.schema.kind_named("server");
    model.ancestors(scope).all(|(id, scope)| {
        let own = |name: &str| {
            let key = model.format.schema.key(scope.kind, name);
            key.is_some_and(|key| scope.own.get(key).is_some())
        };
        let in_clear = Some(scope.kind) != server || model.get(id, "plain_content") != Some(&Value::Bool(false));
        in_clear && !own("deny") && !own("internal")
    })
}

/// A host without its port.
fn name(server: &str) -> &str {
    server.split(':').next().unwrap_or_default()
}

/// What the nearest block with `proxy_set_header` lines says of the header: they replace those of the blocks around it.
fn sent(model: &Model, scope: ScopeId, header: &str) -> Sent {
    let schema = model.format.schema;
    for (_, scope) in model.ancestors(scope) {
        if scope.open.is_some() {
            return Sent::Unknown;
        }
        let own = |name: &str| schema.key(scope.kind, name).and_then(|key| scope.own.get(key)).map(|node| &node.value);
        // Nothing of the client's is passed on then.
        if own("proxy_pass_request_headers").is_some() {
            return Sent::Unknown;
        }
        let lines = match own("proxy_set_header") {
            None => continue,
            Some(Value::List(lines)) => lines,
            Some(_) => return Sent::Unknown,
        };
        for line in lines {
            let Value::Text(Text::Known(text)) = &line.value else { return Sent::Unknown };
            let (known, value) = text.split_once(' ').unwrap_or((text, ""));
            // A name with `_` is another header, which Django sees under the same name, and does not replace the client's.
            if known.eq_ignore_ascii_case(&header.replace('_', "-")) {
                return Sent::Set(value.trim().to_owned(), line.at);
            }
        }
        return Sent::Untouched;
    }
    Sent::Untouched
}
