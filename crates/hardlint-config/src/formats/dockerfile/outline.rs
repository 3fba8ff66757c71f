//! The instructions of a Dockerfile as the nodes of the official parser have them, to be compared with these.
//!
//! Nothing in here serves a finding: what instructions mean is told by the model. It stands here, and not with the tests,
//! because recorded answers and generated files are both held against it.

use super::instruction;
use super::syntax::{self, File, Instruction, Keyword, is_blank, is_space, json, words};
use crate::text::{Source, Span};
use std::fmt::Write;
use std::ops::RangeInclusive;

/// What the parser refuses: the lines, counted from 1, of the instruction that the fault is in; and what the fault is.
pub type Refused = (RangeInclusive<usize>, String);

/// A line for each instruction, as `testdata/oracles/dockerfile/record` prints the parser's own; and what that refuses.
///
/// Faults that only a build finds, as a flag that its instruction does not have, are not among those.
pub fn outline(source: &str) -> (Vec<String>, Vec<Refused>) {
    let file = syntax::parse(source, false);
    let whole = Source::new("", source);
    let lines = |at: Span| whole.position(at.start).line..=whole.position(at.end).line;
    let all = file.instructions.iter().map(|instruction| shown(instruction, &file, source, &lines(instruction.extent)));
    let all = all.collect();
    let mut refused: Vec<Refused> = Vec::new();
    let unknown = |message: &str| message.starts_with("unknown ") || message.starts_with("ONBUILD ");
    for fault in file.faults.iter().filter(|fault| !unknown(&fault.message)) {
        refused.push((lines(fault.at), fault.message.clone()));
    }
    for instruction in &file.instructions {
        let mut faults = Vec::new();
        drop(instruction::read(instruction, source, file.escape, &mut faults));
        let wrong = faults.into_iter().find(|fault| of_parser(instruction, &file, &fault.message));
        refused.extend(wrong.map(|fault| (lines(instruction.extent), fault.message)));
    }
    (all, refused)
}

/// Whether the parser itself finds a fault, and not who reads its nodes.
fn of_parser(instruction: &Instruction, file: &File, message: &str) -> bool {
    match instruction.keyword {
        Keyword::Env => words::pairs(&instruction.line, instruction.args, file.escape, "ENV").is_err(),
        Keyword::Label => words::pairs(&instruction.line, instruction.args, file.escape, "LABEL").is_err(),
        _ => message.contains("strings only"),
    }
}

fn shown(instruction: &Instruction, file: &File, source: &str, lines: &RangeInclusive<usize>) -> String {
    let (json, values) = values(instruction, file.escape);
    // Of a trigger the binding to Python has the flags before it, and no heredocs.
    let seen = !instruction.trigger;
    let flags = if seen { &instruction.flags } else { &instruction.trigger_flags };
    let flags = flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("--{}={}", flag.name, value.text()),
        None => format!("--{}", flag.name),
    });
    let heredocs = instruction.heredocs.iter().filter(|_| seen).map(|heredoc| {
        let body = source.get(heredoc.body.range()).unwrap_or_default();
        format!("[{}, {}, {}]", quoted(&heredoc.mark.name), heredoc.mark.descriptor, quoted(body))
    });
    let name = match instruction.keyword {
        // Its letters may stand on several lines.
        Keyword::Unknown => {
            // Flags may stand before a trigger.
            let before = if instruction.trigger { 1 + instruction.trigger_flags.len() } else { 0 };
            word(instruction.line.text(), before).to_uppercase()
        }
        keyword => keyword.name().to_owned(),
    };
    let (outer, inner) = if instruction.trigger { ("ONBUILD", name.as_str()) } else { (name.as_str(), "-") };
    let form = if json { "json" } else { "text" };
    let (flags, heredocs) = (flags.collect::<Vec<_>>(), heredocs.collect::<Vec<_>>().join(", "));
    let (first, last) = (lines.start(), lines.end());
    format!("{outer} {inner} {first}-{last} {form} {} {} [{heredocs}]", list(&flags), list(&values))
}

/// The word that stands behind `before` others.
fn word(line: &str, before: usize) -> &str {
    let mut rest = line.trim_start();
    for _ in 0..before {
        rest = rest.split_once(is_blank).map_or("", |(_, rest)| rest.trim_start());
    }
    rest.split(is_blank).next().unwrap_or_default().trim_end()
}

/// The arguments, and whether they are a JSON array.
fn values(instruction: &Instruction, escape: char) -> (bool, Vec<String>) {
    let (line, args) = (&instruction.line, instruction.args);
    let text = |range: (usize, usize)| line.slice(range.0, range.1).to_owned();
    let whole = || if instruction.text().is_empty() { Vec::new() } else { vec![text(args)] };
    let strings =
        |range| json::read(line, range).map(|words| words.iter().map(|word| word.text().to_owned()).collect());
    let or_json = |other: Vec<String>| strings(args).map_or((false, other), |words: Vec<String>| (true, words));
    let blank_separated = || words::blank_separated(line, args).into_iter().map(text).collect();
    match instruction.keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => or_json(whole()),
        Keyword::Copy | Keyword::Add | Keyword::Volume => or_json(blank_separated()),
        Keyword::From | Keyword::Expose => (false, blank_separated()),
        Keyword::Env | Keyword::Label => {
            let pairs = words::pairs(line, args, escape, "ENV").unwrap_or_default();
            (false, pairs.into_iter().flat_map(|pair| [text(pair.name), text(pair.value)]).collect())
        }
        Keyword::Arg => (false, words::quoted(line, args, escape).into_iter().map(text).collect()),
        Keyword::Healthcheck if instruction.text().is_empty() => (false, Vec::new()),
        Keyword::Healthcheck => {
            let all = instruction.text();
            let (kind, rest) = all.split_at_checked(all.find(is_space).unwrap_or(all.len())).unwrap_or_default();
            let rest = rest.trim_start();
            let command = strings((args.1 - rest.len(), args.1));
            let is_json = command.is_ok();
            let whole = || if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] };
            (is_json, [vec![kind.to_owned()], command.unwrap_or_else(|_| whole())].concat())
        }
        Keyword::Unknown => (false, vec![String::new()]),
        _ => (false, whole()),
    }
}

/// Texts as a list in JSON, as Python's `json.dumps` writes it.
fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}
