//! Logical lines, and the files that `include` names.
//!
//! redis reads all files of a pattern as one text: where one does not end with a newline, its last line goes on in the
//! next file. Relative paths start at the working directory, which is taken to be the file's own folder until `dir`
//! moves it.

use super::syntax;
use crate::formats::Link;
use crate::loader::{self, Loader};
use crate::model::{Text, Why};
use crate::syntax::template::{self, Masked};
use crate::text::{FileId, Loc, Source, Span};
use crate::workspace::{Query, Reader};

/// A line with something on it.
#[derive(Debug)]
pub(super) struct Line {
    /// All of it, without blanks around it.
    pub(super) at: Loc,
    /// Its words; nothing where its quotes are wrong.
    pub(super) words: Option<Vec<Word>>,
    /// Why it may not be there: a template's condition.
    pub(super) conditional: Option<Why>,
    /// Why nothing of it is known: a template fills the directive in, or its quotes.
    pub(super) anything: Option<Why>,
}

/// A word of a line.
#[derive(Debug)]
pub(super) struct Word {
    /// As redis reads it; holes of templates stand in it as such.
    pub(super) raw: String,
    pub(super) text: Text,
    pub(super) at: Loc,
}

impl Word {
    /// Why it is not known, if it is not.
    pub(super) fn hole(&self) -> Option<Why> {
        let Text::Pieces(pieces) = &self.text else { return None };
        pieces.iter().find_map(|piece| match piece {
            crate::model::Piece::Hole(why) => Some(why.clone()),
            crate::model::Piece::Known(_) => None,
        })
    }
}

/// How many lines are read of one file, and how long they may be.
pub(super) const MAX_LINES: usize = 200_000;

/// The lines of files that are read as one text.
pub(super) fn lines(reader: &Reader<'_>, files: &[FileId]) -> Vec<Line> {
    let mut found = Vec::new();
    // What the file before left without a newline: where it began, and its text.
    let mut carried: Option<(FileId, usize, String)> = None;
    for (index, &file) in files.iter().enumerate() {
        let source: &Source = reader.source(file);
        let masked = template::mask(&source.path, &source.text);
        let mut at = 0;
        for line in masked.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            if found.len() >= MAX_LINES {
                return found;
            }
            if !line.ends_with('\n') && index + 1 < files.len() {
                let (from, begins, before) = carried.take().unwrap_or((file, start, String::new()));
                carried = Some((from, begins, before + line));
                continue;
            }
            match carried.take() {
                None => found.extend(parse(&masked, (file, start), line, line.len())),
                Some((from, begins, before)) => {
                    let own = before.len();
                    found.extend(parse(&masked, (from, begins), &(before + line), own));
                }
            }
        }
    }
    if let Some((file, start, text)) = carried {
        let source: &Source = reader.source(file);
        found.extend(parse(&template::mask(&source.path, &source.text), (file, start), &text, text.len()));
    }
    found
}

/// One line, of which `own` bytes lie in the file in which it starts.
fn parse(masked: &Masked<'_>, (file, start): (FileId, usize), line: &str, own: usize) -> Option<Line> {
    let (indent, text) = syntax::content(line)?;
    let place = |from: usize, to: usize| {
        let clamp = |at: usize| start + (indent + at).min(own);
        Loc::new(file, Span::new(clamp(from), clamp(to)))
    };
    let at = place(0, text.len());
    let touched = if masked.is_template() { masked.touched(at.span) } else { None };
    let words: Option<Vec<Word>> = syntax::words(text).map(|words| {
        let word = |(raw, span): (String, std::ops::Range<usize>)| {
            let at = place(span.start, span.end);
            Word { text: masked.text(&raw, at.span), raw, at }
        };
        words.into_iter().map(word).collect()
    });
    let conditional = masked.conditional(at.span.start);
    let anything = match &words {
        None => touched,
        Some(words) => words.first().and_then(Word::hole),
    };
    words.as_ref().is_none_or(|words| !words.is_empty()).then_some(Line { at, words, conditional, anything })
}

/// What an `include` names.
#[derive(Debug)]
pub(super) enum Found {
    /// These files, in this order.
    Files(Vec<String>),
    /// A file that is not there, at a path below the root.
    Missing,
    /// Something outside the root.
    Elsewhere,
}

/// The files that `target` names, seen from the folder `from` (unknown where `dir` left it), in a file at `path`.
pub(super) fn find(loader: &dyn Loader, query: &Query, path: &str, from: Option<&str>, target: &str) -> Found {
    let pattern = loader::is_pattern(target);
    let nothing = || if pattern { Found::Files(Vec::new()) } else { Found::Missing };
    if target.is_empty() || !can_be_opened(target) {
        return nothing();
    }
    if target.starts_with('/') {
        let place =
            if pattern { located_pattern(loader, query, path, target) } else { query.locate(loader, path, target) };
        return match place {
            Some(place) if pattern => Found::Files(files(loader, loader::glob(loader, &place))),
            Some(place) => Found::Files(vec![place]),
            None => Found::Elsewhere,
        };
    }
    // A pattern whose folders are not there matches nothing.
    if pattern && from.is_some_and(|from| !loader::is_passable(loader, from, target)) {
        return nothing();
    }
    let place =
        from.filter(|from| loader::is_passable(loader, from, target)).and_then(|from| loader::join(from, target));
    let Some(place) = place else { return Found::Elsewhere };
    if pattern {
        return Found::Files(files(loader, loader::glob(loader, &place)));
    }
    match loader.stat(&place) {
        Some(_) => Found::Files(vec![place]),
        None => Found::Missing,
    }
}

/// Whether any system has room for such a path.
fn can_be_opened(path: &str) -> bool {
    path.len() < 4096 && path.split('/').all(|part| part.len() <= 255)
}

/// An absolute pattern below the root: its folder is looked for, up to the first part that is a pattern.
fn located_pattern(loader: &dyn Loader, query: &Query, path: &str, target: &str) -> Option<String> {
    let first = target.find(['*', '?', '['])?;
    let (folder, rest) = target.get(..first)?.rsplit_once('/').map(|(folder, _)| folder.len()).and_then(|at| {
        let (folder, rest) = target.split_at_checked(at)?;
        Some((folder, rest.strip_prefix('/')?))
    })?;
    let place = query.locate(loader, path, folder)?;
    Some(format!("{place}/{rest}"))
}

fn files(loader: &dyn Loader, mut paths: Vec<String>) -> Vec<String> {
    paths.retain(|path| loader.stat(path).is_some_and(|stat| stat.kind == loader::Kind::File));
    paths
}

/// What a file refers to itself: what it includes, and the file of users.
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, file: FileId) -> Vec<Link> {
    // Most files name no other, and need not be cut into words for this; a name in quotes can be spelt in many ways.
    let may_name = |line: &str| {
        let line = line.trim_start();
        let start = line.get(..7).unwrap_or_default();
        ["include", "aclfile"].iter().any(|name| start.eq_ignore_ascii_case(name)) || line.starts_with(['"', '\''])
    };
    if !reader.source(file).text.lines().any(may_name) {
        return Vec::new();
    }
    let path = reader.source(file).path.clone();
    let folder = loader::folder(&path).to_owned();
    let mut links = Vec::new();
    for line in lines(reader, &[file]) {
        let Some([name, target]) = line.words.as_deref() else { continue };
        let kind = match name.raw.to_ascii_lowercase().as_str() {
            "include" => "include",
            "aclfile" => "aclfile",
            _ => continue,
        };
        if target.hole().is_some() {
            continue;
        }
        if let Found::Files(paths) = find(reader.loader, query, &path, Some(&folder), &target.raw) {
            let paths = files(reader.loader, paths);
            links.push(Link { at: target.at, kind, target: target.raw.clone(), paths });
        }
    }
    links
}
