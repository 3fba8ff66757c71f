use super::build::{self, Built};
use super::*;
use crate::model::{Node, Value};
use crate::text::{FileId, Source};

fn built(text: &str) -> Built {
    let yaml = parse(text);
    assert_eq!(yaml.fault, None, "{text}");
    build::build(yaml.documents.first().unwrap(), FileId(0), text).unwrap()
}

fn at<'n>(node: &'n Node, path: &str) -> &'n Node {
    path.split('/').fold(node, |node, key| match &node.value {
        Value::List(list) => &list[key.parse::<usize>().unwrap()],
        value => value.entry(key).unwrap_or_else(|| panic!("{key} of {path}")),
    })
}

fn slice<'t>(text: &'t str, node: &Node) -> &'t str {
    &text[node.at.span.range()]
}

#[test]
fn spans_are_bytes_of_the_source() {
    for text in [
        "a: é x\nb:\n  - \"q\\n\" # c\n  - {k: v}\nc: |\n  one\n  two\nd: last\n",
        "\u{feff}a: é x\r\nb:\r\n  - \"q\\n\" # c\r\n  - {k: v}\r\nc: |\r\n  one\r\n  two\r\nd: last\r\n",
    ] {
        let root = built(text).root;
        assert_eq!(slice(text, at(&root, "a")), "é x");
        assert_eq!(&text[at(&root, "b").name_at.unwrap().span.range()], "b");
        assert_eq!(slice(text, at(&root, "b/0")), "\"q\\n\"");
        assert_eq!(slice(text, at(&root, "b/1")), "{k: v}");
        assert_eq!(slice(text, at(&root, "b/1/k")), "v");
        assert_eq!(at(&root, "c").value.as_str(), Some("one\ntwo\n"));
        assert_eq!(slice(text, at(&root, "d")), "last");
        let comments = parse(text).comments;
        assert_eq!(comments.iter().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["# c"]);
    }
}

#[test]
fn a_block_ends_with_its_last_item() {
    let text = "a:\n  b:\n    c: 1\n\n# far below\n\nd: 2\n";
    let root = built(text).root;
    assert_eq!(slice(text, at(&root, "a")), "b:\n    c: 1");
}

#[test]
fn merge_keys_lose_to_local_ones_and_keep_their_place() {
    let text = "x: &x {k: 1, m: 1}\ny: &y {k: 2, n: 2}\nz:\n  <<: [*x, *y]\n  m: 3\nw:\n  m: 4\n  <<: *y\n";
    let root = built(text).root;
    assert_eq!(at(&root, "z/k").value, Value::Int(1));
    assert_eq!(at(&root, "z/n").value, Value::Int(2));
    assert_eq!(at(&root, "z/m").value, Value::Int(3));
    assert_eq!(at(&root, "w/k").value, Value::Int(2));
    assert_eq!(at(&root, "z/k").at, at(&root, "x/k").at);
}

#[test]
fn tags_of_compose_are_taken_out() {
    let built = built("a:\n  b: !reset []\n  c: !override [1]\n  d: [x, !reset y]\n");
    assert!(at(&built.root, "a").value.entry("b").is_none());
    assert_eq!(at(&built.root, "a/c/0").value, Value::Int(1));
    let paths: Vec<_> = built.tagged.iter().map(|tagged| (tagged.path.join("."), tagged.reset)).collect();
    assert_eq!(paths, [("a.b".to_owned(), true), ("a.c".to_owned(), false), ("a.d.[1]".to_owned(), true)]);
}

#[test]
fn what_go_refuses_is_a_fault_with_its_place() {
    for (text, place, message) in [
        ("a: 1\nb: 2\na: 3\n", "a", "mapping key `a` already defined at line 1"),
        ("a: *nowhere\n", "*nowhere", "unknown anchor `nowhere` referenced"),
        ("a: &a [*a]\n", "*a", "an anchor's value contains itself"),
        ("? [x]\n: y\n", "[x]", "a key must be a string"),
        ("1: y\n", "1", "the key `1` is not a string"),
        ("a: [b, :x]\n", ":x", "did not find expected node content: in brackets a `:` ends a key"),
        ("a: {b: :x}\n", ":x", "did not find expected node content: in brackets a `:` ends a key"),
        ("a: {<<: 3}\n", "<<", "map merge requires map or sequence of maps as the value"),
    ] {
        let yaml = parse(text);
        let built = build::build(&yaml.documents[0], FileId(0), text).unwrap();
        let fault = built.faults.first().unwrap_or_else(|| panic!("{text}"));
        assert_eq!((&text[fault.at.range()], fault.message.as_str()), (place, message));
    }
}

#[test]
fn in_brackets_a_colon_belongs_to_the_text_before_it_unless_a_blank_follows() {
    let root = built("a: [x:, y:z, u: v, {w: }]\nb: [x:]\n").root;
    assert_eq!(at(&root, "a/0").value, Value::text("x:"));
    assert_eq!(at(&root, "a/1").value, Value::text("y:z"));
    assert_eq!(at(&root, "a/2/u").value, Value::text("v"));
    assert_eq!(at(&root, "a/3/w").value, Value::Null);
    assert_eq!(at(&root, "b/0").value, Value::text("x:"));
}

#[test]
fn a_broken_file_keeps_what_precedes_the_fault() {
    let text = "a:\n  b: 1\n  c: 'x\nd: 2\n";
    let yaml = parse(text);
    let fault = yaml.fault.unwrap();
    assert!(Source::new("x", text).position(fault.at.start).line > 2, "{fault:?}");
    let root = build::build(&yaml.documents[0], FileId(0), text).unwrap().root;
    assert_eq!(at(&root, "a/b").value, Value::Int(1));
}

#[test]
fn hostile_files_end_soon() {
    let level = |n: u32| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","));
    let levels: Vec<String> = (1..12).map(level).collect();
    let bomb = format!("a0: &a0 [x,x,x,x,x,x,x,x,x]\n{}", levels.concat());
    let yaml = parse(&bomb);
    let built = build::build(&yaml.documents[0], FileId(0), &bomb).unwrap();
    assert_eq!(built.faults[0].message, "aliases expand to too many values");
    assert!(parse(&"[".repeat(10_000)).fault.is_some());
    let nested: Vec<String> = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(parse(&nested.concat()).fault.is_some());
    assert_eq!(parse("").documents.len(), 0);
}

#[test]
fn several_documents_are_kept_apart() {
    let yaml = parse("a: 1\n---\nb: &x 2\n...\n---\nc: 3\n");
    assert_eq!(yaml.documents.len(), 3);
}

#[test]
fn templates_leave_holes() {
    let text = "a: {{ x }}\nb: pre-{{ y }}-post\n{% if z %}\nc: \"{{ w }}\"\n{% endif %}\n";
    let covered = masked(text);
    let yaml = parse(&covered);
    assert_eq!(yaml.fault, None);
    let root = build::build(&yaml.documents[0], FileId(0), text).unwrap().root;
    assert!(matches!(&at(&root, "b").value, Value::Text(crate::model::Text::Pieces(pieces)) if pieces.len() == 3));
    assert_eq!(slice(text, at(&root, "c")), "\"{{ w }}\"");
}

#[test]
fn a_file_with_too_many_values_is_cut_short() {
    // The values of all documents count together.
    let text = format!("- a\n- b\n{}", "--- c\n".repeat(MAX_ITEMS));
    let yaml = parse(&text);
    let fault = yaml.fault.unwrap();
    assert_eq!(fault.message, "the file has more than 500000 values");
    assert!(fault.at.start > 0 && (fault.at.start as usize) < text.len());
    let kept: usize = yaml.documents.iter().map(|document| document.items.len()).sum();
    assert_eq!(kept, MAX_ITEMS + 1, "what precedes the fault is kept");
}

/// A block scalar without a line of its own ends where its head does, and not where the parser notices that.
#[test]
fn an_empty_block_scalar_ends_with_its_head() {
    for (text, head) in [
        ("a: >-\nb: 1\n", ">-"),
        ("a: |\n\n\nb: 1\n", "|"),
        ("a:\r\n  - x: |+ # why\r\n    y: 1\r\n", "|+ # why"),
        ("a:\n  - |2-\nb: 1\n", "|2-"),
        ("a: !!str &x |\nb: 1\n", "|"),
        ("a: |\n  x\n  y\n\nb: 1\n", "|\n  x\n  y"),
    ] {
        let yaml = parse(text);
        let document = &yaml.documents[0];
        let (_, value) = document.entries().next().unwrap();
        let value = match (&value.kind, document.entries().find(|(key, _)| &text[key.span.range()] == "x")) {
            (_, Some((_, inner))) => inner,
            _ => value,
        };
        assert_eq!(document.end(text, value) as usize, text.find(head).unwrap() + head.len(), "{text}");
    }
}
