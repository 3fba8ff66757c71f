//! Which settings modules Django is started with.
//!
//! `DJANGO_SETTINGS_MODULE` decides. What deploys the project (Compose, an image, a Procfile) may set it; `manage.py`,
//! `wsgi.py` and `asgi.py` only name the module for where nothing does. Texts are searched for the name, not understood:
//! this is asked for every settings module, and only tells whether it is judged by itself.

use super::eval;
use crate::deployment::role::{self, Role};
use crate::formats::python::service::Given;
use crate::loader::{self, Kind, Loader};
use crate::model::Text;
use std::collections::BTreeMap;

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
/// Folders above the project, the project's own included, in which what deploys it is looked for.
const MAX_FOLDERS: usize = 6;
/// Files of a folder that are looked at.
const MAX_FILES: usize = 200;

/// The settings modules, by path, that the project of the module at `path` is started with.
pub(super) fn modules(loader: &dyn Loader, path: &str) -> Vec<String> {
    let (folder, found) = starters(loader, path);
    let mut named = Vec::new();
    let mut above = folder.as_str();
    for _ in 0..MAX_FOLDERS {
        for file in deployers(loader, above) {
            named.extend(modules_in(loader, &file, &format!("{folder}/manage.py")));
        }
        if above.is_empty() {
            break;
        }
        above = loader::folder(above);
    }
    if named.is_empty() { found } else { named }
}

/// Whether a service that is built from `context`, with these variables, runs the module at `path`.
pub(super) fn runs(loader: &dyn Loader, context: &str, variables: &BTreeMap<String, Given>, path: &str) -> bool {
    match variables.get(VARIABLE).map(|given| &given.text) {
        Some(Text::Known(module)) => {
            let manage = loader::join(context, "manage.py").unwrap_or_default();
            let start = project(loader, path).unwrap_or(manage);
            eval::locate(loader, &start, 0, module).is_ok_and(|to| to == path)
        }
        Some(Text::Pieces(_)) => false,
        None => modules(loader, path).iter().any(|to| to == path),
    }
}

/// The `manage.py` of the project, if it has one.
fn project(loader: &dyn Loader, path: &str) -> Option<String> {
    let mut folder = loader::folder(path);
    loop {
        let manage = below(folder, "manage.py");
        if loader.stat(&manage).is_some() {
            return Some(manage);
        }
        if folder.is_empty() {
            return None;
        }
        folder = loader::folder(folder);
    }
}

/// The project's folder, and the modules that its starters name.
fn starters(loader: &dyn Loader, path: &str) -> (String, Vec<String>) {
    let mut folder = loader::folder(path);
    let mut found = Vec::new();
    loop {
        let manage = below(folder, "manage.py");
        let has_manage = loader.stat(&manage).is_some();
        let mut files = vec![manage, below(folder, "wsgi.py"), below(folder, "asgi.py")];
        if has_manage {
            for name in loader.list(folder).into_iter().take(MAX_FILES) {
                files.extend([below(folder, &format!("{name}/wsgi.py")), below(folder, &format!("{name}/asgi.py"))]);
            }
        }
        for file in files {
            found.extend(modules_in(loader, &file, &file));
        }
        if has_manage || folder.is_empty() {
            return (folder.to_owned(), found);
        }
        folder = loader::folder(folder);
    }
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The files of a folder that may say how a project is started where it serves people.
pub(in crate::formats) fn deployers(loader: &dyn Loader, folder: &str) -> Vec<String> {
    let is = |name: &String| {
        let lower = name.to_ascii_lowercase();
        let yaml = lower.strip_suffix(".yaml").or_else(|| lower.strip_suffix(".yml"));
        yaml.is_some_and(|name| name.contains("compose"))
            || lower.contains("dockerfile")
            || lower == "procfile"
            || lower == ".env"
    };
    let names = loader.list(folder).into_iter().filter(is).take(MAX_FILES);
    let serves = |path: &String| matches!(role::of_path(loader::name(path)), Role::Production | Role::Unknown);
    names.map(|name| below(folder, &name)).filter(serves).collect()
}

/// The modules, by path, that a file sets the variable to; `from` is where their names are looked up from.
fn modules_in(loader: &dyn Loader, file: &str, from: &str) -> Vec<String> {
    let is_file = loader.stat(file).is_some_and(|stat| stat.kind == Kind::File);
    let Some(text) = loader.read(file).ok().filter(|_| is_file) else { return Vec::new() };
    let text = String::from_utf8_lossy(&text);
    named(&text).into_iter().filter_map(|module| eval::locate(loader, from, 0, module).ok()).collect()
}

/// The names that a text gives the variable. Of `${DJANGO_SETTINGS_MODULE:-site.settings}`, the default.
pub(crate) fn named(text: &str) -> Vec<&str> {
    text.match_indices(VARIABLE)
        .filter_map(|(at, name)| {
            let rest = text.get(at + name.len()..)?;
            let rest = rest.trim_start_matches(['"', '\'', ']', ',', ' ', '=', '\n', '\t', '(', ':', '-']);
            let rest = match rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
                Some((inner, _)) => inner.split_once('-')?.1,
                None => rest,
            };
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            rest.get(..end).filter(|module| !module.is_empty())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn the_name_is_found_however_it_is_set() {
        for text in [
            "os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"site.settings\")",
            "os.environ[\n'DJANGO_SETTINGS_MODULE'] = 'site.settings'",
            "  DJANGO_SETTINGS_MODULE: site.settings",
            "- DJANGO_SETTINGS_MODULE=site.settings",
            "ENV DJANGO_SETTINGS_MODULE site.settings",
            "ENV DJANGO_SETTINGS_MODULE=\"site.settings\"",
            "DJANGO_SETTINGS_MODULE=${DJANGO_SETTINGS_MODULE:-site.settings}",
            "DJANGO_SETTINGS_MODULE: ${WHICH-site.settings}",
        ] {
            assert_eq!(named(text).last(), Some(&"site.settings"), "{text}");
        }
    }

    #[test]
    fn what_deploys_the_project_overrules_its_starters() {
        let files = |deployer: &str, text: &str| {
            Memory::new([
                ("web/manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.base')\n"),
                ("web/site/__init__.py", ""),
                ("web/site/base.py", ""),
                ("web/site/live.py", ""),
                (deployer, text),
            ])
        };
        let of = |memory: &Memory| modules(memory, "web/site/live.py");
        assert_eq!(of(&files("README", "DJANGO_SETTINGS_MODULE=site.live")), ["web/site/base.py"]);
        assert_eq!(of(&files("compose.yaml", "DJANGO_SETTINGS_MODULE: site.live")), ["web/site/live.py"]);
        assert_eq!(of(&files("web/Dockerfile", "ENV DJANGO_SETTINGS_MODULE=site.live")), ["web/site/live.py"]);
        assert_eq!(of(&files("compose.dev.yaml", "DJANGO_SETTINGS_MODULE: site.live")), ["web/site/base.py"]);
    }
}
