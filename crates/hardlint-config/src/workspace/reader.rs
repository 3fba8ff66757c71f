//! How the files of a unit are read: each once, and as its program does.

use super::Memo;
use crate::filling;
use crate::loader::{Loader, ReadError};
use crate::text::{FileId, Loc, NotText, Source, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads the files of one unit, each once, and names them.
pub struct Reader<'l> {
    /// Access to the files.
    pub loader: &'l dyn Loader,
    pub(crate) memo: &'l Memo,
    /// Whether nothing but a template itself says what it is filled with.
    alone: bool,
    sources: Vec<Arc<Source>>,
    ids: BTreeMap<Arc<str>, FileId>,
}

impl<'l> Reader<'l> {
    /// A reader that has opened nothing yet; `alone` where nothing but a template itself says what it is filled with.
    pub(super) fn new(loader: &'l dyn Loader, memo: &'l Memo, alone: bool) -> Self {
        Self { loader, memo, alone, sources: Vec::new(), ids: BTreeMap::new() }
    }

    /// A reader for another unit over the same files.
    #[must_use]
    pub fn another(&self) -> Self {
        Reader { sources: Vec::new(), ids: BTreeMap::new(), ..*self }
    }

    /// The file at `path`, read if it was not yet; `from` is the statement that brings it in.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn open(&mut self, path: &str, from: Option<Loc>) -> Result<FileId, ReadError> {
        if let Some(&id) = self.ids.get(path) {
            return Ok(id);
        }
        let source = match self.memo.text(path) {
            Some(known) => known,
            None => self.read(path)?,
        };
        Ok(self.keep(if from.is_some() { brought_in(&source, from) } else { source }))
    }

    fn read(&self, path: &str) -> Result<Arc<Source>, ReadError> {
        let bytes = self.loader.read(path)?;
        let source = Source::decode(path.into(), bytes).map_err(|error| match error {
            NotText::Utf16 => ReadError::Utf16,
            NotText::Binary(at) => ReadError::Binary(at),
        })?;
        let source = Arc::new(filling::fill(self.loader, self.memo, self.alone, source));
        self.memo.keep_text(&source);
        Ok(source)
    }

    /// Whether nothing was opened but one file, which nothing brings in.
    pub(crate) fn begins_with(&self, file: FileId) -> bool {
        self.sources.len() == 1 && self.sources.get(file.0 as usize).is_some_and(|it| it.included_from.is_none())
    }

    /// Takes all files of a reader that began as this one did, with their places.
    pub(crate) fn go_on_as(&mut self, sources: &[Arc<Source>]) {
        for source in sources.iter().skip(self.sources.len()) {
            self.keep(source.clone());
        }
    }

    /// A place of another reader over the same files, whose sources these are, as a place of this one.
    pub(crate) fn adopt(&mut self, sources: &[Arc<Source>], at: Loc) -> Loc {
        let Some(source) = sources.get(at.file.0 as usize) else { return at };
        if let Some(&file) = self.ids.get(&source.path) {
            return Loc::new(file, at.span);
        }
        // Whoever brings a file in was opened before it.
        let from = source.included_from.map(|from| self.adopt(sources, from));
        let source = if from == source.included_from { source.clone() } else { brought_in(source, from) };
        Loc::new(self.keep(source), at.span)
    }

    fn keep(&mut self, source: Arc<Source>) -> FileId {
        let id = FileId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.ids.insert(source.path.clone(), id);
        self.sources.push(source);
        id
    }

    /// The text of a file that was opened.
    ///
    /// # Panics
    /// If `file` is of another reader, which no input can bring about.
    #[expect(clippy::indexing_slicing, reason = "a FileId is made by `open` alone, with the index of its source")]
    pub fn source(&self, file: FileId) -> &Arc<Source> {
        &self.sources[file.0 as usize]
    }

    /// Where a place is in its file as that is written, which a template that was filled in is not.
    pub fn written(&self, at: Loc) -> (Arc<Source>, Span) {
        let source = self.source(at.file);
        match &source.filled {
            Some(filled) => (filled.written.clone(), filled.written_at(at.span)),
            None => (source.clone(), at.span),
        }
    }

    /// All files that were opened, in the order of their ids.
    pub fn sources(&self) -> &[Arc<Source>] {
        &self.sources
    }

    /// The text at a place.
    pub fn slice(&self, at: Loc) -> &str {
        self.source(at.file).slice(at.span)
    }
}

/// The same file, brought in elsewhere.
fn brought_in(source: &Source, from: Option<Loc>) -> Arc<Source> {
    let mut source = source.clone();
    source.included_from = from;
    Arc::new(source)
}

#[cfg(test)]
mod tests {
    use crate::loader::{Git, Loader, Memory, ReadError, Stat};
    use crate::text::{Loc, Span};
    use crate::workspace::{Query, Workspace};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts what is read.
    struct Counting(Memory, AtomicUsize);

    impl Loader for Counting {
        fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read(path)
        }

        fn list(&self, folder: &str) -> Vec<String> {
            self.0.list(folder)
        }

        fn stat(&self, path: &str) -> Option<Stat> {
            self.0.stat(path)
        }

        fn git(&self, path: &str) -> Git {
            self.0.git(path)
        }
    }

    #[test]
    fn units_that_follow_each_other_read_a_file_once() {
        let loader = Counting(Memory::new([("a", "text"), ("b", "other")]), AtomicUsize::new(0));
        let workspace = Workspace::new(&loader, Query::default());
        for _ in 0..3 {
            let mut reader = workspace.reader();
            let file = reader.open("a", None).unwrap();
            assert_eq!(reader.source(file).text, "text");
            let from = Loc::new(file, Span::new(0, 1));
            let other = reader.open("b", Some(from)).unwrap();
            assert_eq!(reader.source(other).included_from, Some(from));
            assert!(reader.open("c", None).is_err());
        }
        assert_eq!(loader.1.load(Ordering::Relaxed), 2 + 3, "what is not there is asked for each time");
        // Whoever notes what is read is asked anew.
        workspace.through(&loader).reader().open("a", None).unwrap();
        assert_eq!(loader.1.load(Ordering::Relaxed), 6);
    }
}
