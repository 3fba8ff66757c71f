//! The rows of `pg_hba_file_rules`, refused lines among them.

use super::facts::Server;
use super::load::Line;
use super::options::Refused;
use super::record::{Parsed, Record};
use super::resolve::{Row, fields};
use crate::model::{Entry, Model, Node, Value, Why};
use crate::text::{Loc, Span};
use crate::workspace::Reader;

/// All rows, and what they depend on.
pub(super) struct Rows<'r> {
    pub(super) all: &'r [Row],
    pub(super) server: &'r Server,
    pub(super) major: u16,
}

/// What the view says of a record that the server can never use.
const NO_TLS: &str = "hostssl record cannot match because SSL is disabled";

impl Rows<'_> {
    /// The rows, or the one that is chosen; unknown where that cannot be told.
    pub(super) fn document(
        &self,
        reader: &Reader<'_>,
        model: &Model,
        chosen: Option<Result<Option<&Row>, Why>>,
    ) -> Node {
        let at =
            model.scope(crate::model::ScopeId(0)).map_or(Loc::new(crate::text::FileId(0), Span::default()), |s| s.at);
        let unknown = |why: Why| Node { origin: crate::model::Origin::Missing, ..Node::set(Value::Unknown(why), at) };
        let chosen = match chosen {
            Some(Err(why)) => return unknown(why),
            Some(Ok(row)) => Some(row),
            None => None,
        };
        let mut number = Ok(1_i64);
        let mut nodes = Vec::new();
        for row in self.all {
            let node = self.row(reader, row, &mut number);
            if chosen.is_none_or(|chosen| chosen.is_some_and(|chosen| std::ptr::eq(chosen, row))) {
                nodes.push(node);
            }
        }
        Node { origin: crate::model::Origin::Missing, ..Node::set(Value::List(nodes), at) }
    }

    fn row(&self, reader: &Reader<'_>, row: &Row, number: &mut Result<i64, Why>) -> Node {
        let error = self.error(row);
        let mut entries = Vec::new();
        let at = row.line.at;
        let mut put =
            |key: &str, value: Value, at: Loc| entries.push(Entry { key: key.into(), node: Node::set(value, at) });
        // Versions before 16 read one file, and do not count.
        if self.major >= 16 {
            put("rule_number", next_number(&error, number), at);
            put("file_name", Value::text(&*reader.source(at.file).path), at);
        }
        let line = i64::try_from(row.line.number).unwrap_or(i64::MAX);
        put("line_number", Value::Int(line), at);
        for (key, value, at) in described(row) {
            put(key, value, at);
        }
        put("error", error, at);
        Node::set(Value::Map(entries), at)
    }

    fn error(&self, row: &Row) -> Value {
        if let Some(why) = &row.line.conditional {
            return Value::Unknown(why.clone());
        }
        let tls = row.line.fields.first().and_then(|field| field.first()).is_some_and(|kind| kind.text == "hostssl");
        let no_tls = || match self.server.ssl() {
            Some(false) if tls => Value::text(NO_TLS),
            None if tls => Value::Unknown(Why::File("postgresql.conf".into())),
            _ => Value::Null,
        };
        // Of a server's name that has no address the view tells no error.
        if let Parsed::Record(record) = &row.parsed
            && let Some(why @ Why::Limit(_)) = &record.options.unsure
        {
            return Value::Unknown(why.clone());
        }
        match &row.parsed {
            Parsed::Refused(Refused { message, told: true }) => Value::text(message.clone()),
            Parsed::Record(_) | Parsed::Refused(_) => no_tls(),
            Parsed::Unknown(why) => Value::Unknown(why.clone()),
        }
    }
}

/// The next number, which only rows without an error have.
fn next_number(error: &Value, number: &mut Result<i64, Why>) -> Value {
    match (error, number.clone()) {
        (Value::Unknown(why), _) => {
            *number = Err(why.clone());
            Value::Unknown(why.clone())
        }
        (Value::Null, Ok(now)) => {
            *number = Ok(now + 1);
            Value::Int(now)
        }
        (Value::Null, Err(why)) => Value::Unknown(why),
        _ => Value::Null,
    }
}

const FIELDS: [&str; 7] = ["type", "database", "user_name", "address", "netmask", "auth_method", "options"];

/// The fields of a row from its type to its options.
fn described(row: &Row) -> Vec<(&'static str, Value, Loc)> {
    let Line { at, conditional, .. } = &row.line;
    let all = |value: Value| FIELDS.map(|key| (key, value.clone(), *at)).to_vec();
    match (&row.parsed, conditional) {
        (Parsed::Unknown(why), _) | (Parsed::Record(_), Some(why)) => all(Value::Unknown(why.clone())),
        (Parsed::Refused(_), _) => all(Value::Null),
        (Parsed::Record(record), None) => match &record.options.unsure {
            Some(why) => all(Value::Unknown(why.clone())),
            None => of_record(record),
        },
    }
}

fn of_record(record: &Record) -> Vec<(&'static str, Value, Loc)> {
    let settings = super::resolve::settings(record);
    let (address, mask) = match &record.address {
        Some((address, _)) => {
            let (address, mask) = fields(address.as_ref());
            (address, mask.unwrap_or(Value::Null))
        }
        None => (Value::Null, Value::Null),
    };
    let field = |key: &'static str| {
        let own = settings.iter().find(|(name, _)| *name == key).map(|(_, node)| node);
        let value = match key {
            "address" => address.clone(),
            "netmask" => mask.clone(),
            _ => own.map_or(Value::Null, |node| node.value.clone()),
        };
        (key, value, own.map_or(record.kind_at, |node| node.at))
    };
    FIELDS.map(field).to_vec()
}
