//! Compose's configuration: one document, printed as JSON.

use super::mask::{hide, hide_words, is_secret, masked};
use super::{NOT_UTF_8, Shown, is_written};
use hardlint_config::model::{Branch, Entry, Node, Piece, Text, Value};
use hardlint_config::secrets;
use hardlint_config::text::{INVALID, Loc};
use serde_json::{Map, Value as Json, json};

impl Shown<'_, '_> {
    /// A document as JSON, with the place of each value, and why one is not known. A hole in a text is empty, as the
    /// program leaves it when nothing sets the variable.
    pub(super) fn document(
        &self,
        node: &Node,
        pointer: &str,
        origins: &mut Map<String, Json>,
        unknown: &mut Map<String, Json>,
        depth: usize,
    ) -> Json {
        if is_written(node) {
            origins.insert(pointer.to_owned(), json!(self.place(node.at)));
        }
        let value = match &node.value {
            // Deeper than any parser of ours builds.
            _ if depth > 200 => Json::Null,
            Value::Null | Value::Scope(_) => Json::Null,
            Value::Bool(known) => json!(known),
            Value::Int(number) => json!(number),
            Value::Float(number) => json!(number),
            Value::Text(text) => {
                let (text, why) = filled(text);
                let why = why.or_else(|| text.contains(INVALID).then(|| NOT_UTF_8.to_owned()));
                if let Some(why) = why {
                    unknown.insert(pointer.to_owned(), json!(self.why_of(called(pointer), &why)));
                }
                Json::String(text)
            }
            Value::List(nodes) => {
                let all = nodes.iter().enumerate().map(|(index, node)| {
                    self.document(node, &format!("{pointer}/{index}"), origins, unknown, depth + 1)
                });
                let mut all: Vec<Json> = all.collect();
                let plain = |node: &Node| match &node.value {
                    Value::Text(text) if !self.reveal => filled(text).0,
                    _ => String::new(),
                };
                let texts: Vec<String> = nodes.iter().map(plain).collect();
                let words = hide_words(called(pointer), "", texts.clone());
                for ((item, text), word) in all.iter_mut().zip(texts).zip(words) {
                    if word != text {
                        *item = Json::String(word);
                    }
                }
                Json::Array(all)
            }
            Value::Map(entries) => {
                let all = entries.iter().map(|Entry { key, node }| {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    let pointer = format!("{pointer}/{escaped}");
                    (key.to_string(), self.document(node, &pointer, origins, unknown, depth + 1))
                });
                Json::Object(all.collect())
            }
            Value::Choice(branches) => {
                let conditions: Vec<&str> = branches.iter().map(|Branch { when, .. }| &**when).collect();
                unknown.insert(pointer.to_owned(), json!(format!("it depends on {}", conditions.join(", "))));
                Json::Null
            }
            Value::Unknown(why) => {
                unknown.insert(pointer.to_owned(), json!(self.why_of(called(pointer), &why.to_string())));
                Json::Null
            }
        };
        let text = match &value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match text {
            Some(text)
                if !text.is_empty()
                    && (is_secret(node, &self.secrets)
                        || pointer.contains("/environment/") && self.is_refused(node)) =>
            {
                Json::String(masked(called(pointer), &text))
            }
            Some(text) if value.is_string() && !self.reveal => {
                let name = called(pointer);
                let secret = secrets::names_secret(name) || secrets::is_secret_name(name) || is_content(pointer);
                let whole = secret && secrets::is_literal(&text);
                // What a program says of a line names what it could not read.
                let text = if name == "error" { self.told_of_line(node.at, &text) } else { text };
                if whole {
                    return Json::String(masked(name, &text));
                }
                // What a value is may only be told with its key before it.
                let line = format!("{name}: {text}");
                Json::String(hide(name, &line).get(name.len() + 2..).unwrap_or_default().to_owned())
            }
            _ => value,
        }
    }
}

impl Shown<'_, '_> {
    /// Why the value of a key is not known.
    fn why_of(&self, name: &str, why: &str) -> String {
        let secret = secrets::names_secret(name) || secrets::is_secret_name(name);
        if secret && !self.reveal { secrets::why_unknown(why) } else { why }.to_owned()
    }

    /// Whether a value is one that the program refuses: what is left of it may be a part of a secret.
    pub(super) fn is_refused(&self, node: &Node) -> bool {
        let refused =
            |at: Loc| at.file == node.at.file && node.at.span.start <= at.span.end && at.span.start <= node.at.span.end;
        !self.reveal && is_written(node) && self.model.problems.iter().filter_map(|problem| problem.at).any(refused)
    }
}

/// Whether a value is all of a file that a program is given: what of it is a secret its own program knows.
fn is_content(pointer: &str) -> bool {
    let mut names = pointer.split('/').skip(1);
    matches!(names.next(), Some("configs" | "secrets")) && names.nth(1) == Some("content")
}

/// What the value at a pointer is called: the last name in it, as an element of a list has none.
fn called(pointer: &str) -> &str {
    let mut names = pointer.rsplit('/').filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
    names.next().unwrap_or("secret")
}

/// A text with its holes empty, and why there is one.
fn filled(text: &Text) -> (String, Option<String>) {
    match text {
        Text::Known(text) => (text.to_string(), None),
        Text::Pieces(pieces) => {
            let mut known = String::new();
            let mut why = None;
            for piece in pieces {
                match piece {
                    Piece::Known(text) => known.push_str(text),
                    Piece::Hole(hole) => why = why.or_else(|| Some(hole.to_string())),
                }
            }
            (known, why)
        }
    }
}
