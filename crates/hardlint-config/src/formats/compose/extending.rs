//! What Compose refuses of a file that services are extended from: of every service what it cannot bring into long form,
//! whether that one is asked for or not; and of those that are, what nothing is laid over.

use super::validate::Refusal;
use crate::model::{Entry, Node, Value};
use crate::text::Loc;

/// What is refused of any service of a file.
pub(super) fn refused(root: &Node) -> Vec<Refusal> {
    let mut check = Check { path: String::new(), refusals: Vec::new() };
    if let Some(Value::Map(services)) = root.value.entry("services").map(|node| &node.value) {
        for Entry { key, node } in services {
            if let Value::Map(settings) = &node.value {
                for setting in settings {
                    check.path = format!("services.{key}.{}", setting.key);
                    check.setting(&setting.key, &setting.node);
                }
            }
        }
    }
    // What a file declares beside its services is brought into long form with them.
    for section in ["networks", "volumes", "secrets", "configs"] {
        let Some(node) = root.value.entry(section) else { continue };
        section.clone_into(&mut check.path);
        for declared in items(node).iter().chain(entries(node).iter().map(|entry| &entry.node)) {
            check.want(declared, is_map(declared) || declared.value == Value::Null);
        }
    }
    check.refusals
}

struct Check {
    path: String,
    refusals: Vec<Refusal>,
}

fn is_text(node: &Node) -> bool {
    matches!(node.value, Value::Text(_) | Value::Unknown(_))
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_) | Value::Unknown(_))
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, Value::List(_) | Value::Unknown(_))
}

fn items(node: &Node) -> &[Node] {
    node.value.as_list().unwrap_or_default()
}

fn entries(node: &Node) -> &[Entry] {
    if let Value::Map(entries) = &node.value { entries } else { &[] }
}

impl Check {
    /// Refuses a value that is not as it is wanted.
    fn want(&mut self, node: &Node, wanted: bool) {
        if !wanted {
            self.refusals.push(Refusal { at: node.at, message: format!("{}: invalid type", self.path) });
        }
    }

    fn setting(&mut self, key: &str, node: &Node) {
        match key {
            "build" => {
                self.want(node, is_text(node) || is_map(node));
                for part in entries(node) {
                    self.build(&part.key, &part.node);
                }
            }
            "depends_on" => {
                self.want(node, is_list(node) || is_map(node));
                self.texts(node);
                for entry in entries(node) {
                    self.want(&entry.node, is_map(&entry.node));
                }
            }
            "env_file" => {
                self.want(node, is_text(node) || is_list(node));
                self.named(node, "path");
            }
            "ports" => {
                self.want(node, is_list(node));
                self.named(node, "target");
            }
            "gpus" => self.want(node, is_text(node) || is_list(node)),
            "extends" => self.want(node, is_text(node) || is_map(node)),
            "ulimits" => self.limits(node),
            "secrets" | "configs" => self.texts_or_maps(node),
            "volumes" | "devices" => {
                self.texts_or_maps(node);
                self.named(node, "target");
            }
            "expose" => {
                for item in items(node) {
                    self.want(item, !matches!(item.value, Value::List(_) | Value::Map(_) | Value::Null));
                }
            }
            "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "label_file" | "links" | "profiles"
            | "tmpfs" => {
                self.texts(node);
            }
            "develop" => {
                for watch in node.value.entry("watch").map(items).unwrap_or_default() {
                    if let Some(path) = watch.value.entry("path") {
                        self.want(path, is_text(path));
                    }
                }
            }
            _ => {}
        }
    }

    fn build(&mut self, key: &str, node: &Node) {
        match key {
            "context" => self.want(node, is_text(node)),
            "ssh" => self.want(node, is_text(node) || is_list(node) || is_map(node)),
            "additional_contexts" => {
                self.want(node, is_list(node) || is_map(node));
                self.texts(node);
            }
            "secrets" => self.texts_or_maps(node),
            "ulimits" => self.limits(node),
            _ => {}
        }
    }

    fn limits(&mut self, node: &Node) {
        for entry in entries(node) {
            self.want(&entry.node, !matches!(entry.node.value, Value::List(_) | Value::Null));
        }
    }

    /// The elements of a list are texts.
    fn texts(&mut self, node: &Node) {
        for item in items(node) {
            self.want(item, is_text(item));
        }
    }

    fn texts_or_maps(&mut self, node: &Node) {
        for item in items(node) {
            self.want(item, is_text(item) || is_map(item));
        }
    }

    /// Those elements of a list that are maps have a key.
    fn named(&mut self, node: &Node, key: &str) {
        for item in items(node) {
            self.want(item, !matches!(item.value, Value::Map(_)) || item.value.entry(key).is_some());
        }
    }
}

/// Whether what stood at a place of a service is still there after another was laid over it.
pub(super) fn stands(before: &Node, after: &Node, at: Loc) -> bool {
    if before.at != after.at {
        return false;
    }
    let holds = |loc: Loc| loc.file == at.file && loc.span.start <= at.span.start && at.span.end <= loc.span.end;
    let (Value::Map(entries), Value::Map(_)) = (&before.value, &after.value) else { return true };
    let inside = entries.iter().find(|entry| holds(entry.node.at) || entry.node.name_at.is_some_and(holds));
    inside.is_none_or(|entry| after.value.entry(&entry.key).is_some_and(|after| stands(&entry.node, after, at)))
}
