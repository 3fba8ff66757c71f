//! Lines in blocks that hold no directives: of `map`, `geo`, `types`, `split_clients` and `charset_map`.

use super::super::resolve::{Build, Frame, Place};
use super::super::syntax::{Form, Statement};
use super::geo::Geo;
use super::hosts::{self, Hosts};
use super::tables::Tables;
use super::zones::unsure;
use super::{Fault, Line, charsets, expression, groups, refuse, variables};
use crate::text::{Loc, Span};

/// Tells what nginx would refuse in the block of `statement`, which is a directive called `name`.
pub(in super::super) fn entries(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    if frame.tree.crossed {
        return;
    }
    if name == "upstream" && frame.place == Place::Http {
        groups::look(build, frame, statement);
    }
    if !matches!(name, "map" | "geo" | "types" | "split_clients" | "charset_map") {
        return;
    }
    if name == "types" {
        build.seen.tables.ending(frame.scope, 0, end(frame, statement));
    }
    let tree = frame.tree.clone();
    let mut block = Block::default();
    if name == "charset_map" {
        let head = Line { frame, statement, name, words: tree.words(statement) };
        block.utf8 = head.known(2).map(|charset| charset.eq_ignore_ascii_case("utf-8"));
    }
    for (_, entry) in tree.children(frame.index()) {
        if entry.condition.is_some() || entry.form == Form::Inserted {
            build.seen.hidden = true;
            continue;
        }
        let line = Line { frame, statement: entry, name, words: tree.words(entry) };
        let taken = variables::captures(build, 0, &line.spelt(0)).and_then(|()| block.entry(build, &line));
        if let Err(Fault { word, message }) = taken {
            refuse(build, frame, entry, word, message);
        }
    }
    if name == "map" {
        Tables::map(build, block.longest, unsure(&Line { frame, statement, name, words: tree.words(statement) }));
    }
    if block.percent > 10_000 {
        build.problem(end(frame, statement), "the parts of this block are more than all; nginx refuses that".into());
    }
}

/// The closing brace, at which nginx sees what a block lacks.
pub(super) fn end(frame: &Frame, statement: &Statement) -> Loc {
    Loc::new(frame.file, Span { start: statement.span.end.saturating_sub(1), end: statement.span.end })
}

#[derive(Default)]
struct Block {
    /// The keys of a `map`.
    hosts: Hosts,
    /// Whether those may have a `*`.
    hostnames: bool,
    default: bool,
    /// In hundredths.
    percent: i64,
    geo: Geo,
    /// How long the longest key of a `map` is, and where it stands.
    longest: Option<(usize, Loc)>,
    /// Whether a `charset_map` leads to UTF-8, where that is known.
    utf8: Option<bool>,
}

impl Block {
    fn entry(&mut self, build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
        if line.statement.form != Form::Simple {
            return Fault::new(0, format!("nginx refuses a block in `{}`", line.name));
        }
        let count = line.words.len();
        if line.name == "charset_map" {
            return charsets::entry(line, self.utf8);
        }
        if line.name == "geo" {
            return self.geo.entry(line);
        }
        if line.spelt(0) == "include" && line.name != "split_clients" {
            return if count == 2 { Ok(()) } else { Fault::new(0, "`include` takes one path") };
        }
        match line.name {
            "map" if count == 1 && matches!(&*line.spelt(0), "hostnames" | "volatile") => {
                self.hostnames |= line.spelt(0) == "hostnames";
                Ok(())
            }
            "types" => {
                for (index, text) in line.arguments() {
                    if let Some(word) = line.words.get(index) {
                        let at = Loc::new(line.frame.file, word.place());
                        build.seen.tables.ending(line.frame.scope, text.len(), at);
                    }
                }
                Ok(())
            }
            _ if count != 2 => {
                Fault::new(0, format!("nginx takes two words in a line of `{}`, here are {count}", line.name))
            }
            "map" => {
                if let Some(value) = line.known(1) {
                    variables::read(build, line, 1, &value)?;
                }
                self.map(line)
            }
            _ => self.part(line),
        }
    }

    fn map(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let Some(key) = line.known(0) else { return Ok(()) };
        if key == "default" {
            return if std::mem::replace(&mut self.default, true) {
                Fault::new(0, "nginx refuses a second `default`")
            } else {
                Ok(())
            };
        }
        if let Some(regex) = key.strip_prefix("~*").or(key.strip_prefix('~')) {
            return expression::check(0, regex);
        }
        let key = key.strip_prefix('\\').unwrap_or(&key);
        let length = if self.hostnames { hosts::longest(key) } else { key.len() };
        if let Some(word) = line.words.first().filter(|_| self.longest.is_none_or(|(known, _)| known < length)) {
            self.longest = Some((length, Loc::new(line.frame.file, word.place())));
        }
        if self.hostnames {
            return self.hosts.add(key).or_else(|message| Fault::new(0, message));
        }
        if self.hosts.add_exact(key) { Ok(()) } else { Fault::new(0, "nginx refuses a key that is there already") }
    }

    fn part(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let Some(key) = line.known(0).filter(|key| *key != "*") else { return Ok(()) };
        let hundredths = key.strip_suffix('%').and_then(|number| {
            let (whole, part) = number.split_once('.').unwrap_or((number, ""));
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let fits = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 2 && !number.ends_with('.');
            fits.then(|| format!("{whole}{part:0<2}").parse::<i64>().ok()).flatten()
        });
        match hundredths.filter(|&part| part > 0) {
            Some(part) => {
                self.percent = self.percent.saturating_add(part);
                Ok(())
            }
            None => Fault::new(0, "nginx refuses this as a part"),
        }
    }
}
