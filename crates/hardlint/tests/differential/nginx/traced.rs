//! Holds the answers of a real configuration against `hardlint show --where`: the server that takes the request, each location
//! that it comes to, and the headers that the last of these sends.
//!
//! nginx tells by the marks of `stub` where an answer comes from, so that nothing has to be followed by us: rewrites, error
//! pages, `try_files`, index files and `if` are nginx' own.

use super::live::{self, OWN, Server};
use super::stub::{TRACE, TRACES};
use super::{FORMAT, TARGET};
use crate::case::{Asked, Case};
use crate::ours;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How much was compared.
#[derive(Default)]
pub(super) struct Count {
    pub(super) servers: usize,
    /// Those that took a request.
    pub(super) reached: usize,
    pub(super) answers: usize,
    pub(super) locations: usize,
    pub(super) headers: usize,
    pub(super) unknown: usize,
    /// Closed without an answer, or refused before a server was looked for.
    pub(super) without: usize,
}

/// A mark that a request came by.
struct Mark<'t> {
    /// Its kind, number and name.
    id: &'t str,
    uri: &'t str,
}

/// A header of an answer, its name in lower case.
pub(super) type Header = (String, String);

pub(super) fn difference(folder: &Path, case: &Case, count: &mut Count) -> String {
    let mut report = String::new();
    let Some(first) = case.asked.first() else { return report };
    let Some(_server) = Server::start(folder, case, &first.socket) else {
        return "does not open its first socket\n".to_owned();
    };
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let marks = case.files.iter().map(|(_, bytes)| text(bytes).matches(&format!("{TRACE}|s")).count());
    count.servers += marks.sum::<usize>();
    let mut reached = BTreeSet::new();
    let mut shows = Shows { folder, case, known: HashMap::new() };
    for asked in &case.asked {
        let Some((status, headers)) = live::answer(asked).filter(|(status, _)| *status != 400) else {
            count.without += 1;
            continue;
        };
        let traces = fs::read_to_string(folder.join(TRACES)).unwrap_or_default();
        let trace = traces.lines().last().unwrap_or_default();
        count.answers += 1;
        reached.extend(trace.split('|').filter(|mark| mark.starts_with('s')).map(str::to_owned));
        if let Err(why) = compared(&mut shows, asked, status, &headers, trace, count) {
            let _ = writeln!(report, "answers: {asked:?}: status {status}: by {trace}: {why}");
        }
    }
    count.reached += reached.len();
    report
}

/// What is shown for each place that was asked for, as it is asked for again and again.
struct Shows<'c> {
    folder: &'c Path,
    case: &'c Case,
    known: HashMap<(String, String, Option<String>), Value>,
}

impl Shows<'_> {
    fn at(&mut self, asked: &Asked, uri: Option<&str>) -> Value {
        let key = (asked.socket.clone(), asked.host.clone(), uri.map(str::to_owned));
        let (folder, case) = (self.folder, self.case);
        let show = || {
            let (address, port) = asked.socket.rsplit_once(':').unwrap();
            let pairs = [("address", address), ("port", port), ("server", &*asked.host)].into_iter();
            let pairs = pairs.chain(uri.map(|uri| ("uri", uri)));
            let conditions = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let case = Case { files: case.files.clone(), conditions, ..Case::default() };
            ours::document(&FORMAT, TARGET, folder, &case)
        };
        self.known.entry(key).or_insert_with(show).clone()
    }
}

fn compared(
    shows: &mut Shows<'_>,
    asked: &Asked,
    status: u16,
    theirs: &[Header],
    trace: &str,
    count: &mut Count,
) -> Result<(), String> {
    let marks: Vec<&str> = trace.split('|').skip(1).collect();
    let marks: Vec<Mark<'_>> = marks.chunks_exact(2).map(|two| Mark { id: two[0], uri: two[1] }).collect();
    let server = shows.at(asked, None);
    // Of the places that it came by, the last that is no `if`, and the `if` in it that was taken last.
    let (mut place, mut condition) = (server.clone(), None);
    for mark in marks {
        let found = match mark.id.get(..1) {
            Some("i") => {
                condition = Some(mark.id);
                continue;
            }
            Some("s") => server.clone(),
            Some("n") => shows.at(asked, mark.id.split_once('@').map(|(_, name)| format!("@{name}")).as_deref()),
            _ => shows.at(asked, Some(&escaped(mark.uri))),
        };
        condition = None;
        match marked(&found["effective"]["set"]) {
            Ok(id) if id == Some(mark.id) => count.locations += 1,
            Ok(id) => return Err(format!("{} at {}: ours is {id:?}", mark.id, mark.uri)),
            Err(()) => {
                count.unknown += 1;
                return Ok(());
            }
        }
        place = found;
    }
    let tokens = place["effective"]["server_tokens"]["value"].as_str();
    let version = theirs.iter().any(|(name, value)| name == "server" && value.starts_with("nginx/"));
    if tokens.is_some_and(|tokens| (tokens == "off") == version) {
        return Err(format!("server_tokens is {tokens:?}, but {theirs:?}"));
    }
    let own = condition.and_then(|id| own_of(&place, id));
    let lines = own.as_ref().or(Some(&place["effective"]["add_header"]));
    let Some(lines) = lines.and_then(lines_of) else {
        count.unknown += 1;
        return Ok(());
    };
    sent(&lines, status, theirs, count)
}

/// The mark of what was chosen; nothing without one, and an error where it is not known what is chosen.
fn marked(set: &Value) -> Result<Option<&str>, ()> {
    if set.is_object() && set["value"].is_null() {
        return Err(());
    }
    let lines = set["value"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut marks = lines.iter().filter_map(|line| line.as_str()?.split_once(TRACE)?.1.split('|').nth(1));
    Ok(marks.next())
}

/// The headers that an `if` sets itself.
fn own_of(place: &Value, id: &str) -> Option<Value> {
    let mut scopes = place["scopes"].as_array()?.iter();
    let scope = scopes.find(|scope| marked(&scope["settings"]["set"]) == Ok(Some(id)))?;
    scope["settings"].get("add_header").cloned()
}

/// Nothing where they are not known.
fn lines_of(entry: &Value) -> Option<Vec<String>> {
    match &entry["value"] {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().map(str::to_owned)).collect(),
        Value::Null if entry.is_object() => None,
        _ => Some(Vec::new()),
    }
}

/// Holds the headers of an answer against those of the lines.
pub(super) fn sent(lines: &[String], status: u16, theirs: &[Header], count: &mut Count) -> Result<(), String> {
    let mut left: Vec<&Header> = theirs.iter().collect();
    for line in lines {
        let Some((name, value)) = live::carried(line, status) else { continue };
        // What is in a variable is nginx' to know, and a header of nothing else may be empty, and is not sent then.
        let fits = |(known, sent): &&Header| *known == name && like(value, sent);
        match left.iter().position(fits) {
            Some(at) => {
                left.remove(at);
                count.headers += 1;
            }
            None if value.is_empty() || value.starts_with('$') && !value.contains(' ') => {}
            None => return Err(format!("without {name}: {value}, but {theirs:?}")),
        }
    }
    match left.iter().find(|(name, _)| !OWN.contains(&name.as_str())) {
        Some((name, value)) => Err(format!("with {name}: {value}, but {lines:?}")),
        None => Ok(()),
    }
}

/// Whether a text is what a value with variables may become: what stands before the first and behind the last.
fn like(value: &str, sent: &str) -> bool {
    let (Some(first), Some(last)) = (value.find('$'), value.rfind('$')) else { return value == sent };
    let name = |letter: char| letter.is_ascii_alphanumeric() || "_{}$".contains(letter);
    let behind = value[last..].trim_start_matches(name);
    sent.starts_with(&value[..first]) && sent.ends_with(behind)
}

/// A decoded path as a client would write it.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
