//! The official parser of Dockerfiles, in one process that the Python in `HARDLINT_DOCKERFILE` runs: what it makes of each
//! instruction, and which files it refuses. It is that of `BuildKit`, as it was in 2023.

mod generate;

use crate::case::{Case, Lines, Place, Told};
use crate::driver::{Format, Program};
use crate::ours::{self, Shown};
use crate::process::Python;
use hardlint_config::formats::dockerfile::outline;
use hardlint_config::text::Source;
use proptest::strategy::BoxedStrategy;
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    name: "dockerfile",
    id: "dockerfile",
    one_in: 1,
    arguments: &[],
    program: |_| Ok(Box::new(Dockerfile(Python::start("HARDLINT_DOCKERFILE", "dockerfile", READ, &[])?))),
    is_ours,
    unknown: |_, _, _| false,
    limit: |_, _| false,
};

/// Reads paths, one a line, and answers with the instructions of the file there, or with why it is refused and the first
/// line that it is refused from, however the file goes on.
const READ: &str = r#"
import json, sys
import dockerfile

def parsed(text):
    try:
        return dockerfile.parse_string(text), None
    except Exception as error:  # the binding's own classes differ by version
        return None, str(error).splitlines()[0]

def behind(i):
    # What stands behind the array: the parser that is asked passes over it, and today's takes all for the shell's text.
    for at in (at for at, letter in enumerate(i.original) if letter == "["):
        try:
            found, end = json.JSONDecoder(strict=False).raw_decode(i.original, at)
        except ValueError:
            continue
        # `HEALTHCHECK` has its own word before the array.
        if isinstance(found, list) and found == list(i.value)[len(i.value) - len(found):]:
            return i.original[end:].strip()
    return ""

def shown(i):
    heredocs = [[h.name, h.file_descriptor, h.content] for h in i.heredocs]
    parts = [i.cmd.upper(), (i.sub_cmd or "-").upper(), f"{i.start_line}-{i.end_line}", "json" if i.json else "text"]
    parts += [json.dumps(part, ensure_ascii=False) for part in (list(i.flags), list(i.value), heredocs)]
    return " ".join(parts)

print("dockerfile", flush=True)
for path in sys.stdin:
    text = open(path.rstrip("\n"), encoding="utf-8", newline="").read()
    found, why = parsed(text)
    if why is None:
        told = {"lines": [shown(i) for i in found], "behind": any(i.json and behind(i) for i in found)}
    else:
        lines = text.split("\n")
        first = len(lines)
        while first > 0 and parsed("\n".join(lines[: first - 1]) + "\n")[1] not in (None, "file with no instructions"):
            first -= 1
        told = {"why": why, "line": 0 if "no instructions" in why else first}
    print(json.dumps(told), flush=True)
"#;

struct Dockerfile(Python);

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name == "dockerfile" || name.ends_with(".dockerfile") || name.starts_with("dockerfile.")
}

impl Program for Dockerfile {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn real(&self, _path: &Path, bytes: Vec<u8>) -> Option<Case> {
        let text = String::from_utf8(bytes).ok()?;
        // What a template writes nobody builds as it stands.
        let plain = !["{{", "{%", "<%"].iter().any(|mark| text.contains(mark));
        plain.then(|| Case { files: vec![("Dockerfile".to_owned(), text.into_bytes())], ..Case::default() })
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let told = self.0.ask(&folder.join(case.root()));
        if let Some(lines) = told["lines"].as_array() {
            if told["behind"] == true || lines.iter().any(|line| is_onbuild_of_nothing(line.as_str().unwrap())) {
                return Told::Nothing;
            }
            let numbered = lines.iter().enumerate();
            return Told::Accepted(
                numbered.map(|(at, line)| (key(at), vec![line.as_str().unwrap().to_owned()])).collect(),
            );
        }
        // It ends over some.
        if told.is_null() {
            return Told::Nothing;
        }
        let line = told["line"].as_u64().unwrap().try_into().unwrap();
        let text = String::from_utf8_lossy(&case.files[0].1).into_owned();
        let why = told["why"].to_string();
        if why.contains("strings only") && text.lines().any(|line| line.trim_end().trim_end_matches(']').contains(']'))
        {
            return Told::Nothing;
        }
        Told::Refused(vec![Place { path: case.root().to_owned(), line }], why)
    }

    /// The instructions as our parser has them; as problems, those of `show` on the lines that the parser itself refuses.
    fn shown(&self, format: &Format, folder: &Path, case: &Case) -> Shown {
        let shown = ours::show(format, "", folder, case);
        let Ok(source) = Source::decode("Dockerfile".into(), case.files[0].1.clone()) else { return shown };
        let (lines, refused) = outline(&source.text);
        let said = |first: usize, last: usize| {
            shown.problems.iter().any(|(place, _)| (first..=last).contains(&place.first.line) || place.first.line == 0)
        };
        let problems = refused.into_iter().filter(|(lines, _)| said(*lines.start(), *lines.end()));
        let problems = problems.map(|(lines, message)| {
            let none = message.contains("no instructions");
            let first = Place { path: case.root().to_owned(), line: if none { 0 } else { *lines.start() } };
            (Lines { first, last: *lines.end() }, message)
        });
        let values = lines.into_iter().enumerate().map(|(at, line)| (key(at), Ok(vec![line])));
        Shown { values: values.collect(), problems: problems.collect() }
    }
}

/// Whether an instruction is an `ONBUILD` of nothing, which today's parser refuses, and the one that is asked leaves to others.
fn is_onbuild_of_nothing(line: &str) -> bool {
    let mut words = line.split(' ');
    words.next() == Some("ONBUILD") && matches!(words.next(), Some("-" | "ONBUILD"))
}

fn key(at: usize) -> String {
    format!("instruction {at:04}")
}
