//! Lines in blocks that hold no directives: of `map`, `geo`, `types` and `split_clients`.

use super::super::grammar;
use super::super::resolve::{Build, Frame, Place};
use super::super::syntax::{Form, Statement};
use super::addresses::network;
use super::{Fault, Line, expression, refuse, variables};
use crate::text::{Loc, Span};
use std::collections::BTreeSet;

/// Tells what nginx would refuse in the block of `statement`, which is a directive called `name`.
pub(in super::super) fn entries(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    if frame.tree.crossed {
        return;
    }
    if name == "upstream" && frame.place == Place::Http {
        servers(build, frame, statement);
    }
    if !matches!(name, "map" | "geo" | "types" | "split_clients") {
        return;
    }
    if name == "types" {
        build.seen.types.insert(frame.scope);
    }
    let tree = frame.tree.clone();
    let mut block = Block { keys: BTreeSet::new(), default: false, percent: 0, ranges: false, first: true };
    for (_, entry) in tree.children(frame.index()) {
        if entry.condition.is_some() || entry.form == Form::Inserted {
            build.seen.hidden = true;
            continue;
        }
        let line = Line { frame, statement: entry, name, words: tree.words(entry) };
        variables::captures(build, &line.spelt(0));
        if let Err(Fault { word, message }) = block.entry(&line) {
            refuse(build, frame, entry, word, message);
        }
    }
    build.seen.maps |= name == "map" && !block.keys.is_empty();
    if block.percent > 10_000 {
        build.problem(end(frame, statement), "the parts of this block are more than all; nginx refuses that".into());
    }
}

/// The closing brace, at which nginx sees what a block lacks.
fn end(frame: &Frame, statement: &Statement) -> Loc {
    Loc::new(frame.file, Span { start: statement.span.end.saturating_sub(1), end: statement.span.end })
}

/// A group has to have servers; in NGINX Plus those of a zone may come from elsewhere.
fn servers(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement) {
    let tree = &frame.tree;
    let names = tree
        .children(frame.index())
        .map(|(_, entry)| tree.words(entry).first().map(|word| word.spelt(&frame.source.text)));
    let mut bare = names.map(|name| {
        name.is_some_and(|name| !matches!(&*name, "server" | "include" | "zone") && !grammar::rows(&name).is_empty())
    });
    if bare.all(|bare| bare) {
        build.problem(end(frame, statement), "this group has no server; nginx refuses that".into());
    }
}

struct Block {
    keys: BTreeSet<String>,
    default: bool,
    /// In hundredths.
    percent: i64,
    ranges: bool,
    first: bool,
}

impl Block {
    fn entry(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        if line.statement.form != Form::Simple {
            return Fault::new(0, format!("nginx refuses a block in `{}`", line.name));
        }
        let count = line.words.len();
        let first = std::mem::take(&mut self.first);
        if line.spelt(0) == "include" && line.name != "split_clients" {
            return if count == 2 { Ok(()) } else { Fault::new(0, "`include` takes one path") };
        }
        match line.name {
            "map" if count == 1 && matches!(&*line.spelt(0), "hostnames" | "volatile") => Ok(()),
            "geo" if count == 1 && line.spelt(0) == "ranges" && first => {
                self.ranges = true;
                Ok(())
            }
            "geo" if count == 1 && line.spelt(0) == "proxy_recursive" => Ok(()),
            "types" => Ok(()),
            _ if count != 2 => {
                Fault::new(0, format!("nginx takes two words in a line of `{}`, here are {count}", line.name))
            }
            "map" => self.map(line),
            "geo" => self.geo(line),
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
        let key = key.strip_prefix('\\').unwrap_or(&key).to_ascii_lowercase();
        if self.keys.insert(key) { Ok(()) } else { Fault::new(0, "nginx refuses a key that is there already") }
    }

    fn geo(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let Some(key) = line.known(0) else { return Ok(()) };
        let value = line.known(1);
        let fits = match &*key {
            "default" => true,
            "delete" | "proxy" => value.is_none_or(|value| network(&value) || (self.ranges && value.contains('-'))),
            // Ranges, and what stands for all of them.
            key if self.ranges => key.split_once('-').is_some_and(|(first, last)| network(first) && network(last)),
            key => network(key),
        };
        if fits { Ok(()) } else { Fault::new(0, "nginx refuses this as a network") }
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
