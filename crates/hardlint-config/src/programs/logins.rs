//! Secrets that programs are given on their command line, where whoever sees the list of processes reads them.

use super::{Fact, Facts};
use crate::secrets;
use crate::syntax::shell::{Command, Word};
use crate::text::Span;

/// Short options that take a password, by program; whether it stands in the same word (`mysql -psecret`).
const SHORT: &[(&str, &str, bool)] = &[
    ("docker", "-p", false),
    ("ldapsearch", "-w", false),
    ("mariadb", "-p", true),
    ("mariadb-admin", "-p", true),
    ("mongo", "-p", false),
    ("mongosh", "-p", false),
    ("mysql", "-p", true),
    ("mysqladmin", "-p", true),
    ("mysqldump", "-p", true),
    ("redis-cli", "-a", false),
    ("sshpass", "-p", false),
];

/// Options whose name does not say that they take a password.
const LONG: &[(&str, &str)] = &[("redis-server", "--requirepass"), ("redis-server", "--masterauth")];

/// Options of programs that fetch, whose value is a user's name with the password behind a colon.
const ACCOUNTS: &[&str] = &["-u", "--user", "--proxy-user", "-U"];

/// Variables of clients whose name does not say so in words.
const VARIABLES: &[&str] = &["MYSQL_PWD", "PGPASSWORD", "REDISCLI_AUTH"];

/// Adds the secrets that stand in a command, and what they are given as.
pub(super) fn add(command: &Command, facts: &mut Facts) {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut values: Vec<(String, Span)> = Vec::new();
    let mut put = |how: String, (value, at): (&str, Span)| {
        if secrets::is_literal(value) && !secrets::is_placeholder(value) {
            found.push((how, at));
            values.push((value.to_owned(), at));
        }
    };
    for assignment in &command.assignments {
        let name = &*assignment.name;
        let takes = VARIABLES.contains(&name) || secrets::is_secret_name(name);
        if let Some(value) = assignment.value.known().filter(|_| takes) {
            put(assignment.name.to_string(), (value, assignment.value.span));
        }
    }
    let program = command.program().unwrap_or_default();
    // Of accounts more is known.
    if matches!(program, "useradd" | "usermod" | "adduser") {
        return;
    }
    let arguments = command.arguments();
    // `docker run -p` publishes a port.
    let takes_password = program != "docker" || arguments.iter().any(|word| word.known() == Some("login"));
    for (index, word) in arguments.iter().enumerate() {
        let Some(text) = word.known() else { continue };
        if secrets::has_credentials(text) {
            put("a URL".to_owned(), (text, word.span));
            continue;
        }
        if let Some(token) = user_token(text) {
            put("a token".to_owned(), (token, word.span));
            continue;
        }
        if let Some(range) = secrets::secret_in(text) {
            let value = text.get(range).unwrap_or_default();
            put("a token".to_owned(), (value, word.span));
            continue;
        }
        if let Some(token) = header_secret(text) {
            put("a header".to_owned(), (token, word.span));
            continue;
        }
        let next = arguments.get(index + 1).and_then(|next| Some((next.known()?, next.span)));
        if program == "curl" && ACCOUNTS.contains(&text) {
            if let Some((password, at)) = next.and_then(|(pair, at)| Some((pair.split_once(':')?.1, at))) {
                put(text.to_owned(), (password, at));
            }
            continue;
        }
        let next = next.filter(|(value, _)| !value.starts_with('-'));
        if let Some((_, flag, attached)) =
            SHORT.iter().find(|(known, flag, _)| *known == program && takes_password && text.starts_with(flag))
        {
            let rest = text.get(flag.len()..).unwrap_or_default();
            match (rest.is_empty(), attached, next) {
                (false, true, _) => put((*flag).to_owned(), (rest, word.span)),
                (true, false, Some(next)) => put((*flag).to_owned(), next),
                (false, false, _) if program == "sshpass" => put((*flag).to_owned(), (rest, word.span)),
                _ => {}
            }
        } else if let Some(name) = text.strip_prefix("--") {
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some((value, tail(word, value)))),
                None => (name, next),
            };
            let takes = LONG.iter().any(|(known, flag)| *known == program && flag.strip_prefix("--") == Some(name));
            let says = || secrets::is_secret_name(name) && !name.starts_with("no-") && !name.ends_with("-stdin");
            if let Some(value) = value.filter(|_| takes || says()) {
                put(format!("--{name}"), value);
            }
        }
    }
    if !found.is_empty() {
        facts.push(("secret_options", Fact::Names(found)));
        facts.push(("secret_values", Fact::List(values)));
    }
}

/// The token that stands where an address names a user, as GitHub takes it: `https://TOKEN@github.com/…`.
fn user_token(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let (user, _) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
    secrets::issued(user).filter(|issued| !issued.test && issued.at == (0..user.len())).map(|_| user)
}

/// What a header of a request carries as the caller's own: `Authorization: Bearer …`, or a setting of npm's.
fn header_secret(text: &str) -> Option<&str> {
    let (name, value) = text.split_once(':')?;
    if let Some((_, token)) = text.split_once(":_authToken=") {
        return Some(token.trim());
    }
    let known = ["authorization", "proxy-authorization", "private-token", "x-api-key", "x-auth-token", "job-token"];
    if !known.iter().any(|header| name.trim().eq_ignore_ascii_case(header)) {
        return None;
    }
    let value = value.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
    let is_scheme = ["basic", "bearer", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (is_scheme || scheme.is_empty()).then_some(token)
}

/// Where a value that ends a word stands, if the word stands in one piece.
fn tail(word: &Word, value: &str) -> Span {
    let (start, end) = (word.span.start as usize, word.span.end as usize);
    let plain = word.known().is_some_and(|text| text.len() == end - start);
    if plain { Span::new(end - value.len(), end) } else { word.span }
}
