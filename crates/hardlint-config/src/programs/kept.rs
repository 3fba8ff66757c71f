//! Secrets that a build step is lent, by a mount or an argument, and that it leaves in what it makes: in a file, in the
//! configuration of a program, in the address of a repository.
//!
//! Knows where a secret comes from and where it goes, not what it is.

use super::keys::is_removed;
use super::settings::written_to;
use crate::secrets;
use crate::syntax::shell::{Command, How, Part, Script, Word};
use crate::text::Span;

/// How many commands a secret is followed through.
const DEPTH: usize = 8;
/// Programs that say what they read, or are told.
const TELLERS: &[&str] = &["awk", "base64", "cat", "cut", "echo", "head", "jq", "printf", "sed", "tail", "tee", "tr"];
/// Programs that keep what a command of theirs is told, and the words of that command.
const KEEPERS: &[(&str, &str)] = &[
    ("aws", "configure"),
    ("bundle", "config"),
    ("composer", "config"),
    ("conda", "config"),
    ("docker", "login"),
    ("gcloud", "activate-service-account"),
    ("gh", "login"),
    ("git", "clone"),
    ("git", "config"),
    ("helm", "add"),
    ("npm", "set"),
    ("pip", "set"),
    ("pip3", "set"),
    ("pnpm", "set"),
    ("podman", "login"),
    ("poetry", "config"),
    ("yarn", "set"),
];
/// Words that take back what was kept.
const UNDOERS: &[&str] = &[
    "--remove-section",
    "--unset",
    "--unset-all",
    "delete",
    "logout",
    "remove",
    "remove-section",
    "rm",
    "unset",
    "set-url",
];
/// Files that hold nothing but a key or a login.
const KEY_FILES: &[&str] = &[
    ".aws/credentials",
    ".docker/config.json",
    ".git-credentials",
    ".kube/config",
    ".pgpass",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
];
/// Names before a value in files of programs, whose words do not say that it is secret.
const NAMES: &[&str] = &["_auth", "_authToken", "auth", "password"];

/// What a step is lent.
#[derive(Debug, Default)]
pub(crate) struct Lent {
    /// Paths at which a secret is mounted.
    pub(crate) files: Vec<String>,
    /// Variables that hold one.
    pub(crate) variables: Vec<String>,
}

/// Something that a step keeps.
pub(crate) struct Kept {
    /// The index of the command that keeps it.
    pub(crate) by: usize,
    /// Where.
    pub(crate) what: String,
    pub(crate) at: Span,
}

/// What the commands of a script keep of what they are lent, unless they take it away again; `passing` folders are no part of
/// what is made.
pub(crate) fn kept(script: &Script, lent: &Lent, passing: &[String]) -> Vec<Kept> {
    let mut follow = Follow { script, files: &lent.files, variables: lent.variables.clone() };
    // What a variable of the script is set to, is lent under that name as well.
    for command in &script.commands {
        let exported = matches!(command.program(), Some("export" | "declare" | "local"));
        for assignment in command.assignments.iter().filter(|_| command.words.is_empty() || exported) {
            if follow.is_lent(&assignment.value) || follow.is_told(&assignment.value) {
                follow.variables.push(assignment.name.to_string());
            }
        }
    }
    let indexes = 0..script.commands.len();
    indexes.filter_map(|by| follow.keeps(by, passing).map(|(what, at)| Kept { by, what, at })).collect()
}

/// The variables that a script uses as only a secret is used: written into a file of keys, behind the name of a password, or
/// as the login of an address.
pub(crate) fn by_use(script: &Script) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, command) in script.commands.iter().enumerate() {
        for word in command.arguments().iter().take(200) {
            found.extend(logins(word).map(str::to_owned));
        }
        let says = matches!(command.program(), Some("echo" | "printf"));
        let Some(file) = written_to(script, index).or_else(|| behind(script, index)).filter(|_| says) else { continue };
        let whole = KEY_FILES.iter().any(|known| file == *known || file.ends_with(&format!("/{known}")));
        for word in command.arguments().iter().take(200) {
            let mut before = String::new();
            for part in &word.parts {
                match part {
                    Part::Text { text, .. } => before.push_str(text),
                    Part::Variable { name, .. } => {
                        if whole && before.is_empty() && word.parts.len() == 1 || is_named_secret(&before) {
                            found.push(name.to_string());
                        }
                        before.push(' ');
                    }
                    Part::Output { .. } => before.push(' '),
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The file that a pipe which only decodes ends in: `echo "$KEY" | base64 -d > id_rsa`.
fn behind(script: &Script, index: usize) -> Option<String> {
    let (next, command) = script.reader(index)?;
    let decodes = matches!(command.program(), Some("base64" | "tr" | "sed"));
    written_to(script, next).filter(|_| decodes)
}

/// Whether a text ends with a name behind which a secret stands: `//registry.npmjs.org/:_authToken=`.
fn is_named_secret(text: &str) -> bool {
    let line = text.rsplit(['\n', ';']).next().unwrap_or_default();
    let line = line.rsplit("\\n").next().unwrap_or_default();
    if line.contains("login ") && line.ends_with(" password ") {
        return true;
    }
    let Some(named) = line.trim_end_matches(['"', '\'']).trim_end().strip_suffix(['=', ':']) else { return false };
    let name = named.trim_end().trim_end_matches(['"', '\'']);
    let name = name.rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).next();
    name.is_some_and(|name| NAMES.contains(&name) || secrets::is_secret_name(name))
}

/// The variables that an address has for a password, or for all of its login.
fn logins(word: &Word) -> impl Iterator<Item = &str> {
    let parts: &[Part] = &word.parts;
    let text = |at: Option<usize>| match at.and_then(|at| parts.get(at)) {
        Some(Part::Text { text, .. }) => &**text,
        _ => "",
    };
    parts.iter().enumerate().filter_map(move |(at, part)| {
        let Part::Variable { name, .. } = part else { return None };
        let (before, after) = (text(at.checked_sub(1)), text(Some(at + 1)));
        // A host follows, and no version of what the address names.
        let host = after.strip_prefix('@')?;
        let known = host.starts_with(|c: char| c.is_ascii_alphanumeric()) && host.contains(['.', '/']);
        let given = host.is_empty()
            && matches!(parts.get(at + 2), Some(Part::Variable { .. }))
            && text(Some(at + 3)).starts_with(['/', ':']);
        if !known && !given {
            return None;
        }
        let alone = before.ends_with("https://") || before.ends_with("http://");
        let user = at.checked_sub(2).and_then(|at| parts.get(at));
        let password = match before.rsplit_once("://") {
            Some((_, user)) => user.ends_with(':'),
            None => {
                before == ":" && matches!(user, Some(Part::Variable { .. })) && text(at.checked_sub(3)).ends_with("://")
            }
        };
        (alone || password).then_some(&**name)
    })
}

struct Follow<'s> {
    script: &'s Script,
    files: &'s [String],
    variables: Vec<String>,
}

impl Follow<'_> {
    /// Whether a word is, or has in it, what the step is lent.
    fn is_lent(&self, word: &Word) -> bool {
        let path = |text: &str| self.files.iter().any(|file| text == file || text.ends_with(&format!("={file}")));
        word.known().is_some_and(path)
            || word.parts.iter().any(|part| {
                // `${NAME:+set}` only says whether there is one.
                let says = |text: &str| text.contains('+') || text.starts_with("${#");
                matches!(part, Part::Variable { name, text, .. }
                    if self.variables.iter().any(|known| **known == **name) && !says(text))
            })
    }

    /// Whether a word has the output of a command in it that says the secret.
    fn is_told(&self, word: &Word) -> bool {
        let places = word.parts.iter().filter_map(|part| if let Part::Output { at } = part { Some(*at) } else { None });
        let within = |at: Span, span: Span| at.start <= span.start && span.end <= at.end;
        let commands = || self.script.commands.iter().enumerate();
        places.into_iter().any(|at| {
            commands().any(|(index, command)| {
                let inside = command.inside.is_some_and(|inside| inside.how == How::Substitution);
                inside && within(at, command.span) && self.tells(index, 0)
            })
        })
    }

    /// Whether the output of a command has the secret in it.
    fn tells(&self, index: usize, depth: usize) -> bool {
        let Some(command) = self.script.commands.get(index).filter(|_| depth < DEPTH) else { return false };
        command.program().is_some_and(|program| TELLERS.contains(&program)) && self.takes(command, depth)
    }

    /// Whether a command is told the secret, or reads it.
    fn takes(&self, command: &Command, depth: usize) -> bool {
        command.arguments().iter().any(|word| self.is_lent(word) || self.is_told(word))
            || command
                .redirects
                .iter()
                .any(|it| it.mark.starts_with('<') && (self.is_lent(&it.target) || self.is_told(&it.target)))
            || command.reads_from.is_some_and(|from| self.tells(from, depth + 1))
    }

    /// Where a command keeps the secret.
    fn keeps(&self, index: usize, passing: &[String]) -> Option<(String, Span)> {
        let command = self.script.commands.get(index)?;
        let program = command.program()?;
        let stays = |path: &str| {
            let passes = passing.iter().any(|folder| path.starts_with(folder.as_str()));
            let mounted = self.files.iter().any(|file| file == path);
            !passes && !mounted && !path.starts_with("/dev/") && !is_removed(self.script, path)
        };
        if program != "tee"
            && let Some(file) = written_to(self.script, index)
            && self.tells(index, 0)
            && stays(&file)
        {
            return Some((format!("`{file}`"), command.span));
        }
        let arguments = command.arguments();
        if matches!(program, "cp" | "install" | "mv") {
            let from = arguments
                .iter()
                .find(|word| word.known().is_some_and(|text| self.files.iter().any(|file| file == text)))?;
            let to = arguments.last().filter(|to| to.span != from.span)?;
            return Some((format!("`{}`", to.shown()), to.span)).filter(|_| stays(&to.shown()));
        }
        let has = |wanted: &str| arguments.iter().any(|word| word.known() == Some(wanted));
        let (_, verb) = KEEPERS.iter().find(|(known, verb)| *known == program && has(verb))?;
        let undone = |later: &Command| {
            let words = || later.arguments().iter().map(Word::shown);
            match later.program() {
                Some("rm" | "shred") => {
                    words().any(|word| word.contains("/.") || word.starts_with('.') || word.starts_with("/root"))
                }
                Some(other) => other == program && words().any(|word| UNDOERS.contains(&word.as_str())),
                None => false,
            }
        };
        let later = self.script.commands.get(index + 1..).unwrap_or_default();
        // What is only shown, or taken out, is not kept.
        let asks = arguments
            .iter()
            .any(|word| word.known().is_some_and(|text| matches!(text, "--get" | "--unset" | "--list")));
        let kept = !asks && self.takes(command, 0) && !later.iter().any(undone);
        let of_clone = *verb != "clone" || arguments.iter().any(|word| self.is_login(word));
        (kept && of_clone).then(|| {
            let what = if *verb == "clone" { "the clone, as its address" } else { "the configuration of " };
            let what = if *verb == "clone" { what.to_owned() } else { format!("{what}`{program}`") };
            (what, command.span)
        })
    }

    /// Whether a word is an address with the secret in its login.
    fn is_login(&self, word: &Word) -> bool {
        let shown = word.shown();
        shown.contains("://") && shown.contains('@') && (self.is_lent(word) || self.is_told(word))
    }
}
