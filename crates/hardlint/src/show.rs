//! `show`: the effective configuration as its program would see it, and who set each value.
//!
//! The JSON is a contract: keys and values are spelt as the program itself prints them, so that they compare directly.
//! A value that is not known is `null` with a reason, never a guess. Secrets are masked by their place in the files, so
//! that a copy of one in another value is masked as well.

mod document;
mod mask;
mod page;

pub use self::mask::masked;
use self::mask::{guessed_places, hide, hide_unquoted, hide_words, is_guessed, is_secret, secret_places};
use crate::report::Place;
use crate::report::clean;
use crate::root::Names;
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::Printed;
use hardlint_config::model::{Entry, Found, Model, Node, Origin, ScopeId, Value};
use hardlint_config::problem::Problem;
use hardlint_config::schema::KeyId;
use hardlint_config::secrets;
use hardlint_config::text::{INVALID, Loc, Span};
use hardlint_config::workspace::Reader;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Write;

/// Why a value is not shown that JSON has no way to write.
const NOT_UTF_8: &str = "it has bytes that are not UTF-8";

/// What is shown, and how.
pub struct Shown<'a, 'l> {
    /// The configuration.
    model: &'a Model,
    /// Its files.
    reader: &'a Reader<'l>,
    /// How paths are printed.
    names: &'a Names,
    /// What the file is for.
    role: Role,
    /// Whether secrets are printed.
    reveal: bool,
    /// Where they stand, in order; nowhere if they are printed.
    secrets: Vec<Loc>,
    /// Where in the texts something looks like one.
    guessed: Vec<Loc>,
}

/// One key with its value, as it is printed.
struct Setting<'m> {
    key: String,
    node: &'m Node,
    /// Its lines; why it is not known.
    value: Result<Printed, String>,
    origin: &'static str,
    /// Where it is set.
    at: Option<Loc>,
    shadowed: Vec<(Result<Printed, String>, Loc)>,
}

impl<'a, 'l> Shown<'a, 'l> {
    /// What is shown of a model.
    pub fn new(model: &'a Model, reader: &'a Reader<'l>, names: &'a Names, role: Role, reveal: bool) -> Self {
        let (secrets, guessed) =
            if reveal { Default::default() } else { (secret_places(model), guessed_places(reader)) };
        Self { model, reader, names, role, reveal, secrets, guessed }
    }
}

impl Shown<'_, '_> {
    /// The document of a Compose project, without its secrets, and why parts of it are not known, by JSON pointer.
    pub fn effective(&self) -> (Json, Map<String, Json>) {
        let (mut origins, mut unknown) = (Map::new(), Map::new());
        let document = self.model.document.as_ref();
        let document = document.map(|document| self.document(document, "", &mut origins, &mut unknown, 0));
        (document.unwrap_or_default(), unknown)
    }

    /// The configuration for people: a key a line, with what set it, and what that overrules below.
    pub fn text(&self) -> String {
        let model = self.model;
        let mut out = format!("# {}: {}\n", model.format.title, clean::line(&self.names.of(&model.path)));
        if let Some(document) = &model.document {
            let (mut origins, mut unknown) = (Map::new(), Map::new());
            let document = self.document(document, "", &mut origins, &mut unknown, 0);
            let _ = writeln!(out, "{}", clean::json(&format!("{document:#}")));
            for (pointer, why) in unknown {
                let _ = writeln!(
                    out,
                    "# unknown: {}: {}",
                    clean::line(&pointer),
                    clean::line(why.as_str().unwrap_or_default())
                );
            }
        } else {
            self.lines(&mut out, &self.settings(model.focus), "");
        }
        for (id, scope) in self.other_scopes() {
            let mut settings = self.own(id);
            if settings.is_empty() || model.document.is_some() {
                continue;
            }
            // What the line above says already.
            settings.retain(|setting| !matches!(&setting.value, Ok(Printed::One(text)) if **text == *scope.label));
            let kind = model.format.schema.kind(scope.kind).name;
            let _ = writeln!(
                out,
                "\n# {} ({})",
                clean::line(&format!("{kind} {}", self.hidden(&scope.label))),
                self.short(scope.at)
            );
            self.lines(&mut out, &settings, "  ");
        }
        for problem in &model.problems {
            let at = problem.at.map_or_else(|| self.names.of(&problem.path), |at| self.short(at));
            let _ = writeln!(out, "\n# problem: {at}: {}", clean::line(&self.told(problem)));
        }
        out
    }

    /// What a problem's message says, without what may be a secret in it.
    fn told(&self, problem: &Problem) -> String {
        if self.reveal { problem.message.clone() } else { self.hidden(&problem.hidden(self.reader)).into_owned() }
    }

    /// What a program says of a line that it does not take, without what may be a secret in it.
    fn told_of_line(&self, at: Loc, message: &str) -> String {
        let source = self.reader.source(at.file);
        let line = source.line(source.position(at.span.start).line);
        secrets::hide_words_of(line, &secrets::hide_drawn(message)).into_owned()
    }

    /// Who set a key, in the focus and in every scope that sets it; nothing if there is no such key.
    pub fn why(&self, key: &str) -> Option<String> {
        let all = self.settings(self.model.focus);
        let found = all.iter().find(|setting| setting.key.eq_ignore_ascii_case(key));
        let mut out = String::new();
        if let Some(setting) = found {
            self.lines(&mut out, std::slice::from_ref(setting), "");
        }
        for (id, scope) in self.other_scopes() {
            let own = self.own(id);
            let Some(setting) = own.iter().find(|setting| setting.key.eq_ignore_ascii_case(key)) else { continue };
            let kind = self.model.format.schema.kind(scope.kind).name;
            let _ = writeln!(
                out,
                "# {} ({})",
                clean::line(&format!("{kind} {}", self.hidden(&scope.label))),
                self.short(scope.at)
            );
            self.lines(&mut out, std::slice::from_ref(setting), "  ");
        }
        (!out.is_empty()).then_some(out)
    }

    /// The scopes beside the focus, but for those that stand nowhere, and for those of facts alone.
    fn other_scopes(&self) -> impl Iterator<Item = (ScopeId, &hardlint_config::model::Scope)> {
        let schema = self.model.format.schema;
        let settable = |scope: &hardlint_config::model::Scope| {
            let kind = schema.kind(scope.kind).name;
            let keys = || schema.keys.iter().any(|key| !key.fact && key.kinds.contains(&kind));
            !scope.extent.range().is_empty() && (!scope.own.is_empty() || keys())
        };
        let ids = (0_u32..).map(ScopeId);
        ids.zip(&self.model.scopes).filter(move |(id, scope)| *id != self.model.focus && settable(scope))
    }

    /// A text without the secrets in it.
    fn hidden<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.reveal { Cow::Borrowed(text) } else { hide("secret", text) }
    }

    fn place(&self, at: Loc) -> Place {
        Place::new(self.names, self.reader.source(at.file), at.span)
    }

    /// `path:line`.
    fn short(&self, at: Loc) -> String {
        let source = self.reader.source(at.file);
        format!("{}:{}", clean::line(&self.names.of(&source.path)), source.position(at.span.start).line)
    }

    /// All keys that hold in a scope.
    fn settings(&self, scope: ScopeId) -> Vec<Setting<'_>> {
        let model = self.model;
        let kinds: Vec<&str> =
            model.ancestors(scope).map(|(_, scope)| model.format.schema.kind(scope.kind).name).collect();
        let listed = (0_u16..).map(KeyId).zip(model.format.schema.keys).filter(|(_, key)| {
            let own = kinds.first().is_some_and(|kind| key.kinds.contains(kind));
            !key.fact && (own || (key.inherits && key.kinds.iter().any(|kind| kinds.contains(kind))))
        });
        let unlisted = self.unlisted();
        listed.map(|(id, _)| id).chain(unlisted).filter_map(|id| self.found(scope, id)).collect()
    }

    fn unlisted(&self) -> impl Iterator<Item = KeyId> + use<> {
        let first = self.model.format.schema.keys.len();
        let all = first..first + self.model.unlisted.len();
        all.filter_map(|id| u16::try_from(id).ok()).map(KeyId)
    }

    fn found(&self, scope: ScopeId, id: KeyId) -> Option<Setting<'_>> {
        let Found { node, origin, at, .. } = self.model.lookup(scope, id);
        let node = node?;
        let shadowed = self.model.shadowed.iter().filter(|(key, _)| *key == id);
        let shadowed = shadowed.map(|(_, node)| (self.printed(scope, id, node), node.at));
        Some(Setting {
            key: self.named(id),
            node,
            value: self.printed(scope, id, node),
            origin: name(&origin),
            at: (!matches!(origin, Origin::Default | Origin::Missing)).then_some(at),
            shadowed: if scope == self.model.focus { shadowed.collect() } else { Vec::new() },
        })
    }

    /// What a key is called, unless that is no name: a line that says nothing but a word may be what is left of a secret.
    fn named(&self, id: KeyId) -> String {
        let name = self.model.key_name(id);
        let drawn = !self.reveal && self.model.format.schema.get(id).is_none() && secrets::is_drawn(name);
        if drawn { masked("secret", name) } else { name.to_owned() }
    }

    /// The keys that a scope sets itself.
    fn own(&self, scope: ScopeId) -> Vec<Setting<'_>> {
        let Some(found) = self.model.scope(scope) else { return Vec::new() };
        let key = |id: KeyId| self.model.format.schema.get(id);
        let own = found.own.iter().filter(|(id, _)| key(*id).is_none_or(|key| !key.fact));
        own.filter_map(|(id, _)| self.found(scope, id)).collect()
    }

    /// A value as its program prints it, unless it is a secret or not known.
    fn printed(&self, scope: ScopeId, id: KeyId, node: &Node) -> Result<Printed, String> {
        // Where the table lists a key, the table knows (`kerberosorlocalpasswd` is a switch); else its name tells.
        let listed = self.model.format.schema.get(id);
        let name = self.model.key_name(id);
        let by_name = secrets::names_secret(name);
        let called = || by_name || secrets::is_secret_name(name) || secrets::is_key_name(name);
        let secret = listed.map_or_else(called, |key| key.secret);
        let told = |why: String| match (self.reveal, secret) {
            (true, _) => why,
            (false, true) => secrets::why_unknown(&why).to_owned(),
            (false, false) => secrets::hide_drawn(&why).into_owned(),
        };
        if let Value::Unknown(why) = &node.value {
            return Err(told(why.to_string()));
        }
        let printed = match (self.model.format.print)(self.model, id, &node.value) {
            Printed::Unknown(why) => return Err(told(why)),
            printed => printed,
        };
        let lines = match &printed {
            Printed::One(text) => std::slice::from_ref(text),
            Printed::Many(lines) => lines.as_slice(),
            Printed::Unknown(_) => &[],
        };
        // The character that stands for such bytes may stand in a file of its own accord.
        let sources = self.reader.sources();
        let written = || sources.iter().any(|source| source.text.contains(INVALID)) && !sources.iter().any(|s| s.lossy);
        if lines.iter().any(|line| line.contains(INVALID)) && !written() {
            return Err(NOT_UTF_8.to_owned());
        }
        // The program's own defaults are known to everybody.
        if self.reveal || (listed.is_some() && node.origin == Origin::Default) {
            return Ok(printed);
        }
        let label = self.model.scope(scope).map_or("", |scope| &*scope.label);
        // Of one as long as a command, what stands right before a value tells what the value is.
        let label_end = label.get(label.floor_char_boundary(label.len().saturating_sub(128))..).unwrap_or_default();
        let quoted = OnceCell::new();
        let is_quoted = || is_written(node) && self.reader.slice(node.at).contains(['"', '\'']);
        let refused = self.model.document.is_some() && self.is_refused(node);
        let mask = |text: &String| {
            if secret || refused {
                return masked(name, text);
            }
            if by_name {
                return hide(name, text).into_owned();
            }
            // What a value is may only be told with its key before it.
            let line = format!("{name} {text}");
            let hidden = if *quoted.get_or_init(is_quoted) { hide_unquoted(name, &line) } else { hide(name, &line) };
            if hidden != line {
                return hidden.get(name.len() + 1..).unwrap_or_default().to_owned();
            }
            // A variable's scope is called what the variable is called.
            let line = format!("{label_end}: {text}");
            hide(name, &line).get(label_end.len() + 2..).unwrap_or_default().to_owned()
        };
        let whole = matches!(node, Node { value: Value::List(_), origin: Origin::Set, .. });
        let before = if whole { label } else { "" };
        let all = |lines: &[String]| -> Vec<String> {
            let words = hide_words(name, before, lines.to_vec()).into_iter();
            let masked = words.zip(lines).enumerate().map(|(index, (word, line))| {
                match self.secret_item(node, index, lines.len()) {
                    // The words before it tell what it is.
                    Some("secret") | None if word != *line => word,
                    Some(name) => masked(name, line.strip_prefix(&format!("{name}=")).unwrap_or(line)),
                    None => mask(line),
                }
            });
            masked.collect()
        };
        Ok(match &printed {
            Printed::One(text) if is_secret(node, &self.secrets) => Printed::One(masked(name, text)),
            Printed::One(text) => Printed::One(mask(text)),
            Printed::Many(lines) => Printed::Many(all(lines)),
            Printed::Unknown(_) => printed,
        })
    }

    /// What an item of a list or map is called, if it stands where a secret does.
    fn secret_item<'n>(&'n self, node: &'n Node, index: usize, count: usize) -> Option<&'n str> {
        let (name, item) = match &node.value {
            Value::List(nodes) if nodes.len() == count => ("secret", nodes.get(index)?),
            Value::Map(entries) if entries.len() == count => {
                let Entry { key, node } = entries.get(index)?;
                (&**key, node)
            }
            _ => return None,
        };
        (is_secret(item, &self.secrets) || is_guessed(item, &self.guessed)).then_some(name)
    }

    fn lines(&self, out: &mut String, settings: &[Setting<'_>], indent: &str) {
        let width = settings.iter().map(|setting| setting.key.chars().count()).max().unwrap_or(0).min(40);
        for setting in settings {
            for (value, at, origin) in written(setting) {
                let place = match at {
                    Some(at) if origin == "set" => self.short(at),
                    // What `--env-file` sets stands in no file of the program's.
                    Some(at) if origin == "environment" && at.span == Span::default() => origin.to_owned(),
                    Some(at) => format!("{origin}, {}", self.short(at)),
                    None => origin.to_owned(),
                };
                let key = clean::line(&setting.key);
                let _ = writeln!(out, "{indent}{key:width$}  {}  # {place}", clean::line(&value));
            }
            for (value, at) in &setting.shadowed {
                for value in shown(value) {
                    let at = self.short(*at);
                    let _ = writeln!(out, "{indent}{:width$}  # overrules {}, {at}", "", clean::line(&value));
                }
            }
        }
    }
}

/// Whether a value stands in a file.
fn is_written(node: &Node) -> bool {
    !matches!(node.origin, Origin::Default | Origin::Missing)
}

fn name(origin: &Origin) -> &'static str {
    match origin {
        Origin::Set => "set",
        Origin::Inherited => "inherited",
        Origin::Environment => "environment",
        Origin::Default => "default",
        Origin::Derived(_) => "derived",
        Origin::Missing => "missing",
    }
}

/// The lines of a setting for people, each with the place of what it shows. A list that one statement sets, as a
/// command with its words, is one line.
fn written(setting: &Setting<'_>) -> Vec<(String, Option<Loc>, &'static str)> {
    let own = |index: usize, count: usize| match &setting.node.value {
        Value::List(nodes) if nodes.len() == count => nodes.get(index).filter(|node| is_written(node)),
        Value::Map(entries) if entries.len() == count => {
            entries.get(index).map(|entry| &entry.node).filter(|node| is_written(node))
        }
        _ => None,
    };
    let whole = matches!(setting.node, Node { value: Value::List(_), origin: Origin::Set, .. });
    match &setting.value {
        Ok(Printed::Many(words)) if whole => {
            let words: Vec<String> = words.iter().map(|word| json!(word).to_string()).collect();
            vec![(format!("[{}]", words.join(", ")), setting.at, setting.origin)]
        }
        Ok(Printed::Many(lines)) => {
            let line = |(index, line): (usize, &String)| match own(index, lines.len()) {
                Some(node) => (line.clone(), Some(node.at), name(&node.origin)),
                None => (line.clone(), setting.at, setting.origin),
            };
            lines.iter().enumerate().map(line).collect()
        }
        value => shown(value).into_iter().map(|line| (line, setting.at, setting.origin)).collect(),
    }
}

fn shown(value: &Result<Printed, String>) -> Vec<String> {
    match value {
        Ok(Printed::One(text)) => vec![text.clone()],
        Ok(Printed::Many(lines)) => lines.clone(),
        Ok(Printed::Unknown(why)) | Err(why) => vec![format!("? ({why})")],
    }
}

#[cfg(test)]
#[expect(clippy::redundant_closure_for_method_calls, reason = "a method of two lifetimes is not general enough")]
mod tests;
