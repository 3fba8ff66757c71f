//! The parser against the official one: its answers on the cases were recorded by `testdata/oracles/dockerfile/record`.

use super::parse;
use crate::formats::dockerfile::outline;

/// What the official parser would say of a text.
fn answer(source: &str) -> Vec<String> {
    outline(source).0
}

const CASES: &str = include_str!("../../../../../../testdata/oracles/dockerfile/cases.txt");
const ANSWERS: &str = include_str!("../../../../../../testdata/oracles/dockerfile/recorded.txt");

fn sections(text: &str) -> Vec<(&str, &str)> {
    let text = text.strip_prefix("=== ").unwrap();
    text.split("\n=== ").map(|section| section.split_once('\n').unwrap_or((section, ""))).collect()
}

#[test]
fn the_official_parser_says_the_same() {
    let answers = sections(ANSWERS.trim_end_matches('\n'));
    let cases = sections(CASES);
    assert_eq!(cases.len(), answers.len());
    let mut wrong = Vec::new();
    for ((name, case), (answered, expected)) in cases.into_iter().zip(answers) {
        assert_eq!(name, answered);
        let mut case = format!("{}\n", case.trim_end_matches('\n'));
        for (mark, text) in
            [("<CR>", "\r"), ("<BOM>", "\u{feff}"), ("<NBSP>", "\u{a0}"), ("<FF>", "\u{c}"), ("<NOEOL>\n", "")]
        {
            case = case.replace(mark, text);
        }
        if expected.starts_with("error ") {
            let file = parse(&case, false);
            let mut faults = file.faults;
            for instruction in &file.instructions {
                super::super::instruction::read(instruction, &case, file.escape, &mut faults);
            }
            if faults.is_empty() {
                wrong.push(format!("{name}: refused by the official parser only: {expected}"));
            }
            continue;
        }
        let ours = answer(&case).join("\n");
        if ours != expected {
            wrong.push(format!("{name}:\n{ours}\n  but the official parser says\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "reads real files where the environment names some"
)]
fn files_at_hand_are_read_as_the_official_parser_reads_them() {
    let Ok(path) = std::env::var("HARDLINT_DOCKERFILE_ANSWERS") else {
        eprintln!("skipped: HARDLINT_DOCKERFILE_ANSWERS names no output of testdata/oracles/dockerfile/record");
        return;
    };
    let answers = std::fs::read_to_string(path).unwrap();
    let mut wrong = 0;
    let all = sections(answers.trim_end_matches('\n'));
    for (path, expected) in &all {
        let bytes = std::fs::read(path).unwrap();
        let Ok(source) = crate::text::Source::decode((*path).into(), bytes) else { continue };
        let ours = answer(&source.text).join("\n");
        // The binding's parser is of 2023 and stops reading at the end of an array; today's takes `["a"] # b` for the
        // shell's text.
        let same =
            |ours: &str, theirs: &str| ours == theirs || ours.contains("text [] [\"[\\\"") && theirs.contains(" json ");
        if ours.lines().count() != expected.lines().count()
            || !ours.lines().zip(expected.lines()).all(|(a, b)| same(a, b))
        {
            wrong += 1;
            let differ = ours.lines().zip(expected.lines()).find(|(a, b)| a != b);
            eprintln!("{path}\n{differ:?}\n{} {}", ours.lines().count(), expected.lines().count());
        }
    }
    assert_eq!(wrong, 0, "of {}", all.len());
}
