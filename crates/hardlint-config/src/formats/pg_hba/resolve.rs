//! What PostgreSQL makes of the lines: records in order. A line that it refuses keeps it from starting, and from taking up
//! any other line when it reads the file anew.
//!
//! Without `--target`, a line is wrong only if every version since 10 refuses it.

use super::facts::{self, Server};
use super::keys::{FILE, RECORD};
use super::load::{self, Line};
use super::options::Refused;
use super::order::{self, Connection};
use super::record::{self, Parsed, Record};
use super::{address, document};
use crate::formats::postgres;
use crate::model::{Assumed, Model, Node, Scope, ScopeId, Text, Value, Why};
use crate::problem::Problem;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// The oldest version of which a line is known to be taken.
const OLDEST: u16 = 10;

/// A line, and what it is.
pub(super) struct Row {
    pub(super) line: Line,
    pub(super) parsed: Parsed,
    /// The scope of its record.
    pub(super) scope: Option<ScopeId>,
}

/// Resolves the file.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let (_, major) = postgres::major(model.versions);
    let loaded = load::load(reader, query, file, major);
    let exact = query.targets.0.contains_key(model.format.schema.program);
    let mut scope = Scope::new(FILE, "", None, Loc::new(file, Span::default()));
    scope.extent = Span::new(0, reader.source(file).text.len());
    scope.open = loaded.open;
    model.push(scope);
    let mut rows: Vec<Row> = Vec::new();
    for line in loaded.lines {
        let mut parsed = record::parse(&line, major);
        if matches!(parsed, Parsed::Refused(_)) && !exact && line.error.is_none() {
            // Perhaps the file is for an older one.
            let older = (OLDEST..major).rev().map(|major| record::parse(&line, major));
            parsed = older.into_iter().find(|parsed| !matches!(parsed, Parsed::Refused(_))).unwrap_or(parsed);
        }
        rows.push(Row { line, parsed, scope: None });
    }
    problems(reader, &mut model, &rows);
    let server = Server::of(reader, query, &mut model, file);
    push_records(&mut model, &mut rows);
    facts::derive(reader, query, &mut model, &rows, &server);
    focus(query, &mut model, &rows, &server, reader, major);
    model
}

/// Lines that are refused.
fn problems(reader: &Reader<'_>, model: &mut Model, rows: &[Row]) {
    let open = model.scope(ScopeId(0)).is_some_and(|file| file.open.is_some());
    for Row { line, parsed, .. } in rows {
        let Parsed::Refused(Refused { message, .. }) = parsed else { continue };
        let message = format!("{}: PostgreSQL does not start with it", message.replace('"', "`"));
        let path = reader.source(line.at.file).path.clone();
        model.problems.push(Problem { path, at: Some(line.at), message });
    }
    if rows.is_empty() && !open {
        let message = "there is no record: PostgreSQL does not start with it".to_owned();
        model.problems.push(Problem { path: model.path.clone(), at: None, message });
    }
}

fn push_records(model: &mut Model, rows: &mut [Row]) {
    for row in rows {
        let Parsed::Record(record) = &row.parsed else { continue };
        let at = row.line.at;
        let mut scope = Scope::new(RECORD, record.label(), Some(ScopeId(0)), at);
        let filled_in = || row.line.fields.iter().flatten().find_map(|token| token.assumed.clone());
        scope.assumed = row.line.conditional.clone().or_else(filled_in).map(|what| Assumed { what, overrules: true });
        for (name, node) in settings(record) {
            // Whether a template writes the line is unknown; what the line says is not, unless it is written for each of many.
            let key = model.key(RECORD, name);
            let node = match row.line.repeated() {
                Some(why) => Node { value: Value::Unknown(why.clone()), ..node },
                None => node,
            };
            scope.own.set(key, node.named(record.kind_at));
        }
        row.scope = Some(model.push(scope));
    }
}

/// The fields of a record, as `pg_hba_file_rules` has them.
pub(super) fn settings(record: &Record) -> Vec<(&'static str, Node)> {
    let names = |names: &[record::Name]| {
        let one = |name: &record::Name| match &name.is {
            record::Is::Unknown(why) => Node::set(Value::Unknown(why.clone()), name.at),
            _ => Node::set(Value::text(name.text.clone()), name.at),
        };
        let nodes: Vec<Node> = names.iter().map(one).collect();
        let at = match (nodes.first(), nodes.last()) {
            (Some(first), Some(last)) if first.at.file == last.at.file => {
                Loc::new(first.at.file, first.at.span.to(last.at.span))
            }
            (Some(first), _) => first.at,
            _ => record.kind_at,
        };
        Node::set(Value::List(nodes), at)
    };
    let mut all = vec![
        ("type", Node::set(Value::text(record.kind), record.kind_at)),
        ("database", names(&record.databases)),
        ("user_name", names(&record.users)),
    ];
    if let Some((address, at)) = &record.address {
        let (address, mask) = fields(address.as_ref());
        all.push(("address", Node::set(address, *at)));
        all.extend(mask.map(|mask| ("netmask", Node::set(mask, *at))));
    }
    let (method, at) = &record.method;
    let value = method.as_ref().map_or_else(|why| Value::Unknown(why.clone()), |method| Value::text(*method));
    all.push(("auth_method", Node::set(value, *at)));
    all.extend(options(record));
    all
}

/// An address and its mask.
pub(super) fn fields(address: Result<&address::Address, &Why>) -> (Value, Option<Value>) {
    match address {
        Err(why) => (Value::Unknown(why.clone()), Some(Value::Unknown(why.clone()))),
        Ok(address::Address::Range(range)) => (
            Value::text(address::Printed(range.ip).to_string()),
            Some(Value::text(address::Printed(range.mask).to_string())),
        ),
        Ok(other) => (Value::text(other.to_string()), None),
    }
}

/// What the method is told, and the secrets in it by themselves.
fn options(record: &Record) -> Vec<(&'static str, Node)> {
    let (method, method_at) = &record.method;
    if let Some(token) = record.written.iter().find(|token| token.hole.is_some()) {
        return token
            .hole
            .clone()
            .map(|why| ("options", Node::set(Value::Unknown(why), token.at)))
            .into_iter()
            .collect();
    }
    let Ok(method) = method else { return Vec::new() };
    let written = |name: &str| {
        record.written.iter().rev().find(|token| token.text.split_once('=').is_some_and(|(known, _)| known == name))
    };
    let mut all = Vec::new();
    let mut nodes = Vec::new();
    for option in record.options.printed(method) {
        let (name, value) = option.split_once('=').unwrap_or((&option, ""));
        let at = written(name).map(|token| token.at);
        let secret = ["ldapbindpasswd", "radiussecrets"].into_iter().find(|secret| *secret == name);
        all.extend(secret.zip(at).map(|(secret, at)| (secret, Node::set(Value::text(value), at))));
        nodes.push(match at {
            Some(at) => Node::set(Value::Text(Text::Known(option.clone().into())), at),
            None => Node::derived(Value::text(option.clone()), *method_at, vec![*method_at]),
        });
    }
    if !nodes.is_empty() {
        let at = nodes.first().map_or(*method_at, |node| node.at);
        all.push(("options", Node::set(Value::List(nodes), at)));
    }
    all
}

/// What is shown: all rows, or the record that decides about the connection that is asked for.
fn focus(query: &Query, model: &mut Model, rows: &[Row], server: &Server, reader: &Reader<'_>, major: u16) {
    let connection = Connection::of(query);
    let chosen = connection.map(|connection| {
        let possible = |row: &&Row| row.scope.is_some();
        let rows: Vec<&Row> = rows.iter().filter(possible).collect();
        let records: Vec<&Record> = rows.iter().filter_map(|row| row.record()).collect();
        order::decides(&records, &connection).map(|found| found.and_then(|index| rows.get(index).copied()))
    });
    if let Some(Ok(Some(Row { scope: Some(scope), .. }))) = chosen {
        model.focus = *scope;
    }
    if query.document {
        let all = document::Rows { all: rows, server, major };
        model.document = Some(all.document(reader, model, chosen));
    }
}

impl Row {
    /// Its record.
    pub(super) fn record(&self) -> Option<&Record> {
        match &self.parsed {
            Parsed::Record(record) => Some(record),
            Parsed::Refused(_) | Parsed::Unknown(_) => None,
        }
    }
}
