//! JUDGE: from configurations and rules to diagnostics.
//!
//! This crate never sees syntax: it asks a [`hardlint_config::model::Model`] what holds, and reports where that was
//! decided. It does no input or output of its own.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod causes;
pub mod diagnostic;
pub mod example;
pub mod expr;
pub mod fix;
mod judge;
mod masks;
pub mod mend;
mod options;
mod print;
mod quiet;
pub mod rule;
pub mod ruleset;
pub mod settings;
pub mod suppress;
pub mod trace;
mod variants;

use diagnostic::{Confidence, Diagnostic, Fingerprint, Fix, Label, Place, Report, Safety, Trouble, Unspoken};
use hardlint_config::deployment::{
    self,
    role::{self, Role},
};
use hardlint_config::formats;
use hardlint_config::model::Model;
use hardlint_config::text::{Source, Span};
use hardlint_config::workspace::{Reader, Unit, Workspace};
use judge::Finding;
use masks::{join, keep_masks, masks};
pub use options::{Hidden, Options};
use quiet::{Key, Quiet};
use rayon::prelude::*;
use rule::Status;
use ruleset::{Compiled, RuleSet};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use suppress::{About, Allow};

/// Rules, and how they are to be applied.
#[derive(Debug)]
pub struct Linter {
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// How they are to be applied.
    pub options: Options,
}

impl Default for Linter {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

/// What is told of a file that brought out a mistake of hardlint's.
pub const FAILED: &str = "hardlint failed on it, so that nothing is known of it";

/// What one unit gave, to be told with what others gave: which of it is shown, and which was allowed, shows only then.
#[derive(Clone, Default)]
pub struct Judged {
    findings: Vec<Finding>,
    quiet: Vec<Quiet>,
    problems: Vec<Trouble>,
    allows: Vec<Allow>,
    masks: Vec<(Arc<str>, Span)>,
}

impl Judged {
    /// The files of which it could say something, or that have a part in it.
    pub fn files(&self) -> BTreeSet<Arc<str>> {
        let found = self.findings.iter().map(|finding| &finding.diagnostic);
        let found =
            found.flat_map(|it| std::iter::once(&it.primary).chain(&it.related)).map(|label| &label.source.path);
        let troubled = self.problems.iter().map(|it| it.at.as_ref().map_or(&it.path, |at| &at.source.path));
        found.chain(troubled).chain(self.allows.iter().map(|allow| &allow.source.path)).cloned().collect()
    }
}

/// What a unit was resolved to, and the texts that its places are in.
pub struct Resolved {
    /// What its program makes of it.
    pub model: Model,
    /// Its files, in the order of their ids.
    pub sources: Vec<Arc<Source>>,
}

/// A rule and a file.
pub(crate) type Hint = (Arc<str>, Arc<str>);

impl Linter {
    /// Judges with the rules that hardlint comes with.
    pub fn new(options: Options) -> Self {
        Self::with_rules(RuleSet::built_in(), options)
    }

    /// Judges with these rules.
    pub fn with_rules(rules: RuleSet, options: Options) -> Self {
        Self { rules: Arc::new(rules), options }
    }

    /// With whatever was not asked for: what a fix brings that nobody is told now, he is told the next time.
    pub(crate) fn asked_for_all(&self) -> Self {
        let options = Options { select: Vec::new(), severity: None, confidence: None, ..self.options.clone() };
        Self { rules: self.rules.clone(), options }
    }

    /// Resolves and judges everything in the workspace. The same input gives the same report, whatever the number of
    /// threads.
    pub fn check(&self, workspace: &Workspace<'_>) -> Report {
        self.check_units(workspace, &workspace.units())
    }

    /// The same of some of its units: of those that an editor has open.
    pub fn check_units(&self, workspace: &Workspace<'_>, units: &[Unit]) -> Report {
        let report = self.check_all_of(workspace, units);
        self.told(report)
    }

    /// What is to be told of units that were judged one by one, in the order of [`Workspace::units`].
    pub fn tell(&self, judged: Vec<Judged>) -> Report {
        let report = self.report(judged);
        self.told(report)
    }

    fn told(&self, mut report: Report) -> Report {
        self.leave_out_replaced(&mut report);
        number(&mut report.diagnostics);
        report
    }

    /// Judges one unit, and gives what it was resolved to as well.
    pub fn judge(&self, workspace: &Workspace<'_>, unit: &Unit) -> (Judged, Option<Resolved>) {
        let mut resolved = None;
        let judged = self.check_unit(workspace, unit, |model, reader| {
            resolved = Some(Resolved { model, sources: reader.sources().to_vec() });
        });
        (judged, resolved)
    }

    /// How many findings the rules of a model's format make of it, whatever its files are for: the judging alone, for what
    /// measures it.
    pub fn apply(&self, model: &Model, reader: &Reader<'_>) -> usize {
        judge::judge(model, reader, self.rules.of_format(model.format.id), &self.options, &|_| Role::Unknown).len()
    }

    /// The same with what is left out because another finding says all and more: it is not new where that one goes.
    pub(crate) fn check_all_of(&self, workspace: &Workspace<'_>, units: &[Unit]) -> Report {
        self.report(self.judge_all(workspace, units))
    }

    fn judge_all(&self, workspace: &Workspace<'_>, units: &[Unit]) -> Vec<Judged> {
        // A pool of threads takes longer to start than one unit to judge.
        match units {
            [unit] => vec![self.try_unit(workspace, unit)],
            units => units.par_iter().map(|unit| self.try_unit(workspace, unit)).collect(),
        }
    }

    /// The same, and which rules speak of a file only because somebody wants to know what may be no fault.
    pub(crate) fn check_with_hints(&self, workspace: &Workspace<'_>, units: &[Unit]) -> (Report, BTreeSet<Hint>) {
        let judged = self.judge_all(workspace, units);
        let (mut hints, mut faults) = (BTreeSet::new(), BTreeSet::new());
        for finding in judged.iter().flat_map(|it| &it.findings).filter(|_| self.options.pedantic) {
            let at = &finding.diagnostic;
            let stable = |rule: &Compiled| self.options.preview || rule.rule.status == Status::Stable;
            let speaks = finding.certain && !finding.pedantic && finding.roles.contains(&at.role);
            let is_fault = speaks && self.rules.named(&at.rule).is_some_and(stable);
            let into = if is_fault { &mut faults } else { &mut hints };
            into.insert((at.rule.clone(), at.primary.source.path.clone()));
        }
        hints.retain(|hint| !faults.contains(hint));
        (self.report(judged), hints)
    }

    /// Judges one unit. A mistake of ours that one file brings out keeps no other from being told, and that file from
    /// looking clean.
    fn try_unit(&self, workspace: &Workspace<'_>, unit: &Unit) -> Judged {
        let judge = || {
            let judged = self.check_unit(workspace, unit, |_, _| {});
            let (findings, quiet) = self.apart(workspace, judged.findings, &judged.allows);
            Judged { findings, quiet, ..judged }
        };
        catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
            let trouble = Trouble::of_file(unit.root.clone(), FAILED.to_owned());
            Judged { problems: vec![trouble], ..Judged::default() }
        })
    }

    fn check_unit(&self, workspace: &Workspace<'_>, unit: &Unit, keep: impl FnOnce(Model, &Reader<'_>)) -> Judged {
        let Some(format) = formats::named(unit.format) else { return Judged::default() };
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &unit.root, format);
        let is_compose = format.id == formats::compose::FORMAT.id;
        let laid_over = is_compose && deployment::is_laid_over(&reader, &workspace.query, &unit.root);
        // What a project of Compose reads besides its own kind of files are files of variables.
        let is_variables = |path: &str| {
            let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            !matches!(ending, "yml" | "yaml" | "json")
        };
        let role = |path: &str| {
            let of = |path: &str| workspace.slot(path).map_or_else(|| role::of_path(path), |slot| slot.role);
            let told = || match of(path) {
                // What is found where a file for developers lies over it is not found in production.
                Role::Unknown | Role::Production if laid_over && of(&unit.root).is_lesser() => of(&unit.root),
                // What production is started with is production's, whatever it is called.
                role if role.is_lesser() && is_compose && of(&unit.root) == Role::Production && is_variables(path) => {
                    Role::Production
                }
                Role::Unknown if formats::PARTS_ARE_FOR_THE_ROOT.contains(&format.id) => of(&unit.root),
                role => role,
            };
            self.options.role.unwrap_or_else(told)
        };
        let mut findings = judge::judge(&model, &reader, self.rules.of_format(format.id), &self.options, &role);
        let judging = variants::Judging { linter: self, workspace, model: &model, role: &role };
        variants::add(&judging, &mut reader, &mut findings);
        if is_compose && !workspace.query.isolated {
            let rules = || self.rules.of_format(deployment::FORMAT.id);
            if rules().any(|rule| self.options.speaks(&rule.rule)) {
                let whole = deployment::of_project(&mut reader, &workspace.query, &model);
                // What a project for developers alone joins is theirs, whatever its files say for themselves.
                let own = workspace.slot(&unit.root).map_or(Role::Unknown, |slot| slot.role);
                let role = |path: &str| match role(path) {
                    Role::Unknown if own.is_lesser() && self.options.role.is_none() => own,
                    told => told,
                };
                findings.extend(judge::judge(&whole, &reader, rules(), &self.options, &role));
            }
        }
        starters(workspace, &mut reader, &mut findings);
        let masks = masks(&model, &reader);
        let known = |path: &str| {
            let known = workspace.slot(path).and_then(|slot| slot.detected).map(|detected| detected.format);
            known.unwrap_or(format)
        };
        let written = reader.sources().iter().map(|source| source.filled.as_ref().map_or(source, |it| &it.written));
        let allows = written.flat_map(|source| {
            let format = known(&source.path);
            suppress::allows(source, format.comments, |text| formats::statements(format, text))
        });
        let mut allows: Vec<Allow> = allows.collect();
        allows.extend(beside_values(&reader));
        let problems = model.problems.iter().map(|problem| Trouble::new(problem, &reader)).collect();
        let judged = Judged { findings, quiet: Vec::new(), problems, allows, masks };
        keep(model, &reader);
        judged
    }

    /// Where secrets stand in the files of some units, for whoever prints lines that no finding points at.
    pub fn masks(workspace: &Workspace<'_>, units: &[Unit]) -> BTreeMap<Arc<str>, Vec<Span>> {
        let mut found: BTreeMap<Arc<str>, Vec<Span>> = BTreeMap::new();
        for unit in units {
            let Some(format) = formats::named(unit.format) else { continue };
            let mut reader = workspace.reader();
            let model = workspace.resolve(&mut reader, &unit.root, format);
            for (path, span) in masks(&model, &reader) {
                found.entry(path).or_default().push(span);
            }
        }
        found.values_mut().for_each(join);
        found
    }

    /// Puts together what the units gave: what is found twice is told once, what is allowed not at all.
    fn report(&self, judged: Vec<Judged>) -> Report {
        let mut report = Report::default();
        let mut findings = Vec::new();
        let mut quiet = Vec::new();
        let mut allows: BTreeMap<(Arc<str>, Span), Allow> = BTreeMap::new();
        for unit in judged {
            findings.extend(unit.findings);
            quiet.extend(unit.quiet);
            report.problems.extend(unit.problems);
            for allow in unit.allows {
                allows.entry((allow.source.path.clone(), allow.span)).or_insert(allow);
            }
            for (path, span) in unit.masks {
                report.masks.entry(path).or_default().push(span);
            }
        }
        report.masks.values_mut().for_each(join);
        let mut by_path: BTreeMap<Arc<str>, Vec<&mut Allow>> = BTreeMap::new();
        for ((path, _), allow) in &mut allows {
            by_path.entry(path.clone()).or_default().push(allow);
        }
        let mut quiet = quiet::each_once(quiet);
        // Who allows a finding knows of what it says all of, too.
        let mut allowed_of: Vec<Unspoken> = Vec::new();
        for (finding, speaks) in self.each_once(findings, &mut quiet) {
            let is_held = Self::is_held(&finding);
            let mut diagnostic = finding.diagnostic;
            let all = (!self.less_than(&diagnostic.rule).is_empty()).then(|| Unspoken::of(&diagnostic));
            let mut allowed = self.allow(&mut diagnostic, &mut by_path);
            for value in &diagnostic.related {
                for allow in by_path.get_mut(&value.source.path).into_iter().flatten() {
                    if allow.covers_value(&diagnostic, value, &self.rules) && allow.holds(self.options.today) {
                        allow.used = true;
                        allowed = true;
                    }
                }
            }
            if allowed {
                allowed_of.extend(all);
                continue;
            }
            if !self.options.shows(&diagnostic) {
                continue;
            }
            if speaks {
                report.diagnostics.push(diagnostic);
            } else if is_held {
                report.unspoken.push(Unspoken::of(&diagnostic));
            }
        }
        report.unspoken.extend(quiet.into_values().filter_map(Quiet::unspoken));
        let files = report.unspoken.iter().filter_map(|held| Some(held.places.first()?.0.clone()));
        report.held = files.collect();
        report.unspoken.extend(allowed_of);
        // What a name that is none was meant to be is looked for among all rules, and files repeat such a name.
        let mut complaints = BTreeMap::new();
        let mut told: BTreeMap<Arc<str>, BTreeMap<Arc<str>, usize>> = BTreeMap::new();
        for finding in &report.diagnostics {
            let at = &finding.primary;
            let lines = told.entry(at.source.path.clone()).or_default();
            lines.entry(finding.rule.clone()).or_insert_with(|| at.start().line);
        }
        for allow in allows.into_values().filter(|allow| allow.tool.is_none()) {
            let elsewhere = told.get(&allow.source.path).filter(|_| !allow.used && !allow.is_faulty());
            let elsewhere = elsewhere.and_then(|rules| {
                rules.iter().filter(|(rule, _)| allow.names(rule, &self.rules)).map(|(_, line)| *line).min()
            });
            let unused = (!allow.used && self.was_judged(&allow)).then(|| match elsewhere {
                Some(line) => {
                    let said = "write the comment above that line, or above the statement that it is a part of";
                    let message =
                        format!("`{}` allows nothing here, and what it names is on line {line}: {said}", allow.rule);
                    self.about(&allow, message, &suppress::UNUSED_ALLOW)
                }
                None => self.unused(&allow, &mut complaints),
            });
            let unreasoned =
                self.options.require_reason && !allow.reasoned && self.options.selects(suppress::UNREASONED);
            let unreasoned = unreasoned.then(|| self.unreasoned(&allow));
            report.diagnostics.extend(unused.into_iter().chain(unreasoned).filter(|it| self.options.shows(it)));
        }
        report.sort();
        keep_masks(&mut report);
        report
    }

    /// Tells once what several units found at one place, as it is worst, and for the places of all; each with whether its rule
    /// speaks there. What is not told is left out of `quiet` where it counts here.
    fn each_once(&self, mut findings: Vec<Finding>, quiet: &mut BTreeMap<Key, Quiet>) -> Vec<(Finding, bool)> {
        findings.sort_by_key(|finding| Reverse(finding.weight()));
        let mut seen = BTreeMap::new();
        let mut once: Vec<(Finding, bool)> = Vec::new();
        for mut finding in findings {
            let (speaks, asked) = self.told_of(&finding);
            let diagnostic = &mut finding.diagnostic;
            let at = &diagnostic.primary;
            let key: Key = (diagnostic.rule.clone(), at.source.path.clone(), at.span);
            if let Some((worse, _)) = seen.get(&(key.clone(), speaks)).and_then(|index: &usize| once.get_mut(*index)) {
                worse.diagnostic.add_places(finding.diagnostic.into_places());
                continue;
            }
            if asked {
                diagnostic.severity = diagnostic.severity.lowered();
            }
            if !speaks {
                if quiet.get(&key).is_some_and(|quiet| quiet.weight > finding.weight()) {
                    continue;
                }
                quiet.remove(&key);
            }
            seen.insert((key, speaks), once.len());
            once.push((finding, speaks));
        }
        once
    }

    /// Leaves the places of a finding that no comment allows; whether all are allowed.
    fn allow(&self, finding: &mut Diagnostic, allows: &mut BTreeMap<Arc<str>, Vec<&mut Allow>>) -> bool {
        let mut is_covered = |place: &Place| {
            let mut covered = false;
            for allow in allows.get_mut(&place.label.source.path).into_iter().flatten() {
                if allow.covers(finding, place, &self.rules) && allow.holds(self.options.today) {
                    allow.used = true;
                    covered = true;
                }
            }
            covered
        };
        let covered: Vec<bool> = finding.places.iter().map(&mut is_covered).collect();
        if !covered.contains(&true) {
            return false;
        }
        // An edit would mend what is allowed as well.
        finding.fix.iter_mut().for_each(|fix| fix.edits.clear());
        let mut covered = covered.into_iter();
        !finding.keep_places(|_| !covered.next().unwrap_or_default())
    }

    /// The rules of which one says all and more.
    fn less_than(&self, rule: &str) -> &[String] {
        self.rules.named(rule).map_or(&[], |rule| rule.rule.replaces.as_slice())
    }

    /// Leaves out findings of which another says all and more: one that is told, one that is allowed, or one that is held back by
    /// what the file is used for.
    fn leave_out_replaced(&self, report: &mut Report) {
        let mut replaced: BTreeMap<(&str, Arc<str>), Vec<Span>> = BTreeMap::new();
        let told = report.diagnostics.iter().filter(|it| !self.less_than(&it.rule).is_empty()).map(Unspoken::of);
        for finding in told.chain(std::mem::take(&mut report.unspoken)) {
            for (path, span) in finding.places {
                for id in self.less_than(&finding.rule) {
                    replaced.entry((id, path.clone())).or_default().push(span);
                }
            }
        }
        // One of them may point at the whole of an entry, the other at the part of it that says the most.
        let within = |inner: Span, outer: Span| outer.start <= inner.start && inner.end <= outer.end;
        let is_replaced = |finding: &mut Diagnostic| {
            let at = &finding.primary;
            let spans = replaced.get(&(&*finding.rule, at.source.path.clone()));
            spans.into_iter().flatten().any(|span| within(at.span, *span) || within(*span, at.span))
        };
        report.replaced = report.diagnostics.extract_if(.., is_replaced).collect();
    }

    /// Whether a rule that an allow names spoke, so that it can be said that it did not fire.
    fn was_judged(&self, allow: &Allow) -> bool {
        if !self.options.selects(suppress::UNUSED) {
            return false;
        }
        if allow.is_faulty() {
            return true;
        }
        match self.rules.named(&allow.rule) {
            Some(rule) => self.options.speaks(&rule.rule),
            None if allow.rule.contains('*') => {
                let mut named = self.rules.all().filter(|rule| allow.names(&rule.rule.id, &self.rules)).peekable();
                named.peek().is_some() && named.all(|rule| self.options.speaks(&rule.rule))
            }
            None => true,
        }
    }

    fn unused(&self, allow: &Allow, complaints: &mut BTreeMap<String, String>) -> Diagnostic {
        let complaint = if allow.is_faulty() {
            allow.complaint(&self.rules)
        } else {
            complaints.entry(allow.rule.clone()).or_insert_with(|| allow.complaint(&self.rules)).clone()
        };
        self.about(allow, complaint, &suppress::UNUSED_ALLOW)
    }

    fn unreasoned(&self, allow: &Allow) -> Diagnostic {
        self.about(allow, format!("`{}` is allowed here without a reason", allow.rule), &suppress::UNREASONED_ALLOW)
    }

    /// What is wrong with an allow.
    fn about(&self, allow: &Allow, message: String, about: &About) -> Diagnostic {
        let source = allow.source.clone();
        let rule: Arc<str> = about.rule.into();
        let path = source.path.clone();
        let key = allow.rule.as_str().into();
        let fingerprint = Fingerprint { rule: rule.clone(), path: path.clone(), scopes: Vec::new(), key, ordinal: 0 };
        let primary = Label { source, span: allow.span, text: String::new() };
        Diagnostic {
            rule,
            severity: about.severity,
            confidence: Confidence::High,
            message,
            role: self.options.role.unwrap_or_else(|| role::of_path(&path)),
            places: vec![Place::at(primary.clone(), &fingerprint)],
            primary,
            related: Vec::new(),
            more_related: 0,
            fix: Some(Fix { title: about.fix.to_owned(), safety: Safety::Manual, edits: Vec::new() }),
            why: about.why.into(),
            fingerprint,
            assumed: None,
        }
    }
}

/// What is allowed beside the values that templates are filled in with.
fn beside_values(reader: &Reader<'_>) -> Vec<Allow> {
    let filled = reader.sources().iter().filter_map(|source| source.filled.as_ref());
    let files: BTreeMap<&str, &Arc<Source>> =
        filled.flat_map(|filled| filled.sources()).map(|source| (&*source.path, source)).collect();
    let is_yaml = |path: &str| matches!(path.rsplit('.').next(), Some("yml" | "yaml"));
    let files = files.into_iter().filter(|(path, _)| is_yaml(path)).map(|(_, source)| source);
    let format = &formats::compose::FORMAT;
    let allows = files.flat_map(|source| suppress::allows(source, format.comments, |_| Vec::new()));
    let beside = |mut allow: Allow| {
        allow.of_values = true;
        allow
    };
    allows.map(beside).collect()
}

/// Adds what starts a file where people are served to what is found in it, as the file's own name says something else.
fn starters(workspace: &Workspace<'_>, reader: &mut Reader<'_>, findings: &mut [Finding]) {
    for Finding { diagnostic, .. } in findings {
        let slot = workspace.slot(&diagnostic.primary.source.path);
        let Some((path, span)) = slot.and_then(|slot| slot.started_by.clone()) else { continue };
        let Ok(file) = reader.open(&path, None) else { continue };
        let text = "this starts it where people are served".to_owned();
        diagnostic.related.push(Label { source: reader.source(file).clone(), span, text });
    }
}

/// Numbers findings whose fingerprints are otherwise the same, in their order.
fn number(diagnostics: &mut [Diagnostic]) {
    let mut counts: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        let count = counts.entry(diagnostic.fingerprint.clone()).or_default();
        diagnostic.fingerprint.ordinal = *count;
        *count += 1;
    }
}
