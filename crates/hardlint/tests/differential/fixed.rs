//! Files that a program takes, it takes with all fixes made as well.
//!
//! Generated files and the examples of rules are asked about, and with `HARDLINT_CORPUS` and `HARDLINT_LABELLED` those of real projects. What the program
//! refuses before is not fixed for it, and what no fix changes is not asked about again.

use crate::case::{Case, Told};
use crate::driver::{Asking, Format, collect, number, runner, slow_too};
use proptest::strategy::{Strategy, ValueTree};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many cases one run of hardlint fixes.
const AT_ONCE: usize = 100;
/// Of so many generated files one is fixed, unless all are asked for.
const ONE_IN: usize = 20;

/// Fixes as many generated files as are asked for, and the real ones.
pub(crate) fn taken(format: &Format) {
    let count: usize = number("HARDLINT_DIFFERENTIAL").unwrap_or(0);
    if count == 0 {
        println!("skipped: HARDLINT_DIFFERENTIAL says that programs are to be asked");
        return;
    }
    let Some(mut asking) = Asking::start(format, "fixed") else { return };
    let seed: u64 = number("HARDLINT_SEED").unwrap_or(1);
    let strategy = asking.program.cases();
    let written = (0..if slow_too() { count } else { count.div_ceil(ONE_IN) })
        .map(|index| strategy.new_tree(&mut runner(seed, index)).unwrap().current());
    let mut cases: Vec<(String, Case)> = written.enumerate().map(|(at, case)| (format!("case {at}"), case)).collect();
    let generated = cases.len();
    cases.extend(examples(format));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["HARDLINT_CORPUS", "HARDLINT_LABELLED"].into_iter().filter_map(std::env::var_os) {
        collect(Path::new(&folder), format.is_ours, &mut files);
    }
    files.sort();
    for file in &files {
        let reals = asking.program.reals(file, fs::read(file).unwrap());
        cases.extend(reals.into_iter().take(1).map(|case| (file.display().to_string(), case)));
    }
    let (mut accepted, mut fixed, mut wrong) = (0, 0, Vec::new());
    for cases in cases.chunks(AT_ONCE) {
        let batch = asking.scratch.join("batch");
        let mut taken: Vec<(PathBuf, &(String, Case))> = Vec::new();
        for (at, named) in cases.iter().enumerate() {
            let folder = batch.join(at.to_string());
            fs::create_dir_all(&folder).unwrap();
            named.1.write(&folder);
            if matches!(asking.program.ask(&folder, &named.1), Told::Accepted(_)) {
                taken.push((folder, named));
            }
        }
        accepted += taken.len();
        let before: Vec<_> = taken.iter().map(|(folder, named)| texts(folder, &named.1)).collect();
        fix(format, &asking.program.target(), &taken);
        for ((folder, (name, case)), before) in taken.iter().zip(before) {
            if texts(folder, case) == before {
                continue;
            }
            fixed += 1;
            if let Told::Refused(_, why) | Told::Partly(_, why, _) = asking.program.ask(folder, case)
                && !is_meant(&why)
            {
                let after = texts(folder, case);
                wrong.push(format!("{name}: {why}\n{}", String::from_utf8_lossy(after.first().unwrap())));
            }
        }
        fs::remove_dir_all(&batch).unwrap();
    }
    let (name, all) = (format.name, cases.len());
    println!(
        "{name}: {fixed} of {accepted} files that are accepted were fixed, of {all}, {generated} of these from seed {seed}"
    );
    assert!(wrong.is_empty(), "{} are refused when they are fixed:\n{}", wrong.len(), wrong.join("\n"));
    assert!(fixed > 0, "nothing was fixed");
}

/// Whether what is refused is what the fix says: a secret without a value stops Compose, and the account that nginx is to run as is the
/// host's to have.
fn is_meant(why: &str) -> bool {
    why.contains("is missing a value: set ") || why.starts_with("getpwnam(")
}

/// What the rules of the format are shown by: every fix can be made in one of these.
fn examples(format: &Format) -> Vec<(String, Case)> {
    let known = hardlint_config::formats::named(format.id).unwrap();
    let rules = hardlint_lint::ruleset::RuleSet::built_in();
    let mut found = Vec::new();
    for rule in rules.of_format(format.id) {
        for example in &rule.examples().0 {
            let prepared = hardlint_lint::example::prepare(known, example);
            // A file alone, as the program is started with it.
            let alone = prepared.files.iter().filter(|_| prepared.files.len() == 1);
            found.extend(alone.map(|(path, text)| {
                let files = vec![(path.rsplit('/').next().unwrap().to_owned(), text.clone().into_bytes())];
                (rule.rule.id.clone(), Case { files, ..Case::default() })
            }));
        }
    }
    found
}

fn texts(folder: &Path, case: &Case) -> Vec<Vec<u8>> {
    case.files.iter().map(|(path, _)| fs::read(folder.join(path)).unwrap_or_default()).collect()
}

/// Makes all fixes in the first files of the cases.
fn fix(format: &Format, target: &str, taken: &[(PathBuf, &(String, Case))]) {
    let mut hardlint = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    hardlint.args(["check", "--preview", "--isolated", "--file-by-file", "--fix", "--unsafe-fixes", "--exit-zero"]);
    hardlint.args(["--type", format.id]);
    if !target.is_empty() {
        hardlint.args(["--target", target]);
    }
    hardlint.args(taken.iter().map(|(folder, named)| folder.join(named.1.root())));
    let told = hardlint.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let code = told.status.code();
    assert!(matches!(code, Some(0 | 3)), "hardlint ended with {code:?}: {}", String::from_utf8_lossy(&told.stderr));
}
