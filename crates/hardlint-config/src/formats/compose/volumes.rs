//! The short form of `volumes`: `[source:]target[:options]`.

use super::draft::Draft;
use crate::model::{Node, Value};

/// What an entry mounts.
pub(super) struct Volume {
    /// `bind`, or `volume` for a named or nameless one.
    pub(super) kind: &'static str,
    /// The path or the name.
    pub(super) source: Option<Value>,
    /// Where inside.
    pub(super) target: Value,
    /// Whether it is mounted `ro`.
    pub(super) read_only: bool,
    /// `shared`, `rslave` and so on.
    pub(super) propagation: Option<String>,
    /// `z` or `Z`.
    pub(super) selinux: Option<String>,
    /// Whether `nocopy` is given.
    pub(super) nocopy: bool,
    /// Whether it is too short to be taken apart.
    pub(super) short: bool,
}

/// Reads an entry.
///
/// # Errors
/// What Compose says.
pub(super) fn read(value: &Value) -> Result<Option<Volume>, String> {
    let Some(whole) = Draft::of(value) else { return Ok(None) };
    if whole.text.is_empty() {
        return Err("invalid empty volume spec".to_owned());
    }
    if whole.text.len() < 3 {
        let target = whole.value(&whole.text);
        return Ok(Some(Volume {
            kind: "volume",
            source: None,
            target,
            read_only: false,
            propagation: None,
            selinux: None,
            nocopy: false,
            short: true,
        }));
    }
    let parts = split(&whole.text);
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err(format!("invalid spec: {}: too many colons", whole.text)),
    };
    if target.is_empty() || source.is_some_and(str::is_empty) {
        return Err(format!("invalid spec: {}: empty section between colons", whole.text));
    }
    let mut volume = Volume {
        kind: source.map_or("volume", |source| kind(source, &whole)),
        source: source.map(|source| whole.value(source)),
        target: whole.value(target),
        read_only: false,
        propagation: None,
        selinux: None,
        nocopy: false,
        short: false,
    };
    for option in options.split(',') {
        match option {
            "ro" => volume.read_only = true,
            "rw" => volume.read_only = false,
            "nocopy" => volume.nocopy = true,
            "z" | "Z" => volume.selinux = Some(option.to_owned()),
            "shared" | "rshared" | "slave" | "rslave" | "private" | "rprivate" => {
                volume.propagation = Some(option.to_owned());
            }
            _ => {}
        }
    }
    Ok(Some(volume))
}

/// What a source is: paths begin with `.`, `/` or `~`, or are Windows'.
fn kind(source: &str, whole: &Draft) -> &'static str {
    let mut start = source.chars();
    let drive = start.next().is_some_and(char::is_alphabetic) && start.next() == Some(':') && start.next().is_some();
    // The name of a volume has no slash, so that what begins with a hole and has one is a path as well.
    let hole_in_path = whole.why(source).is_some() && source.contains('/');
    if source.starts_with(['.', '/', '~', '\\']) || drive || hole_in_path {
        "bind"
    } else if whole.why(source).is_some() {
        // Whether what fills the hole is a path or a name cannot be known.
        ""
    } else {
        "volume"
    }
}

/// Cuts at colons, but not behind a drive letter.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(':') {
        let part = text.get(start..at).unwrap_or_default();
        // One letter before a colon is a drive wherever it stands, even where a volume was meant.
        let drive = part.chars().count() == 1 && part.starts_with(char::is_alphabetic);
        if !drive {
            parts.push(part);
            start = at + 1;
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Where an entry of `volumes` is mounted, as it is written.
pub(super) fn target(node: &Node) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match &node.value {
        Value::Map(_) => text(&node.value.entry("target")?.value),
        value => text(&read(value).ok()??.target),
    }
}

/// A path without what does not count in it: `.`, `..` and slashes that are too many.
pub(super) fn cleaned(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(&last) if part == ".." && last != ".." => _ = parts.pop(),
            None if part == ".." && rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}
