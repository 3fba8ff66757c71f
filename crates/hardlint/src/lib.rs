//! RUN: arguments in, reports and an exit status out.
//!
//! Everything that a rule or a format knows is in the libraries; here is what a command line needs around them: finding
//! the root, walking it, reading it safely, and printing what was found so that people and programs can use it.

#![expect(
    unreachable_pub,
    reason = "the binaries need two functions, tests and benches a few; for the rest `pub(crate)` would only be longer"
)]

mod args;
mod baseline;
mod bounded;
mod check;
mod config;
mod disk;
mod effective;
mod environment;
mod explain;
mod failure;
mod files;
mod fix;
mod git;
mod graph;
mod init;
mod linter;
mod lsp;
mod patterns;
mod printed;
mod progress;
mod project;
mod report;
mod root;
mod rules;
mod schema;
#[cfg(test)]
mod scratch;
mod show;
mod since;
pub mod stages;
mod unpack;
mod utf8;
mod walk;

use anstream::AutoStream;
use anyhow::Context;
use args::{Args, Command};
use clap::{CommandFactory, Parser};
use report::{Out, Style};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// No findings that matter, and everything was understood.
const CLEAN: u8 = 0;
/// Findings at or above `--fail-on`.
const FINDINGS: u8 = 1;
/// Wrong usage or settings.
const USAGE: u8 = 2;
/// Something could not be read or parsed.
const PROBLEMS: u8 = 3;

/// The command `hardlint`, with the arguments of the process.
pub fn main() -> ExitCode {
    failure::keep_quiet();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return told(&error),
    };
    color(args.color).write_global();
    let done = match &args.command {
        Command::Check(check) => check::run(check),
        Command::Show(show) => effective::run(show),
        Command::Graph(graph) => graph::run(graph),
        Command::Rules(rules) => rules::run(rules),
        Command::Explain(explain) => explain::run(explain),
        Command::Lsp(lsp) => Ok(lsp::run(lsp)),
        Command::Init(args) => init::run(args),
        Command::Schema => schema::run(),
        Command::Completions { shell } => Ok(complete(*shell)),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        // Who reads the output has seen enough of it, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(CLEAN),
        Err(error) => {
            let message = format!("{error:#}");
            let _ = writeln!(io::stderr(), "hardlint: {}", report::clean::line(&message));
            ExitCode::from(USAGE)
        }
    }
}

/// Prints what a shell needs to complete the arguments.
fn complete(shell: clap_complete::Shell) -> u8 {
    clap_complete::generate(shell, &mut Args::command(), "hardlint", &mut io::stdout());
    CLEAN
}

/// The commands and their options, for manual pages and for tests of what documents say.
pub fn command() -> clap::Command {
    Args::command()
}

/// What `hardlint show` prints with these arguments, for what holds it against the real programs a thousand times.
///
/// # Errors
/// Where the arguments are wrong, there is no such file, or nothing tells what it is.
pub fn show<I>(arguments: I) -> anyhow::Result<String>
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let arguments = ["hardlint", "show"].map(OsString::from).into_iter().chain(arguments.into_iter().map(Into::into));
    match Args::try_parse_from(arguments)?.command {
        Command::Show(show) => Ok(effective::answer(&show)?.text),
        _ => anyhow::bail!("these are no arguments of `show`"),
    }
}

/// What is said of a baseline's rules that there are not, for what tries to break its reader.
///
/// # Errors
/// Where the text is no baseline.
pub fn unknown_in_baseline(text: &[u8]) -> anyhow::Result<Vec<String>> {
    let baseline = baseline::Baseline::parse(Path::new("baseline.json"), text)?;
    Ok(baseline.unknown(&hardlint_lint::ruleset::RuleSet::built_in()))
}

/// The command `hardlint-lsp`: the same as `hardlint lsp`.
pub fn language_server() -> ExitCode {
    failure::keep_quiet();
    match args::Server::try_parse() {
        Ok(server) => ExitCode::from(lsp::run(&server.lsp)),
        Err(error) => told(&error),
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn told(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { USAGE } else { CLEAN })
}

fn color(choice: clap::ColorChoice) -> anstream::ColorChoice {
    match choice {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

/// How text is laid out on standard output.
fn style() -> Style {
    let colour = !matches!(AutoStream::choice(&io::stdout()), anstream::ColorChoice::Never);
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    Style { colour, width: terminal.map(|(width, _)| usize::from(width.0)) }
}

/// Where a report goes, and how its text is laid out there.
fn opened(output: Option<&Path>) -> anyhow::Result<(Out, Style)> {
    let Some(path) = output else { return Ok((Out::standard(), style())) };
    let out = Out::file(path).with_context(|| format!("--output `{}`", root::shown(path)))?;
    Ok((out, Style { colour: false, width: None }))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
