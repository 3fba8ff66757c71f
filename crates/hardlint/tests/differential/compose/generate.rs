//! Writes projects: a file with services, what it declares, what is laid over it, and the files that it names.

use super::words::{COMMON, DOTENV, SECRETS, SECTIONS, SERVICE, Shape, TEXTS};
use crate::case::Case;
use crate::write::{Mood, moods, mostly};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

/// The names of services, in the order in which a file has them.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What a file is to the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The services are complete.
    Whole,
    /// It is laid over another one.
    Over,
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
struct Style {
    flow: bool,
    /// Pairs as a list; one value instead of a list of one.
    short: bool,
    /// `!reset`, `!override` or nothing.
    tag: &'static str,
}

fn style(part: Part) -> impl Strategy<Value = Style> {
    let tags = u32::from(part == Part::Over);
    let tag = prop_oneof![14 => Just(""), tags => select(vec![" !override", " !reset"])];
    (any::<bool>(), any::<bool>(), tag).prop_map(|(flow, short, tag)| Style { flow, short, tag })
}

/// The lines of a key, behind its name.
fn value(shape: Shape, words: &'static [&'static str], part: Part, mood: Mood) -> BoxedStrategy<String> {
    let texts = if matches!(shape, Shape::Map | Shape::Pairs) { 0 } else { mood.strange(3) };
    let word = prop_oneof![60 => mostly(words, mood), texts => select(TEXTS)];
    let words = prop_oneof![6 => vec(word.clone(), 1..2), 5 => vec(word, 0..4)];
    let twice = prop_oneof![60 => Just(false), mood.strange(8) => Just(true)];
    (words, style(part), twice)
        .prop_map(move |(mut words, style, twice)| {
            // Most lists may not have an element twice.
            let mut seen = BTreeSet::new();
            words.retain(|word| seen.insert(*word) || twice);
            written(shape, &words, style)
        })
        .boxed()
}

fn written(shape: Shape, words: &[&str], style: Style) -> String {
    let Style { flow, short, tag } = style;
    let lines = |marker: &str| [vec![""], words.to_vec()].concat().join(&format!("\n      {marker}"));
    match (shape, words) {
        (Shape::One, [word, ..]) => format!("{tag} {word}"),
        (Shape::OneOrList, [word]) if short => format!("{tag} {word}"),
        (Shape::Pairs, _) if !words.is_empty() => {
            if short {
                return format!("{tag}{}", lines("- "));
            }
            let pair = |word: &&str| {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                format!("\n      {name}: {value}")
            };
            let mut seen = BTreeSet::new();
            let distinct = words.iter().filter(|word| seen.insert(word.split('=').next()));
            format!("{tag}{}", distinct.map(pair).collect::<String>())
        }
        (Shape::Map, _) if !words.is_empty() => {
            let mut seen = BTreeSet::new();
            let distinct: Vec<&str> =
                words.iter().copied().filter(|word| seen.insert(word.split(':').next())).collect();
            if flow {
                return format!("{tag} {{{}}}", distinct.join(", "));
            }
            format!("{tag}{}", [vec![""], distinct].concat().join("\n      "))
        }
        (Shape::List | Shape::OneOrList, _) if !flow && !words.is_empty() => format!("{tag}{}", lines("- ")),
        (Shape::Map, _) => format!("{tag} {{}}"),
        _ => format!("{tag} [{}]", words.join(", ")),
    }
}

/// A key with its value.
fn setting(part: Part, mood: Mood) -> BoxedStrategy<(&'static str, String)> {
    let of = |common: bool| {
        let all = SERVICE.iter().filter(move |(key, ..)| common == COMMON.contains(key));
        all.copied().collect::<Vec<_>>()
    };
    // The last few are no keys of a service.
    let key = prop_oneof![1 => select(of(true)), 1 => select(of(false))];
    key.prop_flat_map(move |(key, shape, words)| (Just(key), value(shape, words, part, mood))).boxed()
}

fn service(part: Part, mood: Mood) -> BoxedStrategy<String> {
    let settings = prop_oneof![8 => vec(setting(part, mood), 0..4), 3 => vec(setting(part, mood), 2..9)];
    let images = if part == Part::Over { 4 } else { mood.strange(2) };
    let image = prop_oneof![24 => Just("x"), images => Just("")];
    let twice = prop_oneof![40 => Just(false), mood.strange(1) => Just(true)];
    (image, settings, twice)
        .prop_map(|(image, settings, twice)| {
            let mut lines = String::new();
            let mut seen = BTreeSet::from(["Image", "domain"]);
            if !image.is_empty() && !settings.iter().any(|(key, _)| *key == "image") {
                lines.push_str("    image: x\n");
            }
            for (key, value) in settings {
                if seen.insert(key) || twice {
                    lines.extend(["    ", key, ":", &value, "\n"]);
                }
            }
            if lines.is_empty() { " {}\n".to_owned() } else { format!("\n{lines}") }
        })
        .boxed()
}

/// What stands before or behind the services.
fn section(mood: Mood) -> BoxedStrategy<String> {
    mostly(SECTIONS, mood).prop_map(|text| format!("{text}\n")).boxed()
}

const INCLUDES: &[&str] = &[
    "include: [sub/compose.yaml]\n",
    "include:\n  - path: sub/compose.yaml\n",
    "include: [{path: sub/compose.yaml, env_file: a.env}]\n",
    "include: [{path: sub/compose.yaml, project_directory: .}]\n",
    "include: [{path: [sub/compose.yaml, more.yaml]}]\n",
    "include: [{path: ./sub/compose.yaml, project_directory: sub/deeper, env_file: [a.env, sub/b.env]}]\n",
    "include: ['${MISS:-sub}/compose.yaml', more.yaml]\n",
    "include: [none.yaml]\n",
    "include: sub/compose.yaml\n",
    "include: [compose.yaml]\n",
    "include: []\n",
    "include: [{path: sub/compose.yaml, env_file: none.env}]\n",
    "include: [{path: sub/compose.yaml, env_file: []}]\n",
    "include: [sub/compose.yaml, sub/compose.yaml]\n",
    "include: [{project_directory: .}]\n",
    "include: !reset []\n",
];

const LINES: &[&str] = &[
    "# comment\n",
    "\n",
    "---\n",
    "x-a: 1\n",
    "  # c\n",
    "foo\n",
    "services:\n",
    "{}\n",
    "---\n{}\n",
    "---\n# c\n",
    "x-b: {a: &q 1, b: *q}\n",
    "x-c: [\n  a,\n  b ]\n",
    "x-d: |\n  ${A} text\n  $$x\n",
    "x-e: >-\n  a\n  b\n\n  c\n",
    "x-f: *nope\n",
    "%YAML 1.2\n",
    "x-g: \"a\n  b\n\n  c\"\n",
    "x-h: 'a\n  b'\n",
    "? x-i\n: 1\n",
    "x-j: |+2\n    a\n\n",
    "1: 2\n",
    "x-k: {a: 1, a: 2}\n",
    "x-l: @\n",
];

/// What aliases stand for, before their first use.
const ANCHORS: [(&str, &[&str]); 3] = [
    (
        "*env",
        &[
            "x-env: &env {A: 1, B: 1}\n",
            "x-env: &env\n  privileged: yes\n  labels: {l: \"${A}\"}\n",
            "x-env: &env {<<: {A: 1}, A: 2}\n",
        ],
    ),
    (
        "*more",
        &[
            "x-more: &more {restart: always, privileged: true}\n",
            "x-more: &more {environment: {Q: 1}, labels: [l=2]}\n",
        ],
    ),
    (
        "*base",
        &[
            "x-base: &base {image: y, restart: always, environment: {A: 1, B: 2}}\n",
            "x-base: &base\n  <<: *more\n  image: y\n  ports: ['1:1']\n",
            "x-base: &base {privileged: false, cap_add: [KILL]}\n",
        ],
    ),
];

/// Mostly the last choice of the first, and what the file needs to have declared.
fn file(part: Part, names: &'static [&'static str], mood: Mood) -> BoxedStrategy<String> {
    let count = prop_oneof![6 => 1..=2_usize.min(names.len()), 3 => 1..=names.len()];
    let services = count.prop_flat_map(move |count| vec(service(part, mood), count));
    let odd = || prop_oneof![90 => Just(""), mood.strange(16) => select(LINES)];
    let includes = if part == Part::Whole { 2 } else { 0 };
    let include = prop_oneof![20 => Just(""), includes => mostly(INCLUDES, mood)];
    let sections = prop_oneof![6 => vec(section(mood), 0..1), 4 => vec(section(mood), 1..3)];
    let declared = prop_oneof![30 => Just(true), mood.strange(2) => Just(false)];
    let anchors = (select(ANCHORS[0].1), select(ANCHORS[1].1), select(ANCHORS[2].1));
    let end = prop_oneof![60 => Just("\n"), mood.strange(2) => Just("\r\n"), mood.strange(1) => Just("")];
    (services, include, sections, (odd(), odd(), odd()), declared, mostly(SECRETS, mood), anchors, end)
        .prop_map(move |(services, include, sections, odd, declared, secrets, anchors, end)| {
            let mut text = "services:\n".to_owned();
            for (name, service) in names.iter().zip(services) {
                text.extend(["  ", name, ":", &service]);
            }
            let mut seen = BTreeSet::new();
            text.push_str(odd.1);
            for section in sections {
                if seen.insert(section.split(':').next().unwrap_or_default().to_owned()) {
                    text.push_str(&section);
                }
            }
            text.push_str(include);
            if declared {
                declare(&mut text, secrets, part);
            }
            for ((alias, _), anchor) in ANCHORS.iter().zip([anchors.0, anchors.1, anchors.2]).rev() {
                if text.contains(alias) {
                    text.insert_str(0, anchor);
                }
            }
            text.insert_str(0, odd.0);
            text.push_str(odd.2);
            text.replace('\n', if end.is_empty() { "\n" } else { end })
        })
        .boxed()
}

/// Declares what a file refers to.
fn declare(text: &mut String, secrets: &str, part: Part) {
    let refers =
        ["depends_on:", "links:", "service:", "volumes_from:", "extends:"].iter().any(|key| text.contains(key));
    if refers && part == Part::Whole {
        for name in ["c", "b"] {
            if text.contains(&format!("\n  {name}:")) {
                continue;
            }
            text.insert_str("services:\n".len(), &format!("  {name}: {{image: x}}\n"));
        }
    }
    if text.contains("    networks:") && !text.contains("\nnetworks:") {
        text.push_str("networks: {n: , m: }\n");
    }
    if text.contains("    volumes:") && !text.contains("\nvolumes:") {
        text.push_str("volumes: {vol: , www: }\n");
    }
    if ["    secrets:", "    configs:", "    models:", "secrets: ["].iter().any(|key| text.contains(key))
        && !text.contains("\nmodels:")
    {
        text.push_str(secrets);
    }
}

fn dotenv(mood: Mood) -> BoxedStrategy<String> {
    vec(mostly(DOTENV, mood), 0..6).prop_map(lines).boxed()
}

fn lines(lines: impl AsRef<[&'static str]>) -> String {
    lines.as_ref().iter().flat_map(|line| [*line, "\n"]).collect()
}

const VARIABLES: &[&str] = &[
    "N=1",
    "M=\"two words\" # c",
    "A=file",
    "Q=$A-${N}",
    "EMPTY",
    "PASSED",
    "export X=1",
    "R='$A'",
    "S=a$$b",
    "T: yaml",
    "B=${MISS:-d}",
    "'",
    "A B=1",
    "=x",
    "U=\"${B}\\n\"",
];

pub(super) fn cases() -> BoxedStrategy<Case> {
    moods(|mood| {
        let part = |names| file(Part::Whole, names, mood);
        let over = option::weighted(0.35, file(Part::Over, &NAMES, mood));
        let overs = prop_oneof![3 => Just("compose.override.yaml"), 1 => Just("compose.override.yml"), 1 => Just("docker-compose.override.yml")];
        let variables = || vec(mostly(VARIABLES, mood), 0..4).prop_map(lines);
        let dotenvs =
            (option::weighted(0.6, dotenv(mood)), option::weighted(0.5, dotenv(mood)), variables(), variables());
        let others =
            (part(&["far", "near"]), part(&["deep", "deeper"]), part(&["inner", "a"]), file(Part::Over, &NAMES, mood));
        (part(&NAMES), over, overs, dotenvs, others)
            .prop_map(|(main, over, over_name, (outer, inner, first, second), (other, deep, included, more))| {
                let mut files = vec![("compose.yaml", main)];
                files.extend(over.map(|text| (over_name, text)));
                files.extend(outer.map(|text| (".env", text)));
                // Only what is named, so that a case says what it is about.
                let further = [
                    ("more.yaml", "more.yaml", more),
                    ("sub/compose.yaml", "sub/compose.yaml", included),
                    ("other.yaml", "other.yaml", other),
                    ("sub/other.yaml", "sub/other.yaml", deep),
                    ("a.env", "a.env", first),
                    ("sub/b.env", "b.env", second),
                ];
                for (path, name, text) in further {
                    if files.iter().any(|(_, known)| known.contains(name)) {
                        files.push((path, text));
                    }
                }
                if files.iter().any(|(path, _)| *path == "sub/compose.yaml") {
                    files.extend(inner.map(|text| ("sub/.env", text)));
                }
                let files = files.into_iter().map(|(path, text)| (format!("project/{path}"), text.into_bytes()));
                Case { files: files.collect(), ..Case::default() }
            })
            .boxed()
    })
}
