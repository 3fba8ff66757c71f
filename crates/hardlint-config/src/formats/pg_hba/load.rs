//! Which lines PostgreSQL reads, in which order: includes where they stand, and files of names in place of `@file`.
//!
//! Knows where files are and what a template fills in; what the fields mean is told in `record`.

use super::syntax::{self, Dialect};
use crate::formats::{Link, postgres};
use crate::loader::{self, Kind, Loader, ReadError};
use crate::model::Why;
use crate::syntax::template::{self, HOLE, Masked};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// A line, as it stands in the order in which PostgreSQL reads them.
#[derive(Debug)]
pub(super) struct Line {
    /// Its fields, names out of files among them.
    pub(super) fields: Vec<Vec<Token>>,
    /// From its first token to its last.
    pub(super) at: Loc,
    /// The number that PostgreSQL tells.
    pub(super) number: usize,
    /// Why PostgreSQL does not look at what it means.
    pub(super) error: Option<String>,
    /// Why the line may not be there, or more than once: a template's condition.
    pub(super) conditional: Option<Why>,
}

impl Line {
    /// Whether it is there, and says what it says, whatever a template's variables are.
    pub(super) fn is_sure(&self) -> bool {
        self.conditional.is_none() && self.fields.iter().flatten().all(|token| token.assumed.is_none())
    }

    /// Why the line may be there more than once, each time for something else: a template's loop.
    pub(super) fn repeated(&self) -> Option<&Why> {
        let repeats = |text: &str| {
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
            // Nor is what a test or a developer needs there for anybody else.
            words.any(|word| {
                matches!(
                    word,
                    "for" | "each" | "range" | "with" | "false" | "test" | "testing" | "dev" | "development" | "local"
                ) || matches!(word, "vagrant" | "molecule" | "ci" | "debug")
            })
        };
        self.conditional.as_ref().filter(|why| match why {
            Why::Template(text) => repeats(text),
            _ => true,
        })
    }
}

/// A name or a word.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// What it says, without quotes.
    pub(super) text: String,
    /// Whether it begins with a quote, so that it is no keyword.
    pub(super) quoted: bool,
    /// Where it stands.
    pub(super) at: Loc,
    /// Why not all of it is known.
    pub(super) hole: Option<Why>,
    /// What else may be filled in, of a token that is a template's default.
    pub(super) assumed: Option<Why>,
}

/// All that PostgreSQL reads.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Lines in order.
    pub(super) lines: Vec<Line>,
    /// Why there may be lines that are not at hand.
    pub(super) open: Option<Why>,
    reads: usize,
    tokens: usize,
}

/// How deep includes may nest.
const MAX_DEPTH: usize = 10;
/// Files and tokens after which reading ends: includes that nest and repeat would be read without end.
const MAX_READS: usize = 1_000;
const MAX_TOKENS: usize = 500_000;

/// What is read, and how.
struct Loading<'a, 'l> {
    reader: &'a mut Reader<'l>,
    query: &'a Query,
    major: u16,
    loaded: Loaded,
}

/// Where reading has come to.
#[derive(Clone)]
struct Level {
    depth: usize,
    conditional: Option<Why>,
}

/// Reads `file` and all that it includes, as the version with that major number does.
pub(super) fn load(reader: &mut Reader<'_>, query: &Query, file: FileId, major: u16) -> Loaded {
    let mut loading = Loading { reader, query, major, loaded: Loaded::default() };
    let lines = loading.lines(file, &Level { depth: 0, conditional: None });
    Loaded { lines, ..loading.loaded }
}

impl Loading<'_, '_> {
    fn lines(&mut self, file: FileId, level: &Level) -> Vec<Line> {
        self.loaded.reads += 1;
        if self.loaded.reads > MAX_READS || self.loaded.tokens > MAX_TOKENS {
            self.loaded.open.get_or_insert(Why::Limit("more files are included than are read"));
            return Vec::new();
        }
        let source = self.reader.source(file).clone();
        let masked = template::mask(&source.path, &source.text);
        let mut lines = Vec::new();
        for line in syntax::parse(&masked.text, Dialect::of(self.major)) {
            let conditional = level.conditional.clone().or_else(|| masked.conditional(line.at.start));
            let mut error = line.error;
            let mut fields = Vec::new();
            for field in line.fields {
                let field: Vec<Token> = field.into_iter().map(|token| known(token, file, &masked)).collect();
                let field = if error.is_none() { self.expanded(field, level, &mut error) } else { field };
                self.loaded.tokens += field.len();
                if !field.is_empty() {
                    fields.push(field);
                }
            }
            let position = source.position(u32::try_from(line.start).unwrap_or_default());
            let mut line = Line { fields, at: Loc::new(file, line.at), number: position.line, error, conditional };
            if line.error.is_none() && self.major >= 16 {
                let inside = Level { depth: level.depth + 1, conditional: line.conditional.clone() };
                if let Some(included) = self.included(&mut line, &inside) {
                    lines.extend(included);
                    continue;
                }
            }
            if !line.fields.is_empty() || line.error.is_some() {
                lines.push(line);
            }
        }
        lines
    }

    /// A field with the names of its `@file`s in their place.
    fn expanded(&mut self, field: Vec<Token>, level: &Level, error: &mut Option<String>) -> Vec<Token> {
        if !field.iter().any(Token::is_file) {
            return field;
        }
        let mut tokens = Vec::new();
        for token in field {
            let Some(name) = token.text.strip_prefix('@').filter(|_| token.is_file() && error.is_none()) else {
                tokens.push(token);
                continue;
            };
            let inside = Level { depth: level.depth + 1, conditional: None };
            match self.open(name, &token, &inside) {
                Ok(file) => {
                    for line in self.lines(file, &inside) {
                        *error = error.take().or(line.error);
                        tokens.extend(line.fields.into_iter().flatten());
                    }
                }
                Err(Missing::Hidden(why)) => tokens.push(Token { hole: Some(why), ..token }),
                Err(Missing::Empty(_)) if self.major >= 15 => {}
                Err(Missing::Empty(path)) => *error = Some(format!("could not read file \"{path}\": Is a directory")),
                Err(Missing::Refused(path, why)) => {
                    *error = Some(if self.major >= 16 {
                        format!("could not open file \"{path}\": {why}")
                    } else {
                        format!("could not open secondary authentication file \"@{name}\" as \"{path}\": {why}")
                    });
                }
            }
        }
        tokens
    }

    /// The lines that a line brings in, if it is an include that can be followed.
    fn included(&mut self, line: &mut Line, level: &Level) -> Option<Vec<Line>> {
        let [how, target] = line.fields.as_slice() else { return None };
        let (how, target) = (how.first()?.text.clone(), target.first()?.clone());
        let optional = how == "include_if_exists";
        if how == "include" || optional {
            return match self.open(&target.text, &target, level) {
                Ok(file) => Some(self.lines(file, level)),
                Err(Missing::Refused(path, why)) if !(optional && why == NO_SUCH) => {
                    line.error = Some(format!("could not open file \"{path}\": {why}"));
                    None
                }
                Err(Missing::Hidden(why)) if !optional => {
                    self.loaded.open.get_or_insert(why);
                    Some(Vec::new())
                }
                Err(_) => Some(Vec::new()),
            };
        }
        if how != "include_dir" {
            return None;
        }
        let path = self.reader.source(line.at.file).path.clone();
        let folder =
            postgres::locate(self.reader.loader, self.query, &path, &target.text).filter(|_| target.hole.is_none());
        let there =
            folder.clone().filter(|at| self.reader.loader.stat(at).is_some_and(|stat| stat.kind == Kind::Folder));
        let Some(there) = there else {
            return match (folder, hidden(&path, &target)) {
                (Some(folder), None) => {
                    line.error = Some(format!("could not open directory \"{folder}\": {NO_SUCH}"));
                    None
                }
                (_, why) => {
                    self.loaded.open.get_or_insert(why.unwrap_or(Why::File(target.text.into())));
                    Some(Vec::new())
                }
            };
        };
        let mut lines = Vec::new();
        for inner in postgres::configurations(self.reader.loader, &there) {
            if let Ok(file) = self.reader.open(&inner, Some(line.at)) {
                lines.extend(self.lines(file, level));
            }
        }
        Some(lines)
    }

    /// Opens a file that a token names.
    fn open(&mut self, name: &str, token: &Token, level: &Level) -> Result<FileId, Missing> {
        let path = self.reader.source(token.at.file).path.clone();
        let found = postgres::locate(self.reader.loader, self.query, &path, name).filter(|_| token.hole.is_none());
        let hidden = hidden(&path, token);
        let Some(found) = found else {
            return Err(Missing::Hidden(hidden.unwrap_or(Why::File(name.into()))));
        };
        if level.depth > MAX_DEPTH {
            return Err(Missing::Refused(found, "maximum nesting depth exceeded".to_owned()));
        }
        self.reader.open(&found, Some(token.at)).map_err(|error| match (hidden, error) {
            (Some(why), _) => Missing::Hidden(why),
            (None, ReadError::NotFound) => {
                let why = if below_a_file(self.reader.loader, &found) { "Not a directory" } else { NO_SUCH };
                Missing::Refused(found, why.to_owned())
            }
            (None, ReadError::Folder) => Missing::Empty(found),
            (None, error) => Missing::Refused(found, error.to_string()),
        })
    }
}

/// What the system says of a file that is not there.
const NO_SUCH: &str = "No such file or directory";

/// Whether what should be a folder of a path is a file.
fn below_a_file(loader: &dyn Loader, path: &str) -> bool {
    let folders = std::iter::successors(Some(loader::folder(path)), |folder| Some(loader::folder(folder)));
    let mut found = folders.take_while(|folder| !folder.is_empty()).filter_map(|folder| loader.stat(folder));
    found.next().is_some_and(|stat| stat.kind == Kind::File)
}

/// Why a file was not opened.
enum Missing {
    /// It may be where the program runs.
    Hidden(Why),
    /// It is a folder, of which PostgreSQL reads no line.
    Empty(String),
    /// It is not there, and PostgreSQL says so.
    Refused(String, String),
}

/// Why what the file at `path` names may be there, although it is not at hand.
fn hidden(path: &str, token: &Token) -> Option<Why> {
    let elsewhere = token.text.trim_start_matches('@').starts_with('/') || template::is_template(path);
    token.hole.clone().or_else(|| elsewhere.then(|| Why::File(token.text.trim_start_matches('@').into())))
}

impl Token {
    /// Whether it stands for the names in a file.
    fn is_file(&self) -> bool {
        !self.quoted && self.text.starts_with('@') && self.text.len() > 1
    }
}

fn known(token: syntax::Token, file: FileId, masked: &Masked<'_>) -> Token {
    let at = Loc::new(file, token.at);
    if let Some((text, why)) = masked.fallback(token.at) {
        return Token { text: text.to_owned(), quoted: token.quoted, at, hole: None, assumed: Some(why) };
    }
    let hole = token.text.contains(HOLE);
    let hole = hole.then(|| masked.touched(token.at).unwrap_or(Why::Template("".into())));
    Token { text: token.text, quoted: token.quoted, at, hole, assumed: None }
}

/// What a file refers to itself.
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let masked = template::mask(&source.path, &source.text);
    let mut links = Vec::new();
    let mut link = |kind, target: &str, at: Span, folder: bool| {
        let place = postgres::locate(reader.loader, query, &source.path, target);
        let paths = match place {
            Some(place) if folder => postgres::configurations(reader.loader, &place),
            place => place.into_iter().collect(),
        };
        let paths = paths.into_iter().filter(|path| reader.loader.stat(path).is_some_and(|s| s.kind == Kind::File));
        links.push(Link { at: Loc::new(file, at), kind, target: target.to_owned(), paths: paths.collect() });
    };
    for line in syntax::parse(&masked.text, Dialect::of(u16::MAX)) {
        if let [how, target] = line.fields.as_slice()
            && let (Some(how), Some(target)) = (how.first(), target.first())
            && ["include", "include_if_exists", "include_dir"].contains(&&*how.text)
        {
            link("include", &target.text, target.at, how.text == "include_dir");
        }
        for token in line.fields.iter().flatten().filter(|token| !token.quoted && token.text.len() > 1) {
            if let Some(name) = token.text.strip_prefix('@') {
                link("names", name, token.at, false);
            }
        }
    }
    links.retain(|link| !loader::name(&link.target).contains(HOLE));
    links
}
