//! Secrets that a build step is lent, by a mount or an argument, and that it leaves in what it makes: in a file, in the
//! configuration of a program, in the address of a repository.
//!
//! Knows where a secret comes from and where it goes, not what it is.

use super::removed::{Removals, inside, is_folder};
use super::settings::written_to;
use super::values;
use crate::secrets;
use crate::syntax::shell::{Command, How, Part, Script, Word};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The longest path of a folder that is followed.
const LONGEST: usize = 4 << 10;
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
/// Words that ask for what is kept.
const ASKERS: &[&str] = &["--get", "--get-all", "--get-regexp", "--list", "-l", "get", "get-value", "list"];
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

/// Where a step stands, and the folders that are no part of what is made.
pub(crate) struct Place<'p> {
    /// The folder that it begins in.
    pub(crate) workdir: &'p str,
    /// Folders that something else is mounted at.
    pub(crate) passing: &'p [String],
}

/// Something that a step keeps.
pub(crate) struct Kept {
    /// The index of the command that keeps it.
    pub(crate) by: usize,
    /// Where.
    pub(crate) what: String,
    /// The path of the file, as far as it is known.
    pub(crate) path: Option<String>,
    pub(crate) at: Span,
}

/// Whether what is mounted under a name is meant for everybody: certificates of those who are trusted, keys of hosts.
pub(crate) fn is_public(name: &str) -> bool {
    const WORDS: &[&str] = &["ca", "cacert", "cacerts", "cert", "certificate", "certificates", "certs", "crt"];
    const SECRET: &[&str] = &["key", "p12", "password", "pfx", "private", "secret", "token"];
    let name = name.trim_start_matches("/run/secrets/").to_ascii_lowercase();
    let has = |known: &[&str]| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| known.contains(&word));
    name.ends_with("known_hosts") || has(WORDS) && !has(SECRET)
}

/// Whether a path is where certificates of those who are trusted lie, or keys of hosts.
fn is_public_place(path: &str) -> bool {
    const PLACES: &[&str] =
        &["/ca-certificates", "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/ssl/certs", "/usr/share/pki"];
    let lower = path.to_ascii_lowercase();
    let ends = [".crt", ".cer", "known_hosts"].iter().any(|end| lower.ends_with(end));
    ends || PLACES.iter().any(|place| lower.contains(place))
}

/// What the commands of a script keep of what they are lent, unless they take it away again.
pub(crate) fn kept(script: &Script, lent: &Lent, place: &Place<'_>) -> Vec<Kept> {
    let follow = Follow::new(script, lent, place);
    (0..script.commands.len()).filter_map(|by| follow.keeps(by)).collect()
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
    // `auth=` is mostly a way to log in; in JSON it is a login.
    let known = |name: &str| {
        NAMES.contains(&name) && (name != "auth" || line.trim_end_matches(['"', '\'']).trim_end().ends_with(':'))
    };
    name.is_some_and(|name| known(name) || secrets::is_secret_name(name))
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
        // Azure and Bitbucket write the account there, and no password.
        let account = alone && ["USER", "LOGIN", "ACCOUNT"].iter().any(|word| name.to_ascii_uppercase().contains(word));
        ((alone && !account) || password).then_some(&**name)
    })
}

/// Where a secret goes in a script. Each command is looked at a fixed number of times, however many there are.
struct Follow<'s> {
    script: &'s Script,
    place: &'s Place<'s>,
    files: BTreeSet<&'s str>,
    variables: BTreeSet<String>,
    /// Whether the output of each command has the secret in it.
    tells: Vec<bool>,
    /// Where the substitutions begin that say the secret, and where they end.
    told: BTreeMap<u32, u32>,
    removals: Removals,
    /// The folders that commands go to, with the commands.
    folders: Vec<(usize, String)>,
    /// The last command of each program that takes something back.
    undone: BTreeMap<&'s str, usize>,
    /// The last that removes files of programs in a folder of somebody's.
    removed: Option<usize>,
}

impl<'s> Follow<'s> {
    fn new(script: &'s Script, lent: &'s Lent, place: &'s Place<'s>) -> Self {
        let mut follow = Self {
            script,
            place,
            files: lent.files.iter().map(String::as_str).collect(),
            variables: lent.variables.iter().cloned().collect(),
            tells: vec![false; script.commands.len()],
            told: BTreeMap::new(),
            removals: Removals::of(script),
            folders: Vec::new(),
            undone: BTreeMap::new(),
            removed: None,
        };
        // What a variable is set to further down, is there the next time that a loop is gone through.
        for _ in 0..2 {
            for (index, command) in script.commands.iter().enumerate() {
                follow.read(index, command);
            }
        }
        for (index, command) in script.commands.iter().enumerate() {
            follow.note(index, command);
        }
        follow
    }

    /// Whether a command says the secret, and what is set to it.
    fn read(&mut self, index: usize, command: &Command) {
        if self.says(command) {
            if let Some(tells) = self.tells.get_mut(index) {
                *tells = true;
            }
            if command.inside.is_some_and(|inside| inside.how == How::Substitution) {
                let end = self.told.entry(command.span.start).or_insert(command.span.end);
                *end = command.span.end.min(*end);
            }
        }
        // What a variable of the script is set to, is lent under that name as well.
        let exported = matches!(command.program(), Some("export" | "declare" | "local"));
        for assignment in command.assignments.iter().filter(|_| command.words.is_empty() || exported) {
            if self.is_lent(&assignment.value) || self.is_told(&assignment.value) {
                self.variables.insert(assignment.name.to_string());
            }
        }
    }

    /// Where a command goes, and what it takes back.
    fn note(&mut self, index: usize, command: &'s Command) {
        let Some(program) = command.program() else { return };
        let words = || command.arguments().iter().map(Word::shown);
        match program {
            "cd" => {
                let Some(to) = command.arguments().first().map(|to| self.removals.written(&to.shown())) else { return };
                let to = if to.starts_with('/') { to } else { inside(self.folder(index), &to) };
                self.folders.extend((to.len() <= LONGEST).then_some((index, to)));
            }
            "rm" | "shred" => {
                let of_program =
                    |word: &String| word.contains("/.") || word.starts_with('.') || word.starts_with("/root");
                if words().any(|word| of_program(&word)) {
                    self.removed = Some(index);
                }
            }
            _ if words().any(|word| UNDOERS.contains(&word.as_str())) => {
                self.undone.insert(program, index);
            }
            _ => {}
        }
    }

    /// The folder that a command is run in.
    fn folder(&self, index: usize) -> &str {
        let before = self.folders.partition_point(|(at, _)| *at < index);
        before.checked_sub(1).and_then(|at| self.folders.get(at)).map_or(self.place.workdir, |(_, folder)| folder)
    }

    /// Whether a text is the path of what the step is lent.
    fn is_file(&self, text: &str) -> bool {
        self.files.contains(text)
            || text.rsplit_once('=').is_some_and(|(_, value)| self.files.contains(value))
            || text.split_once('=').is_some_and(|(_, value)| self.files.contains(value))
    }

    /// Whether a word is, or has in it, what the step is lent.
    fn is_lent(&self, word: &Word) -> bool {
        word.known().is_some_and(|text| self.is_file(text)) || self.has_variable(word)
    }

    /// Whether a word has a variable in it that is lent.
    fn has_variable(&self, word: &Word) -> bool {
        // `${NAME:+set}` only says whether there is one.
        let asks = |text: &str| text.contains('+') || text.starts_with("${#");
        word.parts.iter().any(
            |part| matches!(part, Part::Variable { name, text, .. } if self.variables.contains(&**name) && !asks(text)),
        )
    }

    /// Whether a word has the output of a command in it that says the secret.
    fn is_told(&self, word: &Word) -> bool {
        word.parts.iter().any(|part| match part {
            Part::Output { at } => self.told.range(at.start..at.end).any(|(_, end)| *end <= at.end),
            _ => false,
        })
    }

    /// Whether the output of a command has the secret in it.
    fn says(&self, command: &Command) -> bool {
        command.program().is_some_and(|program| TELLERS.contains(&program)) && says_all(command) && self.takes(command)
    }

    /// Whether a command is told the secret, or reads it.
    fn takes(&self, command: &Command) -> bool {
        let reads = !matches!(command.program(), Some("echo" | "printf"));
        command.arguments().iter().any(|word| self.is_lent(word) || self.is_told(word))
            || command
                .redirects
                .iter()
                .any(|it| it.mark.starts_with('<') && (self.is_lent(&it.target) || self.is_told(&it.target)))
            || reads && command.reads_from.is_some_and(|from| self.tells.get(from) == Some(&true))
    }

    /// A path as it is from the folder that a command is run in.
    fn whole(&self, by: usize, path: &str) -> String {
        let path = ["~/", "$HOME/", "${HOME}/"]
            .iter()
            .find_map(|home| path.strip_prefix(home))
            .map_or_else(|| path.to_owned(), |rest| format!("/root/{rest}"));
        if path.starts_with(['/', '$', '~']) { path } else { inside(self.folder(by), path.trim_start_matches("./")) }
    }

    /// Whether a file that a command writes stays in what is made.
    fn stays(&self, by: usize, path: &str) -> bool {
        let passes = |path: &String| {
            let whole = self.whole(by, path);
            let below = |folder: &String| {
                let rest = whole.strip_prefix(folder.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            self.place.passing.iter().any(below)
        };
        !self.files.contains(path)
            && !path.starts_with("/dev/")
            && !is_public_place(path)
            && !self.removals.takes(path)
            && !self.removals.empties(path, by)
            && !self.removals.paths_of(path).iter().any(passes)
    }

    /// The file that a command keeps the secret in.
    fn in_file(&self, by: usize, path: &str, at: Span) -> Option<Kept> {
        let whole = Some(self.whole(by, path)).filter(|path| path.starts_with('/'));
        self.stays(by, path).then(|| Kept { by, what: format!("`{path}`"), path: whole, at })
    }

    /// Where a command keeps the secret.
    fn keeps(&self, by: usize) -> Option<Kept> {
        let command = self.script.commands.get(by)?;
        let program = command.program()?;
        if program != "tee"
            && self.tells.get(by) == Some(&true)
            && let Some(file) = written_to(self.script, by)
            && let Some(kept) = self.in_file(by, &file, command.span)
        {
            return Some(kept);
        }
        match program {
            "cp" | "install" | "mv" => self.copies(by, command),
            "dd" => {
                let of = |name: &str| command.arguments().iter().find(|word| word.start().starts_with(name));
                let to = of("of=").filter(|_| of("if=").is_some_and(|from| self.is_lent(from)))?;
                self.in_file(by, to.shown().trim_start_matches("of="), to.span)
            }
            "sed" => self.edits(by, command),
            _ => self.configures(by, command, program),
        }
    }

    /// The file that a command copies the secret to.
    fn copies(&self, by: usize, command: &Command) -> Option<Kept> {
        let arguments = command.arguments();
        let all = |text: &str| {
            let folder = text.trim_end_matches('*').trim_end_matches("/.").trim_end_matches('/');
            folder == "/run/secrets" && self.files.iter().any(|file| file.starts_with("/run/secrets/"))
        };
        let lent = |word: &&Word| word.known().is_some_and(|text| self.files.contains(text) || all(text));
        let from = arguments.iter().find(lent)?;
        let named = values(command, &["-t", "--target-directory"]).into_iter().next();
        let is_named = named.is_some();
        let last = || arguments.last().filter(|to| to.span != from.span).map(|to| (to.shown(), to.span));
        let (to, at) = named.map(|(to, at)| (to.to_owned(), at)).or_else(last)?;
        let name = from.known()?.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let joined = inside(&to, name);
        let several = arguments.iter().filter(|word| !word.start().starts_with('-')).count() > 2
            && command.program() == Some("cp");
        if is_named || several || is_folder(&to) {
            return self.in_file(by, &joined, at).filter(|_| self.stays(by, to.trim_end_matches('/')));
        }
        // Whether it is the file or its folder, is not known by its name.
        self.in_file(by, &to, at).filter(|_| self.stays(by, &joined))
    }

    /// The file that `sed` writes the secret into.
    fn edits(&self, by: usize, command: &Command) -> Option<Kept> {
        let arguments = command.arguments();
        let in_place = |word: &Word| {
            let text = word.start();
            text.starts_with("--in-place") || text.starts_with('-') && !text.starts_with("--") && text.contains('i')
        };
        let says = |word: &Word| self.is_told(word) || self.has_variable(word);
        let file = arguments.last().filter(|file| !says(file) && !file.start().starts_with('-'))?;
        let writes = arguments.iter().any(in_place) && arguments.iter().any(says);
        self.in_file(by, &file.shown(), command.span).filter(|_| writes)
    }

    /// The configuration of a program, or the clone, that a command keeps the secret in.
    fn configures(&self, by: usize, command: &Command, program: &str) -> Option<Kept> {
        let arguments = command.arguments();
        let has = |wanted: &str| arguments.iter().any(|word| word.known() == Some(wanted));
        let (_, verb) = KEEPERS.iter().find(|(known, verb)| *known == program && has(verb))?;
        // What is only shown, or taken out, is not kept.
        let asks =
            arguments.iter().filter_map(Word::known).any(|word| ASKERS.contains(&word) || UNDOERS.contains(&word));
        let later = |last: Option<usize>| last.is_some_and(|last| last > by);
        let undone = later(self.undone.get(program).copied()) || later(self.removed);
        if asks || undone || !self.takes(command) {
            return None;
        }
        if *verb == "clone" {
            let at = arguments.iter().position(|word| self.is_login(word))?;
            let named = arguments.get(at + 1).map(Word::shown).filter(|word| !word.starts_with('-'));
            let address = arguments.get(at).map(Word::shown).unwrap_or_default();
            let own = || {
                address.trim_end_matches('/').rsplit('/').next().map(|name| name.trim_end_matches(".git").to_owned())
            };
            let folder = named.or_else(own)?;
            let git = format!("{}/.git/config", folder.trim_end_matches('/'));
            let what = "the clone, as its address".to_owned();
            let path = Some(self.whole(by, &git)).filter(|path| path.starts_with('/'));
            let stays = self.stays(by, folder.trim_end_matches('/')) && self.stays(by, &git);
            return stays.then_some(Kept { by, what, path, at: command.span });
        }
        // The configuration of a user lies at home.
        let home = |folder: &String| {
            let folder = folder.trim_end_matches('/');
            folder == "/root" || folder.rsplit_once('/').is_some_and(|(above, _)| above == "/home")
        };
        let what = format!("the configuration of `{program}`");
        (!self.place.passing.iter().any(home)).then_some(Kept { by, what, path: None, at: command.span })
    }

    /// Whether a word is an address with the secret in its login.
    fn is_login(&self, word: &Word) -> bool {
        let shown = word.shown();
        shown.contains("://") && shown.contains('@') && (self.is_lent(word) || self.is_told(word))
    }
}

/// Whether what a program says of its input is all of it, or the part that is secret by its name.
fn says_all(command: &Command) -> bool {
    let words = || command.arguments().iter().filter_map(Word::known);
    match command.program() {
        Some("jq") => words().find(|word| !word.starts_with('-') && !word.starts_with('/')).is_none_or(|filter| {
            let last = filter.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|part| !part.is_empty());
            last.is_none_or(secrets::is_secret_name)
        }),
        // The value of `NAME=value`.
        Some("cut") => {
            let given = |short: &str, long: &str| {
                let mut attached =
                    words().filter_map(|word| word.strip_prefix(short).or_else(|| word.strip_prefix(long)));
                attached
                    .find(|value| !value.is_empty())
                    .or_else(|| values(command, &[short, long]).first().map(|it| it.0))
            };
            given("-d", "--delimiter=") == Some("=") && matches!(given("-f", "--fields="), Some("2" | "2-"))
        }
        Some("awk") => words().any(|word| word.contains("$2")) && words().any(|word| word == "-F=" || word == "="),
        _ => true,
    }
}
