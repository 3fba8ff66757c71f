//! What is generated for people when the book is built or a package is made. None of it is kept in the repository: rules and key
//! tables say it already.
//!
//! - `book supports html`, and `book` with mdBook's JSON on standard input: the preprocessor that `book.toml` names.
//! - `book man FOLDER` and `book completions FOLDER`: manual pages, and what shells need to complete arguments.

mod pages;

use pages::Page;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        // Every kind of output gets the same pages.
        ["supports", _] => Ok(()),
        [] => preprocess(),
        ["man", folder] => manual(Path::new(folder)),
        ["completions", folder] => completions(Path::new(folder)),
        _ => Err("book [supports RENDERER | man FOLDER | completions FOLDER]".into()),
    }
}

/// One page a command, in section 1.
fn manual(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let command = hardlint::command().disable_help_subcommand(true);
    // Written by name, so that `hardlint-check(1)` is found.
    clap_mangen::generate_to(command, folder)?;
    Ok(())
}

fn completions(folder: &Path) -> Result<(), Box<dyn Error>> {
    use clap_complete::Shell;
    fs::create_dir_all(folder)?;
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut hardlint::command(), "hardlint", folder)?;
    }
    Ok(())
}

/// Takes the book as mdBook read it, and gives it back with the pages that are generated.
fn preprocess() -> Result<(), Box<dyn Error>> {
    let (_, mut book): (Value, Value) = serde_json::from_reader(io::stdin().lock())?;
    let mut pages = pages::all();
    let items = if book.get("items").is_some() { "items" } else { "sections" };
    let chapters = book.get_mut(items).and_then(Value::as_array_mut).ok_or("mdBook gave no chapters")?;
    place(chapters, &mut pages)?;
    if let Some(page) = pages.first() {
        return Err(format!("docs/SUMMARY.md has no chapter for `{}`", page.path).into());
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &book)?;
    Ok(out.flush()?)
}

/// Puts each page behind the chapter of its path, or below that of its folder: `rules/nginx.md` below `rules.md`.
fn place(chapters: &mut [Value], pages: &mut Vec<Page>) -> Result<(), Box<dyn Error>> {
    for chapter in chapters.iter_mut().filter_map(|item| item.get_mut("Chapter")) {
        let path = chapter.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
        let folder = path.trim_end_matches(".md");
        let (mine, others) = std::mem::take(pages).into_iter().partition(|page| {
            page.path == path || page.path.rsplit_once('/').is_some_and(|(within, _)| within == folder)
        });
        *pages = others;
        let name = chapter.get("name").cloned().unwrap_or_default();
        let number = chapter.get("number").and_then(Value::as_array).cloned();
        let mut below = Vec::new();
        for page in mine {
            if page.path == path {
                let content = chapter.get_mut("content").ok_or("a chapter has a content")?;
                *content = json!(format!("{}\n{}", content.as_str().unwrap_or_default(), page.text));
                continue;
            }
            let mut parents = chapter.get("parent_names").and_then(Value::as_array).cloned().unwrap_or_default();
            parents.push(name.clone());
            let number = number.clone().map(|mut number| {
                number.push(json!(below.len() + 1));
                number
            });
            below.push(json!({"Chapter": {
                "name": page.title, "content": page.text, "number": number, "sub_items": [],
                "path": page.path, "source_path": null, "parent_names": parents,
            }}));
        }
        if let Some(kept) = chapter.get_mut("sub_items").and_then(Value::as_array_mut) {
            kept.extend(below);
            place(kept, pages)?;
        }
    }
    Ok(())
}
