//! From what a rule says is to be done to the bytes that do it, and what an edit changed.
//!
//! Which bytes they are is the format's knowledge ([`hardlint_config::formats::edit`]); here is what the rule means. A fix
//! is whole or has no edits at all: half a repair could be worse than none.

use crate::diagnostic::{Edit, Safety};
use crate::expr::pattern::Pattern;
use crate::expr::value::{Mark, MarkKind};
use crate::rule::FixForm;
use hardlint_config::formats::edit::{Change, Editing};
use hardlint_config::formats::{Format, Printed};
use hardlint_config::model::{Model, ScopeId, Str, Value};
use hardlint_config::schema::{KeyId, KindId};
use hardlint_config::text::{Loc, Span};
use hardlint_config::workspace::Reader;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for the selected scope among the keys that a fix takes out.
pub(crate) const SCOPE: &str = "scope";
/// Stands for a block of nginx that comes before the others.
pub(crate) const LOCATION: &str = "location";
/// Stands for its name.
pub(crate) const LABEL: &str = "label";

/// Stands for what a pattern found, in the text that takes its place.
const STOOD: &str = "$0";

/// How often a word is replaced at one place.
const MOST_WORDS: usize = 100;

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
                let (source, span) = match &source.filled {
                    // What a variable says is not changed where it is used.
                    Some(filled) => match filled.verbatim_at(edit.at.span) {
                        Some(span) => (filled.written.clone(), span),
                        None => return Vec::new(),
                    },
                    None => (source, edit.at.span),
                };
                edits.push(Edit { source, span, text: edit.text });
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
        changes.extend(form.add.iter().flatten().map(|(key, value)| Change::Add(key, value)));
        if let (Some(old), Some(text)) = (&form.replace, &form.text) {
            changes.extend(self.written(old).into_iter().map(|at| Change::Instead(at, text)));
        }
        if let (Some(pattern), Some(text)) = (form.pattern.as_ref().and_then(|it| Pattern::new(it).ok()), &form.text) {
            for at in self.matched(&pattern) {
                match text.split_once(STOOD) {
                    // What stood there is not told again: it may be a secret.
                    Some((before, behind)) if !self.is_quoted(at) => {
                        let begin = Loc::new(at.file, Span { start: at.span.start, end: at.span.start });
                        let end = Loc::new(at.file, Span { start: at.span.end, end: at.span.end });
                        changes.extend([Change::Instead(begin, before), Change::Instead(end, behind)]);
                    }
                    Some(_) => {}
                    None => changes.push(Change::Instead(at, text)),
                }
            }
        }
        if let (Some(what), Some(text)) = (&form.insert_after, &form.text) {
            changes.extend(self.places(what).into_iter().map(|at| Change::Behind(at, text)));
        }
        changes
    }

    fn is_evidence(&self, key: &str) -> bool {
        let written = |mark: &&Mark<'_>| matches!(mark.kind, MarkKind::Set | MarkKind::Inherited);
        // What follows from a value may be told in place of it.
        let own: Vec<&hardlint_config::model::Node> = (self.model.ancestors(self.scope))
            .filter_map(|(_, scope)| scope.own.get(self.model.format.schema.key(scope.kind, key)?))
            .collect();
        let inside = |at: Loc| own.iter().any(|own| own.at.file == at.file && own.at.span.to(at.span) == own.at.span);
        let named = |mark: &Mark<'_>| mark.key.is_some_and(|id| self.model.key_name(id) == key);
        self.marks.iter().filter(written).any(named)
            || self.marks.iter().any(|mark| mark.kind == MarkKind::Derived && inside(mark.at))
    }

    /// Where a word stands at the places that the finding rests on.
    fn written(&self, word: &str) -> BTreeSet<Loc> {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let mut found = BTreeSet::new();
        for at in std::iter::once(self.primary.at).chain(self.marks.iter().map(|mark| mark.at)) {
            let text = self.reader.slice(at);
            for (start, _) in text.match_indices(word).take(MOST_WORDS) {
                let (before, after) = (text.get(..start), text.get(start + word.len()..));
                let begins = !word.starts_with(part) || !before.is_some_and(|it| it.ends_with(part));
                let whole = begins && !after.is_some_and(|it| it.starts_with(part));
                let start = at.span.range().start + start;
                found.extend(whole.then(|| Loc::new(at.file, Span::new(start, start + word.len()))));
            }
        }
        found
    }

    /// Where an expression matches in what the finding points at, and in the other values of the same key that it rests on.
    fn matched(&self, pattern: &Pattern) -> BTreeSet<Loc> {
        let places = |at: Loc| {
            let start = at.span.range().start;
            let places = pattern.places(self.reader.slice(at)).into_iter().take(MOST_WORDS);
            places.map(move |it| Loc::new(at.file, Span::new(start + it.start, start + it.end)))
        };
        let alike = self.marks.iter().filter(|mark| mark.key.is_some() && mark.key == self.primary.key);
        places(self.primary.at).chain(alike.flat_map(|mark| places(mark.at))).collect()
    }

    /// Whether quotes stand around a place.
    fn is_quoted(&self, at: Loc) -> bool {
        let text = self.reader.source(at.file).text.as_bytes();
        let quote = |at: Option<usize>| matches!(at.and_then(|at| text.get(at)), Some(b'"' | b'\''));
        let range = at.span.range();
        quote(range.start.checked_sub(1)) || quote(Some(range.end))
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
        let (set, unset) = (self.set.is_some() || self.add.is_some(), self.unset.is_some());
        self.safety != Safety::Manual && (set || unset || self.replaces() || self.insert_after.is_some())
    }

    fn replaces(&self) -> bool {
        self.replace.is_some() || self.pattern.is_some()
    }

    /// The keys that it changes; [`difference`] is told in the same names.
    pub fn keys(&self) -> BTreeSet<&str> {
        let set = self.set.iter().chain(&self.add).flatten().map(|(key, _)| key.as_str());
        let unset = self.unset.iter().chain(&self.also).flatten().map(String::as_str);
        // A block that is added is a scope.
        let block = self.add.iter().flatten().any(|(key, _)| key == LOCATION).then_some(SCOPE);
        set.chain(unset).chain(self.insert_after.as_deref()).chain(block).collect()
    }
}

/// The keys whose effective values differ between two models of one file, before and after an edit. Facts are left out, as
/// they follow from the others; a scope that is only in one of them counts as `scope`.
pub fn difference(before: &Model, after: &Model) -> BTreeSet<String> {
    Effect::of(before).difference(&Effect::of(after))
}

/// What of the keys that changed `forms` do not name. A scope, and what a fact is about, stand in a key of the file: for
/// each of them that is named, one key may have changed.
pub fn unexplained(forms: &[&FixForm], format: &Format, changed: BTreeSet<String>) -> BTreeSet<String> {
    let all: BTreeSet<&str> = forms.iter().flat_map(|form| form.keys()).collect();
    let also: BTreeSet<&str> =
        forms.iter().filter_map(|form| form.also.as_ref()).flatten().map(String::as_str).collect();
    let named: BTreeSet<&str> = all.difference(&also).copied().collect();
    let schema = format.schema;
    let stands_in = |name: &&&str| **name == SCOPE || schema.keys.iter().any(|key| key.name == **name && key.fact);
    let rest: BTreeSet<String> = changed.into_iter().filter(|key| !all.contains(key.as_str())).collect();
    if rest.len() > named.iter().filter(stands_in).count() { rest } else { BTreeSet::new() }
}

/// What every scope's settings are, by kind and in their order.
#[derive(Debug, Default)]
pub struct Effect(BTreeMap<KindId, Vec<Settings>>);

/// What holds in one scope.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    label: Str,
    values: BTreeMap<&'static str, Printed>,
}

impl Effect {
    /// What a model says.
    pub fn of(model: &Model) -> Self {
        let mut scopes: BTreeMap<KindId, Vec<Settings>> = BTreeMap::new();
        for (index, scope) in (0_u32..).zip(&model.scopes) {
            let mut values = BTreeMap::new();
            let keys = (0_u16..).map(KeyId).zip(model.format.schema.keys);
            let kind = model.format.schema.kind(scope.kind).name;
            for (id, key) in keys.filter(|(_, key)| !key.fact && key.kinds.contains(&kind)) {
                if let Some(node) = model.lookup(ScopeId(index), id).node {
                    values.insert(key.name, (model.format.print)(model, id, &node.value));
                }
            }
            scopes.entry(scope.kind).or_default().push(Settings { label: scope.label.clone(), values });
        }
        Self(scopes)
    }

    /// The keys whose values differ. Scopes are told apart by their order, as an edit may change a name; where there are
    /// more of them on one side, by what stands before and behind those.
    pub fn difference(&self, after: &Self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let kinds: BTreeSet<&KindId> = self.0.keys().chain(after.0.keys()).collect();
        for kind in kinds {
            let of = |effect: &'_ Self| effect.0.get(kind).map(Vec::len).unwrap_or_default();
            let (mut old, mut new) = (self.0.get(kind).into_iter().flatten(), after.0.get(kind).into_iter().flatten());
            if of(self) == of(after) {
                old.zip(new).for_each(|(old, new)| old.differing(new, &mut found));
                continue;
            }
            found.insert(SCOPE.to_owned());
            let (mut first, mut second) = (old.clone(), new.clone());
            while let (Some(a), Some(b)) = (first.next(), second.next())
                && a == b
            {
                old.next();
                new.next();
            }
            let (mut first, mut second) = (old.clone(), new.clone());
            while let (Some(a), Some(b)) = (first.next_back(), second.next_back())
                && a == b
            {
                old.next_back();
                new.next_back();
            }
            old.zip(new).for_each(|(old, new)| old.differing(new, &mut found));
        }
        found
    }
}

impl Settings {
    fn differing(&self, after: &Self, found: &mut BTreeSet<String>) {
        let keys: BTreeSet<&&str> = self.values.keys().chain(after.values.keys()).collect();
        let differs = |key: &&&&str| self.values.get(**key) != after.values.get(**key);
        found.extend(keys.iter().filter(differs).map(|key| (**key).to_owned()));
    }
}
