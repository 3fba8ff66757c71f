//! What holds in the environments of some of the services that run a module, and not in those of all.
//!
//! A module is judged with what its services agree on, and again with the environment of each where that says more. What
//! is found in all of them is told once, as for the module itself; else the finding names the services.

use crate::diagnostic::Label;
use crate::judge::{self, Finding};
use crate::{Linter, Role};
use hardlint_config::model::{Model, Variant};
use hardlint_config::text::{Loc, Span};
use hardlint_config::workspace::{Query, Reader, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a module was judged.
pub(crate) struct Judging<'a, 'w> {
    pub(crate) linter: &'a Linter,
    pub(crate) workspace: &'a Workspace<'w>,
    /// As all its services run it.
    pub(crate) model: &'a Model,
    pub(crate) role: &'a dyn Fn(&str) -> Role,
}

/// A rule and the place at which it fires.
type Key = (Arc<str>, Arc<str>, Span);

fn key(finding: &Finding) -> Key {
    let at = &finding.diagnostic.primary;
    (finding.diagnostic.rule.clone(), at.source.path.clone(), at.span)
}

/// Adds to `findings` what holds only in the environments of some services.
pub(crate) fn add(judging: &Judging<'_, '_>, reader: &mut Reader<'_>, findings: &mut Vec<Finding>) {
    let variants = &judging.model.variants;
    if variants.is_empty() {
        return;
    }
    let known: BTreeSet<Key> = findings.iter().filter(|finding| finding.certain).map(key).collect();
    let mut more: BTreeMap<Key, (Finding, Vec<usize>)> = BTreeMap::new();
    for (index, variant) in variants.iter().enumerate().filter(|(_, variant)| judging.counts(variant)) {
        for finding in judging.of_variant(reader, variant).into_iter().filter(|finding| finding.certain) {
            let key = key(&finding);
            if !known.contains(&key) {
                more.entry(key).or_insert_with(|| (finding, Vec::new())).1.push(index);
            }
        }
    }
    let told = more.into_values().map(|(finding, holding)| judging.named(reader, finding, &holding));
    // Where a rule is uncertain of the module itself, what is certain of a service comes first and is told.
    findings.splice(0..0, told);
}

impl Judging<'_, '_> {
    fn role_of(&self, variant: &Variant) -> Role {
        self.linter.options.role.unwrap_or(variant.role)
    }

    /// Whether an environment tells something new, to rules that speak of what it is for.
    fn counts(&self, variant: &Variant) -> bool {
        let role = self.role_of(variant);
        let mut rules = self.linter.rules.of_format(self.model.format.id);
        variant.differs && rules.any(|rule| self.linter.options.speaks(&rule.rule) && rule.roles.contains(&role))
    }

    fn of_variant(&self, reader: &mut Reader<'_>, variant: &Variant) -> Vec<Finding> {
        let service = variant.services.first().map(|(name, _)| (variant.project.clone(), name.to_string()));
        let query = Query { service, ..self.workspace.query.clone() };
        let format = self.model.format;
        let model = self.workspace.resolve_as(reader, &query, &self.model.path, format);
        let role = |path: &str| match self.role_of(variant) {
            lesser if lesser.is_lesser() => lesser,
            _ => (self.role)(path),
        };
        judge::judge(&model, reader, self.linter.rules.of_format(format.id), &self.linter.options, &role)
    }

    /// A finding that says whose environment it holds in, unless it holds in that of all that run it for users.
    fn named(&self, reader: &Reader<'_>, mut finding: Finding, holding: &[usize]) -> Finding {
        let variants = &self.model.variants;
        let mut others = variants.iter().enumerate().filter(|(_, it)| !self.role_of(it).is_lesser()).peekable();
        if others.peek().is_some() && others.all(|(index, _)| holding.contains(&index)) {
            return finding;
        }
        let services = || holding.iter().filter_map(|index| variants.get(*index)).flat_map(|it| &it.services);
        let mut names: Vec<String> = services().take(3).map(|(name, _)| format!("`{name}`")).collect();
        let more = services().count() - names.len();
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let text = match names.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            _ => names.concat(),
        };
        let message = &finding.diagnostic.message;
        finding.diagnostic.message = format!("{message} (in the environment of {text})");
        let label = |at: &Loc| {
            let (source, span) = reader.written(*at);
            Label { source, span, text: "the environment of this service".to_owned() }
        };
        finding.diagnostic.related.extend(services().take(2).map(|(_, at)| label(at)));
        finding
    }
}
