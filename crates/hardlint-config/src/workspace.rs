//! The files of a project: what each of them is, what it refers to, and the units that are judged one by one.
//!
//! A [`Workspace`] remembers one slot a path and no text: the files of a unit are read when the unit is resolved, through
//! its [`Reader`], and dropped with it. That is what bounds memory on a tree of any size. An editor lays its open
//! buffers over the disk in its [`Loader`], and calls [`Workspace::update`] when one changes.

mod memo;
mod query;
mod reader;

use crate::deployment::role::{self, Role};
use crate::filling;
use crate::formats::{self, Detected, Format, Link, Within};
use crate::loader::{self, Loader, ReadError};
use crate::model::{Defaults, Model, Node, Value};
use crate::problem::Problem;
use crate::reads::Kept;
use crate::text::{FileId, Loc, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

pub use memo::Memo;
pub use query::Query;
pub use reader::Reader;

/// One file of the project.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What it is, and what told so; `None` where no format claims it.
    pub detected: Option<Detected>,
    /// What it refers to, as paths below the root that exist.
    pub links: Vec<Arc<str>>,
    /// Those of them that are read as parts of it, so that they are not judged on their own.
    pub parts: Vec<Arc<str>>,
    /// The configuration of a further program that it gives.
    pub within: Option<Within>,
    /// What it is for.
    pub role: Role,
    /// What starts it where people are served, a file and the place in it, where its own name says something else.
    pub started_by: Option<(Arc<str>, Span)>,
    /// Why it could not be read, when it was looked into.
    pub unread: Option<ReadError>,
    /// Whether it was asked for, and not only found by a link.
    pub walked: bool,
}

impl Slot {
    /// The id of its format.
    pub fn format(&self) -> Option<&'static str> {
        self.detected.map(|detected| detected.format.id)
    }
}

/// The kinds of links to files that are judged on their own as well.
const OWN_UNITS: [&str; 2] = [formats::EXTENDS, formats::LAID_OVER];

/// The paths that links name, but for the file's own, each once.
fn others<'a>(path: &Arc<str>, links: impl Iterator<Item = &'a Link>) -> Vec<Arc<str>> {
    let paths: BTreeSet<&str> = links.flat_map(|link| link.paths.iter().map(String::as_str)).collect();
    paths.into_iter().filter(|to| *to != &**path).map(Arc::from).collect()
}

/// A file and all that it refers to, in one format: what is resolved and judged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What it is.
    pub format: &'static str,
    /// The file that its program is started with.
    pub root: Arc<str>,
    /// All its files, the root among them, in byte order.
    pub files: Vec<Arc<str>>,
}

/// The files of a project.
pub struct Workspace<'l> {
    /// Access to their text.
    pub loader: &'l dyn Loader,
    /// What is asked beyond them.
    pub query: Query,
    slots: Arc<Slots>,
    /// By a format's place in [`formats::FORMATS`], worked out when the first file of it is met.
    defaults: Arc<[OnceLock<Arc<Defaults>>]>,
    memo: Memo,
}

/// What is known of files, by path.
pub type Slots = BTreeMap<Arc<str>, Slot>;

/// How a file's format is to be found.
#[derive(Clone, Copy, Debug, Default)]
pub enum Detection {
    /// By its name, then by its content.
    #[default]
    Automatic,
    /// It is this: `--type`, or a pattern of the settings file.
    Given(&'static Format),
    /// It is none of ours: a pattern of the settings file says so.
    Excluded,
}

impl<'l> Workspace<'l> {
    /// A workspace without files.
    pub fn new(loader: &'l dyn Loader, query: Query) -> Self {
        let defaults = formats::FORMATS.iter().map(|_| OnceLock::new()).collect();
        Self { loader, query, slots: Arc::default(), defaults, memo: Memo::default() }
    }

    /// A workspace of files that were looked at before.
    pub fn with_slots(loader: &'l dyn Loader, query: Query, slots: impl Into<Arc<Slots>>) -> Self {
        Self { slots: slots.into(), ..Self::new(loader, query) }
    }

    /// The same, with what was read of many files before; its loader has to show them as they were then, or whoever keeps it
    /// has to have told what changed.
    #[must_use]
    pub fn keeping(mut self, kept: Arc<Kept>) -> Self {
        self.memo = Memo::keeping(Some(kept));
        self
    }

    /// The same files through another loader, of which nothing is remembered but what is kept: whoever notes what is asked of that
    /// one learns all that an answer rests on.
    pub fn through<'m>(&self, loader: &'m dyn Loader) -> Workspace<'m> {
        Workspace {
            loader,
            query: self.query.clone(),
            slots: self.slots.clone(),
            defaults: self.defaults.clone(),
            memo: self.memo.anew(),
        }
    }

    /// What is known of the files, to be kept where their loader goes.
    pub fn into_slots(self) -> Arc<Slots> {
        self.slots
    }

    /// Looks at one file, as far as its format and its links need; for many files, call it in parallel and
    /// [`insert`](Self::insert) the results.
    pub fn look(&self, path: &Arc<str>, detection: Detection) -> Slot {
        let mut reader = self.reader();
        let role = Role::Unknown;
        let (links, parts) = (Vec::new(), Vec::new());
        let mut slot =
            Slot { detected: None, links, parts, within: None, role, started_by: None, unread: None, walked: true };
        slot.detected = match detection {
            Detection::Given(format) => Some(Detected { format, by: formats::By::Told }),
            Detection::Excluded => None,
            Detection::Automatic => match formats::by_name(path) {
                formats::ByName::Is(format) => Some(Detected { format, by: formats::By::Name }),
                formats::ByName::Nothing => self.by_destination(&mut reader, path),
                formats::ByName::Perhaps => match reader.open(path, None) {
                    Ok(file) => formats::by_content(path, &reader.source(file).text)
                        .or_else(|| self.by_destination(&mut reader, path)),
                    // A file that only might be ours is no problem when it cannot be read.
                    Err(ReadError::NotFound | ReadError::Folder | ReadError::NotAFile | ReadError::Outside) => None,
                    Err(_) => formats::meant(path).map(|format| Detected { format, by: formats::By::Name }),
                },
            },
        };
        if let Some(detected) = slot.detected {
            // Most files of a project are none of ours, and nobody asks what those are for.
            slot.role = role::of_path(self.taken_as(&reader, path));
            match reader.open(path, None) {
                Ok(file) => {
                    let links = (detected.format.links)(&mut reader, &self.query, file);
                    slot.links = others(path, links.iter());
                    slot.parts = others(path, links.iter().filter(|link| !OWN_UNITS.contains(&link.kind)));
                    let told = slot.role.is_lesser() && !self.query.isolated;
                    if told
                        && detected.format.id == formats::compose::FORMAT.id
                        && formats::compose::by_people(&reader.source(file).text)
                    {
                        slot.role = role::of_deployed(self.taken_as(&reader, path));
                    }
                    if slot.role == Role::Unknown {
                        slot.role = self.role_beside(&reader, path, detected.format);
                    }
                    let lesser = matches!(slot.role, Role::Development | Role::Test) && !self.query.isolated;
                    if lesser {
                        slot.started_by = match detected.format.id {
                            id if id == formats::django::FORMAT.id => {
                                formats::django::deployed(&reader, &self.query, path)
                            }
                            id if id == formats::dockerfile::FORMAT.id => {
                                formats::dockerfile::for_people(&reader, &self.query, path)
                            }
                            _ => None,
                        };
                        slot.role = slot.started_by.as_ref().map_or(slot.role, |_| Role::Production);
                    }
                    if slot.role == Role::Unknown && !self.query.isolated && self.is_among_demos(&reader, path) {
                        slot.role = Role::Example;
                    }
                    slot.within = formats::within(detected.format, &mut reader, &self.query, file);
                }
                Err(error) => slot.unread = Some(error),
            }
        }
        slot
    }

    /// What a template is whose own name does not tell, but what it is written to.
    fn by_destination(&self, reader: &mut Reader<'_>, path: &str) -> Option<Detected> {
        if self.query.isolated || !filling::is_of_jinja(path) {
            return None;
        }
        let destination = filling::destination::of(reader.loader, reader.memo, path)?;
        match formats::by_name(&destination) {
            formats::ByName::Is(format) => Some(Detected { format, by: formats::By::Name }),
            formats::ByName::Perhaps => {
                let file = reader.open(path, None).ok()?;
                formats::by_content(&destination, &reader.source(file).text)
            }
            formats::ByName::Nothing => None,
        }
    }

    /// The path that tells what a file is for. `settings.dist.py` is no name that Python could import: where there is no
    /// `settings.py` beside it, it is copied to one as it stands, and no example.
    fn taken_as<'p>(&self, reader: &Reader<'_>, path: &'p str) -> &'p str {
        let below = self.query.below_argument(path);
        let Some(stem) = path.strip_suffix(".dist.py") else { return below };
        let own = self.query.isolated || reader.loader.stat(&format!("{stem}.py")).is_some();
        below.strip_suffix(".dist.py").filter(|_| !own).unwrap_or(below)
    }

    /// Whether the argument that a file was found by is a collection of demonstrations.
    fn is_among_demos(&self, reader: &Reader<'_>, path: &str) -> bool {
        struct Demos(bool);
        let below = self.query.below_argument(path);
        let argument = path.strip_suffix(below).unwrap_or_default().trim_end_matches('/');
        let files = reader.loader;
        let is_folder = |name: &String| {
            let path = loader::join(argument, name);
            path.and_then(|path| files.stat(&path)).is_some_and(|stat| stat.kind == loader::Kind::Folder)
        };
        let demos = || {
            let folders: Vec<String> = files.list(argument).into_iter().filter(is_folder).collect();
            Demos(role::are_demos(folders.iter().map(String::as_str)))
        };
        below.contains('/') && reader.memo.of::<Demos>(argument, demos).0
    }

    /// What a file is for that is only used together with others.
    fn role_beside(&self, reader: &Reader<'_>, path: &str, format: &Format) -> Role {
        if self.query.isolated || format.id != formats::compose::FORMAT.id {
            return Role::Unknown;
        }
        let told = formats::compose::laid_over(reader, path).map_or(Role::Unknown, |chain| chain.role(&self.query));
        if told == Role::Unknown && formats::compose::is_example(reader, path) { Role::Example } else { told }
    }

    /// Puts in what [`look`](Self::look) found.
    pub fn insert(&mut self, path: Arc<str>, slot: Slot) {
        Arc::make_mut(&mut self.slots).insert(path, slot);
    }

    /// Looks at a file again, after its text changed.
    pub fn update(&mut self, path: &Arc<str>, detection: Detection) {
        self.memo = Memo::default();
        let slot = self.look(path, detection);
        Arc::make_mut(&mut self.slots).insert(path.clone(), slot);
    }

    /// Forgets a file.
    pub fn remove(&mut self, path: &str) {
        self.memo = Memo::default();
        Arc::make_mut(&mut self.slots).remove(path);
    }

    /// All files, in byte order of their paths.
    pub fn slots(&self) -> impl Iterator<Item = (&Arc<str>, &Slot)> {
        self.slots.iter()
    }

    /// What is known of one file.
    pub fn slot(&self, path: &str) -> Option<&Slot> {
        self.slots.get(path)
    }

    /// What is to be judged together, in byte order of the root's path.
    ///
    /// A file is the root of a unit if no other file of its format refers to it. Where files only refer to each other in
    /// a circle, the first in byte order is.
    pub fn units(&self) -> Vec<Unit> {
        let mut linked: BTreeSet<&str> = BTreeSet::new();
        for (_, slot) in self.in_formats() {
            let same = |to: &&Arc<str>| self.slot(to).and_then(Slot::format).is_none_or(|id| slot.format() == Some(id));
            linked.extend(slot.parts.iter().filter(same).map(|to| &**to));
            linked.extend(slot.within.iter().flat_map(|within| &within.parts).map(String::as_str));
        }
        let mut units = Vec::new();
        let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
        let roots = self.in_formats().filter(|(path, _)| !linked.contains(&***path));
        let in_circles = self.in_formats().filter(|(path, _)| linked.contains(&***path));
        for (path, slot) in roots.chain(in_circles) {
            let Some(detected) = slot.detected else { continue };
            if linked.contains(&**path) && seen.contains(path) {
                continue;
            }
            let files = self.reachable(path);
            seen.extend(files.iter().cloned());
            // What a link brings in is known by its own name as well.
            seen.extend(files.iter().filter_map(|file| self.slot(file)).flat_map(|slot| slot.parts.iter().cloned()));
            if let Some(within) = &slot.within {
                let parts: Vec<Arc<str>> = within.parts.iter().map(|part| Arc::from(part.as_str())).collect();
                seen.extend(parts.iter().cloned());
                let files: BTreeSet<Arc<str>> = files.iter().cloned().chain(parts).collect();
                units.push(Unit { format: within.format.id, root: path.clone(), files: files.into_iter().collect() });
            }
            units.push(Unit { format: detected.format.id, root: path.clone(), files });
        }
        units.sort_by(|a, b| (&a.root, a.format).cmp(&(&b.root, b.format)));
        units
    }

    fn in_formats(&self) -> impl Iterator<Item = (&Arc<str>, &Slot)> {
        self.slots.iter().filter(|(_, slot)| slot.detected.is_some() && slot.unread.is_none())
    }

    fn reachable(&self, root: &Arc<str>) -> Vec<Arc<str>> {
        let mut found = BTreeSet::from([root.clone()]);
        let mut next = vec![root.clone()];
        while let Some(path) = next.pop() {
            for to in self.slots.get(&path).map(|slot| slot.links.as_slice()).unwrap_or_default() {
                if found.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    /// A reader for one unit.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self.loader, &self.memo, self.query.isolated)
    }

    /// The defaults of a format for the versions that are asked for.
    pub fn defaults(&self, format: &Format) -> Arc<Defaults> {
        let index = formats::FORMATS.iter().position(|known| known.id == format.id);
        let make = || {
            let versions = self.query.targets.versions(format.schema.program, format.schema.supported);
            Arc::new(Defaults::new(format.schema, versions))
        };
        match index.and_then(|index| self.defaults.get(index)) {
            Some(known) => known.get_or_init(make).clone(),
            None => make(),
        }
    }

    /// Resolves the configuration that starts at `path`. A file that cannot be read gives a model with one problem.
    pub fn resolve(&self, reader: &mut Reader<'_>, path: &Arc<str>, format: &'static Format) -> Model {
        self.resolve_as(reader, &self.query, path, format)
    }

    /// The same, where something else is asked of this file.
    pub fn resolve_as(
        &self,
        reader: &mut Reader<'_>,
        query: &Query,
        path: &Arc<str>,
        format: &'static Format,
    ) -> Model {
        let versions = self.query.targets.versions(format.schema.program, format.schema.supported);
        let model = Model::new(format, path.clone(), versions, self.defaults(format));
        match reader.open(path, None) {
            Ok(file) => {
                let mut model = (format.resolve)(reader, query, file, model);
                writable(reader, query, &mut model);
                model
            }
            Err(error) => {
                let mut model = model;
                model.problems.push(Problem { path: path.clone(), at: None, message: error.to_string() });
                model
            }
        }
    }
}

/// Tells which of the files that a model was made of, or of their folders, everybody on the machine may write to.
fn writable(reader: &Reader<'_>, query: &Query, model: &mut Model) {
    let Some(root) = model.scopes.first() else { return };
    let (at, Some(key)) = (root.at, model.format.schema.key(root.kind, "writable_files")) else { return };
    let files = if query.on_machine() { reader.sources() } else { &[] };
    let open = |path: &str| {
        let stat = reader.loader.stat(path)?;
        // A sticky folder is one of others' files, each of which is its owner's.
        (stat.mode & 0o002 != 0 && stat.mode & 0o1000 == 0).then(|| path.to_owned())
    };
    let found = (0..).map(FileId).zip(files).filter_map(|(id, source)| {
        let path = open(&source.path).or_else(|| open(loader::folder(&source.path)))?;
        let at = Loc::new(id, Span::new(0, source.line(1).len()));
        Some(Node::derived(Value::text(format!("/{path}")), at, vec![at]))
    });
    let found: Vec<Node> = found.collect();
    let at = found.first().map_or(at, |node| node.at);
    let from = found.iter().map(|node| node.at).collect();
    if let Some(root) = model.scopes.first_mut() {
        root.effective.set(key, Node::derived(Value::List(found), at, from));
    }
}
