//! The shell's text in `RUN`, `CMD` and `command:`, down to the simple commands in it.
//!
//! What is wanted of a script here is which programs it runs, with which words, and what flows from one to the next:
//! pipes, substitutions, `-c` strings. Functions, loops and conditions are read through; nothing is evaluated, and a
//! variable is a hole. The reader is tolerant: text that no shell would take gives what commands can be seen in it.

mod expansion;
mod nested;
mod parse;
mod redirection;
mod word;

use crate::model::Str;
use crate::syntax::joined::Joined;
use crate::text::Span;
use std::ops::Range;
pub use word::{Part, Parts, Word};

/// How deep substitutions are followed.
pub const DEPTH: usize = 48;

/// The commands of a script, in the order in which they are written; those inside a substitution stand before the
/// command that uses it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The commands.
    pub commands: Vec<Command>,
    /// Whether something was too deep to be followed.
    pub truncated: bool,
}

/// A simple command: assignments, words, redirections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// `NAME=value` before the command; alone, they set variables of the shell.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// From the first byte to the last.
    pub span: Span,
    /// The command whose output it reads, by its index in [`Script::commands`].
    pub reads_from: Option<usize>,
    /// The first command that reads its output: see [`Script::reader`].
    read_by: Option<usize>,
    /// What its output becomes a part of.
    pub inside: Option<Inside>,
    /// The word that names the program, found once it is read: it is asked for by everything that judges.
    program: Option<Program>,
}

/// The word that names a program, by its index, and where the name is in its text.
#[derive(Clone, Debug, PartialEq)]
struct Program {
    at: usize,
    name: Range<usize>,
}

/// Where a command stands whose output another command gets in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The index of that other command, once it is complete.
    pub command: usize,
    /// How it gets there.
    pub how: How,
}

/// How a command comes to be part of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `$(…)` or backquotes: its output becomes text.
    Substitution,
    /// `<(…)`: its output becomes a file to read.
    ReadFrom,
    /// `>(…)`: it reads what is written.
    WriteTo,
    /// It stands in a string that a shell was given with `-c`, or in its heredoc.
    Argument,
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The name.
    pub name: Str,
    /// Where the name stands.
    pub at: Span,
    /// The value.
    pub value: Word,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// `>`, `>>`, `<`, `<<`, `<<<`, `>&`, `<&`, `&>`, `<>` or `>|`.
    pub mark: &'static str,
    /// The number before it.
    pub descriptor: Option<u32>,
    /// The file, or the text of a heredoc or here-string.
    pub target: Word,
}

impl Script {
    /// Reads text that a POSIX shell, or bash, is given.
    pub fn shell(text: &Joined) -> Self {
        let mut script = parse::parse(text.text());
        script.map(text);
        script.complete();
        script
    }

    /// Takes words that are run without a shell.
    pub fn exec(words: &[Joined]) -> Self {
        Self::run(words.iter().map(Word::literal).collect())
    }

    /// Takes words that are run without a shell, and that may have holes.
    pub fn run(words: Vec<Word>) -> Self {
        let span = match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        let command = Command { words, span, ..Command::default() };
        let commands = if command.words.is_empty() { Vec::new() } else { vec![command.with_program()] };
        let mut script = Self { commands, truncated: false };
        script.complete();
        script
    }

    /// Adds the commands of nested scripts, and what each command's output goes to.
    fn complete(&mut self) {
        nested::expand(self);
        for index in 0..self.commands.len() {
            let from = self.commands.get(index).and_then(|command| command.reads_from);
            if let Some(writer) = from.and_then(|from| self.commands.get_mut(from)) {
                writer.read_by.get_or_insert(index);
            }
        }
    }

    /// The first command that gets its input from `index`.
    pub fn reader(&self, index: usize) -> Option<(usize, &Command)> {
        let at = self.commands.get(index)?.read_by?;
        Some((at, self.commands.get(at)?))
    }

    /// The commands from which `index` gets its input, the nearest first.
    pub fn upstream(&self, index: usize) -> impl Iterator<Item = (usize, &Command)> {
        let mut next = self.commands.get(index).and_then(|command| command.reads_from);
        let mut left = self.commands.len();
        std::iter::from_fn(move || {
            let at = next?;
            let command = self.commands.get(at)?;
            // No chain is longer than the script, whatever the indexes say.
            left = left.checked_sub(1)?;
            next = command.reads_from;
            Some((at, command))
        })
    }

    fn map(&mut self, text: &Joined) {
        for command in &mut self.commands {
            command.span = text.map(command.span);
            for assignment in &mut command.assignments {
                assignment.at = text.map(assignment.at);
                assignment.value.map(text);
            }
            command.words.iter_mut().for_each(|word| word.map(text));
            command.redirects.iter_mut().for_each(|redirect| redirect.target.map(text));
        }
    }
}

/// Programs that run the program among their arguments: how many words of their own follow their options.
const WRAPPERS: &[(&str, usize)] = &[
    ("sudo", 0),
    ("doas", 0),
    ("exec", 0),
    ("command", 0),
    ("builtin", 0),
    ("nohup", 0),
    ("nice", 0),
    ("ionice", 0),
    ("time", 0),
    ("stdbuf", 0),
    ("setsid", 0),
    ("env", 0),
    ("xargs", 0),
    ("timeout", 1),
    ("tini", 0),
    ("dumb-init", 0),
    ("gosu", 1),
    ("su-exec", 1),
    ("chroot", 1),
];

/// Options of wrappers whose next word is their value.
const WITH_VALUE: &[&str] = &["-u", "-g", "-n", "-I", "-P", "-L", "-s", "-k", "-C", "-h", "-p", "-o", "-e", "-i"];

impl Command {
    /// The name of the program, without its folder, and without programs that only run another (`sudo -E bash`).
    pub fn program(&self) -> Option<&str> {
        let program = self.program.as_ref()?;
        self.words.get(program.at)?.known()?.get(program.name.clone())
    }

    /// The words after the program's name.
    pub fn arguments(&self) -> &[Word] {
        self.program_at().and_then(|at| self.words.get(at + 1..)).unwrap_or_default()
    }

    /// The programs that only run the one meant, and that one.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        let last = self.program_at().unwrap_or(0);
        self.words.iter().take(last + 1).filter_map(Word::known).map(base_name)
    }

    /// The index of the word that names the program.
    pub fn program_at(&self) -> Option<usize> {
        self.program.as_ref().map(|program| program.at)
    }

    /// The command, once all its words are read.
    fn with_program(self) -> Self {
        let found = self.find_program();
        let program = found.and_then(|at| Some(Program { at, name: base(self.words.get(at)?.known()?) }));
        Self { program, ..self }
    }

    fn find_program(&self) -> Option<usize> {
        let mut at = 0;
        loop {
            let name = base_name(self.words.get(at)?.known()?);
            let Some((_, own)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) else { return Some(at) };
            let mut next = at + 1;
            let mut own = *own;
            while let Some(word) = self.words.get(next) {
                let text = word.known().unwrap_or_default();
                if text == "--" {
                    next += 1;
                    break;
                }
                if text.starts_with('-') && text.len() > 1 {
                    // `env -i` and `xargs -i` take no value; `xargs -I {}` does.
                    let takes = WITH_VALUE.contains(&text) && !(text == "-i" || text == "-e" && name != "xargs");
                    next += if takes && name != "exec" { 2 } else { 1 };
                } else if name == "env" && text.contains('=') {
                    next += 1;
                } else if own > 0 {
                    own -= 1;
                    next += 1;
                } else {
                    break;
                }
            }
            // A wrapper without a command is the command.
            if next >= self.words.len() {
                return Some(at);
            }
            at = next;
        }
    }

    /// The value of an option: `--name value`, `--name=value`.
    pub fn option(&self, name: &str) -> Option<&Word> {
        let arguments = self.arguments();
        arguments.iter().enumerate().find_map(
            |(index, word)| {
                if word.known() == Some(name) { arguments.get(index + 1) } else { None }
            },
        )
    }
}

/// The last part of a path. What stands behind an equals sign is a value, which may be secret, and no part of one.
fn base_name(path: &str) -> &str {
    path.get(base(path)).unwrap_or(path)
}

/// Where it is in the path.
fn base(path: &str) -> Range<usize> {
    let Some(slash) = memchr::memrchr(b'/', path.as_bytes()) else { return 0..path.len() };
    match memchr::memchr(b'=', path.as_bytes()) {
        Some(mark) if mark < slash => 0..mark,
        _ => slash + 1..path.len(),
    }
}

#[cfg(test)]
mod tests;
