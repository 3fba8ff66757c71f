//! The words of directives that few configurations have.

use super::super::resolve::{Build, Place};
use super::values::{number, size, time};
use super::{Fault, Line, addresses, expression, folders, zones};
use crate::text::Loc;

/// Whether the words are what this directive takes.
pub(super) fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let in_group = line.frame.place == Place::Upstream;
    match line.name {
        "client_body_temp_path" | "proxy_temp_path" | "fastcgi_temp_path" | "uwsgi_temp_path" | "scgi_temp_path" => {
            /// The characters of all levels.
            const MOST: i64 = 10;
            from(line, 2, |text| number(text).is_some_and(|level| level > 0))?;
            let levels = line.arguments().skip(1).filter_map(|(_, text)| number(&text));
            if levels.fold(0_i64, i64::saturating_add) > MOST {
                return Fault::new(0, refused(line));
            }
            folders::temporary(build, line)
        }
        "dav_access" | "proxy_store_access" | "fastcgi_store_access" | "uwsgi_store_access" | "scgi_store_access" => {
            from(line, 1, access)
        }
        "open_log_file_cache" => {
            from(line, 1, |text| match text.split_once('=') {
                None => text == "off",
                Some(("max", count)) => number(count).is_some_and(|count| count > 0),
                Some(("min_uses", count)) => number(count).is_some(),
                Some(("inactive" | "valid", period)) => time(period, true).is_some(),
                Some(_) => false,
            })?;
            let known = (1..line.words.len()).all(|index| line.known(index).is_some());
            let most = line.arguments().any(|(_, text)| text == "off" || text.starts_with("max="));
            if known && !most { Fault::new(0, "`open_log_file_cache` has to say `max=`") } else { Ok(()) }
        }
        "ssl_ocsp_cache" => match line.known(1).as_deref().map(|text| text.split(':').collect::<Vec<_>>()).as_deref() {
            None | Some(["off"]) => Ok(()),
            Some(["shared", name, bytes]) if !name.is_empty() => match size(bytes, false) {
                Some(bytes) if bytes >= zones::LEAST => {
                    zones::defines(build, line, 1, name, zones::Use::Certificates, bytes)
                }
                _ => Fault::new(1, refused(line)),
            },
            Some(_) => Fault::new(1, refused(line)),
        },
        "userid_expires" => from(line, 1, |text| matches!(text, "off" | "max") || time(text, true).is_some()),
        "userid_mark" => from(line, 1, |text| {
            let one = |letter: char| letter.is_ascii_alphanumeric() || letter == '=';
            text == "off" || text.len() == 1 && text.starts_with(one)
        }),
        "worker_priority" => from(line, 1, |text| number(text.strip_prefix('-').unwrap_or(text)).is_some()),
        "worker_cpu_affinity" => cpus(line),
        "thread_pool" => thread_pool(build, line),
        "aio" => {
            let pool = line.known(1).and_then(|text| Some(text.strip_prefix("threads=")?.to_owned()));
            if let Some(pool) = pool.filter(|pool| !pool.contains('$') && pool != "default")
                && let Some(word) = line.words.get(1)
            {
                build.seen.pools_used.push((pool, Loc::new(line.frame.file, word.place())));
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
            _ => !text.is_empty() && (!text.starts_with(|first: char| first.is_ascii_digit()) || with_port(text)),
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
        "zone" if in_group => zones::of_group(build, line),
        _ => Ok(()),
    }
}

/// A name server with a port, where a number stands behind its one colon.
fn with_port(text: &str) -> bool {
    let port = text.split_once(':').map(|(_, port)| port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    port.is_none_or(|port| number(port).is_some_and(|port| (1..=65_535).contains(&port)))
}

/// A pool of threads has a number of them, and a name of its own.
fn thread_pool(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    from(line, 2, |text| match text.split_once('=') {
        Some(("threads", count)) => number(count).is_some_and(|count| count > 0),
        Some(("max_queue", count)) => number(count).is_some(),
        _ => true,
    })?;
    let known: Vec<_> = line.arguments().collect();
    let asked = line.words.len() == known.len() + 1 && known.first().is_some_and(|(_, name)| name != "default");
    if asked && !known.iter().skip(1).any(|(_, text)| text.starts_with("threads=")) {
        return Fault::new(0, "`thread_pool` has to say `threads=`");
    }
    match line.known(1) {
        None => build.seen.hidden = true,
        Some(name) if !build.seen.pools.insert(name.to_string()) && !zones::unsure(line) => {
            return Fault::new(1, "there is a `thread_pool` of this name already; nginx refuses that");
        }
        Some(_) => {}
    }
    Ok(())
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
