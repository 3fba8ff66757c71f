//! Secrets that stand in a configuration: in headers and parameters for the servers behind, in headers for visitors, in
//! variables, and in what requests are compared with.
//!
//! A word is one if its name says so and it looks chosen, or if a provider gave it out. What a variable, a template or an
//! include brings is none.

use super::resolve::{Build, Frame, Place};
use super::syntax::{Form, Statement, Word};
use crate::model::{Node, Scope, Text, Value};
use crate::secrets;
use crate::text::Loc;

/// Lines of one map that are looked at.
const MOST_LINES: usize = 200;

/// Adds a scope for each secret of a statement.
pub(super) fn look(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    if frame.place == Place::Stream || statement.form == Form::Foreign {
        return;
    }
    let words = frame.tree.words(statement);
    let text = |word: &Word| match word.text(&frame.source.text, frame.tree.template) {
        Text::Known(text) => Some(text.to_string()),
        Text::Pieces(_) => None,
    };
    let at = |index: usize| words.get(index).and_then(|word| Some((text(word)?, *word)));
    match name {
        "proxy_set_header" | "grpc_set_header" | "add_header" => {
            let (Some((header, _)), Some((value, word))) = (at(1), at(2)) else { return };
            if in_header(&header, &value) {
                push(build, frame, &format!("{name} {header}"), word, name == "add_header");
            }
        }
        "fastcgi_param" | "uwsgi_param" | "scgi_param" | "set" => {
            let (Some((variable, _)), Some((value, word))) = (at(1), at(2)) else { return };
            if is_secret(&variable, &value) {
                push(build, frame, &format!("{name} {variable}"), word, false);
            }
        }
        "env" => {
            let Some((pair, word)) = at(1) else { return };
            if let Some((variable, _)) = pair.split_once('=').filter(|(name, value)| is_secret(name, value)) {
                push(build, frame, &format!("{name} {variable}"), word, false);
            }
        }
        "if" => {
            let (Some((variable, _)), Some((operator, _)), Some((value, word))) = (at(1), at(2), at(3)) else { return };
            let variable = variable.trim_start_matches('(');
            let compares = matches!(&*operator, "=" | "!=");
            if compares && asked(variable).is_some_and(|header| in_header(header, value.trim_end_matches(')'))) {
                push(build, frame, &format!("{name} ({variable} {operator} …)"), word, false);
            }
        }
        "map" => {
            let Some((variable, _)) = at(1) else { return };
            let Some(header) = asked(&variable) else { return };
            let lines = frame.tree.siblings(frame.index() + 1, statement.next as usize).take(MOST_LINES);
            let keys = lines.filter_map(|(_, line)| frame.tree.words(line).first().copied());
            let found: Vec<Word> =
                keys.filter(|word| text(word).is_some_and(|value| in_header(header, &value))).collect();
            for word in found {
                push(build, frame, &format!("{name} {variable}"), word, false);
            }
        }
        _ => {}
    }
}

/// The header, argument or cookie that a variable has from the request.
fn asked(variable: &str) -> Option<&str> {
    ["$http_", "$arg_", "$cookie_"].iter().find_map(|start| variable.strip_prefix(start))
}

/// Whether a header so named, as clients or as variables of nginx write it, carries a secret in that value.
fn in_header(name: &str, value: &str) -> bool {
    let name = name.replace('_', "-");
    if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization") {
        let Some((scheme, token)) = value.trim().split_once(' ') else { return false };
        let token = token.trim();
        let coded = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=._-".contains(&byte);
        let written = token.len() >= 8 && token.bytes().all(coded) && !secrets::is_fake(token);
        return written && ["basic", "bearer", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    }
    is_secret(&name, value)
}

/// Whether a value under a name is a secret that stands there in full.
fn is_secret(name: &str, value: &str) -> bool {
    let value = value.trim();
    let has = |kind: fn(&u8) -> bool| value.bytes().any(|byte| kind(&byte));
    let chosen = value.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let plain = value.bytes().all(|byte| byte.is_ascii_graphic()) && !value.contains(['$', '{', '<', '%', '/']);
    let issued = secrets::issued(value).is_some_and(|issued| !issued.test);
    issued
        || chosen
            && plain
            && secrets::is_secret_name(name.trim_start_matches('$'))
            && secrets::is_literal(value)
            && !secrets::is_name_of_secret(value)
}

fn push(build: &mut Build<'_, '_>, frame: &Frame, label: &str, word: Word, sent: bool) {
    let at = Loc::new(frame.file, word.place());
    let scope = build.scope("secret", label, Some(frame.scope), at);
    let Some(Scope { kind, .. }) = build.model.scope(scope) else { return };
    let (kind, value) = (*kind, Build::value(frame, word));
    let last = value.as_str().and_then(|value| value.trim().rsplit(' ').next());
    let placeholder = last.is_some_and(secrets::is_template);
    let truth = |truth: bool| Node::derived(Value::Bool(truth), at, vec![at]);
    let facts =
        [("placeholder", truth(placeholder)), ("secret_value", Node::set(value, at)), ("sent_to_clients", truth(sent))];
    for (name, node) in facts {
        let key = build.model.key(kind, name);
        if let Some(scope) = build.model.scope_mut(scope) {
            scope.own.set(key, node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_carry_secrets() {
        for (name, value, expected) in [
            ("X-API-Key", "not-a-real-1", true),
            ("x_api_key", "not-a-real-1", true),
            ("Authorization", "Basic bm90LXJlYWw=", true),
            ("authorization", "Bearer not-a-real-one", true),
            ("Proxy-Authorization", "token not-a-real-one", true),
            ("X-API-Key", "$http_x_api_key", false),
            ("X-API-Key", "changeme-1", true),
            ("X-API-Key", "optional", false),
            ("X-API-Key", "v1", false),
            ("Authorization", "Bearer $token", false),
            ("Authorization", "", false),
            ("Authorization", "Digest not-a-real-one", false),
            ("X-Token-Url", "not-a-real-1", false),
            ("X-Request-Id", "not-a-real-1", false),
        ] {
            assert_eq!(in_header(name, value), expected, "{name}: {value}");
        }
        assert_eq!((asked("$http_x"), asked("$uri"), asked("$arg_token")), (Some("x"), None, Some("token")));
    }
}
