//! What a project is called: by `COMPOSE_PROJECT_NAME`, else by the last of its files that says `name`, else by its folder.
//!
//! Only the first has to be a name as it stands; of the others one is made. It is known before anything else is read, as
//! files see it as a variable.

use super::interpolate::{self, Environment, Variable};
use super::validate::Refusal;
use crate::loader;
use crate::model::{Node, Origin, Text, Value};
use crate::syntax::yaml;
use crate::text::{FileId, Loc, Span};
use crate::workspace::Reader;

/// The variable that says it, and that is set to it.
const VARIABLE: &str = "COMPOSE_PROJECT_NAME";

/// The name of the project that is made of `files`, of which `environment` then tells; and what Compose refuses of it.
pub(super) fn name(
    reader: &Reader<'_>,
    files: &[FileId],
    folder: &str,
    environment: &mut Environment,
) -> (Option<Node>, Option<Refusal>) {
    let start = Loc::new(files.first().copied().unwrap_or(FileId(0)), Span::default());
    if let Some(variable) = environment.get(VARIABLE)
        && !matches!(&variable.value, Text::Known(text) if text.is_empty())
    {
        let at = variable.at.unwrap_or(start);
        let node = Node::set(Value::Text(variable.value.clone()), at);
        let fault = node.value.as_str().filter(|text| normalized(text) != **text).map(invalid);
        return (Some(node), fault.map(|message| Refusal { at, message }));
    }
    let (node, at) = match files.iter().rev().find_map(|&file| written(reader, file)) {
        Some(written) => {
            let made = interpolate::interpolate(written.value.as_str().unwrap_or_default(), environment);
            if made.fault.is_some() {
                // It is told of where the file is read.
                return (None, None);
            }
            let (at, origin) = made.from.map_or((written.at, written.origin), |at| (at, Origin::Environment));
            let text = match made.text {
                Text::Known(text) => Text::Known(normalized(&text).into()),
                unknown @ Text::Pieces(_) => unknown,
            };
            if matches!(&text, Text::Known(text) if text.is_empty()) {
                let message = "project name must not be empty".to_owned();
                return (None, Some(Refusal { at: written.at, message }));
            }
            (Node { value: Value::Text(text), at, origin, ..written }, Some(at))
        }
        None => match normalized(loader::name(folder)) {
            // The root's own name is not ours to know.
            name if name.is_empty() => return (None, None),
            name => (super::canonical::made(Value::text(name), start), None),
        },
    };
    if let Value::Text(text) = &node.value {
        environment.set(VARIABLE, Variable { value: text.clone(), at });
    }
    (Some(node), None)
}

/// What the last document of a file that has a name has for it.
fn written(reader: &Reader<'_>, file: FileId) -> Option<Node> {
    let source = reader.source(file);
    // A key stands in the text as it is, unless it is escaped.
    let has = |word: &[u8]| memchr::memmem::find(source.text.as_bytes(), word).is_some();
    if !has(b"name") && !has(b"\\") {
        return None;
    }
    let yaml = reader.memo.yaml(source);
    let names = yaml.documents.iter().rev().filter_map(|document| {
        let built = yaml::build::build_part(document, file, &source.text, |depth, key| depth > 0 || key == "name")?;
        built.root.value.entry("name").cloned()
    });
    let mut told = names.filter(|node| node.value.as_str().is_some_and(|text| !text.is_empty()));
    told.next()
}

fn invalid(name: &str) -> String {
    format!(
        "invalid project name \"{name}\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as \
         well as start with a letter or number"
    )
}

/// A name as Compose makes it of another text: small letters, digits, `-` and `_`, beginning with a letter or digit.
fn normalized(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String =
        lower.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(*c)).collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}
