//! Where a value goes in a `pg_hba.conf`: in the place of the one that the record has.

use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::text::Loc;

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key @ ("auth_method" | "type"), value) => {
            let (_, node) = editing.held(key)?;
            let around = editing.file(node.at)?;
            // A word that a backslash cuts is left to people.
            let written = around.text.get(node.at.span.range())?;
            let whole = !written.contains(['\n', '"', '\\']);
            whole.then(|| vec![Edit { at: Loc::new(node.at.file, node.at.span), text: (*value).to_owned() }])
        }
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        _ => None,
    }
}
