//! The parser against the official one: its answers on the cases were recorded by `testdata/oracles/dockerfile/record`.

use super::words;
use super::*;

const CASES: &str = include_str!("../../../../../../testdata/oracles/dockerfile/cases.txt");
const ANSWERS: &str = include_str!("../../../../../../testdata/oracles/dockerfile/recorded.txt");

/// A list of strings as Python's `json.dumps` writes it.
fn list(items: &[String]) -> String {
    let quote = |text: &String| {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c < ' ' => out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
                c => out.push(c),
            }
        }
        out + "\""
    };
    format!("[{}]", items.iter().map(quote).collect::<Vec<_>>().join(", "))
}

/// The arguments as the official parser's nodes hold them.
fn values(instruction: &Instruction, escape: char) -> (bool, Vec<String>) {
    let (line, args) = (&instruction.line, instruction.args);
    let text = |range: (usize, usize)| line.slice(range.0, range.1).to_owned();
    let whole = || if instruction.text().is_empty() { Vec::new() } else { vec![text(args)] };
    let json = |range| json::read(line, range).map(|words| words.iter().map(|w| w.text().to_owned()).collect());
    let maybe = |other: Vec<String>| json(args).map_or((false, other), |words: Vec<String>| (true, words));
    match instruction.keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => maybe(whole()),
        Keyword::Copy | Keyword::Add | Keyword::Volume => {
            maybe(words::blank_separated(line, args).into_iter().map(text).collect())
        }
        Keyword::From | Keyword::Expose => (false, words::blank_separated(line, args).into_iter().map(text).collect()),
        Keyword::Env | Keyword::Label => {
            let pairs = words::pairs(line, args, escape, "ENV").unwrap_or_default();
            (false, pairs.into_iter().flat_map(|pair| [text(pair.name), text(pair.value)]).collect())
        }
        Keyword::Arg => (false, words::quoted(line, args, escape).into_iter().map(text).collect()),
        Keyword::Healthcheck => {
            let kind = instruction.text().find(is_space).unwrap_or(instruction.text().len());
            let rest = instruction.text()[kind..].trim_start();
            let range = (args.1 - rest.len(), args.1);
            let command = json(range);
            let is_json = command.is_ok();
            let rest: Vec<String> =
                command.unwrap_or_else(|_| if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] });
            (is_json, [vec![instruction.text()[..kind].to_owned()], rest].concat())
        }
        Keyword::Unknown => (false, vec![String::new()]),
        _ => (false, whole()),
    }
}

/// What the official parser would say of a text.
fn answer(source: &str) -> Vec<String> {
    let file = parse(source, false);
    let line = |offset: u32| source[..offset as usize].matches('\n').count() + 1;
    let lines = file.instructions.iter().map(|instruction| {
        let (json, values) = values(instruction, file.escape);
        let flags: Vec<String> = instruction
            .flags
            .iter()
            // The official binding leaves out those of ONBUILD.
            .filter(|_| !instruction.trigger)
            .map(|flag| match &flag.value {
                Some(value) => format!("--{}={}", flag.name, value.text()),
                None => format!("--{}", flag.name),
            })
            .collect();
        let heredocs: Vec<String> = instruction
            .heredocs
            .iter()
            .filter(|_| !instruction.trigger)
            .map(|heredoc| {
                let quoted = list(&[heredoc.mark.name.clone(), source[heredoc.body.range()].to_owned()]);
                let (name, body) = quoted[1..quoted.len() - 1].split_once("\", \"").unwrap();
                format!("[{name}\", {}, \"{body}]", heredoc.mark.descriptor)
            })
            .collect();
        let name = source[instruction.keyword_at.range()].replace("\\\n", "").to_uppercase();
        let (outer, inner) = if instruction.trigger { ("ONBUILD", name.as_str()) } else { (name.as_str(), "-") };
        let last = line(instruction.extent.end.max(1));
        format!(
            "{outer} {inner} {}-{last} {} {} {} [{}]",
            line(instruction.extent.start),
            if json { "json" } else { "text" },
            list(&flags),
            list(&values),
            heredocs.join(", ")
        )
    });
    lines.collect()
}

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
