//! Downloads, and what runs them unseen: `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`, `curl -o f …; sh f`.

use super::{Fact, compares, is, values};
use crate::syntax::shell::{Command, How, Script, Word};
use crate::text::Span;

/// Programs that pass on what they read, so that what comes in goes out.
pub(super) const FILTERS: &[&str] =
    &["cat", "tee", "sed", "tr", "gunzip", "zcat", "gzip", "base64", "head", "tail", "grep", "awk", "pv"];

/// The address that a command downloads from.
pub(super) fn url(command: &Command) -> Option<Fact> {
    let word = url_of(command)?;
    Some(Fact::Text(word.shown(), vec![word.span]))
}

/// The word that holds it.
pub(super) fn url_of(command: &Command) -> Option<&Word> {
    command.arguments().iter().find(|word| is_url(word)).filter(|_| fetches(command))
}

fn is_url(word: &Word) -> bool {
    let start = word.start();
    ["http://", "https://", "ftp://"].iter().any(|scheme| start.starts_with(scheme))
}

fn fetches(command: &Command) -> bool {
    matches!(command.program(), Some("curl" | "wget" | "fetch" | "http" | "https" | "aria2c" | "lynx"))
}

/// Whether what a command downloads goes to its standard output.
pub(super) fn to_output(command: &Command) -> bool {
    if !fetches(command)
        || command.redirects.iter().any(|redirect| {
            redirect.mark.starts_with('>') && redirect.descriptor.unwrap_or(1) == 1 && !redirect.mark.contains('&')
        })
    {
        return false;
    }
    let words = command.arguments();
    let texts = || words.iter().filter_map(Word::known);
    match command.program() {
        Some("curl") => {
            let file = |text: &str| {
                matches!(text, "--output" | "--remote-name" | "--remote-name-all" | "-o" | "-O")
                    || text.starts_with("--output=")
                    || short_flags(text).is_some_and(|letters| letters.contains('O') || letters.contains('o'))
            };
            let stdout =
                words.windows(2).any(|pair| matches!(pair, [a, b] if is(b, "-") && a.known().is_some_and(file)));
            stdout || !texts().any(file)
        }
        Some("wget") => {
            let pairs = words.windows(2).any(|pair| {
                matches!(pair, [a, b] if is(b, "-") && a.known().is_some_and(|text| {
                    text == "--output-document" || short_flags(text).is_some_and(|letters| letters.ends_with('O'))
                }))
            });
            pairs
                || texts().any(|text| {
                    text == "--output-document=-" || short_flags(text).is_some_and(|letters| letters.ends_with("O-"))
                })
        }
        Some("fetch") => words.windows(2).any(|pair| matches!(pair, [a, b] if is(a, "-o") && is(b, "-"))),
        _ => true,
    }
}

/// The letters of short options in one word: `-fsSL`. What follows a letter that takes a value is its value.
fn short_flags(text: &str) -> Option<&str> {
    let letters = text.strip_prefix('-').filter(|letters| !letters.starts_with('-') && !letters.is_empty())?;
    // curl's options that take a value in the same word, but for `o` itself.
    let end = letters.find(|c: char| "AbcCdDeEFhHKmPQrtTuUwxXyYz".contains(c)).unwrap_or(letters.len());
    letters.get(..end)
}

/// The interpreter that a command is, if it runs what it reads from its input.
fn runs_input(command: &Command) -> Option<&str> {
    let program = command.program()?;
    let arguments = command.arguments();
    let fed = command
        .redirects
        .iter()
        .any(|redirect| redirect.mark.starts_with('<') && redirect.descriptor.unwrap_or(0) == 0);
    if fed {
        return None;
    }
    let reads = match program {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" => {
            let first = first_operand(arguments, &["-o", "-O", "+O", "--rcfile", "--init-file"]);
            let command = arguments.iter().any(|word| {
                word.known().is_some_and(|text| text.starts_with('-') && !text.starts_with("--") && text.contains('c'))
            });
            let stdin = arguments.iter().any(|word| {
                word.known().is_some_and(|text| text.starts_with('-') && !text.starts_with("--") && text.contains('s'))
            });
            !command && (stdin || first.is_none_or(|word| is(word, "-") || is(word, "/dev/stdin")))
        }
        "python" | "python2" | "python3" | "perl" | "ruby" | "node" | "php" => {
            let first = first_operand(arguments, &["-W", "-X", "-I", "-r", "-e", "-c", "-m", "-d"]);
            let inline = arguments.iter().any(|word| {
                matches!(
                    word.known(),
                    Some("-c" | "-m" | "-e" | "-r" | "-p" | "-n" | "-ne" | "-pe" | "-rjson" | "--eval" | "--print")
                ) || word.start().starts_with("-m")
            });
            !inline && first.is_none_or(|word| is(word, "-") || is(word, "/dev/stdin"))
        }
        name if name.starts_with("python3.") => {
            first_operand(arguments, &["-W", "-X"]).is_none_or(|word| is(word, "-"))
        }
        "source" | "." => arguments.first().is_some_and(|word| is(word, "/dev/stdin")),
        _ => false,
    };
    reads.then_some(program)
}

/// The first word that is no option; `-` counts as one.
fn first_operand<'w>(arguments: &'w [Word], with_value: &[&str]) -> Option<&'w Word> {
    let mut skip = false;
    for word in arguments {
        let text = word.known().unwrap_or_else(|| word.start());
        if std::mem::take(&mut skip) {
            continue;
        }
        if text.len() > 1 && text.starts_with('-') {
            if text == "--" {
                continue;
            }
            skip = with_value.contains(&text);
        } else {
            return Some(word);
        }
    }
    None
}

/// The downloads of a script that are run unseen: their indexes, and the interpreters that run them.
pub(super) fn piped(script: &Script) -> Vec<(usize, Fact)> {
    let mut found = Vec::new();
    for (index, command) in script.commands.iter().enumerate() {
        if let Some(interpreter) = runs_input(command) {
            for (from, source) in script.upstream(index) {
                if to_output(source) {
                    let whole = source.span.to(command.span);
                    found.push((from, fact(interpreter, whole, command.span)));
                }
                if !source.program().is_some_and(|name| FILTERS.contains(&name)) {
                    break;
                }
            }
        }
        // Inside a word of another command: `sh -c "$(curl …)"`, `bash <(curl …)`, `eval "$(curl …)"`.
        let Some(inside) = command.inside else { continue };
        let Some(outer) = script.commands.get(inside.command) else { continue };
        if !to_output(command) {
            continue;
        }
        if let Some(interpreter) = runs_output(outer, inside.how) {
            found.push((index, fact(interpreter, outer.span, outer.span)));
        }
    }
    found
}

/// The downloads of a script that are saved and then run, with nothing between that compares them: their indexes, and what
/// runs them.
pub(super) fn saved(script: &Script) -> Vec<(usize, Fact)> {
    let mut found = Vec::new();
    for (index, command) in script.commands.iter().enumerate() {
        let Some(file) = saved_as(command) else { continue };
        let mut later = script.commands.iter().skip(index + 1).take_while(|command| !compares(command));
        if let Some((by, runner)) = later.find_map(|later| Some((later, runs(later, &file)?))) {
            found.push((index, fact(&runner, command.span, by.span)));
        }
    }
    found
}

/// The file that a download is saved as, as the script writes it.
pub(super) fn saved_as(command: &Command) -> Option<String> {
    if !fetches(command) {
        return None;
    }
    let url = command.arguments().iter().find(|word| is_url(word))?.shown();
    let words = command.arguments();
    let redirect = command.redirects.iter().find(|it| it.mark == ">" && it.descriptor.unwrap_or(1) == 1);
    if let Some(redirect) = redirect {
        return Some(plain(&redirect.target.shown()).to_owned());
    }
    let named = |long: &str, short: char| {
        let after = words.windows(2).find_map(|pair| match pair {
            [a, b]
                if a.known().is_some_and(|text| {
                    text == long || short_flags(text).is_some_and(|letters| letters.ends_with(short))
                }) =>
            {
                Some(b.shown())
            }
            _ => None,
        });
        let joined = || words.iter().find_map(|word| super::attached(word, long).map(str::to_owned));
        after.or_else(joined)
    };
    let own_name = || url.split(['?', '#']).next().and_then(|url| url.rsplit('/').next()).map(str::to_owned);
    let flag = |long: &str, short: char| {
        words
            .iter()
            .filter_map(Word::known)
            .any(|text| text == long || short_flags(text).is_some_and(|letters| letters.contains(short)))
    };
    let (file, folder) = match command.program()? {
        "curl" => {
            let named = named("--output", 'o').or_else(|| own_name().filter(|_| flag("--remote-name", 'O')));
            (named?, values(command, &["--output-dir"]).first().map(|(folder, _)| (*folder).to_owned()))
        }
        "wget" => match named("--output-document", 'O') {
            Some(file) => (file, None),
            None => (own_name()?, named_folder(words)),
        },
        _ => return None,
    };
    if file == "-" || file.is_empty() {
        return None;
    }
    Some(match folder {
        Some(folder) => format!("{}/{}", folder.trim_end_matches('/'), plain(&file)),
        None => plain(&file).to_owned(),
    })
}

/// The folder that `wget` saves to.
fn named_folder(words: &[Word]) -> Option<String> {
    let takes =
        |word: &Word| word.known().is_some_and(|text| text == "--directory-prefix" || text == "-P" || text == "-qP");
    let after = words.windows(2).find_map(|pair| match pair {
        [a, b] if takes(a) => Some(b.shown()),
        _ => None,
    });
    after.or_else(|| words.iter().find_map(|word| super::attached(word, "--directory-prefix").map(str::to_owned)))
}

/// What runs a file, if a command does: an interpreter, or the file itself where its name says that it is a script. A
/// program that was downloaded and put in its place is asked for its version, and no more.
fn runs(command: &Command, file: &str) -> Option<String> {
    let at = command.program_at()?;
    let itself = command.words.get(at)?;
    let is_script = [".sh", ".bash", ".py", ".pl", ".rb", ".run"].iter().any(|ending| file.ends_with(ending))
        || file.contains("install");
    if plain(&itself.shown()) == file && is_script && itself.shown().contains('/') {
        return Some(itself.shown());
    }
    let program = command.program()?;
    let with_value: &[&str] = match program {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "source" | "." => &["-o", "-O", "-c"],
        "python" | "python2" | "python3" | "perl" | "ruby" | "node" | "php" => &["-W", "-X", "-c", "-m", "-e", "-r"],
        _ => return None,
    };
    let operand = first_operand(command.arguments(), with_value)?;
    (plain(&operand.shown()) == file).then(|| program.to_owned())
}

/// A path without the sign that it stands in the folder where the script is.
fn plain(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

fn fact(interpreter: &str, whole: Span, by: Span) -> Fact {
    let mut places = vec![whole];
    if by != whole {
        places.push(by);
    }
    Fact::Text(interpreter.to_owned(), places)
}

/// The interpreter that runs what another command puts into its words.
fn runs_output(outer: &Command, how: How) -> Option<&str> {
    let program = outer.program()?;
    let arguments = outer.arguments();
    let only_output = |word: &Word| word.known().is_none() && word.start().is_empty();
    let runs = match how {
        How::Substitution => match program {
            "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" => {
                let flag = arguments
                    .iter()
                    .position(|word| word.known().is_some_and(|text| text.starts_with('-') && text.ends_with('c')));
                flag.and_then(|at| arguments.get(at + 1)).is_some_and(only_output)
            }
            "eval" => arguments.first().is_some_and(only_output),
            "python" | "python3" | "perl" | "ruby" => {
                let flag = arguments.iter().position(|word| matches!(word.known(), Some("-c" | "-e")));
                flag.and_then(|at| arguments.get(at + 1)).is_some_and(only_output)
            }
            _ => false,
        },
        How::ReadFrom => {
            matches!(program, "sh" | "bash" | "zsh" | "ksh" | "source" | "." | "python" | "python3" | "perl" | "ruby")
                && first_operand(arguments, &["-o", "-O"]).is_some_and(only_output)
        }
        How::WriteTo | How::Argument => false,
    };
    runs.then_some(program)
}
