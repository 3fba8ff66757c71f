//! Command lines of servers in Compose files and Dockerfiles, with the variables that they read.
//!
//! A command line wins over `UVICORN_…`, or `GUNICORN_CMD_ARGS`; both win over `FORWARDED_ALLOW_IPS`.

use super::gunicorn::SETTINGS;
use super::keys::SCHEMA;
use super::resolve::MODULE;
use super::server::{self, Server, first_line};
use crate::deployment::services::{self, Service};
use crate::formats::{self, ByName, Within, dockerfile};
use crate::loader;
use crate::model::{Model, Node, Scope, ScopeId, Value, Why};
use crate::text::{FileId, Loc, Source};
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;

/// Words before a server's name that only run it.
const MAX_BEFORE: usize = 6;
const PROGRAMS: &[&str] = &["fastapi", "gunicorn", "uvicorn"];
/// Options of uvicorn that take no value.
const FLAGS: &[&str] = &[
    "access-log",
    "date-header",
    "factory",
    "help",
    "proxy-headers",
    "reload",
    "server-header",
    "use-colors",
    "version",
];

/// Whether a file is one that starts servers, rather than a module.
pub(super) fn starts(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending)) || is_image(path)
}

fn is_image(path: &str) -> bool {
    matches!(formats::by_name(path), ByName::Is(format) if format.id == dockerfile::FORMAT.id)
}

/// The servers that a Compose file or a Dockerfile starts, if it names any and tells them something.
pub(crate) fn within(reader: &mut Reader<'_>, _: &Query, file: FileId) -> Option<Within> {
    let Source { path, text, .. } = &**reader.source(file);
    let has =
        |words: &[&str]| words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some());
    let told = [
        "ALLOW_IPS",
        "allow-ips",
        "GUNICORN_CMD_ARGS",
        "UVICORN_",
        "--permit-",
        "--header-",
        "--ssl-",
        "--limit-request",
        "--strip-header",
        "--casefold",
        "--ciphers",
        "--cert-reqs",
        "--tolerate",
    ];
    (starts(path) && has(PROGRAMS) && has(&told)).then(|| Within { format: &super::FORMAT, parts: Vec::new() })
}

/// Resolves the servers that a file starts.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file).clone();
    let header = first_line(file, &source.text);
    let mut scope = Scope::new(MODULE, "", None, header);
    scope.extent = crate::text::Span::new(0, source.text.len());
    model.push(scope);
    if let (Some(key), Some(scope)) = (SCHEMA.key(MODULE, "has_app"), model.scope_mut(ScopeId(0))) {
        scope.own.set(key, Node::derived(Value::Bool(false), header, vec![header]));
    }
    let services = if is_image(&source.path) {
        dockerfile::service(reader, query, file).into_iter().collect()
    } else {
        services::services(reader, query, file)
    };
    for service in services {
        for server in servers(&service) {
            server::push(&mut model, &server);
        }
    }
    model
}

fn servers(service: &Service) -> Vec<Server> {
    let Some((script, file)) = &service.started else { return Vec::new() };
    let mut is = vec!["is_started", "is_command"];
    if service.host_network || service.published.iter().any(|port| port.beyond_host) {
        is.push("is_published");
    }
    let mut found = Vec::new();
    for command in &script.commands {
        let words: Vec<(Option<String>, Loc)> =
            command.words.iter().map(|word| (word.known().map(str::to_owned), Loc::new(*file, word.span))).collect();
        let program = words.iter().take(MAX_BEFORE).enumerate().find_map(|(at, (word, _))| {
            let name = loader::name(word.as_deref()?);
            PROGRAMS.iter().find(|known| **known == name).map(|known| (at, *known))
        });
        let Some((at, program)) = program else { continue };
        let mut options = of_variables(service, program);
        let rest = words.get(at + 1..).unwrap_or_default();
        read(program, rest, &mut options);
        found.push(Server { program, at: Loc::new(*file, command.span), options, is: is.clone(), open: None });
    }
    found
}

/// What the variables of a service tell a server.
fn of_variables(service: &Service, program: &str) -> BTreeMap<String, Node> {
    let mut options = BTreeMap::new();
    for (name, node) in &service.variables {
        if name == "FORWARDED_ALLOW_IPS" {
            options.insert("forwarded_allow_ips".to_owned(), node.clone());
        }
    }
    for (name, node) in &service.variables {
        if program == "uvicorn"
            && let Some(option) = name.strip_prefix("UVICORN_")
        {
            options.insert(option.to_lowercase(), Node { value: switch(&node.value), ..node.clone() });
        } else if program == "gunicorn"
            && name == "GUNICORN_CMD_ARGS"
            && let Some(text) = node.value.as_str()
        {
            let plain = !text.contains(['\'', '"', '\\']);
            let words: Vec<(Option<String>, Loc)> =
                text.split_whitespace().map(|word| (plain.then(|| word.to_owned()), node.at)).collect();
            read(program, &words, &mut options);
        }
    }
    options
}

/// What click makes of the text of a variable for a flag.
fn switch(value: &Value) -> Value {
    match value.as_str().map(str::to_lowercase).as_deref() {
        Some("1" | "true" | "t" | "yes" | "y" | "on") => Value::Bool(true),
        Some("0" | "false" | "f" | "no" | "n" | "off" | "") => Value::Bool(false),
        _ => value.clone(),
    }
}

/// Reads the words behind a server's name.
fn read(program: &str, words: &[(Option<String>, Loc)], options: &mut BTreeMap<String, Node>) {
    let mut words = words.iter();
    while let Some((word, at)) = words.next() {
        let Some(word) = word.as_deref().filter(|word| word.starts_with('-') && word.len() > 1) else { continue };
        let (name, given) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word, None),
        };
        let (option, is_flag, value) = if program == "gunicorn" {
            let setting = |it: &&super::gunicorn::Setting| {
                it.words.split(' ').any(|known| {
                    known == name || known.len() == 2 && !name.starts_with("--") && name.starts_with(known)
                })
            };
            let Some(setting) = SETTINGS.iter().find(setting) else { continue };
            (setting.name.to_owned(), setting.is_flag, !name.starts_with("--no-"))
        } else {
            let long = name.trim_start_matches('-');
            let bare = long.strip_prefix("no-").unwrap_or(long);
            (bare.replace('-', "_"), FLAGS.contains(&bare), bare == long)
        };
        let short = program == "gunicorn" && !name.starts_with("--") && name.len() > 2;
        let node = if is_flag {
            Node::set(Value::Bool(value), *at)
        } else if short {
            Node::set(Value::text(name.get(2..).unwrap_or_default().trim_start_matches('=')), *at)
        } else {
            match given {
                Some(text) => Node::set(Value::text(text), *at),
                None => match words.next() {
                    Some((Some(text), at)) => Node::set(Value::text(text.as_str()), *at),
                    Some((None, at)) => Node::set(Value::Unknown(Why::Runtime("a word of the command".into())), *at),
                    None => continue,
                },
            }
        };
        options.insert(option, node);
    }
}
