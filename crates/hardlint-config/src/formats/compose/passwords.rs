//! What stores ask of those who reach them, as far as a service says.

use super::images;
use super::resolve::Service;
use crate::model::{Node, Value};
use crate::syntax::joined::Joined;
use crate::syntax::shell::{Part, Script, Word};
use crate::text::{Loc, Span};

/// Why a store asks for no password, or for one that is none, and where that is decided.
/// `written` tells whether a value stands at a place as it is, and is not what holds where nobody sets a variable.
pub(super) fn asked(
    service: &Service<'_>,
    reference: Option<&str>,
    header: Loc,
    open: bool,
    written: &dyn Fn(Loc) -> bool,
) -> (&'static str, Loc) {
    let get = |name: &str| service.environment.iter().find(|variable| &*variable.name == name);
    for variable in &service.environment {
        let Some(switch) = images::switch_of(&variable.name) else { continue };
        let Some(value) = variable.node.value.as_str() else { continue };
        if !reference.map(images::base_name).unwrap_or_default().contains(switch.image) {
            continue;
        }
        let on = match switch.values {
            [] => !value.is_empty(),
            values => values.iter().any(|known| known.eq_ignore_ascii_case(value)),
        };
        if on && !switch.unless.iter().any(|name| get(name).is_some_and(|v| v.node.value.as_str() != Some(""))) {
            return ("switch", variable.node.at);
        }
    }
    // What is absent is only known to be so when all is at hand.
    if open || service.node.value.entry("entrypoint").is_some() {
        return ("", header);
    }
    let words = match service.node.value.entry("command").map(|node| &node.value) {
        Some(Value::List(words)) => words.as_slice(),
        None | Some(Value::Null) => &[],
        Some(_) => return ("", header),
    };
    // A script of its own starts it as it likes.
    let starts = words.first().and_then(|word| word.value.as_str());
    let known_start = words.is_empty()
        || starts.is_some_and(|word| {
            word.starts_with('-') || is_server(Some(word)) || is_shell(word) || word.contains(".conf")
        });
    let published = reference
        .and_then(published_store)
        .filter(|_| service.node.value.entry("build").is_none() && known_start && !runs_a_script(words));
    if let Some(found) = published.and_then(|_| given(service, words, written)) {
        return found;
    }
    // Of variables, what redis publishes reads none; valkey's may get options by one.
    if service.environment_open.is_some() && published != Some("redis") {
        return ("", header);
    }
    let name = reference.map(images::base_name).unwrap_or_default();
    let official = reference.is_some_and(|reference| !reference.contains("bitnami"));
    let has = |test: &dyn Fn(&str) -> bool| words.iter().any(|word| word.value.as_str().is_none_or(test));
    let says = |word: &str| {
        word.contains("requirepass") || word.contains("aclfile") || word.contains(".conf") || word.contains("--user")
    };
    match name.as_str() {
        "mongo" if official => {
            let absent = !has(&|word| {
                word.contains("--auth") || word.contains("--keyFile") || word.contains("--config") || word == "-f"
            }) && ["MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_USERNAME_FILE"]
                .iter()
                .all(|name| get(name).is_none());
            (if absent { "absence" } else { "" }, header)
        }
        "redis" | "valkey" | "keydb" if official && !has(&says) => match published {
            Some("valkey") if get("VALKEY_EXTRA_FLAGS").is_some() => ("", header),
            Some(_) => match service.environment.iter().find(|variable| is_password_of_store(&variable.name)) {
                Some(variable) => ("ignored", variable.node.name_at.unwrap_or(variable.node.at)),
                None => ("absence", header),
            },
            None if service.environment.iter().any(|variable| variable.secret) => ("", header),
            None => ("absence", header),
        },
        _ => ("", header),
    }
}

/// The store that an image holds which Docker or the project itself publishes, of those that take no password from a variable.
fn published_store(reference: &str) -> Option<&'static str> {
    let name = reference.split('@').next().unwrap_or_default();
    let name = match name.split_once('/') {
        // A registry that passes on what Docker's has.
        Some((host, rest)) if host.contains('.') => rest.strip_prefix("docker/").unwrap_or(rest),
        _ => name,
    };
    let name = name.strip_prefix("library/").unwrap_or(name);
    match name.split(':').next().unwrap_or_default() {
        "redis" => Some("redis"),
        "valkey/valkey" => Some("valkey"),
        _ => None,
    }
}

/// Whether a variable is meant to be the password of Redis.
fn is_password_of_store(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let store = name.starts_with("REDIS") || name.starts_with("VALKEY") || name == "PASSWORD";
    store && (name.contains("PASS") || name.contains("AUTH")) && !name.ends_with("_FILE")
}

/// What becomes of a variable that the command gives as the password: `$$NAME` in the file is for a shell in the container.
fn given(service: &Service<'_>, words: &[Node], written: &dyn Fn(Loc) -> bool) -> Option<(&'static str, Loc)> {
    let text = |node: &Node| node.value.as_str().map(str::to_owned);
    if let [program, option, line] = words
        && let (Some(program), Some(option), Some(line)) = (text(program), text(option), text(line))
        && is_shell(&program)
        && option.starts_with('-')
        && option.ends_with('c')
    {
        let script = Script::shell(&Joined::of(&line, Span::new(0, line.len())));
        let command = script.commands.iter().find(|command| is_server(command.program()))?;
        let at = command.words.iter().position(|word| word.known() == Some("--requirepass"))?;
        let name = quoted_variable(command.words.get(at + 1)?, &line)?;
        let set = |command: &crate::syntax::shell::Command| command.assignments.iter().any(|it| *it.name == *name);
        let reads = |command: &crate::syntax::shell::Command| {
            matches!(command.program(), Some("." | "source" | "read" | "export" | "eval" | "set" | "for"))
        };
        // `${NAME:=…}` sets it as well.
        let assigns = line.contains(&format!("{{{name}:=")) || line.contains(&format!("{{{name}="));
        if assigns
            || service.environment_open.is_some()
            || script.commands.iter().any(|command| set(command) || reads(command))
        {
            return None;
        }
        let variable = service.environment.iter().find(|variable| &*variable.name == name);
        let empty =
            variable.is_none_or(|variable| variable.node.value.as_str() == Some("") && written(variable.node.at));
        return empty.then_some(("empty", words.last()?.at));
    }
    let all = || words.iter().filter_map(|node| node.value.as_str());
    let first = all().next()?;
    if !is_server(Some(first)) && !first.starts_with("--") {
        return None;
    }
    let at = words.iter().position(|word| word.value.as_str() == Some("--requirepass"))?;
    let password = words.get(at + 1)?;
    let name = password.value.as_str()?.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(name);
    is_variable(name).then_some(("unexpanded", password.at))
}

fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "/bin/sh" | "/bin/bash" | "/bin/ash")
}

/// Whether a shell is given a file, or a line in which something else than the server is started last.
fn runs_a_script(words: &[Node]) -> bool {
    let text = |node: &Node| node.value.as_str().map(str::to_owned);
    let mut words = words.iter().map(text);
    if !words.next().flatten().is_some_and(|program| is_shell(&program)) {
        return false;
    }
    let (option, line) = (words.next().flatten(), words.next().flatten());
    let (Some(option), Some(line)) = (option, line) else { return true };
    if !option.starts_with('-') || !option.ends_with('c') {
        return true;
    }
    let script = Script::shell(&Joined::of(&line, Span::new(0, line.len())));
    !script.commands.iter().any(|command| is_server(command.program()))
}

fn is_server(program: Option<&str>) -> bool {
    matches!(program, Some("redis-server" | "valkey-server"))
}

fn is_variable(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The variable that a word in quotes is and nothing else, so that it becomes an empty word where the variable is not set.
fn quoted_variable<'w>(word: &'w Word, line: &str) -> Option<&'w str> {
    let [Part::Variable { name, text, .. }] = word.parts.as_slice() else { return None };
    let plain = **text == *format!("${name}") || **text == *format!("${{{name}}}");
    let quoted = line.get(word.span.range()).is_some_and(|raw| raw.starts_with('"') && raw.ends_with('"'));
    (plain && quoted).then_some(name)
}
