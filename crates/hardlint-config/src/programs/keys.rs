//! Private keys that commands make, and that stay where they are made.

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
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_removed = script.commands.iter().any(|other| {
        let named = |word: &Word| word.shown().contains(name);
        let whole = |word: &Word| path.starts_with(word.shown().trim_end_matches(['*', '/'])) && word.start().len() > 1;
        matches!(other.program(), Some("rm" | "shred" | "unlink"))
            && other.arguments().iter().any(|word| named(word) || whole(word))
    });
    (!is_removed).then(|| Fact::Text(path, vec![at]))
}
