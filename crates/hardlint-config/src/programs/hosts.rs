//! What stops SSH from comparing the key of the machine it reaches: options, variables, and settings that a step writes.
//!
//! `accept-new` takes an unknown key once and no other afterwards, and is none of them.

use super::settings::set_by;
use super::tls::is_local;
use super::{Fact, Facts};
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

const OFF: &str = "StrictHostKeyChecking no";

/// Whether a variable switches it off; the variable with its value then.
pub(crate) fn variable(name: &str, value: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let of_ansible = upper == "ANSIBLE_HOST_KEY_CHECKING"
        && matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off" | "n" | "f");
    (of_ansible || upper.contains("SSH") && takes_any(value)).then(|| format!("{name}={value}"))
}

/// Adds what a command does to that end.
pub(super) fn add(script: &Script, index: usize, command: &Command, facts: &mut Facts) {
    let assigned = command.assignments.iter().find_map(|assignment| {
        let value = assignment.value.known()?;
        Some((variable(&assignment.name, value)?, assignment.at.to(assignment.value.span)))
    });
    let written = || set_by(script, index, command, &written).map(|(text, at)| (text.to_owned(), at));
    if let Some((text, at)) = assigned.or_else(|| told(command)).or_else(written) {
        facts.push(("host_key_unchecked", Fact::Text(text, vec![at])));
    }
}

/// The word of a command that says so.
fn told(command: &Command) -> Option<(String, Span)> {
    let exports = matches!(command.program(), Some("export" | "declare" | "typeset"));
    let before = command.words.get(..command.program_at().unwrap_or(0)).unwrap_or_default();
    let pair = |word: &Word| {
        let (name, value) = word.known()?.split_once('=')?;
        Some((variable(name, value)?, word.span))
    };
    let arguments = command.arguments();
    if let Some(found) = before.iter().chain(arguments.iter().filter(|_| exports)).find_map(pair) {
        return Some(found);
    }
    let connects = ["ssh", "scp", "sftp", "rsync", "git", "autossh", "ssh-copy-id"];
    let runs =
        |word: &Word| word.known().is_some_and(|text| connects.contains(&text.rsplit('/').next().unwrap_or(text)));
    // `sshpass -p … ssh …` runs another program.
    if !command.words.iter().any(runs) {
        return None;
    }
    let own = |word: &Word| word.known().is_some_and(|text| is_local(text.rsplit('@').next().unwrap_or(text)));
    if arguments.iter().any(own) {
        return None;
    }
    let option = |word: &Word| word.known().filter(|text| takes_any(text)).map(|text| (text.to_owned(), word.span));
    arguments.iter().find_map(option)
}

/// Whether a setting of SSH stands in a text that takes any key for the right one.
fn takes_any(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((_, rest)) = lower.split_once("stricthostkeychecking") else { return false };
    let value = rest.trim_start_matches([' ', '\t', '=', '"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(value.len());
    value.len() < rest.len() && matches!(value.get(..end), Some("no" | "off"))
}

/// The setting, if the text of a client's configuration has it for more than this machine.
fn written(file: &str, text: &str) -> Option<&'static str> {
    let client = file.ends_with("/.ssh/config") || file.ends_with("ssh_config") || file.contains("ssh_config.d/");
    let local = text.contains("localhost") || text.contains("127.0.0.1");
    let said = text
        .lines()
        .flat_map(|line| line.split("\\n"))
        .any(|line| !line.trim_start().starts_with('#') && takes_any(line));
    (client && !local && said).then_some(OFF)
}
