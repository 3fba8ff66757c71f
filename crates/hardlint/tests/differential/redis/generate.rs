//! Writes `redis.conf` files about the directives that the server itself tells of.

use crate::case::Case;
use crate::write::{self, Bytes, Mood};
use proptest::prelude::*;
use proptest::sample::select;

/// Passwords that files set.
pub(crate) const PASSWORDS: &[&str] = &["example", "a b", "pa#ss", "x\ty", "it's"];
/// What `CONFIG` may be renamed to.
pub(crate) const CONFIG_NAMES: &[&str] = &["CONFIG", "hidden"];

/// Directives whose values the machine refuses, or that change it.
#[rustfmt::skip]
const OF_THE_MACHINE: &[&str] = &["maxclients", "loadmodule", "dir", "aclfile", "server_cpulist", "bio_cpulist", "aof_rewrite_cpulist", "bgsave_cpulist", "logfile", "unixsocket"];

const BOOLEANS: &[&str] = &["yes", "no", "YES", "No", "on", "1", "true", "y", "", "yes no", "maybe"];
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "1", "10", "100", "5", "64", "-1", "50", "1kb", "1mb", "1k", "1024", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "1gb", "1GB", "1Mb", "1tb", "+5", "007", " 7", "7 ", "1.5", "1e3", "0x10", "-0", "5%", "100%", "101%", "-5%", "%", "", "b", "kb", "10b", "1 kb", "-1kb", "99999999999gb",
    "700", "755", "777", "1777", "8", "08", "0o7", "inf", "nan",
];
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "always", "everysec", "no", "yes", "noeviction", "allkeys-lru", "volatile-ttl", "notice", "debug", "VERBOSE", "warning", "local", "upstart", "systemd", "auto", "nothing", "disabled", "swapdb", "on-empty-db", "", "local0", "local7", "LOCAL3",
    "allchannels", "resetchannels", "relative", "absolute", "default", "force", "now", "nosave", "save", "default now", "clean", "if-needed", "optional", "clear", "sanitize-payload", "prefer", "wildcard", "ip", "hostname", "unknown-endpoint",
];
#[rustfmt::skip]
const TEXTS: &[&str] = &["x", "/etc/x", "", "a.rdb", "a/b", "a b", "10.0.0.1", "::1", "#x", "$x", "{title}", "{x}", "{title} {port}", "na\u{ef}ve", "a\\b", "it's", "0-3", "x=y", "*", "none", "{", "}", "{{", "a_b", "TLSv1.2 TLSv1.3", "tlsv1.2", "HIGH:!aNULL", "\u{1a}"];

/// How a value is written.
fn written(value: &str, how: u8) -> String {
    match how {
        0 => value.to_owned(),
        1 => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t")),
        2 => format!("'{}'", value.replace('\'', "\\'")),
        3 => format!("\"{value}"),
        4 => format!("{value}\""),
        5 => format!("'{value}\\'"),
        6 => format!("\"{value}\"x"),
        _ => {
            let escaped = |c: char| if c.is_ascii() { format!("\\x{:02x}", u32::from(c)) } else { c.to_string() };
            format!("\"{}\"", value.chars().map(escaped).collect::<String>())
        }
    }
}

fn separator(mood: Mood) -> impl Strategy<Value = &'static str> {
    prop_oneof![64 => Just(" "), 12 => select(vec!["  ", "\t", " \t"]), mood.strange(4) => select(vec!["=", " = ", "\x0c", "\x0b", ":", "\r", ""])]
}

fn value(default: &str, mood: Mood) -> BoxedStrategy<&'static str> {
    let numeric = !default.is_empty() && default.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let own = match default {
        "yes" | "no" => BOOLEANS,
        _ if numeric => NUMBERS,
        _ if default.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !default.is_empty() => WORDS,
        _ => TEXTS,
    };
    let other = prop_oneof![select(WORDS), select(NUMBERS), select(TEXTS), select(BOOLEANS)];
    prop_oneof![28 => write::mostly(own, mood), mood.strange(8) => other].boxed()
}

fn setting(directives: &[(String, String)], mood: Mood) -> BoxedStrategy<Bytes> {
    let how =
        prop_oneof![64 => Just(0_u8), 12 => Just(1), 8 => Just(2), mood.strange(4) => select(vec![3_u8, 4, 5, 6, 7])];
    let directive =
        select(directives.to_vec()).prop_flat_map(move |(name, default)| (Just(name), value(&default, mood)));
    (directive, separator(mood), how, select(vec![0, 0, 0, 1, 2]))
        .prop_map(|((name, value), separator, how, case)| {
            let name = match case {
                0 => name,
                1 => name.to_ascii_uppercase(),
                _ => format!("\"{name}\""),
            };
            let bare = value.contains([' ', '"', '\'', '\\']) || value.is_empty();
            let how = if bare && how == 0 { 1 } else { how };
            format!("{name}{separator}{}", written(value, how)).into_bytes()
        })
        .boxed()
}

/// Directives with a grammar of their own.
fn special() -> impl Strategy<Value = Bytes> {
    #[rustfmt::skip]
    let lines: Vec<&'static [u8]> = vec![
        b"save 900 1", b"save 300 10 60 100", b"save \"\"", b"save", b"save 900", b"save 0 1", b"save 1 -1", b"save a b", b"save \"900 1\"", b"save 900 1 300", b"SAVE 1 1", b"save 1 0", b"save '' ''",
        b"client-output-buffer-limit normal 0 0 0", b"client-output-buffer-limit replica 256mb 64mb 60", b"client-output-buffer-limit slave 1kb 1 1", b"client-output-buffer-limit pubsub 1 1", b"client-output-buffer-limit x 1 1 1",
        b"client-output-buffer-limit normal 0 0 0 pubsub 32mb 8mb 60", b"client-output-buffer-limit master 0 0 0", b"client-output-buffer-limit normal -1 0 0", b"client-output-buffer-limit normal 1 1 -1", b"client-output-buffer-limit Normal 1 2 3",
        b"oom-score-adj-values 0 200 800", b"oom-score-adj-values 0 800 200", b"oom-score-adj-values 1 2", b"oom-score-adj-values -2001 0 0", b"oom-score-adj-values 1 2 3 4", b"oom-score-adj-values a b c", b"oom-score-adj-values 0 0 2001",
        b"notify-keyspace-events Ex", b"notify-keyspace-events KEA", b"notify-keyspace-events \"\"", b"notify-keyspace-events Kg$lshzxetd", b"notify-keyspace-events q", b"notify-keyspace-events AKEmn", b"notify-keyspace-events K E",
        b"latency-tracking-info-percentiles 50 99 99.9", b"latency-tracking-info-percentiles 101", b"latency-tracking-info-percentiles", b"latency-tracking-info-percentiles \"\"", b"latency-tracking-info-percentiles 0 100", b"latency-tracking-info-percentiles x", b"latency-tracking-info-percentiles 1e1 0x10 .5", b"latency-tracking-info-percentiles \"50 99\"", b"latency-tracking-info-percentiles -0",
        b"bind 127.0.0.1", b"bind 127.0.0.1 -::1", b"bind * -::*", b"bind", b"bind \"\"", b"bind a b c d e f g h i j k l m n o p q", b"bind '10.0.0.1 10.0.0.2'",
        b"replicaof 10.0.0.1 6379", b"replicaof no one", b"replicaof NO ONE", b"slaveof 10.0.0.1 6379", b"replicaof x", b"replicaof 10.0.0.1 65536", b"replicaof 10.0.0.1 -1", b"replicaof 10.0.0.1 0", b"replicaof 10.0.0.1 x", b"replicaof a b c", b"replicaof no two", b"replicaof 10.0.0.1 ' 6379'", b"replicaof 10.0.0.1 6379x",
        b"requirepass example", b"requirepass \"a b\"", b"requirepass pa#ss", b"requirepass \"x\\ty\"", b"requirepass 'it\\'s'", b"requirepass \"\"", b"requirepass a b", b"requirepass \"\\x65xample\"", b"requirepass example # c", b"requirepass 'example'", b"requirepass \"it's\"",
        b"masterauth example", b"masteruser x", b"primaryauth x", b"dir .", b"dir /", b"dir nothing", b"dir \"\"", b"dir /nothing", b"dir ./",
        b"rename-command CONFIG hidden", b"rename-command FLUSHALL \"\"", b"rename-command nosuch x", b"rename-command flushall gone", b"rename-command DEL", b"rename-command GET SET", b"rename-command FLUSHALL a b", b"rename-command KEYS ''",
        b"user alice on >example ~* +@all", b"user alice off", b"user alice on nopass ~* &* +@all", b"user default on >example ~* &* +@all", b"user default on nopass ~* &* +@all", b"user bob on #0 +@all", b"user bob on +@nosuch", b"user bob on +nosuch",
        b"user bob on ~a* %R~b %W~c %RW~d", b"user bob on %X~b", b"user bob on (+get ~a) (+set ~b)", b"user bob on (+get ~a", b"user bob +config|get", b"user bob +config|nosuch", b"user", b"user bob", b"user alice on x", b"user bob reset", b"user bob resetpass", b"user bob resetkeys ~a resetchannels &b",
        b"user bob allkeys ~a", b"user bob allchannels &b", b"user bob >\"\"", b"user bob <example", b"user bob >example <example", b"user bob +@all -@dangerous", b"user bob allcommands nocommands", b"user bob -debug +debug|object", b"user bob ON", b"user bob clearselectors", b"user bob sanitize-payload skip-sanitize-payload", b"user bob +get|x", b"user bob -config|get",
        b"user bob #9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", b"user bob !9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", b"user bob #9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", b"user \"b c\" on", b"user b\x01 on", b"USER bob on", b"user bob on on off", b"user bob ~a ~*", b"user bob nopass >x",
        b"aclfile users.acl", b"aclfile \"\"", b"sentinel monitor a b 1 1", b"module.x y", b"x.y", b"x.y z w", b"list-max-ziplist-entries 5", b"list-max-ziplist-value", b"tls-protocols \"TLSv1.2 TLSv1.3\"", b"tls-protocols x", b"tls-ciphers x", b"unixsocketperm 700", b"unixsocketperm 999", b"unixsocketperm 0",
        b"maxmemory 100mb", b"maxmemory 50%", b"maxmemory -1", b"maxmemory 99999999999gb", b"repl-backlog-size 1", b"hz 0", b"hz 501", b"hz 1000", b"hz -5", b"hz 1", b"databases 0", b"databases 1", b"cluster-enabled yes", b"io-threads 129", b"io-threads 0", b"timeout -1", b"appenddirname a/b", b"appendfilename \"\"", b"dbfilename a/b", b"dbfilename x.rdb",
        b"enable-debug-command local", b"enable-module-command YES", b"enable-protected-configs maybe", b"propagation-error-behavior panic", b"shutdown-on-sigint save force", b"shutdown-on-sigterm nosave now", b"shutdown-on-sigint default save", b"shutdown-on-sigterm save nosave", b"shutdown-timeout 0", b"proc-title-template {title}", b"proc-title-template \"{nope}\"",
    ];
    select(lines).prop_map(<[u8]>::to_vec)
}

fn include() -> impl Strategy<Value = Bytes> {
    #[rustfmt::skip]
    let texts = vec![
        "include a.conf", "include ./a.conf", "include @@/a.conf", "include d/*.conf", "include nothing.conf", "include nothing/*.conf", "include", "include a.conf d/b.conf", "INCLUDE a.conf", "include \"a.conf\"", "include d", "include ?.conf", "include [a].conf", "include 'a.conf'",
        "include d/b.conf", "include d/.*.conf", "include [!b].conf", "include d/[", "include \\a.conf", "include ~/a.conf", "include \"\"", "include d/../a.conf", "include nothing/../a.conf", "include .", "include d/../*.conf",
    ];
    select(texts).prop_map(|text| text.as_bytes().to_vec())
}

fn odd() -> impl Strategy<Value = Bytes> {
    #[rustfmt::skip]
    let texts: Vec<&'static [u8]> = vec![
        b"", b"# comment", b"   ", b"\t# c", b"nonsense 1", b"port", b"port 1 2", b"\"", b"'", b"\"\"", b"''", b"port \"6379\"", b"\xef\xbb\xbfport 1", b"port=1", b"port 6379 # c", b"#", b"\\", b"port\\", b"\x0c", b"\x0cport 1", b"\x0bport 1", b"masteruser \xff", b"masteruser \xe9\xe8",
        b"masteruser a\x00b", b"\x00", b"port 6379\x00", b"# \xff", b"\"port\" 6379", b"'port' 6379", b"po\"rt\" 1", b"masteruser \"a\"b", b"masteruser \"\\x41\"", b"masteruser \"\\xg\"", b"masteruser \"a\\nb\"", b"masteruser 'a\\nb'", b"masteruser \"\\\\\"", b"masteruser a\"b\"", b"masteruser a'b'", b"masteruser \"\\", b"masteruser \"\\x4\"", b"port;1", b"[x]", b"masteruser \"a\"\t", b"masteruser \xc3\xa9", b"- 1", b"--port 1", b"\"\" 1", b"masteruser \"\\xff\"",
    ];
    select(texts).prop_map(<[u8]>::to_vec)
}

fn long() -> impl Strategy<Value = Bytes> {
    (
        select(vec!["masteruser ", "# ", "bind ", "masteruser \"", "include ", "user bob "]),
        select(vec!["a", "a ", "~a "]),
        select(vec![100_usize, 255, 256, 1023, 1024, 1025, 4096, 20_000]),
    )
        .prop_map(|(start, part, length)| {
            let end = if start.ends_with('"') { "\"" } else { "" };
            [start, &part.repeat(length / part.len()), end].concat().into_bytes()
        })
}

fn line(directives: &[(String, String)], mood: Mood) -> BoxedStrategy<Bytes> {
    let body = prop_oneof![40 => setting(directives, mood), mood.strange(24) => special(), 3 => include(), mood.strange(4) => odd(), 1 => long()];
    let rare = &[" # c", "#c", " \\", " x", "\x0c", "\x0b", " \"\"", "'", "\""];
    write::line(body.boxed(), &[" ", "\t", "\r", "\x0c"], (&[" ", "\t", "\r", "  \t "], rare, mood))
}

pub(crate) fn cases(directives: &[(String, String)]) -> BoxedStrategy<Case> {
    let directives: Vec<(String, String)> =
        directives.iter().filter(|(name, _)| !OF_THE_MACHINE.contains(&name.as_str())).cloned().collect();
    write::moods(|mood| {
        let line = line(&directives, mood);
        let root = prop_oneof![8 => write::file(line.clone(), 0..4), 2 => write::file(line.clone(), 1..8)];
        let names = ["a.conf", "d/b.conf", "d/10.conf", "d/.x.conf"];
        write::with_parts("redis.conf", root.boxed(), 0.2, &write::file(line, 0..3), names)
    })
}
