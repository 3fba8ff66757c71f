//! What the README, the book in `docs` and the other documents say is true: commands are run and print what is shown, options
//! exist, links lead somewhere, and the picture of a session is what the commands print.
//!
//! `UPDATE=1 cargo test -p hardlint --test book` writes anew what commands print. Read what changed.

#[expect(dead_code, reason = "the example uses all of it")]
#[path = "../../examples/book/pages.rs"]
mod pages;

mod console;
mod links;
mod session;
mod shell;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project has a root")
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// The documents that people read, by their paths from the root.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in [
        "",
        "docs",
        "docs/formats",
        "editors",
        "editors/emacs",
        "editors/helix",
        "editors/jetbrains",
        "editors/neovim",
        "editors/sublime",
        "editors/vscode",
        "editors/zed",
        "packaging",
        "testdata/shop",
    ] {
        let Ok(entries) = fs::read_dir(root().join(folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().extension().is_some_and(|ending| ending == "md") {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let text = fs::read_to_string(entry.path()).expect("documents are text");
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the documents were not found");
    found
}

/// A block between fences.
struct Block<'a> {
    /// What stands behind the first fence.
    info: &'a str,
    /// The line of the first fence, from 1.
    line: usize,
    lines: Vec<&'a str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.trim(), line: at + 1, lines: Vec::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.lines.push(line),
            (None, None) => {}
        }
    }
    found
}
