//! Settings in Python: what assignments of a module or a class name, items of a configuration, and arguments of a call.

use super::{Place, is_part, keys, values};
use hardlint_config::model::Model;
use hardlint_config::schema::KindId;
use hardlint_config::syntax::python::{Standing, standing};
use lsp_types::CompletionItem;

/// What is looked through before an argument for the call that it is given to, in bytes.
const MOST_BEFORE: usize = 4096;

/// What can be written at a place.
pub(super) fn items(model: &Model, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    if model.format.id == "asgi" {
        return argument(model, place);
    }
    let line = place.line();
    let kind = model.format.schema.kind_named(if model.format.id == "flask" { "app" } else { "module" })?;
    if let Some(found) = (model.format.id == "flask").then(|| item(model, kind, place)).flatten() {
        return Some(found);
    }
    let word = line.trim_start();
    let at = |rest: &str| line.len() - rest.len();
    let begins = word.chars().all(is_part);
    let assigned = word.split_once('=').filter(|(name, _)| name.trim_end().chars().all(is_part));
    if !begins && assigned.is_none() || !holds_settings(model, place) {
        return None;
    }
    match assigned {
        Some((name, rest)) => value(model, kind, name.trim_end(), rest, place),
        None => Some(keys(model, kind, None, place.sign(" = "), place.word(at(word)))),
    }
}

/// Whether an assignment on this line may be a setting. What makes an application is configured by its items.
fn holds_settings(model: &Model, place: &Place<'_>) -> bool {
    let text = &place.source.text;
    let end =
        text.get(place.offset..).and_then(|rest| rest.find(['\r', '\n'])).map_or(text.len(), |end| place.offset + end);
    match standing(text, place.start()..end) {
        Some(Standing::Class) => true,
        Some(Standing::Module) => model.format.id == "django" || !text.contains("Flask("),
        None => false,
    }
}

/// `config["NAME` and `config["NAME"] = value`.
fn item(model: &Model, kind: KindId, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let line = place.line();
    let (_, rest) = line.rsplit_once("config[")?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let rest = rest.get(1..)?;
    match rest.split_once(quote) {
        None if rest.chars().all(is_part) => Some(keys(model, kind, None, "", place.word(line.len() - rest.len()))),
        None => None,
        Some((name, rest)) => {
            let rest = rest.trim_start().strip_prefix(']')?.trim_start().strip_prefix('=')?;
            value(model, kind, name, rest, place)
        }
    }
}

/// A value that is begun behind its name.
fn value(model: &Model, kind: KindId, name: &str, rest: &str, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let value = rest.trim_start();
    let inner = value.trim_start_matches(['"', '\'']);
    let quote = (inner.len() == value.len()).then_some("'");
    let range = place.word(place.line().len() - inner.len());
    inner.chars().all(is_part).then(|| values(model, &[kind], name, range, quote))
}

/// The arguments of what makes an application or puts middleware around it.
fn argument(model: &Model, place: &Place<'_>) -> Option<Vec<CompletionItem>> {
    let before = place.before();
    let word = before.rsplit(|c| !is_part(c)).next().unwrap_or_default();
    let ahead = before.get(..before.len() - word.len())?;
    let stands = ahead.trim_end();
    if !stands.ends_with(['(', ',']) {
        return None;
    }
    let mut from = stands.len().saturating_sub(MOST_BEFORE);
    while !stands.is_char_boundary(from) {
        from += 1;
    }
    let mut open = 0_usize;
    let start = stands.get(from..)?.char_indices().rev().find_map(|(at, letter)| {
        match letter {
            ')' | ']' | '}' => open += 1,
            '(' | '[' | '{' if open > 0 => open -= 1,
            '(' => return Some(from + at),
            '[' | '{' => return Some(usize::MAX),
            _ => {}
        }
        None
    })?;
    let name =
        |text: &'_ str| text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    let called = name(stands.get(..start)?);
    let called = match called.as_str() {
        "add_middleware" | "Middleware" => name(stands.get(start + 1..)?.split_once(',')?.0.trim_end()),
        _ => called,
    };
    let kind = match called.as_str() {
        "FastAPI" | "Starlette" => "app",
        "CORSMiddleware" => "cors",
        "SessionMiddleware" => "session",
        "TrustedHostMiddleware" => "trusted_host",
        "ProxyHeadersMiddleware" => "proxy_headers",
        _ => return None,
    };
    let kind = model.format.schema.kind_named(kind)?;
    Some(keys(model, kind, None, place.sign("="), place.word(place.line().len() - word.len())))
}
