//! The order in which redis reads lines: one after the other, included files where they stand.

use super::include::{self, Found, Line};
use super::resolve::State;
use crate::loader::{self, Kind, ReadError};
use crate::model::Why;
use crate::syntax::template;
use crate::text::FileId;
use crate::workspace::{Query, Reader};

/// How deep includes may nest; redis itself has no bound but its stack.
const MAX_DEPTH: usize = 32;
/// Files after which reading ends: includes that nest and repeat would be read without end.
const MAX_READS: usize = 1_000;

/// Reads a file and all that it includes, line by line.
pub(super) struct Walk<'r, 'l> {
    pub(super) reader: &'r mut Reader<'l>,
    pub(super) query: &'r Query,
    pub(super) state: State,
    /// The working directory, if it is known.
    folder: Option<String>,
    /// The files that are being read, outermost first.
    open: Vec<FileId>,
    reads: usize,
}

impl<'r, 'l> Walk<'r, 'l> {
    pub(super) fn new(reader: &'r mut Reader<'l>, query: &'r Query, state: State) -> Self {
        Self { reader, query, state, folder: None, open: Vec::new(), reads: 0 }
    }

    /// Reads the file that redis is started with.
    pub(super) fn start(&mut self, file: FileId) {
        self.folder = Some(loader::folder(&self.reader.source(file).path).to_owned());
        self.text(&[file], None);
    }

    /// Reads files as one text.
    fn text(&mut self, files: &[FileId], conditional: Option<&Why>) {
        self.reads += files.len();
        if self.reads > MAX_READS || self.open.len() > MAX_DEPTH {
            self.state.open(Why::Limit("more files are included than are read"));
            return;
        }
        let lines = include::lines(self.reader, files);
        if lines.len() >= include::MAX_LINES {
            self.state.open(Why::Limit("the file has more lines than are read"));
        }
        let before = self.open.len();
        self.open.extend(files);
        for mut line in lines {
            if line.conditional.is_none() {
                line.conditional = conditional.cloned();
            }
            self.line(&line);
        }
        self.open.truncate(before);
    }

    fn line(&mut self, line: &Line) {
        if let Some(why) = &line.anything {
            self.state.open(why.clone());
            return;
        }
        let Some(words) = &line.words else {
            self.state.fault(self.reader, line.at, "the quotes are not balanced");
            return;
        };
        match words.as_slice() {
            [name, target] if name.raw.eq_ignore_ascii_case("include") => match target.hole() {
                Some(why) => self.state.open(why),
                None => self.include(line, &target.raw),
            },
            words => {
                self.state.apply(self.reader, line, words);
                if let [name, target] = words
                    && name.raw.eq_ignore_ascii_case("dir")
                {
                    self.change_folder(line, target.hole().is_none().then_some(&target.raw));
                }
            }
        }
    }

    fn include(&mut self, line: &Line, target: &str) {
        let path = self.reader.source(line.at.file).path.clone();
        let found = include::find(self.reader.loader, self.query, &path, self.folder.as_deref(), target);
        let paths = match found {
            Found::Files(paths) => paths,
            Found::Missing if !template::is_template(&path) => {
                self.state.fault(self.reader, line.at, &format!("there is no file `{target}`"));
                return;
            }
            Found::Missing | Found::Elsewhere => {
                self.state.hidden(&Why::File(target.into()));
                return;
            }
        };
        let mut files = Vec::new();
        for path in paths {
            match self.reader.open(&path, Some(line.at)) {
                Ok(file) => files.push(file),
                // To redis a folder is a file without lines.
                Err(ReadError::Folder) => {}
                Err(error) => {
                    self.state.fault(self.reader, line.at, &format!("`{path}` cannot be read ({error})"));
                    return;
                }
            }
        }
        if files.iter().any(|file| self.open.contains(file)) {
            self.state.fault(self.reader, line.at, "the file includes itself without end");
            return;
        }
        self.text(&files, line.conditional.as_ref());
    }

    /// Where relative paths start from now on.
    fn change_folder(&mut self, line: &Line, target: Option<&String>) {
        let path = self.reader.source(line.at.file).path.clone();
        let place = target.and_then(|target| match self.folder.as_deref() {
            _ if target.starts_with('/') => self.query.locate(self.reader.loader, &path, target),
            Some(folder) => loader::join(folder, target),
            None => None,
        });
        let is_folder = |place: &String| self.reader.loader.stat(place).is_some_and(|stat| stat.kind == Kind::Folder);
        self.folder = place.filter(is_folder);
    }

    /// Ends the walk.
    pub(super) fn finish(self) -> State {
        self.state
    }
}
