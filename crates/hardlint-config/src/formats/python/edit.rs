//! Where a setting goes in a Python module: a literal is changed where it stands, and what is absent is set at the end, where nothing
//! comes behind it. What is worked out is left to people.

use crate::formats::edit::{Around, Change, Edit, Editing, text_only};
use crate::model::Node;
use crate::text::{Loc, Span};

/// How a Flask application is edited: only what it sets itself.
pub(crate) fn application(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => replace(editing, own(editing, key)?, key, value),
        Change::Unset(key) => remove(editing, own(editing, key)?, key),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Add(..) | Change::Remove => None,
    }
}

/// How a module of settings is edited.
pub(crate) fn module(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) if own(editing, key).is_none() => append(editing, key, value),
        change => application(editing, change),
    }
}

fn own<'e>(editing: &Editing<'e, '_>, key: &str) -> Option<&'e Node> {
    let scope = editing.model.scope(editing.scope)?;
    scope.own.get(editing.model.format.schema.key(scope.kind, key)?)
}

/// What stands before a value: from the name on, `None` unless it is set right there.
fn assigned(around: Around<'_>, at: Span, key: &str) -> Option<usize> {
    let start = around.line_start(at.range().start)?;
    let before = around.text.get(start..at.range().start)?;
    let name = before.rfind(key)?;
    let between = before.get(name + key.len()..)?.trim();
    let between = between.strip_prefix("\"]").or_else(|| between.strip_prefix("']")).unwrap_or(between);
    let typed = |text: &str| text.starts_with(':') && !text.contains(['=', '(', '#']);
    let sign = between.trim().strip_suffix('=')?.trim_end();
    let lead = before.get(..name)?;
    // The last of several names that are bound to the same value is not set by itself.
    let alone = !lead.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !lead.trim_end().ends_with('=');
    (alone && (sign.is_empty() || typed(sign))).then_some(start)
}

/// Whether a value is written out, so that to change it changes nothing else.
fn is_literal(written: &str) -> bool {
    let quoted = |quote: char| {
        let inside = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        inside.is_some_and(|inside| !inside.contains(['"', '\'', '\\', '\n']))
    };
    let number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    matches!(written, "True" | "False" | "None") || number || quoted('"') || quoted('\'')
}

fn replace(editing: &Editing<'_, '_>, node: &Node, key: &str, value: &str) -> Option<Vec<Edit>> {
    let around = editing.file(node.at)?;
    assigned(around, node.at.span, key)?;
    let end = node.at.span.range().end;
    let behind = around.text.get(end..around.line_end(end)?)?.trim_start();
    let ends = behind.is_empty() || behind.starts_with(['#', ',', ')']);
    (ends && is_literal(around.text.get(node.at.span.range())?))
        .then(|| vec![Edit { at: node.at, text: value.to_owned() }])
}

/// Takes a statement out that stands alone in its line and in no block, which might be left empty.
fn remove(editing: &Editing<'_, '_>, node: &Node, key: &str) -> Option<Vec<Edit>> {
    let around = editing.file(node.at)?;
    let start = assigned(around, node.at.span, key)?;
    let statement = around.text.get(start..node.at.span.range().start)?;
    let top = statement.starts_with(|c: char| c.is_alphabetic() || c == '_') && !statement.contains(['(', ';']);
    let literal = is_literal(around.text.get(node.at.span.range())?);
    let lines = around.whole_lines(Span::new(start, node.at.span.range().end), "#").filter(|_| top && literal)?;
    Some(vec![Edit { at: Loc::new(node.at.file, lines), text: String::new() }])
}

/// Sets what nothing sets, unless something at the end of the module is to have the last word.
fn append(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope).filter(|scope| scope.open.is_none())?;
    if !editing.absent(key) {
        return None;
    }
    let around = editing.file(scope.at)?;
    let words = |line: &str| line.trim_start().starts_with("from ") && line.contains("import *");
    let overruled = around.text.lines().any(|line| words(line) && line.starts_with([' ', '\t']));
    // Settings of classes are none of the module's.
    let in_class = around.text.contains("onfiguration)");
    let goes_on = around.text.trim_end().ends_with(['\\', '(', '[', '{', ',']);
    (!overruled && !in_class && !goes_on).then(|| vec![around.at_end(scope.at.file, &format!("{key} = {value}"))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    const URLS: &str = "INSTALLED_APPS = []\nMIDDLEWARE = []\nROOT_URLCONF = \"site.urls\"\n";

    fn django(text: &str, change: &Change<'_>) -> Option<String> {
        let made = edited("site/settings.py", &format!("{URLS}{text}"), "module", "", change)?;
        Some(made.strip_prefix(URLS).unwrap().to_owned())
    }

    #[test]
    fn a_literal_is_changed_where_it_stands() {
        let set = Change::Set("SESSION_COOKIE_SECURE", "True");
        for (before, after) in [
            ("SESSION_COOKIE_SECURE = False  # why\n", "SESSION_COOKIE_SECURE = True  # why\n"),
            ("SESSION_COOKIE_SECURE: bool = False\r\n", "SESSION_COOKIE_SECURE: bool = True\r\n"),
            ("SESSION_COOKIE_SECURE=0", "SESSION_COOKIE_SECURE=True"),
        ] {
            assert_eq!(django(before, &set).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn what_is_worked_out_is_left_alone() {
        let set = Change::Set("SESSION_COOKIE_SECURE", "True");
        for text in [
            "SESSION_COOKIE_SECURE = not True\n",
            "SESSION_COOKIE_SECURE = \\\n    False\n",
            "A = SESSION_COOKIE_SECURE = False; B = 1\n",
            "GUESTS = SESSION_COOKIE_SECURE = False\n",
            "OFF = False\nSESSION_COOKIE_SECURE = OFF\n",
        ] {
            assert_eq!(django(text, &set), None, "{text}");
        }
    }

    #[test]
    fn what_is_absent_is_set_at_the_end() {
        let set = Change::Set("SESSION_COOKIE_SECURE", "True");
        assert_eq!(django("A = 1", &set).as_deref(), Some("A = 1\nSESSION_COOKIE_SECURE = True\n"));
        let local = "try:\n    from .local import *\nexcept ImportError:\n    pass\n";
        assert_eq!(django(local, &set), None, "what is imported last is to overrule");
    }

    #[test]
    fn a_statement_is_taken_out() {
        let unset = Change::Unset("SESSION_COOKIE_HTTPONLY");
        assert_eq!(django("SESSION_COOKIE_HTTPONLY = False  # old\nA = 1\n", &unset).as_deref(), Some("A = 1\n"));
        assert_eq!(django("if True:\n    SESSION_COOKIE_HTTPONLY = False\n", &unset), None);
    }

    #[test]
    fn an_application_is_changed_where_it_sets_itself() {
        let text = "from flask import Flask\napp = Flask(__name__)\napp.config[\"SESSION_COOKIE_HTTPONLY\"] = False\n";
        let set = edited("app.py", text, "app", "", &Change::Set("SESSION_COOKIE_HTTPONLY", "True"));
        assert_eq!(set, Some(text.replace("False", "True")));
        let unset = edited("app.py", text, "app", "", &Change::Unset("SESSION_COOKIE_HTTPONLY"));
        assert_eq!(unset, Some("from flask import Flask\napp = Flask(__name__)\n".to_owned()));
        assert_eq!(edited("app.py", text, "app", "", &Change::Set("SESSION_COOKIE_SECURE", "True")), None);
    }
}
