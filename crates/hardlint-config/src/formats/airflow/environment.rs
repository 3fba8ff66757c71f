//! The environment that Airflow runs in, as far as it is at hand.

use crate::model::{Node, Piece, Text, Value, Why};
use crate::text::{FileId, Loc, Span};
use crate::workspace::Query;
use std::collections::BTreeMap;

/// Variables by name, each with the place that sets it.
#[derive(Debug, Default)]
pub(super) struct Environment {
    variables: BTreeMap<String, Node>,
    /// Whether what is not in it is not set.
    closed: bool,
}

impl Environment {
    /// What `--env-file` tells; without it nothing is known.
    pub(super) fn of_process(query: &Query, file: FileId) -> Self {
        let at = Loc::new(file, Span::default());
        let all = query.environment.iter().flatten();
        let variables = all.map(|(name, value)| (name.clone(), Node::set(Value::text(value.as_str()), at))).collect();
        Self { variables, closed: query.environment.is_some() }
    }

    /// Variables that a service sets; its image may set others.
    pub(super) fn of_service(variables: impl Iterator<Item = (String, Node)>) -> Self {
        Self { variables: variables.collect(), closed: false }
    }

    /// The variable called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.variables.get(name)
    }

    /// Whether what is not in it is not set.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The names of all variables that are set.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// What a mention of the variable `name` becomes in a value; what is not set stays as it is `written`.
    pub(super) fn mention(&self, name: &str, written: &str) -> Vec<Piece> {
        match self.get(name).map(|node| &node.value) {
            Some(value) => pieces(value),
            None if self.closed => Vec::from([Piece::Known(written.into())]),
            None => Vec::from([Piece::Hole(Why::Variable(name.into()))]),
        }
    }
}

/// A variable's value as text.
pub(super) fn pieces(value: &Value) -> Vec<Piece> {
    match value {
        Value::Text(Text::Known(text)) => Vec::from([Piece::Known(text.clone())]),
        Value::Text(Text::Pieces(pieces)) => pieces.to_vec(),
        Value::Bool(value) => Vec::from([Piece::Known(value.to_string().into())]),
        Value::Int(value) => Vec::from([Piece::Known(value.to_string().into())]),
        Value::Null => Vec::new(),
        Value::Unknown(why) => Vec::from([Piece::Hole(why.clone())]),
        _ => Vec::from([Piece::Hole(Why::Runtime("the variable".into()))]),
    }
}
