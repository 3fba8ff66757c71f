//! `check --fix` and `check --diff`: what the linter mended, written or shown.
//!
//! Which fixes are made is decided by [`hardlint_lint::mend`]; here is which files they may be made in, and the disk.

mod diff;
pub(crate) mod write;

use crate::args::Fixing;
use crate::disk::Disk;
use crate::project::Project;
use crate::report::clean;
use crate::root::Names;
use diff::Side;
use hardlint_config::loader::Overlay;
use hardlint_config::secrets;
use hardlint_config::text::Source;
use hardlint_config::workspace::{Slots, Unit, Workspace};
use hardlint_lint::Linter;
use hardlint_lint::diagnostic::{Diagnostic, Fingerprint, Report, Safety};
use hardlint_lint::mend::{Mended, Mending, Refused};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Fixes that were not made are named up to this many.
const NAMED: usize = 20;

/// What fixes did below one root, or would do.
#[derive(Debug, Default)]
pub struct Fixed {
    /// Findings that are gone.
    pub findings: usize,
    /// Files that changed.
    pub files: usize,
    /// Fixes that were not made, one a line.
    pub refused: Vec<String>,
    /// What `--diff` prints.
    pub diff: String,
    /// The text of standard input, if fixes changed it.
    pub input: Option<String>,
}

impl Fixed {
    /// Adds what was made below another root, and how many findings are gone there.
    pub fn add(&mut self, made: Self, findings: usize) {
        self.findings += findings;
        self.files += made.files;
        self.refused.extend(made.refused);
        self.diff.push_str(&made.diff);
        self.input = made.input.or(self.input.take());
    }
}

/// What fixes are made on.
pub struct Mend<'a> {
    /// What is to be done.
    pub fixing: Fixing,
    /// Judges.
    pub linter: &'a Linter,
    /// The files.
    pub disk: &'a Disk,
    /// What they are.
    pub project: &'a Project<'a>,
    /// How they are called.
    pub names: &'a Names,
    /// The path of standard input, if it is that.
    pub input: Option<&'a str>,
    /// What was found and is not to be told, and so not to be mended: each with the number 0.
    pub known: BTreeSet<Fingerprint>,
}

impl Mend<'_> {
    /// Makes the fixes of what was found, and gives what is found then, if anything changed.
    pub fn run(&self, found: &Report) -> (Fixed, Option<Report>) {
        let workspace = &self.project.workspace;
        let slots: Arc<Slots> = Arc::new(workspace.slots().map(|(path, slot)| (path.clone(), slot.clone())).collect());
        let twice = self.names_of_same(&found.diagnostics);
        let mending = Mending {
            linter: self.linter,
            loader: self.disk,
            query: &workspace.query,
            slots: &slots,
            safety: if self.fixing.unsafe_fixes { Safety::Unsafe } else { Safety::Safe },
            meant: &|found| self.is_meant(found),
            locked: &|path| self.locked(path, &twice),
        };
        let mut mended = mending.mend(found.diagnostics.clone());
        let mut fixed = Fixed::default();
        fixed.refused.extend(mended.refused.iter().chain(&self.no_text(&found.diagnostics)).map(|it| self.refusal(it)));
        let before = &mended.before;
        mended.texts.retain(|path, text| before.get(path).is_some_and(|it| it.text != *text));
        match self.input {
            _ if self.fixing.diff => fixed.diff = self.diff(&mended, &slots),
            Some(path) => fixed.input = mended.texts.get(path).cloned(),
            None => self.write(&mut mended, &mut fixed),
        }
        if mended.texts.is_empty() {
            return (fixed, None);
        }
        fixed.files = mended.texts.len();
        let overlay = Overlay { below: self.disk, texts: &mended.texts };
        let workspace = Workspace::with_slots(&overlay, workspace.query.clone(), slots);
        (fixed, Some(self.linter.check(&workspace)))
    }

    /// What is not mended as its file is no UTF-8: bytes of it that stand for nothing would not stay as they are.
    fn no_text(&self, found: &[Diagnostic]) -> Vec<Refused> {
        let most = if self.fixing.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let has_fix = |it: &&Diagnostic| it.fix.as_ref().is_some_and(|fix| fix.safety <= most);
        let lossy = found.iter().filter(|it| it.primary.source.lossy && self.is_meant(it)).filter(has_fix);
        let why = "nothing is written to a file that is not UTF-8 throughout";
        lossy.map(|it| Refused { finding: it.clone(), why: why.to_owned() }).collect()
    }

    fn is_meant(&self, found: &Diagnostic) -> bool {
        let known = || self.known.contains(&Fingerprint { ordinal: 0, ..found.fingerprint.clone() });
        self.project.reported.contains(&found.primary.source.path) && (self.known.is_empty() || !known())
    }

    /// Files that are met under several names, with the one that they are changed under.
    fn names_of_same(&self, found: &[Diagnostic]) -> BTreeMap<PathBuf, Arc<str>> {
        let mut names = BTreeMap::new();
        for edit in found.iter().filter_map(|it| it.fix.as_ref()).flat_map(|fix| &fix.edits) {
            if let Some(real) = self.disk.writable(&edit.source.path) {
                names.entry(real).or_insert_with(|| edit.source.path.clone());
            }
        }
        names
    }

    /// Why a file may not be changed, if it may not.
    fn locked(&self, path: &str, names: &BTreeMap<PathBuf, Arc<str>>) -> Option<String> {
        let shown = || self.names.of(path);
        if let Some(input) = self.input {
            return (path != input)
                .then(|| format!("it would change `{}`, and only standard input is mended", shown()));
        }
        if !self.project.reported.contains(path) {
            return Some(format!("it would change `{}`, which was not asked for", shown()));
        }
        let Some(real) = self.disk.writable(path) else {
            return Some(format!("it would change `{}`, which lies outside the root", shown()));
        };
        if write::has_other_names(&real) {
            return Some(format!("`{}` has further names (hard links), under which it would stay as it is", shown()));
        }
        let other = names.get(&real).filter(|name| ***name != *path)?;
        Some(format!("`{}` is changed under its name `{}`", shown(), self.names.of(other)))
    }

    fn refusal(&self, refused: &Refused) -> String {
        let at = &refused.finding.primary;
        let place = format!("{}:{}", self.names.of(&at.source.path), at.start().line);
        let text = format!("not applied: {place}: {}: {}", refused.finding.rule, secrets::hide(&refused.why));
        clean::line(&text).into_owned()
    }

    /// Writes what changed; what cannot be written stays as it was.
    fn write(&self, mended: &mut Mended, fixed: &mut Fixed) {
        mended.texts.retain(|path, text| {
            let (Some(before), Some(real)) = (mended.before.get(path), self.disk.writable(path)) else { return false };
            match write::replace(&real, &before.text, text) {
                Ok(()) => true,
                Err(error) => {
                    let text = format!("not written: {}: {error}", self.names.of(path));
                    fixed.refused.push(clean::line(&text).into_owned());
                    false
                }
            }
        });
    }

    fn diff(&self, mended: &Mended, slots: &Arc<Slots>) -> String {
        let overlay = Overlay { below: self.disk, texts: &mended.texts };
        let query = &self.project.workspace.query;
        let after = Workspace::with_slots(&overlay, query.clone(), slots.clone());
        let before = &self.project.workspace;
        let units: Vec<Unit> = before.units();
        let changed = |unit: &&Unit| unit.files.iter().any(|file| mended.texts.contains_key(&**file));
        let units: Vec<Unit> = units.iter().filter(changed).cloned().collect();
        let masks = (Linter::masks(before, &units), Linter::masks(&after, &units));
        let mut out = String::new();
        for (path, text) in &mended.texts {
            let Some(source) = mended.before.get(path) else { continue };
            let new = Arc::new(Source::new(path.as_str(), text.as_str()));
            let (old, new) = (Side { source, masks: &masks.0 }, Side { source: &new, masks: &masks.1 });
            out.push_str(&diff::unified(&clean::line(&self.names.of(path)), &old, &new));
        }
        out
    }
}

/// What people are told of fixes, beside the report of the rest.
pub fn summary(fixing: Fixing, fixed: &Fixed, left: &[&Diagnostic]) -> String {
    let mut text = String::new();
    let verb = if fixing.diff { "Would fix" } else { "Fixed" };
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let _ = write!(text, "{verb} {} in {}", plural(fixed.findings, "finding"), plural(fixed.files, "file"));
    let more = if fixing.unsafe_fixes { 0 } else { fixable(left, Safety::Unsafe) };
    if more > 0 {
        let _ = write!(text, "; {more} more can be fixed with --unsafe-fixes");
    }
    text.push('\n');
    for line in fixed.refused.iter().take(NAMED) {
        let _ = writeln!(text, "{line}");
    }
    let rest = fixed.refused.len().saturating_sub(NAMED);
    if rest > 0 {
        let _ = writeln!(text, "and {rest} more that were not applied");
    }
    text
}

/// How many findings have a fix that is as safe as this.
pub fn fixable(found: &[&Diagnostic], safety: Safety) -> usize {
    let has = |fix: &&hardlint_lint::diagnostic::Fix| fix.safety == safety && !fix.edits.is_empty();
    found.iter().filter_map(|it| it.fix.as_ref()).filter(has).count()
}
