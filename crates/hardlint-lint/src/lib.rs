//! JUDGE: from configurations and rules to diagnostics.
//!
//! This crate never sees syntax: it asks a [`hardlint_config::model::Model`] what holds, and reports where that was
//! decided. It does no input or output of its own.

pub mod diagnostic;
pub mod settings;

use diagnostic::{Diagnostic, Report};
use hardlint_config::formats;
use hardlint_config::workspace::{Unit, Workspace};

/// Rules, and how they are to be applied.
#[derive(Debug, Default)]
pub struct Linter {}

impl Linter {
    /// Resolves and judges everything in the workspace. The same input gives the same report.
    pub fn check(&self, workspace: &Workspace<'_>) -> Report {
        let mut report = Report::default();
        for unit in workspace.units() {
            let (diagnostics, problems) = self.check_unit(workspace, &unit);
            report.diagnostics.extend(diagnostics);
            report.problems.extend(problems);
        }
        report.sort();
        report
    }

    fn check_unit(&self, workspace: &Workspace<'_>, unit: &Unit) -> (Vec<Diagnostic>, Vec<diagnostic::Trouble>) {
        let Some(format) = formats::named(unit.format) else { return Default::default() };
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &unit.root, format);
        let problems = model.problems.iter().map(|problem| diagnostic::Trouble::new(problem, &reader)).collect();
        (Vec::new(), problems)
    }
}
