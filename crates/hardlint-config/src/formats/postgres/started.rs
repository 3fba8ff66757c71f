//! How a Compose project starts the server with a file that it mounts: options of the command line, which lie over all that
//! files say, and the version of the image.
//!
//! Only services count that read this very file, by the path at which they mount it. Where several do and differ, what
//! they differ in is unknown.

use super::load::Line;
use crate::deployment::services::{self, Service};
use crate::model::{Piece, Text, Why};
use crate::syntax::shell::{Command, Part, Word};
use crate::text::{FileId, Loc, Span};
use crate::version::Version;
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;

/// What the services that read a file say.
#[derive(Debug, Default)]
pub(super) struct Started {
    /// The options, as settings.
    pub(super) lines: Vec<Line>,
    /// The version, if they have one and the same.
    pub(super) version: Option<Version>,
    /// The Compose files, each with the place of a service.
    pub(super) projects: Vec<Loc>,
}

/// The services that run PostgreSQL with the file at `path`.
pub(super) fn by(reader: &mut Reader<'_>, query: &Query, path: &str) -> Started {
    if query.isolated {
        return Started::default();
    }
    let mut found: Vec<(Option<Version>, Vec<Line>)> = Vec::new();
    let mut started = Started::default();
    for service in services::mounting(reader, query, path) {
        let lines = options(&service);
        if !paths(&service, &lines).iter().any(|inside| service.mounted(inside).as_deref() == Some(path)) {
            continue;
        }
        started.projects.push(service.at);
        found.push((service.image.as_deref().and_then(version), lines));
    }
    let mut versions = found.iter().map(|(version, _)| *version);
    started.version = versions.next().flatten().filter(|first| versions.all(|other| other == Some(*first)));
    started.lines = merged(found.into_iter().map(|(_, lines)| lines).collect());
    started
}

/// What the command lines of all services say; unknown where one says something else, or nothing.
fn merged(mut all: Vec<Vec<Line>>) -> Vec<Line> {
    let Some(mut first) = all.pop() else { return Vec::new() };
    let last = |lines: &[Line]| -> BTreeMap<String, Text> {
        lines.iter().map(|line| (line.name.clone(), line.text.clone())).collect()
    };
    let differ = || Text::Pieces([Piece::Hole(Why::Runtime("which service starts it".into()))].into());
    for other in all {
        let (mine, its) = (last(&first), last(&other));
        for line in &mut first {
            if its.get(&line.name) != mine.get(&line.name) {
                line.text = differ();
            }
        }
        first.extend(other.into_iter().filter(|line| !mine.contains_key(&line.name)).map(|mut line| {
            line.text = differ();
            line
        }));
    }
    first
}

/// Where the official images keep the data, unless they are told otherwise.
pub(super) const DATA: &[&str] = &["/var/lib/postgresql/data", "/var/lib/postgresql/18/docker"];

/// The paths in the container at which the server looks for its file.
fn paths(service: &Service, lines: &[Line]) -> Vec<String> {
    let known = |name: &str| {
        let line = lines.iter().rev().find(|line| line.name == name)?;
        Some(match &line.text {
            Text::Known(text) => Some(text.to_string()),
            Text::Pieces(_) => None,
        })
    };
    if let Some(file) = known("config_file") {
        return file.into_iter().collect();
    }
    let named = service.variables.iter().find(|(name, _)| &**name == "PGDATA");
    let data = known("data_directory").flatten().or_else(|| Some(named?.1.value.as_str()?.to_owned()));
    match data {
        Some(data) => vec![format!("{}/postgresql.conf", data.trim_end_matches('/'))],
        None => DATA.iter().map(|data| format!("{data}/postgresql.conf")).collect(),
    }
}

/// The version in the name of PostgreSQL's own image.
pub(super) fn version(image: &str) -> Option<Version> {
    let (name, tag) = image.split('@').next().unwrap_or(image).rsplit_once(':')?;
    let own = ["postgres", "library/postgres", "docker.io/postgres", "docker.io/library/postgres"].contains(&name);
    Version::parse(tag).filter(|version| own && version.0[0] >= super::parameter::KNOWN.0)
}

/// The options that a service starts the server with, as settings.
pub(super) fn options(service: &Service) -> Vec<Line> {
    let Some((script, file)) = &service.started else { return Vec::new() };
    let found = script.commands.iter().enumerate().find_map(|it| Some((it.1, server(it)?)));
    let Some((command, from)) = found else { return Vec::new() };
    read(*file, command.words.get(from..).unwrap_or_default())
}

/// Whether what a service starts is the server.
pub(super) fn starts_server(service: &Service) -> bool {
    service
        .started
        .as_ref()
        .is_some_and(|(script, _)| script.commands.iter().enumerate().any(|it| server(it).is_some()))
}

/// Where the options of a command begin, if it is the server.
fn server((index, command): (usize, &Command)) -> Option<usize> {
    let first = command.words.first()?.known()?;
    // Images put their server before options.
    if index == 0 && first.starts_with('-') {
        return Some(0);
    }
    let program = command.program_at()?;
    let is_server = |word: &Word| {
        let name = word.known().map(|name| name.rsplit('/').next().unwrap_or(name));
        matches!(name, Some("postgres" | "postmaster"))
    };
    let at = command.words.get(program).is_some_and(is_server).then_some(program);
    let through = || command.words.get(program)?.known()?.ends_with("docker-entrypoint.sh").then_some(program + 1);
    let at = at.or_else(|| through().filter(|at| command.words.get(*at).is_some_and(is_server)));
    at.map(|at| at + 1)
}

/// Options of one letter that set a parameter, and what they set it to where they take no value.
const SHORT: &[(char, &str, Option<&str>)] = &[
    ('B', "shared_buffers", None),
    ('D', "data_directory", None),
    ('F', "fsync", Some("off")),
    ('N', "max_connections", None),
    ('S', "work_mem", None),
    ('e', "datestyle", Some("euro")),
    ('h', "listen_addresses", None),
    ('i', "listen_addresses", Some("*")),
    ('k', "unix_socket_directories", None),
    ('l', "ssl", Some("on")),
    ('p', "port", None),
    ('s', "log_statement_stats", Some("on")),
];

/// The settings among the words of a command line, as `postgres` reads them.
fn read(file: FileId, words: &[Word]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let start = word.start();
        if start.starts_with("--") && start.len() > 2 {
            lines.extend(setting(file, word, 2));
            continue;
        }
        let Some(letter) = start.strip_prefix('-').and_then(|rest| rest.chars().next()) else { return lines };
        let alone = word.known().is_some_and(|text| text.len() == 1 + letter.len_utf8());
        if letter == 'c' {
            let (word, skip) = if alone { (words.next(), 0) } else { (Some(word), 2) };
            lines.extend(word.and_then(|word| setting(file, word, skip)));
            continue;
        }
        let Some((_, name, value)) = SHORT.iter().find(|(known, ..)| *known == letter) else {
            // Of other options it is not known here whether the next word is theirs.
            return lines;
        };
        let at = Loc::new(file, word.span);
        if let Some(value) = value {
            lines.push(line(name, at, at, Text::Known((*value).into())));
            continue;
        }
        let (value, skip) = if alone { (words.next(), 0) } else { (Some(word), 2) };
        let Some(value) = value else { return lines };
        let (text, span) = behind(value, skip);
        lines.push(line(name, at, Loc::new(file, span), text));
    }
    lines
}

fn line(name: &str, name_at: Loc, at: Loc, text: Text) -> Line {
    Line { name: name.to_owned(), name_at, at, text, conditional: None, auto: false }
}

/// `name=value` in a word behind its first `skip` bytes.
fn setting(file: FileId, word: &Word, skip: usize) -> Option<Line> {
    let start = word.start();
    let (name, _) = start.get(skip..)?.split_once('=')?;
    let (text, at) = behind(word, skip + name.len() + 1);
    let known = name.replace('-', "_").to_ascii_lowercase();
    let (name_at, _) = part(word, skip, skip + name.len());
    Some(line(&known, Loc::new(file, name_at), Loc::new(file, at), text))
}

/// What a word says behind its first `skip` bytes, and where that stands.
fn behind(word: &Word, skip: usize) -> (Text, Span) {
    let piece = |(index, part): (usize, &Part)| match part {
        Part::Text { text, .. } => {
            Piece::Known(text.get(if index == 0 { skip } else { 0 }..).unwrap_or_default().into())
        }
        Part::Variable { name, .. } => Piece::Hole(Why::Variable(name.clone())),
        Part::Output { .. } => Piece::Hole(Why::Runtime("the output of a command".into())),
    };
    let pieces = word.parts.iter().enumerate().map(piece).collect();
    let (first, whole) = part(word, skip, usize::MAX);
    (Text::from_pieces(pieces), if whole { Span { start: first.start, ..word.span } } else { word.span })
}

/// Where the bytes of a word's first part from `start` to `end` stand, and whether that could be told.
fn part(word: &Word, start: usize, end: usize) -> (Span, bool) {
    match word.parts.first() {
        Some(Part::Text { text, at, .. }) if text.len() == at.range().len() => {
            let from = at.range().start;
            (Span::new(from + start.min(text.len()), from + end.min(text.len())), true)
        }
        _ => (word.span, false),
    }
}

#[cfg(test)]
mod tests;
