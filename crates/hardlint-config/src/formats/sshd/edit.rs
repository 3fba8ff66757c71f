//! Where a value goes in an `sshd_config`: of several lines sshd takes the first, and behind the first `Match` a line is
//! for some connections only.

use super::keywords::{Again, KEYWORDS, Keyword};
use super::walk::{EVERYBODY, FILE};
use crate::formats::edit::{Around, Change, Edit, Editing, text_only};
use crate::model::{Node, Value};
use crate::text::{FileId, Loc, Span};

/// How much of a file is looked through for the commented line that tells the default.
const WINDOW: usize = 16 * 1024;

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => {
            let row = row(key).filter(|row| matches!(row.again, Again::Nothing | Again::Replaces))?;
            match editing.held(key) {
                Some((_, node)) => replace(editing, node, value),
                None if editing.absent(key) => insert(editing, row, value),
                None => None,
            }
        }
        Change::Unset(key) if row(key).is_some_and(|row| row.again == Again::Adds) => remove_line(editing, key),
        Change::Unset(key) => {
            row(key).filter(|row| row.again == Again::Nothing)?;
            unset(editing, key)
        }
        Change::Remove => {
            let scope = editing.model.scope(editing.scope)?;
            (scope.kind == super::keys::kind::RETIRED).then_some(())?;
            let lines = editing.file(scope.at)?.whole_lines(scope.at.span, "#")?;
            Some(vec![Edit { at: Loc::new(scope.at.file, lines), text: String::new() }])
        }
        Change::Add(..) => None,
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
    }
}

fn row(key: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|row| row.name == key)
}

/// The arguments, all of them: the place of a value may be that of one of them only.
fn arguments(around: Around<'_>, node: &Node) -> Option<Span> {
    let name = node.name_at?.span.range().end;
    let skipped = around.after(name).iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'=')).count();
    let start = name + skipped;
    (skipped > 0 && start <= node.at.span.range().start).then(|| Span::new(start, node.at.span.range().end))
}

fn replace(editing: &Editing<'_, '_>, node: &Node, value: &str) -> Option<Vec<Edit>> {
    let span = arguments(editing.file(node.at)?, node)?;
    Some(vec![Edit { at: Loc::new(node.at.file, span), text: value.to_owned() }])
}

/// Of lines that add up, takes out the one that the finding points into, if it names nothing else.
fn remove_line(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let (_, node) = editing.held(key)?;
    let (_, place) = editing.place?;
    let Value::List(items) = &node.value else { return None };
    let item = items.iter().find(|item| item.at == place)?;
    let name = item.name_at.or(node.name_at).filter(|name| name.file == place.file && name.span < place.span)?;
    let alone = items.iter().filter(|item| item.name_at.is_some_and(|it| it == name)).count() < 2;
    let lines = editing.file(place)?.whole_lines(name.span.to(place.span), "#").filter(|_| alone)?;
    Some(vec![Edit { at: Loc::new(place.file, lines), text: String::new() }])
}

/// Takes out the line that holds, and those that would hold in its place.
fn unset(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let (scope, held) = editing.held(key)?;
    let later =
        editing.model.shadowed.iter().filter(|(id, _)| editing.model.key_name(*id) == key).map(|(_, node)| node);
    let later = later.filter(|_| scope == FILE || scope == EVERYBODY);
    let mut edits: Vec<Edit> = Vec::new();
    for node in std::iter::once(held).chain(later) {
        let around = editing.file(node.at)?;
        let lines = around.whole_lines(node.name_at?.span.to(node.at.span), "#")?;
        let edit = Edit { at: Loc::new(node.at.file, lines), text: String::new() };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// Puts a line where it holds for everybody: in place of the comment that tells the default, else behind the other lines
/// that do.
fn insert(editing: &Editing<'_, '_>, row: &Keyword, value: &str) -> Option<Vec<Edit>> {
    let model = editing.model;
    let file = model.scope(FILE)?.at.file;
    let around = editing.file(Loc::new(file, Span::default()))?;
    let blocks = model.scopes.iter().skip(EVERYBODY.0 as usize + 1);
    let mut heads = blocks.filter(|scope| scope.kind == super::keys::kind::MATCH && scope.at.file == file);
    let end = match heads.next() {
        Some(head) => around.line_start(head.at.span.range().start)?,
        None => around.text.len(),
    };
    let global = around.text.get(..end.min(WINDOW)).or_else(|| around.text.get(..end))?;
    let newline = around.newline(0);
    let line = format!("{} {value}{newline}", row.spelling);
    // A file that is not at hand may set it as well, and would come first.
    let overruled = model.scope(FILE)?.assumed.as_ref().is_some_and(|assumed| assumed.overrules);
    let include = starts(global, |line| keyword(line).eq_ignore_ascii_case("include"));
    if let Some((start, _)) = include.filter(|_| overruled) {
        return Some(vec![at(file, start, line)]);
    }
    let told = starts(global, |line| {
        line.strip_prefix('#').is_some_and(|rest| keyword(rest.trim_start()).eq_ignore_ascii_case(row.spelling))
    });
    if let Some((_, after)) = told {
        return Some(vec![behind(around, file, after, line)]);
    }
    let own = model.scope(FILE)?.own.iter().map(|(_, node)| node);
    let lines = own.filter(|node| node.at.file == file && !matches!(node.value, Value::Unknown(_)));
    let last = lines.filter_map(|node| node.name_at).map(|name| name.span.range().end).filter(|at| *at <= end).max();
    let Some(last) = last else {
        return Some(vec![if end < around.text.len() { at(file, end, line) } else { behind(around, file, end, line) }]);
    };
    let ends = around.line_end(last)?;
    let next = memchr::memchr(b'\n', around.after(ends)).map_or(around.text.len(), |newline| ends + newline + 1);
    Some(vec![behind(around, file, next, line)])
}

fn keyword(line: &str) -> &str {
    line.split([' ', '\t', '=', '"']).next().unwrap_or_default()
}

/// The first line that fits: where it begins, and where the next does.
fn starts(text: &str, fits: impl Fn(&str) -> bool) -> Option<(usize, usize)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if fits(line.trim()) {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

fn at(file: FileId, offset: usize, text: String) -> Edit {
    Edit { at: Loc::new(file, Span::new(offset, offset)), text }
}

/// A line of its own at `offset`, which may be the end of a last line without its end.
fn behind(around: Around<'_>, file: FileId, offset: usize, line: String) -> Edit {
    let ended = offset == 0 || around.text.as_bytes().get(offset - 1) == Some(&b'\n');
    if ended {
        return at(file, offset, line);
    }
    let newline = around.newline(0);
    at(file, offset, format!("{newline}{}", line.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn set(text: &str) -> Option<String> {
        edited("sshd_config", text, "match", "all", &Change::Set("passwordauthentication", "no"))
    }

    #[test]
    fn the_line_that_holds_is_changed() {
        for (before, after) in [
            ("Port 22\n PasswordAuthentication = \"yes\" # why\n", "Port 22\n PasswordAuthentication = no # why\n"),
            (
                "passwordauthentication yes\r\nPasswordAuthentication yes\r\n",
                "passwordauthentication no\r\nPasswordAuthentication yes\r\n",
            ),
        ] {
            assert_eq!(set(before).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_line_is_put_where_it_holds_for_everybody() {
        for (before, after) in [
            ("", "PasswordAuthentication no\n"),
            ("Port 22", "Port 22\nPasswordAuthentication no"),
            (
                "Port 22\n\nMatch User a\n  X11Forwarding no\n",
                "Port 22\nPasswordAuthentication no\n\nMatch User a\n  X11Forwarding no\n",
            ),
            ("# c\nMatch User a\n", "# c\nPasswordAuthentication no\nMatch User a\n"),
            (
                "# To disable\r\n#PasswordAuthentication yes\r\n#PermitEmptyPasswords no\r\nUsePAM yes\r\n",
                "# To disable\r\n#PasswordAuthentication yes\r\nPasswordAuthentication no\r\n#PermitEmptyPasswords no\r\nUsePAM yes\r\n",
            ),
            // A file that is not at hand would come first.
            (
                "Include /etc/ssh/sshd_config.d/*.conf\n#PasswordAuthentication yes\n",
                "PasswordAuthentication no\nInclude /etc/ssh/sshd_config.d/*.conf\n#PasswordAuthentication yes\n",
            ),
        ] {
            assert_eq!(set(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn what_would_hold_instead_goes_as_well() {
        let before = "Port 22\nCiphers aes128-cbc # old\nUsePAM yes\nCiphers 3des-cbc\n";
        let unset = |text: &str| edited("sshd_config", text, "file", "", &Change::Unset("ciphers"));
        assert_eq!(unset(before).as_deref(), Some("Port 22\nUsePAM yes\n"));
        assert_eq!(unset("Port 22\n"), None);
    }

    #[test]
    fn a_line_that_means_nothing_is_taken_out() {
        let before = "Port 22\nUsePrivilegeSeparation sandbox # old\nUsePAM yes\n";
        let made = edited("sshd_config", before, "retired", "UsePrivilegeSeparation", &Change::Remove);
        assert_eq!(made.as_deref(), Some("Port 22\nUsePAM yes\n"));
    }

    #[test]
    fn what_adds_up_is_left_alone() {
        assert_eq!(edited("sshd_config", "Port 22\n", "file", "", &Change::Set("port", "23")), None);
    }
}
