//! Where a setting goes in a Python module: a literal is changed where it stands, and what is absent is set at the end, where nothing
//! comes behind it. What is worked out is left to people.

use crate::formats::edit::{Around, Change, Edit, Editing, text_only};
use crate::model::{Node, Origin};
use crate::text::{Loc, Span};

mod lists;

/// How a Flask application is edited: what it sets itself, and what its configuration says nothing about.
pub(crate) fn application(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) if own(editing, key).is_none() => configure(editing, key, value),
        change => what_is_set(editing, change),
    }
}

/// How what a module has written out is edited.
fn what_is_set(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => replace(editing, own(editing, key)?, key, value),
        Change::Unset(key) => remove(editing, own(editing, key)?, key),
        Change::Add(key, IN_ORDER) => lists::move_up(editing, key),
        Change::Add(key, value) => lists::add(editing, key, value),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Remove => None,
    }
}

/// How an application of Starlette is edited: what it hands to its middleware.
pub(crate) fn middleware(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) => argument(editing, key, value),
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Unset(..) | Change::Add(..) | Change::Remove => None,
    }
}

/// Stands for the place of an element among those that it has to come before.
const IN_ORDER: &str = "in order";

/// How a module of settings is edited.
pub(crate) fn module(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        Change::Set(key, value) if own(editing, key).is_none() => append(editing, key, value),
        change => what_is_set(editing, change),
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
    matches!(written, "True" | "False" | "None" | "[]") || number || quoted('"') || quoted('\'') || is_list(written)
}

/// Whether it is a list of one text.
fn is_list(written: &str) -> bool {
    let inside = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
    inside.is_some_and(|inside| !inside.starts_with('[') && !inside.contains(',') && is_literal(inside))
}

/// Sets what the configuration says nothing about, right behind the line that makes the application.
fn configure(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope).filter(|scope| scope.open.is_none())?;
    let around = editing.file(scope.at)?;
    let call = scope.at.span.range();
    let start = around.line_start(call.start)?;
    let name = around.text.get(start..call.start)?.trim().strip_suffix('=')?.trim_end();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let end = around.line_end(call.end)?;
    let behind = around.text.get(call.end..end)?.trim();
    let fits = plain && !name.is_empty() && (behind.is_empty() || behind.starts_with('#')) && editing.absent(key);
    let text = format!("{}{}{name}.config[\"{key}\"] = {value}", around.newline(end), around.indent(start)?);
    fits.then(|| vec![Edit { at: Loc::new(scope.at.file, Span::new(end, end)), text }])
}

/// Gives an argument by its name to the call that a scope is, or another value to it.
fn argument(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope)?;
    let set = own(editing, key).filter(|node| node.origin == Origin::Set);
    if let Some(node) = set {
        return replace(editing, node, key, value);
    }
    let around = editing.file(scope.at)?;
    let call = around.text.get(scope.at.span.range())?;
    let inside = call.strip_suffix(')')?;
    let last = inside.trim_end();
    if call.contains(key) || call.contains(['#', '*']) || last.ends_with('(') {
        return None;
    }
    let end = scope.at.span.range().start + last.len();
    let comma = if last.ends_with(',') { "" } else { "," };
    let between = if around.begins_line(scope.at.span.range().end - 1) {
        let line = around.line_start(end)?;
        format!("{}{}", around.newline(end), around.indent(line)?)
    } else {
        " ".to_owned()
    };
    let behind = if between.starts_with(' ') { "" } else { "," };
    let at = Loc::new(scope.at.file, Span::new(end, end));
    Some(vec![Edit { at, text: format!("{comma}{between}{key}={value}{behind}") }])
}

fn replace(editing: &Editing<'_, '_>, node: &Node, key: &str, value: &str) -> Option<Vec<Edit>> {
    let around = editing.file(node.at)?;
    assigned(around, node.at.span, key)?;
    let end = node.at.span.range().end;
    let behind = around.text.get(end..around.line_end(end)?)?.trim_start();
    let ends = behind.is_empty() || behind.starts_with(['#', ',', ')']);
    (ends && is_literal(around.text.get(node.at.span.range())?))
        .then(|| vec![Edit { at: node.at, text: value.replace('\n', around.newline(end)) }])
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
    let value = value.replace('\n', around.newline(0));
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
        let added = edited("app.py", text, "app", "", &Change::Set("SESSION_COOKIE_SECURE", "True"));
        let made = "app = Flask(__name__)\n";
        let line = "app.config[\"SESSION_COOKIE_SECURE\"] = True\n";
        assert_eq!(added, Some(text.replace(made, &format!("{made}{line}"))));
    }

    #[test]
    fn an_argument_is_given_to_a_call() {
        let file = |call: &str| {
            format!(
                "from fastapi import FastAPI\nfrom starlette.middleware.sessions import SessionMiddleware\n\napp = FastAPI()\n{call}\n"
            )
        };
        let set = |call: &str| {
            edited("main.py", &file(call), "session", "SessionMiddleware", &Change::Set("https_only", "True"))
        };
        for (before, after) in [
            (
                "app.add_middleware(SessionMiddleware, secret_key=k)",
                "app.add_middleware(SessionMiddleware, secret_key=k, https_only=True)",
            ),
            (
                "app.add_middleware(SessionMiddleware, https_only=False)",
                "app.add_middleware(SessionMiddleware, https_only=True)",
            ),
            (
                "app.add_middleware(\n    SessionMiddleware,\n    secret_key=k,\n)",
                "app.add_middleware(\n    SessionMiddleware,\n    secret_key=k,\n    https_only=True,\n)",
            ),
        ] {
            assert_eq!(set(before), Some(file(after)), "{before}");
        }
    }
}
