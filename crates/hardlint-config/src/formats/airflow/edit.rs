//! Where an option goes in an `airflow.cfg`: into its section. What variables set is not edited.

use super::resolve::SECTION;
use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::model::Node;
use crate::text::{Loc, Span};

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => match editing.held(key) {
            Some((_, node)) => replace(editing, node, value),
            None if editing.absent(key) => insert(editing, key, value),
            None => None,
        },
        Change::Unset(key) => {
            let Some((_, node)) = editing.held(key) else { return editing.absent(key).then(Vec::new) };
            let lines = editing.file(node.at)?.whole_lines(node.name_at?.span.to(node.at.span), "#")?;
            Some(vec![Edit { at: Loc::new(node.at.file, lines), text: String::new() }])
        }
        Change::Remove | Change::Add(..) => None,
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
    }
}

fn replace(editing: &Editing<'_, '_>, node: &Node, value: &str) -> Option<Vec<Edit>> {
    let span = node.at.span;
    editing.file(node.at).filter(|_| span.start < span.end)?;
    Some(vec![Edit { at: node.at, text: value.replace('%', "%%") }])
}

/// Puts the option right behind the header of its section, or with its section at the end.
fn insert(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let (section, option) = key.rsplit_once('.')?;
    let config = editing.model.scope(editing.scope).filter(|config| config.open.is_none())?;
    let path = &editing.reader.source(config.at.file).path;
    if super::deployed::runs_it(path) || super::login::is_module(path) {
        return None;
    }
    let around = editing.file(config.at)?;
    let line = format!("{option} = {}", value.replace('%', "%%"));
    let of_section = |scope: &&crate::model::Scope| {
        scope.kind == SECTION && &*scope.label == section && scope.parent == Some(editing.scope)
    };
    let (at, text) = if let Some(header) = editing.model.scopes.iter().find(of_section) {
        let end = around.line_end(header.at.span.range().end)?;
        (end, format!("{}{line}", around.newline(end)))
    } else {
        let end = around.text.len();
        let newline = around.newline(end);
        let before = if end == 0 || around.text.ends_with('\n') { "" } else { newline };
        (end, format!("{before}[{section}]{newline}{line}{newline}"))
    };
    Some(vec![Edit { at: Loc::new(config.at.file, Span::new(at, at)), text }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn change(text: &str, change: &Change<'_>) -> Option<String> {
        edited("airflow.cfg", text, "config", "", change)
    }

    #[test]
    fn an_option_is_changed_or_put_into_its_section() {
        for (before, after) in [
            ("[smtp]\nsmtp_starttls = False\n", "[smtp]\nsmtp_starttls = True\n"),
            ("[smtp]\r\nsmtp_host = a\r\n", "[smtp]\r\nsmtp_starttls = True\r\nsmtp_host = a\r\n"),
            ("[core]\nx = 1", "[core]\nx = 1\n[smtp]\nsmtp_starttls = True\n"),
        ] {
            let set = Change::Set("smtp.smtp_starttls", "True");
            assert_eq!(change(before, &set).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn an_option_is_taken_out() {
        let unset = Change::Unset("core.simple_auth_manager_all_admins");
        let before = "[core]\nsimple_auth_manager_all_admins = True\nexecutor = LocalExecutor\n";
        assert_eq!(change(before, &unset).as_deref(), Some("[core]\nexecutor = LocalExecutor\n"));
    }
}
