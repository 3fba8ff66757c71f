//! Writes configurations of nginx: several servers with locations, headers and includes, most of them such as it takes, and
//! now and then a statement that it refuses.

use crate::case::{Asked, Case};
use crate::write::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Stands for the loopback address and the ports of this run, so that several can run beside each other.
const ADDRESS: &str = "<A>";
const PORT: &str = "<P>";

/// What nginx takes, by the place where it takes it.
#[rustfmt::skip]
const HTTP: &[&str] = &[
    "server_tokens off", "add_header X-H h", "add_header X-H2 'h 2' always", "etag off", "gzip on", "keepalive_timeout 5s 10s", "client_max_body_size 1m", "default_type text/plain", "sendfile on", "tcp_nopush on",
    "error_page 404 /err", "error_page 403 404 /e/x", "allow all", "deny 10.0.0.0/8", "access_log off", "autoindex off", "expires 1d", "ssl_protocols TLSv1.2 TLSv1.3", "charset utf-8", "resolver 127.0.0.1 valid=10s",
    "proxy_set_header X y", "proxy_connect_timeout 1s", "proxy_hide_header X-P", "underscores_in_headers on", "large_client_header_buffers 4 8k", "open_file_cache max=10 inactive=20s", "limit_rate 10k", "types_hash_max_size 2048",
    "log_format <N> '$remote_addr [$time_local]' \"$status\"", "map $arg_a $<N> { default x; a b; ~^c d; }", "geo $<N> { default 0; 10.0.0.0/8 1; }", "limit_req_zone $binary_remote_addr zone=<N>:64k rate=1r/s",
    "types { text/html html; text/css css; }", "upstream <N> { server 127.0.0.1:9 weight=2; server 127.0.0.1:10 backup; keepalive 4; }", "split_clients $remote_addr $<N> { 10% a; * b; }", "root html", "add_trailer X-T t", "satisfy any",
    "ssl_session_cache shared:<N>:64k", "ssl_session_timeout 5m", "proxy_buffers 4 8k", "gzip_types text/css", "gzip_comp_level 5", "merge_slashes on", "log_not_found off", "error_log /dev/null warn", "add_header X-H3 \"\"",
    "geo $<N> { ranges; default 0; 10.0.0.0-10.0.0.255 1; 10.0.0.1-10.0.0.9 2; }", "map $host $<N> { hostnames; default $uri; *.a.test x; www.* y; .b.test z; }",
 "proxy_buffer_size 8k", "proxy_busy_buffers_size 8k", "proxy_temp_file_write_size 16k", "fastcgi_buffers 8 16k", "connection_pool_size 512",
    "access_log l.log combined buffer=4k flush=5s", "limit_conn_zone $binary_remote_addr zone=<N>:64k", "proxy_cache_path c<N> keys_zone=<N>:64k levels=1:2 inactive=5m", "charset_map koi8-r utf-8 { C0 D18E; }",
    "upstream <N> { zone <N> 64k; ip_hash; server 127.0.0.1:9; server 127.0.0.1:10 down; }",
];
#[rustfmt::skip]
const SERVER: &[&str] = &[
    "server_tokens off", "server_tokens on", "add_header X-S s", "add_header X-S2 's 2' always", "add_header Strict-Transport-Security max-age=1", "etag off", "root html", "index index.html", "error_page 404 /err", "error_page 404 403 /a/b",
    "error_page 500 503 /x.html", "allow all", "deny 10.0.0.0/8", "client_max_body_size 0", "keepalive_timeout 0", "autoindex on", "expires -1", "expires max", "access_log off", "set $x y", "set $y $uri$host", "if ($arg_a) { return 204; }",
    "if ($http_nothing ~* ^b) { return 403; }", "if ($arg_a = b) { set $z 1; }", "rewrite ^/old /a last", "rewrite ^/older/(.*)$ /b/$1 permanent", "ssl_certificate @@/../cert.pem; ssl_certificate_key @@/../key.pem", "ssl_protocols TLSv1.2",
    "merge_slashes on", "ignore_invalid_headers off", "client_header_timeout 10s", "send_timeout 500ms", "types { text/html html; }", "charset koi8-r", "auth_delay 1s", "limit_rate $arg_r", "try_files /nothing =404", "satisfy all", "gzip off",
    "server_name_in_redirect on", "absolute_redirect off", "max_ranges 1", "directio 4m", "log_subrequest on", "add_header X-S4 \"\" always", "add_header X-S3 a;add_header X-S3 b", "auth_basic off", "error_page 405 =200 /z", "return 204",
    "proxy_buffer_size 2k", "proxy_buffers 8 16k", "valid_referers none blocked a.test *.b.test", "source_charset koi8-r", "access_log l.log combined gzip", "access_log syslog:server=127.0.0.1,tag=a", "request_pool_size 4k",
];
#[rustfmt::skip]
const LOCATION: &[&str] = &[
    "return 204", "return 200 ok", "return 404", "return 301 /x", "return 403 no", "return 503", "return 304", "return 307 http://a/", "add_header X-L l", "add_header X-L2 'l 2' always", "add_header x-l3 \"\"", "expires 1h",
    "server_tokens on", "root html", "try_files /nothing =404", "try_files /nothing /err", "try_files $uri $uri/ /a/x", "deny all", "allow 127.0.0.1", "allow 10.0.0.0/8", "proxy_pass http://127.0.0.1:9", "internal", "error_page 404 /err",
    "error_page 403 404 503 /b", "if ($arg_a) { add_header X-I i; return 204; }", "if ($arg_a) { set $q 1; }", "if (-f /nonexistent/x) { break; }", "limit_except GET { deny all; }", "autoindex on", "client_max_body_size 8m", "default_type text/html",
    "types { }", "set $x z", "rewrite ^/old(.*)$ $1 break", "auth_basic off", "gzip off", "satisfy any", "empty_gif", "stub_status", "proxy_set_header Host $host", "proxy_hide_header X-P", "proxy_redirect off", "fastcgi_param A b", "break",
    "limit_rate 1k", "index a b", "log_not_found off", "proxy_read_timeout 10s", "sub_filter a b", "random_index on", "add_header Content-Security-Policy \"default-src 'self'\"",
    "proxy_buffer_size 8k", "proxy_buffers 8 16k", "proxy_max_temp_file_size 0", "valid_referers none server_names", "source_charset koi8-r", "charset koi8-r", "proxy_ssl_verify on",
];
#[rustfmt::skip]
const HEADS: &[&str] = &[
    "/", "= /", "/a", "/a/", "/ab", "^~ /a", "= /a", "= /err", "/err", "~ \\.php$", "~* \\.PHP$", "~ ^/a", "/a/b", "/b", "~ b", "=/x", "~x", "^~/y", "\"/q\"", "/e", "~ ^/(a|b)/", "~* ^/A/(?<rest>x.*)$", "~ \"^/c{2}$\"", "^~ /a/b/", "@named", "/%41", "\"\"",
    "~ ^/[a-c]+/[^/]+$", "= /a/", "~ \\d+$", "~ !x", "/B", "~", "/a/b/c", "= /a/x", "~ x$",
];
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "a", "b", "a.test", "*.test", "www.*", ".b.test", "_", "\"\"", "~^x\\d+\\.test$", "~^(?<sub>\\D+)\\.test$", "*.b.test", "A.TEST", "a..test", "a b", "x1.test *.x", "localhost", "default", "c.b.test", "www.a.*", "~.", "b.test.",
];
const LISTENS: &[&str] = &[
    "<A>1:<P>1",
    "<A>1:<P>1",
    "<A>1:<P>1 default_server",
    "<A>1:<P>2",
    "<A>2:<P>1",
    "<P>1",
    "<A>1:<P>2 default_server",
    "*:<P>2",
    "<A>1:<P>1-<P>2",
    "<A>1:<P>3 backlog=64",
    "<A>1:<P>3 so_keepalive=30m::10",
    "<A>1:<P>1; listen <A>1:<P>2",
    "0.0.0.0:<P>1",
    "[::1]:<P>4",
    "<A>1:<P>5 ssl; ssl_certificate @@/../cert.pem; ssl_certificate_key @@/../key.pem",
    "unix:@@/.s",
    "<A>1:<P>1 default",
];
const HOSTS: &[&str] = &[
    "a",
    "b",
    "a.test",
    "A.Test:80",
    "www.a.test",
    "x1.test",
    "abc.test",
    "c.b.test",
    "b.test",
    "www.z",
    "nobody",
    "q.x",
];
#[rustfmt::skip]
const URIS: &[&str] = &[
    "/", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/a/x", "/b", "/b/x.php", "/a/x.PHP", "/err", "/e/x", "/x", "/y", "/q", "/cc", "/A/x1", "/%61/b", "/a/./b", "/a/../b", "//a//b", "/a/b/", "/zzz", "/a?b=/b", "/a/b/..", "/%41", "/12", "/b/..%2fa", "/.", "/xx",
];

/// Names of directives, for statements of any kind.
#[rustfmt::skip]
const DIRECTIVES: &[&str] = &[
    "absolute_redirect", "access_log", "add_header", "add_trailer", "aio", "alias", "allow", "auth_basic", "auth_request", "autoindex", "autoindex_format", "break", "charset", "client_body_buffer_size", "client_body_timeout", "client_header_buffer_size",
    "client_max_body_size", "connection_pool_size", "dav_methods", "default_type", "deny", "directio", "disable_symlinks", "empty_gif", "error_log", "error_page", "etag", "expires", "fastcgi_index", "fastcgi_param", "fastcgi_pass", "fastcgi_read_timeout",
    "gzip", "gzip_buffers", "gzip_comp_level", "gzip_disable", "gzip_http_version", "gzip_min_length", "gzip_proxied", "gzip_types", "gzip_vary", "http2_push", "if_modified_since", "ignore_invalid_headers", "index", "internal", "keepalive",
    "keepalive_disable", "keepalive_requests", "keepalive_timeout", "large_client_header_buffers", "limit_conn_status", "limit_rate", "limit_rate_after", "limit_req_status", "lingering_close", "lingering_time", "listen", "log_format",
    "log_not_found", "map_hash_max_size", "max_ranges", "merge_slashes", "msie_padding", "open_file_cache", "open_file_cache_errors", "open_file_cache_valid", "output_buffers", "port_in_redirect", "proxy_bind", "proxy_buffer_size", "proxy_buffering",
    "proxy_cache_methods", "proxy_cache_valid", "proxy_cookie_domain", "proxy_cookie_path", "proxy_hide_header", "proxy_http_version", "proxy_next_upstream", "proxy_pass", "proxy_read_timeout", "proxy_redirect", "proxy_set_header", "proxy_ssl_protocols",
    "proxy_ssl_verify", "proxy_ssl_verify_depth", "real_ip_header", "recursive_error_pages", "request_pool_size", "reset_timedout_connection", "resolver_timeout", "return", "rewrite", "rewrite_log", "root", "satisfy", "send_timeout", "sendfile",
    "sendfile_max_chunk", "server", "server_name", "server_names_hash_max_size", "server_tokens", "set", "ssi", "ssl", "ssl_buffer_size", "ssl_early_data", "ssl_prefer_server_ciphers", "ssl_protocols", "ssl_session_cache",
    "ssl_session_tickets", "ssl_session_timeout", "ssl_stapling", "ssl_verify_client", "ssl_verify_depth", "stub_status", "sub_filter", "sub_filter_once", "tcp_nodelay", "tcp_nopush", "try_files", "types_hash_max_size", "underscores_in_headers",
    "userid", "userid_flags", "valid_referers", "worker_connections", "worker_processes", "uwsgi_pass", "Server_Tokens", "ADD_HEADER", "location", "if", "limit_except", "events", "http", "upstream", "map", "include",
    "worker_cpu_affinity", "worker_priority", "hash", "random", "zone", "userid_expires", "userid_mark", "dav_access", "proxy_cache_key", "modern_browser", "thread_pool",
    "open_log_file_cache", "proxy_store_access", "proxy_buffers", "proxy_busy_buffers_size", "proxy_temp_file_write_size", "proxy_max_temp_file_size", "fastcgi_buffers", "request_pool_size", "limit_req", "limit_conn", "limit_conn_zone", "limit_req_zone", "proxy_cache_path", "proxy_cache", "mirror",
    "gzip_window", "set_real_ip_from", "proxy_cookie_flags", "http2_chunk_size", "uwsgi_buffers", "scgi_busy_buffers_size", "client_header_buffer_size", "client_body_temp_path", "proxy_set_body", "proxy_store", "proxy_no_cache", "uwsgi_cache_bypass", "source_charset", "proxy_ssl_name",
    "map_hash_bucket_size", "server_names_hash_bucket_size", "types_hash_bucket_size", "variables_hash_bucket_size", "proxy_headers_hash_bucket_size", "proxy_headers_hash_max_size", "referer_hash_bucket_size", "referer_hash_max_size", "sub_filter_types", "ssi_types", "addition_types",
    "secure_link", "secure_link_md5", "secure_link_secret", "proxy_temp_path", "fastcgi_temp_path", "proxy_pass_header", "grpc_set_header", "fastcgi_hide_header", "uwsgi_param",
];
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "on", "off", "ON", "true", "1", "0", "10", "-1", "1k", "1m", "1g", "1K", "1x", "1s", "1d", "1h30m", "30m1h", "500ms", "1y", "any", "all", "none", "always", "text/html", "/", "/x", "=404", "404", "200", "503 /x", "301 /y", "http://127.0.0.1:9",
    "https://127.0.0.1", "127.0.0.1:9", "127.0.0.1", "$uri", "$host", "$nosuch", "$", "a$", "$a.b", "${uri}", "${uri", "TLSv1.2", "TLSv1.3 tlsv1", "4 8k", "2 0", "1.1", "2", "HTTP", "error timeout", "GET", "POST PUT", "combined", "/dev/null warn", "x y",
    "a b c", "\"\"", "'a b'", "\"a;b\"", "'a{b'", "\\;", "a\\ b", "#x", "a#b", "~", "~ (", "*", "..", "build", "optional", "shared:x:64k", "shared:x", "builtin:100", "msie6", "expired", "max=10", "modified 1h", "@1h", "epoch", "max", "X-A $uri always",
    "X-A b sometimes", "^/a$ /b last", "^/(a /b", "$x y", "x y", "$uri x", "($uri)", "($arg_a = b)", "(-f /x)", "xml", "18446744073709551616", "1048576", "65536", "", "buffer=4k", "flush=1s", "zone=n1:64k", "zone=n1", "keys_zone=n2:64k", "levels=1:2", "8 4k", "2 4k", "16k", "backup", "10.0.0.0/255.0.0.0", "syslog:server=127.0.0.1", "*.a.test", "a..b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "*.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", "HTTP_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x", "$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x", "t 1", "t", "65473", "128",
];
/// What is no statement.
#[rustfmt::skip]
const BROKEN: &[&str] = &[
    "}", ";", "{", "{ }", "server_tokens off", "root \"a", "root 'a;", "root \"a\"b;", "root a }", "location / {", "\"root\" x;", "'ro'ot x;", "# only words", "root x;;", "return 200 a{b;", "nosuch_directive x;", "nosuch { a b; }", "// words;", "root x; # }",
    "if ($a {", "include none/*.conf;", "include none.conf;", "include;", "include a b;", "add_header X-B b;;", "\\", "root \\\"x;", "types { a; }", "map $a { a b; }", "map $arg_a $b { a; }", "map $arg_a $b { a b; A c; }", "geo $g { 10.0.0/8 x; }",
    "upstream u { }", "upstream u { server; }", "upstream u { server 127.0.0.1:9 heavy; }", "upstream u { ip_hash; server 127.0.0.1:99999; }", "limit_except GET POST { deny all; }", "limit_except FETCH { deny all; }", "\u{feff}root x;", "root x;\u{0}",
    "server { }", "location /a { location /b { } }", "location = /a { location /a/b { } }", "location /a { location @b { } }", "location % /x { }", "location ~ ( { }", "location ~ *a { }", "location ~ a{2} { }", "location /x/y { alias /a; root /b; }",
    "location ~ ^/p { proxy_pass http://127.0.0.1:9/x; }", "location /p/q { proxy_pass 127.0.0.1; }", "location /p/r { proxy_pass ftp://127.0.0.1; }", "if ($arg_a == b) { }", "if $arg_a { }", "if (arg_a) { }", "if ($arg_a && $arg_b) { }", "return 1000;",
    "rewrite ^ /x first;", "error_page 200 /x;", "error_page 404;", "deny 1.2.3;", "allow 10.0.0.0/33;", "listen 99999;", "listen 0;", "listen 127.0.0.1:x;", "server_name *;", "server_name ~(;", "set x y;", "set $host y;", "limit_req zone=none;", "geo $g { ranges; 10.0.0.3-10.0.0.8 1; 10.0.0.1-10.0.0.9 2; }", "map $host $m { hostnames; a*.test x; }", "map $host $m { default $nosuch; }", "server_name *a.test;", "server_name a.*.test;", "listen 127.0.0.1:1 so_keepalive=::;",
    "upstream u { hash $uri; server 127.0.0.1:9; server 127.0.0.1:10 backup; }", "limit_conn n1 5;", "proxy_redirect off;proxy_redirect a b;", "proxy_buffer_size 16k;", "upstream u { server 127.0.0.1:9 backup; }", "upstream u { server http://127.0.0.1; }", "allow 10.0.0.0/255.0.0.0;", "location ~ (?<host>x) { }",
    "ssl_protocols TLSv1.4;", "add_header X-A b c;", "expires soon;", "root a; root b;", "try_files /x;", "access_log /dev/null nosuch;", "log_format combined x;", "ssl on;", "root html", "add_header X-A\n  b\n  c;", "autoindex\n\n maybe\n;",
    "charset_map koi8-r utf-8 { 80 E282; }", "charset_map koi8-r utf-8 { 80 E28280; 81 c280; }", "charset_map koi8-r windows-1251 { 80 E2; 100 1; }", "charset_map koi8-r windows-1251 { 80 E2; ff 0; }", "charset_map koi8-r utf-8 { 80 41; }",
    "map $arg_a $c { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1; }", "map $arg_a $c { hostnames; *.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b 1; default 2; }", "map $arg_a $c { ~x 1; }\nmap_hash_bucket_size 128;", "map_hash_bucket_size 128;\nmap $arg_a $c { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1; }", "types { a/b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; }", "location ~ (?<http_host>x) { }", "location ~ (?<invalid_referer>x) { }", "set $proxy_host x;", "set $upstream_addr x;",
    "server_name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "server_name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ~(x);", "gzip_types aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa *;", "secure_link $uri; secure_link_secret x;", "proxy_temp_path t; fastcgi_temp_path t 1;", "proxy_cache_path t keys_zone=n1:64k; proxy_temp_path t;", "listen <P>3-<P>4;",
];

/// A statement of a pool, in one of the ways to write it.
fn statement(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    (select(pool), 0..12_u8, 0..100_u8).prop_map(|(text, style, number)| {
        let text = text.replace("<N>", &format!("n{number}"));
        let end = if text.ends_with('}') { "" } else { ";" };
        let plain = !text.contains(['"', '\'', '{', '~', '\\', ';']);
        match style {
            1 if plain => format!("{}{end}", text.replace(' ', "\n    ")),
            2 if plain => format!("{}\t{end}", text.replace(' ', " \t")),
            3 if plain => {
                let (head, last) = text.rsplit_once(' ').unwrap_or(("", &text));
                format!("{head} \"{last}\"{end}").trim_start().to_owned()
            }
            4 if plain => {
                let (name, rest) = text.split_once(' ').unwrap_or((&text, ""));
                format!("'{name}' {rest}{end}")
            }
            5 => format!("{text}{end} # }} ;"),
            6 if plain => format!("{}{end}", text.replacen(' ', " # c\n", 1)),
            7 => format!("\n{text} {end}\n"),
            _ => format!("{text}{end}"),
        }
    })
}

/// A directive with any words.
fn odd() -> impl Strategy<Value = String> {
    let words = prop_oneof![1 => Just(0_usize), 8 => Just(1), 4 => Just(2), 1 => Just(3)];
    let words = words.prop_flat_map(|count| vec(select(WORDS), count));
    let end = prop_oneof![30 => Just(";"), 1 => Just(" { }"), 1 => Just("")];
    (select(DIRECTIVES), words, end).prop_map(|(name, words, end)| format!("{name} {}{end}", words.join(" ")))
}

/// Mostly one of the pool.
fn line(pool: &'static [&'static str]) -> BoxedStrategy<String> {
    prop_oneof![
        160 => statement(pool),
        3 => odd(),
        1 => select(BROKEN).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Statements, no two of them by chance the same.
fn lines(pool: &'static [&'static str], most: usize) -> BoxedStrategy<Vec<String>> {
    vec(line(pool), 0..=most)
        .prop_map(|lines| {
            let mut names: Vec<String> = Vec::new();
            let name = |line: &str| {
                line.split([' ', '\n', '\t', ';', '\'']).find(|word| !word.is_empty()).unwrap_or("").to_owned()
            };
            let once = |name: &str| {
                !["add_header", "set", "if", "map", "geo", "upstream", "log_format", "allow", "rewrite", "error_page"]
                    .contains(&name)
            };
            let mut kept = Vec::new();
            for (at, line) in lines.into_iter().enumerate() {
                let name = name(&line);
                // A directive twice is refused: seldom is enough.
                if once(&name) && names.contains(&name) && at % 7 != 6 {
                    continue;
                }
                names.push(name);
                kept.push(line);
            }
            kept
        })
        .boxed()
}

fn location(depth: usize) -> BoxedStrategy<String> {
    let inner = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        prop_oneof![5 => Just(Vec::new()), 1 => vec(location(depth - 1), 1..3)].boxed()
    };
    (select(HEADS), lines(LOCATION, 4), inner, any::<bool>())
        .prop_map(|(head, lines, inner, glued)| {
            // `${` opens nothing.
            let (open, between) = if glued && !head.ends_with('$') { ("{", "") } else { (" {\n    ", "\n    ") };
            // What is inside mostly begins with what is around it.
            let path = head.trim_start_matches(['=', '^', '~', '*', ' ']).trim_matches('"');
            let inner: Vec<String> = inner
                .iter()
                .map(|inner| {
                    if path.starts_with('/') {
                        inner.replacen(" /", &format!(" {}/", path.trim_end_matches('/')), 1)
                    } else {
                        inner.clone()
                    }
                })
                .collect();
            format!("location {head}{open}{}{between}{}\n}}", lines.join(between), inner.join("\n"))
        })
        .boxed()
}

fn server() -> BoxedStrategy<String> {
    let listen = prop_oneof![9 => select(LISTENS).prop_map(|text| format!("listen {text};")), 1 => Just(String::new())];
    let names =
        prop_oneof![5 => select(NAMES).prop_map(|name| format!("server_name {name};")), 1 => Just(String::new())];
    (listen, names, lines(SERVER, 5), vec(location(2), 0..6), any::<bool>())
        .prop_map(|(listen, names, lines, locations, last)| {
            let mut seen: Vec<String> = Vec::new();
            // One location twice is refused: seldom is enough.
            let locations = locations.into_iter().enumerate().filter(|(at, text)| {
                let head = text.split('{').next().unwrap_or_default().trim().replace("^~", "").replace("  ", " ");
                let keep = !seen.contains(&head) || at % 5 == 4;
                seen.push(head);
                keep
            });
            let locations: Vec<String> = locations.map(|(_, text)| text).collect();
            let (before, after) = if last { (&lines[..], &[][..]) } else { (&[][..], &lines[..]) };
            let parts = [&[listen, names][..], before, &locations, after].concat();
            format!("server {{\n{}\n}}", parts.join("\n"))
        })
        .boxed()
}

/// The main file, those that it includes, and what is asked.
pub(crate) fn cases() -> BoxedStrategy<Case> {
    let main = prop_oneof![
        20 => Just("events {}\n"),
        6 => Just("worker_processes 1;\nevents { worker_connections 64; }\n"),
        3 => Just("error_log /dev/null;\nevents { use epoll; multi_accept on; }\n"),
        3 => Just("pcre_jit on;\nworker_processes 0;\nevents {}\n"),
        1 => Just("events { worker_connections 3; }\n"),
    ];
    let asked = (subsequence(HOSTS, 2), subsequence(URIS, 5));
    let include = prop_oneof![3 => Just(0_u8), 1 => Just(1), 1 => Just(2), 1 => Just(3)];
    let text = (main, lines(HTTP, 5), vec(server(), 1..4), include, lines(SERVER, 3), any::<bool>());
    let ends = prop_oneof![12 => Just("\n"), 1 => Just("\r\n")];
    (text, ends, asked)
        .prop_map(|((main, http, servers, include, part, last), end, (hosts, uris))| {
            let mut files = Vec::new();
            let mut servers = servers;
            let mut includes = String::new();
            match include {
                1 if servers.len() > 1 => {
                    files.push(("d/2.conf".to_owned(), servers.pop().unwrap()));
                    files.push(("d/10.conf".to_owned(), "# nothing".to_owned()));
                    "include d/*.conf;\n".clone_into(&mut includes);
                }
                2 => {
                    files.push(("part.inc".to_owned(), part.join("\n")));
                    servers[0] = servers[0].replacen("server {", "server {\ninclude part.inc;", 1);
                }
                3 => {
                    files.push(("d/h.conf".to_owned(), http.join("\n")));
                    "include d/?.conf;\n".clone_into(&mut includes);
                }
                _ => {}
            }
            let http = if include == 3 { String::new() } else { http.join("\n") };
            let (first, second) = if last { (String::new(), includes) } else { (includes, String::new()) };
            let text = format!("{main}http {{\n{http}\n{first}{}\n{second}}}\n", servers.join("\n"));
            files.insert(0, ("nginx.conf".to_owned(), text));
            let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
            let asked = asked_of(&all, &hosts, &uris);
            let files = files.into_iter().map(|(path, text)| (path, filled(&text, end))).collect();
            Case { files, asked, ..Case::default() }
        })
        .boxed()
}

/// An address and ports that belong to this process.
pub(super) fn filled(text: &str, end: &str) -> Bytes {
    text.replace(ADDRESS, &address()).replace(PORT, &port()).replace('\n', end).into_bytes()
}

fn address() -> String {
    let id = std::process::id();
    format!("127.{}.{}.", 1 + id / 250 % 250, id % 250)
}

fn port() -> String {
    (2000 + std::process::id() % 4000).to_string()
}

/// Every socket that the text may open is asked for some names, and these for some paths.
fn asked_of(text: &str, hosts: &[&str], uris: &[&str]) -> Vec<Asked> {
    let mut asked = Vec::new();
    for socket in ["<A>1:<P>1", "<A>1:<P>2", "<A>2:<P>1"] {
        let (address, port) = socket.split_once(':').unwrap();
        let opened = text.contains(&format!("listen {socket}"))
            || text.contains(&format!("listen {port}"))
            || text.contains(&format!("listen *:{port}"))
            || text.contains(&format!("listen 0.0.0.0:{port}"))
            || (address == "<A>1" && text.contains("-<P>2"));
        if !opened {
            continue;
        }
        for (at, uri) in uris.iter().enumerate() {
            let socket = String::from_utf8(filled(socket, "\n")).unwrap();
            asked.push(Asked { socket, host: hosts[at % hosts.len()].to_owned(), uri: (*uri).to_owned() });
        }
    }
    asked
}
