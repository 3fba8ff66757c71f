//! Applies fixes, each only when it was tried and did what it says.
//!
//! Edits are made in memory, over the files as they are; nothing is written here. Fixes that are independent of each other
//! are tried together, and where that fails in halves, so that a file with a hundred findings is not judged a hundred times.
//! What overlaps waits for the next round.

use crate::diagnostic::{Diagnostic, Edit, Report, Safety};
use crate::fix::{Effect, unexplained};
use crate::rule::FixForm;
use crate::ruleset::Compiled;
use crate::suppress;
use crate::{Hint, Linter};
use hardlint_config::deployment::{Deployment, End};
use hardlint_config::formats;
use hardlint_config::formats::edit::apply;
use hardlint_config::loader::{Loader, Overlay};
use hardlint_config::text::{Source, Span};
use hardlint_config::workspace::{Query, Slots, Unit, Workspace};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rounds at most: what a fix uncovers is mended in the next one, and somewhere this has to end.
const ROUNDS: usize = 12;
/// Units that a group's are judged with, at most.
const MOST_BESIDE: usize = 200;
/// Trials of one round: a hundred fixes of which each does harm are not all tried one by one.
const TRIALS: usize = 200;

/// The files of a project as they are.
pub struct Mending<'m> {
    /// Judges.
    pub linter: &'m Linter,
    /// Reads the files.
    pub loader: &'m dyn Loader,
    /// What is asked of them.
    pub query: &'m Query,
    /// What they are.
    pub slots: &'m Arc<Slots>,
    /// Which fixes are made.
    pub safety: Safety,
    /// Which findings are mended.
    pub meant: &'m (dyn Fn(&Diagnostic) -> bool + Sync),
    /// Why a file may not be changed, if it may not.
    pub locked: &'m (dyn Fn(&str) -> Option<String> + Sync),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Mended {
    /// The texts that changed, by path.
    pub texts: BTreeMap<String, String>,
    /// The same files as they were.
    pub before: BTreeMap<String, Arc<Source>>,
    /// What was replaced in them, in their order; nothing of those that changed in several rounds.
    pub edits: BTreeMap<String, Vec<(Span, String)>>,
    /// Fixes that were not made, and why.
    pub refused: Vec<Refused>,
}

/// A fix that was not made.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it is a fix of.
    pub finding: Diagnostic,
    /// Why it was not made.
    pub why: String,
}

/// Findings whose fixes touch the same units.
struct Group<'g> {
    units: Vec<&'g Unit>,
    /// How many of these have the files in them, and are not only judged with an eye on those.
    own: usize,
    found: Vec<&'g Diagnostic>,
    /// Those that were tried and did what they say, together.
    kept: Vec<usize>,
    /// What is to be tried on top of them.
    queue: Vec<Vec<usize>>,
    refused: Vec<(usize, String)>,
    before: Seen,
}

/// What is said of some units, as far as a fix is measured by it.
#[derive(Default)]
struct Seen {
    rules: BTreeMap<(Arc<str>, Arc<str>), usize>,
    /// What of it may be no fault.
    hints: BTreeSet<Hint>,
    findings: BTreeMap<Identity, usize>,
    problems: BTreeMap<(Arc<str>, String), usize>,
    effects: Vec<Effect>,
}

/// What stays the same of a finding while others go.
type Identity = (Arc<str>, Arc<str>, Vec<Arc<str>>, String);

impl Mending<'_> {
    /// Makes the fixes of what was found.
    pub fn mend(&self, found: Vec<Diagnostic>) -> Mended {
        let mut mended = Mended::default();
        let mut found = found;
        let judge = self.linter.asked_for_all();
        for _ in 0..ROUNDS {
            let (next, refused) = self.round(&judge, &mut mended, &found);
            mended.refused.extend(refused);
            found = next;
            if found.is_empty() {
                break;
            }
        }
        let mut told = BTreeSet::new();
        mended.refused.retain(|it| told.insert((identity(&it.finding), it.finding.primary.span, it.why.clone())));
        mended.refused.sort_by(|a, b| {
            let key = |it: &Refused| (it.finding.primary.source.path.clone(), it.finding.primary.span);
            key(a).cmp(&key(b)).then_with(|| a.finding.rule.cmp(&b.finding.rule))
        });
        mended
    }

    /// Makes what can be made at once; gives what is found then, where there may be more to make, and what was refused
    /// for good.
    fn round(&self, judge: &Linter, mended: &mut Mended, found: &[Diagnostic]) -> (Vec<Diagnostic>, Vec<Refused>) {
        let mut refused = Vec::new();
        let mut candidates = Vec::new();
        for finding in found.iter().filter(|it| (self.meant)(it)) {
            let Some(edits) = self.edits(finding) else { continue };
            match edits.iter().find_map(|edit| (self.locked)(&edit.source.path)) {
                Some(why) => refused.push(Refused { finding: finding.clone(), why }),
                None => candidates.push(finding),
            }
        }
        let texts = mended.texts.clone();
        let overlay = Overlay { below: self.loader, texts: &texts };
        let workspace = Workspace::with_slots(&overlay, self.query.clone(), self.slots.clone());
        let units = workspace.units();
        let mut groups = groups(&units, candidates);
        groups.par_iter_mut().for_each(|group| {
            let beside = self.beside(&workspace, group, &units);
            group.units.extend(beside);
            group.before = seen(judge, &workspace, &group.units, group.own);
        });
        self.steps(judge, mended, &mut groups);
        let mut touched: Vec<Unit> = Vec::new();
        for group in groups {
            // What was refused beside others may well be made once they are.
            if group.kept.is_empty() {
                let why =
                    |(index, why): (usize, String)| Some(Refused { finding: (*group.found.get(index)?).clone(), why });
                refused.extend(group.refused.into_iter().filter_map(why));
                continue;
            }
            for (path, text) in group.texts(&group.kept).unwrap_or_default() {
                let source = group.edits(&group.kept).find(|edit| *edit.source.path == *path);
                if let Some(edit) = source {
                    mended.before.entry(path.clone()).or_insert_with(|| edit.source.clone());
                }
                let once = !mended.texts.contains_key(&path);
                let edits = group.edits(&group.kept).filter(|edit| once && *edit.source.path == *path);
                let edits: BTreeSet<_> = edits.map(|edit| (edit.span, edit.text.clone())).collect();
                mended.edits.insert(path.clone(), edits.into_iter().collect());
                mended.texts.insert(path, text);
            }
            touched.extend(group.units.into_iter().cloned());
        }
        let overlay = Overlay { below: self.loader, texts: &mended.texts };
        let workspace = Workspace::with_slots(&overlay, self.query.clone(), self.slots.clone());
        let next = if touched.is_empty() { Report::default() } else { self.linter.check_units(&workspace, &touched) };
        (next.diagnostics, refused)
    }

    /// Tries what the groups have in their queues, one of each at a time, until there is nothing left.
    fn steps(&self, judge: &Linter, mended: &Mended, groups: &mut [Group<'_>]) {
        for step in 0.. {
            groups.iter_mut().for_each(Group::choose);
            let mut active: Vec<&mut Group<'_>> = groups.iter_mut().filter(|it| !it.queue.is_empty()).collect();
            if active.is_empty() {
                break;
            }
            if step == TRIALS {
                for group in active {
                    let left = std::mem::take(&mut group.queue).into_iter().flatten();
                    let why = "too many fixes of this file failed for all to be tried".to_owned();
                    group.refused.extend(left.map(|index| (index, why.clone())));
                }
                break;
            }
            let mut texts = mended.texts.clone();
            for group in &active {
                texts.extend(group.texts(&group.trial()).unwrap_or_default());
            }
            let overlay = Overlay { below: self.loader, texts: &texts };
            let workspace = Workspace::with_slots(&overlay, self.query.clone(), self.slots.clone());
            active.par_iter_mut().for_each(|group| {
                let after = seen(judge, &workspace, &group.units, group.own);
                let proven = self.proof(group, &after);
                group.settle(proven);
            });
        }
    }

    /// The edits of a finding's fix, if they are to be made.
    fn edits<'d>(&self, finding: &'d Diagnostic) -> Option<&'d [Edit]> {
        let fix = finding.fix.as_ref()?;
        // What was taken as empty may hold the very line that would be written, or what shows once another goes.
        let safety = if finding.assumed.is_some() { fix.safety.max(Safety::Unsafe) } else { fix.safety };
        let made = safety <= self.safety && !fix.edits.is_empty() && !fix.edits.iter().any(misleads);
        made.then_some(&fix.edits)
    }

    /// The units of files that a Compose project of a group names: what is found in a Dockerfile rests on the service that is
    /// built from it.
    fn beside<'g>(&self, workspace: &Workspace<'_>, group: &Group<'_>, units: &'g [Unit]) -> Vec<&'g Unit> {
        let compose = &formats::compose::FORMAT;
        let mut named: BTreeSet<Arc<str>> = BTreeSet::new();
        for unit in group.units.iter().filter(|unit| unit.format == compose.id) {
            let mut reader = workspace.reader();
            let model = workspace.resolve(&mut reader, &unit.root, compose);
            let links = Deployment::of(&mut reader, self.query, &model).links;
            named.extend(links.into_iter().filter_map(|link| match link.to {
                End::File(path) => Some(path),
                End::Service(_) => None,
            }));
        }
        let is_beside =
            |unit: &&Unit| unit.files.iter().any(|file| named.contains(file)) && !group.units.contains(unit);
        units.iter().filter(is_beside).take(MOST_BESIDE).collect()
    }

    /// That all of what a group tries does what it says and nothing else; else what it does.
    fn proof(&self, group: &Group<'_>, after: &Seen) -> Result<(), String> {
        let trial = group.trial();
        if group.texts(&trial).is_none() {
            return Err("its edits overlap".to_owned());
        }
        let targets: Vec<&Diagnostic> = trial.iter().filter_map(|&index| group.found.get(index).copied()).collect();
        let before = &group.before;
        let is_troubled = |edit: &&Edit| before.problems.keys().any(|(path, _)| **path == *edit.source.path);
        if let Some(edit) = group.edits(&trial).find(is_troubled) {
            return Err(format!("`{}` has a problem that comes first", edit.source.path));
        }
        if let Some(((path, message), _)) =
            after.problems.iter().find(|(key, count)| before.problems.get(key).is_none_or(|it| it < count))
        {
            return Err(format!("`{path}` would have a problem: {message}"));
        }
        let mut gone: BTreeMap<Identity, usize> = BTreeMap::new();
        for target in &targets {
            *gone.entry(identity(target)).or_default() += 1;
        }
        let count = |seen: &Seen, key: &Identity| seen.findings.get(key).copied().unwrap_or_default();
        if let Some((key, _)) = gone.iter().find(|(key, gone)| count(after, key) + **gone > count(before, key)) {
            return Err(format!("{} would still be found", key.0));
        }
        let more = |(key, count): &(&(Arc<str>, Arc<str>), &usize)| {
            // What may be no fault, and is told because somebody wants to see that as well, stands in no fix's way.
            before.rules.get(*key).copied().unwrap_or_default() < **count && !after.hints.contains(*key)
        };
        if let Some(((rule, path), _)) = after.rules.iter().find(more) {
            return Err(format!("{rule} would be found in `{path}`"));
        }
        self.changes_only_what_it_names(group, after, &targets)
    }

    fn changes_only_what_it_names(&self, group: &Group<'_>, after: &Seen, fixed: &[&Diagnostic]) -> Result<(), String> {
        let forms = |unit: &Unit| -> Vec<&FixForm> {
            let named = fixed.iter().filter_map(|finding| self.linter.rules.named(&finding.rule));
            // What a file of variables says is a part of the Compose project that reads it.
            let of_format = |it: &&Compiled| [unit.format, formats::env::FORMAT.id].contains(&it.rule.format());
            named.filter(of_format).filter_map(|it| it.rule.fix.as_ref()).collect()
        };
        for (unit, (before, after)) in group.units.iter().zip(group.before.effects.iter().zip(&after.effects)) {
            let Some(format) = formats::named(unit.format) else { continue };
            let changed = unexplained(&forms(unit), format, before.difference(after));
            if let Some(key) = changed.first() {
                return Err(format!("it would change `{key}`, too"));
            }
        }
        Ok(())
    }
}

/// What is said of units, of which the first `own` have the files in them.
fn seen(judge: &Linter, workspace: &Workspace<'_>, units: &[&Unit], own: usize) -> Seen {
    let owned: Vec<Unit> = units.iter().map(|unit| (*unit).clone()).collect();
    let (Report { diagnostics, problems, .. }, hints) = judge.check_with_hints(workspace, &owned);
    let mut seen = Seen { hints, ..Seen::default() };
    for finding in &diagnostics {
        let rule = (finding.rule.clone(), finding.primary.source.path.clone());
        *seen.rules.entry(rule).or_default() += 1;
        *seen.findings.entry(identity(finding)).or_default() += 1;
    }
    for problem in problems {
        *seen.problems.entry((problem.path, problem.message)).or_default() += 1;
    }
    let effect = |unit: &&Unit| {
        let format = formats::named(unit.format)?;
        Some(Effect::of(&workspace.resolve(&mut workspace.reader(), &unit.root, format)))
    };
    seen.effects = units.iter().take(own).filter_map(effect).collect();
    seen
}

/// Whether an edit would let a comment that allows something slide onto another line, or cut into a text whose lines end as
/// no program here reads them.
fn misleads(edit: &Edit) -> bool {
    let source = &edit.source;
    let line = source.position(edit.span.start).line;
    // It may stand some comments above.
    let above = (1..line).rev().map(|line| source.line(line)).take_while(|line| line.trim_start().starts_with('#'));
    let allowed = edit.text.is_empty() && above.into_iter().any(suppress::may_be_in);
    let alone = |pair: &[u8]| matches!(pair, [b'\r', next] if *next != b'\n');
    // Each edit asks, and next to no file has one.
    let text = source.text.as_bytes();
    allowed || memchr::memchr(b'\r', text).is_some() && (text.windows(2).any(alone) || text.ends_with(b"\r"))
}

impl<'g> Group<'g> {
    /// Puts what can be made at once at the end of the queue: what touches the text of those is tried after them, and what
    /// touches the text of those kept waits for the next round.
    fn choose(&mut self) {
        while let Some(next) = self.queue.pop() {
            let (chosen, left) = self.together(&next);
            if chosen.is_empty() {
                continue;
            }
            self.queue.extend((!left.is_empty()).then_some(left));
            self.queue.push(chosen);
            break;
        }
    }

    /// Those of `next` whose edits can be made at once, and those that they keep from it.
    fn together(&self, next: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut taken: BTreeMap<&str, BTreeSet<Place<'_>>> = BTreeMap::new();
        for edit in self.edits(&self.kept) {
            taken.entry(&edit.source.path).or_default().insert(place(edit));
        }
        let (mut chosen, mut left) = (Vec::new(), Vec::new());
        for &index in next {
            let edits: Vec<&Edit> = self.edits(&[index]).collect();
            let free = |edit: &&Edit| taken.get(&*edit.source.path).is_none_or(|taken| is_free(taken, edit));
            if edits.iter().all(free) {
                for edit in edits {
                    taken.entry(&edit.source.path).or_default().insert(place(edit));
                }
                chosen.push(index);
            } else {
                left.push(index);
            }
        }
        (chosen, left)
    }

    /// What is tried next: what was kept, with the next of the queue.
    fn trial(&self) -> Vec<usize> {
        self.kept.iter().chain(self.queue.last().into_iter().flatten()).copied().collect()
    }

    fn edits(&self, of: &[usize]) -> impl Iterator<Item = &'g Edit> {
        let found = of.iter().filter_map(|&index| self.found.get(index).copied());
        let edits: Vec<&'g Edit> = found.filter_map(|it| it.fix.as_ref()).flat_map(|fix| &fix.edits).collect();
        edits.into_iter()
    }

    /// The texts with the edits of some of its findings made; nothing if they overlap.
    fn texts(&self, of: &[usize]) -> Option<BTreeMap<String, String>> {
        let mut files: BTreeMap<&str, (&Source, BTreeSet<_>)> = BTreeMap::new();
        for edit in self.edits(of) {
            let (_, edits) = files.entry(&edit.source.path).or_insert_with(|| (&edit.source, BTreeSet::new()));
            edits.insert((edit.span, edit.text.as_str()));
        }
        let text = |(path, (source, edits)): (&str, (&Source, BTreeSet<_>))| {
            Some((path.to_owned(), apply(&source.text, edits)?))
        };
        files.into_iter().map(text).collect()
    }

    /// Keeps what was tried, or tries its halves.
    fn settle(&mut self, proven: Result<(), String>) {
        let Some(mut tried) = self.queue.pop() else { return };
        match proven {
            Ok(()) => self.kept.extend(tried),
            Err(why) => {
                if let [only] = tried.as_slice() {
                    self.refused.push((*only, why));
                    return;
                }
                let rest = tried.split_off(tried.len() / 2);
                self.queue.extend([rest, tried]);
            }
        }
    }
}

/// Puts findings together whose fixes touch the same units, and of each group what can be tried at once in its queue.
fn groups<'g>(units: &'g [Unit], found: Vec<&'g Diagnostic>) -> Vec<Group<'g>> {
    let mut by_file: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, unit) in units.iter().enumerate() {
        for file in &unit.files {
            by_file.entry(file).or_default().push(index);
        }
    }
    let mut joined = Joined((0..units.len()).collect());
    let touched = |finding: &Diagnostic| -> Vec<usize> {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &*edit.source.path);
        let files: BTreeSet<&str> = edits.chain([&*finding.primary.source.path]).collect();
        files.into_iter().filter_map(|file| by_file.get(file)).flatten().copied().collect()
    };
    for finding in &found {
        let touched = touched(finding);
        for pair in touched.windows(2) {
            if let [first, second] = pair {
                joined.join(*first, *second);
            }
        }
    }
    let mut groups: BTreeMap<usize, Group<'g>> = BTreeMap::new();
    let mut members: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for finding in found {
        let touched = touched(finding);
        let Some(first) = touched.first() else { continue };
        let root = joined.root(*first);
        members.entry(root).or_default().extend(touched);
        let group = groups.entry(root).or_insert_with(|| Group {
            units: Vec::new(),
            own: 0,
            found: Vec::new(),
            kept: Vec::new(),
            queue: Vec::new(),
            refused: Vec::new(),
            before: Seen::default(),
        });
        group.found.push(finding);
    }
    for (root, group) in &mut groups {
        group.units = members.remove(root).unwrap_or_default().into_iter().filter_map(|at| units.get(at)).collect();
        group.own = group.units.len();
        group.queue.push((0..group.found.len()).collect());
    }
    groups.into_values().collect()
}

/// An edit as its text has it.
type Place<'e> = (u32, u32, &'e str);

fn place(edit: &Edit) -> Place<'_> {
    (edit.span.start, edit.span.end, &edit.text)
}

/// Whether an edit touches none of those taken, which are free of each other, or is one of them.
fn is_free(taken: &BTreeSet<Place<'_>>, edit: &Edit) -> bool {
    let own = place(edit);
    // Lines put behind a last line without its end each bring one.
    let lines = |first: Place<'_>, second: Place<'_>| first.2.ends_with('\n') && second.2.starts_with(['\r', '\n']);
    let clear =
        |first: Place<'_>, second: Place<'_>| first.1 < second.0 || (first.1 == second.0 && !lines(first, second));
    let (below, above) = (taken.range(..own).next_back(), taken.range(own..).next());
    taken.contains(&own) || (below.is_none_or(|it| clear(*it, own)) && above.is_none_or(|it| clear(own, *it)))
}

/// Which indices belong together.
struct Joined(Vec<usize>);

impl Joined {
    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&above) = self.0.get(at).filter(|above| **above != at) {
            // Halves the way for whoever asks next.
            let higher = self.0.get(above).copied().unwrap_or(above);
            if let Some(slot) = self.0.get_mut(at) {
                *slot = higher;
            }
            at = higher;
        }
        at
    }

    fn join(&mut self, first: usize, second: usize) {
        let (first, second) = (self.root(first), self.root(second));
        if let Some(slot) = self.0.get_mut(first.max(second)) {
            *slot = first.min(second);
        }
    }
}

fn identity(finding: &Diagnostic) -> Identity {
    let parts = &finding.fingerprint;
    let scopes = parts.scopes.iter().map(|scope| Arc::from(&**scope)).collect();
    (parts.rule.clone(), parts.path.clone(), scopes, parts.key.to_string())
}

#[cfg(test)]
mod tests;
