//! The settings of gunicorn: what each takes, and what holds where nothing sets it.
//!
//! Names, words of the command line and defaults are those that gunicorn 20.1, 21.2, 22.0, 23.0, 25.0 and 27.0.1 have in
//! `gunicorn.config.KNOWN_SETTINGS`, as `--print-config` prints them. Settings that hold the folder, the user or a function of the
//! running process have no default here.

use crate::schema::{Default, GONE};
use crate::version::{Version, Versions};

/// From the oldest supported Debian's to the newest release.
pub(super) const SUPPORTED: Versions = Versions { oldest: Version([20, 1, 0]), newest: Version([27, 0, 1]) };

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Bool,
    Int,
    Text,
    /// Texts, or one.
    List,
    /// Words with commas between them, which become a list.
    Addresses,
    Other,
}

/// A setting.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// The words of the command line that set it.
    pub(super) words: &'static str,
    /// Whether the word stands by itself.
    pub(super) is_flag: bool,
    pub(super) takes: Takes,
    pub(super) default: Default,
}

const fn option(name: &'static str, words: &'static str, is_flag: bool, takes: Takes, default: Default) -> Setting {
    Setting { name, words, is_flag, takes, default }
}

/// The settings, by name.
pub(super) static SETTINGS: &[Setting] = &[
    option(
        "access_log_format",
        "--access-logformat",
        false,
        Takes::Text,
        Default::Always("%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s \"%(f)s\" \"%(a)s\""),
    ),
    option("accesslog", "--access-logfile", false, Takes::Text, Default::Always("None")),
    option(
        "asgi_disconnect_grace_period",
        "--asgi-disconnect-grace-period",
        false,
        Takes::Int,
        Default::Since(&[(Version([27, 0, 1]), "3")]),
    ),
    option("asgi_lifespan", "--asgi-lifespan", false, Takes::Other, Default::Since(&[(Version([25, 0, 0]), "auto")])),
    option("asgi_loop", "--asgi-loop", false, Takes::Other, Default::Since(&[(Version([25, 0, 0]), "auto")])),
    option("backlog", "--backlog", false, Takes::Int, Default::Always("2048")),
    option("bind", "-b --bind", false, Takes::List, Default::Always("['127.0.0.1:8000']")),
    option("ca_certs", "--ca-certs", false, Takes::Text, Default::Always("None")),
    option("capture_output", "--capture-output", true, Takes::Bool, Default::Always("False")),
    option(
        "casefold_http_method",
        "--casefold-http-method",
        true,
        Takes::Bool,
        Default::Since(&[(Version([22, 0, 0]), "False")]),
    ),
    option("cert_reqs", "--cert-reqs", false, Takes::Int, Default::Always("0")),
    option("certfile", "--certfile", false, Takes::Text, Default::Always("None")),
    option("ciphers", "--ciphers", false, Takes::Text, Default::Always("None")),
    option(
        "control_socket_disable",
        "--no-control-socket",
        true,
        Takes::Bool,
        Default::Since(&[(Version([27, 0, 1]), "False")]),
    ),
    option(
        "control_socket_mode",
        "--control-socket-mode",
        false,
        Takes::Int,
        Default::Since(&[(Version([27, 0, 1]), "384")]),
    ),
    option("daemon", "-D --daemon", true, Takes::Bool, Default::Always("False")),
    option("dirty_apps", "--dirty-app", false, Takes::List, Default::Since(&[(Version([25, 0, 0]), "[]")])),
    option(
        "dirty_graceful_timeout",
        "--dirty-graceful-timeout",
        false,
        Takes::Int,
        Default::Since(&[(Version([25, 0, 0]), "30")]),
    ),
    option("dirty_threads", "--dirty-threads", false, Takes::Int, Default::Since(&[(Version([25, 0, 0]), "1")])),
    option("dirty_timeout", "--dirty-timeout", false, Takes::Int, Default::Since(&[(Version([25, 0, 0]), "300")])),
    option("dirty_workers", "--dirty-workers", false, Takes::Int, Default::Since(&[(Version([25, 0, 0]), "0")])),
    option(
        "disable_redirect_access_to_syslog",
        "--disable-redirect-access-to-syslog",
        true,
        Takes::Bool,
        Default::Always("False"),
    ),
    option("do_handshake_on_connect", "--do-handshake-on-connect", true, Takes::Bool, Default::Always("False")),
    option("dogstatsd_tags", "--dogstatsd-tags", false, Takes::Text, Default::Always("")),
    option(
        "enable_backlog_metric",
        "--enable-backlog-metric",
        true,
        Takes::Bool,
        Default::Since(&[(Version([25, 0, 0]), "False")]),
    ),
    option("enable_stdio_inheritance", "-R --enable-stdio-inheritance", true, Takes::Bool, Default::Always("False")),
    option("errorlog", "--error-logfile --log-file", false, Takes::Text, Default::Always("-")),
    option(
        "forwarded_allow_ips",
        "--forwarded-allow-ips",
        false,
        Takes::Addresses,
        Default::Since(&[(Version([20, 1, 0]), "['127.0.0.1']"), (Version([23, 0, 0]), "['127.0.0.1', '::1']")]),
    ),
    option(
        "forwarder_headers",
        "--forwarder-headers",
        false,
        Takes::Addresses,
        Default::Since(&[(Version([23, 0, 0]), "['SCRIPT_NAME', 'PATH_INFO']")]),
    ),
    option("graceful_timeout", "--graceful-timeout", false, Takes::Int, Default::Always("30")),
    option("header_map", "--header-map", false, Takes::Other, Default::Since(&[(Version([22, 0, 0]), "drop")])),
    option(
        "http2_cleartext",
        "--http2-cleartext",
        false,
        Takes::Other,
        Default::Since(&[(Version([27, 0, 1]), "off")]),
    ),
    option(
        "http2_initial_window_size",
        "--http2-initial-window-size",
        false,
        Takes::Other,
        Default::Since(&[(Version([25, 0, 0]), "65535")]),
    ),
    option(
        "http2_max_concurrent_streams",
        "--http2-max-concurrent-streams",
        false,
        Takes::Other,
        Default::Since(&[(Version([25, 0, 0]), "100")]),
    ),
    option(
        "http2_max_frame_size",
        "--http2-max-frame-size",
        false,
        Takes::Other,
        Default::Since(&[(Version([25, 0, 0]), "16384")]),
    ),
    option(
        "http2_max_header_list_size",
        "--http2-max-header-list-size",
        false,
        Takes::Int,
        Default::Since(&[(Version([25, 0, 0]), "65536")]),
    ),
    option("http_parser", "--http-parser", false, Takes::Other, Default::Since(&[(Version([27, 0, 1]), "auto")])),
    option(
        "http_protocols",
        "--http-protocols",
        false,
        Takes::Other,
        Default::Since(&[(Version([25, 0, 0]), "['h1']")]),
    ),
    option("initgroups", "--initgroups", true, Takes::Bool, Default::Always("False")),
    option("keepalive", "--keep-alive", false, Takes::Int, Default::Always("2")),
    option("keyfile", "--keyfile", false, Takes::Text, Default::Always("None")),
    option("limit_request_field_size", "--limit-request-field_size", false, Takes::Int, Default::Always("8190")),
    option("limit_request_fields", "--limit-request-fields", false, Takes::Int, Default::Always("100")),
    option("limit_request_line", "--limit-request-line", false, Takes::Int, Default::Always("4094")),
    option("logconfig", "--log-config", false, Takes::Text, Default::Always("None")),
    option("logconfig_json", "--log-config-json", false, Takes::Text, Default::Since(&[(Version([21, 2, 0]), "None")])),
    option("logger_class", "--logger-class", false, Takes::Text, Default::Always("gunicorn.glogging.Logger")),
    option("loglevel", "--log-level", false, Takes::Text, Default::Always("info")),
    option("max_requests", "--max-requests", false, Takes::Int, Default::Always("0")),
    option("max_requests_jitter", "--max-requests-jitter", false, Takes::Int, Default::Always("0")),
    option("paste", "--paste --paster", false, Takes::Text, Default::Always("None")),
    option(
        "permit_obsolete_folding",
        "--permit-obsolete-folding",
        true,
        Takes::Bool,
        Default::Since(&[(Version([23, 0, 0]), "False")]),
    ),
    option(
        "permit_unconventional_http_method",
        "--permit-unconventional-http-method",
        true,
        Takes::Bool,
        Default::Since(&[(Version([22, 0, 0]), "False")]),
    ),
    option(
        "permit_unconventional_http_version",
        "--permit-unconventional-http-version",
        true,
        Takes::Bool,
        Default::Since(&[(Version([22, 0, 0]), "False")]),
    ),
    option("pidfile", "-p --pid", false, Takes::Text, Default::Always("None")),
    option("preload_app", "--preload", true, Takes::Bool, Default::Always("False")),
    option("proc_name", "-n --name", false, Takes::Text, Default::Always("None")),
    option("protocol", "--protocol", false, Takes::Text, Default::Since(&[(Version([25, 0, 0]), "http")])),
    option(
        "proxy_allow_ips",
        "--proxy-allow-from",
        false,
        Takes::Addresses,
        Default::Since(&[(Version([20, 1, 0]), "['127.0.0.1']"), (Version([23, 0, 0]), "['127.0.0.1', '::1']")]),
    ),
    option(
        "proxy_protocol",
        "--proxy-protocol",
        false,
        Takes::Other,
        Default::Since(&[(Version([20, 1, 0]), "False"), (Version([25, 0, 0]), "off")]),
    ),
    option("pythonpath", "--pythonpath", false, Takes::Text, Default::Always("None")),
    option("raw_env", "-e --env", false, Takes::List, Default::Always("[]")),
    option("raw_paste_global_conf", "--paste-global", false, Takes::List, Default::Always("[]")),
    option("reload", "--reload", true, Takes::Bool, Default::Always("False")),
    option("reload_engine", "--reload-engine", false, Takes::Other, Default::Always("auto")),
    option("reload_extra_files", "--reload-extra-file", false, Takes::Other, Default::Always("[]")),
    option("reuse_port", "--reuse-port", true, Takes::Bool, Default::Always("False")),
    option("root_path", "--root-path", false, Takes::Text, Default::Since(&[(Version([25, 0, 0]), "")])),
    option("sendfile", "--no-sendfile", true, Takes::Bool, Default::Always("None")),
    option("spew", "--spew", true, Takes::Bool, Default::Always("False")),
    option("ssl_version", "--ssl-version", false, Takes::Other, Default::Always("2")),
    option("statsd_host", "--statsd-host", false, Takes::Other, Default::Always("None")),
    option("statsd_prefix", "--statsd-prefix", false, Takes::Text, Default::Always("")),
    option("strip_header_spaces", "--strip-header-spaces", true, Takes::Bool, Default::Always("False")),
    option("suppress_ragged_eofs", "--suppress-ragged-eofs", true, Takes::Bool, Default::Always("True")),
    option("syslog", "--log-syslog", true, Takes::Bool, Default::Always("False")),
    option("syslog_addr", "--log-syslog-to", false, Takes::Text, Default::Always("udp://localhost:514")),
    option("syslog_facility", "--log-syslog-facility", false, Takes::Text, Default::Always("user")),
    option("syslog_prefix", "--log-syslog-prefix", false, Takes::Text, Default::Always("None")),
    option("threads", "--threads", false, Takes::Int, Default::Always("1")),
    option("timeout", "-t --timeout", false, Takes::Int, Default::Always("30")),
    option(
        "tolerate_dangerous_framing",
        "--tolerate-dangerous-framing",
        true,
        Takes::Bool,
        Default::Since(&[(Version([22, 0, 0]), "False"), (Version([23, 0, 0]), GONE)]),
    ),
    option("umask", "-m --umask", false, Takes::Int, Default::Always("0")),
    option(
        "uwsgi_allow_ips",
        "--uwsgi-allow-from",
        false,
        Takes::Addresses,
        Default::Since(&[(Version([25, 0, 0]), "['127.0.0.1', '::1']")]),
    ),
    option(
        "websocket_max_message_size",
        "--websocket-max-message-size",
        false,
        Takes::Int,
        Default::Since(&[(Version([27, 0, 1]), "16777216")]),
    ),
    option("worker_class", "-k --worker-class", false, Takes::Text, Default::Always("sync")),
    option("worker_connections", "--worker-connections", false, Takes::Int, Default::Always("1000")),
    option("worker_tmp_dir", "--worker-tmp-dir", false, Takes::Text, Default::Always("None")),
    option("workers", "-w --workers", false, Takes::Int, Default::Always("1")),
];
