//! What single statements without a block do: set a key, or add to what facts are worked out from.

use super::accepts;
use super::answers;
use super::directives::{self, Directive, Shape};
use super::grammar::{self, Takes};
use super::listen::{self, Listen};
use super::resolve::{Build, Frame, Place};
use super::site::{Access, Composed, Definition, Entry, Flag, HeaderSet, Step};
use super::syntax::{Statement, Word};
use super::template;
use super::variables;
use crate::model::{Node, Piece, ScopeId, Text, Value, Why};
use crate::text::Loc;

/// A directive that ends with `;`.
pub(super) fn simple(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement, name: &str) {
    let words: Vec<Word> = frame.tree.words(statement).to_vec();
    let Some((first, arguments)) = words.split_first() else { return };
    let name_at = Loc::new(frame.file, first.place());
    let known = if frame.place == Place::Stream { None } else { directives::find(name) };
    let at = arguments
        .first()
        .zip(arguments.last())
        .map_or(name_at, |(first, last)| Loc::new(frame.file, first.place().to(last.place())));
    let line = Line { frame, statement, name, arguments, at, name_at, condition: condition(frame, statement) };
    if frame.place != Place::Stream {
        special(build, &line);
    }
    set(build, &line, known);
}

/// A directive with what it says.
struct Line<'f> {
    frame: &'f Frame,
    statement: &'f Statement,
    name: &'f str,
    arguments: &'f [Word],
    at: Loc,
    name_at: Loc,
    /// The template tag that decides whether it is there.
    condition: Option<Why>,
}

impl Line<'_> {
    fn text(&self, index: usize) -> Option<Text> {
        let word = self.arguments.get(index)?;
        Some(word.text(&self.frame.source.text, self.frame.tree.template))
    }

    fn place(&self, index: usize) -> Loc {
        self.arguments.get(index).map_or(self.name_at, |word| Loc::new(self.frame.file, word.place()))
    }

    fn joined(&self) -> Value {
        if let [one] = self.arguments {
            Build::value(self.frame, *one)
        } else {
            let mut pieces = Vec::new();
            for (index, word) in self.arguments.iter().enumerate() {
                if index > 0 {
                    pieces.push(Piece::Known(" ".into()));
                }
                match word.text(&self.frame.source.text, self.frame.tree.template) {
                    Text::Known(text) => pieces.push(Piece::Known(text)),
                    Text::Pieces(more) => pieces.extend(more),
                }
            }
            Value::Text(Text::from_pieces(pieces))
        }
    }

    fn node(&self, value: Value) -> Node {
        Node::set(value, self.at).named(self.name_at)
    }

    fn words(&self) -> impl Iterator<Item = Node> {
        self.arguments.iter().map(|word| {
            Node::set(Build::value(self.frame, *word), Loc::new(self.frame.file, word.place())).named(self.name_at)
        })
    }
}

pub(super) fn condition(frame: &Frame, statement: &Statement) -> Option<Why> {
    let tag = statement.condition?;
    let raw = frame.source.text.get(tag.range()).unwrap_or_default();
    Some(Why::Template(template::shorten(raw)))
}

/// A word as nginx's table spells it: of those that are all that a directive takes, nginx asks for no case.
fn as_spelled(value: Value, rows: &'static [grammar::Row]) -> Value {
    let Some(text) = value.as_str() else { return value };
    let words = rows.iter().flat_map(|row| match row.takes {
        Takes::One(words) | Takes::Some(words) => words,
        _ => &[],
    });
    let spelled = words.copied().find(|word| word.eq_ignore_ascii_case(text));
    spelled.filter(|word| *word != text).map_or(value, Value::text)
}

/// Puts the value into the scope.
fn set(build: &mut Build<'_, '_>, line: &Line<'_>, known: Option<&Directive>) {
    let shape = known.map_or(Shape::Lines, |known| known.shape);
    let Some(scope) = build.model.scope(line.frame.scope) else { return };
    let key = build.model.key(scope.kind, line.name);
    let rows = || if line.frame.place == Place::Stream { &[] } else { grammar::rows(line.name) };
    let value = match shape {
        Shape::Flag => match line.text(0) {
            Some(Text::Known(text)) => Value::Bool(text.eq_ignore_ascii_case("on")),
            Some(Text::Pieces(_)) | None => Value::Unknown(Why::Template(line.name.into())),
        },
        Shape::Present => Value::Bool(true),
        Shape::One => as_spelled(line.joined(), rows()),
        Shape::Words | Shape::Union => {
            let word = |node: Node| Node { value: as_spelled(node.value, rows()), ..node };
            Value::List(line.words().map(word).collect())
        }
        Shape::Lines => Value::List(vec![line.node(line.joined())]),
    };
    let first = build.model.scope(line.frame.scope).and_then(|scope| scope.own.get(key));
    // What is set in a file that is not at hand may not be in that version of it.
    let first = first.filter(|node| !matches!(node.value, Value::Unknown(Why::File(_)))).map(|node| node.at);
    let once = match known {
        Some(known) => known.shape.once() || line.name == "internal",
        None => rows().iter().any(|row| row.takes.once()),
    };
    // The last one holds.
    let once = (once || grammar::once(line.name)) && line.name != "fastcgi_split_path_info";
    if once && first.is_some() && line.condition.is_none() && !line.frame.conditional {
        let message = format!("`{}` is set twice in one block; nginx refuses that", line.name);
        accepts::refuse(build, line.frame, line.statement, 0, message);
        return;
    }
    if matches!(line.name, "root" | "alias") && line.condition.is_none() {
        let other = if line.name == "root" { "alias" } else { "root" };
        let kind = build.model.scope(line.frame.scope).map(|scope| scope.kind);
        let key = kind.and_then(|kind| build.model.format.schema.key(kind, other));
        if key.zip(build.model.scope(line.frame.scope)).is_some_and(|(key, scope)| scope.own.get(key).is_some()) {
            let message = "nginx refuses `root` beside `alias` in one block".into();
            accepts::refuse(build, line.frame, line.statement, 0, message);
        }
    }
    let Some(scope) = build.model.scope_mut(line.frame.scope) else { return };
    if let Some(why) = &line.condition {
        if matches!(shape, Shape::Flag | Shape::One | Shape::Words | Shape::Union) {
            scope.own.set(key, line.node(Value::Unknown(why.clone())));
        } else {
            scope.open.get_or_insert(why.clone());
            if shape == Shape::Lines {
                scope.own.push(key, line.node(Value::Unknown(why.clone())));
            }
        }
        return;
    }
    match (scope.own.get_mut(key), value) {
        (Some(Node { value: Value::List(list), .. }), Value::List(more)) if !shape.once() => list.extend(more),
        // What a template left open stays so, whatever stands beside it.
        (Some(Node { value: Value::Unknown(_), .. }), _) => {}
        (_, value) => {
            scope.own.set(key, line.node(value));
        }
    }
}

/// What a directive means beyond its value.
fn special(build: &mut Build<'_, '_>, line: &Line<'_>) {
    match line.name {
        "listen" if line.frame.place == Place::Server => listen(build, line),
        "add_header" => {
            compose(build, line, "add_header", 1);
            header(build, line);
        }
        "allow" | "deny" => access(build, line),
        "return" => {
            let code = match line.text(0) {
                Some(Text::Known(text)) => text.parse().ok(),
                _ => None,
            };
            // A lone URL is a redirect with status 302.
            let (code, target) = match (code, line.text(1)) {
                (Some(code), target) => (Some(code), target.map(|_| 1)),
                (None, None) => (Some(302), Some(0)),
                (None, Some(_)) => (None, Some(1)),
            };
            if code.is_none_or(|code| matches!(code, 301 | 302 | 303 | 307 | 308)) {
                redirect(build, line, target);
            }
            if let Some(index) = target.filter(|_| code.is_some_and(|code| matches!(code, 301..=303 | 307 | 308))) {
                compose(build, line, "return", index);
            }
            let target = target.and_then(|index| line.text(index));
            step(build, line, Step::Return { code, target, conditional: line.condition.is_some() });
        }
        "rewrite" => rewrite(build, line),
        "break" => step(build, line, Step::Break),
        "set" => {
            if let (Some(Text::Known(name)), Some(value)) = (line.text(0), line.text(1)) {
                define(build, &name, Definition::Set(line.frame.scope, value));
            }
        }
        "auth_request_set" | "js_set" | "perl_set" | "set_by_lua" | "set_by_lua_file" => {
            if let Some(Text::Known(name)) = line.text(0) {
                define(build, &name, Definition::Other);
            }
        }
        "set_real_ip_from" | "real_ip_header" => {
            build.site.forwarded = true;
            if line.name == "set_real_ip_from" {
                super::clients::real_ip_source(build, line.frame, line.text(0).as_ref(), line.place(0));
            }
        }
        "resolver" => {
            let words = (0..line.arguments.len()).filter_map(|index| Some((line.text(index)?, line.place(index))));
            super::clients::lookup(build, line.frame, words.collect(), line.at);
        }
        "valid_referers" => {
            let words = (0..line.arguments.len()).filter_map(|index| Some((line.text(index)?, line.place(index))));
            super::origins::referers(build, line.frame, &words.collect::<Vec<_>>(), line.at);
        }
        "proxy_set_header" => {
            compose(build, line, "proxy_set_header", 1);
            build.site.forwarded |= line.arguments.iter().any(|word| forwarded(&word.spelt(&line.frame.source.text)));
        }
        "fastcgi_param" | "uwsgi_param"
            if line.arguments.iter().any(|word| forwarded(&word.spelt(&line.frame.source.text))) =>
        {
            build.site.forwarded = true;
        }
        "ssl_certificate_key" => {
            if let Some(Text::Known(path)) = line.text(0)
                && build.is_for_everybody(&path)
            {
                build.site.exposed_keys.insert(line.at);
            }
            if let Some(Text::Known(path)) = line.text(0)
                && let Some(key) = build.tracked_key(&path)
            {
                build.site.tracked_keys.insert(line.at, key);
            }
        }
        "ssl_session_ticket_key" => {
            if let Some(Text::Known(path)) = line.text(0)
                && build.lies_in_tree(&path)
            {
                build.site.found_files.insert(line.at);
            }
        }
        "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass" | "memcached_pass" => {
            if line.name == "proxy_pass" {
                compose(build, line, "proxy_pass", 0);
            }
            pass(build, line);
        }
        _ => {}
    }
}

/// Whether a word reads what only a proxy before this one sets.
pub(super) fn forwarded(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    [
        "$http_x_forwarded_proto",
        "$http_x_forwarded_ssl",
        "$http_x_forwarded_scheme",
        "$http_cloudfront_forwarded_proto",
        "$http_x_scheme",
    ]
    .iter()
    .any(|name| lower.contains(name))
}

pub(super) fn define(build: &mut Build<'_, '_>, name: &str, definition: Definition) {
    let name = variables::name(name.trim_start_matches('$'));
    build.site.variables.entry(name.into()).or_default().push(definition);
}

/// Headers and URLs of one configuration that are looked at for what is put into them.
const MOST_COMPOSED: usize = 100_000;

/// Notes a header or a URL that has variables in it.
fn compose(build: &mut Build<'_, '_>, line: &Line<'_>, directive: &'static str, index: usize) {
    let Some(text) = line.text(index) else { return };
    let variables = match &text {
        Text::Known(text) => text.contains('$'),
        Text::Pieces(pieces) => pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains('$'))),
    };
    if variables && build.site.composed.len() < MOST_COMPOSED {
        let at = line.place(index);
        build.site.composed.push(Composed { scope: line.frame.scope, directive, text, at });
    }
}

fn step(build: &mut Build<'_, '_>, line: &Line<'_>, step: Step) {
    build.site.steps.entry(line.frame.scope).or_default().push(step);
}

pub(super) fn fact(build: &mut Build<'_, '_>, scope: ScopeId, name: &str, node: Node) {
    let Some(kind) = build.model.scope(scope).map(|scope| scope.kind) else { return };
    let key = build.model.key(kind, name);
    if let Some(scope) = build.model.scope_mut(scope) {
        scope.own.set(key, node);
    }
}

fn listen(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let known = |text: Text| match text {
        Text::Known(text) => Some(text.into_string()),
        Text::Pieces(_) => None,
    };
    // A placeholder tells by its name whether it is a port.
    let address = line.text(0).map(|text| match text {
        Text::Known(text) => text.into_string(),
        Text::Pieces(pieces) => listen::spelt(&pieces),
    });
    let parameters: Vec<_> = (1..line.arguments.len()).map(|index| line.text(index).and_then(known)).collect();
    let mut listen = Listen::parse(address.as_deref(), &parameters);
    listen.unsure |= line.condition.is_some();
    let label = line.text(0).and_then(known).unwrap_or_default();
    let scope = build.scope("listen", &label, Some(line.frame.scope), line.at);
    build.site.forwarded |= listen.proxied;
    build.site.listens.entry(line.frame.scope).or_default().push((scope, listen));
}

/// Header lines of one block that are looked at.
const MOST_HEADERS: usize = 500;

fn header(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let owner = line.frame.scope;
    let set = if let Some(set) = build.site.headers.get(&owner) {
        set.scope
    } else {
        let scope = build.scope("header_set", "", Some(owner), line.at);
        build.site.headers.insert(owner, HeaderSet { scope, headers: Vec::new() });
        scope
    };
    if let Some(why) = &line.condition {
        build.open(set, why.clone());
    }
    if build.site.headers.get(&owner).is_some_and(|set| set.headers.len() >= MOST_HEADERS) {
        build.open(set, Why::Limit("a block with that many header lines is not judged in full"));
        return;
    }
    let label = match line.text(0) {
        Some(Text::Known(name)) => name,
        _ => "".into(),
    };
    let scope = build.scope("header", &label, Some(set), line.at);
    let name = match line.text(0) {
        Some(Text::Known(name)) => Value::text(name.to_ascii_lowercase()),
        _ => Value::Unknown(Why::Template(line.name.into())),
    };
    fact(build, scope, "name", Node::set(name, line.place(0)));
    let value = line.text(1).map_or(Value::text(""), Value::Text);
    fact(build, scope, "value", Node::set(value, line.place(1)));
    let always = matches!(line.text(2), Some(Text::Known(word)) if &*word == "always");
    fact(build, scope, "always", Node::set(Value::Bool(always), line.place(2)));
    if line.condition.is_some() {
        build.open(scope, Why::Template("add_header".into()));
    }
    if let Some(set) = build.site.headers.get_mut(&owner) {
        set.headers.push(scope);
    }
}

fn access(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let owner = line.frame.scope;
    let Some(address) = line.text(0) else { return };
    if !build.site.access.contains_key(&owner) {
        let scope = build.scope("access", "", Some(owner), line.at);
        build
            .site
            .access
            .insert(owner, Access { scope, entries: Vec::new(), end: answers::Access::Unknown, nobody: false });
    }
    let entry =
        Entry { allow: line.name == "allow", address, at: line.place(0), conditional: line.condition.is_some() };
    if let Some(access) = build.site.access.get_mut(&owner) {
        access.entries.push(entry);
    }
}

fn redirect(build: &mut Build<'_, '_>, line: &Line<'_>, target: Option<usize>) {
    let Some(index) = target else { return };
    let Some(text) = line.text(index) else { return };
    let scope = build.scope("redirect", line.name, Some(line.frame.scope), line.at);
    fact(build, scope, "directive", Node::set(Value::text(line.name), line.name_at));
    fact(build, scope, "target", Node::set(Value::Text(text), line.place(index)));
}

fn rewrite(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let (Some(regex), Some(target)) = (line.text(0), line.text(1)) else { return };
    let flag = match line.text(2) {
        Some(Text::Known(flag)) => match &*flag {
            "last" => Flag::Last,
            "break" => Flag::Break,
            "redirect" | "permanent" => Flag::Redirect,
            _ => Flag::None,
        },
        _ => Flag::None,
    };
    let absolute = match &target {
        Text::Known(text) => text.starts_with("http://") || text.starts_with("https://") || text.starts_with("$scheme"),
        Text::Pieces(_) => false,
    };
    let flag = if absolute { Flag::Redirect } else { flag };
    if flag == Flag::Redirect {
        compose(build, line, "rewrite", 1);
        redirect(build, line, Some(1));
    }
    step(build, line, Step::Rewrite { regex, flag, conditional: line.condition.is_some() });
}

fn pass(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let Some(target) = line.text(0) else { return };
    let scope = build.scope("proxy", line.name, Some(line.frame.scope), line.at);
    fact(build, scope, "directive", Node::set(Value::text(line.name), line.name_at));
    fact(build, scope, "target", Node::set(Value::Text(target), line.place(0)));
    build.site.passes.insert(line.frame.scope, scope);
}
