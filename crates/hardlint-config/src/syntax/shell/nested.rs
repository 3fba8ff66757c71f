//! Scripts inside a script: `sh -c "…"`, `su -c …`, `bash <<EOF`, `eval "…"`, `trap "…" EXIT`.

use super::{Command, How, Inside, Script, Word};

/// How deep `sh -c "sh -c …"` is followed.
const LEVELS: usize = 4;

/// Adds the commands of nested scripts after those of the script.
pub(super) fn expand(script: &mut Script) {
    let mut from = 0;
    for _ in 0..LEVELS {
        let to = script.commands.len();
        for index in from..to {
            let Some(text) = script.commands.get(index).and_then(inner) else { continue };
            let mut nested = super::parse::parse(text.text());
            nested.map(&text);
            let base = script.commands.len();
            script.truncated |= nested.truncated;
            for mut command in nested.commands {
                command.reads_from = command.reads_from.map(|from| from + base);
                command.inside = match command.inside {
                    Some(inside) => Some(Inside { command: inside.command + base, ..inside }),
                    None => Some(Inside { command: index, how: How::Argument }),
                };
                script.commands.push(command);
            }
        }
        from = to;
        if from == script.commands.len() {
            return;
        }
    }
}

/// The text that a command gives to a shell.
fn inner(command: &Command) -> Option<crate::syntax::joined::Joined> {
    let program = command.program()?;
    let arguments = command.arguments();
    let script = match program {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" => {
            let flag = arguments.iter().position(|word| word.known().is_some_and(is_command_flag));
            match flag {
                // Only options may stand before it.
                Some(at) if arguments.iter().take(at).all(|word| word.start().starts_with(['-', '+'])) => {
                    arguments.get(at + 1..)?.iter().find(|word| !word.start().starts_with('-'))?
                }
                None if arguments.iter().all(|word| word.start().starts_with('-')) => heredoc(command)?,
                _ => return None,
            }
        }
        "su" | "runuser" => {
            let at = arguments.iter().position(|word| matches!(word.known(), Some("-c" | "--command")))?;
            arguments.get(at + 1)?
        }
        "eval" => arguments.first()?,
        // What is done when the script ends.
        "trap" => arguments.first().filter(|_| arguments.len() > 1)?,
        _ => return None,
    };
    Some(script.script()).filter(|text| !text.text().trim().is_empty())
}

/// The heredoc or here-string that a command reads.
fn heredoc(command: &Command) -> Option<&Word> {
    let fed = command.redirects.iter().rev().find(|redirect| redirect.descriptor.unwrap_or(0) == 0)?;
    fed.mark.starts_with("<<").then_some(&fed.target)
}

/// `-c`, also among others as in `-exc`.
fn is_command_flag(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|letters| {
        letters.ends_with('c') && letters.len() <= 8 && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}
