//! Which packages an application is built on: where one is missing, its settings are read by nobody.

use crate::loader::{self, Kind, Loader};

/// Files that are looked into.
const MAX_FILES: usize = 300;
/// How deep they may lie below the module's folder.
const DEEPEST: usize = 3;
/// Folders above the module, its own included, whose lists of packages are read.
const MAX_FOLDERS: usize = 4;
/// Files that list the packages of a program.
const LISTS: &[&str] = &["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg"];

/// A package whose settings are told of where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Package {
    Forms,
    Logins,
    Tokens,
}

impl Package {
    pub(super) const ALL: [Self; 3] = [Self::Forms, Self::Logins, Self::Tokens];

    /// The names of the package, and of what is built on it.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Forms => &["flask_wtf", "flaskext.wtf", "wtforms", "flask_security", "flask_appbuilder"],
            Self::Logins => &[
                "flask_login",
                "flaskext.login",
                "flask_security",
                "flask_appbuilder",
                "flask_user",
                "flask_praetorian",
            ],
            Self::Tokens => &["flask_jwt_extended", "flask_appbuilder"],
        }
    }

    /// Settings of the package for which it matters whether it is used.
    pub(super) fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Forms => &["WTF_CSRF_ENABLED"],
            Self::Logins => &["LOGIN_DISABLED", "REMEMBER_COOKIE_HTTPONLY", "REMEMBER_COOKIE_SECURE"],
            Self::Tokens => &["JWT_ACCESS_TOKEN_EXPIRES", "JWT_TOKEN_LOCATION"],
        }
    }
}

/// Flask, and what is built on it.
pub(super) const FLASK: &[&str] = &["flask", "quart"];

/// Whether the module, a file below its folder, or a list of packages names one of the packages.
pub(super) fn are_used(loader: &dyn Loader, path: &str, text: &str, packages: &[&str]) -> bool {
    let names = |text: &str| packages.iter().any(|name| text.contains(name));
    names(text) || are_listed(loader, path, &names) || are_below(loader, loader::folder(path), &names)
}

fn are_listed(loader: &dyn Loader, path: &str, names: &dyn Fn(&str) -> bool) -> bool {
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

fn are_below(loader: &dyn Loader, folder: &str, names: &dyn Fn(&str) -> bool) -> bool {
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
