//! Findings that are not told: of most, all that is asked later is whether their file holds more than is told of it. They are
//! by far the most, and whole they would keep the texts of their files until the end.

use crate::Linter;
use crate::diagnostic::{Diagnostic, Label, Unspoken};
use crate::judge::{Finding, Weight};
use crate::suppress::Allow;
use hardlint_config::deployment::role::{self, Role};
use hardlint_config::text::Span;
use hardlint_config::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What tells findings apart: their rule, their file and where in it they are.
pub(crate) type Key = (Arc<str>, Arc<str>, Span);

/// A place: a file, and where in it.
pub(crate) type At = (Arc<str>, Span);

/// What is kept of a finding that is not told.
#[derive(Clone, Debug)]
pub(crate) struct Quiet {
    pub(crate) key: Key,
    pub(crate) weight: Weight,
    /// The other places that it names, if it is held back by what its file is for.
    held: Option<Box<[At]>>,
}

impl Unspoken {
    pub(crate) fn of(finding: &Diagnostic) -> Self {
        let places = std::iter::once(&finding.primary).chain(&finding.related).map(place).collect();
        Self { rule: finding.rule.clone(), places }
    }
}

fn place(label: &Label) -> At {
    (label.source.path.clone(), label.span)
}

impl Quiet {
    /// The finding, if it is one that is held back.
    pub(crate) fn unspoken(self) -> Option<Unspoken> {
        let (rule, path, span) = self.key;
        let others = self.held?.into_vec();
        Some(Unspoken { rule, places: std::iter::once((path, span)).chain(others).collect() })
    }
}

/// Of several findings of a rule at one place, the one that counts.
pub(crate) fn each_once(all: Vec<Quiet>) -> BTreeMap<Key, Quiet> {
    let mut once: BTreeMap<Key, Quiet> = BTreeMap::new();
    for quiet in all {
        match once.get_mut(&quiet.key) {
            Some(known) if known.weight >= quiet.weight => {}
            Some(known) => *known = quiet,
            None => _ = once.insert(quiet.key.clone(), quiet),
        }
    }
    once
}

impl Linter {
    /// Whether a finding is told by itself, and whether that is because all is asked for. A file that is used in two ways is
    /// told of in the one in which the rule speaks. Who names a role asks for more, never for less.
    pub(crate) fn told_of(&self, finding: &Finding) -> (bool, bool) {
        let Finding { diagnostic, roles, everywhere, pedantic, .. } = finding;
        let own = || self.options.role.is_some() && roles.contains(&role::of_path(&diagnostic.primary.source.path));
        let in_role = roles.contains(&diagnostic.role) || own();
        let asked = *everywhere && self.options.pedantic && !in_role;
        (asked || in_role && (!*pedantic || self.options.pedantic), asked)
    }

    /// Whether a finding that is not told is held back by what its file is for.
    pub(crate) fn is_held(finding: &Finding) -> bool {
        finding.diagnostic.role.is_lesser() && finding.roles.contains(&Role::Production) && !finding.pedantic
    }

    /// Takes the findings of a unit apart into those that may be told and those that are not. What a comment may allow
    /// stays whole, as only its lines tell whether that one is of use.
    pub(crate) fn apart(
        &self,
        workspace: &Workspace<'_>,
        findings: Vec<Finding>,
        allows: &[Allow],
    ) -> (Vec<Finding>, Vec<Quiet>) {
        let allowed: BTreeSet<&str> = allows.iter().map(|allow| &*allow.source.path).collect();
        let is_bare = |label: &Label| {
            let path = &*label.source.path;
            !allowed.contains(path) && workspace.slot(path).is_some_and(|slot| slot.detected.is_some())
        };
        let is_quiet = |finding: &Finding| {
            let Diagnostic { primary, related, places, .. } = &finding.diagnostic;
            let mut labels = std::iter::once(primary).chain(related).chain(places.iter().map(|place| &place.label));
            !self.told_of(finding).0 && labels.all(is_bare)
        };
        let (quiet, mut told): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_quiet);
        told.shrink_to_fit();
        let of = |finding: &Finding| {
            let Diagnostic { rule, primary, related, .. } = &finding.diagnostic;
            let held = Self::is_held(finding) && self.options.shows(&finding.diagnostic);
            Quiet {
                key: (rule.clone(), primary.source.path.clone(), primary.span),
                weight: finding.weight(),
                held: held.then(|| related.iter().map(place).collect()),
            }
        };
        let quiet = quiet.iter().map(of).collect();
        (told, quiet)
    }
}
