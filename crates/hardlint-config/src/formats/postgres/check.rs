//! What PostgreSQL checks and changes beyond a value's type: its check hooks, as far as they need no running server.
//!
//! What depends on the machine (locales, time zones, limits of the stack) is taken as valid: a file is called wrong
//! only where every machine would refuse it.

use crate::model::Value;
use std::fmt::Write as _;

/// The value that PostgreSQL goes on with, or why it refuses `value`.
pub(super) fn check(name: &str, value: Value, version: u16) -> Result<Value, String> {
    match (name, value) {
        ("wal_buffers", Value::Int(pages)) if (0..4).contains(&pages) => Ok(Value::Int(4)),
        ("autovacuum_work_mem", Value::Int(size)) if size >= 0 => Ok(Value::Int(size.max(least_work_mem(version)))),
        ("vacuum_buffer_usage_limit", Value::Int(size)) if (1..128).contains(&size) => {
            Err("it is 0 or at least 128 kB".to_owned())
        }
        (name, Value::Int(size)) if version >= 17 && BANKS.contains(&name) && size % 16 != 0 => {
            Err("it is a multiple of 16".to_owned())
        }
        ("bonjour", Value::Bool(true)) => Err("it is not supported".to_owned()),
        ("default_with_oids", Value::Bool(true)) if version >= 12 => Err("it is not supported".to_owned()),
        ("io_max_concurrency", Value::Int(0)) => Err("it is -1 or more than 0".to_owned()),
        (_, Value::Text(crate::model::Text::Known(text))) => self::text(name, &text, version).map(Value::text),
        (_, value) => Ok(value),
    }
}

/// Buffers that since version 17 come in banks.
const BANKS: &[&str] = &[
    "commit_timestamp_buffers",
    "multixact_member_buffers",
    "multixact_offset_buffers",
    "notify_buffers",
    "serializable_buffers",
    "subtransaction_buffers",
    "transaction_buffers",
];

/// The least that `autovacuum_work_mem` is raised to, in kB.
fn least_work_mem(version: u16) -> i64 {
    if version >= 17 { 64 } else { 1024 }
}

fn text(name: &str, text: &str, version: u16) -> Result<String, String> {
    let unchanged = || Ok(text.to_owned());
    let all = |known: &[&str]| {
        let wrong = identifiers(text)?.into_iter().find(|word| !known.contains(&word.to_ascii_lowercase().as_str()));
        wrong.map_or_else(unchanged, |word| Err(format!("it knows no `{word}`")))
    };
    match name {
        "application_name" | "cluster_name" => Ok(clean_ascii(text, version)),
        "datestyle" => date_style(text),
        "client_encoding" => encoding(text).map(str::to_owned).ok_or_else(|| "there is no such encoding".to_owned()),
        "log_destination" if version >= 15 => all(&["stderr", "csvlog", "jsonlog", "syslog"]),
        "log_destination" => all(&["stderr", "csvlog", "syslog"]),
        "log_connections" => log_connections(text),
        "search_path" | "temp_tablespaces" => identifiers(text).and_then(|_| unchanged()),
        "synchronized_standby_slots" => match identifiers(text)?.iter().find(|word| !slot_name(word)) {
            Some(word) => Err(format!("`{word}` is no name of a slot")),
            None => unchanged(),
        },
        "createrole_self_grant" => all(&["set", "inherit"]),
        "restrict_nonsystem_relation_kind" => all(&["view", "foreign-table"]),
        "debug_io_direct" => all(&["data", "wal", "wal_init"]),
        // There is nobody yet whose roles could be looked up.
        "session_authorization" => Err("no file can set it".to_owned()),
        "role" if text != "none" => Err("in a file it is `none`".to_owned()),
        "recovery_target" if !text.is_empty() && text != "immediate" => Err("it is `immediate` or empty".to_owned()),
        "recovery_target_name" if text.len() > 63 => Err("it has at most 63 characters".to_owned()),
        "lc_messages" | "default_table_access_method" if text.is_empty() => Err("it is never empty".to_owned()),
        "primary_slot_name" if !text.is_empty() && !slot_name(text) => {
            Err("it has lower-case letters, digits and underscores only, at most 63".to_owned())
        }
        "backtrace_functions" if text.bytes().any(|b| !(b.is_ascii_alphanumeric() || b"_, \n\t".contains(&b))) => {
            Err("it has an invalid character".to_owned())
        }
        _ => unchanged(),
    }
}

fn slot_name(text: &str) -> bool {
    text.len() <= 63 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A name of at most 63 bytes in which what is not printable ASCII is replaced.
fn clean_ascii(text: &str, version: u16) -> String {
    let mut cut = text.len().min(63);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut out = String::new();
    for byte in text.bytes().take(cut) {
        match byte {
            32..=126 => out.push(char::from(byte)),
            _ if version >= 16 => {
                let _ = write!(out, "\\x{byte:02x}");
            }
            _ => out.push('?'),
        }
    }
    out
}

/// A list of identifiers between commas; quoted ones keep their case.
fn identifiers(text: &str) -> Result<Vec<String>, String> {
    let wrong = || "its list has a syntax error".to_owned();
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Ok(words);
    }
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut word = String::new();
            let mut chars = quoted.char_indices().peekable();
            let end = loop {
                match chars.next().ok_or_else(wrong)? {
                    (_, '"') if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                        chars.next();
                        word.push('"');
                    }
                    (at, '"') => break at,
                    (_, other) => word.push(other),
                }
            };
            words.push(word);
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(rest.len());
            if end == 0 {
                return Err(wrong());
            }
            words.push(rest.get(..end).unwrap_or_default().to_ascii_lowercase());
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(words);
        }
        rest = rest.strip_prefix(',').ok_or_else(wrong)?.trim_start();
    }
}

/// A style and an order, in PostgreSQL's spelling: `ISO, MDY`.
fn date_style(text: &str) -> Result<String, String> {
    let (mut style, mut order): (Option<&str>, Option<&str>) = (None, None);
    let put = |slot: &mut Option<&'static str>, value: &'static str| match slot.replace(value) {
        Some(before) if before != value => Err("its words contradict each other".to_owned()),
        _ => Ok(()),
    };
    let (mut wanted_style, mut wanted_order): (Option<&'static str>, Option<&'static str>) = (None, None);
    for word in identifiers(text)? {
        match word.to_ascii_uppercase().as_str() {
            "ISO" => put(&mut wanted_style, "ISO")?,
            "SQL" => put(&mut wanted_style, "SQL")?,
            "GERMAN" => {
                put(&mut wanted_style, "German")?;
                order = order.or(Some("DMY"));
            }
            "YMD" => put(&mut wanted_order, "YMD")?,
            "MDY" | "US" => put(&mut wanted_order, "MDY")?,
            "DMY" => put(&mut wanted_order, "DMY")?,
            "DEFAULT" => {
                style = style.or(Some("ISO"));
                order = order.or(Some("MDY"));
            }
            word if word.starts_with("POSTGRES") => put(&mut wanted_style, "Postgres")?,
            word if word.starts_with("EURO") => put(&mut wanted_order, "DMY")?,
            word if word.starts_with("NONEURO") => put(&mut wanted_order, "MDY")?,
            word => return Err(format!("it knows no `{word}`")),
        }
    }
    let style = wanted_style.or(style).unwrap_or("ISO");
    Ok(format!("{style}, {}", wanted_order.or(order).unwrap_or("MDY")))
}

/// Since version 18 a list of what is logged, or a Boolean as before.
fn log_connections(text: &str) -> Result<String, String> {
    let words = identifiers(text)?;
    let known = ["receipt", "authentication", "authorization", "setup_durations", "all"];
    match words.as_slice() {
        [word] if ["on", "off", "true", "false", "yes", "no", "1", "0"].contains(&word.as_str()) => Ok(text.to_owned()),
        words => match words.iter().find(|word| !known.contains(&word.to_ascii_lowercase().as_str())) {
            Some(word) => Err(format!("it knows no `{word}`")),
            None => Ok(text.to_owned()),
        },
    }
}

/// PostgreSQL's name for an encoding, which it finds by letters and digits alone.
fn encoding(text: &str) -> Option<&'static str> {
    let key: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    ENCODINGS.iter().find(|(alias, _)| *alias == key).map(|(_, name)| *name)
}

#[rustfmt::skip]
const ENCODINGS: &[(&str, &str)] = &[
    ("abc", "WIN1258"), ("alt", "WIN866"), ("big5", "BIG5"), ("euccn", "EUC_CN"), ("eucjis2004", "EUC_JIS_2004"),
    ("eucjp", "EUC_JP"), ("euckr", "EUC_KR"), ("euctw", "EUC_TW"), ("gb18030", "GB18030"), ("gbk", "GBK"),
    ("iso88591", "LATIN1"), ("iso885910", "LATIN6"), ("iso885913", "LATIN7"), ("iso885914", "LATIN8"),
    ("iso885915", "LATIN9"), ("iso885916", "LATIN10"), ("iso88592", "LATIN2"), ("iso88593", "LATIN3"),
    ("iso88594", "LATIN4"), ("iso88595", "ISO_8859_5"), ("iso88596", "ISO_8859_6"), ("iso88597", "ISO_8859_7"),
    ("iso88598", "ISO_8859_8"), ("iso88599", "LATIN5"), ("johab", "JOHAB"), ("koi8", "KOI8R"), ("koi8r", "KOI8R"),
    ("koi8u", "KOI8U"), ("latin1", "LATIN1"), ("latin10", "LATIN10"), ("latin2", "LATIN2"), ("latin3", "LATIN3"),
    ("latin4", "LATIN4"), ("latin5", "LATIN5"), ("latin6", "LATIN6"), ("latin7", "LATIN7"), ("latin8", "LATIN8"),
    ("latin9", "LATIN9"), ("mskanji", "SJIS"), ("muleinternal", "MULE_INTERNAL"), ("shiftjis", "SJIS"),
    ("shiftjis2004", "SHIFT_JIS_2004"), ("sjis", "SJIS"), ("sqlascii", "SQL_ASCII"), ("tcvn", "WIN1258"),
    ("tcvn5712", "WIN1258"), ("uhc", "UHC"), ("unicode", "UTF8"), ("utf8", "UTF8"), ("vscii", "WIN1258"),
    ("win", "WIN1251"), ("win1250", "WIN1250"), ("win1251", "WIN1251"), ("win1252", "WIN1252"), ("win1253", "WIN1253"),
    ("win1254", "WIN1254"), ("win1255", "WIN1255"), ("win1256", "WIN1256"), ("win1257", "WIN1257"),
    ("win1258", "WIN1258"), ("win866", "WIN866"), ("win874", "WIN874"), ("win932", "SJIS"), ("win936", "GBK"),
    ("win949", "UHC"), ("win950", "BIG5"), ("windows1250", "WIN1250"), ("windows1251", "WIN1251"),
    ("windows1252", "WIN1252"), ("windows1253", "WIN1253"), ("windows1254", "WIN1254"), ("windows1255", "WIN1255"),
    ("windows1256", "WIN1256"), ("windows1257", "WIN1257"), ("windows1258", "WIN1258"), ("windows866", "WIN866"),
    ("windows874", "WIN874"), ("windows932", "SJIS"), ("windows936", "GBK"), ("windows949", "UHC"),
    ("windows950", "BIG5"),
];
