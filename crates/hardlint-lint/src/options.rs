//! What is to be judged, and what is to be shown of it.

use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::rule::{Rule, Status};
use crate::suppress;
use hardlint_config::deployment::role::Role;
use std::sync::Arc;

/// What is to be judged, and what is to be shown of it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Rules that speak, by id or with `*`; all if there is none.
    pub select: Vec<String>,
    /// Rules that do not.
    pub ignore: Vec<String>,
    /// The least severity that is shown.
    pub severity: Option<Severity>,
    /// The least confidence that is shown.
    pub confidence: Option<Confidence>,
    /// Whether what is not certain is shown as well, at low confidence.
    pub pedantic: bool,
    /// Whether rules speak that have not proved themselves.
    pub preview: bool,
    /// The role of all files, if not what each tells.
    pub role: Option<Role>,
    /// Whether an allow has to say why.
    pub require_reason: bool,
    /// What is not shown of some files.
    pub hidden: Hidden,
    /// Which day it is, counted from the first of 1970: other tools' comments may hold until one. All do where nobody says.
    pub today: Option<i64>,
}

/// Tells by path, rule, severity and confidence whether a finding is not shown.
type Hides = dyn Fn(&str, &str, Severity, Confidence) -> bool + Send + Sync;

/// What is not shown of some files; how paths are matched is up to who asks.
#[derive(Clone, Default)]
pub struct Hidden(pub Option<Arc<Hides>>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hidden").field(&self.0.is_some()).finish()
    }
}

impl Options {
    /// Whether a rule speaks at all.
    pub fn speaks(&self, rule: &Rule) -> bool {
        (self.preview || self.pedantic || rule.status == Status::Stable) && self.selects(&rule.id)
    }

    pub(crate) fn selects(&self, id: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| suppress::matches(pattern, id));
        (self.select.is_empty() || any(&self.select)) && !any(&self.ignore)
    }

    pub(crate) fn shows(&self, finding: &Diagnostic) -> bool {
        self.severity.is_none_or(|least| finding.severity >= least)
            && self.confidence.is_none_or(|least| finding.confidence >= least)
            && self.hidden.0.as_ref().is_none_or(|hides| {
                !hides(&finding.primary.source.path, &finding.rule, finding.severity, finding.confidence)
            })
    }
}
