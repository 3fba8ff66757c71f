//! Where a directive goes in an nginx file: in the block that decides, behind the directives that stand there.

use super::directives::{self, Shape};
use crate::formats::edit::{Around, Change, Edit, Editing, text_only};
use crate::model::{Model, Node, Origin, Scope, ScopeId, Value};
use crate::text::{FileId, Loc, Span};

/// Scopes behind a block that are looked at for the first block in it.
const LOOKED_AT: usize = 4096;

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    match change {
        // A directive that adds up may drop those that it would inherit: what is meant is not to be told from a value.
        Change::Set(key, value) if is_one_value(key) => match editing.held(key) {
            Some((_, node)) if is_one_line(node) => {
                let at = editing.file(node.at)?.with_quotes(node.at.span);
                Some(vec![Edit { at: Loc::new(node.at.file, at), text: (*value).to_owned() }])
            }
            None if editing.absent(key) => insert(editing, &format!("{key} {value};")),
            _ => None,
        },
        Change::Unset(key) if is_one_value(key) => {
            let (_, node) = editing.held(key).filter(|(_, node)| is_one_line(node))?;
            let around = editing.file(node.at)?;
            let whole = Span::new(node.name_at?.span.range().start, end_of(around, node.at.span)?);
            let at = around.whole_lines(whole, "#").unwrap_or(whole);
            Some(vec![Edit { at: Loc::new(node.at.file, at), text: String::new() }])
        }
        Change::Add(LOCATION, text) => first_block(editing, text),
        Change::Add(key, INHERITED) => repeat(editing, key),
        // A block that a part of it asks for says it itself.
        Change::Add(key, value) if is_one_value(key) => {
            let (block, ..) = block(editing)?;
            edit(&Editing { scope: block, ..*editing }, &Change::Set(key, value))
        }
        Change::Add(key, value) => add(editing, key, value),
        Change::Remove => match editing.model.format.schema.kind(editing.model.scope(editing.scope)?.kind).name {
            "access" => remove_open_door(editing),
            "header_set" => remove_double(editing),
            _ => remove_header(editing, editing.scope),
        },
        Change::Behind(..) | Change::Instead(..) => text_only(editing, change),
        Change::Set(..) | Change::Unset(..) => None,
    }
}

/// Whether a line with the key says all that holds.
fn is_one_value(key: &str) -> bool {
    directives::find(key).is_some_and(|it| it.shape != Shape::Lines)
}

fn is_one_line(node: &Node) -> bool {
    let Value::List(words) = &node.value else { return true };
    words.iter().all(|word| word.name_at == node.name_at)
}

/// One past the `;` of the directive whose arguments end where `span` does.
fn end_of(around: Around<'_>, span: Span) -> Option<usize> {
    let end = around.with_quotes(span).range().end;
    let blanks = around.after(end).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (around.after(end).get(blanks) == Some(&b';')).then_some(end + blanks + 1)
}

/// The block that a scope is, or of which it is a part.
fn block<'e>(editing: &Editing<'e, '_>) -> Option<(ScopeId, &'e Scope, Around<'e>)> {
    let is_block = |(id, scope): (ScopeId, &'e Scope)| {
        let around = editing.file(scope.at)?;
        let brace = scope.at.span.range().end;
        // The scopes around a fragment are made up, and stand in no file.
        let begins = scope.at.span != scope.extent && around.text.as_bytes().get(brace.checked_sub(1)?) == Some(&b'{');
        begins.then_some((id, scope, around))
    };
    editing.model.ancestors(editing.scope).take(2).find_map(is_block)
}

/// Adds a line of a directive of which lines add up, unless those of the level above would be lost with it.
fn add(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let (id, scope, _) = block(editing)?;
    let key_id = editing.model.format.schema.key(scope.kind, key)?;
    let inherits = scope.own.get(key_id).is_none() && editing.model.lookup(id, key_id).origin == Origin::Inherited;
    if inherits { None } else { insert(editing, &format!("{key} {value};")) }
}

/// Stands for a block that is put before the others, so that of expressions it is the first to be tried.
const LOCATION: &str = "location";

fn first_block(editing: &Editing<'_, '_>, text: &str) -> Option<Vec<Edit>> {
    let (id, scope, around) = block(editing)?;
    let file = scope.at.file;
    let inside = editing.model.scopes.iter().skip(id.0 as usize + 1).take(LOOKED_AT);
    let blocks = inside.filter(|it| it.parent == Some(id) && it.at.file == file && it.extent != it.at.span);
    let first = blocks.map(|block| block.at.span.range().start).filter(|at| *at >= scope.at.span.range().end).min();
    match first {
        Some(first) => {
            let start = around.line_start(first).filter(|_| around.begins_line(first))?;
            let text = format!("{}{LOCATION} {text}{}", around.indent(first)?, around.newline(first));
            Some(vec![Edit { at: Loc::new(file, Span::new(start, start)), text }])
        }
        None => insert(editing, &format!("{LOCATION} {text}")),
    }
}

/// Takes a header line out, unless those of the level above would come in its place.
fn remove_header(editing: &Editing<'_, '_>, header: ScopeId) -> Option<Vec<Edit>> {
    let schema = editing.model.format.schema;
    let scope = editing.model.scope(header).filter(|it| schema.kind(it.kind).name == "header")?;
    // The set of headers stands between it and the block.
    let (_, owner) = editing.model.ancestors(header).nth(2)?;
    let around = editing.file(scope.at)?;
    let lines = schema.key(owner.kind, "add_header")?;
    let several = owner.own.get(lines).is_some_and(|node| matches!(&node.value, Value::List(all) if all.len() > 1));
    let above = owner.parent.map(|parent| editing.model.lookup(parent, lines).node.is_some());
    if !several && above != Some(false) {
        return None;
    }
    // The place of the scope is that of the words behind the name.
    let before = around.text.get(..around.with_quotes(scope.at.span).range().start)?.trim_end();
    let start = before.strip_suffix("add_header")?.len();
    let whole = Span::new(start, end_of(around, scope.at.span)?);
    let at = around.whole_lines(whole, "#").unwrap_or(whole);
    Some(vec![Edit { at: Loc::new(scope.at.file, at), text: String::new() }])
}

/// Of two lines that send the same, takes the one out that the finding points at.
fn remove_double(editing: &Editing<'_, '_>) -> Option<Vec<Edit>> {
    let model = editing.model;
    let (_, place) = editing.place?;
    let headers = (0_u32..).map(ScopeId).zip(&model.scopes).filter(|(_, scope)| scope.parent == Some(editing.scope));
    let headers: Vec<(ScopeId, &Scope)> = headers.take(LOOKED_AT).collect();
    let pointed = |scope: &Scope| scope.at.file == place.file && scope.at.span.to(place.span) == scope.at.span;
    let (id, found) = headers.iter().copied().find(|(_, scope)| pointed(scope))?;
    let said = |id: ScopeId| (model.get(id, "value").cloned(), model.get(id, "always").cloned());
    let same = |(other, scope): &(ScopeId, &Scope)| {
        *other != id && scope.label.eq_ignore_ascii_case(&found.label) && said(*other) == said(id)
    };
    if headers.iter().any(same) { remove_header(editing, id) } else { None }
}

/// Takes `allow all` out where lines stand behind it: who is in none of them is let in without it.
fn remove_open_door(editing: &Editing<'_, '_>) -> Option<Vec<Edit>> {
    let (_, owner) = editing.model.ancestors(editing.scope).nth(1)?;
    let lines = owner.own.get(editing.model.format.schema.key(owner.kind, "allow")?)?;
    let mut open = lines.value.as_list()?.iter().filter(|line| line.value.as_str() == Some("all"));
    let line = open.next().filter(|_| open.next().is_none())?;
    let around = editing.file(line.at)?;
    let name = line.name_at.filter(|name| name.file == line.at.file)?;
    let whole = Span::new(name.span.range().start, end_of(around, line.at.span)?);
    let at = around.whole_lines(whole, "#").unwrap_or(whole);
    Some(vec![Edit { at: Loc::new(line.at.file, at), text: String::new() }])
}

/// Stands for the lines of the level above that are lost where a block has lines of its own.
const INHERITED: &str = "inherited";

/// Repeats what a block would inherit if it had no lines of the name itself; what it sets of that stays its own.
fn repeat(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let (id, scope, _) = block(editing)?;
    let model = editing.model;
    let of = |id: ScopeId| {
        let node = model.lookup(id, model.format.schema.key(model.scope(id)?.kind, key)?).node?;
        node.value.as_list()
    };
    // Without it they are not lost, or not by this block.
    scope.own.get(model.format.schema.key(scope.kind, key)?)?;
    let name = |line: &Node| {
        let text = line.value.as_str()?;
        Some(text.split(' ').next()?.to_ascii_lowercase())
    };
    let own: Vec<String> = of(id)?.iter().map(name).collect::<Option<_>>()?;
    let mut lines: Vec<String> = Vec::new();
    for line in of(scope.parent?)? {
        if own.contains(&name(line)?) {
            continue;
        }
        let text = editing.file(line.at)?.text;
        let span = editing.file(line.at)?.with_quotes(line.at.span).range();
        let written = text.get(line.name_at?.span.range().end..span.end)?;
        // What a comment or a template stands in is not repeated by a machine.
        if written.contains(['#', '\n', '{', '}']) {
            return None;
        }
        lines.push(format!("{key}{written};"));
    }
    let mut made = insert(editing, lines.first()?)?;
    let edit = made.first_mut()?;
    let between: String = edit.text.chars().take_while(|c| c.is_whitespace()).collect();
    for line in lines.iter().skip(1) {
        edit.text.push_str(&between);
        edit.text.push_str(line);
    }
    Some(made)
}

/// Puts a statement behind the directives of the block.
fn insert(editing: &Editing<'_, '_>, text: &str) -> Option<Vec<Edit>> {
    let (id, scope, around) = block(editing)?;
    let brace = scope.at.span.range().end;
    let newline = around.newline(brace);
    let (at, text) = match last_directive(editing.model, id, scope, around) {
        Some((start, end)) if around.begins_line(start) => {
            (line_behind(around, end), format!("{newline}{}{text}", around.indent(start)?))
        }
        Some((_, end)) => (end, format!(" {text}")),
        None => match first_inside(around, brace) {
            Some(first) => (brace, format!("{newline}{}{text}", around.indent(first)?)),
            None => (brace, format!(" {text}")),
        },
    };
    Some(vec![Edit { at: Loc::new(scope.at.file, Span::new(at, at)), text }])
}

/// The end of the line of `at`, if only a comment stands before it.
fn line_behind(around: Around<'_>, at: usize) -> usize {
    let end = around.line_end(at).unwrap_or(at);
    let rest = around.text.get(at..end).unwrap_or_default().trim_start();
    if rest.is_empty() || rest.starts_with('#') { end } else { at }
}

/// The first thing inside of a block, if it stands in a line of its own.
fn first_inside(around: Around<'_>, brace: usize) -> Option<usize> {
    let blanks = around.after(brace).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let first = brace + blanks;
    let closes = around.text.as_bytes().get(first) == Some(&b'}');
    (!closes && around.begins_line(first)).then_some(first)
}

/// The last of the directives that stand before the first block in `scope`.
fn last_directive(model: &Model, id: ScopeId, scope: &Scope, around: Around<'_>) -> Option<(usize, usize)> {
    let file = scope.at.file;
    let inside = model.scopes.iter().skip(id.0 as usize + 1).take(LOOKED_AT);
    let mut blocks = inside.filter(|it| it.parent == Some(id) && it.at.file == file && it.extent != it.at.span);
    let limit = blocks.next().map_or(scope.extent.end, |block| block.at.span.start);
    let places = scope.own.iter().filter_map(|(_, node)| written(node, file));
    let inside = |span: &Span| span.start >= scope.at.span.end && span.end <= limit;
    let mut places: Vec<Span> = places.filter(inside).collect();
    places.sort_unstable_by_key(|span| std::cmp::Reverse(span.end));
    places.iter().take(8).find_map(|span| Some((span.range().start, end_of(around, *span)?)))
}

/// The last line that sets a value, from its name to its last argument.
fn written(node: &Node, file: FileId) -> Option<Span> {
    let place = |node: &Node| {
        let name = node.name_at.filter(|name| name.file == file && node.at.file == file)?;
        Some(name.span.to(node.at.span))
    };
    match &node.value {
        Value::List(list) => list.iter().filter_map(place).max_by_key(|span| span.end).or_else(|| place(node)),
        Value::Unknown(_) => None,
        _ => place(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn tokens(kind: &str, text: &str) -> Option<String> {
        edited("nginx.conf", text, kind, "", &Change::Set("server_tokens", "off"))
    }

    #[test]
    fn a_value_is_changed_where_it_stands() {
        for (before, after) in [
            ("http {\n\tserver_tokens  on ; # why\n}\n", "http {\n\tserver_tokens  off ; # why\n}\n"),
            ("http { server_tokens \"on\"; }", "http { server_tokens off; }"),
        ] {
            assert_eq!(tokens("http", before).as_deref(), Some(after));
        }
        let inherited = tokens("server", "http { server_tokens on; server { listen 80; } }");
        assert_eq!(inherited.as_deref(), Some("http { server_tokens off; server { listen 80; } }"));
    }

    #[test]
    fn a_directive_stands_behind_the_others_of_its_block() {
        for (before, after) in [
            (
                "server {\r\n  listen 80; # c\r\n  location / {\r\n    root /;\r\n  }\r\n}\r\n",
                "server {\r\n  listen 80; # c\r\n  server_tokens off;\r\n  location / {\r\n    root /;\r\n  }\r\n}\r\n",
            ),
            ("server { listen 80; }", "server { listen 80; server_tokens off; }"),
            ("server {}", "server { server_tokens off;}"),
            (
                "server {\n\tlocation / { root /; }\n}\n",
                "server {\n\tserver_tokens off;\n\tlocation / { root /; }\n}\n",
            ),
            (
                "server {\n    listen 80;\n    add_header A b;\n    add_header C\n        \"d\";\n}\n",
                "server {\n    listen 80;\n    add_header A b;\n    add_header C\n        \"d\";\n    server_tokens off;\n}\n",
            ),
        ] {
            assert_eq!(tokens("server", before).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_block_that_stands_in_another_file_is_left_alone() {
        assert_eq!(tokens("http", "server { listen 80; }"), None);
    }

    #[test]
    fn several_words_are_one_value_and_several_lines_are_none() {
        let set = |text: &str| edited("nginx.conf", text, "server", "", &Change::Set("ssl_protocols", "TLSv1.3"));
        let one = set("server { ssl_protocols 'TLSv1' TLSv1.2; }");
        assert_eq!(one.as_deref(), Some("server { ssl_protocols TLSv1.3; }"));
        assert_eq!(set("server { ssl_protocols TLSv1; ssl_protocols TLSv1.2; }"), None);
        let header = Change::Set("add_header", "A b");
        assert_eq!(edited("nginx.conf", "server { add_header A a; }", "server", "", &header), None);
    }

    #[test]
    fn a_line_is_added_unless_others_are_lost_with_it() {
        let change = Change::Add("add_header", "A b always");
        let add = |text: &str| edited("nginx.conf", text, "server", "", &change);
        for (before, after) in [
            ("server {\n  listen 80;\n}\n", "server {\n  listen 80;\n  add_header A b always;\n}\n"),
            ("server { add_header C d; }", "server { add_header C d; add_header A b always; }"),
        ] {
            assert_eq!(add(before).as_deref(), Some(after));
        }
        assert_eq!(add("http { add_header C d; server { listen 80; } }"), None);
    }

    #[test]
    fn lost_lines_are_repeated() {
        let change = Change::Add("add_header", "inherited");
        let add = |text: &str| edited("nginx.conf", text, "location", "/a", &change);
        for (before, after) in [
            (
                "server {\n  add_header X '1; m' always;\n  add_header Y \"2\"; # why\n  location /a {\n    add_header y 3;\n    root /b;\n  }\n}\n",
                "server {\n  add_header X '1; m' always;\n  add_header Y \"2\"; # why\n  location /a {\n    add_header y 3;\n    root /b;\n    add_header X '1; m' always;\n  }\n}\n",
            ),
            (
                "server { add_header A b; add_header C d; location /a { add_header E f; } }",
                "server { add_header A b; add_header C d; location /a { add_header E f; add_header A b; add_header C d; } }",
            ),
        ] {
            assert_eq!(add(before).as_deref(), Some(after));
        }
        assert_eq!(add("server { add_header A b; location /a { root /b; } }"), None);
    }

    #[test]
    fn a_block_is_put_before_the_others() {
        let change = Change::Add("location", "~ /x { deny all; }");
        let add = |text: &str| edited("nginx.conf", text, "server", "", &change);
        for (before, after) in [
            (
                "server {\n\tlisten 80;\n\n\tlocation ~ y {\n\t}\n}\n",
                "server {\n\tlisten 80;\n\n\tlocation ~ /x { deny all; }\n\tlocation ~ y {\n\t}\n}\n",
            ),
            ("server {\n  listen 80;\n}\n", "server {\n  listen 80;\n  location ~ /x { deny all; }\n}\n"),
        ] {
            assert_eq!(add(before).as_deref(), Some(after));
        }
        assert_eq!(add("server { listen 80; location ~ y { } }"), None);
    }

    #[test]
    fn a_header_is_taken_out_unless_others_would_come() {
        let remove = |text: &str| edited("nginx.conf", text, "header", "X", &Change::Remove);
        for (before, after) in [
            ("server {\n  add_header X \"1; m\" always; # why\n  listen 80;\n}\n", "server {\n  listen 80;\n}\n"),
            (
                "http { add_header A b; server { add_header C d; add_header X '1'; } }",
                "http { add_header A b; server { add_header C d;  } }",
            ),
        ] {
            assert_eq!(remove(before).as_deref(), Some(after));
        }
        assert_eq!(remove("http { add_header A b; server { add_header X 1; } }"), None);
    }

    #[test]
    fn a_directive_is_taken_out_with_its_line() {
        let unset = |text: &str| edited("nginx.conf", text, "server", "", &Change::Unset("autoindex"));
        for (before, after) in [
            ("server {\n  listen 80;\n  autoindex on; # why\n}\n", "server {\n  listen 80;\n}\n"),
            ("server { autoindex on; listen 80; }", "server {  listen 80; }"),
        ] {
            assert_eq!(unset(before).as_deref(), Some(after));
        }
    }
}
