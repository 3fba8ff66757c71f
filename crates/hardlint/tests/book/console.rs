//! Blocks marked `console` hold commands behind `$ ` and what they print; they are run here and compared. In them
//!
//! - `mkdir NAME && cd NAME` goes to a new folder, where the rest of the page stays; until then it is the project's root.
//! - `cat FILE` in such a folder writes the file if it is not there yet, and shows it if it is.
//! - `echo $?` is the exit status of the command before it.
//! - A line `[...]` stands for any lines that are left out.
//!
//! `console not-run` is for what needs a network or another program: it is counted here, and run by a script of its own if at all.
//! What stands in blocks marked `sh` is run by `shell.rs`.

use super::{Block, blocks, documents, root, updating};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many blocks are marked `not-run`, by document.
const NOT_RUN: &[(&str, usize)] = &[("docs/installing.md", 1)];

const LEFT_OUT: &str = "[...]";

#[test]
fn commands_print_what_is_shown() {
    let mut faults = String::new();
    let mut ran = 0;
    let mut not_run = Vec::new();
    for (path, text) in documents() {
        let (page, passed_over) = run_page(&path, &text);
        ran += page.ran;
        if passed_over > 0 {
            not_run.push((path.clone(), passed_over));
        }
        faults += &page.faults;
        if updating() && page.text != text {
            fs::write(root().join(&path), page.text).expect("the document can be written");
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(ran >= 2, "no command was run");
    let not_run: Vec<(&str, usize)> = not_run.iter().map(|(path, count)| (path.as_str(), *count)).collect();
    assert_eq!(not_run, NOT_RUN, "blocks that are not run");
}

/// What stands between `|`, `;`, `&&`, `>` and before `#`, as far as they are not quoted.
pub(crate) fn split_commands(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '#' => break,
            None if "|;&>".contains(c) => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is one").push(c);
    }
    parts
}

/// The words of a command; quotes are taken off.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

struct Page {
    /// The page with what the commands really print.
    text: String,
    ran: usize,
    faults: String,
}

/// Where a page's commands run, and what came of the last.
struct Shell {
    folder: PathBuf,
    scratch: Option<PathBuf>,
    status: Option<i32>,
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(folder) = &self.scratch {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn run_page(path: &str, text: &str) -> (Page, usize) {
    let mut shell = Shell { folder: root(), scratch: None, status: None };
    let mut page = Page { text: String::new(), ran: 0, faults: String::new() };
    let mut passed_over = 0;
    let lines: Vec<&str> = text.lines().collect();
    let mut done = 0;
    for block in blocks(text) {
        match block.info {
            "console" => {}
            "console not-run" => {
                passed_over += 1;
                continue;
            }
            _ => continue,
        }
        // Up to and with the fence.
        for line in &lines[done..block.line] {
            let _ = writeln!(page.text, "{line}");
        }
        run_block(path, &block, &mut shell, &mut page);
        done = block.line + block.lines.len();
    }
    for line in &lines[done..] {
        let _ = writeln!(page.text, "{line}");
    }
    (page, passed_over)
}

fn run_block(path: &str, block: &Block<'_>, shell: &mut Shell, page: &mut Page) {
    let mut at = 0;
    while let Some(line) = block.lines.get(at) {
        let number = block.line + at + 1;
        let Some(command) = line.strip_prefix("$ ") else {
            let _ = writeln!(page.faults, "{path}:{number}: this is no command: {line}");
            return;
        };
        at += 1;
        let first = at;
        while block.lines.get(at).is_some_and(|line| !line.starts_with("$ ")) {
            at += 1;
        }
        let shown = block.lines.get(first..at).unwrap_or_default();
        page.ran += 1;
        let _ = writeln!(page.text, "{line}");
        match run(path, command, shown, shell) {
            Ok(printed) => {
                if !same(shown, &printed) {
                    let shows_all = !shown.iter().any(|line| line.trim() == LEFT_OUT);
                    if updating() && shows_all {
                        page.text += &printed;
                        continue;
                    }
                    let _ = writeln!(page.faults, "{path}:{number}: `{command}` prints\n{printed}");
                }
            }
            Err(fault) => {
                let _ = writeln!(page.faults, "{path}:{number}: `{command}`: {fault}");
            }
        }
        for line in shown {
            let _ = writeln!(page.text, "{line}");
        }
    }
}

/// What a command prints.
fn run(page: &str, command: &str, shown: &[&str], shell: &mut Shell) -> Result<String, String> {
    let words = words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["mkdir", name, "&&", "cd", into] if name == into => {
            let place = page.replace(['/', '.'], "-");
            let outer = std::env::temp_dir().join(format!("hardlint-book-{}-{place}", std::process::id()));
            let _ = fs::remove_dir_all(&outer);
            shell.folder = outer.join(name);
            fs::create_dir_all(&shell.folder).map_err(|error| error.to_string())?;
            shell.scratch = Some(outer);
            Ok(String::new())
        }
        ["cat", name] => {
            let file = shell.folder.join(name);
            if shell.scratch.is_some() && !file.exists() {
                let folder = file.parent().ok_or("a file stands in a folder")?;
                fs::create_dir_all(folder).map_err(|error| error.to_string())?;
                let text: String = shown.iter().flat_map(|line| [line, "\n"]).collect();
                fs::write(&file, text).map_err(|error| error.to_string())?;
            }
            fs::read_to_string(&file).map_err(|error| error.to_string())
        }
        ["echo", "$?"] => Ok(format!("{}\n", shell.status.ok_or("nothing was run before it")?)),
        ["hardlint", arguments @ ..] => {
            let (printed, status) = hardlint(arguments, &shell.folder)?;
            shell.status = status;
            Ok(printed)
        }
        _ => Err("it is none that can be run here: mark the block `console not-run`".to_owned()),
    }
}

/// What people see of a run: both outputs, and the exit status.
pub(crate) fn hardlint(arguments: &[&str], folder: &Path) -> Result<(String, Option<i32>), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    let run = command.args(arguments).current_dir(folder).output().map_err(|error| error.to_string())?;
    let text = [run.stdout, run.stderr].concat();
    Ok((String::from_utf8(text).map_err(|error| error.to_string())?, run.status.code()))
}

/// Whether that is what is shown, but for the time that it took and what is left out.
fn same(shown: &[&str], printed: &str) -> bool {
    let printed: Vec<String> = printed.lines().map(timeless).collect();
    let shown: Vec<String> = shown.iter().map(|line| timeless(line)).collect();
    let parts: Vec<&[String]> = shown.split(|line| line.trim() == LEFT_OUT).collect();
    let Some((last, before)) = parts.split_last() else { return printed.is_empty() };
    let mut rest = printed.as_slice();
    for (index, part) in before.iter().enumerate() {
        let found = if index == 0 {
            rest.starts_with(part).then_some(0)
        } else {
            (0..=rest.len().saturating_sub(part.len())).find(|&at| rest[at..].starts_with(part))
        };
        let Some(at) = found else { return false };
        rest = &rest[at + part.len()..];
    }
    if before.is_empty() { rest == *last } else { rest.ends_with(last) }
}

/// A line without the time at its end: `…, 0.36 s`.
fn timeless(line: &str) -> String {
    match line.rsplit_once(", ") {
        Some((start, time)) if time.ends_with(" s") && time.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{start}, … s")
        }
        _ => line.trim_end().to_owned(),
    }
}

#[test]
fn what_is_left_out_may_be_anything_and_the_rest_may_not() {
    let printed = "a\nb\nc\n2 files, 0.12 s\n";
    assert!(same(&["a", "b", "c", "2 files, 3.4 s"], printed));
    assert!(same(&["a", "[...]", "2 files, 3.4 s"], printed));
    assert!(same(&["[...]", "c", "[...]"], printed));
    assert!(!same(&["b", "[...]"], printed), "the first line is not left out");
    assert!(!same(&["a", "[...]", "c"], printed), "the last line is not left out");
    assert!(!same(&["a", "b", "c", "3 files, 0.12 s"], printed));
    assert!(!same(&["a", "c", "[...]"], printed));
}
