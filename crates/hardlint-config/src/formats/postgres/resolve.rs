//! What PostgreSQL makes of the lines that it reads: the last one of a name wins.
//!
//! Problems come in its own order: with a syntax error it looks no further; with an unknown name it looks at no value.
//! Without `--target`, a line is wrong only if every version in the table refuses it.

use super::load::{Line, Loaded, load};
use super::parameter::{self, KNOWN, Kind, Parameter};
use super::{check, started, value};
use crate::model::{Defaults, Model, Node, Origin, Scope, Text, Value, Why};
use crate::problem::Problem;
use crate::schema::{KeyId, KindId, Type};
use crate::text::{FileId, Loc, Span};
use crate::version::Versions;
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kinds, by their place in the schema.
const SERVER: KindId = KindId(0);
const IGNORED: KindId = KindId(1);

/// Resolves the file.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let mut loaded = load(reader, query, file);
    let mut exact = query.targets.0.contains_key(model.format.schema.program);
    let path = model.path.clone();
    let mut started = started::by(reader, query, &path);
    loaded.arguments = started.lines.len();
    loaded.lines.append(&mut started.lines);
    if let Some(version) = started.version.filter(|_| !exact) {
        exact = true;
        model.versions = Versions::exactly(version);
        model.defaults = Arc::new(Defaults::new(model.format.schema, model.versions));
    }
    let versions = Range { judged: parameter::major(model.versions), accepted: if exact { None } else { Some(KNOWN) } };
    let mut server = Scope::new(SERVER, "", None, Loc::new(file, Span::default()));
    server.extent = Span::new(0, reader.source(file).text.len());
    server.open = loaded.open.take();
    model.push(server);
    model.problems.append(&mut loaded.problems);
    let names = Names::new(&loaded, &model);
    if model.problems.is_empty() {
        let unknown = loaded.lines.iter().zip(&names.0).filter(|(_, name)| !versions.knows(name));
        let problems: Vec<Problem> = unknown.map(|(line, name)| problem(reader, line, unknown_name(name))).collect();
        model.problems.extend(problems);
    }
    let refused = apply(&mut model, &loaded, &names, versions);
    if model.problems.is_empty() {
        for (index, why) in refused {
            let Some((line, name)) = loaded.lines.get(index).zip(names.0.get(index)) else { continue };
            let message = format!("invalid value for `{name}`: {why}; PostgreSQL does not start with it");
            model.problems.push(Problem { at: Some(line.at), ..problem(reader, line, message) });
        }
    }
    fill_in(&mut model, versions);
    open_up(&mut model);
    super::facts::derive(reader, query, &mut model);
    model
}

fn unknown_name(name: &str) -> String {
    format!("`{name}` is no parameter of PostgreSQL, which does not start with it")
}

fn problem(reader: &Reader<'_>, line: &Line, message: String) -> Problem {
    Problem { path: reader.source(line.name_at.file).path.clone(), at: Some(line.name_at), message }
}

/// The names of the lines as the table has them.
struct Names(Vec<String>);

impl Names {
    fn new(loaded: &Loaded, model: &Model) -> Self {
        let name = |line: &Line| {
            let lower = line.name.to_ascii_lowercase();
            parameter::renamed(&lower, model.versions).to_owned()
        };
        Self(loaded.lines.iter().map(name).collect())
    }
}

/// The versions that matter.
#[derive(Clone, Copy)]
struct Range {
    /// Those that are judged.
    judged: (u16, u16),
    /// Those of which one has to accept a line; the judged ones where a target names them.
    accepted: Option<(u16, u16)>,
}

impl Range {
    fn accepted(self) -> std::ops::RangeInclusive<u16> {
        let (oldest, newest) = self.accepted.unwrap_or(self.judged);
        oldest..=newest
    }

    fn judged(self) -> std::ops::RangeInclusive<u16> {
        self.judged.0..=self.judged.1
    }

    /// Whether a line of that name is accepted; any name with a dot is.
    fn knows(self, name: &str) -> bool {
        let listed = || parameter::named(name).is_some_and(|known| self.accepted().any(|v| known.row(v).is_some()));
        name.contains('.') || name == "seed" || listed() || (self.accepted.is_some() && parameter::ancient(name))
    }

    /// What a text means: the same in all judged versions that know the parameter, unknown where they differ; or why
    /// no accepted version takes it.
    fn read(self, known: &Parameter, text: &str) -> Result<Value, String> {
        let in_version = |version: u16| {
            let row = known.row(version)?;
            if row.3 {
                return Some(Err("no file can set it".to_owned()));
            }
            let read = value::read(row.2, version, text);
            Some(read.and_then(|value| check::check(known.name, value, version)))
        };
        let mut meant: Vec<Value> = self.judged().filter_map(in_version).filter_map(Result::ok).collect();
        if meant.is_empty() {
            // No judged version takes it: perhaps the file is for an older one.
            let mut first_error = None;
            for version in self.judged().chain(self.accepted().rev()) {
                match in_version(version) {
                    Some(Ok(value)) => {
                        meant.push(value);
                        break;
                    }
                    Some(Err(error)) => drop(first_error.get_or_insert(error)),
                    None => {}
                }
            }
            if meant.is_empty() {
                return Err(first_error.unwrap_or_default());
            }
        }
        let first = meant.remove(0);
        let same = meant.iter().all(|other| super::printed(other) == super::printed(&first));
        Ok(if same { first } else { Value::Unknown(Why::Version(known.name.into())) })
    }
}

/// Puts the lines into the model, and gives back those that no version takes, with the reason.
fn apply(model: &mut Model, loaded: &Loaded, names: &Names, versions: Range) -> Vec<(usize, String)> {
    // A later line of the same spelling makes PostgreSQL pass over the earlier one, whatever it says; what stands on the
    // command line does not.
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let written = loaded.lines.len().saturating_sub(loaded.arguments);
    for (index, line) in loaded.lines.iter().enumerate().take(written) {
        last.insert(&line.name, index);
    }
    let mut refused = Vec::new();
    let mut ignored: Vec<(usize, KeyId, Node)> = Vec::new();
    let mut winners: BTreeMap<KeyId, usize> = BTreeMap::new();
    let mut counts: Vec<(usize, &str, i64)> = Vec::new();
    for (index, (line, name)) in loaded.lines.iter().zip(&names.0).enumerate() {
        let passed_over = index < written && last.get(line.name.as_str()) != Some(&index);
        let value = match meaning(line, name, versions) {
            Ok(value) => value,
            Err(why) => {
                if !passed_over {
                    refused.push((index, why));
                }
                Value::Unknown(Why::Runtime("what stays in force for an invalid value".into()))
            }
        };
        let key = model.key(SERVER, name);
        let value = typed(model.key_type(key), value);
        let node = Node::set(value, line.at).named(line.name_at);
        if let (Value::Int(count), false) = (&node.value, passed_over) {
            counts.push((index, name, *count));
        }
        let Some(server) = model.scopes.first_mut() else { continue };
        let before = server.own.set(key, node);
        winners
            .insert(key, index)
            .zip(before)
            .into_iter()
            .for_each(|(index, before)| ignored.push((index, key, before)));
    }
    refused.extend(contradictions(model, &winners));
    if *versions.accepted().end() < NO_SUM_SINCE {
        refused.extend(too_many_processes(&counts));
    }
    refused.sort_unstable();
    for (index, key, node) in ignored {
        let Some(line) = loaded.lines.get(index) else { continue };
        let winner = winners.get(&key).and_then(|&winner| loaded.lines.get(winner));
        ignored_line(model, (line, key, &node), winner.is_some_and(|line| line.auto));
        model.shadowed.push((key, node));
    }
    refused
}

/// What a line sets its parameter to.
fn meaning(line: &Line, name: &str, versions: Range) -> Result<Value, String> {
    if let Some(why) = &line.conditional {
        return Ok(Value::Unknown(why.clone()));
    }
    let known = parameter::named(name);
    let takes_text = known.is_none_or(|known| known.rows.iter().all(|row| matches!(row.2, Kind::Text)));
    match (&line.text, known) {
        (text @ Text::Pieces(_), _) if takes_text => Ok(Value::Text(text.clone())),
        (Text::Pieces(pieces), _) => {
            let hole = pieces.iter().find_map(|piece| match piece {
                crate::model::Piece::Hole(why) => Some(why.clone()),
                crate::model::Piece::Known(_) => None,
            });
            Ok(Value::Unknown(hole.unwrap_or(Why::Template("".into()))))
        }
        (Text::Known(text), None) => Ok(Value::text(text.clone())),
        (Text::Known(text), Some(known)) => path_or(name, text, versions.read(known, text)),
    }
}

/// Paths that PostgreSQL makes absolute: a relative one starts where the server is started.
fn path_or(name: &str, text: &str, read: Result<Value, String>) -> Result<Value, String> {
    match name {
        "data_directory" | "hba_file" | "ident_file" | "config_file" if !text.starts_with('/') => {
            Ok(Value::Unknown(Why::Runtime("the folder that PostgreSQL is started in".into())))
        }
        "data_directory" | "hba_file" | "ident_file" | "config_file" => {
            let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
            // `..` is left to the machine: a link may stand before it.
            if parts.contains(&"..") { read } else { Ok(Value::text(format!("/{}", parts.join("/")))) }
        }
        _ => read,
    }
}

/// The value in the type that the key has over all versions.
fn typed(ty: Type, value: Value) -> Value {
    match (ty, value) {
        (Type::String, value @ (Value::Bool(_) | Value::Int(_) | Value::Float(_))) => {
            Value::text(super::printed(&value))
        }
        #[expect(clippy::cast_precision_loss, reason = "PostgreSQL itself keeps such values as a double")]
        (Type::Float, Value::Int(number)) => Value::Float(number as f64),
        (_, value) => value,
    }
}

/// Lines that PostgreSQL refuses because of another: statistics of all statements go with none of their stages'.
fn contradictions(model: &Model, winners: &BTreeMap<KeyId, usize>) -> Vec<(usize, String)> {
    let schema = model.format.schema;
    let on = |name: &str| {
        let key = schema.key(SERVER, name)?;
        let set = model.scopes.first()?.own.get(key)?;
        (set.value == Value::Bool(true)).then(|| winners.get(&key).copied()).flatten()
    };
    let Some(all) = on("log_statement_stats") else { return Vec::new() };
    let stages = ["log_executor_stats", "log_parser_stats", "log_planner_stats"];
    // The one that comes later is the one that is refused.
    let later: Vec<usize> = stages.iter().filter_map(|stage| on(stage)).collect();
    let why = "`log_statement_stats` and the statistics of a stage exclude each other";
    if later.iter().any(|&stage| stage < all) {
        return Vec::from([(all, why.to_owned())]);
    }
    later.into_iter().map(|stage| (stage, why.to_owned())).collect()
}

/// Since this version the number of processes is looked at when the server starts, and no more line by line.
const NO_SUM_SINCE: u16 = 18;

/// Lines with which there would be more processes than PostgreSQL can count. A name that is spelt in two ways is set
/// twice, and looked at twice.
fn too_many_processes(lines: &[(usize, &str, i64)]) -> Vec<(usize, String)> {
    let mut counts =
        [("max_connections", 100), ("autovacuum_max_workers", 3), ("max_worker_processes", 8), ("max_wal_senders", 10)];
    let mut refused = Vec::new();
    for &(line, name, count) in lines {
        if counts.iter().all(|(counted, _)| *counted != name) {
            continue;
        }
        let others: i64 = counts.iter().filter(|(other, _)| *other != name).map(|(_, count)| count).sum();
        // One more is the launcher of autovacuum.
        if others + count + 1 > 0x3_FFFF {
            refused.push((line, "there would be more processes than 262143".to_owned()));
        } else if let Some(slot) = counts.iter_mut().find(|(other, _)| *other == name) {
            slot.1 = count;
        }
    }
    refused
}

/// A scope for a line that is overruled.
fn ignored_line(model: &mut Model, (line, key, node): (&Line, KeyId, &Node), auto: bool) {
    let name = model.key_name(key).to_owned();
    let winner = model.scopes.first().and_then(|server| server.own.get(key)).cloned();
    let Some(winner) = winner else { return };
    let id =
        model.push(Scope { label_at: line.name_at, ..Scope::new(IGNORED, line.name.as_str(), None, line.name_at) });
    let differs = match (&node.value, &winner.value) {
        (Value::Unknown(why), _) | (_, Value::Unknown(why)) => Value::Unknown(why.clone()),
        (a, b) => Value::Bool(super::printed(a) != super::printed(b)),
    };
    let secret = model.format.schema.get(key).is_some_and(|key| key.secret);
    let shown = if secret { name.clone() } else { super::printed(&winner.value) };
    let facts = [
        ("by_auto_conf", Value::Bool(auto)),
        ("differs", differs),
        ("parameter", Value::text(name)),
        ("winner", Value::text(shown)),
    ];
    for (fact, value) in facts {
        let key = model.key(IGNORED, fact);
        let node = Node::derived(value, line.at, Vec::from([line.at, winner.at]));
        if let Some(scope) = model.scope_mut(id) {
            scope.parent = Some(crate::model::ScopeId(0));
            scope.own.set(key, node);
        }
    }
}

/// Defaults that the schema's table cannot hold: those of parameters that newer versions dropped, and those that the
/// machine or the cluster decides.
fn fill_in(model: &mut Model, versions: Range) {
    let data = match model.get(crate::model::ScopeId(0), "data_directory") {
        Some(Value::Text(Text::Known(path))) => Some(path.clone()),
        _ => None,
    };
    for known in super::parameters::PARAMETERS {
        let gone = known.last() < KNOWN.1;
        if !gone && !known.defaults.is_empty() {
            continue;
        }
        let knowing = versions.judged().filter(|&version| known.row(version).is_some()).count();
        let Some(key) = model.format.schema.key(SERVER, known.name).filter(|_| knowing > 0) else { continue };
        let value = match (known.name, &data, known.default(versions.judged.0)) {
            _ if knowing < versions.judged().count() => Value::Unknown(Why::Version(known.name.into())),
            ("hba_file", Some(data), _) => Value::text(format!("{data}/pg_hba.conf")),
            ("ident_file", Some(data), _) => Value::text(format!("{data}/pg_ident.conf")),
            (_, _, Some(text)) => model.key_type(key).value(text),
            (name, _, None) => Value::Unknown(Why::Runtime(format!("`{name}`").into())),
        };
        let Some(server) = model.scopes.first_mut() else { return };
        if server.own.get(key).is_none() {
            let at = server.at;
            server.effective.set(key, Node { origin: Origin::Default, at, ..Node::default_value(value) });
        }
    }
}

/// Makes unknown what is not set, where a file that is not at hand may set it.
fn open_up(model: &mut Model) {
    let Some(server) = model.scopes.first_mut() else { return };
    let Some(why) = server.open.clone() else { return };
    for known in super::parameters::PARAMETERS {
        let Some(key) = model.format.schema.key(SERVER, known.name) else { continue };
        if server.own.get(key).is_none() {
            server.effective.set(key, Node::default_value(Value::Unknown(why.clone())));
        }
    }
}
