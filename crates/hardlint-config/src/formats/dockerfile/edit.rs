//! How instructions of a Dockerfile are changed: the keyword of one, and a command that a shell runs for no reason.

use super::keys::kinds;
use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::model::{Origin, Scope, Value};
use crate::text::{Loc, Span};

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
        Change::Add("User", EARLIER) if scope.kind == kinds::STAGE => drop_rights(editing, scope),
        Change::Add("instruction", NEXT) if scope.kind == kinds::RUN => join(editing, scope),
        Change::Remove if [kinds::ENV, kinds::ARG].contains(&scope.kind) => remove(editing, scope),
        Change::Instead(at, "") => leave_out(editing, *at),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Set(..) | Change::Unset(..) | Change::Add(..) | Change::Remove => None,
    }
}

/// Stands for the last user that is not root.
const EARLIER: &str = "earlier";
/// Stands for the step that comes next.
const NEXT: &str = "next";

/// Takes a part of a word out, or the word with the blank before it.
fn leave_out(editing: &Editing<'_, '_>, at: Loc) -> Option<Vec<Edit>> {
    let text = editing.file(at)?.text;
    let range = at.span.range();
    let before = text.get(..range.start)?.chars().next_back()?;
    let ends = text.get(range.end..)?.chars().next().is_none_or(char::is_whitespace);
    let start = match before {
        // An element of JSON would be left, and be an argument.
        '"' | '\'' => return None,
        ' ' | '\t' if ends => text.get(..range.start)?.trim_end_matches([' ', '\t']).len(),
        _ => range.start,
    };
    Some(vec![Edit { at: Loc::new(at.file, Span::new(start, range.end)), text: String::new() }])
}

/// Takes a variable out, and the instruction with the last one.
fn remove(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let around = editing.file(scope.at)?;
    let schema = editing.model.format.schema;
    let value = scope.own.get(schema.key(scope.kind, "value")?)?;
    let name = scope.label_at.span.range();
    let whole = Span::new(name.start, around.with_quotes(value.at.span).range().end);
    if value.at.file != scope.at.file || around.text.as_bytes().get(name.end) != Some(&b'=') {
        return None;
    }
    let start = around.line_start(whole.range().start)?;
    let before = around.text.get(start..whole.range().start)?.trim();
    let end = around.line_end(whole.range().end)?;
    let behind = around.text.get(whole.range().end..end)?.trim();
    let keyword = before.eq_ignore_ascii_case("ENV") || before.eq_ignore_ascii_case("ARG");
    let lines = || {
        let indent = around.indent(start)?.len();
        around.whole_lines(Span::new(start + indent, end), "#")
    };
    let at = match (before, behind) {
        (_, "") if keyword => lines()?,
        ("", "\\") => lines()?,
        // What goes on in other lines is left to people.
        ("", _) | (_, "\\") => return None,
        _ if keyword => {
            let blanks = around.after(whole.range().end).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            Span::new(whole.range().start, whole.range().end + blanks)
        }
        _ => Span::new(start + around.text.get(start..whole.range().start)?.trim_end().len(), whole.range().end),
    };
    Some(vec![Edit { at: Loc::new(scope.at.file, at), text: String::new() }])
}

/// Puts the user back that was set before root was, behind all that the stage does.
fn drop_rights(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let fact = scope.own.get(editing.model.format.schema.key(scope.kind, "reset_to_root")?)?;
    let Origin::Derived(places) = &fact.origin else { return None };
    let user = editing.reader.slice(*places.get(1)?);
    let around = editing.file(scope.at)?;
    let stage = around.text.get(..scope.extent.range().end)?.trim_end();
    let plain = !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
    if !plain || stage.ends_with(['\\', '`']) {
        return None;
    }
    let at = Loc::new(scope.at.file, Span::new(stage.len(), stage.len()));
    Some(vec![Edit { at, text: format!("{}USER {user}", around.newline(stage.len())) }])
}

/// Words besides that change the shell in which the next command runs, or end it.
const OF_SHELLS_BESIDES: &[&str] = &[
    "!", "[[", "builtin", "declare", "else", "enable", "exec", "fi", "let", "popd", "pushd", "shopt", "then",
    "typeset", "{",
];

/// Whether a text is commands of which each runs where the one before it succeeded: `a && b`, on one line or several.
fn is_chain(text: &str) -> bool {
    let (mut quote, mut before) = (None, ' ');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None) if matches!(chars.peek(), Some('\n' | '\r')) => {
                while chars.next_if(|c| matches!(c, '\n' | '\r')).is_some() {}
                before = ' ';
                continue;
            }
            ('\\', None | Some('"')) => {
                chars.next();
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('&', None) if chars.next_if_eq(&'&').is_none() => return false,
            ('|', None) if chars.peek() == Some(&'|') => return false,
            (';' | '(' | ')' | '`' | '\n' | '\r' | '<', None) => return false,
            ('#', None) if before.is_whitespace() => return false,
            _ => {}
        }
        before = c;
    }
    quote.is_none()
}

/// Whether none of the commands of a chain leaves the shell another than it was, or takes its place.
fn leaves_no_trace(text: &str) -> bool {
    text.split("&&").all(|command| {
        let words = command.split_whitespace().filter(|word| *word != "\\");
        let mut words = words.skip_while(|word| word.contains('=') && !word.contains(['"', '\'', '$']));
        words.next().is_some_and(|word| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
            word.chars().all(plain) && !OF_SHELLS.contains(&word) && !OF_SHELLS_BESIDES.contains(&word)
        })
    })
}

/// Puts a step and the one right behind it together.
fn join(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let schema = editing.model.format.schema;
    let around = editing.file(scope.at)?;
    let command = |scope: &Scope| {
        scope.own.get(schema.key(kinds::RUN, "shell")?)?;
        let instruction = scope.own.get(schema.key(kinds::RUN, "instruction")?)?;
        let form = scope.own.get(schema.key(kinds::RUN, "form")?)?;
        let text = around.text.get(form.at.span.range())?;
        let from = around.text.get(instruction.at.span.range().end..form.at.span.range().start)?;
        // Its flags are not the other's.
        let fits = instruction.value.as_str() == Some("RUN") && from.trim().is_empty() && !text.contains("<<");
        (fits && form.at.file == scope.at.file).then_some((instruction.at.span.range().start, form.at.span.range()))
    };
    let (_, first) = command(scope)?;
    let end = first.start + around.text.get(first.clone())?.trim_end().len();
    let runs = editing.model.scopes.iter().filter(|other| other.kind == kinds::RUN && other.parent == scope.parent);
    let mut next = runs.filter_map(command).filter(|(start, _)| *start >= end);
    let (start, second) = next.next()?;
    let between = around.text.get(end..start)?.trim();
    let (last, next) = (around.text.get(first)?.trim_end(), around.text.get(second.clone())?);
    let chains = is_chain(last) && leaves_no_trace(last) && is_chain(next.trim_end());
    let alone = between.is_empty() && !last.ends_with(['\\', '&', '|']) && chains;
    let at = Loc::new(scope.at.file, Span::new(end, second.start));
    alone.then(|| vec![Edit { at, text: " && ".to_owned() }])
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
    fn a_variable_is_taken_out() {
        let made = |text: &str| edited("Dockerfile", &format!("FROM a\n{text}"), "env", "DEBUG", &Change::Remove);
        for (before, after) in [
            ("ENV DEBUG=1\nUSER b\n", Some("USER b\n")),
            ("ENV DEBUG=1 A=b\n", Some("ENV A=b\n")),
            ("ENV A=b DEBUG=\"1\" C=d\n", Some("ENV A=b C=d\n")),
            ("ENV A=b DEBUG=1\n", Some("ENV A=b\n")),
            ("ENV A=b \\\n    DEBUG=1 \\\n    C=d\n", Some("ENV A=b \\\n    C=d\n")),
            ("ENV A=b \\\n    DEBUG=1\n", None),
            ("ENV DEBUG=1 \\\n    A=b\n", None),
            ("ENV DEBUG 1\n", None),
        ] {
            assert_eq!(made(before), after.map(|after| format!("FROM a\n{after}")), "{before}");
        }
    }

    #[test]
    fn the_earlier_user_comes_back() {
        let change = Change::Add("User", "earlier");
        let made = |text: &str| edited("Dockerfile", text, "stage", "debian:12", &change);
        let before = "FROM debian:12\nUSER app\nUSER root\nRUN apt-get update\n\n";
        assert_eq!(made(before), Some(before.replace("update\n", "update\nUSER app\n")));
        assert_eq!(made("FROM debian:12\nUSER app\n"), None);
    }

    #[test]
    fn two_steps_become_one() {
        let change = Change::Add("instruction", "next");
        let made = |text: &str| edited("Dockerfile", &format!("FROM a\n{text}"), "run", "RUN", &change);
        let before = "RUN apt-get update\n\nRUN apt-get install -y b \\\n    c\n";
        assert_eq!(made(before).as_deref(), Some("FROM a\nRUN apt-get update && apt-get install -y b \\\n    c\n"));
        let before = "RUN A=b a -y && c \\\n    && d 'x;y' | e\nRUN f\n";
        assert_eq!(made(before), Some(format!("FROM a\n{}", before.replace("\nRUN f", " && f"))));
        for text in [
            "RUN a\n",
            "RUN a\nUSER b\nRUN c\n",
            "RUN a\nRUN --network=none c\n",
            "RUN a\nRUN [\"c\"]\n",
            "RUN a || true\nRUN b\n",
            "RUN exec a\nRUN b\n",
            "RUN cd /tmp && a\nRUN b\n",
            "RUN A=b && a\nRUN b\n",
            "RUN export A=b && a\nRUN b\n",
            "RUN a; b\nRUN c\n",
            "RUN a &\nRUN c\n",
            "RUN (a)\nRUN c\n",
            "RUN a\nRUN b; c\n",
            "RUN a\nRUN b || c\n",
            "RUN a\nRUN set -e; \\\n    c\n",
        ] {
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
