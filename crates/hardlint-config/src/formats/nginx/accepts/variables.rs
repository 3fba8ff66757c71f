//! `$variables` in words: how they are spelt, and whether anything gives them a value.

use super::super::resolve::{Build, Place};
use super::{Fault, Line};
use crate::text::Loc;
use crate::version::Version;

/// Uses of variables that are looked at.
const MOST_USES: usize = 20_000;

/// Variables that nginx has by itself.
const OWN: &[&str] = &[
    "ancient_browser",
    "args",
    "binary_remote_addr",
    "body_bytes_sent",
    "bytes_sent",
    "connection",
    "connection_requests",
    "connection_time",
    "connections_active",
    "connections_reading",
    "connections_waiting",
    "connections_writing",
    "content_length",
    "content_type",
    "date_gmt",
    "date_local",
    "document_root",
    "document_uri",
    "fastcgi_path_info",
    "fastcgi_script_name",
    "gzip_ratio",
    "host",
    "hostname",
    "http2",
    "http3",
    "https",
    "invalid_referer",
    "is_args",
    "is_request_port",
    "limit_conn_status",
    "limit_rate",
    "limit_req_status",
    "modern_browser",
    "msec",
    "msie",
    "nginx_version",
    "pid",
    "pipe",
    "proxy_add_x_forwarded_for",
    "proxy_host",
    "proxy_internal_body_length",
    "proxy_internal_chunked",
    "proxy_port",
    "query_string",
    "quic",
    "realip_remote_addr",
    "realip_remote_port",
    "realpath_root",
    "remote_addr",
    "remote_port",
    "remote_user",
    "request",
    "request_body",
    "request_body_file",
    "request_completion",
    "request_filename",
    "request_id",
    "request_length",
    "request_method",
    "request_port",
    "request_time",
    "request_uri",
    "scheme",
    "secure_link",
    "secure_link_expires",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
    "session_log_binary_id",
    "session_log_id",
    "slice_range",
    "status",
    "tcpinfo_rcv_space",
    "tcpinfo_rtt",
    "tcpinfo_rttvar",
    "tcpinfo_snd_cwnd",
    "time_iso8601",
    "time_local",
    "uid_got",
    "uid_reset",
    "uid_set",
    "uri",
];

/// Beginnings of variables that nginx, one of its modules or a well-known other one has.
const BEGINNINGS: &[&str] = &[
    "http_",
    "sent_http_",
    "sent_trailer_",
    "upstream_",
    "cookie_",
    "arg_",
    "proxy_protocol_",
    "ssl_",
    "geoip",
    "jwt_",
    "brotli_",
    "zstd_",
    "gzip_",
    "lua_",
    "vts_",
    "spdy",
    "echo_",
    "upload_",
    "otel_",
    "opentracing_",
    "memc_",
    "redis",
    "rtmp_",
    "mirror",
    "push_",
    "nchan_",
    "oidc_",
    "auth_",
    "modsecurity",
    "fancyindex",
    "js_",
    "njs",
    "perl_",
    "sts_",
    "pagespeed",
    "cache_purge",
    "session_",
    "app_protect",
    "mgmt_",
    "acme_",
    "keyval",
    "limit_",
    "tcpinfo_",
    "secure_link",
];

/// The first version that pushes nothing.
const PUSHED_NO_MORE: Version = Version([1, 25, 1]);

/// What `set` may change.
const CHANGEABLE: &[&str] = &[
    "ancient_browser",
    "args",
    "http3",
    "invalid_referer",
    "is_request_port",
    "limit_rate",
    "modern_browser",
    "msie",
    "proxy_host",
    "proxy_port",
    "quic",
    "request_port",
    "session_log_binary_id",
    "session_log_id",
    "uid_reset",
];

/// What it may not, of those that stand for many others as well.
const KEPT: &[&str] = &[
    "http_cookie",
    "http_host",
    "http_referer",
    "http_user_agent",
    "http_via",
    "http_x_forwarded_for",
    "proxy_protocol_addr",
    "proxy_protocol_port",
    "proxy_protocol_server_addr",
    "proxy_protocol_server_port",
    "sent_http_cache_control",
    "sent_http_connection",
    "sent_http_content_length",
    "sent_http_content_type",
    "sent_http_keep_alive",
    "sent_http_last_modified",
    "sent_http_link",
    "sent_http_location",
    "sent_http_transfer_encoding",
    "upstream_addr",
    "upstream_bytes_received",
    "upstream_bytes_sent",
    "upstream_cache_last_modified",
    "upstream_cache_status",
    "upstream_connect_time",
    "upstream_header_time",
    "upstream_response_length",
    "upstream_response_time",
    "upstream_status",
];

/// Directives whose words have variables in them, and from which word on.
const COMPILED: &[(&str, usize)] = &[
    ("access_log", 1),
    ("add_header", 2),
    ("add_trailer", 2),
    ("alias", 1),
    ("auth_basic", 1),
    ("auth_basic_user_file", 1),
    ("auth_request_set", 2),
    ("charset", 1),
    ("error_page", 1),
    ("expires", 1),
    ("fastcgi_bind", 1),
    ("fastcgi_cache", 1),
    ("fastcgi_cache_bypass", 1),
    ("fastcgi_cache_key", 1),
    ("fastcgi_no_cache", 1),
    ("fastcgi_param", 2),
    ("fastcgi_pass", 1),
    ("fastcgi_store", 1),
    ("grpc_bind", 1),
    ("grpc_pass", 1),
    ("grpc_set_header", 2),
    ("grpc_ssl_certificate", 1),
    ("grpc_ssl_certificate_key", 1),
    ("grpc_ssl_name", 1),
    ("hash", 1),
    ("http2_push", 1),
    ("if", 1),
    ("index", 1),
    ("limit_conn_zone", 1),
    ("limit_rate", 1),
    ("limit_rate_after", 1),
    ("limit_req_zone", 1),
    ("log_format", 2),
    ("map", 1),
    ("memcached_bind", 1),
    ("proxy_bind", 1),
    ("proxy_cache", 1),
    ("proxy_cache_bypass", 1),
    ("proxy_cache_key", 1),
    ("proxy_cookie_domain", 1),
    ("proxy_cookie_flags", 1),
    ("proxy_cookie_path", 1),
    ("proxy_method", 1),
    ("proxy_no_cache", 1),
    ("proxy_pass", 1),
    ("proxy_redirect", 1),
    ("proxy_set_body", 1),
    ("proxy_set_header", 2),
    ("proxy_ssl_certificate", 1),
    ("proxy_ssl_certificate_key", 1),
    ("proxy_ssl_name", 1),
    ("proxy_store", 1),
    ("return", 1),
    ("rewrite", 2),
    ("root", 1),
    ("scgi_bind", 1),
    ("scgi_cache", 1),
    ("scgi_cache_bypass", 1),
    ("scgi_cache_key", 1),
    ("scgi_no_cache", 1),
    ("scgi_param", 2),
    ("scgi_pass", 1),
    ("scgi_store", 1),
    ("secure_link", 1),
    ("secure_link_md5", 1),
    ("set", 2),
    ("source_charset", 1),
    ("split_clients", 1),
    ("sub_filter", 1),
    ("try_files", 1),
    ("uwsgi_bind", 1),
    ("uwsgi_cache", 1),
    ("uwsgi_cache_bypass", 1),
    ("uwsgi_cache_key", 1),
    ("uwsgi_no_cache", 1),
    ("uwsgi_param", 2),
    ("uwsgi_pass", 1),
    ("uwsgi_ssl_certificate", 1),
    ("uwsgi_ssl_certificate_key", 1),
    ("uwsgi_ssl_name", 1),
    ("uwsgi_store", 1),
];

/// Those that are read only when a server is complete: nginx names its end for how they are spelt, and of `http` reads none where there is
/// no server.
const LATE: &[&str] = &["proxy_set_header", "grpc_set_header", "fastcgi_param", "uwsgi_param", "scgi_param"];

/// Notes which variables a statement makes and reads; what is spelt wrong is a fault.
pub(super) fn check(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    made(build, line)?;
    if matches!(line.name, "location" | "if" | "rewrite" | "server_name") {
        for (index, text) in line.arguments() {
            captures(build, index, &text)?;
        }
    }
    if line.name == "memcached_pass" {
        // It asks for what stands there.
        note(build, line, 0, "memcached_key");
    }
    let Ok(at) = COMPILED.binary_search_by(|(name, _)| (*name).cmp(line.name)) else { return Ok(()) };
    let Some((_, from)) = COMPILED.get(at) else { return Ok(()) };
    let last = line.words.len().saturating_sub(1);
    for (index, text) in line.arguments().filter(|(index, _)| index >= from) {
        // Only the last word of these is more than a text; the second of a condition may be an expression.
        let plain = match line.name {
            // A variable, or a name.
            "charset" | "source_charset" => !text.starts_with('$'),
            // Later versions pass it over.
            "http2_push" => build.model.versions.newest >= PUSHED_NO_MORE,
            "error_page" | "limit_req_zone" | "limit_conn_zone" => {
                index != if line.name == "error_page" { last } else { 1 }
            }
            "map" | "split_clients" => index > 1,
            "rewrite" => index > 2,
            "if" => index > 2 && line.known(index - 1).is_some_and(|sign| sign.contains('~')),
            _ => false,
        };
        if plain {
            continue;
        }
        // All behind the dollar sign is the name, braces as well.
        if matches!(line.name, "charset" | "source_charset") {
            note(build, line, index, text.strip_prefix('$').unwrap_or(&text));
            continue;
        }
        let text = if line.name == "if" { text.trim_matches(['(', ')']) } else { &text };
        read(build, line, index, text)?;
    }
    Ok(())
}

pub(super) fn read(build: &mut Build<'_, '_>, line: &Line<'_>, index: usize, text: &str) -> Result<(), Fault> {
    if line.name == "if" && !text.starts_with('$') && index == 1 {
        return Ok(());
    }
    if line.name == "if" && index == 1 {
        // All of it is one name.
        note(build, line, index, text.trim_start_matches('$'));
        return Ok(());
    }
    let passed_over = LATE.contains(&line.name) && line.frame.place == Place::Http;
    for found in (Uses { text, at: 0 }) {
        match found {
            Ok(name) => note(build, line, index, name),
            Err(_) if passed_over => return Ok(()),
            Err(message) => return Fault::new(index, message),
        }
    }
    Ok(())
}

fn note(build: &mut Build<'_, '_>, line: &Line<'_>, index: usize, name: &str) {
    let name = name.to_ascii_lowercase();
    let own = OWN.binary_search(&name.as_str()).is_ok() || BEGINNINGS.iter().any(|start| name.starts_with(start));
    if own || build.seen.used.len() >= MOST_USES {
        return;
    }
    let Some(word) = line.words.get(index) else { return };
    build.seen.used.push((name, Loc::new(line.frame.file, word.place())));
}

/// The variable that a directive makes: its name begins with a dollar sign, and is none that nginx keeps to itself.
fn made(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let last = line.words.len().saturating_sub(1);
    let index = match line.name {
        "set" | "auth_request_set" => 1,
        "map" | "split_clients" => 2,
        "geo" => last,
        _ => return Ok(()),
    };
    let Some(word) = line.known(index) else {
        build.seen.hidden = true;
        return Ok(());
    };
    if line.name == "geo" && index > 1 {
        // All of it is one name.
        match line.known(1) {
            Some(source) => match source.strip_prefix('$').filter(|name| !name.is_empty()) {
                Some(name) => note(build, line, 1, name),
                None => return Fault::new(1, "nginx refuses this as a variable: it does not begin with `$`"),
            },
            None => build.seen.hidden = true,
        }
    }
    let Some(name) = word.strip_prefix('$').filter(|name| !name.is_empty()) else {
        return Fault::new(index, "nginx refuses this as a variable: it does not begin with `$`");
    };
    let name = name.to_ascii_lowercase();
    if kept(&name) {
        return Fault::new(index, format!("nginx does not let `${name}` be changed"));
    }
    if let Some(at) = line.words.get(index).filter(|_| !super::zones::unsure(line)) {
        build.seen.tables.variable(name.len(), Loc::new(line.frame.file, at.place()));
    }
    build.seen.made.insert(name);
    Ok(())
}

/// Notes the variables that an expression makes; those that nginx keeps to itself are a fault.
pub(super) fn captures(build: &mut Build<'_, '_>, index: usize, text: &str) -> Result<(), Fault> {
    for name in captured(text).map(str::to_ascii_lowercase) {
        if kept(&name) {
            return Fault::new(index, format!("nginx does not let `${name}` be changed"));
        }
        build.seen.made.insert(name);
    }
    Ok(())
}

/// Whether nginx lets nobody else give a variable its value, in any version.
fn kept(name: &str) -> bool {
    OWN.binary_search(&name).is_ok() && CHANGEABLE.binary_search(&name).is_err() || KEPT.binary_search(&name).is_ok()
}

/// The names of groups in an expression, which are variables.
fn captured(text: &str) -> impl Iterator<Item = &str> {
    let starts = memchr::memmem::find_iter(text.as_bytes(), "(?");
    starts.filter_map(move |at| {
        let rest = text.get(at + 2..)?;
        let rest = rest.strip_prefix('P').unwrap_or(rest);
        let rest = rest.strip_prefix(['<', '\''])?;
        let end = rest.find(['>', '\''])?;
        rest.get(..end)
    })
}

/// The variables in a text, as far as it is spelt right.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    Uses { text, at: 0 }.map_while(Result::ok)
}

/// Goes through the variables of a text.
struct Uses<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Uses<'t> {
    type Item = Result<&'t str, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        const INVALID: &str = "a `$` has to be followed by the name of a variable; nginx refuses this";
        loop {
            let rest = self.text.get(self.at..)?;
            let dollar = memchr::memchr(b'$', rest.as_bytes())?;
            self.at += dollar + 1;
            let rest = self.text.get(self.at..).unwrap_or_default();
            if rest.starts_with(|first: char| ('1'..='9').contains(&first)) {
                self.at += 1;
                continue;
            }
            let (braced, name) = rest.strip_prefix('{').map_or((false, rest), |rest| (true, rest));
            let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let (name, after) = name.split_at(length);
            if braced && !after.starts_with('}') {
                return Some(Err("the brace of this variable is not closed; nginx refuses this"));
            }
            if name.is_empty() {
                return Some(Err(INVALID));
            }
            self.at += length + if braced { 2 } else { 0 };
            return Some(Ok(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_cut_out_as_nginx_does() {
        assert!(OWN.is_sorted() && COMPILED.is_sorted() && CHANGEABLE.is_sorted() && KEPT.is_sorted());
        let all = |text: &'static str| Uses { text, at: 0 }.collect::<Vec<_>>();
        assert_eq!(all("a$b.${c}d$1$e"), [Ok("b"), Ok("c"), Ok("e")]);
        for text in ["a$", "$.", "${a", "${}", "${a-b}"] {
            assert!(all(text).last().unwrap().is_err(), "{text}");
        }
        assert_eq!(captured("(?<a>x)(?P<b>y)(?:z)(?!w)").collect::<Vec<_>>(), ["a", "b"]);
    }
}
