//! Secrets that a command writes into a file (`echo "password=…" > app.conf`), or feeds to one that logs in
//! (`echo … | docker login --password-stdin`).

use super::chosen;
use crate::programs::settings::{fed_text, written_to};
use crate::secrets;
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

/// The secrets that a command writes into a file.
pub(super) fn into_files(script: &Script, index: usize) -> Vec<(String, String, Span)> {
    let Some(command) = script.commands.get(index) else { return Vec::new() };
    let texts: Vec<(&str, Span)> = match command.program() {
        Some("echo" | "printf") => {
            command.arguments().iter().filter_map(|word| Some((word.known()?, word.span))).collect()
        }
        Some("cat" | "tee") => {
            fed_text(command).and_then(|word| Some((word.known()?, word.span))).into_iter().collect()
        }
        _ => return Vec::new(),
    };
    if texts.is_empty() || written_to(script, index).is_none_or(|file| file.starts_with("/dev/")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (text, at) in texts {
        let lines = text.lines().flat_map(|line| line.split("\\n"));
        let value = lines.filter(|line| !line.trim_start().starts_with('#')).find_map(in_line);
        found.extend(value.map(|value| ("a file".to_owned(), value.to_owned(), at)));
    }
    found
}

/// The secret in a line of a file: `name = value`, `name: value`, and the password of a host in a `.netrc`.
fn in_line(line: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || "=:\"',;<>".contains(c);
    let issued = line.split(ends).find(|word| chosen::is_issued(word));
    if issued.is_some() {
        return issued;
    }
    if let Some((before, password)) = line.split_once(" password ")
        && before.contains("login ")
    {
        return password.split_whitespace().next().filter(|value| chosen::is_mixed(value));
    }
    let line = line.trim().trim_start_matches("export ");
    let (name, value) = line.split_once('=').or_else(|| line.split_once(": "))?;
    let name = name.trim().trim_matches(['"', '\'', '-', ' ']);
    let value = value.trim().trim_end_matches([',', ';']).trim_matches(['"', '\'']);
    let named = !name.contains(char::is_whitespace) && secrets::is_secret_name(name) && !secrets::is_key_name(name);
    (named && chosen::is_mixed(value)).then_some(value)
}

/// The password that a command which logs in reads: what a pipe or a here-string gives it.
pub(super) fn fed(script: &Script, index: usize) -> Option<(String, String, Span)> {
    let command = script.commands.get(index)?;
    if !command.arguments().iter().any(|word| word.known() == Some("--password-stdin")) {
        return None;
    }
    let here = command.redirects.iter().find(|redirect| redirect.mark == "<<<").map(|redirect| &redirect.target);
    let word = match here {
        Some(word) => word,
        None => said(script.upstream(index).next()?.1)?,
    };
    let value = word.known()?.trim();
    let written = !value.is_empty() && !secrets::is_guessable(value) && !secrets::is_template(value);
    written.then(|| ("--password-stdin".to_owned(), value.to_owned(), word.span))
}

/// The one word that `echo` or `printf` says.
fn said(command: &Command) -> Option<&Word> {
    let told = matches!(command.program(), Some("echo" | "printf"));
    let mut words = command.arguments().iter().filter(|word| {
        let option = word.start().starts_with('-') && word.start().len() == 2;
        !option && !matches!(word.known(), Some("%s" | "%s\\n"))
    });
    let word = words.next().filter(|_| told)?;
    words.next().is_none().then_some(word)
}
