//! The words of directives that have rules of their own.

use super::super::resolve::Build;
use super::addresses;
use super::expression;
use super::values::{number, size, time};
use super::variables;
use super::zones;
use super::{Fault, Line, only};
use super::{hosts, logs, proxies, rare, tables, together};
use crate::text::Loc;

/// Whether the words are what this directive takes.
pub(super) fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    match line.name {
        "add_header" | "add_trailer" => only(line, 3, &["always"])?,
        "fastcgi_param" | "uwsgi_param" | "scgi_param" => only(line, 3, &["if_not_empty"])?,
        "ssl" => each(line, |text| ["on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)))?,
        "return" => returned(line)?,
        "rewrite" => rewrite(line)?,
        "error_page" => error_page(line)?,
        "allow" | "deny" => addresses::access(line)?,
        "listen" => addresses::listen(build, line)?,
        "server_name" => server_name(line)?,
        "expires" => expires(line)?,
        "try_files" => try_files(line)?,
        "root" | "alias" => folder(line)?,
        "index" => index(line)?,
        "error_log" => logs::error_log(line)?,
        "access_log" => logs::access_log(build, line)?,
        "charset_map" => together::charset_map(build, line)?,
        "log_format" => log_format(build, line)?,
        "location" => location(build, line)?,
        "if" => condition(line)?,
        "limit_except" => methods(line)?,
        "keepalive_timeout" => each(line, |text| time(text, false).is_some())?,
        "aio" => only_or(line, 1, &["on", "off", "threads", "sendfile"], |text| text.starts_with("threads="))?,
        "directio" => only_or(line, 1, &["off"], |text| size(text, true).is_some())?,
        "worker_processes" => only_or(line, 1, &["auto"], |text| number(text).is_some())?,
        "variables_hash_max_size" => each(line, |text| number(text) != Some(0))?,
        "worker_connections" => {
            each(line, |text| number(text).is_some())?;
            let at = line.words.get(1).map(|word| Loc::new(line.frame.file, word.place()));
            let count = line.known(1).and_then(|text| number(&text)).filter(|_| !zones::unsure(line));
            build.seen.connections = count.zip(at);
        }
        "use" => only(line, 1, &["epoll", "poll", "select", "kqueue", "eventport", "/dev/poll"])?,
        "ssl_session_cache" => session_cache(build, line)?,
        "open_file_cache" => open_files(line)?,
        "gzip_disable" => {
            for (index, text) in line.arguments().filter(|(_, text)| text != "msie6" && text != "degradation") {
                expression::check(index, &text)?;
            }
        }
        "map_hash_max_size" | "map_hash_bucket_size" if build.seen.tables.has_maps() && !zones::unsure(line) => {
            return Fault::new(0, "a `map` stands before it, which has taken what is usual; nginx refuses that");
        }
        "valid_referers" => hosts::valid_referers(build, line)?,
        "sub_filter" if line.known(1).is_some_and(|text| text.is_empty()) => {
            return Fault::new(1, "nginx refuses to look for an empty text");
        }
        "proxy_bind" | "fastcgi_bind" | "uwsgi_bind" | "scgi_bind" | "grpc_bind" | "memcached_bind" => {
            only_or(line, 1, &["off"], |text| text.contains('$') || addresses::local(text))?;
            only(line, 2, &["transparent"])?;
        }
        "proxy_cache_valid" | "fastcgi_cache_valid" | "uwsgi_cache_valid" | "scgi_cache_valid" => cache_valid(line)?,
        "disable_symlinks" => {
            let takes = |text: &str| matches!(text, "on" | "off" | "if_not_owner") || text.starts_with("from=");
            each(line, takes)?;
        }
        "load_module" => build.seen.hidden = true,
        _ => proxies::check(build, line)?,
    }
    rare::check(build, line)?;
    variables::check(build, line)?;
    together::note(build, line);
    tables::note(build, line);
    Ok(())
}

fn only_or(line: &Line<'_>, index: usize, list: &[&str], or: impl Fn(&str) -> bool) -> Result<(), Fault> {
    match line.known(index) {
        Some(text) if !list.contains(&&*text) && !or(&text) => {
            Fault::new(index, format!("nginx refuses this word for `{}`", line.name))
        }
        _ => Ok(()),
    }
}

fn each(line: &Line<'_>, fits: impl Fn(&str) -> bool) -> Result<(), Fault> {
    match line.arguments().find(|(_, text)| !fits(text)) {
        Some((index, _)) => Fault::new(index, format!("nginx refuses this word for `{}`", line.name)),
        None => Ok(()),
    }
}

/// Statuses, and at last for how long answers with them are kept.
fn cache_valid(line: &Line<'_>) -> Result<(), Fault> {
    let last = line.words.len().saturating_sub(1);
    for (index, text) in line.arguments() {
        let status = || text == "any" || number(&text).is_some_and(|status| (100..=599).contains(&status));
        if if index == last { time(&text, true).is_none() } else { !status() } {
            return Fault::new(index, format!("nginx refuses this word for `{}`", line.name));
        }
    }
    Ok(())
}

fn returned(line: &Line<'_>) -> Result<(), Fault> {
    let Some(code) = line.known(1) else { return Ok(()) };
    let address = ["http://", "https://", "$scheme"].iter().any(|start| code.starts_with(start));
    match number(&code) {
        Some(code) if code <= 999 => Ok(()),
        None if address && line.words.len() == 2 => Ok(()),
        _ => Fault::new(1, "nginx refuses this as a status to return"),
    }
}

fn rewrite(line: &Line<'_>) -> Result<(), Fault> {
    if let Some(regex) = line.known(1) {
        expression::check(1, &regex)?;
    }
    if line.known(2).is_some_and(|text| text.is_empty()) {
        return Fault::new(2, "nginx refuses an empty replacement");
    }
    only(line, 3, &["last", "break", "redirect", "permanent"])
}

fn error_page(line: &Line<'_>) -> Result<(), Fault> {
    let mut last = line.words.len().saturating_sub(2);
    if let Some(answer) = line.known(last).as_deref().and_then(|text| text.strip_prefix('=')) {
        if last == 1 || (!answer.is_empty() && number(answer).is_none()) {
            return Fault::new(last, "nginx refuses this status");
        }
        last -= 1;
    }
    for (index, text) in line.arguments().take_while(|(index, _)| *index <= last) {
        match number(&text) {
            None | Some(499) => return Fault::new(index, "nginx refuses this as a status"),
            Some(code) if !(300..=599).contains(&code) => {
                return Fault::new(index, "`error_page` is for 300 to 599; nginx refuses another status");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn server_name(line: &Line<'_>) -> Result<(), Fault> {
    for (index, text) in line.arguments() {
        match &*text {
            "." => return Fault::new(index, "nginx refuses this as the name of a server"),
            text if text.starts_with('*') && (text.len() < 3 || !text.starts_with("*.")) => {
                return Fault::new(index, "nginx refuses this name: a `*` stands for whole labels at an end");
            }
            "~" => return Fault::new(index, "nginx refuses an empty expression as the name of a server"),
            text => text.strip_prefix('~').map_or(Ok(()), |regex| expression::check(index, regex))?,
        }
    }
    Ok(())
}

fn expires(line: &Line<'_>) -> Result<(), Fault> {
    let Some(first) = line.known(1) else { return Ok(()) };
    let refused = |index: usize| Fault::new(index, "nginx refuses this word for `expires`");
    let (index, text) = match (&*first, line.words.len()) {
        ("epoch" | "max" | "off", 2) => return Ok(()),
        ("modified", 3) => (2, line.known(2)),
        (text, 2) if text.contains('$') => return Ok(()),
        (_, 2) => (1, Some(first)),
        _ => return refused(1),
    };
    let Some(text) = text else { return Ok(()) };
    let (daily, bare) = match text.strip_prefix('@') {
        Some(rest) if index == 1 => (true, rest),
        _ => (false, text.strip_prefix(['+', '-']).unwrap_or(&text)),
    };
    match time(bare, true) {
        Some(seconds) if !daily || seconds < 86_400 => Ok(()),
        _ => refused(index),
    }
}

fn try_files(line: &Line<'_>) -> Result<(), Fault> {
    let last = line.words.len().saturating_sub(1);
    match line.known(last) {
        Some(text) if text.strip_prefix('=').is_some_and(|code| number(code).is_none_or(|code| code > 999)) => {
            Fault::new(last, "nginx refuses this as a status")
        }
        _ => Ok(()),
    }
}

fn folder(line: &Line<'_>) -> Result<(), Fault> {
    let text = line.known(1).unwrap_or_default();
    for name in ["document_root", "realpath_root"] {
        if variables::names(&text).any(|found| found == name) {
            return Fault::new(1, format!("nginx refuses `${name}` in `{}`, which makes it", line.name));
        }
    }
    Ok(())
}

fn index(line: &Line<'_>) -> Result<(), Fault> {
    match line.arguments().find(|(_, text)| text.is_empty()) {
        Some((index, _)) => Fault::new(index, "nginx refuses an empty `index`"),
        None => Ok(()),
    }
}

fn log_format(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let Some(name) = line.known(1) else { return Ok(()) };
    if name == "combined" || !build.seen.formats.insert(name.to_string()) {
        return Fault::new(1, format!("there is a `log_format` called `{name}` already; nginx refuses that"));
    }
    match line.known(2).as_deref().and_then(|text| text.strip_prefix("escape=")) {
        Some(way) if !["default", "json", "none"].contains(&way) => {
            Fault::new(2, "nginx refuses this as a way to escape")
        }
        _ => Ok(()),
    }
}

fn location(build: &Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    use super::super::site::Modifier::{Exact, Named, Prefix, Regex, RegexAnyCase};
    let last = line.words.len().saturating_sub(1);
    let (modifier, path) = if let (Some(first), Some(path)) = (line.known(1), line.known(last)) {
        match super::super::blocks::modifier(&first, (last == 2).then_some(&*path)) {
            Some((modifier, path)) => (modifier, path.to_owned()),
            None => return Fault::new(1, "this is no way for a location to match"),
        }
    } else {
        return Ok(());
    };
    if matches!(modifier, Regex | RegexAnyCase) {
        expression::check(last, &path)?;
    }
    let Some((outer, around)) = build.seen.locations.get(&line.frame.scope) else { return Ok(()) };
    match outer {
        Exact => Fault::new(last, "nginx refuses a location inside an exact one"),
        Named => Fault::new(last, "nginx refuses a location inside one with a name"),
        _ if modifier == Named => Fault::new(last, "nginx refuses a name for a location inside a location"),
        _ if matches!(modifier, Prefix | Exact | super::super::site::Modifier::Final)
            && !path.as_bytes().starts_with(around.as_bytes()) =>
        {
            Fault::new(last, "this path does not begin with that of the location around it: nginx refuses that")
        }
        _ => Ok(()),
    }
}

fn methods(line: &Line<'_>) -> Result<(), Fault> {
    const METHODS: &[&str] = &[
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "MKCOL",
        "COPY",
        "MOVE",
        "OPTIONS",
        "PROPFIND",
        "PROPPATCH",
        "LOCK",
        "UNLOCK",
        "PATCH",
    ];
    each(line, |text| METHODS.iter().any(|method| method.eq_ignore_ascii_case(text)))
}

/// The words of `if (…)`.
fn condition(line: &Line<'_>) -> Result<(), Fault> {
    let count = line.words.len().saturating_sub(1);
    let mut words: Vec<(usize, String)> = Vec::with_capacity(count);
    for index in 1..=count {
        let Some(word) = line.known(index) else { return Ok(()) };
        words.push((index, word.into_owned()));
    }
    let refused = |index: usize| Fault::new(index, "nginx refuses this condition");
    match words.first_mut() {
        Some((_, first)) if first.starts_with('(') => drop(first.remove(0)),
        _ => return refused(1),
    }
    if words.first().is_some_and(|(_, first)| first.is_empty()) {
        words.remove(0);
    }
    match words.last_mut() {
        Some((_, last)) if last.ends_with(')') => drop(last.pop()),
        _ => return refused(count),
    }
    if words.len() > 1
        && words.last().is_some_and(|(_, last)| last.is_empty())
        && !line.words.last().is_some_and(|it| it.quoted)
    {
        words.pop();
    }
    let Some(((index, first), rest)) = words.split_first() else { return refused(1) };
    if let ["-f" | "!-f" | "-d" | "!-d" | "-e" | "!-e" | "-x" | "!-x"] = [first.as_str()] {
        return if rest.len() == 1 { Ok(()) } else { refused(*index) };
    }
    if first.len() < 2 || !first.starts_with('$') {
        return refused(*index);
    }
    match rest {
        [] => Ok(()),
        [(at, sign), (last, regex)] => match sign.as_str() {
            "=" | "!=" => Ok(()),
            "~" | "~*" | "!~" | "!~*" => expression::check(*last, regex),
            _ => Fault::new(*at, "nginx knows no such sign in a condition"),
        },
        _ => refused(*index),
    }
}

fn session_cache(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    for (index, text) in line.arguments() {
        let fits = match text.split(':').collect::<Vec<_>>().as_slice() {
            ["off" | "none" | "builtin"] => true,
            ["builtin", count] => number(count).is_some(),
            ["shared", name, bytes] => {
                match size(bytes, false).filter(|&bytes| !name.is_empty() && bytes >= zones::LEAST) {
                    Some(bytes) => {
                        zones::defines(build, line, index, name, zones::Use::Sessions, bytes)?;
                        true
                    }
                    None => false,
                }
            }
            _ => false,
        };
        if !fits {
            return Fault::new(index, "nginx refuses this as a cache of sessions");
        }
    }
    Ok(())
}

fn open_files(line: &Line<'_>) -> Result<(), Fault> {
    let mut most = false;
    for (index, text) in line.arguments() {
        let fits = match text.split_once('=') {
            None => text == "off",
            Some(("max", count)) => number(count).is_some_and(|count| count > 0),
            Some(("inactive", period)) => time(period, true).is_some(),
            Some(_) => false,
        };
        most |= text.starts_with("max=") || text == "off";
        if !fits {
            return Fault::new(index, "nginx refuses this word for `open_file_cache`");
        }
    }
    let all = (1..line.words.len()).all(|index| line.known(index).is_some());
    if all && !most { Fault::new(1, "`open_file_cache` has to say `max=`") } else { Ok(()) }
}
