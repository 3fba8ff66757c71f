//! Writes `postgresql.conf` files about the parameters that the server itself lists.

use crate::case::Case;
use crate::write::{self, Bytes, Mood};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A parameter, as `postgres --describe-config` tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Boolean,
    /// Its bounds.
    Integer(i64, i64),
    Real(f64, f64),
    /// What it can be.
    Enum(Vec<String>),
    Text,
}

/// Parameters whose values the machine refuses rather than the program, or that are looked up in what a machine has.
const OF_THE_MACHINE: &[&str] = &[
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "timezone_abbreviations",
    "data_directory",
    "hba_file",
    "ident_file",
    "max_stack_depth",
    "synchronous_standby_names",
    "wal_consistency_checking",
    "recovery_target_time",
    "recovery_target_lsn",
    "recovery_target_xid",
    "recovery_target_timeline",
    "timezone",
    "log_timezone",
    "huge_page_size",
    "default_text_search_config",
];

/// Reads what `postgres --describe-config` prints.
pub(crate) fn parameters(told: &str) -> Vec<Parameter> {
    let parameter = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, _, _, kind, _, low, high, ..] = fields[..] else { return None };
        let kind = match kind {
            "BOOLEAN" => Kind::Boolean,
            "INTEGER" => Kind::Integer(low.parse().ok()?, high.parse().ok()?),
            "REAL" => Kind::Real(low.parse().ok()?, high.parse().ok()?),
            "ENUM" => Kind::Enum(Vec::new()),
            _ => Kind::Text,
        };
        let ours = !OF_THE_MACHINE.contains(&name.to_ascii_lowercase().as_str());
        ours.then(|| Parameter { name: name.to_owned(), kind })
    };
    told.lines().filter_map(parameter).collect()
}

const BOOLEANS: &[&str] = &[
    "on", "off", "true", "no", "1", "FALSE", "YES", "0", "t", "f", "y", "n", "of", "tr", "Tru", "fals", "o", "maybe",
    "2", "", " on", "on ", "ON", "00", "01", "enabled", "truee", "-1", "+1",
];
/// Words of all enumerations: of one parameter most of them are wrong.
const WORDS: &[&str] = &[
    "on",
    "off",
    "always",
    "safe_encoding",
    "hex",
    "escape",
    "notice",
    "warning",
    "error",
    "log",
    "debug1",
    "debug",
    "debug5",
    "info",
    "fatal",
    "panic",
    "auto",
    "regress",
    "partition",
    "pglz",
    "lz4",
    "zstd",
    "serializable",
    "read committed",
    "repeatable read",
    "posix",
    "sysv",
    "mmap",
    "none",
    "try",
    "postgres",
    "iso_8601",
    "sql_standard",
    "verbose",
    "terse",
    "default",
    "ddl",
    "mod",
    "all",
    "scram-sha-256",
    "md5",
    "plain",
    "force_generic_plan",
    "fsync",
    "syncfs",
    "pause",
    "promote",
    "shutdown",
    "origin",
    "replica",
    "local",
    "TLSv1.2",
    "TLSv1.3",
    "TLSv1",
    "SSLv3",
    "tlsv1.1",
    "",
    "cache",
    "snapshot",
    "remote_apply",
    "remote_write",
    "local0",
    "LOCAL7",
    "pl",
    "minimal",
    "logical",
    "hot_standby",
    "archive",
    "fdatasync",
    "open_sync",
    "base64",
    "content",
    "document",
    "true",
    "false",
    "yes",
    "no",
    "1",
    "0",
    "O",
    "t",
];
const TEXTS: &[&str] = &[
    "x",
    "",
    "localhost",
    "a b",
    "*",
    "/tmp/x",
    "a,b",
    "it's",
    "'",
    "\\",
    "%m [%p] ",
    "a#b",
    "na\u{ef}ve",
    "a.b",
    "a.b.c",
    "scram-sha-256",
    "\t",
    "one, two",
    "\"q\"",
    "on",
    "0",
    "stderr",
    "csvlog",
    "stderr, jsonlog",
    "iso, dmy",
    "German",
    "SQL, MDY",
    "a\\nb",
    "a\\101b",
    "a\\8",
    "a\\",
    "\\\\",
    "''",
    "UTF8",
    "latin-1",
    "sql_ascii",
    "public, \"$user\"",
    "a,,b",
    ",a",
    "\"a",
    "\"\"",
    "0.0.0.0",
    "::1, 10.0.0.1",
    "10%",
    "HIGH:MEDIUM:+3DES:!aNULL",
    "prime256v1",
    "set",
    "inherit",
    "immediate",
    "ISO, YMD, DMY",
];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "10",
    "100",
    "3",
    "1000",
    "0x10",
    "010",
    "08",
    "0X1F",
    "+5",
    "-0",
    "1.5",
    "2.5",
    "0.5",
    ".5",
    "5.",
    "1e2",
    "1e-2",
    "1E3",
    "1.5e1",
    "2147483647",
    "2147483648",
    "-2147483648",
    "9223372036854775808",
    "99999999999999999999",
    "inf",
    "nan",
    "-inf",
    "0b1",
    "1_000",
    "1,000",
    "1 000",
    "",
    " 7",
    "7 ",
    "--1",
    "+-1",
    "0x",
    "1e",
    "x",
    "4096",
    "8192",
    "64",
    "1e400",
    "0x1p3",
    "-5",
    "00",
    "1.0",
    "0.49",
    "0.51",
];
const UNITS: &[&str] = &[
    "MB", "kB", "s", "ms", "min", "GB", "B", "TB", "us", "h", "d", " MB", " kB", "  s", "mb", "KB", "sec", "M", "k",
    "\tMB", " ", "bytes", "kb", "Min", "MB ", "%", "m", "MBs", "B B", "\\nMB",
];

fn number(low: f64, high: f64, whole: bool, mood: Mood) -> BoxedStrategy<String> {
    let show = move |number: f64| if whole { format!("{number:.0}") } else { number.to_string() };
    let edges = select(vec![low, high, low + 1.0, high - 1.0, f64::midpoint(low, high)]).prop_map(show);
    let beyond = select(vec![low - 1.0, high + 1.0]).prop_map(show);
    let inside = (0.0..1.0_f64).prop_map(move |share| {
        let number = low + share * (high.min(1e6) - low);
        if whole { format!("{number:.0}") } else { format!("{number:.3}") }
    });
    let odd = prop_oneof![1 => beyond, 6 => write::mostly(NUMBERS, mood).prop_map(str::to_owned)];
    let bare = prop_oneof![6 => inside, 3 => edges, mood.strange(7) => odd];
    let unit = prop_oneof![6 => Just(""), mood.strange(4) => write::mostly(UNITS, mood)];
    (bare, unit).prop_map(|(number, unit)| number + unit).boxed()
}

fn value(kind: &Kind, mood: Mood) -> BoxedStrategy<String> {
    match kind {
        Kind::Boolean => write::mostly(BOOLEANS, mood).prop_map(str::to_owned).boxed(),
        #[expect(clippy::cast_precision_loss, reason = "bounds are those of 32 bits, but for a few")]
        Kind::Integer(low, high) => number(*low as f64, *high as f64, true, mood),
        Kind::Real(low, high) => number(*low, *high, false, mood),
        Kind::Enum(words) => {
            let own = select(if words.is_empty() { vec!["on".to_owned()] } else { words.clone() });
            let any = prop_oneof![8 => own, mood.strange(6) => select(WORDS).prop_map(str::to_owned)];
            let how = prop_oneof![12 => Just(0), 3 => Just(1), mood.strange(3) => Just(2)];
            let word = |(word, how): (String, i32)| match how {
                0 => word,
                1 => word.to_ascii_uppercase(),
                _ => word.chars().skip(1).collect(),
            };
            (any, how).prop_map(word).boxed()
        }
        Kind::Text => write::mostly(TEXTS, mood).prop_map(str::to_owned).boxed(),
    }
}

/// How a value is written: bare, in quotes, or in a way that is not taken.
fn written(value: &str, how: u8) -> String {
    let simple = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    match how {
        0 if simple => value.to_owned(),
        0 | 1 => format!("'{}'", value.replace('\'', "''")),
        2 => format!("'{}'", value.replace('\'', "\\'")),
        3 => value.to_owned(),
        4 => format!("'{value}'"),
        5 => format!("\"{value}\""),
        6 => format!("'{value}"),
        7 => format!("E'{value}'"),
        _ => format!("'{value}' '{value}'"),
    }
}

fn setting(parameters: &[Parameter], mood: Mood) -> BoxedStrategy<Bytes> {
    let how = prop_oneof![24 => Just(0_u8), 24 => Just(1), 4 => Just(2), mood.strange(6) => select(vec![3_u8, 4]), mood.strange(2) => select(vec![5_u8, 6, 7, 8])];
    let separator = prop_oneof![24 => Just(" = "), 8 => select(vec!["=", " ", "\t", " =", "= ", "  =  "]), mood.strange(2) => select(vec!["", " = = ", "\x0c", ":", "=\r", " := ", "\x0b=", "\u{a0}= "])];
    let case = select(vec![0, 0, 0, 0, 1, 2]);
    let parameter =
        select(parameters.to_vec()).prop_flat_map(move |Parameter { name, kind }| (Just(name), value(&kind, mood)));
    (parameter, how, separator, case)
        .prop_map(|((name, value), how, separator, case)| {
            let name = match case {
                0 => name,
                1 => name.to_ascii_uppercase(),
                _ => name.to_ascii_lowercase(),
            };
            format!("{name}{separator}{}", written(&value, how)).into_bytes()
        })
        .boxed()
}

fn include() -> impl Strategy<Value = Bytes> {
    select(vec![
        "include 'a.conf'",
        "include_if_exists 'a.conf'",
        "include_dir 'd'",
        "include 'd/b.conf'",
        "INCLUDE = 'a.conf'",
        "include a.conf",
        "include_dir = d",
        "include '@@/a.conf'",
        "include_dir '@@/d'",
        "include_if_exists = 'nothing.conf'",
        "include 'nothing.conf'",
        "include_dir 'nothing'",
        "include ''",
        "include_dir ''",
        "include_if_exists ''",
        "include 'postgresql.conf'",
        "include_dir 'a.conf'",
        "include 'd'",
        "include_if_exists 'd'",
        "include",
        "Include_Dir 'd/'",
        "include ' '",
        "include_dir '.'",
        "include './a.conf'",
        "include 'd/../a.conf'",
        "include 'nothing/../a.conf'",
        "include_if_exists 'nothing/../a.conf'",
        "include_dir 'd' # all",
        "include_if_exists '@@/nothing/x.conf'",
        "include 'a.conf' 'd/b.conf'",
    ])
    .prop_map(|text| text.as_bytes().to_vec())
}

fn odd() -> impl Strategy<Value = Bytes> {
    let texts: Vec<&'static [u8]> = vec![
        b"",
        b"# comment",
        b"   ",
        b"x.y = 1",
        b"X.y 'z'",
        b"\t",
        b"#port = 1",
        b"x.y = on",
        b"plpgsql.variable_conflict = error",
        b"a.b.c = 1",
        b"x._y = 'q'",
        b"nonsense = 1",
        b"port",
        b"= 1",
        b"port = = 1",
        b"port 1 2",
        b"-port = 1",
        b"port = 'a",
        b"work-mem = 1",
        b"\x0c",
        b"\x0bport = 1",
        b"\xef\xbb\xbfport = 1",
        b"'port' = 1",
        b"\"port\" = 1",
        b"port = 5433;",
        b"port: 5433",
        b"port = 5433 ; x",
        b"x. = 1",
        b".x = 1",
        b"x.1 = 1",
        b"x.y-z = 1",
        b"port 5433 #",
        b"port=5433#c",
        b"cluster_name = '\xff'",
        b"# \xff\xfe",
        b"cluster_name = \xe9",
        b"application_name = 'a\x00b'",
        b"port = 5433\x00",
        b"cluster_name = 'a",
        b"b'",
        b"[section]",
        b"!include a",
        b"port = $PORT",
        b"x.\xc3\xa9 = 1",
        b"\xc3\xa9.x = 1",
        b"port = 54 33",
        b"port = '54' '33'",
        b"port = +5433",
        b"port = -1",
        b"port = 0x1538",
        b"sort_mem = 1MB",
        b"config_file = '/x'",
        b"server_version = 1",
        b"is_superuser = on",
        b"transaction_isolation = 'serializable'",
        b"stats_temp_directory = 'x'",
        b"vacuum_cleanup_index_scale_factor = 1",
        b"allow_system_table_mods = on",
        b"zero_damaged_pages = true",
        b"session_authorization = x",
        b"role = x",
        b"seed = 0.5",
        b"search_path = 'a\", b'",
        b"debug_discard_caches = 1",
        b"trace_sort = 1",
        b"post_auth_delay = 1",
        b"jit_expressions = of",
    ];
    select(texts).prop_map(<[u8]>::to_vec)
}

fn long() -> impl Strategy<Value = Bytes> {
    (
        select(vec!["cluster_name = '", "# ", "log_line_prefix = '", "search_path = '", "x.y = '", "port = 0"]),
        select(vec!["a", "a, ", "%m", "0"]),
        select(vec![62_usize, 63, 64, 1023, 1024, 8192, 20_000]),
    )
        .prop_map(|(start, part, length)| {
            let end = if start.ends_with('\'') { "'" } else { "" };
            [start, &part.repeat(length.div_ceil(part.len())), end].concat().into_bytes()
        })
}

fn line(parameters: &[Parameter], mood: Mood) -> BoxedStrategy<Bytes> {
    let body = prop_oneof![60 => setting(parameters, mood), 4 => include(), mood.strange(6) => odd(), 1 => long()];
    let rare = &[" ;", ";", " \\", "\\", " x", "'", "\x0c", ",", " '", "\u{2028}"];
    let indents = &[" ", "\t", "    ", " ", "\t", "    ", "\x0c", "\r", "\x0b"];
    write::line(body.boxed(), indents, (&[" ", "\t", " # c", "#c", "\r", " #"], rare, mood))
}

pub(crate) fn cases(parameters: &[Parameter]) -> BoxedStrategy<Case> {
    write::moods(|mood| {
        // Few parameters, so that lines overrule each other.
        let cases = vec(select(parameters.to_vec()), 1..4).prop_flat_map(move |few| {
            let line = line(&few, mood);
            let root = prop_oneof![8 => write::file(line.clone(), 0..4), 2 => write::file(line.clone(), 1..8)];
            let part = write::file(line, 0..3);
            let names = ["a.conf", "d/b.conf", "d/10.conf", "d/.x.conf"];
            // Its includes would begin in the folder of the data, which is not the case's.
            let auto = part
                .clone()
                .prop_filter("includes", |bytes| !bytes.windows(7).any(|part| part.eq_ignore_ascii_case(b"include")));
            (write::with_parts("postgresql.conf", root.boxed(), 0.25, &part, names), option::weighted(0.08, auto))
        });
        let whole = |(mut case, auto): (Case, Option<Bytes>)| {
            case.files.extend(auto.map(|bytes| ("postgresql.auto.conf".to_owned(), bytes)));
            case
        };
        cases.prop_map(whole).boxed()
    })
}
