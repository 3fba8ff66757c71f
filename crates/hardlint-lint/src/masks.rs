//! What of the files is not to be shown: where secrets stand, and what could not be read, which may be one.

use crate::diagnostic::Report;
use hardlint_config::model::{Model, Origin};
use hardlint_config::text::{Loc, Span};
use hardlint_config::workspace::Reader;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lines of one problem that are hidden: frames show the first, and one or two below it.
const MOST_LINES: usize = 40;

/// What of the files of a unit is not to be shown.
pub(crate) fn masks(model: &Model, reader: &Reader<'_>) -> Vec<(Arc<str>, Span)> {
    let mut masks = secrets(model, reader);
    let lines = model.problems.iter().filter_map(|problem| problem.at).chain(model.untold.iter().copied());
    masks.extend(lines.flat_map(|at| not_understood(at, model, reader)));
    let filled = reader.sources().iter().filter_map(|source| source.filled.as_ref());
    masks.extend(filled.flat_map(|filled| filled.secrets()).map(|(path, span)| (path.clone(), span)));
    masks
}

/// Puts places in order, so that none overlaps another and those of a line can be searched for.
pub(crate) fn join(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let joined = next.start <= last.end;
        last.end = if joined { last.end.max(next.end) } else { last.end };
        joined
    });
}

/// Where secrets stand in the files of a unit.
fn secrets(model: &Model, reader: &Reader<'_>) -> Vec<(Arc<str>, Span)> {
    let mut found = Vec::new();
    let keys: Vec<_> = (0_u16..).zip(model.format.schema.keys).filter(|(_, key)| key.secret).collect();
    for scope in &model.scopes {
        for (id, _) in &keys {
            let id = hardlint_config::schema::KeyId(*id);
            for node in [scope.own.get(id), scope.effective.get(id)].into_iter().flatten() {
                if matches!(node.origin, Origin::Default | Origin::Missing) {
                    continue;
                }
                let (source, span) = reader.written(node.at);
                found.push((source.path.clone(), span));
                // What a variable sets that is not called a secret is one all the same.
                let filled = reader.source(node.at.file).filled.as_ref();
                let places = filled.into_iter().flat_map(|filled| filled.places(node.at.span));
                found.extend(places.map(|place| (place.source.path.clone(), place.span)));
            }
        }
    }
    found
}

/// The lines of a place that is not understood: what could not be read may hold a secret at any place, so that all is hidden but a key that
/// begins a line.
fn not_understood(at: Loc, model: &Model, reader: &Reader<'_>) -> Vec<(Arc<str>, Span)> {
    let (source, span) = reader.written(at);
    let schema = model.format.schema;
    let known = |word: &str| {
        schema.keys.iter().any(|key| key.name.eq_ignore_ascii_case(word))
            || schema.kinds.iter().any(|kind| kind.name.eq_ignore_ascii_case(word))
    };
    let (first, last) = (source.position(span.start).line, source.position(span.end).line);
    let line = move |line: usize| {
        let start = source.lines().get(line.saturating_sub(1)).copied().unwrap_or_default() as usize;
        let text = source.line(line);
        let blank = text.len() - text.trim_start().len();
        let rest = text.trim_start();
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = rest.get(..word).filter(|word| known(word)).map_or(0, str::len);
        (source.path.clone(), Span::new(start + blank + word, start + text.len()))
    };
    (first..=last).take(MOST_LINES).map(line).collect()
}

/// Leaves the masks of files of which a line may be shown: that a unit has no finding does not keep another, which
/// knows nothing of its secrets, from pointing into one of its files.
pub(crate) fn keep_masks(report: &mut Report) {
    let found = report.diagnostics.iter().flat_map(|found| [&found.primary].into_iter().chain(&found.related));
    let problems = report.problems.iter().filter_map(|problem| problem.at.as_ref());
    let shown: BTreeSet<Arc<str>> = found.chain(problems).map(|label| label.source.path.clone()).collect();
    report.masks.retain(|path, _| shown.contains(path));
}
