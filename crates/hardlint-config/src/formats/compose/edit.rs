//! Where a value goes in a Compose file: in the mapping of its service, in the style in which that is written.

use super::keys::{CAPABILITY, PORT, SECRET, SERVICE, VARIABLE};
use crate::formats::edit::{Around, Change, Edit, Editing, quoted_like, text_only};
use crate::model::{Node, Scope, ScopeId, Value};
use crate::schema::Type;
use crate::text::{FileId, Loc, Span};

pub(super) fn edit(editing: &Editing<'_, '_>, change: &Change<'_>) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope)?;
    let edit = match change {
        Change::Set("host_ip", value) if scope.kind == PORT => publish_on(editing, scope, value)?,
        Change::Set(key, value) if scope.kind == SERVICE => set(editing, scope, key, value)?,
        Change::Unset(key) if scope.kind == SERVICE => {
            let (_, node) = editing.held(key)?;
            match element_of(editing, node) {
                Some(element) => remove_element(editing, scope, node, element)?,
                None => remove_entry(editing, scope, node)?,
            }
        }
        Change::Add(key, value) if scope.kind == SERVICE => add(editing, scope, key, value)?,
        Change::Remove if scope.kind == CAPABILITY => remove_capability(editing, scope)?,
        Change::Remove if scope.kind == VARIABLE => remove_variable(editing, scope)?,
        Change::Add("published", OVERRIDE) if scope.kind == PORT => take_the_place(editing, scope)?,
        Change::Remove if scope.kind == SECRET => return without_default(editing, scope),
        Change::Behind(..) | Change::Instead(..) => return text_only(editing, change),
        Change::Set(..) | Change::Unset(..) | Change::Add(..) | Change::Remove => return None,
    };
    Some(vec![edit])
}

/// An entry's place from its key to its value, if it is written in the scope itself: what an anchor or another file gives,
/// others have as well.
fn entry(around: Around<'_>, scope: &Scope, node: &Node) -> Option<Span> {
    let name = node.name_at.filter(|name| name.file == scope.at.file && node.at.file == scope.at.file)?;
    let span = name.span.to(node.at.span);
    let inside = scope.extent.to(span) == scope.extent && name.span.end <= node.at.span.start;
    let between = around.text.get(name.span.range().end..node.at.span.range().start)?;
    let plain = between.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim().is_empty();
    (inside && plain).then_some(span)
}

fn set(editing: &Editing<'_, '_>, scope: &Scope, key: &str, value: &str) -> Option<Edit> {
    let around = editing.file(scope.at)?;
    let id = editing.model.format.schema.key(scope.kind, key)?;
    let needs = editing.model.key_type(id) == Type::String && !is_plain(value);
    if let Some((_, node)) = editing.held(key) {
        entry(around, scope, node)?;
        let written = around.text.get(node.at.span.range())?;
        let scalar =
            !matches!(node.value, Value::List(_) | Value::Map(_)) && !written.starts_with(['|', '>', '*', '&', '!']);
        let text = quoted_like(written, value, needs).into_owned();
        return scalar.then_some(Edit { at: node.at, text });
    }
    if !editing.absent(key) {
        return None;
    }
    let text = format!("{key}: {}", quoted_like("", value, needs));
    beside_first(around, scope, scope.own.iter().map(|(_, node)| node), &text)
}

/// Whether YAML takes it for text as it stands.
fn is_plain(value: &str) -> bool {
    let special = ["true", "false", "yes", "no", "on", "off", "null", "~", "y", "n"];
    let begins = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    begins
        && !special.iter().any(|word| value.eq_ignore_ascii_case(word))
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
}

/// An entry put before the first one of a mapping.
fn beside_first<'n>(
    around: Around<'_>,
    scope: &Scope,
    nodes: impl Iterator<Item = &'n Node>,
    text: &str,
) -> Option<Edit> {
    let file = scope.at.file;
    let inside = |name: &Loc| name.file == file && scope.extent.to(name.span) == scope.extent;
    let first = nodes.filter(|node| entry(around, scope, node).is_some()).filter_map(|node| node.name_at);
    let first = first.filter(inside).map(|name| name.span.range().start).min()?;
    let separated = if in_flow(around, first) {
        ", ".to_owned()
    } else {
        let start = around.line_start(first)?;
        let before = around.text.get(start..first)?;
        // In `- key: value` the dash stands where later keys have a blank.
        let indent: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        if !before.chars().all(|c| matches!(c, ' ' | '-')) {
            return None;
        }
        format!("{}{indent}", around.newline(first))
    };
    Some(Edit { at: Loc::new(file, Span::new(first, first)), text: format!("{text}{separated}") })
}

/// Whether what begins at `at` stands in a `{…}` or `[…]`.
fn in_flow(around: Around<'_>, at: usize) -> bool {
    let start = around.line_start(at).unwrap_or(at);
    let before = around.text.get(start..at).unwrap_or_default().trim_end();
    if before.is_empty() {
        let above = around.text.get(..start).unwrap_or_default().trim_end();
        return above.ends_with(['{', ',', '[']);
    }
    before.ends_with(['{', ',', '['])
}

/// Takes an entry of a mapping, or of a sequence, out.
fn remove_entry(editing: &Editing<'_, '_>, scope: &Scope, node: &Node) -> Option<Edit> {
    let around = editing.file(scope.at)?;
    let span = entry(around, scope, node)?;
    // A service of nothing is none.
    let others = scope.own.iter().map(|(_, other)| other).filter(|other| other.name_at != node.name_at);
    others.filter(|other| entry(around, scope, other).is_some()).count().checked_sub(1)?;
    take_out(around, scope.at.file, span)
}

fn take_out(around: Around<'_>, file: FileId, span: Span) -> Option<Edit> {
    let range = span.range();
    if !in_flow(around, range.start) && !around.text.get(range.end..)?.trim_start().starts_with([',', '}', ']']) {
        let dash = around.text.get(..range.start)?.trim_end().len();
        let starts = if around.text.get(..dash)?.ends_with('-') { dash - 1 } else { range.start };
        let lines = around.whole_lines(Span::new(starts, range.end), "#")?;
        return Some(Edit { at: Loc::new(file, lines), text: String::new() });
    }
    let after = around.after(range.end);
    let blanks = |bytes: &[u8]| bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let comma = blanks(after);
    if after.get(comma) == Some(&b',') {
        let end = range.end + comma + 1;
        let end = end + blanks(around.after(end));
        return Some(Edit { at: Loc::new(file, Span::new(range.start, end)), text: String::new() });
    }
    let before = around.text.get(..range.start)?.trim_end();
    let start = before.strip_suffix(',').map_or(range.start, |before| before.trim_end().len());
    Some(Edit { at: Loc::new(file, Span::new(start, range.end)), text: String::new() })
}

/// The element of a list that the finding points at, if it does not point at the whole.
fn element_of(editing: &Editing<'_, '_>, list: &Node) -> Option<Loc> {
    let Value::List(items) = &list.value else { return None };
    let (_, place) = editing.place.filter(|(_, place)| *place != list.at)?;
    items.iter().map(|item| item.at).find(|at| *at == place)
}

/// Takes an element off a list, and the list with the last one.
fn remove_element(editing: &Editing<'_, '_>, scope: &Scope, list: &Node, element: Loc) -> Option<Edit> {
    let Value::List(items) = &list.value else { return None };
    if items.len() == 1 {
        return remove_entry(editing, scope, list);
    }
    let around = editing.file(scope.at)?;
    let span = entry(around, scope, list)?;
    let inside = element.file == scope.at.file && span.to(element.span) == span;
    inside.then(|| take_out(around, element.file, element.span))?
}

/// Puts one more element into a list, in the style of those that it has; one that says the opposite is changed.
fn add(editing: &Editing<'_, '_>, scope: &Scope, key: &str, value: &str) -> Option<Edit> {
    let around = editing.file(scope.at)?;
    let Some((_, list)) = editing.held(key) else {
        let text = format!("{key}: [{}]", quoted_like("", value, !is_plain(value)));
        let nodes = scope.own.iter().map(|(_, node)| node);
        return if editing.absent(key) { beside_first(around, scope, nodes, &text) } else { None };
    };
    let span = entry(around, scope, list)?;
    let Value::List(items) = &list.value else { return None };
    let inside = |item: &Node| item.at.file == scope.at.file && span.to(item.at.span) == span;
    let lowest = items.last().filter(|_| items.iter().all(inside))?;
    let name = |text: &str| text.split([':', '=']).next().unwrap_or_default().to_ascii_lowercase();
    let opposite = |item: &&Node| item.value.as_str().is_some_and(|text| name(text) == name(value));
    if let Some(item) = items.iter().find(opposite) {
        let written = around.text.get(item.at.span.range())?;
        return Some(Edit { at: item.at, text: quoted_like(written, value, !is_plain(value)).into_owned() });
    }
    let written =
        around.text.get(lowest.at.span.range()).filter(|text| !text.starts_with(['|', '>', '&', '*', '!']))?;
    let text = quoted_like(written, value, !is_plain(value));
    let end = lowest.at.span.range().end;
    if around.text.get(list.at.span.range())?.starts_with('[') {
        return Some(Edit { at: Loc::new(lowest.at.file, Span::new(end, end)), text: format!(", {text}") });
    }
    let start = around.line_start(lowest.at.span.range().start)?;
    let before = around.text.get(start..lowest.at.span.range().start)?;
    let dash = before.trim_start().starts_with('-') && before.trim_matches([' ', '-']).is_empty();
    let at = around.line_end(end)?;
    let text = format!("{}{before}{text}", around.newline(end));
    (dash && before.matches('-').count() == 1).then(|| Edit { at: Loc::new(lowest.at.file, Span::new(at, at)), text })
}

/// Lets Compose stop where the variables of a secret are not set, instead of taking what stands behind `:-`.
fn without_default(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Vec<Edit>> {
    let schema = editing.model.format.schema;
    let list = scope.own.get(schema.key(SECRET, "secret_values")?)?;
    let Value::List(places) = &list.value else { return None };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut edits: Vec<Edit> = Vec::new();
    for place in places {
        let around = editing.file(place.at)?;
        let span = place.at.span.range();
        let before = around.text.get(..span.start)?;
        let named = before.strip_suffix(":-").or_else(|| before.strip_suffix('-'))?;
        let (head, name) = named.split_at(named.rfind(|c| !is_name(c))? + 1);
        let closed = around.text.get(span.end..)?.starts_with('}');
        if !closed || !head.ends_with("${") || head.ends_with("$${") || name.is_empty() {
            return None;
        }
        let at = Loc::new(place.at.file, Span::new(named.len(), span.end));
        let edit = Edit { at, text: format!(":?set {name}") };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// Takes a capability off the list, and the list with the last one.
fn remove_capability(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Edit> {
    let service: ScopeId = scope.parent?;
    let parent = editing.model.scope(service)?;
    let around = editing.file(scope.at)?;
    let id = editing.model.format.schema.key(parent.kind, "cap_add")?;
    let list = parent.own.get(id)?;
    let Value::List(items) = &list.value else { return None };
    let span = scope.at.span;
    if list.at.file != scope.at.file || list.at.span.to(span) != list.at.span {
        return None;
    }
    if items.len() == 1 {
        return remove_entry(editing, parent, list);
    }
    entry(around, parent, list)?;
    take_out(around, scope.at.file, span)
}

/// Takes a variable out of the environment, and the environment with the last one.
fn remove_variable(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Edit> {
    let service = editing.model.scope(scope.parent?)?;
    let around = editing.file(scope.at)?;
    // What an anchor or another file gives, others have as well.
    if scope.at.file != service.at.file || service.extent.to(scope.at.span) != service.extent {
        return None;
    }
    let value = scope.own.iter().map(|(_, node)| node.at).find(|at| at.file == scope.at.file);
    let whole = around.with_quotes(scope.at.span.to(value?.span));
    let start = whole.range().start;
    if in_flow(around, start) {
        let behind = around.text.get(whole.range().end..)?.trim_start().starts_with(',');
        let before = around.text.get(..start)?.trim_end().ends_with(',');
        return if behind || before { take_out(around, scope.at.file, whole) } else { None };
    }
    let line = around.line_start(start)?;
    let lead = around.text.get(line..start)?;
    let width = lead.len() - lead.trim_start().len();
    let plain = matches!(lead.trim(), "" | "-");
    let whole = around.whole_lines(Span::new(line + width, whole.range().end), "#").filter(|_| plain)?;
    let meant = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let indent = |line: &str| line.len() - line.trim_start().len();
    let above = around.text.get(..line)?;
    let goes_on = |next: &str| {
        indent(next) > width || indent(next) == width && (lead.trim() != "-" || next.trim_start().starts_with('-'))
    };
    let head = above.lines().rev().find(meant)?;
    let next = around.text.get(whole.range().end..)?.lines().find(meant);
    if head.trim() != "environment:" || next.is_some_and(goes_on) {
        return Some(Edit { at: Loc::new(scope.at.file, whole), text: String::new() });
    }
    let others = service.own.iter().filter(|(_, node)| entry(around, service, node).is_some());
    let begins = above.rfind(head)?;
    let at = Loc::new(scope.at.file, Span::new(begins, whole.range().end));
    (others.count() > 0).then(|| Edit { at, text: String::new() })
}

/// Stands for the ports of this file instead of those of the files before it.
const OVERRIDE: &str = "!override";

/// Lets the ports of a later file take the place of those of the earlier ones, if they name all of them.
fn take_the_place(editing: &Editing<'_, '_>, scope: &Scope) -> Option<Edit> {
    let around = editing.file(scope.at)?;
    let (model, id) = (editing.model, editing.scope);
    let port = |id: ScopeId| model.get(id, "target").cloned().zip(model.get(id, "published").cloned());
    let siblings = (0_u32..).map(ScopeId).zip(&model.scopes);
    let siblings = siblings.filter(|(_, other)| other.kind == PORT && other.parent == scope.parent);
    let (here, before): (Vec<_>, Vec<_>) = siblings.partition(|(_, other)| other.at.file == scope.at.file);
    let named = |id: ScopeId| here.iter().any(|(own, _)| port(*own).is_some() && port(*own) == port(id));
    port(id).filter(|_| before.iter().all(|(other, _)| named(*other)))?;
    // The list begins with the first of its elements.
    let first = here.iter().map(|(_, port)| port.at.span.range().start).min()?;
    let head = around.text.get(..first)?.trim_end_matches(|c: char| c.is_whitespace() || "-['\"{".contains(c));
    let key = head.strip_suffix("ports:")?;
    let begins = key.ends_with(|c: char| c.is_whitespace() || matches!(c, '{' | ','));
    let at = Loc::new(scope.at.file, Span::new(head.len(), head.len()));
    begins.then(|| Edit { at, text: format!(" {OVERRIDE}") })
}

/// How many colons stand outside of `${…}`.
fn colons(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut found = 0;
    for letter in text.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => found += 1,
            _ => {}
        }
    }
    found
}

/// Puts the address before a port.
fn publish_on(editing: &Editing<'_, '_>, scope: &Scope, address: &str) -> Option<Edit> {
    let around = editing.file(scope.at)?;
    let service = editing.model.scope(scope.parent?)?;
    // A port of an anchor is another service's as well.
    let own = service.at.file != scope.at.file || service.extent.to(scope.at.span) == service.extent;
    let written = around.text.get(scope.at.span.range())?;
    let short = scope.own.iter().any(|(_, node)| node.name_at == Some(scope.at));
    if !own || written.starts_with(['*', '&', '!']) {
        return None;
    }
    if !short {
        if let Some((_, node)) = editing.held("host_ip") {
            let old = around.text.get(node.at.span.range())?;
            return Some(Edit { at: node.at, text: quoted_like(old, address, true).into_owned() });
        }
        let nodes = scope.own.iter().map(|(_, node)| node);
        let file = Scope { extent: scope.at.span, ..scope.clone() };
        return beside_first(around, &file, nodes, &format!("host_ip: {address}"));
    }
    let bare = written.trim_matches(['"', '\'']);
    // A variable in the place of the port leaves open whether it holds an address as well.
    let address_alone = || colons(bare) > 1 || !bare.starts_with('$');
    let has_address = editing.model.get(editing.scope, "host_ip").is_some() && address_alone();
    let rest = match ["0.0.0.0:", "[::]:", ":::"].iter().find_map(|any| bare.strip_prefix(any)) {
        Some(rest) => rest,
        None if has_address => return None,
        None => bare,
    };
    let published = editing.model.get(editing.scope, "published").is_some();
    let between = if published || rest.contains(':') { "" } else { ":" };
    let text = quoted_like(written, &format!("{address}:{between}{rest}"), true).into_owned();
    Some(Edit { at: scope.at, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::edit::trial::edited;

    fn service(text: &str, change: &Change<'_>) -> Option<String> {
        edited("compose.yaml", text, "service", "app", change)
    }

    #[test]
    fn a_value_keeps_its_quotes() {
        for (before, after) in [
            ("user: root # why", "user: app # why"),
            ("user: 'root'", "user: 'app'"),
            ("image: app\n    user: \"0:0\"", "image: app\n    user: \"app\""),
        ] {
            let file = |body: &str| format!("services:\n  app:\n    {body}\n");
            assert_eq!(service(&file(before), &Change::Set("user", "app")), Some(file(after)));
        }
        let flow = service("services: { app: { user: root, image: a } }", &Change::Set("user", "1000:1000"));
        assert_eq!(flow.as_deref(), Some("services: { app: { user: \"1000:1000\", image: a } }"));
    }

    #[test]
    fn an_entry_is_written_as_those_beside_it() {
        let change = Change::Set("user", "app");
        for (before, after) in [
            ("services:\r\n  app:\r\n    image: a\r\n", "services:\r\n  app:\r\n    user: app\r\n    image: a\r\n"),
            ("services: { app: { image: a } }", "services: { app: { user: app, image: a } }"),
            ("services:\n  app: {\n    image: a,\n  }\n", "services:\n  app: {\n    user: app, image: a,\n  }\n"),
        ] {
            assert_eq!(service(before, &change).as_deref(), Some(after));
        }
    }

    #[test]
    fn what_others_have_too_is_left_alone() {
        let anchored = "x-a: &a { user: root, image: b }\nservices:\n  app:\n    <<: *a\n    init: true\n";
        assert_eq!(service(anchored, &Change::Set("user", "app")), None);
        assert_eq!(service(anchored, &Change::Unset("user")), None);
        let alias = "x-a: &a root\nservices:\n  app:\n    user: *a\n    image: b\n";
        assert_eq!(service(alias, &Change::Unset("user")), None);
    }

    #[test]
    fn an_element_is_added_in_the_style_of_the_others() {
        let change = Change::Add("security_opt", "no-new-privileges:true");
        let value = "\"no-new-privileges:true\"";
        for (before, after) in [
            ("image: a", format!("security_opt: [{value}]\n    image: a")),
            (
                "image: a\n    security_opt:\n      - label:x # why",
                format!("image: a\n    security_opt:\n      - label:x # why\n      - {value}"),
            ),
            (
                "image: a\n    security_opt: ['label:x']",
                "image: a\n    security_opt: ['label:x', 'no-new-privileges:true']".to_owned(),
            ),
            ("image: a\n    security_opt: [no-new-privileges=false]", format!("image: a\n    security_opt: [{value}]")),
        ] {
            let file = |body: &str| format!("services:\n  app:\n    {body}\n");
            assert_eq!(service(&file(before), &change), Some(file(&after)));
        }
        let anchored = "x-a: &a [label:x]\nservices:\n  app:\n    image: a\n    security_opt: *a\n";
        assert_eq!(service(anchored, &change), None);
    }

    #[test]
    fn a_default_is_replaced_by_a_refusal() {
        let text =
            |value: &str| format!("services:\n  app:\n    image: a\n    environment:\n      DB_PASSWORD: {value}\n");
        let made = |value: &str| edited("compose.yaml", &text(value), "secret", "DB_PASSWORD", &Change::Remove);
        assert_eq!(made("${DB_PASSWORD:-not-a-real-one}"), Some(text("${DB_PASSWORD:?set DB_PASSWORD}")));
        assert_eq!(made("\"${DB_PASSWORD-not-a-real-one}\""), Some(text("\"${DB_PASSWORD:?set DB_PASSWORD}\"")));
    }

    #[test]
    fn an_entry_is_taken_out_with_its_line_or_its_comma() {
        for (before, after) in [
            ("services:\n  app:\n    privileged: true # why\n    image: a\n", "services:\n  app:\n    image: a\n"),
            ("services: { app: { privileged: true, image: a } }", "services: { app: { image: a } }"),
            ("services: { app: { image: a, privileged: true } }", "services: { app: { image: a } }"),
        ] {
            assert_eq!(service(before, &Change::Unset("privileged")).as_deref(), Some(after));
        }
        assert_eq!(service("services: { app: { privileged: true } }", &Change::Unset("privileged")), None);
    }

    #[test]
    fn a_capability_goes_and_the_list_with_the_last() {
        let without = |text: &str| edited("compose.yaml", text, "capability", "SYS_ADMIN", &Change::Remove);
        for (before, after) in [
            (
                "services:\n  app:\n    image: a\n    cap_add:\n      - SYS_ADMIN # why\n      - CHOWN\n",
                "services:\n  app:\n    image: a\n    cap_add:\n      - CHOWN\n",
            ),
            ("services:\n  app:\n    cap_add:\n      - SYS_ADMIN\n    image: a\n", "services:\n  app:\n    image: a\n"),
            (
                "services: {app: {image: a, cap_add: [CHOWN, SYS_ADMIN]}}",
                "services: {app: {image: a, cap_add: [CHOWN]}}",
            ),
        ] {
            assert_eq!(without(before).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_variable_goes_and_the_environment_with_the_last() {
        let without = |text: &str| {
            let memory = format!("services:\n  app:\n{text}");
            let scope = "DEBUG";
            edited("compose.yaml", &memory, "variable", scope, &Change::Remove)
                .map(|made| made.strip_prefix("services:\n  app:\n").unwrap().to_owned())
        };
        for (before, after) in [
            (
                "    image: a\n    environment:\n      DEBUG: \"1\" # why\n      A: b\n",
                "    image: a\n    environment:\n      A: b\n",
            ),
            (
                "    image: a\n    environment:\n      - DEBUG=1\n      - A=b\n",
                "    image: a\n    environment:\n      - A=b\n",
            ),
            ("    image: a\n    environment: { A: b, DEBUG: '1' }\n", "    image: a\n    environment: { A: b }\n"),
            ("    image: a\n    environment: ['DEBUG=1', A=b]\n", "    image: a\n    environment: [A=b]\n"),
            ("    image: a\n    environment:\n      DEBUG: 1\n", "    image: a\n"),
            ("    environment:\n    - DEBUG=1\n    image: a\n", "    image: a\n"),
        ] {
            assert_eq!(without(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn a_port_gets_an_address() {
        let publish = |text: &str, label: &str| {
            let file = format!("services:\n  app:\n    image: a\n    ports:\n{text}");
            let made = edited("compose.yaml", &file, "port", label, &Change::Set("host_ip", "127.0.0.1"));
            made.map(|made| made.split_once("ports:\n").unwrap().1.to_owned())
        };
        for (before, label, after) in [
            ("      - \"80:80\" # c\n", "80:80", "      - \"127.0.0.1:80:80\" # c\n"),
            ("      - 80:80\n", "80:80", "      - \"127.0.0.1:80:80\"\n"),
            ("      - 3306\n", "3306", "      - \"127.0.0.1::3306\"\n"),
            ("      - '0.0.0.0:80:80/udp'\n", "0.0.0.0:80:80", "      - '127.0.0.1:80:80/udp'\n"),
            (
                "      - target: 80\n        published: 81\n",
                "81:80",
                "      - host_ip: 127.0.0.1\n        target: 80\n        published: 81\n",
            ),
            ("      - ${PGPORT}:5432\n", "?:?:5432", "      - \"127.0.0.1:${PGPORT}:5432\"\n"),
            ("      - '${PGPORT}:${PGPORT}'\n", "?:?:?", "      - '127.0.0.1:${PGPORT}:${PGPORT}'\n"),
            ("      - { target: 80, host_ip: '::' }\n", "[::]:80", "      - { target: 80, host_ip: '127.0.0.1' }\n"),
        ] {
            assert_eq!(publish(before, label).as_deref(), Some(after), "{before}");
        }
        assert_eq!(publish("      - ${HOST}:80:80\n", "?:80:80"), None);
    }
}
