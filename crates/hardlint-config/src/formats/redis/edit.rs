//! Where a value goes in a `redis.conf`: of several lines of a name the last one holds, so that a new one stands at the end.

use super::directives::{self, Takes};
use super::resolve::SERVER;
use crate::formats::edit::{Around, Change, Edit, Editing, text_only};
use crate::model::Node;
use crate::text::{Loc, Span};

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) if holds_one(key) => match editing.held(key) {
            Some((_, node)) => replace(editing, node, value),
            None if editing.absent(key) => append(editing, key, value),
            None => None,
        },
        Change::Unset(key) if holds_one(key) => unset(editing, key),
        Change::Remove => break_line(editing),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Set(..) | Change::Unset(..) | Change::Add(..) => None,
    }
}

/// Whether a line of the name says all that holds.
fn holds_one(key: &str) -> bool {
    directives::named(key).is_some_and(|row| !matches!(row.takes, Takes::Save | Takes::Limits))
}

fn replace(editing: &Editing<'_, '_>, node: &Node, value: &str) -> Option<Vec<Edit>> {
    let around = editing.file(node.at)?;
    let span = around.with_quotes(node.at.span);
    Some(vec![Edit { at: Loc::new(node.at.file, span), text: value.to_owned() }])
}

fn append(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let server = editing.model.scope(SERVER).filter(|server| server.open.is_none())?;
    let around = editing.file(server.at)?;
    Some(vec![around.at_end(server.at.file, &format!("{key} {value}"))])
}

/// Puts what is meant as a comment on a line of its own, where it is one.
fn break_line(editing: &Editing<'_, '_>) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope).filter(|scope| scope.kind == super::keys::kind::COMMENT)?;
    let around = editing.file(scope.at)?;
    let start = scope.at.span.range().start;
    let line = around.line_start(start)?;
    let before = around.text.get(line..start)?.trim_end_matches([' ', '\t']);
    let at = Span::new(line + before.len(), start);
    let text = format!("{}{}", around.newline(start), around.indent(start)?);
    Some(vec![Edit { at: Loc::new(scope.at.file, at), text }])
}

/// Takes out all lines of the name: an earlier one would hold in the last one's place.
fn unset(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let Some((_, held)) = editing.held(key) else { return editing.absent(key).then(Vec::new) };
    let named = |(id, _): &&(crate::schema::KeyId, Node)| editing.model.key_name(*id) == key;
    let earlier = editing.model.shadowed.iter().filter(named).map(|(_, node)| node);
    let mut edits: Vec<Edit> = Vec::new();
    for node in std::iter::once(held).chain(earlier) {
        let around: Around<'_> = editing.file(node.at)?;
        let value: Span = around.with_quotes(node.at.span);
        let lines = around.whole_lines(node.name_at?.span.to(value), "#")?;
        let edit = Edit { at: Loc::new(node.at.file, lines), text: String::new() };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn change(text: &str, change: &Change<'_>) -> Option<String> {
        edited("redis.conf", text, "server", "", change)
    }

    #[test]
    fn the_line_that_holds_is_changed() {
        let set = Change::Set("protected-mode", "yes");
        for (before, after) in [
            ("protected-mode no\r\nport 1\r\n", "protected-mode yes\r\nport 1\r\n"),
            ("port 1\n  Protected-Mode \"no\"\n", "port 1\n  Protected-Mode yes\n"),
            ("protected-mode yes\nprotected-mode no", "protected-mode yes\nprotected-mode yes"),
        ] {
            assert_eq!(change(before, &set).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn a_line_is_put_at_the_end() {
        let set = Change::Set("appendonly", "yes");
        assert_eq!(change("port 1", &set).as_deref(), Some("port 1\nappendonly yes\n"));
        assert_eq!(change("port 1\ninclude /etc/redis/other.conf\n", &set), None);
    }

    #[test]
    fn a_comment_gets_a_line_of_its_own() {
        let made = |text: &str| edited("redis.conf", text, "trailing_comment", "#", &Change::Remove);
        let before = "port 1\r\n  bind 127.0.0.1 \t# of the host\r\n";
        assert_eq!(made(before).as_deref(), Some("port 1\r\n  bind 127.0.0.1\r\n  # of the host\r\n"));
    }

    #[test]
    fn what_would_hold_instead_goes_as_well() {
        let unset = Change::Unset("enable-debug-command");
        let before = "enable-debug-command local\nport 1\nenable-debug-command yes\n";
        assert_eq!(change(before, &unset).as_deref(), Some("port 1\n"));
        assert_eq!(change("save 1 1\n", &Change::Unset("save")), None);
    }
}
