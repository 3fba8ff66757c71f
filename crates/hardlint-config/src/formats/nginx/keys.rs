//! The kinds and keys of nginx configuration.
//!
//! One row a directive that rules or people ask for; the others are kept under their names, untyped. How often a
//! directive may stand and with how many words is in `directives.rs`. Contexts, defaults and inheritance are those of
//! the modules' pages on nginx.org, and were compared with nginx 1.22.1.

use super::directives::Shape::{self, Flag, Lines, One, Present, Union, Words};
use crate::schema::Default::{self, Always, Since};
use crate::schema::{Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: KINDS,
    keys: KEYS,
    program: "nginx",
    supported: Versions { oldest: Version([1, 22, 1]), newest: Version([1, 31, 5]) },
};

const fn kind(name: &'static str, plural: &'static str, doc: &'static str) -> Kind {
    Kind { name, plural, doc }
}

const KINDS: &[Kind] = &[
    kind("file", "files", "The file itself, and the directives outside of all blocks."),
    kind("events", "events_blocks", "An `events` block."),
    kind("http", "http_blocks", "The `http` block; implied where a file is included in one."),
    kind("server", "servers", "A `server` block for HTTP."),
    kind("location", "locations", "A `location` block, and what answers where none matches."),
    kind("if", "ifs", "An `if` block: a configuration of its own for the requests that it catches."),
    kind("limit_except", "limit_excepts", "A `limit_except` block."),
    kind("upstream", "upstreams", "An `upstream` block."),
    kind("listen", "listens", "A `listen` line; implied where a server has none."),
    kind("socket", "sockets", "An address and port, with all the servers that answer there."),
    kind(
        "header_set",
        "header_sets",
        "The `add_header` lines of one block, which replace those of the blocks around it.",
    ),
    kind("header", "headers", "An `add_header` line."),
    kind(
        "access",
        "accesses",
        "The `allow` and `deny` lines of one block, which replace those of the blocks around it.",
    ),
    kind("redirect", "redirects", "A `return` or `rewrite` that sends the client to another URL."),
    kind("proxy", "proxies", "A `proxy_pass`, or its like for another protocol."),
    kind("stream", "streams", "A `stream` or `mail` block, or a block inside one."),
];

const E: &[&str] = &["events"];
const H: &[&str] = &["http"];
const HS: &[&str] = &["http", "server"];
const HSL: &[&str] = &["http", "server", "location"];
const HSLI: &[&str] = &["http", "server", "location", "if"];
const HSLIX: &[&str] = &["http", "server", "location", "if", "limit_except"];
const HSLX: &[&str] = &["http", "server", "location", "limit_except"];
const L: &[&str] = &["location"];
const LI: &[&str] = &["location", "if"];
const LIX: &[&str] = &["location", "if", "limit_except"];
const M: &[&str] = &["file"];
const MHSL: &[&str] = &["file", "http", "server", "location"];
const S: &[&str] = &["server"];
const SL: &[&str] = &["server", "location"];
const SLI: &[&str] = &["server", "location", "if"];
const U: &[&str] = &["upstream"];

const ACCESS: &str = "https://nginx.org/en/docs/http/ngx_http_access_module.html";
const ADDITION: &str = "https://nginx.org/en/docs/http/ngx_http_addition_module.html";
const API: &str = "https://nginx.org/en/docs/http/ngx_http_api_module.html";
const AUTHBASIC: &str = "https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html";
const AUTHJWT: &str = "https://nginx.org/en/docs/http/ngx_http_auth_jwt_module.html";
const AUTHREQUEST: &str = "https://nginx.org/en/docs/http/ngx_http_auth_request_module.html";
const AUTOINDEX: &str = "https://nginx.org/en/docs/http/ngx_http_autoindex_module.html";
const BROTLI: &str = "https://github.com/google/ngx_brotli";
const BROWSER: &str = "https://nginx.org/en/docs/http/ngx_http_browser_module.html";
const CHARSET: &str = "https://nginx.org/en/docs/http/ngx_http_charset_module.html";
const CORE: &str = "https://nginx.org/en/docs/http/ngx_http_core_module.html";
const DAV: &str = "https://nginx.org/en/docs/http/ngx_http_dav_module.html";
const EMPTYGIF: &str = "https://nginx.org/en/docs/http/ngx_http_empty_gif_module.html";
const FASTCGI: &str = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html";
const FLV: &str = "https://nginx.org/en/docs/http/ngx_http_flv_module.html";
const GRPC: &str = "https://nginx.org/en/docs/http/ngx_http_grpc_module.html";
const GUNZIP: &str = "https://nginx.org/en/docs/http/ngx_http_gunzip_module.html";
const GZIP: &str = "https://nginx.org/en/docs/http/ngx_http_gzip_module.html";
const GZIPSTATIC: &str = "https://nginx.org/en/docs/http/ngx_http_gzip_static_module.html";
const HEADERS: &str = "https://nginx.org/en/docs/http/ngx_http_headers_module.html";
const HEADERSMORE: &str = "https://github.com/openresty/headers-more-nginx-module";
const HEALTHCHECK: &str = "https://nginx.org/en/docs/http/ngx_http_upstream_hc_module.html";
const HTTP2: &str = "https://nginx.org/en/docs/http/ngx_http_v2_module.html";
const HTTP3: &str = "https://nginx.org/en/docs/http/ngx_http_v3_module.html";
const INDEX: &str = "https://nginx.org/en/docs/http/ngx_http_index_module.html";
const JS: &str = "https://nginx.org/en/docs/http/ngx_http_js_module.html";
const LIMITCONN: &str = "https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html";
const LIMITREQ: &str = "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html";
const LOG: &str = "https://nginx.org/en/docs/http/ngx_http_log_module.html";
const MAIN: &str = "https://nginx.org/en/docs/ngx_core_module.html";
const MAP: &str = "https://nginx.org/en/docs/http/ngx_http_map_module.html";
const MEMCACHED: &str = "https://nginx.org/en/docs/http/ngx_http_memcached_module.html";
const MIRROR: &str = "https://nginx.org/en/docs/http/ngx_http_mirror_module.html";
const MP4: &str = "https://nginx.org/en/docs/http/ngx_http_mp4_module.html";
const PERFTOOLS: &str = "https://nginx.org/en/docs/ngx_google_perftools_module.html";
const PROXY: &str = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html";
const REALIP: &str = "https://nginx.org/en/docs/http/ngx_http_realip_module.html";
const REFERER: &str = "https://nginx.org/en/docs/http/ngx_http_referer_module.html";
const REWRITE: &str = "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html";
const SCGI: &str = "https://nginx.org/en/docs/http/ngx_http_scgi_module.html";
const SECURELINK: &str = "https://nginx.org/en/docs/http/ngx_http_secure_link_module.html";
const SLICE: &str = "https://nginx.org/en/docs/http/ngx_http_slice_module.html";
const SSI: &str = "https://nginx.org/en/docs/http/ngx_http_ssi_module.html";
const SSL: &str = "https://nginx.org/en/docs/http/ngx_http_ssl_module.html";
const STATUS: &str = "https://nginx.org/en/docs/http/ngx_http_status_module.html";
const STUBSTATUS: &str = "https://nginx.org/en/docs/http/ngx_http_stub_status_module.html";
const SUB: &str = "https://nginx.org/en/docs/http/ngx_http_sub_module.html";
const UPSTREAM: &str = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html";
const UPSTREAMCONF: &str = "https://nginx.org/en/docs/http/ngx_http_upstream_conf_module.html";
const USERID: &str = "https://nginx.org/en/docs/http/ngx_http_userid_module.html";
const UWSGI: &str = "https://nginx.org/en/docs/http/ngx_http_uwsgi_module.html";

const ABSENT: Default = Default::Absent;
const PROTOCOLS: Default = Since(&[
    (Version([0, 0, 0]), "TLSv1 TLSv1.1 TLSv1.2"),
    (Version([1, 23, 4]), "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
    (Version([1, 27, 3]), "TLSv1.2 TLSv1.3"),
]);
const HTTP_VERSION: Default = Since(&[(Version([0, 0, 0]), "1.0"), (Version([1, 29, 7]), "1.1")]);
const LIST: Type = Type::List(&Type::String);

/// A directive.
const fn d(
    name: &'static str,
    shape: Shape,
    kinds: &'static [&'static str],
    inherits: bool,
    default: Default,
    url: &'static str,
    doc: &'static str,
) -> Key {
    let ty = match shape {
        Flag | Present => Type::Bool,
        One => Type::String,
        Words | Union | Lines => LIST,
    };
    Key { name, ty, kinds, inherits, default, fact: false, secret: false, doc, url }
}

/// A fact that every scope of its kinds has.
const fn f(name: &'static str, ty: Type, kinds: &'static [&'static str], doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

/// A fact that only some have.
const fn some(name: &'static str, ty: Type, kinds: &'static [&'static str], doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: ABSENT, fact: true, secret: false, doc, url: "" }
}

#[rustfmt::skip]
const KEYS: &[Key] = &[
    d("absolute_redirect", Flag, HSL, true, Always("true"), CORE, "Whether redirects name the scheme and the host."),
    d("accept_mutex", Flag, E, false, ABSENT, MAIN, "Whether workers take turns at accepting connections."),
    d("access_log", Lines, HSLIX, true, ABSENT, LOG, "Where requests are logged."),
    d("add_before_body", One, HSL, true, ABSENT, ADDITION, "A URI whose answer is put before the body."),
    d("add_header", Lines, HSLI, true, ABSENT, HEADERS, "A header that is added to answers."),
    d("add_header_inherit", One, HSL, true, ABSENT, HEADERS, "Whether header lines of the level above are merged."),
    d("add_trailer", Lines, HSLI, true, ABSENT, HEADERS, "A trailer that is added to answers."),
    f("address", Type::String, &["socket", "listen"], "The address, `*` for every one."),
    d("aio", Words, HSL, true, Always("false"), CORE, "Whether files are read asynchronously."),
    d("alias", One, L, false, ABSENT, CORE, "The folder that replaces the location in the path of a file."),
    d("allow", Lines, HSLX, true, ABSENT, ACCESS, "An address that is let in."),
    f("allows", LIST, &["access"], "The addresses that are let in."),
    f("always", Type::Bool, &["header"], "Whether errors carry it too."),
    d("ancient_browser", Lines, HSL, true, ABSENT, BROWSER, "Names of browsers that count as ancient."),
    d("api", Words, L, false, ABSENT, API, "The interface to state and configuration of NGINX Plus."),
    f("application", Type::Bool, &["server"], "Whether requests for `/` go to an application, which may set headers of its own."),
    d("auth_basic", One, HSLX, true, Always("off"), AUTHBASIC, "The realm for which a password is asked, or `off`."),
    d("auth_basic_user_file", One, HSLX, true, ABSENT, AUTHBASIC, "The file of names and hashed passwords."),
    d("auth_delay", One, HSL, true, Always("0s"), CORE, "How long an answer 401 is delayed."),
    d("auth_jwt", Words, HSLX, true, Always("off"), AUTHJWT, "The realm for which a JSON Web Token is asked, or `off`."),
    d("auth_request", One, HSL, true, Always("off"), AUTHREQUEST, "The URI of the subrequest that decides on access, or `off`."),
    d("auth_request_set", Lines, HSL, true, ABSENT, AUTHREQUEST, "A variable that is set from the subrequest's answer."),
    d("autoindex", Flag, HSL, true, Always("false"), AUTOINDEX, "Whether folders without an index file are listed."),
    d("autoindex_exact_size", Flag, HSL, true, Always("true"), AUTOINDEX, "Whether listings give sizes in bytes."),
    d("autoindex_format", One, HSL, true, Always("html"), AUTOINDEX, "The format of listings."),
    f("behind_proxy", Type::Bool, &["server"], "Whether the file shows that something before the server ends TLS."),
    d("break", Present, SLI, false, ABSENT, REWRITE, "Ends the rewriting of the request."),
    d("brotli", Flag, HSLI, true, ABSENT, BROTLI, "Whether answers are compressed with Brotli."),
    f("built_root", Type::Bool, &["server"], "Whether the root is a folder that a build fills, which has no hidden files."),
    d("charset", One, HSLI, true, Always("off"), CHARSET, "The character set that is named in Content-Type."),
    d("chunked_transfer_encoding", Flag, HSL, true, Always("true"), CORE, "Whether answers may be sent in chunks."),
    d("client_body_buffer_size", One, HSL, true, ABSENT, CORE, "The memory for a request's body."),
    d("client_body_in_file_only", One, HSL, true, Always("off"), CORE, "Whether bodies are saved to files."),
    d("client_body_temp_path", Words, HSL, true, ABSENT, CORE, "The folder for bodies."),
    d("client_body_timeout", One, HSL, true, Always("60s"), CORE, "How long to wait for more of a body."),
    d("client_header_buffer_size", One, HS, true, Always("1k"), CORE, "The memory for a request's header."),
    d("client_header_timeout", One, HS, true, Always("60s"), CORE, "How long to wait for a header."),
    d("client_max_body_size", One, HSL, true, Always("1m"), CORE, "The largest body that is accepted."),
    f("condition", Type::String, &["if"], "The condition, as it is written."),
    f("controlled_by", LIST, &["proxy"], "What the client writes into the host or the port of the target."),
    d("create_full_put_path", Flag, HSL, true, Always("false"), DAV, "Whether PUT makes folders."),
    d("daemon", Flag, M, false, ABSENT, MAIN, "Whether nginx goes to the background."),
    d("dav_access", Words, HSL, true, Always("user:rw"), DAV, "Permissions of files that PUT makes."),
    d("dav_methods", Union, HSL, true, Always("off"), DAV, "The WebDAV methods that are allowed."),
    f("decides_tls", Type::Bool, &["server"], "Whether its `ssl_protocols` decide for a socket that speaks TLS."),
    some("default_server", Type::Scope("server"), &["socket"], "The server that answers for unknown names."),
    d("default_type", One, HSL, true, Always("text/plain"), CORE, "The type of files whose ending says nothing."),
    f("denies", LIST, &["access"], "The addresses that are turned away."),
    d("deny", Lines, HSLX, true, ABSENT, ACCESS, "An address that is turned away."),
    d("directio", One, HSL, true, Always("off"), CORE, "From which size files are read past the cache."),
    f("directive", Type::String, &["proxy", "redirect"], "The directive that does it."),
    d("disable_symlinks", Words, HSL, true, Always("off"), CORE, "Whether symbolic links are followed."),
    f("dotfiles", LIST, &["server"], "Hidden files that would be served if they are there."),
    f("duplicated", LIST, &["header_set"], "Security headers that are sent twice."),
    d("empty_gif", Present, L, false, ABSENT, EMPTYGIF, "Answers with a transparent picture."),
    d("env", Lines, M, false, ABSENT, MAIN, "An environment variable that is kept."),
    d("error_log", Lines, MHSL, true, ABSENT, MAIN, "Where errors are logged."),
    d("error_page", Lines, HSLI, true, ABSENT, CORE, "The URI that answers in place of an error."),
    d("etag", Flag, HSL, true, Always("true"), CORE, "Whether static files get an ETag."),
    f("exempt", Type::Bool, &["location"], "Whether it is for certificates or for probes."),
    d("expires", Words, HSLI, true, Always("off"), HEADERS, "How long answers may be cached."),
    d("fastcgi_buffers", Words, HSL, true, ABSENT, FASTCGI, "Memory for an answer."),
    d("fastcgi_cache", One, HSL, true, Always("off"), FASTCGI, "The zone of the cache."),
    d("fastcgi_cache_path", Lines, H, false, ABSENT, FASTCGI, "Where a cache lies."),
    d("fastcgi_hide_header", Lines, HSL, true, ABSENT, FASTCGI, "A header that is not passed to the client."),
    d("fastcgi_index", One, HSL, true, ABSENT, FASTCGI, "The name that is added to a URI that ends with a slash."),
    d("fastcgi_intercept_errors", Flag, HSL, true, Always("false"), FASTCGI, "Whether errors are answered by `error_page`."),
    d("fastcgi_param", Lines, HSL, true, ABSENT, FASTCGI, "A parameter for the FastCGI server."),
    d("fastcgi_pass", One, LI, false, ABSENT, FASTCGI, "The FastCGI server that answers."),
    d("fastcgi_pass_header", Lines, HSL, true, ABSENT, FASTCGI, "A header that is passed to the client after all."),
    d("fastcgi_read_timeout", One, HSL, true, Always("60s"), FASTCGI, "How long to wait for more of an answer."),
    d("fastcgi_split_path_info", One, HSL, false, ABSENT, FASTCGI, "The expression that finds the path after the script."),
    d("flv", Present, L, false, ABSENT, FLV, "Streams Flash video."),
    f("from_catch_all", Type::Bool, &["redirect"], "Whether it stands in a server for any name that serves no content."),
    f("from_default", Type::Bool, &["redirect"], "Whether it stands in the server that answers for unknown names."),
    d("google_perftools_profiles", One, M, false, ABSENT, PERFTOOLS, "The file for profiles."),
    d("grpc_pass", One, LI, false, ABSENT, GRPC, "The gRPC server that answers."),
    d("grpc_set_header", Lines, HSL, true, ABSENT, GRPC, "A header for the gRPC server."),
    d("grpc_ssl_protocols", Union, HSL, true, ABSENT, GRPC, "The versions of TLS towards the gRPC server."),
    d("grpc_ssl_verify", Flag, HSL, true, Always("false"), GRPC, "Whether the gRPC server's certificate is checked."),
    d("gunzip", Flag, HSL, true, Always("false"), GUNZIP, "Whether answers are decompressed for clients that need it."),
    d("gzip", Flag, HSLI, true, Always("false"), GZIP, "Whether answers are compressed."),
    d("gzip_comp_level", One, HSL, true, Always("1"), GZIP, "How hard to compress."),
    d("gzip_disable", Lines, HSL, true, ABSENT, GZIP, "Browsers that get no compressed answers."),
    d("gzip_min_length", One, HSL, true, Always("20"), GZIP, "The shortest answer that is compressed."),
    d("gzip_proxied", Union, HSL, true, Always("off"), GZIP, "Which answers to proxies are compressed."),
    d("gzip_static", One, HSL, true, Always("off"), GZIPSTATIC, "Whether ready compressed files are sent."),
    d("gzip_types", Union, HSL, true, Always("text/html"), GZIP, "The types that are compressed."),
    d("gzip_vary", Flag, HSL, true, Always("false"), GZIP, "Whether Vary is sent."),
    d("hash", Lines, U, false, ABSENT, UPSTREAM, "The key that chooses a server."),
    d("health_check", Words, L, false, ABSENT, HEALTHCHECK, "Checks whether the servers of an upstream are well."),
    f("host_from_client", Type::Bool, &["proxy"], "Whether the Host that is passed on is what the client wrote."),
    f("host_source", Type::String, &["redirect"], "Where the host of the target comes from: `literal`, `server_name`, `host`, `http_host` or `request`."),
    f("hsts_over_http", Type::Bool, &["header"], "Whether it promises TLS where no socket speaks it."),
    d("http2", Flag, HS, true, Always("false"), HTTP2, "Whether HTTP/2 is spoken."),
    d("http3", Flag, HS, true, Always("true"), HTTP3, "Whether HTTP/3 is spoken."),
    d("if_modified_since", One, HSL, true, Always("exact"), CORE, "How modification times are compared."),
    d("ignore_invalid_headers", Flag, HS, true, Always("true"), CORE, "Whether header fields with invalid names are dropped."),
    f("implied", Type::Bool, &["location", "listen"], "Whether nginx adds it, as nothing of its kind is written."),
    d("index", Lines, HSL, true, Always("index.html"), INDEX, "The files that answer for a folder."),
    d("internal", Present, L, false, ABSENT, CORE, "Lets only requests of nginx itself in."),
    d("ip_hash", Present, U, false, ABSENT, UPSTREAM, "Chooses a server by the client's address."),
    f("is_default", Type::Bool, &["server", "listen"], "Whether it answers for unknown names."),
    d("js_content", One, LIX, false, ABSENT, JS, "The function that answers."),
    d("keepalive", Lines, U, false, ABSENT, UPSTREAM, "Idle connections that are kept."),
    d("keepalive_disable", Union, HSL, true, Always("msie6"), CORE, "Browsers without kept connections."),
    d("keepalive_requests", One, HSL, true, Always("1000"), CORE, "Requests over one connection."),
    d("keepalive_time", One, HSL, true, Always("1h"), CORE, "How long one connection is used."),
    d("keepalive_timeout", Words, HSL, true, Always("75s"), CORE, "How long an idle connection is kept."),
    d("large_client_header_buffers", Words, HS, true, Always("4 8k"), CORE, "Memory for long headers."),
    d("least_conn", Present, U, false, ABSENT, UPSTREAM, "Chooses the server with the fewest connections."),
    f("legacy_protocols", LIST, &["server"], "Broken versions of SSL and TLS that it speaks."),
    d("limit_conn", Lines, HSL, true, ABSENT, LIMITCONN, "How many connections a key may have."),
    d("limit_conn_zone", Lines, H, false, ABSENT, LIMITCONN, "The memory in which connections are counted."),
    d("limit_rate", One, HSLI, true, Always("0"), CORE, "The rate at which answers are sent."),
    d("limit_rate_after", One, HSLI, true, Always("0"), CORE, "What is sent before the rate is limited."),
    d("limit_req", Lines, HSL, true, ABSENT, LIMITREQ, "How many requests a key may make."),
    d("limit_req_zone", Lines, H, false, ABSENT, LIMITREQ, "The memory in which requests are counted."),
    d("lingering_close", One, HSL, true, Always("on"), CORE, "How connections are closed."),
    d("lingering_time", One, HSL, true, Always("30s"), CORE, "How long a closing connection is read."),
    d("lingering_timeout", One, HSL, true, Always("5s"), CORE, "How long to wait for data on it."),
    d("listen", Lines, S, false, ABSENT, CORE, "An address on which the server answers."),
    d("load_module", Lines, M, false, ABSENT, MAIN, "A module that is loaded."),
    d("lock_file", One, M, false, ABSENT, MAIN, "The file of the lock."),
    d("log_format", Lines, H, false, ABSENT, LOG, "How a request is logged."),
    d("log_not_found", Flag, HSL, true, Always("true"), CORE, "Whether missing files are logged."),
    d("log_subrequest", Flag, HSL, true, Always("false"), CORE, "Whether subrequests are logged."),
    f("lost", LIST, &["header_set"], "Security headers of the level above that are no longer sent."),
    d("map_hash_bucket_size", One, H, false, ABSENT, MAP, "Memory for maps."),
    d("map_hash_max_size", One, H, false, Always("2048"), MAP, "Memory for maps."),
    d("master_process", Flag, M, false, ABSENT, MAIN, "Whether there are worker processes."),
    some("max_age", Type::Int, &["header"], "For how many seconds browsers remember it."),
    d("max_ranges", One, HSL, true, ABSENT, CORE, "How many ranges a request may ask for."),
    d("memcached_pass", One, LI, false, ABSENT, MEMCACHED, "The memcached server that answers."),
    d("merge_slashes", Flag, HS, true, Always("true"), CORE, "Whether adjacent slashes in a URI become one."),
    d("min_delete_depth", One, HSL, true, Always("0"), DAV, "How deep a path has to be for DELETE."),
    d("mirror", Lines, HSL, true, ABSENT, MIRROR, "A URI that gets a copy of each request."),
    d("modern_browser", Lines, HSL, true, ABSENT, BROWSER, "Browsers that count as modern."),
    f("modifier", Type::String, &["location"], "How it matches: nothing, `=`, `^~`, `~`, `~*` or `@`."),
    d("more_clear_headers", Lines, HSLI, true, ABSENT, HEADERSMORE, "Headers that are taken out of answers."),
    d("more_set_headers", Lines, HSLI, true, ABSENT, HEADERSMORE, "Headers that are set in answers."),
    d("mp4", Present, L, false, ABSENT, MP4, "Streams MP4 video."),
    d("msie_padding", Flag, HSL, true, Always("true"), CORE, "Whether short errors are padded."),
    d("multi_accept", Flag, E, false, ABSENT, MAIN, "Whether a worker accepts all new connections at once."),
    f("name", Type::String, &["header"], "The name in lower case."),
    f("names_checked", Type::Bool, &["server"], "Whether unknown names are turned away by another server."),
    f("open_end", Type::Bool, &["access"], "Whether an address that no line names gets through."),
    d("open_file_cache", Words, HSL, true, Always("off"), CORE, "Open files that are remembered."),
    d("open_file_cache_errors", Flag, HSL, true, Always("false"), CORE, "Whether failures to open files are remembered."),
    d("open_file_cache_min_uses", One, HSL, true, Always("1"), CORE, "Uses before a file is remembered."),
    d("open_file_cache_valid", One, HSL, true, Always("60s"), CORE, "How long it is remembered."),
    d("output_buffers", Words, HSL, true, Always("2 32k"), CORE, "Memory for reading files."),
    d("override_charset", Flag, HSLI, true, Always("false"), CHARSET, "Whether the character set of answers is replaced."),
    f("overruled_always", Type::Bool, &["server"], "Whether `protocols_overruled` holds in all versions that are judged."),
    some("passed_host", Type::String, &["proxy"], "The Host that is passed on."),
    d("pcre_jit", Flag, M, false, Always("false"), MAIN, "Whether expressions are compiled."),
    d("pid", One, M, false, ABSENT, MAIN, "The file with the number of the main process."),
    f("plain_content", Type::Bool, &["server", "listen"], "Whether it answers with more than redirects where nothing is encrypted."),
    f("port", Type::String, &["socket", "listen"], "The port."),
    d("port_in_redirect", Flag, HSL, true, Always("true"), CORE, "Whether redirects name the port."),
    d("postpone_output", One, HSL, true, Always("1460"), CORE, "How much output is gathered."),
    f("protocols_overruled", Type::Bool, &["server"], "Whether the default server's `ssl_protocols` hold instead of its own, before 1.29.2."),
    d("proxy_bind", Words, HSL, true, ABSENT, PROXY, "The address from which connections are made."),
    d("proxy_buffer_size", One, HSL, true, ABSENT, PROXY, "Memory for the first part of an answer."),
    d("proxy_buffering", Flag, HSL, true, Always("true"), PROXY, "Whether answers are buffered."),
    d("proxy_buffers", Words, HSL, true, ABSENT, PROXY, "Memory for an answer."),
    d("proxy_busy_buffers_size", One, HSL, true, ABSENT, PROXY, "Memory that is busy sending."),
    d("proxy_cache", One, HSL, true, Always("off"), PROXY, "The zone of the cache."),
    d("proxy_cache_bypass", Lines, HSL, true, ABSENT, PROXY, "When an answer is not taken from the cache."),
    d("proxy_cache_key", One, HSL, true, ABSENT, PROXY, "What answers are remembered under."),
    d("proxy_cache_path", Lines, H, false, ABSENT, PROXY, "Where a cache lies."),
    d("proxy_cache_use_stale", Union, HSL, true, Always("off"), PROXY, "When a stale answer may be used."),
    d("proxy_cache_valid", Lines, HSL, true, ABSENT, PROXY, "How long answers are remembered."),
    d("proxy_connect_timeout", One, HSL, true, Always("60s"), PROXY, "How long to wait for a connection."),
    d("proxy_cookie_domain", Lines, HSL, true, ABSENT, PROXY, "How the domain of cookies is changed."),
    d("proxy_cookie_flags", Lines, HSL, true, ABSENT, PROXY, "Flags that are set on cookies."),
    d("proxy_cookie_path", Lines, HSL, true, ABSENT, PROXY, "How the path of cookies is changed."),
    d("proxy_force_ranges", Flag, HSL, true, Always("false"), PROXY, "Whether ranges are served whatever the answer says."),
    d("proxy_headers_hash_bucket_size", One, HSL, true, Always("64"), PROXY, "Memory for headers."),
    d("proxy_headers_hash_max_size", One, HSL, true, Always("512"), PROXY, "Memory for headers."),
    d("proxy_hide_header", Lines, HSL, true, ABSENT, PROXY, "A header that is not passed to the client."),
    d("proxy_http_version", One, HSL, true, HTTP_VERSION, PROXY, "The version of HTTP towards the upstream."),
    d("proxy_ignore_client_abort", Flag, HSL, true, Always("false"), PROXY, "Whether to go on when the client leaves."),
    d("proxy_ignore_headers", Union, HSL, true, ABSENT, PROXY, "Headers of the upstream that are not obeyed."),
    d("proxy_intercept_errors", Flag, HSL, true, Always("false"), PROXY, "Whether errors are answered by `error_page`."),
    d("proxy_max_temp_file_size", One, HSL, true, Always("1024m"), PROXY, "How much of an answer goes to a file."),
    d("proxy_method", One, HSL, true, ABSENT, PROXY, "The method towards the upstream."),
    d("proxy_next_upstream", Union, HSL, true, Always("error timeout"), PROXY, "When the next server is asked."),
    d("proxy_no_cache", Lines, HSL, true, ABSENT, PROXY, "When an answer is not remembered."),
    d("proxy_pass", One, LIX, false, ABSENT, PROXY, "The server that answers."),
    d("proxy_pass_header", Lines, HSL, true, ABSENT, PROXY, "A header that is passed to the client after all."),
    d("proxy_pass_request_body", Flag, HSL, true, Always("true"), PROXY, "Whether the body is passed on."),
    d("proxy_pass_request_headers", Flag, HSL, true, Always("true"), PROXY, "Whether the client's header is passed on."),
    d("proxy_read_timeout", One, HSL, true, Always("60s"), PROXY, "How long to wait for more of an answer."),
    d("proxy_redirect", Lines, HSL, true, ABSENT, PROXY, "How Location is changed."),
    d("proxy_request_buffering", Flag, HSL, true, Always("true"), PROXY, "Whether a body is read in full first."),
    d("proxy_send_timeout", One, HSL, true, Always("60s"), PROXY, "How long to wait while sending."),
    d("proxy_set_body", One, HSL, true, ABSENT, PROXY, "The body that is sent."),
    d("proxy_set_header", Lines, HSL, true, ABSENT, PROXY, "A header for the upstream."),
    d("proxy_socket_keepalive", Flag, HSL, true, Always("false"), PROXY, "Whether the system keeps connections alive."),
    d("proxy_ssl_certificate", One, HSL, true, ABSENT, PROXY, "The certificate for the upstream."),
    d("proxy_ssl_certificate_key", One, HSL, true, ABSENT, PROXY, "Its key."),
    d("proxy_ssl_ciphers", One, HSL, true, Always("DEFAULT"), PROXY, "The ciphers towards the upstream."),
    d("proxy_ssl_name", One, HSL, true, ABSENT, PROXY, "The name in the upstream's certificate."),
    d("proxy_ssl_protocols", Union, HSL, true, ABSENT, PROXY, "The versions of TLS towards the upstream."),
    d("proxy_ssl_server_name", Flag, HSL, true, Always("false"), PROXY, "Whether the upstream is told the name."),
    d("proxy_ssl_session_reuse", Flag, HSL, true, Always("true"), PROXY, "Whether sessions are used again."),
    d("proxy_ssl_trusted_certificate", One, HSL, true, ABSENT, PROXY, "The authorities that are trusted."),
    d("proxy_ssl_verify", Flag, HSL, true, Always("false"), PROXY, "Whether the upstream's certificate is checked."),
    d("proxy_ssl_verify_depth", One, HSL, true, Always("1"), PROXY, "How long a chain of certificates may be."),
    d("proxy_store", One, HSL, true, Always("off"), PROXY, "Where answers are kept as files."),
    d("proxy_temp_file_write_size", One, HSL, true, ABSENT, PROXY, "How much is written at once."),
    d("proxy_temp_path", Words, HSL, true, ABSENT, PROXY, "The folder for answers."),
    f("public", Type::Bool, &["server", "socket", "listen"], "Whether other machines can reach it."),
    d("random", Lines, U, false, ABSENT, UPSTREAM, "Chooses a server at random."),
    d("real_ip_header", One, HSL, true, Always("X-Real-IP"), REALIP, "The header that names the client."),
    d("real_ip_recursive", Flag, HSL, true, Always("false"), REALIP, "Whether the last address that is not trusted is the client."),
    d("recursive_error_pages", Flag, HSL, true, Always("false"), CORE, "Whether `error_page` may lead to another."),
    d("request_pool_size", One, HS, true, Always("4k"), CORE, "Memory of a request."),
    d("reset_timedout_connection", Flag, HSL, true, Always("false"), CORE, "Whether slow connections are reset."),
    d("resolver", Words, HSL, true, ABSENT, CORE, "The name servers."),
    d("resolver_timeout", One, HSL, true, Always("30s"), CORE, "How long to wait for a name."),
    f("restricted", Type::Bool, &["location"], "Whether only some clients get in."),
    d("return", Lines, SLI, false, ABSENT, REWRITE, "Answers at once."),
    d("rewrite", Lines, SLI, false, ABSENT, REWRITE, "Changes the URI, or redirects."),
    d("rewrite_log", Flag, HSLI, true, Always("false"), REWRITE, "Whether rewriting is logged."),
    d("root", One, HSLI, true, Always("html"), CORE, "The folder in which files are looked for."),
    d("satisfy", One, HSL, true, Always("all"), CORE, "Whether all of the access checks have to agree, or any."),
    f("satisfy_any", Type::Bool, &["access"], "Whether a password or the like lets in who is not named."),
    d("scgi_param", Lines, HSL, true, ABSENT, SCGI, "A parameter for the SCGI server."),
    d("scgi_pass", One, LI, false, ABSENT, SCGI, "The SCGI server that answers."),
    d("secure_link", One, HSL, true, ABSENT, SECURELINK, "The checksum and the time in a link."),
    f("security", Type::Bool, &["header"], "Whether browsers take it for a security measure."),
    d("send_timeout", One, HSL, true, Always("60s"), CORE, "How long to wait while sending."),
    d("sendfile", Flag, HSLI, true, Always("false"), CORE, "Whether the system copies files to connections."),
    d("sendfile_max_chunk", One, HSL, true, Always("2m"), CORE, "How much is copied at once."),
    f("sends_hsts", Type::Bool, &["server"], "Whether any of its answers carries Strict-Transport-Security."),
    Key { inherits: true, ..f("sent_headers", Type::List(&Type::Scope("header")), &["http", "server", "location", "if"], "The header lines that are in force.") },
    d("server", Lines, U, false, ABSENT, UPSTREAM, "A server of the group."),
    d("server_name", Union, S, false, ABSENT, CORE, "The names for which the server answers."),
    d("server_name_in_redirect", Flag, HSL, true, Always("false"), CORE, "Whether redirects use the first name of the server."),
    d("server_names_hash_bucket_size", One, H, false, ABSENT, CORE, "Memory for names."),
    d("server_names_hash_max_size", One, H, false, Always("512"), CORE, "Memory for names."),
    d("server_tokens", One, HSL, true, Always("on"), CORE, "What the Server header and error pages tell of nginx."),
    f("servers", Type::List(&Type::Scope("server")), &["socket"], "The servers that answer there, the first first."),
    f("serves_content", Type::Bool, &["server", "location"], "Whether it answers with pages or passes requests on."),
    f("serves_files", Type::Bool, &["server", "location"], "Whether it answers with files."),
    d("set", Lines, SLI, false, ABSENT, REWRITE, "Sets a variable."),
    d("set_real_ip_from", Lines, HSL, true, ABSENT, REALIP, "An address that is believed about the client."),
    d("slice", One, HSL, true, Always("0"), SLICE, "The size of subrequests."),
    f("sockets", Type::List(&Type::Scope("socket")), &["server"], "Where it answers."),
    d("ssi", Flag, HSLI, true, Always("false"), SSI, "Whether commands in pages are carried out."),
    d("ssi_types", Union, HSL, true, Always("text/html"), SSI, "The types of such pages."),
    d("ssl", Flag, HS, true, Always("false"), SSL, "Whether all ports of the server speak TLS; gone since 1.25.1."),
    d("ssl_buffer_size", One, HS, true, Always("16k"), SSL, "Memory for sending."),
    d("ssl_certificate", Lines, HS, true, ABSENT, SSL, "The certificate."),
    d("ssl_certificate_key", Lines, HS, true, ABSENT, SSL, "Its key."),
    d("ssl_ciphers", One, HS, true, Always("HIGH:!aNULL:!MD5"), SSL, "The ciphers up to TLS 1.2, as OpenSSL spells them."),
    d("ssl_client_certificate", One, HS, true, ABSENT, SSL, "The authorities for clients' certificates."),
    d("ssl_conf_command", Lines, HS, true, ABSENT, SSL, "A command for OpenSSL."),
    d("ssl_crl", One, HS, true, ABSENT, SSL, "Certificates that were revoked."),
    d("ssl_dhparam", One, HS, true, ABSENT, SSL, "Parameters for DHE."),
    d("ssl_early_data", Flag, HS, true, Always("false"), SSL, "Whether data may come with the first message."),
    d("ssl_ecdh_curve", One, HS, true, Always("auto"), SSL, "The curves."),
    d("ssl_ocsp", One, HS, true, Always("off"), SSL, "Whether clients' certificates are looked up."),
    d("ssl_password_file", One, HS, true, ABSENT, SSL, "Passphrases of keys."),
    d("ssl_prefer_server_ciphers", Flag, HS, true, Always("false"), SSL, "Whether the server chooses the cipher."),
    d("ssl_protocols", Union, HS, true, PROTOCOLS, SSL, "The versions of TLS."),
    d("ssl_reject_handshake", Flag, HS, true, Always("false"), SSL, "Whether connections are turned away."),
    d("ssl_session_cache", Union, HS, true, Always("none"), SSL, "Where sessions are remembered."),
    d("ssl_session_ticket_key", Lines, HS, true, ABSENT, SSL, "The key of session tickets."),
    d("ssl_session_tickets", Flag, HS, true, Always("true"), SSL, "Whether sessions go to the client in tickets."),
    d("ssl_session_timeout", One, HS, true, Always("5m"), SSL, "How long sessions can be used again."),
    d("ssl_stapling", Flag, HS, true, Always("false"), SSL, "Whether OCSP answers are sent along."),
    d("ssl_stapling_verify", Flag, HS, true, Always("false"), SSL, "Whether they are checked."),
    d("ssl_trusted_certificate", One, HS, true, ABSENT, SSL, "Authorities that are trusted but not named."),
    d("ssl_verify_client", One, HS, true, Always("off"), SSL, "Whether clients need a certificate."),
    d("ssl_verify_depth", One, HS, true, Always("1"), SSL, "How long a chain of certificates may be."),
    f("state_access", Type::String, &["location"], "What whoever reaches it can do with nginx's own state; mostly empty."),
    f("static_key_ciphers", LIST, &["server"], "Ciphers without forward secrecy that are named."),
    f("static_only", Type::Bool, &["server"], "Whether all that it answers with are files that everybody may read."),
    d("status", Present, L, false, ABSENT, STATUS, "The status page of old NGINX Plus."),
    d("status_zone", Lines, SLI, false, ABSENT, API, "A zone for statistics."),
    d("sticky", Lines, U, false, ABSENT, UPSTREAM, "How clients stay with their server."),
    d("stub_status", Present, SL, false, ABSENT, STUBSTATUS, "Answers with counts of connections."),
    d("sub_filter", Lines, HSL, true, ABSENT, SUB, "A text that is replaced in answers."),
    d("subrequest_output_buffer_size", One, HSL, true, ABSENT, CORE, "Memory for subrequests."),
    f("target", Type::String, &["proxy", "redirect"], "Where it leads."),
    d("tcp_nodelay", Flag, HSL, true, Always("true"), CORE, "Whether small packets are sent at once."),
    d("tcp_nopush", Flag, HSL, true, Always("false"), CORE, "Whether packets are filled."),
    d("thread_pool", Lines, M, false, ABSENT, MAIN, "Threads for reading files."),
    d("timer_resolution", One, M, false, ABSENT, MAIN, "How exact time is."),
    f("tls", Type::Bool, &["server", "socket", "listen"], "Whether it speaks TLS."),
    f("tls_somewhere", Type::Bool, &["server"], "Whether any server speaks TLS."),
    f("tls_twin", Type::Bool, &["server"], "Whether the same name is served over TLS as well."),
    f("tokens_shown", Type::Bool, &["http", "server", "location"], "Whether answers name nginx's version."),
    d("try_files", Words, SL, false, ABSENT, CORE, "The files that are tried in order, and what comes last."),
    d("types_hash_bucket_size", One, HSL, true, Always("64"), CORE, "Memory for types."),
    d("types_hash_max_size", One, HSL, true, Always("1024"), CORE, "Memory for types."),
    d("underscores_in_headers", Flag, HS, true, Always("false"), CORE, "Whether header fields may have underscores."),
    d("uninitialized_variable_warn", Flag, HSLI, true, Always("true"), REWRITE, "Whether unset variables are logged."),
    d("upstream_conf", Present, L, false, ABSENT, UPSTREAMCONF, "The old interface that changes upstreams."),
    d("use", One, E, false, ABSENT, MAIN, "How events are waited for."),
    f("useless_allows", LIST, &["access"], "Lines behind which nothing is denied."),
    d("user", Words, M, false, ABSENT, MAIN, "The account that workers run as."),
    d("userid", One, HSL, true, Always("off"), USERID, "Whether clients get a cookie."),
    d("uwsgi_param", Lines, HSL, true, ABSENT, UWSGI, "A parameter for the uwsgi server."),
    d("uwsgi_pass", One, LI, false, ABSENT, UWSGI, "The uwsgi server that answers."),
    d("uwsgi_read_timeout", One, HSL, true, Always("60s"), UWSGI, "How long to wait for more of an answer."),
    d("valid_referers", Union, SL, false, ABSENT, REFERER, "Referers that count as valid."),
    f("value", Type::String, &["header"], "The value."),
    d("variables_hash_bucket_size", One, H, false, Always("64"), CORE, "Memory for variables."),
    d("variables_hash_max_size", One, H, false, Always("1024"), CORE, "Memory for variables."),
    f("weak_ciphers", LIST, &["server"], "Parts of the cipher list that let broken ciphers in."),
    f("without_always", LIST, &["header_set"], "Security headers that errors lack."),
    d("worker_aio_requests", One, E, false, ABSENT, MAIN, "Operations of one worker."),
    d("worker_connections", One, E, false, ABSENT, MAIN, "Connections of one worker."),
    d("worker_cpu_affinity", Words, M, false, ABSENT, MAIN, "The processors of workers."),
    d("worker_priority", One, M, false, ABSENT, MAIN, "The priority of workers."),
    d("worker_processes", One, M, false, ABSENT, MAIN, "How many workers there are."),
    d("worker_rlimit_nofile", One, M, false, ABSENT, MAIN, "Files that a worker may open."),
    d("worker_shutdown_timeout", One, M, false, ABSENT, MAIN, "How long workers may take to end."),
    d("working_directory", One, M, false, ABSENT, MAIN, "Where core files go."),
    d("zone", Lines, U, false, ABSENT, UPSTREAM, "The memory that workers share."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        crate::schema::check(&SCHEMA).unwrap();
    }

    #[test]
    fn every_directive_is_read_as_it_is_typed() {
        let wrong = |key: &Key| match super::super::directives::find(key.name) {
            None => Some(format!("`{}` has no row in directives.rs", key.name)),
            Some(row) => (d("", row.shape, M, false, ABSENT, "", "").ty != key.ty)
                .then(|| format!("`{}` is read as {:?} and typed {:?}", key.name, row.shape, key.ty)),
        };
        let wrong: Vec<String> = KEYS.iter().filter(|key| !key.fact).filter_map(wrong).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
