//! The arguments. Their meaning stands in the help text, and nowhere else.

use crate::root::Using;
use clap::{Args as Group, ColorChoice, Parser, Subcommand, ValueEnum};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::{self, Format};
use hardlint_config::version::Targets;
use hardlint_lint::diagnostic::{Confidence, Severity};
use hardlint_lint::settings;
use std::path::PathBuf;

/// Finds security faults in deployment files before they are deployed.
#[derive(Debug, Parser)]
#[command(name = "hardlint", version, disable_help_subcommand = true, infer_subcommands = false)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour; `auto` asks the terminal, `NO_COLOR` and `CLICOLOR_FORCE`.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Finds faults.
    Check(Box<Check>),
    /// Prints the effective configuration as the program would see it, and who set each value.
    Show(Box<Show>),
    /// Draws what is deployed: services, their files, and what reaches what.
    Graph(Box<Graph>),
    /// Lists the rules.
    Rules(Rules),
    /// Says what a rule is about, or what it makes of a place.
    Explain(Box<Explain>),
    /// Tells an editor what is found while files are written, over standard input and output.
    Lsp(Lsp),
    /// Writes settings fitted to a repository, where there are none.
    Init(Init),
    /// Prints the JSON Schema of the settings, for editors.
    Schema,
    /// Prints what a shell needs to complete arguments.
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
}

/// The arguments of `init`.
#[derive(Debug, Group)]
pub struct Init {
    /// The folder that the settings are for.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,

    /// What is told and what fails a run.
    #[arg(long, value_name = "PRESET", default_value = "default", value_parser = settings::PRESETS.to_vec())]
    pub preset: String,
}

/// The arguments of `check`.
#[derive(Debug, Group)]
#[command(after_help = "Exit status: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or settings, \
                        3 some input unreadable or not parsed.")]
pub struct Check {
    /// Files and folders; the current folder if there are none. `-` is standard input. An archive as `git archive` writes
    /// it, also one that is compressed with gzip, or what `nginx -T` prints, stands for all files in it.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Read the `etc` of a machine whose root is this folder, with absolute paths as they are, and who may read keys there.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["paths", "fix", "diff"])]
    pub host: Option<PathBuf>,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub judging: Judging,

    /// How findings are reported.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: Output,

    /// Write the report to a file instead of standard output; whoever reads it meanwhile sees the old one or the new one.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The name that standard input is read under.
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    #[command(flatten)]
    pub fixing: Fixing,

    #[command(flatten)]
    pub known: Known,

    #[command(flatten)]
    pub failing: Failing,

    /// List what is read as what, and what is not and why, instead of judging it.
    #[arg(long)]
    pub show_files: bool,

    /// Print what each stage cost.
    #[arg(long)]
    pub timing: bool,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, Default, Group)]
pub struct Failing {
    /// Say nothing of files given by name that are none that hardlint reads: hooks name whatever was changed.
    #[arg(long)]
    pub ignore_unknown: bool,

    /// Exit with 0 even if there are findings.
    #[arg(long)]
    pub exit_zero: bool,

    /// Exit with 1 for findings at or above this severity [default: medium].
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,
}

/// What is known already.
#[derive(Clone, Debug, Default, Group)]
pub struct Known {
    /// Leave out the findings that this file remembers; it survives moved lines and renamed files.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Remember all findings in this file, and leave them out.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["show_files", "fix", "diff"])]
    pub write_baseline: Option<PathBuf>,

    /// Leave out what was found before as well: where the work that is checked out began to differ from this branch, tag or
    /// commit. What is not committed yet is part of the change; git is not needed.
    #[arg(long, value_name = "REV", conflicts_with_all = ["show_files", "host", "write_baseline"])]
    pub since: Option<String>,
}

/// What is to be done about findings.
#[derive(Clone, Copy, Debug, Default, Group)]
pub struct Fixing {
    /// Write the fixes that no client can tell into the files, and report the rest. Each was tried: its finding is gone, no other came,
    /// and nothing else changes. Of standard input the fixed text is printed, and the rest reported on standard error.
    #[arg(long, conflicts_with = "show_files")]
    pub fix: bool,

    /// With --fix or --diff: fixes that change behaviour as well.
    #[arg(long)]
    pub unsafe_fixes: bool,

    /// Print what --fix would change, and write nothing; the exit status is 1 if that is anything. Secrets are masked.
    #[arg(long, conflicts_with = "show_files")]
    pub diff: bool,
}

/// How files are to be read.
#[derive(Clone, Debug, Default, Group)]
pub struct Reading {
    /// Read the files given by name as this format.
    #[arg(long = "type", value_name = "FORMAT", value_parser = format)]
    pub format: Option<&'static Format>,

    /// Use the settings of this file, and none of the repository. Patterns of paths in it are seen from the root of what is
    /// checked, files that it names from the file itself.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,

    /// Use no settings file: what a repository says for itself of how it is to be judged counts for nothing.
    #[arg(long)]
    pub isolated: bool,

    /// Look at each file by itself: link no files, tell no roles.
    #[arg(long)]
    pub file_by_file: bool,

    /// The versions that are deployed to, as `sshd=9.2,nginx=1.22.1`.
    #[arg(long, value_name = "PROGRAM=VERSION,…", value_parser = settings::parse_targets)]
    pub target: Option<Targets>,

    /// The environment of the programs is exactly what this file sets.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// A folder that stands for an absolute one, as `/etc/nginx=deploy/nginx`.
    #[arg(long, value_name = "FROM=DIR", value_parser = mapping)]
    pub root_map: Vec<(String, PathBuf)>,
}

impl Reading {
    /// Which settings are used.
    pub fn using(&self) -> Using<'_> {
        match &self.config {
            Some(path) => Using::Of(path),
            None if self.isolated => Using::None,
            None => Using::Found,
        }
    }
}

/// How configurations are to be judged.
#[derive(Clone, Debug, Default, Group)]
pub struct Judging {
    /// Apply these rules only: ids or patterns such as `nginx/*`.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Do not apply these rules.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// Show findings at or above this severity only.
    #[arg(long, value_name = "MIN", value_parser = severity)]
    pub severity: Option<Severity>,

    /// Show findings at or above this confidence only.
    #[arg(long, value_name = "MIN", value_parser = confidence)]
    pub confidence: Option<Confidence>,

    /// Show what may or may not be a fault as well.
    #[arg(long)]
    pub pedantic: bool,

    /// Apply rules that were not proven yet as well.
    #[arg(long)]
    pub preview: bool,

    /// What all files are for, whatever their names say.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub role: Option<Role>,

    /// A folder with further rules.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// The arguments of `lsp`.
#[derive(Debug, Group)]
pub struct Lsp {
    /// Say on standard error what each message took.
    #[arg(long)]
    pub log: bool,

    /// Accepted, as clients give it: standard input and output are the only way.
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// Tells an editor what hardlint finds while files are written, over standard input and output.
#[derive(Debug, Parser)]
#[command(name = "hardlint-lsp", version)]
pub struct Server {
    #[command(flatten)]
    pub lsp: Lsp,
}

/// The arguments of `show`.
#[derive(Debug, Group)]
#[command(
    after_help = "Conditions: sshd user=,host=,addr=,group=,lport=; nginx server=,address=,port=,uri=; compose profile=,service=; pg_hba type=,db=,user=,addr=; env dialect=."
)]
pub struct Show {
    /// The file that the program is started with.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The connection, request or service that is meant.
    #[arg(long = "where", value_name = "K=V,…", value_delimiter = ',', value_parser = condition)]
    pub conditions: Vec<(String, String)>,

    /// Show this key only, and everything that sets it.
    #[arg(long, value_name = "KEY")]
    pub why: Option<String>,

    /// Print secrets as they are.
    #[arg(long)]
    pub reveal: bool,

    /// How it is printed.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: TextOrJson,

    #[command(flatten)]
    pub reading: Reading,
}

/// The arguments of `graph`.
#[derive(Debug, Group)]
#[command(after_help = "Exit status: 0 drawn, 2 wrong usage or settings, 3 some input unreadable or not parsed.")]
pub struct Graph {
    /// Files and folders; the current folder if there are none.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub reading: Reading,

    /// How it is drawn.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: Drawing,

    /// Write the drawing to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Draw what is deployed, and judge nothing.
    #[arg(long)]
    pub no_findings: bool,
}

/// The arguments of `rules`.
#[derive(Debug, Group)]
pub struct Rules {
    /// How they are listed.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: TextOrJson,

    /// A folder with further rules.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// The arguments of `explain`.
#[derive(Debug, Group)]
pub struct Explain {
    /// The rule's id; or a file, `:` and a line, for all that any rule says there, and why `check` may not tell it.
    #[arg(value_name = "RULE|FILE:LINE")]
    pub rule: String,

    /// Say why it fires or is silent there: what each part of its condition was decided by.
    #[arg(long, value_name = "FILE:LINE", value_parser = place)]
    pub at: Option<(PathBuf, usize)>,

    #[command(flatten)]
    pub reading: Reading,

    /// A folder with further rules.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// How findings are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// With the lines that decided.
    Text,
    /// One line a finding.
    Concise,
    /// One document.
    Json,
    /// One JSON object a line: a finding, or what could not be understood.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, for annotations by GitHub Actions.
    Github,
    /// Code quality, for merge requests of GitLab.
    Gitlab,
    /// Tests that failed, for whatever shows the results of tests.
    Junit,
    /// The XML of Checkstyle, which many tools read.
    Checkstyle,
    /// For the summary of a job, or a comment on a change.
    Markdown,
    /// One page with everything on it, for who reads or hands over an audit.
    Html,
}

/// How a deployment is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For Graphviz.
    Dot,
    /// For Markdown that draws Mermaid.
    Mermaid,
    /// A picture.
    Svg,
}

/// For people, or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| unknown(text, &["info", "low", "medium", "high", "critical"]))
}

fn confidence(text: &str) -> Result<Confidence, String> {
    Confidence::parse(text).ok_or_else(|| unknown(text, &["low", "medium", "high"]))
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| unknown(text, &["production", "development", "test", "example", "unknown"]))
}

fn format(text: &str) -> Result<&'static Format, String> {
    let ids: Vec<&str> = formats::of_files().map(|format| format.id).collect();
    formats::of_files().find(|format| format.id == text).ok_or_else(|| unknown(text, &ids))
}

fn unknown(text: &str, known: &[&str]) -> String {
    format!("it is none of {}{}", known.join(", "), settings::meant(text, known))
}

fn mapping(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((from, to)) if from.starts_with('/') && !to.is_empty() => Ok((from.to_owned(), to.into())),
        _ => Err("write an absolute folder, `=`, and the folder that stands for it".to_owned()),
    }
}

/// `FILE:LINE`.
///
/// # Errors
/// Where it is not so written.
pub fn place(text: &str) -> Result<(PathBuf, usize), String> {
    let (path, line) = text.rsplit_once(':').ok_or("write a file, `:`, and a line")?;
    let line = line.parse().ok().filter(|&line: &usize| line > 0).ok_or("the line is a number from 1")?;
    Ok((path.into(), line))
}

fn condition(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write a key, `=`, and a value")?;
    Ok((key.to_owned(), value.to_owned()))
}
