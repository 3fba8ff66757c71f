//! Where a value goes in a `postgresql.conf`: of several lines the last one holds, so that a new one stands at the end.

use super::load::AUTO_CONF;
use crate::formats::edit::{Change, Edit, Editing, text_only};
use crate::loader;
use crate::model::{Node, ScopeId};
use crate::text::Loc;

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => match editing.held(key) {
            Some((_, node)) => replace(editing, node, value),
            None if editing.absent(key) => append(editing, key, value),
            None => None,
        },
        Change::Unset(key) => unset(editing, key),
        Change::Remove | Change::Add(..) => None,
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
    }
}

/// What `ALTER SYSTEM` writes is not changed by hand.
fn by_hand(editing: &Editing<'_, '_>, at: Loc) -> bool {
    loader::name(&editing.reader.source(at.file).path) != AUTO_CONF
}

fn replace(editing: &Editing<'_, '_>, node: &Node, value: &str) -> Option<Vec<Edit>> {
    let around = editing.file(node.at).filter(|_| by_hand(editing, node.at))?;
    let span = around.with_quotes(node.at.span);
    let quoted = span != node.at.span;
    Some(vec![Edit { at: Loc::new(node.at.file, span), text: written(value, quoted) }])
}

fn append(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let server = editing.model.scope(ScopeId(0)).filter(|server| server.open.is_none())?;
    let around = editing.file(server.at)?;
    Some(vec![around.at_end(server.at.file, &format!("{key} = {}", written(value, false)))])
}

/// Takes out all lines of the name: an earlier one would hold in the last one's place.
fn unset(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let Some((_, held)) = editing.held(key) else { return editing.absent(key).then(Vec::new) };
    let earlier =
        editing.model.shadowed.iter().filter(|(id, _)| editing.model.key_name(*id) == key).map(|(_, node)| node);
    let mut edits: Vec<Edit> = Vec::new();
    for node in std::iter::once(held).chain(earlier) {
        let around = editing.file(node.at).filter(|_| by_hand(editing, node.at))?;
        let value = around.with_quotes(node.at.span);
        let lines = around.whole_lines(node.name_at?.span.to(value), "#")?;
        let edit = Edit { at: Loc::new(node.at.file, lines), text: String::new() };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// A value as the file has it: words and numbers may stand without quotes.
fn written(value: &str, quoted: bool) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let word = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && value.chars().all(plain);
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if !quoted && (word || number) { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn set(text: &str, value: &str) -> Option<String> {
        edited("postgresql.conf", text, "server", "", &Change::Set("ssl_min_protocol_version", value))
    }

    #[test]
    fn the_line_that_holds_is_changed() {
        for (before, value, after) in [
            ("ssl_min_protocol_version = 'TLSv1' # why\n", "TLSv1.2", "ssl_min_protocol_version = 'TLSv1.2' # why\n"),
            ("SSL_min_protocol_version TLSv1\r\n", "TLSv1.2", "SSL_min_protocol_version TLSv1.2\r\n"),
            (
                "ssl_min_protocol_version = TLSv1\nssl_min_protocol_version = TLSv1.1\n",
                "TLSv1.2",
                "ssl_min_protocol_version = TLSv1\nssl_min_protocol_version = TLSv1.2\n",
            ),
        ] {
            assert_eq!(set(before, value).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn a_line_is_put_at_the_end() {
        assert_eq!(set("port = 1", "TLSv1.2").as_deref(), Some("port = 1\nssl_min_protocol_version = TLSv1.2\n"));
        // What another file says is not known.
        assert_eq!(set("include '/etc/other.conf'\n", "TLSv1.2"), None);
    }

    #[test]
    fn what_would_hold_instead_goes_as_well() {
        let unset = |text| edited("postgresql.conf", text, "server", "", &Change::Unset("fsync"));
        assert_eq!(unset("fsync = no\nport = 1\nfsync = 'off' # fast\n").as_deref(), Some("port = 1\n"));
        assert_eq!(unset("port = 1\n").as_deref(), Some("port = 1\n"));
    }
}
