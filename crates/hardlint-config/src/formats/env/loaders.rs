//! Who loads a file of variables: a Compose project by its name or by `env_file`, Python code that lies by it.
//!
//! Imports are looked for in the text of few files near by. What is not found is not known; nothing is guessed from a name
//! alone.

use super::dialect::Dialect;
use crate::formats::{ByName, by_name, compose};
use crate::loader;
use crate::text::FileId;
use crate::workspace::{Query, Reader};
use std::collections::BTreeSet;

/// Folders above a file in which a Compose project that names it is looked for.
const NEAR: usize = 3;
/// Files of Python that are looked into.
const MAX_LOOKED_INTO: usize = 60;

/// The dialects that a file is known to be read in.
pub(super) fn of(reader: &mut Reader<'_>, query: &Query, file: FileId) -> BTreeSet<Dialect> {
    let path = reader.source(file).path.clone();
    let mut found = BTreeSet::new();
    if by_compose(reader, query, &path) {
        found.insert(Dialect::Compose);
    }
    if loader::name(&path) == ".env" {
        found.extend(by_python(reader, loader::folder(&path)));
    }
    found
}

fn by_compose(reader: &Reader<'_>, query: &Query, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..=NEAR {
        for name in reader.loader.list(folder) {
            let Some(candidate) = loader::join(folder, &name) else { continue };
            if !matches!(by_name(&candidate), ByName::Is(format) if format.id == compose::FORMAT.id) {
                continue;
            }
            let mut other = reader.another();
            let Ok(id) = other.open(&candidate, None) else { continue };
            let links = (compose::FORMAT.links)(&mut other, query, id);
            if links.iter().any(|link| link.paths.iter().any(|to| to == path)) {
                return true;
            }
        }
        if folder.is_empty() {
            return false;
        }
        folder = loader::folder(folder);
    }
    false
}

/// What Python code beside a `.env`, or up to two folders below, reads it with.
fn by_python(reader: &Reader<'_>, folder: &str) -> BTreeSet<Dialect> {
    let mut found = BTreeSet::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut looked = 0;
    while let Some((folder, depth)) = folders.pop() {
        for name in reader.loader.list(&folder) {
            let Some(path) = loader::join(&folder, &name) else { continue };
            let Some(stat) = reader.loader.stat(&path).filter(|_| !name.starts_with('.')) else { continue };
            match stat.kind {
                loader::Kind::Folder if depth < 2 => folders.push((path, depth + 1)),
                loader::Kind::File if name.strip_suffix(".py").is_some() && looked < MAX_LOOKED_INTO => {
                    looked += 1;
                    let mut other = reader.another();
                    let Ok(id) = other.open(&path, None) else { continue };
                    let text = &other.source(id).text;
                    let imports = |module: &str| {
                        text.lines().any(|line| {
                            let mut words = line.trim_start().splitn(3, [' ', '\t']);
                            matches!(words.next(), Some("from" | "import"))
                                && words.next().is_some_and(|name| name.trim_end_matches(',') == module)
                        })
                    };
                    let reads = [
                        (imports("decouple"), Dialect::Decouple),
                        (imports("environ") && text.contains("read_env("), Dialect::DjangoEnviron),
                        (imports("dotenv") && text.contains("dotenv"), Dialect::PythonDotenv),
                    ];
                    found.extend(reads.into_iter().filter(|(reads, _)| *reads).map(|(_, dialect)| dialect));
                }
                _ => {}
            }
        }
    }
    found
}
