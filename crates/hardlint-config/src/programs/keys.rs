//! Private keys that commands make, and that stay where they are made.

use super::removed::Removals;
use super::{Fact, is, values};
use crate::syntax::shell::{Command, Script, Word};
use crate::text::Span;

/// The private key that `openssl` writes to a file, unless the same script removes it.
pub(super) fn by_openssl(script: &Script, command: &Command) -> Option<Fact> {
    let arguments = command.arguments();
    let has = |option: &str| arguments.iter().any(|word| is(word, option));
    let option = match arguments.first()?.known()? {
        // With `-key` it takes one that is there.
        "req" if has("-newkey") || has("-new") && !has("-key") => "-keyout",
        // Parameters are public.
        "genpkey" if has("-genparam") => return None,
        "genrsa" | "gendsa" | "genpkey" => "-out",
        "ecparam" | "dsaparam" if has("-genkey") => "-out",
        _ => return None,
    };
    let (path, at) = after(command, option).or_else(|| {
        let to = command.redirects.iter().find(|it| it.mark.starts_with('>') && it.descriptor.unwrap_or(1) == 1)?;
        (option == "-out").then(|| (to.target.shown(), to.target.span))
    })?;
    stays(script, path, at)
}

/// The store that `keytool` puts a new key into.
pub(super) fn by_keytool(script: &Script, command: &Command) -> Option<Fact> {
    let makes = |word: &Word| matches!(word.known(), Some("-genkeypair" | "-genkey" | "-genseckey"));
    command.arguments().iter().find(|word| makes(word))?;
    let (path, at) = after(command, "-keystore")?;
    stays(script, path, at)
}

/// The word behind an option.
fn after(command: &Command, option: &str) -> Option<(String, Span)> {
    if let Some((value, at)) = values(command, &[option]).into_iter().next() {
        return Some((value.to_owned(), at));
    }
    let at = command.arguments().iter().position(|word| is(word, option))?;
    command.arguments().get(at + 1).map(|word| (word.shown(), word.span))
}

fn stays(script: &Script, path: String, at: Span) -> Option<Fact> {
    if path.starts_with("/dev/") || path == "-" {
        return None;
    }
    (!is_removed(script, &path)).then(|| Fact::Text(path, vec![at]))
}

/// Whether a script removes the file at a path.
pub(super) fn is_removed(script: &Script, path: &str) -> bool {
    Removals::of(script).takes(path)
}

/// Whether a file that a command writes is gone with the step: its script removes the folder that it lies in, as the step
/// stands in `workdir` or goes elsewhere, or the file lies in one of the `passing` folders.
pub(crate) fn is_gone(script: &Script, command: &Command, path: &str, workdir: &str, passing: &[String]) -> bool {
    let before = script.commands.iter().filter(|other| other.span.start < command.span.start);
    let goes = before.filter(|other| other.program() == Some("cd")).filter_map(|other| other.arguments().first());
    let removals = Removals::of(script);
    let mut folder = workdir.to_owned();
    for to in goes.map(|word| removals.written(&word.shown())) {
        folder = if to.starts_with('/') { to } else { format!("{}/{to}", folder.trim_end_matches('/')) };
    }
    let path = removals.written(path);
    let whole = if path.starts_with(['/', '$']) {
        path
    } else {
        format!("{}/{}", folder.trim_end_matches('/'), path.trim_start_matches("./"))
    };
    let inside = |place: &String| {
        let rest = whole.strip_prefix(place.trim_end_matches('/'));
        place.len() > 1 && rest.is_some_and(|rest| rest.starts_with('/'))
    };
    passing.iter().any(inside) || removals.takes(&whole)
}
