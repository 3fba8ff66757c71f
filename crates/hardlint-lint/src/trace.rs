//! Why a rule fires, or why it is silent: for `hardlint explain RULE --at FILE:LINE`.

use crate::Linter;
use crate::diagnostic::{Confidence, Severity};
use crate::expr::eval::Evaluator;
use crate::expr::index::Index;
use crate::expr::value::{Mark, MarkKind, Truth};
use crate::print;
use crate::rule::Status;
use crate::ruleset::Compiled;
use hardlint_config::deployment::{self, role::Role};
use hardlint_config::formats;
use hardlint_config::model::{Model, ScopeId};
use hardlint_config::secrets;
use hardlint_config::text::{Loc, Position, Source, Span};
use hardlint_config::workspace::{Reader, Workspace};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A truth, with why it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is true.
    Yes,
    /// It is false.
    No,
    /// It is not to be told, for these reasons.
    Unknown(Vec<String>),
}

/// What a rule makes of one scope.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The kind of the scope.
    pub kind: &'static str,
    /// Its name.
    pub label: String,
    /// Where its header stands.
    pub at: Place,
    /// What it is for, where the file itself says so.
    pub role: Option<Role>,
    /// The truth of the whole condition.
    pub answer: Answer,
    /// Each part of it, as the rule writes it.
    pub parts: Vec<TracePart>,
    /// Why `check` does not tell of it by default, though the condition holds, or is not known to fail.
    pub kept_back: Vec<String>,
}

/// A conjunct of a rule's condition.
#[derive(Clone, Debug)]
pub struct TracePart {
    /// As the rule writes it.
    pub text: String,
    /// Its truth.
    pub answer: Answer,
    /// What was read for it, in order.
    pub read: Vec<Reading>,
}

/// A value that was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The key, or what else was read: `label`, a scope's header.
    pub name: String,
    /// Its value, as the source spells it; empty if it is absent.
    pub value: String,
    /// Who decided it: `set`, `inherited`, `environment`, `derived`, `default`, `missing`, `label`, `scope`.
    pub origin: &'static str,
    /// Where.
    pub at: Place,
}

/// A place that outlives the unit it is in.
#[derive(Clone, Debug)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
}

impl Place {
    /// Where it begins, as people count.
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }
}

/// Scopes that are asked whether a line decided about them.
const MOST: usize = 2_000;

impl Place {
    fn is_on(&self, path: &str, line: usize) -> bool {
        let end = self.source.position(self.span.end).line;
        *self.source.path == *path && (self.start().line..=end).contains(&line)
    }
}

impl Linter {
    /// What a rule makes of each scope of its kind that covers a line of a file, from 1; innermost scopes last. Nothing
    /// if there is no such rule, or no such scope.
    pub fn explain(&self, workspace: &Workspace<'_>, rule: &str, path: &str, line: usize) -> Vec<Trace> {
        let Some(rule) = self.rules.named(rule) else { return Vec::new() };
        let mut traces = Vec::new();
        let mut seen = BTreeSet::new();
        for unit in workspace.units() {
            // A deployment is made of a Compose project, and has no unit of its own.
            let wanted = rule.rule.format();
            let joined = wanted == deployment::FORMAT.id;
            let of = if joined { formats::compose::FORMAT.id } else { wanted };
            // What services mount and build has a part in it.
            if unit.format != of || !(joined || unit.files.iter().any(|file| **file == *path)) {
                continue;
            }
            let Some(format) = formats::named(wanted) else { continue };
            let mut reader = workspace.reader();
            let model = workspace.resolve(&mut reader, &unit.root, format);
            for trace in traces_of(&model, &reader, rule, path, line) {
                let key = (trace.at.source.path.clone(), trace.at.span, format!("{:?}", trace.answer));
                if seen.insert(key) {
                    traces.push(trace);
                }
            }
        }
        traces
    }
}

pub(crate) fn traces_of(model: &Model, reader: &Reader<'_>, rule: &Compiled, path: &str, line: usize) -> Vec<Trace> {
    let index = Index::new(model);
    let mut evaluator = Evaluator::new(model, &index);
    let covers = |id: ScopeId| covers(model, reader, id, path, line);
    let joined = model.format.id == deployment::FORMAT.id;
    let mut traces = Vec::new();
    for &id in index.of_kind(rule.kind) {
        let covered = covers(id);
        if !covered && !joined {
            continue;
        }
        let trace = trace(model, reader, rule, &mut evaluator, id);
        // A deployment's services stand in Compose files; what is found of them may be decided in another.
        traces.extend(trace.filter(|trace| covered || trace.reads(path, line)));
    }
    if !traces.is_empty() {
        return traces;
    }
    // A finding points at what decided, which may stand outside of what it is about.
    let all = index.of_kind(rule.kind).iter().take(MOST);
    let all = all.filter_map(|&id| trace(model, reader, rule, &mut evaluator, id));
    all.filter(|trace| trace.answer != Answer::No && trace.reads(path, line)).collect()
}

impl Trace {
    /// Whether something that stands on a line was read for it.
    fn reads(&self, path: &str, line: usize) -> bool {
        self.parts.iter().flat_map(|part| &part.read).any(|reading| reading.at.is_on(path, line))
    }
}

fn covers(model: &Model, reader: &Reader<'_>, id: ScopeId, path: &str, line: usize) -> bool {
    let Some(scope) = model.scope(id) else { return false };
    let source = reader.source(scope.at.file);
    // The file itself covers all that it includes.
    let includes = id == ScopeId(0) && reader.sources().iter().any(|source| *source.path == *path);
    let whole = scope.at.span.to(scope.extent);
    let inside = source.position(whole.start).line <= line && line <= source.position(whole.end).line;
    includes || (*source.path == *path && inside)
}

fn trace<'a>(
    model: &'a Model,
    reader: &Reader<'_>,
    rule: &'a Compiled,
    evaluator: &mut Evaluator<'a>,
    id: ScopeId,
) -> Option<Trace> {
    let scope = model.scope(id)?;
    let truth = evaluator.judge(id, &rule.condition()?.when);
    let whole = answer(truth, evaluator);
    let mut parts = Vec::new();
    for (text, ir) in rule.parts() {
        let truth = evaluator.judge(id, ir);
        let answer = answer(truth, evaluator);
        let mut read: Vec<Mark<'a>> = Vec::new();
        for mark in evaluator.marks.drain(..) {
            if !read.contains(&mark) {
                read.push(mark);
            }
        }
        let read = read.iter().map(|mark| reading(model, reader, mark)).collect();
        parts.push(TracePart { text: text.split_whitespace().collect::<Vec<_>>().join(" "), answer, read });
    }
    let at = place(reader, scope.at);
    let kept_back = if truth == Truth::No { Vec::new() } else { kept_back(rule, evaluator, id, truth) };
    Some(Trace {
        kind: model.format.schema.kind(scope.kind).name,
        label: secrets::hide(&scope.label).into_owned(),
        at,
        role: model.role(id),
        answer: whole,
        parts,
        kept_back,
    })
}

/// Why only who asks for more is told: what the rule itself says, in the order in which it would be looked for.
fn kept_back<'a>(rule: &'a Compiled, evaluator: &mut Evaluator<'a>, id: ScopeId, truth: Truth) -> Vec<String> {
    let mut reasons = Vec::new();
    if rule.rule.status == Status::Preview {
        reasons.push("the rule is in preview, and speaks with --preview or --pedantic only".to_owned());
    }
    if truth == Truth::Unknown {
        reasons.push("its condition is not known to hold: --pedantic tells of it".to_owned());
    }
    let (mut severity, mut confidence) = (None, None);
    for (written, entry) in
        rule.rule.adjust.iter().zip(rule.telling().map(|it| it.adjust.as_slice()).unwrap_or_default())
    {
        if evaluator.judge(id, &entry.when) != Truth::Yes {
            continue;
        }
        severity = severity.or(entry.severity);
        confidence = confidence.or(entry.confidence);
        if entry.pedantic {
            let when = written.when.split_whitespace().collect::<Vec<_>>().join(" ");
            reasons.push(format!("the rule leaves it to --pedantic where `{when}`"));
        }
    }
    let faint = severity.unwrap_or(rule.rule.severity) <= Severity::Low
        && confidence.unwrap_or(rule.rule.confidence) == Confidence::Low;
    if faint && truth == Truth::Yes {
        reasons.push("little harm that is unlikely as well is left to --pedantic".to_owned());
    }
    reasons
}

fn answer(truth: Truth, evaluator: &Evaluator<'_>) -> Answer {
    match truth {
        Truth::Yes => Answer::Yes,
        Truth::No => Answer::No,
        Truth::Unknown => {
            let whys: BTreeSet<String> =
                evaluator.whys.iter().map(|why| secrets::hide(&why.to_string()).into_owned()).collect();
            Answer::Unknown(whys.into_iter().collect())
        }
    }
}

fn place(reader: &Reader<'_>, at: Loc) -> Place {
    let (source, span) = reader.written(at);
    Place { source, span }
}

fn reading(model: &Model, reader: &Reader<'_>, mark: &Mark<'_>) -> Reading {
    let origin = match mark.kind {
        MarkKind::Set => "set",
        MarkKind::Inherited => "inherited",
        MarkKind::Environment => "environment",
        MarkKind::Derived => "derived",
        MarkKind::Default => "default",
        MarkKind::Missing => "missing",
        MarkKind::Owner | MarkKind::Scope => "scope",
        MarkKind::Label => "label",
    };
    let scope = model.scope(mark.scope);
    let (name, value) = match mark.kind {
        MarkKind::Label => ("label", scope.map_or_else(String::new, |scope| secrets::hide(&scope.label).into_owned())),
        MarkKind::Scope => {
            let kind = scope.map_or("", |scope| model.format.schema.kind(scope.kind).name);
            (kind, scope.map_or_else(String::new, |scope| secrets::hide(&scope.label).into_owned()))
        }
        _ => (mark.key.map_or("", |key| model.key_name(key)), print::node(model, reader, mark)),
    };
    Reading { name: name.to_owned(), value, origin, at: place(reader, mark.at) }
}
