//! Writes cases, asks both, and makes what differs small.

use crate::case::{Case, Lines, Place, Told};
use crate::ours::{self, Shown};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is asked of one program.
pub(crate) struct Format {
    /// What is compared, for people.
    pub(crate) name: &'static str,
    /// As `--type` has it.
    pub(crate) id: &'static str,
    /// Of so many files that are asked for one is written: a program that takes long is asked about fewer.
    pub(crate) one_in: usize,
    /// What else `show` is told of how the program is asked.
    pub(crate) arguments: &'static [&'static str],
    /// The program; why it cannot be asked.
    pub(crate) program: fn(&Path) -> Result<Box<dyn Program>, String>,
    /// Whether a real file is one of this format, by its path.
    pub(crate) is_ours: fn(&Path) -> bool,
    /// Whether `show` may answer "unknown": for a key, and the reason that it gives.
    pub(crate) unknown: fn(&Case, &str, &str) -> bool,
    /// What is known to differ: the limits of the format, for a case and what either says is wrong with it.
    pub(crate) limit: fn(&Case, &str) -> bool,
}

/// A program that can be asked.
pub(crate) trait Program {
    /// As `--target` has it: the version that is asked.
    fn target(&self) -> String;

    /// Files to ask about.
    fn cases(&self) -> BoxedStrategy<Case>;

    /// What a real file is asked with.
    fn conditions(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// A real file, made such that the program can start with it; nothing where that is not to be done.
    fn real(&self, path: &Path, bytes: Vec<u8>) -> Option<Case> {
        let name = name(path);
        Some(Case { files: vec![(name, bytes)], conditions: self.conditions(), ..Case::default() })
    }

    /// A real file in each of the environments that it is asked in.
    fn reals(&self, file: &Path, bytes: Vec<u8>) -> Vec<Case> {
        self.real(file, bytes).into_iter().collect()
    }

    /// What it makes of a case that was written to `folder`.
    fn ask(&mut self, folder: &Path, case: &Case) -> Told;

    /// What we make of it.
    fn shown(&self, format: &Format, folder: &Path, case: &Case) -> Shown {
        ours::show(format, &self.target(), folder, case)
    }

    /// What differs beyond that, of a case that it accepts and that is no problem to us.
    fn further(&mut self, folder: &Path, case: &Case) -> String {
        let _ = (folder, case);
        String::new()
    }

    /// Of so many real files one is compared, where not all are asked for.
    fn real_one_in(&self) -> usize {
        1
    }

    /// How many answers of running programs were compared, where files are asked for those.
    fn answers(&self) -> Option<usize> {
        None
    }

    /// How much of real files was compared, where that is not all of each.
    fn told(&self) -> String {
        String::new()
    }

    /// Whether it was asked about a key.
    fn tells(&self, key: &str, theirs: &BTreeMap<String, Vec<String>>) -> bool {
        let _ = (key, theirs);
        true
    }

    /// Whether it is the same answer.
    fn same(&self, case: &Case, key: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        let _ = (case, key);
        ours == theirs
    }
}

/// How many different differences are looked for.
const ENOUGH: usize = 20;
/// How often a case is made smaller.
const STEPS: usize = 120;

/// Compares as many generated files as are asked for.
pub(crate) fn generated(format: &Format) {
    let count: usize = number("HARDLINT_DIFFERENTIAL").unwrap_or(0);
    if count == 0 {
        println!("skipped: HARDLINT_DIFFERENTIAL says how many files of {} are to be compared", format.name);
        return;
    }
    let count = if slow_too() { count } else { count.div_ceil(format.one_in) };
    let seed: u64 = number("HARDLINT_SEED").unwrap_or(1);
    let only: Option<usize> = number("HARDLINT_CASE");
    let Some(mut asking) = Asking::start(format, "generated") else { return };
    let strategy = asking.program.cases();
    let mut found = Vec::new();
    let mut classes = BTreeSet::new();
    let (start, mut accepted) = (Instant::now(), 0);
    for index in only.map_or(0..count, |only| only..only + 1) {
        let mut tree = strategy.new_tree(&mut runner(seed, index)).unwrap();
        let case = tree.current();
        let Some(mut report) = asking.difference(&case, &mut accepted) else { continue };
        if classes.contains(&class(&report)) {
            continue;
        }
        let mut smallest = case;
        let mut steps = 0;
        while steps < STEPS && tree.simplify() {
            loop {
                steps += 1;
                let smaller = tree.current();
                if let Some(same) = asking.difference(&smaller, &mut 0) {
                    (smallest, report) = (smaller, same);
                    break;
                }
                if steps >= STEPS || !tree.complicate() {
                    break;
                }
            }
        }
        if classes.insert(class(&report)) {
            let text = format!("HARDLINT_SEED={seed} HARDLINT_CASE={index}\n{smallest:?}{report}");
            println!("{text}");
            found.push(text);
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    found.sort_by_key(String::len);
    let took = start.elapsed();
    println!("{}: {count} files from seed {seed} in {took:.1?}, {accepted} accepted", format.name);
    assert!(found.is_empty(), "{} kinds of difference with {}:\n\n{}", found.len(), format.name, found.join("\n"));
    // Programs that never run would compare nothing.
    if let (Some(answers), None) = (asking.program.answers(), only) {
        assert!(answers * 2 >= accepted, "only {answers} answers were compared, of {accepted} files");
    }
    // Files that are all refused would compare nothing.
    assert!(only.is_some() || accepted * 5 >= count, "only {accepted} of {count} files were accepted");
}

/// Compares the real files that there are.
pub(crate) fn real(format: &Format) {
    let Some(corpus) = std::env::var_os("HARDLINT_CORPUS") else {
        println!("skipped: HARDLINT_CORPUS names a folder with real files");
        return;
    };
    // As the generated ones, only where it is asked for: most tests are run far more often.
    if number("HARDLINT_DIFFERENTIAL").unwrap_or(0) == 0 {
        println!("skipped: HARDLINT_DIFFERENTIAL says that programs are to be asked");
        return;
    }
    let Some(mut asking) = Asking::start(format, "real") else { return };
    let mut files = Vec::new();
    collect(Path::new(&corpus), format.is_ours, &mut files);
    files.sort();
    let (mut accepted, mut cases, mut wrong) = (0, 0, Vec::new());
    let step = if slow_too() { 1 } else { asking.program.real_one_in() };
    for file in files.iter().step_by(step) {
        for case in asking.program.reals(file, fs::read(file).unwrap()) {
            cases += 1;
            // What is refused was mostly written for another version, or is a template.
            let before = accepted;
            let report = asking.difference(&case, &mut accepted);
            wrong.extend(report.filter(|_| accepted > before).map(|report| format!("{}\n{report}", file.display())));
        }
    }
    let (name, found) = (format.name, files.len());
    println!("{name}: {accepted} of {cases} real files, of {found} looked at, are accepted {}", asking.program.told());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted > 0, "no file was compared");
    assert!(asking.program.answers() != Some(0), "no answer was compared");
}

/// Whether as many files are asked for of programs that take long.
pub(crate) fn slow_too() -> bool {
    std::env::var_os("HARDLINT_SLOW_TOO").is_some_and(|it| it == "1")
}

/// All files below a folder that are wanted.
pub(crate) fn collect(folder: &Path, is_ours: fn(&Path) -> bool, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            collect(&entry.path(), is_ours, files);
        } else if kind.is_file() && is_ours(&entry.path()) {
            files.push(entry.path());
        }
    }
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

pub(crate) fn runner(seed: u64, index: usize) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(index as u64).to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// What two reports of one cause have in common: their words, without names and numbers.
fn class(report: &str) -> String {
    let words = |line: &str| {
        // Where a file is refused, or not, what is said of it tells the causes apart.
        if line.starts_with("refused") || line.starts_with("accepted") {
            let outside = line.split('"').step_by(2).collect::<String>();
            return outside.replace(|letter: char| letter.is_ascii_digit(), "");
        }
        line.split([':', '`']).next().unwrap_or_default().to_owned()
    };
    report.lines().map(words).collect::<Vec<_>>().join("\n")
}

/// A program that is being asked, and where its files stand.
pub(crate) struct Asking<'f> {
    format: &'f Format,
    pub(crate) program: Box<dyn Program>,
    pub(crate) scratch: PathBuf,
    count: usize,
}

impl<'f> Asking<'f> {
    /// Nothing where the program is not at hand.
    pub(crate) fn start(format: &'f Format, what: &str) -> Option<Self> {
        // Not below our own repository, which would be the root that is read.
        let scratch = std::env::temp_dir().join(format!("hardlint-{}-{what}-{}", format.name, std::process::id()));
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).unwrap();
        // Where the temporary folder is a link, the program prints where it leads.
        let scratch = scratch.canonicalize().unwrap();
        match (format.program)(&scratch) {
            Ok(program) => Some(Self { format, program, scratch, count: 0 }),
            Err(why) => {
                let _ = fs::remove_dir_all(&scratch);
                assert!(std::env::var_os("HARDLINT_REQUIRE_ORACLES").is_none_or(|it| it != "1"), "{why}");
                println!("skipped: {why}");
                None
            }
        }
    }

    /// What differs between the program and us.
    fn difference(&mut self, case: &Case, accepted: &mut usize) -> Option<String> {
        self.count += 1;
        let folder = self.scratch.join(self.count.to_string());
        fs::create_dir_all(&folder).unwrap();
        case.write(&folder);
        let told = self.program.ask(&folder, case);
        let shown = self.program.shown(self.format, &folder, case);
        *accepted += usize::from(matches!(told, Told::Accepted(_)));
        let mut report = String::new();
        self.compare(case, &told, &shown, &mut report);
        if report.is_empty() && matches!(told, Told::Accepted(_)) && shown.problems.is_empty() {
            report = self.program.further(&folder, case);
        }
        fs::remove_dir_all(&folder).unwrap();
        (!report.is_empty()).then_some(report)
    }

    fn compare(&self, case: &Case, told: &Told, shown: &Shown, report: &mut String) {
        let problems: Vec<_> =
            shown.problems.iter().filter(|(_, message)| !(self.format.limit)(case, message)).collect();
        let limited = problems.len() < shown.problems.len();
        match told {
            Told::Nothing => {}
            Told::Refused(..) | Told::Partly(..) if limited => {}
            Told::Refused(_, why) | Told::Partly(_, why, _) if (self.format.limit)(case, why) => {}
            Told::Refused(places, why) => refused(places, why, &problems, report),
            Told::Partly(places, why, theirs) => {
                refused(places, why, &problems, report);
                self.values(case, theirs, shown, report);
            }
            Told::Accepted(_) if !problems.is_empty() => {
                let _ = writeln!(report, "accepted, but problems: {problems:?}");
            }
            Told::Accepted(_) if limited => {}
            Told::Accepted(theirs) => self.values(case, theirs, shown, report),
        }
    }

    fn values(&self, case: &Case, theirs: &BTreeMap<String, Vec<String>>, shown: &Shown, report: &mut String) {
        let keys: BTreeSet<&String> = shown.values.keys().chain(theirs.keys()).collect();
        for key in keys.into_iter().filter(|key| self.program.tells(key, theirs)) {
            let theirs = theirs.get(key).map(Vec::as_slice);
            match shown.values.get(key) {
                Some(Err(why)) if (self.format.unknown)(case, key, why) || bytes(case, why) => {}
                Some(Err(why)) => {
                    let _ = writeln!(report, "unknown: {key}: {why}, the program says {theirs:?}");
                }
                ours => {
                    // A key without a line is not told.
                    let ours = ours.and_then(|lines| lines.as_deref().ok()).filter(|lines| !lines.is_empty());
                    if !self.program.same(case, key, ours, theirs) {
                        let _ = writeln!(report, "{key}: {ours:?}, the program says {theirs:?}");
                    }
                }
            }
        }
    }
}

/// JSON has no way to write bytes that are no text; escapes can make some.
fn bytes(case: &Case, why: &str) -> bool {
    let odd = |bytes: &Vec<u8>| std::str::from_utf8(bytes).is_err() || bytes.contains(&b'\\') || bytes.contains(&b'%');
    why.contains("not UTF-8") && case.files.iter().any(|(_, bytes)| odd(bytes))
}

/// Whether what the program refuses is a problem at the same places.
fn refused(places: &[Place], why: &str, problems: &[&(Lines, String)], report: &mut String) {
    if problems.is_empty() {
        let _ = writeln!(report, "refused, but no problem: {places:?} {why}");
    } else if let Some(missed) = places.iter().find(|place| !problems.iter().any(|(known, _)| known.has(place))) {
        let _ = writeln!(report, "refused elsewhere: {missed:?} {why}, problems {problems:?}");
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}
