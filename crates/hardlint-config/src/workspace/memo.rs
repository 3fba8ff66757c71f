//! What is remembered of files while none of them changes.

use crate::loader::Loader;
use crate::reads::{Kept, Question};
use crate::syntax::yaml::{self, Yaml};
use crate::text::Source;
use std::any::{Any, TypeId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, RwLock};

/// What was worked out of one file and is asked for by the units of many, such as which Dockerfiles a project builds. It
/// holds no places without the sources that they are in, as places belong to a reader, and is forgotten whenever a file changes.
#[derive(Debug, Default)]
pub struct Memo {
    answers: RwLock<HashMap<Question, Arc<dyn Any + Send + Sync>>>,
    /// What the files that were read last were parsed to.
    recent: Mutex<VecDeque<(Arc<Source>, Arc<Yaml>)>>,
    /// What was asked for last of what is too large to be kept of each file.
    large: Mutex<Answers>,
    /// The same of what is larger still.
    largest: Mutex<Answers>,
    /// Files that were read last, each at a place that its path gives: the units of a project read the same ones.
    texts: RwLock<Vec<Option<Arc<Source>>>>,
    /// What outlives it.
    kept: Option<Arc<Kept>>,
}

/// How many places there are for files that were read last, and how long these are at most.
const TEXTS: usize = 64;
const LONGEST_TEXT: usize = 32 << 10;

/// Answers, the one that was asked for last first.
type Answers = VecDeque<(Question, Arc<dyn Any + Send + Sync>)>;

/// How many of the largest are kept: the project that files beside each other ask for, for all threads.
const LARGEST: usize = 6;

/// How many of those are kept: enough for the projects around one file, for all threads.
const LARGE: usize = 48;

/// How many parsed files are kept: enough for the units of one folder, which follow each other.
const RECENT: usize = 8;
/// Longer files are not kept, so that what is kept stays small.
const LONGEST_RECENT: usize = 64 << 10;

/// The place of a file among [`TEXTS`].
fn place(path: &str) -> usize {
    let hash = path.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
    (hash ^ hash >> 16) % TEXTS
}

impl Memo {
    /// The YAML that a text is, which its own unit and those of the programs in it ask for one after the other.
    pub(crate) fn yaml(&self, source: &Arc<Source>) -> Arc<Yaml> {
        let same =
            |known: &Arc<Source>| Arc::ptr_eq(known, source) || known.path == source.path && known.text == source.text;
        let known = self
            .recent
            .lock()
            .ok()
            .and_then(|recent| recent.iter().find(|(known, _)| same(known)).map(|(_, yaml)| yaml.clone()));
        if let Some(known) = known {
            return known;
        }
        let parsed = Arc::new(yaml::parse(&source.text));
        if source.text.len() <= LONGEST_RECENT
            && let Ok(mut recent) = self.recent.lock()
        {
            recent.truncate(RECENT - 1);
            recent.push_front((source.clone(), parsed.clone()));
        }
        parsed
    }

    /// What `make` made for `path` when it was last asked, not long ago.
    pub(crate) fn lately<T: Send + Sync + 'static>(&self, path: &str, make: impl FnOnce() -> T) -> Arc<T> {
        lately(&self.large, LARGE, path, make)
    }

    /// The same of what takes so much memory that only the last few are kept.
    pub(crate) fn just_now<T: Send + Sync + 'static>(&self, path: &str, make: impl FnOnce() -> T) -> Arc<T> {
        lately(&self.largest, LARGEST, path, make)
    }

    /// The file at `path` as it was read last, if that was not long ago.
    pub(super) fn text(&self, path: &str) -> Option<Arc<Source>> {
        let texts = self.texts.read().ok()?;
        texts.get(place(path)).cloned().flatten().filter(|source| *source.path == *path)
    }

    /// Remembers a file that was read, which nothing brings in.
    pub(super) fn keep_text(&self, source: &Arc<Source>) {
        if source.text.len() > LONGEST_TEXT {
            return;
        }
        if let Ok(mut texts) = self.texts.write() {
            texts.resize(TEXTS, None);
            if let Some(slot) = texts.get_mut(place(&source.path)) {
                *slot = Some(source.clone());
            }
        }
    }

    /// One that remembers nothing yet but what is kept.
    pub(super) fn keeping(kept: Option<Arc<Kept>>) -> Self {
        Self { kept, ..Self::default() }
    }

    /// The same, with nothing else remembered.
    pub(super) fn anew(&self) -> Self {
        Self::keeping(self.kept.clone())
    }

    /// As [`of`](Self::of), for what is read of many files and needed by many units: it is kept as long as these stay the same,
    /// where somebody tells of changes.
    pub(crate) fn of_many<T: Send + Sync + 'static>(
        &self,
        loader: &dyn Loader,
        path: &str,
        make: impl FnOnce(&dyn Loader) -> T,
    ) -> Arc<T> {
        struct Many<T>(Arc<T>);
        let make = || match &self.kept {
            Some(kept) => Many(kept.of(loader, path, make)),
            None => Many(Arc::new(make(loader))),
        };
        self.of::<Many<T>>(path, make).0.clone()
    }

    /// What `make` made for `path` when it was first asked.
    pub(crate) fn of<T: Send + Sync + 'static>(&self, path: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), Box::from(path));
        let known = self.answers.read().ok().and_then(|known| known.get(&key).cloned());
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return known;
        }
        let fresh = Arc::new(make());
        if let Ok(mut known) = self.answers.write() {
            known.insert(key, fresh.clone());
        }
        fresh
    }
}

/// What `make` made for `path`, if it is among the `most` answers that were asked for last.
fn lately<T: Send + Sync + 'static>(
    answers: &Mutex<Answers>,
    most: usize,
    path: &str,
    make: impl FnOnce() -> T,
) -> Arc<T> {
    let is_it = |(known, _): &(Question, _)| known.0 == TypeId::of::<T>() && *known.1 == *path;
    let known = answers.lock().ok().and_then(|mut answers| {
        let at = answers.iter().position(is_it)?;
        let known = answers.remove(at)?;
        let answer = known.1.clone();
        answers.push_front(known);
        answer.downcast().ok()
    });
    if let Some(known) = known {
        return known;
    }
    let fresh = Arc::new(make());
    if let Ok(mut answers) = answers.lock() {
        answers.truncate(most - 1);
        answers.push_front(((TypeId::of::<T>(), Box::from(path)), fresh.clone()));
    }
    fresh
}
