//! What a template of Ansible is filled with: the variables of its role and of the plays around it, as far as they are at
//! hand, by Ansible's order of precedence.
//!
//! A role's default counts as what is used where nothing else sets it. Where the files at hand do not agree, nothing is known.

use super::gather::{self, Layer, Setting, Tree};
use super::value::Value;
use crate::loader::{self, Kind, Loader};
use crate::workspace::Memo;
use std::sync::Arc;

/// The variables that a template sees.
pub(super) struct Variables {
    pub(super) tree: Arc<Tree>,
    /// The folder of its role, below the root of the tree.
    role: Option<String>,
}

/// The folder that a template's role or playbook lies in, and the folder that all of the plays lie in.
struct Layout {
    root: String,
    role: Option<String>,
}

fn layout(loader: &dyn Loader, path: &str) -> Option<Layout> {
    let is_folder = |path: &str| loader.stat(path).is_some_and(|stat| stat.kind == Kind::Folder);
    let has = |folder: &str, names: &[&str]| {
        names.iter().filter_map(|name| loader::join(folder, name)).any(|path| loader.stat(&path).is_some())
    };
    let mut folder = loader::folder(path);
    while loader::name(folder) != "templates" {
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    if loader::name(folder) != "templates" {
        // A playbook takes templates beside itself as well.
        let own = loader::folder(path);
        return has(own, &["group_vars", "host_vars", "ansible.cfg"])
            .then(|| Layout { root: own.to_owned(), role: None });
    }
    let base = loader::folder(folder);
    let above = loader::folder(base);
    let plays = ["group_vars", "host_vars", "ansible.cfg", "inventory", "inventories", "hosts"];
    if loader::name(above) == "roles" {
        let root = loader::folder(above);
        // Playbooks may have a folder of their own, and the inventory lies beside that.
        let higher = loader::folder(root);
        let root = if !root.is_empty() && !has(root, &plays) && has(higher, &plays) { higher } else { root };
        let role = base.strip_prefix(root).unwrap_or(base).trim_start_matches('/').to_owned();
        return Some(Layout { root: root.to_owned(), role: Some(role) });
    }
    let parts = ["tasks", "defaults", "meta", "handlers"].iter().filter_map(|part| loader::join(base, part));
    if parts.filter(|part| is_folder(part)).count() > 0 {
        return Some(Layout { root: base.to_owned(), role: Some(String::new()) });
    }
    has(base, &plays).then(|| Layout { root: base.to_owned(), role: None })
}

impl Variables {
    /// Those of the template at `path`, if it lies where Ansible looks for templates.
    pub(super) fn of(loader: &dyn Loader, memo: &Memo, path: &str) -> Option<Self> {
        let Layout { root, role } = layout(loader, path)?;
        let tree = memo.of_many(loader, &root, |loader| Tree::of(loader, &root));
        Some(Self { tree, role })
    }

    /// The value of a name, and the places that say so.
    pub(super) fn value(&self, name: &str) -> (Value, Vec<&Setting>) {
        if self.tree.too_large {
            return (Value::Unknown, Vec::new());
        }
        let all = self.tree.settings.get(name).map(Vec::as_slice).unwrap_or_default();
        let own = |setting: &&Setting| match (&setting.role, &self.role) {
            (None, _) => true,
            (Some(of), Some(role)) if setting.layer == Layer::Parameter => loader::name(role) == &**of,
            (Some(of), Some(role)) => **of == **role,
            (Some(_), None) => false,
        };
        let of = |layer: Layer| -> Vec<&Setting> {
            all.iter().filter(|setting| setting.layer == layer).filter(own).collect()
        };
        // Who sets a mapping sets all of it.
        let secret = gather::is_secret(name) || all.iter().any(|setting| holds_secret(&setting.value));
        let is_sealed = |layer: Layer| self.tree.sealed.iter().any(|(at, any)| *at == layer && (*any || secret));
        let layers = [Layer::Parameter, Layer::Role, Layer::Some, Layer::All, Layer::Defaults];
        let found = layers.into_iter().find_map(|layer| {
            let found = of(layer);
            // What is encrypted as a whole may set it, too.
            if found.is_empty() && is_sealed(layer) {
                return Some((Value::Unknown, Vec::new()));
            }
            (!found.is_empty()).then(|| agreed(found))
        });
        // Other roles of a play set their variables for all that come behind them, if there is such a play.
        let others = || (if all.is_empty() { Value::Undefined } else { Value::Unknown }, Vec::new());
        let (value, places) = found.unwrap_or_else(others);
        let contested = |setting: &Setting| match setting.layer {
            Layer::Task => true,
            Layer::Role => !own(&setting),
            _ => false,
        };
        if all.iter().any(|setting| contested(setting) && setting.value != value) {
            return (Value::Unknown, Vec::new());
        }
        (value, places)
    }
}

/// Whether a mapping has a key that is a secret's, at any depth.
fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.iter().any(|(key, value)| gather::is_secret(key) || holds_secret(value)),
        Value::List(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

/// What all of them say.
fn agreed(found: Vec<&Setting>) -> (Value, Vec<&Setting>) {
    let Some(first) = found.first().map(|setting| setting.value.clone()) else { return (Value::Undefined, found) };
    if found.iter().all(|setting| setting.value == first) { (first, found) } else { (Value::Unknown, Vec::new()) }
}
