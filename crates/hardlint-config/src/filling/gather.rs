//! The variables of a tree of Ansible: every place at hand that sets one, and in which order of precedence it does.
//!
//! Files for development, tests and examples are left out: what they set is not what is deployed.

use super::value::{self, Value};
use crate::deployment::role;
use crate::loader::{self, Kind as Entry, Loader};
use crate::secrets;
use crate::syntax::yaml::{self, Document, ItemId, Kind};
use crate::text::{Source, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// Larger trees are not read, and nothing is known of their variables.
const MAX_FILES: usize = 2_000;
const MAX_BYTES: usize = 8 << 20;
/// Larger files hold data, and no settings.
const MAX_FILE: usize = 512 << 10;
const MAX_DEPTH: usize = 7;
/// Deeper tasks are not looked into.
const MAX_NESTING: usize = 24;

/// What sets a variable, by what Ansible takes first at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// `defaults` of a role.
    Defaults,
    /// `group_vars/all`.
    All,
    /// `group_vars` of some hosts, `host_vars`, or an inventory.
    Some,
    /// `vars/main.yml` of a role.
    Role,
    /// What a play says where it names a role.
    Parameter,
    /// A play, a task, or a file that these choose: whether it comes to that for this role is not known.
    Task,
}

/// One place that sets a variable.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) layer: Layer,
    /// The folder of the role that it belongs to, or the name of the one that it is a parameter of.
    pub(super) role: Option<Box<str>>,
    pub(super) value: Value,
    /// The file, by its place in [`Tree::files`].
    pub(super) file: usize,
    pub(super) at: Span,
}

/// The variables below one folder.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: Vec<Arc<Source>>,
    /// Where in each of the files secrets stand.
    pub(super) secrets: Vec<Vec<Span>>,
    pub(super) settings: HashMap<Box<str>, Vec<Setting>>,
    /// Where files are encrypted as a whole, and whether they may set anything, as their names do not say that it is secrets.
    pub(super) sealed: Vec<(Layer, bool)>,
    /// Whether something was left out, so that nothing is known.
    pub(super) too_large: bool,
    bytes: usize,
    seen: usize,
}

/// Folders that hold what plays are made of.
const PARTS: &[&str] = &[
    "roles",
    "group_vars",
    "host_vars",
    "vars",
    "tasks",
    "defaults",
    "handlers",
    "meta",
    "playbooks",
    "plays",
    "inventory",
    "inventories",
    "environments",
    "hosts",
];
/// Folders in which no variables are set.
const OTHERS: &[&str] =
    &["templates", "files", "library", "molecule", "tests", "test", "filter_plugins", "module_utils", "node_modules"];

impl Tree {
    /// All that is set below `root`.
    pub(super) fn of(loader: &dyn Loader, root: &str) -> Self {
        let mut tree = Self::default();
        for name in loader.list(root) {
            let Some(path) = loader::join(root, &name) else { continue };
            if is_folder(loader, &path) {
                let inventory =
                    || ["group_vars", "host_vars"].iter().any(|part| is_folder(loader, &format!("{path}/{part}")));
                if PARTS.contains(&name.as_str()) || !name.starts_with('.') && inventory() {
                    tree.folder(loader, root, &path, 1);
                }
            } else {
                tree.file(loader, root, &path);
            }
        }
        tree
    }

    fn folder(&mut self, loader: &dyn Loader, root: &str, folder: &str, depth: usize) {
        for name in loader.list(folder) {
            if self.too_large || name.starts_with('.') || OTHERS.contains(&name.as_str()) {
                continue;
            }
            let Some(path) = loader::join(folder, &name) else { continue };
            if !is_folder(loader, &path) {
                self.file(loader, root, &path);
            } else if depth < MAX_DEPTH {
                self.folder(loader, root, &path, depth + 1);
            }
        }
    }

    fn file(&mut self, loader: &dyn Loader, root: &str, path: &str) {
        let below = path.strip_prefix(root).unwrap_or(path).trim_start_matches('/');
        let (name, place) = (loader::name(path), place(below));
        let is_yaml = [".yml", ".yaml", ".json"].iter().any(|ending| name.ends_with(ending));
        let listed = !name.contains('.') || ["ini", "cfg"].contains(&name.rsplit('.').next().unwrap_or_default());
        let inventory =
            (listed || is_yaml) && (name.contains("hosts") || name.contains("inventory") || below.contains("inventor"));
        if !(is_yaml || inventory || place.is_some() && listed) || role::is_elsewhere(below) {
            return;
        }
        self.seen += 1;
        let Some(bytes) = loader.read(path).ok().filter(|bytes| bytes.len() <= MAX_FILE) else { return };
        self.bytes += bytes.len();
        self.too_large |= self.seen > MAX_FILES || self.bytes > MAX_BYTES;
        let Ok(source) = Source::decode(path.into(), bytes) else { return };
        if self.too_large {
            return;
        }
        if source.text.starts_with("$ANSIBLE_VAULT") {
            let secrets = ["vault", "secret", "cred", "passw"].iter().any(|word| below.contains(word));
            self.sealed.push((place.map_or(Layer::Some, |(layer, _)| layer), !secrets));
            return;
        }
        let mut found = Found { file: self.files.len(), settings: Vec::new(), secrets: Vec::new() };
        if inventory && !is_yaml && place.is_none() {
            found.inventory(&source.text);
        } else {
            let yaml = yaml::parse(&source.text);
            for document in &yaml.documents {
                let Some(root) = document.root() else { continue };
                match &place {
                    Some((layer, role)) => found.mapping(document, root, *layer, role.as_deref()),
                    None => found.plays(document, root, inventory),
                }
                found.secrets(document, root, 0);
            }
        }
        if found.settings.is_empty() {
            return;
        }
        for (name, setting) in found.settings {
            self.settings.entry(name).or_default().push(setting);
        }
        self.secrets.push(found.secrets);
        self.files.push(Arc::new(source));
    }
}

fn is_folder(loader: &dyn Loader, path: &str) -> bool {
    loader.stat(path).is_some_and(|stat| stat.kind == Entry::Folder)
}

/// The layer of a file of variables, and the folder of its role, by its path below the root.
fn place(below: &str) -> Option<(Layer, Option<Box<str>>)> {
    let parts: Vec<&str> = below.split('/').collect();
    let stem = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let (at, part) = parts
        .iter()
        .enumerate()
        .rev()
        .skip(1)
        .find(|(_, part)| ["group_vars", "host_vars", "defaults", "vars"].contains(part))?;
    let next = stem(parts.get(at + 1)?);
    let role = || Some(parts.get(..at)?.join("/").into_boxed_str());
    let in_role = at == 0 || at > 1 && parts.get(at - 2) == Some(&"roles");
    Some(match *part {
        "group_vars" if next == "all" => (Layer::All, None),
        "group_vars" | "host_vars" => (Layer::Some, None),
        "defaults" => (Layer::Defaults, role()),
        _ if in_role && next == "main" => (Layer::Role, role()),
        _ if in_role && at > 0 => (Layer::Task, role()),
        // Who includes it, and where, is not followed.
        _ => (Layer::Task, None),
    })
}

/// What one file sets.
struct Found {
    file: usize,
    settings: Vec<(Box<str>, Setting)>,
    secrets: Vec<Span>,
}

impl Found {
    fn set(&mut self, name: &str, layer: Layer, role: Option<&str>, value: Value, at: Span) {
        let setting = Setting { layer, role: role.map(Into::into), value, file: self.file, at };
        self.settings.push((name.into(), setting));
    }

    /// The entries of a mapping of variables.
    fn mapping(&mut self, document: &Document, id: ItemId, layer: Layer, role: Option<&str>) {
        for (key, item) in entries(document, id) {
            let Some(name) = value::key_of(document, *key) else { continue };
            let key_at = document.get(*key).map(|item| item.span).unwrap_or_default();
            let at = match document.get(*item).map(|item| (&item.kind, item.span)) {
                Some((Kind::Scalar { .. }, at)) => key_at.to(at),
                _ => key_at,
            };
            self.set(name, layer, role, value::of_yaml(document, *item, 0), at);
        }
    }

    /// A playbook, a list of tasks, or an inventory in YAML.
    fn plays(&mut self, document: &Document, id: ItemId, inventory: bool) {
        match document.get(id).map(|item| &item.kind) {
            Some(Kind::Sequence(items)) => {
                for item in items {
                    // Which roles a play runs is not followed: what it sets for them contests what others say.
                    self.task(document, *item, Layer::Task, 0);
                }
            }
            // An inventory says `vars` of groups, and all else of hosts.
            Some(Kind::Mapping(entries)) if inventory || entries.iter().any(|(key, _)| is_group(document, *key)) => {
                self.hosts(document, id, 0);
            }
            // A file of variables, if something names it as one.
            Some(Kind::Mapping(_)) => self.mapping(document, id, Layer::Task, None),
            _ => {}
        }
    }

    fn hosts(&mut self, document: &Document, id: ItemId, depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        self.mapping(document, id, Layer::Some, None);
        for (_, item) in entries(document, id) {
            if let Some(Kind::Mapping(_)) = document.get(*item).map(|item| &item.kind) {
                self.hosts(document, *item, depth + 1);
            }
        }
    }

    /// A play, a block or a task, and all in it; `layer` is that of its own `vars`.
    fn task(&mut self, document: &Document, id: ItemId, layer: Layer, depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        for (key, item) in entries(document, id) {
            let Some(name) = value::key_of(document, *key) else { continue };
            let scalar = match document.get(*item).map(|item| &item.kind) {
                Some(Kind::Scalar { text, .. }) => Some(&**text),
                _ => None,
            };
            let at = document.get(*item).map(|item| item.span).unwrap_or_default();
            match (name.rsplit('.').next().unwrap_or_default(), scalar) {
                ("vars", None) => self.mapping(document, *item, layer, None),
                ("set_fact", None) => self.mapping(document, *item, Layer::Task, None),
                ("set_fact", Some(text)) => self.pairs(text, at),
                ("register" | "loop_var" | "index_var", Some(name)) => {
                    self.set(name, Layer::Task, None, Value::Unknown, at);
                }
                ("vars_prompt", None) => {
                    for prompt in items(document, *item) {
                        let name = entries(document, *prompt)
                            .iter()
                            .find(|(key, _)| value::key_of(document, *key) == Some("name"))
                            .and_then(|(_, name)| value::key_of(document, *name));
                        if let Some(name) = name {
                            self.set(name, Layer::Task, None, Value::Unknown, at);
                        }
                    }
                }
                ("roles" | "dependencies", None) => {
                    for role in items(document, *item) {
                        self.parameters(document, *role);
                    }
                }
                (_, None) => {
                    self.task(document, *item, Layer::Task, depth + 1);
                    for item in items(document, *item) {
                        self.task(document, *item, Layer::Task, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// `- { role: ssh, ssh_port: 22 }`.
    fn parameters(&mut self, document: &Document, id: ItemId) {
        let text = |name: &str| {
            let named = entries(document, id).iter().find(|(key, _)| value::key_of(document, *key) == Some(name));
            named.and_then(|(_, item)| value::key_of(document, *item))
        };
        let Some(role) = text("role").or_else(|| text("name")) else { return };
        self.mapping(document, id, Layer::Parameter, Some(role));
        for (key, item) in entries(document, id) {
            if value::key_of(document, *key) == Some("vars") {
                self.mapping(document, *item, Layer::Parameter, Some(role));
            }
        }
    }

    /// `name=value` in one text.
    fn pairs(&mut self, text: &str, at: Span) {
        for word in text.split_whitespace() {
            if let Some((name, _)) = word.split_once('=') {
                self.set(name, Layer::Task, None, Value::Unknown, at);
            }
        }
    }

    /// An inventory as INI: `host a=1 b=2`, and `a=1` below `[group:vars]`.
    fn inventory(&mut self, text: &str) {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let at = Span::new(start, start + line.trim_end().len());
            start += line.len();
            if line.trim_start().starts_with(['#', ';']) {
                continue;
            }
            for (equals, _) in line.match_indices('=') {
                let before = line.get(..equals).unwrap_or_default().trim_end();
                let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
                if !name.is_empty() {
                    // Ansible takes what can be one for a literal of Python, and quotes as a shell does.
                    self.set(name, Layer::Some, None, Value::Unknown, at);
                    if is_secret(name) {
                        self.secrets.push(at);
                    }
                }
            }
        }
    }

    /// Notes where the values of secrets stand.
    fn secrets(&mut self, document: &Document, id: ItemId, depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        for (key, item) in entries(document, id) {
            let scalar = value::key_of(document, *item);
            if let Some(text) = scalar {
                let secret = value::key_of(document, *key).is_some_and(is_secret) && !secrets::is_switch(text);
                self.secrets.extend(document.get(*item).map(|item| item.span).filter(|_| secret));
            } else {
                self.secrets(document, *item, depth + 1);
            }
        }
        for item in items(document, id) {
            self.secrets(document, *item, depth + 1);
        }
    }
}

/// Whether a key at the top is that of an inventory's groups.
fn is_group(document: &Document, key: ItemId) -> bool {
    matches!(value::key_of(document, key), Some("all" | "ungrouped"))
}

/// Whether a name is that of a secret.
pub(super) fn is_secret(name: &str) -> bool {
    secrets::names_secret(name) || secrets::is_secret_name(name) || secrets::is_key_name(name)
}

fn entries(document: &Document, id: ItemId) -> &[(ItemId, ItemId)] {
    match document.get(id).map(|item| &item.kind) {
        Some(Kind::Mapping(entries)) => entries,
        _ => &[],
    }
}

fn items(document: &Document, id: ItemId) -> &[ItemId] {
    match document.get(id).map(|item| &item.kind) {
        Some(Kind::Sequence(items)) => items,
        _ => &[],
    }
}
