//! Real projects, where they are at hand: `HARDLINT_CORPUS` names their folder.

use super::resolve;
use crate::loader::Memory;
use std::path::{Path, PathBuf};

fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() {
            python_files(&path, found);
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "py") {
            found.push(path);
        }
    }
}

#[test]
fn every_settings_module_is_understood() {
    let Ok(corpus) = std::env::var("HARDLINT_CORPUS") else {
        println!("skipped: HARDLINT_CORPUS is not set");
        return;
    };
    let mut projects: Vec<PathBuf> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    projects.sort();
    let mut modules = 0;
    for project in projects.iter().filter(|path| path.is_dir()) {
        let mut files = Vec::new();
        python_files(project, &mut files);
        let read =
            |path: &PathBuf| Some((path.strip_prefix(project).ok()?.to_str()?.to_owned(), std::fs::read(path).ok()?));
        let memory = Memory::new(files.iter().filter_map(read));
        for (path, text) in &memory.files {
            let Ok(text) = std::str::from_utf8(text) else { continue };
            if !super::super::detect::is_settings(path, text) {
                continue;
            }
            let model = resolve(&memory, path, None);
            modules += 1;
            let checks = |fact| super::fact(&model, fact).split_whitespace().count();
            println!(
                "{}/{path}: {} settings, open {:?}, {} checks fail, {} unknown",
                project.file_name().unwrap_or_default().to_string_lossy(),
                model.scopes.iter().filter(|scope| model.format.schema.kind(scope.kind).name == "setting").count(),
                model.scopes.first().and_then(|scope| scope.open.as_ref().map(ToString::to_string)),
                checks("failed_checks"),
                checks("unknown_checks"),
            );
            assert_eq!(model.problems, [], "{path}");
        }
    }
    assert!(modules >= 15, "{modules} settings modules");
}
