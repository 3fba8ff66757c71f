//! Whether an application has forms that Flask-WTF could protect: without them its settings are read by nobody.

use crate::loader::{self, Kind, Loader};

/// Files that are looked into.
const MAX_FILES: usize = 300;
/// How deep they may lie below the module's folder.
const DEEPEST: usize = 3;
/// Folders above the module, its own included, whose lists of packages are read.
const MAX_FOLDERS: usize = 4;
/// Files that list the packages of a program.
const LISTS: &[&str] = &["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg"];

/// Whether the module, a file below its folder, or a list of packages names `Flask-WTF`, `WTForms`, or what is built on them.
pub(super) fn are_used(loader: &dyn Loader, path: &str, text: &str) -> bool {
    names(text) || are_listed(loader, path) || are_below(loader, loader::folder(path))
}

fn names(text: &str) -> bool {
    ["flask_wtf", "flaskext.wtf", "wtforms", "flask_security", "flask_appbuilder"]
        .iter()
        .any(|name| text.contains(name))
}

fn are_listed(loader: &dyn Loader, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..MAX_FOLDERS {
        let mut lists = LISTS.iter().filter_map(|name| text_of(loader, &loader::join(folder, name)?));
        if lists.any(|text| names(&text.to_ascii_lowercase().replace('-', "_"))) {
            return true;
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    false
}

fn are_below(loader: &dyn Loader, folder: &str) -> bool {
    let mut next = vec![(folder.to_owned(), 0)];
    let mut files = 0;
    while let Some((here, depth)) = next.pop() {
        for name in loader.list(&here) {
            let Some(path) = loader::join(&here, &name) else { continue };
            if name.rsplit_once('.').is_some_and(|(_, end)| end == "py") {
                files += 1;
                if files > MAX_FILES {
                    // What is not looked into may have some.
                    return true;
                }
                if text_of(loader, &path).is_some_and(|text| names(&text)) {
                    return true;
                }
            } else if depth < DEEPEST
                && !name.starts_with('.')
                && !matches!(&*name, "node_modules" | "venv" | "tests")
                && loader.stat(&path).is_some_and(|stat| stat.kind == Kind::Folder)
            {
                next.push((path, depth + 1));
            }
        }
    }
    false
}

fn text_of(loader: &dyn Loader, path: &str) -> Option<String> {
    loader.stat(path).filter(|stat| stat.kind == Kind::File)?;
    Some(String::from_utf8_lossy(&loader.read(path).ok()?).into_owned())
}
