//! Settings that a build step writes into the configuration of a program, and that open it: `echo … >> sshd_config`,
//! `sed -i s/…/…/ pg_hba.conf`.
//!
//! Only what is written is looked at, not what the file holds: a line that opens a program is not written for nothing.

use super::{Fact, Facts, is};
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

/// Adds the setting that a command writes, if it is one that opens the program.
pub(super) fn add(script: &Script, index: usize, command: &Command, facts: &mut Facts) {
    if let Some((setting, at)) = set_by(script, index, command, &opens) {
        facts.push(("writes_setting", Fact::Text(setting.to_owned(), vec![at])));
    }
}

/// What a file and a text in it set, if it is what is looked for.
type Judge<'j> = &'j dyn Fn(&str, &str) -> Option<&'static str>;

/// The setting that a command writes into a file, as `judge` finds it in what is written.
pub(super) fn set_by(
    script: &Script,
    index: usize,
    command: &Command,
    judge: Judge<'_>,
) -> Option<(&'static str, Span)> {
    match command.program() {
        Some("echo" | "printf") => written_to(script, index).and_then(|file| {
            let mut words = command.arguments().iter();
            let whole = || command.arguments().iter().map(Word::shown).collect::<Vec<_>>().join(" ");
            let one = words.find_map(|word| Some((judge(&file, word.known()?)?, word.span)));
            one.or_else(|| Some((judge(&file, &whole())?, command.span)))
        }),
        Some("cat" | "tee") => {
            let file = written_to(script, index);
            fed_text(command).zip(file).and_then(|(fed, file)| Some((judge(&file, fed.known()?)?, fed.span)))
        }
        Some("sed") => edited(command, judge),
        _ => None,
    }
}

/// The file that a command's output goes to: its own redirection, or that of `tee` behind it.
pub(super) fn written_to(script: &Script, index: usize) -> Option<String> {
    let command = script.commands.get(index)?;
    let own = command.redirects.iter().find(|it| it.mark.starts_with('>') && it.descriptor.unwrap_or(1) == 1);
    if let Some(redirect) = own {
        // `>&2` goes where another descriptor does.
        let is_descriptor = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let known = redirect.target.known();
        return (redirect.mark != ">&" || !known.is_some_and(is_descriptor)).then(|| redirect.target.shown());
    }
    if command.program() == Some("tee") {
        return tee_file(command);
    }
    let (_, next) = script.reader(index)?;
    tee_file(next)
}

/// The text of a heredoc or a here-string that a command reads.
pub(super) fn fed_text(command: &Command) -> Option<&Word> {
    command.redirects.iter().find(|redirect| redirect.mark.starts_with("<<")).map(|redirect| &redirect.target)
}

fn tee_file(command: &Command) -> Option<String> {
    let file = command.arguments().iter().find(|word| !word.start().starts_with('-'));
    file.filter(|_| command.program() == Some("tee")).map(Word::shown)
}

/// What `sed -i` puts into a file: the replacement of `s/…/…/`, or the text of `a`, `c` and `i`.
fn edited(command: &Command, judge: Judge<'_>) -> Option<(&'static str, Span)> {
    let arguments = command.arguments();
    let in_place = arguments.iter().any(|word| {
        word.known().is_some_and(|text| {
            text.starts_with("--in-place") || text.starts_with('-') && !text.starts_with("--") && text.contains('i')
        })
    });
    let files: Vec<String> = arguments.iter().filter(|word| !word.start().starts_with('-')).map(Word::shown).collect();
    if !in_place {
        return None;
    }
    for word in arguments.iter().filter(|word| !is(word, "-i") && !is(word, "-e")) {
        let Some(script) = word.known() else { continue };
        let texts = replacements(script);
        let found = files.iter().find_map(|file| texts.iter().find_map(|text| judge(file, text)));
        if let Some(found) = found {
            return Some((found, word.span));
        }
    }
    None
}

/// The texts that a script of `sed` writes.
fn replacements(script: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for part in script.lines() {
        // `s/old/new/`, perhaps behind an address: `/^x/s|…|…|`.
        let at = part.match_indices('s').find(|(at, _)| {
            let before = part.get(..*at).unwrap_or_default().trim_end();
            (before.is_empty()
                || before.ends_with(['/', '$', '{', ';', '!'])
                || before.ends_with(|c: char| c.is_ascii_digit()))
                && part
                    .get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|c| c.is_ascii_punctuation() && c != '\\')
        });
        if let Some((at, _)) = at {
            let rest = part.get(at + 1..).unwrap_or_default();
            let Some(mark) = rest.chars().next() else { continue };
            if let Some(new) = split(rest.get(mark.len_utf8()..).unwrap_or_default(), mark).get(1) {
                texts.push(new.replace("\\1", "").replace('&', ""));
            }
            continue;
        }
        // `$ a text`, `/^x/c\text`.
        for verb in ["a", "c", "i"] {
            for start in ["$ ", "$", "/"] {
                let mark = format!("{start}{verb}");
                if let Some((_, text)) = part.split_once(mark.as_str()) {
                    texts.push(text.trim_start_matches([' ', '\\', '\t']).to_owned());
                }
            }
        }
    }
    texts
}

/// A text cut at a mark that no backslash stands before.
fn split(text: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == mark && !escaped {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// The setting of the file's program that a text sets, if it lets everybody in.
fn opens(file: &str, text: &str) -> Option<&'static str> {
    let name = file.rsplit('/').next().unwrap_or_default();
    let of = |folder: &str| name == folder || file.contains(&format!("{folder}.d/"));
    let lines = || text.lines().flat_map(|line| line.split("\\n")).map(str::trim);
    if of("sshd_config") {
        return lines().find_map(|line| {
            let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
            let (key, value) = (words.next()?.to_ascii_lowercase(), words.next()?.to_ascii_lowercase());
            match (&*key, &*value) {
                ("permitrootlogin", "yes") => Some("PermitRootLogin yes"),
                ("permitemptypasswords", "yes") => Some("PermitEmptyPasswords yes"),
                _ => None,
            }
        });
    }
    if name == "redis.conf" {
        return lines().find_map(|line| {
            let mut words = line.split_whitespace();
            match (words.next()?.to_ascii_lowercase().as_str(), words.next()?) {
                ("protected-mode", "no") => Some("protected-mode no"),
                ("unixsocketperm", "777" | "0777") => Some("unixsocketperm 777"),
                _ => None,
            }
        });
    }
    if name.starts_with("pg_hba") {
        return lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [kind, _, _, address, .., method] = words.as_slice() else { return None };
            let everybody = matches!(*address, "0.0.0.0/0" | "::/0" | "::0/0" | "all")
                || matches!(words.get(3..5), Some(["0.0.0.0", "0.0.0.0"]));
            match *method {
                "trust" if kind.starts_with("host") && everybody => Some("trust for every address"),
                "password" if kind.starts_with("host") && everybody => Some("password in clear text for every address"),
                _ => None,
            }
        });
    }
    // Xdebug connects back to whoever asks for a page, who then runs code (xdebug.org/docs/step_debug).
    if name.to_ascii_lowercase().ends_with(".ini") {
        return lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let on = matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "on" | "true" | "yes");
            match key.trim() {
                "xdebug.remote_connect_back" if on => Some("xdebug.remote_connect_back"),
                "xdebug.discover_client_host" if on => Some("xdebug.discover_client_host"),
                _ => None,
            }
        });
    }
    opens_application(name, &lines)
}

/// The same for what a text sets in Python, and in the options of `MySQL`.
fn opens_application<'t, L: Iterator<Item = &'t str>>(name: &str, lines: &dyn Fn() -> L) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending == "cnf" {
        let given = |line: &str| {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            let off = ["0", "off", "false"].iter().any(|word| value.trim().eq_ignore_ascii_case(word));
            matches!(name.trim(), "skip-grant-tables" | "skip_grant_tables") && !off
        };
        return lines().any(given).then_some("skip-grant-tables");
    }
    if ending != "py" {
        return None;
    }
    let is_settings = !lower.contains("test")
        && (name.starts_with("settings") || lower.trim_end_matches(".py").ends_with("settings"));
    let is_notebook = name.starts_with("jupyter_");
    lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let bare = value.trim().trim_matches(['"', '\'']);
        match key.trim() {
            "AUTH_ROLE_PUBLIC" if bare == "Admin" => Some("AUTH_ROLE_PUBLIC = 'Admin'"),
            "AUTH_ROLE_PUBLIC" if matches!(bare, "Op" | "User") => Some("AUTH_ROLE_PUBLIC"),
            "DEBUG" if is_settings && bare == "True" => Some("DEBUG = True"),
            "c.NotebookApp.token" | "c.ServerApp.token" | "c.IdentityProvider.token"
                if is_notebook && bare.is_empty() && value.trim().len() == 2 =>
            {
                Some("token = ''")
            }
            _ => None,
        }
    })
}
