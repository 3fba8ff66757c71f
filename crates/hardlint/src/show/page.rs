//! The JSON that `show` prints, with the names of each object in byte order. It is written as it is read: a tree of JSON
//! values would be most of what a small file takes.

use super::{Setting, Shown};
use crate::report::clean;
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::Printed;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// The whole page. The fields of this and of what is in it are in byte order.
#[derive(Serialize)]
struct Page<'s> {
    effective: Effective,
    file: String,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origins: Option<Map<String, Json>>,
    problems: Vec<Json>,
    role: &'static str,
    scopes: Vec<OtherScope<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Map<String, Json>>,
}

/// What holds.
#[derive(Serialize)]
#[serde(untagged)]
enum Effective {
    Document(Json),
    Settings(Settings),
}

/// A scope beside the focus, with what it sets.
#[derive(Serialize)]
struct OtherScope<'s> {
    at: Json,
    kind: &'static str,
    label: Cow<'s, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    settings: Settings,
}

/// Settings by their names, in byte order.
struct Settings(Vec<(String, Entry)>);

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, entry)| (name, entry)))
    }
}

/// One setting.
#[derive(Serialize)]
struct Entry {
    at: Option<Json>,
    origin: &'static str,
    shadowed: Vec<Shadowed>,
    value: Option<Lines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A value that another overrules.
#[derive(Serialize)]
struct Shadowed {
    at: Json,
    value: Option<Lines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Lines {
    One(String),
    Many(Vec<String>),
}

impl Shown<'_, '_> {
    /// The configuration as JSON.
    pub fn json(&self) -> String {
        let model = self.model;
        let (mut origins, mut unknown) = (Map::new(), Map::new());
        let document = model.document.as_ref();
        let effective = match document {
            Some(document) => Effective::Document(self.document(document, "", &mut origins, &mut unknown, 0)),
            None => Effective::Settings(self.named_settings(self.settings(model.focus))),
        };
        let problems = model.problems.iter().map(|problem| {
            let path = self.names.of(&problem.path);
            json!({"path": path, "at": problem.at.map(|at| self.place(at)), "message": self.told(problem)})
        });
        let page = Page {
            effective,
            file: self.names.of(&model.path),
            format: model.format.id,
            origins: document.map(|_| origins),
            problems: problems.collect(),
            role: self.role.name(),
            scopes: self.scopes(),
            unknown: document.map(|_| unknown),
        };
        let shown = serde_json::to_string_pretty(&page).unwrap_or_default();
        let mut shown = clean::json(&shown).into_owned();
        shown.push('\n');
        shown
    }

    fn scopes(&self) -> Vec<OtherScope<'_>> {
        let scopes = self.other_scopes().map(|(id, scope)| OtherScope {
            at: json!(self.place(scope.at)),
            kind: self.model.format.schema.kind(scope.kind).name,
            label: self.hidden(&scope.label),
            role: scope.role.filter(|_| self.role == Role::Unknown).map(Role::name),
            settings: self.named_settings(self.own(id)),
        });
        scopes.collect()
    }

    /// Settings by their names; of two of one name the last.
    fn named_settings(&self, settings: Vec<Setting<'_>>) -> Settings {
        let mut named: Vec<(String, Entry)> = settings.into_iter().rev().map(|setting| self.entry(setting)).collect();
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        named.dedup_by(|(one, _), (other, _)| one == other);
        Settings(named)
    }

    fn entry(&self, setting: Setting<'_>) -> (String, Entry) {
        let shadowed = setting.shadowed.into_iter().map(|(value, at)| {
            let (value, why) = lines(value);
            Shadowed { at: json!(self.place(at)), value, why }
        });
        let shadowed = shadowed.collect();
        let (value, why) = lines(setting.value);
        let at = setting.at.map(|at| json!(self.place(at)));
        (setting.key, Entry { at, origin: setting.origin, shadowed, value, why })
    }
}

/// What a value is, or why it is not known.
fn lines(value: Result<Printed, String>) -> (Option<Lines>, Option<String>) {
    match value {
        Ok(Printed::One(text)) => (Some(Lines::One(text)), None),
        Ok(Printed::Many(lines)) => (Some(Lines::Many(lines)), None),
        Ok(Printed::Unknown(why)) | Err(why) => (None, Some(why)),
    }
}
