//! From what was walked to a workspace that can be judged.
//!
//! What was asked for is looked at, and with it what belongs to it: a file that is asked for alone, or a folder of a
//! larger root, is judged in its unit, so the rest of the root is searched for files that bring it in. They give the
//! context (a `server` block is judged in the `http` block that includes it), but what is wrong with them is not reported.

use crate::args::Reading;
use crate::config;
use crate::disk::{self, Disk, Links};
use crate::environment;
use crate::git;
use crate::root::{self, Argument, Names, Root, shown};
use crate::utf8;
use crate::walk::{self, Found};
use anyhow::{Context, Result, bail};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::{self, By, ByName, Detected, Format};
use hardlint_config::loader::{self, Loader, ReadError};
use hardlint_config::text::{NotText, Source};
use hardlint_config::workspace::{Detection, Query, Slot, Workspace};
use hardlint_lint::diagnostic::Trouble;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the files of a root are told apart.
pub struct Looking<'a> {
    /// The root.
    pub root: &'a Root,
    /// What files given by name are.
    pub given: Option<&'static Format>,
    /// Whether nothing but what was asked for is looked at.
    pub isolated: bool,
    /// What all files are for.
    pub role: Option<Role>,
}

/// What is said of a file that was given by name and is of no format.
const UNKNOWN: &str = "it is neither by name nor by content a file that hardlint reads: --type says what a file is";

/// The same of an archive that is not unpacked.
const PACKED: &str =
    "archives are unpacked as tar writes them, also where gzip made them smaller: give it as `git archive` does";

/// Whether a name is that of an archive of another kind.
fn is_packed(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(
        ending.as_deref(),
        Some("zip" | "7z" | "rar" | "xz" | "txz" | "bz2" | "tbz2" | "zst" | "tzst" | "lz4" | "lzma")
    )
}

/// Formats whose files bring in none of their own.
const ALONE: [&str; 3] = ["airflow", "dockerfile", "env"];

/// A workspace, and which of its files were asked for.
pub struct Project<'l> {
    /// The files.
    pub workspace: Workspace<'l>,
    /// Everything that was asked for, whether it is ours or not.
    pub asked: BTreeSet<Arc<str>>,
    /// The files whose findings are reported.
    pub reported: BTreeSet<Arc<str>>,
}

impl Project<'_> {
    /// Whether a problem is in a file that was asked for.
    pub fn reports(&self, problem: &Trouble) -> bool {
        self.reported.contains(problem.at.as_ref().map_or(&problem.path, |at| &at.source.path))
    }

    /// Whether a file is read where another one is, as a part of it, however many stand between them. What services are
    /// extended from does nothing by itself.
    pub fn brings_in(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
        while let Some(path) = next.pop() {
            for link in self.workspace.slot(path).map(|slot| slot.parts.as_slice()).unwrap_or_default() {
                if **link == *to {
                    return true;
                }
                next.extend(seen.insert(link).then_some(&**link));
            }
        }
        false
    }

    /// The files that were asked for, are ours, and could not be read.
    pub fn unread(&self) -> impl Iterator<Item = Trouble> {
        let ours =
            self.workspace.slots().filter(|(path, slot)| slot.detected.is_some() && self.reported.contains(*path));
        ours.filter_map(|(path, slot)| {
            let error = slot.unread.as_ref()?;
            Some(Trouble::of_file(path.clone(), error.to_string()))
        })
    }
}

impl Looking<'_> {
    /// Fills a workspace with what was asked for, and with all of the root, to judge it as it is judged with that.
    pub fn fill_among<'l>(&self, disk: &'l Disk, query: Query, files: &[Found], all: &[Found]) -> Project<'l> {
        let workspace = Workspace::new(disk, query);
        let mut slots = self.look_at(&workspace, all);
        self.drop_links(disk, &mut slots, all);
        let named: BTreeSet<&str> = files.iter().map(|found| &*found.path).collect();
        for (_, slot) in slots.iter_mut().filter(|(path, _)| !named.contains(&***path)) {
            slot.walked = false;
        }
        let asked: BTreeSet<Arc<str>> = slots.keys().filter(|path| named.contains(&***path)).cloned().collect();
        self.filled(disk, workspace, slots, &asked)
    }

    /// Fills a workspace with what was asked for.
    pub fn fill<'l>(&self, disk: &'l Disk, query: Query, files: &[Found]) -> Project<'l> {
        let workspace = Workspace::new(disk, query);
        let mut slots = self.look_at(&workspace, files);
        self.drop_links(disk, &mut slots, files);
        let asked: BTreeSet<Arc<str>> = slots.keys().cloned().collect();
        // What of a machine is judged together stands in its `etc`, and the rest of it is large.
        if !self.isolated && !self.root.absolute {
            self.add_context(&workspace, &mut slots);
        }
        self.filled(disk, workspace, slots, &asked)
    }

    /// The same, of files that need not be those of the disk and are all that there are.
    pub fn fill_with<'l>(&self, links: &'l dyn Links, query: Query, files: &[Found]) -> Project<'l> {
        let workspace = Workspace::new(links, query);
        let mut slots = self.look_at(&workspace, files);
        self.drop_links(links, &mut slots, files);
        let asked: BTreeSet<Arc<str>> = slots.keys().cloned().collect();
        self.filled(links, workspace, slots, &asked)
    }

    fn filled<'l>(
        &self,
        links: &dyn Links,
        mut workspace: Workspace<'l>,
        mut slots: BTreeMap<Arc<str>, Slot>,
        asked: &BTreeSet<Arc<str>>,
    ) -> Project<'l> {
        for (path, slot) in &mut slots {
            add_real_paths(links, path, slot);
        }
        for (path, slot) in slots {
            workspace.insert(path, slot);
        }
        self.complete(&mut workspace);
        let reported = self.reported(&workspace, asked);
        Project { workspace, asked: asked.clone(), reported }
    }

    fn look_at(&self, workspace: &Workspace<'_>, files: &[Found]) -> BTreeMap<Arc<str>, Slot> {
        let look = |found: &Found| {
            // A link, pipe or device is of interest only where its name says that it should be ours.
            let ours = found.regular || self.is_argument(&found.path) || !matches!(by_name(found), ByName::Nothing);
            ours.then(|| (found.path.clone(), self.look(workspace, &found.path)))
        };
        // Few files are looked at before the threads that would share them have started.
        if files.len() < 16 {
            files.iter().filter_map(look).collect()
        } else {
            files.par_iter().filter_map(look).collect()
        }
    }

    /// Looks at one file, as what it is.
    pub fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        let printed = self.root.unpacked.as_ref().and_then(|unpacked| unpacked.printed);
        let argument = self.root.arguments.iter().find(|argument| !argument.folder && argument.path == **path);
        let given = printed.or_else(|| argument.and_then(|argument| self.given.or(argument.printed)));
        let detection = match (given, &self.root.settings) {
            (Some(format), _) => Detection::Given(format),
            (_, Some(settings)) => settings.detection(path),
            _ => Detection::Automatic,
        };
        // A mistake of ours that one file brings out keeps no other from being read.
        let look = || workspace.look(path, detection);
        let mut slot = catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|_| {
            let mut slot = workspace.look(path, Detection::Excluded);
            slot.detected = match formats::by_name(path) {
                ByName::Is(format) => Some(Detected { format, by: By::Name }),
                ByName::Perhaps | ByName::Nothing => None,
            };
            slot.unread = Some(ReadError::Other(hardlint_lint::FAILED.to_owned()));
            slot
        });
        slot.role = self.role(path, slot.role);
        slot
    }

    /// Looks at one file again, of a workspace that is filled.
    pub fn look_again(&self, disk: &Disk, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        let mut slot = self.look(workspace, path);
        let unnamed = slot.detected.is_none() && matches!(formats::by_name(path), ByName::Nothing);
        if unnamed && !is_environment(path) {
            let brings = |(_, slot): (&Arc<str>, &Slot)| {
                slot.detected.filter(|_| slot.parts.contains(path)).map(|detected| detected.format)
            };
            if let Some(format) = workspace.slots().find_map(brings) {
                slot = workspace.look(path, Detection::Given(format));
                slot.role = self.role(path, slot.role);
            }
        }
        add_real_paths(disk, path, &mut slot);
        slot
    }

    fn role(&self, path: &str, by_name: Role) -> Role {
        let by_settings = self.root.settings.as_ref().and_then(|settings| settings.role(path));
        match (self.role, by_settings) {
            (Some(role), _) | (None, Some(role)) => role,
            _ if self.isolated => Role::Unknown,
            _ => by_name,
        }
    }

    /// What is to be said of the files that were given by name and are none that is read: one that cannot be read is a
    /// problem; that one is of no format is worth knowing, as a hook may name whatever was changed.
    pub fn unknown(&self, disk: &Disk, project: &Project<'_>) -> Vec<Trouble> {
        let none = |path: &str| project.workspace.slot(path).is_some_and(|slot| slot.detected.is_none());
        let named = self.root.arguments.iter().filter(|argument| !argument.folder && none(&argument.path));
        let said = named.filter_map(|argument| {
            let path: Arc<str> = argument.path.as_str().into();
            let excluded = |found: &config::Found| matches!(found.detection(&path), Detection::Excluded);
            let notice = |message: String| Trouble { notice: true, ..Trouble::of_file(path.clone(), message) };
            let text = disk.read(&path).and_then(|bytes| match Source::decode(path.clone(), bytes) {
                Err(NotText::Utf16) => Err(ReadError::Utf16),
                Ok(_) | Err(NotText::Binary(_)) => Ok(()),
            });
            match text {
                _ if self.root.settings.as_ref().is_some_and(excluded) => None,
                Err(ReadError::Utf16) => Some(notice(ReadError::Utf16.to_string())),
                Err(ReadError::NotFound) => {
                    Some(Trouble::of_file(path, "it is a link that leads to no file".to_owned()))
                }
                Err(error) => Some(Trouble::of_file(path, error.to_string())),
                Ok(()) if is_packed(&path) => Some(notice(PACKED.to_owned())),
                Ok(()) => Some(notice(UNKNOWN.to_owned())),
            }
        });
        said.collect()
    }

    /// Whether it is a file that was given by name.
    fn is_argument(&self, path: &str) -> bool {
        self.root.arguments.iter().any(|argument| !argument.folder && argument.path == path)
    }

    /// A link to a file that is looked at anyway would only be the same once more, but where its name says more than that of
    /// the file: programs open it by that name, so that it tells what it is and what it is for.
    fn drop_links(&self, links: &dyn Links, slots: &mut BTreeMap<Arc<str>, Slot>, files: &[Found]) {
        for found in files.iter().filter(|found| !found.regular) {
            let target = links.target(&found.path).filter(|target| **target != *found.path);
            let Some(target) = target.filter(|target| slots.contains_key(target.as_str())) else { continue };
            let Some((own, real)) = slots.get(&found.path).zip(slots.get(target.as_str())) else { continue };
            let same = own.format() == real.format();
            // Variables that are a link to their example are filled in where they are used.
            let is_example = own.format() == Some(formats::env::FORMAT.id) && real.role == Role::Example;
            let for_more = same && !own.role.is_lesser() && real.role.is_lesser() && !is_example;
            let is_another = !same && own.detected.is_some_and(|detected| matches!(detected.by, By::Name | By::Told));
            if for_more && !self.is_argument(&target) {
                slots.remove(target.as_str());
            } else if !for_more && !is_another {
                slots.remove(&found.path);
            }
        }
    }

    /// Adds the files of the root that bring in one that was asked for, and those that bring them in.
    fn add_context(&self, workspace: &Workspace<'_>, slots: &mut BTreeMap<Arc<str>, Slot>) {
        let whole = self.root.arguments.iter().any(|argument| argument.folder && argument.path.is_empty());
        let wanted: BTreeSet<&str> = slots.values().filter_map(Slot::format).filter(|id| !ALONE.contains(id)).collect();
        if whole || wanted.is_empty() {
            return;
        }
        let all = Argument { given: self.root.folder.clone(), path: String::new(), folder: true, printed: None };
        let mut around = walk::walk(self.root, &[all]).files;
        around.retain(|found| {
            let could_be = || match by_name(found) {
                ByName::Is(format) => wanted.contains(format.id),
                // All others would be read for nothing.
                ByName::Perhaps => wanted.iter().any(|id| formats::may_be(&found.path, id)),
                ByName::Nothing => self
                    .root
                    .settings
                    .as_ref()
                    .is_some_and(|it| matches!(it.detection(&found.path), Detection::Given(_))),
            };
            found.regular && !slots.contains_key(&found.path) && could_be()
        });
        let mut around = self.look_at(workspace, &around);
        loop {
            let brings_in = |slot: &Slot| {
                let same = |part: &Arc<str>| {
                    slots.get(part).is_some_and(|it| it.format().is_none_or(|id| slot.format() == Some(id)))
                };
                slot.parts.iter().any(same)
            };
            let found: Vec<Arc<str>> =
                around.iter().filter(|(_, slot)| brings_in(slot)).map(|(path, _)| path.clone()).collect();
            if found.is_empty() {
                break;
            }
            for path in found {
                if let Some(mut slot) = around.remove(&path) {
                    slot.walked = false;
                    slots.insert(path, slot);
                }
            }
        }
    }

    /// Adds what is brought in from elsewhere, and says of a file that no name or content tells what it is brought in as.
    fn complete(&self, workspace: &mut Workspace<'_>) {
        let mut next: Vec<Arc<str>> = workspace.slots().map(|(path, _)| path.clone()).collect();
        while let Some(path) = next.pop() {
            let Some(slot) = workspace.slot(&path) else { continue };
            let Some(format) = slot.detected.map(|detected| detected.format) else { continue };
            for part in slot.parts.clone() {
                let known = workspace.slot(&part);
                if known.is_some_and(|slot| slot.detected.is_some()) {
                    continue;
                }
                let walked = known.is_some_and(|slot| slot.walked);
                // An environment file is a part of a Compose project, but no Compose file.
                let detection = match formats::by_name(&part) {
                    ByName::Nothing if !is_environment(&part) => Detection::Given(format),
                    _ if known.is_some() => continue,
                    _ => Detection::Automatic,
                };
                let mut slot = workspace.look(&part, detection);
                slot.role = self.role(&part, slot.role);
                slot.walked = walked;
                workspace.insert(part.clone(), slot);
                next.push(part);
            }
        }
    }

    /// What was asked for, and what a folder that was asked for brings in from elsewhere.
    fn reported(&self, workspace: &Workspace<'_>, asked: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
        let mut reported = asked.clone();
        let mut next: Vec<Arc<str>> = asked.iter().filter(|path| !self.is_argument(path)).cloned().collect();
        while let Some(path) = next.pop() {
            for link in workspace.slot(&path).map(|slot| slot.links.as_slice()).unwrap_or_default() {
                if reported.insert(link.clone()) {
                    next.push(link.clone());
                }
            }
        }
        reported
    }
}

/// A file may be brought in by the name of a link (`sites-enabled/shop`) and be walked under its own: it is no unit of
/// its own then.
fn add_real_paths(links: &dyn Links, path: &Arc<str>, slot: &mut Slot) {
    let linked = slot.parts.iter().filter(|part| links.stat(part).is_some_and(|stat| stat.link));
    let real: Vec<Arc<str>> = linked.filter_map(|part| links.target(part)).map(Arc::from).collect();
    let real = real.into_iter().filter(|real| real != path && !slot.parts.contains(real)).collect::<Vec<_>>();
    slot.parts.extend(real);
}

fn by_name(found: &Found) -> ByName {
    formats::by_name(&found.path)
}

fn is_environment(path: &str) -> bool {
    let name = loader::name(path);
    name.starts_with(".env") || name.rsplit_once('.').is_some_and(|(_, ending)| ending == "env")
}

/// What is asked of the configuration, from the arguments and the settings.
///
/// # Errors
/// Where a file or folder that is named does not exist.
pub fn query(reading: &Reading, root: &Root, disk: &mut Disk, mounts: &mut Vec<(String, PathBuf)>) -> Result<Query> {
    let settings = root.settings.as_ref().map(|found| &found.settings);
    let mut query = Query { arguments: root.arguments.iter().map(|it| it.path.clone()).collect(), ..Query::default() };
    query.isolated = reading.file_by_file;
    query.secret_length = settings.and_then(|settings| settings.secret_length);
    disk.ask_for(git::asked(root.arguments.iter().map(|it| (it.path.as_str(), it.folder))));
    query.targets = settings.map(|settings| settings.targets.clone()).unwrap_or_default();
    if let Some(targets) = &reading.target {
        query.targets.0.extend(targets.0.clone());
    }
    if let Some(path) = &reading.env_file {
        let bytes = fs::read(path).with_context(|| format!("--env-file `{}`", shown(path)))?;
        let text = utf8::text(path, bytes).context("--env-file")?;
        query.environment = Some(environment::parse(&text));
    }
    if let Some((_, to)) = reading.root_map.iter().find(|(_, to)| !to.is_dir()) {
        bail!("--root-map: there is no folder `{}`", shown(to));
    }
    let mut mapped = reading.root_map.clone();
    if let Some(found) = &root.settings {
        for (from, to) in &found.settings.root_map {
            let place = found.place(&root.folder, to)?;
            if !place.is_dir() {
                let message = format!("there is no folder `{}`: name one, seen from the file", to.value);
                return Err(found.error(to, &message));
            }
            mapped.push((from.clone(), place));
        }
    }
    for (from, to) in mapped {
        let real = fs::canonicalize(&to).with_context(|| format!("`{}`", shown(&to)))?;
        let below = disk::below(&root.folder, &real).unwrap_or_else(|| {
            let name = disk.mount(real.clone());
            mounts.push((name.clone(), to.clone()));
            name
        });
        query.root_map.push((from, below));
    }
    if root.absolute {
        query.root_map.push(("/".to_owned(), String::new()));
    }
    // An absolute path below the root is read as it is.
    if let Some(folder) = root.folder.to_str() {
        query.root_map.push((folder.to_owned(), String::new()));
    }
    Ok(query)
}

/// One file, to be shown or explained.
pub struct Alone {
    root: Root,
    disk: Disk,
    /// What is asked beyond it.
    pub query: Query,
    /// How paths are printed.
    pub names: Names,
}

impl Alone {
    /// Finds a file and its root.
    ///
    /// # Errors
    /// Where it is not there, or is a folder.
    pub fn open(path: &Path, reading: &Reading) -> Result<Self> {
        let unpack = !reading.file_by_file;
        let root = root::find_as(&[path.to_owned()], reading.using(), unpack)?.into_iter().next();
        let Some(root) = root.filter(|root| root.arguments.iter().all(|argument| !argument.folder)) else {
            bail!("`{}` is a folder, and no file", shown(path));
        };
        let mut disk = Disk::new(root.folder.clone());
        let mut mounts = Vec::new();
        let query = Query { document: true, ..query(reading, &root, &mut disk, &mut mounts)? };
        let names = Names::new(&root, mounts);
        Ok(Self { root, disk, query, names })
    }

    /// The file, below its root.
    pub fn path(&self) -> &str {
        self.root.arguments.first().map_or("", |argument| &argument.path)
    }

    /// A workspace with everything that is below its root, as what is deployed is joined from.
    pub fn fill_whole(&self, reading: &Reading) -> Project<'_> {
        let looking = Looking { root: &self.root, given: reading.format, isolated: reading.file_by_file, role: None };
        let files = walk::whole(&self.root).files;
        looking.fill(&self.disk, Query { document: false, ..self.query.clone() }, &files)
    }

    /// A workspace with it, and with what brings it in unless it is for itself.
    pub fn fill(&self, reading: &Reading, itself: bool) -> Project<'_> {
        let isolated = reading.file_by_file || itself;
        let looking = Looking { root: &self.root, given: reading.format, isolated, role: None };
        let files = walk::walk(&self.root, &self.root.arguments).files;
        // What lies over others is judged with them, and shown by itself.
        let query = Query { document: itself, ..self.query.clone() };
        looking.fill(&self.disk, query, &files)
    }
}
