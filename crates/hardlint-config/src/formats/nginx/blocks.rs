//! What statements with a block do: open a scope, or give a variable its values.

use super::accepts;
use super::resolve::{Build, Frame, Place};
use super::site::{Definition, Location, Modifier, Step};
use super::statements::{condition, define, fact, forwarded};
use super::syntax::{Statement, Word};
use crate::model::{Node, ScopeId, Text, Value, Why};
use crate::text::{Loc, Span};

/// A directive with a block in another language.
pub(super) fn foreign(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    let Some(first) = frame.tree.words(statement).first() else { return };
    build.seen.hidden = true;
    let at = Loc::new(frame.file, first.place());
    if let Some(variable) = frame.tree.words(statement).get(1) {
        define(build, &variable.spelt(&frame.source.text), Definition::Other);
    }
    let node = Node::set(Value::Unknown(Why::Runtime("what Lua does".into())), at).named(at);
    fact(build, frame.scope, name, node);
}

/// A directive with a block.
pub(super) fn block(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str, header: Span) {
    let at = Loc::new(frame.file, header);
    let words = frame.tree.words(statement);
    let enter = match (frame.place, name) {
        (Place::Main, "events") => Some(("events", Place::Events)),
        (Place::Main, "http") => Some(("http", Place::Http)),
        (Place::Main, "stream" | "mail") | (Place::Stream, _) => Some(("stream", Place::Stream)),
        (Place::Http, "server") => Some(("server", Place::Server)),
        (Place::Http, "upstream") => Some(("upstream", Place::Upstream)),
        (Place::Server | Place::Location, "location") => Some(("location", Place::Location)),
        (Place::Server, "if") => Some(("if", Place::ServerIf)),
        (Place::Location, "if") => Some(("if", Place::LocationIf)),
        (Place::Location, "limit_except") => Some(("limit_except", Place::LimitExcept)),
        _ => None,
    };
    let Some((kind, place)) = enter else {
        variables(build, frame, statement, name);
        return;
    };
    if matches!(name, "http" | "events") && once(build, kind) {
        accepts::refuse(build, frame, statement, 0, format!("`{name}` is there twice; nginx refuses that"));
    }
    if name == "limit_except" && statement.condition.is_none() && has(build, frame.scope, kind) {
        accepts::refuse(build, frame, statement, 0, "`limit_except` is there twice; nginx refuses that".to_owned());
    }
    let label: Vec<_> = words.iter().skip(1).map(|word| word.spelt(&frame.source.text)).collect();
    let label = label.join(" ");
    let scope = build.scope(kind, &label, Some(frame.scope), at);
    if let Some(made) = build.model.scope_mut(scope) {
        made.extent = statement.span;
        if let (Some(first), Some(last)) = (words.get(1), words.last()) {
            made.label_at = Loc::new(frame.file, first.place().to(last.place()));
        }
    }
    if let Some(why) = condition(frame, statement) {
        // The block is judged as it stands; what it holds may be missing from what is around it.
        build.open(frame.scope, why);
    }
    match name {
        "server" if place == Place::Server => build.site.servers.push(scope),
        "location" => location(build, frame, statement, scope),
        "if" => {
            let node = Node::set(Value::text(label.clone()), Loc::new(frame.file, header));
            fact(build, scope, "condition", node);
            build.site.forwarded |= forwarded(&label);
            super::origins::condition(build, frame, statement, scope);
            build.site.steps.entry(frame.scope).or_default().push(Step::If(scope));
        }
        _ => {}
    }
    build.enter(frame, statement, scope, place);
}

/// Whether a scope of that kind is there already.
fn once(build: &Build<'_, '_>, kind: &str) -> bool {
    let kind = build.model.format.schema.kind_named(kind);
    build.model.scopes.iter().any(|scope| Some(scope.kind) == kind)
}

/// Whether a scope holds one of that kind already; those inside it came after it.
fn has(build: &Build<'_, '_>, holder: ScopeId, kind: &str) -> bool {
    let kind = build.model.format.schema.kind_named(kind);
    let behind = build.model.scopes.iter().skip(holder.0 as usize);
    behind.into_iter().any(|scope| scope.parent == Some(holder) && Some(scope.kind) == kind)
}

fn location(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, scope: ScopeId) {
    let words = frame.tree.words(statement);
    let text = |index: usize| words.get(index).map(|word| word.text(&frame.source.text, frame.tree.template));
    let known = |text: Option<Text>| match text {
        Some(Text::Known(text)) => Some(text),
        _ => None,
    };
    let (modifier, uri) = match (known(text(1)), words.len()) {
        (Some(first), 2) => modifier(&first, None).map_or((Modifier::Prefix, None), |(it, uri)| (it, Some(uri.into()))),
        (Some(first), 3) => {
            let path = known(text(2));
            let found = modifier(&first, Some(path.as_deref().unwrap_or_default())).map(|(modifier, _)| modifier);
            (found.unwrap_or(Modifier::Prefix), path)
        }
        _ => (Modifier::Prefix, None),
    };
    let at = Loc::new(frame.file, words.get(1).map_or(statement.span, |word| word.place()));
    fact(build, scope, "modifier", Node::set(Value::text(modifier.spelt()), at));
    if let Some(made) = build.model.scope_mut(scope)
        && let (Some(uri), Some(word)) = (&uri, words.last())
    {
        made.label.clone_from(uri);
        made.label_at = Loc::new(frame.file, word.place());
    }
    if let Some(uri) = &uri {
        build.seen.locations.insert(scope, (modifier, uri.clone()));
    }
    let conditional = statement.condition.is_some();
    build.site.locations.entry(frame.scope).or_default().push(Location { scope, modifier, uri, conditional });
}

/// How a location matches, by its one or two words, and what; nothing if there is no such way.
pub(super) fn modifier<'w>(first: &'w str, path: Option<&'w str>) -> Option<(Modifier, &'w str)> {
    if let Some(path) = path {
        let modifier = match first {
            "=" => Modifier::Exact,
            "^~" => Modifier::Final,
            "~" => Modifier::Regex,
            "~*" => Modifier::RegexAnyCase,
            _ => return None,
        };
        return Some((modifier, path));
    }
    // `location =/x` and `location ~x` are one word each.
    Some(if let Some(rest) = first.strip_prefix('=') {
        (Modifier::Exact, rest)
    } else if let Some(rest) = first.strip_prefix("^~") {
        (Modifier::Final, rest)
    } else if let Some(rest) = first.strip_prefix("~*") {
        (Modifier::RegexAnyCase, rest)
    } else if let Some(rest) = first.strip_prefix('~') {
        (Modifier::Regex, rest)
    } else if first.starts_with('@') {
        (Modifier::Named, first)
    } else {
        (Modifier::Prefix, first)
    })
}

/// Blocks that give variables values.
fn variables(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    let words = frame.tree.words(statement);
    let text = &frame.source.text;
    let Some(variable) = words.last().map(|word| word.spelt(text)) else { return };
    match name {
        "map" => {
            let read = |word: &Word| word.text(text, frame.tree.template);
            let source = words.get(1).map_or(Text::Known("".into()), read);
            let mut lines = Vec::new();
            let mut complete = words.len() == 3;
            for (_, entry) in frame.tree.children(frame.index()) {
                match frame.tree.words(entry) {
                    [key] if matches!(&*key.spelt(text), "volatile" | "hostnames") => {}
                    [key, _] if key.spelt(text) == "include" => complete = false,
                    [key, value] => lines.push((read(key), read(value))),
                    _ => complete = false,
                }
            }
            build.site.forwarded |= words.get(1).is_some_and(|word| forwarded(&word.spelt(text)));
            super::origins::map(build, frame, words.get(1));
            mapped(build, frame, statement, "map", complete);
            define(build, &variable, Definition::Map { source, lines, complete });
        }
        "geo" | "split_clients" => {
            if name == "geo" {
                mapped(build, frame, statement, "geo", true);
            }
            define(build, &variable, Definition::Listed);
        }
        _ => {}
    }
}

/// A `map` or `geo` as a scope of its own.
fn mapped(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str, complete: bool) {
    let text = &frame.source.text;
    let words = frame.tree.words(statement);
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
    let at = Loc::new(frame.file, first.place().to(last.place()));
    let scope = build.scope("map", &last.spelt(text), Some(frame.scope), at);
    let (mut entries, mut default, mut hidden) = (0_i64, false, !complete);
    for (_, entry) in frame.tree.children(frame.index()) {
        let words = frame.tree.words(entry);
        let key = words.first().map(|key| key.spelt(text)).unwrap_or_default();
        hidden |= key == "include" || entry.condition.is_some() || entry.form != super::syntax::Form::Simple;
        default |= key == "default" || name == "geo" && matches!(&*key, "0.0.0.0/0" | "::/0");
        let switch =
            matches!(&*key, "volatile" | "hostnames" | "ranges" | "include" | "proxy" | "proxy_recursive" | "delete");
        entries += i64::from(!switch);
    }
    fact(build, scope, "directive", Node::set(Value::text(name), at));
    fact(build, scope, "entries", Node::set(Value::Int(entries), at));
    let default =
        if hidden && !default { Value::Unknown(Why::File("an entry of it".into())) } else { Value::Bool(default) };
    fact(build, scope, "has_default", Node::set(default, at));
}
