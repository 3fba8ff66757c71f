//! The lists of Compose files in a text: in commands of whatever it is written in, and in `COMPOSE_FILE`.

use memchr::memmem;

/// One list, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The files, none where Compose looks for its own; nothing where a part of the list is not known.
    pub(super) files: Option<Vec<String>>,
    /// The files of variables that the command names in the place of `.env`; nothing where one of them is not known.
    pub(super) env_files: Option<Vec<String>>,
    /// The folder that the same line goes to first.
    pub(super) inside: Option<String>,
    /// Where it begins.
    pub(super) at: usize,
    /// Whether services are started by it.
    pub(super) starts: bool,
}

/// Lists in one text that are read.
const MAX: usize = 200;
/// Words of one command that are read.
const MAX_WORDS: usize = 64;

/// Options that take the next word.
const WITH_VALUE: &[&str] =
    &["-p", "--project-name", "--profile", "--ansi", "--progress", "--parallel", "-c", "--context"];

/// What Compose is asked to do; without it, a text only speaks of Compose.
const SUBCOMMANDS: &[&str] = &[
    "build", "config", "create", "down", "exec", "images", "kill", "logs", "ls", "pause", "port", "ps", "pull", "push",
    "restart", "rm", "run", "start", "stop", "top", "unpause", "up", "wait", "watch",
];

/// All lists of a text.
pub(super) fn of(text: &str) -> Vec<Written> {
    let commands = memmem::find_iter(text.as_bytes(), "docker").filter_map(|at| command(text, at));
    let variables = memmem::find_iter(text.as_bytes(), "COMPOSE_FILE").filter_map(|at| variable(text, at));
    commands.take(MAX).chain(variables.take(MAX)).collect()
}

/// The command at `docker compose` or `docker-compose`.
fn command(text: &str, at: usize) -> Option<Written> {
    let before = text.get(..at)?;
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return None;
    }
    let rest = text.get(at..)?.strip_prefix("docker")?;
    let rest = rest.strip_prefix('-').or_else(|| Some(rest.trim_start_matches(' ')).filter(|it| it.len() < rest.len()));
    let rest = rest?.strip_prefix("compose").filter(|rest| rest.starts_with([' ', '\t']))?;
    let mut words = words(rest).into_iter();
    let (mut files, mut known) = (Vec::new(), true);
    let mut env_files = Some(Vec::new());
    let mut asked = None;
    while let Some(word) = words.next() {
        let value = match word.as_deref() {
            Some("-f" | "--file") => words.next().flatten(),
            Some(word) if word.starts_with("--file=") => word.strip_prefix("--file=").map(str::to_owned),
            Some(word) if word == "--env-file" || word.starts_with("--env-file=") => {
                let value = match word.split_once('=') {
                    Some((_, value)) => Some(value.to_owned()),
                    None => words.next().flatten(),
                };
                env_files = env_files.zip(value.filter(|file| is_path(file))).map(|(mut all, file)| {
                    all.push(file);
                    all
                });
                continue;
            }
            // Another folder than that of the first file is what the paths in all of them are seen from.
            Some(word) if word.starts_with("--project-directory") => None,
            Some(word) if word.starts_with("--") && word.contains('=') => continue,
            Some(word) if WITH_VALUE.contains(&word) => {
                words.next();
                continue;
            }
            Some(word) if word.starts_with("-f") => word.strip_prefix("-f").map(str::to_owned),
            Some(word) if word.starts_with('-') => continue,
            Some(word) => {
                asked = SUBCOMMANDS.iter().find(|known| **known == word);
                break;
            }
            None => None,
        };
        match value.filter(|file| is_path(file)) {
            Some(file) => files.push(file),
            None => known = false,
        }
    }
    // A line such as `COMPOSE = docker compose -f a -f b` names files, and leaves to others what is done with them.
    let starts = matches!(asked, Some(&("up" | "run" | "start" | "create")));
    if asked.is_none() && files.is_empty() && known {
        return None;
    }
    Some(Written { files: known.then_some(files), env_files, inside: goes_to(before), at, starts })
}

/// The folder that `cd` goes to earlier in the same line.
fn goes_to(before: &str) -> Option<String> {
    let line = before.rsplit('\n').next()?;
    let at = line.rfind("cd ")?;
    let boundary = line.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let folder = line.get(at + 3..)?.split([' ', '\t', ';', '&', '"', '\'']).find(|word| !word.is_empty())?;
    (boundary && is_path(folder)).then(|| folder.to_owned())
}

/// Whether a word is a path below some folder, written out.
fn is_path(word: &str) -> bool {
    !word.is_empty() && !word.starts_with(['/', '~', '-']) && !word.contains(['$', '<', '{', '*', '%'])
}

/// The words of a command up to its end, each as it is written; nothing for one that a variable makes.
fn words(text: &str) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = Vec::new();
    let mut rest = text;
    while found.len() < MAX_WORDS {
        rest = rest.trim_start_matches([' ', '\t']);
        if let Some(next) = ["\\\n", "\\\r\n"].iter().find_map(|end| rest.strip_prefix(end)) {
            // The next line of a comment begins as one.
            rest = next.trim_start_matches([' ', '\t']).trim_start_matches(['#', ' ', '\t']);
            continue;
        }
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let Some(quote) = quote {
            let Some((word, behind)) = rest.get(1..).and_then(|inside| inside.split_once(quote)) else { break };
            if word.contains('\n') || word.is_empty() {
                break;
            }
            found.push((!word.contains('$')).then(|| word.to_owned()));
            rest = behind;
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || ";|&`<>\"'\\,".contains(c)).unwrap_or(rest.len());
        // What a variable or a substitution holds may have blanks in it.
        let (word, behind) = match rest.find('$').filter(|at| *at < end) {
            Some(at) => {
                let opened = rest.get(at + 1..).unwrap_or_default();
                let close = if opened.starts_with('(') { Some(')') } else { opened.starts_with('{').then_some('}') };
                let length = close.and_then(|close| opened.find(close)).map_or(end, |length| at + 2 + length);
                (None, rest.get(length.max(at + 1)..).unwrap_or_default())
            }
            None => (rest.get(..end), rest.get(end..).unwrap_or_default()),
        };
        match word {
            Some(word) => {
                let word = word.trim_end_matches(')');
                if word.is_empty() {
                    break;
                }
                found.push(Some(word.to_owned()));
            }
            None => found.push(None),
        }
        rest = behind;
    }
    found
}

/// The list of `COMPOSE_FILE=a:b`, or of `COMPOSE_FILE: a:b`.
fn variable(text: &str, at: usize) -> Option<Written> {
    let before = text.get(..at)?;
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '{')) {
        return None;
    }
    let rest = text.get(at..)?.strip_prefix("COMPOSE_FILE")?;
    let rest = ["=", ": ", " = ", " := ", ":="].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| c.is_whitespace() || "\"'`;&)".contains(c)).unwrap_or(rest.len());
    let list = rest.get(..end).filter(|list| !list.is_empty())?;
    let files: Vec<&str> = list.split(':').collect();
    let all = files.iter().all(|file| is_path(file));
    let is_yaml = |file: &&str| file.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "yml" | "yaml"));
    if all && !files.iter().all(is_yaml) {
        return None;
    }
    let files = all.then(|| files.into_iter().map(str::to_owned).collect());
    Some(Written { files, env_files: None, inside: None, at, starts: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_files_in_many_ways() {
        let list = |text: &str| -> Vec<String> {
            let one = |written: Written| written.files.map_or("?".to_owned(), |files| files.join(" "));
            of(text).into_iter().map(one).collect()
        };
        for (text, expected) in [
            ("docker compose -f a.yml -f b.yml up -d", vec!["a.yml b.yml"]),
            ("docker-compose --file a.yml --file=b.yml -p x up", vec!["a.yml b.yml"]),
            ("`docker compose -fa.yml config`", vec!["a.yml"]),
            ("# docker compose -f a.yml \\\n#   -f b.yml up", vec!["a.yml b.yml"]),
            ("\"up\": \"docker compose -f a.yml up\",", vec!["a.yml"]),
            ("DC := docker compose -f 'a.yml' -f \"b.yml\"\n", vec!["a.yml b.yml"]),
            ("docker compose -f a.yml -f ${B:-b c} up", vec!["?"]),
            ("docker compose $(FILES) up", vec!["?"]),
            ("docker compose -f a.yml up $SERVICE", vec!["a.yml"]),
            ("docker compose up", vec![""]),
            ("docker compose is a tool; see docker-compose.yml", vec![]),
            ("cat x | docker compose -f - up", vec!["?"]),
            ("export COMPOSE_FILE=a.yml:b.yml", vec!["a.yml b.yml"]),
            ("  COMPOSE_FILE: \"a.yml\"", vec!["a.yml"]),
            ("echo $COMPOSE_FILE", vec![]),
            ("COMPOSE_FILE=$A:b.yml", vec!["?"]),
        ] {
            assert_eq!(list(text), expected, "{text}");
        }
    }

    #[test]
    fn a_command_may_name_files_of_variables() {
        let named = |text: &str| of(text).remove(0).env_files;
        let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(named("docker compose up"), list(&[]));
        assert_eq!(named("docker compose --env-file a.env -f x.yml --env-file=b.env up"), list(&["a.env", "b.env"]));
        assert_eq!(named("docker compose --env-file $FILE up"), None);
    }

    #[test]
    fn a_command_may_go_to_a_folder_first() {
        let inside = |text: &str| of(text).remove(0).inside;
        assert_eq!(inside("cd deploy && docker compose up"), Some("deploy".to_owned()));
        assert_eq!(inside("cd \"$DIR\" && docker compose up"), None);
        assert_eq!(inside("docker compose up"), None);
    }
}
