//! Each stage of a check by itself: walk, detect, look, parse, resolve, link, rules, report.
//!
//! ```sh
//! cargo run --release --manifest-path benches/stages/Cargo.toml -- --bench
//! HARDLINT_TREE=/path/to/tree cargo run --release --manifest-path benches/stages/Cargo.toml -- --bench resolve
//! ```
//!
//! Over `testdata/shop`, or the folder that `HARDLINT_TREE` names, in one thread and, but for the walk, in memory: what the
//! system takes to open files is the whole run's to measure. `parse` is what texts cost that are syntax trees before they are
//! anything else; other formats are read and resolved in one go.

use criterion::{Criterion, SamplingMode};
use hardlint_config::deployment;
use hardlint_config::formats::{self, ByName, FORMATS, compose};
use hardlint_config::loader::Memory;
use hardlint_config::model::Model;
use hardlint_config::syntax::{ini, python, yaml};
use hardlint_config::workspace::{Detection, Query, Reader, Unit, Workspace};
use hardlint_lint::{Linter, Options};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn main() -> anyhow::Result<()> {
    let folder = std::env::var_os("HARDLINT_TREE")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/shop")), PathBuf::from);
    let mut criterion = Criterion::default().configure_from_args();
    let mut stages = criterion.benchmark_group("stages");
    // A tree takes seconds: ten runs of it say enough.
    stages.sample_size(10).sampling_mode(SamplingMode::Flat);

    let walk = hardlint::stages::walking(&folder)?;
    stages.bench_function("walk", |bench| bench.iter(&walk));

    let memory = in_memory(&folder)?;
    stages.bench_function("detect", |bench| bench.iter(|| detect(&memory)));
    let workspace = looked_at(&memory);
    stages.bench_function("look", |bench| bench.iter(|| looked_at(&memory).slots().count()));

    let units = workspace.units();
    let texts = |ids: &[&str]| -> Vec<String> {
        let of = |unit: &&Unit| ids.contains(&unit.format);
        let files = units.iter().filter(of).flat_map(|unit| &unit.files);
        files.filter_map(|path| Some(String::from_utf8_lossy(memory.files.get(&**path)?).into_owned())).collect()
    };
    let yamls = texts(&["compose"]);
    stages.bench_function("parse/yaml", |bench| {
        bench.iter(|| yamls.iter().for_each(|text| drop(black_box(yaml::parse(text)))));
    });
    let modules = texts(&["django", "flask", "asgi"]);
    stages.bench_function("parse/python", |bench| {
        bench.iter(|| modules.iter().for_each(|text| drop(black_box(python::parse(text)))));
    });
    let inis = texts(&["airflow"]);
    stages.bench_function("parse/ini", |bench| {
        bench.iter(|| inis.iter().for_each(|text| drop(black_box(ini::parse(text)))));
    });

    for format in FORMATS {
        let own: Vec<&Unit> = units.iter().filter(|unit| unit.format == format.id).collect();
        if !own.is_empty() {
            stages.bench_function(format!("resolve/{}", format.id), |bench| {
                bench.iter(|| own.iter().for_each(|unit| drop(black_box(resolve(&workspace, unit)))));
            });
        }
    }

    let mut resolved: Vec<(Model, Reader<'_>)> = units.iter().filter_map(|unit| resolve(&workspace, unit)).collect();
    stages.bench_function("link", |bench| bench.iter(|| link(&workspace, &mut resolved)));

    let linter = Linter::new(Options { preview: true, pedantic: true, ..Options::default() });
    stages.bench_function("rules", |bench| {
        bench.iter(|| resolved.iter().map(|(model, reader)| linter.apply(model, reader)).sum::<usize>());
    });

    let report = hardlint::stages::reporting(&folder)?;
    stages.bench_function("report", |bench| bench.iter(&report));
    stages.finish();
    criterion.final_summary();
    Ok(())
}

/// The files of a folder, by their paths below it.
fn in_memory(folder: &Path) -> std::io::Result<Memory> {
    let mut memory = Memory::new(std::iter::empty::<(&str, &str)>());
    let mut next = vec![folder.to_owned()];
    while let Some(inner) = next.pop() {
        for entry in std::fs::read_dir(inner)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                next.push(path);
            } else if let (true, Ok(below)) = (kind.is_file(), path.strip_prefix(folder)) {
                memory.files.insert(below.to_string_lossy().into_owned(), std::fs::read(&path)?);
            }
        }
    }
    Ok(memory)
}

/// How many files some format claims, by name or by content.
fn detect(memory: &Memory) -> usize {
    let is_ours = |(path, bytes): &(&String, &Vec<u8>)| match formats::by_name(path) {
        ByName::Is(_) => true,
        ByName::Nothing => false,
        ByName::Perhaps => std::str::from_utf8(bytes).is_ok_and(|text| formats::by_content(path, text).is_some()),
    };
    memory.files.iter().filter(is_ours).count()
}

fn looked_at(memory: &Memory) -> Workspace<'_> {
    let mut workspace = Workspace::new(memory, Query::default());
    let paths = memory.files.keys().map(|path| Arc::from(path.as_str()));
    let looked: Vec<_> =
        paths.map(|path: Arc<str>| (path.clone(), workspace.look(&path, Detection::Automatic))).collect();
    for (path, slot) in looked {
        workspace.insert(path, slot);
    }
    workspace
}

fn resolve<'w>(workspace: &'w Workspace<'_>, unit: &Unit) -> Option<(Model, Reader<'w>)> {
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &unit.root, formats::named(unit.format)?);
    Some((model, reader))
}

/// Joins each Compose project with all that it names.
fn link(workspace: &Workspace<'_>, resolved: &mut [(Model, Reader<'_>)]) -> usize {
    let projects = resolved.iter_mut().filter(|(model, _)| model.format.id == compose::FORMAT.id);
    projects.map(|(model, reader)| deployment::of_project(reader, &workspace.query, model).scopes.len()).sum()
}
