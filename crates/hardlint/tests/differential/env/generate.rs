//! Writes files of variables: what some reader takes, and what one takes for something else than the next.

use crate::case::Case;
use crate::write::{self, Bytes, Mood};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const NAMES: &[&str] = &["A", "B", "C", "DB_URL", "SECRET_KEY", "a", "_X", "A1", "PATH_INFO"];
/// What is a name to some reader, or looks like one.
const ODD_NAMES: &[&str] = &[
    "A.B",
    "A-B",
    "1A",
    "A[0]",
    "'A'",
    "\"A\"",
    "",
    "export",
    "\u{c4}",
    "A B",
    "export A",
    "A:B",
    "$A",
    "${A}",
    "A#B",
    "'A",
    "A'",
    "\u{a0}A",
    "'A B'",
    "''",
    "\u{feff}A",
    "A,",
    "[A]",
    "A/B",
    "exportA",
    "A\\",
    "\u{661}",
];
const SEPARATORS: &[&str] =
    &["=", "=", "= ", " = ", " =", "\t=\t", "=  ", ": ", ":", " : ", "==", "=\u{a0}", "=\x0b", " ", "=\\"];
/// What values are made of.
const PIECES: &[&str] = &[
    "x",
    "abc",
    "1",
    "true",
    "a b",
    "/srv/x",
    "postgres://u:p%40s@db:5432/x?a=b",
    "a,b",
    " ",
    "#",
    " #",
    " # c",
    "\t# c",
    "$A",
    "${A}",
    "${B}",
    "${A:-d}",
    "${UNSET}",
    "$UNSET",
    "${UNSET:-d e}",
    "${UNSET-d}",
    "${A:+y}",
    "${A+y}",
    "${UNSET:?no}",
    "${A:?no}",
    "$$",
    "$",
    "${",
    "${A",
    "}",
    "\\n",
    "\\t",
    "\\\\",
    "\\\"",
    "\\'",
    "\\$",
    "\\",
    "\\x41",
    "\\u0041",
    "'",
    "\"",
    "`",
    "=",
    ":",
    "\u{e9}",
    "\u{2028}",
    "\u{85}",
    "\x0b",
    "\x0c",
    "\x1c",
    "{\"a\": 1}",
    "it's",
    "${A:-${B}}",
    "${B:-\"q\"}",
    "$1",
    "${1}",
    "$A-$B",
    "${A}b",
    "$(id)",
    "%(A)s",
    "\u{a0}",
    "\t",
    "!",
    "~",
    "\\a\\b\\f\\v\\r",
    "\\0",
    "${UNSET:-}",
    "${A:=d}",
    "${ A }",
    "${A:-'}",
    "\\u00e9",
    "$A.b",
    "${A.b}",
    "${A:-a}b}",
    "$_X",
    "${A:-$B}",
    "${A:-#}",
    "\\ ",
    "\u{1f600}",
    "ends\\",
];

/// How a value is quoted.
const QUOTES: &[(&str, &str)] = &[
    ("", ""),
    ("\"", "\""),
    ("'", "'"),
    ("\"", ""),
    ("'", ""),
    ("", "\""),
    ("", "'"),
    ("\"'", "'\""),
    ("'\"", "\"'"),
    ("`", "`"),
    ("\"\"", "\"\""),
    (" \"", "\""),
    ("\"", "'"),
    ("\"\"", ""),
    ("''", ""),
    ("a\"", "\""),
    ("\u{a0}'", "'"),
];

fn value() -> BoxedStrategy<Bytes> {
    let quotes = prop_oneof![4 => Just(QUOTES[0]), 3 => Just(QUOTES[1]), 2 => Just(QUOTES[2]), 2 => select(QUOTES)];
    let piece = prop_oneof![4 => select(&PIECES[..5]), 5 => select(PIECES), 1 => select(vec!["\n", "\r\n", "\nB=1\n", "\n\n", "\r", "\n# c\n"])];
    let tail = prop_oneof![8 => Just(""), 1 => select(vec![" ", "\t", " # c", "#c", " x", "x", " 'c'", " \"", " # it's", " = x", "\\", " \\", ";", "\u{a0}", "\x0b", " #"])];
    let pieces = prop_oneof![1 => Just(Vec::new()), 6 => vec(piece.clone(), 1..3), 2 => vec(piece, 2..6)];
    (quotes, pieces, tail)
        .prop_map(|((open, close), pieces, tail)| [open, &pieces.concat(), close, tail].concat().into_bytes())
        .boxed()
}

fn assignment() -> impl Strategy<Value = Bytes> {
    let export = prop_oneof![12 => Just(""), 2 => Just("export "), 1 => select(vec!["export\t", "export  ", "EXPORT ", "export\u{a0}", "set ", "export export ", "export"])];
    let name = prop_oneof![12 => select(NAMES), 2 => select(ODD_NAMES)];
    let separator = prop_oneof![12 => Just("="), 3 => select(SEPARATORS)];
    (export, name, separator, value()).prop_map(|(export, name, separator, value)| {
        write::joined(&[export.as_bytes(), name.as_bytes(), separator.as_bytes(), &value])
    })
}

fn odd() -> impl Strategy<Value = Bytes> {
    let texts: Vec<&'static [u8]> = vec![
        b"",
        b"# comment",
        b"  # A=1",
        b"#A=1 'x",
        b"   ",
        b"\t",
        b"A",
        b"export A",
        b"export",
        b"=",
        b"=x",
        b"A=",
        b"; A=1",
        b"[section]",
        b"A: x",
        b"A:x",
        b"- A=1",
        b"A = x = y",
        b"A=\xff",
        b"A='\xe9'",
        b"\xff=1",
        b"# \xff",
        b"A=a\x00b",
        b"\x00",
        b"\xef\xbb\xbfA=1",
        b"'",
        b"\"",
        b"A=\"",
        b"A='",
        b"A B C",
        b"A B=1",
        b"{}",
        b"A=1;B=2",
        b"export A B=1",
        b"export A=1 B=2",
        b"A+=1",
        b"unset A",
        b"source x",
        b"if true",
        b"A=(1 2)",
        b"A=<<E",
        b"A==",
        b"A=\x1a",
        b"A=1\x1d",
        b"--- x",
        b"// c",
        b"A=1 // c",
        b"export 'A'=1",
        b"A\xc2\xa0=1",
        b"\xc2\xa0A=1",
        b"\x0bA=1",
        b"\x0c",
        b"A=1\x00",
        b"export=1",
        b"export =1",
        b"export = 1",
        b"exportB=1",
        b"A=${B:-\"a b\"}",
        b"A=\"-----BEGIN THING-----\nabc=\n-----END THING-----\"",
        b"A='{\"a\":\n1}'",
    ];
    select(texts).prop_map(<[u8]>::to_vec)
}

fn long() -> impl Strategy<Value = Bytes> {
    (
        select(vec!["A=", "A=\"", "A='", "# ", "A", "A=\"a\n"]),
        select(vec!["a", "a b ", "${B}", "\\n", "'\"", "$$"]),
        select(vec![255_usize, 4096, 70_000]),
    )
        .prop_map(|(start, part, length)| {
            let end = start.chars().find(|c| matches!(c, '\'' | '"')).map(String::from).unwrap_or_default();
            [start, &part.repeat(length / part.len()), &end].concat().into_bytes()
        })
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    let body = prop_oneof![60 => assignment(), 10 => odd(), 1 => long()];
    let tails = (&[" ", "\t", "\r"][..], &[" \r", "\x0b", " #", "\u{2028}"][..], Mood::Wild);
    let line = write::line(body.boxed(), &["  ", "\t", "\x0c", "\u{a0}", "\r", "\u{feff}"], tails);
    let file = prop_oneof![8 => write::file(line.clone(), 0..4), 3 => write::file(line, 1..9)];
    file.prop_map(|bytes| Case { files: vec![("app.env".to_owned(), bytes)], ..Case::default() }).boxed()
}
