//! Judges one model: which scopes a rule fires on, and what it says of each.

use crate::Options;
use crate::diagnostic::{Confidence, Diagnostic, Fingerprint, Fix, Label, Severity};
use crate::expr::eval::Evaluator;
use crate::expr::index::Index;
use crate::expr::ir::Ir;
use crate::expr::value::{Mark, MarkKind, Truth};
use crate::fix::Fixing;
use crate::print;
use crate::rule::FixForm;
use crate::ruleset::{At, Compiled, Part, Telling};
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::{airflow, dockerfile};
use hardlint_config::model::{Model, Node, Origin, Scope, ScopeId, Str, Value, Why};
use hardlint_config::schema::KeyId;
use hardlint_config::text::Loc;
use hardlint_config::workspace::Reader;
use std::collections::{BTreeMap, BTreeSet};

/// Other places that a finding names, at most.
const MAX_RELATED: usize = 8;

/// A finding, before suppressions and the reader's choices of what to see.
#[derive(Clone)]
pub(crate) struct Finding {
    pub(crate) diagnostic: Diagnostic,
    /// Roles of files in which the rule speaks.
    pub(crate) roles: Vec<Role>,
    /// Whether who asks for everything is told in all other roles as well.
    pub(crate) everywhere: bool,
    /// Whether its condition holds, and is not only not known to fail.
    pub(crate) certain: bool,
    /// Whether only who asks for everything is told.
    pub(crate) pedantic: bool,
}

/// What decides between several findings of one rule at one place: the greatest is told.
pub(crate) type Weight = (bool, bool, bool, Severity, Confidence);

impl Finding {
    /// What decides between it and others of its rule at its place.
    pub(crate) fn weight(&self) -> Weight {
        let Diagnostic { role, severity, confidence, .. } = &self.diagnostic;
        (self.roles.contains(role), !self.pedantic, self.certain, *severity, *confidence)
    }

    /// Tells the worse of two that are told at one place, for the places of both.
    pub(crate) fn join(&mut self, mut other: Self) {
        if other.weight() > self.weight() {
            std::mem::swap(self, &mut other);
        }
        self.diagnostic.add_places(other.diagnostic.into_places());
    }
}

/// Judges with all of `rules` that the options let speak. What a file is for its path tells, to `role`; where that says
/// nothing, and nobody asked for a role, what the file says of the scope counts.
pub(crate) fn judge<'r>(
    model: &Model,
    reader: &Reader<'_>,
    rules: impl Iterator<Item = &'r Compiled>,
    options: &Options,
    role: &dyn Fn(&str) -> Role,
) -> Vec<Finding> {
    let role = |path: &str, scope: ScopeId| match role(path) {
        Role::Unknown if options.role.is_none() => model.role(scope).unwrap_or(Role::Unknown),
        told => told,
    };
    let index = Index::new(model);
    let mut evaluator = Evaluator::new(model, &index);
    let mut findings: Vec<Finding> = Vec::new();
    for rule in rules.filter(|rule| options.speaks(&rule.rule)) {
        let scopes = index.of_kind(rule.kind);
        let condition = if scopes.is_empty() { None } else { rule.condition() };
        let Some(condition) = condition.filter(|condition| !index.never(&condition.when, rule.kind)) else { continue };
        evaluator.next_rule();
        let mut seen: BTreeMap<Loc, usize> = BTreeMap::new();
        for &scope in scopes {
            let truth = evaluator.judge(scope, &condition.when);
            let fires = truth == Truth::Yes || (truth == Truth::Unknown && options.pedantic);
            if !fires {
                continue;
            }
            let Some(telling) = rule.telling() else { break };
            let mut judged = Judged { model, reader, rule, telling, scope, truth, evaluator: &mut evaluator };
            let Some((at, diagnostic)) = judged.diagnostic(&role, &condition.when) else { continue };
            let certain = truth == Truth::Yes;
            // Little harm that is unlikely as well.
            let faint = diagnostic.severity <= Severity::Low && diagnostic.confidence == Confidence::Low;
            let pedantic = judged.is_pedantic() || faint;
            let everywhere = rule.rule.everywhere && certain;
            let finding = Finding { diagnostic, roles: rule.roles.clone(), everywhere, certain, pedantic };
            // What several scopes read, as an include of two servers, is told of the one in which it is worst.
            let before = seen.get(&at).and_then(|index| findings.get_mut(*index));
            if let Some(before) = before {
                before.join(finding);
            } else {
                seen.insert(at, findings.len());
                findings.push(finding);
            }
        }
    }
    findings
}

/// A rule that fires on a scope.
struct Judged<'e, 'a, 'l> {
    model: &'a Model,
    reader: &'e Reader<'l>,
    rule: &'a Compiled,
    telling: &'a Telling,
    scope: ScopeId,
    truth: Truth,
    evaluator: &'e mut Evaluator<'a>,
}

impl<'a> Judged<'_, 'a, '_> {
    /// What is told, and where.
    fn diagnostic(&mut self, role: &dyn Fn(&str, ScopeId) -> Role, condition: &'a Ir) -> Option<(Loc, Diagnostic)> {
        let scope = self.model.scope(self.scope)?;
        let mut marks: Vec<Mark<'a>> = self.evaluator.marks.drain(..).collect();
        let whys = std::mem::take(&mut self.evaluator.whys);
        let mut known = BTreeSet::new();
        let all = marks.clone();
        marks.retain(|mark| known.insert((mark.kind, mark.at, mark.key)));
        let primary = self.primary(scope, &marks);
        let mut places = self.places(&primary, &all, condition);
        let (related, more_related) = self.related(&primary, &marks);
        let written = &self.rule.rule;
        let (mut severity, mut confidence) = (written.severity, written.confidence);
        let (adjusted_severity, adjusted_confidence, adjusted_message) = self.adjusted();
        severity = adjusted_severity.unwrap_or(severity);
        confidence = adjusted_confidence.unwrap_or(confidence);
        let stands_in = |at: Loc| {
            let filled = self.reader.source(at.file).filled.as_ref();
            filled.is_some_and(|filled| filled.is_default(at.span))
        };
        let of_value = |mark: &Mark<'_>| !matches!(mark.kind, MarkKind::Owner | MarkKind::Missing | MarkKind::Label);
        let rests = marks.iter().any(|mark| of_value(mark) && stands_in(mark.at));
        // Whoever uses the template is meant to set it.
        if stands_in(primary.at) {
            severity = severity.min(Severity::Medium);
        }
        let of_template = || rests.then(|| "what the template is filled in with is set nowhere else".to_owned());
        let assumed = self.assumed(&marks).or_else(of_template);
        if assumed.is_some() {
            confidence = confidence.lowered();
        }
        let said = adjusted_message.unwrap_or(&self.telling.message);
        let mut message = self.text(said);
        if let [place] = places.as_mut_slice()
            && place.says.is_empty()
        {
            place.lists = self.listed(said);
        }
        if self.truth == Truth::Unknown {
            confidence = Confidence::Low;
            message.push_str(&uncertain(&whys));
        }
        let fix = written.fix.as_ref().map(|form| self.fix(form, primary, &marks));
        let (source, span) = self.reader.written(primary.at);
        // The whole of an airflow.cfg is called by the services that load it, which others may join, in any order.
        let names_services = |scope: &Scope| self.model.format.id == airflow::FORMAT.id && scope.parent.is_none();
        let labelled = self.model.ancestors(self.scope).filter(|(_, scope)| !names_services(scope));
        // What stands outside of a scope, as what it inherits and what others read as well, is the same whoever reads it.
        let holds = |scope: &Scope| {
            let (extent, at) = (scope.extent, primary.at);
            scope.at.file == at.file && extent.start <= at.span.start && at.span.end <= extent.end
        };
        let around: Vec<ScopeId> = labelled.filter(|(_, scope)| holds(scope)).map(|(id, _)| id).collect();
        let scopes = around.into_iter().rev().flat_map(|id| (self.model.format.identity)(self.model, id));
        let fingerprint = Fingerprint {
            rule: self.rule.id.clone(),
            path: source.path.clone(),
            scopes: scopes.filter(|word| !word.is_empty()).collect(),
            key: primary.key.map_or("", |key| self.model.key_name(key)).into(),
            ordinal: 0,
        };
        let role = role(&source.path, self.scope);
        let diagnostic = Diagnostic {
            rule: self.rule.id.clone(),
            severity,
            confidence,
            message,
            primary: Label { source, span, text: String::new() },
            places,
            related,
            more_related,
            fix,
            why: self.rule.why.clone(),
            fingerprint,
            role,
            assumed,
        };
        Some((primary.at, diagnostic))
    }

    /// Where the statement begins that a place is a part of, as far as the model knows: at the name of what is set there, or
    /// at the instruction of a Dockerfile. A block is no statement, as it may hold much that a comment above does not speak of.
    fn begins(&self, primary: &Mark<'a>) -> u32 {
        let at = primary.at;
        let name = primary.node.and_then(|node| node.name_at).filter(|name| name.file == at.file);
        let is_instruction = |scope: &Scope| {
            let above = scope.parent.and_then(|parent| self.model.scope(parent)?.parent);
            let holds = scope.extent.start <= at.span.start && at.span.end <= scope.extent.end;
            self.model.format.id == dockerfile::FORMAT.id && above.is_some() && holds && scope.at.file == at.file
        };
        let scopes = self.model.ancestors(self.scope).filter(|(_, scope)| is_instruction(scope));
        let starts = scopes.map(|(_, scope)| scope.at.span.start).chain(name.map(|name| name.span.start));
        starts.fold(at.span.start, u32::min)
    }

    fn fix(&mut self, form: &FixForm, primary: Mark<'a>, marks: &[Mark<'a>]) -> Fix {
        let fixing = Fixing { reader: self.reader, model: self.model, scope: self.scope, primary, marks };
        let applies = |ir: &'a Ir| self.evaluator.judge(self.scope, ir) == Truth::Yes;
        // What is not certain is not repaired.
        let sure = self.truth == Truth::Yes && self.telling.fix_when.as_ref().is_none_or(applies);
        let edits = if sure { fixing.edits(form) } else { Vec::new() };
        Fix { title: self.text(&self.telling.fix), safety: form.safety, edits }
    }

    /// Where the finding points: where the rule says, else where the evidence does.
    fn primary(&mut self, scope: &Scope, marks: &[Mark<'a>]) -> Mark<'a> {
        let header = Mark { kind: MarkKind::Scope, at: scope.at, key: None, scope: self.scope, node: None, one: None };
        match &self.telling.at {
            Some(At::Label) => Mark { kind: MarkKind::Label, at: scope.label_at, ..header },
            Some(At::Scope) => header,
            Some(At::Key(ir)) => self.mark_of(ir).unwrap_or(header),
            None => marks.iter().min_by_key(|mark| weight(mark)).copied().unwrap_or(header),
        }
    }

    /// The place that decides whether something is there.
    fn mark_of(&mut self, ir: &'a Ir) -> Option<Mark<'a>> {
        self.evaluator.judge(self.scope, ir);
        self.evaluator.marks.last().copied()
    }

    /// The other places that had a part in it, and how many more there are than those.
    fn related(&self, primary: &Mark<'a>, marks: &[Mark<'a>]) -> (Vec<Label>, usize) {
        let mut places: Vec<(Loc, String)> = Vec::new();
        let mut known = BTreeSet::from([primary.at]);
        for mark in marks {
            let derived: &[Loc] = match mark.node.map(|node| &node.origin) {
                Some(Origin::Derived(from)) => from,
                _ => &[],
            };
            // Headers of what is not there say nothing beside the places of what is; those of a default only where
            // nothing else decided.
            let there = match mark.kind {
                MarkKind::Owner | MarkKind::Missing | MarkKind::Label => false,
                MarkKind::Default => primary.kind == MarkKind::Default,
                _ => true,
            };
            for at in there.then_some(mark.at).into_iter().chain(derived.iter().copied()) {
                if known.insert(at) {
                    places.push((at, self.words(mark)));
                }
            }
        }
        let more = places.len().saturating_sub(MAX_RELATED);
        places.truncate(MAX_RELATED);
        let label = |(at, text): (Loc, String)| {
            let (source, span) = self.reader.written(at);
            Label { source, span, text }
        };
        let filled = self.filled(primary.at, &places);
        let mut labels: Vec<Label> = places.into_iter().map(label).collect();
        labels.extend(filled);
        (labels, more)
    }

    /// What set the variables of a template that the places depend on which the finding names.
    fn filled(&self, primary: Loc, others: &[(Loc, String)]) -> Vec<Label> {
        let places = std::iter::once(primary).chain(others.iter().map(|(at, _)| *at));
        let mut labels: Vec<Label> = Vec::new();
        for at in places {
            let filled = self.reader.source(at.file).filled.as_ref();
            for place in filled.into_iter().flat_map(|filled| filled.places(at.span)) {
                let label = Label {
                    source: place.source.clone(),
                    span: place.span,
                    text: format!("`{}` gets its value here", place.name),
                };
                let same = |known: &Label| known.span == label.span && known.source.path == label.source.path;
                if labels.len() < MAX_RELATED && !labels.iter().any(same) {
                    labels.push(label);
                }
            }
        }
        labels
    }

    /// What is to be said of a place.
    fn words(&self, mark: &Mark<'a>) -> String {
        let key = mark.key.map_or("", |key| self.model.key_name(key));
        match mark.kind {
            MarkKind::Default => format!("`{key}` is not set here"),
            MarkKind::Inherited => format!("`{key}` is inherited from here"),
            MarkKind::Environment => format!("`{key}` gets its value here"),
            _ if key.is_empty() => String::new(),
            _ => mark.key.and_then(|key| self.of_fact(key, mark.node)).unwrap_or_else(|| format!("`{key}`")),
        }
    }

    /// What a fact says, in the words of the key table: nobody who reads a finding wrote the fact's name.
    fn of_fact(&self, key: KeyId, node: Option<&Node>) -> Option<String> {
        let key = self.model.format.schema.get(key).filter(|key| key.fact)?;
        let doc = key.doc.split([':', ';']).next().unwrap_or_default().trim_end_matches('.');
        let (doc, holds) = match (doc.strip_prefix("Whether "), node.map(|node| &node.value)) {
            (Some(doc), Some(Value::Bool(holds))) => (doc, *holds),
            _ => (doc, true),
        };
        let mut letters = doc.chars();
        // A word that is spelt with capitals throughout keeps them.
        let capitals = doc.chars().nth(1).is_some_and(char::is_uppercase);
        let first = letters.next().map(|first| if capitals { first } else { first.to_ascii_lowercase() })?;
        Some(format!("{first}{}{}", letters.as_str(), if holds { "" } else { ": no" }))
    }

    /// What the circumstances make of it: how bad and how sure it is, and what is said.
    fn adjusted(&mut self) -> (Option<Severity>, Option<Confidence>, Option<&'a [Part]>) {
        let (mut severity, mut confidence, mut message) = (None, None, None);
        for entry in &self.telling.adjust {
            let asked = (severity.is_none() && entry.severity.is_some())
                || (confidence.is_none() && entry.confidence.is_some())
                || (message.is_none() && !entry.message.is_empty());
            if asked && self.evaluator.judge(self.scope, &entry.when) == Truth::Yes {
                severity = severity.or(entry.severity);
                confidence = confidence.or(entry.confidence);
                message = message.or((!entry.message.is_empty()).then_some(entry.message.as_slice()));
            }
        }
        (severity, confidence, message)
    }

    /// Whether only who asks for everything is told.
    fn is_pedantic(&mut self) -> bool {
        let mut entries = self.telling.adjust.iter().filter(|entry| entry.pedantic);
        entries.any(|entry| self.evaluator.judge(self.scope, &entry.when) == Truth::Yes)
    }

    /// What was taken as empty and could overrule the finding.
    fn assumed(&self, marks: &[Mark<'a>]) -> Option<String> {
        let absent = |mark: &&Mark<'_>| matches!(mark.kind, MarkKind::Missing | MarkKind::Default | MarkKind::Owner);
        let rests_on_absence = marks.iter().any(|mark| absent(&mark));
        let read = marks.iter().filter(absent).map(|mark| mark.scope);
        let mut scopes = [self.scope].into_iter().chain(read);
        scopes.find_map(|id| {
            let mut around = self.model.ancestors(id).filter_map(|(_, scope)| scope.assumed.as_ref());
            around.find(|assumed| assumed.overrules || rests_on_absence).map(|assumed| assumed.what.to_string())
        })
    }

    fn text(&mut self, parts: &'a [Part]) -> String {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(ir) => {
                    let value = self.evaluator.evaluate(self.scope, ir);
                    text.push_str(&print::value(self.model, self.reader, ir, &value, &self.evaluator.marks));
                }
            }
        }
        text
    }

    /// The elements of the lists that a message names.
    fn listed(&mut self, parts: &'a [Part]) -> Vec<Str> {
        let values = parts.iter().filter_map(|part| if let Part::Value(ir) = part { Some(ir) } else { None });
        values.flat_map(|ir| print::elements(self.model, &self.evaluator.evaluate(self.scope, ir))).collect()
    }
}

/// How far a piece of evidence is from being what a finding points at.
///
/// What somebody wrote comes first. What is absent points at where it would stand. A fact that is only yes or no,
/// or that refers to another scope, describes the circumstances, as a name does: it is pointed at if there is nothing else.
fn weight(mark: &Mark<'_>) -> u8 {
    let circumstance = mark.node.is_some_and(|node| matches!(node.value, Value::Bool(_) | Value::Scope(_)));
    match mark.kind {
        MarkKind::Missing | MarkKind::Default | MarkKind::Owner => 1,
        MarkKind::Label => 2,
        MarkKind::Derived if circumstance => 2,
        _ => 0,
    }
}

fn uncertain(whys: &[Why]) -> String {
    let all: BTreeSet<String> = whys.iter().map(ToString::to_string).collect();
    let all: Vec<String> = all.into_iter().take(3).collect();
    format!(" (not certain: {})", all.join("; "))
}

mod places;
#[cfg(test)]
mod tests;
