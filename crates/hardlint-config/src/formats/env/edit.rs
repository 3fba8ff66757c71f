//! How a file of variables is changed: a variable is taken out with its line, and a value gets another one or quotes.

use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::text::Loc;

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Remove => remove(editing),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Set(..) | Change::Unset(..) | Change::Add(..) => None,
    }
}

/// Takes the line out that gives the variable its value, if it says nothing else.
fn remove(editing: &Editing<'_, '_>) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope)?;
    let (_, place) = editing.place?;
    let around = editing.file(place)?;
    let value = around.with_quotes(place.span);
    let start = around.line_start(value.range().start)?;
    let before = around.text.get(start..value.range().start)?.trim();
    let name = before.strip_prefix("export ").unwrap_or(before).trim().strip_suffix('=')?.trim_end();
    let blanks = around.indent(start)?.len();
    let whole = around.whole_lines(crate::text::Span::new(start + blanks, value.range().end), "#");
    let lines = whole.filter(|_| name == &*scope.label && place.file == scope.at.file)?;
    Some(vec![Edit { at: Loc::new(place.file, lines), text: String::new() }])
}
