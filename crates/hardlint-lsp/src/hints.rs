//! What a document does not say itself, beside its lines: what overrules one, what a variable gives it, and what the file is for.

use crate::client::Client;
use crate::hover;
use crate::session::Session;
use hardlint_config::deployment::role::Role;
use hardlint_config::model::Origin;
use hardlint_config::text::{FileId, Loc, Source};
use hardlint_config::workspace::Slot;
use lsp_types::{CodeLens, Command, InlayHint, InlayHintKind, InlayHintLabel, InlayHintTooltip, Position, Range};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Hints at the ends of lines.
pub(crate) fn hints(session: &Session, path: &str, range: Range, client: Client) -> Vec<InlayHint> {
    let Some(source) = session.source(path) else { return Vec::new() };
    let mut hints: BTreeMap<u32, InlayHint> = BTreeMap::new();
    for (_, resolved) in session.resolved(path) {
        let Some(file) = resolved.sources.iter().position(|source| &*source.path == path) else { continue };
        let Ok(file) = u32::try_from(file).map(FileId) else { continue };
        for (scope, key, node, name) in hover::settings(&resolved.model, &resolved.sources) {
            if name.file != file {
                continue;
            }
            let found = resolved.model.lookup(scope, key);
            let elsewhere = found.at != node.at && !matches!(found.origin, Origin::Default | Origin::Missing);
            let text = if node.at.file == file && elsewhere {
                Some(format!("overruled by {}", hover::placed(&resolved.sources, found.at)))
            } else if node.origin == Origin::Environment && !on_one_line(&resolved.sources, name, node.at) {
                let told = hover::value(&resolved.model, &resolved.sources, scope, key, node);
                Some(format!("= {told} from {}", hover::placed(&resolved.sources, node.at)))
            } else {
                None
            };
            let Some(text) = text else { continue };
            let name = hover::written(&resolved.sources, name);
            let line = client.encoding.range(&source, name).start.line;
            if line < range.start.line || line > range.end.line {
                continue;
            }
            let end = source.line(line as usize + 1).trim_end().len();
            let start = source.lines().get(line as usize).copied().unwrap_or_default() as usize;
            let position =
                client.encoding.range(&source, hardlint_config::text::Span::new(start + end, start + end)).end;
            if let Entry::Vacant(slot) = hints.entry(line) {
                slot.insert(hint(position, &text));
            }
        }
    }
    hints.into_values().collect()
}

/// What tells hints from others.
pub(crate) fn id(hints: &[InlayHint]) -> String {
    serde_json::to_string(hints).unwrap_or_default()
}

/// Whether a value stands where its name does, and so needs no telling.
fn on_one_line(sources: &[Arc<Source>], name: Loc, value: Loc) -> bool {
    let line = |at: Loc| sources.get(at.file.0 as usize).map(|source| source.position(at.span.start).line);
    name.file == value.file && line(name) == line(value)
}

fn hint(position: Position, text: &str) -> InlayHint {
    InlayHint {
        position,
        label: InlayHintLabel::String(text.replace('`', "")),
        kind: Some(InlayHintKind::TYPE),
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String("what holds, as hardlint reads it".to_owned())),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// What a file is for, and which services use it.
pub(crate) fn lenses(session: &mut Session, path: &str) -> Vec<CodeLens> {
    let Some(role) = session.slot(path).filter(|slot| slot.detected.is_some()).map(|slot: &Slot| slot.role) else {
        return Vec::new();
    };
    let joined = session.joined(path);
    let mut lines: Vec<String> = Vec::new();
    for (of_project, names) in &joined.used {
        let role = if *of_project == Role::Unknown { role } else { *of_project };
        let names = names.join(", ");
        let line = match role {
            Role::Unknown => format!("used by {names}"),
            role => format!("{}: {names}", role.name()),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() && role != Role::Unknown {
        lines.push(role.name().to_owned());
    }
    let lens = |title: String| CodeLens {
        range: Range::default(),
        command: Some(Command { title, command: String::new(), arguments: None }),
        data: None,
    };
    lines.into_iter().map(lens).collect()
}
