//! Where requests are passed on to, groups of servers, and zones of shared memory.

use super::super::resolve::{Build, Place};
use super::super::site::Modifier;
use super::values::{number, size, time};
use super::{Fault, Line};
use crate::text::Loc;

/// Whether the words are what this directive takes.
pub(super) fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    match line.name {
        "proxy_pass" => proxy_pass(build, line),
        "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass" | "memcached_pass" => plain_pass(build, line),
        "proxy_redirect" => proxy_redirect(build, line),
        "proxy_cookie_domain" | "proxy_cookie_path" => match line.known(1) {
            Some(text) if line.words.len() == 2 && text != "off" => {
                Fault::new(1, format!("nginx refuses this alone for `{}`", line.name))
            }
            _ => Ok(()),
        },
        "server" if line.frame.place == Place::Upstream => upstream_server(line),
        "upstream" => upstream(build, line),
        "limit_req_zone" => zone(build, line, &["rate="]),
        "limit_conn_zone" => zone(build, line, &[]),
        "proxy_cache_path" | "fastcgi_cache_path" | "uwsgi_cache_path" | "scgi_cache_path" => cache_path(build, line),
        "proxy_cache" | "fastcgi_cache" | "uwsgi_cache" | "scgi_cache" => {
            if let Some(name) = line.known(1).filter(|name| *name != "off" && !name.contains('$')) {
                uses(build, line, 1, &name);
            }
            Ok(())
        }
        "limit_req" => limit_req(build, line),
        "limit_conn" => limit_conn(build, line),
        _ => Ok(()),
    }
}

/// `off` stands alone in its block.
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
    let off = line.words.len() == 2 && first == "off";
    let before = build.seen.redirects.insert(line.frame.scope, off);
    if before == Some(true) || (off && before.is_some()) {
        return Fault::new(0, "`proxy_redirect off` and another one stand in one block; nginx refuses that");
    }
    Ok(())
}

fn proxy_pass(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let target = line.known(1);
    build.seen.passes.insert(line.frame.scope, target.as_ref().is_some_and(|target| target.contains('$')));
    let Some(target) = target else { return Ok(()) };
    if target.contains('$') {
        return Ok(());
    }
    let lower = target.to_ascii_lowercase();
    let Some(start) = ["http://", "https://"].iter().find(|start| lower.starts_with(*start)) else {
        return Fault::new(1, "a target that begins with neither `http://` nor `https://` is refused by nginx");
    };
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

/// Whether the port behind a host is one, where there is one.
fn wanted_port(host: &str) -> bool {
    if host.starts_with("unix:") || host.starts_with('[') {
        return true;
    }
    host.split_once(':').is_none_or(|(_, port)| number(port).is_some_and(|port| (1..=65_535).contains(&port)))
}

fn plain_pass(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(whole) = line.known(1).filter(|target| !target.contains('$')) else { return Ok(()) };
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

fn upstream_server(line: &Line<'_>) -> Result<(), Fault> {
    let Some(address) = line.known(1) else { return Ok(()) };
    if address.is_empty() || address.starts_with(':') {
        return Fault::new(1, "nginx refuses a server without a host");
    }
    if !wanted_port(&address) && !address.contains('/') {
        return Fault::new(1, "nginx refuses the port of this address");
    }
    for (index, text) in line.arguments().skip(1) {
        let fits = match text.split_once('=') {
            None => matches!(&*text, "backup" | "down" | "resolve" | "drain"),
            Some(("weight", value)) => number(value).is_some_and(|weight| weight > 0),
            Some(("max_conns" | "max_fails", value)) => number(value).is_some(),
            Some(("fail_timeout" | "slow_start", value)) => time(value, true).is_some(),
            Some(("route" | "service" | "sid" | "id", _)) => true,
            Some(_) => false,
        };
        if !fits {
            return Fault::new(index, "nginx refuses this word for a server of a group");
        }
    }
    Ok(())
}

/// `zone=NAME:SIZE`, and what else the directive takes.
fn zone(build: &mut Build<'_, '_>, line: &Line<'_>, more: &[&str]) -> Result<(), Fault> {
    for (index, text) in line.arguments().skip(1) {
        let fits = if let Some(zone) = text.strip_prefix("zone=") {
            let (name, bytes) = zone.split_once(':').unwrap_or((zone, ""));
            build.seen.zones.insert(name.to_owned());
            // Eight pages at least.
            !name.is_empty() && size(bytes, false).is_some_and(|bytes| bytes >= 32_768)
        } else if let Some(rate) = text.strip_prefix("rate=") {
            more.contains(&"rate=") && rate_fits(rate)
        } else {
            text == "sync"
        };
        if !fits {
            return Fault::new(index, format!("nginx refuses this word for `{}`", line.name));
        }
    }
    Ok(())
}

/// The zone of a cache, which is where its keys are: `keys_zone=NAME:SIZE`.
fn cache_path(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    /// Two pages.
    const LEAST: i64 = 8192;
    let mut named = false;
    for (index, text) in line.arguments().skip(1) {
        let Some(zone) = text.strip_prefix("keys_zone=") else { continue };
        let (name, bytes) = zone.split_once(':').unwrap_or((zone, ""));
        build.seen.zones.insert(name.to_owned());
        named |= !name.is_empty();
        if size(bytes, false).is_none_or(|bytes| bytes < LEAST) {
            return Fault::new(
                index,
                "`keys_zone` has to be a name and a size of 8 KB at least; nginx refuses another",
            );
        }
    }
    let all = (1..line.words.len()).all(|index| line.known(index).is_some());
    if all && !named { Fault::new(0, format!("`{}` has to say `keys_zone=`", line.name)) } else { Ok(()) }
}

fn rate_fits(rate: &str) -> bool {
    let count = rate.strip_suffix("r/s").or(rate.strip_suffix("r/m")).unwrap_or(rate);
    number(count).is_some_and(|count| count > 0)
}

fn limit_req(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let mut named = false;
    for (index, text) in line.arguments() {
        let fits = match text.split_once('=') {
            Some(("zone", name)) => {
                named = true;
                uses(build, line, index, name);
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
        uses(build, line, 1, &name);
    }
    match line.known(2) {
        Some(text) if number(&text).is_none_or(|count| !(1..=65_535).contains(&count)) => {
            Fault::new(2, "nginx refuses this word as a number of connections")
        }
        _ => Ok(()),
    }
}

/// A zone that something has to define, before or behind.
fn uses(build: &mut Build<'_, '_>, line: &Line<'_>, index: usize, name: &str) {
    const MOST: usize = 10_000;
    let Some(word) = line.words.get(index) else { return };
    if build.seen.zones_used.len() < MOST {
        build.seen.zones_used.push((name.to_owned(), Loc::new(line.frame.file, word.place())));
    }
}
