//! Servers that take a client's address and scheme from headers, whoever sends them.
//!
//! Gunicorn and Uvicorn believe `X-Forwarded-*` of the addresses in `--forwarded-allow-ips`, else of those in
//! `FORWARDED_ALLOW_IPS`, else of loopback; Traefik of those in `forwardedHeaders.trustedIPs`, unless `insecure` is set.
//! What a configuration file says is not looked into: where one is named, only the command line tells.

use super::Facts;
use crate::deployment::Member;
use crate::deployment::services::Service;
use crate::loader;
use crate::syntax::shell::Word;
use crate::text::{FileId, Loc};

/// Fills in who believes everybody.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, member) in deployment.services.iter().enumerate() {
        let found = if member.open { traefik(member).or_else(|| python(member)) } else { None };
        let (name, from) = found.unwrap_or_default();
        facts.text(index, "believes_everybody", name, from);
    }
}

type Found = (&'static str, Vec<Loc>);

/// A server of Python's web applications.
fn python(member: &Member) -> Option<Found> {
    let words = words(member);
    let is = |program: &str| words.iter().any(|(word, _)| word.is_some_and(|word| loader::name(word) == program));
    let name = match () {
        () if is("gunicorn") => "Gunicorn",
        () if is("uvicorn") || is("fastapi") => "Uvicorn",
        () => "the server in it",
    };
    if is("--no-proxy-headers") || !answers(member, &words) {
        return None;
    }
    let mut told = None;
    for (at, (word, place)) in words.iter().enumerate() {
        match word.map(|word| word.split_once('=').unwrap_or((word, ""))) {
            Some(("--forwarded-allow-ips", "")) => told = Some(words.get(at + 1).copied()?),
            Some(("--forwarded-allow-ips", value)) => told = Some((Some(value), *place)),
            _ => {}
        }
    }
    if let Some((value, at)) = told {
        return (value?.trim() == "*").then(|| (name, vec![at]));
    }
    // A configuration file overrules the variable.
    let configured = is("--config") || is("-c") && name == "Gunicorn";
    let node = member.variable("FORWARDED_ALLOW_IPS").filter(|_| !configured)?;
    (node.value.as_str()?.trim() == "*").then(|| (name, vec![node.at]))
}

/// Whether an open port leads to the server: the one that it is told to listen on, or the only one.
fn answers(member: &Member, words: &[(Option<&str>, Loc)]) -> bool {
    if member.service.host_network {
        return true;
    }
    let option = |word: &str| matches!(word, "-b" | "--bind" | "--port");
    let mut addresses = words.iter().enumerate().filter_map(|(at, (word, _))| match (*word)?.split_once('=') {
        Some((name, value)) => option(name).then_some(Some(value)),
        None => option((*word)?).then(|| words.get(at + 1).and_then(|(next, _)| *next)),
    });
    let mut open = member.service.published.iter().filter(|port| port.beyond_host);
    match addresses.next() {
        Some(Some(address)) if address.starts_with("127.") || address.starts_with("localhost") => false,
        Some(Some(address)) => {
            let port = address.rsplit(':').next().and_then(|port| port.parse::<i64>().ok());
            port.is_some_and(|port| open.any(|open| open.inside == port))
        }
        Some(None) | None => open.count() == 1,
    }
}

/// An entry point of Traefik that believes everybody.
fn traefik(member: &Member) -> Option<Found> {
    if member.program != "Traefik" {
        return None;
    }
    let is_switch = |name: &str| {
        let name = name.to_ascii_lowercase().replace('_', ".");
        let name = name.strip_prefix("traefik.").unwrap_or(&name).trim_start_matches('-').to_owned();
        name.starts_with("entrypoints.") && name.ends_with(".forwardedheaders.insecure")
    };
    let on = |value: &str| matches!(value, "" | "true" | "1");
    let by_word = words(member).into_iter().find_map(|(word, at)| {
        let (name, value) = word?.split_once('=').unwrap_or((word?, ""));
        (is_switch(name) && on(value)).then_some(at)
    });
    let mut variables = member.service.variables.iter();
    let by_variable = || {
        let is = |value: &str| !value.is_empty() && on(value);
        variables.find(|(name, node)| is_switch(name) && node.value.as_str().is_some_and(is)).map(|(_, node)| node.at)
    };
    by_word.or_else(by_variable).map(|at| ("Traefik", vec![at]))
}

/// The words of what a service starts, nothing for one that is not known.
fn words(member: &Member) -> Vec<(Option<&str>, Loc)> {
    let of = |service: &'_ Service| service.started.is_some();
    let service = if of(&member.service) { Some(&member.service) } else { member.inside.as_deref() };
    let Some((script, file)) = service.and_then(|it| it.started.as_ref()) else { return Vec::new() };
    let place = |file: FileId, word: &Word| Loc::new(file, word.span);
    script.commands.iter().flat_map(|it| &it.words).map(|word| (word.known(), place(*file, word))).collect()
}
