//! `hardlint check`.

use crate::args::Check;
use crate::disk::Disk;
use crate::progress::Progress;
use crate::project::{Looking, Project};
use crate::report::{Outcome, Part};
use crate::root::{self, Names, Root};
use crate::walk::{self, Walked};
use crate::{CLEAN, FINDINGS, PROBLEMS, style};
use anyhow::{Context, Result, bail};
use hardlint_config::loader::MAX_FILE;
use hardlint_config::workspace::{Query, Slot};
use hardlint_lint::Linter;
use hardlint_lint::diagnostic::{Report, Severity, Trouble};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The name of standard input that was given none.
const UNNAMED: &str = "<stdin>";

/// What each stage took.
#[derive(Default)]
struct Timing(Vec<(&'static str, Duration)>);

impl Timing {
    fn of<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        let took = start.elapsed();
        match self.0.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, total)) => *total += took,
            None => self.0.push((stage, took)),
        }
        done
    }
}

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Wrong usage or settings.
pub fn run(args: &Check) -> Result<u8> {
    let start = Instant::now();
    let mut timing = Timing::default();
    let roots = roots(args)?;
    let linter = Linter::default();
    let fail_on = fail_on(args, &roots);
    let progress = Progress::start();
    let mut outcome = Outcome::default();
    let mut listing = Vec::new();
    for (root, input) in roots {
        let part = check(args, &linter, &root, input, &progress, &mut timing, &mut listing)?;
        outcome.parts.push(part);
    }
    drop(progress);
    timing.of("report", || write(args, &outcome, &listing))?;
    if args.timing {
        for (stage, took) in &timing.0 {
            let _ = writeln!(io::stderr(), "{stage:>8} {:>9.3} ms", took.as_secs_f64() * 1000.0);
        }
    }
    summarize(args, &outcome, start.elapsed());
    Ok(status(args, &outcome, fail_on))
}

/// The roots of the arguments, and the standard input that lies in one.
fn roots(args: &Check) -> Result<Vec<(Root, Option<Vec<u8>>)>> {
    let isolated = args.reading.isolated;
    if !args.paths.iter().any(|path| path == Path::new("-")) {
        if args.stdin_filename.is_some() {
            bail!("--stdin-filename names standard input, which `-` asks for");
        }
        let roots = root::find(&args.paths, isolated)?;
        if args.reading.format.is_some()
            && let Some(folder) = roots.iter().flat_map(|root| &root.arguments).find(|argument| argument.folder)
        {
            bail!("--type says what the files given by name are; `{}` is a folder", root::shown(&folder.given));
        }
        return Ok(roots.into_iter().map(|root| (root, None)).collect());
    }
    if args.paths.len() > 1 {
        bail!("`-` is checked alone");
    }
    if args.stdin_filename.is_none() && args.reading.format.is_none() {
        bail!("`-` needs --stdin-filename or --type to say what it is");
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes).context("standard input")?;
    let name = args.stdin_filename.as_deref().unwrap_or(Path::new(UNNAMED));
    Ok(vec![(root::of_name(name, isolated)?, Some(bytes))])
}

fn check(
    args: &Check,
    linter: &Linter,
    root: &Root,
    input: Option<Vec<u8>>,
    progress: &Progress,
    timing: &mut Timing,
    listing: &mut Vec<crate::files::Listed>,
) -> Result<Part> {
    let mut disk = Disk::new(root.folder.clone());
    let mut mounts = Vec::new();
    let query = query(args, root, &mut disk, &mut mounts)?;
    if let (Some(bytes), Some(argument)) = (input, root.arguments.first()) {
        disk.lay_over(argument.path.clone(), bytes);
    }
    progress.stage("searching for files");
    let walked = timing.of("walk", || walk::walk(root, &root.arguments));
    let names = Names::new(root, mounts);
    progress.stage(format!("looking at {} files", walked.files.len()));
    let looking =
        Looking { root, given: args.reading.format, isolated: args.reading.isolated, role: args.judging.role };
    let project = timing.of("look", || looking.fill(&disk, query, &walked.files));
    let files = count(&project);
    if args.show_files {
        listing.extend(crate::files::list(&project, &names));
    }
    progress.stage(format!("judging {} files", files.values().sum::<usize>()));
    let mut report = timing.of("judge", || linter.check(&project.workspace));
    finish(&mut report, &project, walked);
    Ok(Part { report, names, files })
}

/// Leaves what was asked for, and adds what the linter never saw.
fn finish(report: &mut Report, project: &Project<'_>, walked: Walked) {
    report.diagnostics.retain(|finding| project.reported.contains(&finding.primary.source.path));
    report.problems.retain(|problem| {
        let path = problem.at.as_ref().map_or(&problem.path, |at| &at.source.path);
        project.reported.contains(path)
    });
    for (path, slot) in project.workspace.slots() {
        if let (Some(error), true) = (&slot.unread, slot.detected.is_some() && project.reported.contains(path)) {
            report.problems.push(Trouble { path: path.clone(), at: None, message: error.to_string() });
        }
    }
    for (path, message) in walked.problems {
        report.problems.push(Trouble { path: path.into(), at: None, message });
    }
    report.sort();
}

/// How many files of each format were asked for and read.
fn count(project: &Project<'_>) -> BTreeMap<&'static str, usize> {
    let mut files = BTreeMap::new();
    let read = |path: &str| project.workspace.slot(path).filter(|slot| slot.unread.is_none()).and_then(Slot::format);
    for format in project.reported.iter().filter_map(|path| read(path)) {
        *files.entry(format).or_default() += 1;
    }
    files
}

/// What is asked of the configuration, from the arguments and the settings.
fn query(args: &Check, root: &Root, disk: &mut Disk, mounts: &mut Vec<(String, std::path::PathBuf)>) -> Result<Query> {
    let settings = root.settings.as_ref().map(|found| &found.settings);
    let mut query = Query { arguments: root.arguments.iter().map(|it| it.path.clone()).collect(), ..Query::default() };
    query.targets = settings.map(|settings| settings.targets.clone()).unwrap_or_default();
    if let Some(targets) = &args.reading.target {
        query.targets.0.extend(targets.0.clone());
    }
    if let Some(path) = &args.reading.env_file {
        let text = fs::read_to_string(path).with_context(|| format!("`{}`", root::shown(path)))?;
        query.environment = Some(crate::environment::parse(&text));
    }
    let given = args.reading.root_map.iter().map(|(from, to)| (from.clone(), to.clone()));
    let set = settings.map(|settings| settings.root_map.as_slice()).unwrap_or_default();
    let set = set.iter().map(|(from, to)| (from.clone(), root.folder.join(&to.value)));
    for (from, to) in given.chain(set) {
        let real = fs::canonicalize(&to).with_context(|| format!("`{}`", root::shown(&to)))?;
        if !real.is_dir() {
            bail!("`{}` is no folder", root::shown(&to));
        }
        let below = crate::disk::below(&root.folder, &real).unwrap_or_else(|| {
            let name = disk.mount(real.clone());
            mounts.push((name.clone(), to.clone()));
            name
        });
        query.root_map.push((from, below));
    }
    // An absolute path below the root is read as it is.
    if let Some(folder) = root.folder.to_str() {
        query.root_map.push((folder.to_owned(), String::new()));
    }
    Ok(query)
}

fn write(args: &Check, outcome: &Outcome, listing: &[crate::files::Listed]) -> Result<()> {
    let render = |style, out: &mut dyn Write| {
        if args.show_files {
            crate::files::write(outcome, listing, args.output_format, out)
        } else {
            outcome.write(args.output_format, style, out)
        }
    };
    if let Some(path) = &args.output {
        let file = File::create(path).with_context(|| format!("`{}`", root::shown(path)))?;
        let mut out = BufWriter::new(file);
        render(crate::report::Style { colour: false, width: None }, &mut out)?;
        out.flush()?;
    } else {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        render(style(), &mut out)?;
        out.flush()?;
    }
    Ok(())
}

/// One line for people, beside the report.
fn summarize(args: &Check, outcome: &Outcome, took: Duration) {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let by_severity: Vec<String> =
        outcome.by_severity().iter().rev().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
    let findings = outcome.findings().count();
    let mut line = plural(findings, "finding");
    if findings > 0 {
        line = format!("{line} ({})", by_severity.join(", "));
    }
    let problems = outcome.problems().count();
    if problems > 0 {
        line = format!("{line}, {}", plural(problems, "problem"));
    }
    let files = outcome.files();
    let formats: Vec<String> = files.iter().map(|(format, count)| format!("{count} {format}")).collect();
    line = format!("{line} in {}", plural(files.values().sum(), "file"));
    if !formats.is_empty() {
        line = format!("{line} ({})", formats.join(", "));
    }
    let line = if args.show_files { String::new() } else { format!("{line}, {:.2} s\n", took.as_secs_f64()) };
    let _ = io::stderr().write_all(line.as_bytes());
}

fn fail_on(args: &Check, roots: &[(Root, Option<Vec<u8>>)]) -> Severity {
    let of_settings = || roots.iter().filter_map(|(root, _)| root.settings.as_ref()?.settings.fail_on).min();
    args.fail_on.or_else(of_settings).unwrap_or(Severity::Medium)
}

fn status(args: &Check, outcome: &Outcome, fail_on: Severity) -> u8 {
    let fails = !args.exit_zero && outcome.findings().any(|(_, finding)| finding.severity >= fail_on);
    match (fails, outcome.problems().next().is_some()) {
        (true, _) => FINDINGS,
        (false, true) => PROBLEMS,
        (false, false) => CLEAN,
    }
}
