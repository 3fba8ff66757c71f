//! Which lines PostgreSQL reads, in which order: includes where they stand, `postgresql.auto.conf` last.
//!
//! Knows the three include directives and where files are; what the other names mean is told in `resolve`.

use super::keys::SCHEMA;
use super::started;
use super::syntax::{self, Setting};
use crate::formats::Link;
use crate::loader::{self, Kind, Loader, ReadError};
use crate::model::{Text, Why};
use crate::problem::Problem;
use crate::syntax::template;
use crate::text::{FileId, Loc, Span};
use crate::version::Version;
use crate::workspace::{Query, Reader};
use std::collections::BTreeSet;

/// A setting, as it stands in the order in which PostgreSQL reads them.
#[derive(Debug)]
pub(super) struct Line {
    /// The name as it is written.
    pub(super) name: String,
    /// Where the name stands.
    pub(super) name_at: Loc,
    /// Where the value stands.
    pub(super) at: Loc,
    /// What the value says.
    pub(super) text: Text,
    /// Why the line may not be there: a template's condition.
    pub(super) conditional: Option<Why>,
    /// Whether it stands in `postgresql.auto.conf`.
    pub(super) auto: bool,
}

/// All that PostgreSQL reads.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Settings in order.
    pub(super) lines: Vec<Line>,
    /// Syntax errors and includes that cannot be followed: PostgreSQL looks no further when there is one.
    pub(super) problems: Vec<Problem>,
    /// Why there may be settings that are not at hand.
    pub(super) open: Option<Why>,
    /// How many of the lines, the last ones, stand on the command line.
    pub(super) arguments: usize,
    reads: usize,
    /// How many of the lines a file that is not at hand may overrule.
    overruled: usize,
}

impl Loaded {
    /// A file is included that is not at hand: it may set anything again.
    fn hidden(&mut self, target: &str) {
        let why = Why::File(target.into());
        for line in self.lines.iter_mut().skip(self.overruled) {
            line.conditional.get_or_insert_with(|| why.clone());
        }
        self.overruled = self.lines.len();
        self.open.get_or_insert(why);
    }
}

/// How deep includes may nest.
const MAX_DEPTH: usize = 10;
/// Files after which reading ends: includes that nest and repeat would be read without end.
const MAX_READS: usize = 1_000;

/// The file that `ALTER SYSTEM` writes.
pub(super) const AUTO_CONF: &str = "postgresql.auto.conf";

/// Reads `file` and all that it includes, and then `postgresql.auto.conf`.
pub(super) fn load(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Loaded {
    let mut loaded = Loaded::default();
    read(reader, query, file, &mut loaded, &Level { depth: 0, conditional: None, auto: false });
    let path = reader.source(file).path.clone();
    // With an error in what stands before it, PostgreSQL does not come to it.
    if loader::name(&path) != AUTO_CONF && loaded.problems.is_empty() {
        let data = loaded.lines.iter().rev().find(|line| line.name.eq_ignore_ascii_case("data_directory"));
        let data = data.and_then(|line| match &line.text {
            Text::Known(text) => Some(text.to_string()),
            Text::Pieces(_) => None,
        });
        if let Some(auto) = auto_conf(reader.loader, query, &path, data.as_deref())
            && let Ok(auto) = reader.open(&auto, None)
        {
            read(reader, query, auto, &mut loaded, &Level { depth: 0, conditional: None, auto: true });
        }
    }
    // A file that is included twice is told of once.
    let mut told = BTreeSet::new();
    loaded.problems.retain(|problem| told.insert((problem.at, problem.message.clone())));
    loaded
}

/// Where `postgresql.auto.conf` is, if it is at hand: in the data directory, which is the file's own where it names none.
fn auto_conf(loader: &dyn Loader, query: &Query, path: &str, data: Option<&str>) -> Option<String> {
    let folder = match data {
        Some(data) => locate(loader, query, path, data)?,
        None => loader::folder(path).to_owned(),
    };
    let auto = loader::join(&folder, AUTO_CONF)?;
    loader.stat(&auto).filter(|stat| stat.kind == Kind::File).map(|_| auto)
}

struct Level {
    depth: usize,
    conditional: Option<Why>,
    auto: bool,
}

fn read(reader: &mut Reader<'_>, query: &Query, file: FileId, loaded: &mut Loaded, level: &Level) {
    loaded.reads += 1;
    if loaded.reads > MAX_READS {
        loaded.open.get_or_insert(Why::Limit("more files are included than are read"));
        return;
    }
    let source = reader.source(file).clone();
    let masked = template::mask_but(&source.path, &source.text, is_own);
    let parsed = syntax::parse(&masked.text);
    let line_of = |at: Span| {
        let before = masked.text.get(..at.start as usize).unwrap_or_default();
        let after = masked.text.get(at.start as usize..).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Span::new(start, at.start as usize + after.find('\n').unwrap_or(after.len()))
    };
    for fault in parsed.errors {
        let line = line_of(fault.at);
        if let Some(why) = masked.touched(line).filter(|_| masked.is_template()) {
            match name_of(&masked.text, line) {
                // `name = {{ a }} b`: what it sets is known, but not to what.
                Some(name) => loaded.lines.push(Line {
                    name: masked.text.get(name.range()).unwrap_or_default().to_owned(),
                    name_at: Loc::new(file, name),
                    at: Loc::new(file, line),
                    text: Text::Pieces([crate::model::Piece::Hole(why.clone())].into()),
                    conditional: Some(why),
                    auto: level.auto,
                }),
                None => drop(loaded.open.get_or_insert(why)),
            }
            continue;
        }
        let message = format!("{}: PostgreSQL does not start with it", fault.message);
        loaded.problems.push(Problem { path: source.path.clone(), at: Some(Loc::new(file, fault.at)), message });
    }
    for Setting { name, at, value } in parsed.settings {
        let conditional = level.conditional.clone().or_else(|| masked.conditional(name.start));
        let name_at = Loc::new(file, name);
        let name = masked.text.get(name.range()).unwrap_or_default();
        let at_loc = Loc::new(file, at);
        if name.contains(template::HOLE) {
            loaded.open.get_or_insert(masked.touched(name_at.span).unwrap_or(Why::Template(name.into())));
        } else if let Some(how) = include(name) {
            if loaded.reads > MAX_READS {
                return;
            }
            let inside = Level { depth: level.depth + 1, conditional, auto: level.auto };
            match masked.text(&value, at) {
                Text::Known(target) => follow(reader, query, (how, &target, at_loc), loaded, &inside),
                Text::Pieces(_) => drop(loaded.open.get_or_insert(Why::Template(name.into()))),
            }
        } else {
            let text = masked.text(&value, at);
            loaded.lines.push(Line { name: name.to_owned(), name_at, at: at_loc, text, conditional, auto: level.auto });
        }
    }
}

/// Whether a mark is one of the shell's, in a command that PostgreSQL gives to one.
fn is_own(line: &str, mark: u8) -> bool {
    let name = line.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    mark == b'$' && name.to_ascii_lowercase().ends_with("_command")
}

/// The name at the start of a line that as a whole cannot be read.
fn name_of(text: &str, line: Span) -> Option<Span> {
    let whole = text.get(line.range())?;
    let start = whole.len() - whole.trim_start().len();
    let rest = whole.get(start..)?;
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
    let behind = rest.get(length..)?;
    let named = length > 0 && behind.starts_with([' ', '\t', '=']);
    named.then(|| Span::new(line.start as usize + start, line.start as usize + start + length))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Include {
    File,
    IfExists,
    Folder,
}

fn include(name: &str) -> Option<Include> {
    match name.to_ascii_lowercase().as_str() {
        "include" => Some(Include::File),
        "include_if_exists" => Some(Include::IfExists),
        "include_dir" => Some(Include::Folder),
        _ => None,
    }
}

fn follow(
    reader: &mut Reader<'_>,
    query: &Query,
    (how, target, at): (Include, &str, Loc),
    loaded: &mut Loaded,
    level: &Level,
) {
    let path = reader.source(at.file).path.clone();
    let mut problem = |message: String| loaded.problems.push(Problem { path: path.clone(), at: Some(at), message });
    if target.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return problem("empty configuration file name: PostgreSQL does not start with it".to_owned());
    }
    if level.depth > MAX_DEPTH {
        return problem("includes nest more than 10 deep: PostgreSQL does not start with it".to_owned());
    }
    let Some(found) = locate(reader.loader, query, &path, target) else { return loaded.hidden(target) };
    let stat = reader.loader.stat(&found).map(|stat| stat.kind);
    if how == Include::Folder {
        // The root itself has no name.
        if stat == Some(Kind::Folder) || found.is_empty() {
            let before = loaded.problems.len();
            for inner in configurations(reader.loader, &found) {
                if let Ok(file) = reader.open(&inner, Some(at)) {
                    read(reader, query, file, loaded, level);
                }
                // PostgreSQL leaves the folder at the first file with an error.
                if loaded.problems.len() > before {
                    break;
                }
            }
        } else if target.starts_with('/') || template::is_template(&path) {
            loaded.hidden(target);
        } else {
            problem(format!("there is no folder `{target}`: PostgreSQL does not start without it"));
        }
        return;
    }
    if *found == *path {
        return problem(format!("`{target}` includes itself: PostgreSQL does not start with it"));
    }
    match reader.open(&found, Some(at)) {
        Ok(file) => read(reader, query, file, loaded, level),
        Err(ReadError::NotFound) if how == Include::IfExists => {}
        Err(_) if target.starts_with('/') || template::is_template(&path) => loaded.hidden(target),
        Err(error) => problem(format!("`{target}` cannot be read ({error}): PostgreSQL does not start without it")),
    }
}

/// The `*.conf` files of a folder that `include_dir` reads, in its order.
pub(in crate::formats) fn configurations(loader: &dyn Loader, folder: &str) -> Vec<String> {
    let names = loader.list(folder).into_iter();
    // The ending counts as it is spelt, and there has to be something before it.
    let listed =
        |name: &String| !name.starts_with('.') && name.strip_suffix(".conf").is_some_and(|stem| !stem.is_empty());
    let names = names.filter(listed);
    let paths = names.filter_map(|name| loader::join(folder, &name));
    paths.filter(|path| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File)).collect()
}

/// Where `target`, written in the file at `path`, lies below the root: a relative one from the file's own folder, an
/// absolute one by `--root-map` or in the tree that the file's own path ends with.
pub(in super::super) fn locate(loader: &dyn Loader, query: &Query, path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return query.locate(loader, path, target);
    }
    let folder = loader::folder(path);
    let place = loader::join(folder, target)?;
    let versions = query.targets.versions(SCHEMA.program, SCHEMA.supported);
    if loader::is_passable(loader, folder, target) || versions.oldest >= TAKES_PARENTS_OUT {
        return Some(place);
    }
    // There is nothing beyond a folder that is missing.
    let whole = || if folder.is_empty() { target.to_owned() } else { format!("{folder}/{target}") };
    (versions.newest < TAKES_PARENTS_OUT).then(whole)
}

/// Since this version `x/..` is taken out of paths as text, whether there is an `x` or not.
const TAKES_PARENTS_OUT: Version = Version([15, 0, 0]);

/// What a file refers to itself.
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    let source = reader.source(file).clone();
    let masked = template::mask_but(&source.path, &source.text, is_own);
    let mut links = Vec::new();
    let mut data = None;
    for Setting { name, at, value } in syntax::parse(&masked.text).settings {
        let name = masked.text.get(name.range()).unwrap_or_default();
        if name.eq_ignore_ascii_case("data_directory") {
            data = Some(value);
            continue;
        }
        let Some(how) = include(name) else { continue };
        let place = locate(reader.loader, query, &source.path, &value);
        let paths = match (place, how) {
            (Some(folder), Include::Folder) => configurations(reader.loader, &folder),
            (Some(path), _) => Vec::from([path]),
            (None, _) => Vec::new(),
        };
        let paths = paths.into_iter().filter(|path| reader.loader.stat(path).is_some_and(|s| s.kind == Kind::File));
        links.push(Link { at: Loc::new(file, at), kind: "include", target: value, paths: paths.collect() });
    }
    if loader::name(&source.path) != AUTO_CONF
        && let Some(auto) = auto_conf(reader.loader, query, &source.path, data.as_deref())
    {
        let at = Loc::new(file, Span::default());
        links.push(Link { at, kind: "include", target: AUTO_CONF.to_owned(), paths: Vec::from([auto]) });
    }
    for at in started::by(reader, query, &source.path).projects {
        let project = reader.source(at.file).path.to_string();
        links.push(Link { at, kind: "service", target: project.clone(), paths: Vec::from([project]) });
    }
    links
}
