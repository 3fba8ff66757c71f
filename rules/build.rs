//! Packs `<format>/<what-is-wrong>.yaml` into one blob of JSON a format, so that no YAML is read when the program runs.
//!
//! A rule's id is its path. What the fields mean is not known here: `hardlint-lint` reads them, and its tests run every
//! rule. Their examples are packed apart: only people read those. Only what is no YAML at all stops the build, with file and line.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=.");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut blob = Vec::new();
    let mut shown = Vec::new();
    let mut table = String::from("[\n");
    for folder in sorted(&root)? {
        let format = name(&folder);
        let files: Vec<PathBuf> = if folder.is_dir() && format != "src" && format != "target" {
            sorted(&folder)?.into_iter().filter(|file| file.extension().is_some_and(|it| it == "yaml")).collect()
        } else {
            continue;
        };
        let mut rules = files.iter().map(|file| rule(&format, file)).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            continue;
        }
        let (start, shown_start) = (blob.len(), shown.len());
        serde_json::to_writer(&mut shown, &rules.iter_mut().filter_map(examples).collect::<serde_json::Map<_, _>>())?;
        serde_json::to_writer(&mut blob, &rules)?;
        let range = |start: usize, end: usize| format!("{}..{}", grouped(start), grouped(end));
        let (all, shown) = (range(start, blob.len()), range(shown_start, shown.len()));
        writeln!(table, "    ({format:?}, {all}, {shown}),")?;
    }
    table.push_str("]\n");
    fs::write(out.join("rules.json"), blob)?;
    fs::write(out.join("examples.json"), shown)?;
    fs::write(out.join("table.rs"), table)?;
    Ok(())
}

/// A number as it is written in code, in groups of three digits.
fn grouped(number: usize) -> String {
    let text = number.to_string();
    let first = text.len() % 3;
    let digits = text.char_indices();
    digits.fold(String::new(), |out, (at, digit)| {
        let new = at > 0 && at % 3 == first;
        out + if new { "_" } else { "" } + &digit.to_string()
    })
}

/// Takes the examples out of a rule: those in which it fires, and those in which it is silent, under its id.
fn examples(rule: &mut serde_json::Value) -> Option<(String, serde_json::Value)> {
    let fields = rule.as_object_mut()?;
    let mut taken = |name| fields.remove(name).unwrap_or_else(|| serde_json::Value::Array(Vec::new()));
    let both = vec![taken("bad"), taken("good")];
    Some((fields.get("id")?.as_str()?.to_owned(), both.into()))
}

fn rule(format: &str, file: &Path) -> Result<serde_json::Value, Failure> {
    let text = fs::read_to_string(file)?;
    let told = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let mut rule: serde_json::Value = serde_saphyr::from_str(&text).map_err(|error| match error.location() {
        Some(at) => format!("{}:{}:{}: {error}", file.display(), at.line(), at.column()),
        None => told(&error),
    })?;
    let fields = rule.as_object_mut().ok_or_else(|| told(&"a rule is a map of fields"))?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    fields.insert("id".to_owned(), format!("{format}/{stem}").into());
    Ok(rule)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Failure>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
