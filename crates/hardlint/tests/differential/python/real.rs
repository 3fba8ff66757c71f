//! Modules of real projects, each imported by itself in a copy of its project (`isolated.py`), against what is shown of them.
//!
//! A module that services of the project run is imported in the environment of each as well, which Docker Compose tells.
//!
//! What we know has to be so in every environment that the module was imported in; what we do not know is counted.

use super::deployed;
use crate::case::Case;
use crate::driver::Format;
use crate::ours;
use hardlint_config::formats::named;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Imports the module, tells its worlds.
const ISOLATED: &str = include_str!("isolated.py");
/// In values that came of what is not at hand.
const OUTSIDE: &str = "<outside ";

/// Whose modules they are.
pub(crate) struct Modules {
    pub(crate) format: &'static Format,
    /// Names the Python that is asked.
    pub(crate) variable: &'static str,
    pub(crate) ready: &'static str,
    /// What is told of an imported module.
    pub(crate) script: &'static str,
    pub(crate) target: &'static str,
    /// A setting that nobody sets: it is unknown where anything may be set.
    pub(crate) open: &'static str,
    /// What differs beyond the values: of a world, for a module that the case names first.
    pub(crate) further: fn(&Path, &Case, &Value) -> String,
}

/// Compares every module of the format.
pub(crate) fn compare(modules: &Modules) {
    let Some(corpus) = std::env::var_os("HARDLINT_CORPUS") else {
        println!("skipped: HARDLINT_CORPUS names a folder with real files");
        return;
    };
    if std::env::var_os("HARDLINT_SLOW_TOO").is_none_or(|it| it != "1") {
        println!(
            "skipped: importing the modules of real projects takes minutes, and is asked for by HARDLINT_SLOW_TOO=1"
        );
        return;
    }
    let python = std::env::var(modules.variable).unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(&python);
    command.args(["-I", "-B", "-c", &format!("{ISOLATED}\n{}", modules.script)]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let (mut asked, mut answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    let is_ready = line.starts_with(modules.ready);
    let at_hand = if is_ready { files(Path::new(&corpus), modules.format.id) } else { Vec::new() };
    let scratch = std::env::temp_dir().join(format!("hardlint-real-{}-{}", modules.format.id, std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let scratch = scratch.canonicalize().unwrap();
    let (mut wrong, mut sums) = (String::new(), Sums::default());
    let mut services: Option<(PathBuf, deployed::Running)> = None;
    for (at, file) in at_hand.iter().enumerate() {
        let (project, path) = project(Path::new(&corpus), file);
        let folder = scratch.join(at.to_string());
        copy(&project, &folder);
        fs::create_dir_all(folder.join(".git")).unwrap();
        if services.as_ref().is_none_or(|(known, _)| *known != project) {
            services = Some((project.clone(), deployed::services(&project)));
        }
        let running = services.as_ref().and_then(|(_, running)| running.get(&path)).cloned().unwrap_or_default();
        sums.services += running.len();
        writeln!(asked, "{}", json!({"folder": folder, "path": path, "services": running})).unwrap();
        line.clear();
        answers.read_line(&mut line).unwrap();
        let worlds: Value = serde_json::from_str(&line).unwrap();
        let report = module(modules, &folder, &path, worlds.as_array().unwrap(), &mut sums);
        if !report.is_empty() {
            let _ = writeln!(wrong, "{}\n{report}", file.display());
        }
        fs::remove_dir_all(&folder).unwrap();
    }
    drop(asked);
    process.wait().unwrap();
    fs::remove_dir_all(&scratch).unwrap();
    if !is_ready {
        let why = format!("{python} has no {}: {} names one that has", modules.ready, modules.variable);
        assert!(std::env::var_os("HARDLINT_REQUIRE_ORACLES").is_none_or(|it| it != "1"), "{why}");
        println!("skipped: {why}");
        return;
    }
    let Sums { modules: all, imported, worlds, known, values, services, run } = sums;
    println!(
        "{}: {imported} of {all} modules were imported, in {worlds} environments, {run} of {services} of them those of services; \
         {known} of {values} values are known",
        modules.format.name
    );
    assert!(wrong.is_empty(), "{wrong}");
    assert!(imported > 0, "no module was compared");
}

#[derive(Default)]
struct Sums {
    modules: usize,
    imported: usize,
    worlds: usize,
    known: usize,
    values: usize,
    /// Services that run a module, and those in whose environment it was imported.
    services: usize,
    run: usize,
}

/// What differs of one module.
fn module(modules: &Modules, folder: &Path, path: &str, worlds: &[Value], sums: &mut Sums) -> String {
    let (mut report, mut told) = (String::new(), 0);
    sums.modules += 1;
    let blind = show(modules, folder, path, None).1;
    for world in worlds {
        let name = world["name"].as_str().unwrap();
        let Some(theirs) = world["told"].as_object() else {
            println!("{path}, {name}: not imported: {} ({})", world["error"].as_str().unwrap_or("?"), world["line"]);
            continue;
        };
        told += 1;
        sums.run += usize::from(name.starts_with(deployed::SERVICE));
        let (case, shown) = show(modules, folder, path, Some(&world["environment"]));
        let root = folder.to_str().unwrap();
        let theirs = theirs.iter().map(|(key, value)| (&**key, value.as_str().unwrap().replace(root, "$ROOT")));
        let theirs: BTreeMap<&str, String> = theirs.collect();
        let known = differences(modules, &shown, &theirs, name, &mut report);
        differences(modules, &blind, &theirs, &format!("not told that it is {name}"), &mut report);
        println!("{path}, {name}: {known} of {} values are known", theirs.len());
        sums.known += known;
        sums.values += theirs.len();
        report.push_str(&(modules.further)(folder, &case, world));
    }
    if modules.format.id == "django" {
        report.push_str(&deployed::verdicts(folder, path, worlds));
    }
    sums.worlds += told;
    sums.imported += usize::from(told > 0);
    report
}

/// What is shown of a module in an environment, or whatever the environment is.
fn show(modules: &Modules, folder: &Path, path: &str, environment: Option<&Value>) -> (Case, Shown) {
    let mut files = vec![(path.to_owned(), Vec::new())];
    if let Some(environment) = environment.and_then(Value::as_object) {
        let lines = environment.iter().map(|(name, value)| format!("{name}={}\n", value.as_str().unwrap()));
        files.push(("environment".to_owned(), lines.collect::<String>().into_bytes()));
        fs::write(folder.join("environment"), &files[1].1).unwrap();
    }
    let case = Case { files, ..Case::default() };
    let shown = ours::show(modules.format, modules.target, folder, &case);
    (case, shown.values)
}

type Shown = BTreeMap<String, Result<Vec<String>, String>>;

/// Says which known values are otherwise; how many are known.
fn differences(
    modules: &Modules,
    shown: &Shown,
    theirs: &BTreeMap<&str, String>,
    name: &str,
    report: &mut String,
) -> usize {
    let open = shown.get(modules.open).is_some_and(Result::is_err);
    let mut known = 0;
    for key in shown.keys().map(|key| &**key).chain(theirs.keys().copied()).collect::<BTreeSet<&str>>() {
        let told = theirs.get(key);
        match (shown.get(key), told) {
            (Some(Err(_)), _) => {}
            // What is not at hand here may be known to us.
            (_, Some(value)) if value.contains(OUTSIDE) => {}
            (Some(Ok(lines)), Some(value)) if lines.join("\n") == *value => known += 1,
            (None, Some(_)) if open => {}
            (ours, _) => {
                let _ = writeln!(report, "{name}: {key}: {ours:?}, the program says {told:?}");
            }
        }
    }
    known
}

/// The Python files of a folder that are of the format, but for those that a template writes.
fn files(folder: &Path, format: &str) -> Vec<PathBuf> {
    let format = named(format).unwrap();
    let (mut found, mut next) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = next.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                next.push(path);
            } else if path.extension().is_some_and(|ending| ending == "py")
                && !path.to_string_lossy().contains("{{")
                && fs::read_to_string(&path).is_ok_and(|text| (format.sniff)(&path.to_string_lossy(), &text))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The project that a file belongs to, and its path there: a folder of the corpus, or a commit below `_history` in one.
fn project(corpus: &Path, file: &Path) -> (PathBuf, String) {
    let path = file.strip_prefix(corpus).unwrap();
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let depth = if parts[1] == "_history" { 3 } else { 1 };
    (parts[..depth].iter().fold(corpus.to_owned(), |path, part| path.join(part)), parts[depth..].join("/"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && entry.file_name() != "_history" {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
