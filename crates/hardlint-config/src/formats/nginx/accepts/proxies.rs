//! Where requests are passed on to, groups of servers, and zones of shared memory.

use super::super::resolve::{Build, Place};
use super::super::site::Modifier;
use super::addresses::wanted_port;
use super::values::number;
use super::zones::{self, Use};
use super::{Fault, Line, expression, groups, together};
use crate::text::Loc;

/// Whether the words are what this directive takes.
pub(super) fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    match line.name {
        "proxy_pass" => proxy_pass(build, line),
        "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass" | "memcached_pass" => plain_pass(build, line),
        "proxy_redirect" => proxy_redirect(build, line),
        "proxy_cookie_domain" => cookie(build, line, "proxy_cookie_domain", false),
        "proxy_cookie_path" => cookie(build, line, "proxy_cookie_path", true),
        "proxy_cookie_flags" => cookie(build, line, "proxy_cookie_flags", false),
        "mirror" => alone(build, line, "mirror"),
        "server" if line.frame.place == Place::Upstream => groups::server(line),
        "upstream" => upstream(build, line),
        "limit_req_zone" => zones::zone(build, line, Use::Requests),
        "limit_conn_zone" => zones::zone(build, line, Use::Connections),
        "proxy_cache_path" => zones::cache_path(build, line, Use::Cache("proxy")),
        "fastcgi_cache_path" => zones::cache_path(build, line, Use::Cache("fastcgi")),
        "uwsgi_cache_path" => zones::cache_path(build, line, Use::Cache("uwsgi")),
        "scgi_cache_path" => zones::cache_path(build, line, Use::Cache("scgi")),
        "proxy_cache" => cache(build, line, Use::Cache("proxy")),
        "fastcgi_cache" => cache(build, line, Use::Cache("fastcgi")),
        "uwsgi_cache" => cache(build, line, Use::Cache("uwsgi")),
        "scgi_cache" => cache(build, line, Use::Cache("scgi")),
        "limit_req" => limit_req(build, line),
        "limit_conn" => limit_conn(build, line),
        _ => Ok(()),
    }
}

fn proxy_redirect(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(first) = line.known(1) else { return Ok(()) };
    if line.words.len() == 2 && !matches!(&*first, "off" | "default") {
        return Fault::new(1, "nginx refuses this alone for `proxy_redirect`");
    }
    if line.words.len() == 2 && first == "default" && line.frame.sure && build.whole() && !build.seen.hidden {
        match build.seen.passes.get(&line.frame.scope) {
            None => {
                return Fault::new(1, "nginx refuses `default` where no `proxy_pass` stands before it in this block");
            }
            Some(true) => return Fault::new(1, "nginx refuses `default` where `proxy_pass` has variables"),
            Some(false) => {}
        }
    }
    if line.words.len() > 2
        && let Some(regex) = first.strip_prefix('~')
    {
        expression::check(1, regex.strip_prefix('*').unwrap_or(regex))?;
    }
    alone(build, line, "proxy_redirect")
}

/// `off` stands alone in its block.
fn alone(build: &mut Build<'_, '_>, line: &Line<'_>, name: &'static str) -> Result<(), Fault> {
    if zones::unsure(line) {
        return Ok(());
    }
    let off = line.words.len() == 2 && line.known(1).is_some_and(|text| text == "off");
    let before = build.seen.alone.insert((line.frame.scope, name), off);
    if before == Some(true) || (off && before.is_some()) {
        return Fault::new(0, format!("`{name} off` and another one stand in one block; nginx refuses that"));
    }
    Ok(())
}

/// What is changed in cookies; the first word may be an expression, some of them with a `*` for any case.
fn cookie(build: &mut Build<'_, '_>, line: &Line<'_>, name: &'static str, any_case: bool) -> Result<(), Fault> {
    let Some(first) = line.known(1) else { return Ok(()) };
    if line.words.len() == 2 && first != "off" {
        return Fault::new(1, format!("nginx refuses this alone for `{name}`"));
    }
    if let Some(regex) = first.strip_prefix('~') {
        let bare = if any_case { regex.strip_prefix('*') } else { None };
        expression::check(1, bare.unwrap_or(regex))?;
    }
    alone(build, line, name)
}

/// The zone that the keys of a cache are in.
fn cache(build: &mut Build<'_, '_>, line: &Line<'_>, of: Use) -> Result<(), Fault> {
    match line.known(1).filter(|name| *name != "off" && !name.contains('$')) {
        Some(name) => zones::uses(build, line, 1, &name, of),
        None => Ok(()),
    }
}

fn proxy_pass(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let target = line.known(1);
    build.seen.passes.insert(line.frame.scope, target.as_ref().is_some_and(|target| target.contains('$')));
    let Some(target) = target else { return Ok(()) };
    if target.contains('$') {
        together::by_tls(build, line, "proxy");
        return Ok(());
    }
    let lower = target.to_ascii_lowercase();
    let Some(start) = ["http://", "https://"].iter().find(|start| lower.starts_with(*start)) else {
        return Fault::new(1, "a target that begins with neither `http://` nor `https://` is refused by nginx");
    };
    if *start == "https://" {
        together::by_tls(build, line, "proxy");
    }
    let rest = target.get(start.len()..).unwrap_or_default();
    let (host, path) = if let Some(socket) = rest.strip_prefix("unix:") {
        (rest, socket.find(':').is_some())
    } else {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        (rest.get(..end).unwrap_or_default(), end < rest.len())
    };
    if host.is_empty() || host.starts_with(':') {
        return Fault::new(1, "nginx refuses a target without a host");
    }
    if !wanted_port(host) {
        return Fault::new(1, "nginx refuses the port of this host");
    }
    let around = build.seen.locations.get(&line.frame.scope).map(|(modifier, _)| *modifier);
    let apart = matches!(around, Some(Modifier::Regex | Modifier::RegexAnyCase | Modifier::Named))
        || matches!(line.frame.place, Place::LocationIf | Place::LimitExcept);
    if path && apart {
        return Fault::new(
            1,
            "nginx refuses a path in `proxy_pass` where the location is an expression or has a name, and in `if` and `limit_except`",
        );
    }
    Ok(())
}

fn plain_pass(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(whole) = line.known(1) else { return Ok(()) };
    let starts = |scheme: &str| whole.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    match line.name {
        "grpc_pass" if whole.contains('$') || starts("grpcs://") => together::by_tls(build, line, "grpc"),
        "uwsgi_pass" if whole.contains('$') || starts("suwsgi://") => together::by_tls(build, line, "uwsgi"),
        _ => {}
    }
    if whole.contains('$') {
        return Ok(());
    }
    let schemes: &[&str] = match line.name {
        "grpc_pass" => &["grpc://", "grpcs://"],
        "uwsgi_pass" => &["uwsgi://", "suwsgi://"],
        _ => &[],
    };
    let behind = |scheme: &&str| {
        let start = whole.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
        whole.get(start.len()..)
    };
    let target = schemes.iter().find_map(behind).unwrap_or(&whole);
    if target.starts_with("unix:") {
        return Ok(());
    }
    if target.contains('/') {
        return Fault::new(1, "nginx refuses this: only a host and a port stand here");
    }
    if target.is_empty() || target.starts_with(':') || !wanted_port(target) {
        return Fault::new(1, "nginx refuses this as a host and a port");
    }
    if target.parse::<std::net::Ipv4Addr>().is_ok() {
        return Fault::new(1, "nginx refuses this without a port");
    }
    // Without a port it is the name of a group.
    let bare = if target.starts_with('[') { target.ends_with(']') } else { !target.contains(':') };
    if bare && let Some(word) = line.words.get(1) {
        let at = Loc::new(line.frame.file, word.place());
        build.seen.groups_used.push((target.to_ascii_lowercase(), at));
    }
    Ok(())
}

fn upstream(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(name) = line.known(1) else { return Ok(()) };
    if line.statement.condition.is_none() && !build.seen.upstreams.insert(name.to_ascii_lowercase()) {
        return Fault::new(1, format!("there is an `upstream` called `{name}` already; nginx refuses that"));
    }
    Ok(())
}

fn limit_req(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let mut named = false;
    for (index, text) in line.arguments() {
        let fits = match text.split_once('=') {
            Some(("zone", name)) => {
                named = true;
                if !name.is_empty() {
                    limits(build, line, index, name, "limit_req")?;
                }
                !name.is_empty()
            }
            Some(("burst" | "delay", value)) => number(value).is_some_and(|count| count > 0),
            None => text == "nodelay",
            Some(_) => false,
        };
        if !fits {
            return Fault::new(index, "nginx refuses this word for `limit_req`");
        }
    }
    let all = (1..line.words.len()).all(|index| line.known(index).is_some());
    if all && !named { Fault::new(0, "`limit_req` has to say `zone=`") } else { Ok(()) }
}

fn limit_conn(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    if let Some(name) = line.known(1) {
        limits(build, line, 1, &name, "limit_conn")?;
    }
    match line.known(2) {
        Some(text) if number(&text).is_none_or(|count| !(1..=65_535).contains(&count)) => {
            Fault::new(2, "nginx refuses this word as a number of connections")
        }
        _ => Ok(()),
    }
}

/// The zone that a block counts in, which it names once.
fn limits(
    build: &mut Build<'_, '_>,
    line: &Line<'_>,
    index: usize,
    name: &str,
    directive: &'static str,
) -> Result<(), Fault> {
    let of = if directive == "limit_req" { Use::Requests } else { Use::Connections };
    zones::uses(build, line, index, name, of)?;
    let fresh = build.seen.limits.insert((line.frame.scope, directive, name.to_owned()));
    if fresh || zones::unsure(line) {
        Ok(())
    } else {
        Fault::new(index, format!("`{directive}` names this zone twice in one block; nginx refuses that"))
    }
}
