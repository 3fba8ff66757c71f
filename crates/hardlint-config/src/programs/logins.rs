//! Secrets that programs are given on their command line, where whoever sees the list of processes reads them.

mod chosen;
mod written;

use super::{Fact, Facts};
use crate::secrets;
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

/// Short options that take a password, by program; whether it stands in the same word (`mysql -psecret`).
const SHORT: &[(&str, &str, bool)] = &[
    ("buildah", "-p", false),
    ("docker", "-p", false),
    ("helm", "-p", false),
    ("ldapsearch", "-w", false),
    ("mariadb", "-p", true),
    ("mariadb-admin", "-p", true),
    ("mongo", "-p", false),
    ("mongosh", "-p", false),
    ("mysql", "-p", true),
    ("mysqladmin", "-p", true),
    ("mysqldump", "-p", true),
    ("nerdctl", "-p", false),
    ("podman", "-p", false),
    ("redis-cli", "-a", false),
    ("skopeo", "-p", false),
    ("sshpass", "-p", false),
];

/// Programs for which the option takes a password only where they log in.
const LOG_IN: &[&str] = &["buildah", "docker", "helm", "nerdctl", "podman", "skopeo"];

/// Options whose name does not say that they take a password.
const LONG: &[(&str, &str)] = &[("redis-server", "--requirepass"), ("redis-server", "--masterauth")];

/// Options of programs that fetch, whose value is a user's name with the password behind a colon.
const ACCOUNTS: &[&str] = &["-u", "--user", "--proxy-user", "-U"];

/// Variables of clients whose name does not say so in words.
const VARIABLES: &[&str] = &["MYSQL_PWD", "PGPASSWORD", "REDISCLI_AUTH"];

/// A secret that stands in a command.
struct Given {
    /// As what it is given.
    how: String,
    value: String,
    at: Span,
    /// Whether it opens something beyond the command: what a program signs with in a step may be thrown away after it.
    opens: bool,
}

/// Adds the secrets that stand in a command, and what they are given as.
pub(super) fn add(script: &Script, index: usize, command: &Command, facts: &mut Facts) {
    let program = command.program().unwrap_or_default();
    let mut all: Vec<Given> = Vec::new();
    for assignment in &command.assignments {
        let name = &*assignment.name;
        let Some(value) = assignment.value.known() else { continue };
        let opens = chosen::opens(name, value);
        if opens || VARIABLES.contains(&name) || secrets::is_secret_name(name) {
            let (value, at) = (value.to_owned(), assignment.value.span);
            all.push(Given { how: name.to_owned(), value, at, opens });
        }
    }
    for (how, value, at) in chosen::exported(command).into_iter().chain(written::into_files(script, index)) {
        all.push(Given { how, value, at, opens: true });
    }
    // Of accounts more is known.
    if !matches!(program, "useradd" | "usermod" | "adduser") {
        let fed = written::fed(script, index).into_iter().chain(chosen::options(command));
        for (how, value, at) in options(program, command).into_iter().chain(fed) {
            all.push(Given { how, value, at, opens: true });
        }
    }
    all.retain(|it| secrets::is_literal(&it.value) && !secrets::is_placeholder(&it.value));
    // What two readings find at one place is one.
    let mut seen = Vec::new();
    all.retain(|it| {
        let first = !seen.contains(&it.at);
        seen.push(it.at);
        first
    });
    if all.is_empty() {
        return;
    }
    facts.push(("secret_options", Fact::Names(all.iter().map(|it| (it.how.clone(), it.at)).collect())));
    facts.push(("secret_values", Fact::List(all.iter().map(|it| (it.value.clone(), it.at)).collect())));
    let opening: Vec<(String, Span)> = all.into_iter().filter(|it| it.opens).map(|it| (it.how, it.at)).collect();
    if !opening.is_empty() {
        facts.push(("opening_secrets", Fact::Names(opening)));
    }
}

/// The secrets in the words of a command: what options of its program take, and what tells by its form that it is one.
fn options(program: &str, command: &Command) -> Vec<(String, String, Span)> {
    let mut found = Vec::new();
    let mut put = |how: String, (value, at): (&str, Span)| found.push((how, value.to_owned(), at));
    let arguments = command.arguments();
    // `docker run -p` publishes a port.
    let takes_password = !LOG_IN.contains(&program) || arguments.iter().any(|word| word.known() == Some("login"));
    for (index, word) in arguments.iter().enumerate() {
        let Some(text) = word.known() else { continue };
        if secrets::has_credentials(text) {
            if is_everybodys(text) {
                continue;
            }
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
        let header = text.strip_prefix("--header=").unwrap_or(text);
        if let Some(token) = header_secret(header) {
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
    found
}

/// Whether all logins in a text's addresses are ones that everybody tries, at services beside it: `http://guest:guest@queue`.
/// What is wrong is that the service takes them, and is told of that.
fn is_everybodys(text: &str) -> bool {
    text.match_indices("://").filter_map(|(at, mark)| text.get(at + mark.len()..)).all(|rest| {
        let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
        let Some((login, host)) = rest.get(..end).and_then(|authority| authority.rsplit_once('@')) else { return true };
        let Some((user, password)) = login.split_once(':') else { return true };
        let near = !host.split(':').next().unwrap_or_default().contains('.');
        near && (user == password || secrets::is_common_password(password))
    })
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
