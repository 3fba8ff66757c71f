//! One project, with the documents of it that are open, and what is known of it.
//!
//! Every unit is judged by itself and its outcome kept, with all that it rests on; a change makes those stale that rest on
//! what changed, and no other. What is told of a file is put together from the units that speak of it, as the command line
//! puts them together.

mod documents;
mod looking;

use crate::reads::Register;
use crate::{Host, authors};
use hardlint_config::deployment::Deployment;
use hardlint_config::deployment::following::{self, Led};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats;
use hardlint_config::loader::{Loader, Overlay};
use hardlint_config::reads::{Change, Kept, Noting};
use hardlint_config::text::Source;
use hardlint_config::workspace::{Slot, Slots, Unit, Workspace};
use hardlint_lint::diagnostic::{Diagnostic, Report, Safety, Trouble};
use hardlint_lint::mend::{Mended, Mending};
use hardlint_lint::{Judged, Resolved};
use lsp_types::Uri;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use documents::{Buffer, Document};

/// Below this many, threads take longer to start than what they would share.
const FEW: usize = 8;

/// A unit, by its first file and its format.
pub(crate) type Name = (Arc<str>, &'static str);

/// A project.
pub(crate) struct Session {
    pub(crate) host: Box<dyn Host>,
    /// Folders of the client as it calls them, and their paths below the root: a link may lead there.
    called: Vec<(PathBuf, String)>,
    /// What is known of its files; those that are open as they are written, the others as they were saved.
    slots: Arc<Slots>,
    /// What that rests on.
    looks: Register<Arc<str>>,
    /// The texts of open documents, by path.
    texts: BTreeMap<String, String>,
    open: BTreeMap<String, Document>,
    units: BTreeMap<Name, Unit>,
    known: BTreeMap<Name, Known>,
    /// What that rests on.
    judgings: Register<Name>,
    /// The units that say something of a file.
    speaking: BTreeMap<Arc<str>, BTreeSet<Name>>,
    /// Units that are to be judged again.
    stale: BTreeSet<Name>,
    /// Files of which something else may be to be told.
    unsure: BTreeSet<Arc<str>>,
    /// What many units need, as it was read for the first of them.
    kept: Arc<Kept>,
    /// What became of trials, until something changes.
    trials: BTreeMap<String, Option<Arc<Mended>>>,
    /// What joins open documents to others, until something changes.
    joined: BTreeMap<String, Arc<Joined>>,
}

/// What joins a file to others.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// Where its places lead.
    pub(crate) led: Vec<Led>,
    /// What the services are for that use it, and their names.
    pub(crate) used: Vec<(Role, Vec<String>)>,
}

/// What came of a unit.
struct Known {
    judged: Judged,
    files: BTreeSet<Arc<str>>,
    /// What it was resolved to, where a file of it is open.
    resolved: Option<Resolved>,
}

/// Which of the units that are stale are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of open documents.
    Open,
    /// And those that join others, as only judging them shows of what they speak.
    Joining,
    /// All.
    All,
}

impl Session {
    pub(crate) fn new(host: Box<dyn Host>) -> Self {
        let slots = host.files();
        let mut session = Self {
            host,
            called: Vec::new(),
            slots,
            looks: Register::default(),
            texts: BTreeMap::new(),
            open: BTreeMap::new(),
            units: BTreeMap::new(),
            known: BTreeMap::new(),
            judgings: Register::default(),
            speaking: BTreeMap::new(),
            stale: BTreeSet::new(),
            unsure: BTreeSet::new(),
            kept: Arc::default(),
            trials: BTreeMap::new(),
            joined: BTreeMap::new(),
        };
        let ours = session.slots.iter().filter(|(_, slot)| slot.detected.is_some());
        let ours: Vec<Arc<str>> = ours.map(|(path, _)| path.clone()).collect();
        for (path, _, reads) in session.look(&ours) {
            session.looks.set(path, reads);
        }
        session.divide();
        session
    }

    pub(crate) fn document(&self, path: &str) -> Option<&Document> {
        self.open.get(path)
    }

    /// The open documents, with their paths.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&String, &Document)> {
        self.open.iter()
    }

    /// What is known of a file.
    pub(crate) fn slot(&self, path: &str) -> Option<&Slot> {
        self.slots.get(path)
    }

    /// The text of an open document, to count places in.
    pub(crate) fn source(&self, path: &str) -> Option<Source> {
        self.texts.get(path).map(|text| Source::new(path, text.as_str()))
    }

    /// The text of a file, as it is written or was saved.
    pub(crate) fn text(&self, path: &str) -> Option<Source> {
        match self.source(path) {
            Some(source) => Some(source),
            None => Source::decode(path.into(), self.host.loader().read(path).ok()?).ok(),
        }
    }

    /// Takes in how the client calls a folder.
    pub(crate) fn call(&mut self, folder: &Path) {
        // What a folder is called shows in what it holds, be it there or not.
        let inside = self.host.below(&folder.join("x"));
        let below = inside.and_then(|inside| Some(inside.strip_suffix('x')?.trim_end_matches('/').to_owned()));
        if let Some(below) = below {
            self.called.retain(|(called, _)| called != folder);
            self.called.push((folder.to_owned(), below));
        }
    }

    /// Where a file is, for the client.
    fn place(&self, path: &str) -> PathBuf {
        let within = |below: &str| match below {
            "" => Some(path),
            below => path.strip_prefix(below)?.strip_prefix('/'),
        };
        let called = self.called.iter().find_map(|(folder, below)| Some(folder.join(within(below)?)));
        called.unwrap_or_else(|| self.host.folder().join(path))
    }

    /// How the client calls a file.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        match self.open.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => crate::position::uri(&self.place(path)),
        }
    }

    /// Takes in that something else stands at some paths.
    pub(crate) fn changed(&mut self, changes: &[Change]) {
        self.trials.clear();
        self.joined.clear();
        let mut again: BTreeSet<Arc<str>> = BTreeSet::new();
        for change in changes {
            self.kept.changed(change);
            again.insert(change.path.as_str().into());
            self.unsure.insert(change.path.as_str().into());
            again.extend(self.looks.resting_on(change));
            self.stale.extend(self.judgings.resting_on(change));
            if change.whole {
                // Of a folder that went, only itself is told.
                let below = format!("{}/", change.path);
                let from = (Bound::Included(below.as_str()), Bound::Unbounded);
                let inside = self.slots.range::<str, _>(from).take_while(|(path, _)| path.starts_with(&below));
                again.extend(inside.map(|(path, _)| path.clone()));
                again.extend(self.inside(&change.path));
            }
        }
        self.look_again(again);
    }

    /// Divides the files into units; those that are others than before are stale.
    fn divide(&mut self) {
        let overlay = self.overlay();
        let units = self.over(&overlay).units();
        let units: BTreeMap<Name, Unit> =
            units.into_iter().map(|unit| ((unit.root.clone(), unit.format), unit)).collect();
        let gone: Vec<Name> = self.units.keys().filter(|name| !units.contains_key(*name)).cloned().collect();
        for name in gone {
            self.forget(&name);
            self.judgings.remove(&name);
            self.stale.remove(&name);
        }
        let others = units.iter().filter(|(name, unit)| self.units.get(*name) != Some(*unit));
        self.stale.extend(others.map(|(name, _)| name.clone()));
        self.units = units;
    }

    /// Takes back what a unit says.
    fn forget(&mut self, name: &Name) {
        let Some(known) = self.known.remove(name) else { return };
        for file in known.files {
            if let Some(speaking) = self.speaking.get_mut(&file) {
                speaking.remove(name);
            }
            self.unsure.insert(file);
        }
    }

    /// Whether a unit has to do with an open document.
    fn is_of_open(&self, name: &Name) -> bool {
        let is_open = |path: &Arc<str>| self.open.contains_key(&**path);
        self.units.get(name).is_some_and(|unit| unit.files.iter().any(is_open))
            || self.known.get(name).is_some_and(|known| known.files.iter().any(is_open))
    }

    /// Whether there is something to judge.
    pub(crate) fn is_due(&self, which: Which) -> bool {
        self.stale.iter().any(|name| self.counts(name, which))
    }

    fn counts(&self, name: &Name, which: Which) -> bool {
        match which {
            Which::All => true,
            Which::Joining => name.1 == formats::compose::FORMAT.id || self.is_of_open(name),
            Which::Open => self.is_of_open(name),
        }
    }

    /// Judges units that are stale.
    pub(crate) fn judge(&mut self, which: Which) {
        let due: Vec<Name> = self.stale.iter().filter(|name| self.counts(name, which)).cloned().collect();
        if due.is_empty() {
            return;
        }
        let overlay = self.overlay();
        let workspace = self.over(&overlay);
        let linter = self.host.linter();
        let one = |name: &Name| {
            let unit = self.units.get(name)?;
            let noting = Noting::new(&overlay);
            let through = workspace.through(&noting);
            // What makes one unit fail keeps no other from being told.
            let made = catch_unwind(AssertUnwindSafe(|| linter.judge(&through, unit)));
            let (judged, resolved) = made.unwrap_or_default();
            Some((name.clone(), judged, resolved, noting.into_reads()))
        };
        let made: Vec<_> = if due.len() < FEW {
            due.iter().filter_map(one).collect()
        } else {
            due.par_iter().filter_map(one).collect()
        };
        for (name, judged, resolved, reads) in made {
            self.forget(&name);
            let files = judged.files();
            for file in &files {
                self.speaking.entry(file.clone()).or_default().insert(name.clone());
                self.unsure.insert(file.clone());
            }
            let resolved = resolved.filter(|_| self.open.keys().any(|path| reads.asked(path)));
            self.judgings.set(name.clone(), reads);
            self.known.insert(name, Known { judged, files, resolved });
        }
        for name in due {
            self.stale.remove(&name);
        }
    }

    /// What is to be told of some files, as far as it is known.
    fn told(&self, paths: &BTreeSet<Arc<str>>) -> Report {
        let names: BTreeSet<&Name> = paths.iter().filter_map(|path| self.speaking.get(path)).flatten().collect();
        let known = names.into_iter().filter_map(|name| self.known.get(name));
        let mut report = self.host.linter().tell(known.map(|known| known.judged.clone()).collect());
        report.diagnostics.retain(|it| paths.contains(&it.primary.source.path));
        report.problems.retain(|it| paths.contains(place(it)));
        for path in paths {
            let slot = self.slots.get(path).filter(|slot| slot.detected.is_some());
            let unread = slot.and_then(|slot| slot.unread.as_ref());
            let trouble = |error: &dyn ToString| Trouble::of_file(path.clone(), error.to_string());
            report.problems.extend(unread.map(|error| trouble(error)));
        }
        report
    }

    /// What is to be told of every file.
    pub(crate) fn all(&self) -> Report {
        let unread = self.slots.iter().filter(|(_, slot)| slot.unread.is_some()).map(|(path, _)| path.clone());
        self.told(&self.speaking.keys().cloned().chain(unread).collect())
    }

    /// Puts together what is found in open documents of which something else may be to be told; gives those.
    pub(crate) fn settle(&mut self) -> Vec<String> {
        let unsure = std::mem::take(&mut self.unsure);
        let paths: BTreeSet<Arc<str>> = unsure.into_iter().filter(|path| self.open.contains_key(&**path)).collect();
        if paths.is_empty() {
            return Vec::new();
        }
        let mut report = self.told(&paths);
        for path in &paths {
            let Some(document) = self.open.get_mut(&**path) else { continue };
            document.findings = report.diagnostics.extract_if(.., |it| it.primary.source.path == *path).collect();
            document.problems = report.problems.extract_if(.., |it| place(it) == path).collect();
            let source = self.texts.get(&**path).map(|text| Source::new(path.clone(), text.as_str()));
            document.problems.extend(source.and_then(authors::mistake));
        }
        paths.iter().map(ToString::to_string).collect()
    }

    /// What the units were resolved to that rest on an open document, be it only on where it stands.
    pub(crate) fn beside(&self, path: &str) -> Vec<(&Name, &Resolved)> {
        let known = self.judgings.asking(path).filter_map(|name| self.known.get_key_value(name));
        known.filter_map(|(name, known)| Some((name, known.resolved.as_ref()?))).collect()
    }

    /// What the units of an open document were resolved to, that of its own format first.
    pub(crate) fn resolved(&self, path: &str) -> Vec<(&Name, &Resolved)> {
        let own = self.slots.get(path).and_then(Slot::format);
        let reads = |resolved: &&Resolved| resolved.sources.iter().any(|source| &*source.path == path);
        let mut all: Vec<(&Name, &Resolved)> = self.beside(path);
        all.retain(|(_, resolved)| reads(resolved));
        all.sort_by_key(|(name, _)| (Some(name.1) != own, &*name.0 != path));
        all
    }

    /// What joins an open document to other files.
    pub(crate) fn joined(&mut self, path: &str) -> Arc<Joined> {
        if let Some(known) = self.joined.get(path) {
            return known.clone();
        }
        let overlay = self.overlay();
        let workspace = self.over(&overlay);
        let mut joined = Joined::default();
        if let Some(detected) = self.slots.get(path).and_then(|slot| slot.detected) {
            let mut reader = workspace.reader();
            let model = workspace.resolve(&mut reader, &path.into(), detected.format);
            joined.led = following::of_file(&mut reader, &workspace.query, path, detected.format, &model);
        }
        let compose = &formats::compose::FORMAT;
        for (name, _) in self.beside(path).into_iter().filter(|(name, _)| name.1 == compose.id) {
            let mut reader = workspace.reader();
            let model = workspace.resolve(&mut reader, &name.0, compose);
            let deployment = Deployment::of(&mut reader, &workspace.query, &model);
            joined.led.extend(following::of_project(&reader, &deployment, path));
            let role = self.slots.get(&name.0).map_or(Role::Unknown, |slot| slot.role);
            let mut used: BTreeMap<&str, (Role, Vec<String>)> = BTreeMap::new();
            for index in following::using(&reader, &deployment, path) {
                let Some(member) = deployment.services.get(index) else { continue };
                let role = model.role(member.scope()).unwrap_or(role);
                used.entry(role.name()).or_insert((role, Vec::new())).1.push(member.name.to_string());
            }
            joined.used.extend(used.into_values());
        }
        joined.led.sort();
        joined.led.dedup();
        let joined = Arc::new(joined);
        self.joined.insert(path.to_owned(), joined.clone());
        joined
    }

    /// Makes fixes as `check --fix` does, over the documents as they are written, and gives what came of it; nothing where none
    /// could be made. `id` tells trials apart until something changes.
    pub(crate) fn mend(
        &mut self,
        id: String,
        found: Vec<Diagnostic>,
        safety: Safety,
        meant: &(dyn Fn(&Diagnostic) -> bool + Sync),
    ) -> Option<Arc<Mended>> {
        if let Some(known) = self.trials.get(&id) {
            return known.clone();
        }
        let overlay = self.overlay();
        let query = self.host.query();
        let locked = |path: &str| {
            let written = self.open.contains_key(path) || self.host.writes(path);
            (!written).then(|| format!("`{path}` cannot be written"))
        };
        let mending = Mending {
            linter: self.host.linter(),
            loader: &overlay,
            query: &query,
            slots: &self.slots,
            safety,
            meant,
            locked: &locked,
        };
        let mut mended = mending.mend(found);
        let before = &mended.before;
        mended.texts.retain(|path, text| before.get(path).is_some_and(|it| it.text != *text));
        let made = (!mended.texts.is_empty()).then(|| Arc::new(mended));
        self.trials.insert(id, made.clone());
        made
    }

    /// The texts of open documents over those that were saved.
    pub(crate) fn overlay(&self) -> Overlay<'_> {
        Overlay { below: self.host.loader(), texts: &self.texts }
    }

    /// All files, read through a loader.
    pub(crate) fn over<'l>(&self, loader: &'l dyn Loader) -> Workspace<'l> {
        Workspace::with_slots(loader, self.host.query(), self.slots.clone()).keeping(self.kept.clone())
    }
}

/// The file that a problem is told in.
fn place(problem: &Trouble) -> &Arc<str> {
    problem.at.as_ref().map_or(&problem.path, |at| &at.source.path)
}
