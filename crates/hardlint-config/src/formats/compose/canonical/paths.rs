//! Paths on the host, as they are written in a folder of the project and as they are seen from the root.

use crate::loader;
use crate::model::{Node, Value};

/// A context, which may be a repository's address.
pub(super) fn context_path(node: &mut Node, folder: &str) {
    let far = |text: &str| {
        text.is_empty()
            || text.contains("://")
            || ["git@", "github.com/", "service:"].iter().any(|start| text.starts_with(start))
    };
    if node.value.as_str().is_some_and(|text| !far(text)) {
        path(node, folder);
    }
}

/// A path on the host: seen from the root where it is relative.
pub(super) fn path(node: &mut Node, folder: &str) {
    if let Some(text) = node.value.as_str() {
        node.value = Value::text(resolved(text, folder));
    }
}

/// The same, with the detours that it is written with: two spellings of one file are two of them until all are laid over
/// each other.
pub(super) fn as_spelt(node: &mut Node, folder: &str) {
    let Some(text) = node.value.as_str() else { return };
    let plain = resolved(text, folder);
    let spelt = if folder.is_empty() { format!("./{text}") } else { format!("./{folder}/{text}") };
    let detour = plain.starts_with("./") && plain != spelt && !text.starts_with('~');
    node.value = Value::text(if detour { spelt } else { plain });
}

/// The path seen from the root, `./` before it; absolute ones and those from home stay.
fn resolved(text: &str, folder: &str) -> String {
    if let Some(rest) = text.strip_prefix('~').filter(|rest| !rest.is_empty() && !rest.starts_with('/')) {
        // Whose home folder it is does not count.
        return format!("~/{rest}");
    }
    let letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let drive = letter && matches!(text.get(1..3), Some(":/" | ":\\"));
    if text.starts_with(['/', '~']) || text.starts_with("\\\\") || drive {
        let kept = text.trim_end_matches('/');
        return if kept.is_empty() { "/".to_owned() } else { kept.to_owned() };
    }
    match loader::join(folder, text) {
        Some(path) if path.is_empty() => ".".to_owned(),
        Some(path) => format!("./{path}"),
        // It leaves the root.
        None => text.to_owned(),
    }
}

/// The path below the root that a resolved path stands for.
pub(in crate::formats::compose) fn below_root(text: &str) -> Option<&str> {
    if text == "." { Some("") } else { text.strip_prefix("./") }
}
