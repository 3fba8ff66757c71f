//! A format that exists for tests only, and a small configuration in it, put together by hand.

use hardlint_config::formats::{Format, Printed};
use hardlint_config::model::{
    Assumed, Branch, Defaults, Entry, Model, Node, Origin, Piece, Scope, ScopeId, Text, Value, Why,
};
use hardlint_config::schema::{Default, Index, Key, Kind, Schema, Type};
use hardlint_config::text::{FileId, Loc, Span};
use hardlint_config::version::{Version, Versions};
use std::sync::Arc;

pub(crate) const FILE: &str = "sample.conf";

/// What the model is of; its values are looked up by their texts, which stand once each.
pub(crate) const TEXT: &str = "\
header H1; header H2;
server one {
  root /srv/one; browse on; level 7;
  cipher RC4 AES; token 'hunter2';
  header H3;
  env { USER=root; MODE=dev; }
  location /files { alias /data/; browse off; }
  location /img { }
}
server two {
  root /var/${DIR}/www; include missing.conf;
  location /open { }
}
server three {
  if DEBUG { root /dbg; level 1; } else { root /rel; level 2; }
}
";

const PAGE: &str = "https://example.org";

const fn key(name: &'static str, ty: Type, kinds: &'static [&'static str], inherits: bool, default: Default) -> Key {
    Key { name, ty, kinds, inherits, default, fact: false, secret: false, doc: "A key.", url: PAGE }
}

const TEXTS: Type = Type::List(&Type::String);
const ALL: &[&str] = &["file", "server", "location"];
const BOTH: &[&str] = &["server", "location"];

static SCHEMA: Schema = Schema {
    kinds: &[
        Kind { name: "file", plural: "files", doc: "The file." },
        Kind { name: "server", plural: "servers", doc: "A server." },
        Kind { name: "location", plural: "locations", doc: "A location." },
        Kind { name: "socket", plural: "socket_scopes", doc: "A socket." },
    ],
    keys: &[
        key("alias", Type::String, &["location"], false, Default::Absent),
        key("anything", Type::Any, &["server"], false, Default::Absent),
        key("browse", Type::Bool, ALL, true, Default::Always("false")),
        key("cipher", TEXTS, ALL, true, Default::Always("HIGH LOW")),
        Key { fact: true, ..key("default_server", Type::Scope("server"), &["socket"], false, Default::Absent) },
        key("env", Type::Map(&Type::String), &["server"], false, Default::Absent),
        key("header", TEXTS, ALL, true, Default::Absent),
        key("level", Type::Int, BOTH, true, Default::Absent),
        key(
            "protocol",
            Type::String,
            ALL,
            true,
            Default::Since(&[(Version([1, 0, 0]), "old"), (Version([2, 0, 0]), "new")]),
        ),
        key("root", Type::String, ALL, true, Default::Absent),
        Key { fact: true, ..key("sockets", Type::List(&Type::Scope("socket")), &["server"], false, Default::Filled) },
        Key {
            fact: true,
            doc: "Whether TLS is spoken: on one line for all.",
            ..key("tls", Type::Bool, &["socket"], false, Default::Filled)
        },
        Key { secret: true, ..key("token", Type::String, &["server"], false, Default::Absent) },
    ],
    program: "sample",
    supported: Versions { oldest: Version([1, 0, 0]), newest: Version([2, 5, 0]) },
    index: Index::new(),
};

pub(crate) static FORMAT: Format = Format {
    id: "sample",
    title: "a sample",
    names: &[],
    sniff: |_, _| false,
    comment: "#",
    schema: &SCHEMA,
    links: |_, _, _| Vec::new(),
    resolve: |_, _, _, model| model,
    print: |_, _, _| Printed::One(String::new()),
    comments: |_| Vec::new(),
    words: hardlint_config::formats::words::Words::NONE,
    identity: hardlint_config::formats::label,
    edit: hardlint_config::formats::edit::text_only,
};

pub(crate) fn hole(name: &str) -> Piece {
    Piece::Hole(Why::Variable(name.into()))
}

/// The place of a text.
pub(crate) fn at(text: &str) -> Loc {
    let start = TEXT.find(text).unwrap();
    assert_eq!(TEXT.matches(text).count(), 1, "`{text}` stands once");
    Loc::new(FileId(0), Span::new(start, start + text.len()))
}

/// Text that is written as it is.
fn text(text: &str) -> Node {
    Node::set(Value::text(text), at(text))
}

/// A value that is written like this.
fn written(value: Value, as_text: &str, value_text: &str) -> Node {
    let whole = at(as_text);
    let start = whole.span.start as usize + as_text.rfind(value_text).unwrap();
    Node::set(value, Loc::new(FileId(0), Span::new(start, start + value_text.len())))
}

fn list(nodes: Vec<Node>) -> Node {
    let at = nodes[0].at;
    Node::set(Value::List(nodes), at)
}

fn push(model: &mut Model, kind: &str, label: &str, parent: Option<ScopeId>, header: &str) -> ScopeId {
    let kind = SCHEMA.kind_named(kind).unwrap();
    let place = if header.is_empty() { Loc::new(FileId(0), Span::new(0, 0)) } else { at(header) };
    let mut scope = Scope::new(kind, label, parent, place);
    if let Some(offset) = header.find(label).filter(|_| !label.is_empty()) {
        let start = place.span.start as usize + offset;
        scope.label_at = Loc::new(FileId(0), Span::new(start, start + label.len()));
    }
    model.push(scope)
}

fn set(model: &mut Model, scope: ScopeId, key: &str, node: Node) {
    let kind = model.scope(scope).unwrap().kind;
    let key = model.key(kind, key);
    model.scope_mut(scope).unwrap().own.set(key, node);
}

/// The model of [`TEXT`]: servers one (all known), two (a hole, and open), three (choices), and two sockets of one.
pub(crate) fn model() -> Model {
    let versions = SCHEMA.supported;
    let mut model = Model::new(&FORMAT, FILE.into(), versions, Arc::new(Defaults::new(&SCHEMA, versions)));
    let file = push(&mut model, "file", "", None, "");
    set(&mut model, file, "header", list(vec![text("H1"), text("H2")]));
    one(&mut model, file);

    let two = push(&mut model, "server", "two", Some(file), "server two {");
    let pieces = vec![Piece::Known("/var/".into()), hole("DIR"), Piece::Known("/www".into())];
    set(&mut model, two, "root", Node::set(Value::Text(Text::from_pieces(pieces)), at("/var/${DIR}/www")));
    model.scope_mut(two).unwrap().open = Some(Why::File("missing.conf".into()));
    push(&mut model, "location", "/open", Some(two), "location /open {");

    let three = push(&mut model, "server", "three", Some(file), "server three {");
    let branch = |when: &str, node| Branch { when: when.into(), node };
    let choice = |yes: Node, no: Node| {
        let place = yes.at;
        Node::set(Value::Choice(vec![branch("DEBUG", yes), branch("not DEBUG", no)]), place)
    };
    set(&mut model, three, "root", choice(text("/dbg"), text("/rel")));
    let levels = (written(Value::Int(1), "level 1", "1"), written(Value::Int(2), "level 2", "2"));
    set(&mut model, three, "level", choice(levels.0, levels.1));
    set(&mut model, three, "sockets", Node::derived(Value::List(Vec::new()), at("server three {"), Vec::new()));
    model
}

fn one(model: &mut Model, file: ScopeId) {
    let one = push(model, "server", "one", Some(file), "server one {");
    model.scope_mut(one).unwrap().extent = Span::new(0, TEXT.len());
    set(model, one, "root", text("/srv/one"));
    set(model, one, "browse", written(Value::Bool(true), "browse on", "on"));
    set(model, one, "level", written(Value::Int(7), "level 7", "7"));
    set(model, one, "cipher", list(vec![text("RC4"), text("AES")]));
    let token = Node::set(Value::text("hunter2"), at("'hunter2'")).named(at("token"));
    set(model, one, "token", token);
    set(model, one, "header", list(vec![text("H3")]));
    let entry = |key: &str, value: &str| Entry { key: key.into(), node: text(value).named(at(key)) };
    let env = vec![entry("USER", "root;"), entry("MODE", "dev")];
    let env = env.into_iter().map(|entry| match &*entry.key {
        "USER" => Entry { node: Node { value: Value::text("root"), ..entry.node }, ..entry },
        _ => entry,
    });
    set(model, one, "env", Node::set(Value::Map(env.collect()), at("env {")));
    let files = push(model, "location", "/files", Some(one), "location /files {");
    set(model, files, "alias", text("/data/"));
    set(model, files, "browse", written(Value::Bool(false), "browse off", "off"));
    push(model, "location", "/img", Some(one), "location /img {");
    let mut sockets = Vec::new();
    for (label, tls) in [("80", false), ("443", true)] {
        let socket = push(model, "socket", label, Some(file), "");
        set(model, socket, "tls", Node::derived(Value::Bool(tls), at("server one {"), Vec::new()));
        let reference = Node::derived(Value::Scope(one), at("server one {"), Vec::new());
        set(model, socket, "default_server", reference);
        sockets
            .push(Node { origin: Origin::Set, ..Node::derived(Value::Scope(socket), at("server one {"), Vec::new()) });
    }
    set(model, one, "sockets", Node::derived(Value::List(sockets), at("server one {"), Vec::new()));
}

/// As [`model`], with something missing around server one that its program tolerates.
pub(crate) fn assumed_model(overrules: bool) -> Model {
    let mut model = model();
    model.scopes[0].assumed = Some(Assumed { what: Why::File("conf.d/*.conf".into()), overrules });
    model
}

/// The scope with that label.
pub(crate) fn scope(model: &Model, label: &str) -> ScopeId {
    let found = model.scopes.iter().position(|scope| &*scope.label == label).unwrap();
    ScopeId(u32::try_from(found).unwrap())
}
