//! Where logs are written to, and with which buffers.

use super::super::resolve::Build;
use super::addresses;
use super::values::{number, size, time};
use super::zones::unsure;
use super::{Fault, Line, only};

/// How an access log is written: the size of its buffer, after how long that is written, and how far it is compressed.
pub(super) type Written = (i64, i64, i64);

pub(super) fn access_log(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let target = line.known(1);
    if target.as_deref() == Some("off") {
        return only(line, 2, &[]);
    }
    let syslog = target.as_deref().and_then(|target| target.strip_prefix("syslog:"));
    if let Some(parameters) = syslog {
        self::syslog(parameters)?;
    }
    let format = line.known(2).filter(|text| text != "combined" && !build.seen.formats.contains(&**text));
    if format.is_some() && !build.seen.hidden && build.whole() {
        return Fault::new(2, "no `log_format` before this line has this name");
    }
    let written = options(line)?;
    let known = (3..line.words.len()).all(|index| line.known(index).is_some());
    let Some(target) = target.as_deref().filter(|_| known) else { return Ok(()) };
    let (bytes, flush, _) = written;
    if flush > 0 && bytes == 0 {
        return Fault::new(1, "nginx refuses `flush` for a log that has no buffer");
    }
    if bytes == 0 {
        return Ok(());
    }
    if syslog.is_some() {
        return Fault::new(1, "nginx refuses a buffer for a log that goes to syslog");
    }
    if target.contains('$') {
        return Fault::new(1, "nginx refuses a buffer for a log with variables in its name");
    }
    if unsure(line) {
        return Ok(());
    }
    match build.seen.logs.get(target) {
        Some(known) if *known != written => {
            Fault::new(1, "this log is written in another way already; nginx refuses that")
        }
        Some(_) => Ok(()),
        None => {
            build.seen.logs.insert(target.to_owned(), written);
            Ok(())
        }
    }
}

/// The words behind the format.
fn options(line: &Line<'_>) -> Result<Written, Fault> {
    const USUAL: i64 = 64 << 10;
    let (mut bytes, mut flush, mut level) = (0, 0, 0);
    for (index, text) in line.arguments().filter(|(index, _)| *index > 2) {
        let read = match text.split_once('=') {
            Some(("buffer", text)) => size(text, false).filter(|&size| size > 0).map(|size| bytes = size),
            Some(("flush", text)) => time(text, false).filter(|&time| time > 0).map(|time| flush = time),
            Some(("gzip", text)) => number(text).filter(|level| (1..=9).contains(level)).map(|found| {
                bytes = if bytes == 0 { USUAL } else { bytes };
                level = found;
            }),
            None if text == "gzip" => {
                bytes = if bytes == 0 { USUAL } else { bytes };
                level = 1;
                Some(())
            }
            Some(("if", _)) => Some(()),
            _ => None,
        };
        if read.is_none() {
            return Fault::new(index, format!("nginx refuses this word for `{}`", line.name));
        }
    }
    Ok((bytes, flush, level))
}

pub(super) fn error_log(line: &Line<'_>) -> Result<(), Fault> {
    const LEVELS: &[&str] = &["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];
    const DEBUGGED: &[&str] = &["core", "alloc", "mutex", "event", "http", "mail", "stream"];
    if let Some(target) = line.known(1)
        && let Some(parameters) = target.strip_prefix("syslog:")
    {
        syslog(parameters)?;
    }
    for (index, text) in line.arguments().filter(|(index, _)| *index > 1) {
        // With `debug_http` and its like only what they name is logged.
        let debugged = text.strip_prefix("debug_").is_some_and(|part| DEBUGGED.contains(&part));
        if !debugged && (index > 2 || !LEVELS.contains(&&*text)) {
            return Fault::new(index, "nginx refuses this as a level");
        }
    }
    Ok(())
}

/// What stands behind `syslog:`.
fn syslog(parameters: &str) -> Result<(), Fault> {
    const LEVELS: &[&str] = &["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];
    const FACILITIES: &[&str] = &[
        "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv", "ftp", "ntp",
        "audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];
    const LONGEST: usize = 32;
    let mut seen: Vec<&str> = Vec::new();
    for parameter in parameters.split(',') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let letters = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let fits = match name {
            "server" => addresses::server(value),
            "facility" => FACILITIES.contains(&value),
            "severity" => LEVELS.contains(&value),
            "tag" => parameter.contains('=') && value.len() <= LONGEST && letters(value),
            "nohostname" => parameter == name,
            _ => false,
        };
        if !fits || name != "nohostname" && seen.contains(&name) {
            return Fault::new(1, format!("nginx refuses `{parameter}` of syslog"));
        }
        seen.push(name);
    }
    if seen.contains(&"server") {
        Ok(())
    } else {
        Fault::new(1, "syslog has to have a `server`; nginx refuses it without")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_syslog_are_those_that_nginx_takes() {
        for (text, expected) in [
            ("server=127.0.0.1", true),
            ("server=127.0.0.1:514,facility=local7,severity=info,tag=a_b,nohostname", true),
            ("server=unix:/dev/log", true),
            ("", false),
            ("facility=local7", false),
            ("server=", false),
            ("server=127.0.0.1,facility=LOCAL7", false),
            ("server=127.0.0.1,severity=loud", false),
            ("server=127.0.0.1,tag=a-b", false),
            ("server=127.0.0.1,server=127.0.0.1", false),
            ("server=127.0.0.1,", false),
        ] {
            assert_eq!(syslog(text).is_ok(), expected, "{text}");
        }
    }
}
