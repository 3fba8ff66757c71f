//! The words of directives that few configurations have.

use super::super::resolve::Place;
use super::values::{number, size, time};
use super::{Fault, Line, addresses, expression};
use std::collections::BTreeSet;

/// Whether the words are what this directive takes.
pub(super) fn check(line: &Line<'_>) -> Result<(), Fault> {
    let in_group = line.frame.place == Place::Upstream;
    match line.name {
        "client_body_temp_path" | "proxy_temp_path" | "fastcgi_temp_path" | "uwsgi_temp_path" | "scgi_temp_path" => {
            from(line, 2, |text| number(text).is_some_and(|level| level > 0))
        }
        "dav_access" | "proxy_store_access" | "fastcgi_store_access" | "uwsgi_store_access" | "scgi_store_access" => {
            from(line, 1, access)
        }
        "open_log_file_cache" => from(line, 1, |text| match text.split_once('=') {
            None => text == "off",
            Some(("max" | "min_uses", count)) => number(count).is_some_and(|count| count > 0),
            Some(("inactive" | "valid", period)) => time(period, true).is_some(),
            Some(_) => false,
        }),
        "ssl_ocsp_cache" => from(line, 1, |text| text == "off" || text.starts_with("shared:")),
        "userid_expires" => from(line, 1, |text| matches!(text, "off" | "max") || time(text, true).is_some()),
        "userid_mark" => from(line, 1, |text| {
            let one = |letter: char| letter.is_ascii_alphanumeric() || letter == '=';
            text == "off" || text.len() == 1 && text.starts_with(one)
        }),
        "worker_priority" => from(line, 1, |text| number(text.strip_prefix('-').unwrap_or(text)).is_some()),
        "worker_cpu_affinity" => cpus(line),
        "thread_pool" => {
            from(line, 2, |text| match text.split_once('=') {
                Some(("threads", count)) => number(count).is_some_and(|count| count > 0),
                Some(("max_queue", count)) => number(count).is_some(),
                _ => false,
            })?;
            let known: Vec<_> = line.arguments().collect();
            let asked = line.words.len() == known.len() + 1 && known.first().is_some_and(|(_, name)| name != "default");
            if asked && !known.iter().skip(1).any(|(_, text)| text.starts_with("threads=")) {
                return Fault::new(0, "`thread_pool` has to say `threads=`");
            }
            Ok(())
        }
        "modern_browser" => {
            const BROWSERS: [&str; 5] = ["msie", "gecko", "opera", "safari", "konqueror"];
            match line.known(1) {
                Some(name) if line.words.len() == 3 && !BROWSERS.contains(&&*name) => Fault::new(1, refused(line)),
                Some(word) if line.words.len() == 2 && word != "unlisted" => Fault::new(1, refused(line)),
                _ => Ok(()),
            }
        }
        "resolver" => from(line, 1, |text| match text.split_once('=') {
            Some(("valid", period)) => time(period, true).is_some(),
            Some(("ipv4" | "ipv6", switch)) => matches!(switch, "on" | "off"),
            _ => !text.is_empty() && (!text.starts_with(|first: char| first.is_ascii_digit()) || server(text)),
        }),
        "fastcgi_split_path_info" => {
            let Some(regex) = line.known(1) else { return Ok(()) };
            expression::check(1, &regex)?;
            match expression::captures(&regex) {
                Some(count) if count != 2 => {
                    Fault::new(1, "nginx refuses an expression that does not have two groups here")
                }
                _ => Ok(()),
            }
        }
        "proxy_cookie_flags" => match line.known(1).as_deref().and_then(|cookie| cookie.strip_prefix('~')) {
            Some(regex) => expression::check(1, regex.strip_prefix('*').unwrap_or(regex)),
            None => Ok(()),
        },
        // Names are the machine's to know.
        "set_real_ip_from" => {
            at(line, 1, |text| text == "unix:" || addresses::network(text) || !text.is_empty() && !text.contains('/'))
        }
        "hash" if in_group => from(line, 2, |text| text == "consistent"),
        "random" if in_group => {
            let first = |text: &str| text == "two";
            let second = |text: &str| text == "least_conn" || text.starts_with("least_time");
            at(line, 1, first)?;
            at(line, 2, second)
        }
        "keepalive" if in_group => at(line, 1, |text| number(text).is_some_and(|count| count > 0)),
        "zone" if in_group => {
            at(line, 1, |text| !text.is_empty())?;
            at(line, 2, |text| size(text, false).is_some())
        }
        "valid_referers" => same_twice(line),
        _ => Ok(()),
    }
}

/// A name server with a port, where a number stands behind its one colon.
fn server(text: &str) -> bool {
    let port = text.split_once(':').map(|(_, port)| port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    port.is_none_or(|port| number(port).is_some_and(|port| (1..=65_535).contains(&port)))
}

fn refused(line: &Line<'_>) -> String {
    format!("nginx refuses this word for `{}`", line.name)
}

/// The words from one on.
fn from(line: &Line<'_>, first: usize, fits: impl Fn(&str) -> bool) -> Result<(), Fault> {
    match line.arguments().find(|(index, text)| *index >= first && !fits(text)) {
        Some((index, _)) => Fault::new(index, refused(line)),
        None => Ok(()),
    }
}

/// One word, if it is there.
fn at(line: &Line<'_>, index: usize, fits: impl Fn(&str) -> bool) -> Result<(), Fault> {
    if line.known(index).is_some_and(|text| !fits(&text)) { Fault::new(index, refused(line)) } else { Ok(()) }
}

/// `user:rw`, `all:r`.
fn access(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(who, what)| matches!(who, "user" | "group" | "all") && matches!(what, "r" | "rw"))
}

/// `auto`, with a mask or without, or masks.
fn cpus(line: &Line<'_>) -> Result<(), Fault> {
    let first = if line.known(1).is_some_and(|text| text == "auto") { 2 } else { 1 };
    from(line, first, |text| text.bytes().all(|byte| matches!(byte, b'0' | b'1' | b' ')))
}

/// A host is named once, whatever stands behind it.
fn same_twice(line: &Line<'_>) -> Result<(), Fault> {
    let mut hosts = BTreeSet::new();
    for (index, text) in line.arguments() {
        if text.starts_with('~') || matches!(&*text, "none" | "blocked" | "server_names") {
            continue;
        }
        let host = text.split('/').next().unwrap_or_default().to_ascii_lowercase();
        if !hosts.insert(host) {
            return Fault::new(index, "nginx refuses a referer that is named before");
        }
    }
    Ok(())
}
