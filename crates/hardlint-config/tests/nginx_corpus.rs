//! Reads every nginx file of a corpus of real projects: none may panic, and next to all are understood.
//!
//! `HARDLINT_CORPUS` names the folder; without it the test says so and passes.

use hardlint_config::formats;
use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Workspace};
use std::path::Path;
use std::sync::Arc;

#[expect(clippy::disallowed_methods, reason = "the test reads a corpus from the disk")]
fn read(folder: &Path, below: &str, memory: &mut Memory) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            read(&entry.path(), &path, memory);
        } else if kind.is_file() {
            memory.files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a person asks for this test and reads what it prints"
)]
fn every_nginx_file_of_the_corpus_is_understood() {
    let Ok(corpus) = std::env::var("HARDLINT_CORPUS") else {
        eprintln!("HARDLINT_CORPUS is not set: no corpus was read");
        return;
    };
    let mut memory = Memory::default();
    read(Path::new(&corpus), "", &mut memory);
    let mut workspace = Workspace::new(&memory, Query::default());
    let paths: Vec<Arc<str>> = memory.files.keys().map(|path| path.as_str().into()).collect();
    for path in &paths {
        let slot = workspace.look(path, Detection::Automatic);
        workspace.insert(path.clone(), slot);
    }
    let nginx = formats::named("nginx").unwrap();
    let (mut files, mut problems) = (0, 0);
    for unit in workspace.units().into_iter().filter(|unit| unit.format == "nginx") {
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &unit.root, nginx);
        files += unit.files.len();
        for problem in &model.problems {
            problems += 1;
            let line = problem.at.map_or(0, |at| reader.source(at.file).position(at.span.start).line);
            eprintln!("{}:{line}: {}", problem.path, problem.message);
        }
    }
    eprintln!("{files} files of nginx, {problems} problems");
    assert!(files > 0, "the corpus has no file of nginx");
    // Some hold what nginx refuses.
    assert!(problems * 100 <= files, "{problems} problems in {files} files");
}
