//! `hardlint check`.

mod ending;
mod overwriting;

use crate::args::{Check, Known, Output};
use crate::baseline::{Baseline, Left, Now};
use crate::config::Found;
use crate::disk::{Disk, Links};
use crate::fix::{self, Fixed, Mend};
use crate::is_broken_pipe;
use crate::linter;
use crate::progress::Progress;
use crate::project::{self, Looking, Project};
use crate::report::{Named, Outcome, Part};
use crate::root::{self, Names, Root};
use crate::since;
use crate::unpack;
use crate::walk::{self, Walked};
use anyhow::{Context, Result, bail};
use ending::{status, status_of_diff, summarize, write, write_diff, write_input};
use hardlint_config::loader::{Loader, MAX_FILE};
use hardlint_config::text::Source;
use hardlint_config::workspace::Slot;
use hardlint_lint::diagnostic::{Confidence, Diagnostic, Fingerprint, Report, Severity, Trouble};
use hardlint_lint::{Linter, Options, causes};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
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

/// What is gathered beside the findings.
#[derive(Default)]
struct Aside {
    timing: Timing,
    listing: Vec<crate::files::Listed>,
    fixed: Fixed,
    left: Option<Left>,
    /// How many findings are older than the change that is asked about.
    older: usize,
}

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Wrong usage or settings.
pub fn run(args: &Check) -> Result<u8> {
    let start = Instant::now();
    let mut aside = Aside::default();
    let roots = roots(args)?;
    let fixes = args.fixing.fix || args.fixing.diff;
    if args.fixing.unsafe_fixes && !fixes {
        bail!("--unsafe-fixes says what --fix and --diff do; give one of them as well");
    }
    if fixes && roots.iter().any(|(root, _)| root.unpacked.is_some()) {
        bail!("what was unpacked is gone after the run, so that --fix and --diff have nothing to write to");
    }
    overwriting::inputs(args, &roots)?;
    one_root(args, &roots)?;
    let progress = Progress::start();
    let mut outcome = Outcome::default();
    let mut fails = false;
    let mut bytes = None;
    for (root, input) in roots {
        let linter = linter::new(&args.judging, root.settings.as_ref())?;
        let baseline = baseline(args, &root)?;
        for said in baseline.iter().flat_map(|known| known.outdated().into_iter().chain(known.unknown(&linter.rules))) {
            let _ = writeln!(io::stderr(), "hardlint: {said}");
        }
        bytes.clone_from(&input);
        let part = check(args, &linter, (&root, input), baseline.as_ref(), &progress, &mut aside)?;
        name(&linter, &part, &mut outcome);
        let least = fail_on(args, &root);
        fails |= part.report.diagnostics.iter().any(|finding| finding.severity >= least);
        outcome.parts.push(part);
    }
    // Who names one file alone wanted it checked, which it was not.
    if outcome.files().is_empty() && !args.show_files {
        outcome.raise_notices();
    }
    if args.output_format == Output::Html && bytes.is_none() && args.host.is_none() {
        outcome.picture = crate::graph::picture(&args.paths, &args.reading, &outcome.parts)?;
    }
    drop(progress);
    let Aside { mut timing, listing, fixed, left, older } = aside;
    let written = timing.of("report", || match bytes {
        _ if args.fixing.diff => write_diff(args, &outcome, &fixed),
        Some(bytes) if args.fixing.fix => write_input(args, &outcome, &fixed, &bytes),
        _ => write(args, &outcome, &listing),
    });
    // Who reads the output may have seen enough of it, as `head` has; what was found was found.
    if let Err(error) = written
        && (args.output.is_some() || !is_broken_pipe(&error))
    {
        return Err(error);
    }
    if args.timing {
        for (stage, took) in &timing.0 {
            let _ = writeln!(io::stderr(), "{stage:>8} {:>9.3} ms", took.as_secs_f64() * 1000.0);
        }
    }
    if fixes {
        let left: Vec<&Diagnostic> = outcome.findings().map(|(_, finding)| finding).collect();
        let _ = io::stderr().write_all(fix::summary(args.fixing, &fixed, &left).as_bytes());
    }
    if let (Some(revision), false) = (&args.known.since, args.show_files) {
        let (is, revision) = (if older == 1 { "is" } else { "are" }, root::shown(revision.as_ref()));
        let _ = writeln!(io::stderr(), "{older} more {is} older than the change since `{revision}`");
    }
    summarize(args, &outcome, left, start.elapsed());
    if args.fixing.diff {
        return Ok(status_of_diff(args, &outcome, &fixed));
    }
    Ok(status(args, &outcome, fails))
}

/// What is found, before any of it is written.
///
/// # Errors
/// As of [`run`].
pub fn outcome(args: &Check) -> Result<Outcome> {
    let (mut outcome, progress) = (Outcome::default(), Progress::start());
    for (root, input) in roots(args)? {
        let linter = linter::new(&args.judging, root.settings.as_ref())?;
        let part = check(args, &linter, (&root, input), None, &progress, &mut Aside::default())?;
        name(&linter, &part, &mut outcome);
        outcome.parts.push(part);
    }
    Ok(outcome)
}

/// The roots of the arguments, and the standard input that lies in one.
fn roots(args: &Check) -> Result<Vec<(Root, Option<Vec<u8>>)>> {
    let using = args.reading.using();
    if let Some(host) = &args.host {
        return Ok(vec![(root::of_host(host, using)?, None)]);
    }
    if !args.paths.iter().any(|path| path == Path::new("-")) {
        if args.stdin_filename.is_some() {
            bail!("--stdin-filename names standard input, which `-` asks for");
        }
        let unpack = !args.reading.file_by_file && args.reading.format.is_none();
        let roots = root::find_as(&args.paths, using, unpack)?;
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
    if let Some(what) = unpack::many(&bytes) {
        bail!("`-` is one file, and {what} holds several: write it to a file and give that by its name");
    }
    let name = args.stdin_filename.as_deref().unwrap_or(Path::new(UNNAMED));
    Ok(vec![(root::of_name(name, using)?, Some(bytes))])
}

fn check(
    args: &Check,
    linter: &Linter,
    (root, input): (&Root, Option<Vec<u8>>),
    baseline: Option<&Baseline>,
    progress: &Progress,
    Aside { timing, listing, fixed, left, older }: &mut Aside,
) -> Result<Part> {
    let standard = input.is_some();
    let mut disk = disk_of(root);
    let mut mounts = Vec::new();
    let query = project::query(&args.reading, root, &mut disk, &mut mounts)?;
    if let (Some(bytes), Some(argument)) = (input, root.arguments.first()) {
        disk.lay_over(argument.path.clone(), bytes);
    }
    progress.stage("searching for files");
    let walked = timing.of("walk", || walk::walk(root, &root.arguments));
    let names = Names::new(root, mounts);
    progress.stage(format!("looking at {} files", walked.files.len()));
    let looking =
        Looking { root, given: args.reading.format, isolated: args.reading.file_by_file, role: args.judging.role };
    // What was before is judged with all of the root, so that what is now is as well.
    let all = args.known.since.as_ref().filter(|_| is_part(root)).map(|_| walk::whole(root).files);
    let since = match &args.known.since {
        Some(_) if root.unpacked.is_some() => bail!("--since asks git, which knows nothing of what was unpacked"),
        Some(revision) => {
            progress.stage(format!("judging the files of {}", root::shown(revision.as_ref())));
            let now = all.as_ref().unwrap_or(&walked.files);
            let before = timing.of("since", || since::found(linter, &looking, &disk, query.clone(), now, revision));
            Some(before.context("--since")?)
        }
        None => None,
    };
    let project = timing.of("look", || match &all {
        Some(all) if !args.reading.file_by_file => looking.fill_among(&disk, query.clone(), &walked.files, all),
        _ => looking.fill(&disk, query.clone(), &walked.files),
    });
    overwriting::files(args, root, &project)?;
    let files = count(&project);
    if args.show_files {
        listing.extend(crate::files::list(&project, &names));
    }
    progress.stage(format!("judging {} files", files.values().sum::<usize>()));
    let mut report = timing.of("judge", || linter.check(&project.workspace));
    let mut unknown = looking.unknown(&disk, &project);
    unknown.retain(|said| !(said.notice && args.failing.ignore_unknown));
    let untold: Vec<Trouble> = unknown.into_iter().chain(passed_over(root)).chain(nothing(args, &files)).collect();
    let finish = |report: &mut Report| {
        finish(report, &project, &walked);
        tell_once(report, &disk);
        report.problems.extend(untold.iter().cloned());
        report.sort();
    };
    finish(&mut report);
    let leave_out = |report: &mut Report, baseline: &Baseline| {
        // What is mapped stands outside of the root.
        let exists = |path: &str| root.folder.join(path).symlink_metadata().is_ok() || disk.stat(path).is_some();
        // Any of the folders that a file lies in may be the link.
        let target = |path: &str| disk.target(path).filter(|target| target != path);
        let judged = || project.workspace.slots().filter(|(_, slot)| slot.format().is_some());
        let now = Now {
            exists: &exists,
            target: &target,
            brings_in: &|from, to| project.brings_in(from, to),
            files: &|| judged().map(|(path, _)| path.clone()).collect(),
            read: &|path| Source::decode(path.into(), disk.read(path).ok()?).ok(),
        };
        baseline.leave_out(report, &linter.rules, &now)
    };
    let mending = args.fixing.fix || args.fixing.diff;
    let all: Vec<Fingerprint> =
        if mending { report.diagnostics.iter().map(|it| it.fingerprint.clone()).collect() } else { Vec::new() };
    if let Some(path) = &args.known.write_baseline {
        let whole = is_part(root).then(|| looking.fill(&disk, query.clone(), &walk::whole(root).files));
        let all = remember(&report, whole.iter().chain([&project]));
        all.write(path, root.unpacked.is_none().then_some(root.folder.as_path()))?;
        *left = Some(leave_out(&mut report, &all));
    }
    *left = baseline.map(|baseline| leave_out(&mut report, baseline)).or(*left);
    // Of what was not asked for, nobody knows whether it is gone.
    if is_part(root) || hides(&linter.options) {
        *left = left.map(|left| Left { gone: 0, ..left });
    }
    if let Some(before) = &since {
        *older += leave_out(&mut report, before).out;
    }
    if mending {
        progress.stage("trying fixes");
        let known = left_out(all, &report);
        let input = root.arguments.first().filter(|_| standard).map(|argument| argument.path.as_str());
        let mend = Mend { fixing: args.fixing, linter, disk: &disk, project: &project, names: &names, input, known };
        let (made, after) = timing.of("fix", || mend.run(&report));
        let before = report.diagnostics.len();
        if let Some(after) = after {
            report = after;
            finish(&mut report);
            for known in baseline.into_iter().chain(&since) {
                leave_out(&mut report, known);
            }
        }
        fixed.add(made, before.saturating_sub(report.diagnostics.len()));
    }
    // Where files are looked at one by one, each is told of by itself.
    if !args.reading.file_by_file {
        causes::join(&mut report, &linter.rules);
    }
    // A rule that does not load judges nothing, which must not look clean.
    for error in linter.rules.errors() {
        let message = format!("{}:{}: {}", error.line, error.column, error.message);
        report.problems.push(Trouble::of_file(error.path.as_str().into(), message));
    }
    let narrowed = root.settings.as_ref().and_then(Found::narrowing);
    let narrowed = narrowed.map(|(path, keys)| (root::shown(path), keys));
    Ok(Part { narrowed, ..Part::new(report, names, files) })
}

fn disk_of(root: &Root) -> Disk {
    let folder = root.folder.clone();
    let mut disk = if root.absolute { Disk::of_machine(folder) } else { Disk::new(folder) };
    if root.unpacked.as_ref().is_some_and(|unpacked| unpacked.of_commit) {
        disk.is_of_commit();
    }
    disk
}

/// A baseline of a report, and of all files that were looked at: what is not known to have been there then vouches for what
/// comes later.
fn remember<'p>(report: &Report, projects: impl Iterator<Item = &'p Project<'p>>) -> Baseline {
    let slots = projects.flat_map(|project| project.workspace.slots());
    let read = slots.filter(|(_, slot)| slot.format().is_some());
    Baseline::of(report, read.flat_map(|(path, slot)| std::iter::once(path).chain(&slot.links)))
}

/// What was found and is not told, each without its number: where one of several that are the same is new, all are.
fn left_out(all: Vec<Fingerprint>, report: &Report) -> BTreeSet<Fingerprint> {
    let told: BTreeSet<&Fingerprint> = report.diagnostics.iter().map(|it| &it.fingerprint).collect();
    let of_kind = |it: &Fingerprint| Fingerprint { ordinal: 0, ..it.clone() };
    let new: BTreeSet<Fingerprint> = told.iter().map(|it| of_kind(it)).collect();
    let old = all.into_iter().filter(|it| !told.contains(it)).map(|it| of_kind(&it));
    old.filter(|it| !new.contains(it)).collect()
}

/// Remembers what the rules that fired are called.
fn name(linter: &Linter, part: &Part, outcome: &mut Outcome) {
    for finding in &part.report.diagnostics {
        if let (false, Some(rule)) = (outcome.rules.contains_key(&finding.rule), linter.rules.named(&finding.rule)) {
            let rule = &rule.rule;
            let (title, references) = (rule.title.clone(), rule.references.clone());
            let named = Named { title, references, url: crate::rules::url(rule) };
            outcome.rules.insert(finding.rule.clone(), named);
        }
    }
}

/// Leaves what was asked for, and adds what the linter never saw.
fn finish(report: &mut Report, project: &Project<'_>, walked: &Walked) {
    report.diagnostics.retain(|finding| project.reported.contains(&finding.primary.source.path));
    report.held.retain(|path| project.reported.contains(path));
    report.problems.retain(|problem| project.reports(problem));
    report.problems.extend(project.unread());
    report.problems.extend(walked.troubles());
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

/// Whether some of the project was left out.
fn is_part(root: &Root) -> bool {
    !root.absolute && !root.arguments.iter().any(|argument| argument.path.is_empty())
}

/// Whether some of what is found is not told.
fn hides(options: &Options) -> bool {
    let Options { select, ignore, severity, confidence, hidden, .. } = options;
    let least =
        severity.is_some_and(|least| least > Severity::Info) || confidence.is_some_and(|least| least > Confidence::Low);
    least || !select.is_empty() || !ignore.is_empty() || hidden.0.is_some()
}

/// Leaves out what is found by the name of a link and under the file's own name as well, or that of another link to it.
fn tell_once(report: &mut Report, disk: &Disk) {
    let paths: BTreeSet<Arc<str>> = report.diagnostics.iter().map(|it| it.primary.source.path.clone()).collect();
    let linked = paths.iter().filter(|path| disk.stat(path).is_some_and(|stat| stat.link));
    let targets: BTreeMap<Arc<str>, Arc<str>> =
        linked.filter_map(|path| Some((path.clone(), disk.target(path)?.into()))).collect();
    if targets.is_empty() {
        return;
    }
    let place = |it: &Diagnostic, path: &Arc<str>| (it.rule.clone(), path.clone(), it.primary.span, it.message.clone());
    let own = report.diagnostics.iter().filter(|it| !targets.contains_key(&it.primary.source.path));
    let mut told: BTreeSet<_> = own.map(|it| place(it, &it.primary.source.path)).collect();
    report.diagnostics.retain(|it| match targets.get(&it.primary.source.path) {
        Some(target) => told.insert(place(it, target)),
        None => true,
    });
}

/// What of an archive is not in the folder that it was unpacked to.
fn passed_over(root: &Root) -> impl Iterator<Item = Trouble> {
    let all = root.unpacked.iter().flat_map(|unpacked| &unpacked.passed_over);
    all.map(|(path, why)| Trouble::of_file(path.as_str().into(), why.clone()))
}

/// What is to be said of a machine of which nothing was read.
fn nothing(args: &Check, files: &BTreeMap<&'static str, usize>) -> Option<Trouble> {
    let said = "no file in it is one that hardlint reads; --show-files says what was looked at";
    (args.host.is_some() && files.is_empty()).then(|| Trouble::of_file("etc".into(), said.to_owned()))
}

/// A baseline is about one root: what it knows of one would hide what is in another.
fn one_root(args: &Check, roots: &[(Root, Option<Vec<u8>>)]) -> Result<()> {
    let Known { baseline, write_baseline, .. } = &args.known;
    if let ([(first, _), (second, _), ..], Some(_)) = (roots, baseline.as_ref().or(write_baseline.as_ref())) {
        let (first, second) = (root::shown(&first.folder), root::shown(&second.folder));
        bail!("a baseline is about one root; `{first}` and `{second}` are two: give each one of its own");
    }
    let mut known: Vec<(PathBuf, &Path)> = Vec::new();
    for (root, _) in roots {
        let Some((found, named)) = root.settings.as_ref().and_then(|it| Some((it, it.settings.baseline.as_ref()?)))
        else {
            continue;
        };
        let place = found.place(&root.folder, named)?;
        let place = fs::canonicalize(&place).unwrap_or(place);
        if let Some((_, first)) = known.iter().find(|(known, _)| *known == place) {
            let (first, second) = (root::shown(first), root::shown(&root.folder));
            let message = format!(
                "a baseline is about one root, and `{first}` and `{second}` would have this one: give each one of its own"
            );
            return Err(found.error(named, &message));
        }
        known.push((place, &root.folder));
    }
    Ok(())
}

/// What is not to be told again.
fn baseline(args: &Check, root: &Root) -> Result<Option<Baseline>> {
    // What is written anew is not asked what it said.
    if args.known.write_baseline.is_some() {
        return Ok(None);
    }
    let about = root.unpacked.is_none().then_some(root.folder.as_path());
    if let Some(path) = &args.known.baseline {
        let known = Baseline::read(path)?;
        return match about.and_then(|root| known.is_of_another(root)) {
            Some(said) => bail!("--baseline: {said}"),
            None => Ok(Some(known)),
        };
    }
    let Some(found) = &root.settings else { return Ok(None) };
    let Some(named) = &found.settings.baseline else { return Ok(None) };
    let path = found.place(&root.folder, named)?;
    if named.value.is_empty() || path.is_dir() {
        let message = format!("`{}` names no file: write one, as `hardlint-baseline.json`", named.value);
        return Err(found.error(named, &message));
    }
    if !path.is_file() {
        let message = format!("there is no baseline `{0}`: `--write-baseline {0}` writes it", root::shown(&path));
        return Err(found.error(named, &message));
    }
    let known = Baseline::read(&path)?;
    match about.and_then(|root| known.is_of_another(root)) {
        Some(said) => Err(found.error(named, &said)),
        None => Ok(Some(known)),
    }
}

/// From which severity on findings below a root make the run fail: what one says is nothing to another.
fn fail_on(args: &Check, root: &Root) -> Severity {
    let of_settings = || root.settings.as_ref().and_then(|found| found.settings.fail_on);
    args.failing.fail_on.or_else(of_settings).unwrap_or(Severity::Medium)
}
