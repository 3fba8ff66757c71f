//! What a server behind nginx is told by one header, as the formats of the programs behind it ask.
//!
//! Only what the file says is told: a target with a variable, a template or a file that is not at hand are left out.

use super::leads;
use crate::model::{Model, ScopeId, Text, Value};
use crate::text::Loc;

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
    let mut found = Vec::new();
    let mut last = None;
    for lead in leads::of(model) {
        let mine = lead.directive == "proxy_pass" && lead.host.eq_ignore_ascii_case(host);
        let parent = model.scope(lead.scope).and_then(|scope| scope.parent);
        // A group may name the host several times.
        if let Some(parent) = parent.filter(|parent| mine && last != Some(lead.scope) && is_reached(model, *parent)) {
            last = Some(lead.scope);
            found.push(Forwarded { at: lead.at, sent: sent(model, parent, header) });
        }
    }
    found
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
