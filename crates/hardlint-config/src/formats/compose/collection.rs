//! Collections of examples: many folders side by side, each with a Compose file and nothing that it could be deployed with; fewer
//! are enough where a text about it lies beside each.
//!
//! Manuals of images are kept so. What somebody runs has more beside it: a folder that is mounted, variables, something
//! that is built, or a configuration.

use super::discover::BASES;
use crate::loader::{self, Kind, Loader};
use crate::workspace::Reader;

/// How many such folders make a collection where each says what it is.
const MANY: usize = 8;
/// How many do where they do not: a server of so many stacks mounts something or takes a variable in more than a few of them.
const CROWD: usize = 16;
/// Folders side by side that are looked into.
const MOST: usize = 256;
/// What the text of a file that rests on something of its own has in it.
const OWN: &[&str] = &["build:", "./", "${", "env_file", "configs:", "secrets:"];

/// The folders of a collection, by the folder around them; empty where they are none.
struct Collection(bool);

/// Whether the Compose file at `path` is one of a collection of examples.
pub(crate) fn is_example(reader: &Reader<'_>, path: &str) -> bool {
    let folder = loader::folder(path);
    if folder.is_empty() || !stands_alone(reader.loader, folder) {
        return false;
    }
    let around = loader::folder(folder);
    let loader = reader.loader;
    reader.memo.of::<Collection>(around, || Collection(is_collection(loader, around))).0
}

fn is_collection(loader: &dyn Loader, around: &str) -> bool {
    let folders = loader.list(around).into_iter().take(MOST).filter_map(|name| loader::join(around, &name));
    let is_folder = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::Folder);
    let with_compose = folders.filter(is_folder).filter_map(|folder| {
        let path =
            BASES.iter().find_map(|name| loader::join(&folder, name).filter(|path| loader.stat(path).is_some()))?;
        Some((folder, path))
    });
    let (mut bare, mut described, mut others) = (0, 0, 0);
    for (folder, path) in with_compose {
        let bytes = loader.read(&path).unwrap_or_default();
        let rests = OWN.iter().any(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some());
        if stands_alone(loader, &folder) && !rests {
            bare += 1;
            described += usize::from(is_described(loader, &folder));
        } else {
            others += 1;
        }
    }
    // One that is not bare among many is an example with a little more.
    (described >= MANY || bare >= CROWD) && others * 4 <= bare
}

/// Whether a text lies in a folder that says what it is.
fn is_described(loader: &dyn Loader, folder: &str) -> bool {
    loader.list(folder).iter().any(|name| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        name == "README" || ending.is_some_and(|ending| matches!(ending.as_str(), "md" | "txt" | "rst"))
    })
}

/// Whether nothing but prose and pictures lies beside a Compose file.
fn stands_alone(loader: &dyn Loader, folder: &str) -> bool {
    const PROSE: &[&str] = &["md", "txt", "rst", "png", "svg", "jpg", "json"];
    loader.list(folder).iter().all(|name| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        BASES.contains(&name.as_str())
            || ending.is_some_and(|ending| PROSE.contains(&ending.as_str()))
            || matches!(name.as_str(), "LICENSE" | "README" | "deprecated" | "github-repo")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;
    use crate::workspace::{Query, Workspace};

    #[test]
    fn the_stacks_of_a_server_are_no_examples() {
        let many = |count: usize, beside: &[&str]| {
            let names: Vec<String> = (0..count).map(|at| format!("stack{at}")).collect();
            let files = names.iter().flat_map(|name| {
                let compose = (format!("stacks/{name}/compose.yaml"), "services: {a: {image: x}}");
                let beside = beside.iter().map(move |more| (format!("stacks/{name}/{more}"), ""));
                std::iter::once(compose).chain(beside)
            });
            let memory = Memory::new(files);
            let workspace = Workspace::new(&memory, Query::default());
            is_example(&workspace.reader(), "stacks/stack1/compose.yaml")
        };
        let is = |beside: &[&str]| many(9, beside);
        assert!(is(&["content.md", "logo.png"]) && is(&["README"]));
        assert!(!is(&[]) && !is(&["logo.png"]) && !is(&["README.md", "app.conf"]));
        assert!(many(CROWD, &[]) && !many(CROWD - 1, &[]) && !many(CROWD, &["app.conf"]));
    }
}
