//! Where Ansible writes a template to, which tells what it is where its own name does not: `template` with `src` and `dest`.

use crate::loader::{self, Loader};
use crate::syntax::yaml::{self, Document, ItemId, Kind};
use crate::workspace::Memo;
use std::collections::BTreeMap;

/// More files of tasks than these are not read.
const MAX_FILES: usize = 200;
const MAX_FILE: usize = 256 << 10;
const MAX_DEPTH: usize = 24;

/// What the tasks of a role, or of playbooks, write: the template, below its folder, and where it goes.
struct Written(BTreeMap<String, String>);

/// The path that the template at `path` is written to, if a task at hand says so.
pub(crate) fn of(loader: &dyn Loader, memo: &Memo, path: &str) -> Option<String> {
    let (base, below) = match path.rfind("/templates/") {
        Some(at) => (path.get(..at)?, path.get(at + "/templates/".len()..)?),
        None => ("", path.strip_prefix("templates/")?),
    };
    memo.of_many(loader, base, |loader| Written(written(loader, base))).0.get(below).cloned()
}

fn written(loader: &dyn Loader, base: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let tasks = loader::join(base, "tasks").unwrap_or_default();
    let handlers = loader::join(base, "handlers").unwrap_or_default();
    let mut files = 0;
    for folder in [base, &tasks, &handlers] {
        for name in loader.list(folder) {
            let is_yaml = [".yml", ".yaml"].iter().any(|ending| name.ends_with(ending));
            let Some(path) = loader::join(folder, &name).filter(|_| is_yaml && files < MAX_FILES) else { continue };
            files += 1;
            let Some(bytes) = loader.read(&path).ok().filter(|bytes| bytes.len() <= MAX_FILE) else { continue };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if !text.contains("template") || !text.contains("dest") {
                continue;
            }
            for document in &yaml::parse(&text).documents {
                if let Some(root) = document.root() {
                    tasks_of(document, root, 0, &mut found);
                }
            }
        }
    }
    found
}

fn tasks_of(document: &Document, id: ItemId, depth: usize, found: &mut BTreeMap<String, String>) {
    let Some(item) = document.get(id).filter(|_| depth < MAX_DEPTH) else { return };
    match &item.kind {
        Kind::Sequence(items) => items.iter().for_each(|item| tasks_of(document, *item, depth + 1, found)),
        Kind::Mapping(entries) => {
            for (key, value) in entries {
                let is_template = text(document, *key).is_some_and(|name| name.rsplit('.').next() == Some("template"));
                if is_template {
                    found.extend(pair(document, *value));
                } else {
                    tasks_of(document, *value, depth + 1, found);
                }
            }
        }
        _ => {}
    }
}

/// The `src` and the `dest` of a task.
fn pair(document: &Document, id: ItemId) -> Option<(String, String)> {
    let (src, dest) = match &document.get(id)?.kind {
        Kind::Mapping(entries) => {
            let named = |wanted: &str| {
                let entry = entries.iter().find(|(key, _)| text(document, *key) == Some(wanted));
                entry.and_then(|(_, value)| text(document, *value))
            };
            (named("src")?.to_owned(), named("dest")?.to_owned())
        }
        Kind::Scalar { text, .. } => {
            let named = |wanted: &str| text.split_whitespace().find_map(|word| word.strip_prefix(wanted));
            (named("src=")?.to_owned(), named("dest=")?.to_owned())
        }
        _ => return None,
    };
    let src = src.strip_prefix("templates/").map(str::to_owned).unwrap_or(src);
    let told = !src.contains("{{") && !dest.ends_with(['/', '}']);
    told.then_some((src, dest))
}

fn text(document: &Document, id: ItemId) -> Option<&str> {
    match &document.get(id)?.kind {
        Kind::Scalar { text, .. } => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn a_task_says_where_its_template_goes() {
        let tasks = "- name: a\n  template:\n    src: local.j2\n    dest: \"{{ home }}/local_settings.py\"\n\
                     - block:\n    - ansible.builtin.template: src=redis.j2 dest=/etc/redis/redis.conf mode=0640\n\
                     - template: { src: 'sites/{{ item }}.j2', dest: /etc/x }\n- template: { src: d.j2, dest: /etc/d/ }\n";
        let loader = Memory::new([("roles/a/tasks/main.yml", tasks), ("roles/b/tasks/main.yml", "")]);
        let memo = Memo::default();
        for (path, expected) in [
            ("roles/a/templates/local.j2", Some("{{ home }}/local_settings.py")),
            ("roles/a/templates/redis.j2", Some("/etc/redis/redis.conf")),
            ("roles/a/templates/sites/x.j2", None),
            ("roles/a/templates/d.j2", None),
            ("roles/b/templates/local.j2", None),
            ("roles/a/local.j2", None),
        ] {
            assert_eq!(of(&loader, &memo, path).as_deref(), expected, "{path}");
        }
    }
}
