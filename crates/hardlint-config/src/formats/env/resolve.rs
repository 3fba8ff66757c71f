//! The variables of a file, in the dialect of who loads it, or as far as all dialects agree.

use super::Assignment;
use super::dialect::{ALL, Dialect, Read};
use super::facts;
use super::keys::FILE;
use super::loaders;
use crate::model::{Model, Node, Piece, Scope, ScopeId, Str, Text, Value, Why};
use crate::problem::Problem;
use crate::syntax::template::{self, HOLE};
use crate::text::{FileId, INVALID, Loc, Span};
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;

/// Variables after which a file is read no further.
const MAX_VARIABLES: usize = 5_000;

/// Resolves the file.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let source = reader.source(file).clone();
    let mut scope = Scope::new(FILE, "", None, Loc::new(file, Span::default()));
    scope.extent = Span::new(0, source.text.len());
    model.push(scope);
    let asked = query.condition("dialect");
    let asked = ALL.iter().find(|(name, _)| Some(*name) == asked).map(|(_, dialect)| *dialect);
    let known = match asked {
        Some(dialect) => [dialect].into(),
        // To find out takes looking into other files, and nothing is judged by it.
        None if query.document => loaders::of(reader, query, file),
        None => std::collections::BTreeSet::new(),
    };
    let dialects: Vec<Dialect> =
        if known.is_empty() { ALL.map(|(_, dialect)| dialect).to_vec() } else { known.into_iter().collect() };
    // `${NAME}` is the file's own in a file of that name.
    let masked = template::is_template(&source.path).then(|| template::mask(&source.path, &source.text));
    let text = masked.as_ref().map_or(&*source.text, |masked| &masked.text);
    let assignments = |dialect: Dialect| {
        let Read { mut assignments, mut fault } = dialect.read(file, text, query.environment.as_ref());
        if dialect.is_python() && source.lossy {
            // Python decodes a file before it looks at it.
            let at = text.find(INVALID).unwrap_or_default();
            fault = Some(Loc::new(file, Span::new(at, at + 1)));
        }
        assignments.retain(|line| !line.name.contains(HOLE));
        for (text, at) in assignments.iter_mut().filter_map(|line| line.value.as_mut()) {
            let hidden = masked.as_ref().and_then(|m| m.conditional(at.span.start).or_else(|| m.touched(at.span)));
            if let Some(why) = hidden {
                *text = Text::Pieces([Piece::Hole(why)].into());
            }
        }
        Read { assignments, fault }
    };
    let readings = dialects.iter().map(|dialect| {
        let Read { assignments: lines, fault } = assignments(*dialect);
        (*dialect, last_ones(*dialect, lines, query), fault)
    });
    let readings: Vec<Reading> = readings.collect();
    let lines = assignments(Dialect::PythonDotenv).assignments;
    // A file that is refused by one of several is none that somebody knows to be refused; Compose tells of its own.
    if let (Some(dialect), [(_, _, Some(at))]) = (asked, readings.as_slice()) {
        let message = format!("a line that makes {} refuse the file", dialect.name());
        model.problems.push(Problem { path: source.path.clone(), at: Some(*at), message });
    }
    for (count, (name, node)) in together(&readings).into_iter().enumerate() {
        if count >= MAX_VARIABLES {
            let why = Why::Limit("a file of more than 5000 variables is read no further");
            model.scope_mut(ScopeId(0)).into_iter().for_each(|scope| scope.open = Some(why.clone()));
            break;
        }
        let key = model.key(FILE, &name);
        if let Some(scope) = model.scope_mut(ScopeId(0)) {
            scope.own.set(key, node);
        }
    }
    let template = masked.is_some();
    facts::fill(reader, query, file, &mut model, lines, template);
    model
}

/// What a dialect makes of each name, and where it refuses the file.
type Reading = (Dialect, BTreeMap<Str, Node>, Option<Loc>);

/// Of the lines of one name the last.
fn last_ones(dialect: Dialect, assignments: Vec<Assignment>, query: &Query) -> BTreeMap<Str, Node> {
    let mut found = BTreeMap::new();
    for Assignment { name, name_at, value } in assignments {
        let node = match value {
            Some((text, at)) => Node::set(Value::Text(text), at),
            None if !dialect.passes_on() => {
                found.remove(&name);
                continue;
            }
            None => match query.environment.as_ref().map(|environment| environment.get(&*name)) {
                Some(Some(text)) => Node::set(Value::text(text.clone()), name_at),
                Some(None) => continue,
                None => Node::set(Value::Unknown(Why::Variable(name.clone())), name_at),
            },
        };
        found.insert(name, node.named(name_at));
    }
    found
}

/// The variables as far as all readings agree. A dialect that refuses the file is not the one that it is read in.
fn together(readings: &[Reading]) -> BTreeMap<Str, Node> {
    if let [(_, only, _)] = readings {
        return only.clone();
    }
    let readings: Vec<&Reading> = readings.iter().filter(|(.., fault)| fault.is_none()).collect();
    let mut all: BTreeMap<Str, Node> = BTreeMap::new();
    for (name, node) in readings.iter().flat_map(|(_, found, _)| found) {
        // `export A` is a name in one dialect only, and meant as none.
        if all.contains_key(name) || name.contains(char::is_whitespace) {
            continue;
        }
        let values =
            readings.iter().map(|(_, found, fault)| found.get(name).filter(|_| fault.is_none()).map(|n| &n.value));
        let values: Vec<Option<&Value>> = values.collect();
        let agree = values.iter().all(|value| *value == Some(&node.value));
        let node = if agree && matches!(node.value, Value::Text(Text::Known(_))) {
            node.clone()
        } else {
            let names: Vec<&str> = readings.iter().map(|(dialect, ..)| dialect.name()).collect();
            let what = format!("which of {} reads the file, as they differ in this value,", names.join(", "));
            Node { value: Value::Unknown(Why::Runtime(what.into())), ..node.clone() }
        };
        all.insert(name.clone(), node);
    }
    all
}
