//! From what a rule says is to be done to the bytes that do it, and what an edit changed.
//!
//! Which bytes they are is the format's knowledge ([`hardlint_config::formats::edit`]); here is what the rule means. A fix
//! is whole or has no edits at all: half a repair could be worse than none.

use crate::diagnostic::{Edit, Safety};
use crate::expr::value::{Mark, MarkKind};
use crate::rule::FixForm;
use hardlint_config::formats::Printed;
use hardlint_config::formats::edit::{Change, Editing};
use hardlint_config::model::{Model, ScopeId, Value};
use hardlint_config::schema::{KeyId, KindId};
use hardlint_config::text::Loc;
use hardlint_config::workspace::Reader;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for the selected scope among the keys that a fix takes out.
pub(crate) const SCOPE: &str = "scope";
/// Stands for its name.
pub(crate) const LABEL: &str = "label";

/// A finding, as far as its fix needs to know.
pub(crate) struct Fixing<'f, 'a, 'l> {
    pub(crate) reader: &'f Reader<'l>,
    pub(crate) model: &'a Model,
    pub(crate) scope: ScopeId,
    pub(crate) primary: Mark<'a>,
    pub(crate) marks: &'f [Mark<'a>],
}

impl Fixing<'_, '_, '_> {
    /// The edits that `form` describes; none where one of them cannot be made, or where a person has to decide.
    pub(crate) fn edits(&self, form: &FixForm) -> Vec<Edit> {
        if form.safety == Safety::Manual {
            return Vec::new();
        }
        let place = Some((self.primary.scope, self.primary.at));
        let editing = Editing { reader: self.reader, model: self.model, scope: self.scope, place };
        let mut edits: Vec<Edit> = Vec::new();
        for change in self.changes(form) {
            let Some(made) = (self.model.format.edit)(&editing, &change) else { return Vec::new() };
            for edit in made {
                let source = self.reader.source(edit.at.file).clone();
                edits.push(Edit { source, span: edit.at.span, text: edit.text });
            }
        }
        edits
    }

    fn changes<'c>(&self, form: &'c FixForm) -> Vec<Change<'c>> {
        let mut changes: Vec<Change<'c>> = Vec::new();
        changes.extend(form.set.iter().flatten().map(|(key, value)| Change::Set(key, value)));
        let unset = form.unset.as_deref().unwrap_or_default();
        for key in unset {
            match key.as_str() {
                SCOPE => changes.push(Change::Remove),
                // Of several keys, those are meant that made the finding.
                key if unset.len() == 1 || self.is_evidence(key) => changes.push(Change::Unset(key)),
                _ => {}
            }
        }
        if let (Some(what), Some(text)) = (&form.insert_after, &form.text) {
            changes.extend(self.places(what).into_iter().map(|at| Change::Behind(at, text)));
        }
        changes
    }

    fn is_evidence(&self, key: &str) -> bool {
        let written = |mark: &&Mark<'_>| matches!(mark.kind, MarkKind::Set | MarkKind::Inherited);
        self.marks.iter().filter(written).any(|mark| mark.key.is_some_and(|id| self.model.key_name(id) == key))
    }

    /// Where the selected scope's name, or the values of a key of it, stand.
    fn places(&self, what: &str) -> Vec<Loc> {
        let Some(scope) = self.model.scope(self.scope) else { return Vec::new() };
        if what == LABEL {
            return vec![scope.label_at];
        }
        let key = self.model.format.schema.key(scope.kind, what);
        match key.and_then(|key| self.model.lookup(self.scope, key).node) {
            Some(node) => match &node.value {
                Value::List(list) => list.iter().map(|element| element.at).collect(),
                _ => vec![node.at],
            },
            None => Vec::new(),
        }
    }
}

impl FixForm {
    /// Whether it says which edits to make.
    pub fn names_edits(&self) -> bool {
        self.safety != Safety::Manual && (self.set.is_some() || self.unset.is_some() || self.insert_after.is_some())
    }

    /// The keys that it changes; [`difference`] is told in the same names.
    pub fn keys(&self) -> BTreeSet<&str> {
        let set = self.set.iter().flatten().map(|(key, _)| key.as_str());
        let unset = self.unset.iter().flatten().map(String::as_str);
        set.chain(unset).chain(self.insert_after.as_deref()).collect()
    }
}

/// The keys whose effective values differ between two models of one file, before and after an edit. Facts are left out, as
/// they follow from the others; a scope that is only in one of them counts as `scope`.
pub fn difference(before: &Model, after: &Model) -> BTreeSet<String> {
    let (before, after) = (scopes(before), scopes(after));
    let mut found = BTreeSet::new();
    for (scope, values) in &before {
        let Some(now) = after.get(scope) else {
            found.insert(SCOPE.to_owned());
            continue;
        };
        let keys: BTreeSet<&String> = values.keys().chain(now.keys()).collect();
        let differs = |key: &&&String| values.get(**key) != now.get(**key);
        found.extend(keys.iter().filter(differs).map(|key| (*key).clone()));
    }
    if after.keys().any(|scope| !before.contains_key(scope)) {
        found.insert(SCOPE.to_owned());
    }
    found
}

/// What every scope's settings are. Scopes are told apart by their kind and by how many of it stand before them, as an edit
/// may change a name.
fn scopes(model: &Model) -> BTreeMap<(KindId, usize), BTreeMap<String, Printed>> {
    let mut counts: BTreeMap<KindId, usize> = BTreeMap::new();
    let mut scopes = BTreeMap::new();
    for (index, scope) in (0_u32..).zip(&model.scopes) {
        let mut values = BTreeMap::new();
        let keys = (0_u16..).map(KeyId).zip(model.format.schema.keys);
        let kind = model.format.schema.kind(scope.kind).name;
        for (id, key) in keys.filter(|(_, key)| !key.fact && key.kinds.contains(&kind)) {
            if let Some(node) = model.lookup(ScopeId(index), id).node {
                values.insert(key.name.to_owned(), (model.format.print)(model, id, &node.value));
            }
        }
        let number = counts.entry(scope.kind).or_default();
        scopes.insert((scope.kind, *number), values);
        *number += 1;
    }
    scopes
}
