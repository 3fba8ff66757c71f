//! How instructions of a Dockerfile are changed: the keyword of one, and a command that a shell runs for no reason.

use super::keys::kinds;
use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::model::{Scope, Value};

/// What the files that `ADD` unpacks end with.
const ARCHIVES: &[&str] = &["tar", "tgz", "tbz", "tbz2", "txz", "tzst", "gz", "bz2", "xz", "zst", "lzma"];
/// Flags that only `ADD` has.
const OF_ADD: &[&str] = &["--checksum", "--keep-git-dir", "--unpack"];
/// Words that only a shell knows, or that mean something else to it.
const OF_SHELLS: &[&str] = &[
    ".", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "eval", "exit", "export", "fg", "for",
    "function", "getopts", "hash", "if", "jobs", "local", "read", "readonly", "return", "set", "shift", "source",
    "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
];

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope)?;
    match change {
        Change::Set("instruction", "COPY") if scope.kind == kinds::COPY => copy(editing, scope),
        Change::Set("form", "exec") if scope.kind == kinds::RUN => exec(editing, scope),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Set(..) | Change::Unset(..) | Change::Add(..) | Change::Remove => None,
    }
}

/// Makes an `ADD` a `COPY`, if that does the same with all that it names.
fn copy(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let schema = editing.model.format.schema;
    let (instruction, context) = (schema.key(kinds::COPY, "instruction")?, schema.key(kinds::COPY, "from_context")?);
    let node = scope.own.get(instruction)?;
    let around = editing.file(node.at)?;
    let text = around.text.get(scope.extent.range())?;
    let same = |other: &&Scope| {
        other.kind == kinds::COPY && other.own.get(instruction).is_some_and(|other| other.at == node.at)
    };
    let copied = |other: &Scope| {
        let name = other.label.to_ascii_lowercase();
        let archive = name.rsplit_once('.').is_some_and(|(_, ending)| ARCHIVES.contains(&ending));
        other.own.get(context).is_some() && !archive && !name.contains(['$', '*', '?', '['])
    };
    let fits = editing.model.scopes.iter().filter(same).all(copied) && !OF_ADD.iter().any(|flag| text.contains(flag));
    let lower = around.text.get(node.at.span.range())? == "add";
    fits.then(|| vec![Edit { at: node.at, text: if lower { "copy" } else { "COPY" }.to_owned() }])
}

/// Writes the words of a command as JSON, if a shell would only start it.
fn exec(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let schema = editing.model.format.schema;
    let node = scope.own.get(schema.key(kinds::RUN, "form")?)?;
    scope.own.get(schema.key(kinds::RUN, "shell")?)?;
    let instruction = scope.own.get(schema.key(kinds::RUN, "instruction")?)?.value.as_str()?;
    // The other of the two would be put together with this one.
    let other = match instruction {
        "CMD" => "Entrypoint",
        "ENTRYPOINT" => "Cmd",
        _ => return None,
    };
    let stage = editing.model.scope(scope.parent?)?;
    let id = schema.key(kinds::STAGE, other)?;
    let given = stage.own.get(id).or_else(|| stage.effective.get(id));
    if given.is_some_and(|node| !matches!(&node.value, Value::List(words) if words.is_empty())) {
        return None;
    }
    let words = words(editing.file(node.at)?.text.get(node.at.span.range())?)?;
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Some(vec![Edit { at: node.at, text: format!("[{}]", words.join(", ")) }])
}

/// The words of a command of which the shell leaves every character as it is.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.trim_end().chars() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            ('$' | '`' | '\\' | '"' | '\n' | '\r' | '\t' | '\u{1a}', _) => return None,
            (c, Some(_)) if !c.is_control() => word.get_or_insert_default().push(c),
            (' ', None) => words.extend(word.take()),
            (c, None) if c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c) => word.get_or_insert_default().push(c),
            _ => return None,
        }
    }
    words.extend(word);
    if words.first().is_some_and(|first| first == "exec") {
        words.remove(0);
    }
    let first = words.first().filter(|first| !first.contains('=') && !OF_SHELLS.contains(&first.as_str()));
    (quote.is_none() && first.is_some_and(|first| !first.is_empty() && !first.starts_with('-'))).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    #[test]
    fn an_instruction_that_only_copies_is_called_so() {
        let change = Change::Set("instruction", "COPY");
        let made = |text: &str| edited("Dockerfile", &format!("FROM a\n{text}\n"), "copy", "app.conf", &change);
        assert_eq!(made("ADD --chown=1 app.conf /etc/").as_deref(), Some("FROM a\nCOPY --chown=1 app.conf /etc/\n"));
        assert_eq!(made("add app.conf b /etc/").as_deref(), Some("FROM a\ncopy app.conf b /etc/\n"));
        for text in ["ADD app.conf b.tar.gz /etc/", "ADD app.conf https://a.example/b /etc/", "ADD app.conf $B /etc/"] {
            assert_eq!(made(text), None, "{text}");
        }
    }

    #[test]
    fn a_plain_command_needs_no_shell() {
        let change = Change::Set("form", "exec");
        let made = |text: &str| edited("Dockerfile", &format!("FROM scratch\n{text}\n"), "run", "CMD", &change);
        for (before, after) in [
            ("CMD nginx -g 'daemon off;'", "CMD [\"nginx\", \"-g\", \"daemon off;\"]"),
            ("CMD exec /srv/app  --port 80 # c", ""),
            ("CMD exec /srv/app  --port=80", "CMD [\"/srv/app\", \"--port=80\"]"),
        ] {
            let after = (!after.is_empty()).then(|| format!("FROM scratch\n{after}\n"));
            assert_eq!(made(before), after, "{before}");
        }
        for text in
            ["CMD a && b", "CMD a $B", "CMD cd /a", "CMD A=1 b", "CMD a ~/b", "CMD a *", "ENTRYPOINT [\"x\"]\nCMD a"]
        {
            assert_eq!(made(text), None, "{text}");
        }
    }
}
