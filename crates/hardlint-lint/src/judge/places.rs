//! The places that a finding is about: each element that `exists` found, and each setting that another part of an `||` asks for,
//! would be told by itself if it were the only one.
//!
//! What a rule says of several at once is one finding, so that people read it once. Whoever remembers or allows it has to know
//! all of them: one more is a fault that nobody has seen. Only elements among which the finding's own place is are meant, as
//! the rest of its evidence tells the circumstances; and where a rule names its place itself (`at`), that one is the fault.

use super::{Judged, weight};
use crate::diagnostic::{Bearer, Label, Place};
use crate::expr::ir::Ir;
use crate::expr::value::{Mark, MarkKind, One, Truth, What};
use hardlint_config::deployment;
use hardlint_config::formats::{airflow, compose};
use hardlint_config::model::{Node, Scope, ScopeId, Str, Text, Value};
use hardlint_config::text::{Loc, Span};

/// A piece of evidence, and what it is for, the outermost first.
type Found<'m, 'a> = (&'m Mark<'a>, Vec<(u32, One<'a>)>);

/// In these one text may stand for several: by anchors, `extends`, or files that lie over each other.
const REPEATING: [&str; 2] = [compose::FORMAT.id, deployment::FORMAT.id];

impl<'a> Judged<'_, 'a, '_> {
    /// All of its places, the one that it is told at first.
    pub(super) fn places(&mut self, primary: &Mark<'a>, marks: &[Mark<'a>], condition: &'a Ir) -> Vec<Place> {
        let is_one = |mark: &&Mark<'a>| mark.one.is_some() && mark.at == primary.at;
        let may_be_several = condition.has_choice() || marks.iter().any(|mark| is_one(&mark));
        if self.telling.at.is_some() || self.truth != Truth::Yes || !may_be_several {
            return vec![self.place(primary, None)];
        }
        // What holds in another part of an `||` is not looked for where the first is all that is asked.
        self.evaluator.judge_all(self.scope, condition);
        let marks = std::mem::take(&mut self.evaluator.marks);
        let ones = std::mem::take(&mut self.evaluator.ones);
        let all: Vec<Found<'_, 'a>> = marks.iter().map(|mark| (mark, ones.of(mark))).collect();
        let same = |(mark, _): &&Found<'_, 'a>| is_one(mark) && mark.key == primary.key;
        let Some(own) = all.iter().find(same).or_else(|| all.iter().find(|(mark, _)| is_one(mark))) else {
            return vec![self.place(primary, None)];
        };
        let mut each = Vec::new();
        alternatives(&all.iter().collect::<Vec<_>>(), own, 0, &mut each);
        let mut places: Vec<Place> = Vec::new();
        for (mark, path) in each {
            let place = self.place(mark, path.last().map(|(_, one)| one.what));
            let same = |known: &&mut Place| known.label.is_at(&place.label);
            match places.iter_mut().find(same) {
                Some(known) => {
                    known.says.extend_from_slice(&place.says);
                    known.also_of(place);
                }
                None => places.push(place),
            }
        }
        places
    }

    fn place(&self, mark: &Mark<'a>, what: Option<What<'a>>) -> Place {
        let (source, span) = self.reader.written(mark.at);
        let begins = Loc::new(mark.at.file, Span { start: self.begins(mark), ..mark.at.span });
        let ((mut scopes, within, mut bearers), mut says) = (self.around(mark), Vec::new());
        let key = mark.key.and_then(|key| self.model.format.schema.get(key));
        match what {
            // A secret goes by its name.
            Some(What::Element(Some(element))) if key.is_none_or(|key| key.secret) => {
                let name = element.name_at.map(|name| Str::from(self.reader.source(name.file).slice(name.span)));
                scopes.extend(name.clone());
                for bearer in &mut bearers {
                    bearer.scopes.extend(name.clone());
                }
            }
            Some(What::Element(Some(Node { value: Value::Text(Text::Known(text)), .. }))) => {
                says.push(text.clone());
            }
            _ => {}
        }
        Place {
            label: Label { source, span, text: String::new() },
            begins: self.reader.written(begins).1.start,
            scopes,
            key: mark.key.map_or("", |key| self.model.key_name(key)).into(),
            says,
            lists: Vec::new(),
            within: vec![within],
            bearers,
        }
    }

    /// What the scopes around a place are called, the outermost first; of what stands outside of a scope, nothing of that one. What
    /// those are called that its file is brought into. And what those are called that have what stands there, wherever they are.
    fn around(&self, mark: &Mark<'a>) -> (Vec<Str>, Vec<Str>, Vec<Bearer>) {
        let is_within = |(id, _): (ScopeId, &Scope)| id == self.scope;
        let own = if self.model.ancestors(mark.scope).any(is_within) { mark.scope } else { self.scope };
        let meets = |scope: &Scope| {
            let (extent, at) = (scope.extent, mark.at);
            scope.at.file == at.file && extent.start < at.span.end.max(at.span.start + 1) && at.span.start < extent.end
        };
        let names_services = |scope: &Scope| self.model.format.id == airflow::FORMAT.id && scope.parent.is_none();
        let all = self.model.ancestors(own).filter(|(_, scope)| !names_services(scope));
        let (around, above): (Vec<_>, Vec<_>) = all.partition(|(_, scope)| meets(scope));
        let elsewhere = above.into_iter().filter(|(_, scope)| scope.at.file != mark.at.file);
        let words = |ids: Vec<ScopeId>| -> Vec<Str> {
            let words = ids.into_iter().rev().flat_map(|id| (self.model.format.identity)(self.model, id));
            words.filter(|word| !word.is_empty()).collect()
        };
        let around = words(around.into_iter().map(|(id, _)| id).collect());
        let bearer = || {
            let scopes = words(self.model.ancestors(own).map(|(id, _)| id).collect());
            Bearer { scopes, message: None }
        };
        let bearers = REPEATING.contains(&self.model.format.id).then(bearer);
        (around, words(elsewhere.map(|(id, _)| id).collect()), bearers.into_iter().collect())
    }
}

/// Whether somebody set a key at one place, and another one at the other.
fn is_another_setting(mark: &Mark<'_>, own: &Mark<'_>) -> bool {
    let is_set = |mark: &Mark<'_>| {
        mark.key.is_some() && matches!(mark.kind, MarkKind::Set | MarkKind::Inherited | MarkKind::Environment)
    };
    is_set(mark) && is_set(own) && mark.key != own.key && mark.at != own.at
}

/// The evidence of each that would do instead of `own`, and that first.
fn alternatives<'m, 'a>(
    among: &[&'m Found<'m, 'a>],
    own: &'m Found<'m, 'a>,
    level: usize,
    each: &mut Vec<&'m Found<'m, 'a>>,
) {
    let Some((first, one)) = own.1.get(level) else {
        each.push(own);
        return;
    };
    let mut groups: Vec<(u32, Vec<&'m Found<'m, 'a>>)> = vec![(*first, Vec::new())];
    for found in among {
        let Some((id, _)) = found.1.get(level).filter(|(_, other)| other.of == one.of) else { continue };
        // What another part of an `||` says of neither an element nor another setting may be the same fault in other words.
        let is_element = |(_, one): &(u32, One<'_>)| matches!(one.what, What::Element(..));
        if !found.1.iter().skip(level).any(is_element) && !is_another_setting(found.0, own.0) {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| known == id) {
            Some((_, group)) => group.push(found),
            None => groups.push((*id, vec![found])),
        }
    }
    for (id, group) in groups {
        let leader = if id == *first {
            Some(own)
        } else {
            group.iter().min_by_key(|(mark, _)| (weight(mark), mark.key != own.0.key)).copied()
        };
        if let Some(leader) = leader {
            alternatives(&group, leader, level + 1, each);
        }
    }
}
