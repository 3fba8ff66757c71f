//! Content-Security-Policy: Django's own (`SECURE_CSP`), and that of django-csp in its older and its newer form.

use super::eval::{Obj, Py, Val};
use super::facts::Facts;
use crate::model::{Node, Scope, ScopeId, Value};
use crate::text::Loc;

const OWN: &str = "django.middleware.csp.ContentSecurityPolicyMiddleware";
const LIBRARY: &str = "csp.middleware.CSPMiddleware";
/// Directives of the older django-csp, which each have a setting.
const OLDER: &[(&str, &str)] = &[
    ("CSP_DEFAULT_SRC", "default-src"),
    ("CSP_SCRIPT_SRC", "script-src"),
    ("CSP_SCRIPT_SRC_ATTR", "script-src-attr"),
    ("CSP_SCRIPT_SRC_ELEM", "script-src-elem"),
    ("CSP_FRAME_ANCESTORS", "frame-ancestors"),
];
/// Directives that say which scripts run.
const SCRIPTS: &[&str] = &["script-src", "script-src-elem", "script-src-attr"];

/// A directive of the policy that is enforced.
struct Directive {
    name: String,
    at: Loc,
    /// The sources; `None` for one that is not known.
    sources: Vec<(Option<String>, Loc)>,
}

/// Fills in what the module says of its policy.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    let state = state(facts);
    let value = state
        .map_or_else(|| Value::Unknown(crate::model::Why::Limit("whether a policy is sent is not known")), Value::text);
    let from = if facts.bound.contains_key("SECURE_CSP") { "SECURE_CSP" } else { "CONTENT_SECURITY_POLICY" };
    facts.put("csp_state", value, from);
    let list = if state == Some("enforced") { directives(facts) } else { Vec::new() };
    let ancestors = list.iter().any(|directive| directive.name == "frame-ancestors");
    facts.put("csp_limits_frames", Value::Bool(ancestors), "MIDDLEWARE");
    scopes(facts, &list);
}

/// What browsers get: `enforced`, `report-only`, `inert` (a middleware without a policy) or `missing`.
fn state(facts: &mut Facts<'_, '_, '_>) -> Option<&'static str> {
    let own = facts.lists("MIDDLEWARE", OWN)?;
    let library = facts.lists("MIDDLEWARE", LIBRARY)?;
    if library {
        // Without settings, django-csp sends `default-src 'self'`.
        let older = facts.bound.contains_key("CSP_REPORT_ONLY");
        let only = facts.bound.contains_key("CONTENT_SECURITY_POLICY_REPORT_ONLY")
            && !facts.bound.contains_key("CONTENT_SECURITY_POLICY");
        let older = if older { facts.truth("CSP_REPORT_ONLY")? } else { false };
        return Some(if only || older { "report-only" } else { "enforced" });
    }
    if !own {
        return Some("missing");
    }
    // Before Django 6.0 there is no default, and nothing is no policy as well.
    let mut truth = |name: &str| {
        if facts.bound.contains_key(name) || facts.open.is_some() { facts.truth(name) } else { Some(false) }
    };
    if truth("SECURE_CSP")? {
        return Some("enforced");
    }
    Some(if truth("SECURE_CSP_REPORT_ONLY")? { "report-only" } else { "inert" })
}

fn directives(facts: &mut Facts<'_, '_, '_>) -> Vec<Directive> {
    for name in ["SECURE_CSP", "CONTENT_SECURITY_POLICY"] {
        if !facts.bound.contains_key(name) {
            continue;
        }
        let mut val = facts.effective(name);
        if name == "CONTENT_SECURITY_POLICY" {
            let inner = entries(facts, &val).into_iter().find(|(key, _)| key == "DIRECTIVES");
            let Some((_, inner)) = inner else { return Vec::new() };
            val = inner;
        }
        let list = entries(facts, &val);
        return list.into_iter().map(|(name, val)| directive(facts, name, &val)).collect();
    }
    let mut list = Vec::new();
    for (name, directive_name) in OLDER {
        if facts.bound.contains_key(*name) {
            let val = facts.effective(name);
            list.push(directive(facts, (*directive_name).to_owned(), &val));
        }
    }
    list
}

/// The entries of a dict that is known.
fn entries(facts: &Facts<'_, '_, '_>, val: &Val) -> Vec<(String, Val)> {
    let Py::Ref(id) = val.py else { return Vec::new() };
    match facts.interp.objects(id).as_slice() {
        [(_, Obj::Dict(dict))] if dict.open.is_none() => {
            let text = |(key, val): &(Val, Val)| Some((key.as_str()?.to_owned(), val.clone()));
            dict.entries.iter().filter_map(text).take(100).collect()
        }
        _ => Vec::new(),
    }
}

fn directive(facts: &mut Facts<'_, '_, '_>, name: String, val: &Val) -> Directive {
    let sources = if let Some(text) = val.as_str() {
        text.split_whitespace().map(|word| (Some(word.to_owned()), val.at)).collect()
    } else {
        match facts.interp.items(val).as_slice() {
            [(_, Ok(list))] => list.iter().take(500).map(|val| (source(val), val.at)).collect(),
            _ => vec![(None, val.at)],
        }
    };
    Directive { name, at: val.at, sources }
}

/// A source as the header has it; the constants of both libraries are spelt alike.
fn source(val: &Val) -> Option<String> {
    if let Py::Ext(name) = &val.py {
        let name = name.rsplit('.').next().unwrap_or_default();
        return Some(format!("'{}'", name.to_ascii_lowercase().replace('_', "-")));
    }
    val.as_str().map(str::to_owned)
}

/// The sources that let scripts in which the site did not write.
fn unsafe_sources(directive: &Directive, adds_nonce: bool) -> Vec<Node> {
    let has = |wanted: &str| {
        directive.sources.iter().any(|(source, _)| source.as_deref().is_some_and(|text| text.starts_with(wanted)))
    };
    let unknown = directive.sources.iter().any(|(source, _)| source.is_none());
    // Browsers that know nonces and hashes pass over 'unsafe-inline' where there is one, and over hosts with 'strict-dynamic'.
    let signed = adds_nonce || unknown || has("'nonce") || has("'sha") || has("'strict-dynamic'");
    let dynamic = unknown || has("'strict-dynamic'");
    let is_unsafe = |text: &str| match text {
        "'unsafe-inline'" => !signed,
        "'unsafe-eval'" => true,
        "*" | "data:" | "http:" | "https:" => !dynamic,
        _ => false,
    };
    let found = directive.sources.iter().filter_map(|(source, at)| Some((source.as_deref()?, *at)));
    found.filter(|(text, _)| is_unsafe(text)).map(|(text, at)| Node::derived(Value::text(text), at, vec![at])).collect()
}

fn scopes(facts: &mut Facts<'_, '_, '_>, list: &[Directive]) {
    let Some(kind) = super::keys::SCHEMA.kind_named("csp_directive") else { return };
    let has_scripts = list.iter().any(|directive| directive.name == "script-src");
    let adds_nonce = facts.bound.contains_key("CSP_INCLUDE_NONCE_IN");
    for directive in list {
        let decides = SCRIPTS.contains(&directive.name.as_str()) || directive.name == "default-src" && !has_scripts;
        let found = if decides { unsafe_sources(directive, adds_nonce) } else { Vec::new() };
        let at = found.first().map_or(directive.at, |node| node.at);
        let mut scope = Scope::new(kind, directive.name.as_str(), Some(ScopeId(0)), directive.at);
        for (key, value) in [("name", Value::text(directive.name.as_str())), ("unsafe_sources", Value::List(found))] {
            if let Some(id) = super::keys::SCHEMA.key(kind, key) {
                scope.own.set(id, Node::derived(value, at, vec![at]));
            }
        }
        facts.model.push(scope);
    }
}
