//! Where the name of a setting stands whose format tells only where its value does: before the value, in the same statement.

use hardlint_config::model::{Model, Node, Origin};
use hardlint_config::schema::KeyId;
use hardlint_config::text::{FileId, Loc, Source, Span};
use std::sync::Arc;

/// The formats that are Python.
const PYTHON: [&str; 3] = ["django", "flask", "asgi"];

/// Where the name of a setting stands, if it is written.
pub(crate) fn name_at(model: &Model, sources: &[Arc<Source>], key: KeyId, node: &Node) -> Option<Loc> {
    if node.name_at.is_some() || !PYTHON.contains(&model.format.id) {
        return node.name_at;
    }
    let name = (model.format.words.key)(model.format.schema.get(key)?.name);
    let source = sources.get(node.at.file.0 as usize)?;
    if let Some(span) = source.text.get(..node.at.span.range().start).and_then(|before| assigned(before, name)) {
        return Some(Loc::new(node.at.file, span));
    }
    if node.origin != Origin::Environment {
        return None;
    }
    // Where the value is that of a variable, only the statement that reads it tells; of several none is known to be it.
    let all = (0_u32..).map(FileId).zip(sources);
    let mut all = all.flat_map(|(file, source)| statements(source, name).map(move |span| Loc::new(file, span)));
    let found = all.next()?;
    all.next().is_none().then_some(found)
}

/// The name that a text ends with and an assignment to it: `NAME = `, `NAME: bool = `, `x.config["NAME"] = `, `f(name=`.
fn assigned(before: &str, name: &str) -> Option<Span> {
    let before = before.trim_end_matches([' ', '\t', '(', '\n', '\r', '\\']).strip_suffix('=')?.trim_end();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let annotated = before.get(line..)?.find(':').and_then(|at| before.get(..line + at)).unwrap_or(before).trim_end();
    [before, annotated].into_iter().find_map(|before| {
        let before = before.strip_suffix("\"]").or_else(|| before.strip_suffix("']")).unwrap_or(before);
        let start = before.strip_suffix(name)?.len();
        let part = |c: char| c.is_alphanumeric() || c == '_';
        (!before.get(..start)?.ends_with(part)).then(|| Span::new(start, before.len()))
    })
}

/// The statements of a file that give a name its value, or set an item of that name.
fn statements<'s>(source: &'s Source, name: &'s str) -> impl Iterator<Item = Span> + 's {
    let lines = source.text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line))
    });
    lines.filter_map(move |(start, line)| {
        let (before, rest) = line.split_once('=')?;
        let before = before.strip_suffix(['+', '!', '<', '>', '|']).map_or(Some(before), |_| None)?;
        let found = (!rest.starts_with('=')).then(|| assigned(&format!("{before}="), name))??;
        Some(Span::new(start + found.range().start, start + found.range().end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_before_their_values() {
        for (before, found) in [
            ("A = 1\nDEBUG = ", true),
            ("DEBUG: bool = ", true),
            ("DEBUG=(\n    ", true),
            ("app.config[\"DEBUG\"] = ", true),
            ("app.config['DEBUG'] =", true),
            ("app.run(a=1, DEBUG=", true),
            ("NO_DEBUG = ", false),
            ("DEBUG += ", false),
            ("DEBUG == ", false),
            ("DEBUG = f(", false),
        ] {
            let span = assigned(before, "DEBUG");
            assert_eq!(span.map(|span| &before[span.range()]), found.then_some("DEBUG"), "{before}");
        }
        let source = Source::new("a.py", "X = 1\nKEY = env('K')\nif X == KEY:\n    y.config['KEY'] = 2\n");
        let found: Vec<_> = statements(&source, "KEY").map(|span| span.range().start).collect();
        assert_eq!(found, [6, 48]);
    }
}
